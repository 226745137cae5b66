//! Renders data; decides nothing. One [`Report`] is one output format of a scan.

use std::io;
use std::path::{Path, PathBuf};

use crate::inspect::Inspected;
use crate::isrc::Isrc;
use crate::judge::shared::Verdict;
use crate::tags::Description;
use summary::Summary;

pub mod advice;
pub mod csv;
pub mod edits;
pub mod html;
pub mod jsonl;
pub mod summary;
pub mod terminal;
pub mod text;
pub mod xlsx;

/// What a scan tells, in walking order: files, then shared codes, then the totals.
pub trait Report {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()>;

    /// A file that is not listed, with its code: only counted, by reports that show how complete a folder is.
    fn passed(&mut self, _path: &Path, _isrc: Option<Isrc>) {}

    fn shared(&mut self, shared: &Shared) -> io::Result<()>;

    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// A code that several files carry, with its verdict.
#[derive(Debug, Clone)]
pub struct Shared {
    pub isrc: Isrc,
    pub verdict: Verdict,
    /// On what evidence, as a sentence without full stop.
    pub evidence: String,
    pub paths: Vec<PathBuf>,
    /// What the second reader says of each path, in the same order.
    pub about: Vec<Description>,
}
