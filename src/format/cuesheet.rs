//! The CUESHEET block of FLAC: twelve bytes for the code of each track (RFC 9639, section 8.7).

use std::ops::Range;

use super::place::{Access, Action, Place, PlaceName, Standing};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::{ReadError, Source};

/// Catalog number, lead-in, flags, reserved, and the number of tracks.
const HEAD: u64 = 128 + 8 + 1 + 258 + 1;
/// Offset, number, code, flags, reserved, and the number of index points.
const TRACK: u64 = 8 + 1 + 12 + 1 + 13 + 1;
const INDEX_POINT: u64 = 12;
/// Where the code stands in a track, and how long it is.
const CODE_AT: u64 = 8 + 1;
const CODE: usize = 12;

/// The fields that hold a code, one for each place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    fields: Vec<u64>,
}

/// Walks the sheet in `body` and adds its places.
pub(super) fn walk(source: &mut Source, body: Range<u64>, places: &mut Vec<Place>) -> Result<Sheet, ReadError> {
    let damaged = ReadError::Damaged("a CUESHEET block is shorter than its tracks");
    if body.end - body.start < HEAD {
        return Err(damaged);
    }
    source.expect(body.start, body.end - body.start)?;
    let [tracks] = source.array::<1>(body.start + HEAD - 1)?;
    let first = places.len();
    let mut sheet = Sheet { fields: Vec::new() };
    let mut audio_tracks = 0usize;
    let mut at = body.start + HEAD;
    for index in 0..tracks {
        if body.end - at < TRACK {
            return Err(damaged);
        }
        let track = source.array::<{ TRACK as usize }>(at)?;
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
            places.push(Place {
                name: PlaceName::FlacCuesheet(number),
                key: None,
                text: String::from_utf8_lossy(&code[..len]).into_owned(),
                span: field..field + CODE as u64,
                item: places.last().map_or(0, |place| place.item.saturating_add(1)),
                standing: Standing::OfTrack,
                access: Access::Write,
            });
            sheet.fields.push(field);
        }
        at += TRACK + u64::from(track[TRACK as usize - 1]) * INDEX_POINT;
        if at > body.end {
            return Err(damaged);
        }
    }
    if audio_tracks <= 1 {
        for place in &mut places[first..] {
            place.standing = Standing::Odd;
        }
    }
    Ok(sheet)
}

impl Sheet {
    pub(super) fn value_count(&self) -> usize {
        self.fields.len()
    }

    /// Twelve bytes in place: nothing moves.
    pub(super) fn splice(&self, actions: &[Action], patches: &mut Vec<Patch>) {
        for (field, action) in self.fields.iter().zip(actions) {
            let bytes = match action {
                Action::Keep => continue,
                Action::Write(isrc) => *Isrc::as_bytes(isrc),
                Action::Drop => [0; CODE],
            };
            patches.push(Patch::new(*field..*field + CODE as u64, bytes));
        }
    }
}
