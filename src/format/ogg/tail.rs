//! What stands behind the comments in their packet, and how it makes up for a change of length.

use super::super::vorbis::{Body, List, NEW_PADDING};
use super::super::{Format, Refusal, SpliceError};
use super::packet::Packet;
use crate::pieces::Patch;
use crate::source::ReadError;

/// What follows the list (and, in Vorbis, its framing bit) up to the end of the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Zero bytes, possibly none.
    Padding,
    /// Kept as it is, and no padding is put behind it.
    Kept,
}

/// A packet's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) tail: Tail,
    /// Where the tail starts and ends; the end is that of the packet.
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Ending {
    /// Looks at the end of a complete packet of `len` bytes.
    pub(super) fn read(packet: &mut Packet, list: &List, len: u64, format: Format) -> Result<Ending, SpliceError> {
        let mut start = list.end;
        if format == Format::OggVorbis {
            // Vorbis I, section 5.2.1: a decoder gives up on a header without the bit.
            if start == len || packet.view(start, 1)?[0] & 1 == 0 {
                return Err(Refusal::new("the framing bit behind its comments is missing").into());
            }
            start += 1;
        }
        // A FLAC block has its length in front, and no room that belongs to nobody. In Opus a first byte with its
        // lowest bit set asks to keep what follows (RFC 7845, section 5.2); other bytes than zero are kept anyway.
        let tail = if format == Format::OggFlac || !is_zero(packet, start, len)? {
            Tail::Kept
        } else {
            Tail::Padding
        };
        Ok(Ending { tail, start, end: len })
    }

    /// The patch at the packet's end that makes up for `growth` bytes of comments. `room` is the longest the packet
    /// can get without a further page.
    pub(super) fn make_up(&self, growth: i64, room: u64) -> Option<Patch> {
        if self.tail == Tail::Kept || growth == 0 {
            return None;
        }
        let (start, end) = (self.start, self.end);
        let padding = end - start;
        let Ok(needed) = u64::try_from(growth) else {
            return Some(Patch::new(end..end, vec![0; growth.unsigned_abs() as usize]));
        };
        if needed <= padding {
            return Some(Patch::new(start..start + needed, []));
        }
        // Less than the usual padding rather than a further page; where that comes anyway, it holds all of it.
        let new = room
            .checked_sub(start + needed)
            .map_or(NEW_PADDING, |left| left.min(NEW_PADDING));
        Some(match new.checked_sub(padding) {
            Some(more) => Patch::new(end..end, vec![0; more as usize]),
            None => Patch::new(start..start + (padding - new), []),
        })
    }
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
