//! On which disc the rows are that do not say one.
//!
//! Two discs of an album may have one title under one number. Where the right file is missing the other one is as the row
//! says, and only the rows beside it tell that it is not meant: their numbers are those of one disc.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::list::matching::find::Finder;
use crate::list::matching::problem::What;
use crate::list::matching::settle::Settling;
use crate::recording::versions;

/// The number of a release, and that of one of its discs.
type Disc = (usize, u32);

/// A row without a disc, and the file that it has found.
#[derive(Debug, Clone, Copy)]
struct Placed {
    row: usize,
    file: usize,
    disc: Disc,
    /// The number of the row, and that of the file.
    numbers: Option<(u32, u32)>,
}

/// The discs that the files are on.
struct Discs {
    of: Vec<Disc>,
    tracks: HashMap<Disc, BTreeSet<u32>>,
    titles: HashMap<Disc, HashSet<String>>,
}

impl Discs {
    fn of(finder: &Finder) -> Discs {
        let (mut tracks, mut titles) = (HashMap::new(), HashMap::new());
        let of = finder.sides.iter().zip(finder.releases()).map(|(side, release)| {
            let disc = (release, side.called.disc.unwrap_or(1));
            let (tracks, titles): (&mut BTreeSet<u32>, &mut HashSet<String>) =
                (tracks.entry(disc).or_default(), titles.entry(disc).or_default());
            tracks.extend(side.called.track);
            titles.extend(side.title().map(|title| versions::main_title(&title)));
            disc
        });
        let of = of.collect();
        Discs { of, tracks, titles }
    }

    /// Whether the numbers of rows on one disc go on where those on the disc before it end: the files are numbered on and
    /// on, or the rows are and the files begin anew.
    fn go_on(&self, first: &[Placed], second: &[Placed]) -> bool {
        let Some(last) = first.iter().filter_map(|placed| Some(placed.numbers?.0)).max() else {
            return false;
        };
        let ends = |disc: Disc| {
            self.tracks
                .get(&disc)
                .and_then(|tracks| Some((*tracks.first()?, *tracks.last()?)))
        };
        let are_numbered_on = ends(first[0].disc)
            .zip(ends(second[0].disc))
            .is_some_and(|((_, last), (next, _))| last < next);
        let goes_on =
            |(number, track): (u32, u32)| number > last && (are_numbered_on || number.saturating_sub(track) >= last);
        second.iter().filter_map(|placed| placed.numbers).all(goes_on)
    }
}

impl Settling<'_> {
    /// Refuses rows that leave the disc of those beside them.
    pub(in crate::list::matching) fn drop_off_disc(&mut self) {
        let is_open = |row: &usize| self.rows[*row].description.disc.is_none() && self.rows[*row].file.is_none();
        let mut lists = self.lists((0..self.rows.len()).filter(is_open));
        lists.retain(|rows| {
            let targets = rows.iter().filter_map(|row| self.targets[*row].as_ref());
            let discs = targets.map(|target| self.finder.sides[target.files[0]].called.disc.unwrap_or(1));
            discs.collect::<HashSet<_>>().len() > 1
        });
        if lists.is_empty() {
            return;
        }
        let discs = Discs::of(self.finder);
        let refused: Vec<(usize, What)> = lists.iter().flat_map(|rows| self.off_disc(rows, &discs)).collect();
        self.refuse(refused);
    }

    fn off_disc(&self, rows: &[usize], discs: &Discs) -> Vec<(usize, What)> {
        let placed = |row: &usize| {
            let file = self.targets[*row].as_ref()?.files[0];
            let track = self.finder.sides[file].called.track;
            Some(Placed {
                row: *row,
                file,
                disc: discs.of[file],
                numbers: self.rows[*row].description.track.zip(track),
            })
        };
        let unnumbered = rows.iter().filter_map(placed).filter(|placed| placed.numbers.is_none());
        let mut off = off_titles(&unnumbered.collect::<Vec<_>>(), discs, |file| {
            self.finder.sides[file].title()
        });
        for block in self.blocks(rows) {
            let numbered = block
                .iter()
                .filter_map(placed)
                .filter(|placed| placed.numbers.is_some());
            off.extend(off_numbers(&numbered.collect::<Vec<_>>(), discs));
        }
        let what = |(placed, others): (Placed, Disc)| {
            let what = What::OffDisc {
                file: placed.file,
                disc: placed.disc.1,
                others: others.1,
            };
            (placed.row, what)
        };
        off.into_iter().map(what).collect()
    }

    /// Rows whose numbers are those of one disc, or of several that are counted on and on: all of them, where no number is
    /// there twice, else each part in which they rise. None where they are in another order.
    fn blocks(&self, rows: &[usize]) -> Vec<Vec<usize>> {
        let mut seen = HashSet::new();
        let number = |row: usize| self.rows[row].description.track;
        let is_new = |row: &&usize| number(**row).is_some_and(|number| seen.insert((number, self.isrc(**row))));
        let rows: Vec<usize> = rows.iter().filter(is_new).copied().collect();
        let numbers: HashSet<Option<u32>> = rows.iter().map(|row| number(*row)).collect();
        if numbers.len() == rows.len() {
            return vec![rows];
        }
        // Sorted by number the discs are mixed, and in any other order no part rises for long.
        let runs = rows.chunk_by(|a, b| number(*a) < number(*b)).map(<[usize]>::to_vec);
        let runs: Vec<Vec<usize>> = runs.collect();
        match rows.len() > 2 * runs.len() && !rows.is_sorted_by_key(|row| number(*row)) {
            true => runs,
            false => Vec::new(),
        }
    }
}

/// How many rows are on each disc.
fn counts(placed: &[Placed]) -> BTreeMap<Disc, usize> {
    let mut counts = BTreeMap::new();
    placed
        .iter()
        .for_each(|placed| *counts.entry(placed.disc).or_default() += 1);
    counts
}

/// The disc on which most rows are; of several the first.
fn main_disc(counts: &BTreeMap<Disc, usize>) -> Option<(Disc, usize)> {
    let most = counts.iter().rev().max_by_key(|(_, count)| **count);
    most.map(|(disc, count)| (*disc, *count))
}

/// Of rows whose numbers are those of one disc the ones on another of its release, with the disc of the others. Where as
/// many are on either, nobody can tell which is meant.
fn off_numbers(block: &[Placed], discs: &Discs) -> Vec<(Placed, Disc)> {
    let counts = counts(block);
    let Some((main, most)) = main_disc(&counts) else {
        return Vec::new();
    };
    let (on_main, others): (Vec<Placed>, Vec<Placed>) = block.iter().partition(|placed| placed.disc == main);
    let is_off = |placed: &Placed| match placed.disc.cmp(&main) {
        _ if placed.disc.0 != main.0 => false,
        Ordering::Less => !discs.go_on(&[*placed], &on_main),
        Ordering::Equal | Ordering::Greater => !discs.go_on(&on_main, &[*placed]),
    };
    let off: Vec<Placed> = others.into_iter().filter(is_off).collect();
    let even = off.iter().find(|placed| counts[&placed.disc] == most);
    let even = even
        .into_iter()
        .flat_map(|other| on_main.iter().map(|placed| (*placed, other.disc)));
    even.chain(off.iter().map(|placed| (*placed, main))).collect()
}

/// Of rows that titles alone have found those on a disc of which most titles are not in the list, where it has those of
/// another disc: one alone, or out of the order of the files.
fn off_titles(placed: &[Placed], discs: &Discs, title: impl Fn(usize) -> Option<String>) -> Vec<(Placed, Disc)> {
    let Some((main, _)) = main_disc(&counts(placed)).filter(|(_, most)| *most > 1) else {
        return Vec::new();
    };
    let mut titles: HashMap<Disc, HashSet<String>> = HashMap::new();
    for placed in placed {
        let title = title(placed.file).map(|title| versions::main_title(&title));
        titles.entry(placed.disc).or_default().extend(title);
    }
    let has_most = |disc: Disc| titles[&disc].len() * 2 > discs.titles[&disc].len();
    let is_in_order = placed.is_sorted_by_key(|placed| (placed.disc, placed.file));
    let is_off = |placed: &Placed| {
        placed.disc != main
            && placed.disc.0 == main.0
            && !has_most(placed.disc)
            && (!is_in_order || titles[&placed.disc].len() == 1)
    };
    let off = placed.iter().copied().filter(|placed| has_most(main) && is_off(placed));
    off.map(|placed| (placed, main)).collect()
}
