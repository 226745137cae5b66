//! The judgement of any text that is where a code belongs. Pure: the year is an argument, not a clock.

use std::borrow::Cow;
use std::fmt;

use super::Isrc;
use super::guess::{codes_inside, suggestions};
use super::lookalike::{OtherIdentifier, identify};
use super::normalise::{Malformed, Normalised, RepairStep, Repairs, Warning, Warnings, normalise};
use super::placeholder::{self, Placeholder};
use super::prefix::{self, Status};
use super::words::words;

words! {
    /// What a text is. A text that is several of these is the first that fits: placeholder, other identifier, malformed,
    /// suspicious prefix, suspicious year, normalised, canonical.
    pub enum Class {
        /// A code in its stored form.
        Canonical = "canonical",
        /// A code in a spelling that is mended without guessing.
        Normalised = "normalised",
        Malformed = "malformed",
        /// Stands for "no code", well formed or not.
        Placeholder = "placeholder",
        /// A well-formed code whose prefix is not on the list.
        SuspiciousPrefix = "suspicious_prefix",
        /// A well-formed code of a year to come.
        SuspiciousYear = "suspicious_year",
        OtherIdentifier = "other_identifier",
    }
}

/// Why a text is of its class. Printed as the word of JSON and CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The stored form, or the repairs that lead to it: `ok`, `case+separator`.
    Code(Repairs),
    Malformed(Malformed),
    Placeholder(Placeholder),
    Prefix(Status),
    FutureYear,
    Other(OtherIdentifier),
}

impl Reason {
    /// A sentence for people, in lower case and without a full stop.
    pub fn explain(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Reason::Code(repairs) if repairs.is_empty() => "it is a code in its stored form",
            Reason::Code(repairs) => {
                let sentences: Vec<&str> = repairs.iter().map(RepairStep::explain).collect();
                return match sentences[..] {
                    [only] => only.into(),
                    _ => sentences.join(", ").into(),
                };
            }
            Reason::Malformed(malformed) => malformed.explain(),
            Reason::Placeholder(placeholder) => placeholder.explain(),
            Reason::Prefix(status) => status.explain(),
            Reason::FutureYear => "the year of reference lies in the future",
            Reason::Other(other) => other.explain(),
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Code(repairs) => repairs.fmt(f),
            Reason::Malformed(malformed) => f.write_str(malformed.word()),
            Reason::Placeholder(placeholder) => f.write_str(placeholder.word()),
            Reason::Prefix(status) => f.write_str(status.word()),
            Reason::FutureYear => f.write_str("future_year"),
            Reason::Other(other) => other.fmt(f),
        }
    }
}

words! {
    /// What can be done about a value that is not the stored form of a code.
    pub enum Repair {
        /// Written in its stored form without losing or guessing anything.
        Safe = "safe",
        /// Only suggested to a person.
        Guess = "guess",
        /// Nothing, or nothing is wrong.
        None = "none",
    }
}

/// A judged text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub class: Class,
    /// The code, for the classes canonical, normalised, suspicious prefix and suspicious year.
    pub isrc: Option<Isrc>,
    pub reason: Reason,
    pub warnings: Warnings,
    /// What kept the text from being the stored form of `isrc`; also told for the suspicious classes.
    pub repairs: Repairs,
    /// What a malformed text may have meant, the likeliest first. Never to be applied without asking.
    pub suggestions: Vec<Isrc>,
}

impl Decoded {
    /// Why a well-formed code is hard to believe: the word, and a sentence for people without full stop.
    pub fn doubt(&self) -> Option<(String, Cow<'static, str>)> {
        match (self.isrc, self.class) {
            (Some(_), Class::SuspiciousPrefix | Class::SuspiciousYear) => {
                Some((self.reason.to_string(), self.reason.explain()))
            }
            (Some(isrc), _) if isrc.designation() == "00000" => {
                let warning = Warning::Designation00000;
                Some((warning.word().to_owned(), warning.explain().into()))
            }
            (Some(_) | None, _) => None,
        }
    }

    pub fn repair(&self) -> Repair {
        match (self.isrc, self.repairs.is_empty(), self.suggestions.is_empty()) {
            (Some(_), false, _) => Repair::Safe,
            (Some(_), true, _) => Repair::None,
            (None, _, false) => Repair::Guess,
            (None, _, true) => Repair::None,
        }
    }
}

/// Judges a text. `this_year` is the year of today: later years of reference are suspicious.
///
/// A code in its stored form costs no allocation.
pub fn decode(text: &str, this_year: u16) -> Decoded {
    match normalise(text) {
        Ok(normalised) => judge_code(&normalised, this_year),
        Err(malformed) => judge_text(text, malformed),
    }
}

fn judge_code(normalised: &Normalised, this_year: u16) -> Decoded {
    let Normalised {
        isrc,
        repairs,
        mut warnings,
    } = *normalised;
    if let Some(placeholder) = placeholder::of_code(&isrc) {
        return without_code(Class::Placeholder, Reason::Placeholder(placeholder));
    }
    let status = prefix::status(isrc.prefix_letters());
    let year = isrc.year_of_reference();
    let (class, reason) = if !status.is_listed() {
        if year > this_year {
            warnings.insert(Warning::FutureYear);
        }
        (Class::SuspiciousPrefix, Reason::Prefix(status))
    } else if year > this_year {
        (Class::SuspiciousYear, Reason::FutureYear)
    } else if repairs.is_empty() {
        (Class::Canonical, Reason::Code(repairs))
    } else {
        (Class::Normalised, Reason::Code(repairs))
    };
    if status == Status::Retired {
        warnings.insert(Warning::RetiredPrefix);
    }
    if year < 1986 {
        warnings.insert(Warning::Pre1986Year);
    }
    if isrc.prefix_code().ends_with("XXX") {
        warnings.insert(Warning::RegistrantXxx);
    }
    if isrc.designation() == "00000" {
        warnings.insert(Warning::Designation00000);
    }
    Decoded {
        class,
        isrc: Some(isrc),
        reason,
        warnings,
        repairs,
        suggestions: Vec::new(),
    }
}

fn judge_text(text: &str, malformed: Malformed) -> Decoded {
    if let Some(placeholder) = placeholder::of_text(text) {
        return without_code(Class::Placeholder, Reason::Placeholder(placeholder));
    }
    if let Some(other) = identify(text) {
        return Decoded {
            // The digits of a barcode are not a misread code, but an address may hold one.
            suggestions: codes_inside(text),
            ..without_code(Class::OtherIdentifier, Reason::Other(other))
        };
    }
    Decoded {
        suggestions: suggestions(text),
        ..without_code(Class::Malformed, Reason::Malformed(malformed))
    }
}

fn without_code(class: Class, reason: Reason) -> Decoded {
    Decoded {
        class,
        isrc: None,
        reason,
        warnings: Warnings::NONE,
        repairs: Repairs::NONE,
        suggestions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::character::narrowed;
    use super::super::split::{split, split_ranges};
    use super::*;

    /// The year that testdata/validator_cases.tsv was written for.
    const YEAR: u16 = 2026;

    #[test]
    fn every_validator_case_is_judged_as_stated() {
        let table = include_str!("../../testdata/validator_cases.tsv");
        let mut lines = table.lines();
        assert_eq!(
            lines.next(),
            Some("id\tinput\tclass\tisrc\treason_code\twarnings\treason")
        );
        let mut wrong = Vec::new();
        let mut count = 0;
        for line in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            let [id, input, class, isrc, reason, warnings, _] = fields[..] else {
                panic!("seven columns: {line:?}");
            };
            let got = row(&unescaped(input));
            let expected = format!("{class}|{isrc}|{reason}|{warnings}");
            if got != expected {
                wrong.push(format!("{id} {input:?}: {got}, not {expected}"));
            }
            count += 1;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(count, 96);
    }

    #[test]
    fn placeholders_come_first() {
        check("", "placeholder||empty|");
        check(" \t\u{FEFF}", "placeholder||empty|");
        check("\"\"", "placeholder||empty|");
        check("000000000000", "placeholder||all_same_char|");
        check("00-000-00-00000", "placeholder||all_same_char|");
        check("xx-xxx-xx-xxxxx", "placeholder||all_same_char|");
        check("------------", "placeholder||all_same_char|");
        check("123456789012", "placeholder||sequence|");
        check("ABCDEFGHIJKL", "placeholder||sequence|");
        check("CCXXXYYNNNNN", "placeholder||template|");
        check("ISRC CC-XXX-YY-NNNNN", "placeholder||template|");
        check("cc-rrr-yy-ddddd", "placeholder||template|");
        check("US-RC1-24-#####", "placeholder||template|");
        check("US-RC1-YY-00001", "placeholder||template|");
        check("US0000000000", "placeholder||template|");
        check("USXXX0000000", "placeholder||template|");
        check("XX-XXX-00-00000", "placeholder||template|");
        check("AA6Q72000047", "placeholder||example_prefix|");
        check("US-S1Z-99-00001", "placeholder||example_prefix|");
        check("jprj02400001", "placeholder||example_prefix|");
        for word in [
            "n/a",
            "N.A.",
            "NULL",
            "(none)",
            "<null>",
            "TBD",
            "tba",
            "?",
            "-",
            "--",
            "nan",
            "no isrc",
            "ISRC",
            "isrc: n/a",
        ] {
            check(word, "placeholder||null_word|");
        }
    }

    #[test]
    fn a_year_is_suspicious_from_the_next_one_to_39() {
        check("GBABC2600001", "canonical|GBABC2600001|ok|");
        check("GBABC2700001", "suspicious_year|GBABC2700001|future_year|");
        check("GBABC3900001", "suspicious_year|GBABC3900001|future_year|");
        check("GBABC4000001", "canonical|GBABC4000001|ok|pre_1986_year");
        check("GBABC8500001", "canonical|GBABC8500001|ok|pre_1986_year");
        check("GBABC8600001", "canonical|GBABC8600001|ok|");
        check("gbabc2700001", "suspicious_year|GBABC2700001|future_year|");
    }

    #[test]
    fn prefixes_are_judged_by_the_list() {
        check("CSABC9000001", "canonical|CSABC9000001|ok|retired_prefix");
        check("IMABC0500001", "canonical|IMABC0500001|ok|retired_prefix");
        check("UKABC2400001", "canonical|UKABC2400001|ok|");
        check("TCABC2400001", "canonical|TCABC2400001|ok|");
        check("EUABC2400001", "suspicious_prefix|EUABC2400001|unlisted-reserved|");
        check(
            "XXXXX2400001",
            "suspicious_prefix|XXXXX2400001|unlisted-user-assigned|registrant_xxx",
        );
        check("IFABC2800001", "suspicious_prefix|IFABC2800001|unlisted|future_year");
    }

    #[test]
    fn other_identifiers_are_named_unless_the_text_is_a_code() {
        check("036000291452", "other_identifier||upc_a|");
        check("LC-01234", "other_identifier||label_code|");
        check("T-034.524.680-1", "other_identifier||iswc|");
        check("USRC17607839", "canonical|USRC17607839|ok|pre_1986_year");
    }

    #[test]
    fn an_undecidable_label_is_asked_about() {
        check("ISRC 11234567", "malformed||ambiguous_label|");
        check("ISRC11234567", "canonical|ISRC11234567|ok|");
        assert_eq!(decode("ISRC 11234567", YEAR).repair(), Repair::Guess);
    }

    #[test]
    fn what_can_be_done_is_told() {
        assert_eq!(decode("USRC17607839", YEAR).repair(), Repair::None);
        assert_eq!(decode("us-rc1-76-07839", YEAR).repair(), Repair::Safe);
        assert_eq!(decode("xx-abc-24-00001", YEAR).repair(), Repair::Safe);
        assert_eq!(decode("USRC1760783O", YEAR).repair(), Repair::Guess);
        assert_eq!(decode("Hello World!", YEAR).repair(), Repair::None);
        assert_eq!(decode("158765432104", YEAR).repair(), Repair::None);
        assert_eq!(
            decode("https://example.org/isrc/USRC17607839", YEAR).repair(),
            Repair::Guess
        );
        assert_eq!(decode("US-XXX-99-99999", YEAR).repair(), Repair::None);
    }

    proptest! {
        #[test]
        fn a_code_survives_its_display_form(code in "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", label in "(ISRC[ :]|)", fold in any::<bool>()) {
            let isrc = Isrc::from_stored(&code).unwrap();
            prop_assert_eq!(normalise(&code).unwrap().isrc, isrc);
            let shown = format!("{label}{}", isrc.hyphenated());
            let shown = if fold { shown.to_ascii_lowercase() } else { shown };
            prop_assert_eq!(normalise(&shown).unwrap().isrc, isrc);
            prop_assert!(normalise(&shown).unwrap().warnings.is_empty());
        }

        #[test]
        fn nothing_is_invented(text in spelling()) {
            if let Ok(normalised) = normalise(&text) {
                let mut folded = text.chars().map(|letter| narrowed(letter).to_ascii_uppercase());
                for wanted in normalised.isrc.as_str().chars() {
                    prop_assert!(folded.any(|letter| letter == wanted), "{:?} gave {}", text, normalised.isrc);
                }
                // What is dropped is never a letter or digit, but for the label.
                let rest = |text: &str| text.chars().filter(|letter| narrowed(*letter).is_alphanumeric()).count();
                prop_assert!(matches!(rest(&text), 12 | 16), "{:?} gave {}", text, normalised.isrc);
                let again = normalise(normalised.isrc.as_str()).unwrap();
                prop_assert_eq!(again.isrc, normalised.isrc);
                prop_assert!(again.repairs.is_empty());
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), near in spelling()) {
            for text in [text, near] {
                let decoded = decode(&text, YEAR);
                prop_assert!(decoded.suggestions.len() <= 8);
                prop_assert!(decoded.isrc.is_none() || decoded.suggestions.is_empty());
                prop_assert!(!decoded.reason.explain().is_empty());
                let codes = split(&text).unwrap_or_default();
                prop_assert_eq!(codes.len(), split_ranges(&text).len());
            }
        }
    }

    /// Texts that are nearly codes: parts of codes, separators, labels, marks and a few wrong characters.
    fn spelling() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            8 => "[A-Za-z]{2}",
            8 => "[A-Z0-9]{3}",
            8 => "[0-9]{2}",
            8 => "[0-9]{5}",
            4 => "[-/._ \u{2013}\u{A0}\u{3000}]{0,2}",
            2 => "[\u{FF10}-\u{FF19}\u{FF21}-\u{FF3A}]{1,5}",
            2 => "(ISRC|isrc)[:=# -]{0,2}",
            1 => "[\"'\u{201C}\u{201D}\0\u{FEFF}\u{200E}\u{17F}\u{669};|,]",
            8 => Just(String::new()),
        ];
        let random = proptest::collection::vec(part, 0..9).prop_map(|parts| parts.concat());
        let shaped = (
            "(|ISRC ?|isrc:|\u{FEFF}|\")",
            "[A-Za-z]{2}[-. ]?[A-Za-z0-9\u{FF21}-\u{FF3A}]{3}[-. ]?[0-9]{2}[-. ]?[0-9]{5}",
            "(|\"|\0| |[0-9A-Z])",
        )
            .prop_map(|(before, code, behind)| format!("{before}{code}{behind}"));
        prop_oneof![random, shaped]
    }

    /// The table writes what does not show as \t \r \n \0 and \uXXXX, and a backslash as two.
    fn unescaped(input: &str) -> String {
        let mut text = String::new();
        let mut letters = input.chars();
        while let Some(letter) = letters.next() {
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            match letters.next().unwrap() {
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'n' => text.push('\n'),
                '0' => text.push('\0'),
                'u' => {
                    let hex: String = letters.by_ref().take(4).collect();
                    text.push(char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap());
                }
                other => text.push(other),
            }
        }
        text
    }

    fn row(text: &str) -> String {
        let Decoded {
            class,
            isrc,
            reason,
            warnings,
            repairs: _,
            suggestions: _,
        } = decode(text, YEAR);
        let isrc = isrc.map_or(String::new(), |isrc| isrc.to_string());
        format!("{}|{isrc}|{reason}|{warnings}", class.word())
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(row(text), expected, "{text:?}");
    }
}
