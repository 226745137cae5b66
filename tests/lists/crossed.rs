//! Lists and files that were put in another order, wholly or in a part: what tags, names, lengths and numbers say crosswise.

use super::*;

/// Tagged FLACs: name, title, track and seconds of each.
pub(super) fn flacs_of(sandbox: &Sandbox, files: &[(&str, &str, u32, f64)]) {
    for (seed, &(name, title, track, seconds)) in (1..).zip(files) {
        let tags = Tags {
            title,
            track,
            ..tags(1)
        };
        sandbox.file(&format!("a/{name}.flac"), &audio::flac(seconds, seed, Some(tags)));
    }
}

pub(super) fn wavs_of(sandbox: &Sandbox, names: &[&str]) {
    for (seed, name) in (1..).zip(names) {
        sandbox.file(&format!("a/{name}.wav"), &audio::wav(seconds(seed), seed));
    }
}

/// Nothing is written, not even a part; gives what was said.
#[track_caller]
pub(super) fn stopped(sandbox: &Sandbox, text: &str, more: &[&str]) -> String {
    let path = list(sandbox, "list.csv", text);
    refused(sandbox, &[&[path.as_str(), "a", "--partial"], more].concat());
    refused(sandbox, &[&[path.as_str(), "a"], more].concat()).stderr
}

/// Files in walking order get the codes of these rows.
#[track_caller]
pub(super) fn written(sandbox: &Sandbox, text: &str, more: &[&str], rows: &[(&str, u32)]) -> String {
    let path = list(sandbox, "list.csv", text);
    let run = sandbox.run(&[&["apply", &path, "a"], more].concat()).expect(0);
    assert_eq!(run.stdout.matches(" -> ").count(), rows.len(), "{text}{}", run.stdout);
    for (name, row) in rows {
        let path = format!("a/{name}");
        assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(*row), "{path}");
    }
    run.stderr
}

/// A row each, the n-th with the n-th code.
pub(super) fn coded(headings: &str, rows: &[&str]) -> String {
    let rows = (1..).zip(rows).map(|(at, row)| format!("{row},{}\n", code(at)));
    format!("{headings},ISRC\n{}", rows.collect::<String>())
}

#[test]
fn names_and_tags_of_files_in_two_orders_are_asked_about() {
    let sandbox = Sandbox::new();
    let crossed = [
        ("01 Low Water", "Wintering", 2, 6.0),
        ("02 Wintering", "Tidewater", 3, 6.5),
        ("03 Tidewater", "Low Water", 1, 7.0),
    ];
    flacs_of(&sandbox, &crossed);
    for text in [
        coded("Track,Title", &["1,Low Water", "2,Wintering", "3,Tidewater"]),
        coded("Title", &["Low Water", "Wintering", "Tidewater"]),
        coded(
            "Filename,Title",
            &[
                "01 Low Water.flac,Low Water",
                "02 Wintering.flac,Wintering",
                "03 Tidewater.flac,Tidewater",
            ],
        ),
    ] {
        let said = stopped(&sandbox, &text, &[]);
        assert!(said.contains("were put in another order"), "{said}");
    }
    // A name that no other file has for a title is an old one.
    let sandbox = Sandbox::new();
    flacs_of(
        &sandbox,
        &[
            ("01 Working Title", "Low Water", 1, 6.0),
            ("02 Wintering", "Wintering", 2, 7.0),
        ],
    );
    let text = coded("Track,Title", &["1,Low Water", "2,Wintering"]);
    written(
        &sandbox,
        &text,
        &[],
        &[("01 Working Title.flac", 1), ("02 Wintering.flac", 2)],
    );
}

#[test]
fn lengths_that_fit_crosswise_are_asked_about() {
    let sandbox = Sandbox::new();
    let files = [
        ("03 Interlude", "Interlude", 3, 4.0),
        ("07 Interlude", "Interlude", 7, 9.0),
    ];
    flacs_of(&sandbox, &files);
    let said = stopped(
        &sandbox,
        &coded("Track,Title,Length", &["3,Interlude,0:09", "7,Interlude,0:04"]),
        &[],
    );
    assert!(
        said.contains("its duration is 0:09, but a/03 Interlude.flac lasts 0:04"),
        "{said}"
    );
    let right = coded("Track,Title,Length", &["3,Interlude,0:04", "7,Interlude,0:09"]);
    written(
        &sandbox,
        &right,
        &[],
        &[("03 Interlude.flac", 1), ("07 Interlude.flac", 2)],
    );
}

#[test]
fn what_a_list_says_beside_its_codes_contradicts_the_order() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["01 Rope", "02 Salt", "03 Tide"]);
    for (headings, rows, why) in [
        ("Track", ["3", "1", "2"], "its track numbers"),
        (
            "Filename",
            ["03 Tide.wav", "01 Rope.wav", "02 Salt.wav"],
            "the files that it names",
        ),
        ("Artist,Album", ["Ana,Big Night"; 3], "it is for \"Big Night\""),
    ] {
        let said = stopped(&sandbox, &coded(headings, &rows), &["--in-order"]);
        assert!(said.contains(why), "{said}");
    }
    let right = [("01 Rope.wav", 1), ("02 Salt.wav", 2), ("03 Tide.wav", 3)];
    for (headings, rows) in [
        ("Filename", ["01 Rope.wav", "02 Salt.wav", "03 Tide.wav"]),
        ("Track", ["1", "2", "3"]),
        // They count from 0, in the same order.
        ("Track", ["0", "1", "2"]),
    ] {
        written(&sandbox, &coded(headings, &rows), &["--in-order"], &right);
        sandbox.run(&["undo"]).expect(0);
    }
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["CD1/01 Rope", "CD1/02 Salt", "CD2/01 Tide"]);
    let said = stopped(&sandbox, &coded("Disc,Track", &["1,1", "2,1", "2,2"]), &["--in-order"]);
    assert!(
        said.contains("album, disc or artist") && said.contains("leave --in-order out"),
        "{said}"
    );
    let right = [("CD1/01 Rope.wav", 1), ("CD1/02 Salt.wav", 2), ("CD2/01 Tide.wav", 3)];
    written(
        &sandbox,
        &coded("Disc,Track", &["1,1", "1,2", "2,1"]),
        &["--in-order"],
        &right,
    );
}

#[test]
fn names_that_only_count_are_numbers_and_no_evidence() {
    let sandbox = Sandbox::new();
    for track in 1..=2 {
        sandbox.file(
            &format!("a/Small Hours/Track{track:02}.wav"),
            &audio::wav(seconds(track), track),
        );
    }
    let rows = |album: &str| {
        coded(
            "Album,Filename",
            &[1, 2]
                .map(|at| format!("{album},Track0{at}.wav"))
                .each_ref()
                .map(|row| &**row),
        )
    };
    let said = stopped(&sandbox, &rows("Big Night"), &[]);
    assert!(said.contains("it is for \"Big Night\""), "{said}");
    let right = [("Small Hours/Track01.wav", 1), ("Small Hours/Track02.wav", 2)];
    written(&sandbox, &rows("Small Hours"), &[], &right);
}

#[test]
fn a_title_taken_for_another_is_told() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["01 Night", "02 Rope"]);
    let right = [("01 Night.wav", 1), ("02 Rope.wav", 2)];
    let said = written(&sandbox, &coded("Track,Title", &["1,Light", "2,Rope"]), &[], &right);
    assert!(said.contains("its \"Light\" is taken for \"Night\""), "{said}");
}

#[test]
fn a_row_without_a_title_goes_with_those_that_have_one() {
    let names = ["01 Low Water", "02 Salt", "03 Tide"];
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &names);
    let right = [("01 Low Water.wav", 1), ("02 Salt.wav", 2), ("03 Tide.wav", 3)];
    for title in ["", "-", "TBC"] {
        let rows = [format!("1,{title}"), "2,Salt".to_owned(), "3,Tide".to_owned()];
        let text = coded("Track,Title", &rows.each_ref().map(|row| &**row));
        let said = written(&sandbox, &text, &[], &right);
        assert!(said.contains("row 2 by its track number alone"), "{said}");
        sandbox.run(&["undo"]).expect(0);
    }
    // The others are on another album.
    let sandbox = Sandbox::new();
    wavs_of(
        &sandbox,
        &["Tides/01 Low Water", "Tides/02 Rope", "Ebb/03 Salt", "Ebb/04 Tide"],
    );
    let path = list(&sandbox, "list.csv", coded("Track,Title", &["1,", "3,Salt", "4,Tide"]));
    let run = refused(&sandbox, &[&path, "a"]);
    assert!(run.stderr.contains("row 2: they say numbers alone"), "{}", run.stderr);
    sandbox.run(&["apply", &path, "a", "--partial"]).expect(1);
    sandbox.run(&["get", "a/Tides/01 Low Water.wav"]).expect(1);
    // Who names the files says whose list it is.
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &names);
    let path = list(&sandbox, "list.csv", coded("Track", &["1", "2"]));
    for partial in [&[][..], &["--partial"]] {
        let run = refused(&sandbox, &[&[path.as_str(), "a"], partial].concat());
        assert!(run.stderr.contains("choose the files that it is for"), "{}", run.stderr);
    }
    let named = ["a/01 Low Water.wav", "a/02 Salt.wav"];
    sandbox.run(&["apply", &path, named[0], named[1]]).expect(0);
    assert_eq!(sandbox.run(&["get", named[1]]).stdout.trim(), code(2));
    // A file that says nothing has the number of a title that another one says.
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["01", "02 Low Water"]);
    let said = stopped(&sandbox, &coded("Track,Title", &["1,Low Water", "2,Salt"]), &[]);
    assert!(said.contains("that of another file than a/01.wav"), "{said}");
}

#[test]
fn works_and_movements_are_found_however_names_write_the_colon() {
    let with = |sign: &str| {
        [
            format!("Sonata No. 5{sign}Allegro"),
            format!("Sonata No. 5{sign}Presto"),
        ]
    };
    let list_of = |sign: &str, track: bool| {
        let rows = with(sign);
        let rows = [1, 2].map(|at| {
            if track {
                format!("{at},{}", rows[at - 1])
            } else {
                rows[at - 1].clone()
            }
        });
        coded(
            if track { "Track,Title" } else { "Title" },
            &rows.each_ref().map(|row| &**row),
        )
    };
    for sign in ["_ ", " ", " - ", "： ", "꞉ "] {
        let names = with(sign);
        let names = [format!("01 {}", names[0]), format!("02 {}", names[1])];
        for track in [true, false] {
            let sandbox = Sandbox::new();
            wavs_of(&sandbox, &names.each_ref().map(|name| &**name));
            let files = names.each_ref().map(|name| format!("{name}.wav"));
            written(&sandbox, &list_of(": ", track), &[], &[(&files[0], 1), (&files[1], 2)]);
        }
    }
    for (tag, sign) in [(" - ", " - "), (": ", " - "), (" - ", ": ")] {
        for track in [true, false] {
            let sandbox = Sandbox::new();
            let titles = with(tag);
            flacs_of(&sandbox, &[("01", &titles[0], 1, 6.0), ("02", &titles[1], 2, 7.0)]);
            let said = written(&sandbox, &list_of(sign, track), &[], &[("01.flac", 1), ("02.flac", 2)]);
            assert!(!said.contains("artist"), "{said}");
        }
    }
}

#[test]
fn files_that_only_their_samples_join_to_a_row_are_told() {
    let sandbox = Sandbox::new();
    let same = audio::wav(12.0, 1);
    sandbox.file("a/02 Salt.wav", &same);
    sandbox.file("b/Other Song.wav", &same);
    let path = list(&sandbox, "list.csv", coded("Track,Title", &["2,Salt"]));
    let run = sandbox.run(&["apply", &path, "a", "b"]).expect(0);
    assert!(
        run.stderr
            .contains("b/Other Song.wav as a/02 Salt.wav: the audio is identical"),
        "{}",
        run.stderr
    );
    assert_eq!(sandbox.run(&["get", "b/Other Song.wav"]).stdout.trim(), code(1));
}

/// A master that was exported twice is told before its upload; what the list says is done.
#[test]
fn two_codes_for_equal_samples_are_told() {
    let sandbox = Sandbox::new();
    for (name, seed) in [("01 Salt", 1), ("02 Rope", 1), ("03 Ebb", 3)] {
        let mut flac = audio::flac(12.0, seed, None);
        // The MD5 of STREAMINFO.
        flac[26..42].fill(seed as u8);
        sandbox.file(&format!("a/{name}.flac"), &flac);
    }
    let path = list(
        &sandbox,
        "list.csv",
        coded("Track,Title", &["1,Salt", "2,Rope", "3,Ebb"]),
    );
    let run = sandbox.run(&["apply", &path, "a"]).expect(0);
    let told = "a/01 Salt.flac and a/02 Rope.flac get two codes, though the audio is identical";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn lengths_of_other_tracks_contradict_where_no_title_joins_rows_and_files() {
    let sandbox = Sandbox::new();
    for track in 1..=5 {
        sandbox.file(
            &format!("a/{track:02}.wav"),
            &audio::wav(4.0 + 2.0 * f64::from(track), track),
        );
    }
    let list_of = |order: [u32; 5]| {
        let rows = (1..)
            .zip(order)
            .map(|(at, of)| format!("{at},{},0:{:02}", TITLES[of as usize - 1], 4 + 2 * of));
        coded(
            "Track,Title,Length",
            &rows.collect::<Vec<_>>().iter().map(|row| &**row).collect::<Vec<_>>(),
        )
    };
    for order in [[2, 1, 4, 3, 5], [2, 3, 4, 5, 1], [5, 4, 3, 2, 1]] {
        let said = stopped(&sandbox, &list_of(order), &[]);
        assert!(
            said.contains("most of its lengths are not those of the files"),
            "{said}"
        );
    }
    let codes_and_lengths = list_of([2, 1, 4, 3, 5]).replace("Track,Title", "No,Take");
    let said = stopped(
        &sandbox,
        &codes_and_lengths,
        &["--in-order", "--columns", "track=-,title=-"],
    );
    assert!(said.contains("lengths"), "{said}");
    // The last row was lost, and what is left is the list of the tracks from the second on.
    let shifted = list_of([2, 3, 4, 5, 1]);
    stopped(&sandbox, shifted.rsplit_once("5,").unwrap().0, &[]);
    let right = ["01.wav", "02.wav", "03.wav", "04.wav", "05.wav"]
        .into_iter()
        .zip(1..)
        .collect::<Vec<_>>();
    let said = written(&sandbox, &list_of([1, 2, 3, 4, 5]), &[], &right);
    assert!(!said.contains("alone"), "{said}");
    sandbox.run(&["undo"]).expect(0);
    // Lengths with the gap behind each track are no lengths of other tracks.
    let with_gaps = [(14, 16), (12, 14), (10, 12), (8, 10), (6, 8)]
        .into_iter()
        .fold(list_of([1, 2, 3, 4, 5]), |list, (bare, whole)| {
            list.replace(&format!("0:{bare:02}"), &format!("0:{whole:02}"))
        });
    written(&sandbox, &with_gaps, &[], &right);
}

#[test]
fn a_part_of_the_list_of_another_album_is_not_certain() {
    let files = ["Ebb/CD1/01 Intro", "Ebb/CD1/02 Moon"];
    let rows = |row: &dyn Fn(u32, &str) -> String| {
        let rows = [(1, "Intro"), (2, "Rope"), (3, "Salt")].map(|(track, title)| row(track, title));
        rows.each_ref().map(String::clone)
    };
    for (headings, rows) in [
        (
            "Path",
            rows(&|track, title| format!("D:\\Masters\\Tides\\CD1\\{track:02} {title}.wav")),
        ),
        ("Album,Title", rows(&|_, title| format!("Tides,{title}"))),
        (
            "Artist,Album,Filename,Title",
            rows(&|track, title| format!("Ana,Tides,{track:02} {title}.wav,{title}")),
        ),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &files);
        stopped(&sandbox, &coded(headings, &rows.each_ref().map(|row| &**row)), &[]);
    }
    // The same paths where the folder is the album's.
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["Tides (2024)/CD1/01 Intro"]);
    let paths = rows(&|track, title| format!("D:\\Masters\\Tides\\CD1\\{track:02} {title}.wav"));
    let path = list(&sandbox, "list.csv", coded("Path", &paths.each_ref().map(|row| &**row)));
    sandbox.run(&["apply", &path, "a", "--partial"]).expect(1);
    assert_eq!(
        sandbox.run(&["get", "a/Tides (2024)/CD1/01 Intro.wav"]).stdout.trim(),
        code(1)
    );
}

#[test]
fn the_sides_of_records_are_compared_by_their_letters() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["A1 Intro", "A2 Salt", "B1 Intro"]);
    let before = std::fs::read(sandbox.path("a/B1 Intro.wav")).unwrap();
    // The third track of side A is not here; counted on, the first of side B is the third.
    for text in [
        coded("Track,Title", &["A1,Intro", "A2,Salt", "A3,Intro"]),
        coded("Track,Title", &["A1,Intro", "A2,Salt", "A3,Intro", "B1,Outro"]),
        coded("Track", &["A1", "A2", "A3"]),
    ] {
        let path = list(&sandbox, "list.csv", text);
        refused(&sandbox, &[&path, "a"]);
        sandbox.run(&["apply", &path, "a", "--partial"]);
        let after = std::fs::read(sandbox.path("a/B1 Intro.wav")).unwrap();
        assert!(before == after, "{path}");
        sandbox.run(&["undo"]);
    }
    let text = coded("Track,Title", &["A1,Intro", "A2,Salt", "B1,Intro"]);
    let right = [("A1 Intro.wav", 1), ("A2 Salt.wav", 2), ("B1 Intro.wav", 3)];
    written(&sandbox, &text, &[], &right);
}

#[test]
fn titles_that_differ_in_a_sign_alone_are_taken_letter_by_letter() {
    for [one, two] in [
        ["LOVE", "Love"],
        ["Love", "Love!"],
        ["Papa", "Papá"],
        ["Papa\u{301}", "Papa"],
        ["Is It", "Is It?"],
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &[&format!("01 {one}"), &format!("02 {two}")]);
        let crossed = coded("Track,Title", &[&format!("1,{two}"), &format!("2,{one}")]);
        let stderr = stopped(&sandbox, &crossed, &[]);
        assert!(stderr.contains("another order"), "{stderr}");
        let of_row = [(&*format!("01 {one}.wav"), 1), (&*format!("02 {two}.wav"), 2)];
        let composed = one.replace("a\u{301}", "á");
        let right = coded("Track,Title", &[&format!("1,{composed}"), &format!("2,{two}")]);
        written(&sandbox, &right, &[], &of_row);

        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &[one, two]);
        let of_row = [(&*format!("{one}.wav"), 1), (&*format!("{two}.wav"), 2)];
        written(&sandbox, &coded("Title", &[&composed, two]), &[], &of_row);
    }
    // Where no file has the title of another row letter by letter, numbers tell.
    let of_row = [("01 Intro.wav", 1), ("02 INTRO.wav", 2)];
    for rows in [["1,Intro", "2,Intro"], ["1,intro", "2,intro!"]] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &["01 Intro", "02 INTRO"]);
        written(&sandbox, &coded("Track,Title", &rows), &[], &of_row);
    }
}

#[test]
fn numbers_and_words_of_titles_may_be_cut_or_spelt_out() {
    for (names, rows) in [
        (["01 Loop 01", "02 Loop 02"], ["1,Loop 1", "2,Loop 2"]),
        (
            ["01 Suite Part One", "02 Suite Part Two"],
            ["1,Suite (Pt. I)", "2,Suite (Pt. II)"],
        ),
        (["01 Étude No. 1", "02 Étude No. 2"], ["1,Etude Nr. 1", "2,Etude Nr. 2"]),
        (["01 Rope (Extended Mix)", "02 Salt"], ["1,Rope (Ext. Mix)", "2,Salt"]),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &names);
        let moved = [rows[1].replace("2,", "1,"), rows[0].replace("1,", "2,")];
        let moved = coded("Track,Title", &[&moved[0], &moved[1]]);
        stopped(&sandbox, &moved, &[]);
        let of_row = names.map(|name| format!("{name}.wav"));
        let of_row = [(&*of_row[0], 1), (&*of_row[1], 2)];
        let told = written(&sandbox, &coded("Track,Title", &rows), &[], &of_row);
        assert!(told.contains("is taken for") != names[1].contains("Salt"), "{told}");
    }
}

#[test]
fn a_spelling_is_told_once_a_row_and_not_for_each_format() {
    let sandbox = Sandbox::new();
    wavs_of(&sandbox, &["WAV/01 Loop 01", "WAV/02 Loop 02"]);
    for track in ["01 Loop 01", "02 Loop 02"] {
        std::fs::create_dir_all(sandbox.path("a/Bounces")).unwrap();
        let of = |folder: &str| sandbox.path(&format!("a/{folder}/{track}.wav"));
        std::fs::copy(of("WAV"), of("Bounces")).unwrap();
    }
    let of_row = [
        ("WAV/01 Loop 01.wav", 1),
        ("Bounces/01 Loop 01.wav", 1),
        ("WAV/02 Loop 02.wav", 2),
        ("Bounces/02 Loop 02.wav", 2),
    ];
    let told = written(&sandbox, &coded("Track,Title", &["1,Loop 1", "2,Loop 2"]), &[], &of_row);
    assert!(told.contains("is taken for \"Loop 01\" and 1 more so"), "{told}");
}

#[test]
fn guests_beside_the_artist_are_held_against_those_in_titles() {
    let one = "01 Song (feat. Bob)";
    for (headings, row) in [
        ("Title,Artist", "Song,Ana feat. Cid"),
        ("Title,Featuring", "Song,Cid"),
        ("Track,Title,Artist,Guest Artists", "1,Song,Ana,Cid"),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &[one]);
        stopped(&sandbox, &coded(headings, &[row]), &[]);
    }
    for (headings, row) in [
        ("Title,Artist", "Song,Ana"),
        ("Title,Artist", "Song,Ana feat. Bob"),
        ("Title,Featuring", "Song,Bob"),
        ("Title,Featuring", "Song,No"),
        ("Title,Featured Artist", "Song,Ana"),
        ("Title,Artist", "Song (ft. Bob),Ana feat. Bob & Dan"),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &[one]);
        written(
            &sandbox,
            &coded(headings, &[row]),
            &[],
            &[("01 Song (feat. Bob).wav", 1)],
        );
    }
    for (two, rows) in [
        ("02 Song", ["Song,Ana", "Song,Ana feat. Bob"]),
        ("02 Song (feat. Cid)", ["Song,Ana feat. Cid", "Song,Ana feat. Bob"]),
    ] {
        let sandbox = Sandbox::new();
        wavs_of(&sandbox, &[one, two]);
        let of_row = [(&*format!("{one}.wav"), 2), (&*format!("{two}.wav"), 1)];
        written(&sandbox, &coded("Title,Artist", &rows), &[], &of_row);
    }
}
