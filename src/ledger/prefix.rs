//! Prefix codes and the ranges of designations that come with them.

use std::fmt;
use std::str::FromStr;

use rusqlite::{Connection, OptionalExtension as _};

use super::{Ledger, LedgerError, Origin, Stamp};
use crate::isrc::Isrc;

/// What an agency gives to a registrant: two letters and three letters or digits (ISO 3901:2019).
// Invariant: an Isrc can be made of it. Private, so only `from_str` can make one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrefixCode([u8; 5]);

impl PrefixCode {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the invariant says ASCII")
    }
}

/// Text that is no prefix code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no prefix code: it has two letters and three letters or digits")]
pub struct NoPrefixCode(String);

impl FromStr for PrefixCode {
    type Err = NoPrefixCode;

    /// Takes `QZABC`, `qz-abc` and `QZ ABC`.
    fn from_str(text: &str) -> Result<PrefixCode, NoPrefixCode> {
        let bare: String = text
            .trim()
            .chars()
            .filter(|letter| !matches!(letter, '-' | ' '))
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        match (Isrc::from_parts(&bare, 0, 0), <[u8; 5]>::try_from(bare.as_bytes())) {
            (Some(_), Ok(prefix)) => Ok(PrefixCode(prefix)),
            _ => Err(NoPrefixCode(text.to_owned())),
        }
    }
}

impl fmt::Display for PrefixCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PrefixCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrefixCode({})", self.as_str())
    }
}

/// A prefix code with designations that may be given out under it, in every year.
// Invariant: 1 <= first <= last <= 99999. 00000 is never given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixRange {
    prefix: PrefixCode,
    first: u32,
    last: u32,
}

impl PrefixRange {
    /// The whole range of a prefix.
    pub const FIRST: u32 = 1;
    pub const LAST: u32 = 99_999;

    pub fn new(prefix: PrefixCode, first: u32, last: u32) -> Option<PrefixRange> {
        let is_range = Self::FIRST <= first && first <= last && last <= Self::LAST;
        is_range.then_some(PrefixRange { prefix, first, last })
    }

    pub fn prefix(&self) -> PrefixCode {
        self.prefix
    }

    pub fn first(&self) -> u32 {
        self.first
    }

    pub fn last(&self) -> u32 {
        self.last
    }

    pub fn size(&self) -> u32 {
        self.last - self.first + 1
    }
}

impl fmt::Display for PrefixRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:05}-{:05}", self.prefix, self.first, self.last)
    }
}

/// A range of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    pub range: PrefixRange,
    pub owner: Option<String>,
    pub stamp: Stamp,
}

/// What adding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixAdded {
    New,
    /// The same range was there.
    Known,
}

/// How far a range is used in one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub range: PrefixRange,
    pub year: u16,
    /// Up to and with the highest designation that the ledger knows in the range.
    pub used: u32,
}

impl Usage {
    /// `digits` are those of the year.
    pub(super) fn of(database: &Connection, range: PrefixRange, year: u16, digits: u8) -> rusqlite::Result<Usage> {
        let used = next(database, range, digits)?.map_or(range.size(), |next| next - range.first);
        Ok(Usage { range, year, used })
    }

    pub fn left(&self) -> u32 {
        self.range.size().saturating_sub(self.used)
    }

    /// How many codes are left in all ranges of a prefix, if so few that it is time to ask for another prefix: a tenth.
    pub fn nearly_none(ranges: &[Usage]) -> Option<u32> {
        let left: u32 = ranges.iter().map(Usage::left).sum();
        let size: u64 = ranges.iter().map(|usage| u64::from(usage.range.size())).sum();
        (u64::from(left) * 10 <= size).then_some(left)
    }
}

impl Ledger {
    /// Enters a range. It may not overlap one of the same prefix.
    pub fn prefix_add(
        &mut self,
        range: PrefixRange,
        owner: Option<&str>,
        stamp: &Stamp,
    ) -> Result<PrefixAdded, LedgerError> {
        self.database.in_transaction(|transaction| {
            let overlapping = "SELECT first, last FROM prefixes WHERE prefix = ?1 AND first <= ?3 AND last >= ?2";
            let values = rusqlite::params![range.prefix.as_str(), range.first, range.last];
            let old: Option<(u32, u32)> = transaction
                .query_row(overlapping, values, |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match old {
                Some(old) if old == (range.first, range.last) => return Ok(Ok(PrefixAdded::Known)),
                Some((first, last)) => {
                    let prefix = range.prefix;
                    return Ok(Err(LedgerError::Overlap {
                        new: range,
                        old: PrefixRange { prefix, first, last },
                    }));
                }
                None => {}
            }
            let insert = "INSERT INTO prefixes (prefix, first, last, owner, recorded_at, recorded_by) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let values = rusqlite::params![
                range.prefix.as_str(),
                range.first,
                range.last,
                owner,
                stamp.at,
                stamp.by
            ];
            transaction.execute(insert, values)?;
            Ok(Ok(PrefixAdded::New))
        })
    }

    /// Takes a prefix out with all of its ranges, and says how many there were. One that gave a code stays.
    pub fn prefix_remove(&mut self, prefix: PrefixCode) -> Result<usize, LedgerError> {
        self.database.in_transaction(|transaction| {
            let given = "SELECT count(*) FROM codes WHERE substr(isrc, 1, 5) = ?1 AND origin = ?2";
            let values = rusqlite::params![prefix.as_str(), Origin::Given.word()];
            let given: u32 = transaction.query_row(given, values, |row| row.get(0))?;
            if given > 0 {
                return Ok(Err(LedgerError::PrefixInUse { prefix, given }));
            }
            let removed = transaction.execute("DELETE FROM prefixes WHERE prefix = ?1", [prefix.as_str()])?;
            Ok(match removed {
                0 => Err(LedgerError::NotEntered(prefix)),
                _ => Ok(removed),
            })
        })
    }

    /// All ranges, by prefix and first designation.
    pub fn prefixes(&self) -> Result<Vec<Prefix>, LedgerError> {
        let sql = "SELECT prefix, first, last, owner, recorded_at, recorded_by FROM prefixes ORDER BY prefix, first";
        self.database.rows(sql, [], |row| {
            let text: String = row.get(0)?;
            let prefix = text.parse::<PrefixCode>().ok();
            let range = prefix.zip(Some((row.get(1)?, row.get(2)?)));
            let range = range.and_then(|(prefix, (first, last))| PrefixRange::new(prefix, first, last));
            let invalid = || rusqlite::Error::InvalidColumnType(0, text.clone(), rusqlite::types::Type::Text);
            Ok(Prefix {
                range: range.ok_or_else(invalid)?,
                owner: row.get(3)?,
                stamp: Stamp {
                    at: row.get(4)?,
                    by: row.get(5)?,
                },
            })
        })
    }

    /// How far the ranges of the ledger are used in a year.
    pub fn usage(&self, year: u16) -> Result<Vec<Usage>, LedgerError> {
        let digits = year_digits(year)?;
        let ranges = self.prefixes()?;
        let usage = ranges
            .into_iter()
            .map(|Prefix { range, .. }| Usage::of(&self.database, range, year, digits));
        usage
            .collect::<rusqlite::Result<_>>()
            .map_err(|error| self.failed(error))
    }
}

/// The designation behind the highest that the ledger knows in a range and year, whatever has become of that; `None`
/// if the range is full. Gaps below are left: a registrant who imports only the last code used has used the others.
pub(super) fn next(database: &Connection, range: PrefixRange, digits: u8) -> rusqlite::Result<Option<u32>> {
    let code = |number: u32| format!("{}{digits:02}{number:05}", range.prefix());
    let sql = "SELECT max(isrc) FROM codes WHERE isrc BETWEEN ?1 AND ?2";
    let bounds = [code(range.first()), code(range.last())];
    let highest: Option<String> = database.prepare_cached(sql)?.query_row(bounds, |row| row.get(0))?;
    let Some(highest) = highest else {
        return Ok(Some(range.first()));
    };
    let number = Isrc::from_stored(&highest).and_then(|isrc| isrc.designation().parse::<u32>().ok());
    let invalid = || rusqlite::Error::InvalidColumnType(0, highest.clone(), rusqlite::types::Type::Text);
    let number = number.ok_or_else(invalid)?;
    Ok((number < range.last()).then_some(number + 1))
}

/// The two digits of a year of reference.
pub(super) fn year_digits(year: u16) -> Result<u8, LedgerError> {
    match year {
        1940..=2039 => Ok((year % 100) as u8),
        _ => Err(LedgerError::Year(year)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_codes_are_taken_as_agencies_write_them() {
        for text in ["QZABC", "qz-abc", "QZ ABC", " qzabc "] {
            assert_eq!(text.parse::<PrefixCode>().unwrap().as_str(), "QZABC", "{text:?}");
        }
        assert_eq!("QZ1C9".parse::<PrefixCode>().unwrap().as_str(), "QZ1C9");
        for text in ["", "QZAB", "QZABCD", "1ZABC", "QZAB€", "QZAB_"] {
            assert_eq!(text.parse::<PrefixCode>(), Err(NoPrefixCode(text.to_owned())));
        }
    }

    #[test]
    fn ranges_never_hold_00000() {
        let prefix = "QZABC".parse().unwrap();
        assert!(PrefixRange::new(prefix, 0, 10).is_none());
        assert!(PrefixRange::new(prefix, 11, 10).is_none());
        assert!(PrefixRange::new(prefix, 1, 100_000).is_none());
        assert_eq!(PrefixRange::new(prefix, 1, 99_999).unwrap().size(), 99_999);
    }

    #[test]
    fn a_prefix_of_which_a_tenth_is_left_is_nearly_full() {
        let usage = |first, last, used| Usage {
            range: PrefixRange::new("QZABC".parse().unwrap(), first, last).unwrap(),
            year: 2026,
            used,
        };
        assert_eq!(Usage::nearly_none(&[usage(11, 20, 8)]), None);
        assert_eq!(Usage::nearly_none(&[usage(11, 20, 9)]), Some(1));
        // In whatever range of it.
        assert_eq!(Usage::nearly_none(&[usage(11, 20, 10), usage(21, 30, 0)]), None);
        assert_eq!(Usage::nearly_none(&[usage(11, 20, 10), usage(21, 30, 8)]), Some(2));
    }
}
