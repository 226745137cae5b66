//! `isrctag export` and `isrctag apply`

use std::path::PathBuf;

use clap::Args;

use super::WalkArgs;
use super::edit::EditArgs;
use crate::list::columns::Columns;

/// Write the inventory as a table, one row a file
///
/// Its columns are those that apply reads back. Fill in the isrc column in any spreadsheet program, and give the table
/// back to `isrctag apply`.
#[derive(Debug, Args)]
pub struct Export {
    /// Files or folders; the current folder if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The table to write: .csv, .xlsx or .jsonl
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// Replace the table if it is there already, with what was typed into it
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    pub walk: WalkArgs,
}

/// Write the codes of a table or a cue sheet to the files it names
///
/// A row finds its file by path, else file name, else disc and track, else title. Each row must name exactly one file
/// and each file at most one row, or nothing is written and the report says why; --partial writes what is certain.
/// Like `set` it replaces a different valid code only with --replace.
#[derive(Debug, Args)]
pub struct Apply {
    /// A .csv, .tsv, .xlsx or .jsonl table, or a .cue sheet
    pub manifest: PathBuf,

    /// Files or folders that the rows may name; the folder of the table if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Which column is what, if their names do not tell: isrc=C,title=Name
    #[arg(long, value_name = "COLUMN=NAME,...")]
    pub columns: Option<Columns>,

    /// The sheet of a workbook to read, where several hold codes
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,

    /// Write the rows that are certain, and report the others
    #[arg(long)]
    pub partial: bool,

    /// Replace different valid codes
    #[arg(long)]
    pub replace: bool,

    #[command(flatten)]
    pub edit: EditArgs,

    #[command(flatten)]
    pub walk: WalkArgs,
}
