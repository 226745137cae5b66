//! XLSX. The parts are unpacked once only to be counted, so that a small file cannot become a large one in memory, and
//! the cells are read one by one: a sheet that claims a million columns is not laid out. What the workbook hides, sheets,
//! rows and columns, is not what its owner sees, and is left out; so are rows and codes that are struck through.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use crate::format::tags::quietly;
use crate::list::read::grid::{COLUMN_LIMIT, is_too_long};
use crate::list::told::ListError;
use crate::list::{ROW_LIMIT, Sheet};

mod hidden;

/// What the parts of a workbook may come to when unpacked. A sheet of a hundred thousand rows has some 50 MB.
const UNPACKED_LIMIT: u64 = 64 << 20;

/// The visible sheets.
pub(in crate::list) fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, ListError> {
    check_unpacked(bytes)?;
    match quietly(|| read(bytes)) {
        Some(sheets) => sheets,
        None => Err(ListError::BrokenWorkbook("a parser failed on it".to_owned())),
    }
}

/// The first row of every sheet, or nothing of what is no workbook that can be read.
pub(in crate::list) fn headings(bytes: &[u8]) -> Vec<Vec<String>> {
    if check_unpacked(bytes).is_err() {
        return Vec::new();
    }
    let read = || {
        let mut workbook = Xlsx::new(Cursor::new(bytes)).ok()?;
        let names = workbook.sheet_names();
        Some(names.iter().map(|name| first_row(&mut workbook, name)).collect())
    };
    quietly(read).flatten().unwrap_or_default()
}

fn first_row(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Vec<String> {
    let Ok(mut cells) = workbook.worksheet_cells_reader(name) else {
        return Vec::new();
    };
    let mut row = Vec::new();
    let mut first = None;
    while let Ok(Some(cell)) = cells.next_cell() {
        let (at_row, at_column) = cell.get_position();
        if *first.get_or_insert(at_row) != at_row || at_column as usize >= COLUMN_LIMIT {
            break;
        }
        row.push(text(cell.get_value()).trim().to_ascii_lowercase());
    }
    row
}

fn check_unpacked(bytes: &[u8]) -> Result<(), ListError> {
    let broken = |error: &dyn std::fmt::Display| ListError::BrokenWorkbook(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut left = UNPACKED_LIMIT;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| broken(&error))?;
        let mut counts = Counts::default();
        let read = io::copy(&mut part.take(left.saturating_add(1)), &mut counts).map_err(|error| broken(&error))?;
        left = left.checked_sub(read).ok_or(ListError::Bomb)?;
        if counts.declared > read.min(SHARED_TEXTS_LIMIT) || counts.texts > SHARED_TEXTS_LIMIT * 2 {
            return Err(ListError::Bomb);
        }
    }
    Ok(())
}

/// The most texts that cells may share: ten in each of the rows that are read.
const SHARED_TEXTS_LIMIT: u64 = 10 * ROW_LIMIT as u64;

/// What a part says that it holds and what it does: the library makes room for as many texts as it says.
#[derive(Debug, Default)]
struct Counts {
    /// The largest `uniqueCount` of the table of shared texts (ECMA-376, 18.4.9).
    declared: u64,
    /// Its texts; those with a prefix and an end of their own twice.
    texts: u64,
    /// The end of what was seen, in which a word may have begun.
    tail: Vec<u8>,
}

impl Counts {
    const ATTRIBUTE: &[u8] = b"uniqueCount";

    /// What may be between the attribute's name and the digits of its value: an equals sign, a quote, few spaces.
    const BETWEEN: usize = 16;

    /// More than the attribute with its value takes.
    const TAIL: usize = 64;

    fn declared_at(rest: &[u8]) -> u64 {
        let Some(start) = rest.iter().take(Counts::BETWEEN).position(u8::is_ascii_digit) else {
            // Not where any program writes it, unless it is cut off here: then it is seen whole with the next bytes.
            return if rest.len() < Counts::BETWEEN { 0 } else { u64::MAX };
        };
        let digits = rest[start..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |number: u64, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        })
    }
}

impl io::Write for Counts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let seen = self.tail.len();
        self.tail.extend_from_slice(bytes);
        for at in memchr::memmem::find_iter(&self.tail, Counts::ATTRIBUTE) {
            let declared = Counts::declared_at(&self.tail[at + Counts::ATTRIBUTE.len()..]);
            self.declared = self.declared.max(declared);
        }
        // The element of a text is named `si`, with or without a prefix.
        let is_text = |at: &usize| at + 2 > seen && *at > 0 && matches!(self.tail[at - 1], b'<' | b':');
        self.texts += memchr::memmem::find_iter(&self.tail, b"si").filter(is_text).count() as u64;
        self.tail.drain(..self.tail.len().saturating_sub(Counts::TAIL));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read(bytes: &[u8]) -> Result<Vec<Sheet>, ListError> {
    let broken = |error: XlsxError| ListError::BrokenWorkbook(error.to_string());
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let hidden = hidden::of(bytes);
    let metadata = workbook.sheets_metadata();
    let is_table =
        |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
    let names: Vec<String> = metadata
        .iter()
        .filter(is_table)
        .map(|sheet| sheet.name.clone())
        .collect();
    names
        .into_iter()
        .map(|name| sheet(&mut workbook, name, &hidden))
        .collect()
}

fn sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: String, hidden: &hidden::Hidden) -> Result<Sheet, ListError> {
    let broken = |error: XlsxError| ListError::BrokenWorkbook(error.to_string());
    let empty = hidden::OfSheet::default();
    let hidden = hidden.get(&name).unwrap_or(&empty);
    let mut cells = match workbook.worksheet_cells_reader(&name) {
        Ok(cells) => cells,
        // A sheet that is only a chart has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Sheet::default()),
        Err(error) => return Err(broken(error)),
    };
    let mut sheet = Sheet {
        name: Some(name),
        ..Sheet::default()
    };
    let (mut row, mut row_index, mut is_struck) = (Vec::new(), 0, false);
    let mut with_hidden: HashSet<usize> = HashSet::new();
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (at_row, at_column) = cell.get_position();
        if at_row != row_index {
            sheet.end_row(&mut row, row_index, std::mem::take(&mut is_struck), hidden)?;
            row_index = at_row;
        }
        let text = text(cell.get_value());
        let column = at_column as usize;
        if is_too_long(&text) {
            let row = at_row.saturating_add(1);
            return Err(ListError::CellTooLong { row });
        }
        if column >= COLUMN_LIMIT || text.is_empty() {
            continue;
        }
        if hidden.columns.iter().any(|columns| columns.contains(&column)) {
            with_hidden.insert(column);
        } else if hidden.struck.contains(&(at_row, at_column)) {
            // A code that is struck through may have another beside it; what else is takes its row along.
            match crate::isrc::normalise::normalise(text.trim()).is_ok() {
                true => sheet.struck_codes += 1,
                false => is_struck = true,
            }
        } else {
            row.resize(row.len().max(column + 1), String::new());
            row[column] = text.into_owned();
        }
    }
    sheet.end_row(&mut row, row_index, is_struck, hidden)?;
    sheet.hidden_columns = with_hidden.len();
    Ok(sheet)
}

impl Sheet {
    /// Takes a row, unless it is hidden or struck through.
    fn end_row(
        &mut self,
        row: &mut Vec<String>,
        index: u32,
        is_struck: bool,
        hidden: &hidden::OfSheet,
    ) -> Result<(), ListError> {
        let is_empty = row.iter().all(|cell| cell.trim().is_empty());
        if hidden.rows.contains(&index) {
            self.hidden_rows += usize::from(!is_empty);
        } else if is_struck {
            self.struck_rows += 1;
        } else {
            self.grid
                .push(index.saturating_add(1), row.iter().map(String::as_str))?;
        }
        row.clear();
        Ok(())
    }
}

/// A cell as a person reads it.
fn text<'c>(value: &'c DataRef<'_>) -> Cow<'c, str> {
    Cow::Owned(match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => return text.as_str().into(),
        DataRef::SharedString(text) => return (*text).into(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => date_or_time(moment),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    })
}

/// Below this number of days a moment is a time of day or a duration: dates that early are not in track lists.
const EARLIEST_DATE: f64 = 366.0;

fn date_or_time(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if !(0.0..EARLIEST_DATE).contains(&days) {
        let (year, month, day, ..) = moment.to_ymd_hms_milli();
        return format!("{year:04}-{month:02}-{day:02}");
    }
    let milliseconds = (days * 86_400_000.0).round() as u64;
    let (seconds, fraction) = (milliseconds / 1000, milliseconds % 1000);
    let clock = format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match fraction {
        0 => clock,
        _ => format!("{clock}.{fraction:03}"),
    }
}
