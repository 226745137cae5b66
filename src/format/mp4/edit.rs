//! What of a movie can be edited: its atoms as a tree.

use std::ops::Range;

use super::atom::{Atom, SizeForm, free, is_padding};
use super::change::{Created, Level, freeform};
use super::references::References;
use super::value;
use super::walk::{Data, Item, MOOV, Padding, Structure};
use crate::bytes::pieces::Patch;
use crate::bytes::source::Source;
use crate::format::edit;
use crate::format::edit::tree::{
    self, Domain, Encode, Fresh, NEW_PADDING, New, NodeId, Seat, Size, Slack, States, Text, Tree,
};
use crate::format::place::{Action, Change};
use crate::format::stream::identify::Front;
use crate::format::{Layout, Splice, SpliceError, values};
use crate::isrc::Isrc;

const FREE_HEADER: u64 = 8;

/// The file from its first atom on.
const FILE: NodeId = 0;

/// Where the walk's nodes are among those of the tree.
const fn node(id: super::walk::NodeId) -> NodeId {
    id + 1
}

impl Layout for Structure {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let media = self.top.iter().filter(|atom| &atom.kind == b"mdat");
        let audio = media.map(|atom| atom.body()..atom.end).collect();
        edit::splice(source, audio, self.trouble, change, |source| self.tree(source, front))
    }

    /// User data, and metadata beside them, become free space (ISO/IEC 14496-12, section 8.1.2).
    fn names_of_tags(&self) -> Vec<(u64, [u8; 4])> {
        let metas = self.metas.iter().map(|meta| meta.node);
        let in_movie = self.user_data.iter().copied().chain(metas);
        let in_movie = in_movie.map(|node| &self.nodes[node].atom);
        let on_top = self.top.iter().filter(|atom| matches!(&atom.kind, b"meta" | b"uuid"));
        in_movie.chain(on_top).map(|atom| (atom.start + 4, *b"free")).collect()
    }
}

impl Structure {
    fn tree<'t>(&'t self, source: &mut Source, front: &'t Front) -> Result<Tree<'t>, SpliceError> {
        let mut tree = Tree::default();
        self.declare_atoms(front.start..source.len(), &mut tree);
        // Tags in front change only within their own padding, so that no atom moves.
        for tag in &front.tags {
            let fixed = tree.sized(tag.range.clone(), None, tag.range.start, Size::Unstated, 0);
            tree.nodes[fixed].too_large = "the ID3v2 tag in front of the first atom has no room for the change";
            tag.declare(source, &mut tree, Some(fixed), false)?;
        }
        self.declare_items(&mut tree);
        self.declare_padding(&mut tree);
        tree.new = Some(self.new_item());
        tree.follows.push(Box::new(References {
            structure: self,
            start: front.start,
        }));
        Ok(tree)
    }

    fn declare_atoms(&self, file: Range<u64>, tree: &mut Tree) {
        tree.node(file, None);
        for known in &self.nodes {
            let declared = declare(&known.atom, known.inside, tree);
            tree.nodes[declared].is_roomy = &known.atom.kind == b"ilst";
        }
    }

    fn declare_items<'t>(&'t self, tree: &mut Tree<'t>) {
        let mut places = 0;
        for item in &self.items {
            let data = &self.data[item.data.clone()];
            let first = data.first().map_or(places, |data| data.places.start);
            // Between the items, places that are only read.
            tree.leave_alone(first.saturating_sub(places));
            places = data.last().map_or(first, |data| data.places.end);
            tree.items.push(self.item(item, data));
        }
        tree.leave_alone(self.place_count.saturating_sub(places));
    }

    fn item<'t>(&'t self, item: &Item, data: &'t [Data]) -> tree::Item<'t> {
        let value = |data: &'t Data| {
            let atom = &self.nodes[data.node].atom;
            tree::Value {
                node: node(data.node),
                at: data.value.clone(),
                codes: vec![data.value.clone(); data.places.len()],
                text: Text::Own(Box::new(DataText { atom })),
            }
        };
        tree::Item {
            node: node(item.node),
            seat: Seat::standard(item.standard),
            refusal: None,
            values: data.iter().map(value).collect(),
        }
    }

    fn declare_padding(&self, tree: &mut Tree) {
        let slack = |padding: Padding| {
            let Padding { atom, inside } = padding;
            let largest = match atom.form {
                SizeForm::Short => u64::from(u32::MAX) - 1 - atom.header_len(),
                SizeForm::Long | SizeForm::ToEnd => u64::MAX,
            };
            Slack {
                largest,
                grows: inside.is_some_and(|node| node != MOOV),
                ..Slack::new(declare(&atom, inside, tree), atom.start..atom.end, atom.header_len())
            }
        };
        let slacks = self.paddings_in_reach().map(slack).collect();
        tree.domains.push(Domain {
            fresh: Some(Fresh {
                header: FREE_HEADER,
                make: |len| free(len + FREE_HEADER),
                is_last_resort: true,
            }),
            // Header included, a size that other programs use too.
            ..Domain::new(FILE, slacks, NEW_PADDING - FREE_HEADER)
        });
    }

    /// Padding that only the movie and other padding lie between: all of that may move, since nothing points into it.
    fn paddings_in_reach(&self) -> impl Iterator<Item = Padding> {
        let movie = self.top.iter().position(|atom| &atom.kind == b"moov");
        let movie = movie.expect("a structure has a moov atom");
        let is_padding = |atom: &&Atom| is_padding(&atom.kind);
        let before = self.top[..movie].iter().rev().take_while(is_padding);
        let behind = self.top[movie + 1..].iter().take_while(is_padding);
        let beside = before.last().map_or(self.top[movie].start, |atom| atom.start)
            ..behind.last().map_or(self.top[movie].end, |atom| atom.end);
        let is_in_reach =
            move |padding: &Padding| padding.atom.form != SizeForm::ToEnd && beside.contains(&padding.atom.start);
        self.paddings.iter().copied().filter(is_in_reach)
    }

    /// The standard item, with as much around it as is missing.
    fn new_item<'t>(&self) -> New<'t> {
        let new = |at, inside, make: Box<dyn Fn(Isrc, u64) -> Vec<u8>>, padding| New {
            padding,
            ..New::item(at, Some(node(inside)), make)
        };
        let around = |at, inside, level: Level, missing: usize| {
            let make = move |isrc, padding: u64| {
                let created = Created { isrc, level }.render(padding as u32);
                [vec![0; missing], created].concat()
            };
            new(at, inside, Box::new(make), NEW_PADDING)
        };
        let Some(user_data) = self.user_data.first() else {
            return around(self.nodes[MOOV].content_end, MOOV, Level::UserData, 0);
        };
        let Some(meta) = self.first_meta() else {
            return around(self.nodes[*user_data].content_end, *user_data, Level::Meta, 0);
        };
        let atom = &self.nodes[meta.node].atom;
        if meta.handler.is_some_and(|(kind, _)| kind != *b"mdir") {
            // Most programs read the first one alone.
            return around(atom.start, *user_data, Level::Meta, 0);
        }
        if let Some(list) = meta.ilst {
            return new(
                self.nodes[list].content_end,
                list,
                Box::new(|isrc, _| freeform(isrc)),
                0,
            );
        }
        let (level, at) = match meta.handler {
            Some((_, end)) => (Level::List, end),
            None => (Level::HandlerAndList, self.nodes[meta.node].content_end),
        };
        // A `meta` that is empty to the last byte lacks its version and flags, which are in front of all that it holds.
        let missing = 4u64.saturating_sub(atom.end - atom.body());
        around(at, meta.node, level, missing as usize)
    }
}

/// Declares an atom. At the top level it is in the file.
fn declare(atom: &Atom, inside: Option<super::walk::NodeId>, tree: &mut Tree) -> NodeId {
    let declared = tree.node(atom.start..atom.end, Some(inside.map_or(FILE, node)));
    let (at, size) = match atom.form {
        SizeForm::Short => (atom.start, Size::Be32),
        SizeForm::Long => (atom.start + 8, Size::Be64),
        SizeForm::ToEnd => return declared,
    };
    tree.nodes[declared].too_large = "an atom would outgrow the 32 bits of its size";
    tree.field(declared, at, size, States::Length { without: 0 });
    declared
}

/// A `data` atom's value: it becomes UTF-8, whatever it was; the locale stays.
struct DataText<'t> {
    atom: &'t Atom,
}

impl Encode for DataText<'_> {
    fn encode(&self, source: &mut Source, _: &tree::Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        let atom = self.atom;
        let pieces = value::read(source, atom)?.map_or_else(Vec::new, |read| read.pieces);
        let text = match (pieces.as_slice(), actions) {
            ([], [Action::Write(isrc)]) | ([_], [Action::Write(isrc)]) => isrc.as_str().to_owned(),
            _ => changed(source, atom, &pieces, actions)?,
        };
        let (kind, value) = (atom.body(), atom.body() + 8);
        // From the locale on, so that a byte order mark goes.
        Ok(vec![
            Patch::new(kind..kind + 4, value::UTF_8.to_be_bytes()),
            Patch::new(value..atom.end, text),
        ])
    }
}

/// A list of codes, which is ASCII in whatever encoding. A code goes with the separator that joins it to a kept one.
fn changed(
    source: &mut Source,
    atom: &Atom,
    pieces: &[(Range<u64>, String)],
    actions: &[Action],
) -> Result<String, SpliceError> {
    let value = atom.body() + 8;
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return Err(edit::OTHER_STATE.into());
    };
    let bytes = source.at(value, (atom.end - value) as usize)?;
    let is_wide = first.0.end - first.0.start > first.1.len() as u64 && last.0.end > last.0.start;
    let skipped = if is_wide && matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        2
    } else {
        0
    };
    let text: String = bytes[skipped..]
        .iter()
        .filter(|byte| **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    let mut at = 0;
    let find = |(_, piece): &(Range<u64>, String)| {
        let start = at + text[at..].find(&**piece).unwrap_or(0);
        at = start + piece.len();
        start..at
    };
    let ranges: Vec<Range<usize>> = pieces.iter().map(find).collect();
    Ok(values::changed(text, &ranges, actions))
}
