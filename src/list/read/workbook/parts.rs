//! What the cells' reader does not tell of a workbook: rows and columns that it hides, cells and texts that it strikes
//! through, cells that it merges, and how many texts its cells share (ECMA-376 part 1, 18.3.1.13, 18.3.1.55, 18.3.1.73,
//! 18.4.9, 18.4.10, 18.8.37 and 18.8.45).

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use super::Archive;
use crate::list::read::grid::COLUMN_LIMIT;
use crate::list::table::columns::from_letters;

/// What is hidden, by the name of the sheet. What cannot be read hides nothing: the cells' reader refuses it as it is.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    pub(super) sheets: HashMap<String, OfSheet>,
    /// Texts of which a part is struck through, without white space, and what is left of them.
    pub(super) struck_texts: HashMap<String, String>,
}

#[derive(Debug, Default)]
pub(super) struct OfSheet {
    /// From 0.
    pub(super) rows: HashSet<u32>,
    pub(super) columns: HashSet<usize>,
    /// Row and column of the cells that are struck through.
    pub(super) struck: HashSet<(u32, usize)>,
    /// Cells of one column that are merged: row and column of the first, and the last row.
    pub(super) merged: HashMap<(u32, usize), u32>,
}

impl Hidden {
    /// `struck` are the parts of shared texts that strike some through. None where two sheets are one part, which no program
    /// writes: each would be read in full.
    pub(super) fn of(archive: &mut Archive, mut struck: Vec<String>) -> Option<Hidden> {
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
        let styles = struck_styles(archive);
        let of_part = |(name, part): (String, String)| {
            let (sheet, has_struck) = OfSheet::of(archive, &part, &styles);
            struck.extend(has_struck.then_some(part));
            (name, sheet)
        };
        let sheets = sheets.into_iter().map(of_part).collect();
        let mut struck_texts = HashMap::new();
        for part in struck {
            add_struck_texts(archive, &part, &mut struck_texts);
        }
        Some(Hidden { sheets, struck_texts })
    }
}

impl OfSheet {
    /// And whether texts in it are struck through in part.
    fn of(archive: &mut Archive, part: &str, struck: &HashSet<u32>) -> (OfSheet, bool) {
        let mut sheet = OfSheet::default();
        let mut has_struck = false;
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
                "mergeCell" => {
                    let ends = attribute(element, "ref");
                    let ends = ends.as_deref().and_then(|range| range.split_once(':'));
                    let ends = ends.and_then(|(first, last)| place(first).zip(place(last)));
                    let of_column = ends.filter(|(first, last)| first.1 == last.1);
                    sheet.merged.extend(of_column.map(|(first, last)| (first, last.0)));
                }
                "c" if !struck.is_empty() && number("s").is_some_and(|style| struck.contains(&style)) => {
                    sheet.struck.extend(attribute(element, "r").and_then(|at| place(&at)));
                }
                "strike" => has_struck = true,
                _ => {}
            }
        });
        (sheet, has_struck)
    }
}

/// What a part says of the texts that cells share.
#[derive(Default)]
pub(super) struct SharedTexts {
    /// How many it says that it holds.
    pub(super) said: u64,
    /// How many it does, or more than the most that may be.
    pub(super) texts: u64,
    /// Some are struck through in part.
    pub(super) has_struck: bool,
}

pub(super) fn shared_texts(archive: &mut Archive, part: &str, most: u64) -> SharedTexts {
    let mut shared = SharedTexts::default();
    while_told(archive, part, &mut |element| {
        match element.local_name().as_ref() {
            "sst" => {
                let number = attribute(element, "uniqueCount").map(|text| text.trim().parse().unwrap_or(u64::MAX));
                shared.said = number.unwrap_or(0).max(shared.said);
            }
            "si" => shared.texts += 1,
            "strike" => shared.has_struck = true,
            _ => {}
        }
        shared.texts <= most
    });
    shared
}

/// Adds the texts of a part of which a run is struck through (18.4.4).
fn add_struck_texts(archive: &mut Archive, part: &str, found: &mut HashMap<String, String>) {
    let (mut whole, mut left) = (String::new(), String::new());
    let (mut is_struck, mut is_text, mut is_phonetic) = (false, false, false);
    while_read(archive, part, &mut |event| {
        let name = match event {
            Event::Start(element) | Event::Empty(element) => element.local_name(),
            Event::End(element) => element.local_name(),
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if is_text && !is_phonetic => {
                let text = text_of(event);
                whole.push_str(&text);
                left.push_str(if is_struck { "" } else { &text });
                return true;
            }
            _ => return true,
        };
        match (event, name.as_ref()) {
            (Event::Start(_), "si" | "is") => {
                whole.clear();
                left.clear();
            }
            (Event::Start(_) | Event::End(_), "r") => is_struck = false,
            (Event::Start(element) | Event::Empty(element), "strike") => is_struck |= is_strike(element),
            (Event::Start(_) | Event::End(_), "t") => is_text = matches!(event, Event::Start(_)),
            (Event::Start(_) | Event::End(_), "rPh") => is_phonetic = matches!(event, Event::Start(_)),
            (Event::End(_), "si" | "is") if whole != left => {
                found.insert(without_spaces(&whole), left.trim().to_owned());
            }
            _ => {}
        }
        true
    });
}

/// As texts with a struck part are known by: white space at the ends of runs may count or not.
pub(super) fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

fn text_of(event: &Event) -> String {
    match event {
        Event::Text(text) => text.xml10_content().into_owned(),
        Event::CData(text) => text.xml10_content().into_owned(),
        Event::GeneralRef(entity) => match entity.resolve_char_ref() {
            Ok(Some(letter)) => letter.into(),
            _ => resolve_xml_entity(entity).unwrap_or("").to_owned(),
        },
        _ => String::new(),
    }
}

fn is_strike(element: &BytesStart) -> bool {
    element.local_name().as_ref() == "strike" && !matches!(attribute(element, "val").as_deref(), Some("0" | "false"))
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
            "strike" if is_strike(element) => {
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

/// Calls `tell` for the elements of a part until it says no.
fn while_told(archive: &mut Archive, part: &str, tell: &mut dyn FnMut(&BytesStart) -> bool) {
    while_read(archive, part, &mut |event| match event {
        Event::Start(element) | Event::Empty(element) => tell(element),
        _ => true,
    });
}

/// Calls `tell` for what a part holds until it says no, as leniently as the cells' reader reads it.
fn while_read(archive: &mut Archive, part: &str, tell: &mut dyn FnMut(&Event) -> bool) {
    let Ok(file) = archive.by_name(part) else {
        return;
    };
    let mut reader = Reader::from_reader(BufReader::new(file.take(super::UNPACKED_LIMIT)));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    while let Ok(event) = reader.read_event_into(&mut buffer) {
        if matches!(event, Event::Eof) || !tell(&event) {
            return;
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
