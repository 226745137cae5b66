//! Where codes are: the [`Place`] of one value, and the [`Change`] that is asked of a file's places.
//!
//! One value is one place: a frame that holds two codes gives two places of one [`Place::item`]. The order of places
//! is the order of the walk, and an edit names places by their index in it, since it makes the same walk.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::bytes::source::ReadError;
use crate::format::damaged;
use crate::isrc::Isrc;

/// More places in one file are not looked at.
const MOST: usize = 4096;

/// The one limit of how many places a file has. A walk that may come upon very many asks on its way.
pub(in crate::format) fn limit(count: usize) -> Result<(), ReadError> {
    match count > MOST {
        true => damaged("more codes than any real file has"),
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

/// What a store calls the recording that it sold.
pub(in crate::format) const MP4_XID: &str = "mp4:xid";

/// What an edit may do at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `set`, `fix` and `remove` reach it.
    Write,
    /// Left alone, and reported when it disagrees (`xid `, RIFF INFO, free text).
    ReadOnly,
}

/// The name of a place, as reports and JSON show it: what kind of tag or chunk it is, and the key in it, in upper case where
/// its case does not matter. `id3v2:TSRC`, `id3v2:TXXX:ISRC`, `vorbis:ISRC`, `apev2:ISRC`, `flac:cuesheet/3` (a track's
/// number), `mp4:com.apple.iTunes:ISRC` (an item's mean), `mp4:xid`, `bwf:axml`, `riff:INFO/ISRC`; `matroska:track/ISRC`
/// tells what the tag is about, where that is not the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceName(Cow<'static, str>);

impl PlaceName {
    pub fn new(name: impl Into<Cow<'static, str>>) -> PlaceName {
        PlaceName(name.into())
    }

    /// That of a track of a CUESHEET block.
    pub fn flac_cuesheet(track: u8) -> PlaceName {
        PlaceName(format!("{FLAC_CUESHEET}{track}").into())
    }

    /// The number of the track of a CUESHEET block that it is of.
    pub fn cuesheet_track(&self) -> Option<u8> {
        self.0.strip_prefix(FLAC_CUESHEET)?.parse().ok()
    }

    /// Whether it begins with this.
    pub(in crate::format) fn is_in(&self, start: &str) -> bool {
        self.0.starts_with(start)
    }
}

impl PartialEq<str> for PlaceName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

const FLAC_CUESHEET: &str = "flac:cuesheet/";

impl Place {
    /// The part of the text that is to be a code: all of it, but for a store's `Vendor:isrc:CODE`.
    pub fn code(&self) -> &str {
        let vendors = (self.name == *MP4_XID).then(|| vendor_code(&self.text)).flatten();
        vendors.unwrap_or(&self.text)
    }

    /// The code, where the value is the form in which it is stored: twelve characters, and in Matroska with hyphens as
    /// well, as its tag specification has it.
    pub fn stored(&self) -> Option<Isrc> {
        let code = self.code();
        Isrc::from_stored(code).or_else(|| {
            let plain = self.name.is_in("matroska:").then(|| code.replace('-', ""))?;
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
        &self,
        values: impl IntoIterator<Item = (Range<u64>, String)>,
        places: &mut Vec<Place>,
    ) {
        let item = next_item(places);
        places.extend(values.into_iter().map(|(span, text)| self.place(item, span, text)));
    }

    pub(in crate::format) fn place(&self, item: u32, span: Range<u64>, text: String) -> Place {
        Place {
            name: self.name.clone(),
            key: self.key.clone(),
            text,
            span,
            item,
            standing: self.standing,
            access: self.access,
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

    /// Of what is in the standard place, or in another.
    pub(in crate::format) fn standard(is_standard: bool) -> Standing {
        match is_standard {
            true => Standing::Standard,
            false => Standing::Odd,
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
        f.write_str(&self.0)
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
    /// A new code is written beside another one that may be anywhere in the file.
    pub beside: bool,
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
            beside: _,
        } = self;
        axml.is_none() && create.is_none() && tracks.is_empty() && actions.iter().all(|action| *action == Action::Keep)
    }
}
