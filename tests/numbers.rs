//! One scan has the same numbers in every report.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use std::collections::BTreeMap;

use calamine::{Reader as _, Xlsx, open_workbook};
use common::Sandbox;
use isrctag::Kind;

/// Files by kind of finding, with the words about them, without the kinds that were not found.
type Numbers = BTreeMap<String, (u64, String)>;

fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

/// The lines of the totals: `  12 missing     files with no code in any place`; and the line before them.
fn of_text(text: &str) -> (String, Numbers) {
    let mut lines = text.lines().skip_while(|line| !line.contains(" have a code"));
    let headline = lines.next().unwrap().to_owned();
    let rows = lines.filter_map(|line| {
        let (count, rest) = line.trim_start().split_once(' ')?;
        let (word, words) = rest.split_once(' ')?;
        Some((known(word)?, (number(count)?, words.trim().to_owned())))
    });
    (headline, rows.collect())
}

/// The tiles: `<b>12</b><span>✕ missing</span><small>files with no code in any place</small>`; and the lead.
fn of_page(page: &str) -> (String, Numbers) {
    let between = |text: &str, begin: &str, end: &str| -> Option<String> {
        Some(text.split_once(begin)?.1.split_once(end)?.0.to_owned())
    };
    let headline = between(page, "class=\"lead\">", "<").unwrap();
    let tiles = between(page, "class=\"tiles\"", "</nav>").unwrap();
    let rows = tiles.split("<b>").skip(1).filter_map(|tile| {
        let (count, rest) = tile.split_once("</b><span>")?;
        let (name, _) = rest.split_once("</span>")?;
        let words = between(rest, "<small>", "</small>")?;
        Some((known(name.split(' ').next_back()?)?, (number(count)?, words)))
    });
    (headline, rows.collect())
}

fn of_workbook(path: &std::path::Path) -> (String, Numbers) {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let summary = book.worksheet_range("Summary").unwrap();
    let mut firsts = summary.rows().map(|row| row[0].to_string());
    let headline = firsts.find(|first| first.contains(" have a code")).unwrap();
    let rows = summary.rows().filter_map(|row| {
        let calamine::Data::Float(count) = row[1] else {
            return None;
        };
        Some((known(&row[0].to_string())?, (count as u64, row[2].to_string())))
    });
    (headline, rows.collect())
}

fn known(word: &str) -> Option<String> {
    let mut kinds = Kind::ALL.into_iter();
    kinds.any(|kind| kind.word() == word).then(|| word.to_owned())
}

/// The counts alone.
fn counts(numbers: &Numbers) -> BTreeMap<String, u64> {
    numbers
        .iter()
        .map(|(kind, (count, _))| (kind.clone(), *count))
        .collect()
}

/// The numbers of a scan with these arguments: text, page, workbook.
fn numbers(sandbox: &Sandbox, arguments: &[&str]) -> [(String, Numbers); 3] {
    let outputs = ["-o", "../r.txt", "-o", "../r.html", "-o", "../r.xlsx"];
    sandbox.run(&[&["scan"], arguments, &outputs].concat());
    let read = |name: &str| std::fs::read_to_string(sandbox.path(name)).unwrap();
    [
        of_text(&read("../r.txt")),
        of_page(&read("../r.html")),
        of_workbook(&sandbox.path("../r.xlsx")),
    ]
}

#[test]
fn text_page_workbook_and_json_show_the_same_numbers() {
    let sandbox = Sandbox::with("library");
    // Every kind is found: two codes on one recording, and a kind of file that is not read.
    let track = "01 Low Water";
    sandbox.take(
        &format!("library/Lantern Street/Tidewater (2024)/{track}.flac"),
        "split/a.flac",
    );
    sandbox.take(
        &format!("library/Lantern Street/Tidewater (2024) [MP3]/{track}.mp3"),
        "split/b.mp3",
    );
    sandbox
        .run(&["set", "QZTST2499999", "split/b.mp3", "--replace"])
        .expect(0);
    sandbox.file("old/voice.amr", b"#!AMR\n a voice");
    let json = sandbox.run(&["scan", "--audio", "--format", "jsonl"]).expect(3);
    let summary = json.objects("summary").remove(0);
    let count = |key: &str| summary[key].as_u64().unwrap();
    let of_json = Kind::ALL.into_iter().map(|kind| match kind {
        Kind::Shared => ("shared".to_owned(), count("shared_files")),
        kind => (kind.word().to_owned(), count(kind.word())),
    });
    let of_json: BTreeMap<String, u64> = of_json.collect();
    assert!(of_json.values().all(|count| *count > 0), "{of_json:?}");
    let shown = numbers(&sandbox, &["--audio"]);
    let [(headline, with_words), others @ ..] = &shown;
    for (other, words) in others {
        assert_eq!((other, words), (headline, with_words));
    }
    assert_eq!(counts(with_words), of_json);
    let (files, with_code) = (count("files"), count("with_code"));
    assert!(
        headline.starts_with(&format!("{with_code} of {files} files have a code")),
        "{headline}"
    );
    let (codes, rightly) = (count("shared_codes"), count("same_recordings"));
    assert_eq!(
        with_words["shared"].1,
        format!("files that share {codes} codes, {rightly} of them rightly: one recording each")
    );
    // `fix` repairs as many files as are told.
    let steps = sandbox.run(&["scan"]).stdout;
    let repairs = steps.lines().find(|line| line.contains("isrctag fix")).unwrap();
    assert!(
        repairs.contains(&format!(" in {} files ", count("repairable"))),
        "{repairs}"
    );
    // And they are those of the lines.
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| !matches!(kind, Kind::Shared | Kind::Split))
    {
        let has = |file: &serde_json::Value| {
            let findings = file["findings"].as_array().unwrap();
            findings.iter().any(|finding| finding["kind"] == kind.word())
        };
        let files = json.objects("file").iter().filter(|file| has(file)).count() as u64;
        assert_eq!(summary[kind.word()], files, "{}", kind.word());
    }
}

#[test]
fn with_only_nothing_else_is_counted_and_a_step_lists_what_it_counts() {
    let sandbox = Sandbox::with("library");
    let whole = sandbox.run(&["scan"]).stdout;
    let steps = whole
        .lines()
        .filter_map(|line| line.split_once(": isrctag scan --only "));
    let mut followed = 0;
    for (words, arguments) in steps {
        let selector = arguments.split(' ').next().unwrap();
        let kind = selector.split(':').next().unwrap();
        let [text, page, workbook] = numbers(&sandbox, &["--only", selector]).map(|(_, shown)| counts(&shown));
        // "3 values in 2 files look mistyped", "4 files cannot be read …"
        let counted = words.split(" in ").last().unwrap().split(' ').next().unwrap();
        let expected = BTreeMap::from([(kind.to_owned(), number(counted).unwrap())]);
        assert_eq!([&text, &page, &workbook], [&expected; 3], "{selector}");
        let files = sandbox
            .run(&["scan", "--only", selector, "--format", "jsonl"])
            .objects("file");
        assert_eq!(files.len() as u64, expected[kind], "{selector}");
        let report = sandbox.run(&["scan", "--only", selector]).stdout;
        assert!(report.contains(&format!("Only {selector} is listed.\n")), "{report}");
        for other in Kind::ALL.into_iter().filter(|other| other.word() != kind) {
            let row = |line: &str| line.split_whitespace().nth(1) == Some(other.word());
            assert!(!report.lines().any(row), "{report}");
        }
        followed += 1;
    }
    assert!(followed >= 3, "{whole}");
}
