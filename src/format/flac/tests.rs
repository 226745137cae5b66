//! Tests on files built block by block: the expected file is built the same way, with the new code.

use super::super::Format;
use super::super::id3v2;
use super::super::place::{Access, Action, Standing};
use super::super::vorbis::testing::*;
use super::*;
use crate::format::testing::{Container, apev2};

const FLAC: Container = Container(Format::Flac);
const PICTURE: u8 = 6;
const FRAMES: &[u8] = b"\xff\xf8\xc9\x18 these are frames, to be kept";

type Built = (u8, Vec<u8>);

fn info() -> Built {
    (STREAMINFO, (0..34).collect())
}

fn comments(entries: &[&str]) -> Built {
    (VORBIS_COMMENT, list(entries))
}

fn padding(len: usize) -> Built {
    (PADDING, vec![0; len])
}

fn picture() -> Built {
    (PICTURE, (0..5000u32).map(|n| n as u8).collect())
}

/// Tracks of (number, code, is audio), and the lead-out.
fn cue(tracks: &[(u8, &[u8; 12], bool)]) -> Built {
    let mut body = vec![0; 395];
    body.push(tracks.len() as u8 + 1);
    for (number, code, is_audio) in tracks {
        body.extend_from_slice(&[0, 0, 0, 0, 0, 0, 9, 9, *number]);
        body.extend_from_slice(*code);
        body.push(if *is_audio { 0 } else { 0x80 });
        body.extend_from_slice(&[0; 13]);
        body.push(1);
        body.extend_from_slice(&[0; 12]);
    }
    body.extend_from_slice(&[0, 0, 0, 0, 0, 0, 9, 9, 170]);
    body.extend_from_slice(&[0; 27]);
    (CUESHEET, body)
}

fn metadata(blocks: &[Built]) -> Vec<u8> {
    let mut file = MARKER.to_vec();
    for (index, (kind, body)) in blocks.iter().enumerate() {
        file.extend_from_slice(&block_header(*kind, index + 1 == blocks.len(), body.len() as u64));
        file.extend_from_slice(body);
    }
    file
}

fn flac(blocks: &[Built]) -> Vec<u8> {
    let mut file = metadata(blocks);
    file.extend_from_slice(FRAMES);
    file
}

#[track_caller]
fn check(old: &[Built], actions: &[Action], create: Option<&str>, expected: &[Built]) {
    let new = FLAC.change(&flac(old), &change(actions, create)).unwrap();
    assert!(new == flac(expected), "not the expected file: {:?}", shape(&new));
}

/// Kinds and lengths of the blocks, for messages.
fn shape(file: &[u8]) -> Vec<(u8, u64)> {
    let bytes = file.to_vec();
    let (structure, _) = structure(&mut Source::new(&bytes), &front(Format::Flac), Depth::Whole).unwrap();
    structure.blocks.iter().map(|block| (block.kind, block.len)).collect()
}

const SET: &str = "ISRC=USRC17607839";
const HYPHENS: &str = "ISRC=US-RC1-76-07839";
const SHORT: &str = "ISRC=short";

#[test]
fn codes_are_found_in_every_block() {
    let sheet = cue(&[
        (1, b"USRC17607839", true),
        (2, &[0; 12], true),
        (3, b"GBAYE0000351", true),
    ]);
    let file = flac(&[
        info(),
        sheet,
        picture(),
        comments(&["a=b", "isrc=X", "TSRC=Y"]),
        padding(9),
    ]);
    let texts = FLAC.named(&file);
    let expected = [
        "flac:cuesheet/1=USRC17607839",
        "flac:cuesheet/3=GBAYE0000351",
        "vorbis:ISRC=X",
        "vorbis:TSRC=Y",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn the_code_of_the_only_audio_track_is_the_files_own() {
    let standing = |tracks: &[(u8, &[u8; 12], bool)]| {
        let places = FLAC.places(&flac(&[info(), cue(tracks)])).unwrap();
        places
            .iter()
            .map(|place| (place.standing, place.access))
            .collect::<Vec<_>>()
    };
    let code = b"USRC17607839";
    assert_eq!(standing(&[(1, code, true)]), [(Standing::Odd, Access::Write)]);
    assert_eq!(
        standing(&[(1, code, true), (2, &[0; 12], false)]),
        [(Standing::Odd, Access::Write)]
    );
    assert_eq!(
        standing(&[(1, code, true), (2, &[0; 12], true)]),
        [(Standing::OfTrack, Access::Write)]
    );
}

#[test]
fn a_code_of_the_same_length_changes_its_bytes_alone() {
    check(
        &[info(), comments(&[SET])],
        &[write(NEW)],
        None,
        &[info(), comments(&["ISRC=QZES52600001"])],
    );
    let same = flac(&[info(), comments(&[SET]), padding(9)]);
    let splice = FLAC.spliced(&same, &change(&[write(OLD)], None)).unwrap();
    assert_eq!(splice.patches, []);
}

#[test]
fn what_gets_shorter_becomes_padding() {
    let fixed = || comments(&["A=1", SET]);
    let hyphens = || comments(&["A=1", HYPHENS]);
    let fix = [write(OLD)];
    check(
        &[info(), hyphens(), padding(0)],
        &fix,
        None,
        &[info(), fixed(), padding(3)],
    );
    check(
        &[info(), hyphens(), padding(50)],
        &fix,
        None,
        &[info(), fixed(), padding(53)],
    );
    // Three bytes are no block: what is between the comments and the padding shifts.
    check(
        &[info(), hyphens(), picture(), padding(50)],
        &fix,
        None,
        &[info(), fixed(), picture(), padding(53)],
    );
    check(
        &[info(), padding(50), picture(), hyphens()],
        &fix,
        None,
        &[info(), padding(53), picture(), fixed()],
    );
    // No padding anywhere: the file gets longer once.
    check(&[info(), hyphens()], &fix, None, &[info(), fixed(), padding(1024)]);
    check(
        &[info(), hyphens(), picture()],
        &fix,
        None,
        &[info(), fixed(), padding(1024), picture()],
    );
    // Padding that is as long as a block can be takes no more.
    let full = || padding(MOST_IN_BLOCK as usize);
    check(
        &[info(), hyphens(), full()],
        &fix,
        None,
        &[info(), fixed(), padding(1024), full()],
    );
}

#[test]
fn a_comment_that_goes_leaves_padding_in_its_place() {
    let (with, without) = (|| comments(&["A=1", SET]), || comments(&["A=1"]));
    let drop = [Action::Drop];
    check(
        &[info(), with(), padding(5)],
        &drop,
        None,
        &[info(), without(), padding(26)],
    );
    check(
        &[info(), with(), picture(), padding(5)],
        &drop,
        None,
        &[info(), without(), padding(17), picture(), padding(5)],
    );
    check(&[info(), with()], &drop, None, &[info(), without(), padding(17)]);
    check(&[info(), without(), padding(17)], &[], Some(OLD), &[info(), with()]);
}

#[test]
fn what_gets_longer_takes_from_the_nearest_padding() {
    let (short, set) = (|| comments(&[SHORT, "B=2"]), || comments(&["ISRC=QZES52600001", "B=2"]));
    let new = [write(NEW)];
    check(
        &[info(), short(), padding(50)],
        &new,
        None,
        &[info(), set(), padding(43)],
    );
    check(
        &[info(), short(), picture(), padding(50)],
        &new,
        None,
        &[info(), set(), picture(), padding(43)],
    );
    check(
        &[info(), padding(50), short()],
        &new,
        None,
        &[info(), padding(43), set()],
    );
    check(
        &[info(), padding(50), short(), padding(7)],
        &new,
        None,
        &[info(), padding(50), set(), padding(0)],
    );
    // The whole block, header and all, also where it is the last one.
    check(
        &[info(), short(), padding(3), picture()],
        &new,
        None,
        &[info(), set(), picture()],
    );
    check(&[info(), short(), padding(3)], &new, None, &[info(), set()]);
}

#[test]
fn a_remainder_shorter_than_a_block_is_taken_elsewhere() {
    let (short, set) = (|| comments(&[SHORT]), || comments(&["ISRC=QZES52600001"]));
    let new = [write(NEW)];
    // Seven bytes are needed; four to six leave a remainder of one to three.
    for len in 4..=6 {
        check(
            &[info(), short(), padding(len), picture(), padding(20)],
            &new,
            None,
            &[info(), set(), padding(len), picture(), padding(13)],
        );
        check(
            &[info(), short(), padding(len)],
            &new,
            None,
            &[info(), set(), padding(1024)],
        );
    }
    check(
        &[info(), short(), padding(5), padding(2)],
        &new,
        None,
        &[info(), set(), padding(0), padding(0)],
    );
    check(
        &[info(), short(), padding(1), padding(2)],
        &new,
        None,
        &[info(), set(), padding(0)],
    );
}

#[test]
fn without_room_the_file_grows_and_gets_padding() {
    let (short, set) = (|| comments(&[SHORT]), || comments(&["ISRC=QZES52600001"]));
    let new = [write(NEW)];
    check(&[info(), short()], &new, None, &[info(), set(), padding(1024)]);
    check(
        &[info(), short(), picture()],
        &new,
        None,
        &[info(), set(), padding(1024), picture()],
    );
    check(
        &[info(), short(), picture(), padding(2)],
        &new,
        None,
        &[info(), set(), picture(), padding(1024)],
    );
}

#[test]
fn a_new_code_goes_to_the_comments() {
    let (with, without) = (|| comments(&["A=1", "ISRC=QZES52600001"]), || comments(&["A=1"]));
    check(
        &[info(), without(), padding(100)],
        &[],
        Some(NEW),
        &[info(), with(), padding(79)],
    );
    check(
        &[info(), without(), padding(21)],
        &[],
        Some(NEW),
        &[info(), with(), padding(0)],
    );
    check(&[info(), without()], &[], Some(NEW), &[info(), with(), padding(1024)]);
}

#[test]
fn a_file_without_comments_gets_a_block() {
    let mut body = b"\x07\0\0\0isrctag\x01\0\0\0\x11\0\0\0ISRC=".to_vec();
    body.extend_from_slice(NEW.as_bytes());
    let made = || (VORBIS_COMMENT, body.clone());
    let needed = body.len() + 4;
    check(&[info()], &[], Some(NEW), &[info(), made(), padding(1024)]);
    check(
        &[info(), picture()],
        &[],
        Some(NEW),
        &[info(), made(), padding(1024), picture()],
    );
    check(
        &[info(), picture(), padding(100)],
        &[],
        Some(NEW),
        &[info(), picture(), made(), padding(100 - needed)],
    );
    check(
        &[info(), padding(100), picture()],
        &[],
        Some(NEW),
        &[info(), made(), padding(100 - needed), picture()],
    );
    check(
        &[info(), padding(needed - 4), picture()],
        &[],
        Some(NEW),
        &[info(), made(), picture()],
    );
    check(
        &[info(), picture(), padding(needed - 4)],
        &[],
        Some(NEW),
        &[info(), picture(), made()],
    );
    check(
        &[info(), padding(3)],
        &[],
        Some(NEW),
        &[info(), made(), padding(1024), padding(3)],
    );
}

#[test]
fn cue_sheet_codes_change_in_place() {
    let old = cue(&[(1, b"us-rc1760783", true), (2, b"GBAYE0000351", true)]);
    let new = cue(&[(1, b"QZES52600001", true), (2, &[0; 12], true)]);
    check(
        &[info(), old, comments(&["A=1"])],
        &[write(NEW), Action::Drop],
        None,
        &[info(), new, comments(&["A=1"])],
    );
}

#[test]
fn codes_in_id3v2_tags_in_front_are_odd_and_edited_too() {
    let file = |tag: &str, entry: &str, left: usize| {
        [
            id3v2::new_tag(isrc(tag), 40),
            flac(&[info(), comments(&[entry]), padding(left)]),
        ]
        .concat()
    };
    let old = file(OTHER, HYPHENS, 9);
    let places = FLAC.places(&old).unwrap();
    let seen: Vec<_> = places
        .iter()
        .map(|place| (place.text.as_str(), place.standing, place.item))
        .collect();
    let expected = [(OTHER, Standing::Odd, 0), ("US-RC1-76-07839", Standing::Standard, 1)];
    assert_eq!(seen, expected);

    let check = |actions: &[Action], create: Option<&str>, expected: &[u8]| {
        assert_eq!(FLAC.change(&old, &change(actions, create)).unwrap(), expected);
    };
    check(&[write(NEW), write(NEW)], None, &file(NEW, "ISRC=QZES52600001", 12));
    check(&[Action::Keep, write(OLD)], None, &file(OTHER, SET, 12));
    check(&[write(NEW), Action::Keep], None, &file(NEW, HYPHENS, 9));
    check(&[Action::Keep, Action::Drop], Some(OLD), &file(OTHER, SET, 12));
}

#[test]
fn odd_but_valid_files_are_edited() {
    let reserved = || (77, vec![1, 2, 3]);
    let fixed = comments(&[SET]);
    check(
        &[info(), reserved(), comments(&[HYPHENS]), padding(4)],
        &[write(OLD)],
        None,
        &[info(), reserved(), fixed.clone(), padding(7)],
    );
    // Bytes behind the list are nobody's, and stay.
    let behind = |entry: &str| (VORBIS_COMMENT, [list(&[entry]), b"\x01odd".to_vec()].concat());
    check(
        &[info(), behind(HYPHENS), padding(4)],
        &[write(OLD)],
        None,
        &[info(), behind(SET), padding(7)],
    );
    // Metadata alone, and metadata with an ID3v1 tag.
    for tail in [Vec::new(), [b"TAG".to_vec(), vec![0; 125]].concat()] {
        let old = [metadata(&[info(), comments(&[HYPHENS])]), tail.clone()].concat();
        let new = [metadata(&[info(), fixed.clone(), padding(1024)]), tail].concat();
        assert_eq!(FLAC.change(&old, &change(&[write(OLD)], None)).unwrap(), new);
    }
}

/// A program that adds a block of its own leaves an empty one in front or behind; which one counts is no guess.
#[test]
fn the_one_of_several_comment_blocks_that_holds_comments_is_edited() {
    let empty = || comments(&[]);
    let layouts: [fn(Built, Built) -> Vec<Built>; 5] = [
        |empty, full| vec![info(), empty, full],
        |empty, full| vec![info(), full, empty],
        |empty, full| vec![info(), empty, picture(), full],
        |empty, full| vec![info(), empty.clone(), full, empty],
        |empty, full| vec![info(), full, padding(0), empty],
    ];
    for layout in layouts {
        let file = |entries: &[&str], room| [layout(empty(), comments(entries)), vec![padding(room)]].concat();
        check(&file(&["A=1", SET], 9), &[write(OLD)], None, &file(&["A=1", SET], 9));
        let other = ["A=1", "ISRC=GBAYE6800011"];
        check(&file(&other, 9), &[write(OLD)], None, &file(&["A=1", SET], 9));
        let new = format!("ISRC={OLD}");
        check(
            &file(&["A=1"], 90),
            &[],
            Some(OLD),
            &file(&["A=1", &new], 90 - 4 - new.len()),
        );
    }
    let old = [info(), empty(), empty(), padding(90)];
    let new = format!("ISRC={OLD}");
    check(
        &old,
        &[],
        Some(OLD),
        &[info(), comments(&[&new]), empty(), padding(90 - 4 - new.len())],
    );
}

#[test]
fn an_apev2_tag_behind_the_frames_is_read_where_there_is_no_other_code() {
    let file = |entries: &[&str], room: usize, code: &str| {
        [
            flac(&[info(), comments(entries), padding(room)]),
            apev2(&[("ISRC", code)]),
        ]
        .concat()
    };
    let found = |file: &Vec<u8>, depth| {
        let found = super::walk(&mut Source::new(file), &front(Format::Flac), depth).unwrap();
        found
            .located
            .places
            .iter()
            .map(|place| place.name.to_string())
            .collect::<Vec<_>>()
    };
    let bare = file(&["A=1"], 90, "QZ-ES5-16-00001");
    let tagged = file(&["A=1", SET], 90, "QZ-ES5-16-00001");
    assert_eq!(found(&bare, Depth::Glance), ["apev2:ISRC"]);
    assert_eq!(found(&bare, Depth::Whole), ["apev2:ISRC"]);
    assert_eq!(found(&tagged, Depth::Glance), ["vorbis:ISRC"]);
    assert_eq!(found(&tagged, Depth::Whole), ["vorbis:ISRC", "apev2:ISRC"]);
    // Codes of tracks are none of the file.
    let tracks = cue(&[
        (1, b"USRC17607839", true),
        (2, b"GBAYE0000351", true),
        (170, &[0; 12], true),
    ]);
    let of_tracks = [flac(&[info(), tracks]), apev2(&[("ISRC", OLD)])].concat();
    assert_eq!(
        found(&of_tracks, Depth::Glance),
        ["flac:cuesheet/1", "flac:cuesheet/2", "apev2:ISRC"]
    );
    let edited = |file: &Vec<u8>, actions: &[Action], create| FLAC.change(file, &change(actions, create)).unwrap();
    let new = format!("ISRC={OLD}");
    assert_eq!(
        edited(&bare, &[write(OLD)], Some(OLD)),
        file(&["A=1", &new], 90 - 4 - new.len(), OLD)
    );
    assert_eq!(
        edited(&tagged, &[Action::Keep, write(OLD)], None),
        file(&["A=1", SET], 90, OLD)
    );
    let without = flac(&[info(), comments(&["A=1", SET]), padding(90)]);
    assert_eq!(edited(&tagged, &[Action::Keep, Action::Drop], None), without);
}

#[test]
fn what_is_not_certain_is_refused() {
    check_refusal(&[info(), comments(&[SET]), comments(&["A=1"])], "two comment blocks");
    check_refusal(&[comments(&[SET]), info()], "STREAMINFO");
    check_refusal(&[info(), comments(&[SET]), info()], "STREAMINFO");
    check_refusal(&[(STREAMINFO, vec![0; 33]), comments(&[SET])], "STREAMINFO");
    check_refusal(&[info(), comments(&[SET]), (FORBIDDEN, vec![0; 9])], "127");
    let mut full = list(&[SHORT]);
    full.resize(MOST_IN_BLOCK as usize, 0);
    check_refusal(&[info(), (VORBIS_COMMENT, full)], "longer than a block can be");
    let no_frames = [metadata(&[info(), comments(&[SET])]), b"no frame".to_vec()].concat();
    let refusal = FLAC.refusal(&no_frames, &change(&[write(NEW)], None));
    assert_eq!(refusal, "no audio frame follows its metadata blocks");
    let mut to_second_track = change(&[], None);
    to_second_track.tracks.push((2, isrc(NEW)));
    for blocks in [&[info(), padding(9)][..], &[info(), cue(&[(1, &[0; 12], true)])]] {
        let refusal = FLAC.refusal(&flac(blocks), &to_second_track);
        assert_eq!(refusal, "it has no track 2 in a CUESHEET block that can take a code");
    }
}

#[track_caller]
fn check_refusal(blocks: &[Built], part: &str) {
    let refusal = FLAC.refusal(&flac(blocks), &change(&[write(NEW)], None));
    assert!(refusal.contains(part), "{refusal}");
}

#[test]
fn a_change_that_asks_nothing_writes_nothing() {
    let file = flac(&[info(), comments(&[SET]), comments(&["A=1"])]);
    let splice = FLAC.spliced(&file, &change(&[Action::Keep], None)).unwrap();
    assert_eq!(splice.patches, []);
}

#[test]
fn cut_and_contradicting_files_are_errors() {
    let file = flac(&[info(), comments(&[SET]), picture(), padding(99)]);
    for len in 0..file.len() - FRAMES.len() {
        assert!(FLAC.places(&file[..len]).is_err(), "{len}");
    }
    let sheet = cue(&[(1, b"USRC17607839", true)]);
    let short = (CUESHEET, sheet.1[..sheet.1.len() - 1].to_vec());
    assert!(FLAC.places(&flac(&[info(), short])).is_err());
}

/// mutagen goes on right behind the comments, whatever the block's length.
#[test]
fn no_block_is_put_behind_bytes_that_follow_the_comments() {
    let with = |entries: &[&str], tail: &[u8]| (VORBIS_COMMENT, [&list(entries)[..], tail].concat());
    for tail in [&b"\x01"[..], &[0; 9]] {
        let old = flac(&[info(), with(&["ISRC=QZES5"], tail)]);
        let new = FLAC.change(&old, &change(&[Action::Write(isrc(NEW))], None)).unwrap();
        assert_eq!(new, flac(&[info(), with(&[&format!("ISRC={NEW}")], tail)]));
        let roomy = |code: &str, room| flac(&[info(), padding(room), with(&[code], tail)]);
        let old_of = |room| roomy("ISRC=QZES5", room);
        let new = FLAC
            .change(&old_of(7), &change(&[Action::Write(isrc(NEW))], None))
            .unwrap();
        assert_eq!(new, roomy(&format!("ISRC={NEW}"), 0));
        let gone = FLAC.change(&old, &change(&[Action::Drop], None)).unwrap();
        assert!(!gone.windows(5).any(|bytes| bytes == b"QZES5"));
        let last = &with(&[], tail).1;
        assert!(gone.ends_with(&[last, FRAMES].concat()));
    }
}

#[test]
fn comments_that_are_not_counted_are_doubted() {
    let mut uncounted = comments(&["A=1", SET]);
    let count_at = 4 + uncounted.1[0] as usize;
    uncounted.1[count_at] = 1;
    let file = flac(&[info(), uncounted, padding(40)]);
    let found = crate::format::locate(&mut Source::new(&file), Some("flac")).unwrap();
    assert_eq!(found.doubt, Some("its comments are more than it counts"));
    assert_eq!(found.places, []);
}

#[test]
fn damage_is_survived() {
    let sheet = cue(&[(1, b"USRC17607839", true)]);
    let blocks = [
        info(),
        comments(&["A=1", HYPHENS, "tsrc=USRC17607839/GBAYE0000351"]),
        sheet,
        padding(20),
        padding(3),
    ];
    FLAC.torment(&flac(&blocks), &|_| {});
}
