//! Which of several columns that may be the same thing is meant, and which is of something else.

use super::Table;
use super::cell::track_number;
use crate::list::Double;
use crate::list::table::columns::{self, Column};
use crate::list::told::ListError;

impl Table<'_> {
    /// Chooses the column of codes. Where several columns say different things, nobody can tell which is meant.
    pub(super) fn choose_codes(&mut self, told: &mut Vec<String>) -> Result<(), ListError> {
        let Some(first) = self.layout.codes.first().copied() else {
            return Ok(());
        };
        if self.reading.columns.given(Column::Isrc).is_some() {
            return Ok(());
        }
        let has_codes = |column: &usize| self.data().any(|row| self.isrc(row, *column).is_some());
        let chosen = self.layout.codes.iter().copied().find(has_codes).unwrap_or(first);
        let mut others = 0;
        for row in self.data() {
            let own = self.isrc(row, chosen);
            let (number, cells) = (self.grid.number(row), self.grid.width(row));
            for column in (0..cells).filter(|column| *column != chosen) {
                let Some(other) = self.isrc(row, column) else {
                    continue;
                };
                others += 1;
                let headings = self.headings.map_or(cells, |headings| self.grid.width(headings));
                if own.is_none() && headings < cells {
                    return Err(ListError::Shifted {
                        row: number,
                        cells,
                        headings,
                        column: self.heading(chosen),
                    });
                }
                if own != Some(other) {
                    return Err(ListError::TwoCodeColumns {
                        row: number,
                        columns: [self.heading(chosen), self.heading(column)],
                    });
                }
            }
        }
        if others > 0 || self.layout.codes.len() > 1 {
            told.push(format!("codes of column {}", self.heading(chosen)));
        }
        self.layout.put(Column::Isrc, Some(chosen));
        Ok(())
    }

    /// Columns that may be the title, the number or the file as well as those that are read. Of other columns with one
    /// heading nobody can tell which is meant, and they are left out.
    pub(super) fn doubles(&mut self) -> Result<Vec<Double>, ListError> {
        let mut doubles = Vec::new();
        for (column, first, second) in self.layout.doubles.clone() {
            let cells = |row: usize| [first, second].map(|at| self.grid.cell(row, at).trim());
            let differs = |row: usize| cells(row)[0] != cells(row)[1] && !cells(row)[1].is_empty();
            if self.layout.position(column) != Some(first) || !self.data().any(differs) {
                continue;
            }
            // "No., Track": where these are titles, the others are the numbers.
            if column == Column::Track
                && self.layout.position(Column::Title).is_none()
                && self.are_texts(first)
                && !self.are_texts(second)
            {
                self.layout.put(Column::Title, Some(first));
                self.layout.put(Column::Track, Some(second));
                continue;
            }
            let (at, named) = ([first, second], [first, second].map(|at| self.heading(at)));
            let double = Double { column, at, named };
            match column {
                _ if columns::are_told_apart(column) => doubles.push(double),
                Column::Folder => return Err(ListError::Two(double)),
                _ => self.layout.put(column, None),
            }
        }
        Ok(doubles)
    }

    /// Whether most cells of a column are no track numbers.
    fn are_texts(&self, column: usize) -> bool {
        let cells = self.data().map(|row| self.grid.cell(row, column).trim());
        let cells = cells.filter(|cell| !cell.is_empty());
        let (all, texts) = cells.fold((0, 0), |(all, texts), cell| {
            (all + 1, texts + usize::from(track_number(cell).1.is_none()))
        });
        texts * 2 > all
    }

    /// A column "Time" may tell where tracks begin: it rises from nothing, or from the two seconds before the first track
    /// of a CD. Lengths may rise too, but no track has none; and a column that is headed "Duration" tells lengths.
    pub(super) fn drop_start_times(&mut self, told: &mut Vec<String>) {
        let Some(column) = self.layout.position(Column::Duration) else {
            return;
        };
        let heading = self.headings.map_or("", |row| self.grid.cell(row, column));
        if self.reading.columns.given(Column::Duration).is_some() || !columns::may_be_start(heading) {
            return;
        }
        let cells = self.data().map(|row| self.grid.cell(row, column).trim());
        let starts: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
        // 0:00, 0:02, 00:00:02 or, with the frames of a CD, 00:02:00.
        let is_start = |first: &&str| {
            let digits: String = first.chars().filter(char::is_ascii_digit).collect();
            match (first.matches(':').count(), digits.parse()) {
                (1.., Ok(0 | 2)) | (2, Ok(200)) => true,
                (_, Ok(0u64..) | Err(_)) => false,
            }
        };
        let rises = starts.is_sorted_by(|a, b| (a.len(), a) < (b.len(), b));
        if starts.len() > 2 && starts.first().is_some_and(is_start) && rises {
            told.push(format!(
                "column {} left out: it tells where tracks begin",
                self.heading(column)
            ));
            self.layout.put(Column::Duration, None);
        }
    }
}
