//! The text of a cue sheet kept in a comment: which codes its `ISRC` lines give.

use std::ops::Range;

use super::super::place::Standing;

/// The codes of one sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Byte ranges of the text.
    pub(super) codes: Vec<Range<usize>>,
    /// `Odd` where the sheet has one audio track, so that the code is the file's own; else `OfTrack`.
    pub(super) standing: Standing,
}

pub(super) fn codes(text: &str) -> Sheet {
    let mut codes = Vec::new();
    let mut tracks = 0usize;
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let start = at;
        at += line.len();
        let trimmed = line.trim_start();
        let (word, rest) = trimmed.split_at(trimmed.find(char::is_whitespace).unwrap_or(trimmed.len()));
        if word.eq_ignore_ascii_case("TRACK") && !is_data_track(rest) {
            tracks += 1;
        }
        if !word.eq_ignore_ascii_case("ISRC") {
            continue;
        }
        let value = rest.trim().trim_matches('"');
        if value.is_empty() {
            continue;
        }
        // `value` is a part of `line`: trimming only cuts.
        let offset = start + (value.as_ptr() as usize - line.as_ptr() as usize);
        codes.push(offset..offset + value.len());
    }
    let standing = if tracks <= 1 { Standing::Odd } else { Standing::OfTrack };
    Sheet { codes, standing }
}

/// `TRACK 02 MODE1/2352`: such a track holds no recording.
fn is_data_track(rest: &str) -> bool {
    rest.split_whitespace()
        .nth(1)
        .is_some_and(|kind| !kind.eq_ignore_ascii_case("AUDIO"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isrc_lines_are_read_in_any_case_with_or_without_quotes() {
        check(
            "TRACK 01 AUDIO\n  ISRC USRC17607839\n INDEX 01 00:00:00",
            &["USRC17607839"],
            Standing::Odd,
        );
        check(
            "track 01 audio\r\nisrc \"USRC17607839\"\r\n",
            &["USRC17607839"],
            Standing::Odd,
        );
        check("ISRC", &[], Standing::Odd);
        check("ISRC \"\"", &[], Standing::Odd);
        check("REM ISRC USRC17607839", &[], Standing::Odd);
        check("TITLE \"ISRC USRC17607839\"", &[], Standing::Odd);
    }

    #[test]
    fn a_sheet_of_several_audio_tracks_gives_codes_of_tracks() {
        check(
            "TRACK 01 AUDIO\nISRC USRC17607839\nTRACK 02 AUDIO\nISRC US-RC1-76-07840\n",
            &["USRC17607839", "US-RC1-76-07840"],
            Standing::OfTrack,
        );
        check("TRACK 01 AUDIO\nISRC A\nTRACK 02 MODE1/2352\n", &["A"], Standing::Odd);
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str], standing: Standing) {
        let sheet = codes(text);
        let found: Vec<&str> = sheet.codes.into_iter().map(|range| &text[range]).collect();
        assert_eq!((found, sheet.standing), (expected.to_vec(), standing), "{text:?}");
    }
}
