//! Files are built here from their description, with offsets of their own reckoning; an edit must give the very bytes
//! that are built from the description with the new code.

use super::walk;
use crate::bytes::source::{ReadError, Source};
use crate::format::place::{Action, Change, Place};
use crate::format::stream::identify::Front;
use crate::format::testing::{Container, isrc, write};
use crate::format::{Depth, Format, SpliceError};

mod edits;
mod fronts;
mod hostile;
mod places;
mod shifts;

const OLD: &str = "GBAYE6800011";
const NEW: &str = "QZES51600001";
const OTHER: &str = "FRZ039800212";

fn front() -> Front {
    Front {
        format: Format::Mp4,
        tags: Vec::new(),
        start: 0,
        hidden: None,
    }
}

const MP4: Container = Container(Format::Mp4);

fn located(file: &[u8]) -> Result<Vec<Place>, ReadError> {
    MP4.places(file)
}

/// The file after the change.
fn edited(file: &[u8], change: &Change) -> Result<Vec<u8>, SpliceError> {
    MP4.change(file, change)
}

fn texts(file: &[u8]) -> Vec<String> {
    MP4.texts(file)
}

fn change(actions: &[Action]) -> Change {
    Change {
        actions: actions.to_vec(),
        create: None,
        ..Change::default()
    }
}

fn create(actions: &[Action]) -> Change {
    Change {
        actions: actions.to_vec(),
        create: Some(isrc(NEW)),
        ..Change::default()
    }
}

#[track_caller]
fn check_refused(file: &[u8], change: &Change, reason: &str) {
    assert_eq!(MP4.refusal(file, change), reason);
}

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, &body].concat()
}

fn long(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [
        &1u32.to_be_bytes()[..],
        kind,
        &(body.len() as u64 + 16).to_be_bytes(),
        &body,
    ]
    .concat()
}

/// A `free` atom of `len` bytes in all, filled with what an edit must leave alone.
fn free(len: usize) -> Vec<u8> {
    boxed(b"free", &[&vec![0; len - 8]])
}

fn data(kind: u32, value: &[u8]) -> Vec<u8> {
    boxed(b"data", &[&kind.to_be_bytes(), &[0; 4], value])
}

fn freeform(mean: &str, name: &str, values: &[Vec<u8>]) -> Vec<u8> {
    let mean = boxed(b"mean", &[&[0; 4], mean.as_bytes()]);
    let name = boxed(b"name", &[&[0; 4], name.as_bytes()]);
    boxed(b"----", &[&mean, &name, &values.concat()])
}

/// The standard item with values in UTF-8.
fn item(values: &[&str]) -> Vec<u8> {
    let values: Vec<Vec<u8>> = values.iter().map(|value| data(1, value.as_bytes())).collect();
    freeform("com.apple.iTunes", "ISRC", &values)
}

fn title() -> Vec<u8> {
    boxed(b"\xA9nam", &[&data(1, "Été".as_bytes())])
}

fn picture() -> Vec<u8> {
    boxed(b"covr", &[&data(13, &[0xFF; 5000])])
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn handler(kind: &[u8; 4]) -> Vec<u8> {
    boxed(
        b"hdlr",
        &[&[0; 8], kind, if kind == b"mdir" { b"appl" } else { &[0; 4] }, &[0; 9]],
    )
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    MovieFirst,
    MediaFirst,
    /// Half of the media before the movie, half behind it.
    MovieBetween,
}

/// How much metadata a file has.
#[derive(Debug, Clone)]
enum Tags {
    None,
    UserData,
    /// `meta` and `hdlr`, no `ilst`.
    Meta,
    List(Vec<Vec<u8>>),
}

#[derive(Debug, Clone)]
struct Movie {
    order: Order,
    tags: Tags,
    /// Lengths of `free` atoms: behind `ilst`, behind `meta`, behind `udta`, behind `moov`.
    in_meta: Option<usize>,
    in_user_data: Option<usize>,
    in_movie: Option<usize>,
    beside: Option<usize>,
    /// 64-bit chunk offsets and sizes of atoms.
    wide: bool,
    /// `meta` without version and flags.
    plain_meta: bool,
    /// Stands in `meta` before `hdlr` is looked for, in `udta`, in `moov` and before `ftyp` is over: other atoms.
    other_atoms: bool,
}

fn movie(order: Order, items: &[Vec<u8>]) -> Movie {
    Movie {
        order,
        tags: Tags::List(items.to_vec()),
        in_meta: None,
        in_user_data: None,
        in_movie: None,
        beside: None,
        wide: false,
        plain_meta: false,
        other_atoms: false,
    }
}

const MEDIA: [&[u8]; 2] = [&[0xA1; 30], &[0xB2; 50]];

impl Movie {
    fn build(&self) -> Vec<u8> {
        // Offsets do not change lengths, so the first pass finds them.
        let (_, offsets) = self.lay_out([0, 0]);
        self.lay_out(offsets).0
    }

    fn boxed(&self, kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
        if self.wide {
            long(kind, parts)
        } else {
            boxed(kind, parts)
        }
    }

    fn lay_out(&self, offsets: [u64; 2]) -> (Vec<u8>, [u64; 2]) {
        let mut file = boxed(b"ftyp", &[b"M4A \0\0\0\0M4A mp42"]);
        let beside = self.beside.map(free).unwrap_or_default();
        let movie = [self.movie(offsets), beside].concat();
        let mut found = [0; 2];
        let mut media = |file: &mut Vec<u8>, which: &[usize]| {
            let header = if self.wide { 16 } else { 8 };
            let mut at = file.len() as u64 + header;
            for index in which {
                found[*index] = at;
                at += MEDIA[*index].len() as u64;
            }
            let payload: Vec<&[u8]> = which.iter().map(|index| MEDIA[*index]).collect();
            file.extend(self.boxed(b"mdat", &payload));
        };
        match self.order {
            Order::MovieFirst => {
                file.extend(movie);
                media(&mut file, &[0, 1]);
            }
            Order::MediaFirst => {
                media(&mut file, &[0, 1]);
                file.extend(movie);
            }
            Order::MovieBetween => {
                media(&mut file, &[0]);
                file.extend(movie);
                media(&mut file, &[1]);
            }
        }
        (file, found)
    }

    fn movie(&self, offsets: [u64; 2]) -> Vec<u8> {
        let mut parts = vec![boxed(b"mvhd", &[&[0; 20]]), self.track(offsets), self.track(offsets)];
        if self.other_atoms {
            parts.push(boxed(b"iods", &[&[7; 9]]));
        }
        parts.push(self.user_data());
        parts.push(self.in_movie.map(free).unwrap_or_default());
        if self.other_atoms {
            parts.push(boxed(b"udta", &[&boxed(b"chpl", &[&[9; 21]]), &[0; 4]]));
        }
        self.boxed(b"moov", &[&parts.concat()])
    }

    fn track(&self, offsets: [u64; 2]) -> Vec<u8> {
        let entries: Vec<u8> = offsets
            .iter()
            .flat_map(|offset| offset.to_be_bytes()[if self.wide { 0 } else { 4 }..].to_vec())
            .collect();
        let kind = if self.wide { b"co64" } else { b"stco" };
        let table = boxed(kind, &[&[0; 4], &2u32.to_be_bytes(), &entries]);
        let sizes = boxed(b"stsz", &[&[0; 4], &[5; 12]]);
        let reference = boxed(b"url ", &[&[0, 0, 0, 1]]);
        let references = boxed(b"dref", &[&[0; 4], &1u32.to_be_bytes(), &reference]);
        let tables = boxed(b"stbl", &[&boxed(b"stsd", &[&[0; 16]]), &sizes, &table]);
        let information = boxed(b"minf", &[&boxed(b"dinf", &[&references]), &tables]);
        boxed(
            b"trak",
            &[&boxed(b"tkhd", &[&[0; 12]]), &boxed(b"mdia", &[&information])],
        )
    }

    fn user_data(&self) -> Vec<u8> {
        let others = if self.other_atoms {
            boxed(b"name", &[b"raw, not a list"])
        } else {
            Vec::new()
        };
        let list = match &self.tags {
            Tags::None => return Vec::new(),
            Tags::UserData => return self.boxed(b"udta", &[&others]),
            Tags::Meta => Vec::new(),
            Tags::List(items) => self.boxed(b"ilst", &[&items.concat()]),
        };
        let version: &[u8] = if self.plain_meta { &[] } else { &[0; 4] };
        let padding = self.in_meta.map(free).unwrap_or_default();
        let meta = self.boxed(b"meta", &[version, &handler(b"mdir"), &list, &padding]);
        let padding = self.in_user_data.map(free).unwrap_or_default();
        self.boxed(b"udta", &[&others, &meta, &padding])
    }
}
