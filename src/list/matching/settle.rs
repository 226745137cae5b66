//! What rows say against each other, and against the codes that files carry.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::find::{Finder, indexed, told_number};
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
    let wanted =
        |found: &Result<Target, What>| found.as_ref().map_or_else(What::files, |target| &target.files).to_vec();
    let wanted: Vec<Vec<usize>> = found.iter().map(wanted).collect();
    let mut settling = Settling::of(rows, files, found, finder);
    settling.drop_claimed();
    settling.drop_weak();
    settling.drop_off_disc();
    settling.drop_off_release();
    settling.leave_to_owners();
    settling.drop_contradicting();
    settling.drop_repeated();
    let columns = settling.columns_of_titles();
    let distrust = settling.distrust(&columns);
    settling.drop_numbers_alone();
    let forgiven = settling.forgive_placed();
    if replace == Replace::Refuse {
        settling.drop_replacing();
    }
    let mut matched = settling.matches();
    let wanted = wanted.iter().enumerate().filter(|(row, _)| !forgiven.contains(row));
    let wanted: HashSet<usize> = wanted.flat_map(|(_, files)| files.iter().copied()).collect();
    let mut unmatched_files: Vec<usize> = (0..files.len()).filter(|file| !wanted.contains(file)).collect();
    settling.drop_codes_elsewhere(&mut matched);
    let may_reach = distrust.is_none() && finder.matcher.reaches_equal;
    let reached = may_reach.then(|| unlisted::add_equal(&mut matched, &mut unmatched_files, rows, finder));
    let mut problems = settling.problems;
    problems.sort_by(|a, b| a.rows.cmp(&b.rows));
    Matching {
        as_long_as_one: unlisted::as_long_as_one(&unmatched_files, &matched, finder),
        matched,
        reached: reached.unwrap_or_default(),
        problems,
        distrust,
        title_column: columns.iter().find(|of| !of.is_beside_titles).map(|of| of.column),
        unmatched_files,
        rows_without_code: rows
            .iter()
            .filter(|row| row.code == Code::None && !row.is_void())
            .map(|row| row.number)
            .collect(),
        ..Matching::default()
    }
}

/// Rows with something that is no code.
pub(super) fn unusable(rows: &[Row]) -> impl Iterator<Item = Problem> {
    let rows = rows.iter().enumerate();
    rows.filter_map(|(at, row)| Some(Problem::of(at, What::of_unusable(&row.code)?)))
}

pub(super) struct Settling<'a> {
    pub(super) rows: &'a [Row],
    files: &'a [FileInfo],
    pub(super) finder: &'a Finder<'a>,
    /// Of each row; none for those that ask for nothing or have a problem.
    pub(super) targets: Vec<Option<Target>>,
    /// The files of rows that have no code to write: they ask for nothing, but these files are theirs.
    pub(super) claims: Vec<(usize, Target)>,
    pub(super) problems: Vec<Problem>,
}

/// A file, or a track of its CUESHEET block.
pub(super) type Place = (usize, Option<u8>);

impl<'a> Settling<'a> {
    fn of(
        rows: &'a [Row],
        files: &'a [FileInfo],
        found: Vec<Result<Target, What>>,
        finder: &'a Finder<'a>,
    ) -> Settling<'a> {
        let (mut problems, mut claims) = (Vec::new(), Vec::new());
        let settled = rows.iter().zip(found).enumerate().map(|(at, (row, found))| {
            let what = match (What::of_unusable(&row.code), found) {
                (None, Ok(target)) if row.code.isrc().is_some() => return Some(target),
                (unusable, Ok(target)) => {
                    claims.push((at, target));
                    unusable
                }
                (Some(unusable), Err(_)) => Some(unusable),
                // A row without a code asks for nothing.
                (None, Err(what)) => Some(what).filter(|_| row.code != Code::None),
            };
            problems.extend(what.map(|what| Problem::of(at, what)));
            None
        });
        Settling {
            targets: settled.collect(),
            claims,
            rows,
            files,
            finder,
            problems,
        }
    }

    pub(super) fn isrc(&self, row: usize) -> Option<Isrc> {
        self.rows[row].code.isrc()
    }

    /// The rows that have files, with their codes.
    pub(super) fn found(&self) -> impl Iterator<Item = (usize, &Target, Isrc)> {
        let targets = self.targets.iter().enumerate();
        targets.filter_map(|(row, target)| Some((row, target.as_ref()?, self.isrc(row)?)))
    }

    /// Rows in parts that may be lists of their own: one for each sheet and each album that they name.
    pub(super) fn lists(&self, rows: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
        let mut lists: BTreeMap<(u16, Option<&str>), Vec<usize>> = BTreeMap::new();
        for row in rows {
            let Row { sheet, description, .. } = &self.rows[row];
            lists
                .entry((*sheet, description.album.as_deref()))
                .or_default()
                .push(row);
        }
        lists.into_values().collect()
    }

    pub(super) fn placed(&self) -> HashSet<Isrc> {
        self.found().map(|(.., isrc)| isrc).collect()
    }

    /// The files that a row has found.
    pub(super) fn files_of(&self, row: usize) -> &[usize] {
        self.targets[row].as_ref().map_or(&[], |target| &target.files)
    }

    pub(super) fn places(&self, row: usize) -> impl Iterator<Item = Place> {
        let files = self.files_of(row).iter();
        files.map(move |file| (*file, self.rows[row].cuesheet_track))
    }

    pub(super) fn refuse(&mut self, refused: Vec<(usize, What)>) {
        for (row, what) in refused {
            self.targets[row] = None;
            self.problems.push(Problem::of(row, what));
        }
    }

    /// A title alone finds a file of another album, too. It counts where most of the list is here, or most of the files
    /// are in the list, as in a catalogue.
    fn drop_weak(&mut self) {
        let here: HashSet<usize> = self.found().flat_map(|(_, target, _)| target.files.clone()).collect();
        let missing = self.problems.iter().filter(|problem| problem.what.is_missing()).count();
        let found = self.found().count();
        let is_title_alone = |target: &Target| {
            missing > found && here.len() * 2 <= self.files.len() && !target.confirmed && target.by == By::Title
        };
        // Of what says another album than its folder half must be here.
        let is_elsewhere = |row: usize, target: &Target| {
            missing > found
                && !self.is_found_by_number(row)
                && self.finder.is_of_other_folder(&self.rows[row], target.files[0])
        };
        let weak = self
            .found()
            .filter(|(row, target, _)| is_title_alone(target) || is_elsewhere(*row, target));
        let weak = weak.map(|(row, target, _)| (row, What::TitleAlone { file: target.files[0] }));
        self.refuse(weak.collect());
    }

    /// Two codes for one recording: neither is certain. The same code twice is one wish.
    fn drop_contradicting(&mut self) {
        let mut rows_of: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for (row, _, isrc) in self.found() {
            for place in self.places(row) {
                let rows = rows_of.entry(place).or_default();
                // Rows that say the same are one.
                if rows.last().is_none_or(|last| self.isrc(*last) != Some(isrc)) {
                    rows.push(row);
                }
            }
        }
        rows_of.retain(|_, rows| rows.len() > 1);
        let doubtful: HashSet<usize> = rows_of.keys().map(|(file, _)| *file).collect();
        let mut told: HashSet<Vec<usize>> = HashSet::new();
        for ((file, _), rows) in rows_of {
            if told.insert(rows.clone()) {
                let what = What::SameFile { file };
                self.problems.push(Problem { rows, what });
            }
        }
        // Further rows that say one of the codes of a doubtful file must not write it after all.
        let is_doubtful = |target: &Target| target.files.iter().any(|file| doubtful.contains(file));
        let targets = self.targets.iter_mut();
        targets.for_each(|target| *target = target.take().filter(|target| !is_doubtful(target)));
    }

    /// One code for several recordings is right only where the files carry it already.
    fn drop_repeated(&mut self) {
        let mut rows_of: HashMap<Isrc, Vec<usize>> = HashMap::new();
        self.found()
            .for_each(|(row, _, isrc)| rows_of.entry(isrc).or_default().push(row));
        for (isrc, rows) in rows_of {
            let places: BTreeSet<Place> = rows.iter().flat_map(|row| self.places(*row)).collect();
            let is_there = |(file, track): &Place| track.is_none() && self.files[*file].isrc == Some(isrc);
            let is_one = || {
                let files: Vec<usize> = places.iter().map(|(file, _)| *file).collect();
                let is_one = || self.finder.are_one(&files) || self.finder.may_be_one(&files);
                places.iter().all(|(_, track)| track.is_none()) && is_one()
            };
            if places.len() > 1 && !places.iter().all(is_there) && !is_one() {
                rows.iter().for_each(|row| self.targets[*row] = None);
                let what = What::Repeated { isrc };
                self.problems.push(Problem { rows, what });
            }
        }
    }

    /// Whether a number alone has found the files of a row.
    pub(super) fn is_found_by_number(&self, row: usize) -> bool {
        let of = &self.rows[row];
        self.targets[row].as_ref().is_some_and(|target| {
            target.by == By::DiscAndTrack
                && (of.description.title.is_none() || self.finder.say_nothing_of(of, &target.files))
        })
    }

    /// Numbers alone tell an album only where all of its tracks have a row.
    fn drop_numbers_alone(&mut self) {
        let numbers_of = |rows: &mut dyn Iterator<Item = &Row>| {
            let numbers = rows.filter_map(|row| Some((row.description.disc, row.description.track?)));
            numbers.collect::<HashSet<_>>().len()
        };
        let is_alone = |row: &&Row| row.description.title.is_none() && row.file.is_none();
        let alone = || self.rows.iter().filter(is_alone);
        let found: Vec<usize> = (0..self.rows.len())
            .filter(|row| self.is_found_by_number(*row))
            .collect();
        // Titles count where files say them: else they are those of an album only if its rows are as many as its tracks.
        let (rows, untitled) = found.into_iter().partition(|row| is_alone(&&self.rows[*row]));
        let (told, tracks) = (numbers_of(&mut alone()), self.finder.tracks(alone()));
        let (all_told, all) = (numbers_of(&mut self.rows.iter()), self.finder.tracks(self.rows.iter()));
        let both: [(Vec<usize>, usize, usize); 2] = [(rows, told, tracks), (untitled, all_told, all)];
        for (rows, told, tracks) in both {
            if rows.is_empty() {
                continue;
            }
            if told < tracks && !self.are_carried(&rows) {
                rows.iter().for_each(|row| self.targets[*row] = None);
                let what = What::FewerNumbers { rows: told, tracks };
                self.problems.push(Problem { rows, what });
            } else if !self.are_of_one_place(&rows) {
                let what = |row: usize| What::SeveralAlbums {
                    wanted: told_number(&self.rows[row], self.rows[row].description.track.unwrap_or_default()),
                };
                self.refuse(rows.iter().map(|row| (*row, what(*row))).collect());
            }
        }
    }

    /// Whether more rows have found their files by titles, too, in the same place: they show whose list it is.
    fn are_carried(&self, rows: &[usize]) -> bool {
        let by_title = self.found().filter(|(row, target, _)| {
            matches!(target.by, By::DiscAndTrack | By::Title) && !self.is_found_by_number(*row)
        });
        let by_title: Vec<usize> = by_title.map(|(row, ..)| row).collect();
        by_title.len() > rows.len() && self.are_of_one_place(&[rows, &by_title].concat())
    }

    /// Whether the files of rows that name no album are of one, or in folders of formats and discs within one folder.
    fn are_of_one_place(&self, rows: &[usize]) -> bool {
        let open = rows.iter().filter(|row| self.rows[**row].description.album.is_none());
        let targets = open.filter_map(|row| self.targets[*row].as_ref());
        let files: Vec<usize> = targets.flat_map(|target| target.files.iter().copied()).collect();
        files.iter().all(|file| self.finder.are_of_one_place(files[0], *file))
    }

    /// A row that finds nothing is no matter where another row has placed its code: a catalogue names the single, too.
    /// Gives these rows; the files that only they may be for have no row.
    fn forgive_placed(&mut self) -> HashSet<usize> {
        let (rows, placed) = (self.rows, self.placed());
        let mut forgiven = HashSet::new();
        self.problems.retain(|Problem { rows: of, what }| {
            let finds_nothing = what.is_missing() || matches!(what, What::NamesNothing | What::Ambiguous { .. });
            let is_forgiven = finds_nothing && rows[of[0]].code.isrc().is_some_and(|isrc| placed.contains(&isrc));
            forgiven.extend(of.iter().filter(|_| is_forgiven));
            !is_forgiven
        });
        forgiven
    }

    fn before(&self, (file, track): Place) -> Option<Isrc> {
        let FileInfo { isrc, cuesheet, .. } = &self.files[file];
        let of_track = |track| cuesheet.iter().find(|known| known.number == track)?.isrc;
        track.map_or(*isrc, of_track)
    }

    fn drop_replacing(&mut self) {
        let replaced = self.found().filter_map(|(row, _, isrc)| {
            let other = |place: Place| Some((place.0, self.before(place).filter(|before| *before != isrc)?));
            let (file, before) = self.places(row).find_map(other)?;
            Some((row, What::Replaces { file, before, isrc }))
        });
        self.refuse(replaced.collect());
    }

    /// Every file once, though several rows may say the same.
    fn matches(&self) -> Vec<Match> {
        let mut seen: HashSet<Place> = HashSet::new();
        let mut matches = Vec::new();
        for (row, target, isrc) in self.found() {
            let new = self.places(row).filter(|place| seen.insert(*place));
            matches.extend(new.map(|place| Match {
                row,
                file: place.0,
                cuesheet_track: place.1,
                by: target.by,
                isrc,
                before: self.before(place),
            }));
        }
        matches
    }

    /// A code that another of the files would still carry afterwards, unless that is the same recording.
    fn drop_codes_elsewhere(&mut self, matched: &mut Vec<Match>) {
        let holders = indexed(self.files.iter().map(|file| file.isrc));
        let wanting = indexed(matched.iter().map(|each| Some(each.isrc)));
        // What each file of the list will carry as a whole.
        let whole = matched.iter().filter(|each| each.cuesheet_track.is_none());
        let mut after: HashMap<usize, Isrc> = whole.map(|each| (each.file, each.isrc)).collect();
        let mut is_kept = vec![true; matched.len()];
        let mut unchecked: Vec<usize> = (0..matched.len()).rev().collect();
        while let Some(index) = unchecked.pop() {
            let each = &matched[index];
            if !is_kept[index] || !each.asks() {
                continue;
            }
            let isrc = each.isrc;
            let keeps_it = |other: &&usize| {
                **other != each.file
                    && after.get(*other).is_none_or(|wanted| *wanted == isrc)
                    && !self.finder.are_one(&[**other, each.file])
            };
            // A hostile library may hold one code a million times; the first few tell enough.
            let holders = holders.get(&isrc).map_or(&[][..], Vec::as_slice);
            let Some(&file) = holders.iter().take(MOST_HOLDERS).find(keeps_it) else {
                continue;
            };
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
