//! `isrctag export` and `isrctag apply`

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::WalkArgs;
use super::edit::WriteArgs;
use crate::list::read::page::Page;
use crate::list::table::columns::Columns;
use crate::report::inventory::Fields;

/// Write the inventory as a table, one row a file or a recording
///
/// Its columns are those that apply reads back. Fill in the isrc column in any spreadsheet program, and give the table
/// back to `isrctag apply`. Where tags are missing, number, title and artist are read from the names of file and folder;
/// the column from_name tells which were.
#[derive(Debug, Args)]
pub struct Export {
    /// Files or folders; the current folder if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The table to write: .csv, .xlsx or .jsonl
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// One row a recording, the formats of one together: what labels, shops and agencies ask for
    #[arg(long)]
    pub recordings: bool,

    /// The columns to write, in this order, such as title,artist,isrc
    ///
    /// There are path, file, disc, track, title, version, artist, album, duration, isrc, format, files, finding and
    /// from_name. With the column version, the column title is without it. apply needs path and isrc.
    #[arg(long, value_name = "COLUMN,...")]
    pub columns: Option<Fields>,

    /// Replace the table if it is there already, with what was typed into it
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    pub walk: WalkArgs,
}

/// Write the codes of a list to the recordings it names
///
/// The list is a table of any kind (.csv, .tsv, .xlsx, .jsonl, columns of text), a cue sheet or a .toc. A row finds its
/// file by path, else file name, else track number and title, and goes to all formats of that recording. What a row says
/// must agree with what the file says in its tags and its name. If one row does not fit, nothing is written and the
/// report says why; --partial writes the rows that are certain. Like `set` it replaces a different valid code only with
/// --replace.
#[derive(Debug, Args)]
pub struct Apply {
    /// The list of codes
    #[arg(value_name = "LIST")]
    pub manifest: PathBuf,

    /// Files or folders that the rows may name; the folder of the list if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Which column is what, if the headings do not tell: isrc=C,title=Name,file=-
    ///
    /// By its heading or its letter; `-` leaves a column out.
    #[arg(long, value_name = "C=NAME")]
    pub columns: Option<Columns>,

    /// The sheet of a workbook to read, where several hold codes
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub sheet: Option<String>,

    /// The encoding of a text, where its bytes do not tell: shift_jis, windows-1250
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub encoding: Option<EncodingName>,

    /// Give the codes to the tracks of one album in their order
    ///
    /// For codes alone. There must be as many as the album has tracks; --dry-run shows the pairs.
    #[arg(long, hide_short_help = true)]
    pub in_order: bool,

    /// Write nothing; status 0 if every file carries the listed code
    #[arg(long)]
    pub check: bool,

    /// Write the rows that are certain, and report the others
    #[arg(long)]
    pub partial: bool,

    /// Replace different valid codes
    #[arg(long)]
    pub replace: bool,

    #[command(flatten)]
    pub edit: WriteArgs,

    #[command(flatten)]
    pub walk: WalkArgs,
}

/// A text encoding by one of its usual names.
#[derive(Debug, Clone, Copy)]
pub struct EncodingName(pub Page);

impl FromStr for EncodingName {
    type Err = String;

    fn from_str(text: &str) -> Result<EncodingName, String> {
        let found = Page::for_label(text);
        let unknown = || {
            format!(
                "there is no encoding {text:?}\nhint: utf-8, utf-16le, windows-1252, windows-1250, windows-1251, shift_jis, \
                 euc-jp, gbk, big5, euc-kr, macintosh and ibm850 are usual ones"
            )
        };
        found.map(EncodingName).ok_or_else(unknown)
    }
}
