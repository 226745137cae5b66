//! One frame: its header, where the next one lies, and the body behind flags, groups and compression
//! (ID3v2.3 section 3.3.1, ID3v2.4 structure section 4.1).

use std::ops::Range;

use super::header::{Header, synchsafe, to_synchsafe};
use super::text;
use super::unsync::{Cursor, Stored};
use crate::bytes::source::{ReadError, Source};
use crate::format::larger;

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

/// Reads ahead so that the frames behind a picture, the padding and what follows the tag come with one read.
#[derive(Debug)]
pub(super) struct Ahead {
    seen: u64,
    end: u64,
}

impl Ahead {
    /// What a single read may fetch to reach the end of the tag.
    const READ: u64 = 6 * 1024;
    /// What it fetches otherwise.
    const STEP: u64 = 1024;
    /// What the first read of a file has fetched.
    const FIRST: u64 = 4096;
    /// What the caller wants to see behind the tag: a frame's header and side information.
    const BEHIND: u64 = 48;

    pub(super) fn new(source: &mut Source, header: &Header) -> Result<Ahead, ReadError> {
        let mut ahead = Ahead {
            seen: if header.range.start == 0 { Ahead::FIRST } else { 0 },
            end: header.claimed_end.saturating_add(Ahead::BEHIND),
        };
        ahead.look(source, header.range.start)?;
        Ok(ahead)
    }

    /// Makes sure that the header of a frame at `at` is at hand.
    #[inline]
    fn look(&mut self, source: &mut Source, at: u64) -> Result<(), ReadError> {
        if at.saturating_add(10) <= self.seen {
            return Ok(());
        }
        let left = self.end.saturating_sub(at);
        let wanted = if left <= Ahead::READ { left } else { Ahead::STEP };
        self.seen = at.saturating_add(wanted);
        source.expect(at, wanted)
    }
}

/// What follows the last frame that could be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing, or bytes that begin with zero.
    Padding,
    /// Something that is no frame.
    Opaque,
    /// What has no name of a frame, but room for its size, behind which no frame follows either.
    Unnamed,
    /// What looks like a frame, but does not fit.
    Overrun,
    /// A frame whose size can be read in two ways.
    Ambiguous,
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

/// Steps over the frames at `cursor` as long as they are plain, of no interest, and what shows that is at hand: there are
/// dozens of them in a tag. Whatever is left is for [`read`]. The answer is how many there were; `last` becomes where the
/// last one starts, `picture` the largest one.
pub(super) fn skim(
    source: &Source,
    header: &Header,
    cursor: &mut Cursor,
    last: &mut u64,
    picture: &mut Option<Range<u64>>,
) -> u32 {
    if header.unsynchronised() || header.frames_unsynchronised() || header.version == 2 {
        return 0;
    }
    let mut bytes = source.at_hand(cursor.at);
    let mut count = 0;
    while let [a, b, c, d, s0, s1, s2, s3, 0, 0, ref behind @ ..] = *bytes {
        let id = [a, b, c, d];
        let size = u32::from_be_bytes([s0, s1, s2, s3]);
        // Above, 2.4 has two ways to read it.
        let is_plain = header.version == 3 || size < 128;
        let length = 10 + u64::from(size);
        if !is_plain || length > cursor.left() || !is_id(id) {
            break;
        }
        if is_looked_into(id) {
            match behind.get(..size.min(DESCRIPTION_VIEW) as usize) {
                Some(start) if id == *b"TXXX" && text::code_description(start).is_none() => {}
                _ => break,
            }
        }
        *last = cursor.at;
        cursor.at += length;
        count += 1;
        if is_picture(id) {
            larger(picture, *last + 10..cursor.at);
        }
        bytes = behind.get(size as usize..).unwrap_or_default();
    }
    count
}

/// Steps over the frame at `cursor`.
pub(super) fn read(
    source: &mut Source,
    header: &Header,
    cursor: &mut Cursor,
    ahead: &mut Ahead,
) -> Result<Result<Frame, Next>, ReadError> {
    if cursor.left() == 0 {
        return Ok(Err(Next::Padding));
    }
    let start = cursor.at;
    if !cursor.unsynchronised {
        ahead.look(source, start)?;
    }
    let mut bytes = [0u8; 10];
    let bytes = &mut bytes[..header_length(header.version)];
    let mut inner = *cursor;
    if !inner.take(source, bytes)? {
        // Less than a frame header is left: padding if it begins with zero.
        let zero = source.at(start, 1)? == [0];
        return Ok(Err(if zero { Next::Padding } else { Next::Opaque }));
    }
    if bytes[0] == 0 {
        return Ok(Err(Next::Padding));
    }
    let mut frame = match *bytes {
        [a, b, c, _, _, _] => Frame::new([a, b, c, b' '], 0),
        [a, b, c, d, _, _, _, _, f, g] => Frame::new([a, b, c, d], u16::from_be_bytes([f, g])),
        _ => return Ok(Err(Next::Opaque)),
    };
    let (size, plain) = size(source, header, &inner, bytes, ahead)?;
    frame.plain_size = plain;
    let body = inner;
    let is_named = is_id(frame.id);
    if !inner.skip(source, u64::from(size))? {
        return Ok(Err(if is_named { Next::Overrun } else { Next::Opaque }));
    }
    if !is_named && !leads_on(source, header, inner, ahead)? {
        return Ok(Err(Next::Unnamed));
    }
    if counts_unsynchronisation(source, header, &body, &inner, size, ahead)? {
        return Ok(Err(Next::Ambiguous));
    }
    frame.range = start..inner.at;
    *cursor = inner;
    Ok(Ok(frame))
}

/// Letters and digits; iTunes pads three of 2.2 with a space or zero in later versions.
pub(super) fn is_id(id: [u8; 4]) -> bool {
    let of_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    id[..3].iter().all(|&byte| of_name(byte)) && (of_name(id[3]) || matches!(id[3], b' ' | 0))
}

/// Whether a frame or padding follows at `cursor`, behind one without the name of a frame. All programs step over such a
/// one by its size, and over several.
fn leads_on(source: &mut Source, header: &Header, mut cursor: Cursor, ahead: &mut Ahead) -> Result<bool, ReadError> {
    const MOST: u32 = 16;
    for _ in 0..MOST {
        if landing(source, header, &cursor, 0, ahead)? != Landing::Nothing {
            return Ok(true);
        }
        let mut bytes = [0; 10];
        let bytes = &mut bytes[..header_length(header.version)];
        if !cursor.take(source, bytes)? {
            return Ok(false);
        }
        let (size, _) = size(source, header, &cursor, bytes, ahead)?;
        if !cursor.skip(source, u64::from(size))? {
            return Ok(false);
        }
    }
    Ok(false)
}

/// The size that a frame's header states, and whether it is a plain number where synchsafe ones are usual.
fn size(
    source: &mut Source,
    header: &Header,
    body: &Cursor,
    bytes: &[u8],
    ahead: &mut Ahead,
) -> Result<(u32, bool), ReadError> {
    Ok(match *bytes {
        [_, _, _, x, y, z] => (u32::from_be_bytes([0, x, y, z]), false),
        [_, _, _, _, w, x, y, z, ..] if header.version == 4 => size_24(source, header, body, [w, x, y, z], ahead)?,
        [_, _, _, _, w, x, y, z, ..] => (u32::from_be_bytes([w, x, y, z]), false),
        _ => (0, false),
    })
}

/// The size of a 2.4 frame, and whether it is a plain number: iTunes wrote those up to version 7. Both readings are
/// the same below 128; above, the one after which a frame follows is right.
fn size_24(
    source: &mut Source,
    header: &Header,
    body: &Cursor,
    bytes: [u8; 4],
    ahead: &mut Ahead,
) -> Result<(u32, bool), ReadError> {
    let plain = u32::from_be_bytes(bytes);
    let Some(size) = synchsafe(bytes) else {
        return Ok((plain, true));
    };
    if plain == size {
        return Ok((size, false));
    }
    let good = landing(source, header, body, size, ahead)?;
    if good == Landing::Frame || landing(source, header, body, plain, ahead)? <= good {
        return Ok((size, false));
    }
    Ok((plain, true))
}

/// Whether the walk broke off, or came to the padding, behind a frame of a 2.3 tag whose size is a synchsafe one, as
/// 2.4 has them: read so, another frame follows, which the plain size went past.
pub(super) fn hides_frames(source: &mut Source, header: &Header, last: u64) -> Result<bool, ReadError> {
    let mut cursor = header.cursor(last);
    let mut frame = [0; 10];
    if header.version != 3 || !cursor.take(source, &mut frame)? {
        return Ok(false);
    }
    let [a, b, c, d, size @ .., _, _] = frame;
    let other = synchsafe(size).filter(|other| *other != u32::from_be_bytes(size));
    let Some(size) = other.filter(|_| is_id([a, b, c, d])) else {
        return Ok(false);
    };
    if !cursor.skip(source, u64::from(size))? || !cursor.take(source, &mut frame)? {
        return Ok(false);
    }
    // Bytes of a picture must not look like one, so that all of the header is asked.
    let [a, b, c, d, size @ .., f, g] = frame;
    // Programs that rewrite a part of a tag leave both kinds of sizes in it.
    let size = synchsafe(size).unwrap_or(u32::from_be_bytes(size));
    let fits = u64::from(size) <= cursor.left();
    Ok(is_id([a, b, c, d]) && f & 0x1F == 0 && g & 0x1F == 0 && fits)
}

/// Whether a frame's size in an unsynchronised tag counts the zero bytes put in, as some programs write it: `end` is
/// where it ends if it does not, and no frame follows there, but one does where it ends if it does. The frames behind it
/// are read by some programs and not by others.
fn counts_unsynchronisation(
    source: &mut Source,
    header: &Header,
    body: &Cursor,
    end: &Cursor,
    size: u32,
    ahead: &mut Ahead,
) -> Result<bool, ReadError> {
    if !body.unsynchronised || end.at == body.at.saturating_add(u64::from(size)) {
        return Ok(false);
    }
    Ok(landing(source, header, end, 0, ahead)? != Landing::Frame
        && landing(source, header, body, size, ahead)? == Landing::Frame)
}

/// What is behind a frame of a supposed size, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Landing {
    Nothing,
    Zeros,
    Frame,
}

fn landing(
    source: &mut Source,
    header: &Header,
    body: &Cursor,
    size: u32,
    ahead: &mut Ahead,
) -> Result<Landing, ReadError> {
    let left = body.left();
    let size = u64::from(size);
    if size >= left {
        return Ok(if size == left { Landing::Frame } else { Landing::Nothing });
    }
    let whole = header_length(header.version);
    let count = (left - size).min(whole as u64) as usize;
    ahead.look(source, body.at + size)?;
    let next = source.at(body.at + size, count)?;
    Ok(match *next {
        _ if next.iter().all(|&byte| byte == 0) => Landing::Zeros,
        [a, b, c, _, _, _] if whole == 6 && is_id([a, b, c, b' ']) => Landing::Frame,
        [a, b, c, d, ..] if count == 10 && is_id([a, b, c, d]) => Landing::Frame,
        _ => Landing::Nothing,
    })
}

impl Frame {
    fn new(id: [u8; 4], flags: u16) -> Frame {
        Frame {
            id,
            range: 0..0,
            flags,
            plain_size: false,
        }
    }

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
            return Err(ReadError::Damaged("a code frame claims to be larger than any real one"));
        }
        let raw = source.at(self.range.start, length as usize)?.to_vec();
        let from = format
            .unsynchronised
            .then_some(header_length(header.version) + format.extra);
        Ok(Stored::new(raw, if header.unsynchronised() { Some(0) } else { from }))
    }

    /// The frame's size field for a body (with what the flags put before it) of `size` bytes.
    pub(super) fn size_field(&self, version: u8, size: usize) -> Option<(Range<usize>, Vec<u8>)> {
        let size = u32::try_from(size).ok().filter(|&size| size < 1 << 24)?;
        Some(match version {
            2 => (3..6, size.to_be_bytes()[1..].to_vec()),
            4 if !self.plain_size => (4..8, to_synchsafe(size).to_vec()),
            _ => (4..8, size.to_be_bytes().to_vec()),
        })
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
