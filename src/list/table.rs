//! From cells to rows: finds the row of headings and reads the columns that are known.

use std::path::PathBuf;

use super::columns::{self, Column, Layout};
use super::duration::{self, DurationCell};
use super::{CELL_LIMIT, Code, Ending, List, ListError, Numbering, ROW_LIMIT, Reading, Row};
use crate::tags::Description;

/// The headings are looked for in so many rows that are not empty; above them stand names and addresses.
const HEADING_ROWS: usize = 20;

/// Takes the rows of a table one after the other.
#[derive(Debug)]
pub(super) struct Table<'a> {
    reading: &'a Reading,
    layout: Option<Layout>,
    /// Rows above the headings, and the first of them.
    above: usize,
    first: Vec<String>,
    rows: Vec<Row>,
}

impl<'a> Table<'a> {
    pub(super) fn new(reading: &'a Reading) -> Table<'a> {
        Table {
            reading,
            layout: None,
            above: 0,
            first: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Whether rows can be read already.
    pub(super) fn has_headings(&self) -> bool {
        self.layout.is_some()
    }

    /// How many columns are known.
    pub(super) fn known(&self) -> usize {
        self.layout.as_ref().map_or(0, Layout::known)
    }

    pub(super) fn push(&mut self, number: u32, cells: &[String]) -> Result<(), ListError> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if cells.iter().any(|cell| is_too_long(cell)) {
            return Err(ListError::CellTooLong { row: number });
        }
        let Some(layout) = &self.layout else {
            return self.heading(number, cells);
        };
        if self.rows.len() == ROW_LIMIT {
            return Err(ListError::TooManyRows);
        }
        if let Some(error) = self.other_code(number, layout, cells) {
            return Err(error);
        }
        let cell = |column| layout.position(column).and_then(|position| cells.get(position));
        for column in Column::ALL {
            let breaks = cell(column).is_some_and(|cell| cell.trim().contains(['\n', '\r']));
            // A file name may hold one.
            if breaks && column != Column::File {
                return Err(ListError::LineBreak { row: number });
            }
        }
        self.rows.extend(row(number, self.reading.this_year, |column| {
            cell(column).map(String::as_str)
        }));
        Ok(())
    }

    /// A second column of codes that says something else than the chosen one is never passed over silently.
    fn other_code(&self, row: u32, layout: &Layout, cells: &[String]) -> Option<ListError> {
        if self.reading.columns.given(Column::Isrc).is_some() {
            return None;
        }
        let chosen = layout.position(Column::Isrc)?;
        let code = |index: usize| {
            let may_be = cells.get(index).filter(|cell| (12..=32).contains(&cell.trim().len()))?;
            Code::judge(may_be, self.reading.this_year).isrc()
        };
        let own = code(chosen);
        let differs = |index: &usize| *index != chosen && code(*index).is_some_and(|other| own != Some(other));
        let other = (0..cells.len()).find(differs)?;
        let letters = columns::letters(other);
        Some(ListError::TwoCodeColumns {
            row,
            first: columns::letters(chosen),
            second: letters.clone(),
            second_letters: letters,
        })
    }

    fn heading(&mut self, row: u32, cells: &[String]) -> Result<(), ListError> {
        let layout = columns::layout(cells, &self.reading.columns);
        let layout = layout.map_err(|error| ListError::Headings { row, error })?;
        if let Some(layout) = layout {
            let isrc = layout.position(Column::Isrc).and_then(|position| cells.get(position));
            let is_data = isrc.is_some_and(|cell| Code::judge(cell, self.reading.this_year).isrc().is_some());
            self.layout = Some(layout);
            // With columns given by their letters a table needs no headings.
            return if is_data { self.push(row, cells) } else { Ok(()) };
        }
        if self.above == 0 {
            self.first = cells.to_vec();
        }
        self.above += 1;
        if self.above >= HEADING_ROWS {
            return Err(self.no_code_column());
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<List, ListError> {
        let Some(layout) = &self.layout else {
            return Err(self.no_code_column());
        };
        let names_files = [Column::File, Column::Track, Column::Title];
        if names_files.iter().all(|column| layout.position(*column).is_none()) {
            return Err(ListError::NothingNamesFiles);
        }
        Ok(List {
            rows: self.rows,
            numbering: Numbering::Rows,
        })
    }

    fn no_code_column(&self) -> ListError {
        if let Some(given) = self.reading.columns.given(Column::Isrc) {
            return ListError::Headings {
                row: 1,
                error: columns::LayoutError::NoSuchHeading(given.to_owned()),
            };
        }
        let cells = self.first.iter().filter(|cell| !cell.trim().is_empty());
        let shown: Vec<String> = cells
            .take(12)
            .map(|cell| format!("{:?}", super::shortened(cell.trim())))
            .collect();
        ListError::NoCodeColumn(match shown.is_empty() {
            true => "nothing".to_owned(),
            false => shown.join(", "),
        })
    }
}

pub(super) fn is_too_long(cell: &str) -> bool {
    cell.len() > CELL_LIMIT && cell.chars().nth(CELL_LIMIT).is_some()
}

/// Reads one row through its columns; `None` if it is empty in all of them.
pub(super) fn row<'c>(number: u32, this_year: u16, cell: impl Fn(Column) -> Option<&'c str>) -> Option<Row> {
    let text = |column| cell(column).map(str::trim).filter(|text| !text.is_empty());
    if Column::ALL.into_iter().all(|column| text(column).is_none()) {
        return None;
    }
    let owned = |column| text(column).map(str::to_owned);
    let track = text(Column::Track);
    let (disc_of_track, number_of_track) = track.map_or((None, None), track_number);
    // A column "Track" may hold titles.
    let title_of_track = track.filter(|_| number_of_track.is_none()).map(str::to_owned);
    let duration = text(Column::Duration).map_or(DurationCell::None, duration::parse);
    Some(Row {
        number,
        code: Code::judge(cell(Column::Isrc).unwrap_or(""), this_year),
        // Spaces at the ends belong to a file name.
        file: text(Column::File).and(cell(Column::File)).map(PathBuf::from),
        ending: Ending::Binding,
        description: Description {
            title: owned(Column::Title).or(title_of_track),
            version: owned(Column::Version),
            artist: owned(Column::Artist),
            album: owned(Column::Album),
            disc: text(Column::Disc).and_then(leading_number).or(disc_of_track),
            track: number_of_track,
            duration: match duration {
                DurationCell::Readings(readings) if readings.other.is_none() => Some(readings.likeliest),
                DurationCell::Readings(_) | DurationCell::None | DurationCell::Unreadable => None,
            },
            flac_md5: None,
        },
        duration,
        upc: owned(Column::Upc),
        published: owned(Column::Published),
        content_type: owned(Column::ContentType),
        code_state: owned(Column::CodeState),
        cuesheet_track: None,
    })
}

/// Reads `7`, `07`, `7/12` and, with the disc in front, `2-07` or `2.07`.
fn track_number(text: &str) -> (Option<u32>, Option<u32>) {
    let number = |text: &str| {
        let text = text.trim();
        let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    let before_total = text.split_once('/').map_or(text, |(number, _)| number);
    match before_total.split_once(['-', '.']) {
        Some((disc, track)) => match (number(disc), number(track)) {
            (Some(disc), Some(track)) => (Some(disc), Some(track)),
            // "7." is a seven.
            (Some(only), None) if track.trim().is_empty() => (None, Some(only)),
            _ => (None, None),
        },
        None => (None, number(before_total)),
    }
}

/// The number of `2`, `2/3`, `CD 2`, `Disc 2`.
fn leading_number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn track_numbers_are_read_as_written() {
        check("7", (None, Some(7)));
        check("07", (None, Some(7)));
        check("7/12", (None, Some(7)));
        check("7.", (None, Some(7)));
        check("2-07", (Some(2), Some(7)));
        check("2.07", (Some(2), Some(7)));
        check("A1", (None, None));
        check("99999999999", (None, None));
        check("", (None, None));
    }

    #[track_caller]
    fn check(text: &str, expected: (Option<u32>, Option<u32>)) {
        assert_eq!(track_number(text), expected, "{text:?}");
    }

    #[test]
    fn discs_may_be_called_by_name() {
        assert_eq!(leading_number("CD 2"), Some(2));
        assert_eq!(leading_number("1/3"), Some(1));
        assert_eq!(leading_number("bonus"), None);
        assert_eq!(leading_number("99999999999999"), None);
    }
}
