//! The calls that differ by operating system, each with a portable fallback. Nothing outside this module needs to
//! know which system it runs on.
//!
//! Linux has all of it. Elsewhere an edit is the same, but: macOS carries extended attributes and no ACLs to a
//! rewritten file; other systems carry the permission bits alone.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use crate::bytes::source::ReadAt;

mod moment;

// `--cfg isrctag_portable` builds what other systems run on this one, so that it is compiled and tested with the rest.
#[cfg(all(unix, not(isrctag_portable)))]
mod folder;
#[cfg(all(target_os = "linux", not(isrctag_portable)))]
mod linux;
#[cfg(any(not(target_os = "linux"), isrctag_portable))]
mod modest;
#[cfg(any(not(unix), isrctag_portable))]
mod portable;
#[cfg(all(unix, not(isrctag_portable)))]
mod unix;

#[cfg(all(target_os = "linux", not(isrctag_portable)))]
use linux as beyond;
#[cfg(any(not(target_os = "linux"), isrctag_portable))]
use modest as beyond;
#[cfg(any(not(unix), isrctag_portable))]
use portable as system;
#[cfg(all(unix, not(isrctag_portable)))]
use unix as system;

pub(crate) use beyond::{
    carry_flags, is_copied_up, keeps_times_of_change, ready_time, run_time, share_blocks, start_of_machine,
    start_writing,
};
pub(crate) use system::{
    carry_over, columns_of_stderr, columns_of_stdout, create_new, create_private_folder, free_space, give_rights,
    has_no_locks, is_fifo, is_read_only, links, make_private, may_write, name_from_bytes, needs_no_sync, next_data,
    open, open_fifo, open_private, outlive_file_size_limit, path_from_bytes, path_to_bytes, read_at, usual_permissions,
};

pub(crate) use moment::{moment, seconds_of};

#[cfg(all(unix, not(isrctag_portable)))]
pub(crate) use folder::{Folder, Nearby};
#[cfg(any(not(unix), isrctag_portable))]
pub(crate) use portable::{Folder, Nearby};

/// What tells one state of one file from another. Times are nanoseconds since 1970, or seconds where these do
/// not reach ([`moment()`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub device: u64,
    pub inode: u64,
    pub len: u64,
    pub modified: i64,
    /// When the file or what the system notes of it was last changed; cannot be set by a program. Where the system has no
    /// such time, when the file was made.
    pub changed: i64,
}

impl Identity {
    pub(crate) fn of(metadata: &Metadata) -> Identity {
        system::identity(metadata)
    }

    /// The state of what is at a path now, without following a link.
    pub(crate) fn at(path: &Path) -> io::Result<Identity> {
        std::fs::symlink_metadata(path).map(|metadata| Identity::of(&metadata))
    }
}

/// Whether a lock was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    Held,
    #[cfg_attr(
        any(not(unix), isrctag_portable),
        expect(dead_code, reason = "there are no locks there")
    )]
    HeldByAnother,
    /// There is none, or none that lets an edit be carried out.
    Unavailable,
}

/// Asks for the exclusive lock that keeps two runs off one file. It is held until `file` is closed.
pub(crate) fn lock(file: &File) -> io::Result<Lock> {
    match beyond::locks_shut_out_their_holder(file) {
        true => Ok(Lock::Unavailable),
        false => system::lock(file).or_else(lock_unless),
    }
}

/// What it means that a lock was not had.
pub(crate) fn lock_unless(error: io::Error) -> io::Result<Lock> {
    match has_no_locks(&error) {
        true => Ok(Lock::Unavailable),
        false => Err(error),
    }
}

/// How many files may be open at once, beside what the program itself needs. The first call raises the limit as far as
/// the user may.
pub(crate) fn open_files() -> usize {
    static LIMIT: OnceLock<u64> = OnceLock::new();
    // Standard streams, databases with their logs, and the folders of a walk.
    const OWN: u64 = 40;
    let limit = *LIMIT.get_or_init(system::raise_open_files);
    usize::try_from(limit.saturating_sub(OWN)).unwrap_or(usize::MAX)
}

/// Whose a file or folder is.
#[cfg_attr(
    any(not(unix), isrctag_portable),
    expect(dead_code, reason = "owners are not told there")
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Ours,
    Superuser,
    Another(u32),
}

/// Who may write a file or folder, as far as its owner and mode tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights {
    pub owner: Owner,
    pub group: u32,
    /// Whether this process is in the group.
    pub is_our_group: bool,
    pub group_writes: bool,
    pub others_write: bool,
    /// Of a folder: nobody may remove or rename what is another's in it.
    pub sticky: bool,
}

impl Rights {
    pub(crate) fn of(metadata: &Metadata) -> Rights {
        system::rights(metadata)
    }
}

/// An open file of known length, read by offset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenFile<'a> {
    pub file: &'a File,
    pub len: u64,
}

impl ReadAt for OpenFile<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        system::read_at(self.file, buffer, offset)
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// Writes all bytes at an offset.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match system::write_at(file, &bytes[done..], offset + done as u64) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What of a file could not be given to the file that is to replace it, as the end of a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{what} cannot be carried over to a new file")]
pub(crate) struct NotCarried {
    pub what: &'static str,
    #[source]
    pub source: Option<io::Error>,
}

/// Makes what was renamed in a folder last through a power failure, where there is something to sync.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match system::sync_folder(path) {
        Err(error) if needs_no_sync(&error) => Ok(()),
        synced => synced,
    }
}
