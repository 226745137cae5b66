//! Tells whether any run of a state folder is at work, by a lock on a file that has no other use. Recovery asks where a
//! file system has no locks of its own: what a run that died has left looks like what another one is at.

use std::cell::OnceCell;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::system::platform;

use super::Journal;

const FILE_NAME: &str = "runs.lock";

/// A run that writes files, until it is dropped.
#[derive(Debug)]
pub(super) struct AtWork {
    _locked: File,
}

impl AtWork {
    /// Waits for a recovery that is at it.
    pub(super) fn in_folder(folder: &Path) -> io::Result<AtWork> {
        let file = platform::open_private(&folder.join(FILE_NAME))?;
        match file.lock_shared() {
            Err(error) if !platform::has_no_locks(&error) => Err(error),
            // Then recovery learns as little.
            Ok(()) | Err(_) => Ok(AtWork { _locked: file }),
        }
    }
}

/// Whether no run is at work, nor begins to be until this is dropped. Found out only when it is asked.
#[derive(Debug)]
pub(in crate::edit) struct Alone {
    folder: PathBuf,
    locked: OnceCell<Option<File>>,
}

impl Alone {
    pub(in crate::edit) fn in_folder_of(journal: &Journal) -> Alone {
        Alone {
            folder: journal.folder().to_path_buf(),
            locked: OnceCell::new(),
        }
    }

    pub(in crate::edit) fn is_so(&self) -> io::Result<bool> {
        if let Some(locked) = self.locked.get() {
            return Ok(locked.is_some());
        }
        let file = platform::open_private(&self.folder.join(FILE_NAME))?;
        let locked = match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(error)) if platform::has_no_locks(&error) => Some(file),
            Err(TryLockError::Error(error)) => return Err(error),
        };
        Ok(self.locked.get_or_init(|| locked).is_some())
    }
}
