//! XLSX. The parts are unpacked once only to be counted, so that a small file cannot become a large one in memory, and
//! the cells are read one by one: a sheet that claims a million columns is not laid out. What the workbook hides, sheets,
//! rows and columns, is not what its owner sees, and is left out; so are rows and codes that are struck through.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Display;
use std::io::{self, Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use crate::format::tags::quietly;
use crate::isrc::words::count;
use crate::list::read::grid::{COLUMN_LIMIT, is_too_long};
use crate::list::table::cell::is_code;
use crate::list::told::ListError;
use crate::list::{ROW_LIMIT, Sheet};
use parts::{Hidden, OfSheet};

mod parts;

/// What the parts of a workbook may come to when unpacked. A sheet of a hundred thousand rows has some 50 MB.
const UNPACKED_LIMIT: u64 = 64 << 20;

/// The most texts that cells may share: ten in each of the rows that are read.
const SHARED_TEXTS_LIMIT: u64 = 10 * ROW_LIMIT as u64;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// The visible sheets.
pub(super) fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, ListError> {
    let failed = || broken(&"a parser failed on it");
    quietly(|| read(bytes)).unwrap_or_else(|| Err(failed()))
}

fn broken(error: &dyn Display) -> ListError {
    ListError::BrokenWorkbook(error.to_string())
}

fn read(bytes: &[u8]) -> Result<Vec<Sheet>, ListError> {
    let broken = |error: XlsxError| broken(&error);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| self::broken(&error))?;
    if let Some(error) = other_document(&archive) {
        return Err(error);
    }
    let struck = check_unpacked(&mut archive)?;
    let hidden = Hidden::of(&mut archive, struck).ok_or_else(|| self::broken(&"two of its sheets are one part"))?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let is_table =
        |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
    let visible = workbook.sheets_metadata().iter().filter(is_table);
    let names: Vec<String> = visible.map(|sheet| sheet.name.clone()).collect();
    if names.is_empty() && !workbook.sheets_metadata().is_empty() {
        return Err(ListError::AllHidden);
    }
    names
        .into_iter()
        .map(|name| sheet(&mut workbook, name, &hidden))
        .collect()
}

/// What a ZIP archive is that is no workbook, by the names of its parts.
fn other_document(archive: &Archive) -> Option<ListError> {
    let names: Vec<Cow<str>> = archive.file_names().flatten().collect();
    let has = |start: &str| names.iter().any(|name| name.starts_with(start));
    if has("xl/") || has("_rels/") && !has("word/") {
        return None;
    }
    Some(match () {
        () if has("word/") => ListError::OtherDocument("a Word document"),
        () if has("content.xml") || has("mimetype") => ListError::OtherDocument("a LibreOffice or OpenOffice document"),
        () if has("Index/") || has("Index.zip") => ListError::OtherDocument("a Numbers or Pages document"),
        () => ListError::Archive,
    })
}

/// Gives the parts that hold shared texts of which some are struck through.
fn check_unpacked(archive: &mut Archive) -> Result<Vec<String>, ListError> {
    let mut left = UNPACKED_LIMIT;
    let mut struck = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| broken(&error))?;
        let name = part.name().map(Cow::into_owned).unwrap_or_default();
        let unpacked = io::copy(&mut part.take(left.saturating_add(1)), &mut io::sink());
        let unpacked = unpacked.map_err(|error| broken(&error))?;
        left = left.checked_sub(unpacked).ok_or(ListError::Bomb)?;
        if name.to_ascii_lowercase().ends_with("sharedstrings.xml") {
            // The reader of cells makes room for as many texts as the table says that it has.
            let shared = parts::shared_texts(archive, &name, SHARED_TEXTS_LIMIT);
            if shared.said > unpacked.min(SHARED_TEXTS_LIMIT) || shared.texts > SHARED_TEXTS_LIMIT {
                return Err(ListError::Bomb);
            }
            struck.extend(shared.has_struck.then_some(name));
        }
    }
    Ok(struck)
}

fn sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: String, hidden: &Hidden) -> Result<Sheet, ListError> {
    let broken = |error: XlsxError| broken(&error);
    let mut cells = match workbook.worksheet_cells_reader(&name) {
        Ok(cells) => cells,
        // A sheet that is only a chart has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Sheet::default()),
        Err(error) => return Err(broken(error)),
    };
    let mut rows = Rows {
        hidden: hidden.sheets.get(&name),
        struck_texts: &hidden.struck_texts,
        sheet: Sheet::default(),
        row: Vec::new(),
        index: 0,
        is_struck: false,
        merged: BTreeMap::new(),
        left_out: LeftOut::default(),
    };
    rows.sheet.name = Some(name);
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        if row != rows.index {
            rows.end_row()?;
            rows.index = row;
        }
        rows.take(column as usize, text(cell.get_value()))?;
    }
    rows.end_row()?;
    rows.sheet.left_out = rows.left_out.words();
    Ok(rows.sheet)
}

/// The rows of a sheet, as their cells come.
struct Rows<'h> {
    hidden: Option<&'h OfSheet>,
    struck_texts: &'h HashMap<String, String>,
    sheet: Sheet,
    /// The row that is being read, and its index.
    row: Vec<String>,
    index: u32,
    is_struck: bool,
    /// Of each column the text of the merged cells that have begun, and their last row.
    merged: BTreeMap<usize, (u32, String)>,
    left_out: LeftOut,
}

/// How much that the workbook hides, or strikes through, is left out.
#[derive(Default)]
struct LeftOut {
    rows: usize,
    columns: HashSet<usize>,
    struck_rows: usize,
    struck_codes: usize,
}

impl LeftOut {
    fn words(&self) -> Vec<String> {
        let told = |parts: [(usize, &str, &str); 2], end: &str| {
            let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
            let parts: Vec<String> = parts
                .map(|(number, one, many)| count(number as u64, one, many))
                .collect();
            (!parts.is_empty()).then(|| format!("{}{end} left out", parts.join(" and ")))
        };
        let hidden = [
            (self.rows, "hidden row", "hidden rows"),
            (self.columns.len(), "hidden column", "hidden columns"),
        ];
        let struck = [(self.struck_rows, "row", "rows"), (self.struck_codes, "code", "codes")];
        let told = [told(hidden, ""), told(struck, " struck through")];
        told.into_iter().flatten().collect()
    }
}

impl Rows<'_> {
    fn take(&mut self, column: usize, text: Cow<str>) -> Result<(), ListError> {
        if is_too_long(&text) {
            let row = self.index.saturating_add(1);
            return Err(ListError::CellTooLong { row });
        }
        if column >= COLUMN_LIMIT || text.is_empty() {
            return Ok(());
        }
        let is_hidden = |hidden: &OfSheet| hidden.columns.contains(&column);
        let place = (self.index, column);
        let left = match self.struck_texts.is_empty() {
            true => None,
            false => self.struck_texts.get(&parts::without_spaces(&text)),
        };
        let is_struck = |hidden: &OfSheet| hidden.struck.contains(&place) || left.is_some_and(|left| left.is_empty());
        if self.hidden.is_some_and(is_hidden) {
            self.left_out.columns.insert(column);
        } else if self.hidden.is_some_and(is_struck) {
            // A code that is struck through may have another beside it; what else is takes its row along.
            match is_code(&text) {
                true => self.left_out.struck_codes += 1,
                false => self.is_struck = true,
            }
        } else {
            self.left_out.struck_codes += usize::from(left.is_some() && text.split_whitespace().any(is_code));
            let text = left.cloned().unwrap_or_else(|| text.into_owned());
            if let Some(last) = self.hidden.and_then(|hidden| hidden.merged.get(&place))
                && !is_code(&text)
            {
                self.merged.insert(column, (*last, text.clone()));
            }
            self.row.resize(self.row.len().max(column + 1), String::new());
            self.row[column] = text;
        }
        Ok(())
    }

    /// Keeps a row, unless it is hidden or struck through.
    fn end_row(&mut self) -> Result<(), ListError> {
        let mut row = std::mem::take(&mut self.row);
        self.merged.retain(|_, (last, _)| self.index <= *last);
        // What merged cells say holds for each row with a code beside them.
        if !self.merged.is_empty() && row.iter().any(|cell| is_code(cell)) {
            for (column, (_, text)) in &self.merged {
                row.resize(row.len().max(column + 1), String::new());
                if row[*column].trim().is_empty() {
                    row[*column].clone_from(text);
                }
            }
        }
        let is_struck = std::mem::take(&mut self.is_struck);
        let is_empty = row.iter().all(|cell| cell.trim().is_empty());
        if self.hidden.is_some_and(|hidden| hidden.rows.contains(&self.index)) {
            self.left_out.rows += usize::from(!is_empty);
        } else if is_struck {
            self.left_out.struck_rows += 1;
        } else {
            let number = self.index.saturating_add(1);
            self.sheet.grid.push(number, row.iter().map(String::as_str))?;
        }
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
