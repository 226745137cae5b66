//! Cells as they are in a list, row by row, in one piece of memory.

use std::collections::BTreeMap;

use crate::list::table::columns::Column;
use crate::list::told::ListError;
use crate::list::{CELL_LIMIT, ROW_LIMIT};

/// What all cells may come to. A workbook repeats a long text by its number.
const TEXT_LIMIT: usize = 64 << 20;

/// Columns further to the right are not looked at.
pub(in crate::list) const COLUMN_LIMIT: usize = 256;

/// What is said of one track where there is no table.
pub(in crate::list) type Record = BTreeMap<Column, String>;

/// What records may say, in the order in which it is put into a table.
pub(in crate::list) const RECORDED: [Column; 10] = {
    use Column::*;
    [
        Track,
        Title,
        Version,
        Artist,
        Album,
        Disc,
        Duration,
        File,
        CuesheetTrack,
        Isrc,
    ]
};

#[derive(Debug, Default)]
pub(in crate::list) struct Grid {
    text: String,
    /// Where each cell ends in `text`; it begins where the one before ends.
    ends: Vec<u32>,
    rows: Vec<GridRow>,
}

#[derive(Debug, Clone, Copy)]
struct GridRow {
    number: u32,
    /// Its cells end before this index of `ends`.
    end: u32,
}

impl Grid {
    /// Adds a row, unless it is empty.
    pub(in crate::list) fn push<'c>(
        &mut self,
        number: u32,
        cells: impl IntoIterator<Item = &'c str>,
    ) -> Result<(), ListError> {
        let (text, ends) = (self.text.len(), self.ends.len());
        let mut is_empty = true;
        for cell in cells.into_iter().take(COLUMN_LIMIT) {
            if is_too_long(cell) {
                return Err(ListError::CellTooLong { row: number });
            }
            is_empty &= cell.trim().is_empty();
            self.text.push_str(cell);
            self.ends.push(self.text.len() as u32);
        }
        if is_empty {
            self.text.truncate(text);
            self.ends.truncate(ends);
            return Ok(());
        }
        if self.rows.len() == ROW_LIMIT {
            return Err(ListError::TooManyRows);
        }
        if self.text.len() > TEXT_LIMIT {
            return Err(ListError::Bomb);
        }
        let end = self.ends.len() as u32;
        self.rows.push(GridRow { number, end });
        Ok(())
    }

    /// Adds the headings of records.
    pub(in crate::list) fn push_headings(&mut self) -> Result<(), ListError> {
        let heading = |column| match column {
            // It may tell where the track begins, too.
            Column::Duration => "time",
            column => column.word(),
        };
        self.push(1, RECORDED.map(heading))
    }

    pub(in crate::list) fn push_record(&mut self, number: u32, record: &Record) -> Result<(), ListError> {
        self.push(
            number,
            RECORDED.map(|column| record.get(&column).map_or("", String::as_str)),
        )
    }

    /// Columns as rows, numbered from 1.
    pub(in crate::list) fn turned(&self) -> Result<Grid, ListError> {
        let mut turned = Grid::default();
        for column in 0..self.columns() {
            let cells = (0..self.len()).map(|row| self.cell(row, column));
            turned.push(column as u32 + 1, cells)?;
        }
        Ok(turned)
    }

    pub(in crate::list) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of a row as a person sees it.
    pub(in crate::list) fn number(&self, row: usize) -> u32 {
        self.rows[row].number
    }

    fn cells_of(&self, row: usize) -> std::ops::Range<usize> {
        let start = row.checked_sub(1).map_or(0, |before| self.rows[before].end);
        start as usize..self.rows[row].end as usize
    }

    pub(in crate::list) fn width(&self, row: usize) -> usize {
        self.cells_of(row).len()
    }

    /// The text of a cell; empty where the row is shorter.
    pub(in crate::list) fn cell(&self, row: usize, column: usize) -> &str {
        let cells = self.cells_of(row);
        match cells.start + column {
            at if at < cells.end => {
                let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
                &self.text[start as usize..self.ends[at] as usize]
            }
            _ => "",
        }
    }

    pub(in crate::list) fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        (0..self.width(row)).map(move |column| self.cell(row, column))
    }

    /// The number of columns of the widest of the first rows.
    pub(in crate::list) fn columns(&self) -> usize {
        (0..self.len().min(1000)).map(|row| self.width(row)).max().unwrap_or(0)
    }
}

pub(in crate::list) fn is_too_long(cell: &str) -> bool {
    cell.len() > CELL_LIMIT && cell.chars().nth(CELL_LIMIT).is_some()
}
