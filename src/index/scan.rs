//! A scan with an index: only files whose stamp has changed are opened.
//!
//! Walk, compare with the earlier index, write the next one; then tell from what was written.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::About;
use super::earlier::Earlier;
use super::known::Audio;
use super::line::read_file;
use super::look::{Counts, LineSource, LookAgain, Steadiness, Walked};
use super::news::News;
use super::writer::{Writer, WrittenLines};
use crate::bytes::source::Opener;
use crate::discover::Walk;
use crate::judge::shared::{CodeIndex, SharedGroup};
use crate::judge::{Finding, Listed, Task};
use crate::recording::FileInfo;
use crate::report::jsonl::write_indexed_summary;
use crate::report::{FileOrder, Report, Reports, Since, Wants};
use crate::scan::inspect::Inspection;
use crate::scan::listen::Listener;
use crate::scan::{During, Observer, Outcome, judge_shared, judge_split};
use crate::system::in_flight::{Came, Effort, in_order};
use crate::system::paths::PathTable;

/// What is scanned, and how.
pub struct Indexed<'a> {
    pub walk: &'a Walk,
    pub effort: Effort<'a>,
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
struct ToTell {
    at: u64,
    /// One bit for each finding, from the lowest on.
    new: u64,
    /// It could not be read, or is not what it claims to be.
    fails: bool,
}

/// What a scan has gathered of its files.
struct Gathered {
    outcome: Outcome,
    /// Of the files with a code, by their number.
    paths: PathTable,
    /// Where the line of each of them is.
    lines: Vec<u64>,
    /// Whether it is the line that the earlier scan wrote.
    unchanged: Vec<bool>,
    codes: CodeIndex,
    telling: Vec<ToTell>,
    unsteady: Counts,
}

impl Indexed<'_> {
    /// Scans, writes the lines of the next index, and tells the report.
    pub fn scan(
        &self,
        mut earlier: Option<&mut Earlier>,
        about: About,
        since: Option<Since>,
        writer: &mut Writer,
        reports: &mut Reports<'_>,
    ) -> io::Result<Indexing> {
        let mut gathered = self.gather(earlier.as_deref_mut(), writer, reports)?;
        let outcome = &mut gathered.outcome;
        if let (Some(earlier), None) = (&mut earlier, outcome.interrupted) {
            earlier.finish();
            outcome.summary.gone = Some(earlier.gone);
        }
        if let (Some(mut since), Some(earlier)) = (since, &earlier) {
            since.gone = earlier.gone;
            since.gone_paths.clone_from(&earlier.gone_paths);
            since.new = gathered.telling.iter().filter(|telling| telling.new != 0).count() as u64;
            reports.since(&since)?;
        }
        // Each wants its own order.
        for report in reports.0.iter_mut().filter(|report| report.wants() != Wants::Nothing) {
            self.tell(&gathered.telling, &writer.lines()?, &mut **report, outcome)?;
        }
        if outcome.interrupted.is_none() {
            self.tell_groups(&mut gathered, earlier.as_deref(), writer, reports)?;
        }
        let Gathered { outcome, unsteady, .. } = gathered;
        let about = About {
            audio: self.listener.is_some(),
            left_out: unsteady.left_out(earlier.as_ref().map_or(&[], |earlier| &earlier.about.left_out)),
            ..about
        };
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

    /// Walks, looks at what has changed, and writes a line for each file.
    fn gather(
        &self,
        mut earlier: Option<&mut Earlier>,
        writer: &mut Writer,
        reports: &mut Reports<'_>,
    ) -> io::Result<Gathered> {
        let only_new = self.only_new && earlier.is_some();
        let links = self.walk.opening();
        let look = Arc::new(LookAgain {
            inspection: *self.inspection,
            stop: Arc::clone(self.effort.stop),
            before: earlier.as_ref().map(|earlier| earlier.about.clone()),
            believes: earlier.as_ref().is_some_and(|earlier| earlier.doubt.is_none()),
        });
        let mut gathered = Gathered {
            outcome: Outcome::default(),
            paths: PathTable::default(),
            lines: Vec::new(),
            unchanged: Vec::new(),
            codes: CodeIndex::default(),
            telling: Vec::new(),
            unsteady: Counts::default(),
        };
        let with_known = self.walk.found().map(|found| {
            let known = earlier.as_mut().and_then(|earlier| earlier.known(&found));
            (found, known)
        });
        let workers_look = Arc::clone(&look);
        let looked = in_order(
            self.effort,
            with_known,
            move || Opener::new(links),
            move |opener, walked: &Walked| workers_look.see(opener, walked),
            |files, batch| {
                for (walked, came) in files.iter().zip(batch) {
                    let seen = match came {
                        Came::Back(seen) => seen,
                        Came::Held(patience) => look.held(walked, patience),
                    };
                    if let Err(error) = self.add(walked, seen, only_new, &mut gathered, writer, reports) {
                        return ControlFlow::Break(Err(error));
                    }
                }
                self.observer.inspected(gathered.outcome.summary.files);
                match self.effort.stop.load(Ordering::Relaxed) {
                    true => ControlFlow::Break(Ok(())),
                    false => ControlFlow::Continue(()),
                }
            },
        );
        if let ControlFlow::Break(result) = looked {
            result?;
            gathered.outcome.interrupted = Some(During::Looking);
        }
        Ok(gathered)
    }

    /// Writes the line of one file, and takes note of what it says.
    fn add(
        &self,
        (found, known): &Walked,
        seen: LineSource,
        only_new: bool,
        gathered: &mut Gathered,
        writer: &mut Writer,
        reports: &mut Reports<'_>,
    ) -> io::Result<()> {
        let read;
        let (line, steadiness, audio) = match (&seen, known) {
            (LineSource::PassedOver, _) | (LineSource::Same, None) => return Ok(()),
            (LineSource::Same, Some(known)) => (&known.line[..], Some(Steadiness::Steady), known.audio.as_ref()),
            (LineSource::Read(file), _) => {
                read = file;
                (&read.line[..], read.steadiness, read.audio.as_ref())
            }
        };
        let at = writer.line(line)?;
        gathered.unsteady.add(steadiness);
        let Some(Audio { codes, kinds, new }) = audio else {
            return Ok(());
        };
        let new = *new;
        let outcome = &mut gathered.outcome;
        outcome.summary.add(codes.isrc.is_some(), kinds);
        let is_unreadable = kinds.iter().any(|(kind, _)| kind.info().fails);
        outcome.unreadable |= is_unreadable && (!only_new || new != 0);
        let path = found.path();
        let all = codes.all();
        if !all.is_empty() {
            let number = gathered.paths.add(path);
            gathered.lines.push(at);
            gathered.unchanged.push(matches!(seen, LineSource::Same));
            all.iter().for_each(|isrc| gathered.codes.add(*isrc, number));
        }
        let mut is_listed = false;
        for (number, (kind, repair)) in kinds.iter().enumerate() {
            if self.listing.has(Task::of(*kind, *repair)) {
                is_listed = true;
                if !only_new || is_new(new, number) {
                    outcome.worst = outcome.worst.max(kind.severity());
                }
            }
        }
        match self.all || is_listed {
            true => gathered.telling.push(ToTell {
                at,
                new,
                fails: is_unreadable,
            }),
            false => reports.passed(path, codes.isrc),
        }
        Ok(())
    }

    /// Tells the files that are listed, in the order that the report wants.
    fn tell(
        &self,
        telling: &[ToTell],
        lines: &WrittenLines<'_>,
        report: &mut dyn Report,
        outcome: &Outcome,
    ) -> io::Result<()> {
        let has_earlier = outcome.summary.gone.is_some();
        let only_new = self.only_new && has_earlier && !report.counts_known();
        // Gone through once, or once for what is new and once for what is known.
        let mut lines = lines.near();
        let mut tell = |telling: &ToTell, wanted: &dyn Fn(&Finding) -> bool, report: &mut dyn Report| {
            let line = lines.line(telling.at)?;
            let (path, mut file) =
                read_file(line).ok_or_else(|| io::Error::other("a line of the index cannot be read"))?;
            // A scan without an index does not ask for them.
            file.description.forget_audio();
            for (number, finding) in file.judged.findings.iter_mut().enumerate() {
                finding.new = is_new(telling.new, number);
            }
            let had_findings = !file.judged.findings.is_empty();
            file.judged
                .findings
                .retain(|finding| self.listing.has(finding.task()) && wanted(finding));
            match file.judged.findings.is_empty() && (had_findings || !self.all || only_new) {
                true => {
                    report.passed(&path, file.judged.isrc);
                    Ok(())
                }
                false => report.file(&path, &file),
            }
        };
        let wants_all = report.wants() == Wants::All;
        let mut telling = telling.iter().filter(|telling| wants_all || telling.fails);
        let has_new = |telling: &&ToTell| telling.new != 0;
        match (only_new, report.order()) {
            (true, _) => telling
                .filter(has_new)
                .try_for_each(|telling| tell(telling, &|finding| finding.new, report)),
            (false, FileOrder::NewFirst) if has_earlier => {
                telling
                    .clone()
                    .filter(has_new)
                    .try_for_each(|telling| tell(telling, &|finding| finding.new, report))?;
                report.known()?;
                telling.try_for_each(|telling| tell(telling, &|finding| !finding.new, report))
            }
            (false, FileOrder::NewFirst | FileOrder::Walking) => {
                telling.try_for_each(|telling| tell(telling, &|_| true, report))
            }
        }
    }

    /// Judges codes that several files carry, and recordings that several codes are on, from the lines of their files.
    fn tell_groups(
        &self,
        gathered: &mut Gathered,
        earlier: Option<&Earlier>,
        writer: &mut Writer,
        reports: &mut Reports<'_>,
    ) -> io::Result<()> {
        let coded = match self.listener {
            Some(_) => gathered.codes.coded_files(),
            None => Vec::new(),
        };
        let groups = std::mem::take(&mut gathered.codes).shared();
        let Gathered { outcome, paths, .. } = gathered;
        let lines = writer.lines()?;
        let headers = |number: u32| {
            let line = lines.read(gathered.lines[number as usize]).unwrap_or_default();
            match read_file(&line) {
                Some((path, file)) => FileInfo::of(&path, &file),
                None => FileInfo {
                    path: paths.get(number),
                    ..FileInfo::default()
                },
            }
        };
        let mut news = News {
            listing: self.listing,
            this_year: self.inspection.this_year,
            earlier,
            only_new: self.only_new && earlier.is_some(),
            reports,
            outcome,
            told: Vec::new(),
        };
        let may_be_copied = self.listener.is_none() && !news.wants_known();
        let known = |group: &SharedGroup| {
            let is_unchanged = may_be_copied && group.files.iter().all(|file| gathered.unchanged[*file as usize]);
            let files = group.files.iter().map(|file| paths.get(*file));
            earlier.filter(|_| is_unchanged)?.known_group(group.isrc, files)
        };
        let judge = |groups: Vec<SharedGroup>, news: &mut News| {
            judge_shared(groups, &headers, self.listener, &mut |group, shared| {
                news.judged(group, shared)
            })
        };
        let mut to_judge = Vec::new();
        for group in groups {
            match known(&group) {
                None => to_judge.push(group),
                Some((line, verdict)) => {
                    let _never_stopped = judge(std::mem::take(&mut to_judge), &mut news)?;
                    news.told.extend(line);
                    news.count(&group, verdict, false);
                }
            }
        }
        let mut judged = judge(to_judge, &mut news)?;
        if let (Some(listener), ControlFlow::Continue(())) = (self.listener, judged) {
            let split = judge_split(&coded, paths, listener, &mut |split| news.split(split))?;
            judged = split.map_continue(|uncompared| news.outcome.summary.uncompared = uncompared);
        }
        let told = news.told;
        if judged.is_break() {
            outcome.interrupted = Some(During::Listening);
        }
        writer.line(&told)?;
        Ok(())
    }
}

/// Whether the bit of a finding is set.
fn is_new(bits: u64, number: usize) -> bool {
    number < 64 && bits >> number & 1 == 1
}
