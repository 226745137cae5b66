//! One run of edits: what was decided for each file is carried out, and each is told in its turn.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{cut_off, cut_short, edit_report, hard_to_believe, open_session, options};
use crate::cli::LineFormat;
use crate::cli::edit::{EditArgs, WriteArgs};
use crate::commands::Surroundings;
use crate::commands::exit::Exit;
use crate::commands::progress::Progress;
use crate::commands::telling::Telling;
use crate::commands::walk::no_audio;
use crate::discover::{Found, Walk};
use crate::edit::journal::JournalError;
use crate::edit::prepare::preview;
use crate::edit::session::Session;
use crate::edit::{Account, EditError, Edited, Naming, Options, Outcome, Request};
use crate::format::{Located, Refusal};
use crate::plan::{Decision, Plan, Step, Wish, plan, with_axml};
use crate::recording::FileInfo;
use crate::report::edits::{Deed, EditSummary, EditedFile, Given, Unchanged};
use crate::scan::Observer as _;

/// Files that one call of the edit stage gets. Results are printed after each.
const CHUNK: usize = 1024;

/// A file that may be edited.
pub(in crate::commands) struct EditTarget {
    pub path: PathBuf,
    pub naming: Naming,
}

impl EditTarget {
    pub(in crate::commands) fn named(path: PathBuf) -> EditTarget {
        let naming = Naming::Among;
        EditTarget { path, naming }
    }

    /// The files that a person named to a command that is about them alone.
    pub(in crate::commands) fn all(files: Vec<PathBuf>) -> impl Iterator<Item = EditTarget> {
        let naming = if files.len() == 1 { Naming::Alone } else { Naming::Among };
        files.into_iter().map(move |path| EditTarget { path, naming })
    }

    fn is_claimed(&self) -> bool {
        self.naming != Naming::Unclaimed
    }
}

/// What was decided about files, by their numbers.
pub(in crate::commands) fn targets(
    files: &[FileInfo],
    decided: impl IntoIterator<Item = (usize, Decision)>,
) -> Vec<(EditTarget, Decision)> {
    let decided = decided.into_iter();
    let target = |file: usize| EditTarget::named(files[file].path.clone());
    decided.map(|(file, decision)| (target(file), decision)).collect()
}

/// The same wish for whatever a walk found; a path that could not be walked has failed.
pub(in crate::commands) fn decided(found: Found, wish: Wish) -> (EditTarget, Decision) {
    match found {
        Found::Named(path) => (EditTarget::named(path), Decision::Wish(wish)),
        Found::Audio(path) => {
            let naming = Naming::Claimed;
            (EditTarget { path, naming }, Decision::Wish(wish))
        }
        Found::Unclaimed(path) => {
            let naming = Naming::Unclaimed;
            (EditTarget { path, naming }, Decision::Wish(wish))
        }
        Found::Unwalkable { path, error, .. } => (EditTarget::named(path), Decision::Fail(error.to_string())),
    }
}

/// How it ends for a file that does not reach the edit stage, and why it stays as it is.
fn left(decision: &Decision) -> (Outcome, &str) {
    match decision {
        Decision::Wish(_) => (Outcome::NotReached, ""),
        Decision::Because(_, why) => (Outcome::NotReached, why),
        Decision::Leave(why) => (Outcome::Unchanged, why),
        Decision::Refuse(why) => (Outcome::Refused(Refusal(why.clone().into())), ""),
        Decision::Fail(why) => (Outcome::Failed(EditError::Walk(why.clone())), ""),
    }
}

/// One run of edits: where it is written, and how it is told.
pub(in crate::commands) struct Run<'a> {
    /// None for a dry run.
    session: Option<Session>,
    options: Options,
    report: Telling<'a>,
    surroundings: &'a Surroundings,
    /// Where the targets come from, to tell how many are left.
    pub(super) walk: Option<Walk>,
    /// WAV files get the EBU element too.
    axml: bool,
    given: Option<Given>,
    /// What was said of codes that are hard to believe.
    doubted: BTreeSet<(String, String)>,
    /// What was left out by the look before the run, for those who read the report alone.
    left_out: Vec<(EditTarget, Decision)>,
}

impl<'a> Run<'a> {
    /// Opens the journal, unless it is a dry run, and settles what interrupted runs left.
    pub(in crate::commands) fn open(
        edit: &EditArgs,
        surroundings: &'a Surroundings,
        unchanged: Unchanged,
    ) -> anyhow::Result<Run<'a>> {
        let EditArgs {
            dry_run,
            in_place: _,
            preserve_mtime: _,
            format,
        } = edit;
        let options = options(edit);
        let session = match dry_run {
            true => None,
            false => Some(open_session(options, surroundings)?),
        };
        let unchanged = if surroundings.verbose {
            Unchanged::List
        } else {
            unchanged
        };
        let failed = |(path, reason)| (EditTarget::named(path), Decision::Fail(reason));
        let left_out = match format {
            LineFormat::Jsonl => surroundings.seen.take_left_out(),
            // People were told already.
            LineFormat::Text => Vec::new(),
        };
        Ok(Run {
            left_out: left_out.into_iter().map(failed).collect(),
            session,
            options,
            report: Telling::new(edit_report(*format, surroundings, unchanged, Deed::Write)),
            surroundings,
            walk: None,
            axml: false,
            given: None,
            doubted: BTreeSet::new(),
        })
    }

    /// The same for a command that writes codes.
    pub(in crate::commands) fn writing(
        edit: &WriteArgs,
        surroundings: &'a Surroundings,
        unchanged: Unchanged,
    ) -> anyhow::Result<Run<'a>> {
        let WriteArgs { how, axml } = edit;
        let run = Run::open(how, surroundings, unchanged)?;
        Ok(Run { axml: *axml, ..run })
    }

    /// For codes that the ledger gave out.
    pub(in crate::commands) fn giving(self, given: Given) -> Run<'a> {
        Run {
            given: Some(given),
            ..self
        }
    }

    /// For paths that are absolute, whatever the user typed.
    pub(in crate::commands) fn told_relative(self) -> Run<'a> {
        Run {
            report: self.report.relative(),
            ..self
        }
    }

    /// Carries out what was decided for every file, and tells each in its turn.
    pub(in crate::commands) fn carry_out(
        mut self,
        decided: impl IntoIterator<Item = (EditTarget, Decision)>,
        ended: &mut dyn FnMut(&Path, &Outcome),
    ) -> anyhow::Result<Exit> {
        let mut decided = std::mem::take(&mut self.left_out).into_iter().chain(decided);
        let mut course = Course::default();
        course.summary.given = self.given;
        let progress = match &self.walk {
            Some(walk) => Progress::over(walk, self.surroundings),
            None => Progress::new(self.surroundings),
        };
        loop {
            let chunk: Vec<(EditTarget, Decision)> = decided.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            if self.surroundings.interrupted() {
                course.not_reached += chunk.iter().filter(|(target, _)| target.is_claimed()).count() as u64;
                break;
            }
            match self.edit(&chunk) {
                Ok(edited) => self.tell(chunk, edited, &mut course, ended),
                Err(error) if course.summary.written == 0 => return Err(error.into()),
                Err(error) => {
                    progress.finish();
                    course.exit = course.exit.max(cut_off(error, self.surroundings));
                    // The run is not to be recorded as finished.
                    self.session = None;
                    break;
                }
            }
            progress.inspected(course.summary.files);
        }
        progress.finish();
        self.end(course, decided)
    }

    /// Lets the edit stage carry out the wishes of a chunk: one result for each, in their order.
    fn edit(&mut self, chunk: &[(EditTarget, Decision)]) -> Result<Vec<Edited>, JournalError> {
        let this_year = self.surroundings.this_year;
        let account = match self.surroundings.verbose {
            true => Account::Full,
            false => Account::Short,
        };
        let request = |target: &EditTarget| Request {
            naming: target.naming,
            account,
            ..self.surroundings.seen.request(&target.path)
        };
        let (requests, wishes): (Vec<Request>, Vec<&Wish>) = chunk
            .iter()
            .filter_map(|(target, decision)| Some((request(target), decision.wish()?)))
            .unzip();
        let axml = self.axml;
        let planner = |number: usize, located: &Located| -> Plan {
            let planned = plan(located, wishes[number], this_year);
            match axml {
                true => with_axml(planned, located, wishes[number], this_year),
                false => planned,
            }
        };
        match &mut self.session {
            None => Ok(preview(&requests, &planner, self.options.in_place)),
            Some(session) => session.edit(&requests, &planner, &self.surroundings.stop),
        }
    }

    /// Tells what became of each file of a chunk.
    fn tell(
        &mut self,
        chunk: Vec<(EditTarget, Decision)>,
        edited: Vec<Edited>,
        course: &mut Course,
        ended: &mut dyn FnMut(&Path, &Outcome),
    ) {
        let mut edited = edited.into_iter();
        for (target, decision) in chunk {
            let (outcome, because) = left(&decision);
            let edited = match decision.wish() {
                Some(_) => edited.next().expect("one result for each request"),
                None => Edited::ended(outcome, None),
            };
            match edited.outcome {
                Outcome::NotReached => course.not_reached += u64::from(target.is_claimed()),
                Outcome::PassedOver => {}
                _ => {
                    let file = EditedFile::of(&edited, because, decision.wish(), self.surroundings.this_year);
                    course.summary.add(&edited.outcome);
                    ended(&target.path, &edited.outcome);
                    if matches!(edited.outcome, Outcome::Written | Outcome::Planned) {
                        self.tell_doubts(&edited.steps);
                    }
                    course.exit = course.exit.max(Exit::of(&edited.outcome));
                    if matches!(decision, Decision::Wish(Wish::Remove)) && !file.notes.is_empty() {
                        // A code is left in a place that is only read.
                        course.exit = course.exit.max(Exit::Findings);
                    }
                    self.report.file(&target.path, &file);
                }
            }
        }
    }

    /// Says which codes are written though they are hard to believe. What is doubtful of one is so of all of its prefix and
    /// year.
    fn tell_doubts(&mut self, steps: &[Step]) {
        for isrc in steps.iter().filter_map(|step| step.after) {
            let common = isrc.as_str()[..7].to_owned();
            if let Some((word, line)) = hard_to_believe(isrc, self.surroundings.this_year)
                && self.doubted.insert((common, word))
            {
                self.surroundings.talk(&line);
            }
        }
    }

    /// Closes the journal and the report; `rest` are the files that an interrupted run did not come to.
    fn end(self, course: Course, rest: impl Iterator<Item = (EditTarget, Decision)>) -> anyhow::Result<Exit> {
        let Course {
            summary,
            mut exit,
            not_reached,
        } = course;
        let run = match self.session.map(Session::finish) {
            Some(Ok(run)) => run.map(|run| run.0),
            Some(Err(error)) if summary.written == 0 => return Err(error.into()),
            Some(Err(error)) => {
                exit = exit.max(cut_off(error, self.surroundings));
                None
            }
            None => None,
        };
        exit = self.report.finish(&summary, run, exit, self.surroundings);
        if self.surroundings.interrupted() {
            let (rest, all) = counted(rest);
            return Ok(cut_short(not_reached + rest, all, self.surroundings));
        }
        match &self.walk {
            Some(walk) if summary.files == 0 => {
                self.surroundings.complain(&no_audio(walk));
                Ok(exit.max(Exit::Findings))
            }
            Some(_) | None => Ok(exit),
        }
    }
}

/// How far a run has come.
#[derive(Default)]
struct Course {
    summary: EditSummary,
    exit: Exit,
    /// Files that were not looked at since somebody interrupted the run.
    not_reached: u64,
}

/// Whether a count came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Counted {
    All,
    Some,
}

/// Counts the files that are left. A walk may go on for long, and whoever interrupts does not want to wait.
fn counted(rest: impl Iterator<Item = (EditTarget, Decision)>) -> (u64, Counted) {
    let begun = Instant::now();
    let mut files = 0;
    for (target, _) in rest {
        if begun.elapsed() > Duration::from_secs(2) {
            return (files, Counted::Some);
        }
        files += u64::from(target.is_claimed());
    }
    (files, Counted::All)
}
