//! A picture that the walk is sure of is no business of the second reader: it says the same without reading it.

#![expect(clippy::ptr_arg, reason = "a source reads a `Vec`, not a slice")]

use std::io;
use std::ops::Range;
use std::path::Path;

use super::{Audio, opinion};
use crate::bytes::source::{ReadAt, Source};
use crate::format::testing::sound;
use crate::format::{self, Located};

/// A file of which one range is never to be read.
struct Guarded<'f>(&'f Vec<u8>, Range<u64>);

impl ReadAt for Guarded<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let end = offset + buffer.len() as u64;
        assert!(end <= self.1.start || offset >= self.1.end, "{offset}..{end}");
        self.0.read_at(buffer, offset)
    }

    fn len(&self) -> u64 {
        ReadAt::len(self.0)
    }
}

/// Bytes that look like all that a reader may be searching for.
fn picture() -> Vec<u8> {
    let frame = [&b"TSRC\0\0\0\x0D\0\0\0"[..], b"USRC17607839"].concat();
    let atom = [&b"\0\0\0\x1C\xA9nam\0\0\0\x14data\0\0\0\x01\0\0\0\0"[..], b"Trap"].concat();
    [
        &frame[..],
        &atom,
        b"TAG",
        b"APETAGEX",
        b"LYRICSBEGIN",
        b"\xFF\xFB\x90\x00",
    ]
    .concat()
    .repeat(300)
}

fn frame(version: u8, id: &str, flags: u16, body: &[u8]) -> Vec<u8> {
    let size = body.len() as u32;
    let synchsafe = [21, 14, 7, 0].map(|shift| (size >> shift & 0x7F) as u8);
    match version {
        2 => [id.as_bytes(), &size.to_be_bytes()[1..], body].concat(),
        3 => [id.as_bytes(), &size.to_be_bytes(), &flags.to_be_bytes(), body].concat(),
        _ => [id.as_bytes(), &synchsafe, &flags.to_be_bytes(), body].concat(),
    }
}

/// A tag with a title, a picture, and a code behind it.
fn tag(version: u8, tag_flags: u8, picture: &[u8]) -> Vec<u8> {
    let [title, code] = match version {
        2 => ["TT2", "TRC"],
        _ => ["TIT2", "TSRC"],
    };
    let code = frame(version, code, 0, b"\0QZ-ES5-16-00001");
    let frames = [&frame(version, title, 0, b"\0Title"), picture, &code, &[0; 100]].concat();
    let size = frames.len() as u32;
    let size = [21, 14, 7, 0].map(|shift| (size >> shift & 0x7F) as u8);
    [&[b'I', b'D', b'3', version, 0, tag_flags], &size[..], &frames].concat()
}

fn plain_tag(version: u8) -> Vec<u8> {
    let id = if version == 2 { "PIC" } else { "APIC" };
    tag(version, 0, &frame(version, id, 0, &picture()))
}

fn mp3(tag: &[u8]) -> Vec<u8> {
    let frame = [&b"\xFF\xFB\x90\x64"[..], &[0; 413]].concat();
    [tag, &frame.repeat(20)].concat()
}

fn chunk(id: &str, size: [u8; 4], body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), &size, body, &vec![0; body.len() % 2]].concat()
}

fn aiff(tag: &[u8]) -> Vec<u8> {
    let be = |id, body: &[u8]| chunk(id, (body.len() as u32).to_be_bytes(), body);
    let common = b"\0\x01\0\0\x0B\xB8\0\x10\x40\x0E\xAC\x44\0\0\0\0\0\0";
    let audio = [&[0; 8], &sound(6000)[..]].concat();
    be(
        "FORM",
        &[b"AIFF", &be("COMM", common)[..], &be("ID3 ", tag), &be("SSND", &audio)].concat(),
    )
}

fn wav(tag: &[u8]) -> Vec<u8> {
    let le = |id, body: &[u8]| chunk(id, (body.len() as u32).to_le_bytes(), body);
    let format = b"\x01\0\x01\0\x44\xAC\0\0\x88\x58\x01\0\x02\0\x10\0";
    let body = [
        b"WAVE",
        &le("fmt ", format)[..],
        &le("id3 ", tag),
        &le("data", &sound(6000)),
    ]
    .concat();
    le("RIFF", &body)
}

fn atom(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes(), &kind[..], body].concat()
}

fn m4a(between: &[u8]) -> Vec<u8> {
    let text = |text: &[u8]| atom(b"data", &[b"\0\0\0\x01\0\0\0\0", text].concat());
    let name = |kind, name: &[u8]| atom(kind, &[&[0; 4], name].concat());
    let title = atom(b"\xA9nam", &text(b"Title"));
    let code = [
        name(b"mean", b"com.apple.iTunes"),
        name(b"name", b"ISRC"),
        text(b"QZ-ES5-16-00001"),
    ]
    .concat();
    let cover = atom(
        b"covr",
        &atom(b"data", &[b"\0\0\0\x0D\0\0\0\0", &picture()[..]].concat()),
    );
    let list = atom(
        b"ilst",
        &[title, cover, between.to_vec(), atom(b"----", &code)].concat(),
    );
    let handler = atom(b"hdlr", &[&[0; 8][..], b"mdirappl", &[0; 9]].concat());
    let meta = atom(b"meta", &[vec![0; 4], handler, list].concat());
    let movie = atom(b"moov", &atom(b"udta", &meta));
    [atom(b"ftyp", b"M4A \0\0\0\0M4A "), movie, atom(b"mdat", &sound(6000))].concat()
}

fn located(file: &Vec<u8>, extension: Option<&str>) -> Located {
    format::locate(&mut Source::new(file), extension).unwrap()
}

#[test]
fn a_picture_is_not_read_and_nothing_else_is_missed() {
    let tags = [2, 3, 4].map(plain_tag);
    let in_front = tags.iter().map(|tag| mp3(tag));
    let in_chunks = tags.iter().flat_map(|tag| [aiff(tag), wav(tag)]);
    for file in in_front.chain(in_chunks).chain([m4a(&[])]) {
        let located = located(&file, None);
        let picture = located.picture.clone().unwrap();
        assert!(picture.end - picture.start >= self::picture().len() as u64);
        let blind = opinion(&Guarded(&file, picture), &located, Audio::Skip).unwrap();
        assert_eq!(blind.codes, ["QZ-ES5-16-00001"]);
        assert_eq!(blind.description.title.as_deref(), Some("Title"));
    }
}

#[test]
fn where_the_walk_is_not_sure_all_is_read() {
    let apic = |version, flags| frame(version, "APIC", flags, &picture());
    let opaque = [&apic(3, 0)[..], b"????\0\0\0\x01\0\0?"].concat();
    let mut plain = apic(4, 0);
    plain[4..8].copy_from_slice(&(picture().len() as u32).to_be_bytes());
    let files = [
        mp3(&tag(3, 0x80, &apic(3, 0))),
        mp3(&tag(4, 0x80, &apic(4, 0))),
        mp3(&tag(3, 0, &apic(3, 0x20))),
        mp3(&tag(4, 0, &apic(4, 0x02))),
        mp3(&tag(3, 0, &apic(4, 0))),
        mp3(&tag(4, 0, &plain)),
        mp3(&tag(3, 0, &opaque)),
        mp3(&[plain_tag(3), plain_tag(3)].concat()),
        wav(&[plain_tag(3), vec![0; 3]].concat())
            .split_last()
            .unwrap()
            .1
            .to_vec(),
        m4a(&atom(b"free", &[])).repeat(2),
    ];
    for (index, file) in files.iter().enumerate() {
        let picture = format::locate(&mut Source::new(file), None).map(|located| located.picture);
        assert!(!matches!(picture, Ok(Some(_))), "{index}: {picture:?}");
    }
}

#[test]
fn what_the_walk_has_read_of_a_recording_is_not_read_again() {
    for name in [
        "matroska-ffmpeg.mka",
        "matroska-untagged.mka",
        "wma-library.wma",
        "caf-ffmpeg.caf",
    ] {
        let file = std::fs::read(Path::new("testdata/seeds").join(name)).unwrap();
        let never = Guarded(&file, 0..u64::MAX);
        let opinion = opinion(&never, &located(&file, None), Audio::Describe).unwrap();
        assert!(opinion.description.duration.is_some(), "{name}");
    }
}

#[test]
fn files_of_many_programs_are_described_alike() {
    let mut with_picture = 0;
    for entry in std::fs::read_dir("testdata/seeds").unwrap() {
        let path = entry.unwrap().path();
        let file = std::fs::read(&path).unwrap();
        let blind = located(&file, path.extension().and_then(|extension| extension.to_str()));
        let seeing = Located {
            picture: None,
            ..blind.clone()
        };
        with_picture += u32::from(blind.picture.is_some());
        for audio in [Audio::Skip, Audio::Describe] {
            let [blind, seeing] = [&blind, &seeing].map(|located| format!("{:?}", opinion(&file, located, audio)));
            assert_eq!(blind, seeing, "{}", path.display());
        }
    }
    assert!(with_picture > 2, "{with_picture}");
}
