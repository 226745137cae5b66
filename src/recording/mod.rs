//! Whether files are one recording: the one owner of that question.
//!
//! [`evidence`] weighs two files, [`part`] parts a group of files that should be one recording, and [`group`] finds the
//! recordings of an archive. Pure: what must be decoded is asked of [`evidence::Senses`].

use std::path::{Path, PathBuf};

use crate::format::Format;
use crate::format::place::{Place, Standing};
use crate::format::tags::Description;
use crate::isrc::Isrc;
use crate::isrc::in_name::code_in_name;
use crate::judge::Kind;
use crate::scan::inspect::Inspected;
use evidence::Weighed;
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
    /// What a file without one valid code holds all the same.
    pub held: Held,
}

/// What says that a file without one valid code is no file without a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Codes that stand for it as a whole and disagree.
    pub conflicting: Vec<Isrc>,
    /// A value that is where a code should be, and is none.
    pub no_code: Option<String>,
    /// The code that its name says.
    pub named: Option<Isrc>,
}

impl Held {
    fn of(path: &Path, inspected: &Inspected) -> Held {
        if inspected.judged.isrc.is_some() {
            return Held::default();
        }
        let findings = inspected.judged.findings.iter();
        let mut values = findings
            .filter(|finding| matches!(finding.kind, Kind::Malformed | Kind::Suspicious))
            .filter_map(|finding| inspected.places.get(finding.place?))
            .filter(|place| place.standing != Standing::OfTrack);
        let says_something = |place: &&Place| place.text.contains(char::is_alphanumeric);
        Held {
            conflicting: inspected.judged.codes.clone(),
            no_code: values.find(says_something).map(|place| place.text.clone()),
            named: code_in_name(path),
        }
    }

    /// What a file does that has no one valid code, and what a person can do about it, both in words; None where it has no
    /// code and nothing instead of one.
    pub fn told(&self) -> Option<(String, &'static str)> {
        match (&self.conflicting[..], &self.no_code, self.named) {
            ([_, _, ..], ..) => {
                let codes: Vec<&str> = self.conflicting.iter().map(Isrc::as_str).collect();
                Some((format!("carries {}", codes.join(" and ")), ""))
            }
            (_, Some(text), _) => Some((format!("holds {text:?}, which is no code"), "; remove takes it out")),
            (_, None, Some(isrc)) => Some((format!("is named after {isrc}"), "; set writes it")),
            (_, None, None) => None,
        }
    }

    /// The codes among it.
    pub fn codes(&self) -> impl Iterator<Item = Isrc> {
        self.conflicting.iter().copied().chain(self.named)
    }
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
        let cuesheet = inspected.places.iter().filter_map(|place| {
            Some(CuesheetTrack {
                number: place.name.cuesheet_track()?,
                isrc: Isrc::from_stored(place.code()),
            })
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
            held: Held::of(path, inspected),
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
    pub together: Option<Weighed>,
    /// What the files say together, by their tags and names: what one does not say, another may.
    pub called: Description,
    /// Why some of the files are two recordings all the same, where a person holds them together.
    pub two: Option<String>,
}

impl Group {
    /// The group of these members of `sides`, which are rising indices.
    fn of(members: Vec<usize>, together: Option<Weighed>, sides: &[Side]) -> Group {
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
            two: None,
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
        flac_layout: match known.flac_md5 {
            Some(_) => known.flac_layout,
            None => other.flac_layout,
        },
        medium: known.medium.or(other.medium),
    }
}
