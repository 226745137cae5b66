//! Makes a new file beside the old one and renames it over. The old file is whole until the rename, the new one after.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::bytes::pieces::Piece;
use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::source::{SourceFile, with_causes};
use crate::system::platform::{self, OpenFile};

use super::before::restore_times;
use super::faults::Faults;
use crate::edit::prepare::Ready;
use crate::edit::write::staged::{Ended, Staged, check_unchanged, done, left, new_times};
use crate::edit::{EditError, NotWritten, Times, refused};
use crate::prove::check::check;

const TEMPORARY: (&str, &str) = (".isrctag-", ".tmp");

/// A name that no other file has, in the folder of `path` and short whatever the file's own name.
pub(in crate::edit) fn temporary_name(path: &Path) -> PathBuf {
    let (before, after) = TEMPORARY;
    // The standard library seeds every `RandomState` anew.
    let random = RandomState::new().build_hasher().finish();
    path.with_file_name(format!("{before}{random:016x}{after}"))
}

/// Whether [`temporary_name`] may have made `temporary` for `path`.
pub(in crate::edit) fn is_temporary_of(temporary: &Path, path: &Path) -> bool {
    let (before, after) = TEMPORARY;
    let name = temporary.file_name().and_then(|name| name.to_str());
    let random = name.and_then(|name| name.strip_prefix(before)?.strip_suffix(after));
    let is_random =
        |random: &str| random.len() == 16 && random.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    temporary.parent() == path.parent() && random.is_some_and(is_random)
}

/// Writes the new file, compares it with the proved one, and puts it in the old one's place. The folder is not synced.
pub(in crate::edit) fn write(staged: &Staged, temporary: &Path, times: Times, faults: &dyn Faults) -> Ended {
    let ready = &staged.ready;
    let created = faults
        .step("create")
        .and_then(|()| ready.entry.create_beside(temporary));
    let file = match created {
        Ok(file) => file,
        Err(error) => return Ended::Untouched(EditError::Write(error).into()),
    };
    let renamed = fill(staged, &file, times, faults).and_then(|()| {
        check_unchanged(ready)?;
        faults.step("rename").map_err(EditError::Write)?;
        ready.entry.replace_by(temporary).map_err(EditError::Write)?;
        Ok(())
    });
    match renamed {
        // The new name counts as a change.
        Ok(()) => match faults.step("renamed").and_then(|()| left(&file)) {
            Ok(left) => done(ready, &file, left),
            Err(error) => Ended::Open(EditError::Unconfirmed(error).into()),
        },
        Err(why) => match ready.entry.remove_beside(temporary) {
            Ok(()) => Ended::Untouched(why),
            // The old file is whole; recovery removes the leftover.
            Err(_) => Ended::Open(why),
        },
    }
}

fn fill(staged: &Staged, file: &File, times: Times, faults: &dyn Faults) -> Result<(), NotWritten> {
    let ready = &staged.ready;
    let failed = |error| NotWritten::from(EditError::Write(error));
    platform::carry_flags(ready.file.file(), file).map_err(|error| refused(with_causes(&error)))?;
    copy(ready, file, faults).map_err(failed)?;
    faults.step("carry over").map_err(failed)?;
    platform::carry_over(ready.file.file(), file).map_err(|error| refused(with_causes(&error)))?;
    faults.step("sync the file").map_err(failed)?;
    file.sync_all().map_err(failed)?;
    faults.step("read back").map_err(failed)?;
    check_whole(staged, file).map_err(failed)?;
    if let Some(times) = new_times(staged, times).map_err(failed)? {
        faults.step("set the times").map_err(failed)?;
        // Last, since reading changes the access time.
        restore_times(file, times).map_err(failed)?;
    }
    Ok(())
}

/// How much is copied at once. What is written is read back and compared while it is in the processor's reach.
const BUFFER: usize = 128 * 1024;

/// How much is written before the disk is told to begin.
const AHEAD: u64 = 8 * 1024 * 1024;

const DIFFERS: &str = "the new file does not hold what was written to it";

/// Writes all pieces. Every byte that is written is read back and compared with what it was made from.
fn copy(ready: &Ready, file: &File, faults: &dyn Faults) -> io::Result<()> {
    let pieces = ready.proved.pieces();
    let is_shared = pieces.new_len() == pieces.old_len() && platform::share_blocks(ready.file.file(), file);
    // At once, since holes are not copied.
    file.set_len(pieces.new_len())?;
    let mut copy = Copy {
        to: file,
        written: 0,
        told: 0,
        buffer: Vec::with_capacity(BUFFER),
        read_back: Vec::new(),
    };
    for piece in pieces.pieces() {
        faults.step("copy")?;
        match piece {
            Piece::Keep(range) if is_shared && range.start == copy.position() => copy.skip(range.end - range.start)?,
            Piece::Keep(range) => copy.range(&ready.file, range)?,
            Piece::Put(bytes) => bytes.chunks(BUFFER).try_for_each(|bytes| copy.put(bytes))?,
        }
    }
    copy.flush()?;
    if copy.written != file.metadata()?.len() {
        return Err(io::Error::other(DIFFERS));
    }
    Ok(())
}

struct Copy<'a> {
    to: &'a File,
    /// Up to where the new file is written; what is in the buffer comes next.
    written: u64,
    /// Up to where the disk was told to begin.
    told: u64,
    buffer: Vec<u8>,
    read_back: Vec<u8>,
}

impl Copy<'_> {
    fn position(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn range(&mut self, from: &SourceFile, range: Range<u64>) -> io::Result<()> {
        let mut at = range.start;
        while let Some(data) = next_data(from, at, range.end)? {
            if data.start > at {
                self.skip(data.start - at)?;
            }
            at = data.start;
            while at < data.end {
                if self.buffer.len() == BUFFER {
                    self.flush()?;
                }
                let filled = self.buffer.len();
                let count = (data.end - at).min((BUFFER - filled) as u64) as usize;
                self.buffer.resize(filled + count, 0);
                read_exact_at(from, &mut self.buffer[filled..], at)?;
                at += count as u64;
            }
        }
        self.skip(range.end - at)
    }

    /// Leaves a stretch of the new file as it is: a hole, or blocks that are shared.
    fn skip(&mut self, len: u64) -> io::Result<()> {
        if len > 0 {
            self.flush()?;
            self.written += len;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        platform::write_all_at(self.to, &self.buffer, self.written)?;
        self.read_back.resize(self.buffer.len(), 0);
        let end = self.position();
        read_exact_at(
            &OpenFile {
                file: self.to,
                len: end,
            },
            &mut self.read_back,
            self.written,
        )?;
        if self.read_back != self.buffer {
            return Err(io::Error::other(DIFFERS));
        }
        self.buffer.clear();
        self.written = end;
        if self.written - self.told >= AHEAD {
            platform::start_writing(self.to, self.told..self.written);
            self.told = self.written;
        }
        Ok(())
    }
}

/// The next data of a range; a small range is not worth asking for holes.
fn next_data(from: &SourceFile, at: u64, end: u64) -> io::Result<Option<Range<u64>>> {
    if end - at < BUFFER as u64 {
        return Ok((at < end).then_some(at..end));
    }
    platform::next_data(from.file(), at, end)
}

/// Whether the new file is the proved one where the edit was made and at its ends; what lies between was compared when
/// it was written, or is shared.
fn check_whole(staged: &Staged, file: &File) -> io::Result<()> {
    let opened = OpenFile {
        file,
        len: file.metadata()?.len(),
    };
    let is_right =
        opened.len == staged.intent.len_after && check(&opened, &staged.intent.inverse)? == staged.intent.check_after;
    if is_right {
        Ok(())
    } else {
        Err(io::Error::other(DIFFERS))
    }
}
