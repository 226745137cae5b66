//! What the cells' reader does not tell of a workbook: rows and columns that it hides, cells that it strikes through, and
//! how many texts its cells share (ECMA-376 part 1, 18.3.1.13, 18.3.1.73, 18.4.9, 18.8.37 and 18.8.45).

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Archive;
use crate::list::read::grid::COLUMN_LIMIT;
use crate::list::table::columns::from_letters;

/// What is hidden, by the name of the sheet. What cannot be read hides nothing: the cells' reader refuses it as it is.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    pub(super) sheets: HashMap<String, OfSheet>,
}

#[derive(Debug, Default)]
pub(super) struct OfSheet {
    /// From 0.
    pub(super) rows: HashSet<u32>,
    pub(super) columns: HashSet<usize>,
    /// Row and column of the cells that are struck through.
    pub(super) struck: HashSet<(u32, usize)>,
}

impl Hidden {
    /// None where two sheets are one part, which no program writes: each would be read in full.
    pub(super) fn of(archive: &mut Archive) -> Option<Hidden> {
        let mut targets: HashMap<String, String> = HashMap::new();
        each(archive, "xl/_rels/workbook.xml.rels", &mut |element| {
            if let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target")) {
                let target = target
                    .strip_prefix('/')
                    .map_or_else(|| format!("xl/{target}"), str::to_owned);
                targets.insert(id, target);
            }
        });
        let mut sheets: Vec<(String, String)> = Vec::new();
        each(archive, "xl/workbook.xml", &mut |element| {
            let target = || targets.get(&attribute(element, "id")?).cloned();
            if element.local_name().as_ref() == "sheet" {
                sheets.extend(attribute(element, "name").zip(target()));
            }
        });
        let mut parts = HashSet::new();
        let place = |part: &str| part.trim_start_matches("xl/").to_ascii_lowercase();
        if !sheets.iter().all(|(_, part)| parts.insert(place(part))) {
            return None;
        }
        let struck = struck_styles(archive);
        let of_part = |(name, part): (String, String)| (name, OfSheet::of(archive, &part, &struck));
        let sheets = sheets.into_iter().map(of_part).collect();
        Some(Hidden { sheets })
    }
}

impl OfSheet {
    fn of(archive: &mut Archive, part: &str, struck: &HashSet<u32>) -> OfSheet {
        let mut sheet = OfSheet::default();
        let mut next_row = 0;
        each(archive, part, &mut |element| {
            let number = |name| attribute(element, name).and_then(|text| text.parse::<u32>().ok());
            let is_hidden = || matches!(attribute(element, "hidden").as_deref(), Some("1" | "true"));
            match element.local_name().as_ref() {
                "col" if is_hidden() => {
                    let columns = number("min").zip(number("max"));
                    let read = |(first, last): (u32, u32)| first.max(1) as usize - 1..(last as usize).min(COLUMN_LIMIT);
                    sheet.columns.extend(columns.into_iter().flat_map(read));
                }
                "row" => {
                    let row = number("r").map_or(next_row, |number| number.max(1) - 1);
                    next_row = row + 1;
                    sheet.rows.extend(is_hidden().then_some(row));
                }
                "c" if !struck.is_empty() && number("s").is_some_and(|style| struck.contains(&style)) => {
                    sheet.struck.extend(attribute(element, "r").and_then(|at| place(&at)));
                }
                _ => {}
            }
        });
        sheet
    }
}

/// How many shared texts a part says that it holds, and how many it does, or more than `most`.
pub(super) fn shared_texts(archive: &mut Archive, part: &str, most: u64) -> (u64, u64) {
    let (mut said, mut texts) = (0, 0);
    while_told(archive, part, &mut |element| {
        match element.local_name().as_ref() {
            "sst" => {
                let number = attribute(element, "uniqueCount").map(|text| text.trim().parse().unwrap_or(u64::MAX));
                said = number.unwrap_or(0).max(said);
            }
            "si" => texts += 1,
            _ => {}
        }
        texts <= most
    });
    (said, texts)
}

/// The formats of cells whose font is struck through.
fn struck_styles(archive: &mut Archive) -> HashSet<u32> {
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
fn place(reference: &str) -> Option<(u32, usize)> {
    let digits = reference.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = reference.split_at(digits);
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, from_letters(letters)?))
}

/// Calls `tell` for every element of a part.
fn each(archive: &mut Archive, part: &str, tell: &mut dyn FnMut(&BytesStart)) {
    while_told(archive, part, &mut |element| {
        tell(element);
        true
    });
}

/// Calls `tell` for the elements of a part until it says no, as leniently as the cells' reader reads it.
fn while_told(archive: &mut Archive, part: &str, tell: &mut dyn FnMut(&BytesStart) -> bool) {
    let Ok(file) = archive.by_name(part) else {
        return;
    };
    let mut reader = Reader::from_reader(BufReader::new(file.take(super::UNPACKED_LIMIT)));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    while let Ok(event) = reader.read_event_into(&mut buffer) {
        match event {
            Event::Eof => return,
            Event::Start(element) | Event::Empty(element) if !tell(&element) => return,
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
