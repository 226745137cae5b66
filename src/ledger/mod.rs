//! The ledger: prefix codes with their ranges, and every recording code ever given, imported or seen, with the
//! reference data that agencies ask registrants to keep.
//!
//! An SQLite file. Invariant: a code that is in it never leaves it, never goes to another recording, and is never
//! given out again; triggers in the file hold that even against other programs. A ledger that is damaged, of a newer
//! version or of another program is refused and left exactly as it is.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::isrc::Isrc;
use crate::list::Row;
use crate::recording::FileInfo;
use crate::report::terminal::count;
use crate::tags::Description;
use compare::Contradiction;
use prefix::{PrefixCode, PrefixRange};

pub mod check;
mod codes;
pub mod compare;
pub mod export;
pub mod prefix;
pub mod reserve;
mod store;

pub use codes::{Clash, ClashWhat, Imported, Listed};
pub use store::Missing;

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    database: Connection,
    path: PathBuf,
}

impl Ledger {
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, error: rusqlite::Error) -> LedgerError {
        store::classify(&self.path, error)
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

/// What has become of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Set apart for a recording; not known to stand in a file yet.
    Reserved,
    Assigned,
    /// Never to be used, and never to be given to another recording either.
    Void,
}

impl State {
    pub const ALL: [State; 3] = [State::Reserved, State::Assigned, State::Void];

    pub fn word(self) -> &'static str {
        match self {
            State::Reserved => "reserved",
            State::Assigned => "assigned",
            State::Void => "void",
        }
    }
}

/// How a code came into the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// By this ledger, for a recording without a code.
    Given,
    /// From a list.
    Imported,
    /// By hand.
    Added,
    /// From a file that carried it.
    Seen,
}

impl Origin {
    pub const ALL: [Origin; 4] = [Origin::Given, Origin::Imported, Origin::Added, Origin::Seen];

    pub fn word(self) -> &'static str {
        match self {
            Origin::Given => "given",
            Origin::Imported => "imported",
            Origin::Added => "added",
            Origin::Seen => "seen",
        }
    }
}

/// A code and all that the ledger knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub isrc: Isrc,
    pub state: State,
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
    #[error("cannot open the ledger {}", .path.display())]
    Open {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the ledger {} is damaged; it was left as it is\nhint: go on with a copy from before", .path.display())]
    Damaged {
        path: PathBuf,
        #[source]
        source: Option<rusqlite::Error>,
    },
    #[error("the ledger {} was written by a newer version (layout {layout}); use that version", .path.display())]
    Newer { path: PathBuf, layout: i64 },
    #[error("{} is not a ledger of this program", .0.display())]
    Foreign(PathBuf),
    #[error("the ledger {} is busy with another run", .0.display())]
    Busy(PathBuf),
    #[error("cannot use the ledger {}", .path.display())]
    Database {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("the range {new} overlaps the range {old} that the ledger has already")]
    Overlap { new: PrefixRange, old: PrefixRange },
    #[error("the ledger has no prefix {0}\nhint: add it with ledger prefix add {0}")]
    NoSuchPrefix(PrefixCode),
    #[error("{0} is no year of reference: they run from 1940 to 2039")]
    Year(u16),
    #[error(
        "the prefix {prefix} has {} left for {year}, fewer than the {wanted} that are wanted\nhint: ask your agency \
         for another prefix",
        count(u64::from(*.left), "code", "codes")
    )]
    Full {
        prefix: PrefixCode,
        year: u16,
        left: u32,
        wanted: usize,
    },
    #[error("the ledger does not know {0}")]
    NoSuchCode(Isrc),
    #[error("{0} is void")]
    IsVoid(Isrc),
    #[error("{isrc} belongs to another recording: {contradiction}")]
    OtherRecording { isrc: Isrc, contradiction: Contradiction },
}

#[cfg(test)]
mod tests;
