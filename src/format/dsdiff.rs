//! STUB

use super::identify::Front;
use super::place::{Change, Place};
use super::{Refusal, Splice, SpliceError};
use crate::source::{ReadError, Source};

pub(super) fn locate(_source: &mut Source, _front: &Front) -> Result<Vec<Place>, ReadError> {
    Err(ReadError::NotAudio)
}

pub(super) fn splice(_source: &mut Source, _front: &Front, _change: &Change) -> Result<Splice, SpliceError> {
    Err(Refusal::new("not built yet").into())
}
