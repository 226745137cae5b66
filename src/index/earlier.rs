//! The index of an earlier scan, read side by side with the walk of the next one.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::known::{Known, Place};
use super::line::{Head, SharedLine, read_about};
use super::lines::{Lines, last_line};
use super::{About, LAYOUT};
use crate::discover::Walk;
use crate::isrc::Isrc;
use crate::source::{Links, SourceFile};

/// Why a file that was named as an index is not one that may be replaced.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("cannot be read")]
    Read(#[source] crate::source::ReadError),
    #[error("cannot be read")]
    Io(#[from] io::Error),
    #[error("it is no index of a scan, so it is not replaced\nhint: give the index another name")]
    Foreign,
    #[error("it is the index of {indexed}, and this is a scan of {asked}\nhint: give each its own index")]
    OtherRoots { indexed: String, asked: String },
    #[error("it is the index of part {indexed}, and this is a scan of {asked}\nhint: give each part its own index")]
    OtherPart { indexed: String, asked: String },
}

/// Why an index is replaced without being used, as a sentence without full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Useless {
    CutShort,
    OtherVersion(String),
    OtherYear(u16),
    ClockWentBack,
}

impl std::fmt::Display for Useless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Useless::CutShort => f.write_str("its end is missing"),
            Useless::OtherVersion(version) => write!(f, "it was made by isrctag {version}, which may judge otherwise"),
            Useless::OtherYear(year) => write!(f, "it was made in {year}, when other years were still to come"),
            Useless::ClockWentBack => f.write_str("it was made at a time that is still to come by the clock of now"),
        }
    }
}

/// What a file that was named as an index turned out to be.
#[derive(Debug)]
pub enum Named {
    /// It is not there, or empty.
    Nothing,
    /// One that is replaced, and nothing else.
    Useless(Useless),
    Earlier(Box<Earlier>),
}

/// What a scan is, that an index must be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub roots: Vec<String>,
    pub part: Option<String>,
    pub year: u16,
    pub now_ns: i64,
}

/// Reads what a file that was named as an index is. It is opened here and stays as it is.
pub fn open(path: &Path, asked: &Asked) -> Result<Named, IndexError> {
    let file = match SourceFile::open(path, Links::Follow) {
        Err(crate::source::ReadError::Open(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Named::Nothing);
        }
        opened => opened.map_err(IndexError::Read)?,
    };
    let file = file.file();
    if file.metadata()?.len() == 0 {
        return Ok(Named::Nothing);
    }
    let mut lines = Lines::from_start(file)?;
    // Of another program's file the first line may be of any length, or have no end.
    let first = match lines.next_line() {
        Ok(Some(())) => lines.line.clone(),
        Ok(None) | Err(_) => Vec::new(),
    };
    let is_ours = Head::parse(&first).is_some_and(|head| match &*head.r#type {
        "file" | "other" => head.stamp.is_some() || first.windows(7).any(|key| key == b"\"more\":"),
        _ => false,
    });
    let about = last_line(file)?.as_deref().and_then(read_about);
    let Some(about) = about else {
        return match is_ours {
            true => Ok(Named::Useless(Useless::CutShort)),
            false => Err(IndexError::Foreign),
        };
    };
    if about.roots != asked.roots {
        let (indexed, asked) = (about.roots.join(", "), asked.roots.join(", "));
        return Err(IndexError::OtherRoots { indexed, asked });
    }
    if about.part != asked.part {
        let named = |part: &Option<String>| part.clone().unwrap_or_else(|| "the whole".to_owned());
        let (indexed, asked) = (named(&about.part), named(&asked.part));
        return Err(IndexError::OtherPart { indexed, asked });
    }
    let useless = match () {
        () if about.layout != LAYOUT || about.version != env!("CARGO_PKG_VERSION") => {
            Some(Useless::OtherVersion(about.version.clone()))
        }
        () if about.year != asked.year => Some(Useless::OtherYear(about.year)),
        () if about.began_ns > asked.now_ns => Some(Useless::ClockWentBack),
        () => None,
    };
    if let Some(useless) = useless {
        return Ok(Named::Useless(useless));
    }
    Ok(Named::Earlier(Box::new(Earlier::new(Lines::from_start(file)?, about))))
}

/// An index that is used: the files of an earlier scan, in walking order, then what it told of shared codes.
#[derive(Debug)]
pub struct Earlier {
    pub about: About,
    lines: Lines,
    head: Option<(Place, Known)>,
    /// The path of the line before, to see that the lines are in order.
    last: PathBuf,
    /// Audio files that the walk did not come to.
    pub gone: u64,
    /// Some of those, the first ones.
    pub gone_paths: Vec<PathBuf>,
    /// Lines that could not be used; nothing behind the first of them is.
    pub is_broken: bool,
    shared: HashMap<Isrc, Shared>,
}

/// A group on one code, as it was told.
#[derive(Debug)]
struct Shared {
    severity: String,
    paths: Vec<PathBuf>,
}

/// Names of files that are gone are remembered up to this number.
const MOST_NAMED: usize = 1000;

impl Earlier {
    fn new(lines: Lines, about: About) -> Earlier {
        Earlier {
            about,
            lines,
            head: None,
            last: PathBuf::new(),
            gone: 0,
            gone_paths: Vec::new(),
            is_broken: false,
            shared: HashMap::new(),
        }
    }

    /// What is known of a file that the walk has come to. Paths must be asked for in walking order.
    pub fn known(&mut self, path: &Path, walk: &Walk) -> Option<Known> {
        let mut is_checked = self.head.is_some();
        loop {
            if self.head.is_none() {
                self.head = self.next_known();
                is_checked = false;
            }
            let (place, known) = self.head.as_ref()?;
            if place.is(path, known) {
                // The walk is in order, so a line that it comes to is, too.
                self.last.as_mut_os_string().clear();
                self.last.push(path);
                return self.head.take().map(|(_, known)| known);
            }
            let here = place.path(known);
            if !is_checked && !self.is_next(&here, walk) {
                return None;
            }
            is_checked = true;
            if walk.order(&here, path).is_gt() {
                return None;
            }
            self.pass(here);
        }
    }

    /// Takes note that the walk has come to its end.
    pub fn finish(&mut self, walk: &Walk) {
        loop {
            if self.head.is_none() {
                self.head = self.next_known();
            }
            let Some((place, known)) = &self.head else { return };
            let here = place.path(known);
            if !self.is_next(&here, walk) {
                return;
            }
            self.pass(here);
        }
    }

    /// Whether a group on one code is another one than the earlier scan told, or a graver one.
    pub fn is_new_group(&self, isrc: Isrc, paths: &[PathBuf], severity: &str) -> bool {
        let Some(known) = self.shared.get(&isrc) else {
            return true;
        };
        (severity == "error" && known.severity != "error") || !paths.iter().all(|path| known.paths.contains(path))
    }

    /// Whether the line at hand comes behind the one before. Where it does not, no line is used any more.
    fn is_next(&mut self, path: &Path, walk: &Walk) -> bool {
        let is_next = self.last.as_os_str().is_empty() || walk.order(&self.last, path).is_lt();
        if !is_next {
            self.is_broken = true;
            self.head = None;
        }
        is_next
    }

    /// The walk did not come to the file at hand.
    fn pass(&mut self, path: PathBuf) {
        if let Some((_, known)) = self.head.take()
            && known.audio.is_some()
        {
            self.gone += 1;
            if self.gone_paths.len() < MOST_NAMED {
                self.gone_paths.push(path.clone());
            }
        }
        self.last = path;
    }

    /// The next file of the index; none at its end, or where a line is not what it should be.
    fn next_known(&mut self) -> Option<(Place, Known)> {
        while !self.is_broken {
            match self.lines.next_line() {
                Ok(None) => return None,
                Ok(Some(())) => {}
                Err(_) => {
                    self.is_broken = true;
                    return None;
                }
            }
            let line = match Known::of(std::mem::take(&mut self.lines.line)) {
                Ok(known) => return Some(known),
                Err(line) => line,
            };
            match Head::parse(&line).as_ref().map(|head| &*head.r#type) {
                Some("shared") => match read_shared(&line) {
                    Some((isrc, shared)) => {
                        self.shared.insert(isrc, shared);
                    }
                    None => self.is_broken = true,
                },
                Some("split" | "summary") => {}
                Some(_) | None => self.is_broken = true,
            }
        }
        None
    }
}

fn read_shared(line: &[u8]) -> Option<(Isrc, Shared)> {
    let shared: SharedLine = serde_json::from_slice(line).ok()?;
    let isrc = Isrc::from_stored(&shared.isrc)?;
    let paths = shared.paths().collect();
    let severity = shared.severity;
    Some((isrc, Shared { severity, paths }))
}
