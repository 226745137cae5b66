//! How complete each folder is: its files, those with a code, those with a finding.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::isrc::Isrc;

/// The counts of every folder, in walking order.
#[derive(Default)]
pub(super) struct FolderCounts {
    list: Vec<CountedFolder>,
    by_path: HashMap<PathBuf, usize>,
    /// The folder of the file before: files come folder by folder.
    last: Option<usize>,
}

pub(super) struct CountedFolder {
    pub path: PathBuf,
    pub files: u64,
    pub with_code: u64,
    /// Of those with a code.
    pub to_repair: u64,
    pub findings: u64,
    pub album: FolderAlbum,
}

/// The album of a folder's files, as far as the second reader was asked.
pub(super) enum FolderAlbum {
    Unknown,
    One(String),
    Several,
}

impl FolderCounts {
    pub(super) fn add(&mut self, path: &Path, isrc: Option<Isrc>, is_repairable: bool, findings: u64) {
        let folder = self.folder_of(path);
        folder.files += 1;
        folder.with_code += u64::from(isrc.is_some());
        folder.to_repair += u64::from(isrc.is_some() && is_repairable);
        folder.findings += findings;
    }

    /// Counts a finding that is known only after all files: a shared code.
    pub(super) fn add_finding(&mut self, path: &Path) {
        self.folder_of(path).findings += 1;
    }

    /// Notes the album of the file that was added last.
    pub(super) fn name_album(&mut self, name: &str) {
        let Some(folder) = self.last.and_then(|last| self.list.get_mut(last)) else {
            return;
        };
        match &folder.album {
            FolderAlbum::Unknown => {
                folder.album = FolderAlbum::One(name.chars().take(super::rows::TEXT_LIMIT).collect())
            }
            FolderAlbum::One(known) if known == name => {}
            FolderAlbum::One(_) | FolderAlbum::Several => folder.album = FolderAlbum::Several,
        }
    }

    /// How many are complete and without a finding, and how many there are.
    pub(super) fn complete(&self) -> (u64, u64) {
        let complete = self.list.iter().filter(|folder| folder.is_fine()).count();
        (complete as u64, self.list.len() as u64)
    }

    /// Those with most files to take care of first, else in walking order.
    pub(super) fn worst_first(mut self) -> Vec<CountedFolder> {
        self.list.sort_by_key(|folder| {
            let ready = folder.with_code - folder.to_repair;
            std::cmp::Reverse((folder.files - ready, folder.findings))
        });
        self.list
    }

    fn folder_of(&mut self, path: &Path) -> &mut CountedFolder {
        let parent = path.parent().unwrap_or(Path::new(""));
        let index = match self.last {
            Some(last) if self.list[last].path == parent => last,
            Some(_) | None => match self.by_path.get(parent) {
                Some(&index) => index,
                None => self.begin(parent),
            },
        };
        self.last = Some(index);
        &mut self.list[index]
    }

    fn begin(&mut self, path: &Path) -> usize {
        self.list.push(CountedFolder {
            path: path.to_path_buf(),
            files: 0,
            with_code: 0,
            to_repair: 0,
            findings: 0,
            album: FolderAlbum::Unknown,
        });
        let index = self.list.len() - 1;
        self.by_path.insert(path.to_path_buf(), index);
        index
    }
}

impl CountedFolder {
    /// Whether every file has a code and nothing is found.
    pub(super) fn is_fine(&self) -> bool {
        self.findings == 0 && self.with_code == self.files
    }
}
