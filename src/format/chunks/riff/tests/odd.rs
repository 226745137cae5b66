//! Files that are wrong, hostile, or too large.

use super::*;
use crate::bytes::pieces::Patch;
use crate::bytes::source::ReadAt;
use crate::format::testing::apev2;

#[test]
fn files_that_programs_write_wrong_are_still_read() {
    let id3 = le(b"id3 ", &tag(&[OLD], 10));
    check(&riff(&[fmt(), data(), id3.clone()]), |_| {});
    // A size of the whole that is 0 or too large.
    for size in [0, 100_000, u32::MAX] {
        check(&riff(&[fmt(), data(), id3.clone()]), |file| {
            file[4..8].copy_from_slice(&size.to_le_bytes())
        });
    }
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

/// What keeps other programs from a chunk is told, and put right with the code in it.
#[test]
fn a_chunk_that_others_do_not_find_is_made_to_be_found() {
    let id3 = |codes: &[&str], padding| le(b"id3 ", &tag(codes, padding));
    let good = |id3: Vec<u8>| riff(&[fmt(), data(), id3]);
    let behind = "its chunk stands behind the end that the header of the file states";
    // A size of the whole that leaves out the tag, or was not kept up to date.
    for size in [12, 20, 36, 37, 1000, 1035, 1036] {
        let spoilt = |codes: &[&str], padding| {
            let mut file = good(id3(codes, padding));
            file[4..8].copy_from_slice(&u32::to_le_bytes(size));
            file
        };
        check(&spoilt(&[OLD], 9), behind, "W", false, &good(id3(&[NEW], 9)));
        check(&spoilt(&["QZES5"], 0), behind, "W", false, &good(id3(&[NEW], 1024)));
        let (without, with) = (spoilt(&[], 40), good(id3(&[NEW], 17)));
        WAV.check(&without, "", true, &with);
    }
    // A second tag in front of it is found, and stays as it is.
    let two = |tags: &[Vec<u8>], size: usize| {
        let mut file = riff(&[fmt(), tags[0].clone(), data(), tags[1].clone()]);
        let whole = (file.len() - 8 - size) as u32;
        file[4..8].copy_from_slice(&whole.to_le_bytes());
        file
    };
    let tags = [id3(&[OLD], 9), id3(&[OLD], 9)];
    let size = tags[1].len();
    WAV.check(
        &two(&tags, size),
        "WK",
        false,
        &two(&[id3(&[NEW], 9), tags[1].clone()], size),
    );
    WAV.check(
        &two(&tags, size),
        "KW",
        false,
        &two(&[tags[0].clone(), id3(&[NEW], 9)], 0),
    );

    // Pad bytes that are missing, in front of the audio, behind it, and both.
    let odd = |id: &[u8; 4], length: usize, pad: bool| {
        let mut chunk = le(id, &audio(length));
        chunk.truncate(8 + length + usize::from(pad));
        chunk
    };
    for (bext, data) in [(true, false), (false, true), (false, false)] {
        let with = |bext, data, id3| {
            let chunks = [fmt(), odd(b"abcd", 33, bext), odd(b"data", 999, data), id3].concat();
            let size = (chunks.len() as u32 + 4).to_le_bytes();
            [b"RIFF".as_slice(), &size, b"WAVE", &chunks].concat()
        };
        let spoilt = |codes: &[&str], padding| with(bext, data, id3(codes, padding));
        let good = |codes: &[&str], padding| with(true, true, id3(codes, padding));
        let reason = "a pad byte is missing in front of its chunk";
        check(&spoilt(&[OLD], 9), reason, "W", false, &good(&[NEW], 9));
        check(&spoilt(&["QZES5"], 0), reason, "W", false, &good(&[NEW], 1024));
        let (without, new) = (with(bext, data, Vec::new()), le(b"id3 ", &new_tag(NEW)));
        WAV.check(&without, "", true, &with(true, true, new));
    }

    // Eight bytes too many in the chunk, in the whole, and in both; with a pad byte or without.
    for padding in [8, 9] {
        for (chunk, whole) in [(8, 0), (8, 8), (7, 8), (9, 9)] {
            let spoilt = |codes: &[&str], padding| {
                let mut file = good(id3(codes, padding));
                file[4] = file[4].wrapping_add(whole);
                let size = tag(codes, padding).len() as u32 + chunk;
                file[12 + 24 + 1008 + 4..][..4].copy_from_slice(&size.to_le_bytes());
                file
            };
            let file = spoilt(&[OLD], padding);
            if tag(&[OLD], padding).len() % 2 == 1 || file[4] < 247 {
                continue;
            }
            let reason = "the size of its chunk goes beyond the end of the file";
            check(&file, reason, "W", false, &good(id3(&[NEW], padding)));
        }
    }

    #[track_caller]
    fn check(file: &[u8], reason: &'static str, actions: &str, create: bool, expected: &[u8]) {
        let places = WAV.places(file).unwrap();
        assert_eq!(places.last().unwrap().standing, Standing::Hidden(reason));
        WAV.check(file, actions, create, expected);
        assert_eq!(
            WAV.places(expected).unwrap().last().unwrap().standing,
            Standing::Standard
        );
    }
}

/// The bytes stay, and no program sees the new chunk as one of theirs.
#[test]
fn whatever_stands_behind_the_end_stays_there() {
    let new = || le(b"id3 ", &new_tag(NEW));
    let mut id3v1 = b"TAG".to_vec();
    id3v1.resize(128, b' ');
    let id3v1_extended = [b"TAG+".to_vec(), vec![b' '; 223], id3v1.clone()].concat();
    let lyrics = b"LYRICSBEGINwords of a songLYRICSEND".to_vec();
    for rest in [
        b"12345678".to_vec(),
        b"x".to_vec(),
        audio(500),
        audio(4096),
        vec![0; 10_000],
        info(b"text"),
        le(b"TAGX", b"no tag"),
        id3v1.clone(),
        id3v1_extended,
        [lyrics.clone(), id3v1.clone()].concat(),
        [vec![0; 20], id3v1.clone()].concat(),
        [b"padding".to_vec(), id3v1].concat(),
        lyrics,
        b"APETAGEX is no tag, but words of somebody's".to_vec(),
    ] {
        let file = |chunks: &[Vec<u8>]| [riff(chunks), rest.clone()].concat();
        for (chunks, end) in [(vec![fmt(), data()], 2), (vec![fmt(), data(), info(b"more")], 3)] {
            let mut with = chunks.clone();
            with.insert(end, new());
            WAV.check(&file(&chunks), "", true, &file(&with));
        }
        let tagged = |codes: &[&str], padding| file(&[fmt(), data(), le(b"id3 ", &tag(codes, padding))]);
        WAV.check(&tagged(&["QZES5"], 0), "W", false, &tagged(&[NEW], 1024));
        WAV.check(&tagged(&[OLD], 9), "W", false, &tagged(&[NEW], 9));
    }
    // So much may be audio that a header does not state yet, which nothing may part from the other.
    let long = |chunks: &[Vec<u8>]| [riff(chunks), audio(5000)].concat();
    WAV.check(&long(&[fmt(), data()]), "", true, &long(&[fmt(), new(), data()]));
    let mut counted = [riff(&[fmt(), data()]), audio(300)].concat();
    counted[4..8].copy_from_slice(&(44 + 1000 + 300 - 8u32).to_le_bytes());
    let reason = "the size in its header does not agree with its chunks";
    WAV.check_refused(&counted, "", true, reason);
}

#[test]
fn chunks_behind_zero_bytes_are_found_and_the_new_one_stands_in_front_of_them() {
    let reason = "bytes that belong to no chunk stand in front of its chunk";
    for zeros in [1, 2, 3, 7, 8, 9, 100, 4000] {
        let gap = || vec![0; zeros];
        let tagged = |codes: &[&str], padding| riff(&[fmt(), data(), gap(), le(b"id3 ", &tag(codes, padding))]);
        let places = WAV.places(&tagged(&[OLD], 9)).unwrap();
        assert_eq!(places[0].standing, Standing::Hidden(reason), "{zeros}");
        WAV.check(&tagged(&[OLD], 9), "W", false, &tagged(&[NEW], 9));
        WAV.check(&tagged(&["QZES5"], 0), "W", false, &tagged(&[NEW], 1024));
        let other = |chunks: &[Vec<u8>]| riff(&[fmt(), data(), chunks.concat(), gap(), info(b"text")]);
        WAV.check(&other(&[]), "", true, &other(&[le(b"id3 ", &new_tag(NEW))]));
        // In front of the audio too.
        let early = |id3: Vec<u8>| riff(&[fmt(), gap(), data(), id3]);
        WAV.check(
            &early(le(b"id3 ", &tag(&[OLD], 9))),
            "W",
            false,
            &early(le(b"id3 ", &tag(&[NEW], 9))),
        );
    }
}

#[test]
fn an_apev2_tag_behind_the_end_is_read_and_edited() {
    let file = |chunks: &[Vec<u8>], code: &str| [riff(chunks), apev2(&[("ISRC", code)])].concat();
    let places = WAV.places(&file(&[fmt(), data()], OLD)).unwrap();
    assert_eq!(
        (places[0].name.to_string(), places[0].standing),
        ("apev2:ISRC".into(), Standing::Odd)
    );
    let new = le(b"id3 ", &new_tag(NEW));
    WAV.check(
        &file(&[fmt(), data()], "QZ-ES5-16-00001"),
        "W",
        true,
        &file(&[fmt(), data(), new], NEW),
    );
    let tagged = |codes: &[&str]| [fmt(), data(), le(b"id3 ", &tag(codes, 9))];
    WAV.check(&file(&tagged(&[OLD]), OLD), "WW", false, &file(&tagged(&[NEW]), NEW));
    WAV.check(&file(&tagged(&[OLD]), OLD), "KD", false, &riff(&tagged(&[OLD])));
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
fn a_whole_that_does_not_state_its_size_does_so_with_a_new_chunk() {
    let unstated = |mut file: Vec<u8>, size: u8| {
        file[4..8].copy_from_slice(&[size, 0, 0, 0]);
        file
    };
    let new = riff(&[fmt(), data(), le(b"id3 ", &new_tag(NEW))]);
    for size in [0, 1, 4] {
        WAV.check(&unstated(riff(&[fmt(), data()]), size), "", true, &new);
    }
    // In place nothing else changes, since most programs read it.
    let tagged = |code| unstated(riff(&[fmt(), data(), le(b"id3 ", &tag(&[code], 9))]), 0);
    WAV.check(&tagged(OLD), "W", false, &tagged(NEW));
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
    check(
        &with(40, &0u32.to_le_bytes(), plain()),
        "the size of its audio was never filled in: a stream, or a recording that was not finished",
    );
    check(
        &riff(&[fmt(), data(), le(b"id3 ", b"no tag")]),
        "its ID3 chunk holds no ID3v2 tag that can be read",
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
    fn check(file: &[u8], reason: &str) {
        WAV.check_refused(file, "", true, reason);
    }
    let file = riff(&[fmt(), data(), le(b"id3 ", &tag(&[OLD], 0))]);
    WAV.check_refused(&file, "WW", false, "the file has changed since the edit was planned");
}

#[test]
fn what_hides_codes_is_doubted() {
    let tagged = |codes: &[&str]| riff(&[fmt(), data(), le(b"id3 ", &tag(codes, 10))]);
    let beyond = Some("a chunk claims to go beyond the end of the file");
    let cut = |mut file: Vec<u8>, count: usize| {
        file.truncate(file.len() - count);
        file
    };
    // Eight bytes less may be a size that counts the header; the tag says that it is not.
    let cut_tag = Some("an ID3v2 tag claims more bytes than there are");
    check(cut(tagged(&[]), 8), &[], cut_tag);
    check(cut(tagged(&[OLD]), 8), &[OLD], cut_tag);
    check(cut(tagged(&[OLD]), 6), &[OLD], beyond);
    check(cut(tagged(&[OLD]), 12), &[OLD], beyond);
    // An edit that has to change the size of the whole would refuse it.
    let mut wrong_size = riff(&[fmt(), data()]);
    wrong_size[6] = 9;
    check(
        wrong_size,
        &[],
        Some("the size in its header does not agree with its chunks"),
    );
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
    let unfinished = [b"data\0\0\0\0".to_vec(), audio(999), le(b"id3 ", &tag(&[OLD], 0))].concat();
    check(
        riff(&[fmt(), unfinished]),
        &[],
        Some("the size of its audio was never filled in: a stream, or a recording that was not finished"),
    );

    #[track_caller]
    fn check(file: Vec<u8>, codes: &[&str], doubt: Option<&str>) {
        let found = crate::format::walk(&mut Source::new(&file), None).unwrap();
        let seen = &found.located;
        let texts: Vec<&str> = seen.places.iter().map(|place| place.text.as_str()).collect();
        assert_eq!((texts, seen.doubt), (codes.to_vec(), doubt));
        // An edit is refused for the same reason.
        let change = change(&"D".repeat(codes.len()), true);
        let edited = crate::format::edit(&mut Source::new(&file), &found, &change);
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
            hidden: None,
        };
        match crate::format::splice_by(walk, &mut source, &front, &change("", true)) {
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

/// Old recorders went on past 4 GiB, and wrote sizes without their upper half.
#[test]
fn a_size_that_left_out_its_upper_half_is_read_past_and_not_grown() {
    let length = (4u64 << 30) + 1000;
    let id3 = le(b"id3 ", &tag(&["QZES5"], 40));
    // Samples that look like a chunk where the audio seems to end.
    let samples = [audio(1000), le(b"abcd", &audio(30)), audio(5000)].concat();
    for tail in [id3, Vec::new()] {
        let whole = 36 + length + tail.len() as u64;
        for (whole_size, size) in [
            (whole as u32, 1000),
            (1036, 1000),
            (u32::MAX, 1000),
            (u32::MAX, u32::MAX),
        ] {
            let is_streamed = size == u32::MAX;
            let sizes = [whole_size, size].map(u32::to_le_bytes);
            let file = Sparse {
                head: [
                    b"RIFF".as_slice(),
                    &sizes[0],
                    b"WAVE",
                    &fmt(),
                    b"data",
                    &sizes[1],
                    &samples,
                ]
                .concat(),
                len: whole + 8,
                tail: tail.clone(),
            };
            let found = crate::format::walk(&mut Source::new(&file), None).unwrap();
            let codes: Vec<&str> = found.located.places.iter().map(|place| &*place.text).collect();
            assert_eq!(codes, ["QZES5"][..usize::from(!tail.is_empty() && !is_streamed)]);
            let change = if codes.is_empty() {
                change("", true)
            } else {
                change("W", false)
            };
            match crate::format::edit(&mut Source::new(&file), &found, &change) {
                Ok(splice) => {
                    // It states no end, and what is new is in front of the audio or behind all of it.
                    let audio = 44..if is_streamed { file.len } else { 44 + length };
                    assert_eq!((whole_size, splice.audio), (u32::MAX, vec![audio.clone()]));
                    for patch in splice.patches {
                        assert!(patch.at.end <= 36 || patch.at.start >= audio.end, "{patch:?}");
                    }
                }
                Err(error) => {
                    assert_ne!(whole_size, u32::MAX);
                    let reason = "it would grow past 4 GiB, which its format cannot state";
                    assert_eq!(error.to_string(), reason);
                }
            }
        }
    }
}

/// Nor is a size of 0 one that left out its upper half.
#[test]
fn a_recording_of_gigabytes_that_was_not_finished_is_refused() {
    let file = Sparse {
        head: [
            b"RIFF\xFF\xFF\xFF\xFFWAVE".to_vec(),
            fmt(),
            b"data\0\0\0\0".to_vec(),
            audio(999),
        ]
        .concat(),
        len: 5 << 30,
        tail: Vec::new(),
    };
    let found = crate::format::walk(&mut Source::new(&file), None).unwrap();
    let error = crate::format::edit(&mut Source::new(&file), &found, &change("", true)).unwrap_err();
    let reason = "the size of its audio was never filled in: a stream, or a recording that was not finished";
    assert_eq!(error.to_string(), reason);
}

/// A header that was not kept up to date, and samples that look like a chunk where the audio seems to end.
#[test]
fn samples_that_look_like_a_chunk_do_not_end_the_audio() {
    let more = [le(b"abcd", &audio(30)), audio(9000)].concat();
    let file = [riff(&[fmt(), data()]), more.clone()].concat();
    let expected = [riff(&[fmt(), le(b"id3 ", &new_tag(NEW)), data()]), more].concat();
    WAV.check(&file, "", true, &expected);
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
        hidden: None,
    };
    assert_eq!(
        walk(&mut source, &front, Depth::Whole).unwrap().located.places[0].text,
        "QZES5"
    );
    let splice = crate::format::splice_by(walk, &mut source, &front, &change("W", false)).unwrap();
    // The code, the padding, and a pad byte.
    let growth = 7 + 1024 + 1;
    let size: [[u8; 8]; 2] = [whole, whole + growth].map(u64::to_le_bytes);
    assert_eq!(size[0][2..], size[1][2..]);
    assert_eq!(splice.patches[0], Patch::new(20..22, &size[1][..2]));
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
            hidden: None,
        };
        let splice = crate::format::splice_by(walk, &mut source, &front, &change("K", false)).unwrap();
        assert_eq!(splice.patches, []);
        assert_eq!(splice.audio, vec![44..1044]);
    }
}

#[test]
fn a_bomb_in_a_tag_is_reported() {
    let bomb = |size: usize| {
        let mut compressed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::copy(
            &mut std::io::Read::take(std::io::repeat(0), size as u64),
            &mut compressed,
        )
        .unwrap();
        let body = [(size as u32).to_be_bytes().to_vec(), compressed.finish().unwrap()].concat();
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
    WAV.torment(
        &riff(&[
            fmt(),
            axml(&["ISRC:QZ-ES5-16-00001"]),
            small(21),
            le(b"id3 ", &tag(&[OLD], 9)),
            info(b"x"),
        ]),
        &|_| {},
    );
    WAV.torment(
        &riff(&[fmt(), le(b"id3 ", &tag(&["QZES5"], 0)), le(b"JUNK", &[0; 9]), small(20)]),
        &|_| {},
    );
    let long = [b"data\xFF\xFF\xFF\xFF".to_vec(), audio(20)].concat();
    WAV.torment(
        &rf64_with(20, &[fmt(), long, le(b"id3 ", &tag(&["QZES5"], 0))]),
        &|_| {},
    );
    // Many chunks without content.
    let chunks = b"abcd\0\0\0\0".repeat(100_000);
    assert_eq!(WAV.texts(&riff(&[chunks])).len(), 0);
}
