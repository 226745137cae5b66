//! What a scan costs beside the floor (walkdir's walk, open, one 4 KiB read, close of the same files) and beside plain
//! lofty.
//!
//! `cargo bench --bench scan -- FOLDER` measures on a folder of your own; without one, on a library made by
//! `testdata/gen_library.py` (python3). All three run in turn, in one process, and the ratios are of processor time
//! (user and system, all threads), medians of five rounds.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

use std::fs::File;
use std::hint::black_box;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use globset::GlobSet;
use isrctag::internals::{
    Claim, Describe, Detail, Effort, Extension, Inspection, JsonlReport, Listed, Observer, Threads, claim, scan,
};
use isrctag::{Found, Hidden, Links, Walk};
use rustix::time::{ClockId, clock_gettime};
use walkdir::WalkDir;

const ROUNDS: usize = 5;
const FILES: u32 = 20_000;

fn main() {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let made;
    let folder = match &given {
        Some(folder) => Path::new(folder),
        None => {
            made = generated();
            &made
        }
    };
    let walk = Walk {
        roots: vec![folder.to_path_buf()],
        named: 1,
        links: Links::Refuse,
        hidden: Hidden::Skip,
        exclude: GlobSet::empty(),
        share: None,
    };
    let files: Vec<PathBuf> = walk
        .found()
        .filter(|found| matches!(found, Found::Audio(_)))
        .map(|found| found.path().to_path_buf())
        .collect();
    println!("{} audio files in {}", files.len(), folder.display());
    let mut floors = Vec::new();
    let mut scans = Vec::new();
    let mut loftys = Vec::new();
    scan_all(&walk);
    for _ in 0..ROUNDS {
        floors.push(cpu(|| floor(folder)));
        scans.push(cpu(|| scan_all(&walk)));
        loftys.push(cpu(|| plain_lofty(&files)));
    }
    let each = |times: &[Duration]| median(times).as_secs_f64() * 1e6 / files.len() as f64;
    println!(
        "floor (walk, open, read 4 KiB, close)  {:7.2} us of CPU a file",
        each(&floors)
    );
    println!(
        "scan                                   {:7.2} us of CPU a file",
        each(&scans)
    );
    println!(
        "lofty::read_from_path                  {:7.2} us of CPU a file",
        each(&loftys)
    );
    println!("scan / floor  {:.2}", ratio(&scans, &floors));
    println!("scan / lofty  {:.3}", ratio(&scans, &loftys));
}

fn floor(folder: &Path) {
    let mut buffer = [0u8; 4096];
    for entry in WalkDir::new(folder).into_iter().flatten() {
        let extension = Extension::of(entry.path().as_os_str());
        if matches!(claim(extension.as_ref()), Claim::Audio(_))
            && let Ok(mut file) = File::open(entry.path())
        {
            black_box(file.read(&mut buffer).ok());
        }
    }
}

struct Silent;

impl Observer for Silent {
    fn inspected(&self, _files: u64) {}
}

fn scan_all(walk: &Walk) {
    let inspection = Inspection {
        this_year: 2026,
        detail: Detail::WithFindings,
        description: Describe::Tags,
    };
    let listing = Listed::all();
    let mut report = JsonlReport::new(std::io::sink(), inspection.this_year);
    let effort = Effort {
        threads: Threads::Measured,
        stop: &Arc::default(),
    };
    let outcome = scan(walk, effort, &inspection, &listing, &mut report, &Silent, None);
    black_box(outcome.expect("a sink takes everything"));
}

fn plain_lofty(files: &[PathBuf]) {
    for path in files {
        black_box(lofty::read_from_path(path).ok());
    }
}

/// Processor time of the whole process while `work` runs.
fn cpu(work: impl FnOnce()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let before = now();
    work();
    now() - before
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
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

/// A library whose files are all fine, made once.
fn generated() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("isrctag-bench-{FILES}"));
    if !folder.exists() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/gen_library.py");
        let status = Command::new("python3")
            .arg(script)
            .arg(&folder)
            .args(["--files", &FILES.to_string(), "--classes", "canonical:100"])
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "the library could not be made"
        );
    }
    folder.join("library")
}
