//! What could not be read or was not reached is told and shows in the exit status, whichever command was to read it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use std::io::Write as _;
use std::process::Stdio;

use common::{Run, Sandbox, contents};

/// A sandbox with a ledger that has a prefix.
fn with_ledger() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox
}

#[test]
fn a_path_that_does_not_exist_is_told_by_every_command() {
    let sandbox = with_ledger();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    for arguments in [
        &["export", "-o", "../x.csv", "nope"][..],
        &["assign", "nope"],
        &["assign", "-n", "nope", "a.flac"],
        &["fill", "nope"],
        &["fill", "a.flac", "--from", "nope"],
        &["ledger", "check", "nope"],
        &["scan", "a.flac", "nope"],
        &["get", "a.flac", "nope"],
        &["show", "a.flac", "nope"],
        &["fix", "a.flac", "nope"],
        &["remove", "a.flac", "nope"],
        &["set", "QZTSE2600001", "a.flac", "nope"],
        &["apply", "list.csv", "nope"],
    ] {
        sandbox.file("list.csv", b"path,isrc\na.flac,QZTSE2600001\n");
        let before = contents(&sandbox.music());
        let run = sandbox.run(arguments).expect(2);
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert_eq!(
            run.stderr, "isrctag: nope does not exist; nothing was done\n",
            "{arguments:?}"
        );
        assert!(contents(&sandbox.music()) == before, "{arguments:?}");
    }
    let run = sandbox.run(&["scan", "nope", "a.flac/b", "a.flac"]).expect(2);
    assert_eq!(
        run.stderr,
        "isrctag: 2 of the paths do not exist, from nope to a.flac/b; nothing was done\n"
    );
}

#[test]
fn files_to_fill_that_are_typed_as_sources_are_told_with_the_command_that_was_meant() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .run(&["fill", "--from", "Masters", "Old masters", "Web", "-n"])
        .expect(2);
    let hint = "hint: the files to fill come first: isrctag fill Web --from Masters 'Old masters'\n";
    assert!(run.stderr.ends_with(hint), "{}", run.stderr);
    let run = sandbox.run(&["fill", "--from", "Masters"]).expect(2);
    assert!(!run.stderr.contains("hint: the files"), "{}", run.stderr);
}

#[test]
fn an_output_in_a_folder_that_is_not_there_is_told_by_the_name_that_was_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    for command in ["scan", "export"] {
        let run = sandbox.run(&[command, "-o", "nowhere/report.csv", "a.flac"]).expect(2);
        assert_eq!(
            run.stderr,
            "isrctag: cannot write nowhere/report.csv: there is no folder nowhere\n"
        );
        assert!(!sandbox.path("nowhere").exists());
    }
}

#[test]
fn a_walk_without_audio_does_not_look_fine() {
    let sandbox = with_ledger();
    sandbox.file("covers/cover.jpg", b"no music");
    for arguments in [
        &["scan", "covers"][..],
        &["scan", "covers", "-q"],
        &["fix", "covers"],
        &["export", "covers", "-o", "../x.csv"],
        &["assign", "covers"],
        &["fill", "covers"],
        &["ledger", "check", "covers"],
        &["scan", "covers", "--index", "../i.jsonl"],
    ] {
        let run = sandbox.run(arguments).expect(1);
        let told = run
            .stderr
            .lines()
            .filter(|line| *line == "no audio file in covers")
            .count();
        assert_eq!(told, 1, "{arguments:?}: {}{}", run.stdout, run.stderr);
    }
    // A share of the folders may be empty.
    sandbox.run(&["scan", "covers", "--part", "1/2"]).expect(0);
}

#[test]
fn a_failed_export_leaves_no_empty_table() {
    let sandbox = Sandbox::new();
    sandbox.run(&["export", "-o", "codes.csv", "nope"]).expect(2);
    assert!(!sandbox.path("codes.csv").exists());
}

/// Its format is told, but codes may stand in the part that is missing.
#[test]
fn a_file_that_is_cut_short_is_told_and_gets_no_code() {
    let sandbox = with_ledger();
    let whole = std::fs::read(sandbox.take("seeds/rf64-id3.wav", "whole.wav")).unwrap();
    std::fs::remove_file(sandbox.path("whole.wav")).unwrap();
    let cut = &whole[..whole.len() - 8];
    sandbox.file("cut.wav", cut);
    let words = "cut.wav: an ID3v2 tag claims more bytes than there are";
    for arguments in [
        &["export", "-o", "../x.csv", "."][..],
        &["fill", "."],
        &["assign", "--year", "2026", "."],
    ] {
        let run = sandbox.run(arguments).expect(3);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
        assert!(std::fs::read(sandbox.path("cut.wav")).unwrap() == cut);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_every_command_and_the_rest_is_done() {
    let sandbox = with_ledger();
    let whole = std::fs::read(sandbox.take("seeds/flac-untagged.flac", "a.flac")).unwrap();
    sandbox.file("bad.flac", &whole[..5]);
    let told = |arguments: &[&str]| {
        let run = sandbox.run(arguments).expect(3);
        let told = run.stderr.lines().filter(|line| line.contains("bad.flac: ")).count();
        assert_eq!(told, 1, "{arguments:?}: {}", run.stderr);
        run
    };
    told(&["export", "-o", "../x.csv"]);
    let table = std::fs::read_to_string(sandbox.music().join("../x.csv")).unwrap();
    assert_eq!(table.lines().count(), 3, "{table}");
    told(&["fill", "."]);
    told(&["assign", "--year", "2026", "."]);
    assert_eq!(sandbox.run(&["get", "a.flac"]).expect(0).stdout, "QZTST2600001\n");
    let run = told(&["ledger", "check", "."]);
    assert_eq!(run.stdout, "The files that could be read and the ledger agree.\n");
}

#[test]
fn audio_without_an_extension_is_seen_by_every_command() {
    let sandbox = with_ledger();
    sandbox.take("seeds/flac-untagged.flac", "song");
    sandbox.file("notes", b"not audio");
    let run = sandbox.run(&["export", "-o", "../x.csv"]).expect(0);
    assert_eq!(run.stderr, "1 file listed in ../x.csv\n");
    let run = sandbox.run(&["fill", "-n", "."]).expect(1);
    assert!(run.stdout.starts_with("./song: "), "{}", run.stdout);
    sandbox.run(&["assign", "--year", "2026", "."]).expect(0);
    assert_eq!(sandbox.run(&["get", "song"]).expect(0).stdout, "QZTST2600001\n");
    sandbox.run(&["ledger", "check", "."]).expect(0);
}

#[test]
fn where_something_else_is_meant_the_answer_says_what() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "my album/a.flac");
    let begins = "isrctag ledger prefix add CODE begins one";
    let run = sandbox.run(&["ledger", "list"]).expect(0);
    assert_eq!(run.stdout, format!("No ledger yet: {begins}.\n"));
    assert_eq!(
        sandbox.run(&["ledger", "list", "--format", "jsonl"]).expect(0).stdout,
        ""
    );
    for arguments in [&["assign", "my album"][..], &["assign", "-n", "my album"]] {
        let run = sandbox.run(arguments).expect(2);
        assert!(run.stderr.ends_with(&format!("\nhint: {begins}\n")), "{}", run.stderr);
    }
    for command in ["get", "show"] {
        let run = sandbox.run(&[command, "my album"]).expect(3);
        assert_eq!(run.stderr, "my album is a folder\nhint: isrctag scan 'my album'\n");
    }
    let run = sandbox.run(&["undo", "abc"]).expect(2);
    assert!(
        run.stderr.contains("abc is no run number: isrctag log lists them"),
        "{}",
        run.stderr
    );
    let run = sandbox.run(&["apply", "my album"]).expect(2);
    assert!(
        run.stderr
            .ends_with("\nhint: the list comes first: isrctag apply LIST 'my album'\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn assign_says_that_all_files_have_a_code() {
    let sandbox = with_ledger();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    let run = sandbox.run(&["assign", "."]).expect(0);
    assert_eq!(run.stdout, "The file has a code already.\n");
    sandbox.take("seeds/flac-ffmpeg.flac", "b.flac");
    let run = sandbox.run(&["assign", "."]).expect(0);
    assert_eq!(run.stdout, "All 2 files have a code already.\n");
}

/// Runs a command on the files of a list, and interrupts it before it has the list.
#[cfg(target_os = "linux")]
fn interrupted(sandbox: &Sandbox, arguments: &[&str], list: &str) -> Run {
    let mut child = sandbox
        .isrctag()
        .args(arguments)
        .args(["--files-from", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().to_string();
    // It must listen already: SIGINT is the second bit of what it catches.
    let listens = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & 2 != 0
    };
    while !listens() {
        std::thread::yield_now();
    }
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_says_how_far_it_came_and_keeps_the_earlier_report() {
    let sandbox = Sandbox::new();
    let mut list = String::new();
    for number in 0..4000 {
        sandbox.file(&format!("{number}.mp3"), b"");
        list += &format!("{number}.mp3\n");
    }
    let run = interrupted(&sandbox, &["scan"], &list).expect(130);
    assert!(
        run.stderr.starts_with("interrupted: only the first ") && run.stderr.ends_with(" looked at\n"),
        "{}",
        run.stderr
    );
    let run = interrupted(&sandbox, &["scan", "-o", "../r.jsonl"], &list).expect(130);
    assert!(run.stderr.ends_with("; ../r.jsonl is not written\n"), "{}", run.stderr);
    let report = sandbox.music().join("../r.jsonl");
    std::fs::write(&report, "earlier").unwrap();
    let run = interrupted(&sandbox, &["scan", "-o", "../r.jsonl"], &list).expect(130);
    assert!(
        run.stderr.ends_with("; ../r.jsonl is left as it was\n"),
        "{}",
        run.stderr
    );
    assert_eq!(std::fs::read_to_string(&report).unwrap(), "earlier");
    let run = interrupted(&sandbox, &["export", "-o", "../x.csv"], &list).expect(130);
    assert_eq!(run.stderr, "interrupted: nothing was done\n");
    assert!(!sandbox.music().join("../x.csv").exists());
    let run = interrupted(&sandbox, &["fix"], &list).expect(130);
    assert_eq!(run.stderr, "interrupted: 4,000 files were not reached\n");
    let mut beside: Vec<_> = std::fs::read_dir(sandbox.music().join(".."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    beside.sort();
    assert_eq!(beside, ["music", "r.jsonl", "state"]);
}

#[cfg(unix)]
#[test]
fn a_report_keeps_the_mode_of_the_earlier_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    let report = sandbox.file("reports/r.jsonl", b"earlier");
    std::fs::set_permissions(&report, std::fs::Permissions::from_mode(0o640)).unwrap();
    sandbox.run(&["scan", "a.flac", "-o", "reports/r.jsonl"]).expect(0);
    assert!(std::fs::read_to_string(&report).unwrap().starts_with("{\"type\""));
    assert_eq!(std::fs::metadata(&report).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(sandbox.path("reports")).unwrap().count(), 1);
}

#[test]
fn one_scan_writes_several_reports() {
    let sandbox = Sandbox::with("library");
    let names = ["../a.txt", "../a.jsonl", "../a.csv", "../a.html", "../a.xlsx"];
    let mut arguments = vec!["scan"];
    names.iter().for_each(|name| arguments.extend(["-o", name]));
    let run = sandbox.run(&arguments).expect(3);
    assert_eq!(run.stdout, "");
    for name in names {
        let together = std::fs::read(sandbox.path(name)).unwrap();
        sandbox.run(&["scan", "-o", name]).expect(3);
        let alone = std::fs::read(sandbox.path(name)).unwrap();
        // These tell when they were made.
        let is_dated = name.ends_with("html") || name.ends_with("xlsx");
        assert!(
            together == alone || is_dated && together.len().abs_diff(alone.len()) < 100,
            "{name}"
        );
    }
    sandbox.run(&["scan", "-o", "a.csv", "-o", "a.csv"]).expect(2);
    sandbox.run(&["scan", "-o", "a.csv", "-o", "a.unknown"]).expect(2);
    assert!(!sandbox.path("a.csv").exists());
}

#[test]
fn a_quiet_edit_tells_refusals_alone() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    let run = sandbox.run(&["fix", ".", "-q"]).expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = sandbox.run(&["undo", "-q"]).expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = sandbox.run(&["set", "QZTSE2600001", "a.flac", "-q"]).expect(3);
    assert!(
        run.stdout.starts_with("a.flac: refused: ") && run.stdout.lines().count() == 1,
        "{}",
        run.stdout
    );
    let run = sandbox.run(&["fix", ".", "-q", "--format", "jsonl"]).expect(0);
    assert_eq!(run.objects("edit").len(), 1);
    sandbox.file("list.csv", b"path,isrc\nnone.flac,QZTSE2600001\n");
    let run = sandbox.run(&["apply", "list.csv", ".", "-q"]).expect(2);
    assert!(run.stderr.starts_with("row 2: no file here is "), "{}", run.stderr);
}

#[test]
fn several_reports_of_an_indexed_scan_each_have_their_order() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    sandbox.run(&["scan", "--index", "../i.jsonl"]).expect(1);
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "b.flac");
    let earlier = std::fs::read(sandbox.path("../i.jsonl")).unwrap();
    let scan = |outputs: &[&str]| {
        sandbox.file("../i.jsonl", &earlier);
        sandbox
            .run(&[&["scan", "--index", "../i.jsonl"], outputs].concat())
            .expect(1);
        ["../r.txt", "../r.jsonl"].map(|name| std::fs::read_to_string(sandbox.path(name)).unwrap_or_default())
    };
    let together = scan(&["-o", "../r.txt", "-o", "../r.jsonl"]);
    assert!(together[0].contains("Known before:"), "{}", together[0]);
    scan(&["-o", "../r.txt"]);
    assert_eq!(scan(&["-o", "../r.jsonl"]), together);
    let run = sandbox
        .run(&["scan", "--index", "../i.jsonl", "-o", "../i.jsonl"])
        .expect(2);
    assert!(run.stderr.contains("it is read by this very run"), "{}", run.stderr);
}

#[test]
fn the_summary_is_the_last_lines_alone() {
    let sandbox = Sandbox::with("library");
    let whole = sandbox.run(&["scan"]).expect(3);
    let summary = sandbox.run(&["scan", "--summary"]).expect(3);
    assert!(
        !summary.stdout.is_empty() && whole.stdout.ends_with(&summary.stdout),
        "{}",
        summary.stdout
    );
    assert!(summary.stdout.lines().count() < 40, "{}", summary.stdout);
    let json = sandbox
        .run(&["scan", "--summary", "--format", "jsonl"])
        .expect(3)
        .json();
    assert_eq!(json.len(), 1);
    assert_eq!(json[0]["type"], "summary");
    let both = sandbox.run(&["scan", "--summary", "-o", "../a.csv"]).expect(3);
    assert_eq!(both.stdout, summary.stdout);
    assert!(sandbox.path("../a.csv").exists());
    sandbox.run(&["scan", "--summary", "--format", "csv"]).expect(2);
}

#[test]
fn quiet_tells_what_went_wrong_and_writes_what_was_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let run = sandbox.run(&["scan", "-q"]).expect(1);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    sandbox.file("b.flac", b"fLaC");
    let run = sandbox.run(&["scan", "-q"]).expect(3);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.starts_with("./b.flac: ") && run.stderr.lines().count() == 1,
        "{}",
        run.stderr
    );
    let run = sandbox.run(&["scan", "-q", "--format", "jsonl"]).expect(3);
    assert_eq!(run.json().len(), 3);
    let run = sandbox.run(&["scan", "-q", "-o", "../a.csv"]).expect(3);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert!(sandbox.path("../a.csv").exists());
}

#[test]
fn a_table_with_codes_is_not_written_over() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    for table in ["../codes.csv", "../codes.xlsx", "../codes.jsonl"] {
        sandbox.run(&["export", "-o", table]).expect(0);
        let path = sandbox.music().join(table);
        let before = std::fs::read(&path).unwrap();
        let run = sandbox.run(&["export", "-o", table]).expect(2);
        assert_eq!(
            run.stderr,
            format!("isrctag: {table} exists already\nhint: --force replaces it\n")
        );
        if !table.ends_with("jsonl") {
            let run = sandbox.run(&["scan", "-o", table]).expect(2);
            assert!(
                run.stderr.starts_with(&format!("isrctag: {table} exists already")),
                "{}",
                run.stderr
            );
        }
        assert!(std::fs::read(&path).unwrap() == before);
        sandbox.take("seeds/flac-ffmpeg.flac", "b.flac");
        sandbox.run(&["export", "-o", table, "--force"]).expect(0);
        assert!(std::fs::read(&path).unwrap() != before);
        std::fs::remove_file(sandbox.path("b.flac")).unwrap();
    }
    // A German Excel saves it so.
    sandbox.file("../codes.csv", b"isrc;path;note\r\nQZTST2600001;a.flac;\r\n");
    sandbox.run(&["scan", "-o", "../codes.csv"]).expect(2);
    // Reports of its own are replaced.
    for report in ["../r.csv", "../r.xlsx", "../r.html", "../r.jsonl", "../r.txt"] {
        sandbox.run(&["scan", "-o", report]).expect(0);
        sandbox.run(&["scan", "-o", report]).expect(0);
    }
}

#[test]
fn a_hint_takes_the_files_that_the_scan_took() {
    let sandbox = Sandbox::new();
    for file in ["a.flac", "Drafts/b.flac", ".h/c.flac"] {
        sandbox.take("seeds/flac-hyphens-padding-large.flac", file);
    }
    let before = contents(&sandbox.path("Drafts"));
    let scan = sandbox.run(&["scan", "--hidden", "--exclude", "Drafts", "."]).expect(1);
    let hint = "isrctag fix . --hidden --exclude Drafts";
    assert!(scan.stdout.contains(hint), "{}", scan.stdout);
    let fixed = sandbox.run(&hint.split(' ').skip(1).collect::<Vec<_>>()).expect(0);
    assert!(fixed.stdout.contains("2 files written"), "{}", fixed.stdout);
    assert!(contents(&sandbox.path("Drafts")) == before);
    // A report of a scan knows no paths.
    let scan = sandbox
        .run(&["scan", "--hidden", "--format", "jsonl", "Drafts"])
        .expect(1);
    sandbox.file("../scan.jsonl", scan.stdout.as_bytes());
    let report = sandbox.run(&["report", "../scan.jsonl"]).expect(1);
    assert!(report.stdout.contains("isrctag fix PATH"), "{}", report.stdout);
}

/// Blanks, quotes and hyphens in front are in names and patterns.
#[test]
fn a_shell_takes_hints_as_they_are() {
    let sandbox = Sandbox::new();
    for file in [
        "My Music/a.flac",
        "My Music/it's  b.flac",
        "My Music/--x y.flac",
        "-my music/$c `d`.flac",
    ] {
        sandbox.take("seeds/flac-hyphens-padding-large.flac", file);
    }
    let scans: [(&[&str], u64); 5] = [
        (&["My Music"], 3),
        (&["My Music", "--exclude=--x y*"], 2),
        (&["My Music", "--exclude", "it's  b*", "--exclude=-*"], 1),
        (&["--hidden", "--", "-my music", "My Music"], 4),
        (&["--files-from=-a list", "--exclude=* y.flac"], 3),
    ];
    sandbox.file("-a list", b"My Music\n./-my music\n");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_isrctag"));
    for (arguments, files) in scans {
        let scan = sandbox.run(&[&["scan"], arguments].concat()).expect(1);
        let hint = scan.stdout.lines().find_map(|line| line.split_once("isrctag fix "));
        let hint = format!("isrctag fix {} --dry-run --format jsonl", hint.unwrap().1);
        let mut shell = std::process::Command::new("sh");
        let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
        shell.args(["-c", &hint]).env("PATH", path).current_dir(sandbox.music());
        let fixed = Run::of(shell.env("ISRCTAG_STATE_DIR", sandbox.state())).expect(0);
        assert_eq!(fixed.objects("summary")[0]["planned"], files, "{hint}");
    }
}

/// They are shown escaped, or with a sign in place of what is no UTF-8.
#[cfg(target_os = "linux")]
#[test]
fn a_hint_has_no_names_that_cannot_be_typed() {
    use std::os::unix::ffi::OsStrExt as _;
    for name in [&b"M\xFAsica"[..], b"a\tb", b"a\x1B[2Jb", "a\u{202E}b".as_bytes()] {
        let sandbox = Sandbox::new();
        let name = std::ffi::OsStr::from_bytes(name);
        std::fs::create_dir(sandbox.music().join(name)).unwrap();
        sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
        std::fs::rename(sandbox.path("a.flac"), sandbox.music().join(name).join("a.flac")).unwrap();
        let scan = Run::of(sandbox.isrctag().arg("scan").arg(name)).expect(1);
        assert!(scan.stdout.contains("isrctag fix PATH\n"), "{}", scan.stdout);
    }
}

#[test]
fn one_scan_prints_json_and_writes_a_page() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    let json = sandbox.run(&["scan", "--format", "jsonl", "."]).expect(1).stdout;
    let both = sandbox
        .run(&["scan", "--format", "jsonl", "-o", "../a.html", "-o", "../a.csv", "."])
        .expect(1);
    assert_eq!(both.stdout, json);
    let read = |name: &str| std::fs::read_to_string(sandbox.path(name)).unwrap();
    assert!(read("../a.html").contains("<!doctype html>") || read("../a.html").contains("<!DOCTYPE html>"));
    assert!(read("../a.csv").contains("a.flac"));
    // What a file has is not printed too, and the format is that of a file whose name says none.
    let written = sandbox
        .run(&["scan", "--format", "jsonl", "-o", "../b.jsonl", "-o", "../c", "."])
        .expect(1);
    assert_eq!(
        [written.stdout, read("../b.jsonl"), read("../c")],
        [String::new(), json.clone(), json]
    );
}

#[test]
fn all_files_are_not_called_fine_where_some_kinds_are_not_listed() {
    let sandbox = Sandbox::new();
    sandbox.file("cut.wav", b"RIFF");
    let told = sandbox.run(&["scan", "--all", "--only", "missing", "."]).stdout;
    assert!(told.contains("cut.wav") && !told.contains("one valid code"), "{told}");
}

#[test]
fn a_prefix_of_documentation_gives_no_codes() {
    let sandbox = Sandbox::new();
    for prefix in ["JPRJ0", "AA6Q7", "us-s1z"] {
        let told = sandbox.run(&["ledger", "prefix", "add", prefix]).expect(2);
        assert!(told.stderr.contains("kept for examples"), "{}", told.stderr);
    }
    let list = sandbox.run(&["ledger", "prefix", "list"]).expect(0);
    assert!(list.stdout.contains("No ledger yet"), "{}", list.stdout);
}

#[test]
fn a_report_is_not_written_to_the_index_of_its_scan() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    let told = sandbox
        .run(&["scan", "--index", "../i.jsonl", "-o", "../i.jsonl", "."])
        .expect(2);
    assert!(told.stderr.contains("read by this very run"), "{}", told.stderr);
    assert!(!sandbox.path("../i.jsonl").exists());
}

#[test]
fn json_of_an_edit_has_an_object_for_a_file_that_could_not_be_read() {
    let sandbox = with_ledger();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    sandbox.file("b.mp3", b"ID3\x03\0\0\0\0\0\x7f no more");
    sandbox.file("../list.csv", b"File,ISRC\na.flac,QZTSE2600001\n");
    for command in [
        &["assign", "-n"][..],
        &["fill", "-n"],
        &["apply", "-n", "../list.csv"],
        &["fix", "-n"],
    ] {
        let run = sandbox.run(&[command, &["--format", "jsonl", "."]].concat());
        let told = run.objects("edit");
        let told: Vec<_> = told
            .iter()
            .filter(|edit| edit["path"] == "./b.mp3" || edit["path"] == "b.mp3")
            .collect();
        assert_eq!(told.len(), 1, "{command:?}: {}", run.stdout);
        assert!(
            ["refused", "failed"].contains(&told[0]["outcome"].as_str().unwrap()),
            "{told:?}"
        );
    }
}
