//! ID3v2 tags of all versions, wherever a container carries them: in front of a stream, behind it, or in a chunk.

use std::ops::Range;

use super::SpliceError;
use super::place::{Action, Place, Standing};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::{ReadError, Source};

/// What a compressed frame may unfold to before the file is kept away from other parsers.
pub const INFLATE_LIMIT: u64 = 16 << 20;

/// Padding that a new tag gets, so that the next edit is in place.
pub(super) const NEW_PADDING: usize = 1024;

/// One tag, as walked. Its bytes stay in the file.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// The whole tag: header, body, padding, footer.
    pub range: Range<u64>,
    /// A compressed frame unfolds to more than [`INFLATE_LIMIT`].
    pub inflates: bool,
}

/// How a tag changes. The container around it answers for `growth`.
#[derive(Debug, Clone)]
pub(super) struct TagSplice {
    /// In offsets of the file, inside (or at the end of) the tag's range.
    pub patches: Vec<Patch>,
    /// By how many bytes the tag gets longer (shorter, if negative).
    pub growth: i64,
}

/// Walks the tag that starts at `at` and must end at or before `limit`; `None` if no tag starts there.
pub(super) fn walk(_source: &mut Source, _at: u64, _limit: u64) -> Result<Option<Tag>, ReadError> {
    Ok(None)
}

impl Tag {
    /// Adds the tag's places, in walking order. `standing` is what TSRC (TRC in 2.2) is worth in this container;
    /// other frames are never better than `Odd`. Items are numbered on from the last one in `places`.
    pub(super) fn places(&self, _standing: Standing, _places: &mut Vec<Place>) {}

    /// Carries out `actions`, one for each place of this tag, and `create`. Nothing to do is no patch and growth 0.
    pub(super) fn splice(
        &self,
        _source: &mut Source,
        _actions: &[Action],
        _create: Option<Isrc>,
    ) -> Result<TagSplice, SpliceError> {
        Err(super::Refusal::new("not built yet").into())
    }
}

/// A whole ID3v2.3 tag with one TSRC frame and `padding` zero bytes.
pub(super) fn new_tag(_isrc: Isrc, _padding: usize) -> Vec<u8> {
    Vec::new()
}
