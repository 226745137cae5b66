//! A scan: walk, inspect in parallel, report in walking order, then compare the codes of all files.
//!
//! Workers return values, which come back in walking order; only the caller's thread writes. Invariant: the report is
//! the same for any number of threads.

pub(crate) mod inspect;
pub(crate) mod listen;
pub(crate) mod read;

use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::audio::pcm::stated_samples;
use crate::bytes::source::{Links, Opener, Source, SourceFile};
use crate::discover::{Extension, Found, Walk};
use crate::format::Format;
use crate::format::tags::{self, Audio};
use crate::isrc::Isrc;
use crate::judge::shared::{CodeIndex, SharedGroup};
use crate::judge::{Kind, Listed, Severity, Task};
use crate::recording::FileInfo;
use crate::recording::evidence::{Belied, Headers, Verdict, weigh};
use crate::recording::group::{Recordings, joined};
use crate::recording::part::{Parted, part};
use crate::recording::side::Side;
use crate::report::summary::Summary;
use crate::report::{Report, Shared, Split};
use crate::scan::inspect::{Detail, Inspected, Inspection, description, held, inspect_found};
use crate::scan::listen::{Hearing, KnownPair, Listener, weakest};
use crate::system::in_flight::{Came, Effort, in_order, spread};
use crate::system::paths::PathTable;

/// Groups of files with one code that are judged at once.
const GROUPS: usize = 256;

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
    effort: Effort,
    inspection: &Inspection,
    listing: &Listed,
    report: &mut dyn Report,
    observer: &dyn Observer,
    listener: Option<&Listener>,
) -> io::Result<Outcome> {
    let mut told = ScanState {
        paths: PathTable::default(),
        codes: CodeIndex::default(),
        outcome: Outcome::default(),
        detail: inspection.detail,
        listing,
        report,
    };
    let links = walk.opening();
    let look = LookOnce {
        inspection: *inspection,
        stop: Arc::clone(effort.stop),
    };
    let looked = in_order(
        effort,
        walk.found(),
        move || Opener::new(links),
        move |opener, found| look.see(opener, found),
        |files, batch| {
            for (found, came) in files.iter().zip(batch) {
                let seen = match came {
                    Came::Back(seen) => seen,
                    Came::Held(patience) => ScanResult::Telling(Box::new(held(patience))),
                };
                if let Err(error) = told.add(found.path(), seen) {
                    return ControlFlow::Break(Err(error));
                }
            }
            observer.inspected(told.outcome.summary.files);
            if effort.stop.load(Ordering::Relaxed) {
                told.outcome.interrupted = Some(During::Looking);
                return ControlFlow::Break(Ok(()));
            }
            ControlFlow::Continue(())
        },
    );
    if let ControlFlow::Break(result) = looked {
        result?;
    }
    if told.outcome.interrupted.is_none() && told.compare(links, listener)?.is_break() {
        told.outcome.interrupted = Some(During::Listening);
    }
    let ScanState { outcome, report, .. } = told;
    report.finish(&outcome.summary)?;
    Ok(outcome)
}

/// What a scan has told so far, and what it remembers of it: the path of each file with a code.
struct ScanState<'a> {
    paths: PathTable,
    codes: CodeIndex,
    outcome: Outcome,
    detail: Detail,
    listing: &'a Listed,
    report: &'a mut dyn Report,
}

impl ScanState<'_> {
    fn add(&mut self, path: &Path, seen: ScanResult) -> io::Result<()> {
        match seen {
            ScanResult::PassedOver => Ok(()),
            ScanResult::Fine(isrc) => {
                self.outcome.summary.files += 1;
                self.outcome.summary.with_code += u64::from(isrc.is_some());
                if let Some(isrc) = isrc {
                    self.codes.add(isrc, self.paths.add(path));
                }
                self.report.passed(path, isrc);
                Ok(())
            }
            ScanResult::Telling(mut file) => {
                self.outcome.summary.add_file(&file);
                if !file.judged.codes.is_empty() {
                    let number = self.paths.add(path);
                    file.judged.codes.iter().for_each(|isrc| self.codes.add(*isrc, number));
                }
                tell(
                    path,
                    &mut file,
                    self.detail,
                    self.listing,
                    self.report,
                    &mut self.outcome,
                )
            }
        }
    }

    /// Compares the files that share a code, and those with several codes by ear. Whether it came to its end.
    fn compare(&mut self, links: Links, listener: Option<&Listener>) -> io::Result<ControlFlow<()>> {
        let ScanState {
            paths,
            codes,
            outcome,
            detail: _,
            listing,
            report,
        } = self;
        let coded = match listener {
            Some(_) => codes.coded_files(),
            None => Vec::new(),
        };
        let headers = |file: u32| headers(paths.get(file), links);
        let shared = std::mem::take(codes).shared();
        let judged = judge_shared(shared, &headers, listener, &mut |group, shared| {
            tell_group(group, &shared, listing, &mut **report, outcome)
        })?;
        match listener {
            Some(listener) if judged.is_continue() => {
                let judged = judge_split(&coded, paths, listener, &mut |split: Split| {
                    outcome.summary.split += split.files.len() as u64;
                    if listing.has(Task::Agree) {
                        outcome.worst = outcome.worst.max(Kind::Split.severity());
                        report.split(&split)?;
                    }
                    Ok(())
                })?;
                Ok(judged.map_continue(|uncompared| outcome.summary.uncompared = uncompared))
            }
            Some(_) | None => Ok(judged),
        }
    }
}

/// How the files of a scan are looked at.
struct LookOnce {
    inspection: Inspection,
    stop: Arc<AtomicBool>,
}

impl LookOnce {
    fn see(&self, opener: &mut Opener, found: &Found) -> ScanResult {
        if self.stop.load(Ordering::Relaxed) {
            return ScanResult::PassedOver;
        }
        let Some(file) = inspect_found(opener, found, &self.inspection) else {
            return ScanResult::PassedOver;
        };
        match self.inspection.detail {
            Detail::WithFindings if file.judged.findings.is_empty() => ScanResult::Fine(file.judged.isrc),
            Detail::WithFindings | Detail::All => ScanResult::Telling(Box::new(file)),
        }
    }
}

/// What a worker returns of one file. Files without a finding cost a few bytes.
enum ScanResult {
    PassedOver,
    Fine(Option<Isrc>),
    Telling(Box<Inspected>),
}

fn tell(
    path: &Path,
    file: &mut Inspected,
    detail: Detail,
    listing: &Listed,
    report: &mut dyn Report,
    outcome: &mut Outcome,
) -> io::Result<()> {
    let findings = &mut file.judged.findings;
    outcome.unreadable |= findings.iter().any(|finding| finding.kind.info().fails);
    findings.retain(|finding| listing.has(finding.task()));
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

fn tell_group(
    group: &SharedGroup,
    shared: &Shared,
    listing: &Listed,
    report: &mut dyn Report,
    outcome: &mut Outcome,
) -> io::Result<()> {
    let verdict = shared.verdict();
    outcome.summary.add_shared(group, verdict);
    if listing.has(Task::Part) {
        outcome.worst = outcome.worst.max(verdict.severity());
        report.shared(shared)?;
    }
    Ok(())
}

/// Judges the groups of files that share a code, and tells each. Whether it came to its end.
pub(crate) fn judge_shared(
    groups: Vec<SharedGroup>,
    headers: &(dyn Fn(u32) -> FileInfo + Sync),
    listener: Option<&Listener>,
    tell: &mut dyn FnMut(&SharedGroup, Shared) -> io::Result<()>,
) -> io::Result<ControlFlow<()>> {
    for groups in groups.chunks(GROUPS) {
        let carried: Vec<(Isrc, u32)> = groups
            .iter()
            .flat_map(|group| group.files.iter().map(|&file| (group.isrc, file)))
            .collect();
        let read = spread(0..carried.len(), |number| {
            let (isrc, file) = carried[number];
            FileInfo {
                isrc: Some(isrc),
                ..headers(file)
            }
        });
        let mut read = read.into_iter();
        let files: Vec<Vec<FileInfo>> = groups
            .iter()
            .map(|group| read.by_ref().take(group.files.len()).collect())
            .collect();
        let mut judged: Vec<(Vec<FileInfo>, Parted)> = files
            .into_par_iter()
            .map(|files| {
                let parted = part(&files, &[], &Headers);
                (files, parted)
            })
            .collect();
        if let Some(listener) = listener {
            let is_open = |parted: &Parted| parted.verdict() != Verdict::SameRecording;
            let open = judged.iter().filter(|(_, parted)| is_open(parted));
            listener
                .observer
                .begins(open.map(|(files, _)| files.len() as u64).sum());
            judged.par_iter_mut().for_each(|(files, parted)| {
                if is_open(parted) && !listener.is_stopped() {
                    *parted = Hearing::part(listener, files);
                }
            });
            if listener.is_stopped() {
                return Ok(ControlFlow::Break(()));
            }
        }
        for (group, (files, parted)) in groups.iter().zip(judged) {
            let isrc = group.isrc;
            let new = false;
            tell(
                group,
                Shared {
                    isrc,
                    files,
                    parted,
                    new,
                },
            )?;
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Finds recordings that are in several files under different codes. Where it came to its end, it says how many there may be
/// that could not be compared, unless nobody can tell.
pub(crate) fn judge_split(
    coded: &[(u32, Isrc)],
    paths: &PathTable,
    listener: &Listener,
    tell: &mut dyn FnMut(Split) -> io::Result<()>,
) -> io::Result<ControlFlow<(), Option<u64>>> {
    let files: Vec<PathBuf> = coded.iter().map(|(file, _)| paths.get(*file)).collect();
    let (mut pairs, unheard) = listener.same_pairs(&files);
    // What sounds the same is not one recording where a title or lossless samples say otherwise: a remaster has a code of its
    // own. Only then are the files opened once more.
    pairs.retain(|pair| {
        let (a, b) = pair.files;
        let is_one = || {
            let described = [a, b].map(|file| headers(files[file].clone(), listener.links));
            let sides = Side::all(&described);
            let known = KnownPair { pair: *pair, listener };
            weigh(&sides[0], &sides[1], &known).verdict == Verdict::SameRecording
        };
        coded[a].1 == coded[b].1 || is_one()
    });
    if listener.is_stopped() {
        return Ok(ControlFlow::Break(()));
    }
    let groups = joined(files.len(), pairs.iter().map(|pair| pair.files));
    let evidence = weakest(&groups, &pairs);
    for (group, evidence) in groups.iter().zip(evidence) {
        let split = Split {
            evidence: evidence.map(|pair| pair.evidence().to_string()).unwrap_or_default(),
            files: group
                .iter()
                .map(|&index| (files[index].clone(), coded[index].1))
                .collect(),
            new: false,
        };
        if split.codes().len() < 2 {
            continue;
        }
        tell(split)?;
    }
    let uncompared = uncompared(coded, &files, &groups, &unheard, listener);
    Ok(ControlFlow::Continue(uncompared))
}

/// So many files are held against each other by their names at most.
const MOST_NAMED: usize = 100_000;

/// How many recordings there are by number, title and length whose files have different codes, and one of which is `unheard`:
/// whether they are one, a person must say. Not those that are in one group of `same` by their samples. None where there are
/// too many files, or the listener was told to stop.
fn uncompared(
    coded: &[(u32, Isrc)],
    paths: &[PathBuf],
    same: &[Vec<usize>],
    unheard: &HashSet<PathBuf>,
    listener: &Listener,
) -> Option<u64> {
    if unheard.is_empty() {
        return Some(0);
    }
    if coded.len() > MOST_NAMED {
        return None;
    }
    let files = spread(0..coded.len(), |number| FileInfo {
        isrc: Some(coded[number].1),
        ..headers(paths[number].clone(), listener.links)
    });
    let groups = Recordings::of(&files, &[], &Belied(&Hearing::of(listener, &[]))).groups;
    let uncompared = groups.iter().filter(|group| {
        let together = group.together.as_ref().map(|together| together.verdict);
        let is_same = |same: &Vec<usize>| group.files.iter().all(|file| same.contains(file));
        together == Some(Verdict::PresumedSame)
            && group.codes.len() > 1
            && group.files.iter().any(|file| unheard.contains(&paths[*file]))
            && !same.iter().any(is_same)
    });
    let uncompared = uncompared.count() as u64;
    (!listener.is_stopped()).then_some(uncompared)
}

/// What the second reader says of a file. A file that cannot be read any more tells nothing.
pub(crate) fn headers(path: PathBuf, links: Links) -> FileInfo {
    let silent = FileInfo {
        path,
        ..FileInfo::default()
    };
    let Ok(file) = SourceFile::open(&silent.path, links) else {
        return silent;
    };
    // The beginning of the file, which all three readers want, is read once.
    let mut head = Source::new(&file);
    let Ok(glanced) = read::glance(&mut head, Extension::of(silent.path.as_os_str()).as_ref()) else {
        return silent;
    };
    let located = glanced.into_located();
    let opinion = match located.inflates {
        true => None,
        false => tags::opinion(&head, &located, Audio::Describe).ok(),
    };
    let mut description = description(opinion, &located);
    if located.format == Format::Flac {
        (description.flac_md5, description.flac_layout) = stated_samples(&head, &file);
    }
    FileInfo {
        format: Some(located.format),
        description,
        ..silent
    }
}
