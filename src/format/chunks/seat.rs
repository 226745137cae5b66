//! How the size of the outermost chunk fits the chunks, and where new chunks go.

use super::Structure;
use super::walker::{Chunk, Open, Stated};
use crate::bytes::source::{ReadError, Source};
use crate::format::{SpliceError, refuse};

const UNFINISHED: &str = "the size of its audio was never filled in: a stream, or a recording that was not finished";
pub(super) const WRONG_SIZE: &str = "the size in its header does not agree with its chunks";

/// How much of the end of audio without a size is searched for a tag.
const SEARCHED: u64 = 64 * 1024;

/// More zeros are not counted.
pub(super) const MOST_ZEROS: u64 = 64 * 1024;

/// How much may be behind the audio without being more of it.
const MOST_UNKNOWN: u64 = 4096;

/// How the size of the outermost chunk fits what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    /// So many chunks are inside. It should have said `end`, and may differ from that by a pad byte.
    Chunks { inside: usize, end: u64 },
    /// It says that there is no end.
    Endless,
    /// It says nothing.
    Nothing,
    /// It says something else.
    Wrong,
}

/// Where a new chunk goes.
pub(super) struct Seating {
    /// How many chunks are in front of it.
    pub behind: usize,
    pub at: u64,
}

impl Structure {
    /// Behind the last chunk that other programs get to; in front of the audio where that may go on behind its chunk.
    pub(super) fn seat(&self, source: &mut Source, coverage: Coverage) -> Result<Seating, SpliceError> {
        let walker = &self.walker;
        let chunks = &walker.chunks;
        if walker.open == Some(Open::Unfinished) {
            return refuse(UNFINISHED);
        }
        let inside = match coverage {
            Coverage::Endless => chunks.len(),
            // Not in front of the audio: the zero bytes there may be those of a chunk with a wrong size.
            Coverage::Chunks { inside, .. } => match walker.before_gap {
                Some(gap) if walker.last_audio.is_some_and(|audio| audio < gap) => inside.min(gap),
                _ => inside,
            },
            Coverage::Nothing => return refuse("its header does not state its size"),
            Coverage::Wrong => return refuse(WRONG_SIZE),
        };
        let seat = |behind, at| Ok(Seating { behind, at });
        match (walker.open, walker.last_audio) {
            // All behind the header of the audio is audio, so that the tag can only be in front of it.
            (Some(Open::Streamed), Some(audio)) => seat(audio, chunks[audio].at),
            (_, Some(audio)) if audio + 1 == inside && self.may_go_on(source, audio)? => seat(audio, chunks[audio].at),
            _ => seat(
                inside,
                inside.checked_sub(1).map_or(walker.at, |last| chunks[last].end()),
            ),
        }
    }

    /// Whether so many unknown bytes are behind the audio that they may be more of it: a header that was not kept up
    /// to date. A chunk between the two would part them. What looks like chunks behind it may be more of it as well, if
    /// unknown bytes follow.
    fn may_go_on(&self, source: &mut Source, audio: usize) -> Result<bool, ReadError> {
        let chunks = &self.walker.chunks;
        let next = chunks.get(audio + 1).map_or(self.behind.start, |next| next.at);
        for unknown in [chunks[audio].end()..next, self.walker.at..self.behind.start] {
            let rest = unknown.end.saturating_sub(unknown.start);
            if rest > MOST_UNKNOWN && !is_zero(source, unknown.start, rest)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Why an edit that changes the length of the file is refused, if what the chunks state contradicts the file.
    pub(super) fn contradiction(&self, source: &mut Source) -> Result<Option<&'static str>, ReadError> {
        if self.walker.open == Some(Open::Unfinished) {
            // What looks like a tag among the audio was put behind it.
            return Ok(has_tag(source, self.walker.at)?.then_some(UNFINISHED));
        }
        Ok((self.coverage(source)? == Coverage::Wrong).then_some(WRONG_SIZE))
    }

    pub(super) fn coverage(&self, source: &mut Source) -> Result<Coverage, ReadError> {
        let walker = &self.walker;
        let first = walker.chunks.first().map_or(walker.at, |chunk| chunk.at);
        let stated = match walker.stated {
            Stated::End(end) if end > first => Some(end),
            Stated::End(_) | Stated::Nothing => None,
            Stated::Endless => return Ok(Coverage::Endless),
        };
        let all = walker.chunks.len();
        let end = walker.chunks.last().map_or(first, Chunk::end);
        let Some(stated) = stated else {
            // The chunks say it, where the audio is finished.
            let is_known = walker.last_audio.is_some() && walker.open.is_none();
            return Ok(match is_known {
                true => Coverage::Chunks { inside: all, end },
                false => Coverage::Nothing,
            });
        };
        if stated <= end {
            // Programs disagree on whether the last pad byte counts.
            let ends_with = |chunk: &Chunk| {
                let body_end = chunk.body.1;
                stated == body_end || stated == body_end + chunk.size() % 2
            };
            // In the middle of a chunk, it was not kept up to date, nor where it leaves out the audio.
            let inside = walker.chunks.iter().rposition(ends_with).map_or(all, |index| index + 1);
            let inside = match walker.last_audio {
                Some(audio) if audio >= inside => all,
                _ => inside,
            };
            let end = inside.checked_sub(1).map_or(first, |last| walker.chunks[last].end());
            return Ok(Coverage::Chunks { inside, end });
        }
        // Programs that count the eight bytes of the outermost header too, or a pad byte too many. No chunk is missing: it
        // would be longer. And zero bytes that are counted, but are no chunk; others may hide one.
        let end = match stated - end {
            1..=9 if end == self.behind.start => end,
            _ if stated <= source.len() && is_zero(source, end, stated - end)? => stated,
            _ => return Ok(Coverage::Wrong),
        };
        Ok(Coverage::Chunks { inside: all, end })
    }
}

fn is_zero(source: &Source, at: u64, count: u64) -> Result<bool, ReadError> {
    Ok(count <= MOST_ZEROS && source.leading_zeros(at..at + count, count)? == count)
}

/// Whether an ID3v2 tag may start near the end of the audio that ends at `end`.
fn has_tag(source: &Source, end: u64) -> Result<bool, ReadError> {
    let from = end.saturating_sub(SEARCHED);
    let bytes = source.copy(from, end - from, SEARCHED)?;
    let is_header = |at: usize| {
        let size = bytes.get(at + 6..at + 10);
        matches!(bytes.get(at + 3), Some(2..=4)) && size.is_some_and(|size| size.iter().all(|byte| *byte < 0x80))
    };
    Ok(memchr::memmem::find_iter(&bytes, b"ID3").any(is_header))
}
