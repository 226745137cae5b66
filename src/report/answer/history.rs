//! What `undo`, `log` and `recover` tell of the journal, and what became of interrupted edits.

use std::borrow::Cow;

use serde::Serialize;

use super::Answer;
use crate::edit::LOCKED;
use crate::edit::journal::{EditState, LoggedEdit, LoggedRun, LoggedStep};
use crate::edit::recover::{Recovered, Resolution};
use crate::isrc::words::count;
use crate::prove::kept::Kept;
use crate::report::edits::{change, told_of_kept};
use crate::report::terminal::{Colour, printable};
use crate::system::table::jsonl::PathKeys;
use crate::system::table::moment;

impl Answer for LoggedRun {
    fn text(&self, _colour: Colour) -> String {
        let LoggedRun {
            id,
            started,
            finished,
            command,
            undoes,
            done,
            undone,
            unsettled,
        } = self;
        let files = |number: u64| count(number, "file", "files");
        let notes = [
            Some(files(*done)),
            (*undone > 0).then(|| format!("{} taken back", files(*undone))),
            (*unsettled > 0).then(|| format!("{} unsettled: isrctag recover", files(*unsettled))),
            finished.is_none().then(|| "interrupted".to_owned()),
            undoes.map(|undoes| format!("takes back run {undoes}")),
        ];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let (started, command) = (moment(*started), printable(command));
        format!("{:>4}  {started}  {command}  ({})", id.0, notes.join(", "))
    }

    fn object(&self) -> impl Serialize {
        RunLine {
            r#type: "run",
            run: self.id.0,
            started: moment(self.started),
            finished: self.finished.map(moment),
            command: &self.command,
            undoes: self.undoes.map(|undoes| undoes.0),
            written: self.done,
            undone: self.undone,
            unsettled: self.unsettled,
        }
    }
}

#[derive(Serialize)]
struct RunLine<'a> {
    r#type: &'static str,
    run: i64,
    started: String,
    finished: Option<String>,
    command: &'a str,
    undoes: Option<i64>,
    written: u64,
    undone: u64,
    unsettled: u64,
}

/// One file of a run.
pub struct EditOfRun<'a> {
    pub run: &'a LoggedRun,
    pub edit: &'a LoggedEdit,
    /// Why an undo would leave the file as it is.
    pub stays: Option<&'a str>,
}

impl Answer for EditOfRun<'_> {
    fn text(&self, _colour: Colour) -> String {
        let EditOfRun { run, edit, stays } = self;
        let changes = match &edit.steps {
            Some(steps) => {
                let change = |(place, before, after): &LoggedStep| {
                    let change = change(before.as_deref(), after.as_deref());
                    format!("{change} ({})", printable(place))
                };
                steps.iter().map(change).collect::<Vec<_>>().join("; ")
            }
            None => "written by a version that did not record the codes".to_owned(),
        };
        let state: Cow<'_, str> = match (edit.state, stays) {
            (EditState::Done, Some(why)) => format!("cannot be taken back: {}", printable(why)).into(),
            (EditState::Done, None) if run.undoes.is_none() => "can be taken back".into(),
            (EditState::Done, None) => "done".into(),
            (EditState::Undone, _) => "taken back".into(),
            (EditState::RolledBack, _) => "not carried out".into(),
            (EditState::Abandoned, _) => "left alone, since another program had written it".into(),
            (EditState::Intent, _) => "unsettled: isrctag recover".into(),
        };
        let name = edit.path.to_string_lossy();
        let account = edit.account.iter().flat_map(told_of_kept);
        let account: String = account.map(|line| format!("\n      {line}")).collect();
        format!(
            "{}: {changes}{account}\n      {state}; CRC-64 of what changed {:016x} -> {:016x}; {} kept, BLAKE3 {}",
            printable(&name),
            edit.crc64_before,
            edit.crc64_after,
            count(edit.kept_bytes, "old byte", "old bytes"),
            edit.kept_blake3,
        )
    }

    fn object(&self) -> impl Serialize {
        let EditOfRun { run, edit, stays } = self;
        let LoggedEdit {
            path,
            state,
            steps,
            account,
            size_before,
            size_after,
            mtime_ns_before,
            mtime_ns_after,
            crc64_before,
            crc64_after,
            blake3_after,
            kept_bytes,
            kept_blake3,
        } = edit;
        let first = steps.as_deref().and_then(<[LoggedStep]>::first);
        LoggedLine {
            r#type: "edit",
            run: run.id.0,
            path: PathKeys::new(path),
            place: first.map(|(place, ..)| place.as_str()),
            before: first.and_then(|(_, before, _)| before.as_deref()),
            after: first.and_then(|(.., after)| after.as_deref()),
            state: state.word(),
            stays: *stays,
            places: steps.as_deref(),
            kept: account.as_ref(),
            size_before: *size_before,
            size_after: *size_after,
            mtime_ns_before: *mtime_ns_before,
            mtime_ns_after: *mtime_ns_after,
            crc64_before: format!("{crc64_before:016x}"),
            crc64_after: format!("{crc64_after:016x}"),
            blake3_after: blake3_after.map(|whole| whole.to_string()),
            kept_bytes: *kept_bytes,
            kept_blake3: kept_blake3.to_string(),
        }
    }
}

#[derive(Serialize)]
struct LoggedLine<'a> {
    r#type: &'static str,
    run: i64,
    #[serde(flatten)]
    path: PathKeys,
    /// The first place, which for most files is the only one.
    place: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stays: Option<&'a str>,
    places: Option<&'a [LoggedStep]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'a Kept>,
    size_before: u64,
    size_after: u64,
    mtime_ns_before: Option<i64>,
    mtime_ns_after: Option<i64>,
    crc64_before: String,
    crc64_after: String,
    blake3_after: Option<String>,
    kept_bytes: u64,
    kept_blake3: String,
}

const WRITTEN: &str = "another program has written the file since, so that its time of modification stays a new one";

impl Answer for Recovered {
    fn text(&self, _colour: Colour) -> String {
        let words = match &self.ending {
            Resolution::Finished => "an interrupted edit had been written whole".to_owned(),
            Resolution::TakenBack {
                is_written_since: false,
            } => "an interrupted edit was taken back".to_owned(),
            Resolution::TakenBack { is_written_since: true } => {
                format!("an interrupted edit was taken back; {WRITTEN}")
            }
            Resolution::Foreign => {
                "another program has written it since an edit was interrupted; it is left as it is".to_owned()
            }
            Resolution::Held => format!("an interrupted edit is not settled: {LOCKED}"),
            Resolution::Left(error) => format!("an interrupted edit could not be settled: {error}"),
        };
        let name = self.path.to_string_lossy();
        format!("{}: {}", printable(&name), printable(&words))
    }

    fn object(&self) -> impl Serialize {
        let (outcome, reason) = match &self.ending {
            Resolution::Finished => ("finished", None),
            Resolution::TakenBack { is_written_since } => ("taken-back", is_written_since.then(|| WRITTEN.to_owned())),
            Resolution::Foreign => ("foreign", None),
            Resolution::Held => ("held", Some(LOCKED.to_owned())),
            Resolution::Left(error) => ("left", Some(error.to_string())),
        };
        RecoveredLine {
            r#type: "recovered",
            path: PathKeys::new(&self.path),
            outcome,
            reason,
        }
    }
}

#[derive(Serialize)]
struct RecoveredLine {
    r#type: &'static str,
    #[serde(flatten)]
    path: PathKeys,
    outcome: &'static str,
    reason: Option<String>,
}
