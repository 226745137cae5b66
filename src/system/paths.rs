//! The paths of a whole archive in little memory: every folder once, and the names one after the other.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Paths by number, in the order they were added. Files of one folder should be added together.
#[derive(Debug, Default)]
pub struct PathTable {
    folders: Vec<FolderEntry>,
    /// The names without separator.
    names: Vec<u8>,
    /// Where each name ends, from where those of its folder begin. Four bytes a file: most of an archive is here.
    ends: Vec<u32>,
}

#[derive(Debug)]
struct FolderEntry {
    /// With the separator at its end, as written.
    path: Box<[u8]>,
    /// The number of its first file.
    first: u32,
    /// Where in `names` those of its files begin.
    names_at: u64,
}

impl PathTable {
    /// Adds a path and returns its number.
    pub fn add(&mut self, path: &Path) -> u32 {
        let (folder, name) = split(path.as_os_str());
        let number = self.ends.len() as u32;
        let fits = |last: &FolderEntry| {
            let end = (self.names.len() + name.len()) as u64 - last.names_at;
            u32::try_from(end).ok().filter(|_| *last.path == *folder)
        };
        let end = match self.folders.last().and_then(fits) {
            Some(end) => end,
            None => {
                self.folders.push(FolderEntry {
                    path: folder.into(),
                    first: number,
                    names_at: self.names.len() as u64,
                });
                name.len() as u32
            }
        };
        self.names.extend_from_slice(name);
        self.ends.push(end);
        number
    }

    pub fn get(&self, number: u32) -> PathBuf {
        let folder = self.folders.partition_point(|folder| folder.first <= number) - 1;
        let FolderEntry { path, first, names_at } = &self.folders[folder];
        let start = match number - first {
            0 => 0,
            _ => self.ends[number as usize - 1],
        };
        let at = |end: u32| (names_at + u64::from(end)) as usize;
        let name = &self.names[at(start)..at(self.ends[number as usize])];
        PathBuf::from(crate::system::platform::name_from_bytes(&[path, name].concat()))
    }
}

/// A path's folder with its separator, and the name behind it; either may be empty. `Path::file_name` takes a path apart
/// component by component, which shows in the time of a scan: sorting alone asks for a million names again and again.
pub(crate) fn split(path: &OsStr) -> (&[u8], &[u8]) {
    let bytes = path.as_encoded_bytes();
    let before = memchr::memrchr2(b'/', std::path::MAIN_SEPARATOR as u8, bytes);
    bytes.split_at(before.map_or(0, |at| at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back_as_they_went_in() {
        let paths = [
            "a/b/1.flac",
            "a/b/2.flac",
            "a/b/",
            "a/c/1.mp3",
            "./x.wav",
            "/abs/é.ogg",
            "plain.mp3",
            "a/b/1.flac",
            "a/b/3.flac",
        ];
        let mut table = PathTable::default();
        let numbers: Vec<u32> = paths.iter().map(|path| table.add(Path::new(path))).collect();
        assert_eq!(numbers, (0..paths.len() as u32).collect::<Vec<_>>());
        for (number, path) in numbers.into_iter().zip(paths) {
            assert_eq!(table.get(number), Path::new(path));
        }
    }
}
