//! `isrctag ledger ...` and `isrctag assign`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::edit::WriteArgs;
use super::{LineFormat, WalkArgs};
use crate::ledger::prefix::PrefixCode;

/// Give each recording without a code the next one of your prefix
///
/// Recordings are taken in album, disc and track order; all formats of one recording get one code, told by equal samples,
/// by ear, and by number, title and length. Where nothing decides whether two files are one recording, nothing is written
/// and the pairs are listed. Codes are set apart in the ledger before the first file is written, and none is ever given to
/// two recordings. A code in the files that the ledger gives to another recording stops the run.
#[derive(Debug, Args)]
#[command(override_usage = "isrctag assign [OPTIONS] <PATH>...\n       isrctag assign [OPTIONS] --files-from <FILE>")]
pub struct Assign {
    /// Files or folders
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The prefix code to take codes from; needed if the ledger has several
    #[arg(long, value_name = "CODE")]
    pub prefix: Option<PrefixCode>,

    /// The year of reference; this year if none is given
    #[arg(long, value_name = "YEAR")]
    pub year: Option<u16>,

    /// The files of every pair that nothing decides are one recording
    #[arg(long, conflicts_with = "separate")]
    pub together: bool,

    /// They are two recordings
    #[arg(long)]
    pub separate: bool,

    #[command(flatten)]
    pub ledger: LedgerFile,

    #[command(flatten)]
    pub edit: WriteArgs,

    #[command(flatten)]
    pub walk: WalkArgs,
}

/// Which ledger is used.
#[derive(Debug, Clone, Args)]
pub struct LedgerFile {
    /// The ledger's file, for a shared one
    #[arg(long, value_name = "FILE", env = "ISRCTAG_LEDGER")]
    pub ledger: Option<PathBuf>,
}

/// Keep the record of your codes: prefixes, and every code given
///
/// A code that is once in the ledger is never given out again, void or not.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    #[command(subcommand)]
    pub command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    Prefix(PrefixArgs),
    List(LedgerList),
    Add(Add),
    Void(Void),
    Import(Import),
    Export(LedgerExport),
    Check(Check),
}

/// Keep the prefixes that codes are given from
#[derive(Debug, Args)]
pub struct PrefixArgs {
    #[command(subcommand)]
    pub command: PrefixCommand,
}

#[derive(Debug, Subcommand)]
pub enum PrefixCommand {
    Add(PrefixAdd),
    List(PrefixList),
    Remove(PrefixRemove),
}

/// Enter a prefix code, whole or a range of it
#[derive(Debug, Args)]
pub struct PrefixAdd {
    /// The prefix code: two letters and three letters or digits
    pub code: PrefixCode,

    /// The first designation that is yours
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub from: u32,

    /// The last designation that is yours
    #[arg(long, value_name = "NUMBER", default_value_t = 99_999)]
    pub to: u32,

    /// Whose prefix it is
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// List the prefixes, and how many codes are left of each
#[derive(Debug, Args)]
pub struct PrefixList {
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LineFormat,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// Take out a prefix that was entered by mistake
///
/// Only one that no code was given from. Codes of it that came from files or lists stay in the ledger.
#[derive(Debug, Args)]
pub struct PrefixRemove {
    /// The prefix code, with all of its ranges
    pub code: PrefixCode,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// List prefixes and codes
#[derive(Debug, Args)]
pub struct LedgerList {
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LineFormat,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// Enter a code that was given elsewhere
#[derive(Debug, Args)]
pub struct Add {
    /// The code, in any spelling that loses nothing
    pub code: String,

    /// Title of the recording
    #[arg(long)]
    pub title: Option<String>,

    /// Main artist
    #[arg(long)]
    pub artist: Option<String>,

    /// Version title, such as "Extended Mix"
    #[arg(long)]
    pub version_title: Option<String>,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// Mark a code that is never to be used
#[derive(Debug, Args)]
pub struct Void {
    pub code: String,

    /// Why
    #[arg(long)]
    pub reason: Option<String>,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// Enter a list of codes, and report every clash
///
/// A table with a column of codes, with what is known of their recordings, or nothing but codes, one a line.
#[derive(Debug, Args)]
pub struct Import {
    /// A .csv, .tsv, .xlsx or .jsonl table, or a text of codes
    pub file: PathBuf,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// Write the ledger as a table, in the columns that agencies ask for
///
/// Code, main artist, title, version, duration, content type and date of first publication come first. Where the files
/// lie and who entered a code is left out.
#[derive(Debug, Args)]
pub struct LedgerExport {
    /// The table to write: .csv, .xlsx or .jsonl
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    #[command(flatten)]
    pub ledger: LedgerFile,
}

/// Compare files with the ledger
///
/// An index of scan --index in place of a folder tells what its files carried then; none of them is looked at.
#[derive(Debug, Args)]
#[command(
    override_usage = "isrctag ledger check [OPTIONS] <PATH>...\n       isrctag ledger check [OPTIONS] --files-from <FILE>"
)]
pub struct Check {
    /// Files, folders or indexes of scans
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub ledger: LedgerFile,

    #[command(flatten)]
    pub walk: WalkArgs,
}
