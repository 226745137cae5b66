//! Which album a file or a row is of.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::find::Finder;
use super::places::key;
use crate::list::Row;
use crate::recording::fold::{fold, names_touch};
use crate::recording::names;
use crate::recording::side::Side;
use crate::recording::versions;

impl Finder<'_> {
    pub(super) fn on_one_release(&self, a: usize, b: usize) -> bool {
        let album = |at: usize| self.sides[at].called.album.as_deref().map(release);
        match (album(a), album(b)) {
            (Some(a), Some(b)) => a == b,
            _ => release_folder(&self.files[a].path) == release_folder(&self.files[b].path),
        }
    }

    pub(super) fn is_one_release(&self, files: &[usize]) -> bool {
        files
            .windows(2)
            .all(|pair| self.on_one_release(pair[0], pair[1]) || self.is_one(pair))
    }
}

/// What an album is called without its disc, folded.
pub(super) fn release(album: &str) -> String {
    fold(&names::album_and_disc(album).0)
}

/// Whether a file lies in a folder that is called "Artist - Album".
pub(super) fn is_artist_and_album(path: &Path, album: &str) -> bool {
    let folder = path.parent().and_then(Path::file_name).map(key).unwrap_or_default();
    let named = folder.split_once(" - ");
    named.is_some_and(|(_, rest)| fold(rest).starts_with(&fold(album)))
}

/// The folder of a file's release: that of its discs, where it lies in "CD1" or "Album CD 2".
pub(super) fn release_folder(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = folder.file_name().map(key).unwrap_or_default();
    match names::album_and_disc(&name) {
        (rest, Some(_)) => folder.parent().unwrap_or(Path::new("")).join(rest),
        (_, None) => folder.to_path_buf(),
    }
}

/// Whether the rows are of one release as far as they tell.
pub(super) fn is_one_release(rows: &[Row]) -> bool {
    let upcs: HashSet<&str> = rows.iter().filter_map(|row| row.upc.as_deref()).collect();
    let albums: HashSet<String> = rows
        .iter()
        .filter_map(|row| row.description.album.as_deref())
        .map(fold)
        .collect();
    upcs.len() <= 1 && albums.len() <= 1
}

/// Whether album, artist and disc of a row and a file do not contradict each other.
pub(super) fn belongs(row: &Row, side: &Side) -> bool {
    let artists = row.description.artist.as_deref().zip(side.called.artist.as_deref());
    let albums = row.description.album.as_deref().zip(side.called.album.as_deref());
    let is_one_album = |(a, b): (&str, &str)| {
        let touch = names_touch(a, b) || release(a) == release(b);
        // The live album is not the studio one.
        touch && (versions::has_version(a) == versions::has_version(b))
    };
    let discs = row.description.disc.zip(side.called.disc);
    artists.is_none_or(|(a, b)| names_touch(a, b))
        && albums.is_none_or(is_one_album)
        && discs.is_none_or(|(a, b)| a == b)
}
