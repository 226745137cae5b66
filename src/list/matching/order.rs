//! Codes alone, that go to the recordings of one album in track order.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;

use super::distrust::Distrust;
use super::find::Finder;
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

    /// The recordings of one album in the order of its tracks.
    pub(super) fn recordings(&self) -> Result<Vec<Vec<usize>>, Distrust> {
        let numbered = self.sides.iter().filter(|side| side.called.track.is_some()).count();
        if numbered == 0 {
            // In the order of the walk, of one folder.
            let is_one = self
                .files
                .windows(2)
                .all(|pair| pair[0].path.parent() == pair[1].path.parent());
            return match is_one {
                true => self.by_stems(),
                false => Err(Distrust::Albums),
            };
        }
        if self.several_albums {
            return Err(Distrust::Albums);
        }
        if numbered < self.sides.len() {
            return Err(Distrust::SomeNumbered);
        }
        let mut by_number: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        for (at, side) in self.sides.iter().enumerate() {
            by_number.entry(side.number().unwrap_or_default()).or_default().push(at);
        }
        self.each_one(by_number.into_values().collect())
    }

    /// Files of one name are one recording in several formats.
    fn by_stems(&self) -> Result<Vec<Vec<usize>>, Distrust> {
        let mut recordings: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<Option<&OsStr>, usize> = HashMap::new();
        for (at, file) in self.files.iter().enumerate() {
            let place = *known.entry(file.path.file_stem()).or_insert(recordings.len());
            match recordings.get_mut(place) {
                Some(formats) => formats.push(at),
                None => recordings.push(vec![at]),
            }
        }
        self.each_one(recordings)
    }

    fn each_one(&self, recordings: Vec<Vec<usize>>) -> Result<Vec<Vec<usize>>, Distrust> {
        match recordings.iter().all(|files| self.are_one(files)) {
            true => Ok(recordings),
            false => Err(Distrust::Formats),
        }
    }
}
