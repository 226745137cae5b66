use super::*;

#[test]
fn padding_takes_the_difference() {
    let tag = |code: &str, padding| Built::new(3, &[title(), frame("TSRC", 0, &latin(code)), title()], padding);
    edit(&tag(A, 20), &[write(NEW)], None, &tag(NEW, 20));
    edit(&tag("QZ-ES5-16-00001", 20), &[write(A)], None, &tag(A, 23));
    edit(&tag("QZ-ES5-16-00001", 0), &[write(A)], None, &tag(A, 3));
    edit(&tag("QZ", 20), &[write(A)], None, &tag(A, 10));
    edit(&tag("QZ", 10), &[write(A)], None, &tag(A, 0));
    edit(&tag("QZ", 9), &[write(A)], None, &tag(A, 1024));
    edit(&tag("QZ", 0), &[write(A)], None, &tag(A, 1024));
    edit(&tag(A, 20), &[Action::Keep], None, &tag(A, 20));
}

#[test]
fn a_frame_goes_with_its_last_value() {
    let code = frame("TSRC", 0, &latin(A));
    edit(
        &Built::new(4, &[title(), code.clone(), title()], 5),
        &[Action::Drop],
        None,
        &Built::new(4, &[title(), title()], 28),
    );
    edit(
        &Built::new(4, std::slice::from_ref(&code), 0),
        &[Action::Drop],
        None,
        &Built::new(4, &[], 23),
    );
}

#[test]
fn one_of_several_values_goes_alone() {
    let tag = |text: &str, padding| Built::new(4, &[frame("TSRC", 0, &latin(text))], padding);
    let nul = format!("{A}\0{B}");
    edit(&tag(&nul, 0), &[Action::Drop, Action::Keep], None, &tag(B, 13));
    edit(&tag(&nul, 0), &[Action::Keep, Action::Drop], None, &tag(A, 13));
    edit(
        &tag(&nul, 0),
        &[Action::Drop, Action::Drop],
        None,
        &Built::new(4, &[], 36),
    );
    edit(
        &tag(&nul, 7),
        &[Action::Keep, write(NEW)],
        None,
        &tag(&format!("{A}\0{NEW}"), 7),
    );
    let list = format!("{A}; {B}");
    edit(&tag(&list, 0), &[Action::Drop, write(NEW)], None, &tag(NEW, 14));
}

#[test]
fn a_code_is_written_in_latin_1_whatever_the_encoding_of_its_frame() {
    let tag = |body: Vec<u8>, padding| Built::new(3, &[frame("TSRC", 0, &body), title()], padding);
    for (mark, unit) in [
        (&b"\x01\xFF\xFE"[..], u16::to_le_bytes as fn(u16) -> [u8; 2]),
        (&b"\x01\xFE\xFF"[..], u16::to_be_bytes),
        (&b"\x01"[..], u16::to_le_bytes),
        (&b"\x02"[..], u16::to_be_bytes),
    ] {
        for text in [A, "QZ"] {
            let old = utf16(mark, text, unit);
            let longer = 40 + old.len() - latin(NEW).len();
            edit(&tag(old, 40), &[write(NEW)], None, &tag(latin(NEW), longer));
        }
        // The terminator stays one.
        let old = [utf16(mark, A, unit), vec![0, 0]].concat();
        let longer = 40 + old.len() - 14;
        edit(
            &tag(old, 40),
            &[write(NEW)],
            None,
            &tag(latin(&format!("{NEW}\0")), longer),
        );
    }
    let utf8 = [b"\x03", A.as_bytes(), b"\0"].concat();
    edit(
        &tag(utf8, 40),
        &[write(NEW)],
        None,
        &tag(latin(&format!("{NEW}\0")), 40),
    );
    let described = |body: Vec<u8>, padding| Built::new(3, &[frame("TXXX", 0, &body)], padding);
    let description = utf16(b"\x01\xFF\xFE", "isrc\0", u16::to_le_bytes);
    let old = [description, utf16(b"\xFF\xFE", A, u16::to_le_bytes)].concat();
    let longer = 1 + old.len() - 18;
    edit(
        &described(old, 1),
        &[write(NEW)],
        None,
        &described(latin(&format!("isrc\0{NEW}")), longer),
    );
}

#[test]
fn a_text_that_stays_is_kept_whatever_it_needs() {
    let tag = |body: &[u8], padding| Built::new(4, &[frame("TSRC", 0, body)], padding);
    let wide = |text: &str| {
        let strings = text.split('\0').map(|text| utf16(b"\xFF\xFE", text, u16::to_le_bytes));
        [b"\x01", &strings.collect::<Vec<_>>().join(&[0, 0][..])[..]].concat()
    };
    let keep = [Action::Keep, write(NEW)];
    // Latin-1 has the first text, and not the second one.
    let old = wide(&format!("d\u{e9}j\u{e0}\0{A}"));
    let new = [b"\0d\xE9j\xE0\0", NEW.as_bytes()].concat();
    let longer = old.len() - new.len();
    edit(&tag(&old, 0), &keep, None, &tag(&new, longer));
    let word = "\u{43a}\u{43e}\u{434}";
    let (old, new) = (wide(&format!("{word}\0{A}")), wide(&format!("{word}\0{NEW}")));
    edit(&tag(&old, 3), &keep, None, &tag(&new, 3));
    edit(
        &tag(&[b"\x03", word.as_bytes(), b"\0", A.as_bytes()].concat(), 60),
        &keep,
        None,
        &tag(&new, 60 - (new.len() - 20)),
    );
    refused(
        &tag(&[b"\x03\xFF\xFF\0", A.as_bytes()].concat(), 0),
        &keep,
        None,
        "a code's ID3v2 frame holds other text that cannot be read",
    );
}

/// What a broken writer left, by where it went wrong, in versions 3 and 4. Each is read, told, and written so that all
/// programs read it.
#[test]
fn a_wrong_encoding_is_read_told_and_not_written_again() {
    let bodies = [
        utf16(b"\x01", A, u16::to_le_bytes),
        utf16(b"\x01", A, u16::to_be_bytes),
        [utf16(b"\x01", A, u16::to_le_bytes), vec![0, 0]].concat(),
        [&b"\x01"[..], A.as_bytes()].concat(),
        [&b"\x02"[..], A.as_bytes()].concat(),
        [&b"\x04"[..], A.as_bytes()].concat(),
        [&b"\xFF"[..], A.as_bytes()].concat(),
        A.as_bytes().to_vec(),
        [A.as_bytes(), b"\0"].concat(),
        utf16(b"\0\xFF\xFE", A, u16::to_le_bytes),
        utf16(b"\x03\xFE\xFF", A, u16::to_be_bytes),
        utf16(b"\0", A, u16::to_le_bytes),
        utf16(b"\x07\xFF\xFE", A, u16::to_le_bytes),
        utf16(b"\xFF\xFE", A, u16::to_le_bytes),
    ];
    for version in [3, 4] {
        for body in &bodies {
            let file = file(&Built::new(version, &[title(), frame("TSRC", 0, body), title()], 40));
            let found = places(&walked(&file));
            let hidden = matches!(
                found[..],
                [Place {
                    standing: Standing::Hidden(_),
                    ..
                }]
            );
            assert!(hidden && found[0].text == A, "{body:x?}: {found:?}");
            let (new, _) = spliced(&file, &[write(A)], None).unwrap();
            let terminator =
                if body.ends_with(&[0, 0]) && body.len() % 2 == 1 || body.ends_with(b"1\0") && body[0] == b'Q' {
                    "\0"
                } else {
                    ""
                };
            let text = latin(&format!("{A}{terminator}"));
            let padding = 40 + body.len() - text.len();
            let expected = Built::new(version, &[title(), frame("TSRC", 0, &text), title()], padding);
            assert_eq!(new, self::file(&expected), "{body:x?}");
            assert_eq!(places(&walked(&new))[0].standing, Standing::Standard);
        }
    }
}

#[test]
fn false_flags_are_read_past_and_cleared() {
    for (version, flags) in [(3, 0x80), (3, 0x40), (3, 0x20), (3, 0x01), (3, 0x1F), (3, 0xE0)]
        .into_iter()
        .chain([0x01, 0x04, 0x08, 0x09, 0x40, 0x80, 0x10, 0x20, 0x4D].map(|flags| (4, flags)))
    {
        let tag =
            |flags, text: &str, padding| Built::new(version, &[title(), frame("TSRC", flags, &latin(text))], padding);
        let reason = "its frame has a flag that is not true or not known";
        texts(&tag(flags, A, 9), &[("id3v2:TSRC", A, Standing::Hidden(reason))]);
        edit(&tag(flags, A, 9), &[write(A)], None, &tag(0, A, 9));
        edit(&tag(flags, "QZ-ES5-16-00001", 9), &[write(A)], None, &tag(0, A, 12));
    }
    // What is no code is not made one by leaving flags out of account.
    let other = Built::new(3, &[title(), frame("TSRC", 0x80, &latin("no code"))], 9);
    refused(&other, &[], Some(A), "a code's ID3v2 frame cannot be decompressed");
}

#[test]
fn a_size_that_is_not_synchsafe_is_put_right() {
    for size in [0x80, 0xF5, 0xFF, 0x180, 0x4F5, 0x80FF] {
        let padding = |text: &str| size - title().len() - frame("TSRC", 0, &latin(text)).len();
        for version in [3, 4] {
            let tag = |text: &str| Built::new(version, &[title(), frame("TSRC", 0, &latin(text))], padding(text));
            let mut old = file(&tag("QZ-ES5-16-00001"));
            old[BEFORE.len() + 6..][..4].copy_from_slice(&(size as u32).to_be_bytes());
            let found = places(&walked(&old));
            assert_eq!(
                found[0].standing,
                Standing::Hidden("the size of its ID3v2 tag is not synchsafe")
            );
            let (new, _) = spliced(&old, &[write(A)], None).unwrap();
            assert_eq!(new, file(&tag(A)));
            // Where more than padding follows the frames, the size may be any.
            let end = old.len() - BEHIND.len() - 1;
            old[end] = b'x';
            let error = spliced(&old, &[write(A)], None).unwrap_err();
            assert_eq!(error.to_string(), "the size of its ID3v2 tag is not synchsafe");
        }
    }
}

#[test]
fn a_last_frame_that_is_cut_off_hides_no_code_in_front_of_it() {
    let broken = [b"APIC\0\x0F\xFF\xFF\0\0".as_slice(), &[7; 40]].concat();
    let tag = |text: &str| Built::new(3, &[title(), frame("TSRC", 0, &latin(text)), broken.clone()], 0);
    assert_eq!(walked(&file(&tag(A))).doubt(), None);
    edit(&tag("QZ-ES5-16-00001"), &[write(A)], None, &tag(A));
    edit(&tag(A), &[write(NEW)], None, &tag(NEW));
    let reason = "an ID3v2 frame claims more bytes than its tag has";
    let without = Built::new(3, &[title(), broken.clone()], 0);
    assert_eq!(walked(&file(&without)).doubt(), Some(reason));
    refused(&without, &[], Some(A), reason);
}

#[test]
fn flags_that_no_version_defines_stay() {
    for (version, flags) in [(2, 0x21), (3, 0x01), (3, 0x1F), (4, 0x01), (4, 0x0F)] {
        let tag = |text: &str, padding| {
            let name = if version == 2 { "TRC" } else { "TSRC" };
            Built::new(version, &[frame(name, 0, &latin(text))], padding).flags(flags)
        };
        edit(&tag("QZ-ES5-16-00001", 9), &[write(A)], None, &tag(A, 12));
    }
}

#[test]
fn a_new_frame_goes_in_front_of_the_others() {
    for version in [3, 4] {
        let with = |padding| Built::new(version, &[frame("TSRC", 0, &latin(NEW)), title()], padding);
        let without = |padding| Built::new(version, &[title()], padding);
        edit(&without(40), &[], Some(NEW), &with(17));
        edit(&without(23), &[], Some(NEW), &with(0));
        edit(&without(22), &[], Some(NEW), &with(1024));
        edit(&without(0), &[], Some(NEW), &with(1024));
    }
    let album = frame("TAL", 0, b"\0Album");
    edit(
        &Built::new(2, std::slice::from_ref(&album), 30),
        &[],
        Some(NEW),
        &Built::new(2, &[frame("TRC", 0, &latin(NEW)), album], 11),
    );
    // Extended headers stay in front of all frames, and right.
    for (version, flags) in [(3, 0), (3, 0x80), (4, 0), (4, 0x20), (4, 0x60)] {
        let tag = |frames: &[Vec<u8>], padding| Built::new(version, frames, padding).extended(flags);
        let code = frame("TSRC", 0, &latin(NEW));
        edit(&tag(&[title()], 40), &[], Some(NEW), &tag(&[code.clone(), title()], 17));
        let empty = frame("TCOM", 0, b"");
        edit(
            &tag(&[empty.clone(), title()], 2),
            &[],
            Some(NEW),
            &tag(&[code, empty, title()], 1024),
        );
    }
}

#[test]
fn an_empty_or_emptied_standard_frame_takes_the_new_code() {
    let tag = |text: &str, padding| Built::new(3, &[title(), frame("TSRC", 0, &latin(text)), title()], padding);
    let new = |padding| Built::new(3, &[frame("TSRC", 0, &latin(NEW)), title(), title()], padding);
    edit(&tag("", 12), &[], Some(NEW), &new(0));
    edit(&tag(A, 12), &[Action::Drop], Some(NEW), &new(12));
    edit(
        &tag(&format!("{A}\0{B}"), 12),
        &[Action::Drop, Action::Drop],
        Some(NEW),
        &new(25),
    );
    let bare = Built::new(3, &[frame("TSRC", 0, b"")], 13);
    edit(
        &bare,
        &[],
        Some(NEW),
        &Built::new(3, &[frame("TSRC", 0, &latin(NEW))], 0),
    );
}

#[test]
fn a_misplaced_code_goes_and_a_standard_one_comes() {
    let odd = frame("TXXX", 0, &[b"\0ISRC\0", A.as_bytes()].concat());
    edit(
        &Built::new(3, &[odd, title()], 0),
        &[Action::Drop],
        Some(A),
        &Built::new(3, &[frame("TSRC", 0, &latin(A)), title()], 5),
    );
}

#[test]
fn unsynchronised_tags_are_edited_as_they_are() {
    let jpeg = frame("APIC", 0, &[0xFF, 0, 0xFF, 0xFF, 0xE0, 0xFF, 0, 0, 0xFF]);
    for mark in [&b"\x01\xFF\xFE"[..], b"\x01\xFE\xFF"] {
        let unit = if mark[1] == 0xFF {
            u16::to_le_bytes
        } else {
            u16::to_be_bytes
        };
        let tag = |text: &str, padding| {
            let code = frame("TSRC", 0, &utf16(mark, text, unit));
            Built::new(3, &[jpeg.clone(), code, jpeg.clone()], padding).flags(0x80)
        };
        let plain = |padding| {
            let code = frame("TSRC", 0, &latin(A));
            Built::new(3, &[jpeg.clone(), code, jpeg.clone()], padding).flags(0x80)
        };
        let length = |text: &str| tag(text, 0).bytes().len() - plain(0).bytes().len();
        edit(
            &tag("QZ-ES5-16-00001", 4),
            &[write(A)],
            None,
            &plain(4 + length("QZ-ES5-16-00001")),
        );
        edit(&tag(A, 30), &[write(A)], None, &plain(30 + length(A)));
    }
    // The size field itself is unsynchronised, and ceases to be.
    let tag = |text: &str, padding| Built::new(3, &[title(), frame("TSRC", 0, &latin(text))], padding).flags(0x80);
    edit(&tag(&"x".repeat(254), 0), &[write(A)], None, &tag(A, 243));
    let tag = |frames: &[Vec<u8>], padding| Built::new(2, frames, padding).flags(0x80);
    let jpeg = frame("PIC", 0, &[0xFF, 0xFB, 0xFF, 1]);
    edit(
        &tag(std::slice::from_ref(&jpeg), 40),
        &[],
        Some(NEW),
        &tag(&[frame("TRC", 0, &latin(NEW)), jpeg], 21),
    );
}

#[test]
fn unsynchronised_frames_of_2_4_are_edited_as_they_are() {
    for mark in [&b"\x01\xFF\xFE"[..], b"\x01\xFE\xFF"] {
        let unit = if mark[1] == 0xFF {
            u16::to_le_bytes
        } else {
            u16::to_be_bytes
        };
        let tag = |text: &str, padding| {
            let body = utf16(mark, text, unit);
            let data = [&synchsafe(body.len())[..], &unsynchronised(&body)].concat();
            Built::new(4, &[frame4("TSRC", 0x03, &data), title()], padding)
        };
        texts(&tag(A, 3), &[("id3v2:TSRC", A, Standing::Standard)]);
        let plain = |padding| {
            let data = [&synchsafe(13)[..], &latin(A)].concat();
            Built::new(4, &[frame4("TSRC", 0x03, &data), title()], padding)
        };
        let length = |text: &str| tag(text, 0).bytes().len() - plain(0).bytes().len();
        edit(
            &tag("QZ-ES5-16-00001", 4),
            &[write(A)],
            None,
            &plain(4 + length("QZ-ES5-16-00001")),
        );
        edit(&tag(A, 30), &[write(A)], None, &plain(30 + length(A)));
    }
    let tag = |frames: &[Vec<u8>], padding| Built::new(4, frames, padding).flags(0x80);
    let title = frame("TIT2", 2, b"\0A title");
    edit(
        &tag(std::slice::from_ref(&title), 30),
        &[],
        Some(NEW),
        &tag(&[frame("TSRC", 2, &latin(NEW)), title], 7),
    );
}

#[test]
fn grouped_and_measured_frames_keep_their_flags() {
    let v3 = |text: &str, padding| Built::new(3, &[frame("TSRC", 0x20, &[b"g", &latin(text)[..]].concat())], padding);
    edit(&v3("QZ-ES5-16-00001", 0), &[write(A)], None, &v3(A, 3));
    let v4 = |text: &str, padding| {
        let body = latin(text);
        Built::new(
            4,
            &[frame("TSRC", 0x41, &[b"g", &synchsafe(body.len())[..], &body].concat())],
            padding,
        )
    };
    edit(&v4("QZ-ES5-16-00001", 0), &[write(A)], None, &v4(A, 3));
    let wrong = Built::new(4, &[frame("TSRC", 0x01, &[&[0, 0, 0, 99][..], &latin(A)].concat())], 0);
    refused(
        &wrong,
        &[write(NEW)],
        None,
        "a code's ID3v2 frame has a wrong data length",
    );
}

#[test]
fn compressed_frames_are_read_and_written() {
    let v3 = |text: &str| {
        let body = latin(text);
        let data = [
            &(body.len() as u32).to_be_bytes()[..],
            &compression::deflate(&body).unwrap(),
        ]
        .concat();
        frame("TSRC", 0x80, &data)
    };
    let v4 = |text: &str| {
        let body = latin(text);
        frame(
            "TSRC",
            0x09,
            &[&synchsafe(body.len())[..], &compression::deflate(&body).unwrap()].concat(),
        )
    };
    for (version, code) in [(3, v3 as fn(&str) -> Vec<u8>), (4, v4)] {
        let old = Built::new(version, &[title(), code("QZ-ES5-16-00001")], 20);
        texts(&old, &[("id3v2:TSRC", "QZ-ES5-16-00001", Standing::Standard)]);
        let shorter = code("QZ-ES5-16-00001").len() - code(A).len();
        edit(
            &old,
            &[write(A)],
            None,
            &Built::new(version, &[title(), code(A)], 20 + shorter),
        );
    }
    let broken = Built::new(3, &[frame("TSRC", 0x80, b"\0\0\0\x0Dnot zlib")], 0);
    texts(&broken, &[]);
    refused(&broken, &[], Some(A), "a code's ID3v2 frame cannot be decompressed");
}

#[test]
fn frames_that_cannot_be_read_refuse_the_edit() {
    let tag = |code: Vec<u8>| Built::new(4, &[title(), code], 30);
    let encrypted = tag(frame("TSRC", 0x04, b"\x80scrambled"));
    texts(&encrypted, &[]);
    refused(&encrypted, &[], Some(A), "a code's ID3v2 frame is encrypted");
    let unknown = tag(frame("TSRC", 0x10, &latin("text")));
    refused(&unknown, &[], Some(A), "a code's ID3v2 frame has unknown flags");
    let encoding = tag(frame("TSRC", 0, b"text"));
    refused(
        &encoding,
        &[],
        Some(A),
        "a code's ID3v2 frame has no known text encoding",
    );
    let locked = tag(frame("TSRC", 0x1000, &latin(A)));
    refused(&locked, &[write(NEW)], None, "a code's ID3v2 frame is marked read-only");
    let mut signed = tag(frame("TSRC", 0x40, &[b"g", &latin(A)[..]].concat()));
    signed.frames.push(frame("SIGN", 0, b"gsignature"));
    refused(
        &signed,
        &[write(NEW)],
        None,
        "a code's ID3v2 frame is covered by a signature",
    );
    let mixed = [
        utf16(b"\x01\xFF\xFE", "QZ\0", u16::to_le_bytes),
        utf16(b"\xFE\xFF", "QX", u16::to_be_bytes),
    ];
    let both = Built::new(4, &[title(), frame("TSRC", 0, &latin(&format!("{NEW}\0QX")))], 29);
    edit(
        &tag(frame("TSRC", 0, &mixed.concat())),
        &[write(NEW), Action::Keep],
        None,
        &both,
    );
}

#[test]
fn extended_headers_are_kept_right() {
    let v3 =
        |flags, text: &str, padding| Built::new(3, &[frame("TSRC", 0, &latin(text)), title()], padding).extended(flags);
    let v4 =
        |flags, text: &str, padding| Built::new(4, &[frame("TSRC", 0, &latin(text)), title()], padding).extended(flags);
    for flags in [0, 0x80] {
        edit(&v3(flags, "QZ-ES5-16-00001", 20), &[write(A)], None, &v3(flags, A, 23));
        edit(&v3(flags, "QZ", 3), &[write(A)], None, &v3(flags, A, 1024));
        edit(&v3(flags, A, 3), &[write(NEW)], None, &v3(flags, NEW, 3));
    }
    for flags in [0, 0x20, 0x40, 0x60, 0x70] {
        edit(&v4(flags, "QZ-ES5-16-00001", 20), &[write(A)], None, &v4(flags, A, 23));
        edit(&v4(flags, "QZ", 3), &[write(A)], None, &v4(flags, A, 1024));
        edit(&v4(flags, A, 3), &[write(NEW)], None, &v4(flags, NEW, 3));
    }
    let frames = [
        frame("APIC", 0, &[0xFF, 0, 0xFF, 0xE0]),
        frame("TSRC", 0, &latin("QZ-ES5-16-00001")),
    ];
    let after = [frames[0].clone(), frame("TSRC", 0, &latin(A))];
    let unsynchronised = |frames: &[Vec<u8>], padding| Built::new(3, frames, padding).extended(0x80).flags(0xC0);
    edit(
        &unsynchronised(&frames, 20),
        &[write(A)],
        None,
        &unsynchronised(&after, 23),
    );
}

#[test]
fn a_wrong_checksum_refuses_the_edit() {
    for (version, flags) in [(3, 0x80), (4, 0x20)] {
        let tag = Built::new(version, &[frame("TSRC", 0, &latin(A)), title()], 20).extended(flags);
        let mut file = file(&tag);
        let title = file.windows(7).position(|text| text == b"A title").unwrap();
        file[title] = b'B';
        let error = spliced(&file, &[write(NEW)], None).unwrap_err();
        assert_eq!(error.to_string(), "the checksum of an ID3v2 tag is wrong");
    }
}

#[test]
fn declared_restrictions_are_kept() {
    let full = |count: usize| Built::new(4, &vec![title(); count], 100).extended(0x10);
    let mut more = full(31);
    more.frames.insert(0, frame("TSRC", 0, &latin(A)));
    more.padding.resize(77, 0);
    edit(&full(31), &[], Some(A), &more);
    refused(
        &full(32),
        &[],
        Some(A),
        "an ID3v2 tag would grow beyond the restrictions that it declares",
    );
}

#[test]
fn an_announced_but_missing_extended_header_is_forgiven() {
    for version in [3, 4] {
        let tag = |text: &str, padding| Built::new(version, &[frame("TSRC", 0, &latin(text))], padding);
        let reason = "its tag announces an extended header that it does not have";
        texts(&tag(A, 9).flags(0x40), &[("id3v2:TSRC", A, Standing::Hidden(reason))]);
        edit(&tag("QZ-ES5-16-00001", 0).flags(0x40), &[write(A)], None, &tag(A, 3));
        edit(&tag(A, 9).flags(0x40), &[write(A)], None, &tag(A, 9));
    }
}

#[test]
fn a_tag_with_a_footer_gets_no_padding() {
    let tag = |frames: &[Vec<u8>]| Built::new(4, frames, 0).flags(0x10);
    let code = |text: &str| frame("TSRC", 0, &latin(text));
    edit(
        &tag(&[code("QZ-ES5-16-00001"), title()]),
        &[write(A)],
        None,
        &tag(&[code(A), title()]),
    );
    edit(&tag(&[title()]), &[], Some(A), &tag(&[code(A), title()]));
    edit(&tag(&[code(A), title()]), &[Action::Drop], None, &tag(&[title()]));
}

#[test]
fn what_is_not_understood_stays_together() {
    // No frame follows the title: nothing may come between the two, and nothing be taken for padding.
    let junk = b"\x01\x02junk that is no frame".to_vec();
    let tag = |frames: &[Vec<u8>]| Built::new(3, frames, 0);
    let code = |text: &str| frame("TSRC", 0, &latin(text));
    edit(
        &tag(&[code("QZ-ES5-16-00001"), title(), junk.clone()]),
        &[write(A)],
        None,
        &tag(&[code(A), title(), junk.clone()]),
    );
    edit(
        &tag(&[title(), junk.clone()]),
        &[],
        Some(A),
        &tag(&[code(A), title(), junk.clone()]),
    );
    // Something is in the padding: the zeros before it are used as long as enough are left.
    let padded = |frames: &[Vec<u8>], zeros: usize| {
        let mut tag = Built::new(3, frames, zeros);
        tag.padding.extend(b"something");
        tag
    };
    edit(&padded(&[title()], 40), &[], Some(A), &padded(&[code(A), title()], 17));
    edit(
        &padded(&[title()], 32),
        &[],
        Some(A),
        &padded(&[code(A), title()], 1024),
    );
}

#[test]
fn a_new_tag_holds_the_code_and_padding() {
    let tag = new_tag(isrc(A), 100);
    assert_eq!(tag, Built::new(3, &[frame("TSRC", 0, &latin(A))], 100).bytes());
}

/// As some programs write it: the sizes in an unsynchronised tag count its zero bytes. What then follows is read by mutagen and
/// ffmpeg, and not by kid3 and ExifTool.
#[test]
fn a_size_that_counts_unsynchronisation_is_refused() {
    let picture = |more: u8| {
        let mut picture = frame(
            "APIC",
            0,
            &[&b"\0image/png\0\x03\0"[..], &[0xFF, 0, 1].repeat(40)].concat(),
        );
        picture[7] += more;
        picture
    };
    let tag = |more| Built::new(3, &[picture(more), frame("TSRC", 0, &latin(A)), title()], 60).flags(0x80);
    assert_eq!(places(&walked(&file(&tag(0)))).len(), 1);
    refused(
        &tag(40),
        &[],
        Some(NEW),
        "an ID3v2 frame's size can be read in two ways, and programs differ in it",
    );
    assert!(walked(&file(&tag(40))).doubt().is_some());
}
