//! Unsynchronisation (ID3v2.4 structure, section 6.1): a zero byte is put in after FF wherever the pair could be
//! taken for an MPEG header or for an unsynchronised pair. Here: walking unsynchronised bytes, and changing a part of
//! them so that the rest stays as it is.

use std::ops::Range;

use crate::bytes::source::{ReadError, Source};

/// The largest view that a cursor asks of the source.
const CHUNK: u64 = 4096;

/// A position in the body of a tag. It hands out the bytes as they are meant, without the zero bytes put in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    /// Offset in the file.
    pub at: u64,
    pub end: u64,
    /// Whether the bytes are unsynchronised.
    pub unsynchronised: bool,
}

impl Cursor {
    #[inline]
    pub(super) fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }

    /// Fills `buffer`; `false` if the end comes first.
    #[inline]
    pub(super) fn take(&mut self, source: &mut Source, buffer: &mut [u8]) -> Result<bool, ReadError> {
        if !self.unsynchronised {
            if self.left() < buffer.len() as u64 {
                return Ok(false);
            }
            buffer.copy_from_slice(source.at(self.at, buffer.len())?);
            self.at += buffer.len() as u64;
            return Ok(true);
        }
        let mut filled = 0;
        self.each(source, buffer.len() as u64, |bytes| {
            buffer[filled..filled + bytes.len()].copy_from_slice(bytes);
            filled += bytes.len();
            true
        })
    }

    /// Steps over `count` bytes; `false` if the end comes first. Unsynchronised bytes have to be read for that.
    #[inline]
    pub(super) fn skip(&mut self, source: &mut Source, count: u64) -> Result<bool, ReadError> {
        if self.unsynchronised {
            return self.each(source, count, |_| true);
        }
        if self.left() < count {
            return Ok(false);
        }
        self.at += count;
        Ok(true)
    }

    /// Gives `sink` the next `count` bytes in runs, until it answers `false`. The answer is whether all were given.
    pub(super) fn each(
        &mut self,
        source: &mut Source,
        count: u64,
        mut sink: impl FnMut(&[u8]) -> bool,
    ) -> Result<bool, ReadError> {
        let mut left = count;
        let mut after_ff = false;
        while self.at < self.end && (left > 0 || after_ff) {
            if source.at_hand(self.at).is_empty() {
                source.expect(self.at, (self.end - self.at).min(CHUNK))?;
            }
            let view = source.at_hand(self.at);
            let view = &view[..view.len().min((self.end - self.at) as usize)];
            if std::mem::take(&mut after_ff) && view.first() == Some(&0) {
                self.at += 1;
                continue;
            }
            let view = &view[..view.len().min(left as usize)];
            let ff = memchr::memchr(0xFF, view).filter(|_| self.unsynchronised);
            let run = &view[..ff.map_or(view.len(), |ff| ff + 1)];
            if run.is_empty() {
                break;
            }
            self.at += run.len() as u64;
            left -= run.len() as u64;
            after_ff = ff.is_some();
            if !sink(run) {
                return Ok(false);
            }
        }
        Ok(left == 0)
    }
}

/// What is replaced, by plain indices, and by what.
pub(super) type Replacement = (Range<usize>, Vec<u8>);

/// Some bytes of the file, and what they mean.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// As in the file.
    pub raw: Vec<u8>,
    /// Without the zero bytes put in.
    pub plain: Vec<u8>,
    /// For each plain byte its index in `raw`, and last the length of `raw`; empty where nothing is unsynchronised.
    map: Vec<u32>,
}

impl Stored {
    /// Takes `raw` as unsynchronised from an index on, or nowhere.
    pub(super) fn new(raw: Vec<u8>, from: Option<usize>) -> Stored {
        let Some(from) = from else {
            return Stored {
                plain: raw.clone(),
                raw,
                map: Vec::new(),
            };
        };
        let mut plain = Vec::with_capacity(raw.len());
        let mut map = Vec::with_capacity(raw.len() + 1);
        let mut after_ff = false;
        for (index, &byte) in raw.iter().enumerate() {
            if after_ff && byte == 0 {
                after_ff = false;
                continue;
            }
            after_ff = byte == 0xFF && index >= from;
            plain.push(byte);
            map.push(index as u32);
        }
        map.push(raw.len() as u32);
        Stored { raw, plain, map }
    }

    /// The index in `raw` of a plain index.
    pub(super) fn raw_index(&self, plain: usize) -> usize {
        self.map
            .get(plain)
            .map_or(plain.min(self.raw.len()), |&raw| raw as usize)
    }

    /// The raw bytes in which the plain ranges of `edits` (sorted, without overlap) are replaced.
    pub(super) fn edited(&self, edits: &[Replacement]) -> Vec<u8> {
        let mut new = Vec::with_capacity(self.raw.len() + 16);
        let mut done = 0;
        for (range, bytes) in edits {
            let at = self.raw_index(range.start)..self.raw_index(range.end);
            new.extend_from_slice(&self.raw[done..at.start]);
            if self.map.is_empty() {
                new.extend_from_slice(bytes);
            } else {
                let before = new.last().copied();
                unsynchronise(before, bytes, self.raw.get(at.end).copied(), &mut new);
            }
            done = at.end;
        }
        new.extend_from_slice(&self.raw[done..]);
        new
    }
}

/// Appends `bytes` unsynchronised, as they must be between the bytes `before` and `after`.
fn unsynchronise(before: Option<u8>, bytes: &[u8], after: Option<u8>, new: &mut Vec<u8>) {
    let mut last = before;
    for &byte in bytes {
        if last == Some(0xFF) && (byte == 0 || byte >= 0xE0) {
            new.push(0);
        }
        new.push(byte);
        last = Some(byte);
    }
    if !bytes.is_empty() && last == Some(0xFF) && after.is_none_or(|byte| byte == 0 || byte >= 0xE0) {
        new.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsynchronisation_is_walked_over() {
        check(&[1, 2, 3], &[1, 2, 3]);
        check(&[0xFF, 0, 0xFE, 1], &[0xFF, 0xFE, 1]);
        check(&[0xFF, 0, 0, 1], &[0xFF, 0, 1]);
        check(&[0xFF, 0, 0xFF, 0, 0xFF, 0], &[0xFF, 0xFF, 0xFF]);
        check(&[0xFF], &[0xFF]);
    }

    #[track_caller]
    fn check(raw: &[u8], plain: &[u8]) {
        let stored = Stored::new(raw.to_vec(), Some(0));
        assert_eq!(stored.plain, plain);
        let bytes = raw.to_vec();
        for count in 0..=plain.len() {
            let mut source = Source::new(&bytes);
            let mut cursor = Cursor {
                at: 0,
                end: raw.len() as u64,
                unsynchronised: true,
            };
            let mut taken = vec![0; count];
            assert!(cursor.take(&mut source, &mut taken).unwrap());
            assert_eq!(taken, plain[..count]);
            assert_eq!(cursor.at, stored.raw_index(count) as u64, "{count} of {raw:?}");
        }
        let mut source = Source::new(&bytes);
        let mut cursor = Cursor {
            at: 0,
            end: raw.len() as u64,
            unsynchronised: true,
        };
        assert!(!cursor.skip(&mut source, plain.len() as u64 + 1).unwrap());
    }

    #[test]
    fn unsynchronisation_across_chunks_is_walked_over() {
        let raw: Vec<u8> = [0xFF, 0].repeat(9000);
        let mut source = Source::new(&raw);
        let mut cursor = Cursor {
            at: 0,
            end: raw.len() as u64,
            unsynchronised: true,
        };
        assert!(cursor.skip(&mut source, 9000).unwrap());
        assert_eq!(cursor.at, 18000);
    }

    #[test]
    fn new_bytes_are_unsynchronised_where_their_neighbours_ask_for_it() {
        let stored = Stored::new(vec![1, 0xFF, 2, 3], Some(0));
        assert_eq!(stored.edited(&[(2..3, vec![0])]), [1, 0xFF, 0, 0, 3]);
        assert_eq!(stored.edited(&[(2..3, vec![0xFF])]), [1, 0xFF, 0, 0xFF, 3]);
        assert_eq!(stored.edited(&[(2..3, vec![7])]), [1, 0xFF, 7, 3]);
        let plain = Stored::new(vec![1, 0xFF, 2, 3], None);
        assert_eq!(plain.edited(&[(2..3, vec![0])]), [1, 0xFF, 0, 3]);
    }
}
