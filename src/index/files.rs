//! The audio files of an index, for commands that need not walk an archive to know its codes.

use std::io;
use std::path::Path;

use super::About;
use super::known::Known;
use super::line::{Head, read_about};
use super::lines::{Lines, last_line};
use crate::bytes::source::{Links, SourceFile};

/// A line of an index that is none that a scan writes, by its number.
#[derive(Debug, thiserror::Error)]
#[error("line {0} is none that a scan writes\nhint: scan again with this index")]
pub struct ForeignLine(u64);

/// The files, in walking order, each with what the scan knew of it.
#[derive(Debug)]
pub struct Files {
    pub about: About,
    lines: Lines,
    number: u64,
    is_broken: bool,
}

impl Files {
    /// None where the file is no index, or has no end, or is of another layout.
    pub fn of(path: &Path) -> io::Result<Option<Files>> {
        let Ok(file) = SourceFile::open(path, Links::Follow) else {
            return Ok(None);
        };
        let last = last_line(file.file())?;
        let about = last.and_then(|(at, line)| Some((at, read_about(&line)?)));
        let Some((end, about)) = about.filter(|(_, about)| about.layout == super::LAYOUT) else {
            return Ok(None);
        };
        Ok(Some(Files {
            about,
            lines: Lines::until(file.file(), end)?,
            number: 0,
            is_broken: false,
        }))
    }
}

impl Iterator for Files {
    type Item = Result<Known, ForeignLine>;

    fn next(&mut self) -> Option<Result<Known, ForeignLine>> {
        while !self.is_broken {
            self.number += 1;
            match self.lines.next_line() {
                Ok(Some(())) => {}
                Ok(None) => return None,
                Err(_) => break,
            }
            match Known::of(std::mem::take(&mut self.lines.line)) {
                Ok((_, known)) if known.audio.is_some() => return Some(Ok(known)),
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
        Some(Err(ForeignLine(self.number)))
    }
}
