//! What a group of files was parted into, and what that says of the group.

use std::borrow::Cow;
use std::path::Path;

use crate::recording::FileInfo;
use crate::recording::evidence::{Verdict, Weighed};

/// Files of one recording, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Indices of the files, rising.
    pub files: Vec<usize>,
    /// What holds them together, the weakest evidence; none for a single file.
    pub together: Option<Weighed>,
}

/// Two parts, by their number, and why they are not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub parts: (usize, usize),
    /// The files of theirs that were compared.
    pub files: (usize, usize),
    pub judged: Weighed,
}

/// A group of files, parted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parted {
    /// In the order of their first files.
    pub parts: Vec<Part>,
    /// What was learnt of pairs of parts.
    pub pairs: Vec<Pair>,
    /// What an earlier scan made of these very files, which it may have heard.
    pub told: Option<Weighed>,
}

impl Parted {
    /// What the group as a whole is. One wrong pair makes it wrong; one doubtful pair makes it doubtful.
    pub fn verdict(&self) -> Verdict {
        if let Some(told) = &self.told {
            return told.verdict;
        }
        let different = |pair: &Pair| pair.judged.verdict == Verdict::DifferentRecordings;
        match &self.parts[..] {
            [] => Verdict::Undecided,
            [part] => part
                .together
                .as_ref()
                .map_or(Verdict::SameRecording, |judged| judged.verdict),
            _ if self.pairs.iter().any(different) => Verdict::DifferentRecordings,
            _ => Verdict::Undecided,
        }
    }

    /// The evidence for that, as a sentence without full stop; of more than two files with the names of those that it is
    /// about.
    pub fn evidence(&self, files: &[FileInfo]) -> String {
        if let Some(told) = &self.told {
            return told.evidence.to_string();
        }
        let verdict = self.verdict();
        let of_pair = self.pairs.iter().find(|pair| pair.judged.verdict == verdict);
        match (of_pair, &self.parts[..]) {
            (
                Some(Pair {
                    files: (a, b), judged, ..
                }),
                _,
            ) if files.len() > 2 => {
                let [a, b] = told_apart(&files[*a].path, &files[*b].path);
                format!("{a} and {b}: {}", judged.evidence)
            }
            (Some(pair), _) => pair.judged.evidence.to_string(),
            (
                None,
                [
                    Part {
                        together: Some(judged), ..
                    },
                ],
            ) => judged.evidence.to_string(),
            (None, parts) => format!(
                "of {} recordings, only those that are called alike or sound so were compared",
                parts.len()
            ),
        }
    }

    /// The same where each file has the number that `order` says at its place.
    pub(super) fn renumbered(self, order: &[usize]) -> Parted {
        let Parted {
            mut parts,
            mut pairs,
            told,
        } = self;
        for part in &mut parts {
            part.files.iter_mut().for_each(|file| *file = order[*file]);
            part.files.sort_unstable();
        }
        let mut by_first: Vec<usize> = (0..parts.len()).collect();
        by_first.sort_by_key(|at| parts[*at].files[0]);
        let mut number = vec![0; parts.len()];
        by_first.iter().enumerate().for_each(|(at, &part)| number[part] = at);
        parts.sort_by_key(|part| part.files[0]);
        let rising = |(a, b): (usize, usize), number: &[usize]| {
            let (a, b) = (number[a], number[b]);
            (a.min(b), a.max(b))
        };
        for pair in &mut pairs {
            (pair.parts, pair.files) = (rising(pair.parts, &number), rising(pair.files, order));
        }
        pairs.sort_by_key(|pair| pair.parts);
        Parted { parts, pairs, told }
    }
}

/// The names of two files, with as many of their folders as tell them apart.
fn told_apart<'a>(a: &'a Path, b: &'a Path) -> [Cow<'a, str>; 2] {
    let last = |path: &'a Path, count: usize| {
        let skipped = path.components().count().saturating_sub(count);
        let mut rest = path.components();
        rest.by_ref().take(skipped).for_each(drop);
        rest.as_path()
    };
    let most = a.components().count().max(b.components().count());
    let count = (1..most)
        .find(|count| last(a, *count) != last(b, *count))
        .unwrap_or(most);
    [a, b].map(|path| last(path, count).to_string_lossy())
}
