//! Tables that are written for spreadsheets and read back: CSV, XLSX and JSON Lines from one list of cells.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Color, Format, Table, TableColumn, Workbook, Worksheet, XlsxError};
use serde::Serializer as _;
use serde::ser::SerializeMap as _;

use crate::report::csv::defused;
use crate::report::jsonl::PathKeys;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    Csv,
    Xlsx,
    Jsonl,
}

impl SheetFormat {
    /// The format that a file name's ending asks for.
    pub fn of_ending(path: &Path) -> Result<SheetFormat, NoFormat> {
        let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("csv") => Ok(SheetFormat::Csv),
            Some("xlsx") => Ok(SheetFormat::Xlsx),
            Some("jsonl" | "ndjson") => Ok(SheetFormat::Jsonl),
            Some(_) | None => Err(NoFormat(path.to_path_buf())),
        }
    }
}

/// A file whose name tells no format.
#[derive(Debug, thiserror::Error)]
#[error("cannot tell the format of a table named {}\nhint: end it in .csv, .xlsx or .jsonl", .0.display())]
pub struct NoFormat(PathBuf);

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(u32),
    /// A path; where it is not UTF-8, JSON carries its bytes too.
    Path(PathBuf),
}

impl Cell {
    pub fn text(text: Option<&str>) -> Cell {
        text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
    }

    pub fn number(number: Option<u32>) -> Cell {
        number.map_or(Cell::Empty, Cell::Number)
    }
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    pub cells: Vec<Cell>,
    pub mark: Mark,
}

/// Whether a row is shown to need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Fine,
    Problem,
}

/// A column: its name, and the width in characters that a spreadsheet gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub width: u8,
}

/// What a table is, beside its rows.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What a workbook calls it.
    pub name: &'static str,
    pub columns: Vec<Column>,
    /// What a workbook says of it on a sheet of its own, before it.
    pub about: Vec<(&'static str, Cell)>,
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("cannot write the table")]
    Io(#[from] io::Error),
    #[error("cannot make the workbook")]
    Workbook(#[from] XlsxError),
    #[error("a workbook holds {MOST_ROWS} rows\nhint: end the name in .csv or .jsonl")]
    TooManyRows,
}

/// What a sheet of XLSX holds below its headings (ECMA-376 leaves it open; Excel and LibreOffice agree on 2^20).
const MOST_ROWS: usize = (1 << 20) - 1;

/// What a cell of XLSX holds, in UTF-16 units; Excel's limit.
const LONGEST_CELL: usize = 32_767;

/// Writes a table.
pub fn write(
    out: &mut dyn Write,
    format: SheetFormat,
    sheet: &Sheet,
    rows: &mut dyn Iterator<Item = SheetRow>,
) -> Result<(), SheetError> {
    match format {
        SheetFormat::Csv => write_csv(out, sheet, rows),
        SheetFormat::Xlsx => write_xlsx(out, sheet, rows),
        SheetFormat::Jsonl => write_jsonl(out, sheet, rows),
    }
}

fn write_csv(out: &mut dyn Write, sheet: &Sheet, rows: &mut dyn Iterator<Item = SheetRow>) -> Result<(), SheetError> {
    // Without it Excel takes the file for one in its own code page.
    out.write_all("\u{feff}".as_bytes())?;
    let mut out = csv::Writer::from_writer(out);
    let io_error = |error: csv::Error| SheetError::Io(error.into());
    out.write_record(sheet.columns.iter().map(|column| column.name))
        .map_err(io_error)?;
    for row in rows {
        let cells = row.cells.iter().map(|cell| guarded(&plain(cell)).into_owned());
        out.write_record(cells).map_err(io_error)?;
    }
    out.flush()?;
    Ok(())
}

/// The text of a cell. Only paths keep their line breaks: those of a title would cut a row in two for every program
/// that reads CSV line by line.
fn plain(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(text) if text.contains(['\n', '\r']) => {
            Cow::Owned(text.replace("\r\n", " ").replace(['\n', '\r'], " "))
        }
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Number(number) => Cow::Owned(number.to_string()),
        Cell::Path(path) => path.to_string_lossy(),
    }
}

/// Defuses a cell so that [`undefused`] gives it back: a cell that looks defused already gets an apostrophe more.
fn guarded(cell: &str) -> Cow<'_, str> {
    let bare = cell.trim_start_matches('\'');
    match bare.len() < cell.len() && matches!(defused(bare), Cow::Owned(_)) {
        true => Cow::Owned(format!("'{cell}")),
        false => defused(cell),
    }
}

/// A cell of CSV without the apostrophe that kept a spreadsheet from taking it for a formula.
pub fn undefused(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(rest) if matches!(defused(rest.trim_start_matches('\'')), Cow::Owned(_)) => Cow::Borrowed(rest),
        _ => Cow::Borrowed(cell),
    }
}

fn write_xlsx(out: &mut dyn Write, sheet: &Sheet, rows: &mut dyn Iterator<Item = SheetRow>) -> Result<(), SheetError> {
    let mut workbook = Workbook::new();
    if !sheet.about.is_empty() {
        workbook.add_worksheet().set_name("Summary")?;
    }
    let page = workbook.add_worksheet();
    // It is what a person opens the workbook for.
    page.set_name(sheet.name)?.set_active(true);
    let text = Format::new().set_num_format("@");
    let mut count = 0;
    let shades = [
        Shade::new(Format::new()),
        Shade::new(Format::new().set_background_color(Color::RGB(0x00FF_E0B2))),
    ];
    for row in rows {
        if count == MOST_ROWS {
            return Err(SheetError::TooManyRows);
        }
        count += 1;
        let [fine, problem] = &shades;
        let shade = match row.mark {
            Mark::Fine => fine,
            Mark::Problem => problem,
        };
        for (column, cell) in (0u16..).zip(&row.cells) {
            write_cell(page, count as u32, column, cell, shade)?;
        }
    }
    for (column, Column { name, width }) in (0u16..).zip(&sheet.columns) {
        page.write_string(0, column, *name)?;
        page.set_column_width(column, f64::from(*width))?;
        // As text, so that what a person types here stays as typed.
        page.set_column_format(column, &text)?;
    }
    page.set_freeze_panes(1, 0)?;
    // A table has a row at least. It brings the filter with it.
    if count > 0 {
        let columns: Vec<TableColumn> = sheet
            .columns
            .iter()
            .map(|column| TableColumn::new().set_header(column.name))
            .collect();
        let table = Table::new().set_columns(&columns);
        page.add_table(0, 0, count as u32, sheet.columns.len() as u16 - 1, &table)?;
    }
    if !sheet.about.is_empty() {
        let page = workbook.worksheet_from_index(0)?;
        page.set_column_width(0, 16)?;
        page.set_column_width(1, 60)?;
        let [plain, _] = &shades;
        let rows = Cell::Number(u32::try_from(count).unwrap_or(u32::MAX));
        for (row, (word, cell)) in (0u32..).zip(sheet.about.iter().chain([&("rows", rows)])) {
            page.write_string_with_format(row, 0, *word, &Format::new().set_bold())?;
            write_cell(page, row, 1, cell, plain)?;
        }
    }
    out.write_all(&workbook.save_to_buffer()?)?;
    Ok(())
}

/// The formats of a row's cells. Numbers are numbers; codes and all else are text and stay as they are.
struct Shade {
    text: Format,
    number: Format,
}

impl Shade {
    fn new(format: Format) -> Shade {
        Shade {
            text: format.clone().set_num_format("@"),
            number: format.set_num_format("0"),
        }
    }
}

fn write_cell(page: &mut Worksheet, row: u32, column: u16, cell: &Cell, shade: &Shade) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => page.write_blank(row, column, &shade.text)?,
        Cell::Number(number) => page.write_number_with_format(row, column, *number, &shade.number)?,
        Cell::Text(_) | Cell::Path(_) => {
            let text = plain(cell);
            // As a string, whatever it begins with: never as a formula.
            page.write_string_with_format(row, column, cut(&text), &shade.text)?
        }
    };
    Ok(())
}

fn cut(text: &str) -> &str {
    let mut units = 0;
    let too_long = text.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > LONGEST_CELL
    });
    too_long.map_or(text, |(end, _)| &text[..end])
}

fn write_jsonl(out: &mut dyn Write, sheet: &Sheet, rows: &mut dyn Iterator<Item = SheetRow>) -> Result<(), SheetError> {
    for row in rows {
        let mut line = serde_json::Serializer::new(&mut *out);
        write_object(&mut line, sheet, &row.cells).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// One object a row, its keys in the order of the columns.
fn write_object<W: Write>(
    line: &mut serde_json::Serializer<W>,
    sheet: &Sheet,
    cells: &[Cell],
) -> serde_json::Result<()> {
    let mut object = line.serialize_map(None)?;
    for (Column { name, .. }, cell) in sheet.columns.iter().zip(cells) {
        match cell {
            Cell::Empty => object.serialize_entry(name, &())?,
            Cell::Text(text) => object.serialize_entry(name, text)?,
            Cell::Number(number) => object.serialize_entry(name, number)?,
            Cell::Path(path) => {
                let PathKeys { path, path_bytes } = PathKeys::new(path);
                object.serialize_entry(name, &path)?;
                if let Some(bytes) = path_bytes {
                    object.serialize_entry("path_bytes", &bytes)?;
                }
            }
        }
    }
    object.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were() {
        for cell in [
            "=1+1", "+x", "-x", "@x", "'=1+1", "''@", "'quoted'", "'", "''", "plain", "", "\tx", "＝x", "'\n",
        ] {
            let written = guarded(cell);
            assert_eq!(undefused(&written), cell, "{cell:?}");
            assert_eq!(defused(&written), written, "{cell:?} is a formula still");
        }
    }

    #[test]
    fn long_cells_are_cut_between_characters() {
        let text = format!("{}é", "x".repeat(LONGEST_CELL - 1));
        assert_eq!(cut(&text), text);
        let text = format!("{}\u{1f3b5}", "x".repeat(LONGEST_CELL - 1));
        assert_eq!(cut(&text).len(), LONGEST_CELL - 1);
    }
}
