//! JSON Lines: one object a line, in which nothing is left that a terminal would obey.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::{Cell, SheetColumn};
/// One value as a line of JSON.
pub fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Escaping))?;
    out.write_all(b"\n")
}

/// JSON on one line in which no character is left that a terminal would obey. JSON itself asks for escapes below U+0020
/// alone (RFC 8259, section 7); the value is the same.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, hostile)) = rest.char_indices().find(|(_, character)| is_hostile(*character)) {
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in hostile.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + hostile.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

/// Control characters, and format characters that reorder or hide text (Unicode 16, Bidi_Control and
/// Default_Ignorable_Code_Point).
pub fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A path as JSON carries it: lossy text, and the bytes in base64 where the text is not the whole truth.
#[derive(Debug, Serialize)]
pub struct PathKeys {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
}

impl PathKeys {
    pub fn new(path: &Path) -> PathKeys {
        PathKeys {
            path: path.to_string_lossy().into_owned(),
            path_bytes: path_bytes(path),
        }
    }
}

fn path_bytes(path: &Path) -> Option<String> {
    let bytes = path.as_os_str().as_encoded_bytes();
    std::str::from_utf8(bytes).is_err().then(|| STANDARD.encode(bytes))
}

pub fn paths_bytes(paths: &[PathBuf]) -> Option<Vec<Option<String>>> {
    let all: Vec<Option<String>> = paths.iter().map(|path| path_bytes(path)).collect();
    all.iter().any(Option::is_some).then_some(all)
}

/// One row, its keys in the order of the columns.
pub(super) struct RowObject<'a> {
    pub columns: &'a [SheetColumn],
    pub cells: &'a [Cell],
}

impl Serialize for RowObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for (SheetColumn { name, .. }, cell) in self.columns.iter().zip(self.cells) {
            match cell {
                Cell::Empty => object.serialize_entry(name, &())?,
                Cell::Number(number) => object.serialize_entry(name, number)?,
                Cell::Text(_) | Cell::Moment(_) => object.serialize_entry(name, &cell.plain())?,
                Cell::Path(path) => {
                    object.serialize_entry(name, &cell.plain())?;
                    if let Some(bytes) = path_bytes(path) {
                        object.serialize_entry("path_bytes", &bytes)?;
                    }
                }
            }
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_the_same_and_nothing_in_them_reaches_a_terminal() {
        check("plain é 東京 \"quoted\\", "\"plain é 東京 \\\"quoted\\\\\"\n");
        check("\x1b\x7f\u{9b}31m", "\"\\u001b\\u007f\\u009b31m\"\n");
        check("\u{202e}a\u{e0041}", "\"\\u202ea\\udb40\\udc41\"\n");
        check("", "\"\"\n");
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = Vec::new();
        write_line(&mut out, &text).unwrap();
        assert_eq!(String::from_utf8(out.clone()).unwrap(), expected);
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
