//! What of a FLAC file can be edited: the metadata blocks as a tree.

use super::super::edit::{self, Edit};
use super::super::place::Change;
use super::super::vorbis::List;
use super::super::vorbis::edit::new_list;
use super::super::{Layout, Refusal, Splice, SpliceError, refuse};
use super::{
    BLOCK_HEADER, Block, FORBIDDEN, MOST_IN_BLOCK, PADDING, Part, STREAMINFO, Structure, VORBIS_COMMENT, block_header,
};
use crate::bytes::source::Source;
use crate::format::edit::tree::{Domain, Follow, NEW_PADDING, New, NodeId, Size, Slack, Tree};
use crate::format::stream::identify::Front;

/// The metadata as a whole.
const METADATA: NodeId = 0;

impl Layout for Structure {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let end = self.blocks.last().map_or(front.start, Block::end);
        let audio_end = self.behind.start;
        let audio = (end < audio_end).then_some(end..audio_end).into_iter().collect();
        edit::splice(source, front, audio, None, change, |source| {
            refuse_oddities(source, self)?;
            tree(source, front, self)
        })
    }

    /// Every block but STREAMINFO becomes PADDING: the name is one byte, and the length behind it stays.
    fn names_of_tags(&self) -> Vec<(u64, [u8; 4])> {
        let tags = self
            .blocks
            .iter()
            .filter(|block| !matches!(block.kind, STREAMINFO | PADDING));
        tags.map(|block| (block.at, block_header(PADDING, block.is_last, block.len)))
            .collect()
    }
}

/// A scan reads past these; an edit could not be sure that nothing else changes.
fn refuse_oddities(source: &mut Source, structure: &Structure) -> Result<(), SpliceError> {
    let blocks = &structure.blocks;
    let count = |kind| blocks.iter().filter(|block| block.kind == kind).count();
    // RFC 9639, section 8.2: first, and only once.
    if blocks
        .first()
        .is_none_or(|block| block.kind != STREAMINFO || block.len != 34)
        || count(STREAMINFO) != 1
    {
        return refuse("its STREAMINFO block is not the first one, not the only one, or of a wrong size");
    }
    if count(FORBIDDEN) > 0 {
        return refuse("it has a metadata block of the forbidden type 127");
    }
    let end = blocks.last().map_or(0, Block::end);
    let behind = source.len() - end;
    if behind == 0 {
        return Ok(());
    }
    // Section 9.1: fifteen bits of sync code. A tag of another kind may follow metadata that are alone.
    let head = source.at(end, behind.min(8) as usize)?;
    let is_frame = head.len() >= 2 && head[0] == 0xff && head[1] & 0xfe == 0xf8;
    let is_tag = [&b"TAG"[..], b"ID3", b"APETAGEX"]
        .iter()
        .any(|tag| head.starts_with(tag));
    if is_frame || is_tag {
        return Ok(());
    }
    refuse("no audio frame follows its metadata blocks")
}

/// The comment block that an edit is made in: where there are several, the only one that holds comments.
fn comment_block(structure: &Structure) -> Result<Option<&Block>, Refusal> {
    let lists = || structure.lists().map(|(block, list)| (block, list.count));
    let mut filled = lists().filter(|(_, count)| *count > 0);
    match (filled.next(), filled.next()) {
        (Some(_), Some(_)) => refuse("it has two comment blocks, and programs differ in which one they read"),
        (Some((block, _)), None) => Ok(Some(block)),
        (None, _) => Ok(lists().next().map(|(block, _)| block)),
    }
}

fn tree<'t>(source: &mut Source, front: &'t Front, structure: &'t Structure) -> Result<Tree<'t>, SpliceError> {
    let blocks = &structure.blocks;
    let mut tree = Tree::default();
    tree.node(front.start..blocks.last().map_or(front.start, Block::end), None);
    front.declare(source, &mut tree)?;
    let slacks = blocks.iter().filter(|block| block.kind == PADDING);
    let slacks = slacks.map(|block| Slack {
        largest: MOST_IN_BLOCK,
        ..Slack::new(declare(&mut tree, block), block.at..block.end(), BLOCK_HEADER)
    });
    let slacks = slacks.collect();
    let make = |len| block(PADDING, &vec![0; len as usize]);
    let domain = Domain::new(METADATA, slacks, NEW_PADDING);
    // mutagen goes on right behind the comments, and would not find a block behind the bytes that follow them.
    let has_tail = |(block, list): (&Block, &List)| block.is_last && list.end < block.end();
    tree.domains.push(match structure.lists().any(has_tail) {
        true => domain,
        false => domain.with_fresh(BLOCK_HEADER, make),
    });
    let target = comment_block(structure)?;
    for part in &structure.parts {
        match part {
            // A second block that is empty has nothing to change.
            Part::Comments { block, list } if Some(block) == target => {
                let node = declare(&mut tree, block);
                tree.nodes[node].is_roomy = true;
                tree.nodes[node].too_large = "its comment block would be longer than a block can be";
                list.declare(&mut tree, node);
            }
            Part::Comments { .. } => {}
            Part::Sheet { block, sheet } => {
                let node = declare(&mut tree, block);
                sheet.declare(&mut tree, node);
            }
        }
    }
    tree.new = tree.new.or_else(|| new_block(blocks.first()?.end()));
    structure.behind.declare(source, &mut tree)?;
    tree.follows.push(Box::new(LastBlock(blocks)));
    Ok(tree)
}

/// It moves no other where PADDING has room for it; else it is behind STREAMINFO.
fn new_block<'t>(at: u64) -> Option<New<'t>> {
    let make = |isrc, padding| {
        let mut made = block(VORBIS_COMMENT, &new_list(isrc));
        if padding > 0 {
            made.extend(block(PADDING, &vec![0; padding as usize]));
        }
        made
    };
    Some(New {
        beside_slack: true,
        padding: NEW_PADDING,
        ..New::item(at, Some(METADATA), make)
    })
}

fn declare(tree: &mut Tree, block: &Block) -> NodeId {
    let range = block.at..block.end();
    tree.sized(range, Some(METADATA), block.at + 1, Size::Be24, BLOCK_HEADER)
}

fn block(kind: u8, body: &[u8]) -> Vec<u8> {
    [&block_header(kind, false, body.len() as u64), body].concat()
}

/// The flag of the last block goes to the one that becomes it.
struct LastBlock<'t>(&'t [Block]);

impl Follow for LastBlock<'_> {
    fn follow(&self, _: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError> {
        let goes = |block: &&Block| edits.iter().any(|edit| edit.at == (block.at..block.end()));
        let stays = self.0.iter().rfind(|block| !goes(block));
        let Some(stays) = stays else { return Ok(()) };
        let is_new =
            |edit: &&mut Edit| edit.at.is_empty() && edit.at.start >= stays.end() && edit.inside == Some(METADATA);
        let new = edits.iter_mut().rfind(is_new).map(|edit| {
            flag_last(&mut edit.bytes);
        });
        if new.is_some() || !stays.is_last {
            let [kind, ..] = block_header(stays.kind, new.is_none(), 0);
            let flag = Edit::lone(stays.at, [kind]);
            edit::insert(edits, flag);
        }
        Ok(())
    }
}

/// Flags the last one of whole blocks.
fn flag_last(blocks: &mut [u8]) {
    let mut at = 0;
    while let Some([_, a, b, c]) = blocks.get(at..at + BLOCK_HEADER as usize) {
        let next = at + BLOCK_HEADER as usize + u32::from_be_bytes([0, *a, *b, *c]) as usize;
        if next >= blocks.len() {
            blocks[at] |= 0x80;
        }
        at = next;
    }
}
