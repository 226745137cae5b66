//! The inventory that `export` writes: one row a file, in the columns that `apply` reads back.

use std::io::Write;
use std::path::Path;

use super::workbook;
use crate::inspect::Inspected;
use crate::judge::shared::clock;
use crate::judge::{Finding, Kind, Severity};
use crate::report::csv::COLUMNS;
use crate::source::{Links, ReadAt as _, SourceFile};
use crate::table::{self, Cell, Heads, Mark, SheetError, SheetFormat, SheetRow};

/// The columns, in order.
pub const HEADS: Heads<10> = Heads {
    names: [
        "path", "disc", "track", "title", "artist", "album", "duration", "isrc", "format", "finding",
    ],
    widths: [50, 6, 6, 36, 28, 28, 10, 16, 14, 30],
};

/// The row of one file, which must have been described with its audio. `also` tells findings on several files, such
/// as a shared code.
pub fn row(path: &Path, file: &Inspected, also: &[Kind]) -> SheetRow<10> {
    let Inspected {
        format,
        places: _,
        judged,
        description,
        size: _,
        empty_tracks: _,
        is_out_of_reach: _,
    } = file;
    let mut findings: Vec<String> = judged.findings.iter().map(words).collect();
    findings.extend(also.iter().map(|kind| kind.word().to_owned()));
    let own = judged.findings.iter().map(|finding| finding.kind.severity());
    let is_problem = own
        .chain(also.iter().map(|kind| kind.severity()))
        .any(|severity| severity >= Severity::Warning);
    let duration = description.duration.map(clock);
    SheetRow {
        cells: [
            Cell::Path(path.to_path_buf()),
            Cell::number(description.disc),
            Cell::number(description.track),
            Cell::text(description.title.as_deref()),
            Cell::text(description.artist.as_deref()),
            Cell::text(description.album.as_deref()),
            Cell::text(duration.as_deref()),
            Cell::text(judged.isrc.as_ref().map(|isrc| isrc.as_str())),
            Cell::text(format.map(|format| format.word())),
            Cell::text((!findings.is_empty()).then(|| findings.join("; ")).as_deref()),
        ],
        mark: if is_problem { Mark::Problem } else { Mark::Fine },
    }
}

fn words(finding: &Finding) -> String {
    match finding.kind {
        Kind::Missing | Kind::Shared | Kind::Split => finding.kind.word().to_owned(),
        Kind::Malformed
        | Kind::Conflicting
        | Kind::Misplaced
        | Kind::Suspicious
        | Kind::Unsupported
        | Kind::Unreadable => format!("{}: {}", finding.kind.word(), finding.reason),
    }
}

/// Writes the inventory.
pub fn write(
    out: &mut dyn Write,
    format: SheetFormat,
    rows: &mut dyn Iterator<Item = SheetRow<10>>,
) -> Result<(), SheetError> {
    table::write(out, format, &HEADS, rows)
}

/// Whether there is a table at `path` into which codes may have been typed: it has the columns `path` and `isrc`, in any
/// order and beside any others, and is no report of a scan.
pub fn is_list_of_codes(path: &Path) -> bool {
    let mut head = vec![0; 4096];
    let file = SourceFile::open(path, Links::Follow);
    let Ok(Ok(len)) = file.map(|file| file.read_at(&mut head, 0)) else {
        return false;
    };
    let headings = match head.starts_with(b"PK") {
        true => super::bytes_of(path).map_or_else(|_| Vec::new(), |bytes| workbook::headings(&bytes)),
        false => vec![csv_headings(&head[..len])],
    };
    headings.iter().any(|headings| {
        let has = |name: &&str| headings.iter().any(|heading| heading == name);
        ["path", "isrc"].iter().all(has) && !COLUMNS.iter().all(has)
    })
}

/// The first row of a CSV file, whatever program has saved it since. Names of columns are ASCII in every encoding.
fn csv_headings(bytes: &[u8]) -> Vec<String> {
    let ascii = bytes.iter().filter(|byte| (1..0x80).contains(*byte));
    let line: Vec<u8> = ascii.copied().take_while(|byte| !b"\r\n".contains(byte)).collect();
    let line = String::from_utf8_lossy(&line);
    let cells = line.split([',', ';', '\t']);
    cells
        .map(|cell| cell.trim().trim_matches('"').to_ascii_lowercase())
        .collect()
}
