//! CAF: codes in the `info` chunk, which holds keys and values as texts that end in a zero byte.
//!
//! The place is a key `ISRC` in any case. Chunks hold no position in the file, so that they may move; only the `data`
//! chunk's size may be -1, which says that it is the last one (Core Audio Format Specification 1.0, "Audio Data Chunk").

use super::notes::Notes;
use super::{Depth, WalkOutcome};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Domain, NEW_PADDING, New, NodeId, Size, Slack, Tree, boxed};
use crate::format::stream::identify::Front;
use crate::isrc::Isrc;
use walk::{CHUNK, Chunk};

#[cfg(test)]
mod tests;
mod walk;

/// All chunks.
const FILE: NodeId = 0;

pub(super) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<WalkOutcome, ReadError> {
    let mut tree = Tree::default();
    tree.node(front.start..source.len(), None);
    let mut walk = walk::Walk {
        source,
        notes: Notes::new(front, walk::MOST_STEPS),
        tree,
        chunks: Vec::new(),
        sound: walk::Sound::default(),
    };
    let audio = walk.file(front.start)?;
    walk.notes.words.note_duration(walk.sound.duration());
    room(&mut walk.tree, &walk.chunks, audio);
    let audio = vec![walk.chunks[audio].body()];
    walk.notes.found(front, walk.tree, audio, Vec::new())
}

/// Declares `free` chunks, and where a new `info` chunk goes.
fn room(tree: &mut Tree<'static>, chunks: &[Chunk], audio: usize) {
    // A new chunk goes in front of the audio: ffmpeg takes what is behind it for a part of it when it tells the length.
    let info = chunks.iter().position(|chunk| &chunk.id == b"info");
    let side = match info.is_none_or(|info| info < audio) {
        true => &chunks[..audio],
        false => &chunks[audio + 1..],
    };
    let slack = |chunk: &Chunk| Slack::new(chunk.node, chunk.range.clone(), CHUNK);
    let slacks = side.iter().filter(|chunk| &chunk.id == b"free").map(slack).collect();
    let make = |len| boxed(b"free", Size::Be64, 0, &vec![0; len as usize]);
    tree.domains
        .push(Domain::new(FILE, slacks, NEW_PADDING).with_fresh(CHUNK, make));
    let make = |isrc, _| {
        let body = [&1u32.to_be_bytes(), &new_entry(isrc)[..]].concat();
        boxed(b"info", Size::Be64, 0, &body)
    };
    let at = chunks[audio].range.start;
    tree.new.get_or_insert_with(|| New {
        beside_slack: true,
        ..New::item(at, Some(FILE), make)
    });
}

/// A key and a value, each with the zero byte that ends it.
fn new_entry(isrc: Isrc) -> Vec<u8> {
    [b"ISRC\0", &isrc.as_bytes()[..], b"\0"].concat()
}
