//! The commands that write codes into files, and those that look after what they wrote.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{LineFormat, WalkArgs};

/// What every editing command takes.
#[derive(Debug, Clone, Args)]
pub struct EditArgs {
    /// Print what would be done, and do nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// When to write into the file itself; never means a new file beside it, renamed
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_short_help = true)]
    pub in_place: InPlaceArg,

    /// Keep the modification time
    #[arg(long, hide_short_help = true)]
    pub preserve_mtime: bool,

    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LineFormat,
}

/// What every command takes that writes codes.
#[derive(Debug, Clone, Args)]
pub struct WriteArgs {
    #[command(flatten)]
    pub how: EditArgs,

    /// Also write the EBU element into WAV files (axml), as broadcasters read it
    ///
    /// A file that has no axml chunk gets one with the code alone. A code in an axml chunk is always kept up to date, without
    /// this option too.
    #[arg(long, hide_short_help = true)]
    pub axml: bool,
}

/// When an edit is written into the file itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InPlaceArg {
    /// When padding takes the difference in length; the journal guards it
    Auto,
    /// Never: always a new file, synced and renamed over the old one
    Never,
}

/// Repair every value that can be repaired: nothing is guessed
///
/// Hyphens, spaces, lower case, a label and the like are taken out of every value that is a code, in every place it
/// stands. What needs a guess is left alone: `isrctag scan` lists it. Nothing else in a file changes, and `isrctag undo`
/// takes the whole run back.
#[derive(Debug, Args)]
#[command(override_usage = "isrctag fix [OPTIONS] <PATH>...\n       isrctag fix [OPTIONS] --files-from <FILE>")]
pub struct Fix {
    /// Files or folders
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Also write a code that stands only in a misplaced spot to the standard place
    #[arg(long)]
    pub place: bool,

    #[command(flatten)]
    pub edit: WriteArgs,

    #[command(flatten)]
    pub walk: WalkArgs,
}

/// Write one code to one file, or to all files of one recording
///
/// The code goes to the format's standard place and to every other place that already holds one. A different valid
/// code in a file is replaced only with --replace; placeholders are written only with --force. Several files must be one
/// recording in its formats: where titles, lengths or the audio say that they are not, none of them is written.
#[derive(Debug, Args)]
pub struct Set {
    /// The code, in any spelling that loses nothing
    pub code: String,

    /// The audio file, or all files of one recording
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Replace a different valid code
    #[arg(long)]
    pub replace: bool,

    /// Write a code even though it is a placeholder, or void in the ledger
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    pub edit: WriteArgs,
}

/// Take the code out of every place of a file
///
/// Places that isrctag only reads (the store's own xid atom, RIFF INFO, free text) keep their text: each that is left with a
/// code is named, and the exit status is 1.
#[derive(Debug, Args)]
pub struct Remove {
    /// Audio files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub edit: EditArgs,
}

/// Take back an editing run, byte for byte
///
/// Files get their old bytes and their old modification time. One that has changed since is refused and left as it is.
/// Without RUN the last run that can be taken back is.
#[derive(Debug, Args)]
pub struct Undo {
    /// The run's number, as `isrctag log` shows it
    #[arg(value_parser = run_number)]
    pub run: Option<i64>,

    /// Also where only the time of change says that a file may have been changed since
    ///
    /// A new mode, owner or name changes that time, and so does new content whose modification time was put back. Only
    /// the bytes that the run changed are taken back; the line says so.
    #[arg(long)]
    pub touched: bool,

    #[command(flatten)]
    pub edit: EditArgs,
}

fn run_number(text: &str) -> Result<i64, String> {
    let number = text.parse();
    number.map_err(|_not_a_number| format!("{text} is no run number: isrctag log lists them"))
}

/// List the runs that can be taken back, or the files of one run
///
/// With RUN every file of it is listed: its places before and after, and checksums of what the journal keeps.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// The run's number
    #[arg(value_parser = run_number)]
    pub run: Option<i64>,

    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LineFormat,
}

/// Finish or take back what an interrupted run left
///
/// Every editing command does this first by itself.
#[derive(Debug, Args)]
pub struct Recover {
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LineFormat,
}
