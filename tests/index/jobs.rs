//! Jobs that an index is for: an archivist's weeks, and codes known without a walk.

use std::fs;
use std::io::ErrorKind;
use std::process::Command;

use calamine::{Reader as _, Xlsx, open_workbook};

use super::common::{Run, Sandbox, copy_tree, testdata};
use super::let_time_pass;

const ALBUM: &str = "archive/Lantern Street/Tidewater (2024)";

/// What the README has a timer run, from the line that holds `before`: the arguments of the program, for the folder here.
fn readme_arguments(before: &str) -> Vec<String> {
    let readme = include_str!("../../README.md");
    let line = readme.lines().find_map(|line| line.strip_prefix(before));
    let line = line.expect("the README says how a timer runs it");
    let line = line.replace("/var/lib/music.jsonl", "music.jsonl");
    line.replace("/archive", "archive")
        .split(' ')
        .map(str::to_owned)
        .collect()
}

/// As cron runs it: what is printed is mailed, and nothing is a good week.
fn cron(sandbox: &Sandbox) -> Run {
    let mut command = sandbox.isrctag();
    command
        .env_clear()
        .env("HOME", sandbox.state())
        .env("PATH", "/usr/bin:/bin");
    Run::of(command.args(readme_arguments("0 4 * * 0  isrctag ")))
}

#[test]
fn the_units_of_the_readme_run_what_cron_runs() {
    const EXEC: &str = "ExecStart=/usr/local/bin/isrctag ";
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library/Lantern Street"), &sandbox.path("archive"));
    assert_eq!(readme_arguments(EXEC), readme_arguments("0 4 * * 0  isrctag "));
    // The manager of a system gives a service no home.
    let service = || {
        let mut command = sandbox.isrctag();
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin");
        Run::of(command.args(readme_arguments(EXEC)))
    };
    assert_ne!(service().expect(1).stdout, "");
    let_time_pass(&sandbox);
    let quiet = service().expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));

    let readme = include_str!("../../README.md");
    let blocks = readme.split("```ini\n").skip(1);
    let mut files = Vec::new();
    for block in blocks.map(|rest| rest.split("```").next().unwrap()) {
        let (name, unit) = block.split_once('\n').unwrap();
        let name = name.strip_prefix("# /etc/systemd/system/").unwrap();
        let unit = unit.replace("/usr/local/bin/isrctag", env!("CARGO_BIN_EXE_isrctag"));
        files.push(sandbox.file(&format!("units/{name}"), unit.as_bytes()));
    }
    assert_eq!(files.len(), 2);
    let mut verify = Command::new("systemd-analyze");
    match verify.arg("verify").args(&files).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        verified => {
            let verified = verified.unwrap();
            let told = String::from_utf8(verified.stderr).unwrap();
            assert!(verified.status.success() && told.is_empty(), "{told}");
        }
    }
}

#[test]
fn an_archivists_weeks() {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    let first = cron(&sandbox);
    assert_eq!(first.code, 3);
    assert!(
        first.stdout.contains("Undertow.flac") && first.stdout.contains("61 files"),
        "{}",
        first.stdout
    );
    let_time_pass(&sandbox);

    // A week in which nothing happens is silent.
    let quiet = cron(&sandbox).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let_time_pass(&sandbox);

    // One code repaired, one track without a code arrives, one leaves, a folder is renamed.
    sandbox
        .run(&["fix", &format!("{ALBUM}/03 Harbour Lights.flac")])
        .expect(0);
    sandbox.take("seeds/flac-untagged.flac", "archive/Arrivals/new song.flac");
    fs::remove_file(sandbox.path(&format!("{ALBUM}/10 Spring Tide.flac"))).unwrap();
    fs::rename(sandbox.path("archive/Maren Holt"), sandbox.path("archive/Holt, Maren")).unwrap();
    let_time_pass(&sandbox);
    let kept = fs::read(sandbox.path("music.jsonl")).unwrap();
    let told = cron(&sandbox);
    assert_eq!(told.code, 1, "{}", told.stdout);
    assert!(told.stdout.starts_with("New since the scan of 20"), "{}", told.stdout);
    assert!(told.stdout.contains("new song.flac"), "{}", told.stdout);
    assert!(told.stdout.contains("Holt, Maren"), "{}", told.stdout);
    assert!(
        told.stdout.contains("Spring Tide.flac"),
        "what is gone is named: {}",
        told.stdout
    );
    assert!(
        !told.stdout.contains("Harbour Lights") && !told.stdout.contains("Undertow"),
        "{}",
        told.stdout
    );

    // The same week for the boss, as a page and a workbook that begin with what is new.
    fs::write(sandbox.path("music.jsonl"), kept).unwrap();
    let output = [
        "-o",
        "boss.html",
        "-o",
        "boss.xlsx",
        "--index",
        "music.jsonl",
        "archive",
    ];
    sandbox.run(&[&["scan", "-q"][..], &output].concat()).expect(3);
    let page = fs::read_to_string(sandbox.path("boss.html")).unwrap();
    let headings: Vec<&str> = page
        .split("<h2")
        .skip(1)
        .map(|rest| rest.split("</h2>").next().unwrap())
        .collect();
    assert!(headings[0].contains("New since the scan of 20"), "{headings:?}");
    let new = page.split("<h2").nth(1).unwrap();
    assert!(
        new.contains("new song.flac") && new.contains("Spring Tide.flac"),
        "{new}"
    );
    assert!(!new.contains("Undertow"), "{new}");
    let mut book: Xlsx<_> = open_workbook(sandbox.path("boss.xlsx")).unwrap();
    let summary = book.worksheet_range("Summary").unwrap();
    let rows: Vec<String> = summary.rows().map(|row| row[0].to_string()).collect();
    let new = rows
        .iter()
        .position(|row| row.starts_with("New since the scan of 20"))
        .expect("it says what is new");
    assert!(new <= 1, "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("gone:")), "{rows:?}");
    let_time_pass(&sandbox);
    assert_eq!(cron(&sandbox).expect(0).stdout, "");
}

#[test]
fn the_ledger_is_compared_with_an_index_as_with_its_folders() {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library/Jun Aoki"), &sandbox.path("archive"));
    sandbox.run(&["ledger", "add", "QZTST2600001"]).expect(0);
    sandbox.run(&["scan", "-q", "--index", "index.jsonl", "archive"]);
    let walked = sandbox.run(&["ledger", "check", "archive"]).expect(1);
    let recalled = sandbox.run(&["ledger", "check", "index.jsonl"]).expect(1);
    assert_eq!(recalled.stdout, walked.stdout);
    assert!(
        recalled.stderr.starts_with("index.jsonl: the files as they were on 20"),
        "{}",
        recalled.stderr
    );
    // The list of codes that an index is can be entered, and then both agree but for the one.
    sandbox.run(&["ledger", "import", "index.jsonl"]).expect(0);
    fs::rename(sandbox.path("archive"), sandbox.path("elsewhere")).unwrap();
    let agreed = sandbox.run(&["ledger", "check", "index.jsonl"]).expect(1);
    assert_eq!(agreed.stdout, "QZTST2600001: no file carries it\n");
    // An index that somebody has changed is not used.
    let harmed = fs::read_to_string(sandbox.path("index.jsonl"))
        .unwrap()
        .replacen("QZTSU", "QZTST", 1);
    fs::write(sandbox.path("index.jsonl"), &harmed).unwrap();
    let refused = sandbox.run(&["ledger", "check", "index.jsonl"]).expect(2);
    assert!(
        refused.stderr.contains("line 1 is none that a scan writes"),
        "{}",
        refused.stderr
    );
}

#[test]
fn codes_are_filled_from_an_index_and_never_from_what_it_no_longer_knows() {
    let sandbox = Sandbox::new();
    sandbox.take(
        "library/Lantern Street/Tidewater (2024)/09 Estuary.flac",
        "archive/09 Estuary.flac",
    );
    let bare = "library/Lantern Street/Tidewater (2024) [MP3]/09 Estuary.mp3";
    sandbox.take(bare, "new/09 Estuary.mp3");
    let_time_pass(&sandbox);
    sandbox
        .run(&["scan", "-q", "--index", "index.jsonl", "archive"])
        .expect(0);
    let_time_pass(&sandbox);
    let fill = |what: &str| sandbox.run(&["fill", "-n", what, "--from", "index.jsonl"]);
    let filled = fill("new").expect(0);
    assert!(filled.stdout.contains("(none) -> QZTST2400009"), "{}", filled.stdout);
    // Another code since then: the file is asked, not the index.
    sandbox
        .run(&["set", "--replace", "QZTST2499999", "archive/09 Estuary.flac"])
        .expect(0);
    let filled = fill("new").expect(0);
    assert!(filled.stdout.contains("(none) -> QZTST2499999"), "{}", filled.stdout);
    fs::remove_file(sandbox.path("archive/09 Estuary.flac")).unwrap();
    let none = fill("new").expect(1);
    assert!(none.stdout.contains("no file with a code"), "{}", none.stdout);
    let mp3 = fs::read(testdata().join(bare)).unwrap();
    assert_eq!(fs::read(sandbox.path("new/09 Estuary.mp3")).unwrap(), mp3);
}
