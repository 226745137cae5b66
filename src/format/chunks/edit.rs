//! The patches that carry out a change in a chunked file: inside the chunks that hold codes, then the sizes, pad bytes
//! and filler around them, then the size of the outermost chunk.

use super::{Chunk, Chunked, Holds, Open, Stated, Structure, Walker, Width};
use crate::format::id3v2::{self, NEW_PADDING, Tag, TagSplice};
use crate::format::identify::Front;
use crate::format::place::{Access, Action, Change};
use crate::format::{Layout, Refusal, Splice, SpliceError};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::{ReadError, Source, VIEW_LIMIT};

const TOO_LONG: Refusal = Refusal::new("it would grow past 4 GiB, which its format cannot state");
pub(super) const NO_TAG: &str = "its ID3 chunk holds no ID3v2 tag that can be read";
const OTHER_FILE: Refusal = Refusal::new("it no longer has the places that the change was made for");

const OTHER_AXML: Refusal =
    Refusal::new("its axml chunk holds no code, and what else stands in it is not changed: leave out --axml");

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
    /// Why nothing is edited, if so.
    pub refusal: Option<&'static str>,
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

impl Layout for Chunked {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let Chunked {
            structure,
            shape,
            access,
        } = self;
        splice(source, front, structure, change, shape, access)
    }
}

fn splice(
    source: &mut Source,
    front: &Front,
    structure: &Structure,
    change: &Change,
    shape: &Shape,
    places: &[Access],
) -> Result<Splice, SpliceError> {
    let is_made_for_it = change.actions.len() == places.len()
        && places
            .iter()
            .zip(&change.actions)
            .all(|(access, action)| *access == Access::Write || *action == Action::Keep);
    if !is_made_for_it {
        return Err(OTHER_FILE.into());
    }
    if let Some(reason) = shape.refusal.filter(|_| !change.is_empty()) {
        return Err(Refusal::new(reason).into());
    }
    let mut patches = Vec::new();
    if !change.is_empty() {
        if let Some(trouble) = structure.walker.trouble {
            return Err(Refusal::new(trouble).into());
        }
        let moved = front_tags(source, front, structure, change, &mut patches)?;
        let edited = holders(source, structure, change, &mut patches)?;
        let behind = structure
            .behind
            .splice(source, &change.actions[structure.behind_places.clone()])?;
        let new_tag = change.create.filter(|_| {
            !structure
                .holders
                .iter()
                .any(|holder| matches!(holder.holds, Holds::Tag(_)))
        });
        if change.axml.is_some() && structure.walker.chunks.iter().any(|chunk| &chunk.id == b"axml") {
            return Err(OTHER_AXML.into());
        }
        let new = New {
            tag: new_tag,
            axml: change.axml,
        };
        let room = Room { structure, shape };
        if moved != 0 {
            room.check_fixed(0)?;
        }
        room.make(source, &edited, new, growth(&behind), &mut patches)?;
        patches.extend(behind);
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

fn growth(patches: &[Patch]) -> i64 {
    let growth = |patch: &Patch| patch.bytes.len() as i64 - (patch.at.end - patch.at.start) as i64;
    patches.iter().map(growth).sum()
}

/// What happens to the outermost chunks.
#[derive(Debug, Default)]
struct Edited {
    /// Those that change in size, in order, with their growth.
    resizes: Vec<(usize, i64)>,
    /// The last one that changes, and that other programs do not get to.
    hidden: Option<usize>,
}

/// Edits what is in the chunks.
fn holders(
    source: &mut Source,
    structure: &Structure,
    change: &Change,
    patches: &mut Vec<Patch>,
) -> Result<Edited, SpliceError> {
    let width = structure.walker.width;
    let mut edited = Edited::default();
    let target = target(structure, change);
    for (index, holder) in structure.holders.iter().enumerate() {
        let actions = &change.actions[holder.places.clone()];
        let create = change.create.filter(|_| target == Some(index));
        if create.is_none() && actions.iter().all(|action| *action == Action::Keep) {
            continue;
        }
        if structure.walker.chunks[holder.chunk].hidden.is_some() {
            edited.hidden = Some(holder.chunk);
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
        match edited.resizes.last_mut() {
            Some((last, sum)) if *last == holder.chunk => *sum = sum.saturating_add(growth),
            _ => edited.resizes.push((holder.chunk, growth)),
        }
    }
    edited.resizes.retain(|(_, growth)| *growth != 0);
    Ok(edited)
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

/// What chunks are new.
#[derive(Debug, Clone, Copy)]
struct New {
    tag: Option<Isrc>,
    axml: Option<Isrc>,
}

/// An EBUCore document with the code alone, of an even length (EBU Tech 3352, "The Carriage of Identifiers in the Broadcast
/// Wave Format"; BWF MetaEdit writes the same).
fn axml(isrc: Isrc) -> Vec<u8> {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ebucore:ebuCoreMain xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:ebucore=\"urn:ebu:metadata-schema:ebuCore_2012\">\n\
         <ebucore:coreMetadata>\n\
         <ebucore:identifier typeLabel=\"GUID\" typeDefinition=\"Globally Unique Identifier\" formatLabel=\"ISRC\" \
         formatDefinition=\"International Standard Recording Code\" \
         formatLink=\"http://www.ebu.ch/metadata/cs/ebu_IdentifierTypeCodeCS.xml#3.7\">\n\
         <dc:identifier>ISRC:{isrc}</dc:identifier>\n\
         </ebucore:identifier>\n\
         </ebucore:coreMetadata>\n\
         </ebucore:ebuCoreMain>\n"
    );
    if text.len() % 2 == 1 {
        text.push('\n');
    }
    text.into_bytes()
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
        edited: &Edited,
        new: New,
        behind: i64,
        patches: &mut Vec<Patch>,
    ) -> Result<(), SpliceError> {
        let Edited { resizes, hidden } = edited;
        let chunks = &self.walker().chunks;
        let mut coverage = coverage(self.structure, source)?;
        if let (Coverage::Chunks { inside, end }, Some(index)) = (&mut coverage, *hidden) {
            // The chunk that was behind the end comes to stand in front of it.
            if *inside <= index {
                (*inside, *end) = (index + 1, chunks[index].end());
            }
        }
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
        // Where a new chunk goes, or the last one that is to be found: all in front of it must be in order.
        let seat = match new.tag.or(new.axml) {
            Some(_) => Some(self.seat(source, coverage)?),
            None => None,
        };
        let in_order = seat.as_ref().map(|seat| seat.behind).max(*hidden);
        for index in self.missing_pads(in_order.unwrap_or(0), resizes) {
            self.check_fixed(index)?;
            patches.push(Patch::new(chunks[index].body.1..chunks[index].body.1, [0]));
            is_longer = true;
            outer += 1;
        }
        if let Some(seat) = seat {
            let chunks = self.new_chunks(new)?;
            outer = outer.saturating_add(chunks.len() as i64);
            patches.push(Patch::new(seat.at..seat.at, chunks));
            is_longer = true;
        }
        if behind != 0 && matches!(coverage, Coverage::Chunks { end, .. } if end > self.structure.behind.start) {
            outer = outer.saturating_add(behind);
        }
        if is_longer || hidden.is_some() {
            self.last_size(resizes, patches)?;
        }
        match (coverage, hidden) {
            (Coverage::Wrong, _) if is_longer => return Err(WRONG_SIZE_REFUSED.into()),
            (Coverage::Chunks { end, .. }, hidden) if outer != 0 || hidden.is_some() => {
                self.outer_size(end, outer, patches)?;
            }
            // What is behind the stated end grows on its own account.
            (Coverage::Chunks { .. } | Coverage::Endless | Coverage::Nothing | Coverage::Wrong, _) => {}
        }
        Ok(())
    }

    /// Chunks in front of the one with index `until` whose pad byte is missing, so that other programs get lost behind
    /// them. Those that change their size get it anyway.
    fn missing_pads(&self, until: usize, resizes: &[(usize, i64)]) -> impl Iterator<Item = usize> {
        let chunks = &self.walker().chunks;
        let is_missing = move |index: &usize| {
            let chunk = &chunks[*index];
            chunk.size() % 2 == 1 && chunk.pad == 0 && resizes.iter().all(|(resized, _)| resized != index)
        };
        (0..until.min(chunks.len())).filter(is_missing)
    }

    /// The last chunk's size where it goes beyond the file, put right.
    fn last_size(&self, resizes: &[(usize, i64)], patches: &mut Vec<Patch>) -> Result<(), Refusal> {
        let chunks = &self.walker().chunks;
        let Some(last) = chunks.last().filter(|last| last.overlong) else {
            return Ok(());
        };
        if resizes.iter().all(|(resized, _)| resized + 1 != chunks.len()) {
            let width = self.walker().width;
            let field = last.at + 4..last.at + 4 + width.bytes() as u64;
            patches.push(Patch::new(field, width.write(last.size()).ok_or(TOO_LONG)?));
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

    fn new_chunks(&self, new: New) -> Result<Vec<u8>, Refusal> {
        let mut chunks = Vec::new();
        let mut add = |id: [u8; 4], body: Vec<u8>| {
            chunks.extend(id);
            chunks.extend(self.walker().width.write(body.len() as u64).ok_or(TOO_LONG)?);
            chunks.extend(body);
            Ok::<(), Refusal>(())
        };
        if let Some(isrc) = new.tag {
            // An even size, since some programs do not step over a pad byte (sox 14.4 in AIFF).
            let mut tag = id3v2::new_tag(isrc, NEW_PADDING);
            if tag.len() % 2 == 1 {
                tag = id3v2::new_tag(isrc, NEW_PADDING + 1);
            }
            add(self.shape.new_id, tag)?;
        }
        if let Some(isrc) = new.axml {
            add(*b"axml", axml(isrc))?;
        }
        Ok(chunks)
    }

    /// Behind the last chunk that other programs get to; in front of the audio where that may go on behind its chunk.
    fn seat(&self, source: &mut Source, coverage: Coverage) -> Result<Seat, SpliceError> {
        let walker = self.walker();
        let chunks = &walker.chunks;
        let inside = match coverage {
            Coverage::Endless => chunks.len(),
            // Not in front of the audio: the zero bytes there may be those of a chunk with a wrong size.
            Coverage::Chunks { inside, .. } => match walker.before_gap {
                Some(gap) if walker.last_audio.is_some_and(|audio| audio < gap) => inside.min(gap),
                _ => inside,
            },
            Coverage::Nothing => return Err(Refusal::new("its header does not state its size").into()),
            Coverage::Wrong => return Err(WRONG_SIZE_REFUSED.into()),
        };
        let in_front_of_audio = |index: usize| {
            self.check_fixed(0)?;
            Ok(Seat {
                behind: index,
                at: chunks[index].at,
            })
        };
        match (walker.open, walker.last_audio) {
            (Some(Open::Unfinished), _) => Err(UNFINISHED.into()),
            // All behind the header of the audio is audio, so that the tag can only stand in front of it.
            (Some(Open::Streamed), Some(audio)) => in_front_of_audio(audio),
            (_, Some(audio)) if audio + 1 == inside && self.may_go_on(source, audio)? => in_front_of_audio(audio),
            _ => Ok(Seat {
                behind: inside,
                at: inside.checked_sub(1).map_or(walker.at, |last| chunks[last].end()),
            }),
        }
    }

    /// Whether so many unknown bytes stand behind the audio that they may be more of it: a header that was not kept up
    /// to date, or past 4 GiB. A chunk between the two would part them.
    fn may_go_on(&self, source: &mut Source, audio: usize) -> Result<bool, ReadError> {
        let chunks = &self.walker().chunks;
        let end = chunks[audio].end();
        let next = chunks
            .get(audio + 1)
            .map_or(self.structure.behind.start, |next| next.at);
        let rest = next.saturating_sub(end);
        Ok(rest > MOST_UNKNOWN && !is_zero(source, end, rest)?)
    }

    fn outer_size(&self, end: u64, outer: i64, patches: &mut Vec<Patch>) -> Result<(), Refusal> {
        let size = end
            .checked_add_signed(outer)
            .and_then(|end| end.checked_sub(self.shape.counted_from));
        let size = size.ok_or(TOO_LONG)?;
        for (at, width) in &self.shape.size_fields {
            let field = *at..at + width.bytes() as u64;
            patches.push(Patch::new(field, width.write(size).ok_or(TOO_LONG)?));
        }
        Ok(())
    }

    /// `index`: the first chunk that changes in length.
    fn check_fixed(&self, index: usize) -> Result<(), Refusal> {
        match self.shape.is_fixed {
            Some(reason) if self.walker().last_audio.is_some_and(|audio| index <= audio) => Err(Refusal::new(reason)),
            _ => Ok(()),
        }
    }
}

/// Where a new chunk goes.
struct Seat {
    /// How many chunks stand in front of it.
    behind: usize,
    at: u64,
}

/// How much may stand behind the audio without being more of it.
const MOST_UNKNOWN: u64 = 4096;

/// Whether the size of the outermost chunk contradicts the others, so that an edit that changes it is refused.
pub(super) fn is_wrong_size(structure: &Structure, source: &mut Source) -> Result<bool, ReadError> {
    Ok(coverage(structure, source)? == Coverage::Wrong)
}

fn coverage(structure: &Structure, source: &mut Source) -> Result<Coverage, ReadError> {
    let walker = &structure.walker;
    let stated = match walker.stated {
        Stated::End(end) => end,
        Stated::Endless => return Ok(Coverage::Endless),
        Stated::Nothing => return Ok(Coverage::Nothing),
    };
    let first = walker.chunks.first().map_or(walker.at, |chunk| chunk.at);
    if stated <= first {
        return Ok(Coverage::Nothing);
    }
    let all = walker.chunks.len();
    let end = walker.chunks.last().map_or(first, Chunk::end);
    if stated <= end {
        // Programs disagree on whether the last pad byte counts.
        let ends_with = |chunk: &Chunk| {
            let body_end = chunk.body.1;
            stated == body_end || stated == body_end + chunk.size() % 2
        };
        // In the middle of a chunk, it was not kept up to date, nor where it leaves out the audio.
        let inside = walker.chunks.iter().rposition(ends_with).map_or(all, |index| index + 1);
        let inside = match walker.last_audio {
            Some(audio) if audio >= inside => all,
            _ => inside,
        };
        let end = inside.checked_sub(1).map_or(first, |last| walker.chunks[last].end());
        return Ok(Coverage::Chunks { inside, end });
    }
    // Programs that count the eight bytes of the outermost header too, or a pad byte too many. No chunk is missing: it would
    // be longer. And zero bytes that are counted, but are no chunk; others may hide one.
    let end = match stated - end {
        1..=9 if end == structure.behind.start => end,
        _ if stated <= source.len() && is_zero(source, end, stated - end)? => stated,
        _ => return Ok(Coverage::Wrong),
    };
    Ok(Coverage::Chunks { inside: all, end })
}

const UNFINISHED: Refusal =
    Refusal::new("the size of its audio was never filled in: a stream, or a recording that was not finished");
pub(super) const WRONG_SIZE: &str = "the size in its header does not agree with its chunks";
const WRONG_SIZE_REFUSED: Refusal = Refusal::new(WRONG_SIZE);

fn is_zero(source: &mut Source, at: u64, count: u64) -> Result<bool, ReadError> {
    if count > VIEW_LIMIT as u64 {
        return Ok(false);
    }
    Ok(source.at(at, count as usize)?.iter().all(|byte| *byte == 0))
}

/// In order, with those that touch made one.
fn merged(mut patches: Vec<Patch>) -> Vec<Patch> {
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
