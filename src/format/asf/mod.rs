//! ASF, which holds Windows Media Audio: codes among the attributes of its Header Object.
//!
//! Places: attributes named `WM/ISRC`, `ISRC` or `TSRC` in the Extended Content Description Object (the standard place),
//! and in the Metadata and Metadata Library Objects of the Header Extension Object. The Data Object and the indexes behind
//! it hold no position in the file, so that the header may grow in front of them (ASF specification 1.20.05).

use super::identify::Front;
use super::place::Change;
use super::words::Words;
use super::{Found, Splice, SpliceError};
use crate::source::{ReadError, Source};

mod attributes;
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

/// What the header says of the recording.
pub(super) fn words(source: &mut Source, front: &Front) -> Result<Words, ReadError> {
    Ok(walk::walk(source, front)?.words)
}
