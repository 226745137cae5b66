//! The totals of a scan.

use serde::Serialize;

use crate::inspect::Inspected;
use crate::isrc::decode::Repair;
use crate::judge::Kind;
use crate::judge::shared::{Group, Verdict};

/// Totals. Every kind counts files, however many findings of it a file has.
/// The names of the fields are JSON keys, which are a contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub files: u64,
    pub with_code: u64,
    pub missing: u64,
    pub malformed: u64,
    /// Of the malformed: files with a value that `fix` repairs.
    pub repairable: u64,
    /// Codes that two or more files carry, whatever the verdict.
    pub shared_codes: u64,
    pub shared_files: u64,
    /// Of the shared codes: those of one recording in several files, as it should be.
    pub same_recordings: u64,
    pub split: u64,
    pub conflicting: u64,
    pub misplaced: u64,
    pub suspicious: u64,
    pub unsupported: u64,
    pub unreadable: u64,
}

impl Summary {
    pub fn add_file(&mut self, file: &Inspected) {
        self.files += 1;
        self.with_code += u64::from(file.judged.isrc.is_some());
        for kind in Kind::ALL {
            if file.judged.findings.iter().any(|finding| finding.kind == kind) {
                *self.files_of(kind) += 1;
            }
        }
        let repairable = file
            .judged
            .findings
            .iter()
            .any(|finding| finding.repair == Some(Repair::Safe));
        self.repairable += u64::from(repairable);
    }

    pub fn add_shared(&mut self, group: &Group, verdict: Verdict) {
        self.shared_codes += 1;
        self.shared_files += group.files.len() as u64;
        self.same_recordings += u64::from(verdict == Verdict::SameRecording);
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
