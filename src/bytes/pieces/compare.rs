//! Compares ranges of two files through a small buffer.

use std::io;
use std::ops::Range;

use crate::bytes::source::{ReadAt, read_full_at};

/// How many bytes are compared at once.
const STEP: usize = 64 * 1024;

/// Fills `buffer` from `offset` on; an end before that is an error.
pub(crate) fn read_exact_at(bytes: &dyn ReadAt, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    match read_full_at(bytes, buffer, offset)? {
        filled if filled == buffer.len() => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// The offset of the first byte in which two files differ, inside a range that both have.
pub(crate) fn first_difference(a: &dyn ReadAt, b: &dyn ReadAt, range: Range<u64>) -> io::Result<Option<u64>> {
    let step = range.end.saturating_sub(range.start).min(STEP as u64) as usize;
    let (mut from_a, mut from_b) = (vec![0; step], vec![0; step]);
    let mut at = range.start;
    while at < range.end {
        let count = (range.end - at).min(step as u64) as usize;
        read_exact_at(a, &mut from_a[..count], at)?;
        read_exact_at(b, &mut from_b[..count], at)?;
        // Slices are compared many bytes at a time; only a difference is looked for one by one.
        if from_a[..count] != from_b[..count] {
            let index = (0..count).find(|&index| from_a[index] != from_b[index]);
            return Ok(index.map(|index| at + index as u64));
        }
        at += count as u64;
    }
    Ok(None)
}

pub(super) fn last_difference(a: &dyn ReadAt, b: &dyn ReadAt, range: Range<u64>) -> io::Result<Option<u64>> {
    let step = range.end.saturating_sub(range.start).min(STEP as u64) as usize;
    let (mut from_a, mut from_b) = (vec![0; step], vec![0; step]);
    let mut end = range.end;
    while end > range.start {
        let count = (end - range.start).min(step as u64) as usize;
        let at = end - count as u64;
        read_exact_at(a, &mut from_a[..count], at)?;
        read_exact_at(b, &mut from_b[..count], at)?;
        if let Some(index) = (0..count).rfind(|&index| from_a[index] != from_b[index]) {
            return Ok(Some(at + index as u64));
        }
        end = at;
    }
    Ok(None)
}

pub(super) fn equal_prefix(old: &dyn ReadAt, at: Range<u64>, bytes: &[u8]) -> io::Result<usize> {
    let common = shorter(&at, bytes);
    let difference = first_difference(
        &Shifted { bytes, at: at.start },
        old,
        at.start..at.start + common as u64,
    )?;
    Ok(difference.map_or(common, |offset| (offset - at.start) as usize))
}

pub(super) fn equal_suffix(old: &dyn ReadAt, at: Range<u64>, bytes: &[u8]) -> io::Result<usize> {
    let common = shorter(&at, bytes);
    let start = at.end - common as u64;
    let tail = Shifted {
        bytes: &bytes[bytes.len() - common..],
        at: start,
    };
    let difference = last_difference(&tail, old, start..at.end)?;
    Ok(difference.map_or(common, |offset| (at.end - 1 - offset) as usize))
}

fn shorter(at: &Range<u64>, bytes: &[u8]) -> usize {
    usize::try_from(at.end - at.start).map_or(bytes.len(), |len| len.min(bytes.len()))
}

/// Bytes as if they stood at an offset of the old file.
struct Shifted<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl ReadAt for Shifted<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.bytes.read_at(buffer, offset.saturating_sub(self.at))
    }

    fn len(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }
}
