//! Codes alone, that go to the recordings of one album in track order.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsStr;

use super::against::distrust::Distrust;
use super::find::{Finder, number_agrees};
use super::problem::What;
use super::{By, Target};
use crate::list::{Code, Row};

impl Finder<'_> {
    /// Every code to the recording at its place, in track order.
    pub(super) fn in_order(&self, rows: &[Row]) -> Result<Vec<Result<Target, What>>, Distrust> {
        let recordings = self.recordings()?;
        let codes = rows.iter().filter(|row| row.code != Code::None).count();
        if codes != recordings.len() {
            return Err(Distrust::Count {
                codes,
                recordings: recordings.len(),
            });
        }
        if let Some(what) = self.against_order(rows, &recordings) {
            return Err(Distrust::OtherOrder { what });
        }
        let mut recordings = recordings.into_iter();
        let target = |row: &Row| match row.code {
            Code::None => Err(What::NamesNothing),
            _ => Ok(Target {
                files: recordings.next().unwrap_or_default(),
                by: By::Order,
                confirmed: true,
            }),
        };
        Ok(rows.iter().map(target).collect())
    }

    /// What rows say beside their codes that is not so of the recordings at their places. Numbers that rise say the same
    /// order, wherever they begin.
    fn against_order(&self, rows: &[Row], recordings: &[Vec<usize>]) -> Option<&'static str> {
        let coded: Vec<&Row> = rows.iter().filter(|row| row.code != Code::None).collect();
        let pairs = || coded.iter().copied().zip(recordings);
        let number = |row: &Row| (row.description.disc, row.description.track);
        let is_other_number =
            |(row, files): (&Row, &Vec<usize>)| number_agrees(row, &self.sides[files[0]]) == Some(false);
        let rise = coded.is_sorted_by(|a, b| number(a) < number(b));
        let is_other_file = |(row, files): (&Row, &Vec<usize>)| {
            let found = row.file.as_ref().and_then(|_| self.by_file(row).ok());
            found.is_some_and(|(found, _)| !found.iter().any(|file| files.contains(file)))
        };
        let is_elsewhere = |(row, files): (&Row, &Vec<usize>)| !self.belongs(row, files[0]);
        if !rise && pairs().any(is_other_number) {
            return Some("its track numbers are");
        }
        if pairs().any(is_other_file) {
            return Some("the files that it names are");
        }
        pairs()
            .any(is_elsewhere)
            .then_some("what it says of album, disc or artist is")
    }

    /// The recordings of one album in the order of its tracks; without numbers in that of the walk, of one folder.
    fn recordings(&self) -> Result<Vec<Vec<usize>>, Distrust> {
        let no_order = |why| Err(Distrust::NoOrder { why });
        let is_one_folder = || {
            self.files
                .iter()
                .map(|file| file.path.parent())
                .collect::<HashSet<_>>()
                .len()
                < 2
        };
        let are_numbered = match self.sides.iter().filter(|side| side.called.track.is_some()).count() {
            0 if !is_one_folder() => return no_order("the files are of several albums or folders"),
            0 => false,
            _ if self.several_albums => return no_order("the files are of several albums or folders"),
            numbered if numbered < self.sides.len() => return no_order("only some of the files have a track number"),
            _ => true,
        };
        // Files of one number, or of one name, are one recording in several formats.
        let mut recordings: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        let mut stems: HashMap<Option<&OsStr>, u32> = HashMap::new();
        for (at, side) in self.sides.iter().enumerate() {
            let next = stems.len() as u32;
            let number = match are_numbered {
                true => side.number().unwrap_or_default(),
                false => (0, *stems.entry(side.file.path.file_stem()).or_insert(next)),
            };
            recordings.entry(number).or_default().push(at);
        }
        match recordings.values().all(|files| self.are_one(files)) {
            true => Ok(recordings.into_values().collect()),
            false => no_order("files of one number or name are not surely one recording in several formats"),
        }
    }
}
