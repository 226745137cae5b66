//! Workbooks. Numbers are numbers and moments dates; all else is a string, whatever it begins with, never a formula.

use std::borrow::Cow;

use std::io::Write;

use rust_xlsxwriter::{Color, ExcelDateTime, Format, Table, TableColumn, Workbook, Worksheet, XlsxError};

use super::{Cell, RowMark, SheetColumn, SheetError, SheetHead, SheetRow};

/// What a sheet holds below its headings (ECMA-376 leaves it open; Excel and LibreOffice agree on 2^20).
pub const MOST_ROWS: u32 = (1 << 20) - 1;

/// Characters of a cell (Excel's specifications and limits, 32,767), less one for the mark that something was cut.
const CELL_CHARACTERS: usize = 32_766;

/// Writes a table as a workbook of one sheet, behind another one with what is said of it.
pub(super) fn write(
    out: &mut dyn Write,
    sheet: &SheetHead,
    rows: &mut dyn Iterator<Item = SheetRow>,
) -> Result<(), SheetError> {
    let mut workbook = Workbook::new();
    if !sheet.about.is_empty() {
        workbook.add_worksheet().set_name("Summary")?;
    }
    let page = workbook.add_worksheet();
    // It is what a person opens the workbook for.
    page.set_name(sheet.name)?.set_active(true);
    let text = Format::new().set_num_format("@");
    let mut count = 0;
    let shades = [
        Shade::new(Format::new()),
        Shade::new(Format::new().set_background_color(Color::RGB(0x00FF_E0B2))),
    ];
    for row in rows {
        if count == MOST_ROWS {
            return Err(SheetError::TooManyRows);
        }
        count += 1;
        let [fine, problem] = &shades;
        let shade = match row.mark {
            RowMark::Fine => fine,
            RowMark::Problem => problem,
        };
        for (column, cell) in (0u16..).zip(&row.cells) {
            write_cell(page, count, column, cell, shade)?;
        }
    }
    for (column, SheetColumn { name, width }) in (0u16..).zip(&sheet.columns) {
        page.write_string(0, column, *name)?;
        page.set_column_width(column, f64::from(*width))?;
        // As text, so that what a person types here stays as typed.
        page.set_column_format(column, &text)?;
    }
    page.set_freeze_panes(1, 0)?;
    // A table has a row at least. It brings the filter with it.
    if count > 0 {
        let columns: Vec<TableColumn> = sheet
            .columns
            .iter()
            .map(|column| TableColumn::new().set_header(column.name))
            .collect();
        let table = Table::new().set_columns(&columns);
        page.add_table(0, 0, count, sheet.columns.len() as u16 - 1, &table)?;
    }
    if !sheet.about.is_empty() {
        let page = workbook.worksheet_from_index(0)?;
        page.set_column_width(0, 16)?;
        page.set_column_width(1, 60)?;
        let [plain, _] = &shades;
        let rows = Cell::Number(count);
        for (row, (word, cell)) in (0u32..).zip(sheet.about.iter().chain([&("rows", rows)])) {
            page.write_string_with_format(row, 0, *word, &Format::new().set_bold())?;
            write_cell(page, row, 1, cell, plain)?;
        }
    }
    out.write_all(&workbook.save_to_buffer()?)?;
    Ok(())
}

/// The formats of a row's cells.
#[derive(Default)]
pub struct Shade {
    text: Format,
    number: Format,
    moment: Format,
}

impl Shade {
    /// As text is text and a number whole, whatever a person types there.
    fn new(format: Format) -> Shade {
        Shade {
            text: format.clone().set_num_format("@"),
            number: format.clone().set_num_format("0"),
            moment: format.set_num_format("yyyy-mm-dd hh:mm"),
        }
    }
}

pub fn write_cell(page: &mut Worksheet, row: u32, column: u16, cell: &Cell, shade: &Shade) -> Result<(), XlsxError> {
    let moment = match cell {
        Cell::Moment(seconds) => ExcelDateTime::from_timestamp(*seconds).ok(),
        Cell::Empty | Cell::Number(_) | Cell::Text(_) | Cell::Path(_) => None,
    };
    match (cell, moment) {
        (_, Some(moment)) => page.write_datetime_with_format(row, column, &moment, &shade.moment)?,
        (Cell::Empty, None) => page.write_blank(row, column, &shade.text)?,
        (Cell::Number(number), None) => page.write_number_with_format(row, column, *number, &shade.number)?,
        // It is to be found again by what is read back: the writer escapes what XML cannot hold (ECMA-376, ST_Xstring).
        (Cell::Path(_), None) => page.write_string_with_format(row, column, shortened(&cell.plain()), &shade.text)?,
        // A moment that Excel does not count to is text.
        (Cell::Text(_) | Cell::Moment(_), None) => {
            page.write_string_with_format(row, column, storable(&cell.plain()), &shade.text)?
        }
    };
    Ok(())
}

/// The text without what XML 1.0 (section 2.2, Char) cannot hold, and no longer than a cell may be.
pub fn storable(cell: &str) -> String {
    let is_char = |letter| matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    shortened(cell).replace(|letter| !is_char(letter), "\u{fffd}")
}

/// The text as far as it fits a cell. The length counts as Excel does, in UTF-16.
fn shortened(cell: &str) -> Cow<'_, str> {
    let mut units = 0;
    let too_long = cell.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > CELL_CHARACTERS
    });
    match too_long {
        Some((at, _)) => Cow::Owned(format!("{}…", &cell[..at])),
        None => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_fits_a_cell() {
        check("plain é 東京", "plain é 東京");
        check("a\u{0}b\u{1b}c\u{ffff}d", "a\u{fffd}b\u{fffd}c\u{fffd}d");
        check("=cmd()", "=cmd()");
        check(&"x".repeat(40_000), &format!("{}…", "x".repeat(CELL_CHARACTERS)));
    }

    #[track_caller]
    fn check(cell: &str, expected: &str) {
        assert_eq!(storable(cell), expected);
    }
}
