//! The state folder: whose it is, who may write it, and where there is none.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::common::{Run, Sandbox};

const SONG: &str = "seeds/flac-hyphens-padding-large.flac";

const NOBODY: u32 = 65534;

fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("not tried, since it takes a superuser");
    }
    is_root
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// The program under a shell that does something first.
pub fn after(sandbox: &Sandbox, first: &str, arguments: &[&str]) -> Command {
    let plain = sandbox.isrctag();
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{first} && exec \"$0\" \"$@\"")])
        .arg(plain.get_program())
        .args(arguments)
        .current_dir(sandbox.music());
    for (key, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    command
}

#[test]
fn state_is_for_its_owner_alone_whatever_the_umask() {
    for umask in ["umask 000", "umask 077", "umask 022"] {
        let sandbox = Sandbox::new();
        let song = sandbox.take(SONG, "a.flac");
        set_mode(&song, 0o644);
        Run::of(&mut after(&sandbox, umask, &["fix", "."])).expect(0);
        Run::of(&mut after(&sandbox, umask, &["undo", "--in-place", "never"])).expect(0);
        assert_eq!(mode(&sandbox.state()), 0o700, "{umask}");
        for entry in std::fs::read_dir(sandbox.state()).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{umask}: {}", path.display());
        }
        assert_eq!(mode(&song), 0o644, "{umask}");
    }
}

/// What is refused leaves the file, the journal and the temporary that it names alone, and says what to do.
#[test]
fn state_that_others_own_or_may_write_is_refused() {
    let check = |spoil: &dyn Fn(&Sandbox), expected: &str| {
        let sandbox = Sandbox::new();
        let song = sandbox.take(SONG, "a.flac");
        sandbox.run(&["fix", "."]).expect(0);
        sandbox.run(&["undo"]).expect(0);
        spoil(&sandbox);
        let before = std::fs::read(&song).unwrap();
        for arguments in [
            &["fix", "."][..],
            &["undo", "1"],
            &["recover"],
            &["log"],
            &["undo", "-n"],
        ] {
            let run = sandbox.run(arguments).expect(2);
            assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
            assert!(run.stderr.contains("hint:"), "{arguments:?}: {}", run.stderr);
        }
        assert_eq!(std::fs::read(&song).unwrap(), before);
    };
    let journal = |sandbox: &Sandbox| sandbox.state().join("journal.sqlite");
    check(&|sandbox| set_mode(&sandbox.state(), 0o777), "state");
    check(&|sandbox| set_mode(&journal(sandbox), 0o666), "journal.sqlite");
    if is_root() {
        check(&|sandbox| chown(sandbox.state(), Some(NOBODY), None).unwrap(), "state");
        check(
            &|sandbox| chown(journal(sandbox), Some(NOBODY), None).unwrap(),
            "journal.sqlite",
        );
    }
}

#[test]
fn pipes_that_are_planted_in_the_state_folder_are_not_opened() {
    for name in [
        "journal.sqlite",
        "journal.sqlite-wal",
        "journal.sqlite-journal",
        "journal.sqlite-shm",
    ] {
        let sandbox = Sandbox::new();
        sandbox.take(SONG, "a.flac");
        sandbox.run(&["fix", "."]).expect(0);
        let path = sandbox.state().join(name);
        if path.exists() {
            std::fs::remove_file(&path).unwrap();
        }
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        for arguments in [["undo"], ["log"], ["recover"]] {
            let mut command = after(&sandbox, "true", &arguments);
            let limited = Run::of(
                Command::new("timeout")
                    .args(["20", "sh"])
                    .args(command_line(&mut command))
                    .current_dir(sandbox.music())
                    .envs(envs(&command)),
            );
            assert_eq!(limited.code, 2, "{name} {arguments:?}: {}", limited.stderr);
        }
    }
}

fn command_line(command: &mut Command) -> Vec<std::ffi::OsString> {
    command.get_args().map(|word| word.to_os_string()).collect()
}

fn envs(command: &Command) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let set = command
        .get_envs()
        .filter_map(|(key, value)| Some((key.to_os_string(), value?.to_os_string())));
    set.collect()
}

#[test]
fn without_a_home_that_can_be_written_edits_say_so_and_looking_works() {
    let sandbox = Sandbox::new();
    let song = sandbox.take(SONG, "a.flac");
    let before = std::fs::read(&song).unwrap();
    let home = sandbox.path("home");
    std::fs::create_dir(&home).unwrap();
    let run = |arguments: &[&str], home: &Path| {
        let mut command = sandbox.isrctag();
        command
            .args(arguments)
            .env_remove("ISRCTAG_STATE_DIR")
            .env("HOME", home)
            .env_remove("XDG_STATE_HOME");
        Run::of(&mut command)
    };
    // A home that is a file stands for one that cannot be written, also for a superuser.
    for home in [song.clone(), song.join("missing")] {
        run(&["scan"], &home).expect(1);
        run(&["fix", "-n", "."], &home).expect(0);
        let refused = run(&["fix", "."], &home).expect(2);
        assert!(refused.stderr.contains("state folder"), "{}", refused.stderr);
        assert_eq!(std::fs::read(&song).unwrap(), before);
    }
    if !is_root() {
        return;
    }
    // As `sudo` leaves it: the home is another user's, and so is the state in it.
    let state = home.join(".local/state/isrctag");
    std::fs::create_dir_all(&state).unwrap();
    chown(&state, Some(NOBODY), None).unwrap();
    let refused = run(&["fix", "."], &home).expect(2);
    assert!(refused.stderr.contains("hint:"), "{}", refused.stderr);
    assert_eq!(std::fs::read(&song).unwrap(), before);
}

/// Another user's folder is edited by a superuser, and a superuser's file by nobody else.
#[test]
fn two_users_do_not_get_at_each_others_files_or_state() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::new();
    let song = sandbox.take(SONG, "a.flac");
    let old = std::fs::read(&song).unwrap();
    set_mode(sandbox.music().parent().unwrap(), 0o755);
    chown(&song, Some(NOBODY), Some(NOBODY)).unwrap();
    sandbox.run(&["fix", ".", "--in-place", "never"]).expect(0);
    let metadata = std::fs::metadata(&song).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&metadata), NOBODY);
    let program = crate::common::program_for_all(&sandbox);
    let as_nobody = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command
            .args(arguments)
            .current_dir(sandbox.music())
            .env("ISRCTAG_STATE_DIR", sandbox.state())
            .uid(NOBODY)
            .gid(NOBODY);
        Run::of(&mut command)
    };
    let new = std::fs::read(&song).unwrap();
    for arguments in [&["undo"][..], &["log"], &["remove", "a.flac"]] {
        as_nobody(arguments).expect(2);
    }
    assert_eq!(std::fs::read(&song).unwrap(), new);
    sandbox.run(&["undo"]).expect(0);
    assert_eq!(std::fs::read(&song).unwrap(), old);
}

#[test]
fn few_file_handles_are_enough() {
    let sandbox = Sandbox::new();
    for number in 0..150 {
        sandbox.take(SONG, &format!("{}/{number}.flac", number % 40));
    }
    let old = crate::common::contents(&sandbox.music());
    let few = "ulimit -n 64";
    let run = Run::of(&mut after(&sandbox, few, &["fix", "."])).expect(0);
    assert!(run.stdout.contains("150 files written"), "{}", run.stdout);
    Run::of(&mut after(&sandbox, few, &["scan", "--threads", "64"])).expect(0);
    let run = Run::of(&mut after(&sandbox, few, &["undo"])).expect(0);
    assert!(run.stdout.contains("150 files taken back"), "{}", run.stdout);
    assert_eq!(crate::common::contents(&sandbox.music()), old);
}
