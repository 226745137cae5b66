//! Files whose structure lies: sizes, counts and depths that nothing real has.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::common::{Sandbox, testdata};
use super::{check_unreadable, guarded};

const EXTENSIONS: [&str; 20] = [
    "mp3", "aac", "tta", "flac", "ogg", "oga", "opus", "spx", "m4a", "mov", "wav", "aiff", "aifc", "wv", "ape", "mpc",
    "tak", "ofr", "dsf", "dff",
];

#[test]
fn an_empty_file_is_unreadable_whatever_its_name() {
    let sandbox = Sandbox::new();
    for extension in EXTENSIONS {
        let name = format!("empty.{extension}");
        sandbox.file(&name, b"");
        check_unreadable(&sandbox, &name);
    }
}

#[test]
fn bytes_that_are_no_audio_are_unreadable_whatever_the_name() {
    let sandbox = Sandbox::new();
    for extension in EXTENSIONS {
        let name = format!("text.{extension}");
        sandbox.file(&name, "This is a letter, and no music at all. ".repeat(100).as_bytes());
        check_unreadable(&sandbox, &name);
    }
}

/// Every seed cut at places where headers begin and end: one line of the report each, and no harm.
#[test]
fn cut_files_are_told_once_each() {
    let sandbox = Sandbox::new();
    let mut count = 0;
    for entry in std::fs::read_dir(testdata().join("seeds")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().unwrap() == "ogv" {
            continue; // The name claims no audio, so what is left of it may be passed over.
        }
        let bytes = std::fs::read(&path).unwrap();
        let (stem, extension) = (path.file_stem().unwrap(), path.extension().unwrap());
        for cut in [
            1,
            3,
            4,
            9,
            10,
            11,
            27,
            28,
            41,
            42,
            100,
            bytes.len() / 2,
            bytes.len() - 1,
        ] {
            let name = format!("{}-{cut}.{}", stem.to_str().unwrap(), extension.to_str().unwrap());
            sandbox.file(&name, &bytes[..cut.min(bytes.len())]);
            count += 1;
        }
    }
    let run = guarded(&sandbox, &["scan", "--all", "--format", "jsonl"]).expect(3);
    let files = run.objects("file");
    assert_eq!(files.len(), count);
    // The first bytes of a file are never enough to be taken for a whole one.
    for file in &files {
        let path = file["path"].as_str().unwrap();
        let is_stub = ["-1.", "-3."].iter().any(|cut| path.contains(cut));
        assert!(!is_stub || file["findings"][0]["kind"] == "unreadable", "{file}");
    }
}

/// A scan and an edit are of one mind: no code can be said to be missing where the end is.
#[test]
fn a_cut_tag_is_unreadable_to_a_scan_and_refused_by_an_edit() {
    let sandbox = Sandbox::new();
    for (seed, cut) in [
        ("wav-mutagen.wav", 8),
        ("wav-info-code.wav", 8),
        ("rf64-id3.wav", 8),
        ("aiff-mutagen.aiff", 8),
        ("dsdiff-id3.dff", 8),
        ("dsf-id3v23.dsf", 2),
        ("monkeys-audio-apev2.ape", 8),
        ("monkeys-audio-id3v1.ape", 8),
        ("wavpack-apev2.wv", 31),
        ("mp3-apev2.mp3", 8),
    ] {
        let bytes = std::fs::read(testdata().join("seeds").join(seed)).unwrap();
        let bytes = &bytes[..bytes.len() - cut];
        let path = sandbox.file(seed, bytes);
        check_unreadable(&sandbox, seed);
        guarded(&sandbox, &["set", "QZTST2600001", seed]).expect(3);
        assert_eq!(std::fs::read(path).unwrap(), bytes, "{seed}");
    }
}

#[test]
fn a_lying_name_is_told_once_where_there_is_no_code() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/wav-untagged.wav", "song.flac");
    check_unreadable(&sandbox, "song.flac");
}

/// Sizes that the file does not have. None of them is allocated, and none believed.
#[test]
fn sizes_beyond_the_file_are_unreadable() {
    let sandbox = Sandbox::new();
    let check = |name: &str, bytes: Vec<u8>| {
        assert!(bytes.len() <= 1200, "{name} is to be small");
        sandbox.file(name, &bytes);
        check_unreadable(&sandbox, name);
    };
    // 256 MiB, in the seven bits a byte of ID3v2 (section 3.1).
    check("tag.mp3", padded(&[b"ID3\x04\0\0\x7f\x7f\x7f\x7f"], 1024));
    check("tag-22.mp3", padded(&[b"ID3\x02\0\0\x7f\x7f\x7f\x7f"], 1024));
    check(
        "comments.flac",
        padded(&[b"fLaC", &flac_info(), &[0x84, 0xff, 0xff, 0xff], &[0; 100]], 1024),
    );
    check(
        "vendor.flac",
        padded(&[b"fLaC", &flac_info(), &[0x84, 0, 1, 0], &[0xff; 4]], 1024),
    );
    check(
        "picture.flac",
        padded(&[b"fLaC", &flac_info(), &[0x86, 0xff, 0xff, 0xff]], 1024),
    );
    check(
        "atom.m4a",
        padded(&[&file_type(), &[0xff, 0xff, 0xff, 0xff], b"moov"], 1024),
    );
    check(
        "atom-64.m4a",
        padded(&[&file_type(), &[0, 0, 0, 1], b"moov", &[0x7f; 8]], 1024),
    );
    check(
        "atom-64-all.m4a",
        padded(&[&file_type(), &[0, 0, 0, 1], b"moov", &[0xff; 8]], 1024),
    );
    let wave_format = [
        &b"fmt \x10\0\0\0\x01\0\x02\0\x44\xac\0\0\x10\xb1\x02\0\x04\0\x10\0"[..],
        b"data",
    ]
    .concat();
    check(
        "chunk.wav",
        padded(
            &[b"RIFF", &1016u32.to_le_bytes(), b"WAVE", &wave_format, &[0, 0, 0, 0x70]],
            1024,
        ),
    );
    check(
        "pointer.dsf",
        padded(
            &[b"DSD ", &28u64.to_le_bytes(), &1024u64.to_le_bytes(), &[0x7f; 8]],
            1024,
        ),
    );
    check(
        "chunk.dff",
        padded(&[b"FRM8", &1012u64.to_be_bytes(), b"DSD ", b"DSD ", &[0x7f; 8]], 1024),
    );
}

/// The audio and the other chunks of such files are whole, so they are read; but they are not edited.
#[test]
fn chunks_and_tags_in_chunks_that_lie_are_not_edited() {
    let sandbox = Sandbox::new();
    let lying_tag = b"ID3\x03\0\0\x7f\x7f\x7f\x7fTSRC";
    for (name, seed, number) in [
        ("wav", "wav-untagged.wav", u32::to_le_bytes as fn(u32) -> [u8; 4]),
        ("aiff", "aiff-untagged.aiff", u32::to_be_bytes),
    ] {
        let tag = with_chunk(seed, b"ID3 ", lying_tag, number);
        let mut chunk = tag.clone();
        let at = chunk.len() - lying_tag.len() - 4;
        chunk[at..at + 4].copy_from_slice(&number(0x6fff_ffff));
        for (name, bytes) in [(format!("tag.{name}"), tag), (format!("chunk.{name}"), chunk)] {
            sandbox.file(&name, &bytes);
            let run = guarded(&sandbox, &["scan", "--format", "jsonl", &name]);
            assert!(matches!(run.code, 1 | 3), "{name}: {}", run.stdout);
            guarded(&sandbox, &["set", "QZTSE2600001", &name]).expect(3);
            assert_eq!(std::fs::read(sandbox.path(&name)).unwrap(), bytes, "{name}");
        }
    }
}

/// 2^32 - 1 comments, in every container that has comments.
#[test]
fn comment_counts_beyond_the_file_are_unreadable() {
    let sandbox = Sandbox::new();
    let comments = [&4u32.to_le_bytes()[..], b"none", &[0xff; 4], &[0; 64]].concat();
    let mut block = vec![0x84, 0, 0, comments.len() as u8];
    block.extend(&comments);
    sandbox.file("count.flac", &padded(&[b"fLaC", &flac_info(), &block], 1024));
    check_unreadable(&sandbox, "count.flac");
    for (name, front, head) in [
        (
            "count.opus",
            &b"OpusHead\x01\x02\0\0\x80\xbb\0\0\0\0\0"[..],
            &b"OpusTags"[..],
        ),
        (
            "count.ogg",
            &b"\x01vorbis\0\0\0\0\x02\x44\xac\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xb8\x01"[..],
            &b"\x03vorbis"[..],
        ),
    ] {
        let packet = [head, &comments].concat();
        let pages = [ogg_page(2, 0, front), ogg_page(0, 1, &packet), ogg_page(0, 2, &[7; 90])].concat();
        sandbox.file(name, &pages);
        check_unreadable(&sandbox, name);
    }
}

#[test]
fn an_apev2_tag_of_lies_does_no_harm() {
    let sandbox = Sandbox::new();
    let seed = std::fs::read(testdata().join("seeds/mp3-untagged.mp3")).unwrap();
    let footer = |size: u32, count: u32| {
        let numbers = [2000u32, size, count, 0, 0, 0].map(u32::to_le_bytes).concat();
        [b"APETAGEX", &numbers[..]].concat()
    };
    for (name, size, count) in [
        ("size.mp3", u32::MAX, 1),
        ("count.mp3", 32, u32::MAX),
        ("both.mp3", u32::MAX, u32::MAX),
    ] {
        sandbox.file(name, &[&seed[..], &footer(size, count)].concat());
    }
    let item = [&[0xff; 4][..], &[0; 4], b"ISRC\0QZTSE2600001"].concat();
    sandbox.file(
        "item.mp3",
        &[&seed[..], &item, &footer(item.len() as u32 + 32, 1)].concat(),
    );
    let run = guarded(&sandbox, &["scan", "--format", "jsonl"]).expect(3);
    assert_eq!(run.objects("file").len(), 4, "{}", run.stdout);
}

#[test]
fn atoms_nested_thousands_deep_do_no_harm() {
    let sandbox = Sandbox::new();
    for (name, kind) in [
        ("moov.m4a", b"moov"),
        ("udta.m4a", b"udta"),
        ("trak.m4a", b"trak"),
        ("ilst.m4a", b"ilst"),
        ("moof.m4a", b"moof"),
    ] {
        let mut bytes = Vec::new();
        for _ in 0..4000 {
            let size = bytes.len() as u32 + 8;
            bytes = [&size.to_be_bytes()[..], kind, &bytes].concat();
        }
        let moov = [&(bytes.len() as u32 + 8).to_be_bytes()[..], b"moov", &bytes].concat();
        sandbox.file(name, &[file_type(), moov].concat());
        let run = guarded(&sandbox, &["scan", "--format", "jsonl", name]);
        assert!(matches!(run.code, 1 | 3), "{name}: {}", run.stdout);
        assert_eq!(run.objects("file").len(), 1, "{}", run.stdout);
    }
}

#[test]
fn atoms_without_size_end_the_walk() {
    let sandbox = Sandbox::new();
    for size in 0..8u32 {
        let name = format!("{size}.m4a");
        let bytes = padded(
            &[
                &file_type(),
                &size.to_be_bytes(),
                b"moov",
                &[0; 8],
                &size.to_be_bytes(),
                b"udta",
            ],
            4096,
        );
        sandbox.file(&name, &bytes);
        let run = guarded(&sandbox, &["scan", "--format", "jsonl", &name]);
        assert!(matches!(run.code, 1 | 3), "{name}: {}", run.stdout);
        assert_eq!(run.objects("file").len(), 1, "{}", run.stdout);
    }
}

/// Zero-sized frames, chunks, pages and items, by the thousand: each step must move on.
#[test]
fn things_of_size_zero_do_not_stop_the_walk_from_ending() {
    let sandbox = Sandbox::new();
    let many = |unit: &[u8]| unit.repeat(400_000 / unit.len());
    let frames = many(b"TSRC\0\0\0\0\0\0");
    sandbox.file("frames.mp3", &[tag(3, &frames), vec![0xff, 0xfb, 0x90, 0]].concat());
    let chunks = many(b"LIST\0\0\0\0");
    let wav = [&b"RIFF"[..], &(chunks.len() as u32 + 4).to_le_bytes(), b"WAVE", &chunks].concat();
    sandbox.file("chunks.wav", &wav);
    let aiff = [&b"FORM"[..], &(chunks.len() as u32 + 4).to_be_bytes(), b"AIFF", &chunks].concat();
    sandbox.file("chunks.aiff", &aiff);
    sandbox.file(
        "blocks.flac",
        &[&b"fLaC"[..], &flac_info(), &many(&[4, 0, 0, 0])].concat(),
    );
    sandbox.file("pages.ogg", &many(&ogg_page(0, 0, b"")));
    sandbox.file("atoms.m4a", &[file_type(), many(b"\0\0\0\x08free")].concat());
    sandbox.file("tags.mp3", &many(b"ID3\x04\0\0\0\0\0\0"));
    for name in [
        "frames.mp3",
        "chunks.wav",
        "chunks.aiff",
        "blocks.flac",
        "pages.ogg",
        "atoms.m4a",
        "tags.mp3",
    ] {
        let run = guarded(&sandbox, &["scan", "--format", "jsonl", name]);
        assert!(matches!(run.code, 1 | 3), "{name}: {}", run.stdout);
        assert_eq!(run.objects("file").len(), 1, "{}", run.stdout);
    }
}

/// One frame of 300 MB of zeros, and a hundred that stay below any limit of one frame, wherever an ID3v2 tag may stand.
#[test]
fn compressed_frames_do_not_unfold() {
    let sandbox = Sandbox::new();
    let one = bomb(b"TSRC", 300 << 20);
    let many = bomb(b"TXXX", 15 << 20).repeat(100);
    let unknown = bomb(b"PRIV", 15 << 20).repeat(100);
    for (kind, frames) in [("one", one), ("many", many), ("unknown", unknown)] {
        let tag = tag(4, &frames);
        let audio = std::fs::read(testdata().join("seeds/mp3-untagged.mp3")).unwrap();
        sandbox.file(&format!("front-{kind}.mp3"), &[&tag[..], &audio].concat());
        sandbox.file(&format!("end-{kind}.mp3"), &[&audio[..], &appended(&tag)].concat());
        for (name, seed) in [
            ("flac", "flac-untagged.flac"),
            ("ape", "monkeys-audio-untagged.ape"),
            ("wv", "wavpack-untagged.wv"),
        ] {
            let audio = std::fs::read(testdata().join("seeds").join(seed)).unwrap();
            sandbox.file(&format!("front-{kind}.{name}"), &[&tag[..], &audio].concat());
        }
        sandbox.file(
            &format!("{kind}.wav"),
            &with_chunk("wav-untagged.wav", b"id3 ", &tag, u32::to_le_bytes),
        );
        sandbox.file(
            &format!("{kind}.aiff"),
            &with_chunk("aiff-untagged.aiff", b"ID3 ", &tag, u32::to_be_bytes),
        );
        let mut dsf = std::fs::read(testdata().join("seeds/dsf-untagged.dsf")).unwrap();
        let at = dsf.len() as u64;
        dsf.extend(&tag);
        let len = dsf.len() as u64;
        dsf[12..20].copy_from_slice(&len.to_le_bytes());
        dsf[20..28].copy_from_slice(&at.to_le_bytes());
        sandbox.file(&format!("{kind}.dsf"), &dsf);
    }
    for entry in std::fs::read_dir(sandbox.music()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let run = guarded(&sandbox, &["scan", "--format", "jsonl", &name]);
        assert!(matches!(run.code, 1 | 3), "{name}: {}", run.stdout);
        assert_eq!(run.objects("file").len(), 1, "{}", run.stdout);
        let run = guarded(&sandbox, &["set", "QZTSE2600001", &name, "-n"]);
        assert!(matches!(run.code, 0 | 3), "{name}: {}", run.stdout);
        guarded(&sandbox, &["show", &name]);
    }
}

#[test]
fn ten_thousand_empty_files_are_ten_thousand_findings() {
    let sandbox = Sandbox::new();
    for number in 0..10_000 {
        sandbox.file(&format!("{number}.mp3"), b"");
    }
    let run = guarded(&sandbox, &["scan", "--format", "jsonl"]).expect(3);
    assert_eq!(run.objects("file").len(), 10_000);
    guarded(&sandbox, &["scan"]).expect(3);
}

/// Parts one after the other, then NUL bytes up to a length.
fn padded(parts: &[&[u8]], len: usize) -> Vec<u8> {
    let mut bytes = parts.concat();
    bytes.resize(len.max(bytes.len()), 0);
    bytes
}

/// A STREAMINFO block that is right in itself: 44.1 kHz, stereo, 16 bits.
fn flac_info() -> Vec<u8> {
    let mut block = vec![0, 0, 0, 34, 16, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0xc4, 0x42, 0xf0];
    block.resize(38, 0);
    block
}

fn file_type() -> Vec<u8> {
    b"\0\0\0\x14ftypM4A \0\0\0\0M4A ".to_vec()
}

/// An ID3v2 tag of a version around frames.
fn tag(version: u8, frames: &[u8]) -> Vec<u8> {
    [&b"ID3"[..], &[version, 0, 0], &synchsafe(frames.len()), frames].concat()
}

/// The same tag as it stands at the end of a file: with a footer (ID3v2.4, section 3.4).
fn appended(tag: &[u8]) -> Vec<u8> {
    let mut tag = tag.to_vec();
    tag[5] |= 0x10;
    let footer = [b"3DI", &tag[3..10]].concat();
    tag.extend(footer);
    tag
}

fn synchsafe(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift) as u8 & 0x7f)
}

/// An ID3v2.4 frame that is `unfolded` zeros, compressed and with a data length indicator (sections 4.1.2).
fn bomb(id: &[u8; 4], unfolded: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..unfolded >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    let data = [&synchsafe(unfolded)[..], &encoder.finish().unwrap()].concat();
    [&id[..], &synchsafe(data.len()), &[0, 0x09], &data].concat()
}

/// A seed with one more chunk behind all others.
fn with_chunk(seed: &str, id: &[u8; 4], data: &[u8], number: fn(u32) -> [u8; 4]) -> Vec<u8> {
    let mut bytes = std::fs::read(testdata().join("seeds").join(seed)).unwrap();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes.extend(id);
    bytes.extend(number(data.len() as u32));
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    let size = number(bytes.len() as u32 - 8);
    bytes[4..8].copy_from_slice(&size);
    bytes
}

/// An Ogg page (RFC 3533, section 6) with one packet, and a checksum that is right.
fn ogg_page(flags: u8, number: u32, packet: &[u8]) -> Vec<u8> {
    let mut page = [
        &b"OggS\0"[..],
        &[flags],
        &[0; 8],
        &[1, 0, 0, 0],
        &number.to_le_bytes(),
        &[0; 4],
    ]
    .concat();
    let full = packet.len() / 255;
    page.push(full as u8 + 1);
    page.extend(vec![255; full]);
    page.push((packet.len() % 255) as u8);
    page.extend(packet);
    let mut sum = 0u32;
    for &byte in &page {
        sum ^= u32::from(byte) << 24;
        for _ in 0..8 {
            sum = (sum << 1) ^ if sum >> 31 == 1 { 0x04c1_1db7 } else { 0 };
        }
    }
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}
