use super::*;

#[test]
fn codes_are_found_in_every_version() {
    use Standing::{Odd, Standard};
    texts(
        &Built::new(2, &[frame("TRC", 0, &latin(A))], 9),
        &[("id3v2:TRC", A, Standard)],
    );
    texts(
        &Built::new(3, &[title(), frame("TSRC", 0, &latin(A))], 0),
        &[("id3v2:TSRC", A, Standard)],
    );
    texts(
        &Built::new(4, &[picture(5000), frame("TSRC", 0, &latin(A))], 90),
        &[("id3v2:TSRC", A, Standard)],
    );
    texts(
        &Built::new(3, &[frame("TRC ", 0, &latin(A))], 0),
        &[("id3v2:TRC", A, Odd)],
    );
    texts(
        &Built::new(4, &[frame("TRC\0", 0, &latin(A))], 0),
        &[("id3v2:TRC", A, Odd)],
    );
    texts(
        &Built::new(2, &[frame("TXX", 0, b"\0isrc\0QZ")], 0),
        &[("id3v2:TXXX:ISRC", "QZ", Odd)],
    );
    texts(
        &Built::new(3, &[frame("TXXX", 0, b"\0WM/ISRC\0QZ")], 0),
        &[("id3v2:TXXX:WM/ISRC", "QZ", Odd)],
    );
    texts(&Built::new(3, &[title(), frame("TXXX", 0, b"\0BARCODE\0QZ")], 0), &[]);
    texts(&Built::new(3, &[], 0), &[]);
}

#[test]
fn the_description_as_written_is_kept_where_its_case_differs() {
    let places = places(&walked(&file(&Built::new(3, &[frame("TXXX", 0, b"\0isrc\0QZ")], 0))));
    assert_eq!(places[0].key.as_deref(), Some("isrc"));
}

#[test]
fn several_values_and_frames_are_places_of_their_own() {
    let both = format!("{A}\0{B}");
    let slashed = format!("{A} / {B}");
    let frames = [
        frame("TSRC", 0, &latin(&both)),
        frame("TSRC", 0, &latin("")),
        frame("TSRC", 0, &latin(&slashed)),
    ];
    let file = file(&Built::new(4, &frames, 20));
    let places = places(&walked(&file));
    let found: Vec<(&str, u32)> = places.iter().map(|place| (&*place.text, place.item)).collect();
    assert_eq!(found, [(A, 0), (B, 0), (A, 1), (B, 1)]);
    for place in &places {
        assert_eq!(
            &file[place.span.start as usize..place.span.end as usize],
            place.text.as_bytes()
        );
    }
}

/// No code is "missing" from a 2.3 tag whose frames have the sizes of 2.4.
#[test]
fn synchsafe_sizes_in_2_3_are_doubted_where_they_hide_frames() {
    let code = || frame("TSRC", 0, &latin(A));
    let long = |id: &str, size: usize| frame4(id, 0, &vec![b'x'; size]);
    let wide = frame4(
        "TIT2",
        0,
        &utf16(b"\x01\xFF\xFE", &"A title ".repeat(20), u16::to_le_bytes),
    );
    let zeros = frame4("APIC", 0, &vec![0; 20_000]);
    let hiding = [
        vec![long("TALB", 128), code()],
        vec![title(), long("TALB", 300), code()],
        vec![title(), wide.clone(), code()],
        vec![wide, title(), code()],
        vec![zeros.clone(), code()],
        vec![title(), zeros, code(), title()],
        vec![long("COMM", 200), long("TXXX", 5000), code()],
        vec![long("PRIV", 16_384), title(), code()],
        // Only some of the sizes are wrong.
        vec![long("TALB", 300), frame("COMM", 0, &[b'x'; 200]), code()],
        vec![frame("COMM", 0, &[b'x'; 200]), long("TALB", 300), code()],
        vec![long("APIC", 5000), frame("APIC", 0, &[b'x'; 0x90]), code(), title()],
    ];
    for frames in hiding {
        for (padding, flags) in [(0, 0), (50, 0), (40_000, 0), (2000, 0x80)] {
            let tag = walked(&file(&Built::new(3, &frames, padding).flags(flags)));
            assert!(tag.doubt().is_some() || !places(&tag).is_empty(), "{padding} {flags:x}");
        }
    }
    // Pictures that hold what looks like a name, at the place where the other size leads, and real sizes.
    let mut picture = vec![b'A'; 0x0123];
    picture[0xA3..0xA7].copy_from_slice(b"TSRC");
    for frames in [
        vec![frame("APIC", 0, &picture)],
        vec![title(), frame("TALB", 0, &[b'X'; 0x0100])],
    ] {
        for padding in [0, 50, 40_000] {
            let tag = walked(&file(&Built::new(3, &frames, padding)));
            assert_eq!((tag.doubt(), places(&tag).len()), (None, 0), "{padding}");
        }
    }
}

#[test]
fn sizes_of_2_4_are_synchsafe_or_plain_as_the_next_frame_shows() {
    use Standing::Standard;
    let long = vec![b'x'; 300];
    let plain = frame("TALB", 0, &long);
    let synchsafe = frame4("TALB", 0, &long);
    for album in [&plain, &synchsafe] {
        texts(
            &Built::new(4, &[album.clone(), frame("TSRC", 0, &latin(A))], 50),
            &[("id3v2:TSRC", A, Standard)],
        );
        texts(
            &Built::new(4, &[frame("TSRC", 0, &latin(A)), album.clone()], 0),
            &[("id3v2:TSRC", A, Standard)],
        );
    }
}

#[test]
fn a_frame_that_decompresses_beyond_the_limit_is_reported() {
    let bomb = |size: usize| {
        let data = [&[0, 0, 0, 9][..], &compression::deflate(&vec![0; size]).unwrap()].concat();
        walked(&file(&Built::new(
            3,
            &[frame("APIC", 0x80, &data), frame("TSRC", 0, &latin(A))],
            0,
        )))
    };
    let harmless = bomb(1 << 20);
    assert!(!harmless.inflates);
    assert_eq!(harmless.values.len(), 1);
    let bomb = bomb((16 << 20) + 1);
    assert!(bomb.inflates);
    assert_eq!(bomb.values.len(), 1);
}

#[test]
fn odd_tags_are_read_and_refused() {
    let good = Built::new(3, &[frame("TSRC", 0, &latin(A))], 10);
    let changed = |at: usize, byte: u8| {
        let mut file = file(&good);
        file[BEFORE.len() + at] = byte;
        file
    };
    for (at, byte, sentence) in [
        (3, 5, "an ID3v2 tag is of an unknown version"),
        (8, 0x7F, "an ID3v2 tag claims more bytes than there are"),
        (9, 0xA0, "an ID3v2 tag claims more bytes than there are"),
    ] {
        let file = changed(at, byte);
        let tag = walked(&file);
        assert_eq!(tag.values.len(), usize::from(at != 3));
        let actions = vec![Action::Keep; tag.values.len()];
        let error = spliced(&file, &actions, Some(NEW)).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn what_is_no_tag_is_told() {
    let none = |bytes: &[u8]| {
        walk(&mut Source::new(&bytes.to_vec()), 0, bytes.len() as u64)
            .unwrap()
            .is_none()
    };
    assert!(none(b"ID3\x03\0\0\0\0\0"));
    assert!(none(b"IDX\x03\0\0\0\0\0\0"));
    assert!(none(b"ID3\xFF\0\0\0\0\0\0"));
    assert!(!none(b"ID3\x03\0\0\0\0\0\0"));
}

/// As mutagen, ffprobe, exiftool and mediainfo go on by the size of whatever has no name of a frame.
#[test]
fn what_has_no_name_of_a_frame_is_stepped_over_by_its_size() {
    for version in [2, 3, 4] {
        let made = |id: &str, body: &[u8]| match version {
            2 => frame(id, 0, body),
            3 => frame(id, 0, body),
            _ => frame4(id, 0, body),
        };
        let (names, code) = match version {
            2 => (&["Tt2", "T#1", "abc", "T\0\0", "\u{7F}\u{7F}\u{7F}"][..], "TRC"),
            _ => (&["Tit2", "T#%1", "abcd", "A_B1", "T\0\0\0", "tsrc"][..], "TSRC"),
        };
        let expected = [(
            if version == 2 { "id3v2:TRC" } else { "id3v2:TSRC" },
            A,
            Standing::Standard,
        )];
        for name in names {
            for size in [1, 12, 127, 128, 300] {
                let odd = made(name, &vec![b'x'; size]);
                for flags in [0, if version < 4 { 0x80 } else { 0 }] {
                    let built = |frames: &[Vec<u8>]| Built::new(version, frames, 20).flags(flags);
                    let code = made(code, &latin(A));
                    texts(&built(&[odd.clone(), code.clone()]), &expected);
                    texts(
                        &built(&[odd.clone(), odd.clone(), code.clone(), odd.clone()]),
                        &expected,
                    );
                    // Of 2.4, both ways to write a size.
                    let plain = frame(name, 0, &vec![b'x'; size]);
                    texts(&built(&[plain, code]), &expected);
                    assert_eq!(walked(&file(&built(std::slice::from_ref(&odd)))).doubt(), None);
                }
            }
        }
    }
}

#[test]
fn behind_what_has_no_name_and_a_wrong_size_no_code_is_missing() {
    for version in [3, 4] {
        let built = |frames: &[Vec<u8>]| Built::new(version, frames, 20);
        let mut odd = frame("Tit2", 0, b"\0some text");
        odd[7] -= 3;
        let code = frame("TSRC", 0, &latin(A));
        let doubt = "what an ID3v2 tag holds behind its last frame is neither a frame nor padding";
        assert_eq!(walked(&file(&built(&[odd.clone(), code.clone()]))).doubt(), Some(doubt));
        refused(&built(&[odd.clone(), code.clone()]), &[], Some(NEW), doubt);
        // Behind a code it hides none.
        texts(&built(&[code, odd]), &[("id3v2:TSRC", A, Standing::Standard)]);
    }
}
