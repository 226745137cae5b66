//! One file of a scan with an index: as it was, by its stamp, or looked at again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::known::{Audio, Codes, Known};
use super::line::{self, read_file};
use super::{About, FileStamp, Unsteady};
use crate::bytes::source::Opener;
use crate::discover::Found;
use crate::judge::Finding;
use crate::scan::inspect::{Inspected, Inspection, held, inspect_found};

/// Such a share of the files that were seen before must differ in one thing alone, and be the same all the same, for the
/// drive to be said to make it up.
const UNSTEADY_SHARE: f64 = 0.5;

/// How files are looked at.
pub(super) struct LookAgain {
    pub inspection: Inspection,
    pub stop: Arc<AtomicBool>,
    /// None where there is no earlier index.
    pub before: Option<About>,
    /// Whether its stamps are believed.
    pub believes: bool,
}

/// A path that the walk came to, with what an earlier scan knew of it.
pub(super) type Walked = (Found, Option<Known>);

/// What became of one path.
pub(super) enum LineSource {
    PassedOver,
    /// It is as it was: its line is.
    Same,
    Read(Box<ReadAgain>),
}

/// A file that was opened.
pub(super) struct ReadAgain {
    /// For the next index.
    pub line: Vec<u8>,
    /// None of a file that is no audio.
    pub audio: Option<Audio>,
    /// None of a file that was not seen before.
    pub steadiness: Option<Steadiness>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Steadiness {
    Steady,
    /// It is the same file, and this alone of its stamp is another.
    MadeUp(Unsteady),
    Changed,
}

impl LookAgain {
    pub(super) fn see(&self, opener: &mut Opener, (found, known): &Walked) -> LineSource {
        if self.stop.load(Ordering::Relaxed) {
            return LineSource::PassedOver;
        }
        // Taken before the file is opened: whatever is written to it from now on shows in the next stamp.
        let stamp = match found {
            Found::Named(path) | Found::Audio(path) | Found::Unclaimed(path) => {
                opener.identity(path).ok().map(FileStamp::from)
            }
            Found::Unwalkable { .. } => None,
        };
        let is_same = |known: &Known| {
            let (Some(before), Some(now), Some(about)) = (known.stamp, stamp, &self.before) else {
                return false;
            };
            self.believes && before.is_of_same(&now, &about.left_out) && before.is_settled(about)
        };
        match known {
            Some(known) if is_same(known) => LineSource::Same,
            known => self.read(opener, found, stamp, known.as_ref()),
        }
    }

    /// Opens a file and inspects it.
    fn read(&self, opener: &mut Opener, found: &Found, stamp: Option<FileStamp>, known: Option<&Known>) -> LineSource {
        let inspected = inspect_found(opener, found, &self.inspection);
        match (inspected, stamp) {
            (Some(file), _) => self.told(found, &file, stamp, known),
            (None, Some(stamp)) => LineSource::Read(Box::new(ReadAgain {
                line: line::other(found.path(), stamp),
                audio: None,
                steadiness: None,
            })),
            (None, None) => LineSource::PassedOver,
        }
    }

    /// A file that the drive held for so long that it was given up.
    pub(super) fn held(&self, (found, known): &Walked, patience: Duration) -> LineSource {
        self.told(found, &held(patience), None, known.as_ref())
    }

    fn told(&self, found: &Found, file: &Inspected, stamp: Option<FileStamp>, known: Option<&Known>) -> LineSource {
        // What could not be opened today may be opened tomorrow, without any change of the file.
        let stamp = stamp.filter(|_| !file.is_out_of_reach);
        let line = |stamp| line::file(found, file, stamp, self.inspection.this_year);
        let findings = &file.judged.findings;
        let steadiness = known.map(|known| {
            let only = known
                .stamp
                .zip(stamp)
                .and_then(|(before, now)| before.only_difference(&now));
            match only {
                Some(only) if line(known.stamp) == *known.line => Steadiness::MadeUp(only),
                Some(_) | None => Steadiness::Changed,
            }
        });
        let codes = &file.judged.codes;
        let isrc = file.judged.isrc;
        LineSource::Read(Box::new(ReadAgain {
            line: line(stamp),
            audio: Some(Audio {
                codes: Codes {
                    isrc,
                    several: if codes[..] == *isrc.as_slice() {
                        Vec::new()
                    } else {
                        codes.clone()
                    },
                },
                kinds: findings.iter().map(|finding| (finding.kind, finding.repair)).collect(),
                new: match self.before {
                    Some(_) => new_findings(findings, known),
                    None => 0,
                },
            }),
            steadiness,
        }))
    }
}

/// One bit for each finding that an earlier scan had not; all of them for a file that it had not.
fn new_findings(findings: &[Finding], known: Option<&Known>) -> u64 {
    let before = known.and_then(|known| read_file(&known.line)).map(|(_, file)| file);
    let is_known = |finding: &Finding| {
        let before = before.iter().flat_map(|file: &Inspected| &file.judged.findings);
        let mut alike = before.filter(|known| known.kind == finding.kind && known.place == finding.place);
        alike.any(|known| known.reason == finding.reason)
    };
    let mut bits = 0;
    for (number, finding) in findings.iter().enumerate().take(64) {
        bits |= u64::from(!is_known(finding)) << number;
    }
    bits
}

/// How many files were seen before, and of how many a part of the stamp alone was another.
#[derive(Debug, Default)]
pub(super) struct Counts {
    seen: u64,
    inode: u64,
    ctime: u64,
}

impl Counts {
    pub(super) fn add(&mut self, seen: Option<Steadiness>) {
        self.seen += u64::from(seen.is_some());
        match seen {
            Some(Steadiness::MadeUp(Unsteady::Inode)) => self.inode += 1,
            Some(Steadiness::MadeUp(Unsteady::Ctime)) => self.ctime += 1,
            Some(Steadiness::Steady | Steadiness::Changed) | None => {}
        }
    }

    /// What the next scan does not compare.
    pub(super) fn left_out(&self, before: &[Unsteady]) -> Vec<Unsteady> {
        let mut left_out = before.to_vec();
        for (unsteady, count) in [(Unsteady::Inode, self.inode), (Unsteady::Ctime, self.ctime)] {
            if count >= 20 && count as f64 > self.seen as f64 * UNSTEADY_SHARE && !left_out.contains(&unsteady) {
                left_out.push(unsteady);
            }
        }
        left_out
    }
}
