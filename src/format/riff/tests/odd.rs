//! Files that are wrong, hostile, or too large.

use super::*;
use crate::pieces::Patch;
use crate::source::ReadAt;

#[test]
fn files_that_programs_write_wrong_are_still_read() {
    let id3 = le(b"id3 ", &tag(&[OLD], 10));
    check(&riff(&[fmt(), data(), id3.clone()]), |_| {});
    // A size of the whole that is 0, too small, or too large.
    for size in [0, 20, 36, 100_000, u32::MAX] {
        check(&riff(&[fmt(), data(), id3.clone()]), |file| {
            file[4..8].copy_from_slice(&size.to_le_bytes())
        });
    }
    // Odd audio without its pad byte.
    check(&riff(&[fmt(), le(b"data", &audio(999)), id3.clone()]), |file| {
        file.remove(12 + 24 + 8 + 999);
    });
    // The tag's chunk stands behind the end that the header states.
    check(&[riff(&[fmt(), data()]), id3.clone()].concat(), |_| {});
    // Bytes behind the end.
    check(
        &[riff(&[fmt(), data(), id3.clone()]), b"LIST of things".to_vec()].concat(),
        |_| {},
    );
    // Audio of a stream.
    for size in [u32::MAX, 0x7FFF_F000] {
        check(&riff(&[fmt(), id3.clone(), data()]), |file| {
            let at = file.len() - 1004;
            file[at..at + 4].copy_from_slice(&size.to_le_bytes());
        });
    }

    #[track_caller]
    fn check(file: &[u8], spoil: impl Fn(&mut Vec<u8>)) {
        let mut file = file.to_vec();
        spoil(&mut file);
        assert_eq!(WAV.texts(&file), [OLD]);
        // In place, all of them are edited.
        let mut expected = file.clone();
        let at = file.windows(12).position(|view| view == OLD.as_bytes()).unwrap();
        expected[at..at + 12].copy_from_slice(NEW.as_bytes());
        WAV.check(&file, "W", false, &expected);
    }
}

#[test]
fn a_chunk_behind_the_stated_end_grows_by_itself() {
    let layout = |tag: Vec<u8>| [riff(&[fmt(), data()]), le(b"id3 ", &tag)].concat();
    WAV.check(&layout(tag(&["QZES5"], 0)), "W", false, &layout(tag(&[NEW], 1024)));
}

#[test]
fn a_streamed_file_gets_its_tag_in_front_of_the_audio() {
    for (whole, length) in [
        (u32::MAX, u32::MAX),
        (0x7FFF_F024, 0x7FFF_F000),
        (0x8000_0023, 0x7FFF_FFFF),
    ] {
        let layout = |chunks: &[Vec<u8>]| {
            let whole = [b"RIFF".as_slice(), &whole.to_le_bytes(), b"WAVE"].concat();
            let streamed = [b"data".as_slice(), &length.to_le_bytes(), &audio(999)].concat();
            [whole, fmt(), chunks.concat(), streamed].concat()
        };
        WAV.check(&layout(&[]), "", true, &layout(&[le(b"id3 ", &new_tag(NEW))]));
        let tagged = |tag: Vec<u8>| layout(&[le(b"id3 ", &tag)]);
        WAV.check(&tagged(tag(&["QZES5"], 0)), "W", false, &tagged(tag(&[NEW], 1024)));
    }
    // The size of the whole is right, that of the audio is not.
    let layout = |chunks: &[Vec<u8>]| {
        let streamed = [b"data\xFF\xFF\xFF\xFF".to_vec(), audio(1000)].concat();
        riff(&[fmt(), chunks.concat(), streamed])
    };
    WAV.check(&layout(&[]), "", true, &layout(&[le(b"id3 ", &new_tag(NEW))]));
}

#[test]
fn a_whole_without_end_stays_so() {
    let layout = |chunks: &[Vec<u8>]| {
        let mut file = riff(chunks);
        file[4..8].copy_from_slice(&[0xFF; 4]);
        file
    };
    WAV.check(
        &layout(&[fmt(), data()]),
        "",
        true,
        &layout(&[fmt(), data(), le(b"id3 ", &new_tag(NEW))]),
    );
}

#[test]
fn what_is_not_certain_is_refused() {
    let plain = || riff(&[fmt(), data()]);
    let with = |at: usize, bytes: &[u8], mut file: Vec<u8>| {
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let wrong = "the size in its header does not agree with its chunks";
    check(&with(4, &99_999u32.to_le_bytes(), plain()), wrong);
    check(&with(4, &20u32.to_le_bytes(), plain()), wrong);
    check(
        &with(4, &0u32.to_le_bytes(), plain()),
        "its header does not state its size",
    );
    check(&[plain(), audio(500)].concat(), "unknown bytes stand behind its audio");
    check(
        &[plain(), info(b"text")].concat(),
        "a chunk stands behind the end that its header states",
    );
    check(
        &with(40, &0u32.to_le_bytes(), plain()),
        "the size of its audio was never filled in: a stream, or a recording that was not finished",
    );
    check(
        &riff(&[fmt(), data(), le(b"id3 ", b"no tag")]),
        "its ID3 chunk holds no ID3v2 tag that can be read",
    );
    let mut unpadded = riff(&[fmt(), le(b"data", &audio(999)), info(b"text")]);
    unpadded.remove(12 + 24 + 8 + 999);
    unpadded[4] -= 1;
    check(
        &unpadded,
        "a pad byte is missing, so that other programs would not find a new tag",
    );
    let mut cut = riff(&[fmt(), data(), info(b"text")]);
    cut.truncate(cut.len() - 3);
    check(&cut, "a chunk claims to go beyond the end of the file");
    let big_endian = be(
        b"RIFX",
        &[b"WAVE".to_vec(), be(b"data", &audio(20)), be(b"id3 ", &tag(&[OLD], 9))].concat(),
    );
    assert_eq!(WAV.texts(&big_endian), [OLD]);
    WAV.check_refused(
        &big_endian,
        "W",
        false,
        "this version does not edit big-endian WAV (RIFX)",
    );

    #[track_caller]
    fn check(file: &Vec<u8>, reason: &str) {
        WAV.check_refused(file, "", true, reason);
    }
    let file = riff(&[fmt(), data(), le(b"id3 ", &tag(&[OLD], 0))]);
    WAV.check_refused(
        &file,
        "WW",
        false,
        "it no longer has the places that the change was made for",
    );
}

#[test]
fn what_hides_codes_is_doubted() {
    let tagged = |codes: &[&str]| riff(&[fmt(), data(), le(b"id3 ", &tag(codes, 10))]);
    let beyond = Some("a chunk claims to go beyond the end of the file");
    let cut = |mut file: Vec<u8>, count: usize| {
        file.truncate(file.len() - count);
        file
    };
    check(cut(tagged(&[]), 8), &[], beyond);
    check(cut(tagged(&[OLD]), 8), &[OLD], beyond);
    let no_tag = Some("its ID3 chunk holds no ID3v2 tag that can be read");
    check(riff(&[fmt(), data(), le(b"id3 ", b"no tag")]), &[], no_tag);
    check(
        riff(&[b"abcd\0\0\0\0".repeat(5000)]),
        &[],
        Some("it has more chunks than any real file"),
    );
    // What is whole, or is a stream's.
    check(tagged(&[OLD]), &[OLD], None);
    check(riff(&[fmt(), data(), le(b"id3 ", b"")]), &[], None);
    check([tagged(&[]), b"LIST of things".to_vec()].concat(), &[], None);
    let streamed = [b"data\xFF\xFF\xFF\xFF".to_vec(), audio(999)].concat();
    check(riff(&[fmt(), streamed]), &[], None);
    check(
        riff(&[fmt(), [b"data\0\0\0\0".to_vec(), audio(999)].concat()]),
        &[],
        None,
    );

    #[track_caller]
    fn check(file: Vec<u8>, codes: &[&str], doubt: Option<&str>) {
        let found = crate::format::locate(&mut Source::new(&file), None).unwrap();
        let texts: Vec<&str> = found.places.iter().map(|place| place.text.as_str()).collect();
        assert_eq!((texts, found.doubt), (codes.to_vec(), doubt));
        // An edit is refused for the same reason.
        let change = change(&"D".repeat(codes.len()), true);
        let edited = crate::format::splice(&mut Source::new(&file), None, &found, &change);
        match (edited, doubt) {
            (Err(error), Some(doubt)) => assert_eq!(error.to_string(), doubt),
            (edited, Some(_)) => panic!("{edited:?}"),
            (_, None) => {}
        }
    }
}

#[test]
fn what_is_missing_at_the_end_is_cut_short() {
    let header = b"RIFF\0\0\0\0WAVE".to_vec();
    let found = crate::format::locate(&mut Source::new(&header), None);
    assert!(matches!(found, Err(ReadError::CutShort { needed: 20, len: 12 })));
    // Its size says that a chunk behind the audio is missing, of which only the start is there.
    let mut file = riff(&[fmt(), le(b"data", b""), le(b"id3 ", &tag(&[OLD], 10))]);
    file.truncate(file.len() - 8);
    let found = crate::format::locate(&mut Source::new(&file), None);
    assert!(matches!(found, Err(ReadError::CutShort { .. })));
}

/// A file of gigabytes: a head and a tail with zero bytes between them.
struct Sparse {
    head: Vec<u8>,
    len: u64,
    tail: Vec<u8>,
}

impl ReadAt for Sparse {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
        let tail_at = self.len - self.tail.len() as u64;
        for (index, byte) in buffer.iter_mut().enumerate() {
            let at = offset + index as u64;
            let stored = match at.checked_sub(tail_at) {
                Some(at) => self.tail.get(at as usize),
                None => self.head.get(at as usize),
            };
            *byte = stored.copied().unwrap_or(0);
        }
        Ok(buffer.len())
    }

    fn len(&self) -> u64 {
        self.len
    }
}

#[test]
fn growing_past_4_gib_is_refused() {
    // The whole may be one less than what means "see elsewhere".
    let limit = u64::from(u32::MAX) - 1 - 1066;
    check(limit - limit % 2, true);
    check(limit - limit % 2 + 2, false);

    #[track_caller]
    fn check(whole: u64, fits: bool) {
        let sizes = [whole as u32, whole as u32 - 36].map(u32::to_le_bytes);
        let head = [b"RIFF".as_slice(), &sizes[0], b"WAVE", &fmt(), b"data", &sizes[1]].concat();
        let file = Sparse {
            head,
            len: whole + 8,
            tail: Vec::new(),
        };
        let mut source = Source::new(&file);
        let front = Front {
            format: Format::Wav,
            tags: Vec::new(),
            start: 0,
        };
        match splice(&mut source, &front, &change("", true)) {
            Ok(splice) => assert!(fits && splice.patches.len() == 2),
            Err(error) => {
                assert!(!fits);
                assert_eq!(
                    error.to_string(),
                    "it would grow past 4 GiB, which its format cannot state"
                );
            }
        }
    }
}

#[test]
fn rf64_grows_past_4_gib() {
    let length = 5u64 << 30;
    let tail = le(b"id3 ", &tag(&["QZES5"], 0));
    let whole = 4 + 36 + 24 + 8 + length + tail.len() as u64;
    let ds64 = le(
        b"ds64",
        &[[whole, length, 1].map(u64::to_le_bytes).concat(), vec![0; 4]].concat(),
    );
    let head = [
        b"RF64\xFF\xFF\xFF\xFFWAVE".to_vec(),
        ds64,
        fmt(),
        b"data\xFF\xFF\xFF\xFF".to_vec(),
    ]
    .concat();
    let file = Sparse {
        head,
        len: whole + 8,
        tail,
    };
    let mut source = Source::new(&file);
    let front = Front {
        format: Format::Rf64,
        tags: Vec::new(),
        start: 0,
    };
    assert_eq!(locate(&mut source, &front).unwrap().places[0].text, "QZES5");
    let splice = splice(&mut source, &front, &change("W", false)).unwrap();
    // The code, the padding, and a pad byte.
    let growth = 7 + 1024 + 1;
    assert_eq!(splice.patches[0], Patch::new(20..28, (whole + growth).to_le_bytes()));
    assert_eq!(splice.audio, vec![80..80 + length]);
}

#[test]
fn audio_that_is_not_there_is_cut_short() {
    let mut file = riff(&[fmt(), data()]);
    file.truncate(file.len() - 1);
    assert!(matches!(
        WAV.places(&file),
        Err(ReadError::CutShort {
            needed: 1044,
            len: 1043
        })
    ));
    file.truncate(36);
    assert!(matches!(
        WAV.places(&file),
        Err(ReadError::CutShort { needed: 1044, len: 36 })
    ));
}

#[test]
fn nothing_to_do_is_no_patch() {
    for file in [
        riff(&[fmt(), data(), le(b"id3 ", &tag(&[OLD], 0))]),
        riff(&[fmt(), data(), axml(&[OLD])]),
    ] {
        let mut source = Source::new(&file);
        let front = Front {
            format: Format::Wav,
            tags: Vec::new(),
            start: 0,
        };
        let splice = splice(&mut source, &front, &change("K", false)).unwrap();
        assert_eq!(splice.patches, []);
        assert_eq!(splice.audio, vec![44..1044]);
    }
}

#[test]
fn a_bomb_in_a_tag_is_reported() {
    let bomb = |size: usize| {
        let mut folded = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::copy(&mut std::io::Read::take(std::io::repeat(0), size as u64), &mut folded).unwrap();
        let body = [(size as u32).to_be_bytes().to_vec(), folded.finish().unwrap()].concat();
        let frame = [b"TIT2".as_slice(), &(body.len() as u32).to_be_bytes(), b"\0\x80", &body].concat();
        let size = [21, 14, 7, 0].map(|shift| (frame.len() >> shift & 0x7F) as u8);
        let file = riff(&[
            fmt(),
            data(),
            le(b"id3 ", &[b"ID3\x03\0\0".as_slice(), &size, &frame].concat()),
        ]);
        crate::format::locate(&mut Source::new(&file), None).unwrap().inflates
    };
    assert!(bomb(20 << 20));
    assert!(!bomb(1 << 20));
}

#[test]
fn more_tags_than_any_real_file_has_are_refused() {
    let layout = |count: usize| riff(&[fmt(), data(), le(b"id3 ", &tag(&[OLD], 9)).repeat(count)]);
    let expected = riff(&[fmt(), data(), le(b"id3 ", &tag(&[NEW], 9)).repeat(16)]);
    WAV.check(&layout(16), &"W".repeat(16), false, &expected);
    let reason = "it has more ID3 chunks than any real file";
    WAV.check_refused(&layout(17), &"W".repeat(16), false, reason);
}

#[test]
fn hostile_files_are_survived() {
    let small = |length| le(b"data", &audio(length));
    WAV.torment(&riff(&[
        fmt(),
        axml(&["ISRC:QZ-ES5-16-00001"]),
        small(21),
        le(b"id3 ", &tag(&[OLD], 9)),
        info(b"x"),
    ]));
    WAV.torment(&riff(&[
        fmt(),
        le(b"id3 ", &tag(&["QZES5"], 0)),
        le(b"JUNK", &[0; 9]),
        small(20),
    ]));
    let long = [b"data\xFF\xFF\xFF\xFF".to_vec(), audio(20)].concat();
    WAV.torment(&rf64_with(20, &[fmt(), long, le(b"id3 ", &tag(&["QZES5"], 0))]));
    // Many chunks without content.
    let chunks = b"abcd\0\0\0\0".repeat(100_000);
    assert_eq!(WAV.texts(&riff(&[chunks])).len(), 0);
}
