//! A scan with an index: only files whose stamp has changed are opened.
//!
//! Walk, compare with the earlier index, write the next one; then tell from what was written.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::earlier::{Earlier, Known};
use super::line::{read_file, write_file, write_other};
use super::writer::{Lines, Writer};
use super::{About, Stamp, Unsteady};
use crate::discover::{Found, Walk};
use crate::in_flight::{Effort, in_order};
use crate::inspect::{Inspected, Inspection, inspect, inspect_unclaimed, unreadable};
use crate::isrc::Isrc;
use crate::isrc::decode::Repair;
use crate::judge::shared::CodeIndex;
use crate::judge::{Finding, Kind, Listed, Severity, Task};
use crate::listen::Listener;
use crate::paths::PathTable;
use crate::recording::FileInfo;
use crate::report::jsonl::{JsonlReport, write_indexed_summary};
use crate::report::summary::Summary;
use crate::report::{Order, Report, Reports, Shared, Since};
use crate::scan::{During, Observer, Outcome, judge_shared, judge_split};
use crate::source::{Links, Opener, ReadError};

/// Such a share of the files that were seen before must differ in one thing alone, and be the same all the same, for the
/// drive to be said to make it up.
const UNSTEADY_SHARE: f64 = 0.5;

/// What is scanned, and how.
pub struct Indexed<'a> {
    pub walk: &'a Walk,
    pub effort: Effort<'a>,
    /// The calendar year in which codes are judged.
    pub inspection: &'a Inspection,
    pub listing: &'a Listed,
    /// Whether files without a finding are listed too.
    pub all: bool,
    /// Only what is new is listed and counts.
    pub only_new: bool,
    pub listener: Option<&'a Listener>,
    pub observer: &'a dyn Observer,
}

/// What a scan with an index came to, beside its outcome.
#[derive(Debug)]
pub struct Indexing {
    pub outcome: Outcome,
    /// What the next index says of itself.
    pub about: About,
    /// The earlier index could not be used from some line on.
    pub is_broken: bool,
}

/// A line that is told in the report.
struct Telling {
    at: u64,
    /// One bit for each finding, from the lowest on.
    new: u64,
}

impl Indexed<'_> {
    /// Scans, writes the lines of the next index, and tells the report.
    pub fn scan(
        &self,
        mut earlier: Option<&mut Earlier>,
        mut about: About,
        since: Option<Since>,
        writer: &mut Writer,
        reports: &mut Reports<'_>,
    ) -> io::Result<Indexing> {
        let mut outcome = Outcome {
            summary: Summary::default(),
            worst: Severity::Info,
            unreadable: false,
            interrupted: None,
        };
        let mut paths = PathTable::default();
        let mut codes = CodeIndex::default();
        // Where the line of each file stands that has a code, by its number.
        let mut lines_of_coded: Vec<u64> = Vec::new();
        let mut telling: Vec<Telling> = Vec::new();
        let mut unsteady = Counts::default();
        let before = earlier.as_ref().map(|earlier| earlier.about.clone());
        let only_new = self.only_new && before.is_some();
        let look = Look {
            links: self.walk.opening(),
            inspection: self.inspection,
            stop: self.effort.stop,
            before: before.as_ref(),
        };
        let with_known = self.walk.found().map(|found| {
            let known = earlier
                .as_mut()
                .and_then(|earlier| earlier.known(found.path(), self.walk));
            (found, known)
        });
        let looked = in_order(
            self.effort.threads,
            with_known,
            |files| look.at(files),
            |batch| {
                for seen in batch {
                    let written = match &seen.line {
                        None => continue,
                        Some(line) => writer.line(line),
                    };
                    let at = match written {
                        Ok(at) => at,
                        Err(error) => return ControlFlow::Break(Err(error)),
                    };
                    unsteady.add(seen.unsteady);
                    let Some(audio) = seen.audio else { continue };
                    outcome.summary.add(audio.isrc.is_some(), &audio.kinds);
                    let is_unreadable = audio.kinds.iter().any(|(kind, _)| kind.info().fails);
                    outcome.unreadable |= is_unreadable && (!only_new || audio.new != 0);
                    if !audio.codes.is_empty() {
                        let number = paths.add(&seen.path);
                        lines_of_coded.push(at);
                        audio.codes.iter().for_each(|isrc| codes.add(*isrc, number));
                    }
                    let is_listed = audio
                        .kinds
                        .iter()
                        .any(|(kind, repair)| self.listing.has(Task::of(*kind, *repair)));
                    match self.all || is_listed {
                        true => telling.push(Telling { at, new: audio.new }),
                        false => reports.passed(&seen.path, audio.isrc),
                    }
                }
                self.observer.inspected(outcome.summary.files);
                match self.effort.stop.load(Ordering::Relaxed) {
                    true => ControlFlow::Break(Ok(())),
                    false => ControlFlow::Continue(()),
                }
            },
        );
        if let ControlFlow::Break(result) = looked {
            result?;
            outcome.interrupted = Some(During::Looking);
        }
        if let (Some(earlier), None) = (&mut earlier, outcome.interrupted) {
            earlier.finish(self.walk);
            outcome.summary.gone = Some(earlier.gone);
        }
        if let (Some(mut since), Some(earlier)) = (since, &earlier) {
            since.gone = earlier.gone;
            since.gone_paths.clone_from(&earlier.gone_paths);
            since.new = telling.iter().filter(|telling| telling.new != 0).count() as u64;
            reports.since(&since)?;
        }
        // Each wants its own order.
        for report in &mut reports.0 {
            self.tell(&telling, &writer.lines()?, &mut **report, &mut outcome)?;
        }
        let mut coded = Vec::new();
        if outcome.interrupted.is_none() {
            if self.listener.is_some() {
                coded = codes.coded_files();
            }
            self.tell_shared(
                codes,
                &paths,
                &lines_of_coded,
                earlier.as_deref(),
                writer,
                reports,
                &mut outcome,
            )?;
        }
        if let (Some(listener), None) = (self.listener, outcome.interrupted) {
            let mut lines = Vec::new();
            let judged = judge_split(&coded, &paths, listener, &mut |split| {
                JsonlReport::new(&mut lines, self.inspection.this_year).split(split)?;
                outcome.summary.split += split.files.len() as u64;
                if self.listing.has(Task::Agree) {
                    outcome.worst = outcome.worst.max(Kind::Split.severity());
                    reports.split(split)?;
                }
                Ok(())
            })?;
            writer.line(&lines)?;
            if judged.is_break() {
                outcome.interrupted = Some(During::Listening);
            }
        }
        about.left_out = unsteady.left_out(before.map(|before| before.left_out).unwrap_or_default());
        let mut line = Vec::new();
        write_indexed_summary(&mut line, &outcome.summary, &about)?;
        writer.line(&line)?;
        reports.finish(&outcome.summary)?;
        Ok(Indexing {
            outcome,
            about,
            is_broken: earlier.is_some_and(|earlier| earlier.is_broken),
        })
    }

    /// Tells the files that are listed, in the order that the report wants.
    fn tell(
        &self,
        telling: &[Telling],
        lines: &Lines<'_>,
        report: &mut dyn Report,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        let has_earlier = outcome.summary.gone.is_some();
        let mut tell = |telling: &Telling, wanted: &dyn Fn(&Finding) -> bool, report: &mut dyn Report| {
            let line = lines.read(telling.at)?;
            let (path, mut file) =
                read_file(&line).ok_or_else(|| io::Error::other("a line of the index cannot be read"))?;
            // A scan without an index does not ask for them.
            (file.description.duration, file.description.flac_md5) = (None, None);
            for (number, finding) in file.judged.findings.iter_mut().enumerate() {
                finding.new = number < 64 && telling.new >> number & 1 == 1;
            }
            let had_findings = !file.judged.findings.is_empty();
            file.judged
                .findings
                .retain(|finding| self.listing.has(finding.task()) && wanted(finding));
            for finding in &file.judged.findings {
                outcome.worst = outcome.worst.max(finding.kind.severity());
            }
            match file.judged.findings.is_empty() && (had_findings || !self.all) {
                true => {
                    report.passed(&path, file.judged.isrc);
                    Ok(())
                }
                false => report.file(&path, &file),
            }
        };
        let only_new = self.only_new && has_earlier;
        let is_new = |telling: &&Telling| telling.new != 0;
        match (only_new, report.order()) {
            (true, _) => telling
                .iter()
                .filter(is_new)
                .try_for_each(|telling| tell(telling, &|finding| finding.new, report)),
            (false, Order::NewFirst) if has_earlier => {
                telling
                    .iter()
                    .filter(is_new)
                    .try_for_each(|telling| tell(telling, &|finding| finding.new, report))?;
                report.known()?;
                telling
                    .iter()
                    .try_for_each(|telling| tell(telling, &|finding| !finding.new, report))
            }
            (false, Order::NewFirst | Order::Walking) => {
                telling.iter().try_for_each(|telling| tell(telling, &|_| true, report))
            }
        }
    }

    /// Judges the groups on one code, from the lines of their files, and tells them.
    #[expect(clippy::too_many_arguments, reason = "all that a scan has gathered")]
    fn tell_shared(
        &self,
        codes: CodeIndex,
        paths: &PathTable,
        lines_of_coded: &[u64],
        earlier: Option<&Earlier>,
        writer: &mut Writer,
        report: &mut dyn Report,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        let mut shared_lines = Vec::new();
        let lines = writer.lines()?;
        let headers = |number: u32| {
            let line = lines.read(lines_of_coded[number as usize]).unwrap_or_default();
            match read_file(&line) {
                Some((path, file)) => FileInfo::of(&path, &file),
                None => FileInfo {
                    path: paths.get(number),
                    ..FileInfo::default()
                },
            }
        };
        let judged = judge_shared(
            codes.shared(),
            &headers,
            self.listener,
            &mut |group, mut shared: Shared| {
                let verdict = shared.verdict();
                JsonlReport::new(&mut shared_lines, self.inspection.this_year).shared(&shared)?;
                outcome.summary.add_shared(group, verdict);
                if let Some(earlier) = earlier {
                    let paths: Vec<PathBuf> = shared.files.iter().map(|file| file.path.clone()).collect();
                    shared.new = earlier.is_new_group(shared.isrc, &paths, verdict.severity().word());
                }
                if self.listing.has(Task::Part) && (shared.new || !self.only_new || earlier.is_none()) {
                    outcome.worst = outcome.worst.max(verdict.severity());
                    report.shared(&shared)?;
                }
                Ok(())
            },
        )?;
        if judged.is_break() {
            outcome.interrupted = Some(During::Listening);
        }
        writer.line(&shared_lines)?;
        Ok(())
    }
}

/// How files are looked at.
struct Look<'a> {
    links: Links,
    inspection: &'a Inspection,
    stop: &'a AtomicBool,
    /// None where there is no earlier index.
    before: Option<&'a About>,
}

/// What a worker returns of one path.
struct Seen {
    path: PathBuf,
    /// For the next index; none for what is passed over.
    line: Option<Vec<u8>>,
    audio: Option<Audio>,
    /// Seen before: whether it is as it was, and what alone of its stamp is another.
    unsteady: Option<Steadiness>,
}

/// What is told and counted of an audio file.
struct Audio {
    isrc: Option<Isrc>,
    codes: Vec<Isrc>,
    kinds: Vec<(Kind, Option<Repair>)>,
    /// As in [`Telling`].
    new: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Steadiness {
    Steady,
    /// It is the same file, and this alone of its stamp is another.
    MadeUp(Unsteady),
    Changed,
}

impl Look<'_> {
    fn at(&self, files: Vec<(Found, Option<Known>)>) -> Vec<Seen> {
        let mut opener = Opener::new(self.links);
        let see = |(found, known)| self.see(&mut opener, found, known);
        files.into_iter().map(see).collect()
    }

    fn see(&self, opener: &mut Opener, found: Found, known: Option<Known>) -> Seen {
        let passed_over = |path| Seen {
            path,
            line: None,
            audio: None,
            unsteady: None,
        };
        if self.stop.load(Ordering::Relaxed) {
            return passed_over(found.path().to_path_buf());
        }
        // Taken before the file is opened: whatever is written to it from now on shows in the next stamp.
        let stamp = match &found {
            Found::Audio(path) | Found::Unclaimed(path) => opener.stamp(path).ok(),
            Found::Unwalkable { .. } => None,
        };
        let is_same = |known: &Known| {
            let (Some(before), Some(now), Some(about)) = (known.stamp, stamp, self.before) else {
                return false;
            };
            before.is_of_same(&now, &about.left_out) && before.is_settled(about)
        };
        match known {
            Some(known) if is_same(&known) => Seen::of_known(path_of(found), known),
            known => self.read(opener, found, stamp, known.as_ref()),
        }
    }

    /// Opens a file and inspects it.
    fn read(&self, opener: &mut Opener, found: Found, stamp: Option<Stamp>, known: Option<&Known>) -> Seen {
        let inspection = self.inspection;
        let inspected = match &found {
            Found::Audio(path) => Some(inspect(opener, path, inspection)),
            Found::Unclaimed(path) => inspect_unclaimed(opener, path, inspection),
            Found::Unwalkable { error, .. } => {
                let error = io::Error::new(error.kind(), error.to_string());
                Some(unreadable(&ReadError::Open(error)))
            }
        };
        let path = path_of(found);
        let mut line = Vec::new();
        let Some(file) = inspected else {
            if let Some(stamp) = stamp {
                write_other(&mut line, &path, stamp).expect("memory takes everything");
            }
            return Seen {
                line: Some(line),
                path,
                audio: None,
                unsteady: None,
            };
        };
        // What could not be opened today may be opened tomorrow, without any change of the file.
        let stamp = stamp.filter(|_| !file.is_out_of_reach);
        let write = |stamp| {
            let mut line = Vec::new();
            write_file(&mut line, &path, &file, stamp, inspection.this_year).expect("memory takes everything");
            line
        };
        let findings = &file.judged.findings;
        let new = match (self.before, known) {
            (None, _) => 0,
            (Some(_), known) => new_findings(findings, known),
        };
        let steadiness = known.map(|known| {
            let only = known
                .stamp
                .zip(stamp)
                .and_then(|(before, now)| before.only_difference(&now));
            match only {
                Some(only) if write(known.stamp) == known.line => Steadiness::MadeUp(only),
                Some(_) | None => Steadiness::Changed,
            }
        });
        Seen {
            line: Some(write(stamp)),
            audio: Some(Audio {
                isrc: file.judged.isrc,
                codes: file.judged.codes.clone(),
                kinds: findings.iter().map(|finding| (finding.kind, finding.repair)).collect(),
                new,
            }),
            path,
            unsteady: steadiness,
        }
    }
}

impl Seen {
    fn of_known(path: PathBuf, known: Known) -> Seen {
        let audio = known.is_audio.then_some(Audio {
            isrc: known.isrc,
            codes: known.codes,
            kinds: known.kinds,
            new: 0,
        });
        Seen {
            path,
            line: Some(known.line),
            audio,
            unsteady: Some(Steadiness::Steady),
        }
    }
}

fn path_of(found: Found) -> PathBuf {
    match found {
        Found::Audio(path) | Found::Unclaimed(path) | Found::Unwalkable { path, .. } => path,
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
struct Counts {
    seen: u64,
    inode: u64,
    ctime: u64,
}

impl Counts {
    fn add(&mut self, seen: Option<Steadiness>) {
        self.seen += u64::from(seen.is_some());
        match seen {
            Some(Steadiness::MadeUp(Unsteady::Inode)) => self.inode += 1,
            Some(Steadiness::MadeUp(Unsteady::Ctime)) => self.ctime += 1,
            Some(Steadiness::Steady | Steadiness::Changed) | None => {}
        }
    }

    /// What the next scan does not compare.
    fn left_out(&self, before: Vec<Unsteady>) -> Vec<Unsteady> {
        let mut left_out = before;
        for (unsteady, count) in [(Unsteady::Inode, self.inode), (Unsteady::Ctime, self.ctime)] {
            if count >= 20 && count as f64 > self.seen as f64 * UNSTEADY_SHARE && !left_out.contains(&unsteady) {
                left_out.push(unsteady);
            }
        }
        left_out
    }
}
