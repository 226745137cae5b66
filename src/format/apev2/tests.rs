use super::*;
use crate::bytes::pieces::{Patch, applied};
use crate::format::edit::tree::Tree;
use crate::format::place::Action;
use crate::format::testing::{isrc, write};
use crate::format::{Refusal, SpliceError, edit as engine};
use crate::isrc::Isrc;

const A: &str = "QZES51600001";
const B: &str = "QZES51600002";
const NEW: &str = "USRC17607839";

/// Where the header and the footer are.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Both,
    FooterOnly,
    HeaderOnly,
}

#[derive(Clone)]
struct Built {
    version: u32,
    shape: Shape,
    flags: u32,
    items: Vec<Vec<u8>>,
}

impl Built {
    fn new(items: &[Vec<u8>]) -> Built {
        Built {
            version: 2000,
            shape: Shape::Both,
            flags: 0,
            items: items.to_vec(),
        }
    }

    fn shape(mut self, shape: Shape) -> Built {
        self.shape = shape;
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let items = self.items.concat();
        let footer = if self.shape == Shape::HeaderOnly { 0 } else { 32 };
        let end = |flags: u32| {
            let shape = match self.shape {
                Shape::Both => 1 << 31,
                Shape::FooterOnly => 0,
                Shape::HeaderOnly => 3 << 30,
            };
            let size = items.len() as u32 + footer;
            let count = self.items.len() as u32;
            let words = [self.version, size, count, flags | shape | self.flags, 0, 0];
            [&b"APETAGEX"[..], &words.map(u32::to_le_bytes).concat()].concat()
        };
        match self.shape {
            Shape::Both => [end(1 << 29), items.clone(), end(0)].concat(),
            Shape::FooterOnly => [items.clone(), end(0)].concat(),
            Shape::HeaderOnly => [end(1 << 29), items.clone()].concat(),
        }
    }
}

fn item(key: &str, flags: u32, value: &[u8]) -> Vec<u8> {
    let head = [(value.len() as u32).to_le_bytes(), flags.to_le_bytes()].concat();
    [&head, key.as_bytes(), b"\0", value].concat()
}

fn code(value: &str) -> Vec<u8> {
    item("ISRC", 0, value.as_bytes())
}

fn title() -> Vec<u8> {
    item("Title", 0, "Été".as_bytes())
}

fn cover() -> Vec<u8> {
    item("Cover Art (Front)", 2, &[7; 9000])
}

const BEFORE: &[u8] = b"some audio that stands before the tag";

fn file(tag: &Built) -> Vec<u8> {
    match tag.shape {
        Shape::HeaderOnly => [&tag.bytes(), BEFORE].concat(),
        Shape::Both | Shape::FooterOnly => [BEFORE, &tag.bytes()].concat(),
    }
}

fn walked(file: &[u8]) -> Result<Option<Tag>, ReadError> {
    let file = file.to_vec();
    let mut source = Source::new(&file);
    match walk_back(&mut source, 0, file.len() as u64)? {
        Back::Tag(tag) => Ok(Some(tag)),
        Back::Stray(_) | Back::Nothing => walk_front(&mut source, 0),
    }
}

fn texts(file: &[u8]) -> Vec<(String, u32)> {
    let mut places = Vec::new();
    walked(file).unwrap().unwrap().places(Standing::Standard, &mut places);
    for place in &places {
        let bytes = &file[place.span.start as usize..place.span.end as usize];
        assert_eq!(String::from_utf8_lossy(bytes), place.text);
    }
    places.into_iter().map(|place| (place.text, place.item)).collect()
}

impl Tag {
    fn splice(&self, source: &mut Source, actions: &[Action], create: Option<Isrc>) -> Result<Vec<Patch>, SpliceError> {
        let mut tree = Tree::default();
        self.declare(&mut tree, None, true);
        engine::edit(source, &tree, actions, create, &[])
    }
}

fn spliced(file: &[u8], actions: &[Action], create: Option<&str>) -> Result<Vec<u8>, SpliceError> {
    let bytes = file.to_vec();
    let tag = walked(file)?.unwrap();
    let patches = tag.splice(&mut Source::new(&bytes), actions, create.map(isrc))?;
    Ok(applied(file, &patches))
}

#[track_caller]
fn edit(before: &Built, actions: &[Action], create: Option<&str>, after: &Built) {
    assert_eq!(spliced(&file(before), actions, create).unwrap(), file(after));
}

#[track_caller]
fn refused(before: &Built, actions: &[Action], create: Option<&str>, sentence: &str) {
    match spliced(&file(before), actions, create) {
        Err(SpliceError::Refused(Refusal(reason))) => assert_eq!(reason, sentence),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn codes_are_found_in_every_shape() {
    for shape in [Shape::Both, Shape::FooterOnly, Shape::HeaderOnly] {
        let tag = Built::new(&[title(), cover(), code(A), code("")]).shape(shape);
        assert_eq!(texts(&file(&tag)), [(A.to_owned(), 0)]);
    }
    let mut old = Built::new(&[code(A)]).shape(Shape::FooterOnly);
    old.version = 1000;
    assert_eq!(texts(&file(&old)), [(A.to_owned(), 0)]);
}

#[test]
fn the_key_is_told_in_any_case_and_kept_as_written() {
    let file = file(&Built::new(&[item("isrc", 0, A.as_bytes()), item("ISRC2", 0, b"no")]));
    let mut places = Vec::new();
    walked(&file).unwrap().unwrap().places(Standing::Odd, &mut places);
    assert_eq!(places.len(), 1);
    assert_eq!(places[0].key.as_deref(), Some("isrc"));
    assert_eq!(places[0].standing, Standing::Odd);
}

#[test]
fn several_values_are_places_of_their_own() {
    let file = file(&Built::new(&[code(&format!("{A}\0{B}\0")), code(&format!("{B}/{A}"))]));
    assert_eq!(
        texts(&file),
        [(A.into(), 0), (B.into(), 0), (B.into(), 1), (A.into(), 1)]
    );
}

#[test]
fn blanks_around_a_code_belong_to_its_value_however_many_they_are() {
    for blanks in [1, 12, 13, 100] {
        let value = format!("QZES51600001{}", " ".repeat(blanks));
        let tag = |code: &str| Built::new(&[title(), self::code(code)]);
        assert_eq!(texts(&file(&tag(&value))), [(value.clone(), 0)]);
        edit(&tag(&value), &[write("QZES51600001")], None, &tag("QZES51600001"));
    }
}

#[test]
fn items_change_with_the_sizes_around_them() {
    for shape in [Shape::Both, Shape::FooterOnly, Shape::HeaderOnly] {
        let tag = |value: &str| Built::new(&[title(), code(value), cover()]).shape(shape);
        edit(&tag(A), &[write(NEW)], None, &tag(NEW));
        edit(&tag("qz-es5-16-00001"), &[write(A)], None, &tag(A));
        edit(&tag("QZ"), &[write(A)], None, &tag(A));
        edit(&tag(&format!("{A}\0{B}")), &[Action::Drop, write(NEW)], None, &tag(NEW));
        edit(&tag(&format!("{A}\0{B}")), &[Action::Keep, Action::Drop], None, &tag(A));
        edit(&tag(""), &[], Some(NEW), &tag(NEW));
        edit(
            &tag(&format!("{A}\0{B}")),
            &[Action::Drop, Action::Drop],
            Some(NEW),
            &tag(NEW),
        );
        edit(&tag(A), &[Action::Keep], None, &tag(A));
        let without = Built::new(&[title(), cover()]).shape(shape);
        edit(&tag(A), &[Action::Drop], None, &without);
        edit(
            &without,
            &[],
            Some(NEW),
            &Built::new(&[title(), cover(), code(NEW)]).shape(shape),
        );
    }
}

#[test]
fn a_tag_goes_with_its_last_item() {
    let old = file(&Built::new(&[code(A), code(B)]));
    assert_eq!(spliced(&old, &[Action::Drop, Action::Drop], None).unwrap(), BEFORE);
}

#[test]
fn what_must_not_be_edited_is_refused() {
    let locked = Built::new(&[item("ISRC", 1, A.as_bytes())]);
    refused(
        &locked,
        &[write(NEW)],
        None,
        "an APEv2 tag's ISRC item is marked read-only",
    );
    let mut locked = Built::new(&[code(A)]);
    locked.flags = 1;
    refused(&locked, &[write(NEW)], None, "an APEv2 tag is marked read-only");
    let binary = Built::new(&[item("ISRC", 2, A.as_bytes())]);
    assert_eq!(texts(&file(&binary)), []);
    refused(&binary, &[], Some(NEW), "an APEv2 tag's ISRC item is not text");
    // Changes that the walk of another file gave.
    refused(
        &Built::new(&[code(A)]),
        &[],
        None,
        "the file has changed since the edit was planned",
    );
}

#[test]
fn contradictions_are_read_and_refused() {
    let good = file(&Built::new(&[title(), code(A)]));
    let header = BEFORE.len();
    let footer = good.len() - 32;
    let changed = |at: usize, byte: u8| {
        let mut file = good.clone();
        file[at] = byte;
        file
    };
    for (file, sentence) in [
        (changed(header + 12, 9), "an APEv2 tag's header contradicts its footer"),
        (changed(header, b'X'), "an APEv2 tag lacks the header that it announces"),
        (
            changed(header + 23, 0x80),
            "an APEv2 tag lacks the header that it announces",
        ),
    ] {
        assert_eq!(texts(&file), [(A.to_owned(), 0)]);
        let error = spliced(&file, &[write(NEW)], None).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
    let mut broken = good.clone();
    broken[footer - 5] = 0xFF;
    broken[header + 16] = 3;
    broken[footer + 16] = 3;
    let items = Built::new(&[title(), code(A), b"no item".to_vec()]);
    refused(&items, &[write(NEW)], None, "an APEv2 tag's items do not add up");
}

#[test]
fn a_wrong_count_of_items_is_put_right() {
    let reason = "its tag's count of items ends before it";
    for shape in [Shape::Both, Shape::FooterOnly, Shape::HeaderOnly] {
        let good = |text: &str| Built::new(&[title(), code(text)]).shape(shape);
        let old = file(&good("QZ-ES5-16-00001"));
        let ends: Vec<usize> = (0..old.len() - 8)
            .filter(|at| old[*at..].starts_with(b"APETAGEX"))
            .collect();
        for count in [0u32, 1, 3, 9, 70_000] {
            for wrong in [&ends[..], &ends[..1], &ends[ends.len() - 1..]] {
                let mut old = old.clone();
                for at in wrong {
                    old[at + 16..at + 20].copy_from_slice(&count.to_le_bytes());
                }
                let tag = walked(&old).unwrap().unwrap();
                let mut places = Vec::new();
                tag.places(Standing::Standard, &mut places);
                assert_eq!(places[0].text, "QZ-ES5-16-00001");
                assert!(tag.is_forgiven() && tag.doubt.is_none());
                if wrong.len() == ends.len() {
                    let hidden = if count < 2 {
                        Standing::Hidden(reason)
                    } else {
                        Standing::Standard
                    };
                    assert_eq!(places[0].standing, hidden, "{count}");
                }
                assert_eq!(spliced(&old, &[write(A)], None).unwrap(), file(&good(A)), "{count}");
                let more = Built::new(&[title()]).shape(shape);
                assert_eq!(spliced(&old, &[Action::Drop], None).unwrap(), file(&more), "{count}");
            }
        }
    }
}

#[test]
fn a_footer_alone_is_no_tag() {
    let tag = Built::new(&[title(), code(A)]).bytes();
    let footer = &tag[tag.len() - 32..];
    for before in [vec![0xFF; 300], vec![0x55; 40], vec![7; 10], Vec::new()] {
        let file = [before.clone(), footer.to_vec()].concat();
        let back = walk_back(&mut Source::new(&file), 0, file.len() as u64).unwrap();
        assert!(
            matches!(back, Back::Stray(start) if start == before.len() as u64),
            "{back:?}"
        );
    }
}

#[test]
fn bytes_behind_the_last_item_stay() {
    let mut tag = Built::new(&[code("QZ-ES5-16-00001"), b"left over".to_vec()]);
    let count = |tag: &Built| {
        let mut file = file(tag);
        let footer = file.len() - 32;
        file[BEFORE.len() + 16] = 1;
        file[footer + 16] = 1;
        file
    };
    let before = count(&tag);
    tag.items[0] = code(A);
    assert_eq!(spliced(&before, &[write(A)], None).unwrap(), count(&tag));
}

#[test]
fn a_new_tag_has_header_and_footer() {
    assert_eq!(new_tag(isrc(A)), Built::new(&[code(A)]).bytes());
}

/// Whatever the bytes, no panic; and if an edit is possible, nothing outside of the tag changes.
fn try_all(file: &[u8]) {
    let Ok(Some(tag)) = walked(file) else { return };
    let bytes = file.to_vec();
    let mut source = Source::new(&bytes);
    let count = tag.values.len();
    for (action, create) in [
        (Action::Drop, None),
        (write(NEW), None),
        (Action::Keep, Some(isrc(NEW))),
        (Action::Drop, Some(isrc(NEW))),
    ] {
        if let Ok(patches) = tag.splice(&mut source, &vec![action; count], create) {
            let new = applied(file, &patches);
            assert!(new.starts_with(&file[..tag.range.start as usize]));
            assert!(new.ends_with(&file[tag.range.end as usize..]));
        }
    }
}

#[test]
fn codes_under_other_programs_keys_are_odd_and_stay_under_them() {
    let tag = Built::new(&[title(), item("tsrc", 0, A.as_bytes())]);
    let mut places = Vec::new();
    walked(&file(&tag))
        .unwrap()
        .unwrap()
        .places(Standing::Standard, &mut places);
    assert_eq!(places[0].name.to_string(), "apev2:TSRC");
    assert_eq!(places[0].key.as_deref(), Some("tsrc"));
    assert_eq!(places[0].standing, Standing::Odd);
    let both = Built::new(&[title(), item("tsrc", 0, NEW.as_bytes()), code(NEW)]);
    edit(&tag, &[write(NEW)], Some(NEW), &both);
    // The standard item is never made of another one.
    edit(&tag, &[Action::Drop], Some(NEW), &Built::new(&[title(), code(NEW)]));
    edit(&tag, &[Action::Drop], None, &Built::new(&[title()]));
}

#[test]
fn a_tag_without_items_gets_one() {
    for shape in [Shape::Both, Shape::FooterOnly, Shape::HeaderOnly] {
        edit(
            &Built::new(&[]).shape(shape),
            &[],
            Some(NEW),
            &Built::new(&[code(NEW)]).shape(shape),
        );
    }
}

#[test]
fn damaged_tags_never_panic() {
    let mut state = 3u32;
    for shape in [Shape::Both, Shape::FooterOnly, Shape::HeaderOnly] {
        let file = file(
            &Built::new(&[
                title(),
                code(&format!("{A}\0{B}")),
                item("Rather long key of an item that is not read", 0, b"x"),
            ])
            .shape(shape),
        );
        for at in 0..file.len() {
            try_all(&file[..at]);
            try_all(&file[at..]);
            for _ in 0..8 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let mut file = file.clone();
                file[at] = (state >> 24) as u8;
                try_all(&file);
            }
        }
        for at in 0..file.len() - 4 {
            for size in [0u32, 1 << 31, u32::MAX, 0x4000] {
                let mut file = file.clone();
                file[at..at + 4].copy_from_slice(&size.to_le_bytes());
                try_all(&file);
            }
        }
    }
}
