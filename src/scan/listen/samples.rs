//! What the samples of files say of each other, for whom nobody listens.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Listener;
use crate::audio::Undecodable;
use crate::audio::pcm;
use crate::recording::evidence::{Headers, Heard, Senses};
use crate::recording::group::Recordings;
use crate::recording::{FileInfo, Group};

/// Which files have equal samples.
#[derive(Debug, Default)]
pub struct Samples {
    /// Those of equal samples have one number.
    pub(super) numbers: HashMap<PathBuf, usize>,
    pub(super) silent: HashSet<PathBuf>,
}

impl Samples {
    pub fn of(listener: &Listener, paths: &[&Path]) -> Samples {
        let classes = pcm::classes(&listener.cache, &listener.limits, listener.links, &listener.stop, paths);
        let mut samples = Samples::default();
        for (path, class) in paths.iter().zip(classes) {
            match class {
                Ok(number) => drop(samples.numbers.insert(path.to_path_buf(), number)),
                Err(Undecodable::Silent) => drop(samples.silent.insert(path.to_path_buf())),
                Err(_) => {}
            }
        }
        samples
    }

    /// The recordings that files are by their headers and, where these leave it open, by their samples. One file of each
    /// recording is looked at, and all files of those that turn out to be one.
    pub fn recordings(listener: &Listener, files: &[FileInfo]) -> Recordings {
        let by_headers = Recordings::of(files, &[], &Headers);
        // What states its samples need not be decoded.
        let states = |file: &&usize| files[**file].description.flac_md5.is_some();
        let one_of = |group: &Group| *group.files.iter().find(states).unwrap_or(&group.files[0]);
        let some: Vec<usize> = by_headers.groups.iter().map(one_of).collect();
        let groups = &by_headers.groups;
        let equal = Samples::among(listener, files, &some).1.into_iter();
        // Both pairs of indices are of `some`, which are those of the groups.
        let joined: BTreeSet<usize> = equal.filter(|(a, b)| a != b).flat_map(|(a, b)| [a, b]).collect();
        if joined.is_empty() {
            return by_headers;
        }
        let all: Vec<usize> = joined.iter().flat_map(|&group| groups[group].files.clone()).collect();
        let (samples, equal) = Samples::among(listener, files, &all);
        let alike: Vec<(usize, usize)> = equal.into_iter().map(|(a, b)| (all[a], all[b])).collect();
        Recordings::of(files, &alike, &samples)
    }

    /// The samples of some files, and which of these are equal, by their index in `some`.
    fn among(listener: &Listener, files: &[FileInfo], some: &[usize]) -> (Samples, Vec<(usize, usize)>) {
        let paths: Vec<&Path> = some.iter().map(|file| files[*file].path.as_path()).collect();
        let samples = Samples::of(listener, &paths);
        let equal = samples.equal(&paths);
        (samples, equal)
    }
}

/// Which pairs of files hold other samples, each compared once.
#[derive(Debug, Default)]
pub struct ComparedPairs(Mutex<HashMap<[PathBuf; 2], Option<bool>>>);

impl ComparedPairs {
    pub fn other_samples(&self, listener: &Listener, a: &Path, b: &Path) -> Option<bool> {
        let pair = [a.min(b).to_path_buf(), a.max(b).to_path_buf()];
        let compared = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = compared().get(&pair).copied();
        known.unwrap_or_else(|| {
            let other = listener.other_samples(&pair[0], &pair[1]);
            compared().insert(pair, other);
            other
        })
    }
}

impl Senses for Samples {
    fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool> {
        let (a, b) = (self.numbers.get(a)?, self.numbers.get(b)?);
        (a == b).then_some(true)
    }

    fn equal(&self, paths: &[&Path]) -> Vec<(usize, usize)> {
        let mut first: HashMap<usize, usize> = HashMap::new();
        let known = paths.iter().enumerate();
        let known = known.filter_map(|(index, path)| Some((index, *self.numbers.get(*path)?)));
        known
            .map(|(index, number)| (*first.entry(number).or_insert(index), index))
            .collect()
    }

    fn hear(&self, _a: &Path, _b: &Path) -> Option<Heard> {
        None
    }
}
