//! `scan --index`: the index of the scan before, and the one of this scan.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::commands::Surroundings;
use crate::commands::exit::Exit;
use crate::commands::output::Output;
use crate::discover::Walk;
use crate::index::About;
use crate::index::earlier::{Earlier, NamedIndex, open};
use crate::index::scan::Indexed;
use crate::index::writer::Writer;
use crate::isrc::words::count;
use crate::report::terminal::printable;
use crate::report::{Reports, Since};
use crate::scan::Outcome;

/// The file that was named as an index, before the scan.
pub(in crate::commands) struct IndexFile {
    path: PathBuf,
    earlier: Option<Box<Earlier>>,
    about: About,
}

impl IndexFile {
    /// Looks at the file. What is no index of such a scan is an error, and stays as it is.
    pub(in crate::commands) fn open(
        path: &Path,
        walk: &Walk,
        options: Vec<String>,
        surroundings: &Surroundings,
    ) -> anyhow::Result<IndexFile> {
        let now_ns = i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX);
        let roots = walk.roots.iter().map(|root| root.to_string_lossy().into_owned());
        let part = walk.share.map(|share| share.to_string());
        let about = About::new(roots.collect(), options, part, surroundings.this_year, now_ns);
        let shown = path.to_string_lossy();
        let named =
            open(path, &about, &walk.roots).with_context(|| format!("{} cannot be the index", printable(&shown)))?;
        let say = |words: &str| surroundings.talk(&format!("{}: {words}", printable(&shown)));
        let earlier = match named {
            NamedIndex::Nothing => None,
            NamedIndex::Earlier(earlier) => {
                if let Some(doubt) = &earlier.doubt {
                    say(&format!("{doubt}: every file is read again"));
                }
                if let Some(options) = &earlier.other_options {
                    say(&format!(
                        "it is of a scan {}: files that are gone are not told",
                        printable(options)
                    ));
                }
                Some(earlier)
            }
            NamedIndex::Useless(useless) => {
                say(&format!("{useless}: every file is read again"));
                None
            }
        };
        Ok(IndexFile {
            path: path.to_path_buf(),
            earlier,
            about,
        })
    }

    /// Scans. The next index is written and not in its place yet; there is none where the scan was interrupted.
    pub(in crate::commands) fn scan(
        self,
        indexed: &Indexed<'_>,
        reports: &mut Reports<'_>,
        surroundings: &Surroundings,
    ) -> anyhow::Result<(Outcome, Option<NextIndex>)> {
        let IndexFile {
            path,
            mut earlier,
            about,
        } = self;
        let shown = printable(&path.to_string_lossy()).into_owned();
        let cannot_be_written = || format!("the index {shown} cannot be written");
        let (output, file) = Output::create(&path, &[]).with_context(cannot_be_written)?;
        let mut writer = Writer::new(file.into_parts().0);
        let since = earlier.as_ref().map(|earlier| Since::began_at(earlier.about.began_ns));
        let indexing = match indexed.scan(earlier.as_deref_mut(), about, since, &mut writer, reports) {
            Err(error) if writer.has_failed => return Err(error).with_context(cannot_be_written),
            scanned => scanned?,
        };
        if indexing.is_broken {
            surroundings.talk(&format!(
                "{shown}: some lines are not what this program writes: the files from there on were read again"
            ));
        }
        for unsteady in &indexing.about.left_out {
            let unsteady = unsteady.word();
            surroundings.talk(&format!(
                "{shown}: this drive makes up {unsteady}: they are not compared"
            ));
        }
        let lost = earlier.as_ref().map_or(0, |earlier| earlier.lost());
        if lost > 0 {
            surroundings.talk(&format!(
                "{shown}: {} not there any more: what they told of is told as new",
                count(lost, "of its lines is", "of its lines are")
            ));
        }
        if indexing.outcome.interrupted.is_some() {
            return Ok((indexing.outcome, None));
        }
        // A drive that is not mounted is an empty folder.
        if indexing.outcome.summary.files == 0 && earlier.is_some_and(|earlier| earlier.files > 0) {
            surroundings.talk(&format!("{shown} stays as it is"));
            return Ok((indexing.outcome, None));
        }
        writer.finish().with_context(cannot_be_written)?;
        Ok((indexing.outcome, Some(NextIndex { output, shown })))
    }
}

/// An index that is written whole, beside its place.
pub(in crate::commands) struct NextIndex {
    output: Output,
    /// Its path, for people.
    shown: String,
}

impl NextIndex {
    /// Puts it into its place. The scan is done and told: where another one with this index was quicker, no more is lost
    /// than the time that this one would have saved.
    pub(in crate::commands) fn put(self, surroundings: &Surroundings) -> Exit {
        let NextIndex { output, shown } = self;
        let put = output
            .put()
            .with_context(|| format!("the index {shown} cannot be written"));
        match put {
            Ok(()) => Exit::Fine,
            Err(error) => {
                surroundings.complain(&format!("isrctag: {}", printable(&format!("{error:#}"))));
                Exit::SomeFailed
            }
        }
    }
}
