//! Any [`ReadAt`] as the `Read + Seek` that lofty wants, with a bound on what it may read.

use std::io::{self, Read, Seek, SeekFrom};

use crate::source::ReadAt;

/// One fetch. lofty reads in order for the most part.
const BLOCK: usize = 8 * 1024;

/// What may be fetched in all: more than any real file's tags, and read within a fraction of a second. Without it, a
/// search for the first frame would go through gigabytes of zeros.
const BUDGET: u64 = 128 << 20;

/// Reads within a budget; past it every read is an error.
pub(super) struct BoundedReader<'a> {
    bytes: &'a dyn ReadAt,
    position: u64,
    block: Vec<u8>,
    block_at: u64,
    budget: u64,
}

impl<'a> BoundedReader<'a> {
    pub(super) fn new(bytes: &'a dyn ReadAt) -> BoundedReader<'a> {
        BoundedReader {
            bytes,
            position: 0,
            block: Vec::new(),
            block_at: 0,
            budget: BUDGET,
        }
    }

    fn fetch(&mut self) -> io::Result<()> {
        self.budget = self
            .budget
            .checked_sub(BLOCK as u64)
            .ok_or_else(|| io::Error::other("more is read than any real tag needs"))?;
        self.block.resize(BLOCK, 0);
        let count = self.bytes.read_at(&mut self.block, self.position)?;
        self.block.truncate(count);
        self.block_at = self.position;
        Ok(())
    }
}

impl Read for BoundedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let in_block = self.position >= self.block_at && self.position < self.block_at + self.block.len() as u64;
        if !in_block {
            self.fetch()?;
        }
        let start = (self.position - self.block_at) as usize;
        let count = buffer.len().min(self.block.len() - start);
        buffer[..count].copy_from_slice(&self.block[start..start + count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for BoundedReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.len().checked_add_signed(by),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_across_blocks_and_seeks() {
        let bytes: Vec<u8> = (0..20_000u32).map(|n| (n % 251) as u8).collect();
        let mut reader = BoundedReader::new(&bytes);
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all, bytes);
        reader.seek(SeekFrom::End(-3)).unwrap();
        let mut tail = Vec::new();
        reader.read_to_end(&mut tail).unwrap();
        assert_eq!(tail, &bytes[bytes.len() - 3..]);
        assert!(reader.seek(SeekFrom::Current(i64::MIN)).is_err());
    }
}
