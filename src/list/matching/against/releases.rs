//! Rows that leave the release of those beside them: "Intro" is on every second album, and where the right file is missing
//! that of another one is as the row says.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::list::matching::By;
use crate::list::matching::find::number_agrees;
use crate::list::matching::problem::What;
use crate::list::matching::settle::Settling;
use crate::recording::versions::fit::Fit;

/// So many pairs of a row and a file are held against each other: a catalogue is not of one album.
const MOST_HELD: usize = 1 << 20;

/// Lists tell whole seconds, some rounded and some cut.
pub(in crate::list::matching) const TO_THE_SECOND: Duration = Duration::from_millis(1_010);

/// The releases that the files are on, by numbers.
struct Releases {
    of: Vec<usize>,
    titles: HashMap<usize, HashSet<String>>,
    /// Their files that no row has found.
    free: HashMap<usize, Vec<usize>>,
    /// Those that rows may be on that have a problem.
    wanted: HashSet<usize>,
}

impl Settling<'_> {
    /// Refuses rows on a release most of which is not in the list, where most rows are of one other release: a length that
    /// fits to the second speaks for a row whose number says nothing else. And those that may as well be for a file of a
    /// release on which other rows are: a list of one album says "Intro" where its file is called "Intro (feat. Ida)", and
    /// that of another album is called so.
    pub(in crate::list::matching) fn drop_off_release(&mut self) {
        let open = self.found().filter(|(row, target, _)| {
            self.rows[*row].file.is_none() && matches!(target.by, By::Title | By::DiscAndTrack)
        });
        let mut lists = self.lists(open.map(|(row, ..)| row));
        let wanted: Vec<usize> = self
            .problems
            .iter()
            .flat_map(|problem| problem.what.files())
            .copied()
            .collect();
        lists.retain(|rows| {
            let files = rows.iter().flat_map(|row| self.files_of(*row)).chain(&wanted);
            let place = |file: &usize| (self.finder.release_of(*file), self.finder.sides[*file].called.disc);
            files.map(place).collect::<HashSet<_>>().len() > 1
        });
        if lists.is_empty() {
            return;
        }
        let of = self.finder.releases();
        let (mut titles, mut free) = (HashMap::new(), HashMap::new());
        let targets = self
            .targets
            .iter()
            .flatten()
            .chain(self.claims.iter().map(|claim| &claim.1));
        let found: HashSet<usize> = targets.flat_map(|target| target.files.iter().copied()).collect();
        for (file, release) in of.iter().enumerate() {
            let title = self.finder.title(file).unwrap_or_else(|| file.to_string());
            let titles: &mut HashSet<String> = titles.entry(*release).or_default();
            titles.insert(title);
            if !found.contains(&file) {
                let free: &mut Vec<usize> = free.entry(*release).or_default();
                free.push(file);
            }
        }
        let wanted = wanted.into_iter().map(|file| of[file]).collect();
        let releases = Releases {
            of,
            titles,
            free,
            wanted,
        };
        let refused: Vec<(usize, What)> = lists
            .iter()
            .flat_map(|rows| self.off_release(rows, &releases))
            .collect();
        self.refuse(refused);
    }

    fn off_release(&self, rows: &[usize], releases: &Releases) -> Vec<(usize, What)> {
        let releases_of =
            |row: usize| -> HashSet<usize> { self.files_of(row).iter().map(|file| releases.of[*file]).collect() };
        let mut rows_on: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for row in rows {
            for release in releases_of(*row) {
                rows_on.entry(release).or_default().push(*row);
            }
        }
        let here: HashSet<usize> = rows_on.keys().copied().chain(releases.wanted.iter().copied()).collect();
        let free = here.iter().filter_map(|release| releases.free.get(release));
        let mut free: Vec<usize> = free.flatten().copied().collect();
        free.sort_unstable();
        let is_of_few = rows.len().saturating_mul(free.len()) <= MOST_HELD;
        let rivalled = rows.iter().filter(|_| is_of_few).filter_map(|row| {
            let (file, on) = (self.files_of(*row)[0], releases_of(*row));
            let disc = |file: usize| self.finder.sides[file].called.disc.unwrap_or(1);
            let is_elsewhere = |rival: usize| !on.contains(&releases.of[rival]) || disc(rival) != disc(file);
            let mut rivals = free.iter().filter(|rival| is_elsewhere(**rival));
            let rival = *rivals.find(|rival| self.is_rival(*row, file, **rival))?;
            Some((*row, What::ambiguous(By::Title, &[file.min(rival), file.max(rival)])))
        });
        let rivalled: Vec<(usize, What)> = rivalled.collect();
        let most = rows_on.values().max_by_key(|on| on.len());
        let Some(main) = most.filter(|on| on.len() > 1 && on.len() * 2 > rows.len()) else {
            return rivalled;
        };
        let beside = self.files_of(main[0])[0];
        let has_little = |release: &usize| rows_on[release].len() * 2 < releases.titles[release].len();
        let speaks_for = |row: usize, file: usize| {
            let (row, side) = (&self.rows[row], &self.finder.sides[file]);
            let distance = row.duration.distance(side.file.description.duration);
            distance.is_some_and(|distance| distance <= TO_THE_SECOND) && number_agrees(row, side) != Some(false)
        };
        let is_off = |row: usize, file: usize| {
            main.binary_search(&row).is_err()
                && !self.finder.on_one_release(file, beside)
                && !speaks_for(row, file)
                && releases_of(row).iter().all(has_little)
        };
        let off = rows.iter().map(|row| (*row, self.files_of(*row)[0]));
        let off = off.filter(|(row, file)| is_off(*row, *file) && rivalled.iter().all(|(other, _)| other != row));
        let off: Vec<(usize, What)> = off
            .map(|(row, file)| (row, What::OffRelease { file, beside }))
            .collect();
        [rivalled, off].concat()
    }

    /// Whether a row may as well be for another file than the one that it has found: of its number, and called so but for
    /// what one of both adds.
    fn is_rival(&self, row: usize, file: usize, rival: usize) -> bool {
        let (of, finder) = (&self.rows[row], self.finder);
        let Some(wanted) = of.whole_title().filter(|_| finder.belongs(of, rival)) else {
            return false;
        };
        let number = number_agrees(of, &finder.sides[rival]);
        let is_called_so = match finder.fit(of, &wanted, rival) {
            Some(Fit::Same | Fit::Alike | Fit::OneSided) => number != Some(false),
            Some(Fit::SharesWords) | None => number == Some(true),
            Some(Fit::OtherScript | Fit::Different) => false,
        };
        let lasts_otherwise = || finder.is_as_long(of, file) && !finder.is_as_long(of, rival);
        is_called_so && !lasts_otherwise()
    }
}
