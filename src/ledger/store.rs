//! The ledger's database, and its rows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Row};

use super::{CodeState, Ledger, LedgerEntry, LedgerError, Origin, Reference, Stamp};
use crate::format::tags::Description;
use crate::isrc::Isrc;
use crate::system::database::{Database, Declaration, Keeping, Missing, Patience};
use crate::system::platform::{path_from_bytes, path_to_bytes};

static DECLARATION: Declaration = Declaration {
    name: "ledger",
    if_damaged: "it was left as it is\nhint: go on with a copy from before",
    // "ISRL"
    application: 0x4953_524C,
    layout: 1,
    schema: SCHEMA,
    bring_up: |_, _| Ok(()),
    keeping: Keeping::Shared,
    patience: Patience::Minute,
    page_size: None,
    synchronous: "EXTRA",
};

const SCHEMA: &str = "
CREATE TABLE prefixes (
    prefix      TEXT NOT NULL CHECK (length(prefix) = 5),
    first       INTEGER NOT NULL CHECK (first BETWEEN 1 AND 99999),
    last        INTEGER NOT NULL CHECK (last BETWEEN first AND 99999),
    owner       TEXT,
    recorded_at INTEGER NOT NULL, -- seconds since 1970
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (prefix, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE codes (
    isrc         TEXT NOT NULL PRIMARY KEY CHECK (length(isrc) = 12),
    state        TEXT NOT NULL CHECK (state IN ('reserved', 'assigned', 'void')),
    origin       TEXT NOT NULL CHECK (origin IN ('given', 'imported', 'added', 'seen')),
    artist       TEXT,
    title        TEXT,
    version      TEXT,
    album        TEXT,
    disc         INTEGER,
    track        INTEGER,
    duration_ms  INTEGER,
    content_type TEXT,
    published    TEXT,
    flac_md5     TEXT,
    path         BLOB, -- as the system spells it
    recorded_at  INTEGER NOT NULL, -- seconds since 1970
    recorded_by  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_path ON codes (path) WHERE path IS NOT NULL;
CREATE INDEX codes_by_audio ON codes (flac_md5) WHERE flac_md5 IS NOT NULL;
CREATE TABLE events (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL, -- seconds since 1970
    by   TEXT NOT NULL,
    isrc TEXT NOT NULL REFERENCES codes (isrc),
    what TEXT NOT NULL, -- the state it came to, or 'corrected'
    note TEXT
) STRICT;
CREATE TRIGGER codes_stay BEFORE DELETE ON codes
    BEGIN SELECT RAISE(ABORT, 'a code never leaves the ledger'); END;
CREATE TRIGGER codes_keep_their_name BEFORE UPDATE OF isrc ON codes
    BEGIN SELECT RAISE(ABORT, 'a code is never changed'); END;
CREATE TRIGGER codes_go_forward BEFORE UPDATE OF state ON codes
    WHEN (old.state = 'void' AND new.state <> 'void') OR (old.state = 'assigned' AND new.state = 'reserved')
    BEGIN SELECT RAISE(ABORT, 'a code never goes back to an earlier state'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'an event never leaves the ledger'); END;
CREATE TRIGGER events_are_not_rewritten BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
";

impl Ledger {
    /// Opens the ledger at `path`. Errors leave whatever is there as it is.
    pub fn open(path: &Path, missing: Missing) -> Result<Ledger, LedgerError> {
        let database = Database::open(&DECLARATION, path, missing)?;
        Ok(Ledger { database })
    }

    /// The same ledger for a dry run: what is set apart in it is forgotten with it.
    pub fn trial(self) -> Result<Ledger, LedgerError> {
        let database = self.database.trial()?;
        Ok(Ledger { database })
    }
}

/// The columns that [`entry`] reads, in its order.
pub(super) const ENTRY: &str = "isrc, state, origin, artist, title, version, album, disc, track, duration_ms, \
                                content_type, published, flac_md5, path, recorded_at, recorded_by";

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let word = |at: usize| row.get::<_, String>(at);
    let isrc = word(0)?;
    let isrc = Isrc::from_stored(&isrc).ok_or_else(|| unknown(0, &isrc))?;
    let (state, origin) = (word(1)?, word(2)?);
    let md5: Option<String> = row.get(12)?;
    let path: Option<Vec<u8>> = row.get(13)?;
    Ok(LedgerEntry {
        isrc,
        state: CodeState::of_word(&state).ok_or_else(|| unknown(1, &state))?,
        origin: Origin::of_word(&origin).ok_or_else(|| unknown(2, &origin))?,
        reference: Reference {
            description: Description {
                artist: row.get(3)?,
                title: row.get(4)?,
                version: row.get(5)?,
                album: row.get(6)?,
                disc: row.get(7)?,
                track: row.get(8)?,
                duration: row.get::<_, Option<u32>>(9)?.map(|ms| Duration::from_millis(ms.into())),
                flac_md5: md5.and_then(|md5| u128::from_str_radix(&md5, 16).ok()),
                flac_layout: None,
                medium: None,
            },
            content_type: row.get(10)?,
            published: row.get(11)?,
            path: path.and_then(|path| path_from_bytes(&path)),
        },
        stamp: Stamp {
            at: row.get(14)?,
            by: row.get(15)?,
        },
    })
}

fn unknown(column: usize, text: &str) -> rusqlite::Error {
    let error = format!("unknown word {text:?}").into();
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error)
}

/// Enters a code that is not there yet.
pub(super) fn insert(database: &Connection, entry: &LedgerEntry) -> rusqlite::Result<()> {
    let LedgerEntry {
        isrc,
        state,
        origin,
        reference,
        stamp,
    } = entry;
    let Reference {
        description,
        content_type,
        published,
        path,
    } = reference;
    let Description {
        title,
        version,
        artist,
        album,
        disc,
        track,
        duration,
        flac_md5,
        flac_layout: _,
        medium: _,
    } = description;
    let sql = "INSERT INTO codes (isrc, state, origin, artist, title, version, album, disc, track, duration_ms, \
               content_type, published, flac_md5, path, recorded_at, recorded_by) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    database.prepare_cached(sql)?.execute(rusqlite::params![
        isrc.as_str(),
        state.word(),
        origin.word(),
        artist,
        title,
        version,
        album,
        disc,
        track,
        milliseconds(*duration),
        content_type,
        published,
        audio_key(*flac_md5),
        path_key(path.as_ref()),
        stamp.at,
        stamp.by,
    ])?;
    record(database, *isrc, state.word(), None, stamp)
}

/// Writes down what happened to a code.
pub(super) fn record(
    database: &Connection,
    isrc: Isrc,
    what: &str,
    note: Option<&str>,
    stamp: &Stamp,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO events (at, by, isrc, what, note) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = rusqlite::params![stamp.at, stamp.by, isrc.as_str(), what, note];
    database.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

pub(super) fn audio_key(md5: Option<u128>) -> Option<String> {
    md5.map(|md5| format!("{md5:032x}"))
}

pub(super) fn path_key(path: Option<&PathBuf>) -> Option<Vec<u8>> {
    path.map(|path| path_to_bytes(path))
}

fn milliseconds(duration: Option<Duration>) -> Option<u32> {
    duration.and_then(|duration| u32::try_from(duration.as_millis()).ok())
}
