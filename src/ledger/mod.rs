//! The ledger: prefix codes with their ranges, and every recording code ever given, imported or seen, with the
//! reference data that agencies ask registrants to keep.
//!
//! An SQLite file. Invariant: a code that is in it never leaves it, never goes to another recording, and is never
//! given out again; triggers in the file hold that even against other programs. A ledger that is damaged, of a newer
//! version or of another program is refused and left exactly as it is.

use std::path::{Path, PathBuf};

use crate::format::tags::Description;
use crate::isrc::Isrc;
use crate::isrc::words::count;
use crate::isrc::words::words;
use crate::list::Row;
use crate::recording::FileInfo;
use crate::system::database::{Database, DatabaseError, Fault};
use compare::Contradiction;
use prefix::{PrefixCode, PrefixRange};

pub mod check;
mod codes;
pub mod compare;
pub mod export;
pub mod prefix;
pub mod reserve;
mod store;

pub use codes::{Clash, ClashWhat, CodeFilter};

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    database: Database,
}

impl Ledger {
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    fn failed(&self, error: rusqlite::Error) -> LedgerError {
        self.database.failed(error).into()
    }
}

/// Who does something to the ledger, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds since 1970.
    pub at: i64,
    pub by: String,
}

/// What is known of the recording that a code names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    pub description: Description,
    /// Audio, music video …, in the registrant's words.
    pub content_type: Option<String>,
    /// Date of first publication, in the registrant's words.
    pub published: Option<String>,
    /// Absolute where it comes from a file.
    pub path: Option<PathBuf>,
}

impl Reference {
    /// What a file says. `path` is its absolute path.
    pub fn of_file(file: &FileInfo, path: &Path) -> Reference {
        Reference {
            description: file.description.clone(),
            content_type: None,
            published: None,
            path: Some(path.to_path_buf()),
        }
    }

    /// What a row of a list says.
    pub fn of_row(row: &Row) -> Reference {
        Reference {
            description: row.description.clone(),
            content_type: row.content_type.clone(),
            published: row.published.clone(),
            path: row.file.clone(),
        }
    }
}

words! {
    /// What has become of a code.
    pub enum CodeState {
        /// Set apart for a recording; not known to be in a file yet.
        Reserved = "reserved",
        Assigned = "assigned",
        /// Never to be used, and never to be given to another recording either.
        Void = "void",
    }
}

words! {
    /// How a code came into the ledger.
    pub enum Origin {
        /// By this ledger, for a recording without a code.
        Given = "given",
        /// From a list.
        Imported = "imported",
        /// By hand.
        Added = "added",
        /// From a file that carried it.
        Seen = "seen",
    }
}

/// A code and all that the ledger knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    pub isrc: Isrc,
    pub state: CodeState,
    pub origin: Origin,
    pub reference: Reference,
    /// When it came into the ledger, and by whom.
    pub stamp: Stamp,
}

/// Why the ledger cannot do what it is asked. Nothing of it was done.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("there is no ledger {}\nhint: isrctag ledger prefix add CODE begins one", .0.display())]
    NoLedger(PathBuf),
    #[error(transparent)]
    Database(DatabaseError),
    #[error("the range {new} overlaps the range {old} that the ledger has already")]
    Overlap { new: PrefixRange, old: PrefixRange },
    #[error("the ledger has no prefix {0}\nhint: isrctag ledger prefix add {0}")]
    NoSuchPrefix(PrefixCode),
    #[error("the ledger has no prefix {0}")]
    NotEntered(PrefixCode),
    #[error(
        "the prefix {prefix} stays: {} given from it",
        match .given { 1 => "1 code was".to_owned(), given => format!("{given} codes were") }
    )]
    PrefixInUse { prefix: PrefixCode, given: u32 },
    #[error("{0} is no year of reference: they run from 1940 to 2039")]
    Year(u16),
    #[error(
        "the prefix {prefix} has {} left for {year}, fewer than the {wanted} that are wanted\nhint: {}",
        count(u64::from(*.left), "code", "codes"),
        match .below {
            Some(last) => format!(
                "{last} is in use, and codes below it that the ledger does not know may be: they are not given out; \
                 isrctag ledger list"
            ),
            None => "ask your agency for another prefix".to_owned(),
        }
    )]
    Full {
        prefix: PrefixCode,
        year: u16,
        left: u32,
        wanted: usize,
        /// The highest code in use, where the ledger knows of none for some of those below it.
        below: Option<Isrc>,
    },
    #[error("the ledger does not know {0}")]
    NoSuchCode(Isrc),
    #[error("{0} is void")]
    IsVoid(Isrc),
    #[error("{isrc} belongs to another recording: here and in the ledger {contradiction}")]
    OtherRecording { isrc: Isrc, contradiction: Contradiction },
}

impl From<DatabaseError> for LedgerError {
    fn from(error: DatabaseError) -> LedgerError {
        match error.fault {
            Fault::Missing => LedgerError::NoLedger(error.place.path),
            _ => LedgerError::Database(error),
        }
    }
}

#[cfg(test)]
mod tests;
