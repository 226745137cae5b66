//! The second reader: everything that goes through lofty.
//!
//! It gives what a report says of a file (title, artist, duration), the second opinion on a finding, and the proof
//! that an edit changed no other item. Only reading: lofty's writer never touches a user's file. Invariant: whatever
//! a hostile file does to lofty, callers get a value or a [`TagError`].

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use lofty::config::{GlobalOptions, ParseOptions, apply_global_options};
use lofty::error::FileParseError;
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::flac::FlacFile;
use lofty::ogg::tag::VorbisComments;
use lofty::ogg::{OpusFile, VorbisFile};
use lofty::probe::Probe;
use lofty::tag::{Accessor, ItemKey, TagType};

use crate::bytes::source::ReadAt;
use crate::format::flac::stream_info::{StreamInfo, stream_info};
use crate::format::formats::Reader;
use crate::format::place::Place;
use crate::format::stream::mpeg;
pub use crate::format::words::{Description, FlacLayout};
use crate::format::{Format, Located};
use reader::BoundedReader;

mod demuxer;
mod items;
mod reader;
#[cfg(test)]
mod tests;

pub use items::{Expected, same_but_codes};

/// What lofty may allocate for one item. Its own default is the same; it is thread-local, so it is set here, in the
/// one place that calls it.
const ALLOCATION_LIMIT: usize = 16 << 20;

/// What the second reader sees in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opinion {
    /// Its version is what a field of its own says: VERSION (Vorbis), SUBTITLE, TIT3.
    pub description: Description,
    /// Who made another version of it: REMIXER, MIXARTIST, TPE4.
    pub remixer: Option<String>,
    /// Every value that it takes for a recording code, as it is.
    pub codes: Vec<String>,
}

impl Opinion {
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

/// Whether duration and audio MD5 are asked for, which costs reads at other ends of the file.
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
    let tagged = match audio {
        Audio::Skip => tagged_file(bytes, picture, reader, tags)?,
        // A wrong audio header must not hide the tags.
        Audio::Describe => {
            let mut both = tags;
            tagged_file(bytes, picture, reader, both.read_properties(true))
                .or_else(|_| tagged_file(bytes, picture, reader, tags))?
        }
    };
    let (tagged, version) = tagged;
    let mut opinion = Opinion::default();
    opinion.description.version = version;
    // lofty looks for APEv2 where it reads MPEG, and the headers of both look alike.
    let is_aac = reader == Reader::Aac;
    let ape_of_aac = is_aac
        .then(|| tagged_file(bytes, picture, Reader::Mpeg, tags).ok())
        .flatten();
    let ape_of_aac = ape_of_aac.iter().flat_map(|(tagged, _)| tagged.tags());
    let ape_of_aac = ape_of_aac.filter(|tag| tag.tag_type() == TagType::Ape);
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
    let duration = tagged.properties().duration();
    // lofty takes the first frame's bit rate for that of all.
    let is_guessed =
        format == Format::Mp3 && audio == Audio::Describe && mpeg::is_length_unknown(bytes).unwrap_or(false);
    opinion.description.duration = Some(duration).filter(|duration| !duration.is_zero() && !is_guessed);
    if format == Format::Flac && audio == Audio::Describe {
        let stated = stream_info(bytes).ok().flatten();
        opinion.description.flac_md5 = stated.as_ref().and_then(StreamInfo::telling_md5);
        opinion.description.flac_layout = stated.as_ref().and_then(StreamInfo::layout);
    }
    Ok(opinion)
}

fn text(value: Option<std::borrow::Cow<'_, str>>) -> Option<String> {
    value.map(|value| value.into_owned()).filter(|value| !value.is_empty())
}

/// All tags of a file, and the VERSION of Vorbis comments, for which lofty has no key ("Ogg Vorbis I format specification:
/// comment field and header specification").
fn tagged_file(
    bytes: &dyn ReadAt,
    picture: &Option<Range<u64>>,
    reader: Reader,
    options: ParseOptions,
) -> Result<(TaggedFile, Option<String>), TagError> {
    let file_type = file_type(reader).ok_or(TagError::NoReader)?;
    let version = |comments: &VorbisComments| comments.get("VERSION").map(str::to_owned);
    contained(|| {
        let mut bytes = BoundedReader::without(bytes, picture.clone());
        // Of the type that the probe reads from, so that there is one copy of each reader in the program.
        let mut bytes = &mut bytes;
        Ok(match reader {
            Reader::Flac => {
                let file = FlacFile::read_from(&mut bytes, options)?;
                let version = file.vorbis_comments().and_then(version);
                (file.into(), version)
            }
            Reader::Vorbis => {
                let file = VorbisFile::read_from(&mut bytes, options)?;
                let version = version(file.vorbis_comments());
                (file.into(), version)
            }
            Reader::Opus => {
                let file = OpusFile::read_from(&mut bytes, options)?;
                let version = version(file.vorbis_comments());
                (file.into(), version)
            }
            _ => {
                let file = Probe::with_file_type(bytes, file_type).options(options).read()?;
                (file, None)
            }
        })
    })
}

/// The second reader as lofty names it; none where it is not lofty.
fn file_type(reader: Reader) -> Option<FileType> {
    Some(match reader {
        Reader::Mpeg => FileType::Mpeg,
        Reader::Aac => FileType::Aac,
        Reader::Flac => FileType::Flac,
        Reader::Vorbis => FileType::Vorbis,
        Reader::Opus => FileType::Opus,
        Reader::Speex => FileType::Speex,
        Reader::Mp4 => FileType::Mp4,
        Reader::Wav => FileType::Wav,
        Reader::Aiff => FileType::Aiff,
        Reader::WavPack => FileType::WavPack,
        Reader::Ape => FileType::Ape,
        Reader::Musepack => FileType::Mpc,
        Reader::Matroska => return None,
    })
}

/// The one place that calls lofty: with its allocation limit set, and its panics kept inside.
fn contained<T>(read: impl FnOnce() -> Result<T, FileParseError>) -> Result<T, TagError> {
    apply_global_options(
        GlobalOptions::new()
            .allocation_limit(ALLOCATION_LIMIT)
            .use_custom_resolvers(false),
    );
    match quietly(read) {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(TagError::Parse(error)),
        None => Err(TagError::Panicked),
    }
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
