//! The calls that differ by operating system, each with a portable fallback. Nothing outside this module needs to
//! know which system it runs on.
//!
//! Linux has all of it. Elsewhere an edit is the same, but: macOS carries extended attributes and no ACLs to a
//! rewritten file; other systems carry the permission bits alone.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::bytes::source::{Links, ReadAt};

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

#[cfg(all(unix, not(isrctag_portable)))]
pub(crate) use folder::{Folder, Nearby};
#[cfg(any(not(unix), isrctag_portable))]
pub(crate) use portable::{Folder, Nearby};

/// What tells one state of one file from another. Times are nanoseconds since 1970.
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

/// For how long this thread has had a processor since it began, where the system says it.
pub(crate) fn run_time() -> Option<Duration> {
    beyond::run_time()
}

/// For how long this thread has been ready to run since it began, and others had the processors. To ask costs as much as
/// to open a file.
pub(crate) fn ready_time() -> Option<Duration> {
    beyond::ready_time()
}

/// Opens a file to read it. What is no regular file does not block it.
pub(crate) fn open(path: &Path, links: Links) -> io::Result<File> {
    system::open(path, links)
}

/// Reads at an offset, like `pread`.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    system::read_at(file, buffer, offset)
}

/// How many names a file has.
pub(crate) fn links(metadata: &Metadata) -> u64 {
    system::links(metadata)
}

/// Whether nobody may write a file or folder, told by its permission bits: they bind a crateuser too.
pub(crate) fn is_read_only(metadata: &Metadata) -> bool {
    system::is_read_only(metadata)
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

/// Whether a lock was not had since the file system has none.
pub(crate) fn has_no_locks(error: &io::Error) -> bool {
    system::has_no_locks(error)
}

/// What it means that a lock was not had.
pub(crate) fn lock_unless(error: io::Error) -> io::Result<Lock> {
    match has_no_locks(&error) {
        true => Ok(Lock::Unavailable),
        false => Err(error),
    }
}

/// Whether the file system of a file keeps times of change that no program can set.
pub(crate) fn keeps_times_of_change(file: &File) -> bool {
    beyond::keeps_times_of_change(file)
}

/// What tells one start of the machine from another, where the system tells: it may number its disks anew each time.
pub(crate) fn start_of_machine() -> Option<String> {
    beyond::start_of_machine()
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

/// Whether this process may write a file or folder.
pub(crate) fn may_write(path: &Path) -> bool {
    system::may_write(path)
}

/// Whether a file is on a file system that copies it when it is first opened to be written (overlay file systems).
pub(crate) fn is_copied_up(file: &File) -> bool {
    beyond::is_copied_up(file)
}

/// Makes a file that did not exist, for its owner only.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    system::create_new(path)
}

/// Opens a file to write to it, in a folder of the user's own; where there is none, makes one for its owner only.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    system::open_private(path)
}

/// Whether something is a pipe with a name.
pub(crate) fn is_fifo(metadata: &Metadata) -> bool {
    system::is_fifo(metadata)
}

/// Opens a FIFO to write to the program that reads from it; an error where none does.
pub(crate) fn open_fifo(path: &Path) -> io::Result<File> {
    system::open_fifo(path)
}

/// The permissions that a program asks for when it makes a file for all who may have it; the process's mask takes some
/// of them away. None where the system has no such thing.
pub(crate) fn usual_permissions() -> Option<std::fs::Permissions> {
    system::usual_permissions()
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

/// Makes a folder and those above it, for their owner only, whatever the process's mask of permissions is.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    system::create_private_folder(path)
}

/// Gives a file to its owner only.
pub(crate) fn make_private(file: &File) -> io::Result<()> {
    system::make_private(file)
}

/// How many bytes can still be written where a path leads, if the system tells.
pub(crate) fn free_space(path: &Path) -> Option<u64> {
    system::free_space(path)
}

/// An open file of known length, read by offset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'a> {
    pub file: &'a File,
    pub len: u64,
}

impl ReadAt for Opened<'_> {
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

/// The next range of a file from `at` to `end` that is not a hole, where the system tells holes; else all of it.
pub(crate) fn next_data(file: &File, at: u64, end: u64) -> io::Result<Option<Range<u64>>> {
    system::next_data(file, at, end)
}

/// Whether an empty file now shares all blocks of another one (Btrfs, XFS, bcachefs), which takes no time or room.
pub(crate) fn share_blocks(from: &File, to: &File) -> bool {
    beyond::share_blocks(from, to)
}

/// Lets the disk begin with a range that was written, where the system can be told; it is synced later.
pub(crate) fn start_writing(file: &File, range: Range<u64>) {
    beyond::start_writing(file, range);
}

/// What of a file could not be given to the file that is to replace it, as the end of a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{what} cannot be carried over to a new file")]
pub(crate) struct NotCarried {
    pub what: &'static str,
    #[source]
    pub source: Option<io::Error>,
}

/// Gives a new file that is still empty the attributes of an old one that decide how its content is kept.
pub(crate) fn carry_flags(from: &File, to: &File) -> Result<(), NotCarried> {
    beyond::carry_flags(from, to)
}

/// Gives a new file the owner, mode, extended attributes and ACLs of an old one, and checks that it has them.
pub(crate) fn carry_over(from: &File, to: &File) -> Result<(), NotCarried> {
    system::carry_over(from, to)
}

/// Gives a new file the owner and permissions of an old one, as far as this user may. Nobody gets more than the old one
/// gave.
pub(crate) fn give_rights(old: &Metadata, to: &File) -> io::Result<()> {
    system::give_rights(old, to)
}

/// Makes what was renamed in a folder last through a power failure, where there is something to sync.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match system::sync_folder(path) {
        Err(error) if needs_no_sync(&error) => Ok(()),
        synced => synced,
    }
}

/// Whether syncing a folder failed because its file system has nothing to sync there.
pub(crate) fn needs_no_sync(error: &io::Error) -> bool {
    system::needs_no_sync(error)
}

/// Bytes of a file's name, as a list or an index has them, as a name.
pub(crate) fn name_from_bytes(bytes: &[u8]) -> OsString {
    system::name_from_bytes(bytes)
}

/// Lets a write beyond the limit of file sizes be an error, not the end of the program.
pub(crate) fn outlive_file_size_limit() -> io::Result<()> {
    system::outlive_file_size_limit()
}

/// A path as bytes that lead back to it on the same system.
pub(crate) fn path_to_bytes(path: &Path) -> Vec<u8> {
    system::path_to_bytes(path)
}

/// None when the bytes are no path of this system.
pub(crate) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    system::path_from_bytes(bytes)
}
