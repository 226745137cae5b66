//! `Tags`: each `Tag` says what it is about, its target, and holds names and values as `SimpleTag`s.

use std::time::Duration;

use super::ebml::{self, Element};
use super::walk::{Structure, id};
use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Encode, Item, New, NodeId, Size, States, Text, Tree, Value};
use crate::format::notes::{Notes, code_name};
use crate::format::place::{Action, Standing};
use crate::format::words::{LONGEST_TEXT, Word};
use crate::format::{SpliceError, values};
use crate::isrc::Isrc;

/// No name that is looked for is longer.
const LONGEST_NAME: u64 = 32;

/// What a track of music is; 50 is an album or a film, and what is meant where nothing is said (RFC 9559, section 5.1.8.1.2).
const TRACK_LEVEL: u64 = 30;
const ALBUM_LEVEL: u64 = 50;

/// What a new tag needs at most.
const NEW_TAG: u64 = 64;

/// What a `Tag` is about.
struct Target {
    level: Option<u64>,
    /// How places are named.
    name: &'static str,
    standing: Standing,
}

impl Target {
    /// In a file with these tracks of audio. A number of 0 means all of a kind, and is left out.
    fn of(tag: &Element, audio: &[u64]) -> Target {
        let (mut level, mut tracks, mut is_of_chapter, mut is_of_other) = (None, Vec::new(), false, false);
        for said in tag.all(id::TARGETS).flat_map(|targets| &targets.inside) {
            let number = said.number.unwrap_or(0);
            match said.id {
                id::TARGET_TYPE_VALUE => level = Some(said.number.unwrap_or(ALBUM_LEVEL)),
                id::TAG_TRACK_UID if number != 0 => tracks.push(number),
                id::TAG_CHAPTER_UID if number != 0 => is_of_chapter = true,
                id::TAG_EDITION_UID | id::TAG_ATTACHMENT_UID if number != 0 => is_of_other = true,
                _ => {}
            }
        }
        let (name, standing) = match tracks[..] {
            _ if is_of_chapter => ("chapter/", Standing::OfTrack),
            _ if is_of_other => ("other/", Standing::Odd),
            [] if matches!(level, None | Some(TRACK_LEVEL | ALBUM_LEVEL)) => ("", Standing::Standard),
            [] => ("level/", Standing::Odd),
            // The one track of audio is the recording.
            [uid] if audio == [uid] => ("track/", Standing::Standard),
            [..] if tracks.iter().any(|uid| audio.contains(uid)) => ("track/", Standing::OfTrack),
            [..] => ("track/", Standing::Odd),
        };
        Target { level, name, standing }
    }

    /// The standard target.
    fn is_track_of_music(&self) -> bool {
        self.name.is_empty() && self.level == Some(TRACK_LEVEL)
    }

    /// How well what is said of it tells of the recording: the title of all of the file comes second.
    fn rank(&self) -> Option<u8> {
        match self.name {
            _ if self.is_track_of_music() => Some(0),
            "" => Some(2),
            _ => self.standing.is_standard().then_some(3),
        }
    }

    fn word(&self, name: &str) -> Option<Word> {
        Some(match name {
            "TITLE" if self.level == Some(ALBUM_LEVEL) => Word::Album,
            "TITLE" => Word::Title,
            "ARTIST" => Word::Artist,
            "ALBUM" => Word::Album,
            "PART_NUMBER" | "TRACK" => Word::Track,
            "DISC" => Word::Disc,
            _ => return None,
        })
    }
}

/// What is read of all tags.
struct Reading<'s, 'b> {
    source: &'s mut Source<'b>,
    notes: Notes,
    tree: Tree<'static>,
    /// Texts about the recording, and how well they tell of it.
    texts: Vec<(u8, Word, String)>,
    /// As in [`Hyphens`].
    hyphens: bool,
}

impl Structure {
    /// The notes with the places of all tags seen so far, and with what is said of the recording; and the lists of tags
    /// alone, whatever is around them. New tags of their own are put where the Segment begins: no list is there.
    pub(super) fn read_tags(&self, source: &mut Source, hyphens: bool) -> Result<(Notes, Tree<'static>), ReadError> {
        let mut reading = Reading {
            source,
            notes: self.notes.clone(),
            tree: Tree::default(),
            texts: Vec::new(),
            hyphens,
        };
        let (audio, mut news) = (self.audio_tracks(), Vec::new());
        for list in self.all(id::TAGS) {
            let node = list.declare(&mut reading.tree, None);
            for tag in list.all(id::TAG) {
                let target = Target::of(tag, &audio);
                let tag_node = reading.tag(tag, &target, node)?;
                if target.is_track_of_music() && takes(tag) && takes(list) {
                    news.push(New::item(tag.end(), Some(tag_node), |isrc, _| new_simple_tag(isrc)));
                }
            }
            if takes(list) {
                news.push(New::item(list.end(), Some(node), |isrc, _| new_tag(isrc)));
            }
        }
        let make = |isrc, _| ebml::made(id::TAGS, &new_tag(isrc));
        news.push(New::item(self.segment.start, None, make));
        for title in self.all(id::INFO).filter_map(|info| info.get(id::TITLE)) {
            let (title, _) = title.text(reading.source, LONGEST_TEXT)?;
            reading.texts.push((1, Word::Title, title));
        }
        let Reading {
            mut notes,
            mut tree,
            mut texts,
            ..
        } = reading;
        texts.sort_by_key(|(rank, ..)| *rank);
        texts.iter().for_each(|(_, word, text)| notes.words.note(*word, text));
        notes.words.note_duration(self.duration());
        tree.leave_alone(self.notes.behind);
        tree.new = news.into_iter().next();
        Ok((notes, tree))
    }

    /// The UIDs of the tracks of audio.
    fn audio_tracks(&self) -> Vec<u64> {
        const AUDIO: u64 = 2;
        let audio = self
            .tracks()
            .filter(|track| track.number_of(id::TRACK_TYPE) == Some(AUDIO));
        audio.map(|track| track.number_of(id::TRACK_UID).unwrap_or(0)).collect()
    }

    fn duration(&self) -> Option<Duration> {
        let info = self.all(id::INFO).last()?;
        let duration = info.get(id::DURATION)?;
        let number = duration.number?;
        let units = match duration.len() {
            4 => f64::from(f32::from_bits(number as u32)),
            8 => f64::from_bits(number),
            _ => return None,
        };
        let scale = info.number_of(id::TIMESTAMP_SCALE).unwrap_or(1_000_000);
        Duration::try_from_secs_f64(units * scale as f64 / 1e9).ok()
    }
}

impl Reading<'_, '_> {
    fn tag(&mut self, tag: &Element, target: &Target, list: NodeId) -> Result<NodeId, ReadError> {
        let node = tag.declare(&mut self.tree, Some(list));
        // A tag without a name and a value in it is none.
        self.tree.nodes[node].is_tag = true;
        let count = tag.all(id::SIMPLE_TAG).count() as u64;
        self.tree.field(node, 0, Size::Unstated, States::Count(count));
        for simple in tag.all(id::SIMPLE_TAG) {
            let (Some(name), Some(value)) = (simple.get(id::TAG_NAME), simple.get(id::TAG_STRING)) else {
                continue;
            };
            // It may end in zero bytes, any number of them.
            let (key, _) = name.text(self.source, LONGEST_NAME + 1)?;
            let word = target.word(&key.to_ascii_uppercase()).zip(target.rank());
            let name = code_name(&key).filter(|_| key.len() as u64 <= LONGEST_NAME);
            // Values may be anywhere, and most say nothing here.
            if word.is_none() && name.is_none() {
                continue;
            }
            let (said, text) = value.text(self.source, LONGEST_TEXT)?;
            if let Some((word, rank)) = word {
                self.texts.push((rank, word, said));
            } else if let Some(name) = name {
                let standing = match target.standing {
                    Standing::Standard => Standing::standard(name == "ISRC"),
                    standing => standing,
                };
                let place = format!("matroska:{}{name}", target.name);
                let (codes, seat) = self.notes.item(place, (&key, name), standing, &said, (&text, 1))?;
                let simple = simple.declare(&mut self.tree, Some(node));
                let (node, text) = (value.declare(&mut self.tree, Some(simple)), Hyphens(self.hyphens));
                let value = Value::new(node, value.body.clone(), codes, Text::Own(Box::new(text)));
                self.tree.items.push(Item::of(simple, seat, value));
            }
        }
        Ok(node)
    }
}

/// Whether the size of an element can state one more tag in it.
fn takes(element: &Element) -> bool {
    element.size().write(element.len() + NEW_TAG).is_some()
}

/// Whether codes are written with hyphens, as the specification has it, also where one stands without them. Programs read
/// both forms.
struct Hyphens(bool);

impl Encode for Hyphens {
    fn encode(&self, _: &mut Source, value: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        let hyphenated = |isrc: Isrc| isrc.hyphenated().into_bytes();
        let [Action::Write(isrc)] = *actions else {
            return Ok(values::rewritten(&value.codes, actions, hyphenated));
        };
        let room = (value.at.end - value.at.start) as usize;
        let mut text = match !self.0 && room == isrc.as_bytes().len() {
            true => isrc.as_bytes().to_vec(),
            false => hyphenated(isrc),
        };
        // No Void is as short as one byte; a text may end in zero bytes (RFC 8794, section 7.4).
        if text.len() + 1 == room {
            text.push(0);
        }
        Ok(vec![Patch::new(value.at.clone(), text)])
    }
}

/// A name and a value; the language is not known, which is what is meant where nothing is said.
fn new_simple_tag(isrc: Isrc) -> Vec<u8> {
    let name = ebml::made(id::TAG_NAME, b"ISRC");
    let value = ebml::made(id::TAG_STRING, isrc.hyphenated().as_bytes());
    ebml::made(id::SIMPLE_TAG, &[name, value].concat())
}

/// A tag about a track of music. The type's name is left out: some programs would put it in front of the tag's.
fn new_tag(isrc: Isrc) -> Vec<u8> {
    let targets = ebml::made(id::TARGETS, &ebml::made(id::TARGET_TYPE_VALUE, &[TRACK_LEVEL as u8]));
    ebml::made(id::TAG, &[targets, new_simple_tag(isrc)].concat())
}
