//! Indexes that cannot be used, or not wholly, and drives and clocks that mislead.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use super::common::{Run, Sandbox, copy_tree, testdata};
use super::{Happening, happen, indexed_library, let_time_pass, report, scan, sealed, without_news};

#[test]
fn what_is_no_index_of_this_scan_is_never_replaced() {
    let sandbox = Sandbox::with("library/Inbox");
    fs::create_dir(sandbox.path("archive")).unwrap();
    sandbox.take("seeds/mp3-hyphens-padded.mp3", "archive/a.mp3");
    let foreign: [(&str, Vec<u8>); 4] = [
        ("song.mp3", fs::read(testdata().join("seeds/mp3-hyphens-padded.mp3")).unwrap()),
        ("own.jsonl", b"{\"type\":\"file\",\"path\":\"x\"}\n{\"a\":1}\n".to_vec()),
        ("text.txt", b"not a line of JSON".to_vec()),
        (
            "other.jsonl",
            b"{\"type\":\"summary\",\"index\":{\"layout\":1,\"version\":\"0\",\"year\":2026,\"roots\":[\"elsewhere\"],\"began_ns\":1}}\n"
                .to_vec(),
        ),
    ];
    for (name, bytes) in foreign {
        let path = sandbox.file(name, &bytes);
        let output = sandbox
            .isrctag()
            .args(["scan", "--index", name, "archive"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("hint: give"), "{name}: {told}");
    }
}

#[test]
fn an_archive_that_is_not_mounted_costs_no_index() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    let index = fs::read(sandbox.path("index.jsonl")).unwrap();
    fs::rename(sandbox.path("archive"), sandbox.path("elsewhere")).unwrap();
    fs::create_dir(sandbox.path("archive")).unwrap();
    let scan = ["scan", "--new", "--index", "index.jsonl", "archive"];
    let run = sandbox.run(&scan).expect(1);
    assert!(run.stderr.contains("index.jsonl stays as it is"), "{}", run.stderr);
    assert!(fs::read(sandbox.path("index.jsonl")).unwrap() == index);
    // Nor does it look as if no file were the recording.
    sandbox.take("seeds/mp3-id3v1-only.mp3", "new.mp3");
    let run = sandbox
        .run(&["fill", "-n", "new.mp3", "--from", "index.jsonl"])
        .expect(1);
    assert!(run.stderr.contains("cannot be reached now"), "{}", run.stderr);
    fs::remove_dir(sandbox.path("archive")).unwrap();
    fs::rename(sandbox.path("elsewhere"), sandbox.path("archive")).unwrap();
    let run = sandbox.run(&scan);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn lines_that_an_index_has_lost_are_told() {
    let sandbox = Sandbox::new();
    let full = indexed_library(&sandbox);
    let index = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
    let is_kept = |(number, line): &(usize, &str)| !(3..8).contains(number) || !line.contains("\"type\":\"file\"");
    let kept = index
        .lines()
        .enumerate()
        .filter(is_kept)
        .map(|(_, line)| format!("{line}\n"));
    let lost = kept.collect::<String>();
    sandbox.file("index.jsonl", lost.as_bytes());
    sandbox.file("lost.jsonl", lost.as_bytes());
    sandbox.file("cut.jsonl", &index.as_bytes()[..index.len() / 2]);
    let told = "5 of its lines are not there any more";
    let run = sandbox.run(&["scan", "--index", "index.jsonl", "--format", "jsonl", "archive"]);
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let lines: Vec<String> = run.stdout.lines().map(str::to_owned).collect();
    assert!(without_news(&lines) == without_news(&full));
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    for (command, told) in [
        (&["report", "lost.jsonl"][..], "and has lines of"),
        (&["ledger", "check", "lost.jsonl"], "and has lines of"),
        (&["ledger", "check", "cut.jsonl"], "does not end as one does"),
        (&["fill", "archive", "--from", "cut.jsonl"], "does not end as one does"),
    ] {
        let run = sandbox.run(command).expect(2);
        assert!(run.stderr.contains(told), "{command:?}: {}", run.stderr);
    }
}

#[test]
fn an_index_that_was_harmed_is_not_believed() {
    let sandbox = Sandbox::new();
    let full = indexed_library(&sandbox);
    let index = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
    let lines: Vec<&str> = index.lines().collect();
    let mut shuffled = lines.clone();
    shuffled[..20].reverse();
    let mut foreign = lines.clone();
    foreign.insert(5, "{\"somebody\":\"else\"}");
    // Only an index that is believed would tell this.
    let planted = |key: &str, value: &str| {
        let planted = index.replace("\"artist\":\"Iva Renn\"", "\"artist\":\"Ida Wren\"");
        assert!(planted != index && planted.contains(key));
        sealed(&planted.replacen(key, value, 1))
    };
    let other_version = planted(
        concat!("\"version\":\"", env!("CARGO_PKG_VERSION")),
        "\"version\":\"0.0.1",
    );
    let harmed = [
        ("cut", format!("{}\n{{\"type\":\"fi", lines[..30].join("\n"))),
        ("shuffled", format!("{}\n", shuffled.join("\n"))),
        ("foreign", format!("{}\n", foreign.join("\n"))),
        ("other version", other_version),
        ("empty", String::new()),
        (
            "a value changed by hand",
            index.replacen("QZTST2400007", "QZTST2400008", 1),
        ),
        ("of a time to come", planted("\"began_ns\":1", "\"began_ns\":2")),
        ("of another layout", planted("\"layout\":3", "\"layout\":4")),
    ];
    for (name, text) in harmed {
        fs::write(sandbox.path("index.jsonl"), text).unwrap();
        let (lines, status) = scan(&sandbox, &["--index", "index.jsonl"]);
        assert!(without_news(&lines) == without_news(&full), "{name}");
        assert_eq!(status, 3, "{name}");
        let again = scan(&sandbox, &["--index", "index.jsonl"]).0;
        assert!(without_news(&again) == without_news(&full), "{name}, again");
    }
}

#[test]
fn parts_of_another_root_or_version_are_told_and_the_report_ends_as_the_scan_does() {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library/Lantern Street"), &sandbox.path("archive"));
    copy_tree(&testdata().join("library/Maren Holt"), &sandbox.path("elsewhere"));
    let part = |number: u32, root: &str| {
        let name = format!("{number}.jsonl");
        let (part, quiet) = (format!("{number}/2"), ["scan", "-q", "--summary"]);
        sandbox.run(&[&quiet[..], &["--part", &part, "--index", &name, root]].concat())
    };
    let (full, status) = scan(&sandbox, &[]);
    assert_eq!(status, 1);
    part(1, "archive");
    part(2, "archive");
    let names = ["1.jsonl".to_owned(), "2.jsonl".to_owned()];
    let second = fs::read_to_string(sandbox.path("2.jsonl")).unwrap();
    let other = second.replace(
        concat!("\"version\":\"", env!("CARGO_PKG_VERSION")),
        "\"version\":\"0.0.1",
    );
    assert_ne!(other, second);
    fs::write(sandbox.path("2.jsonl"), other).unwrap();
    let (joined, told, status) = report(&sandbox, &names);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        told,
        format!("1.jsonl was made by isrctag {version}, and 2.jsonl by 0.0.1, which may judge otherwise\n")
    );
    assert_eq!((joined, status), (without_news(&full), 1));

    fs::remove_file(sandbox.path("2.jsonl")).unwrap();
    part(2, "elsewhere");
    let (joined, told, status) = report(&sandbox, &names);
    assert_eq!(told, "1.jsonl is of archive, and 2.jsonl is of elsewhere\n");
    assert_eq!(status, 1);
    // What is told stands beside the report of both.
    let files = names.map(|name| {
        let index = fs::read_to_string(sandbox.path(&name)).unwrap();
        index
            .lines()
            .filter(|line| line.starts_with("{\"type\":\"file\""))
            .count()
    });
    assert!(files.iter().all(|files| *files > 0), "{files:?}");
    assert_eq!(joined.last().unwrap()["files"], files.iter().sum::<usize>());
}

/// A folder of files without anything to complain about.
fn fine_archive(sandbox: &Sandbox) {
    for number in 1..=40 {
        sandbox.take(
            "library/Lantern Street/Tidewater (2024)/01 Low Water.flac",
            &format!("archive/{number}/1.flac"),
        );
    }
    let_time_pass(sandbox);
}

#[test]
fn two_scans_with_one_index_at_once_leave_a_whole_one() {
    let sandbox = Sandbox::new();
    fine_archive(&sandbox);
    let (full, _) = scan(&sandbox, &["--all"]);
    for _ in 0..3 {
        let scans: Vec<_> = (0..6)
            .map(|number| {
                let mut command = sandbox.isrctag();
                let report = format!("{number}.jsonl");
                command.args([
                    "scan",
                    "-q",
                    "--all",
                    "--index",
                    "index.jsonl",
                    "-o",
                    &report,
                    "archive",
                ]);
                command.stderr(std::process::Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let mut put = 0;
        for (number, child) in scans.into_iter().enumerate() {
            let output = child.wait_with_output().unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            match output.status.code().unwrap() {
                0 => put += 1,
                3 => assert!(told.contains("the index index.jsonl"), "{told}"),
                other => panic!("{other}: {told}"),
            }
            // Each has told all that there is, whether its index was put or not.
            let report = fs::read_to_string(sandbox.path(&format!("{number}.jsonl"))).unwrap();
            let lines: Vec<String> = report.lines().map(str::to_owned).collect();
            assert!(without_news(&lines) == without_news(&full));
        }
        assert!(put >= 1);
        let (joined, _) = scan(&sandbox, &["--all", "--index", "index.jsonl"]);
        assert!(without_news(&joined) == without_news(&full));
        assert_eq!(sandbox.run(&["report", "-q", "index.jsonl"]).code, 0);
    }
    let left = fs::read_dir(sandbox.music()).unwrap();
    let is_left = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().ends_with(".part");
    assert_eq!(left.filter(|entry| is_left(entry.as_ref().unwrap())).count(), 0);
}

#[test]
fn an_index_that_cannot_be_written_is_told_and_the_old_one_stays() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    let path = sandbox.path("index.jsonl");
    let before = fs::read(&path).unwrap();
    // A limit of file sizes is met like the end of a disk.
    let limited = Run::of(
        std::process::Command::new("sh")
            .args([
                "-c",
                "ulimit -f 8; exec \"$0\" scan -q --index index.jsonl archive",
                env!("CARGO_BIN_EXE_isrctag"),
            ])
            .current_dir(sandbox.music()),
    )
    .expect(2);
    assert!(
        limited.stderr.contains("the index index.jsonl cannot be written"),
        "{}",
        limited.stderr
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let refused = sandbox.run(&["scan", "--index", "index.jsonl", "archive"]).expect(2);
    assert!(refused.stderr.contains("read-only"), "{}", refused.stderr);
    assert_eq!(fs::read(&path).unwrap(), before);
    let nowhere = sandbox
        .run(&["scan", "--index", "no folder/index.jsonl", "archive"])
        .expect(2);
    assert!(
        nowhere
            .stderr
            .contains("the index no folder/index.jsonl cannot be written"),
        "{}",
        nowhere.stderr
    );
}

#[test]
fn an_index_of_ten_gigabytes_is_streamed() {
    const LEN: u64 = 10 << 30;
    let sandbox = Sandbox::new();
    let full = indexed_library(&sandbox);
    let index = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
    let begun = Instant::now();
    // Nothing but a hole: somebody else's.
    let hole = fs::File::create(sandbox.path("hole.jsonl")).unwrap();
    hole.set_len(LEN).unwrap();
    sandbox.run(&["scan", "--index", "hole.jsonl", "archive"]).expect(2);
    assert_eq!(fs::metadata(sandbox.path("hole.jsonl")).unwrap().len(), LEN);
    // Ours, with a hole between its files and its end.
    let end = index.lines().last().unwrap();
    let file = fs::File::options()
        .write(true)
        .open(sandbox.path("index.jsonl"))
        .unwrap();
    file.set_len(LEN).unwrap();
    drop(file);
    let mut file = fs::File::options()
        .append(true)
        .open(sandbox.path("index.jsonl"))
        .unwrap();
    std::io::Write::write_all(&mut file, format!("\n{end}\n").as_bytes()).unwrap();
    drop(file);
    let (lines, _) = scan(&sandbox, &["--index", "index.jsonl"]);
    assert!(without_news(&lines) == without_news(&full));
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn files_of_a_time_to_come_are_read_each_time() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    let song = sandbox.path("archive/Maren Holt/Small Hours (2023)/02 - Wintering.mp3");
    let to_come = SystemTime::now() + Duration::from_secs(400 * 86_400);
    let set = || {
        fs::File::options()
            .write(true)
            .open(&song)
            .unwrap()
            .set_modified(to_come)
            .unwrap()
    };
    set();
    scan(&sandbox, &["--index", "index.jsonl"]);
    let_time_pass(&sandbox);
    let bytes = fs::read(&song).unwrap();
    let at = bytes.windows(4).position(|window| window == b"TSRC").unwrap();
    let mut changed = bytes;
    changed[at + 13] = b'x';
    fs::write(&song, changed).unwrap();
    set();
    let (indexed, _) = scan(&sandbox, &["--index", "index.jsonl"]);
    assert!(without_news(&indexed) == without_news(&scan(&sandbox, &[]).0));
}

#[test]
fn a_tree_that_changes_during_the_scan_is_told_right_by_the_next_one() {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    for number in 0..12 {
        happen(
            &sandbox,
            &Happening::Write {
                file: number,
                seed: number % 3,
            },
        );
    }
    for round in 0..4 {
        std::thread::scope(|scope| {
            let scanning = scope.spawn(|| scan(&sandbox, &["--index", "index.jsonl"]));
            let mut number = round;
            while !scanning.is_finished() {
                number = (number * 5 + 3) % 12;
                happen(
                    &sandbox,
                    &Happening::Rename {
                        from: number,
                        to: (number + 5) % 12,
                    },
                );
                happen(
                    &sandbox,
                    &Happening::Write {
                        file: number,
                        seed: number % 3,
                    },
                );
                happen(
                    &sandbox,
                    &Happening::Delete {
                        file: (number + 7) % 12,
                    },
                );
            }
        });
        let_time_pass(&sandbox);
        let (indexed, _) = scan(&sandbox, &["--index", "index.jsonl"]);
        assert!(without_news(&indexed) == without_news(&scan(&sandbox, &[]).0));
    }
}

/// Anybody can write such a line: what it points to need not be there.
#[test]
fn a_finding_about_no_place_is_told_all_the_same() {
    let sandbox = Sandbox::new();
    let finding = r#"{"kind":"malformed","severity":"error","repair":"none","reason":"separator"}"#;
    let line =
        format!(r#"{{"type":"file","path":"a.flac","places":[],"findings":[{finding}],"more":{{"about":[9]}}}}"#);
    sandbox.file(
        "a.jsonl",
        format!("{line}\n{{\"type\":\"summary\",\"files\":1}}\n").as_bytes(),
    );
    let run = sandbox.run(&["report", "a.jsonl"]);
    assert!(run.stdout.contains("separator"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}
