//! What `assign` decides: which recordings get a code, which get none and why, and what only a person can say.

use std::time::Duration;

use super::{Decision, Replace, Wish};
use crate::audio::compare::LENGTHS_DIFFER;
use crate::isrc::Isrc;
use crate::isrc::words::count;
use crate::judge::shared::clock;
use crate::recording::group::Recordings;
use crate::recording::{FileInfo, Group};

/// Without the questions whose answer changes nothing: every file has a code.
pub fn asked_about(recordings: Recordings) -> Recordings {
    let Recordings {
        groups,
        mut questions,
        apart,
    } = recordings;
    let has_none = |group: usize| groups[group].codes.is_empty();
    questions.retain(|question| has_none(question.groups.0) || has_none(question.groups.1));
    Recordings {
        groups,
        questions,
        apart,
    }
}

/// Codes in a file beside its own: of the tracks of an album in one piece, of places that disagree, in its name.
pub fn others_in(file: &FileInfo) -> impl Iterator<Item = Isrc> {
    let of_tracks = file.cuesheet.iter().filter_map(|track| track.isrc);
    let others = of_tracks.chain(file.held.codes());
    others.filter(|isrc| file.isrc != Some(*isrc))
}

/// Why these files get no code: they are no one recording, or it may have a code already, though none of them has one
/// valid code.
pub fn held_by(group: &Group, files: &[FileInfo], length: &dyn Fn(&FileInfo) -> Option<Duration>) -> Option<String> {
    // Each pair may be one recording, and the first and the last of a row of pairs not.
    let lengths = || group.files.iter().filter_map(|&file| length(&files[file]));
    if let Some((shortest, longest)) = lengths().min().zip(lengths().max())
        && longest - shortest > LENGTHS_DIFFER
    {
        let [shortest, longest] = [shortest, longest].map(clock);
        return Some(format!("files of {shortest} and {longest} are not one recording"));
    }
    if let Some(why) = &group.two {
        return Some(format!("not all of its files are one recording: {why}"));
    }
    group.files.iter().find_map(|&file| {
        let FileInfo { path, held, .. } = &files[file];
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        held.told().map(|(told, way)| format!("{name} {told}{way}"))
    })
}

/// The recordings that get a new code. `held` says of each group why it gets none.
pub fn without_code<'g>(groups: &'g [Group], held: &[Option<String>]) -> Vec<&'g Group> {
    let pairs = groups.iter().zip(held);
    let lacking = pairs.filter(|(group, held)| group.codes.is_empty() && held.is_none());
    lacking.map(|(group, _)| group).collect()
}

/// What becomes of each file without a code, by its number. `offers` are the codes of the recordings without one, in their
/// order; `held` says of each group why it gets none. `explained`: with what holds the files of a recording together, the
/// weakest evidence.
pub fn decisions(
    groups: &[Group],
    mut offers: impl Iterator<Item = Isrc>,
    files: &[FileInfo],
    held: Vec<Option<String>>,
    explained: bool,
) -> Vec<(usize, Decision)> {
    let mut decided = Vec::new();
    for (group, held) in groups.iter().zip(held) {
        let set = |isrc| {
            let wish = Wish::Set(isrc, Replace::Refuse);
            match &group.together {
                Some(together) if explained => {
                    let of = count(group.files.len() as u64, "file", "files");
                    Decision::Because(wish, format!("one recording in {of}, {}", together.evidence))
                }
                _ => Decision::Wish(wish),
            }
        };
        let decision = match (&group.codes[..], held) {
            ([], Some(reason)) => Decision::Refuse(reason),
            ([], None) => set(offers.next().expect("one offer for each recording without a code")),
            ([isrc], _) => set(*isrc),
            _ => {
                let codes: Vec<&str> = group.codes.iter().map(Isrc::as_str).collect();
                Decision::Refuse(format!("the files of this recording carry {}", codes.join(" and ")))
            }
        };
        let lacking = group.files.iter().filter(|&&file| files[file].isrc.is_none());
        decided.extend(lacking.map(|&file| (file, decision.clone())));
    }
    decided
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Held;
    use crate::recording::evidence::Headers;

    const CODE: &str = "QZTST2600001";
    const OTHER: &str = "QZTST2600002";

    fn isrc(code: &str) -> Isrc {
        Isrc::from_stored(code).unwrap()
    }

    fn file(path: &str, isrc: Option<Isrc>) -> FileInfo {
        FileInfo {
            path: path.into(),
            isrc,
            ..FileInfo::default()
        }
    }

    fn group(files: &[usize], codes: &[Isrc]) -> Group {
        let alone = Recordings::of(&[file("any", None)], &[], &Headers).groups.remove(0);
        Group {
            files: files.to_vec(),
            codes: codes.to_vec(),
            ..alone
        }
    }

    #[test]
    fn a_recording_has_one_code_in_all_its_files() {
        let files = [
            file("1.flac", None),
            file("1.mp3", None),
            file("2.flac", Some(isrc(CODE))),
            file("2.mp3", None),
            file("3.flac", Some(isrc(CODE))),
            file("3.mp3", Some(isrc(OTHER))),
            file("3.m4a", None),
            file("4.flac", None),
        ];
        let groups = [
            group(&[0, 1], &[]),
            group(&[2, 3], &[isrc(CODE)]),
            group(&[4, 5, 6], &[isrc(CODE), isrc(OTHER)]),
            group(&[7], &[]),
        ];
        let held = vec![None, None, None, Some("it may have one".to_owned())];
        let set = |code| Decision::Wish(Wish::Set(isrc(code), Replace::Refuse));
        let both = format!("the files of this recording carry {CODE} and {OTHER}");
        let expected = [
            (0, set("QZTST2600009")),
            (1, set("QZTST2600009")),
            (3, set(CODE)),
            (6, Decision::Refuse(both)),
            (7, Decision::Refuse("it may have one".to_owned())),
        ];
        let offers = [isrc("QZTST2600009")];
        assert_eq!(without_code(&groups, &held), [&groups[0]]);
        assert_eq!(decisions(&groups, offers.into_iter(), &files, held, false), expected);
    }

    #[test]
    fn what_may_have_a_code_already_gets_none() {
        #[track_caller]
        fn check(held: Held, expected: &str) {
            let files = [FileInfo {
                held,
                ..file("a/1.flac", None)
            }];
            assert_eq!(held_by(&group(&[0], &[]), &files, &|_| None).as_deref(), Some(expected));
        }
        let nothing = Held::default;
        let conflicting = vec![isrc(CODE), isrc(OTHER)];
        check(
            Held {
                conflicting,
                ..nothing()
            },
            "1.flac carries QZTST2600001 and QZTST2600002",
        );
        let no_code = Some("N/A".to_owned());
        check(
            Held { no_code, ..nothing() },
            "1.flac holds \"N/A\", which is no code; remove takes it out",
        );
        let named = Some(isrc(CODE));
        check(
            Held { named, ..nothing() },
            "1.flac is named after QZTST2600001; set writes it",
        );
        assert_eq!(held_by(&group(&[0], &[]), &[file("1.flac", None)], &|_| None), None);
    }

    #[test]
    fn files_of_other_lengths_are_no_one_recording() {
        let files = [file("1.flac", None), file("2.flac", None)];
        let length = |info: &FileInfo| {
            Some(Duration::from_secs(if info.path.ends_with("1.flac") {
                180
            } else {
                200
            }))
        };
        let held = held_by(&group(&[0, 1], &[]), &files, &length);
        assert_eq!(held.as_deref(), Some("files of 3:00 and 3:20 are not one recording"));
    }
}
