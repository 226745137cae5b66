//! The chunks of a WAV file that hold text: EBUCore, INFO, `bext`, iXML, XMP and `cart`.

use crate::bytes::source::{ReadError, Source};
use crate::format::chunks::{Chunk, Holds, Stated, Structure, Walker};
use crate::format::edit::tree::Size;
use crate::format::place::{Access, Label, PlaceName};

/// Adds the places of the chunk that was found last, if it is one of these.
pub(super) fn read(
    source: &mut Source,
    chunk: &Chunk,
    sizes: Size,
    structure: &mut Structure,
) -> Result<(), ReadError> {
    match &chunk.id {
        b"LIST" => list(source, chunk, sizes, structure),
        b"axml" => axml(source, chunk, structure),
        b"iXML" => foreign_markup(source, chunk, "bwf:iXML", structure),
        b"_PMX" => foreign_markup(source, chunk, "riff:_PMX", structure),
        b"bext" => fields(source, chunk, &BEXT, structure),
        b"cart" => fields(source, chunk, &CART, structure),
        _ => Ok(()),
    }
}

/// Fields of fixed places: offset in the chunk, length, name.
type Fields = [(u64, usize, &'static str); 2];

/// EBU Tech 3285, section 2.3.
const BEXT: Fields = [
    (0, 256, "bwf:bext/Description"),
    (288, 32, "bwf:bext/OriginatorReference"),
];

/// AES46-2002, section 4.
const CART: Fields = [(132, 64, "riff:cart/CutID"), (196, 64, "riff:cart/ClientID")];

fn fields(source: &mut Source, chunk: &Chunk, fields: &Fields, structure: &mut Structure) -> Result<(), ReadError> {
    let (first, last) = (fields[0].0, fields[1].0 + fields[1].1 as u64);
    if chunk.size() < last {
        return Ok(());
    }
    source.expect(chunk.body.0 + first, last - first)?;
    for (offset, length, name) in fields {
        let at = chunk.body.0 + offset;
        let value = source.at(at, *length)?;
        structure.read_only(value, at, PlaceName::new(*name));
    }
    Ok(())
}

fn list(source: &mut Source, chunk: &Chunk, sizes: Size, structure: &mut Structure) -> Result<(), ReadError> {
    if chunk.size() < 4 {
        return Ok(());
    }
    match source.at(chunk.body.0, 4)? {
        b"INFO" => {}
        // Audio in several parts, with silence between them.
        b"wavl" => {
            structure.more_audio.push(chunk.body());
            return Ok(());
        }
        _ => return Ok(()),
    }
    let mut walker = Walker::new(sizes, chunk.body.0 + 4, Stated::End(chunk.body.1), chunk.body.1);
    while let Some(entry) = walker.next(source)? {
        // ISRC officially means "source", ICMT "comment": only what is a code is one.
        let name = match &entry.id {
            b"ISRC" => "riff:INFO/ISRC",
            b"ICMT" => "riff:INFO/ICMT",
            _ => continue,
        };
        if entry.size() <= 64 {
            let value = source.at(entry.body.0, entry.size() as usize)?;
            structure.read_only(value, entry.body.0, PlaceName::new(name));
        }
    }
    Ok(())
}

fn axml(source: &mut Source, chunk: &Chunk, structure: &mut Structure) -> Result<(), ReadError> {
    let texts = structure.markup(source, chunk)?;
    let start = structure.places.len();
    for text in &texts {
        let (code, span) = text.code();
        let name = PlaceName::new("bwf:axml");
        Label::odd(name, Access::Write).add([(span, code.to_owned())], &mut structure.places);
    }
    if !texts.is_empty() {
        structure.hold(Holds::Text(texts), None, start);
    }
    Ok(())
}

fn foreign_markup(
    source: &mut Source,
    chunk: &Chunk,
    name: &'static str,
    structure: &mut Structure,
) -> Result<(), ReadError> {
    for text in structure.markup(source, chunk)? {
        structure.read_only(text.text.as_bytes(), text.span.start, PlaceName::new(name));
    }
    Ok(())
}
