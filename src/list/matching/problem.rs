//! What stands between a row and its file, and how a person is told.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use super::{By, Matching};
use crate::isrc::Isrc;
use crate::judge::shared::clock;
use crate::list::told::{shortened, shortened_path};
use crate::list::{List, Numbering};
use crate::recording::FileInfo;
use crate::report::terminal::count;

/// Something that keeps rows from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Indices of the rows, rising; never empty.
    pub rows: Vec<usize>,
    pub what: What,
}

impl Problem {
    pub(super) fn of(row: usize, what: What) -> Problem {
        Problem { rows: vec![row], what }
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
    /// The code is in another file that keeps it.
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
        count: usize,
        /// The first few.
        candidates: Vec<usize>,
    },
    /// Several rows give one file different codes.
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
    /// The artist or the album of the row is another than that of the file that its path or name finds.
    OtherOwner {
        file: usize,
        /// "artist" or "album".
        what: &'static str,
        wanted: String,
        found: String,
    },
    /// The row's title is that of a file here but for a word that makes another version.
    OtherVersion {
        file: usize,
        /// The row says a title, not the version alone.
        is_title: bool,
        wanted: String,
        title: String,
    },
    /// The list is of a later disc, and the file says nothing of a disc.
    UnknownDisc {
        file: usize,
        disc: u32,
    },
    /// The row's title is that of a file here, nothing else speaks for it, and most of the list is not here.
    TitleAlone {
        file: usize,
    },
    OtherDuration {
        file: usize,
        wanted: Duration,
        duration: Duration,
    },
    UnreadableDuration,
    /// The name of the file holds another code.
    OtherCodeInName {
        file: usize,
        named: Isrc,
        isrc: Isrc,
    },
    /// Rows say numbers alone, and fewer than there are tracks.
    FewerNumbers {
        rows: usize,
        tracks: usize,
    },
    /// Codes in order, and no order; told once, as [`Distrust`](super::distrust::Distrust).
    OutOfOrder,
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
            | What::OtherOwner { file, .. }
            | What::OtherVersion { file, .. }
            | What::UnknownDisc { file, .. }
            | What::TitleAlone { file }
            | What::OtherCodeInName { file, .. }
            | What::OtherDuration { file, .. }
            | What::NoCuesheetTrack { file, .. } => std::slice::from_ref(file),
            What::Unusable { .. }
            | What::Repeated { .. }
            | What::NamesNothing
            | What::Unmatched { .. }
            | What::SeveralAlbums { .. }
            | What::FewerNumbers { .. }
            | What::OutOfOrder
            | What::UnreadableDuration => &[],
        }
    }
}

/// So many row numbers and candidates are told.
const SHOWN: usize = 10;

/// A text of the list, quoted and not too long.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// A path of the list: what counts is its end.
pub(super) fn quoted_path(text: &str) -> String {
    format!("{:?}", shortened_path(text))
}

/// A problem as a sentence without full stop: `row 5: "N/A" is a placeholder`. Not yet fit for a terminal.
pub fn describe(problem: &Problem, list: &List, files: &[FileInfo]) -> String {
    let what = words(&problem.what, &|file| {
        let path = files.get(file).map_or(Path::new(""), |file| &file.path);
        path.display().to_string()
    });
    format!("{}: {what}", places(&problem.rows, list))
}

fn words(what: &What, path: &dyn Fn(usize) -> String) -> String {
    match what {
        What::Unusable { text, why, .. } => format!("{} is no code to write: {why}", quoted(text)),
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
        What::Ambiguous { by, count, candidates } => {
            let shown: Vec<String> = candidates.iter().take(SHOWN).map(|file| path(*file)).collect();
            let more = match count.saturating_sub(shown.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("the {} fits several files: {}{more}", by.word(), shown.join(", "))
        }
        What::SameFile { file } => format!("they give one file different codes, {}", path(*file)),
        What::OtherTitle { .. } | What::OtherOwner { .. } | What::OtherVersion { .. } => other(what, path),
        What::UnknownDisc { file, disc } => format!("it is of disc {disc}, and {} may be of any disc", path(*file)),
        What::TitleAlone { file } => format!(
            "only its title is that of {}, and most of the list is not here",
            path(*file)
        ),
        What::OtherDuration { file, wanted, duration } => {
            let (wanted, duration) = (clock(*wanted), clock(*duration));
            format!("its duration is {wanted}, but {} lasts {duration}", path(*file))
        }
        What::UnreadableDuration => "its duration cannot be read".to_owned(),
        What::OtherCodeInName { file, named, isrc } => {
            format!("it says {isrc}, but the name of {} holds {named}", path(*file))
        }
        What::FewerNumbers { rows, tracks } => {
            let (rows, tracks) = (count(*rows as u64, "track", "tracks"), *tracks as u64);
            let tracks = count(tracks, "track", "tracks");
            format!("they say numbers alone, {rows} of {tracks} here: it may be the list of another album")
        }
        What::OutOfOrder => "it has no place in the order".to_owned(),
        What::NoCuesheetTrack { file, track } => {
            format!("{} has no track {track} in a CUESHEET block", path(*file))
        }
    }
}

/// What the row says, and the file says otherwise.
fn other(what: &What, path: &dyn Fn(usize) -> String) -> String {
    let (column, file, wanted, found) = match what {
        What::OtherTitle {
            file, wanted, title, ..
        }
        | What::OtherVersion {
            file, wanted, title, ..
        } => ("title", file, wanted, title),
        What::OtherOwner {
            file,
            what,
            wanted,
            found,
        } => (*what, file, wanted, found),
        _ => return String::new(),
    };
    let (file, wanted, found) = (path(*file), quoted(wanted), quoted(found));
    match what {
        What::OtherVersion { is_title, .. } => {
            let says = if *is_title { "its title is" } else { "it says" };
            format!("{says} {wanted}, and {file} is {found}: nobody can tell whether that is this version")
        }
        _ => format!("its {column} is {wanted}, but that of {file} is {found}"),
    }
}

/// The most lines about files without a row: a list of one album may be applied to a whole archive.
const MOST_LINES: usize = 20;

/// Lines about the files that no row is for, in their order. Where other files of the folder have one, each is named, since
/// a row may be missing; the files of other folders are counted.
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
            // A bare file name is in the current folder.
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

/// `row 5`, `rows 5, 6 and 9`, with their sheets where there are several.
fn places(rows: &[usize], list: &List) -> String {
    let numbers_of = |sheet: Option<u16>| -> Vec<u32> {
        let rows = rows.iter().map(|row| &list.rows[*row]);
        rows.filter(|row| sheet.is_none_or(|sheet| row.sheet == sheet))
            .map(|row| row.number)
            .collect()
    };
    if list.sheets.is_empty() {
        return numbers(&numbers_of(None), list.numbering);
    }
    let of_sheets = (0..).zip(&list.sheets).filter_map(|(at, name)| {
        let found = numbers_of(Some(at));
        (!found.is_empty()).then(|| format!("sheet {}, {}", quoted(name), numbers(&found, list.numbering)))
    });
    of_sheets.collect::<Vec<_>>().join("; ")
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
