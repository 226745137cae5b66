//! The SeekHead, which says where the elements of the Segment are (RFC 9559, section 5.1.1).

use std::ops::Range;

use super::ebml::{self, Element};
use super::walk::id;
use crate::bytes::source::Source;
use crate::format::edit::tree::Size;
use crate::format::{Refusal, SpliceError};

/// Real ones are far smaller.
const MOST_BYTES: u64 = 1 << 20;

#[derive(Debug)]
pub(super) struct Head {
    pub element: Element,
    /// All that is in it; what is no entry has no position.
    pub children: Vec<(Element, Option<Seek>)>,
}

/// An entry.
#[derive(Debug)]
pub(super) struct Seek {
    pub id: u32,
    /// Where its last four bytes are, which are all of an ID of the Segment's elements.
    pub id_at: u64,
    /// From the first byte of the Segment's body.
    pub position: u64,
    /// Where the position is.
    pub value: Range<u64>,
}

impl Head {
    /// What is listed, by its ID, and the offset in the file where it is.
    pub(super) fn listed(&self, segment: &Element) -> Vec<(u32, u64)> {
        let seeks = self.children.iter().filter_map(|(_, seek)| seek.as_ref());
        seeks
            .map(|seek| (seek.id, segment.body.start.saturating_add(seek.position)))
            .collect()
    }

    /// Its new bytes, if anything in them changes: `to` tells where what stood at an offset goes, or that it is gone; and
    /// tags are `added` at these offsets.
    pub(super) fn rebuilt(
        &self,
        source: &Source,
        segment: &Element,
        to: impl Fn(u64) -> Option<u64>,
        added: &[u64],
    ) -> Result<Option<Vec<u8>>, SpliceError> {
        let element = &self.element;
        let mut old = source.copy(element.start, element.end() - element.start, MOST_BYTES)?;
        let in_old = |range: Range<u64>| (range.start - element.start) as usize..(range.end - element.start) as usize;
        let start = segment.body.start;
        let mut body = Vec::new();
        for (child, seek) in &self.children {
            let raw = &old[in_old(child.range())];
            let moved = seek.as_ref().and_then(|seek| {
                let at = start.saturating_add(seek.position);
                let is_inside = at < segment.end();
                is_inside.then(|| (seek, to(at))).filter(|(_, to)| *to != Some(at))
            });
            match moved {
                None => body.extend_from_slice(raw),
                Some((_, None)) => body.extend(ebml::void(raw.len() as u64)),
                Some((seek, Some(at))) => {
                    let value = seek.value.start - child.start;
                    let width = (seek.value.end - seek.value.start) as usize;
                    match ebml::unsigned_of_width(at - start, width) {
                        Some(position) => {
                            let from = body.len() + value as usize;
                            body.extend_from_slice(raw);
                            body[from..from + width].copy_from_slice(&position);
                        }
                        None => body.extend(entry(seek.id, at - start)),
                    }
                }
            }
        }
        for at in added {
            body.extend(entry(id::TAGS, at - start));
        }
        let header = element.header() as usize;
        if body == old[header..] {
            return Ok(None);
        }
        if !ebml::sum(&mut old, header) {
            return Err(ebml::WRONG_SUM.into());
        }
        const LONG: Refusal = Refusal::new("its SeekHead would outgrow its size");
        let size = Size::Vint(element.width).write(body.len() as u64).ok_or(LONG)?;
        let mut new = [&old[..header - size.len()], &size, &body].concat();
        ebml::sum(&mut new, header);
        Ok(Some(new))
    }
}

/// An entry with a position in as few bytes as can be.
fn entry(id: u32, position: u64) -> Vec<u8> {
    let fitting = (1..=8).find_map(|width| ebml::unsigned_of_width(position, width));
    let wanted = ebml::made(id::SEEK_ID, &ebml::id_bytes(id));
    let position = ebml::made(id::SEEK_POSITION, &fitting.expect("eight bytes hold any position"));
    ebml::made(id::SEEK, &[wanted, position].concat())
}
