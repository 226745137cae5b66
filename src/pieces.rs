//! The piece table: a new file described as parts of the old one plus a few new bytes.
//!
//! Preview, proof, write, crash recovery and undo all follow from one value. Nothing here touches the disk.
//! Invariant: the `Keep` ranges of a [`Pieces`] are in rising order, do not overlap, and lie inside the old file.

use std::ops::Range;

/// "Put `bytes` where `at` was": one replacement in the old file. Insertions have an empty `at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Byte range of the old file.
    pub at: Range<u64>,
    pub bytes: Vec<u8>,
}

impl Patch {
    pub fn new(at: Range<u64>, bytes: impl Into<Vec<u8>>) -> Patch {
        Patch {
            at,
            bytes: bytes.into(),
        }
    }
}

/// The new content in memory, for tests of formats. Panics on patches that are out of order.
#[cfg(test)]
pub(crate) fn applied(old: &[u8], patches: &[Patch]) -> Vec<u8> {
    let mut new = Vec::new();
    let mut done = 0usize;
    for patch in patches {
        let at = patch.at.start as usize..patch.at.end as usize;
        assert!(at.start >= done && at.end >= at.start, "patches out of order");
        new.extend_from_slice(&old[done..at.start]);
        new.extend_from_slice(&patch.bytes);
        done = at.end;
    }
    new.extend_from_slice(&old[done..]);
    new
}
