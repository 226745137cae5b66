//! The journal: what runs were about to do to which files, and what it takes to undo it.
//!
//! An SQLite database in the state folder. An intent is on stable storage before its file is touched; how it ended is
//! recorded after. Invariant: a journal that is damaged, of another program or of a newer version is reported and
//! left exactly as it is.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Params, params};

use crate::bytes::pieces::{Pieces, PiecesError};
use crate::bytes::source::ReadAt;
use crate::isrc::Isrc;
use crate::plan;
use crate::prove::kept::Kept;
use crate::system::database::{Database, DatabaseError, Fault};
use crate::system::platform::{Identity, path_from_bytes};

pub(in crate::edit) mod at_work;
mod opening;
mod rows;

use at_work::AtWork;
pub use rows::{EditState, LoggedEdit, LoggedStep};
use rows::{RecordError, insert_intent, insert_run, logged, recorded, settle_one};

/// The journal's file in the state folder.
pub const FILE_NAME: &str = "journal.sqlite";

/// Why the journal cannot be used. Nothing was edited.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("cannot start threads to write with")]
    Threads(#[source] io::Error),
    #[error("there is no run {0} that can be taken back\nhint: isrctag log lists the runs, and which were taken back")]
    NoSuchRun(RunId),
    #[error("there is no run that can be taken back")]
    NothingToUndo,
}

/// A run's number, as shown by `log`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EditId(i64);

/// One run, for `log`. Moments are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRun {
    pub id: RunId,
    pub started: i64,
    /// None when the run was interrupted.
    pub finished: Option<i64>,
    pub command: String,
    /// The run that this one took back.
    pub undoes: Option<RunId>,
    /// Files whose edit stands and can be taken back.
    pub done: u64,
    /// Files whose edit was taken back.
    pub undone: u64,
    /// Files that an interruption left, which `recover` settles.
    pub unsettled: u64,
}

/// How the new content gets into the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IntendedMethod {
    /// These windows of the file are written; their old bytes are saved with the intent. `edit` leads from the old file
    /// to the new one: with the old bytes it tells the new ones, so that a picture that moves is recorded once.
    InPlace { windows: Vec<Range<u64>>, edit: Pieces },
    /// A new file of this name beside the old one, renamed over it.
    NewFile { temporary: PathBuf },
}

/// What is recorded of an edit before it is carried out.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub undoes: Option<EditId>,
    pub path: PathBuf,
    pub before: Identity,
    pub check_before: u64,
    pub len_after: u64,
    pub check_after: u64,
    pub inverse: Pieces,
    pub method: IntendedMethod,
    /// What the modification time is to be; none where it is that of the edit.
    pub modified_wanted: Option<i64>,
    /// The places before and after; none where they are those of `undoes`, the other way round.
    pub steps: Option<Vec<plan::Step>>,
    pub kept: Option<Kept>,
}

/// The state in which an edit leaves a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub modified: i64,
    /// None of what an earlier version recorded.
    pub changed: Option<i64>,
    /// A checksum of all of it, where its time of change tells nothing.
    pub whole: Option<blake3::Hash>,
}

/// A recorded edit. `way` is None once it is settled.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub id: EditId,
    pub path: PathBuf,
    pub before: Identity,
    pub check_before: u64,
    pub len_after: u64,
    /// None until it is settled.
    pub left: Option<Left>,
    /// When it was recorded, until it is settled. None of what an earlier version recorded.
    pub begun: Option<i64>,
    pub modified_wanted: Option<i64>,
    pub check_after: u64,
    pub inverse: Pieces,
    pub method: Option<IntendedMethod>,
    /// Whether the folders of its path were no links: earlier versions did not see to that.
    pub is_resolved: bool,
    /// Whether the machine was started anew since.
    pub is_of_earlier_start: bool,
    /// What was in its places before and after; nothing of what an earlier version recorded.
    pub steps: Vec<LoggedStep>,
}

/// How an edit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// The file is the new one.
    Done(Left),
    /// The file is the old one. It was written to and has these times if its old bytes had to be put back.
    RolledBack(Option<Left>),
    /// The file is neither: another program has written it since.
    Abandoned,
}

/// The open journal.
#[derive(Debug)]
pub struct Journal {
    database: Database,
    /// From the first intent on.
    at_work: Option<AtWork>,
}

impl Journal {
    fn failed(&self, error: rusqlite::Error) -> JournalError {
        self.database.failed(error).into()
    }

    /// The state folder.
    fn folder(&self) -> &Path {
        self.database.path().parent().unwrap_or(Path::new("."))
    }

    /// What a disk's error means for the journal.
    pub(super) fn cannot_write(&self, error: io::Error) -> JournalError {
        self.database.fault(Fault::Open(error)).into()
    }

    /// Records intents, with the old bytes of the windows of each one's file, all of them on stable storage when this
    /// returns. The run is recorded with its first intent. An intent whose file cannot be read is not recorded.
    pub(super) fn intend(
        &mut self,
        run: &mut NewRun,
        intents: &[(&Intent, &dyn ReadAt)],
    ) -> Result<Vec<io::Result<EditId>>, JournalError> {
        if self.at_work.is_none() {
            self.at_work = Some(AtWork::in_folder(self.folder()).map_err(|error| self.cannot_write(error))?);
        }
        self.set_synchronous("FULL")?;
        let (id, ids) = self.database.in_transaction(|transaction| {
            let id = match run.id {
                Some(id) => id,
                None => insert_run(transaction, run)?,
            };
            let ids: rusqlite::Result<Vec<io::Result<EditId>>> = intents
                .iter()
                .map(|(intent, file)| insert_intent(transaction, id, intent, *file))
                .collect();
            Ok(Ok::<_, JournalError>((id, ids?)))
        })?;
        run.id = Some(id);
        Ok(ids)
    }

    /// Records how edits ended. It need not be on stable storage at once: lost, it is found out again by recovery, and
    /// the next intent takes it along.
    pub(super) fn settle(&mut self, settled: &[(EditId, Settled)]) -> Result<(), JournalError> {
        self.set_synchronous("NORMAL")?;
        self.database.in_transaction(|transaction| {
            for (id, settled) in settled {
                settle_one(transaction, *id, *settled)?;
            }
            Ok(Ok(()))
        })
    }

    pub(super) fn finish(&mut self, run: &NewRun) -> Result<(), JournalError> {
        let Some(RunId(id)) = run.id else {
            return Ok(());
        };
        self.set_synchronous("FULL")?;
        self.database.in_transaction(|transaction| {
            let finish = "UPDATE runs SET finished = ? WHERE id = ?";
            transaction.execute(finish, params![seconds_now(), id]).map(|_| Ok(()))
        })
    }

    fn set_synchronous(&self, level: &str) -> Result<(), JournalError> {
        let set = self.database.pragma_update(None, "synchronous", level);
        set.map_err(|error| self.failed(error))
    }

    /// All runs that edited something, oldest first.
    pub fn runs(&self) -> Result<Vec<LoggedRun>, JournalError> {
        let query = "SELECT runs.id, started, finished, command, runs.undoes,
                count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'undone'),
                count(*) FILTER (WHERE state = 'intent')
            FROM runs JOIN edits ON edits.run = runs.id GROUP BY runs.id ORDER BY runs.id";
        self.database.rows(query, [], |row| {
            Ok(LoggedRun {
                id: RunId(row.get(0)?),
                started: row.get(1)?,
                finished: row.get(2)?,
                command: row.get(3)?,
                undoes: row.get::<_, Option<i64>>(4)?.map(RunId),
                done: row.get::<_, i64>(5)?.cast_unsigned(),
                undone: row.get::<_, i64>(6)?.cast_unsigned(),
                unsettled: row.get::<_, i64>(7)?.cast_unsigned(),
            })
        })
    }

    /// The edits of a run in their order; none if there is no such run.
    pub fn run(&self, run: RunId) -> Result<Vec<LoggedEdit>, JournalError> {
        let query =
            "SELECT edits.path, edits.state, coalesce(edits.steps, undone.steps), edits.undoes, edits.len_before,
                edits.len_after, edits.mtime_before, edits.mtime_after, edits.check_before, edits.check_after,
                edits.whole_after, edits.inverse, edits.kept
            FROM edits LEFT JOIN edits AS undone ON undone.id = edits.undoes WHERE edits.run = ? ORDER BY edits.id";
        let edits = self.database.rows(query, [run.0], |row| Ok(logged(row)));
        let edits = edits.map_err(JournalError::Database)?.into_iter();
        edits.map(|edit| edit.map_err(|error| self.unreadable(error))).collect()
    }

    /// The codes beginning with this prefix code that edits which stand wrote, each with its file.
    pub fn written_with(&self, prefix: &str) -> Result<Vec<(PathBuf, Isrc)>, JournalError> {
        let query = "SELECT path, steps FROM edits WHERE state = 'done' AND steps LIKE '%\"' || ?1 || '%'";
        let edits: Result<Vec<_>, JournalError> = self.database.rows(query, [prefix], |row| {
            let (path, steps) = (row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?);
            let steps: Vec<LoggedStep> = serde_json::from_str(&steps).unwrap_or_default();
            Ok((path_from_bytes(&path), steps))
        });
        let code =
            |(_, _, after): LoggedStep| Isrc::from_stored(&after?).filter(|isrc| isrc.as_str().starts_with(prefix));
        let mut written = BTreeSet::new();
        for (path, steps) in edits? {
            let codes = steps.into_iter().filter_map(code);
            written.extend(codes.filter_map(|isrc| Some((path.clone()?, isrc))));
        }
        Ok(written.into_iter().collect())
    }

    /// The edits that an interruption left, in the order in which they were recorded.
    pub(super) fn unsettled(&self) -> Result<Vec<EditId>, JournalError> {
        let query = "SELECT id FROM edits WHERE state = 'intent' ORDER BY id";
        self.database.rows(query, [], |row| row.get(0).map(EditId))
    }

    /// The edits of a run that stand, last one first.
    pub(super) fn to_undo(&self, run: RunId) -> Result<Vec<EditId>, JournalError> {
        let query = "SELECT id FROM edits WHERE run = ?1 AND state = 'done' ORDER BY id DESC";
        self.database.rows(query, [run.0], |row| row.get(0).map(EditId))
    }

    /// None when the edit is gone from the journal.
    pub(super) fn edit(&self, id: EditId) -> Result<Option<Recorded>, JournalError> {
        let query = "SELECT edits.id, path, device, inode, len_before, mtime_before, check_before, len_after,
            mtime_after, check_after, inverse, edit, temporary, ctime_before, ctime_after, whole_after, mtime_wanted, boot,
            state = 'intent', steps
            FROM edits JOIN runs ON runs.id = run WHERE edits.id = ?";
        let recorded = self.database.row(query, [id.0], |row| Ok(recorded(row)));
        let Some(recorded) = recorded.map_err(JournalError::Database)? else {
            return Ok(None);
        };
        let mut recorded = recorded.map_err(|error| self.unreadable(error))?;
        if let Some(IntendedMethod::InPlace { windows, edit: _ }) = &mut recorded.method {
            *windows = self.windows(id).map_err(|error| self.failed(error))?;
        }
        Ok(Some(recorded))
    }

    fn windows(&self, id: EditId) -> rusqlite::Result<Vec<Range<u64>>> {
        let query = "SELECT at, at + length(bytes) FROM windows WHERE edit = ? ORDER BY at";
        let mut statement = self.database.prepare_cached(query)?;
        let parts = statement.query_map([id.0], |row| {
            Ok(row.get::<_, i64>(0)?.cast_unsigned()..row.get::<_, i64>(1)?.cast_unsigned())
        })?;
        let mut windows: Vec<Range<u64>> = Vec::new();
        for part in parts {
            let part = part?;
            match windows.last_mut() {
                Some(last) if last.end == part.start => last.end = part.end,
                _ => windows.push(part),
            }
        }
        Ok(windows)
    }

    /// The part of the saved windows of an unsettled edit in which this byte of its file is: where it begins, and
    /// the old bytes.
    pub(super) fn saved_part(&self, id: EditId, at: u64) -> Result<(u64, Vec<u8>), JournalError> {
        let query = "SELECT at, bytes FROM windows WHERE edit = ? AND at <= ? ORDER BY at DESC LIMIT 1";
        let values = params![id.0, at.cast_signed()];
        let part: Result<Option<_>, JournalError> = self.database.row(query, values, |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        });
        part?.ok_or_else(|| self.failed(rusqlite::Error::QueryReturnedNoRows))
    }

    fn unreadable(&self, error: RecordError) -> JournalError {
        let fault = match error {
            RecordError::Database(error) => return self.failed(error),
            RecordError::Pieces(PiecesError::Newer(layout)) => Fault::Newer { layout: layout.into() },
            RecordError::Pieces(_) | RecordError::Path | RecordError::Text => Fault::Damaged(None),
        };
        self.database.fault(fault).into()
    }

    /// The last run that edited files and was not itself an undo, if any of its edits stands.
    pub fn last_undoable(&self) -> Result<RunId, JournalError> {
        let query =
            "SELECT max(run) FROM edits JOIN runs ON runs.id = run WHERE state = 'done' AND runs.undoes IS NULL";
        self.number(query, [])?.map(RunId).ok_or(JournalError::NothingToUndo)
    }

    /// The last run after `run` that edited the same file and whose edit stands.
    pub(super) fn later_run(&self, id: EditId) -> Result<Option<RunId>, JournalError> {
        let query = "SELECT max(later.run) FROM edits JOIN edits AS later ON later.path = edits.path
            WHERE edits.id = ? AND later.id > edits.id AND later.run > edits.run AND later.state = 'done'
                AND later.undoes IS NULL";
        Ok(self.number(query, [id.0])?.map(RunId))
    }

    /// An error unless an edit of this run stands, and the run is not an undo.
    pub(super) fn check_undoable(&self, run: RunId) -> Result<(), JournalError> {
        let query = "SELECT max(run) FROM edits JOIN runs ON runs.id = run WHERE run = ? AND runs.undoes IS NULL AND state = 'done'";
        self.number(query, [run.0])?
            .map(drop)
            .ok_or(JournalError::NoSuchRun(run))
    }

    /// The one number that a query asks for, which may be null.
    fn number(&self, query: &str, values: impl Params) -> Result<Option<i64>, JournalError> {
        Ok(self
            .database
            .row::<_, JournalError>(query, values, |row| row.get(0))?
            .flatten())
    }
}

/// A run that is recorded once it edits something.
#[derive(Debug)]
pub(super) struct NewRun {
    pub command: String,
    pub undoes: Option<RunId>,
    pub id: Option<RunId>,
}

fn seconds_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
