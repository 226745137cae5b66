//! Files by what a row says of where they are: a path, a path of another machine, a name.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use super::By;
use super::find::{Finder, MOST, number_agrees, widened};
use super::problem::What;
use crate::list::table::cell::names_audio;
use crate::list::{Code, Ending, Row};
use crate::recording::versions::{self, Titles};
use crate::recording::{FileInfo, names};

impl Finder<'_> {
    pub(super) fn index_names(&mut self) {
        for (at, file) in (0..).zip(self.files) {
            let path = absolute(&self.matcher.folders.current, &file.path);
            self.paths.entry(key(path.as_os_str())).or_default().push(at);
            if let Some(name) = file.path.file_name() {
                self.names.entry(key(name).to_lowercase()).or_default().push(at);
            }
            if let Some(stem) = file.path.file_stem() {
                self.stems.entry(key(stem).to_lowercase()).or_default().push(at);
            }
        }
    }

    /// Whether rows name files, and none of these is here.
    pub(super) fn has_no_file_of(&self, rows: &[Row]) -> bool {
        let mut named = rows
            .iter()
            .filter(|row| row.code != Code::None && row.file.is_some())
            .peekable();
        named.peek().is_some() && named.all(|row| matches!(self.by_file(row), Err(What::Unmatched { .. })))
    }

    /// A row that names a file is for that file or for none.
    pub(super) fn by_file(&self, row: &Row) -> Result<(Vec<usize>, By), What> {
        let file = row.file.as_deref().unwrap_or(Path::new(""));
        let wanted = key(file.as_os_str());
        let spellings = spellings(&wanted);
        for spelling in &spellings {
            let found = self.by_place(Path::new(spelling));
            if !found.is_empty() {
                return Ok((exact(self.files, file, found), By::Path));
            }
        }
        if let Some(found) = spellings.iter().find_map(|spelling| self.by_tail(row, spelling)) {
            return Ok(found);
        }
        Err(What::Unmatched {
            wanted: super::problem::quoted_path(&file.to_string_lossy()),
        })
    }

    /// Files at exactly this place, seen from either folder.
    fn by_place(&self, path: &Path) -> Vec<usize> {
        let bases = [&self.matcher.folders.current, &self.matcher.folders.list];
        let mut found: Vec<usize> = bases
            .iter()
            .filter_map(|base| self.paths.get(&key(absolute(base, path).as_os_str())))
            .flatten()
            .map(|at| *at as usize)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The files whose paths share the longest end with one of another machine.
    fn by_tail(&self, row: &Row, path: &str) -> Option<(Vec<usize>, By)> {
        let parts: Vec<&str> = path
            .split('/')
            .filter(|part| !part.is_empty() && !matches!(*part, "." | ".."))
            .collect();
        let (name, folders) = parts.split_last()?;
        let named = self.by_name(name, row.ending == Ending::Loose)?;
        if named.len() > MOST {
            return None;
        }
        if folders.is_empty() {
            return Some((widened(named), By::FileName));
        }
        let shared = |at: &u32| {
            let folder = absolute(&self.matcher.folders.current, &self.files[*at as usize].path);
            let here = folder.parent().into_iter().flat_map(Path::components).rev();
            let here = here.map(|part| key(part.as_os_str()).to_lowercase());
            folders
                .iter()
                .rev()
                .zip(here)
                .take_while(|(there, here)| there.to_lowercase() == *here)
                .count()
        };
        let longest = named.iter().map(shared).max()?;
        let found: Vec<usize> = named
            .iter()
            .filter(|at| shared(at) == longest)
            .map(|at| *at as usize)
            .collect();
        if longest > 0 {
            return Some((found, By::Path));
        }
        // "01.wav" in another folder may be any file; "01 Low Water.wav" is named well enough.
        let says_enough = names::read(Path::new(name)).title.is_some();
        let agrees = |at: &usize| {
            let side = &self.sides[*at];
            let title = row.description.title.as_deref().zip(side.title());
            let title = title.map(|(wanted, title)| versions::compare(wanted, &title) == Titles::Same);
            title.unwrap_or(false)
                || (title.is_none() && row.description.track.is_some() && number_agrees(row, side) == Some(true))
        };
        (says_enough || found.iter().all(agrees)).then_some((found, By::FileName))
    }

    fn by_name(&self, name: &str, is_loose: bool) -> Option<&Vec<u32>> {
        let path = Path::new(name);
        let has_ending = names_audio(path);
        let stem = match (is_loose, has_ending) {
            // Whoever says .wav does not mean the FLAC beside it.
            (false, true) => None,
            (true, true) => path.file_stem().map(key),
            (_, false) => Some(name.to_owned()),
        };
        let by_stem = || self.stems.get(&stem?.to_lowercase());
        self.names.get(&name.to_lowercase()).or_else(by_stem)
    }
}

/// Rows without the files that they name, which say number and title where the row does not.
pub(super) fn without_files(rows: &[Row]) -> Vec<Row> {
    let paths: Vec<PathBuf> = rows
        .iter()
        .map(|row| {
            let file = row.file.as_ref().map(|file| spellings(&file.to_string_lossy()));
            PathBuf::from(file.and_then(|mut spellings| spellings.pop()).unwrap_or_default())
        })
        .collect();
    let named = names::read_all(paths.iter().map(PathBuf::as_path));
    let mut rows = rows.to_vec();
    for (row, named) in rows.iter_mut().zip(named) {
        let is_part = row.cuesheet_track.take().is_some();
        if row.file.take().is_none() || is_part {
            continue;
        }
        let description = &mut row.description;
        if description.track.is_none() {
            description.track = named.track;
            description.disc = description.disc.or(named.disc);
        }
        description.title = description.title.take().or(named.title);
    }
    rows
}

/// A path as it is, and as other systems write it: with backslashes, as the address of a file (RFC 8089), with the
/// colons of old Macs. The last is the one whose parts are told apart.
fn spellings(path: &str) -> Vec<String> {
    let mut spellings = vec![path.to_owned()];
    let slashed = path.replace('\\', "/");
    let trimmed = slashed.trim().to_owned();
    spellings.extend([slashed, trimmed.clone()]);
    if let Some(address) = trimmed.strip_prefix("file:") {
        spellings.push(percent_decoded(address));
    } else if !trimmed.contains('/') && trimmed.contains(':') {
        spellings.push(trimmed.replace(':', "/"));
    }
    spellings.dedup();
    spellings
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|_| *first == b'%')
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).nfc().collect()
}

/// Of paths that look alike the one with exactly these bytes.
fn exact(files: &[FileInfo], file: &Path, found: Vec<usize>) -> Vec<usize> {
    match found.iter().copied().find(|at| files[*at].path == file) {
        Some(exact) if found.len() > 1 => vec![exact],
        _ => found,
    }
}

/// The text of a path or name by which it is looked up: whatever bytes are not UTF-8 as the replacement character, as
/// CSV shows them, and accents composed, since macOS takes them apart.
pub(super) fn key(text: &OsStr) -> String {
    text.to_string_lossy().nfc().collect()
}

/// A path from the root, without `.` and `..`. Links are not looked at.
fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                absolute.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => absolute.push(component),
        }
    }
    absolute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_absolute_without_the_disk() {
        let check =
            |path: &str, expected: &str| assert_eq!(absolute(Path::new("/a/b"), Path::new(path)), Path::new(expected));
        check("./c/x.flac", "/a/b/c/x.flac");
        check("../c/x.flac", "/a/c/x.flac");
        check("/c/x.flac", "/c/x.flac");
        check("../../../../x.flac", "/x.flac");
    }
}
