//! Entering codes that exist already, and looking them up.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use super::compare::{Contradiction, contradiction};
use super::reserve::assign;
use super::store::{self, ENTRY};
use super::{CodeState, Ledger, LedgerEntry, LedgerError, Origin, Reference, Stamp};
use crate::isrc::Isrc;
use crate::list::{Code, List};

/// A code that cannot be entered as asked, because it would then name two recordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Where it comes from: the number of a row, or of a file in the order they were given, counted from 0.
    pub from: usize,
    pub what: ClashWhat,
}

/// What clashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClashWhat {
    /// The ledger gives the code to another recording.
    OtherRecording { isrc: Isrc, contradiction: Contradiction },
    /// The ledger says that the code is never to be used.
    Void { isrc: Isrc },
    /// The list gives the code to another recording further up.
    Repeated {
        isrc: Isrc,
        first: usize,
        contradiction: Contradiction,
    },
    /// It is no code.
    Unusable { text: String, why: Cow<'static, str> },
}

impl Clash {
    /// The clash under the name of where it comes from.
    pub fn told(&self, name: impl Fn(usize) -> String) -> String {
        let what = match &self.what {
            ClashWhat::OtherRecording { isrc, contradiction } => {
                format!("{isrc} belongs to another recording: here and in the ledger {contradiction}")
            }
            ClashWhat::Void { isrc } => format!("{isrc} is void in the ledger"),
            ClashWhat::Repeated {
                isrc,
                first,
                contradiction,
            } => format!(
                "{isrc} is given a second time: here and in {} {contradiction}",
                name(*first)
            ),
            ClashWhat::Unusable { text, why } => format!("{text:?} is no code: {why}"),
        };
        format!("{}: {what}", name(self.from))
    }
}

/// What entering a list came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    /// Codes that the ledger knew already, for the same recordings.
    pub known: usize,
    /// With any of these nothing was entered.
    pub clashes: Vec<Clash>,
}

/// Which codes to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFilter {
    All,
    Only(CodeState),
}

impl Ledger {
    /// Enters a code by hand. If the ledger knows it for the same recording, that is no error: it says `false`.
    pub fn add(&mut self, isrc: Isrc, reference: &Reference, stamp: &Stamp) -> Result<bool, LedgerError> {
        let codes = [(0, isrc, reference.clone())];
        let entered = self.enter(&codes, Origin::Added, stamp)?;
        match entered.clashes.into_iter().next().map(|clash| clash.what) {
            None => Ok(entered.added == 1),
            Some(
                ClashWhat::OtherRecording { isrc, contradiction }
                | ClashWhat::Repeated {
                    isrc, contradiction, ..
                },
            ) => Err(LedgerError::OtherRecording { isrc, contradiction }),
            Some(ClashWhat::Void { isrc }) => Err(LedgerError::IsVoid(isrc)),
            Some(ClashWhat::Unusable { .. }) => Ok(false),
        }
    }

    /// Enters the codes of a list, all or none. A row whose state says that its code is not to be used
    /// ("void", "withdrawn" …) enters a void code.
    pub fn import(&mut self, list: &List, stamp: &Stamp) -> Result<Imported, LedgerError> {
        let mut codes = Vec::new();
        let mut voids = Vec::new();
        let mut unusable = Vec::new();
        for row in &list.rows {
            let from = row.number as usize;
            match &row.code {
                Code::None => {}
                Code::Isrc(isrc) if row.is_void() => voids.push((from, *isrc, Reference::of_row(row))),
                Code::Isrc(isrc) => codes.push((from, *isrc, Reference::of_row(row))),
                Code::Unusable { text, why, .. } => unusable.push(Clash {
                    from,
                    what: ClashWhat::Unusable {
                        text: text.clone(),
                        why: why.clone(),
                    },
                }),
            }
        }
        if unusable.is_empty() {
            return self.enter_all(&codes, &voids, Origin::Imported, stamp);
        }
        let mut imported = self.clashes_only(&codes)?;
        imported.clashes.extend(unusable);
        imported.clashes.sort_by_key(|clash| clash.from);
        Ok(imported)
    }

    /// Enters the codes that files carry, all or none. One that was set apart for its file counts as given from now on.
    pub fn see(&mut self, codes: &[(Isrc, Reference)], stamp: &Stamp) -> Result<Imported, LedgerError> {
        self.enter(&numbered(codes), Origin::Seen, stamp)
    }

    /// What keeps [`Ledger::see`] from entering them.
    pub fn clashes_of(&self, codes: &[(Isrc, Reference)]) -> Result<Vec<Clash>, LedgerError> {
        Ok(self.clashes_only(&numbered(codes))?.clashes)
    }

    fn enter(
        &mut self,
        codes: &[(usize, Isrc, Reference)],
        origin: Origin,
        stamp: &Stamp,
    ) -> Result<Imported, LedgerError> {
        self.enter_all(codes, &[], origin, stamp)
    }

    fn enter_all(
        &mut self,
        codes: &[(usize, Isrc, Reference)],
        voids: &[(usize, Isrc, Reference)],
        origin: Origin,
        stamp: &Stamp,
    ) -> Result<Imported, LedgerError> {
        self.database.in_transaction(|transaction| {
            let mut imported = clashes(transaction, codes)?;
            if !imported.clashes.is_empty() {
                return Ok(Ok(imported));
            }
            let entries = codes.iter().map(|code| (code, CodeState::Assigned));
            for ((_, isrc, reference), state) in entries.chain(voids.iter().map(|code| (code, CodeState::Void))) {
                let known = find(transaction, *isrc)?;
                match known {
                    None => {
                        let entry = LedgerEntry {
                            isrc: *isrc,
                            state,
                            origin,
                            reference: reference.clone(),
                            stamp: stamp.clone(),
                        };
                        store::insert(transaction, &entry)?;
                        imported.added += 1;
                    }
                    Some(known) => {
                        match (known.state, state) {
                            (CodeState::Reserved, CodeState::Assigned) => assign(transaction, *isrc, stamp)?,
                            (CodeState::Reserved | CodeState::Assigned, CodeState::Void) => {
                                set_void(transaction, *isrc, None, stamp)?;
                            }
                            (CodeState::Assigned | CodeState::Void, _) | (CodeState::Reserved, CodeState::Reserved) => {
                            }
                        }
                        imported.known += 1;
                    }
                }
            }
            Ok(Ok(imported))
        })
    }

    fn clashes_only(&self, codes: &[(usize, Isrc, Reference)]) -> Result<Imported, LedgerError> {
        clashes(&self.database, codes).map_err(|error| self.failed(error))
    }

    /// Declares a code void: it is never to be used, and never given to another recording.
    pub fn void(&mut self, isrc: Isrc, reason: Option<&str>, stamp: &Stamp) -> Result<(), LedgerError> {
        self.database.in_transaction(|transaction| {
            match find(transaction, isrc)? {
                None => return Ok(Err(LedgerError::NoSuchCode(isrc))),
                Some(known) if known.state == CodeState::Void => return Ok(Ok(())),
                Some(_) => set_void(transaction, isrc, reason, stamp)?,
            }
            Ok(Ok(()))
        })
    }

    /// What the ledger knows of a code.
    pub fn find(&self, isrc: Isrc) -> Result<Option<LedgerEntry>, LedgerError> {
        find(&self.database, isrc).map_err(|error| self.failed(error))
    }

    /// Whether a code is in the ledger.
    pub fn has(&self, isrc: Isrc) -> Result<bool, LedgerError> {
        let known: Result<Option<()>, LedgerError> =
            self.database
                .row("SELECT 1 FROM codes WHERE isrc = ?1", [isrc.as_str()], |_| Ok(()));
        Ok(known?.is_some())
    }

    /// The codes that were given to the recording of a file, whose path is absolute.
    pub fn given_to(&self, path: &Path) -> Result<Vec<Isrc>, LedgerError> {
        let sql =
            format!("SELECT {ENTRY} FROM codes WHERE path = ?1 AND origin = ?2 AND state <> 'void' ORDER BY isrc");
        let keys = rusqlite::params![store::path_key(Some(&path.to_path_buf())), Origin::Given.word()];
        self.database
            .rows(&sql, keys, |row| store::entry(row).map(|entry| entry.isrc))
    }

    /// Tells the codes one after the other, in the order of the codes.
    pub fn each(&self, listed: CodeFilter, mut tell: impl FnMut(LedgerEntry)) -> Result<(), LedgerError> {
        let mut read = || {
            let state = match listed {
                CodeFilter::All => "%",
                CodeFilter::Only(state) => state.word(),
            };
            let sql = format!("SELECT {ENTRY} FROM codes WHERE state LIKE ?1 ORDER BY isrc");
            let mut statement = self.database.prepare(&sql)?;
            for entry in statement.query_map([state], store::entry)? {
                tell(entry?);
            }
            Ok(())
        };
        read().map_err(|error| self.failed(error))
    }
}

fn numbered(codes: &[(Isrc, Reference)]) -> Vec<(usize, Isrc, Reference)> {
    let numbered = codes.iter().enumerate();
    numbered
        .map(|(from, (isrc, reference))| (from, *isrc, reference.clone()))
        .collect()
}

fn set_void(database: &Connection, isrc: Isrc, reason: Option<&str>, stamp: &Stamp) -> rusqlite::Result<()> {
    database.execute("UPDATE codes SET state = 'void' WHERE isrc = ?1", [isrc.as_str()])?;
    store::record(database, isrc, CodeState::Void.word(), reason, stamp)
}

fn find(database: &Connection, isrc: Isrc) -> rusqlite::Result<Option<LedgerEntry>> {
    let sql = format!("SELECT {ENTRY} FROM codes WHERE isrc = ?1");
    let mut statement = database.prepare_cached(&sql)?;
    statement.query_row([isrc.as_str()], store::entry).optional()
}

fn clashes(database: &Connection, codes: &[(usize, Isrc, Reference)]) -> rusqlite::Result<Imported> {
    let mut first: HashMap<Isrc, (usize, &Reference)> = HashMap::new();
    let mut imported = Imported::default();
    for (from, isrc, reference) in codes {
        let isrc = *isrc;
        let in_ledger = find(database, isrc)?.and_then(|known| match known.state {
            CodeState::Void => Some(ClashWhat::Void { isrc }),
            CodeState::Reserved | CodeState::Assigned => contradiction(&known.reference, reference)
                .map(|contradiction| ClashWhat::OtherRecording { isrc, contradiction }),
        });
        // What clashes with the ledger is nothing to hold others against.
        let clash = in_ledger.or_else(|| {
            let (first, known) = *first.entry(isrc).or_insert((*from, reference));
            contradiction(known, reference).map(|contradiction| ClashWhat::Repeated {
                isrc,
                first,
                contradiction,
            })
        });
        imported.clashes.extend(clash.map(|what| Clash { from: *from, what }));
    }
    Ok(imported)
}
