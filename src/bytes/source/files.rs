//! Files as bytes by range. Only regular ones are opened, without following or blocking.

use std::fs::{File, Metadata};
use std::io::{self, Seek as _, SeekFrom};
use std::path::Path;

use super::{ReadAt, ReadError};
use crate::system::platform::{self, Identity, Nearby};

/// A regular file opened for reading, with its length at that moment.
#[derive(Debug)]
pub struct SourceFile {
    file: File,
    metadata: Metadata,
    /// A second handle of the file, which holds its lock where this one cannot.
    locked: Option<File>,
}

/// Whether a path that is itself a symbolic link is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Refuse,
    Follow,
}

impl SourceFile {
    /// Opens a regular file. A FIFO, device, socket or folder is refused without blocking on it.
    pub fn open(path: &Path, links: Links) -> Result<SourceFile, ReadError> {
        SourceFile::of(platform::open(path, links).map_err(ReadError::Open)?)
    }

    /// An open file, if it is a regular one.
    pub(crate) fn of(file: File) -> Result<SourceFile, ReadError> {
        let metadata = file.metadata().map_err(ReadError::Open)?;
        if !metadata.is_file() {
            return Err(ReadError::NotRegular);
        }
        Ok(SourceFile {
            file,
            metadata,
            locked: None,
        })
    }

    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Keeps a handle that holds the file's lock open for as long as this one.
    pub(crate) fn keep(&mut self, locked: File) {
        self.locked = Some(locked);
    }
}

impl ReadAt for SourceFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        platform::read_at(&self.file, buffer, offset)
    }

    fn len(&self) -> u64 {
        self.metadata.len()
    }
}

/// Opens files to look at them only, at the least cost: those of one folder come one after the other, so that the
/// system looks up their folder once, and nothing is asked of a file but its length.
#[derive(Debug)]
pub struct Opener {
    nearby: Nearby,
    /// The state of the last file that was opened; none where nobody asks for it, since the system is asked for it.
    noted: Option<Option<Identity>>,
}

/// A file opened for a look. Its length is that of the moment.
#[derive(Debug)]
pub struct Opened {
    file: File,
    len: u64,
}

impl Opener {
    pub fn new(links: Links) -> Opener {
        Opener {
            nearby: Nearby::of(links),
            noted: None,
        }
    }

    /// An opener that notes the state of each file.
    pub fn noting(links: Links) -> Opener {
        Opener {
            noted: Some(None),
            ..Opener::new(links)
        }
    }

    /// The state of the last file, if it was opened and states are noted.
    pub fn noted(&self) -> Option<Identity> {
        self.noted.flatten()
    }

    /// Like [`SourceFile::open`], but a block device is not told from a file.
    pub fn open(&mut self, path: &Path) -> Result<Opened, ReadError> {
        if let Some(noted) = &mut self.noted {
            *noted = None;
        }
        let mut file = self.nearby.open(path).map_err(ReadError::Open)?;
        if let Some(noted) = &mut self.noted {
            *noted = file.metadata().ok().map(|metadata| Identity::of(&metadata));
        }
        // Half the price of asking for the metadata. A FIFO has no end to seek to, a character device no length.
        match file.seek(SeekFrom::End(0)) {
            Ok(len) if len > 0 => Ok(Opened { file, len }),
            Ok(_) | Err(_) => match file.metadata().map_err(ReadError::Open)? {
                metadata if metadata.is_file() => Ok(Opened {
                    file,
                    len: metadata.len(),
                }),
                _ => Err(ReadError::NotRegular),
            },
        }
    }

    /// What tells the file from a changed one, without opening it.
    pub fn identity(&mut self, path: &Path) -> io::Result<Identity> {
        self.nearby.identity(path)
    }
}

impl ReadAt for Opened {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        platform::read_at(&self.file, buffer, offset)
    }

    fn len(&self) -> u64 {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
    #[test]
    #[cfg(target_os = "linux")]
    #[expect(clippy::disallowed_methods, reason = "a test makes and reads files")]
    fn a_look_leaves_the_access_time() {
        use std::time::{Duration, SystemTime};
        let folder = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let made = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, b"fLaC").unwrap();
            let times = std::fs::FileTimes::new().set_accessed(long_ago);
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_times(times)
                .unwrap();
            path
        };
        let accessed = |path: &Path| std::fs::metadata(path).unwrap().accessed().unwrap();
        let path = made("control.flac");
        std::fs::read(&path).unwrap();
        if accessed(&path) == long_ago {
            eprintln!("this file system keeps no access times");
            return;
        }
        let path = made("opened.flac");
        let opened = Opener::new(Links::Refuse).open(&path).unwrap();
        assert_eq!(opened.read_at(&mut [0; 4], 0).unwrap(), 4);
        assert_eq!(accessed(&path), long_ago);
        let path = made("read.flac");
        let opened = SourceFile::open(&path, Links::Refuse).unwrap();
        assert_eq!(opened.read_at(&mut [0; 4], 0).unwrap(), 4);
        assert_eq!(accessed(&path), long_ago);
    }
}
