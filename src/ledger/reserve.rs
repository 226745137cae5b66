//! Giving codes out. A code is set apart on stable storage before any file carries it, and nothing that was ever set
//! apart goes to another recording: a run may be killed at any moment, and two may run at once.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _};

use super::compare::is_same_recording;
use super::prefix::{PrefixCode, PrefixRange, Usage, next, year_digits};
use super::store::{self, ENTRY};
use super::{CodeState, Ledger, LedgerEntry, LedgerError, Origin, Reference, Stamp};
use crate::isrc::Isrc;

/// The code for one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    pub isrc: Isrc,
    pub kind: OfferKind,
}

/// Why this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferKind {
    /// The next of the range.
    New,
    /// Set apart for this recording by an earlier run that did not get to write it, or earlier in this one.
    Again,
    /// The ledger says that this recording has this code; its file has lost it or is another copy.
    Known,
}

/// What was set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// One for each recording, in their order.
    pub offers: Vec<Offer>,
    /// How far the ranges of the prefix are used now.
    pub usage: Vec<Usage>,
}

impl Ledger {
    /// Sets a code apart for each recording, all or none. They are on stable storage when this returns.
    pub fn reserve(
        &mut self,
        prefix: PrefixCode,
        year: u16,
        recordings: &[Reference],
        stamp: &Stamp,
    ) -> Result<Reservation, LedgerError> {
        let digits = year_digits(year)?;
        let ranges: Vec<PrefixRange> = self
            .prefixes()?
            .into_iter()
            .map(|known| known.range)
            .filter(|range| range.prefix() == prefix)
            .collect();
        if ranges.is_empty() {
            return Err(LedgerError::NoSuchPrefix(prefix));
        }
        self.database.in_transaction(|transaction| {
            let mut offers: Vec<Option<Offer>> = Vec::with_capacity(recordings.len());
            let mut taken: HashSet<Isrc> = HashSet::new();
            for recording in recordings {
                let offer = known_code(transaction, recording, prefix, &taken)?;
                taken.extend(offer.map(|offer| offer.isrc));
                offers.push(offer);
            }
            let wanted = offers.iter().zip(recordings).filter(|(offer, _)| offer.is_none());
            let wanted = one_of_each_audio(wanted.map(|(_, recording)| recording));
            let free = free(transaction, &ranges, digits)?;
            if wanted.len() > free.len() {
                return Ok(Err(LedgerError::Full {
                    prefix,
                    year,
                    left: free.len() as u32,
                    wanted: wanted.len(),
                    below: highest_above_a_gap(transaction, &ranges, digits)?,
                }));
            }
            let offers = complete(transaction, offers, recordings, &free, stamp)?;
            let usage = ranges.iter().map(|range| Usage::of(transaction, *range, year, digits));
            let usage = usage.collect::<rusqlite::Result<Vec<Usage>>>()?;
            Ok(Ok(Reservation { offers, usage }))
        })
    }

    /// Notes that a file carries a code that was set apart: from now on it counts as given. Asking twice does no harm.
    pub fn confirm(&mut self, isrc: Isrc, stamp: &Stamp) -> Result<(), LedgerError> {
        self.database.in_transaction(|transaction| {
            let state: Option<String> = transaction
                .query_row("SELECT state FROM codes WHERE isrc = ?1", [isrc.as_str()], |row| {
                    row.get(0)
                })
                .optional()?;
            match state.as_deref() {
                None => return Ok(Err(LedgerError::NoSuchCode(isrc))),
                Some("void") => return Ok(Err(LedgerError::IsVoid(isrc))),
                Some("reserved") => assign(transaction, isrc, stamp)?,
                Some(_) => {}
            }
            Ok(Ok(()))
        })
    }
}

/// Sets the next free code apart for each recording without an offer; recordings of one audio get one.
fn complete(
    database: &Connection,
    offers: Vec<Option<Offer>>,
    recordings: &[Reference],
    free: &[Isrc],
    stamp: &Stamp,
) -> rusqlite::Result<Vec<Offer>> {
    let mut by_audio: HashMap<u128, Isrc> = HashMap::new();
    let mut free = free.iter();
    let mut completed = Vec::with_capacity(offers.len());
    for (offer, recording) in offers.into_iter().zip(recordings) {
        let md5 = recording.description.flac_md5;
        let same_audio = md5.and_then(|md5| by_audio.get(&md5).copied());
        completed.push(match (offer, same_audio) {
            (Some(offer), _) => offer,
            (None, Some(isrc)) => Offer {
                isrc,
                kind: OfferKind::Again,
            },
            (None, None) => {
                let isrc = *free.next().expect("there are as many as are wanted");
                let entry = LedgerEntry {
                    isrc,
                    state: CodeState::Reserved,
                    origin: Origin::Given,
                    reference: recording.clone(),
                    stamp: stamp.clone(),
                };
                store::insert(database, &entry)?;
                by_audio.extend(md5.map(|md5| (md5, isrc)));
                Offer {
                    isrc,
                    kind: OfferKind::New,
                }
            }
        });
    }
    Ok(completed)
}

/// A code that was set apart counts as given.
pub(super) fn assign(database: &Connection, isrc: Isrc, stamp: &Stamp) -> rusqlite::Result<()> {
    database.execute("UPDATE codes SET state = 'assigned' WHERE isrc = ?1", [isrc.as_str()])?;
    store::record(database, isrc, CodeState::Assigned.word(), None, stamp)
}

/// The code that this very recording has in the ledger.
fn known_code(
    database: &Connection,
    recording: &Reference,
    prefix: PrefixCode,
    taken: &HashSet<Isrc>,
) -> rusqlite::Result<Option<Offer>> {
    let sql = format!(
        "SELECT {ENTRY} FROM codes WHERE state <> 'void' AND (flac_md5 = ?1 OR path = ?2) \
         ORDER BY state = 'reserved', isrc LIMIT {MOST_CANDIDATES}"
    );
    let mut statement = database.prepare_cached(&sql)?;
    let keys = rusqlite::params![
        store::audio_key(recording.description.flac_md5),
        store::path_key(recording.path.as_ref())
    ];
    let candidates = statement.query_map(keys, store::entry)?;
    for candidate in candidates {
        let LedgerEntry {
            isrc, state, reference, ..
        } = candidate?;
        if !is_same_recording(&reference, recording) {
            continue;
        }
        let kind = match state {
            CodeState::Assigned => OfferKind::Known,
            CodeState::Reserved if isrc.prefix_code() == prefix.as_str() => OfferKind::Again,
            CodeState::Reserved | CodeState::Void => continue,
        };
        // Within a run, only the same audio takes a code a second time.
        let is_same_audio = reference.description.flac_md5.is_some()
            && reference.description.flac_md5 == recording.description.flac_md5;
        if is_same_audio || !taken.contains(&isrc) {
            return Ok(Some(Offer { isrc, kind }));
        }
    }
    Ok(None)
}

/// So many codes of one file or audio are looked at; there should be one.
const MOST_CANDIDATES: u32 = 100;

/// The recordings, those of equal audio counted once.
fn one_of_each_audio<'a>(recordings: impl Iterator<Item = &'a Reference>) -> Vec<&'a Reference> {
    let mut seen = HashSet::new();
    recordings
        .filter(|recording| recording.description.flac_md5.is_none_or(|md5| seen.insert(md5)))
        .collect()
}

/// The highest code in use of the last range where the ledger does not know them all.
fn highest_above_a_gap(database: &Connection, ranges: &[PrefixRange], digits: u8) -> rusqlite::Result<Option<Isrc>> {
    let sql = "SELECT max(isrc), count(*) FROM codes WHERE isrc BETWEEN ?1 AND ?2";
    let mut found = None;
    for range in ranges {
        let code = |number| format!("{}{digits:02}{number:05}", range.prefix());
        let bounds = [code(range.first()), code(range.last())];
        let (highest, known): (Option<String>, u32) =
            database.query_row(sql, bounds, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let highest = highest.as_deref().and_then(Isrc::from_stored);
        let up_to = highest.and_then(|isrc| Some(isrc.designation().parse::<u32>().ok()? - range.first() + 1));
        found = highest.filter(|_| up_to > Some(known)).or(found);
    }
    Ok(found)
}

/// The codes that come next, range after range.
fn free(database: &Connection, ranges: &[PrefixRange], digits: u8) -> rusqlite::Result<Vec<Isrc>> {
    let mut free = Vec::new();
    for range in ranges {
        if let Some(next) = next(database, *range, digits)? {
            let code = |number| Isrc::from_parts(range.prefix().as_str(), digits, number);
            free.extend((next..=range.last()).filter_map(code));
        }
    }
    Ok(free)
}
