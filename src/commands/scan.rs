//! `scan` and `report`: arguments to stages, the outcome to an exit status.

use std::path::{Path, PathBuf};

use super::Surroundings;
use super::indexing::Index;
use super::listening::listener;
use super::progress::Progress;
use super::reports::{Outputs, Subject};
use super::walk::{no_audio, read_by, walk_of};
use crate::cli::scan::{Report, Scan};
use crate::discover::Walk;
use crate::exit::Exit;
use crate::index::join::Scans;
use crate::index::scan::Indexed;
use crate::inspect::{Describe, Detail, Inspection};
use crate::report::advice::Roots;
use crate::report::terminal::{count, printable};
use crate::scan as stage;

pub(super) fn run(scan: Scan, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Scan {
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
        roots: Roots {
            named: walk.roots[..walk.named].to_vec(),
            list: walk_args.files_from.clone(),
        },
        audio,
        only_new: new,
    };
    // What this run reads beside the files of the walk.
    let reads: Vec<&Path> = read_by(&walk_args).into_iter().chain(index.as_deref()).collect();
    let mut outputs = Outputs::open(told, subject, &reads, surroundings)?;
    let inspection = Inspection {
        this_year: surroundings.this_year,
        detail: if outputs.all { Detail::All } else { Detail::WithFindings },
        description: outputs.description,
    };
    let listener = match audio {
        true => Some(listener(surroundings, walk.opening())?),
        false => None,
    };
    let index = match &index {
        Some(path) => Some(Index::open(path, &walk, surroundings)?),
        None => None,
    };
    let progress = Progress::over(&walk, surroundings);
    let outcome = match index {
        Some(index) => index.scan(
            &Indexed {
                walk: &walk,
                effort: surroundings.effort(),
                inspection: &Inspection {
                    detail: Detail::All,
                    description: Describe::TagsAndAudio,
                    ..inspection
                },
                listing: &outputs.listing,
                all: outputs.all,
                only_new: new,
                listener: listener.as_ref(),
                observer: &progress,
            },
            &mut outputs.reports,
            surroundings,
        ),
        None => stage::scan(
            &walk,
            surroundings.effort(),
            &inspection,
            &outputs.listing,
            &mut outputs.reports,
            &progress,
            listener.as_ref(),
        )
        .map(|outcome| (outcome, Exit::Fine))
        .map_err(anyhow::Error::from),
    };
    progress.finish();
    let (outcome, exit_of_index) = outcome?;
    let exit = outputs.finish(outcome)?.max(exit_of_index);
    // A share of the folders may be empty.
    if outcome.summary.files == 0 && exit == Exit::Fine && part.is_none() {
        surroundings.complain(&no_audio(&walk));
        return Ok(Exit::Findings);
    }
    Ok(exit)
}

/// `report`: one report of many scans.
pub(super) fn report(report: Report, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Report { files, told } = report;
    let reads: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let scans = Scans::open(&files)?;
    let subject = Subject {
        roots: Roots {
            named: scans.roots(),
            list: None,
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
        surroundings.complain(&format!("{files} in more than one of the scans, and count once"));
    }
    outputs.finish(joined.outcome)
}
