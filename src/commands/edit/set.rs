//! `set`: one code for one file, or for all files of one recording.

use std::cell::LazyCell;
use std::path::PathBuf;

use anyhow::bail;

use crate::bytes::source::{Links, Opener};
use crate::cli::edit::Set;
use crate::commands::Surroundings;
use crate::commands::edit::ignore;
use crate::commands::edit::run::{EditTarget, Run};
use crate::commands::edit::wished_code;
use crate::commands::exit::Exit;
use crate::commands::ledger::with_void_codes;
use crate::commands::look::nothing_done;
use crate::commands::scan::listening::listener;
use crate::commands::walk::check_named;
use crate::discover::distinct;
use crate::isrc::decode::{Class, decode};
use crate::plan::set::contradiction;
use crate::plan::{Decision, Replace, Wish};
use crate::recording::FileInfo;
use crate::report::edits::Unchanged;
use crate::report::terminal::printable;
use crate::scan::inspect::inspect;
use crate::scan::listen::Hearing;

pub(in crate::commands) fn run(arguments: Set, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Set {
        code,
        files,
        replace,
        force,
        edit,
    } = arguments;
    let decoded = decode(&code, surroundings.this_year);
    if decoded.class == Class::Malformed
        && let Some(swapped) = files.last().and_then(|file| file.to_str())
        && decode(swapped, surroundings.this_year).isrc.is_some()
    {
        bail!(
            "{} is not a code\nhint: the code comes first: isrctag set CODE FILE",
            printable(&code)
        );
    }
    let isrc = wished_code(&code, Some(force), surroundings.this_year)?;
    check_named(&files)?;
    let replace = if replace { Replace::Allow } else { Replace::Refuse };
    let files = distinct(files);
    // One file needs no look where there is no ledger to ask.
    let known = LazyCell::new(|| facts(&files, surroundings));
    let contradiction = match files.len() {
        1 => None,
        _ => contradiction_among(&known, surroundings)?,
    };
    let with_code = || {
        known.iter().cloned().map(|file| FileInfo {
            isrc: Some(isrc).filter(|_| file.isrc != Some(isrc)),
            cuesheet: Vec::new(),
            ..file
        })
    };
    let void = with_void_codes(|| with_code().collect(), surroundings)?;
    let contradiction = contradiction.or(void.into_iter().next().map(|(_, reason)| reason).filter(|_| !force));
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let run = Run::writing(&edit, surroundings, Unchanged::List)?;
    let decision = |contradiction: &Option<String>| match contradiction {
        None => Decision::Wish(Wish::Set(isrc, replace)),
        Some(reason) => Decision::Refuse(reason.clone()),
    };
    let targets = EditTarget::all(files);
    run.carry_out(targets.map(|target| (target, decision(&contradiction))), &mut ignore)
}

/// Why files that a person named together cannot be one recording, if anything says so. What cannot be read is left to
/// the edit.
fn contradiction_among(known: &[FileInfo], surroundings: &Surroundings) -> anyhow::Result<Option<String>> {
    let listener = listener(surroundings, Links::Follow)?;
    Ok(contradiction(known, &Hearing::part(&listener, known)))
}

/// What the files that can be read say of themselves.
fn facts(files: &[PathBuf], surroundings: &Surroundings) -> Vec<FileInfo> {
    let inspection = surroundings.inspection();
    let mut opener = Opener::new(Links::Follow);
    let files = files.iter().map(|path| (path, inspect(&mut opener, path, &inspection)));
    let files = files.filter(|(_, file)| file.format.is_some());
    files.map(|(path, file)| FileInfo::of(path, &file)).collect()
}
