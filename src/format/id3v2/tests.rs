use super::*;
use crate::format::Refusal;
use crate::pieces::applied;

const A: &str = "QZES51600001";
const B: &str = "QZES51600002";
const NEW: &str = "USRC17607839";

fn isrc(text: &str) -> Isrc {
    Isrc::from_stored(text).unwrap()
}

fn synchsafe(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift & 0x7F) as u8)
}

fn stuffed(bytes: &[u8]) -> Vec<u8> {
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
            body = stuffed(&body);
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

fn spliced(file: &[u8], actions: &[Action], create: Option<&str>) -> Result<(Vec<u8>, TagSplice), SpliceError> {
    let tag = walked(file);
    let bytes = file.to_vec();
    let splice = tag.splice(&mut Source::new(&bytes), actions, create.map(isrc))?;
    let new = applied(file, &splice.patches);
    assert_eq!(new.len() as i64, file.len() as i64 + splice.growth);
    Ok((new, splice))
}

/// After `actions` and `create` on `before` the file must be the one built with `after`.
#[track_caller]
fn edit(before: &Built, actions: &[Action], create: Option<&str>, after: &Built) {
    let (new, splice) = spliced(&file(before), actions, create).unwrap();
    assert_eq!(new, file(after), "patches: {:?}", splice.patches);
    // The very codes that were asked for stand there now.
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

fn write(text: &str) -> Action {
    Action::Write(isrc(text))
}

#[test]
fn codes_are_found_in_every_version() {
    use Standing::{Odd, Standard};
    texts(
        &Built::new(2, &[frame("TRC", 0, &latin(A))], 9),
        &[("id3v2:TRC", A, Standard)],
    );
    texts(
        &Built::new(3, &[title(), frame("TSRC", 0, &latin(A))], 0),
        &[("id3v2:TSRC", A, Standard)],
    );
    texts(
        &Built::new(4, &[picture(5000), frame("TSRC", 0, &latin(A))], 90),
        &[("id3v2:TSRC", A, Standard)],
    );
    texts(
        &Built::new(3, &[frame("TRC ", 0, &latin(A))], 0),
        &[("id3v2:TRC", A, Odd)],
    );
    texts(
        &Built::new(4, &[frame("TRC\0", 0, &latin(A))], 0),
        &[("id3v2:TRC", A, Odd)],
    );
    texts(
        &Built::new(2, &[frame("TXX", 0, b"\0isrc\0QZ")], 0),
        &[("id3v2:TXXX:ISRC", "QZ", Odd)],
    );
    texts(
        &Built::new(3, &[frame("TXXX", 0, b"\0WM/ISRC\0QZ")], 0),
        &[("id3v2:TXXX:WM/ISRC", "QZ", Odd)],
    );
    texts(&Built::new(3, &[title(), frame("TXXX", 0, b"\0BARCODE\0QZ")], 0), &[]);
    texts(&Built::new(3, &[], 0), &[]);
}

#[test]
fn the_description_as_written_is_kept_where_its_case_differs() {
    let places = places(&walked(&file(&Built::new(3, &[frame("TXXX", 0, b"\0isrc\0QZ")], 0))));
    assert_eq!(places[0].key.as_deref(), Some("isrc"));
}

#[test]
fn several_values_and_frames_are_places_of_their_own() {
    let both = format!("{A}\0{B}");
    let slashed = format!("{A} / {B}");
    let frames = [
        frame("TSRC", 0, &latin(&both)),
        frame("TSRC", 0, &latin("")),
        frame("TSRC", 0, &latin(&slashed)),
    ];
    let file = file(&Built::new(4, &frames, 20));
    let places = places(&walked(&file));
    let found: Vec<(&str, u32)> = places.iter().map(|place| (&*place.text, place.item)).collect();
    assert_eq!(found, [(A, 0), (B, 0), (A, 1), (B, 1)]);
    for place in &places {
        assert_eq!(
            &file[place.span.start as usize..place.span.end as usize],
            place.text.as_bytes()
        );
    }
}

#[test]
fn sizes_of_2_4_are_synchsafe_or_plain_as_the_next_frame_shows() {
    use Standing::Standard;
    let long = vec![b'x'; 300];
    let plain = frame("TALB", 0, &long);
    let synchsafe = frame4("TALB", 0, &long);
    for album in [&plain, &synchsafe] {
        texts(
            &Built::new(4, &[album.clone(), frame("TSRC", 0, &latin(A))], 50),
            &[("id3v2:TSRC", A, Standard)],
        );
        texts(
            &Built::new(4, &[frame("TSRC", 0, &latin(A)), album.clone()], 0),
            &[("id3v2:TSRC", A, Standard)],
        );
    }
}

#[test]
fn padding_takes_the_difference() {
    let tag = |code: &str, padding| Built::new(3, &[title(), frame("TSRC", 0, &latin(code)), title()], padding);
    edit(&tag(A, 20), &[write(NEW)], None, &tag(NEW, 20));
    edit(&tag("QZ-ES5-16-00001", 20), &[write(A)], None, &tag(A, 23));
    edit(&tag("QZ-ES5-16-00001", 0), &[write(A)], None, &tag(A, 3));
    edit(&tag("QZ", 20), &[write(A)], None, &tag(A, 10));
    edit(&tag("QZ", 10), &[write(A)], None, &tag(A, 0));
    edit(&tag("QZ", 9), &[write(A)], None, &tag(A, 1024));
    edit(&tag("QZ", 0), &[write(A)], None, &tag(A, 1024));
    edit(&tag(A, 20), &[Action::Keep], None, &tag(A, 20));
}

#[test]
fn a_frame_goes_with_its_last_value() {
    let code = frame("TSRC", 0, &latin(A));
    edit(
        &Built::new(4, &[title(), code.clone(), title()], 5),
        &[Action::Drop],
        None,
        &Built::new(4, &[title(), title()], 28),
    );
    edit(
        &Built::new(4, std::slice::from_ref(&code), 0),
        &[Action::Drop],
        None,
        &Built::new(4, &[], 23),
    );
}

#[test]
fn one_of_several_values_goes_alone() {
    let tag = |text: &str, padding| Built::new(4, &[frame("TSRC", 0, &latin(text))], padding);
    let nul = format!("{A}\0{B}");
    edit(&tag(&nul, 0), &[Action::Drop, Action::Keep], None, &tag(B, 13));
    edit(&tag(&nul, 0), &[Action::Keep, Action::Drop], None, &tag(A, 13));
    edit(
        &tag(&nul, 0),
        &[Action::Drop, Action::Drop],
        None,
        &Built::new(4, &[], 36),
    );
    edit(
        &tag(&nul, 7),
        &[Action::Keep, write(NEW)],
        None,
        &tag(&format!("{A}\0{NEW}"), 7),
    );
    let list = format!("{A}; {B}");
    edit(&tag(&list, 0), &[Action::Drop, write(NEW)], None, &tag(NEW, 14));
}

#[test]
fn a_code_is_written_in_the_encoding_of_its_frame() {
    let tag = |body: Vec<u8>| Built::new(3, &[frame("TSRC", 0, &body), title()], 40);
    for (mark, unit) in [
        (&b"\x01\xFF\xFE"[..], u16::to_le_bytes as fn(u16) -> [u8; 2]),
        (&b"\x01\xFE\xFF"[..], u16::to_be_bytes),
        (&b"\x01"[..], u16::to_le_bytes),
        (&b"\x02"[..], u16::to_be_bytes),
    ] {
        let body = |text: &str| [utf16(mark, text, unit), vec![0, 0]].concat();
        edit(&tag(body(A)), &[write(NEW)], None, &tag(body(NEW)));
        let mut longer = tag(body(NEW));
        longer.padding.resize(40 - 20, 0);
        edit(&tag(body("QZ")), &[write(NEW)], None, &longer);
    }
    let utf8 = |text: &str| [b"\x03", text.as_bytes(), b"\0"].concat();
    edit(&tag(utf8(A)), &[write(NEW)], None, &tag(utf8(NEW)));
    let described = |text: &str| {
        let description = utf16(b"\x01\xFF\xFE", "isrc\0", u16::to_le_bytes);
        Built::new(
            3,
            &[frame(
                "TXXX",
                0,
                &[description, utf16(b"\xFF\xFE", text, u16::to_le_bytes)].concat(),
            )],
            1,
        )
    };
    edit(&described(A), &[write(NEW)], None, &described(NEW));
}

#[test]
fn a_new_frame_goes_behind_the_last_one() {
    for version in [3, 4] {
        let with = |padding| Built::new(version, &[title(), frame("TSRC", 0, &latin(NEW))], padding);
        let without = |padding| Built::new(version, &[title()], padding);
        edit(&without(40), &[], Some(NEW), &with(17));
        edit(&without(23), &[], Some(NEW), &with(0));
        edit(&without(22), &[], Some(NEW), &with(1024));
        edit(&without(0), &[], Some(NEW), &with(1024));
    }
    let album = frame("TAL", 0, b"\0Album");
    edit(
        &Built::new(2, std::slice::from_ref(&album), 30),
        &[],
        Some(NEW),
        &Built::new(2, &[album, frame("TRC", 0, &latin(NEW))], 11),
    );
}

#[test]
fn an_empty_or_emptied_standard_frame_takes_the_new_code() {
    let tag = |text: &str, padding| Built::new(3, &[title(), frame("TSRC", 0, &latin(text)), title()], padding);
    edit(&tag("", 12), &[], Some(NEW), &tag(NEW, 0));
    edit(&tag(A, 12), &[Action::Drop], Some(NEW), &tag(NEW, 12));
    edit(
        &tag(&format!("{A}\0{B}"), 12),
        &[Action::Drop, Action::Drop],
        Some(NEW),
        &tag(NEW, 25),
    );
    let bare = Built::new(3, &[frame("TSRC", 0, b"")], 13);
    edit(
        &bare,
        &[],
        Some(NEW),
        &Built::new(3, &[frame("TSRC", 0, &latin(NEW))], 0),
    );
}

#[test]
fn a_misplaced_code_goes_and_a_standard_one_comes() {
    let odd = frame("TXXX", 0, &[b"\0ISRC\0", A.as_bytes()].concat());
    edit(
        &Built::new(3, &[odd, title()], 0),
        &[Action::Drop],
        Some(A),
        &Built::new(3, &[title(), frame("TSRC", 0, &latin(A))], 5),
    );
}

#[test]
fn unsynchronised_tags_are_edited_in_their_stuffing() {
    let jpeg = frame("APIC", 0, &[0xFF, 0, 0xFF, 0xFF, 0xE0, 0xFF, 0, 0, 0xFF]);
    for mark in [&b"\x01\xFF\xFE"[..], b"\x01\xFE\xFF"] {
        let unit = if mark[1] == 0xFF {
            u16::to_le_bytes
        } else {
            u16::to_be_bytes
        };
        let tag = |text: &str, padding| {
            let code = frame("TSRC", 0, &utf16(mark, text, unit));
            Built::new(3, &[jpeg.clone(), code, jpeg.clone()], padding).flags(0x80)
        };
        edit(&tag("QZ-ES5-16-00001", 4), &[write(A)], None, &tag(A, 10));
        edit(&tag("QZ", 30), &[write(A)], None, &tag(A, 10));
        edit(&tag("QZ", 0), &[write(A)], None, &tag(A, 1024));
    }
    // The size field itself is stuffed, and ceases to be.
    let tag = |text: &str, padding| Built::new(3, &[title(), frame("TSRC", 0, &latin(text))], padding).flags(0x80);
    edit(&tag(&"x".repeat(254), 0), &[write(A)], None, &tag(A, 243));
    let tag = |frames: &[Vec<u8>], padding| Built::new(2, frames, padding).flags(0x80);
    let jpeg = frame("PIC", 0, &[0xFF, 0xFB, 0xFF, 1]);
    edit(
        &tag(std::slice::from_ref(&jpeg), 40),
        &[],
        Some(NEW),
        &tag(&[jpeg, frame("TRC", 0, &latin(NEW))], 21),
    );
}

#[test]
fn unsynchronised_frames_of_2_4_are_edited_in_their_stuffing() {
    for mark in [&b"\x01\xFF\xFE"[..], b"\x01\xFE\xFF"] {
        let unit = if mark[1] == 0xFF {
            u16::to_le_bytes
        } else {
            u16::to_be_bytes
        };
        let tag = |text: &str, padding| {
            let body = utf16(mark, text, unit);
            let data = [&synchsafe(body.len())[..], &stuffed(&body)].concat();
            Built::new(4, &[frame4("TSRC", 0x03, &data), title()], padding)
        };
        texts(&tag(A, 3), &[("id3v2:TSRC", A, Standing::Standard)]);
        edit(&tag("QZ-ES5-16-00001", 4), &[write(A)], None, &tag(A, 10));
        edit(&tag("QZ", 30), &[write(A)], None, &tag(A, 10));
    }
    let tag = |frames: &[Vec<u8>], padding| Built::new(4, frames, padding).flags(0x80);
    let title = frame("TIT2", 2, b"\0A title");
    edit(
        &tag(std::slice::from_ref(&title), 30),
        &[],
        Some(NEW),
        &tag(&[title, frame("TSRC", 2, &latin(NEW))], 7),
    );
}

#[test]
fn grouped_and_measured_frames_keep_their_flags() {
    let v3 = |text: &str, padding| Built::new(3, &[frame("TSRC", 0x20, &[b"g", &latin(text)[..]].concat())], padding);
    edit(&v3("QZ-ES5-16-00001", 0), &[write(A)], None, &v3(A, 3));
    let v4 = |text: &str, padding| {
        let body = latin(text);
        Built::new(
            4,
            &[frame("TSRC", 0x41, &[b"g", &synchsafe(body.len())[..], &body].concat())],
            padding,
        )
    };
    edit(&v4("QZ-ES5-16-00001", 0), &[write(A)], None, &v4(A, 3));
    let wrong = Built::new(4, &[frame("TSRC", 0x01, &[&[0, 0, 0, 99][..], &latin(A)].concat())], 0);
    refused(
        &wrong,
        &[write(NEW)],
        None,
        "a code's ID3v2 frame has a wrong data length",
    );
}

#[test]
fn compressed_frames_are_read_and_written() {
    let v3 = |text: &str| {
        let body = latin(text);
        let data = [&(body.len() as u32).to_be_bytes()[..], &frame::deflate(&body).unwrap()].concat();
        frame("TSRC", 0x80, &data)
    };
    let v4 = |text: &str| {
        let body = latin(text);
        frame(
            "TSRC",
            0x09,
            &[&synchsafe(body.len())[..], &frame::deflate(&body).unwrap()].concat(),
        )
    };
    for (version, code) in [(3, v3 as fn(&str) -> Vec<u8>), (4, v4)] {
        let old = Built::new(version, &[title(), code("QZ-ES5-16-00001")], 20);
        texts(&old, &[("id3v2:TSRC", "QZ-ES5-16-00001", Standing::Standard)]);
        let shorter = code("QZ-ES5-16-00001").len() - code(A).len();
        edit(
            &old,
            &[write(A)],
            None,
            &Built::new(version, &[title(), code(A)], 20 + shorter),
        );
    }
    let broken = Built::new(3, &[frame("TSRC", 0x80, b"\0\0\0\x0Dnot zlib")], 0);
    texts(&broken, &[]);
    refused(&broken, &[], Some(A), "a code's ID3v2 frame cannot be decompressed");
}

#[test]
fn a_frame_that_unfolds_beyond_the_limit_is_reported() {
    let bomb = |size: usize| {
        let data = [&[0, 0, 0, 9][..], &frame::deflate(&vec![0; size]).unwrap()].concat();
        walked(&file(&Built::new(
            3,
            &[frame("APIC", 0x80, &data), frame("TSRC", 0, &latin(A))],
            0,
        )))
    };
    let harmless = bomb(1 << 20);
    assert!(!harmless.inflates);
    assert_eq!(harmless.place_count(), 1);
    let bomb = bomb((16 << 20) + 1);
    assert!(bomb.inflates);
    assert_eq!(bomb.place_count(), 1);
}

#[test]
fn frames_that_cannot_be_read_refuse_the_edit() {
    let tag = |code: Vec<u8>| Built::new(4, &[title(), code], 30);
    let encrypted = tag(frame("TSRC", 0x04, b"\x80scrambled"));
    texts(&encrypted, &[]);
    refused(&encrypted, &[], Some(A), "a code's ID3v2 frame is encrypted");
    let unknown = tag(frame("TSRC", 0x10, &latin(A)));
    refused(&unknown, &[], Some(A), "a code's ID3v2 frame has unknown flags");
    let encoding = tag(frame("TSRC", 0, A.as_bytes()));
    refused(
        &encoding,
        &[],
        Some(A),
        "a code's ID3v2 frame has no known text encoding",
    );
    let locked = tag(frame("TSRC", 0x1000, &latin(A)));
    refused(&locked, &[write(NEW)], None, "a code's ID3v2 frame is marked read-only");
    let mut signed = tag(frame("TSRC", 0x40, &[b"g", &latin(A)[..]].concat()));
    signed.frames.push(frame("SIGN", 0, b"gsignature"));
    refused(
        &signed,
        &[write(NEW)],
        None,
        "a code's ID3v2 frame is covered by a signature",
    );
    let mixed = [
        utf16(b"\x01\xFF\xFE", "QZ\0", u16::to_le_bytes),
        utf16(b"\xFE\xFF", "QZ", u16::to_be_bytes),
    ];
    let mixed = tag(frame("TSRC", 0, &mixed.concat()));
    refused(
        &mixed,
        &[write(NEW), Action::Keep],
        None,
        "a code's ID3v2 frame mixes byte orders",
    );
}

#[test]
fn extended_headers_are_kept_right() {
    let v3 =
        |flags, text: &str, padding| Built::new(3, &[frame("TSRC", 0, &latin(text)), title()], padding).extended(flags);
    let v4 =
        |flags, text: &str, padding| Built::new(4, &[frame("TSRC", 0, &latin(text)), title()], padding).extended(flags);
    for flags in [0, 0x80] {
        edit(&v3(flags, "QZ-ES5-16-00001", 20), &[write(A)], None, &v3(flags, A, 23));
        edit(&v3(flags, "QZ", 3), &[write(A)], None, &v3(flags, A, 1024));
        edit(&v3(flags, A, 3), &[write(NEW)], None, &v3(flags, NEW, 3));
    }
    for flags in [0, 0x20, 0x40, 0x60, 0x70] {
        edit(&v4(flags, "QZ-ES5-16-00001", 20), &[write(A)], None, &v4(flags, A, 23));
        edit(&v4(flags, "QZ", 3), &[write(A)], None, &v4(flags, A, 1024));
        edit(&v4(flags, A, 3), &[write(NEW)], None, &v4(flags, NEW, 3));
    }
    let frames = [
        frame("APIC", 0, &[0xFF, 0, 0xFF, 0xE0]),
        frame("TSRC", 0, &latin("QZ-ES5-16-00001")),
    ];
    let after = [frames[0].clone(), frame("TSRC", 0, &latin(A))];
    let stuffed = |frames: &[Vec<u8>], padding| Built::new(3, frames, padding).extended(0x80).flags(0xC0);
    edit(&stuffed(&frames, 20), &[write(A)], None, &stuffed(&after, 23));
}

#[test]
fn a_wrong_checksum_refuses_the_edit() {
    for (version, flags) in [(3, 0x80), (4, 0x20)] {
        let tag = Built::new(version, &[frame("TSRC", 0, &latin(A)), title()], 20).extended(flags);
        let mut file = file(&tag);
        let title = file.windows(7).position(|text| text == b"A title").unwrap();
        file[title] = b'B';
        let error = spliced(&file, &[write(NEW)], None).unwrap_err();
        assert_eq!(error.to_string(), "the checksum of an ID3v2 tag is wrong");
    }
}

#[test]
fn declared_restrictions_are_kept() {
    let full = |count: usize| Built::new(4, &vec![title(); count], 100).extended(0x10);
    let mut more = full(31);
    more.frames.push(frame("TSRC", 0, &latin(A)));
    more.padding.resize(77, 0);
    edit(&full(31), &[], Some(A), &more);
    refused(
        &full(32),
        &[],
        Some(A),
        "an ID3v2 tag would grow beyond the restrictions that it declares",
    );
}

#[test]
fn an_announced_but_missing_extended_header_is_forgiven() {
    let tag = |text: &str, padding| Built::new(3, &[frame("TSRC", 0, &latin(text))], padding).flags(0x40);
    edit(&tag("QZ-ES5-16-00001", 0), &[write(A)], None, &tag(A, 3));
}

#[test]
fn a_tag_with_a_footer_gets_no_padding() {
    let tag = |frames: &[Vec<u8>]| Built::new(4, frames, 0).flags(0x10);
    let code = |text: &str| frame("TSRC", 0, &latin(text));
    edit(
        &tag(&[code("QZ-ES5-16-00001"), title()]),
        &[write(A)],
        None,
        &tag(&[code(A), title()]),
    );
    edit(&tag(&[title()]), &[], Some(A), &tag(&[title(), code(A)]));
    edit(&tag(&[code(A), title()]), &[Action::Drop], None, &tag(&[title()]));
}

#[test]
fn what_is_not_understood_stays_together() {
    // No frame follows the title: nothing may come between the two, and nothing be taken for padding.
    let junk = b"\x01\x02junk that is no frame".to_vec();
    let tag = |frames: &[Vec<u8>]| Built::new(3, frames, 0);
    let code = |text: &str| frame("TSRC", 0, &latin(text));
    edit(
        &tag(&[code("QZ-ES5-16-00001"), title(), junk.clone()]),
        &[write(A)],
        None,
        &tag(&[code(A), title(), junk.clone()]),
    );
    edit(
        &tag(&[title(), junk.clone()]),
        &[],
        Some(A),
        &tag(&[code(A), title(), junk.clone()]),
    );
    // Something stands in the padding: the zeros before it are used as long as enough are left.
    let padded = |frames: &[Vec<u8>], zeros: usize| {
        let mut tag = Built::new(3, frames, zeros);
        tag.padding.extend(b"something");
        tag
    };
    edit(&padded(&[title()], 40), &[], Some(A), &padded(&[title(), code(A)], 17));
    edit(
        &padded(&[title()], 32),
        &[],
        Some(A),
        &padded(&[title(), code(A)], 1024),
    );
}

#[test]
fn a_new_tag_holds_the_code_and_padding() {
    let tag = new_tag(isrc(A), 100);
    assert_eq!(tag, Built::new(3, &[frame("TSRC", 0, &latin(A))], 100).bytes());
}

#[test]
fn odd_tags_are_read_and_refused() {
    let good = Built::new(3, &[frame("TSRC", 0, &latin(A))], 10);
    let changed = |at: usize, byte: u8| {
        let mut file = file(&good);
        file[BEFORE.len() + at] = byte;
        file
    };
    for (at, byte, sentence) in [
        (5, 0x01, "an ID3v2 tag has unknown flags"),
        (3, 5, "an ID3v2 tag is of an unknown version"),
        (8, 0x7F, "an ID3v2 tag claims more bytes than there are"),
        (9, 0xA0, "an ID3v2 tag claims more bytes than there are"),
    ] {
        let file = changed(at, byte);
        let tag = walked(&file);
        assert_eq!(tag.place_count(), usize::from(at != 3));
        let actions = vec![Action::Keep; tag.place_count()];
        let error = spliced(&file, &actions, Some(NEW)).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn what_is_no_tag_is_told() {
    let none = |bytes: &[u8]| {
        walk(&mut Source::new(&bytes.to_vec()), 0, bytes.len() as u64)
            .unwrap()
            .is_none()
    };
    assert!(none(b"ID3\x03\0\0\0\0\0"));
    assert!(none(b"IDX\x03\0\0\0\0\0\0"));
    assert!(none(b"ID3\xFF\0\0\0\0\0\0"));
    assert!(!none(b"ID3\x03\0\0\0\0\0\0"));
}

/// Every kind of tag in this file, for the hostile tests.
fn zoo() -> Vec<Vec<u8>> {
    let code = frame("TSRC", 0, &latin(A));
    let wide = frame(
        "TSRC",
        0,
        &utf16(b"\x01\xFF\xFE", "QZ-ES5-16-00001\0QZ", u16::to_le_bytes),
    );
    let packed = [&[0, 0, 0, 13][..], &frame::deflate(&latin(A)).unwrap()].concat();
    let odd = frame("TXXX", 0, &[b"\0ISRC\0", A.as_bytes()].concat());
    [
        Built::new(2, &[frame("TRC", 0, &latin(A)), frame("PIC", 0, &[0xFF, 0])], 8).flags(0x80),
        Built::new(3, &[title(), code.clone(), odd.clone()], 20),
        Built::new(3, &[wide.clone(), title()], 20).flags(0x80),
        Built::new(3, &[frame("TSRC", 0x80, &packed), title()], 2).extended(0x80),
        Built::new(4, &[frame("TSRC", 0x09, &packed), picture(150), code.clone()], 4).extended(0x70),
        Built::new(4, &[odd, code, wide], 0).flags(0x10),
    ]
    .iter()
    .map(file)
    .collect()
}

/// Whatever the bytes, no panic; and if an edit is possible, nothing in front of or behind the tag changes.
fn try_all(file: &[u8]) {
    let bytes = file.to_vec();
    let mut source = Source::new(&bytes);
    for at in [0, BEFORE.len() as u64] {
        let Ok(Some(tag)) = walk(&mut source, at, file.len() as u64) else {
            continue;
        };
        let count = tag.place_count();
        assert_eq!(places(&tag).len(), count);
        let mut changes = vec![(vec![Action::Drop; count], None), (vec![write(NEW); count], None)];
        changes.push((vec![Action::Keep; count], Some(isrc(NEW))));
        changes.push((vec![Action::Drop; count], Some(isrc(NEW))));
        for (actions, create) in changes {
            let Ok(splice) = tag.splice(&mut source, &actions, create) else {
                continue;
            };
            let new = applied(file, &splice.patches);
            assert_eq!(new[..at as usize], file[..at as usize]);
            assert!(new.ends_with(&file[tag.range.end as usize..]));
        }
    }
}

#[test]
fn cut_files_never_panic() {
    for file in zoo() {
        for end in 0..file.len() {
            try_all(&file[..end]);
        }
    }
}

#[test]
fn changed_bytes_never_panic() {
    let mut state = 7u32;
    for file in zoo() {
        for at in 0..file.len() {
            for _ in 0..6 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let mut file = file.clone();
                file[at] = (state >> 24) as u8;
                try_all(&file);
            }
        }
    }
}

#[test]
fn lying_sizes_never_panic() {
    for file in zoo() {
        for at in 0..file.len().saturating_sub(4) {
            for size in [0u32, 0x7F7F_7F7F, 1 << 31, u32::MAX] {
                let mut file = file.clone();
                file[at..at + 4].copy_from_slice(&size.to_be_bytes());
                try_all(&file);
            }
        }
    }
}
