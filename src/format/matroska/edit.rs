//! What of a Segment can be edited, as a tree: its `Tags` down to the values, and `Void` elements.

use std::ops::Range;

use super::ebml::{self, Element};
use super::positions::{List, Positions};
use super::tags::{self, Code, Tag};
use super::walk::{Structure, id};
use crate::format::edit;
use crate::format::identify::Front;
use crate::format::place::{Action, Change};
use crate::format::tree::{Domain, Encode, Fresh, Item, New, NodeId, Seat, Size, Slack, Text, Tree, Value};
use crate::format::words::Words;
use crate::format::{Layout, Splice, SpliceError, values};
use crate::pieces::Patch;
use crate::source::Source;

/// What is left behind tags that have to grow.
pub(super) const NEW_PADDING: u64 = 1024;

/// What new `Tags` and their entry in the SeekHead need.
const NEW_TAGS: u64 = 96;

impl Layout for Structure {
    fn edit(&self, source: &mut Source, _: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let audio = self.clusters();
        edit::splice(source, audio, self.trouble, change, |_| Ok(tree(self)))
    }

    fn words(&self) -> Option<Words> {
        Some(self.words.clone())
    }
}

fn tree(structure: &Structure) -> Tree<'_> {
    let mut tree = Tree::default();
    let segment = match structure.segment.is_open {
        true => tree.node(structure.segment.start..structure.segment.end(), None),
        false => declare(&mut tree, &structure.segment, None),
    };
    tree.nodes[segment].too_large = "its segment would outgrow its size";
    let (front, tail) = (structure.in_front(), structure.tail());
    // Where there is no cluster, the tail is all there is.
    let front_node = tree.node(front.clone(), Some(segment));
    let tail_node = tree.node(tail.clone(), Some(segment));
    let region = |at: u64| match (front.contains(&at), tail.contains(&at)) {
        (true, _) => front_node,
        (false, true) => tail_node,
        (false, false) => segment,
    };
    for (node, padding) in [(front_node, 0), (tail_node, NEW_PADDING)] {
        let voids = structure.top.iter().filter(|element| element.id == id::VOID);
        let voids: Vec<&Element> = voids.filter(|void| region(void.start) == node).collect();
        let slacks = voids.into_iter().map(|void| Slack {
            node: declare(&mut tree, void, Some(node)),
            range: void.start..void.end(),
            header: void.body.start - void.start,
            largest: (1 << (7 * u32::from(void.width))) - 2,
            is_even: false,
            grows: padding > 0,
        });
        let slacks = slacks.collect();
        tree.domains.push(Domain {
            node,
            slacks,
            padding,
            longest: u64::MAX,
            fresh: Some(Fresh {
                header: 2,
                make: |len| ebml::void(len + 2),
                is_last_resort: false,
            }),
        });
    }

    let have_room = tree.domains.iter().any(|domain| !domain.slacks.is_empty());
    let mut lists = Vec::new();
    for (index, element) in structure
        .top
        .iter()
        .enumerate()
        .filter(|(_, element)| element.id == id::TAGS)
    {
        let first = tree.nodes.len();
        let list = declare(&mut tree, element, Some(region(element.start)));
        tree.nodes[list].is_roomy = true;
        for tag in structure.tags.iter().filter(|tag| tag.list == index) {
            let tag_node = declare(&mut tree, &tag.element, Some(list));
            tag.codes
                .iter()
                .for_each(|code| item(&mut tree, tag_node, tag, code, have_room));
            new_in_tag(&mut tree, tag_node, tag);
        }
        new_in_list(&mut tree, list, element);
        lists.push(List {
            element: element.clone(),
            nodes: first..tree.nodes.len(),
        });
    }
    tree.new = tree.new.or_else(|| {
        let mut front_voids = structure
            .top
            .iter()
            .filter(|element| element.id == id::VOID && front.contains(&element.start));
        let void = front_voids.find(|void| void.body.end - void.body.start >= NEW_TAGS);
        let (at, inside) = match void {
            Some(void) => (void.end(), front_node),
            None => (tail.end, tail_node),
        };
        Some(New {
            at,
            inside: Some(inside),
            beside_slack: false,
            make: Box::new(|isrc, _| ebml::made(id::TAGS, &tags::new_tag(isrc))),
            padding: 0,
            also: Vec::new(),
            refusal: None,
        })
    });
    tree.follows.push(Box::new(Positions { structure, lists }));
    tree
}

fn declare(tree: &mut Tree, element: &Element, inside: Option<NodeId>) -> NodeId {
    let range = element.start..element.end();
    let header = element.body.start - element.start;
    tree.sized(range, inside, element.size_at(), Size::Vint(element.width), header)
}

fn item(tree: &mut Tree, tag_node: NodeId, tag: &Tag, code: &Code, have_room: bool) {
    let simple = declare(tree, &code.element, Some(tag_node));
    let value = declare(tree, &code.value, Some(simple));
    tree.items.push(Item {
        // A tag without a name and a value in it is none.
        node: if tag.count == 1 { tag_node } else { simple },
        seat: Seat::standard(code.is_standard),
        refusal: None,
        values: vec![Value {
            node: value,
            at: code.value.body.clone(),
            codes: code.codes.clone(),
            text: Text::Own(Box::new(Hyphens { have_room })),
        }],
    });
}

/// Whether an element can get so much longer with the width of its size.
fn takes(element: &Element, more: u64) -> bool {
    let size = element.body.end - element.body.start;
    ebml::size_of_width(size + more, element.width).is_some()
}

/// A new code goes into a tag that is about a track of music, if there is one,
fn new_in_tag<'t>(tree: &mut Tree<'t>, node: NodeId, tag: &Tag) {
    if tree.new.is_none() && tag.target.is_track_level() && takes(&tag.element, NEW_TAGS) {
        tree.new = Some(new(tag.element.end(), node, tags::new_simple_tag));
    }
}

/// or else into the first list of tags.
fn new_in_list<'t>(tree: &mut Tree<'t>, node: NodeId, list: &Element) {
    if tree.new.is_none() && takes(list, NEW_TAGS) {
        tree.new = Some(new(list.end(), node, tags::new_tag));
    }
}

fn new<'t>(at: u64, inside: NodeId, make: fn(crate::isrc::Isrc) -> Vec<u8>) -> New<'t> {
    New {
        at,
        inside: Some(inside),
        beside_slack: false,
        make: Box::new(move |isrc, _| make(isrc)),
        padding: 0,
        also: Vec::new(),
        refusal: None,
    }
}

/// How codes are written: with hyphens, as the specification has it; but without where one stood so and nothing gives the
/// room for more, since programs read both, and the file would have to be written anew.
struct Hyphens {
    have_room: bool,
}

impl Encode for Hyphens {
    fn encode(&self, _: &mut Source, value: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        if let [Action::Write(isrc)] = actions {
            let plain = isrc.as_bytes();
            if !self.have_room && value.at.end - value.at.start == plain.len() as u64 {
                return Ok(vec![Patch::new(value.at.clone(), *plain)]);
            }
            let mut text = isrc.hyphenated().into_bytes();
            // No Void is as short as one byte; a text may end in zero bytes (RFC 8794, section 7.4).
            if text.len() as u64 + 1 == value.at.end - value.at.start {
                text.push(0);
            }
            return Ok(vec![Patch::new(value.at.clone(), text)]);
        }
        Ok(values::rewritten(&value.codes, actions, |isrc| {
            isrc.hyphenated().into_bytes()
        }))
    }
}

impl Structure {
    /// What stands in front of the first cluster.
    pub(super) fn in_front(&self) -> Range<u64> {
        let start = self.segment.body.start;
        start..self.first_cluster.unwrap_or(start)
    }

    /// The elements at the end of the Segment behind which no cluster stands.
    pub(super) fn tail(&self) -> Range<u64> {
        let end = self.segment.end();
        let first = self.first_cluster.unwrap_or(self.segment.body.start);
        let mut start = end;
        for element in self.top.iter().rev().take_while(|element| element.start >= first) {
            if element.end() != start {
                break;
            }
            start = element.start;
        }
        start..end
    }

    /// What is not known behind the first cluster: that and other clusters.
    pub(super) fn clusters(&self) -> Vec<Range<u64>> {
        let Some(first) = self.first_cluster else {
            return Vec::new();
        };
        let mut gaps = Vec::new();
        let mut at = first;
        for element in self.top.iter().filter(|element| element.start >= first) {
            gaps.push(at..element.start);
            at = element.end().max(at);
        }
        gaps.push(at..self.segment.end());
        gaps.retain(|gap| !gap.is_empty());
        gaps
    }
}
