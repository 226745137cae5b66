//! Declarations of the command line, and nothing else: no input, no output.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub mod edit;
pub mod examples;
pub mod fill;
pub mod ledger;
pub mod lists;
pub(crate) mod look;
pub mod manual;
pub mod scan;
pub mod shell;
pub mod typed;

/// Find, check, repair and write ISRC recording codes in audio files
///
/// isrctag walks music folders, reports files whose recording code is missing, malformed or shared, and writes codes
/// so that nothing else in a file changes. Every edit can be taken back.
#[derive(Debug, Parser)]
#[command(name = "isrctag", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

/// The command line with its examples: what help, manual pages and completions are made from.
pub fn command() -> clap::Command {
    let command = examples::add(Cli::command());
    let first_screen = first_screen(&command);
    command.help_template(first_screen)
}

/// The commands by what they are for.
const JOBS: &[(&str, &[&str])] = &[
    ("Look, and change nothing", &["scan", "get", "show", "decode", "report"]),
    (
        "Write; every run can be taken back",
        &["fix", "set", "remove", "fill", "undo", "log", "recover"],
    ),
    ("Lists, and codes of your own", &["export", "apply", "assign", "ledger"]),
];

/// What help shows first: all commands by job, on a terminal of 80 columns and 24 lines.
fn first_screen(command: &clap::Command) -> String {
    let mut lines = vec![
        command.get_about().map(ToString::to_string).unwrap_or_default(),
        "Usage: isrctag COMMAND ...          isrctag COMMAND --help tells all of one".to_owned(),
    ];
    for (job, names) in JOBS {
        lines.push(format!("{job}:"));
        lines.extend(names.iter().map(|name| {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            format!("  {name:<8}  {}", about.map(ToString::to_string).unwrap_or_default())
        }));
    }
    lines.push("For the shell: completions, man".to_owned());
    lines.push("Everywhere: -q quiet, -v tell more, -j N, --color WHEN, -h, --help, -V".to_owned());
    format!("{}{{after-help}}", lines.join("\n"))
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Number of files to work on at once, at most
    #[arg(
        short = 'j',
        long,
        global = true,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=256),
        hide_short_help = true
    )]
    pub threads: Option<u16>,

    /// When to use colours
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_short_help = true
    )]
    pub color: ColorChoice,

    /// Print only what went wrong
    ///
    /// What --format or -o asks for is still written.
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Tell more
    ///
    /// A scan lists every finding where it would shorten a long list; an edit says how each file is written, names the parts
    /// that stay as they are, and gives a checksum of the audio, which is read for it.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// When colours are used. `auto` means on a terminal, unless `NO_COLOR` is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(alias = "check", alias = "verify")]
    Scan(scan::ScanArgs),
    Report(scan::Report),
    Get(look::get::Get),
    Show(look::show::Show),
    Decode(look::decode::Decode),
    #[command(alias = "repair")]
    Fix(edit::Fix),
    #[command(alias = "write")]
    Set(edit::Set),
    Remove(edit::Remove),
    Fill(fill::FillArgs),
    Export(lists::Export),
    Apply(lists::Apply),
    Assign(ledger::Assign),
    Ledger(ledger::LedgerArgs),
    Undo(edit::Undo),
    Log(edit::LogArgs),
    Recover(edit::Recover),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// What a command that looks at single files prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LineFormat {
    Text,
    Jsonl,
}

/// Which files a walk takes; shared by the commands that walk.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which files")]
pub struct WalkArgs {
    /// Also walk files and folders whose name begins with a dot
    #[arg(long, hide_short_help = true)]
    pub hidden: bool,

    /// Follow symbolic links
    #[arg(long, hide_short_help = true)]
    pub follow: bool,

    /// Leave out what matches this pattern (may be repeated)
    ///
    /// A pattern is compared with the path and with the name alone: `*.bak`, `Drafts`, `**/old/*.wav`.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<globset::Glob>,

    /// Read the paths from this file, one a line (- for standard input)
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub files_from: Option<PathBuf>,

    /// Paths in --files-from end with NUL instead of a line end
    #[arg(short = '0', long, requires = "files_from", hide_short_help = true)]
    pub null: bool,
}
