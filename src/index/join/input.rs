//! One of the scans that are joined, read in its order.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::{JoinError, Place};
use crate::bytes::source::{Links, SourceFile};
use crate::discover::RootOrder;
use crate::index::About;
use crate::index::known::unsealed;
use crate::index::line::{Head, KnownShared, read_about, read_split, read_summary};
use crate::index::lines::{IndexLines, last_line, line_at};
use crate::isrc::Isrc;
use crate::recording::FileInfo;
use crate::recording::part::Parted;
use crate::report::Split;
use crate::report::summary::Summary;
use crate::system::platform::{self, Identity};

/// One input, with the line that is next.
#[derive(Debug)]
pub struct Input {
    pub path: String,
    pub file: File,
    pub lines: IndexLines,
    pub about: Option<About>,
    pub head: Option<NextLine>,
    number: u64,
    /// Lines of audio files so far.
    pub(super) read: u64,
    /// Of a report without the files that are fine: what it counts.
    pub totals: Option<Summary>,
    /// Of the same: the files that its groups name, each with a code.
    pub named: Vec<(PathBuf, Isrc)>,
    /// The recordings with several codes that were heard.
    pub splits: Vec<Split>,
    /// Where the lines of the groups on one code are, of a scan that may have listened.
    pub groups: HashMap<Isrc, u64>,
    pub has_end: bool,
}

/// A file's line that has been read and not been told.
#[derive(Debug)]
pub struct NextLine {
    pub place: Place,
    pub at: u64,
}

impl Input {
    pub fn open(path: &Path) -> Result<Input, JoinError> {
        let shown = path.to_string_lossy().into_owned();
        let read = |source| JoinError::Read {
            path: shown.clone(),
            source,
        };
        let io = |source| JoinError::Io {
            path: shown.clone(),
            source,
        };
        let source = SourceFile::open(path, Links::Follow).map_err(read)?;
        let about = last_line(source.file()).map_err(io)?;
        let about = about.and_then(|(at, line)| Some((at, read_about(&line)?, read_summary(&line)?)));
        let (end, about, totals) = match about {
            Some((end, about, totals)) => (end, Some(about), Some(totals)),
            None => (u64::MAX, None, None),
        };
        let mut input = Input {
            file: source.file().try_clone().map_err(io)?,
            lines: IndexLines::until(source.file(), end).map_err(io)?,
            has_end: about.is_some(),
            about,
            path: shown.clone(),
            head: None,
            number: 0,
            read: 0,
            totals,
            named: Vec::new(),
            splits: Vec::new(),
            groups: HashMap::new(),
        };
        if input.about.is_none() {
            // Its groups are at its end, and name files from its beginning on.
            while let Ok(Some(())) = input.lines.next_line() {
                if let Ok(shared) = serde_json::from_slice::<KnownShared>(&input.lines.line)
                    && let Some(isrc) = Isrc::from_stored(&shared.isrc)
                {
                    input.named.extend(shared.paths().map(|path| (path, isrc)));
                }
            }
            input.lines = IndexLines::until(source.file(), end).map_err(io)?;
        }
        Ok(input)
    }

    /// Whether it is the same report: one that does not name all its files would count them twice.
    pub fn is_same(&self, other: &Input) -> bool {
        let part = |input: &Input, at: u64| {
            let mut part = vec![0; 64 * 1024];
            let count = platform::read_at(&input.file, &mut part, at).ok()?;
            part.truncate(count);
            Some(part)
        };
        let mut at = 0;
        while self.about.is_none() && other.about.is_none() {
            let ours = part(self, at);
            if ours.is_none() || ours != part(other, at) {
                return false;
            }
            match ours.unwrap_or_default() {
                // Two folders without a finding: their reports are of totals alone, which may well be equal.
                ours if at == 0 && ours.starts_with(b"{\"type\":\"summary\"") => return self.is_one_file(other),
                ours if ours.is_empty() => return true,
                ours => at += ours.len() as u64,
            }
        }
        false
    }

    /// Whether both were opened of one file.
    fn is_one_file(&self, other: &Input) -> bool {
        let identity = |input: &Input| input.file.metadata().ok().map(|metadata| Identity::of(&metadata));
        identity(self).is_some_and(|ours| Some(ours) == identity(other))
    }

    /// What this scan made of the files on a code, if these are all.
    pub(super) fn parted(&self, isrc: Isrc, files: &[FileInfo]) -> Option<Parted> {
        let line = line_at(&self.file, *self.groups.get(&isrc)?).ok()?;
        let group: KnownShared = serde_json::from_slice(&line).ok()?;
        let is_same =
            is_whole(&line, self.about.as_ref()) && group.is_about(files.iter().map(|file| file.path.clone()));
        group.parted().filter(|_| is_same)
    }

    pub fn foreign(&self) -> JoinError {
        JoinError::Foreign {
            path: self.path.clone(),
            line: self.number,
        }
    }

    /// Reads on to the next file. What is behind the files is taken note of.
    pub fn advance(&mut self, roots: &RootOrder) -> Result<(), JoinError> {
        self.head = None;
        loop {
            self.number += 1;
            match self.lines.next_line() {
                Ok(Some(())) => {}
                Ok(None) => return Ok(()),
                Err(source) => {
                    let path = self.path.clone();
                    return Err(match source.kind() {
                        io::ErrorKind::UnexpectedEof => JoinError::CutShort { path },
                        _ => JoinError::Io { path, source },
                    });
                }
            }
            let line = &self.lines.line;
            let head = Head::parse(line).ok_or_else(|| self.foreign())?;
            match &*head.r#type {
                "file" if !is_whole(line, self.about.as_ref()) => return Err(self.foreign()),
                "file" => {
                    self.read += 1;
                    let path = head.place().ok_or_else(|| self.foreign())?;
                    let place = (roots.number(&path), path);
                    self.head = Some(NextLine {
                        place,
                        at: self.lines.at,
                    });
                    return Ok(());
                }
                "shared" if self.about.as_ref().is_none_or(|about| about.audio) => {
                    let isrc = serde_json::from_slice::<KnownShared>(line).ok();
                    let isrc = isrc.and_then(|shared| Isrc::from_stored(&shared.isrc));
                    self.groups.extend(isrc.map(|isrc| (isrc, self.lines.at)));
                }
                "other" | "shared" => {}
                "split" => self.splits.extend(read_split(line)),
                "summary" => {
                    self.has_end = true;
                    self.totals = read_summary(line);
                }
                _ => return Err(self.foreign()),
            }
        }
    }
}

/// Whether a line of an index is as it was written. Other scans, and indexes of before, have no checksums.
fn is_whole(line: &[u8], about: Option<&About>) -> bool {
    about.is_none_or(|about| about.layout < 2) || unsealed(line).is_some()
}
