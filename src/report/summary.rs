//! The totals of a scan.

use serde::{Deserialize, Serialize};

use crate::isrc::decode::Repair;
use crate::isrc::words::{count, thousands};
use crate::judge::shared::SharedGroup;
use crate::judge::{Kind, Listed, Severity, Task};
use crate::recording::evidence::Verdict;
use crate::scan::inspect::Inspected;

/// Totals. Every kind counts files, however many findings of it a file has.
/// The names of the fields are JSON keys, which are a contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    pub files: u64,
    pub with_code: u64,
    pub missing: u64,
    pub malformed: u64,
    /// Of the malformed: files with a value that `fix` repairs.
    pub repairable: u64,
    #[serde(skip)]
    pub forms: Forms,
    /// Codes that two or more files carry, whatever the verdict.
    pub shared_codes: u64,
    pub shared_files: u64,
    /// Of the shared codes: those of one recording in several files, as it should be, presumed or sure.
    pub same_recordings: u64,
    /// Of the shared codes: those that several recordings carry.
    #[serde(skip)]
    pub different_recordings: u64,
    pub split: u64,
    pub conflicting: u64,
    pub misplaced: u64,
    pub suspicious: u64,
    pub unsupported: u64,
    pub unreadable: u64,
    /// Recordings by number, title and length whose files have different codes and could not be heard; none where nobody
    /// listened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncompared: Option<u64>,
    /// Files of an earlier scan, whose index is at hand, that are not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<u64>,
}

/// The malformed files by what their values need. A file may have values of several sorts, so each set of sorts is counted
/// by itself: bit 0 stands for [`Task::Repair`], bit 1 for [`Task::Mistyped`], bit 2 for [`Task::NoCode`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forms {
    files: [u64; 8],
    /// Of those with a code.
    with_code: [u64; 8],
    values: [u64; 3],
}

/// The bit of a task, if its findings are values.
fn form(task: Task) -> Option<usize> {
    [Task::Repair, Task::Mistyped, Task::NoCode]
        .iter()
        .position(|form| *form == task)
}

impl Forms {
    fn add(&mut self, has_code: bool, kinds: &[(Kind, Option<Repair>)]) {
        let mut set = 0;
        let tasks = kinds.iter().map(|(kind, repair)| Task::of(*kind, *repair));
        for bit in tasks.filter_map(form) {
            set |= 1 << bit;
            self.values[bit] += 1;
        }
        self.files[set] += 1;
        self.with_code[set] += u64::from(has_code);
    }

    /// Only the sorts that are listed.
    fn listed(&self, listed: &Listed) -> Forms {
        let is_listed = [Task::Repair, Task::Mistyped, Task::NoCode].map(|task| listed.has(task));
        let kept = (0..3).fold(0, |kept, bit| kept | usize::from(is_listed[bit]) << bit);
        let mut forms = Forms::default();
        for set in 0..8 {
            forms.files[set & kept] += self.files[set];
            forms.with_code[set & kept] += self.with_code[set];
        }
        forms.values = std::array::from_fn(|bit| if is_listed[bit] { self.values[bit] } else { 0 });
        forms
    }
}

impl Summary {
    pub fn add_file(&mut self, file: &Inspected) {
        self.add(file.judged.isrc.is_some(), &kinds_of(file));
    }

    /// Counts a file with findings of these kinds.
    pub fn add(&mut self, has_code: bool, kinds: &[(Kind, Option<Repair>)]) {
        self.files += 1;
        self.with_code += u64::from(has_code);
        for kind in Kind::ALL {
            if kinds.iter().any(|(found, _)| *found == kind) {
                *self.files_of(kind) += 1;
            }
        }
        self.forms.add(has_code, kinds);
        let can_be_repaired = |(kind, repair): &(Kind, Option<Repair>)| Task::of(*kind, *repair) == Task::Repair;
        self.repairable += u64::from(kinds.iter().any(can_be_repaired));
    }

    /// Counts the values of a file that the totals of another scan count already.
    pub fn add_values_of(&mut self, file: &Inspected) {
        self.forms.add(file.judged.isrc.is_some(), &kinds_of(file));
    }

    /// Adds what another scan counted of its files. Shared and split codes are counted across scans, and values one by one.
    pub fn add_totals(&mut self, other: &Summary) {
        self.files += other.files;
        self.with_code += other.with_code;
        self.repairable += other.repairable;
        for kind in Kind::ALL
            .into_iter()
            .filter(|kind| !matches!(kind, Kind::Shared | Kind::Split))
        {
            *self.files_of(kind) += other.of(kind);
        }
    }

    /// The same totals of what is listed alone.
    pub fn listed(&self, listed: &Listed) -> Summary {
        let mut summary = *self;
        if listed.is_all() {
            return summary;
        }
        for kind in Kind::ALL.into_iter().filter(|kind| !listed.has_any_of(*kind)) {
            *summary.files_of(kind) = 0;
        }
        summary.forms = self.forms.listed(listed);
        // No sort of value is left in the files of the empty set.
        let kept = &summary.forms.files[1..];
        summary.malformed = kept.iter().sum();
        summary.repairable = summary.of_task(Task::Repair);
        summary.uncompared = self.uncompared.filter(|_| listed.has(Task::Agree));
        if !listed.has(Task::Part) {
            (
                summary.shared_codes,
                summary.same_recordings,
                summary.different_recordings,
            ) = (0, 0, 0);
        }
        summary
    }

    /// Files with a finding of this task.
    pub fn of_task(&self, task: Task) -> u64 {
        match (form(task), task.info().kind) {
            (Some(bit), _) => (0..8)
                .filter(|set| set >> bit & 1 == 1)
                .map(|set| self.forms.files[set])
                .sum(),
            (None, Some(kind)) => self.of(kind),
            (None, None) => 0,
        }
    }

    /// Values that need this task, if its findings are values.
    pub fn values_of(&self, task: Task) -> Option<u64> {
        form(task).map(|bit| self.forms.values[bit])
    }

    /// Of those with a code: files with a value that `fix` repairs.
    pub fn to_repair(self) -> u64 {
        (0..8)
            .filter(|set| set & 1 == 1)
            .map(|set| self.forms.with_code[set])
            .sum()
    }

    pub fn add_shared(&mut self, group: &SharedGroup, verdict: Verdict) {
        self.shared_codes += 1;
        self.shared_files += group.files.len() as u64;
        self.same_recordings += u64::from(verdict.severity() == Severity::Info);
        self.different_recordings += u64::from(verdict == Verdict::DifferentRecordings);
    }

    /// How many files have a code, in one sentence without full stop.
    pub fn headline(&self) -> String {
        let Summary { files, with_code, .. } = *self;
        let have = match with_code {
            0 if files == 1 => "0 of 1 file has a code".to_owned(),
            1 => format!("1 of {} has a code", count(files, "file", "files")),
            _ => format!(
                "{} of {} have a code",
                thousands(with_code),
                count(files, "file", "files")
            ),
        };
        match self.to_repair() {
            0 => have,
            to_repair => format!(
                "{have}: {} in its stored form, {} that can be repaired",
                thousands(with_code - to_repair),
                thousands(to_repair)
            ),
        }
    }

    /// Whether nothing is left to do or to doubt: a code on several files of one recording is as it should be.
    pub fn is_fine(&self) -> bool {
        let is_fine = |kind| match kind {
            Kind::Shared => self.shared_codes == self.same_recordings,
            _ => self.of(kind) == 0,
        };
        self.files > 0 && self.uncompared.unwrap_or(0) == 0 && Kind::ALL.into_iter().all(is_fine)
    }

    /// The count of one kind.
    pub fn of(&self, kind: Kind) -> u64 {
        *{ *self }.files_of(kind)
    }

    fn files_of(&mut self, kind: Kind) -> &mut u64 {
        match kind {
            Kind::Missing => &mut self.missing,
            Kind::Malformed => &mut self.malformed,
            Kind::Shared => &mut self.shared_files,
            Kind::Split => &mut self.split,
            Kind::Conflicting => &mut self.conflicting,
            Kind::Misplaced => &mut self.misplaced,
            Kind::Suspicious => &mut self.suspicious,
            Kind::Unsupported => &mut self.unsupported,
            Kind::Unreadable => &mut self.unreadable,
        }
    }
}

fn kinds_of(file: &Inspected) -> Vec<(Kind, Option<Repair>)> {
    let findings = file.judged.findings.iter();
    findings.map(|finding| (finding.kind, finding.repair)).collect()
}

/// Whether `fix` repairs a value of the file.
pub fn is_repairable(file: &Inspected) -> bool {
    let mut findings = file.judged.findings.iter();
    findings.any(|finding| finding.task() == Task::Repair)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// So many files with a code, each with one value of these repairs.
    pub(crate) fn malformed(summary: &mut Summary, files: u64, repairs: &[Repair]) {
        let kinds: Vec<(Kind, Option<Repair>)> =
            repairs.iter().map(|repair| (Kind::Malformed, Some(*repair))).collect();
        (0..files).for_each(|_| summary.add(true, &kinds));
    }

    #[test]
    fn the_headline_tells_codes_in_their_stored_form_from_those_that_can_be_repaired() {
        check(
            61,
            43,
            7,
            "43 of 61 files have a code: 36 in its stored form, 7 that can be repaired",
        );
        check(3, 3, 0, "3 of 3 files have a code");
        check(1, 1, 0, "1 of 1 file has a code");
        check(1, 0, 0, "0 of 1 file has a code");
        check(
            30_000,
            1,
            1,
            "1 of 30,000 files has a code: 0 in its stored form, 1 that can be repaired",
        );
    }

    #[track_caller]
    fn check(files: u64, with_code: u64, to_repair: u64, expected: &str) {
        let mut summary = Summary {
            files: files - to_repair,
            with_code: with_code - to_repair,
            ..Summary::default()
        };
        malformed(&mut summary, to_repair, &[Repair::Safe]);
        assert_eq!(summary.headline(), expected);
    }

    #[test]
    fn values_of_several_sorts_in_one_file_are_told_apart_and_the_file_is_counted_once() {
        let mut summary = Summary::default();
        malformed(&mut summary, 2, &[Repair::Safe, Repair::Safe]);
        malformed(&mut summary, 1, &[Repair::Safe, Repair::Guess]);
        malformed(&mut summary, 1, &[Repair::None]);
        summary.add(false, &[(Kind::Missing, None)]);
        let counts = |summary: &Summary| {
            let of = [Task::Repair, Task::Mistyped, Task::NoCode].map(|task| summary.of_task(task));
            (
                summary.malformed,
                of,
                summary.repairable,
                summary.to_repair(),
                summary.missing,
            )
        };
        assert_eq!(counts(&summary), (4, [3, 1, 1], 3, 3, 1));
        assert_eq!(summary.values_of(Task::Repair), Some(5));
        let only = |words: &[&str]| {
            let only: Vec<_> = words.iter().map(|word| word.parse().unwrap()).collect();
            counts(&summary.listed(&Listed::of(&only, &[])))
        };
        assert_eq!(only(&["malformed:guess"]), (1, [0, 1, 0], 0, 0, 0));
        assert_eq!(only(&["malformed:safe", "malformed:guess"]), (3, [3, 1, 0], 3, 3, 0));
        assert_eq!(only(&["missing"]), (0, [0, 0, 0], 0, 0, 1));
        assert_eq!(summary.listed(&Listed::all()), summary);
    }
}
