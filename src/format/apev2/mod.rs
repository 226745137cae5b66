//! APEv1 and APEv2 tags: a list of items between a header and a footer, at the end of a file or at its front.
//!
//! The format has no padding: an item that grows moves what follows it. Facts: the APEv2 specification (APE tags
//! header, APE tag item) of Hydrogenaudio.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::notes::code_name;
use super::place::{self, Label, Place, PlaceName, Standing};
use super::{damaged, formats, values};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::Size;

mod splice;
#[cfg(test)]
mod tests;

pub(super) use splice::new_tag;

/// The length of a header and of a footer.
pub(super) const FRAME: u64 = 32;

pub(super) const MAGIC: &[u8; 8] = b"APETAGEX";

/// Made once: a scan searches the end of every file without a tag.
static PREAMBLE: LazyLock<Finder> = LazyLock::new(|| Finder::new(MAGIC));

const HAS_HEADER: u32 = 1 << 31;
const HAS_NO_FOOTER: u32 = 1 << 30;
const IS_HEADER: u32 = 1 << 29;
const READ_ONLY: u32 = 1;
/// What an item holds: 0 is text, 1 binary data, 2 the address of something elsewhere.
const CONTENT: u32 = 0b110;

/// The most items that are walked.
const MOST_ITEMS: u32 = 100_000;

/// The largest code item that is looked at whole.
const LARGEST_ITEM: u64 = 60 * 1024;

/// The longest key, with the zero byte behind it.
const LONGEST_KEY: u64 = 256;

const CONTRADICTS: &str = "an APEv2 tag's header contradicts its footer";

const KEY: &str = "ISRC";

/// The places, which end in the keys under which codes are: the usual one, and what converters make of an ID3v2 or ASF tag's
/// (ffmpeg writes `TSRC`).
const PLACES: [&str; 3] = [formats::APE, "apev2:TSRC", "apev2:WM/ISRC"];

/// One tag, as walked. Its bytes stay in the file.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// The whole tag: header, items, footer.
    pub range: Range<u64>,
    /// Offsets of the header and the footer, whichever there are.
    ends: Vec<u64>,
    /// As the header and the footer state it.
    size: u32,
    /// How many items there are.
    count: u32,
    /// The header or the footer state another count.
    is_miscounted: bool,
    /// From the first item to the end of the last one.
    items: Range<u64>,
    codes: Vec<Item>,
    /// The values of all code items, in order.
    values: Vec<(Range<u64>, String)>,
    /// Why the tag must not be edited.
    odd: Option<&'static str>,
    /// Why codes may be in it that were not seen; then it is the same as `odd`, or graver.
    pub doubt: Option<&'static str>,
}

/// An item that holds codes.
#[derive(Debug, Clone)]
struct Item {
    /// As in [`PLACES`].
    place: &'static str,
    range: Range<u64>,
    /// Offset of the value in the item.
    value_at: usize,
    key: Option<Box<str>>,
    /// Which of the tag's values are its.
    values: Range<usize>,
    read_only: bool,
    /// Programs that trust the tag's count stop before it.
    is_beyond_count: bool,
}

impl Item {
    fn is_standard(&self) -> bool {
        self.place == formats::APE && self.key.as_ref().is_none_or(|key| key.len() == KEY.len())
    }
}

/// A header or a footer.
struct End {
    version: u32,
    size: u32,
    count: u32,
    flags: u32,
}

fn read_end(source: &mut Source, at: u64) -> Result<Option<End>, ReadError> {
    let bytes: [u8; 32] = source.array(at)?;
    let word = |at: usize| Size::Le32.read(&bytes[at..at + 4]) as u32;
    let end = End {
        version: word(8),
        size: word(12),
        count: word(16),
        flags: word(20),
    };
    let is_one = bytes.starts_with(MAGIC) && matches!(end.version, 1000 | 2000);
    Ok(is_one.then_some(end))
}

/// The header or footer at an offset, where there can be one.
fn end_at(source: &mut Source, at: Option<u64>) -> Result<Option<(u64, End)>, ReadError> {
    let Some(at) = at else { return Ok(None) };
    Ok(read_end(source, at)?.map(|end| (at, end)))
}

/// What ends at an offset.
#[derive(Debug)]
pub(super) enum Back {
    Tag(Tag),
    /// A footer whose tag is not there.
    Stray(u64),
    Nothing,
}

/// Walks the tag whose footer ends at `end`. No byte before `floor` can be its.
pub(super) fn walk_back(source: &mut Source, floor: u64, end: u64) -> Result<Back, ReadError> {
    let Some(footer_at) = end.checked_sub(FRAME).filter(|&at| at >= floor) else {
        return Ok(Back::Nothing);
    };
    let Some(footer) = read_end(source, footer_at)? else {
        return Ok(Back::Nothing);
    };
    if footer.flags & IS_HEADER != 0 {
        return Ok(Back::Nothing);
    }
    let items_at = end.checked_sub(u64::from(footer.size)).filter(|&at| at >= floor);
    let Some(items_at) = items_at.filter(|&at| at <= footer_at) else {
        return Ok(Back::Stray(footer_at));
    };
    let header_at = items_at.checked_sub(FRAME).filter(|&at| at >= floor);
    source.expect(header_at.unwrap_or(items_at), (end - items_at + FRAME).min(4096))?;
    // Tags without the flag have been seen with a header, and the other way around.
    let header = end_at(source, header_at)?.filter(|(_, header)| header.flags & IS_HEADER != 0);
    let lacks = footer.flags & HAS_HEADER != 0;
    let lacks = lacks.then_some("an APEv2 tag lacks the header that it announces");
    let tag = Tag::walked(source, items_at..footer_at, (footer_at, footer), header, lacks)?;
    // Without a header in front of it, and without a single item where they must be, the footer is alone.
    let is_alone = tag.ends.len() == 1 && tag.items.is_empty() && items_at < footer_at;
    Ok(match is_alone {
        true => Back::Stray(footer_at),
        false => Back::Tag(tag),
    })
}

/// Walks the tag whose header is at `at`; `None` if there is none.
pub(super) fn walk_front(source: &mut Source, at: u64) -> Result<Option<Tag>, ReadError> {
    if source.len().saturating_sub(at) < FRAME {
        return Ok(None);
    }
    let Some(header) = read_end(source, at)? else {
        return Ok(None);
    };
    if header.flags & IS_HEADER == 0 {
        return Ok(None);
    }
    let items_at = at + FRAME;
    let end = items_at + u64::from(header.size);
    source.reach(end)?;
    let is_announced = header.flags & HAS_NO_FOOTER == 0;
    let footer_at = end.checked_sub(FRAME).filter(|&at| is_announced && at >= items_at);
    let footer = end_at(source, footer_at)?;
    let items_end = footer.as_ref().map_or(end, |(at, _)| *at);
    let lacks = is_announced.then_some("an APEv2 tag lacks the footer that it announces");
    let tag = Tag::walked(source, items_at..items_end, (at, header), footer, lacks)?;
    Ok(Some(tag))
}

/// Whether part of a tag is between `from` and `end`. The caller has looked for tags that end where the file ends,
/// and found none: the tag was cut off, or what is behind it was.
pub(super) fn is_torn(source: &mut Source, from: u64, end: u64) -> Result<bool, ReadError> {
    let tail = source.at(from, (end - from) as usize)?;
    let starts: Vec<u64> = PREAMBLE.find_iter(tail).map(|start| from + start as u64).collect();
    for at in starts {
        if end - at < FRAME || read_end(source, at)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Tag {
    /// With its items, as the header or the footer at an offset has it. The `other` one is to say the same; that there is none
    /// is odd where it `lacks` it.
    fn walked(
        source: &mut Source,
        items: Range<u64>,
        (at, end): (u64, End),
        other: Option<(u64, End)>,
        lacks: Option<&'static str>,
    ) -> Result<Tag, ReadError> {
        let mut ends: Vec<u64> = other.iter().map(|(at, _)| *at).chain([at]).collect();
        ends.sort_unstable();
        let last = ends[ends.len() - 1];
        let (mut other_count, mut odd) = (end.count, lacks);
        if let Some((_, other)) = other {
            other_count = other.count;
            odd = (other.size != end.size).then_some(CONTRADICTS);
        }
        let mut tag = Tag {
            range: ends[0].min(items.start)..items.end.max(last + FRAME),
            ends,
            size: end.size,
            count: end.count,
            items: items.start..items.start,
            is_miscounted: false,
            codes: Vec::new(),
            values: Vec::new(),
            odd: odd.or((end.flags & READ_ONLY != 0).then_some("an APEv2 tag is marked read-only")),
            doubt: None,
        };
        tag.walk_items(source, items.end, end.version, other_count)?;
        Ok(tag)
    }

    fn hides(&mut self, doubt: &'static str) {
        self.doubt.get_or_insert(doubt);
        self.odd.get_or_insert(doubt);
    }

    /// Walks the items up to `end`. They are believed beyond the count of the tag, which some programs get wrong, if they
    /// fill it. `other_count` is that of the tag's other end.
    fn walk_items(&mut self, source: &mut Source, end: u64, version: u32, other_count: u32) -> Result<(), ReadError> {
        let stated = self.count;
        let mut counted = (self.items.end, 0, 0);
        self.count = 0;
        while self.items.end < end {
            if self.count == MOST_ITEMS {
                return damaged("an APEv2 tag holds more items than any real one");
            }
            let noted = self.codes.len();
            if !self.walk_item(source, end, version)? {
                break;
            }
            for item in &mut self.codes[noted..] {
                item.is_beyond_count = self.count >= stated;
            }
            self.count += 1;
            if self.count == stated {
                counted = (self.items.end, self.codes.len(), self.values.len());
            }
        }
        let is_filled = self.items.end == end;
        if !is_filled && self.count < stated {
            self.hides("an APEv2 tag's items do not add up");
        }
        if !is_filled && self.count > stated {
            let (items_end, codes, values) = counted;
            self.items.end = items_end;
            self.codes.truncate(codes);
            self.values.truncate(values);
            self.count = stated;
        }
        if !is_filled && other_count != stated {
            self.odd.get_or_insert(CONTRADICTS);
        }
        self.is_miscounted = self.count != stated || self.count != other_count;
        Ok(())
    }

    /// Steps over one item; `false` if there is none.
    fn walk_item(&mut self, source: &mut Source, end: u64, version: u32) -> Result<bool, ReadError> {
        let at = self.items.end;
        let left = end - at;
        if left < 8 {
            return Ok(false);
        }
        let head: [u8; 8] = source.array(at)?;
        let (size, flags) = (Size::Le32.read(&head[..4]), Size::Le32.read(&head[4..]) as u32);
        // The keys looked for are short; the end of a longer one is searched for only if it is not near.
        let mut length = None;
        for most in [32, LONGEST_KEY] {
            let view = source.at(at + 8, (left - 8).min(most) as usize)?;
            length = memchr::memchr(0, view);
            if length.is_some() {
                break;
            }
        }
        let Some(length) = length else { return Ok(false) };
        let value_at = 8 + length as u64 + 1;
        let Some(item_end) = at.checked_add(value_at + size).filter(|&item_end| item_end <= end) else {
            return Ok(false);
        };
        let key = source.at(at + 8, length)?;
        let named = std::str::from_utf8(key).ok().and_then(code_name);
        self.items.end = item_end;
        if let Some(name) = named
            && let Some(place) = PLACES.into_iter().find(|place| &place["apev2:".len()..] == name)
        {
            let item = Item {
                place,
                range: at..item_end,
                value_at: value_at as usize,
                key: (key != name.as_bytes()).then(|| String::from_utf8_lossy(key).into()),
                values: 0..0,
                is_beyond_count: false,
                read_only: flags & READ_ONLY != 0,
            };
            self.note(source, item, flags, version)?;
        }
        Ok(true)
    }

    /// Takes the values of a text item, which are separated by zero bytes, without the empty ones.
    fn note(&mut self, source: &mut Source, mut item: Item, flags: u32, version: u32) -> Result<(), ReadError> {
        // Version 1 has no flags: all items are text.
        if version == 2000 && flags & CONTENT != 0 {
            self.hides("an APEv2 tag's ISRC item is not text");
            return Ok(());
        }
        let mut start = item.range.start + item.value_at as u64;
        let size = item.range.end - start;
        if size > LARGEST_ITEM {
            self.hides("an APEv2 tag's ISRC item is larger than any real one");
            return Ok(());
        }
        let first = self.values.len();
        for string in source.at(start, size as usize)?.split(|&byte| byte == 0) {
            let span = start..start + string.len() as u64;
            start = span.end + 1;
            match std::str::from_utf8(string) {
                _ if string.is_empty() => {}
                Ok(text) => self.values.extend(values::pieces(text, &span, 1)),
                Err(_) => self.values.push((span, String::from_utf8_lossy(string).into_owned())),
            }
            place::limit(self.values.len())?;
        }
        item.values = first..self.values.len();
        self.codes.push(item);
        Ok(())
    }

    /// As in [`super::Located`].
    pub(super) fn is_forgiven(&self) -> bool {
        self.is_miscounted
    }

    /// Adds the tag's places, in walking order. Items are numbered on from the last one in `places`.
    pub(super) fn places(&self, standing: Standing, places: &mut Vec<Place>) {
        const BEYOND: &str = "its tag's count of items ends before it";
        for item in &self.codes {
            let standing = match item.is_standard() {
                true => standing.hidden_by(item.is_beyond_count.then_some(BEYOND)),
                false => Standing::Odd,
            };
            let values = self.values[item.values.clone()].iter().cloned();
            Label::of(PlaceName::new(item.place), item.key.clone(), standing).add(values, places);
        }
    }
}
