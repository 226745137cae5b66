//! Tables and lines for programs and spreadsheets: rows of typed cells, and one writer each for CSV, XLSX and JSON Lines.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::XlsxError;

pub mod csv;
pub mod jsonl;
pub mod xlsx;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    Csv,
    Xlsx,
    Jsonl,
}

impl SheetFormat {
    pub const ALL: [SheetFormat; 3] = [SheetFormat::Csv, SheetFormat::Xlsx, SheetFormat::Jsonl];

    /// How the names of its files end; the usual ending first.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            SheetFormat::Csv => &["csv"],
            SheetFormat::Xlsx => &["xlsx"],
            SheetFormat::Jsonl => &["jsonl", "ndjson"],
        }
    }

    /// The format that a file name's ending asks for.
    pub fn of_ending(path: &Path) -> Result<SheetFormat, NoFormat> {
        let format = SheetFormat::ALL
            .into_iter()
            .find(|format| has_ending(path, format.endings()));
        format.ok_or_else(|| NoFormat(path.to_path_buf()))
    }
}

/// The usual endings of formats for people: `.csv, .xlsx or .jsonl`.
pub fn endings(formats: impl IntoIterator<Item = &'static [&'static str]>) -> String {
    let endings = formats.into_iter().map(|endings| format!(".{}", endings[0]));
    let endings: Vec<String> = endings.collect();
    let (last, others) = endings.split_last().expect("there is a format");
    format!("{} or {last}", others.join(", "))
}

/// Whether a name ends in one of these, in capitals or not.
pub fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    endings.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

/// A file whose name tells no format.
#[derive(Debug, thiserror::Error)]
#[error("cannot tell the format of a table named {}\nhint: end it in {}", .0.display(), endings(SheetFormat::ALL.map(SheetFormat::endings)))]
pub struct NoFormat(PathBuf);

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(u32),
    /// A path; where it is not UTF-8, JSON carries its bytes too.
    Path(PathBuf),
    /// A moment, in seconds since 1970: a date in workbooks, RFC 3339 in UTC elsewhere.
    Moment(i64),
}

impl Cell {
    pub fn text(text: Option<&str>) -> Cell {
        text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
    }

    pub fn number(number: Option<u32>) -> Cell {
        number.map_or(Cell::Empty, Cell::Number)
    }

    /// As text, whatever it is.
    pub fn plain(&self) -> Cow<'_, str> {
        match self {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Number(number) => Cow::Owned(number.to_string()),
            Cell::Path(path) => path.to_string_lossy(),
            Cell::Moment(seconds) => Cow::Owned(moment(*seconds)),
        }
    }
}

/// A moment as RFC 3339 writes it, in UTC, from seconds since 1970.
pub fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |moment| moment.to_string())
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    pub cells: Vec<Cell>,
    pub mark: RowMark,
}

/// Whether a row is shown to need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowMark {
    Fine,
    Problem,
}

/// A column: its name, and the width in characters that a spreadsheet gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetColumn {
    pub name: &'static str,
    pub width: u8,
}

impl SheetColumn {
    pub const fn new(name: &'static str, width: u8) -> SheetColumn {
        SheetColumn { name, width }
    }
}

/// What a table is, beside its rows.
#[derive(Debug, Clone)]
pub struct SheetHead {
    /// What a workbook calls it.
    pub name: &'static str,
    pub columns: Vec<SheetColumn>,
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
    #[error("a workbook holds {} rows\nhint: end the name in .csv or .jsonl", xlsx::MOST_ROWS)]
    TooManyRows,
}

/// The columns of a report of findings, which is no list of codes to apply.
pub const FINDINGS: [SheetColumn; 15] = [
    SheetColumn::new("path", 60),
    SheetColumn::new("format", 8),
    SheetColumn::new("isrc", 15),
    SheetColumn::new("title", 30),
    SheetColumn::new("artist", 24),
    SheetColumn::new("album", 24),
    SheetColumn::new("disc", 5),
    SheetColumn::new("track", 6),
    SheetColumn::new("finding", 12),
    SheetColumn::new("severity", 9),
    SheetColumn::new("place", 22),
    SheetColumn::new("value", 20),
    SheetColumn::new("repair", 8),
    SheetColumn::new("reason", 30),
    SheetColumn::new("second_opinion", 24),
];

/// Writes a table.
pub fn write(
    mut out: &mut dyn Write,
    format: SheetFormat,
    sheet: &SheetHead,
    rows: &mut dyn Iterator<Item = SheetRow>,
) -> Result<(), SheetError> {
    let columns = &sheet.columns;
    match format {
        SheetFormat::Csv => {
            let mut written = csv::CsvRows::new(out, csv::Mark::Utf8, columns)?;
            for row in rows.map(on_one_line) {
                written.write(row.cells.iter().map(|cell| csv::guarded(&cell.plain()).into_owned()))?;
            }
            written.flush()?;
        }
        SheetFormat::Xlsx => xlsx::write(out, sheet, &mut rows.map(on_one_line))?,
        SheetFormat::Jsonl => {
            for SheetRow { cells, .. } in rows {
                let cells = &cells;
                jsonl::write_line(&mut out, &jsonl::RowObject { columns, cells })?;
            }
        }
    }
    Ok(())
}

/// Only paths keep their line breaks: those of a title would cut a row in two for every program that reads CSV line by
/// line.
fn on_one_line(mut row: SheetRow) -> SheetRow {
    for cell in &mut row.cells {
        if let Cell::Text(text) = cell
            && text.contains(['\n', '\r'])
        {
            *text = text.replace("\r\n", " ").replace(['\n', '\r'], " ");
        }
    }
    row
}
