//! The examples at the end of every `--help` and manual page. A test parses each of them, so none can be out of date.

use clap::Command;

use crate::commands::exit::Exit;

/// The examples of each command, by its words: what it is for, and what to type.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "",
        &[
            ("What is missing, malformed or shared?", "isrctag scan ~/Music"),
            ("The same as a page to look at", "isrctag scan -o report.html ~/Music"),
            ("One code into one file", "isrctag set QZES51600001 song.flac"),
            ("Take the last run back", "isrctag undo"),
        ],
    ),
    (
        "scan",
        &[
            ("An album", "isrctag scan Album/"),
            (
                "An archive, as a page or a table",
                "isrctag scan -o report.html /archive",
            ),
            ("Only files without a code", "isrctag scan --only missing /archive"),
            (
                "For programs: one JSON object a line",
                "isrctag scan --format jsonl Album/",
            ),
            (
                "Leave the working copies out",
                "isrctag scan --exclude '*.bak' --exclude Drafts /archive",
            ),
        ],
    ),
    (
        "report",
        &[
            (
                "Three parts of an archive, as one page",
                "isrctag report -o archive.html 1.jsonl 2.jsonl 3.jsonl",
            ),
            (
                "The last scan again, without looking at a file",
                "isrctag report index.jsonl",
            ),
        ],
    ),
    (
        "get",
        &[
            ("The code of one file", "isrctag get song.flac"),
            ("Of several: code, tab, path", "isrctag get -- *.flac"),
        ],
    ),
    (
        "show",
        &[
            ("Where do the codes of this file stand?", "isrctag show song.mp3"),
            ("For programs", "isrctag show --format jsonl song.mp3"),
        ],
    ),
    (
        "decode",
        &[
            ("One code", "isrctag decode us-rc1-76-07839"),
            ("A list, one a line", "isrctag decode < codes.txt"),
        ],
    ),
    (
        "export",
        &[
            (
                "The inventory as a table to fill in",
                "isrctag export -o album.xlsx Album/",
            ),
            ("As CSV", "isrctag export -o album.csv Album/"),
            (
                "One row a recording, for a label or a shop",
                "isrctag export --recordings --columns artist,title,version,duration,isrc -o album.xlsx Album/",
            ),
        ],
    ),
    (
        "fix",
        &[
            ("See first", "isrctag fix --dry-run ~/Music"),
            ("Then repair", "isrctag fix ~/Music"),
            (
                "Also write misplaced codes where programs look",
                "isrctag fix --place ~/Music",
            ),
        ],
    ),
    (
        "set",
        &[
            (
                "Any spelling that loses nothing",
                "isrctag set QZ-ES5-16-00001 song.flac",
            ),
            (
                "Over another valid code",
                "isrctag set --replace QZES51600001 song.flac",
            ),
        ],
    ),
    (
        "remove",
        &[
            ("See first", "isrctag remove --dry-run song.flac"),
            ("Then remove", "isrctag remove song.flac"),
            (
                "Of all, also of names that begin with a hyphen",
                "isrctag remove -- *.flac",
            ),
        ],
    ),
    (
        "apply",
        &[
            (
                "See which row names which file",
                "isrctag apply --dry-run codes.xlsx Album/",
            ),
            ("Then write", "isrctag apply codes.xlsx Album/"),
        ],
    ),
    (
        "assign",
        &[
            ("See which file would get which code", "isrctag assign --dry-run Album/"),
            ("Then write", "isrctag assign Album/"),
        ],
    ),
    (
        "fill",
        &[("Codes from the FLACs to the MP3s", "isrctag fill MP3/ --from FLAC/")],
    ),
    (
        "undo",
        &[
            ("The last run", "isrctag undo"),
            ("The run that isrctag log lists as 7", "isrctag undo 7"),
        ],
    ),
    (
        "log",
        &[
            ("What can be taken back?", "isrctag log"),
            ("What did run 7 do to which files?", "isrctag log 7"),
        ],
    ),
    ("recover", &[("After a crash or a power cut", "isrctag recover")]),
    (
        "ledger",
        &[
            ("Your prefix", "isrctag ledger prefix add QZES5"),
            ("What was given", "isrctag ledger list"),
        ],
    ),
    ("ledger prefix", &[("Your prefix", "isrctag ledger prefix add QZES5")]),
    (
        "ledger prefix add",
        &[
            ("A whole prefix", "isrctag ledger prefix add QZES5"),
            (
                "A range that the agency gave",
                "isrctag ledger prefix add QZES5 --from 00001 --to 00500",
            ),
        ],
    ),
    (
        "ledger prefix list",
        &[("How many codes are left", "isrctag ledger prefix list")],
    ),
    (
        "ledger prefix remove",
        &[("A prefix entered by mistake", "isrctag ledger prefix remove QZES6")],
    ),
    ("ledger list", &[("What was given", "isrctag ledger list")]),
    (
        "ledger add",
        &[(
            "A code given elsewhere",
            "isrctag ledger add QZES51600001 --title 'Low Water'",
        )],
    ),
    (
        "ledger void",
        &[("A code given by mistake", "isrctag ledger void QZES51600001")],
    ),
    (
        "ledger import",
        &[("A list kept so far", "isrctag ledger import codes.csv")],
    ),
    (
        "ledger export",
        &[("For the agency", "isrctag ledger export -o codes.csv")],
    ),
    (
        "ledger check",
        &[("Files against the ledger", "isrctag ledger check ~/Music")],
    ),
    (
        "completions",
        &[
            (
                "bash",
                "isrctag completions bash > ~/.local/share/bash-completion/completions/isrctag",
            ),
            (
                "zsh, in a folder of $fpath",
                "isrctag completions zsh > ~/.zfunc/_isrctag",
            ),
            (
                "fish",
                "isrctag completions fish > ~/.config/fish/completions/isrctag.fish",
            ),
        ],
    ),
    (
        "man",
        &[
            ("Read it", "isrctag man | man -l -"),
            ("The page of a command", "isrctag man scan | man -l -"),
            ("All pages", "isrctag man --dir ~/.local/share/man/man1"),
        ],
    ),
];

/// What is to be done, and what to type for it.
pub type Example = (&'static str, &'static str);

/// The examples of a command, by its words without the program's name: `ledger prefix add`.
pub fn of(words: &str) -> &'static [Example] {
    let known = EXAMPLES.iter().find(|(name, _)| *name == words);
    known.map_or(&[], |(_, examples)| examples)
}

/// Adds to every command its examples.
pub(super) fn add(command: Command) -> Command {
    let statuses = Exit::ALL.map(|exit| format!("  {:<4} {}", exit as u8, exit.meaning()));
    let examples = text(of(""));
    add_below(command, "").after_long_help(format!("{examples}\n\nExit status:\n{}", statuses.join("\n")))
}

fn add_below(command: Command, words: &str) -> Command {
    command.mut_subcommands(|below| {
        let words = format!("{words} {}", below.get_name());
        let words = words.trim_start();
        let below = match of(words) {
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
