//! What the standard library offers everywhere, for systems that are not Unix.
#![expect(clippy::disallowed_methods, reason = "edit and the journal open files through here")]

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Identity, Lock, NotCarried, Owner, Rights};

/// Without inode numbers, length and times must do.
pub(super) fn identity(metadata: &Metadata) -> Identity {
    Identity {
        device: 0,
        inode: 0,
        len: metadata.len(),
        modified: nanoseconds(metadata.modified()),
        changed: nanoseconds(metadata.created()),
    }
}

fn nanoseconds(time: io::Result<SystemTime>) -> i64 {
    let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

pub(super) fn run_time() -> Option<Duration> {
    None
}

pub(super) fn ready_time() -> Option<Duration> {
    None
}

/// The standard library does not tell; an edit that rewrites the file then parts it from its other names.
pub(super) fn links(_metadata: &Metadata) -> u64 {
    1
}

pub(super) fn is_read_only(metadata: &Metadata) -> bool {
    metadata.permissions().readonly()
}

/// Locks of Windows also keep the locker's other handles from reading, so [`Folder::open_to_write`] shuts writers out instead.
pub(super) fn lock(_file: &File) -> io::Result<Lock> {
    Ok(Lock::Unavailable)
}

pub(super) fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

/// Without handles of folders their paths must do.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        let is_link = |path: &&Path| path.is_symlink();
        match path.ancestors().find(is_link) {
            None => Ok(Folder {
                path: path.to_path_buf(),
            }),
            Some(link) => {
                let reason = format!("{} is a link, which is not followed here", link.display());
                Err(io::Error::new(io::ErrorKind::PermissionDenied, reason))
            }
        }
    }

    pub(crate) fn open_to_read(&self, name: &OsStr) -> io::Result<File> {
        File::open(self.path.join(name))
    }

    pub(crate) fn open_to_write(&self, name: &OsStr, held: &File) -> io::Result<(File, Identity)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        #[cfg(windows)]
        {
            const FILE_SHARE_READ: u32 = 1;
            std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, FILE_SHARE_READ);
        }
        let file = options.open(self.path.join(name))?;
        let opened = identity(&file.metadata()?);
        match opened == identity(&held.metadata()?) {
            true => Ok((file, opened)),
            false => Err(io::Error::other("another file has just taken its place")),
        }
    }

    pub(crate) fn create_new(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create_new(true)
            .open(self.path.join(name))
    }

    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    pub(crate) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        let path = self.path.join(name);
        match path.is_file() && !path.is_symlink() {
            true => std::fs::remove_file(path),
            false => Ok(()),
        }
    }

    /// Windows writes folders with their files.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// [`identity`] has the time of creation in its place.
pub(super) fn keeps_times_of_change(_file: &File) -> bool {
    false
}

/// What the C library of Windows allows.
pub(super) fn raise_open_files() -> u64 {
    512
}

pub(super) fn may_write(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.permissions().readonly())
}

pub(super) fn start_of_machine() -> Option<String> {
    None
}

pub(super) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).open(path)
}

pub(super) fn is_copied_up(_file: &File) -> bool {
    false
}

pub(super) fn is_fifo(_metadata: &Metadata) -> bool {
    false
}

pub(super) fn open_fifo(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

pub(super) fn usual_permissions() -> Option<std::fs::Permissions> {
    None
}

/// The standard library does not tell: a user's folders are the user's own by default.
pub(super) fn rights(_metadata: &Metadata) -> Rights {
    Rights {
        owner: Owner::Ours,
        group: 0,
        is_our_group: false,
        group_writes: false,
        others_write: false,
        sticky: false,
    }
}

pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

pub(super) fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

pub(super) fn free_space(_path: &Path) -> Option<u64> {
    None
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}

pub(super) fn next_data(_file: &File, at: u64, end: u64) -> io::Result<Option<Range<u64>>> {
    Ok((at < end).then_some(at..end))
}

pub(super) fn share_blocks(_from: &File, _to: &File) -> bool {
    false
}

pub(super) fn start_writing(_file: &File, _range: Range<u64>) {}

pub(super) fn carry_flags(_from: &File, _to: &File) -> Result<(), NotCarried> {
    Ok(())
}

pub(super) fn carry_over(from: &File, to: &File) -> Result<(), NotCarried> {
    let permissions = from.metadata().map(|metadata| metadata.permissions());
    let carried = permissions.and_then(|permissions| to.set_permissions(permissions));
    carried.map_err(|source| NotCarried {
        what: "the read-only attribute",
        source: Some(source),
    })
}

pub(super) fn needs_no_sync(_error: &io::Error) -> bool {
    false
}

#[cfg(windows)]
pub(super) fn path_to_bytes(path: &Path) -> Vec<u8> {
    std::os::windows::ffi::OsStrExt::encode_wide(path.as_os_str())
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[cfg(windows)]
pub(super) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    let (units, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    let path: std::ffi::OsString = std::os::windows::ffi::OsStringExt::from_wide(&units);
    Some(PathBuf::from(path))
}
