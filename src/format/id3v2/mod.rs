//! ID3v2 tags of all versions, wherever a container carries them: in front of a stream, behind it, or in a chunk.
//!
//! A walk reads frame headers and the frames that hold codes; pictures are stepped over. A scan takes a tag as far as
//! it goes; an edit is refused where the walk met something that it does not understand.

use std::ops::Range;

use super::larger;
use super::place::{self, Label, Place, PlaceName, Standing};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{NEW_PADDING, New, NodeId, Size, boxed};
use crate::isrc::Isrc;

mod compression;
mod frame;
mod frames;
mod header;
mod reading;
mod splice;
#[cfg(test)]
mod tests;
mod text;
mod unsync;

use crate::format::damaged;
use frame::Frame;
use frames::{Frames, Next};
use header::Header;
pub(super) use header::synchsafe;
use reading::{Reading, body, kind};

/// What the compressed frames of a tag may decompress to before the file is kept away from other parsers.
pub const INFLATE_LIMIT: u64 = 16 << 20;

/// The most frames of a tag that are walked.
const MOST_FRAMES: u32 = 20_000;

/// What a compressed frame counts for at least, so that a great many tiny ones do not take long either.
const LEAST_DECOMPRESSED: u64 = 4096;

const AMBIGUOUS: &str = "an ID3v2 frame's size can be read in two ways, and programs differ in it";

/// One tag, as walked. Its bytes stay in the file.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// The whole tag: header, body, padding, footer.
    pub range: Range<u64>,
    /// The compressed frames decompress to more than [`INFLATE_LIMIT`].
    pub inflates: bool,
    header: Header,
    /// From the first frame to the end of the last one that could be walked.
    frames: Range<u64>,
    frame_count: u32,
    /// What is between the frames and the end of the body.
    rest: Next,
    /// Frames with names of codes, with or without values.
    items: Vec<Item>,
    /// The values of all items, in order.
    values: Vec<(Range<u64>, String)>,
    /// The largest one that is stored as it is.
    picture: Option<Range<u64>>,
    /// A frame was stepped over whose name is none, at which another reader may stop.
    has_unnamed: bool,
    /// A frame with the signature of others (SIGN).
    signed: bool,
}

/// A frame that holds codes.
#[derive(Debug, Clone)]
struct Item {
    frame: Frame,
    /// How its body is stored.
    format: frame::Format,
    /// What keeps most other programs from its values, though they can be read.
    hidden: Option<&'static str>,
    name: PlaceName,
    /// The description as written, where its case differs.
    key: Option<Box<str>>,
    /// Which of the tag's values are its.
    values: Range<usize>,
    standard: bool,
    /// It is in UTF-8, which 2.2 does not know: some programs read it, and others nothing of the tag.
    is_newer: bool,
}

/// Walks the tag that starts at `at` and must end at or before `limit`; `None` if no tag starts there.
pub(super) fn walk(source: &mut Source, at: u64, limit: u64) -> Result<Option<Tag>, ReadError> {
    let Some(mut header) = header::read(source, at, limit)? else {
        return Ok(None);
    };
    let mut walk = Frames::new(source, &header)?;
    header.read_extended(source)?;
    let mut cursor = header.cursor(header.body.start);
    let mut tag = Tag {
        range: header.range.clone(),
        inflates: false,
        frames: header.body.start..header.body.start,
        frame_count: 0,
        rest: Next::Padding,
        items: Vec::new(),
        values: Vec::new(),
        picture: None,
        has_unnamed: false,
        signed: false,
        header,
    };
    let (mut decompressed, mut last) = (0, tag.frames.start);
    while matches!(tag.header.version, 2..=4) {
        tag.frame_count += frames::skim(source, &tag.header, &mut cursor, &mut last, &mut tag.picture);
        tag.frames.end = cursor.at;
        if tag.frame_count > MOST_FRAMES {
            return damaged("an ID3v2 tag holds more frames than any real one");
        }
        let frame = match walk.read(source, &mut cursor)? {
            Ok(frame) => frame,
            Err(rest) => {
                tag.end(source, rest, last)?;
                break;
            }
        };
        tag.frame_count += 1;
        last = frame.range.start;
        tag.has_unnamed |= !frame::is_id(frame.id);
        tag.note(source, frame, &mut decompressed)?;
    }
    tag.header.read_footer(source)?;
    tag.range = tag.header.range.clone();
    Ok(Some(tag))
}

impl Tag {
    /// Where the tag says that it ends, if that is behind the end of what there is.
    pub(super) fn overshoot(&self) -> Option<u64> {
        (self.header.claimed_end > self.range.end).then_some(self.header.claimed_end)
    }

    /// Why codes may be in it that were not seen.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        self.header.doubt
    }

    fn hides(&mut self, doubt: &'static str) {
        self.header.doubt.get_or_insert(doubt);
        self.header.odd.get_or_insert(doubt);
    }

    /// No frame follows the one at `last`.
    fn end(&mut self, source: &mut Source, rest: Next, last: u64) -> Result<(), ReadError> {
        self.rest = rest;
        match rest {
            // Behind a code that was found, a last frame that was cut off hides no other.
            Next::Overrun | Next::Padding | Next::Opaque | Next::Unnamed if self.has_code() => {}
            Next::Overrun => self.hides("an ID3v2 frame claims more bytes than its tag has"),
            Next::Unnamed => self.hides("what an ID3v2 tag holds behind its last frame is neither a frame nor padding"),
            Next::Ambiguous => self.hides(AMBIGUOUS),
            Next::Padding | Next::Opaque => {
                if frames::hides_frames(source, &self.header, last)? {
                    self.hides(AMBIGUOUS);
                }
            }
        }
        Ok(())
    }

    /// As in [`super::Located`].
    pub(super) fn is_forgiven(&self) -> bool {
        self.header.hidden.is_some() || self.items.iter().any(|item| item.hidden.is_some() || item.is_newer)
    }

    /// The bytes of its largest picture, if all of the tag is understood.
    pub(super) fn picture(&self) -> Option<Range<u64>> {
        let is_understood = self.header.odd.is_none() && self.rest == Next::Padding;
        self.picture.clone().filter(|_| is_understood && !self.has_unnamed)
    }

    /// Whether the frame that most programs read holds a value.
    fn has_code(&self) -> bool {
        self.items.iter().any(|item| item.standard && !item.values.is_empty())
    }

    /// Where the last frame that could be walked ends.
    pub(super) fn frames_end(&self) -> u64 {
        self.frames.end
    }

    /// Adds the tag's places, in walking order. `standing` is what TSRC (TRC in 2.2) is worth in this container;
    /// other frames are never better than `Odd`. Items are numbered on from the last one in `places`.
    pub(super) fn places(&self, standing: Standing, places: &mut Vec<Place>) {
        for item in &self.items {
            let standing = match item.standard || !standing.is_standard() {
                true => standing.hidden_by(self.header.hidden.or(item.hidden)),
                false => Standing::Odd,
            };
            let values = self.values[item.values.clone()].iter().cloned();
            Label::of(item.name.clone(), item.key.clone(), standing).add(values, places);
        }
    }

    /// Takes note of one frame: its values if it is a code's, its weight if it is compressed.
    fn note(&mut self, source: &mut Source, frame: Frame, decompressed: &mut u64) -> Result<(), ReadError> {
        let format = frame.format(&self.header);
        if let Some(format) = format.filter(|format| format.compressed && !format.encrypted) {
            if *decompressed <= INFLATE_LIMIT {
                let left = INFLATE_LIMIT - *decompressed;
                *decompressed +=
                    compression::decompressed_size(source, &self.header, &frame, format, left)?.max(LEAST_DECOMPRESSED);
            }
            self.inflates |= *decompressed > INFLATE_LIMIT;
        }
        let id = frame.id;
        if !frame::is_looked_into(id) {
            let is_plain = format == Some(frame::Format::default()) && !frame.plain_size;
            if frame::is_picture(id) && is_plain && !self.header.unsynchronised() {
                let start = frame.range.start + frame::header_length(self.header.version) as u64;
                larger(&mut self.picture, start..frame.range.end);
            }
            return Ok(());
        }
        let (name, standard) = match (self.header.version, &id) {
            (3 | 4, b"TSRC") => ("id3v2:TSRC", true),
            (2, b"TRC ") => ("id3v2:TRC", true),
            (3 | 4, b"TRC " | b"TRC\0") => ("id3v2:TRC", false),
            (3 | 4, b"TXXX") | (2, b"TXX ") => return self.note_described(source, frame, format),
            (_, b"SIGN") => {
                self.signed = true;
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.note_item(source, frame, format, (PlaceName::new(name), None), standard)
    }

    /// A TXXX frame is a code's if its description says so.
    fn note_described(
        &mut self,
        source: &mut Source,
        frame: Frame,
        format: Option<frame::Format>,
    ) -> Result<(), ReadError> {
        let header = frame::header_length(self.header.version) as u64;
        let length = frame.range.end - frame.range.start;
        let Some(format) = format else { return Ok(()) };
        let named = if format == frame::Format::default() && !self.header.unsynchronised() {
            let view = (length - header).min(frame::DESCRIPTION_VIEW.into());
            text::code_description(source.at(frame.range.start + header, view as usize)?)
        } else if format.encrypted || length > frame::LARGEST_FRAME {
            None
        } else {
            let stored = frame.load(source, &self.header, format)?;
            body(&stored, &self.header, format).and_then(|body| text::code_description(&body))
        };
        let Some((name, written)) = named else { return Ok(()) };
        let key = (written != name).then(|| written.into());
        let name = PlaceName::new(format!("id3v2:TXXX:{name}"));
        self.note_item(source, frame, Some(format), (name, key), false)
    }

    fn note_item(
        &mut self,
        source: &mut Source,
        frame: Frame,
        format: Option<frame::Format>,
        (name, key): (PlaceName, Option<Box<str>>),
        standard: bool,
    ) -> Result<(), ReadError> {
        if frame.range.end - frame.range.start > frame::LARGEST_FRAME {
            self.hides("a code's ID3v2 frame is larger than any real one");
            return Ok(());
        }
        let Reading {
            format,
            stored,
            found,
            hidden,
        } = match self.reading(source, &frame, format, kind(&name))? {
            Ok(reading) => reading,
            Err(reason) => {
                self.hides(reason);
                return Ok(());
            }
        };
        let first = self.values.len();
        place::limit(first + found.values.len())?;
        let before = frame::header_length(self.header.version) + format.extra;
        let start = frame.range.start;
        self.values.extend(found.values.into_iter().map(|value| {
            let at = if format.compressed {
                stored.raw_index(before)..stored.raw.len()
            } else {
                stored.raw_index(before + value.at.start)..stored.raw_index(before + value.at.end)
            };
            (start + at.start as u64..start + at.end as u64, value.text)
        }));
        self.items.push(Item {
            frame,
            format,
            hidden,
            name,
            key,
            values: first..self.values.len(),
            standard,
            is_newer: self.header.version == 2 && stored.plain.get(before) == Some(&3),
        });
        Ok(())
    }
}

/// A new tag at an offset, with padding.
pub(super) fn new<'t>(at: u64, inside: Option<NodeId>) -> New<'t> {
    New {
        padding: NEW_PADDING,
        ..New::item(at, inside, new_tag)
    }
}

/// A whole ID3v2.3 tag with one TSRC frame and `padding` zero bytes.
pub(super) fn new_tag(isrc: Isrc, padding: u64) -> Vec<u8> {
    let frame = new_frame(3, false, isrc);
    let padding = padding.min(Size::Synchsafe.most() - frame.len() as u64) as usize;
    boxed(b"ID3\x03\0\0", Size::Synchsafe, 0, &[frame, vec![0; padding]].concat())
}

/// A frame with a code, in Latin-1. `unsynchronised` is what a 2.4 tag says of all its frames.
fn new_frame(version: u8, unsynchronised: bool, isrc: Isrc) -> Vec<u8> {
    let head: &[u8] = match (version, unsynchronised) {
        (2, _) => b"TRC\0\0\x0D\0",
        (4, true) => b"TSRC\0\0\0\x0D\0\x02\0",
        _ => b"TSRC\0\0\0\x0D\0\0\0",
    };
    [head, isrc.as_bytes()].concat()
}
