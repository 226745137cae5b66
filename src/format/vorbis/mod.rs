//! Vorbis comments: the list of keys and values that FLAC and every Ogg codec carry.
//!
//! The list is walked by offset in a [`Packet`], which is one block of a FLAC file or an Ogg packet scattered over
//! pages; lyrics and pictures in it are stepped over. Layout: "Ogg Vorbis I format specification: comment field and
//! header specification", section 5.2.1. Invariant: no count or length of the list is trusted before the body is
//! known to reach that far.

use std::ops::Range;

use super::place::{self, Access, Label, Place, PlaceName, Standing};
use super::values;
use crate::bytes::source::{ReadError, VIEW_LIMIT};
use crate::format::damaged;
use crate::format::notes::code_name;
use crate::format::ogg::packet::Packet;

mod cue;
pub(super) mod edit;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

/// More comments than this are no list of comments.
const MOST_COMMENTS: u32 = 1 << 20;

/// Longer values are not looked at whole: no code and no cue sheet is that long.
const MOST_TEXT: u64 = VIEW_LIMIT as u64;

/// No two codes fit into a text this short.
const SHORTEST_PAIR: usize = 25;

/// A list as walked. All offsets are those of the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    /// Where the number of comments is: behind the vendor string.
    pub(super) count_at: u64,
    pub(super) count: u32,
    /// Behind the last comment.
    pub(super) end: u64,
    /// Those that give places, in order, and standard ones without a value.
    pub(super) comments: Vec<Comment>,
    /// Why codes may be in it that were not seen.
    pub(super) doubt: Option<&'static str>,
}

/// One comment of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment {
    /// Of its place.
    pub(super) name: &'static str,
    /// From its length field to its end.
    pub(super) range: Range<u64>,
    pub(super) value_at: u64,
    /// One range for each place, in the order of the places.
    pub(super) values: Vec<Range<u64>>,
}

impl Comment {
    pub(super) fn is_standard(&self) -> bool {
        self.name == STANDARD && self.value_at - self.range.start == 4 + key_of(STANDARD).len() as u64 + 1
    }

    pub(super) fn is_cue_sheet(&self) -> bool {
        self.name == CUE_SHEET
    }
}

const STANDARD: &str = "vorbis:ISRC";
const CUE_SHEET: &str = "vorbis:CUESHEET";

/// The places of the keys that are looked for, which are in upper case behind the colon.
const PLACES: [&str; 4] = [STANDARD, "vorbis:TSRC", "vorbis:WM/ISRC", CUE_SHEET];

fn key_of(place: &str) -> &str {
    &place["vorbis:".len()..]
}

/// The longest of those keys with its equals sign, and some spaces and marks around it.
const LONGEST_KEY: usize = 18;

const TOO_LONG: ReadError = ReadError::Damaged("the comment list is longer than what holds it");

/// Walks the list that starts at `at` and adds its places, with items numbered on from the last one in `places`.
pub(super) fn walk(body: &mut Packet, at: u64, places: &mut Vec<Place>) -> Result<List, ReadError> {
    let vendor = number(body, at)?;
    let count_at = at + 4 + u64::from(vendor);
    let count = number(body, count_at)?;
    if count > MOST_COMMENTS {
        return damaged("the comment list claims more comments than any real one");
    }
    let mut list = List {
        count_at,
        count,
        end: count_at + 4,
        comments: Vec::new(),
        doubt: None,
    };
    let mut left = count;
    loop {
        let (comments, bytes) = skim(body.at_hand(list.end), left);
        list.end += bytes;
        left -= comments;
        if left == 0 {
            break;
        }
        left -= 1;
        let start = list.end;
        let len = number(body, start)?;
        // Before the rest of the comment is sought, which may be a picture on many pages.
        let key = body.view_up_to(start + 4, LONGEST_KEY.min(len as usize))?;
        let known = known_key(key).map(|(name, written)| (name, written.len(), as_written(key_of(name), written)));
        list.end = start + 4 + u64::from(len);
        if !body.reaches(list.end)? {
            return damaged("a comment claims more bytes than its list has");
        }
        let Some((name, length, as_written)) = known else {
            continue;
        };
        let comment = Comment {
            name,
            range: start..list.end,
            value_at: start + 4 + length as u64 + 1,
            values: Vec::new(),
        };
        let comment = read_values(body, comment, as_written, places)?;
        // An empty standard one takes a new code.
        if comment.is_standard() || !comment.values.is_empty() {
            list.comments.push(comment);
        }
        place::limit(places.len())?;
    }
    if has_more(body, list.end)? {
        list.doubt = Some("its comments are more than it counts");
    }
    Ok(list)
}

/// Steps over the first of `count` comments that lie whole in `bytes` and are not looked for: how many they are, and of how
/// many bytes. There are dozens of them in a list.
fn skim(bytes: &[u8], count: u32) -> (u32, u64) {
    let (mut rest, mut comments) = (bytes, 0);
    while comments < count
        && let Some((len, behind)) = rest.split_first_chunk()
        && let Some((comment, next)) = behind.split_at_checked(u32::from_le_bytes(*len) as usize)
        && known_key(comment).is_none()
    {
        comments += 1;
        rest = next;
    }
    (comments, (bytes.len() - rest.len()) as u64)
}

/// A little-endian number of the list.
fn number(body: &mut Packet, at: u64) -> Result<u32, ReadError> {
    if !body.reaches(at + 4)? {
        return Err(TOO_LONG);
    }
    let view = body.view(at, 4)?;
    Ok(u32::from_le_bytes([view[0], view[1], view[2], view[3]]))
}

/// Which of [`PLACES`] a comment starts with the key of, and as which bytes: some programs leave a space at its end.
fn known_key(head: &[u8]) -> Option<(&'static str, &[u8])> {
    // Most comments are told apart by their first letter.
    let first = *head.first()?;
    if first.is_ascii_graphic() && !matches!(first | 0x20, b'i' | b't' | b'w' | b'c') {
        return None;
    }
    let head = &head[..head.len().min(LONGEST_KEY)];
    let written = &head[..memchr::memchr(b'=', head)?];
    let key = std::str::from_utf8(written).ok()?;
    let sheet = key_of(CUE_SHEET);
    let is_sheet = || key.trim_end().eq_ignore_ascii_case(sheet).then_some(sheet);
    let name = code_name(key).or_else(is_sheet)?;
    let place = PLACES.into_iter().find(|place| key_of(place) == name)?;
    Some((place, written))
}

/// Whether one more comment follows those that are counted.
fn has_more(body: &mut Packet, end: u64) -> Result<bool, ReadError> {
    const KEY: usize = 64;
    if body.len() <= end {
        return Ok(false);
    }
    let next = body.view_up_to(end, 4 + KEY)?;
    let Some((len, text)) = next.split_first_chunk() else {
        return Ok(false);
    };
    let len = u32::from_le_bytes(*len);
    let key = memchr::memchr(b'=', text).map(|end| &text[..end]);
    let is_key = key.is_some_and(|key| !key.is_empty() && key.iter().all(|byte| matches!(byte, b' '..=b'}')));
    Ok(is_key && body.reaches(end + 4 + u64::from(len))?)
}

/// The known `key` as it is written, where that differs.
fn as_written(key: &str, written: &[u8]) -> Option<Box<str>> {
    (written != key.as_bytes()).then(|| String::from_utf8_lossy(written).into())
}

fn read_values(
    body: &mut Packet,
    mut comment: Comment,
    key: Option<Box<str>>,
    places: &mut Vec<Place>,
) -> Result<Comment, ReadError> {
    let value = comment.value_at..comment.range.end;
    if value.is_empty() {
        return Ok(comment);
    }
    let held = (value.end - value.start).min(MOST_TEXT);
    let bytes = body.view(value.start, held as usize)?;
    let (mut text, is_exact) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), false),
    };
    let is_whole = held == value.end - value.start;
    let (pieces, standing, access) = match comment.is_cue_sheet() {
        // Offsets into a text that was repaired would not be those of the file.
        true if !is_exact => return Ok(comment),
        true => {
            let sheet = cue::codes(&text);
            (sheet.codes, sheet.standing, Access::ReadOnly)
        }
        false => {
            let pieces = match is_exact && is_whole && text.len() >= SHORTEST_PAIR {
                // Both separators are one byte long, so the ranges are those of the text.
                true => values::split(&text.replace('\0', ";")),
                false => Vec::new(),
            };
            let standing = match comment.is_standard() {
                true => Standing::Standard,
                false => Standing::Odd,
            };
            (pieces, standing, Access::Write)
        }
    };
    let values: Vec<(Range<u64>, String)> = if pieces.len() > 1 || access == Access::ReadOnly {
        let at = |offset: usize| value.start + offset as u64;
        let piece = |piece: Range<usize>| (at(piece.start)..at(piece.end), text[piece].to_owned());
        pieces.into_iter().map(piece).collect()
    } else {
        if !is_whole {
            // What was not read must not look like a code that was.
            text.push(char::REPLACEMENT_CHARACTER);
        }
        vec![(value, text)]
    };
    comment.values = values.iter().map(|(range, _)| range.clone()).collect();
    let label = Label {
        access,
        ..Label::of(PlaceName::new(comment.name), key, standing)
    };
    let in_file = values.into_iter().map(|(range, text)| (body.span(range), text));
    label.add(in_file, places);
    Ok(comment)
}
