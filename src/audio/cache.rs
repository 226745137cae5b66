//! Fingerprints kept from one run to the next, in one SQLite file of the state folder.
//!
//! A fingerprint is found by what it was computed from: a hash over the packets that decoding reads, so a changed tag
//! keeps it and changed audio loses it, in whatever file the packets are. Files that have not changed at all (same
//! inode, size and both times) are not even read. Invariant: the cache only ever saves work; without it, or with a
//! damaged one, the answers are the same.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use rusqlite::{Connection, Params, params};

use super::Undecodable;
use super::decode::{Limits, packets_hash};
use super::fingerprint::{Fingerprint, fingerprint};
use super::pcm::{self, Md5Claim, Pcm, StoredPcm};
use crate::bytes::source::{ReadAt, SourceFile};
use crate::system::database::{Database, DatabaseError, Declaration, Keeping, Missing, Patience};
use crate::system::platform::Identity;

/// The file's name in the state folder.
pub const FILE_NAME: &str = "fingerprints.sqlite3";

/// Raised whenever the same audio gives another fingerprint than before, so that old ones are no longer found.
const ALGORITHM: u32 = 3;

/// A file that changed this shortly ago may change again without its times showing it.
const SETTLED: Duration = Duration::from_secs(3);

static DECLARATION: Declaration = Declaration {
    name: "file of fingerprints",
    if_damaged: "move it away to have a new one made",
    // "isrF"
    application: 0x6973_7246,
    layout: 5,
    schema: "CREATE TABLE prints (
             key BLOB PRIMARY KEY NOT NULL,
             print BLOB NOT NULL
         ) WITHOUT ROWID;
         CREATE TABLE files (
             identity BLOB PRIMARY KEY NOT NULL,
             heard INTEGER NOT NULL,
             key BLOB NOT NULL
         ) WITHOUT ROWID;
         CREATE TABLE pcm (
             key BLOB PRIMARY KEY NOT NULL,
             pcm BLOB NOT NULL
         ) WITHOUT ROWID;",
    bring_up: |transaction, from| {
        // Fingerprints of an earlier algorithm, with which nothing can be compared any more.
        transaction.execute_batch("DELETE FROM prints; DELETE FROM files;")?;
        if from < 4 {
            // Samples known by the file alone, and of what is next to silence, too.
            transaction.execute_batch(
                "DROP TABLE IF EXISTS pcm;
                 CREATE TABLE pcm (key BLOB PRIMARY KEY NOT NULL, pcm BLOB NOT NULL) WITHOUT ROWID;",
            )?;
        }
        Ok(())
    },
    keeping: Keeping::Private,
    // The run goes on without.
    patience: Patience::Moment,
    page_size: None,
    // Without a sync for each file: a power cut loses rows of the last run, never the database.
    synchronous: "NORMAL",
};

/// Fingerprints from earlier runs. Safe to share between threads.
#[derive(Debug)]
pub struct Cache {
    database: Option<Mutex<Database>>,
}

impl Cache {
    /// A cache that keeps nothing.
    pub fn none() -> Cache {
        Cache { database: None }
    }

    /// Opens the cache in `folder`, making both if they are not there. After an error the run goes on without.
    pub fn open(folder: &Path) -> Result<Cache, DatabaseError> {
        let database = Database::open(&DECLARATION, &folder.join(FILE_NAME), Missing::Create)?;
        Ok(Cache {
            database: Some(Mutex::new(database)),
        })
    }

    /// The fingerprint of `file`, from an earlier run or by listening to it.
    ///
    /// `extension` is the file name's, in lower case; it is only a hint. The error is the reason why nothing can be
    /// said about the audio. What the database cannot do is not reported: it costs time, nothing else.
    pub fn fingerprint(
        &self,
        file: &SourceFile,
        extension: Option<&str>,
        limits: &Limits,
    ) -> Result<Fingerprint, Undecodable> {
        let Some(database) = &self.database else {
            return fingerprint(file, extension, limits);
        };
        // A thread that panicked in here left at most a row unwritten.
        let lock = || database.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = Identity::of(file.metadata());
        let by = key_of(&identity);
        if let Some(by) = &by
            && let Some(found) = by_identity(&lock(), by, limits)
        {
            return Ok(found);
        }
        let key = key(file, extension, limits)?;
        let found = by_key(&lock(), &key);
        let fingerprint = match &found {
            Some(found) => found.clone(),
            None => fingerprint(file, extension, limits)?,
        };
        let settled = by.filter(|_| has_settled(&identity));
        // See above: a fingerprint that cannot be kept is computed again next time.
        let _kept = keep(&lock(), &key, settled.as_deref(), limits, &fingerprint, found.is_some());
        Ok(fingerprint)
    }
}

impl Cache {
    /// The samples of `file`, from an earlier run or by reading all of it. As [`Cache::fingerprint`], but for files whose
    /// samples are in them as they are: to find these by their content takes as long as to read them anew.
    pub fn pcm(
        &self,
        file: &SourceFile,
        extension: Option<&str>,
        limits: &Limits,
        claim: Md5Claim,
    ) -> Result<Pcm, Undecodable> {
        let Some(database) = &self.database else {
            return pcm::read(file, extension, limits, claim);
        };
        let lock = || database.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = Identity::of(file.metadata());
        let by = key_of(&identity);
        let settled = by.as_ref().filter(|_| has_settled(&identity));
        if let Some(found) = by.as_ref().and_then(|by| pcm_by_key(&lock(), by)) {
            return Ok(found);
        }
        let (found, key) = match pcm::stored(file, extension, limits, claim)? {
            StoredPcm::Stated(pcm) => return Ok(pcm),
            StoredPcm::Plain(raw) => (raw.read(file, limits)?, None),
            StoredPcm::Encoded => {
                let key = pcm_key(file, extension, limits)?;
                let known = pcm_by_key(&lock(), &key);
                match known {
                    Some(known) => (known, None),
                    None => (pcm::decode(file, extension, limits)?, Some(key)),
                }
            }
        };
        for key in settled.into_iter().chain(&key) {
            let _kept = keep_pcm(&lock(), key, &found);
        }
        Ok(found)
    }
}

fn by_identity(database: &Connection, identity: &[u8], limits: &Limits) -> Option<Fingerprint> {
    let query = "SELECT key FROM files WHERE identity = ?1 AND heard = ?2";
    by_key(database, &kept(database, query, params![identity, millis(limits)])?)
}

fn by_key(database: &Connection, key: &[u8]) -> Option<Fingerprint> {
    Fingerprint::from_bytes(&kept(database, "SELECT print FROM prints WHERE key = ?1", [key])?)
}

fn pcm_by_key(database: &Connection, key: &[u8]) -> Option<Pcm> {
    Pcm::from_bytes(&kept(database, "SELECT pcm FROM pcm WHERE key = ?1", [key])?)
}

/// The one value of a query; what cannot be read is not there.
fn kept(database: &Connection, query: &str, values: impl Params) -> Option<Vec<u8>> {
    database
        .prepare_cached(query)
        .ok()?
        .query_row(values, |row| row.get(0))
        .ok()
}

fn keep_pcm(database: &Connection, key: &[u8], pcm: &Pcm) -> rusqlite::Result<usize> {
    database
        .prepare_cached("INSERT OR REPLACE INTO pcm (key, pcm) VALUES (?1, ?2)")?
        .execute(params![key, pcm.to_bytes()])
}

fn keep(
    database: &Connection,
    key: &[u8],
    identity: Option<&[u8]>,
    limits: &Limits,
    fingerprint: &Fingerprint,
    known: bool,
) -> rusqlite::Result<()> {
    if !known {
        database
            .prepare_cached("INSERT OR REPLACE INTO prints (key, print) VALUES (?1, ?2)")?
            .execute(params![key, fingerprint.to_bytes()])?;
    }
    if let Some(identity) = identity {
        database
            .prepare_cached("INSERT OR REPLACE INTO files (identity, heard, key) VALUES (?1, ?2, ?3)")?
            .execute(params![identity, millis(limits), key])?;
    }
    Ok(())
}

fn millis(limits: &Limits) -> i64 {
    i64::try_from(limits.heard.as_millis()).unwrap_or(i64::MAX)
}

fn key(file: &(dyn ReadAt + Sync), extension: Option<&str>, limits: &Limits) -> Result<Vec<u8>, Undecodable> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&ALGORITHM.to_le_bytes());
    hasher.update(&millis(limits).to_le_bytes());
    packets_hash(file, extension, limits, &mut hasher)?;
    Ok(hasher.finalize().as_bytes().to_vec())
}

/// The same for all of the samples.
fn pcm_key(file: &(dyn ReadAt + Sync), extension: Option<&str>, limits: &Limits) -> Result<Vec<u8>, Undecodable> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"pcm");
    let all = Limits {
        heard: Duration::MAX,
        ..*limits
    };
    packets_hash(file, extension, &all, &mut hasher)?;
    Ok(hasher.finalize().as_bytes().to_vec())
}

/// What stands for a file as long as nobody writes to it, where the system has numbers for files: without one nothing short
/// of reading tells a file from another.
fn key_of(file: &Identity) -> Option<Vec<u8>> {
    let Identity {
        device,
        inode,
        len,
        modified,
        changed,
    } = *file;
    let numbers = [device, inode, len, modified as u64, changed as u64];
    (inode != 0).then(|| numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
}

/// Whether a file has been left alone for long enough that its next change will show in its times. Unlike the modification
/// time, no program can set the time of change back.
fn has_settled(file: &Identity) -> bool {
    let changed = u64::try_from(file.changed).unwrap_or(0);
    let changed = UNIX_EPOCH.checked_add(Duration::from_nanos(changed));
    changed.is_some_and(|changed| changed.elapsed().is_ok_and(|since| since >= SETTLED))
}
