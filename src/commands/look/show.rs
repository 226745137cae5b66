//! `show`: everything about the codes of single files.

use super::each_named;
use crate::cli::look::show::Show;
use crate::commands::exit::Exit;
use crate::commands::{Answers, Surroundings};
use crate::judge::{Kind, Severity};
use crate::report::answer::shown::Shown;

pub(in crate::commands) fn run(show: Show, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Show { files, format } = show;
    let this_year = surroundings.this_year;
    let mut answers = Answers::new(format, surroundings);
    let exit = each_named(&files, &surroundings.inspection(), surroundings, |path, file| {
        answers.give(&Shown { path, file, this_year })?;
        let findings = file.judged.findings.iter();
        let exits = findings.map(|finding| match (finding.kind, finding.kind.severity()) {
            (Kind::Unreadable, _) => Exit::SomeFailed,
            (_, Severity::Error) => Exit::Findings,
            (_, Severity::Warning | Severity::Info) => Exit::Fine,
        });
        Ok(exits.max().unwrap_or(Exit::Fine))
    })?;
    answers.end()?;
    Ok(exit)
}
