//! The progress line, on a terminal's standard error only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Surroundings;
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
        let style = ProgressStyle::with_template("{spinner} {human_pos} files, {per_sec}, {elapsed}")
            .expect("the template is a constant");
        bar.set_style(style);
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Progress(bar)
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Observer for Progress {
    fn inspected(&self, files: u64) {
        self.0.set_position(files);
    }
}
