//! The scan of `testdata/` against its manifest, which was written from what the recipe put into the files.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use std::collections::BTreeMap;

use common::{Run, Sandbox, testdata};
use serde_json::Value;

/// One row of the manifest.
struct Truth {
    format: String,
    places: String,
    findings: String,
    code: String,
}

fn truth(folder: &str) -> BTreeMap<String, Truth> {
    let manifest = std::fs::read_to_string(testdata().join("manifest.tsv")).unwrap();
    let rows = manifest.lines().skip(1).map(|line| {
        let [path, format, places, findings, code] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a row of five columns: {line}");
        };
        let truth = Truth {
            format: format.to_owned(),
            places: places.to_owned(),
            findings: findings.to_owned(),
            code: code.to_owned(),
        };
        (path.to_owned(), truth)
    });
    rows.filter(|(path, _)| path.starts_with(folder)).collect()
}

fn scanned(folder: &str) -> Run {
    let sandbox = Sandbox::new();
    let mut command = sandbox.isrctag();
    command.current_dir(testdata());
    Run::of(command.args(["scan", folder, "--all", "--format", "jsonl"])).expect(3)
}

#[test]
fn every_place_and_code_of_the_seeds_is_found() {
    check("seeds");
}

#[test]
fn every_place_and_finding_of_the_library_is_found() {
    check("library");
}

fn check(folder: &str) {
    let sandbox = Sandbox::new();
    let mut command = sandbox.isrctag();
    command.current_dir(testdata());
    let run = Run::of(command.args(["scan", folder, "--all", "--format", "jsonl"]));
    let mut truth = truth(folder);
    let mut wrong = Vec::new();
    let mut shared: BTreeMap<String, String> = BTreeMap::new();
    for group in run.objects("shared") {
        for path in group["paths"].as_array().unwrap() {
            shared.insert(text(path), format!("shared:{}", text(&group["verdict"])));
        }
    }
    for file in run.objects("file") {
        let path = text(&file["path"]);
        let Some(expected) = truth.remove(&path) else {
            wrong.push(format!("{path}: not in the manifest"));
            continue;
        };
        let mut findings = findings(&file);
        findings.extend(shared.get(&path).cloned());
        let seen = [
            ("format", text(&file["format"]), expected.format),
            ("places", places(&file), expected.places),
            ("findings", or_dash(findings.join(" ")), expected.findings),
            ("code", text(&file["isrc"]), expected.code),
        ];
        for (what, seen, expected) in seen {
            if seen != expected {
                wrong.push(format!("{path}: {what} {seen:?}, expected {expected:?}"));
            }
        }
    }
    wrong.extend(truth.keys().map(|path| format!("{path}: not reported")));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn text(value: &Value) -> String {
    value.as_str().map_or("-".to_owned(), str::to_owned)
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

fn places(file: &Value) -> String {
    let places = file["places"].as_array().unwrap().iter();
    let places = places.map(|place| format!("{}={}", text(&place["place"]), text(&place["value"])));
    or_dash(places.collect::<Vec<_>>().join(" | "))
}

/// The kinds with their detail, as the manifest writes them.
fn findings(file: &Value) -> Vec<String> {
    let findings = file["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let kind = text(&finding["kind"]);
            let reason = text(&finding["reason"]);
            match kind.as_str() {
                "malformed" => format!("malformed:{}", text(&finding["repair"])),
                "suspicious" => format!("suspicious:{reason}"),
                "unreadable" if reason.starts_with("named .") => "unreadable:extension".to_owned(),
                _ => kind,
            }
        })
        .collect()
}

#[test]
fn the_number_of_threads_does_not_change_a_byte() {
    for format in ["text", "jsonl", "csv"] {
        let with = |threads: &str| {
            let sandbox = Sandbox::new();
            let mut command = sandbox.isrctag();
            command.current_dir(testdata());
            Run::of(command.args(["scan", ".", "--format", format, "-j", threads]))
                .expect(3)
                .stdout
        };
        assert_eq!(with("1"), with("8"), "{format}");
    }
}

#[test]
fn the_summary_counts_what_the_lines_say() {
    let run = scanned("library");
    let summary = &run.objects("summary")[0];
    assert_eq!(summary["schema"], 1);
    let files = run.objects("file");
    assert_eq!(summary["files"], files.len());
    assert_eq!(
        summary["with_code"],
        files.iter().filter(|file| !file["isrc"].is_null()).count()
    );
    assert_eq!(summary["shared_codes"], run.objects("shared").len());
    for kind in [
        "missing",
        "malformed",
        "conflicting",
        "misplaced",
        "suspicious",
        "unsupported",
        "unreadable",
    ] {
        let has = |file: &&Value| {
            let findings = file["findings"].as_array().unwrap();
            findings.iter().any(|finding| finding["kind"] == kind)
        };
        assert_eq!(summary[kind], files.iter().filter(has).count(), "{kind}");
    }
}
