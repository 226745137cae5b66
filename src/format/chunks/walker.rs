//! The walk from chunk to chunk, which forgives what real files do wrong as long as the chunks can be told apart, and notes
//! it, so that an edit can put it right or refuse.

use std::ops::Range;

use super::{TAIL, TAIL_START};
use crate::bytes::source::{ReadError, Source};
use crate::format::behind;
use crate::format::edit::tree::Size;

/// Real files have some dozens. A walk of this many stays well under a second.
const MOST_CHUNKS: usize = 4096;

/// One chunk, checked against the file.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Chunk {
    pub id: [u8; 4],
    /// Offset of its four characters.
    pub at: u64,
    /// Its bytes without header and pad byte; never beyond the file.
    pub body: (u64, u64),
    /// The pad byte that is behind it: 0 or 1.
    pub(super) pad: u64,
    /// Its size is not in its own header.
    pub(super) elsewhere: bool,
    /// It is the last one, and its size counts its own header too, so that it goes beyond the file.
    pub(super) overlong: bool,
    /// What keeps most other programs from getting to it.
    pub(super) hidden: Option<&'static str>,
}

/// Why other programs do not get to a chunk.
const BEHIND_THE_END: &str = "its chunk stands behind the end that the header of the file states";
const BEHIND_NO_PAD: &str = "a pad byte is missing in front of its chunk";
const BEHIND_ZEROS: &str = "bytes that belong to no chunk stand in front of its chunk";
const NO_SIZE: &str = "the header of the file does not state its size";
const OVERLONG: &str = "the size of its chunk goes beyond the end of the file";

impl Chunk {
    pub(in crate::format) fn body(&self) -> Range<u64> {
        self.body.0..self.body.1
    }

    pub(in crate::format) fn size(&self) -> u64 {
        self.body.1 - self.body.0
    }

    pub(super) fn end(&self) -> u64 {
        self.body.1 + self.pad
    }

    pub(in crate::format) fn is_id3(&self) -> bool {
        self.id.eq_ignore_ascii_case(b"id3 ")
    }

    pub(super) fn is_filler(&self) -> bool {
        matches!(&self.id, b"JUNK" | b"junk" | b"PAD " | b"FLLR")
    }
}

/// How far the audio reaches, where the size of its chunk does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Open {
    /// A program wrote to a pipe and said so with an impossible size: everything behind is audio. Or its size passed 4 GiB,
    /// and the upper half of it was left out.
    Streamed,
    /// The size is still 0 although bytes follow: the recording was never finished.
    Unfinished,
}

/// Goes from chunk to chunk.
#[derive(Debug)]
pub(in crate::format) struct Walker {
    /// How they are written.
    pub(super) sizes: Size,
    pub(super) stated: Stated,
    /// Where this walk ends at the latest: the end of the file or of the enclosing chunk.
    limit: u64,
    pub(super) is_audio: fn(&[u8; 4]) -> bool,
    /// Sizes that are elsewhere (`ds64`), by chunk.
    long: Vec<([u8; 4], u64)>,
    /// Where the next chunk is looked for.
    pub(super) at: u64,
    pub(super) chunks: Vec<Chunk>,
    pub(super) last_audio: Option<usize>,
    pub(super) open: Option<Open>,
    /// What keeps other programs from all that follows.
    pub(super) hidden: Option<&'static str>,
    /// How many chunks are in front of zero bytes that are no chunk and that more chunks follow.
    pub(super) before_gap: Option<usize>,
    pub(super) trouble: Option<&'static str>,
}

impl Walker {
    pub(in crate::format) fn new(sizes: Size, first: u64, stated: Stated, limit: u64) -> Walker {
        Walker {
            sizes,
            stated,
            limit,
            is_audio: |_| false,
            long: Vec::new(),
            at: first,
            chunks: Vec::new(),
            last_audio: None,
            open: None,
            hidden: None,
            before_gap: None,
            trouble: None,
        }
    }

    pub(in crate::format) fn with_audio(self, is_audio: fn(&[u8; 4]) -> bool) -> Walker {
        Walker { is_audio, ..self }
    }

    pub(in crate::format) fn with_long_sizes(self, long: Vec<([u8; 4], u64)>) -> Walker {
        Walker { long, ..self }
    }

    /// Without the size of the outermost chunk most programs read nothing.
    pub(in crate::format) fn with_needed_size(self) -> Walker {
        let is_needed = self.stated == Stated::Nothing;
        Walker {
            hidden: is_needed.then_some(NO_SIZE),
            ..self
        }
    }

    /// The next chunk; `None` at the end, or where what follows is no chunk.
    pub(in crate::format) fn next(&mut self, source: &mut Source) -> Result<Option<Chunk>, ReadError> {
        self.settle_pad(source)?;
        let found = match self.header(source, self.at)? {
            None if self.step_over_zeros(source)? => self.header(source, self.at)?,
            found => found,
        };
        let Some((id, stated)) = found else {
            return Ok(None);
        };
        if matches!(&id[..3], b"TAG" | b"APE" | b"LYR") && behind::may_start(source, self.at)? {
            return Ok(None);
        }
        if self.chunks.len() == MOST_CHUNKS {
            self.trouble = Some("it has more chunks than any real file");
            return Ok(None);
        }
        let chunk = self.measured(source, id, stated)?;
        if let Some(chunk) = chunk {
            let is_audio = (self.is_audio)(&id);
            if is_audio {
                self.last_audio = Some(self.chunks.len());
            }
            self.chunks.push(chunk);
            self.at = chunk.body.1;
            if is_audio {
                self.expect_tail(source)?;
            }
        }
        Ok(chunk)
    }

    /// The chunk at hand, from what its header says; `None` where that is no chunk.
    fn measured(&mut self, source: &mut Source, id: [u8; 4], stated: u64) -> Result<Option<Chunk>, ReadError> {
        let header = self.header_len();
        let is_audio = (self.is_audio)(&id);
        let start = self.at + header;
        let room = self.limit - start;
        let elsewhere = self.size_elsewhere(&id, stated);
        let mut size = elsewhere.unwrap_or(stated);
        let is_streamed = is_audio && elsewhere.is_none() && is_streamed(stated, room);
        if is_audio && elsewhere.is_none() && !is_streamed && size > 0 {
            let left_out = room.saturating_sub(size) >> 32 << 32;
            size += left_out;
            self.open = self.open.or((left_out > 0).then_some(Open::Streamed));
        }
        let mut end = start.saturating_add(size);
        let beyond = matches!(self.stated, Stated::End(end) if self.at >= end);
        // A tagger counts the header of its chunk too, give or take a pad byte.
        let is_id3 = id.eq_ignore_ascii_case(b"id3 ");
        let excess = size.saturating_sub(room);
        let overlong = is_id3 && elsewhere.is_none() && (header - 1..=header + 1).contains(&excess);
        if is_streamed {
            self.open = Some(Open::Streamed);
            end = self.limit;
        } else if size > room {
            if is_audio && self.last_audio.is_none() {
                source.reach(end)?;
            } else if overlong {
                // The tag inside tells whether it is whole.
            } else if beyond {
                // Not a chunk, just bytes behind the end that look like one.
                return Ok(None);
            } else {
                self.trouble = Some("a chunk claims to go beyond the end of the file");
            }
            end = self.limit;
        } else if is_audio && size == 0 && room >= header && self.header_that_fits(source, start)?.is_none() {
            self.open = Some(Open::Unfinished);
            end = self.limit;
        }
        let hidden = self.hidden.or(beyond.then_some(BEHIND_THE_END));
        Ok(Some(Chunk {
            id,
            at: self.at,
            body: (start, end),
            pad: 0,
            elsewhere: elsewhere.is_some(),
            overlong,
            hidden: hidden.or(overlong.then_some(OVERLONG)),
        }))
    }

    /// One read for what is behind the audio.
    fn expect_tail(&self, source: &mut Source) -> Result<(), ReadError> {
        match self.limit - self.at {
            // A pad byte at most.
            0..8 => Ok(()),
            rest if rest <= TAIL => source.expect(self.at, rest),
            _ => source.expect(self.at, TAIL_START),
        }
    }

    /// Some programs leave the pad byte out. It is there unless a chunk starts where it should be, and none behind.
    fn settle_pad(&mut self, source: &mut Source) -> Result<(), ReadError> {
        let Some(last) = self.chunks.last().copied() else {
            return Ok(());
        };
        if last.size() % 2 == 0 || self.at >= self.limit {
            return Ok(());
        }
        let behind = self.at + 1;
        let fits = |walker: &Walker, source: &mut Source, at| {
            Ok::<bool, ReadError>(walker.header_that_fits(source, at)?.is_some())
        };
        let padded = match (fits(self, source, behind)?, fits(self, source, self.at)?) {
            _ if behind == self.limit => true,
            (true, false) => true,
            // The name of a chunk and its size may look like the rest of a name and another size.
            (true, true) => self.leads_on(source, behind)? || !self.leads_on(source, self.at)?,
            (false, true) => false,
            (false, false) => source.at(self.at, 1)? == [0],
        };
        if padded {
            self.at = behind;
            let last = self.chunks.len() - 1;
            self.chunks[last].pad = 1;
        } else {
            self.hidden.get_or_insert(BEHIND_NO_PAD);
        }
        Ok(())
    }

    /// Whether another chunk that fits, or the end, is behind the one that starts there.
    fn leads_on(&self, source: &mut Source, at: u64) -> Result<bool, ReadError> {
        let Some((id, stated)) = self.header_that_fits(source, at)? else {
            return Ok(false);
        };
        let size = self.size_elsewhere(&id, stated).unwrap_or(stated);
        let end = at + self.header_len() + size;
        for next in [end, end + size % 2] {
            if next == self.limit || self.header_that_fits(source, next)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes past zero bytes that are no chunk, if a chunk that fits follows them.
    fn step_over_zeros(&mut self, source: &mut Source) -> Result<bool, ReadError> {
        let rest = self.limit.saturating_sub(self.at).min(TAIL);
        let zeros = source
            .at(self.at, rest as usize)?
            .iter()
            .take_while(|byte| **byte == 0)
            .count() as u64;
        let at = self.at + zeros;
        if zeros == 0 || zeros == rest || self.header_that_fits(source, at)?.is_none() || behind::may_start(source, at)?
        {
            return Ok(false);
        }
        self.at = at;
        self.hidden.get_or_insert(BEHIND_ZEROS);
        self.before_gap.get_or_insert(self.chunks.len());
        Ok(true)
    }

    /// Of each chunk.
    pub(super) fn header_len(&self) -> u64 {
        4 + self.sizes.width() as u64
    }

    fn header(&self, source: &mut Source, at: u64) -> Result<Option<([u8; 4], u64)>, ReadError> {
        let length = self.header_len();
        if self.limit.saturating_sub(at) < length {
            return Ok(None);
        }
        let view = source.at(at, length as usize)?;
        let id = [view[0], view[1], view[2], view[3]];
        let is_text = id.iter().all(|byte| (0x20..0x7f).contains(byte));
        Ok(is_text.then(|| (id, self.sizes.read(&view[4..]))))
    }

    fn header_that_fits(&self, source: &mut Source, at: u64) -> Result<Option<([u8; 4], u64)>, ReadError> {
        let room = self.limit.saturating_sub(at).saturating_sub(self.header_len());
        let found = self.header(source, at)?;
        Ok(found.filter(|(id, size)| self.size_elsewhere(id, *size).unwrap_or(*size) <= room))
    }

    fn size_elsewhere(&self, id: &[u8; 4], stated: u64) -> Option<u64> {
        if stated != u64::from(u32::MAX) || self.long.is_empty() {
            return None;
        }
        self.long.iter().find(|(long, _)| long == id).map(|(_, size)| *size)
    }
}

/// The sizes that programs write when they cannot come back to correct them: near 4 GiB (ffmpeg), near 2 GiB (lame,
/// opusdec; sox: 0x7FFFF000 in WAV, 0x7F000000 and the 8 bytes of SSND in AIFF). All but the largest are sizes where
/// there is room for so much.
fn is_streamed(size: u64, room: u64) -> bool {
    let is_impossible = size > room || size == u64::from(u32::MAX);
    let is_known = matches!(size, 0xFFFF_FF00..=0xFFFF_FFFF | 0x7FFF_F000..=0x8000_0100 | 0x7F00_0000..=0x7F00_0100);
    is_impossible && is_known
}

/// What the outermost chunk says of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Stated {
    End(u64),
    /// The impossible size of a program that writes to a pipe: read on to the end of the file.
    Endless,
    /// Its size was never filled in.
    Nothing,
}

impl Stated {
    /// `size` counts from the offset `counted_from` on, in a file of `len` bytes.
    pub(in crate::format) fn new(size: u64, counted_from: u64, len: u64) -> Stated {
        let end = counted_from.saturating_add(size);
        match size {
            0 => Stated::Nothing,
            size if is_streamed(size, len.saturating_sub(counted_from)) => Stated::Endless,
            _ => Stated::End(end),
        }
    }
}
