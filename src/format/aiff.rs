//! AIFF and AIFC: big-endian chunks in a `FORM` (Apple 1989, 1991). The standard place is the tag in the `ID3 ` chunk.

use super::chunks::{self, Shape, Structure, Walker, Width};
use super::identify::Front;
use super::place::{Change, Place, PlaceName};
use super::{Splice, SpliceError};
use crate::source::{ReadError, Source};

/// An annotation longer than this is not just a code.
const LONGEST_CODE: u64 = 64;

pub(super) fn locate(source: &mut Source, front: &Front) -> Result<Vec<Place>, ReadError> {
    walk(source, front).map(|structure| structure.places)
}

pub(super) fn splice(source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
    let structure = walk(source, front)?;
    let shape = Shape {
        new_id: *b"ID3 ",
        size_fields: vec![(front.start + 4, Width::Be32)],
        counted_from: front.start + 8,
        is_fixed: None,
    };
    chunks::splice(source, front, &structure, change, &shape)
}

fn walk(source: &mut Source, front: &Front) -> Result<Structure, ReadError> {
    let header: [u8; 12] = source.array(front.start)?;
    let size = Width::Be32.read(&header[4..8]);
    let stated_end = (!chunks::is_unstated(size)).then_some(front.start + 8 + size);
    let walker = Walker::new(Width::Be32, front.start + 12, stated_end, source.len()).with_audio(|id| id == b"SSND");
    let mut structure = Structure::new(front, walker);
    while let Some(chunk) = structure.next(source)? {
        if chunk.is_id3() {
            structure.read_id3(source, None)?;
        } else if &chunk.id == b"ANNO" && chunk.size() <= LONGEST_CODE {
            let text = source.at(chunk.body.0, chunk.size() as usize)?;
            structure.read_only(text, chunk.body.0, PlaceName::Chunk("aiff:ANNO"));
        }
    }
    chunks::cut_short_without_audio(&structure, source)?;
    Ok(structure)
}
