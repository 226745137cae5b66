//! From a file to rows: what kind of list it is, and in which encoding.

use std::path::Path;

use super::page::Page;
use crate::bytes::{
    self,
    source::{Links, ReadAt, SourceFile},
};
use crate::list::read::contents::{self, Dialect};
use crate::list::read::{lines, sheets, text, workbook};
use crate::list::table::columns::{Column, Columns};
use crate::list::table::remarks;
use crate::list::told::{ListError, cells_told};
use crate::list::{FILE_LIMIT, List, Numbering, Reading, Row, Sheet};
use crate::recording::versions::has_version;
use crate::system::table::FINDINGS;

/// A list before it is understood: its bytes, and what kind its name says.
#[derive(Debug)]
pub struct Source {
    pub(in crate::list) bytes: Vec<u8>,
    /// Of its name, in lower case.
    pub(in crate::list) ending: String,
    /// Its name without the ending.
    pub(in crate::list) stem: String,
}

impl Source {
    pub fn open(path: &Path) -> Result<Source, ListError> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        if matches!(path.try_exists(), Ok(false)) {
            return Err(ListError::Absent);
        }
        Ok(Source {
            bytes: bytes_of(path)?,
            ending: ending.to_ascii_lowercase(),
            stem: path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default(),
        })
    }

    /// Lets the name of the list say of its rows what they do not say: "Small Hours CD 2", "Small Hours (Instrumentals)".
    pub(in crate::list) fn say_name(&self, list: &mut List, columns: &Columns) -> Result<(), ListError> {
        if remarks::is_draft_name(&self.stem) && !columns.is_left_out(Column::State) {
            let (place, line) = ("its name".to_owned(), cells_told([&*self.stem]));
            return Err(ListError::Draft { place, line });
        }
        let disc = remarks::disc_of_name(&self.stem);
        let disc = disc.filter(|_| {
            list.rows.iter().all(|row| row.description.disc.is_none()) && !columns.is_left_out(Column::Disc)
        });
        let says_album = list.rows.iter().any(|row| row.description.album.is_some());
        let version = remarks::version_of_name(&self.stem);
        let version = version.filter(|_| !says_album && !columns.is_left_out(Column::Version));
        if let Some(disc) = disc {
            list.rows.iter_mut().for_each(|row| row.description.disc = Some(disc));
            list.told.push(format!("all of it as disc {disc}, by its name"));
        }
        // A list with versions of its own holds several, "Small Hours + Instrumentals".
        let says_version =
            |row: &Row| row.above.is_some() || row.title_as_written().is_some_and(|title| has_version(&title));
        if let Some(version) = version.filter(|_| !list.rows.iter().any(says_version)) {
            list.rows
                .iter_mut()
                .for_each(|row| row.above = Some(version.to_owned()));
            list.told
                .push(format!("all of it as {}, by its name", cells_told([version])));
        }
        Ok(())
    }

    /// The encodings that it may be read in, the likeliest first; one, where its bytes tell.
    pub fn encodings(&self, reading: &Reading) -> Vec<Page> {
        match reading.encoding {
            Some(encoding) => vec![encoding],
            None if self.bytes.starts_with(WORKBOOK) => vec![encoding_rs::UTF_8.into()],
            None => text::encodings(&self.bytes, reading),
        }
    }

    /// Its tables as they are, in the likeliest encoding.
    pub(in crate::list) fn tables(&self, reading: &Reading) -> Result<Vec<Sheet>, ListError> {
        Ok(tables(&self.bytes, &self.ending, reading, self.encodings(reading)[0])?.0)
    }

    /// Reads the list. Its kind is told by the content where that is certain, else by the ending of its name.
    pub fn read(&self, reading: &Reading) -> Result<List, ListError> {
        let encodings = self.encodings(reading);
        let mut list = parse(&self.bytes, &self.ending, reading, encodings[0])?;
        if encodings[0].is_code_page() && reading.encoding.is_none() {
            list.told.push(encodings[0].told());
        }
        Ok(list)
    }
}

/// The signature of ZIP archives.
const WORKBOOK: &[u8] = b"PK\x03\x04";

/// That of compound files ([MS-CFB], section 2.2), in which encrypted workbooks and .xls are kept.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Reads a list from memory; `ending` is that of its name, in lower case.
pub fn parse(bytes: &[u8], ending: &str, reading: &Reading, encoding: impl Into<Page>) -> Result<List, ListError> {
    let (sheets, numbering) = tables(bytes, ending, reading, encoding.into())?;
    sheets::read(sheets, reading, numbering)
}

fn tables(bytes: &[u8], ending: &str, reading: &Reading, page: Page) -> Result<(Vec<Sheet>, Numbering), ListError> {
    if bytes.starts_with(COMPOUND) {
        return Err(ListError::Encrypted);
    }
    if bytes.starts_with(WORKBOOK) {
        return Ok((workbook::sheets(bytes)?, Numbering::Rows));
    }
    let text = text::decoded(bytes, page);
    let dialect = match ending {
        "cue" => Some(Dialect::Cue),
        "toc" => Some(Dialect::Toc),
        "txt" => Dialect::of(&text),
        _ => None,
    };
    match (ending, dialect) {
        ("xlsx" | "xlsm", _) => Err(ListError::BrokenWorkbook(
            "it is no ZIP archive, as they are".to_owned(),
        )),
        ("jsonl" | "ndjson", _) => Ok((lines::sheets(&text)?, Numbering::Lines)),
        // A web page or another document, whatever it is called.
        _ if text.trim_start().starts_with('<') => Err(ListError::UnknownKind),
        (_, Some(dialect)) => {
            let sheet = contents::sheet(&text, dialect, reading.this_year)?;
            Ok((vec![sheet], Numbering::Lines))
        }
        ("csv" | "tsv" | "tab" | "txt" | "pq" | "list" | "asc", None) => {
            Ok((text::sheets(&text, reading)?, Numbering::Rows))
        }
        _ => Err(ListError::UnknownKind),
    }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, ListError> {
    let file = SourceFile::open(path, Links::Follow).map_err(ListError::Read)?;
    let len = file.len();
    if len > FILE_LIMIT {
        return Err(ListError::TooLarge { len });
    }
    let bytes = bytes::source::Source::new(&file);
    bytes.copy(0, len, FILE_LIMIT).map_err(ListError::Read)
}

/// Whether there is a table at `path` into which codes may have been typed: it has a column `isrc`, and is no report of
/// a scan. Names of columns are ASCII in every encoding, whatever program has saved it since.
pub fn is_list_of_codes(path: &Path) -> bool {
    let mut head = vec![0; 4096];
    let file = SourceFile::open(path, Links::Follow);
    let Ok(Ok(len)) = file.map(|file| file.read_at(&mut head, 0)) else {
        return false;
    };
    let are_of_codes = |headings: &[&str]| {
        let has = |name: &&str| headings.iter().any(|heading| heading.trim().eq_ignore_ascii_case(name));
        has(&"isrc") && !FINDINGS.iter().all(|column| has(&column.name))
    };
    if head.starts_with(WORKBOOK) {
        let sheets = bytes_of(path)
            .and_then(|bytes| workbook::sheets(&bytes))
            .unwrap_or_default();
        let mut first_rows = sheets.iter().filter(|sheet| sheet.grid.len() > 0);
        return first_rows.any(|sheet| are_of_codes(&sheet.grid.row(0).collect::<Vec<_>>()));
    }
    let ascii = head[..len].iter().filter(|byte| (1..0x80).contains(*byte));
    let line: Vec<u8> = ascii.copied().take_while(|byte| !b"\r\n".contains(byte)).collect();
    let line = String::from_utf8_lossy(&line).replace('"', "");
    are_of_codes(&line.split([',', ';', '\t']).collect::<Vec<_>>())
}
