//! Lines of a file, one after the other or from where they are known to stand.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Take};

use crate::platform;

/// The longest line that is read. A file with a thousand places has one of a hundred kilobytes.
const LONGEST_LINE: u64 = 8 << 20;

/// The longest last line that is read: it names every path of a list, and a million of them take less.
const LONGEST_SUMMARY: u64 = 256 << 20;

/// What a line is thought to need when its memory is asked for.
const USUAL_LINE: usize = 1024;

/// The lines of a file, one in memory at a time.
#[derive(Debug)]
pub(super) struct Lines {
    reader: BufReader<Take<File>>,
    /// With its end.
    pub line: Vec<u8>,
    /// Where it begins.
    pub at: u64,
    next: u64,
}

impl Lines {
    /// Of what stands before that byte.
    pub fn until(file: &File, end: u64) -> io::Result<Lines> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Lines {
            reader: BufReader::with_capacity(256 * 1024, file.take(end)),
            line: Vec::new(),
            at: 0,
            next: 0,
        })
    }

    /// A line that was brought before, by where it begins.
    pub fn read(&self, at: u64) -> io::Result<Vec<u8>> {
        line_at(self.reader.get_ref().get_ref(), at)
    }

    /// Brings the next line; none at the end. A line without an end is an error, and so is one that is too long.
    pub fn next_line(&mut self) -> io::Result<Option<()>> {
        self.line.clear();
        self.line.reserve(USUAL_LINE);
        let count = (&mut self.reader)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut self.line)?;
        self.at = self.next;
        self.next += count as u64;
        match self.line.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(())),
            Some(_) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("a line of {count} bytes has no end"),
            )),
        }
    }
}

/// The line that begins there, with its end.
pub(super) fn line_at(file: &File, at: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(2 * USUAL_LINE);
    let mut part = [0; 2 * USUAL_LINE];
    loop {
        let count = platform::read_at(file, &mut part, at + line.len() as u64)?;
        match memchr::memchr(b'\n', &part[..count]) {
            Some(end) => {
                line.extend_from_slice(&part[..=end]);
                return Ok(line);
            }
            None if count == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            None => line.extend_from_slice(&part[..count]),
        }
    }
}

/// Where the last line of a file begins, and the line without its end; none if it has no end, or is longer than any that
/// a scan writes.
pub(super) fn last_line(file: &File) -> io::Result<Option<(u64, Vec<u8>)>> {
    let len = file.metadata()?.len();
    let mut size = 2 * USUAL_LINE as u64;
    loop {
        let start = len.saturating_sub(size);
        let mut end = Vec::new();
        let mut file = file;
        file.seek(SeekFrom::Start(start))?;
        file.take(size).read_to_end(&mut end)?;
        if end.pop() != Some(b'\n') {
            return Ok(None);
        }
        match memchr::memrchr(b'\n', &end) {
            Some(at) => return Ok(Some((start + at as u64 + 1, end.split_off(at + 1)))),
            None if start == 0 => return Ok(Some((0, end))),
            None if size >= LONGEST_SUMMARY || end.contains(&0) => return Ok(None),
            None => size *= 4,
        }
    }
}
