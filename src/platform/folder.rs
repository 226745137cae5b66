//! A folder that is held open: whatever becomes of its path meanwhile, its files are found in it.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

use super::Identity;
use crate::source::{Links, open_at};

#[derive(Debug)]
pub(crate) struct Folder {
    handle: OwnedFd,
}

impl Folder {
    /// Opens the folder of an absolute path. Should a part of it be a link, that is not followed.
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        let mut handle = enter(rustix::fs::CWD, OsStr::new("/"))?;
        let mut entered = PathBuf::from("/");
        for component in path.components() {
            let name = match component {
                Component::RootDir | Component::CurDir => continue,
                Component::Normal(name) => name,
                Component::Prefix(_) | Component::ParentDir => {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a plain absolute path"));
                }
            };
            entered.push(name);
            handle = match enter(&handle, name) {
                Ok(below) => below,
                Err(Errno::NOTDIR | Errno::LOOP) if is_of_kind(&handle, name, FileType::Symlink) => {
                    let reason = format!("{} is a link, which is not followed here", entered.display());
                    return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
                }
                Err(error) => return Err(error.into()),
            };
        }
        Ok(Folder { handle })
    }

    /// Opens a file of it to read, without following a link or blocking.
    pub(crate) fn open_to_read(&self, name: &OsStr) -> io::Result<File> {
        open_at(&self.handle, name, Links::Refuse)
    }

    /// Opens for writing the very file that `held` has open, and no other. With the state in which it is then.
    pub(crate) fn open_to_write(&self, name: &OsStr, held: &File) -> io::Result<(File, Identity)> {
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat(&self.handle, name, flags, Mode::empty())?);
        // Now, since an overlay file system gives the file another number when it is opened to be written.
        let (opened, held) = (file.metadata()?, held.metadata()?);
        match (opened.dev(), opened.ino()) == (held.dev(), held.ino()) {
            true => Ok((file, Identity::of(&opened))),
            false => Err(io::Error::other("another file has just taken its place")),
        }
    }

    /// Makes a file that did not exist, for its owner only.
    pub(crate) fn create_new(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR)?))
    }

    /// Moves one file of it over another one, in one step.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.handle, from, &self.handle, to)?)
    }

    /// Removes a regular file of it, if there is one of this name.
    pub(crate) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        if !is_of_kind(&self.handle, name, FileType::RegularFile) {
            return Ok(());
        }
        match unlinkat(&self.handle, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes what was renamed or removed in it last through a power failure.
    pub(crate) fn sync(&self) -> io::Result<()> {
        // Opened anew, since a handle that only looks up names cannot be synced.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        File::from(openat(&self.handle, ".", flags, Mode::empty())?).sync_all()
    }
}

/// Needs the right to search the folder, as opening its files does, and none to list it.
fn enter(above: impl std::os::fd::AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    #[cfg(target_os = "linux")]
    let access = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    let access = OFlags::RDONLY;
    let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(above, name, flags, Mode::empty())
}

fn is_of_kind(folder: &OwnedFd, name: &OsStr, kind: FileType) -> bool {
    let stat = statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW);
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == kind)
}
