//! `Tags`: each `Tag` says what it is about, its target, and holds names and values as `SimpleTag`s.

use std::ops::Range;

use super::ebml::{self, Element};
use super::walk::Walk;
use super::walk::id::CRC;
use crate::bytes::source::ReadError;
use crate::format::notes::{Notes, as_written};
use crate::format::place::{PlaceName, Standing};
use crate::format::words::{LONGEST_TEXT, Word, Words};
use crate::isrc::Isrc;

/// No name that is looked for is longer.
const LONGEST_NAME: u64 = 32;

/// The names under which a code is looked for, in upper case.
const NAMES: [&str; 3] = ["ISRC", "TSRC", "WM/ISRC"];

const TAG: u32 = 0x7373;
const TARGETS: u32 = 0x63C0;
const TARGET_TYPE_VALUE: u32 = 0x68CA;
const TRACK_UID: u32 = 0x63C5;
const EDITION_UID: u32 = 0x63C9;
const CHAPTER_UID: u32 = 0x63C4;
const ATTACHMENT_UID: u32 = 0x63C6;
const SIMPLE_TAG: u32 = 0x67C8;
const TAG_NAME: u32 = 0x45A3;
const TAG_STRING: u32 = 0x4487;

/// What a track of music is; 50 is an album or a film, and what is meant where nothing is said (RFC 9559, section 5.1.8.1.2).
const TRACK_LEVEL: u64 = 30;
const ALBUM_LEVEL: u64 = 50;

#[derive(Debug)]
pub(super) struct Tag {
    pub element: Element,
    pub target: Target,
    /// Those of codes.
    pub codes: Vec<Code>,
    /// How many `SimpleTag`s there are, of codes or not.
    pub count: u64,
    texts: Vec<(Word, String)>,
}

/// What a `Tag` is about.
#[derive(Debug, Default)]
pub(super) struct Target {
    level: Option<u64>,
    /// 0 means all of a kind, and is left out.
    tracks: Vec<u64>,
    chapters: bool,
    others: bool,
}

/// A `SimpleTag` of a code.
#[derive(Debug)]
pub(super) struct Code {
    pub element: Element,
    pub value: Element,
    /// Without the zero bytes behind it.
    text: Range<u64>,
    /// In upper case.
    name: &'static str,
    /// As it is written, where that differs.
    key: Option<Box<str>>,
    said: String,
    pub is_standard: bool,
    /// One for each place; none where the value is empty.
    pub codes: Vec<Range<u64>>,
}

impl Target {
    /// Whether it is the file as a whole, as a track of music or without a word about that.
    fn is_file(&self) -> bool {
        let is_level = matches!(self.level, None | Some(TRACK_LEVEL | ALBUM_LEVEL));
        is_level && self.tracks.is_empty() && !self.chapters && !self.others
    }

    /// The standard target.
    pub(super) fn is_track_level(&self) -> bool {
        self.is_file() && self.level == Some(TRACK_LEVEL)
    }

    fn standing(&self, audio: &[u64]) -> (&'static str, Standing) {
        match self.tracks[..] {
            _ if self.chapters => ("chapter/", Standing::OfTrack),
            _ if self.others => ("other/", Standing::Odd),
            [] if self.is_file() => ("", Standing::Standard),
            [] => ("level/", Standing::Odd),
            // The one track of audio is the recording.
            [uid] if audio == [uid] => ("track/", Standing::Standard),
            [..] if self.tracks.iter().any(|uid| audio.contains(uid)) => ("track/", Standing::OfTrack),
            [..] => ("track/", Standing::Odd),
        }
    }
}

impl Walk<'_, '_> {
    pub(super) fn tags(&mut self, tags: &Element) -> Result<Vec<Tag>, ReadError> {
        let mut found = Vec::new();
        for element in self.children(tags)? {
            if element.id == TAG {
                found.push(self.tag(element)?);
            }
        }
        Ok(found)
    }

    /// What is in a tag or a part of it, whose own checksum nobody would put right.
    fn parts(&mut self, parent: &Element) -> Result<Vec<Element>, ReadError> {
        let children = self.children(parent)?;
        if children.iter().any(|child| child.id == CRC) {
            self.found.notes.troubles("there is a checksum within its tags");
        }
        Ok(children)
    }

    fn tag(&mut self, element: Element) -> Result<Tag, ReadError> {
        let children = self.parts(&element)?;
        let mut tag = Tag {
            element,
            target: Target::default(),
            codes: Vec::new(),
            count: 0,
            texts: Vec::new(),
        };
        // What is said of the target may be behind.
        for targets in children.iter().filter(|child| child.id == TARGETS) {
            self.target(targets, &mut tag.target)?;
        }
        for child in children {
            if child.id == SIMPLE_TAG {
                tag.count += 1;
                self.simple_tag(child, &mut tag)?;
            }
        }
        Ok(tag)
    }

    fn target(&mut self, targets: &Element, target: &mut Target) -> Result<(), ReadError> {
        for child in self.parts(targets)? {
            let number = ebml::unsigned(self.source, &child.body)?.unwrap_or(u64::MAX);
            match child.id {
                TARGET_TYPE_VALUE => target.level = Some(number),
                TRACK_UID if number != 0 => target.tracks.push(number),
                CHAPTER_UID if number != 0 => target.chapters = true,
                EDITION_UID | ATTACHMENT_UID if number != 0 => target.others = true,
                _ => {}
            }
        }
        Ok(())
    }

    /// What is in a tag of a tag is about that one: the code of a sample is none of the file's.
    fn simple_tag(&mut self, element: Element, tag: &mut Tag) -> Result<(), ReadError> {
        let (mut name, mut value) = (String::new(), None);
        for child in self.parts(&element)? {
            match child.id {
                TAG_NAME => name = ebml::text(self.source, &child.body, LONGEST_NAME + 1)?.0,
                TAG_STRING => value = Some(child),
                _ => {}
            }
        }
        let Some(value) = value else { return Ok(()) };
        let upper = name.to_ascii_uppercase();
        let (said, text) = ebml::text(self.source, &value.body, LONGEST_TEXT)?;
        if let Some(wanted) = NAMES.into_iter().find(|wanted| *wanted == upper) {
            tag.codes.push(Code {
                element,
                value,
                text,
                key: as_written(&name, wanted),
                name: wanted,
                said,
                is_standard: false,
                codes: Vec::new(),
            });
            return Ok(());
        }
        let word = match &*upper {
            "TITLE" if tag.target.level == Some(ALBUM_LEVEL) => Word::Album,
            "TITLE" => Word::Title,
            "ARTIST" => Word::Artist,
            "ALBUM" => Word::Album,
            "PART_NUMBER" | "TRACK" => Word::Track,
            "DISC" => Word::Disc,
            _ => return Ok(()),
        };
        tag.texts.push((word, said));
        Ok(())
    }
}

impl Tag {
    /// Notes its places, in a file with these tracks of audio.
    pub(super) fn settle(&mut self, audio: &[u64], notes: &mut Notes) -> Result<(), ReadError> {
        let (target, standing) = self.target.standing(audio);
        for code in &mut self.codes {
            let standing = match (code.name, standing) {
                ("ISRC", standing) => standing,
                (_, Standing::OfTrack) => Standing::OfTrack,
                _ => Standing::Odd,
            };
            code.is_standard = standing == Standing::Standard;
            let name = PlaceName::Matroska {
                target,
                name: code.name,
            };
            code.codes = notes.item((name, code.key.clone()), standing, &code.said, (&code.text, 1))?;
        }
        Ok(())
    }
}

/// What the tags say of the recording: those of a track of music first, then the others of the file.
pub(super) fn words(tags: &[&Tag], audio: &[u64], title: &str, words: &mut Words) {
    let note = |words: &mut Words, wanted: &dyn Fn(&Tag) -> bool| {
        for (word, text) in tags.iter().filter(|tag| wanted(tag)).flat_map(|tag| &tag.texts) {
            words.note(*word, text);
        }
    };
    note(words, &|tag| tag.target.is_track_level());
    words.note(Word::Title, title);
    note(words, &|tag| tag.target.is_file());
    note(words, &|tag| {
        tag.target.standing(audio) == ("track/", Standing::Standard)
    });
}

/// A name and a value; the language is not known, which is what is meant where nothing is said.
pub(super) fn new_simple_tag(isrc: Isrc) -> Vec<u8> {
    let name = ebml::made(TAG_NAME, b"ISRC");
    let value = ebml::made(TAG_STRING, isrc.hyphenated().as_bytes());
    ebml::made(SIMPLE_TAG, &[name, value].concat())
}

/// A tag about a track of music. The type's name is left out: some programs would put it in front of the tag's.
pub(super) fn new_tag(isrc: Isrc) -> Vec<u8> {
    let targets = ebml::made(TARGETS, &ebml::made(TARGET_TYPE_VALUE, &[TRACK_LEVEL as u8]));
    ebml::made(TAG, &[targets, new_simple_tag(isrc)].concat())
}
