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
