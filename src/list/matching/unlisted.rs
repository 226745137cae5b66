//! Files that no row names, and that are recordings of the list all the same: their names and numbers say nothing, but
//! they last as long as files of rows.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use super::Match;
use super::find::Finder;
use crate::recording::evidence::LENGTHS_EQUAL;

/// Lengths of the files that rows are for.
struct Lengths(Vec<Duration>);

impl Lengths {
    fn of(matched: &[Match], finder: &Finder) -> Lengths {
        let of_whole = matched.iter().filter(|found| found.cuesheet_track.is_none());
        let mut lengths: Vec<Duration> = of_whole.filter_map(|found| length(found.file, finder)).collect();
        lengths.sort_unstable();
        Lengths(lengths)
    }

    fn has(&self, length: Duration) -> bool {
        let next = self.0.partition_point(|known| *known + LENGTHS_EQUAL < length);
        let next = self.0.get(next);
        next.is_some_and(|known| known.abs_diff(length) <= LENGTHS_EQUAL)
    }
}

fn length(file: usize, finder: &Finder) -> Option<Duration> {
    finder.files[file].description.duration
}

/// Counts the files without a row, a code and a number that last as long as a file of a row.
pub(super) fn as_long_as_one(unmatched: &[usize], matched: &[Match], finder: &Finder) -> usize {
    let lengths = Lengths::of(matched, finder);
    let says_nothing = |file: usize| finder.files[file].isrc.is_none() && finder.sides[file].called.track.is_none();
    let may_be = |file: &&usize| says_nothing(**file) && length(**file, finder).is_some_and(|own| lengths.has(own));
    unmatched.iter().filter(may_be).count()
}

/// Gives files without a code to the row of a file that has the same samples, unless their numbers differ. Where two rows
/// with two codes have such files, nobody can tell which is meant.
pub(super) fn add_equal(matched: &mut Vec<Match>, unmatched: &mut Vec<usize>, finder: &Finder) {
    let lengths = Lengths::of(matched, finder);
    let has_no_code =
        |file: usize| finder.files[file].isrc.is_none() && finder.files[file].held.codes().next().is_none();
    let may_be = |file: &usize| has_no_code(*file) && length(*file, finder).is_some_and(|own| lengths.has(own));
    let open: Vec<usize> = unmatched.iter().copied().filter(may_be).collect();
    if open.is_empty() {
        return;
    }
    let of_rows: Vec<usize> = (0..matched.len())
        .filter(|found| matched[*found].cuesheet_track.is_none())
        .collect();
    let path = |file: usize| finder.files[file].path.as_path();
    let paths: Vec<&Path> = of_rows
        .iter()
        .map(|found| path(matched[*found].file))
        .chain(open.iter().map(|file| path(*file)))
        .collect();
    let mut rows_of: HashMap<usize, Vec<&Match>> = HashMap::new();
    let mut files_of: HashMap<usize, Vec<usize>> = HashMap::new();
    for (first, at) in finder.matcher.samples.equal(&paths) {
        match at.checked_sub(of_rows.len()) {
            None => rows_of.entry(first).or_default().push(&matched[of_rows[at]]),
            Some(at) => files_of.entry(first).or_default().push(open[at]),
        }
    }
    let mut added: Vec<Match> = Vec::new();
    for (first, rows) in rows_of {
        let [row, others @ ..] = &rows[..] else { continue };
        if others.iter().any(|other| other.isrc != row.isrc) {
            continue;
        }
        let number = |file: usize| finder.sides[file].called.track;
        let agrees = |file: &&usize| number(**file).is_none() || number(**file) == number(row.file);
        let files = files_of.get(&first).into_iter().flatten().filter(agrees);
        added.extend(files.map(|&file| Match {
            file,
            before: None,
            ..(*row).clone()
        }));
    }
    unmatched.retain(|file| !added.iter().any(|found| found.file == *file));
    matched.extend(added);
    matched.sort_by_key(|found| (found.row, found.file));
}
