//! What edits make of every seed and of its mutants, to the byte: one line for each, to be compared between two
//! versions of the program.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use isrctag::internals::{Access, Action, Change, Format, Located, PiecesView, ReadAt, Source};
use isrctag::{Isrc, Pieces, internals};

#[path = "common/mutants.rs"]
mod mutants;
use mutants::{Random, mutated};

const CODES: [&str; 2] = ["QZTSE2699999", "USRC17607839"];

#[test]
#[ignore = "writes the lines to the file that ISRCTAG_LINES names"]
fn lines() {
    let count: u64 = std::env::var("ISRCTAG_MUTANTS").map_or(40, |count| count.parse().unwrap());
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/seeds");
    let mut files: Vec<PathBuf> = std::fs::read_dir(seeds)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    if let Ok(more) = std::env::var("ISRCTAG_SAMPLES") {
        files.extend(std::fs::read_dir(more).unwrap().map(|entry| entry.unwrap().path()));
    }
    files.sort();
    let mut lines = String::new();
    for path in files {
        let (Some(name), Some(extension)) = (path.file_name(), path.extension()) else {
            continue;
        };
        let (name, extension) = (name.to_str().unwrap(), extension.to_str().unwrap());
        let whole = std::fs::read(&path).unwrap();
        tell(&whole, extension, &format!("{name} whole"), &mut lines);
        for number in 0..count {
            let mut random = Random::new(name, number);
            let bytes = mutated(&whole, &mut random);
            tell(&bytes, extension, &format!("{name} {number}"), &mut lines);
        }
    }
    std::fs::write(std::env::var("ISRCTAG_LINES").unwrap(), lines).unwrap();
}

fn tell(bytes: &Vec<u8>, extension: &str, about: &str, lines: &mut String) {
    let walked = match internals::walk(&mut Source::new(bytes), Some(extension)) {
        Ok(walked) => walked,
        Err(error) => {
            writeln!(lines, "{about}: {error}").unwrap();
            return;
        }
    };
    let before = &walked.located;
    writeln!(lines, "{about}: {before:?}").unwrap();
    for (edit, change) in changes(before) {
        let told = match internals::edit(&mut Source::new(bytes), &walked, &change) {
            Err(error) => error.to_string(),
            Ok(splice) => match Pieces::from_patches(bytes.len() as u64, &splice.patches) {
                Err(error) => error.to_string(),
                Ok(pieces) => {
                    let view = PiecesView {
                        old: bytes,
                        pieces: &pieces,
                    };
                    let mut new = vec![0; view.len() as usize];
                    let mut filled = 0;
                    while filled < new.len() {
                        match view.read_at(&mut new[filled..], filled as u64).unwrap() {
                            0 => break,
                            count => filled += count,
                        }
                    }
                    let kept = splice.audio.iter().all(|range| pieces.kept(range));
                    format!(
                        "{} bytes, {:016x}, {kept}, {:?}",
                        new.len(),
                        hash(&new),
                        splice.audio.first()
                    )
                }
            },
        };
        writeln!(lines, "{about} {edit}: {told}").unwrap();
    }
}

/// All that commands ask for: every place, each place alone, a new one, and one in the stead of those that go.
fn changes(before: &Located) -> Vec<(String, Change)> {
    let [code, other] = CODES.map(|code| Isrc::from_stored(code).unwrap());
    let with = |action: &dyn Fn(usize) -> Action, create| {
        let actions = before
            .places
            .iter()
            .enumerate()
            .map(|(index, place)| match place.access {
                Access::Write => action(index),
                Access::ReadOnly => Action::Keep,
            });
        Change {
            actions: actions.collect(),
            create,
            ..Change::default()
        }
    };
    let has_standard = before.places.iter().any(|place| place.standing.is_standard());
    let mut changes = vec![
        ("write".to_owned(), with(&|_| Action::Write(code), None)),
        ("drop".to_owned(), with(&|_| Action::Drop, None)),
    ];
    if !has_standard {
        changes.push(("create".to_owned(), with(&|_| Action::Keep, Some(code))));
    }
    if before.places.iter().any(|place| place.access == Access::Write) {
        changes.push(("replace".to_owned(), with(&|_| Action::Drop, Some(code))));
    }
    for index in 0..before.places.len().min(4) {
        let one = |action: Action| with(&move |at| if at == index { action } else { Action::Keep }, None);
        if before.places[index].access == Access::Write && before.places.len() > 1 {
            changes.push((format!("write {index}"), one(Action::Write(other))));
            changes.push((format!("drop {index}"), one(Action::Drop)));
        }
    }
    for track in before.empty_tracks.iter().take(2) {
        let mut change = with(&|_| Action::Keep, None);
        change.tracks.push((*track, code));
        changes.push((format!("track {track}"), change));
    }
    let document = |change: Change| Change {
        axml: Some(code),
        ..change
    };
    if matches!(before.format, Format::Wav | Format::Rf64) {
        changes.push(("document".to_owned(), document(with(&|_| Action::Keep, None))));
        changes.push(("both".to_owned(), document(with(&|_| Action::Drop, Some(code)))));
    }
    changes.retain(|(_, change)| !change.is_empty());
    changes
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
