//! Files are built here from what the specification says, never by the code under test.

use std::time::Duration;

use crate::bytes::source::{ReadError, Source};
use crate::format::place::Standing;
use crate::format::testing::*;
use crate::format::words::Description;
use crate::format::{self, Format};

fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    sized(id, body.len() as i64, body)
}

fn sized(id: &[u8; 4], size: i64, body: &[u8]) -> Vec<u8> {
    [&id[..], &size.to_be_bytes(), body].concat()
}

/// 16 bits of one channel, 8000 times a second.
fn description() -> Vec<u8> {
    let mut body = 8000f64.to_be_bytes().to_vec();
    body.extend(b"lpcm");
    for number in [2u32, 2, 1, 1, 16] {
        body.extend(number.to_be_bytes());
    }
    chunk(b"desc", &body)
}

fn audio() -> Vec<u8> {
    chunk(b"data", &[&[0; 4], &sound(4000)[..]].concat())
}

fn info(entries: &[(&str, &str)]) -> Vec<u8> {
    counted(entries.len() as u32, entries)
}

fn counted(count: u32, entries: &[(&str, &str)]) -> Vec<u8> {
    let mut body = count.to_be_bytes().to_vec();
    for (key, value) in entries {
        body.extend([key.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    chunk(b"info", &body)
}

fn free(length: usize) -> Vec<u8> {
    chunk(b"free", &vec![0; length])
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"caff\0\x01\0\0", &chunks.concat()[..]].concat()
}

const CAF: Container = Container(Format::Caf);

#[test]
fn a_code_changes_and_nothing_else() {
    let layout = |code: &str, padding: usize| {
        let info = info(&[("title", "Low Water"), ("isrc", code), ("artist", "x")]);
        file(&[description(), info, free(padding), audio()])
    };
    CAF.check(&layout(OLD, 9), "W", false, &layout(NEW, 9));
    CAF.check(&layout("us-rc1-76-07839", 9), "W", false, &layout(NEW, 12));
    CAF.check(&layout("QZES5", 9), "W", false, &layout(NEW, 2));
    // No room: the file gets longer, and so does the padding.
    CAF.check(&layout("QZES5", 3), "W", false, &layout(NEW, 1024));
    // The audio may go on to the end of the file.
    let open = |code: &str, padding: usize| {
        let audio = sized(b"data", -1, &sound(999));
        file(&[description(), info(&[("ISRC", code)]), free(padding), audio])
    };
    CAF.check(&open("QZES5", 3), "W", false, &open(NEW, 1024));
}

#[test]
fn a_code_goes_and_comes() {
    let layout = |entries: &[(&str, &str)], padding: usize| {
        let free = if padding > 0 { free(padding) } else { Vec::new() };
        file(&[description(), info(entries), free, audio(), b"junk".to_vec()])
    };
    let (title, code) = (("title", "Low Water"), ("ISRC", OLD));
    CAF.check(&layout(&[title, code], 5), "D", false, &layout(&[title], 23));
    CAF.check(&layout(&[title, code], 0), "D", false, &layout(&[title], 6));
    CAF.check(&layout(&[title], 23), "", true, &layout(&[title, ("ISRC", NEW)], 5));
    CAF.check(&layout(&[title], 0), "", true, &layout(&[title, ("ISRC", NEW)], 1024));
    // An empty one takes the new code rather than standing beside it.
    CAF.check(
        &layout(&[("isrc", ""), title], 23),
        "",
        true,
        &layout(&[("isrc", NEW), title], 11),
    );
    let two = [("ISRC", "QZES51600001/QZES51600002")];
    CAF.check(&layout(&two, 9), "WD", false, &layout(&[("ISRC", NEW)], 22));
}

#[test]
fn a_file_without_info_gets_it_in_front_of_the_audio() {
    let code = info(&[("ISRC", NEW)]);
    let bare = file(&[description(), audio()]);
    CAF.check(
        &bare,
        "",
        true,
        &file(&[description(), code.clone(), free(1024), audio()]),
    );
    let roomy = file(&[description(), free(100), audio()]);
    CAF.check(
        &roomy,
        "",
        true,
        &file(&[description(), code.clone(), free(100 - code.len()), audio()]),
    );
    // What is behind the audio moves nothing in front of it.
    let behind = |tail: Vec<u8>| file(&[description(), audio(), tail]);
    let old = [info(&[("ISRC", "QZES5")]), free(50)].concat();
    CAF.check(&behind(old), "W", false, &behind([code, free(43)].concat()));
}

#[test]
fn what_is_odd_is_read_and_not_edited() {
    let (code, other) = (info(&[("ISRC", OLD)]), info(&[("TSRC", OLD)]));
    let two = file(&[description(), code.clone(), other, audio()]);
    assert_eq!(CAF.texts(&two), [OLD, OLD]);
    CAF.check_refused(&two, "WK", false, "it has two info chunks");
    let more = file(&[description(), counted(1, &[("ISRC", OLD), ("x", "y")]), audio()]);
    assert_eq!(CAF.texts(&more), [OLD]);
    // The code may be what is not counted.
    let uncounted = file(&[description(), counted(1, &[("x", "y"), ("ISRC", OLD)]), audio()]);
    assert_eq!(CAF.doubt(&uncounted), Some("its info chunk holds more than it says"));
    CAF.check_refused(&more, "W", false, "its info chunk holds more than it says");
    // Chunks may be in any order.
    assert_eq!(CAF.texts(&file(&[code, audio(), description()])), [OLD]);
    for count in [2, u32::MAX] {
        let lies = file(&[description(), counted(count, &[("ISRC", OLD)]), audio()]);
        assert_eq!(CAF.doubt(&lies), Some("its info chunk holds fewer keys than it says"));
    }
}

#[test]
fn a_key_with_a_space_behind_it_is_odd() {
    let layout = |code: &str, padding: usize| file(&[description(), info(&[("isrc ", code)]), free(padding), audio()]);
    let place = &CAF.located(&layout(OLD, 9)).places[0];
    assert_eq!(
        (place.name.to_string().as_str(), place.standing),
        ("caf:ISRC", Standing::Odd)
    );
    assert_eq!(place.key.as_deref(), Some("isrc "));
    CAF.check(&layout(OLD, 9), "W", false, &layout(NEW, 9));
}

#[test]
fn sizes_that_lie_are_errors() {
    let read = |file: &Vec<u8>| format::locate(&mut Source::new(file), Some("caf"));
    for size in [-1, -2, i64::MIN, i64::MAX, 1 << 40] {
        let wrong = file(&[description(), sized(b"info", size, &[0; 4]), audio()]);
        assert!(read(&wrong).is_err(), "{size}");
    }
    let whole = file(&[description(), info(&[("ISRC", OLD)]), audio()]);
    for len in 8..whole.len() {
        let error = read(&whole[..len].to_vec()).unwrap_err();
        assert!(
            matches!(error, ReadError::CutShort { .. } | ReadError::Damaged(_)),
            "{len}: {error}"
        );
    }
}

#[test]
fn what_a_file_says_of_its_recording() {
    let entries = [
        ("Title", "Low Water"),
        ("artist", "Lantern Street"),
        ("album", "Tidewater"),
        ("track number", "3/9"),
    ];
    let file = file(&[description(), info(&entries), audio()]);
    let words = format::locate(&mut Source::new(&file), None).unwrap().words.unwrap();
    let expected = Description {
        title: Some("Low Water".to_owned()),
        artist: Some("Lantern Street".to_owned()),
        album: Some("Tidewater".to_owned()),
        disc: None,
        track: Some(3),
        duration: Some(Duration::from_millis(250)),
        ..Description::default()
    };
    assert_eq!(words, expected);
}

#[test]
fn junk_behind_the_file_is_borne_with_and_a_cut_chunk_is_not() {
    let junk = b"junk behind it, no tag";
    let with = |code: &str| [&file(&[description(), info(&[("ISRC", code)]), audio()])[..], junk].concat();
    CAF.check(&with(OLD), "W", false, &with(NEW));
    let cut = file(&[description(), audio(), sized(b"info", 4000, &[0; 40])]);
    let read = format::locate(&mut Source::new(&cut), Some("caf"));
    assert!(matches!(read, Err(ReadError::CutShort { .. })));
}
