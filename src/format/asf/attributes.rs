//! The attributes of the Extended Content Description, Metadata and Metadata Library Objects: a name, a type, a value.

use std::ops::Range;

use super::walk::{EXTENDED_CONTENT, METADATA, OBJECT, Walk};
use crate::format::place::{PlaceName, Standing};
use crate::format::values;
use crate::format::words::{LONGEST_TEXT, Word};
use crate::source::{ReadError, Source};

/// No name that is looked for is longer.
const LONGEST_NAME: u64 = 64;

/// The type of a text in UTF-16 (sections 3.11, 4.7).
pub(super) const TEXT: u16 = 0;

/// An attribute that holds a code.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    /// Index of its object.
    pub object: usize,
    pub range: Range<u64>,
    /// Where its type stands.
    pub kind_at: u64,
    pub length: Length,
    pub value: Range<u64>,
    pub is_standard: bool,
    /// One for each place; none where the value is empty.
    pub codes: Vec<Range<u64>>,
}

/// Where the length of a value stands, and in how many bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length {
    pub at: u64,
    pub bytes: u64,
}

/// The names under which a code is looked for, in upper case, with the name of the place in each object.
const NAMES: [(&str, [&str; 3]); 3] = [
    (
        "WM/ISRC",
        ["asf:WM/ISRC", "asf:Metadata/WM/ISRC", "asf:MetadataLibrary/WM/ISRC"],
    ),
    ("ISRC", ["asf:ISRC", "asf:Metadata/ISRC", "asf:MetadataLibrary/ISRC"]),
    ("TSRC", ["asf:TSRC", "asf:Metadata/TSRC", "asf:MetadataLibrary/TSRC"]),
];

const WORDS: [(&str, Word); 5] = [
    ("Title", Word::Title),
    ("Author", Word::Artist),
    ("WM/AlbumTitle", Word::Album),
    ("WM/PartOfSet", Word::Disc),
    ("WM/TrackNumber", Word::Track),
];

impl Walk<'_, '_> {
    /// Walks the attributes of an object, which is the last of those found.
    pub(super) fn attributes(&mut self, guid: [u8; 16], range: Range<u64>) -> Result<(), ReadError> {
        const LIES: &str = "the attributes in its header are more than there is room for";
        let is_extended = guid == EXTENDED_CONTENT;
        let which = usize::from(!is_extended) + usize::from(!is_extended && guid != METADATA);
        let object = self.found.objects.len() - 1;
        let mut at = range.start + OBJECT + 2;
        if at > range.end {
            self.hides(LIES);
            return Ok(());
        }
        let count = u16::from_le_bytes(self.source.array(at - 2)?);
        for _ in 0..count {
            self.spend()?;
            let Some((name, mut attribute)) = self.attribute(object, at..range.end, is_extended)? else {
                self.hides(LIES);
                return Ok(());
            };
            at = attribute.range.end;
            let name_len = name.end - name.start;
            if name_len > 2 * LONGEST_NAME {
                continue;
            }
            let name = text(self.source, &name)?;
            let name = name.trim_end_matches('\0');
            if let Some((wanted, places)) = NAMES.iter().find(|(wanted, _)| name.eq_ignore_ascii_case(wanted)) {
                self.code(&mut attribute, places[which], (name != *wanted).then(|| name.into()))?;
                self.found.attributes.push(attribute);
            } else if let Some((_, word)) = WORDS.iter().find(|(wanted, _)| name == *wanted) {
                let said = value(self.source, &attribute)?;
                self.found.words.note(*word, &said);
            }
        }
        if at != range.end {
            self.found
                .trouble
                .get_or_insert("bytes that are no attribute stand among those of its header");
        }
        Ok(())
    }

    /// The name and the rest of the attribute at the start of a range; none where it does not fit in.
    fn attribute(
        &mut self,
        object: usize,
        range: Range<u64>,
        is_extended: bool,
    ) -> Result<Option<(Range<u64>, Attribute)>, ReadError> {
        let at = range.start;
        let left = |from: u64| range.end.saturating_sub(from);
        let (name, kind_at, length, value_at) = if is_extended {
            if left(at) < 2 {
                return Ok(None);
            }
            let name_len = u64::from(u16::from_le_bytes(self.source.array(at)?));
            let kind_at = at + 2 + name_len;
            (
                at + 2..kind_at,
                kind_at,
                Length {
                    at: kind_at + 2,
                    bytes: 2,
                },
                kind_at + 4,
            )
        } else {
            if left(at) < 12 {
                return Ok(None);
            }
            let name_len = u64::from(u16::from_le_bytes(self.source.array(at + 4)?));
            let name = at + 12..at + 12 + name_len;
            (name.clone(), at + 6, Length { at: at + 8, bytes: 4 }, name.end)
        };
        if value_at > range.end {
            return Ok(None);
        }
        let value_len = match length.bytes {
            2 => u64::from(u16::from_le_bytes(self.source.array(length.at)?)),
            _ => u64::from(u32::from_le_bytes(self.source.array(length.at)?)),
        };
        if value_len > left(value_at) {
            return Ok(None);
        }
        let value = value_at..value_at + value_len;
        Ok(Some((
            name,
            Attribute {
                object,
                range: at..value.end,
                kind_at,
                length,
                value,
                is_standard: false,
                codes: Vec::new(),
            },
        )))
    }

    /// Notes the codes of an attribute.
    fn code(&mut self, attribute: &mut Attribute, place: &'static str, key: Option<Box<str>>) -> Result<(), ReadError> {
        let is_text = u16::from_le_bytes(self.source.array(attribute.kind_at)?) == TEXT;
        let said = value(self.source, attribute)?;
        let shown = said.trim_end_matches('\0');
        let unit = if is_text { 2 } else { 1 };
        let end = attribute.value.start + unit * shown.len() as u64;
        let span = match shown.is_ascii() && end <= attribute.value.end {
            true => attribute.value.start..end,
            false => attribute.value.clone(),
        };
        // Whatever object it stands in, programs join the attributes of all.
        let standing = match place.ends_with("WM/ISRC") {
            true => Standing::Standard.hidden_by((!is_text).then_some("its type is not that of a text")),
            false => Standing::Odd,
        };
        if shown.is_empty() {
            return Ok(());
        }
        let pieces = values::pieces(shown, &span, unit);
        attribute.is_standard = standing.is_standard();
        attribute.codes = pieces.iter().map(|(span, _)| span.clone()).collect();
        self.places(PlaceName::Chunk(place), key, pieces, standing)
    }
}

/// The value as a text, as it is written in its type.
fn value(source: &mut Source, attribute: &Attribute) -> Result<String, ReadError> {
    let range = &attribute.value;
    let (kind, length) = (
        u16::from_le_bytes(source.array(attribute.kind_at)?),
        range.end - range.start,
    );
    let shown = range.start..range.start + length.min(LONGEST_TEXT);
    match (kind, length) {
        (TEXT, _) => text(source, &shown),
        // A number in 4, 8 or 2 bytes.
        (3, 4) => Ok(u32::from_le_bytes(source.array(range.start)?).to_string()),
        (4, 8) => Ok(u64::from_le_bytes(source.array(range.start)?).to_string()),
        (5, 2) => Ok(u16::from_le_bytes(source.array(range.start)?).to_string()),
        _ => {
            let bytes = source.at(shown.start, (shown.end - shown.start) as usize)?;
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

/// UTF-16, the least byte first.
pub(super) fn text(source: &mut Source, range: &Range<u64>) -> Result<String, ReadError> {
    let length = (range.end - range.start).min(LONGEST_TEXT);
    let bytes = source.at(range.start, length as usize)?;
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    Ok(String::from_utf16_lossy(&units))
}
