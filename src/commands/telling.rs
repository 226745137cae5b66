//! The report of a run that changes files. The run goes on when nobody can hear of it any more: what was begun is carried
//! out and recorded, and the end says how it went.

use std::io;
use std::path::{Path, PathBuf};

use super::Surroundings;
use crate::commands::exit::Exit;
use crate::report::edits::{EditReport, EditSummary, EditedFile};
use crate::report::terminal::printable;

/// A report, and the first error of writing it.
pub(super) struct Telling<'a> {
    report: Box<dyn EditReport + 'a>,
    broken: Option<io::Error>,
    /// From where paths are told, if not as they come.
    here: Option<PathBuf>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(report: Box<dyn EditReport + 'a>) -> Telling<'a> {
        Telling {
            report,
            broken: None,
            here: None,
        }
    }

    /// Tells absolute paths as the user would write them: from the current folder where they lead below it.
    pub(super) fn relative(self) -> Telling<'a> {
        Telling {
            here: std::env::current_dir().ok(),
            ..self
        }
    }

    pub(super) fn file(&mut self, path: &Path, file: &EditedFile) {
        if self.broken.is_none() {
            let below = self.here.as_deref().and_then(|here| path.strip_prefix(here).ok());
            let path = below.filter(|below| !below.as_os_str().is_empty()).unwrap_or(path);
            self.broken = self.report.file(path, file).err();
        }
    }

    /// Tells the totals, and gives the exit status: a reader that has gone changes nothing about it.
    pub(super) fn finish(
        mut self,
        summary: &EditSummary,
        run: Option<i64>,
        exit: Exit,
        surroundings: &Surroundings,
    ) -> Exit {
        let finished = match self.broken.take() {
            Some(error) => Err(error),
            None => self.report.finish(summary, run),
        };
        let Err(error) = finished else {
            return exit;
        };
        if error.kind() == io::ErrorKind::BrokenPipe {
            return exit;
        }
        let error = error.to_string();
        surroundings.complain(&format!("isrctag: the report cannot be written: {}", printable(&error)));
        if let (Some(run), true) = (run, summary.written > 0) {
            surroundings.complain(&format!("This was run {run}. To take it back: isrctag undo {run}"));
        }
        exit.max(Exit::SomeFailed)
    }
}
