//! Columns of titles and of file names under headings that no one knows: they find nothing, but they contradict.

use super::against::{check_written, files};
use super::*;

const NAMES: [&str; 4] = ["01 Low Water", "02 Wintering", "03 Tidewater", "04 Rope"];

/// The tracks in the order of a list that was put in another one.
const MOVED: [usize; 4] = [2, 0, 3, 1];

/// Rows of a number, what is said of a track of the album, and its code.
fn moved(heading: &str, said: impl Fn(&str) -> String) -> String {
    let rows = (1..).zip(MOVED).map(|(number, at)| {
        let code = code(at as u32 + 1);
        format!("{number},{},{code}\n", said(NAMES[at]))
    });
    format!("Track,{heading},ISRC\n") + &rows.collect::<String>()
}

fn title(name: &str) -> String {
    name[3..].to_owned()
}

#[test]
fn titles_under_an_unknown_heading_contradict_numbers() {
    for (heading, said) in [
        ("Zzyzx", &title as &dyn Fn(&str) -> String),
        ("", &title),
        ("Title 2", &|name| format!("Ana - {}", title(name))),
        ("Song/Who", &|name| format!("{} / Ana", title(name))),
        ("Master", &|name| format!("{name}.wav")),
        ("Sound carrier file name", &|name| format!("D:\\Masters\\{name}")),
    ] {
        let list = moved(heading, said);
        let (sandbox, list) = files(&NAMES, &list);
        refused(&sandbox, &[&list, "a"]);
        refused(&sandbox, &[&list, "a", "--partial"]);
        refused(&sandbox, &[&list, "a", "--in-order"]);
    }
}

#[test]
fn titles_under_an_unknown_heading_contradict_names_of_files() {
    let rows = (0..4).map(|at: usize| {
        format!(
            "{}.wav,{},{}\n",
            NAMES[at],
            title(NAMES[MOVED[at]]),
            code(at as u32 + 1)
        )
    });
    let list = "Filename,Zzyzx,ISRC\n".to_owned() + &rows.collect::<String>();
    let (sandbox, list) = files(&NAMES, &list);
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(!run.stderr.contains("agree"), "{}", run.stderr);
    assert!(
        run.stderr.contains("column B holds titles of these files"),
        "{}",
        run.stderr
    );
}

#[test]
fn titles_under_an_unknown_heading_that_agree_are_told() {
    let each = [
        ("01 Low Water", 1),
        ("02 Wintering", 2),
        ("03 Tidewater", 3),
        ("04 Rope", 4),
    ];
    let row = |(name, track): &(&str, u32)| format!("{track},{},{}\n", title(name), code(*track));
    let list = "Track,Zzyzx,ISRC\n".to_owned() + &each.iter().map(row).collect::<String>();
    check_written(&NAMES, &list, &each);
    let (sandbox, list) = files(&NAMES, &list);
    let run = sandbox.run(&["apply", &list, "a", "-n"]).expect(0);
    assert!(run.stderr.contains("titles in column B agree"), "{}", run.stderr);
    assert!(!run.stderr.contains("numbers alone"), "{}", run.stderr);
    // An artist or an album under such a heading is no title, though a track is called so.
    let rows = (1..5).map(|track| format!("{track},Rope,{}\n", code(track)));
    check_written(
        &NAMES,
        &("Track,Zzyzx,ISRC\n".to_owned() + &rows.collect::<String>()),
        &each,
    );
}

#[test]
fn a_part_of_an_album_is_found_by_the_titles_under_an_unknown_heading_as_the_hint_says() {
    let list = format!("Track,Zzyzx,ISRC\n2,Wintering,{}\n4,Rope,{}\n", code(2), code(4));
    let (sandbox, list) = files(&NAMES, &list);
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(run.stderr.contains("--columns title=B"), "{}", run.stderr);
    sandbox.run(&["apply", &list, "a", "--columns", "title=B"]).expect(0);
    assert_eq!(sandbox.run(&["get", "a/04 Rope.wav"]).stdout.trim(), code(4));
}

#[test]
fn no_hint_puts_codes_in_an_order_that_titles_contradict() {
    let mut rows: Vec<String> = (0..4)
        .map(|at| format!("{},{}\n", title(NAMES[at]), code(at as u32 + 1)))
        .collect();
    rows.sort();
    let (sandbox, list) = files(&NAMES, &("Zzyzx,ISRC\n".to_owned() + &rows.concat()));
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(run.stderr.contains("--columns"), "{}", run.stderr);
    assert!(!run.stderr.contains("--in-order"), "{}", run.stderr);
    refused(&sandbox, &[&list, "a", "--in-order"]);
}

/// Four titles beside something else, with the codes of the list as it was before the titles were moved.
fn beside(heading: &str, said: impl Fn(usize) -> String, titles: [usize; 4]) -> String {
    let row = |(at, title): (usize, usize)| {
        format!(
            "{},{},{}\n",
            said(at),
            NAMES[title][3..].to_owned(),
            code(at as u32 + 1)
        )
    };
    format!("{heading},Title,ISRC\n") + &(0..4).zip(titles).map(row).collect::<String>()
}

#[test]
fn numbers_under_an_unknown_heading_contradict_titles() {
    for heading in ["Zzyzx", "", "Index", "Item", "Cut"] {
        let list = beside(heading, |at| (at + 1).to_string(), MOVED);
        let (sandbox, list) = files(&NAMES, &list);
        let run = refused(&sandbox, &[&list, "a"]);
        assert!(run.stderr.contains("column A counts the tracks"), "{}", run.stderr);
        assert!(run.stderr.contains("--columns track=-"), "{}", run.stderr);
        refused(&sandbox, &[&list, "a", "--partial"]);
        sandbox
            .run(&["apply", &list, "a", "-n", "--columns", "track=-"])
            .expect(0);
    }
    let list = beside("", |at| ["A1", "A2", "B1", "B2"][at].to_owned(), MOVED);
    let (sandbox, list) = files(&NAMES, &list);
    refused(&sandbox, &[&list, "a"]);
}

#[test]
fn numbers_that_count_rows_contradict_no_titles() {
    let each: [(&str, u32); 4] = [(NAMES[0], 1), (NAMES[1], 2), (NAMES[2], 3), (NAMES[3], 4)];
    // In track order; sorted by title as a whole, and counted; a part of the album; other numbers.
    check_written(&NAMES, &beside("Item", |at| (at + 1).to_string(), [0, 1, 2, 3]), &each);
    let sorted = [(1, 0), (2, 3), (3, 2), (4, 1)];
    let row = |(number, at): (u32, usize)| format!("{number},{},{}\n", &NAMES[at][3..], code(at as u32 + 1));
    let list =
        |rows: &[(u32, usize)]| "Item,Title,ISRC\n".to_owned() + &rows.iter().copied().map(row).collect::<String>();
    check_written(&NAMES, &list(&sorted), &each);
    check_written(&NAMES, &list(&[(1, 1), (2, 3)]), &[each[1], each[3]]);
    check_written(&NAMES, &list(&[(1, 3), (2, 1)]), &[each[1], each[3]]);
    check_written(&NAMES, &list(&[(1, 2), (40, 3), (40, 0), (7, 1)]), &each);
}

#[test]
fn names_of_files_under_an_unknown_heading_contradict_titles() {
    for (heading, ending) in [("WAV", ".wav"), ("Master", ""), ("Link", ".flac"), ("", ".wav")] {
        for folder in ["", "D:\\Masters\\"] {
            let said = |at: usize| format!("{folder}{}{ending}", NAMES[at]);
            let (sandbox, list) = files(&NAMES, &beside(heading, said, MOVED));
            let run = refused(&sandbox, &[&list, "a"]);
            assert!(
                run.stderr.contains("column A names files that are here"),
                "{}",
                run.stderr
            );
            refused(&sandbox, &[&list, "a", "--partial"]);
            sandbox
                .run(&["apply", &list, "a", "-n", "--columns", "file=-"])
                .expect(0);
            let each = [0, 1, 2, 3].map(|at| (NAMES[at], at as u32 + 1));
            check_written(&NAMES, &beside(heading, said, [0, 1, 2, 3]), &each);
        }
    }
}
