//! Writes the changed window into a file where it stands. The journal holds the window's old bytes, on stable storage.

use std::fs::File;
use std::io;

use crate::pieces::Pieces;
use crate::pieces::compare::read_exact_at;
use crate::platform::{self, Identity, Opened};

use super::commit::{Ended, check_unchanged, old_times};
use super::faults::Faults;
use super::prepare::Ready;
use super::{EditError, Times};

/// Writes `new` into the file. When that fails, `old` is put back at once.
pub(super) fn write(ready: &Ready, old: &Pieces, new: &Pieces, times: Times, faults: &dyn Faults) -> Ended {
    let opened = faults
        .step("open to write")
        .and_then(|()| platform::open_to_write(&ready.path));
    let file = match opened {
        Ok(file) => file,
        Err(error) => return Ended::untouched(EditError::Write(error).into()),
    };
    // The file that was opened now must be the one that is locked, too; `check_unchanged` compares the name with that.
    if let Err(why) = check_unchanged(ready).and_then(|()| check_same(&file, ready)) {
        return Ended::untouched(why);
    }
    let written = put(&file, new, faults)
        .and_then(|()| faults.step("sync the file"))
        // The length is the same, so the content is all that must last; the modification time follows by itself.
        .and_then(|()| file.sync_data())
        .and_then(|()| faults.step("read back"))
        .and_then(|()| read_back(&file, new))
        .and_then(|()| match times {
            Times::Update => Ok(()),
            // Last, since reading changes the access time.
            Times::Preserve => set_times(&file, ready, faults),
        });
    match written.and_then(|()| modified(&file)) {
        Ok(modified) => Ended::done(modified),
        Err(error) => put_back(&file, ready, old, error),
    }
}

fn check_same(file: &File, ready: &Ready) -> Result<(), super::NotWritten> {
    let same = file
        .metadata()
        .is_ok_and(|metadata| Identity::of(&metadata) == ready.identity);
    if same {
        Ok(())
    } else {
        Err(super::refused("the file has changed since it was read"))
    }
}

/// Writes the bytes of pieces whose replacements keep their length.
pub(super) fn put(file: &File, window: &Pieces, faults: &dyn Faults) -> io::Result<()> {
    for patch in window.patches() {
        faults.step("write the window")?;
        platform::write_all_at(file, &patch.bytes, patch.at.start)?;
    }
    Ok(())
}

/// Reads the bytes of pieces whose replacements keep their length, and compares.
pub(super) fn read_back(file: &File, window: &Pieces) -> io::Result<()> {
    let opened = Opened {
        file,
        len: window.new_len(),
    };
    // Little at a time: many threads do this at once, and a window may have megabytes.
    let mut buffer = [0; 16 * 1024];
    for patch in window.patches() {
        let mut at = patch.at.start;
        for written in patch.bytes.chunks(buffer.len()) {
            let read = &mut buffer[..written.len()];
            read_exact_at(&opened, read, at)?;
            if read != written {
                return Err(io::Error::other("the file does not hold what was written to it"));
            }
            at += written.len() as u64;
        }
    }
    Ok(())
}

fn set_times(file: &File, ready: &Ready, faults: &dyn Faults) -> io::Result<()> {
    faults.step("set the times")?;
    file.set_times(old_times(ready)?)?;
    file.sync_all()
}

fn modified(file: &File) -> io::Result<i64> {
    Ok(Identity::of(&file.metadata()?).modified)
}

fn put_back(file: &File, ready: &Ready, old: &Pieces, error: io::Error) -> Ended {
    let back = || {
        for patch in old.patches() {
            platform::write_all_at(file, &patch.bytes, patch.at.start)?;
        }
        file.sync_data()?;
        read_back(file, old)?;
        file.set_times(old_times(ready)?)?;
        file.sync_all()
    };
    match back() {
        Ok(()) => Ended::untouched(EditError::Write(error).into()),
        Err(_) => Ended::open(EditError::Torn(error)),
    }
}
