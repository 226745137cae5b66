//! `isrctag fill`

use std::path::PathBuf;

use clap::Args;

use super::WalkArgs;
use super::edit::WriteArgs;

/// Give files the code of another file that is the same recording
///
/// The MP3 of a tagged FLAC has lost its code in the encoder: fill listens to both and writes it again. Files are
/// compared by their audio: lossless ones by their samples, others by ear; with --presumed also by number, title and
/// length where the audio does not tell. A version word that only one of two titles has (remaster, live, edit) is passed
/// over where their samples are equal, and never else. Where files of one recording carry different codes, nothing is
/// written and the candidates are named. As long as files remain without a code, the exit status is 1.
#[derive(Debug, Args)]
#[command(
    override_usage = "isrctag fill [OPTIONS] <PATH>... [--from <PATH>...]\n       isrctag fill [OPTIONS] --files-from <FILE> [--from <PATH>...]"
)]
pub struct FillArgs {
    /// Files or folders in which codes are missing
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Files, folders or indexes of scans that have the codes; the paths themselves if none is given
    ///
    /// A file that an index remembers is opened only if it has changed since, or to be heard.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub from: Vec<PathBuf>,

    /// Also where only number, title and length say that it is the same recording
    #[arg(long)]
    pub presumed: bool,

    #[command(flatten)]
    pub edit: WriteArgs,

    #[command(flatten)]
    pub walk: WalkArgs,
}
