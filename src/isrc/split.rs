//! Several codes in one value: joined by a separator, or glued.
//!
//! A value is cut only if every piece is a code after safe normalisation. Otherwise it stays one value.

use std::ops::Range;

use super::Isrc;
use super::character::is_padding;
use super::normalise::normalise_one;

/// The separators that programs join values with: NUL (ID3v2.4, APEv2), `/` (ID3v2.3), and those that people type.
const SEPARATORS: [char; 7] = ['\0', ';', ',', '|', '\n', '\r', '/'];

/// Two codes in stored form and one separator.
const SHORTEST: usize = 25;

/// The codes of a joined value, in order and with repetitions. None if the text is not two or more codes.
pub fn split(text: &str) -> Option<Vec<Isrc>> {
    let codes: Vec<Isrc> = split_ranges(text)
        .into_iter()
        .filter_map(|range| Some(normalise_one(&text[range]).ok()?.isrc))
        .collect();
    (codes.len() > 1).then_some(codes)
}

/// The byte range of each piece of a joined value, without the white space around it. Empty if the text is not two or
/// more codes.
pub fn split_ranges(text: &str) -> Vec<Range<usize>> {
    if text.len() < SHORTEST || !text.contains(SEPARATORS) {
        return Vec::new();
    }
    // One kind of separator first: a `/` inside a code is not one between codes.
    let one_kind = SEPARATORS
        .iter()
        .map(|separator| pieces(text, |letter| letter == *separator));
    let any_kind = std::iter::once_with(|| pieces(text, |letter| SEPARATORS.contains(&letter)));
    one_kind.chain(any_kind).flatten().next().unwrap_or_default()
}

fn pieces(text: &str, is_separator: impl Fn(char) -> bool) -> Option<Vec<Range<usize>>> {
    // A list may end in NUL without having one more value.
    let end = text.trim_end_matches(is_padding).len();
    let mut ranges = Vec::new();
    let mut start = 0;
    for piece in text[..end].split(is_separator) {
        let value = piece.trim_matches(is_padding);
        let value_start = start + (piece.len() - piece.trim_start_matches(is_padding).len());
        let is_gap = value.is_empty() && !ranges.is_empty();
        if !is_gap {
            normalise_one(value).ok()?;
            ranges.push(value_start..value_start + value.len());
        }
        start += piece.len() + 1; // Every separator is one byte.
    }
    (ranges.len() > 1).then_some(ranges)
}

/// Whether the characters are two or more stored codes without anything between them.
pub(super) fn glued(letters: impl Iterator<Item = char>) -> bool {
    let mut codes = 0usize;
    let mut code = [0; 12];
    let mut filled = 0;
    for letter in letters {
        code[filled] = u8::try_from(letter).unwrap_or(0);
        filled += 1;
        if filled == code.len() {
            if Isrc::from_bytes(code).is_none() {
                return false;
            }
            codes += 1;
            filled = 0;
        }
    }
    codes > 1 && filled == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_codes_are_cut() {
        check("USRC17607839/GBEMI0300013", &["USRC17607839", "GBEMI0300013"]);
        check("USRC17607839; GBEMI0300013", &["USRC17607839", "GBEMI0300013"]);
        check("USRC17607839 | gb-emi-03-00013", &["USRC17607839", "gb-emi-03-00013"]);
        check("USRC17607839\0GBEMI0300013\0", &["USRC17607839", "GBEMI0300013"]);
        check(
            "US/RC1/76/07839,GB/EMI/03/00013",
            &["US/RC1/76/07839", "GB/EMI/03/00013"],
        );
        check(
            "USRC17607839/GBEMI0300013;USRC17607839",
            &["USRC17607839", "GBEMI0300013", "USRC17607839"],
        );
        check("USRC17607839\r\nGBEMI0300013", &["USRC17607839", "GBEMI0300013"]);
    }

    #[test]
    fn one_bad_piece_leaves_the_value_whole() {
        check("USRC17607839/GBEMI030001", &[]);
        check("USRC17607839; remastered 2011", &[]);
        check("US/RC1/76/07839", &[]);
        check(";USRC17607839;GBEMI0300013", &[]);
        check("USRC17607839;", &[]);
        check("USRC17607839", &[]);
        check("", &[]);
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let pieces: Vec<&str> = split_ranges(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(pieces, expected, "{text:?}");
        assert_eq!(split(text).map_or(0, |codes| codes.len()), expected.len(), "{text:?}");
    }
}
