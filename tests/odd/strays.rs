//! Codes in items that no walk looks for, and that other programs show all the same.

use super::common::Sandbox;
use super::mp4::{atom, data, meta, movie};
use super::{CODE, OLD, ape, frame, id3, id3v1, mp3, scanned, tsrc};

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let tagged = |frames: &[Vec<u8>]| [id3(frames), mp3()].concat();
    let text = |front: &[u8]| [front, OLD.as_bytes()].concat();
    let item = |kind: &[u8; 4]| movie(&[&atom(b"udta", &[&meta(&atom(kind, &[&data(OLD)]))])], &[]);
    let xmp = format!("<rdf:Description xmpDM:isrc=\"{OLD}\"/>");
    let uuid = atom(
        b"uuid",
        &[
            b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC",
            xmp.as_bytes(),
        ],
    );
    vec![
        ("comment.mp3", tagged(&[frame("COMM", &text(b"\0engISRC\0"))])),
        ("wide.mp3", tagged(&[frame("WXXX", &text(b"\0ISRC\0"))])),
        ("owner.mp3", tagged(&[frame("UFID", &text(b"ISRC\0"))])),
        ("private.mp3", tagged(&[frame("PRIV", &text(b"ISRC\0"))])),
        (
            "zeros.mp3",
            tagged(&[frame("TIT2", b"\0a title"), vec![0; 10], tsrc(OLD)]),
        ),
        ("behind.mp3", [mp3(), id3v1(), id3(&[tsrc(OLD)])].concat()),
        ("number.mp3", [mp3(), ape(&[("ISRC_NUMBER", OLD)], 1)].concat()),
        ("isrc.m4a", item(b"ISRC")),
        ("isr.m4a", item(b"\xA9isr")),
        ("xmp.m4a", movie(&[], &uuid)),
    ]
}

#[test]
fn a_code_in_an_unknown_item_is_told_and_gets_no_other_beside_it() {
    for (name, file) in files() {
        let sandbox = Sandbox::new();
        let path = sandbox.file(name, &file);
        assert_eq!(scanned(&sandbox, name), (None, vec!["missing".to_owned()]), "{name}");
        let run = sandbox.run(&["scan", "--format", "jsonl", name]);
        let finding = &run.objects("file")[0]["findings"][0];
        // A scan looks where the second reader does.
        let told = finding["second_opinion"].as_str().unwrap_or_default();
        assert!(
            told.contains(OLD) || matches!(name, "behind.mp3" | "xmp.m4a"),
            "{name}: {told}"
        );
        let run = sandbox.run(&["set", CODE, name]).expect(3);
        assert!(
            run.stdout
                .contains("in no place that this program reads; set --replace"),
            "{name}: {}",
            run.stdout
        );
        assert!(std::fs::read(&path).unwrap() == file, "{name}");
        // What is there already contradicts nothing, and a person may know better.
        sandbox.run(&["set", OLD, name]).expect(0);
        sandbox.run(&["undo"]).expect(0);
        sandbox.run(&["set", "--replace", CODE, name]).expect(0);
        assert_eq!(scanned(&sandbox, name).0.as_deref(), Some(CODE), "{name}");
    }
}

#[test]
fn a_comment_that_holds_the_new_code_speaks_of_others_too() {
    let sandbox = Sandbox::new();
    let comment = format!("\0engISRC\0ISRC: {CODE} (video ISRC: {OLD})");
    let file = [id3(&[frame("COMM", comment.as_bytes())]), mp3()].concat();
    sandbox.file("a.mp3", &file);
    sandbox.run(&["set", "QZTST2600099", "a.mp3"]).expect(3);
    assert!(std::fs::read(sandbox.path("a.mp3")).unwrap() == file);
    sandbox.run(&["set", CODE, "a.mp3"]).expect(0);
    assert_eq!(scanned(&sandbox, "a.mp3").0.as_deref(), Some(CODE));
}
