//! Files that somebody names to be written: links, music, pipes and lists in their place.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{Run, Sandbox, contents};

/// The commands that write a file of this name.
fn commands(name: &str) -> [Vec<&str>; 3] {
    [
        vec!["scan", "a.flac", "-o", name],
        vec!["export", "a.flac", "--force", "-o", name],
        vec!["ledger", "export", "-o", name],
    ]
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "a.flac");
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox
}

#[track_caller]
fn check_refused(sandbox: &Sandbox, arguments: &[&str], why: &str) {
    let before = contents(&sandbox.music());
    let run = sandbox.run(arguments).expect(2);
    assert!(run.stderr.contains(why), "{arguments:?}: {}", run.stderr);
    assert!(contents(&sandbox.music()) == before, "{arguments:?} changed something");
}

#[test]
fn links_are_not_followed_and_not_replaced() {
    let sandbox = sandbox();
    symlink("a.flac", sandbox.path("to-music.csv")).unwrap();
    symlink("nothing", sandbox.path("to-nothing.csv")).unwrap();
    symlink("/dev/null", sandbox.path("to-device.csv")).unwrap();
    for name in ["to-music.csv", "to-nothing.csv", "to-device.csv"] {
        for arguments in commands(name) {
            let before = std::fs::read(sandbox.path("a.flac")).unwrap();
            let run = sandbox.run(&arguments).expect(2);
            assert!(run.stderr.contains("it is a link to "), "{}", run.stderr);
            assert!(sandbox.path(name).is_symlink());
            assert_eq!(std::fs::read(sandbox.path("a.flac")).unwrap(), before);
            assert!(!sandbox.path("nothing").exists());
        }
    }
    std::fs::create_dir(sandbox.path("man")).unwrap();
    symlink("../a.flac", sandbox.path("man/isrctag.1")).unwrap();
    let before = std::fs::read(sandbox.path("a.flac")).unwrap();
    sandbox.run(&["man", "--dir", "man"]).expect(2);
    assert_eq!(std::fs::read(sandbox.path("a.flac")).unwrap(), before);
}

#[test]
fn music_is_not_written_over_whatever_its_name() {
    let sandbox = sandbox();
    sandbox.take("seeds/flac-untagged.flac", "report.csv");
    sandbox.take("seeds/flac-untagged.flac", "cut.csv");
    let cut = std::fs::read(sandbox.path("cut.csv")).unwrap();
    sandbox.file("cut.csv", &cut[..60]);
    for name in ["report.csv", "cut.csv"] {
        for arguments in commands(name) {
            check_refused(&sandbox, &arguments, "it is an audio file");
        }
    }
}

#[test]
fn a_planted_pipe_or_device_holds_nothing_up() {
    let sandbox = sandbox();
    let fifo = sandbox.path("fifo.csv");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for arguments in commands("fifo.csv") {
        let run = sandbox.run(&arguments).expect(2);
        assert!(run.stderr.contains("no program reads from this FIFO"), "{}", run.stderr);
    }
    let device = sandbox.path("device.csv");
    let made = Command::new("mknod").arg(&device).args(["c", "1", "3"]).status();
    if !made.unwrap().success() {
        eprintln!("not tried: devices cannot be made here");
        return;
    }
    for arguments in commands("device.csv") {
        let run = sandbox.run(&arguments).expect(2);
        assert!(run.stderr.contains("it is no regular file"), "{}", run.stderr);
    }
}

#[test]
fn a_pipe_that_is_read_from_is_written() {
    let sandbox = sandbox();
    let fifo = sandbox.path("fifo.csv");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let reader = Command::new("cat").arg(&fifo).stdout(Stdio::piped()).spawn().unwrap();
    // The reader comes when it comes.
    let export = ["export", "a.flac", "--force", "-o", "fifo.csv"];
    while sandbox.run(&export).code != 0 {}
    let read = reader.wait_with_output().unwrap().stdout;
    assert!(String::from_utf8(read).unwrap().contains("a.flac"));
}

#[test]
fn what_is_being_read_is_not_written_over() {
    let sandbox = sandbox();
    sandbox.file("list.txt", b"a.flac\n");
    sandbox.file("list.csv", b"a.flac\n");
    check_refused(
        &sandbox,
        &["scan", "--files-from", "list.txt", "-o", "./list.txt"],
        "it is read by this very run",
    );
    check_refused(
        &sandbox,
        &["export", "--force", "--files-from", "list.csv", "-o", "list.csv"],
        "it is read by this very run",
    );
    let ledger = ["--ledger", "ledger.csv"];
    sandbox
        .run(&[&["ledger", "prefix", "add", "QZTST"], &ledger[..]].concat())
        .expect(0);
    check_refused(
        &sandbox,
        &[&["ledger", "export", "-o", "ledger.csv"], &ledger[..]].concat(),
        "it is read by this very run",
    );
}

#[test]
fn the_longest_name_is_written() {
    let sandbox = sandbox();
    let name = format!("{}.csv", "x".repeat(251));
    for arguments in commands(&name) {
        sandbox.run(&arguments).expect(0);
        assert!(sandbox.path(&name).is_file(), "{arguments:?}");
        std::fs::remove_file(sandbox.path(&name)).unwrap();
    }
    assert_eq!(contents(&sandbox.music()).len(), 1, "nothing is left");
}

#[test]
fn a_file_stays_the_users_whose_it_was_and_never_gets_more_rights() {
    const NOBODY: u32 = 65534;
    if !rustix::process::geteuid().is_root() {
        eprintln!("not tried, since it takes a superuser");
        return;
    }
    let sandbox = sandbox();
    let program = crate::common::program_for_all(&sandbox);
    let music = sandbox.music();
    std::fs::set_permissions(music.parent().unwrap(), PermissionsExt::from_mode(0o755)).unwrap();
    let rights = |path: &Path| {
        let metadata = std::fs::metadata(path).unwrap();
        (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
    };
    for arguments in commands("a.csv") {
        let place = sandbox.file("a.csv", b"earlier");
        chown(&place, Some(NOBODY), Some(NOBODY)).unwrap();
        std::fs::set_permissions(&place, PermissionsExt::from_mode(0o4640)).unwrap();
        sandbox.run(&arguments).expect(0);
        assert_eq!(rights(&place), (NOBODY, NOBODY, 0o640), "{arguments:?}");
        assert_ne!(std::fs::read(&place).unwrap(), b"earlier", "{arguments:?}");
    }
    // Nobody cannot give a file to the superuser, nor to that group.
    chown(&music, Some(NOBODY), None).unwrap();
    let place = sandbox.file("a.csv", b"earlier");
    chown(&place, Some(0), Some(0)).unwrap();
    std::fs::set_permissions(&place, PermissionsExt::from_mode(0o664)).unwrap();
    let mut command = Command::new(&program);
    command
        .args(["scan", "a.flac", "-o", "a.csv"])
        .current_dir(&music)
        .env("ISRCTAG_STATE_DIR", sandbox.state())
        .uid(NOBODY)
        .gid(NOBODY);
    Run::of(&mut command).expect(0);
    assert_eq!(rights(&place), (NOBODY, NOBODY, 0o604));
}

#[test]
fn a_disk_that_is_full_is_told_with_the_name_of_the_file() {
    let sandbox = sandbox();
    let place = sandbox.file("a.csv", b"earlier");
    for arguments in commands("a.csv") {
        let mut command = crate::state::after(&sandbox, "ulimit -f 0", &arguments);
        let run = Run::of(&mut command).expect(2);
        assert!(
            run.stderr.starts_with("isrctag: ") && run.stderr.contains("a.csv"),
            "{arguments:?}: {}",
            run.stderr
        );
        assert_eq!(std::fs::read(&place).unwrap(), b"earlier", "{arguments:?}");
        assert_eq!(contents(&sandbox.music()).len(), 2, "{arguments:?} left something");
    }
}

fn is_unfinished(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".part")
}

#[test]
fn what_a_killed_run_leaves_blocks_no_later_one() {
    let sandbox = Sandbox::new();
    sandbox.file("../report.csv", b"earlier");
    let seed = std::fs::read(crate::common::testdata().join("seeds/flac-tagged.flac")).unwrap();
    for number in 0..3000 {
        sandbox.file(&format!("{number}.flac"), &seed);
    }
    let folder = sandbox.music().join("..");
    let mut killed = 0;
    for _ in 0..30 {
        if killed == 3 {
            break;
        }
        let mut command = sandbox.isrctag();
        let mut child = command
            .args(["scan", "-j", "1", "-o", "../report.csv"])
            .spawn()
            .unwrap();
        let beside = || std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let before = beside().filter(|path| is_unfinished(path)).count();
        while child.try_wait().unwrap().is_none() {
            if beside().filter(|path| is_unfinished(path)).count() > before {
                child.kill().unwrap();
            }
        }
        // On a busy machine it may have come to its end before.
        match child.wait().unwrap().code() {
            None => killed += 1,
            Some(_) => drop(sandbox.file("../report.csv", b"earlier")),
        }
    }
    assert_eq!(killed, 3);
    assert_eq!(std::fs::read(sandbox.path("../report.csv")).unwrap(), b"earlier");
    sandbox.run(&["scan", "-o", "../report.csv"]).expect(0);
    assert!(std::fs::read(sandbox.path("../report.csv")).unwrap() != b"earlier");
    // What is left is no file of the archive.
    let run = sandbox.run(&["scan", "..", "--format", "jsonl"]).expect(0);
    assert_eq!(run.objects("summary")[0]["files"], 3000);
}
