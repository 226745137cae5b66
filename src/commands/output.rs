//! The file of `-o`: written beside its place and put there at the end, so that an earlier one stays whole until then.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// A file that is being written. What is not put into its place is removed again.
pub(super) struct Output {
    place: PathBuf,
    /// None for what is no regular file, such as a pipe: that is written directly.
    beside: Option<PathBuf>,
    /// Whether there was a file in its place before.
    pub replaces: Replaces,
}

/// Whether there was a file before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaces {
    Nothing,
    Earlier,
}

impl Output {
    pub(super) fn create(path: &Path) -> io::Result<(Output, fs_err::File)> {
        let earlier = fs_err::metadata(path).ok();
        if earlier.as_ref().is_some_and(|earlier| !earlier.is_file()) {
            let output = Output {
                place: path.to_path_buf(),
                beside: None,
                replaces: Replaces::Nothing,
            };
            return Ok((output, fs_err::OpenOptions::new().write(true).open(path)?));
        }
        // Not the link is replaced but the file that it leads to.
        let place = match &earlier {
            Some(_) => fs_err::canonicalize(path)?,
            None => path.to_path_buf(),
        };
        let mut name = OsString::from(".");
        name.push(place.file_name().unwrap_or_default());
        name.push(format!(".{}.part", std::process::id()));
        let beside = place.with_file_name(name);
        let mut options = fs_err::OpenOptions::new();
        // An index is read while it is written.
        let file = options.read(true).write(true).create_new(true).open(&beside)?;
        let output = Output {
            place,
            beside: Some(beside),
            replaces: match earlier {
                Some(_) => Replaces::Earlier,
                None => Replaces::Nothing,
            },
        };
        if let Some(earlier) = earlier {
            file.set_permissions(earlier.permissions())?;
        }
        Ok((output, file))
    }

    /// Puts what was written into its place. Its writer must be closed.
    pub(super) fn put(mut self) -> io::Result<()> {
        match self.beside.take() {
            Some(beside) => {
                let put = fs_err::rename(&beside, &self.place);
                if put.is_err() {
                    self.beside = Some(beside);
                }
                put
            }
            None => Ok(()),
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // What stays behind is hidden, and a scan passes it over.
            let _left = fs_err::remove_file(beside);
        }
    }
}
