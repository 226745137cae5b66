//! DSDIFF: big-endian chunks with 64-bit sizes (Philips, DSDIFF 1.5). The standard place is the tag in the `ID3 `
//! chunk, which the specification does not know, but programs write: outermost, or inside `PROP`.

use super::chunks::{self, Chunk, Shape, Structure, Walker, Width};
use super::identify::Front;
use super::place::{Change, Place};
use super::{Splice, SpliceError};
use crate::source::{ReadError, Source};

pub(super) fn locate(source: &mut Source, front: &Front) -> Result<Vec<Place>, ReadError> {
    walk(source, front).map(|structure| structure.places)
}

pub(super) fn splice(source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
    let structure = walk(source, front)?;
    // Section 3.4: the index of compressed audio has offsets from the start of the file.
    let is_fixed = structure
        .has_chunk(b"DSTI")
        .then_some("its audio is found by offsets that would no longer fit");
    let shape = Shape {
        new_id: *b"ID3 ",
        size_fields: vec![(front.start + 4, Width::Be64)],
        counted_from: front.start + 12,
        is_fixed,
    };
    chunks::splice(source, front, &structure, change, &shape)
}

fn walk(source: &mut Source, front: &Front) -> Result<Structure, ReadError> {
    let header: [u8; 16] = source.array(front.start)?;
    let size = Width::Be64.read(&header[4..12]);
    let stated_end = (size != 0).then_some(size.saturating_add(front.start + 12));
    let walker = Walker::new(Width::Be64, front.start + 16, stated_end, source.len())
        .with_audio(|id| matches!(id, b"DSD " | b"DST "));
    let mut structure = Structure::new(front, walker);
    while let Some(chunk) = structure.next(source)? {
        if chunk.is_id3() {
            structure.read_id3(source, None)?;
        } else if &chunk.id == b"PROP" {
            properties(source, &chunk, &mut structure)?;
        }
    }
    chunks::cut_short_without_audio(&structure, source)?;
    Ok(structure)
}

fn properties(source: &mut Source, chunk: &Chunk, structure: &mut Structure) -> Result<(), ReadError> {
    if chunk.size() < 4 {
        return Ok(());
    }
    let mut walker = Walker::new(Width::Be64, chunk.body.0 + 4, None, chunk.body.1);
    while let Some(property) = walker.next(source)? {
        if property.is_id3() {
            structure.read_id3(source, Some(property))?;
        }
    }
    Ok(())
}
