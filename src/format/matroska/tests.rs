//! Files are built here from what the specifications say, never by the code under test.

use std::time::Duration;

use crc::{CRC_32_ISO_HDLC, Crc};

use crate::bytes::source::{ReadError, Source};
use crate::format::place::{Access, Standing};
use crate::format::testing::*;
use crate::format::words::Description;
use crate::format::{self, Format};

const PLAIN: &str = "QZES51600001";
const HYPHENS: &str = "US-RC1-76-07839";

const MKA: Container = Container(Format::Matroska);

/// An element with a size of eight bytes.
fn long(id: &[u8], body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u64 | 1 << 56).to_be_bytes();
    [id, &size, body].concat()
}

/// An element with a size of one byte.
fn short(id: &[u8], body: &[u8]) -> Vec<u8> {
    assert!(body.len() < 127);
    [id, &[body.len() as u8 | 0x80], body].concat()
}

fn head() -> Vec<u8> {
    short(b"\x1A\x45\xDF\xA3", &short(b"\x42\x82", b"matroska"))
}

fn segment(children: &[Vec<u8>]) -> Vec<u8> {
    [head(), long(b"\x18\x53\x80\x67", &children.concat())].concat()
}

fn void(len: usize) -> Vec<u8> {
    match len {
        0 => Vec::new(),
        2..=127 => short(b"\xEC", &vec![0; len - 2]),
        _ => long(b"\xEC", &vec![0; len - 9]),
    }
}

fn info() -> Vec<u8> {
    let scale = short(b"\x2A\xD7\xB1", &[0x0F, 0x42, 0x40]);
    let duration = short(b"\x44\x89", &2500f64.to_be_bytes());
    long(
        b"\x15\x49\xA9\x66",
        &[scale, duration, short(b"\x7B\xA9", b"Low Water")].concat(),
    )
}

/// Tracks of audio of these UIDs.
fn tracks(uids: &[u8]) -> Vec<u8> {
    let track = |uid: &u8| short(b"\xAE", &[short(b"\x73\xC5", &[*uid]), short(b"\x83", &[2])].concat());
    long(b"\x16\x54\xAE\x6B", &uids.iter().flat_map(track).collect::<Vec<u8>>())
}

fn cluster() -> Vec<u8> {
    long(
        b"\x1F\x43\xB6\x75",
        &[short(b"\xE7", &[0]), long(b"\xA3", &sound(300))].concat(),
    )
}

fn simple(name: &str, value: &str) -> Vec<u8> {
    let name = short(b"\x45\xA3", name.as_bytes());
    short(b"\x67\xC8", &[name, short(b"\x44\x87", value.as_bytes())].concat())
}

/// `targets` are elements with a number of one byte.
fn tag(targets: &[(&[u8], u8)], simple_tags: &[(&str, &str)]) -> Vec<u8> {
    let targets: Vec<u8> = targets.iter().flat_map(|(id, number)| short(id, &[*number])).collect();
    let simple_tags: Vec<u8> = simple_tags
        .iter()
        .flat_map(|(name, value)| simple(name, value))
        .collect();
    long(b"\x73\x73", &[short(b"\x63\xC0", &targets), simple_tags].concat())
}

const LEVEL: &[u8] = b"\x68\xCA";
const TRACK: &[u8] = b"\x63\xC5";
const CHAPTER: &[u8] = b"\x63\xC4";
const TAGS: &[u8] = b"\x12\x54\xC3\x67";

fn tags(tags: &[Vec<u8>]) -> Vec<u8> {
    long(TAGS, &tags.concat())
}

fn code(code: &str) -> Vec<u8> {
    tags(&[tag(&[], &[("ISRC", code), ("ENCODER", "x")])])
}

/// One that an edit makes.
fn new_tag() -> Vec<u8> {
    let body = [short(b"\x63\xC0", &short(LEVEL, &[30])), simple("ISRC", HYPHENS)].concat();
    short(b"\x73\x73", &body)
}

/// With a position of `width` bytes.
fn seek(id: &[u8], position: usize, width: usize) -> Vec<u8> {
    let position = (position as u64).to_be_bytes()[8 - width..].to_vec();
    short(
        b"\x4D\xBB",
        &[short(b"\x53\xAB", id), short(b"\x53\xAC", &position)].concat(),
    )
}

fn seek_head(seeks: &[Vec<u8>]) -> Vec<u8> {
    long(b"\x11\x4D\x9B\x74", &seeks.concat())
}

/// The same element with its checksum in front of all that it holds; the size in eight bytes.
fn summed(element: &[u8]) -> Vec<u8> {
    let body = &element[12..];
    let sum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(body).to_le_bytes();
    long(&element[..4], &[short(b"\xBF", &sum), body.to_vec()].concat())
}

#[test]
fn targets_tell_whose_code_it_is() {
    let file = |uids: &[u8]| {
        segment(&[
            info(),
            tracks(uids),
            tags(&[
                tag(&[(LEVEL, 30)], &[("ISRC", PLAIN)]),
                tag(&[(LEVEL, 50)], &[("isrc", "US-RC1-76-07839")]),
                tag(&[(LEVEL, 60)], &[("ISRC", PLAIN)]),
                tag(&[(TRACK, 7)], &[("ISRC", PLAIN)]),
                tag(&[(TRACK, 9)], &[("TSRC", PLAIN)]),
                tag(&[(CHAPTER, 1)], &[("ISRC", PLAIN)]),
                tag(&[(TRACK, 0)], &[("TSRC", PLAIN)]),
            ]),
            cluster(),
        ])
    };
    let said = |uids: &[u8]| -> Vec<(String, Standing)> {
        let places = MKA.located(&file(uids)).places;
        places
            .into_iter()
            .map(|place| (place.name.to_string(), place.standing))
            .collect()
    };
    use Standing::{Odd, OfTrack, Standard};
    let expected = |of_track: Standing, of_other: Standing| {
        vec![
            ("matroska:ISRC".to_owned(), Standard),
            ("matroska:ISRC".to_owned(), Standard),
            ("matroska:level/ISRC".to_owned(), Odd),
            ("matroska:track/ISRC".to_owned(), of_track),
            ("matroska:track/TSRC".to_owned(), of_other),
            ("matroska:chapter/ISRC".to_owned(), OfTrack),
            ("matroska:TSRC".to_owned(), Odd),
        ]
    };
    assert_eq!(said(&[7]), expected(Standard, Odd));
    assert_eq!(said(&[7, 9]), expected(OfTrack, OfTrack));
    // A tag for a track that is not there.
    assert_eq!(said(&[3]), expected(Odd, Odd));
}

#[test]
fn a_code_that_is_not_of_the_file_does_not_end_a_glance() {
    let of_chapter = || tags(&[tag(&[(CHAPTER, 1)], &[("ISRC", PLAIN)])]);
    let check = |front: Vec<u8>, behind: Vec<u8>, expected: &[&str]| {
        let head = |position| seek_head(&[seek(TAGS, position, 4)]);
        let behind_at = [head(0), info(), tracks(&[7]), front.clone(), cluster()].concat().len();
        let file = segment(&[head(behind_at), info(), tracks(&[7]), front, cluster(), behind]);
        let mut source = Source::new(&file);
        let glanced = format::glance(&mut source, Some("mka")).unwrap().into_located();
        let texts: Vec<&str> = glanced.places.iter().map(|place| &*place.text).collect();
        assert_eq!(texts, expected);
    };
    check(of_chapter(), code(HYPHENS), &[PLAIN, HYPHENS]);
    // Nor does one that is no code, or another list that is known of.
    check(code("none"), code(HYPHENS), &["none", HYPHENS]);
    check(code(PLAIN), code(HYPHENS), &[PLAIN, HYPHENS]);
}

#[test]
fn the_code_of_a_sample_is_none_of_the_file() {
    let inner = simple("ISRC", PLAIN);
    let sample = long(b"\x67\xC8", &[short(b"\x45\xA3", b"SAMPLE"), inner].concat());
    let tag = long(b"\x73\x73", &[short(b"\x63\xC0", &[]), sample].concat());
    let file = segment(&[info(), tracks(&[1]), tags(&[tag]), cluster()]);
    assert!(MKA.texts(&file).is_empty());
}

#[test]
fn hyphens_are_right_and_written() {
    let layout = |text: &str, room: usize| segment(&[info(), tracks(&[1]), code(text), void(room), cluster()]);
    let place = MKA.located(&layout(HYPHENS, 9)).places.remove(0);
    assert_eq!(place.stored().unwrap().as_str(), NEW);
    let mut place = MKA.located(&layout("USRC1-76-07839", 9)).places.remove(0);
    assert_eq!(place.stored(), None);
    place.text = NEW.to_owned();
    assert_eq!(place.stored().unwrap().as_str(), NEW);
    MKA.check(&layout(PLAIN, 9), "W", false, &layout(HYPHENS, 6));
    MKA.check(&layout("QZ-ES5-16-00001", 9), "W", false, &layout(HYPHENS, 9));
    // A zero byte stands for what no Void is short enough for.
    MKA.check(
        &layout("QZ-ES5-16-00001!", 0),
        "W",
        false,
        &layout("US-RC1-76-07839\0", 0),
    );
    // Where nothing has room, the code is written as it was.
    MKA.check(&layout(PLAIN, 0), "W", false, &layout(NEW, 0));
    let two = segment(&[
        info(),
        tracks(&[1]),
        code("QZES51600001/QZES51600002"),
        void(9),
        cluster(),
    ]);
    MKA.check(
        &two,
        "WD",
        false,
        &segment(&[info(), tracks(&[1]), code(HYPHENS), void(19), cluster()]),
    );
}

#[test]
fn what_stands_between_tags_and_room_is_listed_anew() {
    let layout = |text: &str, room: usize, list: fn(&[u8]) -> Vec<u8>| {
        let head_len = list(&seek_head(&[seek(TAGS, 0, 2)])).len();
        let at = head_len + room + info().len() + tracks(&[1]).len();
        let head = list(&seek_head(&[seek(TAGS, at, 2)]));
        segment(&[head, void(room), info(), tracks(&[1]), list(&code(text)), cluster()])
    };
    for list in [|element: &[u8]| element.to_vec(), summed] {
        MKA.check(&layout(PLAIN, 20, list), "W", false, &layout(HYPHENS, 17, list));
        MKA.check(&layout("QZES5", 12, list), "W", false, &layout(HYPHENS, 2, list));
    }
}

#[test]
fn tags_without_room_go_to_the_end_and_are_listed_there() {
    let files = |text: &str, behind: bool| {
        let front = [info(), tracks(&[1])].concat();
        let list = tags(&[tag(&[], &[("ISRC", text)])]);
        let old = tags(&[tag(&[], &[("ISRC", "QZES5")])]).len();
        let (room, width) = if behind { (11, 2) } else { (12, 1) };
        let head_len = seek_head(&[seek(TAGS, 0, width)]).len();
        let start = head_len + room + front.len();
        let at = if behind { start + old + cluster().len() } else { start };
        let head = seek_head(&[seek(TAGS, at, width)]);
        let rest = match behind {
            true => [void(old), cluster(), list, void(1026)].concat(),
            false => [list, cluster()].concat(),
        };
        segment(&[head, void(room), front, rest])
    };
    // The Void beside the SeekHead is used where it can be.
    let with_room = files("QZES5", false);
    let new = MKA.edited(&with_room, "W", false).unwrap();
    assert_eq!(new.len(), with_room.len());
    // Else it gives a byte for a longer position.
    let list = |text: &str| tags(&[tag(&[], &[("ISRC", text), ("COMMENT", &"x".repeat(30))])]);
    let layout = |first: usize, room: usize, rest: &[Vec<u8>], width: usize| {
        let head = seek_head(&[seek(TAGS, first, width)]);
        segment(&[vec![head, void(room), info(), tracks(&[1])], rest.to_vec()].concat())
    };
    let front = seek_head(&[seek(TAGS, 0, 1)]).len() + 3 + info().len() + tracks(&[1]).len();
    let old = list("QZES5");
    let before = layout(front, 3, &[old.clone(), cluster()], 1);
    let at = front + old.len() + cluster().len();
    let rest = [void(old.len()), cluster(), list(HYPHENS), void(1026)];
    MKA.check(&before, "W", false, &layout(at, 2, &rest, 2));
}

#[test]
fn tags_behind_the_clusters_move_into_room_in_front_of_them() {
    let list = code("QZES5");
    let layout = |room: Vec<u8>, rest: Vec<u8>, at: usize| {
        let head = seek_head(&[seek(TAGS, at, 4)]);
        segment(&[head, room, info(), tracks(&[1]), cluster(), rest])
    };
    let head_len = seek_head(&[seek(TAGS, 0, 4)]).len();
    let at = head_len + 500 + info().len() + tracks(&[1]).len() + cluster().len();
    let before = layout(void(500), list.clone(), at);
    let new = code(HYPHENS);
    let moved = [void(500 - new.len()), new.clone()].concat();
    let after = layout(moved, void(list.len()), head_len + 500 - new.len());
    MKA.check(&before, "W", false, &after);
    // Where there is none, the file gets longer, with room for the next time.
    let at = at - 500;
    MKA.check(
        &layout(Vec::new(), list, at),
        "W",
        false,
        &layout(Vec::new(), [new, void(1026)].concat(), at),
    );
}

#[test]
fn a_code_comes_and_goes() {
    let layout = |list: Vec<u8>, room: usize| segment(&[info(), tracks(&[1]), list, void(room), cluster()]);
    let other = tag(&[], &[("ENCODER", "x")]);
    let (without, with) = (tags(std::slice::from_ref(&other)), tags(&[other.clone(), new_tag()]));
    MKA.check(
        &layout(without.clone(), 90),
        "",
        true,
        &layout(with.clone(), 90 - new_tag().len()),
    );
    let kept = segment(&[
        info(),
        tracks(&[1]),
        without.clone(),
        void(new_tag().len()),
        void(20),
        cluster(),
    ]);
    let gone = MKA.edited(&layout(with, 20), "D", false).unwrap();
    assert!(gone == kept || gone == layout(without, 20 + new_tag().len()));
    // Into a tag that is about a track of music.
    let track = |codes: &[(&str, &str)]| layout(tags(&[tag(&[(LEVEL, 30)], codes)]), 60 - 28 * (codes.len() - 1));
    MKA.check(
        &track(&[("TITLE", "x")]),
        "",
        true,
        &track(&[("TITLE", "x"), ("ISRC", HYPHENS)]),
    );
}

/// Room with a size field of one byte cannot grow; new room is made beside it.
#[test]
fn room_that_is_too_small_and_cannot_grow_is_no_obstacle() {
    let other = tag(&[], &[("ENCODER", "x")]);
    let (without, with) = (tags(std::slice::from_ref(&other)), tags(&[other.clone(), new_tag()]));
    let layout = |list: &[u8]| {
        let at = seek_head(&[seek(TAGS, 0, 4)]).len() + info().len() + tracks(&[1]).len() + cluster().len();
        let head = seek_head(&[seek(TAGS, at, 4)]);
        [head, info(), tracks(&[1]), cluster(), list.to_vec()]
    };
    for room in [2, 31, 37] {
        let old = segment(&[&layout(&without)[..], &[void(room)]].concat());
        let new = MKA.edited(&old, "", true).unwrap();
        let start = segment(&layout(&with)).len();
        assert_eq!(new[start - with.len()..start], with[..], "{room}");
        assert!(new.len() > old.len(), "{room}");
    }
}

#[test]
fn tags_are_made_where_there_are_none() {
    let made = short(TAGS, &new_tag());
    let listed = |room: usize| seek(b"\x15\x49\xA9\x66", 26 + room, 1);
    let layout = |room: usize, tags: &[u8]| {
        let head = seek_head(&[listed(200)]);
        segment(&[head, void(room), tags.to_vec(), info(), tracks(&[1]), cluster()])
    };
    // In front of the clusters tags are found without an entry in the SeekHead.
    MKA.check(&layout(200, &[]), "", true, &layout(200 - made.len(), &made));
    // Behind them they are listed.
    let front = |seeks: &[Vec<u8>], room: usize| [seek_head(seeks), void(room), info(), tracks(&[1]), cluster()];
    let entry = |at: usize| seek(TAGS, at, 2);
    let at = front(&[listed(30)], 30).concat().len();
    let after = [&front(&[listed(30), entry(at)], 30 - 15)[..], &[made, void(1026)]].concat();
    MKA.check(&segment(&front(&[listed(30)], 30)), "", true, &segment(&after));
    let bare = segment(&[info(), tracks(&[1]), cluster()]);
    const NOWHERE: &str = "it has no SeekHead to say where its tags are, and no room for them in front";
    MKA.check_refused(&bare, "", true, NOWHERE);
    let full = segment(&[
        seek_head(&[seek(b"\x15\x49\xA9\x66", 26, 1)]),
        info(),
        tracks(&[1]),
        cluster(),
    ]);
    MKA.check_refused(&full, "", true, "its SeekHead has no room for the position of its tags");
}

/// The one tag of the list holds nothing but an alias: it stays for the new code, which goes into it, or goes with all.
#[test]
fn a_tag_of_an_alias_alone_takes_the_new_code_or_goes() {
    let layout = |list: Vec<u8>, room: usize| segment(&[info(), tracks(&[1]), list, void(room), cluster()]);
    let list = |name: &str, code: &str| tags(&[tag(&[(LEVEL, 30)], &[(name, code)])]);
    MKA.check(
        &layout(list("TSRC", PLAIN), 20),
        "D",
        true,
        &layout(list("ISRC", HYPHENS), 17),
    );
    let alone = list("TSRC", PLAIN);
    let gone = segment(&[info(), tracks(&[1]), void(alone.len()), void(20), cluster()]);
    MKA.check(&layout(alone.clone(), 20), "D", false, &gone);
    // Its entry in the SeekHead is none any more; the Void in its place is as long.
    let front = |entry: Vec<u8>| [seek_head(&[entry]), info(), tracks(&[1])].concat();
    let at = front(seek(TAGS, 0, 1)).len();
    MKA.check(
        &segment(&[front(seek(TAGS, at, 1)), alone.clone(), cluster()]),
        "D",
        false,
        &segment(&[front(void(seek(TAGS, at, 1).len())), void(alone.len()), cluster()]),
    );
}

/// An empty standard value takes the code, rather than that one is put beside it.
#[test]
fn an_empty_value_takes_the_new_code() {
    let layout = |code: &str, room: usize| {
        let list = tags(&[tag(&[(LEVEL, 30)], &[("TITLE", "x"), ("ISRC", code)])]);
        segment(&[info(), tracks(&[1]), list, void(room), cluster()])
    };
    MKA.check(&layout("", 20), "", true, &layout(HYPHENS, 5));
}

/// Two lists that both need room go to the same place, and new tags with them.
#[test]
fn a_new_list_and_one_that_grows_are_put_together() {
    // Lists whose sizes have no room for one more tag.
    let alias = |code: &str| short(TAGS, &tag(&[], &[("TSRC", code), ("COMMENT", &"x".repeat(40))]));
    let full = short(TAGS, &tag(&[], &[("COMMENT", &"x".repeat(60))]));
    let entries = |at: &[usize]| at.iter().map(|at| seek(TAGS, *at, 2)).collect::<Vec<_>>();
    let front = |at: &[usize], room: usize| [seek_head(&entries(at)), void(room), info(), tracks(&[1])].concat();
    let start = front(&[0], 40).len();
    let before = segment(&[front(&[start], 40), full.clone(), alias("QZES5"), cluster()]);
    let new = MKA.edited(&before, "W", true).unwrap();
    let mut texts = MKA.texts(&new);
    texts.sort();
    assert_eq!(texts, [HYPHENS, HYPHENS]);
    let put = [alias(HYPHENS), short(TAGS, &new_tag())].concat();
    assert!(new.windows(put.len()).any(|bytes| bytes == put));
    assert!(new.windows(full.len()).any(|bytes| bytes == full));
}

#[test]
fn files_of_other_versions_and_widths_are_read_and_not_edited() {
    let version = "its EBML header asks for a reader of another version";
    let widths = "its EBML header says that its numbers are of other widths than usual";
    for (wanted, number, reason) in [
        (b"\x42\xF3", 4, widths),
        (b"\x42\xF2", 5, widths),
        (b"\x42\xF7", 2, version),
        (b"\x42\x85", 5, version),
    ] {
        let body = [short(b"\x42\x82", b"matroska"), short(wanted, &[number])].concat();
        let whole = segment(&[info(), tracks(&[1]), code(PLAIN), void(9), cluster()]);
        let file = [short(b"\x1A\x45\xDF\xA3", &body), whole[head().len()..].to_vec()].concat();
        assert_eq!(MKA.texts(&file), [PLAIN]);
        MKA.check_refused(&file, "W", false, reason);
    }
}

/// RFC 8794, section 6.1: what is empty has its default.
#[test]
fn an_empty_number_means_its_default() {
    let usual = [b"\x42\xF3", b"\x42\xF2", b"\x42\xF7", b"\x42\x85"].map(|id| short(id, &[]));
    let header = short(
        b"\x1A\x45\xDF\xA3",
        &[short(b"\x42\x82", b"matroska"), usual.concat()].concat(),
    );
    let layout = |code: &str, room: usize| {
        let level = short(b"\x63\xC0", &short(LEVEL, &[]));
        let list = tags(&[long(b"\x73\x73", &[level, simple("ISRC", code)].concat())]);
        let whole = segment(&[info(), tracks(&[1]), list, void(room), cluster()]);
        [header.clone(), whole[head().len()..].to_vec()].concat()
    };
    let places = MKA.located(&layout(PLAIN, 9)).places;
    assert_eq!(
        (places[0].name.to_string().as_str(), places[0].standing),
        ("matroska:ISRC", Standing::Standard)
    );
    MKA.check(&layout(PLAIN, 9), "W", false, &layout(HYPHENS, 6));
}

#[test]
fn a_name_with_a_space_behind_it_is_odd() {
    let layout = |code: &str, room: usize| {
        let list = tags(&[tag(&[], &[("isrc ", code)])]);
        segment(&[info(), tracks(&[1]), list, void(room), cluster()])
    };
    let place = &MKA.located(&layout(PLAIN, 9)).places[0];
    assert_eq!(
        (place.name.to_string().as_str(), place.standing),
        ("matroska:ISRC", Standing::Odd)
    );
    assert_eq!(place.key.as_deref(), Some("isrc "));
    // RFC 8794, section 7.4: a text ends at its first zero byte. What is longer is another name.
    for (name, is_code) in [
        (format!("ISRC{}", "\0".repeat(100)), true),
        (format!("ISRC{}OWNER", " ".repeat(40)), false),
    ] {
        let list = tags(&[tag(&[], &[(&name, PLAIN)])]);
        let found = MKA.located(&segment(&[info(), tracks(&[1]), list, cluster()]));
        assert_eq!(found.places.len(), usize::from(is_code), "{name:?}");
    }
    MKA.check(&layout(PLAIN, 9), "W", false, &layout(HYPHENS, 6));
}

/// The SeekHead has to list nothing (RFC 9559, section 5.1.1).
#[test]
fn tags_that_are_not_listed_are_found_among_the_clusters() {
    let cues = long(b"\x1C\x53\xBB\x6B", &[]);
    let start = seek_head(&[seek(b"\x1C\x53\xBB\x6B", 0, 2)]).len() + info().len() + tracks(&[1]).len();
    for layout in [
        [cluster(), code(PLAIN), cluster(), cues.clone()],
        [cluster(), cluster(), code(PLAIN), cues.clone()],
        [cluster(), cluster(), cues.clone(), code(PLAIN)],
    ] {
        let before = layout
            .iter()
            .take_while(|part| **part != cues)
            .map(Vec::len)
            .sum::<usize>();
        let head = seek_head(&[seek(b"\x1C\x53\xBB\x6B", start + before, 2)]);
        let file = segment(&[head, info(), tracks(&[1]), layout.concat()]);
        assert_eq!(MKA.texts(&file), [PLAIN]);
    }
}

#[test]
fn a_long_live_recording_is_walked_to_its_end() {
    let blocks = short(b"\xA3", &[0; 4]).repeat(300_000);
    let open = [b"\x1F\x43\xB6\x75\xFF", &short(b"\xE7", &[0])[..], &blocks].concat();
    let file = segment(&[info(), tracks(&[1]), open, code(PLAIN)]);
    assert_eq!(MKA.texts(&file), [PLAIN]);
}

#[test]
fn a_file_without_a_track_of_audio_is_none() {
    let track = |kind: u8| short(b"\xAE", &[short(b"\x73\xC5", &[1]), short(b"\x83", &[kind])].concat());
    let file = |kinds: &[u8]| {
        let tracks = long(
            b"\x16\x54\xAE\x6B",
            &kinds.iter().flat_map(|kind| track(*kind)).collect::<Vec<u8>>(),
        );
        segment(&[info(), tracks, cluster()])
    };
    let is_audio = |kinds: &[u8]| match format::locate(&mut Source::new(&file(kinds)), Some("mkv")) {
        Ok(_) => true,
        Err(ReadError::NoTrack) => false,
        Err(error) => panic!("{error}"),
    };
    assert!(is_audio(&[1, 2]) && is_audio(&[2]) && is_audio(&[1, 3]));
    assert!(!is_audio(&[1]) && !is_audio(&[17, 33]));
}

#[test]
fn live_recordings_are_edited_where_nothing_moves() {
    let live = |list: Vec<u8>, room: usize| {
        let open = |id: &[u8], body: Vec<u8>| [id, b"\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF", &body].concat();
        let cluster = || {
            open(
                b"\x1F\x43\xB6\x75",
                [short(b"\xE7", &[0]), long(b"\xA3", &sound(50))].concat(),
            )
        };
        let body = [info(), tracks(&[1]), list, void(room), cluster(), cluster()].concat();
        [head(), open(b"\x18\x53\x80\x67", body)].concat()
    };
    MKA.check(&live(code(PLAIN), 9), "W", false, &live(code(HYPHENS), 6));
    const OPEN: &str = "its segment does not state its size, as in a live recording, and its tags have no room";
    MKA.check_refused(&live(code("QZES5"), 0), "W", false, OPEN);
    MKA.check_refused(&live(Vec::new(), 0), "", true, OPEN);
}

#[test]
fn what_is_wrong_is_told_or_refused() {
    let list = code(PLAIN);
    let mut wrong = summed(&list);
    wrong[14] ^= 1;
    let layout = |list: &[u8]| segment(&[info(), tracks(&[1]), list.to_vec(), void(20), cluster()]);
    assert_eq!(MKA.texts(&layout(&wrong)), [PLAIN]);
    MKA.check_refused(&layout(&wrong), "W", false, "a checksum in it is wrong");
    MKA.check(
        &layout(&summed(&list)),
        "W",
        false,
        &segment(&[info(), tracks(&[1]), summed(&code(HYPHENS)), void(17), cluster()]),
    );
    // Sizes beyond the one around, and a size of ones where one is needed.
    for size in [
        [0x01, 0, 0, 0, 0, 0, 1, 0],
        [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE],
        [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ] {
        let mut beyond = list.clone();
        beyond[14..22].copy_from_slice(&size);
        assert!(MKA.doubt(&layout(&beyond)).is_some(), "{size:?}");
    }
    // A Void may hold anything, another Void too.
    let nested = segment(&[
        info(),
        tracks(&[1]),
        list.clone(),
        short(b"\xEC", &[void(9), void(5)].concat()),
        cluster(),
    ]);
    MKA.check(
        &nested,
        "W",
        false,
        &segment(&[
            info(),
            tracks(&[1]),
            code(HYPHENS),
            short(b"\xEC", &[void(9), void(5)].concat()[3..]),
            cluster(),
        ]),
    );
    // Two of them, in front and behind, and not listed.
    let two = segment(&[info(), tracks(&[1]), list.clone(), cluster(), cluster(), list.clone()]);
    assert_eq!(MKA.texts(&two), [PLAIN, PLAIN]);
    let unknown = [
        short(b"\x1A\x45\xDF\xA3", &short(b"\x42\x82", b"webmother")),
        layout(&list)[15..].to_vec(),
    ]
    .concat();
    assert!(format::locate(&mut Source::new(&unknown), Some("mka")).is_err());
    let whole = layout(&list);
    for len in 5..whole.len() {
        assert!(
            format::locate(&mut Source::new(&whole[..len].to_vec()), Some("mka")).is_err(),
            "{len}"
        );
    }
}

/// RFC 8794, section 11.3.1: a checksum may be in any element, and section 4.4: with a size of any width.
#[test]
fn checksums_at_every_level_are_made_anew() {
    // The wrong one of three, if one is.
    let sum = |body: &[u8], width: usize, is_wrong: bool| {
        let mut sum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(body).to_le_bytes();
        sum[0] ^= u8::from(is_wrong);
        let size = (4u64 | 1 << (7 * width)).to_be_bytes();
        [b"\xBF", &size[8 - width..], &sum, body].concat()
    };
    let layout = |code: &str, widths: [usize; 3], wrong: Option<usize>, room: usize| {
        let name_and_value = [short(b"\x45\xA3", b"ISRC"), short(b"\x44\x87", code.as_bytes())].concat();
        let simple = short(b"\x67\xC8", &sum(&name_and_value, widths[0], wrong == Some(0)));
        let tag = long(b"\x73\x73", &sum(&simple, widths[1], wrong == Some(1)));
        let list = long(TAGS, &sum(&tag, widths[2], wrong == Some(2)));
        segment(&[info(), tracks(&[1]), list, void(room), cluster()])
    };
    for widths in [[1, 1, 1], [1, 2, 8], [8, 1, 4]] {
        let file = layout(PLAIN, widths, None, 20);
        MKA.check(&file, "W", false, &layout(HYPHENS, widths, None, 17));
        for wrong in 0..3 {
            let file = layout(PLAIN, widths, Some(wrong), 20);
            MKA.check_refused(&file, "W", false, "a checksum in it is wrong");
        }
        let gone = MKA.edited(&file, "D", false).unwrap();
        assert!(gone.len() == file.len() && !gone.windows(4).any(|bytes| bytes == TAGS));
    }
}

#[test]
fn what_a_file_says_of_its_recording() {
    let list = tags(&[
        tag(&[], &[("ALBUM", "Tidewater"), ("ARTIST", "nobody")]),
        tag(&[(LEVEL, 30)], &[("ARTIST", "Lantern Street"), ("PART_NUMBER", "4")]),
    ]);
    let file = segment(&[info(), tracks(&[1]), cluster(), list]);
    let words = format::locate(&mut Source::new(&file), None).unwrap().words.unwrap();
    let expected = Description {
        title: Some("Low Water".to_owned()),
        artist: Some("Lantern Street".to_owned()),
        album: Some("Tidewater".to_owned()),
        disc: None,
        track: Some(4),
        duration: Some(Duration::from_millis(2500)),
        ..Description::default()
    };
    assert_eq!(words, expected);
}

#[test]
fn tags_behind_the_file_are_only_read() {
    let ape = apev2(&[("ISRC", PLAIN)]);
    let place = |file: &[u8]| MKA.located(file).places.pop().unwrap();
    for list in [vec![], code("QZ-ES5-16-00001")] {
        let mut file = segment(&[info(), tracks(&[7]), void(90), list.clone(), cluster()]);
        let end = file.len();
        file.extend_from_slice(&ape);
        let found = place(&file);
        assert_eq!((found.name.to_string(), &*found.text), ("apev2:ISRC".to_owned(), PLAIN));
        assert_eq!((found.standing, found.access), (Standing::Odd, Access::ReadOnly));
        let (actions, create) = if list.is_empty() { ("K", true) } else { ("WK", false) };
        let new = MKA.edited(&file, actions, create).unwrap();
        assert!(new.ends_with(&ape) && new.len() == file.len() && new[..end] != file[..end]);
    }
}
