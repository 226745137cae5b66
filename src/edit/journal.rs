//! The journal: what runs were about to do to which files, and what it takes to undo it.
//!
//! An SQLite database in the state folder. An intent is on stable storage before its file is touched; how it ended is
//! recorded after. Invariant: a journal that is damaged, of another program or of a newer version is reported and
//! left exactly as it is.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::pieces::compare::read_exact_at;
use crate::pieces::{Pieces, PiecesError};
use crate::platform::{Identity, path_from_bytes, path_to_bytes};
use crate::source::{Links, SourceFile};

/// The journal's file in the state folder.
pub const FILE_NAME: &str = "journal.sqlite";

/// The layout that this version writes. Older ones are brought up to it, newer ones are left alone.
const LAYOUT: i64 = 1;

/// "ISRC", in the header field that tells an SQLite file's program (sqlite.org/fileformat2.html, section 1.3).
const APPLICATION: i64 = 0x4953_5243;

/// How long to wait for another run's transaction.
const PATIENCE: Duration = Duration::from_secs(60);

const SCHEMA: &str = "
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    started  INTEGER NOT NULL, -- seconds since 1970
    finished INTEGER,
    command  TEXT NOT NULL,
    undoes   INTEGER REFERENCES runs (id)
);
CREATE TABLE edits (
    id           INTEGER PRIMARY KEY,
    run          INTEGER NOT NULL REFERENCES runs (id),
    state        TEXT NOT NULL, -- intent, done, undone, rolled-back, abandoned
    undoes       INTEGER REFERENCES edits (id),
    path         BLOB NOT NULL, -- absolute, as the system spells it
    device       INTEGER NOT NULL,
    inode        INTEGER NOT NULL,
    len_before   INTEGER NOT NULL,
    mtime_before INTEGER NOT NULL, -- nanoseconds since 1970
    check_before INTEGER NOT NULL, -- CRC-64/XZ over what the edit changes and its surroundings
    len_after    INTEGER NOT NULL,
    mtime_after  INTEGER,
    check_after  INTEGER NOT NULL,
    inverse      BLOB NOT NULL, -- encoded pieces that lead from the new file to the old one
    window_old   BLOB, -- in place, until settled (and when abandoned): pieces that put the window's old bytes
    window_new   BLOB, -- and pieces that lead from the old file to the new one
    temporary    BLOB  -- by a new file: the name it has until it is renamed
);
CREATE INDEX edits_of_run ON edits (run);
CREATE INDEX edits_of_path ON edits (path);
CREATE INDEX edits_unsettled ON edits (id) WHERE state = 'intent';
";

/// Why the journal cannot be used. Nothing was edited.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("cannot use the state folder {}", .folder.display())]
    Folder {
        folder: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the journal {} is damaged; move it away to go on without what it could undo", .path.display())]
    Damaged {
        path: PathBuf,
        #[source]
        source: Option<rusqlite::Error>,
    },
    #[error("the journal {} was written by a newer version (layout {layout}); use that version", .path.display())]
    Newer { path: PathBuf, layout: i64 },
    #[error("{} is not a journal of this program", .path.display())]
    Foreign { path: PathBuf },
    #[error("cannot write the journal {}", .path.display())]
    Database {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("cannot start threads to write with")]
    Threads(#[source] io::Error),
    #[error("there is no run {0} that can be undone")]
    NoSuchRun(RunId),
    #[error("there is no run that can be undone")]
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

/// One run, for `log`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    /// Seconds since 1970.
    pub started: i64,
    /// None when the run was interrupted.
    pub finished: Option<i64>,
    pub command: String,
    /// The run that this one took back.
    pub undoes: Option<RunId>,
    /// Files whose edit stands and can be undone.
    pub done: u64,
    /// Files whose edit was taken back.
    pub undone: u64,
    /// Files that an interruption left, which `recover` settles.
    pub unsettled: u64,
}

/// How the new content gets into the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// `old` replaces the windows that are written by their old bytes; `edit` leads from the old file to the new one.
    /// The windows' new bytes follow from both, so that a picture that moves is recorded once.
    InPlace { old: Pieces, edit: Pieces },
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
    pub way: Way,
}

/// A recorded edit. `intent.way` is None once it is settled.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub id: EditId,
    pub path: PathBuf,
    pub before: Identity,
    pub check_before: u64,
    pub len_after: u64,
    pub modified_after: Option<i64>,
    pub check_after: u64,
    pub inverse: Pieces,
    pub way: Option<Way>,
}

/// How an edit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// The file is the new one, with this modification time.
    Done { modified: i64 },
    /// The file is the old one.
    RolledBack,
    /// The file is neither: another program has written it since.
    Abandoned,
}

/// The open journal.
#[derive(Debug)]
pub struct Journal {
    database: Connection,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal of a state folder, making both where there are none.
    pub fn open(folder: &Path) -> Result<Journal, JournalError> {
        let in_folder = |source| JournalError::Folder {
            folder: folder.to_path_buf(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(in_folder)?;
        let path = folder.join(FILE_NAME);
        let exists = match std::fs::metadata(&path) {
            Ok(metadata) => metadata.len() > 0,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(in_folder(error)),
        };
        if exists {
            inspect(&path)?;
        }
        let read_write = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let database = Connection::open_with_flags(&path, read_write | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| classify(&path, error))?;
        let mut journal = Journal { database, path };
        journal.check()?;
        journal.prepare().map_err(|error| journal.failed(error))?;
        Ok(journal)
    }

    /// Looks at what the header may not say yet: a process that died leaves its last changes beside the file. Until all
    /// is known to be well, closing the database is to move nothing.
    fn check(&self) -> Result<(), JournalError> {
        let read = || {
            self.database.busy_timeout(PATIENCE)?;
            self.database
                .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            // In one transaction: another first run may be writing the schema at this moment.
            let snapshot = self.database.unchecked_transaction()?;
            let application: i64 = snapshot.pragma_query_value(None, "application_id", |row| row.get(0))?;
            let layout: i64 = snapshot.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let tables: i64 = snapshot.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
            snapshot.commit()?;
            Ok((application, layout, tables))
        };
        let (application, layout, tables) = read().map_err(|error| self.failed(error))?;
        check_header(&self.path, application, layout)?;
        if layout == 0 && tables > 0 {
            return Err(JournalError::Foreign {
                path: self.path.clone(),
            });
        }
        Ok(())
    }

    fn prepare(&mut self) -> rusqlite::Result<()> {
        // Of a new file only: a window with a picture in it fills many pages.
        self.database.pragma_update(None, "page_size", 16384)?;
        patiently(|| self.database.pragma_update(None, "journal_mode", "WAL"))?;
        self.database.pragma_update(None, "synchronous", "FULL")?;
        // In KiB. Rows are written once and hardly read again.
        self.database.pragma_update(None, "cache_size", -512)?;
        // Only macOS heeds it: there, a plain fsync leaves data in the drive's cache.
        self.database.pragma_update(None, "fullfsync", true)?;
        self.database.set_prepared_statement_cache_capacity(32);
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let layout: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if layout == 0 {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", LAYOUT)?;
        }
        // Committing even an empty transaction would not write; that this one was begun shows that one can write.
        transaction.commit()?;
        self.database
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(())
    }

    fn failed(&self, error: rusqlite::Error) -> JournalError {
        classify(&self.path, error)
    }

    /// Records intents, all of them on stable storage when this returns. The run is recorded with its first intent.
    pub(super) fn intend(&mut self, run: &mut NewRun, intents: &[&Intent]) -> Result<Vec<EditId>, JournalError> {
        let result = set_synchronous(&self.database, "FULL").and_then(|()| {
            let transaction = self
                .database
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let id = match run.id {
                Some(id) => id,
                None => insert_run(&transaction, run)?,
            };
            let ids = intents
                .iter()
                .map(|intent| insert_intent(&transaction, id, intent))
                .collect::<Result<_, _>>()?;
            transaction.commit()?;
            run.id = Some(id);
            Ok(ids)
        });
        result.map_err(|error| self.failed(error))
    }

    /// Records how edits ended. It need not be on stable storage at once: lost, it is found out again by recovery, and
    /// the next intent takes it along.
    pub(super) fn settle(&mut self, settled: &[(EditId, Settled)]) -> Result<(), JournalError> {
        let result = set_synchronous(&self.database, "NORMAL").and_then(|()| {
            let transaction = self
                .database
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (id, settled) in settled {
                settle_one(&transaction, *id, *settled)?;
            }
            transaction.commit()
        });
        result.map_err(|error| self.failed(error))
    }

    pub(super) fn finish(&mut self, run: &NewRun) -> Result<(), JournalError> {
        let Some(RunId(id)) = run.id else {
            return Ok(());
        };
        let result = set_synchronous(&self.database, "FULL").and_then(|()| {
            let finish = "UPDATE runs SET finished = ? WHERE id = ?";
            self.database.execute(finish, params![seconds_now(), id]).map(|_| ())
        });
        result.map_err(|error| self.failed(error))
    }

    /// All runs that edited something, oldest first.
    pub fn runs(&self) -> Result<Vec<Run>, JournalError> {
        let query = "SELECT runs.id, started, finished, command, runs.undoes,
                count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'undone'),
                count(*) FILTER (WHERE state = 'intent')
            FROM runs JOIN edits ON edits.run = runs.id GROUP BY runs.id ORDER BY runs.id";
        let read = || {
            let mut statement = self.database.prepare(query)?;
            let runs = statement.query_map([], |row| {
                Ok(Run {
                    id: RunId(row.get(0)?),
                    started: row.get(1)?,
                    finished: row.get(2)?,
                    command: row.get(3)?,
                    undoes: row.get::<_, Option<i64>>(4)?.map(RunId),
                    done: row.get::<_, i64>(5)?.cast_unsigned(),
                    undone: row.get::<_, i64>(6)?.cast_unsigned(),
                    unsettled: row.get::<_, i64>(7)?.cast_unsigned(),
                })
            })?;
            runs.collect::<rusqlite::Result<Vec<Run>>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// The edits that an interruption left, in the order in which they were recorded.
    pub(super) fn unsettled(&self) -> Result<Vec<EditId>, JournalError> {
        self.ids("SELECT id FROM edits WHERE state = 'intent' ORDER BY id", None)
    }

    /// The edits of a run that stand, last one first.
    pub(super) fn to_undo(&self, run: RunId) -> Result<Vec<EditId>, JournalError> {
        self.ids(
            "SELECT id FROM edits WHERE run = ?1 AND state = 'done' ORDER BY id DESC",
            Some(run),
        )
    }

    fn ids(&self, query: &str, run: Option<RunId>) -> Result<Vec<EditId>, JournalError> {
        let read = || {
            let mut statement = self.database.prepare(query)?;
            let parameters: Vec<i64> = run.iter().map(|run| run.0).collect();
            let ids = statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get(0).map(EditId))?;
            ids.collect::<rusqlite::Result<Vec<EditId>>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// None when the edit is gone from the journal.
    pub(super) fn edit(&self, id: EditId) -> Result<Option<Recorded>, JournalError> {
        let query = "SELECT id, path, device, inode, len_before, mtime_before, check_before, len_after,
            mtime_after, check_after, inverse, window_old, window_new, temporary FROM edits WHERE id = ?";
        let read = || {
            let mut statement = self.database.prepare_cached(query)?;
            statement.query_row([id.0], |row| Ok(recorded(row))).optional()
        };
        match read().map_err(|error| self.failed(error))? {
            None => Ok(None),
            Some(recorded) => recorded.map(Some).map_err(|error| self.unreadable(error)),
        }
    }

    fn unreadable(&self, error: RecordError) -> JournalError {
        let path = self.path.clone();
        match error {
            RecordError::Database(error) => self.failed(error),
            RecordError::Pieces(PiecesError::Newer(layout)) => JournalError::Newer {
                path,
                layout: layout.into(),
            },
            RecordError::Pieces(_) | RecordError::Path => JournalError::Damaged { path, source: None },
        }
    }

    /// The last run that edited files and was not itself an undo, if any of its edits stands.
    pub fn last_undoable(&self) -> Result<RunId, JournalError> {
        let query =
            "SELECT max(run) FROM edits JOIN runs ON runs.id = run WHERE state = 'done' AND runs.undoes IS NULL";
        let last: Option<i64> = self
            .database
            .query_row(query, [], |row| row.get(0))
            .map_err(|error| self.failed(error))?;
        last.map(RunId).ok_or(JournalError::NothingToUndo)
    }

    /// The last run after `run` that edited the same file and whose edit stands.
    pub(super) fn later_run(&self, id: EditId) -> Result<Option<RunId>, JournalError> {
        let query = "SELECT max(later.run) FROM edits JOIN edits AS later ON later.path = edits.path
            WHERE edits.id = ? AND later.id > edits.id AND later.run > edits.run AND later.state = 'done'
                AND later.undoes IS NULL";
        let last: Option<i64> = self
            .database
            .query_row(query, [id.0], |row| row.get(0))
            .map_err(|error| self.failed(error))?;
        Ok(last.map(RunId))
    }

    /// An error unless an edit of this run stands, and the run is not an undo.
    pub(super) fn check_undoable(&self, run: RunId) -> Result<(), JournalError> {
        let query = "SELECT count(*) FROM edits JOIN runs ON runs.id = run WHERE run = ? AND runs.undoes IS NULL AND state = 'done'";
        let count: i64 = self
            .database
            .query_row(query, [run.0], |row| row.get(0))
            .map_err(|error| self.failed(error))?;
        if count == 0 {
            return Err(JournalError::NoSuchRun(run));
        }
        Ok(())
    }
}

/// A run that is recorded once it edits something.
#[derive(Debug)]
pub(super) struct NewRun {
    pub command: String,
    pub undoes: Option<RunId>,
    pub id: Option<RunId>,
}

/// Looks at an existing file before the database opens it, which may change it. Its header is in plain sight
/// (sqlite.org/fileformat2.html, section 1.3).
fn inspect(path: &Path) -> Result<(), JournalError> {
    let mut header = [0; 100];
    let folder_error = |source| JournalError::Folder {
        folder: path.parent().unwrap_or(path).to_path_buf(),
        source,
    };
    let file = SourceFile::open(path, Links::Follow).map_err(|error| folder_error(io::Error::other(error)))?;
    match read_exact_at(&file, &mut header, 0) {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => {}
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(folder_error(error)),
        Ok(()) | Err(_) => {
            return Err(JournalError::Damaged {
                path: path.to_path_buf(),
                source: None,
            });
        }
    }
    let number = |at: usize| {
        i64::from(u32::from_be_bytes([
            header[at],
            header[at + 1],
            header[at + 2],
            header[at + 3],
        ]))
    };
    check_header(path, number(68), number(60))
}

fn check_header(path: &Path, application: i64, layout: i64) -> Result<(), JournalError> {
    let path = path.to_path_buf();
    match (application, layout) {
        // Made by another run a moment ago, its schema is still to be written.
        (0, 0) => Ok(()),
        (APPLICATION, layout) if layout > LAYOUT => Err(JournalError::Newer { path, layout }),
        (APPLICATION, _) => Ok(()),
        _ => Err(JournalError::Foreign { path }),
    }
}

fn classify(path: &Path, source: rusqlite::Error) -> JournalError {
    let path = path.to_path_buf();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => JournalError::Damaged {
            path,
            source: Some(source),
        },
        _ => JournalError::Database { path, source },
    }
}

/// Changing the journal mode does not wait for other processes by itself.
fn patiently(mut work: impl FnMut() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        match work() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && waited < PATIENCE => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            result => return result,
        }
    }
}

fn set_synchronous(database: &Connection, level: &str) -> rusqlite::Result<()> {
    database.pragma_update(None, "synchronous", level)
}

fn insert_run(transaction: &Transaction, run: &NewRun) -> rusqlite::Result<RunId> {
    let insert = "INSERT INTO runs (started, command, undoes) VALUES (?, ?, ?)";
    transaction.execute(insert, params![seconds_now(), run.command, run.undoes.map(|run| run.0)])?;
    Ok(RunId(transaction.last_insert_rowid()))
}

fn insert_intent(transaction: &Transaction, run: RunId, intent: &Intent) -> rusqlite::Result<EditId> {
    let Intent {
        undoes,
        path,
        before,
        check_before,
        len_after,
        check_after,
        inverse,
        way,
    } = intent;
    let (old, new, temporary) = match way {
        Way::InPlace { old, edit } => (Some(old.encode()), Some(edit.encode()), None),
        Way::NewFile { temporary } => (None, None, Some(path_to_bytes(temporary))),
    };
    let insert = "INSERT INTO edits (run, state, undoes, path, device, inode, len_before, mtime_before, check_before,
            len_after, check_after, inverse, window_old, window_new, temporary)
        VALUES (?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(insert)?.execute(params![
        run.0,
        undoes.map(|edit| edit.0),
        path_to_bytes(path),
        before.device.cast_signed(),
        before.inode.cast_signed(),
        before.len.cast_signed(),
        before.modified,
        check_before.cast_signed(),
        len_after.cast_signed(),
        check_after.cast_signed(),
        inverse.encode(),
        old,
        new,
        temporary,
    ])?;
    Ok(EditId(transaction.last_insert_rowid()))
}

fn settle_one(transaction: &Transaction, id: EditId, settled: Settled) -> rusqlite::Result<()> {
    let (state, modified) = match settled {
        Settled::Done { modified } => ("done", Some(modified)),
        Settled::RolledBack => ("rolled-back", None),
        Settled::Abandoned => ("abandoned", None),
    };
    // Only an intent is settled: two processes may come to the same end. A file that is gone may be torn, elsewhere:
    // nothing else has its old bytes.
    let settle = match settled {
        Settled::Done { .. } | Settled::RolledBack => {
            "UPDATE edits SET state = ?, mtime_after = ?, window_old = NULL, window_new = NULL, temporary = NULL
            WHERE id = ? AND state = 'intent'"
        }
        Settled::Abandoned => "UPDATE edits SET state = ?, mtime_after = ? WHERE id = ? AND state = 'intent'",
    };
    let count = transaction
        .prepare_cached(settle)?
        .execute(params![state, modified, id.0])?;
    if count == 0 || modified.is_none() {
        return Ok(());
    }
    // The edit before the undone one now ends with the file as the undo leaves it, but for the modification time.
    let pass_on = "UPDATE edits SET mtime_after = ?1 FROM edits AS undo JOIN edits AS undone ON undone.id = undo.undoes
        WHERE undo.id = ?2 AND edits.path = undone.path AND edits.id < undone.id AND edits.state = 'done'
            AND edits.len_after = undone.len_before AND edits.mtime_after = undone.mtime_before";
    transaction.prepare_cached(pass_on)?.execute(params![modified, id.0])?;
    let undone = "UPDATE edits SET state = 'undone' WHERE id = (SELECT undoes FROM edits WHERE id = ?)";
    transaction.prepare_cached(undone)?.execute([id.0])?;
    Ok(())
}

enum RecordError {
    Database(rusqlite::Error),
    Pieces(PiecesError),
    Path,
}

impl From<rusqlite::Error> for RecordError {
    fn from(error: rusqlite::Error) -> RecordError {
        RecordError::Database(error)
    }
}

impl From<PiecesError> for RecordError {
    fn from(error: PiecesError) -> RecordError {
        RecordError::Pieces(error)
    }
}

fn recorded(row: &Row) -> Result<Recorded, RecordError> {
    let bytes = |index| row.get::<_, Option<Vec<u8>>>(index);
    let number = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
    let path = |bytes: &[u8]| path_from_bytes(bytes).ok_or(RecordError::Path);
    let way = match (bytes(11)?, bytes(12)?, bytes(13)?) {
        (Some(old), Some(edit), None) => Some(Way::InPlace {
            old: Pieces::decode(&old)?,
            edit: Pieces::decode(&edit)?,
        }),
        (None, None, Some(temporary)) => Some(Way::NewFile {
            temporary: path(&temporary)?,
        }),
        _ => None,
    };
    Ok(Recorded {
        id: EditId(row.get(0)?),
        path: path(&row.get::<_, Vec<u8>>(1)?)?,
        before: Identity {
            device: number(2)?,
            inode: number(3)?,
            len: number(4)?,
            modified: row.get(5)?,
            // Not recorded: it changes with every write.
            changed: 0,
        },
        check_before: number(6)?,
        len_after: number(7)?,
        modified_after: row.get(8)?,
        check_after: number(9)?,
        inverse: Pieces::decode(&row.get::<_, Vec<u8>>(10)?)?,
        way,
    })
}

fn seconds_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
