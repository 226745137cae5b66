//! The pieces that make a tag carry other codes: frames, the sizes around them, padding, checksums.

use std::ops::Range;

use super::frame::{self, Next};
use super::header;
use super::{Item, NEW_PADDING, Reading, Tag, TagSplice, body, kind, new_frame};
use crate::format::patches::{push, trimmed};
use crate::format::place::Action;
use crate::format::{Refusal, SpliceError};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::{ReadError, Source};

const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

const OTHER_STATE: Refusal = Refusal::new("the change was made for another state of the file");

/// Copies and checksums go through a buffer of this size.
const BUFFER: usize = 16 * 1024;

pub(super) fn splice(
    tag: &Tag,
    source: &mut Source,
    actions: &[Action],
    create: Option<Isrc>,
) -> Result<TagSplice, SpliceError> {
    if actions.len() != tag.values.len() {
        return Err(OTHER_STATE.into());
    }
    if create.is_none() && actions.iter().all(|action| *action == Action::Keep) {
        return Ok(TagSplice {
            patches: Vec::new(),
            growth: 0,
        });
    }
    if let Some(reason) = tag.odd {
        return Err(Refusal::new(reason).into());
    }
    check_plain_size(tag, source)?;
    let frames = edited_frames(tag, source, actions, create)?;
    let difference = growth(&frames);
    let rest = new_rest(tag, source, difference)?;
    let total = difference + rest.growth;
    if let Some(limits) = tag.header.extended.as_ref().and_then(|extended| extended.limits) {
        let old_length = length(&tag.range);
        let grows = frames.added > 0 || total > 0;
        if grows
            && (tag.frame_count + frames.added > limits.frames
                || old_length.saturating_add_signed(total) > limits.bytes)
        {
            return Err(Refusal::new("an ID3v2 tag would grow beyond the restrictions that it declares").into());
        }
    }

    let extended = new_extended(tag, source, &frames, &rest)?;
    let old_size = length(&(tag.range.start + header::LENGTH..tag.header.body.end));
    let size = old_size
        .checked_add_signed(total)
        .filter(|&size| size <= header::LARGEST);
    let Some(size) = size else {
        return Err(Refusal::new("an ID3v2 tag would grow beyond 256 MB").into());
    };
    let size = header::to_synchsafe(size as u32);
    let mut patches = Vec::new();
    if tag.header.lacks_extended {
        let at = tag.range.start + 5;
        push(
            &mut patches,
            Patch::new(at..at + 1, [tag.header.flags & !header::EXTENDED]),
        );
    }
    push(&mut patches, replaced_size(source, tag.range.start + 6, size)?);
    push(&mut patches, extended);
    for patch in frames.patches {
        push(&mut patches, patch);
    }
    push(&mut patches, rest.patch);
    if tag.header.footer {
        push(&mut patches, replaced_size(source, tag.header.body.end + 6, size)?);
    }
    Ok(TagSplice { patches, growth: total })
}

/// A size that is not synchsafe is put right only where the tag shows that it is meant so: nothing but padding stands
/// between its frames and its end. Any other would make players skip audio.
fn check_plain_size(tag: &Tag, source: &Source) -> Result<(), SpliceError> {
    let rest = tag.frames.end..tag.header.body.end;
    let is_plain = tag.header.hidden == Some(header::NOT_SYNCHSAFE);
    if is_plain && leading_zeros(source, rest.clone(), u64::MAX)? != length(&rest) {
        return Err(Refusal::new(header::NOT_SYNCHSAFE).into());
    }
    Ok(())
}

fn replaced_size(source: &mut Source, at: u64, size: [u8; 4]) -> Result<Option<Patch>, ReadError> {
    let old: [u8; 4] = source.array(at)?;
    Ok(trimmed(at, &old, &size))
}

fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

/// Patches of frames, sorted, and by how many frames there are more.
struct Frames {
    patches: Vec<Patch>,
    added: u32,
}

fn growth(frames: &Frames) -> i64 {
    frames
        .patches
        .iter()
        .map(|patch| patch.bytes.len() as i64 - length(&patch.at) as i64)
        .sum()
}

fn edited_frames(
    tag: &Tag,
    source: &mut Source,
    actions: &[Action],
    create: Option<Isrc>,
) -> Result<Frames, SpliceError> {
    let mut patches = Vec::new();
    let mut added = 0;
    if let Some(isrc) = create {
        // In front: some programs stop at an empty frame or one with a name of iTunes' (TagLib).
        let frame = new_frame(tag.header.version, tag.header.frames_stuffed(), isrc);
        patches.push(Patch::new(tag.frames.start..tag.frames.start, frame));
        added = 1;
    }
    for item in &tag.items {
        let actions = &actions[item.values.clone()];
        // The new frame takes the place of one that is empty.
        let is_replaced = create.is_some() && item.standard && actions.is_empty();
        if !is_replaced && actions.iter().all(|action| *action == Action::Keep) {
            continue;
        }
        check_item(tag, item)?;
        if actions.iter().all(|action| *action == Action::Drop) {
            push(&mut patches, Patch::new(item.frame.range.clone(), Vec::new()));
        } else if let Some(patch) = edited_item(tag, source, item, actions)? {
            push(&mut patches, patch);
        }
    }
    Ok(Frames { patches, added })
}

fn check_item(tag: &Tag, item: &Item) -> Result<(), Refusal> {
    if item.frame.is_read_only(&tag.header) {
        return Err(Refusal::new("a code's ID3v2 frame is marked read-only"));
    }
    let grouped = item.frame.format(&tag.header).is_some_and(|format| format.grouped);
    if grouped && tag.signed {
        return Err(Refusal::new("a code's ID3v2 frame is covered by a signature"));
    }
    Ok(())
}

fn edited_item(tag: &Tag, source: &mut Source, item: &Item, actions: &[Action]) -> Result<Option<Patch>, SpliceError> {
    let header = &tag.header;
    let format = item.format;
    let Reading { stored, found, .. } = tag
        .reading(source, &item.frame, item.frame.format(header), kind(&item.name))?
        .map_err(Refusal::new)?;
    let text = body(&stored, header, format).ok_or(OTHER_STATE)?;
    let before = frame::header_length(header.version) + format.extra;
    if found.count() != actions.len() {
        return Err(OTHER_STATE.into());
    }
    let new_text = found.rewritten(actions).ok_or(Refusal::new(
        "a code's ID3v2 frame holds other text that cannot be read",
    ))?;
    let mut raw_edits = Vec::new();
    if item.frame.format(header) != Some(format) {
        // Flags that are not true go; those of the tag as a whole stay.
        let flags = if format.stuffed { 2 } else { 0 };
        raw_edits.push((9..10, vec![flags]));
    }
    // In 2.4 the size of the frame follows from the stuffed body; the two fields in front of it are set below.
    if let Some(at) = format.length_at {
        let at = frame::header_length(header.version) + at;
        let field: [u8; 4] = stored.plain[at..at + 4].try_into().expect("the range has four bytes");
        let (old, new) = match header.version {
            3 => (Some(u32::from_be_bytes(field)), (new_text.len() as u32).to_be_bytes()),
            _ => (header::synchsafe(field), header::to_synchsafe(new_text.len() as u32)),
        };
        if old != Some(text.len() as u32) {
            return Err(Refusal::new("a code's ID3v2 frame has a wrong data length").into());
        }
        if new != field {
            raw_edits.push((at..at + 4, new.to_vec()));
        }
    }
    let new_body = match format.compressed {
        true => frame::deflate(&new_text).ok_or(Refusal::new("a code's ID3v2 frame cannot be compressed"))?,
        false => new_text,
    };
    raw_edits.push((before..stored.plain.len(), new_body));
    let header_length = frame::header_length(header.version);
    let size = match header.version {
        // As meant, without the stuffing of the whole tag.
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
    let new = stored.edited(&raw_edits);
    Ok(trimmed(item.frame.range.start, &stored.raw, &new))
}

/// What becomes of the padding.
struct Rest {
    patch: Option<Patch>,
    growth: i64,
}

/// Takes the difference from the padding, or gives it to it.
fn new_rest(tag: &Tag, source: &Source, difference: i64) -> Result<Rest, SpliceError> {
    let rest = tag.frames.end..tag.header.body.end;
    let at = rest.start;
    let insert = |count: u64| Rest {
        patch: (count > 0).then(|| Patch::new(at..at, vec![0; count as usize])),
        growth: count as i64,
    };
    // Nothing may be put between the frames and what is not understood; a footer allows no padding.
    let is_paddable = tag.rest == Next::Padding && (!tag.header.footer || !rest.is_empty());
    if difference == 0 || !is_paddable {
        return Ok(insert(0));
    }
    if difference < 0 {
        // Removing a frame leaves at most what a code frame may hold.
        return Ok(insert(difference.unsigned_abs()));
    }
    let wanted = difference.unsigned_abs();
    let zeros = leading_zeros(source, rest.clone(), wanted + 10)?;
    // Where something else follows the zeros, enough of them stay to end the frames for every reader.
    let is_enough = if zeros == length(&rest) {
        zeros >= wanted
    } else {
        zeros >= wanted + 10
    };
    if is_enough {
        return Ok(Rest {
            patch: Some(Patch::new(at..at + wanted, Vec::new())),
            growth: -difference,
        });
    }
    if tag.header.footer {
        return Ok(insert(0));
    }
    Ok(insert((NEW_PADDING as u64).saturating_sub(zeros)))
}

/// How many zeros stand at the start of `range`; counting ends a little after `enough`.
fn leading_zeros(source: &Source, range: Range<u64>, enough: u64) -> Result<u64, ReadError> {
    let mut buffer = [0u8; 1024];
    let mut at = range.start;
    while at < range.end && at - range.start < enough {
        let count = (range.end - at).min(buffer.len() as u64) as usize;
        let view = &mut buffer[..count];
        source.read_into(at, view)?;
        if let Some(index) = view.iter().position(|&byte| byte != 0) {
            return Ok(at + index as u64 - range.start);
        }
        at += count as u64;
    }
    // All zeros as far as was looked: the whole range, or more than enough of it.
    Ok(at - range.start)
}

/// The extended header's padding size and CRC, if it has them.
fn new_extended(tag: &Tag, source: &Source, frames: &Frames, rest: &Rest) -> Result<Option<Patch>, SpliceError> {
    let header = &tag.header;
    let Some(extended) = &header.extended else {
        return Ok(None);
    };
    let stored = extended.load(source, header.stuffed())?;
    let mut edits = Vec::new();
    if let Some(at) = extended.padding_size {
        let field: [u8; 4] = stored.plain[at..at + 4].try_into().expect("the range has four bytes");
        let padding = header.body.end - tag.frames.end;
        // A size that was wrong before says nothing that could be kept right.
        if tag.rest == Next::Padding && u64::from(u32::from_be_bytes(field)) == padding {
            let new = padding.saturating_add_signed(rest.growth) as u32;
            edits.push((at..at + 4, new.to_be_bytes().to_vec()));
        }
    }
    if let Some(at) = extended.crc {
        // 2.3: the frames before stuffing, without the padding. 2.4: all between extended header and footer.
        let with_padding = header.version == 4;
        let range = tag.frames.start..if with_padding { header.body.end } else { tag.frames.end };
        let mut patches = frames.patches.clone();
        if with_padding {
            push(&mut patches, rest.patch.clone());
        }
        let old = checksum(source, range.clone(), &[], header.stuffed())?;
        let new = checksum(source, range, &patches, header.stuffed())?;
        let (old, new) = match header.version {
            3 => (old.to_be_bytes().to_vec(), new.to_be_bytes().to_vec()),
            _ => (seven_bits(old).to_vec(), seven_bits(new).to_vec()),
        };
        if stored.plain[at..at + old.len()] != old[..] {
            return Err(Refusal::new("the checksum of an ID3v2 tag is wrong").into());
        }
        edits.push((at..at + new.len(), new));
    }
    let new = stored.edited(&edits);
    if new.len() != stored.raw.len() {
        return Err(Refusal::new("an unsynchronised extended header would change its length").into());
    }
    Ok(trimmed(extended.range.start, &stored.raw, &new))
}

/// 35 bits in five bytes.
fn seven_bits(value: u32) -> [u8; 5] {
    [28, 21, 14, 7, 0].map(|shift| (value >> shift & 0x7F) as u8)
}

/// The CRC-32 of `range` in which `patches` are carried out.
fn checksum(source: &Source, range: Range<u64>, patches: &[Patch], stuffed: bool) -> Result<u32, ReadError> {
    let mut digest = CRC.digest();
    let mut after_ff = false;
    let mut feed = |bytes: &[u8]| {
        if !stuffed {
            digest.update(bytes);
            return;
        }
        for &byte in bytes {
            if !(after_ff && byte == 0) {
                digest.update(&[byte]);
            }
            after_ff = byte == 0xFF;
        }
    };
    let mut buffer = vec![0; BUFFER];
    let mut at = range.start;
    let end = Patch::new(range.end..range.end, Vec::new());
    for patch in patches.iter().chain(std::iter::once(&end)) {
        while at < patch.at.start {
            let count = (patch.at.start - at).min(BUFFER as u64) as usize;
            source.read_into(at, &mut buffer[..count])?;
            feed(&buffer[..count]);
            at += count as u64;
        }
        feed(&patch.bytes);
        at = at.max(patch.at.end);
    }
    Ok(digest.finalize())
}
