//! Makes a new file beside the old one and renames it over. The old file is whole until the rename, the new one after.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
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
    // The disk works while the memory is compared.
    let (synced, same) = rayon::join(|| file.sync_all(), || compare(ready, file));
    synced.and(same).map_err(failed)?;
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

/// Small pieces go through one buffer, since a long Ogg file is kept page by page; large ones never through memory.
fn copy(ready: &Ready, file: &File, faults: &dyn Faults) -> io::Result<()> {
    const BUFFER: usize = 256 * 1024;
    const LARGE: u64 = 64 * 1024;
    let mut buffer: Vec<u8> = Vec::new();
    // Where in the new file the buffer's first byte goes.
    let mut at = 0;
    for piece in ready.proved.pieces().pieces() {
        faults.step("copy")?;
        match piece {
            Piece::Keep(range) if range.end - range.start >= LARGE => {
                flush(&mut buffer, file, &mut at)?;
                let len = range.end - range.start;
                platform::copy_range(ready.file.file(), range, file, at)?;
                at += len;
            }
            Piece::Keep(range) => {
                let filled = buffer.len();
                buffer.resize(filled + (range.end - range.start) as usize, 0);
                read_exact_at(&ready.file, &mut buffer[filled..], range.start)?;
            }
            Piece::Put(bytes) => buffer.extend_from_slice(bytes),
        }
        if buffer.len() >= BUFFER {
            flush(&mut buffer, file, &mut at)?;
        }
    }
    flush(&mut buffer, file, &mut at)?;
    // A hole at the end is not copied.
    file.set_len(at)
}

fn flush(buffer: &mut Vec<u8>, file: &File, at: &mut u64) -> io::Result<()> {
    platform::write_all_at(file, buffer, *at)?;
    *at += buffer.len() as u64;
    buffer.clear();
    Ok(())
}

fn compare(ready: &Ready, file: &File) -> io::Result<()> {
    let view = PiecesView {
        old: &ready.file,
        pieces: ready.proved.pieces(),
    };
    let len = file.metadata()?.len();
    let opened = Opened { file, len };
    let differs = len != view.len() || first_difference(&opened, &view, 0..len)?.is_some();
    if differs {
        return Err(io::Error::other("the new file does not hold what was written to it"));
    }
    Ok(())
}
