//! `apply`: the codes of a list to the files that it names.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use self::hints::{ApplyCommand, stopped, way_to_fill};
use crate::cli::LineFormat;
use crate::cli::edit::WriteArgs;
use crate::cli::lists::Apply;
use crate::commands::Surroundings;
use crate::commands::edit::ignore;
use crate::commands::edit::run::{EditTarget, Run, targets};
use crate::commands::exit::Exit;
use crate::commands::ledger::with_void_codes;
use crate::commands::look::{look, nothing_done};
use crate::commands::scan::listening::AskedSamples;
use crate::commands::walk::{roots_of, walk_of};
use crate::isrc::words::count;
use crate::list::Reading;
use crate::list::matching::{Folders, Match, Matcher, Matching};
use crate::list::read::source::Source;
use crate::list::told::numbers;
use crate::list::trial::{Trial, Understood};
use crate::plan::apply::wishes;
use crate::plan::{Decision, Replace};
use crate::recording::fold::fold;
use crate::recording::{CuesheetTrack, FileInfo};
use crate::report::advice::{Roots, shell_words};
use crate::report::edits::Unchanged;
use crate::report::edits::lists::{checked, describe, no_row, reached, without_row};
use crate::report::terminal::printable;
use crate::scan::inspect::Describe;

mod hints;

/// So many problems of a list are told; more are rarely read.
const MOST_TOLD: usize = 100;

pub(in crate::commands) fn apply(arguments: Apply, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let reading = Reading {
        columns: arguments.columns.clone().unwrap_or_default(),
        sheet: arguments.sheet.clone(),
        encoding: arguments.encoding.map(|encoding| encoding.0),
        in_order: arguments.in_order,
        this_year: surroundings.this_year,
        ..Reading::default()
    };
    let list = &arguments.manifest;
    let source = opened(list, &reading)?;
    let mut paths = arguments.paths.clone();
    if paths.is_empty() && arguments.walk.files_from.is_none() {
        let beside = list.parent().filter(|parent| !parent.as_os_str().is_empty());
        paths.push(beside.map_or_else(|| PathBuf::from("."), PathBuf::from));
    }
    let roots = roots_of(&paths, &arguments.walk);
    let walk = walk_of(paths, &arguments.walk)?;
    let looked = look(&walk, surroundings, Describe::TagsAndAudio);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let files: Vec<FileInfo> = looked
        .files
        .iter()
        .map(|(path, file)| FileInfo::of(path, file))
        .collect();
    let album = |file: &FileInfo| {
        let folder = || Some(file.path.parent()?.file_name()?.to_string_lossy().into_owned());
        file.description.album.clone().or_else(folder)
    };
    let albums: HashSet<String> = files.iter().filter_map(album).collect();
    let reading = Reading {
        albums: Arc::new(albums.iter().map(|album| fold(album)).collect()),
        ..reading
    };
    let folders = Folders {
        current: std::env::current_dir().context("cannot tell the current folder")?,
        list: std::path::absolute(list)?
            .parent()
            .map(PathBuf::from)
            .unwrap_or_default(),
    };
    let samples = AskedSamples::new(surroundings, walk.opening());
    let trial = Trial {
        source: &source,
        files: &files,
        matcher: Matcher {
            folders: &folders,
            replace: match arguments.replace || arguments.check {
                true => Replace::Allow,
                false => Replace::Refuse,
            },
            in_order: arguments.in_order,
            reaches_equal: true,
            samples: &samples,
        },
    };
    let exit = carry_out(&arguments, &trial, &reading, &roots, surroundings)?;
    Ok(exit.max(looked.exit))
}

/// Understands the list, tells how, and writes or checks the codes.
fn carry_out(
    arguments: &Apply,
    trial: &Trial,
    reading: &Reading,
    roots: &Roots,
    surroundings: &Surroundings,
) -> anyhow::Result<Exit> {
    let (list, files) = (&arguments.manifest, trial.files);
    let command = ApplyCommand::of(arguments);
    let outcome = trial.understand(reading);
    let hints = || command.hints(&trial.ways_on(reading, &outcome));
    let understood = match &outcome {
        Ok(understood) => understood,
        Err(error) => {
            let hints = hints().or(error.way_on().map(str::to_owned)).unwrap_or_default();
            return Err(anyhow::anyhow!("{error}{hints}")).with_context(|| unusable(list));
        }
    };
    tell(understood, files, list, surroundings);
    let matching = &understood.matching;
    if arguments.check {
        return check_codes(matching, files, &arguments.edit, surroundings);
    }
    let none_is_certain = matching.distrust.is_some() || matching.matched.is_empty();
    if !matching.is_whole() && (none_is_certain || !arguments.partial) {
        let hints = hints().unwrap_or_default();
        bail!("{}", stopped(matching, hints, &command, arguments.partial));
    }
    let mut decided = decisions(&matching.matched, files, trial.matcher.replace);
    let void = with_void_codes(|| with_codes(&matching.matched, files), surroundings)?;
    let void = void.into_iter();
    let void = void.map(|(found, reason)| (files[matching.matched[found].file].path.as_path(), reason));
    let void: HashMap<&Path, String> = void.collect();
    for (target, decision) in &mut decided {
        if let Some(reason) = void.get(target.path.as_path()) {
            *decision = Decision::Refuse(reason.clone());
        }
    }
    let exit = Run::writing(&arguments.edit, surroundings, Unchanged::List)?.carry_out(decided, &mut ignore)?;
    if matching.as_long_as_one > 0 {
        surroundings.talk(&way_to_fill(matching.as_long_as_one, roots));
    }
    // With problems left out the answer is not all that was asked for.
    Ok(exit.max(if matching.is_whole() {
        Exit::Fine
    } else {
        Exit::Findings
    }))
}

/// Opens a list. What no file and no option can help with is told before a whole archive is looked at.
fn opened(list: &Path, reading: &Reading) -> anyhow::Result<Source> {
    if list.is_dir() {
        let folder = shell_words(&[list.to_path_buf()]);
        bail!(
            "{} is a folder
hint: the list comes first: isrctag apply LIST {folder}",
            list.display()
        );
    }
    let source = Source::open(list).with_context(|| unusable(list))?;
    match source.read(reading) {
        Err(error) if error.way_on().is_none() => Err(error).with_context(|| unusable(list)),
        Ok(_) | Err(_) => Ok(source),
    }
}

fn unusable(list: &Path) -> String {
    format!("the list {} cannot be used", list.display())
}

/// Tells which files do not carry the listed codes; nothing is written.
fn check_codes(
    matching: &Matching,
    files: &[FileInfo],
    edit: &WriteArgs,
    surroundings: &Surroundings,
) -> anyhow::Result<Exit> {
    let decided = match &matching.distrust {
        Some(distrust) => {
            surroundings.complain(&distrust.to_string());
            Vec::new()
        }
        None => decisions(
            matching.matched.iter().filter(|found| found.asks()),
            files,
            Replace::Allow,
        ),
    };
    let told = checked(decided.len() as u64, matching);
    told.iter().for_each(|line| surroundings.talk(line));
    let is_done = matching.is_whole() && decided.is_empty();
    let answer = if is_done { Exit::Fine } else { Exit::Findings };
    if decided.is_empty() && edit.how.format == LineFormat::Text {
        return Ok(answer);
    }
    let mut edit = edit.clone();
    edit.how.dry_run = true;
    let exit = Run::writing(&edit, surroundings, Unchanged::List)?.carry_out(decided, &mut ignore)?;
    Ok(exit.max(answer))
}

/// Tells what was chosen, what cannot be used, and what has no row.
fn tell(understood: &Understood, files: &[FileInfo], path: &Path, surroundings: &Surroundings) {
    let Understood { list, matching } = understood;
    if !list.told.is_empty() {
        let line = format!("{}: {}", path.display(), list.told.join(", "));
        surroundings.talk(&printable(&line));
    }
    let problems = &matching.problems;
    for problem in problems.iter().take(MOST_TOLD) {
        surroundings.complain(&printable(&describe(problem, list, files)));
    }
    if problems.is_empty() && matching.distrust.is_some() {
        return;
    }
    if let Some(more @ 1..) = problems.len().checked_sub(MOST_TOLD) {
        surroundings.complain(&format!("and {}", count(more as u64, "more problem", "more problems")));
    }
    if !matching.rows_without_code.is_empty() {
        let rows = numbers(&matching.rows_without_code, list.numbering);
        surroundings.talk(&format!("{rows}: no code, so nothing is asked for"));
    }
    let mut lines = reached(&matching.reached, surroundings.verbose);
    lines.extend(match surroundings.verbose {
        true => matching
            .unmatched_files
            .iter()
            .map(|&file| no_row(&files[file]))
            .collect(),
        false => without_row(files, matching),
    });
    lines.iter().for_each(|line| surroundings.talk(&printable(line)));
}

/// The files of rows with the codes that they are to get, if they do not have them.
fn with_codes(matched: &[Match], files: &[FileInfo]) -> Vec<FileInfo> {
    let with_code = |found: &Match| {
        let file = files[found.file].clone();
        let (track, isrc) = (found.cuesheet_track, Some(found.isrc).filter(|_| found.asks()));
        let of_track = |number| vec![CuesheetTrack { number, isrc }];
        FileInfo {
            isrc: isrc.filter(|_| track.is_none()),
            cuesheet: track.map_or_else(Vec::new, of_track),
            ..file
        }
    };
    matched.iter().map(with_code).collect()
}

fn decisions<'a>(
    matched: impl IntoIterator<Item = &'a Match>,
    files: &[FileInfo],
    replace: Replace,
) -> Vec<(EditTarget, Decision)> {
    let matched = matched.into_iter();
    let matched = matched.map(|found| (found.file, found.cuesheet_track, found.isrc));
    let wishes = wishes(matched, replace).into_iter();
    targets(files, wishes.map(|(file, wish)| (file, Decision::Wish(wish))))
}
