//! What an edit of tags drags along: checksums, the positions in the SeekHead, and the tags themselves, which go where
//! no cluster moves.

use std::ops::Range;

use crc::{CRC_32_ISO_HDLC, Crc};

use super::ebml::{self, Element, Read};
use super::edit::NEW_PADDING;
use super::walk::{Seek, Structure, id};
use crate::format::edit::Edit;
use crate::format::tree::{Follow, NodeId, Size};
use crate::format::{Refusal, SpliceError};
use crate::source::Source;

static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// Tags and what stands beside a SeekHead are held in memory; real ones are far smaller.
const MOST_BYTES: u64 = 4 << 20;

/// A CRC-32 element: ID, size, and four bytes, the least first (RFC 8794, section 11.3.1).
const CRC_ELEMENT: u64 = 6;

/// A `Tags` element, and the boxes that it and what is in it are.
pub(super) struct List {
    pub element: Element,
    pub nodes: Range<NodeId>,
}

pub(super) struct Positions<'t> {
    pub structure: &'t Structure,
    pub lists: Vec<List>,
}

/// Where the tags go that stood elsewhere.
struct Moved {
    /// Where each stood.
    from: Vec<u64>,
    /// Where they are put, in offsets of the new file, with the length of each.
    to: Vec<u64>,
}

impl Follow for Positions<'_> {
    fn follow(&self, source: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError> {
        let tail = self.structure.tail().start;
        let first = self.structure.first_cluster.unwrap_or(tail);
        let stays = shift(edits, first) == 0 && shift(edits, tail) == 0;
        let grows = edits.iter().map(Edit::growth).sum::<i64>() != 0;
        if !stays && self.structure.segment.is_open {
            const OPEN: &str = "its segment does not state its size, as in a live recording, and its tags have no room";
            return Err(Refusal::new(OPEN).into());
        }
        let mut moved = Moved {
            from: Vec::new(),
            to: Vec::new(),
        };
        if (!stays || grows) && self.lists.iter().any(|list| edits.iter().any(|edit| list.holds(edit))) {
            moved = self.move_tags(source, edits, stays)?;
        }
        for list in self
            .lists
            .iter()
            .filter(|list| !moved.from.contains(&list.element.start))
        {
            if edits.iter().any(|edit| list.holds(edit)) {
                let new = list.edited(source, edits)?;
                if let Some((at, sum)) = self.checksum(source, &list.element, &new)? {
                    edits.push(Edit::lone(at, sum));
                }
            }
        }
        edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
        self.seek_heads(source, edits, &moved)?;
        edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
        Ok(())
    }
}

impl List {
    /// Whether an edit is one of this list. What is put right behind it is not.
    fn holds(&self, edit: &Edit) -> bool {
        match edit.inside {
            Some(node) => self.nodes.contains(&node),
            None => edit.at.start >= self.element.start && edit.at.end <= self.element.end(),
        }
    }

    /// The new bytes of the list.
    fn edited(&self, source: &Source, edits: &[Edit]) -> Result<Vec<u8>, SpliceError> {
        applied(
            source,
            edits.iter().filter(|edit| self.holds(edit)),
            self.element.start..self.element.end(),
        )
    }
}

/// The bytes of a range with these edits, which are in order.
fn applied<'e>(
    source: &Source,
    edits: impl Iterator<Item = &'e Edit>,
    range: Range<u64>,
) -> Result<Vec<u8>, SpliceError> {
    let old = source.copy(range.start, range.end - range.start, MOST_BYTES)?;
    let mut new = Vec::with_capacity(old.len());
    let mut done = 0;
    for edit in edits {
        let from = (edit.at.start - range.start) as usize;
        new.extend_from_slice(old.get(done..from).unwrap_or_default());
        new.extend_from_slice(&edit.bytes);
        done = (edit.at.end - range.start) as usize;
    }
    new.extend_from_slice(&old[done..]);
    Ok(new)
}

/// By how much what stands at `at` moves.
fn shift(edits: &[Edit], at: u64) -> i64 {
    let is_before = |edit: &&Edit| edit.at.start < at || (edit.at.start == at && edit.at.is_empty());
    edits.iter().filter(is_before).map(Edit::growth).sum()
}

impl Positions<'_> {
    /// Takes the tags that change out of their place, and puts them into a Void in front of the clusters, or else at the
    /// end of the Segment. What grows there anyway stays.
    fn move_tags(&self, source: &mut Source, edits: &mut Vec<Edit>, stays: bool) -> Result<Moved, SpliceError> {
        let mut bytes = Vec::new();
        let (mut from, mut lengths) = (Vec::new(), Vec::new());
        for list in self
            .lists
            .iter()
            .filter(|list| edits.iter().any(|edit| list.holds(edit)))
        {
            let mut new = list.edited(source, edits)?;
            if let Some((at, sum)) = self.checksum(source, &list.element, &new)? {
                let at = (at - list.element.start) as usize;
                new[at..at + sum.len()].copy_from_slice(&sum);
            }
            from.push(list.element.start);
            lengths.push(new.len() as u64);
            bytes.extend(new);
        }
        let front = self.structure.in_front();
        let fits = |void: &&Element| {
            let room = (void.end() - void.start).checked_sub(bytes.len() as u64);
            void.id == id::VOID && front.contains(&void.start) && room.is_some_and(|room| room == 0 || room >= 2)
        };
        // The last one is not the one that stands beside the SeekHead.
        let void = self.structure.top.iter().rfind(fits);
        let (start, mut put) = match void {
            Some(void) => {
                let room = void.end() - void.start - bytes.len() as u64;
                edits.clear();
                let rest = if room > 0 { ebml::void(room) } else { Vec::new() };
                let start = void.start + room;
                (start, vec![Edit::over(void.start..void.end(), [rest, bytes].concat())])
            }
            None if stays => {
                return Ok(Moved {
                    from: Vec::new(),
                    to: Vec::new(),
                });
            }
            None => {
                edits.clear();
                let end = self.structure.segment.end();
                bytes.extend(ebml::void(NEW_PADDING + 9));
                let growth = bytes.len() as u64;
                let segment = &self.structure.segment;
                let size = segment.body.end - segment.body.start + growth;
                let size = Size::Vint(segment.width).write(size);
                let size = size.ok_or(Refusal::new("its segment would outgrow its size"))?;
                (
                    end,
                    vec![Edit::lone(segment.size_at(), size), Edit::over(end..end, bytes)],
                )
            }
        };
        for list in self.lists.iter().filter(|list| from.contains(&list.element.start)) {
            let range = list.element.start..list.element.end();
            put.push(Edit::over(range.clone(), ebml::void(range.end - range.start)));
        }
        edits.extend(put);
        edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
        let to = lengths
            .iter()
            .scan(start, |at, length| Some(std::mem::replace(at, *at + length)));
        Ok(Moved { from, to: to.collect() })
    }

    /// Where the checksum of an element stands, which is its first child if it has one, and what it is for its `new`
    /// bytes. One that is wrong now was not made for what stands there.
    fn checksum(&self, source: &Source, element: &Element, new: &[u8]) -> Result<Option<(u64, [u8; 4])>, SpliceError> {
        let body = element.body.clone();
        if body.end - body.start < CRC_ELEMENT {
            return Ok(None);
        }
        let old = source.copy(body.start, body.end - body.start, MOST_BYTES)?;
        let [0xBF, 0x84, stated @ ..] = &old[..] else {
            return Ok(None);
        };
        let (stated, old) = stated.split_at(4);
        if CRC.checksum(old).to_le_bytes() != stated {
            return Err(Refusal::new("a checksum in it is wrong").into());
        }
        let header = (body.start - element.start + CRC_ELEMENT) as usize;
        Ok(Some((body.start + 2, CRC.checksum(&new[header..]).to_le_bytes())))
    }

    /// Corrects the positions of what moved, and adds one for tags that had none.
    fn seek_heads(&self, source: &mut Source, edits: &mut Vec<Edit>, moved: &Moved) -> Result<(), SpliceError> {
        let start = self.structure.segment.body.start;
        let new_position = |position: u64| {
            let at = start + position;
            let is_moved = moved.from.iter().position(|from| *from == at);
            let new = match is_moved {
                Some(index) => moved.to[index],
                None => at.saturating_add_signed(shift(edits, at)),
            };
            new - start
        };
        let seeks = self.structure.seeks.iter();
        let changed: Vec<(&Seek, u64)> = seeks
            .filter(|seek| seek.position <= self.structure.segment.end() - start)
            .map(|seek| (seek, new_position(seek.position)))
            .filter(|(seek, position)| seek.position != *position)
            .collect();
        // What is behind the clusters is found by nothing else.
        let made = edits
            .iter()
            .find(|edit| edit.at.is_empty() && edit.more > 0 && edit.bytes.starts_with(b"\x12\x54\xC3\x67"));
        let mut unlisted: Vec<u64> = made
            .map(|edit| edit.at.start.saturating_add_signed(before(edits, edit)))
            .into_iter()
            .collect();
        let is_listed = |from: &u64| self.structure.seeks.iter().any(|seek| start + seek.position == *from);
        unlisted.extend(
            moved
                .from
                .iter()
                .zip(&moved.to)
                .filter(|(from, _)| !is_listed(from))
                .map(|(_, to)| *to),
        );
        let heads: Vec<&Element> = self
            .structure
            .top
            .iter()
            .filter(|element| element.id == id::SEEK_HEAD)
            .collect();
        for (index, head) in heads.iter().enumerate() {
            let mine = changed
                .iter()
                .filter(|(seek, _)| head.body.contains(&seek.element.start));
            let mine: Vec<(&Seek, u64)> = mine.copied().collect();
            let added: Vec<u64> = if index == 0 {
                unlisted.iter().map(|at| at - start).collect()
            } else {
                Vec::new()
            };
            if mine.is_empty() && added.is_empty() {
                continue;
            }
            self.seek_head(source, edits, head, &mine, &added)?;
        }
        let is_behind = |at: &u64| self.structure.first_cluster.is_some_and(|first| *at > first);
        if heads.is_empty() && unlisted.iter().any(is_behind) {
            return Err(
                Refusal::new("it has no SeekHead to say where its tags are, and no room for them in front").into(),
            );
        }
        Ok(())
    }

    fn seek_head(
        &self,
        source: &mut Source,
        edits: &mut Vec<Edit>,
        head: &Element,
        changed: &[(&Seek, u64)],
        added: &[u64],
    ) -> Result<(), SpliceError> {
        let position_of = |seek: &Element| changed.iter().find(|(one, _)| one.element.start == seek.start);
        // In the width of before, if they all fit.
        let same = changed.iter().map(|(seek, position)| {
            let width = (seek.value.body.end - seek.value.body.start) as usize;
            let bytes = ebml::unsigned_of_width(*position, width)?;
            Some(Edit::lone(seek.value.body.start, bytes))
        });
        if let (true, Some(mut same)) = (added.is_empty(), same.collect::<Option<Vec<Edit>>>()) {
            same.sort_by_key(|edit| edit.at.start);
            let new = applied(source, same.iter(), head.start..head.end())?;
            if let Some((at, sum)) = self.checksum(source, head, &new)? {
                same.push(Edit::lone(at, sum));
            }
            edits.extend(same);
            return Ok(());
        }
        // Else with a Void right behind it, which gives what is missing.
        const FULL: Refusal = Refusal::new("its SeekHead has no room for the position of its tags");
        let void = self
            .structure
            .top
            .iter()
            .find(|element| element.start == head.end() && element.id == id::VOID);
        let void = void.ok_or(FULL)?;
        let is_of_void = |edit: &Edit| {
            edit.at.start >= void.start
                && edit.at.end <= void.end()
                && !(edit.at.is_empty() && edit.at.start == void.end())
        };
        let region = head.start..void.end();
        let behind = applied(
            source,
            edits.iter().filter(|edit| is_of_void(edit)),
            void.start..void.end(),
        )?;
        let kept = void_length(&behind);
        let room = head.end() - head.start + kept as u64;
        for widened in [0, 1] {
            let mut children = Vec::new();
            let mut at = head.body.start;
            while at < head.end() {
                let Read::Element(child) = ebml::element(source, at, head.end())? else {
                    return Err(FULL.into());
                };
                match position_of(&child) {
                    Some((seek, position)) => children.extend(entry(seek.id, *position, widened)),
                    None => {
                        children.extend_from_slice(&source.copy(child.start, child.end() - child.start, MOST_BYTES)?)
                    }
                }
                at = child.end();
            }
            for position in added {
                children.extend(entry(id::TAGS, *position, widened));
            }
            let header = source.copy(head.start, head.body.start - head.start, MOST_BYTES)?;
            let id_width = header.len() - usize::from(head.width);
            let size = ebml::size_of_width(children.len() as u64, head.width).ok_or(FULL)?;
            let mut new = [&header[..id_width], &size[..], &children].concat();
            if let Some((at, sum)) = self.checksum(source, head, &new)? {
                let at = (at - head.start) as usize;
                new[at..at + 4].copy_from_slice(&sum);
            }
            match room.checked_sub(new.len() as u64) {
                None => return Err(FULL.into()),
                Some(1) => continue,
                Some(rest) => {
                    if rest > 0 {
                        new.extend(ebml::void(rest));
                    }
                    new.extend_from_slice(&behind[kept..]);
                    edits.retain(|edit| !is_of_void(edit));
                    edits.push(Edit::over(region, new));
                    return Ok(());
                }
            }
        }
        Err(FULL.into())
    }
}

/// The length of the Void at the start of some bytes; nothing where there is none.
fn void_length(bytes: &[u8]) -> usize {
    match bytes {
        [0xEC, rest @ ..] => ebml::size_in(rest).map_or(0, |(size, width)| 1 + usize::from(width) + size as usize),
        _ => 0,
    }
}

/// By how much an edit's own place moves.
fn before(edits: &[Edit], edit: &Edit) -> i64 {
    let earlier = edits.iter().take_while(|other| !std::ptr::eq(*other, edit));
    earlier.map(Edit::growth).sum()
}

/// An entry of a SeekHead, the position in as few bytes as can be and `widened` more.
fn entry(id: u32, position: u64, widened: usize) -> Vec<u8> {
    let fitting = (1..=8).find_map(|width| Some((width, ebml::unsigned_of_width(position, width)?)));
    let (_, mut bytes) = fitting.expect("eight bytes hold any position");
    bytes.splice(..0, std::iter::repeat_n(0, widened));
    let wanted = ebml::made(super::walk::id::SEEK_ID, &ebml::id_bytes(id));
    let position = ebml::made(super::walk::id::SEEK_POSITION, &bytes);
    ebml::made(super::walk::id::SEEK, &[wanted, position].concat())
}
