//! Settles what an interrupted run left: what was written whole is recorded as done, what was written in part is taken
//! back, and leftovers go. Doing it twice, or being interrupted in it, changes nothing about the end.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::pieces::compare::read_exact_at;
use crate::pieces::{Pieces, PiecesView};
use crate::platform::{self, Identity, Lock};
use crate::source::{Links, ReadAt, ReadError, SourceFile};

use super::check::check;
use super::faults::{Faults, NoFaults};
use super::in_place;
use super::journal::{Journal, JournalError, Recorded, Settled, Way};

/// A disk writes these whole or not at all.
const SECTOR: u64 = 512;

/// What was done about one interrupted edit.
#[derive(Debug)]
pub struct Recovered {
    pub path: PathBuf,
    pub ending: Ending,
}

/// How an interrupted edit ended.
#[derive(Debug)]
pub enum Ending {
    /// The new file had been written whole.
    Finished,
    /// The file is the old one, byte for byte.
    TakenBack,
    /// The file is neither the old nor the new one, or gone: another program was there since. It was left as it is.
    Foreign,
    /// It could not be looked at or repaired; the next recovery tries again.
    Left(io::Error),
}

/// Settles every interrupted edit that the journal of a state folder knows. Files that a running process holds are
/// passed over.
pub fn recover(state_folder: &Path) -> Result<Vec<Recovered>, JournalError> {
    recover_all(&mut Journal::open(state_folder)?, &NoFaults)
}

pub(super) fn recover_all(journal: &mut Journal, faults: &dyn Faults) -> Result<Vec<Recovered>, JournalError> {
    let mut recovered = Vec::new();
    for id in journal.unsettled()? {
        // Another process may have settled it meanwhile.
        let Some(recorded) = journal.edit(id)? else {
            continue;
        };
        let Some(way) = &recorded.way else {
            continue;
        };
        let looked = match way {
            Way::InPlace { old, edit } => look_in_place(&recorded, old, edit, faults),
            Way::NewFile { temporary } => look_at_new_file(&recorded, temporary, faults),
        };
        let ending = match looked {
            Ok(Looked::Running) => continue,
            Ok(Looked::Settled(settled, file)) => {
                journal.settle(&[(id, settled)])?;
                // The lock goes only after that.
                drop(file);
                match settled {
                    Settled::Done { .. } => Ending::Finished,
                    Settled::RolledBack => Ending::TakenBack,
                    Settled::Abandoned => Ending::Foreign,
                }
            }
            Err(error) => Ending::Left(error),
        };
        recovered.push(Recovered {
            path: recorded.path,
            ending,
        });
    }
    Ok(recovered)
}

enum Looked {
    /// A running process holds the file.
    Running,
    /// With the file, which holds the lock.
    Settled(Settled, Option<SourceFile>),
}

/// What stands at the path of an interrupted edit.
enum Found {
    File(SourceFile),
    Running,
    /// Nothing, or nothing that is a file, in a folder that is there.
    Gone,
}

fn find(path: &Path) -> io::Result<Found> {
    // Between opening and locking, the process that holds the file may rename a new one over it and die. What is
    // judged must be what the name leads to, so look again then.
    const TRIES: u32 = 100;
    for _ in 0..TRIES {
        let file = match SourceFile::open(path, Links::Refuse) {
            Ok(file) => file,
            Err(ReadError::NotRegular) => return Ok(Found::Gone),
            Err(ReadError::Open(error)) if is_gone(&error, path) => return Ok(Found::Gone),
            Err(ReadError::Open(error) | ReadError::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error)),
        };
        match platform::lock(file.file())? {
            Lock::HeldByAnother => return Ok(Found::Running),
            Lock::Held if leads_to(path, &file) => return Ok(Found::File(file)),
            Lock::Held => {}
        }
    }
    Err(io::Error::other("other files keep taking its place"))
}

/// Whether the file that stands at a path now is this open one, whatever was written to it.
fn leads_to(path: &Path, file: &SourceFile) -> bool {
    let open = Identity::of(file.metadata());
    Identity::at(path).is_ok_and(|named| (named.device, named.inode) == (open.device, open.inode))
}

/// A whole folder that is missing may be a disk that is not plugged in; then the edit waits for it. A link or a socket,
/// which cannot be opened as a file, is not what was edited: another program has put it there.
fn is_gone(error: &io::Error, path: &Path) -> bool {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => !metadata.is_file(),
        Err(_) => error.kind() == io::ErrorKind::NotFound && path.parent().is_some_and(Path::is_dir),
    }
}

fn look_in_place(recorded: &Recorded, old: &Pieces, edit: &Pieces, faults: &dyn Faults) -> io::Result<Looked> {
    let file = match find(&recorded.path)? {
        Found::Running => return Ok(Looked::Running),
        Found::Gone => return Ok(Looked::Settled(Settled::Abandoned, None)),
        Found::File(file) => file,
    };
    if file.len() != recorded.before.len {
        return Ok(Looked::Settled(Settled::Abandoned, Some(file)));
    }
    let settled = match window_state(&file, old, &new_windows(&file, old, edit)?)? {
        WindowState::New => {
            faults.step("recover: sync")?;
            // The process may have died before its own sync.
            file.file().sync_all()?;
            Settled::Done {
                modified: Identity::of(&file.file().metadata()?).modified,
            }
        }
        WindowState::Old => Settled::RolledBack,
        WindowState::Torn => {
            put_old_back(recorded, &file, old, faults)?;
            Settled::RolledBack
        }
        WindowState::Foreign => Settled::Abandoned,
    };
    Ok(Looked::Settled(settled, Some(file)))
}

fn put_old_back(recorded: &Recorded, locked: &SourceFile, old: &Pieces, faults: &dyn Faults) -> io::Result<()> {
    faults.step("recover: open")?;
    let file = platform::open_to_write(&recorded.path)?;
    let (opened, judged) = (Identity::of(&file.metadata()?), Identity::of(locked.metadata()));
    if (opened.device, opened.inode) != (judged.device, judged.inode) {
        return Err(io::Error::other("another file has just taken its place"));
    }
    in_place::put(&file, old, faults)?;
    faults.step("recover: sync")?;
    file.sync_data()?;
    in_place::read_back(&file, old)?;
    // The file is as if it had never been touched.
    if let Some(modified) = moment(recorded.before.modified) {
        file.set_modified(modified)?;
    }
    file.sync_all()
}

fn moment(nanoseconds: i64) -> Option<SystemTime> {
    let since = Duration::from_nanos(nanoseconds.unsigned_abs());
    if nanoseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(since)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(since)
    }
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

/// The windows of `old` with the bytes that the edit puts there. With the old bytes laid over it, the file reads as it
/// did before, whatever of the windows had been written.
fn new_windows(file: &SourceFile, old: &Pieces, edit: &Pieces) -> io::Result<Pieces> {
    let before = PiecesView { old: file, pieces: old };
    let windows: Vec<Range<u64>> = old.patches().iter().map(|patch| patch.at.clone()).collect();
    edit.flattened(&before, &windows)
}

/// `old` and `new` replace the same ranges, each by as many bytes.
fn window_state(file: &SourceFile, old: &Pieces, new: &Pieces) -> io::Result<WindowState> {
    let (mut all_old, mut all_new) = (true, true);
    let mut now = Vec::new();
    for (old, new) in old.patches().iter().zip(new.patches()) {
        now.resize(old.bytes.len(), 0);
        read_exact_at(file, &mut now, old.at.start)?;
        for sector in sectors(&old.at) {
            let now = &now[sector.clone()];
            let is_old = old.bytes.get(sector.clone()) == Some(now);
            let is_new = new.bytes.get(sector) == Some(now);
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

/// A range cut at sector boundaries of the file, as ranges from its own start.
fn sectors(range: &Range<u64>) -> impl Iterator<Item = Range<usize>> {
    let Range { start, end } = *range;
    let cuts = (start / SECTOR + 1..=end / SECTOR).map(|sector| sector * SECTOR);
    let starts = std::iter::once(start).chain(cuts.clone());
    let ends = cuts.chain([end]);
    starts
        .zip(ends)
        .filter(|(from, to)| from < to)
        .map(move |(from, to)| (from - start) as usize..(to - start) as usize)
}

fn look_at_new_file(recorded: &Recorded, temporary: &Path, faults: &dyn Faults) -> io::Result<Looked> {
    let file = match find(&recorded.path)? {
        Found::Running => return Ok(Looked::Running),
        Found::Gone => None,
        Found::File(file) => Some(file),
    };
    let is_new = match &file {
        Some(file) => file.len() == recorded.len_after && check(file, &recorded.inverse)? == recorded.check_after,
        None => false,
    };
    // The name is ours alone: it is random, and was made only if nothing had it.
    faults.step("recover: remove")?;
    match platform::remove_file(temporary) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    faults.step("recover: sync the folder")?;
    if let Some(folder) = recorded.path.parent() {
        platform::sync_folder(folder)?;
    }
    let settled = match &file {
        Some(file) if is_new => {
            file.file().sync_all()?;
            Settled::Done {
                modified: Identity::of(&file.file().metadata()?).modified,
            }
        }
        Some(file) if file.len() == recorded.before.len => Settled::RolledBack,
        Some(_) | None => Settled::Abandoned,
    };
    Ok(Looked::Settled(settled, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_at_the_sectors_of_the_file() {
        let check = |range: Range<u64>, ends: &[usize]| {
            let cut: Vec<Range<usize>> = sectors(&range).collect();
            assert_eq!(
                cut.iter().map(|sector| sector.end).collect::<Vec<_>>(),
                ends,
                "{range:?}"
            );
            assert_eq!(cut[0].start, 0);
            assert!(cut.windows(2).all(|pair| pair[0].end == pair[1].start));
        };
        check(10..20, &[10]);
        check(0..512, &[512]);
        check(500..530, &[12, 30]);
        check(512..1536, &[512, 1024]);
        check(511..1537, &[1, 513, 1025, 1026]);
    }
}
