//! Where tags go that change: nothing else moves but what is between them and the room that they take, and no Cluster.

use std::ops::Range;

use super::ebml::{self, Element};
use super::walk::{Structure, id};
use crate::bytes::pieces::Patch;
use crate::bytes::source::Source;
use crate::format::edit::tree::{Domain, NEW_PADDING, NodeId, Slack, Tree};
use crate::format::edit::{self, Edit, Placed};
use crate::format::place::Change;
use crate::format::stream::identify::Front;
use crate::format::{Layout, Refusal, Splice, SpliceError};

/// Where tags go that are longer than before, or new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// They stay, and a Void among the elements around them gives the room.
    Stay,
    /// Into a Void in front of the clusters.
    Front,
    /// To the end of the Segment.
    End,
}

/// Tags that go elsewhere, together, or are gone.
#[derive(Default)]
struct Moved {
    /// Where each of them stood, and how far behind the first of them it is put.
    to: Vec<(u64, Option<u64>)>,
    bytes: Vec<u8>,
    at: u64,
}

const FULL: Refusal = Refusal::new("its SeekHead has no room for the position of its tags");

impl Layout for Structure {
    /// Of what can be done, the first that leaves the file as long as it is, or else the first.
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let audio = self.clusters();
        let (mut longer, mut refusal) = (None, FULL);
        for (hyphens, goal) in [
            (true, Goal::Stay),
            // A code that stood without hyphens stays so where there is no room for them.
            (false, Goal::Stay),
            (true, Goal::Front),
            (true, Goal::End),
        ] {
            let lists = self.changed(source, front, change, hyphens)?;
            match self.arranged(source, &lists, goal) {
                Ok(patches) if patches.iter().map(Patch::growth).sum::<i64>() == 0 => {
                    return Ok(Splice { patches, audio });
                }
                Ok(patches) => longer = longer.or(Some(patches)),
                Err(SpliceError::Refused(reason)) => refusal = reason,
                Err(error) => return Err(error),
            }
        }
        let patches = longer.ok_or(refusal)?;
        Ok(Splice { patches, audio })
    }

    /// Attachments, tags and chapters become elements that nobody knows, also where the SeekHead lists them.
    fn names_of_tags(&self) -> Vec<(u64, [u8; 4])> {
        const UNKNOWN: [u8; 4] = *b"\x1E\xDC\xBA\x98";
        let elements = self.top.iter().map(|element| (element.id, element.start));
        let names = elements.chain(self.seeks().map(|seek| (seek.id, seek.id_at)));
        let tags = names.filter(|(id, _)| matches!(*id, id::ATTACHMENTS | id::TAGS | id::CHAPTERS));
        tags.map(|(_, at)| (at, UNKNOWN)).collect()
    }
}

impl Structure {
    /// The lists of tags that `change` touches, in order, new ones last: where each stood, which is empty if it is new, and as
    /// it is afterwards, wherever it goes. Where no tag is left, nothing is.
    fn changed(
        &self,
        source: &mut Source,
        front: &Front,
        change: &Change,
        hyphens: bool,
    ) -> Result<Vec<Patch>, SpliceError> {
        let lists = |source: &mut Source| Ok(self.read_tags(source, hyphens)?.1);
        let mut patches = edit::splice(source, front, Vec::new(), self.notes.trouble, change, lists)?.patches;
        let mut changed = Vec::new();
        for list in self.all(id::TAGS) {
            let is_mine = |patch: &mut Patch| list.start < patch.at.start && patch.at.end <= list.end();
            let mine: Vec<Patch> = patches.extract_if(.., is_mine).collect();
            if mine.is_empty() {
                continue;
            }
            let (old, mut bytes) = (list.range(), ebml::patched(source, list, mine)?);
            if ebml::is_empty(&bytes[list.header() as usize..]) {
                bytes.clear();
            }
            changed.push(Patch { at: old, bytes });
        }
        changed.extend(patches);
        Ok(changed)
    }

    /// The new file with these lists. All positions follow from how long everything is, and the SeekHead is as long as its
    /// positions ask for: so it is made until it says what is so.
    fn arranged(&self, source: &Source, lists: &[Patch], goal: Goal) -> Result<Vec<Patch>, SpliceError> {
        let tree = self.frame();
        let (mut changes, mut moved) = (Vec::new(), Moved::default());
        for Patch { at: old, bytes } in lists {
            let stays = bytes.is_empty() || (!old.is_empty() && (goal == Goal::Stay || fits(old, bytes)));
            if !old.is_empty() {
                let bytes = match stays && !bytes.is_empty() {
                    true => bytes.clone(),
                    false => ebml::void(old.end - old.start),
                };
                changes.push((old.clone(), bytes, run(&tree, old.start)));
            }
            if bytes.is_empty() {
                moved.to.push((old.start, None));
            } else if !stays {
                moved.to.push((old.start, Some(moved.bytes.len() as u64)));
                moved.bytes.extend_from_slice(bytes);
            }
        }
        if !moved.bytes.is_empty() {
            moved.at = self.room(moved.bytes.len() as u64, goal).ok_or(FULL)?;
            changes.push((moved.at..moved.at, moved.bytes.clone(), run(&tree, moved.at)));
        }
        let mut heads = Vec::new();
        for _ in 0..4 {
            let edits = edit::arranged(&tree, [&heads[..], &changes].concat())?;
            if self.clusters().iter().any(|range| shift(&edits, range.start) != 0) {
                break;
            }
            let new = self.seek_heads(source, &tree, &edits, &moved)?;
            if new == heads {
                return edit::in_order(source, edits);
            }
            heads = new;
        }
        Err(FULL.into())
    }

    /// Every SeekHead that has to say something else, as all of its bytes.
    fn seek_heads(
        &self,
        source: &Source,
        tree: &Tree,
        edits: &[Edit],
        moved: &Moved,
    ) -> Result<Vec<Placed>, SpliceError> {
        let put = edits.iter().filter(|edit| edit.at.start < moved.at).map(Edit::growth);
        let put = moved.at.saturating_add_signed(put.sum());
        // Where what stood at an offset goes; nowhere, if it is gone.
        let to = |at: u64| match moved.to.iter().find(|(from, _)| *from == at) {
            Some((_, offset)) => offset.map(|offset| put + offset),
            None => Some(at.saturating_add_signed(shift(edits, at))),
        };
        let start = self.segment.body.start;
        // What is in front of the clusters is found without.
        let is_behind = self.first_cluster.is_some_and(|first| moved.at > first);
        let is_unlisted = |from: &u64| is_behind && self.seeks().all(|seek| seek.at != *from);
        let unlisted = moved.to.iter().map(|(from, _)| *from).filter(is_unlisted);
        let entries = unlisted.filter_map(to).flat_map(|at| new_entry(id::TAGS, at - start));
        let mut added: Vec<u8> = entries.collect();
        let mut heads = Vec::new();
        for head in self.all(id::SEEK_HEAD) {
            let mut own = Tree::default();
            let node = head.declare(&mut own, None);
            own.nodes[node].too_large = "its SeekHead would outgrow its size";
            let mut changes = Vec::new();
            for entry in &head.inside {
                let Some(seek) = self.seek(entry).filter(|seek| seek.at < self.segment.end()) else {
                    continue;
                };
                let (at, bytes) = match to(seek.at) {
                    Some(at) if at == seek.at => continue,
                    None => (entry.range(), ebml::void(entry.end() - entry.start)),
                    Some(at) => match ebml::unsigned(at - start, seek.position.len() as usize) {
                        Some(position) => (seek.position.body.clone(), position),
                        None => (entry.range(), new_entry(seek.id, at - start)),
                    },
                };
                changes.push((at, bytes, node));
            }
            if !added.is_empty() {
                changes.push((head.end()..head.end(), std::mem::take(&mut added), node));
            }
            if !changes.is_empty() {
                let patches = edit::arranged(&own, changes)?.into_iter().map(Edit::into_patch);
                let new = ebml::patched(source, head, patches.collect())?;
                heads.push((head.range(), new, run(tree, head.start)));
            }
        }
        const NOWHERE: Refusal =
            Refusal::new("it has no SeekHead to say where its tags are, and no room for them in front");
        if added.is_empty() {
            Ok(heads)
        } else {
            Err(NOWHERE.into())
        }
    }

    /// Where so many bytes of tags are put.
    fn room(&self, len: u64, goal: Goal) -> Option<u64> {
        let is_room = |void: &&Element| {
            let has_room = len <= void.len() || len == void.end() - void.start;
            has_room && self.first_cluster.is_some_and(|first| void.start < first)
        };
        match goal {
            Goal::Stay => None,
            // The last one is not the one that is beside the SeekHead.
            Goal::Front => Some(self.all(id::VOID).filter(is_room).last()?.end()),
            Goal::End => Some(self.segment.end()),
        }
    }

    /// The Segment as a tree: runs of elements between which no cluster is, and the Voids in them.
    fn frame(&self) -> Tree<'static> {
        let mut tree = Tree::default();
        let segment = self.segment.declare(&mut tree, None);
        tree.nodes[segment].too_large = match self.segment.is_open {
            true => "its segment does not state its size, as in a live recording, and its tags have no room",
            false => "its segment would outgrow its size",
        };
        for run in self.runs() {
            let node = tree.node(run.clone(), Some(segment));
            let padding = if run.end == self.segment.end() { NEW_PADDING } else { 0 };
            let voids = self.all(id::VOID).filter(|void| run.contains(&void.start));
            let slacks = voids.map(|void| Slack {
                largest: void.size().most(),
                grows: padding > 0,
                ..Slack::new(void.declare(&mut tree, Some(node)), void.range(), void.header())
            });
            let domain = Domain::new(node, slacks.collect(), padding);
            tree.domains.push(domain.with_fresh(2, |len| ebml::void(len + 2)));
        }
        tree
    }

    /// Where elements are between which no cluster is; the last run is at the end of the Segment, if only as a place for
    /// more.
    fn runs(&self) -> Vec<Range<u64>> {
        let mut runs: Vec<Range<u64>> = Vec::new();
        let end = self.segment.end();
        for range in self.top.iter().map(Element::range).chain(std::iter::once(end..end)) {
            match runs.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => runs.push(range),
            }
        }
        runs
    }

    /// What is between the runs: clusters, and what is not known among them.
    fn clusters(&self) -> Vec<Range<u64>> {
        let mut at = self.segment.body.start;
        let mut clusters = Vec::new();
        for run in self.runs() {
            clusters.push(at..run.start);
            at = at.max(run.end);
        }
        clusters.retain(|range| !range.is_empty());
        clusters
    }
}

/// The run in which something is, or at its end.
fn run(tree: &Tree, at: u64) -> NodeId {
    let mut runs = tree.domains.iter().map(|domain| domain.node);
    let run = runs.find(|run| (tree.nodes[*run].range.start..=tree.nodes[*run].range.end).contains(&at));
    run.expect("every element but clusters is in a run")
}

/// Whether tags can stay where they stood: what is left over is a Void.
fn fits(old: &Range<u64>, bytes: &[u8]) -> bool {
    let left = (old.end - old.start).checked_sub(bytes.len() as u64);
    left.is_some_and(|left| left != 1)
}

/// An entry with a position in as few bytes as can be.
fn new_entry(id: u32, position: u64) -> Vec<u8> {
    let fitting = (1..=8).find_map(|width| ebml::unsigned(position, width));
    let wanted = ebml::made(id::SEEK_ID, &ebml::id_bytes(id));
    let position = ebml::made(id::SEEK_POSITION, &fitting.expect("eight bytes hold any position"));
    ebml::made(id::SEEK, &[wanted, position].concat())
}

/// By how much what is at `at` moves.
fn shift(edits: &[Edit], at: u64) -> i64 {
    let is_before = |edit: &&Edit| edit.at.start < at || (edit.at.start == at && edit.at.is_empty());
    edits.iter().filter(is_before).map(Edit::growth).sum()
}
