//! Judgement by ear: whether files are one recording, where their headers do not tell.
//!
//! Fingerprints live in the cache; only an index of them stays in memory, so that an archive can be listened to.
//! Invariant: what cannot be decoded is never judged, and the reason is told; once told to stop, nothing more is heard,
//! and what comes back then is no judgement.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rayon::prelude::*;

use crate::audio::Undecodable;
use crate::audio::cache::Cache;
use crate::audio::compare::{self, EarReason, compare, compare_lengths};
use crate::audio::decode::Limits;
use crate::audio::fingerprint::Fingerprint;
use crate::audio::index::Index;
use crate::audio::pcm::{self, Md5Claim};
use crate::bytes::pieces::compare::first_difference;
use crate::bytes::source::{Links, ReadAt as _, SourceFile};
use crate::discover::Extension;
use crate::recording::FileInfo;
use crate::recording::evidence::{Evidence, Heard, Senses};
use crate::recording::group::Recordings;
use crate::recording::part::{MOST_COMPARED, Parted, part};
use crate::system::in_flight::spread;
use samples::{ComparedPairs, Samples};

pub mod samples;

/// So many fingerprints stay in memory; of more files they come from the cache again.
const MOST_KEPT: usize = 256;

/// Is told how far the listening is. Called from several threads.
pub trait Observer: fmt::Debug + Send + Sync {
    /// Listening to this many files begins.
    fn begins(&self, files: u64);

    /// One of them was heard.
    fn heard(&self);
}

/// Two files that are one recording, the lower index first, and on what evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeardPair {
    pub files: (usize, usize),
    /// None where their samples are equal.
    pub comparison: Option<compare::Comparison>,
}

impl HeardPair {
    /// On what it rests, as a sentence without full stop.
    pub fn evidence(&self) -> Evidence {
        match self.comparison {
            Some(comparison) => Evidence::Ear(comparison.to_string()),
            None => Evidence::Samples,
        }
    }
}

/// What is known of a pair, and of any two files whether they hold other samples.
#[derive(Debug)]
pub struct KnownPair<'a> {
    pub pair: HeardPair,
    pub listener: &'a Listener,
}

impl Senses for KnownPair<'_> {
    fn samples_equal(&self, _a: &Path, _b: &Path) -> Option<bool> {
        self.pair.comparison.is_none().then_some(true)
    }

    fn other_samples(&self, a: &Path, b: &Path) -> Option<bool> {
        self.listener.other_samples(a, b)
    }

    fn hear(&self, _a: &Path, _b: &Path) -> Option<Heard> {
        let comparison = self.pair.comparison?;
        Some(Heard::Same(comparison.to_string()))
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

    /// The MD5 of a lossless file's samples, as FLAC keeps it of its own.
    pub fn md5(&self, path: &Path) -> Option<u128> {
        let file = SourceFile::open(path, self.links).ok()?;
        let extension = Extension::of(path.as_os_str());
        let extension = extension.as_ref().and_then(Extension::as_str);
        pcm::layout(&file, extension, &self.limits).ok()?;
        let pcm = self
            .cache
            .pcm(&file, extension, &self.limits, Md5Claim::Believed)
            .ok()?;
        pcm.md5()
    }

    /// Whether two lossless files of one rate are known to hold other samples, and not the same ones louder, a little later
    /// or in fewer bits.
    pub fn other_samples(&self, a: &Path, b: &Path) -> Option<bool> {
        pcm::other_samples(&self.cache, &self.limits, self.links, &self.stop, [a, b])
    }

    /// Whether it was told to stop, so that what it says from then on is not to be told.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Pairs of files (by their index in `paths`) that are one recording by their samples or by ear, found without comparing
    /// all pairs; and the files that cannot be heard.
    pub fn same_pairs(&self, paths: &[impl AsRef<Path> + Sync]) -> (Vec<HeardPair>, HashSet<PathBuf>) {
        self.observer.begins(paths.len() as u64);
        let mut pairs = self.equal_pairs(paths);
        let is_known: HashSet<(usize, usize)> = pairs.iter().map(|pair| pair.files).collect();
        let unheard: Mutex<HashSet<PathBuf>> = Mutex::default();
        let heard = self.pairs(paths, &|path| {
            let heard = self.hear(path);
            self.observer.heard();
            if heard.is_err() {
                let mut unheard = unheard.lock().unwrap_or_else(PoisonError::into_inner);
                unheard.insert(path.to_path_buf());
            }
            Arc::new(heard)
        });
        pairs.extend(heard.into_iter().filter(|pair| !is_known.contains(&pair.files)));
        (pairs, unheard.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Each file with the first of the same samples.
    fn equal_pairs(&self, paths: &[impl AsRef<Path> + Sync]) -> Vec<HeardPair> {
        let classes = pcm::classes(&self.cache, &self.limits, self.links, &self.stop, paths);
        let first = classes
            .into_iter()
            .enumerate()
            .filter_map(|(file, class)| Some((class.ok()?, file)));
        let pairs = first.filter(|(first, file)| first != file);
        pairs
            .map(|files| HeardPair {
                files,
                comparison: None,
            })
            .collect()
    }

    /// The same, of files that `hear` hears. Few are remembered; of more the cache is asked again.
    fn pairs(&self, paths: &[impl AsRef<Path> + Sync], hear: &(dyn Fn(&Path) -> Print + Sync)) -> Vec<HeardPair> {
        let kept: Vec<OnceLock<Print>> = paths.iter().take(MOST_KEPT).map(|_| OnceLock::new()).collect();
        let hear = |file: usize| {
            let print = (!self.is_stopped()).then(|| hear(paths[file].as_ref()))?;
            Some(
                kept.get(file)
                    .map_or(&print, |kept| kept.get_or_init(|| Arc::clone(&print)))
                    .clone(),
            )
        };
        let evidence = |files: (usize, usize)| {
            if self.is_stopped() {
                return None;
            }
            let again = |file: usize| match kept.get(file).and_then(OnceLock::get) {
                Some(print) => Arc::clone(print),
                None => Arc::new(self.hear(paths[file].as_ref())),
            };
            let (one, other) = (again(files.0), again(files.1));
            let comparison = compare((*one).as_ref().ok()?, (*other).as_ref().ok()?);
            (comparison.verdict == compare::EarVerdict::Same).then_some(HeardPair {
                files,
                comparison: Some(comparison),
            })
        };
        let pairs = candidates(paths.len(), hear);
        let evidence = spread(0..pairs.len(), |number| evidence(pairs[number]));
        evidence.into_iter().flatten().collect()
    }
}

/// Pairs of files, by their numbers, that may be one recording by what they sound like, found without comparing all. Each
/// file is asked for once, many at a time.
fn candidates(files: usize, hear: impl Fn(usize) -> Option<Print> + Sync) -> Vec<(usize, usize)> {
    let mut index = Index::new();
    let mut numbers = Vec::new();
    for first in (0..files).step_by(MOST_KEPT) {
        let chunk = first..files.min(first + MOST_KEPT);
        let heard: Vec<Option<Print>> = spread(chunk.clone(), &hear);
        for (file, fingerprint) in chunk.zip(heard) {
            if let Some(Ok(fingerprint)) = fingerprint.as_deref() {
                index.add(fingerprint);
                numbers.push(file);
            }
        }
    }
    index.finish();
    let candidates = |file: u32| {
        let others = index.candidates(file).into_iter();
        others.map(move |other| (file.min(other), file.max(other)))
    };
    let mut pairs: Vec<(usize, usize)> = (0..numbers.len() as u32)
        .into_par_iter()
        .flat_map_iter(candidates)
        .map(|(a, b)| (numbers[a as usize], numbers[b as usize]))
        .collect();
    // Each of two files may have named the other.
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// What a listener says of files. Each is heard once, even where the listener has no memory, as long as they are few.
#[derive(Debug)]
pub struct Hearing<'a> {
    listener: &'a Listener,
    heard: Mutex<Remembered>,
    samples: Samples,
    compared: ComparedPairs,
}

/// Of the files that were heard.
#[derive(Debug, Default)]
struct Remembered {
    /// From the first to the last sound of each.
    sounding: HashMap<PathBuf, Option<Duration>>,
    /// Of the last ones: at most `MOST_KEPT`.
    prints: HashMap<PathBuf, Print>,
}

/// The fingerprint of a file, or why there is none.
type Print = Arc<Result<Fingerprint, Undecodable>>;

impl<'a> Hearing<'a> {
    pub fn of(listener: &'a Listener, files: &[FileInfo]) -> Hearing<'a> {
        let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        Hearing {
            listener,
            heard: Mutex::default(),
            samples: Samples::of(listener, &paths),
            compared: ComparedPairs::default(),
        }
    }

    /// Parts files that may be one recording, all of them heard.
    pub fn part(listener: &'a Listener, files: &[FileInfo]) -> Parted {
        let hearing = Hearing::of(listener, files);
        let is_open = hearing.is_open(files);
        // Many at a time, before each waits for the other.
        let hear = |file: usize| is_open.then(|| hearing.fingerprint(&files[file].path));
        let alike = match files.len() > MOST_COMPARED {
            true => {
                let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
                let mut alike = hearing.samples.equal(&paths);
                alike.extend(candidates(files.len(), hear));
                alike
            }
            false => {
                drop(spread(0..files.len(), hear));
                Vec::new()
            }
        };
        part(files, &alike, &hearing)
    }

    /// The recordings that files are: by samples, by ear, and by names where neither decides.
    pub fn recordings(&self, files: &[FileInfo]) -> Recordings {
        let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        let mut alike = self.samples.equal(&paths);
        self.listener.observer.begins(paths.len() as u64);
        let pairs = self.listener.pairs(&paths, &|path| self.fingerprint(path));
        alike.extend(pairs.iter().map(|pair| pair.files));
        Recordings::of(files, &alike, self)
    }

    fn fingerprint(&self, path: &Path) -> Print {
        let heard = || self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = heard().prints.get(path) {
            return Arc::clone(known);
        }
        if self.listener.is_stopped() {
            return Arc::new(Err(Undecodable::Interrupted));
        }
        let fingerprint = Arc::new(match self.samples.silent.contains(path) {
            true => Err(Undecodable::Silent),
            false => self.listener.hear(path),
        });
        let mut heard = heard();
        if heard.prints.len() >= MOST_KEPT {
            heard.prints.clear();
        }
        heard.prints.insert(path.to_path_buf(), Arc::clone(&fingerprint));
        let sounding = (*fingerprint).as_ref().ok().and_then(Fingerprint::sounding);
        if heard.sounding.insert(path.to_path_buf(), sounding).is_none() {
            self.listener.observer.heard();
        }
        fingerprint
    }

    /// Whether files must be heard: not where all of them have equal samples.
    fn is_open(&self, files: &[FileInfo]) -> bool {
        let mut samples = files.iter().map(|info| self.samples.numbers.get(&info.path));
        let first = samples.next().flatten();
        first.is_none() || samples.any(|samples| samples != first)
    }

    /// How long a file sounds, from the first to the last sound, where it was heard.
    pub fn sounding(&self, path: &Path) -> Option<Duration> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.sounding.get(path).copied().flatten()
    }

    /// Whether a file is known to hold nothing but silence.
    fn is_silent(&self, path: &Path) -> bool {
        matches!(*self.fingerprint(path), Err(Undecodable::Silent))
    }
}

fn trouble_of(path: &Path, reason: &Undecodable) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}: {reason}")
}

impl Senses for Hearing<'_> {
    fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool> {
        if let (Some(a), Some(b)) = (self.samples.numbers.get(a), self.samples.numbers.get(b)) {
            return (a == b).then_some(true);
        }
        let open = |path: &Path| SourceFile::open(path, self.listener.links).ok();
        let (one, other) = (open(a)?, open(b)?);
        let are_copies = one.len() == other.len() && matches!(first_difference(&one, &other, 0..one.len()), Ok(None));
        (are_copies && !self.is_silent(a)).then_some(true)
    }

    fn other_samples(&self, a: &Path, b: &Path) -> Option<bool> {
        self.compared.other_samples(self.listener, a, b)
    }

    fn hear(&self, a: &Path, b: &Path) -> Option<Heard> {
        if let Some(comparison) = compare_lengths(self.sounding(a), self.sounding(b)) {
            return Some(Heard::Different(comparison.to_string()));
        }
        let (one, other) = (self.fingerprint(a), self.fingerprint(b));
        let (one, other) = match (&*one, &*other) {
            (Ok(one), Ok(other)) => (one, other),
            (Err(reason), _) => return Some(Heard::Unable(trouble_of(a, reason))),
            (_, Err(reason)) => return Some(Heard::Unable(trouble_of(b, reason))),
        };
        let comparison = compare(one, other);
        let sentence = comparison.to_string();
        Some(match (comparison.verdict, comparison.reason) {
            (compare::EarVerdict::Same, _) => Heard::Same(sentence),
            (compare::EarVerdict::Different, _) => Heard::Different(sentence),
            (compare::EarVerdict::Undecided, EarReason::Monotonous | EarReason::Damaged) => Heard::Unable(sentence),
            (compare::EarVerdict::Undecided, _) => Heard::Undecided(sentence),
        })
    }

    fn trouble(&self, path: &Path) -> Option<String> {
        (*self.fingerprint(path)).as_ref().err().map(ToString::to_string)
    }
}

/// Of each group the pair within it that is least alike.
pub fn weakest<'p>(groups: &[Vec<usize>], pairs: &'p [HeardPair]) -> Vec<Option<&'p HeardPair>> {
    let members = (0..)
        .zip(groups)
        .flat_map(|(group, files)| files.iter().map(move |file| (*file, group)));
    let group_of: HashMap<usize, usize> = members.collect();
    let likeness = |pair: &HeardPair| pair.comparison?.likeness;
    // What is identical is more alike than what cannot be told apart by ear.
    let alike = |pair: &HeardPair| likeness(pair).map_or(f64::INFINITY, |likeness| likeness.alike);
    let mut weakest: Vec<Option<&HeardPair>> = vec![None; groups.len()];
    for pair in pairs {
        let weakest = &mut weakest[group_of[&pair.files.0]];
        if weakest.is_none_or(|weakest| alike(pair) < alike(weakest)) {
            *weakest = Some(pair);
        }
    }
    weakest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::evidence::Verdict;

    #[derive(Debug, Default)]
    struct Count(Arc<std::sync::atomic::AtomicU64>);

    impl Observer for Count {
        fn begins(&self, _files: u64) {}

        fn heard(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes a file away when the first of its neighbours was heard.
    #[derive(Debug)]
    struct Thief(PathBuf);

    impl Observer for Thief {
        fn begins(&self, _files: u64) {}

        fn heard(&self) {
            let _gone = fs_err::remove_file(&self.0);
        }
    }

    /// A listener without a memory.
    fn observed(observer: impl Observer + 'static) -> Listener {
        Listener {
            cache: Cache::none(),
            limits: Limits::default(),
            links: Links::Refuse,
            observer: Box::new(observer),
            stop: Arc::default(),
        }
    }

    #[test]
    fn a_file_that_vanishes_while_it_is_compared_is_told_and_joins_nothing() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library/Lantern Street");
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, source: &str| {
            let path = folder.path().join(name);
            fs_err::copy(library.join(source), &path).unwrap();
            FileInfo {
                path,
                ..FileInfo::default()
            }
        };
        let files = [
            file("a.flac", "Tidewater (2024)/01 Low Water.flac"),
            file("b.mp3", "Tidewater (2024) [MP3]/01 Low Water.mp3"),
            file("c.mp3", "Tidewater (2024) [MP3]/01 Low Water.mp3"),
        ];
        let listener = observed(Thief(files[2].path.clone()));
        let one_by_one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let parted = one_by_one.install(|| {
            // In any order of threads, one that is gone before it is heard is heard by nobody.
            assert!(listener.hear(&files[0].path).is_ok());
            listener.observer.heard();
            Hearing::part(&listener, &files)
        });
        let parts: Vec<&[usize]> = parted.parts.iter().map(|part| &part.files[..]).collect();
        assert_eq!(parts, [&[0, 1][..], &[2]]);
        assert_eq!(parted.verdict(), Verdict::Undecided);
        let evidence = parted.evidence(&files);
        assert!(evidence.contains("c.mp3: cannot be read"), "{evidence}");
        // A folder that goes as a whole leaves no verdict at all.
        drop(folder);
        let parted = Hearing::part(&listener, &files);
        assert_eq!((parted.parts.len(), parted.verdict()), (3, Verdict::Undecided));
    }

    /// Pairs that the names put together are asked for again once all were heard.
    #[test]
    fn a_file_that_is_asked_for_again_is_not_counted_again() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library/Lantern Street");
        let file = |name: &str| FileInfo {
            path: library.join(name),
            ..FileInfo::default()
        };
        let files = [
            file("Tidewater (2024)/01 Low Water.flac"),
            file("Tidewater (2024) [MP3]/01 Low Water.mp3"),
            file("Tidewater (2024)/09 Estuary.flac"),
        ];
        let observer = Count::default();
        let heard = Arc::clone(&observer.0);
        let listener = observed(observer);
        let hearing = Hearing::of(&listener, &files);
        let recordings = hearing.recordings(&files);
        assert_eq!(recordings.groups.len(), 2);
        for file in &files {
            assert_eq!(hearing.trouble(&file.path), None);
        }
        assert_eq!(heard.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn of_each_group_the_pair_that_is_least_alike_is_told() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library/Lantern Street");
        let path = library.join("Tidewater (2024)/01 Low Water.flac");
        let file = SourceFile::open(&path, Links::Refuse).unwrap();
        let print = Cache::none()
            .fingerprint(&file, Some("flac"), &Limits::default())
            .unwrap();
        let comparison = compare(&print, &print);
        let pair = |files, alike| {
            let likeness = comparison
                .likeness
                .map(|likeness| compare::Likeness { alike, ..likeness });
            HeardPair {
                files,
                comparison: Some(compare::Comparison { likeness, ..comparison }),
            }
        };
        let pairs = [
            pair((0, 2), 0.95),
            pair((1, 4), 0.99),
            pair((2, 5), 0.93),
            pair((0, 5), 0.94),
        ];
        let groups = [vec![0, 2, 5], vec![1, 4], vec![3]];
        assert_eq!(weakest(&groups, &pairs), [Some(&pairs[2]), Some(&pairs[1]), None]);
        // Equal samples say more than an ear that hears no difference.
        let equal = HeardPair {
            files: (0, 1),
            comparison: None,
        };
        let pairs = [equal, pair((1, 2), 1.0)];
        assert_eq!(weakest(&[vec![0, 1, 2]], &pairs), [Some(&pairs[1])]);
    }

    #[test]
    fn files_of_equal_samples_are_heard_only_beside_others() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library/Lantern Street");
        let folder = tempfile::tempdir().unwrap();
        let flac = library.join("Tidewater (2024)/01 Low Water.flac");
        let copy = folder.path().join("copy.flac");
        fs_err::copy(&flac, &copy).unwrap();
        let file = |path: PathBuf, seconds| {
            let mut file = FileInfo {
                path,
                ..FileInfo::default()
            };
            file.description.duration = Some(Duration::from_secs(seconds));
            file
        };
        let mp3 = library.join("Tidewater (2024) [MP3]/01 Low Water.mp3");
        let copies = [file(flac, 12), file(copy, 12)];
        // A header that lies does not keep the third from being heard.
        for (seconds, expected) in [(None, 0), (Some(60), 3), (Some(12), 3)] {
            let mut files = copies.to_vec();
            files.extend(seconds.map(|seconds| file(mp3.clone(), seconds)));
            let observer = Count::default();
            let heard = Arc::clone(&observer.0);
            let listener = observed(observer);
            let parted = Hearing::part(&listener, &files);
            assert_eq!(parted.parts.len(), 1, "{parted:?}");
            assert_eq!(heard.load(Ordering::Relaxed), expected);
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
        let listener = observed(observer);
        assert_eq!(listener.same_pairs(&paths).0.len(), 1);
        let hear = || Hearing::of(&listener, &[]).hear(&paths[0], &paths[1]);
        assert!(matches!(hear(), Some(Heard::Same(_))));
        assert_eq!(heard.load(Ordering::Relaxed), 4);
        listener.stop.store(true, Ordering::Relaxed);
        assert_eq!(listener.same_pairs(&paths).0, []);
        assert!(matches!(hear(), Some(Heard::Unable(_))));
        assert_eq!(heard.load(Ordering::Relaxed), 4);
    }
}
