//! What is said of a list: why it cannot be used, what a person can do about it, and how much of it a message repeats.

use std::borrow::Cow;

use super::{CELL_LIMIT, Double, FILE_LIMIT, Numbering, ROW_LIMIT};
use crate::bytes::source::ReadError;

/// Why a list cannot be used. Nothing of it is used then.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("cannot be read")]
    Read(#[source] ReadError),
    #[error("there is no such file")]
    Absent,
    #[error("it has {len} bytes; a list of codes may have {FILE_LIMIT}\nhint: split it by release")]
    TooLarge { len: u64 },
    #[error("it has more than {ROW_LIMIT} rows\nhint: split it by release")]
    TooManyRows,
    #[error(
        "it is no kind of list that is read\nhint: save the table as .csv or .xlsx; cue sheets (.cue), .toc and tables as \
         text (.txt) are read too"
    )]
    UnknownKind,
    #[error("it is an encrypted workbook or one of the old .xls kind\nhint: save it as .xlsx without a password")]
    Encrypted,
    #[error(
        "it is no workbook that can be read: {0}\nhint: fetch the file again if it is not complete, or save its table as .csv"
    )]
    BrokenWorkbook(String),
    #[error("it is {0}\nhint: save the table in it as .xlsx or .csv")]
    OtherDocument(&'static str),
    #[error("it is an archive of files\nhint: unpack it, and name the list that is in it")]
    Archive,
    #[error(
        "all of its sheets are hidden\nhint: show the sheet with the codes in a spreadsheet program, and save the list again"
    )]
    AllHidden,
    #[error("its parts are too large when unpacked")]
    Bomb,
    #[error("row {row}: a cell has more than {CELL_LIMIT} characters, which no spreadsheet takes")]
    CellTooLong { row: u32 },
    #[error("no column is headed {0:?}, as --columns says")]
    NoSuchHeading(String),
    #[error("no column is headed as one of codes; the first row says {0}")]
    NoCodeColumn(String),
    #[error("two columns may hold the {}: {} and {}", .0.column.word(), .0.named[0], .0.named[1])]
    Two(Double),
    #[error("row {row}: columns {} and {} hold different codes", columns[0], columns[1])]
    TwoCodeColumns { row: u32, columns: [String; 2] },
    #[error("several sheets hold codes and are not one list: {}", cells_told(names.iter().map(String::as_str)))]
    SeveralSheets { names: Vec<String> },
    #[error("it has no visible sheet {wanted:?}; its sheets are {}", cells_told(names.iter().map(String::as_str)))]
    NoSuchSheet { wanted: String, names: Vec<String> },
    #[error("{place} says of the list that it is not the final one: {line}")]
    Draft { place: String, line: String },
    #[error("no column tells which file a code is for: there is no title, number or file name")]
    NothingNamesFiles,
    #[error(
        "row {row}: the cell in column {letters} runs over several rows\nhint: close the quotation mark before it, or write the cell in one line"
    )]
    LineBreak { row: u32, letters: String },
    #[error(
        "row {row}: {text} is a range of codes, and nothing says which of them is whose\nhint: write a row for each code, with the number or the title of its track"
    )]
    Range { row: u32, text: String },
    #[error(
        "row {row} has {cells} cells below {headings} headings, and its code is not below {column}\nhint: a comma in a title cuts \
         it in two: put quotation marks around such titles, or save the list as .xlsx"
    )]
    Shifted {
        row: u32,
        cells: usize,
        headings: usize,
        column: String,
    },
    #[error("row {row} cannot be read as CSV")]
    Csv {
        row: u32,
        #[source]
        source: csv::Error,
    },
    #[error("line {line} is no JSON object\nhint: one object stands on each line; else save the list as .csv or .xlsx")]
    Json {
        line: u32,
        #[source]
        source: Option<serde_json::Error>,
    },
    #[error(
        "line {line}: {} stands there twice, with two values\nhint: leave the one that is meant",
        quoted(key)
    )]
    TwoValues { line: u32, key: String },
    #[error(
        "line {line}: {why}\nhint: below each FILE stand its TRACKs with their numbers, and below each TRACK its one ISRC"
    )]
    Cue { line: u32, why: &'static str },
    #[error(
        "it holds no code\nhint: fill in the codes; where formulas make them, open the list in a spreadsheet program and save it \
         again"
    )]
    NoCodes,
}

impl ListError {
    /// What a person can do where other options may make the list work, and none that was tried does.
    pub fn way_on(&self) -> Option<&'static str> {
        Some(match self {
            ListError::NoCodeColumn(_) => {
                "\nhint: head the column of codes ISRC, and one with titles or file names, and try again"
            }
            ListError::NothingNamesFiles => {
                "\nhint: add a column Title, Track or Filename; codes alone go to the files of one album in track order with \
                 --in-order, where there are as many"
            }
            ListError::TwoCodeColumns { .. } | ListError::Two(_) => {
                "\nhint: say which is meant with --columns, or take the other out of the table"
            }
            ListError::SeveralSheets { .. } => "\nhint: say which is meant with --sheet NAME",
            ListError::Draft { .. } => {
                "\nhint: wait for the final list, or take that out if its codes are the final ones"
            }
            ListError::NoSuchHeading(_) => "\nhint: name a column as it is headed in the table, or by its letter",
            _ => return None,
        })
    }
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

/// The end of a path, where its name is.
pub(crate) fn shortened_path(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 200;
    match text.char_indices().rev().nth(SHOWN) {
        Some((start, char)) => Cow::Owned(format!("…{}", &text[start + char.len_utf8()..])),
        None => Cow::Borrowed(text),
    }
}

/// A text of a list in a message.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// A path of a list: what counts is its end.
pub(super) fn quoted_path(text: &str) -> String {
    format!("{:?}", shortened_path(text))
}

/// Texts of a list in a message: quoted, shortened, not too many.
pub(super) fn cells_told<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    const SHOWN: usize = 12;
    let texts = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
    let texts: Vec<String> = texts.map(quoted).collect();
    match (&texts[..], texts.len().saturating_sub(SHOWN)) {
        ([], _) => "nothing".to_owned(),
        (texts, 0) => texts.join(", "),
        (texts, more) => format!("{} and {more} more", texts[..SHOWN].join(", ")),
    }
}

/// So many row numbers are told.
const NUMBERS_SHOWN: usize = 10;

/// `row 5`, `rows 5, 6 and 9`.
pub fn numbers(rows: &[u32], numbering: Numbering) -> String {
    let word = numbering.word();
    let shown: Vec<String> = rows.iter().take(NUMBERS_SHOWN).map(u32::to_string).collect();
    match (&shown[..], rows.len().saturating_sub(NUMBERS_SHOWN)) {
        ([], _) => word.to_owned(),
        ([only], _) => format!("{word} {only}"),
        ([first @ .., last], 0) => format!("{word}s {} and {last}", first.join(", ")),
        (shown, more) => format!("{word}s {} and {more} more", shown.join(", ")),
    }
}
