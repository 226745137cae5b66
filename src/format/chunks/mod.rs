//! Containers made of chunks (RIFF, AIFF, DSDIFF): the walk over them, and the tags and texts found in them.
//!
//! A chunk is four characters, a size, that many bytes, and a zero byte where the size is odd. A walk forgives what
//! real files do wrong as long as the chunks can be told apart, and notes it, so that an edit can refuse.

use std::ops::Range;

use super::behind::{self, Behind};
use super::id3v2::{self, Tag};
use super::identify::Front;
use super::place::{Access, Place, PlaceName, Standing};
use super::{Found, apev2};
use crate::source::{ReadError, Source};

mod edit;
mod label;
mod markup;
#[cfg(test)]
pub(super) mod testing;
pub(super) use edit::Shape;

/// Real files have some dozens. A walk of this many stays well under a second.
const MOST_CHUNKS: usize = 4096;

/// Real files have one or two.
const MOST_TAGS: usize = 16;

/// How much XML of a file is looked at. Object-based masters carry some megabytes of `axml`.
const MOST_MARKUP: u64 = 16 << 20;

/// What is read at once behind the audio: all that is left, if it is not more than this,
pub(super) const TAIL: u64 = 4096;

/// or else a chunk's header and the start of a tag in it.
pub(super) const TAIL_START: u64 = 1100;

/// How a container writes a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Le32,
    Be32,
    Le64,
    Be64,
}

impl Width {
    pub(super) fn bytes(self) -> usize {
        match self {
            Width::Le32 | Width::Be32 => 4,
            Width::Le64 | Width::Be64 => 8,
        }
    }

    /// `bytes` are as many as [`Width::bytes`] says.
    pub(super) fn read(self, bytes: &[u8]) -> u64 {
        let little = matches!(self, Width::Le32 | Width::Le64);
        let fold = |size: u64, byte: &u8| size << 8 | u64::from(*byte);
        if little {
            bytes.iter().rev().fold(0, fold)
        } else {
            bytes.iter().fold(0, fold)
        }
    }

    /// `None` where the field cannot hold the size. All bits set is not a size: it means "see elsewhere".
    fn write(self, size: u64) -> Option<Vec<u8>> {
        match self {
            Width::Le32 | Width::Be32 => {
                let size = u32::try_from(size).ok().filter(|size| *size != u32::MAX)?;
                let little = self == Width::Le32;
                Some(if little { size.to_le_bytes() } else { size.to_be_bytes() }.to_vec())
            }
            Width::Le64 => Some(size.to_le_bytes().to_vec()),
            Width::Be64 => Some(size.to_be_bytes().to_vec()),
        }
    }
}

/// One chunk, checked against the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    pub id: [u8; 4],
    /// Offset of its four characters.
    pub at: u64,
    /// Its bytes without header and pad byte; never beyond the file.
    pub body: (u64, u64),
    /// The pad byte that stands behind it: 0 or 1.
    pad: u64,
    /// Its size does not stand in its own header.
    elsewhere: bool,
    /// It is the last one, and its size counts its own header too, so that it goes beyond the file.
    overlong: bool,
    /// What keeps most other programs from getting to it.
    hidden: Option<&'static str>,
}

/// Why other programs do not get to a chunk.
const BEHIND_THE_END: &str = "its chunk stands behind the end that the header of the file states";
const BEHIND_NO_PAD: &str = "a pad byte is missing in front of its chunk";
const BEHIND_ZEROS: &str = "bytes that belong to no chunk stand in front of its chunk";
const OVERLONG: &str = "the size of its chunk goes beyond the end of the file";

impl Chunk {
    pub(super) fn body(&self) -> Range<u64> {
        self.body.0..self.body.1
    }

    pub(super) fn size(&self) -> u64 {
        self.body.1 - self.body.0
    }

    fn end(&self) -> u64 {
        self.body.1 + self.pad
    }

    pub(super) fn is_id3(&self) -> bool {
        self.id.eq_ignore_ascii_case(b"id3 ")
    }

    fn is_filler(&self) -> bool {
        matches!(&self.id, b"JUNK" | b"junk" | b"PAD " | b"FLLR")
    }
}

/// How far the audio reaches, where the size of its chunk does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// A program wrote to a pipe and said so with an impossible size: everything behind is audio.
    Streamed,
    /// The size is still 0 although bytes follow: the recording was never finished.
    Unfinished,
}

/// Goes from chunk to chunk.
#[derive(Debug)]
pub(super) struct Walker {
    width: Width,
    stated: Stated,
    /// Where this walk ends at the latest: the end of the file or of the enclosing chunk.
    limit: u64,
    is_audio: fn(&[u8; 4]) -> bool,
    /// Sizes that stand elsewhere (`ds64`), by chunk.
    long: Vec<([u8; 4], u64)>,
    /// Where the next chunk is looked for.
    at: u64,
    chunks: Vec<Chunk>,
    last_audio: Option<usize>,
    open: Option<Open>,
    /// What keeps other programs from all that follows.
    hidden: Option<&'static str>,
    /// How many chunks stand in front of zero bytes that are no chunk and that more chunks follow.
    before_gap: Option<usize>,
    trouble: Option<&'static str>,
}

impl Walker {
    pub(super) fn new(width: Width, first: u64, stated: Stated, limit: u64) -> Walker {
        Walker {
            width,
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

    pub(super) fn with_audio(self, is_audio: fn(&[u8; 4]) -> bool) -> Walker {
        Walker { is_audio, ..self }
    }

    pub(super) fn with_long_sizes(self, long: Vec<([u8; 4], u64)>) -> Walker {
        Walker { long, ..self }
    }

    /// The next chunk; `None` at the end, or where what follows is no chunk.
    pub(super) fn next(&mut self, source: &mut Source) -> Result<Option<Chunk>, ReadError> {
        self.settle_pad(source)?;
        let header = 4 + self.width.bytes() as u64;
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
        let is_audio = (self.is_audio)(&id);
        let start = self.at + header;
        let room = self.limit - start;
        let elsewhere = self.size_elsewhere(&id, stated);
        let size = elsewhere.unwrap_or(stated);
        let mut end = start.saturating_add(size);
        let beyond = matches!(self.stated, Stated::End(end) if self.at >= end);
        // A tagger counts the header of its chunk too, give or take a pad byte.
        let is_id3 = id.eq_ignore_ascii_case(b"id3 ");
        let excess = size.saturating_sub(room);
        let overlong = is_id3 && elsewhere.is_none() && (header - 1..=header + 1).contains(&excess);
        if size > room {
            if is_audio && elsewhere.is_none() && is_streamed(stated) {
                self.open = Some(Open::Streamed);
            } else if is_audio && self.last_audio.is_none() {
                return Err(ReadError::CutShort {
                    needed: end,
                    len: source.len(),
                });
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
        if is_audio {
            self.last_audio = Some(self.chunks.len());
        }
        let chunk = Chunk {
            id,
            at: self.at,
            body: (start, end),
            pad: 0,
            elsewhere: elsewhere.is_some(),
            overlong,
            hidden: self
                .hidden
                .or(beyond.then_some(BEHIND_THE_END))
                .or(overlong.then_some(OVERLONG)),
        };
        self.chunks.push(chunk);
        self.at = end;
        if is_audio {
            self.expect_tail(source)?;
        }
        Ok(Some(chunk))
    }

    /// One read for what stands behind the audio.
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
        let padded = behind == self.limit
            || self.header_that_fits(source, behind)?.is_some()
            || (self.header_that_fits(source, self.at)?.is_none() && source.at(self.at, 1)? == [0]);
        if padded {
            self.at = behind;
            let last = self.chunks.len() - 1;
            self.chunks[last].pad = 1;
        } else {
            self.hidden.get_or_insert(BEHIND_NO_PAD);
        }
        Ok(())
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

    fn header(&self, source: &mut Source, at: u64) -> Result<Option<([u8; 4], u64)>, ReadError> {
        let length = 4 + self.width.bytes();
        if self.limit.saturating_sub(at) < length as u64 {
            return Ok(None);
        }
        let view = source.at(at, length)?;
        let id = [view[0], view[1], view[2], view[3]];
        let is_text = id.iter().all(|byte| (0x20..0x7f).contains(byte));
        Ok(is_text.then(|| (id, self.width.read(&view[4..]))))
    }

    fn header_that_fits(&self, source: &mut Source, at: u64) -> Result<Option<([u8; 4], u64)>, ReadError> {
        let room = self
            .limit
            .saturating_sub(at)
            .saturating_sub(4 + self.width.bytes() as u64);
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
/// opusdec; sox: 0x7FFFF000 in WAV, 0x7F000000 and the 8 bytes of SSND in AIFF).
fn is_streamed(size: u64) -> bool {
    matches!(size, 0xFFFF_FF00..=0xFFFF_FFFF | 0x7FFF_F000..=0x8000_0100 | 0x7F00_0000..=0x7F00_0100)
}

/// What the outermost chunk says of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    End(u64),
    /// The impossible size of a program that writes to a pipe: read on to the end of the file.
    Endless,
    /// Its size was never filled in.
    Nothing,
}

impl Stated {
    /// `size` counts from the offset `counted_from` on, in a file of `len` bytes.
    pub(super) fn new(size: u64, counted_from: u64, len: u64) -> Stated {
        let end = counted_from.saturating_add(size);
        match size {
            0 => Stated::Nothing,
            size if is_streamed(size) && end > len => Stated::Endless,
            _ => Stated::End(end),
        }
    }
}

/// A chunk in which codes can be written.
#[derive(Debug)]
struct Holder {
    /// Index of the outermost chunk it stands in.
    chunk: usize,
    /// The chunk inside that one, if it is nested.
    nested: Option<Chunk>,
    holds: Holds,
    /// Which of the places are its own.
    places: Range<usize>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most files have one, and it is a tag")]
enum Holds {
    /// `None`: an ID3 chunk without a tag that can be read.
    Tag(Option<Tag>),
    Text(Vec<markup::Found>),
}

/// All that a walk of a chunked file found.
#[derive(Debug)]
pub(super) struct Structure {
    pub places: Vec<Place>,
    walker: Walker,
    holders: Vec<Holder>,
    /// Which of the places belong to the tags in front, by tag.
    front: Vec<Range<usize>>,
    /// How much XML may still be read.
    markup_left: u64,
    /// LIST `wavl`: audio that is not in an audio chunk of its own.
    more_audio: Vec<Range<u64>>,
    /// Tags of other kinds behind the chunks, and which of the places are theirs.
    behind: Behind,
    behind_places: Range<usize>,
    /// Why codes may stand in one of the tags that were not seen.
    doubt: Option<&'static str>,
}

/// A chunked file, as walked, for its edits.
#[derive(Debug)]
struct Chunked {
    structure: Structure,
    shape: Shape,
    /// Of each place.
    access: Vec<Access>,
}

impl Structure {
    /// Starts with the places of the tags in front.
    pub(super) fn new(source: &Source, front: &Front, walker: Walker) -> Structure {
        let mut places = Vec::new();
        let mut ranges = Vec::with_capacity(front.tags.len());
        for tag in &front.tags {
            let start = places.len();
            tag.places(Standing::Odd, &mut places);
            ranges.push(start..places.len());
        }
        Structure {
            places,
            walker,
            holders: Vec::new(),
            front: ranges,
            markup_left: MOST_MARKUP,
            more_audio: Vec::new(),
            behind: Behind::nothing(source),
            behind_places: 0..0,
            doubt: None,
        }
    }

    /// Looks at what stands behind the last chunk, when all chunks were taken.
    pub(super) fn look_behind(&mut self, source: &mut Source) -> Result<(), ReadError> {
        if source.len().saturating_sub(self.walker.at) >= apev2::FRAME {
            self.behind = behind::walk(source, self.walker.at)?;
        }
        let first = self.places.len();
        self.behind.places(&mut self.places);
        self.behind_places = first..self.places.len();
        self.doubt = self.doubt.or(self.behind.doubt());
        if self.places.is_empty() && self.doubt.is_none() && edit::is_wrong_size(self, source)? {
            // What an edit refuses as contradictory may hide codes too.
            self.doubt = Some(edit::WRONG_SIZE);
        }
        Ok(())
    }

    pub(super) fn next(&mut self, source: &mut Source) -> Result<Option<Chunk>, ReadError> {
        self.walker.next(source)
    }

    /// The chunks inside the one that was returned last. What is wrong with them is wrong with the whole.
    pub(super) fn inner(&mut self, source: &mut Source, mut walker: Walker) -> Result<Vec<Chunk>, ReadError> {
        while walker.next(source)?.is_some() {}
        self.walker.trouble = self.walker.trouble.or(walker.trouble);
        Ok(walker.chunks)
    }

    /// Reads the ID3v2 tag in the chunk that was returned last, or in `nested`, a chunk inside it.
    pub(super) fn read_id3(&mut self, source: &mut Source, nested: Option<Chunk>) -> Result<(), ReadError> {
        let Some(chunk) = nested.or(self.walker.chunks.last().copied()) else {
            return Ok(());
        };
        if self.holders.len() >= MOST_TAGS {
            self.walker.trouble = Some("it has more ID3 chunks than any real file");
            return Ok(());
        }
        let start = self.places.len();
        let tag = match id3v2::walk(source, chunk.body.0, chunk.body.1) {
            Ok(tag) => tag,
            // One bad tag does not hide the codes of the other chunks; an edit refuses such a file.
            Err(ReadError::Damaged(_) | ReadError::CutShort { .. }) => None,
            Err(error) => return Err(error),
        };
        let doubt = match &tag {
            Some(tag) => tag.doubt(),
            // An empty chunk hides nothing.
            None => (chunk.size() > 0).then_some(edit::NO_TAG),
        };
        self.doubt = self.doubt.or(doubt);
        let outer = self.walker.chunks.last().and_then(|chunk| chunk.hidden);
        if let Some(tag) = &tag {
            tag.places(Standing::Standard.hidden_by(outer.or(chunk.hidden)), &mut self.places);
        }
        self.hold(Holds::Tag(tag), nested, start);
        Ok(())
    }

    /// The values in an XML chunk that are codes or marked as such.
    pub(super) fn markup(&mut self, source: &mut Source, chunk: &Chunk) -> Result<Vec<markup::Found>, ReadError> {
        let size = chunk.size().min(self.markup_left);
        self.markup_left -= size;
        markup::codes(source, chunk.body.0..chunk.body.0 + size)
    }

    /// Takes up texts of the chunk that was returned last, whose places were just added from `start` on.
    pub(super) fn hold_texts(&mut self, texts: Vec<markup::Found>, start: usize) {
        if !texts.is_empty() {
            self.hold(Holds::Text(texts), None, start);
        }
    }

    /// Adds a place for a value that is a code and nothing else, but stands where codes are not meant to.
    pub(super) fn read_only(&mut self, value: &[u8], at: u64, name: PlaceName) {
        // Fields are filled up with zero bytes; most are empty.
        let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let Ok(text) = std::str::from_utf8(&value[..end]) else {
            return;
        };
        if end > 0 && label::is_code(text) {
            let start = label::code_start(text);
            self.places.push(Place {
                name,
                key: None,
                text: text[start..].to_owned(),
                span: at + start as u64..at + end as u64,
                item: next_item(&self.places),
                standing: Standing::Odd,
                access: Access::ReadOnly,
            });
        }
    }

    fn hold(&mut self, holds: Holds, nested: Option<Chunk>, start: usize) {
        let chunk = self.walker.chunks.len().saturating_sub(1);
        self.holders.push(Holder {
            chunk,
            nested,
            holds,
            places: start..self.places.len(),
        });
    }

    pub(super) fn add_audio(&mut self, range: Range<u64>) {
        self.more_audio.push(range);
    }

    pub(super) fn has_audio(&self) -> bool {
        self.walker.last_audio.is_some() || !self.more_audio.is_empty()
    }

    /// What the walk gives, with the container's own part of an edit.
    pub(super) fn found(mut self, shape: Shape) -> Found {
        let inflates = |holder: &Holder| match &holder.holds {
            Holds::Tag(tag) => tag.as_ref().is_some_and(|tag| tag.inflates),
            Holds::Text(_) => false,
        };
        let is_forgiven = |holder: &Holder| match &holder.holds {
            Holds::Tag(tag) => tag.as_ref().is_some_and(Tag::is_forgiven),
            Holds::Text(_) => false,
        };
        let is_hidden = |chunk: &Chunk| chunk.hidden.is_some();
        let places = std::mem::take(&mut self.places);
        let access = places.iter().map(|place| place.access).collect();
        Found {
            inflates: self.holders.iter().any(inflates),
            forgiven: self.holders.iter().any(is_forgiven)
                || self.walker.chunks.iter().any(is_hidden)
                || self.behind.is_forgiven(),
            doubt: self.walker.trouble.or(self.doubt),
            ..Found::certain(
                places,
                Chunked {
                    structure: self,
                    shape,
                    access,
                },
            )
        }
    }

    pub(super) fn audio(&self) -> Vec<Range<u64>> {
        let walker = &self.walker;
        let chunks = walker.chunks.iter().filter(|chunk| (walker.is_audio)(&chunk.id));
        let mut audio: Vec<Range<u64>> = chunks.map(Chunk::body).chain(self.more_audio.iter().cloned()).collect();
        audio.retain(|range| !range.is_empty());
        audio.sort_by_key(|range| range.start);
        audio
    }

    pub(super) fn has_chunk(&self, id: &[u8; 4]) -> bool {
        self.walker.chunks.iter().any(|chunk| &chunk.id == id)
    }
}

/// The number of the next item behind those of `places`.
pub(super) fn next_item(places: &[Place]) -> u32 {
    places.last().map_or(0, |place| place.item.saturating_add(1))
}

/// What the outermost chunk says when it cannot hold all: see [`Walker`].
pub(super) fn cut_short_without_audio(structure: &Structure, source: &Source) -> Result<(), ReadError> {
    let walker = &structure.walker;
    if walker.chunks.is_empty() {
        let needed = walker.at + 4 + walker.width.bytes() as u64;
        return Err(match needed > source.len() {
            true => ReadError::CutShort {
                needed,
                len: source.len(),
            },
            false => ReadError::Damaged("it holds no chunks"),
        });
    }
    let is_audio_known = structure.has_audio() && walker.open != Some(Open::Unfinished);
    match walker.stated {
        Stated::End(needed) if needed > source.len() && !is_audio_known => Err(ReadError::CutShort {
            needed,
            len: source.len(),
        }),
        _ => Ok(()),
    }
}
