//! File systems without locks, as network drives may be: what a run that is at work has begun looks like what one that
//! died has left.

use std::io;
use std::sync::Mutex;

use crate::edit::journal::Journal;
use crate::edit::recover::{Resolution, recover_all};

use super::*;

/// No file can be locked by recovery.
struct NoLocks;

impl Faults for NoLocks {
    fn step(&self, name: &'static str) -> io::Result<()> {
        match name {
            "recover: lock" => Err(io::ErrorKind::Unsupported.into()),
            _ => Ok(()),
        }
    }
}

fn recover_without_locks(state: &Path) -> Vec<Recovered> {
    recover_all(&mut Journal::open(state).unwrap(), &NoLocks).unwrap()
}

/// At the step of this name, another run begins.
struct AnotherAt {
    name: &'static str,
    state: PathBuf,
    found: std::sync::Arc<Mutex<Vec<Recovered>>>,
}

impl Faults for AnotherAt {
    fn step(&self, name: &'static str) -> io::Result<()> {
        if name == self.name {
            self.found.lock().unwrap().extend(recover_without_locks(&self.state));
        }
        Ok(())
    }
}

#[test]
fn recovery_keeps_off_what_a_living_run_is_at() {
    for (options, steps) in [
        (AUTO, ["write the window", "sync the file", "journal the ends"]),
        (NEVER, ["create", "rename", "renamed"]),
    ] {
        for name in steps {
            let lab = Lab::new();
            let old = noise(10_000, 1);
            let path = lab.file("a.flac", &old);
            let found = std::sync::Arc::default();
            let another = AnotherAt {
                name,
                state: lab.state(),
                found: std::sync::Arc::clone(&found),
            };
            let mut session = lab.session_with(options, another);
            let results = edit_with(&mut session, &[(&path, &same_length())]);
            session.finish().unwrap();
            let found = found.lock().unwrap();
            assert!(!found.is_empty(), "{name}");
            let are_held = found.iter().all(|one| matches!(one.ending, Resolution::Held));
            assert!(are_held, "{name}: {found:?}");
            assert!(results[0].is_ok(), "{name}: {results:?}");
            assert!(fs::read(&path).unwrap() == new_content(&old, &same_length()), "{name}");
            assert!(is_written(&lab.undo()[0]), "{name}");
            assert!(fs::read(&path).unwrap() == old, "{name}");
        }
    }
}

#[test]
fn what_a_dead_run_left_is_recovered_without_locks_too() {
    for (options, name) in [(AUTO, "sync the file"), (NEVER, "rename")] {
        let lab = Lab::new();
        let old = noise(10_000, 1);
        let path = lab.file("a.flac", &old);
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut session = lab.session_with(options, DiesAt(name));
            edit_with(&mut session, &[(&path, &same_length())])
        }));
        assert!(died.is_err());
        let recovered = recover_without_locks(&lab.state());
        let is_settled = matches!(recovered[0].ending, Resolution::Finished | Resolution::TakenBack { .. });
        assert!(is_settled, "{name}: {recovered:?}");
        assert_eq!(lab.contents().len(), 1, "{name}");
        assert!(recover_without_locks(&lab.state()).is_empty(), "{name}");
    }
}

struct DiesAt(&'static str);

impl Faults for DiesAt {
    fn step(&self, name: &'static str) -> io::Result<()> {
        match name == self.0 {
            true => std::panic::resume_unwind(Box::new("stopped")),
            false => Ok(()),
        }
    }
}

/// At the step of this name, a run that prepared its edit before puts its new file in the place of `path`.
struct RenamesOverAt {
    name: &'static str,
    path: PathBuf,
    new: Vec<u8>,
}

impl Faults for RenamesOverAt {
    fn step(&self, name: &'static str) -> io::Result<()> {
        if name == self.name {
            let beside = self.path.with_extension("beside");
            fs::write(&beside, &self.new).unwrap();
            fs::rename(beside, &self.path).unwrap();
        }
        Ok(())
    }
}

#[test]
fn what_another_run_renames_a_file_over_is_not_called_written() {
    for (options, steps) in [
        (AUTO, ["write the window", "sync the file", "read back"].as_slice()),
        (NEVER, ["renamed"].as_slice()),
    ] {
        for &name in steps {
            let lab = Lab::new();
            let old = noise(10_000, 1);
            let path = lab.file("a.flac", &old);
            let new = new_content(&old, &longer());
            let another = RenamesOverAt {
                name,
                path: path.clone(),
                new: new.clone(),
            };
            let mut session = lab.session_with(options, another);
            let results = edit_with(&mut session, &[(&path, &same_length())]);
            session.finish().unwrap();
            assert!(
                matches!(
                    results[0],
                    Err(NotWritten::Failed(crate::edit::EditError::Unconfirmed(_)))
                ),
                "{name}: {results:?}"
            );
            let recovered = recover_without_locks(&lab.state());
            assert!(
                matches!(recovered[0].ending, Resolution::Foreign),
                "{name}: {recovered:?}"
            );
            assert_eq!(lab.contents(), BTreeMap::from([("a.flac".to_owned(), new)]), "{name}");
        }
    }
}
