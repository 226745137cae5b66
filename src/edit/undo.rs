//! Takes a run back, byte for byte: the recorded inverse pieces are written as any edit is.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::bytes::source::{ReadAt, ReadError, with_causes};
use crate::system::platform::{self, Identity};

use super::cache::Cached;
use super::entry::RecentFolders;
use super::journal::{EditId, Journal, JournalError, Left, LoggedStep, Recorded, RunId};
use super::patience::PatienceLeft;
use super::prepare::{Hold, Ready, choose_method, open};
use super::session::{OPEN_OF_EDIT, Session};
use super::{EditError, InPlace, LOCKED, NotWritten, Outcome, refused};
use crate::edit::write::staged::whole;
use crate::prove::check::check;
use crate::prove::prove_inverse;

/// How many edits are taken back together.
const WAVE: usize = 64;

/// What became of one file of the run.
#[derive(Debug)]
pub struct Undone {
    pub path: PathBuf,
    /// What was in its places since the run, and what is again.
    pub steps: Vec<LoggedStep>,
    pub outcome: Outcome,
    /// What could not be made sure of.
    pub note: Note,
}

pub type Note = Option<&'static str>;

const UNCOMPARED: &str = "what the run changed is as it was before; whether the rest was changed since cannot be told";

/// What becomes of a file of which nobody knows whether it was changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    Refuse,
    TakeBack,
}

impl Session {
    /// Takes back a run, or the last one that can be, last edit first. `tell` hears of every file in that order. The
    /// run that was taken back is returned.
    pub fn undo(
        &mut self,
        run: Option<RunId>,
        doubtful: Doubtful,
        stop: &AtomicBool,
        tell: &mut dyn FnMut(Undone),
    ) -> Result<RunId, JournalError> {
        let run = chosen(&self.journal, run)?;
        self.run.undoes = Some(run);
        let ids = self.journal.to_undo(run)?;
        let how = How {
            in_place: self.options.in_place,
            hold: Hold::Lock,
            doubtful,
            folders: &RecentFolders::default(),
        };
        let mut patience = PatienceLeft::default();
        let mut rest = ids.as_slice();
        while !rest.is_empty() && !stop.load(Ordering::Relaxed) {
            let wave = next_wave(&self.journal, rest)?;
            rest = &rest[wave.len()..];
            let mut undone = Vec::new();
            let ended = self.undo_wave(wave, how, &mut patience, stop, &mut undone);
            undone.into_iter().for_each(&mut *tell);
            ended?;
        }
        for id in rest {
            if let Some(recorded) = self.journal.edit(*id)? {
                tell(Undone {
                    path: recorded.path,
                    steps: Vec::new(),
                    outcome: Outcome::NotReached,
                    note: None,
                });
            }
        }
        Ok(run)
    }

    /// What became of each edit of a wave goes to `undone`, also where an error of the journal ends it.
    fn undo_wave(
        &mut self,
        wave: Vec<Recorded>,
        how: How,
        patience: &mut PatienceLeft,
        stop: &AtomicBool,
        undone: &mut Vec<Undone>,
    ) -> Result<(), JournalError> {
        let (mut indices, mut ready, mut held) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (path, steps, prepared)) in prepare_all(&self.journal, wave, how)?.into_iter().enumerate() {
            let (outcome, note) = match prepared {
                Ok(PreparedUndo::Ready(one, note)) => {
                    indices.push(index);
                    ready.push(*one);
                    (Outcome::NotReached, note)
                }
                Ok(PreparedUndo::Held(recorded)) => {
                    held.push((index, recorded));
                    (Outcome::NotReached, None)
                }
                Err(not_written) => (not_written.into(), None),
            };
            undone.push(Undone {
                path,
                steps,
                outcome,
                note,
            });
        }
        for (index, result) in indices.into_iter().zip(self.commit_all(ready)?) {
            undone[index].outcome = outcome_of(result);
        }
        // Before the next wave, which may hold an earlier edit of the same file.
        for (index, recorded) in held {
            let later = self.journal.later_run(recorded.id)?;
            match prepare(*recorded, later, how, Some((&mut *patience, stop))) {
                Ok(PreparedUndo::Ready(one, note)) => {
                    for result in self.commit_all(vec![*one])? {
                        undone[index].outcome = outcome_of(result);
                    }
                    undone[index].note = note;
                }
                Ok(PreparedUndo::Held(_)) => undone[index].outcome = refused(LOCKED).into(),
                Err(not_written) => undone[index].outcome = not_written.into(),
            }
        }
        Ok(())
    }
}

fn outcome_of(result: Result<(), NotWritten>) -> Outcome {
    result.map_or_else(Outcome::from, |()| Outcome::Written)
}

/// What [`Session::undo`] would do. Nothing is written but, where there was none, an empty journal.
pub fn preview_undo(
    journal: &Journal,
    run: Option<RunId>,
    in_place: InPlace,
    doubtful: Doubtful,
    tell: &mut dyn FnMut(Undone),
) -> Result<RunId, JournalError> {
    let run = chosen(journal, run)?;
    let ids = journal.to_undo(run)?;
    let how = How {
        in_place,
        hold: Hold::Look,
        doubtful,
        folders: &RecentFolders::default(),
    };
    let mut rest = ids.as_slice();
    while !rest.is_empty() {
        let wave = next_wave(journal, rest)?;
        rest = &rest[wave.len()..];
        for (path, steps, prepared) in prepare_all(journal, wave, how)? {
            let (outcome, note) = match prepared {
                Ok(PreparedUndo::Ready(_, note)) => (Outcome::Planned, note),
                Ok(PreparedUndo::Held(_)) => (refused(LOCKED).into(), None),
                Err(not_written) => (not_written.into(), None),
            };
            tell(Undone {
                path,
                steps,
                outcome,
                note,
            });
        }
    }
    Ok(run)
}

fn chosen(journal: &Journal, run: Option<RunId>) -> Result<RunId, JournalError> {
    match run {
        None => journal.last_undoable(),
        Some(run) => journal.check_undoable(run).map(|()| run),
    }
}

/// The next edits, up to a second one of the same file: that one must find the first taken back.
fn next_wave(journal: &Journal, ids: &[EditId]) -> Result<Vec<Recorded>, JournalError> {
    // One wave is in the works.
    let most_open = (platform::open_files() / OPEN_OF_EDIT).max(1);
    let (mut paths, mut inodes) = (HashSet::new(), HashSet::new());
    let mut wave = Vec::new();
    for id in ids.iter().take(WAVE.min(most_open)) {
        let Some(recorded) = journal.edit(*id)? else {
            return Err(JournalError::NothingToUndo);
        };
        let inode = (recorded.before.device, recorded.before.inode);
        let is_first = paths.insert(recorded.path.clone()) && (inode.1 == 0 || inodes.insert(inode));
        if !is_first {
            break;
        }
        wave.push(recorded);
    }
    Ok(wave)
}

/// How all edits of a run are taken back.
#[derive(Clone, Copy)]
struct How<'a> {
    in_place: InPlace,
    hold: Hold,
    doubtful: Doubtful,
    folders: &'a RecentFolders,
}

enum PreparedUndo {
    Ready(Box<Ready>, Note),
    /// Another run holds the file.
    Held(Box<Recorded>),
}

type PreparedAt = (PathBuf, Vec<LoggedStep>, Result<PreparedUndo, NotWritten>);

/// Waits for no file: the others of the wave are held meanwhile.
fn prepare_all(journal: &Journal, wave: Vec<Recorded>, how: How) -> Result<Vec<PreparedAt>, JournalError> {
    let with_later: Result<Vec<_>, JournalError> = wave
        .into_iter()
        .map(|recorded| Ok((journal.later_run(recorded.id)?, recorded)))
        .collect();
    let prepare_one = |(later, mut recorded): (Option<RunId>, Recorded)| {
        let path = recorded.path.clone();
        let steps = std::mem::take(&mut recorded.steps);
        let back = steps.into_iter().map(|(place, before, after)| (place, after, before));
        (path, back.collect(), prepare(recorded, later, how, None))
    };
    Ok(with_later?.into_par_iter().map(prepare_one).collect())
}

fn prepare(
    recorded: Recorded,
    later: Option<RunId>,
    how: How,
    waiting: Option<(&mut PatienceLeft, &AtomicBool)>,
) -> Result<PreparedUndo, NotWritten> {
    let How {
        in_place,
        hold,
        doubtful,
        folders,
    } = how;
    if let Some(later) = later {
        return Err(refused(format!(
            "run {later} has edited the file since; undo that run first"
        )));
    }
    let entry = folders.of_record(&recorded);
    let entry = entry.map_err(|error| EditError::Read(ReadError::Open(error)))?;
    let once = || open(&entry, hold).transpose();
    let opened = match waiting {
        Some((patience, stop)) => patience.wait(stop, once),
        None => once(),
    };
    let Some((file, lock, identity)) = opened.transpose()? else {
        return Ok(PreparedUndo::Held(Box::new(recorded)));
    };
    let cached = Cached::new(&file);
    let note = match (since(&recorded, &file, &identity)?, doubtful) {
        (SinceEdit::AsLeft, _) => None,
        (SinceEdit::Changed, _) => return Err(refused("the file has changed since")),
        (SinceEdit::Touched, Doubtful::Refuse) => {
            return Err(refused(
                "the file may have changed since: its time of change is another; --touched takes back what the run changed in it",
            ));
        }
        (SinceEdit::Touched, Doubtful::TakeBack) | (SinceEdit::Unrecorded, _) => Some(UNCOMPARED),
    };
    let proved = prove_inverse(&cached, recorded.inverse, recorded.check_before)
        .map_err(|unproved| refused(with_causes(&unproved)))?;
    let method = choose_method(&file, &cached, entry.path(), proved.pieces(), in_place)?;
    let ready = Ready {
        entry,
        file,
        lock,
        identity,
        proved,
        method,
        undoes: Some(recorded.id),
        modified_wanted: Some(recorded.before.modified),
        steps: None,
        kept: None,
    };
    Ok(PreparedUndo::Ready(Box::new(ready), note))
}

/// What is known of a file since the edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SinceEdit {
    /// Nobody has written it.
    AsLeft,
    Changed,
    /// It is as long as it was left, has its modification time, and is as it was left where the edit changed it. Its time
    /// of change is another: somebody has changed its mode or its name, or its content and has put the time back.
    Touched,
    /// As before, but no time of change was recorded: the edit is an earlier version's.
    Unrecorded,
}

fn since(recorded: &Recorded, file: &dyn ReadAt, now: &Identity) -> Result<SinceEdit, NotWritten> {
    let before = &recorded.before;
    // A power failure may have kept the content, which is synced, and lost the new times, which are not.
    let is_lost = (before.modified, before.changed) == (now.modified, now.changed);
    let times = [recorded.left.map(|left| left.modified), Some(before.modified)];
    let is_time = times
        .into_iter()
        .flatten()
        .any(|time| is_same_moment(time, now.modified));
    if file.len() != recorded.len_after || !is_time {
        return Ok(SinceEdit::Changed);
    }
    let unreadable = |error| EditError::Read(ReadError::Io(error));
    if check(file, &recorded.inverse).map_err(unreadable)? != recorded.check_after {
        return Ok(SinceEdit::Changed);
    }
    Ok(match recorded.left {
        Some(Left { whole: Some(left), .. }) if whole(file).map_err(unreadable)? == left => SinceEdit::AsLeft,
        Some(Left { whole: Some(_), .. }) => SinceEdit::Changed,
        Some(Left {
            changed: Some(left), ..
        }) if left == now.changed || is_lost => SinceEdit::AsLeft,
        Some(Left { changed: Some(_), .. }) => SinceEdit::Touched,
        Some(Left { changed: None, .. }) | None => SinceEdit::Unrecorded,
    })
}

/// Some file systems keep times by 2 s (FAT), 1 s (HFS+) or 10 ms (exFAT), which shows once they are mounted anew.
fn is_same_moment(recorded: i64, now: i64) -> bool {
    const COARSE: [i64; 3] = [2_000_000_000, 1_000_000_000, 10_000_000];
    let is_rounded = |step: i64| now % step == 0 && recorded.abs_diff(now) < step.unsigned_abs();
    recorded == now || COARSE.into_iter().any(is_rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_a_file_system_rounds_are_the_same_moment() {
        let check = |recorded, now, same| assert_eq!(is_same_moment(recorded, now), same, "{recorded} {now}");
        check(5_123_456_789, 5_123_456_789, true);
        check(5_123_456_789, 5_120_000_000, true);
        check(5_123_456_789, 5_000_000_000, true);
        check(5_123_456_789, 4_000_000_000, true);
        check(5_123_456_789, 6_000_000_000, true);
        check(5_123_456_789, 5_123_456_788, false);
        check(5_123_456_789, 3_000_000_000, false);
        check(5_123_456_789, 8_000_000_000, false);
    }
}
