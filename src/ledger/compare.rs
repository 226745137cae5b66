//! Whether two descriptions can be of one recording. Pure.

use std::fmt;

use super::Reference;
use crate::format::tags::Description;
use crate::judge::shared::clock;
use crate::recording::FileInfo;
use crate::recording::evidence::{Evidence, Headers, is_still, weigh};
use crate::recording::side::Side;
use crate::recording::versions::whole_title;

/// In what two descriptions contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction(Evidence);

/// What is here comes first: `the titles are "Ebb" and "Flow"`.
impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Evidence::Lengths(here, there) => write!(f, "the durations are {} and {}", clock(*here), clock(*there)),
            evidence => evidence.fmt(f),
        }
    }
}

/// Why what is `here` is not the recording that the ledger knows, or `None` if it may be. Equal audio decides;
/// what one side does not know contradicts nothing.
pub fn contradiction(in_ledger: &Reference, here: &Reference) -> Option<Contradiction> {
    // A recording is on several albums, under a number of each.
    let file = |reference: &Reference| FileInfo {
        description: Description {
            album: None,
            disc: None,
            track: None,
            ..reference.description.clone()
        },
        ..FileInfo::default()
    };
    let files = [here, in_ledger].map(file);
    let sides = Side::all(&files);
    let judged = weigh(&sides[0], &sides[1], &Headers);
    judged.contradicts().then_some(Contradiction(judged.evidence))
}

/// The title with its version, if there is one.
pub(super) fn title_of(reference: &Reference) -> Option<String> {
    let title = reference.description.title.as_deref()?;
    Some(whole_title(title, reference.description.version.as_deref()))
}

/// Whether a code that was set apart or given for `known` is the one to offer to `wanted`.
pub fn is_same_recording(known: &Reference, wanted: &Reference) -> bool {
    let file = |reference: &Reference| FileInfo {
        path: reference.path.clone().unwrap_or_default(),
        description: reference.description.clone(),
        ..FileInfo::default()
    };
    is_still(&file(known), &file(wanted))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::format::tags::Description;

    fn reference(title: &str, artist: &str, seconds: u64) -> Reference {
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Reference {
            description: Description {
                title: known(title),
                artist: known(artist),
                duration: (seconds > 0).then(|| Duration::from_secs(seconds)),
                ..Description::default()
            },
            ..Reference::default()
        }
    }

    #[track_caller]
    fn check(ledger: (&str, &str, u64), here: (&str, &str, u64), expected: Option<&str>) {
        let side = |(title, artist, seconds)| reference(title, artist, seconds);
        let found = contradiction(&side(ledger), &side(here)).map(|found| found.to_string());
        assert_eq!(found.as_deref(), expected, "{ledger:?} {here:?}");
    }

    #[test]
    fn what_contradicts_is_named() {
        check(("Song", "A", 180), ("Song", "A", 180), None);
        check(
            ("Song", "A", 180),
            ("Another", "A", 180),
            Some("the titles are \"Another\" and \"Song\""),
        );
        check(
            ("Song", "Ana", 180),
            ("Song", "Bob", 180),
            Some("the artists are \"Bob\" and \"Ana\""),
        );
        check(
            ("Song", "A", 180),
            ("Song", "A", 191),
            Some("the durations are 3:11 and 3:00"),
        );
        check(("Song", "A", 180), ("Song", "A", 190), None);
    }

    #[test]
    fn what_is_not_known_contradicts_nothing() {
        check(("", "", 0), ("Song", "A", 180), None);
        check(("Song", "", 0), ("", "A", 180), None);
        check(("Song", "Ana", 0), ("SONG (Remastered)", "Ana feat. Bob", 180), None);
        check(("Song", "", 0), ("Song (Radio Edit)", "", 0), None);
    }

    #[test]
    fn equal_audio_decides() {
        let mut known = reference("Song", "A", 180);
        let mut here = reference("Other", "B", 300);
        (known.description.flac_md5, here.description.flac_md5) = (Some(1), Some(1));
        assert_eq!(contradiction(&known, &here), None);
        assert!(is_same_recording(&known, &here));
        here.description.flac_md5 = Some(2);
        assert!(contradiction(&known, &here).is_some());
    }

    #[test]
    fn only_the_same_file_that_says_the_same_is_the_same_recording() {
        let mut known = reference("Song", "A", 180);
        known.path = Some("/a/1.wav".into());
        let same = known.clone();
        assert!(is_same_recording(&known, &same));
        let mut moved = known.clone();
        moved.path = Some("/b/1.wav".into());
        assert!(!is_same_recording(&known, &moved));
        let mut replaced = known.clone();
        replaced.description.duration = Some(Duration::from_secs(183));
        assert!(!is_same_recording(&known, &replaced));
        let mut renamed = known.clone();
        renamed.description.title = Some("Other".to_owned());
        assert!(!is_same_recording(&known, &renamed));
        assert!(!is_same_recording(
            &reference("Song", "A", 180),
            &reference("Song", "A", 180)
        ));
        let mut other_audio = known.clone();
        (known.description.flac_md5, other_audio.description.flac_md5) = (Some(1), Some(2));
        assert!(!is_same_recording(&known, &other_audio));
    }
}
