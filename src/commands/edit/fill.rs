//! `fill`: codes from files that are the same recording.

use std::path::PathBuf;

use crate::bytes::source::Links;
use crate::cli::fill::FillArgs;
use crate::cli::{LineFormat, WalkArgs};
use crate::commands::edit::run::{Run, targets};
use crate::commands::exit::Exit;
use crate::commands::look::recall::indexes_among;
use crate::commands::look::{Looked, look, nothing_done};
use crate::commands::scan::listening::listener;
use crate::commands::walk::{check_named, walk_of};
use crate::commands::{Surroundings, say};
use crate::discover::Walk;
use crate::edit::Outcome;
use crate::isrc::words::{count, thousands};
use crate::judge::Kind;
use crate::plan::fill::Filling;
use crate::recording::FileInfo;
use crate::report::edits::Unchanged;
use crate::scan::inspect::{Describe, Inspected};
use crate::scan::listen::Hearing;

pub(in crate::commands) fn run(arguments: FillArgs, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let FillArgs {
        paths,
        from,
        presumed,
        edit,
        walk,
    } = arguments;
    check_named(&from)?;
    let own_donors = from.is_empty();
    let (to_fill, donors, links) = look_at(paths, from, &walk, surroundings)?;
    let exit_of_look = to_fill.exit.max(donors.exit);
    let (to_fill, donors) = (to_fill.files, donors.files);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let filled = to_fill.len();
    let mut files: Vec<FileInfo> = Vec::with_capacity(filled + donors.len());
    let mut lacks = Vec::with_capacity(filled);
    for (path, file) in to_fill.iter().chain(&donors) {
        let mut info = FileInfo::of(path, file);
        if files.len() < filled {
            lacks.push(lacks_code(file));
            // Files that only get codes give none.
            info.isrc = info.isrc.filter(|_| own_donors);
        }
        files.push(info);
    }
    drop((to_fill, donors));
    let listener = listener(surroundings, links)?;
    let mut lacking = Vec::new();
    if lacks.contains(&true) {
        let hearing = Hearing::of(&listener, &files);
        let filling = Filling::new(&files, hearing.recordings(&files), &hearing, presumed);
        for file in (0..filled).filter(|file| lacks[*file] && !surroundings.interrupted()) {
            lacking.push((file, filling.decision(file)));
        }
    }
    drop(listener);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let without = lacking.len() as u64;
    let dry_run = edit.how.dry_run;
    let text = edit.how.format == LineFormat::Text;
    if text && without == 0 && filled > 0 {
        say("Nothing to do: every file that can be read has a code.", surroundings)?;
        return Ok(exit_of_look);
    }
    let run = Run::writing(&edit, surroundings, Unchanged::List)?;
    let mut got = 0;
    let exit = run.carry_out(targets(&files, lacking), &mut |_, outcome| {
        got += u64::from(matches!(outcome, Outcome::Written | Outcome::Planned));
    })?;
    if text && without > 0 {
        let get = if dry_run { "would get one" } else { "got one" };
        let files = count(without, "file", "files");
        say(
            &format!("{} of {files} without a code {get}", thousands(got)),
            surroundings,
        )?;
    }
    let remain = if got < without { Exit::Findings } else { Exit::Fine };
    Ok(exit.max(exit_of_look).max(remain))
}

/// Looks at the files of `paths`, which may get codes, and at those of `from`, which only give some: folders, or indexes of
/// what was scanned. Whether links are followed in one of them.
fn look_at(
    paths: Vec<PathBuf>,
    from: Vec<PathBuf>,
    walk: &WalkArgs,
    surroundings: &Surroundings,
) -> anyhow::Result<(Looked, Looked, Links)> {
    let mut links = Links::Refuse;
    let mut look = |walk: &Walk| {
        if walk.opening() == Links::Follow {
            links = Links::Follow;
        }
        let mut looked = look(walk, surroundings, Describe::TagsAndAudio);
        looked.tell_unsupported(surroundings);
        looked
    };
    let to_fill = look(&walk_of(paths, walk)?);
    let (indexes, from) = indexes_among(from)?;
    let mut donors = match from.is_empty() {
        true => Looked::told(Vec::new(), surroundings),
        false => {
            let without_list = WalkArgs {
                files_from: None,
                ..walk.clone()
            };
            look(&walk_of(from, &without_list)?)
        }
    };
    for index in indexes {
        donors = donors.and(index.coded_now(surroundings)?);
    }
    Ok((to_fill, donors, links))
}

fn lacks_code(file: &Inspected) -> bool {
    file.judged.findings.iter().any(|finding| finding.kind == Kind::Missing)
}
