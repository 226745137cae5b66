//! The new file as bytes, read from the old one and the pieces without writing it.

use std::fmt;
use std::io;

use super::Pieces;
use crate::bytes::source::ReadAt;

/// The new file, read without writing it.
pub struct PiecesView<'a, R: ReadAt + ?Sized = dyn ReadAt + 'a> {
    pub old: &'a R,
    pub pieces: &'a Pieces,
}

impl<R: ReadAt + ?Sized> Clone for PiecesView<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: ReadAt + ?Sized> Copy for PiecesView<'_, R> {}

impl<R: ReadAt + ?Sized> fmt::Debug for PiecesView<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PiecesView { old: _, pieces } = self;
        fmt::Debug::fmt(pieces, f)
    }
}

impl<R: ReadAt + ?Sized> PiecesView<'_, R> {
    /// Reads the bytes at `offset` as far as they are in one piece.
    fn read_piece(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let Pieces {
            old_len,
            new_len: _,
            patches,
            starts,
        } = self.pieces;
        // The last patch that starts at or before the offset.
        let next = starts.partition_point(|&start| start <= offset);
        let keep_from = match next.checked_sub(1) {
            None => offset,
            Some(last) => {
                let patch = &patches[last];
                let inside = offset - starts[last];
                if let Some(put) = usize::try_from(inside)
                    .ok()
                    .and_then(|inside| patch.bytes.get(inside..))
                    .filter(|put| !put.is_empty())
                {
                    let count = put.len().min(buffer.len());
                    buffer[..count].copy_from_slice(&put[..count]);
                    return Ok(count);
                }
                patch.at.end.saturating_add(inside - patch.bytes.len() as u64)
            }
        };
        let keep_to = patches.get(next).map_or(*old_len, |patch| patch.at.start);
        let count = buffer
            .len()
            .min(usize::try_from(keep_to.saturating_sub(keep_from)).unwrap_or(usize::MAX));
        if count == 0 {
            return Ok(0);
        }
        self.old.read_at(&mut buffer[..count], keep_from)
    }
}

impl<R: ReadAt + ?Sized> ReadAt for PiecesView<'_, R> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_piece(&mut buffer[filled..], offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(_) if filled > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn len(&self) -> u64 {
        self.pieces.new_len
    }
}
