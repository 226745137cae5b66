//! `apply`: the codes of a list to the files that it names.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::cli::LineFormat;
use crate::cli::lists::Apply;
use crate::cli::typed::{self, Typed};
use crate::commands::edit::{Decision, Run, Target, ignore};
use crate::commands::exit::Exit;
use crate::commands::look::{Looked, look, nothing_done};
use crate::commands::scan::listening::AskedSamples;
use crate::commands::walk::walk_of;
use crate::commands::{Surroundings, hard_to_believe};
use crate::isrc::Isrc;
use crate::list::Reading;
use crate::list::matching::distrust::Distrust;
use crate::list::matching::problem::{Problem, What, describe, no_row, numbers, without_row};
use crate::list::matching::{Folders, Match, Matcher, Matching};
use crate::list::read::source::Source;
use crate::list::told::{Choice, ListError};
use crate::list::trial::{Trial, Understood, Way};
use crate::plan::{Replace, Wish};
use crate::recording::FileInfo;
use crate::report::advice::{Roots, shell_word, shell_words};
use crate::report::edits::Unchanged;
use crate::report::terminal::{count, printable};
use crate::scan::inspect::Describe;

/// So many problems of a list are told; more are rarely read.
const MOST_TOLD: usize = 100;

pub(in crate::commands) fn apply(arguments: Apply, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let command = Command::of(&arguments);
    let Apply {
        manifest: path,
        mut paths,
        columns,
        sheet,
        encoding,
        in_order,
        check,
        partial,
        replace,
        mut edit,
        walk,
    } = arguments;
    if path.is_dir() {
        let folder = shell_words(std::slice::from_ref(&path));
        bail!(
            "{} is a folder\nhint: the list comes first: isrctag apply LIST {folder}",
            path.display()
        );
    }
    let reading = Reading {
        columns: columns.unwrap_or_default(),
        sheet,
        encoding: encoding.map(|encoding| encoding.0),
        in_order,
        this_year: surroundings.this_year,
    };
    let unusable = || format!("the list {} cannot be used", path.display());
    let source = Source::open(&path).with_context(unusable)?;
    // What no file and no option can help with is told before a whole archive is looked at.
    match source.read(&reading) {
        Err(error) if !has_ways_on(&error) => return Err(error).with_context(unusable),
        Ok(_) | Err(_) => {}
    }
    if paths.is_empty() && walk.files_from.is_none() {
        let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        paths.push(beside.map_or_else(|| PathBuf::from("."), PathBuf::from));
    }
    let roots = Roots {
        named: paths.clone(),
        list: walk.files_from.clone(),
    };
    let walk = walk_of(paths, &walk)?;
    let links = walk.opening();
    let Looked {
        files,
        exit: exit_of_look,
    } = look(&walk, surroundings, Describe::TagsAndAudio);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let files: Vec<FileInfo> = files.iter().map(|(path, file)| FileInfo::of(path, file)).collect();
    let replace = match replace || check {
        true => Replace::Allow,
        false => Replace::Refuse,
    };
    let folders = Folders {
        current: std::env::current_dir().context("cannot tell the current folder")?,
        list: std::path::absolute(&path)?
            .parent()
            .map(PathBuf::from)
            .unwrap_or_default(),
    };
    let samples = AskedSamples::new(surroundings, links);
    let trial = Trial {
        source: &source,
        files: &files,
        matcher: Matcher {
            folders: &folders,
            replace,
            in_order,
            samples: &samples,
        },
    };
    let outcome = trial.understand(&reading);
    let understood = match &outcome {
        Ok(understood) => understood,
        Err(error) => {
            let ways = trial.ways_on(&reading, &outcome);
            let hints = command.hints(&ways).unwrap_or_else(|| way_of(error).to_owned());
            return Err(anyhow::anyhow!("{error}{hints}")).with_context(unusable);
        }
    };
    tell(understood, &files, &path, surroundings);
    let Matching {
        matched,
        problems,
        distrust,
        ..
    } = &understood.matching;
    let is_whole = problems.is_empty() && distrust.is_none();
    let is_stopped = distrust.is_some() || (!problems.is_empty() && (!partial || matched.is_empty()));
    if is_stopped && !check {
        let ways = command.hints(&trial.ways_on(&reading, &outcome)).unwrap_or_default();
        bail!("{}", stopped(&understood.matching, ways, &command, partial));
    }
    let certain: Vec<Match> = match distrust {
        Some(distrust) => {
            surroundings.complain(&distrust.words());
            Vec::new()
        }
        None => matched.iter().filter(|found| !check || found.asks()).cloned().collect(),
    };
    let decided = decisions(certain, &files, replace);
    // With problems left out the answer is not all that was asked for.
    let is_done = is_whole && (!check || decided.is_empty());
    let answer = if is_done { Exit::Fine } else { Exit::Findings };
    if check {
        tell_of_check(decided.len() as u64, is_whole, &understood.matching, surroundings);
        if decided.is_empty() && edit.how.format == LineFormat::Text {
            return Ok(exit_of_look.max(answer));
        }
        edit.how.dry_run = true;
    }
    let exit = Run::writing(&edit, surroundings, Unchanged::List)?.carry_out(decided, &mut ignore)?;
    if understood.matching.as_long_as_one > 0 && !check {
        surroundings.talk(&way_to_fill(understood.matching.as_long_as_one, &roots));
    }
    Ok(exit.max(exit_of_look).max(answer))
}

/// Why nothing was written, and the ways on.
fn stopped(matching: &Matching, mut hints: String, command: &Command, partial: bool) -> String {
    let words = match matching.distrust {
        Some(distrust) => distrust.words(),
        None => format!(
            "{} in the list",
            count(matching.problems.len() as u64, "problem", "problems")
        ),
    };
    if matching.distrust.is_none() && !partial && matching.matched.iter().any(Match::asks) {
        let command = command.with(&["--partial".to_owned()]);
        hints.push_str(&format!("\nhint: the rows that are certain: {command}"));
    }
    if hints.is_empty() {
        hints.push_str(last_way(matching));
    }
    format!("{words}; nothing was written{hints}")
}

/// What no row finds by its number and name may be a recording of the list all the same: `fill` compares the audio.
fn way_to_fill(number: usize, roots: &Roots) -> String {
    let what = match number {
        1 => "1 file without a row is as long as one with a row; if it is the same recording".to_owned(),
        _ => format!(
            "{} without a row are as long as others with a row; if they are the same recordings",
            count(number as u64, "file", "files")
        ),
    };
    printable(&format!("hint: {what}: isrctag fill {}", roots.words())).into_owned()
}

fn tell_of_check(differing: u64, is_whole: bool, matching: &Matching, surroundings: &Surroundings) {
    match (differing, is_whole) {
        (0, true) => surroundings.talk("every file carries the listed code"),
        (0, false) if matching.distrust.is_none() && !matching.matched.is_empty() => {
            surroundings.talk("the files of all other rows carry the listed code");
        }
        (0, false) => {}
        (1.., _) => {
            let files = count(differing, "file does", "files do");
            surroundings.talk(&format!("{files} not carry the listed code"));
        }
    }
}

/// Whether other options may make the list work.
fn has_ways_on(error: &ListError) -> bool {
    matches!(
        error,
        ListError::NoCodeColumn(_)
            | ListError::NoSuchHeading(_)
            | ListError::Two { .. }
            | ListError::TwoCodeColumns { .. }
            | ListError::SeveralSheets { .. }
            | ListError::NothingNamesFiles
            | ListError::Draft { .. }
    )
}

/// What a person can do about a list where no option helps.
fn way_of(error: &ListError) -> &'static str {
    match error {
        ListError::NoCodeColumn(_) => {
            "\nhint: head the column of codes ISRC, and one with titles or file names, and try again"
        }
        ListError::NothingNamesFiles => {
            "\nhint: add a column Title, Track or Filename; codes alone go to the files of one album in track order with \
             --in-order, where there are as many"
        }
        ListError::TwoCodeColumns { .. } | ListError::Two { .. } => {
            "\nhint: say which is meant with --columns, or take the other out of the table"
        }
        ListError::SeveralSheets { .. } => "\nhint: say which is meant with --sheet NAME",
        ListError::Draft { .. } => {
            "\nhint: wait for the final list, or take that line out if its codes are the final ones"
        }
        ListError::NoSuchHeading(_) => "\nhint: name a column as it is headed in the table, or by its letter",
        _ => "",
    }
}

/// What a person can do where no option helps.
fn last_way(matching: &Matching) -> &'static str {
    let is_of_several = |problem: &Problem| matches!(problem.what, What::SeveralAlbums { .. });
    match matching.distrust {
        Some(Distrust::Count { .. }) => {
            "\nhint: name the folder of the album that the codes are for, or add a column Title to the list"
        }
        None if matching.problems.iter().any(is_of_several) => {
            "\nhint: name the folder of one album, or add columns Album, Disc or Title to the list"
        }
        _ => "\nhint: correct these rows in the list, or choose the files that it is for, and try again",
    }
}

/// Tells what was chosen, what cannot be used, and what has no row.
fn tell(understood: &Understood, files: &[FileInfo], path: &std::path::Path, surroundings: &Surroundings) {
    let Understood { list, matching } = understood;
    if !list.told.is_empty() {
        let words: Vec<String> = list.told.iter().map(Choice::words).collect();
        let line = format!("{}: {}", path.display(), words.join(", "));
        surroundings.talk(&printable(&line));
    }
    // Codes that have no order are told once, by what is said of the whole list.
    let is_told = |problem: &&Problem| !matches!(problem.what, What::OutOfOrder);
    let problems: Vec<&Problem> = matching.problems.iter().filter(is_told).collect();
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
    let mut doubted = HashSet::new();
    for found in matching.matched.iter().filter(|found| found.asks()) {
        if let Some(doubt) = &found.doubt
            && doubted.insert(found.row)
        {
            let (word, row) = (list.numbering.word(), list.rows[found.row].number);
            surroundings.talk(&format!("{word} {row}: {}", hard_to_believe(found.isrc, doubt)));
        }
    }
    let lines = match surroundings.verbose {
        true => matching
            .unmatched_files
            .iter()
            .map(|&file| no_row(&files[file]))
            .collect(),
        false => without_row(files, matching),
    };
    lines.iter().for_each(|line| surroundings.talk(&printable(line)));
}

fn decisions(matched: Vec<Match>, files: &[FileInfo], replace: Replace) -> Vec<(Target, Decision)> {
    let mut decided = Vec::new();
    // All tracks of one file are one edit.
    let mut tracks: BTreeMap<usize, Vec<(u8, Isrc)>> = BTreeMap::new();
    for found in matched {
        match found.cuesheet_track {
            Some(track) => tracks.entry(found.file).or_default().push((track, found.isrc)),
            None => {
                let path = files[found.file].path.clone();
                decided.push((Target::named(path), Decision::Wish(Wish::Set(found.isrc, replace))));
            }
        }
    }
    for (file, codes) in tracks {
        let path = files[file].path.clone();
        decided.push((Target::named(path), Decision::Wish(Wish::SetTracks(codes, replace))));
    }
    decided
}

/// The command as it was typed, for hints.
struct Command {
    list: PathBuf,
    roots: Roots,
    options: Vec<Typed>,
}

impl Command {
    fn of(arguments: &Apply) -> Command {
        let is_path = |option: &Typed| option.name == "--files-from";
        Command {
            list: arguments.manifest.clone(),
            roots: Roots {
                named: arguments.paths.clone(),
                list: arguments.walk.files_from.clone(),
            },
            options: typed::options().into_iter().filter(|option| !is_path(option)).collect(),
        }
    }

    /// The whole command with other options.
    fn with(&self, change: &[String]) -> String {
        let kept = self.options.iter().filter(|option| !change.contains(&option.name));
        let options = kept.flat_map(|option| &option.words).chain(change);
        let list = shell_words(std::slice::from_ref(&self.list));
        let words = [list, self.roots.words()].into_iter().filter(|words| !words.is_empty());
        let words: Vec<String> = words.chain(options.map(|option| shell_word(option))).collect();
        format!("isrctag apply {}", words.join(" "))
    }

    fn hints(&self, ways: &[Way]) -> Option<String> {
        let hints = ways.iter().map(|way| {
            let command = self.with(&way.options);
            match way.condition {
                Some(condition) => format!("\nhint: {condition}: {command}"),
                None => format!("\nhint: {command}"),
            }
        });
        let hints: String = hints.collect();
        (!hints.is_empty()).then_some(hints)
    }
}
