//! Every kind of change, with every state of the padding.

use super::*;

/// A change and the items it is made to and ends in.
struct Case {
    name: &'static str,
    before: Vec<Vec<u8>>,
    change: Change,
    after: Vec<Vec<u8>>,
    texts: Vec<&'static str>,
}

fn standard(values: &[Vec<u8>]) -> Vec<u8> {
    freeform("com.apple.iTunes", "ISRC", values)
}

fn cases() -> Vec<Case> {
    use Action::{Drop, Keep};
    let mut cases = Vec::new();
    let mut case = |name, before: &[Vec<u8>], change, after: &[Vec<u8>], texts: &[&'static str]| {
        cases.push(Case {
            name,
            before: before.to_vec(),
            change,
            after: after.to_vec(),
            texts: texts.to_vec(),
        });
    };
    let plain = || item(&[NEW]);
    case("create", &[title()], create(&[]), &[title(), plain()], &[NEW]);
    case("create in an empty list", &[], create(&[]), &[plain()], &[NEW]);
    case(
        "create beside another mean",
        &[freeform("a", "ISRC", &[data(1, b"x")])],
        create(&[Keep]),
        &[freeform("a", "ISRC", &[data(1, b"x")]), plain()],
        &["x", NEW],
    );
    case(
        "same length",
        &[item(&[OLD]), title()],
        change(&[write(NEW)]),
        &[plain(), title()],
        &[NEW],
    );
    case(
        "already so",
        &[item(&[NEW]), title()],
        change(&[write(NEW)]),
        &[plain(), title()],
        &[NEW],
    );
    case(
        "hyphens",
        &[title(), item(&["QZ-ES5-16-00001"]), picture()],
        change(&[write(NEW)]),
        &[title(), plain(), picture()],
        &[NEW],
    );
    case("longer", &[item(&["x"])], change(&[write(NEW)]), &[plain()], &[NEW]);
    case(
        "longer by one",
        &[item(&["QZES5160000"])],
        change(&[write(NEW)]),
        &[plain()],
        &[NEW],
    );
    case(
        "much shorter",
        &[item(&["ISRC: QZ-ES5-16-00001 (label copy)"])],
        change(&[write(NEW)]),
        &[plain()],
        &[NEW],
    );
    case(
        "remove",
        &[title(), item(&[OLD]), picture()],
        change(&[Drop]),
        &[title(), picture()],
        &[],
    );
    case("remove the only item", &[item(&[OLD])], change(&[Drop]), &[], &[]);
    case(
        "remove the last item",
        &[title(), item(&[OLD, OTHER])],
        change(&[Drop, Drop]),
        &[title()],
        &[],
    );
    case(
        "remove the second value",
        &[item(&[OLD, OTHER])],
        change(&[Keep, Drop]),
        &[item(&[OLD])],
        &[OLD],
    );
    case(
        "remove the first value",
        &[item(&[OLD, OTHER])],
        change(&[Drop, Keep]),
        &[item(&[OTHER])],
        &[OTHER],
    );
    case(
        "write the second value",
        &[item(&[OLD, "fr-z03-98-00212"]), title()],
        change(&[Keep, write(OTHER)]),
        &[item(&[OLD, OTHER]), title()],
        &[OLD, OTHER],
    );
    case(
        "two items",
        &[item(&["gbaye6800011"]), title(), item(&["fr-z03-98-00212"])],
        change(&[write(OLD), write(OTHER)]),
        &[item(&[OLD]), title(), item(&[OTHER])],
        &[OLD, OTHER],
    );
    case(
        "one of two items",
        &[item(&[OLD]), title(), item(&[OTHER])],
        change(&[Keep, Drop]),
        &[item(&[OLD]), title()],
        &[OLD],
    );
    case(
        "first of a list",
        &[item(&["GBAYE6800011/FRZ039800212"])],
        change(&[Drop, Keep]),
        &[item(&[OTHER])],
        &[OTHER],
    );
    case(
        "last of a list",
        &[item(&["GBAYE6800011; FRZ039800212"])],
        change(&[Keep, Drop]),
        &[item(&[OLD])],
        &[OLD],
    );
    case(
        "all of a list",
        &[title(), item(&["GBAYE6800011; FRZ039800212"])],
        change(&[Drop, Drop]),
        &[title()],
        &[],
    );
    case(
        "within a list",
        &[item(&["gbaye6800011,FR-Z03-98-00212"])],
        change(&[write(OLD), write(OTHER)]),
        &[item(&["GBAYE6800011,FRZ039800212"])],
        &[OLD, OTHER],
    );
    case(
        "replace all",
        &[title(), item(&["junk", OTHER])],
        create(&[Drop, Drop]),
        &[title(), plain()],
        &[NEW],
    );
    case(
        "replace two items",
        &[item(&["junk"]), title(), item(&[OTHER])],
        create(&[Drop, Drop]),
        &[plain(), title()],
        &[NEW],
    );
    case(
        "replace an empty value",
        &[standard(&[data(1, b"")]), title()],
        create(&[]),
        &[plain(), title()],
        &[NEW],
    );
    case(
        "keep an empty value",
        &[standard(&[data(1, b""), data(1, b"x")])],
        change(&[write(NEW)]),
        &[standard(&[data(1, b""), data(1, NEW.as_bytes())])],
        &[NEW],
    );
    case(
        "utf-16",
        &[standard(&[data(2, &utf16("qz-es5-16-00001"))])],
        change(&[write(NEW)]),
        &[standard(&[data(1, NEW.as_bytes())])],
        &[NEW],
    );
    case(
        "utf-16 with a byte order mark",
        &[standard(&[data(
            2,
            &[&b"\xFE\xFF"[..], &utf16("qz-es5-16-00001")].concat(),
        )])],
        change(&[write(NEW)]),
        &[standard(&[data(1, NEW.as_bytes())])],
        &[NEW],
    );
    case(
        "the same code, in a type that few programs read",
        &[standard(&[
            data(5, &utf16(OLD)),
            data(0, OLD.as_bytes()),
            data(4, OLD.as_bytes()),
        ])],
        change(&[write(OLD), write(OLD), write(OLD)]),
        &[standard(&[
            data(1, OLD.as_bytes()),
            data(1, OLD.as_bytes()),
            data(1, OLD.as_bytes()),
        ])],
        &[OLD, OLD, OLD],
    );
    case(
        "utf-16 list",
        &[standard(&[data(2, &utf16("gb-aye-68-00011/FRZ039800212"))])],
        change(&[write(OLD), Drop]),
        &[standard(&[data(1, OLD.as_bytes())])],
        &[OLD],
    );
    case(
        "key in lower case",
        &[freeform("com.apple.iTunes", "isrc", &[data(0, b"qz-es5-16-00001")])],
        change(&[write(NEW)]),
        &[freeform("com.apple.iTunes", "isrc", &[data(1, NEW.as_bytes())])],
        &[NEW],
    );
    cases
}

fn len(items: &[Vec<u8>]) -> i64 {
    items.iter().map(|item| item.len() as i64).sum()
}

/// The padding that is left after `growth`, if it can take it.
fn rest(padding: usize, growth: i64) -> Option<Option<usize>> {
    match padding as i64 - growth {
        0 => Some(None),
        rest if rest >= 8 => Some(Some(rest as usize)),
        _ => None,
    }
}

type Slot = fn(&mut Movie) -> &mut Option<usize>;

const SLOTS: [Slot; 4] = [
    |movie| &mut movie.in_meta,
    |movie| &mut movie.in_user_data,
    |movie| &mut movie.in_movie,
    |movie| &mut movie.beside,
];

#[track_caller]
fn check(case: &Case, before: &Movie, after: &Movie) {
    let new = edited(&before.build(), &case.change).unwrap();
    assert!(new == after.build(), "{}: {before:?} must become {after:?}", case.name);
    assert_eq!(texts(&new), case.texts, "{}", case.name);
}

/// All shapes of the container, with the items of one side of the case.
fn shapes(items: &[Vec<u8>]) -> Vec<Movie> {
    let mut shapes = Vec::new();
    for order in [Order::MovieFirst, Order::MediaFirst, Order::MovieBetween] {
        let base = movie(order, items);
        shapes.push(base.clone());
        shapes.push(Movie {
            wide: true,
            ..base.clone()
        });
        shapes.push(Movie {
            plain_meta: true,
            other_atoms: true,
            ..base
        });
    }
    shapes
}

#[test]
fn padding_takes_the_difference_wherever_it_stands() {
    for case in cases() {
        let growth = len(&case.after) - len(&case.before);
        for (before, after) in shapes(&case.before).into_iter().zip(shapes(&case.after)) {
            for slot in SLOTS {
                for padding in [
                    8,
                    9,
                    19,
                    20,
                    100,
                    5000,
                    growth.max(8) as usize,
                    (growth + 8).max(8) as usize,
                ] {
                    let Some(rest) = rest(padding, growth) else { continue };
                    let (mut before, mut after) = (before.clone(), after.clone());
                    *slot(&mut before) = Some(padding);
                    *slot(&mut after) = rest;
                    assert_eq!(before.build().len(), after.build().len());
                    check(&case, &before, &after);
                }
            }
        }
    }
}

#[test]
fn without_padding_the_file_gets_some() {
    for case in cases() {
        let growth = len(&case.after) - len(&case.before);
        for (before, mut after) in shapes(&case.before).into_iter().zip(shapes(&case.after)) {
            after.in_meta = match growth {
                0 => None,
                ..=-8 => Some(growth.unsigned_abs() as usize),
                _ => Some(1024),
            };
            check(&case, &before, &after);
        }
    }
}

#[test]
fn padding_that_is_too_small_grows() {
    for case in cases() {
        let growth = len(&case.after) - len(&case.before);
        for (before, after) in shapes(&case.before).into_iter().zip(shapes(&case.after)) {
            for (index, slot) in SLOTS.into_iter().enumerate() {
                for padding in [8, 10, 12, (growth + 7).max(8) as usize] {
                    if rest(padding, growth).is_some() {
                        continue;
                    }
                    let (mut before, mut after) = (before.clone(), after.clone());
                    *slot(&mut before) = Some(padding);
                    *slot(&mut after) = Some(padding);
                    // Near the tags it becomes the room that is needed; elsewhere it stays beside a new one.
                    let near = if index < 2 {
                        slot(&mut after)
                    } else {
                        &mut after.in_meta
                    };
                    *near = Some(1024);
                    check(&case, &before, &after);
                }
            }
        }
    }
}

#[test]
fn the_nearest_padding_that_is_large_enough_is_taken() {
    let case = &cases()[0];
    let growth = (len(&case.after) - len(&case.before)) as usize;
    let base = movie(Order::MovieFirst, &case.before);
    let before = Movie {
        in_meta: Some(20),
        in_user_data: Some(growth + 3),
        in_movie: Some(500),
        beside: Some(600),
        ..base
    };
    let after = Movie {
        tags: Tags::List(case.after.clone()),
        in_movie: Some(500 - growth),
        ..before.clone()
    };
    check(case, &before, &after);
}

#[test]
fn missing_atoms_are_made_as_itunes_lays_them_out() {
    let case = &cases()[1];
    for order in [Order::MovieFirst, Order::MediaFirst, Order::MovieBetween] {
        for tags in [Tags::None, Tags::UserData, Tags::Meta] {
            for other_atoms in [false, true] {
                // A second `udta` is where `meta` goes if it is the only one.
                if other_atoms && matches!(tags, Tags::None) {
                    continue;
                }
                let before = Movie {
                    tags: tags.clone(),
                    other_atoms,
                    ..movie(order, &[])
                };
                let after = Movie {
                    other_atoms,
                    in_meta: Some(1024),
                    ..movie(order, &case.after)
                };
                check(case, &before, &after);
                let with_room = |movie: &Movie, room| Movie {
                    in_movie: Some(room),
                    ..movie.clone()
                };
                let grown = Movie { in_meta: None, ..after };
                let growth = grown.build().len() - before.build().len();
                // What is created at the end of `moov` is behind the padding there.
                if !matches!(tags, Tags::None) {
                    check(case, &with_room(&before, 900), &with_room(&grown, 900 - growth));
                }
            }
        }
    }
}

#[test]
fn a_second_edit_is_in_place() {
    let file = movie(Order::MovieFirst, &[title()]).build();
    let with_code = edited(&file, &create(&[])).unwrap();
    let without = edited(&with_code, &change(&[Action::Drop])).unwrap();
    let again = edited(&without, &create(&[])).unwrap();
    assert_eq!(without.len(), with_code.len());
    assert!(again == with_code);
}

#[test]
fn a_change_that_asks_nothing_gives_no_patches() {
    let file = movie(Order::MovieFirst, &[item(&[OLD])]).build();
    assert!(edited(&file, &change(&[Action::Keep])).unwrap() == file);
}

#[test]
fn quicktime_keys_are_edited_and_itunes_tags_made_beside_them() {
    use super::places::{bare, quicktime_meta};
    let meta = |value: &str| quicktime_meta(&["com.apple.quicktime.isrc"], &[(1, data(1, value.as_bytes()))]);
    let padding = free(200);
    let before = bare(&[&meta("qz-es5-16-00001"), &padding]);
    let after = bare(&[&meta(NEW), &free(203)]);
    assert!(edited(&before, &change(&[write(NEW)])).unwrap() == after);

    let removed = bare(&[&quicktime_meta(&["com.apple.quicktime.isrc"], &[]), &free(200 + 36)]);
    assert!(
        edited(&after[..], &change(&[Action::Drop])).unwrap()
            == bare(&[&quicktime_meta(&["com.apple.quicktime.isrc"], &[]), &free(203 + 36)])
    );
    assert!(edited(&bare(&[&meta(NEW), &padding]), &change(&[Action::Drop])).unwrap() == removed);

    let itunes = boxed(
        b"meta",
        &[&[0; 4], &handler(b"mdir"), &boxed(b"ilst", &[&item(&[NEW])])],
    );
    let before = bare(&[&boxed(b"udta", &[&meta(NEW)]), &free(600)]);
    // In front: most programs read the first alone.
    let after = bare(&[&boxed(b"udta", &[&itunes, &meta(NEW)]), &free(600 - itunes.len())]);
    assert!(edited(&before, &create(&[Action::Keep])).unwrap() == after);
}

#[test]
fn padding_right_before_what_is_created_stays_before_it() {
    use super::places::bare;
    let itunes = boxed(
        b"meta",
        &[&[0; 4], &handler(b"mdir"), &boxed(b"ilst", &[&item(&[NEW])])],
    );
    let build = |padding, itunes: &[u8]| bare(&[&boxed(b"udta", &[&free(padding), itunes])]);
    assert!(edited(&build(20, &[]), &create(&[])).unwrap() == build(1024, &itunes));
    assert!(edited(&build(500, &[]), &create(&[])).unwrap() == build(500 - itunes.len(), &itunes));
    let user_data = boxed(b"udta", &[&itunes]);
    let build = |padding, user_data: &[u8]| bare(&[&free(padding), user_data]);
    assert!(edited(&build(500, &[]), &create(&[])).unwrap() == build(500 - user_data.len(), &user_data));
    let removed = boxed(
        b"udta",
        &[&boxed(b"meta", &[&[0; 4], &handler(b"mdir"), &boxed(b"ilst", &[])])],
    );
    let taken = user_data.len() - removed.len();
    assert!(edited(&build(500, &user_data), &change(&[Action::Drop])).unwrap() == build(500 + taken, &removed));
}

#[test]
fn zero_bytes_at_the_end_of_user_data_stay_there() {
    use super::places::bare;
    let itunes = boxed(
        b"meta",
        &[&[0; 4], &handler(b"mdir"), &boxed(b"ilst", &[&item(&[NEW])])],
    );
    let before = bare(&[&boxed(b"udta", &[&title(), &[0; 4]]), &free(600)]);
    let after = bare(&[
        &boxed(b"udta", &[&title(), &itunes, &[0; 4]]),
        &free(600 - itunes.len()),
    ]);
    assert!(edited(&before, &create(&[])).unwrap() == after);
}

#[test]
fn padding_before_the_movie_serves_if_nothing_else_does() {
    let case = &cases()[0];
    let growth = (len(&case.after) - len(&case.before)) as usize;
    let build = |items: &[Vec<u8>], padding: usize| {
        let meta = boxed(
            b"meta",
            &[&[0; 4], &handler(b"mdir"), &boxed(b"ilst", &[&items.concat()])],
        );
        let moov = boxed(b"moov", &[&boxed(b"udta", &[&meta])]);
        [
            boxed(b"ftyp", &[&[0; 8]]),
            long(b"skip", &[&vec![3; padding]]),
            moov,
            boxed(b"mdat", &[&[1; 50]]),
        ]
        .concat()
    };
    let new = edited(&build(&case.before, 700), &case.change).unwrap();
    assert!(new == build(&case.after, 700 - growth));
    let new = edited(&build(&case.after, 700 - growth), &change(&[Action::Drop])).unwrap();
    let mut expected = build(&case.before, 700);
    // The bytes that come back are zero.
    expected[32..32 + growth].fill(0);
    assert!(new == expected);
}

#[test]
fn what_is_read_only_is_refused() {
    let vendor_id = boxed(b"xid ", &[&data(1, b"Label:isrc:GBAYE6800011")]);
    let file = movie(Order::MediaFirst, &[vendor_id]).build();
    check_refused(
        &file,
        &change(&[write(NEW)]),
        "a place that is only read was to be changed",
    );
    check_refused(&file, &create(&[]), "the file has changed since the edit was planned");
}

#[test]
fn an_item_that_is_no_mere_code_is_not_removed() {
    let values = [data(1, OLD.as_bytes()), boxed(b"mine", &[&vec![0; 1 << 20]])];
    let file = movie(Order::MediaFirst, &[standard(&values)]).build();
    check_refused(&file, &change(&[Action::Drop]), "the item holds far more than a code");
    assert_eq!(texts(&edited(&file, &change(&[write(NEW)])).unwrap()), [NEW]);
}
