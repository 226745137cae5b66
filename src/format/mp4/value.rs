//! The value of one `data` atom: its text, the codes in it, and how a code is written in its place.
//!
//! Types are those of QTFF, "Well-known types": 1 is UTF-8, 2 is UTF-16; 0 leaves the type to the reader.

use std::ops::Range;

use super::atom::Atom;
use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};
use crate::format::SpliceError;
use crate::format::edit::OTHER_STATE;
use crate::format::edit::tree::{Encode, Value};
use crate::format::place::{Access, Action};
use crate::format::values::{self, Encoding};
use crate::isrc::normalise::normalise;

/// A longer value is no code; only its beginning is shown, and an edit leaves it alone.
const VALUE_LIMIT: u64 = 4096;

/// The well-known type of UTF-8 text.
const UTF_8: u32 = 1;

#[derive(Debug)]
pub(super) struct Read {
    /// Behind the type and the locale; behind the byte order mark too.
    pub value: Range<u64>,
    /// What keeps most other programs from the value, though it can be read.
    pub hidden: Option<&'static str>,
    /// Each with its own bytes in the file. None if the value is empty.
    pub pieces: Vec<(Range<u64>, String)>,
    pub access: Access,
}

/// Reads the value of a `data` atom; `None` if the atom is too short for its type and locale.
pub(super) fn read(source: &mut Source, data: &Atom) -> Result<Option<Read>, ReadError> {
    let start = data.body() + 8;
    if start > data.end {
        return Ok(None);
    }
    let kind = u32::from_be_bytes(source.array(data.body())?);
    let bytes = source.at(start, (data.end - start).min(VALUE_LIMIT) as usize)?;
    // QTFF lets a reader guess the type of version 0 and flags 0; all do but TagLib. 3 is Shift JIS, 4 is UTF-8 for sorting: a
    // code is the same in all of them.
    let (encoding, mark, hidden) = match (kind, bytes) {
        (0 | 1 | 3 | 4, _) => (Encoding::Utf8, 0, None),
        (2 | 5, [0xFF, 0xFE, ..]) => (Encoding::Utf16Little, 2, Some(NO_UTF_8)),
        (2 | 5, [0xFE, 0xFF, ..]) => (Encoding::Utf16Big, 2, Some(NO_UTF_8)),
        (2 | 5, _) => (Encoding::Utf16Big, 0, Some(NO_UTF_8)),
        // A number, a picture, or a type of someone's own.
        _ => (Encoding::Utf8, 0, Some(NO_TEXT)),
    };
    let text = encoding.decode(&bytes[mark..]);
    let value = start + mark as u64..data.end;
    // What is a code is none of a picture or a number, whatever the type says.
    let is_text = hidden != Some(NO_TEXT) || normalise(&text).is_ok();
    let access = match is_text && data.end - start <= VALUE_LIMIT {
        true => Access::Write,
        false => Access::ReadOnly,
    };
    let unit = encoding.width() as u64;
    let pieces = match access {
        _ if value.is_empty() => Vec::new(),
        Access::Write if (value.end - value.start).is_multiple_of(unit) => values::pieces(&text, &value, unit),
        Access::Write | Access::ReadOnly => vec![(value.clone(), text)],
    };
    Ok(Some(Read {
        value,
        hidden,
        pieces,
        access,
    }))
}

const NO_UTF_8: &str = "its data type is not UTF-8";
const NO_TEXT: &str = "its data type is not that of a text";

/// The text of a `data` atom: it becomes UTF-8, whatever it was; the locale stays.
pub(super) struct DataText(pub Atom);

impl Encode for DataText {
    fn encode(&self, source: &mut Source, _: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        let DataText(atom) = self;
        let text = match actions {
            [Action::Write(isrc)] => isrc.as_str().to_owned(),
            // A list of codes, which is ASCII in whatever encoding. A code goes with the separator that joins it to a kept one.
            _ => {
                let Range { start, end } = read(source, atom)?.ok_or(OTHER_STATE)?.value;
                let bytes = source.at(start, (end - start) as usize)?.iter();
                let text: String = bytes.filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
                let codes = values::split(&text);
                values::changed(text, &codes, actions)
            }
        };
        let (kind, value) = (atom.body(), atom.body() + 8);
        // From the locale on, so that a byte order mark goes.
        Ok(vec![
            Patch::new(kind..kind + 4, UTF_8.to_be_bytes()),
            Patch::new(value..atom.end, text),
        ])
    }
}
