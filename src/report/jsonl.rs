//! JSON Lines, for programs: one object a line, keys as the contract says.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::summary::Summary;
use super::{Report, Shared, Split};
use crate::isrc::decode::decode;
use crate::judge::{Finding, Kind};
use crate::scan::inspect::Inspected;
use crate::system::table::jsonl::{PathKeys, paths_bytes, write_line};

/// The version of the keys and their meaning.
const SCHEMA: u32 = 1;

/// Writes a scan as JSON Lines.
pub struct JsonlReport<W> {
    out: W,
    this_year: u16,
}

impl<W: Write> JsonlReport<W> {
    pub fn new(out: W, this_year: u16) -> JsonlReport<W> {
        JsonlReport { out, this_year }
    }
}

impl<W> std::fmt::Debug for JsonlReport<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JsonlReport")
    }
}

impl<W: Write> Report for JsonlReport<W> {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        write_line(&mut self.out, &file_line(path, file, self.this_year))
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        let Shared {
            isrc,
            files,
            parted,
            new,
        } = shared;
        let verdict = shared.verdict();
        let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
        let shown = |file: &usize| paths[*file].to_string_lossy().into_owned();
        let line = SharedLine {
            r#type: "shared",
            isrc: isrc.as_str(),
            verdict: verdict.word(),
            severity: verdict.severity().word(),
            evidence: &shared.evidence(),
            paths: (0..paths.len()).map(|file| shown(&file)).collect(),
            paths_bytes: paths_bytes(&paths),
            recordings: parted
                .parts
                .iter()
                .map(|part| part.files.iter().map(shown).collect())
                .collect(),
            new: *new,
        };
        write_line(&mut self.out, &line)
    }

    fn split(&mut self, split: &Split) -> io::Result<()> {
        let Split { evidence, files, new } = split;
        let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
        let line = SplitLine {
            r#type: "split",
            severity: Kind::Split.severity().word(),
            evidence,
            isrcs: files.iter().map(|(_, isrc)| isrc.to_string()).collect(),
            paths: paths.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
            paths_bytes: paths_bytes(&paths),
            new: *new,
        };
        write_line(&mut self.out, &line)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let line = SummaryLine {
            r#type: "summary",
            schema: SCHEMA,
            summary,
            index: None::<()>,
        };
        write_line(&mut self.out, &line)?;
        self.out.flush()
    }
}

/// The object of one file, as `scan` and `show` print it.
pub fn file_line(path: &Path, file: &Inspected, this_year: u16) -> impl Serialize + use<> {
    let Inspected {
        format,
        places,
        judged,
        description,
        is_out_of_reach: _,
        empty_tracks: _,
    } = file;
    FileLine {
        r#type: "file",
        path: PathKeys::new(path),
        format: format.map(|format| format.word()),
        isrc: judged.isrc.map(|isrc| isrc.to_string()),
        title: description.title.clone(),
        artist: description.artist.clone(),
        album: description.album.clone(),
        disc: description.disc,
        track: description.track,
        duration: description
            .duration
            .map(|duration| (duration.as_secs_f64() * 1000.0).round() / 1000.0),
        places: places
            .iter()
            .map(|place| PlaceLine {
                place: place.name.to_string(),
                key: place.key.as_deref().map(str::to_owned),
                value: place.text.clone(),
                isrc: decode(place.code(), this_year).isrc.map(|isrc| isrc.to_string()),
            })
            .collect(),
        findings: judged
            .findings
            .iter()
            .map(|finding| {
                let Finding {
                    kind,
                    place,
                    reason,
                    explanation: _,
                    repair,
                    suggestions,
                    second_opinion,
                    new,
                } = finding;
                FindingLine {
                    kind: kind.word(),
                    severity: kind.severity().word(),
                    place: place
                        .and_then(|index| places.get(index))
                        .map(|place| place.name.to_string()),
                    repair: repair.map(|repair| repair.word()),
                    reason: reason.to_string(),
                    suggestions: suggestions.iter().map(|isrc| isrc.to_string()).collect(),
                    second_opinion: second_opinion.clone(),
                    new: *new,
                }
            })
            .collect(),
    }
}

#[derive(Serialize)]
struct FileLine {
    r#type: &'static str,
    #[serde(flatten)]
    path: PathKeys,
    format: Option<&'static str>,
    isrc: Option<String>,
    title: Option<String>,
    artist: Option<String>,
    album: Option<String>,
    disc: Option<u32>,
    track: Option<u32>,
    /// Seconds. Only where the audio was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    places: Vec<PlaceLine>,
    findings: Vec<FindingLine>,
}

#[derive(Serialize)]
struct PlaceLine {
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    value: String,
    isrc: Option<String>,
}

#[derive(Serialize)]
struct FindingLine {
    kind: &'static str,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<&'static str>,
    reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    second_opinion: Option<String>,
    /// Only where an earlier index is at hand.
    #[serde(skip_serializing_if = "is_false")]
    new: bool,
}

fn is_false(new: &bool) -> bool {
    !new
}

#[derive(Serialize)]
struct SharedLine<'a> {
    r#type: &'static str,
    isrc: &'a str,
    verdict: &'static str,
    severity: &'static str,
    evidence: &'a str,
    paths: Vec<String>,
    /// Beside `paths`, where one of them is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    paths_bytes: Option<Vec<Option<String>>>,
    /// The paths, parted into recordings.
    recordings: Vec<Vec<String>>,
    #[serde(skip_serializing_if = "is_false")]
    new: bool,
}

#[derive(Serialize)]
struct SplitLine<'a> {
    r#type: &'static str,
    severity: &'static str,
    evidence: &'a str,
    /// The code of each path, in the same order.
    isrcs: Vec<String>,
    paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paths_bytes: Option<Vec<Option<String>>>,
    #[serde(skip_serializing_if = "is_false")]
    new: bool,
}

#[derive(Serialize)]
struct SummaryLine<'a, I> {
    r#type: &'static str,
    schema: u32,
    #[serde(flatten)]
    summary: &'a Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<I>,
}

/// The last line of an index: a summary, and what it says of the index.
pub(crate) fn write_indexed_summary(out: &mut impl Write, summary: &Summary, about: impl Serialize) -> io::Result<()> {
    let line = SummaryLine {
        r#type: "summary",
        schema: SCHEMA,
        summary,
        index: Some(about),
    };
    write_line(out, &line)
}
