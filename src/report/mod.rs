//! Renders data; decides nothing. One [`Report`] is one output format of a scan.

use std::io;
use std::path::{Path, PathBuf};

use crate::isrc::Isrc;
use crate::isrc::words::count;
use crate::judge;
use crate::recording::FileInfo;
use crate::recording::evidence::Verdict;
use crate::recording::part::Parted;
use crate::scan::inspect::Inspected;
use summary::Summary;

pub mod advice;
pub mod answer;
pub mod csv;
pub mod edits;
pub mod fold;
pub mod html;
pub mod inventory;
pub mod jsonl;
pub mod summary;
pub mod terminal;
pub mod text;
pub mod totals;
pub mod xlsx;

/// What a scan tells, in walking order: files, then shared codes, then the totals. A report shows what it has a method for.
pub trait Report {
    fn file(&mut self, _path: &Path, _file: &Inspected) -> io::Result<()> {
        Ok(())
    }

    /// A file that is not listed, with its code: only counted, by reports that show how complete a folder is.
    fn passed(&mut self, _path: &Path, _isrc: Option<Isrc>) {}

    fn order(&self) -> FileOrder {
        FileOrder::Walking
    }

    /// What it tells: the rest need not be read from an index again.
    fn wants(&self) -> Wants {
        Wants::All
    }

    /// Whether it is told what is known too where only what is new is listed, to count it: it leaves that out by itself.
    fn counts_known(&self) -> bool {
        false
    }

    /// An earlier scan is at hand. Comes before all files.
    fn since(&mut self, _since: &Since) -> io::Result<()> {
        Ok(())
    }

    /// What comes now was known then. Only for reports that want what is new first.
    fn known(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn shared(&mut self, _shared: &Shared) -> io::Result<()> {
        Ok(())
    }

    /// One recording under several codes. Unless a format has its own way, each file is told with a finding.
    fn split(&mut self, split: &Split) -> io::Result<()> {
        split.each().try_for_each(|(path, file)| self.file(path, &file))
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        Ok(())
    }
}

/// Several reports of one scan. What tells files in another order than the walk's asks each report for its own.
#[derive(Default)]
pub struct Reports<'a>(pub Vec<Box<dyn Report + 'a>>);

impl Report for Reports<'_> {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.file(path, file))
    }

    fn passed(&mut self, path: &Path, isrc: Option<Isrc>) {
        self.0.iter_mut().for_each(|report| report.passed(path, isrc));
    }

    fn since(&mut self, since: &Since) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.since(since))
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.shared(shared))
    }

    fn split(&mut self, split: &Split) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.split(split))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.finish(summary))
    }
}

/// One recording that is in several files with different codes.
#[derive(Debug, Clone)]
pub struct Split {
    /// On what evidence, as a sentence without full stop.
    pub evidence: String,
    /// Each file with its code, in walking order.
    pub files: Vec<(PathBuf, Isrc)>,
    /// As in [`Shared`].
    pub new: bool,
}

impl Split {
    /// The different codes, in the order of their first file.
    pub fn codes(&self) -> Vec<Isrc> {
        let mut codes = Vec::new();
        for (_, isrc) in &self.files {
            if !codes.contains(isrc) {
                codes.push(*isrc);
            }
        }
        codes
    }

    /// Each file with its finding.
    fn each(&self) -> impl Iterator<Item = (&Path, Inspected)> {
        self.files
            .iter()
            .map(|(path, isrc)| (path.as_path(), self.finding_on(*isrc)))
    }

    fn finding_on(&self, isrc: Isrc) -> Inspected {
        let codes: Vec<String> = self.codes().iter().map(Isrc::to_string).collect();
        let reason = format!("one recording under {}: {}", codes.join(" and "), self.evidence);
        let mut judged = judge::split(isrc, reason);
        judged.findings.iter_mut().for_each(|finding| finding.new = self.new);
        Inspected {
            judged,
            ..Inspected::default()
        }
    }
}

/// A code that several files carry.
#[derive(Debug, Clone)]
pub struct Shared {
    pub isrc: Isrc,
    /// In walking order, with what the second reader says of each.
    pub files: Vec<FileInfo>,
    /// The same, parted into recordings.
    pub parted: Parted,
    /// An earlier scan, whose index is at hand, did not tell it.
    pub new: bool,
}

/// The scan before, by its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// When it began, as people write it.
    pub date: String,
    /// Files with a finding that it had not.
    pub new: u64,
    /// Audio files that are not there any more.
    pub gone: u64,
    /// Some of those, the first ones.
    pub gone_paths: Vec<PathBuf>,
}

impl Since {
    /// Since a scan that began then, in nanoseconds since 1970.
    pub fn began_at(began_ns: i64) -> Since {
        let began = jiff::Timestamp::from_nanosecond(began_ns.into()).unwrap_or_default();
        Since {
            date: began.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            new: 0,
            gone: 0,
            gone_paths: Vec::new(),
        }
    }
}

impl Since {
    /// In how many files there is something new.
    fn news(&self) -> String {
        let Since { date, new, .. } = self;
        match *new {
            0 => format!("No file has a new finding since the scan of {date}"),
            new => format!("New since the scan of {date}, in {}:", count(new, "file", "files")),
        }
    }

    /// How many files are gone, with the names of the first ones; none where all are there.
    fn farewell(&self, shown: usize, name: impl Fn(&Path) -> String) -> Option<String> {
        let names: Vec<String> = self.gone_paths.iter().take(shown).map(|path| name(path)).collect();
        let names = match names.is_empty() {
            true => String::new(),
            false if self.gone > shown as u64 => format!(" {} …", names.join(", ")),
            false => format!(" {}", names.join(", ")),
        };
        let gone = count(self.gone, "file is", "files are");
        (self.gone > 0).then(|| format!("{gone} gone:{names}"))
    }
}

/// What a report tells beside the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    All,
    /// Files that could not be read, or are not what they claim to be.
    Failures,
    Nothing,
}

/// In which order a report wants files, where an earlier scan is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOrder {
    /// Each once, as the walk goes.
    Walking,
    /// First all with their new findings, then all with those that are known. A file may come twice.
    NewFirst,
}

impl Shared {
    pub fn verdict(&self) -> Verdict {
        self.parted.verdict()
    }

    /// On what evidence, as a sentence without full stop.
    pub fn evidence(&self) -> String {
        self.parted.evidence(&self.files)
    }

    /// For each file the number of its recording, counted from 1.
    pub fn numbers(&self) -> Vec<usize> {
        let mut numbers = vec![0; self.files.len()];
        for (number, part) in (1..).zip(&self.parted.parts) {
            part.files.iter().for_each(|&file| numbers[file] = number);
        }
        numbers
    }

    /// What to do about it, for people, without full stop.
    pub fn advice(&self) -> String {
        let recordings = self.parted.parts.len();
        match self.verdict() {
            Verdict::SameRecording => "one recording, as it should be".to_owned(),
            Verdict::PresumedSame => "presumably one recording".to_owned(),
            Verdict::DifferentRecordings => {
                format!("keep the code on one of the {recordings} recordings: the others need codes of their own")
            }
            Verdict::Undecided if recordings == self.files.len() => "one recording or several?".to_owned(),
            Verdict::Undecided => format!("one recording or {recordings}?"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::format::tags::Description;
    use crate::recording::evidence::Headers;
    use crate::recording::part::part;

    /// A code on files of these paths and lengths in seconds, each titled by its path.
    pub(crate) fn shared(isrc: &str, files: &[(&str, u64)]) -> Shared {
        let file = |(path, seconds): &(&str, u64)| FileInfo {
            path: PathBuf::from(path),
            description: Description {
                title: Some((*path).to_owned()),
                duration: Some(Duration::from_secs(*seconds)),
                ..Description::default()
            },
            ..FileInfo::default()
        };
        let files: Vec<FileInfo> = files.iter().map(file).collect();
        let parted = part(&files, &[], &Headers);
        Shared {
            isrc: Isrc::from_stored(isrc).unwrap(),
            files,
            parted,
            new: false,
        }
    }

    #[test]
    fn what_is_presumed_by_a_file_name_is_not_said_to_have_a_number() {
        let mut shared = shared("QZTST2600001", &[("Mix/Ebb.wav", 5), ("Mix/Ebb.mp3", 5)]);
        let formats = [crate::format::Format::Wav, crate::format::Format::Mp3];
        for (file, format) in shared.files.iter_mut().zip(formats) {
            (file.format, file.description.title) = (Some(format), None);
        }
        shared.parted = part(&shared.files, &[], &Headers);
        assert_eq!(shared.advice(), "presumably one recording");
        assert_eq!(shared.evidence(), "the same file name and length");
    }
}
