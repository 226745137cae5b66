//! A FIFO or a device in the place of every file that the program opens or makes: nothing waits for it, and nothing is
//! read from or written to it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{Run, Sandbox, contents};

const SONG: &str = "seeds/flac-hyphens-padding-large.flac";

/// What is planted: as `mknod` has it. The devices never end, or take everything.
const KINDS: [&[&str]; 3] = [&["p"], &["c", "1", "5"], &["c", "1", "3"]];

/// Whether it could be made here.
fn plant(path: &Path, kind: &[&str]) -> bool {
    let made = Command::new("mknod")
        .arg(path)
        .args(kind)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    if !made.success() {
        eprintln!("not tried: mknod {kind:?}");
    }
    made.success()
}

/// The program, ended if it waits.
fn timed(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let plain = sandbox.isrctag();
    let mut command = Command::new("timeout");
    command
        .args(["60"])
        .arg(plain.get_program())
        .args(arguments)
        .current_dir(sandbox.music())
        .stdin(Stdio::null());
    for (key, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    Run::of(&mut command)
}

/// Plants each kind at `name`, and runs the commands, which end with one of `codes` and change no file.
#[track_caller]
fn check(name: &str, commands: &[&[&str]], codes: &[i32]) {
    for kind in KINDS {
        let sandbox = Sandbox::new();
        sandbox.take(SONG, "a.flac");
        sandbox.take("seeds/mp3-untagged.mp3", "b.mp3");
        if name.contains(".sqlite-") {
            // Beside a database that is there.
            sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
            sandbox.run(&["scan", "--audio"]);
            sandbox.run(&["fix", "."]).expect(0);
            sandbox.run(&["undo"]).expect(0);
        }
        let path = sandbox.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = contents(&sandbox.music());
        if !plant(&path, kind) {
            continue;
        }
        for command in commands {
            let run = timed(&sandbox, command);
            assert!(
                codes.contains(&run.code),
                "{name} {kind:?} {command:?}: {} {}",
                run.code,
                run.stderr
            );
        }
        let kept = std::fs::symlink_metadata(&path).unwrap();
        assert!(!kept.is_file() && !kept.is_dir(), "{name} {kind:?} was replaced");
        std::fs::remove_file(&path).unwrap();
        assert!(contents(&sandbox.music()) == before, "{name} {kind:?}");
    }
}

#[test]
fn in_the_place_of_music() {
    let bulk: [&[&str]; 5] = [
        &["fix", "-n", "c.flac"],
        &["set", "QZTSE2600001", "c.flac"],
        &["remove", "c.flac"],
        &["scan", "c.flac"],
        &["export", "c.flac", "-o", "../out.csv"],
    ];
    check("c.flac", &bulk, &[1, 2, 3]);
    check(
        "c.flac",
        &[&["scan"], &["scan", "--audio"], &["fill", "-n", "."]],
        &[1, 3],
    );
    check("c.flac", &[&["get", "c.flac"], &["show", "c.flac"]], &[1, 3]);
    // One whose name claims nothing is passed over.
    check("c", &[&["scan"]], &[1]);
}

#[test]
fn in_the_place_of_databases_and_what_stands_beside_them() {
    for ending in ["", "-journal", "-wal", "-shm"] {
        let journal: [&[&str]; 4] = [
            &["fix", "."],
            &["undo"],
            &["recover"],
            &["set", "QZTSE2600001", "b.mp3"],
        ];
        check(&format!("../state/journal.sqlite{ending}"), &journal, &[2]);
        let ledger: [&[&str]; 4] = [
            &["ledger", "list"],
            &["ledger", "prefix", "add", "QZTST"],
            &["ledger", "check", "."],
            &["ledger", "export", "-o", "../out.csv"],
        ];
        check(&format!("../ledger.sqlite{ending}"), &ledger, &[2]);
        // What was heard is only a help: without it, files are heard again.
        let heard = format!("../state/fingerprints.sqlite3{ending}");
        check(&heard, &[&["scan", "--audio"], &["fill", "-n", "."]], &[0, 1, 2]);
    }
}

#[test]
fn in_the_place_of_lists_and_indexes() {
    for list in [
        "list.csv",
        "list.tsv",
        "list.xlsx",
        "list.jsonl",
        "list.cue",
        "list.toc",
        "list.txt",
    ] {
        check(
            list,
            &[
                &["apply", list, "."],
                &["apply", "--check", list, "."],
                &["ledger", "import", list],
            ],
            &[2],
        );
    }
    check(
        "index.jsonl",
        &[&["scan", "--index", "index.jsonl", "."], &["report", "index.jsonl"]],
        &[2, 3],
    );
}

#[test]
fn in_the_place_of_what_is_made() {
    for output in ["out.csv", "out.xlsx", "out.html", "out.jsonl"] {
        check(output, &[&["scan", "-o", output]], &[2]);
    }
    check("out.csv", &[&["export", ".", "-o", "out.csv"]], &[2]);
    check("man/isrctag.1", &[&["man", "--dir", "man"]], &[2]);
    // A folder that is none.
    let edits: [&[&str]; 2] = [&["fix", "."], &["log"]];
    check("../state", &edits, &[0, 2]);
}
