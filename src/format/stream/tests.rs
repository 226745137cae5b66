use super::*;
use crate::bytes::pieces::applied;
use crate::format::place::Action;
use crate::format::stream::identify::identify;
use crate::format::testing::{apev2, assert_kept, isrc, write};
use crate::format::{self, Located};

const A: &str = "QZES51600001";
const B: &str = "QZES51600002";
const NEW: &str = "USRC17607839";

fn synchsafe(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift & 0x7F) as u8)
}

/// An ID3v2.3 tag, or an ID3v2.4 tag with a footer, with one TSRC frame if there is a code.
fn id3v2(code: Option<&str>, padding: Option<usize>) -> Vec<u8> {
    let frame = code.map_or(Vec::new(), |code| {
        [&b"TSRC\0\0\0"[..], &[code.len() as u8 + 1, 0, 0, 0], code.as_bytes()].concat()
    });
    let size = synchsafe(frame.len() + padding.unwrap_or(0));
    let head = match padding {
        Some(_) => [&b"\x03\0\0"[..], &size].concat(),
        None => [&b"\x04\0\x10"[..], &size].concat(),
    };
    let footer = match padding {
        Some(count) => vec![0; count],
        None => [b"3DI", &head[..]].concat(),
    };
    [b"ID3", &head[..], &frame, &footer].concat()
}

fn ape(code: Option<&str>) -> Vec<u8> {
    let title = ("Title", "A title");
    match code {
        Some(code) => apev2(&[title, ("ISRC", code)]),
        None => apev2(&[title]),
    }
}

fn id3v1() -> Vec<u8> {
    let mut tag = b"TAGA title".to_vec();
    tag.resize(128, b' ');
    tag
}

fn id3v1_extended() -> Vec<u8> {
    let mut tag = b"TAG+A title".to_vec();
    tag.resize(227, b' ');
    [tag, id3v1()].concat()
}

fn lyrics3_v2() -> Vec<u8> {
    let body = b"LYRICSBEGININD0000200LYR00005words";
    [&body[..], format!("{:06}", body.len()).as_bytes(), b"LYRICS200"].concat()
}

fn lyrics3_v1() -> Vec<u8> {
    b"LYRICSBEGINwords of a songLYRICSEND".to_vec()
}

/// Five frames of MPEG 1, layer 3, 128 kbit/s.
fn mp3() -> Vec<u8> {
    let mut frame = vec![0xFF, 0xFB, 0x90, 0x00];
    frame.resize(417, 0);
    frame.repeat(5)
}

fn aac() -> Vec<u8> {
    let mut frame = vec![0xFF, 0xF1, 0x50, 0x80, 0x0C, 0x9F];
    frame.resize(100, 0x55);
    frame.repeat(5)
}

fn starting(magic: &[u8]) -> Vec<u8> {
    let mut audio = magic.to_vec();
    audio.resize(700, 0x33);
    audio
}

fn ape_formats() -> Vec<(Format, Vec<u8>)> {
    vec![
        (Format::WavPack, starting(b"wvpk")),
        (Format::MonkeysAudio, starting(b"MAC ")),
        (Format::Musepack, starting(b"MP+\x07")),
        (Format::Musepack, starting(b"MPCK")),
        (Format::Tak, starting(b"tBaK")),
        (Format::OptimFrog, starting(b"OFR ")),
    ]
}

fn id3_formats() -> Vec<(Format, Vec<u8>)> {
    vec![(Format::Mp3, mp3()), (Format::Tta, starting(b"TTA1"))]
}

fn located(file: &[u8]) -> Result<Located, ReadError> {
    format::locate(&mut Source::new(&file.to_vec()), None)
}

#[track_caller]
fn found(file: &[u8], format: Format, expected: &[(&str, &str, Standing)]) {
    let located = located(file).unwrap();
    assert_eq!(located.format, format);
    let places: Vec<(String, String, Standing)> = located
        .places
        .iter()
        .map(|place| (place.name.to_string(), place.text.clone(), place.standing))
        .collect();
    let expected: Vec<(String, String, Standing)> = expected
        .iter()
        .map(|&(name, text, standing)| (name.into(), text.into(), standing))
        .collect();
    assert_eq!(places, expected);
    let items: Vec<u32> = located.places.iter().map(|place| place.item).collect();
    assert!(items.is_sorted());
}

fn spliced(file: &[u8], actions: &[Action], create: Option<&str>) -> Result<Vec<u8>, SpliceError> {
    let bytes = file.to_vec();
    let change = Change {
        actions: actions.to_vec(),
        create: create.map(isrc),
        ..Change::default()
    };
    let walked = format::walk(&mut Source::new(&bytes), None)?;
    let splice = format::edit(&mut Source::new(&bytes), &walked, &change)?;
    assert_kept(file, &splice);
    Ok(applied(file, &splice.patches))
}

#[track_caller]
fn edit(before: &[Vec<u8>], actions: &[Action], create: Option<&str>, after: &[Vec<u8>]) {
    let new = spliced(&before.concat(), actions, create).unwrap();
    assert_eq!(new, after.concat());
    let asked: Vec<String> = located(&before.concat())
        .unwrap()
        .places
        .iter()
        .zip(actions)
        .filter_map(|(place, action)| match action {
            Action::Keep => Some(place.text.clone()),
            Action::Write(isrc) => Some(isrc.to_string()),
            Action::Drop => None,
        })
        .collect();
    let mut stand: Vec<String> = located(&new)
        .unwrap()
        .places
        .into_iter()
        .map(|place| place.text)
        .collect();
    if let Some(code) = create {
        let created = stand.iter().position(|text| text == code).unwrap();
        stand.remove(created);
    }
    assert_eq!(stand, asked);
}

use Standing::{Odd, Standard};

#[test]
fn the_own_tag_is_the_standard_place() {
    for (format, audio) in id3_formats() {
        let file = [id3v2(Some(A), Some(5)), audio, ape(Some(B))].concat();
        found(&file, format, &[("id3v2:TSRC", A, Standard), ("apev2:ISRC", B, Odd)]);
    }
    for (format, audio) in ape_formats() {
        let file = [id3v2(Some(A), Some(5)), audio, ape(Some(B))].concat();
        found(&file, format, &[("id3v2:TSRC", A, Odd), ("apev2:ISRC", B, Standard)]);
    }
}

#[test]
fn aac_has_its_code_in_either_tag_and_gets_a_new_one_behind() {
    let both = [id3v2(Some(A), Some(5)), aac(), ape(Some(B))].concat();
    found(
        &both,
        Format::Aac,
        &[("id3v2:TSRC", A, Standard), ("apev2:ISRC", B, Standard)],
    );
    found(
        &[aac(), ape(Some(B))].concat(),
        Format::Aac,
        &[("apev2:ISRC", B, Standard)],
    );
    let second = [id3v2(None, Some(5)), id3v2(Some(A), Some(5)), aac()].concat();
    found(&second, Format::Aac, &[("id3v2:TSRC", A, Odd)]);
    let new = || apev2::new_tag(isrc(NEW));
    edit(&[aac()], &[], Some(NEW), &[aac(), new()]);
    edit(&[aac(), id3v1()], &[], Some(NEW), &[aac(), new(), id3v1()]);
    edit(
        &[id3v2(None, Some(30)), aac()],
        &[],
        Some(NEW),
        &[id3v2(None, Some(30)), aac(), new()],
    );
    let taken = spliced(&[aac(), ape(None)].concat(), &[], Some(NEW)).unwrap();
    found(&taken, Format::Aac, &[("apev2:ISRC", NEW, Standard)]);
}

#[test]
fn tags_behind_are_found_in_any_order() {
    let tails: [&[Vec<u8>]; 12] = [
        &[ape(Some(A))],
        &[ape(Some(A)), id3v1()],
        &[ape(Some(A)), id3v1_extended()],
        &[ape(Some(A)), lyrics3_v2(), id3v1()],
        &[ape(Some(A)), lyrics3_v1(), id3v1()],
        &[ape(Some(A)), lyrics3_v2()],
        &[lyrics3_v2(), ape(Some(A)), id3v1()],
        &[id3v1(), ape(Some(A))],
        &[lyrics3_v2(), id3v1(), ape(Some(A))],
        &[ape(Some(A)), id3v2(None, None), id3v1()],
        &[id3v2(None, None), ape(Some(A)), id3v1()],
        &[ape(Some(A)), id3v2(None, None)],
    ];
    for tail in tails {
        let file = [&[mp3()], tail].concat().concat();
        found(&file, Format::Mp3, &[("apev2:ISRC", A, Odd)]);
        // The audio ends where the first tag starts.
        let bytes = file.clone();
        let mut source = Source::new(&bytes);
        let front = identify(&mut source, None).unwrap();
        assert_eq!(structure(&mut source, &front).unwrap().audio, 0..mp3().len() as u64);
    }
}

#[test]
fn an_appended_tag_is_odd() {
    for tail in [vec![], id3v1()] {
        let file = [mp3(), id3v2(Some(A), None), tail].concat();
        found(&file, Format::Mp3, &[("id3v2:TSRC", A, Odd)]);
    }
}

#[test]
fn of_several_tags_the_one_that_programs_read_is_standard() {
    let file = [id3v2(Some(A), Some(0)), id3v2(Some(B), Some(9)), mp3()].concat();
    found(
        &file,
        Format::Mp3,
        &[("id3v2:TSRC", A, Standard), ("id3v2:TSRC", B, Odd)],
    );
    let file = [starting(b"wvpk"), ape(Some(A)), id3v1(), ape(Some(B))].concat();
    found(
        &file,
        Format::WavPack,
        &[("apev2:ISRC", A, Odd), ("apev2:ISRC", B, Standard)],
    );
    let file = [ape(Some(A)), starting(b"MAC ")].concat();
    found(&file, Format::MonkeysAudio, &[("apev2:ISRC", A, Odd)]);
    let file = [ape(Some(A)), starting(b"MAC "), ape(Some(B))].concat();
    found(
        &file,
        Format::MonkeysAudio,
        &[("apev2:ISRC", A, Odd), ("apev2:ISRC", B, Standard)],
    );
    let file = [ape(Some(A)), id3v2(Some(B), Some(0)), mp3()].concat();
    let hidden = Standing::Hidden("a tag of another kind stands in front of it");
    found(&file, Format::Mp3, &[("apev2:ISRC", A, Odd), ("id3v2:TSRC", B, hidden)]);
}

#[test]
fn every_place_is_written_where_it_stands() {
    let aac = [(Format::Aac, aac())];
    for (_, audio) in id3_formats().into_iter().chain(ape_formats()).chain(aac) {
        let file = |front: &str, behind: &str, padding| {
            vec![
                id3v2(Some(front), Some(padding)),
                audio.clone(),
                ape(Some(behind)),
                lyrics3_v2(),
                id3v1(),
            ]
        };
        edit(&file(A, B, 7), &[write(NEW), write(NEW)], None, &file(NEW, NEW, 7));
        edit(
            &file("qz-es5-16-00001", "QZ", 0),
            &[write(A), write(B)],
            None,
            &file(A, B, 3),
        );
        edit(&file("QZ", B, 0), &[write(A), Action::Keep], None, &file(A, B, 1024));
        edit(&file(A, B, 7), &[Action::Keep, Action::Keep], None, &file(A, B, 7));
        let gone = vec![id3v2(None, Some(29)), audio.clone(), ape(None), lyrics3_v2(), id3v1()];
        edit(&file(A, B, 6), &[Action::Drop, Action::Drop], None, &gone);
    }
}

#[test]
fn a_new_code_goes_to_the_own_tag_or_to_a_new_one() {
    for (_, audio) in id3_formats() {
        let audio = || audio.clone();
        edit(&[audio()], &[], Some(NEW), &[id3v2(Some(NEW), Some(1024)), audio()]);
        edit(
            &[audio(), id3v1()],
            &[],
            Some(NEW),
            &[id3v2(Some(NEW), Some(1024)), audio(), id3v1()],
        );
        edit(
            &[audio(), ape(Some(A))],
            &[write(NEW)],
            Some(NEW),
            &[id3v2(Some(NEW), Some(1024)), audio(), ape(Some(NEW))],
        );
        edit(
            &[id3v2(None, Some(30)), audio()],
            &[],
            Some(NEW),
            &[id3v2(Some(NEW), Some(7)), audio()],
        );
        edit(
            &[id3v2(None, Some(3)), audio()],
            &[],
            Some(NEW),
            &[id3v2(Some(NEW), Some(1024)), audio()],
        );
    }
    for (_, audio) in ape_formats() {
        let audio = || audio.clone();
        let new = || apev2::new_tag(isrc(NEW));
        edit(&[audio()], &[], Some(NEW), &[audio(), new()]);
        edit(&[audio(), id3v1()], &[], Some(NEW), &[audio(), new(), id3v1()]);
        edit(
            &[audio(), lyrics3_v2(), id3v1()],
            &[],
            Some(NEW),
            &[audio(), new(), lyrics3_v2(), id3v1()],
        );
        edit(
            &[audio(), ape(None), id3v1()],
            &[],
            Some(NEW),
            &[audio(), ape(Some(NEW)), id3v1()],
        );
        edit(
            &[id3v2(Some(A), Some(3)), audio()],
            &[Action::Keep],
            Some(NEW),
            &[id3v2(Some(A), Some(3)), audio(), new()],
        );
    }
}

#[test]
fn junk_and_zeros_in_front_stay() {
    let junk = || b"some junk, but less than a frame of it".to_vec();
    edit(
        &[id3v2(Some(A), Some(3)), junk(), mp3()],
        &[write(NEW)],
        None,
        &[id3v2(Some(NEW), Some(3)), junk(), mp3()],
    );
    edit(
        &[junk(), mp3()],
        &[],
        Some(NEW),
        &[id3v2(Some(NEW), Some(1024)), junk(), mp3()],
    );
    edit(
        &[id3v2(Some("QZ"), Some(0)), vec![0; 3000], mp3()],
        &[write(A)],
        None,
        &[id3v2(Some(A), Some(1024)), vec![0; 3000], mp3()],
    );
    // A tag behind junk takes the code, as a new one would hide it.
    edit(
        &[junk(), id3v2(None, Some(23)), mp3()],
        &[],
        Some(NEW),
        &[junk(), id3v2(Some(NEW), Some(0)), mp3()],
    );
}

#[test]
fn an_edit_of_a_damaged_file_is_refused() {
    let mut file = [id3v2(Some(A), Some(3)), mp3(), ape(Some(A))].concat();
    let size = file.len() - 20;
    let header = size - 32 - ape(Some(A)).len() + 64;
    file[header + 4] = 0;
    file[header] ^= 1;
    let error = spliced(&file, &[Action::Keep, write(NEW)], None).unwrap_err();
    assert_eq!(error.to_string(), "an APEv2 tag's header contradicts its footer");
    // The other tag is sound, and may be edited alone.
    assert!(spliced(&file, &[write(NEW), Action::Keep], None).is_ok());
    let error = spliced(&file, &[write(NEW)], None).unwrap_err();
    assert_eq!(error.to_string(), "the file has changed since the edit was planned");
}

#[test]
fn a_lyrics_tag_whose_size_is_wrong_hides_no_tag_in_front_of_it() {
    let places = |lyrics: &[u8]| {
        let file = [mp3(), ape(Some(A)), lyrics.to_vec(), id3v1()].concat();
        let found = crate::format::locate(&mut Source::new(&file), Some("mp3")).unwrap();
        (found.places.len(), found.doubt)
    };
    for size in ["999999", "000003", "what  "] {
        let wrong = [b"LYRICSBEGININD0000200", size.as_bytes(), b"LYRICS200"].concat();
        assert_eq!(places(&wrong), (1, None), "{size}");
    }
    let lost = Some("a Lyrics3 tag at its end does not begin where it says");
    assert_eq!(places(b"IND0000200000010LYRICS200"), (0, lost));
    assert_eq!(places(b"words without a beginningLYRICSEND"), (0, lost));
}

#[test]
fn few_reads_serve_a_usual_file() {
    struct Counted<'a>(&'a [u8], std::cell::Cell<(u32, usize)>);
    impl crate::bytes::source::ReadAt for Counted<'_> {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
            let (reads, bytes) = self.1.get();
            self.1.set((reads + 1, bytes + buffer.len()));
            self.0.read_at(buffer, offset)
        }
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
    }
    let mut picture = b"APIC\0\x03\x0D\x40\0\0".to_vec();
    picture.resize(10 + 200_000, 9);
    let mut tag = id3v2(Some(A), Some(0));
    tag.extend(picture);
    tag.extend([0; 1500]);
    let size = synchsafe(tag.len() - 10);
    tag[6..10].copy_from_slice(&size);
    let big = [tag, mp3().repeat(300), id3v1()].concat();
    let plain = [id3v2(Some(A), Some(2000)), mp3().repeat(300), ape(Some(A)), id3v1()].concat();
    let none = mp3().repeat(300);
    for (file, most) in [(big, 3), (plain, 2), (none, 2)] {
        let counted = Counted(&file, std::cell::Cell::default());
        format::locate(&mut Source::new(&counted), Some("mp3")).unwrap();
        let (reads, bytes) = counted.1.get();
        assert!(reads <= most && bytes <= 8 * 1024, "{reads} reads, {bytes} bytes");
    }
}

/// Whatever the bytes, no panic; and if an edit is possible, all audio stays (checked by `spliced`).
fn try_all(file: &[u8]) {
    let Ok(located) = located(file) else { return };
    let count = located.places.len();
    for (action, create) in [
        (Action::Drop, None),
        (write(NEW), None),
        (Action::Keep, Some(NEW)),
        (Action::Drop, Some(NEW)),
    ] {
        if let Ok(new) = spliced(file, &vec![action; count], create) {
            assert!(!new.is_empty());
        }
    }
}

fn zoo() -> Vec<Vec<u8>> {
    vec![
        [
            id3v2(Some(A), Some(3)),
            mp3(),
            id3v2(Some(B), None),
            ape(Some(A)),
            lyrics3_v2(),
            id3v1(),
        ]
        .concat(),
        [starting(b"wvpk"), ape(Some(A)), lyrics3_v1(), id3v1_extended()].concat(),
        [ape(Some(A)), id3v2(Some(A), Some(0)), aac(), lyrics3_v1()].concat(),
        [b"junk".to_vec(), id3v2(Some(A), Some(0)), b"junk".to_vec(), mp3()].concat(),
    ]
}

#[test]
fn cut_files_never_panic() {
    for file in zoo() {
        for at in 0..file.len() {
            try_all(&file[..at]);
        }
    }
}

#[test]
fn changed_bytes_never_panic() {
    let mut state = 5u32;
    for file in zoo() {
        for at in 0..file.len() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mut file = file.clone();
            file[at] = (state >> 24) as u8;
            try_all(&file);
        }
    }
}

#[test]
fn a_torn_tag_at_the_end_is_doubted_and_nothing_is_put_behind_it() {
    let torn = "an APEv2 tag at its end is cut short, or what stands behind it";
    let whole = ape(Some(A));
    let large = [&whole[..whole.len() - 32], &[b'x'; 20_000]].concat();
    let large = [&large[..12], &30_000u32.to_le_bytes(), &large[16..]].concat();
    for (_, audio) in ape_formats() {
        for tag in [
            &whole[..whole.len() - 8],
            &whole[..whole.len() - 40],
            &whole[whole.len() - 32..][..20],
            &large,
        ] {
            let file = [&audio[..], tag].concat();
            assert_eq!(located(&file).unwrap().doubt, Some(torn));
            assert_eq!(spliced(&file, &[], Some(NEW)).unwrap_err().to_string(), torn);
        }
        assert_eq!(located(&[&audio[..], &whole].concat()).unwrap().doubt, None);
        assert_eq!(located(&[&audio[..], &whole, &id3v1()].concat()).unwrap().doubt, None);
        assert_eq!(located(&audio).unwrap().doubt, None);
    }
    let id3v1 = id3v1();
    for audio in [mp3(), starting(b"MAC ")] {
        for tail in [&whole[..whole.len() - 8], &[&whole, &id3v1[..127]].concat()] {
            let file = [&audio[..], tail].concat();
            assert_eq!(located(&file).unwrap().doubt, Some(torn));
        }
    }
    let appended = id3v2(Some(A), None);
    let file = [&mp3()[..], &appended[..appended.len() - 1]].concat();
    let torn = "an ID3v2 tag at its end is cut short";
    assert_eq!(located(&file).unwrap().doubt, Some(torn));
    assert_eq!(located(&[mp3(), appended].concat()).unwrap().doubt, None);
}

#[test]
fn items_that_do_not_add_up_are_doubted() {
    let mut tag = ape(None);
    tag[32] = 200;
    let file = [mp3(), tag].concat();
    assert_eq!(
        located(&file).unwrap().doubt,
        Some("an APEv2 tag's items do not add up")
    );
    // A wrong number of items hides none of them.
    let mut tag = ape(Some(A));
    let footer = tag.len() - 32;
    (tag[16], tag[footer + 16]) = (9, 9);
    let located = located(&[mp3(), tag].concat()).unwrap();
    assert_eq!((located.places[0].text.as_str(), located.doubt), (A, None));
}
