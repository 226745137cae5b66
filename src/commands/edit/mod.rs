//! `fix`, `set` and `remove`: wishes to plans, plans to edits, edits to lines.

pub(in crate::commands) mod apply;
pub(in crate::commands) mod assign;
pub(in crate::commands) mod fill;
pub(in crate::commands) mod set;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;

use super::outcome::{exit_of, told};
use super::progress::Progress;
use super::telling::Telling;
use super::walk::{check_named, no_audio, walk_of};
use super::{Surroundings, state_folder};
use crate::cli::LineFormat;
use crate::cli::edit::{EditArgs, Fix, InPlace as InPlaceArg, Remove, WriteArgs};
use crate::commands::exit::Exit;
use crate::discover::{Found, Walk, distinct};
use crate::edit::journal::JournalError;
use crate::edit::prepare::{Detail, preview};
use crate::edit::recover::{Ending as Settled, Recovered};
use crate::edit::session::Session;
use crate::edit::{Account, Edited as StageEdited, InPlace, LOCKED, Naming, Options, Outcome, Request, Times};
use crate::format::Located;
use crate::isrc::Isrc;
use crate::isrc::decode::{Class, decode};
use crate::isrc::normalise::normalise;
use crate::plan::{Misplaced, Plan, Wish, plan, with_axml};
use crate::report::edits::{Deed, EditReport, EditSummary, Edited, Ending, JsonlEdits, TextEdits, Told, Unchanged};
use crate::report::terminal::{count, printable, printable_lines};
use crate::scan::Observer as _;

/// Files that one call of the edit stage gets. Results are printed after each.
const CHUNK: usize = 1024;

pub(super) fn fix(arguments: Fix, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Fix {
        paths,
        place,
        edit,
        walk,
    } = arguments;
    let walk = walk_of(paths, &walk)?;
    let misplaced = if place { Misplaced::Place } else { Misplaced::Leave };
    let mut run = Run::writing(&edit, surroundings, Unchanged::Count)?;
    surroundings.seen.walked(&walk);
    run.walk = Some(walk.clone());
    run.carry_out(
        walk.found().map(|found| decided(found, Wish::Fix(misplaced))),
        &mut ignore,
    )
}

pub(super) fn remove(arguments: Remove, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Remove { files, edit } = arguments;
    check_named(&files)?;
    let run = Run::open(&edit, surroundings, Unchanged::List)?;
    let targets = Target::all(distinct(files));
    run.carry_out(
        targets.map(|target| (target, Decision::Wish(Wish::Remove))),
        &mut ignore,
    )
}

/// For runs whose report is all that anybody hears of them.
pub(super) fn ignore(_path: &Path, _ending: &Ending) {}

/// The code that a user typed: in any spelling that loses nothing, and no placeholder unless forced.
pub(super) fn wished_code(text: &str, force: bool, this_year: u16) -> anyhow::Result<Isrc> {
    let decoded = decode(text, this_year);
    let shown = printable(text);
    match (decoded.class, decoded.isrc) {
        (_, Some(isrc)) => Ok(isrc),
        (Class::Placeholder, None) => match normalise(text) {
            Ok(normalised) if force => Ok(normalised.isrc),
            Ok(_) => bail!(
                "{shown} is a placeholder: {}\nhint: --force writes it all the same",
                decoded.reason.explain()
            ),
            Err(_) => bail!("{shown} is not a code: {}", decoded.reason.explain()),
        },
        (_, None) => match decoded.suggestions.first() {
            Some(guess) => bail!(
                "{shown} is not a code: {}\nhint: is it {guess}?",
                decoded.reason.explain()
            ),
            None => bail!("{shown} is not a code: {}", decoded.reason.explain()),
        },
    }
}

/// A file that may be edited.
pub(super) struct Target {
    pub path: PathBuf,
    /// Its name claims nothing, so it is passed over if it is no audio.
    pub unclaimed: bool,
    pub naming: Naming,
}

/// What is to become of one file.
pub(super) enum Decision {
    Wish(Wish),
    /// The same, and what is told of it where it is done.
    Because(Wish, String),
    /// It does not reach the edit stage: it is told as ended already, with the reason where the ending has none.
    Leave(Ending, String),
}

impl Decision {
    fn wish(&self) -> Option<&Wish> {
        match self {
            Decision::Wish(wish) | Decision::Because(wish, _) => Some(wish),
            Decision::Leave(..) => None,
        }
    }

    /// What is told of a file that does not reach the edit stage.
    fn left(&self) -> Option<Edited> {
        let Decision::Leave(ending, reason) = self else {
            return None;
        };
        Some(Edited {
            steps: Vec::new(),
            stands: Vec::new(),
            ending: ending.clone(),
            manner: None,
            kept: None,
            notes: Vec::new(),
            reason: reason.clone(),
        })
    }

    fn with_reason(&self, told: Edited) -> Edited {
        match self {
            Decision::Because(_, reason) => Edited {
                reason: reason.clone(),
                ..told
            },
            Decision::Wish(_) | Decision::Leave(..) => told,
        }
    }
}

impl Target {
    pub(super) fn named(path: PathBuf) -> Target {
        Target {
            path,
            unclaimed: false,
            naming: Naming::Among,
        }
    }

    /// The files that a person named to a command that is about them alone.
    pub(super) fn all(files: Vec<PathBuf>) -> impl Iterator<Item = Target> {
        let naming = if files.len() == 1 { Naming::Alone } else { Naming::Among };
        files.into_iter().map(move |path| Target {
            naming,
            ..Target::named(path)
        })
    }
}

/// The same wish for whatever a walk found; a path that could not be walked has failed.
pub(super) fn decided(found: Found, wish: Wish) -> (Target, Decision) {
    match found {
        Found::Audio(path) => (Target::named(path), Decision::Wish(wish)),
        Found::Unclaimed(path) => {
            let target = Target {
                unclaimed: true,
                ..Target::named(path)
            };
            (target, Decision::Wish(wish))
        }
        Found::Unwalkable { path, error, .. } => {
            let failed = Decision::Leave(Ending::Failed(error.to_string()), String::new());
            (Target::named(path), failed)
        }
    }
}

/// One run of edits: where it is written, and how it is told.
pub(super) struct Run<'a> {
    /// None for a dry run.
    session: Option<Session>,
    options: Options,
    report: Telling<'a>,
    surroundings: &'a Surroundings,
    /// Where the targets come from, to tell how many are left.
    walk: Option<Walk>,
    /// WAV files get the EBU element too.
    axml: bool,
}

impl<'a> Run<'a> {
    /// Opens the journal, unless it is a dry run, and settles what interrupted runs left.
    pub(super) fn open(
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
        Ok(Run {
            session,
            options,
            report: Telling::new(edit_report(*format, surroundings, unchanged, Deed::Write)),
            surroundings,
            walk: None,
            axml: false,
        })
    }

    /// The same for a command that writes codes.
    pub(super) fn writing(
        edit: &WriteArgs,
        surroundings: &'a Surroundings,
        unchanged: Unchanged,
    ) -> anyhow::Result<Run<'a>> {
        let WriteArgs { how, axml } = edit;
        let run = Run::open(how, surroundings, unchanged)?;
        Ok(Run { axml: *axml, ..run })
    }

    /// For paths that are absolute, whatever the user typed.
    pub(super) fn told_relative(self) -> Run<'a> {
        Run {
            report: self.report.relative(),
            ..self
        }
    }

    /// Carries out what was decided for every file, and tells each in its turn.
    pub(super) fn carry_out(
        mut self,
        decided: impl IntoIterator<Item = (Target, Decision)>,
        ended: &mut dyn FnMut(&Path, &Ending),
    ) -> anyhow::Result<Exit> {
        let mut decided = decided.into_iter();
        let mut course = Course::default();
        let progress = match &self.walk {
            Some(walk) => Progress::over(walk, self.surroundings),
            None => Progress::new(self.surroundings),
        };
        loop {
            let chunk: Vec<(Target, Decision)> = decided.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            if self.surroundings.interrupted() {
                course.not_reached += chunk.iter().filter(|(target, _)| !target.unclaimed).count() as u64;
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
    fn edit(&mut self, chunk: &[(Target, Decision)]) -> Result<Vec<StageEdited>, JournalError> {
        let this_year = self.surroundings.this_year;
        let account = match self.surroundings.verbose {
            true => Account::Full,
            false => Account::Short,
        };
        let request = |target: &Target| Request {
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
            None => Ok(preview(&requests, &planner, self.options.in_place, Detail::Steps)),
            Some(session) => session.edit(&requests, &planner, &self.surroundings.stop),
        }
    }

    /// Tells what became of each file of a chunk.
    fn tell(
        &mut self,
        chunk: Vec<(Target, Decision)>,
        edited: Vec<StageEdited>,
        course: &mut Course,
        ended: &mut dyn FnMut(&Path, &Ending),
    ) {
        let mut edited = edited.into_iter();
        for (target, decision) in chunk {
            let told = match decision.wish() {
                None => decision.left(),
                Some(wish) => {
                    let edited = edited.next().expect("one result for each request");
                    let is_left = matches!(edited.outcome, Outcome::NotReached) && !target.unclaimed;
                    course.not_reached += u64::from(is_left);
                    told(edited, target.unclaimed, wish, self.surroundings.this_year)
                        .map(|told| decision.with_reason(told))
                }
            };
            let Some(told) = told else { continue };
            course.summary.add(&told.ending);
            ended(&target.path, &told.ending);
            course.exit = course.exit.max(exit_of(&told.ending));
            if matches!(decision, Decision::Wish(Wish::Remove)) && !told.notes.is_empty() {
                // A code is left in a place that is only read.
                course.exit = course.exit.max(Exit::Findings);
            }
            self.report.file(&target.path, &told);
        }
    }

    /// Closes the journal and the report; `rest` are the files that an interrupted run did not come to.
    fn end(self, course: Course, rest: impl Iterator<Item = (Target, Decision)>) -> anyhow::Result<Exit> {
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
pub(super) enum Counted {
    All,
    Some,
}

/// Counts the files that are left. A walk may go on for long, and whoever interrupts does not want to wait.
fn counted(rest: impl Iterator<Item = (Target, Decision)>) -> (u64, Counted) {
    let begun = Instant::now();
    let mut files = 0;
    for (target, _) in rest {
        if begun.elapsed() > Duration::from_secs(2) {
            return (files, Counted::Some);
        }
        files += u64::from(!target.unclaimed);
    }
    (files, Counted::All)
}

/// Says how much an interrupted run left.
pub(super) fn cut_short(not_reached: u64, counted: Counted, surroundings: &Surroundings) -> Exit {
    let files = count(not_reached, "file was", "files were");
    match counted {
        Counted::All if not_reached == 0 => {}
        Counted::All => surroundings.complain(&format!("interrupted: {files} not reached")),
        Counted::Some => surroundings.complain(&format!("interrupted: more than {files} not reached")),
    }
    Exit::Interrupted
}

pub(super) fn options(edit: &EditArgs) -> Options {
    Options {
        in_place: match edit.in_place {
            InPlaceArg::Auto => InPlace::Auto,
            InPlaceArg::Never => InPlace::Never,
        },
        times: if edit.preserve_mtime {
            Times::Preserve
        } else {
            Times::Update
        },
    }
}

pub(super) fn edit_report<'a>(
    format: LineFormat,
    surroundings: &Surroundings,
    unchanged: Unchanged,
    deed: Deed,
) -> Box<dyn EditReport + 'a> {
    match format {
        LineFormat::Jsonl => Box::new(JsonlEdits(surroundings.stdout())),
        LineFormat::Text => Box::new(TextEdits {
            out: surroundings.stdout(),
            colour: surroundings.colour,
            columns: surroundings.columns(),
            deed,
            unchanged,
            told: match (surroundings.quiet, surroundings.verbose) {
                (true, _) => Told::Failures,
                (false, true) => Told::ChangesAndManner,
                (false, false) => Told::Changes,
            },
        }),
    }
}

/// Opens the journal under the command line as typed, and tells what recovery did.
pub(super) fn open_session(options: Options, surroundings: &Surroundings) -> anyhow::Result<Session> {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let (session, recovered) = Session::open(&state_folder()?, options, &words.join(" "))?;
    // What is locked is most likely the work of another run at this moment; `recover` tells of it.
    let is_news = |recovered: &&Recovered| !matches!(recovered.ending, Settled::Held);
    for recovered in recovered.iter().filter(is_news) {
        surroundings.talk(&recovery_line(recovered));
    }
    Ok(session)
}

/// Tells of an error of the journal that came after files were written, so that the run cannot end as if none were.
pub(super) fn cut_off(error: JournalError, surroundings: &Surroundings) -> Exit {
    let error = anyhow::Error::from(error);
    let line = format!("isrctag: {error:#}\nhint: what was written is in the journal: isrctag log");
    surroundings.complain(&printable_lines(&line));
    Exit::SomeFailed
}

/// What recovery did about one file, for people.
pub(super) fn recovery_line(recovered: &Recovered) -> String {
    let Recovered { path, ending } = recovered;
    let name = path.to_string_lossy();
    let words = match ending {
        Settled::Finished => "an interrupted edit had been written whole".to_owned(),
        Settled::TakenBack => "an interrupted edit was taken back".to_owned(),
        Settled::Foreign => {
            "another program has written it since an edit was interrupted; it is left as it is".to_owned()
        }
        Settled::Held => format!("an interrupted edit is not settled: {LOCKED}"),
        Settled::Left(error) => format!("an interrupted edit could not be settled: {error}"),
    };
    format!("{}: {}", printable(&name), printable(&words))
}
