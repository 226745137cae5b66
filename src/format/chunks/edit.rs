//! The patches that carry out a change in a chunked file: inside the chunks that hold codes, then the sizes, pad bytes
//! and filler around them, then the size of the outermost chunk.

use super::{Chunk, Holds, Open, Stated, Structure, Walker, Width};
use crate::format::id3v2::{self, NEW_PADDING, Tag, TagSplice};
use crate::format::identify::Front;
use crate::format::place::{Access, Action, Change};
use crate::format::{Refusal, Splice, SpliceError};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::{ReadError, Source, VIEW_LIMIT};

const TOO_LONG: Refusal = Refusal::new("it would grow past 4 GiB, which its format cannot state");
pub(super) const NO_TAG: &str = "its ID3 chunk holds no ID3v2 tag that can be read";
const OTHER_FILE: Refusal = Refusal::new("it no longer has the places that the change was made for");

/// What differs between the containers.
#[derive(Debug)]
pub(in crate::format) struct Shape {
    /// What a new chunk for the tag is called.
    pub new_id: [u8; 4],
    /// Where the size of the outermost chunk stands.
    pub size_fields: Vec<(u64, Width)>,
    /// The offset from which on that size counts.
    pub counted_from: u64,
    /// Why nothing in front of the audio may change in length, if so.
    pub is_fixed: Option<&'static str>,
}

/// How the size of the outermost chunk fits what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coverage {
    /// So many chunks are inside. It should have said `end`, and may differ from that by a pad byte.
    Chunks { inside: usize, end: u64 },
    /// It says that there is no end.
    Endless,
    /// It says nothing.
    Nothing,
    /// It says something else.
    Wrong,
}

pub(super) fn splice(
    source: &mut Source,
    front: &Front,
    structure: &Structure,
    change: &Change,
    shape: &Shape,
) -> Result<Splice, SpliceError> {
    let places = &structure.places;
    let is_made_for_it = change.actions.len() == places.len()
        && places
            .iter()
            .zip(&change.actions)
            .all(|(place, action)| place.access == Access::Write || *action == Action::Keep);
    if !is_made_for_it {
        return Err(OTHER_FILE.into());
    }
    let mut patches = Vec::new();
    if !change.is_empty() {
        if let Some(trouble) = structure.walker.trouble {
            return Err(Refusal::new(trouble).into());
        }
        let moved = front_tags(source, front, structure, change, &mut patches)?;
        let resizes = holders(source, structure, change, &mut patches)?;
        let new_tag = change.create.filter(|_| {
            !structure
                .holders
                .iter()
                .any(|holder| matches!(holder.holds, Holds::Tag(_)))
        });
        let room = Room { structure, shape };
        if moved != 0 {
            room.check_fixed(0)?;
        }
        room.make(source, &resizes, new_tag, &mut patches)?;
    }
    Ok(Splice {
        patches: merged(patches),
        audio: structure.audio(),
    })
}

/// Returns by how much everything behind the tags in front moves.
fn front_tags(
    source: &mut Source,
    front: &Front,
    structure: &Structure,
    change: &Change,
    patches: &mut Vec<Patch>,
) -> Result<i64, SpliceError> {
    let mut moved = 0i64;
    for (tag, places) in front.tags.iter().zip(&structure.front) {
        let actions = &change.actions[places.clone()];
        if actions.iter().any(|action| *action != Action::Keep) {
            let TagSplice { patches: own, growth } = tag.splice(source, actions, None)?;
            patches.extend(own);
            moved = moved.saturating_add(growth);
        }
    }
    Ok(moved)
}

/// Edits what is in the chunks. Returns the outermost chunks that change in size, in order, with their growth.
fn holders(
    source: &mut Source,
    structure: &Structure,
    change: &Change,
    patches: &mut Vec<Patch>,
) -> Result<Vec<(usize, i64)>, SpliceError> {
    let width = structure.walker.width;
    let mut resizes: Vec<(usize, i64)> = Vec::new();
    let target = target(structure, change);
    for (index, holder) in structure.holders.iter().enumerate() {
        let actions = &change.actions[holder.places.clone()];
        let create = change.create.filter(|_| target == Some(index));
        if create.is_none() && actions.iter().all(|action| *action == Action::Keep) {
            continue;
        }
        let chunk = holder.nested.unwrap_or(structure.walker.chunks[holder.chunk]);
        let mut growth = match &holder.holds {
            Holds::Tag(Some(tag)) => tag_in_chunk(source, tag, &chunk, actions, create, patches)?,
            Holds::Tag(None) => {
                return Err(Refusal::new(NO_TAG).into());
            }
            Holds::Text(texts) => texts
                .iter()
                .zip(actions)
                .map(|(text, action)| text_value(text, action, patches))
                .sum(),
        };
        if holder.nested.is_some() && growth != 0 {
            growth = resize(&chunk, growth, width, patches)?;
        }
        match resizes.last_mut() {
            Some((last, sum)) if *last == holder.chunk => *sum = sum.saturating_add(growth),
            _ => resizes.push((holder.chunk, growth)),
        }
    }
    resizes.retain(|(_, growth)| *growth != 0);
    Ok(resizes)
}

/// The tag that a new code goes into: one whose codes are all dropped, else the first, which most programs read.
fn target(structure: &Structure, change: &Change) -> Option<usize> {
    change.create?;
    let is_tag = |index: &usize| matches!(structure.holders[*index].holds, Holds::Tag(_));
    let tags = || (0..structure.holders.len()).filter(is_tag);
    let drops = |index: &usize| change.actions[structure.holders[*index].places.clone()].contains(&Action::Drop);
    tags().find(drops).or_else(|| tags().next())
}

fn tag_in_chunk(
    source: &mut Source,
    tag: &Tag,
    chunk: &Chunk,
    actions: &[Action],
    create: Option<Isrc>,
    patches: &mut Vec<Patch>,
) -> Result<i64, SpliceError> {
    let TagSplice { patches: own, growth } = tag.splice(source, actions, create)?;
    patches.extend(own);
    // Some programs leave zero bytes between the end of the tag and that of its chunk: they are padding too.
    let slack = tag.range.end..chunk.body.1;
    let wanted = u64::try_from(growth).unwrap_or(0);
    if wanted > 0 && wanted <= slack.end.saturating_sub(slack.start) && is_zero(source, slack.start, wanted)? {
        patches.push(Patch::new(slack.start..slack.start + wanted, []));
        return Ok(0);
    }
    Ok(growth)
}

fn text_value(text: &super::markup::Found, action: &Action, patches: &mut Vec<Patch>) -> i64 {
    let (span, code): (_, &[u8]) = match action {
        Action::Keep => return 0,
        Action::Write(isrc) => (text.code().1, isrc.as_bytes()),
        // With its label: `ISRC:` alone would be a malformed code.
        Action::Drop => (text.span.clone(), &[]),
    };
    let growth = code.len() as i64 - (span.end - span.start) as i64;
    patches.push(Patch::new(span, code));
    growth
}

/// Writes a chunk's new size and pad byte. Returns by how much everything behind it moves.
fn resize(chunk: &Chunk, growth: i64, width: Width, patches: &mut Vec<Patch>) -> Result<i64, Refusal> {
    if chunk.elsewhere {
        return Err(Refusal::new(
            "the size of the chunk to be changed stands in another chunk",
        ));
    }
    let size = chunk.size().checked_add_signed(growth).ok_or(TOO_LONG)?;
    let field = chunk.at + 4..chunk.at + 4 + width.bytes() as u64;
    patches.push(Patch::new(field, width.write(size).ok_or(TOO_LONG)?));
    let pad = size % 2;
    if pad != chunk.pad {
        patches.push(Patch::new(
            chunk.body.1..chunk.body.1 + chunk.pad,
            vec![0; pad as usize],
        ));
    }
    Ok(growth + pad as i64 - chunk.pad as i64)
}

/// Makes room among the outermost chunks.
struct Room<'a> {
    structure: &'a Structure,
    shape: &'a Shape,
}

impl Room<'_> {
    fn walker(&self) -> &Walker {
        &self.structure.walker
    }

    fn make(
        &self,
        source: &mut Source,
        resizes: &[(usize, i64)],
        new_tag: Option<Isrc>,
        patches: &mut Vec<Patch>,
    ) -> Result<(), SpliceError> {
        let chunks = &self.walker().chunks;
        let coverage = self.coverage(source)?;
        // By how much the outermost chunk grows, and whether anything changes the length of the file.
        let mut outer = 0i64;
        let mut is_longer = false;
        for (index, growth) in resizes {
            let moved = resize(&chunks[*index], *growth, self.walker().width, patches)?;
            if moved == 0 || self.filler(*index, moved, coverage, patches)? {
                continue;
            }
            self.check_fixed(*index)?;
            is_longer = true;
            if matches!(coverage, Coverage::Chunks { inside, .. } if *index < inside) {
                outer = outer.saturating_add(moved);
            }
        }
        if let Some(isrc) = new_tag {
            let is_last_resized = resizes.last().is_some_and(|(index, _)| index + 1 == chunks.len());
            is_longer = true;
            outer = outer.saturating_add(self.new_chunk(source, isrc, coverage, is_last_resized, patches)?);
        }
        if is_longer {
            self.outer_size(coverage, outer, patches)?;
        }
        Ok(())
    }

    /// Lets a filler chunk directly behind take the difference. Returns whether it could.
    fn filler(&self, index: usize, moved: i64, coverage: Coverage, patches: &mut Vec<Patch>) -> Result<bool, Refusal> {
        let chunks = &self.walker().chunks;
        let Some(filler) = chunks.get(index + 1) else {
            return Ok(false);
        };
        let is_divided = matches!(coverage, Coverage::Chunks { inside, .. } if inside == index + 1);
        // An odd difference would turn its pad byte around, which only arises where one is missing.
        if !filler.is_filler() || filler.elsewhere || is_divided || moved % 2 != 0 {
            return Ok(false);
        }
        let Some(size) = filler.size().checked_add_signed(-moved) else {
            return Ok(false);
        };
        let Some(field) = self.walker().width.write(size) else {
            return Ok(false);
        };
        let width = self.walker().width.bytes() as u64;
        patches.push(Patch::new(filler.at + 4..filler.at + 4 + width, field));
        if moved > 0 {
            patches.push(Patch::new(filler.body.0..filler.body.0 + moved as u64, []));
        } else {
            patches.push(Patch::new(
                filler.body.0..filler.body.0,
                vec![0; moved.unsigned_abs() as usize],
            ));
        }
        Ok(true)
    }

    fn new_chunk(
        &self,
        source: &mut Source,
        isrc: Isrc,
        coverage: Coverage,
        is_last_resized: bool,
        patches: &mut Vec<Patch>,
    ) -> Result<i64, SpliceError> {
        let chunks = &self.walker().chunks;
        // An even size, since some programs do not step over a pad byte (sox 14.4 in AIFF).
        let mut tag = id3v2::new_tag(isrc, NEW_PADDING);
        if tag.len() % 2 == 1 {
            tag = id3v2::new_tag(isrc, NEW_PADDING + 1);
        }
        let mut chunk = self.shape.new_id.to_vec();
        chunk.extend(self.walker().width.write(tag.len() as u64).ok_or(TOO_LONG)?);
        chunk.extend(tag);
        if self.walker().open == Some(Open::Unfinished) {
            return Err(UNFINISHED.into());
        }
        match coverage {
            Coverage::Endless => {}
            Coverage::Chunks { inside, .. } if inside == chunks.len() => {}
            Coverage::Chunks { .. } => {
                return Err(Refusal::new("a chunk stands behind the end that its header states").into());
            }
            Coverage::Nothing => return Err(Refusal::new("its header does not state its size").into()),
            Coverage::Wrong => return Err(WRONG_SIZE.into()),
        }
        let at = match self.walker().open {
            // All behind the header of the audio is audio, so that the tag can only stand in front of it.
            Some(Open::Streamed) => {
                self.check_fixed(0)?;
                self.walker()
                    .last_audio
                    .map_or(self.walker().at, |index| chunks[index].at)
            }
            Some(Open::Unfinished) | None => {
                self.check_pads()?;
                self.check_rest(source)?;
                if let Some(last) = chunks.last().filter(|last| last.size() % 2 == 1 && last.pad == 0)
                    && !is_last_resized
                {
                    chunk.splice(0..0, [0]);
                    last.end()
                } else {
                    chunks.last().map_or(self.walker().at, Chunk::end)
                }
            }
        };
        let length = chunk.len() as i64;
        patches.push(Patch::new(at..at, chunk));
        Ok(length)
    }

    /// Where a pad byte is missing between chunks, most programs lose their way, and never see what stands behind.
    fn check_pads(&self) -> Result<(), Refusal> {
        let chunks = &self.walker().chunks;
        let is_missing = |chunk: &Chunk| chunk.size() % 2 == 1 && chunk.pad == 0;
        match chunks.split_last() {
            Some((_, chunks)) if chunks.iter().any(is_missing) => Err(Refusal::new(
                "a pad byte is missing, so that other programs would not find a new tag",
            )),
            _ => Ok(()),
        }
    }

    /// Behind audio, unknown bytes may be more audio: a header that was not kept up to date, or past 4 GiB.
    fn check_rest(&self, source: &mut Source) -> Result<(), SpliceError> {
        let Some(last) = self.walker().chunks.last() else {
            return Ok(());
        };
        let is_audio = self.walker().last_audio == Some(self.walker().chunks.len() - 1);
        let rest = source.len() - last.end();
        let is_known = !is_audio
            || rest <= 1
            || rest == 128 && source.at(last.end(), 3)? == b"TAG"
            || rest >= 32 && source.at(last.end(), 8)? == b"APETAGEX"
            || is_zero(source, last.end(), rest)?;
        if is_known {
            return Ok(());
        }
        Err(Refusal::new("unknown bytes stand behind its audio").into())
    }

    fn outer_size(&self, coverage: Coverage, outer: i64, patches: &mut Vec<Patch>) -> Result<(), Refusal> {
        match coverage {
            // What is behind the stated end grows on its own account.
            Coverage::Chunks { .. } if outer == 0 => Ok(()),
            Coverage::Chunks { end, .. } => {
                let size = end
                    .checked_add_signed(outer)
                    .and_then(|end| end.checked_sub(self.shape.counted_from));
                let size = size.ok_or(TOO_LONG)?;
                for (at, width) in &self.shape.size_fields {
                    patches.push(Patch::new(
                        *at..at + width.bytes() as u64,
                        width.write(size).ok_or(TOO_LONG)?,
                    ));
                }
                Ok(())
            }
            Coverage::Endless | Coverage::Nothing => Ok(()),
            Coverage::Wrong => Err(WRONG_SIZE),
        }
    }

    fn coverage(&self, source: &mut Source) -> Result<Coverage, ReadError> {
        let walker = self.walker();
        let stated = match walker.stated {
            Stated::End(end) => end,
            Stated::Endless => return Ok(Coverage::Endless),
            Stated::Nothing => return Ok(Coverage::Nothing),
        };
        let first = walker.chunks.first().map_or(walker.at, |chunk| chunk.at);
        if stated == first {
            return Ok(Coverage::Chunks { inside: 0, end: first });
        }
        // Programs disagree on whether the last pad byte counts.
        let ends_with = |chunk: &Chunk| {
            let body_end = chunk.body.1;
            stated == body_end || stated == body_end + chunk.size() % 2
        };
        if let Some(index) = walker.chunks.iter().rposition(ends_with) {
            return Ok(Coverage::Chunks {
                inside: index + 1,
                end: walker.chunks[index].end(),
            });
        }
        let inside = walker.chunks.len();
        let end = walker.chunks.last().map_or(first, Chunk::end);
        // Programs that count the eight bytes of the outermost header too, or a pad byte too many. No chunk is missing:
        // it would be longer.
        if end == source.len() && stated > end && stated - end <= 8 {
            return Ok(Coverage::Chunks { inside, end });
        }
        // Zero bytes that are counted, but are no chunk.
        if stated > end && stated <= source.len() && is_zero(source, end, stated - end)? {
            return Ok(Coverage::Chunks { inside, end: stated });
        }
        Ok(Coverage::Wrong)
    }

    /// `index`: the first chunk that changes in length.
    fn check_fixed(&self, index: usize) -> Result<(), Refusal> {
        match self.shape.is_fixed {
            Some(reason) if self.walker().last_audio.is_some_and(|audio| index <= audio) => Err(Refusal::new(reason)),
            _ => Ok(()),
        }
    }
}

const UNFINISHED: Refusal =
    Refusal::new("the size of its audio was never filled in: a stream, or a recording that was not finished");
const WRONG_SIZE: Refusal = Refusal::new("the size in its header does not agree with its chunks");

fn is_zero(source: &mut Source, at: u64, count: u64) -> Result<bool, ReadError> {
    if count > VIEW_LIMIT as u64 {
        return Ok(false);
    }
    Ok(source.at(at, count as usize)?.iter().all(|byte| *byte == 0))
}

/// In order, with those that touch made one.
pub(in crate::format) fn merged(mut patches: Vec<Patch>) -> Vec<Patch> {
    // Stable: insertions at one offset stay in the order in which they were made.
    patches.sort_by_key(|patch| (patch.at.start, patch.at.end));
    let mut merged: Vec<Patch> = Vec::with_capacity(patches.len());
    for patch in patches {
        match merged.last_mut() {
            Some(last) if last.at.end == patch.at.start => {
                last.at.end = patch.at.end;
                last.bytes.extend(patch.bytes);
            }
            _ => merged.push(patch),
        }
    }
    merged
}
