use super::*;

/// Every kind of tag in this file, for the hostile tests.
fn zoo() -> Vec<Vec<u8>> {
    let code = frame("TSRC", 0, &latin(A));
    let wide = frame(
        "TSRC",
        0,
        &utf16(b"\x01\xFF\xFE", "QZ-ES5-16-00001\0QZ", u16::to_le_bytes),
    );
    let packed = [&[0, 0, 0, 13][..], &compression::deflate(&latin(A)).unwrap()].concat();
    let odd = frame("TXXX", 0, &[b"\0ISRC\0", A.as_bytes()].concat());
    [
        Built::new(2, &[frame("TRC", 0, &latin(A)), frame("PIC", 0, &[0xFF, 0])], 8).flags(0x80),
        Built::new(3, &[title(), code.clone(), odd.clone()], 20),
        Built::new(3, &[wide.clone(), title()], 20).flags(0x80),
        Built::new(3, &[frame("TSRC", 0x80, &packed), title()], 2).extended(0x80),
        Built::new(4, &[frame("TSRC", 0x09, &packed), picture(150), code.clone()], 4).extended(0x70),
        Built::new(4, &[odd, code, wide], 0).flags(0x10),
    ]
    .iter()
    .map(file)
    .collect()
}

/// Whatever the bytes, no panic; and if an edit is possible, nothing in front of or behind the tag changes.
fn try_all(file: &[u8]) {
    let bytes = file.to_vec();
    let mut source = Source::new(&bytes);
    for at in [0, BEFORE.len() as u64] {
        let Ok(Some(tag)) = walk(&mut source, at, file.len() as u64) else {
            continue;
        };
        let count = tag.values.len();
        assert_eq!(places(&tag).len(), count);
        let mut changes = vec![(vec![Action::Drop; count], None), (vec![write(NEW); count], None)];
        changes.push((vec![Action::Keep; count], Some(isrc(NEW))));
        changes.push((vec![Action::Drop; count], Some(isrc(NEW))));
        for (actions, create) in changes {
            let Ok(patches) = tag.splice(&mut source, &actions, create) else {
                continue;
            };
            let new = applied(file, &patches);
            assert_eq!(new[..at as usize], file[..at as usize]);
            assert!(new.ends_with(&file[tag.range.end as usize..]));
        }
    }
}

#[test]
fn cut_files_never_panic() {
    for file in zoo() {
        for end in 0..file.len() {
            try_all(&file[..end]);
        }
    }
}

#[test]
fn changed_bytes_never_panic() {
    let mut state = 7u32;
    for file in zoo() {
        for at in 0..file.len() {
            for _ in 0..6 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let mut file = file.clone();
                file[at] = (state >> 24) as u8;
                try_all(&file);
            }
        }
    }
}

#[test]
fn lying_sizes_never_panic() {
    for file in zoo() {
        for at in 0..file.len().saturating_sub(4) {
            for size in [0u32, 0x7F7F_7F7F, 1 << 31, u32::MAX] {
                let mut file = file.clone();
                file[at..at + 4].copy_from_slice(&size.to_be_bytes());
                try_all(&file);
            }
        }
    }
}

#[test]
fn what_hides_codes_is_doubted() {
    let code = || frame("TSRC", 0, &latin(A));
    let built = |frames: &[Vec<u8>]| file(&Built::new(3, frames, 20));
    check(&built(&[title(), code()]), None);
    let mut beyond = code();
    beyond[4..8].copy_from_slice(&[0xFF; 4]);
    check(
        &built(&[title(), beyond]),
        Some("an ID3v2 frame claims more bytes than its tag has"),
    );
    check(
        &built(&[frame("TSRC", 0, b"\x09text")]),
        Some("a code's ID3v2 frame has no known text encoding"),
    );
    // Too much for a code, however little it takes in the file.
    let bomb = [&[0, 1, 0, 0][..], &compression::deflate(&[0; 65_536]).unwrap()].concat();
    check(
        &built(&[frame("TSRC", 0x80, &bomb)]),
        Some("a code's ID3v2 frame cannot be decompressed"),
    );
    // Junk in the padding is no frame.
    let mut junk = Built::new(3, &[title(), code()], 0);
    junk.padding = b"MP3ext V3.3.17 and something else".to_vec();
    check(&file(&junk), None);

    #[track_caller]
    fn check(file: &[u8], doubt: Option<&str>) {
        let bytes = file.to_vec();
        let tag = walk(&mut Source::new(&bytes), BEFORE.len() as u64, bytes.len() as u64).unwrap();
        assert_eq!(tag.unwrap().doubt(), doubt);
    }
}
