//! WAV, Broadcast Wave, RF64 and BW64: RIFF chunks (Microsoft and IBM 1991; EBU Tech 3285, 3306; ITU-R BS.2088).
//!
//! The standard place is the tag in the `id3 ` chunk. Codes in EBUCore (`axml`) are edited too; those in texts that
//! are not meant for them (INFO, `bext`, iXML, XMP, `cart`) are reported only.

use crate::bytes::source::{ReadError, Source};
use crate::format::chunks::{Shape, Stated, Structure, Walker};
use crate::format::edit::tree::Size;
use crate::format::stream::identify::Front;
use crate::format::{Depth, WalkOutcome};

mod texts;

/// A `ds64` table has an entry for each chunk past 4 GiB: one or two in practice.
const MOST_LONG_SIZES: usize = 64;

pub(in crate::format) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<WalkOutcome, ReadError> {
    let header: [u8; 12] = source.array(front.start)?;
    let is_big_endian = header.starts_with(b"RIFX");
    let sizes = if is_big_endian { Size::Be32 } else { Size::Le32 };
    let size = sizes.read(&header[4..8]);
    let first = front.start + 12;
    let long = LongSizes::read(source, first)?;
    // The 32-bit size is in use, not just a sign that the other is.
    let is_size_in_header = size != u64::from(u32::MAX) || long.is_none();
    let whole = match &long {
        Some(long) if !is_size_in_header => long.whole,
        _ => size,
    };
    let stated = Stated::new(whole, front.start + 8, source.len());
    let size_in_header = is_size_in_header.then_some((front.start + 4, Size::Le32));
    let size_in_ds64 = long.as_ref().map(|_| (first + 8, Size::Le64));
    let walker = Walker::new(sizes, first, stated, source.len())
        .with_audio(|id| id == b"data")
        .with_long_sizes(long.map(|long| long.chunks).unwrap_or_default());
    let mut structure = Structure::new(source, front, walker, &[b"id3 ", b"ID3 "]);
    while let Some(chunk) = structure.walker.next(source)? {
        if chunk.is_id3() {
            structure.read_id3(source, None)?;
        } else {
            texts::read(source, &chunk, sizes, &mut structure)?;
        }
    }
    let shape = Shape {
        size_fields: size_in_header.into_iter().chain(size_in_ds64).collect(),
        refusal: is_big_endian.then_some("this version does not edit big-endian WAV (RIFX)"),
        ..Shape::default()
    };
    structure.found(source, front, shape)
}

/// The `ds64` chunk, which is first where a file may pass 4 GiB.
struct LongSizes {
    whole: u64,
    chunks: Vec<([u8; 4], u64)>,
}

impl LongSizes {
    fn read(source: &mut Source, at: u64) -> Result<Option<LongSizes>, ReadError> {
        // Its size, then 64 bits each for the whole, `data` and the sample count, then the table's length.
        if source.len().saturating_sub(at) < 36 || source.at(at, 4)? != b"ds64" {
            return Ok(None);
        }
        let view: [u8; 36] = source.array(at)?;
        let size = Size::Le32.read(&view[4..8]);
        let whole = Size::Le64.read(&view[8..16]);
        let mut chunks = vec![(*b"data", Size::Le64.read(&view[16..24]))];
        let entries = Size::Le32.read(&view[32..36]).min(size.saturating_sub(28) / 12);
        for entry in 0..entries.min(MOST_LONG_SIZES as u64) {
            let view: [u8; 12] = source.array(at + 36 + entry * 12)?;
            chunks.push(([view[0], view[1], view[2], view[3]], Size::Le64.read(&view[4..])));
        }
        Ok(Some(LongSizes { whole, chunks }))
    }
}

#[cfg(test)]
mod tests;
