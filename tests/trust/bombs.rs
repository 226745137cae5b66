//! Lists that are made to exhaust memory and time.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{Run, Sandbox, testdata};

/// As many rows as files, and all of one title: every row could be every file.
#[test]
fn many_equal_titles_take_bounded_memory_and_time() {
    const MANY: usize = 16_000;
    // Of data, in KiB. Candidates that are kept for each pair took 2.1 GB.
    const MEMORY: usize = 256 * 1024;
    let sandbox = Sandbox::new();
    let seed = sandbox.file(
        "0/0.flac",
        &std::fs::read(testdata().join("seeds/flac-tagged.flac")).unwrap(),
    );
    for number in 1..MANY {
        let path = sandbox.path(&format!("{}/{number}.flac", number / 1000));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::hard_link(&seed, path).unwrap();
    }
    let shown = sandbox.run(&["show", "--format", "jsonl", "0/0.flac"]).expect(0);
    let title = shown.objects("file")[0]["title"].as_str().unwrap().to_owned();
    let row = |number: usize| format!("{title},QZTST26{number:05}\n");
    let list: String = (0..MANY).map(row).collect();
    sandbox.file("list.csv", format!("title,isrc\n{list}").as_bytes());
    let plain = sandbox.isrctag();
    for arguments in [&["-n"][..], &["--check"]] {
        let started = Instant::now();
        let run = Run::of(
            Command::new("sh")
                .args(["-c", &format!("ulimit -d {MEMORY} && exec \"$0\" \"$@\"")])
                .arg(plain.get_program())
                .args(["apply", "list.csv", "."])
                .args(arguments)
                .current_dir(sandbox.music())
                .env("ISRCTAG_STATE_DIR", sandbox.state()),
        );
        assert!([1, 2, 3].contains(&run.code), "{}", run.stderr);
        // In a program that is not optimised, on a machine that has other work.
        assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
        assert!(run.stdout.len() + run.stderr.len() < 16 << 20);
    }
}
