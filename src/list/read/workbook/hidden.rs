//! Rows and columns that a workbook hides, and cells that it strikes through, which its cells' reader does not tell
//! (ECMA-376 part 1, 18.3.1.13, 18.3.1.73, 18.8.37 and 18.8.45).

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Cursor, Read};
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

/// By the name of the sheet. What cannot be read hides nothing: the cells' reader refuses it as it is.
pub(super) type Hidden = HashMap<String, OfSheet>;

#[derive(Debug, Default)]
pub(super) struct OfSheet {
    /// From 0.
    pub(super) rows: HashSet<u32>,
    pub(super) columns: Vec<Range<usize>>,
    /// Row and column of the cells that are struck through.
    pub(super) struck: HashSet<(u32, u32)>,
}

pub(super) fn of(bytes: &[u8]) -> Hidden {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Hidden::new();
    };
    let mut targets: HashMap<String, String> = HashMap::new();
    each(&mut archive, "xl/_rels/workbook.xml.rels", &mut |element| {
        if let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target")) {
            let target = match target.strip_prefix('/') {
                Some(target) => target.to_owned(),
                None => format!("xl/{target}"),
            };
            targets.insert(id, target);
        }
    });
    let mut sheets: Vec<(String, String)> = Vec::new();
    each(&mut archive, "xl/workbook.xml", &mut |element| {
        let target = || targets.get(&attribute(element, "id")?).cloned();
        if element.local_name().as_ref() == "sheet"
            && let (Some(name), Some(target)) = (attribute(element, "name"), target())
        {
            sheets.push((name, target));
        }
    });
    let struck = struck_styles(&mut archive);
    let mut hidden = Hidden::new();
    for (name, part) in sheets {
        let of_sheet = hidden.entry(name).or_default();
        let mut next_row = 0;
        each(&mut archive, &part, &mut |element| {
            let number = |name| attribute(element, name).and_then(|text| text.parse::<u32>().ok());
            let is_hidden = || matches!(attribute(element, "hidden").as_deref(), Some("1" | "true"));
            match element.local_name().as_ref() {
                "col" if is_hidden() => {
                    if let (Some(first), Some(last)) = (number("min"), number("max")) {
                        of_sheet.columns.push((first.max(1) - 1) as usize..last as usize);
                    }
                }
                "row" => {
                    let row = number("r").map_or(next_row, |number| number.max(1) - 1);
                    next_row = row + 1;
                    if is_hidden() {
                        of_sheet.rows.insert(row);
                    }
                }
                "c" if !struck.is_empty() => {
                    let is_struck = number("s").is_some_and(|style| struck.contains(&style));
                    if let Some(at) = attribute(element, "r").filter(|_| is_struck).and_then(|at| place(&at)) {
                        of_sheet.struck.insert(at);
                    }
                }
                _ => {}
            }
        });
    }
    hidden
}

/// The formats of cells whose font is struck through.
fn struck_styles(archive: &mut ZipArchive<Cursor<&[u8]>>) -> HashSet<u32> {
    let (mut fonts, mut styles) = (HashSet::new(), HashSet::new());
    let (mut font, mut style, mut is_of_cells) = (0u32, 0, false);
    each(
        archive,
        "xl/styles.xml",
        &mut |element| match element.local_name().as_ref() {
            "font" => font += 1,
            "strike" if !matches!(attribute(element, "val").as_deref(), Some("0" | "false")) => {
                fonts.insert(font.saturating_sub(1));
            }
            "cellXfs" => is_of_cells = true,
            "cellStyles" | "dxfs" => is_of_cells = false,
            "xf" if is_of_cells => {
                let font = attribute(element, "fontId").and_then(|id| id.parse().ok());
                if font.is_some_and(|font| fonts.contains(&font)) {
                    styles.insert(style);
                }
                style += 1;
            }
            _ => {}
        },
    );
    styles
}

/// Row and column of "B12", from 0.
fn place(reference: &str) -> Option<(u32, u32)> {
    let digits = reference.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = reference.split_at(digits);
    let column = letters.bytes().try_fold(0u32, |number, byte| {
        let value = u32::from(byte.to_ascii_uppercase().checked_sub(b'A')?) + 1;
        number.checked_mul(26)?.checked_add(value)
    })?;
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// Calls `tell` for every element of a part.
fn each(archive: &mut ZipArchive<Cursor<&[u8]>>, part: &str, tell: &mut dyn FnMut(&BytesStart)) {
    let Ok(file) = archive.by_name(part) else {
        return;
    };
    let mut reader = Reader::from_reader(BufReader::new(file.take(super::UNPACKED_LIMIT)));
    let mut buffer = Vec::new();
    while let Ok(event) = reader.read_event_into(&mut buffer) {
        match event {
            Event::Eof => return,
            Event::Start(element) | Event::Empty(element) => tell(&element),
            _ => {}
        }
        buffer.clear();
    }
}

/// The value of an attribute, whatever its prefix.
fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found = attributes
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(quick_xml::escape::unescape(&found.value).ok()?.into_owned())
}
