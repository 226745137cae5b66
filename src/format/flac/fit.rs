//! Where the bytes come from and go to when a block changes its length: PADDING, nearest first.
//!
//! Pure: it knows the blocks' kinds and lengths and nothing of the file.

use super::super::vorbis::NEW_PADDING;
use super::{BLOCK_HEADER, Block, MOST_IN_BLOCK, PADDING};

/// What happens to the PADDING of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fit {
    /// Blocks (by index) and the length that each gets; `None` takes the block out.
    pub(super) resized: Vec<(usize, Option<u64>)>,
    /// A new block of this length, right behind the one that changed.
    pub(super) fresh: Option<u64>,
}

/// Makes up for `growth` bytes by which block `changed` gets longer (shorter, if negative). Where the PADDING does not
/// suffice, the file changes its length, and there is PADDING for the next edit.
pub(super) fn fit(blocks: &[Block], changed: usize, growth: i64) -> Fit {
    let paddings = nearest(blocks, changed);
    match u64::try_from(growth) {
        Ok(0) => Fit::default(),
        Ok(needed) => take(&paddings, needed),
        Err(_) => give(&paddings, changed, growth.unsigned_abs()),
    }
}

/// A PADDING block.
#[derive(Debug, Clone, Copy)]
struct Spare {
    index: usize,
    len: u64,
}

/// Those behind `changed`, nearest first, then those in front of it, nearest first.
fn nearest(blocks: &[Block], changed: usize) -> Vec<Spare> {
    let spare = |(index, block): (usize, &Block)| (block.kind == PADDING).then_some(Spare { index, len: block.len });
    let behind = blocks.iter().enumerate().skip(changed + 1).filter_map(spare);
    let in_front = blocks.iter().enumerate().take(changed).rev().filter_map(spare);
    behind.chain(in_front).collect()
}

fn take(paddings: &[Spare], needed: u64) -> Fit {
    let resize = |padding: &Spare, len| Fit {
        resized: vec![(padding.index, len)],
        fresh: None,
    };
    for padding in paddings {
        if needed <= padding.len {
            return resize(padding, Some(padding.len - needed));
        }
        if needed == padding.len + BLOCK_HEADER {
            return resize(padding, None);
        }
    }
    if let Some(resized) = take_several(paddings, needed) {
        return Fit { resized, fresh: None };
    }
    match paddings.first() {
        Some(padding) if padding.len < NEW_PADDING => resize(padding, Some(NEW_PADDING)),
        _ => Fit {
            resized: Vec::new(),
            fresh: Some(NEW_PADDING),
        },
    }
}

/// Uses up one block after the other. A remainder of one to three bytes, less than a block's header, stays for the
/// next one to give.
fn take_several(paddings: &[Spare], needed: u64) -> Option<Vec<(usize, Option<u64>)>> {
    let mut missing = needed;
    let mut resized = Vec::new();
    for padding in paddings {
        if missing <= padding.len {
            resized.push((padding.index, Some(padding.len - missing)));
            return Some(resized);
        }
        if missing >= padding.len + BLOCK_HEADER {
            resized.push((padding.index, None));
            missing -= padding.len + BLOCK_HEADER;
        } else {
            resized.push((padding.index, Some(0)));
            missing -= padding.len;
        }
        if missing == 0 {
            return Some(resized);
        }
    }
    None
}

fn give(paddings: &[Spare], changed: usize, surplus: u64) -> Fit {
    let room = paddings.iter().find(|padding| padding.len + surplus <= MOST_IN_BLOCK);
    match room {
        // Nothing between the two: nothing moves.
        Some(padding) if padding.index == changed + 1 => grown(padding, surplus),
        // A block of its own keeps the blocks between in their place.
        _ if surplus >= BLOCK_HEADER => Fit {
            resized: Vec::new(),
            fresh: Some(surplus - BLOCK_HEADER),
        },
        Some(padding) => grown(padding, surplus),
        None => Fit {
            resized: Vec::new(),
            fresh: Some(NEW_PADDING),
        },
    }
}

fn grown(padding: &Spare, surplus: u64) -> Fit {
    Fit {
        resized: vec![(padding.index, Some(padding.len + surplus))],
        fresh: None,
    }
}
