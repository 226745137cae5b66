//! Parts of a set: volumes, sides of records and releases with a UPC, as folders and lists say them.

use super::crossed::coded;
use super::*;

/// Files as WAVs in the folder "m".
fn set(files: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (seed, file) in (1..).zip(files) {
        sandbox.file(&format!("m/{file}.wav"), &audio::wav(seconds(seed), seed));
    }
    sandbox
}

/// The n-th file gets the code of the row with this number.
#[track_caller]
fn check(headings: &str, rows: &[&str], files: &[&str], expected: &[u32]) {
    let sandbox = set(files);
    let path = list(&sandbox, "list.csv", coded(headings, rows));
    sandbox.run(&["apply", &path, "m"]).expect(0);
    for (file, row) in files.iter().zip(expected) {
        let found = sandbox.run(&["get", &format!("m/{file}.wav")]).stdout;
        assert_eq!(found.trim(), code(*row), "{headings} {rows:?} {file}");
    }
}

#[track_caller]
fn stopped(headings: &str, rows: &[&str], files: &[&str]) -> String {
    let sandbox = set(files);
    let path = list(&sandbox, "list.csv", coded(headings, rows));
    refused(&sandbox, &[&path, "m", "--partial"]);
    refused(&sandbox, &[&path, "m"]).stderr
}

#[test]
fn folders_and_albums_of_another_volume_are_another_album() {
    let rope = |album: &str| format!("\"{album}\",1,Rope");
    for (album, folder) in [
        ("Tides, Vol. 1", "Tides Vol. 2"),
        ("Tides II", "Tides III"),
        ("Tides, Part One", "Tides Pt. 2"),
        ("Tides, Vol. 1", "Tides/Vol. 2"),
    ] {
        stopped("Album,Track,Title", &[&rope(album)], &[&format!("{folder}/01 Rope")]);
    }
    for (album, folder) in [
        ("Tides, Vol. 1", "Tides Volume One"),
        ("Tides, Vol. 1", "upload 2"),
        ("Tides, Vol. 1", "Tides/Vol. 1"),
        ("Tides", "Tides/Vol. 2"),
        ("Tides", "Tides copy 2"),
        ("Tides", "Tides DDP 2"),
    ] {
        check(
            "Album,Track,Title",
            &[&rope(album)],
            &[&format!("{folder}/01 Rope")],
            &[1],
        );
    }
    let volumes = ["Vol. 1/01 Rope", "Vol. 2/01 Rope"];
    check("Volume,Track,Title", &["2,1,Rope", "1,1,Rope"], &volumes, &[2, 1]);
    // The one disc of an album lies in any folder.
    check("Volume,Track,Title", &["1,1,Rope"], &["Vol. 2/01 Rope"], &[1]);
}

#[test]
fn sides_of_a_record_in_a_column_or_a_folder_are_compared() {
    stopped("Side,Track", &["B,1", "B,2"], &["Side A/01 Rope", "Side A/02 Salt"]);
    let files = ["A1 Rope", "A2 Salt", "B1 Tide", "B2 Fog"];
    let sides = ["B,1,Tide", "B,2,Fog", "A,1,Rope", "A,2,Salt"];
    check("Side,Track,Title", &sides, &files, &[3, 4, 1, 2]);
    let folders = ["Side A/01 Intro", "Side B/01 Intro"];
    let rows = ["Side B,1,Intro", "Side A,1,Intro"];
    check("Side,Track,Title", &rows, &folders, &[2, 1]);
    // Numbers may run on over both sides.
    check(
        "Side,Track,Title",
        &["A,1,Rope", "B,2,Salt"],
        &["01 Rope", "02 Salt"],
        &[1, 2],
    );
    check(
        "Side,Track,Title",
        &["A,1,Rope", "B,2,Salt"],
        &["A1 Rope", "B1 Salt"],
        &[1, 2],
    );
}

#[test]
fn a_side_counts_where_numbers_run_on_over_both() {
    let second = ["B,5", "B,6"];
    stopped("Side,Track", &second, &["Side A/05", "Side A/06"]);
    stopped("Disc,Track", &second, &["Side A/05", "Side A/06"]);
    stopped(
        "Side,Track,Title",
        &["B,5,Rope", "B,6,Salt"],
        &["Side A/05", "Side A/06"],
    );
    check("Side,Track", &second, &["Side B/05", "Side B/06"], &[1, 2]);
    check("Side,Track", &second, &["05", "06"], &[1, 2]);
}

#[test]
fn parts_of_an_album_may_be_one_disc_whose_numbers_run_on() {
    let parts = ["Part 1/01 Rope", "Part 1/02 Salt", "Part 2/03 Tide", "Part 2/04 Fog"];
    let rows = ["1,1,Rope", "1,2,Salt", "1,3,Tide", "1,4,Fog"];
    check("Disc,Track,Title", &rows, &parts, &[1, 2, 3, 4]);
}

#[test]
fn a_folder_with_the_upc_of_another_release_is_another_release() {
    let said = stopped(
        "UPC,Track,Title",
        &["5060999999999,1,Rope"],
        &["5060123456781 Tides/01 Rope"],
    );
    assert!(
        said.contains("no file here is \"Rope\" on UPC \"5060999999999\""),
        "{said}"
    );
    let two = ["5060123456781/01 Rope", "5060999999999/01 Rope"];
    let rows = ["5060999999999,1,Rope", "05060123456781,1,Rope"];
    check("UPC,Track,Title", &rows, &two, &[2, 1]);
    let delivered = ["5060123456781_01_001", "5060123456781_01_002", "5060123456781_02_001"];
    check("Disc,Track", &["2,1", "1,1", "1,2"], &delivered, &[2, 3, 1]);
    for folder in ["202405121230 Tides", "1715500000000", "Tides 4006180"] {
        check(
            "UPC,Track,Title",
            &["5060999999999,1,Rope"],
            &[&format!("{folder}/01 Rope")],
            &[1],
        );
    }
    for cell in [
        "5.06012E+12",
        "5060123456781.0",
        "5 060123 456781",
        "auto-assign",
        "0",
        "SH001",
    ] {
        let row = format!("{cell},1,Rope");
        check("UPC,Track,Title", &[&row], &["5060123456781 Tides/01 Rope"], &[1]);
    }
}

/// Two tagged albums of three tracks each, in folders of their own.
fn two_albums() -> Sandbox {
    let sandbox = Sandbox::new();
    let albums = [("Tides", ["Rope", "Salt", "Fog"]), ("Dunes", ["Sand", "Love", "Moon"])];
    for ((album, titles), first) in albums.into_iter().zip([1, 4]) {
        for (track, title) in (1..).zip(titles) {
            let tags = Tags {
                title,
                album,
                track,
                ..tags(1)
            };
            let flac = audio::flac(seconds(track), first + track, Some(tags));
            sandbox.file(&format!("m/{}/{track}.flac", &album[..1]), &flac);
        }
    }
    sandbox
}

#[test]
fn a_title_and_a_length_reach_no_file_of_an_album_that_the_list_is_not_of() {
    let rows = |last: &str| ["1,Rope,0:05", "2,Salt,0:06", "3,Fog,0:06", last].map(str::to_owned);
    let list_of = |heading: &str, rows: &[String]| {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        format!("{heading}{}", coded("Track,Title,Duration", &rows))
    };
    // The number is another one; and an album above the table is that of its rows.
    for (heading, last) in [("", "4,Love,0:06"), ("Tides,,,\n", ",Love,0:06")] {
        let sandbox = two_albums();
        let path = list(&sandbox, "list.csv", list_of(heading, &rows(last)));
        refused(&sandbox, &[&path, "m"]);
    }
    // Each album has its line.
    let (first, second) = (rows(""), ["1,Sand,0:05", "2,Love,0:06"]);
    let mut lines = first[..3].to_vec();
    lines.extend(second.map(str::to_owned));
    let text = list_of("Tides,,,\n", &lines).replace("1,Sand", "Dunes,,,\n1,Sand");
    let sandbox = two_albums();
    let path = list(&sandbox, "list.csv", text);
    let run = sandbox.run(&["apply", &path, "m"]).expect(0);
    assert_eq!(run.stdout.matches(" -> ").count(), 5, "{}{}", run.stdout, run.stderr);
    assert_eq!(sandbox.run(&["get", "m/D/2.flac"]).stdout.trim(), code(5));
}

/// Without --partial nothing is written; with it the n-th file gets the code of the row with this number, or none for 0.
/// Gives what was said.
#[track_caller]
fn in_part(headings: &str, rows: &[&str], files: &[&str], expected: &[u32]) -> String {
    let sandbox = set(files);
    let path = list(&sandbox, "list.csv", coded(headings, rows));
    let said = refused(&sandbox, &[&path, "m"]).stderr;
    assert!(said.contains("the rows that are certain: isrctag apply"), "{said}");
    sandbox.run(&["apply", &path, "m", "--partial"]).expect(1);
    for (file, row) in files.iter().zip(expected) {
        let found = sandbox.run(&["get", &format!("m/{file}.wav")]).stdout;
        let wanted = if *row == 0 { String::new() } else { code(*row) };
        assert_eq!(found.trim(), wanted, "{headings} {rows:?} {file}\n{said}");
    }
    said
}

#[test]
fn rows_of_a_second_release_say_nothing_against_files_that_have_rows_of_their_own() {
    let files = ["01 Rope", "02 Salt", "03 Tide"];
    let own = ["1,Rope", "2,Salt", "3,Tide"];
    let with = |others: &[&'static str]| [&own[..], others].concat();
    // In another order, and with titles that are not here.
    let rows = with(&["1,Salt", "2,Rope", "3,Foam", "4,Tide (Live)"]);
    let said = in_part("Track,Title", &rows, &files, &[1, 2, 3]);
    assert!(said.contains("row 5: m/02 Salt.wav is that of row 3"), "{said}");
    assert!(said.contains("row 7: no file here is \"Foam\""), "{said}");
    // Another number beside the title, whether the file of that number is here or not.
    in_part("Track,Title", &with(&["7,Tide"]), &files, &[1, 2, 3]);
    // Nobody can tell which of two is meant; the others are certain.
    let said = in_part("Track,Title", &with(&["2,SALT", "3,Rope"]), &files, &[1, 0, 3]);
    assert!(
        said.contains("rows 3 and 5: they give one file different codes"),
        "{said}"
    );
    // A row without a code keeps its file, too.
    let half = coded("Track,Title", &with(&["1,Salt"])).replace(&format!("Salt,{}\n3", code(2)), "Salt,\n3");
    let sandbox = set(&files);
    let path = list(&sandbox, "list.csv", half);
    refused(&sandbox, &[&path, "m"]);
    sandbox.run(&["apply", &path, "m", "--partial"]).expect(1);
    assert_eq!(sandbox.run(&["get", "m/02 Salt.wav"]).stdout.trim(), "");
    assert_eq!(sandbox.run(&["get", "m/03 Tide.wav"]).stdout.trim(), code(3));
}

#[test]
fn of_two_rows_for_one_file_the_one_counts_that_lasts_as_long() {
    // The files last 5.5, 6 and 6.5 seconds.
    let files = ["01 Rope", "02 Salt", "03 Tide"];
    let own = ["1,Rope,0:05", "2,Salt,0:06", "3,Tide,0:06"];
    let with = |others: &[&'static str]| [&own[..], others].concat();
    in_part("Track,Title,Length", &with(&["2,Salt,0:11"]), &files, &[1, 2, 3]);
    in_part("Track,Title,Length", &with(&["2,Salt,0:08"]), &files, &[1, 0, 3]);
    // Its number speaks for the one, and its length for the other.
    let crossed = ["1,Rope,0:05", "2,Salt,0:11", "3,Tide,0:06", "7,Salt,0:06"];
    in_part("Track,Title,Length", &crossed, &files, &[1, 0, 3]);
}

#[test]
fn titles_of_files_that_have_no_row_of_their_own_are_moved_ones() {
    let files = ["01 Rope", "02 Salt", "03 Tide", "04 Fog"];
    for rows in [
        &["1,Rope", "2,Tide", "3,Salt", "4,Fog", "1,Foam"][..],
        &["1,Rope", "2,Salt", "3,Fog", "4,Tide", "1,Fog", "2,Rope"],
    ] {
        let said = stopped("Track,Title", rows, &files);
        assert!(said.contains("were put in another order"), "{said}");
    }
}
