//! What of a tag can be edited: frames, the sizes around them, padding, checksums.

use std::ops::Range;

use super::frame;
use super::frames::Next;
use super::header;
use super::reading::{Reading, body, kind};
use super::unsync::Cursor;
use super::{Item, Tag, compression, new_frame};
use crate::bytes::pieces::{Patch, Pieces, PiecesView};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{
    self, Domain, Encode, Follow, NEW_PADDING, New, NodeId, Seat, Size, Slack, States, Text, Tree,
};
use crate::format::edit::{self, Edit, OTHER_STATE};
use crate::format::place::Action;
use crate::format::{Refusal, SpliceError, refuse};

/// Padding beyond this is not counted: no edit of codes takes more.
const MOST_PADDING: u64 = 4 * 1024;

impl Tag {
    /// Declares the tag and its frames of codes, and, if it `takes` new codes, where they go.
    pub(in super::super) fn declare<'t>(
        &'t self,
        source: &mut Source,
        tree: &mut Tree<'t>,
        inside: Option<NodeId>,
        takes: bool,
    ) -> Result<(), ReadError> {
        let header = &self.header;
        let node = tree.node(self.range.clone(), inside);
        tree.nodes[node].is_tag = true;
        tree.nodes[node].too_large = "an ID3v2 tag would grow beyond 256 MB";
        let stated = length(&(self.range.start + header::LENGTH..header.body.end));
        let without = length(&self.range) - stated;
        let footer = header.footer.then_some(header.body.end);
        for at in [Some(self.range.start), footer].into_iter().flatten() {
            tree.field(node, at + 6, Size::Synchsafe, States::Length { without });
        }
        let odd = match header.odd {
            None if !is_plain_size_sure(self, source)? => Some(header::NOT_SYNCHSAFE),
            odd => odd,
        };
        for item in &self.items {
            self.declare_item(item, tree, node, odd, takes);
        }
        if takes {
            let make = |isrc, _| new_frame(header.version, header.frames_unsynchronised(), isrc);
            tree.new = Some(New {
                refusal: odd,
                ..New::item(self.frames.start, Some(node), make)
            });
        }
        tree.domains.extend(padding(self, source, node)?);
        tree.follows.push(Box::new(Heading {
            tag: self,
            nodes: node..tree.nodes.len(),
        }));
        Ok(())
    }

    fn declare_item<'t>(
        &'t self,
        item: &'t Item,
        tree: &mut Tree<'t>,
        tag: NodeId,
        odd: Option<&'static str>,
        takes: bool,
    ) {
        let range = item.frame.range.clone();
        let node = tree.node(range.clone(), Some(tag));
        // In front: some programs stop at an empty frame or one with a name of iTunes' (TagLib). Its place is not that of
        // one that goes.
        let seat = match takes && item.standard {
            true => Seat::Cleared,
            false => Seat::Apart,
        };
        let values = &self.values[item.values.clone()];
        let codes = values.iter().map(|(span, _)| span.clone()).collect();
        let text = Text::Own(Box::new(FrameText { tag: self, item }));
        tree.items.push(tree::Item {
            refusal: odd.or_else(|| item_refusal(self, item)),
            ..tree::Item::of(node, seat, tree::Value::new(node, range, codes, text))
        });
    }
}

/// A size that is not synchsafe is put right only where the tag shows that it is meant so: nothing but padding is
/// between its frames and its end. Any other would make players skip audio.
fn is_plain_size_sure(tag: &Tag, source: &Source) -> Result<bool, ReadError> {
    let rest = tag.frames.end..tag.header.body.end;
    let is_plain = tag.header.hidden == Some(header::NOT_SYNCHSAFE);
    Ok(!is_plain || source.leading_zeros(rest.clone(), u64::MAX)? == length(&rest))
}

fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

fn item_refusal(tag: &Tag, item: &Item) -> Option<&'static str> {
    if item.frame.is_read_only(&tag.header) {
        return Some("a code's ID3v2 frame is marked read-only");
    }
    let grouped = item.frame.format(&tag.header).is_some_and(|format| format.grouped);
    (grouped && tag.signed).then_some("a code's ID3v2 frame is covered by a signature")
}

/// The text of a code's frame, which is written with the frame around it.
struct FrameText<'t> {
    tag: &'t Tag,
    item: &'t Item,
}

impl Encode for FrameText<'_> {
    fn encode(&self, source: &mut Source, _: &tree::Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        let new = edited_item(self.tag, source, self.item, actions)?;
        // Also where the frame stays as it is, the edit puts right what hides it in the tag.
        Ok(vec![Patch::new(self.item.frame.range.clone(), new)])
    }
}

/// The bytes of the whole frame.
fn edited_item(tag: &Tag, source: &mut Source, item: &Item, actions: &[Action]) -> Result<Vec<u8>, SpliceError> {
    let header = &tag.header;
    let format = item.format;
    let Reading { stored, found, .. } = tag
        .reading(source, &item.frame, item.frame.format(header), kind(&item.name))?
        .map_err(Refusal::new)?;
    let text = body(&stored, header, format).ok_or(OTHER_STATE)?;
    let before = frame::header_length(header.version) + format.extra;
    if found.values.len() != actions.len() {
        return Err(OTHER_STATE.into());
    }
    let new_text = found.rewritten(actions).ok_or(Refusal::new(
        "a code's ID3v2 frame holds other text that cannot be read",
    ))?;
    let mut raw_edits = Vec::new();
    if item.frame.format(header) != Some(format) {
        // Flags that are not true go; those of the tag as a whole stay.
        let flags = if format.unsynchronised { 2 } else { 0 };
        raw_edits.push((9..10, vec![flags]));
    }
    // In 2.4 the size of the frame follows from the unsynchronised body; the two fields in front of it are set below.
    if let Some(at) = format.length_at {
        let at = frame::header_length(header.version) + at;
        let size = if header.version == 3 {
            Size::Be32
        } else {
            Size::Synchsafe
        };
        let length = |text: &[u8]| size.write(text.len() as u64).ok_or(OTHER_STATE);
        let (old, new) = (length(&text)?, length(&new_text)?);
        if stored.plain[at..at + 4] != old[..] {
            return refuse("a code's ID3v2 frame has a wrong data length");
        }
        if new != old {
            raw_edits.push((at..at + 4, new));
        }
    }
    let new_body = match format.compressed {
        true => compression::deflate(&new_text).ok_or(Refusal::new("a code's ID3v2 frame cannot be compressed"))?,
        false => new_text,
    };
    raw_edits.push((before..stored.plain.len(), new_body));
    let header_length = frame::header_length(header.version);
    let size = match header.version {
        // As meant, without the unsynchronisation of the whole tag.
        2 | 3 => {
            raw_edits.iter().fold(stored.plain.len(), |length, (range, bytes)| {
                length - range.len() + bytes.len()
            }) - header_length
        }
        _ => stored.edited(&raw_edits).len() - header_length,
    };
    let (at, field) = item
        .frame
        .size_field(header.version, size)
        .ok_or(Refusal::new("a code's ID3v2 frame would grow too large"))?;
    if stored.plain[at.clone()] != field[..] {
        raw_edits.insert(0, (at, field));
    }
    Ok(stored.edited(&raw_edits))
}

/// The padding behind the frames, as slack. Nothing may be put between the frames and what is not understood, and a footer
/// allows no padding.
fn padding(tag: &Tag, source: &Source, node: NodeId) -> Result<Option<Domain>, ReadError> {
    let rest = tag.frames.end..tag.header.body.end;
    let footer = tag.header.footer;
    if tag.rest != Next::Padding || (footer && rest.is_empty()) {
        return Ok(None);
    }
    let zeros = source.leading_zeros(rest.clone(), MOST_PADDING)?;
    // Where something else follows the zeros, enough of them stay to end the frames for every reader.
    let len = match zeros == length(&rest) {
        true => zeros,
        false => zeros.saturating_sub(header::LENGTH),
    };
    let padding = if footer { 0 } else { NEW_PADDING };
    let slack = Slack {
        grows: !footer,
        ..Slack::new(node, rest.start..rest.start + len, 0)
    };
    let domain = Domain::new(node, vec![slack], padding.saturating_sub(zeros - len));
    Ok(Some(domain))
}

/// What an edit of frames drags along in the header: flags, and in the extended header the padding size and the CRC.
struct Heading<'t> {
    tag: &'t Tag,
    /// Those of the tag.
    nodes: Range<NodeId>,
}

impl Follow for Heading<'_> {
    fn follow(&self, source: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError> {
        let tag = self.tag;
        let is_own = |edit: &&Edit| edit.inside.is_some_and(|node| self.nodes.contains(&node));
        let own: Vec<&Edit> = edits.iter().filter(is_own).collect();
        if own.is_empty() {
            return Ok(());
        }
        self.check_limits(&own)?;
        let extended = new_extended(tag, source, &own)?;
        if let Some(patch) = extended {
            edit::insert(edits, Edit::of(patch));
        }
        if tag.header.lacks_extended {
            let flags = tag.header.flags & !header::EXTENDED;
            edit::insert(edits, Edit::lone(tag.range.start + 5, [flags]));
        }
        Ok(())
    }
}

impl Heading<'_> {
    /// The restrictions that a tag may declare (ID3v2.4 structure, section 3.2).
    fn check_limits(&self, edits: &[&Edit]) -> Result<(), Refusal> {
        let tag = self.tag;
        let Some(limits) = tag.header.extended.as_ref().and_then(|extended| extended.limits) else {
            return Ok(());
        };
        let added = edits.iter().filter(|edit| edit.more > 0).count() as u32;
        let growth: i64 = edits.iter().map(|edit| edit.growth()).sum();
        let grows = added > 0 || growth > 0;
        if grows
            && (tag.frame_count + added > limits.frames
                || length(&tag.range).saturating_add_signed(growth) > limits.bytes)
        {
            return refuse("an ID3v2 tag would grow beyond the restrictions that it declares");
        }
        Ok(())
    }
}

/// The extended header's padding size and CRC, if it has them.
fn new_extended(tag: &Tag, source: &mut Source, edits: &[&Edit]) -> Result<Option<Patch>, SpliceError> {
    let header = &tag.header;
    let Some(extended) = &header.extended else {
        return Ok(None);
    };
    let is_padding = |edit: &Edit| edit.more == 0 && edit.at.start >= tag.frames.end;
    let stored = extended.load(source, header.unsynchronised())?;
    let mut changes = Vec::new();
    if let Some(at) = extended.padding_size {
        let field: [u8; 4] = stored.plain[at..at + 4].try_into().expect("the range has four bytes");
        let padding = header.body.end - tag.frames.end;
        // A size that was wrong before says nothing that could be kept right.
        if tag.rest == Next::Padding && u64::from(u32::from_be_bytes(field)) == padding {
            let growth: i64 = edits
                .iter()
                .filter(|edit| is_padding(edit))
                .map(|edit| edit.growth())
                .sum();
            let new = padding.saturating_add_signed(growth) as u32;
            changes.push((at..at + 4, new.to_be_bytes().to_vec()));
        }
    }
    if let Some(at) = extended.crc {
        // 2.3: the frames before unsynchronisation, without the padding. 2.4: all between extended header and footer.
        let with_padding = header.version == 4;
        let range = tag.frames.start..if with_padding { header.body.end } else { tag.frames.end };
        let counted = |edit: &&&Edit| with_padding || !is_padding(edit);
        let patches = edits
            .iter()
            .filter(counted)
            .map(|edit| Patch::new(edit.at.clone(), &*edit.bytes));
        let patches: Vec<Patch> = patches.collect();
        let end = range.end.saturating_add_signed(patches.iter().map(Patch::growth).sum());
        let pieces = &Pieces::from_patches(source.len(), &patches).map_err(|_| OTHER_STATE)?;
        let old = checksum(source, range.clone(), header.unsynchronised())?;
        let view = PiecesView { old: &*source, pieces };
        let new = checksum(&mut Source::new(&view), range.start..end, header.unsynchronised())?;
        let (old, new) = match header.version {
            3 => (old.to_be_bytes().to_vec(), new.to_be_bytes().to_vec()),
            _ => (seven_bits(old).to_vec(), seven_bits(new).to_vec()),
        };
        if stored.plain[at..at + old.len()] != old[..] {
            return refuse("the checksum of an ID3v2 tag is wrong");
        }
        changes.push((at..at + new.len(), new));
    }
    let new = stored.edited(&changes);
    if new.len() != stored.raw.len() {
        return refuse("an unsynchronised extended header would change its length");
    }
    Ok(Some(Patch::new(extended.range.clone(), new)))
}

/// 35 bits in five bytes.
fn seven_bits(value: u32) -> [u8; 5] {
    [28, 21, 14, 7, 0].map(|shift| (value >> shift & 0x7F) as u8)
}

/// The CRC-32 of what `range` means.
fn checksum(source: &mut Source, range: Range<u64>, unsynchronised: bool) -> Result<u32, ReadError> {
    let mut digest = crc32fast::Hasher::new();
    let mut cursor = Cursor {
        at: range.start,
        end: range.end,
        unsynchronised,
    };
    cursor.each(source, u64::MAX, |bytes| {
        digest.update(bytes);
        true
    })?;
    Ok(digest.finalize())
}
