//! What lines above a table, lines between its rows and the album of a row say of the rows: a version, a disc, artist and
//! album.

use super::{cell, remarks};
use crate::list::Row;
use crate::list::table::Table;
use crate::list::table::columns::{self, Column, Columns};
use crate::list::told::{ListError, cells_told};
use crate::recording::fold::fold;
use crate::recording::names::album_and_disc;
use crate::recording::versions;

/// What a line of its own says of the rows below it.
pub(super) enum Section {
    /// "CD 2", "Disc 2:".
    Disc(u32),
    /// "Instrumentals"; none for "Album versions".
    Version(Option<String>),
    /// Whether the codes below count: "Old codes", "New codes".
    Void(bool),
    /// One of the albums that are here.
    Album(String),
}

impl<'g> Table<'g> {
    /// The version that a line above the headings says of all rows.
    pub(super) fn version_above(&self) -> Result<Option<String>, ListError> {
        let columns = &self.reading.columns;
        let mut version = None;
        for (row, cells) in self.lines_above() {
            let labelled = labelled(&cells);
            // "Status: withdrawn".
            let is_void = |(label, value): (&str, &str)| {
                columns::meaning(label) == Some(Column::State) && remarks::is_void(value)
            };
            if remarks::is_draft(&cells.join(" ")) || labelled.is_some_and(is_void) {
                self.check_draft(row)?;
            }
            // "Album: …" and the like are said of other things.
            let label = labelled.map(|(label, _)| fold(label));
            let is_of_version = |label: &str| matches!(label, "version" | "fassung" | "mix" | "type" | "format");
            if label.as_deref().is_none_or(is_of_version) && !columns.is_left_out(Column::Version) {
                let of_line = |line: &str| remarks::version_of_line(line).map(|version| version.map(str::to_owned));
                let said = cells.iter().find_map(|cell| match cell.split_once(':') {
                    Some((_, value)) if !value.trim().is_empty() => of_line(value.trim()),
                    _ => of_line(cell).or_else(|| remarks::version_of_sentence(cell).map(Some)),
                });
                version = said.flatten().or(version);
            }
        }
        Ok(version)
    }

    /// Refuses a list that says in a row that it is not the final one.
    pub(super) fn check_draft(&self, row: usize) -> Result<(), ListError> {
        let (place, line) = (format!("row {}", self.grid.number(row)), cells_told(self.said(row)));
        match self.reading.columns.is_left_out(Column::State) {
            true => Ok(()),
            false => Err(ListError::Draft { place, line }),
        }
    }

    /// The disc that lines above the headings say of all rows: "Disc 2", "Small Hours - CD 2".
    pub(super) fn disc_above(&self) -> Option<u32> {
        let cells = self.lines_above().flat_map(|(_, cells)| cells);
        let mut discs: Vec<u32> = cells
            .filter_map(|cell| album_and_disc(cell.trim_end_matches(':')).1)
            .collect();
        discs.dedup();
        match discs[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// What a line above the headings says of all rows: "Album:" and the name beside it, or both in one cell.
    pub(super) fn said_above(&self, column: Column, wanted: &[Column]) -> Option<String> {
        let is_wanted = |label: &str| columns::meaning(label).is_some_and(|column| wanted.contains(&column));
        let labelled = self.lines_above().filter_map(|(_, cells)| labelled(&cells));
        let mut said = labelled.filter(|(label, _)| !self.reading.columns.is_left_out(column) && is_wanted(label));
        said.next().map(|(_, said)| said.to_owned())
    }

    /// The album that a line above the headings is called by and nothing else.
    pub(super) fn album_of_line(&self) -> Option<String> {
        let mut lines = self
            .lines_above()
            .filter_map(|(_, cells)| <[&str; 1]>::try_from(cells).ok());
        lines.find(|[line]| self.is_album(line)).map(|[album]| album.to_owned())
    }

    /// Of the album and the disc, where they are said in the first row of each block of numbers that run on and in no other,
    /// as merged cells are saved as text: where the blocks begin. Not of the artist: that of the first song of a compilation
    /// is not that of all.
    pub(super) fn blocks(&self, told: &mut Vec<String>) -> Vec<(Column, Vec<usize>)> {
        let mut blocks = Vec::new();
        for column in [Column::Album, Column::Disc] {
            let begins = self.begins(column).unwrap_or_default();
            let Some(at) = self.layout.position(column).filter(|_| !begins.is_empty()) else {
                continue;
            };
            told.push(format!(
                "cells of column {} hold for the rows below them",
                self.heading(at)
            ));
            blocks.push((column, begins));
        }
        blocks
    }

    /// None where a row with a code has no number, or one that does not run on; nor where no cell is empty.
    fn begins(&self, column: Column) -> Option<Vec<usize>> {
        let at = self.layout.position(column)?;
        let (mut begins, mut last, mut is_open) = (Vec::new(), 0, false);
        for row in self.data().filter(|row| !self.is_heading(*row)) {
            let Some(number) = self.number(row) else {
                let code = self.layout.position(Column::Isrc).and_then(|at| self.isrc(row, at));
                match code {
                    Some(_) => return None,
                    None => continue,
                }
            };
            // Discs may be numbered on.
            let may_begin = begins.is_empty() || number == 1 || (column == Column::Disc && number == last + 1);
            match self.grid.cell(row, at).trim().is_empty() {
                false if may_begin => begins.push(row),
                true if number == last + 1 && !begins.is_empty() => is_open = true,
                true | false => return None,
            }
            last = number;
        }
        is_open.then_some(begins)
    }

    /// The row whose cell also holds for this one.
    pub(super) fn begin_of_block(&self, row: usize, column: Column) -> Option<usize> {
        let (_, begins) = self.blocks.iter().find(|(of, _)| *of == column)?;
        let begin = begins[..begins.partition_point(|begin| *begin <= row)].last();
        begin.copied().filter(|_| self.number(row).is_some())
    }

    fn number(&self, row: usize) -> Option<u32> {
        let at = self.layout.position(Column::Track)?;
        cell::track_number(self.grid.cell(row, at)).1
    }

    fn is_album(&self, line: &str) -> bool {
        !self.reading.columns.is_left_out(Column::Album) && self.reading.albums.contains(&fold(line))
    }

    /// The rows above the headings, and their cells that are not empty.
    fn lines_above(&self) -> impl Iterator<Item = (usize, Vec<&'g str>)> {
        (0..self.headings.unwrap_or(0)).map(|row| (row, self.said(row).collect()))
    }

    /// What a row of one cell announces.
    pub(super) fn section(&self, row: usize) -> Option<Section> {
        let cells = self.grid.row(row).map(str::trim).enumerate();
        let mut cells = cells.filter(|(_, cell)| !cell.is_empty());
        let (at, only) = cells.next().filter(|_| cells.next().is_none())?;
        let title = self.layout.position(Column::Title);
        // "Withdrawn" may be a title, but no number.
        let is_void = title.is_some_and(|title| title != at) && remarks::is_void(only) && !remarks::is_nothing(only);
        let count = if is_void {
            Some(false)
        } else {
            remarks::codes_below(only, title == Some(at))
        };
        if let Some(count) = count {
            return Some(Section::Void(!count));
        }
        if self.is_album(only) {
            return Some(Section::Album(only.to_owned()));
        }
        match album_and_disc(only.trim_end_matches(':')) {
            (rest, Some(disc)) if rest.is_empty() => Some(Section::Disc(disc)),
            _ => Some(Section::Version(remarks::version_of_line(only)?.map(str::to_owned))),
        }
    }

    pub(super) fn said(&self, row: usize) -> impl Iterator<Item = &'g str> {
        self.grid.row(row).map(str::trim).filter(|cell| !cell.is_empty())
    }
}

/// A label with a colon, and what is behind it or beside it.
fn labelled<'c>(cells: &[&'c str]) -> Option<(&'c str, &'c str)> {
    let (label, value) = cells.first()?.split_once(':')?;
    let value = Some(value.trim()).filter(|value| !value.is_empty());
    Some((label, value.or(cells.get(1).copied())?))
}

/// The version that the album of a row says of it, "Small Hours (Live)", where the row itself says none.
pub(super) fn version_of_album(row: &Row, columns: &Columns) -> Option<String> {
    let says_none = row.description.version.as_deref().is_some_and(versions::is_neutral);
    let version = remarks::version_of_line(row.description.album.as_deref()?).flatten()?;
    (!says_none && !columns.is_left_out(Column::Version)).then(|| version.to_owned())
}
