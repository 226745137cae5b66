//! Columns of titles and of file names under headings that no one knows: they find nothing, but they contradict.

use super::against::{check_written, files};
use super::refused::check;
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

/// A list with two columns of which the second says of every row what the first says of the next one.
fn two_columns(headings: &str, said: impl Fn(usize) -> String, more: impl Fn(usize) -> String) -> String {
    let row = |at: usize| {
        format!(
            "{},{},{}{}\n",
            said(at),
            said((at + 1) % 6),
            code(at as u32 + 1),
            more(at)
        )
    };
    format!("{headings}\n{}", (0..6).map(row).collect::<String>())
}

#[test]
fn two_columns_that_say_the_same_of_other_rows_are_asked_about() {
    let title = |at: usize| format!("\"{}\"", TITLES[at]);
    let file = |at: usize| format!("\"{:02} {}.wav\"", at + 1, TITLES[at]);
    let number = |at: usize| (at + 1).to_string();
    let none = |_| String::new();
    for (list, words) in [
        (
            two_columns("Title,Track Title,ISRC", title, none),
            "two columns may hold the title",
        ),
        (
            two_columns("File,Source File,ISRC", file, none),
            "two columns may hold the file",
        ),
        (
            two_columns("Track,Position,ISRC", number, none),
            "two columns may hold the track",
        ),
        (
            two_columns("Track number,Seq,ISRC", number, none),
            "two columns may hold the track",
        ),
    ] {
        check(&list, words);
    }
    // Beside a title, rows may be numbered in another order.
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let running = list(
        &sandbox,
        "list.csv",
        two_columns("Track number,Seq,ISRC,Title", number, |at| format!(",{}", title(at))),
    );
    let run = sandbox.run(&["apply", &running, "a"]).expect(0);
    assert!(
        run.stderr.contains("numbers of column A (\"Track number\")"),
        "{}",
        run.stderr
    );
    // Numbers that count on over two discs say nothing else.
    let mut discs = "Disc,Track,Seq,ISRC\n".to_owned();
    for (disc, track, seq) in [(1, 1, 1), (1, 2, 2), (2, 1, 3), (2, 2, 4)] {
        sandbox.file(&format!("b/CD{disc}/{track:02}.wav"), &audio::wav(seconds(seq), seq));
        discs.push_str(&format!("{disc},{track},{seq},{}\n", code(10 + seq)));
    }
    let discs = list(&sandbox, "discs.csv", discs);
    sandbox.run(&["apply", &discs, "b"]).expect(0);
}

#[test]
fn codes_that_slipped_by_a_row_are_told_and_never_certain() {
    let row = |at: usize, code: &str| format!("{},\"{}\",{code}\n", at + 1, TITLES[at]);
    let low: String = (1..6).map(|at| row(at, &code(at as u32))).collect();
    check(
        &format!("Track,Title,ISRC\n{}{low},,{}\n", row(0, ""), code(6)),
        "stand a row beside theirs",
    );
    let high: String = (0..5).map(|at| row(at, &code(at as u32 + 2))).collect();
    check(
        &format!("Track,Title,ISRC\n,,{}\n{high}{}", code(1), row(5, "")),
        "stand a row beside theirs",
    );
}
