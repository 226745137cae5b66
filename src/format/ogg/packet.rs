//! The comment packet of one logical stream, gathered page by page only as far as it is looked at; and a block of a FLAC file,
//! which is like one in one piece.

use std::ops::Range;

use super::page::{CONTINUED, FIRST, Page, length};
use crate::bytes::source::{ReadError, Source};
use crate::format::damaged;

/// Pages of other streams that may be between two of ours.
const MOST_FOREIGN: usize = 1 << 16;

/// No comment packet is spread over more pages.
const MOST_PAGES: usize = 1 << 14;

/// The part of a packet that is in one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Offset in the packet.
    start: u64,
    /// Offset in the file.
    at: u64,
    len: u64,
    /// Offset of the page in the file.
    pub(super) page: u64,
}

/// What is known of a packet so far.
#[derive(Debug, Clone)]
pub(in crate::format) struct Chain {
    serial: u32,
    pub(super) chunks: Vec<Chunk>,
    /// Of the chunks together.
    pub(super) len: u64,
    /// Whether `len` is the length of the whole packet.
    is_complete: bool,
    /// Where the search for the next page goes on.
    next: u64,
    /// Segments in front of the packet in its first page.
    pub(super) segments_in_front: usize,
    /// Segments behind the packet in its last page.
    pub(super) segments_behind: usize,
}

impl Chain {
    /// All of a packet in these parts of the file.
    pub(in crate::format) fn of(parts: impl IntoIterator<Item = Range<u64>>) -> Chain {
        let mut chain = Chain {
            serial: 0,
            chunks: Vec::with_capacity(1),
            len: 0,
            is_complete: true,
            next: 0,
            segments_in_front: 0,
            segments_behind: 0,
        };
        for part in parts {
            chain.push(part.start, part.end - part.start, 0);
        }
        chain
    }

    fn push(&mut self, at: u64, len: u64, page: u64) {
        self.chunks.push(Chunk {
            start: self.len,
            at,
            len,
            page,
        });
        self.len += len;
    }

    /// The second packet of the stream whose first page is `first`; `next` is behind the first pages of all streams.
    pub(super) fn second_packet(source: &mut Source, first: &Page, next: u64) -> Result<Chain, ReadError> {
        let mut chain = Chain {
            serial: first.serial,
            is_complete: false,
            next,
            ..Chain::of(None)
        };
        let head_segments = first.segments().iter().position(|lacing| *lacing < 255);
        let Some(head_segments) = head_segments.map(|last| last + 1) else {
            return damaged("its first Ogg packet does not end in the first page");
        };
        // The codecs' mappings give the first packet a page of its own; some multiplexers did not.
        if head_segments < first.segments().len() {
            chain.add(first, head_segments);
        } else {
            chain.extend(source)?;
        }
        Ok(chain)
    }

    /// The packet behind this one, which must be complete; `None` where the file ends with it.
    pub(super) fn following(&self, source: &mut Source) -> Result<Option<Chain>, ReadError> {
        let mut chain = Chain {
            chunks: Vec::new(),
            len: 0,
            is_complete: false,
            segments_behind: 0,
            ..*self
        };
        match self.chunks.last() {
            Some(last) if self.segments_behind > 0 => {
                let page = Page::read(source, last.page)?;
                chain.add(&page, page.segments().len() - self.segments_behind);
            }
            _ => match chain.extend(source) {
                Err(ReadError::CutShort { .. }) if chain.next == source.len() => return Ok(None),
                extended => extended?,
            },
        }
        Ok(Some(chain))
    }

    /// Adds the next page of the stream.
    fn extend(&mut self, source: &mut Source) -> Result<(), ReadError> {
        if self.chunks.len() == MOST_PAGES {
            return damaged("its comments spread over more Ogg pages than any real ones");
        }
        for _ in 0..MOST_FOREIGN {
            let page = Page::read(source, self.next)?;
            source.reach(page.end())?;
            self.next = page.end();
            if page.serial != self.serial {
                continue;
            }
            if page.has(FIRST) || page.has(CONTINUED) == self.chunks.is_empty() {
                // An empty page in front of the packet says nothing.
                if self.chunks.is_empty() && page.segments().is_empty() {
                    continue;
                }
                return damaged("an Ogg page of its comments is missing");
            }
            self.add(&page, 0);
            return Ok(());
        }
        damaged("no comments stand where an Ogg stream has them")
    }

    fn add(&mut self, page: &Page, first_segment: usize) {
        let segments = page.segments();
        let before = length(&segments[..first_segment]);
        let mine = &segments[first_segment..];
        let last = mine.iter().position(|lacing| *lacing < 255);
        let count = last.map_or(mine.len(), |last| last + 1);
        let len = length(&mine[..count]);
        if self.chunks.is_empty() {
            self.segments_in_front = first_segment;
        }
        self.push(page.body_at() + before, len, page.at);
        self.is_complete = last.is_some();
        self.segments_behind = segments.len() - first_segment - count;
    }
}

/// A packet to be looked at.
#[derive(Debug)]
pub(in crate::format) struct Packet<'s, 'b> {
    source: &'s mut Source<'b>,
    chain: &'s mut Chain,
    /// Bytes that cross pages, joined.
    joined: Vec<u8>,
}

impl<'s, 'b> Packet<'s, 'b> {
    pub(in crate::format) fn new(source: &'s mut Source<'b>, chain: &'s mut Chain) -> Packet<'s, 'b> {
        Packet {
            source,
            chain,
            joined: Vec::new(),
        }
    }

    /// Gathers the rest of the packet.
    pub(super) fn complete(&mut self) -> Result<(), ReadError> {
        while !self.chain.is_complete {
            self.chain.extend(self.source)?;
        }
        Ok(())
    }

    /// How much of it has been gathered.
    pub(in crate::format) fn len(&self) -> u64 {
        self.chain.len
    }

    /// Index of the chunk that holds the byte at `at`; the walk mostly looks at the last one.
    fn chunk_of(&self, at: u64) -> usize {
        let chunks = &self.chain.chunks;
        match chunks.last() {
            Some(last) if at >= last.start => chunks.len() - 1,
            _ => chunks.partition_point(|chunk| chunk.start <= at).saturating_sub(1),
        }
    }

    /// Whether there are at least `end` bytes.
    pub(in crate::format) fn reaches(&mut self, end: u64) -> Result<bool, ReadError> {
        while end > self.chain.len && !self.chain.is_complete {
            self.chain.extend(self.source)?;
        }
        Ok(end <= self.chain.len)
    }

    /// The `count` bytes at `at`; `count` is at most [`VIEW_LIMIT`](crate::bytes::source::VIEW_LIMIT).
    pub(in crate::format) fn view(&mut self, at: u64, count: usize) -> Result<&[u8], ReadError> {
        if !self.reaches(at + count as u64)? {
            return damaged("an Ogg packet is shorter than what it holds");
        }
        let mut index = self.chunk_of(at);
        let chunk = self.chain.chunks[index];
        if at + count as u64 <= chunk.start + chunk.len {
            return self.source.at(chunk.at + (at - chunk.start), count);
        }
        self.joined.clear();
        let mut at = at;
        while self.joined.len() < count {
            // There is a chunk for every byte that the packet reaches.
            let chunk = self.chain.chunks[index];
            let inside = at - chunk.start;
            let part = (chunk.len - inside).min((count - self.joined.len()) as u64);
            let bytes = self.source.at(chunk.at + inside, part as usize)?;
            self.joined.extend_from_slice(bytes);
            at += part;
            index += 1;
        }
        Ok(&self.joined)
    }

    /// Like [`Packet::view`], or as many bytes as there are from `at` on.
    pub(in crate::format) fn view_up_to(&mut self, at: u64, count: usize) -> Result<&[u8], ReadError> {
        self.reaches(at + count as u64)?;
        let left = self.chain.len.saturating_sub(at);
        self.view(at, (count as u64).min(left) as usize)
    }

    /// As many bytes from `at` on as have been read and are in one piece; there may be none.
    pub(in crate::format) fn at_hand(&self, at: u64) -> &[u8] {
        let Some(chunk) = self.chain.chunks.get(self.chunk_of(at)) else {
            return &[];
        };
        let Some(inside) = at.checked_sub(chunk.start).filter(|&inside| inside < chunk.len) else {
            return &[];
        };
        let bytes = self.source.at_hand(chunk.at + inside);
        &bytes[..(chunk.len - inside).min(bytes.len() as u64) as usize]
    }

    /// Where bytes that were viewed are in the file: the first part of them, where they are scattered.
    pub(in crate::format) fn span(&self, range: Range<u64>) -> Range<u64> {
        let chunk = self.chain.chunks[self.chunk_of(range.start)];
        let start = chunk.at + (range.start - chunk.start);
        start..start + (range.end - range.start).min(chunk.start + chunk.len - range.start)
    }
}
