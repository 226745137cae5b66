//! Columns of a list that do not agree: two of one kind, and codes that have slipped against what stands beside them.

use super::crossed::{coded, stopped, wavs_of, written};
use super::*;

#[test]
fn of_two_columns_of_one_kind_the_files_tell_which_is_meant_or_it_is_asked() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["01 Rope", "02 Salt", "03 Tide"]);
    // Each of the two fits the files by itself.
    for (headings, rows, said) in [
        (
            "File,Source File",
            [
                "01 Rope.wav,03 Tide.wav",
                "02 Salt.wav,02 Salt.wav",
                "03 Tide.wav,01 Rope.wav",
            ],
            "--columns file=B",
        ),
        ("Track,Position", ["1,3", "2,2", "3,1"], "--columns track=B"),
        ("No,Track", ["1,3", "2,2", "3,1"], "--columns track=A"),
        (
            "Title,Track Title",
            ["Rope,Salt", "Salt,Tide", "Tide,Rope"],
            "--columns title=B",
        ),
    ] {
        let stderr = stopped(&sandbox, &coded(headings, &rows), &[]);
        assert!(
            stderr.contains("two columns may hold the") && stderr.contains(said),
            "{stderr}"
        );
    }
    let of_row = [("01 Rope.wav", 1), ("02 Salt.wav", 2), ("03 Tide.wav", 3)];
    for (headings, rows, said) in [
        (
            "Title,Track Title",
            ["Rope,Seil", "Salt,Salz", "Tide,Flut"],
            "title by column A (\"Title\"), which alone agrees",
        ),
        (
            "File,Source File",
            ["01 Rope.wav,x1.wav", "02 Salt.wav,x2.wav", "03 Tide.wav,x3.wav"],
            "file by column A (\"File\"), which alone agrees",
        ),
        (
            "Title,Position,Track",
            ["Rope,1,2", "Salt,2,3", "Tide,3,1"],
            "track by column B (\"Position\"), which alone agrees",
        ),
        // They say the same in two ways.
        ("Title,Track Title", ["Rope,ROPE", "Salt,SALT", "Tide,Tide "], ""),
        // Titles under "Track" are no numbers, and contradict those beside them.
        ("No.,Track", ["1,Rope", "2,Salt", "3,Tide"], ""),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &["01 Rope", "02 Salt", "03 Tide"]);
        let stderr = written(&sandbox, &coded(headings, &rows), &[], &of_row);
        assert!(stderr.contains(said), "{stderr}");
        assert!(said.is_empty() != stderr.contains("by column"), "{stderr}");
    }
    let moved = stopped(&sandbox, &coded("No.,Track", &["1,Salt", "2,Tide", "3,Rope"]), &[]);
    assert!(moved.contains("another order"), "{moved}");
    // What a person says is not asked again.
    let crossed = coded("Title,Track Title", &["Rope,Salt", "Salt,Tide", "Tide,Rope"]);
    written(&sandbox, &crossed, &["--columns", "title=Title"], &of_row);
}

#[test]
fn of_the_original_title_and_another_that_of_the_files_is_read() {
    let rows = ["1,Kako,Low Water", "2,Ie,Home", "3,Hajime,Intro", "4,Nana,"];
    let of_row = [("01 Low Water", 1), ("02 Home", 2), ("03 Intro", 3), ("04 Nana", 4)];
    let names: Vec<&str> = of_row.iter().map(|(name, _)| *name).collect();
    let of_row = of_row.map(|(name, row)| (format!("{name}.wav"), row));
    let of_row = of_row.each_ref().map(|(name, row)| (name.as_str(), *row));
    for headings in [
        "Track,Title,Original Title",
        "No.,Titel,Originaltitel",
        "№,Title (Romaji),原題",
        "#,Title,Title (Original Language)",
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &names);
        let stderr = written(&sandbox, &coded(headings, &rows), &[], &of_row);
        assert!(
            stderr.contains("title by column C") && !stderr.contains("versions of"),
            "{stderr}"
        );
    }
    // What the original is called says nothing of a remix of it.
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["01 Low Water", "02 Home"]);
    let remixes = ["1,Low Water (Kova Remix),Low Water", "2,Home (Kova Remix),Home"];
    stopped(&sandbox, &coded("Track,Title,Original Title", &remixes), &[]);
}

#[test]
fn the_column_that_says_a_version_is_the_title_whatever_the_files_are_called() {
    let lists = [
        ("Title,Work Title", ["Rope (Live),Rope", "Salt (Live),Salt"]),
        (
            "Song Title,Display Title",
            ["Rope,Rope - Instrumental", "Salt,Salt - Instrumental"],
        ),
        ("Title,Song", ["Rope Part 2,Rope", "Salt Part 2,Salt"]),
        (
            "File,Source File",
            ["01 Rope Remix.wav,01 Rope.wav", "02 Salt Remix.wav,02 Salt.wav"],
        ),
    ];
    for (headings, rows) in lists {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &["01 Rope", "02 Salt"]);
        stopped(&sandbox, &coded(headings, &rows), &[]);
    }
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["Rope", "Rope (Live)", "Salt", "Salt (Live)"]);
    let of_row = [("Rope (Live).wav", 1), ("Salt (Live).wav", 2)];
    let (headings, rows) = lists[0];
    let stderr = written(&sandbox, &coded(headings, &rows), &[], &of_row);
    assert!(
        stderr.contains("title by column A (\"Title\"), which says more"),
        "{stderr}"
    );
}

/// Rows of two sheets have the same numbers.
#[test]
fn the_column_that_says_a_version_is_the_title_on_each_sheet() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["CD1/01 Rope", "CD2/01 Salt"]);
    let before = contents(&sandbox.path("a"));
    let sheet = |titles: &str, number| cells(&format!("Track,Title,Work Title,ISRC\n1,{titles},{}\n", code(number)));
    let sheets = [
        ("CD 1", false, sheet("Rope (Live),Rope", 1)),
        ("CD 2", false, sheet("Salt,Salt", 2)),
    ];
    let path = list(&sandbox, "list.xlsx", workbook(&sheets));
    refused(&sandbox, &[&path, "a"]);
    assert!(contents(&sandbox.path("a")) == before);
}

#[test]
fn files_that_are_called_by_numbers_alone_choose_no_column_of_numbers() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["01", "02"]);
    for rows in [["1,3", "2,4"], ["1,5,Rope", "2,6,Salt"]] {
        let headings = if rows[0].len() > 3 {
            "No,Track,Title"
        } else {
            "No,Track"
        };
        let stderr = stopped(&sandbox, &coded(headings, &rows), &[]);
        assert!(stderr.contains("two columns may hold the"), "{stderr}");
    }
}

/// Nothing is written, not even what would be certain in part.
#[track_caller]
fn check_slipped(sandbox: &Sandbox, text: &str) {
    for arguments in [&[][..], &["--partial"]] {
        let stderr = stopped(sandbox, text, arguments);
        assert!(stderr.contains("the codes have slipped"), "{text}{stderr}");
        assert!(!stderr.contains("--partial"), "{text}{stderr}");
    }
}

#[test]
fn codes_that_have_slipped_by_a_row_are_not_certain_even_in_part() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["01 Rope", "02 Salt", "03 Tide"]);
    let [one, two, three] = [1, 2, 3].map(code);
    for text in [
        format!("Track,Title,ISRC\n1,Rope,\n2,Salt,{one}\n3,Tide,{two}\n,,{three}\n"),
        format!("Track,Title,ISRC\n,,{one}\n1,Rope,{two}\n2,Salt,{three}\n3,Tide,\n"),
        format!("Filename,ISRC\n01 Rope.wav,\n02 Salt.wav,{one}\n03 Tide.wav,{two}\n,{three}\n"),
    ] {
        check_slipped(&sandbox, &text);
    }
    let slipped = format!("1,Rope,\n2,Salt,{one}\n3,Tide,{two}\n");
    for rows in [
        // Whatever stands below the codes or above them.
        format!("{slipped},,{three}\nTotal 0:53 / 3 tracks,,\n"),
        format!("{slipped},,{three}\n,Total time: 0:53,\n,,\n"),
        format!("e.g. 9,My Song,{}\n{slipped},,{three}\n", code(9)),
        format!(",Tides,\n{slipped},,{three}\n,Ebb,\n4,Reef,{}\n", code(4)),
        // The last code has come to stand beside the total.
        format!("{slipped},Total 0:53 / 3 tracks,{three}\n"),
        // From a row in the middle on, and of a list with a row for each pause.
        format!("1,Rope,{one}\n2,Salt,\n3,Tide,{two}\n,,{three}\n,Total,\n"),
        format!("1,,\n1,Rope,\n2,,\n2,Salt,{one}\n3,,\n3,Tide,{two}\n,,{three}\nAA,,\n"),
        format!(",Tides,\n,,{one}\n1,Rope,{two}\n2,Salt,{three}\n3,Tide,\n,Total,\n"),
    ] {
        check_slipped(&sandbox, &format!("Track,Title,ISRC\n{rows}"));
    }
    let sale = format!("track,Rope,\ntrack,Salt,{one}\ntrack,Tide,{two}\n,,{three}\nalbum,Tides,\n");
    check_slipped(&sandbox, &format!("item type,item name,isrc\n{sale}"));
    let mixes = format!("Rope,Extended Mix,\nRope,Radio Edit,{one}\nSalt,,{two}\n,,{three}\n");
    check_slipped(&sandbox, &format!("Title,Version,ISRC\n{mixes}"));
    // Of two discs whose numbers begin again, and the list does not say which is which.
    let discs = format!("1,Rope,\n2,Salt,{one}\n1,Tide,{two}\n,,{three}\n");
    check_slipped(&sandbox, &format!("Track,Title,ISRC\n{discs}"));
    // Pauses and totals are no tracks whose code is missing.
    for rows in [
        format!("1,Rope,{one}\n,Total,\n2,Salt,{two}\n3,Tide,{three}\n,,{}\n", code(4)),
        format!(
            "1,,\n1,Rope,{one}\n2,,\n2,Salt,{two}\n3,,\n3,Tide,{three}\n,,{}\n",
            code(4)
        ),
    ] {
        let path = list(&sandbox, "list.csv", format!("Track,Title,ISRC\n{rows}"));
        let stderr = refused(&sandbox, &[&path, "a"]).stderr;
        assert!(!stderr.contains("slipped") && stderr.contains("--partial"), "{stderr}");
    }
    // A code that is only somewhere alone, or a blank row, is none.
    let alone = format!(
        "Track,Title,ISRC\n1,Rope,{one}\n2,Salt,{two}\n3,Tide,{three}\n,,{}\n",
        code(4)
    );
    let path = list(&sandbox, "list.csv", &alone);
    assert!(refused(&sandbox, &[&path, "a"]).stderr.contains("--partial"));
    let blank = format!("Track,Title,ISRC\n1,Rope,\n2,Salt,{two}\n3,Tide,{three}\n");
    written(&sandbox, &blank, &[], &[("02 Salt.wav", 2), ("03 Tide.wav", 3)]);
}

#[test]
fn lengths_of_short_recordings_are_others_sooner_and_unreadable_ones_are_left_out() {
    let sandbox = Sandbox::new();
    for (at, (name, seconds)) in (1..).zip([("Jingle", 2.0), ("Logo", 5.0), ("Rope", 61.0)]) {
        sandbox.file(&format!("a/{at:02} {name}.wav"), &audio::wav(seconds, at));
    }
    for row in ["1,Jingle,0:10", "2,Logo,0:15", "3,Rope,1:12"] {
        let stderr = stopped(&sandbox, &coded("Track,Title,Duration", &[row]), &[]);
        assert!(stderr.contains("its duration is"), "{stderr}");
    }
    let text = coded(
        "Track,Title,Duration",
        &["1,Jingle,soon", "2,Logo,0:08", "3,Rope,ca. 1:10"],
    );
    let of_row = [("01 Jingle.wav", 1), ("02 Logo.wav", 2), ("03 Rope.wav", 3)];
    let stderr = written(&sandbox, &text, &[], &of_row);
    let said = "lengths of column C (\"Duration\") that cannot be read left out, the first soon in row 2";
    assert!(stderr.contains(said), "{stderr}");
}

#[test]
fn yes_under_a_version_is_none_where_all_rows_of_one_title_say_it() {
    let rows = ["1,1,Interlude,Yes", "1,2,Salt,No", "1,3,Interlude,Yes", "2,4,Salt,Yes"];
    let files = ["CD1/01 Interlude", "CD1/02 Salt", "CD1/03 Interlude", "CD2/04 Salt"];
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &files);
    let of_row = [1, 2, 3, 4].map(|row| (format!("{}.wav", files[row as usize - 1]), row));
    let of_row = of_row.each_ref().map(|(file, row)| (file.as_str(), *row));
    written(&sandbox, &coded("Disc,Track,Title,Instrumental", &rows), &[], &of_row);
}

#[test]
fn a_word_under_keyword_voids_no_row() {
    let words = ["Test", "Duplicate", "Faulty"];
    for (heading, word) in words
        .map(|word| ("Keyword", word))
        .into_iter()
        .chain([("Usage", "Test")])
    {
        let sandbox = Sandbox::new();
        flacs(&sandbox, "a");
        let headings = format!("Track,Title,{heading},ISRC");
        let list_text = rows(&headings, &format!("{{n}},{{t}},{word},{{c}}"));
        let path = list(&sandbox, "list.csv", list_text);
        let run = sandbox.run(&["apply", &path, "a"]).expect(0);
        assert_eq!(
            run.stdout.matches(" -> ").count(),
            6,
            "{word}: {}{}",
            run.stdout,
            run.stderr
        );
    }
}
