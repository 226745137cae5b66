//! Tags at the end of a file, whatever its container: APEv2, appended ID3v2.4, ID3v1 and Lyrics3, in whatever order they
//! were put there. Invariant: the tags of a [`Behind`] are in file order, and nothing of the container lies in them.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::place::{Place, Standing};
use super::{Depth, apev2, id3v2};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::Tree;

/// The most tags behind the audio.
pub(super) const MOST_TAGS: usize = 32;

/// What one read of the end of a file fetches: enough for the usual small tags.
pub(super) const TAIL: u64 = 1024;

const ID3V1: u64 = 128;
const ID3V1_EXTENDED: u64 = 227;

/// `LYRICSBEGIN`, up to 5100 bytes, `LYRICSEND` (Lyrics3 v1.00).
const LYRICS3_V1: u64 = 11 + 5100 + 9;
const LYRICS_BEGIN: &[u8] = b"LYRICSBEGIN";

/// How far a Lyrics3 tag is looked for whose size is wrong.
const LOOKED_BACK: u64 = 64 * 1024;

/// Made once: a scan searches the end of every file without tags there.
static ID3: LazyLock<Finder> = LazyLock::new(|| Finder::new("ID3"));

/// What is behind a container.
#[derive(Debug)]
pub(super) struct Behind {
    /// Those that can hold codes, in file order.
    pub tags: Vec<Tag>,
    /// Where the first of all tags starts; the end of the file without any.
    pub start: u64,
    /// Where a new APEv2 tag belongs: behind the audio, in front of Lyrics3 and ID3v1 tags.
    pub new_ape_at: u64,
    /// The last thing is an APEv2 footer without its tag, which starts here.
    pub stray: Option<u64>,
    /// Why there may be more in front of the first one.
    pub lost: Option<&'static str>,
    /// Somebody looked.
    pub is_known: bool,
}

#[derive(Debug)]
pub(super) enum Tag {
    Appended(Box<id3v2::Tag>),
    Ape(apev2::Tag),
}

impl Tag {
    /// Why codes may be in it that were not seen.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        match self {
            Tag::Appended(tag) => tag.doubt(),
            Tag::Ape(tag) => tag.doubt,
        }
    }

    /// As in [`super::Located`].
    pub(super) fn is_forgiven(&self) -> bool {
        match self {
            Tag::Appended(tag) => tag.is_forgiven(),
            Tag::Ape(tag) => tag.is_forgiven(),
        }
    }

    pub(super) fn places(&self, standing: Standing, places: &mut Vec<Place>) {
        match self {
            Tag::Appended(tag) => tag.places(standing, places),
            Tag::Ape(tag) => tag.places(standing, places),
        }
    }

    /// Declares what of it can be edited, and, if it `takes` new codes, where they go.
    pub(super) fn declare<'t>(
        &'t self,
        source: &mut Source,
        tree: &mut Tree<'t>,
        takes: bool,
    ) -> Result<(), ReadError> {
        match self {
            Tag::Appended(tag) => tag.declare(source, tree, None, takes),
            Tag::Ape(tag) => {
                tag.declare(tree, None, takes);
                Ok(())
            }
        }
    }
}

impl Behind {
    /// Nothing is behind.
    pub(super) fn nothing(source: &Source) -> Behind {
        let end = source.len();
        Behind {
            tags: Vec::new(),
            start: end,
            new_ape_at: end,
            stray: None,
            lost: None,
            is_known: true,
        }
    }

    /// For a container that is read from its front alone, and whose own tag is another one: the end of the file is looked
    /// at unless `places` is enough. Adds the places.
    pub(super) fn of(
        source: &mut Source,
        floor: u64,
        depth: Depth,
        places: &mut Vec<Place>,
    ) -> Result<Behind, ReadError> {
        if depth.is_enough(places) {
            return Ok(Behind {
                is_known: false,
                ..Behind::nothing(source)
            });
        }
        let behind = walk(source, floor)?;
        behind.places(places);
        Ok(behind)
    }

    /// Adds the places: in a container whose own tag is another one.
    pub(super) fn places(&self, places: &mut Vec<Place>) {
        for tag in &self.tags {
            tag.places(Standing::Odd, places);
        }
    }

    /// Declares what of the tags can be edited.
    pub(super) fn declare<'t>(&'t self, source: &mut Source, tree: &mut Tree<'t>) -> Result<(), ReadError> {
        self.tags.iter().try_for_each(|tag| tag.declare(source, tree, false))
    }

    pub(super) fn doubt(&self) -> Option<&'static str> {
        self.tags.iter().find_map(Tag::doubt).or(self.lost)
    }

    pub(super) fn is_forgiven(&self) -> bool {
        self.tags.iter().any(Tag::is_forgiven)
    }
}

/// Walks the tags from the last one on. No byte before `floor` is theirs.
pub(super) fn walk(source: &mut Source, floor: u64) -> Result<Behind, ReadError> {
    let mut end = source.len();
    // One read serves the usual end of a file.
    let near = end.saturating_sub(TAIL).max(floor);
    source.expect(near, end - near)?;
    let mut behind = Behind::nothing(source);
    let mut new_ape_at = None;
    for _ in 0..MOST_TAGS {
        match apev2::walk_back(source, floor, end)? {
            apev2::Back::Tag(tag) => {
                new_ape_at.get_or_insert(end);
                end = tag.range.start;
                behind.tags.push(Tag::Ape(tag));
                continue;
            }
            apev2::Back::Stray(start) => {
                behind.stray = Some(start);
                break;
            }
            apev2::Back::Nothing => {}
        }
        if let Some(tag) = appended(source, floor, end)? {
            new_ape_at.get_or_insert(end);
            end = tag.range.start;
            behind.tags.push(Tag::Appended(Box::new(tag)));
        } else if let Some(start) = id3v1(source, floor, end)? {
            end = start;
        } else {
            match lyrics3(source, floor, end)? {
                Some(Lyrics::At(start)) => end = start,
                Some(Lyrics::Lost) => {
                    behind.lost = Some("a Lyrics3 tag at its end does not begin where it says");
                    break;
                }
                None => break,
            }
        }
    }
    behind.tags.reverse();
    behind.start = end;
    behind.new_ape_at = new_ape_at.unwrap_or(end);
    Ok(behind)
}

/// Whether one of these tags may start at `at`, where a container has come to its end.
pub(super) fn may_start(source: &mut Source, at: u64) -> Result<bool, ReadError> {
    let left = source.len().saturating_sub(at);
    if left < apev2::FRAME {
        return Ok(false);
    }
    let head = source.at(at, LYRICS_BEGIN.len())?;
    let is_id3v1 = head.starts_with(b"TAG") && (left == ID3V1 || left == ID3V1 + ID3V1_EXTENDED);
    // "ID3 " is the name of a chunk, "ID3" and a version a tag.
    let is_id3v2 = matches!(head, [b'I', b'D', b'3', 2..=4, ..]);
    Ok(is_id3v1 || is_id3v2 || head.starts_with(apev2::MAGIC) || head == LYRICS_BEGIN)
}

fn id3v1(source: &mut Source, floor: u64, end: u64) -> Result<Option<u64>, ReadError> {
    if end - floor < ID3V1 || source.at(end - ID3V1, 3)? != b"TAG" {
        return Ok(None);
    }
    let start = end - ID3V1;
    let is_extended = start - floor >= ID3V1_EXTENDED && source.at(start - ID3V1_EXTENDED, 4)? == b"TAG+";
    Ok(Some(if is_extended { start - ID3V1_EXTENDED } else { start }))
}

/// The ID3v2.4 tag whose footer ends at `end` (ID3v2.4 structure, section 3.4).
fn appended(source: &mut Source, floor: u64, end: u64) -> Result<Option<id3v2::Tag>, ReadError> {
    let Some(footer_at) = end.checked_sub(10).filter(|&at| at >= floor) else {
        return Ok(None);
    };
    let footer: [u8; 10] = source.array(footer_at)?;
    let [b'3', b'D', b'I', _, _, _, a, b, c, d] = footer else {
        return Ok(None);
    };
    let Some(size) = id3v2::synchsafe([a, b, c, d]) else {
        return Ok(None);
    };
    let start = footer_at.checked_sub(u64::from(size) + 10).filter(|&at| at >= floor);
    let Some(at) = start else { return Ok(None) };
    Ok(id3v2::walk(source, at, end)?.filter(|tag| tag.range == (at..end)))
}

/// Where the Lyrics3 tag that ends at `end` starts. Version 2 states its size; version 1 has to be searched, and one whose
/// size is wrong. What begins nowhere is none, unless it may hide a tag.
fn lyrics3(source: &mut Source, floor: u64, end: u64) -> Result<Option<Lyrics>, ReadError> {
    const STATED: u64 = 9 + 6;
    if end - floor < STATED {
        return Ok(None);
    }
    let digits: [u8; STATED as usize] = source.array(end - STATED)?;
    let (digits, magic) = digits.split_at(6);
    let most = match magic {
        b"LYRICS200" => {
            let size = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
            let start = size.and_then(|size: u64| (end - STATED).checked_sub(size));
            let count = LYRICS_BEGIN.len();
            if let Some(start) = start.filter(|&start| start >= floor && end - STATED - start >= count as u64)
                && source.at(start, count)? == LYRICS_BEGIN
            {
                return Ok(Some(Lyrics::At(start)));
            }
            LOOKED_BACK
        }
        b"LYRICSEND" => LYRICS3_V1,
        _ => return Ok(None),
    };
    let from = end.saturating_sub(most).max(floor);
    let text = source.copy(from, end - from, most)?;
    let begin = memchr::memmem::rfind(&text, LYRICS_BEGIN).map(|index| Lyrics::At(from + index as u64));
    Ok(begin.or_else(|| memchr::memmem::find(&text, apev2::MAGIC).map(|_| Lyrics::Lost)))
}

enum Lyrics {
    At(u64),
    /// An APEv2 tag may be in front of it.
    Lost,
}

/// Whether an ID3v2.4 tag with a footer begins at or behind `from` and ends behind the end of the file.
pub(super) fn is_torn_id3v2(source: &mut Source, from: u64) -> Result<bool, ReadError> {
    let tail = source.at(from, (source.len() - from) as usize)?;
    let is_torn = |start: usize| match tail[start..] {
        [_, _, _, 4, 0, flags, a, b, c, d, ..] if flags & 0x1F == 0x10 => {
            id3v2::synchsafe([a, b, c, d]).is_some_and(|size| start + 20 + size as usize > tail.len())
        }
        _ => false,
    };
    Ok(ID3.find_iter(tail).any(is_torn))
}
