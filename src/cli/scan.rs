//! `isrctag scan`

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::WalkArgs;
use crate::discover::Share;
use crate::judge::Selector;
use crate::system::table::{SheetFormat, endings, has_ending};

/// Report files whose code is missing, malformed, shared or wrong
///
/// Walks the folders, reads every audio file's tags and changes nothing. Covers, logs, playlists and cue sheets are
/// passed over. The exit status is 0 when all is fine, 1 when findings remain, 3 when a file could not be read.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files or folders; the current folder if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub told: ReportArgs,

    /// Decode and compare the audio of files where the headers do not decide
    ///
    /// Tells whether files that share a code are one recording, and finds recordings that stand in several files under
    /// different codes. What was heard is kept in the state folder, so a second run is quick.
    #[arg(long)]
    pub audio: bool,

    /// Remember the scan in this file, and open only files that changed since
    ///
    /// The file is a complete scan as JSON Lines, with a stamp for each file (size, times, inode). Where it exists, the
    /// report begins with what is new since then. It is written anew at the end of the scan.
    #[arg(long, value_name = "FILE")]
    pub index: Option<PathBuf>,

    /// List only what is new since the scan that the index remembers
    ///
    /// What is known is not told and does not count for the exit status.
    #[arg(long, requires = "index", hide_short_help = true)]
    pub new: bool,

    /// Scan only the K-th of N shares of the folders
    ///
    /// Every folder is in exactly one share, the same on every machine; isrctag report joins the shares.
    #[arg(long, value_name = "K/N", hide_short_help = true)]
    pub part: Option<Share>,

    #[command(flatten)]
    pub walk: WalkArgs,
}

/// What of a scan is told, and where.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// How to print the report
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,

    /// Write it to this file (may be repeated)
    ///
    /// The ending tells the format: .txt, .jsonl, .csv, .xlsx or .html. A link is not followed, and music is not written
    /// over.
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,

    /// Print the last lines alone
    #[arg(long)]
    pub summary: bool,

    /// List also the files without a finding
    #[arg(long)]
    pub all: bool,

    /// List only findings of these kinds
    ///
    /// The exit status is that of the listed findings, but for files that cannot be read: they make it 3, listed or
    /// not, unless unreadable is among the kinds of --ignore.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = Selectors)]
    pub only: Vec<Selector>,

    /// Leave out findings of these kinds
    ///
    /// They do not count for the exit status. The kinds are those of --only.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = Selectors, hide_possible_values = true)]
    pub ignore: Vec<Selector>,

    /// Let warnings count for the exit status
    #[arg(long)]
    pub strict: bool,
}

/// One report from the JSON Lines of any number of scans
///
/// Takes the files of --index and --format jsonl, and the parts of --part, in any order. Codes that files of several
/// scans share are found across them; where the scans did not keep what tells recordings apart, the files are looked at, if
/// they can be reached from here.
#[derive(Debug, Args)]
pub struct Report {
    /// Scans as JSON Lines
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub told: ReportArgs,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Text,
    Jsonl,
    Csv,
    Xlsx,
    Html,
}

impl ReportFormat {
    /// How the names of its files end; the usual ending first.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            ReportFormat::Text => &["txt"],
            ReportFormat::Jsonl => SheetFormat::Jsonl.endings(),
            ReportFormat::Csv => SheetFormat::Csv.endings(),
            ReportFormat::Xlsx => SheetFormat::Xlsx.endings(),
            ReportFormat::Html => &["html", "htm"],
        }
    }

    /// The usual ending of each, for people.
    pub fn usual_endings() -> String {
        let formats = ReportFormat::value_variants().iter();
        endings(formats.map(|format| format.endings()))
    }

    /// The format that a file name's ending asks for.
    pub fn of_ending(path: &Path) -> Option<ReportFormat> {
        let mut formats = ReportFormat::value_variants().iter().copied();
        formats.find(|format| has_ending(path, format.endings()))
    }
}

/// Parses a kind of finding, and offers all of them to help and completions.
#[derive(Clone)]
struct Selectors;

impl TypedValueParser for Selectors {
    type Value = Selector;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Selector, clap::Error> {
        let words = PossibleValuesParser::new(self.possible_values().into_iter().flatten());
        let word = words.parse_ref(command, argument, value)?;
        Ok(word.parse().expect("every possible value is a selector"))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = Selector::all().map(|selector| PossibleValue::new(selector.word()).help(selector.brief()));
        Some(Box::new(values))
    }
}
