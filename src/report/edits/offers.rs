//! What `assign` tells of the codes that it gives.

use std::path::{Path, PathBuf};

use crate::isrc::Isrc;
use crate::isrc::words::{count, thousands};
use crate::ledger::LedgerEntry;
use crate::ledger::prefix::Usage;
use crate::report::advice::shell_words;
use crate::report::answer::ledger::codes;
use crate::report::edits::Given;
use crate::report::terminal::printable;

/// A recording, by its first file, has a code in the ledger, as another file.
pub fn known(path: &Path, entry: &LedgerEntry) -> String {
    let title = entry.reference.description.title.as_deref();
    let title = title.unwrap_or(entry.isrc.as_str());
    let line = format!("{}: has the code of {title} in the ledger", path.to_string_lossy());
    printable(&line).into_owned()
}

/// A recording, by its files, is called like another one that has this code.
pub fn namesake(files: &[PathBuf], isrc: Isrc) -> String {
    let line = format!(
        "{}: {isrc} is given to this title by this artist already; if it is the same recording: isrctag set --replace {isrc} {}",
        files[0].to_string_lossy(),
        shell_words(files)
    );
    printable(&line).into_owned()
}

/// That a prefix is nearly full, from all of its ranges.
pub fn nearly_full(ranges: &[Usage]) -> Option<String> {
    let prefix = ranges.first()?.range.prefix();
    let left = Usage::nearly_none(ranges)?;
    Some(format!("{prefix} is nearly full: {} left", codes(left)))
}

/// "10 codes for 10 recordings in 30 files".
pub fn sum(Given { codes, recordings }: Given, files: usize) -> String {
    format!(
        "{} for {} in {}",
        count(codes, "code", "codes"),
        count(recordings, "recording", "recordings"),
        count(files as u64, "file", "files")
    )
}

pub fn all_have_one(files: usize) -> String {
    match files {
        1 => "The file has a code already.".to_owned(),
        files => format!("All {} files have a code already.", thousands(files as u64)),
    }
}
