//! What is easily taken for one recording, and is not known to be: no code goes anywhere without a word from a person, and
//! every answer comes in time.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::audio::{Tags, flac, flac_of, mp3, wav};
use crate::common::{Sandbox, contents};

const CODE: &str = "QZTST2600001";

pub fn named(title: &'static str, album: &'static str) -> Tags<'static> {
    Tags {
        title,
        artist: "Ana Reef",
        album,
        disc: 1,
        track: 1,
    }
}

/// The one shared group of a scan.
#[track_caller]
fn shared(sandbox: &Sandbox, options: &[&str], exit: i32) -> Value {
    let run = sandbox.run(&[&["scan", ".", "--format", "jsonl"], options].concat());
    let groups = run.expect(exit).objects("shared");
    assert_eq!(groups.len(), 1, "{groups:?}");
    groups[0].clone()
}

/// Nothing is written by any command that gives codes away.
#[track_caller]
pub fn check_asked(sandbox: &Sandbox, told: &[&str]) {
    let before = contents(&sandbox.music());
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let run = sandbox.run(&["assign", "--year", "2026", "."]).expect(2);
    for word in told {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    for presumed in [&["fill", "."][..], &["fill", "--presumed", "."]] {
        sandbox.run(presumed).expect(1);
    }
    assert!(contents(&sandbox.music()) == before, "something was written");
}

#[test]
fn two_albums_with_equal_titles_and_numbers_are_asked_about() {
    let sandbox = Sandbox::new();
    sandbox.file("Old/01 - Intro.wav", &wav(6.0, 1));
    sandbox.file("New/01 - Intro.wav", &wav(6.0, 2));
    sandbox.run(&["set", CODE, "Old/01 - Intro.wav"]).expect(0);
    check_asked(&sandbox, &["New/01 - Intro.wav and Old/01 - Intro.wav: ", "--separate"]);
    // A list that names no album finds two recordings, and writes neither.
    let before = contents(&sandbox.music());
    std::fs::write(sandbox.path("../list.csv"), "Track,Title,ISRC\n1,Intro,QZTST2600007\n").unwrap();
    for options in [&[][..], &["--partial", "--replace"]] {
        sandbox
            .run(&[&["apply", "../list.csv", "."], options].concat())
            .expect(2);
    }
    assert!(contents(&sandbox.music()) == before, "something was written");
    // A person who has given both one code is not contradicted by the names of folders.
    sandbox.run(&["set", CODE, "New/01 - Intro.wav"]).expect(0);
    assert_eq!(shared(&sandbox, &[], 0)["verdict"], "presumed-same");
    // Their samples do.
    assert_eq!(shared(&sandbox, &["--audio"], 1)["verdict"], "undecided");
}

#[test]
fn a_live_album_beside_the_studio_one_is_asked_about() {
    let sandbox = Sandbox::new();
    sandbox.file("Tides/01 - Ebb.flac", &flac(6.0, 1, Some(named("Ebb", "Tides"))));
    sandbox.file("Tides Live/01 - Ebb.mp3", &mp3(6.0, named("Ebb", "Tides Live")));
    sandbox.run(&["set", CODE, "Tides/01 - Ebb.flac"]).expect(0);
    check_asked(&sandbox, &["\"live\""]);
    sandbox.run(&["set", CODE, "Tides Live/01 - Ebb.mp3"]).expect(0);
    let group = shared(&sandbox, &[], 1);
    assert_eq!(group["verdict"], "undecided", "{group}");
    assert!(group["evidence"].as_str().unwrap().contains("live"), "{group}");
}

#[test]
fn titles_of_spaces_are_no_names() {
    let sandbox = Sandbox::new();
    let blank = |track| Tags {
        title: "   ",
        artist: " ",
        album: "  ",
        disc: 1,
        track,
    };
    sandbox.file("a/x.mp3", &mp3(6.0, blank(1)));
    sandbox.file("b/y.flac", &flac(6.0, 1, Some(blank(2))));
    for path in ["a/x.mp3", "b/y.flac"] {
        sandbox.run(&["set", CODE, path]).expect(0);
    }
    assert_eq!(shared(&sandbox, &[], 1)["verdict"], "undecided");
    let before = contents(&sandbox.music());
    std::fs::write(sandbox.path("../list.csv"), "Title,ISRC\n   ,QZTST2600007\n").unwrap();
    sandbox.run(&["apply", "--replace", "../list.csv", "."]).expect(2);
    assert!(contents(&sandbox.music()) == before, "something was written");
}

/// A WAV of one channel and 8 bits at 2 kHz that is a hole.
fn long_wav(sandbox: &Sandbox, name: &str, hours: u32) {
    let frames = hours * 3600 * 2000;
    let mut header = b"RIFF".to_vec();
    header.extend((36 + frames).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    header.extend(2000u32.to_le_bytes());
    header.extend(2000u32.to_le_bytes());
    header.extend(b"\x01\0\x08\0data");
    header.extend(frames.to_le_bytes());
    let mut file = std::fs::File::create(sandbox.file(name, b"")).unwrap();
    file.write_all(&header).unwrap();
    file.set_len(u64::from(44 + frames)).unwrap();
}

#[test]
fn ten_hours_get_an_answer_in_time() {
    let begun = Instant::now();
    let sandbox = Sandbox::new();
    let track = named("Rain", "Rain");
    long_wav(&sandbox, "WAV/01 - Rain.wav", 10);
    long_wav(&sandbox, "Copy/01 - Rain.wav", 10);
    sandbox.file("MP3/01 - Rain.mp3", &mp3(60.0, track));
    for path in ["WAV/01 - Rain.wav", "Copy/01 - Rain.wav", "MP3/01 - Rain.mp3"] {
        sandbox.run(&["set", CODE, path]).expect(0);
    }
    // By one thread the copy is known by what was heard of the other.
    for audio in [&["--audio", "--threads", "1"][..], &[]] {
        if audio.is_empty() {
            // Its length is known by its frames.
            sandbox.file("MP3/01 - Rain, whole.mp3", &mp3(36_000.0, track));
            sandbox.run(&["set", CODE, "MP3/01 - Rain, whole.mp3"]).expect(0);
        }
        let group = shared(&sandbox, audio, 1);
        assert_eq!(group["verdict"], "different-recordings", "{group}");
        let recordings = group["recordings"].as_array().unwrap();
        let edit = serde_json::json!(["./MP3/01 - Rain.mp3"]);
        assert!(recordings.contains(&edit), "{group}");
        let evidence = group["evidence"].as_str().unwrap();
        assert!(evidence.contains("10:00:00"), "{evidence}");
    }
    // Some seconds where nobody else works.
    assert!(begun.elapsed() < Duration::from_secs(240), "{:?}", begun.elapsed());
}

#[test]
fn silence_makes_no_two_files_one_recording() {
    let sandbox = Sandbox::new();
    let silent = |seconds: u32| {
        let mut file = wav(f64::from(seconds), 1);
        file[44..].fill(0);
        file
    };
    sandbox.file("a/first gap.wav", &silent(6));
    sandbox.file("b/hidden track.wav", &silent(6));
    sandbox.file("c/first gap.mp3", &mp3(6.0, named("First gap", "One")));
    sandbox.file("d/hidden track.mp3", &mp3(6.0, named("Hidden track", "Two")));
    let before = contents(&sandbox.music());
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let run = sandbox
        .run(&["assign", "-n", "--separate", "--year", "2026", "a", "b"])
        .expect(0);
    assert!(
        run.stdout.contains("2 codes for 2 recordings in 2 files"),
        "{}",
        run.stdout
    );
    let run = sandbox
        .run(&["export", "a", "b", "--recordings", "-o", "../recordings.csv"])
        .expect(0);
    assert!(run.stderr.contains("2 recordings in 2 files"), "{}", run.stderr);
    assert!(contents(&sandbox.music()) == before, "something was written");
    for path in ["a/first gap.wav", "b/hidden track.wav"] {
        sandbox.run(&["set", CODE, path]).expect(0);
    }
    for audio in [&[][..], &["--audio"]] {
        let group = shared(&sandbox, audio, 1);
        assert_eq!(group["verdict"], "undecided", "{group}");
    }
}

#[test]
fn silent_flacs_of_one_length_are_asked_about() {
    let sandbox = Sandbox::new();
    let silent = |title| flac_of(&[0; 6 * 8000], title);
    sandbox.file("a/first gap.flac", &silent(None));
    sandbox.file("b/hidden track.flac", &silent(None));
    sandbox.file("c/x.flac", &silent(Some(named("First gap", "One"))));
    let before = contents(&sandbox.music());
    for path in ["a/first gap.flac", "b/hidden track.flac"] {
        sandbox.run(&["set", CODE, path]).expect(0);
    }
    for audio in [&[][..], &["--audio"]] {
        let group = shared(&sandbox, audio, 1);
        assert_eq!(group["verdict"], "undecided", "{group}");
    }
    sandbox.run(&["undo", "2"]).expect(0);
    // The third one gets no code from the first by its samples.
    sandbox.run(&["fill", "."]).expect(1);
    sandbox.run(&["undo", "1"]).expect(0);
    assert!(contents(&sandbox.music()) == before, "something else was written");
}

/// Files come and go while they are compared: every command ends with an answer, and a dry run writes nothing.
#[test]
fn files_that_vanish_while_they_are_compared_do_no_harm() {
    let sandbox = Sandbox::new();
    let files: Vec<(String, Vec<u8>)> = (0..24)
        .flat_map(|seed| {
            let name = |folder: &str, ending: &str| format!("{folder}/{:02} Song {seed}.{ending}", seed + 1);
            [
                (name("WAV", "wav"), wav(6.0, seed)),
                (name("FLAC", "flac"), flac(6.0, seed, None)),
            ]
        })
        .collect();
    for (name, bytes) in &files {
        sandbox.file(name, bytes);
    }
    sandbox.run(&["set", CODE, "FLAC/01 Song 0.flac"]).expect(0);
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for (name, bytes) in files.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let path = sandbox.path(name);
                drop(std::fs::remove_file(&path));
                std::thread::yield_now();
                drop(std::fs::write(&path, &bytes[..bytes.len() / 2]));
                drop(std::fs::write(&path, bytes));
            }
        });
        for arguments in [
            &["scan", "--audio", "."][..],
            &["fill", "-n", "."],
            &["fill", "-n", "--presumed", "."],
            &["assign", "-n", "--year", "2026", "."],
            &["assign", "-n", "--year", "2026", "--separate", "."],
            &["export", ".", "--recordings"],
        ] {
            let run = sandbox.run(arguments);
            assert!(
                (0..=3).contains(&run.code),
                "{arguments:?}: {} {}",
                run.code,
                run.stderr
            );
            assert!(!run.stderr.contains("panicked"), "{arguments:?}: {}", run.stderr);
        }
        done.store(true, Ordering::Relaxed);
    });
    for (name, bytes) in files.iter().filter(|(name, _)| !name.contains("Song 0")) {
        assert!(
            &std::fs::read(sandbox.path(name)).unwrap() == bytes,
            "{name} was written"
        );
    }
}

/// What headers leave open, samples decide: a master under a name of its own is the FLAC that was made of it.
#[test]
fn a_master_with_a_name_of_its_own_is_the_recording_of_its_flac() {
    let sandbox = Sandbox::new();
    sandbox.file("Tides/01 Ebb.flac", &flac(6.0, 1, Some(named("Ebb", "Tides"))));
    sandbox.file("Masters/ebb_v3_final.wav", &wav(6.0, 1));
    sandbox.file("Masters/other.wav", &wav(6.0, 2));
    let run = sandbox
        .run(&["export", ".", "--recordings", "-o", "../recordings.csv"])
        .expect(0);
    assert!(run.stderr.contains("2 recordings in 3 files"), "{}", run.stderr);
    let list = |rows: &str| std::fs::write(sandbox.path("../list.csv"), format!("File,ISRC\n{rows}")).unwrap();
    // One code for two recordings stays refused.
    list("Tides/01 Ebb.flac,QZTST2600001\nMasters/other.wav,QZTST2600001\n");
    let before = contents(&sandbox.music());
    sandbox.run(&["apply", "../list.csv", "."]).expect(2);
    assert!(contents(&sandbox.music()) == before, "something was written");
    list("Tides/01 Ebb.flac,QZTST2600001\nMasters/ebb_v3_final.wav,QZTST2600001\n");
    sandbox.run(&["apply", "../list.csv", "."]).expect(0);
    for path in ["Tides/01 Ebb.flac", "Masters/ebb_v3_final.wav"] {
        assert_eq!(sandbox.run(&["get", path]).stdout.trim(), CODE);
    }
}

/// Naming two versions together says nothing of which of them the code is for.
#[test]
fn two_versions_named_together_are_not_given_one_code() {
    for (one, other, told) in [
        (
            "a/Song (2011 Remaster).wav",
            "b/Song (2024 Remaster).wav",
            "two versions",
        ),
        ("a/Song.wav", "b/Song (Live).wav", "may be two recordings"),
        (
            "Tides/01 Song.wav",
            "Tides/Instrumentals/01 Song.wav",
            "may be two recordings",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.file(one, &wav(6.0, 1));
        sandbox.file(other, &wav(6.0, 2));
        let before = contents(&sandbox.music());
        let run = sandbox.run(&["set", CODE, one, other]).expect(3);
        assert!(run.stdout.contains(told), "{}", run.stdout);
        assert!(contents(&sandbox.music()) == before, "something was written");
    }
}

/// A copy that is called nothing does not hide what the other one is called, in whatever order they are named.
#[test]
fn a_version_is_told_beside_every_file_of_the_other_recording() {
    let sandbox = Sandbox::new();
    let files = ["a/x.wav", "b/Song.wav", "c/Song (Live).wav"];
    for (name, seed) in files.iter().zip([1, 1, 2]) {
        sandbox.file(name, &wav(6.0, seed));
    }
    let before = contents(&sandbox.music());
    for [one, other, third] in [[0, 1, 2], [1, 0, 2], [2, 0, 1]] {
        let run = sandbox
            .run(&["set", CODE, files[one], files[other], files[third]])
            .expect(3);
        let told = ["b/Song.wav and c/Song (Live).wav", "c/Song (Live).wav and b/Song.wav"];
        assert!(told.iter().any(|told| run.stdout.contains(told)), "{}", run.stdout);
        assert!(contents(&sandbox.music()) == before, "something was written");
    }
}

/// A row goes to a master whose name says nothing by its samples. What has no samples to compare is left to `fill`, which
/// listens.
#[test]
fn what_a_list_cannot_find_by_its_name_is_found_by_samples_or_pointed_to_fill() {
    let sandbox = Sandbox::new();
    sandbox.file("Tides/01 Ebb.flac", &flac(6.0, 1, None));
    sandbox.file("Tides/02 Flow.flac", &flac(7.0, 2, None));
    sandbox.file("Tides/03 Flow.flac", &flac(8.0, 4, None));
    sandbox.file("Tides/05 Slack.flac", &flac(8.0, 4, None));
    sandbox.file("Masters/v3_final.wav", &wav(6.0, 1));
    sandbox.file("Masters/01.wav", &wav(6.0, 1));
    sandbox.file("Masters/intro.wav", &wav(9.0, 3));
    // Another number, and one of two recordings of the list.
    sandbox.file("Masters/04 Neap.wav", &wav(7.0, 2));
    sandbox.file("Masters/take.wav", &wav(8.0, 4));
    // Equal samples under the name of a version, or in its folder.
    sandbox.file("Masters/Tide (Instrumental).wav", &wav(6.0, 1));
    sandbox.file("Instrumentals/Tide.wav", &wav(6.0, 1));
    // As long as a track, and of other samples: only the ear may tell.
    sandbox.file("Masters/x.wav", &wav(6.0, 5));
    let rows = "1,Ebb,1\n2,Flow,2\n3,Flow,3\n5,Slack,4\n";
    let list: String = rows
        .lines()
        .map(|row| row.rsplit_once(',').expect("three cells"))
        .map(|(cells, code)| format!("{cells},QZTST260000{code}\n"))
        .collect();
    std::fs::write(sandbox.path("../codes.csv"), format!("Track,Title,ISRC\n{list}")).unwrap();
    sandbox.run(&["apply", "../codes.csv", ".", "--check"]).expect(1);
    let run = sandbox.run(&["apply", "../codes.csv", "."]).expect(0);
    let hint = "files without a row are as long as others with a row; if they are the same recordings: isrctag fill .";
    assert!(
        run.stderr.contains(&format!("hint: 4 {hint}")),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let code = |path: &str| sandbox.run(&["get", path]).stdout.trim().to_owned();
    assert_eq!([code("Masters/v3_final.wav"), code("Masters/01.wav")], [CODE, CODE]);
    for path in [
        "Masters/intro.wav",
        "Masters/04 Neap.wav",
        "Masters/take.wav",
        "Masters/Tide (Instrumental).wav",
        "Instrumentals/Tide.wav",
        "Masters/x.wav",
    ] {
        assert_eq!(code(path), "", "{path}: {}", run.stdout);
    }
    sandbox.run(&["apply", "../codes.csv", ".", "--check"]).expect(0);
    sandbox.run(&["fill", "."]);
    assert_eq!(code("Masters/04 Neap.wav"), "QZTST2600002");
}

#[test]
fn a_new_master_of_files_that_carry_their_codes_stops_no_list() {
    let sandbox = Sandbox::new();
    sandbox.file("Tides/01 Ebb.flac", &flac(6.0, 1, None));
    sandbox.file("Tides/01 Ebb.mp3", &mp3(6.0, named("Ebb", "Tides")));
    std::fs::write(
        sandbox.path("../codes.csv"),
        format!("Track,Title,ISRC\n1,Ebb,{CODE}\n"),
    )
    .unwrap();
    sandbox.run(&["set", CODE, "Tides/01 Ebb.mp3"]).expect(0);
    let master = sandbox.file("Masters/v3_final.wav", &wav(6.0, 1));
    let before = std::fs::read(&master).unwrap();
    let run = sandbox.run(&["apply", "../codes.csv", "."]).expect(0);
    assert!(run.stdout.contains("2 files written"), "{}{}", run.stdout, run.stderr);
    assert_eq!(sandbox.run(&["get", "Masters/v3_final.wav"]).stdout.trim(), CODE);
    sandbox.run(&["undo"]).expect(0);
    assert!(std::fs::read(&master).unwrap() == before);
}

/// One row a recording is one row for all files of it: of a master without a number, of the single beside the album.
#[test]
fn a_row_of_a_recording_goes_to_all_files_that_it_was_made_of() {
    let sandbox = Sandbox::new();
    let tags = |title, album, track| Tags {
        track,
        ..named(title, album)
    };
    sandbox.file("Masters/Drone I.wav", &wav(6.0, 1));
    sandbox.file("Upload/01.flac", &flac(6.0, 1, Some(tags("Drone I", "Tides", 1))));
    sandbox.file("Upload MP3/01.mp3", &mp3(6.0, tags("Drone I", "Tides", 1)));
    sandbox.file("Ebb (Single)/01 Ebb.flac", &flac(7.0, 2, Some(tags("Ebb", "Ebb", 1))));
    sandbox.file("Ebb (Single)/01 Ebb.mp3", &mp3(7.0, tags("Ebb", "Ebb - Single", 1)));
    sandbox.file("Tides/03 Ebb.flac", &flac(7.0, 2, Some(tags("Ebb", "Tides", 3))));
    sandbox.file("Tides WAV/03 Ebb.wav", &wav(7.0, 2));
    sandbox
        .run(&["export", ".", "--recordings", "-o", "../codes.csv"])
        .expect(0);
    let table = std::fs::read_to_string(sandbox.path("../codes.csv")).unwrap();
    let filled: Vec<String> = table
        .lines()
        .enumerate()
        .map(|(row, line)| match row {
            0 => line.to_owned(),
            _ => format!("QZTST260000{row}{line}"),
        })
        .collect();
    assert_eq!(filled.len(), 3, "{table}");
    std::fs::write(sandbox.path("../codes.csv"), filled.join("\n")).unwrap();
    sandbox.run(&["apply", "../codes.csv", "."]).expect(0);
    let scan = sandbox.run(&["scan", ".", "--format", "jsonl"]);
    let shared: Vec<usize> = scan
        .objects("shared")
        .iter()
        .map(|group| group["paths"].as_array().unwrap().len())
        .collect();
    assert_eq!((shared.iter().sum::<usize>(), shared.len()), (7, 2), "{}", scan.stdout);
}

#[test]
fn codes_in_order_go_to_recordings_in_all_their_formats() {
    let sandbox = Sandbox::new();
    let tags = Tags {
        title: "",
        artist: "",
        album: "",
        disc: 0,
        track: 0,
    };
    sandbox.file("a/ebb.wav", &wav(6.0, 1));
    sandbox.file("a/ebb.flac", &flac(6.0, 1, None));
    sandbox.file("a/flow.wav", &wav(7.0, 2));
    let before = contents(&sandbox.music());
    let list = |codes: &[&str]| std::fs::write(sandbox.path("../codes.txt"), codes.join("\n")).unwrap();
    list(&["QZTST2600001", "QZTST2600002", "QZTST2600003"]);
    sandbox.run(&["apply", "--in-order", "../codes.txt", "a"]).expect(2);
    assert!(contents(&sandbox.music()) == before, "something was written");
    list(&["QZTST2600001", "QZTST2600002"]);
    sandbox.run(&["apply", "--in-order", "../codes.txt", "a"]).expect(0);
    for (name, code) in [("ebb.wav", CODE), ("ebb.flac", CODE), ("flow.wav", "QZTST2600002")] {
        assert_eq!(
            sandbox.run(&["get", &format!("a/{name}")]).stdout.trim(),
            code,
            "{name}"
        );
    }
    // Two of one name that nothing says to be one.
    sandbox.run(&["undo"]).expect(0);
    sandbox.file("a/flow.mp3", &mp3(6.0, tags));
    let before = contents(&sandbox.music());
    sandbox.run(&["apply", "--in-order", "../codes.txt", "a"]).expect(2);
    assert!(contents(&sandbox.music()) == before, "something was written");
}
