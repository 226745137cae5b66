//! One edit that is about to be written, and what both ways of writing it share.

use std::fs::{File, FileTimes};
use std::io;
use std::time::{Duration, SystemTime};

use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::pieces::cut;
use crate::bytes::source::{ReadAt, ReadError};
use crate::system::platform::{self, Identity, OpenFile, seconds_of};

use crate::edit::journal::{Intent, Left};
use crate::edit::prepare::Ready;
use crate::edit::{EditError, NotWritten, Times, refused};

/// An edit whose intent can be journaled.
#[derive(Debug)]
pub(in crate::edit) struct Staged {
    pub ready: Ready,
    pub intent: Intent,
    /// The file, opened to be written where it is; whatever is written to it goes through this.
    pub writer: Option<File>,
}

impl Staged {
    pub(in crate::edit) fn writer(&self) -> &File {
        self.writer
            .as_ref()
            .expect("a file that is to be written in place was opened for it")
    }
}

/// How writing one file ended.
#[derive(Debug)]
pub(in crate::edit) enum Ended {
    /// The file is the new one.
    Done(Left),
    /// The file is the old one.
    Untouched(NotWritten),
    /// The file is the old one again, with these times.
    PutBack(NotWritten, Left),
    /// Some of the new bytes may be in the file; the journal has the old ones.
    Torn(io::Error),
    /// It is left to recovery to tell which one the file is.
    Open(NotWritten),
}

/// Refuses a file that is no longer the one that was read and proved. What holds the name now is compared: it is the
/// locked file if it has its number.
pub(in crate::edit) fn check_unchanged(ready: &Ready) -> Result<(), NotWritten> {
    let named = Identity::at(ready.entry.path()).map_err(|error| EditError::Read(ReadError::Io(error)))?;
    if named != ready.identity {
        return Err(refused("the file has changed since it was read"));
    }
    Ok(())
}

/// How writing a file whole ended. A program that heeds no lock, or a run where there are none, may have renamed a file
/// over it meanwhile, which was made of the old one.
pub(in crate::edit) fn done(ready: &Ready, file: &File, left: Left) -> Ended {
    let displaced = || io::Error::other("another program has put another file in its place");
    let leads_to = ready.entry.leads_to(file);
    match leads_to.and_then(|is_so| is_so.then_some(left).ok_or_else(displaced)) {
        Ok(left) => Ended::Done(left),
        Err(error) => Ended::Open(EditError::Unconfirmed(error).into()),
    }
}

/// How much is summed up at once.
const PART: usize = 128 * 1024;

/// The state in which an edit leaves a file, by which `undo` tells whether somebody has changed it since. Only where its
/// time of change tells nothing, or too little, all of it is read.
pub(in crate::edit) fn left(file: &File) -> io::Result<Left> {
    // No program changes a file twice within that, and with it undone the first time; FAT keeps 2 s, exFAT 10 ms.
    const COARSE: i64 = 10_000_000;
    let now = Identity::of(&file.metadata()?);
    let is_telling = platform::keeps_times_of_change(file) && now.changed % COARSE != 0;
    Ok(Left {
        modified: now.modified,
        changed: Some(now.changed),
        whole: match is_telling {
            true => None,
            false => Some(whole(&OpenFile { file, len: now.len })?),
        },
    })
}

/// The times of a file that was written to and is the old one again.
pub(in crate::edit) fn times_of(file: &File) -> io::Result<Left> {
    let now = Identity::of(&file.metadata()?);
    Ok(Left {
        modified: now.modified,
        changed: Some(now.changed),
        whole: None,
    })
}

/// A checksum of all of a file.
pub(in crate::edit) fn whole(file: &dyn ReadAt) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; PART];
    for part in cut(&(0..file.len()), PART as u64) {
        let buffer = &mut buffer[..(part.end - part.start) as usize];
        read_exact_at(file, buffer, part.start)?;
        hasher.update(buffer);
    }
    Ok(hasher.finalize())
}

/// Only the modification time, as it was noted; none where the system cannot tell such a time.
pub(in crate::edit) fn modified_at(noted: i64) -> Option<FileTimes> {
    let (seconds, rest) = seconds_of(noted);
    let span = Duration::from_secs(seconds.unsigned_abs());
    let moment = match seconds < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(span),
        false => SystemTime::UNIX_EPOCH.checked_add(span),
    };
    let moment = moment?.checked_add(Duration::from_nanos(rest.into()))?;
    Some(FileTimes::new().set_modified(moment))
}

/// The times that the new file is to have; none where they are those of the edit.
pub(in crate::edit) fn new_times(staged: &Staged, times: Times) -> io::Result<Option<FileTimes>> {
    match times {
        Times::Preserve => old_times(&staged.ready).map(Some),
        Times::Update => Ok(staged.ready.modified_wanted.and_then(modified_at)),
    }
}

/// The old file's access and modification time, to the nanosecond.
pub(in crate::edit) fn old_times(ready: &Ready) -> io::Result<FileTimes> {
    let metadata = ready.file.metadata();
    Ok(FileTimes::new()
        .set_accessed(metadata.accessed()?)
        .set_modified(metadata.modified()?))
}
