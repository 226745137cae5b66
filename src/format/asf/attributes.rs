//! The attributes of the Extended Content Description, Metadata and Metadata Library Objects: a name, a type, a value
//! (sections 3.11, 4.7 and 4.8).

use std::ops::Range;

use super::HEADER;
use super::walk::{Guid, OBJECT, Walk, guids};
use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Encode, Item, New, NodeId, Size, States, Text, Value};
use crate::format::notes::code_name;
use crate::format::place::{Action, Standing};
use crate::format::values::{self, Encoding};
use crate::format::words::{LONGEST_TEXT, Word};
use crate::format::{SpliceError, refuse};
use crate::isrc::Isrc;

/// No name that is looked for is longer.
const LONGEST_NAME: u64 = 64;

/// The type of a text in UTF-16.
const TEXT: u16 = 0;

const WORDS: [(&str, Word); 5] = [
    ("Title", Word::Title),
    ("Author", Word::Artist),
    ("WM/AlbumTitle", Word::Album),
    ("WM/PartOfSet", Word::Disc),
    ("WM/TrackNumber", Word::Track),
];

#[derive(Debug)]
struct Attribute {
    range: Range<u64>,
    name: Range<u64>,
    kind: u16,
    kind_at: u64,
    /// Where the length of the value is, and how.
    length: (u64, Size),
    value: Range<u64>,
}

impl Walk<'_, '_> {
    /// Walks the attributes of an object.
    pub(super) fn attributes(&mut self, guid: Guid, range: Range<u64>, node: NodeId) -> Result<(), ReadError> {
        const LIES: &str = "the attributes in its header are more than there is room for";
        let is_extended = guid == guids::EXTENDED_CONTENT;
        let scope = match guid {
            _ if is_extended => "asf:",
            guids::METADATA => "asf:Metadata/",
            _ => "asf:MetadataLibrary/",
        };
        let mut at = range.start + OBJECT + 2;
        if at > range.end {
            self.notes.hides(LIES);
            return Ok(());
        }
        let count = Size::Le16.read_at(self.source, at - 2)?;
        for _ in 0..count {
            self.notes.spend()?;
            let Some(attribute) = self.attribute(at..range.end, is_extended)? else {
                self.notes.hides(LIES);
                return Ok(());
            };
            at = attribute.range.end;
            if attribute.name.end - attribute.name.start > 2 * LONGEST_NAME {
                continue;
            }
            let key = text(self.source, &attribute.name)?;
            let key = key.strip_suffix('\0').unwrap_or(&key);
            if let Some(name) = code_name(key) {
                self.code(attribute, format!("{scope}{name}"), (key, name), node)?;
            } else if let Some((_, word)) = WORDS.iter().find(|(wanted, _)| key.trim_end_matches('\0') == *wanted) {
                let said = attribute.text(self.source)?;
                self.notes.words.note(*word, &said);
            }
        }
        if at != range.end {
            self.notes
                .hides("bytes that are no attribute stand among those of its header");
        }
        self.tree.nodes[node].too_large = "its header would have more attributes than it can count";
        self.tree
            .field(node, range.start + OBJECT, Size::Le16, States::Count(count));
        if is_extended && self.tree.nodes[node].inside == Some(HEADER) {
            self.tree
                .new
                .get_or_insert_with(|| New::item(range.end, Some(node), |isrc, _| new_attribute(isrc)));
        }
        Ok(())
    }

    /// The attribute at the start of a range; none where it does not fit in.
    fn attribute(&mut self, range: Range<u64>, is_extended: bool) -> Result<Option<Attribute>, ReadError> {
        let at = range.start;
        // Of the Extended Content Description Object: length of the name, name, type, length, value; of the others, behind
        // two numbers: length of the name, type, length, name, value.
        let fixed = if is_extended { 2 } else { 12 };
        if range.end - at < fixed {
            return Ok(None);
        }
        let name_len = Size::Le16.read_at(self.source, if is_extended { at } else { at + 4 })?;
        let name = at + fixed..at + fixed + name_len;
        let (kind_at, length, value_at) = match is_extended {
            true => (name.end, (name.end + 2, Size::Le16), name.end + 4),
            false => (at + 6, (at + 8, Size::Le32), name.end),
        };
        if value_at > range.end {
            return Ok(None);
        }
        let end = value_at + length.1.read_at(self.source, length.0)?;
        let kind = Size::Le16.read_at(self.source, kind_at)? as u16;
        Ok((end <= range.end).then_some(Attribute {
            range: at..end,
            name,
            kind,
            kind_at,
            length,
            value: value_at..end,
        }))
    }

    /// An attribute of codes.
    fn code(
        &mut self,
        attribute: Attribute,
        place: String,
        key: (&str, &str),
        holder: NodeId,
    ) -> Result<(), ReadError> {
        let said = attribute.text(self.source)?;
        let shown = said.trim_end_matches('\0');
        let is_text = attribute.kind == TEXT;
        let unit = if is_text { 2 } else { 1 };
        let value = attribute.value;
        let end = value.start + unit * shown.len() as u64;
        let span = match shown.is_ascii() && end <= value.end {
            true => value.start..end,
            false => value.clone(),
        };
        // Whatever object it is in, programs join the attributes of all; few look into a whole header for the object that
        // has to be in the header itself (section 3.11).
        let is_seen = place != "asf:WM/ISRC" || self.tree.nodes[holder].inside == Some(HEADER);
        let standing = Standing::standard(key.1 == "WM/ISRC" && is_seen)
            .hidden_by((!is_text).then_some("its type is not that of a text"));
        let (codes, seat) = self.notes.item(place, key, standing, shown, (&span, unit))?;
        let node = self.tree.node(attribute.range, Some(holder));
        let (at, size) = attribute.length;
        let value_node = self.tree.sized(value.clone(), Some(node), at, size, 0);
        let text = Text::Own(Box::new(Typed {
            kind_at: attribute.kind_at,
            is_text,
        }));
        let value = Value::new(value_node, value, codes, text);
        self.tree.items.push(Item::of(node, seat, value));
        Ok(())
    }
}

impl Attribute {
    /// The value as a text, as it is written in its type.
    fn text(&self, source: &mut Source) -> Result<String, ReadError> {
        let length = self.value.end - self.value.start;
        let bytes = source.at(self.value.start, length.min(LONGEST_TEXT) as usize)?;
        Ok(match (self.kind, length) {
            (TEXT, _) => Encoding::Utf16Little.decode(bytes),
            // A number in 4, 8 or 2 bytes.
            (3, 4) => Size::Le32.read(bytes).to_string(),
            (4, 8) => Size::Le64.read(bytes).to_string(),
            (5, 2) => Size::Le16.read(bytes).to_string(),
            _ => String::from_utf8_lossy(bytes).into_owned(),
        })
    }
}

/// UTF-16, the least byte first.
pub(super) fn text(source: &mut Source, range: &Range<u64>) -> Result<String, ReadError> {
    let length = (range.end - range.start).min(LONGEST_TEXT);
    Ok(Encoding::Utf16Little.decode(source.at(range.start, length as usize)?))
}

/// A value with its type in front of it.
struct Typed {
    kind_at: u64,
    is_text: bool,
}

impl Encode for Typed {
    fn encode(&self, _: &mut Source, value: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        if let [Action::Write(isrc)] = actions {
            let kind = Patch::new(self.kind_at..self.kind_at + 2, TEXT.to_le_bytes());
            return Ok(vec![kind, Patch::new(value.at.clone(), utf16(isrc.as_str(), true))]);
        }
        if !self.is_text {
            return refuse("a value with several codes is not of the type of a text");
        }
        Ok(values::rewritten(&value.codes, actions, |isrc| {
            utf16(isrc.as_str(), false)
        }))
    }
}

fn utf16(text: &str, is_closed: bool) -> Vec<u8> {
    let zero = is_closed.then_some(0);
    text.encode_utf16().chain(zero).flat_map(u16::to_le_bytes).collect()
}

/// A new attribute of an Extended Content Description Object.
pub(super) fn new_attribute(isrc: Isrc) -> Vec<u8> {
    let (name, value) = (utf16("WM/ISRC", true), utf16(isrc.as_str(), true));
    let length = |bytes: &[u8]| (bytes.len() as u16).to_le_bytes();
    [&length(&name), &name[..], &TEXT.to_le_bytes(), &length(&value), &value].concat()
}
