//! The paths of a whole archive in little memory: every folder once, and the names one after the other.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Paths by number, in the order they were added. Files of one folder should be added together.
#[derive(Debug, Default)]
pub struct PathTable {
    /// With the separator at their end, as written.
    folders: Vec<Box<[u8]>>,
    /// The names without separator.
    names: Vec<u8>,
    files: Vec<FileEntry>,
}

#[derive(Debug)]
struct FileEntry {
    folder: u32,
    /// Where the name ends in `names`; it begins where the one before ends.
    name_end: u64,
}

impl PathTable {
    /// Adds a path and returns its number.
    pub fn add(&mut self, path: &Path) -> u32 {
        let (folder, name) = split(path.as_os_str());
        if self.folders.last().map(Box::as_ref) != Some(folder) {
            self.folders.push(folder.into());
        }
        self.names.extend_from_slice(name);
        self.files.push(FileEntry {
            folder: self.folders.len() as u32 - 1,
            name_end: self.names.len() as u64,
        });
        self.files.len() as u32 - 1
    }

    pub fn get(&self, number: u32) -> PathBuf {
        let number = number as usize;
        let start = number
            .checked_sub(1)
            .map_or(0, |before| self.files[before].name_end as usize);
        let entry = &self.files[number];
        let name = &self.names[start..entry.name_end as usize];
        PathBuf::from(crate::system::platform::name_from_bytes(
            &[&self.folders[entry.folder as usize], name].concat(),
        ))
    }
}

/// A path's folder with its separator, and the name behind it; either may be empty. `Path::file_name` takes a path apart
/// component by component, which shows in the time of a scan: sorting alone asks for a million names again and again.
pub(crate) fn split(path: &OsStr) -> (&[u8], &[u8]) {
    let bytes = path.as_encoded_bytes();
    let before = memchr::memrchr2(b'/', std::path::MAIN_SEPARATOR as u8, bytes);
    bytes.split_at(before.map_or(0, |at| at + 1))
}
