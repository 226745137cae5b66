//! One frame: its header, where the next one lies, and the body behind flags, groups and compression
//! (ID3v2.3 section 3.3.1, ID3v2.4 structure section 4.1).

use std::ops::Range;

use super::header::Header;
use super::unsync::Stored;
use crate::bytes::source::{ReadError, Source};
use crate::format::damaged;
use crate::format::edit::tree::Size;

/// The largest code frame that is looked at whole.
pub(super) const LARGEST_FRAME: u64 = 60 * 1024;

/// How much of a TXXX frame shows whether its description is one of a code's.
pub(super) const DESCRIPTION_VIEW: u32 = 24;

/// A frame's header, and where the frame lies.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub id: [u8; 4],
    /// From the frame's first byte to the next frame's, in the file.
    pub range: Range<u64>,
    pub flags: u16,
    /// 2.4 only: the size is a plain number, as iTunes wrote it, and not synchsafe.
    pub plain_size: bool,
}

pub(super) fn header_length(version: u8) -> usize {
    if version == 2 { 6 } else { 10 }
}

/// Frames that the walk looks into, of any version. Some programs pad three letters.
pub(super) fn is_looked_into(id: [u8; 4]) -> bool {
    matches!(&id, b"TSRC" | b"TRC " | b"TRC\0" | b"TXXX" | b"TXX " | b"SIGN")
}

/// A picture, by the name of the frame.
pub(super) fn is_picture(id: [u8; 4]) -> bool {
    matches!(&id, b"APIC" | b"PIC ")
}

/// Letters and digits; iTunes pads three of 2.2 with a space or zero in later versions.
pub(super) fn is_id(id: [u8; 4]) -> bool {
    let of_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    id[..3].iter().all(|&byte| of_name(byte)) && (of_name(id[3]) || matches!(id[3], b' ' | 0))
}

impl Frame {
    /// What the format flags say; `None` if they say something unknown.
    pub(super) fn format(&self, header: &Header) -> Option<Format> {
        let flag = |bit: u16| self.flags & bit != 0;
        match header.version {
            2 => Some(Format::default()),
            3 => (self.flags & 0x1F == 0).then(|| Format {
                compressed: flag(0x80),
                encrypted: flag(0x40),
                unsynchronised: false,
                length_at: flag(0x80).then_some(0),
                extra: usize::from(flag(0x80)) * 4 + usize::from(flag(0x40)) + usize::from(flag(0x20)),
                grouped: flag(0x20),
            }),
            _ => (self.flags & 0xB0 == 0).then(|| {
                let before = usize::from(flag(0x40)) + usize::from(flag(0x04));
                Format {
                    compressed: flag(0x08),
                    encrypted: flag(0x04),
                    unsynchronised: flag(0x02) || header.frames_unsynchronised(),
                    length_at: flag(0x01).then_some(before),
                    extra: before + usize::from(flag(0x01)) * 4,
                    grouped: flag(0x40),
                }
            }),
        }
    }

    /// "Read only" of the status flags: a change might break a signature.
    pub(super) fn is_read_only(&self, header: &Header) -> bool {
        match header.version {
            2 => false,
            3 => self.flags & 0x2000 != 0,
            _ => self.flags & 0x1000 != 0,
        }
    }

    pub(super) fn load(&self, source: &mut Source, header: &Header, format: Format) -> Result<Stored, ReadError> {
        let length = self.range.end - self.range.start;
        if length > LARGEST_FRAME {
            return damaged("a code frame claims to be larger than any real one");
        }
        let raw = source.at(self.range.start, length as usize)?.to_vec();
        let from = format
            .unsynchronised
            .then_some(header_length(header.version) + format.extra);
        Ok(Stored::new(raw, if header.unsynchronised() { Some(0) } else { from }))
    }

    /// The frame's size field for a body (with what the flags put before it) of `size` bytes.
    pub(super) fn size_field(&self, version: u8, size: usize) -> Option<(Range<usize>, Vec<u8>)> {
        let size = u64::try_from(size).ok().filter(|size| *size < 1 << 24)?;
        let (at, field) = match version {
            2 => (3..6, Size::Be24),
            4 if !self.plain_size => (4..8, Size::Synchsafe),
            _ => (4..8, Size::Be32),
        };
        Some((at, field.write(size)?))
    }
}

/// What a frame's format flags mean for its body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Format {
    pub compressed: bool,
    pub encrypted: bool,
    pub grouped: bool,
    /// The body is unsynchronised by itself (2.4).
    pub unsynchronised: bool,
    /// Where the length of the plain body is, from the end of the header on.
    pub length_at: Option<usize>,
    /// Bytes between the header and the body.
    pub extra: usize,
}

impl Format {
    /// That of a frame whose own flags are not set.
    pub(super) fn without_flags(header: &Header) -> Format {
        Format {
            unsynchronised: header.frames_unsynchronised(),
            ..Format::default()
        }
    }
}
