//! From a file to rows: what kind of list it is, and in which encoding.

use std::io;
use std::path::Path;

use super::page::Page;
use crate::bytes::source::{Links, ReadAt, ReadError, SourceFile};
use crate::list::read::contents::{self, Dialect};
use crate::list::read::{lines, sheets, text, workbook};
use crate::list::table::above::version_of_album;
use crate::list::table::columns::{Column, Columns};
use crate::list::told::{Choice, ListError};
use crate::list::{Code, FILE_LIMIT, List, Numbering, Reading, Row, Sheet};
use crate::report::csv::COLUMNS;

/// A list before it is understood: its bytes, and what kind its name says.
#[derive(Debug)]
pub struct Source {
    pub(in crate::list) bytes: Vec<u8>,
    /// Of its name, in lower case.
    pub(in crate::list) ending: String,
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

    /// Its tables as they are; none of what is no table.
    pub(in crate::list) fn tables(&self, reading: &Reading) -> Result<Vec<Sheet>, ListError> {
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
                ("cue", _) | ("txt", TextKind::Cue) => {
                    left_out(contents::read(&text, Dialect::Cue, reading)?, &reading.columns)
                }
                ("toc", _) | ("txt", TextKind::Toc) => {
                    left_out(contents::read(&text, Dialect::Toc, reading)?, &reading.columns)
                }
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

/// The rows of a list without headings, without what the user leaves out, and with what their album says.
fn left_out(mut list: List, columns: &Columns) -> List {
    for row in &mut list.rows {
        let Row {
            description,
            file,
            cuesheet_track,
            ..
        } = row;
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
        row.above = version_of_album(row, columns);
    }
    list
}

/// What a text is, whatever its ending says.
enum TextKind {
    Table,
    Cue,
    Toc,
}

fn kind(text: &str) -> TextKind {
    let mut lines = text.lines().map(str::trim).take(2000);
    let is_track = |line: &str, word: &str| {
        let mut words = line.split_whitespace();
        words.next() == Some("TRACK") && words.next_back() == Some(word)
    };
    match lines.find(|line| is_track(line, "AUDIO")) {
        Some("TRACK AUDIO") => TextKind::Toc,
        Some(_) => TextKind::Cue,
        None => TextKind::Table,
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

/// Whether there is a table at `path` into which codes may have been typed: it has the columns `path` and `isrc`, in any
/// order and beside any others, and is no report of a scan.
pub fn is_list_of_codes(path: &Path) -> bool {
    let mut head = vec![0; 4096];
    let file = SourceFile::open(path, Links::Follow);
    let Ok(Ok(len)) = file.map(|file| file.read_at(&mut head, 0)) else {
        return false;
    };
    let headings = match head.starts_with(b"PK") {
        true => bytes_of(path).map_or_else(|_| Vec::new(), |bytes| workbook::headings(&bytes)),
        false => vec![csv_headings(&head[..len])],
    };
    headings.iter().any(|headings| {
        let has = |name: &&str| headings.iter().any(|heading| heading == name);
        ["path", "isrc"].iter().all(has) && !COLUMNS.iter().all(has)
    })
}

/// The first row of a CSV file, whatever program has saved it since. Names of columns are ASCII in every encoding.
fn csv_headings(bytes: &[u8]) -> Vec<String> {
    let ascii = bytes.iter().filter(|byte| (1..0x80).contains(*byte));
    let line: Vec<u8> = ascii.copied().take_while(|byte| !b"\r\n".contains(byte)).collect();
    let line = String::from_utf8_lossy(&line);
    let cells = line.split([',', ';', '\t']);
    cells
        .map(|cell| cell.trim().trim_matches('"').to_ascii_lowercase())
        .collect()
}
