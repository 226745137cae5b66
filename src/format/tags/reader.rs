//! Any [`ReadAt`] as the `Read + Seek` that lofty and symphonia want, with a bound on what they may read.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use symphonia::core::io::MediaSource;

use super::strays::Strays;
use crate::bytes::source::ReadAt;

/// The first fetch. lofty reads in order for the most part, pictures too: each fetch that goes on where the last one
/// ended is twice as large.
const BLOCK: usize = 8 * 1024;

const LARGEST_BLOCK: usize = 64 * 1024;

/// What may be fetched in all: more than any real file's tags, and read within a fraction of a second.
const BUDGET: u64 = 128 << 20;

/// How often may be read. lofty searches for the first frame of audio byte by byte: through gigabytes of zeros that
/// would take a minute, and through the whole budget still seconds. No real tag needs as many reads.
const READS: u32 = 2 << 20;

/// The end of a file, where readers look for tags whatever else may be there.
const TAIL: u64 = 4096;

/// Of a block of which nothing was read.
const UNUSED: Range<usize> = Range {
    start: usize::MAX,
    end: 0,
};

/// Reads within a budget; past it every read is an error.
pub(super) struct BoundedReader<'a, R: ReadAt + ?Sized = dyn ReadAt + 'a> {
    bytes: &'a R,
    position: u64,
    /// What is not read from the file: its place is full of zeros.
    picture: Range<u64>,
    block: Vec<u8>,
    block_at: u64,
    /// Of the last fetch.
    size: usize,
    budget: u64,
    reads: u32,
    /// Looked for in what is read, and a little around it.
    strays: Option<Strays>,
    /// What of the block was read.
    used: Range<usize>,
}

impl<'a, R: ReadAt + ?Sized> BoundedReader<'a, R> {
    pub(super) fn new(bytes: &'a R) -> BoundedReader<'a, R> {
        BoundedReader::within(bytes, BUDGET)
    }

    /// For a reader that is asked for no pictures. lofty steps over one by reading it, or reads all of a list to find its
    /// items; on an archive that would be most of what a scan reads. `picture` is one that the walk stepped over without
    /// a doubt, as lofty will: none of its bytes counts, only how many there are, so that they need not be the file's.
    pub(super) fn without(bytes: &'a R, picture: Option<Range<u64>>) -> BoundedReader<'a, R> {
        let Range { start, end } = picture.unwrap_or_default();
        BoundedReader {
            picture: start..end.min(bytes.len().saturating_sub(TAIL)),
            ..BoundedReader::new(bytes)
        }
    }

    /// With a budget of its own.
    pub(super) fn within(bytes: &'a R, budget: u64) -> BoundedReader<'a, R> {
        BoundedReader {
            bytes,
            position: 0,
            picture: 0..0,
            block: Vec::new(),
            block_at: 0,
            size: 0,
            budget,
            reads: READS,
            strays: None,
            used: UNUSED,
        }
    }

    /// Looks for strays on the way, and adds them to these.
    pub(super) fn looking_for(self, strays: Option<Strays>) -> Self {
        BoundedReader { strays, ..self }
    }

    /// Those that were looked for.
    pub(super) fn into_strays(mut self) -> Option<Strays> {
        self.search();
        self.strays
    }

    /// The audio in a block is no place to look.
    fn search(&mut self) {
        const AROUND: usize = 512;
        // Behind that are pictures as text.
        const SEARCHED: u64 = 24 << 10;
        let Range { start, end } = std::mem::replace(&mut self.used, UNUSED);
        if BUDGET.saturating_sub(self.budget) > SEARCHED {
            return;
        }
        let (start, end) = (
            start.saturating_sub(AROUND),
            end.saturating_add(AROUND).min(self.block.len()),
        );
        if let (Some(strays), Some(used)) = (&mut self.strays, self.block.get(start..end)) {
            strays.pass(self.block_at + start as u64, used);
        }
    }

    fn fetch(&mut self) -> io::Result<()> {
        self.search();
        let goes_on = !self.block.is_empty() && self.position == self.block_at + self.block.len() as u64;
        self.size = match goes_on {
            true => (self.size * 2).min(LARGEST_BLOCK),
            false => BLOCK,
        };
        self.budget = self.budget.checked_sub(self.size as u64).ok_or_else(exhausted)?;
        let size = match self.picture.start.checked_sub(self.position) {
            Some(left) if !self.picture.is_empty() => left.min(self.size as u64) as usize,
            Some(_) | None => self.size,
        };
        self.block.resize(size, 0);
        let read = self.bytes.read_at(&mut self.block, self.position);
        // After an error there is nothing that another read may take for the file's bytes.
        self.block.truncate(*read.as_ref().unwrap_or(&0));
        read?;
        self.block_at = self.position;
        self.hide_false_id3v1()
    }

    /// The header of an APEv2 tag that is 131 bytes long has the sign of an ID3v1 tag where that would be. lofty takes it
    /// for one, and then finds no APEv2 tag.
    fn hide_false_id3v1(&mut self) -> io::Result<()> {
        const LEN: u64 = 131;
        let at = self.bytes.len().wrapping_sub(LEN - 3).wrapping_sub(self.block_at);
        let Some(rest) = usize::try_from(at).ok().and_then(|at| self.block.get_mut(at..)) else {
            return Ok(());
        };
        let mut sign = [0; 13];
        let held = rest.len().min(sign.len());
        sign[..held].copy_from_slice(&rest[..held]);
        if held > 0 && held < sign.len() {
            self.bytes
                .read_at(&mut sign[held..], self.block_at + at + held as u64)?;
        }
        // Behind the sign, its version and how much follows the header.
        if let ([first, ..], [b'T', b'A', b'G', b'E', b'X', _, _, 0, 0, 99, 0, 0, 0]) = (rest, sign) {
            *first = 0;
        }
        Ok(())
    }
}

impl<R: ReadAt + ?Sized> Read for BoundedReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads = self.reads.checked_sub(1).ok_or_else(exhausted)?;
        if self.picture.contains(&self.position) {
            let left = self.picture.end - self.position;
            let count = left.min(buffer.len() as u64) as usize;
            buffer[..count].fill(0);
            self.position += count as u64;
            return Ok(count);
        }
        let in_block = self.position >= self.block_at && self.position - self.block_at < self.block.len() as u64;
        if !in_block {
            self.fetch()?;
        }
        let start = (self.position - self.block_at) as usize;
        let count = buffer.len().min(self.block.len() - start);
        buffer[..count].copy_from_slice(&self.block[start..start + count]);
        self.used = self.used.start.min(start)..self.used.end.max(start + count);
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: ReadAt + ?Sized> Seek for BoundedReader<'_, R> {
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

impl<R: ReadAt + Sync + ?Sized> MediaSource for BoundedReader<'_, R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.bytes.len())
    }
}

fn exhausted() -> io::Error {
    io::Error::other("more is read than any real tag needs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::unbuffered_bytes, reason = "this is how lofty searches")]
    fn a_search_through_endless_zeros_ends() {
        struct Zeros;
        impl ReadAt for Zeros {
            fn read_at(&self, buffer: &mut [u8], _: u64) -> io::Result<usize> {
                buffer.fill(0);
                Ok(buffer.len())
            }
            fn len(&self) -> u64 {
                u64::MAX
            }
        }
        let found = BoundedReader::new(&Zeros).bytes().take_while(Result::is_ok).count();
        assert_eq!(found, READS as usize);
    }

    #[test]
    fn an_error_leaves_nothing_behind_to_read() {
        struct Broken;
        impl ReadAt for Broken {
            fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
                if offset > 0 {
                    return Err(io::ErrorKind::Other.into());
                }
                buffer.fill(7);
                Ok(buffer.len())
            }
            fn len(&self) -> u64 {
                1 << 20
            }
        }
        let mut reader = BoundedReader::new(&Broken);
        let mut byte = [0];
        reader.read_exact(&mut byte).unwrap();
        reader.seek(SeekFrom::Start(1 << 19)).unwrap();
        assert!(reader.read(&mut byte).is_err());
        reader.rewind().unwrap();
        reader.read_exact(&mut byte).unwrap();
        assert_eq!(byte, [7]);
    }

    #[test]
    fn a_picture_is_zeros_but_for_the_end_of_the_file() {
        let bytes: Vec<u8> = (0..50_000u32).map(|n| (n % 251) as u8 | 1).collect();
        let end = bytes.len() - TAIL as usize;
        for (picture, zeros) in [
            (9_000..30_000, 9_000..30_000),
            (9_000..49_999, 9_000..end),
            (49_000..49_999, 0..0),
        ] {
            let mut expected = bytes.clone();
            expected[zeros.clone()].fill(0);
            let mut reader = BoundedReader::without(&bytes, Some(picture));
            let mut all = Vec::new();
            reader.read_to_end(&mut all).unwrap();
            assert!(all == expected, "{zeros:?}");
            for at in [8_999, 9_000, 20_000, 29_999, 30_000, end - 1, end, 49_999] {
                let mut byte = [9];
                reader.seek(SeekFrom::Start(at as u64)).unwrap();
                reader.read_exact(&mut byte).unwrap();
                assert_eq!(byte, [expected[at]], "{zeros:?} {at}");
            }
        }
    }

    #[test]
    fn an_apev2_header_is_taken_for_no_id3v1_tag() {
        let header = |size: u32| [&b"APETAGEX\xD0\x07\0\0"[..], &size.to_le_bytes()].concat();
        for (size, seen) in [(99, b"APE\0AG"), (98, b"APETAG")] {
            let mut bytes = [vec![1; 9000], header(size)].concat();
            bytes.resize(9000 + 131, 2);
            // The last ones have a block end in the header.
            for from in [0, 8999, 9000, 9003, 9004 - BLOCK as u64, 9015 - BLOCK as u64] {
                let mut reader = BoundedReader::new(&bytes);
                reader.seek(SeekFrom::Start(from)).unwrap();
                let mut all = Vec::new();
                reader.read_to_end(&mut all).unwrap();
                let mut expected = bytes.clone();
                expected[9000..9006].copy_from_slice(seen);
                assert!(all == expected[from as usize..], "{size} {from}");
            }
        }
    }

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
