//! Files are built here from what the specification says, never by the code under test.

#![expect(clippy::ptr_arg, reason = "a source reads a `Vec`, not a slice")]

use super::walk::guids::*;
use crate::bytes::source::{ReadError, Source};
use crate::format::place::Standing;
use crate::format::testing::*;
use crate::format::words::Description;
use crate::format::{self, Format};
use std::time::Duration;

const HEADER: [u8; 16] = *b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C";
const DATA: [u8; 16] = *b"\x36\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C";
const ENCRYPTION: [u8; 16] = *b"\xFB\xB3\x11\x22\x23\xBD\xD2\x11\xB4\xB7\x00\xA0\xC9\x55\xFC\x6E";

fn object(guid: [u8; 16], body: &[u8]) -> Vec<u8> {
    sized(guid, 24 + body.len() as u64, body)
}

fn sized(guid: [u8; 16], size: u64, body: &[u8]) -> Vec<u8> {
    [&guid, &size.to_le_bytes()[..], body].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn attribute(name: &str, kind: u16, value: &[u8]) -> Vec<u8> {
    let name = utf16(name);
    let number = |number: usize| (number as u16).to_le_bytes();
    [
        &number(name.len()),
        &name[..],
        &kind.to_le_bytes(),
        &number(value.len()),
        value,
    ]
    .concat()
}

fn extended(attributes: &[Vec<u8>]) -> Vec<u8> {
    let count = (attributes.len() as u16).to_le_bytes();
    object(EXTENDED_CONTENT, &[&count, &attributes.concat()[..]].concat())
}

fn codes(codes: &[(&str, &str)]) -> Vec<u8> {
    let attributes: Vec<Vec<u8>> = codes
        .iter()
        .map(|(name, code)| attribute(name, 0, &utf16(code)))
        .collect();
    extended(&attributes)
}

fn library(guid: [u8; 16], name: &str, code: &str) -> Vec<u8> {
    let (name, code) = (utf16(name), utf16(code));
    let mut body = vec![1, 0, 0, 0, 0, 0];
    body.extend((name.len() as u16).to_le_bytes());
    body.extend([0, 0]);
    body.extend((code.len() as u32).to_le_bytes());
    object(guid, &[body, name, code].concat())
}

fn extension(objects: &[Vec<u8>]) -> Vec<u8> {
    let objects = objects.concat();
    let mut body = vec![9; 16];
    body.extend([6, 0]);
    body.extend((objects.len() as u32).to_le_bytes());
    object(HEADER_EXTENSION, &[body, objects].concat())
}

fn properties(flags: u32) -> Vec<u8> {
    let mut body = vec![7; 16];
    for number in [0u64, 0, 12, 35_000_000, 0, 1500] {
        body.extend(number.to_le_bytes());
    }
    body.extend(flags.to_le_bytes());
    body.extend([0; 12]);
    object(FILE_PROPERTIES, &body)
}

fn description(title: &str, author: &str) -> Vec<u8> {
    let (title, author) = (utf16(title), utf16(author));
    let mut body = Vec::new();
    for length in [title.len(), author.len(), 0, 0, 0] {
        body.extend((length as u16).to_le_bytes());
    }
    object(CONTENT_DESCRIPTION, &[body, title, author].concat())
}

fn header(objects: &[Vec<u8>]) -> Vec<u8> {
    let count = (objects.len() as u32).to_le_bytes();
    let objects = objects.concat();
    sized(
        HEADER,
        30 + objects.len() as u64,
        &[&count, &[1, 2][..], &objects].concat(),
    )
}

/// With the file's size where it is stated.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = [header(objects), object(DATA, &sound(400))].concat();
    let size = (file.len() as u64).to_le_bytes();
    if let Some(at) = file.windows(16).position(|bytes| bytes == FILE_PROPERTIES) {
        file[at + 40..at + 48].copy_from_slice(&size);
    }
    file
}

fn places(file: &Vec<u8>) -> Vec<(String, String)> {
    let located = format::locate(&mut Source::new(file), Some("wma")).unwrap();
    assert_eq!(located.format, Format::Wma);
    let place = |place: format::place::Place| (place.name.to_string(), place.text);
    located.places.into_iter().map(place).collect()
}

fn doubt(file: &Vec<u8>) -> Option<&'static str> {
    format::locate(&mut Source::new(file), Some("wma")).unwrap().doubt
}

#[test]
fn attributes_of_three_objects_are_places() {
    let file = file(&[
        properties(2),
        codes(&[("wm/isrc", OLD), ("WM/Year", "2026"), ("TSRC", OLD)]),
        extension(&[
            library(METADATA, "WM/ISRC", OLD),
            library(METADATA_LIBRARY, "ISRC", "QZES51600001; QZES51600002"),
        ]),
    ]);
    let found = format::locate(&mut Source::new(&file), Some("wma")).unwrap();
    let said: Vec<(String, &str, Option<&str>, bool)> = found
        .places
        .iter()
        .map(|place| {
            let is_standard = place.standing == Standing::Standard;
            (place.name.to_string(), &*place.text, place.key.as_deref(), is_standard)
        })
        .collect();
    assert_eq!(
        said,
        [
            ("asf:WM/ISRC".to_owned(), OLD, Some("wm/isrc"), true),
            ("asf:TSRC".to_owned(), OLD, None, false),
            ("asf:Metadata/WM/ISRC".to_owned(), OLD, None, true),
            ("asf:MetadataLibrary/ISRC".to_owned(), OLD, None, false),
            ("asf:MetadataLibrary/ISRC".to_owned(), "QZES51600002", None, false),
        ]
    );
    for place in &found.places {
        let bytes = &file[place.span.start as usize..place.span.end as usize];
        let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        assert_eq!(letters, place.text.as_bytes());
    }
}

#[test]
fn a_code_that_is_no_text_or_has_no_end_is_read() {
    let of = |kind: u16, value: &[u8]| {
        let file = file(&[extended(&[attribute("WM/ISRC", kind, value)])]);
        let found = format::locate(&mut Source::new(&file), Some("wma")).unwrap();
        let place = found.places.into_iter().next().unwrap();
        (place.text, place.standing)
    };
    let unended = utf16(OLD)[..24].to_vec();
    assert_eq!(of(0, &unended), (OLD.to_owned(), Standing::Standard));
    let hidden = Standing::Hidden("its type is not that of a text");
    assert_eq!(of(1, OLD.as_bytes()), (OLD.to_owned(), hidden));
    assert_eq!(of(3, &[1, 0, 0, 0]), ("1".to_owned(), hidden));
}

#[test]
fn what_a_file_says_of_its_recording() {
    let number = attribute("WM/TrackNumber", 3, &7u32.to_le_bytes());
    let set = attribute("WM/PartOfSet", 0, &utf16("2/3"));
    let album = attribute("WM/AlbumTitle", 0, &utf16("Tidewater"));
    let file = file(&[
        properties(2),
        description("Low Water", "Lantern Street"),
        extended(&[number, set, album]),
    ]);
    let words = format::locate(&mut Source::new(&file), None).unwrap().words.unwrap();
    let expected = Description {
        title: Some("Low Water".to_owned()),
        artist: Some("Lantern Street".to_owned()),
        album: Some("Tidewater".to_owned()),
        disc: Some(2),
        track: Some(7),
        duration: Some(Duration::from_secs(2)),
        ..Description::default()
    };
    assert_eq!(words, expected);
}

#[test]
fn what_few_programs_see_is_odd() {
    for name in ["WM/ISRC ", "WM/ISRC\0"] {
        let file = file(&[codes(&[(name, OLD)])]);
        let place = &format::locate(&mut Source::new(&file), Some("wma")).unwrap().places[0];
        assert_eq!(
            (place.name.to_string().as_str(), place.standing),
            ("asf:WM/ISRC", Standing::Odd)
        );
        assert_eq!(place.key.as_deref(), Some(name));
    }
    // Section 3.11: the object stands in the header itself.
    let file = file(&[extension(&[codes(&[("WM/ISRC", OLD)])])]);
    let place = &format::locate(&mut Source::new(&file), Some("wma")).unwrap().places[0];
    assert_eq!(
        (place.name.to_string().as_str(), place.standing),
        ("asf:WM/ISRC", Standing::Odd)
    );
}

/// Section 3.3: the type is the first thing in a Stream Properties Object.
#[test]
fn a_file_without_a_stream_of_audio_is_none() {
    const STREAM: [u8; 16] = *b"\x91\x07\xDC\xB7\xB7\xA9\xCF\x11\x8E\xE6\x00\xC0\x0C\x20\x53\x65";
    const AUDIO: [u8; 16] = *b"\x40\x9E\x69\xF8\x4D\x5B\xCF\x11\xA8\xFD\x00\x80\x5F\x5C\x44\x2B";
    const VIDEO: [u8; 16] = *b"\xC0\xEF\x19\xBC\x4D\x5B\xCF\x11\xA8\xFD\x00\x80\x5F\x5C\x44\x2B";
    let located = |kinds: &[[u8; 16]], codes: Option<Vec<u8>>| {
        let streams = kinds.iter().map(|kind| object(STREAM, &[&kind[..], &[0; 38]].concat()));
        let file = file(&streams.chain(codes).collect::<Vec<_>>());
        format::locate(&mut Source::new(&file), Some("wmv"))
    };
    let code = || Some(codes(&[("WM/ISRC", OLD)]));
    assert!(located(&[VIDEO, AUDIO], None).is_ok() && located(&[], None).is_ok());
    // What has a code is somebody's recording all the same.
    assert!(located(&[VIDEO, VIDEO], code()).is_ok());
    assert!(matches!(located(&[VIDEO, VIDEO], None), Err(ReadError::NoTrack)));
    // Section 4.1: the audio may be described in an Extended Stream Properties Object alone, behind some names.
    const EXTENDED: [u8; 16] = *b"\xCB\xA5\xE6\x14\x72\xC6\x32\x43\x83\x99\xA9\x69\x52\x06\x5B\x5A";
    let stream = |kind: [u8; 16]| object(STREAM, &[&kind[..], &[0; 38]].concat());
    let extended = |names: usize, inner: &[u8]| {
        let inner = object(EXTENDED, &[&vec![0; 64 + names], inner].concat());
        let file = file(&[stream(VIDEO), extension(&[inner])]);
        format::locate(&mut Source::new(&file), Some("wmv"))
    };
    assert!(extended(9, &stream(AUDIO)).is_ok() && extended(5000, &stream(AUDIO)).is_ok());
    for silent in [extended(9, &[]), extended(9, &stream(VIDEO))] {
        assert!(matches!(silent, Err(ReadError::NoTrack)));
    }
}

#[test]
fn headers_that_lie_are_told() {
    const LIES: &str = "the attributes in its header are more than there is room for";
    const WRONG: &str = "an object of its header has a size that cannot be";
    let code = codes(&[("WM/ISRC", OLD)]);
    let counted = |count: u16| {
        let mut object = code.clone();
        object[24..26].copy_from_slice(&count.to_le_bytes());
        file(&[object])
    };
    assert_eq!(doubt(&counted(1)), None);
    assert_eq!(doubt(&counted(2)), Some(LIES));
    assert_eq!(doubt(&counted(u16::MAX)), Some(LIES));
    assert_eq!(places(&counted(0)), []);
    assert_eq!(
        doubt(&counted(0)),
        Some("bytes that are no attribute stand among those of its header")
    );
    for size in [0, 23, 1 << 32, u64::MAX] {
        let odd = sized([3; 16], size, &[]);
        assert_eq!(doubt(&file(&[code.clone(), odd])), Some(WRONG), "{size}");
    }
    let mut longer = file(std::slice::from_ref(&code));
    longer[24..28].copy_from_slice(&9u32.to_le_bytes());
    assert_eq!(places(&longer), [("asf:WM/ISRC".to_owned(), OLD.to_owned())]);
    assert_eq!(doubt(&longer), None);
    let mut longer = file(&[properties(2)]);
    longer[24..28].copy_from_slice(&9u32.to_le_bytes());
    assert_eq!(doubt(&longer), Some("the number of the objects in its header is wrong"));
    let mut name = code.clone();
    name[26..28].copy_from_slice(&u16::MAX.to_le_bytes());
    assert_eq!(doubt(&file(&[name])), Some(LIES));
    // A name without the zero at its end.
    let bare = [
        &14u16.to_le_bytes()[..],
        &utf16("WM/ISRC")[..14],
        &[0, 0, 24, 0],
        &utf16(OLD)[..24],
    ]
    .concat();
    assert_eq!(
        places(&file(&[extended(&[bare])])),
        [("asf:WM/ISRC".to_owned(), OLD.to_owned())]
    );
}

#[test]
fn headers_that_are_cut_short_are_errors() {
    let whole = file(&[properties(2), codes(&[("WM/ISRC", OLD)])]);
    for len in 30..whole.len() {
        let cut = whole[..len].to_vec();
        let error = format::locate(&mut Source::new(&cut), Some("wma")).unwrap_err();
        assert!(
            matches!(error, ReadError::CutShort { .. } | ReadError::Damaged(_)),
            "{len}: {error}"
        );
    }
    for size in [0u64, 29, u64::MAX] {
        let mut file = whole.clone();
        file[16..24].copy_from_slice(&size.to_le_bytes());
        assert!(format::locate(&mut Source::new(&file), Some("wma")).is_err(), "{size}");
    }
    let headless = header(&[codes(&[("WM/ISRC", OLD)])]);
    assert!(format::locate(&mut Source::new(&headless), Some("wma")).is_err());
}

#[test]
fn encrypted_files_are_read() {
    let file = file(&[object(ENCRYPTION, &[0; 16]), codes(&[("WM/ISRC", OLD)])]);
    assert_eq!(places(&file), [("asf:WM/ISRC".to_owned(), OLD.to_owned())]);
    assert_eq!(doubt(&file), None);
}

const WMA: Container = Container(Format::Wma);

fn padding(length: usize) -> Vec<u8> {
    object(PADDING, &vec![0; length])
}

#[test]
fn a_code_changes_and_nothing_else() {
    let layout = |code: &str, length: usize| {
        let attributes = codes(&[("WM/Year", "2026"), ("WM/ISRC", code), ("x", "y")]);
        file(&[properties(2), attributes, description("a", "b"), padding(length)])
    };
    WMA.check(&layout(OLD, 9), "W", false, &layout(NEW, 9));
    WMA.check(&layout("us-rc1-76-07839", 9), "W", false, &layout(NEW, 15));
    WMA.check(&layout("QZES5", 40), "W", false, &layout(NEW, 26));
    WMA.check(&layout("QZES5", 3), "W", false, &layout(NEW, 1024));
    // What is left over stays beside the attributes, so that the objects behind them do not move.
    let fresh = file(&[
        properties(2),
        codes(&[("WM/Year", "2026"), ("WM/ISRC", NEW), ("x", "y")]),
        padding(4),
        description("a", "b"),
        padding(0),
    ]);
    WMA.check(&layout("QZES51600001; QZES51600002", 0), "WD", false, &fresh);
}

#[test]
fn padding_in_the_header_extension_is_used_too() {
    let layout = |code: &str, length: usize| {
        let inner = extension(&[library(METADATA, "WM/ISRC", code), padding(length)]);
        file(&[properties(2), inner, codes(&[("x", "y")])])
    };
    WMA.check(&layout("QZES5", 40), "W", false, &layout(NEW, 26));
    let gone = file(&[
        properties(2),
        extension(&[object(METADATA, &[0, 0]), padding(9 + 12 + 16 + 26)]),
        codes(&[("x", "y")]),
    ]);
    // A record of its own lengths, name and value goes.
    let with = layout(OLD, 9);
    let removed = WMA.edited(&with, "D", false).unwrap();
    assert_eq!(removed.len(), with.len());
    assert_eq!(removed[..removed.len() - 424], gone[..gone.len() - 424]);
}

#[test]
fn a_code_comes_and_goes() {
    let layout = |attributes: &[(&str, &str)], length: usize| {
        let mut objects = vec![properties(2), codes(attributes)];
        if length > 0 {
            objects.push(padding(length - 24));
        }
        file(&objects)
    };
    let one = attribute("WM/ISRC", 0, &utf16(NEW)).len();
    let (year, code) = (("WM/Year", "2026"), ("WM/ISRC", NEW));
    WMA.check(&layout(&[year], 0), "", true, &layout(&[year, code], 1048));
    WMA.check(&layout(&[year], 200), "", true, &layout(&[year, code], 200 - one));
    WMA.check(&layout(&[year, code], 200 - one), "D", false, &layout(&[year], 200));
    // An empty one takes the new code rather than standing beside it.
    WMA.check(
        &layout(&[("WM/ISRC", ""), year], 200),
        "",
        true,
        &layout(&[code, year], 176),
    );
    let bare = file(&[properties(2), description("a", "b")]);
    let made = file(&[properties(2), description("a", "b"), codes(&[code]), padding(1024)]);
    WMA.check(&bare, "", true, &made);
    let roomy = file(&[properties(2), padding(500), description("a", "b")]);
    let filled = padding(500 - codes(&[code]).len());
    WMA.check(
        &roomy,
        "",
        true,
        &file(&[properties(2), codes(&[code]), filled, description("a", "b")]),
    );
}

#[test]
fn a_value_of_another_type_becomes_a_text() {
    let layout = |kind: u16, value: &[u8], length: usize| {
        file(&[
            properties(2),
            extended(&[attribute("WM/ISRC", kind, value)]),
            padding(length),
        ])
    };
    let text = utf16(NEW);
    WMA.check(&layout(1, OLD.as_bytes(), 50), "W", false, &layout(0, &text, 36));
}

#[test]
fn what_must_not_be_edited_is_refused() {
    let code = || codes(&[("WM/ISRC", OLD)]);
    let refused = |objects: &[Vec<u8>], reason: &str| WMA.check_refused(&file(objects), "W", false, reason);
    refused(&[object(ENCRYPTION, &[0; 16]), code()], "it is encrypted");
    refused(
        &[properties(3), code()],
        "it is a broadcast that was not finished: its sizes are not known",
    );
    let mut more = code();
    more.extend([0; 4]);
    let size = (more.len() as u64).to_le_bytes();
    more[16..24].copy_from_slice(&size);
    refused(&[more], "bytes that are no attribute stand among those of its header");
    let mut longer = file(&[code()]);
    longer[24..28].copy_from_slice(&9u32.to_le_bytes());
    WMA.check_refused(&longer, "W", false, "the number of the objects in its header is wrong");
}
