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

#[test]
fn damage_is_borne() {
    for file in samples() {
        MP4.torment(&file, &|_| {});
    }
}

#[test]
fn deep_nesting_is_not_followed() {
    let mut atom = item(&[OLD]);
    for depth in 0..4000 {
        atom = boxed([b"udta", b"meta", b"moov", b"ilst"][depth % 4], &[&atom]);
    }
    MP4.try_all(&super::places::bare(&[&atom]));
}

#[test]
fn zero_bytes_behind_the_last_atom_hide_nothing() {
    for count in [4, 8, 5000, 60_000] {
        let file = super::places::bare(&[&boxed(b"udta", &[]), &vec![0; count]]);
        assert_eq!(
            walk(&mut Source::new(&file), &front(), Depth::Glance)
                .unwrap()
                .located
                .doubt,
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
        let doubt = walk(&mut Source::new(&file), &front(), Depth::Whole)
            .unwrap()
            .located
            .doubt;
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
