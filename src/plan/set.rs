//! Whether files that a person named together for one code may be one recording.

use crate::recording::FileInfo;
use crate::recording::evidence::Evidence;
use crate::recording::part::{Pair, Parted};
use crate::recording::side::Side;

/// Why files cannot be one recording, if anything says so.
pub fn contradiction(files: &[FileInfo], parted: &Parted) -> Option<String> {
    let name = |file: usize| files[file].path.to_string_lossy();
    if let Some(pair) = parted.pairs.iter().find(|pair| pair.judged.contradicts()) {
        let (a, b) = pair.files;
        let evidence = &pair.judged.evidence;
        return Some(format!("{} and {} are not one recording: {evidence}", name(a), name(b)));
    }
    // A version that only one of them names is nothing that naming them together says.
    let sides = Side::all(files);
    let mut pairs = parted.pairs.iter().flat_map(|pair| {
        let [of_one, of_other] = [pair.parts.0, pair.parts.1].map(|part| &parted.parts[part].files);
        of_one.iter().flat_map(|&a| of_other.iter().map(move |&b| (a, b)))
    });
    let version = pairs.find_map(|(a, b)| Some((a, b, sides[a].other_version(&sides[b])?)));
    // Nor is another title, where what was heard leaves it open.
    let heard = |pair: &&Pair| matches!(pair.judged.evidence, Evidence::Ear(_));
    let mut unsure = parted.pairs.iter().filter(heard).map(|pair| pair.files);
    let version = version.or_else(|| unsure.find_map(|(a, b)| Some((a, b, sides[a].named_apart(&sides[b])?))));
    version.map(|(a, b, version)| {
        let names = format!("{} and {}", name(a), name(b));
        format!("{names} may be two recordings: {version}; name them one by one if they are not")
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::format::Format;
    use crate::format::tags::Description;
    use crate::recording::evidence::Headers;
    use crate::recording::part::part;

    fn file(path: &str, title: &str, seconds: u64) -> FileInfo {
        FileInfo {
            path: path.into(),
            format: Some(Format::Flac),
            description: Description {
                title: Some(title.to_owned()),
                artist: Some("Ana".to_owned()),
                duration: Some(Duration::from_secs(seconds)),
                ..Description::default()
            },
            ..FileInfo::default()
        }
    }

    #[test]
    fn lengths_and_versions_contradict_and_a_person_may_join_the_rest() {
        #[track_caller]
        fn check(files: [FileInfo; 2], expected: Option<&str>) {
            let found = contradiction(&files, &part(&files, &[], &Headers));
            assert_eq!(found.as_deref(), expected);
        }
        check(
            [file("a/1.flac", "Song", 180), file("b/1.flac", "Song", 200)],
            Some("a/1.flac and b/1.flac are not one recording: durations 3:00 and 3:20"),
        );
        check(
            [file("a/1.flac", "Song", 180), file("b/1.flac", "Song (Live)", 180)],
            Some(
                "a/1.flac and b/1.flac may be two recordings: only one is called \"live\"; name them one by one if they are not",
            ),
        );
        check([file("a/1.flac", "Song", 180), file("b/2.flac", "Song", 180)], None);
    }
}
