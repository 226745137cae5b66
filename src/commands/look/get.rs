//! `get`: the one valid code of each file.

use std::io::Write;
use std::path::Path;

use crate::bytes::source::{Links, Opener};
use crate::cli::look::get::Get;
use crate::commands::exit::Exit;
use crate::commands::walk::check_named;
use crate::commands::{Surroundings, stdout};
use crate::judge::Kind;
use crate::report::advice::shell_words;
use crate::report::terminal::printable;
use crate::scan::inspect::{Describe, Detail, Inspection, inspect};

pub(in crate::commands) fn run(get: Get, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Get { files } = get;
    let inspection = Inspection {
        this_year: surroundings.this_year,
        detail: Detail::WithFindings,
        description: Describe::Nothing,
    };
    check_named(&files)?;
    let mut exit = Exit::Fine;
    let mut out = stdout();
    let mut opener = Opener::new(Links::Follow);
    for path in &files {
        if path.is_dir() {
            surroundings.complain(&is_a_folder(path));
            exit = exit.max(Exit::SomeFailed);
            continue;
        }
        let file = inspect(&mut opener, path, &inspection);
        let name = path.to_string_lossy();
        match file.judged.isrc {
            Some(isrc) if files.len() == 1 => writeln!(out, "{isrc}")?,
            Some(isrc) => writeln!(out, "{isrc}\t{}", printable(&name))?,
            None if file.format.is_none() => {
                let reason = file
                    .judged
                    .findings
                    .iter()
                    .find(|finding| finding.kind == Kind::Unreadable);
                let reason = reason.map_or("", |finding| &finding.reason);
                surroundings.complain(&format!("{}: {}", printable(&name), printable(reason)));
                exit = exit.max(Exit::SomeFailed);
            }
            None => {
                let reason = file
                    .judged
                    .findings
                    .first()
                    .map_or("no code", |finding| finding.kind.word());
                surroundings.talk(&format!("{}: {reason}", printable(&name)));
                exit = exit.max(Exit::Findings);
            }
        }
    }
    out.flush()?;
    Ok(exit)
}

/// For commands that look at single files.
pub(in crate::commands) fn is_a_folder(path: &Path) -> String {
    let name = path.to_string_lossy();
    let word = shell_words(&[path.to_path_buf()]);
    format!("{} is a folder\nhint: isrctag scan {word}", printable(&name))
}
