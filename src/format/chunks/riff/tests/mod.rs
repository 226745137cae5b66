use super::*;
use crate::format::Format;
use crate::format::chunks::testing::*;
use crate::format::place::{Access, Standing};

mod odd;

const WAV: Container = Container(Format::Wav);

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    le(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

fn rf64(chunks: &[Vec<u8>]) -> Vec<u8> {
    rf64_with(1000, chunks)
}

fn rf64_with(length: u64, chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    let whole = 4 + 36 + chunks.len() as u64;
    let long = [whole, length, 250].map(u64::to_le_bytes).concat();
    let ds64 = le(b"ds64", &[long, vec![0; 4]].concat());
    [b"RF64\xFF\xFF\xFF\xFFWAVE".to_vec(), ds64, chunks].concat()
}

fn fmt() -> Vec<u8> {
    le(b"fmt ", b"\x01\0\x02\0\x44\xac\0\0\x10\xb1\x02\0\x04\0\x10\0")
}

fn data() -> Vec<u8> {
    le(b"data", &audio(1000))
}

/// A data chunk whose size is in `ds64`.
fn long_data() -> Vec<u8> {
    [b"data\xFF\xFF\xFF\xFF".to_vec(), audio(1000)].concat()
}

fn info(text: &[u8]) -> Vec<u8> {
    let entries = [b"INFO".to_vec(), le(b"INAM", b"name\0"), le(b"ISRC", text)].concat();
    le(b"LIST", &entries)
}

/// Every place that an `id3 ` chunk may have in a file.
fn layouts() -> Vec<Around> {
    vec![
        |tag| riff(&[fmt(), data(), le(b"id3 ", tag)]),
        |tag| riff(&[fmt(), data(), le(b"ID3 ", tag), info(b"text")]),
        |tag| riff(&[fmt(), le(b"id3 ", tag), le(b"data", &audio(999))]),
        |tag| riff(&[le(b"JUNK", &[0; 28]), fmt(), data(), le(b"id3 ", tag), le(b"JUNK", &[])]),
        |tag| [riff(&[fmt(), data(), le(b"id3 ", tag)]), b"TAG".to_vec(), vec![7; 125]].concat(),
        |tag| rf64(&[fmt(), long_data(), le(b"id3 ", tag)]),
        |tag| rf64(&[fmt(), le(b"id3 ", tag), long_data(), le(b"axml", b"<x/>")]),
        |tag| {
            let mut file = riff(&[fmt(), data(), le(b"id3 ", tag)]);
            file.splice(0..0, crate::format::chunks::testing::tag(&[], 20));
            file
        },
    ]
}

#[test]
fn a_code_in_a_tag_changes_and_nothing_else() {
    for layout in layouts() {
        for padding in PADDINGS {
            for (before, actions, create, after) in EDITS {
                let file = layout(&tag(before, padding));
                let expected = layout(&tag(after, padding_after(before, after, padding)));
                assert_eq!(WAV.texts(&file), before);
                WAV.check(&file, actions, create, &expected);
            }
        }
    }
}

#[test]
fn padding_keeps_the_length() {
    let file = riff(&[fmt(), data(), le(b"id3 ", &tag(&["QZ-ES5-16-00001"], 0))]);
    let edited = WAV.change(&file, &change("W", false)).unwrap();
    assert_eq!(edited.len(), file.len());
}

#[test]
fn a_file_without_a_tag_gets_a_chunk() {
    let new = || le(b"id3 ", &new_tag(NEW));
    check(&[fmt(), data()], &[fmt(), data(), new()]);
    check(&[fmt(), data(), info(b"text")], &[fmt(), data(), info(b"text"), new()]);
    check(
        &[fmt(), le(b"data", &audio(999))],
        &[fmt(), le(b"data", &audio(999)), new()],
    );

    #[track_caller]
    fn check(before: &[Vec<u8>], after: &[Vec<u8>]) {
        WAV.check(&riff(before), "", true, &riff(after));
    }
    WAV.check(
        &rf64(&[fmt(), long_data()]),
        "",
        true,
        &rf64(&[fmt(), long_data(), new()]),
    );
    for behind in [b"\0".to_vec(), vec![0; 500], [b"TAG".as_slice(), &[7; 125]].concat()] {
        let file = [riff(&[fmt(), data()]), behind.clone()].concat();
        let expected = [riff(&[fmt(), data(), new()]), behind].concat();
        WAV.check(&file, "", true, &expected);
    }
}

#[test]
fn a_missing_pad_byte_is_added_when_a_chunk_follows() {
    let expected = riff(&[fmt(), le(b"data", &audio(999)), le(b"id3 ", &new_tag(NEW))]);
    let mut file = riff(&[fmt(), le(b"data", &audio(999))]);
    // Counted or not, and there or not.
    file[4] -= 1;
    WAV.check(&file, "", true, &expected);
    file.pop();
    WAV.check(&file, "", true, &expected);
    file[4] += 1;
    WAV.check(&file, "", true, &expected);
}

#[test]
fn a_size_that_counts_the_header_is_corrected_when_the_file_grows() {
    let expected = riff(&[fmt(), data(), le(b"id3 ", &new_tag(NEW))]);
    for excess in [8, 1] {
        let mut file = riff(&[fmt(), data()]);
        file[4] += excess;
        WAV.check(&file, "", true, &expected);
    }
}

#[test]
fn a_filler_behind_the_chunk_takes_the_difference() {
    let layout = |tag: &[u8], filler: usize| riff(&[fmt(), le(b"id3 ", tag), le(b"JUNK", &vec![0; filler]), data()]);
    // A frame in a tag without padding, which gets 1 KiB of it.
    let grown = tag(&[NEW, OLD], 1024);
    let growth = grown.len() - tag(&[OLD], 0).len();
    for filler in [growth + 501, growth + 1, 5000] {
        let file = layout(&tag(&[OLD], 0), filler);
        // Pad bytes come and go with odd sizes.
        let pad = grown.len() % 2 + filler % 2;
        let old_pad = tag(&[OLD], 0).len() % 2 + filler % 2;
        let left = filler - growth + old_pad - pad;
        let expected = layout(&grown, left);
        assert_eq!(file.len(), expected.len());
        WAV.check(&file, "K", true, &expected);
    }
}

#[test]
fn zero_bytes_behind_the_tag_serve_as_padding() {
    let layout = |tag: Vec<u8>, slack: usize| riff(&[fmt(), data(), le(b"id3 ", &[tag, vec![0; slack]].concat())]);
    let growth = tag(&[NEW], 1024).len() - tag(&["QZES5"], 0).len();
    WAV.check(
        &layout(tag(&["QZES5"], 0), growth),
        "W",
        false,
        &layout(tag(&[NEW], 1024), 0),
    );
    WAV.check(
        &layout(tag(&["QZES5"], 0), growth + 9),
        "W",
        false,
        &layout(tag(&[NEW], 1024), 9),
    );
    WAV.check(
        &layout(tag(&["QZES5"], 0), 10),
        "W",
        false,
        &layout(tag(&[NEW], 1024), 10),
    );
}

#[test]
fn all_tags_that_hold_a_code_are_written() {
    let layout = |first: (&[&str], usize), second: (&[&str], usize)| {
        riff(&[
            fmt(),
            le(b"ID3 ", &tag(first.0, first.1)),
            data(),
            le(b"id3 ", &tag(second.0, second.1)),
        ])
    };
    let both = |code| layout((&[code], 9), (&[code], 100));
    WAV.check(&both(OLD), "WW", false, &both(NEW));
    // A code that is created goes to the tag that most programs read, also where one was dropped from the other.
    let none = layout((&[], 23), (&[], 100));
    let created = layout((&[NEW], 0), (&[], 100));
    WAV.check(&none, "", true, &created);
    let second = layout((&[], 23), (&[OLD], 77));
    assert_eq!(WAV.places(&second).unwrap()[0].standing, Standing::Odd);
    WAV.check(&second, "D", true, &created);
}

#[test]
fn a_tag_in_front_is_odd_and_written() {
    let layout = |front: &[&str], padding, chunks: &[Vec<u8>]| [tag(front, padding), riff(chunks)].concat();
    let file = layout(&["QZ-ES5-16-00001"], 0, &[fmt(), data()]);
    let places = WAV.places(&file).unwrap();
    assert_eq!((places[0].standing, places[0].access), (Standing::Odd, Access::Write));
    WAV.check(&file, "W", false, &layout(&[NEW], 3, &[fmt(), data()]));
    WAV.check(&file, "D", false, &layout(&[], 26, &[fmt(), data()]));
    let expected = layout(&[NEW], 3, &[fmt(), data(), le(b"id3 ", &new_tag(NEW))]);
    WAV.check(&file, "W", true, &expected);
    let short = layout(&["x"], 0, &[fmt(), data()]);
    WAV.check(&short, "W", false, &layout(&[NEW], 1024, &[fmt(), data()]));
}

fn axml(codes: &[&str]) -> Vec<u8> {
    let mut text = "<?xml version=\"1.0\"?><e:main xmlns:dc=\"d\"><!-- ISRC:none -->".to_owned();
    for code in codes {
        text += &format!("<e:identifier formatLabel=\"ISRC\"><dc:identifier>{code}</dc:identifier></e:identifier>");
    }
    le(b"axml", (text + "</e:main>").as_bytes())
}

#[test]
fn only_the_text_of_a_code_in_axml_changes() {
    check("ISRC:QZES51600001", "W", "ISRC:USRC17607839");
    check("ISRC: QZ-ES5-16-00001 ", "W", "ISRC: USRC17607839 ");
    check("qz-es5-16-0001", "W", "USRC17607839");
    check("QZES5", "W", "USRC17607839");
    check("ISRC:QZES51600001", "D", "");

    #[track_caller]
    fn check(before: &str, action: &str, after: &str) {
        let layouts: [Around; 3] = [
            |axml| riff(&[fmt(), data(), axml.to_vec()]),
            |axml| riff(&[axml.to_vec(), fmt(), le(b"data", &audio(999))]),
            |axml| rf64(&[fmt(), long_data(), axml.to_vec(), le(b"id3 ", &tag(&[], 3))]),
        ];
        for layout in layouts {
            WAV.check(&layout(&axml(&[before])), action, false, &layout(&axml(&[after])));
            let (file, expected) = ([before, "GUID", before], [after, "GUID", before]);
            WAV.check(
                &layout(&axml(&file)),
                &format!("{action}KK"),
                false,
                &layout(&axml(&expected)),
            );
        }
    }
}

#[test]
fn axml_and_tag_change_together() {
    let layout = |code: &str, codes: &[&str], padding| {
        riff(&[
            fmt(),
            axml(&[code]),
            data(),
            le(b"id3 ", &tag(codes, padding)),
            axml(&[code]),
        ])
    };
    let file = layout("ISRC:QZ-ES5-16-00001", &["QZES5"], 0);
    let expected = layout("ISRC:USRC17607839", &[NEW], 1024);
    WAV.check(&file, "WWW", false, &expected);
    let without = |code: &str, more: &[Vec<u8>]| riff(&[&[fmt(), data(), axml(&[code])], more].concat());
    let expected = without("ISRC:USRC17607839", &[le(b"id3 ", &new_tag(NEW))]);
    WAV.check(&without("ISRC:QZ-ES5-16-00001", &[]), "W", true, &expected);
}

#[test]
fn texts_that_are_wholly_a_code_are_read() {
    let mut bext = vec![0; 602];
    bext[..17].copy_from_slice(b"ISRC:QZES51600001");
    bext[288..300].copy_from_slice(OLD.as_bytes());
    let mut cart = vec![0; 2048];
    cart[132..144].copy_from_slice(OLD.as_bytes());
    cart[196..208].copy_from_slice(OLD.as_bytes());
    let comment = [b"INFO".to_vec(), le(b"ICMT", b"QZES51600001\0")].concat();
    check(info(b"QZ-ES5-16-00001\0"), &["riff:INFO/ISRC QZ-ES5-16-00001"]);
    check(le(b"LIST", &comment), &["riff:INFO/ICMT QZES51600001"]);
    check(
        le(b"bext", &bext),
        &[
            "bwf:bext/Description QZES51600001",
            "bwf:bext/OriginatorReference QZES51600001",
        ],
    );
    check(
        le(b"cart", &cart),
        &["riff:cart/CutID QZES51600001", "riff:cart/ClientID QZES51600001"],
    );
    check(
        le(b"iXML", b"<BWFXML><ISRC>QZES51600001</ISRC></BWFXML>"),
        &["bwf:iXML QZES51600001"],
    );
    check(
        le(b"_PMX", b"<d xmpDM:isrc='QZES51600001'/>"),
        &["riff:_PMX QZES51600001"],
    );
    for other in [
        info(b"Scanner model"),
        info(b""),
        le(b"LIST", b"INF"),
        le(b"LIST", b"adtlISRC\x0c\0\0\0QZES51600001"),
        le(b"bext", &[0; 602]),
        le(b"bext", b"QZES51600001"),
        le(b"iXML", b"<ISRC>none</ISRC>"),
    ] {
        check(other, &[]);
    }

    #[track_caller]
    fn check(chunk: Vec<u8>, expected: &[&str]) {
        let file = riff(&[fmt(), data(), chunk]);
        let places = WAV.places(&file).unwrap();
        let found: Vec<String> = places
            .iter()
            .map(|place| format!("{} {}", place.name, place.text))
            .collect();
        assert_eq!(found, expected);
        for place in &places {
            assert_eq!((place.standing, place.access), (Standing::Odd, Access::ReadOnly));
            assert_eq!(
                &file[place.span.start as usize..place.span.end as usize],
                place.text.as_bytes()
            );
        }
        if let [_] = expected {
            WAV.check_refused(&file, "W", false, "a place that is only read was to be changed");
        }
    }
}
