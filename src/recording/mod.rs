//! Whether files are one recording: the one owner of that question.
//!
//! [`evidence`] weighs two files, [`part`] parts a group of files that should be one recording, and [`group`] finds the
//! recordings of an archive. Pure: what must be decoded is asked of [`evidence::Senses`].

use std::path::{Path, PathBuf};

use crate::format::Format;
use crate::format::place::PlaceName;
use crate::inspect::Inspected;
use crate::isrc::Isrc;
use crate::tags::Description;
use evidence::Judged;
use side::Side;

pub mod evidence;
pub mod fold;
pub mod group;
pub mod names;
pub mod part;
pub mod side;
pub mod versions;

/// What is known of one file that matters for matching and for assigning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileInfo {
    pub path: PathBuf,
    pub format: Option<Format>,
    pub description: Description,
    /// The file's one valid code.
    pub isrc: Option<Isrc>,
    /// The tracks of its CUESHEET block that can take a code or hold one, well formed or not.
    pub cuesheet: Vec<CuesheetTrack>,
}

/// One track of a FLAC's CUESHEET block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CuesheetTrack {
    pub number: u8,
    pub isrc: Option<Isrc>,
}

impl FileInfo {
    /// The facts of an inspected file. It must have been described with its audio.
    pub fn of(path: &Path, inspected: &Inspected) -> FileInfo {
        let cuesheet = inspected.places.iter().filter_map(|place| match place.name {
            PlaceName::FlacCuesheet(number) => Some(CuesheetTrack {
                number,
                isrc: Isrc::from_stored(place.code()),
            }),
            _ => None,
        });
        let empty = inspected
            .empty_tracks
            .iter()
            .map(|&number| CuesheetTrack { number, isrc: None });
        FileInfo {
            path: path.to_path_buf(),
            format: inspected.format,
            description: inspected.description.clone(),
            isrc: inspected.judged.isrc,
            cuesheet: cuesheet.chain(empty).collect(),
        }
    }
}

/// Files of one recording: one code belongs to all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Indices of the files, rising.
    pub files: Vec<usize>,
    /// The different codes that they carry already, in the order of the files.
    pub codes: Vec<Isrc>,
    /// What holds the files together, the weakest evidence; none for a single file, or where a person does.
    pub together: Option<Judged>,
    /// What the files say together, by their tags and names: what one does not say, another may.
    pub called: Description,
}

impl Group {
    /// The group of these members of `sides`, which are rising indices.
    fn of(members: Vec<usize>, together: Option<Judged>, sides: &[Side]) -> Group {
        let mut codes = Vec::new();
        let mut called = Description::default();
        for side in members.iter().map(|&member| &sides[member]) {
            let isrc = side.file.isrc.filter(|isrc| !codes.contains(isrc));
            codes.extend(isrc);
            called = filled(called, &side.called);
        }
        Group {
            files: members,
            codes,
            together,
            called,
        }
    }
}

/// `known`, and what it does not say from `other`.
fn filled(known: Description, other: &Description) -> Description {
    let text = |known: Option<String>, other: &Option<String>| known.or_else(|| other.clone());
    Description {
        title: text(known.title, &other.title),
        version: text(known.version, &other.version),
        artist: text(known.artist, &other.artist),
        album: text(known.album, &other.album),
        disc: known.disc.or(other.disc),
        track: known.track.or(other.track),
        duration: known.duration.or(other.duration),
        flac_md5: known.flac_md5.or(other.flac_md5),
    }
}
