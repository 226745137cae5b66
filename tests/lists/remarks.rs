//! What lists say of their rows beside title and number: versions under any heading, lines above a block, names of sheets.

use super::crossed::{wavs_of, written};
use super::refused::check;
use super::*;

const PLAIN: &str = "Track,Title,ISRC";

pub(crate) fn plain() -> String {
    rows(PLAIN, "{n},{t},{c}")
}

#[test]
fn a_version_counts_under_any_heading() {
    for (heading, version) in [
        ("Type", "Instrumental"),
        ("Format", "Instrumentalversion"),
        ("Remixer", "DJ Halle"),
        ("Kind", "Karaoke Version"),
        ("Comment", "Live in Oslo"),
        ("Edit", "Radioedit"),
        ("Audio Format", "Dolby Atmos"),
        ("Fassung", "Akustikfassung"),
        ("", "Live"),
    ] {
        let list = rows(
            &format!("Track,Title,{heading},ISRC"),
            &format!("{{n}},{{t}},{version},{{c}}"),
        );
        check(&list, "nobody can tell whether that is this version");
        let list = rows(&format!("Track,{heading},ISRC"), &format!("{{n}},{version},{{c}}"));
        check(&list, "nobody can tell whether that is this version");
    }
}

#[test]
fn a_version_word_under_other_headings_says_nothing() {
    for (heading, text) in [
        ("Genre", "House"),
        ("Subgenre", "Remix"),
        ("Label", "Live"),
        ("Language", "Instrumental"),
        ("Type", "Single"),
        ("Parental Advisory", "Explicit"),
        ("Store", "Live Nation"),
        ("Notes", "mixed by N. N."),
    ] {
        let list = rows(
            &format!("Track,Title,{heading},ISRC"),
            &format!("{{n}},{{t}},{text},{{c}}"),
        );
        every_code(&list, "list.csv", &[]);
    }
}

/// Every track gets its code, in all formats.
#[track_caller]
pub(crate) fn every_code(list: impl AsRef<[u8]>, name: &str, options: &[&str]) -> String {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a/wav");
    flacs(&sandbox, "a/flac");
    let list = super::list(&sandbox, name, list);
    let run = sandbox.run(&[&["apply", &list, "a"], options].concat()).expect(0);
    for (track, title) in (1..).zip(TITLES) {
        for ending in ["wav", "flac"] {
            let path = format!("a/{ending}/{track:02} {title}.{ending}");
            assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(track), "{name} {path}");
        }
    }
    run.stderr
}

#[test]
fn a_line_or_a_sheet_says_its_version_of_all_rows() {
    for line in [
        "Instrumentals",
        "Live at Home",
        "LIVE VERSION:",
        "Radio Edits",
        "Small Hours (Live)",
    ] {
        check(
            &format!("{line},,\n{}", plain()),
            "nobody can tell whether that is this version",
        );
        let below = plain().replace(PLAIN, &format!("{PLAIN}\n{line},,"));
        check(&below, "nobody can tell whether that is this version");
    }
    let sandbox = Sandbox::new();
    flacs(&sandbox, "flac");
    let list = list(
        &sandbox,
        "list.xlsx",
        workbook(&[("Instrumentals", false, cells(&plain()))]),
    );
    let run = refused(&sandbox, &[&list, "flac"]);
    assert!(
        run.stderr
            .contains("all of sheet \"Instrumentals\" as \"Instrumentals\""),
        "{}",
        run.stderr
    );
    let hint = "if these files are the versions that it names: isrctag apply ../list.xlsx flac --columns version=-";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    sandbox
        .run(&["apply", &list, "flac", "--columns", "version=-"])
        .expect(0);
}

#[test]
fn a_block_of_instrumentals_goes_to_the_instrumentals() {
    let sandbox = Sandbox::new();
    for (track, title) in (1..=3).zip(TITLES) {
        sandbox.file(&format!("a/{track:02} {title}.wav"), &audio::wav(seconds(track), track));
        let name = format!("a/{:02} {title} (Instrumental).wav", track + 3);
        sandbox.file(&name, &audio::wav(seconds(track), track + 10));
    }
    let mut text = format!("{PLAIN}\n");
    for (line, from) in [("Album versions", 0), ("Instrumentals", 3)] {
        text.push_str(&format!("{line},,\n"));
        for (track, title) in (1..=3).zip(TITLES) {
            text.push_str(&format!("{},{title},{}\n", track + from, code(track + from)));
        }
    }
    let list = list(&sandbox, "list.csv", text);
    sandbox.run(&["apply", &list, "a"]).expect(0);
    assert_eq!(sandbox.run(&["get", "a/02 Café del Mar.wav"]).stdout.trim(), code(2));
    let get = sandbox.run(&["get", "a/05 Café del Mar (Instrumental).wav"]);
    assert_eq!(get.stdout.trim(), code(5));
}

#[test]
fn a_live_album_is_called_so_once() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "Small Hours (Live)");
    let list = list(&sandbox, "list.csv", format!("Small Hours (Live),,\n{}", plain()));
    sandbox.run(&["apply", &list, "Small Hours (Live)"]).expect(0);
    let get = sandbox.run(&["get", "Small Hours (Live)/01 Low Water.wav"]);
    assert_eq!(get.stdout.trim(), code(1));
}

#[test]
fn explicit_and_clean_are_told_apart_where_files_say_so() {
    let sandbox = Sandbox::new();
    sandbox.file("a/01 Rope (Explicit).wav", &audio::wav(5.0, 1));
    sandbox.file("a/02 Rope (Clean).wav", &audio::wav(5.0, 2));
    let text = "Title,Parental Advisory,ISRC\nRope,Clean,QZTST2600002\nRope,Explicit,QZTST2600001\n";
    let list = list(&sandbox, "list.csv", text);
    sandbox.run(&["apply", &list, "a"]).expect(0);
    assert_eq!(sandbox.run(&["get", "a/01 Rope (Explicit).wav"]).stdout.trim(), code(1));
    assert_eq!(sandbox.run(&["get", "a/02 Rope (Clean).wav"]).stdout.trim(), code(2));
    let text = "Track,Title,Advisory,ISRC\n1,Rope,Clean,QZTST2600091\n";
    let wrong = super::list(&sandbox, "wrong.csv", text);
    refused(&sandbox, &[&wrong, "a/01 Rope (Explicit).wav", "--replace"]);
}

#[test]
fn a_path_does_not_outweigh_a_version() {
    for (name, make) in [
        ("wav", untagged_wavs as fn(&Sandbox, &str)),
        ("flac", flacs),
        ("mp3", mp3s),
    ] {
        for (headings, row) in [
            ("Filename,Version,ISRC", "0{n} {t}.END,Instrumental,{c}"),
            ("Path,Title,Version,ISRC", "END/0{n} {t}.END,{t},Live,{c}"),
            ("Filename,Title,ISRC", "0{n} {t}.END,{t} (Radio Edit),{c}"),
        ] {
            let sandbox = Sandbox::new();
            make(&sandbox, name);
            let list = list(&sandbox, "list.csv", rows(headings, &row.replace("END", name)));
            let run = refused(&sandbox, &[&list, name, "--partial"]);
            assert!(
                run.stderr.contains("nobody can tell whether that is this version"),
                "{}",
                run.stderr
            );
            let words = "if the names of the files are right and the titles are not";
            let is_offered = run.stderr.contains(words) || run.stderr.contains("if these files are the versions");
            assert!(is_offered, "{}", run.stderr);
        }
    }
}

#[test]
fn another_guest_makes_another_recording() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "wav");
    let list = list(&sandbox, "list.csv", plain().replace("Ola Brandt", "Ida Moe"));
    let run = refused(&sandbox, &[&list, "wav"]);
    assert!(
        run.stderr.contains("its title is \"Tidewater (feat. Ida Moe)\""),
        "{}",
        run.stderr
    );
    sandbox.run(&["apply", &list, "wav", "--partial"]).expect(1);
    let get = sandbox.run(&["get", "wav/06 Tidewater (feat. Ola Brandt).wav"]);
    assert_eq!(get.stdout.trim(), "");
}

#[test]
fn a_list_of_the_second_disc_is_not_for_files_of_any_disc() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "wav");
    let list = list(&sandbox, "list.csv", rows("Disc,Track,Title,ISRC", "2,{n},{t},{c}"));
    let run = refused(&sandbox, &[&list, "wav"]);
    let words = "it is of disc 2, and wav/01 Low Water.wav may be of any disc";
    assert!(
        run.stderr.contains(words) && run.stderr.contains("disc=-"),
        "{}",
        run.stderr
    );
    let sandbox = Sandbox::new();
    flacs(&sandbox, "flac");
    let list = super::list(&sandbox, "list.csv", rows("Disc,Track,Title,ISRC", "2,{n},{t},{c}"));
    let run = refused(&sandbox, &[&list, "flac"]);
    let words = "no file here is \"Low Water\" on disc 2";
    assert!(
        run.stderr.contains(words) && !run.stderr.contains("disc=-"),
        "{}",
        run.stderr
    );
}

#[test]
fn set_asks_of_a_song_and_its_instrumental() {
    let sandbox = Sandbox::new();
    let names = ["a/01 Low Water.wav", "a/02 Low Water (Instrumental).wav"];
    for (seed, name) in (1..).zip(names) {
        sandbox.file(name, &audio::wav(5.0, seed));
    }
    let before = contents(&sandbox.music());
    let run = sandbox.run(&["set", &code(1), names[0], names[1]]).expect(3);
    assert!(contents(&sandbox.music()) == before);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(
        said.contains("are not one recording") || said.contains("only one is called"),
        "{said}"
    );
    // The same words in both are no question.
    sandbox.file("a/Low Water (Instrumental).wav", &audio::wav(5.0, 2));
    sandbox
        .run(&["set", &code(2), names[1], "a/Low Water (Instrumental).wav"])
        .expect(0);
}

#[test]
fn codes_of_another_version_in_the_heading_are_asked_about() {
    for inside in ["Instrumental", "Dolby Atmos", "Radio Edit", "bisher", "ungültig"] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let list = list(
            &sandbox,
            "list.csv",
            rows(&format!("Track,Title,ISRC ({inside})"), "{n},{t},{c}"),
        );
        let run = refused(&sandbox, &[&list, "a"]);
        assert!(
            run.stderr.contains("no column is headed as one of codes"),
            "{inside}: {}",
            run.stderr
        );
        assert!(!run.stderr.contains("--columns"), "{inside}: {}", run.stderr);
        sandbox
            .run(&["apply", &list, "a", "--columns", &format!("isrc=ISRC ({inside})")])
            .expect(0);
    }
}

#[test]
fn videos_in_any_words_are_no_audio() {
    for kind in [
        "ShortFormMusicalWorkVideo",
        "LongFormMusicalWorkVideo",
        "ConcertVideo",
        "LiveEventVideo",
    ] {
        let list = rows("Resource Type,Track,Title,ISRC", &format!("{kind},{{n}},{{t}},{{c}}"));
        check(&list, "nobody can tell whether that is this version");
    }
    let list = rows(
        "Resource Type,Track,Title,ISRC",
        "MusicalWorkSoundRecording,{n},{t},{c}",
    );
    every_code(list, "list.csv", &[]);
}

#[test]
fn yes_is_the_version_where_two_rows_have_one_title() {
    for (heading, yes, no, version) in [
        ("Instrumental", "TRUE", "FALSE", "Instrumental"),
        ("Is Live?", "Yes", "No", "Live"),
        ("Karaoke", "x", "", "Karaoke"),
        ("Remix", "1", "0", "Remix"),
    ] {
        let sandbox = Sandbox::new();
        let files = [format!("a/Rope ({version}).wav"), "a/Rope.wav".to_owned()];
        for (file, track) in files.iter().zip(1..) {
            sandbox.file(file, &audio::wav(seconds(track), track));
        }
        let two = format!("{heading},Title,ISRC\n{yes},Rope,{}\n{no},Rope,{}\n", code(1), code(2));
        let list = super::list(&sandbox, "list.csv", two);
        sandbox.run(&["apply", &list, "a"]).expect(0);
        for (file, track) in files.iter().zip(1..) {
            assert_eq!(
                sandbox.run(&["get", file]).stdout.trim(),
                code(track),
                "{heading} {file}"
            );
        }
        // The code of the other version is none for the song, whose own is still missing.
        let sandbox = Sandbox::new();
        sandbox.file(&files[1], &audio::wav(seconds(2), 2));
        let blank = format!("{heading},Title,ISRC\n{yes},Rope,{}\n{no},Rope,\n", code(1));
        let list = super::list(&sandbox, "list.csv", blank);
        refused(&sandbox, &[&list, "a", "--partial"]);
    }
    // Alone it may say what the title need not.
    every_code(rows("Live,Track,Title,ISRC", "Yes,{n},{t},{c}"), "list.csv", &[]);
}

#[test]
fn a_sentence_above_a_table_says_the_version() {
    check(
        &format!("All tracks are instrumental versions,,\n{}", plain()),
        "nobody can tell whether that is this version",
    );
    every_code(format!("All tracks are final,,\n{}", plain()), "list.csv", &[]);
}

#[test]
fn a_row_whose_note_names_another_code_to_use_is_left_out() {
    let others = plain()
        .lines()
        .skip(3)
        .map(|line| format!("{line},\n"))
        .collect::<String>();
    let list_with = |note: &str| {
        let first = format!("1,{},{},{note}\n2,{},{},\n", TITLES[0], code(1), TITLES[1], code(2));
        format!("{PLAIN},Remark\n{first}{others}")
    };
    for (note, is_left_out) in [
        ("use QZTST2699999 instead", true),
        ("QZTST2699999 instead", true),
        ("old code", true),
        ("use code of row 3", true),
        ("swapped with track 2", true),
        ("new ISRC: QZTST2699999", true),
        ("neuer ISRC: QZTST2699999", true),
        ("now QZ-TST-26-99999", true),
        ("changed to QZTST2699999", true),
        ("replaced by QZTST2699999", true),
        ("do not use; use QZTST2699999", true),
        ("QZTST2600001 replaced by QZTST2699999", true),
        ("replaces QZTST2699999", false),
        ("new code; was QZTST2699999", false),
        ("do not use QZTST2699999", false),
        ("use instead of QZTST2699999", false),
        ("UK release: QZTST2699999", false),
        ("remix is QZTST2699999", false),
        ("new ISRC: QZTST2600001", false),
    ] {
        let sandbox = Sandbox::new();
        flacs(&sandbox, "a");
        let before = contents(&sandbox.music().join("a"));
        let path = list(&sandbox, "list.csv", list_with(note));
        let run = sandbox.run(&["apply", &path, "a"]).expect(0);
        assert_eq!(
            run.stdout.contains(&code(1)),
            !is_left_out,
            "{note}: {}{}",
            run.stdout,
            run.stderr
        );
        assert_eq!(
            run.stdout.matches(" -> ").count(),
            6 - usize::from(is_left_out),
            "{note}"
        );
        let after = contents(&sandbox.music().join("a"));
        let unchanged = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before == after)
            .count();
        assert_eq!(unchanged, usize::from(is_left_out), "{note}");
        assert_eq!(
            run.stderr.contains(&format!("row 2 left out: \"{note}\"")),
            is_left_out,
            "{note}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_note_that_says_a_version_among_other_words_says_it() {
    for note in ["Mix: TV", "ISRC for the video", "instrumental ISRC"] {
        let list = rows("Track,Title,Note,ISRC", &format!("{{n}},{{t}},{note},{{c}}"));
        check(&list, "nobody can tell whether that is this version");
    }
}

#[test]
fn what_a_footnote_says_of_the_titles_with_its_mark_counts() {
    let files = ["01 Rope", "02 Salt", "03 Tide"];
    let text = |mark: &str, note: &str| {
        let [one, two, three] = [1, 2, 3].map(code);
        format!("Track,Title,ISRC\n1,Rope,{one}\n2,Salt{mark},{two}\n3,Tide,{three}\n\n{note},,\n")
    };
    for (mark, note) in [
        ("*", "* instrumental"),
        (" (†)", "†Live"),
        ("**", "** recorded live at the Mill"),
        ("¹", "¹ Radio Edit"),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &files);
        let path = list(&sandbox, "list.csv", text(mark, note));
        let said = refused(&sandbox, &[&path, "a"]).stderr;
        assert!(said.contains("nobody can tell whether that is this version"), "{said}");
    }
    for (mark, note) in [
        ("*", "* bonus track"),
        ("¹", "¹ written by Ana"),
        ("*", "** instrumental"),
        ("*", ""),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &files);
        let of_row = [("01 Rope.wav", 1), ("02 Salt.wav", 2), ("03 Tide.wav", 3)];
        written(&sandbox, &text(mark, note), &[], &of_row);
    }
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &files);
    let of_row = [("01 Rope.wav", 1), ("03 Tide.wav", 3)];
    written(&sandbox, &text("*", "* withdrawn"), &[], &of_row);
}
