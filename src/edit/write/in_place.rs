//! Writes the changed windows into a file where it is. The journal holds their old bytes, on stable storage.
//!
//! What is written is made of the file's own bytes, a part at a time, so memory does not grow with the windows.

use std::collections::VecDeque;
use std::fs::{File, FileTimes};
use std::io;
use std::ops::Range;

use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::pieces::{PiecesView, cut};
use crate::bytes::source::{ReadAt, SourceFile};
use crate::system::platform::{self, Identity, OpenFile};

use super::before::restore_times;
use super::faults::Faults;
use crate::edit::Times;
use crate::edit::prepare::Ready;
use crate::edit::write::staged::{Ended, Staged, check_unchanged, done, left, new_times};
use crate::prove::check::check;

/// How much is written at once: whole sectors, so that each is either old or new.
const PART: u64 = 64 * 1024;

/// Writes the new bytes of the windows. When that fails, the file is torn, and the journal has what it was.
pub(in crate::edit) fn write(staged: &Staged, windows: &[Range<u64>], times: Times, faults: &dyn Faults) -> Ended {
    let (ready, file) = (&staged.ready, staged.writer());
    // The file that was opened must still be as it was read; `check_unchanged` compares what the name leads to now.
    if let Err(why) = check_unchanged(ready).and_then(|()| check_same(file, ready)) {
        return Ended::Untouched(why);
    }
    let written = put(file, ready, windows, faults)
        .and_then(|()| faults.step("sync the file"))
        // The length is the same, so the content is all that must last; the modification time follows by itself.
        .and_then(|()| file.sync_data())
        .and_then(|()| faults.step("read back"))
        .and_then(|()| read_back(file, staged))
        // Last, since reading changes the access time.
        .and_then(|()| match new_times(staged, times)? {
            None => Ok(()),
            Some(times) => set_times(file, times, faults),
        });
    match written.and_then(|()| left(file)) {
        Ok(left) => done(ready, file, left),
        Err(error) => Ended::Torn(error),
    }
}

fn check_same(file: &File, ready: &Ready) -> Result<(), crate::edit::NotWritten> {
    let same = file
        .metadata()
        .is_ok_and(|metadata| Identity::of(&metadata) == ready.identity);
    if same {
        Ok(())
    } else {
        Err(crate::edit::refused("the file has changed since it was read"))
    }
}

fn put(file: &File, ready: &Ready, windows: &[Range<u64>], faults: &dyn Faults) -> io::Result<()> {
    let pieces = ready.proved.pieces();
    let mut old = Overwritten {
        file: &ready.file,
        reach: pieces.reach(),
        saved: VecDeque::new(),
    };
    let mut new = Vec::new();
    for part in windows.iter().flat_map(|window| cut(window, PART)) {
        faults.step("write the window")?;
        new.resize((part.end - part.start) as usize, 0);
        read_exact_at(&PiecesView { old: &old, pieces }, &mut new, part.start)?;
        old.save(&part)?;
        platform::write_all_at(file, &new, part.start)?;
    }
    Ok(())
}

/// A file as it was, while it is overwritten from its start to its end: pieces that move towards the end ask for bytes
/// that are overwritten already, as far back as their reach.
struct Overwritten<'a> {
    file: &'a SourceFile,
    reach: u64,
    /// Old bytes, and where they stood, in rising order.
    saved: VecDeque<(u64, Vec<u8>)>,
}

impl Overwritten<'_> {
    /// To be called before `part` is overwritten.
    fn save(&mut self, part: &Range<u64>) -> io::Result<()> {
        if self.reach == 0 {
            return Ok(());
        }
        let is_out_of_reach = |(at, bytes): &(u64, Vec<u8>)| at + bytes.len() as u64 + self.reach <= part.start;
        let mut bytes = match self.saved.front().is_some_and(is_out_of_reach) {
            true => self.saved.pop_front().map_or_else(Vec::new, |(_, bytes)| bytes),
            false => Vec::new(),
        };
        bytes.resize((part.end - part.start) as usize, 0);
        read_exact_at(self.file, &mut bytes, part.start)?;
        self.saved.push_back((part.start, bytes));
        Ok(())
    }
}

impl ReadAt for Overwritten<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let next = self.saved.partition_point(|(at, _)| *at <= offset);
        if let Some((at, bytes)) = next.checked_sub(1).map(|last| &self.saved[last]) {
            let count = bytes.as_slice().read_at(buffer, offset - at)?;
            if count > 0 {
                return Ok(count);
            }
        }
        let to_next = self.saved.get(next).map_or(u64::MAX, |(at, _)| at - offset);
        let count = (buffer.len() as u64).min(to_next) as usize;
        self.file.read_at(&mut buffer[..count], offset)
    }

    fn len(&self) -> u64 {
        self.file.len()
    }
}

/// Whether the file is the proved one now, by the checksum over all that the edit changes or moves.
fn read_back(file: &File, staged: &Staged) -> io::Result<()> {
    let opened = OpenFile {
        file,
        len: file.metadata()?.len(),
    };
    if check(&opened, &staged.intent.inverse)? == staged.intent.check_after {
        Ok(())
    } else {
        Err(io::Error::other("the file does not hold what was written to it"))
    }
}

fn set_times(file: &File, times: FileTimes, faults: &dyn Faults) -> io::Result<()> {
    faults.step("set the times")?;
    restore_times(file, times)
}
