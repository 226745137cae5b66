//! `assign`: codes from the ledger, one a recording.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli::LineFormat;
use crate::cli::ledger::Assign;
use crate::commands::edit::run::{EditTarget, Run, targets};
use crate::commands::exit::Exit;
use crate::commands::ledger::elsewhere::carried_elsewhere;
use crate::commands::ledger::{described, open, stamp};
use crate::commands::look::nothing_done;
use crate::commands::scan::listening::{ear, listener};
use crate::commands::walk::walk_of;
use crate::commands::{Surroundings, say};
use crate::edit::Outcome;
use crate::isrc::Isrc;
use crate::isrc::words::count;
use crate::ledger::check::{Ear, one_after_all};
use crate::ledger::prefix::PrefixCode;
use crate::ledger::reserve::{OfferKind, Reservation};
use crate::ledger::{Clash, ClashWhat, Ledger, Reference, Stamp};
use crate::plan::assign::{asked_about, decisions, held_by, others_in, without_code};
use crate::plan::{Decision, Wish};
use crate::recording::evidence::Headers;
use crate::recording::group::Recordings;
use crate::recording::{FileInfo, Group};
use crate::report::edits::offers::{all_have_one, known, namesake, nearly_full, sum};
use crate::report::edits::{Given, Unchanged};
use crate::report::terminal::printable;
use crate::scan::listen::{Hearing, Listener};
use crate::system::database::Missing;
use crate::system::in_flight::spread;

/// So many questions are listed; whoever has more has one answer to all of them.
const MOST_QUESTIONS: usize = 20;

pub(in crate::commands) fn run(arguments: Assign, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Assign {
        paths,
        prefix,
        year,
        together,
        separate,
        ledger,
        edit,
        walk,
    } = arguments;
    let walk = walk_of(paths, &walk)?;
    // Before anything is listened to.
    let mut ledger = open(&ledger, Missing::Refuse)?;
    if edit.how.dry_run {
        // It prints the very codes and sets none apart.
        ledger = ledger.trial()?;
    }
    let prefix = prefix.map_or_else(|| only_prefix(&ledger), Ok)?;
    let (files, exit_of_look) = described(&walk, surroundings)?;
    // Also before anything is listened to.
    let codes = codes_of(&files, &ledger, &ear(walk.opening(), surroundings))?;
    refuse(&ledger.clashes_of(&codes)?, &codes, surroundings)?;
    let are_coded = files.iter().all(|file| file.isrc.is_some());
    let listen = || listener(surroundings, walk.opening());
    let listener = (!are_coded).then(listen).transpose()?;
    let hearing = listener.as_ref().map(|listener| Hearing::of(listener, &files));
    let by_headers = || Recordings::of(&files, &[], &Headers);
    let recordings = hearing
        .as_ref()
        .map_or_else(by_headers, |hearing| hearing.recordings(&files));
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let groups = match (together, separate) {
        (true, _) => asked_about(recordings).together(&files).groups,
        (false, true) => recordings.groups,
        (false, false) => settled(asked_about(recordings), &files, surroundings)?.groups,
    };
    let run = Run::writing(&edit, surroundings, Unchanged::List)?.told_relative();
    let stamp = stamp();
    // Where nothing is given out, nobody need know what else is taken.
    let given_from = (!are_coded).then_some(prefix);
    enter(codes, &files, given_from, &mut ledger, &stamp, surroundings)?;
    let text = edit.how.format == LineFormat::Text;
    if text && are_coded && !files.is_empty() {
        say(&all_have_one(files.len()), surroundings)?;
        return Ok(exit_of_look);
    }
    let held = all_held(&groups, &files, hearing.as_ref());
    let without = without_code(&groups, &held);
    let references = spread(0..without.len(), |number| {
        reference(without[number], &files, listener.as_ref())
    });
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let reservation = ledger.reserve(prefix, year.unwrap_or(surroundings.this_year), &references, &stamp)?;
    tell_offers(&reservation, &without, &references, &files, &ledger, surroundings)?;
    let codes: Vec<Isrc> = reservation.offers.iter().map(|offer| offer.isrc).collect();
    let decided = decisions(&groups, codes.iter().copied(), &files, held, surroundings.verbose);
    let run = run.giving(given(codes.iter(), without.len()));
    let (exit, done) = write(run, targets(&files, decided), &mut ledger, &stamp)?;
    if text && !without.is_empty() {
        let is_done = |file: &usize| done.contains(&files[*file].path);
        say(&sum_of_done(&codes, &without, &is_done), surroundings)?;
    }
    Ok(exit.max(exit_of_look))
}

/// What keeps each recording from a code, if anything does.
fn all_held(groups: &[Group], files: &[FileInfo], hearing: Option<&Hearing>) -> Vec<Option<String>> {
    let sounding = |file: &FileInfo| hearing?.sounding(&file.path);
    let length = |file: &FileInfo| sounding(file).or(file.description.duration);
    groups.iter().map(|group| held_by(group, files, &length)).collect()
}

/// How many codes went where. What was refused has none.
fn sum_of_done(codes: &[Isrc], groups: &[&Group], is_done: &dyn Fn(&usize) -> bool) -> String {
    let done = |group: &&Group| group.files.iter().filter(|file| is_done(file)).count();
    let done: Vec<(&Isrc, usize)> = codes
        .iter()
        .zip(groups.iter().map(done))
        .filter(|(_, files)| *files > 0)
        .collect();
    let given = given(done.iter().map(|(isrc, _)| *isrc), done.len());
    sum(given, done.iter().map(|(_, files)| files).sum())
}

fn given<'c>(codes: impl Iterator<Item = &'c Isrc>, recordings: usize) -> Given {
    let codes: BTreeSet<&Isrc> = codes.collect();
    Given {
        codes: codes.len() as u64,
        recordings: recordings as u64,
    }
}

/// Enters the codes that the files have, and those of a prefix in files elsewhere. Nothing is written where the ledger has
/// one of them for another recording.
fn enter(
    mut seen: Vec<(Isrc, Reference)>,
    files: &[FileInfo],
    prefix: Option<PrefixCode>,
    ledger: &mut Ledger,
    stamp: &Stamp,
    surroundings: &Surroundings,
) -> anyhow::Result<()> {
    // Of what codes stand for that are not the one of a file, nothing is known but that they are used.
    let own: BTreeSet<Isrc> = seen.iter().map(|(isrc, _)| *isrc).collect();
    for isrc in files.iter().flat_map(others_in) {
        if !ledger.has(isrc)? {
            seen.push((isrc, Reference::default()));
        }
    }
    if let Some(prefix) = prefix {
        let elsewhere = carried_elsewhere(prefix, ledger, surroundings)?.into_iter();
        seen.extend(elsewhere.filter(|(isrc, _)| !own.contains(isrc)));
    }
    refuse(&ledger.see(&seen, stamp)?.clashes, &seen, surroundings)
}

/// The codes that the files have. Of a file that is only called another recording, one that carries the same code tells.
fn codes_of(files: &[FileInfo], ledger: &Ledger, ear: Ear) -> anyhow::Result<Vec<(Isrc, Reference)>> {
    let coded = |(number, file): (usize, &FileInfo)| Some((number, (file.isrc?, Reference::of_file(file, &file.path))));
    let (numbers, mut codes): (Vec<usize>, Vec<_>) = files.iter().enumerate().filter_map(coded).unzip();
    let clashes = ledger.clashes_of(&codes)?;
    let others = clashes
        .iter()
        .filter(|clash| !matches!(clash.what, ClashWhat::Void { .. }));
    let others: Vec<usize> = others.map(|clash| numbers[clash.from]).collect();
    let same = one_after_all(files, &others, ear);
    let mut numbers = numbers.iter();
    codes.retain(|_| !numbers.next().is_some_and(|file| same.contains(file)));
    Ok(codes)
}

fn refuse(clashes: &[Clash], codes: &[(Isrc, Reference)], surroundings: &Surroundings) -> anyhow::Result<()> {
    let name = |from: usize| match &codes[from].1.path {
        Some(path) => path.display().to_string(),
        None => "another place".to_owned(),
    };
    for clash in clashes {
        surroundings.complain(&printable(&clash.told(name)));
    }
    if !clashes.is_empty() {
        let is_repeated = |clash: &Clash| matches!(clash.what, ClashWhat::Repeated { .. });
        match clashes.iter().all(is_repeated) {
            true => bail!("codes in the files clash with each other; nothing was written"),
            false => bail!("codes in the files clash with the ledger; nothing was written"),
        }
    }
    Ok(())
}

/// Writes the codes, and confirms in the ledger those that are in a file now. Gives the files that have theirs, or would.
fn write(
    run: Run<'_>,
    decided: Vec<(EditTarget, Decision)>,
    ledger: &mut Ledger,
    stamp: &Stamp,
) -> anyhow::Result<(Exit, BTreeSet<PathBuf>)> {
    let wishes: Vec<(PathBuf, Isrc)> = decided
        .iter()
        .filter_map(|(target, decision)| match decision.wish()? {
            Wish::Set(isrc, _) => Some((target.path.clone(), *isrc)),
            Wish::Fix(_) | Wish::SetTracks(..) | Wish::Remove => None,
        })
        .collect();
    let mut done: BTreeSet<PathBuf> = BTreeSet::new();
    let exit = run.carry_out(decided, &mut |path: &Path, outcome: &Outcome| {
        if matches!(outcome, Outcome::Written | Outcome::Unchanged | Outcome::Planned) {
            done.insert(path.to_path_buf());
        }
    })?;
    let confirmed: BTreeSet<Isrc> = wishes
        .into_iter()
        .filter(|(path, _)| done.contains(path))
        .map(|(_, isrc)| isrc)
        .collect();
    for isrc in confirmed {
        ledger.confirm(isrc, stamp)?;
    }
    Ok((exit, done))
}

/// Stops where only a person can say what is one recording.
fn settled(recordings: Recordings, files: &[FileInfo], surroundings: &Surroundings) -> anyhow::Result<Recordings> {
    let questions = &recordings.questions;
    if questions.is_empty() {
        return Ok(recordings);
    }
    let current = std::env::current_dir().unwrap_or_default();
    let name = |file: usize| {
        let path = &files[file].path;
        let path = path.strip_prefix(&current).unwrap_or(path);
        printable(&path.to_string_lossy()).into_owned()
    };
    for question in questions.iter().take(MOST_QUESTIONS) {
        let (a, b) = question.files;
        let line = format!("{} and {}: {}", name(a), name(b), printable(&question.why));
        surroundings.complain(&line);
    }
    if let Some(more) = questions.len().checked_sub(MOST_QUESTIONS).filter(|more| *more > 0) {
        surroundings.complain(&format!("... and {} more", count(more as u64, "pair", "pairs")));
    }
    let pairs = count(questions.len() as u64, "pair", "pairs");
    let one_by_one = match questions.len() {
        1 => "",
        _ => "; where the answers differ, name the files of one pair at a time",
    };
    bail!(
        "of {pairs} nothing decides whether it is one recording or two; nothing was written\nhint: --together gives the \
         files of each pair one code, --separate a code each{one_by_one}"
    );
}

/// What the ledger keeps of a recording: what its files say together, under the path of the first.
fn reference(group: &Group, files: &[FileInfo], listener: Option<&Listener>) -> Reference {
    let mut description = group.called.clone();
    let md5_of = |&file: &usize| listener?.md5(&files[file].path);
    description.flac_md5 = description.flac_md5.or_else(|| group.files.iter().find_map(md5_of));
    Reference {
        description,
        ..Reference::of_file(&files[group.files[0]], &files[group.files[0]].path)
    }
}

/// Tells what a person may want to know of the codes before they are written.
fn tell_offers(
    reservation: &Reservation,
    without: &[&Group],
    references: &[Reference],
    files: &[FileInfo],
    ledger: &Ledger,
    surroundings: &Surroundings,
) -> anyhow::Result<()> {
    let Reservation { offers, usage } = reservation;
    let path = |recording: usize| &files[without[recording].files[0]].path;
    for (recording, offer) in offers.iter().enumerate() {
        if offer.kind == OfferKind::Known
            && let Some(entry) = ledger.find(offer.isrc)?
            && entry.reference.path.as_ref() != Some(path(recording))
        {
            surroundings.talk(&known(path(recording), &entry));
        }
    }
    let is_here = |isrc: Isrc| files.iter().any(|file| file.isrc == Some(isrc));
    for (recording, isrc) in ledger.namesakes(references)? {
        // Files that were looked at together have been compared, and the same audio gets its code again.
        if !is_here(isrc) && offers[recording].isrc != isrc {
            let files = without[recording].files.iter().map(|&file| files[file].path.clone());
            surroundings.talk(&namesake(&files.collect::<Vec<_>>(), isrc));
        }
    }
    if let Some(line) = nearly_full(usage) {
        surroundings.talk(&line);
    }
    Ok(())
}

fn only_prefix(ledger: &Ledger) -> anyhow::Result<PrefixCode> {
    let mut prefixes: Vec<PrefixCode> = ledger.prefixes()?.iter().map(|prefix| prefix.range.prefix()).collect();
    prefixes.dedup_by(|a, b| a.as_str() == b.as_str());
    match prefixes[..] {
        [prefix] => Ok(prefix),
        [] => bail!("the ledger has no prefix\nhint: isrctag ledger prefix add CODE"),
        _ => bail!("the ledger has several prefixes\nhint: say which with --prefix"),
    }
}
