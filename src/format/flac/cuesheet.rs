//! The CUESHEET block of FLAC: twelve bytes for the code of each track (RFC 9639, section 8.7).

use std::ops::Range;

use crate::bytes::source::ReadError;
use crate::format::edit::tree::{Item, NodeId, Seat, Text, Tree, Value};
use crate::format::ogg::packet::Packet;
use crate::format::place::{Access, Label, Place, PlaceName, Standing};

/// Catalog number, lead-in, flags, reserved, and the number of tracks.
const HEAD: u64 = 128 + 8 + 1 + 258 + 1;
/// Offset, number, code, flags, reserved, and the number of index points.
const TRACK: u64 = 8 + 1 + 12 + 1 + 13 + 1;
const INDEX_POINT: u64 = 12;
/// Where the code is in a track, and how long it is.
const CODE_AT: u64 = 8 + 1;
const CODE: usize = 12;

/// The fields that hold a code, one for each place, in offsets of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct Sheet {
    fields: Vec<u64>,
    /// The fields of audio tracks that hold none, with the track's number.
    empty: Vec<(u8, u64)>,
}

/// Walks the sheet that takes `range` of `body`, and adds its places.
pub(in crate::format) fn walk(
    body: &mut Packet,
    range: Range<u64>,
    access: Access,
    places: &mut Vec<Place>,
) -> Result<Sheet, ReadError> {
    let damaged = || ReadError::Damaged("a CUESHEET block is shorter than its tracks");
    if range.end - range.start < HEAD || !body.reaches(range.end)? {
        return Err(damaged());
    }
    let tracks = body.view(range.start + HEAD - 1, 1)?[0];
    let first = places.len();
    let mut sheet = Sheet {
        fields: Vec::new(),
        empty: Vec::new(),
    };
    let mut audio_tracks = 0usize;
    let mut at = range.start + HEAD;
    for index in 0..tracks {
        if range.end - at < TRACK {
            return Err(damaged());
        }
        let track: [u8; TRACK as usize] = body.view(at, TRACK as usize)?.try_into().map_err(|_| damaged())?;
        let (number, is_data) = (track[8], track[21] & 0x80 != 0);
        let field = at + CODE_AT;
        // The last track is the lead-out: no recording.
        let is_lead_out = index + 1 == tracks;
        if !is_data && !is_lead_out {
            audio_tracks += 1;
        }
        let code = &track[CODE_AT as usize..CODE_AT as usize + CODE];
        let len = code.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        if len > 0 {
            let text = String::from_utf8_lossy(&code[..len]).into_owned();
            let value = (body.span(field..field + CODE as u64), text);
            Label::odd(PlaceName::flac_cuesheet(number), access).add([value], places);
            sheet.fields.push(field);
        } else if !is_data && !is_lead_out {
            sheet.empty.push((number, field));
        }
        at += TRACK + u64::from(track[TRACK as usize - 1]) * INDEX_POINT;
        if at > range.end {
            return Err(damaged());
        }
    }
    if audio_tracks > 1 {
        for place in &mut places[first..] {
            place.standing = Standing::OfTrack;
        }
    }
    Ok(sheet)
}

impl Sheet {
    pub(in crate::format) fn empty_tracks(&self) -> impl Iterator<Item = u8> {
        self.empty.iter().map(|(number, _)| *number)
    }

    /// Declares the fields in the block `node`: twelve bytes in place, so that nothing moves.
    pub(in crate::format) fn declare(&self, tree: &mut Tree, node: NodeId) {
        let range = |field: &u64| *field..*field + CODE as u64;
        let value = |field| Value::new(node, range(field), vec![range(field)], Text::Fixed);
        let items = self
            .fields
            .iter()
            .map(|field| Item::of(node, Seat::Apart, value(field)));
        tree.items.extend(items);
        let empty = self.empty.iter().map(|(number, field)| (*number, range(field)));
        tree.tracks.extend(empty);
    }
}
