//! Matroska and WebM: codes in the `SimpleTag` elements of `Tags` (RFC 9559, section 5.1.8).
//!
//! Places: tags named `ISRC` of a target that is the whole file or its one track of audio, written with hyphens, as the
//! specification has it; and `TSRC`, other targets, chapters and single tracks. Clusters are stepped over by what the
//! SeekHead says. Invariant: an edit moves no Cluster, so that no position in SeekHead or Cues but that of `Tags` changes.

use super::identify::Front;
use super::place::Change;
use super::words::Words;
use super::{Depth, Found, Splice, SpliceError};
use crate::source::{ReadError, Source};

mod ebml;
mod edit;
mod positions;
mod tags;
#[cfg(test)]
mod tests;
mod walk;

pub(super) use walk::doc_type;

pub(super) fn locate(source: &mut Source, front: &Front, depth: Depth) -> Result<Found, ReadError> {
    let structure = walk::walk(source, front, depth)?;
    Ok(Found {
        doubt: structure.doubt,
        ..Found::certain(structure.places)
    })
}

pub(super) fn splice(source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
    edit::splice(source, front, change)
}

/// What the file says of the recording.
pub(super) fn words(source: &mut Source, front: &Front) -> Result<Words, ReadError> {
    Ok(walk::walk(source, front, Depth::Whole)?.words)
}
