//! Where codes are: the [`Place`] of one value, and the [`Change`] that is asked of a file's places.
//!
//! One value is one place: a frame that holds two codes gives two places of one [`Place::item`]. The order of places
//! is the order of the walk, and an edit names places by their index in it, since it makes the same walk.

use std::fmt;
use std::ops::Range;

use crate::bytes::source::ReadError;
use crate::isrc::Isrc;

/// More places in one file are not looked at.
const MOST: usize = 4096;

/// The one limit of how many places a file has. A walk that may come upon very many asks on its way.
pub(in crate::format) fn limit(count: usize) -> Result<(), ReadError> {
    match count > MOST {
        true => Err(ReadError::Damaged("more codes than any real file has")),
        false => Ok(()),
    }
}

/// One value that is where a code is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: PlaceName,
    /// The key as written, where it differs in case from the one in the name.
    pub key: Option<Box<str>>,
    /// The value as it is, decoded to text; what cannot be decoded is U+FFFD.
    pub text: String,
    /// The bytes of this one value in the file (of its first part, where a container scatters it).
    pub span: Range<u64>,
    /// Which item (frame, comment, atom) of the file the value belongs to: values of one item share the number.
    pub item: u32,
    pub standing: Standing,
    pub access: Access,
}

/// How a place stands to the standard place of its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The container's standard place, or one that all common programs read in its stead.
    Standard,
    /// The standard place, but most programs do not get there: the walk had to put something right on its way (a size,
    /// a flag, a text encoding). The reason is the end of a sentence; alone, it makes a `misplaced` finding. To write
    /// such a value, even the same code, is to put right what hides it, where that can be done.
    Hidden(&'static str),
    /// Where most programs do not look, or another file kind's place. Alone, it makes a `misplaced` finding.
    Odd,
    /// One track of a whole album in one file (a CUESHEET of several tracks): the code is not the file's own.
    OfTrack,
}

/// What an edit may do at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `set`, `fix` and `remove` reach it.
    Write,
    /// Left alone, and reported when it disagrees (`xid `, RIFF INFO, free text).
    ReadOnly,
}

/// The name of a place, as reports and JSON show it (`id3v2:TSRC`, `vorbis:ISRC`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceName {
    /// `id3v2:TSRC`, `id3v2:TRC`
    Id3Frame(&'static str),
    /// `id3v2:TXXX:ISRC`; the description in upper case.
    Id3Txxx(&'static str),
    /// `vorbis:ISRC`, `vorbis:TSRC`, `vorbis:WM/ISRC`, `vorbis:CUESHEET`; the key in upper case.
    Vorbis(&'static str),
    /// `flac:cuesheet/N`, N the track number.
    FlacCuesheet(u8),
    /// `mp4:MEAN:ISRC`
    Mp4Freeform(Box<str>),
    /// `mp4:xid`
    Mp4Xid,
    /// `mp4:mdta:KEY`
    Mp4Mdta(Box<str>),
    /// `apev2:ISRC`; the key in upper case.
    Apev2(&'static str),
    /// `bwf:axml`, `bwf:bext/Description`, `riff:INFO/ISRC`, `riff:cart/CutID`, `aiff:ANNO`, `mp4:udta/©isr` ...: a fixed name
    /// that the container's module gives whole.
    Chunk(&'static str),
    /// `matroska:ISRC`, `matroska:track/ISRC`: what the tag is about, where that is not the file, and the name in upper
    /// case.
    Matroska { target: &'static str, name: &'static str },
    /// Any of these, as the index of an earlier scan has it.
    Recorded(Box<str>),
}

impl Place {
    /// The part of the text that is to be a code: all of it, but for a store's `Vendor:isrc:CODE`.
    pub fn code(&self) -> &str {
        match self.name {
            PlaceName::Mp4Xid => vendor_code(&self.text).unwrap_or(&self.text),
            _ => &self.text,
        }
    }

    /// The code, where the value is the form in which it is stored: twelve characters, and in Matroska with hyphens as
    /// well, as its tag specification has it.
    pub fn stored(&self) -> Option<Isrc> {
        let code = self.code();
        Isrc::from_stored(code).or_else(|| {
            let plain = self.name.is_of_matroska().then(|| code.replace('-', ""))?;
            Isrc::from_stored(&plain).filter(|isrc| isrc.hyphenated() == code)
        })
    }
}

/// The number of the next item behind those of `places`.
pub(in crate::format) fn next_item(places: &[Place]) -> u32 {
    places.last().map_or(0, |place| place.item.saturating_add(1))
}

/// What the places of one item have in common.
pub(in crate::format) struct Label {
    pub name: PlaceName,
    pub key: Option<Box<str>>,
    pub standing: Standing,
    pub access: Access,
}

impl Label {
    /// Of places that can be written.
    pub(in crate::format) fn of(name: PlaceName, key: Option<Box<str>>, standing: Standing) -> Label {
        Label {
            name,
            key,
            standing,
            access: Access::Write,
        }
    }

    /// Of places that are not where codes are meant to be.
    pub(in crate::format) fn odd(name: PlaceName, access: Access) -> Label {
        Label {
            access,
            ..Label::of(name, None, Standing::Odd)
        }
    }

    /// Adds the places of one item, if it has values.
    pub(in crate::format) fn add(
        self,
        values: impl IntoIterator<Item = (Range<u64>, String)>,
        places: &mut Vec<Place>,
    ) {
        let Label {
            name,
            key,
            standing,
            access,
        } = self;
        let item = next_item(places);
        places.extend(values.into_iter().map(|(span, text)| Place {
            name: name.clone(),
            key: key.clone(),
            text,
            span,
            item,
            standing,
            access,
        }));
    }
}

impl PlaceName {
    fn is_of_matroska(&self) -> bool {
        match self {
            PlaceName::Matroska { .. } => true,
            PlaceName::Recorded(name) => name.starts_with("matroska:"),
            _ => false,
        }
    }
}

/// The code in a store's `Vendor:isrc:CODE`, whatever is in front of its scheme; none where it is of another one.
pub(in crate::format) fn vendor_code(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once(':')?;
        if part.trim().eq_ignore_ascii_case("isrc") {
            return Some(behind).filter(|code| !code.is_empty());
        }
        rest = behind;
    }
}

impl Standing {
    /// Whether it is the standard place, seen by other programs or not.
    pub fn is_standard(self) -> bool {
        match self {
            Standing::Standard | Standing::Hidden(_) => true,
            Standing::Odd | Standing::OfTrack => false,
        }
    }

    /// The same place where `reason`, if there is one, keeps other programs from it.
    pub(in crate::format) fn hidden_by(self, reason: Option<&'static str>) -> Standing {
        match (self, reason) {
            (Standing::Standard, Some(reason)) => Standing::Hidden(reason),
            (standing, _) => standing,
        }
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlaceName::Id3Frame(id) => write!(f, "id3v2:{id}"),
            PlaceName::Id3Txxx(description) => write!(f, "id3v2:TXXX:{description}"),
            PlaceName::Vorbis(key) => write!(f, "vorbis:{key}"),
            PlaceName::FlacCuesheet(track) => write!(f, "flac:cuesheet/{track}"),
            PlaceName::Mp4Freeform(mean) => write!(f, "mp4:{mean}:ISRC"),
            PlaceName::Mp4Xid => f.write_str("mp4:xid"),
            PlaceName::Mp4Mdta(key) => write!(f, "mp4:mdta:{key}"),
            PlaceName::Apev2(key) => write!(f, "apev2:{key}"),
            PlaceName::Chunk(name) => f.write_str(name),
            PlaceName::Matroska { target, name } => write!(f, "matroska:{target}{name}"),
            PlaceName::Recorded(name) => f.write_str(name),
        }
    }
}

/// What is asked of a file's places. Made by `plan`, carried out by a format's `splice`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// One action for each place of the walk, in its order. Only [`Action::Keep`] for places that are read-only.
    pub actions: Vec<Action>,
    /// Write this code to the standard place, which the file does not have (or which `actions` all drop).
    pub create: Option<Isrc>,
    /// Codes for tracks of a CUESHEET block that have none yet, by track number.
    pub tracks: Vec<(u8, Isrc)>,
    /// Write this code into a new EBUCore document (`axml`), which the file does not have. WAV only.
    pub axml: Option<Isrc>,
}

/// What becomes of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Keep,
    /// The value becomes this code, in the plainest text encoding of its container, so that strict readers read it.
    Write(Isrc),
    /// The value goes; with its last value the whole item goes.
    Drop,
}

impl Change {
    /// Whether the file gets a code of its own where it has none.
    pub fn creates(&self) -> bool {
        self.create.is_some() || self.axml.is_some()
    }

    /// Whether the change asks for nothing.
    pub fn is_empty(&self) -> bool {
        let Change {
            actions,
            create,
            tracks,
            axml,
        } = self;
        axml.is_none() && create.is_none() && tracks.is_empty() && actions.iter().all(|action| *action == Action::Keep)
    }
}
