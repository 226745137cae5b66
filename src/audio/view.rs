//! The file as the demuxer gets to see it: without its tags.
//!
//! The demuxers read tags whole, pictures and all, and a master may carry a hundred megabytes of them. So what holds
//! only tags is shown to them as padding, by changing the four bytes that name it on the way; nothing moves, and
//! nothing is written. What is not understood here is shown as it is. Invariant: every walk is bounded by
//! [`MOST_STEPS`] and only reads headers.

use std::io;

use crate::bytes::source::ReadAt;
use crate::format::stream::mpeg::after_id3;

/// No file has more tags, blocks, chunks or atoms in a row; past it the rest is shown as it is.
const MOST_STEPS: usize = 1024;

/// A file from `start` on, with some four-byte names changed.
pub(super) struct View<'a> {
    bytes: &'a (dyn ReadAt + Sync),
    start: u64,
    /// Where a name is, and what it reads as; in rising order.
    names: Vec<(u64, [u8; 4])>,
    /// Whether it is a row of frames in no container.
    pub(super) is_bare: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(bytes: &'a (dyn ReadAt + Sync)) -> io::Result<View<'a>> {
        let start = after_id3(bytes)?;
        let mut view = View {
            bytes,
            start,
            names: Vec::new(),
            is_bare: false,
        };
        match array::<12>(bytes, start)? {
            Some([b'f', b'L', b'a', b'C', ..]) => view.hide_flac_blocks()?,
            Some([b'R', b'I', b'F', b'F' | b'X', ..] | [b'R', b'F', b'6', b'4', ..]) => {
                view.hide_chunks(u32::from_le_bytes, &[*b"fmt ", *b"data", *b"fact", *b"ds64"])?;
            }
            Some([b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C']) => {
                view.hide_chunks(u32::from_be_bytes, &[*b"COMM", *b"SSND", *b"FVER"])?;
            }
            Some([_, _, _, _, b'f', b't', b'y', b'p', ..]) => view.hide_atoms()?,
            Some([0x1A, 0x45, 0xDF, 0xA3, ..]) => view.hide_elements()?,
            // An MPEG or ADTS frame (ISO 11172-3, section 2.4.1.3).
            Some([0xFF, second, ..]) if second >= 0xE0 => view.is_bare = true,
            _ => {}
        }
        Ok(view)
    }

    pub(super) fn len(&self) -> u64 {
        self.bytes.len().saturating_sub(self.start)
    }

    /// Like [`ReadAt::read_at`], in offsets of the view.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let Some(from) = self.start.checked_add(offset) else {
            return Ok(0);
        };
        let count = self.bytes.read_at(buffer, from)?;
        let first = self.names.partition_point(|(at, _)| at.saturating_add(4) <= from);
        for (at, name) in &self.names[first..] {
            if *at >= from.saturating_add(count as u64) {
                break;
            }
            for (at, byte) in (*at..).zip(name) {
                let place = at.checked_sub(from).and_then(|place| usize::try_from(place).ok());
                if let Some(shown) = place.and_then(|place| buffer[..count].get_mut(place)) {
                    *shown = *byte;
                }
            }
        }
        Ok(count)
    }

    /// Every block but STREAMINFO becomes PADDING (RFC 9639, section 8.1). There the name is one byte, and the next
    /// three are the length, which stays.
    fn hide_flac_blocks(&mut self) -> io::Result<()> {
        let mut at = self.start + 4;
        for _ in 0..MOST_STEPS {
            let Some([kind, length @ ..]) = array::<4>(self.bytes, at)? else {
                break;
            };
            if !matches!(kind & 0x7F, 0 | 1) {
                self.names
                    .push((at, [kind & 0x80 | 1, length[0], length[1], length[2]]));
            }
            let length = u64::from(u32::from_be_bytes([0, length[0], length[1], length[2]]));
            at += 4 + length;
            if kind & 0x80 != 0 {
                break;
            }
        }
        Ok(())
    }

    /// Every chunk of a RIFF or AIFF file but those in `kept` becomes one that no demuxer knows.
    fn hide_chunks(&mut self, number: fn([u8; 4]) -> u32, kept: &[[u8; 4]]) -> io::Result<()> {
        let mut at = self.start + 12;
        for _ in 0..MOST_STEPS {
            let Some([a, b, c, d, size @ ..]) = array::<8>(self.bytes, at)? else {
                break;
            };
            let size = u64::from(number(size));
            if !kept.contains(&[a, b, c, d]) {
                self.names.push((at, *b"JUNK"));
            }
            // Chunks are padded to an even length.
            at = at.saturating_add(8 + size + size % 2);
        }
        Ok(())
    }

    /// Attachments, tags and chapters of a Matroska file become elements that nobody knows, in front of the first cluster
    /// and where the SeekHead lists them (RFC 9559, section 5.1).
    fn hide_elements(&mut self) -> io::Result<()> {
        const HIDDEN: [[u8; 4]; 3] = [*b"\x19\x41\xA4\x69", *b"\x12\x54\xC3\x67", *b"\x10\x43\xA7\x70"];
        const UNKNOWN: [u8; 4] = *b"\x1E\xDC\xBA\x98";
        const MOST_SEEKS: u64 = 4096;
        let mut at = self.start;
        for _ in 0..MOST_STEPS {
            let Some(header) = array::<12>(self.bytes, at)? else {
                break;
            };
            // What has a shorter ID here is a Void.
            let (id, size, length) = match element(header) {
                Some(element) => element,
                None => match header {
                    [0xEC, a, b, c, d, e, f, g, h, ..] => match element([0x1E, 0, 0, 0, a, b, c, d, e, f, g, h]) {
                        Some((id, size, length)) => (id, size, length - 3),
                        None => break,
                    },
                    _ => break,
                },
            };
            match &id {
                b"\x1F\x43\xB6\x75" => break,
                // The Segment: its children follow.
                b"\x18\x53\x80\x67" => {
                    at += length;
                    continue;
                }
                b"\x11\x4D\x9B\x74" => {
                    let mut seeks = vec![0; size.min(MOST_SEEKS) as usize];
                    let count = self.bytes.read_at(&mut seeks, at + length)?;
                    for (place, window) in seeks[..count].windows(7).enumerate() {
                        if window.starts_with(b"\x53\xAB\x84") && HIDDEN.iter().any(|hidden| window.ends_with(hidden)) {
                            self.names.push((at + length + place as u64 + 3, UNKNOWN));
                        }
                    }
                }
                id if HIDDEN.contains(id) => self.names.push((at, UNKNOWN)),
                _ => {}
            }
            let Some(next) = at.checked_add(length).and_then(|body| body.checked_add(size)) else {
                break;
            };
            at = next;
        }
        Ok(())
    }

    /// The atoms that hold tags become free space (ISO/IEC 14496-12, section 8.1.2), in the file and in `moov`.
    fn hide_atoms(&mut self) -> io::Result<()> {
        let mut ends = vec![self.bytes.len()];
        let mut at = self.start;
        for _ in 0..MOST_STEPS {
            let Some(end) = ends.last() else { break };
            if at >= *end {
                ends.pop();
                continue;
            }
            let Some([a, b, c, d, name @ ..]) = array::<8>(self.bytes, at)? else {
                break;
            };
            let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
                0 => (8, *end - at),
                1 => match array::<8>(self.bytes, at + 8)? {
                    Some(long) => (16, u64::from_be_bytes(long)),
                    None => break,
                },
                size => (8, u64::from(size)),
            };
            let Some(next) = at.checked_add(size).filter(|next| size >= header && *next <= *end) else {
                break;
            };
            match &name {
                b"moov" | b"trak" => {
                    ends.push(next);
                    at += header;
                    continue;
                }
                b"udta" | b"meta" | b"uuid" => self.names.push((at + 4, *b"free")),
                _ => {}
            }
            at = next;
        }
        Ok(())
    }
}

/// An ID of four bytes and a size, with the length of both (RFC 8794, section 4); none where it is another ID.
fn element(header: [u8; 12]) -> Option<([u8; 4], u64, u64)> {
    let [a, b, c, d, size @ ..] = header;
    let width = size[0].leading_zeros() as usize + 1;
    let bytes = size.get(..width).filter(|_| a >> 4 == 1)?;
    let marked = bytes.iter().fold(0u64, |size, byte| size << 8 | u64::from(*byte));
    Some(([a, b, c, d], marked ^ 1 << (7 * width), 4 + width as u64))
}

/// The bytes at `at`; none where the file ends before.
pub(super) fn array<const N: usize>(bytes: &(dyn ReadAt + Sync), at: u64) -> io::Result<Option<[u8; N]>> {
    let mut array = [0; N];
    let mut filled = 0;
    while filled < N {
        let Some(from) = at.checked_add(filled as u64) else {
            return Ok(None);
        };
        match bytes.read_at(&mut array[filled..], from) {
            Ok(0) => return Ok(None),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(array))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_shown_as_padding_and_nothing_moves() {
        check(
            b"fLaC\x00\x00\x00\x01s\x06\x00\x00\x02pp\x84\x00\x00\x01cF",
            b"fLaC\x00\x00\x00\x01s\x01\x00\x00\x02pp\x81\x00\x00\x01cF",
        );
        check(
            b"RIFF\0\0\0\0WAVEfmt \x01\0\0\0f\0id3 \x02\0\0\0iidata",
            b"RIFF\0\0\0\0WAVEfmt \x01\0\0\0f\0JUNK\x02\0\0\0iidata",
        );
        check(
            b"FORM\0\0\0\0AIFFCOMM\0\0\0\x01c\0ID3 \0\0\0\x01i\0",
            b"FORM\0\0\0\0AIFFCOMM\0\0\0\x01c\0JUNK\0\0\0\x01i\0",
        );
        check(
            b"\0\0\0\x0Cftypabcd\0\0\0\x18moov\0\0\0\x08mvhd\0\0\0\x08udta\0\0\0\x09metaX",
            b"\0\0\0\x0Cftypabcd\0\0\0\x18moov\0\0\0\x08mvhd\0\0\0\x08free\0\0\0\x09freeX",
        );
        check(
            b"\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\xC0\x11\x4D\x9B\x74\x87\x53\xAB\x84\x12\x54\xC3\x67\xEC\x81v\x12\x54\xC3\x67\x81t\x1F\x43\xB6\x75\x84data",
            b"\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\xC0\x11\x4D\x9B\x74\x87\x53\xAB\x84\x1E\xDC\xBA\x98\xEC\x81v\x1E\xDC\xBA\x98\x81t\x1F\x43\xB6\x75\x84data",
        );
        check(b"OggS and whatever follows", b"OggS and whatever follows");
    }

    #[test]
    fn tags_in_front_are_left_out() {
        check(
            b"ID3\x04\0\0\0\0\0\x02ttID3\x03\0\0\0\0\0\x01t\xFF\xFBaudio",
            b"\xFF\xFBaudio",
        );
        // The size runs past the end.
        check(b"ID3\x04\0\0\x7F\x7F\x7F\x7Ftt", b"");
    }

    #[test]
    fn headers_that_lie_end_the_walk() {
        check(
            b"\0\0\0\x0Cftypabcd\0\0\0\x03moov\0\0\0\x08udta",
            b"\0\0\0\x0Cftypabcd\0\0\0\x03moov\0\0\0\x08udta",
        );
        check(
            b"\0\0\0\x0Cftypabcd\0\0\0\x01udta\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"\0\0\0\x0Cftypabcd\0\0\0\x01udta\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        );
        check(
            b"RIFF\0\0\0\0WAVEid3 \xFF\xFF\xFF\xFF",
            b"RIFF\0\0\0\0WAVEJUNK\xFF\xFF\xFF\xFF",
        );
    }

    /// Read whole, and in pieces of every size.
    #[track_caller]
    fn check(file: &[u8], expected: &[u8]) {
        let file = file.to_vec();
        let view = View::new(&file).unwrap();
        assert_eq!(view.len(), expected.len() as u64);
        for size in 1..=expected.len() + 1 {
            let mut shown = Vec::new();
            let mut buffer = vec![0; size];
            loop {
                let count = view.read_at(&mut buffer, shown.len() as u64).unwrap();
                if count == 0 {
                    break;
                }
                shown.extend_from_slice(&buffer[..count]);
            }
            assert_eq!(shown, expected, "in pieces of {size}");
        }
    }
}
