//! The walk below one folder, links not followed. walkdir reads the folders, one level at a time, so that on a drive that
//! answers slowly several of them are listed at once, ahead of the walk. The order is that of one thread.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use walkdir::{DirEntry, WalkDir};

use super::order::order_of_names;
use super::{Found, Taken, Walk};
use crate::paths::split;

/// Folders that are listed at once where the drive is slow.
const LISTERS: usize = 16;

/// How far the listers may be ahead of the walk, in folders.
const MOST_AHEAD: usize = 256;

/// A folder that takes longer than this is on a drive that answers slowly: a list that is in the system's cache is
/// there in a tenth of it.
const SLOW: Duration = Duration::from_millis(1);

/// So many slow folders in a row, and the next ones are listed ahead.
const SLOW_FOLDERS: u32 = 3;

/// Walks the folders below a root, depth first.
pub(super) struct Listing {
    shared: Arc<Shared>,
    /// Of the folder that is walked now.
    found: std::vec::IntoIter<Found>,
    /// Slow folders in a row, as long as this thread lists by itself.
    slow: u32,
    has_listers: bool,
}

struct Shared {
    choice: Choice,
    folders: Mutex<Folders>,
    /// Something was listed, or may be listed, or the walk is given up.
    changed: Condvar,
}

/// Which entries of folders are walked.
struct Choice {
    walk: Walk,
    root: PathBuf,
}

/// The place of a folder in the walk: the number of each folder on the way to it, among those beside it. Places are
/// ordered as the walk goes: a folder comes before what is below it.
type Place = Vec<u32>;

/// The folders that the walk has not come to yet.
#[derive(Default)]
struct Folders {
    to_list: BTreeMap<Place, PathBuf>,
    /// Being listed, or listed with this result.
    ahead: BTreeMap<Place, Option<Listed>>,
    given_up: bool,
}

/// What stands in one folder.
struct Listed {
    found: Vec<Found>,
    folders: Vec<PathBuf>,
}

impl Listing {
    pub(super) fn below(walk: &Walk, root: &Path) -> Listing {
        let to_list = BTreeMap::from([(Place::new(), root.to_path_buf())]);
        Listing {
            shared: Arc::new(Shared {
                choice: Choice {
                    walk: walk.clone(),
                    root: root.to_path_buf(),
                },
                folders: Mutex::new(Folders {
                    to_list,
                    ..Folders::default()
                }),
                changed: Condvar::new(),
            }),
            found: Vec::new().into_iter(),
            slow: 0,
            has_listers: false,
        }
    }

    /// Lists the next folder of the walk; none if there is none left.
    fn next_folder(&mut self) -> Option<Vec<Found>> {
        if self.has_listers {
            return self.shared.next_listed();
        }
        let (place, path) = self.shared.lock().to_list.pop_first()?;
        let begun = Instant::now();
        let listed = self.shared.choice.list(&path);
        self.slow = if begun.elapsed() >= SLOW { self.slow + 1 } else { 0 };
        let found = self.shared.lock().entered(&place, listed);
        if self.slow == SLOW_FOLDERS {
            self.has_listers = self.start_listers();
        }
        Some(found)
    }

    /// Whether any could be started. They end with the walk, or once it is given up.
    fn start_listers(&self) -> bool {
        let start = |_| {
            let shared = Arc::clone(&self.shared);
            let builder = std::thread::Builder::new().name("list folders".to_owned());
            builder.spawn(move || shared.list_ahead()).is_ok()
        };
        (0..LISTERS).map(start).filter(|started| *started).count() > 0
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.shared.lock().given_up = true;
        self.shared.changed.notify_all();
    }
}

impl Iterator for Listing {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.found.next() {
                return Some(found);
            }
            self.found = self.next_folder()?.into_iter();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Folders> {
        self.folders
            .lock()
            .expect("no thread panics while it holds the folders")
    }

    /// What stands in the next folder of the walk, once a lister has been there.
    fn next_listed(&self) -> Option<Vec<Found>> {
        let mut folders = self.lock();
        loop {
            let first_ahead = folders.ahead.first_key_value();
            let is_next = |place: &Place| folders.to_list.first_key_value().is_none_or(|(other, _)| place < other);
            match first_ahead {
                None if folders.to_list.is_empty() => return None,
                Some((place, Some(_))) if is_next(place) => {
                    let (place, listed) = folders.ahead.pop_first()?;
                    let found = folders.entered(&place, listed?);
                    drop(folders);
                    self.changed.notify_all();
                    return Some(found);
                }
                Some(_) | None => {
                    folders = self
                        .changed
                        .wait(folders)
                        .expect("no lister panics while it holds the folders")
                }
            }
        }
    }

    /// Lists folders until none can come any more.
    fn list_ahead(&self) {
        let mut folders = self.lock();
        while !folders.given_up {
            // The very next folder of the walk is always listed, however many are ahead.
            let is_first = |place: &Place| folders.ahead.first_key_value().is_none_or(|(other, _)| place < other);
            let next = folders.to_list.first_key_value();
            let Some((place, _)) = next.filter(|(place, _)| folders.ahead.len() < MOST_AHEAD || is_first(place)) else {
                if folders.to_list.is_empty() && folders.ahead.is_empty() {
                    return;
                }
                folders = self
                    .changed
                    .wait(folders)
                    .expect("no lister panics while it holds the folders");
                continue;
            };
            let place = place.clone();
            let path = folders.to_list.remove(&place).expect("it is the first one");
            folders.ahead.insert(place.clone(), None);
            drop(folders);
            let mut listed = self.choice.list(&path);
            folders = self.lock();
            folders.announce(&place, std::mem::take(&mut listed.folders));
            folders.ahead.insert(place, Some(listed));
            self.changed.notify_all();
        }
    }
}

impl Folders {
    /// The walk has come to a folder: what it finds there. The folders below come next.
    fn entered(&mut self, place: &Place, listed: Listed) -> Vec<Found> {
        self.announce(place, listed.folders);
        listed.found
    }

    fn announce(&mut self, place: &Place, below: Vec<PathBuf>) {
        for (number, path) in (0..).zip(below) {
            let place = place.iter().copied().chain([number]).collect();
            self.to_list.insert(place, path);
        }
    }
}

impl Choice {
    /// Lists one folder: files and what cannot be walked, then the folders below, both in order.
    fn list(&self, folder: &Path) -> Listed {
        let is_root = folder == self.root;
        let entries = WalkDir::new(folder)
            .min_depth(1)
            .max_depth(1)
            // A folder that has become a link since the one above was listed is not walked.
            .follow_root_links(is_root);
        let mut files: Vec<(PathBuf, Taken)> = Vec::new();
        let mut folders: Vec<PathBuf> = Vec::new();
        let mut found = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => match self.kind(&entry) {
                    Some(Kind::Folder) => folders.push(entry.into_path()),
                    Some(Kind::File(taken)) => files.push((entry.into_path(), taken)),
                    None => {}
                },
                // What was read of it is walked all the same.
                Err(error) => found.extend(unwalkable(folder, error)),
            }
        }
        let in_order = |a: &PathBuf, b: &PathBuf| order_of_names(split(a.as_os_str()).1, split(b.as_os_str()).1);
        files.sort_unstable_by(|(a, _), (b, _)| in_order(a, b));
        folders.sort_unstable_by(in_order);
        found.extend(files.into_iter().map(|(path, taken)| taken.found(path)));
        Listed { found, folders }
    }

    /// What is to be done with an entry of a folder; `None` if it is passed over.
    fn kind(&self, entry: &DirEntry) -> Option<Kind> {
        let path = entry.path();
        if self.walk.hides(split(path.as_os_str()).1) {
            return None;
        }
        let kind = entry.file_type();
        let kind = if kind.is_dir() {
            Kind::Folder
        } else if kind.is_symlink() {
            return None;
        } else {
            Kind::File(Taken::of(path.as_os_str(), kind.is_file())?)
        };
        (!self.walk.excludes(&self.root, path)).then_some(kind)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File(Taken),
    Folder,
}

/// What is told of an error; nothing where an entry has vanished since its folder was read.
fn unwalkable(folder: &Path, error: walkdir::Error) -> Option<Found> {
    let is_entry = error.depth() > 0;
    let path = error.path().unwrap_or(folder).to_path_buf();
    let error = error
        .into_io_error()
        .unwrap_or_else(|| io::Error::other("cannot be walked"));
    (!is_entry || error.kind() != io::ErrorKind::NotFound).then_some(Found::Unwalkable { path, error })
}

#[cfg(test)]
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "a test makes files")]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use globset::{Glob, GlobSetBuilder};
    use rustix::fs::{CWD, FileType, Mode, OFlags, mkdirat, mknodat};

    use super::super::{Hidden, portable};
    use super::*;
    use crate::source::{Links, open_untouched};

    fn walk(hidden: Hidden, exclude: &[&str]) -> Walk {
        let mut set = GlobSetBuilder::new();
        for pattern in exclude {
            set.add(Glob::new(pattern).unwrap());
        }
        Walk {
            roots: Vec::new(),
            named: 0,
            links: Links::Refuse,
            hidden,
            exclude: set.build().unwrap(),
            share: None,
        }
    }

    fn told(found: impl Iterator<Item = Found>) -> Vec<String> {
        let told = |found: Found| match found {
            Found::Audio(path) => format!("audio {path:?}"),
            Found::Unclaimed(path) => format!("unclaimed {path:?}"),
            Found::Unwalkable { path, error } => format!("unwalkable {path:?} {:?}", error.kind()),
        };
        found.map(told).collect()
    }

    /// The answer of this walk, which must be walkdir's, with listers and without.
    #[track_caller]
    fn check(walk: &Walk, root: &Path) -> Vec<String> {
        let found = told(Listing::below(walk, root));
        assert_eq!(found, told(portable::below(walk, root)));
        let mut listed_ahead = Listing::below(walk, root);
        listed_ahead.has_listers = listed_ahead.start_listers();
        assert_eq!(found, told(listed_ahead));
        found
    }

    #[test]
    fn the_library_is_walked_as_by_walkdir() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library");
        let found = check(&walk(Hidden::Skip, &[]), &library);
        assert!(found.len() > 50, "{}", found.len());
        check(&walk(Hidden::Take, &["*.flac", "**/CD 2/**"]), &library);
    }

    #[test]
    fn odd_entries_are_walked_as_by_walkdir() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["10", "9", "Ä.mp3", ".hidden", "b.flac", "B.FLAC", "a\nb", "empty"] {
            fs::create_dir(root.join(name)).unwrap();
            if name == "empty" {
                continue;
            }
            for file in [
                "2.mp3",
                "10.mp3",
                "cover.jpg",
                "notes",
                ".x.mp3",
                "a.unknown",
                "trailing. ",
            ] {
                fs::write(root.join(name).join(file), b"").unwrap();
            }
        }
        fs::write(root.join(OsStr::from_bytes(b"not \xFF text.mp3")), b"").unwrap();
        mknodat(
            CWD,
            root.join("pipe.mp3"),
            FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        symlink("9/2.mp3", root.join("link.mp3")).unwrap();
        symlink("9", root.join("link")).unwrap();
        symlink("nowhere", root.join("broken.mp3")).unwrap();
        symlink(".", root.join("9/loop")).unwrap();
        let found = check(&walk(Hidden::Skip, &[]), root);
        assert_eq!(found.iter().filter(|found| found.contains("10.mp3")).count(), 6);
        check(&walk(Hidden::Take, &[]), root);
        check(&walk(Hidden::Take, &["10", "*.mp3", "b.flac/notes"]), root);
        // A root that ends in a separator, one that is a link, and one that is not there any more.
        let mut slashed = root.as_os_str().to_owned();
        slashed.push("/");
        check(&walk(Hidden::Skip, &[]), Path::new(&slashed));
        check(&walk(Hidden::Skip, &[]), &root.join("link"));
        let missing = told(Listing::below(&walk(Hidden::Skip, &[]), &root.join("missing")));
        assert_eq!(missing.len(), 1);
        assert!(missing[0].ends_with("NotFound"), "{missing:?}");
    }

    #[test]
    fn deep_folders_are_walked_as_by_walkdir() {
        let folder = tempfile::tempdir().unwrap();
        let mut path = folder.path().to_path_buf();
        for depth in 0..48 {
            path.push(format!("down {depth}"));
            fs::create_dir(&path).unwrap();
            fs::write(path.join("1.mp3"), b"").unwrap();
            // Comes after all that is below.
            let after = path.join("up");
            fs::create_dir(&after).unwrap();
            fs::write(after.join("2.mp3"), b"").unwrap();
        }
        let found = check(&walk(Hidden::Skip, &[]), folder.path());
        assert_eq!(found.len(), 96);
    }

    #[test]
    fn a_path_beyond_all_limits_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut handle = open_untouched(CWD, folder.path(), OFlags::DIRECTORY).unwrap();
        let name = "x".repeat(250);
        for _ in 0..20 {
            mkdirat(&handle, name.as_str(), Mode::from_raw_mode(0o700)).unwrap();
            handle = open_untouched(&handle, name.as_str(), OFlags::DIRECTORY).unwrap();
        }
        let found = check(&walk(Hidden::Skip, &[]), folder.path());
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("unwalkable"), "{found:?}");
    }

    #[test]
    fn a_folder_that_vanishes_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["1", "2"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("a.mp3"), b"").unwrap();
        }
        let walk = walk(Hidden::Skip, &[]);
        let mut listing = Listing::below(&walk, folder.path());
        assert!(matches!(listing.next(), Some(Found::Audio(_))));
        fs::remove_dir_all(folder.path().join("2")).unwrap();
        let path = folder.path().join("2");
        let left = told(listing);
        assert_eq!(left, [format!("unwalkable {path:?} NotFound")]);
    }
}
