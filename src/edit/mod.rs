//! The one way to write a user's file: prove, commit, journal, recover, undo.
//!
//! A [`session::Session`] takes files in waves: each is opened, locked, walked, planned, spliced and proved; then the intents of
//! the wave are journaled with one sync, the files written and synced, and their ends recorded. [`prepare::preview`] is the same
//! without the second half. Invariant: a file is written only when its intent is on stable storage.

use crate::prove::kept::Kept;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bytes::source::{ReadError, with_causes};
use crate::format::{Located, Refusal};
use crate::plan::{Plan, Step};
pub use crate::system::platform::Identity;

pub(crate) mod cache;
mod entry;
pub mod journal;
mod own;
mod patience;
pub mod prepare;
pub mod recover;
pub mod session;
#[cfg(test)]
mod tests;
pub mod undo;
mod write;

/// How edits are carried out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    pub in_place: InPlace,
    pub times: Times,
}

/// Whether a file may be written where it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InPlace {
    /// Where its length stays.
    #[default]
    Auto,
    /// A new file takes the old one's place, always.
    Never,
}

/// What becomes of a file's access and modification times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Times {
    /// The modification time changes, so that backup programs see the edit.
    #[default]
    Update,
    Preserve,
}

/// One file that may be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub path: PathBuf,
    pub naming: Naming,
    pub trust: Trust,
    /// The state of the file that the wish was decided on, where it was looked at before.
    pub looked: Option<Identity>,
    pub account: Account,
}

/// How much is told of what an edit keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// That it was proved.
    Short,
    /// Its parts by name, and a checksum of the audio, which is read whole.
    Full,
}

/// How a file came to be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// A person named it, and it alone: it is edited even if its name says another kind than it holds.
    Alone,
    /// It was named among others.
    Among,
    /// It was found, and its name claims to be audio: it is passed over if it is a video without sound.
    Claimed,
    /// It was found, and its name claims nothing: it is passed over if it is no audio.
    Unclaimed,
}

impl Naming {
    /// Whether a file that cannot be read for this reason is somebody else's, of which nothing is said.
    fn passes_over(self, error: &ReadError) -> bool {
        match self {
            Naming::Alone | Naming::Among => false,
            Naming::Claimed => matches!(error, ReadError::NoTrack),
            Naming::Unclaimed => error.is_no_audio(),
        }
    }
}

/// Which links of a path are followed. One that is put in the place of a file or folder meanwhile may lead anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// All: the user named it. A symbolic link stays a link, and what it points to is edited.
    Named,
    /// Those of a path that the user named, as they were when a walk of it began; the walk found the rest below it.
    Below(Arc<Root>),
    /// None: it is the path that an earlier run found.
    Resolved,
}

/// A path that the user named, and where it led then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    named: PathBuf,
    resolved: PathBuf,
}

impl Trust {
    /// From now on, nothing that is put in the place of `named` or of a folder above it is followed.
    pub fn below(named: &Path) -> Trust {
        let here = match named.as_os_str().is_empty() {
            true => Path::new("."),
            false => named,
        };
        // Where it leads nowhere, nothing is found below it.
        let resolved = std::fs::canonicalize(here).or_else(|_| std::path::absolute(here));
        Trust::Below(Arc::new(Root {
            named: named.to_path_buf(),
            resolved: resolved.unwrap_or_else(|_| PathBuf::from("/")),
        }))
    }
}

impl Request {
    /// For a file that was found, or named among others, and whose path is trusted.
    pub fn of(path: PathBuf) -> Request {
        Request {
            path,
            naming: Naming::Among,
            trust: Trust::Named,
            looked: None,
            account: Account::Short,
        }
    }
}

/// Decides what is to become of the file with this index among the requests. Pure; called from several threads.
pub type Planner<'a> = &'a (dyn Fn(usize, &Located) -> Plan + Sync);

/// What became of one file.
#[derive(Debug)]
pub struct Edited {
    pub outcome: Outcome,
    /// What was planned, place by place; empty where it did not come to a plan.
    pub steps: Vec<Step>,
    /// What is in the file now, or would be in it after a dry run; none where it could not be walked, or nobody
    /// looked.
    pub located: Option<Located>,
    /// How it was written, or would be.
    pub method: Option<Method>,
    /// What is kept of it, where that was asked for.
    pub kept: Option<Kept>,
}

impl Edited {
    /// A file that is not edited.
    pub fn ended(outcome: Outcome, located: Option<Located>) -> Edited {
        Edited {
            outcome,
            steps: Vec::new(),
            located,
            method: None,
            kept: None,
        }
    }
}

/// How a file gets its new content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// These windows of it are written where they are.
    InPlace { windows: Vec<Range<u64>> },
    /// A new file of so many bytes takes its place.
    NewFile { bytes: u64 },
}

impl Method {
    /// How many bytes are written.
    pub fn bytes(&self) -> u64 {
        match self {
            Method::InPlace { windows } => windows.iter().map(|window| window.end - window.start).sum(),
            Method::NewFile { bytes } => *bytes,
        }
    }
}

/// How it ended for one file.
#[derive(Debug)]
pub enum Outcome {
    /// On stable storage, and read back.
    Written,
    /// A dry run: this would be written.
    Planned,
    /// The file is as asked for already. Nothing was written.
    Unchanged,
    /// The file is as it was, for a reason that is with the file or the request.
    Refused(Refusal),
    /// Something failed. Unless the error says otherwise, the file is as it was.
    Failed(EditError),
    /// It is no audio, and its name never claimed it.
    PassedOver,
    /// The run was told to stop before it came to this file.
    NotReached,
}

impl Outcome {
    /// The word of the contract.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Written => "written",
            Outcome::Planned => "planned",
            Outcome::Unchanged => "unchanged",
            _ if self.is_refused() => "refused",
            Outcome::Refused(_) | Outcome::Failed(_) => "failed",
            Outcome::PassedOver => "passed over",
            Outcome::NotReached => "not reached",
        }
    }

    /// Whether the reason is with the file or the request. What is in a file, or is not, is no trouble of the machine's.
    pub fn is_refused(&self) -> bool {
        match self {
            Outcome::Refused(_) => true,
            Outcome::Failed(EditError::Read(error)) => error.is_about_the_file(),
            Outcome::Failed(_)
            | Outcome::Written
            | Outcome::Planned
            | Outcome::Unchanged
            | Outcome::PassedOver
            | Outcome::NotReached => false,
        }
    }

    /// Why it was refused or failed, with all causes.
    pub fn reason(&self) -> Option<String> {
        match self {
            Outcome::Refused(refusal) => Some(refusal.to_string()),
            Outcome::Failed(error) => Some(with_causes(error)),
            Outcome::Written | Outcome::Planned | Outcome::Unchanged | Outcome::PassedOver | Outcome::NotReached => {
                None
            }
        }
    }

    /// Whether the file may be another one than before.
    fn may_have_written(&self) -> bool {
        match self {
            Outcome::Written | Outcome::Failed(EditError::Torn(_) | EditError::Unconfirmed(_)) => true,
            Outcome::Failed(EditError::Walk(_) | EditError::Read(_) | EditError::Write(_)) => false,
            Outcome::Planned | Outcome::Unchanged | Outcome::Refused(_) | Outcome::PassedOver | Outcome::NotReached => {
                false
            }
        }
    }
}

/// What failed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The walk did not come to it.
    #[error("{0}")]
    Walk(String),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("cannot write; the file is as it was")]
    Write(#[source] io::Error),
    #[error("cannot write, nor put the old bytes back; run `isrctag recover` when the disk works again")]
    Torn(#[source] io::Error),
    #[error("written, but not confirmed; run `isrctag recover`")]
    Unconfirmed(#[source] io::Error),
}

/// Why a file that is locked is left alone.
pub const LOCKED: &str = "another program has it locked";

/// Why one file of a commit was not written.
#[derive(Debug)]
enum NotWritten {
    Refused(Refusal),
    Failed(EditError),
}

impl From<EditError> for NotWritten {
    fn from(error: EditError) -> NotWritten {
        NotWritten::Failed(error)
    }
}

impl From<NotWritten> for Outcome {
    fn from(not_written: NotWritten) -> Outcome {
        match not_written {
            NotWritten::Refused(refusal) => Outcome::Refused(refusal),
            NotWritten::Failed(error) => Outcome::Failed(error),
        }
    }
}

fn refused(reason: impl Into<std::borrow::Cow<'static, str>>) -> NotWritten {
    NotWritten::Refused(Refusal(reason.into()))
}
