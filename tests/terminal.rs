//! What only a terminal sees, through the pseudo terminal of util-linux' `script`.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

#[allow(dead_code, reason = "only WAV files are made here")]
#[path = "lists/audio.rs"]
mod audio;

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

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
fn a_terminal_that_tells_no_rows_is_folded_to_its_columns_too() {
    let sandbox = Sandbox::with("library");
    let Some(shown) = on_terminal(&sandbox, 60, "scan --color never 'Lantern Street'") else {
        return;
    };
    let program = env!("CARGO_BIN_EXE_isrctag");
    let without_rows = format!("-c 'stty rows 0; {program} scan --color never \"Lantern Street\"'");
    let mut shell = shell_on_terminal(&sandbox, "xterm", &format!("stty cols 60; sh {without_rows}"));
    let output = shell.output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"), shown);
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

/// Once it comes to a halt by itself, twice it ends at once: what stays on the terminal is no progress line.
#[test]
fn no_progress_line_stays_after_ctrl_c() {
    for times in [1, 2] {
        let sandbox = long_work();
        let Some(shown) = stopped_on_terminal(&sandbox, times) else {
            return;
        };
        assert!(shown.contains(" files, "), "the line was drawn: {shown:?}");
        let stays: Vec<String> = shown.split('\n').map(left_on_line).collect();
        let stale = stays.iter().find(|line| line.contains(" files, "));
        assert!(stale.is_none(), "{times}: {stays:#?}");
        assert_eq!(
            stays.iter().any(|line| line.starts_with("interrupted")),
            times == 1,
            "{stays:#?}"
        );
    }
}

#[test]
fn a_dumb_terminal_gets_no_progress_line_and_no_escapes() {
    let sandbox = long_work();
    let Some(shown) = on(&sandbox, "dumb", 72, "scan -j 1 --audio") else {
        return;
    };
    assert!(shown.contains("files have a code"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\r', '\u{8}']), "{shown:?}");
    let wide: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 72).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

/// Two long tracks under one code take longer than a moment to listen to.
fn long_work() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, seed) in [("1.wav", 1), ("2.wav", 2)] {
        sandbox.file(name, &audio::wav(900.0, seed));
        sandbox.run(&["set", "QZTST2600001", name]).expect(0);
    }
    sandbox
}

/// What a terminal gets where Ctrl-C is typed so many times once the progress line is there.
fn stopped_on_terminal(sandbox: &Sandbox, times: usize) -> Option<String> {
    let mut script = script(sandbox, "xterm", 72, "scan -j 1 --audio");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut keys = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    let mut is_typed = false;
    loop {
        let length = screen.read(&mut piece).unwrap();
        if length == 0 {
            break;
        }
        shown.extend_from_slice(&piece[..length]);
        if !is_typed && String::from_utf8_lossy(&shown).contains(" files, ") {
            is_typed = true;
            for _ in 0..times {
                keys.write_all(b"\x03").unwrap();
                // Two that come at once are one signal.
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
    let code = child.wait().unwrap().code();
    let shown = String::from_utf8(shown).unwrap();
    assert_eq!(code, Some(130), "{shown:?}");
    Some(shown)
}

/// What stays of a line after its returns and erasures.
fn left_on_line(written: &str) -> String {
    let mut line: Vec<char> = Vec::new();
    let mut column = 0;
    let mut rest = written.chars();
    while let Some(next) = rest.next() {
        match next {
            '\r' => column = 0,
            '\u{1b}' => {
                // A control sequence ends with a letter.
                let mut sequence = String::new();
                while !sequence.ends_with(|end: char| end.is_ascii_alphabetic()) {
                    sequence.push(rest.next().unwrap());
                }
                match sequence.trim_start_matches('[') {
                    "2K" => line.clear(),
                    "K" => line.truncate(column),
                    _ => {}
                }
            }
            _ => {
                line.resize(line.len().max(column + 1), ' ');
                line[column] = next;
                column += 1;
            }
        }
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}

/// What a terminal of this many columns gets; none where there is no `script`.
fn on_terminal(sandbox: &Sandbox, columns: u16, arguments: &str) -> Option<String> {
    on(sandbox, "xterm", columns, arguments)
}

fn on(sandbox: &Sandbox, term: &str, columns: u16, arguments: &str) -> Option<String> {
    let output = script(sandbox, term, columns, arguments).output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

fn script(sandbox: &Sandbox, term: &str, columns: u16, arguments: &str) -> Command {
    let program = env!("CARGO_BIN_EXE_isrctag");
    shell_on_terminal(
        sandbox,
        term,
        &format!("stty rows 24 cols {columns}; {program} {arguments}"),
    )
}

fn shell_on_terminal(sandbox: &Sandbox, term: &str, commands: &str) -> Command {
    let mut script = Command::new("script");
    script
        .args(["-qec", commands, "/dev/null"])
        .current_dir(sandbox.music())
        .env("ISRCTAG_STATE_DIR", sandbox.state())
        .env("TERM", term)
        .stdin(Stdio::null());
    script
}

/// What is searched by a program or kept in a file names every file.
#[test]
fn a_report_that_is_not_on_a_terminal_names_every_file() {
    let sandbox = Sandbox::new();
    for number in 1..=20 {
        sandbox.take("seeds/flac-untagged.flac", &format!("d/{number:02}.flac"));
    }
    let piped = sandbox.run(&["scan", "-o", "../report.txt", "d"]).expect(1).stdout;
    let kept = std::fs::read_to_string(sandbox.path("../report.txt")).unwrap();
    let piped_alone = sandbox.run(&["scan", "d"]).expect(1).stdout;
    for text in [kept, piped_alone] {
        assert_eq!(text.matches("\n    ").count(), 20, "{text}");
    }
    assert!(!piped.contains("and 17 more"));
}
