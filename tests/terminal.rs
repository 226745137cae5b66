//! What only a terminal sees, through the pseudo terminal of util-linux' `script`.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use std::process::Command;

use common::Sandbox;

#[test]
fn a_report_folds_to_the_terminal_and_is_one_line_a_thing_in_a_pipe() {
    let sandbox = Sandbox::with("library");
    let Some(shown) = on_terminal(&sandbox, 72, "scan --color never 'Lantern Street'") else {
        return;
    };
    assert!(
        shown.contains("      vorbis:ISRC holds \"QZ-TST-24-00003\" -> QZTST2400003\n"),
        "{shown}"
    );
    let wide: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 72).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    let piped = sandbox.run(&["scan", "Lantern Street"]).stdout;
    assert!(piped.contains("03 Harbour Lights.flac: vorbis:ISRC holds"), "{piped}");
    for drawn in ["\u{1b}", "a second", "⠋"] {
        assert!(!shown.contains(drawn), "{shown}");
    }
}

#[test]
fn workbooks_and_pages_are_not_sent_to_a_terminal() {
    let sandbox = Sandbox::new();
    if let Some(shown) = on_terminal(&sandbox, 80, "scan --format xlsx") {
        assert!(shown.contains("hint: -o report.xlsx"), "{shown}");
    }
}

#[test]
fn all_files_of_a_folder_stand_in_one_layout() {
    let sandbox = Sandbox::with("library");
    let shown = sandbox.run(&["scan", "--all", "Lantern Street"]).stdout;
    let mut folders = shown.split("\n\n");
    let folder = folders
        .find(|folder| folder.starts_with("Lantern Street/Tidewater (2024)\n"))
        .unwrap();
    let headings: Vec<&str> = folder
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .collect();
    assert_eq!(
        headings.last(),
        Some(&"  fine: one valid code, where programs look"),
        "{folder}"
    );
    assert!(folder.contains("\n    01 Low Water.flac: QZTST2400001\n"), "{folder}");
}

/// A deep path is folded behind its separators, where nobody reads on a terminal too.
#[test]
fn no_line_is_longer_than_400_characters() {
    let sandbox = Sandbox::new();
    let deep = vec!["a name of a folder that goes on for quite a while, longer than others".to_owned(); 9].join("/");
    for number in 0..5 {
        sandbox.take(
            "seeds/flac-hyphens-padding-large.flac",
            &format!("{deep}/{number}.flac"),
        );
    }
    let files: Vec<String> = (0..5).map(|number| format!("{deep}/{number}.flac")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for command in [
        &["scan"][..],
        &["fix", "-n", "-v"],
        &["show"],
        &["set", "QZTST2600001"],
        &["fill"],
        &["get"],
    ] {
        let run = sandbox.run(&[command, &files].concat());
        let printed = match command {
            // For programs.
            ["get"] => run.stderr,
            _ => run.stdout + &run.stderr,
        };
        for line in printed.lines() {
            assert!(line.chars().count() <= 400, "{command:?}: {line}");
        }
        let hinted = printed.lines().filter(|line| line.contains("isrctag "));
        for line in hinted {
            assert!(line.matches(".flac").count() <= 3, "{command:?}: {line}");
        }
    }
    let steps = sandbox.run(&[&["scan"][..], &files].concat()).stdout;
    assert!(
        steps.contains("5 values in 5 files can be repaired: isrctag fix --files-from LIST\n"),
        "{steps}"
    );
}

#[test]
fn listed_files_that_are_no_audio_are_passed_over() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    sandbox.take("seeds/flac-tagged.flac", "b");
    sandbox.file("cover.jpg", b"a picture");
    sandbox.file("README", b"words");
    sandbox.file("../list", b"a.flac\ncover.jpg\nREADME\nb\n");
    let listed = |arguments: &[&str]| sandbox.run(&[arguments, &["--files-from", "../list"]].concat());
    assert!(listed(&["scan"]).expect(0).stdout.contains("2 of 2 files have a code"));
    assert!(
        listed(&["fix"])
            .expect(0)
            .stdout
            .starts_with("Nothing to do: 2 files looked at")
    );
    assert_eq!(
        listed(&["export", "-o", "../x.csv"]).expect(0).stderr,
        "2 files listed in ../x.csv\n"
    );
    // Named, it is meant.
    listed(&["scan", "cover.jpg"]).expect(3);
}

/// What a terminal of this many columns gets; none where there is no `script`.
fn on_terminal(sandbox: &Sandbox, columns: u16, arguments: &str) -> Option<String> {
    let program = sandbox.isrctag();
    let command = format!(
        "stty rows 24 cols {columns}; {} {arguments}",
        program.get_program().to_str()?
    );
    let mut script = Command::new("script");
    script
        .args(["-qec", &command, "/dev/null"])
        .current_dir(sandbox.music());
    script
        .env("ISRCTAG_STATE_DIR", sandbox.state())
        .stdin(std::process::Stdio::null());
    let output = script.output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}
