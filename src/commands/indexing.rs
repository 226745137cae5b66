//! `scan --index`: the index of the scan before, and the one of this scan.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Surroundings;
use super::output::Output;
use crate::discover::Walk;
use crate::exit::Exit;
use crate::index::About;
use crate::index::earlier::{Asked, Earlier, Named, open};
use crate::index::scan::Indexed;
use crate::index::writer::Writer;
use crate::report::terminal::printable;
use crate::report::{Reports, Since};
use crate::scan::Outcome;

/// The file that was named as an index, before the scan.
pub(super) struct Index {
    path: PathBuf,
    earlier: Option<Box<Earlier>>,
    about: About,
}

impl Index {
    /// Looks at the file. What is no index of such a scan is an error, and stays as it is.
    pub(super) fn open(path: &Path, walk: &Walk, surroundings: &Surroundings) -> anyhow::Result<Index> {
        let now_ns = i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX);
        let roots: Vec<String> = walk
            .roots
            .iter()
            .map(|root| root.to_string_lossy().into_owned())
            .collect();
        let part = walk.share.map(|share| share.to_string());
        let asked = Asked {
            roots: roots.clone(),
            part: part.clone(),
            year: surroundings.this_year,
            now_ns,
        };
        let shown = path.to_string_lossy();
        let named = open(path, &asked).with_context(|| format!("{} cannot be the index", printable(&shown)))?;
        let earlier = match named {
            Named::Nothing => None,
            Named::Earlier(earlier) => Some(earlier),
            Named::Useless(useless) => {
                surroundings.talk(&format!("{}: {useless}: every file is read again", printable(&shown)));
                None
            }
        };
        Ok(Index {
            path: path.to_path_buf(),
            earlier,
            about: About::new(roots, part, surroundings.this_year, now_ns),
        })
    }

    /// Scans. The index is put into its place at the end, unless the scan was interrupted.
    pub(super) fn scan(
        self,
        indexed: &Indexed<'_>,
        reports: &mut Reports<'_>,
        surroundings: &Surroundings,
    ) -> anyhow::Result<(Outcome, Exit)> {
        let Index { path, earlier, about } = self;
        let shown = path.to_string_lossy().into_owned();
        let cannot_be_written = || format!("the index {} cannot be written", printable(&shown));
        let (output, file) = Output::create(&path, &[]).with_context(cannot_be_written)?;
        let mut writer = Writer::new(file);
        let mut earlier = earlier;
        let since = earlier.as_ref().map(|earlier| Since::began_at(earlier.about.began_ns));
        let indexing = indexed
            .scan(earlier.as_deref_mut(), about, since, &mut writer, reports)
            .with_context(cannot_be_written)?;
        if indexing.is_broken {
            surroundings.talk(&format!(
                "{}: some lines are not what this program writes: the files from there on were read again",
                printable(&shown)
            ));
        }
        for unsteady in &indexing.about.left_out {
            surroundings.talk(&format!(
                "{}: this drive makes up {}: they are not compared",
                printable(&shown),
                unsteady.word()
            ));
        }
        let mut exit = Exit::Fine;
        if indexing.outcome.interrupted.is_none() {
            writer.finish().with_context(cannot_be_written)?;
            // The scan is done and told: another one with this index was quicker.
            if let Err(error) = output.put().with_context(cannot_be_written) {
                surroundings.complain(&format!("isrctag: {}", printable(&format!("{error:#}"))));
                exit = Exit::SomeFailed;
            }
        }
        Ok((indexing.outcome, exit))
    }
}
