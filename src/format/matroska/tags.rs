//! `Tags`: each `Tag` says what it is about, its target, and holds names and values as `SimpleTag`s.

use std::ops::Range;
use std::time::Duration;

use super::ebml::{self, Element};
use super::walk::{Structure, id};
use crate::bytes::source::{ReadError, Source};
use crate::format::notes::{Notes, as_written};
use crate::format::place::{PlaceName, Standing};
use crate::format::words::{LONGEST_TEXT, Word};
use crate::isrc::Isrc;

/// No name that is looked for is longer.
const LONGEST_NAME: u64 = 32;

/// The names under which a code is looked for, in upper case.
const NAMES: [&str; 3] = ["ISRC", "TSRC", "WM/ISRC"];

/// What a track of music is; 50 is an album or a film, and what is meant where nothing is said (RFC 9559, section 5.1.8.1.2).
const TRACK_LEVEL: u64 = 30;
const ALBUM_LEVEL: u64 = 50;

/// A `SimpleTag` of a code.
#[derive(Debug)]
pub(super) struct Code {
    pub simple: Range<u64>,
    pub is_standard: bool,
    /// One for each place; none where the value is empty.
    pub codes: Vec<Range<u64>>,
}

/// What a `Tag` is about.
pub(super) struct Target {
    level: Option<u64>,
    /// How places are named.
    name: &'static str,
    standing: Standing,
}

impl Target {
    /// In a file with these tracks of audio. A number of 0 means all of a kind, and is left out.
    pub(super) fn of(tag: &Element, audio: &[u64]) -> Target {
        let (mut level, mut tracks, mut is_of_chapter, mut is_of_other) = (None, Vec::new(), false, false);
        for said in tag.all(id::TARGETS).flat_map(|targets| &targets.inside) {
            let number = said.number.unwrap_or(u64::MAX);
            match said.id {
                id::TARGET_TYPE_VALUE => level = Some(number),
                id::TAG_TRACK_UID if number != 0 => tracks.push(number),
                id::TAG_CHAPTER_UID if number != 0 => is_of_chapter = true,
                id::TAG_EDITION_UID | id::TAG_ATTACHMENT_UID if number != 0 => is_of_other = true,
                _ => {}
            }
        }
        let (name, standing) = match tracks[..] {
            _ if is_of_chapter => ("chapter/", Standing::OfTrack),
            _ if is_of_other => ("other/", Standing::Odd),
            [] if matches!(level, None | Some(TRACK_LEVEL | ALBUM_LEVEL)) => ("", Standing::Standard),
            [] => ("level/", Standing::Odd),
            // The one track of audio is the recording.
            [uid] if audio == [uid] => ("track/", Standing::Standard),
            [..] if tracks.iter().any(|uid| audio.contains(uid)) => ("track/", Standing::OfTrack),
            [..] => ("track/", Standing::Odd),
        };
        Target { level, name, standing }
    }

    /// The standard target.
    pub(super) fn is_track_of_music(&self) -> bool {
        self.name.is_empty() && self.level == Some(TRACK_LEVEL)
    }

    /// How well what is said of it tells of the recording: the title of all of the file comes second.
    fn rank(&self) -> Option<u8> {
        match self.name {
            _ if self.is_track_of_music() => Some(0),
            "" => Some(2),
            _ => self.standing.is_standard().then_some(3),
        }
    }

    fn word(&self, name: &str) -> Option<Word> {
        Some(match name {
            "TITLE" if self.level == Some(ALBUM_LEVEL) => Word::Album,
            "TITLE" => Word::Title,
            "ARTIST" => Word::Artist,
            "ALBUM" => Word::Album,
            "PART_NUMBER" | "TRACK" => Word::Track,
            "DISC" => Word::Disc,
            _ => return None,
        })
    }
}

impl Structure {
    /// The notes with the places of all tags seen so far, and with what is said of the recording; and the codes.
    pub(super) fn read_tags(&self, source: &mut Source) -> Result<(Notes, Vec<Code>), ReadError> {
        let (mut notes, mut codes, mut texts) = (self.notes.clone(), Vec::new(), Vec::new());
        let audio = self.audio_tracks();
        for tag in self.all(id::TAGS).flat_map(|list| list.all(id::TAG)) {
            let target = Target::of(tag, &audio);
            for simple in tag.all(id::SIMPLE_TAG) {
                let (Some(name), Some(value)) = (simple.get(id::TAG_NAME), simple.get(id::TAG_STRING)) else {
                    continue;
                };
                let (name, _) = name.text(source, LONGEST_NAME + 1)?;
                let upper = name.to_ascii_uppercase();
                let (said, text) = value.text(source, LONGEST_TEXT)?;
                if let (Some(word), Some(rank)) = (target.word(&upper), target.rank()) {
                    texts.push((rank, word, said));
                } else if let Some(wanted) = NAMES.into_iter().find(|wanted| *wanted == upper) {
                    let standing = match target.standing {
                        Standing::Standard if wanted != "ISRC" => Standing::Odd,
                        standing => standing,
                    };
                    let place = PlaceName::Matroska {
                        target: target.name,
                        name: wanted,
                    };
                    codes.push(Code {
                        simple: simple.range(),
                        is_standard: standing.is_standard(),
                        codes: notes.item((place, as_written(&name, wanted)), standing, &said, (&text, 1))?,
                    });
                }
            }
        }
        for title in self.all(id::INFO).filter_map(|info| info.get(id::TITLE)) {
            texts.push((1, Word::Title, title.text(source, LONGEST_TEXT)?.0));
        }
        texts.sort_by_key(|(rank, ..)| *rank);
        texts.iter().for_each(|(_, word, text)| notes.words.note(*word, text));
        notes.words.note_duration(self.duration());
        Ok((notes, codes))
    }

    /// The UIDs of the tracks of audio.
    fn audio_tracks(&self) -> Vec<u64> {
        const AUDIO: u64 = 2;
        let tracks = self.all(id::TRACKS).flat_map(|tracks| tracks.all(id::TRACK));
        let audio = tracks.filter(|track| track.number_of(id::TRACK_TYPE) == Some(AUDIO));
        audio.map(|track| track.number_of(id::TRACK_UID).unwrap_or(0)).collect()
    }

    fn duration(&self) -> Option<Duration> {
        let info = self.all(id::INFO).last()?;
        let duration = info.get(id::DURATION)?;
        let number = duration.number?;
        let units = match duration.len() {
            4 => f64::from(f32::from_bits(number as u32)),
            8 => f64::from_bits(number),
            _ => return None,
        };
        let scale = info.number_of(id::TIMESTAMP_SCALE).unwrap_or(1_000_000);
        Duration::try_from_secs_f64(units * scale as f64 / 1e9).ok()
    }
}

/// A name and a value; the language is not known, which is what is meant where nothing is said.
pub(super) fn new_simple_tag(isrc: Isrc) -> Vec<u8> {
    let name = ebml::made(id::TAG_NAME, b"ISRC");
    let value = ebml::made(id::TAG_STRING, isrc.hyphenated().as_bytes());
    ebml::made(id::SIMPLE_TAG, &[name, value].concat())
}

/// A tag about a track of music. The type's name is left out: some programs would put it in front of the tag's.
pub(super) fn new_tag(isrc: Isrc) -> Vec<u8> {
    let targets = ebml::made(id::TARGETS, &ebml::made(id::TARGET_TYPE_VALUE, &[TRACK_LEVEL as u8]));
    ebml::made(id::TAG, &[targets, new_simple_tag(isrc)].concat())
}
