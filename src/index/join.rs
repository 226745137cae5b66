//! One report from the JSON Lines of any number of scans: indexes, parts of a scan by many machines, or reports.
//!
//! The lines of all are merged in walking order, and codes that files of several share are found across them. Nothing is
//! held in memory but one number a file with a code. Invariant: parts joined in any order give what one scan gives.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use self::input::{Input, NextLine};
use self::remarks::remarks_on;
use super::line::read_file;
use super::lines::line_at;
use crate::bytes::source::{Links, ReadError};
use crate::discover::{RootOrder, order_below};
use crate::isrc::Isrc;
use crate::judge::shared::CodeIndex;
use crate::judge::{Kind, Listed, Task};
use crate::recording::FileInfo;
use crate::recording::part::Parted;
use crate::report::Report;
use crate::scan::{Outcome, headers, judge_shared};
use crate::system::paths::PathTable;

mod input;
mod remarks;

/// Why an input cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error("{path}")]
    Read {
        path: String,
        #[source]
        source: ReadError,
    },
    #[error("{path}")]
    Io {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("{path} is no scan in JSON Lines: line {line} is none that a scan writes")]
    Foreign { path: String, line: u64 },
    #[error("{path} does not end as a scan does: its last line is no summary\nhint: scan that part again")]
    CutShort { path: String },
    #[error("{path} counts {counted} files, and has lines of {read}\nhint: scan that part again")]
    Lost { path: String, counted: u64, read: u64 },
    #[error("cannot write the report")]
    Report(#[source] io::Error),
}

/// A file that carries a code, by the input and the place of its line; none where only a shared code names it.
type Origin = Option<(u32, u64)>;

/// Scans that are told as one.
#[derive(Debug)]
pub struct Scans {
    inputs: Vec<Input>,
    /// Reports that are there twice, each as a sentence without full stop.
    again: Vec<String>,
}

/// What the scans come to together.
#[derive(Debug, Clone)]
pub struct Joined {
    pub outcome: Outcome,
    /// Files that are in more than one of them.
    pub twice: u64,
    /// Whether each of them is an index. Where one is not, its totals count what others count too.
    pub are_indexes: bool,
    /// Reports that have no line for some of their files: codes that these share with files of other scans are not found.
    pub partly_named: Vec<PartlyNamed>,
}

/// A report without the files that are fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartlyNamed {
    pub path: String,
    pub named: u64,
    pub files: u64,
}

impl Scans {
    pub fn open(paths: &[PathBuf]) -> Result<Scans, JoinError> {
        let mut scans = Scans {
            inputs: Vec::new(),
            again: Vec::new(),
        };
        for path in paths {
            let input = Input::open(path)?;
            match scans.inputs.iter().find(|other| other.is_same(&input)) {
                Some(other) => scans.again.push(format!(
                    "{} is the same report as {}, and counts once",
                    input.path, other.path
                )),
                None => scans.inputs.push(input),
            }
        }
        Ok(scans)
    }

    /// What was scanned, as far as the scans say it.
    pub fn roots(&self) -> Vec<PathBuf> {
        let abouts = self.inputs.iter().filter_map(|input| input.about.as_ref());
        let mut taken = HashSet::new();
        let roots = abouts.flat_map(|about| &about.roots).filter(|root| taken.insert(*root));
        roots.map(PathBuf::from).collect()
    }

    /// Parts that are missing or there twice, and scans that do not belong together, each as a sentence without full stop.
    pub fn remarks(&self) -> Vec<String> {
        let remarks = remarks_on(&self.inputs).into_iter();
        remarks.chain(self.again.iter().cloned()).collect()
    }

    /// Tells one report of all of them.
    pub fn join(self, listing: &Listed, all: bool, report: &mut dyn Report) -> Result<Joined, JoinError> {
        let roots = RootOrder::of(&self.roots());
        let mut joining = Joining {
            named: self.named(&roots),
            roots,
            inputs: self.inputs,
            listing,
            all,
            table: PathTable::default(),
            origins: Vec::new(),
            codes: CodeIndex::default(),
            outcome: Outcome::default(),
            twice: 0,
        };
        for input in &mut joining.inputs {
            input.advance(&joining.roots)?;
        }
        let mut last = PathBuf::new();
        while let Some((number, path)) = joining.next() {
            let path = path.to_path_buf();
            let is_again = path == last;
            match number {
                None => joining.name(&path, is_again),
                Some(number) => {
                    joining.twice += u64::from(is_again);
                    if !is_again {
                        joining.tell(number, report)?;
                    }
                    joining.inputs[number].advance(&joining.roots)?;
                }
            }
            last = path;
        }
        joining.finish(report)
    }

    /// Files that groups on one code name, in walking order: a report without the files that are fine has no line for
    /// some of them.
    fn named(&self, roots: &RootOrder) -> VecDeque<Named> {
        let mut by_path: BTreeMap<&Path, Vec<Isrc>> = BTreeMap::new();
        for (path, isrc) in self.inputs.iter().flat_map(|input| &input.named) {
            by_path.entry(path).or_default().push(*isrc);
        }
        let named = |(path, isrcs): (&Path, _)| ((roots.number(path), path.to_path_buf()), isrcs);
        let mut named: Vec<Named> = by_path.into_iter().map(named).collect();
        named.sort_by(|(a, _), (b, _)| in_order(a, b));
        named.into()
    }
}

/// Where a file comes: the number of its root, and its path.
type Place = (usize, PathBuf);

/// A file that only a group names, with its codes.
type Named = (Place, Vec<Isrc>);

fn in_order(a: &Place, b: &Place) -> Ordering {
    a.0.cmp(&b.0).then_with(|| order_below(&a.1, &b.1))
}

/// The merge of all inputs.
struct Joining<'a> {
    inputs: Vec<Input>,
    roots: RootOrder,
    named: VecDeque<Named>,
    listing: &'a Listed,
    all: bool,
    table: PathTable,
    /// Of each file that carries a code, by its number.
    origins: Vec<Origin>,
    codes: CodeIndex,
    outcome: Outcome,
    twice: u64,
}

impl Joining<'_> {
    /// What comes next in walking order: a file of the input of this number, or one that only a group names. Of two with
    /// one path the line comes first.
    fn next(&self) -> Option<(Option<usize>, &Path)> {
        let heads = self.inputs.iter().enumerate();
        let lines = heads.filter_map(|(number, input)| Some((Some(number), &input.head.as_ref()?.place)));
        let named = self.named.front().map(|(place, _)| (None, place));
        let first = lines.chain(named).min_by(|(_, a), (_, b)| in_order(a, b));
        first.map(|(number, (_, path))| (number, path.as_path()))
    }

    /// A file that only a group names.
    fn name(&mut self, path: &Path, has_line: bool) {
        let Some((_, isrcs)) = self.named.pop_front() else {
            return;
        };
        if !has_line {
            self.carries(path, &isrcs, None);
        }
    }

    fn carries(&mut self, path: &Path, isrcs: &[Isrc], origin: Origin) {
        if !isrcs.is_empty() {
            let number = self.table.add(path);
            self.origins.push(origin);
            isrcs.iter().for_each(|isrc| self.codes.add(*isrc, number));
        }
    }

    /// Tells the file whose line is next in an input.
    fn tell(&mut self, number: usize, report: &mut dyn Report) -> Result<(), JoinError> {
        let input = &mut self.inputs[number];
        let Some(NextLine { at, .. }) = input.head.take() else {
            return Ok(());
        };
        let (path, mut file) = read_file(&input.lines.line).ok_or_else(|| input.foreign())?;
        match input.about.is_some() {
            true => self.outcome.summary.add_file(&file),
            false => self.outcome.summary.add_values_of(&file),
        }
        self.carries(&path, &file.judged.codes, Some((number as u32, at)));
        file.description.forget_audio();
        let findings = &mut file.judged.findings;
        self.outcome.unreadable |= findings.iter().any(|finding| finding.kind.info().fails);
        findings.retain(|finding| self.listing.has(finding.task()));
        for finding in findings.iter() {
            self.outcome.worst = self.outcome.worst.max(finding.kind.severity());
        }
        match findings.is_empty() && !self.all {
            true => {
                report.passed(&path, file.judged.isrc);
                Ok(())
            }
            false => report.file(&path, &file).map_err(JoinError::Report),
        }
    }

    /// Tells the codes that are shared across the inputs, and the end.
    fn finish(self, report: &mut dyn Report) -> Result<Joined, JoinError> {
        let Joining {
            inputs,
            listing,
            table,
            origins,
            codes,
            mut outcome,
            twice,
            ..
        } = self;
        for input in &inputs {
            if !input.has_end {
                let path = input.path.clone();
                return Err(JoinError::CutShort { path });
            }
            match (&input.about, &input.totals) {
                (None, Some(totals)) => outcome.summary.add_totals(totals),
                (Some(_), Some(totals)) if totals.files != input.read => {
                    let (path, counted, read) = (input.path.clone(), totals.files, input.read);
                    return Err(JoinError::Lost { path, counted, read });
                }
                (_, None) | (Some(_), Some(_)) => {}
            }
        }
        let uncompared = inputs.iter().filter_map(|input| input.totals.as_ref()?.uncompared);
        outcome.summary.uncompared = uncompared.reduce(|one, other| one + other);
        let are_indexes = inputs.iter().all(|input| input.about.is_some());
        let partly_named = inputs.iter().filter_map(|input| {
            let files = input.totals.as_ref()?.files;
            (input.read < files && inputs.len() > 1).then(|| PartlyNamed {
                path: input.path.clone(),
                named: input.read,
                files,
            })
        });
        let partly_named = partly_named.collect();
        let mut told = HashSet::new();
        for split in inputs.iter().flat_map(|input| &input.splits) {
            let files: Vec<&PathBuf> = split.files.iter().map(|(path, _)| path).collect();
            if !told.insert(files) {
                continue;
            }
            outcome.summary.split += split.files.len() as u64;
            if listing.has(Task::Agree) {
                outcome.worst = outcome.worst.max(Kind::Split.severity());
                report.split(split).map_err(JoinError::Report)?;
            }
        }
        let about = |number: u32| about(table.get(number), origins[number as usize], &inputs);
        let _never_stopped: ControlFlow<()> = judge_shared(codes.shared(), &about, None, &mut |group, mut shared| {
            let heard = heard(group.isrc, &shared.files, &inputs);
            shared.parted = heard.unwrap_or(shared.parted);
            let verdict = shared.verdict();
            outcome.summary.add_shared(group, verdict);
            if listing.has(Task::Part) {
                outcome.worst = outcome.worst.max(verdict.severity());
                report.shared(&shared)?;
            }
            Ok(())
        })
        .map_err(JoinError::Report)?;
        report.finish(&outcome.summary).map_err(JoinError::Report)?;
        Ok(Joined {
            outcome,
            twice,
            are_indexes,
            partly_named,
        })
    }
}

/// What the one scan that has all of these files made of them. It may have heard what headers do not say.
fn heard(isrc: Isrc, files: &[FileInfo], inputs: &[Input]) -> Option<Parted> {
    let mut parted = inputs.iter().filter_map(|input| input.parted(isrc, files));
    parted.next().filter(|first| parted.all(|other| other == *first))
}

/// What is known of a file: what its line says, and where that is not enough, what the file itself does.
fn about(path: PathBuf, origin: Origin, inputs: &[Input]) -> FileInfo {
    let line = origin.and_then(|(input, at)| line_at(&inputs[input as usize].file, at).ok());
    let known = line.and_then(|line| read_file(&line));
    match known {
        Some((path, file)) if file.description.duration.is_some() => FileInfo::of(&path, &file),
        Some((path, file)) => {
            let seen = headers(path.clone(), Links::Refuse);
            match seen.format {
                Some(_) => seen,
                None => FileInfo::of(&path, &file),
            }
        }
        None => headers(path, Links::Refuse),
    }
}
