//! The walk below one root on any system, with or without following links: walkdir's.

use std::cmp::Ordering;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::order::order_of_names;
use super::{Found, Walk, taken};
use crate::bytes::source::Links;
use crate::system::paths::split;

pub(super) fn below<'a>(walk: &'a Walk, root: &'a Path) -> impl Iterator<Item = Found> + Send + 'a {
    let follows = walk.links == Links::Follow;
    WalkDir::new(root)
        .follow_links(follows)
        .follow_root_links(true)
        .sort_by(move |a, b| files_first_in_natural_order(a, b, follows))
        .into_iter()
        .filter_entry(move |entry| entry.depth() == 0 || !walk.leaves_out(root, entry.path()))
        .filter_map(move |entry| match entry {
            Ok(entry) => found(entry),
            Err(error) => Some(unwalkable(root, error)),
        })
}

fn found(entry: DirEntry) -> Option<Found> {
    let named_by_user = entry.depth() == 0;
    let kind = entry.file_type();
    // A folder behind a link that the user named is walked, but the entry is still that of the link.
    let is_folder = kind.is_dir() || (kind.is_symlink() && named_by_user && entry.path().is_dir());
    if is_folder || (kind.is_symlink() && !named_by_user) {
        return None;
    }
    let taken = match named_by_user {
        true => Some(Found::Audio as fn(PathBuf) -> Found),
        false => taken(entry.path().as_os_str(), kind.is_file()),
    };
    taken.map(|taken| taken(entry.into_path()))
}

fn unwalkable(root: &Path, error: walkdir::Error) -> Found {
    let path = error.path().unwrap_or(root).to_path_buf();
    // A link that leads nowhere comes among the files.
    let is_folder = !path.is_symlink() || path.is_dir();
    let error = match error.loop_ancestor() {
        Some(_) => io::Error::other("a link leads back to a folder above it"),
        None => error
            .into_io_error()
            .unwrap_or_else(|| io::Error::other("cannot be walked")),
    };
    Found::Unwalkable { path, error, is_folder }
}

fn files_first_in_natural_order(a: &DirEntry, b: &DirEntry, follows: bool) -> Ordering {
    // walkdir asks where a link leads to only after it has sorted.
    let is_folder = |entry: &DirEntry| match entry.file_type() {
        kind if kind.is_symlink() => follows && entry.path().is_dir(),
        kind => kind.is_dir(),
    };
    let folders_last = is_folder(a).cmp(&is_folder(b));
    folders_last.then_with(|| {
        let (a, b) = (a.path().as_os_str(), b.path().as_os_str());
        let (folder, name) = split(a);
        // They are in one folder, so their names begin at one place.
        order_of_names(name, &b.as_encoded_bytes()[folder.len()..])
    })
}
