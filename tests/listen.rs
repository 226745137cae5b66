//! Judgement by ear through the built program, on the twelve-second tracks of `testdata/library`.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;
#[path = "common/pieces.rs"]
mod pieces;

use lofty::file::{AudioFile as _, TaggedFileExt as _};
use lofty::tag::Accessor as _;

use common::{Sandbox, contents};

const FLAC: &str = "library/Lantern Street/Tidewater (2024)/";
const MP3: &str = "library/Lantern Street/Tidewater (2024) [MP3]/";

#[test]
fn a_flac_and_its_mp3_under_one_code_are_one_recording() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}01 Low Water.flac"), "a.flac");
    sandbox.take(&format!("{MP3}01 Low Water.mp3"), "b.mp3");
    let by_names = sandbox.run(&["scan", "--format", "jsonl"]).expect(0);
    assert_eq!(by_names.objects("shared")[0]["verdict"], "presumed-same");
    let by_ear = sandbox.run(&["scan", "--audio", "--format", "jsonl"]).expect(0);
    assert_eq!(by_ear.objects("shared")[0]["verdict"], "same-recording");
    assert_eq!(by_ear.objects("shared")[0]["severity"], "info");
}

#[test]
fn different_tracks_under_one_code_are_different_recordings() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}01 Low Water.flac"), "a.flac");
    sandbox.take(&format!("{FLAC}09 Estuary.flac"), "b.flac");
    sandbox.run(&["set", "QZTST2400001", "b.flac", "--replace"]).expect(0);
    let run = sandbox.run(&["scan", "--audio", "--format", "jsonl"]).expect(1);
    assert_eq!(run.objects("shared")[0]["verdict"], "different-recordings");
}

#[test]
fn one_recording_under_two_codes_is_split() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}01 Low Water.flac"), "a.flac");
    sandbox.take(&format!("{MP3}01 Low Water.mp3"), "b.mp3");
    sandbox.run(&["set", "QZTST2499999", "b.mp3", "--replace"]).expect(0);
    sandbox.run(&["scan"]).expect(0);
    let run = sandbox.run(&["scan", "--audio", "--format", "jsonl"]).expect(1);
    let split = &run.objects("split")[0];
    assert_eq!(split["isrcs"].as_array().unwrap().len(), 2);
    assert_eq!(run.objects("summary")[0]["split"], 2);
    for format in ["text", "csv"] {
        assert!(
            sandbox
                .run(&["scan", "--audio", "--format", format])
                .expect(1)
                .stdout
                .contains("split")
        );
    }
}

#[test]
fn a_report_of_scans_tells_the_recordings_that_they_heard() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}01 Low Water.flac"), "a.flac");
    sandbox.take(&format!("{MP3}01 Low Water.mp3"), "b.mp3");
    sandbox.run(&["set", "QZTST2499999", "b.mp3", "--replace"]).expect(0);
    let scan = [
        "scan",
        "--audio",
        "--all",
        "--index",
        "../index.jsonl",
        "-o",
        "../plain.jsonl",
    ];
    sandbox.run(&scan).expect(1);
    for scans in [
        &["../index.jsonl"][..],
        &["../plain.jsonl"],
        &["../plain.jsonl", "../index.jsonl"],
    ] {
        let run = sandbox
            .run(&[&["report", "--format", "jsonl"], scans].concat())
            .expect(1);
        let splits = run.objects("split");
        assert_eq!(splits.len(), 1, "{scans:?}");
        assert_eq!(splits[0]["isrcs"].as_array().unwrap().len(), 2);
        assert_eq!(run.objects("summary")[0]["split"], 2, "{scans:?}");
        assert!(
            sandbox
                .run(&[&["report"], scans].concat())
                .expect(1)
                .stdout
                .contains("split")
        );
    }
}

/// Twenty seconds; the same with silence around; and eleven seconds less of it.
fn take_with_silence(sandbox: &Sandbox) {
    let mut piece = pieces::Piece::new(3);
    piece.seconds = 20.0;
    let sound = piece.render();
    let second = pieces::RATE as usize * 2;
    let silence = |seconds: usize| vec![0.0; seconds * second];
    let silent = [silence(12), sound.clone(), silence(3)].concat();
    for (name, samples) in [
        ("Masters/1.wav", &sound[..]),
        ("Web/a.wav", &silent),
        ("Cut/b.wav", &sound[11 * second..]),
    ] {
        sandbox.file(name, &pieces::wav(samples, pieces::RATE, 2));
    }
}

#[test]
fn silence_around_a_recording_makes_no_other_one_where_somebody_listens() {
    const CODE: &str = "QZTST2600001";
    let sandbox = Sandbox::new();
    take_with_silence(&sandbox);
    let verdict = |options: &[&str], code| {
        let run = sandbox.run(&[&["scan", "--format", "jsonl"], options].concat());
        run.expect(code).objects("shared")[0]["verdict"].clone()
    };
    let before = contents(&sandbox.music());
    sandbox.run(&["set", CODE, "Masters/1.wav", "Web/a.wav"]).expect(0);
    assert_eq!(verdict(&["Masters", "Web"], 1), "different-recordings");
    assert_eq!(verdict(&["--audio", "Masters", "Web"], 0), "same-recording");
    // What was heard is told again, of these very files and no others.
    let heard = ["scan", "--audio", "--index", "heard.jsonl", "Masters", "Web"];
    sandbox
        .run(&[&heard[..], &["--format", "jsonl", "-o", "plain.jsonl"]].concat())
        .expect(0);
    sandbox.run(&["set", CODE, "Cut/b.wav"]).expect(0);
    sandbox.run(&["scan", "--index", "cut.jsonl", "Cut"]).expect(0);
    for scans in ["heard.jsonl", "plain.jsonl"] {
        let told = sandbox.run(&["report", "--format", "jsonl", scans]).expect(0);
        let shared = &told.objects("shared")[0];
        assert_eq!(shared["verdict"], "same-recording");
        assert_eq!(shared["recordings"].as_array().unwrap().len(), 1);
        let evidence = shared["evidence"].as_str().unwrap();
        assert!(evidence.contains("alike"), "{evidence}");
        let text = sandbox.run(&["report", scans]).expect(0).stdout;
        assert!(text.contains(evidence), "{text}");
        let more = sandbox
            .run(&["report", "--format", "jsonl", scans, "cut.jsonl"])
            .expect(1);
        assert_eq!(more.objects("shared")[0]["verdict"], "different-recordings");
    }
    // A line of an index that is not as it was written is not believed.
    let heard = std::fs::read_to_string(sandbox.path("heard.jsonl")).unwrap();
    sandbox.file(
        "harmed.jsonl",
        heard.replace("same-recording", "presumed-same").as_bytes(),
    );
    let told = sandbox.run(&["report", "--format", "jsonl", "harmed.jsonl"]).expect(1);
    assert_eq!(told.objects("shared")[0]["verdict"], "different-recordings");
    for scans in ["heard.jsonl", "plain.jsonl", "cut.jsonl", "harmed.jsonl"] {
        std::fs::remove_file(sandbox.path(scans)).unwrap();
    }
    sandbox.run(&["undo"]).expect(0);
    // Eleven seconds of sound are.
    sandbox.run(&["set", CODE, "Cut/b.wav"]).expect(0);
    assert_eq!(verdict(&["--audio", "Masters", "Cut"], 1), "different-recordings");
    sandbox.run(&["undo"]).expect(0);
    sandbox.run(&["undo"]).expect(0);
    assert!(contents(&sandbox.music()) == before);

    sandbox.run(&["set", CODE, "Masters/1.wav"]).expect(0);
    sandbox.run(&["fill", "Web", "Cut", "--from", "Masters"]).expect(1);
    assert_eq!(sandbox.run(&["get", "Web/a.wav"]).expect(0).stdout, format!("{CODE}\n"));
    sandbox.run(&["get", "Cut/b.wav"]).expect(1);
    sandbox.run(&["undo"]).expect(0);
    sandbox.run(&["undo"]).expect(0);
    assert!(contents(&sandbox.music()) == before);

    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let run = sandbox
        .run(&["assign", "--year", "2026", "Masters", "Web", "Cut"])
        .expect(0);
    assert!(
        run.stdout.contains("2 codes for 2 recordings in 3 files"),
        "{}",
        run.stdout
    );
}

#[test]
fn fill_gives_the_mp3_the_code_of_its_flac_and_undo_takes_it_back() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}09 Estuary.flac"), "a.flac");
    sandbox.take(&format!("{FLAC}01 Low Water.flac"), "other.flac");
    sandbox.take(&format!("{MP3}09 Estuary.mp3"), "b.mp3");
    let before = contents(&sandbox.music());
    sandbox.run(&["fill", "-n", "."]).expect(0);
    assert!(contents(&sandbox.music()) == before);
    sandbox.run(&["fill", "."]).expect(0);
    assert_eq!(sandbox.run(&["get", "b.mp3"]).expect(0).stdout, "QZTST2400009\n");
    sandbox.run(&["undo"]).expect(0);
    assert!(contents(&sandbox.music()) == before);
    // From another folder.
    sandbox.run(&["fill", "b.mp3", "--from", "a.flac"]).expect(0);
    assert_eq!(sandbox.run(&["get", "b.mp3"]).expect(0).stdout, "QZTST2400009\n");
    // Every file has one now.
    let run = sandbox.run(&["fill", "."]).expect(0);
    assert_eq!(run.stdout, "Nothing to do: every file that can be read has a code.\n");
}

#[test]
fn fill_writes_nothing_where_the_same_recording_carries_two_codes() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}09 Estuary.flac"), "a.flac");
    sandbox.take(&format!("{FLAC}09 Estuary.flac"), "c.flac");
    sandbox.run(&["set", "QZTST2499999", "c.flac", "--replace"]).expect(0);
    let mp3 = sandbox.take(&format!("{MP3}09 Estuary.mp3"), "b.mp3");
    let before = std::fs::read(&mp3).unwrap();
    let run = sandbox.run(&["fill", "."]).expect(3);
    assert!(run.stdout.contains("QZTST2400009 and QZTST2499999"), "{}", run.stdout);
    assert_eq!(std::fs::read(&mp3).unwrap(), before);
}

/// Writes other tags into a file, so that they say nothing, or the wrong thing, about the recording.
fn retag(path: &std::path::Path, title: &str, track: u32) {
    use lofty::file::{AudioFile as _, TaggedFileExt as _};
    use lofty::tag::{Accessor as _, Tag};
    let mut file = lofty::read_from_path(path).unwrap();
    let mut tag = Tag::new(file.primary_tag_type());
    tag.set_title(title.to_owned());
    tag.set_album("Tidewater".to_owned());
    tag.set_track(track);
    file.clear();
    file.insert_tag(tag);
    file.save_to_path(path, lofty::config::WriteOptions::default()).unwrap();
}

/// As loops and drones do.
#[test]
fn two_tracks_of_a_list_that_sound_alike_are_asked_about() {
    let sandbox = Sandbox::new();
    for (name, title, track) in [("m/01 Dawn.mp3", "Dawn", 1), ("m/02 Noon.mp3", "Noon", 2)] {
        retag(&sandbox.take(&format!("{MP3}01 Low Water.mp3"), name), title, track);
    }
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let before = contents(&sandbox.music());
    let asked = sandbox.run(&["assign", "--year", "2026", "."]).expect(2).stderr;
    assert!(asked.contains("the titles are \"Dawn\" and \"Noon\"; "), "{asked}");
    assert!(contents(&sandbox.music()) == before, "a code was given out");
    sandbox.run(&["set", "QZTST2600001", "m/01 Dawn.mp3"]).expect(0);
    let before = contents(&sandbox.music());
    let told = sandbox.run(&["fill", "--presumed", "."]).expect(1).stdout;
    assert!(told.contains("perhaps QZTST2600001 of "), "{told}");
    assert!(contents(&sandbox.music()) == before, "a code was filled in");
}

#[test]
fn fill_spreads_no_code_that_another_recording_carries_too() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}09 Estuary.flac"), "a.flac");
    sandbox.take(&format!("{FLAC}01 Low Water.flac"), "other.flac");
    sandbox
        .run(&["set", "--replace", "QZTST2400009", "other.flac"])
        .expect(0);
    sandbox.take(&format!("{MP3}09 Estuary.mp3"), "b.mp3");
    let before = contents(&sandbox.music());
    let told = sandbox.run(&["fill", "--presumed", "."]).expect(1).stdout;
    assert!(
        told.contains("other.flac, another recording, carries it, too"),
        "{told}"
    );
    assert!(contents(&sandbox.music()) == before, "a wrong code was spread");
}

#[test]
fn assign_gives_one_code_to_what_sounds_the_same_and_another_to_what_does_not() {
    let sandbox = Sandbox::new();
    // One recording under two titles, and another one in the clothes of the first.
    for (from, name, title, track) in [
        (FLAC, "01 Low Water.flac", "Low Water", 1),
        (MP3, "01 Low Water.mp3", "Unknown", 7),
        (MP3, "09 Estuary.mp3", "Low Water", 1),
    ] {
        retag(&sandbox.take(&format!("{from}{name}"), name), title, track);
    }
    sandbox
        .run(&["ledger", "prefix", "add", "QZTST", "--to", "00100"])
        .expect(0);
    sandbox.run(&["assign", "--year", "2026", "."]).expect(0);
    let code = |name: &str| sandbox.run(&["get", name]).expect(0).stdout;
    assert_eq!(code("01 Low Water.flac"), code("01 Low Water.mp3"));
    assert_ne!(code("01 Low Water.flac"), code("09 Estuary.mp3"));
}

/// Hearing an archive takes hours.
#[test]
fn assign_tells_of_a_clash_with_the_ledger_before_it_listens() {
    let sandbox = Sandbox::new();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    for (from, name) in [
        (FLAC, "01 Low Water.flac"),
        (MP3, "01 Low Water.mp3"),
        (MP3, "09 Estuary.mp3"),
    ] {
        sandbox.take(&format!("{from}{name}"), name);
        sandbox.run(&["remove", name]).expect(0);
    }
    sandbox.take(&format!("{FLAC}09 Estuary.flac"), "void.flac");
    sandbox
        .run(&["set", "--replace", "QZTST2600007", "void.flac"])
        .expect(0);
    sandbox.run(&["ledger", "add", "QZTST2600007"]).expect(0);
    sandbox.run(&["ledger", "void", "QZTST2600007"]).expect(0);
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["assign", "--year", "2026", "."]).expect(2);
    assert!(run.stderr.contains("clash with the ledger"), "{}", run.stderr);
    assert!(!sandbox.state().join("fingerprints.sqlite3").exists());
    assert!(contents(&sandbox.music()) == before);
}

#[test]
fn what_no_decoder_knows_stays_undecided_and_says_why() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/monkeys-audio-untagged.ape", "a.ape");
    sandbox.take("seeds/musepack7-untagged.mpc", "b.mpc");
    for file in ["a.ape", "b.mpc"] {
        sandbox.run(&["set", "QZTST2600001", file]).expect(0);
    }
    let run = sandbox.run(&["scan", "--audio", "--format", "jsonl"]).expect(1);
    let shared = &run.objects("shared")[0];
    assert_eq!(shared["verdict"], "undecided");
    assert!(shared["evidence"].as_str().unwrap().contains("decoder"), "{shared}");
}

#[test]
fn a_remaster_with_a_code_of_its_own_is_no_split_recording() {
    let sandbox = Sandbox::new();
    sandbox.take(&format!("{FLAC}01 Low Water.flac"), "a.flac");
    sandbox.take(&format!("{MP3}01 Low Water.mp3"), "b.mp3");
    sandbox.run(&["set", "QZTST2499999", "b.mp3", "--replace"]).expect(0);
    let path = sandbox.path("b.mp3");
    let mut file = lofty::read_from_path(&path).unwrap();
    let tag = file.primary_tag_mut().unwrap();
    tag.set_title("Low Water (2024 Remaster)".to_owned());
    file.save_to_path(&path, lofty::config::WriteOptions::default())
        .unwrap();
    let run = sandbox.run(&["scan", "--audio", "--format", "jsonl"]).expect(0);
    assert!(run.objects("split").is_empty());
    // Nor does it get the old code, whatever it sounds like.
    sandbox.run(&["remove", "b.mp3"]).expect(0);
    let run = sandbox.run(&["fill", "--presumed", "."]).expect(1);
    assert!(run.stdout.contains("only one is called"), "{}", run.stdout);
}

/// Whatever decoders do with damaged audio, the terminal shows findings alone.
#[test]
fn damaged_audio_is_heard_without_a_word_of_a_panic() {
    let sandbox = Sandbox::new();
    let seeds = [
        format!("{FLAC}01 Low Water.flac"),
        format!("{MP3}01 Low Water.mp3"),
        "seeds/m4a-untagged.m4a".to_owned(),
        "seeds/vorbis-untagged.ogg".to_owned(),
        "seeds/opus-untagged.opus".to_owned(),
        "seeds/wav-untagged.wav".to_owned(),
        "seeds/aiff-untagged.aiff".to_owned(),
        "seeds/wavpack-untagged.wv".to_owned(),
    ];
    let mut state = 7u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize
    };
    for (index, seed) in seeds.iter().enumerate() {
        let (_, extension) = seed.rsplit_once('.').unwrap();
        let path = sandbox.take(seed, &format!("{index}.{extension}"));
        let name = format!("{index}.{extension}");
        sandbox.run(&["set", "--replace", "QZTST2400001", &name]).expect(0);
        let whole = std::fs::read(&path).unwrap();
        for number in 0..6 {
            let mut bytes = whole.clone();
            let audio = bytes.len() / 4..bytes.len();
            for _ in 0..1 << number {
                bytes[audio.start + random() % audio.len()] = random() as u8;
            }
            if number == 5 {
                bytes.truncate(audio.start + random() % audio.len());
            }
            sandbox.file(&format!("{index}-{number}.{extension}"), &bytes);
        }
    }
    for arguments in [&["scan", "--audio"][..], &["fill", "-n", "."]] {
        let run = sandbox.run(arguments);
        assert!([0, 1, 3].contains(&run.code), "{}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

/// What is heard leaves it open, and the titles do not.
#[test]
fn two_titles_named_together_are_refused_where_one_is_a_part_of_the_other() {
    let sandbox = Sandbox::new();
    let mut piece = pieces::Piece::new(2);
    piece.seconds = 20.0;
    let samples = piece.render();
    let later = &samples[3 * 2 * pieces::RATE as usize..];
    sandbox.file("01 Ebb.wav", &pieces::wav(&samples, pieces::RATE, 2));
    sandbox.file("02 Flow.wav", &pieces::wav(later, pieces::RATE, 2));
    let before = contents(&sandbox.music());
    let run = sandbox
        .run(&["set", "QZTST2600001", "01 Ebb.wav", "02 Flow.wav"])
        .expect(3);
    assert!(
        run.stdout.contains(r#"the titles are "Ebb" and "Flow""#),
        "{}",
        run.stdout
    );
    assert!(contents(&sandbox.music()) == before, "something was written");
    sandbox.file("MP3/01 Ebb.wav", &pieces::wav(later, pieces::RATE, 2));
    sandbox
        .run(&["set", "QZTST2600001", "01 Ebb.wav", "MP3/01 Ebb.wav"])
        .expect(0);
}
