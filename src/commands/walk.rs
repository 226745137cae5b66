//! The walk that a command line asks for.

use std::ffi::OsString;
use std::io::{self, BufRead as _, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::bytes::source::Links;
use crate::cli::WalkArgs;
use crate::discover::{Found, Hidden, Walk, exclusion};
use crate::report::advice::{Roots, shell_words};
use crate::report::terminal::printable;

/// The walk that the arguments of a walking command ask for.
pub(super) fn walk_of(mut paths: Vec<PathBuf>, args: &WalkArgs) -> anyhow::Result<Walk> {
    let WalkArgs {
        hidden,
        follow,
        exclude,
        files_from,
        null,
    } = args;
    check_named(&paths)?;
    let named = paths.len();
    if let Some(list) = files_from {
        let end = if *null { 0 } else { b'\n' };
        paths.extend(listed_paths(list, end).with_context(|| format!("cannot read the list {}", list.display()))?);
    } else if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let named = if files_from.is_some() { named } else { paths.len() };
    let mut patterns = GlobSetBuilder::new();
    for glob in exclude {
        patterns.add(exclusion(glob)?);
    }
    Ok(Walk::of_named_and_listed(
        paths,
        named,
        if *follow { Links::Follow } else { Links::Refuse },
        if *hidden { Hidden::Take } else { Hidden::Skip },
        patterns.build().context("the patterns to exclude are too many")?,
    ))
}

/// What a walk was asked for, to be said again in hints.
pub(super) fn roots_of(named: &[PathBuf], args: &WalkArgs) -> Roots {
    let mut options = options_of(args);
    options.extend(args.null.then(|| "--null".to_owned()));
    Roots {
        named: named.to_vec(),
        list: args.files_from.clone(),
        options,
    }
}

/// The arguments by which a walk takes more files or fewer, in one fixed order.
pub(super) fn options_of(args: &WalkArgs) -> Vec<String> {
    let flags = [(args.hidden, "--hidden"), (args.follow, "--follow")];
    let flags = flags.into_iter().filter(|(is_given, _)| *is_given);
    let mut exclude: Vec<&str> = args.exclude.iter().map(Glob::glob).collect();
    exclude.sort_unstable();
    let exclude = exclude.into_iter().map(|glob| format!("--exclude {glob}"));
    flags.map(|(_, flag)| flag.to_owned()).chain(exclude).collect()
}

/// An error if a path that the user named does not exist: it is a slip, or a drive that is not mounted, and then nothing
/// is to be done with the rest.
pub(super) fn check_named(paths: &[PathBuf]) -> anyhow::Result<()> {
    let is_missing = |path: &&PathBuf| match fs_err::symlink_metadata(path) {
        Ok(_) => false,
        Err(error) => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
    };
    let missing: Vec<&PathBuf> = paths.iter().filter(is_missing).collect();
    match missing[..] {
        [] => Ok(()),
        [path] => bail!("{} does not exist; nothing was done", path.display()),
        [first, .., last] => bail!(
            "{} of the paths do not exist, from {} to {}; nothing was done",
            missing.len(),
            first.display(),
            last.display()
        ),
    }
}

/// What is said to somebody who types the program's name alone: where there is music, what to do with it first.
pub fn where_to_begin() -> Option<String> {
    /// Nobody waits longer for a hint.
    const PATIENCE: Duration = Duration::from_secs(1);
    let begun = Instant::now();
    let here = Walk::of(vec![PathBuf::from(".")], Links::Refuse, Hidden::Skip, GlobSet::empty());
    let mut found = here.found().take_while(|_| begun.elapsed() < PATIENCE);
    let music = found.find(|found| matches!(found, Found::Audio(_)))?;
    let name = music.path().strip_prefix(".").unwrap_or(music.path()).to_string_lossy();
    Some(format!(
        "There is music here, such as {}.\nFirst see what is missing or wrong, which changes nothing: isrctag scan\nAll commands: isrctag \
         --help",
        printable(&name)
    ))
}

/// The command that somebody meant who typed the files to fill last: behind `--from` all are sources.
pub fn what_was_meant(error: &clap::Error) -> Option<String> {
    let mut words = std::env::args_os()
        .skip_while(|word| word != "fill")
        .skip_while(|word| word != "--from");
    let is_it = error.kind() == clap::error::ErrorKind::MissingRequiredArgument && words.next().is_some();
    let is_path = |word: &OsString| !word.as_encoded_bytes().starts_with(b"-");
    let mut sources: Vec<PathBuf> = words.take_while(is_path).map(PathBuf::from).collect();
    let to_fill = sources.pop().filter(|_| is_it && !sources.is_empty())?;
    let (to_fill, sources) = (shell_words(&[to_fill]), shell_words(&sources));
    Some(format!(
        "the files to fill come first: isrctag fill {to_fill} --from {sources}"
    ))
}

/// What is said of a walk that found nothing: a drive that is not mounted must not look fine.
pub(super) fn no_audio(walk: &Walk) -> String {
    const SHOWN: usize = 3;
    if walk.roots.is_empty() {
        return "no audio file is listed".to_owned();
    }
    let roots = walk.roots.iter().take(SHOWN);
    let names: Vec<String> = roots
        .map(|root| printable(&root.to_string_lossy()).into_owned())
        .collect();
    let more = if walk.roots.len() > SHOWN { " …" } else { "" };
    format!("no audio file in {}{more}", names.join(", "))
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
            paths.push(PathBuf::from(crate::system::platform::name_from_bytes(&line)));
        }
    }
    Ok(paths)
}
