//! Whether a list is for these files at all. One of another album fits here and there by accident.

use std::collections::HashSet;

use super::find::LENGTHS_FIT;
use super::problem::{Problem, What, quoted};
use super::settle::Settling;
use crate::list::table::duration::DurationCell;
use crate::list::{Code, Row};
use crate::report::terminal::count;

/// Why a list is not believed at all. It fits here and there by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distrust {
    /// Titles belong to other files than the numbers or names beside them.
    Moved,
    /// Most titles are of no file.
    OtherAlbum,
    /// Codes in order, and more or fewer recordings.
    Count { codes: usize, recordings: usize },
    /// Rows that say numbers alone, and some are the number of no file; those of a list may begin with 0.
    Numbers { from_zero: bool },
    /// Rows that say numbers alone, and lengths that are not those of the files.
    Lengths,
    /// Rows that say numbers alone, for an artist or an album that no file says.
    Unnamed { name: String },
    /// Codes in order, and files of several albums.
    Albums,
    /// Codes in order, and files of which some have a number.
    SomeNumbered,
    /// Codes in order, and files of one number or name that are not surely one recording.
    Formats,
    /// The codes of all rows are void.
    Void,
}

impl Distrust {
    /// A sentence without full stop.
    pub fn words(&self) -> String {
        match self {
            Distrust::Moved => {
                "titles in the list belong to other files than the numbers or names beside them: the list \
                                 or the files were put in another order"
                    .to_owned()
            }
            Distrust::OtherAlbum => {
                "most of its titles or lengths are not those of the files: it may be the list of another album"
                    .to_owned()
            }
            Distrust::Count { codes, recordings } => format!(
                "the list has {} and there are {} here, so numbers or order alone tell nothing",
                count(*codes as u64, "code", "codes"),
                count(*recordings as u64, "recording", "recordings")
            ),
            Distrust::Numbers { from_zero } => {
                let which = match from_zero {
                    true => "it counts its tracks from 0",
                    false => "some of its track numbers are of no file",
                };
                format!("{which}, and nothing but numbers says which code is whose")
            }
            Distrust::Lengths => {
                "most of its lengths are not those of the files, and nothing but numbers says which code \
                                  is whose: it may be the list of another album"
                    .to_owned()
            }
            Distrust::Unnamed { name } => format!(
                "it is for {}, which no tag, folder or name of a file says, and nothing but numbers says which code is \
                 whose",
                quoted(name)
            ),
            Distrust::Void => "every row of it says that its code is not to be used".to_owned(),
            Distrust::Albums => "the files are of several albums or folders, so they have no order".to_owned(),
            Distrust::SomeNumbered => "only some of the files have a track number, so they have no order".to_owned(),
            Distrust::Formats => "files of one number or name are not surely one recording in several formats, so \
                                  they have no order"
                .to_owned(),
        }
    }
}

impl Settling<'_> {
    /// What speaks against rows that say numbers alone: these are weak, so what could confirm them must not be silent.
    fn numbers_contradicted(&self) -> Option<Distrust> {
        let found = self.rows.iter().zip(&self.targets);
        let found = found.filter_map(|(row, target)| Some((row, target.as_ref()?.files[0])));
        let (mut fit, mut lengths, mut unnamed) = (0, 0, None);
        let mut is_named = false;
        for (row, file) in found {
            if let (DurationCell::Readings(readings), Some(length)) =
                (&row.duration, self.finder.files[file].description.duration)
            {
                lengths += 1;
                fit += usize::from(readings.distance(length) <= LENGTHS_FIT);
            }
            if let Some(name) = row.description.album.as_ref().or(row.description.artist.as_ref()) {
                is_named |= self.finder.is_named(row, file);
                unnamed = unnamed.or(Some(name));
            }
        }
        match unnamed {
            _ if lengths > 1 && fit * 2 < lengths => Some(Distrust::Lengths),
            // Lengths that fit are evidence enough.
            Some(name) if !is_named && lengths == 0 => Some(Distrust::Unnamed { name: name.clone() }),
            _ => None,
        }
    }

    /// Whether the list is for these files at all.
    pub(super) fn distrust(&self) -> Option<Distrust> {
        let is_alone =
            |row: &Row| row.description.title.is_none() && row.file.is_none() && row.description.track.is_some();
        let coded: Vec<&Row> = self.rows.iter().filter(|row| row.code != Code::None).collect();
        let numbers: HashSet<(Option<u32>, Option<u32>)> = coded
            .iter()
            .map(|row| (row.description.disc, row.description.track))
            .collect();
        if coded.iter().all(|row| is_alone(row))
            && numbers.len() > self.finder.tracks()
            && self.targets.iter().any(Option::is_some)
        {
            return Some(Distrust::Count {
                codes: numbers.len(),
                recordings: self.finder.tracks(),
            });
        }
        // Numbers that begin at 0, or count otherwise: those that fit, fit by accident.
        let is_of_no_file = |problem: &Problem| {
            let row = &self.rows[problem.rows[0]];
            matches!(problem.what, What::Unmatched { .. }) && is_alone(row) && row.description.album.is_none()
        };
        if coded.iter().all(|row| is_alone(row))
            && self.targets.iter().any(Option::is_some)
            && self.problems.iter().any(is_of_no_file)
        {
            let from_zero = coded.iter().any(|row| row.description.track == Some(0));
            return Some(Distrust::Numbers { from_zero });
        }
        if coded.iter().all(|row| is_alone(row))
            && let Some(why) = self.numbers_contradicted()
        {
            return Some(why);
        }
        let placed = self.placed();
        // A catalogue holds releases that are not here; their rows say nothing against the others.
        let release = |row: usize| {
            let row = &self.rows[row];
            let album = row.description.album.as_deref().map(crate::recording::fold::fold);
            (album, row.upc.as_deref())
        };
        let here: HashSet<_> = (0..self.rows.len())
            .filter(|row| self.targets[*row].is_some())
            .map(release)
            .collect();
        let contradicts = |problem: &&Problem| {
            let row = problem.rows[0];
            let is_against = match problem.what {
                What::OtherTitle { .. } => true,
                What::OtherDuration { .. } => !here.is_empty(),
                _ => false,
            };
            is_against
                && !self.isrc(row).is_some_and(|isrc| placed.contains(&isrc))
                && (here.is_empty() || here.contains(&release(row)))
        };
        let others: Vec<&Problem> = self.problems.iter().filter(contradicts).collect();
        if others
            .iter()
            .any(|problem| matches!(problem.what, What::OtherTitle { moved: true, .. }))
        {
            return Some(Distrust::Moved);
        }
        (!others.is_empty() && others.len() >= placed.len()).then_some(Distrust::OtherAlbum)
    }
}
