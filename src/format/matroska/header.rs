//! What is in front of the Segment: the EBML header, which tells what kind of file this is and who may read it.

use std::ops::RangeInclusive;

use super::ebml::{self, Element, Read};
use super::walk::id;
use crate::bytes::source::{ReadError, Source};
use crate::format::Format;
use crate::format::notes::Notes;

/// What the EBML header says of every file of today (RFC 8794, section 11.2): the versions that a reader must know, and how
/// wide the numbers of an element may be.
const USUAL: [(u32, RangeInclusive<u64>); 4] = [
    (id::READ_VERSION, 1..=1),
    (id::MAX_ID_LENGTH, 4..=4),
    (id::MAX_SIZE_LENGTH, 8..=8),
    (id::DOC_TYPE_READ_VERSION, 1..=4),
];

/// The Segment. Only what means nothing may be between the EBML header and it.
pub(super) fn segment(source: &mut Source, start: u64, notes: &mut Notes) -> Result<Element, ReadError> {
    for (wanted, most) in USUAL {
        let stated = in_header(source, start, wanted)?;
        let number = stated.map(|stated| ebml::unsigned(source, &stated.body)).transpose()?;
        if number.is_some_and(|number| number.is_none_or(|number| !most.contains(&number))) {
            notes.troubles("its EBML header asks for a reader of another version");
        }
    }
    let len = source.len();
    let mut at = start;
    for _ in 0..16 {
        if at >= len {
            break;
        }
        match ebml::element(source, at, len)? {
            Read::Element(element) if element.id == id::SEGMENT => return Ok(element),
            Read::Element(element) if matches!(element.id, id::EBML | id::VOID | id::CRC) && !element.is_open => {
                at = element.end();
            }
            Read::TooLong(_, needed) => return Err(ReadError::CutShort { needed, len }),
            Read::Element(_) | Read::NoElement => break,
        }
    }
    Err(ReadError::Damaged("no segment follows its EBML header"))
}

/// The kind of a file of EBML elements, by its DocType; none if it is another one.
pub(crate) fn doc_type(source: &mut Source, start: u64) -> Result<Option<Format>, ReadError> {
    let Some(doc_type) = in_header(source, start, id::DOC_TYPE)? else {
        return Ok(None);
    };
    let (text, _) = ebml::text(source, &doc_type.body, 16)?;
    Ok(match &*text {
        "matroska" => Some(Format::Matroska),
        "webm" => Some(Format::Webm),
        _ => None,
    })
}

/// An element of the EBML header at `start`.
fn in_header(source: &mut Source, start: u64, wanted: u32) -> Result<Option<Element>, ReadError> {
    let len = source.len();
    let Read::Element(header) = ebml::element(source, start, len)? else {
        return Ok(None);
    };
    let mut at = header.body.start;
    for _ in 0..64 {
        if at >= header.end() {
            break;
        }
        match ebml::element(source, at, header.end())? {
            Read::Element(child) if child.id == wanted => return Ok(Some(child)),
            Read::Element(child) => at = child.end(),
            Read::TooLong(..) | Read::NoElement => break,
        }
    }
    Ok(None)
}
