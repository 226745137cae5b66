//! What stands between a row and its file, and how a person is told.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use super::{By, Matching};
use crate::isrc::Isrc;
use crate::judge::shared::clock;
use crate::list::{Numbering, Row, shortened, shortened_path};
use crate::recording::{FileInfo, are_one_recording};
use crate::report::terminal::count;

/// Something that keeps rows from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Numbers of the rows, rising.
    pub rows: Vec<u32>,
    pub what: What,
}

impl Problem {
    pub(super) fn of(row: &Row, what: What) -> Problem {
        Problem {
            rows: vec![row.number],
            what,
        }
    }
}

/// What the matter is. Files are told by their indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The code cannot be written.
    Unusable {
        text: String,
        placeholder: bool,
        /// A sentence without full stop.
        why: Cow<'static, str>,
    },
    /// One code in several rows, and not for one recording.
    Repeated {
        isrc: Isrc,
    },
    /// The code stands in another file that keeps it.
    Elsewhere {
        isrc: Isrc,
        file: usize,
    },
    /// The file carries another valid code, and replacing was not asked for.
    Replaces {
        file: usize,
        before: Isrc,
        isrc: Isrc,
    },
    /// The row says nothing to find a file by.
    NamesNothing,
    /// No file is as the row says.
    Unmatched {
        wanted: String,
    },
    /// Track numbers do not tell files of several albums or discs apart.
    SeveralAlbums {
        wanted: String,
    },
    Ambiguous {
        by: By,
        candidates: Vec<usize>,
    },
    /// Several rows are for one file.
    SameFile {
        file: usize,
    },
    /// The file that the row finds has another title.
    OtherTitle {
        by: By,
        /// The row's title is that of another file.
        moved: bool,
        file: usize,
        wanted: String,
        title: String,
    },
    OtherDuration {
        file: usize,
        wanted: Duration,
        duration: Duration,
    },
    UnreadableDuration,
    /// The file has no such track in a CUESHEET block.
    NoCuesheetTrack {
        file: usize,
        track: u8,
    },
}

impl What {
    /// The files that the row is or may be for.
    pub(super) fn files(&self) -> &[usize] {
        match self {
            What::Ambiguous { candidates, .. } => candidates,
            What::Elsewhere { file, .. }
            | What::Replaces { file, .. }
            | What::SameFile { file }
            | What::OtherTitle { file, .. }
            | What::OtherDuration { file, .. }
            | What::NoCuesheetTrack { file, .. } => std::slice::from_ref(file),
            What::Unusable { .. }
            | What::Repeated { .. }
            | What::NamesNothing
            | What::Unmatched { .. }
            | What::SeveralAlbums { .. }
            | What::UnreadableDuration => &[],
        }
    }

    /// The word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            What::Unusable { placeholder: true, .. } => "placeholder",
            What::Unusable { .. } => "malformed",
            What::Repeated { .. } => "repeated",
            What::Elsewhere { .. } => "elsewhere",
            What::Replaces { .. } => "replaces",
            What::NamesNothing => "names_nothing",
            What::Unmatched { .. } => "unmatched",
            What::SeveralAlbums { .. } => "several_albums",
            What::Ambiguous { .. } => "ambiguous",
            What::SameFile { .. } => "same_file",
            What::OtherTitle { .. } => "other_title",
            What::OtherDuration { .. } => "other_duration",
            What::UnreadableDuration => "unreadable_duration",
            What::NoCuesheetTrack { .. } => "no_cuesheet_track",
        }
    }
}

/// Whether a row fits several files only because they are one recording in several formats.
pub fn is_of_formats(problem: &Problem, files: &[FileInfo]) -> bool {
    let are_formats = |pair: &[usize]| {
        let (a, b) = (&files[pair[0]], &files[pair[1]]);
        a.format != b.format && are_one_recording(a, b)
    };
    matches!(&problem.what, What::Ambiguous { candidates, .. } if candidates.windows(2).all(are_formats))
}

/// So many row numbers and candidates are told.
const SHOWN: usize = 10;

/// A problem as a sentence without full stop: `row 5: "N/A" is a placeholder`. Not yet fit for a terminal.
pub fn describe(problem: &Problem, numbering: Numbering, files: &[FileInfo]) -> String {
    let path = |file: usize| files.get(file).map_or(Path::new(""), |file| &file.path).display();
    let what = match &problem.what {
        What::Unusable { text, why, .. } => format!("{text:?} is no code to write: {why}"),
        What::Repeated { isrc } => format!("{isrc} is given to several recordings"),
        What::Elsewhere { isrc, file } => format!("{isrc} stands in {} already", path(*file)),
        What::Replaces { file, before, isrc } => {
            format!("{} carries {before}, not {isrc}; --replace replaces it", path(*file))
        }
        What::NamesNothing => "neither file, track nor title tells which file it is for".to_owned(),
        What::Unmatched { wanted } => format!("no file here is {}", shortened_path(wanted)),
        What::SeveralAlbums { wanted } => {
            format!(
                "{} does not tell one file: the files are of several albums or discs",
                shortened_path(wanted)
            )
        }
        What::Ambiguous { by, candidates } => {
            let shown: Vec<String> = candidates
                .iter()
                .take(SHOWN)
                .map(|file| path(*file).to_string())
                .collect();
            let more = match candidates.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("the {} fits several files: {}{more}", by.word(), shown.join(", "))
        }
        What::SameFile { file } => format!("they are for one file, {}", path(*file)),
        What::OtherTitle {
            file, wanted, title, ..
        } => {
            let (wanted, title) = (shortened(wanted), shortened(title));
            format!("its title is {wanted:?}, but that of {} is {title:?}", path(*file))
        }
        What::OtherDuration { file, wanted, duration } => {
            let (wanted, duration) = (clock(*wanted), clock(*duration));
            format!("its duration is {wanted}, but {} lasts {duration}", path(*file))
        }
        What::UnreadableDuration => "its duration cannot be read".to_owned(),
        What::NoCuesheetTrack { file, track } => {
            format!("{} has no track {track} in a CUESHEET block", path(*file))
        }
    };
    format!("{}: {what}", numbers(&problem.rows, numbering))
}

/// The most lines about files without a row: a list of one album may be applied to a whole archive.
const MOST_LINES: usize = 20;

/// Lines about the files that no row is for, in their order. Where other files of the folder have one, each is named, since a row may be
/// missing; the files of other folders are counted.
pub fn without_row(files: &[FileInfo], matching: &Matching) -> Vec<String> {
    let folder = |file: usize| files[file].path.parent();
    let with_rows = (0..files.len()).filter(|file| matching.unmatched_files.binary_search(file).is_err());
    let with_rows: HashSet<Option<&Path>> = with_rows.map(folder).collect();
    let mut counts: HashMap<Option<&Path>, usize> = HashMap::new();
    for &file in &matching.unmatched_files {
        *counts.entry(folder(file)).or_default() += 1;
    }
    // With the number of files that each is about.
    let mut lines: Vec<(usize, String)> = Vec::new();
    for &file in &matching.unmatched_files {
        let at = folder(file);
        if with_rows.contains(&at) || counts.get(&at) == Some(&1) {
            lines.push((1, no_row(&files[file])));
        } else if let Some(told) = counts.remove(&at) {
            // A bare file name stands in the current folder.
            let at = at.filter(|at| !at.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let number = count(told as u64, "file", "files");
            lines.push((told, format!("{}: no row is for {number} in it", at.display())));
        }
    }
    if lines.len() > MOST_LINES {
        let left: usize = lines.drain(MOST_LINES - 1..).map(|(files, _)| files).sum();
        let left = count(left as u64, "more file", "more files");
        lines.push((0, format!("no row is for {left}; -v names them")));
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// The line about one file that no row is for.
pub fn no_row(file: &FileInfo) -> String {
    format!("{}: no row is for it", file.path.display())
}

/// `row 5`, `rows 5, 6 and 9`.
pub fn numbers(rows: &[u32], numbering: Numbering) -> String {
    let word = numbering.word();
    let shown: Vec<String> = rows.iter().take(SHOWN).map(u32::to_string).collect();
    match (&shown[..], rows.len().saturating_sub(SHOWN)) {
        ([], _) => word.to_owned(),
        ([only], _) => format!("{word} {only}"),
        ([first @ .., last], 0) => format!("{word}s {} and {last}", first.join(", ")),
        (shown, more) => format!("{word}s {} and {more} more", shown.join(", ")),
    }
}
