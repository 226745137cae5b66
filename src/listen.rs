//! Judgement by ear: whether files are one recording, where their headers do not tell.
//!
//! Fingerprints live in the cache; only an index of them stays in memory, so that an archive can be listened to.
//! Invariant: what cannot be decoded is never judged, and the reason is told; once told to stop, nothing more is heard,
//! and what comes back then is no judgement.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::audio::Undecodable;
use crate::audio::cache::Cache;
use crate::audio::compare::{self, compare};
use crate::audio::decode::Limits;
use crate::audio::fingerprint::Fingerprint;
use crate::audio::index::Index;
use crate::discover::Extension;
use crate::judge::shared::Verdict;
use crate::pieces::compare::first_difference;
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

    /// How many files of a group [`Listener::verdict`] hears at most, for the observer.
    pub fn heard_of(files: usize) -> u64 {
        files.min(MOST_COMPARED) as u64
    }

    /// Whether the files of a group are one recording, and on what evidence. Cheapest evidence first.
    pub fn verdict(&self, paths: &[impl AsRef<Path> + Sync]) -> (Verdict, String) {
        if self.are_copies(paths) {
            return (
                Verdict::SameRecording,
                "the files are byte for byte the same".to_owned(),
            );
        }
        let heard: Vec<Result<Fingerprint, Undecodable>> = paths
            .par_iter()
            .take(MOST_COMPARED)
            .filter(|_| !self.is_stopped())
            .map(|path| {
                let heard = self.hear(path.as_ref());
                self.observer.heard();
                heard
            })
            .collect();
        if self.is_stopped() {
            return (Verdict::Undecided, "interrupted".to_owned());
        }
        let mut fingerprints = Vec::new();
        for (path, heard) in paths.iter().zip(heard) {
            match heard {
                Ok(fingerprint) => fingerprints.push(fingerprint),
                Err(reason) => {
                    let name = path
                        .as_ref()
                        .file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned();
                    return (Verdict::Undecided, format!("{name}: {reason}"));
                }
            }
        }
        let mut weakest: Option<compare::Comparison> = None;
        let mut undecided = None;
        for (at, a) in fingerprints.iter().enumerate() {
            for b in &fingerprints[at + 1..] {
                let comparison = compare(a, b);
                match comparison.verdict {
                    compare::Verdict::Different => {
                        return (Verdict::DifferentRecordings, comparison.to_string());
                    }
                    compare::Verdict::Undecided => undecided = Some(comparison.to_string()),
                    compare::Verdict::Same => {
                        let alike = |comparison: &compare::Comparison| {
                            comparison.likeness.map_or(1.0, |likeness| likeness.alike)
                        };
                        if weakest.is_none_or(|weakest| alike(&comparison) < alike(&weakest)) {
                            weakest = Some(comparison);
                        }
                    }
                }
            }
        }
        match (undecided, weakest) {
            (Some(evidence), _) => (Verdict::Undecided, evidence),
            _ if paths.len() > MOST_COMPARED => (
                Verdict::Undecided,
                format!("only {MOST_COMPARED} of {} files were compared", paths.len()),
            ),
            (None, Some(comparison)) => (Verdict::SameRecording, comparison.to_string()),
            (None, None) => (Verdict::Undecided, "nothing to compare".to_owned()),
        }
    }

    /// Whether all files have one and the same content.
    fn are_copies(&self, paths: &[impl AsRef<Path>]) -> bool {
        let open = |path: &Path| SourceFile::open(path, self.links).ok();
        let Some((first, rest)) = paths.split_first() else {
            return false;
        };
        let Some(first) = open(first.as_ref()) else {
            return false;
        };
        rest.iter().all(|path| {
            open(path.as_ref()).is_some_and(|other| {
                other.len() == first.len() && matches!(first_difference(&first, &other, 0..first.len()), Ok(None))
            })
        })
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
        let are_different = |a: usize, b: usize| self.verdict(&[paths[a], paths[b]]).0 == Verdict::DifferentRecordings;
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
    struct Heard(Arc<std::sync::atomic::AtomicU64>);

    impl Observer for Heard {
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
        let observer = Heard::default();
        let heard = Arc::clone(&observer.0);
        let listener = Listener {
            cache: Cache::none(),
            limits: Limits::default(),
            links: Links::Refuse,
            observer: Box::new(observer),
            stop: Arc::default(),
        };
        assert_eq!(listener.same_pairs(&paths).len(), 1);
        assert_eq!(listener.verdict(&paths).0, Verdict::SameRecording);
        assert_eq!(heard.load(Ordering::Relaxed), 4);
        listener.stop.store(true, Ordering::Relaxed);
        assert_eq!(listener.same_pairs(&paths), []);
        assert_eq!(listener.verdict(&paths).0, Verdict::Undecided);
        assert_eq!(heard.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn pairs_make_groups() {
        assert_eq!(joined(6, [(1, 4), (4, 5), (0, 2)]), [vec![0, 2], vec![1, 4, 5]]);
        assert!(joined(3, []).is_empty());
    }
}
