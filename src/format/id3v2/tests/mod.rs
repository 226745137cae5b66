//! Tags built byte by byte, apart from the code that reads and edits them.

mod damaged;
mod edits;
mod places;
mod runs;

use super::*;
use crate::bytes::pieces::{Patch, applied};
use crate::format::edit::tree::Tree;
use crate::format::place::Action;
use crate::format::testing::{isrc, write};
use crate::format::{Refusal, SpliceError, edit as engine};

const A: &str = "QZES51600001";
const B: &str = "QZES51600002";
const NEW: &str = "USRC17607839";

fn synchsafe(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift & 0x7F) as u8)
}

fn unsynchronised(bytes: &[u8]) -> Vec<u8> {
    let mut new = Vec::new();
    for (index, &byte) in bytes.iter().enumerate() {
        new.push(byte);
        let next = bytes.get(index + 1);
        if byte == 0xFF && next.is_none_or(|&next| next == 0 || next >= 0xE0) {
            new.push(0);
        }
    }
    new
}

/// A tag to be built; `bytes` is the only way to them, so that expectations are built like inputs.
#[derive(Clone)]
struct Built {
    version: u8,
    flags: u8,
    /// The extended header's 2.3 CRC flag or 2.4 flags, if there is one.
    extended: Option<u8>,
    frames: Vec<Vec<u8>>,
    padding: Vec<u8>,
}

impl Built {
    fn new(version: u8, frames: &[Vec<u8>], padding: usize) -> Built {
        Built {
            version,
            flags: 0,
            extended: None,
            frames: frames.to_vec(),
            padding: vec![0; padding],
        }
    }

    fn flags(mut self, flags: u8) -> Built {
        self.flags = flags;
        self
    }

    fn extended(mut self, flags: u8) -> Built {
        self.extended = Some(flags);
        self.flags |= 0x40;
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let frames = self.frames.concat();
        let crc = |bytes: &[u8]| crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(bytes);
        let mut body = match (self.extended, self.version) {
            (None, _) => Vec::new(),
            (Some(flags), 3) => {
                let crc = if flags == 0x80 {
                    crc(&frames).to_be_bytes().to_vec()
                } else {
                    Vec::new()
                };
                let size = 6 + crc.len() as u8;
                let padding = (self.padding.len() as u32).to_be_bytes();
                [&[0, 0, 0, size, flags, 0][..], &padding[..], &crc[..]].concat()
            }
            (Some(flags), _) => {
                let crc = crc(&[&frames[..], &self.padding].concat());
                let crc = [28, 21, 14, 7, 0].map(|shift| (crc >> shift & 0x7F) as u8);
                let mut data = vec![1, flags];
                if flags & 0x40 != 0 {
                    data.push(0);
                }
                if flags & 0x20 != 0 {
                    data.push(5);
                    data.extend(crc);
                }
                if flags & 0x10 != 0 {
                    data.extend([1, 0xC0]);
                }
                [&synchsafe(data.len() + 4)[..], &data].concat()
            }
        };
        body.extend(&frames);
        if self.flags & 0x80 != 0 && self.version < 4 {
            body = unsynchronised(&body);
        }
        body.extend(&self.padding);
        let header = [&[self.version, 0, self.flags][..], &synchsafe(body.len())].concat();
        let mut tag = [b"ID3", &header[..], &body].concat();
        if self.flags & 0x10 != 0 {
            tag.extend(b"3DI");
            tag.extend(header);
        }
        tag
    }
}

fn frame(id: &str, flags: u16, body: &[u8]) -> Vec<u8> {
    let size = if id.len() == 3 {
        (body.len() as u32).to_be_bytes()[1..].to_vec()
    } else {
        (body.len() as u32).to_be_bytes().to_vec()
    };
    let flags = if id.len() == 3 {
        Vec::new()
    } else {
        flags.to_be_bytes().to_vec()
    };
    [id.as_bytes(), &size, &flags, body].concat()
}

/// A 2.4 frame with a synchsafe size.
fn frame4(id: &str, flags: u16, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), &synchsafe(body.len()), &flags.to_be_bytes(), body].concat()
}

fn latin(text: &str) -> Vec<u8> {
    [b"\0", text.as_bytes()].concat()
}

fn utf16(mark: &[u8], text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().fold(mark.to_vec(), |mut bytes, code| {
        bytes.extend(unit(code));
        bytes
    })
}

fn title() -> Vec<u8> {
    frame("TIT2", 0, b"\0A title")
}

fn picture(size: usize) -> Vec<u8> {
    frame4(
        "APIC",
        0,
        &[&b"\0image/jpeg\0\x03\0"[..], &[0xFF, 0xD8, 0xFF, 0xE0], &vec![7; size]].concat(),
    )
}

const BEFORE: &[u8] = b"before";
const BEHIND: &[u8] = b"\xFF\xFBbehind";

fn file(tag: &Built) -> Vec<u8> {
    [BEFORE, &tag.bytes(), BEHIND].concat()
}

fn walked(file: &[u8]) -> Tag {
    let file = file.to_vec();
    walk(&mut Source::new(&file), BEFORE.len() as u64, file.len() as u64)
        .unwrap()
        .unwrap()
}

fn places(tag: &Tag) -> Vec<Place> {
    let mut places = Vec::new();
    tag.places(Standing::Standard, &mut places);
    places
}

#[track_caller]
fn texts(tag: &Built, expected: &[(&str, &str, Standing)]) {
    let places = places(&walked(&file(tag)));
    let found: Vec<(String, &str, Standing)> = places
        .iter()
        .map(|place| (place.name.to_string(), &*place.text, place.standing))
        .collect();
    let expected: Vec<(String, &str, Standing)> = expected
        .iter()
        .map(|&(name, text, standing)| (name.to_owned(), text, standing))
        .collect();
    assert_eq!(found, expected);
}

impl Tag {
    fn splice(&self, source: &mut Source, actions: &[Action], create: Option<Isrc>) -> Result<Vec<Patch>, SpliceError> {
        let mut tree = Tree::default();
        self.declare(source, &mut tree, None, true)?;
        engine::edit(source, &tree, actions, create, &[])
    }
}

fn spliced(file: &[u8], actions: &[Action], create: Option<&str>) -> Result<(Vec<u8>, Vec<Patch>), SpliceError> {
    let tag = walked(file);
    let bytes = file.to_vec();
    let patches = tag.splice(&mut Source::new(&bytes), actions, create.map(isrc))?;
    Ok((applied(file, &patches), patches))
}

/// After `actions` and `create` on `before` the file must be the one built with `after`.
#[track_caller]
fn edit(before: &Built, actions: &[Action], create: Option<&str>, after: &Built) {
    let (new, patches) = spliced(&file(before), actions, create).unwrap();
    assert_eq!(new, file(after), "patches: {:?}", patches);
    // The very codes that were asked for are there now.
    let expected = places(&walked(&file(before)))
        .iter()
        .zip(actions)
        .filter_map(|(place, action)| match action {
            Action::Keep => Some(place.text.clone()),
            Action::Write(isrc) => Some(isrc.to_string()),
            Action::Drop => None,
        })
        .chain(create.map(str::to_owned))
        .collect::<Vec<_>>();
    let mut found: Vec<String> = places(&walked(&new)).into_iter().map(|place| place.text).collect();
    let mut sorted = expected;
    sorted.sort();
    found.sort();
    assert_eq!(found, sorted);
}

#[track_caller]
fn refused(before: &Built, actions: &[Action], create: Option<&str>, sentence: &str) {
    match spliced(&file(before), actions, create) {
        Err(SpliceError::Refused(Refusal(reason))) => assert_eq!(reason, sentence),
        other => panic!("not refused: {other:?}"),
    }
}
