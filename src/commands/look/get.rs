//! `get`: the one valid code of each file.

use std::io::Write;

use super::{each_named, left_out};
use crate::cli::look::get::Get;
use crate::commands::exit::Exit;
use crate::commands::{Surroundings, stdout};
use crate::judge::Kind;
use crate::report::terminal::printable;
use crate::scan::inspect::{Describe, Detail, Inspection};

pub(in crate::commands) fn run(get: Get, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Get { files } = get;
    let inspection = Inspection {
        this_year: surroundings.this_year,
        detail: Detail::WithFindings,
        description: Describe::Nothing,
    };
    let mut out = stdout();
    let exit = each_named(&files, &inspection, surroundings, |path, file| {
        let name = path.to_string_lossy();
        match file.judged.isrc {
            Some(isrc) if files.len() == 1 => writeln!(out, "{isrc}")?,
            Some(isrc) => writeln!(out, "{isrc}\t{}", printable(&name))?,
            None if file.format.is_none() => {
                let mut findings = file.judged.findings.iter();
                let reason = findings.find(|finding| finding.kind == Kind::Unreadable);
                return Ok(left_out(
                    path,
                    reason.map_or("", |finding| &finding.reason),
                    surroundings,
                ));
            }
            None => {
                let first = file.judged.findings.first();
                let reason = first.map_or("no code", |finding| finding.kind.word());
                surroundings.talk(&format!("{}: {reason}", printable(&name)));
                return Ok(Exit::Findings);
            }
        }
        Ok(Exit::Fine)
    })?;
    out.flush()?;
    Ok(exit)
}
