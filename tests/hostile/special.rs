//! What a path may lead to that is no file at all, and files that change while they are read.

use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use super::common::{Run, Sandbox, testdata};
use super::{check_unreadable, guarded, guarded_command, limited};

/// Makes a FIFO or a device; `None`, with a word about it, where that is not allowed.
fn special(path: &Path, kind: FileType, device: u64) -> Option<()> {
    match mknodat(CWD, path, kind, Mode::RUSR | Mode::WUSR, device) {
        Ok(()) => Some(()),
        Err(error) => {
            eprintln!("not tried, since {} cannot be made: {error}", path.display());
            None
        }
    }
}

/// Nobody reads or writes the other end, so opening it in the usual way would wait for ever.
#[test]
fn a_fifo_named_like_music_is_not_opened() {
    let sandbox = Sandbox::new();
    let Some(()) = special(&sandbox.path("pipe.mp3"), FileType::Fifo, 0) else {
        return;
    };
    check_unreadable(&sandbox, "pipe.mp3");
    symlink("pipe.mp3", sandbox.path("link.mp3")).unwrap();
    check_unreadable(&sandbox, "link.mp3");
    check_edits_fail(&sandbox, &["pipe.mp3", "link.mp3"]);
    assert!(
        std::fs::metadata(sandbox.path("pipe.mp3"))
            .unwrap()
            .file_type()
            .is_fifo()
    );
}

#[test]
fn a_socket_named_like_music_is_unreadable() {
    let sandbox = Sandbox::new();
    let _listener = UnixListener::bind(sandbox.path("socket.flac")).unwrap();
    check_unreadable(&sandbox, "socket.flac");
    check_edits_fail(&sandbox, &["socket.flac"]);
}

#[test]
fn a_device_named_like_music_is_not_read() {
    let sandbox = Sandbox::new();
    // /dev/zero, which has no end.
    let Some(()) = special(&sandbox.path("zero.wav"), FileType::CharacterDevice, makedev(1, 5)) else {
        return;
    };
    check_unreadable(&sandbox, "zero.wav");
    check_edits_fail(&sandbox, &["zero.wav"]);
}

#[test]
fn devices_named_by_the_user_are_unreadable() {
    let sandbox = Sandbox::new();
    for device in ["/dev/zero", "/dev/null", "/dev/tty", "/dev/stdin"] {
        check_unreadable(&sandbox, device);
    }
    check_edits_fail(&sandbox, &["/dev/zero", "/dev/null"]);
}

/// Every editing command gives these up, one by one, and does the file among them.
#[track_caller]
fn check_edits_fail(sandbox: &Sandbox, names: &[&str]) {
    for name in names {
        guarded(sandbox, &["get", name]).expect(3);
        guarded(sandbox, &["show", name]).expect(3);
        guarded(sandbox, &["set", "QZTSE2600001", name]).expect(3);
        guarded(sandbox, &["set", "QZTSE2600001", name, "--in-place", "never"]).expect(3);
        guarded(sandbox, &["remove", name]).expect(3);
    }
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "fine.flac");
    let mut arguments = vec!["fix", "--format", "jsonl", "fine.flac"];
    arguments.extend(names);
    let run = guarded(sandbox, &arguments).expect(3);
    let outcomes = run.objects("edit");
    assert_eq!(outcomes[0]["outcome"], "written", "{}", run.stdout);
    std::fs::remove_file(sandbox.path("fine.flac")).unwrap();
}

#[test]
fn a_folder_named_like_music_is_walked() {
    let sandbox = Sandbox::with("seeds");
    let album = sandbox.path("album.mp3");
    std::fs::create_dir(&album).unwrap();
    std::fs::rename(sandbox.path("flac-tagged.flac"), album.join("1.flac")).unwrap();
    let run = guarded(&sandbox, &["scan", "--all", "--format", "jsonl", "album.mp3"]).expect(0);
    assert_eq!(run.objects("file").len(), 1);
    guarded(&sandbox, &["get", "album.mp3"]).expect(3);
}

#[test]
fn loops_of_links_end() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("a/b")).unwrap();
    sandbox.take("seeds/flac-tagged.flac", "a/b/1.flac");
    symlink("../..", sandbox.path("a/b/up")).unwrap();
    symlink("self.mp3", sandbox.path("self.mp3")).unwrap();
    symlink("two.mp3", sandbox.path("one.mp3")).unwrap();
    symlink("one.mp3", sandbox.path("two.mp3")).unwrap();
    symlink("gone.mp3", sandbox.path("dangling.mp3")).unwrap();
    // Links are passed over unless asked for.
    let run = guarded(&sandbox, &["scan", "--all", "--format", "jsonl"]).expect(0);
    assert_eq!(paths(&run), ["./a/b/1.flac"]);
    let run = guarded(&sandbox, &["scan", "--all", "--format", "jsonl", "--follow"]).expect(3);
    let mut found = paths(&run);
    found.sort();
    assert_eq!(
        found,
        [
            "./a/b/1.flac",
            "./a/b/up",
            "./dangling.mp3",
            "./one.mp3",
            "./self.mp3",
            "./two.mp3"
        ],
        "{}",
        run.stdout
    );
    for name in ["self.mp3", "one.mp3", "dangling.mp3"] {
        check_unreadable(&sandbox, name);
        guarded(&sandbox, &["set", "QZTSE2600001", name]).expect(3);
    }
}

fn paths(run: &Run) -> Vec<String> {
    let path = |file: serde_json::Value| file["path"].as_str().unwrap().to_owned();
    run.objects("file").into_iter().map(path).collect()
}

/// A superuser reads every folder, so the program runs as nobody where the tests are run by one.
#[test]
fn an_unreadable_folder_is_one_finding_and_the_rest_is_scanned() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-tagged.flac", "1.flac");
    sandbox.take("seeds/flac-tagged.flac", "closed/2.flac");
    sandbox.take("seeds/mp3-mutagen-id3v24.mp3", "closed-file.mp3");
    let mode = |name: &str, mode| {
        std::fs::set_permissions(sandbox.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("closed", 0);
    mode("closed-file.mp3", 0);
    mode("..", 0o755);
    let mut command = limited(&sandbox, &["scan", "--format", "jsonl"]);
    if rustix::process::geteuid().is_root() {
        const NOBODY: u32 = 65534;
        command.uid(NOBODY).gid(NOBODY);
        let tried = std::process::Command::new(env!("CARGO_BIN_EXE_isrctag"))
            .arg("--version")
            .uid(NOBODY)
            .gid(NOBODY)
            .output();
        if !tried.is_ok_and(|output| output.status.success()) {
            eprintln!("not tried, since another user cannot run the program");
            mode("closed", 0o700);
            return;
        }
    }
    let run = guarded_command(&sandbox, &mut command).expect(3);
    mode("closed", 0o700);
    let mut found = paths(&run);
    found.sort();
    assert_eq!(found, ["./closed", "./closed-file.mp3"], "{}", run.stdout);
    assert_eq!(run.objects("summary")[0]["with_code"], 1);
}

#[test]
fn a_path_that_no_system_takes_is_unreadable() {
    let sandbox = Sandbox::new();
    check_unreadable(&sandbox, &format!("{}.mp3", "n".repeat(300)));
    check_unreadable(&sandbox, &"folder/".repeat(1000));
    // What does not exist is a slip of the hand.
    sandbox.file("file.txt", b"text");
    for gone in ["gone.flac", "file.txt/1.flac"] {
        let run = guarded(&sandbox, &["scan", gone]).expect(2);
        assert!(run.stderr.contains("does not exist"), "{}", run.stderr);
    }
}

/// While files vanish, shrink, grow and come back, every command comes to an end and says what it could not read.
#[test]
fn files_that_vanish_and_shrink_meanwhile_do_no_harm() {
    let sandbox = Sandbox::new();
    let seeds = [
        "mp3-hyphens-padded.mp3",
        "flac-hyphens-padding-none.flac",
        "m4a-hyphens.m4a",
        "opus-hyphens-tight.opus",
        "wav-hyphens.wav",
    ]
    .map(|name| {
        (
            name.split_once('.').unwrap().1,
            std::fs::read(testdata().join("seeds").join(name)).unwrap(),
        )
    });
    const COUNT: usize = 500;
    let place = |number: usize| sandbox.path(&format!("{number}.{}", seeds[number % seeds.len()].0));
    for number in 0..COUNT {
        std::fs::write(place(number), &seeds[number % seeds.len()].1).unwrap();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // A simple generator is enough to be at another file each time.
            let mut random = 1u64;
            while !done.load(Ordering::Relaxed) {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let number = (random >> 33) as usize % COUNT;
                let whole = &seeds[number % seeds.len()].1;
                match random >> 60 {
                    0..4 => drop(std::fs::remove_file(place(number))),
                    4..8 => drop(std::fs::write(place(number), &whole[..whole.len() / 3])),
                    _ => drop(std::fs::write(place(number), whole)),
                }
            }
        });
        for _ in 0..3 {
            let run = guarded(&sandbox, &["scan", "--format", "jsonl"]);
            assert!(matches!(run.code, 1 | 3), "{}", run.stdout);
            let run = guarded(&sandbox, &["fix", "--format", "jsonl", "."]);
            assert!(matches!(run.code, 0 | 3), "{}\n{}", run.stdout, run.stderr);
        }
        done.store(true, Ordering::Relaxed);
    });
    let left: Vec<_> = std::fs::read_dir(sandbox.music())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}
