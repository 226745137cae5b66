//! Edits by the built program, judged by the bytes on disk.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use std::path::Path;
use std::time::{Duration, SystemTime};

use common::{Sandbox, contents, testdata};

const CODE: &str = "QZTSE2699999";

fn seeds() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(testdata().join("seeds"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 150);
    names
}

#[test]
fn every_seed_takes_a_code_and_undo_gives_the_old_bytes() {
    let sandbox = Sandbox::with("seeds");
    let before = contents(&sandbox.music());
    let mut wrong = Vec::new();
    for name in seeds() {
        let run = sandbox.run(&["set", CODE, &name, "--replace", "--format", "jsonl"]);
        let outcome = run.objects("edit")[0]["outcome"].clone();
        if run.code != 0 || outcome != "written" {
            wrong.push(format!("{name}: {}", run.stdout));
        } else if sandbox.run(&["get", &name]).stdout.trim() != CODE && !has_read_only_place(&sandbox, &name) {
            wrong.push(format!("{name}: the code is not read back"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    for run in (1..=seeds().len()).rev() {
        sandbox.run(&["undo", &run.to_string()]).expect(0);
    }
    assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
}

/// Files with a place that an edit leaves alone conflict with the new code, and say so.
fn has_read_only_place(sandbox: &Sandbox, name: &str) -> bool {
    let run = sandbox.run(&["set", CODE, name, "-n", "-v"]);
    run.stdout.contains("it is left alone")
}

#[test]
fn every_seed_loses_its_codes_and_gets_them_back() {
    let sandbox = Sandbox::with("seeds");
    let before = contents(&sandbox.music());
    let names = seeds();
    let mut arguments = vec!["remove", "--format", "jsonl"];
    arguments.extend(names.iter().map(String::as_str));
    // Some places are only read.
    let run = sandbox.run(&arguments).expect(1);
    let written = run
        .objects("edit")
        .iter()
        .filter(|edit| edit["outcome"] == "written")
        .count();
    assert!(written > 120, "{written}");
    let scan = sandbox.run(&["scan", "--all", "--format", "jsonl"]);
    for file in scan.objects("file") {
        let read_only = ["mp4:xid", "mp4:udta", "riff:", "bwf:", "aiff:ANNO", "vorbis:CUESHEET"];
        for place in file["places"].as_array().unwrap() {
            let name = place["place"].as_str().unwrap();
            assert!(
                read_only.iter().any(|start| name.starts_with(start)),
                "{} keeps {name}",
                file["path"]
            );
        }
    }
    sandbox.run(&["undo"]).expect(0);
    assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
}

#[test]
fn a_removal_that_leaves_a_code_in_a_place_that_is_only_read_says_so_and_ends_with_1() {
    for (name, told) in [
        (
            "m4a-xid.m4a",
            "mp4:xid still says Recipe:isrc:QZTSE2600423; it is left alone",
        ),
        (
            "m4a-xid-freeform.m4a",
            "mp4:xid still says Recipe:isrc:QZTSE2600424; it is left alone",
        ),
        ("wav-info-code.wav", "riff:INFO/ISRC still says "),
        ("wav-info-comment.wav", "riff:INFO/ICMT still says "),
        ("wav-info-differs.wav", "riff:INFO/ISRC still says "),
        ("wav-bext-description.wav", "bwf:bext/Description still says "),
        ("wav-ixml.wav", "bwf:iXML still says "),
        ("wav-xmp.wav", "riff:_PMX still says "),
        ("flac-cuesheet-comment.flac", "vorbis:CUESHEET still says "),
        ("wav-bext-reference.wav", "bwf:bext/OriginatorReference still says "),
        ("wav-cart.wav", "riff:cart/CutID still says "),
        ("mov-isr.mov", "mp4:udta/\u{a9}isr still says "),
        ("aiff-anno.aiff", "aiff:ANNO still says "),
    ] {
        let sandbox = Sandbox::new();
        sandbox.take(&format!("seeds/{name}"), name);
        for arguments in [&["remove", "-n", name][..], &["remove", name], &["remove", name]] {
            let run = sandbox.run(arguments).expect(1);
            assert!(run.stdout.contains(told), "{name}: {}", run.stdout);
        }
    }
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    sandbox.run(&["remove", "a.flac"]).expect(0);
    sandbox.run(&["remove", "a.flac"]).expect(0);
}

#[test]
fn fix_repairs_what_is_safe_and_undo_takes_it_back() {
    for in_place in ["auto", "never"] {
        let sandbox = Sandbox::with("library");
        let before = contents(&sandbox.music());
        let planned = sandbox.run(&["fix", "-n", ".", "--format", "jsonl"]).expect(3);
        let run = sandbox
            .run(&["fix", ".", "--in-place", in_place, "--format", "jsonl"])
            .expect(3);
        let summary = &run.objects("summary")[0];
        assert_eq!(summary["written"], 7);
        assert_eq!(summary["refused"], 4);
        assert_eq!(planned.objects("summary")[0]["planned"], 7);
        let told = |run: &common::Run| -> Vec<(String, String)> {
            let steps = run.objects("edit").into_iter().filter(|edit| !edit["after"].is_null());
            steps
                .map(|edit| (edit["path"].to_string(), edit["after"].to_string()))
                .collect()
        };
        assert_eq!(told(&run), told(&planned), "a dry run prints the very plan");
        let scan = sandbox.run(&["scan", ".", "--format", "jsonl"]);
        assert_eq!(scan.objects("summary")[0]["repairable"], 0);
        assert_eq!(sandbox.run(&["fix", "."]).expect(3).stdout.matches("->").count(), 0);
        assert!(leftovers(&sandbox.music()).is_empty());
        sandbox.run(&["undo"]).expect(0);
        assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
        sandbox.run(&["undo"]).expect(2);
    }
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = contents(folder)
        .into_iter()
        .map(|(path, _)| path.to_string_lossy().into_owned());
    names.filter(|name| name.contains(".isrctag-")).collect()
}

#[test]
fn fix_on_a_clean_library_writes_nothing_and_says_so() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-tagged.flac", "a.flac");
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    let run = sandbox.run(&["fix", "."]).expect(0);
    assert!(run.stdout.contains("nothing written"), "{}", run.stdout);
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), modified);
}

#[test]
fn a_conflict_with_a_place_that_is_only_read_is_told_as_such() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-cuesheet-comment.flac", "a.flac");
    sandbox.run(&["set", "--replace", CODE, "a.flac"]).expect(0);
    let told = sandbox.run(&["scan", "a.flac"]).expect(1).stdout;
    assert!(
        told.contains("and vorbis:CUESHEET is only read: change it with another program"),
        "{told}"
    );
    // Two places that can be written are another matter.
    sandbox.take("library/Lantern Street/Tidewater (2024)/06 Breakwater.flac", "b.flac");
    let told = sandbox.run(&["scan", "b.flac"]).expect(1).stdout;
    assert!(
        told.contains("several codes in one file") && !told.contains("only read"),
        "{told}"
    );
}

#[test]
fn set_says_what_is_hard_to_believe_and_which_word_comes_first() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let before = std::fs::read(&path).unwrap();
    let run = sandbox.run(&["set", "a.flac", CODE]).expect(2);
    assert!(run.stderr.contains("hint: the code comes first"), "{}", run.stderr);
    assert!(std::fs::read(&path).unwrap() == before);
    let run = sandbox.run(&["set", "XXTST2600001", "a.flac"]).expect(0);
    assert!(
        run.stderr.contains("XXTST2600001 is hard to believe: "),
        "{}",
        run.stderr
    );
    assert_eq!(sandbox.run(&["set", CODE, "--replace", "a.flac"]).expect(0).stderr, "");
}

#[test]
fn told_at_length_a_file_says_how_it_is_written() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let told = "every other tag item and the audio as before: proved";
    let planned = sandbox.run(&["set", "-n", "-v", CODE, "a.flac"]).expect(0).stdout;
    assert!(planned.contains(" bytes in place; ") && planned.contains(&format!("{told}\n")));
    let written = sandbox.run(&["set", "-v", CODE, "a.flac"]).expect(0).stdout;
    assert!(written.contains(&format!("{told}, synced, read back\n")), "{written}");
    let anew = ["remove", "--in-place", "never", "--format", "jsonl", "a.flac"];
    let line = sandbox.run(&anew).expect(0).objects("edit").remove(0);
    let len = std::fs::metadata(sandbox.path("a.flac")).unwrap().len();
    assert_eq!((&line["manner"], &line["bytes"]), (&"new-file".into(), &len.into()));
    let quiet = sandbox.run(&["set", CODE, "a.flac"]).expect(0).stdout;
    assert!(!quiet.contains("proved"), "{quiet}");
}

#[test]
fn fix_place_writes_the_standard_place_too() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/mp3-apev2.mp3", "a.mp3");
    sandbox.run(&["fix", "--place", "."]).expect(0);
    let run = sandbox.run(&["show", "a.mp3", "--format", "jsonl"]).expect(0);
    let places: Vec<String> = run.json()[0]["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["place"].to_string())
        .collect();
    assert_eq!(places, ["\"id3v2:TSRC\"", "\"apev2:ISRC\""]);
}

#[test]
fn another_code_is_replaced_only_when_asked() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-tagged.flac", "a.flac");
    let before = std::fs::read(&path).unwrap();
    let run = sandbox.run(&["set", CODE, "a.flac"]).expect(3);
    assert!(
        run.stdout
            .contains("it carries QZTSE2600203 already; --replace replaces it"),
        "{}",
        run.stdout
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    sandbox.run(&["set", CODE, "a.flac", "--replace"]).expect(0);
    assert_eq!(sandbox.run(&["get", "a.flac"]).stdout, format!("{CODE}\n"));
}

#[test]
fn a_placeholder_is_written_only_when_forced() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let before = std::fs::read(&path).unwrap();
    sandbox.run(&["set", "QZXXX9999999", "a.flac"]).expect(2);
    sandbox.run(&["set", "XXXXXXXXXXXX", "a.flac", "--force"]).expect(2);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    sandbox.run(&["set", "QZXXX9999999", "a.flac", "--force"]).expect(0);
}

#[test]
fn what_cannot_be_read_is_refused_and_stays_and_the_others_are_done() {
    let sandbox = Sandbox::new();
    let whole = std::fs::read(testdata().join("seeds/flac-hyphens-padding-large.flac")).unwrap();
    let cut = sandbox.file("cut.flac", &whole[..200]);
    let mut twice = whole.clone();
    // A second comment block: the PADDING block behind the comments says it is one, and holds a comment.
    let padding = padding_block(&twice);
    twice[padding] = 4 | (twice[padding] & 0x80);
    twice[padding + 4..padding + 19].copy_from_slice(b"\0\0\0\0\x01\0\0\0\x03\0\0\0A=1");
    let twice = sandbox.file("twice.flac", &twice);
    sandbox.file("whole.flac", &whole);
    let before = [std::fs::read(&cut).unwrap(), std::fs::read(&twice).unwrap()];
    let run = sandbox.run(&["fix", ".", "--format", "jsonl"]).expect(3);
    let edits = run.objects("edit");
    let outcomes: Vec<&str> = edits.iter().map(|edit| edit["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["refused", "refused", "written"]);
    assert!(edits[1]["reason"].as_str().unwrap().contains("comment"), "{}", edits[1]);
    assert_eq!([std::fs::read(&cut).unwrap(), std::fs::read(&twice).unwrap()], before);
}

/// Offset of the PADDING block of a FLAC file.
fn padding_block(flac: &[u8]) -> usize {
    let mut at = 4;
    while flac[at] & 0x7f != 1 {
        at += 4 + u32::from_be_bytes([0, flac[at + 1], flac[at + 2], flac[at + 3]]) as usize;
    }
    at
}

#[test]
fn a_state_folder_that_cannot_be_written_stops_the_run_before_the_first_edit() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    let before = std::fs::read(&path).unwrap();
    std::fs::write(sandbox.state(), b"a file, no folder").unwrap();
    let run = sandbox.run(&["fix", "."]).expect(2);
    assert!(run.stderr.contains("state folder"), "{}", run.stderr);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn the_modification_time_stays_only_when_asked() {
    let sandbox = Sandbox::new();
    let old = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    for (flags, stays) in [
        (&[][..], false),
        (&["--preserve-mtime"], true),
        (&["--preserve-mtime", "--in-place", "never"], true),
    ] {
        let path = sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(old)
            .unwrap();
        sandbox.run(&[&["fix", "."], flags].concat()).expect(0);
        let now = std::fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(now == old, stays, "{flags:?}");
    }
}

#[test]
fn undo_gives_back_times_that_nanoseconds_do_not_reach() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    // 2300 and 1600.
    let [future, past] = [10_413_792_000, 11_676_096_000].map(Duration::from_secs);
    for time in [SystemTime::UNIX_EPOCH + future, SystemTime::UNIX_EPOCH - past] {
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(time).unwrap();
        let modified = || std::fs::metadata(&path).unwrap().modified().unwrap();
        let before = modified();
        if before != time {
            eprintln!("this file system keeps no such time");
        }
        sandbox.run(&["fix", "."]).expect(0);
        sandbox.run(&["undo"]).expect(0);
        assert_eq!(modified(), before);
    }
}

#[test]
fn undo_refuses_a_file_that_has_changed_since() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    sandbox.run(&["fix", "."]).expect(0);
    let mut changed = std::fs::read(&path).unwrap();
    changed.push(0);
    std::fs::write(&path, &changed).unwrap();
    sandbox.run(&["undo"]).expect(3);
    assert_eq!(std::fs::read(&path).unwrap(), changed);
}

#[test]
fn the_log_lists_runs_that_can_be_undone() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    sandbox.run(&["fix", "."]).expect(0);
    sandbox.run(&["set", CODE, "a.flac", "--replace"]).expect(0);
    let runs = sandbox.run(&["log", "--format", "jsonl"]).expect(0).objects("run");
    assert_eq!(runs.len(), 2);
    assert!(sandbox.run(&["log"]).stdout.contains("fix ."));
    sandbox.run(&["undo", "1"]).expect(3);
    sandbox.run(&["undo", "2"]).expect(0);
    sandbox.run(&["undo", "1"]).expect(0);
    sandbox.run(&["undo", "7"]).expect(2);
}

#[cfg(unix)]
#[test]
fn read_only_files_and_links_are_respected() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    let before = std::fs::read(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    sandbox.run(&["fix", "a.flac"]).expect(3);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("a.flac", sandbox.path("link.flac")).unwrap();
    sandbox.run(&["fix", "link.flac", "--in-place", "never"]).expect(0);
    assert!(
        std::fs::symlink_metadata(sandbox.path("link.flac"))
            .unwrap()
            .is_symlink()
    );
    assert_ne!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

/// Kills the program again and again, at moments spread over its run; each file is then the old or the new one.
#[cfg(unix)]
#[test]
fn a_killed_run_leaves_old_or_new_files_and_the_next_one_finishes() {
    const FILES: usize = 240;
    const KILLS: u64 = 25;
    let shapes = [
        "flac-hyphens-padding-large.flac",
        "flac-hyphens-padding-none.flac",
        "m4a-hyphens.m4a",
        "opus-hyphens-tight.opus",
    ];
    let sandbox = Sandbox::new();
    for number in 0..FILES {
        let shape = shapes[number % shapes.len()];
        sandbox.take(&format!("seeds/{shape}"), &format!("{number:03}-{shape}"));
    }
    let old = contents(&sandbox.music());
    let reference = Sandbox::new();
    for shape in shapes {
        reference.take(&format!("seeds/{shape}"), shape);
    }
    reference.run(&["fix", "."]).expect(0);
    let started = std::time::Instant::now();
    let calibration = Sandbox::new();
    for number in 0..FILES / 8 {
        calibration.take(
            &format!("seeds/{}", shapes[number % 4]),
            &format!("{number}-{}", shapes[number % 4]),
        );
    }
    calibration.run(&["fix", "."]).expect(0);
    let whole_run = started.elapsed() * 4;
    for kill in 0..KILLS {
        let mut child = sandbox
            .isrctag()
            .args(["fix", ".", "-q"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // A moment of this run's own; not a wait for something to happen.
        std::thread::sleep(whole_run * (kill as u32 * 7 % 25 + 1) / 60);
        child.kill().unwrap();
        child.wait().unwrap();
        for (path, bytes) in contents(&sandbox.music()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.starts_with(".isrctag-") {
                continue;
            }
            let was = &old.iter().find(|(other, _)| *other == path).unwrap().1;
            let new = std::fs::read(reference.path(&name[4..])).unwrap();
            // A torn window is settled by the next run; here the file may be half written only in place.
            let whole = bytes == *was || bytes == new;
            assert!(
                whole || bytes.len() == was.len(),
                "{name} has another length after kill {kill}"
            );
        }
    }
    sandbox.run(&["fix", "."]).expect(0);
    for (path, bytes) in contents(&sandbox.music()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            bytes == std::fs::read(reference.path(&name[4..])).unwrap(),
            "{name} is not the fixed file"
        );
    }
    let runs = sandbox.run(&["log", "--format", "jsonl"]).expect(0).objects("run");
    let mut numbers: Vec<i64> = runs
        .iter()
        .filter(|run| run["written"].as_u64().unwrap() > 0)
        .map(|run| run["run"].as_i64().unwrap())
        .collect();
    numbers.sort();
    for number in numbers.into_iter().rev() {
        sandbox.run(&["undo", &number.to_string()]).expect(0);
    }
    assert!(contents(&sandbox.music()) == old, "undo gave other bytes");
}

#[test]
fn objects_of_files_that_stay_as_they_are_say_what_stands_in_them() {
    let sandbox = Sandbox::new();
    sandbox.take("library/Lantern Street/Tidewater (2024)/01 Low Water.flac", "a.flac");
    let object = |arguments: &[&str], code| sandbox.run(arguments).expect(code).objects("edit")[0].clone();
    let set = |isrc, code| object(&["set", isrc, "a.flac", "--format", "jsonl"], code);
    for (edit, outcome) in [
        (set("QZTST2400001", 0), "unchanged"),
        (set("QZTST2400099", 3), "refused"),
    ] {
        assert_eq!(edit["outcome"], outcome);
        assert_eq!(edit["place"], "vorbis:ISRC");
        assert_eq!(edit["before"], "QZTST2400001");
        assert_eq!(edit["after"], "QZTST2400001");
    }
}

#[test]
fn undo_names_files_as_the_user_would_and_says_what_it_puts_back() {
    let sandbox = Sandbox::new();
    sandbox.take("library/Lantern Street/Tidewater (2024)/01 Low Water.flac", "A/a.flac");
    sandbox.run(&["remove", "A/a.flac"]).expect(0);
    let preview = sandbox.run(&["undo", "-n"]).expect(0).stdout;
    assert_eq!(
        preview,
        "A/a.flac: (none) -> QZTST2400001 (vorbis:ISRC)\n1 file to be taken back (dry run: nothing was done)\n"
    );
    assert_eq!(
        sandbox.run(&["undo"]).expect(0).stdout,
        "A/a.flac: (none) -> QZTST2400001 (vorbis:ISRC)\n1 file taken back\n"
    );
}

#[cfg(unix)]
#[test]
fn a_file_beyond_the_limit_of_file_sizes_fails_and_stays_as_it_is() {
    let sandbox = Sandbox::new();
    let mut song = std::fs::read(testdata().join("seeds/mp3-hyphens-padded.mp3")).unwrap();
    song.resize(2 << 20, 0);
    sandbox.file("long.mp3", &song);
    sandbox.take("seeds/mp3-hyphens-padded.mp3", "short.mp3");
    let program = sandbox.isrctag();
    let mut limited = std::process::Command::new("sh");
    limited
        .args([
            "-c",
            "ulimit -f 1024; exec \"$0\" fix --in-place never long.mp3 short.mp3",
        ])
        .arg(program.get_program())
        .current_dir(sandbox.music());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    let run = common::Run::of(&mut limited).expect(3);
    assert!(run.stdout.contains("long.mp3: failed: "), "{}", run.stdout);
    assert!(std::fs::read(sandbox.path("long.mp3")).unwrap() == song);
    assert_eq!(std::fs::read_dir(sandbox.music()).unwrap().count(), 2);
    sandbox.run(&["scan", "--only", "malformed", "short.mp3"]).expect(0);
}

#[test]
fn an_undo_tells_programs_what_is_in_the_places_again() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    let before = contents(&sandbox.music());
    let value = sandbox.run(&["show", "--format", "jsonl", "a.flac"]).json()[0]["places"][0]["value"].clone();
    sandbox.run(&["fix", "a.flac"]).expect(0);
    let code = sandbox.run(&["get", "a.flac"]).expect(0).stdout;
    for (arguments, outcome) in [
        (&["undo", "-n", "--format", "jsonl"][..], "planned"),
        (&["undo", "--format", "jsonl"], "written"),
    ] {
        let edit = &sandbox.run(arguments).expect(0).objects("edit")[0];
        assert_eq!(edit["place"], "vorbis:ISRC");
        assert_eq!((&edit["before"], &edit["after"]), (&code.trim().into(), &value));
        assert_eq!(edit["outcome"], outcome);
    }
    assert!(contents(&sandbox.music()) == before);
    // What is refused is as it was.
    sandbox.run(&["fix", "a.flac"]).expect(0);
    sandbox.run(&["set", "--replace", "QZTST2600001", "a.flac"]).expect(0);
    let run = sandbox.run(&["log", "--format", "jsonl"]).expect(0).objects("run")[2]["run"].to_string();
    let edit = &sandbox
        .run(&["undo", &run, "--format", "jsonl"])
        .expect(3)
        .objects("edit")[0];
    assert_eq!(
        (&edit["outcome"], &edit["after"]),
        (&"refused".into(), &serde_json::Value::Null)
    );
}
