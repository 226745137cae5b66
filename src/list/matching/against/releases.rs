//! Rows that leave the release of those beside them: "Intro" is on every second album, and where the right file is missing
//! that of another one is as the row says.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::list::matching::By;
use crate::list::matching::find::number_agrees;
use crate::list::matching::problem::What;
use crate::list::matching::settle::Settling;

/// Lists tell whole seconds, some rounded and some cut.
const TO_THE_SECOND: Duration = Duration::from_millis(1_010);

/// The releases that the files are on, by numbers.
struct Releases {
    of: Vec<usize>,
    titles: HashMap<usize, HashSet<String>>,
}

impl Settling<'_> {
    /// Refuses rows on a release most of which is not in the list, where most rows are of one other release. A length
    /// that fits to the second speaks for a row whose number says nothing else.
    pub(in crate::list::matching) fn drop_off_release(&mut self) {
        let open = self.found().filter(|(row, target, _)| {
            self.rows[*row].file.is_none() && matches!(target.by, By::Title | By::DiscAndTrack)
        });
        let mut lists = self.lists(open.map(|(row, ..)| row));
        lists.retain(|rows| {
            let files = rows.iter().flat_map(|row| self.files_of(*row));
            let releases: HashSet<_> = files.map(|file| self.finder.release_of(*file)).collect();
            releases.len() > 1
        });
        if lists.is_empty() {
            return;
        }
        let of = self.finder.releases();
        let mut titles: HashMap<usize, HashSet<String>> = HashMap::new();
        for (file, release) in of.iter().enumerate() {
            let title = self.finder.title(file).unwrap_or_else(|| file.to_string());
            titles.entry(*release).or_default().insert(title);
        }
        let releases = Releases { of, titles };
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
        let most = rows_on.values().max_by_key(|on| on.len());
        let Some(main) = most.filter(|on| on.len() > 1 && on.len() * 2 > rows.len()) else {
            return Vec::new();
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
        let off = off.filter(|(row, file)| is_off(*row, *file));
        off.map(|(row, file)| (row, What::OffRelease { file, beside }))
            .collect()
    }
}
