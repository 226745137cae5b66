//! One self-contained HTML page, for people: totals, what to do, shared codes side by side, coverage by folder.
//!
//! The page loads nothing and works without scripts; a script inside adds search, filter and sorting. Rows are
//! rendered as they come and joined at the end. Invariant: text of files enters the page through maud's escaping
//! only, and the page's policy allows no script but the one that is hashed here.

use std::io::{self, Write};
use std::path::Path;

use super::advice::Asked;
use super::summary::{Summary, is_repairable};
use super::{Report, Shared, Since};
use crate::isrc::Isrc;
use crate::judge::{Severity, Task};
use crate::recording::evidence::Verdict;
use crate::scan::inspect::Inspected;
use folders::FolderCounts;
use rows::PageRows;

mod folder_table;
mod folders;
mod page;
mod rows;
mod task;

/// Findings beyond this are counted and no longer listed: no browser opens a page of them in reasonable time.
const LISTED: u64 = 100_000;

/// What a page says of its scan beside the findings.
#[derive(Debug, Clone)]
pub struct HtmlOptions {
    /// What the user asked for, for the commands that the page suggests.
    pub asked: Asked,
    /// What was scanned, as the page's heading names it.
    pub titles: Vec<String>,
    /// The calendar year in which codes are judged.
    pub this_year: u16,
    /// Nothing is listed but what is new since an earlier scan.
    pub only_new: bool,
    /// When the scan was made, as the page shows it.
    pub made: String,
}

/// Writes a scan as one HTML page, at its end.
pub struct HtmlReport<W> {
    out: W,
    options: HtmlOptions,
    content: PageContent,
}

/// What is known so far, rendered row by row.
#[derive(Default)]
struct PageContent {
    /// In the order of [`Task::ALL`].
    tasks: [PageRows; Task::ALL.len()],
    /// In the order of [`Verdict::ALL`].
    shared: [PageRows; Verdict::ALL.len()],
    folders: FolderCounts,
    since: Option<Since>,
    /// Findings that an earlier scan had not.
    new: PageRows,
    listed: u64,
    /// Findings that are not listed, since there are too many.
    left_out: u64,
}

impl<W: Write> HtmlReport<W> {
    pub fn new(out: W, options: HtmlOptions) -> HtmlReport<W> {
        HtmlReport {
            out,
            options,
            content: PageContent::default(),
        }
    }
}

impl PageContent {
    /// Whether `number` more rows are listed. Counts them either way.
    fn has_room(&mut self, number: u64) -> bool {
        let room = self.listed.saturating_add(number) <= LISTED;
        *(if room { &mut self.listed } else { &mut self.left_out }) += number;
        room
    }
}

impl<W: Write> Report for HtmlReport<W> {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        let content = &mut self.content;
        let judged = &file.judged;
        let findings = judged.findings.len() as u64;
        content.folders.add(path, judged.isrc, is_repairable(file), findings);
        if let Some(album) = &file.description.album {
            content.folders.name_album(album);
        }
        let only_new = self.options.only_new && content.since.is_some();
        if judged.findings.is_empty() && !only_new && content.has_room(1) {
            // Only `--all` sends files without a finding here.
            content.tasks[Task::Fine.index()].push(rows::fine(path, file));
        }
        for finding in judged.findings.iter().filter(|finding| finding.new || !only_new) {
            if content.has_room(1) {
                let row = rows::finding(path, file, finding, self.options.this_year);
                content.tasks[finding.task().index()].push(row);
                if finding.new {
                    content.new.push(rows::new(path, finding));
                }
            }
        }
        Ok(())
    }

    fn passed(&mut self, path: &Path, isrc: Option<Isrc>) {
        self.content.folders.add(path, isrc, false, 0);
    }

    fn counts_known(&self) -> bool {
        true
    }

    fn since(&mut self, since: &Since) -> io::Result<()> {
        self.content.since = Some(since.clone());
        Ok(())
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        let content = &mut self.content;
        let of_shared = shared.verdict();
        if of_shared.severity() > Severity::Info {
            for file in &shared.files {
                content.folders.add_finding(&file.path);
            }
        }
        let is_listed = shared.new || !self.options.only_new || content.since.is_none();
        if is_listed && content.has_room(shared.files.len() as u64) {
            content.shared[of_shared as usize].push(rows::shared(shared));
            if shared.new {
                content.new.push(rows::new_shared(shared));
            }
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let content = std::mem::take(&mut self.content);
        page::write(&mut self.out, summary, &self.options, content)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
