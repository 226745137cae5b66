//! Which places are found.

use super::*;
use crate::format::place::{Access, Standing};

#[track_caller]
fn check(items: &[Vec<u8>], expected: &[&str]) {
    for order in [Order::MovieFirst, Order::MediaFirst, Order::MovieBetween] {
        let file = movie(order, items).build();
        assert_eq!(shown(&file), expected, "{order:?}");
    }
}

/// Name, key, text, item; `odd` and `read` where a place is so.
fn shown(file: &[u8]) -> Vec<String> {
    let show = |place: Place| {
        let key = place.key.map(|key| format!(" key {key}")).unwrap_or_default();
        let odd = if place.standing == Standing::Odd { " odd" } else { "" };
        let read = if place.access == Access::ReadOnly { " read" } else { "" };
        format!(
            "{}{key}={} #{}{odd}{read}",
            place.name,
            place.text.escape_debug(),
            place.item
        )
    };
    located(file).unwrap().into_iter().map(show).collect()
}

#[test]
fn the_standard_item_is_found_beside_others() {
    check(
        &[title(), item(&[OLD]), picture()],
        &["mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0"],
    );
    check(
        &[picture(), title(), item(&[OLD])],
        &["mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0"],
    );
    check(&[title(), picture()], &[]);
}

#[test]
fn a_key_in_another_case_is_kept_as_written() {
    let lower = freeform("com.apple.iTunes", "isrc", &[data(1, OLD.as_bytes())]);
    check(&[lower], &["mp4:com.apple.iTunes:ISRC key isrc=GBAYE6800011 #0"]);
}

#[test]
fn an_alias_and_a_name_with_a_space_around_it_are_odd() {
    for (name, place) in [
        ("TSRC", "TSRC"),
        (" ISRC", "ISRC key  ISRC"),
        ("isrc ", "ISRC key isrc "),
    ] {
        let other = freeform("com.apple.iTunes", name, &[data(1, OLD.as_bytes())]);
        check(
            &[other],
            &[&format!("mp4:com.apple.iTunes:{place}=GBAYE6800011 #0 odd")],
        );
    }
}

#[test]
fn another_mean_is_odd() {
    let other = freeform("org.example", "ISRC", &[data(1, OLD.as_bytes())]);
    check(&[other], &["mp4:org.example:ISRC=GBAYE6800011 #0 odd"]);
}

#[test]
fn a_value_in_front_of_its_name_is_odd() {
    let name = [
        boxed(b"mean", &[b"\0\0\0\0com.apple.iTunes"]),
        boxed(b"name", &[b"\0\0\0\0ISRC"]),
    ];
    let other = boxed(b"----", &[&data(1, OLD.as_bytes()), &name.concat()]);
    check(&[other], &["mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0 odd"]);
}

#[test]
fn other_names_are_none() {
    let other = freeform("com.apple.iTunes", "ISRC2", &[data(1, OLD.as_bytes())]);
    check(
        &[other, freeform("com.apple.iTunes", "iTunNORM", &[data(1, b"0")])],
        &[],
    );
}

#[test]
fn several_values_and_several_items_are_several_places() {
    check(
        &[item(&[OLD, NEW]), title(), item(&["a-b"])],
        &[
            "mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0",
            "mp4:com.apple.iTunes:ISRC=QZES51600001 #0",
            "mp4:com.apple.iTunes:ISRC=a-b #1",
        ],
    );
}

#[test]
fn codes_joined_in_one_value_are_several_places() {
    check(
        &[item(&["GBAYE6800011; QZ-ES5-16-00001"])],
        &[
            "mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0",
            "mp4:com.apple.iTunes:ISRC=QZ-ES5-16-00001 #0",
        ],
    );
    check(
        &[item(&["GBAYE6800011; none"])],
        &["mp4:com.apple.iTunes:ISRC=GBAYE6800011; none #0"],
    );
}

#[test]
fn spans_are_those_of_the_single_codes() {
    for value in [
        data(1, b"GBAYE6800011/QZES51600001"),
        data(2, &utf16("GBAYE6800011/QZES51600001")),
    ] {
        let file = movie(Order::MediaFirst, &[freeform("com.apple.iTunes", "ISRC", &[value])]).build();
        for place in located(&file).unwrap() {
            let bytes = &file[place.span.start as usize..place.span.end as usize];
            assert!(
                bytes == place.text.as_bytes() || bytes == utf16(&place.text),
                "{place:?}"
            );
        }
        assert_eq!(texts(&file), [OLD, NEW]);
    }
}

#[test]
fn types_decide_the_text() {
    let one = |kind: u32, value: &[u8]| [freeform("com.apple.iTunes", "ISRC", &[data(kind, value)])];
    let utf8 = "mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0";
    check(&one(0, OLD.as_bytes()), &[utf8]);
    check(&one(2, &utf16(OLD)), &[utf8]);
    check(&one(2, &[&[0xFE, 0xFF][..], &utf16(OLD)].concat()), &[utf8]);
    let little: Vec<u8> = OLD.bytes().flat_map(|byte| [byte, 0]).collect();
    check(&one(2, &[&[0xFF, 0xFE][..], &little].concat()), &[utf8]);
    check(&one(21, OLD.as_bytes()), &[utf8]);
    let named = |name: &str| [freeform("com.apple.iTunes", name, &[data(1, OLD.as_bytes())])];
    for name in ["ISRC\0", "ISRC "] {
        let file = movie(Order::MovieFirst, &named(name)).build();
        let found = located(&file).unwrap();
        assert_eq!((&*found[0].text, found[0].standing), (OLD, Standing::Odd));
    }
    check(&one(21, b"12345"), &["mp4:com.apple.iTunes:ISRC=12345 #0 read"]);
    check(&one(1, b"\xFFa"), &["mp4:com.apple.iTunes:ISRC=\u{FFFD}a #0"]);
    check(&one(1, b""), &[]);
    check(
        &one(1, b"GBAYE6800011\0"),
        &["mp4:com.apple.iTunes:ISRC=GBAYE6800011\\0 #0"],
    );
}

#[test]
fn a_value_that_no_code_could_fill_is_only_read() {
    let file = movie(Order::MovieFirst, &[item(&[&"A".repeat(5000)])]).build();
    let [place] = &located(&file).unwrap()[..] else {
        panic!()
    };
    assert_eq!((place.access, place.text.len()), (Access::ReadOnly, 4096));
}

#[test]
fn a_vendor_id_is_read_if_it_holds_a_code_and_told_as_it_stands() {
    let vendor_id = |text: &str| boxed(b"xid ", &[&data(1, text.as_bytes())]);
    let read = [
        ("Label:isrc:GBAYE6800011", OLD),
        ("Label:ISRC:GBAYE6800011", OLD),
        ("Label:Isrc:gbaye6800011", "gbaye6800011"),
        ("Label:isrc:GB-AYE-68-00011", "GB-AYE-68-00011"),
        ("Label:isrc: GBAYE6800011 ", " GBAYE6800011 "),
        (":isrc:GBAYE6800011", OLD),
        ("A label & sons:isrc:GBAYE6800011", OLD),
        ("\u{C9}diteur:isrc:GBAYE6800011", OLD),
        ("Label:isrc:ISRC:GBAYE6800011", "ISRC:GBAYE6800011"),
        ("Label:isrc:no code", "no code"),
        ("isrc:GBAYE6800011", OLD),
        ("Label:Sublabel:isrc:GBAYE6800011", OLD),
        ("Label: ISRC :GBAYE6800011", OLD),
        ("GBAYE6800011", OLD),
    ];
    for (text, code) in read {
        check(&[vendor_id(text)], &[&format!("mp4:xid={text} #0 odd read")]);
        let file = movie(Order::MovieFirst, &[vendor_id(text)]).build();
        assert_eq!(located(&file).unwrap()[0].code(), code);
    }
    let others = [
        "Label:upc:0123456789012",
        "Label:vendor_id:GBAYE6800011",
        "Label:isrc:",
        "Label:isrc",
        "isrc:",
        "Label isrc GBAYE6800011",
        "",
    ];
    check(&others.map(vendor_id), &[]);
}

fn keys(names: &[&str]) -> Vec<u8> {
    let entries: Vec<u8> = names
        .iter()
        .flat_map(|name| boxed(b"mdta", &[name.as_bytes()]))
        .collect();
    boxed(b"keys", &[&[0; 4], &(names.len() as u32).to_be_bytes(), &entries])
}

pub(super) fn quicktime_meta(names: &[&str], items: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let items: Vec<u8> = items
        .iter()
        .flat_map(|(number, data)| boxed(&number.to_be_bytes(), &[data]))
        .collect();
    boxed(b"meta", &[&handler(b"mdta"), &keys(names), &boxed(b"ilst", &[&items])])
}

/// `ftyp`, then `moov` with these children, then `mdat`.
pub(super) fn bare(children: &[&[u8]]) -> Vec<u8> {
    let ftyp = boxed(b"ftyp", &[b"qt  \0\0\0\0qt  "]);
    [ftyp, boxed(b"moov", children), boxed(b"mdat", &[&[1; 50]])].concat()
}

#[test]
fn quicktime_keys_that_end_in_isrc_are_found() {
    let names = ["com.apple.quicktime.title", "com.apple.quicktime.isrc"];
    let items = [(1, data(1, b"x")), (2, data(1, OLD.as_bytes()))];
    let meta = quicktime_meta(&names, &items);
    let expected = ["mp4:mdta:com.apple.quicktime.isrc=GBAYE6800011 #0 odd"];
    assert_eq!(shown(&bare(&[&meta])), expected);
    assert_eq!(shown(&bare(&[&boxed(b"udta", &[&meta])])), expected);
    let meta = quicktime_meta(
        &["ISRC"],
        &[(1, [data(1, OLD.as_bytes()), boxed(b"itif", &[&[0; 8]])].concat())],
    );
    assert_eq!(shown(&bare(&[&meta])), ["mp4:mdta:ISRC=GBAYE6800011 #0 odd read"]);
}

#[test]
fn the_user_data_text_is_read_in_all_its_languages() {
    let text = |text: &str| [&(text.len() as u16).to_be_bytes()[..], &[0x55, 0xC4], text.as_bytes()].concat();
    let atom = boxed(b"\xA9isr", &[&text(OLD), &text(NEW)]);
    let expected = [
        "mp4:udta/©isr=GBAYE6800011 #0 odd read",
        "mp4:udta/©isr=QZES51600001 #0 odd read",
    ];
    assert_eq!(
        shown(&bare(&[&boxed(b"udta", &[]), &boxed(b"udta", &[&atom, &[0; 4]])])),
        expected
    );
}

#[test]
fn shapes_of_the_container_do_not_hide_the_item() {
    let base = movie(Order::MovieFirst, &[item(&[OLD])]);
    let check = |movie: Movie| assert_eq!(texts(&movie.build()), [OLD], "{movie:?}");
    check(Movie {
        wide: true,
        ..base.clone()
    });
    check(Movie {
        plain_meta: true,
        ..base.clone()
    });
    check(Movie {
        other_atoms: true,
        ..base.clone()
    });
    check(Movie {
        in_meta: Some(8),
        ..base
    });
    let meta = boxed(b"meta", &[&[0; 4], &boxed(b"ilst", &[&item(&[OLD])])]);
    assert_eq!(texts(&bare(&[&boxed(b"udta", &[&meta])])), [OLD], "no hdlr");
    let meta = boxed(
        b"meta",
        &[&[0; 4], &free(20), &boxed(b"ilst", &[&item(&[OLD])]), &handler(b"mdir")],
    );
    assert_eq!(texts(&bare(&[&boxed(b"udta", &[&free(9), &meta])])), [OLD], "order");
}

#[test]
fn what_stands_behind_the_last_atom_is_borne_with() {
    let mut file = movie(Order::MediaFirst, &[item(&[OLD])]).build();
    for tail in [
        &[0; 100][..],
        b"TAG title of an ID3v1 tag and so on",
        b"APETAGEX",
        &[1, 2, 3],
    ] {
        let len = file.len();
        file.extend(tail);
        assert_eq!(texts(&file), [OLD]);
        file.truncate(len);
    }
}

#[test]
fn media_to_the_end_of_the_file_has_no_size() {
    let mut file = movie(Order::MovieFirst, &[item(&[OLD])]).build();
    let at = file.len() - 88;
    file[at..at + 4].copy_from_slice(&[0; 4]);
    assert_eq!(texts(&file), [OLD]);
}

#[test]
fn a_text_that_is_not_utf_8_is_hidden_from_others() {
    for (kind, value) in [
        (2, utf16(OLD)),
        (2, [&b"\xFF\xFE"[..], &le(OLD)].concat()),
        (5, utf16(OLD)),
        (21, OLD.into()),
    ] {
        let file = movie(
            Order::MovieFirst,
            &[freeform("com.apple.iTunes", "ISRC", &[data(kind, &value)])],
        )
        .build();
        let found = located(&file).unwrap();
        assert!(matches!(found[0].standing, Standing::Hidden(_)), "{found:?}");
        assert_eq!(found[0].text, OLD);
    }
    for kind in [0, 1, 3, 4] {
        let file = movie(
            Order::MovieFirst,
            &[freeform("com.apple.iTunes", "ISRC", &[data(kind, OLD.as_bytes())])],
        )
        .build();
        assert_eq!(located(&file).unwrap()[0].standing, Standing::Standard);
    }

    fn le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}

/// Copying programs left a list behind the list. Most programs read the first one alone.
#[test]
fn both_of_two_lists_are_read_and_edited() {
    let list = |items: &[Vec<u8>]| boxed(b"ilst", &[&items.concat()]);
    let file = |lists: &[Vec<u8>]| {
        let body = [&[0; 4], &handler(b"mdir")[..], &lists.concat()].concat();
        bare(&[&boxed(b"udta", &[&boxed(b"meta", &[&body])])])
    };
    let texts_of = |file: &[u8], depth| {
        let file = file.to_vec();
        let found = walk(&mut Source::new(&file), &front(), depth).unwrap();
        assert_eq!(found.located.doubt, None);
        let told = |place: Place| (place.text, place.standing);
        found.located.places.into_iter().map(told).collect::<Vec<_>>()
    };
    let (standard, odd) = (Standing::Standard, Standing::Odd);
    let of = |standings: &[Standing]| {
        standings
            .iter()
            .map(|standing| (OLD.to_owned(), *standing))
            .collect::<Vec<_>>()
    };
    let second = file(&[list(&[title()]), list(&[title(), item(&[OLD])])]);
    for depth in [Depth::Glance, Depth::Whole] {
        assert_eq!(texts_of(&second, depth), of(&[odd]));
        let third = file(&[list(&[]), list(&[]), free(30), list(&[item(&[OLD])])]);
        assert_eq!(texts_of(&third, depth), of(&[odd]));
        assert_eq!(texts_of(&file(&[list(&[title()]), list(&[title()])]), depth), []);
    }
    let both = file(&[list(&[item(&[OLD])]), list(&[item(&[OLD])])]);
    assert_eq!(texts_of(&both, Depth::Glance), of(&[standard]));
    assert_eq!(texts_of(&both, Depth::Whole), of(&[standard, odd]));

    let new = edited(&second, &create(&[write(NEW)])).unwrap();
    let expected = file(&[
        list(&[title(), item(&[NEW])]),
        free(1024),
        list(&[title(), item(&[NEW])]),
    ]);
    assert_eq!(new, expected);
}

#[test]
fn an_empty_meta_is_filled() {
    let filled = |meta: Vec<u8>| bare(&[&boxed(b"udta", &[&meta])]);
    let list = boxed(b"ilst", &[&item(&[NEW])]);
    for (before, behind) in [(0, 0), (4, 0), (8, 4), (12, 8), (100, 96)] {
        let file = filled(boxed(b"meta", &[&vec![0; before]]));
        assert!(located(&file).unwrap().is_empty());
        let after = boxed(
            b"meta",
            &[&[0; 4], &handler_of_ours(), &list, &free(1024), &vec![0; behind]],
        );
        assert_eq!(edited(&file, &create(&[])).unwrap(), filled(after), "{before}");
    }
    let unknown = filled(boxed(b"meta", &[&[0xFF; 40]]));
    check_refused(&unknown, &create(&[]), "a meta atom is of no known form");

    fn handler_of_ours() -> Vec<u8> {
        boxed(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 9]])
    }
}

fn track(tags: &[u8]) -> Vec<u8> {
    boxed(b"trak", &[&boxed(b"tkhd", &[&[0; 84]]), &boxed(b"mdia", &[]), tags])
}

#[test]
fn a_movie_without_a_track_of_audio_is_none() {
    let track = |kind: &[u8; 4]| {
        let media = [boxed(b"mdhd", &[&[0; 24]]), boxed(b"hdlr", &[&[0; 8], kind, &[0; 13]])].concat();
        boxed(b"trak", &[&boxed(b"tkhd", &[&[0; 84]]), &boxed(b"mdia", &[&media])])
    };
    let is_none = |file: &[u8]| {
        let found = crate::format::locate(&mut Source::new(&file.to_vec()), Some("mp4"));
        matches!(found, Err(ReadError::NoTrack))
    };
    assert!(is_none(&bare(&[&track(b"vide"), &track(b"text")])));
    assert!(!is_none(&bare(&[&track(b"vide"), &track(b"soun")])));
    assert!(!is_none(&bare(&[&track(b"vide"), &track(b"    ")])));
    // A track may be behind what is no atom.
    assert!(!is_none(&bare(&[&track(b"vide"), b"\0\0\0\0what?"])));
    assert!(!is_none(&bare(&[])));
}

fn itunes() -> Vec<u8> {
    let list = boxed(b"ilst", &[&item(&[OLD])]);
    boxed(b"meta", &[&[0; 4], &handler(b"mdir"), &list])
}

/// Where ffprobe or ExifTool reads a code, and mutagen and TagLib do not.
#[test]
fn a_code_outside_of_the_first_metadata_is_odd() {
    let (meta, user_data) = (itunes(), boxed(b"udta", &[&itunes()]));
    let empty = boxed(b"meta", &[&[0; 4], &handler(b"mdir"), &boxed(b"ilst", &[])]);
    let files = [
        bare(&[&meta]),
        bare(&[&boxed(b"udta", &[]), &user_data]),
        bare(&[&boxed(b"udta", &[&empty]), &user_data]),
        bare(&[&boxed(b"udta", &[&empty, &meta])]),
        bare(&[&track(&meta)]),
        bare(&[&track(&user_data), &boxed(b"udta", &[&empty])]),
    ];
    for (index, file) in files.into_iter().enumerate() {
        let odd = ["mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0 odd"];
        assert_eq!(shown(&file), odd, "{index}");
        let new = edited(&file, &create(&[write(NEW)])).unwrap();
        let places = located(&new).unwrap();
        let standings: Vec<_> = places.iter().map(|place| (&*place.text, place.standing)).collect();
        assert!(standings.contains(&(NEW, Standing::Standard)), "{standings:?}");
        assert!(standings.contains(&(NEW, Standing::Odd)), "{standings:?}");
        assert_eq!(
            edited(&file, &change(&[Action::Drop]))
                .map(|file| texts(&file))
                .unwrap(),
            [""; 0]
        );
    }
}

#[test]
fn a_code_at_the_level_of_the_file_is_only_read() {
    let file = movie(Order::MediaFirst, &[title()]).build();
    let (meta, user_data) = (itunes(), boxed(b"udta", &[&itunes()]));
    let front = usize::try_from(u32::from_be_bytes(file[..4].try_into().unwrap())).unwrap();
    for tags in [meta, user_data] {
        for file in [
            [&file, &tags[..]].concat(),
            [&file[..front], &tags, &file[front..]].concat(),
        ] {
            assert_eq!(shown(&file), ["mp4:com.apple.iTunes:ISRC=GBAYE6800011 #0 odd read"]);
        }
    }
}

#[test]
fn the_code_of_one_of_several_tracks_is_that_of_the_track() {
    let file = bare(&[&track(&itunes()), &track(&[])]);
    assert_eq!(located(&file).unwrap()[0].standing, Standing::OfTrack);
}
