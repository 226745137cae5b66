//! Files that lie: no panic, no hang, no lost audio.

use super::*;

fn samples() -> Vec<Vec<u8>> {
    let items = [
        title(),
        item(&[OLD, "fr-z03-98-00212"]),
        item(&["GBAYE6800011/FRZ039800212"]),
    ];
    let base = movie(Order::MovieFirst, &items);
    vec![
        base.build(),
        Movie {
            in_meta: Some(64),
            order: Order::MediaFirst,
            ..base.clone()
        }
        .build(),
        Movie {
            wide: true,
            other_atoms: true,
            in_movie: Some(20),
            order: Order::MovieBetween,
            ..base
        }
        .build(),
        super::places::bare(&[&super::places::quicktime_meta(
            &["a", "isrc"],
            &[(2, data(1, b"qz-es5-16-00001"))],
        )]),
    ]
}

/// Looks for codes and tries every kind of edit; what succeeds must hold the promise, which `edited` asserts.
fn try_all(file: &[u8]) {
    let Ok(places) = located(file) else { return };
    let all = |action| vec![action; places.len()];
    for change in [
        create(&all(Action::Keep)),
        change(&all(write(NEW))),
        change(&all(Action::Drop)),
        create(&all(Action::Drop)),
    ] {
        let Ok(new) = edited(file, &change) else { continue };
        let found = located(&new).expect("an edited file can be read");
        let wanted = change
            .actions
            .iter()
            .filter(|action| matches!(action, Action::Write(_)))
            .count();
        let is_new = |place: &&Place| place.text == NEW;
        assert!(found.iter().filter(is_new).count() >= wanted + usize::from(change.create.is_some()));
    }
}

#[test]
fn every_cut_is_borne() {
    for file in samples() {
        for len in 0..file.len() {
            try_all(&file[..len]);
        }
    }
}

#[test]
fn every_changed_byte_is_borne() {
    let mut seed = 0x2545_F491_4F6C_DD1Du64;
    for file in samples() {
        let mut changed = file.clone();
        for at in 0..file.len() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            for byte in [(seed >> 33) as u8, file[at] ^ 1, 0, 0xFF] {
                changed[at] = byte;
                try_all(&changed);
            }
            changed[at] = file[at];
        }
    }
}

#[test]
fn every_lying_size_is_borne() {
    for file in samples() {
        let mut changed = file.clone();
        for at in 0..file.len() - 3 {
            for size in [0, 1, 7, 8, 1 << 31, u32::MAX] {
                changed[at..at + 4].copy_from_slice(&u32::to_be_bytes(size));
                try_all(&changed);
            }
            changed[at..at + 4].copy_from_slice(&file[at..at + 4]);
        }
    }
}

#[test]
fn deep_nesting_is_not_followed() {
    let mut atom = item(&[OLD]);
    for depth in 0..4000 {
        atom = boxed([b"udta", b"meta", b"moov", b"ilst"][depth % 4], &[&atom]);
    }
    try_all(&super::places::bare(&[&atom]));
}

#[test]
fn zero_bytes_behind_the_last_atom_hide_nothing() {
    for count in [4, 8, 5000, 60_000] {
        let file = super::places::bare(&[&boxed(b"udta", &[]), &vec![0; count]]);
        assert_eq!(
            walk(&mut Source::new(&file), &front(), Depth::Glance).unwrap().doubt,
            None
        );
    }
}

#[test]
fn countless_atoms_are_given_up_on() {
    let file = super::places::bare(&[&free(8).repeat(300_000)]);
    assert!(matches!(
        located(&file),
        Err(ReadError::Damaged("it has more parts than any real file"))
    ));
    let codes = item(&["GBAYE6800011/GBAYE6800011"]).repeat(3000);
    let file = movie(Order::MovieFirst, &[codes]).build();
    assert!(matches!(
        located(&file),
        Err(ReadError::Damaged("more codes than any real file has"))
    ));
}

#[test]
fn contradictions_are_named() {
    let check = |file: &[u8], expected: &str| assert_eq!(located(file).unwrap_err().to_string(), expected);
    let file = movie(Order::MovieFirst, &[item(&[OLD])]).build();
    check(
        &file[..file.len() - 1],
        &format!(
            "cut short: {} bytes needed, the file has {}",
            file.len(),
            file.len() - 1
        ),
    );
    check(&boxed(b"ftyp", &[&[0; 8]]), "damaged: it has no moov atom");
    check(
        &[boxed(b"ftyp", &[]), vec![0; 20]].concat(),
        "damaged: bytes that are no atom stand before the moov atom",
    );
    let compressed = boxed(b"cmov", &[&[0; 20]]);
    check(
        &super::places::bare(&[&compressed]),
        "damaged: its moov atom is compressed, which is not read",
    );
    let mut overrun = boxed(b"udta", &[]);
    overrun[3] = 200;
    check(
        &super::places::bare(&[&overrun]),
        "damaged: an atom is larger than the one around it",
    );
}

#[test]
fn what_a_scan_bears_with_an_edit_refuses() {
    use super::places::bare;
    let list = boxed(b"ilst", &[&item(&[OLD])]);
    let meta = |parts: &[&[u8]]| {
        boxed(
            b"udta",
            &[&boxed(
                b"meta",
                &[&[&[0; 4], &handler(b"mdir")[..]].concat(), &parts.concat()],
            )],
        )
    };
    let check = |children: &[&[u8]], reason: &str| {
        let file = bare(children);
        assert_eq!(texts(&file)[0], OLD);
        // Codes may be behind anything but stray bytes.
        let is_doubted = !reason.starts_with("stray");
        let doubt = walk(&mut Source::new(&file), &front(), Depth::Whole).unwrap().doubt;
        assert_eq!(doubt, Some(reason).filter(|_| is_doubted));
        check_refused(&file, &create(&vec![Action::Keep; texts(&file).len()]), reason);
    };
    let unknown = boxed(b"udta", &[&boxed(b"meta", &[&[0xFF; 40]])]);
    check(&[&meta(&[&list]), &unknown], "a meta atom is of no known form");
    check(
        &[&meta(&[&list, &[1, 2, 3]])],
        "stray bytes stand at the end of an atom",
    );
    check(
        &[&meta(&[&list]), &[0, 0, 0, 0, 1, 1, 1, 1, 1]],
        "an atom inside another has no size",
    );
    check(
        &[&meta(&[&list]), &[0, 0, 0, 7, 1, 1, 1, 1, 1]],
        "an atom is smaller than its own header",
    );
    check(
        &[&meta(&[&list]), &[0, 0, 1, 0, 1, 1, 1, 1, 1]],
        "an atom is larger than the one around it",
    );
    let two = [bare(&[&meta(&[&list])]), boxed(b"moov", &[])].concat();
    check_refused(&two, &change(&[Action::Drop]), "there are two moov atoms");
}
