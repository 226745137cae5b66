//! Tells the kind of a file by its content, past any ID3v2 tags in front.

use super::Format;
use super::id3v2::Tag;
use crate::source::{ReadError, Source};

/// What stands at the front of a file: the tags, and where the container proper begins.
#[derive(Debug, Clone)]
pub(super) struct Front {
    pub format: Format,
    /// ID3v2 tags in front of the container, in order.
    pub tags: Vec<Tag>,
    /// Offset of the container's own first byte.
    pub start: u64,
}

impl Front {
    pub(super) fn inflates(&self) -> bool {
        self.tags.iter().any(|tag| tag.inflates)
    }
}

pub(super) fn identify(_source: &mut Source, _extension: Option<&str>) -> Result<Front, ReadError> {
    Err(ReadError::NotAudio)
}
