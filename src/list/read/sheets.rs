//! The sheets of a list put together: the one with codes, or several that are one list.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::isrc::Isrc;
use crate::list::read::blocks;
use crate::list::read::grid::Grid;
use crate::list::table::columns::{Column, Columns};
use crate::list::table::remarks;
use crate::list::told::{ListError, cells_told};
use crate::list::{Code, Double, List, Numbering, Reading, Row, Sheet, table};
use crate::recording::fold::fold;
use crate::recording::names::album_and_disc;

pub(super) fn read(sheets: Vec<Sheet>, reading: &Reading, numbering: Numbering) -> Result<List, ListError> {
    let sheets = sheets.into_iter().map(|sheet| turned(sheet, reading));
    let sheets: Vec<Sheet> = sheets.flat_map(|sheet| parted(sheet, reading)).collect();
    let names: Vec<String> = sheets.iter().filter_map(Sheet::called).collect();
    let are_several = names.len() > 1;
    let folded = |name: &str| name.trim().to_lowercase();
    let is_wanted = |sheet: &&Sheet| match (reading.sheet.as_deref(), sheet.called()) {
        (Some(wanted), Some(called)) => {
            let mut names = [Some(&called), sheet.name.as_ref()].into_iter().flatten();
            names.any(|name| folded(name) == folded(wanted))
        }
        _ => true,
    };
    let wanted: Vec<&Sheet> = sheets.iter().filter(is_wanted).collect();
    if let (Some(wanted), []) = (&reading.sheet, &wanted[..]) {
        let wanted = wanted.clone();
        return Err(ListError::NoSuchSheet { wanted, names });
    }
    let mut found = with_codes(&wanted, reading)?;
    let notes = without_notes(&mut found);
    say_versions(&mut found, reading);
    let is_asked = reading.sheet.is_none() && !reading.columns.is_left_out(Column::State);
    if let [only] = &found[..]
        && let Some(name) = only
            .sheet
            .name
            .as_deref()
            .filter(|name| is_asked && remarks::is_draft(name))
    {
        let (place, line) = ("the name of its sheet".to_owned(), cells_told([name]));
        return Err(ListError::Draft { place, line });
    }
    let are_albums = say_albums(&mut found, &sheets, reading);
    if found.len() > 1 {
        if !are_albums {
            prepare(&mut found);
        }
        if !are_one_list(&found) {
            let names = found.iter().filter_map(|found| found.sheet.called()).collect();
            return Err(ListError::SeveralSheets { names });
        }
    }
    let numbering = match found.iter().all(|found| found.sheet.is_turned) {
        true => Numbering::Columns,
        false => numbering,
    };
    let mut list = joined(found, numbering, are_several);
    list.told.extend(notes);
    Ok(list)
}

/// The list that the sheets are together.
fn joined(found: Vec<CodeSheet>, numbering: Numbering, are_several: bool) -> List {
    let sheets: Vec<String> = found.iter().filter_map(|found| found.sheet.called()).collect();
    let mut list = List {
        numbering,
        ..List::default()
    };
    if are_several {
        let word = if sheets.len() == 1 { "sheet" } else { "sheets" };
        let names = cells_told(sheets.iter().map(String::as_str));
        list.told.push(format!("{word} {names}"));
    }
    if found.len() > 1 {
        list.sheets = sheets;
    }
    for (
        number,
        CodeSheet {
            sheet,
            rows,
            doubles,
            told,
            is_table: _,
        },
    ) in (0..).zip(found)
    {
        let doubles = doubles.into_iter().filter(|double| !list.doubles.contains(double));
        let doubles: Vec<Double> = doubles.collect();
        list.doubles.extend(doubles);
        // What was chosen in one sheet was chosen in many; what was left out of each is told of each.
        let told: Vec<String> = told.into_iter().filter(|choice| !list.told.contains(choice)).collect();
        list.told.extend(sheet.left_out.iter().cloned().chain(told));
        let rows = rows.into_iter().map(|row| Row { sheet: number, ..row });
        list.rows.extend(rows);
    }
    list
}

/// A sheet with codes.
struct CodeSheet<'s> {
    sheet: &'s Sheet,
    rows: Vec<Row>,
    doubles: Vec<Double>,
    told: Vec<String>,
    /// Its headings are on top: it is neither lines nor turned.
    is_table: bool,
}

/// Takes away the sheets that are no table where another is one: instructions with an example. They are told. One that
/// names a title of the tables may correct its code.
fn without_notes(found: &mut Vec<CodeSheet>) -> Option<String> {
    let title = |row: &Row| row.title_as_written().map(|title| fold(&title));
    let tables = found.iter().filter(|found| found.is_table);
    let titles: Vec<String> = tables.flat_map(|found| &found.rows).filter_map(title).collect();
    let names_any = |row: &Row| {
        let title = title(row).unwrap_or_default();
        titles.iter().any(|known| !known.is_empty() && title.contains(known))
    };
    let is_note = |found: &CodeSheet| !found.is_table && !found.rows.iter().any(names_any);
    if !found.iter().any(|found| found.is_table) {
        return None;
    }
    let notes: Vec<CodeSheet> = found.extract_if(.., |found| is_note(found)).collect();
    let names: Vec<String> = notes.iter().filter_map(|notes| notes.sheet.called()).collect();
    let word = if names.len() == 1 { "sheet" } else { "sheets" };
    let named = cells_told(names.iter().map(String::as_str));
    (!names.is_empty()).then(|| format!("{word} {named} left out: no table"))
}

/// The sheets that hold codes. Others are notes.
fn with_codes<'s>(sheets: &[&'s Sheet], reading: &Reading) -> Result<Vec<CodeSheet<'s>>, ListError> {
    let mut found: Vec<CodeSheet> = Vec::new();
    let mut refused = None;
    for sheet in sheets {
        match read_sheet(sheet, reading) {
            Ok(read) if read.rows.iter().any(|row| row.code != Code::None) => found.push(read),
            Ok(_) => refused = refused.or(Some(ListError::NoCodes)),
            Err(
                error @ (ListError::NoCodeColumn(_)
                | ListError::NoSuchHeading(_)
                | ListError::NothingNamesFiles
                | ListError::Range { .. }),
            ) => {
                refused = refused.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    match found.is_empty() {
        true => Err(refused.unwrap_or_else(|| ListError::NoCodeColumn("nothing".to_owned()))),
        false => Ok(found),
    }
}

fn read_sheet<'s>(sheet: &'s Sheet, reading: &Reading) -> Result<CodeSheet<'s>, ListError> {
    let grid = &sheet.grid;
    let mut told = Vec::new();
    if sheet.is_turned {
        told.push("its headings are in its first column".to_owned());
    }
    let table = table::headings(grid, reading)?;
    // Where nothing is a table of codes, lines may say them.
    let mut read = None;
    if !reading.in_order && reading.columns == Columns::default() {
        if table.is_none() {
            read = blocks::of_markers(grid);
        }
        if read.is_none() && !table.as_ref().is_some_and(|table| table.has_codes()) {
            read = blocks::of_lines(grid, reading.this_year);
            let how = "no table, so titles and codes are read line by line";
            told.extend(read.as_ref().map(|_| how.to_owned()));
        }
    }
    let table = match &read {
        Some(read) => table::headings(read, reading)?,
        None => table,
    };
    let Some(table) = table else {
        if let Some((row, text)) = table::range(grid) {
            return Err(ListError::Range { row, text });
        }
        let first = (0..grid.len().min(1)).flat_map(|row| grid.row(row));
        return Err(ListError::NoCodeColumn(cells_told(first)));
    };
    let (mut rows, doubles) = table.rows(&mut told)?;
    rows.iter_mut().for_each(|row| row.ending = sheet.ending);
    Ok(CodeSheet {
        sheet,
        rows,
        doubles,
        told,
        is_table: read.is_none() && !sheet.is_turned,
    })
}

/// A table whose headings are in its first column, with these on top.
fn turned(sheet: Sheet, reading: &Reading) -> Sheet {
    const MOST_HEADINGS: usize = 40;
    if sheet.grid.len() > MOST_HEADINGS || reading.in_order || reading.columns.names_any() {
        return sheet;
    }
    let known = |grid: &Grid| {
        let table = table::headings(grid, reading).ok().flatten();
        let headed = table.filter(|table| table.headings.is_some());
        headed.map_or(0, |table| table.layout.known())
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
    let table = table::headings(&sheet.grid, reading).ok().flatten();
    let Some(parts) = table.and_then(|table| table.side_by_side()) else {
        return vec![sheet];
    };
    // What was left out of the whole is told once.
    let mut left_out = Some(sheet.left_out);
    let parts = parts.into_iter().map(|(letters, grid)| Sheet {
        name: sheet.name.clone(),
        part: Some(letters),
        grid,
        left_out: left_out.take().unwrap_or_default(),
        ..Sheet::default()
    });
    parts.collect()
}

/// A sheet "Instrumentals" says so of its rows.
fn say_versions(found: &mut [CodeSheet], reading: &Reading) {
    if reading.columns.is_left_out(Column::Version) {
        return;
    }
    for found in found {
        let Some(name) = &found.sheet.name else { continue };
        let Some(version) = remarks::version_of_name(name) else {
            continue;
        };
        let (name, said) = (cells_told([name.as_str()]), cells_told([version]));
        found.told.push(format!("all of sheet {name} as {said}"));
        for row in &mut found.rows {
            row.above.get_or_insert_with(|| version.to_owned());
        }
    }
}

/// A sheet an album: where several are called by the albums that are here, each says so of its rows.
fn say_albums(found: &mut [CodeSheet], sheets: &[Sheet], reading: &Reading) -> bool {
    let is_album = |sheet: &Sheet| {
        let name = sheet.name.as_deref().filter(|name| album_and_disc(name).1.is_none());
        name.is_some_and(|name| reading.albums.contains(&fold(name)))
    };
    let says_album = |row: &Row| row.description.album.is_some();
    if sheets.iter().filter(|sheet| is_album(sheet)).count() < 2
        || !found.iter().all(|found| is_album(found.sheet))
        || found.iter().flat_map(|found| &found.rows).any(says_album)
        || reading.columns.is_left_out(Column::Album)
    {
        return false;
    }
    for found in found {
        let album = found.sheet.name.clone();
        found
            .rows
            .iter_mut()
            .for_each(|row| row.description.album = album.clone());
        found.told.push("albums by the names of its sheets".to_owned());
    }
    true
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
    let rows = || found.iter().flat_map(|found| &found.rows);
    let begins_anew = |found: &CodeSheet| found.rows.iter().any(|row| row.description.track == Some(1));
    let has_title = |row: &Row| row.description.title.is_some() || row.code == Code::None;
    let have_discs = rows().any(|row| row.description.disc.is_some());
    if have_discs || !rows().all(has_title) || !found.iter().all(begins_anew) {
        return;
    }
    for found in found {
        found.rows.iter_mut().for_each(|row| row.description.track = None);
        let left_out = "column track left out: its numbers begin anew on each sheet";
        found.told.push(left_out.to_owned());
    }
}

/// Whether sheets say nothing against each other: no recording with two codes, no code for two recordings, and none that
/// is called a draft.
fn are_one_list(found: &[CodeSheet]) -> bool {
    let is_draft = |found: &CodeSheet| found.sheet.name.as_deref().is_some_and(remarks::is_other_sheet);
    if found.iter().any(is_draft) {
        return false;
    }
    #[derive(PartialEq, Eq, Hash)]
    enum Key {
        Title(String, String, Option<u32>),
        Number(String, Option<u32>, u32),
        File(PathBuf),
    }
    let mut codes: HashMap<Key, Isrc> = HashMap::new();
    let mut rows = found.iter().flat_map(|found| &found.rows);
    rows.all(|row| {
        let (Some(isrc), description) = (row.code.isrc(), &row.description) else {
            return true;
        };
        let album = || description.album.as_deref().map(fold).unwrap_or_default();
        let title = row
            .whole_title()
            .map(|title| Key::Title(album(), fold(&title), description.disc));
        let number = description
            .track
            .map(|track| Key::Number(album(), description.disc, track));
        let keys = [title, number, row.file.clone().map(Key::File)];
        keys.into_iter()
            .flatten()
            .all(|key| *codes.entry(key).or_insert(isrc) == isrc)
    })
}
