//! CAF: codes in the `info` chunk, which holds keys and values as texts that end in a zero byte.
//!
//! The place is a key `ISRC` in any case. Chunks hold no position in the file, so that they may move; only the `data`
//! chunk's size may be -1, which says that it is the last one (Core Audio Format Specification 1.0, "Audio Data Chunk").

use super::identify::Front;
use super::place::Change;
use super::words::Words;
use super::{Found, Splice, SpliceError};
use crate::source::{ReadError, Source};

mod edit;
#[cfg(test)]
mod tests;
mod walk;

pub(super) fn locate(source: &mut Source, front: &Front) -> Result<Found, ReadError> {
    let structure = walk::walk(source, front)?;
    Ok(Found {
        doubt: structure.doubt,
        ..Found::certain(structure.places)
    })
}

pub(super) fn splice(source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
    edit::splice(source, front, change)
}

/// What the chunks say of the recording.
pub(super) fn words(source: &mut Source, front: &Front) -> Result<Words, ReadError> {
    Ok(walk::walk(source, front)?.words())
}
