//! Lists of codes: CSV, TSV, XLSX, JSON Lines and cue sheets, read into rows, matched with files, and written.
//!
//! Reading ([`read`]) and matching ([`matching`]) change nothing. Invariant: what [`inventory`] writes is read back
//! cell by cell as it was.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::isrc::Isrc;
use crate::isrc::decode::{Class, decode};
use crate::source::{Links, ReadAt, ReadError, SourceFile};
use crate::tags::Description;
use columns::{Columns, LayoutError};
use duration::DurationCell;

pub mod columns;
mod cue;
pub mod duration;
pub mod inventory;
mod lines;
pub mod matching;

mod table;
mod text;
mod workbook;

/// The largest list that is read. A row of a track list takes about a hundred bytes.
pub const FILE_LIMIT: u64 = 32 << 20;

/// The most rows that are read.
pub const ROW_LIMIT: usize = 200_000;

/// The most characters of a cell: as many as a spreadsheet takes ("Excel specifications and limits").
pub const CELL_LIMIT: usize = 32_767;

/// A list of codes as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    pub rows: Vec<Row>,
    /// What the numbers of the rows count.
    pub numbering: Numbering,
}

/// What [`Row::number`] counts, from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Numbering {
    /// Rows as a spreadsheet shows them, headings and empty rows included.
    #[default]
    Rows,
    /// Lines of a text.
    Lines,
}

impl Numbering {
    /// "row" or "line".
    pub fn word(self) -> &'static str {
        match self {
            Numbering::Rows => "row",
            Numbering::Lines => "line",
        }
    }
}

/// One row: a code, and what tells which file it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: u32,
    pub code: Code,
    pub file: Option<PathBuf>,
    pub ending: Ending,
    /// Its duration is that of [`Row::duration`] where it can be read in one way only.
    pub description: Description,
    pub duration: DurationCell,
    /// As written; never matched, but several of them are several releases.
    pub upc: Option<String>,
    pub published: Option<String>,
    pub content_type: Option<String>,
    /// What the ledger's export says of the code.
    pub code_state: Option<String>,
    /// The code is for this track of the file's CUESHEET block, not for the file.
    pub cuesheet_track: Option<u8>,
}

/// Whether the ending of a row's file name is part of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Binding,
    /// A cue sheet says `.wav` long after the file has become a FLAC.
    Loose,
}

/// What stands where a row's code belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// The cell is empty: the row asks for nothing.
    None,
    Isrc {
        isrc: Isrc,
        /// Why the code is believed only with a warning, as a sentence without full stop.
        doubt: Option<Cow<'static, str>>,
    },
    /// No code that could be written.
    Unusable {
        text: String,
        placeholder: bool,
        /// A sentence without full stop.
        why: Cow<'static, str>,
    },
}

impl Code {
    /// Judges the text of a cell. Any spelling that loses nothing will do.
    pub fn judge(text: &str, this_year: u16) -> Code {
        if text.trim().is_empty() {
            return Code::None;
        }
        let decoded = decode(text, this_year);
        match decoded.isrc {
            Some(isrc) => Code::Isrc {
                isrc,
                doubt: decoded.doubt(),
            },
            None => Code::Unusable {
                text: shortened(text).into_owned(),
                placeholder: decoded.class == Class::Placeholder,
                why: decoded.reason.explain(),
            },
        }
    }

    pub fn isrc(&self) -> Option<Isrc> {
        match self {
            Code::Isrc { isrc, .. } => Some(*isrc),
            Code::None | Code::Unusable { .. } => None,
        }
    }
}

/// How a list is to be read.
#[derive(Debug, Clone)]
pub struct Reading {
    pub columns: Columns,
    /// The sheet of a workbook to read, if several may be meant.
    pub sheet: Option<String>,
    /// The calendar year in which codes are judged.
    pub this_year: u16,
}

/// Why a list cannot be used. Nothing of it is used then.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("cannot be read")]
    Read(#[source] ReadError),
    #[error("it has {len} bytes; a list of codes may have {FILE_LIMIT}\nhint: split it by release")]
    TooLarge { len: u64 },
    #[error("it has more than {ROW_LIMIT} rows\nhint: split it by release")]
    TooManyRows,
    #[error("the ending says no kind of list that is read\nhint: .csv, .tsv, .xlsx, .jsonl and .cue are")]
    UnknownKind,
    #[error("it is an encrypted workbook or one of the old .xls kind\nhint: save it as .xlsx without a password")]
    Encrypted,
    #[error("it is no workbook that can be read: {0}")]
    BrokenWorkbook(String),
    #[error("its parts are too large when unpacked")]
    Bomb,
    #[error("row {row}: a cell has more than {CELL_LIMIT} characters, which no spreadsheet takes")]
    CellTooLong { row: u32 },
    #[error("row {row}: {error}")]
    Headings { row: u32, error: LayoutError },
    #[error(
        "no column is headed ISRC or the like; the first row says {0}\nhint: name the column with --columns isrc=HEADING"
    )]
    NoCodeColumn(String),
    #[error(
        "two columns hold codes that differ, first in row {row}: {first} and {second}\nhint: choose with --columns isrc={second_letters}"
    )]
    TwoCodeColumns {
        row: u32,
        first: String,
        second: String,
        second_letters: String,
    },
    #[error("several sheets hold codes: {0}\nhint: choose one with --sheet NAME")]
    SeveralSheets(String),
    #[error("it has no visible sheet {wanted:?} with codes; those that have are {there}")]
    NoSuchSheet { wanted: String, there: String },
    #[error("no column tells which file a code is for\nhint: name one with --columns, as in --columns file=HEADING")]
    NothingNamesFiles,
    #[error("row {row}: a cell runs over several lines\nhint: is a quotation mark not closed?")]
    LineBreak { row: u32 },
    #[error("row {row} cannot be read as CSV")]
    Csv {
        row: u32,
        #[source]
        source: csv::Error,
    },
    #[error("line {line} is no JSON object")]
    Json {
        line: u32,
        #[source]
        source: Option<serde_json::Error>,
    },
    #[error("line {line}: {why}")]
    Cue { line: u32, why: &'static str },
    #[error("it holds no code")]
    NoCodes,
}

/// Reads a list of codes. Its kind is told by the content where that is certain, else by the ending of its name.
pub fn read(path: &Path, reading: &Reading) -> Result<List, ListError> {
    let bytes = bytes_of(path)?;
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let ending = ending.as_deref().and_then(|ending| ending.to_str()).unwrap_or("");
    parse(&bytes, ending, reading)
}

/// Reads a list of codes from memory; `ending` is that of its name, in lower case.
pub fn parse(bytes: &[u8], ending: &str, reading: &Reading) -> Result<List, ListError> {
    let is_zip = bytes.starts_with(b"PK\x03\x04");
    // The signature of compound files ([MS-CFB], section 2.2), in which encrypted workbooks and .xls are kept.
    let is_compound = bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    if is_compound {
        return Err(ListError::Encrypted);
    }
    let list = match ending {
        _ if is_zip => workbook::read(bytes, reading)?,
        "xlsx" | "xlsm" => return Err(ListError::BrokenWorkbook("it is no ZIP archive".to_owned())),
        "csv" | "tsv" | "tab" | "txt" => text::read(bytes, reading)?,
        "jsonl" | "ndjson" => lines::read(bytes, reading)?,
        "cue" => cue::read(bytes, reading)?,
        _ => return Err(ListError::UnknownKind),
    };
    if list.rows.iter().all(|row| row.code == Code::None) {
        return Err(ListError::NoCodes);
    }
    Ok(list)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, ListError> {
    let file = SourceFile::open(path, Links::Follow).map_err(ListError::Read)?;
    let len = file.len();
    if len > FILE_LIMIT {
        return Err(ListError::TooLarge { len });
    }
    let mut bytes = vec![0; len as usize];
    let mut filled = 0;
    while filled < bytes.len() {
        let count = match file.read_at(&mut bytes[filled..], filled as u64) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(ListError::Read(ReadError::Io(error))),
        };
        if count == 0 {
            let needed = len;
            let len = filled as u64;
            return Err(ListError::Read(ReadError::CutShort { needed, len }));
        }
        filled += count;
    }
    Ok(bytes)
}

/// The most of a cell's text that a message repeats.
const SHOWN: usize = 60;

/// What a message repeats of a list's text. Whoever wrote the list does not decide how long the message is.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The end of a path, where its name stands.
pub(crate) fn shortened_path(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 200;
    match text.char_indices().rev().nth(SHOWN) {
        Some((start, char)) => Cow::Owned(format!("…{}", &text[start + char.len_utf8()..])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests;
