//! ASF, which holds Windows Media Audio: codes among the attributes of its Header Object.
//!
//! Places: attributes named `WM/ISRC`, `ISRC` or `TSRC` in the Extended Content Description Object (the standard place),
//! and in the Metadata and Metadata Library Objects of the Header Extension Object. The Data Object and the indexes behind
//! it hold no position in the file, so that the header may grow in front of them (ASF specification 1.20.05).

use super::notes::Notes;
use super::{Depth, WalkOutcome};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Domain, NEW_PADDING, New, NodeId, Size, Tree, boxed};
use crate::format::stream::identify::Front;
use walk::{OBJECT, guids};

mod attributes;
#[cfg(test)]
mod tests;
mod walk;

/// The whole file, whose length a field states; and its header.
const FILE: NodeId = 0;
const HEADER: NodeId = 1;

pub(super) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<WalkOutcome, ReadError> {
    let mut tree = Tree::default();
    tree.node(front.start..source.len(), None);
    let mut walk = walk::Walk {
        source,
        notes: Notes::new(front, walk::MOST_STEPS),
        tree,
        slacks: Vec::new(),
    };
    let audio = walk.header(front.start)?;
    let make = |len| boxed(&guids::PADDING, Size::Le64, OBJECT, &vec![0; len as usize]);
    let domain = Domain::new(HEADER, walk.slacks, NEW_PADDING);
    walk.tree.domains.push(domain.with_fresh(OBJECT, make));
    let at = walk.tree.nodes[HEADER].range.end;
    let make = |isrc, _| {
        let body = [&1u16.to_le_bytes(), &attributes::new_attribute(isrc)[..]].concat();
        boxed(&guids::EXTENDED_CONTENT, Size::Le64, OBJECT, &body)
    };
    walk.tree.new.get_or_insert_with(|| New {
        beside_slack: true,
        ..New::item(at, Some(HEADER), make)
    });
    walk.notes.found(front, walk.tree, vec![audio], Vec::new())
}
