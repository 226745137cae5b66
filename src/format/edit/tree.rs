//! A file as a tree of boxes that state their size, with items that hold codes, and slack that gives or takes.
//!
//! A container says what its tree is, and [`edit`](mod@crate::format::edit) carries out any change in any tree:
//!
//! - [`Node`]: a box. Its [`Field`]s, wherever in the file they are, state its length or count what it holds, and
//!   follow whatever changes in it. A node is declared for each box that an edit can change or remove, no more, and
//!   always behind the one that it is in.
//! - [`Item`]: a frame, comment, atom or attribute of codes, with its [`Value`]s: a text in which codes are. The
//!   values of all items are the places of the walk, in its order.
//! - [`New`]: where a code goes for which there is no item yet.
//! - [`Domain`]: a box in which a difference in length can be made up for by [`Slack`], so that nothing around it moves.
//!   Domains nest: what the inner one cannot take is left to the one around it, and what none can take changes the
//!   length of the file.
//! - [`Follow`]: what else an edit drags along.
//!
//! All offsets are those of one [`Source`]: the file, or what a container puts together from its pages.

use std::ops::Range;

use crate::bytes::pieces::Patch;
use crate::bytes::source::Source;
use crate::format::SpliceError;
use crate::format::edit::Edit;
pub(in crate::format) use crate::format::edit::size::{Size, boxed};
use crate::format::place::Action;
use crate::isrc::Isrc;

/// What a file gets that has to grow anyway, so that the next edit is in place.
pub(in crate::format) const NEW_PADDING: u64 = 1024;

/// Index into [`Tree::nodes`].
pub(in crate::format) type NodeId = usize;

/// What can be edited of a file, or of a part of it.
#[derive(Default)]
pub(in crate::format) struct Tree<'t> {
    /// Each is behind the one that it is inside of.
    pub nodes: Vec<Node>,
    /// In the order of the places.
    pub items: Vec<Item<'t>>,
    pub new: Option<New<'t>>,
    pub additions: Vec<Addition>,
    /// Fields for the codes of single tracks, by track number, that hold none.
    pub tracks: Vec<(u8, Range<u64>)>,
    pub domains: Vec<Domain>,
    pub follows: Vec<Box<dyn Follow + 't>>,
}

impl Tree<'_> {
    /// Declares a box that states nothing yet.
    pub(in crate::format) fn node(&mut self, range: Range<u64>, inside: Option<NodeId>) -> NodeId {
        self.nodes.push(Node {
            range,
            inside,
            fields: Vec::new(),
            pad: None,
            is_roomy: false,
            is_tag: false,
            is_wrong: false,
            too_large: "a part of the file would outgrow its size field",
        });
        self.nodes.len() - 1
    }

    /// Declares what a field says of a box.
    pub(in crate::format) fn field(&mut self, node: NodeId, at: u64, size: Size, states: States) {
        self.nodes[node].fields.push(Field { at, size, states });
    }

    /// Declares a box whose length, without its first `without` bytes, is at `at`.
    pub(in crate::format) fn sized(
        &mut self,
        range: Range<u64>,
        inside: Option<NodeId>,
        at: u64,
        size: Size,
        without: u64,
    ) -> NodeId {
        let node = self.node(range, inside);
        self.field(node, at, size, States::Length { without });
        node
    }

    /// How many codes its items hold: an edit has an action for each.
    pub(in crate::format) fn code_count(&self) -> usize {
        let values = self.items.iter().flat_map(|item| &item.values);
        values.map(|value| value.codes.len()).sum()
    }

    /// Places of codes, as many as `count`, that are only read.
    pub(in crate::format) fn leave_alone(&mut self, count: usize) {
        if count > 0 {
            let value = Value::new(0, 0..0, vec![0..0; count], Text::Fixed);
            self.items.push(Item {
                refusal: Some("a place that is only read was to be changed"),
                ..Item::of(0, Seat::Apart, value)
            });
        }
    }

    /// The nodes from `node` outwards.
    pub(in crate::format) fn outwards(&self, node: Option<NodeId>) -> impl Iterator<Item = NodeId> {
        std::iter::successors(node, |node| self.nodes[*node].inside)
    }
}

/// A box.
#[derive(Debug)]
pub(in crate::format) struct Node {
    /// All of it, with its header. A pad byte behind it is not its own.
    pub range: Range<u64>,
    pub inside: Option<NodeId>,
    pub fields: Vec<Field>,
    /// Where boxes are kept at even offsets.
    pub pad: Option<Pad>,
    /// New padding may be put right behind it.
    pub is_roomy: bool,
    /// Its fields are put right by any edit in it, and it goes whole with the last of the items that it counts.
    pub is_tag: bool,
    /// What its fields state is wrong, and put right whatever else changes.
    pub is_wrong: bool,
    /// What to say when a field cannot state what it has to.
    pub too_large: &'static str,
}

/// The pad byte behind a box of an odd length.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Pad {
    /// How many there are, none or one.
    pub len: u64,
    /// One that is missing is put there whatever else changes; else where the box changes its length.
    pub is_due: bool,
}

/// A field that follows the changes of a box.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Field {
    pub at: u64,
    pub size: Size,
    pub states: States,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::format) enum States {
    /// How long the box is, but for so many bytes of it.
    Length { without: u64 },
    /// How many items are in it: as many before the edit.
    Count(u64),
}

/// What holds codes and goes whole with the last of them.
pub(in crate::format) struct Item<'t> {
    pub node: NodeId,
    pub seat: Seat,
    /// Why it must be left as it is.
    pub refusal: Option<&'static str>,
    pub values: Vec<Value<'t>>,
}

impl<'t> Item<'t> {
    /// Of one value.
    pub(in crate::format) fn of(node: NodeId, seat: Seat, value: Value<'t>) -> Item<'t> {
        Item {
            node,
            seat,
            refusal: None,
            values: vec![value],
        }
    }
}

/// What a new code does to an item of which no value stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Seat {
    /// It takes the seat of the values.
    Taken,
    /// The item goes, if it was empty too.
    Cleared,
    /// Nothing.
    Apart,
}

impl Seat {
    /// Of an item that is the standard one, or another.
    pub(in crate::format) fn standard(is_standard: bool) -> Seat {
        match is_standard {
            true => Seat::Taken,
            false => Seat::Apart,
        }
    }
}

/// A text in which codes are.
pub(in crate::format) struct Value<'t> {
    /// The box that it goes with: the item's own, or one in it.
    pub node: NodeId,
    pub at: Range<u64>,
    /// One for each place, in rising order. None where the text is empty.
    pub codes: Vec<Range<u64>>,
    pub text: Text<'t>,
}

impl<'t> Value<'t> {
    pub(in crate::format) fn new(node: NodeId, at: Range<u64>, codes: Vec<Range<u64>>, text: Text<'t>) -> Value<'t> {
        Value { node, at, codes, text }
    }

    /// Whether its box goes with its last code.
    pub(in crate::format) fn can_go(&self) -> bool {
        !matches!(self.text, Text::Fixed)
    }
}

/// How a value is written.
pub(in crate::format) enum Text<'t> {
    /// The bytes of the text. A code that goes takes the separator to its neighbour along.
    Plain,
    /// A field of a fixed length: a code that goes leaves zero bytes.
    Fixed,
    /// As the container says.
    Own(Box<dyn Encode + 't>),
}

/// What a container makes of a value that is not plain.
pub(in crate::format) trait Encode {
    /// The value in which `actions` are carried out, one for each code, at least one of which is not [`Action::Drop`].
    /// Where it has no code, there is one action, for all of the value.
    fn encode(&self, source: &mut Source, value: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError>;
}

/// Where a code goes for which there is no item, and what is put there.
pub(in crate::format) struct New<'t> {
    pub at: u64,
    pub inside: Option<NodeId>,
    /// It is put in front of slack that has just enough for it or more, if there is some.
    pub beside_slack: bool,
    /// The new bytes, with so much padding behind or in them.
    pub make: Box<dyn Fn(Isrc, u64) -> Vec<u8> + 't>,
    /// What padding `make` is asked for where no slack makes up for the new bytes. What seeks its place beside slack brings
    /// its own rather than letting other slack grow.
    pub padding: u64,
    /// What is put right with it.
    pub also: Vec<Patch>,
    /// Why nothing can be put there.
    pub refusal: Option<&'static str>,
}

impl<'t> New<'t> {
    /// Without padding, and with nothing that is against it.
    pub(in crate::format) fn item(
        at: u64,
        inside: Option<NodeId>,
        make: impl Fn(Isrc, u64) -> Vec<u8> + 't,
    ) -> New<'t> {
        New {
            at,
            inside,
            beside_slack: false,
            make: Box::new(make),
            padding: 0,
            also: Vec::new(),
            refusal: None,
        }
    }
}

/// What is put in whatever else changes.
pub(in crate::format) struct Addition {
    pub at: u64,
    pub inside: NodeId,
    pub bytes: Vec<u8>,
}

/// A box in which slack makes up for a change of length.
pub(in crate::format) struct Domain {
    pub node: NodeId,
    pub slacks: Vec<Slack>,
    /// As much slack, without a header, is there for the next edit where the file has to change its length anyway.
    pub padding: u64,
    /// The longest that the box may get by padding.
    pub longest: u64,
    /// How slack is made where there is none: behind a roomy node.
    pub fresh: Option<Fresh>,
}

impl Domain {
    /// Where no slack is made anew.
    pub(in crate::format) fn new(node: NodeId, slacks: Vec<Slack>, padding: u64) -> Domain {
        Domain {
            node,
            slacks,
            padding,
            longest: u64::MAX,
            fresh: None,
        }
    }

    /// Where slack is made anew rather than that other slack grows.
    pub(in crate::format) fn with_fresh(self, header: u64, make: fn(u64) -> Vec<u8>) -> Domain {
        let fresh = Fresh {
            header,
            make,
            is_last_resort: false,
        };
        Domain {
            fresh: Some(fresh),
            ..self
        }
    }
}

/// New slack.
#[derive(Clone, Copy)]
pub(in crate::format) struct Fresh {
    /// Bytes of its header.
    pub header: u64,
    /// The whole of it, for so many bytes without the header.
    pub make: fn(u64) -> Vec<u8>,
    /// Slack that is there grows rather, wherever it is: what moves between is little.
    pub is_last_resort: bool,
}

/// Bytes that mean nothing.
#[derive(Debug, Clone)]
pub(in crate::format) struct Slack {
    /// The box that it is, or, where it has no header, is in.
    pub node: NodeId,
    /// With its header.
    pub range: Range<u64>,
    pub header: u64,
    /// The most it can hold, without its header.
    pub largest: u64,
    /// It changes by an even number of bytes only.
    pub is_even: bool,
    /// It gets the usual padding when it does not suffice.
    pub grows: bool,
}

impl Slack {
    /// Of any length, and the padding of its domain.
    pub(in crate::format) fn new(node: NodeId, range: Range<u64>, header: u64) -> Slack {
        Slack {
            node,
            range,
            header,
            largest: u64::MAX,
            is_even: false,
            grows: true,
        }
    }

    /// Without its header.
    pub(in crate::format) fn len(&self) -> u64 {
        self.range.end - self.range.start - self.header
    }
}

/// What an edit drags along: offsets into the file, checksums, flags.
pub(in crate::format) trait Follow {
    /// `edits` are in order, with all sizes right; they stay so.
    fn follow(&self, source: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError>;
}
