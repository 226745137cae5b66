//! A file as it was before an edit in place that did not come to its end: the journal saved the old bytes of what was,
//! or was about to be, overwritten.

use std::cell::RefCell;
use std::fs::{File, FileTimes};
use std::io;
use std::ops::Range;

use crate::bytes::pieces::compare::{first_difference, read_exact_at};
use crate::bytes::pieces::cut;
use crate::bytes::source::{ReadAt, SourceFile};
use crate::system::platform;

use super::faults::Faults;
use crate::edit::journal::{EditId, Journal};

/// How much is put back at once.
const PART: u64 = 64 * 1024;

/// The old file, whatever of its windows has been written.
pub(in crate::edit) struct Before<'a> {
    pub file: &'a SourceFile,
    journal: &'a Journal,
    id: EditId,
    /// What the edit writes, in rising order.
    pub windows: &'a [Range<u64>],
    /// The part that was read last, and where it is.
    last: RefCell<(u64, Vec<u8>)>,
}

impl<'a> Before<'a> {
    pub(in crate::edit) fn new(
        file: &'a SourceFile,
        journal: &'a Journal,
        id: EditId,
        windows: &'a [Range<u64>],
    ) -> Before<'a> {
        Before {
            file,
            journal,
            id,
            windows,
            last: RefCell::default(),
        }
    }

    /// Writes the old bytes of all windows to `to`, which is the file opened to be written, syncs and compares them.
    pub(in crate::edit) fn put_back(&self, to: &File, faults: &dyn Faults) -> io::Result<()> {
        let mut old = Vec::new();
        for window in self.windows {
            for part in cut(window, PART) {
                faults.step("put back")?;
                old.resize((part.end - part.start) as usize, 0);
                read_exact_at(self, &mut old, part.start)?;
                platform::write_all_at(to, &old, part.start)?;
            }
        }
        faults.step("sync what was put back")?;
        to.sync_data()?;
        for window in self.windows {
            if first_difference(self, self.file, window.clone())?.is_some() {
                return Err(io::Error::other("the file does not hold what was written to it"));
            }
        }
        Ok(())
    }
}

impl ReadAt for Before<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let next = self.windows.partition_point(|window| window.end <= offset);
        let (to_window, inside) = match self.windows.get(next) {
            Some(window) => (window.start.saturating_sub(offset), window.start <= offset),
            None => (u64::MAX, false),
        };
        if !inside {
            let count = (buffer.len() as u64).min(to_window) as usize;
            return self.file.read_at(&mut buffer[..count], offset);
        }
        let mut last = self.last.borrow_mut();
        let is_at_hand = offset >= last.0 && offset - last.0 < last.1.len() as u64;
        if !is_at_hand {
            *last = self.journal.saved_part(self.id, offset).map_err(io::Error::other)?;
        }
        let (at, bytes) = &*last;
        match bytes.as_slice().read_at(buffer, offset - at)? {
            0 => Err(io::Error::other("the journal does not hold the old bytes")),
            count => Ok(count),
        }
    }

    fn len(&self) -> u64 {
        self.file.len()
    }
}

/// Gives a file its old times, and makes that last.
pub(in crate::edit) fn restore_times(file: &File, times: FileTimes) -> io::Result<()> {
    file.set_times(times)?;
    file.sync_all()
}
