//! The containers: where codes are in them, and which pieces make a file carry other codes there.
//!
//! Every container module makes one walk over headers by offset, from which both a scan's places and an edit come, so
//! that what a scan sees is exactly what an edit touches. Nothing here writes. Invariant: no size from a file is trusted
//! before it is checked against the file, and every loop and depth is bounded.
//!
//! A container is a folder and a row of [`FORMATS`]. Its walk gives the places and a [`Layout`], and the layout says what
//! the file is as a tree of boxes, items and slack (`tree`); the one engine (`edit`) carries out any change in any tree,
//! slack first (`slack`), and sizes are derived from the edits. FLAC (`flac/splice`) is a short example, MP4 (`mp4`) one
//! with offsets that follow. `README.md` beside this file shows the tree of a small file of each family.

use std::fmt;
use std::ops::Range;

use crate::bytes::source::{ReadError, Source};

mod apev2;
mod asf;
mod behind;
mod caf;
mod chunks;
mod dsf;
mod edit;
pub(crate) mod flac;
pub mod formats;
mod id3v2;
mod matroska;
mod mp4;
mod notes;
mod ogg;
#[cfg(test)]
mod page;
pub mod place;
pub(crate) mod stream;
pub(crate) mod tags;
#[cfg(test)]
mod testing;
mod values;
mod vorbis;
pub mod words;

use edit::refuse;
pub use edit::{Refusal, Splice, SpliceError};
pub use formats::Format;
use formats::{FORMATS, Reader, Row};
use place::{Change, Place, Standing};
use stream::identify::Front;
use words::{Description, Medium};

impl Format {
    /// What the table of formats says of it.
    fn row(self) -> &'static Row {
        &FORMATS[self as usize]
    }

    /// The word for it in JSON and CSV.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// The kind's own name, for people.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The name of the place to which a code is written where the file has none.
    pub fn standard_place(self) -> &'static str {
        self.row().standard_place
    }

    /// The second reader that knows its tags, if there is one.
    pub fn reader(self) -> Option<Reader> {
        self.row().reader
    }

    /// The kind that has this word.
    pub fn of_word(word: &str) -> Option<Format> {
        FORMATS.iter().find(|row| row.word == word).map(|row| row.format)
    }

    /// Whether this version reads codes in it.
    pub fn is_supported(self) -> bool {
        self.row().walk.is_some()
    }
}

/// What a walk found in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    pub format: Format,
    pub places: Vec<Place>,
    /// A compressed frame decompresses to more than the limit of the ID3v2 walk: no other parser may be let at this file.
    pub inflates: bool,
    /// Audio tracks of a CUESHEET block that hold no code and can take one, by number.
    pub empty_tracks: Vec<u8>,
    /// A contradiction behind which codes may be that the walk did not see. Without a full stop, in lower case. An
    /// edit is refused for the same reason.
    pub doubt: Option<&'static str>,
    /// The walk had to forgive something (a size, a flag, a text encoding) that other programs may not: they may see more
    /// once an edit has put it right.
    pub forgiven: bool,
    /// Where the largest picture of its tags is. None where the walk had to forgive something, or is in doubt: other
    /// readers may then see anything else there.
    pub picture: Option<Range<u64>>,
    /// What the file says of its recording beside codes, of a kind whose own walk reads that. A [`glance`] may leave out
    /// what is behind the audio.
    pub words: Option<Description>,
}

impl Located {
    /// These places, and nothing else to be said.
    pub(crate) fn certain(format: Format, places: Vec<Place>) -> Located {
        Located {
            format,
            places,
            inflates: false,
            empty_tracks: Vec::new(),
            doubt: None,
            forgiven: false,
            picture: None,
            words: None,
        }
    }

    /// What its tracks are, as far as the walk tells.
    pub fn medium(&self) -> Medium {
        let said = self.words.as_ref().and_then(|words| words.medium);
        said.unwrap_or(Medium::Sound)
    }
}

/// A walked file: what there is to see in it, and what an edit of it needs.
#[derive(Debug)]
pub struct Walked {
    pub located: Located,
    front: Front,
    layout: Box<dyn Layout>,
}

/// A file as a [`glance`] saw it. An edit has to know what was left out.
#[derive(Debug)]
pub struct Glanced {
    walked: Walked,
    /// Nothing was left out.
    is_whole: bool,
}

impl Glanced {
    pub fn located(&self) -> &Located {
        &self.walked.located
    }

    pub fn into_located(self) -> Located {
        self.walked.located
    }

    /// Adds what was left out of the same file. A glance that came upon a value to repair has mostly seen all.
    pub fn complete(&mut self, source: &mut Source) -> Result<&Walked, ReadError> {
        if !self.is_whole {
            *self = walk_behind(source, self.walked.front.clone(), Depth::Whole)?;
        }
        Ok(&self.walked)
    }
}

/// A container's walk.
type Walk = fn(&mut Source, &Front, Depth) -> Result<WalkOutcome, ReadError>;

/// What a container's walk gives. The tags in front of it are not its own, but for their places.
#[derive(Debug)]
struct WalkOutcome {
    /// The picture is said in doubt too, and places that are hidden say by themselves that they were forgiven.
    located: Located,
    /// As in [`Glanced`].
    is_whole: bool,
    layout: Box<dyn Layout>,
}

impl WalkOutcome {
    /// Of a whole walk.
    fn of(located: Located, layout: impl Layout + 'static) -> WalkOutcome {
        WalkOutcome {
            located,
            is_whole: true,
            layout: Box::new(layout),
        }
    }
}

/// Says that a file contradicts itself, as the end of a sentence.
fn damaged<T>(how: &'static str) -> Result<T, ReadError> {
    Err(ReadError::Damaged(how))
}

/// Keeps the larger one.
fn larger(picture: &mut Option<Range<u64>>, other: Range<u64>) {
    let size = |range: &Range<u64>| range.end - range.start;
    if picture.as_ref().is_none_or(|picture| size(picture) < size(&other)) {
        *picture = Some(other);
    }
}

/// What a walk remembers of a file for its edits.
trait Layout: fmt::Debug {
    /// The new file in which `change` is carried out.
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError>;

    /// As [`names_of_tags()`].
    fn names_of_tags(&self) -> Vec<(u64, [u8; 4])> {
        Vec::new()
    }
}

/// The layout of what is not read.
#[derive(Debug)]
struct Unread;

impl Layout for Unread {
    fn edit(&self, _: &mut Source, _: &Front, _: &Change) -> Result<Splice, SpliceError> {
        refuse("this version does not edit files of this kind")
    }
}

/// How far a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Where the container's own tag holds its code as it is stored, what only few files have is not looked for at other
    /// ends of the file.
    Glance,
    Whole,
}

impl Depth {
    /// Whether the walk may end where these places were found.
    fn is_enough(self, places: &[Place]) -> bool {
        self == Depth::Glance
            && places.iter().any(|place| place.standing == Standing::Standard)
            && places.iter().all(|place| place.stored().is_some())
    }
}

/// Finds every place in `source` where a code is. `extension` is the file name's, in lower case; it only breaks
/// ties that the content leaves open.
pub fn locate(source: &mut Source, extension: Option<&str>) -> Result<Located, ReadError> {
    Ok(walk(source, extension)?.located)
}

/// As [`walk`], for a scan of very many files: where a file has its code, tags of kinds that are not the container's own,
/// and lists behind the audio that nothing in front tells of, may be left out. What has no code here has none, and
/// [`Glanced::complete`] adds what was left out.
pub fn glance(source: &mut Source, extension: Option<&str>) -> Result<Glanced, ReadError> {
    walk_to(source, extension, Depth::Glance)
}

/// As [`locate`], for an [`edit()`].
pub fn walk(source: &mut Source, extension: Option<&str>) -> Result<Walked, ReadError> {
    Ok(walk_to(source, extension, Depth::Whole)?.walked)
}

fn walk_to(source: &mut Source, extension: Option<&str>, depth: Depth) -> Result<Glanced, ReadError> {
    let front = stream::identify::identify(source, extension)?;
    walk_behind(source, front, depth)
}

fn walk_behind(source: &mut Source, front: Front, depth: Depth) -> Result<Glanced, ReadError> {
    let WalkOutcome {
        mut located,
        is_whole,
        layout,
    } = match front.format.row().walk {
        Some(walk) => walk(source, &front, depth)?,
        None => WalkOutcome::of(Located::certain(front.format, Vec::new()), Unread),
    };
    place::limit(located.places.len())?;
    for place in &mut located.places {
        place.standing = place.standing.hidden_by(front.hides(place.span.start));
    }
    let is_hidden = |place: &Place| matches!(place.standing, Standing::Hidden(_));
    located.forgiven |= front.is_forgiven() || located.places.iter().any(is_hidden);
    located.inflates |= front.inflates();
    located.doubt = front.doubt().or(located.doubt);
    let is_clear = !located.forgiven && located.doubt.is_none();
    let picture = located.picture.take().or_else(|| front.picture());
    located.picture = picture.filter(|_| is_clear);
    let walked = Walked { located, front, layout };
    Ok(Glanced { walked, is_whole })
}

/// The names of all that is no sound in a file, such as pictures, which demuxers read whole: four bytes each, and others in
/// their stead that name nothing a demuxer looks into.
pub(crate) fn names_of_tags(source: &mut Source, extension: Option<&str>) -> Result<Vec<(u64, [u8; 4])>, ReadError> {
    Ok(glance(source, extension)?.walked.layout.names_of_tags())
}

/// Describes the new file in which `change` is carried out. `walked` is the walk of the same file; `change` has one action
/// for each of its places.
pub fn edit(source: &mut Source, walked: &Walked, change: &Change) -> Result<Splice, SpliceError> {
    let Walked { located, front, layout } = walked;
    if let Some(doubt) = located.doubt.filter(|_| !change.is_empty()) {
        return refuse(doubt);
    }
    if !change.tracks.is_empty() && located.format != Format::Flac {
        return refuse("only a FLAC's CUESHEET block holds the codes of single tracks");
    }
    layout.edit(source, front, change)
}

/// A container's own part of an edit.
#[cfg(test)]
fn splice_by(walk: Walk, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
    let found = walk(source, front, Depth::Whole)?;
    found.layout.edit(source, front, change)
}

#[cfg(test)]
mod tests;
