//! `ledger`: the record of codes.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use etcetera::BaseStrategy as _;

use self::elsewhere::carried_elsewhere;
use super::edit::{hard_to_believe, wished_code};
use super::lists::about;
use super::look::{Looked, look, nothing_done};
use super::output::Output;
use super::scan::listening::ear;
use super::walk::walk_of;
use super::{Answers, Surroundings, say};
use crate::bytes::source::Links;
use crate::cli::LineFormat;
use crate::cli::ledger::{
    Add, Check, Import, LedgerArgs, LedgerCommand, LedgerExport, LedgerFile, LedgerList, PrefixAdd, PrefixCommand,
    PrefixList, PrefixRemove, Void,
};
use crate::commands::base_folders;
use crate::commands::exit::Exit;
use crate::commands::look::recall::indexes_among;
use crate::discover::Walk;
use crate::format::tags::Description;
use crate::isrc::Isrc;
use crate::isrc::placeholder::{self, Placeholder};
use crate::isrc::words::count;
use crate::ledger::check::{Asked, Difference};
use crate::ledger::prefix::{PrefixAdded, PrefixRange, Usage};
use crate::ledger::{CodeFilter, Ledger, LedgerError, Reference, Stamp};
use crate::list::Reading;
use crate::list::read::source::Source;
use crate::recording::FileInfo;
use crate::report::answer::ledger::{RangeLeft, codes, difference, told_together};
use crate::report::terminal::printable;
use crate::scan::inspect::Describe;
use crate::scan::read;
use crate::system::database::Missing;
use crate::system::table::SheetFormat;

pub(super) mod elsewhere;

pub(super) fn run(arguments: LedgerArgs, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let LedgerArgs { command } = arguments;
    match command {
        LedgerCommand::Prefix(prefix) => match prefix.command {
            PrefixCommand::Add(add) => prefix_add(add, surroundings),
            PrefixCommand::List(list) => prefix_list(list, surroundings),
            PrefixCommand::Remove(remove) => prefix_remove(remove, surroundings),
        },
        LedgerCommand::List(list) => self::list(list, surroundings),
        LedgerCommand::Add(add) => self::add(add, surroundings),
        LedgerCommand::Void(void) => self::void(void, surroundings),
        LedgerCommand::Import(import) => self::import(import, surroundings),
        LedgerCommand::Export(export) => self::export(export, surroundings),
        LedgerCommand::Check(check) => self::check(check, surroundings),
    }
}

pub(super) fn open(file: &LedgerFile, missing: Missing) -> anyhow::Result<Ledger> {
    Ok(Ledger::open(&ledger_path(file)?, missing)?)
}

fn ledger_path(file: &LedgerFile) -> anyhow::Result<PathBuf> {
    if let Some(path) = &file.ledger {
        return Ok(path.clone());
    }
    Ok(base_folders()?.data_dir().join("isrctag").join("ledger.sqlite"))
}

/// The ledger that commands use which are given none, if there is one.
fn ledger_of_state() -> Option<Ledger> {
    let ledger = std::env::var_os("ISRCTAG_LEDGER").map(PathBuf::from);
    Ledger::open(&ledger_path(&LedgerFile { ledger }).ok()?, Missing::Refuse).ok()
}

/// What the ledger, where there is one, says against files that are to get codes, which are theirs in `wanted`: tells of
/// codes of other recordings, and gives the files whose code is void.
pub(super) fn with_void_codes(
    wanted: impl FnOnce() -> Vec<FileInfo>,
    surroundings: &Surroundings,
) -> anyhow::Result<Vec<(usize, String)>> {
    let Some(ledger) = ledger_of_state() else {
        return Ok(Vec::new());
    };
    let wanted = wanted();
    let mut void = Vec::new();
    for said in ledger.check_files(&wanted, &ear(Links::Follow, surroundings))?.0 {
        match said {
            Difference::Void { file, isrc } => {
                let way_on = "isrctag set --force writes it all the same";
                void.push((file, format!("{isrc} is void in the ledger; {way_on}")));
            }
            Difference::OtherRecording { .. } => surroundings.talk(&difference(&said, &wanted)),
            _ => {}
        }
    }
    Ok(void)
}

pub(super) fn stamp() -> Stamp {
    let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME"));
    Stamp {
        at: jiff::Timestamp::now().as_second(),
        by: user.unwrap_or_else(|_| "unknown".to_owned()),
    }
}

/// Says which codes of the ledger files do not carry any more, now that an edit of theirs was taken back. They stay
/// theirs: nobody else ever gets them.
pub(super) fn tell_reserved(files: &[PathBuf], surroundings: &Surroundings) {
    let ledger = ledger_of_state();
    // Whoever keeps no ledger has no codes in it.
    let Some(ledger) = ledger else { return };
    let mut reserved = BTreeSet::new();
    for file in files {
        let Ok(path) = std::path::absolute(file) else { continue };
        let given = ledger.given_to(&path).unwrap_or_default();
        if given.is_empty() {
            continue;
        }
        let stands = read::read(file, Links::Refuse)
            .map(|(_, located)| located.places)
            .unwrap_or_default();
        let carried: Vec<Option<Isrc>> = stands.iter().map(|place| Isrc::from_stored(&place.text)).collect();
        reserved.extend(given.into_iter().filter(|isrc| !carried.contains(&Some(*isrc))));
    }
    if let (Some(first), Some(last)) = (reserved.first(), reserved.last()) {
        let (named, stay, them) = match reserved.len() {
            1 => (first.to_string(), "stays", "it to its recording"),
            number => (
                format!("{} ({first} to {last})", codes(number as u32)),
                "stay",
                "each to its recording",
            ),
        };
        surroundings.talk(&format!(
            "{named} {stay} reserved in the ledger: isrctag assign gives {them} alone"
        ));
    }
}

/// What a command did, in one line.
fn answer(line: &str, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    say(line, surroundings)?;
    Ok(Exit::Fine)
}

fn prefix_add(arguments: PrefixAdd, surroundings: &Surroundings) -> anyhow::Result<Exit> {
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
    let first = Isrc::from_parts(code.as_str(), 0, 1);
    if first.is_some_and(|isrc| placeholder::of_code(&isrc) == Some(Placeholder::ExamplePrefix)) {
        bail!(
            "{code} is kept for examples in documentation: its codes are nobody's\nhint: enter the prefix code that your \
             agency gave you"
        );
    }
    let mut ledger = open(&ledger, Missing::Create)?;
    let added = match ledger.prefix_add(range, owner.as_deref(), &stamp())? {
        PrefixAdded::New => "entered",
        PrefixAdded::Known => "there already",
    };
    // The codes that files carry already are held back by the first that are given out.
    let mut ledger = ledger.trial()?;
    ledger.see(&carried_elsewhere(code, &ledger, surroundings)?, &stamp())?;
    let usage = ledger.usage(surroundings.this_year)?;
    let left = usage.iter().find(|usage| usage.range == range).map_or(0, Usage::left);
    answer(
        &format!("{range}: {added}, {} left for {}", codes(left), surroundings.this_year),
        surroundings,
    )
}

fn prefix_remove(arguments: PrefixRemove, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let PrefixRemove { code, ledger } = arguments;
    let ranges = open(&ledger, Missing::Refuse)?.prefix_remove(code)?;
    let ranges = match ranges {
        1 => String::new(),
        more => format!(", with its {more} ranges"),
    };
    answer(&format!("{code}: taken out{ranges}"), surroundings)
}

fn prefix_list(arguments: PrefixList, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let PrefixList { format, ledger } = arguments;
    let mut answers = Answers::new(format, surroundings);
    if let Some(ledger) = open_for_list(&ledger, &mut answers)?
        && give_prefixes(&ledger, surroundings, &mut answers)? == 0
    {
        answers.say("No prefix yet: isrctag ledger prefix add CODE enters one.")?;
    }
    answers.end()
}

/// The ledger to be listed; none where there is none yet, which is told.
fn open_for_list(ledger: &LedgerFile, answers: &mut Answers) -> anyhow::Result<Option<Ledger>> {
    match Ledger::open(&ledger_path(ledger)?, Missing::Refuse) {
        Ok(ledger) => Ok(Some(ledger)),
        Err(LedgerError::NoLedger(_)) => {
            answers.say("No ledger yet: isrctag ledger prefix add CODE begins one.")?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Lists the ranges, and says how many there are.
fn give_prefixes(ledger: &Ledger, surroundings: &Surroundings, answers: &mut Answers) -> anyhow::Result<usize> {
    let prefixes = ledger.prefixes()?;
    for (usage, prefix) in ledger.usage(surroundings.this_year)?.iter().zip(&prefixes) {
        answers.give(&RangeLeft { prefix, usage })?;
    }
    Ok(prefixes.len())
}

fn list(arguments: LedgerList, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let LedgerList { format, ledger } = arguments;
    let mut answers = Answers::new(format, surroundings);
    if let Some(ledger) = open_for_list(&ledger, &mut answers)? {
        give_prefixes(&ledger, surroundings, &mut answers)?;
        let mut given = Ok(());
        ledger.each(CodeFilter::All, |entry| {
            if given.is_ok() {
                given = answers.give(&entry);
            }
        })?;
        given?;
    }
    answers.end()
}

fn add(arguments: Add, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Add {
        code,
        title,
        artist,
        version_title,
        ledger,
    } = arguments;
    let isrc = wished_code(&code, None, surroundings.this_year)?;
    let reference = Reference {
        description: Description {
            artist,
            title,
            version: version_title,
            ..Description::default()
        },
        ..Reference::default()
    };
    let added = match open(&ledger, Missing::Create)?.add(isrc, &reference, &stamp())? {
        true => "entered",
        false => "there already",
    };
    if let Some((_, line)) = hard_to_believe(isrc, surroundings.this_year) {
        surroundings.talk(&line);
    }
    answer(&format!("{isrc}: {added}"), surroundings)
}

fn void(arguments: Void, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Void { code, reason, ledger } = arguments;
    let isrc = wished_code(&code, None, surroundings.this_year)?;
    open(&ledger, Missing::Refuse)?.void(isrc, reason.as_deref(), &stamp())?;
    answer(&format!("{isrc}: void; it is never given out"), surroundings)
}

fn import(arguments: Import, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Import { file, ledger } = arguments;
    let reading = Reading {
        // The ledger asks for codes alone.
        in_order: true,
        this_year: surroundings.this_year,
        ..Reading::default()
    };
    let unusable = || format!("the list {} cannot be used", file.display());
    let list = Source::open(&file)
        .and_then(|source| source.read(&reading))
        .with_context(unusable)?;
    let imported = open(&ledger, Missing::Create)?.import(&list, &stamp())?;
    for clash in &imported.clashes {
        surroundings.complain(&printable(&clash.told(|row| format!("row {row}"))));
    }
    if !imported.clashes.is_empty() {
        bail!(
            "{}; nothing was entered",
            count(imported.clashes.len() as u64, "clash", "clashes")
        );
    }
    let added = count(imported.added as u64, "code", "codes");
    answer(
        &format!("{added} entered, {} known already", imported.known),
        surroundings,
    )
}

fn export(arguments: LedgerExport, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let LedgerExport { output, ledger } = arguments;
    let format = SheetFormat::of_ending(&output)?;
    let ledger = open(&ledger, Missing::Refuse)?;
    let (place, file) = Output::create(&output, &[ledger.path()])?;
    let mut out = io::BufWriter::new(file);
    let written = ledger.export(&mut out, format, about())?;
    out.flush()?;
    drop(out);
    place.put()?;
    let written = count(written as u64, "code", "codes");
    answer(&format!("{written} listed in {}", output.display()), surroundings)
}

fn check(arguments: Check, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Check { paths, ledger, walk } = arguments;
    let (indexes, paths) = indexes_among(paths)?;
    let mut links = Links::Refuse;
    let (mut looked, mut asked) = match indexes.is_empty() || !paths.is_empty() || walk.files_from.is_some() {
        true => {
            let walk = walk_of(paths, &walk)?;
            links = walk.opening();
            (look(&walk, surroundings, Describe::TagsAndAudio), walk.roots)
        }
        false => (Looked::told(Vec::new(), surroundings), Vec::new()),
    };
    for index in indexes {
        let then = index.of_then(surroundings)?;
        asked.extend(folder_of_all(then.files.iter().map(|(path, _)| path)));
        looked = looked.and(then);
    }
    let (files, exit) = facts(looked, surroundings)?;
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let ear = ear(links, surroundings);
    let differences = open(&ledger, Missing::Refuse)?.check(&files, &Asked::of(asked), &ear)?;
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let mut answers = Answers::new(LineFormat::Text, surroundings);
    for line in differences
        .chunk_by(Difference::is_told_with)
        .map(|alike| told_together(alike, &files))
    {
        answers.say(&line)?;
    }
    match (differences.is_empty(), exit) {
        (true, Exit::Fine) => answers.say("Files and ledger agree.")?,
        (true, _) => answers.say("The files that could be read and the ledger agree.")?,
        (false, _) => {}
    }
    answers.end()?;
    match differences.is_empty() {
        true => Ok(exit),
        false => Ok(exit.max(Exit::Findings)),
    }
}

/// The folder that all these files are below.
fn folder_of_all<'p>(mut files: impl Iterator<Item = &'p PathBuf>) -> Option<PathBuf> {
    let first = std::path::absolute(files.next()?).ok()?;
    files.try_fold(first.parent()?.to_owned(), |folder, file| {
        let file = std::path::absolute(file).ok()?;
        let shared = folder.ancestors().find(|part| file.starts_with(part))?;
        Some(shared.to_owned())
    })
}

/// The facts of every file of a walk, under absolute paths: the ledger must lead back to them from any folder. What
/// could not be read has been told, and counts for the exit status.
pub(super) fn described(walk: &Walk, surroundings: &Surroundings) -> anyhow::Result<(Vec<FileInfo>, Exit)> {
    facts(look(walk, surroundings, Describe::TagsAndAudio), surroundings)
}

fn facts(mut looked: Looked, surroundings: &Surroundings) -> anyhow::Result<(Vec<FileInfo>, Exit)> {
    looked.tell_unsupported(surroundings);
    let Looked { files, exit } = looked;
    let described = files
        .iter()
        .filter(|(_, file)| file.format.is_some_and(|format| format.is_supported()))
        .map(|(path, file)| Ok(FileInfo::of(&std::path::absolute(path)?, file)));
    Ok((described.collect::<anyhow::Result<_>>()?, exit))
}
