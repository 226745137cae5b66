//! Matroska and WebM: codes in the `SimpleTag` elements of `Tags` (RFC 9559, section 5.1.8).
//!
//! Places: tags named `ISRC` of a target that is the whole file or its one track of audio, written with hyphens, as the
//! specification has it; and `TSRC`, other targets, chapters and single tracks. Clusters are stepped over by what the
//! SeekHead says. Invariant: an edit moves no Cluster, so that no position in the Cues changes, and none in the SeekHead
//! but those of what is between tags and the room that they take.

mod ebml;
mod edit;
mod tags;
#[cfg(test)]
mod tests;
mod walk;

pub(super) use walk::{doc_type, walk};
