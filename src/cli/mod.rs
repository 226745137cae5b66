//! Declarations of the command line, and nothing else: no input, no output.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub mod decode;
pub mod edit;
pub mod examples;
pub mod fill;
pub mod get;
pub mod ledger;
pub mod lists;
pub mod manual;
pub mod scan;
pub mod shell;
pub mod show;

/// Find, check, repair and write ISRC recording codes in audio files
///
/// isrctag walks music folders, reports files whose recording code is missing, malformed or shared, and writes codes
/// so that nothing else in a file changes. Every edit can be undone.
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
    examples::add(Cli::command())
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
    /// A scan lists every finding where it would shorten a long list; an edit says how each file is written.
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
    Scan(scan::Scan),
    Report(scan::Report),
    Get(get::Get),
    Show(show::Show),
    Decode(decode::Decode),
    Fix(edit::Fix),
    Set(edit::Set),
    Remove(edit::Remove),
    Fill(fill::Fill),
    Export(lists::Export),
    Apply(lists::Apply),
    Assign(ledger::Assign),
    Ledger(ledger::LedgerArgs),
    Undo(edit::Undo),
    Log(edit::Log),
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
