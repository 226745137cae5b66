//! File names that are hostile to terminals, shells and encodings, and the longest ones there are.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::common::{Sandbox, contents, testdata};
use super::{guarded, guarded_command, limited};

const NAMES: [&[u8]; 11] = [
    b"new\nline.flac",
    b"return\rover.flac",
    b"\x1b[2J\x1b[31mescape.flac",
    b"\x1b]0;title\x07.flac",
    b"bell\x07back\x08delete\x7f.flac",
    "c1\u{9b}31m.flac".as_bytes(),
    "right\u{202e}calf.flac".as_bytes(),
    "isolate\u{2067}\u{2069}.flac".as_bytes(),
    b"latin-1 \xe9\xff.flac",
    b"--help.flac",
    b"=cmd|' C calc'!A0.flac",
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let bytes = std::fs::read(testdata().join("seeds/flac-hyphens-padding-none.flac")).unwrap();
    for name in NAMES {
        std::fs::write(sandbox.music().join(OsStr::from_bytes(name)), &bytes).unwrap();
    }
    sandbox
}

/// `guarded` looks at all that is printed, in every command.
#[test]
fn names_reach_the_terminal_escaped() {
    let sandbox = sandbox();
    let before = contents(&sandbox.music());
    for format in ["text", "jsonl"] {
        let run = guarded(&sandbox, &["scan", "--format", format]).expect(1);
        // A name is never more than one line.
        assert!(!run.stdout.contains("\nline.flac"), "{}", run.stdout);
    }
    for name in NAMES {
        for command in [
            &["get"][..],
            &["show"],
            &["scan"],
            &["set", "QZTSE2600001", "-n"],
            &["remove", "-n"],
        ] {
            let mut command = limited(&sandbox, command);
            command.arg("--").arg(OsStr::from_bytes(name));
            guarded_command(&sandbox, &mut command);
        }
        let mut command = limited(&sandbox, &["fix"]);
        command.arg("--").arg(OsStr::from_bytes(name));
        guarded_command(&sandbox, &mut command).expect(0);
    }
    guarded(&sandbox, &["log"]).expect(0);
    guarded(&sandbox, &["fix", ".", "-v"]).expect(0);
    for _ in NAMES {
        guarded(&sandbox, &["undo"]).expect(0);
    }
    assert!(contents(&sandbox.music()) == before, "undo gave other bytes");
}

#[test]
fn missing_files_with_such_names_are_told_escaped() {
    let sandbox = Sandbox::new();
    for name in NAMES {
        for command in [
            &["get"][..],
            &["show"],
            &["scan"],
            &["fix"],
            &["remove"],
            &["set", "QZTSE2600001"],
        ] {
            let mut command = limited(&sandbox, command);
            command.arg("--").arg(OsStr::from_bytes(name));
            guarded_command(&sandbox, &mut command).expect(2);
        }
        // As a code, a glob, a list and a report, too.
        for command in [
            &["decode"][..],
            &["scan", "--files-from"],
            &["scan", "-o"],
            &["scan", "--exclude"],
        ] {
            let mut command = limited(&sandbox, command);
            command.arg(OsStr::from_bytes(name));
            guarded_command(&sandbox, &mut command);
        }
    }
}

#[test]
fn a_bare_name_is_edited_on_both_roads() {
    let sandbox = Sandbox::new();
    let before = std::fs::read(testdata().join("seeds/flac-hyphens-padding-none.flac")).unwrap();
    for road in ["auto", "never"] {
        sandbox.file("a.flac", &before);
        guarded(&sandbox, &["fix", "--in-place", road, "a.flac"]).expect(0);
        assert_ne!(std::fs::read(sandbox.path("a.flac")).unwrap(), before);
        guarded(&sandbox, &["undo"]).expect(0);
        assert_eq!(contents(&sandbox.music()), [(sandbox.path("a.flac"), before.clone())]);
    }
}

/// The longest name that file systems take: the new file beside it must have a shorter one.
#[test]
fn a_name_of_255_bytes_is_edited_on_both_roads() {
    let sandbox = Sandbox::new();
    let name = format!("{}.flac", "n".repeat(250));
    let before = std::fs::read(testdata().join("seeds/flac-hyphens-padding-large.flac")).unwrap();
    for road in ["auto", "never"] {
        sandbox.take("seeds/flac-hyphens-padding-large.flac", &name);
        guarded(&sandbox, &["fix", "--in-place", road, "."]).expect(0);
        assert_ne!(std::fs::read(sandbox.path(&name)).unwrap(), before);
        guarded(&sandbox, &["undo"]).expect(0);
        assert_eq!(contents(&sandbox.music()), [(sandbox.path(&name), before.clone())]);
    }
}

#[test]
fn arguments_that_are_wrong_are_told_escaped() {
    let sandbox = sandbox();
    for hostile in ["--\x1b[31mred", "\u{202e}calf", "\x1b]0;title\x07", "a\rb", "\u{200b}"] {
        for arguments in [
            &[hostile][..],
            &["scan", hostile, hostile],
            &["scan", "--format", hostile],
            &["scan", "--only", hostile],
            &["set", hostile, "a.flac"],
            &["scan", "-j", hostile],
            &["scan", "--exclude", &format!("[{hostile}")],
            &["ledger", "prefix", "add", hostile],
            &["undo", hostile],
        ] {
            let run = guarded(&sandbox, arguments);
            assert!(!run.stderr.contains(hostile), "{arguments:?}: {}", run.stderr);
            assert_ne!(run.code, 0, "{arguments:?}");
        }
    }
    let help = guarded(&sandbox, &["--help"]).expect(0);
    assert!(help.stdout.contains("Usage"), "{}", help.stdout);
    let run = guarded(&sandbox, &["--nothing"]).expect(2);
    assert!(run.stderr.starts_with("isrctag: "), "{}", run.stderr);
}
