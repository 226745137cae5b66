//! Bare streams with tags in front and behind: MP3, TTA (whose own tag is ID3v2), WavPack, Monkey's Audio, Musepack, TAK
//! and OptimFROG (whose own tag is APEv2), AAC (which has either, and gets APEv2).
//!
//! The stream itself is never walked. Invariant: the tags of a [`Structure`] stand in file order, and what is between
//! the last tag in front and the first one behind is audio.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::identify::Front;
use super::place::{Change, Standing};
use super::{Format, Found, Refusal, Splice, SpliceError, apev2, id3v2, patches};
use crate::pieces::Patch;
use crate::source::{ReadError, Source};

#[cfg(test)]
mod tests;

/// The most tags behind the audio.
const MOST_TAGS: usize = 32;

/// What one read of the end of a file fetches: enough for the usual small tags.
const TAIL: u64 = 1024;

/// How much of the end is searched for a torn tag.
const TORN: u64 = 32 * 1024;

/// Made once: a scan searches the end of every file without tags there.
static ID3: LazyLock<Finder> = LazyLock::new(|| Finder::new("ID3"));

const ID3V1: u64 = 128;
const ID3V1_EXTENDED: u64 = 227;

/// `LYRICSBEGIN`, up to 5100 bytes, `LYRICSEND` (Lyrics3 v1.00).
const LYRICS3_V1: u64 = 11 + 5100 + 9;

pub(super) fn locate(source: &mut Source, front: &Front) -> Result<Found, ReadError> {
    let structure = walk(source, front)?;
    let mut places = Vec::new();
    for tag in &structure.tags {
        match &tag.body {
            Body::Front(id3v2) => id3v2.places(tag.standing, &mut places),
            Body::Appended(id3v2) => id3v2.places(tag.standing, &mut places),
            Body::Ape(ape) => ape.places(tag.standing, &mut places),
        }
    }
    let doubts = structure.tags.iter().filter_map(|tag| tag.body.doubt());
    Ok(Found {
        doubt: doubts.chain(structure.torn).next(),
        ..Found::certain(places)
    })
}

pub(super) fn splice(source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
    let structure = walk(source, front)?;
    let mut patches = Vec::new();
    let mut actions = &change.actions[..];
    // The standard tag takes the new code, the first one in front or the last one behind.
    let native = own_tag(front.format);
    let target = match native {
        Own::Id3v2 => structure.tags.iter().position(Tagged::is_standard),
        Own::Ape | Own::ApeOrId3v2 => structure.tags.iter().rposition(Tagged::is_own_ape),
    };
    let new_tag = match (change.create, target) {
        (Some(isrc), None) => Some(match native {
            Own::Id3v2 => Patch::new(0..0, id3v2::new_tag(isrc, id3v2::NEW_PADDING)),
            Own::Ape | Own::ApeOrId3v2 => Patch::new(structure.new_ape_at..structure.new_ape_at, apev2::new_tag(isrc)),
        }),
        _ => None,
    };
    let mut new_tag = new_tag;
    for (index, tag) in structure.tags.iter().enumerate() {
        if let Some(patch) = new_tag.take_if(|patch| patch.at.start <= tag.body.range().start) {
            patches::push(&mut patches, patch);
        }
        let create = change.create.filter(|_| target == Some(index));
        let count = tag.body.place_count();
        let Some((own, others)) = actions.split_at_checked(count) else {
            return Err(Refusal::new("the change was made for another state of the file").into());
        };
        actions = others;
        let made = match &tag.body {
            Body::Front(id3v2) => id3v2.splice(source, own, create)?.patches,
            Body::Appended(id3v2) => id3v2.splice(source, own, create)?.patches,
            Body::Ape(ape) => ape.splice(source, own, create)?,
        };
        made.into_iter().for_each(|patch| patches::push(&mut patches, patch));
    }
    patches::push(&mut patches, new_tag);
    if !actions.is_empty() {
        return Err(Refusal::new("the change was made for another state of the file").into());
    }
    Ok(Splice {
        patches,
        audio: vec![structure.audio],
    })
}

/// Which tag is a format's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Id3v2,
    Ape,
    /// Both are read where they stand, and a new code goes to APEv2: mutagen and Picard cannot open an ADTS file that
    /// gets an ID3v2 tag in front.
    ApeOrId3v2,
}

fn own_tag(format: Format) -> Own {
    match format {
        Format::WavPack | Format::MonkeysAudio | Format::Musepack | Format::Tak | Format::OptimFrog => Own::Ape,
        Format::Aac => Own::ApeOrId3v2,
        _ => Own::Id3v2,
    }
}

/// The tags of a file, in file order.
struct Structure<'a> {
    tags: Vec<Tagged<'a>>,
    audio: Range<u64>,
    /// Where a new APEv2 tag belongs: behind the audio, in front of Lyrics3 and ID3v1 tags.
    new_ape_at: u64,
    /// That the end of the file is one of a tag that was cut off.
    torn: Option<&'static str>,
}

struct Tagged<'a> {
    body: Body<'a>,
    standing: Standing,
}

enum Body<'a> {
    /// In front of the audio, walked when the file was identified.
    Front(&'a id3v2::Tag),
    Appended(Box<id3v2::Tag>),
    Ape(apev2::Tag),
}

impl Body<'_> {
    fn range(&self) -> &Range<u64> {
        match self {
            Body::Front(tag) => &tag.range,
            Body::Appended(tag) => &tag.range,
            Body::Ape(tag) => &tag.range,
        }
    }

    /// Why codes may stand in it that were not seen.
    fn doubt(&self) -> Option<&'static str> {
        match self {
            Body::Front(tag) => tag.doubt(),
            Body::Appended(tag) => tag.doubt(),
            Body::Ape(tag) => tag.doubt,
        }
    }

    fn place_count(&self) -> usize {
        match self {
            Body::Front(tag) => tag.place_count(),
            Body::Appended(tag) => tag.place_count(),
            Body::Ape(tag) => tag.place_count(),
        }
    }
}

impl Tagged<'_> {
    fn is_standard(&self) -> bool {
        self.standing == Standing::Standard
    }

    fn is_own_ape(&self) -> bool {
        self.is_standard() && matches!(self.body, Body::Ape(_))
    }
}

fn walk<'a>(source: &mut Source, front: &'a Front) -> Result<Structure<'a>, ReadError> {
    let own = own_tag(front.format);
    let mut tags = Vec::with_capacity(2);
    let mut at = 0;
    for (index, tag) in front.tags.iter().enumerate() {
        apes_in_front(source, at..tag.range.start, &mut tags)?;
        // Of several tags most programs read the first alone. Behind junk it takes new codes as well: a new tag in
        // front of it would hide all that it holds.
        let standing = match own {
            Own::Id3v2 | Own::ApeOrId3v2 if index == 0 => Standing::Standard,
            Own::Id3v2 | Own::ApeOrId3v2 | Own::Ape => Standing::Odd,
        };
        tags.push(Tagged {
            body: Body::Front(tag),
            standing,
        });
        at = tag.range.end;
    }
    apes_in_front(source, at..front.start, &mut tags)?;

    let in_front = tags.len();
    let tail = walk_back(source, front.start, &mut tags)?;
    let has_nothing_behind = tail.start == source.len();
    let torn = match has_nothing_behind {
        true => torn(source, front.start, own)?,
        false => None,
    };
    tags[in_front..].reverse();
    if matches!(own, Own::Ape | Own::ApeOrId3v2) {
        // Of several tags the one nearest to the end is read.
        let last = tags.iter().rposition(|tag| matches!(tag.body, Body::Ape(_)));
        if let Some(tag) = last.and_then(|last| tags.get_mut(last)) {
            tag.standing = Standing::Standard;
        }
    }
    Ok(Structure {
        tags,
        audio: front.start..tail.start,
        new_ape_at: tail.new_ape_at,
        torn,
    })
}

/// Looks for tags that are lost since the file ends in the middle of them, or of what stands behind them. Where APEv2 is
/// the format's own and there is none, some more is read to find out; else only what was read already.
fn torn(source: &mut Source, floor: u64, own: Own) -> Result<Option<&'static str>, ReadError> {
    let near = source.len().saturating_sub(TAIL).max(floor);
    if is_torn_id3v2(source, near)? {
        return Ok(Some("an ID3v2 tag at its end is cut short"));
    }
    let from = match own {
        Own::Ape | Own::ApeOrId3v2 => source.len().saturating_sub(TORN).max(floor),
        Own::Id3v2 => near,
    };
    Ok(apev2::is_torn(source, from)?.then_some("an APEv2 tag at its end is cut short, or what stands behind it"))
}

/// Whether an ID3v2.4 tag with a footer begins at or behind `from` and ends behind the end of the file.
fn is_torn_id3v2(source: &mut Source, from: u64) -> Result<bool, ReadError> {
    let tail = source.at(from, (source.len() - from) as usize)?;
    let is_torn = |start: usize| match tail[start..] {
        [_, _, _, 4, 0, flags, a, b, c, d, ..] if flags & 0x1F == 0x10 => {
            id3v2::synchsafe([a, b, c, d]).is_some_and(|size| start + 20 + size as usize > tail.len())
        }
        _ => false,
    };
    Ok(ID3.find_iter(tail).any(is_torn))
}

/// APEv2 tags that stand in `gap`, where identification stepped over them.
fn apes_in_front(source: &mut Source, gap: Range<u64>, tags: &mut Vec<Tagged>) -> Result<(), ReadError> {
    let mut at = gap.start;
    while at < gap.end && tags.len() < MOST_TAGS {
        let Some(tag) = apev2::walk_front(source, at)? else {
            break;
        };
        at = tag.range.end;
        tags.push(Tagged {
            body: Body::Ape(tag),
            standing: Standing::Odd,
        });
    }
    Ok(())
}

struct Tail {
    /// Where the audio ends.
    start: u64,
    new_ape_at: u64,
}

/// Walks the tags at the end of the file, from the last one on, in whatever order they were put there.
fn walk_back(source: &mut Source, floor: u64, tags: &mut Vec<Tagged>) -> Result<Tail, ReadError> {
    let mut end = source.len();
    // One read serves the usual end of a file.
    source.expect(end.saturating_sub(TAIL).max(floor), TAIL)?;
    let mut new_ape_at = None;
    for _ in 0..MOST_TAGS {
        let left = end - floor;
        if let Some(tag) = apev2::walk_back(source, floor, end)? {
            new_ape_at.get_or_insert(end);
            end = tag.range.start;
            tags.push(Tagged {
                body: Body::Ape(tag),
                standing: Standing::Odd,
            });
        } else if let Some(tag) = appended(source, floor, end)? {
            new_ape_at.get_or_insert(end);
            end = tag.range.start;
            tags.push(Tagged {
                body: Body::Appended(Box::new(tag)),
                standing: Standing::Odd,
            });
        } else if left >= ID3V1 && source.at(end - ID3V1, 3)? == b"TAG" {
            end -= ID3V1;
            if end - floor >= ID3V1_EXTENDED && source.at(end - ID3V1_EXTENDED, 4)? == b"TAG+" {
                end -= ID3V1_EXTENDED;
            }
        } else if let Some(start) = lyrics3(source, floor, end)? {
            end = start;
        } else {
            break;
        }
    }
    Ok(Tail {
        start: end,
        new_ape_at: new_ape_at.unwrap_or(end),
    })
}

/// The ID3v2.4 tag whose footer ends at `end` (ID3v2.4 structure, section 3.4).
fn appended(source: &mut Source, floor: u64, end: u64) -> Result<Option<id3v2::Tag>, ReadError> {
    let Some(footer_at) = end.checked_sub(10).filter(|&at| at >= floor) else {
        return Ok(None);
    };
    let footer: [u8; 10] = source.array(footer_at)?;
    let [b'3', b'D', b'I', _, _, _, size @ ..] = footer else {
        return Ok(None);
    };
    if size.iter().any(|&byte| byte >= 0x80) {
        return Ok(None);
    }
    let size = size.iter().fold(0, |size, &byte| size << 7 | u64::from(byte));
    let Some(at) = footer_at.checked_sub(size + 10).filter(|&at| at >= floor) else {
        return Ok(None);
    };
    Ok(id3v2::walk(source, at, end)?.filter(|tag| tag.range == (at..end)))
}

/// Where the Lyrics3 tag that ends at `end` starts. Version 2 states its size, version 1 has to be searched.
fn lyrics3(source: &mut Source, floor: u64, end: u64) -> Result<Option<u64>, ReadError> {
    const BEGIN: &[u8] = b"LYRICSBEGIN";
    if end - floor < 9 {
        return Ok(None);
    }
    let magic: [u8; 9] = source.array(end - 9)?;
    if &magic == b"LYRICS200" {
        let Some(size_at) = (end - 9).checked_sub(6).filter(|&at| at >= floor) else {
            return Ok(None);
        };
        let digits: [u8; 6] = source.array(size_at)?;
        let size = std::str::from_utf8(&digits)
            .ok()
            .and_then(|digits| digits.parse::<u64>().ok());
        let start = size
            .and_then(|size| size_at.checked_sub(size))
            .filter(|&at| at >= floor);
        let Some(start) = start else { return Ok(None) };
        let begins = size_at - start >= BEGIN.len() as u64 && source.at(start, BEGIN.len())? == BEGIN;
        return Ok(begins.then_some(start));
    }
    if &magic == b"LYRICSEND" {
        let from = end.saturating_sub(LYRICS3_V1).max(floor);
        let text = source.at(from, (end - from) as usize)?;
        let begin = text.windows(BEGIN.len()).rposition(|text| text == BEGIN);
        return Ok(begin.map(|index| from + index as u64));
    }
    Ok(None)
}
