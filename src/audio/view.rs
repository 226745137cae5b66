//! The file as the demuxer gets to see it: without its tags.
//!
//! The demuxers read tags whole, pictures and all, and a master may carry a hundred megabytes of them. So what the
//! walk of its container takes for tags is shown to them as padding, by changing the four bytes that name it on the way;
//! nothing moves, and nothing is written. A file that no walk understands is shown as it is.

use std::io;

use crate::bytes::source::{ReadAt, ReadError, Source, read_full_at};
use crate::format;
use crate::format::stream::mpeg::after_id3;

/// Whether an MPEG or ADTS frame begins so (ISO 11172-3, section 2.4.1.3).
pub(super) fn is_mpeg_frame(head: &[u8]) -> bool {
    matches!(head, [0xff, second, ..] if *second >= 0xe0)
}

/// A file from `start` on, with some four-byte names changed.
pub(super) struct SampleView<'a> {
    bytes: &'a (dyn ReadAt + Sync),
    start: u64,
    /// Where a name is, and what it reads as; in rising order.
    names: Vec<(u64, [u8; 4])>,
    /// Whether it is a row of frames in no container.
    pub(super) is_bare: bool,
}

impl<'a> SampleView<'a> {
    pub(super) fn new(bytes: &'a (dyn ReadAt + Sync), extension: Option<&str>) -> io::Result<SampleView<'a>> {
        let start = after_id3(bytes)?;
        let mut names = match format::names_of_tags(&mut Source::new(bytes), extension) {
            Err(ReadError::Io(error)) => return Err(error),
            names => names.unwrap_or_default(),
        };
        names.sort_unstable();
        let is_bare = array::<2>(bytes, start)?.is_some_and(|head| is_mpeg_frame(&head));
        Ok(SampleView {
            bytes,
            start,
            names,
            is_bare,
        })
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
}

/// The bytes at `at`; none where the file ends before.
pub(super) fn array<const N: usize>(bytes: &(dyn ReadAt + Sync), at: u64) -> io::Result<Option<[u8; N]>> {
    let mut array = [0; N];
    let filled = read_full_at(bytes, &mut array, at)?;
    Ok((filled == N).then_some(array))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_shown_as_padding_and_nothing_moves() {
        let flac = [b"fLaC\x00\x00\x00\x22", &[7; 34][..], b"\x06\x00\x00\x02pp"].concat();
        let list = b"\x84\x00\x00\x08\0\0\0\0\0\0\0\0\xFF\xF8audio";
        check_named([&flac[..], list].concat(), &[(42, b"\x01"), (48, b"\x81")]);
        check_named(
            b"RIFF\x23\0\0\0WAVEfmt \x01\0\0\0f\0id3 \x02\0\0\0iidata\x01\0\0\0s".to_vec(),
            &[(22, b"JUNK")],
        );
        check_named(
            b"FORM\0\0\0\x22AIFFCOMM\0\0\0\x01c\0ID3 \0\0\0\x01i\0SSND\0\0\0\0".to_vec(),
            &[(22, b"JUNK")],
        );
        check_named(
            b"\0\0\0\x0Cftypabcd\0\0\0\x18moov\0\0\0\x08mvhd\0\0\0\x08udta\0\0\0\x09metaX".to_vec(),
            &[(32, b"free"), (40, b"free")],
        );
        let element = |id: &[u8], body: &[u8]| [id, &[0x80 | body.len() as u8], body].concat();
        let seek = [element(b"\x53\xAB", b"\x12\x54\xC3\x67"), element(b"\x53\xAC", b"\x17")].concat();
        let segment = [
            element(b"\x11\x4D\x9B\x74", &element(b"\x4D\xBB", &seek)),
            element(b"\xEC", b"v\x12\x54\xC3\x67"),
            element(b"\x12\x54\xC3\x67", b""),
            element(b"\x16\x54\xAE\x6B", &element(b"\xAE", b"")),
            element(b"\x1F\x43\xB6\x75", b"data"),
        ];
        let header = element(b"\x1A\x45\xDF\xA3", &element(b"\x42\x82", b"webm"));
        let file = [header, element(b"\x18\x53\x80\x67", &segment.concat())].concat();
        check_named(file, &[(28, b"\x1E\xDC\xBA\x98"), (43, b"\x1E\xDC\xBA\x98")]);
        check_named(b"OggS and whatever follows".to_vec(), &[]);
    }

    /// The same file, but for these bytes.
    #[track_caller]
    fn check_named(file: Vec<u8>, names: &[(usize, &[u8])]) {
        let mut expected = file.clone();
        for (at, name) in names {
            expected[*at..*at + name.len()].copy_from_slice(name);
        }
        check(&file, &expected);
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
    fn what_no_walk_understands_is_shown_as_it_is() {
        check_named(b"\0\0\0\x0Cftypabcd\0\0\0\x03moov\0\0\0\x08udta".to_vec(), &[]);
        check_named(
            b"\0\0\0\x0Cftypabcd\0\0\0\x01udta\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF".to_vec(),
            &[],
        );
        check_named(b"RIFF\0\0\0\0WAVEid3 \xFF\xFF\xFF\xFF".to_vec(), &[(12, b"JUNK")]);
    }

    #[test]
    fn an_error_of_the_disk_is_told() {
        struct Broken;
        impl ReadAt for Broken {
            fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn len(&self) -> u64 {
                64
            }
        }
        let error = SampleView::new(&Broken, None).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    /// Read whole, and in pieces of every size.
    #[track_caller]
    fn check(file: &[u8], expected: &[u8]) {
        let file = file.to_vec();
        let view = SampleView::new(&file, None).unwrap();
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
