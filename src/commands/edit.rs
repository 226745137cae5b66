//! `fix`, `set` and `remove`: wishes to plans, plans to edits, edits to lines.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;

use super::progress::Progress;
use super::telling::Telling;
use super::walk::{check_named, no_audio, walk_of};
use super::{Surroundings, state_folder};
use crate::cli::LineFormat;
use crate::cli::edit::{EditArgs, Fix, InPlace as InPlaceArg, Remove, WriteArgs};
use crate::discover::{Found, Walk, distinct};
use crate::edit::journal::JournalError;
use crate::edit::prepare::{Detail, preview};
use crate::edit::recover::{Ending as Settled, Recovered};
use crate::edit::session::Session;
use crate::edit::{
    Account, EditError, Edited as StageEdited, InPlace, LOCKED, Naming, Options, Outcome, Request, Times,
};
use crate::exit::Exit;
use crate::format::Located;
use crate::format::place::{Access, Place, Standing};
use crate::isrc::Isrc;
use crate::isrc::decode::{Class, decode};
use crate::isrc::normalise::normalise;
use crate::plan::{Misplaced, Plan, Wish, plan, with_axml};
use crate::report::edits::{
    Deed, EditReport, EditSummary, Edited, Ending, JsonlEdits, Stand, TextEdits, Told, Unchanged,
};
use crate::report::terminal::{count, printable, printable_lines};
use crate::scan::Observer as _;
use crate::source::ReadError;

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
        let this_year = self.surroundings.this_year;
        let account = match self.surroundings.verbose {
            true => Account::Full,
            false => Account::Short,
        };
        let mut decided = decided.into_iter();
        let mut summary = EditSummary::default();
        let mut exit = Exit::Fine;
        let mut not_reached = 0;
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
                not_reached += chunk.iter().filter(|(target, _)| !target.unclaimed).count() as u64;
                break;
            }
            let (requests, wishes): (Vec<Request>, Vec<Wish>) = chunk
                .iter()
                .filter_map(|(target, decision)| match decision {
                    Decision::Wish(wish) | Decision::Because(wish, _) => Some((
                        Request {
                            naming: target.naming,
                            account,
                            ..self.surroundings.seen.request(&target.path)
                        },
                        wish.clone(),
                    )),
                    Decision::Leave(..) => None,
                })
                .unzip();
            let axml = self.axml;
            let planner = |number: usize, located: &Located| -> Plan {
                let planned = plan(located, &wishes[number], this_year);
                match axml {
                    true => with_axml(planned, located, &wishes[number], this_year),
                    false => planned,
                }
            };
            let edited = match &mut self.session {
                None => preview(&requests, &planner, self.options.in_place, Detail::Steps),
                Some(session) => match session.edit(&requests, &planner, &self.surroundings.stop) {
                    Ok(edited) => edited,
                    Err(error) if summary.written == 0 => return Err(error.into()),
                    Err(error) => {
                        progress.finish();
                        exit = exit.max(cut_off(error, self.surroundings));
                        // The run is not to be recorded as finished.
                        self.session = None;
                        break;
                    }
                },
            };
            let mut edited = edited.into_iter();
            for (target, decision) in chunk {
                let Target {
                    path,
                    unclaimed,
                    naming: _,
                } = target;
                let is_removed = matches!(decision, Decision::Wish(Wish::Remove));
                let told = match decision {
                    Decision::Leave(ending, reason) => Some(Edited {
                        steps: Vec::new(),
                        stands: Vec::new(),
                        ending,
                        manner: None,
                        kept: None,
                        notes: Vec::new(),
                        reason,
                    }),
                    Decision::Wish(wish) => {
                        let edited = edited.next().expect("one result for each request");
                        not_reached += u64::from(matches!(edited.outcome, Outcome::NotReached) && !unclaimed);
                        told(edited, unclaimed, &wish, this_year)
                    }
                    Decision::Because(wish, reason) => {
                        let edited = edited.next().expect("one result for each request");
                        not_reached += u64::from(matches!(edited.outcome, Outcome::NotReached));
                        told(edited, unclaimed, &wish, this_year).map(|told| Edited { reason, ..told })
                    }
                };
                if let Some(told) = told {
                    summary.add(&told.ending);
                    ended(&path, &told.ending);
                    exit = exit.max(exit_of(&told.ending));
                    if is_removed && !told.notes.is_empty() {
                        // A code is left in a place that is only read.
                        exit = exit.max(Exit::Findings);
                    }
                    self.report.file(&path, &told);
                }
            }
            progress.inspected(summary.files);
        }
        progress.finish();
        let run = match self.session {
            Some(session) => match session.finish() {
                Ok(run) => run.map(|run| run.0),
                Err(error) if summary.written == 0 => return Err(error.into()),
                Err(error) => {
                    exit = exit.max(cut_off(error, self.surroundings));
                    None
                }
            },
            None => None,
        };
        exit = self.report.finish(&summary, run, exit, self.surroundings);
        match self.surroundings.interrupted() {
            true => {
                let (rest, all) = counted(decided);
                Ok(cut_short(not_reached + rest, all, self.surroundings))
            }
            false => match &self.walk {
                Some(walk) if summary.files == 0 => {
                    self.surroundings.complain(&no_audio(walk));
                    Ok(exit.max(Exit::Findings))
                }
                Some(_) | None => Ok(exit),
            },
        }
    }
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

pub(super) fn exit_of(ending: &Ending) -> Exit {
    match ending {
        Ending::Written | Ending::Planned | Ending::Unchanged => Exit::Fine,
        Ending::Refused(_) | Ending::Failed(_) => Exit::SomeFailed,
    }
}

/// The stage's outcome as it is told; none for a file that is no audio and never claimed to be.
fn told(edited: StageEdited, unclaimed: bool, wish: &Wish, this_year: u16) -> Option<Edited> {
    let StageEdited {
        outcome,
        steps,
        located,
        manner,
        kept,
        pieces: _,
    } = edited;
    if let Outcome::Failed(EditError::Read(ReadError::NotAudio | ReadError::Empty | ReadError::NotRegular)) = outcome
        && unclaimed
    {
        return None;
    }
    let ending = ending(outcome)?;
    let stands = match (&ending, &located) {
        (Ending::Unchanged | Ending::Refused(_), Some(located)) => stands(located),
        _ => Vec::new(),
    };
    let notes = match (&ending, located) {
        (Ending::Written | Ending::Planned | Ending::Unchanged, Some(located)) => notes(&located, wish, this_year),
        _ => Vec::new(),
    };
    Some(Edited {
        steps,
        stands,
        ending,
        manner,
        kept,
        notes,
        reason: String::new(),
    })
}

/// The values that an edit reaches, as they stand.
fn stands(located: &Located) -> Vec<Stand> {
    let places = located.places.iter().filter(|place| place.access == Access::Write);
    let stand = |place: &Place| Stand {
        place: place.name.to_string(),
        value: place.text.clone(),
    };
    places.map(stand).collect()
}

/// None for a file that was not reached.
pub(super) fn ending(outcome: Outcome) -> Option<Ending> {
    Some(match outcome {
        Outcome::Written => Ending::Written,
        Outcome::Planned => Ending::Planned,
        Outcome::Unchanged => Ending::Unchanged,
        Outcome::Refused(refusal) => Ending::Refused(refusal.to_string()),
        Outcome::Failed(error) => {
            let is_about_the_file = matches!(
                error,
                EditError::Read(
                    ReadError::CutShort { .. }
                        | ReadError::Damaged(_)
                        | ReadError::Empty
                        | ReadError::NotAudio
                        | ReadError::NotRegular
                        | ReadError::ParserPanicked
                )
            );
            let reason = format!("{:#}", anyhow::Error::from(error));
            match is_about_the_file {
                true => Ending::Refused(reason),
                false => Ending::Failed(reason),
            }
        }
        Outcome::NotReached => return None,
    })
}

/// The places that an edit only reads and that now say something else than the file does; and those that now hold the
/// code, but where other programs will not see it.
fn notes(located: &Located, wish: &Wish, this_year: u16) -> Vec<String> {
    let read_only = located.places.iter().filter(|place| place.access == Access::ReadOnly);
    let disagrees = |text: &str| match wish {
        Wish::Set(isrc, _) => decode(text, this_year).isrc != Some(*isrc),
        Wish::Remove => true,
        Wish::Fix(_) | Wish::SetTracks(..) => false,
    };
    let left_alone = read_only
        .filter(|place| disagrees(place.code()))
        .map(|place| format!("{} still says {}; it is left alone", place.name, place.text));
    let unseen = located.places.iter().filter_map(|place| match (place.standing, wish) {
        (Standing::Hidden(reason), Wish::Set(..) | Wish::Fix(_)) => Some(format!(
            "{} holds the code, but most other programs will not see it: {reason}",
            place.name
        )),
        _ => None,
    });
    left_alone.chain(unseen).collect()
}
