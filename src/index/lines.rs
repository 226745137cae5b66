//! Lines of a file, one after the other or from where they are known to stand.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use crate::platform;

/// The longest line that is read. A file with a thousand places has one of a hundred kilobytes.
const LONGEST_LINE: u64 = 8 << 20;

/// Where the last line of an index is looked for.
const LONGEST_SUMMARY: u64 = 64 * 1024;

/// What a line is thought to need when its memory is asked for.
const USUAL_LINE: usize = 1024;

/// The lines of a file, one in memory at a time.
#[derive(Debug)]
pub(super) struct Lines {
    reader: BufReader<File>,
    /// With its end.
    pub line: Vec<u8>,
}

impl Lines {
    pub fn from_start(file: &File) -> io::Result<Lines> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Lines {
            reader: BufReader::with_capacity(256 * 1024, file),
            line: Vec::new(),
        })
    }

    /// Brings the next line; none at the end. A line without an end is an error, and so is one that is too long.
    pub fn next_line(&mut self) -> io::Result<Option<()>> {
        self.line.clear();
        self.line.reserve(USUAL_LINE);
        let count = (&mut self.reader)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut self.line)?;
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

/// The last line of a file, without its end; none if it has no end.
pub(super) fn last_line(file: &File) -> io::Result<Option<Vec<u8>>> {
    let len = file.metadata()?.len();
    let start = len.saturating_sub(LONGEST_SUMMARY);
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(start))?;
    let mut end = Vec::new();
    file.take(LONGEST_SUMMARY).read_to_end(&mut end)?;
    if end.pop() != Some(b'\n') {
        return Ok(None);
    }
    let from = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Ok(Some(end.split_off(from)))
}
