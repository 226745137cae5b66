//! Codes in MP4 files that few programs or none see: outside of the first `meta` in the user data of the movie.

use super::common::Sandbox;
use super::{CODE, OLD, edited, scanned, seed};

pub fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes(), &kind[..], &body].concat()
}

pub fn data(text: &str) -> Vec<u8> {
    atom(b"data", &[b"\0\0\0\x01\0\0\0\0", text.as_bytes()])
}

fn item(code: &str) -> Vec<u8> {
    let mean = atom(b"mean", &[b"\0\0\0\0com.apple.iTunes"]);
    atom(b"----", &[&mean, &atom(b"name", &[b"\0\0\0\0ISRC"]), &data(code)])
}

pub fn meta(items: &[u8]) -> Vec<u8> {
    let handler = atom(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 9]]);
    atom(b"meta", &[&[0; 4], &handler, &atom(b"ilst", &[items])])
}

/// A file whose movie is last, with these tags in it and behind it.
pub fn movie(inside: &[&[u8]], behind: &[u8]) -> Vec<u8> {
    let file = seed("m4a-no-udta.m4a");
    let at = memchr::memmem::rfind(&file, b"moov").unwrap() - 4;
    let tags = inside.concat();
    let size = (file.len() - at + tags.len()) as u32;
    [&file[..at], &size.to_be_bytes(), &file[at + 4..], &tags, behind].concat()
}

#[test]
fn a_code_that_few_see_is_misplaced_and_gets_the_standard_place_too() {
    let (tagged, empty) = (meta(&item(OLD)), meta(&[]));
    let files = [
        movie(&[&tagged], &[]),
        movie(&[&atom(b"udta", &[&empty, &tagged])], &[]),
        movie(&[&atom(b"udta", &[&empty]), &atom(b"udta", &[&tagged])], &[]),
        movie(&[&atom(b"udta", &[]), &atom(b"udta", &[&tagged])], &[]),
    ];
    for file in files {
        let new = edited("a.m4a", &file, Some(OLD), &["misplaced"]);
        assert_eq!(memchr::memmem::find_iter(&new, CODE).count(), 2);
        assert_eq!(memchr::memmem::find(&new, OLD.as_bytes()), None);
    }
}

#[test]
fn what_is_only_read_takes_no_other_code_beside_it() {
    let store = |value: &str| movie(&[&atom(b"udta", &[&meta(&atom(b"xid ", &[&data(value)]))])], &[]);
    let files = [
        movie(&[], &meta(&item(OLD))),
        movie(&[], &atom(b"udta", &[&meta(&item(OLD))])),
        store(&format!("isrc:{OLD}")),
        store(&format!("Label:Sublabel:isrc:{OLD}")),
        store(OLD),
    ];
    for file in files {
        let sandbox = Sandbox::new();
        let path = sandbox.file("a.m4a", &file);
        let misplaced = (Some(OLD.to_owned()), vec!["misplaced".to_owned()]);
        assert_eq!(scanned(&sandbox, "a.m4a"), misplaced);
        sandbox.run(&["set", CODE, "a.m4a"]).expect(3);
        sandbox.run(&["remove", "a.m4a"]).expect(1);
        assert!(std::fs::read(&path).unwrap() == file);
        sandbox.run(&["set", OLD, "a.m4a"]).expect(0);
        assert_eq!(scanned(&sandbox, "a.m4a"), (Some(OLD.to_owned()), Vec::new()));
    }
}

#[test]
fn a_meta_that_holds_nothing_is_filled() {
    for body in [&[][..], &[0; 4], &[0, 0, 0, 1], &[0; 8], &[0; 40]] {
        let file = movie(&[&atom(b"udta", &[&atom(b"meta", &[body])])], &[]);
        edited("a.m4a", &file, None, &["missing"]);
    }
}
