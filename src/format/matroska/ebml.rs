//! The elements that Matroska is made of (RFC 8794): an ID, a size, and a body; both numbers in a variable width.

use std::ops::Range;

use super::walk::id;
use crate::bytes::pieces::{self, Patch};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{NodeId, Size, Tree};
use crate::format::notes::Notes;
use crate::format::{SpliceError, refuse};

/// The longest header: an ID of 4 bytes and a size of 8.
const LONGEST_HEADER: u64 = 12;

/// What is edited is held in memory; real ones are far smaller.
const MOST_BYTES: u64 = 4 << 20;

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub id: u32,
    pub start: u64,
    pub body: Range<u64>,
    /// In how many bytes its size is written.
    width: u8,
    /// Its size is not stated: it goes as far as its children do.
    pub is_open: bool,
    /// What is in it, where it was looked into.
    pub inside: Vec<Element>,
    /// Its body as an unsigned integer (section 7.2), where it was looked at; the largest one, where it is longer than that.
    /// None where it is empty, which means its default.
    pub number: Option<u64>,
}

impl Element {
    pub(super) fn end(&self) -> u64 {
        self.body.end
    }

    pub(super) fn range(&self) -> Range<u64> {
        self.start..self.body.end
    }

    /// Bytes of its body.
    pub(super) fn len(&self) -> u64 {
        self.body.end - self.body.start
    }

    /// Bytes of its ID and its size.
    pub(super) fn header(&self) -> u64 {
        self.body.start - self.start
    }

    pub(super) fn size(&self) -> Size {
        match self.is_open {
            true => Size::Unstated,
            false => Size::Vint(self.width),
        }
    }

    /// The last one with this ID in it.
    pub(super) fn get(&self, id: u32) -> Option<&Element> {
        self.inside.iter().rfind(|child| child.id == id)
    }

    pub(super) fn number_of(&self, id: u32) -> Option<u64> {
        self.get(id)?.number
    }

    pub(super) fn all(&self, id: u32) -> impl Iterator<Item = &Element> {
        self.inside.iter().filter(move |child| child.id == id)
    }

    /// Declares it as a box, in which its size can be stated.
    pub(super) fn declare(&self, tree: &mut Tree, inside: Option<NodeId>) -> NodeId {
        let size_at = self.body.start - u64::from(self.width);
        tree.sized(self.range(), inside, size_at, self.size(), self.header())
    }

    /// Looks at what is in it, up to what cannot be read, and into that as [`id::is_looked_into`] says.
    pub(super) fn look_into(&mut self, source: &mut Source, notes: &mut Notes) -> Result<(), ReadError> {
        let mut at = self.body.start;
        while at < self.end() {
            notes.spend()?;
            let fault = match read(source, at, self.end())? {
                None => NO_ELEMENT,
                Some(child) if child.is_open => OPEN,
                Some(child) if child.end() > self.end() => {
                    "an element goes beyond the end of the one that it stands in"
                }
                Some(child) => {
                    at = child.end();
                    self.inside.push(child);
                    continue;
                }
            };
            notes.hides(fault);
            break;
        }
        for child in &mut self.inside {
            if id::is_looked_into(self.id, child.id) {
                child.look_into(source, notes)?;
            } else if child.len() <= 8 {
                let bytes = source.at(child.body.start, child.len() as usize)?;
                child.number = (!bytes.is_empty()).then(|| Size::Be64.read(bytes));
            } else {
                child.number = Some(u64::MAX);
            }
        }
        Ok(())
    }

    /// Its text of at most `limit` bytes, up to the first zero byte (section 7.4), and where it is.
    pub(super) fn text(&self, source: &mut Source, limit: u64) -> Result<(String, Range<u64>), ReadError> {
        let bytes = source.at(self.body.start, self.len().min(limit) as usize)?;
        let shown = memchr::memchr(0, bytes).unwrap_or(bytes.len());
        let text = String::from_utf8_lossy(&bytes[..shown]).into_owned();
        Ok((text, self.body.start..self.body.start + shown as u64))
    }
}

pub(super) const NO_ELEMENT: &str = "bytes that are no element stand among its elements";
pub(super) const OPEN: &str = "an element does not state its size where it has to";

/// Reads the element at `at`, in something that ends at `end`; none if no number begins like this. It may claim to be longer.
pub(super) fn read(source: &mut Source, at: u64, end: u64) -> Result<Option<Element>, ReadError> {
    let bytes = source.at(at, (end - at).min(LONGEST_HEADER) as usize)?;
    Ok(element(bytes, at, end))
}

/// As [`read`], of which these are the first bytes.
fn element(bytes: &[u8], at: u64, end: u64) -> Option<Element> {
    let (id, id_width) = number(bytes, 4)?;
    let (size, width) = number(&bytes[usize::from(id_width)..], 8)?;
    // The marker is a part of an ID, and none of a size, of which all other bits set say that it is not known.
    let marker = 1u64 << (7 * u32::from(width));
    let is_open = size == 2 * marker - 1;
    let start = at + u64::from(id_width + width);
    Some(Element {
        id: id as u32,
        start: at,
        body: start..if is_open {
            end
        } else {
            start.saturating_add(size ^ marker)
        },
        width,
        is_open,
        inside: Vec::new(),
        number: None,
    })
}

/// A number of variable width with its marker, and its width (section 4).
fn number(bytes: &[u8], widest: u8) -> Option<(u64, u8)> {
    let width = bytes.first()?.leading_zeros() as u8 + 1;
    let bytes = bytes.get(..usize::from(width)).filter(|_| width <= widest)?;
    Some((Size::Be64.read(bytes), width))
}

/// An unsigned integer in so many bytes; none where it does not fit.
pub(super) fn unsigned(number: u64, width: usize) -> Option<Vec<u8>> {
    let bytes = number.to_be_bytes();
    let (high, low) = bytes.split_at(8usize.checked_sub(width)?);
    high.iter().all(|byte| *byte == 0).then(|| low.to_vec())
}

/// An element with its size in as few bytes as can be.
pub(super) fn made(id: u32, body: &[u8]) -> Vec<u8> {
    let size = (1..=8).find_map(|width| Size::Vint(width).write(body.len() as u64));
    [&id_bytes(id), &size.expect("no body in memory is longer")[..], body].concat()
}

/// An ID as it is stored, which tells its own width.
pub(super) fn id_bytes(id: u32) -> Vec<u8> {
    id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

/// A Void of so many bytes with its header, two at least.
pub(super) fn void(len: u64) -> Vec<u8> {
    let width = if len <= 127 { 1 } else { 8 };
    let size = Size::Vint(width).write(len - 1 - u64::from(width));
    let mut void = [&id_bytes(id::VOID), &size.expect("the width was chosen for it")[..]].concat();
    void.resize(len as usize, 0);
    void
}

/// An element's bytes with these patches, which are in offsets of the file, and the checksums in it made anew.
pub(super) fn patched(source: &Source, element: &Element, patches: Vec<Patch>) -> Result<Vec<u8>, SpliceError> {
    let (start, body) = (element.start, element.header() as usize);
    let mut old = source.copy(start, element.end() - start, MOST_BYTES)?;
    let in_old = |Patch { at, bytes }| Patch::new(at.start - start..at.end - start, bytes);
    let mut new = pieces::applied(&old, &patches.into_iter().map(in_old).collect::<Vec<Patch>>());
    if !sum(element.id, &mut old[body..]) {
        return refuse("a checksum in it is wrong");
    }
    sum(element.id, &mut new[body..]);
    Ok(new)
}

/// Whether nothing is in a body, or its checksum alone.
pub(super) fn is_empty(body: &[u8]) -> bool {
    let len = body.len() as u64;
    let is_all = |child: Element| child.id == id::CRC && !child.is_open && child.end() == len;
    body.is_empty() || element(body, 0, len).is_some_and(is_all)
}

/// Makes the checksum anew that is the first thing in a body, if it has one, and before that those of the elements in it
/// (section 11.3.1). Tells whether all were right.
fn sum(parent: u32, body: &mut [u8]) -> bool {
    let (mut at, mut is_right, mut stated) = (0, true, None);
    let len = body.len() as u64;
    while let Some(child) = element(&body[at..], at as u64, len)
        && !child.is_open
        && child.end() <= len
    {
        let inner = child.body.start as usize..child.body.end as usize;
        if child.id == id::CRC && at == 0 && child.len() == 4 {
            stated = Some(inner);
        } else if id::is_looked_into(parent, child.id) {
            is_right &= sum(child.id, &mut body[inner]);
        }
        at = child.end() as usize;
    }
    let Some(Range { start, end }) = stated else {
        return is_right;
    };
    let right = crc32fast::hash(&body[end..]).to_le_bytes();
    let is_own_right = body[start..end] == right;
    body[start..end].copy_from_slice(&right);
    is_right && is_own_right
}
