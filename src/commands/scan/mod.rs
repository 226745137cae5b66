//! `scan` and `report`: arguments to stages, the outcome to an exit status.

pub(in crate::commands) mod indexing;
pub(in crate::commands) mod listening;
pub(in crate::commands) mod reports;

use std::path::{Path, PathBuf};

use super::Surroundings;
use super::progress::Progress;
use super::walk::{no_audio, options_of, read_by, roots_of, walk_of};
use crate::cli::scan::{Report, ScanArgs};
use crate::commands::exit::Exit;
use crate::commands::scan::indexing::{IndexFile, NextIndex};
use crate::commands::scan::listening::listener;
use crate::commands::scan::reports::{Outputs, Subject};
use crate::discover::Walk;
use crate::index::join::{PartlyNamed, Scans};
use crate::index::scan::Indexed;
use crate::isrc::words::{count, thousands};
use crate::report::advice::Roots;
use crate::report::terminal::printable;
use crate::scan as stage;
use crate::scan::inspect::{Describe, Detail, Inspection};
use crate::scan::listen::Listener;

pub(super) fn run(scan: ScanArgs, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let ScanArgs {
        paths,
        told,
        audio,
        index,
        new,
        part,
        walk: walk_args,
    } = scan;
    let walk = Walk {
        share: part,
        ..walk_of(paths, &walk_args)?
    };
    let subject = Subject {
        roots: roots_of(&walk.roots[..walk.named], &walk_args),
        audio,
        only_new: new,
    };
    // What this run reads beside the files of the walk.
    let reads: Vec<&Path> = read_by(&walk_args).into_iter().chain(index.as_deref()).collect();
    let mut outputs = Outputs::open(told, subject, &reads, surroundings)?;
    let listener = match audio {
        true => Some(listener(surroundings, walk.opening())?),
        false => None,
    };
    let index = match &index {
        Some(path) => Some(IndexFile::open(path, &walk, options_of(&walk_args), surroundings)?),
        None => None,
    };
    let progress = Progress::over(&walk, surroundings);
    let scanned = look_over(
        &walk,
        index,
        new,
        listener.as_ref(),
        &mut outputs,
        &progress,
        surroundings,
    );
    progress.finish();
    let (outcome, next_index) = scanned?;
    let mut exit = outputs.finish(outcome)?;
    // Last of all: what is new is told again by the next scan, unless it was told by this one.
    if let Some(next) = next_index {
        exit = exit.max(next.put(surroundings));
    }
    // A share of the folders may be empty.
    if outcome.summary.files == 0 && exit == Exit::Fine && part.is_none() {
        surroundings.complain(&no_audio(&walk));
        return Ok(Exit::Findings);
    }
    Ok(exit)
}

/// Scans the files, those that an index knows by what it says of them; with the index of this scan.
fn look_over(
    walk: &Walk,
    index: Option<IndexFile>,
    only_new: bool,
    listener: Option<&Listener>,
    outputs: &mut Outputs,
    progress: &Progress,
    surroundings: &Surroundings,
) -> anyhow::Result<(stage::Outcome, Option<NextIndex>)> {
    let inspection = Inspection {
        this_year: surroundings.this_year,
        detail: if outputs.all { Detail::All } else { Detail::WithFindings },
        description: outputs.description,
    };
    match index {
        Some(index) => index.scan(
            &Indexed {
                walk,
                effort: surroundings.effort(),
                inspection: &Inspection {
                    detail: Detail::All,
                    description: Describe::TagsAndAudio,
                    ..inspection
                },
                listing: &outputs.listing,
                all: outputs.all,
                only_new,
                listener,
                observer: progress,
            },
            &mut outputs.reports,
            surroundings,
        ),
        None => stage::scan(
            walk,
            surroundings.effort(),
            &inspection,
            &outputs.listing,
            &mut outputs.reports,
            progress,
            listener,
        )
        .map(|outcome| (outcome, None))
        .map_err(anyhow::Error::from),
    }
}

/// `report`: one report of many scans.
pub(super) fn report(report: Report, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Report { files, told } = report;
    let reads: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let scans = Scans::open(&files)?;
    let subject = Subject {
        roots: Roots {
            named: scans.roots(),
            ..Roots::default()
        },
        audio: false,
        only_new: false,
    };
    for remark in scans.remarks() {
        surroundings.complain(&printable(&remark));
    }
    let mut outputs = Outputs::open(told, subject, &reads, surroundings)?;
    let joined = scans.join(&outputs.listing, outputs.all, &mut outputs.reports)?;
    if joined.twice > 0 {
        let files = count(joined.twice, "file stands", "files stand");
        let how = match joined.are_indexes {
            true => ", and count once",
            false => ": a report that does not name all its files counts them again\nhint: join indexes (scan --index)",
        };
        surroundings.complain(&format!("{files} in more than one of the scans{how}"));
    }
    for PartlyNamed { path, named, files } in &joined.partly_named {
        let named = thousands(*named);
        let (path, files) = (printable(path), count(*files, "file", "files"));
        surroundings.complain(&format!(
            "{path} names {named} of its {files}: codes that the others share with other scans are not found\n\
             hint: join indexes (scan --index), or scans that list all files (scan --all --format jsonl)"
        ));
    }
    outputs.finish(joined.outcome)
}
