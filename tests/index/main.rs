//! `scan --index`: what is told from an index is what a full scan tells, whatever happened to the files.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

#[path = "../common/mod.rs"]
mod common;
mod harmed;
mod jobs;
mod news;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use common::{Sandbox, testdata};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

/// Files of `testdata/seeds` that the tests put in place of each other.
const SEEDS: [&str; 4] = [
    "seeds/mp3-hyphens-padded.mp3",
    "seeds/flac-untagged.flac",
    "seeds/mp3-hyphens-padded.mp3",
    "manifest.tsv",
];

/// Runs a scan in the music folder and gives its lines of JSON and its exit status.
fn scan(sandbox: &Sandbox, arguments: &[&str]) -> (Vec<String>, i32) {
    let output = sandbox
        .isrctag()
        .args(["scan", "--format", "jsonl"])
        .args(arguments)
        .arg("archive")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(str::to_owned).collect();
    (lines, output.status.code().unwrap())
}

/// The lines without what only an index brings.
fn without_news(lines: &[String]) -> Vec<Value> {
    lines
        .iter()
        .map(|line| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            let object = value.as_object_mut().unwrap();
            object.remove("new");
            object.remove("gone");
            for finding in object
                .get_mut("findings")
                .into_iter()
                .flat_map(|f| f.as_array_mut().unwrap())
            {
                finding.as_object_mut().unwrap().remove("new");
            }
            value
        })
        .collect()
}

/// One thing that happens to an archive between two scans.
#[derive(Debug, Clone)]
enum Happening {
    Write { file: usize, seed: usize },
    RewriteWithTimesBack { file: usize },
    Rename { from: usize, to: usize },
    Swap { one: usize, other: usize },
    SwapNames { one: usize, other: usize },
    Touch { file: usize },
    Delete { file: usize },
}

fn happening() -> impl Strategy<Value = Happening> {
    let file = 0..12usize;
    prop_oneof![
        (file.clone(), 0..SEEDS.len()).prop_map(|(file, seed)| Happening::Write { file, seed }),
        file.clone().prop_map(|file| Happening::RewriteWithTimesBack { file }),
        (file.clone(), file.clone()).prop_map(|(from, to)| Happening::Rename { from, to }),
        (file.clone(), file.clone()).prop_map(|(one, other)| Happening::Swap { one, other }),
        (file.clone(), file.clone()).prop_map(|(one, other)| Happening::SwapNames { one, other }),
        file.clone().prop_map(|file| Happening::Touch { file }),
        file.prop_map(|file| Happening::Delete { file }),
    ]
}

/// Names in several folders, so that the order of the walk and that of the bytes differ; some claim nothing.
fn path(sandbox: &Sandbox, number: usize) -> PathBuf {
    let name = match number % 4 {
        0 => format!("archive/{number}.mp3"),
        1 => format!("archive/Artist {number}/02 Song.flac"),
        2 => format!("archive/Artist {}/10 Song.mp3", number - 1),
        _ => format!("archive/Z/unclaimed {number}"),
    };
    sandbox.path(&name)
}

fn happen(sandbox: &Sandbox, happening: &Happening) {
    let put = |path: &Path, bytes: &[u8]| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    match *happening {
        Happening::Write { file, seed } => {
            let bytes = fs::read(testdata().join(SEEDS[seed])).unwrap();
            put(&path(sandbox, file), &bytes);
        }
        Happening::RewriteWithTimesBack { file } => {
            let path = path(sandbox, file);
            let Ok(mut bytes) = fs::read(&path) else { return };
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            // Another code of the same length, where there is one.
            if let Some(at) = bytes.windows(4).position(|window| window == b"TSRC") {
                bytes[at + 11] = if bytes[at + 11] == b'Q' { b'U' } else { b'Q' };
            }
            fs::write(&path, bytes).unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(modified).unwrap();
        }
        Happening::Rename { from, to } => {
            let to = path(sandbox, to);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let _absent = fs::rename(path(sandbox, from), to);
        }
        Happening::Swap { one, other } => {
            let (one, other) = (path(sandbox, one), path(sandbox, other));
            if let (Ok(a), Ok(b)) = (fs::read(&one), fs::read(&other)) {
                fs::write(&one, b).unwrap();
                fs::write(&other, a).unwrap();
            }
        }
        Happening::SwapNames { one, other } => {
            let (one, other) = (path(sandbox, one), path(sandbox, other));
            if one.exists() && other.exists() {
                let aside = sandbox.path("aside");
                fs::rename(&one, &aside).unwrap();
                let _same = fs::rename(&other, &one);
                fs::rename(&aside, &other).unwrap();
            }
        }
        Happening::Touch { file } => {
            if let Ok(file) = fs::File::options().write(true).open(path(sandbox, file)) {
                file.set_modified(SystemTime::now()).unwrap();
            }
        }
        Happening::Delete { file } => {
            let _absent = fs::remove_file(path(sandbox, file));
        }
    }
}

#[test]
fn an_indexed_scan_tells_what_a_full_scan_tells() {
    let mut runner = TestRunner::new(Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    });
    let weeks = prop::collection::vec(prop::collection::vec(happening(), 0..6), 1..4);
    runner
        .run(&weeks, |weeks| {
            let sandbox = Sandbox::new();
            fs::create_dir(sandbox.path("archive")).unwrap();
            for number in 0..12 {
                happen(
                    &sandbox,
                    &Happening::Write {
                        file: number,
                        seed: number % SEEDS.len(),
                    },
                );
            }
            for week in [Vec::new()].into_iter().chain(weeks) {
                week.iter().for_each(|happening| happen(&sandbox, happening));
                let_time_pass(&sandbox);
                let full = scan(&sandbox, &["--all"]);
                let indexed = scan(&sandbox, &["--all", "--index", "index.jsonl"]);
                prop_assert_eq!(without_news(&indexed.0), without_news(&full.0));
                prop_assert_eq!(indexed.1, full.1);
            }
            Ok(())
        })
        .unwrap();
}

/// Waits until the clock of the drive has moved on, and has the index believe stamps as young as that: by itself it takes
/// a clock to be as coarse as FAT's, two seconds.
fn let_time_pass(sandbox: &Sandbox) {
    std::thread::sleep(Duration::from_millis(15));
    let path = sandbox.path("index.jsonl");
    if let Ok(index) = fs::read_to_string(&path) {
        fs::write(&path, index.replace("\"grain_ns\":2000000000", "\"grain_ns\":10000000")).unwrap();
    }
}

/// A library with the index of a scan.
fn indexed_library(sandbox: &Sandbox) -> Vec<String> {
    common::copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    let_time_pass(sandbox);
    scan(sandbox, &["--index", "index.jsonl"]);
    let_time_pass(sandbox);
    scan(sandbox, &[]).0
}

/// A text of an index in which every line has the checksum that fits it.
fn sealed(text: &str) -> String {
    let seal = |line: &str| {
        let Some(before) = line.len().checked_sub(18).and_then(|at| line.get(..at)) else {
            return line.to_owned();
        };
        if !line[before.len()..].starts_with(",\"sum\":\"") {
            return line.to_owned();
        }
        let mut crc = flate2::Crc::new();
        crc.update(before.as_bytes());
        format!("{before},\"sum\":\"{:08x}\"}}", crc.sum())
    };
    text.lines().map(|line| seal(line) + "\n").collect()
}

#[test]
fn lines_of_unchanged_files_are_copied() {
    let sandbox = Sandbox::new();
    let full = indexed_library(&sandbox);
    // What only the index says is told again only if its file is not opened.
    let before = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
    assert_eq!(sealed(&before), before);
    let before = sealed(&before.replace("\"artist\":\"Iva Renn\"", "\"artist\":\"Ida Wren\""));
    assert!(before.contains("Ida Wren"));
    fs::write(sandbox.path("index.jsonl"), &before).unwrap();
    let full: Vec<String> = full
        .iter()
        .map(|line| line.replace("Iva Renn\",\"album", "Ida Wren\",\"album"))
        .collect();
    let (lines, status) = scan(&sandbox, &["--index", "index.jsonl"]);
    assert!(without_news(&lines) == without_news(&full));
    assert_eq!(status, 3);
    let summary: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(summary["gone"], 0);
    assert!(lines.iter().all(|line| !line.contains("\"new\"")));
    let after = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
    let but_last = |text: &str| text.lines().rev().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(but_last(&after), but_last(&before));
}

#[test]
fn no_file_is_opened_that_did_not_change() {
    let has_strace = std::process::Command::new("strace").arg("-V").output().is_ok();
    if !has_strace {
        eprintln!("strace is not there: not seen");
        return;
    }
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    let touched = "archive/Maren Holt/Small Hours (2023)/02 - Wintering.mp3";
    let opened = || -> Vec<String> {
        let output = std::process::Command::new("strace")
            .args([
                "-f",
                "-qq",
                "-e",
                "trace=open,openat,openat2",
                "-o",
                "calls",
                env!("CARGO_BIN_EXE_isrctag"),
            ])
            .args(["scan", "-q", "--index", "index.jsonl", "archive"])
            .current_dir(sandbox.music())
            .output()
            .unwrap();
        assert!(output.status.code().is_some_and(|code| code <= 3), "{output:?}");
        let calls = fs::read_to_string(sandbox.path("calls")).unwrap();
        let is_file = |call: &&str| {
            let name = call.split('"').nth(1).unwrap_or_default();
            [".mp3", ".flac", ".wav", ".opus", ".ogg", ".m4a", ".wv", ".aiff", ".wma"]
                .iter()
                .any(|end| name.ends_with(end))
        };
        calls.lines().filter(is_file).map(str::to_owned).collect()
    };
    assert_eq!(opened(), Vec::<String>::new());
    let_time_pass(&sandbox);
    let file = fs::File::options().write(true).open(sandbox.path(touched)).unwrap();
    file.set_modified(SystemTime::now()).unwrap();
    drop(file);
    let opened = opened();
    assert!(
        !opened.is_empty() && opened.iter().all(|call| call.contains("Wintering.mp3")),
        "{opened:?}"
    );
}

#[test]
fn what_is_new_and_what_is_gone_is_told_and_the_rest_is_silence() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    let album = "archive/Lantern Street/Tidewater (2024)";
    let output = |arguments: &[&str]| {
        let output = sandbox
            .isrctag()
            .arg("scan")
            .args(arguments)
            .arg("archive")
            .output()
            .unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
    };
    assert_eq!(output(&["--index", "index.jsonl", "--new"]), (String::new(), 0));
    fs::rename(
        sandbox.path(&format!("{album}/05 Undertow.flac")),
        sandbox.path(&format!("{album}/Undertow, moved.flac")),
    )
    .unwrap();
    let kept = fs::read(sandbox.path("index.jsonl")).unwrap();
    let (told, status) = output(&["--index", "index.jsonl", "--new"]);
    assert!(told.contains("in 1 file"), "{told}");
    assert!(told.contains("1 file is gone: archive/Lantern Street"), "{told}");
    assert!(told.contains("Undertow, moved.flac"), "{told}");
    assert!(!told.contains("Harbour Lights"), "{told}");
    assert_eq!(status, 1);
    fs::write(sandbox.path("index.jsonl"), &kept).unwrap();
    let (told, _) = output(&["--index", "index.jsonl", "--new", "-v"]);
    let gone = format!("1 file is gone:\n  {album}/05 Undertow.flac\n");
    assert!(told.contains(&gone), "{told}");
    fs::write(sandbox.path("index.jsonl"), kept).unwrap();
    let (lines, _) = scan(&sandbox, &["--index", "index.jsonl"]);
    let new: Vec<&String> = lines.iter().filter(|line| line.contains("\"new\":true")).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    assert!(lines.last().unwrap().contains("\"gone\":1"));
}

#[test]
fn parts_are_disjoint_and_whole() {
    let sandbox = Sandbox::new();
    common::copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    let files = |arguments: &[&str]| -> Vec<String> {
        let (lines, _) = scan(&sandbox, arguments);
        let file = |line: &String| line.starts_with("{\"type\":\"file\"");
        lines.into_iter().filter(file).collect()
    };
    let all = files(&["--all"]);
    for of in [1, 3, 20] {
        let mut parts: Vec<String> = (1..=of)
            .flat_map(|number| files(&["--all", "--part", &format!("{number}/{of}")]))
            .collect();
        parts.sort();
        let mut all = all.clone();
        all.sort();
        assert_eq!(parts, all, "{of} parts");
    }
}

/// The lines of a report of these files, and what was said beside it.
fn report(sandbox: &Sandbox, files: &[String]) -> (Vec<Value>, String, i32) {
    let run = sandbox
        .isrctag()
        .args(["report", "--format", "jsonl"])
        .args(files)
        .output()
        .unwrap();
    let lines: Vec<String> = String::from_utf8(run.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let told = String::from_utf8(run.stderr).unwrap();
    (without_news(&lines), told, run.status.code().unwrap())
}

#[test]
fn parts_joined_in_any_order_are_one_scan() {
    let sandbox = Sandbox::new();
    common::copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    let (full, full_status) = scan(&sandbox, &[]);
    for of in 1..=20 {
        let mut parts: Vec<String> = (1..=of).map(|number| format!("{number}of{of}.jsonl")).collect();
        for (number, name) in (1..).zip(&parts) {
            scan(&sandbox, &["--part", &format!("{number}/{of}"), "--index", name]);
        }
        parts.rotate_left(of / 2);
        let (joined, told, status) = report(&sandbox, &parts);
        assert_eq!(joined, without_news(&full), "{of} parts");
        assert_eq!((status, told), (full_status, String::new()), "{of} parts");
    }
    // The files are not looked at: the report is the same without them.
    fs::rename(sandbox.path("archive"), sandbox.path("elsewhere")).unwrap();
    let (joined, _, _) = report(&sandbox, &["1of2.jsonl".to_owned(), "2of2.jsonl".to_owned()]);
    assert_eq!(joined, without_news(&full));
}

#[test]
fn what_is_wrong_with_parts_is_told() {
    let sandbox = Sandbox::new();
    common::copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    for number in 1..=3 {
        scan(
            &sandbox,
            &["--part", &format!("{number}/3"), "--index", &format!("{number}.jsonl")],
        );
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let (_, told, _) = report(&sandbox, &names(&["1.jsonl", "3.jsonl"]));
    assert_eq!(told, "of 3 parts, these are missing: 2\n");
    fs::copy(sandbox.path("1.jsonl"), sandbox.path("again.jsonl")).unwrap();
    let (twice, told, _) = report(&sandbox, &names(&["1.jsonl", "2.jsonl", "3.jsonl", "again.jsonl"]));
    assert!(
        told.contains("part 1/3 is there 2 times: 1.jsonl, again.jsonl"),
        "{told}"
    );
    assert!(told.contains("in more than one of the scans"), "{told}");
    let (once, _, _) = report(&sandbox, &names(&["1.jsonl", "2.jsonl", "3.jsonl"]));
    assert_eq!(twice, once);
    let whole = fs::read(sandbox.path("2.jsonl")).unwrap();
    for (bytes, says) in [
        (&whole[..whole.len() - 20], "does not end as a scan does"),
        (&b"not a scan\n"[..], "is no scan in JSON Lines: line 1"),
        (&b""[..], "does not end as a scan does"),
    ] {
        fs::write(sandbox.path("2.jsonl"), bytes).unwrap();
        let (_, told, status) = report(&sandbox, &names(&["1.jsonl", "2.jsonl", "3.jsonl"]));
        assert!(told.contains(says), "{told}");
        assert_eq!(status, 2, "{told}");
    }
}

#[test]
fn reports_of_single_scans_are_joined_with_what_the_files_say() {
    let sandbox = Sandbox::new();
    common::copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    let (full, status) = scan(&sandbox, &[]);
    fs::write(sandbox.path("full.jsonl"), format!("{}\n", full.join("\n"))).unwrap();
    let (joined, _, joined_status) = report(&sandbox, &["full.jsonl".to_owned()]);
    assert_eq!(joined, without_news(&full));
    assert_eq!(joined_status, status);
}
