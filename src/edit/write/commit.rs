//! Carries proved edits out: journal all intents with one sync, write each file, record how each ended.
//!
//! Invariant: whatever step fails or is the last one that ran, each file is the old or the new one, or the journal holds
//! what makes it the old one again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::bytes::pieces::PiecesView;
use crate::bytes::source::{ReadAt, ReadError};
use crate::system::platform::{self, Lock};

use super::faults::Faults;
use crate::edit::cache::Cached;
use crate::edit::entry::Entry;
use crate::edit::journal::{EditId, IntendedMethod, Intent, Journal, JournalError, Left, NewRun, Settled};
use crate::edit::own::Own;
use crate::edit::prepare::Ready;
use crate::edit::write::before::{Before, restore_times};
use crate::edit::write::staged::{Ended, Staged, check_unchanged, old_times, times_of};
use crate::edit::write::{in_place, replace};
use crate::edit::{EditError, LOCKED, Method, NotWritten, Times, refused};
use crate::prove::check::check;

/// What became of edits that were committed together.
#[derive(Debug)]
pub(in crate::edit) struct Committed {
    /// In the order of the edits.
    pub results: Vec<Result<(), NotWritten>>,
    /// The files are written, but the journal could not record it; recovery will.
    pub unrecorded: Option<JournalError>,
}

/// Commits edits of different files, in parallel. An error means that no file was touched.
pub(in crate::edit) fn commit(
    journal: &mut Journal,
    run: &mut NewRun,
    ready: Vec<Ready>,
    times: Times,
    own: &Own,
    disk: &ThreadPool,
    faults: &dyn Faults,
) -> Result<Committed, JournalError> {
    let staged: Vec<Result<Staged, NotWritten>> =
        ready.into_par_iter().map(|ready| stage(ready, times, faults)).collect();
    let intents: Vec<(&Intent, &dyn ReadAt)> = staged
        .iter()
        .flatten()
        .map(|staged| (&staged.intent, &staged.ready.file as &dyn ReadAt))
        .collect();
    if intents.is_empty() {
        return Ok(Committed {
            results: staged.into_iter().filter_map(Result::err).map(Err).collect(),
            unrecorded: None,
        });
    }
    fault(journal, faults, "journal the intents")?;
    let mut ids = journal.intend(run, &intents)?.into_iter();
    let intended: Vec<Result<(EditId, Staged), NotWritten>> = staged
        .into_iter()
        .map(|staged| {
            let staged = staged?;
            let id = ids.next().expect("every intent gets an answer");
            Ok((id.map_err(unreadable)?, staged))
        })
        .collect();
    let mut written: Vec<Option<Ended>> = disk.install(|| {
        intended
            .par_iter()
            .with_max_len(1)
            .map(|intended| Some(write(&intended.as_ref().ok()?.1, times, faults)))
            .collect()
    });
    for (intended, ended) in intended.iter().zip(&mut written) {
        if let Ok((id, staged)) = intended {
            *ended = ended
                .take()
                .map(|ended| put_back_if_torn(journal, *id, staged, ended, faults));
        }
    }
    sync_folders(&intended, &mut written, faults);
    for (intended, ended) in intended.iter().zip(&written) {
        if let (Ok((_, staged)), Some(Ended::Done(left))) = (intended, ended) {
            own.note(&staged.ready, *left);
        }
    }
    let ends: Vec<(EditId, Settled)> = intended
        .iter()
        .zip(&written)
        .filter_map(|(intended, ended)| Some((intended.as_ref().ok()?.0, settled(ended.as_ref()?)?)))
        .collect();
    let recorded = fault(journal, faults, "journal the ends").and_then(|()| journal.settle(&ends));
    // The locks go only now, with the files: nobody else finds an unsettled intent of a file that is not locked.
    Ok(Committed {
        results: intended
            .into_iter()
            .zip(written)
            .map(|(intended, ended)| intended.and_then(|_| result(ended.expect("every staged edit was tried"))))
            .collect(),
        unrecorded: recorded.err(),
    })
}

/// Puts back what was in a file that was only partly written in place, where that works.
fn put_back_if_torn(journal: &Journal, id: EditId, staged: &Staged, ended: Ended, faults: &dyn Faults) -> Ended {
    match (ended, &staged.intent.method) {
        (Ended::Torn(error), IntendedMethod::InPlace { windows, edit: _ }) => {
            match put_back(journal, id, staged, windows, faults) {
                Ok(left) => Ended::PutBack(EditError::Write(error).into(), left),
                Err(_) => Ended::Torn(error),
            }
        }
        (ended, _) => ended,
    }
}

/// What is recorded of an ending; nothing where recovery is to find it out.
fn settled(ended: &Ended) -> Option<Settled> {
    match ended {
        Ended::Done(left) => Some(Settled::Done(*left)),
        Ended::Untouched(_) => Some(Settled::RolledBack(None)),
        Ended::PutBack(_, left) => Some(Settled::RolledBack(Some(*left))),
        Ended::Torn(_) | Ended::Open(_) => None,
    }
}

fn result(ended: Ended) -> Result<(), NotWritten> {
    match ended {
        Ended::Done(_) => Ok(()),
        Ended::Untouched(why) | Ended::PutBack(why, _) | Ended::Open(why) => Err(why),
        Ended::Torn(error) => Err(EditError::Torn(error).into()),
    }
}

/// Makes a torn file the old one again. Where that fails too, it stays torn until recovery.
fn put_back(
    journal: &Journal,
    id: EditId,
    staged: &Staged,
    windows: &[Range<u64>],
    faults: &dyn Faults,
) -> io::Result<Left> {
    let file = staged.writer();
    Before::new(&staged.ready.file, journal, id, windows).put_back(file, faults)?;
    restore_times(file, old_times(&staged.ready)?)?;
    times_of(file)
}

fn fault(journal: &Journal, faults: &dyn Faults, step: &'static str) -> Result<(), JournalError> {
    faults.step(step).map_err(|error| journal.cannot_write(error))
}

fn stage(mut ready: Ready, times: Times, faults: &dyn Faults) -> Result<Staged, NotWritten> {
    let writer = match &ready.method {
        Method::InPlace { windows: _ } => Some(open_to_write(&mut ready, faults)?),
        Method::NewFile { .. } => None,
    };
    if ready.lock == Lock::Unavailable {
        ready.lock = ready.entry.lock(&mut ready.file).map_err(unreadable)?;
    }
    if matches!(ready.lock, Lock::HeldByAnother) {
        return Err(refused(LOCKED));
    }
    let Ready {
        entry,
        file,
        lock: _,
        identity,
        proved,
        method,
        undoes,
        modified_wanted,
        steps,
        kept,
    } = &ready;
    let pieces = proved.pieces();
    let file = &Cached::new(file);
    let inverse = pieces.invert(file).map_err(unreadable)?;
    let view = PiecesView { old: file, pieces };
    let method = match method {
        Method::InPlace { windows } => IntendedMethod::InPlace {
            windows: windows.clone(),
            edit: pieces.clone(),
        },
        Method::NewFile { .. } => IntendedMethod::NewFile {
            temporary: replace::temporary_name(entry.path()),
        },
    };
    let intent = Intent {
        undoes: *undoes,
        path: entry.path().to_path_buf(),
        before: *identity,
        check_before: check(file, pieces).map_err(unreadable)?,
        len_after: pieces.new_len(),
        check_after: check(&view, &inverse).map_err(unreadable)?,
        inverse,
        method,
        modified_wanted: match times {
            Times::Preserve => Some(identity.modified),
            Times::Update => *modified_wanted,
        },
        steps: steps.clone(),
        kept: kept.clone(),
    };
    Ok(Staged { ready, intent, writer })
}

/// Before the intent, which names the file by its number: an overlay file system makes a copy with another number and
/// time of change when a file is first opened to be written.
fn open_to_write(ready: &mut Ready, faults: &dyn Faults) -> Result<File, NotWritten> {
    let held = ready.file.file();
    let opened = faults
        .step("open to write")
        .and_then(|()| ready.entry.open_to_write(held));
    let (writer, now) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            check_unchanged(ready)?;
            return Err(EditError::Write(error).into());
        }
    };
    let is_as_long = (now.len, now.modified) == (ready.identity.len, ready.identity.modified);
    if now != ready.identity && is_as_long && platform::is_copied_up(held) {
        ready.identity = now;
    }
    Ok(writer)
}

fn unreadable(error: io::Error) -> NotWritten {
    match error.kind() {
        io::ErrorKind::FileTooLarge => refused("too much of the file would have to be replaced to be able to undo it"),
        _ => EditError::Read(ReadError::Io(error)).into(),
    }
}

fn write(staged: &Staged, times: Times, faults: &dyn Faults) -> Ended {
    match &staged.intent.method {
        IntendedMethod::InPlace { windows, edit: _ } => in_place::write(staged, windows, times, faults),
        IntendedMethod::NewFile { temporary } => replace::write(staged, temporary, times, faults),
    }
}

/// Folders of some network and FUSE file systems cannot be synced: then there is nothing to sync.
pub(in crate::edit) fn unless_it_needs_none(error: io::Error) -> io::Result<()> {
    match platform::needs_no_sync(&error) {
        true => Ok(()),
        false => Err(error),
    }
}

/// Syncs the folder of every file that was replaced, each once. Until then the new name may be lost in a power failure.
fn sync_folders<'a>(
    intended: &'a [Result<(EditId, Staged), NotWritten>],
    written: &mut [Option<Ended>],
    faults: &dyn Faults,
) {
    let replaced = |intended: &'a Result<(EditId, Staged), NotWritten>, ended: &Option<Ended>| -> Option<&'a Entry> {
        let (_, staged) = intended.as_ref().ok()?;
        let is_replaced =
            matches!(staged.intent.method, IntendedMethod::NewFile { .. }) && matches!(ended, Some(Ended::Done(_)));
        is_replaced.then_some(&staged.ready.entry)
    };
    let entries: Vec<Option<&Entry>> = intended
        .iter()
        .zip(written.iter())
        .map(|(intended, ended)| replaced(intended, ended))
        .collect();
    let folder_of = |entry: &'a Entry| entry.path().parent();
    let distinct: BTreeMap<Option<&Path>, &Entry> = entries
        .iter()
        .flatten()
        .map(|entry| (folder_of(entry), *entry))
        .collect();
    for (folder, entry) in distinct {
        let synced = faults
            .step("sync the folder")
            .and_then(|()| entry.sync_folder())
            .or_else(unless_it_needs_none);
        let Err(error) = synced else {
            continue;
        };
        for (entry, ended) in entries.iter().zip(written.iter_mut()) {
            if entry.is_some_and(|entry| folder_of(entry) == folder) {
                let error = io::Error::new(error.kind(), error.to_string());
                *ended = Some(Ended::Open(EditError::Unconfirmed(error).into()));
            }
        }
    }
}
