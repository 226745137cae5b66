//! Intents and their ends as rows of the database, in a transaction of the caller's.

use std::io;
use std::ops::Range;

use rusqlite::{Row, Transaction, params};

use crate::pieces::compare::read_exact_at;
use crate::pieces::{Pieces, PiecesError, cut};
use crate::platform::{Identity, path_from_bytes, path_to_bytes};
use crate::source::ReadAt;

use super::{EditId, Intent, NewRun, Recorded, RunId, Settled, Way, seconds_now};

/// How many bytes of a window are saved in a row.
const SAVED_PART: u64 = 256 * 1024;

pub(super) fn insert_run(transaction: &Transaction, run: &NewRun) -> rusqlite::Result<RunId> {
    let insert = "INSERT INTO runs (started, command, undoes) VALUES (?, ?, ?)";
    transaction.execute(insert, params![seconds_now(), run.command, run.undoes.map(|run| run.0)])?;
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
        way,
    } = intent;
    let (windows, edit, temporary) = match way {
        Way::InPlace { windows, edit } => (windows.as_slice(), Some(edit.encode()), None),
        Way::NewFile { temporary } => (&[][..], None, Some(path_to_bytes(temporary))),
    };
    let insert = "INSERT INTO edits (run, state, undoes, path, device, inode, len_before, mtime_before, check_before,
            len_after, check_after, inverse, edit, temporary)
        VALUES (?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
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
    let (state, modified) = match settled {
        Settled::Done { modified } => ("done", Some(modified)),
        Settled::RolledBack => ("rolled-back", None),
        Settled::Abandoned => ("abandoned", None),
    };
    // Only an intent is settled: two processes may come to the same end. A file that is gone may be torn, elsewhere:
    // nothing else has its old bytes.
    let settle = match settled {
        Settled::Done { .. } | Settled::RolledBack => {
            "UPDATE edits SET state = ?, mtime_after = ?, edit = NULL, temporary = NULL
            WHERE id = ? AND state = 'intent'"
        }
        Settled::Abandoned => "UPDATE edits SET state = ?, mtime_after = ? WHERE id = ? AND state = 'intent'",
    };
    let count = transaction
        .prepare_cached(settle)?
        .execute(params![state, modified, id.0])?;
    if count == 0 {
        return Ok(());
    }
    match settled {
        Settled::Done { .. } | Settled::RolledBack => forget_windows(transaction, id)?,
        Settled::Abandoned => {}
    }
    if modified.is_none() {
        return Ok(());
    }
    // The edit before the undone one now ends with the file as the undo leaves it, but for the modification time.
    let pass_on = "UPDATE edits SET mtime_after = ?1 FROM edits AS undo JOIN edits AS undone ON undone.id = undo.undoes
        WHERE undo.id = ?2 AND edits.path = undone.path AND edits.id < undone.id AND edits.state = 'done'
            AND edits.len_after = undone.len_before AND edits.mtime_after = undone.mtime_before";
    transaction.prepare_cached(pass_on)?.execute(params![modified, id.0])?;
    let undone = "UPDATE edits SET state = 'undone' WHERE id = (SELECT undoes FROM edits WHERE id = ?)";
    transaction.prepare_cached(undone)?.execute([id.0])?;
    Ok(())
}

pub(super) enum RecordError {
    Database(rusqlite::Error),
    Pieces(PiecesError),
    Path,
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

/// The windows of an edit in place stand in rows of their own.
pub(super) fn recorded(row: &Row) -> Result<Recorded, RecordError> {
    let bytes = |index| row.get::<_, Option<Vec<u8>>>(index);
    let number = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
    let path = |bytes: &[u8]| path_from_bytes(bytes).ok_or(RecordError::Path);
    let way = match (bytes(11)?, bytes(12)?) {
        (Some(edit), None) => Some(Way::InPlace {
            windows: Vec::new(),
            edit: Pieces::decode(&edit)?,
        }),
        (None, Some(temporary)) => Some(Way::NewFile {
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
            // Not recorded: it changes with every write.
            changed: 0,
        },
        check_before: number(6)?,
        len_after: number(7)?,
        modified_after: row.get(8)?,
        check_after: number(9)?,
        inverse: Pieces::decode(&row.get::<_, Vec<u8>>(10)?)?,
        way,
    })
}
