//! The one recording among files that fit, in all its formats.

use std::borrow::Cow;

use super::find::{Finder, LENGTHS_DIFFER, LENGTHS_FIT, MOST, number_agrees};
use super::problem::What;
use super::{By, Target};
use crate::isrc::Isrc;
use crate::list::Row;
use crate::list::table::duration::DurationCell;
use crate::plan::Replace;
use crate::recording::evidence::{Headers, Senses};
use crate::recording::fold::fold;
use crate::recording::part::part_sides;
use crate::recording::side::Side;
use crate::recording::versions::{self, Titles};

/// So many files that may be formats of one recording are compared.
const MOST_FORMATS: usize = 256;

impl<'a> Finder<'a> {
    /// Files that agree in number and title, with those of the title alone that are their other formats.
    pub(super) fn with_formats(
        &self,
        row: &Row,
        agreeing: Vec<usize>,
        unnumbered: &[usize],
        by: By,
    ) -> Result<Target, What> {
        let mut target = self.one(row, agreeing, by, true)?;
        let first = target.files[0];
        let more = unnumbered
            .iter()
            .take(MOST_FORMATS)
            .filter(|file| self.is_one(&[first, **file]));
        target.files.extend(more);
        target.files.sort_unstable();
        Ok(target)
    }

    pub(super) fn is_one(&self, files: &[usize]) -> bool {
        let sides = self.beside(files.iter().take(MOST_FORMATS));
        let sides: Vec<&Side> = sides.iter().map(Cow::as_ref).collect();
        let are_one = |senses: &dyn Senses| part_sides(&sides, &[], senses).parts.len() == 1;
        are_one(&Headers) || are_one(self.matcher.samples)
    }

    /// Files as they are held against each other: where none says its album, their folders do.
    fn beside<'b>(&'b self, files: impl Iterator<Item = &'b usize> + Clone) -> Vec<Cow<'b, Side<'a>>> {
        let is_said = files.clone().any(|at| self.sides[*at].called.album.is_some());
        let beside = |at: &usize| match is_said {
            true => Cow::Borrowed(&self.sides[*at]),
            false => Cow::Owned(self.sides[*at].on_album(self.folders[*at].clone())),
        };
        files.map(beside).collect()
    }

    /// Whether files are one recording.
    pub(super) fn are_one(&self, files: &[usize]) -> bool {
        files.len() < 2 || (files.len() <= MOST_FORMATS && self.is_one(files))
    }

    /// The one recording among files that fit.
    pub(super) fn one(&self, row: &Row, mut found: Vec<usize>, by: By, confirmed: bool) -> Result<Target, What> {
        if found.len() > 1 && !self.are_one(&found) {
            self.narrow(row, &mut found);
        }
        match self.are_one(&found) {
            true => Ok(Target {
                files: found,
                by,
                confirmed,
            }),
            false => Err(What::Ambiguous {
                by,
                count: found.len(),
                candidates: found.into_iter().take(10).collect(),
            }),
        }
    }

    /// Leaves those that agree with more of what the row says.
    fn narrow(&self, row: &Row, found: &mut Vec<usize>) {
        let mut keep = |fits: &dyn Fn(&usize) -> bool| {
            if found.iter().any(fits) {
                found.retain(fits);
            }
        };
        if let Some(wanted) = row.whole_title() {
            keep(&|at| {
                self.sides[*at]
                    .title()
                    .is_some_and(|title| versions::compare(&wanted, &title) == Titles::Same)
            });
        }
        keep(&|at| number_agrees(row, &self.sides[*at]) == Some(true));
        if let Some(album) = &row.description.album {
            let wanted = fold(album);
            keep(&|at| self.sides[*at].called.album.as_deref().map(fold).as_ref() == Some(&wanted));
        }
        if let DurationCell::Readings(readings) = &row.duration {
            for limit in [LENGTHS_DIFFER, LENGTHS_FIT] {
                keep(&|at| {
                    self.files[*at]
                        .description
                        .duration
                        .is_some_and(|length| readings.distance(length) <= limit)
                });
            }
        }
    }

    /// A row goes to all files of its recording.
    pub(super) fn add_formats(&self, row: &Row, target: &mut Target) {
        let side = &self.sides[target.files[0]];
        let Some(found) = side
            .title()
            .and_then(|title| self.titles.get(&versions::main_title(&title)))
        else {
            return;
        };
        if found.len() == 1 || found.len() > MOST {
            return;
        }
        let same_number = |at: &&u32| {
            let other = &self.sides[**at as usize];
            let numbers = side.number().zip(other.number());
            numbers.is_none_or(|(a, b)| a == b)
        };
        // What carries another code is left as it is, unless replacing is asked for; what is named after another one too.
        let is_wanted = |code: &Option<Isrc>| code.is_none_or(|code| row.code.isrc() == Some(code));
        let may_take = |at: &usize| {
            (self.matcher.replace == Replace::Allow || is_wanted(&self.files[*at].isrc))
                && is_wanted(&self.codes_in_names[*at])
        };
        let others = found.iter().filter(same_number).map(|at| *at as usize);
        let others: Vec<usize> = others
            .filter(may_take)
            .filter(|at| !target.files.contains(at))
            .take(MOST_FORMATS)
            .collect();
        if others.is_empty() {
            return;
        }
        let all: Vec<usize> = target.files.iter().copied().chain(others).collect();
        let sides = self.beside(all.iter());
        let sides: Vec<&Side> = sides.iter().map(Cow::as_ref).collect();
        let parted = part_sides(&sides, &[], &Headers);
        let own = parted
            .parts
            .into_iter()
            .filter(|part| part.files.iter().any(|at| *at < target.files.len()));
        let mut files: Vec<usize> = own.flat_map(|part| part.files).map(|at| all[at]).collect();
        files.sort_unstable();
        target.files = files;
    }
}
