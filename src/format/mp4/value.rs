//! The value of one `data` atom: its text, the codes in it, and how a code is written in its place.
//!
//! Types are those of QTFF, "Well-known types": 1 is UTF-8, 2 is UTF-16; 0 leaves the type to the reader.

use std::ops::Range;

use super::atom::Atom;
use crate::bytes::source::{ReadError, Source};
use crate::format::place::Access;
use crate::format::values;
use crate::isrc::normalise::normalise;

/// A longer value is no code; only its beginning is shown, and an edit leaves it alone.
const VALUE_LIMIT: u64 = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One byte for each character of a code: UTF-8, and what shares ASCII with it.
    Bytes,
    Utf16Big,
    Utf16Little,
    /// A number, a picture, or a type of someone's own.
    Unknown,
}

/// The well-known type of UTF-8 text.
pub(super) const UTF_8: u32 = 1;

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
    let shown = (data.end - start).min(VALUE_LIMIT);
    let bytes = source.at(start, shown as usize)?;
    let (encoding, mark) = match kind {
        // 3 is Shift JIS, 4 is UTF-8 for sorting: a code is the same in all of them.
        0 | 1 | 3 | 4 => (Encoding::Bytes, 0),
        2 | 5 => match bytes {
            [0xFF, 0xFE, ..] => (Encoding::Utf16Little, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16Big, 2),
            _ => (Encoding::Utf16Big, 0),
        },
        _ => (Encoding::Unknown, 0),
    };
    // QTFF lets a reader guess the type of version 0 and flags 0; all do but TagLib.
    let hidden = match encoding {
        Encoding::Utf16Big | Encoding::Utf16Little => Some("its data type is not UTF-8"),
        Encoding::Unknown => Some("its data type is not that of a text"),
        Encoding::Bytes => None,
    };
    let (text, exact) = decode(&bytes[mark..], encoding);
    let value = start + mark as u64..data.end;
    let access = match encoding {
        // What is a code is none of a picture or a number, whatever the type says.
        Encoding::Unknown if normalise(&text).is_err() => Access::ReadOnly,
        _ if data.end - start > VALUE_LIMIT => Access::ReadOnly,
        Encoding::Bytes | Encoding::Utf16Big | Encoding::Utf16Little | Encoding::Unknown => Access::Write,
    };
    let pieces = if value.is_empty() {
        Vec::new()
    } else if !exact || access == Access::ReadOnly {
        vec![(value.clone(), text)]
    } else {
        split(&value, text, encoding)
    };
    Ok(Some(Read {
        value,
        hidden,
        pieces,
        access,
    }))
}

/// The text, and whether its characters stand for the bytes one by one.
fn decode(bytes: &[u8], encoding: Encoding) -> (String, bool) {
    let order = match encoding {
        Encoding::Bytes | Encoding::Unknown => {
            return match std::str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), true),
                Err(_) => (String::from_utf8_lossy(bytes).into_owned(), false),
            };
        }
        Encoding::Utf16Big => u16::from_be_bytes,
        Encoding::Utf16Little => u16::from_le_bytes,
    };
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]])).collect();
    match String::from_utf16(&units) {
        Ok(text) if bytes.len().is_multiple_of(2) => (text, true),
        _ => (String::from_utf16_lossy(&units), false),
    }
}

fn split(value: &Range<u64>, text: String, encoding: Encoding) -> Vec<(Range<u64>, String)> {
    let ranges = values::split(&text);
    if ranges.len() < 2 {
        return vec![(value.clone(), text)];
    }
    let bytes_of = |text: &str| match encoding {
        Encoding::Bytes | Encoding::Unknown => text.len() as u64,
        Encoding::Utf16Big | Encoding::Utf16Little => 2 * text.encode_utf16().count() as u64,
    };
    let piece = |range: &Range<usize>| {
        let start = value.start + bytes_of(&text[..range.start]);
        let piece = &text[range.clone()];
        (start..start + bytes_of(piece), piece.to_owned())
    };
    ranges.iter().map(piece).collect()
}
