//! The second reader: everything that goes through lofty.
//!
//! It gives what a report says of a file (title, artist, duration), the second opinion on a finding, and the proof
//! that an edit changed no other item. Only reading: lofty's writer never touches a user's file. Invariant: whatever
//! a hostile file does to lofty, callers get a value or a [`TagError`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use lofty::config::ParseOptions;
use lofty::error::FileParseError;
use lofty::file::{AudioFile, TaggedFile, TaggedFileExt};
use lofty::tag::{Accessor, ItemKey, TagType};

use crate::bytes::source::ReadAt;
use crate::format::formats::Reader;
use crate::format::place::Place;
use crate::format::stream::mpeg;
pub use crate::format::words::{Description, FlacLayout, Medium};
use crate::format::{Format, Located};
use crate::isrc::Isrc;
use parsed::Parsed;
use reader::BoundedReader;
use strays::Strays;

mod demuxer;
mod items;
mod parsed;
mod reader;
mod strays;
#[cfg(test)]
mod tests;

pub use items::{Expected, same_but_codes};
pub use strays::strays;

/// What the second reader sees in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opinion {
    /// Its version is what a field of its own says: VERSION (Vorbis), SUBTITLE, TIT3.
    pub description: Description,
    /// Who made another version of it: REMIXER, MIXARTIST, TPE4.
    pub remixer: Option<String>,
    /// Every value that it takes for a recording code, as it is.
    pub codes: Vec<String>,
    /// Codes in what it read, whatever items they are in; of a file without any place alone.
    pub strays: Vec<Isrc>,
}

impl Opinion {
    /// A code that is in none of the `places`, and what says so, as a sentence.
    pub fn other_code(&self, places: &[Place]) -> Option<String> {
        let read = self.unseen(places).next().map(|code| format!("lofty reads {code:?}"));
        let stray = || {
            self.strays
                .first()
                .map(|code| format!("{code} is in it, in no place that is read"))
        };
        read.or_else(stray)
    }

    /// The codes that are in none of the `places`, joined and split values allowed for.
    pub fn unseen<'a>(&'a self, places: &'a [Place]) -> impl Iterator<Item = &'a str> {
        let trimmed = |text: &'a str| text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        let is_held = |code: &&str| {
            let mut texts = places.iter().map(|place| &*place.text);
            texts.any(|text| code.contains(text.trim()) || text.contains(code))
        };
        let codes = self.codes.iter().map(move |code| trimmed(code));
        codes.filter(move |code| !code.is_empty() && !is_held(code))
    }
}

/// Why there is no second opinion.
#[derive(Debug, thiserror::Error)]
pub enum TagError {
    #[error("no second reader knows files of this kind")]
    NoReader,
    #[error("lofty cannot read it")]
    Parse(#[source] FileParseError),
    #[error("symphonia cannot read it")]
    Demux(#[source] symphonia::core::errors::Error),
    #[error("the second reader fails on it")]
    Panicked,
}

/// Whether the duration is asked for, which costs reads at other ends of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audio {
    Skip,
    Describe,
}

/// Reads the description of a file that was walked already, and the codes that lofty finds in it.
pub fn opinion(bytes: &dyn ReadAt, located: &Located, audio: Audio) -> Result<Opinion, TagError> {
    let Located {
        format, ref picture, ..
    } = *located;
    // Where no second reader knows the kind, there is no opinion on its codes. Of Matroska the walk reads the same, and faster.
    let Some(reader) = format.reader().filter(|reader| *reader != Reader::Matroska) else {
        let mut description = located.words.clone().ok_or(TagError::NoReader)?;
        description.duration.take_if(|_| audio == Audio::Skip);
        return Ok(Opinion {
            description,
            ..Opinion::default()
        });
    };
    let mut tags = ParseOptions::new().read_cover_art(false);
    let tags = tags.read_properties(false);
    let mut strays = located.places.is_empty().then(Strays::default);
    let mut parse = |reader, options| {
        let mut bytes = BoundedReader::without(bytes, picture.clone()).looking_for(strays.take());
        let parsed = Parsed::read(reader, &mut bytes, options);
        strays = bytes.into_strays();
        parsed
    };
    let parsed = match audio {
        Audio::Skip => parse(reader, tags)?,
        // A wrong audio header must not hide the tags.
        Audio::Describe => {
            let mut both = tags;
            parse(reader, both.read_properties(true)).or_else(|_| parse(reader, tags))?
        }
    };
    // lofty looks for APEv2 where it reads MPEG, and the headers of both look alike.
    let is_aac = reader == Reader::Aac;
    let ape_of_aac = is_aac.then(|| parse(Reader::Mpeg, tags).ok()).flatten();
    let ape_of_aac = ape_of_aac.map(Parsed::tagged);
    let ape_of_aac = ape_of_aac.iter().flat_map(TaggedFile::tags);
    let ape_of_aac = ape_of_aac.filter(|tag| tag.tag_type() == TagType::Ape);
    let mut opinion = Opinion {
        strays: strays.map(|strays| strays.codes).unwrap_or_default(),
        ..Opinion::default()
    };
    // For which lofty has no key ("Ogg Vorbis I format specification: comment field and header specification").
    let version = parsed.comments().and_then(|comments| comments.get("VERSION"));
    opinion.description.version = version.map(str::to_owned);
    let tagged = parsed.tagged();
    for tag in tagged.tags().iter().chain(ape_of_aac) {
        let found = &mut opinion.description;
        found.title = found.title.take().or_else(|| text(tag.title()));
        found.artist = found.artist.take().or_else(|| text(tag.artist()));
        found.album = found.album.take().or_else(|| text(tag.album()));
        let field = |key| tag.get_string(key).map(str::to_owned);
        found.version = found.version.take().or_else(|| field(ItemKey::TrackSubtitle));
        opinion.remixer = opinion.remixer.take().or_else(|| field(ItemKey::Remixer));
        found.disc = found.disc.or_else(|| tag.disk());
        found.track = found.track.or_else(|| tag.track());
        opinion.codes.extend(tag.get_strings(ItemKey::Isrc).map(str::to_owned));
    }
    opinion.description.medium = tagged.properties().channels().map(Medium::of_channels);
    let duration = tagged.properties().duration();
    let is_guessed = match format {
        // lofty takes the first frame's bit rate for that of all.
        Format::Mp3 => audio == Audio::Describe && mpeg::is_length_unknown(bytes).unwrap_or(false),
        // No size in it states so much.
        Format::Wav => bytes.len() > u64::from(u32::MAX),
        _ => false,
    };
    opinion.description.duration = Some(duration).filter(|duration| !duration.is_zero() && !is_guessed);
    Ok(opinion)
}

fn text(value: Option<std::borrow::Cow<'_, str>>) -> Option<String> {
    value.map(|value| value.into_owned()).filter(|value| !value.is_empty())
}

/// Runs a parser that may panic on hostile input; `None` if it did. Nothing of the panic reaches the terminal.
pub(crate) fn quietly<T>(parse: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                hook(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(parse));
    QUIET.set(before);
    result.ok()
}

thread_local! {
    static QUIET: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}
