//! Folders that are held open: whatever becomes of a path meanwhile, the files are found in the folder.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

use super::Identity;
use super::moment::moment;
use crate::bytes::source::Links;
use crate::system::paths::split;

#[derive(Debug)]
pub(crate) struct Folder {
    handle: OwnedFd,
}

impl Folder {
    /// Opens the folder of an absolute path. Should a part of it be a link, that is not followed.
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        let mut handle = enter(CWD, OsStr::new("/"))?;
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

    /// The state of what one of its names leads to now, without following a link.
    pub(crate) fn identity(&self, name: &OsStr) -> io::Result<Identity> {
        Ok(identity(&statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)?))
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

/// The folder of the last file that was asked for: files of one folder come one after the other, so that the system looks
/// up their folder once.
#[derive(Debug)]
pub(crate) struct Nearby {
    links: Links,
    /// As written, with the separator at its end.
    path: Vec<u8>,
    /// None if it cannot be opened; then the file's path says why.
    handle: Option<OwnedFd>,
}

impl Nearby {
    pub(crate) fn of(links: Links) -> Nearby {
        Nearby {
            links,
            path: Vec::new(),
            handle: None,
        }
    }

    pub(crate) fn open(&mut self, path: &Path) -> io::Result<File> {
        let links = self.links;
        match self.of_file(path) {
            Some((folder, name)) => open_at(folder, name, links),
            None => open(path, links),
        }
    }

    pub(crate) fn identity(&mut self, path: &Path) -> io::Result<Identity> {
        let follow = match self.links {
            Links::Refuse => AtFlags::SYMLINK_NOFOLLOW,
            Links::Follow => AtFlags::empty(),
        };
        let stat = match self.of_file(path) {
            Some((folder, name)) => statat(folder, name, follow),
            None => statat(CWD, path, follow),
        }?;
        Ok(identity(&stat))
    }

    fn of_file<'a>(&mut self, path: &'a Path) -> Option<(&OwnedFd, &'a OsStr)> {
        let (folder, name) = split(path.as_os_str());
        if folder.is_empty() || name.is_empty() {
            return None;
        }
        if self.path != folder {
            let flags = ENTER | OFlags::DIRECTORY | OFlags::CLOEXEC;
            self.path = folder.to_vec();
            self.handle = openat(CWD, folder, flags, Mode::empty()).ok();
        }
        Some((self.handle.as_ref()?, OsStr::from_bytes(name)))
    }
}

fn identity(stat: &Stat) -> Identity {
    Identity {
        device: stat.st_dev,
        inode: stat.st_ino,
        len: stat.st_size as u64,
        modified: moment(stat.st_mtime, stat.st_mtime_nsec as i64),
        changed: moment(stat.st_ctime, stat.st_ctime_nsec as i64),
    }
}

/// Opens a file to read it. What is no regular file does not block it.
pub(crate) fn open(path: &Path, links: Links) -> io::Result<File> {
    open_at(CWD, path.as_os_str(), links)
}

fn open_at(folder: impl AsFd, name: &OsStr, links: Links) -> io::Result<File> {
    let follow = match links {
        Links::Refuse => OFlags::NOFOLLOW,
        Links::Follow => OFlags::empty(),
    };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY | follow;
    // Leaves the access time as it was, where the system lets it: for the owner and the superuser.
    #[cfg(target_os = "linux")]
    match openat(folder.as_fd(), name, flags | OFlags::NOATIME, Mode::empty()) {
        // It is somebody else's.
        Err(Errno::PERM) => {}
        opened => return Ok(File::from(opened?)),
    }
    Ok(File::from(openat(folder, name, flags, Mode::empty())?))
}

/// To enter a folder needs the right to search it, as opening its files does, and none to list it.
#[cfg(target_os = "linux")]
const ENTER: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const ENTER: OFlags = OFlags::RDONLY;

fn enter(above: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = ENTER | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(above, name, flags, Mode::empty())
}

fn is_of_kind(folder: &OwnedFd, name: &OsStr, kind: FileType) -> bool {
    let stat = statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW);
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == kind)
}
