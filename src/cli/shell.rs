//! The commands that make isrctag at home in a shell: `completions` and `man`.

use std::path::PathBuf;

use clap::Args;

/// Print completions for a shell
///
/// Prints a script that completes commands, options and their values. Where it goes depends on the shell: see the
/// examples.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Print a manual page
///
/// Prints the page of the program, or of one of its commands, in the form that `man` reads.
#[derive(Debug, Args)]
pub struct Man {
    /// The command; words as typed (`ledger prefix add`)
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub command: Vec<String>,

    /// Write every page to this folder instead
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}
