//! The progress line, on a terminal's standard error only: count, rate, and the time left once the files are counted.
//!
//! There is one line for the whole program, drawn once the work takes longer than a moment. Invariant: everything else
//! that is written to a terminal goes through [`ProgressLine::aside`], so that nothing of the line stays in it.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::Surroundings;
use crate::discover::{Found, Walk};
use crate::judge::shared::clock;
use crate::scan::Observer;
use crate::scan::listen;
use crate::system::platform::columns_of_stderr;

/// Work that takes no longer than this shows no line.
const PATIENCE: Duration = Duration::from_millis(500);

/// Below this many columns the line has no bar and no rate.
const NARROW: u16 = 50;

/// The line. Where nobody looks it draws nothing.
#[derive(Debug)]
pub(crate) struct ProgressLine {
    bar: ProgressBar,
    /// Whether standard error is a terminal that talk is wanted on.
    watched: bool,
    /// The number of the work that the line shows now, and none between two works.
    shown: Mutex<(u64, bool)>,
}

impl ProgressLine {
    pub(super) fn new(quiet: bool) -> Arc<ProgressLine> {
        Arc::new(ProgressLine {
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            watched: !quiet && io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
            shown: Mutex::new((0, false)),
        })
    }

    /// Takes the line off the terminal where the program ends at once. No lock is waited for.
    pub(super) fn wipe(&self) {
        if self.watched && !self.bar.is_hidden() {
            // ECMA-48: carriage return, erase in line. Nobody listens on a closed terminal.
            let _closed = io::stderr().write_all(b"\r\x1b[2K");
        }
    }

    /// Writes to the terminal while the line is not there.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Standard output, or another writer to the terminal: with a buffer, and beside the line.
    pub(super) fn beside<W: Write>(self: &Arc<ProgressLine>, out: W) -> Beside<W> {
        Beside {
            out,
            held: Vec::with_capacity(HELD),
            line: Arc::clone(self),
        }
    }

    /// Begins to show a work; returns its number.
    fn begin(self: &Arc<ProgressLine>, length: Option<u64>, template: Template) -> u64 {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = shown.1;
        *shown = (shown.0 + 1, true);
        self.bar.reset();
        match length {
            Some(length) => self.bar.set_length(length),
            None => self.bar.unset_length(),
        }
        self.bar.set_style(style(template));
        let number = shown.0;
        drop(shown);
        if self.watched && (!goes_on || self.bar.is_hidden()) {
            let line = Arc::clone(self);
            std::thread::spawn(move || {
                std::thread::sleep(PATIENCE);
                line.during(number, |bar| {
                    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
                    bar.enable_steady_tick(Duration::from_millis(200));
                });
            });
        }
        number
    }

    /// Changes the line, unless it shows another work by now.
    fn during(&self, number: u64, change: impl FnOnce(&ProgressBar)) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown == (number, true) {
            change(&self.bar);
        }
    }

    fn shows(&self, number: u64) -> bool {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) == (number, true)
    }

    fn end(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.1 = false;
        self.bar.finish_and_clear();
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }
}

/// How much text is held back.
const HELD: usize = 64 * 1024;

/// A writer with a buffer that lets go of whole lines only, while the progress line is not there: the line would be
/// drawn behind half a line, and wipe it out with itself.
#[derive(Debug)]
pub(crate) struct Beside<W: Write> {
    out: W,
    held: Vec<u8>,
    line: Arc<ProgressLine>,
}

impl<W: Write> Beside<W> {
    fn let_go(&mut self, length: usize) -> io::Result<()> {
        if length == 0 {
            return Ok(());
        }
        let Beside { out, held, line } = self;
        let written = line.aside(|| out.write_all(&held[..length]).and_then(|()| out.flush()));
        held.drain(..length);
        written
    }
}

impl<W: Write> Write for Beside<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(text);
        if self.held.len() >= HELD {
            let whole = memchr::memrchr(b'\n', &self.held).map_or(0, |end| end + 1);
            self.let_go(whole)?;
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.let_go(self.held.len())
    }
}

impl<W: Write> Drop for Beside<W> {
    fn drop(&mut self) {
        // What failed has been told by whoever wrote.
        let _failed = self.flush();
    }
}

/// One work on the line, from its begin to its end.
pub(super) struct Progress {
    line: Arc<ProgressLine>,
    number: u64,
}

impl Progress {
    pub(super) fn new(surroundings: &Surroundings) -> Progress {
        let line = Arc::clone(&surroundings.line);
        let number = line.begin(None, Template::Uncounted);
        Progress { line, number }
    }

    /// The same, with the time left: the files of `walk` are counted beside the work. Nothing is counted where nobody
    /// looks.
    pub(super) fn over(walk: &Walk, surroundings: &Surroundings) -> Progress {
        let progress = Progress::new(surroundings);
        if progress.line.watched {
            let (line, number) = (Arc::clone(&progress.line), progress.number);
            let (walk, stop) = (walk.clone(), Arc::clone(&surroundings.stop));
            rayon::spawn(move || {
                let needed = || line.shows(number) && !stop.load(Ordering::Relaxed);
                let claimed = walk.found().take_while(|_| needed());
                let files = claimed
                    .filter(|found| matches!(found, Found::Named(_) | Found::Audio(_)))
                    .count() as u64;
                if needed() {
                    line.during(number, |bar| {
                        bar.set_length(files);
                        bar.set_style(style(Template::Counted));
                    });
                }
            });
        }
        progress
    }

    pub(super) fn finish(&self) {
        if self.line.shows(self.number) {
            self.line.end();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Shows listening on the line, from its begin to the end of the listener.
#[derive(Debug)]
pub(super) struct Listening {
    line: Arc<ProgressLine>,
    number: Mutex<u64>,
}

impl Listening {
    pub(super) fn new(surroundings: &Surroundings) -> Listening {
        Listening {
            line: Arc::clone(&surroundings.line),
            number: Mutex::new(0),
        }
    }

    fn number(&self) -> u64 {
        *self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl listen::Observer for Listening {
    fn begins(&self, files: u64) {
        let number = self.line.begin(Some(files), Template::Listening);
        *self.number.lock().unwrap_or_else(PoisonError::into_inner) = number;
    }

    fn heard(&self) {
        self.line.during(self.number(), |bar| bar.inc(1));
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if self.line.shows(self.number()) {
            self.line.end();
        }
    }
}

/// What the line says.
#[derive(Clone, Copy)]
enum Template {
    Uncounted,
    Counted,
    Listening,
}

fn style(template: Template) -> ProgressStyle {
    let columns = columns_of_stderr().unwrap_or(u16::MAX);
    let words = match (template, columns < NARROW) {
        (Template::Uncounted, false) => "{spinner} {human_pos} files, {rate} a second, {past}",
        (Template::Uncounted, true) => "{spinner} {human_pos} files, {past}",
        (Template::Counted, false) => {
            "{spinner} [{bar:20}] {human_pos} of {human_len} files, {rate} a second, {left} left"
        }
        (Template::Listening, false) => "{spinner} listening: {human_pos} of {human_len} files, {left} left",
        (Template::Listening, true) => "{spinner} listening: {human_pos} of {human_len}",
        (Template::Counted, true) => "{spinner} {human_pos} of {human_len}, {left} left",
    };
    // A line that cannot be drawn is drawn again soon, so what comes of writing is nothing to tell of.
    ProgressStyle::with_template(words)
        .expect("the templates are constants")
        .progress_chars("=> ")
        .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _undrawn = write!(out, "{}", HumanCount(state.per_sec() as u64));
        })
        .with_key("past", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _undrawn = out.write_str(&clock(state.elapsed()));
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _undrawn = out.write_str(&clock(state.eta()));
        })
}

impl Observer for Progress {
    fn inspected(&self, files: u64) {
        self.line.during(self.number, |bar| bar.set_position(files));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_let_go_while_the_work_goes_on() {
        let mut written = Vec::new();
        let mut out = ProgressLine::new(true).beside(&mut written);
        let line = format!("{}\n", "x".repeat(999));
        for _ in 0..70 {
            out.write_all(line.as_bytes()).unwrap();
            assert!(out.held.len() < HELD);
        }
        out.write_all(b"half a line").unwrap();
        drop(out);
        assert_eq!(written.len(), 70 * 1000 + 11);

        let mut written = Vec::new();
        let mut out = ProgressLine::new(true).beside(&mut written);
        out.write_all(&[b"line\n".as_slice(), &vec![b'y'; HELD]].concat())
            .unwrap();
        assert_eq!(out.held.len(), HELD, "the half line is held");
        drop(out);
        assert_eq!(written.len(), HELD + 5);
    }
}
