//! Opens a journal: makes a new one, brings an old one up to date, and leaves alone what it does not understand.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use crate::pieces::Pieces;
use crate::pieces::compare::read_exact_at;
use crate::source::{Links, SourceFile};

use super::{FILE_NAME, Journal, JournalError};

/// The layout that this version writes. Older ones are brought up to it, newer ones are left alone.
const LAYOUT: i64 = 2;

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
    edit         BLOB, -- in place, until settled (and when abandoned): pieces that lead from the old file to the new one
    temporary    BLOB  -- by a new file: the name it has until it is renamed
);
CREATE TABLE windows ( -- in place, until settled (and when abandoned): the old bytes of what is written, in parts
    edit  INTEGER NOT NULL REFERENCES edits (id),
    at    INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE UNIQUE INDEX windows_of_edit ON windows (edit, at);
CREATE INDEX edits_of_run ON edits (run);
CREATE INDEX edits_of_path ON edits (path);
CREATE INDEX edits_unsettled ON edits (id) WHERE state = 'intent';
";

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
        match layout {
            0 => {
                transaction.execute_batch(SCHEMA)?;
                transaction.pragma_update(None, "application_id", APPLICATION)?;
            }
            1 => bring_up_from_1(&transaction)?,
            _ => {}
        }
        if layout < LAYOUT {
            transaction.pragma_update(None, "user_version", LAYOUT)?;
        }
        // Committing even an empty transaction would not write; that this one was begun shows that one can write.
        transaction.commit()?;
        self.database
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(())
    }
}

/// Layout 1 kept the windows' old bytes in a column, as pieces that put them.
fn bring_up_from_1(transaction: &Transaction) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE windows (
            edit  INTEGER NOT NULL REFERENCES edits (id),
            at    INTEGER NOT NULL,
            bytes BLOB NOT NULL
        );
        CREATE UNIQUE INDEX windows_of_edit ON windows (edit, at);
        ALTER TABLE edits RENAME COLUMN window_new TO edit;",
    )?;
    let mut insert = transaction.prepare("INSERT INTO windows (edit, at, bytes) VALUES (?, ?, ?)")?;
    let mut select = transaction.prepare("SELECT id, window_old FROM edits WHERE window_old IS NOT NULL")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let old: Vec<u8> = row.get(1)?;
        let old = Pieces::decode(&old).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        for patch in old.patches() {
            insert.execute(params![
                row.get::<_, i64>(0)?,
                patch.at.start.cast_signed(),
                patch.bytes
            ])?;
        }
    }
    drop(rows);
    drop((select, insert));
    transaction.execute_batch("ALTER TABLE edits DROP COLUMN window_old")
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

pub(super) fn classify(path: &Path, source: rusqlite::Error) -> JournalError {
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
