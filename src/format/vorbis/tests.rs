//! Tests of lists that are in one piece; FLAC and Ogg test the rest.

use std::ops::Range;

use super::super::SpliceError;
use super::super::edit as engine;
use super::super::place::Action;
use super::testing::*;
use super::*;
use crate::bytes::pieces::{Patch, applied};
use crate::bytes::source::Source;
use crate::format::edit::tree::Tree;
use crate::format::ogg::packet::Chain;

fn walked(bytes: &[u8]) -> Result<(List, Vec<Place>), ReadError> {
    let bytes = bytes.to_vec();
    let walked = |parts: &[Range<u64>]| {
        let mut places = Vec::new();
        let mut source = Source::new(&bytes);
        let mut parts = Chain::of(parts.iter().cloned());
        walk(&mut Packet::new(&mut source, &mut parts), 0, &mut places).map(|list| (list, places))
    };
    let len = bytes.len() as u64;
    let whole = walked(std::slice::from_ref(&(0..len)));
    // Where it is parted makes no difference, but that of a value that is parted the first part is told.
    let shown = |found: &Result<(List, Vec<Place>), ReadError>| {
        let mut shown = format!(
            "{:?}",
            found.as_ref().map(|(list, _)| list).map_err(ToString::to_string)
        );
        for place in found.iter().flat_map(|(_, places)| places) {
            let text = (&place.name, &place.key, &place.text, place.span.start, place.item);
            shown += &format!("{text:?} {:?} {:?}", place.standing, place.access);
        }
        shown
    };
    for at in 1..len.min(200) {
        assert_eq!(shown(&walked(&[0..at, at..len])), shown(&whole), "{at}");
    }
    whole
}

#[test]
fn keys_are_known_in_any_case_and_keep_their_spelling() {
    check_place("ISRC=USRC17607839", "vorbis:ISRC", None, Standing::Standard);
    check_place("isrc=USRC17607839", "vorbis:ISRC", Some("isrc"), Standing::Standard);
    check_place("Isrc=US-RC1-76-07839", "vorbis:ISRC", Some("Isrc"), Standing::Standard);
    check_place("TSRC=USRC17607839", "vorbis:TSRC", None, Standing::Odd);
    for key in ["ISRC\0", " ISRC", "\u{FEFF}ISRC", "ISRC\u{A0}", "isrc\t "] {
        check_place(&format!("{key}=USRC17607839"), "vorbis:ISRC", Some(key), Standing::Odd);
    }
    check_place("wm/isrc=USRC17607839", "vorbis:WM/ISRC", Some("wm/isrc"), Standing::Odd);
}

#[track_caller]
fn check_place(entry: &str, name: &str, key: Option<&str>, standing: Standing) {
    let (_, places) = walked(&list(&["ARTIST=x", entry, "ALBUM=y"])).unwrap();
    let [place] = places.as_slice() else {
        panic!("{places:?}")
    };
    assert_eq!((place.name.to_string().as_str(), place.key.as_deref()), (name, key));
    assert_eq!(Some(place.text.as_str()), entry.split_once('=').map(|(_, value)| value));
    assert_eq!((place.standing, place.access), (standing, Access::Write));
    assert_eq!(place.span.end - place.span.start, place.text.len() as u64);
}

#[test]
fn other_comments_and_empty_values_give_no_place() {
    for entry in [
        "ISRC=",
        "ISRC",
        "XISRC=USRC17607839",
        "ISRCX=USRC17607839",
        "",
        "=",
        "ISRC USRC17607839",
        "TSRC",
    ] {
        assert_eq!(walked(&list(&[entry])).unwrap().1, [], "{entry}");
    }
}

#[test]
fn a_value_of_several_codes_gives_places_of_one_item() {
    let (_, places) = walked(&list(&["ISRC=USRC17607839;GBAYE0000351", "ISRC=QZES52600001"])).unwrap();
    let seen: Vec<(u32, &str)> = places.iter().map(|place| (place.item, place.text.as_str())).collect();
    assert_eq!(seen, [(0, OLD), (0, OTHER), (1, NEW)]);
    let (_, places) = walked(&list(&["ISRC=USRC17607839\0GBAYE0000351"])).unwrap();
    assert_eq!(places.len(), 2);
}

#[test]
fn text_that_is_not_utf_8_is_shown_with_replacements() {
    let (_, places) = walked(&list(&[b"ISRC=USRC1\xff607839".as_slice()])).unwrap();
    assert_eq!(places[0].text, "USRC1\u{fffd}607839");
}

#[test]
fn the_codes_of_a_cue_sheet_are_read_only() {
    let sheet = "CUESHEET=TRACK 01 AUDIO\n  ISRC USRC17607839\nTRACK 02 AUDIO\n  ISRC GBAYE0000351\n";
    let (found, places) = walked(&list(&[sheet])).unwrap();
    let seen: Vec<_> = places
        .iter()
        .map(|place| (place.text.as_str(), place.standing, place.access))
        .collect();
    let expected = [OLD, OTHER].map(|code| (code, Standing::OfTrack, Access::ReadOnly));
    assert_eq!(seen, expected);
    let bytes = list(&[sheet]);
    let span = places[1].span.start as usize..places[1].span.end as usize;
    assert_eq!(&bytes[span], OTHER.as_bytes());
    let refused = edited(&bytes, &found, &[write(NEW), Action::Keep], None);
    assert!(matches!(refused, Err(crate::format::SpliceError::Refused(_))));
}

#[test]
fn a_value_beyond_all_measure_is_not_taken_for_the_code_it_starts_with() {
    let mut entry = b"ISRC=USRC17607839".to_vec();
    entry.resize(100_000, b' ');
    let (_, places) = walked(&list(&[entry])).unwrap();
    assert_eq!(places[0].text.chars().last(), Some('\u{fffd}'));
}

#[test]
fn lists_that_lie_are_damaged() {
    let good = list(&["ARTIST=x", "ISRC=USRC17607839"]);
    for (at, number) in [
        (0, u32::MAX),
        (0, 1 << 31),
        (8, u32::MAX),
        (8, 3),
        (12, u32::MAX),
        (24, 18),
    ] {
        let mut bad = good.clone();
        bad[at..at + 4].copy_from_slice(&number.to_le_bytes());
        assert!(matches!(walked(&bad), Err(ReadError::Damaged(_))), "{number} at {at}");
    }
}

#[test]
fn values_are_written_in_place_and_the_length_follows() {
    check(
        &["A=1", "ISRC=USRC17607839", "B=2"],
        &[write(NEW)],
        None,
        &["A=1", "ISRC=QZES52600001", "B=2"],
    );
    check(
        &["A=1", "isrc=US-RC1-76-07839", "B=2"],
        &[write(OLD)],
        None,
        &["A=1", "isrc=USRC17607839", "B=2"],
    );
    check(&["ISRC=?", "B=2"], &[write(NEW)], None, &["ISRC=QZES52600001", "B=2"]);
    check(
        &["ISRC=A", "tsrc=B"],
        &[Action::Keep, write(NEW)],
        None,
        &["ISRC=A", "tsrc=QZES52600001"],
    );
}

/// Entries without an equals sign are no comments, and stay as they are.
#[test]
fn what_is_no_comment_stays_beside_a_code() {
    let odd = |code| ["no equals sign", code, "", "ISRC", "=nothing", "ISRCQZES51600009"];
    let with = odd("ISRC=US-RC1-76-07839");
    check(&with, &[write("USRC17607839")], None, &odd("ISRC=USRC17607839"));
    check(
        &with,
        &[Action::Drop],
        None,
        &["no equals sign", "", "ISRC", "=nothing", "ISRCQZES51600009"],
    );
}

#[test]
fn a_comment_goes_with_its_last_value() {
    check(
        &["A=1", "ISRC=USRC17607839", "B=2"],
        &[Action::Drop],
        None,
        &["A=1", "B=2"],
    );
    check(&["ISRC=A", "ISRC=B"], &[Action::Drop, Action::Keep], None, &["ISRC=B"]);
    check(&["ISRC=A", "ISRC=B"], &[Action::Drop, Action::Drop], None, &[]);
}

#[test]
fn one_of_several_values_goes_with_one_separator() {
    let three = ["ISRC=USRC17607839; GBAYE0000351 ;QZES52600001"];
    let drop = |which: usize| {
        let mut actions = [Action::Keep; 3];
        actions[which] = Action::Drop;
        actions
    };
    check(&three, &drop(0), None, &["ISRC=GBAYE0000351 ;QZES52600001"]);
    check(&three, &drop(1), None, &["ISRC=USRC17607839 ;QZES52600001"]);
    check(&three, &drop(2), None, &["ISRC=USRC17607839; GBAYE0000351"]);
    check(
        &three,
        &[Action::Drop, Action::Drop, Action::Keep],
        None,
        &["ISRC=QZES52600001"],
    );
    check(
        &three,
        &[Action::Drop, Action::Keep, Action::Drop],
        None,
        &["ISRC=GBAYE0000351"],
    );
    check(
        &three,
        &[Action::Drop, write(NEW), write(OLD)],
        None,
        &["ISRC=QZES52600001 ;USRC17607839"],
    );
    check(
        &["ISRC= USRC17607839/GBAYE0000351"],
        &[Action::Drop, Action::Keep],
        None,
        &["ISRC= GBAYE0000351"],
    );
}

#[test]
fn a_new_code_comes_last_or_in_the_seat_of_one_that_goes() {
    check(&["A=1"], &[], Some(NEW), &["A=1", "ISRC=QZES52600001"]);
    check(
        &["TSRC=A", "B=2"],
        &[Action::Keep],
        Some(NEW),
        &["TSRC=A", "B=2", "ISRC=QZES52600001"],
    );
    check(
        &["tsrc=A", "isrc=B", "C=3"],
        &[Action::Drop, Action::Drop],
        Some(NEW),
        &["isrc=QZES52600001", "C=3"],
    );
    check(
        &["isrc=A", "isrc=B"],
        &[Action::Drop, Action::Drop],
        Some(NEW),
        &["isrc=QZES52600001"],
    );
    // An empty one takes it rather than standing beside it.
    check(&["A=1", "ISRC="], &[], Some(NEW), &["A=1", "ISRC=QZES52600001"]);
    check(
        &["TSRC=A", "isrc=", "TSRC="],
        &[Action::Drop],
        Some(NEW),
        &["isrc=QZES52600001", "TSRC="],
    );
}

#[track_caller]
fn check(entries: &[&str], actions: &[Action], create: Option<&str>, expected: &[&str]) {
    let old = list(entries);
    let (found, places) = walked(&old).unwrap();
    assert_eq!(places.len(), actions.len());
    let patches = edited(&old, &found, actions, create).unwrap();
    assert_eq!(applied(&old, &patches), list(expected), "{entries:?}");
}

fn edited(bytes: &[u8], list: &List, actions: &[Action], create: Option<&str>) -> Result<Vec<Patch>, SpliceError> {
    let mut tree = Tree::default();
    let holder = tree.node(0..bytes.len() as u64, None);
    list.declare(&mut tree, holder);
    let bytes = bytes.to_vec();
    engine::edit(&mut Source::new(&bytes), &tree, actions, create.map(isrc), &[])
}
