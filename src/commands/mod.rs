//! What each command does with the stages. Errors that only a person will see are `anyhow` here.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use etcetera::BaseStrategy;

use crate::cli::{Cli, ColorChoice, Command, Global, LineFormat};
use crate::commands::exit::Exit;
use crate::edit::journal::JournalError;
use crate::ledger::LedgerError;
use crate::report::answer::Answer;
use crate::report::fold::{self, Folding};
use crate::report::terminal::{Colour, printable};
use crate::scan::inspect::{Describe, Detail, Inspection};
use crate::system::database::Fault;
use crate::system::in_flight::{Effort, Threads, measure_for};
use crate::system::platform::{columns_of_stderr, columns_of_stdout};
use crate::system::table::jsonl::write_line;
use progress::{Beside, ProgressLine};

mod edit;
pub(crate) mod exit;
mod history;
mod ledger;
mod lists;
mod look;
mod output;
mod progress;
mod scan;
mod shell;
mod telling;
mod walk;

pub use walk::{what_was_meant, where_to_begin};

/// What every command needs of its surroundings.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub quiet: bool,
    pub verbose: bool,
    pub threads: Threads,
    /// For standard output.
    pub colour: Colour,
    /// The progress line on standard error.
    pub line: Arc<ProgressLine>,
    /// Set by Ctrl-C.
    pub stop: Arc<AtomicBool>,
    /// The calendar year, UTC.
    pub this_year: u16,
    pub seen: look::seen::Seen,
}

/// Runs a command to its end.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    let Cli { command, global } = cli;
    let surroundings = surroundings(&global)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(surroundings.threads.at_first())
        .build()
        .context("cannot start threads")?;
    measure_for(surroundings.threads);
    pool.install(|| match command {
        Command::Scan(scan) => scan::run(scan, &surroundings),
        Command::Report(report) => scan::report(report, &surroundings),
        Command::Get(get) => look::get::run(get, &surroundings),
        Command::Show(show) => look::show::run(show, &surroundings),
        Command::Decode(decode) => look::decode::run(decode, &surroundings),
        Command::Fix(fix) => edit::fix(fix, &surroundings),
        Command::Set(set) => edit::set::run(set, &surroundings),
        Command::Remove(remove) => edit::remove(remove, &surroundings),
        Command::Export(export) => lists::export(export, &surroundings),
        Command::Apply(apply) => edit::apply::apply(apply, &surroundings),
        Command::Assign(assign) => edit::assign::run(assign, &surroundings),
        Command::Ledger(arguments) => ledger::run(arguments, &surroundings),
        Command::Fill(fill) => edit::fill::run(fill, &surroundings),
        Command::Undo(undo) => history::undo(undo, &surroundings),
        Command::Log(log) => history::log(log, &surroundings),
        Command::Recover(recover) => history::recover(recover, &surroundings),
        Command::Completions(completions) => shell::completions(completions),
        Command::Man(man) => shell::man(man),
    })
}

/// The exit status of a command that did nothing, because it cannot be done or because somebody did not want to wait.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    let journal = match error.downcast_ref() {
        Some(JournalError::Database(error)) => Some(error),
        _ => None,
    };
    let ledger = match error.downcast_ref() {
        Some(LedgerError::Database(error)) => Some(error),
        _ => None,
    };
    match journal.or(ledger) {
        Some(error) if matches!(error.fault, Fault::Interrupted) => Exit::Interrupted,
        _ => Exit::Unusable,
    }
}

fn surroundings(global: &Global) -> anyhow::Result<Surroundings> {
    crate::system::platform::outlive_file_size_limit().context("cannot listen for the limit of file sizes")?;
    let stop = Arc::new(AtomicBool::new(false));
    crate::system::database::give_up_when(&stop);
    let Global {
        threads,
        color,
        quiet,
        verbose,
    } = global;
    let line = ProgressLine::new(*quiet);
    let (on_signal, shown) = (Arc::clone(&stop), Arc::clone(&line));
    ctrlc::set_handler(move || {
        if on_signal.swap(true, Ordering::Relaxed) {
            shown.wipe();
            end_at_once();
        }
    })
    .context("cannot listen for Ctrl-C")?;
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let on_terminal = io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    let colour = match color {
        ColorChoice::Always => Colour::On,
        ColorChoice::Never => Colour::Off,
        ColorChoice::Auto if no_color || !on_terminal => Colour::Off,
        ColorChoice::Auto => Colour::On,
    };
    Ok(Surroundings {
        quiet: *quiet,
        verbose: *verbose,
        threads: threads.map_or(Threads::Measured, |threads| Threads::Fixed(threads.into())),
        colour,
        line,
        stop,
        this_year: jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() as u16,
        seen: look::seen::Seen::default(),
    })
}

/// The second Ctrl-C: somebody will not wait until this run comes to a halt. What it leaves is settled by the next one,
/// as after any other death.
#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "no thread may be there to return an exit status"
)]
fn end_at_once() {
    std::process::exit(i32::from(Exit::Interrupted as u8));
}

/// Standard output with a buffer. Every command writes its answer through it.
pub(crate) fn stdout() -> impl Write {
    io::BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// The same for an answer in lines for people, which are folded to the terminal, or for programs, which are not.
fn answer_in(format: LineFormat) -> Box<dyn Write> {
    match format {
        LineFormat::Text => Box::new(Folding::new(stdout(), Some(columns_of(columns_of_stdout())))),
        LineFormat::Jsonl => Box::new(stdout()),
    }
}

/// An answer of any number of things, each in lines for people or an object for programs.
pub(crate) struct Answers {
    out: Box<dyn Write>,
    format: LineFormat,
    colour: Colour,
}

impl Answers {
    pub(crate) fn new(format: LineFormat, surroundings: &Surroundings) -> Answers {
        Answers {
            out: answer_in(format),
            format,
            colour: surroundings.colour,
        }
    }

    pub(crate) fn give(&mut self, one: &impl Answer) -> io::Result<()> {
        match self.format {
            LineFormat::Text => writeln!(self.out, "{}", one.text(self.colour)),
            LineFormat::Jsonl => write_line(&mut self.out, &one.object()),
        }
    }

    /// What is said to people alone.
    pub(crate) fn say(&mut self, line: &str) -> io::Result<()> {
        match self.format {
            LineFormat::Text => writeln!(self.out, "{line}"),
            LineFormat::Jsonl => Ok(()),
        }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// All is answered, and fine.
    pub(crate) fn end(mut self) -> anyhow::Result<Exit> {
        self.flush()?;
        Ok(Exit::Fine)
    }
}

/// Says on standard output what a command did, in one line.
pub(crate) fn say(line: &str, surroundings: &Surroundings) -> anyhow::Result<()> {
    if !surroundings.quiet {
        let mut out = answer_in(LineFormat::Text);
        writeln!(out, "{}", printable(line))?;
        out.flush()?;
    }
    Ok(())
}

/// Prints help, or the version, to standard output. The first screen is made for 80 columns.
pub fn show_help(help: &clap::Error) -> io::Result<()> {
    if columns_of(columns_of_stdout()) >= 80 {
        return help.print();
    }
    let mut out = answer_in(LineFormat::Text);
    out.write_all(help.render().to_string().as_bytes())?;
    out.flush()
}

/// Writes a message to standard error, folded to the terminal.
pub fn tell(message: &str) -> io::Result<()> {
    let mut err = io::stderr().lock();
    let columns = Some(columns_of(columns_of_stderr()));
    for line in message.lines().flat_map(|line| fold::message(line, columns)) {
        writeln!(err, "{line}")?;
    }
    Ok(())
}

/// The columns of a terminal; where there is none, those of the longest line.
fn columns_of(terminal: Option<u16>) -> usize {
    terminal.map_or(fold::LONGEST, usize::from)
}

/// The folder of the undo journal: `ISRCTAG_STATE_DIR`, or the platform's place for such things.
pub(crate) fn state_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("ISRCTAG_STATE_DIR").filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    let platform = base_folders()?;
    let folder = platform.state_dir().unwrap_or_else(|| platform.data_dir());
    Ok(folder.join("isrctag"))
}

/// Where the platform keeps what programs write. A home that is relative would be another one in each folder.
pub(crate) fn base_folders() -> anyhow::Result<impl BaseStrategy> {
    let platform = etcetera::choose_base_strategy().context("cannot tell the home folder")?;
    let home = platform.home_dir();
    if home.is_relative() {
        bail!(
            "the home folder is given as {:?}, which is no whole path\nhint: set HOME, or ISRCTAG_STATE_DIR and --ledger",
            home
        );
    }
    Ok(platform)
}

impl Surroundings {
    /// A line of talk, on standard error; not said with `--quiet`.
    pub(crate) fn talk(&self, line: &str) {
        if !self.quiet {
            self.complain(line);
        }
    }

    /// A line about what went wrong, on standard error.
    pub(crate) fn complain(&self, line: &str) {
        // Nobody listens on a closed standard error, and that is fine.
        let _closed = self.line.aside(|| tell(line));
    }

    /// The columns of the terminal that standard output is shown on.
    pub(crate) fn columns(&self) -> Option<usize> {
        Some(columns_of(columns_of_stdout()))
    }

    /// Standard output beside the progress line, for answers that are written while it is shown.
    pub(crate) fn stdout(&self) -> Beside<io::Stdout> {
        self.line.beside(io::stdout())
    }

    /// Everything that is known of files is looked at.
    pub(crate) fn inspection(&self) -> Inspection {
        Inspection {
            this_year: self.this_year,
            detail: Detail::All,
            description: Describe::TagsAndAudio,
        }
    }

    pub(crate) fn effort(&self) -> Effort<'_> {
        Effort {
            threads: self.threads,
            stop: &self.stop,
        }
    }

    pub(crate) fn interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
