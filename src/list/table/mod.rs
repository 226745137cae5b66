//! From cells to rows: finds the row of headings, the column of codes, and reads the columns that are known.

mod above;
pub(in crate::list) mod cell;
mod choose;
pub mod columns;
pub mod duration;
pub(in crate::list) mod remarks;
mod words;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::told::{ListError, cells_told, shortened};
use super::{Code, Double, Reading, Row};
use crate::isrc::Isrc;
use crate::list::read::grid::Grid;
use crate::list::table::above::{Section, version_of_album};
use crate::list::table::columns::{Column, Columns, Layout};
use crate::list::table::duration::DurationCell;
use crate::list::table::remarks::footnotes::Footnotes;
use crate::list::table::remarks::{Remarks, Said, states};
use crate::recording::fold::fold;
use crate::recording::names::album_and_disc;

/// The headings are looked for in so many rows that are not empty; above them are names and addresses.
const HEADING_ROWS: usize = 100;

/// So many rows are looked at where a part tells of all.
const SAMPLE_ROWS: usize = 1000;

/// A table with its columns found.
#[derive(Debug)]
pub(super) struct Table<'g> {
    grid: &'g Grid,
    reading: &'g Reading,
    pub(super) layout: Layout,
    /// The first row behind the headings.
    first: usize,
    pub(super) headings: Option<usize>,
    /// Of columns whose cells hold for the rows below: where each begins.
    blocks: Vec<(Column, Vec<usize>)>,
    footnotes: Footnotes,
}

/// Finds the row of headings: of the first rows the one with the most known columns. `None` if none of them has a
/// column of codes.
pub(super) fn headings<'g>(grid: &'g Grid, reading: &'g Reading) -> Result<Option<Table<'g>>, ListError> {
    let mut best: Option<(usize, Layout)> = None;
    let mut missing = None;
    for row in 0..grid.len().min(HEADING_ROWS) {
        let cells: Vec<&str> = grid.row(row).collect();
        match columns::layout(&cells, &reading.columns) {
            Err(heading) => missing = Some(heading),
            Ok(layout) => {
                let is_better = best.as_ref().is_none_or(|(_, best)| layout.known() > best.known());
                if layout.position(Column::Isrc).is_some() && is_better {
                    best = Some((row, layout));
                }
            }
        }
    }
    let Some((row, layout)) = best else {
        return match missing {
            Some(heading) => {
                let absent = absent_heading(grid, &reading.columns);
                Err(ListError::NoSuchHeading(absent.unwrap_or_else(|| heading.to_owned())))
            }
            None => Ok(reading.in_order.then(|| codes_alone(grid, reading)).flatten()),
        };
    };
    // With columns given by their letters a table needs no headings.
    let code = layout.position(Column::Isrc).map_or("", |isrc| grid.cell(row, isrc));
    let code = isrc_in(code, reading.this_year);
    Ok(Some(Table {
        grid,
        reading,
        layout,
        first: if code.is_some() { row } else { row + 1 },
        headings: code.is_none().then_some(row),
        blocks: Vec::new(),
        footnotes: Footnotes::default(),
    }))
}

/// The first heading that the user names and no row has: most rows lack the others, too.
fn absent_heading(grid: &Grid, columns: &Columns) -> Option<String> {
    let is_there = |(one, _): &(Columns, String)| {
        let mut rows = (0..grid.len().min(HEADING_ROWS)).map(|row| grid.row(row).collect::<Vec<_>>());
        rows.any(|cells| columns::layout(&cells, one).is_ok())
    };
    columns.each().find(|one| !is_there(one)).map(|(_, name)| name)
}

/// A bare list of codes: one column holds them, and nothing beside them but numbers. A heading that is not known tells of
/// codes for something else ("Video ISRC"), and so may a title.
fn codes_alone<'g>(grid: &'g Grid, reading: &'g Reading) -> Option<Table<'g>> {
    let [column] = columns_of_codes(grid, reading.this_year)[..] else {
        return None;
    };
    let first = (0..grid.len()).find(|row| isrc_in(grid.cell(*row, column), reading.this_year).is_some())?;
    let is_word = |(at, cell): (usize, &str)| at != column && cell.chars().any(char::is_alphabetic);
    let says_something = |row: usize| grid.row(row).enumerate().any(is_word);
    let is_for_another = |row: usize| fold(grid.cell(row, column)).contains("isrc");
    if (first..grid.len()).any(says_something) || (0..first).any(is_for_another) {
        return None;
    }
    let mut layout = Layout::default();
    layout.put(Column::Isrc, Some(column));
    Some(Table {
        grid,
        reading,
        layout,
        first,
        headings: None,
        blocks: Vec::new(),
        footnotes: Footnotes::default(),
    })
}

impl<'g> Table<'g> {
    /// The rows below the headings, and what other columns may say in place of one. What was chosen among several columns is
    /// added to `told`.
    pub(super) fn rows(mut self, told: &mut Vec<String>) -> Result<(Vec<Row>, Vec<Double>), ListError> {
        self.choose_codes(told)?;
        let doubles = self.doubles()?;
        self.drop_start_times(told);
        self.blocks = self.blocks(told);
        let titles = self.layout.position(Column::Title);
        self.footnotes = titles.map_or_else(Footnotes::default, |at| Footnotes::of(self.grid, self.data(), at));
        let mut names_files = [Column::File, Column::Folder, Column::Track, Column::Title].into_iter();
        if !self.reading.in_order && names_files.all(|column| self.layout.position(column).is_none()) {
            return Err(match range(self.grid) {
                Some((row, text)) => ListError::Range { row, text },
                None => ListError::NothingNamesFiles,
            });
        }
        let mut rows = self.read(told)?;
        if [Column::Side, Column::Disc]
            .iter()
            .any(|column| self.layout.position(*column).is_some())
        {
            cell::sides_of_columns(&mut rows);
        }
        cell::numbers_in_titles(&mut rows);
        cell::artists_in_titles(&mut rows);
        Ok((rows, doubles))
    }

    fn read(&self, told: &mut Vec<String>) -> Result<Vec<Row>, ListError> {
        let columns = &self.reading.columns;
        let mut rows = Vec::new();
        let (mut disc, mut above) = (self.disc_above(), self.version_above()?);
        // What is above a table as a title is that of the release.
        let album_above = self.said_above(Column::Album, &[Column::Album, Column::Title]);
        let mut album_above = album_above.or_else(|| self.album_of_line());
        let artist_above = self.said_above(Column::Artist, &[Column::Artist]);
        let mut remarks = Remarks::of(self.grid, &self.layout, self.headings, columns);
        let mut version_columns = BTreeSet::new();
        let (mut void_below, mut last_line, mut answers) = (None, None, Vec::new());
        for row in self.first..self.grid.len() {
            self.check_line_breaks(row)?;
            if self.is_heading(row) || self.footnotes.has(row) {
                continue;
            }
            match self.section(row) {
                Some(Section::Disc(heading)) => disc = Some(heading),
                Some(Section::Album(album)) => album_above = Some(album),
                Some(Section::Version(_)) if columns.is_left_out(Column::Version) => {}
                Some(Section::Version(version)) => above = version,
                Some(Section::Void(are_void)) => {
                    void_below = are_void.then(|| self.said(row).collect::<Vec<_>>().join(" "));
                    last_line = self.said(row).any(|line| words::is("draft", line)).then_some(row);
                }
                None => {
                    let mut said = remarks.of_row(row);
                    said.void = said.void.or_else(|| void_below.clone());
                    self.say_footnote(row, &mut said);
                    let answer = said.answer.take();
                    let versions_in = said.version.as_ref().map(|(at, _)| *at);
                    version_columns.extend(versions_in.filter(|_| columns.given(Column::Version).is_none()));
                    if let Some(mut read) = self.row(row, said, &remarks, told) {
                        let description = &mut read.description;
                        description.artist = description.artist.take().or_else(|| artist_above.clone());
                        description.album = description.album.take().or_else(|| album_above.clone());
                        if !columns.is_left_out(Column::Disc) {
                            let of_album = || album_and_disc(description.album.as_deref()?).1;
                            description.disc = description.disc.or(disc).or_else(of_album);
                        }
                        read.above = above.clone().or_else(|| version_of_album(&read, columns));
                        answers.extend(answer.map(|answer| (rows.len(), answer)));
                        rows.push(read);
                        last_line = None;
                    }
                }
            }
        }
        // "DRAFT" below all rows.
        last_line.map_or(Ok(()), |row| self.check_draft(row))?;
        if !columns.is_left_out(Column::Version) {
            say_answers(&mut rows, answers);
        }
        told.extend(self.odd_states());
        let version_columns = version_columns.into_iter();
        told.extend(version_columns.map(|at| format!("versions of column {}", self.heading(at))));
        Ok(rows)
    }

    /// What a column of states says of hardly a row, as told.
    fn odd_states(&self) -> Option<String> {
        let at = self.layout.position(Column::State)?;
        let coded = self.data().filter(|row| {
            self.layout
                .position(Column::Isrc)
                .is_some_and(|codes| self.isrc(*row, codes).is_some())
        });
        let cells = coded.map(|row| (self.grid.number(row), self.grid.cell(row, at)));
        states::told(&self.heading(at), cells)
    }

    /// What the mark behind the title of a row says of it.
    fn say_footnote(&self, row: usize, said: &mut Said) {
        let title = self.layout.position(Column::Title);
        let note = title.and_then(|at| Some((at, self.footnotes.of_title(self.grid.cell(row, at)).1?)));
        if let Some((at, note)) = note {
            let version = || note.version.clone().map(|(_, version)| (at, version));
            said.version = said.version.take().or_else(version);
            said.void = said.void.take().or_else(|| note.void.clone());
            said.advisory = said.advisory.or(note.advisory);
        }
    }

    /// One row, with what is said of it beside the columns that are known.
    fn row(&self, row: usize, mut said: Said, remarks: &Remarks, told: &mut Vec<String>) -> Option<Row> {
        let columns = &self.reading.columns;
        if columns.given(Column::Version).is_some() {
            (said.version, said.advisory, said.quiet) = (None, None, None);
        }
        if columns.is_left_out(Column::State) {
            said.void = None;
        }
        let other = said.code.take();
        let text = |column| self.text(row, column);
        let mut read = cell::row(self.grid.number(row), self.reading.this_year, text, said)?;
        if read.duration == DurationCell::Unreadable {
            read.duration = DurationCell::None;
            let at = self.layout.position(Column::Duration).unwrap_or_default();
            let lengths = format!("lengths of column {} that cannot be read left out", self.heading(at));
            self.tell_first(lengths, text(Column::Duration), row, told);
        }
        read.unheaded = match &read.description.title {
            Some(_) => remarks.beside_title(row),
            None if columns.is_left_out(Column::Title) => Vec::new(),
            None => remarks.texts(row),
        };
        if !self.reading.in_order && read.is_footer() {
            return None;
        }
        let own = read.code.isrc().filter(|_| !read.is_void());
        if let Some((at, code)) =
            other.filter(|(_, code)| own.is_some() && isrc_in(code, self.reading.this_year) != own)
        {
            let names = format!("column {} names other codes than the rows have", self.heading(at));
            self.tell_first(names, &code, row, told);
        }
        Some(read)
    }

    /// Tells something of many rows once, with what the first of them says.
    fn tell_first(&self, what: String, said: &str, row: usize, told: &mut Vec<String>) {
        if !told.iter().any(|known| known.starts_with(&what)) {
            let first = shortened(said);
            told.push(format!("{what}, the first {first} in row {}", self.grid.number(row)));
        }
    }

    /// Whether a row says the headings again, as on every page of a print.
    fn is_heading(&self, row: usize) -> bool {
        let is_same = |headings: usize| {
            self.grid
                .row(row)
                .map(str::trim)
                .eq(self.grid.row(headings).map(str::trim))
        };
        self.headings.is_some_and(is_same)
    }

    /// What a column says of a row. An empty cell of titles says what another column of titles does.
    fn text(&self, row: usize, column: Column) -> &'g str {
        let Some(at) = self.layout.position(column) else {
            return "";
        };
        let is_other = |at: &&usize| column == Column::Title && !self.layout.is_known(**at);
        let others = self.layout.titles.iter().filter(is_other);
        let mut cells = std::iter::once(&at).chain(others).map(|at| self.grid.cell(row, *at));
        let above = || Some(self.grid.cell(self.begin_of_block(row, column)?, at));
        let said = cells.find(|cell| !cell.trim().is_empty()).or_else(above).unwrap_or("");
        match column {
            Column::Title => self.footnotes.of_title(said).0,
            _ => said,
        }
    }

    fn check_line_breaks(&self, row: usize) -> Result<(), ListError> {
        let runs_on = |column: &&Column| cell::runs_on(self.text(row, **column), **column);
        let column = Column::ALL.iter().find(runs_on);
        let letters = column
            .and_then(|column| self.layout.position(*column))
            .map(columns::letters);
        let row = self.grid.number(row);
        letters.map_or(Ok(()), |letters| Err(ListError::LineBreak { row, letters }))
    }

    /// Whether there is a code in one of its columns of codes.
    pub(super) fn has_codes(&self) -> bool {
        let columns = self.layout.position(Column::Isrc).into_iter();
        let mut columns = columns.chain(self.layout.codes.iter().copied());
        columns.any(|at| self.data().any(|row| self.isrc(row, at).is_some()))
    }

    fn data(&self) -> Range<usize> {
        self.first..self.grid.len()
    }

    fn isrc(&self, row: usize, column: usize) -> Option<Isrc> {
        isrc_in(self.grid.cell(row, column), self.reading.this_year)
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

    /// A column for people: `G ("ISRC")`.
    fn heading(&self, column: usize) -> String {
        let letters = columns::letters(column);
        match self.headings.map(|row| self.grid.cell(row, column).trim()) {
            Some(heading) if !heading.is_empty() => format!("{letters} ({})", cells_told([heading])),
            _ => letters,
        }
    }
}

/// Lets yes in a column "Instrumental" be the version of a row where another row of the disc has the same title and no yes:
/// else it may say what the title need not.
fn say_answers(rows: &mut [Row], answers: Vec<(usize, String)>) {
    if answers.is_empty() {
        return;
    }
    let key = |row: &Row| {
        let album = row.description.album.as_deref().map(fold);
        Some((fold(&row.title_as_written()?), album, row.description.disc))
    };
    let answered: HashSet<usize> = answers.iter().map(|(at, _)| *at).collect();
    let mut others: HashMap<_, HashSet<Option<Isrc>>> = HashMap::new();
    for (_, row) in rows.iter().enumerate().filter(|(at, _)| !answered.contains(at)) {
        others.entry(key(row)).or_default().insert(row.code.isrc());
    }
    for (at, answer) in answers {
        let row = &mut rows[at];
        let of_title = key(row).and_then(|key| others.get(&Some(key)));
        if of_title.is_some_and(|codes| codes.iter().any(|code| *code != row.code.isrc())) {
            row.description.version = cell::joined([row.description.version.take(), Some(answer)]);
        }
    }
}

/// The code in a cell, if there is one that could be written. Most cells are too short or too long, and judging takes time.
fn isrc_in(cell: &str, this_year: u16) -> Option<Isrc> {
    let may_be = (12..=40).contains(&cell.trim().len());
    may_be.then(|| Code::judge(cell, this_year).isrc()).flatten()
}

/// The first range of codes of a table, with its row: a cell that says one, or what is below the headings of one.
pub(super) fn range(grid: &Grid) -> Option<(u32, String)> {
    let is_headed = |row: &usize| grid.row(*row).any(columns::is_of_ranges);
    let headings = (0..grid.len().min(HEADING_ROWS)).find(is_headed);
    (0..grid.len().min(SAMPLE_ROWS)).find_map(|row| {
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

/// The row of the first code in a column, and the cell above it, where its heading is.
fn first_code(grid: &Grid, column: usize, this_year: u16) -> (Option<usize>, &str) {
    let rows = 0..grid.len().min(SAMPLE_ROWS);
    let first = rows
        .into_iter()
        .find(|row| isrc_in(grid.cell(*row, column), this_year).is_some());
    let above = first.unwrap_or(0).checked_sub(1);
    (first, above.map_or("", |row| grid.cell(row, column).trim()))
}

/// Columns that hold codes: what a list without a known heading may mean. Those of videos and old codes are no choice.
pub(super) fn columns_of_codes(grid: &Grid, this_year: u16) -> Vec<usize> {
    let is_of_codes = |column: &usize| {
        let (first, heading) = first_code(grid, *column, this_year);
        first.is_some() && !columns::is_of_others(heading)
    };
    (0..grid.columns()).filter(is_of_codes).collect()
}

/// The heading that a hint names a column by, or its letters where there is none.
pub(super) fn name_of(grid: &Grid, column: usize, this_year: u16) -> String {
    // No other column may be called so.
    let (_, above) = first_code(grid, column, this_year);
    let is_usable = !above.is_empty() && above.len() <= 60 && !above.contains([',', '=', '"', '\n']);
    let is_other = |(at, cell): (usize, &str)| at != column && cell.trim() == above;
    let mut rows = 0..grid.len().min(HEADING_ROWS);
    match is_usable && !rows.any(|row| grid.row(row).enumerate().any(is_other)) {
        true => above.to_owned(),
        false => columns::letters(column),
    }
}
