//! Finding files that may be the same recording without comparing all pairs.
//!
//! Each fingerprint leaves some of its Chromaprint items as keys: those whose hash is smallest, so that two files of
//! one recording leave the same ones wherever they start. Files that share keys and are about as long are candidates
//! for [`super::compare`]; the index itself never decides. Invariant: a look-up visits a bounded number of entries
//! for each key, however common the key is.

use std::collections::HashMap;

use super::compare::LENGTHS_DIFFER;
use super::fingerprint::Fingerprint;

/// How many keys a file leaves, at most.
const KEYS: usize = 64;

/// How many keys two files must share to be candidates.
const LEAST_SHARED: u32 = 2;

/// How many files of one key are visited: those nearest in length. A key of more files says little.
const MOST_VISITED: usize = 128;

/// How many candidates a file gets, those that share most.
const MOST_CANDIDATES: usize = 32;

/// The length that stands for an unknown one; such files are candidates for each other and for nothing else.
const UNKNOWN: u32 = u32::MAX;

/// Keys of many fingerprints. A file takes at most 0.8 kB.
#[derive(Debug, Default)]
pub struct Index {
    /// Sorted by key, length and file once [`Index::finish`] has run.
    postings: Vec<Posting>,
    /// Milliseconds, by file.
    lengths: Vec<u32>,
    /// All files' keys, one file after the other; file n has `keys[ends[n - 1]..ends[n]]`.
    keys: Vec<u32>,
    ends: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Posting {
    key: u32,
    length: u32,
    file: u32,
}

impl Index {
    pub fn new() -> Index {
        Index::default()
    }

    /// Takes a file in. Files are numbered from 0 in the order they are added.
    pub fn add(&mut self, fingerprint: &Fingerprint) {
        let file = u32::try_from(self.lengths.len()).expect("memory ends before four thousand million files");
        let length = fingerprint
            .sounding()
            .map_or(UNKNOWN, |length| u32::try_from(length.as_millis()).unwrap_or(UNKNOWN));
        let keys = keys(fingerprint);
        self.lengths.push(length);
        self.postings
            .extend(keys.iter().map(|&key| Posting { key, length, file }));
        self.keys.extend(keys);
        self.ends.push(self.keys.len());
    }

    /// Sorts. Files that were added since are found only afterwards.
    pub fn finish(&mut self) {
        self.postings.sort_unstable();
    }

    /// The files that may be the same recording as `file`, most likely first.
    pub fn candidates(&self, file: u32) -> Vec<u32> {
        let Some(&end) = self.ends.get(file as usize) else {
            return Vec::new();
        };
        let start = file.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        let length = self.lengths[file as usize];
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for &key in &self.keys[start..end] {
            for posting in self.near(key, length) {
                if posting.file != file {
                    *shared.entry(posting.file).or_default() += 1;
                }
            }
        }
        let mut candidates: Vec<(u32, u32)> = shared.into_iter().filter(|(_, count)| *count >= LEAST_SHARED).collect();
        candidates.sort_unstable_by_key(|&(other, count)| (std::cmp::Reverse(count), other));
        candidates.truncate(MOST_CANDIDATES);
        candidates.into_iter().map(|(other, _)| other).collect()
    }

    /// The files with `key` whose length is near `length`.
    fn near(&self, key: u32, length: u32) -> &[Posting] {
        let reach = LENGTHS_DIFFER.as_millis() as u32;
        let lowest = if length == UNKNOWN {
            UNKNOWN
        } else {
            length.saturating_sub(reach)
        };
        let highest = if length == UNKNOWN {
            UNKNOWN
        } else {
            length.saturating_add(reach).min(UNKNOWN - 1)
        };
        let from = self
            .postings
            .partition_point(|posting| (posting.key, posting.length) < (key, lowest));
        let to = self
            .postings
            .partition_point(|posting| (posting.key, posting.length) <= (key, highest));
        let near = &self.postings[from..to];
        if near.len() <= MOST_VISITED {
            return near;
        }
        let middle = near.partition_point(|posting| posting.length < length);
        let first = middle.saturating_sub(MOST_VISITED / 2).min(near.len() - MOST_VISITED);
        &near[first..first + MOST_VISITED]
    }
}

/// The items whose hashes are smallest, each once.
fn keys(fingerprint: &Fingerprint) -> Vec<u32> {
    let mut hashes: Vec<u32> = fingerprint.chroma.iter().flatten().map(|&item| mixed(item)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(KEYS);
    hashes
}

/// Spreads an item over all 32 bits, so that "smallest" is not a matter of what it sounds like. One to one.
fn mixed(item: u32) -> u32 {
    let item = (item ^ (item >> 16)).wrapping_mul(0x7feb_352d);
    let item = (item ^ (item >> 15)).wrapping_mul(0x846c_a68b);
    item ^ (item >> 16)
}
