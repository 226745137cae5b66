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

/// Files by kind of finding, without the kinds that were not found.
type Numbers = BTreeMap<String, u64>;

fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

/// The lines of the totals: `  12 missing     files with no code in any place`.
fn of_text(text: &str) -> Numbers {
    let (_, totals) = text.rsplit_once(" have a code").unwrap();
    let words = totals.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let rows = words.filter_map(|words| Some((known(words.get(1)?)?, number(words[0])?)));
    rows.collect()
}

/// The tiles: `<b>12</b><span>✕ missing</span>`.
fn of_page(page: &str) -> Numbers {
    let (_, tiles) = page.split_once("class=\"tiles\"").unwrap();
    let tiles = tiles.split_once("</nav>").unwrap().0.split("<b>").skip(1);
    let rows = tiles.filter_map(|tile| {
        let (count, rest) = tile.split_once("</b><span>")?;
        let (name, _) = rest.split_once("</span>")?;
        Some((known(name.split(' ').next_back()?)?, number(count)?))
    });
    rows.collect()
}

fn of_workbook(path: &std::path::Path) -> Numbers {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let summary = book.worksheet_range("Summary").unwrap();
    let rows = summary.rows().filter_map(|row| {
        let calamine::Data::Float(count) = row[1] else {
            return None;
        };
        Some((known(&row[0].to_string())?, count as u64))
    });
    rows.collect()
}

fn known(word: &str) -> Option<String> {
    let mut kinds = Kind::ALL.into_iter();
    kinds.any(|kind| kind.word() == word).then(|| word.to_owned())
}

/// The numbers of a scan with these arguments: text, page, workbook.
fn numbers(sandbox: &Sandbox, arguments: &[&str]) -> [Numbers; 3] {
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
    let json = sandbox.run(&["scan", "--format", "jsonl"]).expect(3);
    let summary = json.objects("summary").remove(0);
    let of_json = Kind::ALL.into_iter().map(|kind| {
        let key = if kind == Kind::Shared {
            "shared_files"
        } else {
            kind.word()
        };
        (kind.word().to_owned(), summary[key].as_u64().unwrap())
    });
    let of_json: Numbers = of_json.filter(|(_, count)| *count > 0).collect();
    assert!(of_json.len() >= 7, "{of_json:?}");
    for shown in numbers(&sandbox, &[]) {
        assert_eq!(shown, of_json);
    }
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
        let [text, page, workbook] = numbers(&sandbox, &["--only", selector]);
        // "3 values in 2 files look mistyped", "4 files cannot be read …"
        let counted = words.split(" in ").last().unwrap().split(' ').next().unwrap();
        let expected = Numbers::from([(kind.to_owned(), number(counted).unwrap())]);
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
