//! The pages of a comment packet laid out anew: which segments go to which page, and the patches that make it so.

use std::collections::VecDeque;
use std::ops::Range;

use super::super::{SpliceError, damaged, refuse};
use super::page::{self, CHECKSUM_AT, CONTINUED, LAST, Page};
use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};

const MOST_SEGMENTS: usize = 255;
const FULL: u64 = 255;

/// The pages that hold a packet, in order, and how it lies in them.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) pages: Vec<Page>,
    /// Segments of other packets in the first page, in front of the packet.
    pub(super) in_front: usize,
    /// Segments of other packets in the last page, behind the packet.
    pub(super) behind: usize,
}

impl Region {
    /// The longest packet that these pages can hold.
    pub(super) fn room(&self) -> u64 {
        let segments = (self.pages.len() * MOST_SEGMENTS).saturating_sub(self.in_front + self.behind);
        (segments as u64 * FULL).saturating_sub(1)
    }

    /// Lays out the packet of `new_len` bytes that `edits` (in offsets of the old packet) make of the old one; tells how many
    /// pages there are more than before, none or one.
    pub(super) fn relay(
        &self,
        source: &Source,
        edits: Vec<Patch>,
        new_len: u64,
    ) -> Result<(Vec<Patch>, u32), SpliceError> {
        let segments = self.new_segments(new_len);
        let Some(counts) = self.share(segments.len()) else {
            return refuse("its Ogg pages leave no room to lay out the comments anew");
        };
        let more_pages = counts.len() - self.pages.len();
        let mut content = Content::new(self, edits);
        let mut patches = Vec::new();
        let mut rest = segments.as_slice();
        for (index, count) in counts.iter().enumerate() {
            let (segments, others) = rest.split_at(*count);
            rest = others;
            let seat = index.min(self.pages.len() - 1);
            let len = page::length(segments);
            let mut pieces = content.take(source, seat, len)?;
            let header = self.header(index, segments, more_pages);
            pieces.push_front(Piece::New(sealed(source, header, &pieces)?));
            // A further page is right behind the last old one, and gets what is left of that one's bytes.
            let is_last_of_seat = index + 1 == counts.len() || index + 1 < self.pages.len();
            content.emit(&self.pages[seat], pieces, is_last_of_seat, &mut patches);
        }
        Ok((patches, more_pages as u32))
    }

    fn new_segments(&self, new_len: u64) -> Vec<u8> {
        let first = self.pages.first().map_or(&[][..], Page::segments);
        let last = self.pages.last().map_or(&[][..], Page::segments);
        let mut segments = first[..self.in_front].to_vec();
        segments.resize(segments.len() + (new_len / FULL) as usize, FULL as u8);
        segments.push((new_len % FULL) as u8);
        segments.extend_from_slice(&last[last.len() - self.behind..]);
        segments
    }

    /// How many of `total` segments each page gets: as before, and the last page takes the difference as far as it
    /// can. What is behind the packet stays together with the packet's end, so that every page completes the
    /// packets that it did, and keeps its granule position.
    fn share(&self, total: usize) -> Option<Vec<usize>> {
        let old: Vec<usize> = self.pages.iter().map(|page| page.segments().len()).collect();
        if let Some(counts) = spread(&old, total, self.in_front + 1, self.behind + 1) {
            return Some(counts);
        }
        let further = (self.behind + 1).max(total.checked_sub(old.len() * MOST_SEGMENTS)?);
        if further > MOST_SEGMENTS {
            return None;
        }
        let mut counts = spread(&old, total.checked_sub(further)?, self.in_front + 1, 1)?;
        counts.push(further);
        Some(counts)
    }

    /// The header of new page `index`, with a checksum of zero.
    fn header(&self, index: usize, segments: &[u8], more_pages: usize) -> Vec<u8> {
        let last = self.pages.len() - 1;
        let page = &self.pages[index.min(last)];
        if more_pages == 0 || index < last {
            return page::header(page.flags, page.granule, page.serial, page.sequence, segments);
        }
        if index > last {
            let sequence = page.sequence.wrapping_add(1);
            return page::header(page.flags | CONTINUED, page.granule, page.serial, sequence, segments);
        }
        // The packet used to end in this page. RFC 3533, section 6: where none ends, the position is -1.
        let granule = if index == 0 && self.in_front > 0 {
            page.granule
        } else {
            [0xff; 8]
        };
        page::header(page.flags & !LAST, granule, page.serial, page.sequence, segments)
    }
}

/// Shares out `total` segments over pages that had `old` each, from the last page forward.
fn spread(old: &[usize], total: usize, least_first: usize, least_last: usize) -> Option<Vec<usize>> {
    let mut counts: Vec<i64> = old.iter().map(|count| *count as i64).collect();
    let difference = total as i64 - counts.iter().sum::<i64>();
    *counts.last_mut()? += difference;
    for index in (1..counts.len()).rev() {
        let least = if index + 1 == counts.len() { least_last } else { 1 };
        let wanted = counts[index].clamp(least as i64, MOST_SEGMENTS as i64);
        counts[index - 1] += counts[index] - wanted;
        counts[index] = wanted;
    }
    let first = least_first as i64..=MOST_SEGMENTS as i64;
    first
        .contains(counts.first()?)
        .then(|| counts.into_iter().map(|count| count as usize).collect())
}

/// A part of a new page.
#[derive(Debug)]
enum Piece {
    /// Bytes of the file, inside the page's old seat.
    Old(Range<u64>),
    New(Vec<u8>),
}

/// The header with its checksum.
fn sealed(source: &Source, mut header: Vec<u8>, pieces: &VecDeque<Piece>) -> Result<Vec<u8>, ReadError> {
    let mut digest = page::Checksum::new();
    digest.update(&header);
    for piece in pieces {
        match piece {
            Piece::Old(range) => digest.add(source, range.clone())?,
            Piece::New(bytes) => digest.update(bytes),
        }
    }
    let at = CHECKSUM_AT as usize;
    header[at..at + 4].copy_from_slice(&digest.finalize().to_le_bytes());
    Ok(header)
}

/// The bodies of the new pages, one after the other.
struct Content<'r> {
    pages: &'r [Page],
    /// Where each old page's body starts, if the bodies are put together.
    starts: Vec<u64>,
    /// What is still to come: bytes of the old bodies (put together), and new ones.
    coming: VecDeque<Piece>,
    /// How far the old file is dealt with.
    done: u64,
}

impl<'r> Content<'r> {
    fn new(region: &'r Region, edits: Vec<Patch>) -> Content<'r> {
        let mut starts = Vec::with_capacity(region.pages.len());
        let mut total = 0;
        for page in &region.pages {
            starts.push(total);
            total += page.end() - page.body_at();
        }
        let first = region.pages.first().map_or(&[][..], Page::segments);
        let packet_at = page::length(&first[..region.in_front]);
        let mut coming = VecDeque::new();
        let mut at = 0;
        for Patch { at: range, bytes } in edits {
            coming.push_back(Piece::Old(at..packet_at + range.start));
            coming.push_back(Piece::New(bytes));
            at = packet_at + range.end;
        }
        coming.push_back(Piece::Old(at..total));
        Content {
            pages: &region.pages,
            starts,
            coming,
            done: 0,
        }
    }

    /// The next `len` bytes, for the seat of old page `seat`. What comes from other pages is read: it is no more than
    /// what moves from page to page.
    fn take(&mut self, source: &Source, seat: usize, len: u64) -> Result<VecDeque<Piece>, ReadError> {
        let mut pieces = VecDeque::new();
        let mut missing = len;
        while missing > 0 {
            let Some(piece) = self.coming.pop_front() else {
                return damaged("an Ogg packet is shorter than what it holds");
            };
            match piece {
                Piece::New(mut bytes) => {
                    if bytes.len() as u64 > missing {
                        let rest = bytes.split_off(missing as usize);
                        self.coming.push_front(Piece::New(rest));
                    }
                    missing -= bytes.len() as u64;
                    pieces.push_back(Piece::New(bytes));
                }
                Piece::Old(range) => {
                    if range.is_empty() {
                        continue;
                    }
                    let index = self.starts.partition_point(|start| *start <= range.start) - 1;
                    let page_end = self.starts.get(index + 1).copied().unwrap_or(u64::MAX);
                    let end = range.end.min(page_end).min(range.start + missing);
                    self.coming.push_front(Piece::Old(end..range.end));
                    missing -= end - range.start;
                    let offset = self.pages[index].body_at();
                    let start = self.starts[index];
                    let in_file = offset + (range.start - start)..offset + (end - start);
                    if index == seat {
                        pieces.push_back(Piece::Old(in_file));
                    } else {
                        let bytes = source.copy(in_file.start, in_file.end - in_file.start, FULL * FULL)?;
                        pieces.push_back(Piece::New(bytes));
                    }
                }
            }
        }
        Ok(pieces)
    }

    /// Patches the seat of an old page so that it holds `pieces`.
    fn emit(&mut self, page: &Page, pieces: VecDeque<Piece>, is_last_of_seat: bool, patches: &mut Vec<Patch>) {
        self.done = self.done.max(page.at);
        let mut new = Vec::new();
        for piece in pieces {
            match piece {
                Piece::New(bytes) => new.extend_from_slice(&bytes),
                Piece::Old(range) => {
                    if self.done < range.start || !new.is_empty() {
                        patches.push(Patch::new(self.done..range.start, std::mem::take(&mut new)));
                    }
                    self.done = range.end;
                }
            }
        }
        let end = if is_last_of_seat { page.end() } else { self.done };
        if self.done < end || !new.is_empty() {
            patches.push(Patch::new(self.done..end, new));
        }
        self.done = end;
    }
}
