//! What the standard library offers everywhere, for systems that are not Unix.
#![expect(clippy::disallowed_methods, reason = "edit and the journal open files through here")]

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::bytes::source::Links;
use crate::system::platform::moment::moment;
use crate::system::platform::{Identity, Lock, NotCarried, Owner, Rights};

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

/// Nanoseconds since 1970, before it negative ones; 0 where the system has no such time.
fn nanoseconds(time: io::Result<SystemTime>) -> i64 {
    let count = |span: Duration| moment(span.as_secs().cast_signed(), i64::from(span.subsec_nanos()));
    match time.map(|time| time.duration_since(UNIX_EPOCH)) {
        Ok(Ok(since)) => count(since),
        Ok(Err(before)) => -count(before.duration()),
        Err(_) => 0,
    }
}

/// The standard library does not tell; an edit that rewrites the file then parts it from its other names.
pub(crate) fn links(_metadata: &Metadata) -> u64 {
    1
}

pub(crate) fn is_read_only(metadata: &Metadata) -> bool {
    metadata.permissions().readonly()
}

/// Locks of Windows also keep the locker's other handles from reading, so [`Folder::open_to_write`] shuts writers out instead.
pub(super) fn lock(_file: &File) -> io::Result<Lock> {
    Ok(Lock::Unavailable)
}

pub(crate) fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

/// The second look shows a link that the first one is not to follow; between the two somebody can put one.
pub(crate) fn open(path: &Path, links: Links) -> io::Result<File> {
    match links == Links::Refuse && path.is_symlink() {
        true => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "a link, which is not followed here",
        )),
        false => File::open(path),
    }
}

/// Without handles of folders each path is looked up anew.
#[derive(Debug)]
pub(crate) struct Nearby {
    links: Links,
}

impl Nearby {
    pub(crate) fn of(links: Links) -> Nearby {
        Nearby { links }
    }

    pub(crate) fn open(&mut self, path: &Path) -> io::Result<File> {
        open(path, self.links)
    }

    pub(crate) fn identity(&mut self, path: &Path) -> io::Result<Identity> {
        let metadata = match self.links {
            Links::Refuse => std::fs::symlink_metadata(path),
            Links::Follow => std::fs::metadata(path),
        };
        Ok(identity(&metadata?))
    }
}

/// Without handles of folders their paths must do.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        // Without a separator at its end, behind which a link would be followed.
        let path: &Path = &path.components().collect::<PathBuf>();
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

    pub(crate) fn identity(&self, name: &OsStr) -> io::Result<Identity> {
        std::fs::symlink_metadata(self.path.join(name)).map(|metadata| identity(&metadata))
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

/// What the C library of Windows allows.
pub(super) fn raise_open_files() -> u64 {
    512
}

pub(crate) fn may_write(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.permissions().readonly())
}

pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).open(path)
}

pub(crate) fn is_fifo(_metadata: &Metadata) -> bool {
    false
}

pub(crate) fn open_fifo(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

pub(crate) fn columns_of_stdout() -> Option<u16> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0)
}

pub(crate) fn columns_of_stderr() -> Option<u16> {
    terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| width.0)
}

pub(crate) fn usual_permissions() -> Option<std::fs::Permissions> {
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

pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

pub(crate) fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

pub(crate) fn free_space(_path: &Path) -> Option<u64> {
    None
}

/// Moves the position of the file, too.
#[cfg(windows)]
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}

#[cfg(not(windows))]
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(not(windows))]
pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

pub(crate) fn next_data(_file: &File, at: u64, end: u64) -> io::Result<Option<Range<u64>>> {
    Ok((at < end).then_some(at..end))
}

pub(crate) fn carry_over(from: &File, to: &File) -> Result<(), NotCarried> {
    let permissions = from.metadata().map(|metadata| metadata.permissions());
    let carried = permissions.and_then(|permissions| to.set_permissions(permissions));
    carried.map_err(|source| NotCarried {
        what: "the read-only attribute",
        source: Some(source),
    })
}

pub(crate) fn give_rights(old: &Metadata, to: &File) -> io::Result<()> {
    to.set_permissions(old.permissions())
}

/// Windows writes folders with their files.
pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

pub(crate) fn needs_no_sync(_error: &io::Error) -> bool {
    false
}

pub(crate) fn outlive_file_size_limit() -> io::Result<()> {
    Ok(())
}

/// Names of other systems are valid Unicode but for lone surrogates, which become U+FFFD here.
pub(crate) fn name_from_bytes(bytes: &[u8]) -> OsString {
    OsString::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(windows)]
pub(crate) fn path_to_bytes(path: &Path) -> Vec<u8> {
    std::os::windows::ffi::OsStrExt::encode_wide(path.as_os_str())
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[cfg(windows)]
pub(crate) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    let (units, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    let path: OsString = std::os::windows::ffi::OsStringExt::from_wide(&units);
    Some(PathBuf::from(path))
}

#[cfg(not(windows))]
pub(crate) fn path_to_bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

#[cfg(not(windows))]
pub(crate) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes files")]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_only_where_that_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&file, b"abc").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&file, &link).unwrap();
        #[cfg(unix)]
        assert_eq!(
            open(&link, Links::Refuse).unwrap_err().kind(),
            io::ErrorKind::PermissionDenied
        );
        #[cfg(not(unix))]
        std::fs::write(&link, b"abc").unwrap();
        for links in [Links::Refuse, Links::Follow] {
            assert_eq!(Nearby::of(links).identity(&file).unwrap().len, 3);
        }
        assert_eq!(Nearby::of(Links::Follow).identity(&link).unwrap().len, 3);
        assert_eq!(
            Nearby::of(Links::Follow).open(&link).unwrap().metadata().unwrap().len(),
            3
        );
    }

    #[test]
    fn times_before_1970_are_negative() {
        let before = UNIX_EPOCH - Duration::new(10, 5);
        assert_eq!(nanoseconds(Ok(before)), -10_000_000_005);
        assert_eq!(nanoseconds(Ok(UNIX_EPOCH + Duration::new(1, 7))), 1_000_000_007);
    }
}
