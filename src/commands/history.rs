//! `undo`, `log` and `recover`: what the journal knows.

use std::io::Write;

use serde::Serialize;

use super::edit::{Counted, cut_off, cut_short, edit_report, ending, exit_of, open_session, options, recovery_line};
use super::telling::Telling;
use super::{Surroundings, state_folder, stdout};
use crate::cli::LineFormat;
use crate::cli::edit::{Log, Recover, Undo};
use crate::edit::journal::{Journal, Run, RunId};
use crate::edit::recover::{self as stage, Ending as Settled};
use crate::edit::undo::{Undone, preview_undo};
use crate::edit::{LOCKED, Outcome};
use crate::exit::Exit;
use crate::report::edits::{Deed, EditSummary, Edited, Unchanged};
use crate::report::jsonl::{PathKeys, write_line};
use crate::report::terminal::{count, printable};

pub(super) fn undo(arguments: Undo, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Undo { run, edit } = arguments;
    let run = run.map(RunId);
    let mut report = Telling::new(edit_report(edit.format, surroundings, Unchanged::List, Deed::TakeBack)).relative();
    let mut summary = EditSummary::default();
    let mut exit = Exit::Fine;
    let mut not_reached = 0;
    let mut tell = |undone: Undone| {
        let Undone { path, outcome } = undone;
        not_reached += u64::from(matches!(outcome, Outcome::NotReached));
        if let Some(ending) = ending(outcome) {
            summary.add(&ending);
            exit = exit.max(exit_of(&ending));
            let edited = Edited {
                steps: Vec::new(),
                stands: Vec::new(),
                ending,
                manner: None,
                notes: Vec::new(),
                reason: String::new(),
            };
            report.file(&path, &edited);
        }
    };
    if edit.dry_run {
        let journal = Journal::open(&state_folder()?)?;
        preview_undo(&journal, run, options(&edit).in_place, &mut tell)?;
    } else {
        let mut session = open_session(options(&edit), surroundings)?;
        let undone = session.undo(run, &surroundings.stop, &mut tell);
        match undone.and_then(|_| session.finish()) {
            Ok(_) => {}
            Err(error) if summary.written == 0 => return Err(error.into()),
            Err(error) => exit = exit.max(cut_off(error, surroundings)),
        }
    }
    let exit = report.finish(&summary, None, exit, surroundings);
    match surroundings.interrupted() {
        true => Ok(cut_short(not_reached, Counted::All, surroundings)),
        false => Ok(exit),
    }
}

pub(super) fn log(arguments: Log) -> anyhow::Result<Exit> {
    let Log { format } = arguments;
    let runs = Journal::open(&state_folder()?)?.runs()?;
    let mut out = stdout();
    for run in &runs {
        match format {
            LineFormat::Jsonl => write_line(&mut out, &run_line(run))?,
            LineFormat::Text => writeln!(out, "{}", run_text(run))?,
        }
    }
    if runs.is_empty() && format == LineFormat::Text {
        writeln!(out, "No run yet.")?;
    }
    out.flush()?;
    Ok(Exit::Fine)
}

pub(super) fn recover(arguments: Recover) -> anyhow::Result<Exit> {
    let Recover { format } = arguments;
    let recovered = stage::recover(&state_folder()?)?;
    let mut exit = Exit::Fine;
    let mut out = stdout();
    for one in &recovered {
        let (word, reason) = match &one.ending {
            Settled::Finished => ("finished", None),
            Settled::TakenBack => ("taken-back", None),
            Settled::Foreign => ("foreign", None),
            Settled::Held => ("held", Some(LOCKED.to_owned())),
            Settled::Left(error) => ("left", Some(error.to_string())),
        };
        if reason.is_some() {
            exit = exit.max(Exit::SomeFailed);
        }
        match format {
            LineFormat::Text => writeln!(out, "{}", recovery_line(one))?,
            LineFormat::Jsonl => {
                let line = RecoveredLine {
                    r#type: "recovered",
                    path: PathKeys::new(&one.path),
                    outcome: word,
                    reason,
                };
                write_line(&mut out, &line)?;
            }
        }
    }
    if recovered.is_empty() && format == LineFormat::Text {
        writeln!(out, "Nothing was left by an interrupted run.")?;
    }
    out.flush()?;
    Ok(exit)
}

#[derive(Serialize)]
struct RecoveredLine {
    r#type: &'static str,
    #[serde(flatten)]
    path: PathKeys,
    outcome: &'static str,
    reason: Option<String>,
}

#[derive(Serialize)]
struct RunLine<'a> {
    r#type: &'static str,
    run: i64,
    started: String,
    finished: Option<String>,
    command: &'a str,
    /// The run that this one took back.
    undoes: Option<i64>,
    /// Files whose edit stands and can be undone.
    written: u64,
    undone: u64,
    unsettled: u64,
}

fn run_line(run: &Run) -> RunLine<'_> {
    let Run {
        id,
        started,
        finished,
        command,
        undoes,
        done,
        undone,
        unsettled,
    } = run;
    RunLine {
        r#type: "run",
        run: id.0,
        started: moment(*started),
        finished: finished.map(moment),
        command,
        undoes: undoes.map(|run| run.0),
        written: *done,
        undone: *undone,
        unsettled: *unsettled,
    }
}

fn run_text(run: &Run) -> String {
    let Run {
        id,
        started,
        finished,
        command,
        undoes,
        done,
        undone,
        unsettled,
    } = run;
    let mut notes = vec![count(*done, "file", "files")];
    if *undone > 0 {
        notes.push(format!("{} taken back", count(*undone, "file", "files")));
    }
    if *unsettled > 0 {
        notes.push(format!(
            "{} unsettled: isrctag recover",
            count(*unsettled, "file", "files")
        ));
    }
    if finished.is_none() {
        notes.push("interrupted".to_owned());
    }
    if let Some(undoes) = undoes {
        notes.push(format!("takes back run {undoes}"));
    }
    format!(
        "{:>4}  {}  {}  ({})",
        id.0,
        moment(*started),
        printable(command),
        notes.join(", ")
    )
}

/// Seconds since 1970 as people and programs read them, in UTC.
fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |moment| moment.to_string())
}
