//! Containers made of chunks (RIFF, AIFF, DSDIFF): the walk over them, and the tags and texts found in them.
//!
//! A chunk is four characters, a size, that many bytes, and a zero byte where the size is odd. A walk forgives what
//! real files do wrong as long as the chunks can be told apart, and notes it, so that an edit can refuse.

use std::ops::Range;

use super::behind::{self, Behind};
use super::id3v2::{self, Tag};
use super::place::{Access, Label, Place, PlaceName, Standing};
use super::{Located, WalkOutcome, apev2, damaged};
use crate::bytes::source::{ReadError, Source};
use crate::format::stream::identify::Front;

pub(in crate::format) mod aiff;
pub(in crate::format) mod dsdiff;
mod label;
mod markup;
pub(in crate::format) mod riff;
mod seat;
#[cfg(test)]
pub(super) mod testing;
mod tree;
mod walker;
use tree::Chunked;
pub(super) use tree::Shape;
use walker::Open;
pub(super) use walker::{Chunk, Stated, Walker};

/// Real files have one or two.
const MOST_TAGS: usize = 16;

/// How much XML of a file is looked at. Object-based masters carry some megabytes of `axml`.
const MOST_MARKUP: u64 = 16 << 20;

/// What is read at once behind the audio: all that is left, if it is not more than this,
pub(super) const TAIL: u64 = 4096;

/// or else a chunk's header and the start of a tag in it.
pub(super) const TAIL_START: u64 = 1100;

/// A chunk in which codes can be written.
#[derive(Debug)]
struct Holder {
    /// Index of the outermost chunk it is in.
    chunk: usize,
    /// The chunk inside that one, if it is nested.
    nested: Option<Chunk>,
    holds: Holds,
    /// Which of the places are its own.
    places: Range<usize>,
}

impl Holder {
    fn tag(&self) -> Option<&Tag> {
        match &self.holds {
            Holds::Tag(tag) => tag.as_ref(),
            Holds::Zeros(_) | Holds::Text(_) => None,
        }
    }
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most files have one, and it is a tag")]
enum Holds {
    /// `None`: an ID3 chunk without a tag that can be read.
    Tag(Option<Tag>),
    /// An ID3 chunk of nothing but so many zero bytes.
    Zeros(u64),
    Text(Vec<markup::MarkedText>),
}

/// All that a walk of a chunked file found.
#[derive(Debug)]
pub(super) struct Structure {
    pub places: Vec<Place>,
    pub walker: Walker,
    /// What other programs call a chunk with a tag. The first is the name of a new one.
    names: &'static [&'static [u8; 4]],
    holders: Vec<Holder>,
    /// The one whose tag most programs read, among those of tags.
    first_tag: Option<usize>,
    /// How much XML may still be read.
    markup_left: u64,
    /// LIST `wavl`: audio that is not in an audio chunk of its own.
    pub more_audio: Vec<Range<u64>>,
    /// Tags of other kinds behind the chunks, and which of the places are theirs.
    behind: Behind,
    behind_places: Range<usize>,
    /// Why codes may be in one of the tags that were not seen.
    doubt: Option<&'static str>,
}

impl Structure {
    /// Starts with the places of the tags in front.
    pub(super) fn new(source: &Source, front: &Front, walker: Walker, names: &'static [&'static [u8; 4]]) -> Structure {
        Structure {
            places: front.places(),
            walker,
            names,
            holders: Vec::new(),
            first_tag: None,
            markup_left: MOST_MARKUP,
            more_audio: Vec::new(),
            behind: Behind::nothing(source),
            behind_places: 0..0,
            doubt: None,
        }
    }

    /// Whether the file is shorter than the outermost chunk says, and where the audio ends is not known: see [`Walker`].
    fn cut_short_without_audio(&self, source: &Source) -> Result<(), ReadError> {
        let walker = &self.walker;
        if walker.chunks.is_empty() {
            source.reach(walker.at + walker.header_len())?;
            return damaged("it holds no chunks");
        }
        let has_audio = walker.last_audio.is_some() || !self.more_audio.is_empty();
        let is_audio_known = has_audio && walker.open != Some(Open::Unfinished);
        match walker.stated {
            Stated::End(needed) if !is_audio_known => source.reach(needed),
            _ => Ok(()),
        }
    }

    /// Looks at what is behind the last chunk, when all chunks were taken.
    fn look_behind(&mut self, source: &mut Source) -> Result<(), ReadError> {
        self.rank_tags();
        if source.len().saturating_sub(self.walker.at) >= apev2::FRAME {
            self.behind = behind::walk(source, self.walker.at)?;
        }
        let first = self.places.len();
        self.behind.places(&mut self.places);
        self.behind_places = first..self.places.len();
        self.doubt = self.doubt.or(self.behind.doubt());
        if self.places.is_empty() && self.doubt.is_none() {
            // What an edit refuses as contradictory may hide codes too.
            self.doubt = self.contradiction(source)?;
        }
        Ok(())
    }

    /// Of several tags most programs read the first outermost one alone, and none whose chunk is named otherwise.
    fn rank_tags(&mut self) {
        const NAME: &str = "its chunk is not named as other programs expect it";
        let is_tag = |holder: &Holder| matches!(holder.holds, Holds::Tag(_) | Holds::Zeros(_));
        let tags = || (0..self.holders.len()).filter(|index| is_tag(&self.holders[*index]));
        let is_named = |index: &usize| self.is_named(&self.holders[*index]);
        let is_outermost = |index: &usize| self.holders[*index].nested.is_none() && is_named(index);
        let named = tags().find(is_outermost).or_else(|| tags().find(is_named));
        self.first_tag = named.or_else(|| tags().next());
        for (index, holder) in self.holders.iter().enumerate().filter(|(_, holder)| is_tag(holder)) {
            let own = self.places[holder.places.clone()].iter_mut();
            let standard = own.filter(|place| place.standing.is_standard());
            if Some(index) != self.first_tag {
                standard.for_each(|place| place.standing = Standing::Odd);
            } else if named.is_none() {
                standard.for_each(|place| place.standing = place.standing.hidden_by(Some(NAME)));
                if holder.nested.is_none() {
                    self.walker.chunks[holder.chunk].hidden.get_or_insert(NAME);
                }
            }
        }
    }

    fn is_named(&self, holder: &Holder) -> bool {
        self.names.contains(&&self.chunk_of(holder).id)
    }

    /// The chunk that a holder is in, which may be inside of another.
    fn chunk_of<'s>(&'s self, holder: &'s Holder) -> &'s Chunk {
        holder.nested.as_ref().unwrap_or(&self.walker.chunks[holder.chunk])
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
        let zeros = match &tag {
            Some(_) => 0,
            None => source.leading_zeros(chunk.body(), seat::MOST_ZEROS)?,
        };
        let is_blank = tag.is_none() && zeros == chunk.size();
        let doubt = match &tag {
            Some(tag) => tag.doubt(),
            // A blank chunk hides nothing.
            None => (!is_blank).then_some(tree::NO_TAG),
        };
        self.doubt = self.doubt.or(doubt);
        let outer = self.walker.chunks.last().and_then(|chunk| chunk.hidden);
        if let Some(tag) = &tag {
            tag.places(Standing::Standard.hidden_by(outer.or(chunk.hidden)), &mut self.places);
        }
        let holds = if is_blank { Holds::Zeros(zeros) } else { Holds::Tag(tag) };
        self.hold(holds, nested, start);
        Ok(())
    }

    /// The values in an XML chunk that are codes or marked as such.
    pub(super) fn markup(&mut self, source: &mut Source, chunk: &Chunk) -> Result<Vec<markup::MarkedText>, ReadError> {
        let size = chunk.size().min(self.markup_left);
        self.markup_left -= size;
        markup::codes(source, chunk.body.0..chunk.body.0 + size)
    }

    /// Adds a place for a value that is a code and nothing else, but is where codes are not meant to.
    pub(super) fn read_only(&mut self, value: &[u8], at: u64, name: PlaceName) {
        // Fields are filled up with zero bytes; most are empty.
        let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let Ok(text) = std::str::from_utf8(&value[..end]) else {
            return;
        };
        if end > 0 && label::is_code(text) {
            let start = label::code_start(text);
            let value = (at + start as u64..at + end as u64, text[start..].to_owned());
            Label::odd(name, Access::ReadOnly).add([value], &mut self.places);
        }
    }

    /// Takes up what the chunk that was returned last holds, or `nested`, a chunk inside it; its places were just added from
    /// `start` on.
    fn hold(&mut self, holds: Holds, nested: Option<Chunk>, start: usize) {
        let chunk = self.walker.chunks.len().saturating_sub(1);
        self.holders.push(Holder {
            chunk,
            nested,
            holds,
            places: start..self.places.len(),
        });
    }

    /// What the walk gives when all chunks were taken, with the container's own part of an edit.
    pub(super) fn found(mut self, source: &mut Source, front: &Front, shape: Shape) -> Result<WalkOutcome, ReadError> {
        self.look_behind(source)?;
        self.cut_short_without_audio(source)?;
        let tags = || self.holders.iter().filter_map(Holder::tag);
        // Some programs give up at it.
        let is_blank = |holder: &Holder| matches!(holder.holds, Holds::Zeros(_));
        let picture = match &self.holders[..] {
            [holder] => holder.tag().and_then(Tag::picture),
            _ => None,
        };
        let is_hidden = |chunk: &Chunk| chunk.hidden.is_some();
        let places = std::mem::take(&mut self.places);
        let located = Located {
            inflates: tags().any(|tag| tag.inflates),
            forgiven: tags().any(Tag::is_forgiven)
                || self.holders.iter().any(is_blank)
                || self.walker.chunks.iter().any(is_hidden)
                || self.behind.is_forgiven(),
            doubt: self.walker.trouble.or(self.doubt),
            picture,
            ..Located::certain(front.format, places)
        };
        Ok(WalkOutcome::of(located, Chunked { structure: self, shape }))
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
