//! The audio files of an index, for commands that need not walk an archive to know its codes.

use std::io;
use std::path::Path;

use super::About;
use super::known::Known;
use super::line::{Head, read_about, read_summary};
use super::lines::{IndexLines, last_line};
use crate::bytes::source::{Links, SourceFile};

/// Why an index is not as a scan wrote it.
#[derive(Debug, thiserror::Error)]
pub enum Harmed {
    #[error("line {0} is none that a scan writes\nhint: scan again with this index")]
    Foreign(u64),
    #[error("it counts {counted} files, and has lines of {read}\nhint: scan again with this index")]
    Lost { counted: u64, read: u64 },
}

/// The files, in walking order, each with what the scan knew of it.
#[derive(Debug)]
pub struct Files {
    pub about: About,
    lines: IndexLines,
    number: u64,
    /// Audio files, as its last line counts them, and as they were read.
    counted: u64,
    read: u64,
    is_broken: bool,
}

impl Files {
    /// None where the file is no index, or has no end, or is of another layout.
    pub fn of(path: &Path) -> io::Result<Option<Files>> {
        let Ok(file) = SourceFile::open(path, Links::Follow) else {
            return Ok(None);
        };
        let last = last_line(file.file())?;
        let last = last.and_then(|(at, line)| Some((at, read_about(&line)?, read_summary(&line)?.files)));
        let Some((end, about, counted)) = last.filter(|(_, about, _)| about.layout == super::LAYOUT) else {
            return Ok(None);
        };
        Ok(Some(Files {
            about,
            lines: IndexLines::until(file.file(), end)?,
            number: 0,
            counted,
            read: 0,
            is_broken: false,
        }))
    }
}

impl Iterator for Files {
    type Item = Result<Known, Harmed>;

    fn next(&mut self) -> Option<Result<Known, Harmed>> {
        while !self.is_broken {
            self.number += 1;
            match self.lines.next_line() {
                Ok(Some(())) => {}
                Ok(None) if self.read == self.counted => return None,
                Ok(None) => {
                    self.is_broken = true;
                    let (counted, read) = (self.counted, self.read);
                    return Some(Err(Harmed::Lost { counted, read }));
                }
                Err(_) => break,
            }
            match Known::of(std::mem::take(&mut self.lines.line)) {
                Ok((_, known)) if known.audio.is_some() => {
                    self.read += 1;
                    return Some(Ok(known));
                }
                Ok(_) => {}
                Err(line) => match Head::parse(&line).as_ref().map(|head| &*head.r#type) {
                    Some("shared" | "split") => {}
                    Some(_) | None => break,
                },
            }
        }
        if self.is_broken {
            return None;
        }
        self.is_broken = true;
        Some(Err(Harmed::Foreign(self.number)))
    }
}
