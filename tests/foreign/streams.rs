//! Streams that are ours, however they begin and end; and where AAC has its code.

use super::samples::{TAG, aac, ape, frames, id3v2, mp2, mp3};
use crate::common::Sandbox;

const CODE: &str = "USRC17607839";

/// Streams of every version and layer, of constant, changing and free bit rates.
fn streams() -> Vec<(&'static str, Vec<u8>)> {
    let varying = |_| {
        [
            mp3(1),
            frames(&[0xFF, 0xFB, 0xB2, 0x00], 627, 1),
            frames(&[0xFF, 0xFB, 0x52, 0x00], 209, 1),
        ]
        .concat()
    };
    vec![
        ("cbr.mp3", mp3(60)),
        ("vbr.mp3", (0..30).flat_map(varying).collect()),
        ("crc.mp3", frames(&[0xFF, 0xFA, 0x90, 0x00], 417, 60)),
        ("mono.mp3", frames(&[0xFF, 0xFB, 0x50, 0xC4], 208, 60)),
        ("free.mp3", frames(&[0xFF, 0xFB, 0x00, 0x00], 1305, 60)),
        ("mpeg2.mp3", frames(&[0xFF, 0xF3, 0x80, 0xC0], 208, 60)),
        ("mpeg25.mp3", frames(&[0xFF, 0xE3, 0x48, 0xC0], 288, 60)),
        ("tiny.mp3", frames(&[0xFF, 0xE3, 0x18, 0xC0], 72, 90)),
        ("layer2.mp2", mp2(60)),
        ("layer2.mp3", mp2(60)),
        ("layer1.mp1", frames(&[0xFF, 0xFF, 0xC0, 0x00], 416, 60)),
        ("adts.aac", aac(60)),
        (
            "mpeg2.aac",
            frames(&[0xFF, 0xF9, 0x50, 0x80, 0x2E, 0x7F, 0xFC], 371, 60),
        ),
    ]
}

#[test]
fn streams_are_found_behind_tags_and_junk_and_when_they_are_cut() {
    let sandbox = Sandbox::new();
    let mut count = 0;
    for (name, stream) in streams() {
        let junk = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n".repeat(17);
        let variants = [
            ("plain", stream.clone()),
            ("junk", [&junk[..700], &stream].concat()),
            ("tag", [TAG, &stream].concat()),
            ("tag and zeros", [TAG, &[0; 500], &stream].concat()),
            ("tag and junk", [TAG, &junk[..700], &stream].concat()),
            ("two tags", [TAG, TAG, &stream].concat()),
            ("APEv2 in front", [&ape(None)[..], &stream].concat()),
            ("APEv2 behind", [&stream[..], &ape(None)].concat()),
            ("ID3v1", [&stream[..], b"TAG", &[b' '; 125]].concat()),
            ("cut", stream[..stream.len() * 2 / 3].to_vec()),
            ("cut in front", stream[stream.len() / 3..].to_vec()),
            ("broken off", [&stream[..stream.len() / 2], &[0; 5000]].concat()),
        ];
        for (variant, bytes) in variants {
            sandbox.file(&format!("{variant} {name}"), &bytes);
            count += 1;
        }
        // Without a name enough frames tell it.
        sandbox.file(name.split_once('.').unwrap().0, &stream);
    }
    let run = sandbox.run(&["scan", "--all", "--format", "jsonl", "."]);
    let files = run.objects("file");
    // `mpeg2` and `layer2` stand there twice with one stem.
    assert_eq!(files.len(), count + streams().len() - 2);
    for file in files {
        let path = file["path"].as_str().unwrap();
        let is_adts = path.ends_with(".aac") || path.ends_with("adts") || path.ends_with("/mpeg2");
        assert_eq!(file["format"], if is_adts { "aac" } else { "mp3" }, "{path}");
        assert_eq!(file["findings"][0]["kind"], "missing", "{file}");
    }
}

/// A code in either tag is right where it stands, and a new one goes to APEv2 at the end.
#[test]
fn aac_has_its_code_where_other_programs_read_it() {
    let stream = aac(60);
    let id3v1 = [&b"TAG"[..], &[b' '; 125]].concat();
    let hyphens = "US-RC1-76-07839";
    let new = |file: &[u8]| {
        let end = b"\x0C\0\0\0\0\0\0\0ISRC\0USRC17607839APETAGEX";
        file.windows(end.len()).any(|bytes| bytes == end)
    };
    let cases: [(&str, Vec<u8>, bool); 12] = [
        ("bare", stream.clone(), true),
        ("ID3v1", [&stream[..], &id3v1].concat(), true),
        ("APEv2", [&stream[..], &ape(None)].concat(), true),
        ("APEv2 and ID3v1", [&stream[..], &ape(None), &id3v1].concat(), true),
        ("APEv2 with the code", [&stream[..], &ape(Some(CODE))].concat(), true),
        ("APEv2 with hyphens", [&stream[..], &ape(Some(hyphens))].concat(), true),
        ("APEv2 in front", [&ape(None)[..], &stream].concat(), true),
        ("ID3v2 without", [TAG, &stream].concat(), true),
        ("ID3v2 with the code", [&id3v2(CODE)[..], &stream].concat(), false),
        ("ID3v2 with hyphens", [&id3v2(hyphens)[..], &stream].concat(), false),
        (
            "both",
            [&id3v2(hyphens)[..], &stream, &ape(Some(hyphens))].concat(),
            true,
        ),
        ("junk", [&b"Icy-Name: radio\r\n".repeat(20)[..], &stream].concat(), true),
    ];
    for (what, bytes, in_ape) in cases {
        let sandbox = Sandbox::new();
        let path = sandbox.file("a.aac", &bytes);
        let scan = sandbox.run(&["scan", "--all", "--format", "jsonl", "a.aac"]);
        assert!(
            !scan.stdout.contains(r#""kind":"misplaced""#),
            "{what}: {}",
            scan.stdout
        );
        sandbox.run(&["set", CODE, "a.aac"]).expect(0);
        let after = std::fs::read(&path).unwrap();
        assert_eq!(new(&after), in_ape, "{what}");
        // Nothing comes in front that was not there.
        assert_eq!(after.starts_with(b"ID3"), bytes.starts_with(b"ID3"), "{what}");
        let at = after.windows(stream.len()).filter(|bytes| *bytes == stream).count();
        assert_eq!(at, 1, "{what}: the audio is as before");
        let scan = sandbox.run(&["scan", "--all", "--strict", "a.aac"]).expect(0);
        assert!(scan.stdout.contains(CODE), "{what}");
        if after != bytes {
            sandbox.run(&["undo"]).expect(0);
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "{what}");
        }
    }
}
