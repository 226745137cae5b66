//! Settles what an interrupted run left: what was written whole is recorded as done, what was written in part is taken
//! back, and leftovers go. Doing it twice, or being interrupted in it, changes nothing about the end.

use std::fs::FileTimes;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::pieces::{Pieces, PiecesView, cut};
use crate::bytes::source::{ReadAt, ReadError, SourceFile};
use crate::system::platform::{self, Identity, Lock};

use super::entry::{Entry, RecentFolders};
use super::journal::at_work::Alone;
use super::journal::{IntendedMethod, Journal, JournalError, Left, Recorded, Settled};
use crate::edit::write::before::{Before, restore_times};
use crate::edit::write::commit::unless_it_needs_none;
use crate::edit::write::faults::{Faults, NoFaults};
use crate::edit::write::replace::is_temporary_of;
use crate::edit::write::staged::{left, modified_at, times_of};
use crate::prove::check::check;

/// A disk writes these whole or not at all.
const SECTOR: u64 = 512;

/// What was done about one interrupted edit.
#[derive(Debug)]
pub struct Recovered {
    pub path: PathBuf,
    pub ending: Resolution,
}

/// How an interrupted edit ended.
#[derive(Debug)]
pub enum Resolution {
    /// The new file had been written whole.
    Finished,
    /// The file is the old one, byte for byte, but for what another program may have written since.
    TakenBack { is_written_since: bool },
    /// The file is neither the old nor the new one, or gone: another program was there since. It was left as it is.
    Foreign,
    /// Another program has it locked; it is settled once that lets go.
    Held,
    /// It could not be looked at or repaired; the next recovery tries again.
    Left(io::Error),
}

/// Settles every interrupted edit that the journal of a state folder knows, but for those of files that are locked.
pub fn recover(state_folder: &Path) -> Result<Vec<Recovered>, JournalError> {
    recover_all(&mut Journal::open(state_folder)?, &NoFaults)
}

pub(super) fn recover_all(journal: &mut Journal, faults: &dyn Faults) -> Result<Vec<Recovered>, JournalError> {
    let alone = Alone::in_folder_of(journal);
    let folders = RecentFolders::default();
    let mut recovered = Vec::new();
    for id in journal.unsettled()? {
        // Another process may have settled it meanwhile.
        let Some(recorded) = journal.edit(id)? else {
            continue;
        };
        let Some(method) = &recorded.method else {
            continue;
        };
        let looked = match method {
            IntendedMethod::InPlace { windows, edit } => {
                look_in_place(journal, &folders, &recorded, windows, edit, &alone, faults)
            }
            IntendedMethod::NewFile { temporary } => look_at_new_file(&folders, &recorded, temporary, &alone, faults),
        };
        let ending = match looked {
            Ok(LookedAgain::Held) => Resolution::Held,
            Ok(LookedAgain::Settled(settled, file)) => {
                let is_written_since = file.as_ref().is_some_and(|file| is_written_since(&recorded, file));
                journal.settle(&[(id, settled)])?;
                // The lock goes only after that.
                drop(file);
                match settled {
                    Settled::Done(_) => Resolution::Finished,
                    Settled::RolledBack(_) => Resolution::TakenBack { is_written_since },
                    Settled::Abandoned => Resolution::Foreign,
                }
            }
            Err(error) => Resolution::Left(error),
        };
        recovered.push(Recovered {
            path: recorded.path,
            ending,
        });
    }
    Ok(recovered)
}

enum LookedAgain {
    /// Another program has the file locked.
    Held,
    /// With the file, which holds the lock.
    Settled(Settled, Option<Box<SourceFile>>),
}

/// What is at the path of an interrupted edit.
enum AtPath {
    File(SourceFile),
    Held,
    /// Nothing, or nothing that is a file, in a folder that is there.
    Gone,
}

fn find(entry: &Entry, alone: &Alone, faults: &dyn Faults) -> io::Result<AtPath> {
    // Between opening and locking, the process that holds the file may rename a new one over it and die. What is
    // judged must be what the name leads to, so look again then.
    const TRIES: u32 = 100;
    for _ in 0..TRIES {
        let mut file = match entry.open_to_read().map_err(ReadError::Open).and_then(SourceFile::of) {
            Ok(file) => file,
            Err(ReadError::NotRegular) => return Ok(AtPath::Gone),
            Err(ReadError::Open(error)) if is_gone(&error, entry.path()) => return Ok(AtPath::Gone),
            Err(ReadError::Open(error) | ReadError::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error)),
        };
        let lock = faults.step("recover: lock").and_then(|()| entry.lock(&mut file));
        match lock.or_else(platform::lock_unless)? {
            Lock::HeldByAnother => return Ok(AtPath::Held),
            // The edit may be one of a run that is at it.
            Lock::Unavailable if !alone.is_so()? => return Ok(AtPath::Held),
            Lock::Held | Lock::Unavailable if entry.leads_to(file.file()).unwrap_or(false) => {
                return Ok(AtPath::File(file));
            }
            Lock::Held | Lock::Unavailable => {}
        }
    }
    Err(io::Error::other("other files keep taking its place"))
}

/// A whole folder that is missing may be a disk that is not plugged in; then the edit waits for it. A link or a socket,
/// which cannot be opened as a file, is not what was edited: another program has put it there.
fn is_gone(error: &io::Error, path: &Path) -> bool {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => !metadata.is_file(),
        Err(_) => error.kind() == io::ErrorKind::NotFound && path.parent().is_some_and(Path::is_dir),
    }
}

fn look_in_place(
    journal: &Journal,
    folders: &RecentFolders,
    recorded: &Recorded,
    windows: &[Range<u64>],
    edit: &Pieces,
    alone: &Alone,
    faults: &dyn Faults,
) -> io::Result<LookedAgain> {
    let entry = folders.of_record(recorded)?;
    let file = match find(&entry, alone, faults)? {
        AtPath::Held => return Ok(LookedAgain::Held),
        AtPath::Gone => return Ok(LookedAgain::Settled(Settled::Abandoned, None)),
        AtPath::File(file) => file,
    };
    if file.len() != recorded.before.len {
        return Ok(LookedAgain::Settled(Settled::Abandoned, Some(Box::new(file))));
    }
    let before = Before::new(&file, journal, recorded.id, windows);
    let settled = match window_state(&before, edit)? {
        WindowState::New => {
            faults.step("recover: sync")?;
            // The process may have died before its own sync.
            match recorded.modified_wanted.and_then(modified_at) {
                Some(times) if !is_written_since(recorded, &file) => restore_times(file.file(), times)?,
                Some(_) | None => file.file().sync_all()?,
            }
            Settled::Done(left(file.file())?)
        }
        WindowState::Old => Settled::RolledBack(None),
        WindowState::Torn if is_the_edited_one(recorded, &file) => {
            Settled::RolledBack(Some(put_old_back(&entry, recorded, &before, faults)?))
        }
        WindowState::Torn | WindowState::Foreign => Settled::Abandoned,
    };
    Ok(LookedAgain::Settled(settled, Some(Box::new(file))))
}

/// Whether another program wrote the file after the interrupted edit, which takes seconds.
fn is_written_since(recorded: &Recorded, file: &SourceFile) -> bool {
    const LONGEST: i64 = 60_000_000_000;
    let modified = Identity::of(file.metadata()).modified;
    let begun = recorded.begun.map(|begun| begun.saturating_add(LONGEST));
    modified != recorded.before.modified && begun.is_some_and(|begun| modified > begun)
}

/// Whether a file is the very one that was edited. What is written to it comes from the journal, and whoever made the
/// file chose what the edit made of it: in any other file that may be somebody else's content.
fn is_the_edited_one(recorded: &Recorded, file: &SourceFile) -> bool {
    let now = Identity::of(file.metadata());
    let is_device = now.device == recorded.before.device || recorded.is_of_earlier_start;
    is_device && now.inode == recorded.before.inode
}

fn put_old_back(entry: &Entry, recorded: &Recorded, before: &Before, faults: &dyn Faults) -> io::Result<Left> {
    faults.step("recover: open")?;
    let (file, _) = entry.open_to_write(before.file.file())?;
    before.put_back(&file, faults)?;
    // The file is as if it had never been touched. What another program wrote must not look so.
    let times = match is_written_since(recorded, before.file) {
        true => FileTimes::new(),
        false => modified_at(recorded.before.modified).unwrap_or_default(),
    };
    restore_times(&file, times)?;
    times_of(&file)
}

/// What a window of a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WindowState {
    Old,
    New,
    /// Some sectors are old and some new.
    Torn,
    /// At least one sector is neither: no write of ours leaves that.
    Foreign,
}

/// How much of a window is looked at at once: whole sectors.
const PART: u64 = 64 * 1024;

/// Compares the windows, sector by sector, with what stood there and with what `edit` makes of it.
fn window_state(before: &Before, edit: &Pieces) -> io::Result<WindowState> {
    let after = PiecesView {
        old: before,
        pieces: edit,
    };
    let (mut all_old, mut all_new) = (true, true);
    let [mut now, mut old, mut new] = [const { Vec::new() }; 3];
    for part in before.windows.iter().flat_map(|window| cut(window, PART)) {
        for (bytes, from) in [
            (&mut now, before.file as &dyn ReadAt),
            (&mut old, before),
            (&mut new, &after),
        ] {
            bytes.resize((part.end - part.start) as usize, 0);
            read_exact_at(from, bytes, part.start)?;
        }
        for sector in cut(&part, SECTOR) {
            let sector = (sector.start - part.start) as usize..(sector.end - part.start) as usize;
            let is_old = old[sector.clone()] == now[sector.clone()];
            let is_new = new[sector.clone()] == now[sector];
            if !is_old && !is_new {
                return Ok(WindowState::Foreign);
            }
            all_old &= is_old;
            all_new &= is_new;
        }
    }
    Ok(match (all_old, all_new) {
        (_, true) => WindowState::New,
        (true, false) => WindowState::Old,
        (false, false) => WindowState::Torn,
    })
}

fn look_at_new_file(
    folders: &RecentFolders,
    recorded: &Recorded,
    temporary: &Path,
    alone: &Alone,
    faults: &dyn Faults,
) -> io::Result<LookedAgain> {
    let entry = folders.of_record(recorded)?;
    let file = match find(&entry, alone, faults)? {
        AtPath::Held => return Ok(LookedAgain::Held),
        AtPath::Gone => None,
        AtPath::File(file) => Some(file),
    };
    let is_new = match &file {
        Some(file) => file.len() == recorded.len_after && check(file, &recorded.inverse)? == recorded.check_after,
        None => false,
    };
    faults.step("recover: remove")?;
    // Then the name is ours alone: it is random, and was made only if nothing had it.
    if is_temporary_of(temporary, &recorded.path) {
        entry.remove_beside(temporary)?;
    }
    let synced = faults.step("recover: sync the folder");
    synced
        .and_then(|()| entry.sync_folder())
        .or_else(unless_it_needs_none)?;
    let settled = match &file {
        Some(file) if is_new => {
            file.file().sync_all()?;
            Settled::Done(left(file.file())?)
        }
        Some(file) if file.len() == recorded.before.len => Settled::RolledBack(None),
        Some(_) | None => Settled::Abandoned,
    };
    Ok(LookedAgain::Settled(settled, file.map(Box::new)))
}
