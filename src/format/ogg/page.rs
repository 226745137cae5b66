//! One page of an Ogg stream (RFC 3533, section 6) and its checksum.

use std::ops::Range;

use crate::bytes::source::{ReadError, Source};
use crate::format::damaged;

const CAPTURE: &[u8; 4] = b"OggS";
/// Up to and with the number of segments.
pub(super) const FIXED: usize = 27;
const MOST_SEGMENTS: usize = 255;
/// The longest page.
pub(super) const LONGEST: u64 = 27 + 255 + 255 * 255;

pub(super) const CONTINUED: u8 = 1;
pub(super) const FIRST: u8 = 2;
pub(super) const LAST: u8 = 4;

/// Where the sequence number and the checksum are in a page.
pub(super) const SEQUENCE_AT: u64 = 18;
pub(super) const CHECKSUM_AT: u64 = 22;

/// A page's checksum in the making (RFC 3533, section 6, field 7): the generator polynomial 04C11DB7, as in ZIP, with
/// neither reflection nor inversion. It is that of ZIP over mirrored bytes, mirrored, and its inversions taken back.
pub(super) struct Checksum(crc32fast::Hasher);

impl Checksum {
    pub(super) fn new() -> Checksum {
        Checksum(crc32fast::Hasher::new_with_initial(!0))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.take(bytes.to_vec());
    }

    /// Adds bytes of the file. A range lies in one page, so it is short.
    pub(super) fn add(&mut self, source: &Source, range: Range<u64>) -> Result<(), ReadError> {
        self.take(source.copy(range.start, range.end - range.start, LONGEST)?);
        Ok(())
    }

    fn take(&mut self, mut bytes: Vec<u8>) {
        for byte in &mut bytes {
            *byte = byte.reverse_bits();
        }
        self.0.update(&bytes);
    }

    pub(super) fn finalize(self) -> u32 {
        (!self.0.finalize()).reverse_bits()
    }
}

/// The header of one page; its body stays in the file.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// Offset of the page.
    pub(super) at: u64,
    pub(super) flags: u8,
    pub(super) granule: [u8; 8],
    pub(super) serial: u32,
    pub(super) sequence: u32,
    pub(super) checksum: u32,
    segment_count: u8,
    table: [u8; MOST_SEGMENTS],
}

/// How many bytes the segments with these lacing values have: at most 65,025 in a page.
pub(super) fn length(segments: &[u8]) -> u64 {
    segments.iter().map(|lacing| u32::from(*lacing)).sum::<u32>().into()
}

impl Page {
    /// Reads the header at `at`. The body may reach past the end of the file.
    pub(super) fn read(source: &mut Source, at: u64) -> Result<Page, ReadError> {
        let most = (FIXED + MOST_SEGMENTS) as u64;
        let view = source.at(at, most.min(source.len().saturating_sub(at)).max(FIXED as u64) as usize)?;
        // The version is zero until there is another one, which would be laid out otherwise.
        if view[..4] != *CAPTURE || view[4] != 0 {
            return damaged("an Ogg page does not start where it should");
        }
        let number = |at: usize| u32::from_le_bytes([view[at], view[at + 1], view[at + 2], view[at + 3]]);
        let segment_count = view[26];
        let header = FIXED + usize::from(segment_count);
        let mut page = Page {
            at,
            flags: view[5],
            granule: view[6..14].try_into().expect("the range is eight bytes long"),
            serial: number(14),
            sequence: number(18),
            checksum: number(22),
            segment_count,
            table: [0; MOST_SEGMENTS],
        };
        let Some(table) = view.get(FIXED..header) else {
            source.reach(at + header as u64)?;
            return damaged("an Ogg page is cut short");
        };
        page.table[..table.len()].copy_from_slice(table);
        Ok(page)
    }

    /// As [`Page::read`]; none where there is no page.
    pub(super) fn at(source: &mut Source, at: u64) -> Result<Option<Page>, ReadError> {
        match Page::read(source, at) {
            Ok(page) => Ok(Some(page)),
            Err(error @ ReadError::Io(_)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The lacing values.
    pub(super) fn segments(&self) -> &[u8] {
        &self.table[..usize::from(self.segment_count)]
    }

    pub(super) fn body_at(&self) -> u64 {
        self.at + FIXED as u64 + u64::from(self.segment_count)
    }

    pub(super) fn body(&self) -> Range<u64> {
        self.body_at()..self.end()
    }

    pub(super) fn end(&self) -> u64 {
        self.body_at() + length(self.segments())
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The header with a checksum of zero, which is how it goes into its own checksum.
    pub(super) fn header(&self) -> Vec<u8> {
        header(self.flags, self.granule, self.serial, self.sequence, self.segments())
    }

    /// Whether the checksum in the file is that of the page.
    pub(super) fn is_sound(&self, source: &Source) -> Result<bool, ReadError> {
        let mut digest = Checksum::new();
        digest.update(&self.header());
        digest.add(source, self.body())?;
        Ok(digest.finalize() == self.checksum)
    }
}

pub(super) fn header(flags: u8, granule: [u8; 8], serial: u32, sequence: u32, segments: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(FIXED + segments.len());
    header.extend_from_slice(CAPTURE);
    header.push(0);
    header.push(flags);
    header.extend_from_slice(&granule);
    header.extend_from_slice(&serial.to_le_bytes());
    header.extend_from_slice(&sequence.to_le_bytes());
    header.extend_from_slice(&[0; 4]);
    header.push(segments.len() as u8);
    header.extend_from_slice(segments);
    header
}
