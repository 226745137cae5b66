//! Intents and their ends as rows of the database, in a transaction of the caller's.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use rusqlite::{Row, Transaction, params};

use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::pieces::{Pieces, PiecesError, cut};
use crate::bytes::source::ReadAt;
use crate::isrc::Isrc;
use crate::isrc::words::words;
use crate::plan;
use crate::prove::kept::Kept;
use crate::system::platform::{Identity, moment, path_from_bytes, path_to_bytes, start_of_machine};

use super::{EditId, IntendedMethod, Intent, Left, NewRun, Recorded, RunId, Settled, seconds_now};

/// How many bytes of a window are saved in a row.
const SAVED_PART: u64 = 256 * 1024;

pub(super) fn insert_run(transaction: &Transaction, run: &NewRun) -> rusqlite::Result<RunId> {
    let insert = "INSERT INTO runs (started, command, undoes, boot) VALUES (?, ?, ?, ?)";
    let boot = start_of_machine().unwrap_or_default();
    let undoes = run.undoes.map(|run| run.0);
    transaction.execute(insert, params![seconds_now(), run.command, undoes, boot])?;
    Ok(RunId(transaction.last_insert_rowid()))
}

/// The inner error is that the windows' old bytes cannot be read; then nothing of the intent is recorded.
pub(super) fn insert_intent(
    transaction: &Transaction,
    run: RunId,
    intent: &Intent,
    file: &dyn ReadAt,
) -> rusqlite::Result<io::Result<EditId>> {
    let Intent {
        undoes,
        path,
        before,
        check_before,
        len_after,
        check_after,
        inverse,
        method,
        modified_wanted,
        steps,
        kept,
    } = intent;
    let (windows, edit, temporary) = match method {
        IntendedMethod::InPlace { windows, edit } => (windows.as_slice(), Some(edit.encode()), None),
        IntendedMethod::NewFile { temporary } => (&[][..], None, Some(path_to_bytes(temporary))),
    };
    let insert = "INSERT INTO edits (run, state, undoes, path, device, inode, len_before, mtime_before, check_before,
            len_after, check_after, inverse, edit, temporary, ctime_before, mtime_wanted, steps, kept, mtime_after)
        VALUES (?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
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
        edit,
        temporary,
        before.changed,
        modified_wanted,
        steps.as_deref().map(steps_to_text),
        kept.as_ref()
            .map(|kept| serde_json::to_string(kept).expect("text becomes JSON")),
        moment(seconds_now(), 0),
    ])?;
    let id = EditId(transaction.last_insert_rowid());
    match save_windows(transaction, id, windows, file)? {
        Ok(()) => Ok(Ok(id)),
        Err(error) => {
            forget_windows(transaction, id)?;
            transaction.execute("DELETE FROM edits WHERE id = ?", [id.0])?;
            Ok(Err(error))
        }
    }
}

fn save_windows(
    transaction: &Transaction,
    id: EditId,
    windows: &[Range<u64>],
    file: &dyn ReadAt,
) -> rusqlite::Result<io::Result<()>> {
    let mut insert = transaction.prepare_cached("INSERT INTO windows (edit, at, bytes) VALUES (?, ?, ?)")?;
    let mut bytes = Vec::new();
    for part in windows.iter().flat_map(|window| cut(window, SAVED_PART)) {
        bytes.resize((part.end - part.start) as usize, 0);
        if let Err(error) = read_exact_at(file, &mut bytes, part.start) {
            return Ok(Err(error));
        }
        insert.execute(params![id.0, part.start.cast_signed(), bytes])?;
    }
    Ok(Ok(()))
}

fn forget_windows(transaction: &Transaction, id: EditId) -> rusqlite::Result<()> {
    let delete = "DELETE FROM windows WHERE edit = ?";
    transaction.prepare_cached(delete)?.execute([id.0]).map(|_| ())
}

pub(super) fn settle_one(transaction: &Transaction, id: EditId, settled: Settled) -> rusqlite::Result<()> {
    let (state, left) = match settled {
        Settled::Done(left) => ("done", Some(left)),
        Settled::RolledBack(_) => ("rolled-back", None),
        Settled::Abandoned => ("abandoned", None),
    };
    // Only an intent is settled: two processes may come to the same end. A file that is gone may be torn, elsewhere:
    // nothing else has its old bytes.
    let settle = match settled {
        Settled::Done(_) | Settled::RolledBack(_) => {
            "UPDATE edits SET state = ?, mtime_after = ?, ctime_after = ?, whole_after = ?, edit = NULL, temporary = NULL
            WHERE id = ? AND state = 'intent'"
        }
        Settled::Abandoned => {
            "UPDATE edits SET state = ?, mtime_after = ?, ctime_after = ?, whole_after = ?
            WHERE id = ? AND state = 'intent'"
        }
    };
    let modified = left.map(|left| left.modified);
    let changed = left.and_then(|left| left.changed);
    let whole = left.and_then(|left| left.whole);
    let whole = whole.as_ref().map(|whole| whole.as_bytes().as_slice());
    let count = transaction
        .prepare_cached(settle)?
        .execute(params![state, modified, changed, whole, id.0])?;
    if count == 0 {
        return Ok(());
    }
    match settled {
        Settled::Done(_) | Settled::RolledBack(_) => forget_windows(transaction, id)?,
        Settled::Abandoned => {}
    }
    let (taken_back, left) = match settled {
        Settled::Done(left) => ("(SELECT undoes FROM edits WHERE id = ?3)", left),
        Settled::RolledBack(Some(left)) => ("?3", left),
        Settled::RolledBack(None) | Settled::Abandoned => return Ok(()),
    };
    // The edit before the one that was taken back now ends with the file as it is, but for the times.
    let pass_on = format!(
        "UPDATE edits SET mtime_after = ?1, ctime_after = ?2 FROM edits AS later
        WHERE later.id = {taken_back} AND edits.path = later.path AND edits.id < later.id AND edits.state = 'done'
            AND edits.len_after = later.len_before AND edits.mtime_after = later.mtime_before
            AND (edits.ctime_after IS NULL OR edits.ctime_after = later.ctime_before)"
    );
    let times = params![left.modified, left.changed, id.0];
    transaction.prepare_cached(&pass_on)?.execute(times)?;
    if modified.is_none() {
        return Ok(());
    }
    let undone = "UPDATE edits SET state = 'undone' WHERE id = (SELECT undoes FROM edits WHERE id = ?)";
    transaction.prepare_cached(undone)?.execute([id.0])?;
    Ok(())
}

pub(super) enum RecordError {
    Database(rusqlite::Error),
    Pieces(PiecesError),
    Path,
    /// Of the steps or the state.
    Text,
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

/// The windows of an edit in place are in rows of their own.
pub(super) fn recorded(row: &Row) -> Result<Recorded, RecordError> {
    let bytes = |index| row.get::<_, Option<Vec<u8>>>(index);
    let number = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
    let path = |bytes: &[u8]| path_from_bytes(bytes).ok_or(RecordError::Path);
    let boot: Option<String> = row.get(17)?;
    let is_intent = row.get(18)?;
    let method = match (bytes(11)?, bytes(12)?) {
        (Some(edit), None) => Some(IntendedMethod::InPlace {
            windows: Vec::new(),
            edit: Pieces::decode(&edit)?,
        }),
        (None, Some(temporary)) => Some(IntendedMethod::NewFile {
            temporary: path(&temporary)?,
        }),
        (Some(_), Some(_)) | (None, None) => None,
    };
    Ok(Recorded {
        id: EditId(row.get(0)?),
        path: path(&row.get::<_, Vec<u8>>(1)?)?,
        before: Identity {
            device: number(2)?,
            inode: number(3)?,
            len: number(4)?,
            modified: row.get(5)?,
            // It can be no time of change.
            changed: row.get::<_, Option<i64>>(13)?.unwrap_or(i64::MIN),
        },
        check_before: number(6)?,
        len_after: number(7)?,
        begun: row.get::<_, Option<i64>>(8)?.filter(|_| is_intent),
        left: match row.get(8)? {
            Some(modified) if !is_intent => Some(Left {
                modified,
                changed: row.get(14)?,
                whole: row.get::<_, Option<[u8; 32]>>(15)?.map(blake3::Hash::from_bytes),
            }),
            Some(_) | None => None,
        },
        modified_wanted: row.get(16)?,
        check_after: number(9)?,
        inverse: Pieces::decode(&row.get::<_, Vec<u8>>(10)?)?,
        method,
        is_resolved: boot.is_some(),
        is_of_earlier_start: matches!((&boot, start_of_machine()), (Some(then), Some(now)) if !then.is_empty() && *then != now),
        // They are told, and not needed to put the bytes back.
        steps: steps_from_text(row.get(19)?).ok().flatten().unwrap_or_default(),
    })
}

/// The name of a place, and what is in it before and after.
pub type LoggedStep = (String, Option<String>, Option<String>);

words! {
    /// How an edit ended, and what became of it since.
    pub enum EditState {
        Intent = "intent",
        Done = "done",
        Undone = "undone",
        RolledBack = "rolled-back",
        Abandoned = "abandoned",
    }
}

/// An edit, for `log`.
#[derive(Debug, Clone)]
pub struct LoggedEdit {
    pub path: PathBuf,
    pub state: EditState,
    /// None of what an earlier version recorded.
    pub steps: Option<Vec<LoggedStep>>,
    /// What the edit kept and what is new, where the run was to tell it (`--verbose`).
    pub account: Option<Kept>,
    /// In bytes, as all sizes.
    pub size_before: u64,
    pub size_after: u64,
    /// Nanoseconds since 1970.
    pub mtime_ns_before: Option<i64>,
    pub mtime_ns_after: Option<i64>,
    /// CRC-64/XZ over what the edit changes and its surroundings.
    pub crc64_before: u64,
    pub crc64_after: u64,
    /// Of the whole new file, where it was taken.
    pub blake3_after: Option<blake3::Hash>,
    /// How many old bytes the journal keeps of it, and their checksum.
    pub kept_bytes: u64,
    pub kept_blake3: blake3::Hash,
}

pub(super) fn logged(row: &Row) -> Result<LoggedEdit, RecordError> {
    let number = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
    let steps = steps_from_text(row.get(2)?)?;
    let is_undo = row.get::<_, Option<i64>>(3)?.is_some();
    let as_done = |(place, before, after)| match is_undo {
        true => (place, after, before),
        false => (place, before, after),
    };
    let mut kept = (0, blake3::Hasher::new());
    for patch in Pieces::decode(&row.get::<_, Vec<u8>>(11)?)?.patches() {
        kept.0 += patch.bytes.len() as u64;
        kept.1.update(&patch.bytes);
    }
    Ok(LoggedEdit {
        path: path_from_bytes(&row.get::<_, Vec<u8>>(0)?).ok_or(RecordError::Path)?,
        state: EditState::of_word(&row.get::<_, String>(1)?).ok_or(RecordError::Text)?,
        steps: steps.map(|steps| steps.into_iter().map(as_done).collect()),
        account: row
            .get::<_, Option<String>>(12)?
            .and_then(|kept| serde_json::from_str(&kept).ok()),
        size_before: number(4)?,
        size_after: number(5)?,
        mtime_ns_before: row.get(6)?,
        mtime_ns_after: row.get(7)?,
        crc64_before: number(8)?,
        crc64_after: number(9)?,
        blake3_after: row.get::<_, Option<[u8; 32]>>(10)?.map(blake3::Hash::from_bytes),
        kept_bytes: kept.0,
        kept_blake3: kept.1.finalize(),
    })
}

fn steps_from_text(steps: Option<String>) -> Result<Option<Vec<LoggedStep>>, RecordError> {
    let steps = steps.map(|steps| serde_json::from_str(&steps));
    steps.transpose().map_err(|_no_steps| RecordError::Text)
}

fn steps_to_text(steps: &[plan::Step]) -> String {
    let steps: Vec<(&str, Option<&str>, Option<&str>)> = steps
        .iter()
        .map(|plan::Step { place, before, after }| {
            (place.as_str(), before.as_deref(), after.as_ref().map(Isrc::as_str))
        })
        .collect();
    serde_json::to_string(&steps).expect("text becomes JSON")
}
