//! The walk below one folder, links not followed. walkdir reads the folders, one level at a time, on a thread of its own:
//! on a drive that answers slowly several folders are listed at once, ahead of the walk, and one that a drive holds for
//! ever is given up. The order is that of one thread.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use walkdir::{DirEntry, WalkDir};

use super::order::order_of_names;
use super::{Found, Walk, taken};
use crate::system::in_flight::{PATIENCE, held};
use crate::system::paths::split;

/// Folders that are listed at once where the drive is slow.
const LISTERS: usize = 16;

/// How far the listers may be ahead of the walk: in folders, and in files, which take memory.
const MOST_AHEAD: (usize, usize) = (256, 512);

/// A folder that takes longer than this is on a drive that answers slowly: a list that is in the system's cache is
/// there in a tenth of it.
const SLOW: Duration = Duration::from_millis(1);

/// So many slow folders in a row, and the next ones are listed at once.
const SLOW_FOLDERS: u32 = 3;

/// A walk that waits is woken for so many files, or after so long: to wake it for every folder would cost more than to
/// list them.
const WORTH_WAKING: (usize, Duration) = (256, Duration::from_millis(2));

/// How often a folder that is not listed yet is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Walks the folders below a root, depth first.
pub(super) struct Listing {
    shared: Arc<InWork>,
    /// Of the folders that the walk came to last.
    found: std::vec::IntoIter<Found>,
}

struct InWork {
    list: Box<dyn Fn(&Path) -> InFolder + Send + Sync>,
    patience: Duration,
    folders: Mutex<FoldersAhead>,
    /// A folder was listed that the walk waits for.
    listed: Condvar,
    /// A folder may be listed, or none will come any more.
    wanted: Condvar,
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
struct FoldersAhead {
    to_list: BTreeMap<Place, PathBuf>,
    ahead: BTreeMap<Place, Ahead>,
    /// Threads that list.
    listers: usize,
    /// Slow folders in a row.
    slow: u32,
    /// Files that are listed and not taken.
    ready: usize,
    walk_waits: bool,
    given_up: bool,
}

/// A folder that the walk will come to.
enum Ahead {
    BeingListed(Instant, PathBuf),
    Listed(Vec<Found>),
}

/// What is in one folder.
struct InFolder {
    found: Vec<Found>,
    folders: Vec<PathBuf>,
}

impl Listing {
    pub(super) fn below(walk: &Walk, root: &Path) -> Listing {
        let choice = Choice {
            walk: walk.clone(),
            root: root.to_path_buf(),
        };
        Listing::by(root, PATIENCE, move |folder: &Path| choice.list(folder))
    }

    fn by(root: &Path, patience: Duration, list: impl Fn(&Path) -> InFolder + Send + Sync + 'static) -> Listing {
        let folders = FoldersAhead {
            to_list: BTreeMap::from([(Place::new(), root.to_path_buf())]),
            ..FoldersAhead::default()
        };
        Listing {
            shared: Arc::new(InWork {
                list: Box::new(list),
                patience,
                folders: Mutex::new(folders),
                listed: Condvar::new(),
                wanted: Condvar::new(),
            }),
            found: Vec::new().into_iter(),
        }
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.shared.lock().given_up = true;
        self.shared.wanted.notify_all();
    }
}

impl Iterator for Listing {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.found.next() {
                return Some(found);
            }
            self.found = self.shared.take()?.into_iter();
        }
    }
}

impl InWork {
    fn lock(&self) -> MutexGuard<'_, FoldersAhead> {
        self.folders
            .lock()
            .expect("no thread panics while it holds the folders")
    }

    /// What is in the next folders of the walk, once it is known; none at its end.
    fn take(self: &Arc<InWork>) -> Option<Vec<Found>> {
        let mut folders = self.lock();
        loop {
            let ahead = folders.ahead.len();
            let found = folders.take_ready();
            if folders.ahead.len() < ahead {
                self.wanted.notify_all();
            }
            if !found.is_empty() {
                return Some(found);
            }
            if folders.to_list.is_empty() && folders.ahead.is_empty() {
                return None;
            }
            if folders.listers == 0 && !self.start_listers(&mut folders, 1) {
                // The system gives no threads.
                let (place, path) = folders.to_list.pop_first()?;
                folders.put(&place, (self.list)(&path));
                continue;
            }
            folders.walk_waits = true;
            let woken = self.listed.wait_timeout(folders, LOOK.min(self.patience));
            folders = woken.expect("no lister panics while it holds the folders").0;
            folders.walk_waits = false;
            folders.give_up(self.patience);
        }
    }

    /// Starts threads until there are so many. They end with the walk, or once it is given up. Whether there is any.
    fn start_listers(self: &Arc<InWork>, folders: &mut FoldersAhead, listers: usize) -> bool {
        while folders.listers < listers {
            let shared = Arc::clone(self);
            let builder = std::thread::Builder::new().name("list folders".to_owned());
            if builder.spawn(move || shared.list_ahead()).is_err() {
                break;
            }
            folders.listers += 1;
        }
        folders.listers > 0
    }

    /// Lists folders until none can come any more, or the walk waits no longer for the one at hand.
    fn list_ahead(self: &Arc<InWork>) {
        let mut woken = Instant::now();
        let mut folders = self.lock();
        while !folders.given_up {
            let Some((place, path)) = folders.next_to_list() else {
                self.listed.notify_one();
                if folders.to_list.is_empty() && !folders.ahead.values().any(Ahead::is_being_listed) {
                    folders.listers -= 1;
                    return;
                }
                folders = self
                    .wanted
                    .wait(folders)
                    .expect("no lister panics while it holds the folders");
                continue;
            };
            let begun = Instant::now();
            folders
                .ahead
                .insert(place.clone(), Ahead::BeingListed(begun, path.clone()));
            drop(folders);
            let listed = (self.list)(&path);
            let ended = Instant::now();
            folders = self.lock();
            if !folders.ahead.get(&place).is_some_and(Ahead::is_being_listed) {
                return;
            }
            folders.put(&place, listed);
            folders.slow = if ended - begun >= SLOW { folders.slow + 1 } else { 0 };
            if folders.slow >= SLOW_FOLDERS {
                self.start_listers(&mut folders, LISTERS);
            }
            let is_worth_waking = || folders.ready >= WORTH_WAKING.0 || ended - woken >= WORTH_WAKING.1;
            if folders.walk_waits && (folders.listers > 1 || is_worth_waking()) {
                folders.walk_waits = false;
                self.listed.notify_one();
                woken = ended;
            }
            if folders.listers > 1 {
                self.wanted.notify_all();
            }
        }
    }
}

impl Ahead {
    fn is_being_listed(&self) -> bool {
        matches!(self, Ahead::BeingListed(..))
    }
}

impl FoldersAhead {
    /// The next folder for a lister. The very next one of the walk is always listed, however many are ahead.
    fn next_to_list(&mut self) -> Option<(Place, PathBuf)> {
        let (place, _) = self.to_list.first_key_value()?;
        let is_first = || self.ahead.first_key_value().is_none_or(|(other, _)| place < other);
        let is_far_ahead = self.ahead.len() >= MOST_AHEAD.0 || self.ready >= MOST_AHEAD.1;
        if is_far_ahead && !is_first() {
            return None;
        }
        self.to_list.pop_first()
    }

    /// A folder is listed. Those in it may be listed next.
    fn put(&mut self, place: &Place, listed: InFolder) {
        for (number, path) in (0..).zip(listed.folders) {
            let place = place.iter().copied().chain([number]).collect();
            self.to_list.insert(place, path);
        }
        self.ready += listed.found.len();
        self.ahead.insert(place.clone(), Ahead::Listed(listed.found));
    }

    /// What is in the next folders of the walk, as far as they are listed.
    fn take_ready(&mut self) -> Vec<Found> {
        let mut found = Vec::new();
        while let Some(first) = self.ahead.first_entry()
            && !first.get().is_being_listed()
            && self
                .to_list
                .first_key_value()
                .is_none_or(|(other, _)| first.key() < other)
        {
            if let Ahead::Listed(listed) = first.remove() {
                self.ready -= listed.len();
                found.extend(listed);
            }
        }
        found
    }

    /// Lets go of folders that a drive has been at for too long, each with its lister.
    fn give_up(&mut self, patience: Duration) {
        for ahead in self.ahead.values_mut() {
            if let Ahead::BeingListed(since, path) = ahead
                && since.elapsed() >= patience
            {
                self.listers -= 1;
                self.ready += 1;
                *ahead = Ahead::Listed(vec![Found::Unwalkable {
                    path: std::mem::take(path),
                    error: held(patience),
                    is_folder: true,
                }]);
            }
        }
    }
}

impl Choice {
    /// Lists one folder: files and what cannot be walked, then the folders below, both in order.
    fn list(&self, folder: &Path) -> InFolder {
        let is_root = folder == self.root;
        let entries = WalkDir::new(folder)
            .min_depth(1)
            .max_depth(1)
            // A folder that has become a link since the one above was listed is not walked.
            .follow_root_links(is_root);
        let mut files: Vec<Found> = Vec::new();
        let mut folders: Vec<PathBuf> = Vec::new();
        let mut found = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => match self.kind(&entry) {
                    Some(EntryKind::Folder) => folders.push(entry.into_path()),
                    Some(EntryKind::File(taken)) => files.push(taken(entry.into_path())),
                    None => {}
                },
                // What was read of the folder is walked all the same.
                Err(error) => match unwalkable(folder, error) {
                    Some(error @ Found::Unwalkable { is_folder: true, .. }) => found.push(error),
                    entry => files.extend(entry),
                },
            }
        }
        // They are in one folder, so their names begin at one place.
        let begin = |path: &Path| split(path.as_os_str()).0.len();
        let from = files
            .first()
            .map(Found::path)
            .or(folders.first().map(PathBuf::as_path))
            .map_or(0, begin);
        let in_order = |a: &Path, b: &Path| {
            let [a, b] = [a, b].map(|path| &path.as_os_str().as_encoded_bytes()[from..]);
            order_of_names(a, b)
        };
        files.sort_unstable_by(|a, b| in_order(a.path(), b.path()));
        folders.sort_unstable_by(|a, b| in_order(a, b));
        found.extend(files);
        InFolder { found, folders }
    }

    /// What is to be done with an entry of a folder; `None` if it is passed over.
    fn kind(&self, entry: &DirEntry) -> Option<EntryKind> {
        let path = entry.path();
        if self.walk.hides(split(path.as_os_str()).1) {
            return None;
        }
        let kind = entry.file_type();
        let kind = if kind.is_dir() {
            EntryKind::Folder
        } else if kind.is_symlink() {
            return None;
        } else {
            EntryKind::File(taken(path.as_os_str(), kind.is_file())?)
        };
        (!self.walk.excludes(&self.root, path)).then_some(kind)
    }
}

enum EntryKind {
    File(fn(PathBuf) -> Found),
    Folder,
}

/// What is told of an error; nothing where an entry has vanished since its folder was read.
fn unwalkable(folder: &Path, error: walkdir::Error) -> Option<Found> {
    let is_entry = error.depth() > 0;
    let path = error.path().unwrap_or(folder).to_path_buf();
    let error = error
        .into_io_error()
        .unwrap_or_else(|| io::Error::other("cannot be walked"));
    let is_folder = path == folder;
    (!is_entry || error.kind() != io::ErrorKind::NotFound).then_some(Found::Unwalkable { path, error, is_folder })
}

#[cfg(test)]
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "a test makes files")]
mod tests;
