//! The help texts, each a snapshot. A new command gets one by `INSTA_UPDATE=always cargo test --test help`.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

use clap::Command;
use common::Sandbox;

/// Every command that help shows, by its words, the program first.
fn commands() -> Vec<(String, Command)> {
    let mut program = isrctag::internals::command().term_width(100);
    program.build();
    let mut all = Vec::new();
    collect(&program, "isrctag", &mut all);
    all
}

fn collect(command: &Command, words: &str, all: &mut Vec<(String, Command)>) {
    all.push((words.to_owned(), command.clone()));
    let shown = command.get_subcommands().filter(|below| !below.is_hide_set());
    for below in shown.filter(|below| below.get_name() != "help") {
        collect(below, &format!("{words} {}", below.get_name()), all);
    }
}

#[test]
fn every_help_text_is_as_reviewed() {
    for (words, mut command) in commands() {
        let short = command.render_help().to_string();
        let long = command.render_long_help().to_string();
        let name = words.replace(' ', "_");
        insta::assert_snapshot!(name, format!("{short}\n{}\n{long}", "=".repeat(100)));
    }
}

#[test]
fn short_help_fits_a_screen() {
    for (words, command) in commands() {
        let lines = command.term_width(80).render_help().to_string().lines().count();
        assert!(lines <= 32, "{words} -h has {lines} lines");
    }
}

#[test]
fn the_first_screen_of_help_names_every_command_and_fits_a_terminal() {
    let sandbox = Sandbox::new();
    let long = sandbox.run(&["--help"]).expect(0).stdout;
    let short = sandbox.run(&["-h"]).expect(0).stdout;
    let screen = short.trim_end();
    assert!(long.starts_with(screen), "{long}");
    assert!(screen.lines().count() <= 23, "{screen}");
    for line in screen.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for (words, _) in commands() {
        let [_, name] = words.split(' ').collect::<Vec<_>>()[..] else {
            continue;
        };
        let is_there = |word: &str| word.trim_matches(',') == name;
        assert!(screen.split_whitespace().any(is_there), "{name} is not in\n{screen}");
    }
}

#[test]
fn words_of_other_programs_lead_to_the_command() {
    for (word, name) in [
        ("check", "scan"),
        ("verify", "scan"),
        ("repair", "fix"),
        ("write", "set"),
    ] {
        let program = isrctag::internals::command();
        let found = program.find_subcommand(word).map(Command::get_name);
        assert_eq!(found, Some(name));
    }
}

#[test]
fn errors_have_one_prefix_and_hints_one() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["scna"][..],
        &["scan", "--onyl", "missing"],
        &["fix"],
        &["scan", "nope"],
        &["undo", "x"],
    ] {
        let told = sandbox.run(arguments).expect(2).stderr;
        assert!(told.starts_with("isrctag: "), "{told}");
        for word in ["error:", "tip:", "Error", "Hint"] {
            assert!(!told.contains(word), "{told}");
        }
    }
    assert!(sandbox.run(&["scna"]).stderr.contains("\nhint: "));
}

#[test]
fn the_name_alone_says_what_to_do_first() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&[]).expect(2);
    assert!(run.stderr.contains("Usage: isrctag COMMAND"), "{}", run.stderr);
    sandbox.take("seeds/flac-tagged.flac", "Album/01.flac");
    let run = sandbox.run(&[]).expect(2);
    assert_eq!(
        run.stderr,
        "There is music here, such as Album/01.flac.\nFirst see what is missing or wrong, which changes nothing: isrctag scan\nAll \
         commands: isrctag --help\n"
    );
    sandbox.run(&["scan"]).expect(0);
}

#[test]
fn every_command_has_examples_and_they_parse() {
    for (words, mut command) in commands() {
        let help = command.render_long_help().to_string();
        let examples: Vec<&str> = help.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
        assert!(!examples.is_empty(), "{words} --help has no example");
        for example in examples {
            let arguments = arguments(example);
            let parsed = isrctag::internals::command().try_get_matches_from(arguments);
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}

#[test]
fn every_manual_page_has_the_usual_sections() {
    let sandbox = Sandbox::new();
    sandbox.run(&["man", "--dir", "man"]).expect(0);
    for (words, command) in commands() {
        let name = format!("{}.1", words.replace(' ', "-"));
        let page = std::fs::read_to_string(sandbox.path("man").join(&name)).unwrap();
        let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        for section in [
            "NAME",
            "SYNOPSIS",
            "\"EXIT STATUS\"",
            "ENVIRONMENT",
            "FILES",
            "EXAMPLES",
        ] {
            assert!(sections.contains(&section), "{name} lacks {section}: {sections:?}");
        }
        let text = page
            .replace("\\-", "-")
            .replace("\\*(Aq", "'")
            .replace("\\fB", "")
            .replace("\\fR", "");
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            if argument.get_id() == "help" || argument.get_id() == "version" {
                continue;
            }
            assert!(
                text.contains(&help),
                "{name} does not say of {}: {help}",
                argument.get_id()
            );
        }
        let (_, examples) = page.split_once(".SH EXAMPLES").unwrap();
        assert!(examples.contains("isrctag "), "{name} has no example");
    }
}

/// The words of a line up to a redirection or a pipe, quotes taken off.
fn arguments(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            '|' | '<' | '>' if !quoted => break,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
