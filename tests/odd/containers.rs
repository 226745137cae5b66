//! Codes behind what stops other programs in WAV, AIFF and MP4, and frames whose sizes are written in the way of another
//! version of ID3v2.

use super::common::Sandbox;
use super::{CODE, OLD, edited, frame, id3, mp3, scanned, seed, synchsafe, tsrc};

/// A container of chunks from a seed, with a tag in a chunk of this name behind `between`.
struct Chunks {
    name: &'static str,
    seed: &'static str,
    size: fn(u32) -> [u8; 4],
    id: &'static [u8; 4],
}

impl Chunks {
    fn chunk(&self, id: &[u8], body: &[u8]) -> Vec<u8> {
        [id, &(self.size)(body.len() as u32), body].concat()
    }

    /// With the chunk under the name that other programs expect.
    fn named(&self) -> Chunks {
        let id = if self.name == "a.aiff" { b"ID3 " } else { self.id };
        Chunks { id, ..*self }
    }

    /// The file whose header says that so many bytes less stand in it.
    fn with(&self, between: &[u8], code: &str, less: usize) -> Vec<u8> {
        let tag = id3(&[frame("TIT2", b"\0odd"), tsrc(code)]);
        let tag = [tag.clone(), vec![0; tag.len() % 2]].concat();
        let mut file = [seed(self.seed), between.to_vec(), self.chunk(self.id, &tag)].concat();
        let stated = (self.size)((file.len() - 8 - less) as u32);
        file[4..8].copy_from_slice(&stated);
        file
    }
}

fn containers() -> Vec<Chunks> {
    let wav = |id| Chunks {
        name: "a.wav",
        seed: "wav-untagged.wav",
        size: u32::to_le_bytes,
        id,
    };
    let aiff = |id| Chunks {
        name: "a.aiff",
        seed: "aiff-untagged.aiff",
        size: u32::to_be_bytes,
        id,
    };
    vec![wav(b"id3 "), wav(b"ID3 "), aiff(b"ID3 "), aiff(b"id3 ")]
}

#[test]
fn a_chunk_behind_what_stops_others_is_read_told_and_edited() {
    for container in containers() {
        let without_pad = container.chunk(b"junk", b"seven b");
        let mut betweens = vec![without_pad];
        betweens.extend([1, 2, 3, 4, 8, 9, 100].map(|zeros| vec![0; zeros]));
        for between in betweens {
            let about = format!("{} {:?} {between:?}", container.name, container.id);
            let file = container.with(&between, OLD, 0);
            let sandbox = Sandbox::new();
            let path = sandbox.file(container.name, &file);
            assert_eq!(
                scanned(&sandbox, container.name),
                (Some(OLD.to_owned()), vec!["misplaced".to_owned()]),
                "{about}"
            );
            sandbox.run(&["set", "--replace", CODE, container.name]).expect(0);
            let new = std::fs::read(&path).unwrap();
            assert!(new.starts_with(&file[..4]), "{about}");
            let (code, told) = scanned(&sandbox, container.name);
            assert_eq!(code.as_deref(), Some(CODE), "{about}");
            // What is still hidden is still told.
            assert!(told.is_empty() || told == ["misplaced"], "{about}: {told:?}");
            sandbox.run(&["undo"]).expect(0);
            assert!(std::fs::read(&path).unwrap() == file, "{about}");
        }
        // Behind the end that the header states.
        let whole = container.with(&[], OLD, 0).len();
        let file = container.with(&[], OLD, whole - seed(container.seed).len());
        let new = edited(container.name, &file, Some(OLD), &["misplaced"]);
        assert!(new == container.named().with(&[], CODE, 0), "{}", container.name);
    }
}

/// The type of a value becomes that of UTF-8, which every program reads.
#[test]
fn a_value_of_another_type_is_written_as_text() {
    for (name, findings) in [("m4a-utf16.m4a", &["misplaced"][..]), ("m4a-implicit-type.m4a", &[])] {
        let sandbox = Sandbox::new();
        let path = sandbox.take(&format!("seeds/{name}"), "a.m4a");
        let old = std::fs::read(&path).unwrap();
        assert_eq!(scanned(&sandbox, "a.m4a").1, findings, "{name}");
        sandbox.run(&["set", "--replace", CODE, "a.m4a"]).expect(0);
        let new = std::fs::read(&path).unwrap();
        let text = [b"data\0\0\0\x01\0\0\0\0", CODE.as_bytes()].concat();
        assert!(new.windows(text.len()).any(|window| window == text), "{name}");
        sandbox.run(&["undo"]).expect(0);
        assert!(std::fs::read(&path).unwrap() == old, "{name}");
    }
}

/// ID3v2.3 sizes are plain numbers; some programs write those of ID3v2.4. Nobody knows where the frames behind such a size
/// stand, so that "no code" would be a guess.
#[test]
fn frames_of_the_old_version_with_sizes_of_the_new_one_are_never_without_a_code() {
    let long = |id: &str, len: usize| {
        let mut frame = frame(id, &[&b"\0"[..], &vec![b'a'; len - 1]].concat());
        frame[4..8].copy_from_slice(&synchsafe(len));
        frame
    };
    let title = frame("TIT2", b"\0t");
    let hidden = [
        vec![long("TIT2", 301), tsrc(OLD)],
        vec![long("TIT2", 129), tsrc(OLD), title.clone()],
        vec![title.clone(), long("TALB", 200), tsrc(OLD)],
        vec![long("TIT2", 300), long("TALB", 400), tsrc(OLD)],
        vec![long("COMM", 16_500), tsrc(OLD)],
        vec![long("TIT2", 301), title.clone()],
        vec![title.clone(), long("TXXX", 5000)],
    ];
    for (number, frames) in hidden.iter().enumerate() {
        let file = [id3(frames), mp3()].concat();
        let sandbox = Sandbox::new();
        let path = sandbox.file("a.mp3", &file);
        let (_, told) = scanned(&sandbox, "a.mp3");
        assert!(
            !told.is_empty() && !told.contains(&"missing".to_owned()),
            "{number}: {told:?}"
        );
        if told == ["unreadable"] {
            sandbox.run(&["set", "--replace", CODE, "a.mp3"]).expect(3);
            assert!(std::fs::read(&path).unwrap() == file, "{number}");
        }
    }
    // In front of them all is certain.
    for behind in [vec![long("TIT2", 301)], vec![long("TALB", 200), title]] {
        let with = |code: &str| [id3(&[vec![tsrc(code)], behind.clone()].concat()), mp3()].concat();
        assert!(edited("a.mp3", &with(OLD), Some(OLD), &[]) == with(CODE));
    }
}

/// All other programs step over such a frame by its size, and read the code behind it.
#[test]
fn a_code_behind_a_frame_without_a_valid_name_is_read_and_edited() {
    let tag = |code: &str| id3(&[frame("TIT2", b"\0odd"), frame("Tit2", b"\0some text"), tsrc(code)]);
    let mut files = vec![("a.mp3", [tag(OLD), mp3()].concat(), [tag(CODE), mp3()].concat())];
    for container in containers() {
        let file = |container: &Chunks, code: &str| {
            let tag = tag(code);
            let tag = [tag.clone(), vec![0; tag.len() % 2]].concat();
            let mut file = [seed(container.seed), container.chunk(container.id, &tag)].concat();
            let size = (container.size)(file.len() as u32 - 8);
            file[4..8].copy_from_slice(&size);
            file
        };
        files.push((container.name, file(&container, OLD), file(&container.named(), CODE)));
    }
    for (name, file, expected) in files {
        let sandbox = Sandbox::new();
        let path = sandbox.file(name, &file);
        assert_eq!(scanned(&sandbox, name).0.as_deref(), Some(OLD));
        let run = sandbox.run(&["set", CODE, name]).expect(3);
        assert!(run.stdout.contains("it carries USRC17607839 already"), "{}", run.stdout);
        assert!(std::fs::read(&path).unwrap() == file);
        sandbox.run(&["set", "--replace", CODE, name]).expect(0);
        assert!(std::fs::read(&path).unwrap() == expected, "{name}");
        sandbox.run(&["remove", name]).expect(0);
        assert_eq!(sandbox.run(&["get", name]).stdout.trim(), "");
        sandbox.run(&["undo", "2"]).expect(0);
    }
}

/// Its size leads to no frame and to no padding: what stands behind is not known.
#[test]
fn nothing_is_written_where_a_frame_without_a_valid_name_leads_nowhere() {
    let mut odd = frame("T#%1", b"\0some text");
    odd[7] -= 2;
    let file = [id3(&[frame("TIT2", b"\0odd"), odd, tsrc(OLD)]), mp3()].concat();
    let sandbox = Sandbox::new();
    let path = sandbox.file("a.mp3", &file);
    assert_eq!(scanned(&sandbox, "a.mp3"), (None, vec!["unreadable".to_owned()]));
    sandbox.run(&["set", CODE, "a.mp3"]).expect(3);
    assert!(std::fs::read(&path).unwrap() == file);
}

/// lofty does not read such a text; what a scan promises is what `fix` does.
#[test]
fn a_text_that_ends_in_half_a_character_is_repaired() {
    let wide: Vec<u8> = "US-RC1-76-07839".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let body = [&[1, 0xFF, 0xFE][..], &wide, &[0]].concat();
    let file = [id3(&[frame("TIT2", b"\0odd"), frame("TSRC", &body)]), mp3()].concat();
    let sandbox = Sandbox::new();
    let path = sandbox.file("a.mp3", &file);
    let told = vec!["malformed:safe".to_owned(), "misplaced".to_owned()];
    assert_eq!(scanned(&sandbox, "a.mp3"), (Some(OLD.to_owned()), told));
    sandbox.run(&["fix", "a.mp3"]).expect(0);
    let new = std::fs::read(&path).unwrap();
    let written = tsrc(OLD);
    assert!(new.windows(written.len()).any(|window| window == written));
    assert_eq!(new.len(), file.len());
    assert_eq!(scanned(&sandbox, "a.mp3"), (Some(OLD.to_owned()), Vec::new()));
    sandbox.run(&["undo"]).expect(0);
    assert!(std::fs::read(&path).unwrap() == file);
}

#[test]
fn remove_refuses_where_it_does_not_know_what_there_is() {
    let mut item = super::ape(&[("ISRC", OLD)], 1);
    // The content of the first item: binary.
    item[36] = 2;
    let file = [seed("wavpack-untagged.wv"), item].concat();
    let sandbox = Sandbox::new();
    let path = sandbox.file("a.wv", &file);
    assert_eq!(scanned(&sandbox, "a.wv").1, ["unreadable"]);
    let run = sandbox.run(&["remove", "a.wv"]).expect(3);
    assert!(
        run.stdout.contains("an APEv2 tag's ISRC item is not text"),
        "{}",
        run.stdout
    );
    assert!(std::fs::read(&path).unwrap() == file);
}

#[test]
fn a_tag_behind_a_caf_is_read_and_kept() {
    let ape = |code: &str| super::ape(&[("ISRC", code)], 1);
    for (tag, found) in [
        (super::id3v1(), None),
        (ape(OLD), Some(OLD)),
        ([ape(OLD), super::id3v1()].concat(), Some(OLD)),
    ] {
        let file = [seed("caf-untagged.caf"), tag.clone()].concat();
        let sandbox = Sandbox::new();
        let path = sandbox.file("a.caf", &file);
        let kind = if found.is_some() { "misplaced" } else { "missing" };
        assert_eq!(
            scanned(&sandbox, "a.caf"),
            (found.map(str::to_owned), vec![kind.to_owned()])
        );
        if found.is_some() {
            let run = sandbox.run(&["set", CODE, "a.caf"]).expect(3);
            assert!(
                run.stdout.contains("in apev2:ISRC, which is only read"),
                "{}",
                run.stdout
            );
            assert!(std::fs::read(&path).unwrap() == file);
        }
        sandbox.run(&["set", "--replace", CODE, "a.caf"]).expect(0);
        let new = std::fs::read(&path).unwrap();
        assert!(new.ends_with(&tag) && new.len() > file.len());
        sandbox.run(&["undo"]).expect(0);
        assert!(std::fs::read(&path).unwrap() == file);
    }
}

/// Programs leave a space or a zero byte behind the name: the code is there, and few others find it.
#[test]
fn a_name_that_ends_in_a_space_hides_no_code() {
    let comment = |key: &str| {
        let text = [key, "=", OLD].concat();
        let list = [
            &[0; 4][..],
            &1u32.to_le_bytes(),
            &(text.len() as u32).to_le_bytes(),
            text.as_bytes(),
        ]
        .concat();
        let flac = seed("flac-untagged.flac");
        let block = [&[4, 0, 0, list.len() as u8][..], &list].concat();
        [&flac[..42], &block, &[0x81, 0, 0, 0]].concat()
    };
    let described = |name: &str| {
        let body = [b"\0", name.as_bytes(), b"\0", OLD.as_bytes()].concat();
        [id3(&[frame("TXXX", &body)]), mp3()].concat()
    };
    let item = |key: &str| [seed("wavpack-untagged.wv"), super::ape(&[(key, OLD)], 1)].concat();
    for (name, file) in [
        ("a.flac", comment("ISRC ")),
        ("a.mp3", described("ISRC ")),
        ("a.wv", item("ISRC ")),
    ] {
        let sandbox = Sandbox::new();
        let path = sandbox.file(name, &file);
        assert_eq!(
            scanned(&sandbox, name),
            (Some(OLD.to_owned()), vec!["misplaced".to_owned()]),
            "{name}"
        );
        sandbox.run(&["set", CODE, name]).expect(3);
        assert!(std::fs::read(&path).unwrap() == file, "{name}");
        sandbox.run(&["set", "--replace", CODE, name]).expect(0);
        assert_eq!(scanned(&sandbox, name), (Some(CODE.to_owned()), Vec::new()), "{name}");
        let new = std::fs::read(&path).unwrap();
        assert!(!new.windows(OLD.len()).any(|window| window == OLD.as_bytes()), "{name}");
        sandbox.run(&["undo"]).expect(0);
        assert!(std::fs::read(&path).unwrap() == file, "{name}");
    }
}

#[test]
fn another_spelling_of_the_same_code_where_nothing_is_written_is_no_finding() {
    let hyphenated = format!("{}-{}-{}-{}", &CODE[..2], &CODE[2..5], &CODE[5..7], &CODE[7..]);
    let info = |text: &str| [b"INFOISRC", &16u32.to_le_bytes()[..], text.as_bytes(), b"\0"].concat();
    let description = |text: &str| {
        let mut bext = format!("ISRC: {text}").into_bytes();
        bext.resize(602, 0);
        bext
    };
    let containers = containers();
    let wav = &containers[0];
    for of_place in [&|text: &str| wav.chunk(b"LIST", &info(text)), &|text: &str| {
        wav.chunk(b"bext", &description(text))
    }] as [&dyn Fn(&str) -> Vec<u8>; 2]
    {
        let findings = |tag: &str, text: &str| {
            let sandbox = Sandbox::new();
            sandbox.file("a.wav", &wav.with(&of_place(text), tag, 0));
            scanned(&sandbox, "a.wav").1
        };
        assert!(findings(CODE, &hyphenated).is_empty());
        // Another code, no code, and the only one are.
        assert!(findings(OLD, &hyphenated).contains(&"conflicting".to_owned()));
        let sandbox = Sandbox::new();
        sandbox.file("a.wav", &[wav.with(&of_place(&hyphenated), "", 0)].concat());
        assert!(scanned(&sandbox, "a.wav").1.contains(&"misplaced".to_owned()));
    }
}

/// The name and the size of the chunk behind may look like a chunk themselves, one byte on.
#[test]
fn a_pad_byte_that_is_missing_in_front_of_the_audio_hides_no_code() {
    for container in containers() {
        let (front, audio) = if container.name == "a.wav" { (36, 2) } else { (38, 0) };
        let whole = container.with(&[], OLD, 0);
        for (id, length) in [(b"bext", 603), (b"LIST", 17), (b"junk", 1), (b"Note", 255)] {
            for more in [0x20, 0x41, 0x7e_usize] {
                // So much more audio, so that the lowest byte of its size is a character.
                let end = front + 8 + u32::from_le_bytes(whole[front + 4..front + 8].try_into().unwrap()) as usize;
                let (mut file, about) = match audio {
                    0 => (whole.clone(), format!("{} {id:?}", container.name)),
                    _ => {
                        let size = ((end - front - 8) & !0xff) + more / 2 * 2;
                        let body = vec![7; size];
                        let behind = whole[end..].to_vec();
                        let file = [&whole[..front], &container.chunk(b"data", &body), &behind].concat();
                        (file, format!("{} {id:?} {more:x}", container.name))
                    }
                };
                file.splice(front..front, container.chunk(id, &vec![b'x'; length]));
                let size = (container.size)(file.len() as u32 - 8);
                file[4..8].copy_from_slice(&size);
                let sandbox = Sandbox::new();
                let path = sandbox.file(container.name, &file);
                let (code, told) = scanned(&sandbox, container.name);
                assert_eq!(
                    (code.as_deref(), &told[..]),
                    (Some(OLD), &["misplaced".to_owned()][..]),
                    "{about}"
                );
                sandbox.run(&["set", "--replace", CODE, container.name]).expect(0);
                assert_eq!(scanned(&sandbox, container.name).0.as_deref(), Some(CODE), "{about}");
                sandbox.run(&["undo"]).expect(0);
                assert!(std::fs::read(&path).unwrap() == file, "{about}");
                if audio == 0 {
                    break;
                }
            }
        }
    }
}
