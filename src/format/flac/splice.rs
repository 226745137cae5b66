//! The patches of an edited FLAC file.

use super::super::identify::Front;
use super::super::place::Change;
use super::super::vorbis::{self, NEW_PADDING, edit};
use super::super::{Refusal, Splice, SpliceError};
use super::fit::{Fit, fit};
use super::{
    BLOCK_HEADER, Block, BlockBody, FORBIDDEN, MOST_IN_BLOCK, PADDING, Part, STREAMINFO, Structure, VORBIS_COMMENT,
    block_header,
};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::Source;

pub(super) fn splice(
    source: &mut Source,
    front: &Front,
    structure: &Structure,
    change: &Change,
) -> Result<Splice, SpliceError> {
    if change.actions.len() != structure.places.len() {
        return Err(Refusal::new("the file has changed since the edit was planned").into());
    }
    let end = structure.blocks.last().map_or(front.start, Block::end);
    let audio_end = structure.behind.start;
    let audio = (end < audio_end).then_some(end..audio_end).into_iter().collect();
    if change.is_empty() {
        let patches = Vec::new();
        return Ok(Splice { patches, audio });
    }
    refuse_oddities(source, structure)?;
    let target = comment_block(structure)?;

    let mut patches = Vec::new();
    let mut actions = change.actions.as_slice();
    vorbis::front::splice(source, front, &structure.in_front, &mut actions, &mut patches)?;

    let mut blocks = Blocks::new(&structure.blocks);
    let mut commented = None;
    let mut tracks = change.tracks.clone();
    for part in &structure.parts {
        match part {
            Part::Comments { block, list } => {
                let (mine, rest) = actions.split_at(list.value_count());
                actions = rest;
                let block_of_list = &structure.blocks[*block];
                let body = &mut BlockBody::new(source, block_of_list);
                // A second block that is empty has nothing to change.
                if Some(*block) == target {
                    commented = Some((*block, list.splice(body, mine, change.create)?));
                }
            }
            Part::Sheet(sheet) => {
                let (mine, rest) = actions.split_at(sheet.value_count());
                actions = rest;
                sheet.splice(mine, &mut tracks, &mut blocks.content);
            }
        }
    }
    if let Some((track, _)) = tracks.first() {
        let reason = match structure.parts.iter().any(|part| matches!(part, Part::Sheet(_))) {
            true => format!("its CUESHEET block has no audio track {track}"),
            false => "it has no CUESHEET block for the codes of single tracks".to_owned(),
        };
        return Err(SpliceError::Refused(Refusal(reason.into())));
    }
    match (commented, change.create) {
        (Some((block, edits)), _) => blocks.change(block, edits)?,
        (None, Some(isrc)) => blocks.create(isrc),
        (None, None) => {}
    }
    patches.extend(blocks.patches());
    patches.extend(structure.behind.splice(source, actions)?);
    let patches = edit::tighten(source, patches)?;
    Ok(Splice { patches, audio })
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
        return Err(
            Refusal::new("its STREAMINFO block is not the first one, not the only one, or of a wrong size").into(),
        );
    }
    if count(FORBIDDEN) > 0 {
        return Err(Refusal::new("it has a metadata block of the forbidden type 127").into());
    }
    let end = blocks.last().map_or(0, Block::end);
    let behind = source.len() - end;
    if behind == 0 {
        return Ok(());
    }
    // Section 9.1: fifteen bits of sync code. A tag of another kind may follow metadata that stand alone.
    let head = source.at(end, behind.min(8) as usize)?;
    let is_frame = head.len() >= 2 && head[0] == 0xff && head[1] & 0xfe == 0xf8;
    let is_tag = [&b"TAG"[..], b"ID3", b"APETAGEX"]
        .iter()
        .any(|tag| head.starts_with(tag));
    if is_frame || is_tag {
        return Ok(());
    }
    Err(Refusal::new("no audio frame follows its metadata blocks").into())
}

/// The comment block that an edit is made in: where there are several, the only one that holds comments.
fn comment_block(structure: &Structure) -> Result<Option<usize>, Refusal> {
    let lists = || {
        structure.parts.iter().filter_map(|part| match part {
            Part::Comments { block, list } => Some((*block, list.count)),
            Part::Sheet(_) => None,
        })
    };
    let mut filled = lists().filter(|(_, count)| *count > 0);
    match (filled.next(), filled.next()) {
        (Some(_), Some(_)) => Err(Refusal::new(
            "it has two comment blocks, and programs differ in which one they read",
        )),
        (Some((block, _)), None) => Ok(Some(block)),
        (None, _) => Ok(lists().next().map(|(block, _)| block)),
    }
}

/// The metadata blocks of the new file, told as changes to those of the old one.
struct Blocks<'s> {
    old: &'s [Block],
    /// The new length of each old block; `None` takes it out.
    lens: Vec<Option<u64>>,
    /// New blocks: the index of the old block in front of them, kind, and body.
    fresh: Vec<(usize, u8, Vec<u8>)>,
    /// Changes inside the bodies of old blocks, in offsets of the file.
    content: Vec<Patch>,
}

impl<'s> Blocks<'s> {
    fn new(old: &'s [Block]) -> Blocks<'s> {
        Blocks {
            old,
            lens: old.iter().map(|block| Some(block.len)).collect(),
            fresh: Vec::new(),
            content: Vec::new(),
        }
    }

    /// Carries out `edits` (in offsets of the body) in the comment block.
    fn change(&mut self, index: usize, edits: Vec<Patch>) -> Result<(), Refusal> {
        let block = &self.old[index];
        let mut len = block.len as i64;
        for Patch { at, bytes } in edits {
            len += bytes.len() as i64 - (at.end - at.start) as i64;
            let start = block.body().start;
            self.content.push(Patch::new(start + at.start..start + at.end, bytes));
        }
        let fits = u64::try_from(len).ok().filter(|len| *len <= MOST_IN_BLOCK);
        let Some(len) = fits else {
            return Err(Refusal::new("its comment block would be longer than a block can be"));
        };
        self.lens[index] = Some(len);
        let Fit { resized, fresh } = fit(self.old, index, len as i64 - block.len as i64);
        for (index, len) in resized {
            self.lens[index] = len;
        }
        if let Some(len) = fresh {
            self.fresh.push((index, PADDING, vec![0; len as usize]));
        }
        Ok(())
    }

    /// Puts a comment block in front of PADDING that has room for it, so that no other block moves; else behind
    /// STREAMINFO, with new PADDING.
    fn create(&mut self, isrc: Isrc) {
        let body = edit::new_list(isrc);
        let needed = BLOCK_HEADER + body.len() as u64;
        let roomy =
            |block: &Block| block.kind == PADDING && (block.len >= needed || block.len + BLOCK_HEADER == needed);
        // STREAMINFO is block 0, so PADDING has a block in front of it.
        if let Some(index) = self.old.iter().position(roomy).filter(|index| *index > 0) {
            self.lens[index] = self.old[index].len.checked_sub(needed);
            self.fresh.push((index - 1, VORBIS_COMMENT, body));
            return;
        }
        self.fresh.push((0, VORBIS_COMMENT, body));
        self.fresh.push((0, PADDING, vec![0; NEW_PADDING as usize]));
    }

    fn patches(self) -> Vec<Patch> {
        let Blocks {
            old,
            lens,
            fresh,
            content,
        } = self;
        let mut last = lens.iter().rposition(Option::is_some).unwrap_or(0);
        // A new block behind the last old one takes over its flag, also where the old ones behind it go.
        let new_last = fresh.iter().rposition(|(behind, ..)| *behind >= last);
        if new_last.is_some() {
            last = old.len();
        }
        let mut patches = content;
        for (index, block) in old.iter().enumerate() {
            let header = block.at..block.at + BLOCK_HEADER;
            match lens[index] {
                None => patches.push(Patch::new(block.at..block.end(), [])),
                Some(len) => {
                    patches.push(Patch::new(header, block_header(block.kind, index == last, len)));
                    if block.kind == PADDING {
                        patches.extend(resized_padding(block, len));
                    }
                }
            }
        }
        for (number, (behind, kind, body)) in fresh.into_iter().enumerate() {
            let at = old[behind].end();
            let mut bytes = block_header(kind, new_last == Some(number), body.len() as u64).to_vec();
            bytes.extend_from_slice(&body);
            patches.push(Patch::new(at..at, bytes));
        }
        // Stable: at one offset, what grows a block stands before a new block, and that before the next header.
        patches.sort_by_key(|patch| (patch.at.start, patch.at.end));
        patches
    }
}

/// PADDING changes at its start, so that what is left of it need not be written.
fn resized_padding(block: &Block, len: u64) -> Option<Patch> {
    let start = block.body().start;
    match len.checked_sub(block.len) {
        Some(0) => None,
        Some(more) => Some(Patch::new(start..start, vec![0; more as usize])),
        None => Some(Patch::new(start..start + (block.len - len), [])),
    }
}
