//! What a repair of hyphens costs beside mutagen's edit of the same files, and what writing anew costs beside a plain
//! copy, sync and rename.
//!
//! `cargo bench --bench edit` (or `-- hyphens`, `-- anew`) makes its libraries with `testdata/gen_library.py` and needs python3 with mutagen. Every
//! command is a process of its own on a fresh copy of the library; the two are run in turn, and the ratios are
//! medians of the rounds. The peak of memory is the kernel's mark of the process (Linux only).

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a bench fails by panicking, and makes files"
)]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

const ROUNDS: usize = 5;

/// As many writers as a run of the program has.
const WRITERS: usize = 16;

fn main() {
    let root = tempfile::tempdir().unwrap();
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("hyphens") {
        hyphens(root.path());
    }
    if wanted("anew") {
        anew(root.path());
    }
}

/// Files with padding, mostly holes, so that nothing but the edit costs time.
fn hyphens(root: &Path) {
    let library = library(root, "padded", &["--files", "1000", "--audio-kb", "9000"]);
    println!("1,000 files of 9 MB with padding, hyphens in every code");
    let script = root.join("with_mutagen.py");
    fs::write(&script, MUTAGEN).unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let copy = copied(&library, &root.join("copy"));
        let state = root.join(format!("state-{round}"));
        let run = timed(isrctag(&state).args(["fix", "--quiet"]).arg(&copy));
        println!(
            "  isrctag fix  {:6.3} s  peak {:5.1} MiB",
            run.wall.as_secs_f64(),
            run.peak_mib
        );
        ours.push(run.wall);
        let copy = copied(&library, &root.join("copy"));
        let run = timed(Command::new("python3").arg(&script).arg(&copy));
        println!("  mutagen      {:6.3} s", run.wall.as_secs_f64());
        theirs.push(run.wall);
    }
    println!("isrctag / mutagen  {:.2}", ratio(&ours, &theirs));
}

/// Files without padding and holes, all of which have to be copied.
fn anew(root: &Path) {
    let library = library(root, "tight", &["--files", "100", "--audio-kb", "8000"]);
    println!("100 files of 8 MB, written anew");
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let copy = copied(&library, &root.join("copy"));
        let state = root.join(format!("state-anew-{round}"));
        let run = timed(
            isrctag(&state)
                .args(["fix", "--quiet", "--in-place", "never"])
                .arg(&copy),
        );
        println!("  isrctag fix            {:6.3} s", run.wall.as_secs_f64());
        ours.push(run.wall);
        let copy = copied(&library, &root.join("copy"));
        let files = files_below(&copy);
        let writers = rayon::ThreadPoolBuilder::new().num_threads(WRITERS).build().unwrap();
        let start = Instant::now();
        writers.install(|| files.par_iter().with_max_len(1).for_each(|file| rewrite(file).unwrap()));
        plain.push(start.elapsed());
        println!("  copy + fsync + rename  {:6.3} s", start.elapsed().as_secs_f64());
    }
    println!("isrctag / copy  {:.2}", ratio(&ours, &plain));
}

fn rewrite(path: &Path) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".copy");
    let mut new = File::create(&temporary)?;
    io::copy(&mut File::open(path)?, &mut new)?;
    new.sync_all()?;
    fs::rename(temporary, path)
}

/// Edits every code as a person would with mutagen: open, set, save.
const MUTAGEN: &str = r#"
import os, sys
import mutagen
from mutagen.mp4 import MP4FreeForm

def plain(code):
    return code.replace("ISRC", "").replace("-", "").replace(" ", "").upper()

for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        try:
            file = mutagen.File(os.path.join(folder, name))
        except mutagen.MutagenError:
            continue  # It cannot read the file, and is not asked to.
        if file is None or file.tags is None:
            continue
        tags, atom = file.tags, "----:com.apple.iTunes:ISRC"
        if "TSRC" in tags:
            tags["TSRC"].text = [plain(code) for code in tags["TSRC"].text]
        elif atom in tags:
            tags[atom] = [MP4FreeForm(plain(bytes(code).decode()).encode()) for code in tags[atom]]
        elif "ISRC" in tags:
            codes = tags["ISRC"]
            tags["ISRC"] = [plain(str(code)) for code in (codes if isinstance(codes, list) else [codes])]
        file.save()
"#;

fn isrctag(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isrctag"));
    command.env("XDG_STATE_HOME", state).env("HOME", state);
    command
}

struct Run {
    wall: Duration,
    peak_mib: f64,
}

fn timed(command: &mut Command) -> Run {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = peak_kib.max(high_water(&child));
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert!(status.success(), "{command:?}: {status}");
    Run {
        wall: start.elapsed(),
        peak_mib: f64::from(peak_kib) / 1024.0,
    }
}

/// The most memory that a process has had so far, in KiB; 0 where the system does not tell.
fn high_water(child: &Child) -> u32 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

fn library(root: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let folder = root.join(name);
    let padding = if name == "padded" { "always" } else { "never" };
    let status = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/gen_library.py"))
        .arg(&folder)
        .args(["--classes", "hyphenated:100", "--padding", padding])
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "the library could not be made");
    folder.join("library")
}

/// A fresh copy, on the disk and in the cache. Holes stay holes only in the padded library.
fn copied(from: &Path, to: &Path) -> PathBuf {
    let _nothing_there = fs::remove_dir_all(to);
    let sparse = if from.parent().is_some_and(|folder| folder.ends_with("padded")) {
        "--sparse=always"
    } else {
        "--sparse=never"
    };
    let status = Command::new("cp")
        .args(["-r", sparse])
        .arg(from)
        .arg(to)
        .status()
        .unwrap();
    assert!(status.success());
    assert!(Command::new("sync").status().unwrap().success());
    to.to_path_buf()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

fn ratio(a: &[Duration], b: &[Duration]) -> f64 {
    let mut ratios: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(a, b)| a.as_secs_f64() / b.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}
