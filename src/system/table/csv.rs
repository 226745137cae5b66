//! CSV, in which no spreadsheet finds a formula.

use std::borrow::Cow;
use std::io::{self, Write};

use super::SheetColumn;

/// Rows of CSV.
pub struct CsvRows<W: Write>(csv::Writer<W>);

/// Whether a file begins with the mark by which spreadsheets know UTF-8: without it Excel takes it for one in its own code
/// page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Utf8,
    None,
}

impl<W: Write> CsvRows<W> {
    pub fn new(mut out: W, mark: Mark, columns: &[SheetColumn]) -> io::Result<CsvRows<W>> {
        if mark == Mark::Utf8 {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let mut rows = CsvRows(csv::Writer::from_writer(out));
        rows.write(columns.iter().map(|column| column.name))?;
        Ok(rows)
    }

    pub fn write(&mut self, cells: impl IntoIterator<Item = impl AsRef<[u8]>>) -> io::Result<()> {
        let written = self.0.write_record(cells);
        // Keeps the kind, which tells a closed pipe from a full disk.
        written.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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

/// Defuses a cell so that [`undefused`] gives it back: a cell that looks defused already gets an apostrophe more.
pub(super) fn guarded(cell: &str) -> Cow<'_, str> {
    let bare = cell.trim_start_matches('\'');
    match bare.len() < cell.len() && matches!(defused(bare), Cow::Owned(_)) {
        true => Cow::Owned(format!("'{cell}")),
        false => defused(cell),
    }
}

/// A cell of CSV without the apostrophe that kept a spreadsheet from taking it for a formula.
pub fn undefused(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(rest) if matches!(defused(rest.trim_start_matches('\'')), Cow::Owned(_)) => Cow::Borrowed(rest),
        _ => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were() {
        for cell in [
            "=1+1", "+x", "-x", "@x", "'=1+1", "''@", "'quoted'", "'", "''", "plain", "", "\tx", "＝x", "'\n",
        ] {
            let written = guarded(cell);
            assert_eq!(undefused(&written), cell, "{cell:?}");
            assert_eq!(defused(&written), written, "{cell:?} is a formula still");
        }
    }
}
