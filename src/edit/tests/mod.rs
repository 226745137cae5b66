//! Tests on real files in a temporary folder: the bytes on disk are looked at, not our own report of them.
#![expect(clippy::disallowed_methods, reason = "tests make, spoil and read files")]

mod files;
mod interruption;
mod journals;
mod kinds;
mod lockless;
mod methods;
mod proofs;
mod races;
mod sessions;
mod turns;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use tempfile::TempDir;

use crate::bytes::pieces::{Patch, Pieces, applied};

use super::entry::{Entry, RecentFolders};
use super::patience::PatienceLeft;
use super::prepare::{Hold, Ready, choose_method, open};
use super::recover::{Recovered, recover};
use super::session::Session;
use super::undo::{Doubtful, Undone};
use super::{InPlace, NotWritten, Options, Outcome, Times, Trust};
use crate::edit::write::faults::{Faults, NoFaults};
use crate::prove::Proved;

const AUTO: Options = Options {
    in_place: InPlace::Auto,
    times: Times::Update,
};

const NEVER: Options = Options {
    in_place: InPlace::Never,
    times: Times::Update,
};

static GO_ON: AtomicBool = AtomicBool::new(false);

/// A folder of files, and one for the journal.
struct Lab {
    folder: TempDir,
    state: TempDir,
    _alive: turns::Alive,
}

impl Lab {
    /// In memory where there is such a place, since a test makes thousands of syncs.
    fn new() -> Lab {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Lab::inside(memory)
        } else {
            Lab::on_disk()
        }
    }

    /// Where what the file system does is what is tested.
    fn on_disk() -> Lab {
        Lab::inside(&std::env::temp_dir())
    }

    fn inside(folder: &Path) -> Lab {
        Lab {
            _alive: turns::alive(),
            folder: TempDir::new_in(folder).unwrap(),
            state: TempDir::new_in(folder).unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn state(&self) -> PathBuf {
        self.state.path().join("state")
    }

    fn session(&self, options: Options) -> Session {
        self.session_with(options, NoFaults)
    }

    fn session_with(&self, options: Options, faults: impl Faults + 'static) -> Session {
        Session::open_with(&self.state(), options, "test", Box::new(faults))
            .unwrap()
            .0
    }

    /// Commits patches to files as one wave.
    fn edit(&self, options: Options, edits: &[(&Path, &[Patch])]) -> Vec<Result<(), NotWritten>> {
        let mut session = self.session(options);
        let results = edit_with(&mut session, edits);
        session.finish().unwrap();
        results
    }

    fn recover(&self) -> Vec<Recovered> {
        recover(&self.state()).unwrap()
    }

    /// Takes back the last run.
    fn undo(&self) -> Vec<Undone> {
        let mut session = self.session(AUTO);
        let mut undone = Vec::new();
        session
            .undo(None, Doubtful::Refuse, &GO_ON, &mut |one| undone.push(one))
            .unwrap();
        session.finish().unwrap();
        undone
    }

    /// All that is in the folder, by name.
    fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap());
        let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
        entries
            .map(|entry| (name(&entry), fs::read(entry.path()).unwrap()))
            .collect()
    }
}

fn entry(path: &Path) -> Entry {
    RecentFolders::default().entry(path, &Trust::Named).unwrap()
}

fn ready(path: &Path, patches: &[Patch], in_place: InPlace) -> Result<Ready, NotWritten> {
    let entry = entry(path);
    // A process that another test starts has our open files, and their locks, until it is the program that it starts.
    let opened = PatienceLeft::default().wait(&GO_ON, || open(&entry, Hold::Lock).transpose());
    let (file, lock, identity) = opened.transpose()?.expect("nobody holds it for long");
    let pieces = Pieces::from_patches(file.metadata().len(), patches).unwrap();
    let pieces = pieces.trimmed(&file).unwrap();
    let method = choose_method(&file, &file, entry.path(), &pieces, in_place)?;
    Ok(Ready {
        entry,
        file,
        lock,
        identity,
        proved: Proved::taken_for_granted(pieces),
        method,
        undoes: None,
        modified_wanted: None,
        steps: Some(Vec::new()),
        kept: None,
    })
}

fn edit_with(session: &mut Session, edits: &[(&Path, &[Patch])]) -> Vec<Result<(), NotWritten>> {
    let ready = edits
        .iter()
        .map(|(path, patches)| ready(path, patches, session.options.in_place).unwrap());
    let ready = ready.collect();
    session.commit_all(ready).unwrap()
}

/// `len` bytes that no shift or cut of the same leaves in place.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Three bytes go, all behind them moves up over several sectors, padding takes the difference; and far away a byte.
fn same_length() -> Vec<Patch> {
    vec![
        Patch::new(100..115, *b"QZES51600001"),
        Patch::new(4000..4000, [0; 3]),
        Patch::new(8000..8001, *b"!"),
    ]
}

fn longer() -> Vec<Patch> {
    vec![Patch::new(40..44, *b"SIZE"), Patch::new(5000..5000, vec![7; 1200])]
}

fn shorter() -> Vec<Patch> {
    vec![Patch::new(0..300, []), Patch::new(9990..9990, *b"end")]
}

#[track_caller]
fn assert_refused(result: &Result<(), NotWritten>, part: &str) {
    match result {
        Err(NotWritten::Refused(refusal)) if refusal.0.contains(part) => {}
        other => panic!("{other:?} is no refusal with {part:?}"),
    }
}

fn is_written(undone: &Undone) -> bool {
    matches!(undone.outcome, Outcome::Written)
}

fn new_content(old: &[u8], patches: &[Patch]) -> Vec<u8> {
    applied(old, patches)
}
