//! Rows that leave the release of those beside them: "Intro" is on every second album, and where the right file is missing
//! that of another one is as the row says.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use crate::list::matching::album::{release, release_folder};
use crate::list::matching::problem::What;
use crate::list::matching::settle::Settling;
use crate::list::matching::{By, Target};

/// An album by its name, or by its folder where its files do not say one.
type Release = (Option<String>, PathBuf);

impl Settling<'_> {
    /// Refuses rows on a release most of which is not in the list, where most rows are of one other release. Lengths that
    /// fit speak for a row.
    pub(in crate::list::matching) fn drop_off_release(&mut self) {
        let mut lists: BTreeMap<(u16, Option<&str>), Vec<usize>> = BTreeMap::new();
        let is_open = |(row, target): (usize, &Target)| {
            self.rows[row].file.is_none() && matches!(target.by, By::Title | By::DiscAndTrack)
        };
        for (row, ..) in self.found().filter(|(row, target, _)| is_open((*row, target))) {
            let said = &self.rows[row];
            let list = lists
                .entry((said.sheet, said.description.album.as_deref()))
                .or_default();
            list.push(row);
        }
        lists.retain(|_, rows| {
            let releases: HashSet<Release> = rows.iter().flat_map(|row| self.releases_of(*row)).collect();
            releases.len() > 1
        });
        if lists.is_empty() {
            return;
        }
        let mut titles: HashMap<Release, HashSet<String>> = HashMap::new();
        for file in 0..self.finder.sides.len() {
            let title = self.finder.title(file).unwrap_or_else(|| file.to_string());
            titles.entry(self.release_of(file)).or_default().insert(title);
        }
        let refused: Vec<(usize, What)> = lists
            .values()
            .flat_map(|rows| self.off_release(rows, &titles))
            .collect();
        self.refuse(refused);
    }

    fn off_release(&self, rows: &[usize], titles: &HashMap<Release, HashSet<String>>) -> Vec<(usize, What)> {
        let mut rows_on: BTreeMap<Release, Vec<usize>> = BTreeMap::new();
        for row in rows {
            for release in self.releases_of(*row) {
                rows_on.entry(release).or_default().push(*row);
            }
        }
        let most = rows_on.values().max_by_key(|on| on.len());
        let Some(main) = most.filter(|on| on.len() > 1 && on.len() * 2 > rows.len()) else {
            return Vec::new();
        };
        let first = |row: usize| {
            self.targets[row]
                .iter()
                .flat_map(|target| &target.files)
                .next()
                .copied()
        };
        let Some(beside) = first(main[0]) else {
            return Vec::new();
        };
        let has_little = |release: &Release| rows_on[release].len() * 2 < titles[release].len();
        let is_off = |row: usize, file: usize| {
            !main.contains(&row)
                && !self.finder.on_one_release(file, beside)
                && !self.finder.is_as_long(&self.rows[row], file)
                && self.releases_of(row).iter().all(has_little)
        };
        let off = rows.iter().filter_map(|row| Some((*row, first(*row)?)));
        let off = off.filter(|(row, file)| is_off(*row, *file));
        off.map(|(row, file)| (row, What::OffRelease { file, beside }))
            .collect()
    }

    fn releases_of(&self, row: usize) -> HashSet<Release> {
        let files = self.targets[row].iter().flat_map(|target| &target.files);
        files.map(|file| self.release_of(*file)).collect()
    }

    fn release_of(&self, file: usize) -> Release {
        match self.finder.sides[file].called.album.as_deref().map(release) {
            Some(album) => (Some(album), PathBuf::new()),
            None => (None, release_folder(&self.finder.files[file].path)),
        }
    }
}
