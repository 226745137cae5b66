//! A finished album in all its formats: WAV masters without tags, FLAC with a part of theirs, MP3 with all of them; tracks of
//! 5 to 9 seconds, too short for the ear.

use crate::audio::{Tags, flac, mp3, wav};
use crate::common::{Sandbox, contents};

const TITLES: [&str; 10] = [
    "Ebb",
    "Flow",
    "Slack Water",
    "Neap",
    "Spring Tide",
    "Undertow",
    "Swell",
    "Breaker",
    "Foam",
    "Low Water",
];

fn length(track: usize) -> f64 {
    5.0 + 0.44 * (track as f64 - 1.0)
}

fn tags(track: usize) -> Tags<'static> {
    Tags {
        title: TITLES[track - 1],
        artist: "Ana Reef",
        album: "Tides",
        disc: 1,
        track: track as u32,
    }
}

fn paths(track: usize) -> [String; 3] {
    let title = TITLES[track - 1];
    [
        format!("Tides/FLAC/{track:02} {title}.flac"),
        format!("Tides/MP3/{track:02} {title}.mp3"),
        format!("Tides/WAV/{track:02} - {title}.wav"),
    ]
}

/// Thirty files of ten recordings.
fn album() -> Sandbox {
    let sandbox = Sandbox::new();
    for track in 1..=10 {
        let [flac_path, mp3_path, wav_path] = paths(track);
        let seed = track as u32;
        // Every second FLAC has lost its tags.
        let of_flac = (track % 2 == 1).then(|| tags(track));
        sandbox.file(&flac_path, &flac(length(track), seed, of_flac));
        sandbox.file(&mp3_path, &mp3(length(track), tags(track)));
        sandbox.file(&wav_path, &wav(length(track), seed));
    }
    sandbox
}

fn code_of(sandbox: &Sandbox, path: &str) -> String {
    let run = sandbox.run(&["get", path]);
    run.stdout.trim().to_owned()
}

/// Gives every file the code of its recording.
fn set_all(sandbox: &Sandbox) {
    for track in 1..=10 {
        let code = format!("QZTST26{track:05}");
        let paths = paths(track);
        let arguments = ["set", &code, &paths[0], &paths[1], &paths[2]];
        sandbox.run(&arguments).expect(0);
    }
}

#[test]
fn a_rightly_tagged_album_is_fine_without_listening() {
    let sandbox = album();
    set_all(&sandbox);
    let run = sandbox.run(&["scan", "Tides", "--format", "jsonl"]).expect(0);
    let groups = run.objects("shared");
    assert_eq!(groups.len(), 10);
    for group in groups {
        assert_eq!(
            (&group["verdict"], &group["severity"]),
            (&"presumed-same".into(), &"info".into())
        );
        assert_eq!(group["recordings"].as_array().unwrap().len(), 1, "{group}");
        assert_eq!(group["paths"].as_array().unwrap().len(), 3);
    }
    // One wrong file is found, and only it is parted off.
    sandbox
        .run(&["set", "--replace", "QZTST2600002", &paths(1)[1]])
        .expect(0);
    let run = sandbox.run(&["scan", "Tides", "--format", "jsonl"]).expect(1);
    let wrong: Vec<_> = run
        .objects("shared")
        .into_iter()
        .filter(|group| group["severity"] == "error")
        .collect();
    assert_eq!(wrong.len(), 1);
    let recordings = wrong[0]["recordings"].as_array().unwrap();
    assert_eq!(
        recordings
            .iter()
            .map(|files| files.as_array().unwrap().len())
            .collect::<Vec<_>>(),
        [3, 1]
    );
}

#[test]
fn assign_gives_ten_codes_to_thirty_files() {
    let sandbox = album();
    let before = contents(&sandbox.music());
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let run = sandbox.run(&["assign", "--year", "2026", "Tides"]).expect(0);
    assert!(
        run.stdout.contains("10 codes for 10 recordings in 30 files"),
        "{}",
        run.stdout
    );
    for track in 1..=10 {
        for path in paths(track) {
            assert_eq!(code_of(&sandbox, &path), format!("QZTST26{track:05}"), "{path}");
        }
    }
    sandbox.run(&["scan", "Tides"]).expect(0);
    sandbox.run(&["ledger", "check", "Tides"]).expect(0);
    sandbox.run(&["undo"]).expect(0);
    assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
}

#[test]
fn what_nothing_decides_is_asked_before_a_code_is_given() {
    let sandbox = Sandbox::new();
    let of = |title, track| Tags {
        title,
        ..Tags { track, ..tags(1) }
    };
    sandbox.file("a/1.mp3", &mp3(6.0, of("Ebb", 1)));
    sandbox.file("a/2.mp3", &mp3(6.0, of("Ebb (2024 Remaster)", 2)));
    sandbox.file("a/3.mp3", &mp3(6.0, of("Ebb (Instrumental)", 3)));
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["assign", "--year", "2026", "a"]).expect(2);
    assert!(
        contents(&sandbox.music()) == before,
        "nothing is written before the answer"
    );
    for told in ["a/1.mp3 and a/2.mp3: only one is called", "--together", "--separate"] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    assert!(!run.stderr.contains("a/1.mp3 and a/3.mp3"), "{}", run.stderr);
    let run = sandbox
        .run(&["assign", "-n", "--together", "--year", "2026", "a"])
        .expect(0);
    assert!(
        run.stdout.contains("2 codes for 2 recordings in 3 files"),
        "{}",
        run.stdout
    );
    let run = sandbox.run(&["assign", "--separate", "--year", "2026", "a"]).expect(0);
    assert!(
        run.stdout.contains("3 codes for 3 recordings in 3 files"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_old_code_goes_to_no_remaster_by_itself() {
    let sandbox = Sandbox::new();
    let of = |title, track| Tags {
        title,
        ..Tags { track, ..tags(1) }
    };
    sandbox.file("a/1.mp3", &mp3(6.0, of("Ebb", 1)));
    sandbox.file("a/2.mp3", &mp3(6.0, of("Ebb (2024 Remaster)", 2)));
    sandbox.run(&["set", "QZTST2600009", "a/1.mp3"]).expect(0);
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox.run(&["assign", "--year", "2026", "a"]).expect(2);
    for presumed in [&["fill", "a"][..], &["fill", "--presumed", "a"]] {
        let run = sandbox.run(presumed).expect(1);
        assert!(
            run.stdout.contains("QZTST2600009") && run.stdout.contains("remaster"),
            "{}",
            run.stdout
        );
        assert_eq!(code_of(&sandbox, "a/2.mp3"), "");
    }
}

#[test]
fn a_version_in_a_field_of_its_own_counts_as_in_the_title() {
    let sandbox = Sandbox::new();
    let of = |artist, track| Tags {
        title: "Ebb",
        artist,
        ..Tags { track, ..tags(1) }
    };
    let song = flac(6.0, 1, Some(of("Instrumental!", 1)));
    let instrumental = flac(6.0, 2, Some(of("Instrumental!", 1)));
    let (artist, version) = (b"ARTIST=Instrumental!", b"VERSION=Instrumental");
    let at = instrumental
        .windows(artist.len())
        .position(|part| part == artist)
        .unwrap();
    let instrumental = [&instrumental[..at], version, &instrumental[at + version.len()..]].concat();
    sandbox.file("a/x.flac", &song);
    sandbox.file("a/y.flac", &instrumental);
    sandbox.file("one.csv", b"Title,ISRC\nEbb,QZTST2600001\n");
    sandbox.run(&["apply", "one.csv", "a/y.flac"]).expect(2);
    sandbox.run(&["set", "QZTST2600009", "a/x.flac"]).expect(0);
    sandbox
        .run(&["fill", "--presumed", "a/y.flac", "--from", "a/x.flac"])
        .expect(1);
    assert!(std::fs::read(sandbox.path("a/y.flac")).unwrap() == instrumental);
    sandbox.run(&["undo"]).expect(0);
    sandbox.file(
        "two.csv",
        b"Title,ISRC\nEbb (Instrumental),QZTST2600002\nEbb,QZTST2600001\n",
    );
    sandbox.run(&["apply", "two.csv", "a"]).expect(0);
    assert_eq!(code_of(&sandbox, "a/x.flac"), "QZTST2600001");
    assert_eq!(code_of(&sandbox, "a/y.flac"), "QZTST2600002");
}

#[test]
fn fill_takes_equal_samples_and_with_presumed_names_too() {
    let sandbox = album();
    for track in 1..=10 {
        sandbox
            .run(&["set", &format!("QZTST26{track:05}"), &paths(track)[2]])
            .expect(0);
    }
    let run = sandbox.run(&["fill", "Tides"]).expect(1);
    for track in 1..=10 {
        let [flac, mp3, wav] = paths(track);
        assert_eq!(code_of(&sandbox, &flac), format!("QZTST26{track:05}"));
        assert_eq!(code_of(&sandbox, &mp3), "");
        let line = run.stdout.lines().find(|line| line.starts_with(&flac)).unwrap();
        assert!(line.contains(&wav) && line.contains("the audio is identical"), "{line}");
        let line = run.stdout.lines().find(|line| line.starts_with(&mp3)).unwrap();
        assert!(line.contains("--presumed"), "{line}");
    }
    assert!(run.stdout.contains("10 of 20 files without a code"), "{}", run.stdout);
    sandbox.run(&["fill", "--presumed", "Tides"]).expect(0);
    for track in 1..=10 {
        assert_eq!(code_of(&sandbox, &paths(track)[1]), format!("QZTST26{track:05}"));
    }
    sandbox.run(&["scan", "Tides"]).expect(0);
}

#[test]
fn set_of_several_is_for_one_recording() {
    let sandbox = album();
    let before = contents(&sandbox.music());
    let (one, two) = (paths(1), paths(2));
    let run = sandbox.run(&["set", "QZTST2600001", &one[0], &two[1]]);
    assert!(contents(&sandbox.music()) == before, "two recordings get no code");
    run.expect(3);
    sandbox
        .run(&["set", "QZTST2600001", &one[0], &one[1], &one[2]])
        .expect(0);
    assert!(one.iter().all(|path| code_of(&sandbox, path) == "QZTST2600001"));
    sandbox.run(&["undo"]).expect(0);
    assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
}

/// A table as `export` wrote it, with a code for every row.
fn filled(sandbox: &Sandbox, folder: &str, code: impl Fn(&str) -> String) {
    sandbox.run(&["export", folder, "-o", "../codes.csv"]).expect(0);
    let path = sandbox.music().join("../codes.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    let mut lines = table.lines();
    let mut filled = lines.next().unwrap().to_owned() + "\n";
    for line in lines {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells[7] = code(&cells[0]);
        filled.push_str(&(cells.join(",") + "\n"));
    }
    std::fs::write(path, filled).unwrap();
}

#[test]
fn lengths_that_rise_are_no_start_times() {
    let sandbox = Sandbox::new();
    for track in 1..=4 {
        let name = format!("a/{track:02} {}.wav", TITLES[track - 1]);
        sandbox.file(&name, &wav(track as f64 + 4.0, track as u32));
    }
    filled(&sandbox, "a", |path| format!("QZTST26000{}", &path[2..4]));
    let table = std::fs::read_to_string(sandbox.music().join("../codes.csv")).unwrap();
    assert!(table.contains("0:05") && table.contains("0:08"), "{table}");
    let run = sandbox.run(&["apply", "../codes.csv", "a"]).expect(0);
    assert!(!run.stderr.contains("tracks begin"), "{}", run.stderr);
    assert!(!run.stdout.contains("tracks begin"), "{}", run.stdout);
    // Its lengths are asked: those of another album's tracks contradict.
    let before = contents(&sandbox.music());
    let others = table.replace("0:0", "5:0");
    for heading in ["duration", "Time"] {
        sandbox.file("../others.csv", others.replacen("duration", heading, 1).as_bytes());
        let run = sandbox.run(&["apply", "../others.csv", "a", "--replace"]).expect(2);
        assert!(run.stderr.contains("5:0"), "{heading}: {}", run.stderr);
        assert!(contents(&sandbox.music()) == before);
    }
}

#[test]
fn one_list_gives_thirty_files_their_codes() {
    let sandbox = album();
    let before = contents(&sandbox.music());
    let rows: String = (1..)
        .zip(TITLES)
        .map(|(track, title)| format!("{track},{title},QZTST26{track:05}\n"))
        .collect();
    sandbox.file("../list.csv", format!("Track,Title,ISRC\n{rows}").as_bytes());
    filled(&sandbox, "Tides", |path| {
        let name = path.rsplit('/').next().unwrap();
        format!("QZTST26000{}", &name[..2])
    });
    for list in ["../list.csv", "../codes.csv"] {
        sandbox.run(&["apply", "--check", list, "Tides"]).expect(1);
        assert!(contents(&sandbox.music()) == before, "a check writes nothing");
        sandbox.run(&["apply", list, "Tides"]).expect(0);
        for track in 1..=10 {
            for path in paths(track) {
                assert_eq!(code_of(&sandbox, &path), format!("QZTST26{track:05}"), "{list} {path}");
            }
        }
        sandbox.run(&["apply", "--check", list, "Tides"]).expect(0);
        sandbox.run(&["scan", "Tides"]).expect(0);
        sandbox.run(&["undo"]).expect(0);
        assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
    }
}

#[test]
fn codes_for_one_format_of_an_exported_table_go_to_all_whatever_the_folder_is_called() {
    let sandbox = album();
    std::fs::rename(sandbox.path("Tides"), sandbox.path("Album")).unwrap();
    filled(&sandbox, "Album", |path| match path.strip_prefix("Album/MP3/") {
        Some(name) => format!("QZTST26000{}", &name[..2]),
        None => String::new(),
    });
    let run = sandbox.run(&["apply", "../codes.csv", "Album"]).expect(0);
    assert!(run.stdout.contains("\n30 files written\n"), "{}", run.stdout);
    sandbox.run(&["apply", "--check", "../codes.csv", "Album"]).expect(0);
    sandbox.run(&["scan", "Album"]).expect(0);
}

/// A list names a file of each recording, and what another format carries is replaced by nobody without a word.
#[test]
fn another_code_in_another_format_refuses_its_row() {
    let sandbox = album();
    let other = &paths(2)[1];
    sandbox.run(&["set", "QZTST2600999", other]).expect(0);
    let rows: String = (1..=10)
        .map(|track| format!("{},QZTST26{track:05}\n", paths(track)[0]))
        .collect();
    sandbox.file("../list.csv", format!("path,isrc\n{rows}").as_bytes());
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["apply", "../list.csv", "Tides"]).expect(2);
    let told = format!("row 3: {other} carries QZTST2600999, not QZTST2600002; --replace replaces it");
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert!(contents(&sandbox.music()) == before);
    sandbox.run(&["apply", "--check", "../list.csv", "Tides"]).expect(1);
    let run = sandbox.run(&["apply", "--partial", "../list.csv", "Tides"]).expect(1);
    assert!(run.stdout.contains("\n27 files written\n"), "{}", run.stdout);
    assert_eq!(code_of(&sandbox, &paths(2)[0]), "");
    assert_eq!(code_of(&sandbox, other), "QZTST2600999");
    sandbox.run(&["apply", "--replace", "../list.csv", "Tides"]).expect(0);
    sandbox.run(&["apply", "--check", "../list.csv", "Tides"]).expect(0);
}
