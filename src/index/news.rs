//! What a scan with an index tells of groups of files, and writes of them for the next one.

use std::io;
use std::path::PathBuf;

use super::earlier::Earlier;
use super::known::seal;
use crate::judge::shared::SharedGroup;
use crate::judge::{Kind, Listed, Severity, Task};
use crate::recording::evidence::Verdict;
use crate::report::jsonl::JsonlReport;
use crate::report::{Report, Reports, Shared, Split, Wants};
use crate::scan::Outcome;

/// What is told and written of groups of files.
pub(super) struct News<'a, 'r> {
    pub listing: &'a Listed,
    pub this_year: u16,
    pub earlier: Option<&'a Earlier>,
    pub only_new: bool,
    pub reports: &'a mut Reports<'r>,
    pub outcome: &'a mut Outcome,
    /// The lines for the next index.
    pub told: Vec<u8>,
}

impl News<'_, '_> {
    /// Whether any report tells a group that an earlier scan told.
    pub fn wants_known(&self) -> bool {
        let mut reports = self.reports.0.iter();
        reports.any(|report| report.wants() == Wants::All && (!self.only_new || report.counts_known()))
    }

    /// A group was judged.
    pub fn judged(&mut self, group: &SharedGroup, mut shared: Shared) -> io::Result<()> {
        let verdict = shared.verdict();
        self.write(|report| report.shared(&shared))?;
        if let Some(earlier) = self.earlier {
            let paths: Vec<PathBuf> = shared.files.iter().map(|file| file.path.clone()).collect();
            shared.new = earlier.is_new_group(shared.isrc, &paths, verdict.severity().word());
        }
        self.count(group, verdict, shared.new);
        self.tell(Task::Part, shared.new, |report| report.shared(&shared))
    }

    pub fn count(&mut self, group: &SharedGroup, verdict: Verdict, new: bool) {
        self.outcome.summary.add_shared(group, verdict);
        self.complain(Task::Part, verdict.severity(), new);
    }

    /// A recording was heard under several codes.
    pub fn split(&mut self, mut split: Split) -> io::Result<()> {
        self.write(|report| report.split(&split))?;
        self.outcome.summary.split += split.files.len() as u64;
        split.new = self.earlier.is_some_and(|earlier| earlier.is_new_split(&split));
        self.complain(Task::Agree, Kind::Split.severity(), split.new);
        self.tell(Task::Agree, split.new, |report| report.split(&split))
    }

    fn complain(&mut self, task: Task, severity: Severity, new: bool) {
        if self.listing.has(task) && (new || !self.only_new) {
            self.outcome.worst = self.outcome.worst.max(severity);
        }
    }

    /// Writes a line for the next index, to which nothing is new.
    fn write(&mut self, tell: impl FnOnce(&mut JsonlReport<&mut Vec<u8>>) -> io::Result<()>) -> io::Result<()> {
        let mut line = Vec::new();
        tell(&mut JsonlReport::new(&mut line, self.this_year))?;
        seal(&mut line);
        self.told.extend(line);
        Ok(())
    }

    fn tell(
        &mut self,
        task: Task,
        new: bool,
        mut tell: impl FnMut(&mut dyn Report) -> io::Result<()>,
    ) -> io::Result<()> {
        let is_listed = self.listing.has(task);
        let wants = |report: &&mut Box<dyn Report + '_>| is_listed && (new || !self.only_new || report.counts_known());
        let mut reports = self.reports.0.iter_mut().filter(wants);
        reports.try_for_each(|report| tell(&mut **report))
    }
}
