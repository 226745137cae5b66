//! From cells to rows: finds the row of headings, the column of codes, and reads the columns that are known.

pub(in crate::list) mod above;
pub(in crate::list) mod cell;
pub mod columns;
pub mod duration;
pub(in crate::list) mod remarks;

use std::collections::BTreeSet;

use super::told::{Choice, ListError, cells_told};
use super::{Code, Code::Isrc, Reading, Row};
use crate::list::read::grid::Grid;
use crate::list::table::above::{Section, version_of_album};
use crate::list::table::columns::{Column, Layout};
use crate::list::table::remarks::Remarks;

/// The headings are looked for in so many rows that are not empty; above them are names and addresses.
const HEADING_ROWS: usize = 100;

/// A table with its columns found.
#[derive(Debug)]
pub(super) struct Table<'g> {
    pub(super) grid: &'g Grid,
    pub(super) layout: Layout,
    /// The first row behind the headings.
    first: usize,
    pub(super) headings: Option<usize>,
}

/// Finds the row of headings: of the first rows the one with the most known columns. `None` if none of them has a
/// column of codes.
pub(super) fn headings<'g>(grid: &'g Grid, reading: &Reading) -> Result<Option<Table<'g>>, ListError> {
    let mut best: Option<(usize, Layout)> = None;
    let mut missing = None;
    for row in 0..grid.len().min(HEADING_ROWS) {
        let cells: Vec<&str> = grid.row(row).collect();
        let layout = match columns::layout(&cells, &reading.columns) {
            Ok(layout) => layout,
            Err(heading) => {
                missing = Some(heading);
                continue;
            }
        };
        let is_better = best.as_ref().is_none_or(|(_, best)| layout.known() > best.known());
        if layout.position(Column::Isrc).is_some() && is_better {
            best = Some((row, layout));
        }
    }
    let Some((row, layout)) = best else {
        return match missing {
            Some(heading) => Err(ListError::NoSuchHeading(heading.to_owned())),
            None if reading.in_order => Ok(codes_alone(grid, reading)),
            None => Ok(None),
        };
    };
    // With columns given by their letters a table needs no headings.
    let code = layout.position(Column::Isrc).map_or("", |isrc| grid.cell(row, isrc));
    let is_data = Code::judge(code, reading.this_year).isrc().is_some();
    Ok(Some(Table {
        grid,
        layout,
        first: if is_data { row } else { row + 1 },
        headings: (!is_data).then_some(row),
    }))
}

/// A bare list of codes: one column holds them, and nothing beside them but numbers. A heading that is not known tells of
/// codes for something else ("Video ISRC"), and so may a title.
fn codes_alone<'g>(grid: &'g Grid, reading: &Reading) -> Option<Table<'g>> {
    let [column] = columns_of_codes(grid, reading.this_year)[..] else {
        return None;
    };
    let is_code = |row: &usize| Code::judge(grid.cell(*row, column), reading.this_year).isrc().is_some();
    let first = (0..grid.len()).find(is_code)?;
    let says_something = |row: usize| {
        let others = (0..grid.width(row)).filter(|other| *other != column);
        others
            .into_iter()
            .any(|other| grid.cell(row, other).chars().any(char::is_alphabetic))
    };
    let is_for_another = |row: usize| crate::recording::fold::fold(grid.cell(row, column)).contains("isrc");
    if (first..grid.len()).any(says_something) || (0..first).any(is_for_another) {
        return None;
    }
    let mut layout = Layout::default();
    layout.put(Column::Isrc, Some(column));
    Some(Table {
        grid,
        layout,
        first,
        headings: None,
    })
}

impl Table<'_> {
    /// The rows below the headings. What was chosen among several columns is added to `told`.
    pub(super) fn rows(mut self, reading: &Reading, told: &mut Vec<Choice>) -> Result<Vec<Row>, ListError> {
        self.choose_codes(reading, told)?;
        self.drop_doubles()?;
        self.drop_start_times(reading, told);
        let layout = &self.layout;
        let names_files = [Column::File, Column::Folder, Column::Track, Column::Title];
        if !reading.in_order && names_files.iter().all(|column| layout.position(*column).is_none()) {
            return Err(match range(self.grid) {
                Some((row, text)) => ListError::Range { row, text },
                None => ListError::NothingNamesFiles,
            });
        }
        let mut rows = Vec::new();
        let (mut disc, mut above) = (None, self.version_above(reading)?);
        let said_above = |column: Column, wanted: &[Column]| {
            (!reading.columns.is_left_out(column))
                .then(|| self.said_above(wanted))
                .flatten()
        };
        // What is above a table as a title is that of the release.
        let album_above = said_above(Column::Album, &[Column::Album, Column::Title]);
        let artist_above = said_above(Column::Artist, &[Column::Artist]);
        let mut remarks = Remarks::of(self.grid, layout, self.headings, &|column| {
            reading.columns.is_left_out(column)
        });
        let mut version_columns = BTreeSet::new();
        for row in self.first..self.grid.len() {
            let number = self.grid.number(row);
            let text = |column| layout.position(column).map_or("", |at| self.grid.cell(row, at));
            let runs_on = |column: &Column| cell::runs_on(text(*column), *column);
            if let Some(at) = Column::ALL
                .into_iter()
                .find(runs_on)
                .and_then(|column| layout.position(column))
            {
                let letters = columns::letters(at);
                return Err(ListError::LineBreak { row: number, letters });
            }
            match self.section(row) {
                Some(Section::Disc(heading)) => disc = Some(heading),
                Some(Section::Version(_)) if reading.columns.is_left_out(Column::Version) => {}
                Some(Section::Version(version)) => above = version,
                None => {
                    let mut said = remarks.of_row(row);
                    if reading.columns.given(Column::Version).is_some() {
                        (said.version, said.advisory, said.quiet) = (None, None, None);
                    }
                    if reading.columns.is_left_out(Column::State) {
                        said.void = None;
                    }
                    version_columns.extend(said.version.as_ref().map(|(at, _)| *at));
                    if let Some(mut read) = cell::row(number, reading.this_year, text, said) {
                        read.description.disc = read.description.disc.or(disc);
                        let of_table = |own: Option<String>, above: &Option<String>| own.or_else(|| above.clone());
                        read.description.artist = of_table(read.description.artist, &artist_above);
                        read.description.album = of_table(read.description.album, &album_above);
                        read.above.clone_from(&above);
                        rows.push(read);
                    }
                }
            }
        }
        for row in rows.iter_mut().filter(|row| row.above.is_none()) {
            row.above = version_of_album(row, &reading.columns);
        }
        told.extend(version_columns.into_iter().map(|at| Choice::Versions(self.heading(at))));
        cell::numbers_in_titles(&mut rows);
        cell::artists_in_titles(&mut rows);
        Ok(rows)
    }

    /// Whether there is a code in one of its columns of codes.
    pub(super) fn has_codes(&self, this_year: u16) -> bool {
        let codes = self
            .layout
            .position(Column::Isrc)
            .into_iter()
            .chain(self.layout.codes.iter().copied());
        let columns: Vec<usize> = codes.collect();
        (self.first..self.grid.len()).any(|row| columns.iter().any(|at| self.codes(row, *at, this_year).is_some()))
    }

    /// Tables that are beside each other: the same headings again, at equal distances.
    pub(super) fn side_by_side(&self) -> Option<Vec<(String, Grid)>> {
        let headings: Vec<&str> = self.grid.row(self.headings?).map(str::trim).collect();
        let mut codes = self.layout.codes.clone();
        codes.sort_unstable();
        let [first, second, ..] = codes[..] else {
            return None;
        };
        let distance = second - first;
        // The first table may begin left of its codes, and its columns are those up to the second.
        let start = (0..first).find(|at| !headings[*at].is_empty()).unwrap_or(first);
        let (of_first, rest) = headings.get(start..)?.split_at_checked(distance)?;
        let is_same = |part: &[&str]| part.iter().zip(of_first).all(|(a, b)| a == b) && part.len() + 1 >= distance;
        let is_named = of_first.iter().filter(|heading| !heading.is_empty()).count() > 1;
        if !is_named || !rest.chunks(distance).all(is_same) {
            return None;
        }
        let parts = (0..codes.len()).map(|part| {
            let columns = start + part * distance..start + (part + 1) * distance;
            let mut grid = Grid::default();
            for row in 0..self.grid.len() {
                let cells = columns.clone().map(|at| self.grid.cell(row, at));
                grid.push(self.grid.number(row), cells).ok()?;
            }
            let (first, last) = (columns::letters(columns.start), columns::letters(columns.end - 1));
            Some((format!("{first}:{last}"), grid))
        });
        parts.collect()
    }

    fn codes(&self, row: usize, column: usize, this_year: u16) -> Option<crate::isrc::Isrc> {
        let text = self.grid.cell(row, column);
        // Most cells are too short or too long, and judging takes time.
        let may_be = (12..=40).contains(&text.trim().len());
        may_be.then(|| Code::judge(text, this_year).isrc()).flatten()
    }

    /// Chooses the column of codes. Where several columns say different things, nobody can tell which is meant.
    fn choose_codes(&mut self, reading: &Reading, told: &mut Vec<Choice>) -> Result<(), ListError> {
        let Some(first) = self.layout.codes.first().copied() else {
            return Ok(());
        };
        if reading.columns.given(Column::Isrc).is_some() {
            return Ok(());
        }
        let rows = self.first..self.grid.len();
        let has_codes = |column: usize| {
            rows.clone()
                .any(|row| self.codes(row, column, reading.this_year).is_some())
        };
        let with_codes = self.layout.codes.iter().copied().find(|column| has_codes(*column));
        let chosen = with_codes.unwrap_or(first);
        self.layout.put(Column::Isrc, Some(chosen));
        let mut others = 0;
        for row in rows {
            let own = self.codes(row, chosen, reading.this_year);
            for column in (0..self.grid.width(row)).filter(|column| *column != chosen) {
                let Some(other) = self.codes(row, column, reading.this_year) else {
                    continue;
                };
                others += 1;
                if own.is_none()
                    && self
                        .headings
                        .is_some_and(|headings| self.grid.width(headings) < self.grid.width(row))
                {
                    return Err(ListError::Shifted {
                        row: self.grid.number(row),
                        cells: self.grid.width(row),
                        headings: self.grid.width(self.headings.unwrap_or(0)),
                        column: self.heading(chosen),
                    });
                }
                if own != Some(other) {
                    return Err(ListError::TwoCodeColumns {
                        row: self.grid.number(row),
                        columns: [self.heading(chosen), self.heading(column)],
                    });
                }
            }
        }
        if others > 0 || self.layout.codes.len() > 1 {
            told.push(Choice::Column(self.heading(chosen)));
        }
        Ok(())
    }

    /// A column for people: `G ("ISRC")`.
    pub(super) fn heading(&self, column: usize) -> String {
        let letters = columns::letters(column);
        match self.headings.map(|row| self.grid.cell(row, column).trim()) {
            Some(heading) if !heading.is_empty() => format!("{letters} ({})", cells_told([heading])),
            _ => letters,
        }
    }

    /// Two columns of one heading: of titles, numbers and files nobody can tell which is meant, others are left out.
    fn drop_doubles(&mut self) -> Result<(), ListError> {
        for (column, first, second) in self.layout.doubles.clone() {
            let differs = |row: usize| self.grid.cell(row, first).trim() != self.grid.cell(row, second).trim();
            if self.layout.position(column) != Some(first) || !(self.first..self.grid.len()).any(differs) {
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
    fn drop_start_times(&mut self, reading: &Reading, told: &mut Vec<Choice>) {
        let Some(column) = self.layout.position(Column::Duration) else {
            return;
        };
        let heading = self.headings.map_or("", |row| self.grid.cell(row, column));
        if reading.columns.given(Column::Duration).is_some() || !columns::may_be_start(heading) {
            return;
        }
        let starts: Vec<&str> = (self.first..self.grid.len())
            .map(|row| self.grid.cell(row, column).trim())
            .filter(|cell| !cell.is_empty())
            .collect();
        let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
        // 0:00, 0:02, 00:00:02 or, with the frames of a CD, 00:02:00.
        let is_start = |first: &&str| {
            let parts = first.split(':').count();
            let number = digits(first).parse::<u64>();
            parts > 1 && number.is_ok_and(|first| first == 0 || first == 2 || (first == 200 && parts == 3))
        };
        let rises = starts
            .windows(2)
            .all(|pair| (pair[0].len(), pair[0]) < (pair[1].len(), pair[1]));
        if starts.len() > 2 && starts.first().is_some_and(is_start) && rises {
            told.push(Choice::LeftOut {
                column: self.heading(column),
                why: "it tells where tracks begin",
            });
            self.layout.put(Column::Duration, None);
        }
    }
}

/// The first range of codes of a table, with its row: a cell that says one, or what is below the headings of one.
pub(super) fn range(grid: &Grid) -> Option<(u32, String)> {
    let is_headed = |row: usize| grid.row(row).any(columns::is_of_ranges);
    let headings = (0..grid.len().min(HEADING_ROWS)).find(|row| is_headed(*row));
    (0..grid.len().min(1000)).find_map(|row| {
        let whole = grid.row(row).find(|text| cell::is_range(text));
        let mut ends = grid.row(row).filter(|text| cell::is_code(text)).map(str::trim);
        let text = match (whole, headings) {
            (Some(whole), _) => cells_told([whole]),
            (None, Some(headings)) if headings < row => format!("{} to {}", ends.next()?, ends.next().unwrap_or("?")),
            (None, _) => return None,
        };
        Some((grid.number(row), text))
    })
}

/// Columns that hold codes: what a list without a known heading may mean. Those of videos and old codes are no choice.
pub(super) fn columns_of_codes(grid: &Grid, this_year: u16) -> Vec<usize> {
    let is_code = |row: usize, column: usize| {
        let text = grid.cell(row, column);
        (12..=40).contains(&text.trim().len()) && matches!(Code::judge(text, this_year), Isrc { .. })
    };
    let rows = grid.len().min(1000);
    let is_of_others = |column: usize| {
        let first = (0..rows).find(|row| is_code(*row, column)).unwrap_or(0);
        let above = first.checked_sub(1).map_or("", |row| grid.cell(row, column));
        columns::is_of_others(above)
    };
    let counted = (0..grid.columns()).map(|column| (column, (0..rows).filter(|row| is_code(*row, column)).count()));
    counted
        .filter(|(column, count)| *count > 0 && !is_of_others(*column))
        .map(|(column, _)| column)
        .collect()
}

/// The heading that a hint names a column by, or its letters where there is none.
pub(super) fn name_of(grid: &Grid, column: usize, this_year: u16) -> String {
    let is_code = |row: &usize| Code::judge(grid.cell(*row, column), this_year).isrc().is_some();
    let first = (0..grid.len()).find(is_code).unwrap_or(0);
    // The heading is right above the first code, and no other column is called so.
    let above = first.checked_sub(1).map_or("", |row| grid.cell(row, column).trim());
    let is_usable = !above.is_empty() && above.len() <= 60 && !above.contains([',', '=', '"', '\n']);
    let is_only = || {
        let named = (0..grid.len().min(HEADING_ROWS)).flat_map(|row| grid.row(row).enumerate().collect::<Vec<_>>());
        named
            .filter(|(_, cell)| cell.trim() == above)
            .all(|(at, _)| at == column)
    };
    match is_usable && is_only() {
        true => above.to_owned(),
        false => columns::letters(column),
    }
}
