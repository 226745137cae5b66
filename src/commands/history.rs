//! `undo`, `log` and `recover`: what the journal knows.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::bail;

use super::edit::{Counted, cut_off, cut_short, edit_report, open_session, options};
use super::ledger::tell_reserved;
use super::telling::Telling;
use super::{Answers, Surroundings, state_folder};
use crate::cli::edit::{LogArgs, Recover, Undo};
use crate::commands::exit::Exit;
use crate::edit::journal::{Journal, JournalError, LoggedRun, RunId};
use crate::edit::recover::{Recovered, Resolution};
use crate::edit::undo::{Doubtful, Undone, preview_undo};
use crate::edit::{self, Edited, InPlace, Outcome};
use crate::report::answer::history::EditOfRun;
use crate::report::edits::{Deed, EditSummary, EditedFile, Unchanged};

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
        let Undone {
            path,
            steps,
            outcome,
            note,
        } = undone;
        if matches!(outcome, Outcome::NotReached) {
            not_reached += 1;
            return;
        }
        summary.add(&outcome);
        exit = exit.max(Exit::of(&outcome));
        let edited = Edited::ended(outcome, None);
        let is_back = matches!(edited.outcome, Outcome::Written | Outcome::Planned);
        let file = EditedFile {
            taken_back: if is_back { &steps } else { &[] },
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

pub(super) fn log(arguments: LogArgs, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let LogArgs { run, format } = arguments;
    let journal = Journal::look(&state_folder()?)?;
    let runs = journal.as_ref().map_or(Ok(Vec::new()), Journal::runs)?;
    let mut answers = Answers::new(format, surroundings);
    if let Some(run) = run {
        let known = runs.iter().find(|known| known.id.0 == run);
        let Some((journal, run)) = journal.as_ref().zip(known) else {
            bail!("there is no run {run}\nhint: isrctag log lists them");
        };
        answers.give(run)?;
        let stay = not_undoable(journal, run);
        for edit in &journal.run(run.id)? {
            let stays = stay.get(&edit.path).map(String::as_str);
            answers.give(&EditOfRun { run, edit, stays })?;
        }
        return answers.end();
    }
    for run in &runs {
        answers.give(run)?;
    }
    if runs.is_empty() {
        answers.say("No run yet.")?;
    }
    answers.end()
}

/// The files of a run that an undo would leave as they are, each with the reason: another program has changed it since.
fn not_undoable(journal: &Journal, run: &LoggedRun) -> HashMap<PathBuf, String> {
    let mut stay = HashMap::new();
    let mut take_note = |undone: Undone| {
        let reason = undone.outcome.reason().map(|reason| (undone.path, reason));
        stay.extend(reason);
    };
    // Of a run of which nothing can be taken back each file says so itself.
    let _not_undoable = preview_undo(journal, Some(run.id), InPlace::Auto, Doubtful::Refuse, &mut take_note);
    stay
}

pub(super) fn recover(arguments: Recover, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Recover { format } = arguments;
    let recovered = edit::recover::recover(&state_folder()?)?;
    let mut answers = Answers::new(format, surroundings);
    for one in &recovered {
        answers.give(one)?;
    }
    if recovered.is_empty() {
        answers.say("Nothing was left by an interrupted run.")?;
    }
    let is_left = |one: &Recovered| matches!(one.ending, Resolution::Held | Resolution::Left(_));
    let all_settled = answers.end()?;
    Ok(if recovered.iter().any(is_left) {
        Exit::SomeFailed
    } else {
        all_settled
    })
}
