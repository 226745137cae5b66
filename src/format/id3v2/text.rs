//! The values inside a text frame: encodings, terminators, several strings (ID3v2.4 frames, section 4.2).

use std::ops::Range;

use crate::format::notes::code_name;
use crate::format::place::Action;
use crate::format::values::{self, Encoding};
use crate::isrc::normalise::normalise;

/// One value of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub text: String,
    /// Its bytes in the frame's body, without byte order mark and terminator.
    pub at: Range<usize>,
    /// Its place in the text of all strings.
    flat: Range<usize>,
}

/// The strings of a frame's body, and the values in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Values {
    /// Without the empty ones.
    pub values: Vec<Value>,
    /// The text encoding is not the one that the body states, or none that programs agree on.
    pub hidden: Option<&'static str>,
    /// All strings, with the description, joined by zero characters as in the body.
    flat: String,
}

/// The values of a frame's body, without the empty ones. `None` if the encoding is none of the four.
pub(super) fn values(body: &[u8], kind: TextForm) -> Option<Values> {
    Some(Values::of(body, kind, Strings::new(body)?))
}

/// The values of a body whose first byte tells a wrong text encoding or none, if they are codes: what is not is no
/// better guess than the one that the body makes itself.
pub(super) fn codes_in_another_encoding(body: &[u8], kind: TextForm) -> Option<Values> {
    const FORMS: [(usize, Encoding); 5] = [
        (1, Encoding::Utf8),
        (0, Encoding::Utf8),
        (1, Encoding::Utf16Little),
        (1, Encoding::Utf16Big),
        (0, Encoding::Utf16Little),
    ];
    // The description of others was found by the encoding that the body states.
    if kind == TextForm::Described {
        return None;
    }
    let readings = FORMS.into_iter().map(|(at, form)| {
        let strings = Strings {
            body,
            at,
            form,
            open: false,
            unmarked: false,
        };
        Values {
            hidden: Some("its text encoding is not the one that its frame states"),
            ..Values::of(body, kind, strings)
        }
    });
    readings.into_iter().find(Values::are_codes)
}

impl Values {
    fn of(body: &[u8], kind: TextForm, mut strings: Strings) -> Values {
        let mut found = Values::default();
        let mut is_description = kind == TextForm::Described;
        let mut is_first = true;
        for (at, form) in strings.by_ref() {
            if !is_first {
                found.flat.push('\0');
            }
            is_first = false;
            let text = form.decode(&body[at.clone()]);
            let start = found.flat.len();
            found.flat.push_str(&text);
            if std::mem::take(&mut is_description) || text.is_empty() {
                continue;
            }
            let pieces = values::split(&text);
            if let [_] = pieces[..] {
                let flat = start..found.flat.len();
                found.values.push(Value { text, at, flat });
                continue;
            }
            // A list of codes is ASCII, so that every character has the form's width.
            let width = form.width();
            found.values.extend(pieces.into_iter().map(|piece| Value {
                text: text[piece.clone()].to_owned(),
                at: at.start + piece.start * width..at.start + piece.end * width,
                flat: start + piece.start..start + piece.end,
            }));
        }
        if strings.is_terminated() && !is_first {
            found.flat.push('\0');
        }
        found.hidden = match strings {
            _ if strings.unmarked => Some("its text is UTF-16 without a byte order mark"),
            _ if strings.is_cut() => Some("its text is UTF-16 and ends in the middle of a character"),
            _ => None,
        };
        found
    }

    /// Whether there are values, and each is a code in some spelling.
    pub(super) fn are_codes(&self) -> bool {
        !self.values.is_empty() && self.values.iter().all(|value| normalise(&value.text).is_ok())
    }

    /// Whether what was read does not look like any text that is meant.
    pub(super) fn is_garbled(&self) -> bool {
        let is_letter = |value: &Value| value.text.chars().count() < 2;
        !self.flat.is_ascii() || self.values.len() > 1 && self.values.iter().all(is_letter)
    }

    /// A new body in which `actions`, one for each value, are carried out: in Latin-1, which every program reads; in UTF-16
    /// with byte order marks where a text that stays needs it. `None` if such a text could not be read.
    pub(super) fn rewritten(&self, actions: &[Action]) -> Option<Vec<u8>> {
        let ranges: Vec<Range<usize>> = self.values.iter().map(|value| value.flat.clone()).collect();
        let text = values::changed(self.flat.clone(), &ranges, actions);
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return None;
        }
        let latin1: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        Some(match latin1 {
            Ok(bytes) => [vec![0], bytes].concat(),
            Err(_) => utf16(&text),
        })
    }
}

/// A body in UTF-16, where every string has its byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    let mut body = vec![1];
    let (strings, end) = match text.strip_suffix('\0') {
        Some(strings) => (strings, &[0, 0][..]),
        None => (text, &[][..]),
    };
    for (index, string) in strings.split('\0').enumerate() {
        if index > 0 {
            body.extend([0, 0]);
        }
        body.extend([0xFF, 0xFE]);
        body.extend(string.encode_utf16().flat_map(u16::to_le_bytes));
    }
    body.extend(end);
    body
}

/// Whether a description is before the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextForm {
    Plain,
    Described,
}

/// The description of a TXXX body (of which only the beginning may be given) if it is one of a code's, with the text
/// as written.
pub(super) fn code_description(start_of_body: &[u8]) -> Option<(&'static str, String)> {
    // There are dozens of descriptions in a tag, and hardly one is a code's: most are told by their first letter.
    if let [0 | 3, first, ..] | [1, 0xFF, 0xFE, first, ..] = start_of_body
        && first.is_ascii_graphic()
        && !matches!(first | 0x20, b'i' | b'w')
    {
        return None;
    }
    let (at, form) = Strings::new(start_of_body)?.next()?;
    // Of a longer one, only the beginning may be here.
    if at.len() > LONGEST_DESCRIPTION * form.width() {
        return None;
    }
    let text = form.decode(&start_of_body[at]);
    let name = code_name(&text).filter(|name| *name != "TSRC")?;
    Some((name, text))
}

/// Characters of the longest description that is one of a code's, with spaces around it.
const LONGEST_DESCRIPTION: usize = 9;

/// The strings of a body one after the other, each without its terminator and byte order mark.
struct Strings<'a> {
    body: &'a [u8],
    at: usize,
    form: Encoding,
    /// Whether the byte order is still to be told from the text.
    open: bool,
    /// It was told from the text, since no byte order mark is there.
    unmarked: bool,
}

impl Strings<'_> {
    fn new(body: &[u8]) -> Option<Strings<'_>> {
        let (form, open) = match body.first()? {
            0 => (Encoding::Latin1, false),
            1 => (Encoding::Utf16Little, true),
            2 => (Encoding::Utf16Big, false),
            3 => (Encoding::Utf8, false),
            _ => return None,
        };
        Some(Strings {
            body,
            at: 1,
            form,
            open,
            unmarked: false,
        })
    }

    /// Whether the last string that was given ends in half a character, as where one zero byte was to end UTF-16.
    fn is_cut(&self) -> bool {
        self.form.width() == 2 && self.at == self.body.len() + 1
    }

    /// Whether the last string that was given has a terminator.
    fn is_terminated(&self) -> bool {
        self.at <= self.body.len()
    }
}

impl Iterator for Strings<'_> {
    type Item = (Range<usize>, Encoding);

    fn next(&mut self) -> Option<(Range<usize>, Encoding)> {
        let width = self.form.width();
        let mut start = self.at;
        let rest = self.body.get(start..).filter(|rest| rest.len() >= width)?;
        if width == 2 {
            let mark = match rest {
                [0xFF, 0xFE, ..] => Some(Encoding::Utf16Little),
                [0xFE, 0xFF, ..] => Some(Encoding::Utf16Big),
                // Without a mark: the text is a code, so the byte that is zero is the high one.
                [0, low, ..] if self.open && *low != 0 => {
                    self.form = Encoding::Utf16Big;
                    None
                }
                _ => None,
            };
            match mark {
                Some(form) => {
                    self.form = form;
                    start += 2;
                }
                None => self.unmarked |= self.open && rest[..2] != [0, 0],
            }
            self.open = false;
        }
        let text = &self.body[start..];
        let count = match width {
            1 => memchr::memchr(0, text).unwrap_or(text.len()),
            _ => match text.chunks_exact(2).position(|unit| unit == [0, 0]) {
                Some(units) => units * 2,
                None => text.len() & !1,
            },
        };
        self.at = start + count + width;
        Some((start..start + count, self.form))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_their_terminator() {
        check(b"\0QZES51600001", &["QZES51600001"]);
        check(b"\x03QZES51600001\0", &["QZES51600001"]);
        check(b"\0QZES51600001\0QZES51600002\0\0", &["QZES51600001", "QZES51600002"]);
        check(b"\0", &[]);
        check(b"\0\0\0", &[]);
        check(b"\0\xE9", &["é"]);
        check(b"\x03\xE9", &["\u{FFFD}"]);
    }

    #[test]
    fn utf_16_follows_its_byte_order_mark() {
        check(b"\x01\xFF\xFEQ\0Z\0", &["QZ"]);
        check(b"\x01\xFE\xFF\0Q\0Z\0\0", &["QZ"]);
        check(b"\x01\xFF\xFEQ\0\0\0Z\0", &["Q", "Z"]);
        check(b"\x01\xFF\xFEQ\0\0\0\xFF\xFEZ\0", &["Q", "Z"]);
        check(b"\x01Q\0Z\0", &["QZ"]);
        check(b"\x01\0Q\0Z", &["QZ"]);
        check(b"\x02\0Q\0Z", &["QZ"]);
        check(b"\x02\0Q\0Z\0", &["QZ"]);
        check(b"\x01\xFF\xFE", &[]);
        check(b"\x01\xFF\xFE\0\xD8", &["\u{FFFD}"]);
    }

    #[track_caller]
    fn check(body: &[u8], expected: &[&str]) {
        let found = values(body, TextForm::Plain).unwrap();
        let texts: Vec<&str> = found.values.iter().map(|value| &*value.text).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn the_description_is_told_in_any_case_and_encoding() {
        let named = |body: &[u8]| code_description(body).map(|(name, _)| name);
        assert_eq!(named(b"\0isrc\0X"), Some("ISRC"));
        assert_eq!(named(b"\x03WM/Isrc\0X"), Some("WM/ISRC"));
        assert_eq!(named(b"\x01\xFF\xFEI\0S\0R\0C\0\0\0\xFF\xFEX\0"), Some("ISRC"));
        assert_eq!(named(b"\0 ISRC \0X"), Some("ISRC"));
        assert_eq!(named(b"\x03\xEF\xBB\xBFISRC\0X"), Some("ISRC"));
        assert_eq!(named(b"\0ISRC2\0X"), None);
        assert_eq!(named(b"\0ISRC      and what not"), None);
        assert_eq!(named(b"\x09ISRC\0X"), None);
        assert_eq!(named(b""), None);
    }
}
