//! One edit that is about to be written, and what both ways of writing it share.

use std::fs::{File, FileTimes};
use std::io;

use crate::platform::Identity;
use crate::source::ReadError;

use super::journal::Intent;
use super::prepare::Ready;
use super::{EditError, NotWritten, refused};

/// An edit whose intent can be journaled.
#[derive(Debug)]
pub(super) struct Staged {
    pub ready: Ready,
    pub intent: Intent,
    /// The file, opened to be written where it stands; whatever is written to it goes through this.
    pub writer: Option<File>,
}

impl Staged {
    pub(super) fn writer(&self) -> &File {
        self.writer
            .as_ref()
            .expect("a file that is to be written in place was opened for it")
    }
}

/// How writing one file ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The file is the new one, with this modification time.
    Done { modified: i64 },
    /// The file is the old one.
    Untouched(NotWritten),
    /// Some of the new bytes may stand in the file; the journal has the old ones.
    Torn(io::Error),
    /// It is left to recovery to tell which one the file is.
    Open(NotWritten),
}

/// Refuses a file that is no longer the one that was read and proved. What holds the name now is compared: it is the
/// locked file if it has its number.
pub(super) fn check_unchanged(ready: &Ready) -> Result<(), NotWritten> {
    let named = Identity::at(ready.entry.path()).map_err(|error| EditError::Read(ReadError::Io(error)))?;
    if named != ready.identity {
        return Err(refused("the file has changed since it was read"));
    }
    Ok(())
}

/// The old file's access and modification time, to the nanosecond.
pub(super) fn old_times(ready: &Ready) -> io::Result<FileTimes> {
    let metadata = ready.file.metadata();
    Ok(FileTimes::new()
        .set_accessed(metadata.accessed()?)
        .set_modified(metadata.modified()?))
}
