//! Measures the fingerprints: how well they tell recordings apart, how fast they are made, in how much memory.
//!
//! ```text
//! cargo bench --bench fingerprint
//! ```
//!
//! The set is made once, in `target/fingerprint-set` (1,700 files, 3 GB, needs ffmpeg). Even pieces show what the
//! thresholds rest on; the verdicts are counted on the odd ones.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod pieces;
mod set;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use isrctag::audio::cache::Cache;
use isrctag::audio::compare::{Likeness, Verdict, compare, measure};
use isrctag::audio::decode::Limits;
use isrctag::audio::fingerprint::{Fingerprint, fingerprint};
use isrctag::audio::index::Index;
use isrctag::source::{Links, SourceFile};
use rayon::prelude::*;
use set::Item;

fn main() -> ExitCode {
    // `cargo test --benches` calls this too, to see that it runs; the set is not for that.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fingerprint-set");
    let items = set::make(&folder);
    speed(&items);
    let cache = Cache::open(&folder).unwrap();
    let prints: Vec<Fingerprint> = items.par_iter().map(|item| listen(item, &cache)).collect();
    ranges(&items, &prints);
    let good = verdicts(&items, &prints);
    recall(&items, &prints);
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn open(item: &Item) -> (SourceFile, Option<&str>) {
    let file = SourceFile::open(&item.path, Links::Refuse).unwrap();
    (file, item.path.extension().and_then(|extension| extension.to_str()))
}

fn listen(item: &Item, cache: &Cache) -> Fingerprint {
    let (file, extension) = open(item);
    let outcome = cache.fingerprint(&file, extension, &Limits::default());
    outcome.unwrap_or_else(|error| panic!("{}: {error}", item.path.display()))
}

/// One thread, without the cache.
fn speed(items: &[Item]) {
    println!("| form | × real time, one thread | most memory, MB |\n|---|---|---|");
    let originals = || items.iter().filter(|item| item.version == "original");
    let mut forms: Vec<&str> = originals().map(|item| item.form.as_str()).collect();
    forms.truncate(13);
    for form in forms {
        let mut heard = 0.0;
        forget_most_memory();
        let start = Instant::now();
        for item in originals().filter(|item| item.form == form).take(6) {
            let (file, extension) = open(item);
            heard += fingerprint(&file, extension, &Limits::default())
                .unwrap()
                .heard()
                .as_secs_f64();
        }
        let factor = heard / start.elapsed().as_secs_f64();
        println!("| {form} | {factor:.0} | {:.1} |", most_memory().unwrap_or(f64::NAN));
    }
}

/// Starts the peak anew, where the system can (Linux).
fn forget_most_memory() {
    if fs_err::write("/proc/self/clear_refs", "5").is_err() {
        eprintln!("the memory shown is that of the whole run");
    }
}

/// The peak of the resident set, where the system tells.
fn most_memory() -> Option<f64> {
    let status = fs_err::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1000.0)
}

/// What kind of pair two files are; none if the pair is not of the set.
fn kind<'a>(a: &Item, b: &'a Item) -> Option<&'a str> {
    if a.version != "original" {
        return None;
    }
    let chosen = ["flac", "mp3-128", "-6 dB, opus", "lead-in, mp3-128"].contains(&a.form.as_str());
    match (a.piece == b.piece, b.version == "original") {
        (true, true) => Some("same"),
        (true, false) if chosen => Some(&b.version),
        (false, _) if a.form == "flac" => Some("other piece"),
        _ => None,
    }
}

fn pairs(items: &[Item], odd: bool) -> Vec<(usize, usize, &str)> {
    let mut pairs = Vec::new();
    for (n, a) in items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.piece % 2 == u64::from(odd))
    {
        for (m, b) in items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.piece % 2 == u64::from(odd))
        {
            let kind = kind(a, b);
            let twice = n >= m && kind == Some("same");
            if let (Some(kind), false) = (kind, twice) {
                pairs.push((n, m, kind));
            }
        }
    }
    pairs
}

fn ranges(items: &[Item], prints: &[Fingerprint]) {
    let measured: Vec<(&str, Option<Likeness>)> = pairs(items, false)
        .into_par_iter()
        .map(|(n, m, kind)| (kind, measure(&prints[n], &prints[m])))
        .collect();
    let mut kinds: BTreeMap<&str, Vec<Likeness>> = BTreeMap::new();
    for (kind, likeness) in measured {
        kinds.entry(kind).or_default().extend(likeness);
    }
    println!("\n| even pieces | pairs | alike | section | bands, dB | section, dB | tone, dB | drift, s |");
    println!("|---|---|---|---|---|---|---|---|");
    for (kind, all) in &kinds {
        let range = |value: fn(&Likeness) -> f64| {
            let values = || all.iter().map(value);
            let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
            format!("{least:.2} – {most:.2}")
        };
        println!(
            "| {kind} | {} | {} | {} | {} | {} | {} | {} |",
            all.len(),
            range(|likeness| likeness.alike),
            range(|likeness| likeness.section_alike),
            range(|likeness| likeness.bands),
            range(|likeness| likeness.bands_section),
            range(|likeness| likeness.tone),
            range(|likeness| likeness.drift.abs()),
        );
    }
}

/// Whether no different recordings were called the same, and 99 % of the same ones were.
fn verdicts(items: &[Item], prints: &[Fingerprint]) -> bool {
    let judged: Vec<(&str, usize, usize, Verdict)> = pairs(items, true)
        .into_par_iter()
        .map(|(n, m, kind)| (kind, n, m, compare(&prints[n], &prints[m]).verdict))
        .collect();
    let mut kinds: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut wrong = 0;
    for &(kind, n, m, verdict) in &judged {
        let column = match verdict {
            Verdict::Same => 0,
            Verdict::Undecided => 1,
            Verdict::Different => 2,
        };
        kinds.entry(kind).or_default()[column] += 1;
        if (kind == "same") != (verdict == Verdict::Same) && (kind == "same" || verdict == Verdict::Same) {
            wrong += 1;
            let text = compare(&prints[n], &prints[m]);
            eprintln!(
                "{kind}: {} / {}: {text}",
                items[n].path.display(),
                items[m].path.display()
            );
        }
    }
    println!("\n| odd pieces | same | undecided | different |\n|---|---|---|---|");
    for (kind, [same, undecided, different]) in &kinds {
        println!("| {kind} | {same} | {undecided} | {different} |");
    }
    let [same, undecided, different] = kinds["same"];
    let missed = undecided + different;
    println!(
        "\nsame called the same: {same} of {}; different called the same: {}",
        same + missed,
        wrong - missed
    );
    wrong == missed && missed * 100 <= same + missed
}

/// How many of the pairs that are the same recording the index lists.
fn recall(items: &[Item], prints: &[Fingerprint]) {
    let mut index = Index::new();
    prints.iter().for_each(|print| index.add(print));
    index.finish();
    let (mut wanted, mut found, mut listed) = (0, 0, 0);
    for (n, a) in items.iter().enumerate() {
        let candidates = index.candidates(n as u32);
        listed += candidates.len();
        for (m, b) in items.iter().enumerate() {
            if n != m && a.piece == b.piece && a.version == b.version {
                wanted += 1;
                found += usize::from(candidates.contains(&(m as u32)));
            }
        }
    }
    println!(
        "index: {found} of {wanted} pairs found, {:.1} candidates a file",
        listed as f64 / items.len() as f64
    );
}
