//! What walks have found and looked at in this run, so that an edit gets to no other file.
//!
//! Between the look and the edit lie seconds or hours, in which a file or a folder can become a link that leads
//! anywhere. Invariant: whatever a command decides, the request for its edit is made here.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::bytes::source::Links;
use crate::discover::Walk;
use crate::edit::{Identity, Request, Trust};

/// Safe to share between threads.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Finds>);

#[derive(Debug, Default)]
struct Finds {
    /// What was walked, and how far its paths are trusted.
    roots: HashMap<PathBuf, Trust>,
    /// By the hash of the path, since an archive has a million of them.
    looked: HashMap<u64, Identity>,
    hasher: RandomState,
    /// Files that are left out, and why.
    left_out: Vec<(PathBuf, String)>,
}

impl Seen {
    fn finds(&self) -> MutexGuard<'_, Finds> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the paths of this walk lead only to files that it can find.
    pub(in crate::commands) fn walked(&self, walk: &Walk) {
        let mut finds = self.finds();
        for root in &walk.roots {
            let trust = || match walk.links {
                Links::Refuse if root.is_dir() => Trust::below(root),
                // A file that was named is trusted as it was.
                Links::Refuse | Links::Follow => Trust::Named,
            };
            // Where it led when it was walked first.
            finds.roots.entry(root.clone()).or_insert_with(trust);
        }
    }

    /// The state of files in which they were looked at.
    pub(in crate::commands) fn looked<'a>(&self, files: impl Iterator<Item = (&'a Path, Identity)>) {
        let mut finds = self.finds();
        for (path, identity) in files {
            let key = finds.hasher.hash_one(path.as_os_str());
            finds.looked.insert(key, identity);
        }
    }

    pub(in crate::commands) fn left_out(&self, path: &Path, reason: &str) {
        self.finds().left_out.push((path.to_path_buf(), reason.to_owned()));
    }

    /// The files that were left out since this was asked last.
    pub(in crate::commands) fn take_left_out(&self) -> Vec<(PathBuf, String)> {
        std::mem::take(&mut self.finds().left_out)
    }

    /// The request to edit a file, under the path by which it was found.
    pub(in crate::commands) fn request(&self, path: &Path) -> Request {
        let finds = self.finds();
        let mut above = path.ancestors().skip(1);
        let trust = match finds.roots.contains_key(path) {
            true => Trust::Named,
            false => above
                .find_map(|above| finds.roots.get(above))
                .cloned()
                .unwrap_or(Trust::Named),
        };
        Request {
            trust,
            looked: finds.looked.get(&finds.hasher.hash_one(path.as_os_str())).copied(),
            ..Request::of(path.to_path_buf())
        }
    }
}

#[cfg(test)]
mod tests {
    use globset::GlobSet;

    use super::*;
    use crate::discover::Hidden;

    #[test]
    fn only_what_the_user_named_is_trusted() {
        let seen = Seen::default();
        let walk = |roots: &[&str], links| Walk {
            roots: roots.iter().map(PathBuf::from).collect(),
            named: roots.len(),
            links,
            hidden: Hidden::Skip,
            exclude: GlobSet::empty(),
            share: None,
        };
        seen.walked(&walk(&[".", "src/edit/", "song.mp3"], Links::Refuse));
        seen.walked(&walk(&["links"], Links::Follow));
        let below = |root: &str| Trust::below(Path::new(root));
        let check = |path: &str, trust: Trust| assert_eq!(seen.request(Path::new(path)).trust, trust, "{path}");
        check("./src/1.mp3", below("."));
        check("src/edit/1.mp3", below("src/edit/"));
        check("src/edit/c/1.mp3", below("src/edit/"));
        check("song.mp3", Trust::Named);
        check("links/1.mp3", Trust::Named);
        check("/elsewhere/1.mp3", Trust::Named);
    }
}
