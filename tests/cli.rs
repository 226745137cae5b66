//! What a user types and what a script relies on: names, exit statuses, keys, and what never reaches a terminal.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use std::process::{Command, Stdio};

use common::{Run, Sandbox, contents};

#[test]
fn a_scan_of_nothing_but_fine_files_ends_well() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    let run = sandbox.run(&["scan"]).expect(0);
    assert!(run.stdout.contains("All fine."), "{}", run.stdout);
}

#[test]
fn findings_are_status_1_and_warnings_only_when_strict() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/mp3-apev2.mp3", "misplaced.mp3");
    sandbox.run(&["scan"]).expect(0);
    sandbox.run(&["scan", "--strict"]).expect(1);
    sandbox.take("seeds/mp3-untagged.mp3", "missing.mp3");
    sandbox.run(&["scan"]).expect(1);
    sandbox.run(&["scan", "--ignore", "missing"]).expect(0);
    sandbox.run(&["scan", "--only", "misplaced"]).expect(0);
}

#[test]
fn unreadable_is_status_3() {
    let sandbox = Sandbox::new();
    sandbox.file("empty.mp3", b"");
    sandbox.run(&["scan"]).expect(3);
    sandbox.run(&["scan", "no such folder"]).expect(2);
    sandbox.run(&["scan", "--ignore", "unreadable"]).expect(0);
    // Not to be listed is not to be ignored.
    sandbox.run(&["scan", "--only", "missing"]).expect(3);
    sandbox.run(&["scan", "--ignore", "missing"]).expect(3);
    sandbox
        .run(&["scan", "--only", "missing", "--ignore", "unreadable"])
        .expect(0);
}

#[test]
fn wrong_usage_is_status_2() {
    let sandbox = Sandbox::new();
    sandbox.run(&["scan", "--no-such-flag"]).expect(2);
    sandbox.run(&["scan", "--only", "nonsense"]).expect(2);
    sandbox.run(&["scan", "-o", "report.unknown"]).expect(2);
    sandbox.run(&["fix"]).expect(2);
    sandbox.run(&["set", "USRC1760783O", "x.flac"]).expect(2);
    sandbox.run(&["set", "XXXXXXXXXXXX", "x.flac"]).expect(2);
    sandbox.run(&["frobnicate"]).expect(2);
}

#[test]
fn a_lying_name_is_reported_and_the_code_read_all_the_same() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.mp3");
    let run = sandbox.run(&["scan", "--format", "jsonl"]).expect(3);
    let file = &run.objects("file")[0];
    assert_eq!(file["format"], "flac");
    assert_eq!(file["isrc"], "QZTSE2600203");
    assert_eq!(file["findings"][0]["kind"], "unreadable");
    assert_eq!(file["findings"][0]["reason"], "named .mp3 but holds FLAC");
}

#[test]
fn audio_without_an_extension_is_found_and_other_files_are_passed_over() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "no extension");
    sandbox.file("notes", b"not audio");
    sandbox.file("cover.jpg", b"not looked at");
    sandbox.file("album.cue", b"not looked at");
    let run = sandbox.run(&["scan", "--format", "jsonl", "--all"]).expect(0);
    assert_eq!(run.objects("summary")[0]["files"], 1);
    // Named by the user, it must be audio.
    sandbox.run(&["scan", "notes"]).expect(3);
}

#[test]
fn hidden_files_links_and_excluded_names_are_walked_only_when_asked() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", ".hidden.flac");
    sandbox.take("seeds/flac-tagged.flac", "keep/a.flac");
    sandbox.take("seeds/flac-tagged.flac", "drafts/b.flac");
    let count = |arguments: &[&str]| {
        let run = sandbox.run(&[&["scan", "--all", "--format", "jsonl"], arguments].concat());
        run.objects("summary")[0]["files"].as_u64().unwrap()
    };
    assert_eq!(count(&[]), 2);
    assert_eq!(count(&["--hidden"]), 3);
    assert_eq!(count(&["--exclude", "drafts"]), 1);
    assert_eq!(count(&["--exclude", "*.flac"]), 0);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("keep/a.flac", sandbox.path("link.flac")).unwrap();
        assert_eq!(count(&[]), 2);
        assert_eq!(count(&["--follow"]), 3);
        // A path that the user names is followed.
        assert_eq!(count(&["link.flac"]), 1);
    }
}

#[test]
fn a_file_named_twice_is_seen_once() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a/1.flac");
    let run = sandbox
        .run(&["scan", "--format", "jsonl", ".", "a", "a/1.flac"])
        .expect(0);
    assert_eq!(run.objects("summary")[0]["files"], 1);
}

#[test]
fn a_named_path_is_read_once_also_where_the_walk_of_another_leaves_it() {
    let sandbox = Sandbox::new();
    for name in ["a.flac", ".h/1.flac", ".y.flac", "song", "b/2.flac", "b/.deep/3.flac"] {
        sandbox.take("seeds/flac-tagged.flac", name);
    }
    sandbox.take("seeds/flac-tagged.flac", "cover.jpg");
    let read = |arguments: &[&str]| {
        let run = sandbox.run(&[&["scan", "--all", "--format", "jsonl"], arguments].concat());
        let mut paths: Vec<String> = run
            .objects("file")
            .iter()
            .map(|file| file["path"].as_str().unwrap().trim_start_matches("./").to_owned())
            .collect();
        paths.sort();
        paths.join(" ")
    };
    assert_eq!(read(&["."]), "a.flac b/2.flac song");
    assert_eq!(read(&[".h", ".y.flac"]), ".h/1.flac .y.flac");
    assert_eq!(read(&[".", ".h", ".y.flac"]), ".h/1.flac .y.flac a.flac b/2.flac song");
    assert_eq!(
        read(&[".y.flac", ".h/1.flac", ".", ".h"]),
        ".h/1.flac .y.flac a.flac b/2.flac song"
    );
    assert_eq!(read(&[".", "b/.deep/3.flac"]), "a.flac b/.deep/3.flac b/2.flac song");
    assert_eq!(read(&[".", "song"]), "a.flac b/2.flac song");
    assert_eq!(read(&["song", ".", "a.flac", "b"]), "a.flac b/2.flac song");
    assert_eq!(read(&[".", "cover.jpg"]), "a.flac b/2.flac cover.jpg song");
    assert_eq!(read(&["--exclude", "b", ".", "b/2.flac"]), "a.flac b/2.flac song");
    assert_eq!(
        read(&["--hidden", ".", ".h"]),
        ".h/1.flac .y.flac a.flac b/.deep/3.flac b/2.flac song"
    );
    sandbox.file("list.txt", b".y.flac\n.\na.flac\n");
    assert_eq!(read(&["--files-from", "list.txt"]), ".y.flac a.flac b/2.flac song");
}

#[test]
fn patterns_match_below_the_walked_folder() {
    let sandbox = Sandbox::new();
    for name in ["a/1.flac", "b/2.flac", "b/Drafts/3.flac", "Drafts/4.flac"] {
        sandbox.take("seeds/flac-tagged.flac", name);
    }
    let count = |folder: &str, pattern: &str| {
        let run = sandbox.run(&["scan", "--format", "jsonl", folder, "--exclude", pattern]);
        run.objects("summary")[0]["files"].as_u64().unwrap()
    };
    assert_eq!(count(".", "b/*"), 2);
    assert_eq!(count(".", "./b/*"), 2);
    assert_eq!(count(".", "./b"), 2);
    assert_eq!(count(".", "Drafts/**"), 3);
    assert_eq!(count(".", "Drafts/"), 2);
    assert_eq!(count(".", "b/Drafts/"), 3);
    assert_eq!(count("b", "Drafts/*"), 1);
    assert_eq!(count("./b", "b/2.flac"), 1);
    assert_eq!(count("../music", "b/*"), 2);
    assert_eq!(count(sandbox.music().to_str().unwrap(), "b/*"), 2);
}

#[cfg(unix)]
#[test]
fn a_link_that_is_named_is_followed_and_one_inside_a_folder_is_not() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "keep/a.flac");
    std::os::unix::fs::symlink("keep/a.flac", sandbox.path("link.flac")).unwrap();
    std::os::unix::fs::symlink("keep", sandbox.path("folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.path("dangling.flac")).unwrap();
    let files = |arguments: &[&str], code| {
        let run = sandbox
            .run(&[&["scan", "--format", "jsonl"], arguments].concat())
            .expect(code);
        run.objects("summary")[0]["files"].as_u64().unwrap()
    };
    assert_eq!(files(&["link.flac"], 1), 1);
    assert_eq!(files(&["folder"], 1), 1);
    assert_eq!(files(&["folder/"], 1), 1);
    assert_eq!(files(&["."], 1), 1);
    assert_eq!(files(&["link.flac", "keep"], 1), 1);
    assert_eq!(files(&["dangling.flac"], 3), 1);
    sandbox.run(&["export", "-o", "../a.csv", "link.flac"]).expect(0);
    sandbox.run(&["fix", "-n", "folder", "link.flac"]).expect(0);
}

#[test]
fn paths_come_from_a_list_with_lines_or_nul() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a 1.flac");
    sandbox.take("seeds/flac-ffmpeg.flac", "b\n2.flac");
    let list = sandbox.file("list.txt", b"a 1.flac\r\n");
    let list = list.to_str().unwrap();
    let run = sandbox
        .run(&["scan", "--format", "jsonl", "--files-from", list])
        .expect(0);
    assert_eq!(run.objects("summary")[0]["files"], 1);
    sandbox.file("list.txt", b"a 1.flac\0b\n2.flac\0");
    let run = sandbox
        .run(&["scan", "--format", "jsonl", "--files-from", list, "-0"])
        .expect(0);
    assert_eq!(run.objects("summary")[0]["files"], 2);
    sandbox.run(&["scan", "--files-from", "no such list"]).expect(2);
}

#[test]
fn get_prints_the_code_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-spaces-lower.flac", "a.flac");
    sandbox.take("seeds/flac-untagged.flac", "b.flac");
    assert_eq!(sandbox.run(&["get", "a.flac"]).expect(0).stdout, "QZTSE2600211\n");
    let run = sandbox.run(&["get", "b.flac"]).expect(1);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "b.flac: missing\n"));
    assert_eq!(
        sandbox.run(&["get", "a.flac", "b.flac"]).expect(1).stdout,
        "QZTSE2600211\ta.flac\n"
    );
    sandbox.run(&["get", "no such.flac"]).expect(2);
}

#[test]
fn show_tells_places_and_tags() {
    let sandbox = Sandbox::new();
    sandbox.take(
        "library/Lantern Street/Tidewater (2024)/03 Harbour Lights.flac",
        "a.flac",
    );
    let run = sandbox.run(&["show", "a.flac"]).expect(1);
    for words in [
        "Harbour Lights",
        "Lantern Street",
        "vorbis:ISRC",
        "QZ-TST-24-00003",
        "QZTST2400003",
        "malformed",
    ] {
        assert!(run.stdout.contains(words), "{words} in\n{}", run.stdout);
    }
    let json = &sandbox.run(&["show", "--format", "jsonl", "a.flac"]).expect(1).json()[0];
    assert_eq!(json["title"], "Harbour Lights");
    assert_eq!(json["places"][0]["value"], "QZ-TST-24-00003");
    assert_eq!(json["places"][0]["isrc"], "QZTST2400003");
}

#[test]
fn decode_judges_arguments_and_lines() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .run(&["decode", "us-rc1-76-07839", "--format", "jsonl"])
        .expect(0);
    let json = &run.json()[0];
    assert_eq!(json["class"], "normalised");
    assert_eq!(json["isrc"], "USRC17607839");
    assert_eq!(json["reason"], "case+separator");
    assert_eq!(json["prefix"], "USRC1");
    assert_eq!(json["year"], 1976);
    assert_eq!(json["designation"], "07839");
    sandbox.run(&["decode", "USRC17607839", "not a code"]).expect(1);
    sandbox.file("codes.txt", b"USRC17607839\r\nGBEMI0300013\n");
    let codes = std::fs::File::open(sandbox.path("codes.txt")).unwrap();
    let run = Run::of(sandbox.isrctag().args(["decode", "--format", "jsonl"]).stdin(codes)).expect(0);
    assert_eq!(run.json().len(), 2);
}

#[test]
fn hostile_names_and_tags_do_not_reach_the_terminal_raw() {
    let sandbox = Sandbox::new();
    let mut flac = std::fs::read(common::testdata().join("seeds/flac-tagged.flac")).unwrap();
    let at = flac.windows(12).position(|window| window == b"QZTSE2600203").unwrap();
    flac[at..at + 12].copy_from_slice(b"\x1b[31mRED\x07\r\n\xff");
    sandbox.file("a\x1b[2J\n\u{202e}.flac", &flac);
    for arguments in [&["scan"][..], &["scan", "--color", "never", "-v"], &["scan", "--all"]] {
        let run = sandbox.run(arguments);
        let raw = |text: &str| text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
        assert!(!raw(&run.stdout) && !raw(&run.stderr), "{:?}", run.stdout);
        assert!(!run.stdout.contains("2J\n"));
    }
    let name = std::fs::read_dir(sandbox.music())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .file_name();
    for command in ["show", "get", "fix", "remove"] {
        let run = sandbox.run(&[command, name.to_str().unwrap()]);
        assert!(
            !run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'),
            "{command}"
        );
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_carry_their_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.mp3");
    std::fs::write(sandbox.music().join(name), b"").unwrap();
    let run = sandbox.run(&["scan", "--format", "jsonl"]).expect(3);
    let file = &run.objects("file")[0];
    assert_eq!(file["path"], "./caf\u{fffd}.mp3");
    assert_eq!(file["path_bytes"], "Li9jYWbpLm1wMw==");
}

#[test]
fn csv_cells_are_no_formulas() {
    let sandbox = Sandbox::new();
    sandbox.file("=cmd()/x.mp3", b"");
    let run = sandbox.run(&["scan", "--format", "csv", "=cmd()"]).expect(3);
    assert!(
        run.stdout.lines().nth(1).unwrap().starts_with("'=cmd()"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_report_goes_to_a_file_whose_ending_tells_the_format() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let target = sandbox.state().with_extension("jsonl");
    let run = sandbox.run(&["scan", "-o", target.to_str().unwrap()]).expect(1);
    assert_eq!(run.stdout, "");
    let report = std::fs::read_to_string(&target).unwrap();
    assert!(
        report.lines().next().unwrap().starts_with(r#"{"type":"file""#),
        "{report}"
    );
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    let sandbox = Sandbox::new();
    for number in 0..3000 {
        sandbox.file(&format!("{number}.mp3"), b"");
    }
    for format in ["text", "jsonl", "csv"] {
        let (code, said) = unheard(sandbox.isrctag().args(["scan", "--format", format]));
        assert_eq!((code, said.as_str()), (Some(0), ""), "{format}");
    }
}

/// Exit status and standard error of a program whose output nobody reads.
fn unheard(command: &mut Command) -> (Option<i32>, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_run_that_changes_files_goes_on_when_nobody_hears_of_it() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/mp3-hyphens-padded.mp3", "a.mp3");
    sandbox.file("b.mp3", b"no audio");
    let before = contents(&sandbox.music());
    assert_eq!(unheard(sandbox.isrctag().args(["fix", "."])), (Some(3), String::new()));
    assert!(contents(&sandbox.music()) != before);
    assert_eq!(unheard(sandbox.isrctag().arg("undo")), (Some(0), String::new()));
    assert!(contents(&sandbox.music()) == before);
}

/// Status 2 would say that nothing was changed.
#[test]
#[cfg(target_os = "linux")]
fn a_report_that_cannot_be_written_is_told_with_the_way_back() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/mp3-hyphens-padded.mp3", "a.mp3");
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let before = contents(&sandbox.music());
    let fix = sandbox.isrctag().args(["fix", "."]).stdout(full()).output().unwrap();
    let said = String::from_utf8_lossy(&fix.stderr).into_owned();
    assert_eq!(fix.status.code(), Some(3), "{said}");
    assert!(
        said.contains("the report cannot be written: No space left on device"),
        "{said}"
    );
    assert!(said.contains("To take it back: isrctag undo 1"), "{said}");
    assert!(contents(&sandbox.music()) != before);
    let undo = sandbox.isrctag().arg("undo").stdout(full()).output().unwrap();
    assert_eq!(undo.status.code(), Some(3));
    assert!(contents(&sandbox.music()) == before);
}

#[test]
fn looking_changes_nothing() {
    let sandbox = Sandbox::with("library");
    let before = contents(&sandbox.music());
    sandbox.run(&["scan", "--all"]).expect(3);
    sandbox.run(&["fix", "-n", "."]).expect(3);
    assert!(contents(&sandbox.music()) == before);
    assert!(!sandbox.state().exists(), "a dry run leaves no state");
}

#[test]
fn csv_in_a_file_begins_with_the_mark_that_spreadsheets_look_for() {
    let sandbox = Sandbox::new();
    sandbox.take("library/Lantern Street/Tidewater (2024)/05 Undertow.flac", "a.flac");
    sandbox.run(&["scan", "-o", "report.csv"]).expect(1);
    assert!(
        std::fs::read(sandbox.path("report.csv"))
            .unwrap()
            .starts_with(b"\xef\xbb\xbfpath,")
    );
    assert!(
        sandbox
            .run(&["scan", "--format", "csv"])
            .expect(1)
            .stdout
            .starts_with("path,")
    );
}
