//! `isrctag decode`

use clap::Args;

use crate::cli::LineFormat;

/// Judge codes: in their stored form or not, and who allocates them
///
/// Takes codes as arguments or, without arguments, one a line from standard input. The exit status is 0 if every one
/// is a code or can safely be made one, else 1. Whether a code is really assigned cannot be told from the code.
#[derive(Debug, Args)]
pub struct Decode {
    /// Codes in any spelling
    #[arg(value_name = "CODE")]
    pub codes: Vec<String>,

    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LineFormat,
}
