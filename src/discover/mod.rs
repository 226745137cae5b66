//! Lists the files to look at, in one fixed order: a folder's own files first, then its subfolders, both in natural
//! order of names (`2` before `10`). No file is opened here. Invariant: the order depends on names alone.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet};

use crate::bytes::source::Links;
use crate::system::paths::split;

mod claim;
mod listing;
mod order;
mod portable;
mod share;

pub use claim::{Claim, Extension, Misnamed, claim};
pub use order::{RootOrder, natural_order, order_below};
pub use share::Share;

/// Which files a walk takes.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Files or folders, in the order they are walked. [`Walk::of`] sees to it that none is seen twice.
    pub roots: Vec<PathBuf>,
    /// So many of them, the first ones, the user named. The others are in a list, and those that are no audio are passed
    /// over like what a folder holds.
    pub named: usize,
    pub links: Links,
    pub hidden: Hidden,
    /// Paths (as printed, or below their root) and file names that are left out; see [`exclusion`].
    pub exclude: GlobSet,
    /// Only this share of the files; all of them without.
    pub share: Option<Share>,
}

/// Whether files and folders whose name begins with a dot are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    Skip,
    Take,
}

/// One thing a walk came upon.
#[derive(Debug)]
pub enum Found {
    /// A file that the user named, whatever it is called.
    Named(PathBuf),
    /// A file that claims to be audio by its name. A video without sound is passed over.
    Audio(PathBuf),
    /// A file whose name claims nothing: it is audio if its content says so, and otherwise passed over.
    Unclaimed(PathBuf),
    /// A path that could not be walked: an unreadable folder, a vanished root, a loop of links.
    Unwalkable {
        path: PathBuf,
        error: io::Error,
        /// Whether the walk came to it as to a folder: behind the files beside it.
        is_folder: bool,
    },
}

/// What a walk makes of a file that it comes upon in a folder, by its name. A pipe or device that claims nothing is passed
/// over.
fn taken(name: &OsStr, is_regular: bool) -> Option<fn(PathBuf) -> Found> {
    match claim(Extension::of(name).as_ref()) {
        Claim::Audio(_) => Some(Found::Audio),
        Claim::None if is_regular => Some(Found::Unclaimed),
        Claim::None | Claim::Other => None,
    }
}

impl Found {
    pub fn path(&self) -> &Path {
        match self {
            Found::Named(path) | Found::Audio(path) | Found::Unclaimed(path) | Found::Unwalkable { path, .. } => path,
        }
    }

    /// The path by which it is ordered: that of a folder ends in a separator.
    pub fn place(&self) -> Cow<'_, Path> {
        match self {
            Found::Unwalkable {
                path, is_folder: true, ..
            } => path.join("").into(),
            _ => self.path().into(),
        }
    }
}

impl Walk {
    /// A walk of these paths that sees each of them once, though one may lie below another.
    pub fn of(paths: Vec<PathBuf>, links: Links, hidden: Hidden, exclude: GlobSet) -> Walk {
        let named = paths.len();
        Walk::of_named_and_listed(paths, named, links, hidden, exclude)
    }

    /// The same, where only the first `named` of the paths are not from a list.
    pub(crate) fn of_named_and_listed(
        paths: Vec<PathBuf>,
        named: usize,
        links: Links,
        hidden: Hidden,
        exclude: GlobSet,
    ) -> Walk {
        let mut walk = Walk {
            roots: Vec::new(),
            named: 0,
            links,
            hidden,
            exclude,
            share: None,
        };
        let canonical: Vec<Option<PathBuf>> = paths.iter().map(|path| path.canonicalize().ok()).collect();
        // From above to below: what is left out here is not walked, so nothing is reached from there.
        let mut order: Vec<usize> = (0..paths.len()).collect();
        order.sort_by_key(|&index| canonical[index].as_ref().map_or(0, |path| path.components().count()));
        let mut kept: HashMap<&Path, usize> = HashMap::new();
        let mut keep = vec![true; paths.len()];
        for index in order {
            // What does not exist is reported later.
            let Some(path) = &canonical[index] else { continue };
            let is_reached = |above| {
                kept.get(above)
                    .is_some_and(|&root| walk.reaches(&paths[root], above, path))
            };
            keep[index] = !kept.contains_key(path.as_path()) && !path.ancestors().skip(1).any(is_reached);
            if keep[index] {
                kept.insert(path, index);
            }
        }
        walk.named = keep.iter().take(named).filter(|keep| **keep).count();
        let kept = paths.into_iter().zip(keep).filter(|(_, keep)| *keep);
        walk.roots = kept.map(|(path, _)| path).collect();
        walk
    }

    /// Walks lazily, so that files can be read while others are listed.
    pub fn found(&self) -> impl Iterator<Item = Found> + Send + '_ {
        let named = self.named_without_claim();
        let is_named = move |found: &Found| match found {
            Found::Unclaimed(path) if !named.is_empty() => path.canonicalize().is_ok_and(|path| named.contains(&path)),
            Found::Unclaimed(_) | Found::Named(_) | Found::Audio(_) | Found::Unwalkable { .. } => false,
        };
        let found = (0..).zip(&self.roots).flat_map(move |(number, root)| {
            let is_in_share = move |found: &Found| {
                self.share.is_none_or(|share| {
                    let path = found.path();
                    // The share of a file that was named by itself is told by its path as it was typed.
                    let below = path
                        .strip_prefix(root)
                        .ok()
                        .filter(|below| !below.as_os_str().is_empty());
                    share.takes(below.unwrap_or(path))
                })
            };
            let as_listed = move |found: Found| match found {
                Found::Audio(path) if path == *root => match number < self.named {
                    true => Some(Found::Named(path)),
                    false => taken(path.as_os_str(), true).map(|taken| taken(path)),
                },
                other => Some(other),
            };
            self.below(root).filter_map(as_listed).filter(is_in_share)
        });
        found.filter(move |found| !is_named(found))
    }

    /// How the files of the walk are opened. Links inside a folder are passed over before, if they are not followed;
    /// one that the user named is followed like a file.
    pub fn opening(&self) -> Links {
        match self.roots.iter().any(|root| root.is_symlink()) {
            true => Links::Follow,
            false => self.links,
        }
    }

    /// Files among several roots whose names claim nothing. The user says that they are audio, so the walk of another
    /// root leaves them.
    fn named_without_claim(&self) -> HashSet<PathBuf> {
        if self.roots.len() < 2 {
            return HashSet::new();
        }
        let claims_nothing = |root: &&PathBuf| claim(Extension::of(root.as_os_str()).as_ref()) == Claim::None;
        let canonical = self.roots.iter().take(self.named).filter(claims_nothing);
        let canonical = canonical.filter_map(|root| root.canonicalize().ok());
        canonical.filter(|path| path.is_file()).collect()
    }

    /// Whether a walk of `root`, which is the folder `above`, takes `path`, a file or folder somewhere below. All but
    /// `root` are canonical.
    fn reaches(&self, root: &Path, above: &Path, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(above) else {
            return false;
        };
        let mut walked = root.to_path_buf();
        let is_left_out = below.components().any(|name| {
            walked.push(name);
            self.leaves_out(root, &walked)
        });
        let is_audio = || matches!(claim(Extension::of(path.as_os_str()).as_ref()), Claim::Audio(_));
        !is_left_out && (path.is_dir() || is_audio())
    }

    fn below<'a>(&'a self, root: &'a Path) -> Box<dyn Iterator<Item = Found> + Send + 'a> {
        match self.links {
            Links::Refuse if root.is_dir() => Box::new(listing::Listing::below(self, root)),
            // Where links are followed, only one walk of all folders sees that one leads back to a folder above it.
            Links::Refuse | Links::Follow => Box::new(portable::below(self, root)),
        }
    }

    /// Whether a path that the walk of `root` comes upon is passed over, with all below it.
    fn leaves_out(&self, root: &Path, path: &Path) -> bool {
        let (_, name) = split(path.as_os_str());
        self.hides(name) || self.excludes(root, path)
    }

    /// Whether a name is passed over since it begins with a dot.
    fn hides(&self, name: &[u8]) -> bool {
        self.hidden == Hidden::Skip && name.first() == Some(&b'.')
    }

    /// Whether a path that the walk of `root` comes upon is one to leave out.
    fn excludes(&self, root: &Path, path: &Path) -> bool {
        if self.exclude.is_empty() {
            return false;
        }
        let below = path.strip_prefix(root).unwrap_or(path);
        let printed = path.strip_prefix(".").unwrap_or(path);
        [printed, below].into_iter().any(|path| self.exclude.is_match(path))
            || path.file_name().is_some_and(|name| self.exclude.is_match(name))
    }
}

/// A pattern as it is matched: without the `./` before it and the separator behind it that people type.
pub fn exclusion(glob: &Glob) -> Result<Glob, globset::Error> {
    let pattern = glob.glob();
    let bare = pattern.strip_prefix("./").unwrap_or(pattern);
    Glob::new(bare.strip_suffix('/').unwrap_or(bare))
}

/// The paths without those that name a file or folder once more.
pub fn distinct(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut taken = HashSet::new();
    let is_first = |path: &PathBuf| match path.canonicalize() {
        Ok(path) => taken.insert(path),
        // What does not exist is reported later.
        Err(_) => true,
    };
    paths.into_iter().filter(is_first).collect()
}
