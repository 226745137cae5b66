//! The index that a scan writes: lines one behind the other, which can be read again as soon as they are written.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use crate::system::platform;

use super::lines::{Near, line_at};

/// Lines on their way to a file.
#[derive(Debug)]
pub struct Writer {
    out: BufWriter<End>,
    written: u64,
    /// Whether writing has failed, and not something else.
    pub has_failed: bool,
}

/// The end of a file. It is not written at the file's position, which a read moves on Windows (`ReadFile`).
#[derive(Debug)]
struct End {
    file: File,
    at: u64,
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        platform::write_all_at(&self.file, bytes, self.at)?;
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines that were written, by where they begin.
#[derive(Debug)]
pub struct WrittenLines<'a>(&'a File);

impl Writer {
    /// Of a file that is open for reading and writing, and empty.
    pub fn new(file: File) -> Writer {
        Writer {
            out: BufWriter::with_capacity(256 * 1024, End { file, at: 0 }),
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
    pub fn lines(&mut self) -> io::Result<WrittenLines<'_>> {
        self.out.flush().inspect_err(|_| self.has_failed = true)?;
        Ok(WrittenLines(&self.out.get_ref().file))
    }

    /// Writes what is left, and puts it on stable storage.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().file.sync_all()
    }
}

impl WrittenLines<'_> {
    /// The line that begins here.
    pub fn read(&self, at: u64) -> io::Result<Vec<u8>> {
        line_at(self.0, at)
    }

    /// The same lines for whoever goes through them in order.
    pub(super) fn near(&self) -> Near<'_> {
        Near::of(self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom};

    use super::*;

    #[test]
    fn lines_follow_each_other_wherever_a_read_leaves_the_file() {
        let file = tempfile::tempfile().unwrap();
        let mut same = file.try_clone().unwrap();
        let mut writer = Writer::new(file);
        let first = writer.line(b"one\n").unwrap();
        assert_eq!(writer.lines().unwrap().read(first).unwrap(), b"one\n");
        same.seek(SeekFrom::Start(0)).unwrap();
        let second = writer.line(b"two\n").unwrap();
        let lines = writer.lines().unwrap();
        assert_eq!(lines.read(first).unwrap(), b"one\n");
        assert_eq!(lines.read(second).unwrap(), b"two\n");
    }
}
