//! Safe normalisation: the repairs that lose nothing and guess nothing, in a fixed order.
//!
//! Remove invisible marks, trim, unquote, fold the full-width block, upper-case ASCII, strip the label, remove separators. No Unicode
//! case or compatibility mapping: U+017F upper-cases to S and NFKC turns a superscript into a digit, and either would
//! invent a character. Invariant: the code is a subsequence of the (folded) characters of the text.

use std::borrow::Cow;
use std::fmt;

use super::Isrc;
use super::character::{is_invisible, is_mark, is_padding, is_separator, narrowed};
use super::split::{glued, split};
use super::words::{word_set, words};

/// A code and what had to be done to the text to get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normalised {
    pub isrc: Isrc,
    /// Empty if the text is the stored form already.
    pub repairs: Repairs,
    /// Only remarks on the spelling: `legacy_grouping`, `nonstandard_grouping`.
    pub warnings: Warnings,
}

words! {
    /// Why no code can be had from a text without guessing. The words are those of JSON and CSV.
    pub enum Malformed {
        TooShort = "too_short": "it has fewer than the twelve characters of a code",
        TooLong = "too_long": "it has more than the twelve characters of a code",
        BadChar = "bad_char": "it holds characters that no code has",
        NonAscii = "non_ascii": "it holds a character that only looks like a letter or digit of a code",
        DigitInPrefix = "digit_in_prefix": "a digit stands where the two letters of the prefix belong",
        LetterInDigits = "letter_in_digits": "a letter stands among the seven digits at the end",
        BadSeparator = "bad_separator": "dots, underscores or slashes stand elsewhere than between the parts of a code",
        MultipleCodes = "multiple_codes": "it holds several codes in one value",
        /// `ISRC 11234567`: the label and eight characters, or the Icelandic prefix code ISRC1.
        AmbiguousLabel = "ambiguous_label": "ISRC may be a label here, or the beginning of an Icelandic code",
    }
}

impl std::error::Error for Malformed {}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.explain())
    }
}

words! {
    /// One lossless repair. The order is that of the words, so that lists come out sorted.
    pub enum RepairStep {
        Case = "case": "it is written in lower case",
        Fullwidth = "fullwidth": "it is written in full-width characters",
        Label = "label": "the word ISRC stands in front of it",
        Quotes = "quotes": "it stands in quotes",
        Separator = "separator": "it is written with hyphens, spaces or other separators",
        Trimmed = "trimmed": "white space or invisible characters stand around it or in it",
    }
}

word_set! {
    /// A set of repairs; `ok` if there are none.
    Repairs of RepairStep, between words "+", without any "ok"
}

words! {
    /// What is worth a second look in a value that is a code all the same. The order is that of the words, so that lists come out sorted.
    pub enum Warning {
        /// Agencies give numbers from 00001 on.
        Designation00000 = "designation_00000": "the designation code is 00000, which agencies do not give out",
        /// A year to come, where the prefix is the graver finding.
        FutureYear = "future_year": "the year of reference lies in the future",
        /// Five groups, the display form of ISO 3901:1986.
        LegacyGrouping = "legacy_grouping": "it is grouped in five parts, as codes were shown before 2001",
        /// Hyphens or spaces elsewhere than between the parts of a code.
        NonstandardGrouping = "nonstandard_grouping": "its hyphens or spaces do not stand between the parts of a code",
        /// A year of reference before the standard existed: old practice took the year of the recording.
        Pre1986Year = "pre_1986_year": "the year of reference is older than the standard (1986)",
        /// The registrant is `XXX`, as in templates.
        RegistrantXxx = "registrant_xxx": "the registrant is XXX, as in templates",
        /// The prefix is no longer given out; its codes stay valid.
        RetiredPrefix = "retired_prefix": "the prefix is retired, but its codes stay valid",
    }
}

word_set! {
    /// A set of remarks.
    Warnings of Warning, between words ";", without any ""
}

/// The code that a text spells, if it can be had without guessing. The stored form costs no allocation.
pub fn normalise(text: &str) -> Result<Normalised, Malformed> {
    if let Some(isrc) = Isrc::from_stored(text) {
        return Ok(Normalised {
            isrc,
            repairs: Repairs::NONE,
            warnings: Warnings::NONE,
        });
    }
    match normalise_one(text) {
        Ok(normalised) => Ok(normalised),
        Err(Malformed::AmbiguousLabel) => Err(Malformed::AmbiguousLabel),
        Err(_) if split(text).is_some() => Err(Malformed::MultipleCodes),
        Err(reason) => Err(reason),
    }
}

/// As [`normalise`], but takes a text for one value, whatever separators are in it.
pub(super) fn normalise_one(text: &str) -> Result<Normalised, Malformed> {
    let cleaned = Cleaned::new(text);
    let mut repairs = cleaned.repairs;
    let value = match cleaned.unlabelled() {
        CodeLabel::None => cleaned.text.as_str(),
        CodeLabel::Ambiguous => return Err(Malformed::AmbiguousLabel),
        CodeLabel::Before(rest) => {
            repairs.insert(RepairStep::Label);
            rest
        }
    };
    let parts = Parts::of(value)?;
    let isrc = parts.isrc()?;
    if parts.separated {
        repairs.insert(RepairStep::Separator);
    }
    let mut warnings = Warnings::NONE;
    if let Some(warning) = parts.grouping() {
        warnings.insert(warning);
    }
    Ok(Normalised {
        isrc,
        repairs,
        warnings,
    })
}

/// A text after the first five steps: without invisible marks, trimmed, unquoted, folded and in upper case.
#[derive(Debug)]
pub(super) struct Cleaned {
    pub(super) text: String,
    repairs: Repairs,
}

/// What the word ISRC at the beginning is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CodeLabel<'a> {
    None,
    /// A label, and what is behind it.
    Before(&'a str),
    Ambiguous,
}

impl Cleaned {
    pub(super) fn new(text: &str) -> Cleaned {
        let mut repairs = Repairs::NONE;
        let visible = visible(text, &mut repairs);
        let mut inner = trimmed(&visible, &mut repairs);
        if let Some(unquoted) = unquoted(inner) {
            repairs.insert(RepairStep::Quotes);
            inner = trimmed(unquoted, &mut repairs);
        }
        let mut folded = String::with_capacity(inner.len());
        for letter in inner.chars() {
            let narrow = narrowed(letter);
            if narrow != letter {
                repairs.insert(RepairStep::Fullwidth);
            }
            if narrow.is_ascii_lowercase() {
                repairs.insert(RepairStep::Case);
            }
            folded.push(narrow.to_ascii_uppercase());
        }
        Cleaned { text: folded, repairs }
    }

    pub(super) fn unlabelled(&self) -> CodeLabel<'_> {
        let Some(behind) = self.text.strip_prefix("ISRC") else {
            return CodeLabel::None;
        };
        let rest = behind.trim_start_matches(|letter| is_after_label(letter) || is_padding(letter));
        let between = &behind[..behind.len() - rest.len()];
        if between.contains([':', '=', '#']) {
            return CodeLabel::Before(rest);
        }
        // `ISRC11234567` is a legal Icelandic code, and so may be `ISRC-11234567`.
        let mut alone = [0; 12];
        let mut count = 0usize;
        for letter in self.text.chars().filter(|letter| !is_separator(*letter)) {
            if let Some(slot) = alone.get_mut(count) {
                *slot = u8::try_from(letter).unwrap_or(0);
            }
            count += 1;
        }
        match (count, Isrc::from_bytes(alone)) {
            (12, Some(_)) if between.is_empty() => CodeLabel::None,
            (12, Some(_)) => CodeLabel::Ambiguous,
            (12, None) if between.is_empty() => CodeLabel::None,
            (_, _) => CodeLabel::Before(rest),
        }
    }
}

/// The characters of a value and where separators cut it.
#[derive(Debug, Default)]
struct Parts {
    /// The characters without separators; those past the thirteenth are only counted.
    letters: [u8; 13],
    count: usize,
    /// The lengths of the groups between separators; those past the sixth are only counted.
    groups: [usize; 6],
    group_count: usize,
    separated: bool,
}

impl Parts {
    fn of(value: &str) -> Result<Parts, Malformed> {
        let mut parts = Parts::default();
        let mut in_group = false;
        // Dots, underscores and slashes in this gap between groups, and whether any gap has more than one.
        let mut marks_in_gap = 0usize;
        let (mut marked, mut mark_doubled) = (false, false);
        for letter in value.chars() {
            if is_separator(letter) || is_mark(letter) {
                parts.separated = true;
                marks_in_gap = if in_group { 0 } else { marks_in_gap };
                in_group = false;
                if is_mark(letter) {
                    marked = true;
                    marks_in_gap += 1;
                    mark_doubled |= marks_in_gap > 1;
                }
                continue;
            }
            if !letter.is_ascii() {
                return Err(Malformed::NonAscii);
            }
            if !letter.is_ascii_alphanumeric() {
                return Err(Malformed::BadChar);
            }
            parts.push(letter as u8, in_group);
            in_group = true;
        }
        let stands_between = in_group && !value.starts_with(is_mark) && parts.groups() == [2, 3, 2, 5];
        if marked && (mark_doubled || !stands_between) {
            return Err(Malformed::BadSeparator);
        }
        let codes_in_a_row = parts.count >= 24 && glued(value.chars().filter(|letter| !is_separator(*letter)));
        if codes_in_a_row {
            return Err(Malformed::MultipleCodes);
        }
        Ok(parts)
    }

    fn push(&mut self, letter: u8, in_group: bool) {
        if let Some(slot) = self.letters.get_mut(self.count) {
            *slot = letter;
        }
        self.count += 1;
        if !in_group {
            self.group_count += 1;
        }
        if let Some(group) = self.groups.get_mut(self.group_count - 1) {
            *group += 1;
        }
    }

    fn groups(&self) -> &[usize] {
        &self.groups[..self.group_count.min(self.groups.len())]
    }

    fn isrc(&self) -> Result<Isrc, Malformed> {
        match self.count {
            0..12 => return Err(Malformed::TooShort),
            12 => {}
            13.. => return Err(Malformed::TooLong),
        }
        let mut code = [0; 12];
        code.copy_from_slice(&self.letters[..12]);
        Isrc::from_bytes(code).ok_or_else(|| {
            if code[..2].iter().any(u8::is_ascii_digit) {
                Malformed::DigitInPrefix
            } else {
                Malformed::LetterInDigits
            }
        })
    }

    fn grouping(&self) -> Option<Warning> {
        if !self.separated {
            return None;
        }
        match self.groups() {
            [2, 3, 2, 5] => None,
            // The display form of ISO 3901:1986 cut the designation into recording and item.
            [2, 3, 2, 3, 2] | [2, 3, 2, 4, 1] => Some(Warning::LegacyGrouping),
            [..] => Some(Warning::NonstandardGrouping),
        }
    }
}

/// The text without invisible marks: they come along with codes that are copied from web pages, wherever they are.
fn visible<'a>(text: &'a str, repairs: &mut Repairs) -> Cow<'a, str> {
    if !text.contains(is_invisible) {
        return text.into();
    }
    repairs.insert(RepairStep::Trimmed);
    text.chars().filter(|letter| !is_invisible(*letter)).collect()
}

fn trimmed<'a>(text: &'a str, repairs: &mut Repairs) -> &'a str {
    let inner = text.trim_matches(is_padding);
    if inner.len() != text.len() {
        repairs.insert(RepairStep::Trimmed);
    }
    inner
}

fn unquoted(text: &str) -> Option<&str> {
    const PAIRS: [(char, char); 10] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201C}', '\u{201D}'),
        ('\u{2018}', '\u{2019}'),
        ('\u{201E}', '\u{201C}'),
        ('\u{201A}', '\u{2018}'),
        ('\u{AB}', '\u{BB}'),
        ('\u{2039}', '\u{203A}'),
        ('\u{201D}', '\u{201D}'),
    ];
    PAIRS
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
}

pub(super) fn is_after_label(letter: char) -> bool {
    matches!(letter, ':' | '=' | '#') || is_separator(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_needs_no_repair() {
        check("USRC17607839", "USRC17607839 ok");
        check("ISRC11234567", "ISRC11234567 ok");
    }

    #[test]
    fn what_stands_around_a_code_is_dropped() {
        check(" USRC17607839\0", "USRC17607839 trimmed");
        check("\u{FEFF}USRC17607839\u{200B}", "USRC17607839 trimmed");
        check("\u{2066}USRC17607839\u{2069}", "USRC17607839 trimmed");
        let bidi = "\u{200E}\u{200F}\u{202A}\u{202E}\u{2066}\u{2069}\u{61C}";
        let zero_width =
            "\u{200B}\u{200C}\u{200D}\u{2060}\u{2064}\u{206F}\u{FEFF}\u{34F}\u{180E}\u{FE0E}\u{FE0F}\u{FFFB}";
        let beyond_16_bits = "\u{E0001}\u{E0055}\u{E0100}";
        for mark in [bidi, zero_width, beyond_16_bits].concat().chars() {
            check(&format!("USRC1{mark}7607839"), "USRC17607839 trimmed");
            check(
                &format!("US-{mark}RC1-76{mark}-07839"),
                "USRC17607839 separator+trimmed",
            );
            check(
                &format!("\"{mark}us{mark}rc17607839\" "),
                "USRC17607839 case+quotes+trimmed",
            );
            check(&format!("IS{mark}RC: USRC17607839"), "USRC17607839 label+trimmed");
        }
        check("'USRC17607839'", "USRC17607839 quotes");
        check("\u{201C} USRC17607839\u{201D}", "USRC17607839 quotes+trimmed");
        check("\u{AB}USRC17607839\u{BB}", "USRC17607839 quotes");
    }

    #[test]
    fn every_hyphen_and_space_is_dropped() {
        for separator in
            "-\u{AD}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{2043}\u{FE58}\u{FE63}".chars()
        {
            check(&joined(separator), "USRC17607839 separator");
        }
        for separator in " \u{A0}\u{2007}\u{2009}\u{202F}\u{3000}".chars() {
            check(&joined(separator), "USRC17607839 separator");
        }
        check(&joined('\u{FF0D}'), "USRC17607839 fullwidth+separator");
        check("US\u{2013}\u{A0}RC1-76 07839", "USRC17607839 separator");
    }

    #[test]
    fn dots_underscores_and_slashes_are_dropped_between_the_parts() {
        for separator in "._/".chars() {
            check(&joined(separator), "USRC17607839 separator");
        }
        check("ISRC US.RC1-76/07839", "USRC17607839 label+separator");
        refuse("USRC1.7607839", Malformed::BadSeparator);
        refuse("US..RC1.76.07839", Malformed::BadSeparator);
        refuse(".US.RC1.76.07839", Malformed::BadSeparator);
        refuse("US.RC1.76.07839.", Malformed::BadSeparator);
        refuse("US/RC1/76/078/39", Malformed::BadSeparator);
    }

    #[test]
    fn unusual_groups_are_told() {
        check("US-RC1-76-078-39", "USRC17607839 separator legacy_grouping");
        check("US RC1 76 0783 9", "USRC17607839 separator legacy_grouping");
        check("USRC1 7607839", "USRC17607839 separator nonstandard_grouping");
        check("US-RC1-7607839", "USRC17607839 separator nonstandard_grouping");
        check("U S R C 1 7 6 0 7 8 3 9", "USRC17607839 separator nonstandard_grouping");
    }

    #[test]
    fn a_label_is_dropped() {
        check("ISRC USRC17607839", "USRC17607839 label");
        check("ISRC=USRC17607839", "USRC17607839 label");
        check("ISRC # USRC17607839", "USRC17607839 label");
        check("ISRC-USRC17607839", "USRC17607839 label");
        check("ISRCUSRC17607839", "USRC17607839 label");
        check("isrc:usrc17607839", "USRC17607839 case+label");
    }

    #[test]
    fn an_icelandic_code_is_no_label() {
        check("IS-RC1-12-34567", "ISRC11234567 separator");
        check("ISRC ISRC11234567", "ISRC11234567 label");
        check("ISRCISRC11234567", "ISRC11234567 label");
        check("ISRC1-12-34567", "ISRC11234567 separator nonstandard_grouping");
        refuse("ISRC 11234567", Malformed::AmbiguousLabel);
        refuse("ISRC-11234567", Malformed::AmbiguousLabel);
        refuse("ISRC:11234567", Malformed::TooShort);
        refuse("ISRCUSRC1760", Malformed::LetterInDigits);
    }

    #[test]
    fn nothing_is_guessed() {
        refuse("", Malformed::TooShort);
        refuse("USRC1760783", Malformed::TooShort);
        refuse("USRC176078390", Malformed::TooLong);
        refuse("US-RC1-1976-07839", Malformed::TooLong);
        refuse("1SRC17607839", Malformed::DigitInPrefix);
        refuse("USRC1760783O", Malformed::LetterInDigits);
        refuse("u\u{17F}rc17607839", Malformed::NonAscii);
        refuse("\u{405}ERC17607839", Malformed::NonAscii);
        refuse("USRC1\u{200B}760783O", Malformed::LetterInDigits);
        refuse("USRC1\u{200B}760783", Malformed::TooShort);
        refuse("ISRC\u{200B} 11234567", Malformed::AmbiguousLabel);
        refuse("USRC1\u{0}7607839", Malformed::BadChar);
        refuse("USRC17607839!", Malformed::BadChar);
        refuse("\"USRC17607839", Malformed::BadChar);
    }

    #[test]
    fn several_codes_are_told_from_one_that_is_too_long() {
        refuse("USRC17607839;GBEMI0300013", Malformed::MultipleCodes);
        refuse("US-RC1-76-07839 / GB-EMI-03-00013", Malformed::MultipleCodes);
        refuse("USRC17607839GBEMI0300013", Malformed::MultipleCodes);
        refuse("USRC17607839 GBEMI0300013", Malformed::MultipleCodes);
        refuse("USRC17607839GBEMI030001O", Malformed::TooLong);
    }

    fn joined(separator: char) -> String {
        ["US", "RC1", "76", "07839"].join(&separator.to_string())
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let Normalised {
            isrc,
            repairs,
            warnings,
        } = normalise(text).expect(text);
        assert_eq!(format!("{isrc} {repairs} {warnings}").trim_end(), expected, "{text:?}");
    }

    #[track_caller]
    fn refuse(text: &str, expected: Malformed) {
        assert_eq!(normalise(text), Err(expected), "{text:?}");
    }
}
