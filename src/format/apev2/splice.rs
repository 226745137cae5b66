//! What of a tag can be edited, and what a new one looks like.

use super::{FRAME, HAS_HEADER, IS_HEADER, KEY, MAGIC, Tag};
use crate::format::edit::tree::{self, New, NodeId, Seat, Size, States, Text, Tree};
use crate::isrc::Isrc;

impl Tag {
    /// Declares the tag and its items of codes, and, if it `takes` new codes, where they go.
    pub(in crate::format) fn declare<'t>(&'t self, tree: &mut Tree<'t>, inside: Option<NodeId>, takes: bool) {
        let node = tree.node(self.range.clone(), inside);
        tree.nodes[node].is_tag = true;
        tree.nodes[node].too_large = "an APEv2 tag would grow beyond 4 GB";
        let without = (self.range.end - self.range.start).saturating_sub(self.size.into());
        for end in &self.ends {
            tree.field(node, end + 12, Size::Le32, States::Length { without });
            tree.field(node, end + 16, Size::Le32, States::Count(self.count.into()));
        }
        for item in &self.codes {
            let value_at = item.value_at as u64;
            let own = tree.sized(item.range.clone(), Some(node), item.range.start, Size::Le32, value_at);
            let read_only = item.read_only.then_some("an APEv2 tag's ISRC item is marked read-only");
            let values = &self.values[item.values.clone()];
            let codes = values.iter().map(|(span, _)| span.clone()).collect();
            let value = tree::Value::new(own, item.range.start + value_at..item.range.end, codes, Text::Plain);
            tree.items.push(tree::Item {
                refusal: self.odd.or(read_only),
                ..tree::Item::of(own, Seat::standard(takes && item.is_standard()), value)
            });
        }
        if takes {
            tree.new = Some(New {
                refusal: self.odd,
                ..New::item(self.items.end, Some(node), |isrc, _| new_item(isrc))
            });
        }
    }
}

fn new_item(isrc: Isrc) -> Vec<u8> {
    let mut item = vec![12, 0, 0, 0, 0, 0, 0, 0];
    item.extend_from_slice(KEY.as_bytes());
    item.push(0);
    item.extend_from_slice(isrc.as_bytes());
    item
}

/// A whole APEv2 tag with one item, with header and footer.
pub(in crate::format) fn new_tag(isrc: Isrc) -> Vec<u8> {
    let item = new_item(isrc);
    let size = (item.len() as u32) + FRAME as u32;
    let end = |flags: u32| {
        let numbers = [2000, size, 1, flags, 0, 0].map(u32::to_le_bytes).concat();
        [MAGIC, &numbers[..]].concat()
    };
    [end(HAS_HEADER | IS_HEADER), item, end(HAS_HEADER)].concat()
}
