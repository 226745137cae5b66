//! What is said of a list: what was chosen in it, why it cannot be used, and how much of it a message repeats.

use std::borrow::Cow;

use super::{CELL_LIMIT, FILE_LIMIT, ROW_LIMIT};
use crate::bytes::source::ReadError;
use crate::report::terminal::count;

/// Something that was chosen, or left out, among several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Sheets(Vec<String>),
    /// The column of codes.
    Column(String),
    Encoding(&'static str),
    LeftOut {
        column: String,
        why: &'static str,
    },
    /// Rows or columns that the workbook hides.
    Hidden {
        rows: usize,
        columns: usize,
    },
    /// A column of versions that is not headed as one.
    Versions(String),
    /// What is said of a whole sheet by its name.
    SheetSays {
        sheet: String,
        version: String,
    },
    /// Rows whose code the list calls void, by the words of the first.
    Void {
        rows: String,
        word: String,
    },
    /// Rows or codes that the workbook strikes through.
    Struck {
        rows: usize,
        codes: usize,
    },
    /// No table: titles and codes in lines.
    Lines,
    /// None of the files that the list names is here.
    FilesElsewhere,
    /// The headings are in the first column.
    Lying,
    /// Nothing but track numbers says which code is whose.
    NumbersAlone,
    /// The list names an artist, the files none.
    ArtistUnsaid(String),
}

impl Choice {
    /// As a part of one sentence without full stop.
    pub fn words(&self) -> String {
        match self {
            Choice::Sheets(names) => match &names[..] {
                [only] => format!("sheet {only:?}"),
                several => format!("sheets {}", cells_told(several.iter().map(String::as_str))),
            },
            Choice::Column(column) => format!("codes of column {column}"),
            Choice::Encoding(name) => format!("read as {name}"),
            Choice::LeftOut { column, why } => format!("column {column} left out: {why}"),
            Choice::Hidden { rows, columns } => {
                let parts = counted([
                    (*rows, "hidden row", "hidden rows"),
                    (*columns, "hidden column", "hidden columns"),
                ]);
                format!("{parts} left out")
            }
            Choice::Versions(column) => format!("versions of column {column}"),
            Choice::SheetSays { sheet, version } => {
                format!(
                    "all of sheet {} as {}",
                    cells_told([sheet.as_str()]),
                    cells_told([version.as_str()])
                )
            }
            Choice::Void { rows, word } => format!("{rows} left out: {}", cells_told([word.as_str()])),
            Choice::Struck { rows, codes } => {
                let parts = counted([(*rows, "row", "rows"), (*codes, "code", "codes")]);
                format!("{parts} struck through left out")
            }
            Choice::Lines => "no table, so titles and codes are read line by line".to_owned(),
            Choice::Lying => "its headings are in its first column".to_owned(),
            Choice::NumbersAlone => "no title and no length in it, so track numbers alone decide".to_owned(),
            Choice::ArtistUnsaid(artist) => {
                format!(
                    "no file says its artist {}, so the rest of its rows decides",
                    cells_told([artist.as_str()])
                )
            }
            Choice::FilesElsewhere => "none of the files it names is here, so number and title decide".to_owned(),
        }
    }
}

/// "2 rows and 1 column", of those that are.
fn counted(parts: [(usize, &str, &str); 2]) -> String {
    let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, one, many)| count(number as u64, one, many))
        .collect();
    parts.join(" and ")
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
    #[error(
        "it is no kind of list that is read\nhint: save the table as .csv or .xlsx; cue sheets (.cue), .toc and tables as \
         text (.txt) are read too"
    )]
    UnknownKind,
    #[error("it is an encrypted workbook or one of the old .xls kind\nhint: save it as .xlsx without a password")]
    Encrypted,
    #[error("it is no workbook that can be read: {0}")]
    BrokenWorkbook(String),
    #[error("its parts are too large when unpacked")]
    Bomb,
    #[error("row {row}: a cell has more than {CELL_LIMIT} characters, which no spreadsheet takes")]
    CellTooLong { row: u32 },
    #[error("no column is headed {0:?}, as --columns says")]
    NoSuchHeading(String),
    #[error("no column is headed as one of codes; the first row says {0}")]
    NoCodeColumn(String),
    #[error("two columns may hold the {column}: {first} and {second}")]
    Two {
        column: &'static str,
        first: String,
        second: String,
    },
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
        "row {row}: the cell in column {letters} runs over several rows\nhint: a quotation mark before it is not closed"
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
    #[error("line {line}: {why}")]
    Cue { line: u32, why: &'static str },
    #[error(
        "it holds no code\nhint: fill in the codes; where formulas make them, open the list in a spreadsheet program and save it \
         again"
    )]
    NoCodes,
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

/// Texts of a list in a message: quoted, shortened, not too many.
pub(super) fn cells_told<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    const SHOWN: usize = 12;
    let texts: Vec<&str> = texts
        .into_iter()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    let shown: Vec<String> = texts
        .iter()
        .take(SHOWN)
        .map(|text| format!("{:?}", shortened(text)))
        .collect();
    match (shown.is_empty(), texts.len().saturating_sub(SHOWN)) {
        (true, _) => "nothing".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
