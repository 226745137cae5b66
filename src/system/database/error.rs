//! Why a database cannot be used, in words.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::system::database::patience::is_stopped;
use crate::system::database::{Declaration, Keeping};

/// A database as messages speak of it.
#[derive(Debug, Clone)]
pub struct DatabasePlace {
    pub name: &'static str,
    /// As the user knows it.
    pub path: PathBuf,
    if_damaged: &'static str,
    keeping: Keeping,
}

/// Why a database cannot be used. Nothing in it was changed.
#[derive(Debug)]
pub struct DatabaseError {
    pub place: Box<DatabasePlace>,
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug)]
pub enum Fault {
    Missing,
    /// The folder of a private database cannot be had.
    Folder(PathBuf, io::Error),
    Open(io::Error),
    /// Others may have written it, or may write it: what, why, and what to do, in a sentence.
    Untrusted(String),
    Foreign,
    Newer {
        layout: i32,
    },
    Damaged(Option<rusqlite::Error>),
    /// A table, view, trigger or index that this program did not make, or that is not as it made it.
    Altered {
        object: String,
    },
    Busy,
    /// The user wanted to wait no longer.
    Interrupted,
    Query(rusqlite::Error),
}

impl DatabasePlace {
    pub(super) fn new(declaration: &Declaration, path: &Path) -> DatabasePlace {
        DatabasePlace {
            name: declaration.name,
            path: path.to_path_buf(),
            if_damaged: declaration.if_damaged,
            keeping: declaration.keeping,
        }
    }

    pub(super) fn fault(&self, fault: Fault) -> DatabaseError {
        DatabaseError {
            place: Box::new(self.clone()),
            fault,
        }
    }

    /// What an error of SQLite means for this database.
    pub fn failed(&self, error: rusqlite::Error) -> DatabaseError {
        self.fault(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) if self.keeping == Keeping::Shared => Fault::Foreign,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Fault::Damaged(Some(error)),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) if is_stopped() => Fault::Interrupted,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::Busy,
            _ => Fault::Query(error),
        })
    }

    pub(super) fn check_numbers(
        &self,
        declaration: &Declaration,
        application: i32,
        layout: i32,
    ) -> Result<(), DatabaseError> {
        match (application, layout) {
            (application, layout) if application != declaration.application || layout < 1 => {
                Err(self.fault(Fault::Foreign))
            }
            (_, layout) if layout > declaration.layout => Err(self.fault(Fault::Newer { layout })),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DatabasePlace {
            name,
            path,
            if_damaged,
            keeping: _,
        } = &*self.place;
        let path = path.display();
        match &self.fault {
            Fault::Missing => write!(f, "there is no {name} {path}"),
            Fault::Folder(folder, _) => write!(f, "cannot use the state folder {}", folder.display()),
            Fault::Open(_) => write!(f, "cannot open the {name} {path}"),
            Fault::Untrusted(why) => f.write_str(why),
            Fault::Foreign => write!(f, "{path} is not a {name} of this program"),
            Fault::Newer { layout } => {
                write!(
                    f,
                    "the {name} {path} was written by a newer version (layout {layout}); use that version"
                )
            }
            Fault::Damaged(_) => write!(f, "the {name} {path} is damaged; {if_damaged}"),
            Fault::Altered { object } => write!(
                f,
                "the {name} {path} was left as it is: its {object} is not as this program makes it"
            ),
            Fault::Busy => write!(f, "the {name} {path} is busy with another run"),
            Fault::Interrupted => write!(f, "interrupted while the {name} {path} was busy with another run"),
            Fault::Query(_) => write!(f, "cannot use the {name} {path}"),
        }
    }
}

impl Error for DatabaseError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.fault {
            Fault::Folder(_, error) | Fault::Open(error) => Some(error),
            Fault::Damaged(Some(error)) | Fault::Query(error) => Some(error),
            Fault::Missing
            | Fault::Untrusted(_)
            | Fault::Foreign
            | Fault::Newer { .. }
            | Fault::Damaged(None)
            | Fault::Altered { .. }
            | Fault::Busy
            | Fault::Interrupted => None,
        }
    }
}
