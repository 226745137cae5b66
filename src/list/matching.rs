//! Which row is for which recording. Pure: the rows and the facts of the files go in, certainties and problems come out.
//!
//! What finds a file can also contradict: a row is for a file that its path, its number, its title and its length agree
//! with, as far as each is known, and goes to all files of that recording. Invariant: in [`Matching::matched`] no file
//! occurs twice, and no code but for files that are one recording, or that carry it already.

use std::borrow::Cow;
use std::path::PathBuf;

use super::told::Choice;
use super::{Code, List, Numbering, Row};
use crate::isrc::Isrc;
use crate::isrc::words::words;
use crate::list::table::duration::DurationCell;
use crate::plan::Replace;
use crate::recording::FileInfo;
use crate::recording::evidence::Senses;
use crate::recording::fold::fold;
use distrust::Distrust;
use find::Finder;
use problem::{Problem, What};

mod album;
mod confirm;
pub mod distrust;
mod find;
mod one;
mod order;
mod places;
pub mod problem;
mod settle;
mod titles;
mod unlisted;

/// Where relative paths begin. Absolute.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// Where the program runs.
    pub current: PathBuf,
    /// Where the list lies.
    pub list: PathBuf,
}

words! {
    /// By what a row found its file.
    pub enum By {
        Path = "path",
        FileName = "file name",
        /// The code is in the name of the file.
        CodeInName = "code in the file name",
        DiscAndTrack = "disc and track",
        Title = "title",
        Order = "order",
    }
}

/// A row that surely is for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Index of the row in [`List::rows`].
    pub row: usize,
    /// Index of the file.
    pub file: usize,
    /// For this track of the file's CUESHEET block, else for the file as a whole.
    pub cuesheet_track: Option<u8>,
    pub by: By,
    pub isrc: Isrc,
    /// The code that the file, or the track, carries now.
    pub before: Option<Isrc>,
    /// Why the code is believed only with a warning, as a sentence without full stop.
    pub doubt: Option<Cow<'static, str>>,
}

impl Match {
    /// Whether there is something to write.
    pub fn asks(&self) -> bool {
        self.before != Some(self.isrc)
    }
}

/// What a list means for files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    /// In the order of the rows. With problems only a person who asks for a part gets these.
    pub matched: Vec<Match>,
    /// In the order of their first rows.
    pub problems: Vec<Problem>,
    /// Why not even the rows that fit may be written.
    pub distrust: Option<Distrust>,
    /// Indices of the files that no row is or may be for, rising.
    pub unmatched_files: Vec<usize>,
    /// How many of them have neither a code nor a number and last as long as a file of a row, so that they may be that
    /// recording.
    pub as_long_as_one: usize,
    /// Numbers of the rows without a code. They ask for nothing.
    pub rows_without_code: Vec<u32>,
    /// What was chosen on the way.
    pub told: Vec<Choice>,
    /// How many rows with letters beyond ASCII found their file, of how many.
    pub beyond_ascii: (usize, usize),
}

impl Matching {
    /// Whether every row with a code found its files.
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty() && self.distrust.is_none()
    }
}

/// How rows are matched.
#[expect(missing_debug_implementations, reason = "what tells samples says nothing here")]
#[derive(Clone, Copy)]
pub struct Matcher<'a> {
    pub folders: &'a Folders,
    pub replace: Replace,
    /// Codes go to recordings by their order alone.
    pub in_order: bool,
    /// Asked where the headers of files do not tell whether they are one recording.
    pub samples: &'a dyn Senses,
}

/// The files of a row, rising, and how they were found.
#[derive(Debug, Clone)]
struct Target {
    files: Vec<usize>,
    by: By,
    /// Something beside the title speaks for them.
    confirmed: bool,
}

impl Matcher<'_> {
    /// Finds the files of every row.
    pub fn run(&self, list: &List, files: &[FileInfo]) -> Matching {
        let mut told = Vec::new();
        let mut distrust = None;
        let mut rows = Cow::Borrowed(&list.rows[..]);
        let void: Vec<u32> = void(&mut rows, &mut told, list.numbering);
        if !void.is_empty() && rows.iter().all(|row| row.code == Code::None) {
            distrust = Some(Distrust::Void);
        }
        let mut finder = Finder::new(&rows, files, self);
        if !self.in_order && finder.has_no_file_of(&rows) {
            // A list made before the files were split, renamed or moved: its names still say number and title.
            rows = Cow::Owned(places::without_files(&rows));
            finder = Finder::new(&rows, files, self);
            told.push(Choice::FilesElsewhere);
        }
        let mut found: Vec<Result<Target, What>> = match self.in_order {
            true => finder.in_order(&rows).unwrap_or_else(|why| {
                distrust = Some(why);
                rows.iter().map(|_| Err(What::OutOfOrder)).collect()
            }),
            false => rows.iter().map(|row| finder.find(row)).collect(),
        };
        for (row, found) in rows.iter().zip(&mut found) {
            if row.code != Code::None
                && let Ok(target) = found
                && let Err(what) = finder.confirm(row, target)
            {
                *found = Err(what);
            }
        }
        let beyond_ascii = beyond_ascii(&rows, &found, &finder);
        let mut matching = settle::settle(&rows, files, found, &finder, self.replace);
        told.extend(self::told(&rows, &matching, &finder));
        matching.told = told;
        matching.distrust = distrust.or(matching.distrust);
        matching.beyond_ascii = beyond_ascii;
        matching.rows_without_code.retain(|row| !void.contains(row));
        matching
    }
}

/// What decided where less than usual is known.
fn told(rows: &[Row], matching: &Matching, finder: &Finder) -> Option<Choice> {
    let found = || matching.matched.iter().map(|found| (&rows[found.row], found));
    let is_number = |(row, found): (&Row, &Match)| {
        found.by == By::DiscAndTrack && row.description.title.is_none() && row.duration == DurationCell::None
    };
    if !matching.matched.is_empty() && found().all(is_number) {
        return Some(Choice::NumbersAlone);
    }
    let artist = found().find_map(|(row, _)| row.description.artist.clone())?;
    let says = |(row, found): (&Row, &Match)| {
        let file = &finder.files[found.file];
        file.description.artist.is_some()
            || row
                .description
                .artist
                .as_deref()
                .is_some_and(|artist| fold(&file.path.to_string_lossy()).contains(&fold(artist)))
    };
    (!found().any(says)).then_some(Choice::ArtistUnsaid(artist))
}

/// Takes the codes out of rows that say they are void; gives their numbers.
fn void(rows: &mut Cow<'_, [Row]>, told: &mut Vec<Choice>, numbering: Numbering) -> Vec<u32> {
    let is_void = |(_, row): &(usize, &Row)| row.code != Code::None && row.is_void();
    let void: Vec<usize> = rows.iter().enumerate().filter(is_void).map(|(at, _)| at).collect();
    let Some(first) = void.first() else {
        return Vec::new();
    };
    let word = rows[*first].code_state.clone().unwrap_or_default();
    let numbers: Vec<u32> = void.iter().map(|at| rows[*at].number).collect();
    for at in void {
        rows.to_mut()[at].code = Code::None;
    }
    let rows = problem::numbers(&numbers, numbering);
    told.push(Choice::Void { rows, word });
    numbers
}

/// Counts the rows whose names tell whether the list was read in the right encoding.
fn beyond_ascii(rows: &[Row], found: &[Result<Target, What>], finder: &Finder) -> (usize, usize) {
    let is_telling = |row: &&Row| {
        let title = row.description.title.as_deref().unwrap_or("");
        let file = row.file.as_ref().map(|file| file.to_string_lossy()).unwrap_or_default();
        row.code != Code::None && !(title.is_ascii() && file.is_ascii())
    };
    let telling = rows.iter().zip(found).filter(|(row, _)| is_telling(row));
    // A wrong letter may be taken for a typing error.
    let is_right = |row: &Row, found: &Result<Target, What>| {
        found
            .as_ref()
            .is_ok_and(|target| row.file.is_some() || finder.is_called(row, target))
    };
    let (right, all) = telling.fold((0, 0), |(right, all), (row, found)| {
        (right + usize::from(is_right(row, found)), all + 1)
    });
    (right, all)
}

#[cfg(test)]
mod tests;
