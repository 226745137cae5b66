//! Seeded mutants of every seed: no walk panics, and an edit that is planned for one is right to the byte.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

use isrctag::format::place::{Action, Change, Place, Standing};
use isrctag::format::{self, Located};
use isrctag::isrc::Isrc;
use isrctag::pieces::{Pieces, PiecesView};
use isrctag::plan::{Misplaced, Plan, Wish, plan};
use isrctag::source::{ReadAt, Source};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Mutants of each seed. More of them by hand: `ISRCTAG_MUTANTS=1000 cargo test --release --test mutation`.
const MUTANTS: u64 = 80;

/// Seeds longer than this have fewer mutants: only their first and last part is worth it.
const LONG: usize = 256 * 1024;

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
    let Ok(before) = locate(bytes, extension) else {
        return Ok(Fate::Unread);
    };
    for place in &before.places {
        if place.span.start > place.span.end || place.span.end > bytes.len() as u64 {
            return Err(format!("{} is said to stand at {:?}", place.name, place.span));
        }
    }
    check_promise(bytes, extension, &before)?;
    let isrc = Isrc::from_stored(CODE).unwrap();
    let (mut edited, mut refused, mut unproved) = (0, 0, 0);
    for edit in [Edit::Write, Edit::Drop, Edit::Create] {
        let Some(change) = edit.change(&before, isrc) else {
            continue;
        };
        let mut source = Source::new(bytes);
        let Ok(splice) = format::splice(&mut source, Some(extension), &before, &change) else {
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
        match isrctag::edit::prove::prove(bytes, Some(extension), &before, &change, &splice) {
            Ok((_, after)) => {
                edited += 1;
                check_after(&before, &change, &after, isrc).map_err(|why| format!("{edit:?}: {why}"))?;
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
fn check_promise(bytes: &dyn ReadAt, extension: &str, before: &Located) -> Result<(), String> {
    let fix = Wish::Fix(Misplaced::Leave);
    let Plan::Change { change, .. } = plan(before, &fix, 2026) else {
        return Ok(());
    };
    if isrctag::inspect::repair_refusal(bytes, Some(extension), 2026).is_some() {
        return Ok(());
    }
    let splice = format::splice(&mut Source::new(bytes), Some(extension), before, &change);
    let splice = splice.map_err(|error| format!("promised, and refused: {error}"))?;
    match isrctag::edit::prove::prove(bytes, Some(extension), before, &change, &splice) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("promised, and not proved: {error}")),
    }
}

fn locate(bytes: &dyn ReadAt, extension: &str) -> Result<Located, String> {
    format::locate(&mut Source::new(bytes), Some(extension)).map_err(|error| error.to_string())
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
        use isrctag::format::place::Access;
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
            tracks: Vec::new(),
        };
        (!change.is_empty()).then_some(change)
    }
}

/// Every place that was to stay says what it said, in the same order; the others are the code, or gone.
fn check_after(before: &Located, change: &Change, after: &Located, isrc: Isrc) -> Result<(), String> {
    let told = |place: &Place, text: &str| (place.name.to_string(), place.key.clone(), text.to_owned());
    let mut expected: Vec<_> = before
        .places
        .iter()
        .zip(&change.actions)
        .filter_map(|(place, action)| match action {
            Action::Keep => Some(told(place, &place.text)),
            Action::Write(code) => Some(told(place, code.as_str())),
            Action::Drop => None,
        })
        .collect();
    let mut found: Vec<_> = after.places.iter().map(|place| told(place, &place.text)).collect();
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
fn check_way_back(old: &Vec<u8>, pieces: &Pieces, view: &PiecesView) -> Result<(), String> {
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

/// Numbers that are the same in every run (splitmix64).
struct Random(u64);

impl Random {
    fn new(name: &str, number: u64) -> Random {
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes().chain(number.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Random(state)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// An offset: most often near the front or the end, where tags stand.
    fn offset(&mut self, len: usize) -> usize {
        let near: usize = 16 << self.below(9);
        match self.below(5) {
            0..2 => self.below(near.min(len)),
            2 | 3 => len.saturating_sub(1 + self.below(near.min(len))),
            _ => self.below(len),
        }
    }
}

/// One to four wounds.
fn mutated(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    if bytes.len() > LONG {
        let middle = bytes.len() - LONG / 2;
        bytes.drain(LONG / 2..middle);
    }
    for _ in 0..1 + random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.offset(bytes.len());
        let longest = 2 << random.below(8);
        let run = (1 + random.below(longest)).min(bytes.len() - at);
        match random.below(8) {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at] = random.next() as u8,
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..at + run)),
            5 => {
                let copy = bytes[at..at + run].to_vec();
                let to = random.offset(bytes.len());
                drop(bytes.splice(to..to, copy));
            }
            6 => lie(&mut bytes, at, random),
            _ => {
                let noise: Vec<u8> = (0..run).map(|_| random.next() as u8).collect();
                drop(bytes.splice(at..at, noise));
            }
        }
    }
    bytes
}

/// Four bytes become a size that is none: huge, zero, one off, or what is left of the file and a bit.
fn lie(bytes: &mut [u8], at: usize, random: &mut Random) {
    let rest = (bytes.len() - at) as u32;
    let Some(field) = bytes.get_mut(at..at + 4) else { return };
    let now = u32::from_be_bytes([field[0], field[1], field[2], field[3]]);
    let size = match random.below(8) {
        0 => u32::MAX,
        1 => 0,
        2 => now.wrapping_add(1),
        3 => now.wrapping_sub(1),
        4 => rest,
        5 => rest + random.below(16) as u32,
        6 => 0x7f7f_7f7f,
        _ => 1 << random.below(32),
    };
    field.copy_from_slice(&if random.below(2) == 0 {
        size.to_be_bytes()
    } else {
        size.to_le_bytes()
    });
}
