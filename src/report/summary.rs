//! The totals of a scan.

use serde::{Deserialize, Serialize};

use super::terminal::{count, thousands};
use crate::inspect::Inspected;
use crate::isrc::decode::Repair;
use crate::judge::shared::Group;
use crate::judge::{Kind, Severity};
use crate::recording::evidence::Verdict;

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
    /// Of those with a code: files whose code `fix` writes in its stored form.
    #[serde(skip)]
    pub to_repair: u64,
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
    /// Files of an earlier scan, whose index is at hand, that are not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<u64>,
}

impl Summary {
    pub fn add_file(&mut self, file: &Inspected) {
        let findings = file.judged.findings.iter();
        let kinds: Vec<(Kind, Option<Repair>)> = findings.map(|finding| (finding.kind, finding.repair)).collect();
        self.add(file.judged.isrc.is_some(), &kinds);
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
        let is_repairable = kinds.iter().any(|(_, repair)| *repair == Some(Repair::Safe));
        self.repairable += u64::from(is_repairable);
        self.to_repair += u64::from(has_code && is_repairable);
    }

    /// Adds what another scan counted of its files. Shared codes are counted across scans.
    pub fn add_totals(&mut self, other: &Summary) {
        self.files += other.files;
        self.with_code += other.with_code;
        self.repairable += other.repairable;
        self.to_repair += other.to_repair;
        self.split += other.split;
        for kind in Kind::ALL
            .into_iter()
            .filter(|kind| !matches!(kind, Kind::Shared | Kind::Split))
        {
            *self.files_of(kind) += other.of(kind);
        }
    }

    pub fn add_shared(&mut self, group: &Group, verdict: Verdict) {
        self.shared_codes += 1;
        self.shared_files += group.files.len() as u64;
        self.same_recordings += u64::from(verdict.severity() == Severity::Info);
        self.different_recordings += u64::from(verdict == Verdict::DifferentRecordings);
    }

    /// How many files have a code, in one sentence without full stop.
    pub fn headline(&self) -> String {
        let Summary {
            files,
            with_code,
            to_repair,
            ..
        } = *self;
        let have = match with_code {
            0 if files == 1 => "0 of 1 file has a code".to_owned(),
            1 => format!("1 of {} has a code", count(files, "file", "files")),
            _ => format!(
                "{} of {} have a code",
                thousands(with_code),
                count(files, "file", "files")
            ),
        };
        match to_repair {
            0 => have,
            _ => format!(
                "{have}: {} well formed, {} to be repaired",
                thousands(with_code - to_repair),
                thousands(to_repair)
            ),
        }
    }

    /// Whether nothing is left to do: a code on several files of one recording is as it should be.
    pub fn is_fine(&self) -> bool {
        let is_fine = |kind| match kind {
            Kind::Shared => self.shared_codes == self.same_recordings,
            _ => self.of(kind) == 0,
        };
        self.files > 0 && Kind::ALL.into_iter().all(is_fine)
    }

    /// The count of one kind.
    pub fn of(&self, kind: Kind) -> u64 {
        *self.clone().files_of(kind)
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

/// Whether `fix` repairs a value of the file.
pub fn is_repairable(file: &Inspected) -> bool {
    let mut findings = file.judged.findings.iter();
    findings.any(|finding| finding.repair == Some(Repair::Safe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headline_tells_codes_that_stand_well_from_those_to_repair() {
        check(
            61,
            43,
            7,
            "43 of 61 files have a code: 36 well formed, 7 to be repaired",
        );
        check(3, 3, 0, "3 of 3 files have a code");
        check(1, 1, 0, "1 of 1 file has a code");
        check(1, 0, 0, "0 of 1 file has a code");
        check(
            30_000,
            1,
            1,
            "1 of 30,000 files has a code: 0 well formed, 1 to be repaired",
        );
    }

    #[track_caller]
    fn check(files: u64, with_code: u64, to_repair: u64, expected: &str) {
        let summary = Summary {
            files,
            with_code,
            to_repair,
            ..Summary::default()
        };
        assert_eq!(summary.headline(), expected);
    }
}
