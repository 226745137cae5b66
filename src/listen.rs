//! Judgement by ear: whether files are one recording, where their headers do not tell.
//!
//! Fingerprints live in the cache; only an index of them stays in memory, so that an archive can be listened to.
//! Invariant: what cannot be decoded is never judged, and the reason is told; once told to stop, nothing more is heard,
//! and what comes back then is no judgement.

use std::cell::RefCell;
use std::collections::HashMap;
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
use crate::audio::pcm;
use crate::discover::Extension;
use crate::in_flight::spread;
use crate::pieces::compare::first_difference;
use crate::recording::FileInfo;
use crate::recording::evidence::{Heard, Senses};
use crate::recording::group::Recordings;
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

/// What was heard of the two is known.
impl Senses for Pair {
    fn samples_equal(&self, _a: &Path, _b: &Path) -> Option<bool> {
        None
    }

    fn hear(&self, _a: &Path, _b: &Path) -> Option<Heard> {
        Some(Heard::Same(self.comparison.to_string()))
    }
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
            let heard: Vec<Option<Fingerprint>> = spread(0..chunk.len(), |at| hear(chunk[at].as_ref()));
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
        let evidence = spread(0..pairs.len(), |number| evidence(pairs[number]));
        evidence.into_iter().flatten().collect()
    }

    /// For each file a number that it shares with those of equal samples; none where nothing can be said.
    fn sample_classes(&self, paths: &[&Path]) -> Vec<Option<usize>> {
        let classes = pcm::classes(&self.cache, &self.limits, self.links, &self.stop, paths);
        classes.into_iter().map(Result::ok).collect()
    }
}

/// What a listener says of files. Each is heard once, even where the listener has no memory, as long as they are few.
#[derive(Debug)]
pub struct Hearing<'a> {
    listener: &'a Listener,
    heard: RefCell<HashMap<PathBuf, Rc<Result<Fingerprint, String>>>>,
    /// The files of equal samples have one number.
    samples: HashMap<PathBuf, usize>,
    bound: Bound,
}

/// Whether a file that comes after many others is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    First,
    All,
}

impl<'a> Hearing<'a> {
    /// For the files of one group, of which only the first are heard.
    pub fn of_group(listener: &'a Listener, files: &[FileInfo]) -> Hearing<'a> {
        Hearing {
            bound: Bound::First,
            ..Hearing::of_many(listener, files)
        }
    }

    pub fn of_many(listener: &'a Listener, files: &[FileInfo]) -> Hearing<'a> {
        let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        let classes = listener.sample_classes(&paths);
        let known = paths.iter().zip(classes);
        Hearing {
            listener,
            heard: RefCell::default(),
            samples: known
                .filter_map(|(path, class)| Some((path.to_path_buf(), class?)))
                .collect(),
            bound: Bound::All,
        }
    }

    /// The recordings that files are: by samples, by ear, and by names where neither decides.
    pub fn recordings(&self, files: &[FileInfo]) -> Recordings {
        let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        let mut alike = self.equal_samples(&paths);
        alike.extend(self.listener.same_pairs(&paths).iter().map(|pair| pair.files));
        Recordings::of(files, &alike, self)
    }

    /// Why a file cannot be compared, where it cannot.
    pub fn trouble(&self, path: &Path) -> Option<String> {
        self.fingerprint(path).as_ref().as_ref().err().cloned()
    }

    /// Pairs of files of equal samples, by their index, enough to join all of them.
    fn equal_samples(&self, paths: &[&Path]) -> Vec<(usize, usize)> {
        let mut first: HashMap<usize, usize> = HashMap::new();
        let classes = paths
            .iter()
            .enumerate()
            .filter_map(|(index, path)| Some((index, *self.samples.get(*path)?)));
        classes
            .map(|(index, class)| (*first.entry(class).or_insert(index), index))
            .collect()
    }

    /// The fingerprint of a file, or why there is none.
    fn fingerprint(&self, path: &Path) -> Rc<Result<Fingerprint, String>> {
        if let Some(known) = self.heard.borrow().get(path) {
            return Rc::clone(known);
        }
        if self.listener.is_stopped() {
            return Rc::new(Err("interrupted".to_owned()));
        }
        let is_full = self.heard.borrow().len() >= MOST_COMPARED;
        match self.bound {
            Bound::First if is_full => return Rc::new(Err(format!("only {MOST_COMPARED} files were compared"))),
            // What is asked of many files is asked of those that are beside each other.
            Bound::All if is_full => self.heard.borrow_mut().clear(),
            Bound::First | Bound::All => {}
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
        if let (Some(a), Some(b)) = (self.samples.get(a), self.samples.get(b))
            && a == b
        {
            return Some(true);
        }
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
        let hear = || Hearing::of_group(&listener, &[]).hear(&paths[0], &paths[1]);
        assert!(matches!(hear(), Some(Heard::Same(_))));
        assert_eq!(heard.load(Ordering::Relaxed), 4);
        listener.stop.store(true, Ordering::Relaxed);
        assert_eq!(listener.same_pairs(&paths), []);
        assert!(matches!(hear(), Some(Heard::Unable(_))));
        assert_eq!(heard.load(Ordering::Relaxed), 4);
    }
}
