//! Measures the ear on real music: see README.md beside this file.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use isrctag::Links;
use isrctag::internals::{Cache, Comparison, EarVerdict, Fingerprint, Limits, SourceFile, compare, measure};
use rayon::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Pair {
    track: u64,
    kind: String,
    same: bool,
    first: PathBuf,
    second: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    // `cargo test --benches` calls this too, to see that it runs; the set is not for that.
    let [folder, half, ..] = &arguments[..] else {
        return ExitCode::SUCCESS;
    };
    let folder = Path::new(folder);
    let text = fs_err::read_to_string(folder.join(format!("{half}.jsonl"))).unwrap();
    let mut pairs: Vec<Pair> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    pairs.extend(other_tracks(&pairs));
    let cache = Cache::open(folder).unwrap();
    let mut names: Vec<&Path> = pairs.iter().flat_map(|pair| [&*pair.first, &*pair.second]).collect();
    names.sort_unstable();
    names.dedup();
    let prints: Vec<Option<Fingerprint>> = names
        .par_iter()
        .map(|name| listen(&folder.join(name), &cache))
        .collect();
    let print = |name: &Path| prints[names.binary_search(&name).unwrap()].as_ref();
    let judged: Vec<(&Pair, Option<Comparison>)> = pairs
        .par_iter()
        .map(|pair| {
            (
                pair,
                print(&pair.first).zip(print(&pair.second)).map(|(a, b)| compare(a, b)),
            )
        })
        .collect();
    if arguments.get(2).is_some_and(|argument| argument == "--dump") {
        for (pair, comparison) in &judged {
            let likeness = print(&pair.first)
                .zip(print(&pair.second))
                .and_then(|(a, b)| measure(a, b))
                .map(|(likeness, _)| likeness);
            let (word, text) = comparison.map_or(("none", String::new()), |c| (c.verdict.word(), c.to_string()));
            println!(
                "{}\t{}\t{}\t{word}\t{text}\t{likeness:?}",
                pair.track, pair.same, pair.kind
            );
        }
    }
    table(&judged);
    ExitCode::SUCCESS
}

/// Every track beside every other.
fn other_tracks(pairs: &[Pair]) -> Vec<Pair> {
    let plain = |pair: &&Pair| pair.first.to_string_lossy().ends_with(" plain.flac");
    let tracks: BTreeMap<u64, &Path> = pairs
        .iter()
        .filter(plain)
        .map(|pair| (pair.track, &*pair.first))
        .collect();
    let tracks: Vec<(u64, &Path)> = tracks.into_iter().collect();
    let beside = |n: usize| tracks[n + 1..].iter().map(move |(_, second)| (n, *second));
    let pair = |(n, second): (usize, &Path)| Pair {
        track: tracks[n].0,
        kind: "another track".to_owned(),
        same: false,
        first: tracks[n].1.to_owned(),
        second: second.to_owned(),
    };
    (0..tracks.len()).flat_map(beside).map(pair).collect()
}

fn listen(path: &Path, cache: &Cache) -> Option<Fingerprint> {
    let file = SourceFile::open(path, Links::Refuse).unwrap();
    let extension = path.extension().and_then(|extension| extension.to_str());
    let outcome = cache.fingerprint(&file, extension, &Limits::default());
    outcome
        .inspect_err(|error| eprintln!("{}: {error}", path.display()))
        .ok()
}

fn table(judged: &[(&Pair, Option<Comparison>)]) {
    let mut kinds: BTreeMap<(bool, &str), [usize; 3]> = BTreeMap::new();
    for (pair, comparison) in judged {
        let column = match comparison.map(|comparison| comparison.verdict) {
            Some(EarVerdict::Same) => 0,
            Some(EarVerdict::Undecided) | None => 1,
            Some(EarVerdict::Different) => 2,
        };
        kinds.entry((!pair.same, &pair.kind)).or_default()[column] += 1;
    }
    let one_of = |pairs: &dyn Fn(bool, &str) -> bool| {
        let counted = kinds.iter().filter(|((two, kind), _)| pairs(*two, kind));
        counted.fold([0; 3], |sum, (_, columns)| {
            std::array::from_fn(|at| sum[at] + columns[at])
        })
    };
    let row = |head: &str, [same, undecided, different]: [usize; 3]| {
        println!("| {head} | {same} | {undecided} | {different} |");
    };
    for (heading, is_two) in [("One recording", false), ("Two recordings", true)] {
        println!("## {heading}\n\n| | same | undecided | different |\n|---|---|---|---|");
        for ((_, kind), columns) in kinds.iter().filter(|((two, _), _)| *two == is_two) {
            row(kind, *columns);
        }
        let is_other = |kind: &str| kind != "another track";
        row(
            "**all** but other tracks",
            one_of(&|two, kind| two == is_two && is_other(kind)),
        );
        if !is_two {
            let is_lossy = |kind: &str| kind.starts_with("codec ") && kind != "codec 8 bit";
            row("**lossy codecs**", one_of(&|two, kind| !two && is_lossy(kind)));
        }
        println!();
    }
}
