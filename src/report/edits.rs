//! What became of each file of an editing run: one line or one object a file, then the totals.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::fold;
use super::terminal::{Colour, Tone, printable};
use crate::edit::journal::LoggedStep;
use crate::edit::{Edited, Method, Outcome};
use crate::format::Located;
use crate::format::place::{Access, Standing};
use crate::isrc::words::{count, thousands};
use crate::plan::{Wish, disagreeing};
use crate::prove::kept::{Kept, KeptAudio, KeptPart};
use crate::system::table::jsonl::{PathKeys, write_line};

pub mod lists;
pub mod offers;

/// One file of an editing run.
#[derive(Debug)]
pub struct EditedFile<'a> {
    pub edited: &'a Edited,
    /// On what evidence it gets its code, or why it stays as it is, on its line; mostly empty.
    pub because: &'a str,
    /// What an undo puts back, place by place.
    pub taken_back: &'a [LoggedStep],
    /// What the user should know of it beside that.
    pub notes: Vec<String>,
}

impl<'a> EditedFile<'a> {
    pub fn of(edited: &'a Edited, because: &'a str, wish: Option<&Wish>, this_year: u16) -> EditedFile<'a> {
        let is_as_wished = matches!(edited.outcome, Outcome::Written | Outcome::Planned | Outcome::Unchanged);
        let about = edited.located.as_ref().zip(wish).filter(|_| is_as_wished);
        EditedFile {
            edited,
            because,
            taken_back: &[],
            notes: about.map_or_else(Vec::new, |(located, wish)| notes(located, wish, this_year)),
        }
    }
}

/// The places that an edit only reads and that now say something else than the file does; and those that now hold the
/// code, but where other programs will not see it.
fn notes(located: &Located, wish: &Wish, this_year: u16) -> Vec<String> {
    let left_alone = disagreeing(located, wish, this_year)
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

/// What a run does to files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Write,
    TakeBack,
}

/// Totals of an editing run. The names of the fields are JSON keys, which are a contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EditSummary {
    pub files: u64,
    pub written: u64,
    pub planned: u64,
    pub unchanged: u64,
    pub refused: u64,
    pub failed: u64,
    /// Of `assign` alone.
    #[serde(flatten)]
    pub given: Option<Given>,
}

/// How many codes were given out, and to how many recordings. The names of the fields are JSON keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Given {
    pub codes: u64,
    pub recordings: u64,
}

impl EditSummary {
    pub fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Written => &mut self.written,
            Outcome::Planned => &mut self.planned,
            Outcome::Unchanged => &mut self.unchanged,
            _ if outcome.is_refused() => &mut self.refused,
            Outcome::Refused(_) | Outcome::Failed(_) => &mut self.failed,
            Outcome::PassedOver | Outcome::NotReached => return,
        } += 1;
        self.files += 1;
    }
}

/// What a run of edits tells.
pub trait EditReport {
    fn file(&mut self, path: &Path, file: &EditedFile) -> io::Result<()>;

    /// `run` is the number under which the run can be taken back.
    fn finish(&mut self, summary: &EditSummary, run: Option<i64>) -> io::Result<()>;
}

/// Text, for people.
#[derive(Debug)]
pub struct TextEdits<W> {
    pub out: W,
    pub colour: Colour,
    pub deed: Deed,
    /// Whether files that were as wished already get a line.
    pub unchanged: Unchanged,
    pub told: Verbosity,
    /// Of the terminal that lines are folded to.
    pub columns: Option<usize>,
}

/// What is told of a file that was or would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    Changes,
    /// Also how much of it is written, and how.
    ChangesAndMethod,
    /// Nothing, nor any total: only what was refused or failed.
    Failures,
}

/// Whether files that were as wished already get a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    List,
    Count,
}

impl<W: Write> TextEdits<W> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        let lines = fold::message(text, self.columns);
        lines.iter().try_for_each(|line| writeln!(self.out, "{line}"))
    }

    /// What is told of one file: its name, and words whose parts stay whole.
    fn about(&mut self, name: &str, words: &str) -> io::Result<()> {
        let lines = fold::fold(&format!("{}: {words}", fold::path(name)), 0, 2, self.columns);
        lines.iter().try_for_each(|line| writeln!(self.out, "{line}"))
    }
}

impl<W: Write> EditReport for TextEdits<W> {
    fn file(&mut self, path: &Path, file: &EditedFile) -> io::Result<()> {
        let EditedFile {
            edited, because, notes, ..
        } = file;
        let Edited {
            outcome, method, kept, ..
        } = edited;
        let because = match because.is_empty() {
            true => String::new(),
            false => format!(": {}", printable(because)),
        };
        let name = path.to_string_lossy();
        let name = printable(&name);
        let reason = outcome.reason();
        if self.told == Verbosity::Failures && reason.is_none() {
            return Ok(());
        }
        match outcome {
            Outcome::Unchanged if self.unchanged == Unchanged::Count => {}
            Outcome::Unchanged => self.about(&name, &format!("unchanged{because}"))?,
            Outcome::Written | Outcome::Planned => match &step_lines(file)[..] {
                // Written by a version that recorded bytes alone.
                [] if matches!(outcome, Outcome::Planned) => self.about(&name, "to be taken back")?,
                [] => self.about(&name, "taken back")?,
                steps => self.about(&name, &format!("{}{because}", changes(steps)))?,
            },
            Outcome::PassedOver | Outcome::NotReached => {}
            Outcome::Refused(_) | Outcome::Failed(_) => {
                let reason = reason.unwrap_or_default();
                let (word, reason) = (outcome.word(), printable(&reason));
                let text = format!("{}: {word}: {reason}", fold::path(&name));
                let mut is_painted = false;
                for line in fold::fold(&text, 0, 2, self.columns) {
                    let coloured = line.replacen(
                        &format!("{word}:"),
                        &format!("{}:", self.colour.paint(Tone::Error, word)),
                        1,
                    );
                    writeln!(self.out, "{}", if is_painted { &line } else { &coloured })?;
                    is_painted |= coloured != line;
                }
            }
        }
        if let (Verbosity::ChangesAndMethod, Some(method)) = (self.told, method) {
            let is_written = matches!(outcome, Outcome::Written);
            let proof = if is_written {
                "proved, synced, read back"
            } else {
                "proved"
            };
            let bytes = count(method.bytes(), "byte", "bytes");
            let way = match method {
                Method::InPlace { .. } => format!("{bytes} in place"),
                Method::NewFile { .. } => format!("a new file of {bytes}"),
            };
            self.line(&format!(
                "  {way}; every other tag item and the audio as before: {proof}"
            ))?;
        }
        if let (Verbosity::ChangesAndMethod, Some(kept)) = (self.told, kept) {
            for line in told_of_kept(kept) {
                self.line(&format!("  {line}"))?;
            }
        }
        for note in notes {
            self.about(&name, &format!("note: {}", printable(note)))?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &EditSummary, run: Option<i64>) -> io::Result<()> {
        if self.told == Verbosity::Failures {
            return self.out.flush();
        }
        let EditSummary {
            files,
            written,
            planned,
            unchanged,
            refused,
            failed,
            given: _,
        } = *summary;
        let mut parts = Vec::new();
        let mut add = |number: u64, word: &str| {
            if number > 0 {
                parts.push(format!("{} {word}", count(number, "file", "files")));
            }
        };
        let deed = match self.deed {
            Deed::Write => "written",
            Deed::TakeBack => "taken back",
        };
        add(written, deed);
        add(planned, &format!("to be {deed} (dry run: nothing was done)"));
        add(unchanged, "unchanged");
        add(refused, "refused");
        add(failed, "failed");
        if files == 0 {
            self.line("Nothing to do: no audio file to write to.")?;
        } else if written + planned + refused + failed == 0 {
            let files = count(files, "file", "files");
            self.line(&format!("Nothing to do: {files} looked at, nothing written."))?;
        } else {
            self.line(&parts.join(", "))?;
        }
        if let (Some(run), true) = (run, written > 0) {
            self.line(&format!("This was run {run}. To take it back: isrctag undo {run}"))?;
        }
        self.out.flush()
    }
}

/// What is kept and what is new, in two lines.
pub fn told_of_kept(kept: &Kept) -> Vec<String> {
    const NAMED: usize = 20;
    let Kept { parts, audio, new } = kept;
    let named = |parts: &[KeptPart]| -> Vec<String> {
        let named = parts.iter().take(NAMED);
        let mut words: Vec<String> = named
            .map(|part| format!("{} {}", printable(&part.name), thousands(part.bytes)))
            .collect();
        if parts.len() > NAMED {
            words.push(format!("{} more", thousands((parts.len() - NAMED) as u64)));
        }
        words
    };
    let mut all = named(parts);
    all.extend(audio.as_ref().map(|KeptAudio { name, bytes, sha256 }| {
        format!(
            "{} {}, sha256 {sha256}",
            printable(name),
            count(*bytes, "byte", "bytes")
        )
    }));
    let lines = [("kept", all), ("new", named(new))];
    let lines = lines.into_iter().filter(|(_, words)| !words.is_empty());
    lines
        .map(|(word, words)| format!("{word}: {}", words.join(", ")))
        .collect()
}

/// What changes in a file, on one line: places that change alike are told together.
fn changes(steps: &[StepLine]) -> String {
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for StepLine { place, before, after } in steps {
        let change = fold::unit(&change(before.as_deref(), after.as_deref()));
        let place = printable(place).into_owned();
        match told.iter_mut().find(|(known, _)| *known == change) {
            Some((_, places)) => places.push(place),
            None => told.push((change, vec![place])),
        }
    }
    let told = told.into_iter().map(|(change, places)| {
        format!(
            "{change} ({})",
            places
                .iter()
                .map(|place| fold::unit(place))
                .collect::<Vec<_>>()
                .join(", ")
        )
    });
    told.collect::<Vec<_>>().join("; ")
}

/// What a place holds before and after an edit.
pub fn change(before: Option<&str>, after: Option<&str>) -> String {
    let [before, after] = [before, after].map(|value| value.map_or("(none)".into(), printable));
    format!("{before} -> {after}")
}

/// JSON Lines, for programs.
#[derive(Debug)]
pub struct JsonlEdits<W>(pub W);

impl<W: Write> EditReport for JsonlEdits<W> {
    fn file(&mut self, path: &Path, file: &EditedFile) -> io::Result<()> {
        let EditedFile {
            edited, because, notes, ..
        } = file;
        let Edited {
            outcome, method, kept, ..
        } = edited;
        let steps = step_lines(file);
        let first = steps.first();
        let line = EditLine {
            r#type: "edit",
            path: PathKeys::new(path),
            place: first.map(|step| step.place.as_str()),
            before: first.and_then(|step| step.before.as_deref()),
            after: first.and_then(|step| step.after.as_deref()),
            outcome: outcome.word(),
            reason: outcome
                .reason()
                .or_else(|| (!because.is_empty()).then(|| (*because).to_owned())),
            manner: method.as_ref().map(|method| match method {
                Method::InPlace { .. } => "in-place",
                Method::NewFile { .. } => "new-file",
            }),
            bytes: method.as_ref().map(Method::bytes),
            kept: kept.as_ref(),
            steps: if steps.len() > 1 { &steps } else { &[] },
            notes,
        };
        write_line(&mut self.0, &line)
    }

    fn finish(&mut self, summary: &EditSummary, run: Option<i64>) -> io::Result<()> {
        let line = EditSummaryLine {
            r#type: "summary",
            schema: 1,
            run,
            summary,
        };
        write_line(&mut self.0, &line)?;
        self.0.flush()
    }
}

/// What was changed or put back; of a file that was not edited what is in the places that an edit reaches.
fn step_lines(EditedFile { edited, taken_back, .. }: &EditedFile) -> Vec<StepLine> {
    let changed = edited.steps.iter().map(|step| StepLine {
        place: step.place.clone(),
        before: step.before.clone(),
        after: step.after.map(|isrc| isrc.to_string()),
    });
    let put_back = taken_back
        .iter()
        .cloned()
        .map(|(place, before, after)| StepLine { place, before, after });
    let is_left = matches!(edited.outcome, Outcome::Unchanged) || edited.outcome.is_refused();
    let places = edited
        .located
        .iter()
        .filter(|_| is_left)
        .flat_map(|located| &located.places);
    let written = places.filter(|place| place.access == Access::Write);
    let standing = written.map(|place| StepLine {
        place: place.name.to_string(),
        before: Some(place.text.clone()),
        after: Some(place.text.clone()),
    });
    changed.chain(put_back).chain(standing).collect()
}

#[derive(Serialize)]
struct EditLine<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    path: PathKeys,
    /// The first place, which for most files is the only one.
    place: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    outcome: &'static str,
    reason: Option<String>,
    /// `in-place` or `new-file`, of a file that was or would be written, and how many bytes are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    manner: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// With `--verbose`: the parts that are the same as before, the audio with its checksum, and what is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'a Kept>,
    /// Every place, where there are several.
    #[serde(skip_serializing_if = "<[StepLine]>::is_empty")]
    steps: &'a [StepLine],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

#[derive(Serialize)]
struct StepLine {
    place: String,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Serialize)]
struct EditSummaryLine<'a> {
    r#type: &'static str,
    schema: u32,
    /// The number under which the run can be taken back.
    run: Option<i64>,
    #[serde(flatten)]
    summary: &'a EditSummary,
}
