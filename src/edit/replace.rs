//! Makes a new file beside the old one and renames it over. The old file is whole until the rename, the new one after.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::pieces::compare::{first_difference, read_exact_at};
use crate::pieces::{Piece, PiecesView};
use crate::platform::{self, Identity, Opened};
use crate::source::ReadAt;

use super::commit::{Ended, check_unchanged, old_times};
use super::faults::Faults;
use super::prepare::{Ready, explain};
use super::{EditError, NotWritten, Times, refused};

/// A name that no other file has, in the folder of `path` and short whatever the file's own name.
pub(super) fn temporary_name(path: &Path) -> PathBuf {
    // The standard library seeds every `RandomState` anew.
    let random = RandomState::new().build_hasher().finish();
    path.with_file_name(format!(".isrctag-{random:016x}.tmp"))
}

/// Writes the new file, compares it with the proved one, and puts it in the old one's place. The folder is not synced.
pub(super) fn write(ready: &Ready, temporary: &Path, times: Times, faults: &dyn Faults) -> Ended {
    let created = faults.step("create").and_then(|()| platform::create_new(temporary));
    let file = match created {
        Ok(file) => file,
        Err(error) => return Ended::untouched(EditError::Write(error).into()),
    };
    let renamed = fill(ready, &file, times, faults).and_then(|modified| {
        check_unchanged(ready)?;
        faults.step("rename").map_err(EditError::Write)?;
        platform::rename(temporary, &ready.path).map_err(EditError::Write)?;
        Ok(modified)
    });
    match renamed {
        Ok(modified) => match faults.step("renamed") {
            Ok(()) => Ended::done(modified),
            Err(error) => Ended::open(EditError::Unconfirmed(error)),
        },
        Err(why) => match platform::remove_file(temporary) {
            Ok(()) => Ended::untouched(why),
            // The old file is whole; recovery removes the leftover.
            Err(_) => Ended {
                result: Err(why),
                settled: None,
            },
        },
    }
}

fn fill(ready: &Ready, file: &File, times: Times, faults: &dyn Faults) -> Result<i64, NotWritten> {
    let failed = |error| NotWritten::from(EditError::Write(error));
    copy(ready, file, faults).map_err(failed)?;
    faults.step("carry over").map_err(failed)?;
    platform::carry_over(ready.file.file(), file).map_err(|error| refused(explain(&error)))?;
    faults.step("sync the file").map_err(failed)?;
    file.sync_all().map_err(failed)?;
    if times == Times::Preserve {
        faults.step("set the times").map_err(failed)?;
        // Last, since reading changes the access time.
        let set = old_times(ready)
            .and_then(|times| file.set_times(times))
            .and_then(|()| file.sync_all());
        set.map_err(failed)?;
    }
    let metadata = file.metadata().map_err(failed)?;
    Ok(Identity::of(&metadata).modified)
}

/// Writes all pieces, and compares what was written with the proved file while the disk takes it in.
fn copy(ready: &Ready, file: &File, faults: &dyn Faults) -> io::Result<()> {
    let view = PiecesView {
        old: &ready.file,
        pieces: ready.proved.pieces(),
    };
    // At once, since a hole at the end is not copied.
    file.set_len(view.len())?;
    let mut copy = Copy {
        from: ready.file.file(),
        to: file,
        view,
        written: 0,
        compared: 0,
        buffer: Vec::new(),
    };
    for piece in ready.proved.pieces().pieces() {
        faults.step("copy")?;
        match piece {
            Piece::Keep(range) if range.end - range.start >= LARGE => copy.range(range)?,
            Piece::Keep(range) => {
                let filled = copy.buffer.len();
                copy.buffer.resize(filled + (range.end - range.start) as usize, 0);
                read_exact_at(&ready.file, &mut copy.buffer[filled..], range.start)?;
            }
            Piece::Put(bytes) => copy.buffer.extend_from_slice(bytes),
        }
        if copy.buffer.len() >= BUFFER {
            copy.flush()?;
        }
    }
    copy.flush()?;
    faults.step("read back")?;
    copy.compare()?;
    if copy.compared != file.metadata()?.len() {
        return Err(io::Error::other(DIFFERS));
    }
    Ok(())
}

/// Small pieces go through one buffer, since a long Ogg file is kept page by page.
const BUFFER: usize = 256 * 1024;

/// From here on a piece does not go through memory.
const LARGE: u64 = 64 * 1024;

/// How much is written before it is compared: it is still in the processor's reach then.
const COMPARED_AT_ONCE: u64 = 8 * 1024 * 1024;

const DIFFERS: &str = "the new file does not hold what was written to it";

struct Copy<'a> {
    from: &'a File,
    to: &'a File,
    view: PiecesView<'a>,
    /// Up to where the new file is written; what is in the buffer comes next.
    written: u64,
    compared: u64,
    buffer: Vec<u8>,
}

impl Copy<'_> {
    fn range(&mut self, range: Range<u64>) -> io::Result<()> {
        self.flush()?;
        let mut at = range.start;
        while at < range.end {
            let end = range.end.min(at.saturating_add(COMPARED_AT_ONCE));
            platform::copy_range(self.from, at..end, self.to, self.written)?;
            self.written += end - at;
            at = end;
            self.compare_when_much()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        platform::write_all_at(self.to, &self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        self.compare_when_much()
    }

    fn compare_when_much(&mut self) -> io::Result<()> {
        if self.written - self.compared < COMPARED_AT_ONCE {
            return Ok(());
        }
        self.compare()
    }

    fn compare(&mut self) -> io::Result<()> {
        let opened = Opened {
            file: self.to,
            len: self.written,
        };
        let range = self.compared..self.written;
        if first_difference(&opened, &self.view, range.clone())?.is_some() {
            return Err(io::Error::other(DIFFERS));
        }
        platform::start_writing(self.to, range);
        self.compared = self.written;
        Ok(())
    }
}
