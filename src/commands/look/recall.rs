//! Files as an index remembers them, where one is named in place of folders.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::bytes::source::{Links, Opener};
use crate::commands::Surroundings;
use crate::commands::look::Looked;
use crate::index::FileStamp;
use crate::index::files::{Files, Harmed};
use crate::index::known::Known;
use crate::index::line::read_file;
use crate::isrc::words::count;
use crate::report::Since;
use crate::report::terminal::printable;
use crate::scan::inspect::{Inspected, inspect};
use crate::system::in_flight::{Came, in_order};

/// An index that somebody named.
pub(in crate::commands) struct Recalled {
    path: PathBuf,
    files: Files,
}

/// The indexes among the paths that a person named, and the others.
pub(in crate::commands) fn indexes_among(paths: Vec<PathBuf>) -> anyhow::Result<(Vec<Recalled>, Vec<PathBuf>)> {
    let mut indexes = Vec::new();
    let mut others = Vec::new();
    for path in paths {
        // No audio is called so.
        if path.extension().is_none_or(|extension| extension != "jsonl") || !path.is_file() {
            others.push(path);
            continue;
        }
        let shown = || printable(&path.to_string_lossy()).into_owned();
        match Files::of(&path).with_context(shown)? {
            Some(files) => indexes.push(Recalled { path, files }),
            None => bail!(
                "{} is no index of a scan, or does not end as one does\nhint: isrctag scan --index makes one",
                shown()
            ),
        }
    }
    Ok((indexes, others))
}

impl Recalled {
    /// Every file as it was when it was scanned, which is told; none is looked at.
    pub(in crate::commands) fn of_then(self, surroundings: &Surroundings) -> anyhow::Result<Looked> {
        let Recalled { path, files } = self;
        let date = Since::began_at(files.about.began_ns).date;
        surroundings.talk(&format!(
            "{}: the files as they were on {date}",
            printable(&path.to_string_lossy())
        ));
        let mut recalled = Vec::new();
        for known in files {
            let known = known.with_context(|| unusable(&path))?;
            recalled.extend(read_file(&known.line));
        }
        Ok(Looked::told(recalled, surroundings))
    }

    /// Every file with a code, as it is now: one that has changed since the scan is looked at again, one that is gone is
    /// left out.
    pub(in crate::commands) fn coded_now(self, surroundings: &Surroundings) -> anyhow::Result<Looked> {
        let Recalled { path, files } = self;
        let about = files.about.clone();
        let inspection = surroundings.inspection();
        let is_ours = about.version == env!("CARGO_PKG_VERSION");
        let see = move |opener: &mut Opener, known: &Known| {
            let (path, file) = read_file(&known.line)?;
            let now = FileStamp::from(opener.identity(&path).ok()?);
            let is_same =
                |stamp: crate::index::FileStamp| stamp.is_of_same(&now, &about.left_out) && stamp.is_settled(&about);
            let file = match known.stamp.is_some_and(is_same) && is_ours {
                true => file,
                false => inspect(opener, &path, &inspection),
            };
            Some((path, file))
        };
        let mut harmed: Option<Harmed> = None;
        let known = files.map_while(|known| known.map_err(|error| harmed = Some(error)).ok());
        let has_code = |known: &Known| {
            let audio = known.audio.as_ref();
            audio.is_some_and(|audio| audio.codes.isrc.is_some())
        };
        let mut recalled: Vec<(PathBuf, Inspected)> = Vec::new();
        let mut out_of_reach = 0;
        let opener = || Opener::new(Links::Refuse);
        let _all = in_order(
            surroundings.effort(),
            known.filter(has_code),
            opener,
            see,
            |_, batch| {
                for came in batch {
                    match came {
                        Came::Back(Some(seen)) => recalled.push(seen),
                        // What is gone, or held by its drive, gives no code.
                        Came::Back(None) | Came::Held(_) => out_of_reach += 1,
                    }
                }
                match surroundings.interrupted() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            },
        );
        if out_of_reach > 0 {
            let files = count(out_of_reach, "file with a code", "files with a code");
            let shown = printable(&path.to_string_lossy()).into_owned();
            surroundings.complain(&format!("{shown}: {files} cannot be reached now, and give none"));
        }
        match harmed {
            Some(error) => Err(error).with_context(|| unusable(&path)),
            None => Ok(Looked::told(recalled, surroundings)),
        }
    }
}

fn unusable(path: &Path) -> String {
    format!("the index {} cannot be used", printable(&path.to_string_lossy()))
}
