//! The list of prefixes: the two letters that a code begins with, and who gives such codes out.
//!
//! The list is compiled in. A prefix that is not on it is a warning, never an error, since the list grows every year.

use super::words::words;
use std::sync::LazyLock;

/// The list of 4 November 2025.
const LIST: &str = include_str!("prefixes.tsv");

/// Two letters and what is known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixEntry {
    /// Two upper-case letters.
    pub letters: &'static str,
    /// Where registrants of this prefix sit, in English. Not always what the letters suggest: QM is the US.
    pub territory: Option<&'static str>,
    /// Who gives codes with this prefix out.
    pub agency: Option<&'static str>,
    pub status: Status,
    pub note: Option<&'static str>,
}

words! {
    /// How a prefix stands to the authority's list.
    pub enum Status {
        Active = "active": "the prefix is on the list of the registration authority",
        /// A further prefix of a country whose first one ran full.
        Overflow = "active-overflow": "the prefix is on the list, as a further one of its country",
        /// Worldwide: of the international authority or of one large registrant.
        Special = "active-special": "the prefix is on the list, for codes from anywhere",
        /// Given out no more; the codes stay valid.
        Retired = "retired": "the prefix is retired, but its codes stay valid",
        /// Kept for documentation.
        ExampleOnly = "example-only": "the prefix is kept for documentation",
        /// A country of ISO 3166 without an entry.
        UnlistedIso = "unlisted-iso": "the prefix is that of a country without an entry on the list",
        /// Reserved in ISO 3166.
        UnlistedReserved = "unlisted-reserved": "the prefix is reserved as a country code and not on the list",
        /// Left to users by ISO 3166.
        UnlistedUserAssigned = "unlisted-user-assigned": "the prefix belongs to no country and is not on the list",
        /// A country that is no more.
        UnlistedWithdrawn = "unlisted-withdrawn": "the prefix is that of a country that is no more, not on the list",
        /// Neither on the list nor in ISO 3166.
        Unlisted = "unlisted": "the prefix is not on the list of the registration authority",
    }
}

impl Status {
    /// Whether codes with such a prefix are, or once were, given out.
    pub fn is_listed(self) -> bool {
        match self {
            Status::Active | Status::Overflow | Status::Special | Status::Retired => true,
            Status::ExampleOnly
            | Status::UnlistedIso
            | Status::UnlistedReserved
            | Status::UnlistedUserAssigned
            | Status::UnlistedWithdrawn
            | Status::Unlisted => false,
        }
    }
}

/// What is known of two upper-case letters. None if they are neither on the list nor in ISO 3166.
pub fn lookup(letters: [u8; 2]) -> Option<&'static PrefixEntry> {
    let row = (*TABLE.rows.get(index(letters)?)?)?;
    TABLE.prefixes.get(usize::from(row))
}

/// The status of two upper-case letters. As cheap as an index: a scan asks for every code.
pub fn status(letters: [u8; 2]) -> Status {
    lookup(letters).map_or(Status::Unlisted, |prefix| prefix.status)
}

struct PrefixTable {
    prefixes: Vec<PrefixEntry>,
    /// For each pair of letters its row.
    rows: [Option<u16>; 26 * 26],
}

static TABLE: LazyLock<PrefixTable> = LazyLock::new(|| {
    let prefixes: Vec<PrefixEntry> = LIST.lines().skip(1).filter_map(parse).collect();
    let mut rows = [None; 26 * 26];
    for (row, prefix) in prefixes.iter().enumerate() {
        let letters = prefix.letters.as_bytes().try_into().ok();
        if let Some(slot) = letters.and_then(index).and_then(|index| rows.get_mut(index)) {
            *slot = u16::try_from(row).ok();
        }
    }
    PrefixTable { prefixes, rows }
});

fn index(letters: [u8; 2]) -> Option<usize> {
    let [first, second] = letters;
    let in_range = first.is_ascii_uppercase() && second.is_ascii_uppercase();
    in_range.then(|| usize::from(first - b'A') * 26 + usize::from(second - b'A'))
}

fn parse(line: &'static str) -> Option<PrefixEntry> {
    let given = |text: &'static str| (!text.is_empty() && text != "(none)").then_some(text);
    let mut fields = line.split('\t');
    Some(PrefixEntry {
        letters: fields.next()?,
        territory: given(fields.next()?),
        agency: given(fields.next()?),
        status: Status::of_word(fields.next()?)?,
        note: given(fields.next()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_understood() {
        assert_eq!(TABLE.prefixes.len(), LIST.lines().count() - 1);
        assert!(TABLE.prefixes.is_sorted_by(|a, b| a.letters < b.letters));
        assert!(
            TABLE
                .prefixes
                .iter()
                .all(|prefix| lookup(prefix.letters.as_bytes().try_into().unwrap()) == Some(prefix))
        );
        let listed = TABLE.prefixes.iter().filter(|prefix| prefix.status.is_listed());
        assert_eq!(listed.count(), 223); // As the authority's list of that day has.
    }

    #[test]
    fn letters_do_not_always_name_the_country_one_thinks() {
        check("QM", Some("United States of America"), Status::Overflow);
        check("BX", Some("Brazil"), Status::Overflow);
        check("TC", Some("Worldwide (TuneCore)"), Status::Special);
        check("QA", Some("Qatar"), Status::Active);
        check(
            "YU",
            Some("Yugoslavia (before 2003; stdnum says before 2006)"),
            Status::Retired,
        );
        check("XX", None, Status::UnlistedUserAssigned);
        check("IF", None, Status::Unlisted);
        check("1F", None, Status::Unlisted);
    }

    #[track_caller]
    fn check(letters: &str, territory: Option<&str>, expected: Status) {
        let letters: [u8; 2] = letters.as_bytes().try_into().unwrap();
        assert_eq!(lookup(letters).and_then(|prefix| prefix.territory), territory);
        assert_eq!(status(letters), expected);
    }
}
