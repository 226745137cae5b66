//! What rows say against each other, and against the codes that files carry.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::find::Finder;
use super::problem::{Problem, What};
use super::{By, Match, Matching, Target, unlisted};
use crate::isrc::Isrc;
use crate::list::{Code, Row};
use crate::plan::Replace;
use crate::recording::FileInfo;

pub(super) fn settle(
    rows: &[Row],
    files: &[FileInfo],
    found: Vec<Result<Target, What>>,
    finder: &Finder,
    replace: Replace,
) -> Matching {
    let mut is_file_wanted = vec![false; files.len()];
    for found in &found {
        let wanted = found.as_ref().map_or_else(What::files, |target| &target.files);
        wanted.iter().for_each(|file| is_file_wanted[*file] = true);
    }
    let mut settling = Settling::of(rows, files, found, finder);
    settling.drop_weak();
    settling.drop_contradicting();
    settling.drop_repeated();
    let distrust = settling.distrust();
    settling.drop_numbers_alone();
    settling.forgive_placed();
    if replace == Replace::Refuse {
        settling.drop_replacing();
    }
    let mut matched = settling.matches();
    let mut unmatched_files: Vec<usize> = (0..files.len()).filter(|file| !is_file_wanted[*file]).collect();
    if distrust.is_none() {
        unlisted::add_equal(&mut matched, &mut unmatched_files, finder);
    }
    settling.drop_codes_elsewhere(&mut matched);
    let mut problems = settling.problems;
    problems.sort_by(|a, b| a.rows.cmp(&b.rows));
    Matching {
        as_long_as_one: unlisted::as_long_as_one(&unmatched_files, &matched, finder),
        matched,
        problems,
        distrust,
        unmatched_files,
        rows_without_code: rows
            .iter()
            .filter(|row| row.code == Code::None)
            .map(|row| row.number)
            .collect(),
        ..Matching::default()
    }
}

pub(super) struct Settling<'a> {
    pub(super) rows: &'a [Row],
    files: &'a [FileInfo],
    pub(super) finder: &'a Finder<'a>,
    /// Of each row; none for those that ask for nothing or have a problem.
    pub(super) targets: Vec<Option<Target>>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Settling<'a> {
    fn of(
        rows: &'a [Row],
        files: &'a [FileInfo],
        found: Vec<Result<Target, What>>,
        finder: &'a Finder<'a>,
    ) -> Settling<'a> {
        let mut settling = Settling {
            rows,
            files,
            finder,
            targets: Vec::with_capacity(rows.len()),
            problems: Vec::new(),
        };
        for (at, (row, found)) in rows.iter().zip(found).enumerate() {
            let target = match (&row.code, found) {
                // A row without a code asks for nothing, and blocks nothing.
                (Code::None, _) => None,
                (Code::Unusable { text, placeholder, why }, _) => {
                    let (text, placeholder, why) = (text.clone(), *placeholder, why.clone());
                    let what = What::Unusable { text, placeholder, why };
                    settling.problems.push(Problem::of(at, what));
                    None
                }
                (Code::Isrc { .. }, Ok(target)) => Some(target),
                (Code::Isrc { .. }, Err(what)) => {
                    settling.problems.push(Problem::of(at, what));
                    None
                }
            };
            settling.targets.push(target);
        }
        settling
    }

    pub(super) fn isrc(&self, row: usize) -> Option<Isrc> {
        self.rows[row].code.isrc()
    }

    /// A title alone finds a file of another album, too. It counts where most of the list is here, or most of the files
    /// are in the list, as in a catalogue.
    fn drop_weak(&mut self) {
        let here: HashSet<usize> = self
            .targets
            .iter()
            .flatten()
            .flat_map(|target| target.files.iter().copied())
            .collect();
        let is_missing = |problem: &&Problem| {
            matches!(
                problem.what,
                What::Unmatched { .. } | What::OtherTitle { .. } | What::OtherVersion { .. }
            )
        };
        let missing = self.problems.iter().filter(is_missing).count();
        if missing <= self.targets.iter().flatten().count() || here.len() * 2 > self.files.len() {
            return;
        }
        for (at, target) in self.targets.iter_mut().enumerate() {
            if let Some(file) = target
                .as_ref()
                .filter(|target| !target.confirmed && target.by == By::Title)
                .map(|target| target.files[0])
            {
                *target = None;
                self.problems.push(Problem::of(at, What::TitleAlone { file }));
            }
        }
    }

    /// Two codes for one recording: neither is certain. The same code twice is one wish.
    fn drop_contradicting(&mut self) {
        let mut rows_of: BTreeMap<(usize, Option<u8>), Vec<usize>> = BTreeMap::new();
        for (at, target) in self.targets.iter().enumerate() {
            for file in target.iter().flat_map(|target| &target.files) {
                let rows = rows_of.entry((*file, self.rows[at].cuesheet_track)).or_default();
                // Rows that say the same are one.
                if rows.last().is_none_or(|last| self.isrc(*last) != self.isrc(at)) {
                    rows.push(at);
                }
            }
        }
        let mut told: HashSet<Vec<usize>> = HashSet::new();
        let mut doubtful = HashSet::new();
        for ((file, _), rows) in rows_of {
            if !rows.windows(2).any(|pair| self.isrc(pair[0]) != self.isrc(pair[1])) {
                continue;
            }
            doubtful.insert(file);
            rows.iter().for_each(|row| self.targets[*row] = None);
            if told.insert(rows.clone()) {
                self.problems.push(Problem {
                    rows,
                    what: What::SameFile { file },
                });
            }
        }
        // Further rows that say one of the codes of a doubtful file must not write it after all.
        for target in &mut self.targets {
            if target
                .as_ref()
                .is_some_and(|target| target.files.iter().any(|file| doubtful.contains(file)))
            {
                *target = None;
            }
        }
    }

    /// One code for several recordings is right only where the files carry it already.
    fn drop_repeated(&mut self) {
        let mut rows_of: HashMap<Isrc, Vec<usize>> = HashMap::new();
        for (at, _) in self.targets.iter().enumerate().filter(|(_, target)| target.is_some()) {
            if let Some(isrc) = self.isrc(at) {
                rows_of.entry(isrc).or_default().push(at);
            }
        }
        for (isrc, rows) in rows_of {
            let mut parts: Vec<(usize, Option<u8>)> = Vec::new();
            for row in &rows {
                let target = self.targets[*row]
                    .as_ref()
                    .expect("rows without a target are left out above");
                parts.extend(target.files.iter().map(|file| (*file, self.rows[*row].cuesheet_track)));
            }
            parts.sort_unstable();
            parts.dedup();
            let is_there =
                |(file, track): &(usize, Option<u8>)| track.is_none() && self.files[*file].isrc == Some(isrc);
            let files: Vec<usize> = parts.iter().map(|(file, _)| *file).collect();
            let is_whole = parts.iter().all(|(_, track)| track.is_none());
            if parts.len() < 2 || parts.iter().all(is_there) || (is_whole && self.finder.are_one(&files)) {
                continue;
            }
            rows.iter().for_each(|row| self.targets[*row] = None);
            self.problems.push(Problem {
                rows,
                what: What::Repeated { isrc },
            });
        }
    }

    pub(super) fn placed(&self) -> HashSet<Isrc> {
        let rows = self.targets.iter().enumerate().filter(|(_, target)| target.is_some());
        rows.filter_map(|(at, _)| self.isrc(at)).collect()
    }

    /// Numbers alone tell an album only where all of its tracks have a row.
    fn drop_numbers_alone(&mut self) {
        let is_alone = |row: &Row| row.description.title.is_none() && row.file.is_none();
        let by_number = |target: &Target| target.by == By::DiscAndTrack;
        let is_told = |at: &usize| self.targets[*at].as_ref().is_some_and(by_number) && is_alone(&self.rows[*at]);
        let rows: Vec<usize> = (0..self.rows.len()).filter(is_told).collect();
        let all = self
            .rows
            .iter()
            .filter(|row| is_alone(row))
            .filter_map(|row| row.description.track)
            .collect::<HashSet<u32>>()
            .len();
        let tracks = self.finder.tracks();
        if !rows.is_empty() && all < tracks {
            self.problems.push(Problem {
                rows,
                what: What::FewerNumbers { rows: all, tracks },
            });
        }
    }

    /// A row that finds nothing is no matter where another row has placed its code: a catalogue names the single, too.
    fn forgive_placed(&mut self) {
        let placed = self.placed();
        let rows = self.rows;
        self.problems.retain(|problem| {
            let isrc = rows[problem.rows[0]].code.isrc();
            let is_missing = matches!(
                problem.what,
                What::Unmatched { .. }
                    | What::OtherTitle { .. }
                    | What::OtherVersion { .. }
                    | What::NamesNothing
                    | What::Ambiguous { .. }
            );
            !(is_missing && isrc.is_some_and(|isrc| placed.contains(&isrc)))
        });
    }

    fn before(&self, row: usize, file: usize) -> Option<Isrc> {
        match self.rows[row].cuesheet_track {
            None => self.files[file].isrc,
            Some(track) => {
                let known = self.files[file].cuesheet.iter().find(|known| known.number == track);
                known.and_then(|known| known.isrc)
            }
        }
    }

    fn drop_replacing(&mut self) {
        for row in 0..self.rows.len() {
            let (Some(target), Some(isrc)) = (&self.targets[row], self.isrc(row)) else {
                continue;
            };
            let replaced = target.files.iter().find_map(|file| {
                let before = self.before(row, *file).filter(|before| *before != isrc)?;
                Some((*file, before))
            });
            if let Some((file, before)) = replaced {
                self.targets[row] = None;
                self.problems
                    .push(Problem::of(row, What::Replaces { file, before, isrc }));
            }
        }
    }

    /// Every file once, though several rows may say the same.
    fn matches(&self) -> Vec<Match> {
        let mut seen: HashSet<(usize, Option<u8>)> = HashSet::new();
        let mut matches = Vec::new();
        for (at, (row, target)) in self.rows.iter().zip(&self.targets).enumerate() {
            let (Some(target), Code::Isrc { isrc, doubt }) = (target, &row.code) else {
                continue;
            };
            for &file in &target.files {
                if seen.insert((file, row.cuesheet_track)) {
                    matches.push(Match {
                        row: at,
                        file,
                        cuesheet_track: row.cuesheet_track,
                        by: target.by,
                        isrc: *isrc,
                        before: self.before(at, file),
                        doubt: doubt.clone(),
                    });
                }
            }
        }
        matches
    }

    /// A code that another of the files would still carry afterwards, unless that is the same recording.
    fn drop_codes_elsewhere(&mut self, matched: &mut Vec<Match>) {
        let mut holders: HashMap<Isrc, Vec<usize>> = HashMap::new();
        for (index, file) in self.files.iter().enumerate() {
            if let Some(isrc) = file.isrc {
                holders.entry(isrc).or_default().push(index);
            }
        }
        if holders.is_empty() {
            return;
        }
        let mut wanting: HashMap<Isrc, Vec<usize>> = HashMap::new();
        // What each file of the list will carry as a whole.
        let mut after: HashMap<usize, Isrc> = HashMap::new();
        for (index, each) in matched.iter().enumerate() {
            wanting.entry(each.isrc).or_default().push(index);
            if each.cuesheet_track.is_none() {
                after.insert(each.file, each.isrc);
            }
        }
        let mut is_kept = vec![true; matched.len()];
        let mut unchecked: Vec<usize> = (0..matched.len()).rev().collect();
        while let Some(index) = unchecked.pop() {
            let each = &matched[index];
            if !is_kept[index] || !each.asks() {
                continue;
            }
            let keeps_it = |other: &&usize| {
                **other != each.file
                    && after.get(*other).is_none_or(|isrc| *isrc == each.isrc)
                    && !self.finder.are_one(&[**other, each.file])
            };
            // A hostile library may hold one code a million times; the first few tell enough.
            let holders = holders.get(&each.isrc).map_or(&[][..], Vec::as_slice);
            let Some(&file) = holders.iter().take(MOST_HOLDERS).find(keeps_it) else {
                continue;
            };
            let isrc = each.isrc;
            self.problems
                .push(Problem::of(each.row, What::Elsewhere { isrc, file }));
            is_kept[index] = false;
            if each.cuesheet_track.is_none() {
                // Its file stays with the code that it has, which another row may want.
                after.remove(&each.file);
                let wanting = self.files[each.file].isrc.and_then(|isrc| wanting.get(&isrc));
                unchecked.extend(wanting.into_iter().flatten());
            }
        }
        let mut is_kept = is_kept.into_iter();
        matched.retain(|_| is_kept.next().unwrap_or(false));
    }
}

const MOST_HOLDERS: usize = 1000;
