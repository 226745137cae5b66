//! The index that a scan writes: lines one behind the other, which can be read again as soon as they are written.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::lines::line_at;

/// Lines on their way to a file.
#[derive(Debug)]
pub struct Writer {
    out: BufWriter<File>,
    written: u64,
    /// Whether writing has failed, and not something else.
    pub has_failed: bool,
}

/// Lines that were written, by where they begin.
#[derive(Debug)]
pub struct Lines<'a>(&'a File);

impl Writer {
    /// Of a file that is open for reading and writing, and empty.
    pub fn new(file: File) -> Writer {
        Writer {
            out: BufWriter::with_capacity(256 * 1024, file),
            written: 0,
            has_failed: false,
        }
    }

    /// Writes a line with its end. Returns where it begins.
    pub fn line(&mut self, line: &[u8]) -> io::Result<u64> {
        let at = self.written;
        self.out.write_all(line).inspect_err(|_| self.has_failed = true)?;
        self.written += line.len() as u64;
        Ok(at)
    }

    /// What was written so far.
    pub fn lines(&mut self) -> io::Result<Lines<'_>> {
        self.out.flush().inspect_err(|_| self.has_failed = true)?;
        Ok(Lines(self.out.get_ref()))
    }

    /// Writes what is left, and puts it on stable storage.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()
    }
}

impl Lines<'_> {
    /// The line that begins here.
    pub fn read(&self, at: u64) -> io::Result<Vec<u8>> {
        line_at(self.0, at)
    }
}
