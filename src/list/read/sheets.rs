//! The sheets of a list put together: the one with codes, or several that are one list.

use std::collections::HashMap;

use crate::isrc::Isrc;
use crate::list::read::grid::Grid;
use crate::list::read::{blocks, markers};
use crate::list::table::columns::{Column, Columns};
use crate::list::table::remarks;
use crate::list::told::{Choice, ListError, cells_told};
use crate::list::{Code, List, Numbering, Reading, Row, Sheet, table};
use crate::recording::fold::fold;
use crate::recording::names::album_and_disc;

pub(in crate::list) fn read(sheets: Vec<Sheet>, reading: &Reading, numbering: Numbering) -> Result<List, ListError> {
    let sheets: Vec<Sheet> = sheets.into_iter().map(|sheet| turned(sheet, reading)).collect();
    let sheets: Vec<Sheet> = sheets.into_iter().flat_map(|sheet| parted(sheet, reading)).collect();
    let names: Vec<String> = sheets.iter().filter_map(Sheet::called).collect();
    let is_wanted = |sheet: &&Sheet| {
        let folded = |name: &str| name.trim().to_lowercase();
        let (Some(wanted), Some(called)) = (reading.sheet.as_deref().map(folded), sheet.called()) else {
            return true;
        };
        folded(&called) == wanted || sheet.name.as_deref().map(folded).as_ref() == Some(&wanted)
    };
    let wanted: Vec<&Sheet> = sheets.iter().filter(is_wanted).collect();
    if let (Some(wanted), true) = (&reading.sheet, wanted.is_empty()) {
        return Err(ListError::NoSuchSheet {
            wanted: wanted.clone(),
            names,
        });
    }
    let mut found = with_codes(&wanted, reading)?;
    say_versions(&mut found, reading);
    if let [only] = &found[..]
        && let Some(name) = only.sheet.name.as_deref().filter(|name| remarks::is_draft(name))
        && reading.sheet.is_none()
        && !reading.columns.is_left_out(Column::State)
    {
        return Err(ListError::Draft {
            place: "the name of its sheet".to_owned(),
            line: cells_told([name]),
        });
    }
    if found.len() > 1 {
        prepare(&mut found);
        if !are_one_list(&found) {
            let names = found.iter().filter_map(|found| found.sheet.called()).collect();
            return Err(ListError::SeveralSheets { names });
        }
    }
    let numbering = match found.iter().all(|found| found.sheet.is_turned) {
        true => Numbering::Columns,
        false => numbering,
    };
    Ok(joined(found, numbering, names.len() > 1))
}

/// The list that the sheets are together.
fn joined(found: Vec<CodeSheet>, numbering: Numbering, are_several: bool) -> List {
    let mut list = List {
        numbering,
        ..List::default()
    };
    let used: Vec<String> = found.iter().filter_map(|found| found.sheet.called()).collect();
    if are_several {
        list.told.push(Choice::Sheets(used.clone()));
    }
    if found.len() > 1 {
        list.sheets = used;
    }
    for (number, CodeSheet { sheet, rows, told }) in (0..).zip(found) {
        let known = list.told.clone();
        let (rows_hidden, columns_hidden) = (sheet.hidden_rows, sheet.hidden_columns);
        if rows_hidden + columns_hidden > 0 {
            list.told.push(Choice::Hidden {
                rows: rows_hidden,
                columns: columns_hidden,
            });
        }
        let (rows_struck, codes) = (sheet.struck_rows, sheet.struck_codes);
        if rows_struck + codes > 0 {
            list.told.push(Choice::Struck {
                rows: rows_struck,
                codes,
            });
        }
        // What was chosen in one sheet was chosen in many.
        list.told.extend(
            told.into_iter()
                .filter(|choice| !known.contains(choice))
                .collect::<Vec<_>>(),
        );
        list.rows
            .extend(rows.into_iter().map(|row| Row { sheet: number, ..row }));
    }
    list
}

/// A sheet with codes.
struct CodeSheet<'s> {
    sheet: &'s Sheet,
    rows: Vec<Row>,
    told: Vec<Choice>,
}

/// The sheets that hold codes. Others are notes.
fn with_codes<'s>(sheets: &[&'s Sheet], reading: &Reading) -> Result<Vec<CodeSheet<'s>>, ListError> {
    let mut found: Vec<CodeSheet> = Vec::new();
    let mut refused = None;
    for sheet in sheets {
        match rows_of(sheet, reading) {
            Ok(rows) if rows.0.iter().any(|row| row.code != Code::None) => found.push(CodeSheet {
                sheet,
                rows: rows.0,
                told: rows.1,
            }),
            Ok(_) => refused = refused.or(Some(ListError::NoCodes)),
            Err(error @ (ListError::NoCodeColumn(_) | ListError::NoSuchHeading(_) | ListError::NothingNamesFiles)) => {
                refused = refused.or(Some(error))
            }
            Err(error) => return Err(error),
        }
    }
    match found.is_empty() {
        true => Err(refused.unwrap_or_else(|| ListError::NoCodeColumn("nothing".to_owned()))),
        false => Ok(found),
    }
}

fn rows_of(sheet: &Sheet, reading: &Reading) -> Result<(Vec<Row>, Vec<Choice>), ListError> {
    let grid = &sheet.grid;
    let mut told: Vec<Choice> = sheet.is_turned.then_some(Choice::Lying).into_iter().collect();
    let table = table::headings(grid, reading)?;
    let is_open = !reading.in_order && reading.columns == Columns::default();
    if is_open
        && table.is_none()
        && let Some(markers) = markers::table(grid)
        && let Some(table) = table::headings(&markers, reading)?
    {
        return Ok((table.rows(reading, &mut told)?, told));
    }
    if is_open
        && !table.as_ref().is_some_and(|table| table.has_codes(reading.this_year))
        && let Some(lines) = blocks::table(grid, reading.this_year)
        && let Some(table) = table::headings(&lines, reading)?
    {
        told.push(Choice::Lines);
        return Ok((table.rows(reading, &mut told)?, told));
    }
    let Some(table) = table else {
        if let Some((row, text)) = table::range(grid) {
            return Err(ListError::Range { row, text });
        }
        let first = (0..grid.len()).next().map(|row| cells_told(grid.row(row)));
        return Err(ListError::NoCodeColumn(first.unwrap_or_else(|| "nothing".to_owned())));
    };
    let rows = table.rows(reading, &mut told)?;
    Ok((rows, told))
}

/// A table whose headings are in its first column, with these on top.
fn turned(sheet: Sheet, reading: &Reading) -> Sheet {
    const MOST_HEADINGS: usize = 40;
    if sheet.grid.len() > MOST_HEADINGS || reading.in_order || reading.columns.names_any() {
        return sheet;
    }
    let known = |grid: &Grid| {
        let table = table::headings(grid, reading).ok().flatten();
        table
            .filter(|table| table.headings.is_some())
            .map_or(0, |table| table.layout.known())
    };
    match sheet.grid.turned() {
        // One is of codes, another finds their files.
        Ok(grid) if known(&grid) > known(&sheet.grid).max(1) => Sheet {
            grid,
            is_turned: true,
            ..sheet
        },
        Ok(_) | Err(_) => sheet,
    }
}

/// Tables that are beside each other, "Side A" and "Side B", are as many sheets, named by their columns.
fn parted(sheet: Sheet, reading: &Reading) -> Vec<Sheet> {
    let parts = table::headings(&sheet.grid, reading)
        .ok()
        .flatten()
        .and_then(|table| table.side_by_side());
    let Some(parts) = parts else {
        return vec![sheet];
    };
    let mut parted: Vec<Sheet> = Vec::new();
    for (letters, grid) in parts {
        parted.push(Sheet {
            name: sheet.name.clone(),
            part: Some(letters),
            grid,
            ..Sheet::default()
        });
    }
    // What was left out of the whole is told once.
    if let Some(first) = parted.first_mut() {
        let grid = std::mem::take(&mut first.grid);
        *first = Sheet {
            grid,
            part: first.part.take(),
            ..sheet
        };
    }
    parted
}

/// A sheet "Instrumentals" says so of its rows.
fn say_versions(found: &mut [CodeSheet], reading: &Reading) {
    if reading.columns.is_left_out(Column::Version) {
        return;
    }
    for found in found {
        let Some(name) = &found.sheet.name else { continue };
        let Some(version) = remarks::version_of_line(name).flatten() else {
            continue;
        };
        found.told.push(Choice::SheetSays {
            sheet: name.clone(),
            version: version.to_owned(),
        });
        for row in &mut found.rows {
            row.above.get_or_insert_with(|| version.to_owned());
        }
    }
}

/// What the names of sheets say of their rows: "CD 2" is a disc, and numbers that begin anew on each sheet of sides are no
/// track numbers.
fn prepare(found: &mut [CodeSheet]) {
    let disc_of = |found: &CodeSheet| album_and_disc(found.sheet.name.as_deref().unwrap_or("")).1;
    if found.iter().all(|found| disc_of(found).is_some()) {
        for found in found.iter_mut() {
            let disc = disc_of(found);
            let rows = found.rows.iter_mut();
            rows.for_each(|row| row.description.disc = row.description.disc.or(disc));
        }
        return;
    }
    let begins_anew = |found: &CodeSheet| found.rows.iter().any(|row| row.description.track == Some(1));
    let have_titles = found.iter().all(|found| {
        found
            .rows
            .iter()
            .all(|row| row.description.title.is_some() || row.code == Code::None)
    });
    if have_titles
        && found.iter().all(begins_anew)
        && !found
            .iter()
            .flat_map(|found| &found.rows)
            .any(|row| row.description.disc.is_some())
    {
        for row in found.iter_mut().flat_map(|found| &mut found.rows) {
            row.description.track = None;
        }
        for found in found {
            found.told.push(Choice::LeftOut {
                column: Column::Track.word().to_owned(),
                why: "its numbers begin anew on each sheet",
            });
        }
    }
}

/// Whether sheets say nothing against each other: no recording with two codes, no code for two recordings, and none that
/// is called a draft.
fn are_one_list(found: &[CodeSheet]) -> bool {
    let is_draft = |found: &CodeSheet| found.sheet.name.as_deref().is_some_and(remarks::is_other_sheet);
    if found.iter().any(is_draft) {
        return false;
    }
    let mut codes: HashMap<(String, String, Option<u32>), Isrc> = HashMap::new();
    let mut numbers: HashMap<(String, Option<u32>, u32), Isrc> = HashMap::new();
    let mut files: HashMap<&std::path::Path, Isrc> = HashMap::new();
    for row in found.iter().flat_map(|found| &found.rows) {
        let (Some(isrc), description) = (row.code.isrc(), &row.description) else {
            continue;
        };
        let album = description.album.as_deref().map(fold).unwrap_or_default();
        let title = row.whole_title().map(|title| fold(&title));
        let by_title = title.map(|title| *codes.entry((album.clone(), title, description.disc)).or_insert(isrc));
        let number = description.track.map(|track| (album, description.disc, track));
        let by_number = number.map(|number| *numbers.entry(number).or_insert(isrc));
        let by_file = row.file.as_deref().map(|file| *files.entry(file).or_insert(isrc));
        if [by_title, by_number, by_file]
            .into_iter()
            .flatten()
            .any(|other| other != isrc)
        {
            return false;
        }
    }
    true
}
