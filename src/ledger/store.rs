//! The SQLite file: its layout, and opening it without harm.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Row, TransactionBehavior};

use super::{Entry, Ledger, LedgerError, Origin, Reference, Stamp, State};
use crate::isrc::Isrc;
use crate::platform::{path_from_bytes, path_to_bytes};
use crate::tags::Description;

/// The layout that this version writes. Newer ones are refused.
const LAYOUT: i64 = 1;

/// "ISRL", in the header field that tells an SQLite file's program (sqlite.org/fileformat2.html, section 1.3).
const APPLICATION: i64 = 0x4953_524C;

/// How long to wait for another run's transaction.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// What to do where there is no ledger yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Create,
    Refuse,
}

impl Ledger {
    /// Opens the ledger at `path`. Errors leave whatever is there as it is.
    pub fn open(path: &Path, missing: Missing) -> Result<Ledger, LedgerError> {
        let cannot_open = |source| LedgerError::Open {
            path: path.to_path_buf(),
            source,
        };
        let exists = match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => return Err(LedgerError::Foreign(path.to_path_buf())),
            Ok(metadata) => metadata.len() > 0,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(cannot_open(error)),
        };
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if exists {
            look_at_header(path)?;
        } else if missing == Missing::Refuse {
            return Err(LedgerError::NoLedger(path.to_path_buf()));
        } else {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(cannot_open)?;
            }
        }
        let database = Connection::open_with_flags(path, flags).map_err(|error| classify(path, error))?;
        let mut ledger = Ledger {
            database,
            path: path.to_path_buf(),
        };
        ledger.check_and_prepare()?;
        Ok(ledger)
    }

    fn check_and_prepare(&mut self) -> Result<(), LedgerError> {
        let settings = || {
            self.database.busy_timeout(PATIENCE)?;
            // No write-ahead log: a ledger may be shared over a network, where such a log does not work
            // (sqlite.org/wal.html, section 1).
            self.database.pragma_update(None, "synchronous", "EXTRA")?;
            // Only macOS heeds it: there, a plain fsync leaves data in the drive's cache.
            self.database.pragma_update(None, "fullfsync", true)
        };
        settings().map_err(|error| self.failed(error))?;
        if self.is_current()? {
            return Ok(());
        }
        // Two runs may come here at once: the one that gets the lock makes the ledger, the other then finds it made.
        let path = self.path.clone();
        let mut create = || {
            let transaction = self
                .database
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
            if tables == 0 {
                transaction.execute_batch(SCHEMA)?;
                transaction.pragma_update(None, "application_id", APPLICATION)?;
                transaction.pragma_update(None, "user_version", LAYOUT)?;
            }
            transaction.commit()
        };
        create().map_err(|error| classify(&path, error))?;
        match self.is_current()? {
            true => Ok(()),
            false => Err(LedgerError::Foreign(path)),
        }
    }

    /// Whether the file is a sound ledger of this layout; `false` if it is empty.
    fn is_current(&self) -> Result<bool, LedgerError> {
        let number = |sql: &str| {
            let number = self.database.query_row(sql, [], |row| row.get::<_, i64>(0));
            number.map_err(|error| self.failed(error))
        };
        let (application, layout) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
        if (application, layout) == (0, 0) && number("SELECT count(*) FROM sqlite_master")? == 0 {
            return Ok(false);
        }
        check_numbers(&self.path, application, layout)?;
        let verdict: Result<String, _> = self.database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        match verdict {
            Ok(verdict) if verdict == "ok" => {}
            Ok(_) => {
                return Err(LedgerError::Damaged {
                    path: self.path.clone(),
                    source: None,
                });
            }
            Err(error) => return Err(self.failed(error)),
        }
        let tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('prefixes', 'codes', 'events')";
        match number(tables)? {
            3 => Ok(true),
            _ => Err(LedgerError::Damaged {
                path: self.path.clone(),
                source: None,
            }),
        }
    }
}

/// Looks at the first bytes of a file before SQLite may touch it (sqlite.org/fileformat2.html, section 1.3).
fn look_at_header(path: &Path) -> Result<(), LedgerError> {
    let mut unfinished = path.as_os_str().to_os_string();
    unfinished.push("-journal");
    if Path::new(&unfinished).exists() {
        // A run was killed while it wrote, or one is writing. SQLite puts the file right first.
        return Ok(());
    }
    let mut header = [0; 100];
    let mut read = || fs_err::File::open(path)?.read_exact(&mut header);
    match read() {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(LedgerError::Foreign(path.to_path_buf()));
        }
        Err(source) => {
            return Err(LedgerError::Open {
                path: path.to_path_buf(),
                source,
            });
        }
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(LedgerError::Foreign(path.to_path_buf()));
    }
    let number = |at: usize| {
        let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
        i64::from(i32::from_be_bytes(bytes))
    };
    check_numbers(path, number(68), number(60))
}

fn check_numbers(path: &Path, application: i64, layout: i64) -> Result<(), LedgerError> {
    if application != APPLICATION || layout < 1 {
        return Err(LedgerError::Foreign(path.to_path_buf()));
    }
    if layout > LAYOUT {
        return Err(LedgerError::Newer {
            path: path.to_path_buf(),
            layout,
        });
    }
    Ok(())
}

pub(super) fn classify(path: &Path, error: rusqlite::Error) -> LedgerError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => LedgerError::Damaged {
            path,
            source: Some(error),
        },
        Some(ErrorCode::NotADatabase) => LedgerError::Foreign(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LedgerError::Busy(path),
        _ => LedgerError::Database { path, source: error },
    }
}

/// The columns that [`entry`] reads, in its order.
pub(super) const ENTRY: &str = "isrc, state, origin, artist, title, version, album, disc, track, duration_ms, \
                                content_type, published, flac_md5, path, recorded_at, recorded_by";

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let word = |at: usize| row.get::<_, String>(at);
    let isrc = word(0)?;
    let isrc = Isrc::from_stored(&isrc).ok_or_else(|| unknown(0, &isrc))?;
    let (state, origin) = (word(1)?, word(2)?);
    let md5: Option<String> = row.get(12)?;
    let path: Option<Vec<u8>> = row.get(13)?;
    Ok(Entry {
        isrc,
        state: State::ALL
            .into_iter()
            .find(|known| known.word() == state)
            .ok_or_else(|| unknown(1, &state))?,
        origin: Origin::ALL
            .into_iter()
            .find(|known| known.word() == origin)
            .ok_or_else(|| unknown(2, &origin))?,
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
pub(super) fn insert(database: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let Entry {
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

/// Replaces what is said of a code by what `reference` says.
pub(super) fn update(database: &Connection, isrc: Isrc, reference: &Reference) -> rusqlite::Result<()> {
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
    } = description;
    let sql = "UPDATE codes SET artist = ifnull(?2, artist), title = ifnull(?3, title), \
               version = ifnull(?4, version), album = ifnull(?5, album), disc = ifnull(?6, disc), \
               track = ifnull(?7, track), duration_ms = ifnull(?8, duration_ms), \
               content_type = ifnull(?9, content_type), published = ifnull(?10, published), \
               flac_md5 = ifnull(?11, flac_md5), path = ifnull(?12, path) WHERE isrc = ?1";
    database.prepare_cached(sql)?.execute(rusqlite::params![
        isrc.as_str(),
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
    ])?;
    Ok(())
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
