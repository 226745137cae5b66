//! The index: a complete scan as JSON Lines, with a stamp for each file, in walking order. It is the memory of the last
//! scan, so that files whose stamp is unchanged are not opened again, and a part of a scan by many machines.
//!
//! A scan reads an earlier index and writes the next one side by side, as one merge of two sorted streams: nothing of
//! it is held in memory but one number a file. Invariant: what is told from an index is what a full scan would tell; a
//! line that cannot be trusted is not used, and its file is read.

use serde::{Deserialize, Serialize};

use crate::system::platform::Identity;

pub mod earlier;
pub mod files;
pub mod join;
pub mod known;
pub mod line;
mod lines;
mod look;
mod news;
pub mod scan;
pub mod writer;

/// The layout of the lines. Another one is never read for what it says, only replaced.
const LAYOUT: u32 = 3;

/// What the last line of an index, its summary, says of the index as a whole, beside the totals; and what a scan asks
/// for, that an index must be of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub layout: u32,
    /// Of the program. Another one may judge otherwise.
    pub version: String,
    /// The calendar year in which codes were judged.
    pub year: u16,
    /// The paths as they were typed.
    pub roots: Vec<String>,
    /// When the scan began, in nanoseconds since 1970.
    pub began_ns: i64,
    /// How coarse the drive's clock may be: a file that was changed less than this before the scan began may have been
    /// changed again in the same tick, so that it is read again.
    #[serde(default = "two_seconds")]
    pub grain_ns: i64,
    /// The arguments by which the walk takes more files or fewer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// `K/N`, where it is a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Whether files were listened to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub audio: bool,
    /// What of a stamp is not compared, since the drive makes it up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Unsteady>,
}

impl About {
    /// Of a scan of these paths that begins now, by this program.
    pub fn new(roots: Vec<String>, options: Vec<String>, part: Option<String>, year: u16, now_ns: i64) -> About {
        About {
            layout: LAYOUT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            year,
            roots,
            began_ns: now_ns,
            grain_ns: two_seconds(),
            options,
            part,
            audio: false,
            left_out: Vec::new(),
        }
    }

    /// The paths for people, however many were listed.
    fn roots_in_words(&self) -> String {
        match &self.roots[..] {
            [first, .., last] if self.roots.len() > 3 => format!("{first} … {last} ({} paths)", self.roots.len()),
            roots => roots.join(", "),
        }
    }

    /// The arguments for people.
    fn options_in_words(&self) -> String {
        match &self.options[..] {
            [] => "without --hidden, --follow and --exclude".to_owned(),
            options => format!("with {}", options.join(" ")),
        }
    }
}

/// A part of a stamp that some drives make up anew at every mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unsteady {
    Inode,
    Ctime,
}

impl Unsteady {
    pub fn word(self) -> &'static str {
        match self {
            Unsteady::Inode => "inode numbers",
            Unsteady::Ctime => "times of change",
        }
    }
}

/// What tells a file from a changed one without opening it. Times are nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    pub size: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
    pub inode: u64,
}

impl From<Identity> for FileStamp {
    fn from(identity: Identity) -> FileStamp {
        FileStamp {
            size: identity.len,
            mtime_ns: identity.modified,
            ctime_ns: identity.changed,
            inode: identity.inode,
        }
    }
}

/// The coarsest clock of a drive: FAT counts in two seconds.
fn two_seconds() -> i64 {
    2_000_000_000
}

impl FileStamp {
    /// Whether the file is as it was, as far as the drive can be believed.
    pub fn is_of_same(&self, other: &FileStamp, left_out: &[Unsteady]) -> bool {
        self.size == other.size
            && self.mtime_ns == other.mtime_ns
            && (self.ctime_ns == other.ctime_ns || left_out.contains(&Unsteady::Ctime))
            && (self.inode == other.inode || left_out.contains(&Unsteady::Inode))
    }

    /// The only part in which it differs, if it is one that drives make up.
    pub fn only_difference(&self, other: &FileStamp) -> Option<Unsteady> {
        let differs = |unsteady| self.is_of_same(other, &[unsteady]) && self != other;
        [Unsteady::Inode, Unsteady::Ctime]
            .into_iter()
            .find(|unsteady| differs(*unsteady))
    }

    /// Whether the clock had moved on between the last change of the file and the scan of an index.
    pub fn is_settled(&self, about: &About) -> bool {
        let last = self.mtime_ns.max(self.ctime_ns);
        last < about.began_ns.saturating_sub(about.grain_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: FileStamp = FileStamp {
        size: 100,
        mtime_ns: 5_000_000_000,
        ctime_ns: 6_000_000_000,
        inode: 7,
    };

    #[test]
    fn what_a_drive_makes_up_is_told_from_a_change() {
        let other_inode = FileStamp { inode: 8, ..STAMP };
        assert!(!STAMP.is_of_same(&other_inode, &[]));
        assert!(STAMP.is_of_same(&other_inode, &[Unsteady::Inode]));
        assert_eq!(STAMP.only_difference(&other_inode), Some(Unsteady::Inode));
        assert_eq!(STAMP.only_difference(&STAMP), None);
        let both = FileStamp {
            size: 99,
            ..other_inode
        };
        assert_eq!(STAMP.only_difference(&both), None);
        assert!(!STAMP.is_of_same(&both, &[Unsteady::Inode, Unsteady::Ctime]));
    }

    #[test]
    fn a_file_that_was_changed_just_before_the_scan_is_not_trusted() {
        let scanned_at = |began_ns| About::new(Vec::new(), Vec::new(), None, 2026, began_ns);
        assert!(!STAMP.is_settled(&scanned_at(6_500_000_000)));
        assert!(!STAMP.is_settled(&scanned_at(8_000_000_000)));
        assert!(STAMP.is_settled(&scanned_at(8_000_000_001)));
    }
}
