//! The one writer of files that somebody names: reports, tables, manual pages.
//!
//! A file is written beside its place under a random name, and put there whole at the end. Invariant: what is in
//! the place is replaced only if it is a plain file that is neither music nor being read by this run; a link is not
//! followed and not replaced.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use fs_err::File;
use tempfile::NamedTempFile;

use crate::bytes::source::{Links, ReadError};
use crate::scan::read::read;
use crate::system::platform::{self, Identity};

/// A file that is being written. What is not put into its place is removed again.
pub(super) struct Output {
    place: PathBuf,
    /// None for a FIFO: that is written directly.
    beside: Option<NamedTempFile>,
    earlier: Option<Identity>,
}

/// Whether there was a file before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaces {
    Nothing,
    Earlier,
}

const READ_HERE: &str = "it is read by this very run\nhint: give another name";

impl Output {
    /// Nothing is written to `path` yet. `reads` are the files that this run reads. Errors of writing name `path`.
    pub(super) fn create(path: &Path, reads: &[&Path]) -> anyhow::Result<(Output, File)> {
        let cannot = || format!("cannot write {}", path.display());
        match reads.contains(&path) {
            true => Err(anyhow!(READ_HERE)).with_context(cannot),
            false => Output::try_create(path, reads).with_context(cannot),
        }
    }

    fn try_create(path: &Path, reads: &[&Path]) -> anyhow::Result<(Output, File)> {
        let earlier = match fs_err::symlink_metadata(path) {
            Ok(earlier) => Some(earlier),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(earlier) = &earlier {
            if platform::is_fifo(earlier) {
                let output = Output {
                    place: path.to_path_buf(),
                    beside: None,
                    earlier: None,
                };
                let fifo = platform::open_fifo(path).context("no program reads from this FIFO")?;
                return Ok((output, File::from_parts(fifo, path)));
            }
            check_replaceable(path, earlier, reads)?;
        }
        let mut named = tempfile::Builder::new();
        // Hidden, so that a scan passes over what a killed run leaves; short, so that the longest name has one.
        named.prefix(".isrctag-").suffix(".part").rand_bytes(8);
        let permissions = platform::usual_permissions();
        if let Some(permissions) = permissions {
            named.permissions(permissions);
        }
        let folder = folder_of(path);
        if !folder.exists() {
            bail!("there is no folder {}", folder.display());
        }
        // Without the name of the file beside it, of which nobody knows.
        let beside = named
            .tempfile_in(folder)
            .map_err(|error| io::Error::from(error.kind()))?;
        if let Some(earlier) = &earlier {
            platform::give_rights(earlier, beside.as_file())?;
        }
        let file = beside.as_file().try_clone()?;
        let output = Output {
            place: path.to_path_buf(),
            beside: Some(beside),
            earlier: earlier.as_ref().map(Identity::of),
        };
        Ok((output, File::from_parts(file, path)))
    }

    pub(super) fn replaces(&self) -> Replaces {
        match self.earlier {
            Some(_) => Replaces::Earlier,
            None => Replaces::Nothing,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.place
    }

    /// Puts what was written into its place, on stable storage. Its writer must be closed.
    pub(super) fn put(self) -> anyhow::Result<()> {
        let cannot = || format!("cannot write {}", self.place.display());
        let Some(beside) = self.beside else {
            return Ok(());
        };
        beside.as_file().sync_all().with_context(cannot)?;
        match self.earlier {
            None => match beside.persist_noclobber(&self.place) {
                Ok(_file) => {}
                Err(kept) if kept.error.kind() == io::ErrorKind::AlreadyExists => {
                    bail!(
                        "{} was made by another program meanwhile; it was left as it is",
                        self.place.display()
                    )
                }
                Err(kept) => return Err(kept.error).with_context(cannot),
            },
            Some(earlier) if is_still(&self.place, earlier) => {
                beside
                    .persist(&self.place)
                    .map_err(|kept| kept.error)
                    .with_context(cannot)?;
            }
            Some(_) => bail!(
                "{} was changed by another program; it was left as it is",
                self.place.display()
            ),
        }
        let unsure = || format!("{} is written, but a power failure may undo that", self.place.display());
        platform::sync_folder(folder_of(&self.place)).with_context(unsure)
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Its time of change may be another: somebody has given it other rights.
fn is_still(path: &Path, earlier: Identity) -> bool {
    let told = |of: Identity| (of.device, of.inode, of.len, of.modified);
    Identity::at(path).is_ok_and(|now| told(now) == told(earlier))
}

fn check_replaceable(path: &Path, earlier: &std::fs::Metadata, reads: &[&Path]) -> anyhow::Result<()> {
    if earlier.is_symlink() {
        let target = fs_err::read_link(path).unwrap_or_default();
        bail!(
            "it is a link to {}, and links are not replaced\nhint: give another name, or move the link away",
            target.display()
        );
    }
    if !earlier.is_file() {
        bail!("it is no regular file");
    }
    if platform::is_read_only(earlier) {
        bail!("it is read-only");
    }
    let is_this = |read: &&Path| {
        let read = fs_err::metadata(read).map(|metadata| Identity::of(&metadata));
        read.is_ok_and(|read| is_still(path, read))
    };
    if reads.iter().any(is_this) {
        bail!(READ_HERE);
    }
    match read(path, Links::Refuse) {
        // Whether it is whole or not.
        Ok(_) | Err(ReadError::CutShort { .. } | ReadError::Damaged(_) | ReadError::ParserPanicked) => {
            bail!("it is an audio file\nhint: give another name")
        }
        Err(ReadError::NoTrack) => bail!("it is a video\nhint: give another name"),
        Err(error) if error.is_no_audio() => Ok(()),
        // One that cannot be read may be music.
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make and read files")]
mod tests {
    use std::io::Write as _;
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn what_another_program_writes_meanwhile_is_not_replaced_whatever_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("list.csv");
        std::fs::write(&place, "old").unwrap();
        let earlier = SystemTime::now() - Duration::from_secs(60);
        std::fs::File::options()
            .write(true)
            .open(&place)
            .unwrap()
            .set_modified(earlier)
            .unwrap();
        let (output, mut file) = Output::create(&place, &[]).unwrap();
        file.write_all(b"report").unwrap();
        drop(file);
        std::fs::write(&place, "new").unwrap();
        assert!(output.put().is_err());
        assert_eq!(std::fs::read(&place).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
