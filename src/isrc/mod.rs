//! The code itself: the [`Isrc`] type, safe normalisation, and the judgement of any text that is put in its place.
//!
//! Nothing here knows files. Invariant: an [`Isrc`] is always the twelve characters of ISO 3901, stored form.

use std::fmt;

mod character;
pub mod decode;
pub mod guess;
pub mod in_name;
pub mod lookalike;
pub mod normalise;
pub mod placeholder;
pub mod prefix;
pub mod split;
pub(crate) mod words;

/// An International Standard Recording Code in its stored form: `[A-Z]{2}[A-Z0-9]{3}[0-9]{2}[0-9]{5}`.
// Invariant: twelve ASCII characters of that pattern. Private, so only the constructors here can make one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isrc([u8; 12]);

impl Isrc {
    /// Takes exactly the stored form and nothing else: no label, hyphens, lower case or white space.
    pub fn from_stored(text: &str) -> Option<Isrc> {
        Isrc::from_bytes(text.as_bytes().try_into().ok()?)
    }

    /// Like [`Isrc::from_stored`], for the twelve bytes of a fixed field.
    pub fn from_bytes(code: [u8; 12]) -> Option<Isrc> {
        let well_formed = code[..2].iter().all(u8::is_ascii_uppercase)
            && code[2..5]
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && code[5..].iter().all(u8::is_ascii_digit);
        well_formed.then_some(Isrc(code))
    }

    /// Puts a code together from its prefix code (five characters), the last two digits of the year of reference,
    /// and the designation code (at most 99999).
    pub fn from_parts(prefix_code: &str, year_digits: u8, designation: u32) -> Option<Isrc> {
        let fits = prefix_code.len() == 5 && year_digits <= 99 && designation <= 99_999;
        if !fits {
            return None;
        }
        Isrc::from_stored(&format!("{prefix_code}{year_digits:02}{designation:05}"))
    }

    /// The stored form, twelve characters.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    pub fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }

    /// The prefix code, five characters: what an agency gives to a registrant (ISO 3901:2019).
    pub fn prefix_code(&self) -> &str {
        ascii(&self.0[..5])
    }

    /// The two letters that the prefix code begins with. They name an agency's pool of codes, not always a country:
    /// see [`prefix::PrefixEntry`].
    pub fn prefix_letters(&self) -> [u8; 2] {
        [self.0[0], self.0[1]]
    }

    /// The year of reference, 1940 to 2039: 40 to 99 stand for 19yy, the others for 20yy.
    pub fn year_of_reference(&self) -> u16 {
        let year = u16::from(self.0[5] - b'0') * 10 + u16::from(self.0[6] - b'0');
        if year >= 40 { 1900 + year } else { 2000 + year }
    }

    /// The designation code, five digits.
    pub fn designation(&self) -> &str {
        ascii(&self.0[7..])
    }

    /// Whether it is the next after another of its prefix and year.
    pub fn follows(&self, before: Isrc) -> bool {
        let number = |isrc: &Isrc| isrc.designation().parse::<u32>().unwrap_or_default();
        self.0[..7] == before.0[..7] && number(self) == number(&before) + 1
    }

    /// The form for people and for Matroska: `CC-XXX-YY-NNNNN`, without the word ISRC.
    pub fn hyphenated(&self) -> String {
        let (letters, registrant) = self.prefix_code().split_at(2);
        format!("{letters}-{registrant}-{}-{}", ascii(&self.0[5..7]), self.designation())
    }
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the invariant says ASCII")
}

impl fmt::Display for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Isrc({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_stored_form_is_taken() {
        let taken = |text| Isrc::from_stored(text).is_some();
        assert!(taken("USRC17607839"));
        assert!(!taken("usrc17607839"));
        assert!(!taken("US-RC1-76-07839"));
        assert!(!taken("USRC17607839 "));
        assert!(!taken("U5RC17607839"));
        assert!(!taken("USRC1760783\u{663}"));
    }

    #[test]
    fn a_code_has_three_parts() {
        let isrc = Isrc::from_stored("USRC17607839").unwrap();
        assert_eq!(isrc.prefix_code(), "USRC1");
        assert_eq!(isrc.designation(), "07839");
        assert_eq!(isrc.hyphenated(), "US-RC1-76-07839");
        assert_eq!(Isrc::from_parts("USRC1", 76, 7839), Some(isrc));
        assert_eq!(Isrc::from_parts("USRC1", 100, 7839), None);
        assert_eq!(Isrc::from_parts("USRC1", 76, 100_000), None);
        assert_eq!(Isrc::from_parts("usrc1", 76, 7839), None);
    }

    #[test]
    fn years_run_from_1940_to_2039() {
        let year = |digits| Isrc::from_parts("USRC1", digits, 1).unwrap().year_of_reference();
        assert_eq!(year(40), 1940);
        assert_eq!(year(99), 1999);
        assert_eq!(year(0), 2000);
        assert_eq!(year(39), 2039);
    }
}
