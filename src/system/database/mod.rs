//! The one way to open an SQLite file: the journal, the ledger and the fingerprints are on it.
//!
//! A file is looked at before SQLite may touch it: whose it is, what is beside it, which program and version wrote
//! it. Then its schema is compared with ours. Invariant: what is damaged, of a newer version, of another program or
//! open to others is refused and left exactly as it is.

use std::cell::Cell;
use std::ops::Deref;
use std::path::Path;

use files::{Admitted, WriteAhead};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Params, Row, Transaction, TransactionBehavior};

pub use error::{DatabaseError, DatabasePlace, Fault};
use patience::patiently;
pub use patience::{Patience, give_up_when};

mod error;
mod files;
mod patience;
mod schema;

/// What a database is, declared once by the module that it belongs to.
#[derive(Debug)]
pub struct Declaration {
    /// As in "the journal".
    pub name: &'static str,
    /// What to do when it is damaged, as the end of a sentence.
    pub if_damaged: &'static str,
    /// In the header field that tells an SQLite file's program (sqlite.org/fileformat2.html, section 1.3).
    pub application: i32,
    /// The layout that this version writes. Older ones are brought up to it, newer ones are left alone.
    pub layout: i32,
    pub schema: &'static str,
    /// Brings tables of an older layout up to this one.
    pub bring_up: fn(&Transaction<'_>, from: i32) -> rusqlite::Result<()>,
    pub keeping: Keeping,
    pub patience: Patience,
    /// Of a new file only.
    pub page_size: Option<u32>,
    /// SQLite's word for when it waits for the disk.
    pub synchronous: &'static str,
}

/// Whose a database is, and with that how SQLite keeps it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// This user's alone, in a folder of its own, with a write-ahead log.
    Private,
    /// May be shared with a group, also over a network, where a write-ahead log does not work (sqlite.org/wal.html,
    /// section 1).
    Shared,
}

/// What to do where there is no database yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Create,
    Refuse,
}

/// An open database whose schema is ours.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    declaration: &'static Declaration,
    place: DatabasePlace,
    /// SQLite's count of schema changes when the schema was compared with ours.
    compared: Cell<i64>,
    /// A log's index that other processes share is beside the file.
    has_shared_index: bool,
}

impl Deref for Database {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Database {
    /// Opens a database; where there is none, makes it. Errors leave whatever is there as it is.
    pub fn open(declaration: &'static Declaration, path: &Path, missing: Missing) -> Result<Database, DatabaseError> {
        let place = DatabasePlace::new(declaration, path);
        let file = files::admit(declaration, &place, missing)?;
        // The path has no link in it any more.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&file.path, flags | OpenFlags::SQLITE_OPEN_NOFOLLOW)
            .map_err(|error| place.failed(error))?;
        let mut database = Database {
            connection,
            declaration,
            place,
            compared: Cell::new(0),
            has_shared_index: false,
        };
        database.has_shared_index = database.harden(&file).map_err(|error| database.failed(error))?;
        let state = database.state()?;
        database.check_pages(state)?;
        database.prepare().map_err(|error| database.failed(error))?;
        database.bring_up(state)?;
        Ok(database)
    }

    /// A copy in memory, for what is only tried: nothing is written to any disk.
    pub fn trial(self) -> Result<Database, DatabaseError> {
        let copy = || {
            let memory = copied(&self.connection, self.declaration.patience)?;
            let compared = schema_version(&memory)?;
            Ok((memory, compared))
        };
        let (connection, compared) = copy().map_err(|error| self.failed(error))?;
        Ok(Database {
            connection,
            compared: Cell::new(compared),
            has_shared_index: false,
            declaration: self.declaration,
            place: self.place.clone(),
        })
    }

    /// A private database that cannot be written, such as one on read-only media: a copy in memory, brought up to date
    /// there.
    pub fn copy_of(declaration: &'static Declaration, path: &Path) -> Result<Database, DatabaseError> {
        let place = DatabasePlace::new(declaration, path);
        let file = files::admit(declaration, &place, Missing::Refuse)?;
        let copy = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
            let how = match file.unfinished {
                // Without locks, for which it would have to be written; the index of its log then is in memory.
                true => "vfs=unix-none",
                false => "immutable=1",
            };
            let source = Connection::open_with_flags(files::uri(&file.path, how), flags)?;
            source.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            copied(&source, declaration.patience)
        };
        let mut database = Database {
            connection: copy().map_err(|error| place.failed(error))?,
            declaration,
            place,
            compared: Cell::new(0),
            has_shared_index: false,
        };
        let state = database.state()?;
        database.check_pages(state)?;
        database.bring_up(state)?;
        Ok(database)
    }

    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Every row of a query.
    pub fn rows<T, E: From<DatabaseError>>(
        &self,
        query: &str,
        values: impl Params,
        of: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, E> {
        let read = || {
            self.connection
                .prepare_cached(query)?
                .query_map(values, of)?
                .collect::<rusqlite::Result<Vec<T>>>()
        };
        read().map_err(|error| self.failed(error).into())
    }

    /// The first row of a query; none where it has none.
    pub fn row<T, E: From<DatabaseError>>(
        &self,
        query: &str,
        values: impl Params,
        of: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, E> {
        let read = || self.connection.prepare_cached(query)?.query_row(values, of).optional();
        read().map_err(|error| self.failed(error).into())
    }

    /// What an error of SQLite means for this database.
    pub fn failed(&self, error: rusqlite::Error) -> DatabaseError {
        self.place.failed(error)
    }

    pub(crate) fn fault(&self, fault: Fault) -> DatabaseError {
        self.place.fault(fault)
    }

    /// Does something in one transaction, all or nothing. The lock is taken at once: what is read is still true when
    /// something is written. An inner error is the caller's own; it takes everything back too.
    pub fn in_transaction<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<Result<T, E>>,
    ) -> Result<T, E> {
        self.give_up_shared_index()?;
        let failed = |error| E::from(self.place.failed(error));
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        let transaction = transaction.map_err(failed)?;
        self.compare_again(&transaction)?;
        let result = work(&transaction).map_err(failed)?;
        match result {
            Ok(done) => transaction.commit().map(|()| done).map_err(failed),
            Err(error) => Err(error),
        }
    }

    /// The disk may have filled since the database was opened.
    fn give_up_shared_index(&mut self) -> Result<(), DatabaseError> {
        if !self.has_shared_index || !files::is_nearly_full(&self.place.path) {
            return Ok(());
        }
        // Closed first: two runs may come here, and each waits until the other has let go.
        self.connection = Connection::open_in_memory().map_err(|error| self.failed(error))?;
        *self = Database::open(self.declaration, &self.place.path, Missing::Refuse)?;
        Ok(())
    }

    /// Nothing that the file says is done but reading and writing its tables. Until all is known to be well, closing it
    /// is to move nothing. The answer is whether the index of its log will be shared.
    fn harden(&self, file: &Admitted) -> rusqlite::Result<bool> {
        let Database { connection, .. } = self;
        connection.busy_handler(Some(self.declaration.patience.again()))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, file.unfinished)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        let exclusive = match self.declaration.keeping {
            Keeping::Private => files::is_nearly_full(&file.path),
            // Another program gave it a log.
            Keeping::Shared => file.log == WriteAhead::WriteAhead,
        };
        if exclusive {
            // The index of a write-ahead log then is in memory, and runs wait for each other; from the start: two
            // that begin with reading would do so for ever.
            connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
        }
        Ok(self.declaration.keeping == Keeping::Private && !exclusive)
    }

    /// What is there, of which the header may not know yet: a process that died leaves its last changes beside the
    /// file.
    fn state(&self) -> Result<State, DatabaseError> {
        let read = || {
            // In one transaction: another first run may be writing the schema at this moment.
            let snapshot = self.connection.unchecked_transaction()?;
            let application: i32 = snapshot.pragma_query_value(None, "application_id", |row| row.get(0))?;
            let layout: i32 = snapshot.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let objects = schema::objects(&snapshot)?;
            let version = schema_version(&snapshot)?;
            snapshot.commit()?;
            Ok((application, layout, objects, version))
        };
        let (application, layout, objects, version) = read().map_err(|error| self.failed(error))?;
        if (application, layout) == (0, 0) && objects.is_empty() {
            return Ok(State::Empty);
        }
        self.place.check_numbers(self.declaration, application, layout)?;
        if layout < self.declaration.layout {
            return Ok(State::Older(layout));
        }
        self.compare(&objects)?;
        self.compared.set(version);
        Ok(State::Current)
    }

    fn compare(&self, objects: &schema::Objects) -> Result<(), DatabaseError> {
        let ours = schema::declared(self.declaration).map_err(|error| self.failed(error))?;
        match schema::difference(&ours, objects) {
            None => Ok(()),
            Some(object) => Err(self.place.fault(Fault::Altered { object })),
        }
    }

    /// Another program may have changed the schema since it was compared.
    fn compare_again(&self, transaction: &Transaction<'_>) -> Result<(), DatabaseError> {
        let read = || {
            let version = schema_version(transaction)?;
            let changed = version != self.compared.get();
            Ok((version, changed.then(|| schema::objects(transaction)).transpose()?))
        };
        let (version, objects) = read().map_err(|error| self.failed(error))?;
        if let Some(objects) = objects {
            self.compare(&objects)?;
            self.compared.set(version);
        }
        Ok(())
    }

    /// A private database is looked at as its rows are read; one that may come from elsewhere at once.
    fn check_pages(&self, state: State) -> Result<(), DatabaseError> {
        if self.declaration.keeping == Keeping::Private || state == State::Empty {
            return Ok(());
        }
        let check = "PRAGMA quick_check(1)";
        let verdict: String = self
            .connection
            .query_row(check, [], |row| row.get(0))
            .map_err(|error| self.failed(error))?;
        match verdict.as_str() {
            "ok" => Ok(()),
            _ => Err(self.place.fault(Fault::Damaged(None))),
        }
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        let Database { connection, .. } = self;
        match self.declaration.keeping {
            Keeping::Private => {
                if let Some(size) = self.declaration.page_size {
                    connection.pragma_update(None, "page_size", size)?;
                }
                patiently(self.declaration.patience, || {
                    connection.pragma_update(None, "journal_mode", "WAL")
                })?;
            }
            Keeping::Shared => {
                patiently(self.declaration.patience, || {
                    connection.pragma_update(None, "journal_mode", "DELETE")
                })?;
                connection.pragma_update(None, "locking_mode", "NORMAL")?;
                // The lock is let go with the next look.
                schema_version(connection)?;
            }
        }
        connection.pragma_update(None, "synchronous", self.declaration.synchronous)?;
        // In KiB. Rows are written once and hardly read again.
        connection.pragma_update(None, "cache_size", -512)?;
        // Only macOS heeds it: there, a plain fsync leaves data in the drive's cache.
        connection.pragma_update(None, "fullfsync", true)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(())
    }

    /// Makes the tables, or brings them up to date. Two runs may come here at once: the one that gets the lock does it,
    /// the other then finds it done.
    fn bring_up(&mut self, state: State) -> Result<(), DatabaseError> {
        let declaration = self.declaration;
        let failed = |error| self.place.failed(error);
        if state != State::Current || declaration.keeping == Keeping::Private {
            // That a transaction can be begun shows that one can write.
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
            let transaction = transaction.map_err(failed)?;
            let layout: i32 = transaction
                .pragma_query_value(None, "user_version", |row| row.get(0))
                .map_err(failed)?;
            let update = || {
                match layout {
                    0 => {
                        transaction.execute_batch(declaration.schema)?;
                        transaction.pragma_update(None, "application_id", declaration.application)?;
                    }
                    older if older < declaration.layout => (declaration.bring_up)(&transaction, older)?,
                    _ => return Ok(()),
                }
                transaction.pragma_update(None, "user_version", declaration.layout)
            };
            update().map_err(failed)?;
            self.compare_again(&transaction)?;
            transaction.commit().map_err(failed)?;
        }
        let end = || {
            // All of them are ours.
            self.connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
            self.connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
        };
        end().map(|_| ()).map_err(failed)
    }
}

/// What is in the file before this run does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    /// Of this layout, still to be brought up.
    Older(i32),
    Current,
}

/// A copy of a database in memory.
fn copied(source: &Connection, patience: Patience) -> rusqlite::Result<Connection> {
    let mut memory = Connection::open_in_memory()?;
    let backup = Backup::new(source, &mut memory)?;
    // All pages in one step. It does not wait by itself.
    patiently(patience, || match backup.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(rusqlite::Error::SqliteFailure(busy(), None)),
    })?;
    drop(backup);
    memory.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    Ok(memory)
}

fn schema_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "schema_version", |row| row.get(0))
}

fn busy() -> rusqlite::ffi::Error {
    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY)
}

#[cfg(test)]
mod tests;
