//! Lists of codes as people have them: read (bytes to cells), table (headings and columns), rows (what cells mean), and
//! [`matching`] (rows to recordings).
//!
//! Reading changes nothing. Invariants: a choice among several sheets, columns or encodings is evident or refused, and
//! told; what `export` writes is read back cell by cell as it was.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::format::tags::Description;
use crate::isrc::Isrc;
use crate::isrc::decode::decode;
use crate::recording::versions::{self, whole_title};
use read::grid::Grid;
use read::page::Page;
use table::columns::{Column, Columns};
use table::duration::DurationCell;
use told::shortened;

pub mod matching;
pub(crate) mod read;
pub(crate) mod table;
pub mod told;
pub mod trial;

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
    /// The sheets that the rows are on, if there are several.
    pub sheets: Vec<String>,
    /// What was chosen among several, or left out; each a part of one sentence without full stop.
    pub told: Vec<String>,
    /// Columns beside those that were read that may say the same, and say something else: the files tell which is meant.
    pub doubles: Vec<Double>,
}

/// Two columns that may both hold one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Double {
    pub column: Column,
    /// Where they are, from 0; the first is read.
    pub at: [usize; 2],
    /// As people call them: `B ("Track Title")`.
    pub named: [String; 2],
}

/// What [`Row::number`] counts, from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Numbering {
    /// Rows as a spreadsheet shows them, headings and empty rows included.
    #[default]
    Rows,
    /// Lines of a text.
    Lines,
    /// Columns of a table whose headings are in the first.
    Columns,
}

impl Numbering {
    /// "row" or "line".
    pub fn word(self) -> &'static str {
        match self {
            Numbering::Rows => "row",
            Numbering::Lines => "line",
            Numbering::Columns => "column",
        }
    }
}

/// One row: a code, and what tells which recording it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// The side of a record, and the number on it: "B1"; none where numbers run on over the sides. The numbers of files are
    /// counted on over what is here.
    pub side: Option<(char, Option<u32>)>,
    /// As written; never matched, but several of them are several releases.
    pub upc: Option<String>,
    pub published: Option<String>,
    pub content_type: Option<String>,
    /// What says that the code is not to be used, for people: a cell, or the line above its rows.
    pub void: Option<String>,
    /// The version that a line above the row, the name of its sheet, or its album says of it.
    pub above: Option<String>,
    /// "Explicit" or "Clean": most titles of files do not say so, but none may say the other.
    pub advisory: Option<&'static str>,
    /// The code is for this track of the file's CUESHEET block, not for the file.
    pub cuesheet_track: Option<u8>,
    /// Texts under headings that are not known, with their columns from 0; where the row has a title, only numbers and names
    /// of files. They find no file, but may be those of other files than the rest of the row finds.
    pub unheaded: Vec<(usize, String)>,
}

impl Row {
    /// The title with the version, wherever the list says it.
    pub(crate) fn whole_title(&self) -> Option<String> {
        let title = self.title_as_written()?;
        match &self.above {
            Some(above) if !versions::says_kind(&[&title], above) => Some(whole_title(&title, Some(above))),
            Some(_) | None => Some(title),
        }
    }

    /// Whether it is "Total" or "END OF DISC" below the codes, and nothing else.
    fn is_footer(&self) -> bool {
        let said = &self.description;
        let names_any = said.title.is_some() || said.track.is_some() || self.file.is_some() || self.side.is_some();
        let is_word = match &self.code {
            Code::Unusable { text, .. } => text.bytes().filter(u8::is_ascii_digit).count() < 5,
            Code::None | Code::Isrc(_) => false,
        };
        is_word && !names_any && self.unheaded.is_empty()
    }

    /// The title with the version that the row itself says.
    pub(crate) fn title_as_written(&self) -> Option<String> {
        let title = self.description.title.as_deref()?;
        Some(whole_title(title, self.description.version.as_deref()))
    }

    /// Whether the list says that the code is not to be used.
    pub(crate) fn is_void(&self) -> bool {
        self.void.is_some()
    }
}

/// Whether the ending of a row's file name is part of what it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    #[default]
    Binding,
    /// A cue sheet says `.wav` long after the file has become a FLAC.
    Loose,
}

/// What is where a row's code belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Code {
    /// The cell is empty: the row asks for nothing.
    #[default]
    None,
    Isrc(Isrc),
    /// No code that could be written.
    Unusable {
        text: String,
        /// A sentence without full stop.
        why: Cow<'static, str>,
    },
}

impl Code {
    /// Judges the text of a cell. Any spelling that loses nothing will do.
    pub fn judge(text: &str, this_year: u16) -> Code {
        // With an apostrophe in front a spreadsheet keeps a text as it is typed.
        let said = table::cell::said(text);
        let text = said.trim_start_matches('\'');
        // A formula that looks an empty cell up says 0.
        if matches!(text.trim(), "" | "0") {
            return Code::None;
        }
        let decoded = decode(text, this_year);
        match decoded.isrc {
            Some(isrc) => Code::Isrc(isrc),
            None => Code::Unusable {
                text: shortened(text).into_owned(),
                why: match table::cell::is_range(text) {
                    true => "it is a range of codes, and each code needs a row of its own".into(),
                    false => decoded.reason.explain(),
                },
            },
        }
    }

    pub fn isrc(&self) -> Option<Isrc> {
        match self {
            Code::Isrc(isrc) => Some(*isrc),
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
    /// The albums that are here, folded: sheets may be called by them.
    pub albums: Arc<BTreeSet<String>>,
    /// The calendar year in which codes are judged.
    pub this_year: u16,
}

impl Reading {
    fn with(&self, columns: Columns) -> Reading {
        Reading {
            columns,
            ..self.clone()
        }
    }
}

/// One table of a list, as it is.
#[derive(Debug, Default)]
struct Sheet {
    /// None where there is only one.
    name: Option<String>,
    /// The columns of a table that has others beside it: "A:C".
    part: Option<String>,
    grid: Grid,
    ending: Ending,
    /// Its headings were in the first column.
    is_turned: bool,
    /// What the workbook hides, or strikes through, in words.
    left_out: Vec<String>,
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

#[cfg(test)]
mod tests;
