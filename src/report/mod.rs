//! Renders data; decides nothing. One [`Report`] is one output format of a scan.

use std::io;
use std::path::{Path, PathBuf};

use crate::inspect::Inspected;
use crate::isrc::Isrc;
use crate::judge;
use crate::judge::shared::Verdict;
use crate::tags::Description;
use summary::Summary;

pub mod advice;
pub mod csv;
pub mod edits;
mod fold;
pub mod html;
pub mod jsonl;
pub mod summary;
pub mod terminal;
pub mod text;
pub mod totals;
pub mod xlsx;

/// What a scan tells, in walking order: files, then shared codes, then the totals.
pub trait Report {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()>;

    /// A file that is not listed, with its code: only counted, by reports that show how complete a folder is.
    fn passed(&mut self, _path: &Path, _isrc: Option<Isrc>) {}

    fn shared(&mut self, shared: &Shared) -> io::Result<()>;

    /// One recording under several codes. Unless a format has its own way, each file is told with a finding.
    fn split(&mut self, split: &Split) -> io::Result<()> {
        for (path, isrc) in &split.files {
            self.file(path, &split.finding_on(*isrc))?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// One recording that stands in several files with different codes.
#[derive(Debug, Clone)]
pub struct Split {
    /// On what evidence, as a sentence without full stop.
    pub evidence: String,
    /// Each file with its code, in walking order.
    pub files: Vec<(PathBuf, Isrc)>,
}

impl Split {
    /// The different codes, in the order of their first file.
    pub fn codes(&self) -> Vec<Isrc> {
        let mut codes = Vec::new();
        for (_, isrc) in &self.files {
            if !codes.contains(isrc) {
                codes.push(*isrc);
            }
        }
        codes
    }

    fn finding_on(&self, isrc: Isrc) -> Inspected {
        let codes: Vec<String> = self.codes().iter().map(Isrc::to_string).collect();
        let reason = format!("one recording under {}: {}", codes.join(" and "), self.evidence);
        Inspected {
            judged: judge::split(isrc, reason),
            ..Inspected::default()
        }
    }
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
