//! `fix`, `set` and `remove`: wishes to plans, plans to edits, edits to lines.

pub(in crate::commands) mod apply;
pub(in crate::commands) mod assign;
pub(in crate::commands) mod fill;
pub(in crate::commands) mod set;

mod run;

use std::path::Path;

use anyhow::bail;

pub(super) use self::run::Counted;
use self::run::{EditTarget, Run, decided};
use super::walk::{check_named, walk_of};
use super::{Surroundings, state_folder};
use crate::cli::LineFormat;
use crate::cli::edit::{EditArgs, Fix, InPlaceArg, Remove};
use crate::commands::exit::Exit;
use crate::discover::distinct;
use crate::edit::journal::JournalError;
use crate::edit::recover::{Recovered, Resolution};
use crate::edit::session::Session;
use crate::edit::{InPlace, Options, Outcome, Times};
use crate::isrc::Isrc;
use crate::isrc::decode::{Class, decode};
use crate::isrc::normalise::normalise;
use crate::isrc::words::count;
use crate::plan::{Decision, Misplaced, Wish};
use crate::report::answer::Answer as _;
use crate::report::edits::{Deed, EditReport, JsonlEdits, TextEdits, Unchanged, Verbosity};
use crate::report::terminal::{Colour, printable, printable_lines};

pub(super) fn fix(arguments: Fix, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Fix {
        paths,
        place,
        edit,
        walk,
    } = arguments;
    let walk = walk_of(paths, &walk)?;
    let misplaced = if place { Misplaced::Place } else { Misplaced::Leave };
    let mut run = Run::writing(&edit, surroundings, Unchanged::Count)?;
    surroundings.seen.walked(&walk);
    run.walk = Some(walk.clone());
    run.carry_out(
        walk.found().map(|found| decided(found, Wish::Fix(misplaced))),
        &mut ignore,
    )
}

pub(super) fn remove(arguments: Remove, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Remove { files, edit } = arguments;
    check_named(&files)?;
    let run = Run::open(&edit, surroundings, Unchanged::List)?;
    let targets = EditTarget::all(distinct(files));
    run.carry_out(
        targets.map(|target| (target, Decision::Wish(Wish::Remove))),
        &mut ignore,
    )
}

/// For runs whose report is all that anybody hears of them.
pub(super) fn ignore(_path: &Path, _outcome: &Outcome) {}

/// The code that a user typed: in any spelling that loses nothing, and no placeholder unless forced, where a command can be.
pub(super) fn wished_code(text: &str, force: Option<bool>, this_year: u16) -> anyhow::Result<Isrc> {
    let decoded = decode(text, this_year);
    let shown = printable(text);
    match (decoded.class, decoded.isrc) {
        (_, Some(isrc)) => Ok(isrc),
        (Class::Placeholder, None) => match normalise(text) {
            Ok(normalised) if force == Some(true) => Ok(normalised.isrc),
            Ok(_) => {
                let way_on = force.map_or("", |_| "\nhint: --force writes it all the same");
                bail!("{shown} is a placeholder: {}{way_on}", decoded.reason.explain())
            }
            Err(_) => bail!("{shown} is not a code: {}", decoded.reason.explain()),
        },
        (_, None) => match decoded.suggestions.first() {
            Some(guess) => bail!(
                "{shown} is not a code: {}\nhint: is it {guess}?",
                decoded.reason.explain()
            ),
            None => bail!("{shown} is not a code: {}", decoded.reason.explain()),
        },
    }
}

/// What is said of a code that is hard to believe: the word for it, and the line.
pub(super) fn hard_to_believe(isrc: Isrc, this_year: u16) -> Option<(String, String)> {
    let (word, doubt) = decode(isrc.as_str(), this_year).doubt()?;
    Some((word, format!("{isrc} is hard to believe: {doubt}")))
}

/// Says how much an interrupted run left.
pub(super) fn cut_short(not_reached: u64, counted: Counted, surroundings: &Surroundings) -> Exit {
    let files = count(not_reached, "file was", "files were");
    match counted {
        Counted::All if not_reached == 0 => {}
        Counted::All => surroundings.complain(&format!("interrupted: {files} not reached")),
        Counted::Some => surroundings.complain(&format!("interrupted: more than {files} not reached")),
    }
    Exit::Interrupted
}

pub(super) fn options(edit: &EditArgs) -> Options {
    Options {
        in_place: match edit.in_place {
            InPlaceArg::Auto => InPlace::Auto,
            InPlaceArg::Never => InPlace::Never,
        },
        times: if edit.preserve_mtime {
            Times::Preserve
        } else {
            Times::Update
        },
    }
}

pub(super) fn edit_report<'a>(
    format: LineFormat,
    surroundings: &Surroundings,
    unchanged: Unchanged,
    deed: Deed,
) -> Box<dyn EditReport + 'a> {
    match format {
        LineFormat::Jsonl => Box::new(JsonlEdits(surroundings.stdout())),
        LineFormat::Text => Box::new(TextEdits {
            out: surroundings.stdout(),
            colour: surroundings.colour,
            columns: surroundings.columns(),
            deed,
            unchanged,
            told: match (surroundings.quiet, surroundings.verbose) {
                (true, _) => Verbosity::Failures,
                (false, true) => Verbosity::ChangesAndMethod,
                (false, false) => Verbosity::Changes,
            },
        }),
    }
}

/// Opens the journal under the command line as typed, and tells what recovery did.
pub(super) fn open_session(options: Options, surroundings: &Surroundings) -> anyhow::Result<Session> {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let (session, recovered) = Session::open(&state_folder()?, options, &words.join(" "))?;
    // What is locked is most likely the work of another run at this moment; `recover` tells of it.
    let is_news = |recovered: &&Recovered| !matches!(recovered.ending, Resolution::Held);
    for recovered in recovered.iter().filter(is_news) {
        surroundings.talk(&recovered.text(Colour::Off));
    }
    Ok(session)
}

/// Tells of an error of the journal that came after files were written, so that the run cannot end as if none were.
pub(super) fn cut_off(error: JournalError, surroundings: &Surroundings) -> Exit {
    let error = anyhow::Error::from(error);
    let line = format!("isrctag: {error:#}\nhint: what was written is in the journal: isrctag log");
    surroundings.complain(&printable_lines(&line));
    Exit::SomeFailed
}
