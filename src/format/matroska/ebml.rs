//! The elements that Matroska is made of (RFC 8794): an ID, a size, and a body; both numbers in a variable width.

use std::ops::Range;

use crc::{CRC_32_ISO_HDLC, Crc};

use super::walk::id;
use crate::bytes::source::{ReadError, Source};
use crate::format::Refusal;
use crate::format::edit::tree::{NodeId, Size, Tree};

/// The longest header: an ID of 4 bytes and a size of 8.
const LONGEST_HEADER: u64 = 12;

/// One element, checked against what encloses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub id: u32,
    pub start: u64,
    pub body: Range<u64>,
    /// In how many bytes its size is written.
    pub width: u8,
    /// Its size is not stated: it goes as far as its children do.
    pub is_open: bool,
}

impl Element {
    pub(super) fn end(&self) -> u64 {
        self.body.end
    }

    pub(super) fn range(&self) -> Range<u64> {
        self.start..self.body.end
    }

    /// Bytes of its ID and its size.
    pub(super) fn header(&self) -> u64 {
        self.body.start - self.start
    }

    /// Declares it as a box, in which its size can be stated.
    pub(super) fn declare(&self, tree: &mut Tree, inside: Option<NodeId>) -> NodeId {
        let size_at = self.body.start - u64::from(self.width);
        let size = if self.is_open {
            Size::Unstated
        } else {
            Size::Vint(self.width)
        };
        tree.sized(self.range(), inside, size_at, size, self.header())
    }
}

/// What is where an element is looked for.
#[derive(Debug)]
pub(super) enum Read {
    Element(Element),
    /// It claims to end there, behind what encloses it.
    TooLong(Element, u64),
    /// No number begins like this.
    NoElement,
}

/// Reads the element at `at`, in something that ends at `end`.
pub(super) fn element(source: &mut Source, at: u64, end: u64) -> Result<Read, ReadError> {
    let shown = (end - at).min(LONGEST_HEADER) as usize;
    let bytes = source.at(at, shown)?;
    let read = || {
        let (id, id_width, _) = number(bytes, 4)?;
        let (size, width, all_ones) = number(&bytes[usize::from(id_width)..], 8)?;
        // The marker is a part of an ID, and none of a size.
        let marker = 1u64 << (7 * u32::from(width));
        Some((id as u32, size ^ marker, id_width + width, width, all_ones))
    };
    let Some((id, size, header, width, is_open)) = read() else {
        return Ok(Read::NoElement);
    };
    let start = at + u64::from(header);
    let stated = if is_open { end } else { start.saturating_add(size) };
    let element = Element {
        id,
        start: at,
        body: start..stated.min(end),
        width,
        is_open,
    };
    Ok(match stated > end {
        true => Read::TooLong(element, stated),
        false => Read::Element(element),
    })
}

/// A number of variable width with its marker, its width, and whether all bits behind the marker are set (RFC 8794,
/// section 4).
fn number(bytes: &[u8], widest: u8) -> Option<(u64, u8, bool)> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as u8 + 1;
    if width > widest {
        return None;
    }
    let bytes = bytes.get(..usize::from(width))?;
    let number = bytes.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let all = (1u64 << (7 * u32::from(width))) - 1;
    Some((number, width, number & all == all))
}

/// An ID as it is stored, which tells its own width.
pub(super) fn id_bytes(id: u32) -> Vec<u8> {
    id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

/// An element with its size in as few bytes as can be.
pub(super) fn made(id: u32, body: &[u8]) -> Vec<u8> {
    let size = (1..=8).find_map(|width| Size::Vint(width).write(body.len() as u64));
    [&id_bytes(id), &size.expect("no body in memory is longer")[..], body].concat()
}

/// A Void of so many bytes with its header, two at least.
pub(super) fn void(len: u64) -> Vec<u8> {
    let width = if len <= 127 { 1 } else { 8 };
    let size = Size::Vint(width).write(len - 1 - u64::from(width));
    let size = size.expect("the width was chosen for it");
    let mut void = [&id_bytes(id::VOID), &size[..]].concat();
    void.resize(len as usize, 0);
    void
}

pub(super) const WRONG_SUM: Refusal = Refusal::new("a checksum in it is wrong");

/// Whether the body of an element holds nothing but a checksum.
pub(super) fn is_empty(body: &[u8]) -> bool {
    matches!(body, [] | [0xBF, 0x84, _, _, _, _])
}

/// Makes the checksum of an element anew, which is the first thing in it if it has one (RFC 8794, section 11.3.1). Tells
/// whether it was right.
pub(super) fn sum(element: &mut [u8], header: usize) -> bool {
    const CRC_32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    let Some([0xBF, 0x84, rest @ ..]) = element.get_mut(header..) else {
        return true;
    };
    let Some((stated, summed)) = rest.split_first_chunk_mut::<4>() else {
        return true;
    };
    let right = CRC_32.checksum(summed).to_le_bytes();
    std::mem::replace(stated, right) == right
}

/// An unsigned integer in so many bytes; none where it does not fit.
pub(super) fn unsigned_of_width(number: u64, width: usize) -> Option<Vec<u8>> {
    let bytes = number.to_be_bytes();
    let (high, low) = bytes.split_at(8usize.checked_sub(width)?);
    high.iter().all(|byte| *byte == 0).then(|| low.to_vec())
}

/// An unsigned integer of up to eight bytes (RFC 8794, section 7.2); none where it is longer.
pub(super) fn unsigned(source: &mut Source, body: &Range<u64>) -> Result<Option<u64>, ReadError> {
    let length = body.end - body.start;
    if length > 8 {
        return Ok(None);
    }
    let bytes = source.at(body.start, length as usize)?;
    Ok(Some(
        bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    ))
}

/// A float of four or eight bytes (section 7.3).
pub(super) fn float(source: &mut Source, body: &Range<u64>) -> Result<Option<f64>, ReadError> {
    Ok(match body.end - body.start {
        4 => Some(f64::from(f32::from_be_bytes(source.array(body.start)?))),
        8 => Some(f64::from_be_bytes(source.array(body.start)?)),
        _ => None,
    })
}

/// A text of at most `limit` bytes, up to its first zero byte (section 7.4), and where it is.
pub(super) fn text(source: &mut Source, body: &Range<u64>, limit: u64) -> Result<(String, Range<u64>), ReadError> {
    let length = (body.end - body.start).min(limit) as usize;
    let bytes = source.at(body.start, length)?;
    let shown = memchr::memchr(0, bytes).unwrap_or(length);
    let text = String::from_utf8_lossy(&bytes[..shown]).into_owned();
    Ok((text, body.start..body.start + shown as u64))
}
