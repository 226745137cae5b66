//! What of a comment list can be edited, for the container that holds it to declare, and what is put into one.

use super::{List, STANDARD, key_of};
use crate::format::edit::tree::{Item, New, NodeId, Seat, Size, States, Text, Tree, Value};
use crate::isrc::Isrc;

impl List {
    /// How many places the list gave.
    pub(in super::super) fn value_count(&self) -> usize {
        self.comments.iter().map(|comment| comment.values.len()).sum()
    }

    /// Declares the comments of codes, the count of all comments, and that a new one comes last. `holder` is the box around
    /// them.
    pub(in super::super) fn declare(&self, tree: &mut Tree, holder: NodeId) {
        tree.field(holder, self.count_at, Size::Le32, States::Count(self.count.into()));
        for comment in &self.comments {
            let range = comment.range.clone();
            let node = tree.sized(range.clone(), Some(holder), range.start, Size::Le32, 4);
            let value = comment.value_at..range.end;
            let value = Value::new(node, value, comment.values.clone(), Text::Plain);
            let is_sheet = comment.is_cue_sheet();
            tree.items.push(Item {
                refusal: is_sheet.then_some("a code in the text of a cue sheet is left alone"),
                ..Item::of(node, Seat::standard(comment.is_standard()), value)
            });
        }
        tree.new = Some(New::item(self.end, Some(holder), |isrc, _| new_comment(isrc)));
    }
}

/// One comment with the standard key, from its length field on.
pub(in super::super) fn new_comment(isrc: Isrc) -> Vec<u8> {
    let text = [key_of(STANDARD).as_bytes(), b"=", isrc.as_bytes()].concat();
    [&(text.len() as u32).to_le_bytes()[..], &text].concat()
}

/// A whole list with no other comment, for a file that has none.
pub(in super::super) fn new_list(isrc: Isrc) -> Vec<u8> {
    const VENDOR: &[u8] = b"isrctag";
    let (vendor, count) = ((VENDOR.len() as u32).to_le_bytes(), 1u32.to_le_bytes());
    [&vendor, VENDOR, &count, &new_comment(isrc)].concat()
}
