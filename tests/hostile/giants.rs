//! Files of 4 GB that hold nothing: only what a walk needs is read, and a search for audio has an end.

use std::io::Write;

use super::common::Sandbox;
use super::guarded;

const LEN: u64 = 4 << 30;

#[test]
fn gigabytes_of_zeros_are_no_audio() {
    for extension in [
        "mp3", "aac", "tta", "flac", "ogg", "opus", "m4a", "wav", "aiff", "wv", "ape", "mpc", "tak", "dsf", "dff",
    ] {
        check(extension, b"", &[3]);
    }
}

#[test]
fn gigabytes_of_zeros_behind_a_header_do_not_hang() {
    check("mp3", b"ID3\x04\0\0\0\0\0\0", &[1, 3]);
    check("mp3", b"ID3\x03\0\0\x0f\x7f\x7f\x7f", &[1, 3]);
    check("mp3", b"\xff\xfb\x90\x64", &[1, 3]);
    check("aac", b"\xff\xf1\x50\x80\x02\x1f\xfc", &[1, 3]);
    check("flac", b"fLaC", &[1, 3]);
    check("flac", b"ID3\x04\0\0\0\0\0\0fLaC\0\0\0\x22", &[1, 3]);
    check("ogg", b"OggS\0\x02", &[1, 3]);
    check("m4a", b"\0\0\0\x14ftypM4A \0\0\0\0M4A ", &[1, 3]);
    check(
        "m4a",
        b"\0\0\0\x14ftypM4A \0\0\0\0M4A \0\0\0\x01mdat\0\0\0\0\xf0\0\0\0",
        &[1, 3],
    );
    check("wav", b"RIFF\xff\xff\xff\xffWAVE", &[1, 3]);
    check("wav", b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0", &[1, 3]);
    check("aiff", b"FORM\xff\xff\xff\xf0AIFF", &[1, 3]);
    check("wv", b"wvpk", &[1, 3]);
    check("ape", b"MAC \x96\x0f", &[1, 3]);
    check("mpc", b"MPCK", &[1, 3]);
    check("mpc", b"MP+\x07", &[1, 3]);
    check("tak", b"tBaK", &[1, 3]);
    check("ofr", b"OFR ", &[1, 3]);
    check("tta", b"TTA1", &[1, 3]);
    check("dsf", b"DSD \x1c\0\0\0\0\0\0\0", &[1, 3]);
    check("dff", b"FRM8\0\0\0\0\xff\xff\xff\0DSD ", &[1, 3]);
    check("mka", &matroska(&[1, 0, 0, 0, 0xff, 0xff, 0, 0]), &[3]);
    check("webm", &matroska(&[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), &[3]);
    check("caf", b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x20", &[3]);
    check(
        "wma",
        &[&ASF[..], &[0xff, 0xff, 0xff, 0xef, 0, 0, 0, 0, 9, 0, 0, 0, 1, 2]].concat(),
        &[3],
    );
}

const ASF: [u8; 16] = *b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C";

/// The start of a Matroska file, up to the size of its segment.
fn matroska(size: &[u8; 8]) -> Vec<u8> {
    [&b"\x1A\x45\xDF\xA3\x8B\x42\x82\x88matroska\x18\x53\x80\x67"[..], size].concat()
}

/// An element with a size of eight bytes, of which the body may follow elsewhere.
fn element(id: &[u8], len: u64, body: &[u8]) -> Vec<u8> {
    [id, &(len | 1 << 56).to_be_bytes(), body].concat()
}

/// Clusters of 4 GB with tags behind them and padding in front: the file is edited where it stands.
#[test]
fn tags_behind_gigabytes_are_edited_in_place() {
    let whole = |id: &[u8], body: &[u8]| element(id, body.len() as u64, body);
    let code = [whole(b"\x45\xA3", b"ISRC"), whole(b"\x44\x87", b"QZTSE2600001")].concat();
    let tags = whole(b"\x12\x54\xC3\x67", &whole(b"\x73\x73", &whole(b"\x67\xC8", &code)));
    let track = [whole(b"\x73\xC5", &[7]), whole(b"\x83", &[2])].concat();
    let tracks = whole(b"\x16\x54\xAE\x6B", &whole(b"\xAE", &track));
    let void = whole(b"\xEC", &[0; 4000]);
    let seek_head = |position: u64| {
        let position = whole(b"\x53\xAC", &position.to_be_bytes());
        let seek = [whole(b"\x53\xAB", b"\x12\x54\xC3\x67"), position].concat();
        whole(b"\x11\x4D\x9B\x74", &whole(b"\x4D\xBB", &seek))
    };
    let front = (seek_head(0).len() + void.len() + tracks.len()) as u64;
    let behind = front + 12 + LEN;
    let size = ((behind + tags.len() as u64) | 1 << 56).to_be_bytes();
    let start = matroska(&size);
    let cluster = element(b"\x1F\x43\xB6\x75", LEN, &[]);
    let sandbox = Sandbox::new();
    let mut file = std::fs::File::create(sandbox.path("giant.mka")).unwrap();
    file.write_all(&[&start[..], &seek_head(behind), &void, &tracks, &cluster].concat())
        .unwrap();
    if let Err(error) = file.set_len(start.len() as u64 + behind) {
        eprintln!("not tried, since this file system makes no file of 4 GB: {error}");
        return;
    }
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
    file.write_all(&tags).unwrap();
    let state = || {
        let metadata = std::fs::metadata(sandbox.path("giant.mka")).unwrap();
        (metadata.len(), std::os::unix::fs::MetadataExt::ino(&metadata))
    };
    let before = state();
    for code in ["QZTSE2600002", "QZTSE2600003"] {
        guarded(&sandbox, &["set", "--replace", code, "giant.mka"]).expect(0);
        assert_eq!(guarded(&sandbox, &["get", "giant.mka"]).stdout.trim(), code);
        assert_eq!(state(), before);
    }
    guarded(&sandbox, &["undo"]).expect(0);
    assert_eq!(guarded(&sandbox, &["get", "giant.mka"]).stdout.trim(), "QZTSE2600002");
}

/// Past 4 GiB a header states but the rest of its sizes, and the samples up to there may be those of another recording.
#[test]
fn a_wav_whose_sizes_left_out_their_upper_half_is_not_taken_for_its_beginning() {
    let sandbox = Sandbox::new();
    let samples: Vec<u8> = (0..400_000u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let size = |more: u32| (more + samples.len() as u32).to_le_bytes();
    let wave = b"WAVEfmt \x10\0\0\0\x01\0\x02\0\x44\xac\0\0\x10\xb1\x02\0\x04\0\x10\0data";
    let small = [&b"RIFF"[..], &size(36), wave, &size(0), &samples].concat();
    sandbox.file("small.wav", &small);
    let mut giant = std::fs::File::create(sandbox.path("giant.wav")).unwrap();
    giant.write_all(&small).unwrap();
    if let Err(error) = giant.set_len(small.len() as u64 + LEN) {
        eprintln!("not tried, since this file system makes no file of 4 GB: {error}");
        return;
    }
    let state = || {
        let metadata = std::fs::metadata(sandbox.path("giant.wav")).unwrap();
        (
            metadata.len(),
            metadata.modified().unwrap(),
            std::os::unix::fs::MetadataExt::ino(&metadata),
        )
    };
    let before = state();
    guarded(&sandbox, &["set", "QZTSE2600001", "small.wav"]).expect(0);
    guarded(&sandbox, &["fill", "giant.wav", "--from", "small.wav"]).expect(1);
    let refused = guarded(&sandbox, &["set", "QZTSE2600001", "giant.wav"]);
    assert!(
        refused.code == 3 && refused.stdout.contains("4 GiB"),
        "{}",
        refused.stdout
    );
    let shown = guarded(&sandbox, &["show", "giant.wav"]);
    assert!(!shown.stdout.contains("duration"), "{}", shown.stdout);
    assert_eq!(state(), before);
}

/// A file of `LEN` bytes that begins with `front`: read, and prepared to be edited.
#[track_caller]
fn check(extension: &str, front: &[u8], codes: &[i32]) {
    let sandbox = Sandbox::new();
    let name = format!("giant.{extension}");
    let mut file = std::fs::File::create(sandbox.path(&name)).unwrap();
    file.write_all(front).unwrap();
    if let Err(error) = file.set_len(LEN) {
        eprintln!("not tried, since this file system makes no file of 4 GB: {error}");
        return;
    }
    let run = guarded(&sandbox, &["scan", "--format", "jsonl", &name]);
    assert!(
        codes.contains(&run.code),
        "{name} {front:?}: {} {}",
        run.code,
        run.stdout
    );
    assert_eq!(run.objects("file").len(), 1, "{}", run.stdout);
    // Refused or planned, but not written: the disk may not have the room.
    guarded(&sandbox, &["set", "QZTSE2600001", &name, "-n"]);
}
