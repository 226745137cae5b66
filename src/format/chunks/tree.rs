//! What of a chunked file can be edited: its chunks as a tree, with what has to be put right where a program shall find
//! what is written.

use super::seat::{Coverage, MOST_ZEROS, Seating, WRONG_SIZE};
use super::walker::Chunk;
use super::{Holder, Holds, Structure, markup};
use crate::bytes::source::Source;
use crate::format::edit::tree::{
    Addition, Domain, Follow, Item, New, NodeId, Pad, Seat, Size, Slack, States, Text, Tree, Value, boxed,
};
use crate::format::edit::{self, Edit};
use crate::format::id3v2;
use crate::format::place::{Action, Change};
use crate::format::stream::identify::Front;
use crate::format::{Layout, Refusal, Splice, SpliceError, refuse};
use crate::isrc::Isrc;

const TOO_LONG: &str = "it would grow past 4 GiB, which its format cannot state";
const ELSEWHERE: &str = "the size of the chunk to be changed stands in another chunk";
pub(super) const NO_TAG: &str = "its ID3 chunk holds no ID3v2 tag that can be read";

/// What differs between the containers.
#[derive(Debug, Default)]
pub(in crate::format) struct Shape {
    /// Where the size of the outermost chunk is, which counts what is behind its own header.
    pub size_fields: Vec<(u64, Size)>,
    /// Why nothing in front of the audio may change in length, if so.
    pub is_fixed: Option<&'static str>,
    /// Why nothing is edited, if so.
    pub refusal: Option<&'static str>,
}

/// A chunked file, as walked, for its edits.
#[derive(Debug)]
pub(super) struct Chunked {
    pub structure: Structure,
    pub shape: Shape,
}

impl Layout for Chunked {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let trouble = self.shape.refusal.or(self.structure.walker.trouble);
        edit::splice(source, front, self.structure.audio(), trouble, change, |source| {
            Plan::new(source, self, front, change)?.tree(source)
        })
    }

    /// Every chunk of WAV and AIFF but those that hold or describe the audio.
    fn names_of_tags(&self) -> Vec<(u64, [u8; 4])> {
        let is_tag = |chunk: &&Chunk| {
            !matches!(
                &chunk.id,
                b"fmt " | b"data" | b"fact" | b"ds64" | b"COMM" | b"SSND" | b"FVER"
            )
        };
        let tags = self.structure.walker.chunks.iter().filter(is_tag);
        tags.map(|chunk| (chunk.at, *b"JUNK")).collect()
    }
}

/// What of a file a change reaches.
struct Plan<'t> {
    structure: &'t Structure,
    shape: &'t Shape,
    front: &'t Front,
    coverage: Coverage,
    /// The holder whose tag takes a new code.
    target: Option<usize>,
    /// The code of a new chunk with a tag.
    tag: Option<Isrc>,
    /// The code of a new EBUCore document.
    axml: Option<Isrc>,
    /// Where new chunks go.
    seat: Option<Seating>,
    /// The last chunk that changes, and that other programs do not get to.
    hidden: Option<usize>,
    /// Where a chunk is that gets a code, and the name that other programs expect.
    renamed: Option<u64>,
}

impl<'t> Plan<'t> {
    fn new(
        source: &mut Source,
        chunked: &'t Chunked,
        front: &'t Front,
        change: &Change,
    ) -> Result<Plan<'t>, SpliceError> {
        let Chunked { structure, shape } = chunked;
        let chunks = &structure.walker.chunks;
        let target = structure.first_tag.filter(|_| change.create.is_some());
        let is_reached = |(index, holder): &(usize, &Holder)| {
            target == Some(*index) || holder.actions(change).iter().any(|action| *action != Action::Keep)
        };
        let reached = || structure.holders.iter().enumerate().filter(is_reached);
        if reached().any(|(_, holder)| matches!(holder.holds, Holds::Tag(None))) {
            return refuse(NO_TAG);
        }
        if change.axml.is_some() && structure.has_chunk(b"axml") {
            const OTHER_AXML: Refusal = Refusal::new(
                "its axml chunk holds no code, and what else stands in it is not changed: leave out --axml",
            );
            return Err(OTHER_AXML.into());
        }
        let hidden = reached()
            .map(|(_, holder)| holder.chunk)
            .rfind(|chunk| chunks[*chunk].hidden.is_some());
        let mut coverage = structure.coverage(source)?;
        if let (Coverage::Chunks { inside, end }, Some(index)) = (&mut coverage, hidden) {
            // The chunk that was behind the end comes to be in front of it.
            if *inside <= index {
                (*inside, *end) = (index + 1, chunks[index].end());
            }
        }
        let is_written = |index: &usize| {
            let actions = structure.holders[*index].actions(change);
            target == Some(*index) || actions.iter().any(|action| matches!(action, Action::Write(_)))
        };
        let renamed = structure
            .first_tag
            .filter(is_written)
            .map(|index| &structure.holders[index]);
        let renamed = renamed.filter(|holder| !structure.is_named(holder));
        let tag = change.create.filter(|_| target.is_none());
        let seat = match tag.or(change.axml) {
            Some(_) => Some(structure.seat(source, coverage)?),
            None => None,
        };
        Ok(Plan {
            structure,
            shape,
            front,
            coverage,
            target,
            tag,
            axml: change.axml,
            seat,
            hidden,
            renamed: renamed.map(|holder| structure.chunk_of(holder).at),
        })
    }

    fn tree(&self, source: &mut Source) -> Result<Tree<'t>, SpliceError> {
        let structure = self.structure;
        let mut tree = Tree::default();
        self.front.declare(source, &mut tree)?;
        let whole = self.whole(source, &mut tree);
        let nodes = self.chunks(&mut tree, whole);
        for (index, holder) in structure.holders.iter().enumerate() {
            tree.leave_alone(holder.places.start - tree.code_count());
            let (chunk, node) = match &holder.nested {
                Some(chunk) => (chunk, self.chunk(&mut tree, chunk, Some(nodes[holder.chunk]))),
                None => (&structure.walker.chunks[holder.chunk], nodes[holder.chunk]),
            };
            match &holder.holds {
                Holds::Tag(Some(tag)) => {
                    tag.declare(source, &mut tree, Some(node), self.target == Some(index))?;
                    // Some programs leave zero bytes between the end of the tag and that of its chunk: they are padding too.
                    let end = tag.range.end;
                    let zeros = source.leading_zeros(end..chunk.body.1, MOST_ZEROS)?;
                    let slack = Slack::new(node, end..end + zeros, 0);
                    tree.domains.push(domain(node, slack, zeros));
                }
                Holds::Tag(None) => {}
                Holds::Zeros(zeros) => {
                    let body = chunk.body();
                    if self.target == Some(index) {
                        tree.new = Some(id3v2::new(body.start, Some(node)));
                    }
                    tree.domains.push(domain(node, Slack::new(node, body, 0), *zeros));
                }
                Holds::Text(texts) => texts.iter().for_each(|text| declare_text(&mut tree, node, text)),
            }
        }
        tree.leave_alone(structure.behind_places.start - tree.code_count());
        structure.behind.declare(source, &mut tree)?;
        self.new_chunks(&mut tree, whole);
        tree.follows.extend(self.renamed.map(|at| -> Box<dyn Follow> {
            Box::new(Renamed {
                at,
                id: *structure.names[0],
            })
        }));
        if let Some((reason, audio)) = self.shape.is_fixed.zip(structure.walker.last_audio) {
            let audio = structure.walker.chunks[audio].body.0;
            tree.follows.push(Box::new(Fixed { audio, reason }));
        }
        Ok(tree)
    }

    /// The outermost chunk.
    fn whole(&self, source: &Source, tree: &mut Tree) -> NodeId {
        let start = self.front.start;
        let (end, fields, too_large) = match self.coverage {
            Coverage::Chunks { end, .. } => (end, &self.shape.size_fields[..], TOO_LONG),
            Coverage::Endless | Coverage::Nothing => (source.len(), &[][..], TOO_LONG),
            Coverage::Wrong => (source.len(), &[(0, Size::Unstated)][..], WRONG_SIZE),
        };
        let whole = tree.node(start..end, None);
        let without = self.structure.walker.header_len();
        for (at, size) in fields {
            tree.field(whole, *at, *size, States::Length { without });
        }
        let node = &mut tree.nodes[whole];
        node.too_large = too_large;
        node.is_wrong = self.hidden.is_some() && matches!(self.coverage, Coverage::Chunks { .. });
        whole
    }

    /// Those in the outermost one, and those behind its end.
    fn chunks(&self, tree: &mut Tree, whole: NodeId) -> Vec<NodeId> {
        let chunks = &self.structure.walker.chunks;
        let inside = match self.coverage {
            Coverage::Chunks { inside, .. } => inside,
            Coverage::Endless | Coverage::Nothing | Coverage::Wrong => chunks.len(),
        };
        // Other programs have to find the way to what is new, and to what they did not get to.
        let found = self.seat.as_ref().map(|seat| seat.behind).max(self.hidden);
        let mut nodes = Vec::with_capacity(chunks.len());
        let mut unbalanced = None;
        for (index, chunk) in chunks.iter().enumerate() {
            let whole = Some(whole).filter(|_| index < inside);
            let is_balanced = chunks.get(index + 1).is_some_and(|next| {
                let holds = self.structure.holders.iter().any(|holder| holder.chunk == index);
                holds && next.is_filler() && !next.elsewhere && index + 1 != inside
            });
            // With its pad byte.
            let around = is_balanced.then(|| tree.node(chunk.at..chunk.end(), whole));
            let node = self.chunk(tree, chunk, around.or(whole));
            tree.nodes[node].is_wrong = chunk.overlong && found.is_some();
            if let Some(pad) = &mut tree.nodes[node].pad {
                pad.is_due = found.is_some_and(|found| index < found);
            }
            if let Some(before) = std::mem::replace(&mut unbalanced, around) {
                // A filler takes the difference of the chunk in front of it. An odd one would turn its pad byte around.
                let header = self.structure.walker.header_len();
                let slack = Slack::new(node, chunk.at..chunk.body.1, header);
                let slack = Slack { is_even: true, ..slack };
                tree.domains.push(domain(before, slack, u64::from(u32::MAX) - 1));
            }
            nodes.push(node);
        }
        nodes
    }

    fn chunk(&self, tree: &mut Tree, chunk: &Chunk, inside: Option<NodeId>) -> NodeId {
        let walker = &self.structure.walker;
        let (size, too_large) = match chunk.elsewhere {
            true => (Size::Unstated, ELSEWHERE),
            false => (walker.sizes, TOO_LONG),
        };
        let node = tree.sized(chunk.at..chunk.body.1, inside, chunk.at + 4, size, walker.header_len());
        tree.nodes[node].too_large = too_large;
        tree.nodes[node].pad = Some(Pad {
            len: chunk.pad,
            is_due: false,
        });
        node
    }

    fn new_chunks(&self, tree: &mut Tree<'t>, whole: NodeId) {
        let Some(Seating { at, .. }) = self.seat else { return };
        let (sizes, id) = (self.structure.walker.sizes, self.structure.names[0]);
        if self.tag.is_some() {
            tree.new = Some(New {
                make: Box::new(move |isrc, padding| boxed(id, sizes, 0, &even_tag(isrc, padding))),
                ..id3v2::new(at, Some(whole))
            });
        }
        tree.additions.extend(self.axml.map(|isrc| Addition {
            at,
            inside: whole,
            bytes: boxed(b"axml", sizes, 0, &markup::document(isrc)),
        }));
    }
}

impl Holder {
    pub(super) fn actions<'c>(&self, change: &'c Change) -> &'c [Action] {
        change.actions.get(self.places.clone()).unwrap_or_default()
    }
}

/// Slack that takes what it can, and is never more than `largest`.
fn domain(node: NodeId, slack: Slack, largest: u64) -> Domain {
    let slack = Slack {
        largest,
        grows: false,
        ..slack
    };
    Domain::new(node, vec![slack], 0)
}

/// A code that goes takes its label along: `ISRC:` alone would be a malformed code.
fn declare_text(tree: &mut Tree, chunk: NodeId, text: &markup::MarkedText) {
    let node = tree.node(text.span.clone(), Some(chunk));
    let value = Value::new(node, text.span.clone(), vec![text.code().1], Text::Plain);
    tree.items.push(Item::of(node, Seat::Apart, value));
}

/// A tag of an even size, since some programs do not step over a pad byte (sox 14.4 in AIFF).
fn even_tag(isrc: Isrc, padding: u64) -> Vec<u8> {
    let tag = id3v2::new_tag(isrc, padding);
    match tag.len() % 2 {
        0 => tag,
        _ => id3v2::new_tag(isrc, padding + 1),
    }
}

/// Gives a chunk the name that other programs expect.
struct Renamed {
    at: u64,
    id: [u8; 4],
}

impl Follow for Renamed {
    fn follow(&self, _: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError> {
        edit::insert(edits, Edit::lone(self.at, self.id));
        Ok(())
    }
}

/// Refuses to move audio that other chunks point into.
struct Fixed {
    /// Where it starts.
    audio: u64,
    reason: &'static str,
}

impl Follow for Fixed {
    fn follow(&self, _: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError> {
        let in_front = edits.iter().filter(|edit| edit.at.start < self.audio);
        match in_front.map(Edit::growth).sum::<i64>() {
            0 => Ok(()),
            _ => refuse(self.reason),
        }
    }
}
