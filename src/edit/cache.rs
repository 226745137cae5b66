//! A few recently read pages of one file, kept while it is walked, proved and compared: several parsers ask for the
//! same small ranges again and again, and each would be a system call.
//!
//! Only for a file that is locked or only looked at; a commit compares the file's state once more before it writes.

use std::io;
use std::sync::{Mutex, PoisonError};

use crate::bytes::source::{ReadAt, read_full_at};

const PAGE: u64 = 4096;

/// 128 KiB, which serves tags at both ends of a file.
const PAGES: usize = 32;

/// What asks for more at once goes past the cache.
const LARGE: usize = 16 * 1024;

/// Another [`ReadAt`] through a small cache.
pub(crate) struct Cached<'a> {
    bytes: &'a (dyn ReadAt + Sync),
    /// Number and content, the last used one first. The last page of a file is short.
    pages: Mutex<Vec<(u64, Vec<u8>)>>,
}

impl<'a> Cached<'a> {
    pub(crate) fn new(bytes: &'a (dyn ReadAt + Sync)) -> Cached<'a> {
        Cached {
            bytes,
            pages: Mutex::new(Vec::new()),
        }
    }

    fn load(&self, number: u64, mut page: Vec<u8>) -> io::Result<Vec<u8>> {
        page.resize(PAGE as usize, 0);
        let filled = read_full_at(self.bytes, &mut page, number * PAGE)?;
        page.truncate(filled);
        Ok(page)
    }
}

impl ReadAt for Cached<'_> {
    /// Reads to the end of a page at most, unless much is asked for.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if buffer.len() > LARGE {
            return self.bytes.read_at(buffer, offset);
        }
        let number = offset / PAGE;
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        match pages.iter().position(|(known, _)| *known == number) {
            Some(index) => pages[..=index].rotate_right(1),
            None => {
                let room = if pages.len() == PAGES { pages.pop() } else { None };
                let page = self.load(number, room.map_or_else(Vec::new, |(_, page)| page))?;
                pages.insert(0, (number, page));
            }
        }
        let page = &pages[0].1;
        let start = ((offset % PAGE) as usize).min(page.len());
        let count = buffer.len().min(page.len() - start);
        buffer[..count].copy_from_slice(&page[start..start + count]);
        Ok(count)
    }

    fn len(&self) -> u64 {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::pieces::compare::read_exact_at;

    #[test]
    fn any_range_reads_as_without_the_cache() {
        let bytes: Vec<u8> = (0..300_000u32).map(|number| (number * 7 / 13) as u8).collect();
        let cached = Cached::new(&bytes);
        let mut at = 1;
        for round in 0..2000usize {
            at = (at * 7919 + round) % 299_000;
            let mut read = vec![0; (round * 31) % 1000];
            read_exact_at(&cached, &mut read, at as u64).unwrap();
            assert_eq!(read, bytes[at..at + read.len()], "{round}");
        }
        let mut past = [0; 10];
        assert_eq!(cached.read_at(&mut past, 299_995).unwrap(), 5);
        assert_eq!(cached.read_at(&mut past, 300_000).unwrap(), 0);
        assert_eq!(cached.read_at(&mut past, 900_000).unwrap(), 0);
        assert!(cached.pages.lock().unwrap().len() == PAGES);
    }
}
