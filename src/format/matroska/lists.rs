//! The `Tags` that a change touches, as they are afterwards, wherever they go.

use std::ops::Range;

use super::ebml::{self, Element};
use super::tags::{self, Code};
use super::walk::{Structure, id};
use crate::bytes::pieces::{self, Patch};
use crate::bytes::source::Source;
use crate::format::edit::tree::{Encode, Item, New, NodeId, Seat, Size, States, Text, Tree, Value};
use crate::format::place::{Action, Change};
use crate::format::{SpliceError, edit, values};

/// Tags are held in memory; real ones are far smaller.
const MOST_BYTES: u64 = 4 << 20;

/// What a new tag needs at most.
const NEW_TAG: u64 = 64;

pub(super) struct Changed {
    /// Where they stood; nowhere, if they are new.
    pub old: Option<Range<u64>>,
    /// None where no tag is left.
    pub bytes: Vec<u8>,
}

/// The lists of tags that `change` touches, in order, new ones last. Codes are written with hyphens, as the specification
/// has it; without `hyphens`, one that stood so is written without.
pub(super) fn changed(
    source: &mut Source,
    structure: &Structure,
    change: &Change,
    hyphens: bool,
) -> Result<Vec<Changed>, SpliceError> {
    let tree = tree(structure, hyphens);
    let patches = edit::splice(source, Vec::new(), None, change, |_| Ok(tree))?.patches;
    let mut changed = Vec::new();
    for list in &structure.lists {
        let (range, header) = (list.element.range(), list.element.header() as usize);
        let is_mine = |patch: &&Patch| range.start < patch.at.start && patch.at.end <= range.end;
        let in_list =
            |Patch { at, bytes }: &Patch| Patch::new(at.start - range.start..at.end - range.start, &bytes[..]);
        let mine: Vec<Patch> = patches.iter().filter(is_mine).map(in_list).collect();
        if mine.is_empty() {
            continue;
        }
        let mut old = source.copy(range.start, range.end - range.start, MOST_BYTES)?;
        let mut bytes = pieces::applied(&old, &mine);
        if !ebml::sum(&mut old, header) {
            return Err(ebml::WRONG_SUM.into());
        }
        ebml::sum(&mut bytes, header);
        if ebml::is_empty(&bytes[header..]) {
            bytes.clear();
        }
        let old = Some(range);
        changed.push(Changed { old, bytes });
    }
    let new = patches
        .into_iter()
        .find(|patch| patch.at.start == structure.segment.start);
    changed.extend(new.map(|Patch { bytes, .. }| Changed { old: None, bytes }));
    Ok(changed)
}

/// The lists alone, whatever is around them. New tags of their own are put where the Segment begins: no list is there.
fn tree(structure: &Structure, hyphens: bool) -> Tree<'static> {
    let mut tree = Tree::default();
    for list in &structure.lists {
        let node = list.element.declare(&mut tree, None);
        for tag in &list.tags {
            let tag_node = tag.element.declare(&mut tree, Some(node));
            // A tag without a name and a value in it is none.
            tree.nodes[tag_node].is_tag = true;
            tree.field(tag_node, 0, Size::Unstated, States::Count(tag.count));
            tag.codes
                .iter()
                .for_each(|code| item(&mut tree, tag_node, code, hyphens));
            if tag.target.is_track_level() && takes(&tag.element) && takes(&list.element) {
                let make = |isrc, _| tags::new_simple_tag(isrc);
                tree.new
                    .get_or_insert_with(|| New::item(tag.element.end(), Some(tag_node), make));
            }
        }
        if takes(&list.element) {
            tree.new
                .get_or_insert_with(|| New::item(list.element.end(), Some(node), |isrc, _| tags::new_tag(isrc)));
        }
    }
    let make = |isrc, _| ebml::made(id::TAGS, &tags::new_tag(isrc));
    tree.new
        .get_or_insert_with(|| New::item(structure.segment.start, None, make));
    tree
}

fn item(tree: &mut Tree, tag_node: NodeId, code: &Code, hyphens: bool) {
    let simple = code.element.declare(tree, Some(tag_node));
    let value = code.value.declare(tree, Some(simple));
    let value = Value {
        node: value,
        at: code.value.body.clone(),
        codes: code.codes.clone(),
        text: Text::Own(Box::new(Hyphens(hyphens))),
    };
    tree.items
        .push(Item::of(simple, Seat::standard(code.is_standard), value));
}

/// Whether the size of an element can state one more tag in it.
fn takes(element: &Element) -> bool {
    let size = element.body.end - element.body.start;
    Size::Vint(element.width).write(size + NEW_TAG).is_some()
}

/// How codes are written. Programs read both forms.
struct Hyphens(bool);

impl Encode for Hyphens {
    fn encode(&self, _: &mut Source, value: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        let [Action::Write(isrc)] = actions else {
            return Ok(values::rewritten(&value.codes, actions, |isrc| {
                isrc.hyphenated().into_bytes()
            }));
        };
        let room = (value.at.end - value.at.start) as usize;
        let plain = isrc.as_bytes();
        let mut text = match !self.0 && room == plain.len() {
            true => plain.to_vec(),
            false => isrc.hyphenated().into_bytes(),
        };
        // No Void is as short as one byte; a text may end in zero bytes (RFC 8794, section 7.4).
        if text.len() + 1 == room {
            text.push(0);
        }
        Ok(vec![Patch::new(value.at.clone(), text)])
    }
}
