//! Files whose name says another kind than they hold: one finding, and no edit but by `set` and `remove` alone.

use super::finding;
use super::samples::{aac, id3v2, mp3};
use crate::common::{Run, Sandbox, contents, testdata};

const HYPHENS: &str = "US-RC1-76-07839";

/// Files under the names of other kinds, with what a scan says.
fn misnamed() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let seed = |name: &str| std::fs::read(testdata().join("seeds").join(name)).unwrap();
    let tagged = [id3v2(HYPHENS), mp3(60)].concat();
    vec![
        ("a.m4a", tagged.clone(), "named .m4a but holds MP3"),
        ("a.wav", tagged.clone(), "named .wav but holds MP3"),
        ("a.flac", tagged.clone(), "named .flac but holds MP3"),
        ("a.aac", tagged.clone(), "named .aac but holds MP3"),
        ("a.wma", tagged.clone(), "named .wma but holds MP3"),
        (
            "b.mp3",
            [id3v2(HYPHENS), aac(60)].concat(),
            "named .mp3 but holds AAC (ADTS)",
        ),
        (
            "c.mp3",
            seed("flac-hyphens-padding-large.flac"),
            "named .mp3 but holds FLAC",
        ),
        (
            "d.m4a",
            seed("flac-hyphens-padding-large.flac"),
            "named .m4a but holds FLAC",
        ),
        ("e.wav", seed("aiff-hyphens-tight.aiff"), "named .wav but holds AIFF"),
        ("f.w64", seed("aiff-hyphens-tight.aiff"), "named .w64 but holds AIFF"),
    ]
}

#[track_caller]
fn edits(run: &Run) -> Vec<(String, String)> {
    let text = |object: &serde_json::Value, key: &str| object[key].as_str().unwrap_or_default().to_owned();
    run.objects("edit")
        .iter()
        .map(|edit| (text(edit, "outcome"), text(edit, "reason")))
        .collect()
}

#[test]
fn a_misnamed_file_is_not_edited_in_bulk() {
    for (name, bytes, finding_of_it) in misnamed() {
        let sandbox = Sandbox::new();
        let path = sandbox.file(name, &bytes);
        assert_eq!(
            finding(&sandbox, &["."]),
            Some(("unreadable".to_owned(), finding_of_it.to_owned()))
        );
        let reason = format!("{finding_of_it}: only set and remove edit it, when it is named alone");
        for arguments in [&["fix", "."][..], &["fix", name], &["fix", "-n", "."]] {
            let run = sandbox.run(&[arguments, &["--format", "jsonl"]].concat()).expect(3);
            assert_eq!(
                edits(&run),
                [("refused".to_owned(), reason.clone())],
                "{name}: {arguments:?}"
            );
        }
        sandbox.run(&["ledger", "prefix", "add", "QZTST"]);
        sandbox.file("list.csv", format!("file,isrc\n{name},GBAYE6800011\n").as_bytes());
        for arguments in [
            &["assign", "."][..],
            &["fill", "."],
            &["apply", "--replace", "list.csv", "."],
        ] {
            let run = sandbox.run(arguments);
            assert!(run.code != 0, "{name}: {arguments:?}: {}", run.stdout);
        }
        sandbox.file("other.mp3", &mp3(60));
        let run = sandbox
            .run(&["remove", name, "other.mp3", "--format", "jsonl"])
            .expect(3);
        assert_eq!(edits(&run)[0], ("refused".to_owned(), reason), "{name}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}");
    }
}

#[test]
fn a_misnamed_file_that_is_named_alone_is_edited_and_taken_back() {
    for (name, bytes, _) in misnamed() {
        let sandbox = Sandbox::new();
        let path = sandbox.file(name, &bytes);
        for arguments in [&["set", "--replace", "GBAYE6800011", name][..], &["remove", name]] {
            let run = sandbox.run(&[arguments, &["--format", "jsonl"]].concat()).expect(0);
            assert_eq!(edits(&run)[0].0, "written", "{name}: {arguments:?}");
            assert_ne!(std::fs::read(&path).unwrap(), bytes, "{name}: {arguments:?}");
            sandbox.run(&["undo"]).expect(0);
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}: {arguments:?}");
        }
    }
}

/// Names that are more than one kind's are no lies.
#[test]
fn a_file_of_one_of_its_names_kinds_is_edited_in_bulk() {
    let sandbox = Sandbox::new();
    let tagged = [id3v2(HYPHENS), mp3(60)].concat();
    for name in ["a.mp3", "a.mp2", "a.mpga", "a", "a.01", "A.MP3"] {
        sandbox.file(name, &tagged);
    }
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["fix", ".", "--format", "jsonl"]).expect(0);
    assert_eq!(
        edits(&run).iter().filter(|(outcome, _)| outcome == "written").count(),
        before.len()
    );
}
