//! File systems that behave in their own way. Each is mounted where only the test's own processes see it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::common::{Run, Sandbox, testdata};

/// Ends a script whose mount is not allowed here.
const NOT_ALLOWED: i32 = 99;

/// Runs a script in a mount namespace of its own, in the sandbox; `$ISRCTAG` is the program. None, with a word about
/// it, where the mounts of the script (which it ends by `|| exit 99`) are not allowed.
pub fn mounted(sandbox: &Sandbox, script: &str) -> Option<Run> {
    let plain = sandbox.isrctag();
    let mut command = Command::new("unshare");
    command
        .args(["-m", "sh", "-euc", script])
        .current_dir(sandbox.music())
        .env("ISRCTAG", plain.get_program())
        .stdin(Stdio::null());
    for (key, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("not tried, since there is no unshare(1): {error}");
            return None;
        }
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let code = output.status.code().expect("the script ended by itself");
    if code == NOT_ALLOWED || stderr.contains("unshare failed") {
        eprintln!("not tried, since it cannot be mounted here: {stderr}");
        return None;
    }
    Some(Run { code, stdout, stderr })
}

fn seed() -> PathBuf {
    testdata().join("seeds/flac-hyphens-padding-large.flac")
}

#[test]
fn the_first_edit_of_a_lower_file_of_an_overlay_works_at_once() {
    // Layers of one file system keep a file's number when it is copied up; those of two do not.
    for upper in ["true", "mount -t tmpfs tmpfs upper || exit 99"] {
        let sandbox = Sandbox::new();
        let old = std::fs::read(seed()).unwrap();
        for name in ["a", "b", "c"] {
            sandbox.file(&format!("lower/{name}.flac"), &old);
        }
        let script = format!(
            "mkdir upper mounted
            {upper}
            mkdir upper/files upper/work
            mount -t overlay overlay -o lowerdir=lower,upperdir=upper/files,workdir=upper/work mounted || exit 99
            $ISRCTAG fix mounted/a.flac
            $ISRCTAG fix --in-place never mounted/b.flac
            $ISRCTAG get mounted/a.flac mounted/b.flac
            $ISRCTAG undo
            $ISRCTAG undo
            cmp lower/a.flac mounted/a.flac
            cmp lower/b.flac mounted/b.flac
            $ISRCTAG fix mounted
            $ISRCTAG undo
            cmp lower/c.flac mounted/c.flac"
        );
        let Some(run) = mounted(&sandbox, &script) else {
            return;
        };
        let run = run.expect(0);
        assert_eq!(run.stdout.matches("QZTSE2600217\t").count(), 2, "{}", run.stdout);
        assert_eq!(std::fs::read(sandbox.path("lower/a.flac")).unwrap(), old);
    }
}

/// Everything of the sandbox, with an edit in the journal, as it is found on read-only media.
#[test]
fn the_log_and_a_dry_undo_work_on_read_only_media() {
    // A journal that was closed, and one that a process left that died: its last changes stand beside it.
    for leave in [
        "",
        "cp -r ../state ../left; rm ../left/*-shm; rm -r ../state; mv ../left ../state",
    ] {
        let sandbox = Sandbox::new();
        sandbox.file("a.flac", &std::fs::read(seed()).unwrap());
        let hold = sandbox.state().join("journal.sqlite");
        sandbox.run(&["log"]).expect(0);
        assert!(!sandbox.state().exists(), "looking makes nothing");
        let held = (!leave.is_empty()).then(|| {
            sandbox.run(&["fix", "--in-place", "never", "."]).expect(0);
            sandbox.run(&["undo"]).expect(0);
            let held = rusqlite::Connection::open(hold).unwrap();
            held.query_row("SELECT count(*) FROM runs", [], |row| row.get::<_, i64>(0))
                .unwrap();
            held
        });
        sandbox.run(&["fix", "."]).expect(0);
        let script = format!(
            "{leave}
            mount --bind .. .. || exit 99
            mount -o remount,ro,bind .. || exit 99
            cd ../music
            $ISRCTAG log
            $ISRCTAG log 1 --format jsonl
            $ISRCTAG undo -n"
        );
        let Some(run) = mounted(&sandbox, &script) else {
            return;
        };
        drop(held);
        let run = run.expect(0);
        assert!(run.stdout.contains("fix ."), "{}", run.stdout);
        assert!(run.stdout.contains("QZ-TSE-26-00217"), "{}", run.stdout);
        assert!(run.stdout.contains("to be taken back"), "{}", run.stdout);
    }
}

/// FAT, exFAT and NTFS through FUSE have no owners and modes of their own, and no times of change that are believed:
/// `undo` tells a change by the whole content.
#[test]
fn files_and_state_may_stand_where_there_are_no_permissions() {
    let disks = [
        ("mkfs.vfat disk", "mount -o loop,umask=077 disk mounted"),
        ("mkfs.vfat disk", "mount -o loop disk mounted"),
        (
            "mkfs.exfat disk",
            "mount.exfat-fuse -o umask=077 $(losetup -f --show disk) mounted",
        ),
        ("mkntfs -F -q disk", "ntfs-3g -o umask=077 disk mounted"),
        ("mkntfs -F -q disk", "ntfs-3g -o umask=022 disk mounted"),
    ];
    for (make, mount) in disks {
        let sandbox = Sandbox::new();
        sandbox.file("a.flac", &std::fs::read(seed()).unwrap());
        let script = format!(
            "truncate -s 16M disk
            {make} >/dev/null || exit 99
            mkdir mounted
            {mount} || exit 99
            trap 'umount mounted; losetup -j disk -O NAME -n | xargs -r losetup -d' EXIT
            cp a.flac mounted
            export ISRCTAG_STATE_DIR=$PWD/mounted/state
            $ISRCTAG fix mounted
            $ISRCTAG log 1
            cp -p mounted/a.flac new.flac
            printf X | dd of=mounted/a.flac bs=1 seek=2500 conv=notrunc status=none
            touch -r new.flac mounted/a.flac
            $ISRCTAG undo || echo ended with $?
            cp new.flac mounted/a.flac
            touch -r new.flac mounted/a.flac
            $ISRCTAG undo
            cmp a.flac mounted/a.flac
            $ISRCTAG fix --in-place never mounted
            $ISRCTAG undo
            cmp a.flac mounted/a.flac"
        );
        if let Some(run) = mounted(&sandbox, &script) {
            let run = run.expect(0);
            assert!(
                run.stdout.contains("the file has changed since"),
                "{mount}: {}",
                run.stdout
            );
            assert!(run.stdout.contains("ended with 3"), "{mount}: {}", run.stdout);
            eprintln!("tried: {mount}");
        }
    }
    // Where everyone may write whatever the mode asks for, the state is not believed.
    let sandbox = Sandbox::new();
    sandbox.file("a.flac", &std::fs::read(seed()).unwrap());
    let script = "truncate -s 16M disk
        mkntfs -F -q disk >/dev/null || exit 99
        mkdir mounted
        ntfs-3g -o umask=000 disk mounted || exit 99
        trap 'umount mounted' EXIT
        code=0
        ISRCTAG_STATE_DIR=$PWD/mounted/state $ISRCTAG fix a.flac || code=$?
        echo ended with $code";
    if let Some(run) = mounted(&sandbox, script) {
        assert!(run.stdout.contains("ended with 2"), "{} {}", run.stdout, run.stderr);
        assert!(run.stderr.contains("can be written by others"), "{}", run.stderr);
    }
}

/// The disk is full from the start, or fills at any step; with the state on it, or elsewhere.
#[test]
fn on_a_disk_that_fills_every_file_is_old_or_new() {
    for state in ["$PWD/mounted/state", "$PWD/elsewhere"] {
        let sandbox = Sandbox::new();
        let old = std::fs::read(seed()).unwrap();
        sandbox.file("a.flac", &old);
        let script = format!(
            "mkdir mounted
            mount -t tmpfs -o size=512k tmpfs mounted || exit 99
            export ISRCTAG_STATE_DIR={state}
            cp a.flac mounted/a.flac; cp a.flac mounted/b.flac
            $ISRCTAG set --replace QZTSE2600001 mounted/b.flac >/dev/null
            cp mounted/b.flac new.flac
            cp a.flac mounted/b.flac
            for left in 0 4 8 12 16 24 32 48 64 96 128 160 192 256; do
                dd if=/dev/zero of=mounted/filler bs=1k status=none 2>/dev/null || true
                truncate -s -${{left}}k mounted/filler
                for how in auto never; do
                    cp a.flac mounted/a.flac || continue
                    code=0
                    $ISRCTAG set --in-place $how --replace QZTSE2600001 mounted/a.flac >out 2>&1 || code=$?
                    case $code in
                        0) cmp new.flac mounted/a.flac || exit 7 ;;
                        2 | 3) cmp a.flac mounted/a.flac || cmp new.flac mounted/a.flac || exit 8 ;;
                        *) cat out; exit 9 ;;
                    esac
                    echo $left $how $code
                done
                rm mounted/filler
                $ISRCTAG recover >out 2>&1
                cmp -s a.flac mounted/a.flac || cmp new.flac mounted/a.flac || exit 10
                test -z \"$(ls -A mounted | grep isrctag- || true)\" || exit 11
            done"
        );
        let script = script.replace("\\\"", "\"");
        let Some(run) = mounted(&sandbox, &script) else {
            return;
        };
        let run = run.expect(0);
        let ends = |code: &str| run.stdout.lines().filter(|line| line.ends_with(code)).count();
        assert!(ends(" 0") > 2, "{}", run.stdout);
        assert!(ends(" 3") + ends(" 2") >= 1, "{}", run.stdout);
    }
}

/// Blocks of 1 KiB: where a page of memory is mapped, three of four may still have no room on the disk.
#[test]
fn a_disk_under_the_state_folder_that_fills_as_a_run_goes_on_is_an_error_and_no_death() {
    let sandbox = Sandbox::new();
    let old = std::fs::read(seed()).unwrap();
    for number in 0..400 {
        sandbox.file(&format!("files/{number}.flac"), &old);
    }
    let script = "truncate -s 100M image
        mkfs.ext4 -q -b 1024 -O ^has_journal image || exit 99
        mkdir disk
        mount -o loop image disk || exit 99
        export ISRCTAG_STATE_DIR=$PWD/disk/state
        cp files/0.flac old
        cp old new
        $ISRCTAG fix new >/dev/null
        for written in 0 30 100 200 300 400 500; do
            for file in files/*; do cp old $file; done
            rm -rf disk/state
            $ISRCTAG fix files >out 2>&1 &
            wal=disk/state/journal.sqlite-wal
            until test -n \"$(find $wal -size +${written}k 2>/dev/null)\"; do kill -0 $! 2>/dev/null || break; done
            fallocate -l $(df -k --output=avail disk | tail -n1)k disk/filler || true
            cat /dev/zero >disk/rest 2>/dev/null || true
            code=0
            wait $! || code=$?
            test $code -le 3 || { cat out; exit 9; }
            rm disk/filler disk/rest
            $ISRCTAG recover >out 2>&1 || { cat out; exit 10; }
            for file in files/*; do cmp -s old $file || cmp new $file || exit 11; done
            echo ended with $code
        done";
    let Some(run) = mounted(&sandbox, script) else {
        return;
    };
    let run = run.expect(0);
    assert!(
        run.stdout.contains("ended with 3") || run.stdout.contains("ended with 2"),
        "{}",
        run.stdout
    );
}
