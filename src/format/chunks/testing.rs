//! Builders of chunked files for tests. Expected files are built by these too, never by the code under test.

#![expect(clippy::ptr_arg, reason = "a source reads a `Vec`, not a slice")]

use crate::bytes::pieces::applied;
use crate::bytes::source::{ReadError, Source};
use crate::format::id3v2;
use crate::format::place::{Action, Change, Place};
use crate::format::stream::identify::Front;
use crate::format::{Depth, Format, SpliceError, Walk, splice_by};
use crate::isrc::Isrc;

pub(in crate::format) const OLD: &str = "QZES51600001";
pub(in crate::format) const NEW: &str = "USRC17607839";

pub(in crate::format) fn isrc(text: &str) -> Isrc {
    Isrc::from_stored(text).unwrap()
}

/// An ID3v2.3 tag with TSRC frames of these texts, a title, and padding.
pub(in crate::format) fn tag(codes: &[&str], padding: usize) -> Vec<u8> {
    let frame = |id: &[u8; 4], text: &str| {
        let size = (text.len() as u32 + 1).to_be_bytes();
        [id.as_slice(), &size, b"\0\0\0", text.as_bytes()].concat()
    };
    let mut body: Vec<u8> = codes.iter().flat_map(|code| frame(b"TSRC", code)).collect();
    body.extend(frame(b"TIT2", "title"));
    body.resize(body.len() + padding, 0);
    with_header(body)
}

/// The tag that a chunked file without one gets: of even length.
pub(in crate::format) fn new_tag(code: &str) -> Vec<u8> {
    new_tag_with(code, 1025)
}

pub(in crate::format) fn new_tag_with(code: &str, padding: usize) -> Vec<u8> {
    let mut body = [b"TSRC\0\0\0\x0D\0\0\0", code.as_bytes()].concat();
    body.resize(body.len() + padding, 0);
    with_header(body)
}

fn with_header(body: Vec<u8>) -> Vec<u8> {
    let size = [21, 14, 7, 0].map(|shift| (body.len() >> shift & 0x7F) as u8);
    [b"ID3\x03\0\0".as_slice(), &size, &body].concat()
}

/// A chunk of RIFF with its pad byte.
pub(in crate::format) fn le(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [
        id.as_slice(),
        &(body.len() as u32).to_le_bytes(),
        body,
        &[0][..body.len() % 2],
    ]
    .concat()
}

/// A chunk of AIFF with its pad byte.
pub(in crate::format) fn be(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [
        id.as_slice(),
        &(body.len() as u32).to_be_bytes(),
        body,
        &[0][..body.len() % 2],
    ]
    .concat()
}

/// A chunk of DSDIFF with its pad byte.
pub(in crate::format) fn be64(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [
        id.as_slice(),
        &(body.len() as u64).to_be_bytes(),
        body,
        &[0][..body.len() % 2],
    ]
    .concat()
}

pub(in crate::format) fn audio(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 7 % 251) as u8 | 1).collect()
}

/// A file around a tag.
pub(in crate::format) type Around = fn(&[u8]) -> Vec<u8>;

/// The container's part of the work, as tests call it.
#[derive(Clone, Copy)]
pub(in crate::format) struct Module {
    pub format: Format,
    pub walk: Walk,
}

impl Module {
    fn front(&self, source: &mut Source) -> Front {
        let mut front = Front {
            format: self.format,
            tags: Vec::new(),
            start: 0,
            hidden: None,
        };
        while let Ok(Some(tag)) = id3v2::walk(source, front.start, source.len()) {
            front.start = tag.range.end;
            front.tags.push(tag);
        }
        front
    }

    pub(in crate::format) fn places(&self, file: &Vec<u8>) -> Result<Vec<Place>, ReadError> {
        let mut source = Source::new(file);
        let front = self.front(&mut source);
        (self.walk)(&mut source, &front, Depth::Whole).map(|found| found.places)
    }

    pub(in crate::format) fn texts(&self, file: &Vec<u8>) -> Vec<String> {
        self.places(file).unwrap().into_iter().map(|place| place.text).collect()
    }

    pub(in crate::format) fn change(&self, file: &Vec<u8>, change: &Change) -> Result<Vec<u8>, SpliceError> {
        let mut source = Source::new(file);
        let front = self.front(&mut source);
        let splice = splice_by(self.walk, &mut source, &front, change)?;
        // Every byte of the audio is kept.
        for patch in &splice.patches {
            for audio in &splice.audio {
                let is_inside = patch.at.start < audio.end && patch.at.end > audio.start
                    || patch.at.is_empty() && audio.contains(&patch.at.start) && audio.start != patch.at.start;
                assert!(!is_inside, "{:?} in the audio {audio:?}", patch.at);
            }
            assert!(patch.at.end <= file.len() as u64);
        }
        Ok(applied(file, &splice.patches))
    }

    /// Carries out the change, expects `expected`, and reads it back. The actions are `W`rite, `D`rop and `K`eep.
    #[track_caller]
    pub(in crate::format) fn check(&self, file: &Vec<u8>, actions: &str, create: bool, expected: &Vec<u8>) {
        let found = self.change(file, &change(actions, create)).unwrap();
        if &found != expected {
            let first = found.iter().zip(expected).position(|(a, b)| a != b);
            panic!(
                "{} bytes found, {} expected, first difference at {first:?}",
                found.len(),
                expected.len()
            );
        }
        assert_eq!(self.texts(&found), self.texts(expected));
        let again = change(&"K".repeat(self.texts(&found).len()), false);
        assert_eq!(&self.change(&found, &again).unwrap(), expected);
    }

    #[track_caller]
    pub(in crate::format) fn check_refused(&self, file: &Vec<u8>, actions: &str, create: bool, reason: &str) {
        match self.change(file, &change(actions, create)) {
            Err(SpliceError::Refused(refusal)) => assert_eq!(refusal.to_string(), reason),
            other => panic!("{:?}", other.map(|file| file.len())),
        }
    }

    /// Cuts, mutates and lies about sizes: no panic, and what is edited keeps its audio.
    pub(in crate::format) fn torment(&self, file: &Vec<u8>) {
        for length in 0..file.len() {
            self.try_all(&file[..length].to_vec());
        }
        let mut seed = 0x2545_F491_4F6C_DD1Du64;
        for at in 0..file.len() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            for byte in [0, 0xFF, seed as u8] {
                let mut mutated = file.clone();
                mutated[at] = byte;
                self.try_all(&mutated);
            }
            for size in [0u32, 1, 0x7FFF_F000, 0x8000_0000, u32::MAX - 8, u32::MAX] {
                let mut mutated = file.clone();
                for (index, byte) in size.to_le_bytes().into_iter().enumerate().take(file.len() - at) {
                    mutated[at + index] = byte;
                }
                self.try_all(&mutated);
            }
        }
    }

    fn try_all(&self, file: &Vec<u8>) {
        let Ok(places) = self.places(file) else {
            return;
        };
        let count = places.len();
        for (actions, create) in [
            ("W".repeat(count), false),
            ("D".repeat(count), false),
            ("K".repeat(count), true),
        ] {
            let Ok(edited) = self.change(file, &change(&actions, create)) else {
                continue;
            };
            let codes = self.texts(&edited).iter().filter(|text| *text == NEW).count();
            match actions.contains('W') {
                true => assert!(codes >= count, "not all codes are there"),
                false => assert_eq!(
                    codes,
                    usize::from(create)
                        + places
                            .iter()
                            .filter(|place| place.text == NEW && !actions.contains('D'))
                            .count()
                ),
            }
        }
    }
}

pub(in crate::format) fn change(actions: &str, create: bool) -> Change {
    let actions = actions.chars().map(|action| match action {
        'W' => Action::Write(isrc(NEW)),
        'D' => Action::Drop,
        _ => Action::Keep,
    });
    Change {
        actions: actions.collect(),
        create: create.then(|| isrc(NEW)),
        ..Change::default()
    }
}

/// Codes as they are, and as they are after an edit: what is written, the actions for it, whether it is created.
pub(in crate::format) const EDITS: [(&[&str], &str, bool, &[&str]); 9] = [
    (&[OLD], "W", false, &[NEW]),
    (&["QZ-ES5-16-00001"], "W", false, &[NEW]),
    (&["QZES5"], "W", false, &[NEW]),
    (&[OLD], "D", false, &[]),
    (&[], "", true, &[NEW]),
    (&[OLD, "QZ-ES5-16-00002"], "KW", false, &[OLD, NEW]),
    (&[OLD, "QZES51600002"], "KD", false, &[OLD]),
    (&[OLD, "QZES51600002"], "WW", false, &[NEW, NEW]),
    (&[OLD], "D", true, &[NEW]),
];

/// Padding: plenty, just what TSRC takes, one less, one that leaves an odd size, none.
pub(in crate::format) const PADDINGS: [usize; 6] = [2000, 23, 22, 7, 3, 0];

/// The padding after an edit, by the rule: taken from and given to it, and 1 KiB where it is not enough.
pub(in crate::format) fn padding_after(before: &[&str], after: &[&str], padding: usize) -> usize {
    let length = |codes: &[&str]| codes.iter().map(|code| 11 + code.len()).sum::<usize>();
    let (old, new) = (length(before), length(after));
    (old + padding).checked_sub(new).unwrap_or(1024)
}
