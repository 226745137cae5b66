//! AIFF and AIFC: big-endian chunks in a `FORM` (Apple 1989, 1991). The standard place is the tag in the `ID3 ` chunk.

use crate::bytes::source::{ReadError, Source};
use crate::format::chunks::{Shape, Stated, Structure, Walker};
use crate::format::edit::tree::Size;
use crate::format::place::PlaceName;
use crate::format::stream::identify::Front;
use crate::format::{Depth, WalkOutcome};

/// An annotation longer than this is not just a code.
const LONGEST_CODE: u64 = 64;

pub(in crate::format) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<WalkOutcome, ReadError> {
    let header: [u8; 12] = source.array(front.start)?;
    let size = Size::Be32.read(&header[4..8]);
    let stated = Stated::new(size, front.start + 8, source.len());
    let walker = Walker::new(Size::Be32, front.start + 12, stated, source.len()).with_audio(|id| id == b"SSND");
    let mut structure = Structure::new(source, front, walker.with_needed_size(), &[b"ID3 "]);
    while let Some(chunk) = structure.walker.next(source)? {
        if chunk.is_id3() {
            structure.read_id3(source, None)?;
        } else if &chunk.id == b"ANNO" && chunk.size() <= LONGEST_CODE {
            let text = source.at(chunk.body.0, chunk.size() as usize)?;
            structure.read_only(text, chunk.body.0, PlaceName::new("aiff:ANNO"));
        }
    }
    let shape = Shape {
        size_fields: vec![(front.start + 4, Size::Be32)],
        ..Shape::default()
    };
    structure.found(source, front, shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::format::chunks::testing::*;
    use crate::format::place::{Access, Standing};

    const AIFF: Container = Container(Format::Aiff);

    fn form(chunks: &[Vec<u8>]) -> Vec<u8> {
        be(b"FORM", &[b"AIFF".to_vec(), chunks.concat()].concat())
    }

    fn common() -> Vec<u8> {
        be(b"COMM", b"\0\x01\0\0\x01\xf4\0\x10\x40\x0e\xac\x44\0\0\0\0\0\0")
    }

    fn sound(length: usize) -> Vec<u8> {
        be(b"SSND", &[vec![0; 8], audio(length)].concat())
    }

    #[test]
    fn a_code_in_a_tag_changes_and_nothing_else() {
        let layouts: [Around; 4] = [
            |tag| form(&[common(), sound(1000), be(b"ID3 ", tag)]),
            |tag| form(&[common(), be(b"ID3 ", tag), sound(999)]),
            |tag| form(&[be(b"ID3 ", tag), common(), sound(1000), be(b"NAME", b"odd")]),
            |tag| [form(&[common(), sound(1000), be(b"ID3 ", tag)]), vec![0; 3]].concat(),
        ];
        for layout in layouts {
            for padding in PADDINGS {
                for (before, actions, create, after) in EDITS {
                    let file = layout(&tag(before, padding));
                    let expected = layout(&tag(after, padding_after(before, after, padding)));
                    assert_eq!(AIFF.texts(&file), before);
                    AIFF.check(&file, actions, create, &expected);
                }
            }
        }
    }

    /// mutagen, ffprobe and ExifTool read no `id3 ` in AIFF.
    #[test]
    fn a_chunk_of_another_name_gets_the_right_one_with_a_code() {
        for name in [b"id3 ", b"Id3 "] {
            let layout = |name: &[u8; 4], codes: &[&str]| form(&[common(), be(name, &tag(codes, 23)), sound(1000)]);
            let file = layout(name, &[OLD]);
            let standing = AIFF.places(&file).unwrap()[0].standing;
            assert!(matches!(standing, Standing::Hidden(_)), "{standing:?}");
            AIFF.check(&file, "W", false, &layout(b"ID3 ", &[NEW]));
            let full = form(&[common(), be(name, &tag(&[], 23)), sound(1000)]);
            AIFF.check(
                &full,
                "",
                true,
                &form(&[common(), be(b"ID3 ", &tag(&[NEW], 0)), sound(1000)]),
            );
            assert!(AIFF.places(&layout(name, &[])).unwrap().is_empty());
        }
        // Beside one of the right name it stays as it is.
        let both = |lower: &str, upper: &str| {
            form(&[
                common(),
                be(b"id3 ", &tag(&[lower], 9)),
                be(b"ID3 ", &tag(&[upper], 9)),
                sound(1000),
            ])
        };
        let standings: Vec<_> = AIFF
            .places(&both(OLD, OLD))
            .unwrap()
            .into_iter()
            .map(|place| place.standing)
            .collect();
        assert_eq!(standings, [Standing::Odd, Standing::Standard]);
        AIFF.check(&both(OLD, OLD), "WW", false, &both(NEW, NEW));
    }

    /// mutagen, ffprobe and MediaInfo read nothing then.
    #[test]
    fn a_file_that_does_not_state_its_size_does_so_with_a_code() {
        let unstated = |mut file: Vec<u8>| {
            file[4..8].fill(0);
            file
        };
        let tagged = |code| form(&[common(), sound(1000), be(b"ID3 ", &tag(&[code], 24))]);
        let standing = AIFF.places(&unstated(tagged(OLD))).unwrap()[0].standing;
        assert_eq!(
            standing,
            Standing::Hidden("the header of the file does not state its size")
        );
        AIFF.check(&unstated(tagged(OLD)), "W", false, &tagged(NEW));
        let new = form(&[common(), sound(1000), be(b"ID3 ", &new_tag(NEW))]);
        AIFF.check(&unstated(form(&[common(), sound(1000)])), "", true, &new);
    }

    #[test]
    fn a_blank_chunk_takes_a_tag() {
        let layout = |body: &[u8]| form(&[common(), be(b"ID3 ", body), sound(1000)]);
        let new = new_tag_with(NEW, 1024);
        for blank in [0, 1, 10, 32] {
            let zeros = vec![0; blank];
            AIFF.check(&layout(&zeros), "", true, &layout(&[&new[..], &zeros].concat()));
        }
        let zeros = vec![0; 3000];
        let new = new_tag_with(NEW, 0);
        AIFF.check(
            &layout(&zeros),
            "",
            true,
            &layout(&[&new[..], &zeros[new.len()..]].concat()),
        );
    }

    #[test]
    fn a_file_without_a_tag_gets_a_chunk() {
        for sound in [sound(1000), sound(999)] {
            let file = form(&[common(), sound.clone()]);
            let expected = form(&[common(), sound, be(b"ID3 ", &new_tag(NEW))]);
            AIFF.check(&file, "", true, &expected);
        }
    }

    #[test]
    fn a_filler_behind_the_chunk_takes_the_difference() {
        let layout = |tag: &[u8], filler| form(&[common(), be(b"ID3 ", tag), be(b"FLLR", &vec![0; filler]), sound(10)]);
        let growth = tag(&[NEW], 1024).len() - tag(&["QZES5"], 0).len();
        let file = layout(&tag(&["QZES5"], 0), 4000);
        let expected = layout(&tag(&[NEW], 1024), 4000 - growth - 1);
        assert_eq!(file.len(), expected.len());
        AIFF.check(&file, "W", false, &expected);
    }

    #[test]
    fn an_annotation_that_is_a_code_is_read() {
        for (text, code) in [("ISRC:QZES51600001", OLD), ("QZ-ES5-16-00001", "QZ-ES5-16-00001")] {
            let file = form(&[common(), sound(10), be(b"ANNO", text.as_bytes())]);
            let places = AIFF.places(&file).unwrap();
            assert_eq!(places[0].name.to_string(), "aiff:ANNO");
            assert_eq!(places[0].text, code);
            assert_eq!(
                (places[0].standing, places[0].access),
                (Standing::Odd, Access::ReadOnly)
            );
        }
        let file = form(&[common(), sound(10), be(b"ANNO", b"mastered by QZES51600001")]);
        assert_eq!(AIFF.places(&file).unwrap(), []);
    }

    #[test]
    fn audio_that_is_not_there_is_cut_short() {
        let mut file = form(&[common(), sound(10)]);
        file.truncate(file.len() - 1);
        assert!(matches!(
            AIFF.places(&file),
            Err(ReadError::CutShort { needed: 64, len: 63 })
        ));
    }

    /// A FORM of 4 GiB and more, of which the sizes state but the rest.
    #[test]
    fn sizes_that_left_out_their_upper_half_are_not_grown() {
        struct Sparse(Vec<u8>);
        impl crate::bytes::source::ReadAt for Sparse {
            fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
                for (byte, at) in buffer.iter_mut().zip(offset..) {
                    *byte = self.0.get(at as usize).copied().unwrap_or(0);
                }
                Ok(buffer.len())
            }

            fn len(&self) -> u64 {
                self.0.len() as u64 + (1 << 32)
            }
        }
        let file = Sparse(form(&[common(), sound(1000)]));
        let found = crate::format::walk(&mut Source::new(&file), None).unwrap();
        let error = crate::format::edit(&mut Source::new(&file), &found, &change("", true)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it would grow past 4 GiB, which its format cannot state"
        );
    }

    #[test]
    fn hostile_files_are_survived() {
        AIFF.torment(
            &form(&[
                common(),
                sound(19),
                be(b"ID3 ", &tag(&[OLD], 9)),
                be(b"ANNO", OLD.as_bytes()),
            ]),
            &|_| {},
        );
        AIFF.torment(
            &form(&[
                be(b"id3 ", &tag(&["QZES5"], 0)),
                be(b"FLLR", &[0; 9]),
                common(),
                sound(20),
            ]),
            &|_| {},
        );
    }
}
