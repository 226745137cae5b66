//! File systems that behave in their own way. Each is mounted where only the test's own processes see it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::common::{Run, Sandbox, testdata};

/// Ends a script whose mount is not allowed here.
const NOT_ALLOWED: i32 = 99;

/// Runs a script in a mount namespace of its own, in the sandbox; `$ISRCTAG` is the program. None, with a word about
/// it, where the mounts of the script (which it ends by `|| exit 99`) are not allowed.
fn mounted(sandbox: &Sandbox, script: &str) -> Option<Run> {
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
