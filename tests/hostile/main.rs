//! What hostile files, names and folders do to the built program: one clear finding each, and never a panic, a hang, a
//! flood of memory, an open FIFO or device, or a control character on the terminal.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod containers;
mod crafted;
mod giants;
mod lists;
mod names;
mod special;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Run, Sandbox};

/// The promise is 2 s for one file; this is for an unoptimised program on a machine that does other things, too.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the program may hold, in KiB.
const MEMORY: u64 = 256 * 1024;

/// Runs the program with its memory limited, and ends it when it takes too long.
#[track_caller]
pub fn guarded(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    guarded_command(sandbox, &mut limited(sandbox, arguments))
}

/// The program with its memory limited: an allocation beyond that ends it with a signal.
pub fn limited(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let plain = sandbox.isrctag();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        // What is written to and shared with nobody, so the program's own text does not count.
        .arg(format!("ulimit -d {MEMORY} && exec \"$0\" \"$@\""))
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
    command
}

#[track_caller]
pub fn guarded_command(sandbox: &Sandbox, command: &mut Command) -> Run {
    let [out, err] = ["stdout", "stderr"].map(|name| sandbox.state().with_file_name(name));
    let started = Instant::now();
    let mut child = command
        .stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&err).unwrap())
        .spawn()
        .unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{command:?} still ran after {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |path| String::from_utf8(std::fs::read(path).unwrap()).expect("output is UTF-8");
    let (stdout, stderr) = (text(&out), text(&err));
    let Some(code) = status.code() else {
        panic!("{command:?} died: {status}\n{stdout}\n{stderr}");
    };
    assert!(!stderr.contains("panicked"), "{stderr}");
    for text in [&stdout, &stderr] {
        let wild = text.chars().find(|&c| is_wild(c));
        assert_eq!(wild, None, "{command:?} printed a control character:\n{text:?}");
    }
    Run { code, stdout, stderr }
}

/// Whether a terminal would obey a character instead of showing it.
fn is_wild(c: char) -> bool {
    let is_bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}');
    is_bidi || c.is_control() && !matches!(c, '\n' | '\t')
}

/// Checks that a scan in which `name` is the only file tells of it once: unreadable, with a reason.
#[track_caller]
pub fn check_unreadable(sandbox: &Sandbox, name: &str) {
    let run = guarded(sandbox, &["scan", "--format", "jsonl", name]).expect(3);
    let files = run.objects("file");
    assert_eq!(files.len(), 1, "{}", run.stdout);
    let findings = files[0]["findings"].as_array().unwrap();
    let kinds: Vec<&str> = findings
        .iter()
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["unreadable"], "{name}: {}", run.stdout);
    assert!(
        findings[0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()),
        "{}",
        run.stdout
    );
}
