//! The one engine: what any change makes of any [`Tree`].
//!
//! Values first, then a new item, then slack, so that as little as possible moves; then the sizes and counts of all boxes
//! around the edits, derived from them, so that they cannot disagree; last what follows from all that.

use std::cmp::Reverse;
use std::ops::Range;

use super::patches;
use super::place::{Action, Change};
use super::slack::{Fill, Room};
use super::tree::{Domain, Item, New, NodeId, Seat, Slack, States, Text, Tree, Value};
use super::{Refusal, Splice, SpliceError, values};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::Source;

pub(super) const OTHER_STATE: Refusal = Refusal::new("the file has changed since the edit was planned");

/// An item of a code is some hundred bytes; what is removed becomes padding, and the way back keeps it.
const MOST_REMOVED: u64 = 1 << 20;

/// One replacement of bytes.
#[derive(Debug)]
pub(super) struct Edit {
    pub at: Range<u64>,
    pub bytes: Vec<u8>,
    /// The innermost box whose size follows; `None` where nothing states one.
    pub inside: Option<NodeId>,
    /// By how many that box holds more items.
    pub more: i64,
    /// What is put at one offset stands in the order of this: in a box before behind it.
    depth: Reverse<usize>,
}

impl Edit {
    /// A replacement that no size follows.
    pub(super) fn of(Patch { at, bytes }: Patch) -> Edit {
        Edit {
            at,
            bytes,
            inside: None,
            more: 0,
            depth: Reverse(0),
        }
    }

    /// Bytes at `at` become others.
    pub(super) fn lone(at: u64, bytes: impl Into<Vec<u8>>) -> Edit {
        let bytes = bytes.into();
        Edit::of(Patch::new(at..at + bytes.len() as u64, bytes))
    }

    /// A range becomes other bytes, of any length; no size follows.
    pub(super) fn over(at: Range<u64>, bytes: impl Into<Vec<u8>>) -> Edit {
        Edit {
            at,
            ..Edit::lone(0, bytes)
        }
    }

    pub(super) fn growth(&self) -> i64 {
        self.bytes.len() as i64 - (self.at.end - self.at.start) as i64
    }
}

/// Carries out `actions`, one for each code of the tree's items, and `create`, and `tracks`. The patches are sorted, and
/// none of them changes nothing.
pub(super) fn edit(
    source: &mut Source,
    tree: &Tree,
    actions: &[Action],
    create: Option<Isrc>,
    tracks: &[(u8, Isrc)],
) -> Result<Vec<Patch>, SpliceError> {
    let mut work = Work {
        tree,
        edits: Vec::new(),
        created: None,
    };
    let left = work.values(source, actions, create)?;
    work.tracks(tracks)?;
    if let Some(isrc) = left {
        work.create(isrc)?;
    }
    if work.edits.iter().any(|edit| edit.at.end - edit.at.start > MOST_REMOVED) {
        return Err(Refusal::new("the item holds far more than a code").into());
    }
    work.empty_tags();
    work.balance();
    work.sizes()?;
    let Work { mut edits, .. } = work;
    edits.sort_by_key(|edit| (edit.at.start, edit.at.end, edit.depth));
    for follow in &tree.follows {
        follow.follow(source, &mut edits)?;
    }
    in_order(source, edits)
}

/// The edit of a container that is one tree. Places in front of its own, which are those of foreign tags, are only read.
pub(super) fn splice<'t>(
    source: &mut Source,
    audio: Vec<Range<u64>>,
    trouble: Option<&'static str>,
    change: &Change,
    tree: impl FnOnce(&mut Source) -> Result<Tree<'t>, SpliceError>,
) -> Result<Splice, SpliceError> {
    let mut patches = Vec::new();
    if change.is_empty() {
        return Ok(Splice { patches, audio });
    }
    if let Some(trouble) = trouble {
        return Err(Refusal::new(trouble).into());
    }
    let tree = tree(source)?;
    let values = tree.items.iter().flat_map(|item| &item.values);
    let count = values.map(|value| value.codes.len()).sum();
    let of_front = change.actions.len().checked_sub(count).ok_or(OTHER_STATE)?;
    patches = edit(
        source,
        &tree,
        &change.actions[of_front..],
        change.create,
        &change.tracks,
    )?;
    Ok(Splice { patches, audio })
}

/// An edit in the making.
struct Work<'t> {
    tree: &'t Tree<'t>,
    edits: Vec<Edit>,
    /// The new item, and which of the edits puts it there.
    created: Option<(Isrc, &'t New<'t>, usize)>,
}

impl<'t> Work<'t> {
    fn push(&mut self, at: Range<u64>, bytes: impl Into<Vec<u8>>, inside: Option<NodeId>, more: i64) {
        let depth = Reverse(self.tree.outwards(inside).count());
        self.edits.push(Edit {
            at,
            bytes: bytes.into(),
            inside,
            more,
            depth,
        });
    }

    /// Takes a whole box out.
    fn remove(&mut self, node: NodeId) {
        let node = &self.tree.nodes[node];
        self.push(node.range.clone(), [], node.inside, -1);
    }

    /// Returns the new code if no item had a seat for it.
    fn values(
        &mut self,
        source: &mut Source,
        actions: &[Action],
        create: Option<Isrc>,
    ) -> Result<Option<Isrc>, SpliceError> {
        let mut create = create;
        let mut rest = actions;
        for item in &self.tree.items {
            let count = item.values.iter().map(|value| value.codes.len()).sum();
            let (mine, others) = rest.split_at_checked(count).ok_or(OTHER_STATE)?;
            rest = others;
            self.item(source, item, mine, &mut create)?;
        }
        match rest {
            [] => Ok(create),
            _ => Err(OTHER_STATE.into()),
        }
    }

    fn item(
        &mut self,
        source: &mut Source,
        item: &Item,
        actions: &[Action],
        create: &mut Option<Isrc>,
    ) -> Result<(), SpliceError> {
        let all_go = actions.iter().all(|action| *action == Action::Drop);
        let seated = create.take_if(|_| all_go && item.seat == Seat::Taken && !item.values.is_empty());
        let is_cleared = all_go && item.seat == Seat::Cleared && create.is_some();
        if seated.is_none() && !is_cleared && actions.iter().all(|action| *action == Action::Keep) {
            return Ok(());
        }
        if let Some(reason) = item.refusal {
            return Err(Refusal::new(reason).into());
        }
        if let Some(isrc) = seated {
            let first = item
                .values
                .iter()
                .position(|value| !value.codes.is_empty())
                .unwrap_or(0);
            for (index, value) in item.values.iter().enumerate() {
                if index == first {
                    let drops = std::iter::repeat_n(Action::Drop, value.codes.len().saturating_sub(1));
                    let actions: Vec<Action> = std::iter::once(Action::Write(isrc)).chain(drops).collect();
                    self.rewrite(source, value, &actions)?;
                } else {
                    self.remove(value.node);
                }
            }
            return Ok(());
        }
        if all_go && item.values.iter().all(Value::can_go) {
            self.remove(item.node);
            return Ok(());
        }
        let mut rest = actions;
        for value in &item.values {
            let (mine, others) = rest.split_at(value.codes.len());
            rest = others;
            if mine.iter().all(|action| *action == Action::Keep) {
                continue;
            }
            if value.can_go() && mine.iter().all(|action| *action == Action::Drop) {
                self.remove(value.node);
            } else {
                self.rewrite(source, value, mine)?;
            }
        }
        Ok(())
    }

    /// Writes a value of which something stays.
    fn rewrite(&mut self, source: &mut Source, value: &Value, actions: &[Action]) -> Result<(), SpliceError> {
        let inside = Some(value.node);
        let codes = match value.codes.as_slice() {
            [] => std::slice::from_ref(&value.at),
            codes => codes,
        };
        match &value.text {
            Text::Own(own) => {
                for Patch { at, bytes } in own.encode(source, value, actions)? {
                    self.push(at, bytes, inside, 0);
                }
            }
            Text::Plain => {
                let kept: Vec<bool> = actions.iter().map(|action| *action != Action::Drop).collect();
                for range in values::removals(codes, &kept) {
                    self.push(range, [], inside, 0);
                }
                self.write(codes, actions, None, inside);
            }
            Text::Fixed => self.write(codes, actions, Some(0), inside),
        }
        Ok(())
    }

    /// Puts the new codes where the old ones are, and `filler` where one goes.
    fn write(&mut self, codes: &[Range<u64>], actions: &[Action], filler: Option<u8>, inside: Option<NodeId>) {
        for (code, action) in codes.iter().zip(actions) {
            match (action, filler) {
                (Action::Keep, _) | (Action::Drop, None) => {}
                (Action::Write(isrc), _) => self.push(code.clone(), *isrc.as_bytes(), inside, 0),
                (Action::Drop, Some(filler)) => {
                    let zeros = vec![filler; (code.end - code.start) as usize];
                    self.push(code.clone(), zeros, inside, 0);
                }
            }
        }
    }

    /// Codes for the fields of tracks that hold none; of two with one number the first takes it.
    fn tracks(&mut self, tracks: &[(u8, Isrc)]) -> Result<(), Refusal> {
        for (number, isrc) in tracks {
            let field = self.tree.tracks.iter().find(|(track, _)| track == number);
            let (_, field) =
                field.ok_or_else(|| Refusal(format!("it has no field for a code of track {number}").into()))?;
            self.push(field.clone(), *isrc.as_bytes(), None, 0);
        }
        Ok(())
    }

    fn create(&mut self, isrc: Isrc) -> Result<(), Refusal> {
        const NOWHERE: Refusal = Refusal::new("there is no place for a new code in it");
        let new = self.tree.new.as_ref().ok_or(NOWHERE)?;
        let domain = self.domain_of(new.inside);
        if let Some(reason) = new.refusal {
            return Err(Refusal::new(reason));
        }
        let bytes = (new.make)(isrc, if domain.is_some() { 0 } else { new.padding });
        let len = bytes.len() as u64;
        let has_room = |slack: &&Slack| slack.len() >= len || slack.len() + slack.header == len;
        let slacks = domain.filter(|_| new.beside_slack).map(|domain| &domain.slacks);
        let beside = slacks.and_then(|slacks| slacks.iter().find(has_room));
        let (at, inside) = match beside {
            Some(slack) => (slack.range.start, self.tree.nodes[slack.node].inside),
            None => (new.at, new.inside),
        };
        self.created = domain.map(|_| (isrc, new, self.edits.len()));
        self.push(at..at, bytes, inside, 1);
        for Patch { at, bytes } in &new.also {
            self.push(at.clone(), bytes.clone(), None, 0);
        }
        Ok(())
    }

    /// A tag goes whole with its last item.
    fn empty_tags(&mut self) {
        for (id, node) in self.tree.nodes.iter().enumerate().filter(|(_, node)| node.is_tag) {
            let more: i64 = self
                .edits
                .iter()
                .filter(|edit| edit.inside == Some(id))
                .map(|edit| edit.more)
                .sum();
            let is_empty = node.fields.iter().any(|field| match field.states {
                States::Count(count) => more < 0 && count.checked_add_signed(more) == Some(0),
                States::Length { .. } => false,
            });
            if is_empty {
                let tree = self.tree;
                self.edits
                    .retain(|edit| !tree.outwards(edit.inside).any(|outer| outer == id));
                self.remove(id);
            }
        }
    }

    /// The innermost domain around a box.
    fn domain_of(&self, node: Option<NodeId>) -> Option<&'t Domain> {
        let tree = self.tree;
        tree.outwards(node)
            .find_map(|node| tree.domains.iter().find(|domain| domain.node == node))
    }

    fn is_inside(&self, edit: &Edit, node: NodeId) -> bool {
        self.tree.outwards(edit.inside).any(|outer| outer == node)
    }

    fn growth(&self, node: NodeId) -> i64 {
        let inside = self.edits.iter().filter(|edit| self.is_inside(edit, node));
        inside.map(Edit::growth).sum()
    }

    /// Makes up for the growth of every domain, inner ones first, and sets pad bytes right.
    fn balance(&mut self) {
        if self.edits.is_empty() {
            return;
        }
        let tree = self.tree;
        for (id, node) in tree.nodes.iter().enumerate().rev() {
            if let Some(domain) = tree.domains.iter().find(|domain| domain.node == id) {
                self.balance_domain(domain);
            }
            let Some(pad) = node.pad else { continue };
            let growth = self.growth(id);
            let wanted = (node.range.end - node.range.start).wrapping_add_signed(growth) % 2;
            if growth != 0 && wanted != pad {
                let at = node.range.end..node.range.end + pad;
                self.push(at, vec![0; wanted as usize], node.inside, 0);
                // What is put behind the box stands behind its pad byte.
                self.edits.last_mut().expect("it was just pushed").depth = Reverse(tree.outwards(Some(id)).count());
            }
        }
    }

    fn balance_domain(&mut self, domain: &Domain) {
        let growth = self.growth(domain.node);
        if growth == 0 {
            return;
        }
        let edits = || self.edits.iter().filter(|edit| self.is_inside(edit, domain.node));
        let first = edits().map(|edit| edit.at.start).min().unwrap_or(0);
        let last = edits().map(|edit| edit.at.end).max().unwrap_or(0);
        let mut slacks = domain.slacks.clone();
        slacks.sort_by_key(|slack| match slack.range.start.checked_sub(last) {
            Some(distance) => (distance, false),
            None => (first.saturating_sub(slack.range.end), true),
        });
        let created = self
            .created
            .filter(|(_, _, edit)| self.is_inside(&self.edits[*edit], domain.node));
        let seat = self.fresh_seat(domain);
        let adjacent = seat.and_then(|(at, _)| slacks.iter().position(|slack| slack.range.start == at));
        let node = &self.tree.nodes[domain.node].range;
        let own = slacks.iter().find(|slack| slack.grows).map_or(0, Slack::len);
        let needed = (node.end - node.start)
            .saturating_sub(own)
            .saturating_add_signed(growth);
        let room = Room {
            fresh: domain.fresh.filter(|_| seat.is_some()),
            adjacent,
            padding: match domain.longest.checked_sub(needed) {
                Some(most) => domain.padding.min(most),
                None => domain.padding,
            },
            slacks: &slacks,
        };
        let fills = room.fit(growth);
        let made_up: i64 = fills.iter().map(|fill| room.difference(*fill)).sum();
        let is_padded = matches!(fills[..], [Fill::Resize(..)]);
        match created {
            Some((isrc, new, edit)) if new.padding > 0 && growth + made_up != 0 && (new.beside_slack || !is_padded) => {
                self.edits[edit].bytes = (new.make)(isrc, new.padding);
            }
            _ => fills
                .iter()
                .for_each(|fill| self.fill(domain, &slacks, *fill, seat, last)),
        }
    }

    /// Where new slack of a domain would go: behind the roomy box around the last edit, or else behind what is new.
    fn fresh_seat(&self, domain: &Domain) -> Option<(u64, Option<NodeId>)> {
        let last = self.edits.iter().rfind(|edit| self.is_inside(edit, domain.node))?;
        let nodes = &self.tree.nodes;
        let mut around = self.tree.outwards(last.inside).take_while(|node| *node != domain.node);
        let roomy = around.find(|node| nodes[*node].is_roomy);
        let new = || (last.more > 0).then_some((last.at.end, last.inside));
        roomy
            .map(|node| (nodes[node].range.end, nodes[node].inside))
            .or_else(new)
    }

    /// Slack changes on the side that faces the edits, so that the rest stays where it is; bytes come behind the header,
    /// since something new may be put right behind the slack.
    fn fill(&mut self, domain: &Domain, slacks: &[Slack], fill: Fill, seat: Option<(u64, Option<NodeId>)>, last: u64) {
        match fill {
            Fill::Fresh(len) => {
                if let (Some(fresh), Some((at, inside))) = (domain.fresh, seat) {
                    self.push(at..at, (fresh.make)(len), inside, 1);
                }
            }
            Fill::Remove(index) => self.remove(slacks[index].node),
            Fill::Resize(index, len) => {
                let slack = &slacks[index];
                let start = slack.range.start + slack.header;
                let inside = Some(slack.node);
                match len.checked_sub(slack.len()) {
                    Some(0) => {}
                    Some(more) => self.push(start..start, vec![0; more as usize], inside, 0),
                    None => {
                        let less = slack.len() - len;
                        let at = match slack.range.start >= last {
                            true => start..start + less,
                            false => slack.range.end - less..slack.range.end,
                        };
                        self.push(at, [], inside, 0);
                    }
                }
            }
        }
    }

    /// What the boxes around the edits state.
    fn sizes(&mut self) -> Result<(), Refusal> {
        let nodes = &self.tree.nodes;
        let mut changes = vec![Changes::default(); nodes.len()];
        for edit in &self.edits {
            if let Some(node) = edit.inside {
                changes[node].more += edit.more;
            }
            for node in self.tree.outwards(edit.inside) {
                changes[node].growth += edit.growth();
                changes[node].is_touched = true;
            }
        }
        for (node, changes) in nodes.iter().zip(changes) {
            let Changes {
                growth,
                more,
                is_touched,
            } = changes;
            let too_large = || Refusal::new(node.too_large);
            for field in &node.fields {
                let (change, old) = match field.states {
                    States::Length { without } => (growth, node.range.end - node.range.start - without),
                    States::Count(count) => (more, count),
                };
                if change == 0 && !(is_touched && node.is_tag) {
                    continue;
                }
                let new = old.checked_add_signed(change).and_then(|new| field.size.write(new));
                let bytes = new.ok_or_else(too_large)?;
                self.push(field.at..field.at + bytes.len() as u64, bytes, None, 0);
            }
        }
        Ok(())
    }
}

/// What an edit makes of one box.
#[derive(Debug, Default, Clone, Copy)]
struct Changes {
    growth: i64,
    more: i64,
    is_touched: bool,
}

/// Puts one more edit among those in order.
pub(super) fn insert(edits: &mut Vec<Edit>, edit: Edit) {
    let at = edit.at.start;
    let index = edits.partition_point(|other| other.at.start < at || other.at.end <= at);
    edits.insert(index, edit);
}

/// The edits as patches, joined where they touch, and no larger than what differs.
fn in_order(source: &Source, edits: Vec<Edit>) -> Result<Vec<Patch>, SpliceError> {
    let mut joined: Vec<Patch> = Vec::with_capacity(edits.len());
    for Edit { at, bytes, .. } in edits {
        if joined.last().is_some_and(|last| at.start < last.at.end) {
            return Err(Refusal::new("two changes meet in the same bytes").into());
        }
        patches::push(&mut joined, Patch { at, bytes });
    }
    Ok(patches::tightened(source, joined)?)
}
