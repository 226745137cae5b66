//! Odd files as real programs leave them, each built from a seed by the fault that it has: what a scan says, what `set`
//! and `fix` write, byte by byte, and that `undo` gives the old bytes back.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

#[path = "../common/mod.rs"]
mod common;
mod containers;
mod mp4;
mod strays;

use common::{Sandbox, testdata};
use serde_json::Value;

const CODE: &str = "QZTST2600077";
const OLD: &str = "USRC17607839";
const HYPHENS: &str = "US-RC1-76-07839";

fn seed(name: &str) -> Vec<u8> {
    std::fs::read(testdata().join("seeds").join(name)).unwrap()
}

/// The audio of a seed without tags.
fn mp3() -> Vec<u8> {
    seed("mp3-untagged.mp3")
}

fn synchsafe(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift & 0x7F) as u8)
}

fn frame(id: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), &(body.len() as u32).to_be_bytes(), &[0, 0], body].concat()
}

fn tsrc(code: &str) -> Vec<u8> {
    frame("TSRC", &[b"\0", code.as_bytes()].concat())
}

fn id3(frames: &[Vec<u8>]) -> Vec<u8> {
    let body = [frames.concat(), vec![0; 300]].concat();
    [b"ID3\x03\0\0".as_slice(), &synchsafe(body.len()), &body].concat()
}

fn id3v1() -> Vec<u8> {
    let mut tag = b"TAGa title".to_vec();
    tag.resize(128, 0);
    tag
}

fn ape(items: &[(&str, &str)], count: u32) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, value) in items {
        body.extend((value.len() as u32).to_le_bytes());
        body.extend([0; 4]);
        body.extend([key.as_bytes(), b"\0", value.as_bytes()].concat());
    }
    let end = |flags: u32| {
        let words = [2000, body.len() as u32 + 32, count, flags, 0, 0].map(u32::to_le_bytes);
        [b"APETAGEX".to_vec(), words.concat()].concat()
    };
    [end(0xA000_0000), body.clone(), end(0x8000_0000)].concat()
}

fn chunk(id: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
    [id.as_slice(), &size.to_be_bytes(), body].concat()
}

/// An AIFF with an ID3 chunk last; both sizes are wrong by so much.
fn aiff(tag: &[u8], chunk_excess: u32, form_excess: i64) -> Vec<u8> {
    let mut file = seed("aiff-untagged.aiff");
    file.extend(chunk(b"ID3 ", tag.len() as u32 + chunk_excess, tag));
    let size = (file.len() as i64 - 8 + form_excess) as u32;
    file[4..8].copy_from_slice(&size.to_be_bytes());
    file
}

/// What a scan says of one file: its code, and the findings as `kind:repair`.
fn scanned(sandbox: &Sandbox, name: &str) -> (Option<String>, Vec<String>) {
    let run = sandbox.run(&["scan", "--all", "--format", "jsonl", name]);
    let file = &run.objects("file")[0];
    let findings = file["findings"].as_array().unwrap().iter();
    let told = |finding: &Value| match finding["repair"].as_str() {
        Some(repair) => format!("{}:{repair}", finding["kind"].as_str().unwrap()),
        None => finding["kind"].as_str().unwrap().to_owned(),
    };
    (file["isrc"].as_str().map(str::to_owned), findings.map(told).collect())
}

/// Scans the file, sets a code, and finds nothing to complain about; then takes it back.
#[track_caller]
fn edited(name: &str, file: &[u8], code: Option<&str>, findings: &[&str]) -> Vec<u8> {
    let sandbox = Sandbox::new();
    let path = sandbox.file(name, file);
    let (found, told) = scanned(&sandbox, name);
    assert_eq!(
        (found.as_deref(), &told[..]),
        (
            code,
            &findings.iter().map(|word| word.to_string()).collect::<Vec<_>>()[..]
        ),
        "{name}"
    );
    if told.iter().any(|word| word == "malformed:safe") {
        sandbox.run(&["fix", name]).expect(0);
        assert_eq!(scanned(&sandbox, name).0.as_deref(), code);
        sandbox.run(&["undo"]).expect(0);
    }
    sandbox.run(&["set", "--replace", CODE, name]).expect(0);
    let new = std::fs::read(&path).unwrap();
    assert_eq!(
        scanned(&sandbox, name),
        (Some(CODE.to_owned()), Vec::new()),
        "{name} after the edit"
    );
    sandbox.run(&["undo"]).expect(0);
    assert!(std::fs::read(&path).unwrap() == file, "{name}: undo gave other bytes");
    new
}

#[test]
fn what_others_do_not_see_is_told_and_put_right() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let bodies = [
        [b"\x01".to_vec(), wide(HYPHENS)].concat(),
        [b"\x05".to_vec(), HYPHENS.into()].concat(),
        HYPHENS.into(),
    ];
    for body in bodies {
        let file = [id3(&[frame("TIT2", b"\0a title"), frame("TSRC", &body)]), mp3()].concat();
        let new = edited("a.mp3", &file, Some(OLD), &["malformed:safe", "misplaced"]);
        assert!(new.windows(23).any(|window| window == tsrc(CODE)));
        assert!(new.ends_with(&mp3()));
    }
    // A size that is not synchsafe, and a frame that claims to be compressed.
    let mut file = [id3(&[tsrc(OLD)]), mp3()].concat();
    file[6..10].copy_from_slice(&323u32.to_be_bytes());
    file[9] = 0xC3;
    let padded = [&file[..10], &tsrc(OLD), &vec![0; 0x1C3 - 23], &mp3()].concat();
    let new = edited("b.mp3", &padded, Some(OLD), &["misplaced"]);
    assert_eq!(new.len(), padded.len());
    assert_eq!(new[6..10], synchsafe(0x1C3));
    let mut flagged = tsrc(OLD);
    flagged[9] = 0x80;
    edited("c.mp3", &[id3(&[flagged]), mp3()].concat(), Some(OLD), &["misplaced"]);
    // Sizes of chunks.
    for (chunk_excess, form_excess) in [(0, -8 - 344), (8, 8), (8, 0)] {
        let tag = id3(&[tsrc(OLD), b"TIT2\0\0\0\x02\0\0\0a".to_vec()]);
        let tag = &tag[..tag.len() - tag.len() % 2];
        let mut tag = tag.to_vec();
        let size = synchsafe(tag.len() - 10);
        tag[6..10].copy_from_slice(&size);
        let new = edited(
            "d.aiff",
            &aiff(&tag, chunk_excess, form_excess),
            Some(OLD),
            &["misplaced"],
        );
        let at = tag.windows(12).position(|window| window == OLD.as_bytes()).unwrap();
        let mut expected = tag.clone();
        expected[at..at + 12].copy_from_slice(CODE.as_bytes());
        assert!(new == aiff(&expected, 0, 0), "{chunk_excess} {form_excess}");
    }
}

#[test]
fn tags_of_other_kinds_behind_a_container_are_read() {
    for name in [
        "wav-untagged.wav",
        "aiff-untagged.aiff",
        "flac-untagged.flac",
        "vorbis-untagged.ogg",
        "opus-untagged.opus",
    ] {
        for behind in [Vec::new(), id3v1()] {
            let with = |code: &str| [seed(name), ape(&[("Title", "t"), ("ISRC", code)], 2), behind.clone()].concat();
            let new = edited(name, &with(HYPHENS), Some(OLD), &["malformed:safe", "misplaced"]);
            let tail = [ape(&[("Title", "t"), ("ISRC", CODE)], 2), behind.clone()].concat();
            assert!(new.ends_with(&tail), "{name}");
        }
        let wrong = [seed(name), ape(&[("ISRC", OLD)], 2), vec![0; 3]].concat();
        let sandbox = Sandbox::new();
        sandbox.file(name, &wrong);
        assert_eq!(scanned(&sandbox, name).0, None, "{name}: no tag ends the file");
    }
}

#[test]
fn what_stands_behind_the_end_does_not_keep_from_an_edit() {
    for name in ["wav-untagged.wav", "aiff-untagged.aiff", "dsf-untagged.dsf"] {
        for rest in [b"12345678".to_vec(), id3v1(), b"x".to_vec(), vec![0; 99], vec![7; 1000]] {
            let new = edited(name, &[seed(name), rest.clone()].concat(), None, &["missing"]);
            assert!(new.ends_with(&rest), "{name}");
        }
    }
}

/// MP3 frames in a WAV's `data` chunk; the ID3v1 tag that their encoder wrote stands in it, or behind the whole.
#[test]
fn an_mp3_in_a_wav_with_an_id3v1_tag_takes_a_code() {
    let wav = |audio: &[u8], id3: &[u8], behind: &[u8]| {
        let chunk = |id: &[u8; 4], body: &[u8]| {
            let pad = vec![0; body.len() % 2];
            [&id[..], &(body.len() as u32).to_le_bytes(), body, &pad].concat()
        };
        // Layer III: 44,100 Hz, two channels, 16,000 bytes a second, and twelve bytes of its own.
        let format = [
            &b"\x55\0\x02\0\x44\xAC\0\0\x80\x3E\0\0\x01\0\0\0\x0C\0"[..],
            b"\x01\0\x02\0\0\0\xA2\x01\x01\0\x71\x05",
        ];
        let mut body = [
            b"WAVE".to_vec(),
            chunk(b"fmt ", &format.concat()),
            chunk(b"fact", &[0, 4, 0, 0]),
        ]
        .concat();
        body.extend(chunk(b"data", audio));
        if !id3.is_empty() {
            body.extend(chunk(b"id3 ", id3));
        }
        [
            b"RIFF".to_vec(),
            (body.len() as u32).to_le_bytes().to_vec(),
            body,
            behind.to_vec(),
        ]
        .concat()
    };
    let in_chunk = [mp3(), id3v1()].concat();
    for (audio, behind) in [(mp3(), id3v1()), (in_chunk.clone(), Vec::new()), (in_chunk, id3v1())] {
        let new = edited("a.wav", &wav(&audio, &[], &behind), None, &["missing"]);
        assert!(new.ends_with(&behind));
        assert_eq!(new.windows(audio.len()).filter(|window| *window == audio).count(), 1);
        let tagged = |code: &str| wav(&audio, &id3(&[tsrc(code)]), &behind);
        assert!(edited("a.wav", &tagged(OLD), Some(OLD), &[]) == tagged(CODE));
        edited("a.wav", &tagged(HYPHENS), Some(OLD), &["malformed:safe"]);
    }
}

#[test]
fn a_stray_footer_or_a_wrong_count_does_not_keep_from_an_edit() {
    let footer = |size: u32| {
        let mut footer = ape(&[("a", "b")], 3).split_off(32 + 11);
        footer[12..16].copy_from_slice(&size.to_le_bytes());
        footer
    };
    for size in [142, 32 + 11, 1 << 20, u32::MAX] {
        for behind in [Vec::new(), id3v1()] {
            let rest = [mp3(), footer(size), behind].concat();
            let file = |code: &str| [id3(&[tsrc(code)]), rest.clone()].concat();
            let new = edited("a.mp3", &file(HYPHENS), Some(OLD), &["malformed:safe"]);
            assert!(new.ends_with(&rest));
            edited("a.mp3", &file(OLD), Some(OLD), &[]);
            let bare = [id3(&[frame("TIT2", b"\0t")]), rest.clone()].concat();
            edited("a.mp3", &bare, None, &["missing"]);
            // Without another tag to go by, nobody knows what it was the end of.
            let sandbox = Sandbox::new();
            let path = sandbox.file("b.mp3", &rest);
            assert_eq!(scanned(&sandbox, "b.mp3").1, ["unreadable"]);
            sandbox.run(&["set", CODE, "b.mp3"]).expect(3);
            assert!(std::fs::read(path).unwrap() == rest);
        }
    }
    for count in [0, 1, 3, 200] {
        let file = |code: &str, count| {
            [
                seed("wavpack-untagged.wv"),
                ape(&[("Title", "t"), ("ISRC", code)], count),
            ]
            .concat()
        };
        let findings: &[&str] = if count < 2 { &["misplaced"] } else { &[] };
        let new = edited("a.wv", &file(OLD, count), Some(OLD), findings);
        assert!(new == file(CODE, 2));
    }
}

#[test]
fn a_new_frame_stands_in_front_of_those_at_which_programs_stop() {
    let (title, empty, itunes) = (frame("TIT2", b"\0t"), frame("TCOM", b""), frame("TS2 ", b"\0t"));
    for frames in [
        vec![title.clone(), empty.clone()],
        vec![empty.clone(), title.clone()],
        vec![itunes, title.clone()],
        vec![],
    ] {
        let file = [id3(&frames), mp3()].concat();
        let new = edited("a.mp3", &file, None, &["missing"]);
        let rest = frames.concat();
        assert_eq!(new[10..33], tsrc(CODE));
        assert_eq!(new[33..33 + rest.len()], rest);
    }
}

/// Where an edit would be refused, a scan does not call it safe.
#[test]
fn what_a_scan_promises_is_what_fix_does() {
    let read_only = {
        let mut frame = tsrc(HYPHENS);
        frame[8] = 0x20;
        frame
    };
    let mut tag = ape(&[("ISRC", HYPHENS)], 1);
    let end = tag.len();
    for at in [20, end - 12] {
        tag[at] |= 1;
    }
    for (name, file) in [
        ("a.mp3", [id3(&[read_only]), mp3()].concat()),
        ("a.wv", [seed("wavpack-untagged.wv"), tag].concat()),
    ] {
        let sandbox = Sandbox::new();
        let path = sandbox.file(name, &file);
        assert_eq!(
            scanned(&sandbox, name),
            (Some(OLD.to_owned()), vec!["malformed:none".to_owned()]),
            "{name}"
        );
        let run = sandbox.run(&["scan", name]);
        assert!(run.stdout.contains("it is not repaired: "), "{}", run.stdout);
        assert!(!run.stdout.contains("isrctag fix"), "{}", run.stdout);
        sandbox.run(&["fix", name]).expect(3);
        assert!(std::fs::read(path).unwrap() == file, "{name}");
    }
}

/// The sign of an ID3v1 tag is in the header of an APEv2 tag of 131 bytes, right where that tag would begin.
#[test]
fn an_apev2_tag_that_looks_like_an_id3v1_tag_is_edited() {
    let files = [
        ("a.wv", seed("wavpack-untagged.wv"), ["malformed:safe"].as_slice()),
        ("a.ape", seed("monkeys-audio-untagged.ape"), &["malformed:safe"]),
        ("a.mp3", mp3(), &["malformed:safe", "misplaced"]),
    ];
    for (name, audio, told) in files {
        // Before the edit, and after it.
        for length in [131, 134] {
            let empty = ape(&[("ISRC", HYPHENS), ("Title", "")], 2).len();
            let file = [
                audio.clone(),
                ape(&[("ISRC", HYPHENS), ("Title", &"t".repeat(length - empty))], 2),
            ]
            .concat();
            let sandbox = Sandbox::new();
            let path = sandbox.file(name, &file);
            assert_eq!(
                scanned(&sandbox, name),
                (Some(OLD.to_owned()), told.iter().map(|word| word.to_string()).collect())
            );
            sandbox.run(&["fix", name]).expect(0);
            let new = std::fs::read(&path).unwrap();
            let expected = ape(&[("ISRC", OLD), ("Title", &"t".repeat(length - empty))], 2);
            assert!(new.ends_with(&expected) && new.len() == file.len() - 3);
            sandbox.run(&["remove", name]).expect(0);
            assert_eq!(scanned(&sandbox, name).0, None);
            sandbox.run(&["undo", "2"]).expect(0);
            sandbox.run(&["undo", "1"]).expect(0);
            assert!(std::fs::read(&path).unwrap() == file);
        }
    }
}

/// One edit puts the encoding right, and leaves the junk.
#[test]
fn of_two_things_that_hide_a_code_one_is_put_right() {
    let body = [
        b"\x01".to_vec(),
        HYPHENS.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ]
    .concat();
    let file = [b"junk".to_vec(), id3(&[frame("TSRC", &body)]), mp3()].concat();
    let sandbox = Sandbox::new();
    let path = sandbox.file("a.mp3", &file);
    assert_eq!(scanned(&sandbox, "a.mp3").1, ["malformed:safe", "misplaced"]);
    sandbox.run(&["fix", "a.mp3"]).expect(0);
    let new = std::fs::read(&path).unwrap();
    assert_eq!(new[4 + 10..][..23], tsrc(OLD));
    assert_eq!(
        scanned(&sandbox, "a.mp3"),
        (Some(OLD.to_owned()), vec!["misplaced".to_owned()])
    );
    sandbox.run(&["undo"]).expect(0);
    assert!(std::fs::read(&path).unwrap() == file);
}

/// Junk in front of FLAC, as in front of a tag: mutagen, ffprobe and ExifTool read nothing then.
#[test]
fn a_code_behind_junk_is_told() {
    let flac = seed("flac-tagged.flac");
    for front in [b"x".to_vec(), vec![0; 100], [id3(&[]), vec![0; 7]].concat()] {
        let file = [front, flac.clone()].concat();
        let sandbox = Sandbox::new();
        sandbox.file("a.flac", &file);
        assert_eq!(scanned(&sandbox, "a.flac").1, ["misplaced"]);
        let run = sandbox.run(&["set", "--replace", CODE, "a.flac"]).expect(0);
        assert!(
            run.stdout.contains("most other programs will not see it"),
            "{}",
            run.stdout
        );
        assert_eq!(
            scanned(&sandbox, "a.flac"),
            (Some(CODE.to_owned()), vec!["misplaced".to_owned()])
        );
    }
}

/// mutagen, ffprobe, ExifTool and MediaInfo read the comments of each stream that begins in front.
#[test]
fn a_code_in_another_stream_of_an_ogg_file_is_read() {
    let pages = |file: &[u8]| -> Vec<Vec<u8>> {
        let starts: Vec<usize> = memchr::memmem::find_iter(file, b"OggS\0").chain([file.len()]).collect();
        starts.windows(2).map(|ends| file[ends[0]..ends[1]].to_vec()).collect()
    };
    let (plain, tagged) = (
        pages(&seed("vorbis-untagged.ogg")),
        pages(&seed("opus-hyphens-tight.opus")),
    );
    assert_ne!(plain[0][14..18], tagged[0][14..18], "one serial number");
    let file = [&plain[..1], &tagged[..1], &plain[1..], &tagged[1..]].concat().concat();
    let code = "QZTSE2600321";
    let sandbox = Sandbox::new();
    let path = sandbox.file("a.ogg", &file);
    let found = scanned(&sandbox, "a.ogg");
    assert_eq!(
        found,
        (
            Some(code.to_owned()),
            vec!["malformed:none".to_owned(), "misplaced".to_owned()]
        )
    );
    sandbox.run(&["set", CODE, "a.ogg"]).expect(3);
    sandbox.run(&["remove", "a.ogg"]).expect(1);
    assert!(std::fs::read(&path).unwrap() == file);
    sandbox.run(&["set", code, "a.ogg"]).expect(0);
    assert_eq!(scanned(&sandbox, "a.ogg").1, ["malformed:none"]);
    sandbox.run(&["undo"]).expect(0);
    assert!(std::fs::read(&path).unwrap() == file);
}

/// mutagen and ffprobe do not open such a file. Where lofty reads the tag in front, one behind would hide it from lofty.
#[test]
fn a_code_in_an_apev2_tag_in_front_of_a_container_is_misplaced() {
    let front = |items: &[(&str, &str)]| ape(items, items.len() as u32);
    for (name, is_refused) in [("wavpack-untagged.wv", false), ("optimfrog-untagged.ofr", true)] {
        let sandbox = Sandbox::new();
        let file = [front(&[("Title", "Seed"), ("ISRC", CODE)]), seed(name)].concat();
        let path = sandbox.file(name, &file);
        assert_eq!(
            scanned(&sandbox, name),
            (Some(CODE.to_owned()), vec!["misplaced".to_owned()]),
            "{name}"
        );
        let run = sandbox.run(&["set", CODE, name]).expect(if is_refused { 3 } else { 0 });
        if is_refused {
            assert!(
                run.stdout.contains("the second reader sees other APEv2 items"),
                "{}",
                run.stdout
            );
            assert!(std::fs::read(&path).unwrap() == file, "{name}");
            continue;
        }
        assert!(std::fs::read(&path).unwrap().starts_with(&file), "{name}");
        assert_eq!(scanned(&sandbox, name).1, Vec::<String>::new(), "{name}");
        sandbox.run(&["undo"]).expect(0);
        assert!(std::fs::read(&path).unwrap() == file, "{name}");
    }
}

/// The size of a Lyrics3 tag without a beginning may be anything.
#[test]
fn an_mp3_with_the_end_of_a_lyrics3_tag_alone_is_edited() {
    for end in [&b"000010LYRICS200"[..], b"LYRICSEND"] {
        let sandbox = Sandbox::new();
        let file = [mp3(), end.to_vec(), id3v1()].concat();
        let path = sandbox.file("a.mp3", &file);
        assert_eq!(scanned(&sandbox, "a.mp3"), (None, vec!["missing".to_owned()]));
        sandbox.run(&["set", CODE, "a.mp3"]).expect(0);
        assert!(std::fs::read(&path).unwrap().ends_with(&file));
        assert_eq!(scanned(&sandbox, "a.mp3"), (Some(CODE.to_owned()), Vec::new()));
        sandbox.run(&["undo"]).expect(0);
        assert!(std::fs::read(&path).unwrap() == file);
    }
}
