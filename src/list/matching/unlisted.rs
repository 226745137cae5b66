//! Files that no row names, and that are recordings of the list all the same: their names and numbers say nothing, but
//! they last as long as files of rows.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use super::Match;
use super::find::Finder;
use crate::list::Row;
use crate::recording::evidence::LENGTHS_EQUAL;
use crate::recording::side::Side;
use crate::recording::versions;

/// How long files last.
pub(super) struct Lengths(pub(super) BTreeSet<Duration>);

impl Lengths {
    pub(super) fn of(files: impl Iterator<Item = usize>, finder: &Finder) -> Lengths {
        Lengths(
            files
                .filter_map(|file| finder.files[file].description.duration)
                .collect(),
        )
    }

    /// Whether one of them lasts so long, give or take a little.
    pub(super) fn have(&self, length: Duration, little: Duration) -> bool {
        let around = length.saturating_sub(little)..=length + little;
        self.0.range(around).next().is_some()
    }

    /// Whether one of them lasts as long as a file.
    fn have_that_of(&self, file: usize, finder: &Finder) -> bool {
        let length = finder.files[file].description.duration;
        length.is_some_and(|length| self.have(length, LENGTHS_EQUAL))
    }
}

fn whole(matched: &[Match]) -> impl Iterator<Item = &Match> {
    matched.iter().filter(|found| found.cuesheet_track.is_none())
}

/// Counts the files without a row, a code and a number that last as long as a file of a row.
pub(super) fn as_long_as_one(unmatched: &[usize], matched: &[Match], finder: &Finder) -> usize {
    let lengths = Lengths::of(whole(matched).map(|found| found.file), finder);
    let says_nothing =
        |file: &&usize| finder.files[**file].isrc.is_none() && finder.sides[**file].called.track.is_none();
    let unmatched = unmatched.iter().filter(says_nothing);
    unmatched.filter(|file| lengths.have_that_of(**file, finder)).count()
}

/// Gives files without a code to the row of a file that has the same samples, unless number and title differ, one is
/// called a version by its title or its folders, or it has the title of another row. Where two rows with two codes have
/// such files, nobody can tell which is meant.
pub(super) fn add_equal(
    matched: &mut Vec<Match>,
    unmatched: &mut Vec<usize>,
    rows: &[Row],
    finder: &Finder,
) -> Vec<String> {
    let has_code =
        |file: &usize| finder.files[*file].isrc.is_some() || finder.files[*file].held.codes().next().is_some();
    let lengths = Lengths::of(whole(matched).map(|found| found.file), finder);
    let is_open = |file: &&usize| !has_code(file) && lengths.have_that_of(**file, finder);
    let open: Vec<usize> = unmatched.iter().filter(is_open).copied().collect();
    if open.is_empty() {
        return Vec::new();
    }
    // What lasts otherwise need not be read.
    let lengths = Lengths::of(open.iter().copied(), finder);
    let of_rows: Vec<&Match> = whole(matched)
        .filter(|found| lengths.have_that_of(found.file, finder))
        .collect();
    let files = of_rows.iter().map(|found| &found.file).chain(&open);
    let paths: Vec<&Path> = files.map(|file| finder.files[*file].path.as_path()).collect();
    let mut rows_of: HashMap<usize, Vec<&Match>> = HashMap::new();
    let mut files_of: HashMap<usize, Vec<usize>> = HashMap::new();
    for (first, at) in finder.matcher.samples.equal(&paths) {
        match at.checked_sub(of_rows.len()) {
            None => rows_of.entry(first).or_default().push(of_rows[at]),
            Some(at) => files_of.entry(first).or_default().push(open[at]),
        }
    }
    let titles = rows.iter().filter_map(Row::whole_title);
    let titles: HashSet<String> = titles.map(|title| versions::main_title(&title)).collect();
    let (mut added, mut told): (Vec<Match>, Vec<String>) = (Vec::new(), Vec::new());
    for (first, rows) in rows_of {
        let [row, others @ ..] = &rows[..] else { continue };
        if others.iter().any(|other| other.isrc != row.isrc) {
            continue;
        }
        let agrees = |file: &&usize| are_called_alike(&finder.sides[row.file], &finder.sides[**file], &titles);
        let files = files_of.get(&first).into_iter().flatten().filter(agrees);
        let path = |file: usize| finder.files[file].path.display().to_string();
        let files = files.inspect(|file| {
            told.push(format!(
                "{} as {}: the audio is identical",
                path(**file),
                path(row.file)
            ))
        });
        added.extend(files.map(|&file| Match {
            file,
            before: None,
            ..(*row).clone()
        }));
    }
    let files: HashSet<usize> = added.iter().map(|found| found.file).collect();
    unmatched.retain(|file| !files.contains(file));
    matched.extend(added);
    matched.sort_by_key(|found| (found.row, found.file));
    told.sort_unstable();
    told
}

/// Whether nothing that two files are called says that they are two recordings, though they sound the same: a number, a
/// version, or one of the titles that rows have.
fn are_called_alike(own: &Side, other: &Side, titles: &HashSet<String>) -> bool {
    let says_other = |title: &str| {
        versions::split(title).1.is_some_and(versions::has_version) || titles.contains(&versions::main_title(title))
    };
    let numbers = own.number().zip(other.number());
    let is_called_so = numbers.is_none_or(|(one, other)| one == other) || own.has_title_of(other);
    let is_another = || other.title().is_some_and(|title| says_other(&title)) && !own.has_title_of(other);
    is_called_so && !own.is_called_version_beside(other) && !is_another()
}
