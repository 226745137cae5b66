//! DSDIFF: big-endian chunks with 64-bit sizes (Philips, DSDIFF 1.5). The standard place is the tag in the `ID3 `
//! chunk, which the specification does not know, but programs write: outermost, or inside `PROP`.

use crate::bytes::source::{ReadError, Source};
use crate::format::chunks::{Chunk, Shape, Stated, Structure, Walker};
use crate::format::edit::tree::Size;
use crate::format::stream::identify::Front;
use crate::format::{Depth, WalkOutcome};

pub(in crate::format) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<WalkOutcome, ReadError> {
    let header: [u8; 16] = source.array(front.start)?;
    let size = Size::Be64.read(&header[4..12]);
    let stated = Stated::new(size, front.start + 12, source.len());
    let walker = Walker::new(Size::Be64, front.start + 16, stated, source.len())
        .with_audio(|id| matches!(id, b"DSD " | b"DST "));
    let mut structure = Structure::new(source, front, walker.with_needed_size(), &[b"ID3 "]);
    while let Some(chunk) = structure.walker.next(source)? {
        if chunk.is_id3() {
            structure.read_id3(source, None)?;
        } else if &chunk.id == b"PROP" {
            properties(source, &chunk, &mut structure)?;
        }
    }
    // Section 3.4: the index of compressed audio has offsets from the start of the file.
    let is_fixed = structure
        .has_chunk(b"DSTI")
        .then_some("its audio is found by offsets that would no longer fit");
    let shape = Shape {
        size_fields: vec![(front.start + 4, Size::Be64)],
        is_fixed,
        ..Shape::default()
    };
    structure.found(source, front, shape)
}

fn properties(source: &mut Source, chunk: &Chunk, structure: &mut Structure) -> Result<(), ReadError> {
    if chunk.size() < 4 {
        return Ok(());
    }
    let walker = Walker::new(Size::Be64, chunk.body.0 + 4, Stated::End(chunk.body.1), chunk.body.1);
    for property in structure.inner(source, walker)? {
        if property.is_id3() {
            structure.read_id3(source, Some(property))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::Format;
    use crate::format::chunks::testing::*;
    use crate::format::place::Standing;

    const DSDIFF: Container = Container(Format::Dsdiff);

    fn form(chunks: &[Vec<u8>]) -> Vec<u8> {
        be64(
            b"FRM8",
            &[b"DSD ".to_vec(), be64(b"FVER", b"\x01\x05\0\0"), chunks.concat()].concat(),
        )
    }

    fn properties(more: &[u8]) -> Vec<u8> {
        be64(
            b"PROP",
            &[b"SND ", be64(b"FS  ", b"\0\x2b\x11\0").as_slice(), more].concat(),
        )
    }

    fn sound(length: usize) -> Vec<u8> {
        be64(b"DSD ", &audio(length))
    }

    #[test]
    fn a_code_in_a_tag_changes_and_nothing_else() {
        let layouts: [Around; 4] = [
            |tag| form(&[properties(&[]), sound(1000), be64(b"ID3 ", tag)]),
            |tag| form(&[properties(&[]), be64(b"ID3 ", tag), sound(999)]),
            |tag| form(&[properties(&be64(b"ID3 ", tag)), sound(1000)]),
            |tag| {
                form(&[
                    properties(&[be64(b"ID3 ", tag), be64(b"LSCO", b"\0\0")].concat()),
                    sound(1000),
                ])
            },
        ];
        for layout in layouts {
            for padding in PADDINGS {
                for (before, actions, create, after) in EDITS {
                    let file = layout(&tag(before, padding));
                    let expected = layout(&tag(after, padding_after(before, after, padding)));
                    assert_eq!(DSDIFF.texts(&file), before);
                    DSDIFF.check(&file, actions, create, &expected);
                }
            }
        }
    }

    #[test]
    fn a_file_without_a_tag_gets_a_chunk() {
        for sound in [sound(1000), sound(999)] {
            let file = form(&[properties(&[]), sound.clone()]);
            let expected = form(&[properties(&[]), sound, be64(b"ID3 ", &new_tag(NEW))]);
            DSDIFF.check(&file, "", true, &expected);
        }
    }

    #[test]
    fn a_chunk_of_another_name_gets_the_right_one_wherever_it_is() {
        for is_inside in [true, false] {
            let file = |name: &[u8; 4]| {
                let chunk = be64(name, &tag(&[NEW], 9));
                match is_inside {
                    true => form(&[properties(&chunk), sound(1000)]),
                    false => form(&[properties(&[]), sound(1000), chunk]),
                }
            };
            DSDIFF.check(&file(b"id3 "), "W", false, &file(b"ID3 "));
            let place = &DSDIFF.places(&file(b"id3 ")).unwrap()[0];
            assert!(matches!(place.standing, Standing::Hidden(_)), "{place:?}");
        }
    }

    #[test]
    fn two_tags_inside_and_outside_change_together() {
        let layout = |codes: &[&str], padding| {
            let tag = tag(codes, padding);
            form(&[
                properties(&[be64(b"ID3 ", &tag), be64(b"ID3 ", &tag)].concat()),
                sound(10),
                be64(b"ID3 ", &tag),
            ])
        };
        DSDIFF.check(&layout(&["QZES5"], 0), "WWW", false, &layout(&[NEW], 1024));
        DSDIFF.check(&layout(&["QZES5"], 7), "WWW", false, &layout(&[NEW], 0));
    }

    #[test]
    fn audio_with_an_index_of_offsets_stays_where_it_is() {
        let layout = |tag: Vec<u8>, behind: bool| {
            let (tag, dst) = (be64(b"ID3 ", &tag), be64(b"DST ", &audio(30)));
            let index = be64(b"DSTI", &[0; 12]);
            form(&if behind {
                [properties(&[]), dst, index, tag]
            } else {
                [properties(&[]), tag, dst, index]
            })
        };
        let reason = "its audio is found by offsets that would no longer fit";
        DSDIFF.check_refused(&layout(tag(&["QZES5"], 0), false), "W", false, reason);
        DSDIFF.check(
            &layout(tag(&["QZES5"], 7), false),
            "W",
            false,
            &layout(tag(&[NEW], 0), false),
        );
        DSDIFF.check(
            &layout(tag(&["QZES5"], 0), true),
            "W",
            false,
            &layout(tag(&[NEW], 1024), true),
        );
        let in_front = [tag(&["QZES5"], 0), layout(tag(&[OLD], 7), false)].concat();
        DSDIFF.check_refused(&in_front, "WK", false, reason);
    }

    #[test]
    fn hostile_files_are_survived() {
        DSDIFF.torment(
            &form(&[
                properties(&be64(b"ID3 ", &tag(&["QZES5"], 0))),
                sound(19),
                be64(b"ID3 ", &tag(&[OLD], 9)),
            ]),
            &|_| {},
        );
    }
}
