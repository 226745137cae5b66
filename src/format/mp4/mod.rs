//! MP4, M4A, M4B, MOV, 3GP: codes in the metadata atoms of the movie.
//!
//! Places: `----` atoms named ISRC in an `ilst` (iTunes' own mean is the standard place), QuickTime metadata keys that
//! end in `isrc` (QTFF, "Metadata"), `xid ` and the user data `©isr`. Audio and sample tables are stepped over by
//! offset. Invariant: an edit moves no byte of audio without correcting every offset that points at it.

use super::place::next_item;
use super::{Depth, WalkOutcome};
use crate::bytes::source::{ReadError, Source};
use crate::format::stream::identify::Front;

mod atom;
mod change;
mod edit;
mod items;
mod references;
#[cfg(test)]
mod tests;
mod value;
mod walk;

pub(super) fn walk(source: &mut Source, front: &Front, depth: Depth) -> Result<WalkOutcome, ReadError> {
    let mut places = front.places();
    let mut structure = walk::walk(source, front.start, next_item(&places), depth)?;
    places.append(&mut structure.places);
    Ok(WalkOutcome {
        doubt: structure.doubt,
        picture: structure.picture.clone().filter(|_| structure.trouble.is_none()),
        is_whole: structure.is_whole,
        forgiven: structure.forgiven,
        ..WalkOutcome::certain(places, structure)
    })
}
