//! `ledger` and `assign`: the record of codes, and codes from it.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use etcetera::BaseStrategy as _;

use super::edit::{Decision, Run, Target, wished_code};
use super::listening::listener;
use super::look::{Looked, look, nothing_done};
use super::walk::walk_of;
use super::{Surroundings, hard_to_believe, stdout};
use crate::cli::LineFormat;
use crate::cli::ledger::{
    Add, Assign, Check, Import, LedgerArgs, LedgerCommand, LedgerExport, LedgerFile, List, PrefixAdd, PrefixCommand,
    Void,
};
use crate::database::Missing;
use crate::discover::Walk;
use crate::exit::Exit;
use crate::inspect::Describe;
use crate::isrc::Isrc;
use crate::isrc::decode::decode;
use crate::ledger::check::Difference;
use crate::ledger::prefix::{PrefixCode, PrefixRange};
use crate::ledger::reserve::OfferKind;
use crate::ledger::{Ledger, LedgerError, Listed, Reference, Stamp};
use crate::list::{Reading, read};
use crate::plan::{Replace, Wish};
use crate::recording::{FileInfo, Group, group_recordings};
use crate::report::edits::{Ending, Unchanged};
use crate::report::jsonl::write_line;
use crate::report::terminal::{count, printable, thousands};
use crate::table::SheetFormat;
use crate::tags::Description;

pub(super) fn run(arguments: LedgerArgs, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let LedgerArgs { command } = arguments;
    match command {
        LedgerCommand::Prefix(prefix) => match prefix.command {
            PrefixCommand::Add(add) => prefix_add(add),
        },
        LedgerCommand::List(list) => self::list(list, surroundings),
        LedgerCommand::Add(add) => self::add(add, surroundings),
        LedgerCommand::Void(void) => self::void(void, surroundings),
        LedgerCommand::Import(import) => self::import(import, surroundings),
        LedgerCommand::Export(export) => self::export(export),
        LedgerCommand::Check(check) => self::check(check, surroundings),
    }
}

fn open(file: &LedgerFile, missing: Missing) -> anyhow::Result<Ledger> {
    Ok(Ledger::open(&ledger_path(file)?, missing)?)
}

fn ledger_path(file: &LedgerFile) -> anyhow::Result<PathBuf> {
    if let Some(path) = &file.ledger {
        return Ok(path.clone());
    }
    let platform = etcetera::choose_base_strategy().context("cannot tell the home folder")?;
    Ok(platform.data_dir().join("isrctag").join("ledger.sqlite"))
}

fn stamp() -> Stamp {
    let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME"));
    Stamp {
        at: jiff::Timestamp::now().as_second(),
        by: user.unwrap_or_else(|_| "unknown".to_owned()),
    }
}

fn prefix_add(arguments: PrefixAdd) -> anyhow::Result<Exit> {
    let PrefixAdd {
        code,
        from,
        to,
        owner,
        ledger,
    } = arguments;
    let Some(range) = PrefixRange::new(code, from, to) else {
        bail!("a range goes from 00001 to 99999 at most, not from {from:05} to {to:05}");
    };
    open(&ledger, Missing::Create)?.prefix_add(range, owner.as_deref(), &stamp())?;
    Ok(Exit::Fine)
}

fn list(arguments: List, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let List { format, ledger } = arguments;
    let mut out = stdout();
    let ledger = match Ledger::open(&ledger_path(&ledger)?, Missing::Refuse) {
        Ok(ledger) => ledger,
        Err(LedgerError::NoLedger(_)) => {
            if format == LineFormat::Text {
                writeln!(out, "No ledger yet: isrctag ledger prefix add CODE begins one.")?;
            }
            out.flush()?;
            return Ok(Exit::Fine);
        }
        Err(error) => return Err(error.into()),
    };
    for usage in ledger.usage(surroundings.this_year)? {
        let (prefix, first, last) = (usage.range.prefix(), usage.range.first(), usage.range.last());
        match format {
            LineFormat::Text => writeln!(
                out,
                "{}  {first:05} to {last:05}, {} left in {}",
                prefix.as_str(),
                usage.left(),
                usage.year
            )?,
            LineFormat::Jsonl => write_line(
                &mut out,
                &serde_json::json!({"type": "prefix", "prefix": prefix.as_str(), "from": first, "to": last,
                    "year": usage.year, "left": usage.left()}),
            )?,
        }
    }
    let mut written = Ok(());
    ledger.each(Listed::All, |entry| {
        if written.is_err() {
            return;
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (title, artist) = (
            text(&entry.reference.description.title),
            text(&entry.reference.description.artist),
        );
        written = match format {
            LineFormat::Text => {
                let line = format!("{}  {:<8}  {title}  {artist}", entry.isrc, entry.state.word());
                writeln!(out, "{}", printable(line.trim_end()))
            }
            LineFormat::Jsonl => write_line(
                &mut out,
                &serde_json::json!({"type": "code", "isrc": entry.isrc.as_str(), "state": entry.state.word(),
                    "origin": entry.origin.word(), "title": title, "artist": artist}),
            ),
        };
    })?;
    written?;
    out.flush()?;
    Ok(Exit::Fine)
}

fn add(arguments: Add, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Add {
        code,
        title,
        artist,
        version_title,
        ledger,
    } = arguments;
    let isrc = wished_code(&code, false, surroundings.this_year)?;
    let reference = Reference {
        description: Description {
            artist,
            title,
            version: version_title,
            ..Description::default()
        },
        ..Reference::default()
    };
    open(&ledger, Missing::Create)?.add(isrc, &reference, &stamp())?;
    Ok(Exit::Fine)
}

fn void(arguments: Void, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Void { code, reason, ledger } = arguments;
    let isrc = wished_code(&code, false, surroundings.this_year)?;
    open(&ledger, Missing::Create)?.void(isrc, reason.as_deref(), &stamp())?;
    Ok(Exit::Fine)
}

fn import(arguments: Import, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Import { file, ledger } = arguments;
    let reading = Reading {
        columns: crate::list::columns::Columns::default(),
        sheet: None,
        this_year: surroundings.this_year,
    };
    let list = read(&file, &reading).with_context(|| format!("the list {} cannot be used", file.display()))?;
    let imported = open(&ledger, Missing::Create)?.import(&list, &stamp())?;
    for clash in &imported.clashes {
        surroundings.talk(&format!("row {}: {}", clash.from, printable(&clash.what.to_string())));
    }
    if !imported.clashes.is_empty() {
        bail!(
            "{}; nothing was entered",
            count(imported.clashes.len() as u64, "clash", "clashes")
        );
    }
    let mut out = stdout();
    let added = count(imported.added as u64, "code", "codes");
    writeln!(out, "{added} entered, {} known already", imported.known)?;
    out.flush()?;
    Ok(Exit::Fine)
}

fn export(arguments: LedgerExport) -> anyhow::Result<Exit> {
    let LedgerExport { output, ledger } = arguments;
    let Some(format) = SheetFormat::of_ending(&output) else {
        bail!(
            "cannot tell the format of a table named {}\nhint: end it in .csv, .xlsx or .jsonl",
            output.display()
        );
    };
    let ledger = open(&ledger, Missing::Refuse)?;
    let mut out = io::BufWriter::new(fs_err::File::create(&output)?);
    ledger.export(&mut out, format)?;
    out.flush()?;
    Ok(Exit::Fine)
}

fn check(arguments: Check, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Check { paths, ledger, walk } = arguments;
    let (files, exit) = described(&walk_of(paths, &walk)?, surroundings)?;
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let differences = open(&ledger, Missing::Refuse)?.check(&files)?;
    let name = |file: usize| files[file].path.to_string_lossy().into_owned();
    let mut out = stdout();
    for difference in &differences {
        let line = match difference {
            Difference::Unknown { file, isrc } => format!("{}: {isrc} is not in the ledger", name(*file)),
            Difference::OtherRecording {
                file,
                isrc,
                contradiction,
            } => format!("{}: {isrc} belongs to another recording: {contradiction}", name(*file)),
            Difference::Void { file, isrc } => format!("{}: {isrc} is void in the ledger", name(*file)),
            Difference::NotConfirmed { file, isrc } => {
                format!(
                    "{}: {isrc} was set apart by a run that did not come to its end",
                    name(*file)
                )
            }
            Difference::WithoutFile { entry } => format!("{}: no file carries it", entry.isrc),
            Difference::NotWritten { entry } => format!("{}: set apart, and no file carries it", entry.isrc),
        };
        writeln!(out, "{}", printable(&line))?;
    }
    match (differences.is_empty(), exit) {
        (true, Exit::Fine) => writeln!(out, "Files and ledger agree.")?,
        (true, _) => writeln!(out, "The files that could be read and the ledger agree.")?,
        (false, _) => {}
    }
    out.flush()?;
    match differences.is_empty() {
        true => Ok(exit),
        false => Ok(exit.max(Exit::Findings)),
    }
}

pub(super) fn assign(arguments: Assign, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Assign {
        paths,
        prefix,
        year,
        ledger,
        edit,
        walk,
    } = arguments;
    let walk = walk_of(paths, &walk)?;
    let (files, exit_of_look) = described(&walk, surroundings)?;
    let mut groups = group_recordings(&files);
    if files.len() > 1 && groups.iter().any(|group| group.codes.is_empty()) {
        groups = listener(surroundings, walk.opening())?.corrected(&groups, &files);
    }
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    // A dry run asks a copy, so that it prints the very codes and sets none apart.
    let trial = tempfile_for_trial(edit.dry_run, &ledger)?;
    let mut ledger = match &trial {
        Some(copy) => Ledger::open(copy.path(), Missing::Refuse)?,
        None => open(&ledger, Missing::Refuse)?,
    };
    let prefix = match prefix {
        Some(prefix) => prefix,
        None => only_prefix(&ledger)?,
    };
    let run = Run::open(&edit, surroundings, Unchanged::List)?.told_relative();
    let stamp = stamp();
    let seen: Vec<(Isrc, Reference)> = files
        .iter()
        .filter_map(|file| Some((file.isrc?, Reference::of_file(file, &file.path))))
        .collect();
    let clashes = ledger.see(&seen, &stamp)?.clashes;
    for clash in &clashes {
        surroundings.talk(&printable(&clash.what.to_string()));
    }
    if !clashes.is_empty() {
        bail!("codes in the files clash with the ledger; nothing was written");
    }
    if !files.is_empty() && files.iter().all(|file| file.isrc.is_some()) && edit.format == LineFormat::Text {
        let all = match files.len() {
            1 => "The file has a code already.".to_owned(),
            number => format!("All {} files have a code already.", thousands(number as u64)),
        };
        let mut out = stdout();
        writeln!(out, "{all}")?;
        out.flush()?;
        return Ok(exit_of_look);
    }
    let without: Vec<&Group> = groups.iter().filter(|group| group.codes.is_empty()).collect();
    let references: Vec<Reference> = without
        .iter()
        .map(|group| {
            let first = &files[group.files[0]];
            Reference::of_file(first, &first.path)
        })
        .collect();
    let reservation = ledger.reserve(prefix, year.unwrap_or(surroundings.this_year), &references, &stamp)?;
    // New codes share prefix and year: what is doubtful of one is so of all.
    let mut new = reservation.offers.iter().filter(|offer| offer.kind == OfferKind::New);
    let doubtful = new.find_map(|offer| {
        let doubt = decode(offer.isrc.as_str(), surroundings.this_year).doubt()?;
        Some(hard_to_believe(offer.isrc, &doubt))
    });
    doubtful.iter().for_each(|doubt| surroundings.talk(doubt));
    let is_here = |isrc: Isrc| files.iter().any(|file| file.isrc == Some(isrc));
    for (recording, isrc) in ledger.namesakes(&references)? {
        // Files that were looked at together have been compared by ear, and the same audio gets its code again.
        if !is_here(isrc) && reservation.offers[recording].isrc != isrc {
            let path = files[without[recording].files[0]].path.to_string_lossy();
            surroundings.talk(&format!(
                "{}: {isrc} is given to this title by this artist already; if it is the same recording: isrctag fill",
                printable(&path)
            ));
        }
    }
    for usage in reservation.usage.iter().filter(|usage| usage.is_nearly_full()) {
        let words = format!(
            "{} is nearly full: {} left",
            usage.range.prefix().as_str(),
            count(u64::from(usage.left()), "code", "codes")
        );
        surroundings.talk(&words);
    }
    let mut offers = reservation.offers.iter();
    let mut decided = Vec::new();
    for group in &groups {
        let decision = |isrc: Isrc| Decision::Wish(Wish::Set(isrc, Replace::Refuse));
        match group.codes[..] {
            [] => {
                let offer = offers.next().expect("one offer for each recording without a code");
                decided.extend(
                    group
                        .files
                        .iter()
                        .map(|&file| (target(&files[file]), decision(offer.isrc))),
                );
            }
            [isrc] => {
                let lacking = group.files.iter().filter(|&&file| files[file].isrc.is_none());
                decided.extend(lacking.map(|&file| (target(&files[file]), decision(isrc))));
            }
            _ => {
                let codes: Vec<&str> = group.codes.iter().map(Isrc::as_str).collect();
                let reason = format!("the files of this recording carry {}", codes.join(" and "));
                let lacking = group.files.iter().filter(|&&file| files[file].isrc.is_none());
                let refused = |file: &usize| {
                    let refusal = Decision::Leave(Ending::Refused(reason.clone()), Vec::new());
                    (target(&files[*file]), refusal)
                };
                decided.extend(lacking.map(refused));
            }
        }
    }
    let wishes: Vec<(PathBuf, Isrc)> = decided
        .iter()
        .filter_map(|(target, decision)| match decision {
            Decision::Wish(Wish::Set(isrc, _)) => Some((target.path.clone(), *isrc)),
            Decision::Wish(_) | Decision::Leave(..) => None,
        })
        .collect();
    let mut written: BTreeSet<PathBuf> = BTreeSet::new();
    let exit = run.carry_out(decided, &mut |path: &Path, ending: &Ending| {
        if matches!(ending, Ending::Written | Ending::Unchanged) {
            written.insert(path.to_path_buf());
        }
    })?;
    let confirmed: BTreeSet<Isrc> = wishes
        .into_iter()
        .filter(|(path, _)| written.contains(path))
        .map(|(_, isrc)| isrc)
        .collect();
    if trial.is_none() {
        for isrc in confirmed {
            ledger.confirm(isrc, &stamp)?;
        }
    }
    Ok(exit.max(exit_of_look))
}

/// A copy of the ledger that lives as long as the value.
struct Trial(PathBuf);

impl Trial {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // A copy that stays behind in the folder for temporary files harms nobody.
        let _left = fs_err::remove_file(&self.0);
    }
}

fn tempfile_for_trial(dry_run: bool, ledger: &LedgerFile) -> anyhow::Result<Option<Trial>> {
    if !dry_run {
        return Ok(None);
    }
    let path = ledger_path(ledger)?;
    // Without one there is nothing to copy, and the error is that of a real run.
    drop(Ledger::open(&path, Missing::Refuse)?);
    let trial = Trial(std::env::temp_dir().join(format!("isrctag-trial-{}.sqlite", std::process::id())));
    fs_err::copy(&path, &trial.0)?;
    Ok(Some(trial))
}

fn target(file: &FileInfo) -> Target {
    Target::named(file.path.clone())
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

/// The facts of every file of a walk, under absolute paths: the ledger must lead back to them from any folder. What
/// could not be read has been told, and counts for the exit status.
fn described(walk: &Walk, surroundings: &Surroundings) -> anyhow::Result<(Vec<FileInfo>, Exit)> {
    let mut looked = look(walk, surroundings, Describe::TagsAndAudio);
    looked.tell_unsupported(surroundings);
    let Looked { files, exit } = looked;
    let described = files
        .iter()
        .filter(|(_, file)| file.format.is_some_and(|format| format.is_supported()))
        .map(|(path, file)| Ok(FileInfo::of(&std::path::absolute(path)?, file)));
    Ok((described.collect::<anyhow::Result<_>>()?, exit))
}
