//! Files that another program has locked.

use std::fs::File;

use crate::common::Sandbox;

#[test]
fn an_edit_that_a_lock_holds_off_says_so() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let before = std::fs::read(&path).unwrap();
    let file = File::open(&path).unwrap();
    file.lock().unwrap();
    let run = sandbox.run(&["set", "QZTSE2600001", "a.flac"]).expect(3);
    assert!(run.stdout.contains("another program has it locked"), "{}", run.stdout);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    drop(file);
    sandbox.run(&["set", "QZTSE2600001", "a.flac"]).expect(0);
    let file = File::open(&path).unwrap();
    file.lock().unwrap();
    let run = sandbox.run(&["undo"]).expect(3);
    assert!(run.stdout.contains("another program has it locked"), "{}", run.stdout);
}

/// The journal of an edit that was interrupted before it wrote anything.
fn interrupted(sandbox: &Sandbox) {
    sandbox.run(&["set", "QZTSE2600001", "a.flac"]).expect(0);
    let journal = rusqlite::Connection::open(sandbox.state().join("journal.sqlite")).unwrap();
    let changed = journal
        .execute(
            "UPDATE edits SET state = 'intent', temporary = CAST(path || '.gone' AS BLOB)",
            [],
        )
        .unwrap();
    assert_eq!(changed, 1);
}

#[test]
fn recover_names_a_file_that_another_program_has_locked() {
    let sandbox = Sandbox::new();
    let path = sandbox.take("seeds/flac-untagged.flac", "a.flac");
    interrupted(&sandbox);
    let file = File::open(&path).unwrap();
    file.lock().unwrap();
    let run = sandbox.run(&["recover"]).expect(3);
    assert!(run.stdout.contains("a.flac: "), "{}", run.stdout);
    assert!(run.stdout.contains("another program has it locked"), "{}", run.stdout);
    let told = sandbox.run(&["recover", "--format", "jsonl"]).expect(3).json();
    assert_eq!(told[0]["outcome"], "held");
    assert_eq!(told[0]["reason"], "another program has it locked");
    drop(file);
    let run = sandbox.run(&["recover"]).expect(0);
    assert!(run.stdout.contains("written whole"), "{}", run.stdout);
    let run = sandbox.run(&["recover"]).expect(0);
    assert_eq!(run.stdout, "Nothing was left by an interrupted run.\n");
}
