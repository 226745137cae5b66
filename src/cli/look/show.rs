//! `isrctag show`

use std::path::PathBuf;

use clap::Args;

use crate::cli::LineFormat;

/// Show everything about a file's codes
///
/// Prints every place of the file in which a code stands, as written, with what it decodes to, beside title, artist,
/// album, track and duration, and the findings that a scan would report.
#[derive(Debug, Args)]
pub struct Show {
    /// Audio files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LineFormat,
}
