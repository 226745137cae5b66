//! The walk that a command line asks for.

use std::io::{self, BufRead as _, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use globset::GlobSetBuilder;

use crate::cli::WalkArgs;
use crate::discover::{Hidden, Walk, exclusion};
use crate::source::Links;

/// The walk that the arguments of a walking command ask for.
pub(super) fn walk_of(mut paths: Vec<PathBuf>, args: &WalkArgs) -> anyhow::Result<Walk> {
    let WalkArgs {
        hidden,
        follow,
        exclude,
        files_from,
        null,
    } = args;
    if let Some(list) = files_from {
        let end = if *null { 0 } else { b'\n' };
        paths.extend(listed_paths(list, end).with_context(|| format!("cannot read the list {}", list.display()))?);
    } else if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut patterns = GlobSetBuilder::new();
    for glob in exclude {
        patterns.add(exclusion(glob)?);
    }
    Ok(Walk::of(
        paths,
        if *follow { Links::Follow } else { Links::Refuse },
        if *hidden { Hidden::Take } else { Hidden::Skip },
        patterns.build().context("the patterns to exclude are too many")?,
    ))
}

/// The files that the arguments of a walking command have it read beside those that it walks.
pub(super) fn read_by(args: &WalkArgs) -> Vec<&Path> {
    args.files_from.iter().map(PathBuf::as_path).collect()
}

fn listed_paths(list: &Path, end: u8) -> io::Result<Vec<PathBuf>> {
    let reader: Box<dyn Read> = match list.as_os_str() == "-" {
        true => Box::new(io::stdin().lock()),
        false => Box::new(fs_err::File::open(list)?),
    };
    let mut paths = Vec::new();
    for line in io::BufReader::new(reader).split(end) {
        let mut line = line?;
        if end == b'\n' && line.last() == Some(&b'\r') {
            line.pop();
        }
        if !line.is_empty() {
            paths.push(PathBuf::from(crate::paths::os_string(&line)));
        }
    }
    Ok(paths)
}
