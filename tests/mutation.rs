//! Seeded mutants of every seed: no walk panics, and an edit that is planned for one is right to the byte.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

use isrctag::internals::{
    Access, Action, Change, Located, PiecesView, Place, Plan, ReadAt, Source, Standing, Walked, walk,
};
use isrctag::{Isrc, Misplaced, Pieces, Wish, plan};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "common/mutants.rs"]
mod mutants;
use mutants::{Random, mutated};

/// Mutants of each seed. More of them by hand: `ISRCTAG_MUTANTS=1000 cargo test --release --test mutation`.
const MUTANTS: u64 = 80;

/// What one mutant may take, in an unoptimised program on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(10);

const CODE: &str = "QZTSE2699999";

fn seeds() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/seeds");
    let mut seeds: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    assert!(seeds.len() > 150);
    seeds
}

#[test]
fn mutants_are_read_or_refused_and_edited_rightly_or_not_at_all() {
    let mutants: u64 = std::env::var("ISRCTAG_MUTANTS").map_or(MUTANTS, |count| count.parse().unwrap());
    let seeds = seeds();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let counted = std::thread::scope(|scope| {
        let work = || {
            let mut counts = Counts::default();
            loop {
                let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(path) = seeds.get(index) else { return counts };
                let whole = std::fs::read(path).unwrap();
                for number in 0..mutants {
                    counts.add(mutant_of(path, &whole, number));
                }
            }
        };
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.map(|worker| worker.join().expect("a mutant broke a promise"))
    });
    let mut counts = Counts::default();
    counted.into_iter().for_each(|one| counts.merge(one));
    // A mutation test whose mutants are all refused at the door tests nothing.
    let Counts {
        read,
        unread,
        edited,
        refused,
        unproved,
    } = counts;
    assert!(read > unread / 4, "{counts:?}");
    assert!(edited > refused / 4, "{counts:?}");
    assert!(unproved < edited / 10, "{counts:?}");
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    read: u64,
    unread: u64,
    edited: u64,
    refused: u64,
    /// Planned, but the proof refused it: no harm, but the format module should have known.
    unproved: u64,
}

impl Counts {
    fn add(&mut self, fate: Fate) {
        match fate {
            Fate::Unread => self.unread += 1,
            Fate::Read {
                edited,
                refused,
                unproved,
            } => {
                self.read += 1;
                self.edited += edited;
                self.refused += refused;
                self.unproved += unproved;
            }
        }
    }

    fn merge(&mut self, other: Counts) {
        self.read += other.read;
        self.unread += other.unread;
        self.edited += other.edited;
        self.refused += other.refused;
        self.unproved += other.unproved;
    }
}

enum Fate {
    Unread,
    Read { edited: u64, refused: u64, unproved: u64 },
}

/// Makes mutant `number` of a seed, and checks all that is promised of it.
fn mutant_of(path: &Path, whole: &[u8], number: u64) -> Fate {
    let name = path.file_name().unwrap().to_str().unwrap();
    let extension = path.extension().unwrap().to_str().unwrap();
    let mut random = Random::new(name, number);
    let bytes = mutated(whole, &mut random);
    let started = Instant::now();
    let fate = catch_unwind(AssertUnwindSafe(|| check(&bytes, extension)));
    let took = started.elapsed();
    let about = format!("mutant {number} of {name}, {} bytes", bytes.len());
    assert!(took < PATIENCE, "{about}: took {took:?}");
    match fate {
        Ok(Ok(fate)) => fate,
        Ok(Err(broken)) => panic!("{about}: {broken}"),
        Err(_) => panic!("{about}: panicked"),
    }
}

/// Walks the bytes, then plans every edit that commands make of them.
fn check(bytes: &Vec<u8>, extension: &str) -> Result<Fate, String> {
    let Ok(walked) = walk(&mut Source::new(bytes), Some(extension)) else {
        return Ok(Fate::Unread);
    };
    let before = &walked.located;
    for place in &before.places {
        if place.span.start > place.span.end || place.span.end > bytes.len() as u64 {
            return Err(format!("{} is said to stand at {:?}", place.name, place.span));
        }
    }
    check_promise(bytes, extension, &walked)?;
    let isrc = Isrc::from_stored(CODE).unwrap();
    let (mut edited, mut refused, mut unproved) = (0, 0, 0);
    for edit in [Edit::Write, Edit::Drop, Edit::Create] {
        let Some(change) = edit.change(before, isrc) else {
            continue;
        };
        let mut source = Source::new(bytes);
        let Ok(splice) = isrctag::internals::edit(&mut source, &walked, &change) else {
            refused += 1;
            continue;
        };
        let pieces = Pieces::from_patches(bytes.len() as u64, &splice.patches).map_err(|error| error.to_string())?;
        let view = PiecesView {
            old: bytes,
            pieces: &pieces,
        };
        let kept = splice.audio.iter().all(|range| pieces.kept(range));
        if !kept {
            return Err(format!(
                "{edit:?}: audio is not kept: {:?}, {:?}",
                splice.audio, splice.patches
            ));
        }
        // What the proof refuses is not written.
        match isrctag::internals::prove(bytes, Some(extension), before, &change, &splice) {
            Ok((_, after)) => {
                edited += 1;
                check_after(before, &change, &after, isrc).map_err(|why| format!("{edit:?}: {why}"))?;
                check_way_back(bytes, &pieces, &view)?;
            }
            Err(_) => unproved += 1,
        }
    }
    Ok(Fate::Read {
        edited,
        refused,
        unproved,
    })
}

/// What a scan calls safe to repair, `fix` repairs.
fn check_promise(bytes: &(dyn ReadAt + Sync), extension: &str, walked: &Walked) -> Result<(), String> {
    let before = &walked.located;
    let fix = Wish::Fix(Misplaced::Leave);
    let Plan::Change { change, .. } = plan(before, &fix, 2026) else {
        return Ok(());
    };
    // A scan promises by what it saw at a glance.
    let mut source = Source::new(bytes);
    let glanced = isrctag::internals::glance(&mut source, Some(extension));
    let mut glanced = glanced.map_err(|error| format!("walked, and not at a glance: {error}"))?;
    if isrctag::internals::repair_refusal(bytes, Some(extension), &mut source, &mut glanced, 2026).is_some() {
        return Ok(());
    }
    let splice = isrctag::internals::edit(&mut Source::new(bytes), walked, &change);
    let splice = splice.map_err(|error| format!("promised, and refused: {error}"))?;
    match isrctag::internals::prove(bytes, Some(extension), before, &change, &splice) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("promised, and not proved: {error}")),
    }
}

#[derive(Debug, Clone, Copy)]
enum Edit {
    /// The code in every place.
    Write,
    /// No place is left.
    Drop,
    /// The code in a new standard place, all else kept.
    Create,
}

impl Edit {
    fn change(self, before: &Located, isrc: Isrc) -> Option<Change> {
        let has_standard = before.places.iter().any(|place| place.standing == Standing::Standard);
        let action = match self {
            Edit::Write => Action::Write(isrc),
            Edit::Drop => Action::Drop,
            Edit::Create => Action::Keep,
        };
        let actions = before.places.iter().map(|place| match place.access {
            Access::Write => action,
            Access::ReadOnly => Action::Keep,
        });
        let change = Change {
            actions: actions.collect(),
            create: (matches!(self, Edit::Create) && !has_standard).then_some(isrc),
            ..Change::default()
        };
        (!change.is_empty()).then_some(change)
    }
}

/// Every place that was to stay says what it said, in the same order; the others are the code, or gone.
fn check_after(before: &Located, change: &Change, after: &Located, isrc: Isrc) -> Result<(), String> {
    let told = |place: &Place, text: &str| (place.name.to_string(), place.key.clone(), text.to_owned());
    // Matroska stores hyphens as well.
    let as_it_stands = |place: &Place| match place.stored() {
        Some(code) => told(place, code.as_str()),
        None => told(place, &place.text),
    };
    let mut expected: Vec<_> = before
        .places
        .iter()
        .zip(&change.actions)
        .filter_map(|(place, action)| match action {
            Action::Keep => Some(as_it_stands(place)),
            Action::Write(code) => Some(told(place, code.as_str())),
            Action::Drop => None,
        })
        .collect();
    let mut found: Vec<_> = after.places.iter().map(as_it_stands).collect();
    if change.create.is_some() {
        let new = found.iter().position(|(_, _, text)| text == isrc.as_str());
        found.remove(new.ok_or("the new code is not found")?);
    }
    expected.sort();
    found.sort();
    if expected != found {
        return Err(format!("the places are {found:?}, not {expected:?}"));
    }
    Ok(())
}

/// The inverse pieces give the old bytes, all of them.
fn check_way_back(old: &Vec<u8>, pieces: &Pieces, view: &dyn ReadAt) -> Result<(), String> {
    let read = |bytes: &dyn ReadAt| {
        let mut all = vec![0; bytes.len() as usize];
        let mut filled = 0;
        while filled < all.len() {
            match bytes.read_at(&mut all[filled..], filled as u64) {
                Ok(0) | Err(_) => return Err("the new file cannot be read".to_owned()),
                Ok(count) => filled += count,
            }
        }
        Ok(all)
    };
    let new = read(view)?;
    let inverse = pieces.invert(old).map_err(|error| error.to_string())?;
    let back = read(&PiecesView {
        old: &new,
        pieces: &inverse,
    })?;
    if back != *old {
        return Err("the way back does not give the old bytes".to_owned());
    }
    Ok(())
}
