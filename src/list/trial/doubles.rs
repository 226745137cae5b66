//! Which of two columns that may hold one thing is meant: the one that agrees with the files.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use super::{Trial, Understood};
use crate::isrc::Isrc;
use crate::list::matching::{By, Match, Matching};
use crate::list::table::columns::{Column, letters};
use crate::list::told::ListError;
use crate::list::{Double, List, Reading, Row};
use crate::recording::fold::fold;
use crate::recording::{FileInfo, names, versions};

impl Understood {
    /// How many files have a row, where the list is believed.
    fn finds(&self) -> usize {
        let Matching { matched, distrust, .. } = &self.matching;
        if distrust.is_none() { matched.len() } else { 0 }
    }

    /// Whether the numbers of its rows are those of their files: times, or numbers of something else, agree with nothing.
    fn agrees_by_numbers(&self) -> bool {
        let mut by = self.matching.matched.iter().map(|found| found.by);
        by.any(|by| by == By::DiscAndTrack)
    }

    /// Whether a file would get another code, or a code another file.
    fn contradicts(&self, other: &Understood) -> bool {
        if self.finds() == 0 || other.finds() == 0 {
            return false;
        }
        let places = |of: &Understood| -> HashMap<(usize, Option<u8>), Isrc> {
            let matched = of.matching.matched.iter();
            matched
                .map(|each| ((each.file, each.cuesheet_track), each.isrc))
                .collect()
        };
        let (one, other) = (places(self), places(other));
        let codes: HashSet<Isrc> = one.values().copied().collect();
        other
            .iter()
            .any(|(place, isrc)| one.get(place).map_or(codes.contains(isrc), |known| known != isrc))
    }
}

/// Of two readings of a list the one whose titles, or file names, say all that those of the other do, and in some row a
/// version more, or a part of a title.
fn fuller(column: Column, one: &List, other: &List) -> Option<Ordering> {
    let said = |row: &Row| match column {
        Column::Title => row.description.title.clone(),
        Column::File => Some(
            Path::new(row.file.as_ref()?)
                .file_stem()?
                .to_string_lossy()
                .into_owned(),
        ),
        _ => None,
    };
    let at = |row: &Row| (row.sheet, row.number);
    let others = other.rows.iter().filter_map(|row| Some((at(row), said(row)?)));
    let others: HashMap<(u16, u32), String> = others.collect();
    let says_more = |long: &str, short: &str| {
        let versions = |text| versions::version_words(text).len();
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let is_part = || column == Column::Title && digits(long) > digits(short);
        fold(long).starts_with(&fold(short)) && (versions(long) > versions(short) || is_part())
    };
    let compare = |row: &Row| {
        let (one, other) = (said(row)?, others.get(&at(row))?);
        match (says_more(&one, other), says_more(other, &one)) {
            (true, _) => Some(Ordering::Greater),
            (_, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    };
    let compared: BTreeSet<Ordering> = one.rows.iter().filter_map(compare).collect();
    compared.first().copied().filter(|_| compared.len() == 1)
}

impl Trial<'_> {
    /// Reads the list, and matches it. Where two columns may hold one thing the one that agrees with the files does.
    pub fn understand(&self, reading: &Reading) -> Result<Understood, ListError> {
        let mut chosen = self.understand_as(reading)?;
        let mut reading = reading.clone();
        for double in std::mem::take(&mut chosen.list.doubles) {
            let Double {
                column,
                at: [_, second],
                named,
            } = &double;
            let other_reading = reading.with(reading.columns.with(*column, &letters(*second)));
            let Ok(mut other) = self.understand_as(&other_reading) else {
                continue;
            };
            let fuller = fuller(*column, &chosen.list, &other.list);
            let is_other = match (chosen.is_whole(), other.is_whole()) {
                // What one leaves out is the version or the part: files that are called by the rest are other recordings.
                _ if fuller.is_some() => fuller == Some(Ordering::Less),
                (false, _) if *column == Column::Track && !other.agrees_by_numbers() => false,
                (false, true) if *column == Column::Track && !self.has_titles(&other) => {
                    return Err(ListError::Two(double));
                }
                (true, false) | (false, true) => other.is_whole(),
                _ if chosen.contradicts(&other) => return Err(ListError::Two(double)),
                (true, true) => continue,
                (false, false) => other.finds() > chosen.finds(),
            };
            if is_other {
                reading = other_reading;
                std::mem::swap(&mut chosen, &mut other);
            }
            let (read, is_whole) = (&named[usize::from(is_other)], chosen.is_whole());
            let why = if fuller.is_some() {
                "says more"
            } else {
                "alone agrees with the files"
            };
            let told = || format!("{} by column {read}, which {why}", column.word());
            chosen.list.told.extend(is_whole.then(told));
        }
        Ok(chosen)
    }

    /// Whether rows and files are called by titles, so that a wrong number is contradicted.
    fn has_titles(&self, understood: &Understood) -> bool {
        let has_title = |file: &FileInfo| file.description.title.is_some() || names::read(&file.path).title.is_some();
        let mut matched = understood.matching.matched.iter();
        let row = |of: &Match| understood.list.rows[of.row].description.title.is_some();
        matched.all(|found| row(found) && has_title(&self.files[found.file]))
    }
}
