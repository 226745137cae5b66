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
