//! CSV, for spreadsheets: one row a finding, and one a file without any (with `--all`).

use std::io::{self, Write};
use std::path::Path;

use super::summary::Summary;
use super::terminal::printable;
use super::{Report, Shared};
use crate::format::Format;
use crate::format::tags::Description;
use crate::isrc::Isrc;
use crate::judge::Kind;
use crate::scan::inspect::Inspected;
use crate::system::table::csv::{CsvRows, Mark, defused};
use crate::system::table::{Cell, FINDINGS};

/// Writes a scan as CSV.
pub struct CsvReport<W: Write> {
    rows: CsvRows<W>,
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
    pub fn new(out: W, to: To) -> io::Result<CsvReport<W>> {
        let mark = if to == To::File { Mark::Utf8 } else { Mark::None };
        let rows = CsvRows::new(out, mark, &FINDINGS)?;
        Ok(CsvReport { rows, to })
    }

    fn write(&mut self, rows: Vec<Row>) -> io::Result<()> {
        rows.iter().try_for_each(|row| {
            self.rows.write(row.iter().map(|cell| match self.to {
                To::Program | To::File => defused(&cell.plain()).into_owned(),
                To::Terminal => printable(&defused(&cell.plain())).into_owned(),
            }))
        })
    }
}

impl<W: Write> Report for CsvReport<W> {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        self.write(rows(path, file, Reasons::Words))
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        self.write(shared_rows(shared, Reasons::Words))
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.rows.flush()
    }
}

/// Cells in the order of [`FINDINGS`].
pub type Row = [Cell; FINDINGS.len()];

/// How reasons and verdicts are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasons {
    /// For programs, as JSON has them.
    Words,
    /// For people.
    Sentences,
}

/// The rows of one file.
pub fn rows(path: &Path, file: &Inspected, reasons: Reasons) -> Vec<Row> {
    let Inspected {
        format,
        places,
        judged,
        description,
        empty_tracks: _,
        is_out_of_reach: _,
    } = file;
    let about = about(path, *format, judged.isrc, description);
    let row = |about_finding: [Cell; 7]| {
        let mut cells = about.iter().cloned().chain(about_finding);
        std::array::from_fn(|_| cells.next().unwrap_or(Cell::Empty))
    };
    if judged.findings.is_empty() {
        return vec![row([const { Cell::Empty }; 7])];
    }
    let findings = judged.findings.iter().map(|finding| {
        let place = finding.place.and_then(|index| places.get(index));
        let repair = match (reasons, finding.repair, finding.task().info().step) {
            (Reasons::Sentences, Some(_), Some((one, _))) => Some(one),
            (_, repair, _) => repair.map(|repair| repair.word()),
        };
        let reason = match reasons {
            Reasons::Words => &finding.reason,
            Reasons::Sentences => &finding.explanation,
        };
        row([
            Cell::text(Some(finding.kind.word())),
            Cell::text(Some(finding.kind.severity().word())),
            place.map_or(Cell::Empty, |place| Cell::Text(place.name.to_string())),
            Cell::text(place.map(|place| &*place.text)),
            Cell::text(repair),
            Cell::text(Some(reason)),
            Cell::text(finding.second_opinion.as_deref()),
        ])
    });
    findings.collect()
}

/// The cells of a row that do not tell of a finding.
fn about(path: &Path, format: Option<Format>, isrc: Option<Isrc>, description: &Description) -> [Cell; 8] {
    [
        Cell::Path(path.to_path_buf()),
        Cell::text(format.map(Format::word)),
        Cell::text(isrc.as_ref().map(Isrc::as_str)),
        Cell::text(description.title.as_deref()),
        Cell::text(description.artist.as_deref()),
        Cell::text(description.album.as_deref()),
        Cell::number(description.disc),
        Cell::number(description.track),
    ]
}

/// The rows of a shared code: one for each of its files.
pub fn shared_rows(shared: &Shared, reasons: Reasons) -> Vec<Row> {
    let (verdict, evidence) = (shared.verdict(), shared.evidence());
    let judged = match reasons {
        Reasons::Words => verdict.word(),
        Reasons::Sentences => verdict.explain(),
    };
    let rows = shared.files.iter().zip(shared.numbers()).map(|(file, number)| {
        let mut row = [const { Cell::Empty }; FINDINGS.len()];
        row[..8].clone_from_slice(&about(&file.path, file.format, Some(shared.isrc), &file.description));
        row[8] = Cell::text(Some(Kind::Shared.word()));
        row[9] = Cell::text(Some(verdict.severity().word()));
        row[13] = Cell::Text(match shared.parted.parts.len() {
            1 => format!("{judged}: {evidence}"),
            recordings => format!("{judged}: recording {number} of {recordings}; {evidence}"),
        });
        row
    });
    rows.collect()
}
