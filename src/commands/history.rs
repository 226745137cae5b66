//! `undo`, `log` and `recover`: what the journal knows.

use std::io::Write;

use anyhow::bail;
use serde::Serialize;

use super::edit::{Counted, cut_off, cut_short, edit_report, open_session, options, recovery_line};
use super::ledger::tell_reserved;
use super::telling::Telling;
use super::{Surroundings, answer_in, state_folder};
use crate::cli::LineFormat;
use crate::cli::edit::{Log, Recover, Undo};
use crate::commands::exit::Exit;
use crate::edit::journal::{Journal, JournalError, Logged, Run, RunId, Step};
use crate::edit::recover::{self as stage, Resolution};
use crate::edit::undo::{Doubtful, Undone, preview_undo};
use crate::edit::{Edited, LOCKED, Outcome};
use crate::report::edits::{Deed, EditSummary, EditedFile, Unchanged, told_of_kept};
use crate::report::jsonl::{PathKeys, write_line};
use crate::report::terminal::{count, printable};

pub(super) fn undo(arguments: Undo, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Undo { run, touched, edit } = arguments;
    let run = run.map(RunId);
    let doubtful = if touched { Doubtful::TakeBack } else { Doubtful::Refuse };
    let mut report = Telling::new(edit_report(edit.format, surroundings, Unchanged::List, Deed::TakeBack)).relative();
    let mut summary = EditSummary::default();
    let mut exit = Exit::Fine;
    let mut not_reached = 0;
    let mut taken_back = Vec::new();
    let mut tell = |undone: Undone| {
        let Undone { path, outcome, note } = undone;
        if matches!(outcome, Outcome::NotReached) {
            not_reached += 1;
            return;
        }
        summary.add(&outcome);
        exit = exit.max(Exit::of(&outcome));
        let edited = Edited::ended(outcome, None);
        let file = EditedFile {
            notes: note.map(str::to_owned).into_iter().collect(),
            ..EditedFile::of(&edited, "", None, surroundings.this_year)
        };
        report.file(&path, &file);
        if matches!(edited.outcome, Outcome::Written) {
            taken_back.push(path);
        }
    };
    if edit.dry_run {
        let journal = Journal::look(&state_folder()?)?.ok_or(JournalError::NothingToUndo)?;
        preview_undo(&journal, run, options(&edit).in_place, doubtful, &mut tell)?;
    } else {
        let mut session = open_session(options(&edit), surroundings)?;
        let undone = session.undo(run, doubtful, &surroundings.stop, &mut tell);
        match undone.and_then(|_| session.finish()) {
            Ok(_) => {}
            Err(error) if summary.written == 0 => return Err(error.into()),
            Err(error) => exit = exit.max(cut_off(error, surroundings)),
        }
    }
    let exit = report.finish(&summary, None, exit, surroundings);
    if !edit.dry_run {
        tell_reserved(&taken_back, surroundings);
    }
    match surroundings.interrupted() {
        true => Ok(cut_short(not_reached, Counted::All, surroundings)),
        false => Ok(exit),
    }
}

pub(super) fn log(arguments: Log) -> anyhow::Result<Exit> {
    let Log { run, format } = arguments;
    let journal = Journal::look(&state_folder()?)?;
    let runs = journal.as_ref().map_or(Ok(Vec::new()), Journal::runs)?;
    let mut out = answer_in(format);
    if let Some(run) = run {
        let known = runs.iter().find(|known| known.id.0 == run);
        let Some((journal, known)) = journal.as_ref().zip(known) else {
            bail!("there is no run {run}\nhint: isrctag log lists them");
        };
        log_run(known, &journal.run(RunId(run))?, format, &mut out)?;
        out.flush()?;
        return Ok(Exit::Fine);
    }
    for run in &runs {
        match format {
            LineFormat::Jsonl => write_line(&mut out, run)?,
            LineFormat::Text => writeln!(out, "{}", run_text(run))?,
        }
    }
    if runs.is_empty() && format == LineFormat::Text {
        writeln!(out, "No run yet.")?;
    }
    out.flush()?;
    Ok(Exit::Fine)
}

/// A run and its files.
fn log_run(run: &Run, edits: &[Logged], format: LineFormat, out: &mut impl Write) -> anyhow::Result<()> {
    match format {
        LineFormat::Jsonl => write_line(out, run)?,
        LineFormat::Text => writeln!(out, "{}", run_text(run))?,
    }
    for edit in edits {
        match format {
            LineFormat::Jsonl => write_line(out, &logged_line(run, edit))?,
            LineFormat::Text => writeln!(out, "{}", logged_text(run, edit))?,
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct LoggedLine<'a> {
    r#type: &'static str,
    run: RunId,
    #[serde(flatten)]
    path: PathKeys,
    /// The first place, which for most files is the only one.
    place: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    #[serde(flatten)]
    logged: &'a Logged,
}

fn logged_line<'a>(run: &Run, logged: &'a Logged) -> LoggedLine<'a> {
    let first = logged.steps.as_deref().and_then(<[Step]>::first);
    LoggedLine {
        r#type: "edit",
        run: run.id,
        path: PathKeys::new(&logged.path),
        place: first.map(|(place, ..)| place.as_str()),
        before: first.and_then(|(_, before, _)| before.as_deref()),
        after: first.and_then(|(.., after)| after.as_deref()),
        logged,
    }
}

fn logged_text(run: &Run, edit: &Logged) -> String {
    let value = |value: &Option<String>| {
        value
            .as_deref()
            .map_or("(none)".into(), |text| printable(text).into_owned())
    };
    let changes = match &edit.steps {
        Some(steps) => {
            let change =
                |(place, before, after): &Step| format!("{} -> {} ({})", value(before), value(after), printable(place));
            steps.iter().map(change).collect::<Vec<_>>().join("; ")
        }
        None => "written by a version that did not record the codes".to_owned(),
    };
    let state = match edit.state.as_str() {
        "done" if run.undoes.is_none() => "can be taken back",
        "undone" => "taken back",
        "rolled-back" => "not carried out",
        "abandoned" => "left alone, since another program had written it",
        "intent" => "unsettled: isrctag recover",
        other => other,
    };
    let name = edit.path.to_string_lossy();
    let account = edit.account.iter().flat_map(told_of_kept);
    let account: String = account.map(|line| format!("\n      {line}")).collect();
    format!(
        "{}: {changes}{account}\n      {state}; CRC-64 of what changed {} -> {}; {} kept, BLAKE3 {}",
        printable(&name),
        edit.crc64_before,
        edit.crc64_after,
        count(edit.kept_bytes, "old byte", "old bytes"),
        edit.kept_blake3,
    )
}

pub(super) fn recover(arguments: Recover) -> anyhow::Result<Exit> {
    let Recover { format } = arguments;
    let recovered = stage::recover(&state_folder()?)?;
    let mut exit = Exit::Fine;
    let mut out = answer_in(format);
    for one in &recovered {
        let (word, reason) = match &one.ending {
            Resolution::Finished => ("finished", None),
            Resolution::TakenBack => ("taken-back", None),
            Resolution::Foreign => ("foreign", None),
            Resolution::Held => ("held", Some(LOCKED.to_owned())),
            Resolution::Left(error) => ("left", Some(error.to_string())),
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
        started,
        printable(command),
        notes.join(", ")
    )
}
