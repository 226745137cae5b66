//! Which of several columns that may be the same thing is meant, and which is of something else.

use super::Table;
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

    /// Two columns of one heading: of titles, numbers and files nobody can tell which is meant, others are left out.
    pub(super) fn drop_doubles(&mut self) -> Result<(), ListError> {
        for (column, first, second) in self.layout.doubles.clone() {
            let differs = |row: usize| self.grid.cell(row, first).trim() != self.grid.cell(row, second).trim();
            if self.layout.position(column) != Some(first) || !self.data().any(differs) {
                continue;
            }
            if let Column::Title | Column::File | Column::Folder | Column::Track = column {
                return Err(ListError::Two {
                    column: column.word(),
                    first: self.heading(first),
                    second: self.heading(second),
                });
            }
            self.layout.put(column, None);
        }
        Ok(())
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
