//! The examples at the end of every `--help` and manual page. A test parses each of them, so none can be out of date.

use clap::Command;

use crate::commands::exit::Exit;

/// Line by line a command, what an example of it is for, and what to type.
const EXAMPLES: &str = include_str!("examples.tsv");

/// What is to be done, and what to type for it.
pub type Example = (&'static str, &'static str);

/// The examples of a command, by its words without the program's name: `ledger prefix add`.
pub fn of(words: &str) -> Vec<Example> {
    let lines = EXAMPLES.lines().filter_map(|line| line.split_once('\t'));
    let own = lines.filter(|(command, _)| *command == words);
    own.filter_map(|(_, example)| example.split_once('\t')).collect()
}

/// Adds to every command its examples.
pub(super) fn add(command: Command) -> Command {
    let statuses = Exit::ALL.map(|exit| format!("  {:<4} {}", exit as u8, exit.meaning()));
    let examples = text(&of(""));
    add_below(command, "").after_long_help(format!("{examples}\n\nExit status:\n{}", statuses.join("\n")))
}

fn add_below(command: Command, words: &str) -> Command {
    command.mut_subcommands(|below| {
        let words = format!("{words} {}", below.get_name());
        let words = words.trim_start();
        let below = match &of(words)[..] {
            [] => below,
            examples => below.after_long_help(text(examples)),
        };
        add_below(below, words)
    })
}

fn text(examples: &[Example]) -> String {
    let lines = examples.iter().map(|(what, line)| format!("  {what}:\n    $ {line}"));
    format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n"))
}
