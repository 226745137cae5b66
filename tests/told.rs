//! What could not be read or was not reached is told and shows in the exit status, whichever command was to read it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use common::Sandbox;

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
    ] {
        let run = sandbox.run(arguments).expect(3);
        let told = run.stderr.lines().filter(|line| line.starts_with("nope: ")).count();
        assert_eq!(told, 1, "{arguments:?}: {}", run.stderr);
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
    let run = sandbox.run(&["fill", "-n", "."]).expect(0);
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
