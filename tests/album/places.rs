//! Albums and sides: what the folders of files say of them, and how it is told.

use crate::audio::{flac, mp3};
use crate::common::Sandbox;
use crate::doubtful::{check_asked, named};

const CODE: &str = "QZTST2600001";

#[test]
fn albums_that_differ_are_told_as_a_person_sees_them() {
    // Silence that no tag names.
    let tagged = mp3(6.0, named("Home", "Tides"));
    let untagged = &tagged[tagged.len() - 230 * 104..];
    for (one, other, told) in [
        (
            "Label/a/FLAC/01 - Home.mp3",
            "Label/a/Tides II/01 Home.mp3",
            "\"a\" and \"Tides II\"",
        ),
        (
            "Label/Tides (2024)/01 - Home.mp3",
            "Label/Low/01 - Home.mp3",
            "\"Low\" and \"Tides\"",
        ),
        (
            "Ana Reef/Tides/01 - Home.mp3",
            "Böa/Tides/01 - Home.mp3",
            "\"Ana Reef/Tides\" and \"Böa/Tides\"",
        ),
        (
            "Tides (2024)/01 - Home.mp3",
            "Tides (2019)/01 - Home.mp3",
            "\"Tides (2019)\" and \"Tides (2024)\"",
        ),
    ] {
        let sandbox = Sandbox::new();
        for name in [one, other] {
            sandbox.file(name, untagged);
        }
        sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
        let run = sandbox.run(&["assign", "--year", "2026", "."]).expect(2);
        assert!(run.stderr.contains(&format!("the albums are {told}")), "{}", run.stderr);
    }
}

#[test]
fn the_sides_of_a_record_are_two_lists() {
    // Silence that can only be told apart by names; numbers begin anew on each side.
    let intro = || mp3(6.0, named("Intro", "Tides"));
    for (one, other) in [("Side A", "Side B"), ("Seite A", "Seite B"), ("lado_a", "lado_b")] {
        let sandbox = Sandbox::new();
        sandbox.file(
            &format!("FLAC/{one}/01 Intro.flac"),
            &flac(6.0, 1, Some(named("Intro", "Tides"))),
        );
        sandbox.file(&format!("MP3/{other}/01 Intro.mp3"), &intro());
        sandbox
            .run(&["set", CODE, &format!("FLAC/{one}/01 Intro.flac")])
            .expect(0);
        check_asked(&sandbox, &["the sides are \"A\" and \"B\""]);
        // On one side they are one.
        sandbox.file(&format!("MP3/{one}/01 Intro.mp3"), &intro());
        sandbox
            .run(&["fill", "--presumed", &format!("MP3/{one}"), "FLAC"])
            .expect(0);
        let code = |side: &str| sandbox.run(&["get", &format!("MP3/{side}/01 Intro.mp3")]).stdout;
        assert_eq!((code(one).trim(), code(other).as_str()), (CODE, ""));
    }
}
