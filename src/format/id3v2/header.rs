//! The header, extended header and footer of a tag (ID3v2.2 section 3.1; ID3v2.3 and 2.4, sections 3.1 to 3.4).

use std::ops::Range;

use super::unsync::{Cursor, Stored};
use crate::bytes::source::{ReadError, Source};

pub(super) const LENGTH: u64 = 10;

const UNSYNCHRONISED: u8 = 0x80;
/// In 2.2 the same bit says that the whole tag is compressed, by a method that was never defined.
pub(super) const EXTENDED: u8 = 0x40;
const FOOTER: u8 = 0x10;

pub(super) const NOT_SYNCHSAFE: &str = "the size of its ID3v2 tag is not synchsafe";

#[derive(Debug, Clone)]
pub(super) struct Header {
    /// 2, 3 or 4; others are stepped over.
    pub version: u8,
    pub flags: u8,
    /// From the header's first byte to the end of the body or footer, cut to what there is.
    pub range: Range<u64>,
    /// Where the tag says that it ends.
    pub claimed_end: u64,
    /// The frames and the padding.
    pub body: Range<u64>,
    pub extended: Option<Extended>,
    pub footer: bool,
    /// What keeps most other programs from the tag, though it can be read.
    pub hidden: Option<&'static str>,
    /// The flags announce an extended header, but a frame is in its place.
    pub lacks_extended: bool,
    /// Why the tag must not be edited.
    pub odd: Option<&'static str>,
    /// Why codes may be in the tag that are not seen; then it is the same as `odd`.
    pub doubt: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) struct Extended {
    pub range: Range<u64>,
    /// Index of the padding size (2.3) in the synchronised bytes.
    pub padding_size: Option<usize>,
    /// Index of the CRC in the synchronised bytes: 4 bytes in 2.3, 5 of seven bits in 2.4.
    pub crc: Option<usize>,
    /// What a 2.4 tag promises to stay within.
    pub limits: Option<Limits>,
}

/// Tag restrictions (ID3v2.4 structure, section 3.2, flag d).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub frames: u32,
    pub bytes: u64,
}

impl Header {
    /// Whether the whole body is unsynchronised; in 2.4 each frame is by itself.
    pub(super) fn unsynchronised(&self) -> bool {
        self.version < 4 && self.flags & UNSYNCHRONISED != 0
    }

    /// At an offset in the body.
    pub(super) fn cursor(&self, at: u64) -> Cursor {
        Cursor {
            at,
            end: self.body.end,
            unsynchronised: self.unsynchronised(),
        }
    }

    /// Whether 2.4 says of all frames that they are unsynchronised.
    pub(super) fn frames_unsynchronised(&self) -> bool {
        self.version == 4 && self.flags & UNSYNCHRONISED != 0
    }
}

/// Reads the header at `at`; `None` if there is none.
pub(super) fn read(source: &mut Source, at: u64, limit: u64) -> Result<Option<Header>, ReadError> {
    if limit.saturating_sub(at) < LENGTH {
        return Ok(None);
    }
    let bytes: [u8; 10] = source.array(at)?;
    let [b'I', b'D', b'3', version, revision, flags, s0, s1, s2, s3] = bytes else {
        return Ok(None);
    };
    // 0xFF is never used, so that the three letters with it are no tag.
    if version == 0xFF || revision == 0xFF {
        return Ok(None);
    }
    let (size, hidden) = match synchsafe([s0, s1, s2, s3]) {
        Some(size) => (size, None),
        None => (u32::from_be_bytes([s0, s1, s2, s3]), Some(NOT_SYNCHSAFE)),
    };
    // Flags that no version defines say nothing of how the tag is to be read.
    let odd = (!matches!(version, 2..=4)).then_some("an ID3v2 tag is of an unknown version");
    let body = at + LENGTH..at + LENGTH + u64::from(size);
    let wants_footer = version == 4 && flags & FOOTER != 0;
    let claimed_end = body.end + if wants_footer { LENGTH } else { 0 };
    let mut header = Header {
        version,
        flags,
        range: at..claimed_end.min(limit),
        claimed_end,
        body: body.start..body.end.min(limit),
        extended: None,
        footer: false,
        hidden,
        lacks_extended: false,
        odd,
        doubt: odd,
    };
    if claimed_end > limit {
        header.hides("an ID3v2 tag claims more bytes than there are");
    }
    Ok(Some(header))
}

impl Header {
    fn hides(&mut self, doubt: &'static str) {
        self.doubt = Some(doubt);
        self.odd = Some(doubt);
    }

    /// Checks that the footer is where the flag says, and is the header's twin.
    pub(super) fn read_footer(&mut self, source: &mut Source) -> Result<(), ReadError> {
        if self.version != 4 || self.flags & FOOTER == 0 || self.claimed_end > self.range.end {
            return Ok(());
        }
        let header: [u8; 10] = source.array(self.range.start)?;
        let footer: [u8; 10] = source.array(self.body.end)?;
        if &footer[..3] == b"3DI" {
            self.footer = true;
            if footer[3..] != header[3..] {
                self.odd = Some("an ID3v2 tag's footer contradicts its header");
            }
        } else {
            // The flag alone: what follows the body is not the tag's.
            self.range.end = self.body.end;
            self.claimed_end = self.body.end;
            self.odd = Some("an ID3v2 tag lacks the footer that it announces");
        }
        Ok(())
    }

    /// Reads the extended header, and moves the body behind it.
    pub(super) fn read_extended(&mut self, source: &mut Source) -> Result<(), ReadError> {
        if self.version == 2 && self.flags & EXTENDED != 0 {
            self.body.start = self.body.end;
            self.hides("an ID3v2.2 tag is compressed");
            return Ok(());
        }
        if !matches!(self.version, 3 | 4) || self.flags & EXTENDED == 0 {
            return Ok(());
        }
        let mut cursor = self.cursor(self.body.start);
        let mut size = [0; 4];
        if !cursor.take(source, &mut size)? {
            self.hides("an ID3v2 tag's extended header is cut short");
            return Ok(());
        }
        // Some taggers set the flag and write no extended header; mutagen and TagLib forgive that, most do not. A real one
        // is never so long that its size reads as a frame's name.
        if size
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            self.lacks_extended = true;
            self.hidden
                .get_or_insert("its tag announces an extended header that it does not have");
            return Ok(());
        }
        let rest = match self.version {
            3 => Some(u32::from_be_bytes(size)),
            _ => synchsafe(size).and_then(|size| size.checked_sub(4)),
        };
        let Some(rest) = rest.filter(|rest| (2..=1024).contains(rest)) else {
            self.hides("an ID3v2 tag's extended header has an impossible size");
            return Ok(());
        };
        if !cursor.skip(source, u64::from(rest))? {
            self.hides("an ID3v2 tag's extended header is cut short");
            return Ok(());
        }
        let mut extended = Extended {
            range: self.body.start..cursor.at,
            padding_size: None,
            crc: None,
            limits: None,
        };
        self.body.start = cursor.at;
        let stored = extended.load(source, self.unsynchronised())?;
        let understood = match self.version {
            3 => extended.parse_23(&stored.plain),
            _ => extended.parse_24(&stored.plain),
        };
        if understood.is_none() {
            self.odd = Some("an ID3v2 tag's extended header is not understood");
        }
        self.extended = Some(extended);
        Ok(())
    }
}

impl Extended {
    pub(super) fn load(&self, source: &Source, unsynchronised: bool) -> Result<Stored, ReadError> {
        let raw = source.copy(self.range.start, self.range.end - self.range.start, 4096)?;
        Ok(Stored::new(raw, unsynchronised.then_some(0)))
    }

    fn parse_23(&mut self, bytes: &[u8]) -> Option<()> {
        let flags = u16::from_be_bytes([*bytes.get(4)?, *bytes.get(5)?]);
        let has_crc = flags & 0x8000 != 0;
        if flags & 0x7FFF != 0 || bytes.len() != if has_crc { 14 } else { 10 } {
            return None;
        }
        self.padding_size = Some(6);
        self.crc = has_crc.then_some(10);
        Some(())
    }

    fn parse_24(&mut self, bytes: &[u8]) -> Option<()> {
        // One byte of flags, each with its data behind it, in this order.
        let (1, flags) = (*bytes.get(4)?, *bytes.get(5)?) else {
            return None;
        };
        let mut at = 6;
        for (flag, length) in [(0x40, 0), (0x20, 5), (0x10, 1)] {
            if flags & flag == 0 {
                continue;
            }
            if *bytes.get(at)? != length {
                return None;
            }
            at += 1;
            let data = bytes.get(at..at + usize::from(length))?;
            match flag {
                0x20 => self.crc = Some(at),
                0x10 => self.limits = Some(Limits::from_bits(data[0] >> 6)),
                _ => {}
            }
            at += usize::from(length);
        }
        (flags & 0x8F == 0 && at == bytes.len()).then_some(())
    }
}

impl Limits {
    fn from_bits(bits: u8) -> Limits {
        let (frames, kilobytes) = [(128, 1024), (64, 128), (32, 40), (32, 4)][usize::from(bits & 3)];
        Limits {
            frames,
            bytes: kilobytes * 1024,
        }
    }
}

/// Four bytes of seven bits; `None` if one has the eighth bit set.
pub(in crate::format) fn synchsafe(bytes: [u8; 4]) -> Option<u32> {
    bytes
        .iter()
        .try_fold(0, |size, &byte| (byte < 0x80).then_some(size << 7 | u32::from(byte)))
}
