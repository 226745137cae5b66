//! A finished album before upload, as the README tells it: lists out, codes in, the ledger.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

#[path = "../common/mod.rs"]
mod common;

#[path = "../lists/audio.rs"]
mod audio;
mod doubtful;
mod formats;
mod held;
mod media;
mod places;
mod samples;
mod twelve;

use common::{Sandbox, contents};

/// Three tracks without codes, one of them also as MP3 in a folder of its own.
fn album() -> Sandbox {
    let sandbox = Sandbox::new();
    let tidewater = "library/Lantern Street/Tidewater (2024)/";
    for (name, target) in [
        ("01 Low Water", "01.flac"),
        ("08 Pilot Boat", "08.flac"),
        ("09 Estuary", "09.flac"),
    ] {
        sandbox.take(&format!("{tidewater}{name}.flac"), &format!("Album/{target}"));
    }
    sandbox
        .run(&["remove", "Album/01.flac", "Album/08.flac", "Album/09.flac"])
        .expect(0);
    sandbox
}

#[test]
fn a_table_goes_out_and_comes_back_with_codes() {
    for ending in ["csv", "jsonl", "xlsx"] {
        let sandbox = album();
        if ending == "xlsx" {
            sandbox.run(&["set", "QZTST2600001", "Album/01.flac"]).expect(0);
        }
        let before = contents(&sandbox.music());
        let table = format!("../codes.{ending}");
        sandbox.run(&["export", "Album", "-o", &table]).expect(0);
        if ending == "xlsx" {
            // What was written is read back: the one code stands where the table says.
            sandbox.run(&["apply", &table, "Album"]).expect(0);
            assert!(contents(&sandbox.music()) == before);
            continue;
        }
        let path = sandbox.music().join(&table);
        let text = std::fs::read_to_string(&path).unwrap();
        let filled: Vec<String> = text
            .lines()
            .enumerate()
            .map(|(row, line)| fill(line, row, ending))
            .collect();
        std::fs::write(&path, filled.join("\n") + "\n").unwrap();
        sandbox.run(&["apply", "-n", &table, "Album"]).expect(0);
        assert!(contents(&sandbox.music()) == before, "a dry run writes nothing");
        sandbox.run(&["apply", &table, "Album"]).expect(0);
        sandbox.run(&["scan", "Album"]).expect(0);
        sandbox.run(&["undo"]).expect(0);
        assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
    }
}

/// The row of an exported table with a code in it.
fn fill(line: &str, row: usize, ending: &str) -> String {
    let code = format!("QZTST26{row:05}");
    match ending {
        "jsonl" => {
            let mut object: serde_json::Value = serde_json::from_str(line).unwrap();
            object["isrc"] = code.into();
            object.to_string()
        }
        _ if row == 0 => line.to_owned(),
        _ => {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            cells[7] = code;
            cells.join(",")
        }
    }
}

#[test]
fn a_row_without_a_file_stops_everything() {
    let sandbox = album();
    let before = contents(&sandbox.music());
    sandbox.file(
        "../codes.csv",
        b"file;isrc\n01.flac;QZTST2600001\nno such.flac;QZTST2600002\n",
    );
    let run = sandbox.run(&["apply", "../codes.csv", "Album"]).expect(2);
    assert!(run.stderr.contains('3'), "the row's number: {}", run.stderr);
    assert!(contents(&sandbox.music()) == before);
    sandbox.run(&["apply", "../codes.csv", "Album", "--partial"]).expect(1);
    assert_eq!(
        sandbox.run(&["get", "Album/01.flac"]).expect(0).stdout,
        "QZTST2600001\n"
    );
}

/// A list is applied to an album, and only then is the ledger begun: its codes are in files, and nowhere in the ledger.
#[test]
fn assign_gives_no_code_again_that_an_earlier_run_wrote_elsewhere() {
    let sandbox = Sandbox::new();
    for (name, seed) in [("Old/1.wav", 1), ("Old/2.wav", 2), ("New/1.wav", 3)] {
        sandbox.file(name, &audio::wav(6.0, seed));
    }
    sandbox.run(&["set", "QZTST2600001", "Old/1.wav"]).expect(0);
    sandbox.run(&["set", "QZTST2600002", "Old/2.wav"]).expect(0);
    let entered = sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0).stdout;
    // The year of the codes may be past.
    let left = ["99,997", "99,999"].map(|left| format!("QZTST 00001-99999: entered, {left} codes left for "));
    assert!(left.iter().any(|left| entered.starts_with(left)), "{entered}");
    assert_eq!(entered.starts_with(&left[0]), entered.contains("for 2026"), "{entered}");
    let assigned = |options: &[&str]| {
        let run = sandbox.run(&[&["assign", "--year", "2026", "New"], options].concat());
        run.expect(0).stdout
    };
    assert!(assigned(&["-n"]).contains("-> QZTST2600003"));
    // What was taken back is in no file.
    sandbox.run(&["undo"]).expect(0);
    assert!(assigned(&["-n"]).contains("-> QZTST2600002"));
    assert!(assigned(&[]).contains("-> QZTST2600002"));
    let listed = sandbox.run(&["ledger", "list"]).expect(0).stdout;
    assert!(listed.contains("QZTST2600001"), "{listed}");
    // They are known to be elsewhere.
    sandbox.run(&["ledger", "check", "New"]).expect(0);
    sandbox.run(&["ledger", "check", "."]).expect(0);
    std::fs::remove_file(sandbox.path("Old/1.wav")).unwrap();
    sandbox.run(&["ledger", "check", "New"]).expect(0);
    let told = sandbox.run(&["ledger", "check", "."]).expect(1).stdout;
    assert_eq!(told, "QZTST2600001: no file carries it\n");
}

#[test]
fn assign_says_what_the_ledger_has_given_to_that_title_already() {
    let sandbox = album();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let first = sandbox.run(&["assign", "--year", "2026", "Album"]).expect(0);
    assert!(!first.stderr.contains("already"), "{}", first.stderr);
    assert!(first.stdout.starts_with("Album/01.flac: "), "{}", first.stdout);
    // Taken back and done again, the same audio gets its code, and nothing is said about it.
    sandbox.run(&["undo"]).expect(0);
    let again = sandbox.run(&["assign", "--year", "2026", "Album"]).expect(0);
    assert_eq!(
        (&again.stdout.lines().next(), again.stderr.as_str()),
        (&first.stdout.lines().next(), "")
    );
    // The MP3 of the last track, in a run of its own.
    sandbox.take(
        "library/Lantern Street/Tidewater (2024) [MP3]/09 Estuary.mp3",
        "MP3/09.mp3",
    );
    let second = sandbox.run(&["assign", "-n", "--year", "2026", "MP3"]).expect(0);
    assert!(
        second
            .stderr
            .contains("09.mp3: QZTST2600003 is given to this title by this artist already"),
        "{}",
        second.stderr
    );
    let hint = second
        .stderr
        .lines()
        .find_map(|line| line.split_once("recording: isrctag "))
        .unwrap()
        .1;
    let hint: Vec<&str> = hint.split(' ').collect();
    sandbox.run(&[&hint[..], &["-n"]].concat()).expect(0);
    let both = sandbox.run(&["assign", "-n", "--year", "2026", "."]).expect(0);
    assert!(!both.stderr.contains("already"), "{}", both.stderr);
    assert!(both.stdout.contains("(none) -> QZTST2600003"), "{}", both.stdout);
}

#[test]
fn rows_without_a_code_and_wrong_column_names_are_told() {
    let sandbox = album();
    sandbox.file("../codes.csv", b"file;isrc\n01.flac;QZTST2600001\n08.flac;\n09.flac;\n");
    let run = sandbox.run(&["apply", "-n", "../codes.csv", "Album"]).expect(0);
    let told = "rows 3 and 4: no code, so nothing is asked for";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let columns = ["apply", "-n", "../codes.csv", "Album", "--columns", "isrc=Foo"];
    let run = sandbox.run(&columns).expect(2);
    assert!(run.stderr.contains("no column is headed \"Foo\""), "{}", run.stderr);
}

#[test]
fn files_without_a_row_are_named_beside_those_with_one() {
    let sandbox = album();
    let track = "library/Lantern Street/Tidewater (2024)/01 Low Water.flac";
    for name in ["Other/1.flac", "Other/2.flac", "Single/1.flac"] {
        sandbox.take(track, name);
    }
    sandbox.file("../codes.csv", b"file;isrc\nAlbum/01.flac;QZTST2600001\n");
    let told = |arguments: &[&str]| -> Vec<String> {
        let run = sandbox.run(arguments).expect(0);
        let lines = run.stderr.lines().filter(|line| line.contains("no row"));
        lines.map(str::to_owned).collect()
    };
    let apply = ["apply", "-n", "../codes.csv", "."];
    let named = |path: &str| format!("./{path}: no row is for it");
    let album = [named("Album/08.flac"), named("Album/09.flac")];
    let others = [
        "./Other: no row is for 2 files in it".to_owned(),
        named("Single/1.flac"),
    ];
    assert_eq!(told(&apply), [&album[..], &others].concat());
    assert_eq!(told(&[&apply[..], &["-v"]].concat()).len(), 5);
    // A folder whose files do not come one after the other is told once.
    let paths = ["Album/01.flac", "Other/1.flac", "Single/1.flac", "Other/2.flac"];
    let once = ["Other: no row is for 2 files in it", "Single/1.flac: no row is for it"];
    assert_eq!(told(&[&apply[..3], &paths].concat()), once);
    // A row without a code is a row, and a row is for all files of its recording, those too that have its code already.
    sandbox.file(
        "../codes.csv",
        b"file;isrc\nAlbum/01.flac;\nSingle/1.flac;QZTST2400001\n",
    );
    assert_eq!(told(&apply), album);
    sandbox.file("../codes.csv", b"file;isrc\nAlbum/01.flac;QZTST2600001\n");
    for number in 10..40 {
        sandbox.take(track, &format!("Album/{number}.flac"));
    }
    let lines = told(&apply);
    assert_eq!(lines.len(), 20);
    assert_eq!(lines[19], "no row is for 16 more files; -v names them");
}

#[test]
fn a_code_that_is_hard_to_believe_is_written_and_told() {
    let sandbox = album();
    sandbox.file("../codes.csv", b"file;isrc\n01.flac;XXTST2600001\n");
    let run = sandbox.run(&["apply", "../codes.csv", "Album"]).expect(0);
    assert!(
        run.stderr.contains("XXTST2600001 is hard to believe: "),
        "{}",
        run.stderr
    );
    assert!(sandbox.run(&["get", "Album/01.flac"]).expect(0).stdout == "XXTST2600001\n");
    // Nothing is written, nothing is told.
    assert_eq!(
        sandbox
            .run(&["apply", "-v", "../codes.csv", "Album/01.flac"])
            .expect(0)
            .stderr,
        ""
    );
}

#[test]
fn codes_come_from_the_prefix_and_the_ledger_agrees() {
    let sandbox = album();
    sandbox.run(&["assign", "Album"]).expect(2);
    sandbox
        .run(&["ledger", "prefix", "add", "QZTST", "--to", "00100"])
        .expect(0);
    let planned = sandbox.run(&["assign", "-n", "Album", "--year", "2026"]).expect(0);
    assert!(planned.stdout.contains("QZTST2600003"), "{}", planned.stdout);
    assert!(
        planned.stdout.contains("\n3 codes for 3 recordings in 3 files\n"),
        "{}",
        planned.stdout
    );
    let for_programs = sandbox.run(&["assign", "-n", "Album", "--year", "2026", "--format", "jsonl"]);
    let summary = &for_programs.expect(0).objects("summary")[0];
    assert_eq!((&summary["codes"], &summary["recordings"]), (&3.into(), &3.into()));
    assert_eq!(summary["planned"], 3);
    let told = "QZTST3900001 is hard to believe: ";
    let planned = sandbox.run(&["assign", "-n", "Album", "--year", "2039"]).expect(0);
    assert!(planned.stderr.contains(told), "{}", planned.stderr);
    let assigned = sandbox.run(&["assign", "Album", "--year", "2026"]).expect(0);
    assert!(!assigned.stderr.contains("hard to believe"), "{}", assigned.stderr);
    let codes = ["01", "08", "09"].map(|name| sandbox.run(&["get", &format!("Album/{name}.flac")]).expect(0).stdout);
    assert_eq!(codes, ["QZTST2600001\n", "QZTST2600002\n", "QZTST2600003\n"]);
    sandbox.run(&["ledger", "check", "Album"]).expect(0);
    assert!(
        sandbox
            .run(&["ledger", "list"])
            .expect(0)
            .stdout
            .contains("QZTST2600003")
    );
    // Nothing is given twice.
    sandbox.run(&["assign", "Album", "--year", "2026"]).expect(0);
    assert_eq!(
        sandbox.run(&["get", "Album/01.flac"]).expect(0).stdout,
        "QZTST2600001\n"
    );
}

#[test]
fn an_album_is_held_against_its_own_codes_of_the_ledger_alone() {
    let sandbox = album();
    std::fs::create_dir(sandbox.path("Other")).unwrap();
    std::fs::rename(sandbox.path("Album/09.flac"), sandbox.path("Other/09.flac")).unwrap();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    for folder in ["Album", "Other"] {
        sandbox.run(&["assign", folder, "--year", "2026"]).expect(0);
    }
    for asked in [
        &["Album"][..],
        &["Other/../Other"],
        &["Album", "Other"],
        &["Album/01.flac"],
    ] {
        let run = sandbox.run(&[&["ledger", "check"], asked].concat()).expect(0);
        assert_eq!(run.stdout, "Files and ledger agree.\n", "{asked:?}");
    }
    // A file that has lost its code, one that is gone, and a code of no known file.
    sandbox.run(&["remove", "Album/01.flac"]).expect(0);
    std::fs::remove_file(sandbox.path("Other/09.flac")).unwrap();
    let told = |path: &str| sandbox.run(&["ledger", "check", path]).expect(1).stdout;
    assert_eq!(told("Album"), "QZTST2600001: no file carries it\n");
    assert_eq!(
        told("."),
        "QZTST2600001: no file carries it\nQZTST2600003: no file carries it\n"
    );
    for code in ["QZTST2600051", "QZTST2600052", "QZTST2500053"] {
        sandbox.run(&["ledger", "add", code]).expect(0);
    }
    assert_eq!(
        told("Other"),
        "QZTST2500053: no file carries it\nQZTST2600003: no file carries it\n\
         QZTST2600051 to QZTST2600052, 2 codes: no file carries them\n"
    );
    sandbox.run(&["ledger", "add", "QZTST2600050"]).expect(0);
    assert!(told("Album").contains("QZTST2600050 to QZTST2600052, 3 codes: no file carries them"));
}

#[test]
fn a_code_of_two_recordings_is_told_with_both_files() {
    let sandbox = album();
    for file in ["Album/01.flac", "Album/08.flac"] {
        sandbox.run(&["set", "QZTST2600001", file]).expect(0);
    }
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["assign", "Album", "--year", "2026"]).expect(2);
    let [here, there] = ["01.flac", "08.flac"].map(|name| sandbox.path("Album").join(name).display().to_string());
    let told = format!("{there}: QZTST2600001 is given a second time: here and in {here} the durations are");
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    // A receiver of the list would refuse it.
    let run = sandbox
        .run(&["export", "--recordings", "Album", "-o", "../list.csv"])
        .expect(1);
    assert!(
        run.stderr
            .contains("QZTST2600001 stands in 2 rows: Album/01.flac, Album/08.flac"),
        "{}",
        run.stderr
    );
    assert_eq!(contents(&sandbox.music()), before);
}
