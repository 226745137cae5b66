//! `isrctag get`

use std::path::PathBuf;

use clap::Args;

/// Print the code of a file, for scripts
///
/// Prints the one valid code of the file, or `CODE<TAB>PATH` a line for several files. The exit status is 1 if a file
/// has no code or none that is valid.
#[derive(Debug, Args)]
pub struct Get {
    /// Audio files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}
