//! Lines of a file, one after the other or from where they are known to be.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Take};
use std::ops::{Deref, Range};
use std::sync::Arc;

use crate::system::platform;

/// The longest line that is read. A file with a thousand places has one of a hundred kilobytes.
const LONGEST_LINE: usize = 8 << 20;

/// The longest last line that is read: it names every path of a list, and a million of them take less.
const LONGEST_SUMMARY: u64 = 256 << 20;

/// What a line is thought to need when its memory is asked for.
const USUAL_LINE: usize = 1024;

/// How much is read at once. Lines are not copied out of it: a scan reads them by the thousand and keeps none.
const CHUNK: usize = 64 * 1024;

/// A line with its end.
#[derive(Debug, Default, Clone)]
pub struct IndexLine {
    chunk: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Deref for IndexLine {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.chunk[self.range.clone()]
    }
}

/// The lines of a file, one chunk in memory at a time.
#[derive(Debug)]
pub(super) struct IndexLines {
    file: Take<File>,
    chunk: Arc<Vec<u8>>,
    /// Where the next line begins in the chunk.
    from: usize,
    pub line: IndexLine,
    /// Where it begins in the file.
    pub at: u64,
    next: u64,
}

impl IndexLines {
    /// Of what is before that byte.
    pub fn until(file: &File, end: u64) -> io::Result<IndexLines> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(IndexLines {
            file: file.take(end),
            chunk: Arc::default(),
            from: 0,
            line: IndexLine::default(),
            at: 0,
            next: 0,
        })
    }

    /// A line that was brought before, by where it begins.
    pub fn read(&self, at: u64) -> io::Result<Vec<u8>> {
        line_at(self.file.get_ref(), at)
    }

    /// Brings the next line; none at the end. A line without an end is an error, and so is one that is too long.
    pub fn next_line(&mut self) -> io::Result<Option<()>> {
        self.at = self.next;
        let mut searched = self.from;
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.chunk[searched..]) {
                let range = self.from..searched + end + 1;
                self.next += range.len() as u64;
                self.from = range.end;
                self.line = IndexLine {
                    chunk: Arc::clone(&self.chunk),
                    range,
                };
                return Ok(Some(()));
            }
            let begun = &self.chunk[self.from..];
            searched = begun.len();
            let mut chunk = Vec::with_capacity(CHUNK.max(2 * searched));
            chunk.extend_from_slice(begun);
            if searched <= LONGEST_LINE {
                let room = (chunk.capacity() - searched) as u64;
                (&mut self.file).take(room).read_to_end(&mut chunk)?;
            }
            if chunk.len() == searched {
                self.line = IndexLine::default();
                return match searched {
                    0 => Ok(None),
                    _ => Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        format!("a line of {searched} bytes has no end"),
                    )),
                };
            }
            (self.chunk, self.from) = (Arc::new(chunk), 0);
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

/// Lines of a file that are asked for in rising order, most of them near each other.
#[derive(Debug)]
pub(super) struct Near<'f> {
    file: &'f File,
    chunk: Vec<u8>,
    /// Where the chunk begins in the file.
    at: u64,
    far: Vec<u8>,
}

impl<'f> Near<'f> {
    pub fn of(file: &'f File) -> Near<'f> {
        Near {
            file,
            chunk: Vec::new(),
            at: 0,
            far: Vec::new(),
        }
    }

    /// The line that begins there, with its end.
    pub fn line(&mut self, at: u64) -> io::Result<&[u8]> {
        if self.range(at).is_none() {
            self.chunk.resize(CHUNK, 0);
            let count = platform::read_at(self.file, &mut self.chunk, at)?;
            self.chunk.truncate(count);
            self.at = at;
        }
        match self.range(at) {
            Some(line) => Ok(&self.chunk[line]),
            None => {
                self.far = line_at(self.file, at)?;
                Ok(&self.far)
            }
        }
    }

    /// The line that begins there in the file, if the chunk has all of it.
    fn range(&self, at: u64) -> Option<Range<usize>> {
        let start = usize::try_from(at.checked_sub(self.at)?).ok()?;
        let end = memchr::memchr(b'\n', self.chunk.get(start..)?)?;
        Some(start..start + end + 1)
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file
    }

    #[test]
    fn lines_come_whole_wherever_a_chunk_ends() {
        let lengths = [0, 1, CHUNK - 3, 5, CHUNK, 3 * CHUNK + 7, 900, 0, CHUNK - 1];
        let lines: Vec<Vec<u8>> = (b'a'..).zip(lengths).map(|(byte, len)| vec![byte; len]).collect();
        let text: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        let file = file(&text);
        let mut read = IndexLines::until(&file, text.len() as u64).unwrap();
        let mut near = Near::of(&file);
        let mut at = 0;
        for line in &lines {
            assert!(read.next_line().unwrap().is_some());
            assert!(near.line(at).unwrap() == [line, &b"\n"[..]].concat());
            // Whoever takes the line changes nothing for the next one.
            let taken = std::mem::take(&mut read.line);
            assert!(taken[..] == [line, &b"\n"[..]].concat());
            assert_eq!(read.at, at);
            assert!(read.read(at).unwrap() == *taken);
            at += taken.len() as u64;
        }
        assert!(read.next_line().unwrap().is_none());
        assert_eq!(near.line(0).unwrap(), b"\n");
        assert!(near.line(at).is_err());
        let mut first_two = IndexLines::until(&file, 3).unwrap();
        assert!(first_two.next_line().unwrap().is_some() && first_two.next_line().unwrap().is_some());
        assert!(first_two.next_line().unwrap().is_none());
    }

    #[test]
    fn a_line_without_an_end_or_of_any_length_is_an_error() {
        let mut cut = IndexLines::until(&file(b"a\nb"), u64::MAX).unwrap();
        assert!(cut.next_line().unwrap().is_some());
        assert!(cut.next_line().is_err());
        let hole = file(b"");
        hole.set_len(1 << 33).unwrap();
        let mut hole = IndexLines::until(&hole, u64::MAX).unwrap();
        assert!(hole.next_line().is_err());
        assert!(hole.chunk.capacity() <= 2 * LONGEST_LINE);
    }

    #[test]
    fn the_last_line_is_found_however_long_it_is() {
        for len in [1, 5000, 300_000] {
            let last = vec![b'x'; len];
            let text = [b"first\n", &last[..], b"\n"].concat();
            assert!(last_line(&file(&text)).unwrap() == Some((6, last.clone())));
            assert!(last_line(&file(&text[6..])).unwrap() == Some((0, last)));
            assert!(last_line(&file(&text[..text.len() - 1])).unwrap().is_none());
        }
        // A hole is no line.
        let hole = file(b"");
        hole.set_len(1 << 33).unwrap();
        assert!(last_line(&hole).unwrap().is_none());
    }
}
