//! Tags of another kind in front of the first atom.

use super::*;
use crate::format::{id3v2, locate};

/// A code in a tag in front, and one in the movie. Chunk offsets count from the first atom.
fn tagged(code: &str, room: usize, order: Order, items: &[Vec<u8>], padding: Option<usize>) -> Vec<u8> {
    let movie = Movie {
        in_meta: padding,
        ..movie(order, items)
    };
    [id3v2::new_tag(isrc(code), room as u64), movie.build()].concat()
}

fn names(file: &[u8]) -> Vec<String> {
    let file = file.to_vec();
    let located = locate(&mut Source::new(&file), Some("m4a")).unwrap();
    assert_eq!(located.format, Format::Mp4);
    let show = |place: &Place| format!("{}={} #{} {:?}", place.name, place.text, place.item, place.standing);
    located.places.iter().map(show).collect()
}

#[test]
fn both_places_are_found_and_edited_in_place() {
    for order in [Order::MovieFirst, Order::MediaFirst] {
        let before = tagged(OLD, 40, order, &[title(), item(&["x"])], Some(100));
        assert_eq!(
            names(&before),
            [
                "id3v2:TSRC=GBAYE6800011 #0 Odd",
                "mp4:com.apple.iTunes:ISRC=x #1 Standard"
            ]
        );
        let after = tagged(NEW, 40, order, &[title(), item(&[NEW])], Some(89));
        assert!(edited(&before, &change(&[write(NEW), write(NEW)])).unwrap() == after);
        let after = tagged(OLD, 40, order, &[title()], Some(100 + item(&["x"]).len()));
        assert!(edited(&before, &change(&[Action::Keep, Action::Drop])).unwrap() == after);
    }
}

#[test]
fn media_behind_a_tag_does_not_move() {
    let file = tagged(OLD, 0, Order::MovieFirst, &[title()], None);
    let refusal = edited(&file, &create(&[Action::Keep])).unwrap_err();
    let reason = "a tag stands in front of the first atom, and the media would move";
    assert_eq!(refusal.to_string(), reason);
    let file = tagged(OLD, 0, Order::MediaFirst, &[title()], None);
    let after = tagged(OLD, 0, Order::MediaFirst, &[title(), item(&[NEW])], Some(1024));
    assert!(edited(&file, &create(&[Action::Keep])).unwrap() == after);
}
