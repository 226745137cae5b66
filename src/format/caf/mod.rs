//! CAF: codes in the `info` chunk, which holds keys and values as texts that end in a zero byte.
//!
//! The place is a key `ISRC` in any case. Chunks hold no position in the file, so that they may move; only the `data`
//! chunk's size may be -1, which says that it is the last one (Core Audio Format Specification 1.0, "Audio Data Chunk").

use super::identify::Front;
use super::{Depth, Found};
use crate::source::{ReadError, Source};

mod edit;
#[cfg(test)]
mod tests;
mod walk;

pub(super) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<Found, ReadError> {
    let mut structure = walk::walk(source, front)?;
    let places = std::mem::take(&mut structure.places);
    Ok(Found {
        doubt: structure.doubt,
        ..Found::certain(places, structure)
    })
}
