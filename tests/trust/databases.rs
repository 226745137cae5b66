//! Journal, ledger and fingerprints: whose they are, what is planted beside them, and disks without room.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::{Run, Sandbox, contents};

const ADA: u32 = 54_001;
const BOB: u32 = 54_002;
const STUDIO: u32 = 54_100;

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o7777
}

/// Whether this test may be another user; if not, it says so.
fn can_be_others() -> bool {
    let can = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !can {
        eprintln!("not tried: only a superuser can be two users");
    }
    can
}

/// The program as another user of the group STUDIO, in the sandbox's music folder, with a state folder of the user's.
fn user(sandbox: &Sandbox, user: u32) -> Command {
    user_of(sandbox, user, STUDIO)
}

fn user_of(sandbox: &Sandbox, user: u32, group: u32) -> Command {
    let state = sandbox.music().with_file_name(format!("state of {user}"));
    if !state.exists() {
        std::fs::create_dir(&state).unwrap();
        chown(&state, Some(user), Some(group)).unwrap();
    }
    let mut command = Command::new(crate::common::program_for_all(sandbox));
    command
        .current_dir(sandbox.music())
        .env_clear()
        .env("ISRCTAG_STATE_DIR", state)
        .stdin(Stdio::null())
        .uid(user)
        .gid(group);
    command
}

/// A sandbox that others may walk through.
fn open_sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    set_mode(sandbox.music().parent().unwrap(), 0o755);
    sandbox
}

#[test]
fn state_and_ledger_are_their_owners_alone_whatever_the_mask() {
    for mask in ["000", "022", "077", "277"] {
        let sandbox = Sandbox::new();
        sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
        let plain = sandbox.isrctag();
        let run = |arguments: &[&str]| {
            let mut command = Command::new("sh");
            command
                .args(["-c", &format!("umask {mask} && exec \"$0\" \"$@\"")])
                .arg(plain.get_program())
                .args(arguments)
                .current_dir(sandbox.music())
                .env("ISRCTAG_STATE_DIR", sandbox.state().join("deep/er"))
                .env("ISRCTAG_LEDGER", sandbox.path("../data/ledger.sqlite"));
            Run::of(&mut command)
        };
        run(&["fix", "."]).expect(0);
        run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
        for folder in [sandbox.state().join("deep/er"), sandbox.path("../data")] {
            assert_eq!(mode(&folder), 0o700, "{mask}: {}", folder.display());
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                assert_eq!(mode(&path), 0o600, "{mask}: {}", path.display());
            }
        }
        run(&["undo"]).expect(0);
    }
}

#[test]
fn a_state_folder_that_others_may_write_is_refused_before_anything_is_done() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    sandbox.run(&["fix", "."]).expect(0);
    sandbox.run(&["undo"]).expect(0);
    let before = contents(&sandbox.music());
    let journal = sandbox.state().join("journal.sqlite");
    for (path, is) in [(sandbox.state(), 0o700), (journal, 0o600)] {
        for wider in [0o020, 0o002] {
            set_mode(&path, is | wider);
            for command in [&["fix", "."][..], &["undo"], &["log"], &["recover"]] {
                let run = sandbox.run(command).expect(2);
                assert!(run.stderr.contains("can be written by others"), "{}", run.stderr);
                assert!(run.stderr.contains("hint: chmod go-w "), "{}", run.stderr);
            }
            assert!(contents(&sandbox.music()) == before);
        }
        set_mode(&path, is);
    }
    sandbox.run(&["fix", "."]).expect(0);
}

#[test]
fn a_superuser_does_not_obey_the_state_of_another() {
    if !can_be_others() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    sandbox.run(&["fix", "."]).expect(0);
    let before = contents(&sandbox.music());
    let journal = sandbox.state().join("journal.sqlite");
    for path in [journal, sandbox.state()] {
        chown(&path, Some(ADA), Some(STUDIO)).unwrap();
        let state = contents(&sandbox.state());
        for command in [&["undo"][..], &["recover"], &["log"]] {
            let run = sandbox.run(command).expect(2);
            assert!(
                run.stderr.contains("belongs to another user (number 54001)"),
                "{}",
                run.stderr
            );
        }
        assert!(contents(&sandbox.music()) == before && contents(&sandbox.state()) == state);
        chown(&path, Some(0), Some(0)).unwrap();
    }
    sandbox.run(&["undo"]).expect(0);
}

#[test]
fn two_users_share_a_ledger_through_their_group() {
    if !can_be_others() {
        return;
    }
    let sandbox = open_sandbox();
    let share = sandbox.path("../share");
    std::fs::create_dir(&share).unwrap();
    chown(&share, Some(ADA), Some(STUDIO)).unwrap();
    set_mode(&share, 0o2770);
    let ledger = share.join("ledger.sqlite");
    let with = |mut command: Command, arguments: &[&str]| Run::of(command.args(arguments).arg("--ledger").arg(&ledger));
    let [ada, bob] = [ADA, BOB].map(|number| move |sandbox: &Sandbox| user(sandbox, number));
    with(ada(&sandbox), &["ledger", "prefix", "add", "QZTST"]).expect(0);
    // Made for its owner alone. The superuser does not write what is another's either.
    let run = with(bob(&sandbox), &["ledger", "list"]).expect(2);
    assert!(run.stderr.contains("ledger.sqlite"), "{}", run.stderr);
    let mut root = sandbox.isrctag();
    root.env_remove("ISRCTAG_LEDGER");
    let run = with(root, &["ledger", "list"]).expect(2);
    assert!(
        run.stderr.contains("belongs to another user (number 54001)"),
        "{}",
        run.stderr
    );
    // Shared on purpose.
    set_mode(&ledger, 0o660);
    with(bob(&sandbox), &["ledger", "add", "QZTST2600001"]).expect(0);
    with(ada(&sandbox), &["ledger", "add", "QZTST2600002"]).expect(0);
    let listed = with(bob(&sandbox), &["ledger", "list"]).expect(0).stdout;
    assert!(
        listed.contains("QZTST2600001") && listed.contains("QZTST2600002"),
        "{listed}"
    );
    // At once: nothing is lost.
    let children: Vec<_> = (0..10)
        .map(|number| {
            let mut command = user(&sandbox, if number % 2 == 0 { ADA } else { BOB });
            command.args(["ledger", "add", &format!("QZTST26001{number:02}"), "--ledger"]);
            command.arg(&ledger).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let listed = with(ada(&sandbox), &["ledger", "list"]).expect(0).stdout;
    assert_eq!(listed.matches("QZTST26").count(), 12, "{listed}");
    // To everybody is to nobody.
    set_mode(&ledger, 0o666);
    let run = with(bob(&sandbox), &["ledger", "list"]).expect(2);
    assert!(run.stderr.contains("can be written by everyone"), "{}", run.stderr);
}

#[test]
fn nothing_is_made_in_the_home_of_another_user_nor_where_their_links_lead() {
    if !can_be_others() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    let before = contents(&sandbox.music());
    let refused = |home: &Path| {
        for arguments in [&["fix", "."][..], &["ledger", "prefix", "add", "QZTST"]] {
            let mut command = sandbox.isrctag();
            for name in ["ISRCTAG_STATE_DIR", "ISRCTAG_LEDGER", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
                command.env_remove(name);
            }
            let run = Run::of(command.args(arguments).env("HOME", home)).expect(2);
            assert!(
                run.stderr.contains("belongs to another user (number 54001)"),
                "{}",
                run.stderr
            );
        }
        assert!(contents(&sandbox.music()) == before);
    };
    let home = sandbox.path("../home");
    std::fs::create_dir(&home).unwrap();
    chown(&home, Some(ADA), Some(STUDIO)).unwrap();
    refused(&home);
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 0);
    // The folders are there, and only the files would be made.
    let folders = [".local/share/isrctag", ".local/state/isrctag"].map(|folder| home.join(folder));
    for folder in &folders {
        std::fs::create_dir_all(folder).unwrap();
        set_mode(folder, 0o700);
        for part in folder.ancestors().take_while(|part| *part != home) {
            chown(part, Some(ADA), Some(STUDIO)).unwrap();
        }
    }
    refused(&home);
    for folder in folders {
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::remove_dir(folder).unwrap();
    }
    // The whole way is there, and a link at its end leads to what is ours.
    let ours = sandbox.path("../ours");
    std::fs::create_dir(&ours).unwrap();
    set_mode(&ours, 0o700);
    let link = home.join(".local/state/isrctag");
    std::os::unix::fs::symlink(&ours, &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(ADA), Some(STUDIO)).unwrap();
    refused(&home);
    assert_eq!(std::fs::read_dir(&ours).unwrap().count(), 0);
}

#[test]
fn what_is_planted_beside_a_ledger_is_not_obeyed() {
    let sandbox = Sandbox::new();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let ledger = sandbox.path("../ledger.sqlite").canonicalize().unwrap();
    let music = sandbox.take("seeds/flac-tagged.flac", "a.flac");
    let name = music.canonicalize().unwrap();
    let name = name.to_str().unwrap().as_bytes();
    const MAGIC: [u8; 8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7];
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(&MAGIC);
    journal.extend(name);
    journal.extend((name.len() as u32).to_be_bytes());
    journal.extend(name.iter().map(|byte| u32::from(*byte)).sum::<u32>().to_be_bytes());
    journal.extend(MAGIC);
    std::fs::write(format!("{}-journal", ledger.display()), journal).unwrap();
    let before = contents(sandbox.music().parent().unwrap());
    for command in [
        &["ledger", "list"][..],
        &["ledger", "check", "."],
        &["assign", ".", "-n"],
    ] {
        let run = sandbox.run(command).expect(2);
        assert!(run.stderr.contains("hint: move it away"), "{}", run.stderr);
        assert!(contents(sandbox.music().parent().unwrap()) == before);
    }
}

#[test]
fn pipes_devices_and_links_in_place_of_databases_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    sandbox.file("../victim", b"somebody's");
    std::fs::create_dir(sandbox.state()).unwrap();
    let plant: [(&str, &[&str]); 3] = [
        ("mkfifo", &[]),
        ("mknod", &["c", "1", "5"]),
        ("ln", &["-s", "../victim"]),
    ];
    for name in [
        "journal.sqlite",
        "journal.sqlite-wal",
        "journal.sqlite-shm",
        "journal.sqlite-journal",
    ] {
        let path = sandbox.state().join(name);
        for (program, arguments) in plant {
            let mut command = Command::new(program);
            let made = match program {
                "ln" => command.args(arguments).arg(&path),
                _ => command.arg(&path).args(arguments),
            };
            if !made.stderr(Stdio::null()).status().unwrap().success() {
                eprintln!("not tried: {program}");
                continue;
            }
            let before = contents(&sandbox.music());
            let run = sandbox.run(&["fix", "."]).expect(2);
            assert!(
                run.stderr.contains("is not a regular file") || run.stderr.contains("is left of a database"),
                "{name} {program}: {}",
                run.stderr
            );
            assert!(contents(&sandbox.music()) == before);
            std::fs::remove_file(&path).unwrap();
        }
    }
    assert_eq!(std::fs::read(sandbox.path("../victim")).unwrap(), b"somebody's");
    sandbox.run(&["fix", "."]).expect(0);
}

#[test]
fn a_dry_run_of_assign_writes_no_file() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let temporary = sandbox.path("../tmp");
    std::fs::create_dir(&temporary).unwrap();
    let before = contents(sandbox.music().parent().unwrap());
    let mut command = sandbox.isrctag();
    command.env("TMPDIR", &temporary).args(["assign", ".", "-n"]);
    let dry = Run::of(&mut command).expect(0);
    let after = contents(sandbox.music().parent().unwrap());
    let is_ours = |(path, _): &&(PathBuf, Vec<u8>)| !path.starts_with(sandbox.state());
    assert!(after.iter().filter(is_ours).eq(before.iter().filter(is_ours)));
    command.env("TMPDIR", "/nowhere");
    assert_eq!(Run::of(&mut command).expect(0).stdout, dry.stdout);
}

#[test]
fn a_home_that_is_missing_read_only_or_anothers_is_told() {
    if !can_be_others() {
        return;
    }
    let sandbox = open_sandbox();
    let path = sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    chown(&path, Some(ADA), Some(STUDIO)).unwrap();
    chown(sandbox.music(), Some(ADA), Some(STUDIO)).unwrap();
    let before = contents(&sandbox.music());
    let home = sandbox.path("../home");
    std::fs::create_dir(&home).unwrap();
    for home in [None, Some(Path::new("/nowhere")), Some(home.as_path())] {
        let mut command = user(&sandbox, ADA);
        command.env_remove("ISRCTAG_STATE_DIR");
        if let Some(home) = home {
            command.env("HOME", home);
        }
        let run = Run::of(command.args(["fix", "."])).expect(2);
        assert!(
            run.stderr.contains("home folder") || run.stderr.contains("cannot use the state folder"),
            "{home:?}: {}",
            run.stderr
        );
        assert!(contents(&sandbox.music()) == before);
    }
    // sudo keeps HOME on some systems.
    chown(&home, Some(ADA), Some(STUDIO)).unwrap();
    let mut command = user(&sandbox, ADA);
    command.env_remove("ISRCTAG_STATE_DIR").env("HOME", &home);
    Run::of(command.args(["fix", "."])).expect(0);
    let mut root = sandbox.isrctag();
    root.env_remove("ISRCTAG_STATE_DIR")
        .env_remove("XDG_STATE_HOME")
        .env("HOME", &home);
    let run = Run::of(root.args(["undo"])).expect(2);
    assert!(run.stderr.contains("belongs to another user"), "{}", run.stderr);
}

/// A mounted file system, unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    /// None where it is not allowed, which is said.
    fn new(at: &Path, arguments: &[&str]) -> Option<Mount> {
        std::fs::create_dir_all(at).unwrap();
        let mut command = Command::new("mount");
        let mounted = command.args(arguments).arg(at).stderr(Stdio::null()).status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("not tried: mount {arguments:?}");
            return None;
        }
        Some(Mount(at.to_path_buf()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _left = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_state_folder_on_a_read_only_disk_is_told() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-hyphens-padding-large.flac", "a.flac");
    let Some(mount) = Mount::new(&sandbox.state(), &["-t", "tmpfs", "-o", "mode=700", "tmpfs"]) else {
        return;
    };
    sandbox.run(&["fix", "."]).expect(0);
    sandbox.run(&["undo"]).expect(0);
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&mount.0).status();
    assert!(remounted.unwrap().success());
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["fix", "."]).expect(2);
    assert!(run.stderr.contains("journal"), "{}", run.stderr);
    assert!(contents(&sandbox.music()) == before);
    sandbox.run(&["scan"]).expect(1);
    sandbox.run(&["fix", ".", "-n"]).expect(0);
}

/// Fills a disk but for `left` KiB.
fn fill(disk: &Path, left: u64) {
    let statistics = Command::new("df")
        .args(["-k", "--output=avail"])
        .arg(disk)
        .output()
        .unwrap();
    let text = String::from_utf8(statistics.stdout).unwrap();
    let available: u64 = text.lines().last().unwrap().trim().parse().unwrap();
    let bytes = vec![1; (available.saturating_sub(left) * 1024) as usize];
    // As much as there is room for.
    let _full = std::fs::write(disk.join("filled"), bytes);
}

#[test]
fn a_full_disk_under_the_state_folder_is_an_error_and_no_death() {
    let sandbox = Sandbox::new();
    let seed = crate::common::testdata().join("seeds/flac-hyphens-padding-large.flac");
    let seed = std::fs::read(seed).unwrap();
    let old = sandbox.file("a.flac", &seed);
    sandbox.run(&["fix", "."]).expect(0);
    let new = std::fs::read(&old).unwrap();
    let image = sandbox.path("../image");
    std::fs::File::create(&image).unwrap().set_len(2 << 20).unwrap();
    // Blocks of 1 KiB: a page of memory has four, and SQLite gives room to one of them.
    let made = Command::new("mkfs.ext4")
        .args(["-q", "-b", "1024", "-O", "^has_journal"])
        .arg(&image)
        .status();
    let disks: [Vec<&str>; 2] = [
        match made {
            Ok(made) if made.success() => vec!["-o", "loop", image.to_str().unwrap()],
            _ => vec!["no mkfs.ext4"],
        },
        vec!["-t", "tmpfs", "-o", "size=2m", "tmpfs"],
    ];
    for disk in &disks {
        for left in (0..200).step_by(10) {
            let Some(mount) = Mount::new(&sandbox.path("../disk"), disk) else {
                break;
            };
            let state = mount.0.join("state");
            let run = |arguments: &[&str]| {
                // Its code is there if no signal ended it.
                Run::of(sandbox.isrctag().env("ISRCTAG_STATE_DIR", &state).args(arguments))
            };
            std::fs::write(&old, &seed).unwrap();
            run(&["fix", "."]).expect(0);
            std::fs::write(&old, &seed).unwrap();
            fill(&mount.0, left);
            let filled = run(&["fix", "."]);
            assert!([0, 2, 3].contains(&filled.code), "{left}: {}", filled.stderr);
            let now = std::fs::read(&old).unwrap();
            match filled.code {
                0 => assert!(now == new, "{left}"),
                _ => assert!(now == new || now == seed, "{left}"),
            }
            if filled.code == 2 {
                assert!(
                    now == seed && filled.stderr.starts_with("isrctag: "),
                    "{left}: {}",
                    filled.stderr
                );
            }
            std::fs::remove_file(mount.0.join("filled")).unwrap();
            run(&["recover"]).expect(0);
            std::fs::remove_dir_all(&state).unwrap();
        }
    }
}

/// The program as it waits for a ledger that another one has locked. It has asked for Ctrl-C already.
fn waiting(sandbox: &Sandbox) -> (std::process::Child, rusqlite::Connection) {
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let other = rusqlite::Connection::open(sandbox.path("../ledger.sqlite")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut command = sandbox.isrctag();
    command.args(["ledger", "add", "QZTST2600001"]).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    const INTERRUPT: u64 = 1 << 1;
    let listens = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & INTERRUPT != 0
    };
    while !listens() {}
    (child, other)
}

fn interrupt(child: &std::process::Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn who_waits_for_another_run_can_be_interrupted() {
    let sandbox = Sandbox::new();
    let (child, _other) = waiting(&sandbox);
    let started = std::time::Instant::now();
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    // It would have waited for a minute.
    assert!(started.elapsed().as_secs() < 30);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("interrupted while the ledger "), "{told}");
}

#[test]
fn a_second_interruption_ends_the_program_at_once() {
    let sandbox = Sandbox::new();
    let (mut child, _other) = waiting(&sandbox);
    interrupt(&child);
    while child.try_wait().unwrap().is_none() {
        interrupt(&child);
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
