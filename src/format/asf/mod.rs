//! ASF, which holds Windows Media Audio: codes among the attributes of its Header Object.
//!
//! Places: attributes named `WM/ISRC`, `ISRC` or `TSRC` in the Extended Content Description Object (the standard place),
//! and in the Metadata and Metadata Library Objects of the Header Extension Object. The Data Object and the indexes behind
//! it hold no position in the file, so that the header may grow in front of them (ASF specification 1.20.05).

use super::identify::Front;
use super::{Depth, Found};
use crate::source::{ReadError, Source};

mod attributes;
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
