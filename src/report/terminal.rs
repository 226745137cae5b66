//! Other people's text on a terminal: escaped, measured, coloured.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::judge::Severity;
use crate::system::table::jsonl::is_hostile;

/// The text with every control, bidi and invisible character escaped, so that it cannot act on a terminal.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
    if text.bytes().all(is_plain) || !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\0' => escaped.push_str("\\0"),
            hostile if is_hostile(hostile) => {
                write!(escaped, "\\u{{{:x}}}", hostile as u32).expect("writing to a String cannot fail");
            }
            plain => escaped.push(plain),
        }
    }
    Cow::Owned(escaped)
}

/// Like [`printable`], for text of several lines that are our own: line ends stay.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// Columns that the text takes on a terminal.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    On,
    Off,
}

/// What a piece of text means. Colour adds to the words, it never replaces them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Heading,
    Error,
    Warning,
    Good,
    Quiet,
}

impl Tone {
    pub fn of(severity: Severity) -> Tone {
        match severity {
            Severity::Info => Tone::Quiet,
            Severity::Warning => Tone::Warning,
            Severity::Error => Tone::Error,
        }
    }
}

impl Colour {
    /// `text` in the tone's colour, or plain.
    pub fn paint<'a>(self, tone: Tone, text: &'a str) -> Cow<'a, str> {
        let code = match (self, tone) {
            (Colour::Off, _) => return Cow::Borrowed(text),
            (Colour::On, Tone::Heading) => "1",
            (Colour::On, Tone::Error) => "31",
            (Colour::On, Tone::Warning) => "33",
            (Colour::On, Tone::Good) => "32",
            (Colour::On, Tone::Quiet) => "2",
        };
        Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
    }
}

/// The lines with the word that they begin with in its colour.
pub(super) fn with_painted(colour: Colour, tone: Tone, word: &str, mut lines: Vec<String>) -> Vec<String> {
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(word, &colour.paint(tone, word), 1);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_are_shown_not_sent() {
        check("plain é 東京", "plain é 東京");
        check("a\x1b[31mb", "a\\u{1b}[31mb");
        check("line\nbreak\r\t\0", "line\\nbreak\\r\\t\\0");
        check("\u{202e}cod.exe", "\\u{202e}cod.exe");
        check("\u{9b}2J", "\\u{9b}2J");
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(printable(text), expected);
    }
}
