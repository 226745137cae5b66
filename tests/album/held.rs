//! What a file holds though it has no one valid code: `assign` gives no new code to a recording that may have one, and none
//! that stands anywhere in the files.

use crate::audio::{Tags, flac, mp3, wav};
use crate::common::{Sandbox, contents};

const YEAR: [&str; 3] = ["assign", "--year", "2026"];

fn ebb(track: u32, title: &'static str) -> Tags<'static> {
    Tags {
        title,
        artist: "Ana Reef",
        album: "Tides",
        disc: 1,
        track,
    }
}

fn album() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox
}

/// Writes another text of the same length over the first place where `old` stands.
fn patch(sandbox: &Sandbox, name: &str, old: &str, new: &str) {
    let mut bytes = std::fs::read(sandbox.path(name)).unwrap();
    let at = bytes
        .windows(old.len())
        .position(|window| window == old.as_bytes())
        .unwrap();
    bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
    std::fs::write(sandbox.path(name), bytes).unwrap();
}

#[track_caller]
fn check_code(sandbox: &Sandbox, name: &str, code: &str) {
    assert_eq!(sandbox.run(&["get", name]).stdout.trim(), code, "{name}");
}

#[test]
fn a_value_that_is_no_code_is_not_written_over() {
    let sandbox = album();
    sandbox.file("a/1.flac", &flac(6.0, 1, Some(ebb(1, "Ebb"))));
    sandbox.file("a/2.flac", &flac(6.0, 2, Some(ebb(2, "Flow"))));
    sandbox.file("a/2.mp3", &mp3(6.0, ebb(2, "Flow")));
    sandbox.file("a/3.flac", &flac(6.0, 3, Some(ebb(3, "Neap"))));
    for (name, value) in [("a/1.flac", "QZTST26O0009"), ("a/2.flac", "000000000000")] {
        sandbox.run(&["set", "QZTST2600009", name]).expect(0);
        patch(&sandbox, name, "QZTST2600009", value);
    }
    let before = contents(&sandbox.music());
    let run = sandbox.run(&[&YEAR[..], &["-n", "."]].concat()).expect(3);
    assert!(run.stdout.contains("holds \"QZTST26O0009\""), "{}", run.stdout);
    assert!(contents(&sandbox.music()) == before, "a dry run writes nothing");
    sandbox.run(&[&YEAR[..], &["."]].concat()).expect(3);
    for (path, bytes) in &before {
        let is_free = path.to_string_lossy().ends_with("3.flac");
        let is_changed = std::fs::read(sandbox.music().join(path)).unwrap() != *bytes;
        assert_eq!(is_changed, is_free, "{}", path.display());
    }
    check_code(&sandbox, "a/3.flac", "QZTST2600001");
}

#[test]
fn codes_that_stand_anywhere_are_not_given_again() {
    let sandbox = album();
    sandbox.file("WAV/01 - Ebb.wav", &wav(6.0, 1));
    sandbox.file("WAV/02 - Flow.wav", &wav(6.0, 2));
    sandbox.file("MP3/02 - Flow.mp3", &mp3(6.0, ebb(2, "Flow")));
    sandbox.file("WAV/03 QZTST2600003.wav", &wav(6.0, 3));
    sandbox
        .run(&["set", "--axml", "QZTST2600001", "WAV/02 - Flow.wav"])
        .expect(0);
    patch(&sandbox, "WAV/02 - Flow.wav", "QZTST2600001", "QZTST2600002");
    let run = sandbox.run(&[&YEAR[..], &["WAV", "MP3"]].concat()).expect(3);
    assert!(
        run.stdout
            .contains("02 - Flow.wav carries QZTST2600002 and QZTST2600001"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("is named after QZTST2600003"), "{}", run.stdout);
    check_code(&sandbox, "WAV/01 - Ebb.wav", "QZTST2600004");
    for name in ["WAV/02 - Flow.wav", "MP3/02 - Flow.mp3", "WAV/03 QZTST2600003.wav"] {
        check_code(&sandbox, name, "");
    }
    // Nor in a later run of other files.
    sandbox.file("c/Spring.wav", &wav(6.0, 4));
    sandbox.run(&[&YEAR[..], &["c"]].concat()).expect(0);
    check_code(&sandbox, "c/Spring.wav", "QZTST2600005");
}

#[test]
fn a_file_named_after_one_code_is_not_filled_with_another() {
    let sandbox = album();
    sandbox.file("a/Ebb.flac", &flac(6.0, 1, Some(ebb(1, "Ebb"))));
    sandbox.file("b/QZTST2600002.wav", &wav(6.0, 1));
    sandbox.run(&["set", "QZTST2600001", "a/Ebb.flac"]).expect(0);
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["fill", "."]).expect(3);
    assert!(run.stdout.contains("named after QZTST2600002"), "{}", run.stdout);
    assert!(contents(&sandbox.music()) == before, "something was written");
}

#[test]
fn another_master_under_the_name_of_an_earlier_one_gets_a_code_of_its_own() {
    for name in ["work/mixdown.wav", "work/Track 01.wav"] {
        let sandbox = album();
        for (seed, code) in [(1, "QZTST2600001"), (2, "QZTST2600002"), (1, "QZTST2600001")] {
            sandbox.file(name, &wav(6.0, seed));
            sandbox.run(&[&YEAR[..], &["work"]].concat()).expect(0);
            check_code(&sandbox, name, code);
        }
    }
    // What tells nothing of itself but its place is not the file that stood there before.
    let sandbox = album();
    let untitled = Tags {
        title: "",
        ..ebb(1, "")
    };
    for code in ["QZTST2600001", "QZTST2600002"] {
        sandbox.file("work/01.mp3", &mp3(6.0, untitled));
        sandbox.run(&[&YEAR[..], &["work"]].concat()).expect(0);
        check_code(&sandbox, "work/01.mp3", code);
    }
}

#[test]
fn files_too_far_apart_in_length_are_not_put_together_by_those_between() {
    let sandbox = album();
    for (folder, seconds) in [("a", 20.0), ("b", 28.0), ("c", 36.0)] {
        sandbox.file(&format!("{folder}/01 Ebb.mp3"), &mp3(seconds, ebb(1, "Ebb")));
    }
    let before = contents(&sandbox.music());
    let run = sandbox.run(&[&YEAR[..], &["--together", "."]].concat()).expect(3);
    assert!(
        run.stdout.contains("0:20 and 0:36 are not one recording"),
        "{}",
        run.stdout
    );
    assert!(contents(&sandbox.music()) == before, "something was written");
}

/// Two tracks as FLAC with these codes, and as WAV without any.
fn beside_coded(codes: [&str; 2]) -> Sandbox {
    let sandbox = album();
    for (track, code) in (1..).zip(codes) {
        let name = format!("FLAC/0{track}.flac");
        sandbox.file(&name, &flac(6.0, track, Some(ebb(track, "Ebb"))));
        sandbox.file(&format!("WAV/0{track}.wav"), &wav(6.0, track));
        sandbox.run(&["set", "QZTST2600009", &name]).expect(0);
        patch(&sandbox, &name, "QZTST2600009", code);
    }
    sandbox
}

#[test]
fn fill_tells_what_is_hard_to_believe_of_a_code_as_set_and_apply_do() {
    for (first, second) in [
        ("XXTST2600001", "XXTST2600002"),
        ("QZTST3900001", "QZTST3900002"),
        ("QZTST2600000", "QZTST2600001"),
    ] {
        let sandbox = beside_coded([first, second]);
        let alone = sandbox.run(&["set", "-n", first, "WAV/01.wav"]).expect(0).stderr;
        let run = sandbox.run(&["fill", "WAV/01.wav", "--from", "FLAC"]);
        assert!(
            run.stderr.contains(&format!("{first} is hard to believe: ")),
            "{}",
            run.stderr
        );
        assert_eq!(run.expect(0).stderr, alone);
        check_code(&sandbox, "WAV/01.wav", first);
    }
    // Codes of one prefix and year are told by the first.
    let sandbox = beside_coded(["XXTST2600001", "XXTST2600002"]);
    let run = sandbox.run(&["fill", "."]).expect(0);
    assert_eq!(run.stderr.matches("is hard to believe").count(), 1, "{}", run.stderr);
    check_code(&sandbox, "WAV/02.wav", "XXTST2600002");
}

#[test]
fn fill_names_a_placeholder_and_does_not_spread_it() {
    for value in ["USS1Z9900001", "000000000000", "QZTST26O0009"] {
        let sandbox = beside_coded([value, "QZTST2600002"]);
        let before = std::fs::read(sandbox.path("WAV/01.wav")).unwrap();
        let run = sandbox.run(&["fill", "WAV", "FLAC"]).expect(1);
        let told = format!("no code is known of this recording: FLAC/01.flac holds \"{value}\", which is no code");
        assert!(run.stdout.contains(&told), "{}", run.stdout);
        assert!(std::fs::read(sandbox.path("WAV/01.wav")).unwrap() == before);
        check_code(&sandbox, "WAV/02.wav", "QZTST2600002");
    }
}
