//! The progress line, on a terminal's standard error only: count, rate, and the time left once the files are counted.

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::Surroundings;
use crate::discover::{Found, Walk};
use crate::scan::Observer;

/// A spinner with a count and a rate. It draws nothing where nobody looks.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(surroundings: &Surroundings) -> Progress {
        let target = match surroundings.quiet || !std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr_with_hz(10),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style(UNCOUNTED));
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Progress(bar)
    }

    /// The same, with the time left: the files of `walk` are counted beside the work. Nothing is counted where nobody
    /// looks.
    pub(super) fn over(walk: &Walk, surroundings: &Surroundings) -> Progress {
        let progress = Progress::new(surroundings);
        if !progress.0.is_hidden() {
            let (bar, walk, stop) = (progress.0.clone(), walk.clone(), Arc::clone(&surroundings.stop));
            rayon::spawn(move || {
                let needed = || !bar.is_finished() && !stop.load(Ordering::Relaxed);
                let claimed = walk.found().take_while(|_| needed());
                let files = claimed.filter(|found| matches!(found, Found::Audio(_))).count() as u64;
                if needed() {
                    bar.set_length(files);
                    bar.set_style(style(COUNTED));
                }
            });
        }
        progress
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

const UNCOUNTED: &str = "{spinner} {human_pos} files, {rate} a second, {elapsed}";
const COUNTED: &str = "{spinner} [{bar:20}] {human_pos} of {human_len} files, {rate} a second, {eta} left";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the templates are constants")
        .progress_chars("=> ")
        .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            // A line that cannot be drawn is drawn again soon.
            let _undrawn = write!(out, "{}", HumanCount(state.per_sec() as u64));
        })
}

impl Observer for Progress {
    fn inspected(&self, files: u64) {
        self.0.set_position(files);
    }
}
