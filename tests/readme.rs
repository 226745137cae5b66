//! The README's sessions, run as they stand: every `console` block that calls the program, each in folders of its own.
//!
//! A block's commands are run in order, and what follows a command is what it must print; a line `...` stands for any
//! lines. The folders hold `Music` (the test library), `Album` (three tracks of 5 to 7 s without codes, as FLAC, MP3 and
//! untagged WAV) and `song.flac`. The
//! one step that is a person's, filling in the column `isrc` of an exported table, is done here. trycmd could run the
//! blocks too, but neither that step nor a folder for each block.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

#[path = "lists/audio.rs"]
mod audio;

use std::io::Read as _;

use common::{Sandbox, copy_tree, testdata};

#[test]
fn the_sessions_print_what_the_readme_shows() {
    let readme = include_str!("../README.md");
    let blocks: Vec<&str> = readme
        .split("```console\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .filter(|block| block.contains("$ isrctag "))
        .collect();
    assert!(blocks.len() >= 4, "the README has lost its sessions");
    for block in blocks {
        check(block);
    }
}

#[test]
fn the_commands_in_its_sentences_are_commands() {
    let readme = include_str!("../README.md");
    let commands: Vec<&str> = readme
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| span.starts_with("isrctag "))
        .collect();
    assert!(commands.len() >= 6, "the README has lost its commands");
    for command in commands {
        let parsed = isrctag::internals::command().try_get_matches_from(words(command));
        assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
    }
}

#[test]
fn every_kind_of_finding_is_explained_in_its_own_words() {
    let readme = include_str!("../README.md");
    for kind in isrctag::Kind::ALL {
        let info = kind.info();
        // One code on one recording in several files is as it should be.
        let or = if info.word == "shared" { ", or info" } else { "" };
        let row = format!(
            "| `{}` | {}{or} | {} |\n",
            info.word,
            info.severity.word(),
            info.meaning
        );
        assert!(readme.contains(&row), "{row}");
    }
}

#[track_caller]
fn check(block: &str) {
    let sandbox = folders();
    for step in block.split("$ isrctag ").skip(1) {
        let (command, expected) = step.split_once('\n').unwrap();
        let command = command.split(" #").next().unwrap().trim_end();
        let (code, printed) = run(&sandbox, command);
        match expected.is_empty() {
            // Findings are no failure.
            true => assert!(code <= 1, "isrctag {command} ended with {code}:\n{printed}"),
            false => assert!(
                fits(
                    &expected.lines().collect::<Vec<_>>(),
                    &printed.lines().collect::<Vec<_>>()
                ),
                "isrctag {command} printed\n{printed}\nand the README says\n{expected}"
            ),
        }
        if command.starts_with("export") {
            fill_in(&sandbox, command.split(' ').next_back().unwrap());
        }
    }
}

fn folders() -> Sandbox {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library"), &sandbox.path("Music"));
    // What is broken on purpose would end every run with status 3.
    std::fs::remove_dir_all(sandbox.path("Music/Inbox")).unwrap();
    for (name, bytes) in audio::tidewater() {
        sandbox.file(&name, &bytes);
    }
    sandbox.take("seeds/flac-untagged.flac", "song.flac");
    sandbox
}

/// Exit status and both outputs, in the order in which a terminal shows them.
fn run(sandbox: &Sandbox, command: &str) -> (i32, String) {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut child = sandbox
        .isrctag()
        .args(words(command))
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    let mut printed = String::new();
    reader.read_to_string(&mut printed).unwrap();
    (child.wait().unwrap().code().unwrap(), printed)
}

/// As a shell splits them, as far as the README goes: double quotes keep spaces.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Whether `printed` is what is `expected`, where `...` stands for any lines.
fn fits(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..])),
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, more)| first == line && fits(rest, more)),
    }
}

/// Puts a code into every row of a table, as a person does.
fn fill_in(sandbox: &Sandbox, table: &str) {
    let path = sandbox.path(table);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let header = reader.headers().unwrap().clone();
    let isrc = header.iter().position(|name| name == "isrc").unwrap();
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(&header).unwrap();
    for (row, record) in reader.records().enumerate() {
        let code = format!("QZTST26{:05}", row + 1);
        let record = record.unwrap();
        let cells = record.iter().enumerate();
        writer
            .write_record(cells.map(|(column, cell)| if column == isrc { &code } else { cell }))
            .unwrap();
    }
    writer.flush().unwrap();
}
