//! The piece table: a new file described as parts of the old one plus a few new bytes.
//!
//! Preview, proof, write, crash recovery and undo all follow from one value. Nothing here touches the disk.
//! Invariant: what a [`Pieces`] keeps of the old file is in rising order, does not overlap, and lies inside it.

use std::fmt;
use std::io;
use std::ops::Range;

use crate::bytes::source::ReadAt;

pub(crate) mod compare;
mod encoding;
#[cfg(test)]
mod tests;
mod view;

pub use self::view::PiecesView;
use compare::{equal_prefix, equal_suffix, first_difference, last_difference, read_exact_at};

/// The most replaced bytes that [`Pieces::invert`] takes into memory.
pub const INVERSE_LIMIT: u64 = 8 * 1024 * 1024;

/// How far apart windows are in [`Pieces::windows`]: no two touch one disk sector of 512 bytes, so that a sector is
/// either old or new after any interruption.
pub const APART: u64 = 1024;

/// How much around a replacement belongs to [`Pieces::witnesses`].
const SURROUNDINGS: u64 = 512;

/// "Put `bytes` where `at` was": one replacement in the old file. Insertions have an empty `at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Byte range of the old file.
    pub at: Range<u64>,
    pub bytes: Vec<u8>,
}

impl Patch {
    /// By how many bytes the file gets longer (shorter, if negative).
    pub(crate) fn growth(&self) -> i64 {
        self.bytes.len() as i64 - (self.at.end - self.at.start) as i64
    }

    pub fn new(at: Range<u64>, bytes: impl Into<Vec<u8>>) -> Patch {
        Patch {
            at,
            bytes: bytes.into(),
        }
    }

    fn is_empty(&self) -> bool {
        self.at.is_empty() && self.bytes.is_empty()
    }
}

/// Why there are no pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PiecesError {
    #[error("two replacements overlap or are out of order")]
    OutOfOrder,
    #[error("a replacement reaches past the end of the file")]
    OutOfRange,
    #[error("the recorded pieces are damaged")]
    Damaged,
    #[error("the recorded pieces have layout {0}, which this version does not know")]
    Newer(u8),
}

/// A new file as pieces of an old one of known length.
// Invariant: `patches` are sorted, inside `old_len`, none is empty, and at least one kept byte is between any two,
// so that equal values mean equal pieces and inverting twice gives the same value. `starts` holds the offset in the
// new file of each patch.
#[derive(Clone, PartialEq, Eq)]
pub struct Pieces {
    old_len: u64,
    new_len: u64,
    patches: Vec<Patch>,
    starts: Vec<u64>,
}

/// One piece of the new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A range of the old file, never empty.
    Keep(Range<u64>),
    /// New bytes, never empty.
    Put(&'a [u8]),
}

impl Pieces {
    /// Takes patches in offsets of an old file of `old_len` bytes, sorted and without overlap.
    pub fn from_patches(old_len: u64, patches: &[Patch]) -> Result<Pieces, PiecesError> {
        let mut merged: Vec<Patch> = Vec::with_capacity(patches.len());
        let mut done = 0;
        for patch in patches {
            if patch.at.start < done || patch.at.end < patch.at.start {
                return Err(PiecesError::OutOfOrder);
            }
            if patch.at.end > old_len {
                return Err(PiecesError::OutOfRange);
            }
            done = patch.at.end;
            match merged.last_mut() {
                _ if patch.is_empty() => {}
                Some(last) if last.at.end == patch.at.start => {
                    last.at.end = patch.at.end;
                    last.bytes.extend_from_slice(&patch.bytes);
                }
                _ => merged.push(patch.clone()),
            }
        }
        Pieces::with_starts(old_len, merged)
    }

    fn with_starts(old_len: u64, patches: Vec<Patch>) -> Result<Pieces, PiecesError> {
        let mut starts = Vec::with_capacity(patches.len());
        let (mut old_at, mut new_at) = (0u64, 0u64);
        for patch in &patches {
            new_at = advance(new_at, patch.at.start - old_at)?;
            starts.push(new_at);
            new_at = advance(new_at, patch.bytes.len() as u64)?;
            old_at = patch.at.end;
        }
        Ok(Pieces {
            old_len,
            new_len: advance(new_at, old_len - old_at)?,
            patches,
            starts,
        })
    }

    pub fn old_len(&self) -> u64 {
        self.old_len
    }

    pub fn new_len(&self) -> u64 {
        self.new_len
    }

    /// The replacements in their canonical form: sorted, none empty, at least one kept byte between any two.
    pub fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// Whether the new file is the old one as far as the pieces tell.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
    }

    /// The new file from its first byte to its last.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let keeps = std::iter::once(0)
            .chain(self.patches.iter().map(|patch| patch.at.end))
            .zip(self.patches.iter().map(|patch| patch.at.start).chain([self.old_len]))
            .map(|(start, end)| (start < end).then_some(Piece::Keep(start..end)));
        let puts = self
            .patches
            .iter()
            .map(|patch| (!patch.bytes.is_empty()).then_some(Piece::Put(&patch.bytes)))
            .chain([None]);
        keeps.zip(puts).flat_map(|(keep, put)| [keep, put]).flatten()
    }

    /// Whether every byte of this range of the old file is in the new one, in one run.
    pub fn kept(&self, range: &Range<u64>) -> bool {
        if range.start >= range.end {
            return true;
        }
        let next = self.patches.partition_point(|patch| patch.at.end <= range.start);
        let untouched = self.patches.get(next).is_none_or(|patch| patch.at.start >= range.end);
        untouched && range.end <= self.old_len
    }

    /// The pieces that make the old file from the new one: they hold the old bytes that were replaced, and nothing
    /// else. More than [`INVERSE_LIMIT`] of them is an error.
    pub fn invert(&self, old: &dyn ReadAt) -> io::Result<Pieces> {
        let replaced = self
            .patches
            .iter()
            .try_fold(0u64, |sum, patch| sum.checked_add(patch.at.end - patch.at.start));
        if replaced.is_none_or(|sum| sum > INVERSE_LIMIT) {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "too many bytes would be replaced",
            ));
        }
        let mut patches = Vec::with_capacity(self.patches.len());
        for (patch, &start) in self.patches.iter().zip(&self.starts) {
            let mut bytes = vec![0; (patch.at.end - patch.at.start) as usize];
            read_exact_at(old, &mut bytes, patch.at.start)?;
            patches.push(Patch::new(start..start + patch.bytes.len() as u64, bytes));
        }
        Pieces::with_starts(self.new_len, patches).map_err(io::Error::other)
    }

    /// The same new file with every replacement cut down to what differs at its ends from the old bytes.
    pub fn trimmed(&self, old: &dyn ReadAt) -> io::Result<Pieces> {
        let mut patches = Vec::with_capacity(self.patches.len());
        for patch in &self.patches {
            let (at, bytes) = (&patch.at, patch.bytes.as_slice());
            let prefix = equal_prefix(old, at.clone(), bytes)?;
            let (at, bytes) = (at.start + prefix as u64..at.end, &bytes[prefix..]);
            let suffix = equal_suffix(old, at.clone(), bytes)?;
            patches.push(Patch::new(
                at.start..at.end - suffix as u64,
                &bytes[..bytes.len() - suffix],
            ));
        }
        Pieces::from_patches(self.old_len, &patches).map_err(io::Error::other)
    }

    /// Where a new file of the old length differs from the old one: ranges that begin and end with a byte that
    /// differs. Outside them the files are equal, so writing them in place makes the new file.
    ///
    /// None when the length changes.
    pub fn changed(&self, old: &dyn ReadAt) -> io::Result<Option<Vec<Range<u64>>>> {
        if self.new_len != self.old_len {
            return Ok(None);
        }
        let view = PiecesView { old, pieces: self };
        let mut changed = Vec::new();
        for range in self.moved() {
            if let Some(start) = first_difference(old, &view, range.clone())? {
                let end = last_difference(old, &view, start..range.end)?.unwrap_or(start);
                changed.push(start..end + 1);
            }
        }
        Ok(Some(changed))
    }

    /// The windows of the old file that have to be written to make the new one where it is, at least [`APART`]
    /// bytes from each other.
    ///
    /// None when the length changes, or when more than `limit` bytes would have to be written.
    pub fn windows(&self, old: &dyn ReadAt, limit: u64) -> io::Result<Option<Vec<Range<u64>>>> {
        let Some(changed) = self.changed(old)? else {
            return Ok(None);
        };
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for range in changed {
            match ranges.last_mut() {
                Some(last) if range.start - last.end < APART => last.end = range.end,
                _ => ranges.push(range),
            }
        }
        let is_within = ranges.iter().map(|range| range.end - range.start).sum::<u64>() <= limit;
        Ok(is_within.then_some(ranges))
    }

    /// How far a kept byte moves towards the end, at most. A file is written in place from its start to its end by
    /// remembering as many of the bytes that were just overwritten.
    pub fn reach(&self) -> u64 {
        let mut new_at = 0u64;
        let mut reach = 0;
        for piece in self.pieces() {
            match piece {
                Piece::Keep(range) => {
                    reach = reach.max(new_at.saturating_sub(range.start));
                    new_at += range.end - range.start;
                }
                Piece::Put(bytes) => new_at += bytes.len() as u64,
            }
        }
        reach
    }

    /// The ranges of the old file, with their surroundings, that tell whether it is the file that these pieces were
    /// made for: all that the pieces replace or move to another offset where the length stays, else all that they
    /// replace; and both ends of the file.
    pub fn witnesses(&self) -> Vec<Range<u64>> {
        let ends = [
            0..self.old_len.min(SURROUNDINGS),
            self.old_len.saturating_sub(SURROUNDINGS)..self.old_len,
        ];
        let replaced = if self.old_len == self.new_len {
            self.moved()
        } else {
            self.patches.iter().map(|patch| patch.at.clone()).collect()
        };
        let around = |range: Range<u64>| {
            range.start.saturating_sub(SURROUNDINGS)..range.end.saturating_add(SURROUNDINGS).min(self.old_len)
        };
        let mut ranges: Vec<Range<u64>> = replaced.into_iter().map(around).chain(ends).collect();
        ranges.sort_by_key(|range| range.start);
        ranges.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        ranges
    }

    /// The ranges of the new file that are not the old bytes at the same offset, told by the pieces alone.
    fn moved(&self) -> Vec<Range<u64>> {
        let mut moved: Vec<Range<u64>> = Vec::new();
        let mut at = 0;
        for piece in self.pieces() {
            let len = match &piece {
                Piece::Keep(range) => range.end - range.start,
                Piece::Put(bytes) => bytes.len() as u64,
            };
            let stays = matches!(&piece, Piece::Keep(range) if range.start == at);
            match moved.last_mut() {
                _ if stays => {}
                Some(last) if last.end == at => last.end = at + len,
                _ => moved.push(at..at + len),
            }
            at += len;
        }
        moved
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pieces {
            old_len,
            new_len,
            patches: _,
            starts: _,
        } = self;
        writeln!(f, "Pieces({old_len} -> {new_len} bytes)")?;
        fmt::Display::fmt(self, f)
    }
}

/// One line a piece; new bytes as escaped ASCII, long ones cut.
impl fmt::Display for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 48;
        for (index, piece) in self.pieces().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match piece {
                Piece::Keep(range) => write!(f, "keep {}..{}", range.start, range.end)?,
                Piece::Put(bytes) => {
                    let shown = &bytes[..bytes.len().min(SHOWN)];
                    let more = if bytes.len() > SHOWN { "…" } else { "" };
                    write!(f, "put {} bytes \"{}\"{more}", bytes.len(), shown.escape_ascii())?;
                }
            }
        }
        Ok(())
    }
}

/// A range cut at the multiples of `step`.
pub(crate) fn cut(range: &Range<u64>, step: u64) -> impl Iterator<Item = Range<u64>> + use<> {
    let end = range.end;
    let next = move |start: u64| (start / step + 1).saturating_mul(step).min(end);
    let first = (range.start < end).then_some(range.start..next(range.start));
    std::iter::successors(first, move |part| (part.end < end).then(|| part.end..next(part.end)))
}

fn advance(at: u64, by: u64) -> Result<u64, PiecesError> {
    at.checked_add(by).ok_or(PiecesError::OutOfRange)
}

/// The new content in memory. Panics on patches that are out of order.
pub(crate) fn applied(old: &[u8], patches: &[Patch]) -> Vec<u8> {
    let mut new = Vec::new();
    let mut done = 0usize;
    for patch in patches {
        let at = patch.at.start as usize..patch.at.end as usize;
        assert!(at.start >= done && at.end >= at.start, "patches out of order");
        new.extend_from_slice(&old[done..at.start]);
        new.extend_from_slice(&patch.bytes);
        done = at.end;
    }
    new.extend_from_slice(&old[done..]);
    new
}
