//! The frames of a tag one after the other. Where the next one is depends on how a size is meant, which is told by what is
//! behind it by either reading.

use std::ops::Range;

use super::frame::{DESCRIPTION_VIEW, Frame, header_length, is_id, is_looked_into, is_picture};
use super::header::{Header, synchsafe};
use super::text;
use super::unsync::Cursor;
use crate::bytes::source::{ReadError, Source};
use crate::format::larger;

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

/// Reads ahead so that the frames behind a picture, the padding and what follows the tag come with one read.
#[derive(Debug)]
pub(super) struct Frames {
    version: u8,
    seen: u64,
    end: u64,
}

impl Frames {
    /// What a single read may fetch to reach the end of the tag.
    const READ: u64 = 6 * 1024;
    /// What it fetches otherwise.
    const STEP: u64 = 1024;
    /// What the first read of a file has fetched.
    const FIRST: u64 = 4096;
    /// What the caller wants to see behind the tag: a frame's header and side information.
    const BEHIND: u64 = 48;

    pub(super) fn new(source: &mut Source, header: &Header) -> Result<Frames, ReadError> {
        let mut frames = Frames {
            version: header.version,
            seen: if header.range.start == 0 { Frames::FIRST } else { 0 },
            end: header.claimed_end.saturating_add(Frames::BEHIND),
        };
        frames.look(source, header.range.start)?;
        Ok(frames)
    }

    /// Makes sure that the header of a frame at `at` is at hand.
    #[inline]
    fn look(&mut self, source: &mut Source, at: u64) -> Result<(), ReadError> {
        if at.saturating_add(10) <= self.seen {
            return Ok(());
        }
        let left = self.end.saturating_sub(at);
        let wanted = if left <= Frames::READ { left } else { Frames::STEP };
        self.seen = at.saturating_add(wanted);
        source.expect(at, wanted)
    }

    /// Steps over the frame at `cursor`.
    pub(super) fn read(&mut self, source: &mut Source, cursor: &mut Cursor) -> Result<Result<Frame, Next>, ReadError> {
        if cursor.left() == 0 {
            return Ok(Err(Next::Padding));
        }
        let start = cursor.at;
        if !cursor.unsynchronised {
            self.look(source, start)?;
        }
        let mut bytes = [0u8; 10];
        let bytes = &mut bytes[..header_length(self.version)];
        let mut inner = *cursor;
        if !inner.take(source, bytes)? {
            // Less than a frame header is left: padding if it begins with zero.
            let zero = source.at(start, 1)? == [0];
            return Ok(Err(if zero { Next::Padding } else { Next::Opaque }));
        }
        if bytes[0] == 0 {
            return Ok(Err(Next::Padding));
        }
        let (id, flags) = match *bytes {
            [a, b, c, _, _, _] => ([a, b, c, b' '], 0),
            [a, b, c, d, _, _, _, _, f, g] => ([a, b, c, d], u16::from_be_bytes([f, g])),
            _ => return Ok(Err(Next::Opaque)),
        };
        let (size, plain_size) = self.size(source, &inner, bytes)?;
        let body = inner;
        let is_named = is_id(id);
        if !inner.skip(source, u64::from(size))? {
            return Ok(Err(if is_named { Next::Overrun } else { Next::Opaque }));
        }
        if !is_named && !self.leads_on(source, inner)? {
            return Ok(Err(Next::Unnamed));
        }
        if self.counts_unsynchronisation(source, &body, &inner, size)? {
            return Ok(Err(Next::Ambiguous));
        }
        *cursor = inner;
        Ok(Ok(Frame {
            id,
            range: start..inner.at,
            flags,
            plain_size,
        }))
    }

    /// Whether a frame or padding follows at `cursor`, behind one without the name of a frame. All programs step over such a
    /// one by its size, and over several.
    fn leads_on(&mut self, source: &mut Source, mut cursor: Cursor) -> Result<bool, ReadError> {
        const MOST: u32 = 16;
        for _ in 0..MOST {
            if self.landing(source, &cursor, 0)? != Landing::Nothing {
                return Ok(true);
            }
            let mut bytes = [0; 10];
            let bytes = &mut bytes[..header_length(self.version)];
            if !cursor.take(source, bytes)? {
                return Ok(false);
            }
            let (size, _) = self.size(source, &cursor, bytes)?;
            if !cursor.skip(source, u64::from(size))? {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// The size that a frame's header states, and whether it is a plain number where synchsafe ones are usual.
    fn size(&mut self, source: &mut Source, body: &Cursor, bytes: &[u8]) -> Result<(u32, bool), ReadError> {
        Ok(match *bytes {
            [_, _, _, x, y, z] => (u32::from_be_bytes([0, x, y, z]), false),
            [_, _, _, _, w, x, y, z, ..] if self.version == 4 => self.size_24(source, body, [w, x, y, z])?,
            [_, _, _, _, w, x, y, z, ..] => (u32::from_be_bytes([w, x, y, z]), false),
            _ => (0, false),
        })
    }

    /// The size of a 2.4 frame, and whether it is a plain number: iTunes wrote those up to version 7. Both readings are
    /// the same below 128; above, the one after which a frame follows is right.
    fn size_24(&mut self, source: &mut Source, body: &Cursor, bytes: [u8; 4]) -> Result<(u32, bool), ReadError> {
        let plain = u32::from_be_bytes(bytes);
        let Some(size) = synchsafe(bytes) else {
            return Ok((plain, true));
        };
        if plain == size {
            return Ok((size, false));
        }
        let good = self.landing(source, body, size)?;
        if good == Landing::Frame || self.landing(source, body, plain)? <= good {
            return Ok((size, false));
        }
        Ok((plain, true))
    }

    /// Whether a frame's size in an unsynchronised tag counts the zero bytes put in, as some programs write it: `end` is
    /// where it ends if it does not, and no frame follows there, but one does where it ends if it does. The frames behind it
    /// are read by some programs and not by others.
    fn counts_unsynchronisation(
        &mut self,
        source: &mut Source,
        body: &Cursor,
        end: &Cursor,
        size: u32,
    ) -> Result<bool, ReadError> {
        if !body.unsynchronised || end.at == body.at.saturating_add(u64::from(size)) {
            return Ok(false);
        }
        Ok(self.landing(source, end, 0)? != Landing::Frame && self.landing(source, body, size)? == Landing::Frame)
    }

    fn landing(&mut self, source: &mut Source, body: &Cursor, size: u32) -> Result<Landing, ReadError> {
        let left = body.left();
        let size = u64::from(size);
        if size >= left {
            return Ok(if size == left { Landing::Frame } else { Landing::Nothing });
        }
        let whole = header_length(self.version);
        let count = (left - size).min(whole as u64) as usize;
        self.look(source, body.at + size)?;
        let next = source.at(body.at + size, count)?;
        Ok(match *next {
            _ if next.iter().all(|&byte| byte == 0) => Landing::Zeros,
            [a, b, c, _, _, _] if whole == 6 && is_id([a, b, c, b' ']) => Landing::Frame,
            [a, b, c, d, ..] if count == 10 && is_id([a, b, c, d]) => Landing::Frame,
            _ => Landing::Nothing,
        })
    }
}

/// What is behind a frame of a supposed size, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Landing {
    Nothing,
    Zeros,
    Frame,
}

/// Steps over the frames at `cursor` as long as they are plain, of no interest, and what shows that is at hand: there are
/// dozens of them in a tag. Whatever is left is for [`Frames::read`]. The answer is how many there were; `last` becomes where the
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
