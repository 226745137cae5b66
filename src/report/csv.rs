//! CSV, for spreadsheets: one row a finding, and one a file without any (with `--all`).

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use super::summary::Summary;
use super::terminal::printable;
use super::{Report, Shared};
use crate::format::tags::Description;
use crate::judge::Kind;
use crate::scan::inspect::Inspected;

/// The columns, in order.
pub const COLUMNS: [&str; 15] = [
    "path",
    "format",
    "isrc",
    "title",
    "artist",
    "album",
    "disc",
    "track",
    "finding",
    "severity",
    "place",
    "value",
    "repair",
    "reason",
    "second_opinion",
];

/// Writes a scan as CSV.
pub struct CsvReport<W: Write> {
    out: csv::Writer<W>,
    to: To,
}

/// What reads the CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A program gets every value as it is, but no formulas.
    Program,
    /// The same in a file, with the mark by which spreadsheets know UTF-8.
    File,
    /// A person at a terminal, which must not obey what is in a value.
    Terminal,
}

impl<W: Write> CsvReport<W> {
    pub fn new(mut out: W, to: To) -> io::Result<CsvReport<W>> {
        if to == To::File {
            out.write_all("\u{FEFF}".as_bytes())?;
        }
        let mut out = csv::Writer::from_writer(out);
        out.write_record(COLUMNS).map_err(of_io)?;
        Ok(CsvReport { out, to })
    }

    fn write(&mut self, row: &[String]) -> io::Result<()> {
        let cells = row.iter().map(|cell| match self.to {
            To::Program | To::File => defused(cell).into_owned(),
            To::Terminal => printable(&defused(cell)).into_owned(),
        });
        self.out.write_record(cells).map_err(of_io)
    }
}

/// Keeps the kind, which tells a closed pipe from a full disk.
fn of_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl<W: Write> Report for CsvReport<W> {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        for row in rows(path, file, Reasons::Words) {
            self.write(&row)?;
        }
        Ok(())
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        for row in shared_rows(shared, Reasons::Words) {
            self.write(&row)?;
        }
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

/// How reasons and verdicts are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasons {
    /// For programs, as JSON has them.
    Words,
    /// For people.
    Sentences,
}

/// The rows of one file, cells in the order of [`COLUMNS`].
pub fn rows(path: &Path, file: &Inspected, reasons: Reasons) -> Vec<[String; COLUMNS.len()]> {
    let Inspected {
        format,
        places,
        judged,
        description,
        empty_tracks: _,
        is_out_of_reach: _,
    } = file;
    let about_file = [
        path.to_string_lossy().into_owned(),
        format.map(|format| format.word().to_owned()).unwrap_or_default(),
        judged.isrc.map(|isrc| isrc.to_string()).unwrap_or_default(),
    ];
    let about_recording = described(description);
    let row = |about_finding: [String; 7]| {
        let about = about_file.iter().chain(&about_recording).cloned();
        let mut cells = about.chain(about_finding);
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    };
    if judged.findings.is_empty() {
        return vec![row(Default::default())];
    }
    let findings = judged.findings.iter().map(|finding| {
        let place = finding.place.and_then(|index| places.get(index));
        row([
            finding.kind.word().to_owned(),
            finding.kind.severity().word().to_owned(),
            place.map(|place| place.name.to_string()).unwrap_or_default(),
            place.map(|place| place.text.clone()).unwrap_or_default(),
            match (reasons, finding.repair, finding.task().info().step) {
                (_, None, _) => String::new(),
                (Reasons::Sentences, Some(_), Some((one, _))) => one.to_owned(),
                (_, Some(repair), _) => repair.word().to_owned(),
            },
            match reasons {
                Reasons::Words => finding.reason.to_string(),
                Reasons::Sentences => finding.explanation.to_string(),
            },
            finding.second_opinion.clone().unwrap_or_default(),
        ])
    });
    findings.collect()
}

/// Title, artist, album, disc, track.
fn described(description: &Description) -> [String; 5] {
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        description.title.clone().unwrap_or_default(),
        description.artist.clone().unwrap_or_default(),
        description.album.clone().unwrap_or_default(),
        number(description.disc),
        number(description.track),
    ]
}

/// The rows of a shared code: one for each of its files.
pub fn shared_rows(shared: &Shared, reasons: Reasons) -> Vec<[String; COLUMNS.len()]> {
    let Shared {
        isrc,
        files,
        parted,
        new: _,
    } = shared;
    let (verdict, evidence) = (shared.verdict(), shared.evidence());
    let judged = match reasons {
        Reasons::Words => verdict.word(),
        Reasons::Sentences => verdict.explain(),
    };
    let rows = files.iter().zip(shared.numbers()).map(|(file, number)| {
        let mut row: [String; COLUMNS.len()] = Default::default();
        row[3..8].clone_from_slice(&described(&file.description));
        row[0] = file.path.to_string_lossy().into_owned();
        row[1] = file.format.map(|format| format.word().to_owned()).unwrap_or_default();
        row[2] = isrc.to_string();
        row[8] = Kind::Shared.word().to_owned();
        row[9] = verdict.severity().word().to_owned();
        row[13] = match parted.parts.len() {
            1 => format!("{judged}: {evidence}"),
            recordings => format!("{judged}: recording {number} of {recordings}; {evidence}"),
        };
        row
    });
    rows.collect()
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection").
pub fn defused(cell: &str) -> Cow<'_, str> {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            Cow::Owned(format!("'{cell}"))
        }
        _ => Cow::Borrowed(cell),
    }
}
