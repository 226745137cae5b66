//! A scan: walk, inspect in parallel, report in walking order, then compare the codes of all files.
//!
//! Files are taken by the chunk: while one chunk is inspected, the next one is listed. Workers return values; only
//! the caller's thread writes. Invariant: the report is the same for any number of threads.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::discover::{Found, Walk};
use crate::inspect::{Detail, Inspected, Inspection, inspect, inspect_unclaimed, unreadable};
use crate::isrc::Isrc;
use crate::judge::shared::{CodeIndex, Evidence, Group, Verdict, verdict};
use crate::judge::{Kind, Severity};
use crate::listen::{Listener, joined, weakest};
use crate::paths::PathTable;
use crate::read;
use crate::report::summary::Summary;
use crate::report::{Report, Shared, Split};
use crate::source::{Links, Opener, ReadError};
use crate::tags::{self, Audio, Description};

/// Files listed and inspected at once. Large enough to keep every thread busy, small enough to show results early.
const CHUNK: usize = 2048;

/// Where a core has more time than this for each file, the threads wait for the disk; files that are in the system's
/// cache take a tenth.
const COLD: Duration = Duration::from_micros(150);

/// What of a scan is listed.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Kinds whose findings are listed, and count for [`Outcome::worst`]. The totals count all kinds.
    pub kinds: Vec<Kind>,
}

/// Is told how far a scan is. Called from one thread.
pub trait Observer {
    fn inspected(&self, files: u64);
}

/// What a scan was at when it was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum During {
    Looking,
    /// Every file was looked at, but shared and split codes are not all judged.
    Listening,
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub summary: Summary,
    /// The gravest of the listed findings.
    pub worst: Severity,
    /// Some file could not be read, or is not what it claims to be, listed or not.
    pub unreadable: bool,
    pub interrupted: Option<During>,
}

/// Scans the files of `walk` and tells `report` everything that is listed.
pub fn scan(
    walk: &Walk,
    inspection: &Inspection,
    listing: &Listing,
    report: &mut dyn Report,
    observer: &dyn Observer,
    listener: Option<&Listener>,
    stop: &AtomicBool,
) -> io::Result<Outcome> {
    let mut found = walk.found();
    let mut paths = PathTable::default();
    let mut codes = CodeIndex::default();
    let mut outcome = Outcome {
        summary: Summary::default(),
        worst: Severity::Info,
        unreadable: false,
        interrupted: None,
    };
    let links = walk.opening();
    let opener = || Opener::new(links);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut disk = Disk::Unknown;
    let mut chunk: Vec<Found> = found.by_ref().take(CHUNK).collect();
    while !chunk.is_empty() {
        let (seen, next) = rayon::join(
            || {
                let begun = Instant::now();
                let seen = chunk
                    .par_iter()
                    .with_min_len(disk.run_of(chunk.len(), cores))
                    .map_init(opener, |opener, found| see(opener, found, inspection, stop))
                    .collect::<Vec<Seen>>();
                (seen, begun.elapsed())
            },
            || found.by_ref().take(CHUNK).collect::<Vec<Found>>(),
        );
        let (seen, taken) = seen;
        disk = Disk::of(taken, chunk.len(), cores);
        for (found, seen) in chunk.iter().zip(seen) {
            let path = found.path();
            match seen {
                Seen::PassedOver => {}
                Seen::Fine(isrc) => {
                    outcome.summary.files += 1;
                    outcome.summary.with_code += u64::from(isrc.is_some());
                    if let Some(isrc) = isrc {
                        codes.add(isrc, paths.add(path));
                    }
                    report.passed(path, isrc);
                }
                Seen::Telling(mut file) => {
                    outcome.summary.add_file(&file);
                    if !file.judged.codes.is_empty() {
                        let number = paths.add(path);
                        file.judged.codes.iter().for_each(|isrc| codes.add(*isrc, number));
                    }
                    tell(path, &mut file, inspection.detail, listing, report, &mut outcome)?;
                }
            }
        }
        observer.inspected(outcome.summary.files);
        if stop.load(Ordering::Relaxed) {
            outcome.interrupted = Some(During::Looking);
            break;
        }
        chunk = next;
    }
    if outcome.interrupted.is_none() {
        let coded = if listener.is_some() {
            codes.coded_files()
        } else {
            Vec::new()
        };
        let headers = |file: u32| description(&paths.get(file), links);
        tell_shared(
            codes.shared(),
            &paths,
            &headers,
            listener,
            listing,
            report,
            &mut outcome,
        )?;
        if let Some(listener) = listener
            && outcome.interrupted.is_none()
        {
            tell_split(&coded, &paths, listener, listing, report, &mut outcome)?;
        }
    }
    report.finish(&outcome.summary)?;
    Ok(outcome)
}

/// What the last chunk told of where the files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disk {
    Unknown,
    /// From memory: more threads than cores only get into each other's way.
    Cached,
    /// From a disk that can look for several files while the processor waits.
    Cold,
}

impl Disk {
    fn of(taken: Duration, files: usize, cores: usize) -> Disk {
        match taken * cores as u32 / files as u32 {
            each if each < COLD => Disk::Cached,
            _ => Disk::Cold,
        }
    }

    /// How many files in a row one thread takes at least. The files are halved as long as the halves are not smaller.
    fn run_of(self, files: usize, cores: usize) -> usize {
        match self {
            Disk::Cached => (files / cores.next_power_of_two()).max(1),
            Disk::Unknown | Disk::Cold => 1,
        }
    }
}

/// What a worker returns of one file. Files without a finding cost a few bytes.
enum Seen {
    PassedOver,
    Fine(Option<Isrc>),
    Telling(Box<Inspected>),
}

fn see(opener: &mut Opener, found: &Found, inspection: &Inspection, stop: &AtomicBool) -> Seen {
    if stop.load(Ordering::Relaxed) {
        return Seen::PassedOver;
    }
    let file = match found {
        Found::Audio(path) => inspect(opener, path, inspection),
        Found::Unclaimed(path) => match inspect_unclaimed(opener, path, inspection) {
            Some(file) => file,
            None => return Seen::PassedOver,
        },
        Found::Unwalkable { error, .. } => {
            let error = io::Error::new(error.kind(), error.to_string());
            unreadable(&ReadError::Open(error))
        }
    };
    match inspection.detail {
        Detail::WithFindings if file.judged.findings.is_empty() => Seen::Fine(file.judged.isrc),
        Detail::WithFindings | Detail::All => Seen::Telling(Box::new(file)),
    }
}

fn tell(
    path: &Path,
    file: &mut Inspected,
    detail: Detail,
    listing: &Listing,
    report: &mut dyn Report,
    outcome: &mut Outcome,
) -> io::Result<()> {
    let findings = &mut file.judged.findings;
    outcome.unreadable |= findings.iter().any(|finding| finding.kind == Kind::Unreadable);
    findings.retain(|finding| listing.kinds.contains(&finding.kind));
    for finding in findings.iter() {
        outcome.worst = outcome.worst.max(finding.kind.severity());
    }
    match detail {
        Detail::WithFindings if findings.is_empty() => {
            report.passed(path, file.judged.isrc);
            Ok(())
        }
        Detail::WithFindings | Detail::All => report.file(path, file),
    }
}

fn tell_shared(
    groups: Vec<Group>,
    paths: &PathTable,
    headers: &(dyn Fn(u32) -> Description + Sync),
    listener: Option<&Listener>,
    listing: &Listing,
    report: &mut dyn Report,
    outcome: &mut Outcome,
) -> io::Result<()> {
    for groups in groups.chunks(CHUNK) {
        let mut judged: Vec<(Verdict, String, Vec<Description>)> = groups
            .par_iter()
            .map(|group| {
                let about: Vec<Description> = group.files.par_iter().map(|&file| headers(file)).collect();
                let evidence: Vec<Evidence> = about.iter().map(evidence).collect();
                let (verdict, sentence) = verdict(&evidence);
                (verdict, sentence, about)
            })
            .collect();
        if let Some(listener) = listener {
            let open = groups
                .iter()
                .zip(&judged)
                .filter(|(_, judged)| judged.0 == Verdict::Undecided);
            listener
                .observer
                .begins(open.map(|(group, _)| Listener::heard_of(group.files.len())).sum());
            groups.par_iter().zip(&mut judged).for_each(|(group, judged)| {
                if judged.0 == Verdict::Undecided && !listener.is_stopped() {
                    let paths: Vec<PathBuf> = group.files.iter().map(|&file| paths.get(file)).collect();
                    (judged.0, judged.1) = listener.verdict(&paths);
                }
            });
            if listener.is_stopped() {
                outcome.interrupted = Some(During::Listening);
                return Ok(());
            }
        }
        for (group, (verdict, evidence, about)) in groups.iter().zip(judged) {
            outcome.summary.add_shared(group, verdict);
            if listing.kinds.contains(&Kind::Shared) {
                outcome.worst = outcome.worst.max(verdict.severity());
                report.shared(&Shared {
                    isrc: group.isrc,
                    verdict,
                    evidence,
                    paths: group.files.iter().map(|&file| paths.get(file)).collect(),
                    about,
                })?;
            }
        }
    }
    Ok(())
}

/// Finds recordings that stand in several files under different codes.
fn tell_split(
    coded: &[(u32, Isrc)],
    paths: &PathTable,
    listener: &Listener,
    listing: &Listing,
    report: &mut dyn Report,
    outcome: &mut Outcome,
) -> io::Result<()> {
    let files: Vec<PathBuf> = coded.iter().map(|(file, _)| paths.get(*file)).collect();
    let pairs = listener.same_pairs(&files);
    if listener.is_stopped() {
        outcome.interrupted = Some(During::Listening);
        return Ok(());
    }
    for group in joined(files.len(), pairs.iter().map(|pair| pair.files)) {
        let split = Split {
            evidence: weakest(&group, &pairs)
                .map(|pair| pair.comparison.to_string())
                .unwrap_or_default(),
            files: group
                .iter()
                .map(|&index| (files[index].clone(), coded[index].1))
                .collect(),
        };
        if split.codes().len() < 2 {
            continue;
        }
        outcome.summary.split += group.len() as u64;
        if listing.kinds.contains(&Kind::Split) {
            outcome.worst = outcome.worst.max(Kind::Split.severity());
            report.split(&split)?;
        }
    }
    Ok(())
}

/// What the second reader says of a file. A file that cannot be read any more tells nothing.
fn description(path: &Path, links: Links) -> Description {
    let Ok((file, located)) = read::read(path, links) else {
        return Description::default();
    };
    if located.inflates {
        return Description::default();
    }
    tags::opinion(&file, located.format, Audio::Describe)
        .map(|opinion| opinion.description)
        .unwrap_or_default()
}

/// What the headers of a file tell about its recording.
fn evidence(description: &Description) -> Evidence {
    Evidence {
        duration: description.duration,
        flac_md5: description.flac_md5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_memory_are_split_among_the_cores() {
        check(Disk::Cached, 2048, 2, 2);
        check(Disk::Cached, 2047, 2, 2);
        check(Disk::Cached, 2048, 3, 4);
        check(Disk::Cached, 2048, 1, 1);
        check(Disk::Cached, 1, 16, 1);
        check(Disk::Cold, 64, 2, 64);
    }

    #[track_caller]
    fn check(disk: Disk, files: usize, cores: usize, parts: usize) {
        // Rayon's rule: a part is halved if both halves are long enough.
        fn split(files: usize, least: usize) -> usize {
            match files / 2 >= least {
                true => split(files / 2, least) + split(files - files / 2, least),
                false => 1,
            }
        }
        assert_eq!(split(files, disk.run_of(files, cores)), parts);
    }

    #[test]
    fn slow_files_come_from_a_cold_disk() {
        let second = Duration::from_secs(1);
        assert_eq!(Disk::of(second, 100_000, 2), Disk::Cached);
        assert_eq!(Disk::of(second, 1000, 2), Disk::Cold);
    }
}
