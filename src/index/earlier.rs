//! The index of an earlier scan, read side by side with the walk of the next one.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::known::{Known, LinePath, unsealed};
use super::line::{Head, KnownShared, read_about, read_split, read_summary};
use super::lines::{IndexLines, last_line};
use super::{About, LAYOUT};
use crate::bytes::source::{Links, SourceFile};
use crate::discover::{Found, RootOrder};
use crate::isrc::Isrc;
use crate::recording::evidence::Verdict;
use crate::report::Split;
use crate::system::paths::split;

/// Why a file that was named as an index is not one that may be replaced.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("cannot be read")]
    Read(#[source] crate::bytes::source::ReadError),
    #[error("cannot be read")]
    Io(#[from] io::Error),
    #[error("it is no index of a scan, so it is not replaced\nhint: give the index another name")]
    Foreign,
    #[error("it is the index of {indexed}, and this is a scan of {asked}\nhint: give each its own index")]
    OtherRoots { indexed: String, asked: String },
    #[error("it is the index of part {indexed}, and this is a scan of {asked}\nhint: give each part its own index")]
    OtherPart { indexed: String, asked: String },
}

/// Why the stamps of an index are not believed, as a sentence without full stop. What is new is told by it all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    OtherVersion(String),
    OtherYear(u16),
    ClockWentBack,
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Doubt::OtherVersion(version) => write!(f, "it was made by isrctag {version}, which may judge otherwise"),
            Doubt::OtherYear(year) => write!(f, "it was made in {year}, when other years were still to come"),
            Doubt::ClockWentBack => f.write_str("it was made at a time that is still to come by the clock of now"),
        }
    }
}

impl Doubt {
    fn of(about: &About, asked: &About) -> Option<Doubt> {
        match () {
            () if about.version != asked.version => Some(Doubt::OtherVersion(about.version.clone())),
            () if about.year != asked.year => Some(Doubt::OtherYear(about.year)),
            () if about.began_ns > asked.began_ns => Some(Doubt::ClockWentBack),
            () => None,
        }
    }
}

/// What a file that was named as an index turned out to be.
#[derive(Debug)]
pub enum NamedIndex {
    /// It is not there, or empty.
    Nothing,
    /// One that is replaced, and nothing else: why, as a sentence without full stop.
    Useless(&'static str),
    Earlier(Box<Earlier>),
}

/// Reads what a file is that was named as the index of such a scan. It is opened here and stays as it is.
pub fn open(path: &Path, asked: &About, roots: &[PathBuf]) -> Result<NamedIndex, IndexError> {
    let file = match SourceFile::open(path, Links::Follow) {
        Err(crate::bytes::source::ReadError::Open(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(NamedIndex::Nothing);
        }
        opened => opened.map_err(IndexError::Read)?,
    };
    let file = file.file();
    if file.metadata()?.len() == 0 {
        return Ok(NamedIndex::Nothing);
    }
    let last = last_line(file)?;
    let last = last.and_then(|(at, line)| Some((at, read_about(&line)?, read_summary(&line)?.files)));
    let Some((at, about, files)) = last else {
        return match is_ours(file)? {
            true => Ok(NamedIndex::Useless("its end is missing")),
            false => Err(IndexError::Foreign),
        };
    };
    if about.roots != asked.roots {
        let (indexed, asked) = (about.roots_in_words(), asked.roots_in_words());
        return Err(IndexError::OtherRoots { indexed, asked });
    }
    if about.part != asked.part {
        let named = |part: &Option<String>| part.clone().unwrap_or_else(|| "the whole".to_owned());
        let (indexed, asked) = (named(&about.part), named(&asked.part));
        return Err(IndexError::OtherPart { indexed, asked });
    }
    if about.layout != LAYOUT {
        return Ok(NamedIndex::Useless(
            "another version made it, and wrote it in another way",
        ));
    }
    let doubt = Doubt::of(&about, asked);
    let other_options = (about.options != asked.options).then(|| about.options_in_words());
    Ok(NamedIndex::Earlier(Box::new(Earlier {
        about,
        doubt,
        other_options,
        files,
        read: 0,
        is_read: false,
        lines: IndexLines::until(file, at)?,
        roots: RootOrder::of(roots),
        head: None,
        last: PathBuf::new(),
        not_listed: None,
        gone: 0,
        gone_paths: Vec::new(),
        is_broken: false,
        shared: HashMap::new(),
        splits: HashMap::new(),
    })))
}

/// Whether a file begins with a line of an index. Of another program's file that may be of any length, or have no end.
fn is_ours(file: &File) -> io::Result<bool> {
    let mut lines = IndexLines::until(file, u64::MAX)?;
    let Ok(Some(())) = lines.next_line() else {
        return Ok(false);
    };
    Ok(Head::parse(&lines.line).is_some_and(|head| match &*head.r#type {
        "file" | "other" => head.stamp.is_some() || lines.line.windows(7).any(|key| key == b"\"more\":"),
        _ => false,
    }))
}

/// An index that is used: the files of an earlier scan, in walking order, then what it told of shared codes.
#[derive(Debug)]
pub struct Earlier {
    pub about: About,
    /// Why every file is read again, all the same.
    pub doubt: Option<Doubt>,
    /// Where they were other ones: those of that scan, for people. What it had and this one has not is not called gone.
    pub other_options: Option<String>,
    /// As many audio files as its last line counts.
    pub files: u64,
    /// So many of them were read, and whether that is all.
    read: u64,
    is_read: bool,
    lines: IndexLines,
    roots: RootOrder,
    head: Option<(LinePath, Known)>,
    /// The path of the line before, to see that the lines are in order.
    last: PathBuf,
    /// The last folder that the walk could not list.
    not_listed: Option<PathBuf>,
    /// Audio files that the walk did not come to.
    pub gone: u64,
    /// Some of those, the first ones.
    pub gone_paths: Vec<PathBuf>,
    /// Lines that could not be used; nothing behind the first of them is.
    pub is_broken: bool,
    /// Where the line of the group on each code begins.
    shared: HashMap<Isrc, u64>,
    /// The recordings with several codes, by their numbers.
    splits: HashMap<(PathBuf, Isrc), usize>,
}

/// Names of files that are gone are remembered up to this number.
const MOST_NAMED: usize = 1000;

impl Earlier {
    /// What is known of a path that the walk has come to. They must be asked for in walking order.
    pub fn known(&mut self, found: &Found) -> Option<Known> {
        let path = &*found.place();
        let known = self.find(path);
        if let Found::Unwalkable { path, .. } = found {
            self.not_listed = Some(path.clone());
        }
        known
    }

    fn find(&mut self, path: &Path) -> Option<Known> {
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
            if !is_checked && !self.is_next(&here) {
                return None;
            }
            is_checked = true;
            if self.roots.order(&here, path).is_gt() {
                return None;
            }
            self.pass(here);
        }
    }

    /// Takes note that the walk has come to its end.
    pub fn finish(&mut self) {
        loop {
            if self.head.is_none() {
                self.head = self.next_known();
            }
            let Some((place, known)) = &self.head else { return };
            let here = place.path(known);
            if !self.is_next(&here) {
                return;
            }
            self.pass(here);
        }
    }

    /// How many lines of audio files are not there any more, by what the last line counts.
    pub fn lost(&self) -> u64 {
        match self.is_read {
            true => self.files.saturating_sub(self.read),
            false => 0,
        }
    }

    /// Whether a group on one code is another one than the earlier scan told, or a graver one.
    pub fn is_new_group(&self, isrc: Isrc, paths: &[PathBuf], severity: &str) -> bool {
        let Some((_, known)) = self.group(isrc) else {
            return true;
        };
        let known_paths: HashSet<PathBuf> = known.paths().collect();
        (severity == "error" && known.severity != "error") || !paths.iter().all(|path| known_paths.contains(path))
    }

    /// The line of a group of these very files, none of which has changed, and what was made of them by their lines alone.
    pub fn known_group(&self, isrc: Isrc, paths: impl Iterator<Item = PathBuf>) -> Option<(Vec<u8>, Verdict)> {
        let (line, known) = self.group(isrc).filter(|_| !self.about.audio)?;
        unsealed(&line)?;
        let verdict = Verdict::of_word(&known.verdict)?;
        (known.is_about(paths) && self.doubt.is_none()).then_some((line, verdict))
    }

    fn group(&self, isrc: Isrc) -> Option<(Vec<u8>, KnownShared)> {
        let line = self.lines.read(*self.shared.get(&isrc)?).ok()?;
        let group = serde_json::from_slice(&line).ok()?;
        Some((line, group))
    }

    /// Whether the earlier scan did not tell all of these files as one recording with these codes.
    pub fn is_new_split(&self, split: &Split) -> bool {
        let mut numbers = split.files.iter().map(|file| self.splits.get(file));
        let first = numbers.next().flatten();
        first.is_none() || numbers.any(|number| number != first)
    }

    /// Whether the line at hand comes behind the one before. Where it does not, no line is used any more.
    fn is_next(&mut self, path: &Path) -> bool {
        let is_next = self.last.as_os_str().is_empty() || self.roots.order(&self.last, path).is_lt();
        if !is_next {
            self.is_broken = true;
            self.head = None;
        }
        is_next
    }

    /// The walk did not come to the path at hand.
    fn pass(&mut self, path: PathBuf) {
        let is_audio = self.head.take().is_some_and(|(_, known)| known.audio.is_some());
        let is_folder = split(path.as_os_str()).1.is_empty();
        // Nobody knows what is in a folder that could not be listed.
        let is_unseen = self.not_listed.as_ref().is_some_and(|folder| path.starts_with(folder));
        if is_audio && !is_folder && !is_unseen && self.other_options.is_none() {
            self.gone += 1;
            if self.gone_paths.len() < MOST_NAMED {
                self.gone_paths.push(path.clone());
            }
        }
        self.last = path;
    }

    /// The next file of the index; none at its end, or where a line is not what it should be.
    fn next_known(&mut self) -> Option<(LinePath, Known)> {
        while !self.is_broken {
            match self.lines.next_line() {
                Ok(None) => {
                    self.is_read = true;
                    return None;
                }
                Ok(Some(())) => {}
                Err(_) => {
                    self.is_broken = true;
                    return None;
                }
            }
            let line = match Known::of(std::mem::take(&mut self.lines.line)) {
                Ok((place, known)) => {
                    self.read += u64::from(known.audio.is_some());
                    return Some((place, known));
                }
                Err(line) => line,
            };
            self.is_broken = self.note(&line).is_none();
        }
        None
    }

    /// Takes note of a group that is behind the files; none where the line is not that of one.
    fn note(&mut self, line: &[u8]) -> Option<()> {
        match &*Head::parse(line)?.r#type {
            "shared" => {
                let group: KnownShared = serde_json::from_slice(line).ok()?;
                self.shared.insert(Isrc::from_stored(&group.isrc)?, self.lines.at);
            }
            "split" => {
                let number = self.splits.len();
                let files = read_split(line)?.files;
                self.splits.extend(files.into_iter().map(|file| (file, number)));
            }
            _ => return None,
        }
        Some(())
    }
}
