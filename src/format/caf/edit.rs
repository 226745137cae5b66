//! What of the chunks can be edited, as a tree: the `info` chunk, its keys and values, and `free` chunks.

use super::walk::{CHUNK, Chunk, Entry, Structure};
use crate::format::edit::{self, OTHER_STATE};
use crate::format::identify::Front;
use crate::format::place::Change;
use crate::format::tree::{Domain, Field, Fresh, Item, New, NodeId, Seat, Size, Slack, States, Text, Tree, Value};
use crate::format::words::Words;
use crate::format::{Layout, Splice, SpliceError};
use crate::isrc::Isrc;
use crate::source::Source;

/// What a file gets that has to grow.
const NEW_PADDING: u64 = 1024;

impl Layout for Structure {
    fn edit(&self, source: &mut Source, _: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let audio = self
            .chunks
            .iter()
            .filter(|chunk| &chunk.id == b"data")
            .map(Chunk::body)
            .collect();
        edit::splice(source, audio, self.trouble, change, |source| tree(source, self))
    }

    fn words(&self) -> Option<Words> {
        Some(self.words())
    }
}

fn tree<'t>(source: &mut Source, structure: &'t Structure) -> Result<Tree<'t>, SpliceError> {
    let mut tree = Tree::default();
    let chunks = &structure.chunks;
    let start = chunks.first().map_or(0, |chunk| chunk.range.start);
    let end = chunks.last().map_or(start, |chunk| chunk.range.end);
    let file = tree.node(start..end, None);
    let audio = chunks
        .iter()
        .position(|chunk| &chunk.id == b"data")
        .ok_or(OTHER_STATE)?;
    let info = chunks.iter().position(|chunk| &chunk.id == b"info");
    // A new chunk goes in front of the audio: ffmpeg takes what stands behind it for a part of it when it tells the length.
    let is_in_front = info.is_none_or(|info| info < audio);
    let side = if is_in_front {
        &chunks[..audio]
    } else {
        &chunks[audio + 1..]
    };
    let free = side.iter().filter(|chunk| &chunk.id == b"free");
    let slacks = free.map(|chunk| Slack {
        node: declare(&mut tree, file, chunk),
        range: chunk.range.clone(),
        header: CHUNK,
        largest: u64::from(u32::MAX),
        is_even: false,
        grows: true,
    });
    let slacks = slacks.collect();
    tree.domains.push(Domain {
        node: file,
        slacks,
        padding: NEW_PADDING,
        longest: u64::MAX,
        fresh: Some(Fresh {
            header: CHUNK,
            make: |len| chunk(*b"free", &vec![0; len as usize]),
            is_last_resort: false,
        }),
    });
    tree.new = Some(match info.zip(structure.info_end) {
        Some((info, info_end)) => {
            let holder = declare(&mut tree, file, &chunks[info]);
            tree.nodes[holder].is_roomy = true;
            let at = chunks[info].body().start;
            let count = u32::from_be_bytes(source.array(at)?);
            tree.nodes[holder].fields.push(Field {
                at,
                size: Size::Be32,
                states: States::Count(count.into()),
            });
            for entry in &structure.entries {
                let item = item(&mut tree, holder, entry);
                tree.items.push(item);
            }
            New {
                at: info_end,
                inside: Some(holder),
                beside_slack: false,
                make: Box::new(|isrc, _| entry(isrc)),
                padding: 0,
                also: Vec::new(),
                refusal: None,
            }
        }
        None => New {
            at: chunks[audio].range.start,
            inside: Some(file),
            beside_slack: true,
            make: Box::new(|isrc, _| chunk(*b"info", &[&1u32.to_be_bytes(), &entry(isrc)[..]].concat())),
            padding: 0,
            also: Vec::new(),
            refusal: None,
        },
    });
    Ok(tree)
}

fn declare(tree: &mut Tree, file: NodeId, chunk: &Chunk) -> NodeId {
    let range = chunk.range.clone();
    tree.sized(range.clone(), Some(file), range.start + 4, Size::Be64, CHUNK)
}

fn item<'t>(tree: &mut Tree<'t>, holder: NodeId, entry: &Entry) -> Item<'t> {
    let node = tree.node(entry.range.clone(), Some(holder));
    Item {
        node,
        seat: Seat::standard(entry.is_standard),
        refusal: None,
        values: vec![Value {
            node,
            at: entry.value.clone(),
            codes: entry.codes.clone(),
            text: Text::Plain,
        }],
    }
}

/// A key and a value, each with the zero byte that ends it.
fn entry(isrc: Isrc) -> Vec<u8> {
    [b"ISRC\0", &isrc.as_bytes()[..], b"\0"].concat()
}

fn chunk(id: [u8; 4], body: &[u8]) -> Vec<u8> {
    let size = body.len() as u64;
    [&id, &size.to_be_bytes()[..], body].concat()
}
