//! Rows and columns that a workbook hides, which its cells' reader does not tell (ECMA-376 part 1, 18.3.1.13 and
//! 18.3.1.73).

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
                _ => {}
            }
        });
    }
    hidden
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
