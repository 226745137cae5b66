//! Which row is for which recording. Pure: the rows and the facts of the files go in, certainties and problems come out.
//!
//! What finds a file can also contradict: a row is for a file that its path, its number, its title and its length agree
//! with, as far as each is known, and goes to all files of that recording. Invariant: in [`Matching::matched`] no file
//! occurs twice, and no code but for files that are one recording, or that carry it already.

use std::borrow::Cow;
use std::path::PathBuf;

use super::told::{numbers, quoted};
use super::{Code, List, Row};
use crate::isrc::Isrc;
use crate::isrc::words::words;
use crate::plan::Replace;
use crate::recording::FileInfo;
use crate::recording::evidence::Senses;
use crate::recording::versions::guests_of;
use against::distrust::Distrust;
use find::Finder;
use problem::{Problem, What};

pub mod against;
mod album;
mod confirm;
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
    /// A column of no known heading, from 0, that holds titles of these files.
    pub title_column: Option<usize>,
    /// Indices of the files that no row is or may be for, rising.
    pub unmatched_files: Vec<usize>,
    /// How many of them have neither a code nor a number and last as long as a file of a row, so that they may be that
    /// recording.
    pub as_long_as_one: usize,
    /// Numbers of the rows without a code. They ask for nothing.
    pub rows_without_code: Vec<u32>,
    /// Files that have the samples of one that a row has found, and no name of it, as sentences without full stop.
    pub reached: Vec<String>,
    /// What was chosen on the way, as in [`List::told`].
    pub told: Vec<String>,
    /// How many rows with letters beyond ASCII found their file, of how many.
    pub beyond_ascii: (usize, usize),
}

impl Matching {
    /// Whether every row with a code found its files.
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty() && self.distrust.is_none()
    }

    /// Whether the list does not say of which album or disc its rows are.
    pub fn is_of_several(&self) -> bool {
        let is_of_several = |problem: &Problem| {
            matches!(
                problem.what,
                What::SeveralAlbums { .. }
                    | What::OffDisc { .. }
                    | What::OffRelease { .. }
                    | What::Ambiguous {
                        by: By::DiscAndTrack,
                        ..
                    }
            )
        };
        self.distrust.is_none() && self.problems.iter().any(is_of_several)
    }

    /// What a person can do where no option helps.
    pub fn last_way(&self) -> &'static str {
        match self.distrust {
            Some(Distrust::Count { .. }) => {
                "\nhint: name the folder of the album that the codes are for, or add a column Title to the list"
            }
            Some(Distrust::OtherOrder { .. }) => "\nhint: leave --in-order out, and what it says decides",
            Some(Distrust::Slipped { .. }) => "\nhint: put each code beside its title again, and try again",
            Some(Distrust::OtherTitles { .. }) => {
                "\nhint: correct the list; where that column is of something else, leave the titles out with --columns title=-"
            }
            Some(Distrust::OtherNames { .. }) => {
                "\nhint: correct the list; where that column is of something else, leave it out with --columns file=-"
            }
            None if self.is_of_several() => {
                "\nhint: name the folder of one album, or add columns Album, Disc or Title to the list"
            }
            _ => "\nhint: correct these rows in the list, or choose the files that it is for, and try again",
        }
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
    /// Whether files that no row finds are held against those of rows by their samples.
    pub reaches_equal: bool,
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
        let mut rows = Cow::Borrowed(&list.rows[..]);
        let void = void(&mut rows);
        if let Some(first) = void.first() {
            let word = quoted(list.rows[*first].void.as_deref().unwrap_or(""));
            let void: Vec<u32> = void.iter().map(|at| list.rows[*at].number).collect();
            told.push(format!("{} left out: {word}", numbers(&void, list.numbering)));
        }
        let all_are_void = !void.is_empty() && rows.iter().all(|row| row.code == Code::None);
        let has_guests = |row: &Row| row.description.artist.as_deref().and_then(guests_of).is_some();
        if rows.iter().any(has_guests) {
            for Row { description, .. } in rows.to_mut() {
                titles::say_guests(&mut description.title, description.artist.as_deref());
            }
        }
        let mut finder = Finder::new(&rows, files, self);
        if finder.has_titles_with_artists(&rows) {
            titles::join_artists(rows.to_mut());
            finder = Finder::new(&rows, files, self);
        }
        // A list made before the files were split, renamed or moved: its names still say number and title.
        if !self.in_order
            && let Some(images) = finder.has_none_of(&rows)
            && let Some(without_files) = places::without_files(&rows)
        {
            let mut without = Finder::new(&without_files, files, self);
            without.images = images;
            let has_image = !without.images.is_empty();
            if !has_image || without_files.iter().any(|row| without.find(row).is_ok()) {
                told.push(match has_image {
                    true => "the files it names have no such tracks, so number and title decide".to_owned(),
                    false => "none of the files it names is here, so number and title decide".to_owned(),
                });
                (rows, finder) = (Cow::Owned(without_files), without);
            }
        }
        let found = match self.in_order {
            false => Ok(rows.iter().map(|row| finder.find(row)).collect()),
            true => finder.in_order(&rows),
        };
        let mut found: Vec<Result<Target, What>> = match found {
            Ok(found) => found,
            Err(why) => {
                let (distrust, unusable) = (Some(why), settle::unusable(&rows));
                return Matching {
                    told,
                    distrust,
                    problems: unusable.collect(),
                    unmatched_files: (0..files.len()).collect(),
                    ..Matching::default()
                };
            }
        };
        confirm(&rows, &mut found, &finder);
        let beyond_ascii = beyond_ascii(&rows, &found, &finder);
        let mut matching = settle::settle(&rows, files, found, &finder, self.replace);
        told.extend(against::weak::told(&rows, list.numbering, &matching, &finder));
        if all_are_void {
            matching.distrust = Some(Distrust::Void);
        }
        Matching {
            told,
            beyond_ascii,
            ..matching
        }
    }
}

/// Takes from rows the files that something in these contradicts.
fn confirm(rows: &[Row], found: &mut [Result<Target, What>], finder: &Finder) {
    for (row, found) in rows.iter().zip(found) {
        if let Ok(target) = found
            && let Err(what) = finder.confirm(row, target)
        {
            *found = Err(what);
        }
    }
}

/// Takes the codes out of rows that say they are void; gives their indices.
fn void(rows: &mut Cow<'_, [Row]>) -> Vec<usize> {
    let is_void = |at: &usize| rows[*at].code != Code::None && rows[*at].is_void();
    let void: Vec<usize> = (0..rows.len()).filter(is_void).collect();
    for at in &void {
        rows.to_mut()[*at].code = Code::None;
    }
    void
}

/// Counts the rows whose names tell whether the list was read in the right encoding.
fn beyond_ascii(rows: &[Row], found: &[Result<Target, What>], finder: &Finder) -> (usize, usize) {
    let is_telling = |(row, _): &(&Row, &Result<Target, What>)| {
        let title = row.description.title.as_deref().unwrap_or("");
        let file = row.file.as_ref().map(|file| file.to_string_lossy()).unwrap_or_default();
        row.code != Code::None && !(title.is_ascii() && file.is_ascii())
    };
    // A wrong letter may be taken for a typing error.
    let is_right = |row: &Row, target: &Target| row.file.is_some() || finder.is_called(row, target);
    let telling = rows.iter().zip(found).filter(is_telling);
    telling.fold((0, 0), |(right, all), (row, found)| {
        let is_right = found.as_ref().is_ok_and(|target| is_right(row, target));
        (right + usize::from(is_right), all + 1)
    })
}

#[cfg(test)]
mod tests;
