//! What is behind the comments in their packet.

use std::ops::Range;

use super::super::vorbis::List;
use super::super::{Format, SpliceError, refuse};
use super::packet::Packet;
use crate::bytes::source::ReadError;

/// The zero bytes, possibly none, at the end of a complete packet of `len` bytes; `None` where something else is kept
/// there, and no padding is put behind it.
pub(super) fn padding(
    packet: &mut Packet,
    list: &List,
    len: u64,
    format: Format,
) -> Result<Option<Range<u64>>, SpliceError> {
    let mut start = list.end;
    if format == Format::OggVorbis {
        // Vorbis I, section 5.2.1: a decoder gives up on a header without the bit.
        if start == len || packet.view(start, 1)?[0] & 1 == 0 {
            return refuse("the framing bit behind its comments is missing");
        }
        start += 1;
    }
    // A FLAC block has its length in front, and no room that belongs to nobody. In Opus a first byte with its lowest bit
    // set asks to keep what follows (RFC 7845, section 5.2); other bytes than zero are kept anyway.
    let is_padding = format != Format::OggFlac && is_zero(packet, start, len)?;
    Ok(is_padding.then_some(start..len))
}

fn is_zero(packet: &mut Packet, start: u64, end: u64) -> Result<bool, ReadError> {
    let mut at = start;
    while at < end {
        let count = (end - at).min(4096) as usize;
        if packet.view(at, count)?.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at += count as u64;
    }
    Ok(true)
}
