//! Other identifiers that end up where a code belongs, told by their form and their check digit.
//!
//! Only asked for texts that are no code. A form that nothing else has (`T-034.524.680-5`) is named even if its check
//! digit is wrong; a form that is not distinctive (eight digits) only with the right one.

use std::fmt;

use super::character::is_separator;
use super::normalise::{Cleaned, CodeLabel, is_after_label};
use super::words::words;

words! {
    /// Kinds of identifiers that are not recording codes.
    pub enum Scheme {
        /// Musical works, ISO 15707: `T` and ten digits.
        Iswc = "iswc",
        /// Barcodes, GS1 General Specifications 7.9.
        Ean8 = "ean8",
        UpcA = "upc_a",
        Ean13 = "ean13",
        Gtin14 = "gtin14",
        /// Releases: `A1` and sixteen characters.
        Grid = "grid",
        /// Names of persons and groups, ISO 27729; ORCID looks the same.
        Isni = "isni",
        /// Printed music, ISO 10957.
        Ismn = "ismn",
        /// Books, ISO 2108.
        Isbn = "isbn",
        /// Companies in DDEX messages.
        DdexPartyId = "ddex_party_id",
        Uuid = "uuid",
        Uri = "uri",
        CatalogueNumber = "catalogue_number",
        /// `LC` and four to six digits.
        LabelCode = "label_code",
    }
}

/// What the check digit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigit {
    /// Right, or the scheme has none.
    Passed,
    Failed,
}

/// An identifier of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherIdentifier {
    pub scheme: Scheme,
    pub check: CheckDigit,
}

impl OtherIdentifier {
    /// A sentence for people.
    pub fn explain(self) -> &'static str {
        match self.check {
            CheckDigit::Failed => "it looks like the identifier of something else, with a wrong check digit",
            CheckDigit::Passed => match self.scheme {
                Scheme::Iswc => "it is an ISWC, the code of the musical work, not of the recording",
                Scheme::Ean8 | Scheme::UpcA | Scheme::Ean13 | Scheme::Gtin14 => {
                    "it is a barcode (UPC/EAN), the number of the release, not of the recording"
                }
                Scheme::Grid => "it is a GRid, the identifier of the release, not of the recording",
                Scheme::Isni => "it is an ISNI, the identifier of a person or group",
                Scheme::Ismn => "it is an ISMN, the number of printed music",
                Scheme::Isbn => "it is an ISBN, the number of a book",
                Scheme::DdexPartyId => "it is a DDEX party identifier, which names a company",
                Scheme::Uuid => "it is a UUID, as databases give to their entries",
                Scheme::Uri => "it is an address",
                Scheme::CatalogueNumber => "it looks like a catalogue number, which names the release",
                Scheme::LabelCode => "it is a label code, which names the label",
            },
        }
    }
}

impl fmt::Display for OtherIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme.word())?;
        match self.check {
            CheckDigit::Passed => Ok(()),
            CheckDigit::Failed => f.write_str("_bad_check"),
        }
    }
}

/// Identifiers in print are not longer than this; addresses are told by their beginning.
const LONGEST: usize = 64;

/// The identifier that a text is, if it is one of another kind. Only for texts that are no code.
pub fn identify(text: &str) -> Option<OtherIdentifier> {
    let cleaned = Cleaned::new(text);
    let value = match cleaned.unlabelled() {
        CodeLabel::Before(rest) => rest,
        CodeLabel::None | CodeLabel::Ambiguous => cleaned.text.as_str(),
    };
    if is_uuid(value) {
        return passed(Scheme::Uuid);
    }
    if is_uri(value) {
        return passed(Scheme::Uri);
    }
    if value.len() > LONGEST {
        return None;
    }
    let printed = named(value);
    let compact: Vec<u8> = printed
        .number
        .chars()
        .filter(|letter| !is_separator(*letter))
        .map(|letter| u8::try_from(letter).unwrap_or(0))
        .collect();
    identify_compact(&compact, &printed).or_else(|| {
        if is_label_code(&compact) {
            return passed(Scheme::LabelCode);
        }
        if is_catalogue_number(printed.number) {
            return passed(Scheme::CatalogueNumber);
        }
        None
    })
}

/// A number and the name of its scheme, if that is in front.
struct Printed<'a> {
    name: Option<&'static str>,
    number: &'a str,
}

fn named(value: &str) -> Printed<'_> {
    const NAMES: [&str; 12] = [
        "ISWC", "ISBN-13", "ISBN-10", "ISBN", "ISMN", "ISNI", "ORCID", "GRID", "UPC", "EAN", "GTIN", "BARCODE",
    ];
    let name = NAMES.into_iter().find(|name| value.starts_with(name));
    let behind = name.map(|name| value[name.len()..].trim_start_matches(is_after_label));
    let number = behind.unwrap_or(value);
    Printed { name, number }
}

fn identify_compact(compact: &[u8], printed: &Printed) -> Option<OtherIdentifier> {
    let judged = |scheme, check: bool| {
        let check = if check { CheckDigit::Passed } else { CheckDigit::Failed };
        Some(OtherIdentifier { scheme, check })
    };
    let is_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    // The dots of a printed ISWC.
    let undotted: Vec<u8> = compact.iter().copied().filter(|letter| *letter != b'.').collect();
    match undotted.as_slice() {
        [b'T', number @ ..] if number.len() == 10 && is_digits(number) => {
            return judged(Scheme::Iswc, iswc_check(number));
        }
        _ => {}
    }
    match compact {
        [b'A', b'1', rest @ ..] if rest.len() == 16 && rest.iter().all(u8::is_ascii_alphanumeric) => {
            judged(Scheme::Grid, mod_37_36(compact))
        }
        [b'P', b'A', b'D', b'P', b'I', b'D', b'A', rest @ ..]
            if (10..=11).contains(&rest.len()) && rest.iter().all(u8::is_ascii_alphanumeric) =>
        {
            // Early ones were printed without their check character.
            judged(Scheme::DdexPartyId, rest.len() == 10 || mod_37_36(compact))
        }
        [b'M', number @ ..] if number.len() == 9 && is_digits(number) => {
            // M stands for the digits 979-0 (ISO 10957:2009).
            let full: Vec<u8> = b"9790".iter().chain(number).copied().collect();
            judged(Scheme::Ismn, gs1_check(&full))
        }
        [number @ .., last] if number.len() == 15 && is_digits(number) && (last.is_ascii_digit() || *last == b'X') => {
            let right = mod_11_2(number, *last);
            let distinctive = printed.name.is_some() || compact.starts_with(b"0000") || *last == b'X';
            (right || distinctive).then(|| judged(Scheme::Isni, right))?
        }
        [number @ .., last] if number.len() == 9 && is_digits(number) && (last.is_ascii_digit() || *last == b'X') => {
            let right = isbn10_check(number, *last);
            let distinctive = printed.name.is_some_and(|name| name.starts_with("ISBN"));
            (right || distinctive).then(|| judged(Scheme::Isbn, right))?
        }
        digits if is_digits(digits) => {
            let right = gs1_check(digits);
            match digits.len() {
                // Dates and the like have eight digits too.
                8 if right || printed.name.is_some() => judged(Scheme::Ean8, right),
                12 => judged(Scheme::UpcA, right),
                13 if digits.starts_with(b"9790") => judged(Scheme::Ismn, right),
                13 if digits.starts_with(b"978") || digits.starts_with(b"979") => judged(Scheme::Isbn, right),
                13 => judged(Scheme::Ean13, right),
                14 => judged(Scheme::Gtin14, right),
                _ => None,
            }
        }
        _ => None,
    }
}

fn passed(scheme: Scheme) -> Option<OtherIdentifier> {
    Some(OtherIdentifier {
        scheme,
        check: CheckDigit::Passed,
    })
}

fn digit(letter: u8) -> u32 {
    u32::from(letter.wrapping_sub(b'0'))
}

/// ISO 15707: 1, and each of nine digits by its place, and the check digit add up to a multiple of ten.
fn iswc_check(number: &[u8]) -> bool {
    let Some((check, digits)) = number.split_last() else {
        return false;
    };
    let sum: u32 = (1..).zip(digits).map(|(place, letter)| place * digit(*letter)).sum();
    (1 + sum + digit(*check)).is_multiple_of(10)
}

/// GS1 General Specifications 7.9: weights 1 and 3 in turn, from the check digit leftwards.
fn gs1_check(digits: &[u8]) -> bool {
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 = digits
        .iter()
        .rev()
        .zip(weights)
        .map(|(letter, weight)| weight * digit(*letter))
        .sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 MOD 11-2, with X for ten (ISNI, ORCID).
fn mod_11_2(digits: &[u8], check: u8) -> bool {
    let rest = digits.iter().fold(0, |rest, letter| (rest + digit(*letter)) * 2 % 11);
    let expected = (12 - rest) % 11;
    expected == if check == b'X' { 10 } else { digit(check) }
}

/// ISO 2108 before 2007: weights 10 to 2, modulo 11, with X for ten.
fn isbn10_check(digits: &[u8], check: u8) -> bool {
    let sum: u32 = (2..=10)
        .rev()
        .zip(digits)
        .map(|(weight, letter)| weight * digit(*letter))
        .sum();
    let last = if check == b'X' { 10 } else { digit(check) };
    (sum + last).is_multiple_of(11)
}

/// ISO 7064 MOD 37,36 over digits and upper-case letters, the check character last (GRid, DDEX party identifiers).
fn mod_37_36(letters: &[u8]) -> bool {
    let value = |letter: u8| match letter {
        b'0'..=b'9' => digit(letter),
        _ => u32::from(letter.wrapping_sub(b'A')) + 10,
    };
    let Some((check, body)) = letters.split_last() else {
        return false;
    };
    let product = body.iter().fold(36, |product, letter| {
        let sum = (product + value(*letter)) % 36;
        (if sum == 0 { 36 } else { sum }) * 2 % 37
    });
    (product + value(*check)) % 36 == 1
}

/// Five groups of hexadecimal digits, or the 32 in a row; braces and `urn:uuid:` may be around.
fn is_uuid(value: &str) -> bool {
    let value = value.strip_prefix("URN:UUID:").unwrap_or(value);
    let value = value
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(value);
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if value.len() == 32 {
        return is_hex(value);
    }
    value.len() == 36 && value.split('-').all(is_hex) && value.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

/// RFC 3986 with an authority, or one of the schemes without one that are in music tags.
fn is_uri(value: &str) -> bool {
    const WITHOUT_AUTHORITY: [&str; 8] = [
        "SPOTIFY:", "URN:", "DOI:", "INFO:", "MAILTO:", "DEEZER:", "TIDAL:", "WWW.",
    ];
    if WITHOUT_AUTHORITY.iter().any(|scheme| value.starts_with(scheme)) {
        return !value.contains(char::is_whitespace);
    }
    let Some((scheme, rest)) = value.split_once("://") else {
        return false;
    };
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme && !rest.is_empty() && !rest.contains(char::is_whitespace)
}

fn is_label_code(compact: &[u8]) -> bool {
    let Some(number) = compact.strip_prefix(b"LC") else {
        return false;
    };
    (4..=6).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
}

/// Two to five letters, a hyphen or space, three to six digits, perhaps a short suffix: `ABCD-10001`, `ABCD-10001~2`.
fn is_catalogue_number(value: &str) -> bool {
    let mut groups = value.split(|letter| is_separator(letter) || matches!(letter, '/' | '~'));
    let (Some(letters), Some(digits)) = (groups.next(), groups.next()) else {
        return false;
    };
    let suffix = groups.next().unwrap_or_default();
    groups.next().is_none()
        && (2..=5).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && (3..=6).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && suffix.len() <= 3
        && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works_are_told_from_recordings() {
        check("T-034.524.680-1", "iswc");
        check("ISWC T-034.524.680-1", "iswc");
        check("T-034524680-1", "iswc");
        check("t0345246801", "iswc");
        check("T0345246802", "iswc_bad_check");
    }

    #[test]
    fn barcodes_are_told_by_their_length() {
        check("96385074", "ean8");
        check("96385075", "");
        check("036000291452", "upc_a");
        check("036000291453", "upc_a_bad_check");
        check("5901234123457", "ean13");
        check("5901234123458", "ean13_bad_check");
        check("05901234123457", "gtin14");
        check("UPC: 0-36000-29145-2", "upc_a");
        check("12345", "");
        check("ISRC: 5901234123457", "ean13");
    }

    #[test]
    fn books_and_printed_music_are_barcodes_of_their_own() {
        check("978-0-306-40615-7", "isbn");
        check("9780306406158", "isbn_bad_check");
        check("0-306-40615-2", "isbn");
        check("0306406153", "");
        check("ISBN 0306406153", "isbn_bad_check");
        check("080442957X", "isbn");
        check("M-2306-7118-7", "ismn");
        check("979-0-2306-7118-7", "ismn");
        check("M230671188", "ismn_bad_check");
    }

    #[test]
    fn party_and_release_identifiers_have_check_characters() {
        check("A1-2425G-ABC1234002-M", "grid");
        check("A12425GABC1234002N", "grid_bad_check");
        check("PADPIDA3897722461G", "ddex_party_id");
        check("PA-DPIDA-3897722461-G", "ddex_party_id");
        check("PADPIDA3897722461H", "ddex_party_id_bad_check");
        check("0000 0001 2281 955X", "isni");
        check("000000012281955X", "isni");
        check("0000 0001 2281 9551", "isni_bad_check");
    }

    #[test]
    fn addresses_and_database_keys_are_told_by_their_form() {
        check("https://example.org/isrc/USRC17607839", "uri");
        check("spotify:track:7FBUSWeAxm4zvHLBka9EzQ", "uri");
        check("www.example.org", "uri");
        check("urn:uuid:123e4567-e89b-12d3-a456-426614174000", "uuid");
        check("123e4567-e89b-12d3-a456-426614174000", "uuid");
        check("123E4567E89B12D3A456426614174000", "uuid");
        check("TuneCore:isrc:AUWB21013009", "");
    }

    #[test]
    fn label_numbers_have_letters_and_digits() {
        check("ABCD-10001", "catalogue_number");
        check("CAT 00123-2", "catalogue_number");
        check("ABCD-10001~2", "catalogue_number");
        check("LC 01234", "label_code");
        check("LC1234", "label_code");
        check("USRC1760783", "");
        check("US-RC1-76-0783", "");
        check("Hello World", "");
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let word = identify(text).map_or(String::new(), |other| other.to_string());
        assert_eq!(word, expected, "{text:?}");
    }
}
