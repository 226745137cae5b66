//! XLSX, for spreadsheets: a summary first, then the rows of the CSV report. What comes from files is written as strings,
//! so that nothing is taken for a formula.

use std::io::{self, Write};
use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

use super::advice::Asked;
use super::csv::{Reasons, Row, rows, shared_rows};
use super::summary::Summary;
use super::totals::{headline, remarks, steps, totals};
use super::{FileOrder, Report, Shared, Since, Split};
use crate::scan::inspect::Inspected;
use crate::system::table::xlsx::{MOST_ROWS, Shade, storable, write_cell};
use crate::system::table::{FINDINGS, SheetColumn};

/// Writes a scan as a workbook, at its end. Rows wait in a temporary file, not in memory.
pub struct XlsxReport<W> {
    out: W,
    workbook: Workbook,
    /// The sheet that is being filled, the summary being the first.
    sheet: usize,
    /// Its next row.
    row: u32,
    /// What is called on it.
    name: &'static str,
    since: Option<Since>,
    /// The sheet of what is new, and its next row, while another one is being filled.
    new: Option<(usize, u32)>,
    shade: Shade,
    about: WorkbookOptions,
}

/// So many of the files that are gone are named.
const SHOWN_GONE: usize = 20;

/// What the summary says of the scan beside its numbers.
#[derive(Debug, Clone)]
pub struct WorkbookOptions {
    pub asked: Asked,
    /// Seconds since 1970.
    pub made: i64,
}

impl<W: Write> XlsxReport<W> {
    pub fn new(out: W, about: WorkbookOptions) -> io::Result<XlsxReport<W>> {
        let mut report = XlsxReport {
            out,
            workbook: Workbook::new(),
            sheet: 1,
            row: 0,
            name: "Findings",
            since: None,
            new: None,
            shade: Shade::default(),
            about,
        };
        report.begin_summary().map_err(io::Error::other)?;
        report.begin_sheet("Findings").map_err(io::Error::other)?;
        Ok(report)
    }

    fn begin_sheet(&mut self, name: &str) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        let heading = Format::new().set_bold();
        for (column, SheetColumn { name, width }) in (0..).zip(FINDINGS) {
            sheet.set_column_width(column, f64::from(width))?;
            sheet.write_string_with_format(0, column, name, &heading)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        self.row = 1;
        Ok(())
    }

    fn write_rows(&mut self, rows: Vec<Row>) -> Result<(), XlsxError> {
        for cells in rows {
            if self.row > MOST_ROWS {
                self.end_sheet()?;
                self.sheet = self.workbook.worksheets().len();
                self.begin_sheet(&format!("{} {}", self.name, self.sheet))?;
            }
            let sheet = self.workbook.worksheet_from_index(self.sheet)?;
            for (column, cell) in (0..).zip(&cells) {
                write_cell(sheet, self.row, column, cell, &self.shade)?;
            }
            self.row += 1;
        }
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        let last_row = self.row.saturating_sub(1);
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet.autofilter(0, 0, last_row, FINDINGS.len() as u16 - 1)?;
        Ok(())
    }

    /// Does something with the sheet of what is new, where that is another one.
    fn on_new(&mut self, work: impl FnOnce(&mut Self) -> Result<(), XlsxError>) -> Result<(), XlsxError> {
        let known = (self.sheet, self.row);
        if let Some((sheet, row)) = self.new {
            (self.sheet, self.row) = (sheet, row);
        }
        work(self)?;
        if let Some(new) = &mut self.new {
            *new = (self.sheet, self.row);
            (self.sheet, self.row) = known;
        }
        Ok(())
    }

    /// The first sheet. It is filled when all is counted.
    fn begin_summary(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("Summary")?;
        for (column, width) in [(0, 16.0), (1, 18.0), (2, 60.0)] {
            sheet.set_column_width(column, width)?;
        }
        Ok(())
    }

    fn write_summary(&mut self, summary: &Summary) -> Result<(), XlsxError> {
        let WorkbookOptions { asked, made } = &self.about;
        let listed = &summary.listed(&asked.listed);
        let sheet = self.workbook.worksheet_from_index(0)?;
        let bold = Format::new().set_bold();
        let number = Format::new().set_num_format("#,##0").set_align(FormatAlign::Left);
        let date = Format::new()
            .set_num_format("yyyy-mm-dd hh:mm")
            .set_align(FormatAlign::Left);
        let mut row = 0;
        if let Some(since) = &self.since {
            sheet.write_string_with_format(row, 0, since.news(), &bold)?;
            row += 1;
            let name = |path: &Path| path.to_string_lossy().into_owned();
            if let Some(told) = since.farewell(SHOWN_GONE, name) {
                sheet.write_string(row, 0, storable(&told))?;
                row += 1;
            }
            row += 1;
        }
        sheet.write_string_with_format(row, 0, headline(listed), &bold)?;
        row += 2;
        sheet.write_string_with_format(row, 0, "date", &bold)?;
        sheet.write_datetime_with_format(row, 1, &ExcelDateTime::from_timestamp(*made)?, &date)?;
        row += 1;
        for (number, root) in asked.roots.each().enumerate() {
            if number == 0 {
                sheet.write_string_with_format(row, 0, "folder", &bold)?;
            }
            sheet.write_string(row, 1, storable(&root.to_string_lossy()))?;
            row += 1;
        }
        sheet.write_string_with_format(row, 0, "program", &bold)?;
        sheet.write_string(row, 1, concat!("isrctag ", env!("CARGO_PKG_VERSION")))?;
        row += 2;
        let counted = [
            (summary.files, "files", "audio files".to_owned()),
            (summary.with_code, "with a code", "files with one valid code".to_owned()),
        ];
        let found = totals(listed).map(|(files, kind, words)| (files, kind.word(), words));
        for (files, word, words) in counted.into_iter().chain(found) {
            sheet.write_string_with_format(row, 0, word, &bold)?;
            sheet.write_number_with_format(row, 1, files as f64, &number)?;
            sheet.write_string(row, 2, words)?;
            row += 1;
        }
        row += 1;
        let lines = remarks(listed, asked).into_iter();
        for line in lines.chain(steps(summary, asked, None)) {
            sheet.write_string(row, 0, storable(&line))?;
            row += 1;
        }
        Ok(())
    }
}

impl<W: Write> Report for XlsxReport<W> {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        self.write_rows(rows(path, file, Reasons::Sentences))
            .map_err(io::Error::other)
    }

    fn order(&self) -> FileOrder {
        FileOrder::NewFirst
    }

    fn since(&mut self, since: &Since) -> io::Result<()> {
        self.since = Some(since.clone());
        self.name = "New";
        let sheet = self.workbook.worksheet_from_index(self.sheet);
        sheet
            .and_then(|sheet| sheet.set_name(self.name).map(drop))
            .map_err(io::Error::other)
    }

    fn known(&mut self) -> io::Result<()> {
        self.new = Some((self.sheet, self.row));
        self.sheet += 1;
        self.name = "Known";
        self.begin_sheet(self.name).map_err(io::Error::other)
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        let rows = shared_rows(shared, Reasons::Sentences);
        match shared.new {
            true => self.on_new(|report| report.write_rows(rows)),
            false => self.write_rows(rows),
        }
        .map_err(io::Error::other)
    }

    fn split(&mut self, split: &Split) -> io::Result<()> {
        let rows = split
            .each()
            .flat_map(|(path, file)| rows(path, &file, Reasons::Sentences))
            .collect();
        match split.new {
            true => self.on_new(|report| report.write_rows(rows)),
            false => self.write_rows(rows),
        }
        .map_err(io::Error::other)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.end_sheet().map_err(io::Error::other)?;
        self.on_new(XlsxReport::end_sheet).map_err(io::Error::other)?;
        self.write_summary(summary).map_err(io::Error::other)?;
        let bytes = self.workbook.save_to_buffer().map_err(io::Error::other)?;
        self.out.write_all(&bytes)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};

    use super::*;
    use crate::judge::{Finding, Kind, Listed};
    use crate::report::advice::Roots;

    #[test]
    fn a_report_has_its_totals_and_behind_them_its_rows() {
        let mut out = Vec::new();
        let asked = Asked {
            roots: Roots {
                named: vec!["A".into()],
                ..Roots::default()
            },
            listed: Listed::all(),
            audio: false,
            table: "codes.csv",
        };
        let mut report = XlsxReport::new(
            &mut out,
            WorkbookOptions {
                asked,
                made: 1_790_000_000,
            },
        )
        .unwrap();
        let mut file = Inspected::default();
        file.judged.findings.push(Finding {
            kind: Kind::Missing,
            place: None,
            reason: "no code in any place".into(),
            explanation: "no code in any place".into(),
            repair: None,
            suggestions: Vec::new(),
            second_opinion: None,
            new: false,
        });
        report.file(Path::new("=A/1.flac"), &file).unwrap();
        let summary = Summary {
            files: 3,
            with_code: 2,
            missing: 1,
            ..Summary::default()
        };
        report.finish(&summary).unwrap();
        let mut book = Xlsx::new(Cursor::new(out)).unwrap();
        assert_eq!(book.sheet_names(), ["Summary", "Findings"]);
        let findings = book.worksheet_range("Findings").unwrap();
        let row = findings.rows().nth(1).unwrap();
        assert_eq!(row[0], Data::String("=A/1.flac".into()));
        let summary = book.worksheet_range("Summary").unwrap();
        let text: Vec<String> = summary.rows().map(|row| row[0].to_string()).collect();
        assert_eq!(text[0], "2 of 3 files have a code");
        let cell = |word: &str| summary.rows().find(|row| row[0] == Data::String(word.into())).unwrap()[1].clone();
        assert_eq!(cell("missing"), Data::Float(1.0));
        assert_eq!(cell("folder"), Data::String("A".into()));
        assert!(matches!(cell("date"), Data::DateTime(_)));
        assert!(
            text.iter().any(|line| line.contains("isrctag export -o codes.csv A")),
            "{text:?}"
        );
    }
}
