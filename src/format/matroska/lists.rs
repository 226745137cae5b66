//! The `Tags` that a change touches, as they are afterwards, wherever they go.

use std::ops::Range;

use super::ebml::{self, Element};
use super::tags::{self, Target};
use super::walk::{Structure, id};
use crate::bytes::pieces::Patch;
use crate::bytes::source::Source;
use crate::format::edit::tree::{Encode, Item, New, Seat, Size, States, Text, Tree, Value};
use crate::format::place::{Action, Change};
use crate::format::stream::identify::Front;
use crate::format::{SpliceError, edit, values};

/// What a new tag needs at most.
const NEW_TAG: u64 = 64;

pub(super) struct Changed {
    /// Where they stood; empty, if they are new.
    pub old: Range<u64>,
    /// None where no tag is left.
    pub bytes: Vec<u8>,
}

impl Structure {
    /// The lists of tags that `change` touches, in order, new ones last. Codes are written with hyphens, as the specification
    /// has it; without `hyphens`, one that stood so is written without.
    pub(super) fn changed(
        &self,
        source: &mut Source,
        front: &Front,
        change: &Change,
        hyphens: bool,
    ) -> Result<Vec<Changed>, SpliceError> {
        let tree = self.lists(hyphens);
        let mut patches = edit::splice(source, front, Vec::new(), None, change, |_| Ok(tree))?.patches;
        let mut changed = Vec::new();
        for list in self.all(id::TAGS) {
            let is_mine = |patch: &mut Patch| list.start < patch.at.start && patch.at.end <= list.end();
            let mine: Vec<Patch> = patches.extract_if(.., is_mine).collect();
            if mine.is_empty() {
                continue;
            }
            let mut bytes = ebml::patched(source, list, mine)?;
            // A checksum may be all that is left.
            if matches!(bytes[list.header() as usize..], [] | [0xBF, 0x84, _, _, _, _]) {
                bytes.clear();
            }
            let old = list.range();
            changed.push(Changed { old, bytes });
        }
        changed.extend(
            patches
                .into_iter()
                .map(|Patch { at: old, bytes }| Changed { old, bytes }),
        );
        Ok(changed)
    }

    /// The lists alone, whatever is around them. New tags of their own are put where the Segment begins: no list is there.
    fn lists(&self, hyphens: bool) -> Tree<'static> {
        let mut tree = Tree::default();
        let mut news = Vec::new();
        for list in self.all(id::TAGS) {
            let node = list.declare(&mut tree, None);
            for tag in list.all(id::TAG) {
                let tag_node = tag.declare(&mut tree, Some(node));
                // A tag without a name and a value in it is none.
                tree.nodes[tag_node].is_tag = true;
                let count = tag.all(id::SIMPLE_TAG).count() as u64;
                tree.field(tag_node, 0, Size::Unstated, States::Count(count));
                for simple in tag.all(id::SIMPLE_TAG) {
                    let Some(code) = self.codes.iter().find(|code| code.simple == simple.range()) else {
                        continue;
                    };
                    let node = simple.declare(&mut tree, Some(tag_node));
                    let value = simple.get(id::TAG_STRING).expect("a code has a value");
                    let value = Value {
                        node: value.declare(&mut tree, Some(node)),
                        at: value.body.clone(),
                        codes: code.codes.clone(),
                        text: Text::Own(Box::new(Hyphens(hyphens))),
                    };
                    tree.items.push(Item::of(node, Seat::standard(code.is_standard), value));
                }
                if Target::of(tag, &[]).is_track_of_music() && takes(tag) && takes(list) {
                    news.push(New::item(tag.end(), Some(tag_node), |isrc, _| {
                        tags::new_simple_tag(isrc)
                    }));
                }
            }
            if takes(list) {
                news.push(New::item(list.end(), Some(node), |isrc, _| tags::new_tag(isrc)));
            }
        }
        tree.leave_alone(self.notes.behind);
        let make = |isrc, _| ebml::made(id::TAGS, &tags::new_tag(isrc));
        news.push(New::item(self.segment.start, None, make));
        tree.new = news.into_iter().next();
        tree
    }
}

/// Whether the size of an element can state one more tag in it.
fn takes(element: &Element) -> bool {
    element.size().write(element.len() + NEW_TAG).is_some()
}

/// How codes are written. Programs read both forms.
struct Hyphens(bool);

impl Encode for Hyphens {
    fn encode(&self, _: &mut Source, value: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        let hyphenated = |isrc: crate::isrc::Isrc| isrc.hyphenated().into_bytes();
        let [Action::Write(isrc)] = *actions else {
            return Ok(values::rewritten(&value.codes, actions, hyphenated));
        };
        let room = (value.at.end - value.at.start) as usize;
        let mut text = match !self.0 && room == isrc.as_bytes().len() {
            true => isrc.as_bytes().to_vec(),
            false => hyphenated(isrc),
        };
        // No Void is as short as one byte; a text may end in zero bytes (RFC 8794, section 7.4).
        if text.len() + 1 == room {
            text.push(0);
        }
        Ok(vec![Patch::new(value.at.clone(), text)])
    }
}
