//! What `ledger` tells of its prefixes and codes, and of files against them.

use serde::Serialize;

use super::Answer;
use crate::isrc::words::count;
use crate::ledger::check::Difference;
use crate::ledger::prefix::{Prefix, Usage};
use crate::ledger::{CodeState, LedgerEntry};
use crate::recording::FileInfo;
use crate::report::terminal::{Colour, printable};

/// `1 code`, `20,000 codes`.
pub fn codes(number: u32) -> String {
    count(number.into(), "code", "codes")
}

/// A range of designations, and how much of it is left.
pub struct RangeLeft<'a> {
    pub prefix: &'a Prefix,
    pub usage: &'a Usage,
}

impl Answer for RangeLeft<'_> {
    fn text(&self, _colour: Colour) -> String {
        let RangeLeft { prefix, usage } = self;
        let (code, first, last) = (usage.range.prefix(), usage.range.first(), usage.range.last());
        let owner = prefix.owner.as_ref().map(|owner| format!(", {owner}"));
        let (left, owner) = (codes(usage.left()), owner.unwrap_or_default());
        let line = format!("{code}  {first:05} to {last:05}, {left} left in {}{owner}", usage.year);
        printable(&line).into_owned()
    }

    fn object(&self) -> impl Serialize {
        let RangeLeft { prefix, usage } = self;
        let (code, first, last) = (usage.range.prefix(), usage.range.first(), usage.range.last());
        serde_json::json!({"type": "prefix", "prefix": code.as_str(), "from": first, "to": last,
            "year": usage.year, "left": usage.left(), "owner": prefix.owner})
    }
}

fn title_and_artist(entry: &LedgerEntry) -> [&str; 2] {
    let called = &entry.reference.description;
    [&called.title, &called.artist].map(|text| text.as_deref().unwrap_or_default())
}

impl Answer for LedgerEntry {
    fn text(&self, _colour: Colour) -> String {
        let [title, artist] = title_and_artist(self);
        let line = format!("{}  {:<8}  {title}  {artist}", self.isrc, self.state.word());
        printable(line.trim_end()).into_owned()
    }

    fn object(&self) -> impl Serialize {
        let [title, artist] = title_and_artist(self);
        serde_json::json!({"type": "code", "isrc": self.isrc.as_str(), "state": self.state.word(),
            "origin": self.origin.word(), "title": title, "artist": artist})
    }
}

/// Differences that are told in one line: codes that follow each other, and what is so of all.
pub fn told_together(alike: &[Difference], files: &[FileInfo]) -> String {
    let (first, last) = (&alike[0], &alike[alike.len() - 1]);
    let (first, last) = match (first.without_file(), last.without_file()) {
        (Some(first), Some(last)) if alike.len() > 1 => (first, last),
        _ => return difference(first, files),
    };
    let state = match first.state {
        CodeState::Reserved => "set apart, and ",
        CodeState::Assigned | CodeState::Void => "",
    };
    let codes = codes(alike.len() as u32);
    format!("{} to {}, {codes}: {state}no file carries them", first.isrc, last.isrc)
}

/// In what files and ledger differ, as a line.
pub fn difference(difference: &Difference, files: &[FileInfo]) -> String {
    let name = |file: usize| files[file].path.to_string_lossy();
    let line = match difference {
        Difference::Unknown { file, isrc } => format!("{}: {isrc} is not in the ledger", name(*file)),
        Difference::OtherRecording {
            file,
            isrc,
            contradiction,
        } => format!(
            "{}: {isrc} belongs to another recording: here and in the ledger {contradiction}",
            name(*file)
        ),
        Difference::Void { file, isrc } => format!("{}: {isrc} is void in the ledger", name(*file)),
        Difference::NotConfirmed { file, isrc } => {
            let name = name(*file);
            format!("{name}: {isrc} was set apart by a run that did not come to its end")
        }
        Difference::WithoutFile { entry } => format!("{}: no file carries it", entry.isrc),
        Difference::NotWritten { entry } => format!("{}: set apart, and no file carries it", entry.isrc),
    };
    printable(&line).into_owned()
}
