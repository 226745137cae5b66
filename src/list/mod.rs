//! Lists of codes as people have them: read (bytes to cells), table (headings and columns), rows (what cells mean), and
//! [`matching`] (rows to recordings).
//!
//! Reading changes nothing. Invariants: a choice among several sheets, columns or encodings is evident or refused, and
//! told as a [`Choice`]; what [`inventory`] writes is read back cell by cell as it was.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::isrc::Isrc;
use crate::isrc::decode::{Class, decode};
use crate::recording::fold::whole_title;
use crate::recording::versions;
use crate::source::{Links, ReadAt, ReadError, SourceFile};
use crate::tags::Description;
use columns::{Column, Columns};
use duration::DurationCell;
use grid::Grid;
use page::Page;

mod blocks;
mod cell;
pub mod columns;
mod cue;
pub mod duration;
mod fixed;
mod grid;
pub mod inventory;
mod lines;
pub mod matching;
pub mod page;
mod remarks;
mod sheets;
mod table;
mod text;
mod toc;
pub mod trial;

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
    /// The sheets that the rows stand on, if there are several.
    pub sheets: Vec<String>,
    /// What was chosen among several.
    pub told: Vec<Choice>,
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
                let count = crate::report::terminal::count;
                let rows = (*rows > 0).then(|| count(*rows as u64, "hidden row", "hidden rows"));
                let columns = (*columns > 0).then(|| count(*columns as u64, "hidden column", "hidden columns"));
                let parts: Vec<String> = rows.into_iter().chain(columns).collect();
                format!("{} left out", parts.join(" and "))
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
                let count = crate::report::terminal::count;
                let rows = (*rows > 0).then(|| count(*rows as u64, "row", "rows"));
                let codes = (*codes > 0).then(|| count(*codes as u64, "code", "codes"));
                let parts: Vec<String> = rows.into_iter().chain(codes).collect();
                format!("{} struck through left out", parts.join(" and "))
            }
            Choice::Lines => "no table, so titles and codes are read line by line".to_owned(),
            Choice::FilesElsewhere => "none of the files it names is here, so number and title decide".to_owned(),
        }
    }
}

/// One row: a code, and what tells which recording it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: u32,
    /// Index in [`List::sheets`].
    pub sheet: u16,
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
    /// What is said of the code: "void" in the ledger's export.
    pub code_state: Option<String>,
    /// The version that a line above the row, the name of its sheet, or its album says of it.
    pub above: Option<String>,
    /// "Explicit" or "Clean": most titles of files do not say so, but none may say the other.
    pub advisory: Option<&'static str>,
    /// The code is for this track of the file's CUESHEET block, not for the file.
    pub cuesheet_track: Option<u8>,
}

impl Row {
    /// The title with the version, wherever the list says it.
    pub(crate) fn whole_title(&self) -> Option<String> {
        let title = self.title_as_written()?;
        match &self.above {
            Some(above) if !versions::has_version(&title) => Some(whole_title(&title, Some(above))),
            Some(_) | None => Some(title),
        }
    }

    /// The title with the version that the row itself says.
    pub(crate) fn title_as_written(&self) -> Option<String> {
        let title = self.description.title.as_deref()?;
        Some(whole_title(title, self.description.version.as_deref()))
    }

    /// Whether the list says that the code is not to be used.
    pub(crate) fn is_void(&self) -> bool {
        self.code_state.as_deref().is_some_and(remarks::is_void)
    }
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
        // With an apostrophe in front a spreadsheet keeps a text as it is typed.
        let said = cell::said(text);
        let text = said.trim_start_matches('\'');
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
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub columns: Columns,
    /// The sheet of a workbook to read, if several may be meant.
    pub sheet: Option<String>,
    /// The encoding of a text, if its bytes do not tell.
    pub encoding: Option<Page>,
    /// Codes go to files by their order alone.
    pub in_order: bool,
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

/// A list before it is understood: its bytes, and what kind its name says.
#[derive(Debug)]
pub struct Source {
    bytes: Vec<u8>,
    /// Of its name, in lower case.
    ending: String,
}

impl Source {
    pub fn open(path: &Path) -> Result<Source, ListError> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        Ok(Source {
            bytes: bytes_of(path)?,
            ending: ending
                .as_deref()
                .and_then(|ending| ending.to_str())
                .unwrap_or("")
                .to_owned(),
        })
    }

    /// The encodings that it may be read in, the likeliest first; one, where its bytes tell.
    pub fn encodings(&self, reading: &Reading) -> Vec<Page> {
        match (reading.encoding, self.bytes.starts_with(b"PK\x03\x04")) {
            (Some(encoding), _) => vec![encoding],
            (None, true) => vec![encoding_rs::UTF_8.into()],
            (None, false) => text::encodings(&self.bytes),
        }
    }

    /// Its tables as they stand; none of what is no table.
    fn tables(&self, reading: &Reading) -> Result<Vec<Sheet>, ListError> {
        let encoding = self.encodings(reading)[0];
        match &*self.ending {
            _ if self.bytes.starts_with(b"PK\x03\x04") => workbook::sheets(&self.bytes),
            "cue" | "toc" => Ok(Vec::new()),
            "jsonl" | "ndjson" => lines::sheets(&text::decoded(&self.bytes, encoding)),
            _ => text::sheets(&text::decoded(&self.bytes, encoding), reading),
        }
    }

    /// Reads the list. Its kind is told by the content where that is certain, else by the ending of its name.
    pub fn read(&self, reading: &Reading) -> Result<List, ListError> {
        let encodings = self.encodings(reading);
        let mut list = parse(&self.bytes, &self.ending, reading, encodings[0])?;
        if encodings.len() > 1 {
            list.told.push(Choice::Encoding(encodings[0].name()));
        }
        Ok(list)
    }
}

/// Reads a list from memory; `ending` is that of its name, in lower case.
pub fn parse(bytes: &[u8], ending: &str, reading: &Reading, encoding: impl Into<Page>) -> Result<List, ListError> {
    let encoding = encoding.into();
    // The signature of compound files ([MS-CFB], section 2.2), in which encrypted workbooks and .xls are kept.
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Err(ListError::Encrypted);
    }
    let is_zip = bytes.starts_with(b"PK\x03\x04");
    let list = match ending {
        _ if is_zip => sheets::read(workbook::sheets(bytes)?, reading, Numbering::Rows)?,
        "xlsx" | "xlsm" => return Err(ListError::BrokenWorkbook("it is no ZIP archive".to_owned())),
        "jsonl" | "ndjson" => sheets::read(
            lines::sheets(&text::decoded(bytes, encoding))?,
            reading,
            Numbering::Lines,
        )?,
        "csv" | "tsv" | "tab" | "txt" | "cue" | "toc" | "pq" | "list" | "asc" => {
            let text = text::decoded(bytes, encoding);
            // A web page or another document, whatever it is called.
            if text.trim_start().starts_with('<') {
                return Err(ListError::UnknownKind);
            }
            match (ending, kind(&text)) {
                ("cue", _) | ("txt", Kind::Cue) => left_out(cue::read(&text, reading)?, &reading.columns),
                ("toc", _) | ("txt", Kind::Toc) => left_out(toc::read(&text, reading)?, &reading.columns),
                _ => sheets::read(text::sheets(&text, reading)?, reading, Numbering::Rows)?,
            }
        }
        _ => return Err(ListError::UnknownKind),
    };
    match list.rows.iter().all(|row| row.code == Code::None) {
        true => Err(ListError::NoCodes),
        false => Ok(list),
    }
}

/// The rows of a list without headings, without what the user leaves out.
fn left_out(mut list: List, columns: &Columns) -> List {
    for Row {
        description,
        file,
        cuesheet_track,
        ..
    } in &mut list.rows
    {
        if columns.is_left_out(Column::File) {
            (*file, *cuesheet_track) = (None, None);
        }
        if columns.is_left_out(Column::Track) {
            description.track = None;
        }
        for (column, text) in [
            (Column::Title, &mut description.title),
            (Column::Artist, &mut description.artist),
            (Column::Album, &mut description.album),
        ] {
            if columns.is_left_out(column) {
                *text = None;
            }
        }
    }
    list
}

/// What a text is, whatever its ending says.
enum Kind {
    Table,
    Cue,
    Toc,
}

fn kind(text: &str) -> Kind {
    let mut lines = text.lines().map(str::trim).take(2000);
    let is_track = |line: &str, word: &str| {
        let mut words = line.split_whitespace();
        words.next() == Some("TRACK") && words.next_back() == Some(word)
    };
    match lines.find(|line| is_track(line, "AUDIO")) {
        Some("TRACK AUDIO") => Kind::Toc,
        Some(_) => Kind::Cue,
        None => Kind::Table,
    }
}

/// One table of a list, as it stands.
#[derive(Debug, Default)]
struct Sheet {
    /// None where there is only one.
    name: Option<String>,
    /// The columns of a table that has others beside it: "A:C".
    part: Option<String>,
    grid: Grid,
    /// What the workbook hides, and is left out.
    hidden_rows: usize,
    hidden_columns: usize,
    /// What it strikes through, and is left out, too.
    struck_rows: usize,
    struck_codes: usize,
}

impl Sheet {
    /// As `--sheet` takes it.
    fn called(&self) -> Option<String> {
        let words: Vec<&str> = [&self.name, &self.part]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
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

/// Texts of a list in a message: quoted, shortened, not too many.
fn cells_told<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
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

#[cfg(test)]
mod tests;
