//! Kinds that carry audio and are not read, and files that are no audio of ours: what a scan says, and that nothing is
//! written.

use std::path::Path;

use super::{check_unchanged, finding, samples};
use crate::common::{Sandbox, testdata};

/// A Wave64 file of these samples (Sony's chunks with GUIDs instead of four characters).
fn wave64(samples: &[u8]) -> Vec<u8> {
    const TAIL: [u8; 12] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A];
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let mut chunk = [&name[..], &TAIL, &(24 + body.len() as u64).to_le_bytes(), body].concat();
        chunk.resize(chunk.len().next_multiple_of(8), 0);
        chunk
    };
    let format = [1, 0, 1, 0, 0x44, 0xAC, 0, 0, 0xCC, 4, 2, 0, 3, 0, 24, 0];
    let body = [&b"wave"[..], &TAIL, &chunk(b"fmt ", &format), &chunk(b"data", samples)].concat();
    let riff = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0, 0];
    [&b"riff"[..], &riff, &(24 + body.len() as u64).to_le_bytes(), &body].concat()
}

/// First bytes of each kind, with names that are its own. What follows are quiet samples of 24 bits, in which bytes
/// like headers of MPEG frames stand everywhere.
fn unread() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let quiet = samples::quiet_24(9000);
    let behind = |head: &[u8]| [head, &quiet].concat();
    vec![
        ("quiet24.w64", "Wave64", wave64(&quiet)),
        ("plain16.w64", "Wave64", wave64(&samples::quiet_24(8000)[1..])),
        ("a.shn", "Shorten", behind(b"ajkg\x02\xFB\xB1\x70")),
        (
            "a.mlp",
            "MLP or TrueHD",
            behind(b"\xC0\x2A\x00\x08\xF8\x72\x6F\xBB\x00\x40"),
        ),
        (
            "a.thd",
            "MLP or TrueHD",
            behind(b"\xC0\x2A\x00\x08\xF8\x72\x6F\xBA\x00\x40"),
        ),
        (
            "a.voc",
            "Creative Voice",
            behind(b"Creative Voice File\x1A\x1A\0\x0A\x01"),
        ),
        ("a.aptx", "aptX", behind(b"")),
        ("silent.aptx", "aptX", b"\x4B\xBF".repeat(4000)),
        ("a.aptxhd", "aptX", behind(b"")),
        ("a.sf", "IRCAM", behind(b"\x64\xA3\x01\0\0\0\x2C\x47\x01\0\0\0")),
        ("be.sf", "IRCAM", behind(b"\0\x01\xA3\x64\x47\x2C\0\0\0\0\0\x01")),
        ("a.adx", "ADX", behind(b"\x80\0\0\x24\x03\x12\x04\x02\0\0\xAC\x44")),
        ("a.dts", "DTS", behind(b"\x7F\xFE\x80\x01\xFC\x3C\xF7\xB0")),
        ("le.dts", "DTS", behind(b"\xFE\x7F\x01\x80\x3C\xFC\xB0\xF7")),
        ("14.dts", "DTS", behind(b"\x1F\xFF\xE8\x00\x07\xF1\xDF\xEE")),
        ("14le.dts", "DTS", behind(b"\xFF\x1F\x00\xE8\xF1\x07\xEE\xDF")),
        ("hd.dtshd", "DTS", behind(b"DTSHDHDR\0\0\0\0")),
        ("a.sd2", "Sound Designer II", behind(b"")),
        ("a.raw", "raw PCM", behind(b"")),
        ("a.pcm", "raw PCM", behind(b"")),
        ("a.au", "AU", behind(b".snd\0\0\0\x18\0\0\x46\x50\0\0\0\x04")),
        ("a.ac3", "AC-3", behind(b"\x0B\x77\x12\x34\x1E\x40\x2F\x84")),
        ("a.eac3", "AC-3", behind(b"\x0B\x77\x01\x7F\x34\x86\x2F\x84")),
        ("a.amr", "AMR", behind(b"#!AMR\n\x3C")),
        ("a.ra", "RealAudio", behind(b".ra\xFD\0\x04")),
        ("a.8svx", "IFF 8SVX", behind(b"FORM\0\0\x10\x008SVX")),
        ("a.qcp", "QCP", behind(b"RIFF\0\x10\0\0QLCMfmt ")),
        ("a.sph", "NIST SPHERE", behind(b"NIST_1A\n   1024\n")),
        ("a.gsm", "speech without a header", behind(b"")),
        ("a.loas", "AAC (LOAS)", behind(b"\x56\xE1\x15\x20")),
        ("a.oma", "ATRAC", behind(b"EA3\x01\0\x60\xFF\xFF")),
        ("a.xm", "tracker module", behind(b"Extended Module: ")),
        ("a.s3m", "tracker module", behind(b"a title\0")),
        ("song", "tracker module", behind(b"IMPMa title\0")),
        ("a.sid", "chip music", behind(b"PSID\0\x02\0\x7C")),
        ("a.psf", "chip music", behind(b"PSF\x01\0\0\0\0")),
        ("a.sds", "MIDI sample dump", behind(b"\xF0\x7E\0\x01")),
        ("a.hcom", "HCOM", behind(b"")),
        ("a.sndt", "SNDTOOL", behind(b"SOUND\x1A\0\0")),
        ("a.txw", "Yamaha TX-16W", behind(b"LM8953\0\0")),
        ("a.vms", "speech without a header", behind(b"")),
        ("a.brstm", "game audio", behind(b"RSTM\xFE\xFF\x01\0")),
        // By content, where the name says nothing; and by name, where the content says nothing.
        ("master", "Wave64", wave64(&quiet)),
        ("master.dat", "DTS", behind(b"\x7F\xFE\x80\x01\xFC\x3C\xF7\xB0")),
        ("text.shn", "Shorten", b"not a Shorten file at all".to_vec()),
        ("tagged.w64", "Wave64", [samples::TAG, &wave64(&quiet)].concat()),
        ("tagged.sd2", "Sound Designer II", [samples::TAG, &quiet].concat()),
    ]
}

#[test]
fn what_is_not_read_is_unsupported_in_folders_and_when_named_and_never_written() {
    let all = Sandbox::new();
    for (name, kind, bytes) in unread() {
        all.file(name, &bytes);
        let sandbox = Sandbox::new();
        sandbox.file(name, &bytes);
        let expected = format!("{kind} is not supported yet: its codes are not read");
        for path in [".", name] {
            let found = finding(&sandbox, &[path]);
            assert_eq!(found, Some(("unsupported".to_owned(), expected.clone())), "{name}");
            // Nor does `fix` say that there is nothing to do.
            let fixed = sandbox.run(&["fix", path]).expect(3).stdout;
            let refused = format!("{name}: refused: {kind} is not supported yet\n1 file refused\n");
            assert_eq!(fixed.trim_start_matches("./"), refused);
        }
    }
    let run = all.run(&["scan", "--format", "jsonl"]).expect(0);
    let summary = &run.objects("summary")[0];
    assert_eq!(
        (&summary["unsupported"], &summary["unreadable"]),
        (&unread().len().into(), &0.into())
    );
    check_unchanged(&all, "kinds that are not read");
}

/// An MPEG program stream: packs of 2048 bytes, each with one packet of the sound's frames.
fn program_stream(sound: &[u8]) -> Vec<u8> {
    let pack = |sound: &[u8]| {
        let length = (sound.len() + 8) as u16;
        let mut pack = b"\0\0\x01\xBA\x21\0\x01\0\x01\x80\x12\x35\0\0\x01\xC0".to_vec();
        pack.extend(length.to_be_bytes());
        pack.extend(b"\x40\x20\x21\0\x01\x9F\x91\xFF");
        pack.extend(sound);
        pack
    };
    sound.chunks(2020).flat_map(pack).collect()
}

/// An MPEG transport stream: packets of 188 bytes, each with four of header.
fn transport_stream(sound: &[u8]) -> Vec<u8> {
    let packet = |sound: &[u8]| {
        let mut packet = b"\x47\x01\0\x10".to_vec();
        packet.extend(sound);
        packet.resize(188, 0xFF);
        packet
    };
    sound.chunks(184).flat_map(packet).collect()
}

fn tar(file: &[u8]) -> Vec<u8> {
    let mut archive = b"song.mp3".to_vec();
    archive.resize(257, 0);
    archive.extend(b"ustar\x0000");
    archive.resize(512, 0);
    archive.extend(file);
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    archive
}

/// Files that hold frames in a row, or bytes like them, and are no audio file of ours.
fn foreign() -> Vec<(&'static str, Vec<u8>)> {
    let (mp2, mp3) = (samples::mp2(60), samples::mp3(200));
    let behind = |head: &[u8]| [head, &mp3].concat();
    let quiet = samples::quiet_24(24_000);
    vec![
        ("video.mpg", program_stream(&mp2)),
        ("video.vob", program_stream(&mp2)),
        ("elementary.m2v", behind(b"\0\0\x01\xB3\x06\0\x40\x13\xFF\xFF\xE0\x10")),
        ("video.ts", transport_stream(&mp2)),
        (
            "video.m2ts",
            transport_stream(&mp2)
                .chunks(188)
                .flat_map(|packet| [&[0, 1, 2, 3], packet].concat())
                .collect(),
        ),
        ("clip.swf", behind(b"FWS\x06\0\0\x10\0\x78\0\x05\x5F")),
        ("clip.flv", behind(b"FLV\x01\x04\0\0\0\x09\0\0\0\0\x08")),
        ("clip.avi", behind(b"RIFF\0\0\x10\0AVI LIST")),
        ("clip.nut", behind(b"nut/multimedia container\0")),
        ("game.mka2", behind(b"\x1A\x45\xDF\xA3\x8B\x42\x82\x88something")),
        ("album.zip", behind(b"PK\x03\x04\x0A\0\0\0\0\0\0\0\0\0")),
        ("album.tar", tar(&mp3)),
        ("tagged.tar", [samples::TAG, &tar(&mp3)].concat()),
        ("program.elf", behind(b"\x7FELF\x02\x01\x01\0")),
        ("lost.wav", quiet.clone()),
        ("zeros.wav", [&[0; 44], &quiet[..]].concat()),
        (
            "big.aiff",
            quiet
                .chunks_exact(3)
                .flat_map(|sample| [sample[2], sample[1], sample[0]])
                .collect(),
        ),
        ("tagged.wav", [samples::TAG, &quiet].concat()),
        ("raw.mp3", quiet.clone()),
        ("tagged.mp3", [samples::TAG, &quiet].concat()),
        ("raw.aac", quiet.clone()),
        ("constant.mp3", b"\xFF\xFB\x90".repeat(24_000)),
        ("constant.aac", b"\xFF\xF1\x50".repeat(24_000)),
        (
            "square.mp3",
            b"\xFF\xFC\0\x04"
                .repeat(30)
                .iter()
                .chain(&[0; 120])
                .copied()
                .cycle()
                .take(48_000)
                .collect(),
        ),
    ]
}

#[test]
fn what_is_no_audio_of_ours_is_refused_and_never_written() {
    let all = Sandbox::new();
    for (name, bytes) in foreign() {
        all.file(name, &bytes);
        let sandbox = Sandbox::new();
        sandbox.file(name, &bytes);
        let (kind, reason) = finding(&sandbox, &[name]).unwrap();
        assert_eq!(kind, "unreadable", "{name}: {reason}");
        let extension = Path::new(name).extension().unwrap().to_str().unwrap();
        let claims_audio = ["wav", "aiff", "mp3", "aac"].contains(&extension);
        assert_eq!(finding(&sandbox, &["."]).is_some(), claims_audio, "{name}");
    }
    check_unchanged(&all, "foreign files");
}

#[test]
fn a_video_without_sound_is_passed_over_and_gets_no_code() {
    let sandbox = Sandbox::new();
    let mut video = std::fs::read(testdata().join("seeds/matroska-untagged.mka")).unwrap();
    // The type of its track (RFC 9559, section 5.1.4.1.3): video in place of audio.
    let at = video.windows(3).position(|part| part == [0x83, 0x81, 2]).unwrap();
    video[at + 2] = 1;
    let path = sandbox.file("clip.mkv", &video);
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox.file(
        "song.flac",
        &std::fs::read(testdata().join("seeds/flac-hyphens-padding-large.flac")).unwrap(),
    );
    let index = ["--index", "../music.jsonl"];
    for options in [&[][..], &index, &index] {
        let run = sandbox
            .run(&[&["scan", "--all", "--format", "jsonl", "."], options].concat())
            .expect(1);
        assert_eq!(run.objects("file").len(), 1, "{options:?}: {}", run.stdout);
    }
    for command in [
        &["fix", "."][..],
        &["fix", "--place", "."],
        &["export", ".", "-o", "../a.csv"],
        &["assign", "."],
    ] {
        sandbox.run(command).expect(0);
    }
    // Whoever names it is told.
    let run = sandbox.run(&["scan", "clip.mkv", "song.flac"]).expect(3);
    assert!(
        run.stdout.contains("clip.mkv: it has no track of audio"),
        "{}",
        run.stdout
    );
    sandbox.run(&["fix", "clip.mkv"]).expect(3);
    std::fs::rename(sandbox.path("clip.mkv"), sandbox.path("clip.csv")).unwrap();
    sandbox.run(&["export", ".", "-o", "clip.csv", "--force"]).expect(2);
    std::fs::rename(sandbox.path("clip.csv"), sandbox.path("clip.mkv")).unwrap();
    let run = sandbox.run(&["set", "USRC17607839", "clip.mkv"]).expect(3);
    assert!(run.stdout.contains("it has no track of audio"), "{}", run.stdout);
    assert!(std::fs::read(path).unwrap() == video);
}
