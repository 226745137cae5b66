//! The one engine: what any change makes of any [`Tree`].
//!
//! Values first, then a new item, then slack, so that as little as possible moves; then the sizes and counts of all boxes
//! around the edits, derived from them, so that they cannot disagree; last what follows from all that.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::ops::Range;

use super::place::{Action, Change};
use crate::bytes::pieces::{Patch, Pieces};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Addition, Domain, New, NodeId, Size, Slack, States, Tree};
use crate::format::stream::identify::Front;
use crate::isrc::Isrc;

mod balance;
mod items;
mod size;
pub(in crate::format) mod slack;
pub(in crate::format) mod tree;

pub(super) const OTHER_STATE: Refusal = Refusal::new("the file has changed since the edit was planned");

/// An item of a code is some hundred bytes; what is removed becomes padding, and the way back keeps it.
const MOST_REMOVED: u64 = 1 << 20;

/// What an edit of one file consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// Sorted, without overlap, in offsets of the old file.
    pub patches: Vec<Patch>,
    /// The audio of the old file. Every byte of these ranges must be kept, in this order.
    pub audio: Vec<Range<u64>>,
}

/// Why a file is not edited, as one sentence without a full stop, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub std::borrow::Cow<'static, str>);

impl Refusal {
    pub const fn new(reason: &'static str) -> Refusal {
        Refusal(std::borrow::Cow::Borrowed(reason))
    }
}

/// Leaves a file as it is.
pub(super) fn refuse<T, E: From<Refusal>>(reason: &'static str) -> Result<T, E> {
    Err(Refusal::new(reason).into())
}

/// Why there is no splice for a change.
#[derive(Debug, thiserror::Error)]
pub enum SpliceError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// One replacement of bytes.
#[derive(Debug)]
pub(super) struct Edit {
    pub at: Range<u64>,
    pub bytes: Vec<u8>,
    /// The innermost box whose size follows; `None` where nothing states one.
    pub inside: Option<NodeId>,
    /// By how many that box holds more items.
    pub more: i64,
    /// What is put at one offset is in the order of this: in a box before behind it.
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

    pub(super) fn into_patch(self) -> Patch {
        Patch {
            at: self.at,
            bytes: self.bytes,
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
    #[cfg(test)]
    super::page::draw(source, tree);
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
    for Addition { at, inside, bytes } in &tree.additions {
        work.push(*at..*at, bytes.clone(), Some(*inside), 1);
    }
    if work.edits.iter().any(|edit| edit.at.end - edit.at.start > MOST_REMOVED) {
        return refuse("the item holds far more than a code");
    }
    work.empty_tags();
    let mut edits = work.settled()?;
    for follow in &tree.follows {
        follow.follow(source, &mut edits)?;
    }
    in_order(source, edits)
}

/// What a range becomes, and in which box it is.
pub(super) type Placed = (Range<u64>, Vec<u8>, NodeId);

/// These edits, each in a box, with what slack makes of them and what the boxes around them state.
pub(super) fn arranged(tree: &Tree, edits: Vec<Placed>) -> Result<Vec<Edit>, Refusal> {
    let mut work = Work {
        tree,
        edits: Vec::new(),
        created: None,
    };
    for (at, bytes, inside) in edits {
        work.push(at, bytes, Some(inside), 1);
    }
    work.settled()
}

/// The edit of a container that is one tree. Places in front of its own are those of the tags in front.
pub(super) fn splice<'t, T: Borrow<Tree<'t>>>(
    source: &mut Source,
    front: &Front,
    audio: Vec<Range<u64>>,
    trouble: Option<&'static str>,
    change: &Change,
    tree: impl FnOnce(&mut Source) -> Result<T, SpliceError>,
) -> Result<Splice, SpliceError> {
    let mut patches = Vec::new();
    if change.is_empty() {
        return Ok(Splice { patches, audio });
    }
    if let Some(trouble) = trouble {
        return refuse(trouble);
    }
    let tree = tree(source)?;
    let tree = tree.borrow();
    let of_front = change.actions.len().checked_sub(tree.code_count()).ok_or(OTHER_STATE)?;
    let (actions_in_front, actions) = change.actions.split_at(of_front);
    if actions_in_front.iter().any(|action| *action != Action::Keep) {
        let tree = in_front(source, front)?;
        patches = edit(source, &tree, actions_in_front, None, &[])?;
    }
    patches.extend(edit(source, tree, actions, change.create, &change.tracks)?);
    Ok(Splice { patches, audio })
}

/// Tags in front of a container that do not belong to its tree change only within their own padding, so that nothing
/// moves.
fn in_front<'t>(source: &mut Source, front: &'t Front) -> Result<Tree<'t>, ReadError> {
    let mut tree = Tree::default();
    for tag in &front.tags {
        let fixed = tree.sized(tag.range.clone(), None, tag.range.start, Size::Unstated, 0);
        tree.nodes[fixed].too_large = "the ID3v2 tag in front of the audio file has no room for the change";
        tag.declare(source, &mut tree, Some(fixed), false)?;
    }
    Ok(tree)
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

    /// The edits in order, with all that follows from their lengths.
    fn settled(mut self) -> Result<Vec<Edit>, Refusal> {
        self.balance();
        self.sizes()?;
        self.edits.sort_by_key(|edit| (edit.at.start, edit.at.end, edit.depth));
        Ok(self.edits)
    }

    /// Takes a whole box out.
    fn remove(&mut self, node: NodeId) {
        let node = &self.tree.nodes[node];
        self.push(node.range.clone(), [], node.inside, -1);
    }

    /// Codes for the fields of tracks that hold none; of two with one number the first takes it.
    fn tracks(&mut self, tracks: &[(u8, Isrc)]) -> Result<(), Refusal> {
        for (number, isrc) in tracks {
            let missing =
                || Refusal(format!("it has no track {number} in a CUESHEET block that can take a code").into());
            let field = self.tree.tracks.iter().find(|(track, _)| track == number);
            let (_, field) = field.ok_or_else(missing)?;
            self.push(field.clone(), *isrc.as_bytes(), None, 0);
        }
        Ok(())
    }

    fn create(&mut self, isrc: Isrc) -> Result<(), Refusal> {
        const NOWHERE: Refusal = Refusal::new("there is no place for a new code in it");
        let new = self.tree.new.as_ref().ok_or(NOWHERE)?;
        let domain = self.domain_of(new.inside);
        if let Some(reason) = new.refusal {
            return refuse(reason);
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
            let too_large = || Refusal::new(node.too_large);
            for field in &node.fields {
                let (change, old) = match field.states {
                    States::Count(_) if field.size == Size::Unstated => continue,
                    States::Length { without } => (changes.growth, node.range.end - node.range.start - without),
                    States::Count(count) => (changes.more, count),
                };
                if change == 0 && !(changes.is_touched && node.is_tag) && !node.is_wrong {
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
pub(super) fn in_order(source: &Source, edits: Vec<Edit>) -> Result<Vec<Patch>, SpliceError> {
    const MEET: Refusal = Refusal::new("two changes meet in the same bytes");
    let patches: Vec<Patch> = edits.into_iter().map(Edit::into_patch).collect();
    let pieces = Pieces::from_patches(source.len(), &patches).map_err(|_| MEET)?;
    Ok(pieces.trimmed(source).map_err(ReadError::Io)?.patches().to_vec())
}
