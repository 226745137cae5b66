//! Of one title the music video, and the mix for more than two channels, are recordings of their own.

use crate::audio::{flac_of, wav_of};
use crate::common::{Sandbox, contents, testdata};
use crate::samples::melody;

const SONG: &str = "library/Various Artists/Harbour Sessions (2025)/CD 1/4 Iva Renn - Ferry Song.m4a";
const CODE: &str = "QZTST2600001";

fn at(bytes: &[u8], name: &[u8; 4]) -> usize {
    bytes.windows(4).position(|part| part == name).unwrap()
}

fn rename(bytes: &mut [u8], old: &[u8; 4], new: &[u8; 4]) {
    let at = at(bytes, old);
    bytes[at..at + 4].copy_from_slice(new);
}

/// The song with a second track, of pictures that are coded so. Its media lie in front of the `moov` atom, so that they stay
/// where they are.
fn with_pictures(coding: &[u8; 4]) -> Vec<u8> {
    let mut file = std::fs::read(testdata().join(SONG)).unwrap();
    let size = |file: &[u8], at: usize| u32::from_be_bytes(file[at - 4..at].try_into().unwrap());
    let (movie, track) = (at(&file, b"moov"), at(&file, b"trak"));
    let end = track - 4 + size(&file, track) as usize;
    let mut pictures = file[track - 4..end].to_vec();
    rename(&mut pictures, b"soun", b"vide");
    rename(&mut pictures, b"mp4a", coding);
    let grown = size(&file, movie) + pictures.len() as u32;
    file[movie - 4..movie].copy_from_slice(&grown.to_be_bytes());
    file.splice(end..end, pictures);
    file
}

/// The song with its code, and beside it, without one, what else is called so.
fn beside(name: &str, bytes: &[u8]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.take(SONG, "4 Ferry Song.m4a");
    sandbox.file(name, bytes);
    sandbox.run(&["remove", "4 Ferry Song.m4a", name]).expect(0);
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox
}

#[test]
fn a_video_does_not_get_the_code_of_its_song() {
    for name in ["4 Ferry Song.mp4", "4 Ferry Song.mov", "Bonus/4 Ferry Song.m4v"] {
        let sandbox = beside(name, &with_pictures(b"mp4v"));
        let before = contents(&sandbox.music());
        let asked = sandbox.run(&["assign", "--year", "2026", "."]).expect(2);
        assert!(asked.stderr.contains("only one is a video"), "{}", asked.stderr);
        let both = sandbox.run(&["set", CODE, "4 Ferry Song.m4a", name]).expect(3);
        assert!(both.stdout.contains("only one is a video"), "{}", both.stdout);
        assert!(contents(&sandbox.music()) == before, "a code was given out");
        sandbox.run(&["set", CODE, "4 Ferry Song.m4a"]).expect(0);
        let before = contents(&sandbox.music());
        for options in [&["."][..], &["--presumed", "."]] {
            let told = sandbox.run(&[&["fill"], options].concat()).expect(1);
            assert!(told.stdout.contains("only one is a video"), "{}", told.stdout);
        }
        assert!(contents(&sandbox.music()) == before, "a code was filled in");
        // A person's word.
        sandbox.run(&["set", CODE, name]).expect(0);
        let scan = sandbox.run(&["scan", "--audio", "--format", "jsonl", "."]).expect(1);
        let index = ["scan", "--audio", "--index", "../music.jsonl", "--format", "jsonl", "."];
        sandbox.run(&index).expect(1);
        for scan in [scan, sandbox.run(&index).expect(1)] {
            assert_eq!(scan.objects("shared")[0]["verdict"], "undecided", "{}", scan.stdout);
        }
    }
}

#[test]
fn a_cover_as_a_track_makes_no_video() {
    let sandbox = beside("MP4/4 Ferry Song.mp4", &with_pictures(b"jpeg"));
    sandbox.run(&["set", CODE, "4 Ferry Song.m4a"]).expect(0);
    let filled = sandbox.run(&["fill", "--presumed", "."]).expect(0);
    assert!(
        filled.stdout.contains("MP4/4 Ferry Song.mp4: (none) -> "),
        "{}",
        filled.stdout
    );
}

/// Applies a list to the song and its video, and tells which of both got which code.
fn applied(sandbox: &Sandbox, list: &str, code: i32) -> [Option<String>; 2] {
    std::fs::write(sandbox.music().join("../list.csv"), list).unwrap();
    sandbox.run(&["apply", "../list.csv", "."]).expect(code);
    let scan = sandbox.run(&["scan", "--all", "--format", "jsonl", "."]);
    let files = scan.objects("file");
    ["m4a", "mp4"].map(|ending| {
        let mut files = files.iter();
        let file = files.find(|file| file["path"].as_str().is_some_and(|path| path.ends_with(ending)))?;
        file["isrc"].as_str().map(str::to_owned)
    })
}

#[test]
fn a_row_goes_to_a_video_beside_songs_only_where_it_says_so() {
    let (song, video) = (Some(CODE.to_owned()), Some("QZTST2600009".to_owned()));
    for (list, code, expected) in [
        ("No.,Title,ISRC\n4,Ferry Song,QZTST2600001\n", 0, [&song, &None]),
        ("Title,ISRC\nFerry Song,QZTST2600001\n", 0, [&song, &None]),
        ("Track,ISRC\n4,QZTST2600001\n", 0, [&song, &None]),
        (
            "Title,Version,ISRC\nFerry Song,,QZTST2600001\nFerry Song,Official Video,QZTST2600009\n",
            0,
            [&song, &video],
        ),
        (
            "Type,No.,Title,ISRC\nAudio,4,Ferry Song,QZTST2600001\nVideo,4,Ferry Song,QZTST2600009\n",
            0,
            [&song, &video],
        ),
        (
            "Title,ISRC\nFerry Song (Official Video),QZTST2600009\n",
            0,
            [&None, &video],
        ),
        ("File,ISRC\n4 Ferry Song.mp4,QZTST2600009\n", 0, [&None, &video]),
        // Nobody can tell which of both codes is whose.
        (
            "Title,ISRC\nFerry Song,QZTST2600001\nFerry Song,QZTST2600009\n",
            2,
            [&None, &None],
        ),
    ] {
        let sandbox = beside("4 Ferry Song.mp4", &with_pictures(b"mp4v"));
        assert_eq!(applied(&sandbox, list, code), expected.map(Clone::clone), "{list}");
    }
}

#[test]
fn where_the_song_is_missing_its_row_does_not_go_to_the_video() {
    for (list, other, expected) in [
        ("Title,ISRC\nFerry Song,QZTST2600009\n", "1 Undertow.m4a", 2),
        ("No.,Title,ISRC\n4,Ferry Song,QZTST2600009\n", "1 Undertow.m4a", 2),
        // A folder of nothing but videos.
        ("Title,ISRC\nFerry Song,QZTST2600009\n", "", 0),
    ] {
        let sandbox = beside("4 Ferry Song.mp4", &with_pictures(b"mp4v"));
        match other {
            "" => std::fs::remove_file(sandbox.path("4 Ferry Song.m4a")).unwrap(),
            other => {
                let mut song = std::fs::read(sandbox.path("4 Ferry Song.m4a")).unwrap();
                let title = song.windows(10).position(|part| part == b"Ferry Song").unwrap();
                song[title..title + 10].copy_from_slice(b"Undertow!!");
                std::fs::remove_file(sandbox.path("4 Ferry Song.m4a")).unwrap();
                sandbox.file(other, &song);
            }
        }
        let before = contents(&sandbox.music());
        let [_, video] = applied(&sandbox, list, expected);
        assert_eq!(video.is_some(), expected == 0, "{list}");
        assert_eq!(contents(&sandbox.music()) == before, expected != 0, "{list}");
    }
}

/// A WAV with these samples in each of its channels.
fn wav_in(samples: &[i16], channels: u16) -> Vec<u8> {
    let spread: Vec<i16> = samples
        .iter()
        .flat_map(|sample| std::iter::repeat_n(*sample, channels.into()))
        .collect();
    let mut file = wav_of(&spread);
    file[22..24].copy_from_slice(&channels.to_le_bytes());
    file[28..32].copy_from_slice(&(8000 * 2 * u32::from(channels)).to_le_bytes());
    file[32..34].copy_from_slice(&(2 * channels).to_le_bytes());
    file
}

fn mixes(channels: u16) -> Sandbox {
    let sandbox = Sandbox::new();
    let song = melody(1);
    sandbox.file("A/01 Rope.flac", &flac_of(&song, None));
    sandbox.file("B/01 Rope.wav", &wav_in(&song, channels));
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox
}

#[test]
fn a_mix_for_more_channels_does_not_get_the_code_of_the_stereo_mix() {
    let sandbox = mixes(6);
    let before = contents(&sandbox.music());
    let asked = sandbox.run(&["assign", "--year", "2026", "."]).expect(2);
    let told = "only one has more than two channels";
    assert!(asked.stderr.contains(told), "{}", asked.stderr);
    let both = sandbox.run(&["set", CODE, "A/01 Rope.flac", "B/01 Rope.wav"]).expect(3);
    assert!(both.stdout.contains(told), "{}", both.stdout);
    assert!(contents(&sandbox.music()) == before, "a code was given out");
    sandbox.run(&["set", CODE, "A/01 Rope.flac"]).expect(0);
    let before = contents(&sandbox.music());
    let asked = sandbox.run(&["fill", "."]).expect(1);
    assert!(asked.stdout.contains(told), "{}", asked.stdout);
    assert!(contents(&sandbox.music()) == before, "a code was filled in");
}

#[test]
fn mono_and_stereo_are_one_recording() {
    let sandbox = mixes(2);
    sandbox.run(&["set", CODE, "A/01 Rope.flac"]).expect(0);
    sandbox.run(&["fill", "."]).expect(0);
}

#[test]
fn a_row_goes_to_a_mix_for_more_channels_beside_stereo_only_where_it_says_so() {
    for (list, code, goes_to) in [
        ("No.,Title,ISRC\n1,Rope,QZTST2600001\n", 0, [true, false]),
        ("Track,ISRC\n1,QZTST2600001\n", 0, [true, false]),
        ("Title,Version,ISRC\nRope,Surround,QZTST2600001\n", 0, [false, true]),
        ("File,ISRC\nB/01 Rope.wav,QZTST2600001\n", 0, [false, true]),
        ("File,ISRC\n01 Rope,QZTST2600001\n", 0, [true, false]),
        ("Title,Version,ISRC\nRope,Atmos,QZTST2600001\n", 2, [false, false]),
    ] {
        let sandbox = mixes(6);
        let files = || ["A/01 Rope.flac", "B/01 Rope.wav"].map(|name| std::fs::read(sandbox.path(name)).unwrap());
        let before = files();
        std::fs::write(sandbox.music().join("../list.csv"), list).unwrap();
        sandbox.run(&["apply", "../list.csv", "."]).expect(code);
        let after = files();
        assert_eq!([0, 1].map(|at| before[at] != after[at]), goes_to, "{list}");
    }
    // Of nothing but surround, a list need not say so.
    let sandbox = mixes(6);
    std::fs::remove_file(sandbox.path("A/01 Rope.flac")).unwrap();
    std::fs::write(sandbox.music().join("../list.csv"), "Title,ISRC\nRope,QZTST2600001\n").unwrap();
    sandbox.run(&["apply", "../list.csv", "."]).expect(0);
}
