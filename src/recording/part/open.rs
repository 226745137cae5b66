//! A part that files are still added to.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use super::parted::Part;
use crate::format::Format;
use crate::recording::evidence::{Evidence, LENGTHS_FIT, OpenReason, Senses, Verdict, Weighed, weigh};
use crate::recording::side::{Names, Side};

/// So many files of a part are weighed against one that may join it.
const MOST_MEMBERS: usize = 8;

#[derive(Debug, Default)]
pub struct OpenPart<'a> {
    pub part: Part,
    /// Each format in each folder is there once where nothing but names speaks for one recording.
    homes: HashSet<(Option<Format>, Option<&'a Path>)>,
    lengths: Option<(Duration, Duration)>,
    members: Vec<Member>,
    /// The places of the members of each title.
    by_title: HashMap<Option<&'a str>, Vec<usize>>,
}

/// A file that others are weighed against.
#[derive(Debug, Clone, Copy)]
struct Member {
    file: usize,
    /// The first member of the same samples. What one of them does not say of itself, another may.
    twin: usize,
}

impl<'a> OpenPart<'a> {
    pub fn new(number: usize, file: &'a Side) -> OpenPart<'a> {
        OpenPart {
            part: Part {
                files: vec![number],
                together: None,
            },
            homes: HashSet::from([home(file)]),
            lengths: file.called.duration.map(|length| (length, length)),
            members: vec![Member {
                file: number,
                twin: number,
            }],
            by_title: HashMap::from([(file.main_title(), vec![0])]),
        }
    }

    /// The members that a file or another part is compared with.
    pub fn compared(&self) -> impl Iterator<Item = usize> {
        self.members.iter().map(|member| member.file).take(MOST_MEMBERS)
    }

    /// The places of the members that have the title of a file.
    fn called_as<'s>(&'s self, file: &'s Side) -> &'s [usize] {
        self.by_title.get(&file.main_title()).map_or(&[], Vec::as_slice)
    }

    /// What the part says of a file, and which member. A member that is another recording decides, then one that holds other
    /// samples, then one that is called another version, then one that surely is the same; a file is presumed the same only by all of them.
    pub fn weighed(&self, file: &Side, files: &[&Side], senses: &dyn Senses) -> (usize, Weighed) {
        let mut weighed: Vec<(Member, Weighed)> = Vec::new();
        let others_called_so = self
            .called_as(file)
            .iter()
            .filter(|at| **at >= MOST_MEMBERS)
            .take(MOST_MEMBERS);
        for at in (0..self.members.len().min(MOST_MEMBERS)).chain(others_called_so.copied()) {
            let member = self.members[at];
            let judged = weigh(files[member.file], file, senses);
            if judged.evidence == Evidence::Samples || judged.verdict == Verdict::DifferentRecordings {
                return (member.file, judged);
            }
            weighed.push((member, judged));
        }
        if let Some((member, judged)) = weighed.iter().find(|(_, judged)| judged.keeps_apart()) {
            return (member.file, judged.clone());
        }
        let presumed = |twin: usize| {
            let mut twins = weighed.iter().filter(|(member, _)| member.twin == twin);
            twins.any(|(_, judged)| judged.verdict == Verdict::PresumedSame)
        };
        let is_silent =
            |(member, judged): &&(Member, Weighed)| judged.is_silent_but_for_albums() && presumed(member.twin);
        let rank = |verdict| match verdict {
            Verdict::SameRecording => 0,
            Verdict::Undecided | Verdict::DifferentRecordings => 1,
            Verdict::PresumedSame => 2,
        };
        let telling = weighed.iter().filter(|member| !is_silent(member));
        let (member, judged) = telling
            .min_by_key(|(_, judged)| rank(judged.verdict))
            .expect("a part has a member that is not silent");
        let speaks_for = |of: &&(Member, Weighed)| of.0.twin == member.twin && of.1.verdict == Verdict::PresumedSame;
        if judged.contradicts()
            && let Some((member, presumed)) = weighed.iter().find(speaks_for)
        {
            let why = OpenReason::HasTwin(Box::new(presumed.evidence.clone()));
            return (member.file, Weighed::question(why));
        }
        let (mut member, mut judged) = (member.file, judged.clone());
        if judged.verdict == Verdict::SameRecording
            && let Some(of_version) = self
                .compared()
                .find(|member| Names::of(files[*member], file).version.is_some())
        {
            (member, judged) = (of_version, weigh(files[of_version], file, senses));
        }
        let judged = match judged.verdict {
            Verdict::PresumedSame if !self.has_room_for(file) => Weighed::question(OpenReason::SeveralOfOneFolder),
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

    /// Whether a member of the samples of `beside` is called as a file.
    pub fn has_twin_called_as(&self, file: &Side, beside: usize, files: &[&Side]) -> bool {
        let twin = self.twin_of(beside);
        let mut twins = self.called_as(file).iter().map(|at| self.members[*at]);
        twins.any(|member| Some(member.twin) == twin && files[member.file].is_called_as(file))
    }

    fn twin_of(&self, file: usize) -> Option<usize> {
        let member = self.members.iter().find(|member| member.file == file)?;
        Some(member.twin)
    }

    /// Adds a file that is weighed against others from now on. `beside` is the member that it was judged by.
    pub fn join_as_member(&mut self, number: usize, file: &'a Side, beside: usize, judged: Weighed) {
        let twin = match judged.evidence {
            Evidence::Samples => self.twin_of(beside).unwrap_or(number),
            _ => number,
        };
        let called_so = self.by_title.entry(file.main_title()).or_default();
        called_so.push(self.members.len());
        self.members.push(Member { file: number, twin });
        self.join(number, file, judged);
    }

    pub fn join(&mut self, number: usize, file: &'a Side, judged: Weighed) {
        self.homes.insert(home(file));
        if let Some(length) = file.called.duration {
            let (shortest, longest) = self.lengths.unwrap_or((length, length));
            self.lengths = Some((shortest.min(length), longest.max(length)));
        }
        self.part.files.push(number);
        self.part.together = weaker(self.part.together.take(), judged);
    }

    /// Takes in another part, for something says that both are one.
    pub fn absorb(&mut self, other: OpenPart<'a>, judged: Weighed) {
        self.part.files.extend(other.part.files);
        self.part.files.sort_unstable();
        for judged in other.part.together.into_iter().chain([judged]) {
            self.part.together = weaker(self.part.together.take(), judged);
        }
        self.homes.extend(other.homes);
        let first = self.members.len();
        for (title, members) in other.by_title {
            let called_so = self.by_title.entry(title).or_default();
            called_so.extend(members.into_iter().map(|at| first + at));
        }
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
fn weaker(known: Option<Weighed>, judged: Weighed) -> Option<Weighed> {
    let Some(known) = known else {
        return Some(judged);
    };
    let rank = |judged: &Weighed| match (judged.verdict, &judged.evidence) {
        (Verdict::PresumedSame, _) => 2,
        (_, Evidence::Samples) => 0,
        _ => 1,
    };
    Some(if rank(&judged) > rank(&known) { judged } else { known })
}
