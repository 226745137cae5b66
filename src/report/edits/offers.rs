//! What `assign` tells of the codes that it gives.

use std::collections::BTreeSet;
use std::path::Path;

use crate::isrc::Isrc;
use crate::isrc::words::{count, thousands};
use crate::ledger::LedgerEntry;
use crate::ledger::prefix::Usage;
use crate::ledger::reserve::Offer;
use crate::recording::Group;
use crate::report::answer::ledger::codes;
use crate::report::terminal::printable;

/// A recording, by its first file, has a code in the ledger, as another file.
pub fn known(path: &Path, entry: &LedgerEntry) -> String {
    let title = entry.reference.description.title.as_deref();
    let title = title.unwrap_or(entry.isrc.as_str());
    let line = format!("{}: has the code of {title} in the ledger", path.to_string_lossy());
    printable(&line).into_owned()
}

/// A recording, by its first file, is called like another one that has this code.
pub fn namesake(path: &Path, isrc: Isrc) -> String {
    let line = format!(
        "{}: {isrc} is given to this title by this artist already; if it is the same recording: isrctag fill",
        path.to_string_lossy()
    );
    printable(&line).into_owned()
}

pub fn nearly_full(usage: &Usage) -> String {
    format!("{} is nearly full: {} left", usage.range.prefix(), codes(usage.left()))
}

/// "10 codes for 10 recordings in 30 files".
pub fn sum(offers: &[Offer], recordings: &[&Group]) -> String {
    let codes: BTreeSet<Isrc> = offers.iter().map(|offer| offer.isrc).collect();
    let files: usize = recordings.iter().map(|group| group.files.len()).sum();
    format!(
        "{} for {} in {}",
        count(codes.len() as u64, "code", "codes"),
        count(recordings.len() as u64, "recording", "recordings"),
        count(files as u64, "file", "files")
    )
}

pub fn all_have_one(files: usize) -> String {
    match files {
        1 => "The file has a code already.".to_owned(),
        files => format!("All {} files have a code already.", thousands(files as u64)),
    }
}
