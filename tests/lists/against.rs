//! What folders, discs, lengths and orders say against a list, or do not say for it.

use super::*;

/// Untagged WAVs of these names, and a list.
pub(crate) fn files(names: &[&str], text: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    for (seed, name) in (1..).zip(names) {
        sandbox.file(&format!("a/{name}.wav"), &audio::wav(seconds(seed), seed));
    }
    let list = list(&sandbox, "list.csv", text);
    (sandbox, list)
}

/// Rows of numbers and titles, the n-th with the n-th code.
fn numbered(rows: &[(u32, &str)]) -> String {
    let rows = (1..)
        .zip(rows)
        .map(|(at, (track, title))| format!("{track},{title},{}\n", code(at)));
    "Track,Title,ISRC\n".to_owned() + &rows.collect::<String>()
}

/// Every file named gets the code of the row named with it, and the others none.
#[track_caller]
pub(crate) fn check_written(names: &[&str], text: &str, expected: &[(&str, u32)]) {
    let (sandbox, list) = files(names, text);
    let run = sandbox.run(&["apply", &list, "a"]).expect(0);
    assert_eq!(run.stdout.matches(" -> ").count(), expected.len(), "{}", run.stdout);
    for (name, row) in expected {
        let path = format!("a/{name}.wav");
        assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(*row), "{path}");
    }
}

/// Nothing is written of these rows, even if the others are asked for.
#[track_caller]
fn check_off_disc(names: &[&str], text: &str, off: &[&str]) {
    let (sandbox, list) = files(names, text);
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(
        run.stderr.contains("add columns Album, Disc or Title"),
        "{}",
        run.stderr
    );
    for name in off {
        let told = format!("a/{name}.wav is on disc");
        assert!(run.stderr.contains(&told), "{told}: {}", run.stderr);
        let before = std::fs::read(sandbox.path(&format!("a/{name}.wav"))).unwrap();
        sandbox.run(&["apply", &list, "a", "--partial"]);
        let after = std::fs::read(sandbox.path(&format!("a/{name}.wav"))).unwrap();
        assert!(before == after, "{name}");
    }
}

#[test]
fn rows_without_discs_do_not_leave_the_disc_of_those_beside_them() {
    let one_disc = numbered(&[(1, "Opening"), (2, "Interlude"), (3, "Dawn")]);
    for (missing, names) in [
        // The first, the second and the last track of the first disc are missing, and the other disc has their titles.
        (
            "2/01 Opening",
            [
                "CD1/02 Interlude",
                "CD1/03 Dawn",
                "CD2/01 Opening",
                "CD2/02 River",
                "CD2/03 Night",
            ],
        ),
        (
            "2/02 Interlude",
            [
                "CD1/01 Opening",
                "CD1/03 Dawn",
                "CD2/01 River",
                "CD2/02 Interlude",
                "CD2/03 Night",
            ],
        ),
        (
            "2/03 Dawn",
            [
                "CD1/01 Opening",
                "CD1/02 Interlude",
                "CD2/01 River",
                "CD2/02 Night",
                "CD2/03 Dawn",
            ],
        ),
    ] {
        check_off_disc(&names, &one_disc, &[&format!("CD{missing}")]);
        let titles = one_disc
            .lines()
            .map(|row| row.split_once(',').unwrap().1)
            .collect::<Vec<_>>()
            .join("\n");
        check_off_disc(&names, &titles, &[&format!("CD{missing}")]);
        let flat = names.map(|name| name.replace("CD", "").replace('/', "-"));
        let flat = flat.each_ref().map(String::as_str);
        check_off_disc(&flat, &one_disc, &[&missing.replace('/', "-")]);
    }
    // Of two rows on two discs nobody can tell which is meant.
    check_off_disc(
        &["CD1/01 Opening", "CD2/01 River", "CD2/02 Interlude"],
        &numbered(&[(1, "Opening"), (2, "Interlude")]),
        &["CD1/01 Opening", "CD2/02 Interlude"],
    );
    // A list of both discs, and of the first one the last track is missing.
    check_off_disc(
        &[
            "CD1/01 Opening",
            "CD1/02 Interlude",
            "CD2/01 River",
            "CD2/02 Night",
            "CD2/03 Dawn",
        ],
        &numbered(&[
            (1, "Opening"),
            (2, "Interlude"),
            (3, "Dawn"),
            (1, "River"),
            (2, "Night"),
        ]),
        &["CD2/03 Dawn"],
    );
}

#[test]
fn lists_of_both_discs_need_no_column_of_discs() {
    let names = ["CD1/01 Opening", "CD1/02 Interlude", "CD2/01 River", "CD2/02 Night"];
    let right = [(names[0], 1), (names[1], 2), (names[2], 3), (names[3], 4)];
    let titles = ["Opening", "Interlude", "River", "Night"];
    let list_of = |numbers: [u32; 4]| numbered(&[0, 1, 2, 3].map(|at| (numbers[at], titles[at])));
    check_written(&names, &list_of([1, 2, 1, 2]), &right);
    check_written(&names, &list_of([1, 2, 3, 4]), &right);
    let on_and_on = ["CD1/01 Opening", "CD1/02 Interlude", "CD2/03 River", "CD2/04 Night"];
    let right_on = [
        (on_and_on[0], 1),
        (on_and_on[1], 2),
        (on_and_on[2], 3),
        (on_and_on[3], 4),
    ];
    check_written(&on_and_on, &list_of([1, 2, 3, 4]), &right_on);
    // Sorted by number, and by title alone.
    let mixed = numbered(&[(1, "Opening"), (1, "River"), (2, "Interlude"), (2, "Night")]);
    check_written(
        &names,
        &mixed,
        &[(names[0], 1), (names[2], 2), (names[1], 3), (names[3], 4)],
    );
    let sorted = format!(
        "Title,ISRC\nInterlude,{}\nNight,{}\nOpening,{}\nRiver,{}\n",
        code(1),
        code(2),
        code(3),
        code(4)
    );
    check_written(
        &names,
        &sorted,
        &[(names[1], 1), (names[3], 2), (names[0], 3), (names[2], 4)],
    );
}

/// The album without tags in a folder of this name, and a list of it.
fn in_folder(folder: &str, name: impl Fn(u32, &str) -> String, text: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    for (track, title) in (1..).zip(TITLES) {
        sandbox.file(
            &format!("{folder}/{}.wav", name(track, title)),
            &audio::wav(seconds(track), track),
        );
    }
    let list = list(&sandbox, "list.csv", text);
    (sandbox, list)
}

/// A list whose lengths are off by so many seconds.
fn lengths(off: f64) -> String {
    let row = |(track, title)| {
        format!(
            "{track},{title},0:{:02},{}\n",
            (seconds(track) + off).round(),
            code(track)
        )
    };
    "Track,Title,Length,ISRC\n".to_owned() + &(1..).zip(TITLES).map(row).collect::<String>()
}

fn full(track: u32, title: &str) -> String {
    format!("{track:02} {title}")
}

/// What is said where all files get their codes.
#[track_caller]
fn said(folder: &str, name: fn(u32, &str) -> String, text: &str, more: &[&str]) -> String {
    let (sandbox, list) = in_folder(folder, name, text);
    let run = sandbox.run(&[&["apply", &list, folder], more].concat()).expect(0);
    assert_eq!(run.stdout.matches(" -> ").count(), 6, "{folder}: {}", run.stdout);
    run.stderr
}

/// What is said where nothing is written, not even a part.
#[track_caller]
fn stopped(folder: &str, name: fn(u32, &str) -> String, text: &str) -> String {
    let (sandbox, list) = in_folder(folder, name, text);
    refused(&sandbox, &[&list, folder, "--partial"]);
    refused(&sandbox, &[&list, folder]).stderr
}

#[test]
fn a_folder_that_is_called_like_another_album_contradicts() {
    let list_of = |album: &str| rows("Album,Track,Title,ISRC", &format!("{album},{{n}},{{t}},{{c}}"));
    let told = stopped("Big Night (Live)", full, &list_of("Remix City"));
    assert!(
        told.contains("no file here is \"Low Water\" on \"Remix City\""),
        "{told}"
    );
    for (folder, album) in [
        ("Small Hours II", "Small Hours"),
        ("Small Hours", "Small Hours II"),
        ("Small Hours, Vol. 2", "Small Hours"),
        ("Small Hours Remixes", "Small Hours"),
        ("Small Hours (Live)", "Small Hours"),
        ("Small Hours Live at the Pier", "Small Hours"),
        ("Small Hours/Instrumentals", "Small Hours"),
        ("Small Hours/Sessions", "Small Hours"),
        ("Small Hours/60s", "Small Hours"),
        ("Small Hours/Videos", "Small Hours"),
        ("Small Hours/Radio Edits", "Small Hours"),
        ("Small Hours (Beats)", "Small Hours"),
        ("Instrumental Beats", "Small Hours"),
    ] {
        let said = stopped(folder, full, &list_of(album));
        assert!(
            said.contains("no file here is") && said.contains("--columns album=-"),
            "{folder}: {said}"
        );
    }
    // An album that another row names.
    let two = list_of("Small Hours") + &format!("Big Night,1,Slack Tide,{}\n", code(7));
    stopped("Big Night", full, &two);
    for folder in [
        "Masters",
        "WAV",
        "upload",
        "CD1",
        "2024-05 final",
        "Small Hours",
        "Small_Hours",
        "Small Hours 24bit",
        "Small Hours final 2",
        "Small Hours - Masters",
        "Maren Holt - Small Hours",
        "Maren Holt/Small Hours/Mixes",
        "Final Mixes",
        "Beats",
        "Lofi Beats",
        "Intro",
        "small hours (2024)",
    ] {
        said(folder, full, &list_of("Small Hours"), &[]);
    }
    // A folder may be called by anything.
    let told = said("Big Night", full, &list_of("Small Hours"), &[]);
    assert!(told.contains("no file says its album \"Small Hours\""), "{told}");
    let told = said("Small Hours", full, &list_of("Small Hours"), &[]);
    assert!(!told.contains("album"), "{told}");
}

#[test]
fn titles_that_no_file_says_are_told_and_stop_where_the_album_speaks_against_them() {
    let bare = |track: u32, _: &str| format!("{track:02}");
    let counted = |track: u32, _: &str| format!("Track {track:02}");
    let titles = rows("Track,Title,ISRC", "{n},{t},{c}");
    let told = said("Masters", bare, &titles, &[]);
    assert!(
        told.contains("no file says a title") && told.contains("track numbers alone decide"),
        "{told}"
    );
    let told = said("Masters", full, &titles, &[]);
    assert!(!told.contains("alone"), "{told}");
    let with_album = rows("Album,Track,Title,ISRC", "Small Hours,{n},{t},{c}");
    said("Small Hours", bare, &with_album, &[]);
    said("2024-05 final", bare, &with_album, &[]);
    let told = stopped("Big Night", counted, &with_album);
    assert!(told.contains("it is for \"Small Hours\""), "{told}");
    said("Big Night", counted, &with_album, &["--columns", "album=-"]);
    // Lengths that are nearly those of the files, and more rows than files.
    let told = stopped("Masters", bare, &lengths(6.0));
    assert!(
        told.contains("most of its lengths are not those of the files"),
        "{told}"
    );
    let told = said("Masters", bare, &lengths(0.0), &[]);
    assert!(!told.contains("alone"), "{told}");
    let told = stopped("Masters", bare, &(titles + &format!("7,Slack Tide,{}\n", code(7))));
    assert!(told.contains("7 codes and there are 6 recordings"), "{told}");
}

#[test]
fn a_version_that_only_the_folder_says_is_told_and_stops_with_other_lengths() {
    let titles = rows("Track,Title,ISRC", "{n},{t},{c}");
    for (folder, version) in [("Small Hours (Live)", "Live"), ("Instrumentals", "Instrumentals")] {
        let told = said(folder, full, &titles, &[]);
        assert!(told.contains(&format!("and it does not say {version:?}")), "{told}");
    }
    for folder in ["Small Hours", "Mixes", "Masters (24bit)"] {
        let told = said(folder, full, &titles, &[]);
        assert!(!told.contains("does not say"), "{told}");
    }
    let told = stopped("Small Hours (Live)", full, &lengths(6.0));
    assert!(told.contains("it may be the list of another version"), "{told}");
    assert!(told.contains("--columns duration=-"), "{told}");
    said("Small Hours (Live)", full, &lengths(0.0), &[]);
    said("Small Hours", full, &lengths(6.0), &[]);
}
