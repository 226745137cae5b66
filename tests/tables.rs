//! The tables that `export` and `ledger export` write, and what the ledger's commands answer.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use common::{Sandbox, contents};
use serde_json::Value;

/// An untagged WAV, a FLAC and an MP3 with tags.
fn three() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/wav-untagged.wav", "Album/WAV/CD2/03 - First Snow (Live).wav");
    sandbox.take("seeds/flac-tagged.flac", "tagged.flac");
    sandbox.take("seeds/mp3-untagged.mp3", "=SUM(1).mp3");
    sandbox
}

fn exported(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["export", ".", "--force", "-o", "../x.jsonl"];
    all.extend(arguments);
    sandbox.run(&all).expect(0);
    let text = std::fs::read_to_string(sandbox.path("../x.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn row<'a>(rows: &'a [Value], path: &str) -> &'a Value {
    rows.iter()
        .find(|row| row["path"].as_str().unwrap().ends_with(path))
        .unwrap()
}

#[test]
fn what_comes_from_a_name_is_marked() {
    let rows = exported(&three(), &[]);
    let wav = row(&rows, ".wav");
    assert_eq!(wav["title"], "First Snow (Live)");
    assert_eq!((&wav["disc"], &wav["track"]), (&Value::from(2), &Value::from(3)));
    assert_eq!(wav["album"], "Album");
    assert_eq!(wav["from_name"], "disc, track, title, album");
    let flac = row(&rows, "tagged.flac");
    assert_eq!(flac["from_name"], Value::Null);
    assert_ne!(flac["title"], "tagged");
}

#[test]
fn columns_are_picked_and_ordered() {
    let sandbox = three();
    let run = sandbox.run(&["export", ".", "-o", "../x.csv", "--columns", "title,version,ISRC,file"]);
    run.expect(0);
    let text = std::fs::read_to_string(sandbox.path("../x.csv")).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    assert_eq!(lines.next(), Some("title,version,isrc,file"));
    // With a column for it, the version does not stand in the title too.
    assert!(
        text.contains("\nFirst Snow,Live,,03 - First Snow (Live).wav\n"),
        "{text}"
    );
    assert!(text.contains(",'=SUM(1).mp3\n"), "{text}");
    for (columns, told) in [
        (
            "title,titel",
            "there is no column \"titel\"; there are path, file, disc",
        ),
        ("isrc,title,isrc", "the column isrc is named twice"),
        ("", "there is no column \"\""),
    ] {
        let run = sandbox
            .run(&["export", ".", "-o", "../y.csv", "--columns", columns])
            .expect(2);
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    assert!(!sandbox.path("../y.csv").exists());
}

#[test]
fn a_workbook_has_named_sheets_a_filter_and_numbers() {
    let sandbox = three();
    sandbox.run(&["export", "-o", "../x.xlsx"]).expect(0);
    let mut workbook: Xlsx<_> = open_workbook(sandbox.path("../x.xlsx")).unwrap();
    assert_eq!(workbook.sheet_names(), ["Summary", "Files"]);
    let sheet = workbook.worksheet_range("Files").unwrap();
    let cell = |row: usize, name: &str| {
        let head = sheet.rows().next().unwrap();
        let column = head.iter().position(|cell| *cell == *name).unwrap();
        sheet.rows().nth(row).unwrap()[column].clone()
    };
    let wav = (1..sheet.height())
        .find(|row| cell(*row, "path").to_string().ends_with(".wav"))
        .unwrap();
    assert_eq!(cell(wav, "track"), Data::Float(3.0));
    let is_text = |row| matches!(cell(row, "path"), Data::String(path) if path.ends_with("=SUM(1).mp3"));
    assert!((1..sheet.height()).any(is_text), "a name is never a formula");
    let summary = workbook.worksheet_range("Summary").unwrap();
    let said: Vec<String> = summary.rows().map(|row| row[0].to_string()).collect();
    assert_eq!(said, ["date", "program", "folder", "rows"]);
    assert!(
        matches!(summary.get((0, 1)), Some(Data::DateTime(_))),
        "a date is a date"
    );
    let ledger = ["--ledger", "../l.sqlite"];
    sandbox
        .run(&[&["ledger", "add", "QZTST2600001"][..], &ledger].concat())
        .expect(0);
    sandbox
        .run(&[&["ledger", "export", "-o", "../l.xlsx"][..], &ledger].concat())
        .expect(0);
    let mut codes: Xlsx<_> = open_workbook(sandbox.path("../l.xlsx")).unwrap();
    let codes = codes.worksheet_range("Codes").unwrap();
    let recorded = codes.rows().next().unwrap().iter().position(|cell| *cell == "recorded");
    assert!(matches!(codes[(1, recorded.unwrap())], Data::DateTime(_)), "{codes:?}");
    workbook.load_tables().unwrap();
    assert_eq!(
        workbook.table_names_in_sheet("Files").len(),
        1,
        "a table brings the filter"
    );
}

#[test]
fn the_workbook_of_a_scan_has_numbers_and_sentences() {
    let sandbox = Sandbox::with("library");
    sandbox.run(&["scan", "-o", "../r.xlsx"]).expect(3);
    let mut workbook: Xlsx<_> = open_workbook(sandbox.path("../r.xlsx")).unwrap();
    assert_eq!(workbook.sheet_names(), ["Summary", "Findings"]);
    let sheet = workbook.worksheet_range("Findings").unwrap();
    let head: Vec<String> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let column = |name: &str| head.iter().position(|cell| cell == name).unwrap();
    let cells = |name: &str| {
        sheet
            .rows()
            .skip(1)
            .map(|row| row[column(name)].clone())
            .collect::<Vec<Data>>()
    };
    assert!(
        cells("track")
            .iter()
            .all(|cell| matches!(cell, Data::Float(_) | Data::Empty))
    );
    assert!(cells("track").contains(&Data::Float(5.0)));
    let reasons: Vec<String> = cells("reason").iter().map(ToString::to_string).collect();
    assert!(reasons.iter().all(|reason| reason.contains(' ')), "{reasons:#?}");
    let shared = |row: &&[Data]| row[column("finding")] == Data::String("shared".into());
    for row in sheet.rows().filter(shared) {
        assert!(!row[column("format")].to_string().is_empty(), "{row:?}");
    }
    let summary = workbook.worksheet_range("Summary").unwrap();
    let said: Vec<String> = summary.rows().map(|row| row[0].to_string()).collect();
    for word in ["date", "folder", "program", "files", "missing"] {
        assert!(said.contains(&word.to_owned()), "{said:?}");
    }
}

#[test]
fn a_recording_is_one_row() {
    let sandbox = Sandbox::new();
    // The same tags and the same audio, with a code in one of them.
    sandbox.take("seeds/flac-tagged.flac", "a/01.flac");
    sandbox.take("seeds/flac-tagged.flac", "b/01.flac");
    sandbox.run(&["remove", "b/01.flac"]).expect(0);
    let rows = exported(&sandbox, &["--recordings"]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["files"], 2);
    assert_eq!(rows[0]["isrc"].as_str().map(str::len), Some(12));
    assert_eq!(rows[0]["finding"], "missing in 1 of 2 files");
    sandbox.run(&["set", "QZTST2600009", "b/01.flac"]).expect(0);
    let rows = exported(&sandbox, &["--recordings"]);
    assert_eq!(rows[0]["isrc"], Value::Null);
    let finding = rows[0]["finding"].as_str().unwrap();
    assert!(finding.starts_with("different codes: "), "{finding}");
}

#[test]
fn the_ledger_answers_in_one_line() {
    let sandbox = Sandbox::new();
    let check = |arguments: &[&str], code: i32, told: &str| {
        let run = sandbox.run(&[&["ledger"], arguments].concat()).expect(code);
        assert_eq!(
            format!("{}{}", run.stdout, run.stderr),
            format!("{told}\n"),
            "{arguments:?}"
        );
    };
    check(
        &["prefix", "list"],
        0,
        "No ledger yet: isrctag ledger prefix add CODE begins one.",
    );
    let run = sandbox
        .run(&["ledger", "prefix", "add", "QZTST", "--to", "12", "--owner", "Ana Ltd"])
        .expect(0);
    assert!(
        run.stdout
            .starts_with("QZTST 00001-00012: entered, 12 codes left for 20"),
        "{}",
        run.stdout
    );
    let run = sandbox
        .run(&["ledger", "prefix", "add", "QZTST", "--to", "12"])
        .expect(0);
    assert!(run.stdout.contains(": there already, 12 codes left"), "{}", run.stdout);
    sandbox.run(&["ledger", "prefix", "add", "qz-tsx"]).expect(0);
    let run = sandbox.run(&["ledger", "prefix", "list"]).expect(0);
    assert!(
        run.stdout.starts_with("QZTST  00001 to 00012, 12 codes left in 20"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains(", Ana Ltd\n"), "{}", run.stdout);
    check(&["prefix", "remove", "QZTSX"], 0, "QZTSX: taken out");
    check(
        &["prefix", "remove", "QZTSX"],
        2,
        "isrctag: the ledger has no prefix QZTSX",
    );
    check(
        &["add", "QZ-TST-26-00003", "--title", "Song"],
        0,
        "QZTST2600003: entered",
    );
    check(&["add", "QZTST2600003"], 0, "QZTST2600003: there already");
    check(
        &["void", "QZTST2600003"],
        0,
        "QZTST2600003: void; it is never given out",
    );
    let quiet = sandbox.run(&["-q", "ledger", "prefix", "add", "QZTSY"]).expect(0);
    assert_eq!(format!("{}{}", quiet.stdout, quiet.stderr), "");
    check(&["export", "-o", "../l.csv"], 0, "1 code listed in ../l.csv");
}

#[test]
fn an_export_of_the_ledger_tells_no_folders() {
    let sandbox = Sandbox::new();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    sandbox.take("seeds/flac-untagged.flac", "Private/Album/01 - Song.flac");
    sandbox.run(&["assign", ".", "--year", "2026"]).expect(0);
    for name in ["../l.csv", "../l.jsonl"] {
        sandbox.run(&["ledger", "export", "-o", name]).expect(0);
        let text = std::fs::read_to_string(sandbox.path(name)).unwrap();
        assert!(text.contains("QZTST2600001"), "{text}");
        assert!(!text.contains("Private"), "{text}");
    }
    let text = std::fs::read_to_string(sandbox.path("../l.csv")).unwrap();
    let head = text.trim_start_matches('\u{feff}').lines().next().unwrap();
    assert!(
        head.starts_with("isrc,artist,title,version,duration,content_type,published,"),
        "{head}"
    );
}

#[test]
fn undo_says_which_codes_stay_reserved() {
    let sandbox = Sandbox::new();
    sandbox.run(&["ledger", "prefix", "add", "QZTST"]).expect(0);
    let path = sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let before = std::fs::read(&path).unwrap();
    sandbox.run(&["assign", ".", "--year", "2026"]).expect(0);
    let dry = sandbox.run(&["undo", "-n"]).expect(0);
    assert!(!dry.stderr.contains("reserved"), "{}", dry.stderr);
    let run = sandbox.run(&["undo"]).expect(0);
    let words = "QZTST2600001 stays reserved in the ledger: isrctag assign gives it to its recording alone";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    sandbox.run(&["assign", ".", "--year", "2026"]).expect(0);
    assert!(
        sandbox
            .run(&["get", "a.flac"])
            .expect(0)
            .stdout
            .contains("QZTST2600001")
    );
    // An undone edit that leaves the code in the file frees nothing.
    sandbox
        .run(&["set", "--force", "--replace", "QZTST2699999", "a.flac"])
        .expect(0);
    let run = sandbox.run(&["undo"]).expect(0);
    assert!(!run.stderr.contains("reserved"), "{}", run.stderr);
}

#[test]
fn a_bare_list_of_codes_is_entered() {
    let sandbox = Sandbox::new();
    let codes = "QZTST2600001\nQZ-TST-26-00002\nqztst2600003\n";
    sandbox.file("codes.txt", codes.as_bytes());
    let run = sandbox.run(&["ledger", "import", "codes.txt"]).expect(0);
    assert_eq!(run.stdout, "3 codes entered, 0 known already\n");
    let run = sandbox.run(&["ledger", "import", "codes.txt"]).expect(0);
    assert_eq!(run.stdout, "0 codes entered, 3 known already\n");
    sandbox.file("broken.txt", format!("{codes}QZTST260004\n").as_bytes());
    let run = sandbox.run(&["ledger", "import", "broken.txt"]).expect(2);
    assert!(run.stderr.contains("QZTST260004"), "{}", run.stderr);
}

#[test]
fn a_code_that_the_ledger_calls_void_is_not_written() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a/01 - Song.flac");
    sandbox.file("../l.csv", b"Track,Title,ISRC\n1,Song,QZTST2600007\n");
    let (set, apply) = (["set", "QZTST2600007", "a/01 - Song.flac"], ["apply", "../l.csv", "a"]);
    sandbox
        .run(&["ledger", "add", "QZTST2600007", "--title", "Tide"])
        .expect(0);
    for command in [&set, &apply] {
        let run = sandbox.run(&[&command[..], &["-n"]].concat()).expect(0);
        let told = "belongs to another recording: here and in the ledger the titles are \"Song\" and \"Tide\"";
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    sandbox.run(&["ledger", "void", "QZTST2600007"]).expect(0);
    let before = contents(&sandbox.music());
    for command in [&set, &apply] {
        let run = sandbox.run(command).expect(3);
        assert!(run.stdout.contains("void in the ledger"), "{}", run.stdout);
        assert!(contents(&sandbox.music()) == before);
    }
    sandbox.run(&[&set[..], &["--force"]].concat()).expect(0);
    // What carries it already is as it was.
    sandbox.run(&apply).expect(0);
}

#[test]
fn advice_names_no_table_that_may_be_filled_in() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a/01 - Song.flac");
    let told = || sandbox.run(&["scan", "a"]).stdout;
    assert!(told().contains("isrctag export -o codes.csv a"), "{}", told());
    sandbox.run(&["export", "-o", "codes.csv", "a"]).expect(0);
    assert!(told().contains("isrctag export -o codes-2.csv a"), "{}", told());
}

#[test]
fn the_ledger_offers_no_option_that_it_has_not_and_is_not_made_by_what_it_refuses() {
    let sandbox = Sandbox::new();
    let placeholder = sandbox.run(&["ledger", "add", "QZXXX9999999"]).expect(2);
    assert!(
        placeholder.stderr.contains("placeholder") && !placeholder.stderr.contains("--force"),
        "{}",
        placeholder.stderr
    );
    let ledger = sandbox.path("../new.db");
    let new = ledger.to_str().unwrap();
    sandbox
        .run(&["ledger", "void", "QZTST2600001", "--ledger", new])
        .expect(2);
    assert!(!ledger.exists());
    let doubtful = sandbox.run(&["ledger", "add", "QZTST2600000"]).expect(0);
    assert!(doubtful.stderr.contains("hard to believe"), "{}", doubtful.stderr);
}
