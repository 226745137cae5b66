//! One text that holds several codes, `A/B`, `A; B`, `A, B`, `A|B`, and how its characters are stored.
//!
//! A text is cut only if every piece is a well-formed code, so that free text and codes that are themselves written
//! with such characters (`US/RC1/76/07839`) stay whole. Invariant: pieces are in rising order, and at least one
//! separator is between two of them.

use std::ops::Range;

use super::place::Action;
use crate::bytes::pieces::Patch;
use crate::isrc::Isrc;

const SEPARATORS: [char; 4] = ['/', ';', ',', '|'];

/// The most codes that one text is cut into.
const MOST_PIECES: usize = 1000;

/// How the characters of a text are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Latin1,
    Utf8,
    Utf16Little,
    Utf16Big,
}

impl Encoding {
    /// How many bytes a character of ASCII takes.
    pub(super) fn width(self) -> usize {
        match self {
            Encoding::Latin1 | Encoding::Utf8 => 1,
            Encoding::Utf16Little | Encoding::Utf16Big => 2,
        }
    }

    /// The text, in which U+FFFD is what cannot be decoded.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        let units = |unit: fn([u8; 2]) -> u16| bytes.chunks_exact(2).map(move |pair| unit([pair[0], pair[1]]));
        match self {
            Encoding::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect(),
            Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Encoding::Utf16Little => from_utf16(units(u16::from_le_bytes)),
            Encoding::Utf16Big => from_utf16(units(u16::from_be_bytes)),
        }
    }
}

fn from_utf16(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Byte ranges of the codes in `text`, without the spaces around them; one range over the whole text if it is not a
/// list of codes.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let whole = || std::iter::once(0..text.len()).collect();
    // Two codes and a separator.
    if text.len() < 25 || !text.is_ascii() {
        return whole();
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    for piece in text.split(SEPARATORS) {
        let end = start + piece.len();
        let trimmed = piece.trim_matches(' ');
        if !is_code(trimmed) || pieces.len() == MOST_PIECES {
            return whole();
        }
        let from = start + piece.len() - piece.trim_start_matches(' ').len();
        pieces.push(from..from + trimmed.len());
        start = end + 1;
    }
    pieces
}

/// The codes in a text, each with its bytes, where the text is at `span` and a character of ASCII takes `unit` bytes;
/// one piece over all of `span` if it is not a list of codes.
pub(super) fn pieces(text: &str, span: &Range<u64>, unit: u64) -> Vec<(Range<u64>, String)> {
    let ranges = split(text);
    if ranges.len() < 2 {
        return vec![(span.clone(), text.to_owned())];
    }
    let at = |offset: usize| span.start + unit * offset as u64;
    let piece = |range: Range<usize>| (at(range.start)..at(range.end), text[range].to_owned());
    ranges.into_iter().map(piece).collect()
}

/// A strict and cheap form of the safe normalisation: hyphens, spaces and case only.
fn is_code(piece: &str) -> bool {
    let mut characters = piece.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
    let code = [(); 12].map(|()| characters.next().unwrap_or_default().to_ascii_uppercase());
    characters.next().is_none() && Isrc::from_bytes(code).is_some()
}

/// What `actions` make of a text of several codes, each at its range in `codes`, at least one of which stays.
pub(super) fn rewritten(codes: &[Range<u64>], actions: &[Action], text: impl Fn(Isrc) -> Vec<u8>) -> Vec<Patch> {
    let changes = changes(codes, actions, text);
    changes.map(|(range, bytes)| Patch::new(range, bytes)).collect()
}

/// A text that is decoded as a whole, in which `actions` are carried out, one for each of its codes.
pub(super) fn changed(mut text: String, codes: &[Range<usize>], actions: &[Action]) -> String {
    let mut changes: Vec<(Range<usize>, String)> = changes(codes, actions, |isrc| isrc.to_string()).collect();
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    for (range, new) in changes.into_iter().rev() {
        text.replace_range(range, &new);
    }
    text
}

/// What becomes of which range.
fn changes<N: Copy, T: Default>(
    codes: &[Range<N>],
    actions: &[Action],
    text: impl Fn(Isrc) -> T,
) -> impl Iterator<Item = (Range<N>, T)> {
    let kept: Vec<bool> = actions.iter().map(|action| *action != Action::Drop).collect();
    let gone = removals(codes, &kept).into_iter().map(|range| (range, T::default()));
    let written = codes
        .iter()
        .zip(actions)
        .filter_map(move |(range, action)| match action {
            Action::Write(isrc) => Some((range.clone(), text(*isrc))),
            Action::Keep | Action::Drop => None,
        });
    gone.chain(written)
}

/// What is taken out of an item when only the values with `kept` stay: every value that goes, with one separator.
/// `values` are the ranges of all values, in order.
pub(super) fn removals<N: Copy>(values: &[Range<N>], kept: &[bool]) -> Vec<Range<N>> {
    let mut removals = Vec::new();
    let mut any_before = false;
    for (index, (value, &kept)) in values.iter().zip(kept).enumerate() {
        if kept {
            any_before = true;
        } else if any_before {
            removals.push(values[index - 1].end..value.end);
        } else {
            let end = values.get(index + 1).map_or(value.end, |next| next.start);
            removals.push(value.start..end);
        }
    }
    removals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_codes_is_cut() {
        check("QZES51600001/QZES51600002", &["QZES51600001", "QZES51600002"]);
        check("QZES51600001; qz-es5-16-00002", &["QZES51600001", "qz-es5-16-00002"]);
        check(
            "QZES51600001 ,QZES51600002|QZ ES5 16 00003",
            &["QZES51600001", "QZES51600002", "QZ ES5 16 00003"],
        );
    }

    #[test]
    fn anything_else_stays_whole() {
        for text in [
            "",
            "QZES51600001",
            "QZES51600001/",
            "QZES51600001/QZES5160000",
            "QZES51600001/QZES51600002/remix",
            "US/RC1/76/07839 US/RC1/76/07839",
            "QZES51600001;QZES5160000\u{660}",
        ] {
            check(text, &[text]);
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let pieces: Vec<&str> = split(text).into_iter().map(|piece| &text[piece]).collect();
        assert_eq!(pieces, expected, "{text:?}");
    }

    #[test]
    fn a_value_goes_with_one_separator() {
        let left = |kept: [bool; 3]| {
            let mut text = "A, B, C.".to_owned();
            for range in removals(&[0..1, 3..4, 6..7], &kept).into_iter().rev() {
                text.drain(range);
            }
            text
        };
        assert_eq!(left([false, true, true]), "B, C.");
        assert_eq!(left([true, false, true]), "A, C.");
        assert_eq!(left([true, true, false]), "A, B.");
        assert_eq!(left([false, false, true]), "C.");
        assert_eq!(left([false, true, false]), "B.");
        assert_eq!(left([true, false, false]), "A.");
    }
}
