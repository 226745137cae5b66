//! The files that a table or the ledger is made from: all of a walk, inspected before anything is decided.
//!
//! Invariant: a path that was asked for and is not among the files has been told of, and counts for the exit status.

pub(in crate::commands) mod decode;
pub(in crate::commands) mod get;
pub(in crate::commands) mod recall;
pub(in crate::commands) mod seen;
pub(in crate::commands) mod show;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Surroundings;
use super::walk::{check_named, no_audio};
use crate::bytes::source::{Links, Opener};
use crate::commands::exit::Exit;
use crate::discover::{Found, Walk};
use crate::edit::Identity;
use crate::judge::Kind;
use crate::report::advice::shell_words;
use crate::report::terminal::printable;
use crate::scan::inspect::{Describe, Inspected, Inspection, held, inspect, inspect_found};
use crate::system::in_flight::{Came, in_order};

/// Inspects single files that were named; the worst exit of all.
fn each_named(
    files: &[PathBuf],
    inspection: &Inspection,
    surroundings: &Surroundings,
    mut tell: impl FnMut(&Path, &Inspected) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    check_named(files)?;
    let mut opener = Opener::new(Links::Follow);
    let mut exit = Exit::Fine;
    for path in files {
        exit = exit.max(match path.is_dir() {
            true => {
                let (name, word) = (path.to_string_lossy(), shell_words(std::slice::from_ref(path)));
                surroundings.complain(&format!("{} is a folder\nhint: isrctag scan {word}", printable(&name)));
                Exit::SomeFailed
            }
            false => tell(path, &inspect(&mut opener, path, inspection))?,
        });
    }
    Ok(exit)
}

/// What a walk came to.
pub(super) struct Looked {
    /// Every audio file in walking order, also those that could not be read.
    pub files: Vec<(PathBuf, Inspected)>,
    /// The worst of what was told already.
    pub exit: Exit,
}

/// Inspects every audio file of a walk, and tells of each path that could not be walked or read.
pub(super) fn look(walk: &Walk, surroundings: &Surroundings, description: Describe) -> Looked {
    let inspection = Inspection {
        description,
        ..surroundings.inspection()
    };
    let links = walk.opening();
    let stop = Arc::clone(&surroundings.stop);
    surroundings.seen.walked(walk);
    let see = move |opener: &mut Opener, found: &Found| {
        if stop.load(Ordering::Relaxed) {
            return PathResult::PassedOver;
        }
        if let Found::Unwalkable { path, error, .. } = found {
            return PathResult::Unwalkable(path.clone(), error.to_string());
        }
        match inspect_found(opener, found, &inspection) {
            Some(file) => PathResult::File(found.path().to_path_buf(), Box::new(file), opener.noted()),
            None => PathResult::PassedOver,
        }
    };
    let found = walk.found().take_while(|_| !surroundings.interrupted());
    let mut seen = Vec::new();
    let opener = move || Opener::noting(links);
    let _all = in_order(surroundings.effort(), found, opener, see, |files, batch| {
        seen.extend(files.iter().zip(batch).map(|(found, came)| match came {
            Came::Back(seen) => seen,
            Came::Held(patience) => PathResult::File(found.path().to_path_buf(), Box::new(held(patience)), None),
        }));
        ControlFlow::<()>::Continue(())
    });
    let states = seen.iter().filter_map(|seen| match seen {
        PathResult::File(path, _, state) => Some((path.as_path(), (*state)?)),
        PathResult::PassedOver | PathResult::Unwalkable(..) => None,
    });
    surroundings.seen.looked(states);
    let mut looked = Looked {
        files: Vec::new(),
        exit: Exit::Fine,
    };
    for seen in seen {
        match seen {
            PathResult::PassedOver => {}
            PathResult::Unwalkable(path, reason) => {
                looked.exit = looked.exit.max(left_out(&path, &reason, surroundings))
            }
            PathResult::File(path, file, _) => {
                if is_unreadable(&file) {
                    let reason = reason(&file, Kind::Unreadable);
                    looked.exit = looked.exit.max(left_out(&path, reason, surroundings));
                }
                looked.files.push((path, *file));
            }
        }
    }
    if looked.files.is_empty() && looked.exit == Exit::Fine && !surroundings.interrupted() {
        surroundings.complain(&no_audio(walk));
        looked.exit = Exit::Findings;
    }
    looked
}

impl Looked {
    /// Files that are known, after those have been told that cannot be read.
    pub(super) fn told(files: Vec<(PathBuf, Inspected)>, surroundings: &Surroundings) -> Looked {
        let mut looked = Looked {
            files,
            exit: Exit::Fine,
        };
        for (path, file) in looked.files.iter().filter(|(_, file)| is_unreadable(file)) {
            let reason = reason(file, Kind::Unreadable);
            looked.exit = looked.exit.max(left_out(path, reason, surroundings));
        }
        looked
    }

    /// These files and those.
    pub(super) fn and(mut self, other: Looked) -> Looked {
        self.files.extend(other.files);
        self.exit = self.exit.max(other.exit);
        self
    }

    /// Tells of the files of a kind that is not read, for commands that can do nothing with them.
    pub(super) fn tell_unsupported(&mut self, surroundings: &Surroundings) {
        for (path, file) in &self.files {
            if file.format.is_some_and(|format| !format.is_supported()) {
                let reason = reason(file, Kind::Unsupported);
                self.exit = self.exit.max(left_out(path, reason, surroundings));
            }
        }
    }
}

/// The end of a run that was interrupted while it looked: half of the files are no ground to decide on.
pub(super) fn nothing_done(surroundings: &Surroundings) -> Exit {
    surroundings.complain("interrupted: nothing was done");
    Exit::Interrupted
}

/// What a worker returns of one path.
enum PathResult {
    PassedOver,
    /// With its state, if it could be opened.
    File(PathBuf, Box<Inspected>, Option<Identity>),
    Unwalkable(PathBuf, String),
}

/// As a scan says it: not to be opened, cut short, contradicting itself, or not what its name claims.
fn is_unreadable(file: &Inspected) -> bool {
    file.judged
        .findings
        .iter()
        .any(|finding| finding.kind == Kind::Unreadable)
}

fn reason(file: &Inspected, kind: Kind) -> &str {
    let finding = file.judged.findings.iter().find(|finding| finding.kind == kind);
    finding.map_or("cannot be read", |finding| &finding.explanation)
}

fn left_out(path: &Path, reason: &str, surroundings: &Surroundings) -> Exit {
    let name = path.to_string_lossy();
    surroundings.complain(&format!("{}: {}", printable(&name), printable(reason)));
    surroundings.seen.left_out(path, reason);
    Exit::SomeFailed
}
