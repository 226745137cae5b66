//! Lossless files whose samples can be compared: neither names nor the ear make one recording of two that differ.

use crate::audio::{Tags, flac, flac_of, mp3, samples, wav, wav_of};
use crate::common::{Sandbox, contents};

const CODE: &str = "QZTST2600001";

fn rope(album: &str) -> Tags<'_> {
    Tags {
        title: "Rope",
        artist: "Ana",
        album,
        disc: 1,
        track: 1,
    }
}

/// Gives the first file a code, and checks that no command takes the second for the same recording.
#[track_caller]
fn check_asked(sandbox: &Sandbox, coded: &str, other: &str) {
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let before = contents(&sandbox.music());
    let asked = sandbox.run(&["assign", "--year", "2026", "."]).expect(2);
    assert!(asked.stderr.contains("samples differ"), "{}", asked.stderr);
    assert!(contents(&sandbox.music()) == before, "a code was given out");
    sandbox.run(&["set", CODE, coded]).expect(0);
    let before = contents(&sandbox.music());
    for options in [&["."][..], &["--presumed", "."]] {
        let told = sandbox.run(&[&["fill"], options].concat()).expect(1);
        assert!(told.stdout.contains("samples differ"), "{}", told.stdout);
    }
    assert!(contents(&sandbox.music()) == before, "a code was filled in");
    sandbox.run(&["set", CODE, other]).expect(0);
    let scan = sandbox.run(&["scan", "--audio", "--format", "jsonl", "."]).expect(1);
    let shared = scan.objects("shared");
    assert_eq!(shared[0]["verdict"], "undecided", "{shared:?}");
}

#[test]
fn other_samples_of_one_name_and_length_are_asked_about() {
    let sandbox = Sandbox::new();
    sandbox.file("Tides/01 Rope.wav", &wav(4.0, 1));
    sandbox.file("Tides Reissue/01 Rope.wav", &wav(4.0, 2));
    check_asked(&sandbox, "Tides/01 Rope.wav", "Tides Reissue/01 Rope.wav");
    let sandbox = Sandbox::new();
    sandbox.file("Tides/FLAC/01.flac", &flac(4.0, 1, Some(rope("Tides"))));
    sandbox.file("Tides/WAV/01 Rope.wav", &wav(4.0, 2));
    check_asked(&sandbox, "Tides/FLAC/01.flac", "Tides/WAV/01 Rope.wav");
}

#[test]
fn a_soft_voice_more_that_the_ear_does_not_hear_is_asked_about() {
    let (band, voice) = (melody(1), melody(2));
    let sung: Vec<i16> = band.iter().zip(&voice).map(|(a, b)| a + b / 25).collect();
    let sandbox = Sandbox::new();
    sandbox.file("f/song.flac", &flac_of(&band, None));
    sandbox.file("w/bounce 3.wav", &wav_of(&sung));
    check_asked(&sandbox, "f/song.flac", "w/bounce 3.wav");
}

/// Thirty seconds of notes one after the other.
pub(crate) fn melody(seed: u32) -> Vec<i16> {
    let pitches = samples(30.0, seed);
    let note = |pitch: &i16| {
        let pitch = 200.0 + f64::from(pitch.rem_euclid(600));
        (0..2000).map(move |at| {
            let time = f64::from(at) / 8000.0 * std::f64::consts::TAU;
            (8000.0 * (1.0 - f64::from(at) / 2500.0) * (pitch * time).sin()) as i16
        })
    };
    pitches.iter().take(120).flat_map(note).collect()
}

#[test]
fn flacs_that_state_other_samples_are_told_by_a_plain_scan() {
    let sandbox = Sandbox::new();
    for (folder, seed) in [("Tides", 1u8), ("FLAC old", 2)] {
        let mut file = flac(4.0, seed.into(), Some(rope("Tides")));
        // The largest frame in bytes and the MD5, RFC 9639 section 8.2: what makes the sum worth comparing.
        file[15..18].copy_from_slice(&[0, 0xff, 0xff]);
        file[26..42].fill(seed);
        sandbox.file(&format!("{folder}/01.flac"), &file);
    }
    sandbox
        .run(&["set", CODE, "Tides/01.flac", "FLAC old/01.flac"])
        .expect(0);
    let scan = sandbox.run(&["scan", "--format", "jsonl", "."]).expect(1);
    let evidence = scan.objects("shared")[0]["evidence"].to_string();
    assert!(evidence.contains("samples differ"), "{evidence}");
}

/// Small frames are those of silence, or of a plain sound: only what sounds makes files of one MD5 one recording.
#[test]
fn a_plain_scan_knows_the_md5_of_a_plain_sound_from_that_of_silence() {
    let tone: Vec<i16> = (0..40_000).map(|at| ((at % 100) * 20) as i16).collect();
    let faint: Vec<i16> = (0..40_000).map(|at| (at % 3) as i16).collect();
    let is_one = |samples: &[i16]| {
        let sandbox = Sandbox::new();
        let mut file = flac_of(samples, None);
        file[15..18].copy_from_slice(&[0, 2, 0]);
        file[26..42].fill(7);
        sandbox.file("t1.flac", &file);
        sandbox.run(&["set", CODE, "t1.flac"]).expect(0);
        std::fs::copy(sandbox.path("t1.flac"), sandbox.path("t4.flac")).unwrap();
        let scan = sandbox.run(&["scan", "--format", "jsonl", "."]);
        scan.objects("shared")[0]["verdict"] == "same-recording"
    };
    assert!(is_one(&tone) && !is_one(&faint) && !is_one(&[0; 40_000]) && !is_one(&[900; 40_000]));
}

/// A master beside the same louder, trimmed, or both: names go on to hold them together.
#[test]
fn the_same_samples_louder_or_trimmed_stay_one_recording() {
    let master = samples(5.0, 1);
    let softer: Vec<i16> = master.iter().map(|sample| sample / 2).collect();
    for other in [&softer[..], &master[600..], &softer[1200..]] {
        let sandbox = Sandbox::new();
        sandbox.file("WAV/01 Rope.wav", &wav_of(&master));
        sandbox.file("FLAC/01 Rope.flac", &flac_of(other, Some(rope("Tides"))));
        sandbox.file("MP3/01 Rope.mp3", &mp3(5.0, rope("Tides")));
        sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
        sandbox.run(&["assign", "--year", "2026", "."]).expect(0);
        let scan = sandbox.run(&["scan", "--format", "jsonl", "."]).expect(0);
        let summary = &scan.objects("summary")[0];
        assert_eq!([&summary["with_code"], &summary["shared_codes"]], [3, 1], "{summary}");
    }
}

#[test]
fn the_list_of_one_edition_is_not_written_to_the_other() {
    for (one, other) in [
        ("Tides", "Tides 2024"),
        ("Tides", "Tides (2024)"),
        ("Tides", "Tides Anniversary"),
        ("Tides (1999)", "Tides (2024)"),
    ] {
        let sandbox = Sandbox::new();
        for (seed, folder) in [(1, one), (2, other)] {
            sandbox.file(&format!("{folder}/01 Rope.wav"), &wav(4.0, seed));
            sandbox.file(&format!("{folder}/02 Salt.wav"), &wav(4.0, seed + 2));
        }
        let before = contents(&sandbox.path(one));
        let list = format!("Album,Track,Title,ISRC\n{other},1,Rope,{CODE}\n{other},2,Salt,QZTST2600002\n");
        std::fs::write(sandbox.path("../list.csv"), list).unwrap();
        sandbox.run(&["apply", "../list.csv", "."]).expect(0);
        assert!(contents(&sandbox.path(one)) == before, "{one} was written for {other}");
        let scan = sandbox.run(&["scan", "--format", "jsonl", other]).expect(0);
        assert_eq!(scan.objects("summary")[0]["with_code"], 2);
        // A list that names no album is for either.
        let sandbox = {
            sandbox.run(&["undo"]).expect(0);
            sandbox
        };
        let before = contents(&sandbox.music());
        std::fs::write(
            sandbox.path("../list.csv"),
            format!("Track,Title,ISRC\n1,Rope,{CODE}\n"),
        )
        .unwrap();
        sandbox.run(&["apply", "../list.csv", "."]).expect(2);
        assert!(contents(&sandbox.music()) == before, "something was written");
    }
}

/// Noise, and too short for the ear besides.
#[test]
fn equal_samples_under_two_codes_are_told_without_an_ear() {
    let sandbox = Sandbox::new();
    sandbox.file("W/03 Rope.wav", &wav(4.0, 1));
    sandbox.file("F/03 Rope.flac", &flac(4.0, 1, None));
    sandbox.run(&["set", CODE, "W/03 Rope.wav"]).expect(0);
    sandbox.run(&["set", "QZTST2600002", "F/03 Rope.flac"]).expect(0);
    let scan = sandbox.run(&["scan", "--audio", "--format", "jsonl", "."]).expect(1);
    let split = scan.objects("split");
    assert_eq!(split.len(), 1, "{}", scan.stdout);
    assert_eq!(split[0]["evidence"], "the audio is identical");
    assert_eq!(scan.objects("summary")[0]["uncompared"], 0, "they were compared");
}

/// Five seconds are too short for the ear, and an MP3 has no samples to compare.
#[test]
fn codes_that_differ_where_nothing_can_be_compared_are_told() {
    let sandbox = Sandbox::new();
    sandbox.file("F/01.flac", &flac(5.0, 1, Some(rope("Tides"))));
    sandbox.file("M/01.mp3", &mp3(5.0, rope("Tides")));
    sandbox.run(&["set", CODE, "F/01.flac"]).expect(0);
    sandbox.run(&["set", "QZTST2600002", "M/01.mp3"]).expect(0);
    let told = "1 recording by number, title and length has different codes, and could not be compared.";
    let scan = |options: &[&str]| {
        sandbox
            .run(&[&["scan", "--audio", "."], options].concat())
            .expect(0)
            .stdout
    };
    scan(&["-o", "../r.jsonl", "-o", "../r.html"]);
    let report = sandbox.run(&["report", "../r.jsonl"]).expect(0).stdout;
    for shown in [scan(&[]), scan(&["--index", "../i.jsonl"]), report] {
        assert!(shown.contains(told) && !shown.contains("All fine"), "{shown}");
    }
    for lines in ["../r.jsonl", "../i.jsonl"] {
        let lines = std::fs::read_to_string(sandbox.path(lines)).unwrap();
        let summary: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!(summary["uncompared"], 1, "{summary}");
    }
    let page = std::fs::read_to_string(sandbox.path("../r.html")).unwrap();
    assert!(page.contains(&format!("<p class=\"notice\">{told}")), "it looks fine");
    let others = scan(&["--ignore", "missing"]);
    assert!(
        others.contains(&format!("All but missing are listed. {told}")),
        "{others}"
    );
    let none = scan(&["--only", "missing"]);
    assert!(none.contains("nothing was found") && !none.contains(told), "{none}");
    sandbox.run(&["set", "--replace", CODE, "M/01.mp3"]).expect(0);
    let scan = sandbox.run(&["scan", "--audio", "."]).expect(0);
    assert!(scan.stdout.contains("All fine"), "{}", scan.stdout);
    let lines = sandbox.run(&["scan", "--audio", "--format", "jsonl", "."]).expect(0);
    assert_eq!(lines.objects("summary")[0]["uncompared"], 0);
}

/// Two tracks of one loop under two names: which code its MP3s get, nobody can tell without asking.
#[test]
fn a_format_of_one_of_two_tracks_of_equal_samples_is_asked_about() {
    let named = |title: &'static str, track| Tags {
        title,
        track,
        ..rope("Tides")
    };
    let sandbox = Sandbox::new();
    for (track, title) in [(1, "Ebb"), (2, "Flow")] {
        let tags = named(title, track);
        sandbox.file(&format!("F/0{track} {title}.flac"), &flac(5.0, 1, Some(tags)));
        sandbox.file(&format!("M/0{track} {title}.mp3"), &mp3(5.0, tags));
    }
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let check_asked = || {
        let before = contents(&sandbox.music());
        let asked = sandbox.run(&["assign", "--year", "2026", "."]).expect(2);
        assert!(contents(&sandbox.music()) == before, "a code was given out");
        for pair in ["F/01 Ebb.flac and M/01 Ebb.mp3: ", "F/02 Flow.flac and M/02 Flow.mp3: "] {
            assert!(asked.stderr.contains(pair), "{}", asked.stderr);
        }
    };
    check_asked();
    sandbox.run(&["set", CODE, "F/01 Ebb.flac"]).expect(0);
    sandbox.run(&["set", "QZTST2600002", "F/02 Flow.flac"]).expect(0);
    check_asked();
    let before = contents(&sandbox.music());
    let told = sandbox.run(&["fill", "--presumed", "."]).expect(1).stdout;
    assert!(contents(&sandbox.music()) == before, "a code was filled in");
    assert!(told.contains("perhaps QZTST2600002 of ./F/02 Flow.flac"), "{told}");
}

#[test]
fn assign_says_with_v_what_makes_files_one_recording() {
    let sandbox = Sandbox::new();
    sandbox.file("F/01 Rope.flac", &flac(5.0, 1, Some(rope("Tides"))));
    sandbox.file("M/01 Rope.mp3", &mp3(5.0, rope("Tides")));
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let told = sandbox
        .run(&["assign", "-n", "-v", "--year", "2026", "."])
        .expect(0)
        .stdout;
    assert!(
        told.contains(": one recording in 2 files, the same number, title and length"),
        "{told}"
    );
}

#[test]
fn what_is_called_another_and_is_one_recording_agrees_with_the_ledger() {
    let called = |title, track| Tags {
        title,
        track,
        ..rope("Tides")
    };
    for first in ["01", "09"] {
        let sandbox = Sandbox::new();
        sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
        let home = format!("a/{first}.flac");
        sandbox.file(&home, &flac(6.0, 1, Some(called("Home", 1))));
        sandbox.file("a/05.flac", &flac(6.0, 1, Some(called("Zuhause", 5))));
        let assign = ["assign", "--year", "2026", "."];
        sandbox.run(&assign).expect(0);
        let code = |name: &str| sandbox.run(&["get", name]).stdout;
        let given = code(&home);
        assert!(!given.is_empty());
        assert_eq!(code("a/05.flac"), given);
        let check = || sandbox.run(&["ledger", "check", "."]);
        assert_eq!(check().expect(0).stdout, "Files and ledger agree.\n");
        sandbox.file("a/07.flac", &flac(6.0, 2, Some(called("Low", 7))));
        sandbox.run(&assign).expect(0);
        assert_eq!(code("a/07.flac"), "QZTST2600002\n");
        // Other audio under the code is another recording.
        sandbox.file("a/05.flac", &flac(6.0, 3, Some(called("Zuhause", 5))));
        sandbox.run(&["set", given.trim(), "a/05.flac"]).expect(0);
        let told = check().expect(1).stdout;
        assert!(told.contains("QZTST2600001 belongs to another recording"), "{told}");
        sandbox.file("a/08.flac", &flac(6.0, 4, Some(called("Tide", 8))));
        let before = contents(&sandbox.music());
        sandbox.run(&assign).expect(2);
        assert!(contents(&sandbox.music()) == before, "a code was given out");
    }
}
