//! What every Unix has.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::ops::Range;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::system::platform::moment::moment;
use crate::system::platform::{Identity, Lock, NotCarried, Owner, Rights};

pub(crate) use super::folder::open;

pub(super) fn identity(metadata: &Metadata) -> Identity {
    Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
        len: metadata.len(),
        modified: moment(metadata.mtime(), metadata.mtime_nsec()),
        changed: moment(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// How many names a file has.
pub(crate) fn links(metadata: &Metadata) -> u64 {
    metadata.nlink()
}

/// Whether nobody may write a file or folder, told by its permission bits: they bind a superuser too.
pub(crate) fn is_read_only(metadata: &Metadata) -> bool {
    metadata.mode() & 0o222 == 0
}

pub(super) fn lock(file: &File) -> io::Result<Lock> {
    match file.try_lock() {
        Ok(()) => Ok(Lock::Held),
        Err(TryLockError::WouldBlock) => Ok(Lock::HeldByAnother),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether a lock was not had since the file system has none.
/// Some network file systems have no locks, or none on a file that is open to be read only (flock(2), NFS).
pub(crate) fn has_no_locks(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let none = [Errno::BADF, Errno::NOLCK];
    error.kind() == io::ErrorKind::Unsupported
        || none
            .iter()
            .any(|none| error.raw_os_error() == Some(none.raw_os_error()))
}

pub(super) fn raise_open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // More is never needed, and some systems say "any number" and allow fewer.
    const ENOUGH: u64 = 4096;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let (now, most) = (current.unwrap_or(ENOUGH), maximum.unwrap_or(ENOUGH).min(ENOUGH));
    let raised = Rlimit {
        current: Some(most),
        maximum,
    };
    match now < most && setrlimit(Resource::Nofile, raised).is_ok() {
        true => most,
        false => now,
    }
}

/// Whether this process may write a file or folder.
pub(crate) fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Makes a file that did not exist, for its owner only.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?))
}

/// Opens a file to write to it, in a folder of the user's own; where there is none, makes one for its owner only.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    match create_new(path) {
        // The mask may have taken bits away.
        Ok(file) => make_private(&file).map(|()| file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
        }
        Err(error) => Err(error),
    }
}

/// Whether something is a pipe with a name.
pub(crate) fn is_fifo(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

/// Opens a FIFO to write to the program that reads from it; an error where none does.
/// Opened without waiting, so that a FIFO that somebody planted does not hold the program; written as any other file.
pub(crate) fn open_fifo(path: &Path) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty())?;
    let flags = rustix::fs::fcntl_getfl(&file)?;
    rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    let file = File::from(file);
    // Another one may have taken its place since it was looked at.
    match is_fifo(&file.metadata()?) {
        true => Ok(file),
        false => Err(io::Error::other("another file has just taken its place")),
    }
}

/// The columns of the terminal on standard output. Its rows are not asked for: some terminals have none to tell.
pub(crate) fn columns_of_stdout() -> Option<u16> {
    columns(io::stdout())
}

pub(crate) fn columns_of_stderr() -> Option<u16> {
    columns(io::stderr())
}

fn columns(stream: impl AsFd) -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// The permissions that a program asks for when it makes a file for all who may have it; the process's mask takes some
/// of them away. None where the system has no such thing.
pub(crate) fn usual_permissions() -> Option<std::fs::Permissions> {
    Some(PermissionsExt::from_mode(0o666))
}

pub(super) fn rights(metadata: &Metadata) -> Rights {
    let (mode, group) = (metadata.mode(), metadata.gid());
    let is_our_group = || {
        let others = rustix::process::getgroups().unwrap_or_default();
        rustix::process::getegid().as_raw() == group || others.iter().any(|other| other.as_raw() == group)
    };
    Rights {
        owner: match metadata.uid() {
            uid if uid == rustix::process::geteuid().as_raw() => Owner::Ours,
            0 => Owner::Superuser,
            uid => Owner::Another(uid),
        },
        group,
        is_our_group: is_our_group(),
        group_writes: mode & 0o020 != 0,
        others_write: mode & 0o002 != 0,
        sticky: mode & 0o1000 != 0,
    }
}

/// Makes a folder and those above it, for their owner only, whatever the process's mask of permissions is.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        create_private_folder(above)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        // The mask may have taken bits away.
        Ok(()) => std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)),
        // Another run was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives a file to its owner only.
pub(crate) fn make_private(file: &File) -> io::Result<()> {
    file.set_permissions(PermissionsExt::from_mode(0o600))
}

/// How many bytes can still be written where a path leads, if the system tells.
pub(crate) fn free_space(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Reads at an offset, like `pread`.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}

pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.write_at(bytes, offset)
}

/// The next range of a file from `at` to `end` that is not a hole, where the system tells holes; else all of it.
#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
))]
pub(crate) fn next_data(file: &File, at: u64, end: u64) -> io::Result<Option<Range<u64>>> {
    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;
    if at >= end {
        return Ok(None);
    }
    match seek(file, SeekFrom::Data(at)) {
        Ok(start) if start >= end => Ok(None),
        Ok(start) if start >= at => {
            let hole = seek(file, SeekFrom::Hole(start)).unwrap_or(end).min(end);
            Ok(Some(start..if hole > start { hole } else { end }))
        }
        Err(Errno::NXIO) => Ok(None),
        Ok(_) | Err(_) => Ok(Some(at..end)),
    }
}

/// The next range of a file from `at` to `end` that is not a hole, where the system tells holes; else all of it.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
)))]
pub(crate) fn next_data(_file: &File, at: u64, end: u64) -> io::Result<Option<Range<u64>>> {
    Ok((at < end).then_some(at..end))
}

/// Gives a new file the owner, mode, extended attributes and ACLs of an old one, and checks that it has them.
pub(crate) fn carry_over(from: &File, to: &File) -> Result<(), NotCarried> {
    let failed = |what| {
        move |source| NotCarried {
            what,
            source: Some(source),
        }
    };
    let (old, new) = (
        from.metadata().map_err(failed("the owner"))?,
        to.metadata().map_err(failed("the owner"))?,
    );
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        fchown(to, Some(old.uid()), Some(old.gid())).map_err(failed("the owner"))?;
    }
    // Attributes first: setting an ACL changes the mode, and changing the owner clears its set-id bits.
    xattrs::carry_over(from, to)?;
    to.set_permissions(PermissionsExt::from_mode(old.mode() & 0o7777))
        .map_err(failed("the mode"))?;
    let new = to.metadata().map_err(failed("the mode"))?;
    if (old.uid(), old.gid(), old.mode()) != (new.uid(), new.gid(), new.mode()) {
        return Err(NotCarried {
            what: "the owner or the mode",
            source: None,
        });
    }
    Ok(())
}

/// Gives a new file the owner and permissions of an old one, as far as this user may. Nobody gets more than the old one
/// gave.
pub(crate) fn give_rights(old: &Metadata, to: &File) -> io::Result<()> {
    let new = to.metadata()?;
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) && fchown(to, Some(old.uid()), Some(old.gid())).is_err() {
        // Only a superuser may give files away; their group anybody who is in it.
        let _unless_not = fchown(to, None, Some(old.gid()));
    }
    let is_same_group = to.metadata()?.gid() == old.gid();
    let kept = if is_same_group { 0o777 } else { 0o707 };
    to.set_permissions(PermissionsExt::from_mode(old.mode() & kept))
}

pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    File::from(rustix::fs::open(path, flags, Mode::empty())?).sync_all()
}

/// Extended attributes; on Linux the ACL (`system.posix_acl_access`) and security labels are among them.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
mod xattrs {
    use std::collections::BTreeMap;
    use std::ffi::CString;
    use std::fs::File;
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    use super::super::NotCarried;

    /// The kernel's own limits (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`, linux/limits.h).
    const LIMIT: usize = 64 * 1024;

    const WHAT: &str = "an extended attribute or ACL";

    type Attributes = BTreeMap<CString, Vec<u8>>;

    pub(super) fn carry_over(from: &File, to: &File) -> Result<(), NotCarried> {
        let old = read(from).map_err(failed)?;
        let new = read(to).map_err(failed)?;
        // A folder's default ACL and labels come with a new file; the old one may not have them.
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            fremovexattr(to, name.as_c_str()).map_err(|error| failed(error.into()))?;
        }
        for (name, value) in old.iter().filter(|(name, value)| new.get(*name) != Some(value)) {
            fsetxattr(to, name.as_c_str(), value, XattrFlags::empty()).map_err(|error| failed(error.into()))?;
        }
        if !old.is_empty() && read(to).map_err(failed)? != old {
            return Err(NotCarried {
                what: WHAT,
                source: None,
            });
        }
        Ok(())
    }

    fn failed(source: io::Error) -> NotCarried {
        NotCarried {
            what: WHAT,
            source: Some(source),
        }
    }

    fn read(file: &File) -> io::Result<Attributes> {
        let mut list = vec![0; LIMIT];
        let len = match flistxattr(file, &mut list[..]) {
            Ok(len) => len,
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Attributes::new()),
            Err(error) => return Err(error.into()),
        };
        let mut attributes = Attributes::new();
        for name in list[..len].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
            let name = CString::new(name)?;
            let mut value = vec![0; LIMIT];
            let len = fgetxattr(file, name.as_c_str(), &mut value[..])?;
            value.truncate(len);
            attributes.insert(name, value);
        }
        Ok(attributes)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
mod xattrs {
    pub(super) fn carry_over(_from: &std::fs::File, _to: &std::fs::File) -> Result<(), super::NotCarried> {
        Ok(())
    }
}

/// Whether syncing a folder failed because its file system has nothing to sync there.
/// `EINVAL` is what fsync(2) says of "special files"; network and FUSE file systems say the others, too.
pub(crate) fn needs_no_sync(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let none = [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP];
    none.iter()
        .any(|none| error.raw_os_error() == Some(none.raw_os_error()))
}

/// Lets a write beyond the limit of file sizes (`ulimit -f`) fail like one on a full disk. By default its signal ends the
/// program, in the middle of whatever it does.
pub(crate) fn outlive_file_size_limit() -> io::Result<()> {
    // The failed write says all that there is to know.
    let unheeded = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, unheeded).map(|_id| ())
}

/// Bytes of a file's name, as a list or an index has them, as a name.
pub(crate) fn name_from_bytes(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_os_string()
}

/// A path as bytes that lead back to it on the same system.
pub(crate) fn path_to_bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

/// None when the bytes are no path of this system.
pub(crate) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    Some(PathBuf::from(OsString::from_vec(bytes.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_fifo_is_not_opened_as_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(open_fifo(file.path()).is_err());
    }

    #[test]
    fn holes_beyond_4_gib_are_passed_over() {
        const LEN: u64 = (4 << 30) + 4096;
        const MIDDLE: u64 = 3 << 30;
        let file = tempfile::tempfile().unwrap();
        file.set_len(LEN).unwrap();
        file.write_all_at(b"middle", MIDDLE).unwrap();
        file.write_all_at(b"end", LEN - 3).unwrap();
        let (mut at, mut total, mut found) = (0, 0, Vec::new());
        while let Some(data) = next_data(&file, at, LEN).unwrap() {
            assert!(data.start >= at && data.start < data.end && data.end <= LEN);
            found.push(data.clone());
            total += data.end - data.start;
            at = data.end;
        }
        for offset in [MIDDLE, MIDDLE + 5, LEN - 3, LEN - 1] {
            assert!(found.iter().any(|data| data.contains(&offset)), "{offset} in {found:?}");
        }
        let keeps_holes = file.metadata().unwrap().blocks() < 1 << 11;
        assert!(!keeps_holes || total < 1 << 20, "{found:?}");
        assert_eq!(next_data(&file, LEN, LEN).unwrap(), None);
    }
}
