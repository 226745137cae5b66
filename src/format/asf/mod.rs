//! ASF, which holds Windows Media Audio: codes among the attributes of its Header Object.
//!
//! Places: attributes named `WM/ISRC`, `ISRC` or `TSRC` in the Extended Content Description Object (the standard place),
//! and in the Metadata and Metadata Library Objects of the Header Extension Object. The Data Object and the indexes behind
//! it hold no position in the file, so that the header may grow in front of them (ASF specification 1.20.05).

use super::notes::Notes;
use super::{Depth, Found};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Domain, Fresh, New, NodeId, Size, Tree};
use crate::format::stream::identify::Front;
use walk::{OBJECT, guids};

mod attributes;
#[cfg(test)]
mod tests;
mod walk;

/// What a header gets that has to grow.
const NEW_PADDING: u64 = 1024;

/// The whole file, whose length a field states; and its header.
const FILE: NodeId = 0;
const HEADER: NodeId = 1;

pub(super) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<Found, ReadError> {
    let mut tree = Tree::default();
    tree.node(front.start..source.len(), None);
    let mut walk = walk::Walk {
        source,
        notes: Notes::new(front, walk::MOST_STEPS),
        tree,
        slacks: Vec::new(),
    };
    let audio = walk.header(front.start)?;
    let walk::Walk {
        notes,
        mut tree,
        slacks,
        ..
    } = walk;
    let make = |len| new_object(guids::PADDING, &vec![0; len as usize]);
    tree.domains.push(Domain {
        fresh: Some(Fresh {
            header: OBJECT,
            make,
            is_last_resort: false,
        }),
        ..Domain::new(HEADER, slacks, NEW_PADDING)
    });
    let at = tree.nodes[HEADER].range.end;
    let make = |isrc, _| {
        let body = [&1u16.to_le_bytes(), &attributes::new_attribute(isrc)[..]].concat();
        new_object(guids::EXTENDED_CONTENT, &body)
    };
    tree.new.get_or_insert_with(|| New {
        beside_slack: true,
        ..New::item(at, Some(HEADER), make)
    });
    Ok(notes.found(tree, vec![audio]))
}

fn new_object(guid: [u8; 16], body: &[u8]) -> Vec<u8> {
    let size = Size::Le64.write(OBJECT + body.len() as u64);
    [&guid, &size.expect("no body in memory is longer")[..], body].concat()
}
