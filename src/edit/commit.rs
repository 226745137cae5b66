//! Carries proved edits out: journal all intents with one sync, write each file, record how each ended.
//!
//! Invariant: whatever step fails or is the last one that ran, each file is the old or the new one, or the journal holds
//! what makes it the old one again.

use std::collections::BTreeSet;
use std::fs::FileTimes;
use std::io;
use std::path::{Path, PathBuf};

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::pieces::{Pieces, PiecesView};
use crate::platform::{self, Identity};
use crate::source::ReadError;

use super::cache::Cached;
use super::check::check;
use super::faults::Faults;
use super::journal::{EditId, Intent, Journal, JournalError, NewRun, Settled, Way};
use super::prepare::{Ready, Road};
use super::{EditError, NotWritten, Times, in_place, refused, replace};

/// An edit whose intent can be journaled.
#[derive(Debug)]
pub(super) struct Staged {
    pub ready: Ready,
    pub intent: Intent,
    /// In place: the windows with their new bytes.
    pub new: Option<Pieces>,
}

/// How writing one file ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub result: Result<(), NotWritten>,
    /// None when it is left to recovery to settle it.
    pub settled: Option<Settled>,
}

impl Ended {
    pub(super) fn done(modified: i64) -> Ended {
        Ended {
            result: Ok(()),
            settled: Some(Settled::Done { modified }),
        }
    }

    pub(super) fn untouched(why: NotWritten) -> Ended {
        Ended {
            result: Err(why),
            settled: Some(Settled::RolledBack),
        }
    }

    pub(super) fn open(error: EditError) -> Ended {
        Ended {
            result: Err(error.into()),
            settled: None,
        }
    }
}

/// What became of edits that were committed together.
#[derive(Debug)]
pub(super) struct Committed {
    /// In the order of the edits.
    pub results: Vec<Result<(), NotWritten>>,
    /// The files are written, but the journal could not record it; recovery will.
    pub unrecorded: Option<JournalError>,
}

/// Commits edits of different files, in parallel. An error means that no file was touched.
pub(super) fn commit(
    journal: &mut Journal,
    run: &mut NewRun,
    ready: Vec<Ready>,
    times: Times,
    disk: &ThreadPool,
    faults: &dyn Faults,
) -> Result<Committed, JournalError> {
    let staged: Vec<Result<Staged, NotWritten>> = ready.into_par_iter().map(stage).collect();
    let intents: Vec<&Intent> = staged.iter().flatten().map(|staged| &staged.intent).collect();
    if intents.is_empty() {
        return Ok(Committed {
            results: staged.into_iter().map(|staged| staged.map(|_| ())).collect(),
            unrecorded: None,
        });
    }
    fault(faults, "journal the intents")?;
    let mut ids = journal.intend(run, &intents)?.into_iter();
    let staged: Vec<(Option<EditId>, Result<Staged, NotWritten>)> = staged
        .into_iter()
        .map(|staged| (if staged.is_ok() { ids.next() } else { None }, staged))
        .collect();
    let write_all = || {
        staged
            .par_iter()
            .with_max_len(1)
            .map(|(_, staged)| write(staged, times, faults))
            .collect()
    };
    let mut written: Vec<Ended> = disk.install(write_all);
    sync_folders(&staged, &mut written, faults);
    let ends: Vec<(EditId, Settled)> = staged
        .iter()
        .zip(&written)
        .filter_map(|((id, _), ended)| Some(((*id)?, ended.settled?)))
        .collect();
    let recorded = fault(faults, "journal the ends").and_then(|()| journal.settle(&ends));
    // The locks go only now, with the files: nobody else finds an unsettled intent of a file that is not locked.
    Ok(Committed {
        results: staged
            .into_iter()
            .zip(written)
            .map(|((_, staged), ended)| staged.and(ended.result))
            .collect(),
        unrecorded: recorded.err(),
    })
}

fn fault(faults: &dyn Faults, step: &'static str) -> Result<(), JournalError> {
    faults.step(step).map_err(|source| JournalError::Folder {
        folder: PathBuf::new(),
        source,
    })
}

fn stage(ready: Ready) -> Result<Staged, NotWritten> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => refused("too much of the file would have to be replaced to be able to undo it"),
        _ => EditError::Read(ReadError::Io(error)).into(),
    };
    let Ready {
        path,
        file,
        identity,
        proved,
        road,
        undoes,
    } = &ready;
    let pieces = proved.pieces();
    let file = &Cached::new(file);
    let inverse = pieces.invert(file).map_err(unreadable)?;
    let view = PiecesView { old: file, pieces };
    let new = match road {
        Road::InPlace { windows } => Some(pieces.flattened(file, windows).map_err(unreadable)?),
        Road::NewFile => None,
    };
    let way = match &new {
        Some(new) => Way::InPlace {
            old: new.invert(file).map_err(unreadable)?,
            edit: pieces.clone(),
        },
        None => Way::NewFile {
            temporary: replace::temporary_name(path),
        },
    };
    let intent = Intent {
        undoes: *undoes,
        path: path.clone(),
        before: *identity,
        check_before: check(file, pieces).map_err(unreadable)?,
        len_after: pieces.new_len(),
        check_after: check(&view, &inverse).map_err(unreadable)?,
        inverse,
        way,
    };
    Ok(Staged { ready, intent, new })
}

fn write(staged: &Result<Staged, NotWritten>, times: Times, faults: &dyn Faults) -> Ended {
    let Ok(staged) = staged else {
        // Its own reason stands with it.
        return Ended {
            result: Ok(()),
            settled: None,
        };
    };
    match &staged.intent.way {
        Way::InPlace { old, edit: _ } => {
            let new = staged
                .new
                .as_ref()
                .expect("`stage` makes the windows of an edit in place");
            in_place::write(&staged.ready, old, new, times, faults)
        }
        Way::NewFile { temporary } => replace::write(staged, temporary, times, faults),
    }
}

/// Syncs the folder of every file that was replaced, each once. Until then the new name may be lost in a power failure.
fn sync_folders(staged: &[(Option<EditId>, Result<Staged, NotWritten>)], written: &mut [Ended], faults: &dyn Faults) {
    let folder = |staged: &Result<Staged, NotWritten>, ended: &Ended| -> Option<PathBuf> {
        let staged = staged.as_ref().ok()?;
        let is_replaced =
            matches!(staged.intent.way, Way::NewFile { .. }) && matches!(ended.settled, Some(Settled::Done { .. }));
        let folder = is_replaced.then(|| staged.ready.path.parent())??;
        Some(folder.to_path_buf())
    };
    let folders: Vec<Option<PathBuf>> = staged
        .iter()
        .zip(written.iter())
        .map(|((_, staged), ended)| folder(staged, ended))
        .collect();
    let distinct: BTreeSet<&Path> = folders.iter().flatten().map(PathBuf::as_path).collect();
    for path in distinct {
        let synced = faults
            .step("sync the folder")
            .and_then(|()| platform::sync_folder(path));
        let Err(error) = synced else {
            continue;
        };
        for (folder, ended) in folders.iter().zip(written.iter_mut()) {
            if folder.as_deref() == Some(path) {
                *ended = Ended::open(EditError::Unconfirmed(io::Error::new(error.kind(), error.to_string())));
            }
        }
    }
}

/// Refuses a file that is no longer the one that was read and proved. What holds the name now is compared: it is the
/// locked file if it has its number.
pub(super) fn check_unchanged(ready: &Ready) -> Result<(), NotWritten> {
    let named = Identity::at(&ready.path).map_err(|error| EditError::Read(ReadError::Io(error)))?;
    if named != ready.identity {
        return Err(refused("the file has changed since it was read"));
    }
    Ok(())
}

/// The old file's access and modification time, to the nanosecond.
pub(super) fn old_times(ready: &Ready) -> io::Result<FileTimes> {
    let metadata = ready.file.metadata();
    Ok(FileTimes::new()
        .set_accessed(metadata.accessed()?)
        .set_modified(metadata.modified()?))
}
