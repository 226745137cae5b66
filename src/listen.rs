//! Judgement by ear: whether files are one recording, where their headers do not tell.
//!
//! Fingerprints live in the cache; only an index of them stays in memory, so that an archive can be listened to.
//! Invariant: what cannot be decoded is never judged, and the reason is told; once told to stop, nothing more is heard,
//! and what comes back then is no judgement.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::audio::Undecodable;
use crate::audio::cache::Cache;
use crate::audio::compare::{self, Reason, compare};
use crate::audio::decode::Limits;
use crate::audio::fingerprint::Fingerprint;
use crate::audio::index::Index;
use crate::discover::Extension;
use crate::pieces::compare::first_difference;
use crate::recording::evidence::{Heard, Senses};
use crate::recording::{FileInfo, Group};
use crate::source::{Links, ReadAt as _, SourceFile};

/// In a group of more files than this, only the first ones are compared by ear.
const MOST_COMPARED: usize = 64;

/// Is told how far the listening is. Called from several threads.
pub trait Observer: fmt::Debug + Send + Sync {
    /// Listening to this many files begins.
    fn begins(&self, files: u64);

    /// One of them was heard.
    fn heard(&self);
}

/// Two files that are one recording, the lower index first, and on what evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub files: (usize, usize),
    pub comparison: compare::Comparison,
}

/// Listens to files, and remembers what it heard.
#[derive(Debug)]
pub struct Listener {
    pub cache: Cache,
    pub limits: Limits,
    pub links: Links,
    pub observer: Box<dyn Observer>,
    /// Ends the listening between two files.
    pub stop: Arc<AtomicBool>,
}

impl Listener {
    /// The fingerprint of a file, heard now or in an earlier run.
    pub fn hear(&self, path: &Path) -> Result<Fingerprint, Undecodable> {
        let file = SourceFile::open(path, self.links).map_err(Undecodable::Read)?;
        let extension = Extension::of(path.as_os_str());
        let extension = extension.as_ref().and_then(Extension::as_str);
        self.cache.fingerprint(&file, extension, &self.limits)
    }

    /// Whether it was told to stop, so that what it says from then on is not to be told.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// How many files of a group [`Hearing`] hears at most, for the observer.
    pub fn heard_of(files: usize) -> u64 {
        files.min(MOST_COMPARED) as u64
    }

    /// Pairs of files (by their index in `paths`) that are one recording, found without comparing
    /// all pairs. Files that cannot be heard are in no pair.
    pub fn same_pairs(&self, paths: &[impl AsRef<Path> + Sync]) -> Vec<Pair> {
        const CHUNK: usize = 256;
        self.observer.begins(paths.len() as u64);
        let mut index = Index::new();
        let mut numbers = Vec::new();
        for (chunk, first) in paths.chunks(CHUNK).zip((0..).step_by(CHUNK)) {
            let hear = |path: &Path| {
                if self.is_stopped() {
                    return None;
                }
                let heard = self.hear(path).ok();
                self.observer.heard();
                heard
            };
            let heard: Vec<Option<Fingerprint>> = chunk.par_iter().map(|path| hear(path.as_ref())).collect();
            for (at, fingerprint) in heard.into_iter().enumerate() {
                if let Some(fingerprint) = fingerprint {
                    index.add(&fingerprint);
                    numbers.push(first + at);
                }
            }
        }
        index.finish();
        let evidence = |files: (usize, usize)| {
            if self.is_stopped() {
                return None;
            }
            let hear = |file: usize| self.hear(paths[file].as_ref()).ok();
            let comparison = compare(&hear(files.0)?, &hear(files.1)?);
            (comparison.verdict == compare::Verdict::Same).then_some(Pair { files, comparison })
        };
        let mut pairs: Vec<(usize, usize)> = (0..numbers.len() as u32)
            .into_par_iter()
            .flat_map_iter(|file| {
                index
                    .candidates(file)
                    .into_iter()
                    .map(move |other| (file.min(other), file.max(other)))
            })
            .map(|(a, b)| (numbers[a as usize], numbers[b as usize]))
            .collect();
        // Each of two files may have named the other.
        pairs.sort_unstable();
        pairs.dedup();
        pairs.into_par_iter().filter_map(evidence).collect()
    }

    /// The groups that tags made of `files`, as the ear corrects them. Files of a group that are different recordings
    /// part; two groups come together if every file of one is the same recording as every file of the other. What
    /// cannot be decided stays as the tags have it.
    pub fn corrected(&self, groups: &[Group], files: &[FileInfo]) -> Vec<Group> {
        let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        // Two files for each comparison of a group, at most.
        let to_hear = groups.iter().map(|group| group.files.len() * (group.files.len() - 1));
        self.observer.begins(to_hear.sum::<usize>() as u64);
        let hearing = Hearing::new(self);
        let are_different = |a: usize, b: usize| matches!(hearing.hear(paths[a], paths[b]), Some(Heard::Different(_)));
        let mut corrected: Vec<Vec<usize>> = Vec::with_capacity(groups.len());
        for group in groups {
            let first = corrected.len();
            for &file in &group.files {
                let fits = |part: &&mut Vec<usize>| !part.iter().any(|&other| are_different(other, file));
                match corrected[first..].iter_mut().find(fits) {
                    Some(part) => part.push(file),
                    None => corrected.push(vec![file]),
                }
            }
        }
        let mut group_of = vec![0; files.len()];
        for (number, group) in corrected.iter().enumerate() {
            group.iter().for_each(|&file| group_of[file] = number);
        }
        let same: BTreeSet<(usize, usize)> = self.same_pairs(&paths).iter().map(|pair| pair.files).collect();
        for &(a, b) in &same {
            let (into, from) = (group_of[a].min(group_of[b]), group_of[a].max(group_of[b]));
            let is_one = |(a, b): (&usize, &usize)| same.contains(&(*a.min(b), *a.max(b)));
            let mut across = corrected[into]
                .iter()
                .flat_map(|a| corrected[from].iter().map(move |b| (a, b)));
            if into != from && across.all(is_one) {
                let joining = std::mem::take(&mut corrected[from]);
                joining.iter().for_each(|&file| group_of[file] = into);
                corrected[into].extend(joining);
                corrected[into].sort_unstable();
            }
        }
        corrected.retain(|group| !group.is_empty());
        corrected.into_iter().map(|members| Group::of(members, files)).collect()
    }
}

/// What a listener says of the files of one group. Each is heard once, even where the listener has no memory.
#[derive(Debug)]
pub struct Hearing<'a> {
    listener: &'a Listener,
    heard: RefCell<HashMap<PathBuf, Rc<Result<Fingerprint, String>>>>,
}

impl<'a> Hearing<'a> {
    pub fn new(listener: &'a Listener) -> Hearing<'a> {
        Hearing {
            listener,
            heard: RefCell::default(),
        }
    }

    /// The fingerprint of a file, or why there is none.
    fn fingerprint(&self, path: &Path) -> Rc<Result<Fingerprint, String>> {
        if let Some(known) = self.heard.borrow().get(path) {
            return Rc::clone(known);
        }
        if self.listener.is_stopped() {
            return Rc::new(Err("interrupted".to_owned()));
        }
        if self.heard.borrow().len() >= MOST_COMPARED {
            return Rc::new(Err(format!("only {MOST_COMPARED} files were compared")));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let heard = self.listener.hear(path).map_err(|reason| format!("{name}: {reason}"));
        self.listener.observer.heard();
        let heard = Rc::new(heard);
        self.heard.borrow_mut().insert(path.to_path_buf(), Rc::clone(&heard));
        heard
    }
}

impl Senses for Hearing<'_> {
    fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool> {
        let open = |path: &Path| SourceFile::open(path, self.listener.links).ok();
        let (a, b) = (open(a)?, open(b)?);
        let are_copies = a.len() == b.len() && matches!(first_difference(&a, &b, 0..a.len()), Ok(None));
        are_copies.then_some(true)
    }

    fn hear(&self, a: &Path, b: &Path) -> Option<Heard> {
        let (a, b) = (self.fingerprint(a), self.fingerprint(b));
        let (a, b) = match (&*a, &*b) {
            (Ok(a), Ok(b)) => (a, b),
            (Err(reason), _) | (_, Err(reason)) => return Some(Heard::Unable(reason.clone())),
        };
        let comparison = compare(a, b);
        let sentence = comparison.to_string();
        Some(match (comparison.verdict, comparison.reason) {
            (compare::Verdict::Same, _) => Heard::Same(sentence),
            (compare::Verdict::Different, _) => Heard::Different(sentence),
            (compare::Verdict::Undecided, Reason::Monotonous | Reason::Damaged) => Heard::Unable(sentence),
            (compare::Verdict::Undecided, _) => Heard::Undecided(sentence),
        })
    }
}

/// The evidence of the pair that is least alike of those within a group.
pub fn weakest<'a>(group: &[usize], pairs: &'a [Pair]) -> Option<&'a Pair> {
    let alike = |pair: &Pair| pair.comparison.likeness.map_or(1.0, |likeness| likeness.alike);
    let within = pairs.iter().filter(|pair| group.contains(&pair.files.0));
    within.min_by(|a, b| alike(a).total_cmp(&alike(b)))
}

/// The groups that pairs make, each rising, in the order of their first member.
pub fn joined(count: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..count).collect();
    fn find(leader: &mut [usize], mut member: usize) -> usize {
        while leader[member] != member {
            leader[member] = leader[leader[member]];
            member = leader[member];
        }
        member
    }
    for (a, b) in pairs {
        let (a, b) = (find(&mut leader, a), find(&mut leader, b));
        leader[a.max(b)] = a.min(b);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for member in 0..count {
        let leader = find(&mut leader, member);
        groups.entry(leader).or_default().push(member);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Count(Arc<std::sync::atomic::AtomicU64>);

    impl Observer for Count {
        fn begins(&self, _files: u64) {}

        fn heard(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_observer_hears_of_every_file_and_of_none_after_the_stop() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library/Lantern Street");
        let paths = [
            library.join("Tidewater (2024)/01 Low Water.flac"),
            library.join("Tidewater (2024) [MP3]/01 Low Water.mp3"),
        ];
        let observer = Count::default();
        let heard = Arc::clone(&observer.0);
        let listener = Listener {
            cache: Cache::none(),
            limits: Limits::default(),
            links: Links::Refuse,
            observer: Box::new(observer),
            stop: Arc::default(),
        };
        assert_eq!(listener.same_pairs(&paths).len(), 1);
        let hear = || Hearing::new(&listener).hear(&paths[0], &paths[1]);
        assert!(matches!(hear(), Some(Heard::Same(_))));
        assert_eq!(heard.load(Ordering::Relaxed), 4);
        listener.stop.store(true, Ordering::Relaxed);
        assert_eq!(listener.same_pairs(&paths), []);
        assert!(matches!(hear(), Some(Heard::Unable(_))));
        assert_eq!(heard.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn pairs_make_groups() {
        assert_eq!(joined(6, [(1, 4), (4, 5), (0, 2)]), [vec![0, 2], vec![1, 4, 5]]);
        assert!(joined(3, []).is_empty());
    }
}
