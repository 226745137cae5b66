//! Where a file is: a name in a folder that is held open, so that all that an edit does happens in that folder,
//! whoever moves it or puts a link in its place meanwhile.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::bytes::source::SourceFile;
use crate::system::platform::{self, Folder, Identity, Lock};

use super::Trust;
use super::journal::Recorded;

/// A file of a folder.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    folder: Arc<Folder>,
    // Invariant: absolute, with a name at its end; no part of it was a link when the folder was opened.
    path: PathBuf,
}

impl Entry {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn name(&self) -> &OsStr {
        name_of(&self.path)
    }

    pub(super) fn open_to_read(&self) -> io::Result<File> {
        self.folder.open_to_read(self.name())
    }

    /// Opens the file for writing if it is still the one that `held` has open. With its state.
    pub(super) fn open_to_write(&self, held: &File) -> io::Result<(File, Identity)> {
        self.folder.open_to_write(self.name(), held)
    }

    /// Whether the name leads to this open file now, whatever was written to it.
    pub(super) fn leads_to(&self, file: &File) -> io::Result<bool> {
        let (named, open) = (self.folder.identity(self.name())?, Identity::of(&file.metadata()?));
        let number = |of: &Identity| (of.device, of.inode);
        // Where files have no numbers, all that is known of them must do.
        Ok(number(&named) == number(&open) && (open.inode != 0 || named == open))
    }

    /// Locks the file, which was opened here, for as long as `file` is open.
    pub(super) fn lock(&self, file: &mut SourceFile) -> io::Result<Lock> {
        match platform::lock(file.file())? {
            Lock::Unavailable => {}
            had => return Ok(had),
        }
        // NFS locks only what is open to be written.
        let Ok((writer, _)) = self.open_to_write(file.file()) else {
            return Ok(Lock::Unavailable);
        };
        let lock = platform::lock(&writer)?;
        if lock == Lock::Held {
            file.keep(writer);
        }
        Ok(lock)
    }

    /// Makes a new file beside it.
    pub(super) fn create_beside(&self, temporary: &Path) -> io::Result<File> {
        self.folder.create_new(name_of(temporary))
    }

    /// Puts a file that is beside it in its place.
    pub(super) fn replace_by(&self, temporary: &Path) -> io::Result<()> {
        self.folder.rename(name_of(temporary), self.name())
    }

    /// Removes a file that is beside it, if it is there.
    pub(super) fn remove_beside(&self, temporary: &Path) -> io::Result<()> {
        self.folder.remove_file(name_of(temporary))
    }

    pub(super) fn sync_folder(&self) -> io::Result<()> {
        self.folder.sync()
    }
}

fn name_of(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}

/// The folders that files were found in last: most come one after the other in one folder.
#[derive(Debug, Default)]
pub(super) struct RecentFolders {
    last: Mutex<VecDeque<RecentFolder>>,
}

#[derive(Debug, Clone)]
struct RecentFolder {
    /// As it was asked for.
    path: PathBuf,
    trust: Trust,
    /// Without links.
    resolved: PathBuf,
    folder: Arc<Folder>,
}

impl RecentFolders {
    /// Few, since each is held open, and one that is in another's place by now is to be found soon.
    const MOST: usize = 8;

    /// Finds the folder of a file. Links are followed as far as they are trusted, and no further from then on.
    pub(super) fn entry(&self, path: &Path, trust: &Trust) -> io::Result<Entry> {
        let is_named_link = *trust == Trust::Named && path.is_symlink();
        if is_named_link {
            // So that it stays a link when its target is replaced.
            return self.entry(&std::fs::canonicalize(path)?, &Trust::Resolved);
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the path of a file"));
        };
        let RecentFolder { resolved, folder, .. } = self.known(folder, trust)?;
        Ok(Entry {
            folder,
            path: resolved.join(name),
        })
    }

    /// Finds the folder of a file that was edited.
    pub(super) fn of_record(&self, recorded: &Recorded) -> io::Result<Entry> {
        let path = &recorded.path;
        if recorded.is_resolved {
            return self.entry(path, &Trust::Resolved);
        }
        let folder = std::fs::canonicalize(path.parent().unwrap_or(path))?;
        self.entry(&folder.join(name_of(path)), &Trust::Resolved)
    }

    fn known(&self, path: &Path, trust: &Trust) -> io::Result<RecentFolder> {
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |known: &&RecentFolder| known.path == path && known.trust == *trust;
        if let Some(known) = last().iter().find(is_it) {
            return Ok(known.clone());
        }
        let resolved = resolved(path, trust)?;
        let known = RecentFolder {
            path: path.to_path_buf(),
            trust: trust.clone(),
            folder: Arc::new(Folder::open(&resolved)?),
            resolved,
        };
        let mut last = last();
        last.truncate(RecentFolders::MOST - 1);
        last.push_front(known.clone());
        Ok(known)
    }
}

/// A folder's absolute path, in which those parts are no links any more of which links are trusted.
fn resolved(path: &Path, trust: &Trust) -> io::Result<PathBuf> {
    match trust {
        Trust::Named if path.as_os_str().is_empty() => std::fs::canonicalize("."),
        Trust::Named => std::fs::canonicalize(path),
        Trust::Below(root) => {
            // What is not below it was not found by a walk of it.
            let below = path.strip_prefix(&root.named).map_err(io::Error::other)?;
            Ok(root.resolved.join(below))
        }
        Trust::Resolved => Ok(path.to_path_buf()),
    }
}
