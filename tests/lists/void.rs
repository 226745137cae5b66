//! Codes that are not to be used, and lists that say so of themselves.

use super::refused::check;
use super::remarks::{every_code, plain};
use super::*;

#[test]
fn void_codes_are_left_out_and_told() {
    for (heading, state) in [
        ("Status", "Cancelled"),
        ("ISRC Status", "void"),
        ("Bemerkung", "storniert"),
    ] {
        let headings = format!("Track,Title,ISRC,{heading}");
        let all = rows(&headings, &format!("{{n}},{{t}},{{c}},{state}"));
        check(&all, "every row of it says that its code is not to be used");
        // The new codes stand below the void ones.
        let old = rows(&headings, &format!("{{n}},{{t}},QZTST190000{{n}},{state}"));
        let new = rows("", "{n},{t},{c},").replacen('\n', "", 1);
        let said = every_code(old + &new, "list.csv", &[]);
        assert!(said.contains("rows 2, 3, 4, 5, 6 and 7 left out"), "{said}");
    }
    for state in ["Active", "assigned", "Live"] {
        every_code(
            rows("Track,Title,ISRC,Status", &format!("{{n}},{{t}},{{c}},{state}")),
            "list.csv",
            &[],
        );
    }
}

#[test]
fn a_state_that_one_row_alone_has_is_told() {
    let list = |state: &str| {
        let list = rows("Track,Title,ISRC,Status", "{n},{t},{c},OK");
        list.replacen(",OK", &format!(",{state}"), 2)
            .replacen(&format!(",{state}"), ",OK", 1)
    };
    let said = every_code(list("zurückgestellt"), "list.csv", &[]);
    assert!(
        said.contains(r#"column D ("Status") says "zurückgestellt" in row 3, and its codes are used all the same"#),
        "{said}"
    );
    for state in ["OK", "", "n/a"] {
        let said = every_code(list(state), "list.csv", &[]);
        assert!(!said.contains("column D"), "{said}");
    }
}

#[test]
fn a_draft_is_no_list_yet() {
    for above in ["DRAFT,,", "Label copy,,Draft 2 - do not use", "Entwurf vom 3. Mai,,"] {
        let list = format!("{above}\n{}", plain());
        check(&list, "row 1 says of the list that it is not the final one");
        every_code(list, "list.csv", &["--columns", "state=-"]);
    }
    let sandbox = Sandbox::new();
    flacs(&sandbox, "flac");
    let list = list(&sandbox, "list.xlsx", workbook(&[("Draft", false, cells(&plain()))]));
    let run = refused(&sandbox, &[&list, "flac"]);
    assert!(
        run.stderr.contains("the name of its sheet says") && run.stderr.contains("state=-"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_struck_through_is_left_out() {
    let struck = rust_xlsxwriter::Format::new().set_font_strikethrough();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let old = plain().replace("QZTST26", "QZTST19");
    let (old, new) = (cells(&old), cells(&plain()));
    for (at, row) in (0..).zip([&new[..1], &old[1..], &new[1..]].concat()) {
        for (column, cell) in (0..).zip(&row) {
            if (1..=6).contains(&at) {
                sheet.write_string_with_format(at, column, cell, &struck).unwrap();
            } else {
                sheet.write_string(at, column, cell).unwrap();
            }
        }
    }
    // A code of old, with the new one beside it.
    sheet.write_string_with_format(7, 3, "QZTST1900001", &struck).unwrap();
    let said = every_code(workbook.save_to_buffer().unwrap(), "list.xlsx", &[]);
    assert!(said.contains("struck through left out"), "{said}");
}

#[test]
fn a_row_that_says_what_its_code_was_replaced_by_is_left_out() {
    for remark in [
        "superseded by QZTST2600099",
        "ersetzt durch QZTST2600099",
        "to be replaced",
        "duplicate of track 4",
    ] {
        for heading in ["Status", "Remarks"] {
            let sandbox = Sandbox::new();
            untagged_wavs(&sandbox, "a");
            let text = rows(&format!("Track,Title,ISRC,{heading}"), "{n},{t},{c},");
            let text = text.replace(&format!("{},", code(2)), &format!("{},{remark}", code(2)));
            let list = list(&sandbox, "list.csv", text);
            let run = sandbox.run(&["apply", &list, "a"]).expect(0);
            assert!(run.stderr.contains("row 3 left out"), "{remark}: {}", run.stderr);
            assert!(!run.stdout.contains(&code(2)), "{remark}: {}", run.stdout);
        }
    }
}

#[test]
fn another_code_in_a_remark_is_told() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let text = rows("Track,Title,ISRC,Remarks", "{n},{t},{c},")
        .replace(&format!("{},", code(2)), &format!("{},replaces QZTST2600099", code(2)));
    let list = list(&sandbox, "list.csv", text);
    let run = sandbox.run(&["apply", &list, "a"]).expect(0);
    let told = "column D (\"Remarks\") names other codes than the rows have, the first QZTST2600099 in row 3";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn a_list_of_old_codes_is_asked_about() {
    for words in [
        "Old codes",
        "ALTE CODES",
        "Anciens codes",
        "códigos antiguos",
        "旧コード",
        "Former ISRCs",
        "Previous release",
        "not valid",
        "ungültig",
        "Withdrawn codes",
        "wrong ISRCs",
        "DO NOT USE",
    ] {
        check(
            &format!("{words},,\n{}", plain()),
            "row 1 says of the list that it is not the final one",
        );
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let named = list(&sandbox, &format!("{words}.csv"), plain());
        let run = refused(&sandbox, &[&named, "a"]);
        assert!(
            run.stderr.contains("its name says of the list") && run.stderr.contains("state=-"),
            "{}",
            run.stderr
        );
        let sheet = list(&sandbox, "list.xlsx", workbook(&[(words, false, cells(&plain()))]));
        let run = refused(&sandbox, &[&sheet, "a"]);
        assert!(
            run.stderr.contains("the name of its sheet says"),
            "{words}: {}",
            run.stderr
        );
    }
    // Beside the list such a sheet is none of it, even where they say nothing against each other.
    let plain = plain();
    let (first, others) = plain.split_at(plain.find("\n2,").unwrap() + 1);
    let others = format!("Track,Title,ISRC\n{others}");
    for name in ["do not use", "Withdrawn", "Spare", "Old codes"] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let sheets = [("Tracks", false, cells(first)), (name, false, cells(&others))];
        let list = list(&sandbox, "list.xlsx", workbook(&sheets));
        let run = refused(&sandbox, &[&list, "a"]);
        assert!(
            run.stderr.contains("several sheets hold codes"),
            "{name}: {}",
            run.stderr
        );
    }
    for words in ["Old Songs", "ISRC list 2024", "New codes"] {
        every_code(format!("{words},,\n{plain}"), "list.csv", &[]);
        every_code(&plain, &format!("{words}.csv"), &[]);
    }
}

#[test]
fn a_list_says_anywhere_that_it_is_not_final() {
    check(
        &format!("{}DRAFT,,\n", plain()),
        "row 8 says of the list that it is not the final one",
    );
    for above in [
        "Status:,withdrawn,",
        "Status: void,,",
        "Replaced by the list of 3 May,,",
        "Placeholder codes,,",
        "Test codes,,",
        "Falsche Codes,,",
    ] {
        check(
            &format!("{above}\n{}", plain()),
            "row 1 says of the list that it is not the final one",
        );
    }
    for right in ["Status: final,,", "Replaces the old codes of 2019,,", "Sample,,"] {
        every_code(format!("{right}\n{}", plain()), "list.csv", &[]);
    }
    every_code(
        format!("{}\nDo not use these codes for videos,,\n", plain()),
        "list.csv",
        &[],
    );
    for heading in ["ISRC (AV)", "ISRC (MV)", "ISRC (映像)"] {
        check(
            &rows(&format!("Track,Title,{heading}"), "{n},{t},{c}"),
            "no column is headed as one of codes",
        );
    }
    check(
        &format!("TV Mixes,,\n{}", plain()),
        "nobody can tell whether that is this version",
    );
}

#[test]
fn codes_below_a_line_that_calls_them_old_are_left_out() {
    let old = plain().replace("QZTST26", "QZTST19");
    let (headings, old) = old.split_once('\n').unwrap();
    for line in [
        "Old codes,,",
        ",DO NOT USE,",
        "Anciens codes:,,",
        "Withdrawn,,",
        ",,Spare codes",
        "Not used,,",
    ] {
        check(
            &format!("{headings}\n{line}\n{old}"),
            "every row of it says that its code is not to be used",
        );
        let said = every_code(format!("{}{line}\n{old}", plain()), "list.csv", &[]);
        assert!(
            said.contains("rows 9, 10, 11, 12, 13 and 14 left out"),
            "{line}: {said}"
        );
        let new = plain().split_once('\n').unwrap().1.to_owned();
        every_code(format!("{headings}\n{line}\n{old}New codes,,\n{new}"), "list.csv", &[]);
    }
}

#[test]
fn a_track_that_is_called_like_a_void_code_ends_nothing() {
    let list = plain().replace("2,Café", ",Withdrawn,\ntbc,,\n2,Café");
    every_code(list, "list.csv", &[]);
}

#[test]
fn codes_below_such_a_line_of_a_mail_are_left_out() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let text = format!("1. Low Water {}\n\nold codes:\n2. Café del Mar {}\n", code(1), code(92));
    let list = list(&sandbox, "list.txt", text);
    let run = sandbox.run(&["apply", &list, "a"]).expect(0);
    assert!(run.stderr.contains("row 4 left out"), "{}", run.stderr);
    assert_eq!(sandbox.run(&["get", "a/01 Low Water.wav"]).stdout.trim(), code(1));
    assert_eq!(sandbox.run(&["get", "a/02 Café del Mar.wav"]).stdout.trim(), "");
}

#[test]
fn an_answer_may_say_that_a_code_is_void() {
    for (heading, void, right) in [
        ("Void", "x", ""),
        ("Superseded?", "yes", "no"),
        ("Is deleted", "TRUE", "FALSE"),
        ("Valid", "no", "yes"),
        ("In use?", "N", "Y"),
        ("Gültig", "nein", "ja"),
    ] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let text = rows(
            &format!("Track,Title,ISRC,{heading}"),
            &format!("{{n}},{{t}},{{c}},{right}"),
        )
        .replace(&format!("{},{right}", code(2)), &format!("{},{void}", code(2)));
        let list = list(&sandbox, "list.csv", text);
        let run = sandbox.run(&["apply", &list, "a"]).expect(0);
        assert!(
            run.stderr.contains("row 3 left out: \"void ("),
            "{heading}: {}",
            run.stderr
        );
        assert!(!run.stdout.contains(&code(2)), "{heading}: {}", run.stdout);
        sandbox.run(&["apply", &list, "a", "--columns", "state=-"]).expect(0);
        assert_eq!(sandbox.run(&["get", "a/02 Café del Mar.wav"]).stdout.trim(), code(2));
    }
    // Before its release no track of an album is active, and "yes" beside all says nothing.
    for (heading, answer) in [("Active", "no"), ("Valid", "yes"), ("Void", "no"), ("Confirmed", "")] {
        every_code(
            rows(
                &format!("Track,Title,ISRC,{heading}"),
                &format!("{{n}},{{t}},{{c}},{answer}"),
            ),
            "list.csv",
            &[],
        );
    }
    check(
        &rows("Is video,Track,Title,ISRC", "yes,{n},{t},{c}"),
        "nobody can tell whether that is this version",
    );
}

#[test]
fn text_that_is_struck_through_in_a_cell_is_left_out() {
    let struck = rust_xlsxwriter::Format::new().set_font_strikethrough();
    let plain_font = rust_xlsxwriter::Format::new();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, row) in (0..).zip(cells(&plain())) {
        for (column, cell) in (0..).zip(&row) {
            sheet.write_string(at, column, cell).unwrap();
        }
        // An old code & remark, struck through, and the new one behind it.
        if at > 0 {
            let both = [
                (&struck, "QZTST1900001 <&>"),
                (&plain_font, " "),
                (&plain_font, &*row[2]),
            ];
            sheet.write_rich_string(at, 2, &both).unwrap();
        }
    }
    let said = every_code(workbook.save_to_buffer().unwrap(), "list.xlsx", &[]);
    assert!(said.contains("6 codes struck through left out"), "{said}");

    // A code that is struck through as a whole is none.
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, row) in (0..).zip(cells(&plain())) {
        for (column, cell) in (0..).zip(&row) {
            match at > 0 && column == 2 {
                true => sheet.write_rich_string(at, column, &[(&struck, &cell[..5]), (&struck, &cell[5..])]),
                false => sheet.write_string(at, column, cell),
            }
            .unwrap();
        }
    }
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let list = list(&sandbox, "list.xlsx", workbook.save_to_buffer().unwrap());
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(run.stderr.contains("it holds no code"), "{}", run.stderr);
}

#[test]
fn merged_cells_say_the_same_of_each_row_with_a_code() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows = [
        "Title,Version,ISRC",
        "Rope,,QZTST2600001",
        ",Live,QZTST2600002",
        ",,",
        "Salt,,QZTST2600003",
    ];
    for (at, row) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(row.split(',')) {
            sheet.write_string(at, column, cell).unwrap();
        }
    }
    sheet
        .merge_range(1, 0, 3, 0, "Rope", &rust_xlsxwriter::Format::new())
        .unwrap();
    let sandbox = Sandbox::new();
    let files = ["a/Rope.wav", "a/Rope (Live).wav", "a/Salt.wav"];
    for (file, track) in files.iter().zip(1..) {
        sandbox.file(file, &audio::wav(seconds(track), track));
    }
    let list = list(&sandbox, "list.xlsx", workbook.save_to_buffer().unwrap());
    sandbox.run(&["apply", &list, "a"]).expect(0);
    for (file, track) in files.iter().zip(1..) {
        assert_eq!(sandbox.run(&["get", file]).stdout.trim(), code(track), "{file}");
    }
}

#[test]
fn a_cd_text_with_a_number_before_each_field_keeps_its_titles() {
    let lines = |shift: usize| {
        let line = |track: usize| {
            let of = (track + shift) % 6;
            format!(
                "Track {0} Title: {1}\nTrack {0} ISRC: {2}\n",
                track + 1,
                TITLES[of],
                code(of as u32 + 1)
            )
        };
        (0..6).map(line).collect::<String>()
    };
    every_code(lines(0), "list.txt", &[]);
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let list = list(&sandbox, "list.txt", lines(1));
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(run.stderr.contains("its title is \"Café del Mar\""), "{}", run.stderr);
}

#[test]
fn lines_and_notes_that_speak_of_other_things_void_no_code() {
    for line in ["Old tracks", "Previous releases", "Former titles"] {
        let mut list = plain();
        let fourth = list.match_indices('\n').nth(3).unwrap().0 + 1;
        list.insert_str(fourth, &format!("{line},,\n"));
        every_code(list, "list.csv", &[]);
    }
    // The code that a note names is the void one.
    for note in ["old code QZTST1900001", "void: QZTST1900001", "do not use QZTST1900001"] {
        every_code(
            rows("Track,Title,ISRC,Notes", &format!("{{n}},{{t}},{{c}},{note}")),
            "list.csv",
            &[],
        );
    }
    for note in [
        "replaced by QZTST1900001",
        "old code {c}",
        "withdrawn 2024",
        "void since May",
        "cancelled 2024-05-01",
        "no longer used",
    ] {
        let all = rows("Track,Title,ISRC,Notes", &format!("{{n}},{{t}},{{c}},{note}"));
        check(&all, "every row of it says that its code is not to be used");
    }
}

#[test]
fn a_track_that_is_called_void_and_has_no_code_yet_is_no_line() {
    let sandbox = Sandbox::new();
    super::crossed::wavs_of(&sandbox, &["Rope", "Void", "Tide"]);
    let text = format!("Title,ISRC\nRope,{}\nVoid,\nTide,{}\n", code(1), code(3));
    super::crossed::written(&sandbox, &text, &[], &[("Rope.wav", 1), ("Tide.wav", 3)]);
}

/// In bytes it is longer than any word that says so.
#[test]
fn a_long_line_of_old_codes_in_letters_of_several_bytes_voids_them() {
    let sandbox = Sandbox::new();
    super::crossed::wavs_of(&sandbox, &["Rope", "Salt"]);
    let line = "旧コード（二〇一九年までの旧コード、使用不可、使用不可、使用不可）";
    let text = format!("Track,Title,ISRC\n,Rope,{}\n{line},,\n,Salt,{}\n", code(1), code(2));
    super::crossed::written(&sandbox, &text, &[], &[("Rope.wav", 1)]);
}
