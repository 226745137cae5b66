//! Files by what a row says of where they are: a path, a path of another machine, a name.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use super::By;
use super::find::{Finder, MOST, indexed, number_agrees};
use super::problem::What;
use crate::list::table::cell::names_audio;
use crate::list::told::quoted_path;
use crate::list::{Code, Ending, Row};
use crate::recording::fold::fold;
use crate::recording::names;
use crate::recording::versions::{self, Titles};

impl Finder<'_> {
    pub(super) fn index_names(&mut self) {
        let paths = self.files.iter().map(|file| file.path.as_path());
        let lower = |name: &OsStr| key(name).to_lowercase();
        let current = &self.matcher.folders.current;
        self.paths = indexed(paths.clone().map(|path| Some(key(absolute(current, path).as_os_str()))));
        self.names = indexed(paths.clone().map(|path| path.file_name().map(lower)));
        self.stems = indexed(paths.map(|path| path.file_stem().map(lower)));
    }

    /// Whether rows name files, or tracks of them, and none of these is here: gives the files that have no such tracks.
    pub(super) fn has_none_of(&self, rows: &[Row]) -> Option<HashSet<usize>> {
        let mut named = rows
            .iter()
            .filter(|row| row.code != Code::None && row.file.is_some())
            .peekable();
        named.peek()?;
        let mut without_tracks = HashSet::new();
        let is_absent = |row: &Row| match self.by_file(row) {
            Ok((found, _)) if row.cuesheet_track.is_some() => {
                let has_none = found.iter().all(|file| self.part_agrees(row, *file).is_err());
                without_tracks.extend(found);
                has_none
            }
            found => matches!(found, Err(What::Unmatched { .. })),
        };
        named.all(is_absent).then_some(without_tracks)
    }

    /// A row that names a file is for that file or for none.
    pub(super) fn by_file(&self, row: &Row) -> Result<(Vec<usize>, By), What> {
        let file = row.file.as_deref().unwrap_or(Path::new(""));
        let spellings = spellings(&key(file.as_os_str()));
        let places = spellings.iter().map(|spelling| self.by_place(Path::new(spelling)));
        if let Some(found) = places.into_iter().find(|found| !found.is_empty()) {
            // Of paths that look alike the one with exactly these bytes.
            let exact = found.iter().copied().find(|at| self.files[*at].path == file);
            return Ok((exact.map_or(found, |exact| vec![exact]), By::Path));
        }
        let by_tail = spellings.iter().find_map(|spelling| self.by_tail(row, spelling));
        by_tail.ok_or_else(|| What::Unmatched {
            wanted: quoted_path(&file.to_string_lossy()),
        })
    }

    /// Files at exactly this place, seen from either folder.
    fn by_place(&self, path: &Path) -> Vec<usize> {
        let bases = [&self.matcher.folders.current, &self.matcher.folders.list];
        let found = bases
            .into_iter()
            .filter_map(|base| self.paths.get(&key(absolute(base, path).as_os_str())));
        found
            .flatten()
            .copied()
            .collect::<BTreeSet<usize>>()
            .into_iter()
            .collect()
    }

    /// The files whose paths share the longest end with one of another machine.
    fn by_tail(&self, row: &Row, path: &str) -> Option<(Vec<usize>, By)> {
        let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        let mut folders: Vec<String> = parts.map(str::to_owned).collect();
        let name = folders.pop()?;
        let mut found = self
            .by_name(&name, row.ending == Ending::Loose)
            .filter(|found| found.len() <= MOST)?
            .clone();
        if folders.is_empty() {
            return Some((found, By::FileName));
        }
        let folders: Vec<String> = folders.iter().rev().map(|folder| folder.to_lowercase()).collect();
        let shared = |at: &usize| {
            let path = absolute(&self.matcher.folders.current, &self.files[*at].path);
            let here = path.parent().into_iter().flat_map(Path::components).rev();
            let here = here.map(|part| key(part.as_os_str()).to_lowercase());
            folders
                .iter()
                .zip(here)
                .take_while(|(there, here)| *there == here)
                .count()
        };
        let longest = found.iter().map(shared).max()?;
        found.retain(|at| shared(at) == longest);
        if longest > 0 {
            return Some((found, By::Path));
        }
        // "01.wav" in another folder may be any file; "01 Low Water.wav" is named well enough.
        let says_enough = names::read(Path::new(&name)).title.is_some();
        let agrees = |at: &usize| {
            let side = &self.sides[*at];
            match row.description.title.as_deref().zip(side.title()) {
                Some((wanted, title)) => versions::compare(wanted, &title) == Titles::Same,
                None => number_agrees(row, side) == Some(true),
            }
        };
        (says_enough || found.iter().all(agrees)).then_some((found, By::FileName))
    }

    fn by_name(&self, name: &str, is_loose: bool) -> Option<&Vec<usize>> {
        let path = Path::new(name);
        let stem = match names_audio(path) {
            // Whoever says .wav does not mean the FLAC beside it.
            true if !is_loose => None,
            true => path.file_stem().map(key),
            false => Some(name.to_owned()),
        };
        let by_stem = || self.stems.get(&stem?.to_lowercase());
        self.names.get(&name.to_lowercase()).or_else(by_stem)
    }
}

/// Rows without the files that they name, which say number and title where the row does not. None where a row names a
/// file by the title of another row, as where a column was moved.
pub(super) fn without_files(rows: &[Row]) -> Option<Vec<Row>> {
    let path = |row: &Row| PathBuf::from(row.file.as_deref().map(last_spelling).unwrap_or_default());
    let paths: Vec<PathBuf> = rows.iter().map(path).collect();
    let named = names::read_all(paths.iter().map(PathBuf::as_path));
    let titles = rows.iter().filter_map(Row::whole_title);
    let titles: HashSet<String> = titles.map(|title| fold(&title)).collect();
    let is_moved = |(row, named): (&Row, &names::Named)| {
        let (Some(own), Some(name)) = (row.whole_title(), &named.title) else {
            return false;
        };
        let is_whole = row.cuesheet_track.is_none();
        is_whole && versions::compare(&own, name) == Titles::Different && titles.contains(&fold(name))
    };
    if rows.iter().zip(&named).any(is_moved) {
        return None;
    }
    let mut rows = rows.to_vec();
    for (row, named) in rows.iter_mut().zip(named) {
        let is_part = row.cuesheet_track.take().is_some();
        if row.file.take().is_none() || is_part {
            continue;
        }
        let description = &mut row.description;
        if description.track.is_none() {
            (description.track, description.disc) = (named.track, description.disc.or(named.disc));
        }
        description.title = description.title.take().or(named.title);
    }
    Some(rows)
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

/// The spelling of a path whose parts are told apart.
pub(super) fn last_spelling(path: &Path) -> String {
    spellings(&path.to_string_lossy()).pop().unwrap_or_default()
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or("").as_bytes().to_vec();
    for part in parts {
        let digits = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => bytes.extend([&[byte], &part.as_bytes()[2..]].concat()),
            None => bytes.extend([b"%", part.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&bytes).nfc().collect()
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
