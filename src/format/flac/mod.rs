//! FLAC: metadata blocks in front of the frames (RFC 9639, section 8).
//!
//! Codes are in the VORBIS_COMMENT and CUESHEET blocks and in ID3v2 tags in front of the stream; pictures and all
//! other blocks are stepped over. An edit moves no block unless it must: the difference in length goes to the nearest
//! PADDING. Invariant: every block of a [`Structure`] lies inside the file.

use std::ops::Range;

use super::behind::Behind;
use super::ogg::packet::{Chain, Packet};
use super::place::{Access, Place};
use super::vorbis::{self, List};
use super::{Depth, Located, WalkOutcome, damaged};
use crate::bytes::source::{ReadError, Source};
use crate::format::flac::cuesheet::Sheet;
use crate::format::stream::identify::Front;

pub(in crate::format) mod cuesheet;
mod splice;
pub(crate) mod stream_info;
#[cfg(test)]
mod tests;

const MARKER: &[u8; 4] = b"fLaC";
const BLOCK_HEADER: u64 = 4;

const STREAMINFO: u8 = 0;
const PADDING: u8 = 1;
const VORBIS_COMMENT: u8 = 4;
const CUESHEET: u8 = 5;
const FORBIDDEN: u8 = 127;

/// What the 24 bits of a block's length can say.
const MOST_IN_BLOCK: u64 = (1 << 24) - 1;

/// More blocks than this are no work of an encoder.
const MOST_BLOCKS: usize = 1 << 14;

/// Comment blocks up to this size are fetched at once; larger ones hold something to step over.
const FETCHED_WHOLE: u64 = 8 * 1024;

/// One metadata block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    kind: u8,
    is_last: bool,
    /// Of its header.
    at: u64,
    /// Without its header.
    len: u64,
}

impl Block {
    fn body(&self) -> Range<u64> {
        self.at + BLOCK_HEADER..self.end()
    }

    fn end(&self) -> u64 {
        self.at + BLOCK_HEADER + self.len
    }
}

/// A block that codes can be in.
#[derive(Debug)]
enum Part {
    Comments { block: Block, list: List },
    Sheet { block: Block, sheet: Sheet },
}

#[derive(Debug)]
struct Structure {
    blocks: Vec<Block>,
    /// In the order of the places.
    parts: Vec<Part>,
    /// Tags of other kinds behind the frames; their places are the last ones.
    behind: Behind,
}

impl Structure {
    fn lists(&self) -> impl Iterator<Item = (&Block, &List)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Comments { block, list } => Some((block, list)),
            Part::Sheet { .. } => None,
        })
    }

    fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.parts.iter().filter_map(|part| match part {
            Part::Sheet { sheet, .. } => Some(sheet),
            Part::Comments { .. } => None,
        })
    }
}

pub(super) fn walk(source: &mut Source, front: &Front, depth: Depth) -> Result<WalkOutcome, ReadError> {
    let (structure, places) = structure(source, front, depth)?;
    let of_list = structure.lists().find_map(|(_, list)| list.doubt);
    let located = Located {
        empty_tracks: structure.sheets().flat_map(Sheet::empty_tracks).collect(),
        doubt: structure.behind.doubt().or(of_list),
        forgiven: structure.behind.is_forgiven(),
        ..Located::certain(front.format, places)
    };
    Ok(WalkOutcome {
        is_whole: structure.behind.is_known,
        ..WalkOutcome::of(located, structure)
    })
}

fn structure(source: &mut Source, front: &Front, depth: Depth) -> Result<(Structure, Vec<Place>), ReadError> {
    let mut places = front.places();
    if source.array::<4>(front.start)? != *MARKER {
        return damaged("the FLAC marker is missing");
    }
    let mut blocks: Vec<Block> = Vec::with_capacity(8);
    let mut parts = Vec::new();
    let mut at = front.start + MARKER.len() as u64;
    loop {
        let block = read_block(source, at)?;
        at = block.end();
        source.reach(at)?;
        // Its offsets are those of the file, so that those of what is found in it are too.
        let whole = || Chain::of(Some(0..block.end()));
        match block.kind {
            VORBIS_COMMENT => {
                if block.len <= FETCHED_WHOLE {
                    source.expect(block.body().start, block.len)?;
                }
                let (mut whole, start) = (whole(), block.body().start);
                let list = vorbis::walk(&mut Packet::new(source, &mut whole), start, &mut places)?;
                parts.push(Part::Comments { block, list });
            }
            CUESHEET => {
                source.expect(block.body().start, block.len.min(FETCHED_WHOLE))?;
                let mut whole = whole();
                let mut whole = Packet::new(source, &mut whole);
                let sheet = cuesheet::walk(&mut whole, block.body(), Access::Write, &mut places)?;
                parts.push(Part::Sheet { block, sheet });
            }
            _ => {}
        }
        blocks.push(block);
        if block.is_last {
            break;
        }
        if blocks.len() == MOST_BLOCKS {
            return damaged("it claims more metadata blocks than any real file");
        }
    }
    let behind = Behind::of(source, at, depth, &mut places)?;
    let structure = Structure { blocks, parts, behind };
    Ok((structure, places))
}

fn read_block(source: &mut Source, at: u64) -> Result<Block, ReadError> {
    let [kind, a, b, c] = source.lone_array::<4>(at)?;
    Ok(Block {
        kind: kind & 0x7f,
        is_last: kind & 0x80 != 0,
        at,
        len: u64::from(u32::from_be_bytes([0, a, b, c])),
    })
}

fn block_header(kind: u8, is_last: bool, len: u64) -> [u8; 4] {
    let [_, a, b, c] = (len as u32).to_be_bytes();
    [kind | if is_last { 0x80 } else { 0 }, a, b, c]
}
