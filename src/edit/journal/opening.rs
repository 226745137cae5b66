//! The journal's database: its tables, and how those of an older layout are brought up to date.

use std::path::Path;

use rusqlite::{Transaction, params};

use crate::bytes::pieces::Pieces;
use crate::system::database::{Database, Declaration, Fault, Keeping, Missing, Patience};
use crate::system::platform;

use super::{FILE_NAME, Journal, JournalError};

static DECLARATION: Declaration = Declaration {
    name: "journal",
    if_damaged: "move it away to go on without what it could undo",
    // "ISRC"
    application: 0x4953_5243,
    layout: 4,
    schema: SCHEMA,
    bring_up,
    keeping: Keeping::Private,
    patience: Patience::Minute,
    // A window with a picture in it fills many pages.
    page_size: Some(16384),
    synchronous: "FULL",
};

const SCHEMA: &str = "
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    started  INTEGER NOT NULL, -- seconds since 1970
    finished INTEGER,
    command  TEXT NOT NULL,
    undoes   INTEGER REFERENCES runs (id),
    boot     TEXT -- what the system calls this start of the machine, or empty; null before layout 3
);
CREATE TABLE edits (
    id           INTEGER PRIMARY KEY,
    run          INTEGER NOT NULL REFERENCES runs (id),
    state        TEXT NOT NULL, -- intent, done, undone, rolled-back, abandoned
    undoes       INTEGER REFERENCES edits (id),
    path         BLOB NOT NULL, -- absolute, as the system spells it; without links from layout 3 on
    device       INTEGER NOT NULL,
    inode        INTEGER NOT NULL,
    len_before   INTEGER NOT NULL,
    mtime_before INTEGER NOT NULL, -- nanoseconds since 1970
    check_before INTEGER NOT NULL, -- CRC-64/XZ over what the edit changes and its surroundings
    len_after    INTEGER NOT NULL,
    mtime_after  INTEGER, -- of an intent, when it was recorded
    check_after  INTEGER NOT NULL,
    inverse      BLOB NOT NULL, -- encoded pieces that lead from the new file to the old one
    edit         BLOB, -- in place, until settled (and when abandoned): pieces that lead from the old file to the new one
    temporary    BLOB, -- by a new file: the name it has until it is renamed
    ctime_before INTEGER, -- this and all to steps null before layout 3
    ctime_after  INTEGER,
    whole_after  BLOB, -- BLAKE3 of the new file, where its time of change tells nothing
    mtime_wanted INTEGER, -- null where it is the time of the edit
    steps        TEXT, -- [place, before, after] of each place, as JSON; null of an undo
    kept         TEXT -- what was kept and what is new, as JSON; null where it was not told, and before layout 4
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
        let database = Database::open(&DECLARATION, &folder.join(FILE_NAME), Missing::Create)?;
        Ok(Journal::of(database))
    }

    fn of(database: Database) -> Journal {
        Journal {
            database,
            at_work: None,
        }
    }

    /// Opens the journal to read it, also where it cannot be written; none where there is none.
    pub fn look(folder: &Path) -> Result<Option<Journal>, JournalError> {
        let path = folder.join(FILE_NAME);
        let opened = match platform::may_write(folder) && platform::may_write(&path) {
            true => Database::open(&DECLARATION, &path, Missing::Refuse),
            false => Database::copy_of(&DECLARATION, &path),
        };
        match opened {
            Ok(database) => Ok(Some(Journal::of(database))),
            Err(error) if matches!(error.fault, Fault::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn bring_up(transaction: &Transaction<'_>, from: i32) -> rusqlite::Result<()> {
    if from < 2 {
        bring_up_from_1(transaction)?;
    }
    if from < 3 {
        transaction.execute_batch(
            "ALTER TABLE runs ADD COLUMN boot TEXT;
            ALTER TABLE edits ADD COLUMN ctime_before INTEGER;
            ALTER TABLE edits ADD COLUMN ctime_after  INTEGER;
            ALTER TABLE edits ADD COLUMN whole_after  BLOB;
            ALTER TABLE edits ADD COLUMN mtime_wanted INTEGER;
            ALTER TABLE edits ADD COLUMN steps        TEXT;",
        )?;
    }
    transaction.execute_batch("ALTER TABLE edits ADD COLUMN kept TEXT;")
}

/// Layout 1 kept the windows' old bytes in a column, as pieces that put them.
fn bring_up_from_1(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
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
