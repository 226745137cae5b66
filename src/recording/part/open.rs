//! A part that files are still added to.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use super::parted::Part;
use crate::format::Format;
use crate::recording::evidence::{Evidence, Judged, LENGTHS_FIT, Say, Senses, Verdict, weigh};
use crate::recording::side::{Names, Side};

/// So many files of a part are weighed against one that may join it.
const MOST_MEMBERS: usize = 8;

#[derive(Debug, Default)]
pub struct Open<'a> {
    pub part: Part,
    /// Each format in each folder is there once where nothing but names speaks for one recording.
    homes: HashSet<(Option<Format>, Option<&'a Path>)>,
    lengths: Option<(Duration, Duration)>,
    /// Files of different samples; those of equal samples say the same.
    pub members: Vec<usize>,
}

impl<'a> Open<'a> {
    pub fn new(number: usize, file: &'a Side) -> Open<'a> {
        Open {
            part: Part {
                files: vec![number],
                together: None,
            },
            homes: HashSet::from([home(file)]),
            lengths: file.called.duration.map(|length| (length, length)),
            members: vec![number],
        }
    }

    /// The members that a file or another part is compared with.
    pub fn compared(&self) -> impl Iterator<Item = usize> {
        self.members.iter().copied().take(MOST_MEMBERS)
    }

    /// What the part says of a file, and which member. A member that is another recording decides, then one that is called
    /// another version, then one that surely is the same; a file is presumed the same only by all of them.
    pub fn weighed(&self, file: &Side, files: &[&Side], senses: &dyn Senses) -> (usize, Judged) {
        let mut best: Option<(usize, Judged)> = None;
        for member in self.compared() {
            let judged = weigh(files[member], file, senses);
            if judged.evidence == Evidence::Samples || judged.verdict == Verdict::DifferentRecordings {
                return (member, judged);
            }
            let rank = |verdict| match verdict {
                Verdict::SameRecording => 2,
                Verdict::Undecided | Verdict::DifferentRecordings => 1,
                Verdict::PresumedSame => 0,
            };
            if best
                .as_ref()
                .is_none_or(|(_, best)| rank(judged.verdict) > rank(best.verdict))
            {
                best = Some((member, judged));
            }
        }
        let (mut member, mut judged) = best.expect("a part has a member");
        if judged.verdict == Verdict::SameRecording
            && let Some(of_version) = self
                .compared()
                .find(|member| Names::of(files[*member], file).version.is_some())
        {
            (member, judged) = (of_version, weigh(files[of_version], file, senses));
        }
        let judged = match judged.verdict {
            Verdict::PresumedSame if !self.has_room_for(file) => Judged {
                verdict: Verdict::Undecided,
                evidence: Evidence::Open {
                    names: Say::Perhaps,
                    why: "several files of one format and folder have this number and title".to_owned(),
                },
            },
            _ => judged,
        };
        (member, judged)
    }

    /// Whether a file fits by its length and place, all members considered.
    fn has_room_for(&self, file: &Side) -> bool {
        let fits = self
            .lengths
            .zip(file.called.duration)
            .is_some_and(|((shortest, longest), length)| longest.max(length) - shortest.min(length) <= LENGTHS_FIT);
        fits && !self.homes.contains(&home(file))
    }

    pub fn join(&mut self, number: usize, file: &'a Side, judged: Judged) {
        self.homes.insert(home(file));
        if let Some(length) = file.called.duration {
            let (shortest, longest) = self.lengths.unwrap_or((length, length));
            self.lengths = Some((shortest.min(length), longest.max(length)));
        }
        self.part.files.push(number);
        self.part.together = weaker(self.part.together.take(), judged);
    }

    /// Takes in another part, for something says that both are one.
    pub fn absorb(&mut self, other: Open<'a>, judged: Judged) {
        self.part.files.extend(other.part.files);
        self.part.files.sort_unstable();
        for judged in other.part.together.into_iter().chain([judged]) {
            self.part.together = weaker(self.part.together.take(), judged);
        }
        self.homes.extend(other.homes);
        self.members.extend(other.members);
        if let (Some((shortest, longest)), Some((a, b))) = (self.lengths, other.lengths) {
            self.lengths = Some((shortest.min(a), longest.max(b)));
        }
    }
}

fn home<'a>(side: &Side<'a>) -> (Option<Format>, Option<&'a Path>) {
    (side.file.format, side.file.path.parent())
}

/// The weaker of the evidence that holds a part together, and of equals the first.
fn weaker(known: Option<Judged>, judged: Judged) -> Option<Judged> {
    let Some(known) = known else {
        return Some(judged);
    };
    let rank = |judged: &Judged| match (judged.verdict, &judged.evidence) {
        (Verdict::PresumedSame, _) => 2,
        (_, Evidence::Samples) => 0,
        _ => 1,
    };
    Some(if rank(&judged) > rank(&known) { judged } else { known })
}
