//! Files of other kinds: none is taken for audio of ours, each is told by its right word, and no command writes to one.
//! The files are made here, as the kinds are laid out.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

#[path = "../common/mod.rs"]
mod common;
mod kinds;
mod names;
mod samples;
mod streams;

use common::{Sandbox, contents};

/// What a scan of one folder says of its only file; `None` where it passes over it.
fn finding(sandbox: &Sandbox, paths: &[&str]) -> Option<(String, String)> {
    let run = sandbox.run(&[&["scan", "--all", "--format", "jsonl"], paths].concat());
    let files = run.objects("file");
    let file = files.first()?;
    let findings = file["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "one clear finding: {file}");
    let text = |key: &str| findings[0][key].as_str().unwrap().to_owned();
    Some((text("kind"), text("reason")))
}

/// Sees that no command writes to any file of the folder, and that `set` refuses each.
fn check_unchanged(sandbox: &Sandbox, what: &str) {
    let before = contents(&sandbox.music());
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]);
    for (path, _) in &before {
        let path = path.to_str().unwrap();
        let run = sandbox
            .run(&["set", "USRC17607839", path, "--format", "jsonl"])
            .expect(3);
        assert_eq!(run.objects("edit")[0]["outcome"], "refused", "{what}: set {path}");
        // In a folder, the first file that is refused keeps a command from the others.
        for command in [&["assign", "--separate", path][..], &["fill", path]] {
            sandbox.run(command).expect(3);
        }
    }
    for command in [
        &["fix", "."][..],
        &["fix", "--place", "."],
        &["assign", "--separate", "."],
        &["assign", "."],
        &["fill", "."],
    ] {
        let run = sandbox.run(command);
        assert!(run.code <= 3, "{what}: {command:?}: {}", run.stderr);
    }
    assert_eq!(contents(&sandbox.music()), before, "{what}");
}
