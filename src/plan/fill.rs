//! Which code `fill` gives to a file: that of another one that is the same recording.

use std::collections::HashMap;

use super::{Decision, Replace, Wish};
use crate::isrc::Isrc;
use crate::recording::FileInfo;
use crate::recording::evidence::{Senses, Verdict, Weighed, weigh};
use crate::recording::group::{Question, Recordings};
use crate::recording::side::Side;

/// Which code a file gets from the others of its recording.
pub struct Filling<'a> {
    files: &'a [FileInfo],
    sides: Vec<Side<'a>>,
    recordings: Recordings,
    /// The recording of each file.
    group_of: Vec<usize>,
    /// The recordings that carry each code, by their number.
    carried_by: HashMap<Isrc, Vec<usize>>,
    senses: &'a dyn Senses,
    presumed: bool,
}

/// So many files of a recording that have a code are asked.
const MOST_DONORS: usize = 16;

impl<'a> Filling<'a> {
    /// `presumed`: names and lengths are evidence enough.
    pub fn new(files: &'a [FileInfo], recordings: Recordings, senses: &'a dyn Senses, presumed: bool) -> Filling<'a> {
        let mut group_of = vec![0; files.len()];
        let mut carried_by: HashMap<Isrc, Vec<usize>> = HashMap::new();
        for (number, group) in recordings.groups.iter().enumerate() {
            group.files.iter().for_each(|&file| group_of[file] = number);
            for isrc in &group.codes {
                carried_by.entry(*isrc).or_default().push(number);
            }
        }
        Filling {
            files,
            sides: Side::all(files),
            recordings,
            group_of,
            carried_by,
            senses,
            presumed,
        }
    }

    pub fn decision(&self, file: usize) -> Decision {
        let group = &self.recordings.groups[self.group_of[file]];
        let donors = group
            .files
            .iter()
            .filter_map(|&donor| Some((donor, self.files[donor].isrc?)));
        let weighed = donors.take(MOST_DONORS).map(|(donor, isrc)| {
            let judged = weigh(&self.sides[file], &self.sides[donor], self.senses);
            (donor, isrc, through_others(judged, group.together.as_ref()))
        });
        let weighed: Vec<(usize, Isrc, Weighed)> = weighed.filter(|(_, _, judged)| !judged.keeps_apart()).collect();
        let is_sure = |judged: &Weighed| judged.verdict == Verdict::SameRecording;
        let sure = weighed.iter().any(|(_, _, judged)| is_sure(judged));
        let mut donors = weighed.iter().filter(|(_, _, judged)| !sure || is_sure(judged));
        let Some((donor, isrc, judged)) = donors.next() else {
            return Decision::Leave(self.why_none(file));
        };
        let mut codes = vec![*isrc];
        for (_, other, _) in donors {
            if !codes.contains(other) {
                codes.push(*other);
            }
        }
        let from = self.files[*donor].path.to_string_lossy();
        let evidence = &judged.evidence;
        let named = self.files[file].held.named;
        match codes[..] {
            [isrc] if let Some(named) = named.filter(|named| *named != isrc) => {
                Decision::Refuse(format!("it is named after {named}, and {from} carries {isrc}"))
            }
            [isrc] if let Some(other) = self.of_another(isrc, *donor) => {
                let other = self.files[other].path.to_string_lossy();
                Decision::Leave(format!(
                    "perhaps {isrc} of {from}: {evidence}; but {other}, another recording, carries it, too"
                ))
            }
            [isrc] if sure || self.presumed => {
                Decision::Because(Wish::Set(isrc, Replace::Refuse), format!("from {from}, {evidence}"))
            }
            [isrc] => {
                let heard = self.senses.trouble(&self.files[file].path);
                let heard = heard.map(|heard| format!("{heard}; ")).unwrap_or_default();
                Decision::Leave(format!("{heard}with --presumed {isrc} from {from}, {evidence}"))
            }
            _ => {
                let codes: Vec<&str> = codes.iter().map(Isrc::as_str).collect();
                Decision::Refuse(format!("files of the same recording carry {}", codes.join(" and ")))
            }
        }
    }

    /// A file of another recording that carries the code of this one: one of both has it wrongly, and nobody knows which.
    fn of_another(&self, isrc: Isrc, donor: usize) -> Option<usize> {
        let own = self.group_of[donor];
        let others: Vec<usize> = self.carried_by[&isrc]
            .iter()
            .copied()
            .filter(|&group| group != own)
            .collect();
        if others.is_empty() {
            return None;
        }
        let mut apart = self.beside(donor, &self.recordings.apart);
        if let Some((other, ..)) = apart.find(|(_, of_other, _)| *of_other == isrc) {
            return Some(other);
        }
        let carriers = others.into_iter().take(MOST_DONORS).filter_map(|group| {
            let mut members = self.recordings.groups[group].files.iter().copied();
            members.find(|&file| self.files[file].isrc == Some(isrc))
        });
        let mut others = carriers.filter(|&other| {
            let (one, other) = (&self.sides[donor], &self.sides[other]);
            one.named_apart(other).is_some() || one.other_version(other).is_some()
        });
        others.next()
    }

    /// Why there is no code for a file, and which one a person may want to look at.
    fn why_none(&self, file: usize) -> String {
        let perhaps = self.beside(file, &self.recordings.questions).map(|(donor, isrc, why)| {
            let donor = self.files[donor].path.to_string_lossy();
            format!("perhaps {isrc} of {donor}: {why}")
        });
        let perhaps: Vec<String> = perhaps.take(3).collect();
        if !perhaps.is_empty() {
            return perhaps.join("; ");
        }
        let own = self.recordings.groups[self.group_of[file]].files.iter();
        let mut others = own.filter(|&&other| other != file).map(|&other| &self.files[other]);
        if let Some((path, (told, _))) = others.find_map(|other| Some((&other.path, other.held.told()?))) {
            return format!("no code is known of this recording: {} {told}", path.to_string_lossy());
        }
        if let Some(heard) = self.senses.trouble(&self.files[file].path) {
            return heard;
        }
        match self.beside(file, &self.recordings.apart).next() {
            Some((donor, isrc, why)) => {
                let donor = self.files[donor].path.to_string_lossy();
                format!("another recording than {isrc} of {donor}: {why}")
            }
            None => "no file with a code is the same recording".to_owned(),
        }
    }

    /// What is known of the recording of a file and others that have a code: a file of theirs, the code and the evidence.
    fn beside<'q>(
        &'q self,
        file: usize,
        questions: &'q [Question],
    ) -> impl Iterator<Item = (usize, Isrc, &'q str)> + 'q {
        let own = self.group_of[file];
        questions.iter().filter_map(move |Question { groups, files, why }| {
            let other = match *groups {
                (a, b) if a == own => b,
                (a, b) if b == own => a,
                _ => return None,
            };
            let compared = [files.0, files.1]
                .into_iter()
                .filter(|&file| self.group_of[file] == other);
            let mut donors = compared.chain(self.recordings.groups[other].files.iter().copied());
            donors.find_map(|donor| Some((donor, self.files[donor].isrc?, why.as_str())))
        })
    }
}

/// Two files of a group that do not tell of each other are one recording by what holds the group together. Those that are
/// two stay two: of many files of a group not each is weighed against each.
fn through_others(judged: Weighed, together: Option<&Weighed>) -> Weighed {
    match (judged.verdict, together) {
        (Verdict::Undecided, Some(together)) if !judged.keeps_apart() => together.clone(),
        _ => judged,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::format::Format;
    use crate::format::tags::Description;
    use crate::recording::evidence::{Evidence, Heard, Say};

    const CODE: &str = "QZTST2600001";
    const OTHER: &str = "QZTST2600002";

    /// What is heard of every two files; one of them cannot be compared where nothing is.
    struct Says(Option<Heard>);

    impl Senses for Says {
        fn samples_equal(&self, _: &Path, _: &Path) -> Option<bool> {
            None
        }

        fn hear(&self, _: &Path, _: &Path) -> Option<Heard> {
            Some(self.0.clone().unwrap_or(Heard::Unable("too short".to_owned())))
        }

        fn trouble(&self, _: &Path) -> Option<String> {
            self.0.is_none().then(|| "too short".to_owned())
        }
    }

    fn file(path: &str, isrc: Option<&str>) -> FileInfo {
        FileInfo {
            path: path.into(),
            format: Some(Format::Flac),
            description: Description {
                title: Some("Song".to_owned()),
                artist: Some("Ana".to_owned()),
                album: Some("One".to_owned()),
                track: Some(1),
                duration: Some(Duration::from_secs(180)),
                ..Description::default()
            },
            isrc: isrc.map(|isrc| Isrc::from_stored(isrc).unwrap()),
            ..FileInfo::default()
        }
    }

    /// The decision about the first of the files.
    fn decided(files: &[FileInfo], says: &Says, presumed: bool) -> Decision {
        let alike: Vec<(usize, usize)> = (1..files.len()).map(|file| (0, file)).collect();
        let recordings = Recordings::of(files, &alike, says);
        Filling::new(files, recordings, says, presumed).decision(0)
    }

    #[test]
    fn a_code_is_given_by_what_is_heard_and_by_names_only_if_asked() {
        let files = [file("m/1.flac", None), file("w/1.flac", Some(CODE))];
        let wish = Wish::Set(Isrc::from_stored(CODE).unwrap(), Replace::Refuse);
        let same = Says(Some(Heard::Same("it sounds the same".to_owned())));
        let reason = "from w/1.flac, it sounds the same".to_owned();
        assert_eq!(decided(&files, &same, false), Decision::Because(wish.clone(), reason));
        let deaf = Says(None);
        let reason = format!("too short; with --presumed {CODE} from w/1.flac, the same number, title and length");
        assert_eq!(decided(&files, &deaf, false), Decision::Leave(reason));
        let reason = "from w/1.flac, the same number, title and length".to_owned();
        assert_eq!(decided(&files, &deaf, true), Decision::Because(wish, reason));
    }

    #[test]
    fn no_code_is_chosen_among_several_nor_against_a_name() {
        let same = Says(Some(Heard::Same("it sounds the same".to_owned())));
        let mut files = vec![
            file("m/1.flac", None),
            file("w/1.flac", Some(CODE)),
            file("x/1.flac", Some(OTHER)),
        ];
        let reason = format!("files of the same recording carry {CODE} and {OTHER}");
        assert_eq!(decided(&files, &same, true), Decision::Refuse(reason));
        files.pop();
        files[0].held.named = Some(Isrc::from_stored(OTHER).unwrap());
        let reason = format!("it is named after {OTHER}, and w/1.flac carries {CODE}");
        assert_eq!(decided(&files, &same, true), Decision::Refuse(reason));
    }

    #[test]
    fn a_code_that_another_recording_carries_too_is_named_and_not_given() {
        let same = Says(None);
        let mut wrong = file("w/2.flac", Some(CODE));
        wrong.description.title = Some("Other".to_owned());
        wrong.description.track = Some(2);
        let files = [file("m/1.flac", None), file("w/1.flac", Some(CODE)), wrong];
        let reason = format!(
            "perhaps {CODE} of w/1.flac: the same number, title and length; but w/2.flac, another recording, carries it, too"
        );
        assert_eq!(decided(&files, &same, true), Decision::Leave(reason));
        // A single and an album have one recording, and nothing tells them apart.
        let mut single = file("s/1.flac", Some(CODE));
        single.description.album = Some("Song".to_owned());
        let files = [file("m/1.flac", None), file("w/1.flac", Some(CODE)), single];
        assert!(matches!(decided(&files, &same, true), Decision::Because(..)));
    }

    #[test]
    fn another_recording_gives_nothing() {
        let files = [file("m/1.flac", None), file("w/1.flac", Some(CODE))];
        let different = Says(Some(Heard::Different("it sounds different".to_owned())));
        let reason = format!("another recording than {CODE} of w/1.flac: it sounds different");
        assert_eq!(decided(&files, &different, true), Decision::Leave(reason));
        let nobody = [file("m/1.flac", None)];
        let reason = "no file with a code is the same recording".to_owned();
        assert_eq!(decided(&nobody, &different, true), Decision::Leave(reason));
    }

    #[test]
    fn what_holds_a_group_together_makes_nothing_one_that_is_two() {
        let judged = |verdict, evidence| Weighed { verdict, evidence };
        let together = judged(Verdict::SameRecording, Evidence::Samples);
        let lengths = Evidence::Lengths(Duration::from_secs(180), Duration::from_secs(200));
        let two = judged(Verdict::DifferentRecordings, lengths);
        let (names, why) = (Say::Nothing, Vec::new());
        let untold = judged(Verdict::Undecided, Evidence::Open { names, why });
        assert_eq!(through_others(two.clone(), Some(&together)), two);
        assert_eq!(through_others(untold.clone(), Some(&together)), together);
        assert_eq!(through_others(untold.clone(), None), untold);
    }
}
