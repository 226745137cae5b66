//! Bytes by range, with the small windows that were read last kept in memory.
//!
//! Formats are walked by offset: a picture or the audio is stepped over, never loaded. Invariant: a read that comes back
//! short is an error, never an end.

use std::cell::Cell;
use std::io;
use std::ops::Range;

mod files;

pub use files::{Links, Opener, SourceFile};

/// An error and its causes, in one sentence.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// How much is fetched around the start of a file, where most tags are.
const FIRST_WINDOW: usize = 4096;

/// How much is fetched elsewhere, unless more is asked for at once.
const NEXT_WINDOW: usize = 1024;

/// How much is fetched around bytes that are wanted for themselves.
const LONE_WINDOW: usize = 64;

/// The most that [`Source::at`] returns in one view. Larger items are stepped over or read with [`Source::read_into`].
pub const VIEW_LIMIT: usize = 64 * 1024;

/// Why a file could not be read as what it claims to be.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot open")]
    Open(#[source] io::Error),
    #[error("cannot read")]
    Io(#[source] io::Error),
    #[error("not a regular file")]
    NotRegular,
    #[error("the file is empty")]
    Empty,
    /// The structure claims bytes that the file does not have.
    #[error("cut short: {needed} bytes needed, the file has {len}")]
    CutShort { needed: u64, len: u64 },
    #[error("no audio format is recognised in it")]
    NotAudio,
    /// A video without sound, or subtitles: somebody else's.
    #[error("it has no track of audio")]
    NoTrack,
    /// The structure contradicts itself; the text says how, as the end of a sentence.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    #[error("a parser failed on it")]
    ParserPanicked,
}

impl ReadError {
    /// Whether it is about what is in the file, which the next try finds again.
    pub fn is_about_the_file(&self) -> bool {
        match self {
            ReadError::CutShort { .. }
            | ReadError::Damaged(_)
            | ReadError::Empty
            | ReadError::NotAudio
            | ReadError::NoTrack
            | ReadError::NotRegular
            | ReadError::ParserPanicked => true,
            ReadError::Open(_) | ReadError::Io(_) => false,
        }
    }

    /// Whether the file is no audio at all.
    pub fn is_no_audio(&self) -> bool {
        matches!(
            self,
            ReadError::NotAudio | ReadError::NoTrack | ReadError::Empty | ReadError::NotRegular
        )
    }
}

/// Something that answers for any range of its bytes: a file, a byte slice, or a new file read through its pieces.
pub trait ReadAt {
    /// Reads up to `buffer.len()` bytes at `offset`, like `pread`.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    fn len(&self) -> u64;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ReadAt for [u8] {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).map_or(self.len(), |start| start.min(self.len()));
        let count = buffer.len().min(self.len() - start);
        buffer[..count].copy_from_slice(&self[start..start + count]);
        Ok(count)
    }

    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.as_slice().read_at(buffer, offset)
    }

    fn len(&self) -> u64 {
        Vec::len(self) as u64
    }
}

/// A window onto bytes, moved by the format walks. What was seen last stays at hand: an edit that is tried right after a
/// walk, and a second reader, look at the same few ranges.
pub struct Source<'a> {
    bytes: &'a dyn ReadAt,
    len: u64,
    /// The last one first.
    windows: [Window; WINDOWS],
}

/// How many ranges are kept: the front of a file, its tags behind a picture, and its end.
const WINDOWS: usize = 3;

/// Bytes of a file.
#[derive(Default)]
struct Window {
    at: u64,
    /// Only the first `len` bytes are of this file.
    bytes: Vec<u8>,
    len: usize,
}

impl Window {
    /// Where `count` bytes from `offset` on are in it.
    #[inline]
    fn range(&self, offset: u64, count: usize) -> Option<Range<usize>> {
        let start = usize::try_from(offset.checked_sub(self.at)?).ok()?;
        let end = start.checked_add(count)?;
        (end <= self.len).then_some(start..end)
    }

    /// From `offset` on, as far as it goes.
    #[inline]
    fn rest(&self, offset: u64) -> &[u8] {
        let start = self.range(offset, 0).map_or(self.len, |range| range.start);
        &self.bytes[start..self.len]
    }
}

thread_local! {
    /// The windows of the last file of this thread: a scan opens a million of them, one after the other.
    static SPARE_WINDOWS: Cell<[Window; WINDOWS]> = Cell::default();
}

impl Drop for Source<'_> {
    fn drop(&mut self) {
        SPARE_WINDOWS.set(std::mem::take(&mut self.windows));
    }
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Source { bytes: _, len, windows } = self;
        let Window { at, len: count, .. } = windows[0];
        write!(f, "Source({len} bytes, window {at}+{count})")
    }
}

/// For other readers of the same file: what is at hand is not read again.
impl ReadAt for Source<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let seen = self.windows.iter().map(|window| window.rest(offset));
        match seen.max_by_key(|seen| seen.len()) {
            Some(seen) if !seen.is_empty() => {
                let count = seen.len().min(buffer.len());
                buffer[..count].copy_from_slice(&seen[..count]);
                Ok(count)
            }
            Some(_) | None => self.bytes.read_at(buffer, offset),
        }
    }

    fn len(&self) -> u64 {
        self.len
    }
}

impl<'a> Source<'a> {
    pub fn new(bytes: &'a dyn ReadAt) -> Source<'a> {
        let mut windows = SPARE_WINDOWS.take();
        for window in &mut windows {
            window.len = 0;
        }
        Source {
            bytes,
            len: bytes.len(),
            windows,
        }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The `count` bytes at `offset`. `count` is at most [`VIEW_LIMIT`]; more is [`ReadError::Damaged`], since no
    /// structure that is looked at whole is that large.
    #[inline]
    pub fn at(&mut self, offset: u64, count: usize) -> Result<&[u8], ReadError> {
        self.view(offset, count, NEXT_WINDOW)
    }

    #[inline]
    fn view(&mut self, offset: u64, count: usize, next_window: usize) -> Result<&[u8], ReadError> {
        // Nearly every view is of the window: a frame header, a comment's length, a page's table.
        let range = match self.windows[0].range(offset, count) {
            Some(range) => range,
            None => self.bring(offset, count, next_window)?,
        };
        Ok(&self.windows[0].bytes[range])
    }

    /// The bytes from `offset` on that need no reading: as far as the window goes, or none.
    #[inline]
    pub fn at_hand(&self, offset: u64) -> &[u8] {
        self.windows[0].rest(offset)
    }

    /// Moves the window to `offset` and returns where the `count` bytes are in it.
    #[cold]
    fn bring(&mut self, offset: u64, count: usize, next_window: usize) -> Result<Range<usize>, ReadError> {
        if count > VIEW_LIMIT {
            return Err(ReadError::Damaged("a structure claims to be larger than any real one"));
        }
        self.check(offset, count as u64)?;
        let known = (1..WINDOWS).find_map(|index| Some((index, self.windows[index].range(offset, count)?)));
        if let Some((index, range)) = known {
            self.windows[..=index].rotate_right(1);
            return Ok(range);
        }
        let window = if offset == 0 { FIRST_WINDOW } else { next_window };
        self.fetch(offset, count.max(window))?;
        Ok(0..count)
    }

    /// Like [`Source::at`] with a length known when compiling.
    pub fn array<const N: usize>(&mut self, offset: u64) -> Result<[u8; N], ReadError> {
        let view = self.at(offset, N)?;
        Ok(view.try_into().expect("`at` returns as many bytes as asked for"))
    }

    /// Like [`Source::array`], where the bytes behind are likely to be stepped over.
    pub fn lone_array<const N: usize>(&mut self, offset: u64) -> Result<[u8; N], ReadError> {
        let view = self.view(offset, N, LONE_WINDOW)?;
        Ok(view.try_into().expect("`view` returns as many bytes as asked for"))
    }

    /// Says that the walk will want `wanted` bytes from `offset` on, so that one read serves them. Only a hint: it
    /// is cut to the file and to [`VIEW_LIMIT`], and does nothing when the bytes are at hand.
    pub fn expect(&mut self, offset: u64, wanted: u64) -> Result<(), ReadError> {
        let count = wanted.min(self.len.saturating_sub(offset)).min(VIEW_LIMIT as u64) as usize;
        self.at(offset, count).map(|_| ())
    }

    /// Fills `buffer` with the bytes at `offset`, and leaves the window where it is. For copies and checksums.
    pub fn read_into(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.check(offset, buffer.len() as u64)?;
        for window in &self.windows {
            if let Some(range) = window.range(offset, buffer.len()) {
                buffer.copy_from_slice(&window.bytes[range]);
                return Ok(());
            }
        }
        read_exact_at(self.bytes, buffer, offset, self.len)
    }

    /// An owned copy of `count` bytes at `offset`; `limit` is what the caller is ready to hold in memory.
    pub fn copy(&self, offset: u64, count: u64, limit: u64) -> Result<Vec<u8>, ReadError> {
        if count > limit {
            return Err(ReadError::Damaged("a structure claims to be larger than any real one"));
        }
        self.check(offset, count)?;
        let mut copy = vec![0; count as usize];
        self.read_into(offset, &mut copy)?;
        Ok(copy)
    }

    /// How many zero bytes are at the start of `range`; counting ends a little after `enough`.
    pub fn leading_zeros(&self, range: Range<u64>, enough: u64) -> Result<u64, ReadError> {
        let mut buffer = [0u8; 1024];
        let mut at = range.start;
        while at < range.end && at - range.start < enough {
            let count = (range.end - at).min(buffer.len() as u64) as usize;
            let view = &mut buffer[..count];
            self.read_into(at, view)?;
            if let Some(index) = view.iter().position(|&byte| byte != 0) {
                return Ok(at + index as u64 - range.start);
            }
            at += count as u64;
        }
        // All zeros as far as was looked: the whole range, or more than enough of it.
        Ok(at - range.start)
    }

    /// Fails where the file ends before `end`.
    pub fn reach(&self, end: u64) -> Result<(), ReadError> {
        self.check(end, 0)
    }

    fn check(&self, offset: u64, count: u64) -> Result<(), ReadError> {
        match offset.checked_add(count) {
            Some(end) if end <= self.len => Ok(()),
            end => Err(ReadError::CutShort {
                needed: end.unwrap_or(u64::MAX),
                len: self.len,
            }),
        }
    }

    fn fetch(&mut self, offset: u64, wanted: usize) -> Result<(), ReadError> {
        let count = (wanted as u64).min(self.len - offset) as usize;
        self.windows.rotate_right(1);
        let window = &mut self.windows[0];
        if window.bytes.len() < count {
            window.bytes.resize(count, 0);
        }
        window.len = 0;
        window.at = offset;
        read_exact_at(self.bytes, &mut window.bytes[..count], offset, self.len)?;
        window.len = count;
        Ok(())
    }
}

fn read_exact_at(bytes: &dyn ReadAt, buffer: &mut [u8], offset: u64, len: u64) -> Result<(), ReadError> {
    match read_full_at(bytes, buffer, offset).map_err(ReadError::Io)? {
        filled if filled == buffer.len() => Ok(()),
        // The file has shrunk since it was opened.
        filled => Err(ReadError::CutShort {
            needed: len,
            len: offset + filled as u64,
        }),
    }
}

/// Fills `buffer` from `offset` on, as far as the file goes; how far that was.
pub(crate) fn read_full_at(bytes: &dyn ReadAt, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match bytes.read_at(&mut buffer[filled..], offset.saturating_add(filled as u64)) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_cross_the_window() {
        let bytes: Vec<u8> = (0..10_000u32).map(|n| n as u8).collect();
        let mut source = Source::new(&bytes);
        assert_eq!(source.at(4094, 4).unwrap(), &bytes[4094..4098]);
        assert_eq!(source.at(9_999, 1).unwrap(), &bytes[9_999..]);
        assert_eq!(source.at(0, 2).unwrap(), &bytes[..2]);
    }

    #[test]
    fn only_the_window_is_at_hand() {
        let bytes: Vec<u8> = (0..10_000u32).map(|n| n as u8).collect();
        let mut source = Source::new(&bytes);
        assert!(source.at_hand(0).is_empty());
        source.at(5000, 2).unwrap();
        assert_eq!(source.at_hand(5000), &bytes[5000..6024]);
        assert_eq!(source.at_hand(6023), &bytes[6023..6024]);
        for offset in [0, 4999, 6024, u64::MAX] {
            assert!(source.at_hand(offset).is_empty(), "{offset}");
        }
    }

    #[test]
    fn the_last_windows_are_not_read_again_nor_those_of_another_file() {
        struct Counted(Vec<u8>, Cell<usize>);
        impl ReadAt for Counted {
            fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
                self.1.set(self.1.get() + 1);
                self.0.read_at(buffer, offset)
            }
            fn len(&self) -> u64 {
                self.0.len() as u64
            }
        }
        let file = |byte| Counted(vec![byte; 100_000], Cell::new(0));
        for (byte, reads) in [(1, [1, 2, 3, 3, 3, 3, 4, 5]), (2, [1, 2, 3, 3, 3, 3, 4, 5])] {
            let counted = file(byte);
            let mut source = Source::new(&counted);
            let offsets = [0, 50_000, 90_000, 50_010, 0, 90_010, 70_000, 50_000];
            for (offset, reads) in offsets.into_iter().zip(reads) {
                assert_eq!(source.at(offset, 4).unwrap(), [byte; 4]);
                assert_eq!(counted.1.get(), reads, "{offset}");
            }
        }
    }

    #[test]
    fn past_the_end_is_cut_short() {
        let bytes = vec![0u8; 10];
        let mut source = Source::new(&bytes);
        assert!(matches!(
            source.at(8, 3),
            Err(ReadError::CutShort { needed: 11, len: 10 })
        ));
        assert!(matches!(source.at(u64::MAX, 3), Err(ReadError::CutShort { .. })));
    }

    #[test]
    fn a_file_that_shrinks_is_cut_short() {
        struct Shrunk;
        impl ReadAt for Shrunk {
            fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
                Ok(0)
            }
            fn len(&self) -> u64 {
                100
            }
        }
        assert!(matches!(Source::new(&Shrunk).at(0, 1), Err(ReadError::CutShort { .. })));
    }
}
