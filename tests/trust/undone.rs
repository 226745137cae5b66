//! What `undo` gives back, what it refuses, and what `log` tells of it.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::common::Sandbox;

const SONG: &str = "seeds/flac-hyphens-padding-large.flac";

fn modified(path: &Path) -> SystemTime {
    std::fs::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, time: SystemTime) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn undo_gives_bytes_and_modification_times_back() {
    let sandbox = Sandbox::new();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    for in_place in ["auto", "never"] {
        let path = sandbox.take(SONG, "a.flac");
        set_modified(&path, long_ago);
        let old = std::fs::read(&path).unwrap();
        sandbox.run(&["fix", ".", "--in-place", in_place]).expect(0);
        assert_ne!(modified(&path), long_ago);
        sandbox.run(&["undo"]).expect(0);
        assert_eq!(
            (std::fs::read(&path).unwrap() == old, modified(&path)),
            (true, long_ago)
        );
    }
}

#[test]
fn undo_refuses_a_file_whose_time_was_put_back_and_takes_a_touched_one_when_asked() {
    let sandbox = Sandbox::new();
    let path = sandbox.take(SONG, "a.flac");
    let old = std::fs::read(&path).unwrap();
    sandbox.run(&["fix", "."]).expect(0);
    let (time, new) = (modified(&path), std::fs::read(&path).unwrap());
    let mut changed = new.clone();
    let far = changed.len() / 2;
    changed[far] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    set_modified(&path, time);
    for dry in [&["undo", "-n"][..], &["undo"]] {
        let run = sandbox.run(dry).expect(3);
        assert!(
            run.stdout.contains("refused: the file may have changed since"),
            "{}",
            run.stdout
        );
        assert_eq!(std::fs::read(&path).unwrap(), changed);
    }
    std::fs::write(&path, &new).unwrap();
    set_modified(&path, time);
    let run = sandbox.run(&["undo", "--touched"]).expect(0);
    assert!(
        run.stdout.contains("note: what the run changed is as it was before"),
        "{}",
        run.stdout
    );
    assert_eq!(std::fs::read(&path).unwrap(), old);
}

#[test]
fn the_log_of_a_run_tells_its_files_before_and_after() {
    let sandbox = Sandbox::new();
    let path = sandbox.take(SONG, "a.flac");
    let size = std::fs::metadata(&path).unwrap().len();
    sandbox.run(&["fix", "."]).expect(0);
    let text = sandbox.run(&["log", "1"]).expect(0).stdout;
    for part in [
        "a.flac: QZ-TSE-26-00217 -> QZTSE2600217 (vorbis:ISRC)",
        "can be taken back",
        "BLAKE3",
        "CRC-64",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let edit = |run: &str| {
        sandbox
            .run(&["log", run, "--format", "jsonl"])
            .expect(0)
            .objects("edit")
            .remove(0)
    };
    let told = edit("1");
    assert_eq!(told["path"], path.canonicalize().unwrap().to_str().unwrap());
    assert_eq!([&told["before"], &told["after"]], ["QZ-TSE-26-00217", "QZTSE2600217"]);
    assert_eq!(
        (told["state"].as_str(), told["size_before"].as_u64()),
        (Some("done"), Some(size))
    );
    assert!(told["kept_bytes"].as_u64().unwrap() > 0, "{told}");
    sandbox.run(&["undo"]).expect(0);
    assert_eq!(edit("1")["state"], "undone");
    let back = edit("2");
    assert_eq!([&back["before"], &back["after"]], ["QZTSE2600217", "QZ-TSE-26-00217"]);
    assert_eq!(
        [&back["crc64_before"], &back["crc64_after"]],
        [&told["crc64_after"], &told["crc64_before"]]
    );
    let run = sandbox.run(&["log", "9"]).expect(2);
    assert!(run.stderr.contains("there is no run 9"), "{}", run.stderr);
}

/// The clock went back by years since: runs are taken back in the order in which they were made, and files come back
/// with their times, though these lie in what is now the future.
#[test]
fn a_clock_that_goes_back_confuses_neither_undo_nor_log() {
    let sandbox = Sandbox::new();
    let future = SystemTime::now() + Duration::from_secs(20 * 365 * 86_400);
    let files = ["a.flac", "b.flac"].map(|name| sandbox.take(SONG, name));
    let old = std::fs::read(&files[0]).unwrap();
    files.iter().for_each(|path| set_modified(path, future));
    sandbox.run(&["fix", "a.flac"]).expect(0);
    assert!(modified(&files[0]) < future);
    let journal = rusqlite::Connection::open(sandbox.state().join("journal.sqlite")).unwrap();
    journal
        .execute(
            "UPDATE runs SET started = started + 600000000, finished = finished + 600000000",
            [],
        )
        .unwrap();
    drop(journal);
    sandbox.run(&["fix", "b.flac", "--preserve-mtime"]).expect(0);
    assert_eq!(modified(&files[1]), future);
    let log = sandbox.run(&["log", "--format", "jsonl"]).expect(0).objects("run");
    assert_eq!(log.len(), 2);
    for path in [&files[1], &files[0]] {
        assert!(std::fs::read(path).unwrap() != old, "{}", path.display());
        sandbox.run(&["undo"]).expect(0);
        assert!(std::fs::read(path).unwrap() == old, "{}", path.display());
        assert_eq!(modified(path), future);
    }
    // An index whose stamps lie in the future finds nothing new in files that are as they were, and sees one that changed.
    sandbox.run(&["scan", "--index", "../index.jsonl"]).expect(1);
    set_modified(&files[0], SystemTime::now());
    sandbox.run(&["set", "--replace", "QZTSE2600001", "a.flac"]).expect(0);
    let run = sandbox.run(&["scan", "--index", "../index.jsonl", "--all", "--format", "jsonl"]);
    assert_eq!(run.objects("file")[0]["isrc"], "QZTSE2600001");
}

#[test]
fn the_log_tells_which_files_an_undo_would_leave() {
    let sandbox = Sandbox::new();
    let path = sandbox.take(SONG, "a.flac");
    sandbox.take(SONG, "b.flac");
    sandbox.run(&["fix", "."]).expect(0);
    let left = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&left[..], b"more"].concat()).unwrap();
    let text = sandbox.run(&["log", "1"]).expect(0).stdout;
    assert_eq!(text.matches("cannot be taken back: ").count(), 1, "{text}");
    assert_eq!(text.matches("can be taken back").count(), 1, "{text}");
    let edits = sandbox
        .run(&["log", "1", "--format", "jsonl"])
        .expect(0)
        .objects("edit");
    let stays: Vec<bool> = edits.iter().map(|edit| edit["stays"].is_string()).collect();
    assert_eq!(stays, [true, false]);
    sandbox.run(&["undo", "1"]).expect(3);
}
