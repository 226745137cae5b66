//! The one walk over the chunks, and the keys and values of those named `info`.

use std::ops::Range;
use std::time::Duration;

use super::{FILE, new_entry};
use crate::bytes::source::{ReadError, Source};
use crate::format::behind;
use crate::format::damaged;
use crate::format::edit::tree::{Item, New, NodeId, Size, States, Text, Tree, Value};
use crate::format::notes::{Notes, code_name};
use crate::format::place::Standing;
use crate::format::words::Word;

/// Real files have a dozen chunks and some dozens of keys.
pub(super) const MOST_STEPS: u32 = 1 << 16;

/// How much of an `info` chunk is looked at: lyrics are among the longest.
const MOST_INFO: u64 = 4 << 20;

/// The name and the size of a chunk.
pub(super) const CHUNK: u64 = 12;

/// The file's name for itself, version and flags.
const HEADER: u64 = 8;

const WORDS: [(&str, Word); 6] = [
    ("title", Word::Title),
    ("artist", Word::Artist),
    ("album", Word::Album),
    ("disc", Word::Disc),
    ("track number", Word::Track),
    ("track", Word::Track),
];

/// The chunks of the specification. What is named otherwise behind the audio and goes beyond the file is none.
const KNOWN: [&[u8; 4]; 17] = [
    b"desc", b"data", b"pakt", b"kuki", b"strg", b"mark", b"regn", b"inst", b"midi", b"ovvw", b"peak", b"edct",
    b"info", b"umid", b"uuid", b"free", b"chan",
];

/// The name of a chunk and where it is.
type Named = ([u8; 4], Range<u64>);

/// One chunk, checked against the file.
#[derive(Debug)]
pub(super) struct Chunk {
    pub id: [u8; 4],
    pub range: Range<u64>,
    pub node: NodeId,
}

impl Chunk {
    pub(super) fn body(&self) -> Range<u64> {
        self.range.start + CHUNK..self.range.end
    }
}

/// What tells how long the audio is.
#[derive(Debug, Default)]
pub(super) struct Sound {
    rate: f64,
    /// Bytes and frames of a packet; 0 where they vary.
    packet: (u32, u32),
    bytes: u64,
    /// As the packet table has them.
    frames: Option<i64>,
}

impl Sound {
    pub(super) fn duration(&self) -> Option<Duration> {
        let (bytes, frames_a_packet) = self.packet;
        let counted = || {
            let packets = self.bytes.checked_div(u64::from(bytes))?;
            Some(packets as f64 * f64::from(frames_a_packet))
        };
        let frames = self.frames.map(|frames| frames as f64).or_else(counted)?;
        Duration::try_from_secs_f64(frames / self.rate).ok()
    }
}

pub(super) struct Walk<'w, 'b> {
    pub source: &'w mut Source<'b>,
    pub notes: Notes,
    pub tree: Tree<'static>,
    pub chunks: Vec<Chunk>,
    pub sound: Sound,
}

impl Walk<'_, '_> {
    /// Walks all chunks; gives the index of the one of audio.
    pub(super) fn file(&mut self, start: u64) -> Result<usize, ReadError> {
        let len = self.source.len();
        let mut at = start + HEADER;
        let (mut audio, mut is_described) = (None, false);
        while at < len {
            self.notes.spend()?;
            let Some((id, range)) = self.chunk(at, audio.is_some())? else {
                // Bytes that are no chunk, behind the last one.
                self.notes.look_behind(self.source, at)?;
                break;
            };
            at = range.end;
            let node = self
                .tree
                .sized(range.clone(), Some(FILE), range.start + 4, Size::Be64, CHUNK);
            let is_first = self.chunks.iter().all(|chunk| chunk.id != id);
            self.chunks.push(Chunk { id, range, node });
            let body = self.chunks[self.chunks.len() - 1].body();
            match &id {
                b"desc" if is_first => {
                    is_described = true;
                    self.description(body)?;
                }
                b"data" if is_first => {
                    audio = Some(self.chunks.len() - 1);
                    // A count of edits stands in front of the audio.
                    self.sound.bytes = (body.end - body.start).saturating_sub(4);
                }
                b"desc" => self.notes.troubles("it has two descriptions of its audio"),
                b"data" => self.notes.troubles("it has two chunks of audio"),
                b"pakt" if body.end - body.start >= 24 => {
                    self.sound.frames = Some(i64::from_be_bytes(self.source.array(body.start + 8)?));
                }
                b"info" => {
                    if !is_first {
                        self.notes.troubles("it has two info chunks");
                    }
                    self.info(body, node)?;
                }
                _ => {}
            }
        }
        match audio {
            Some(audio) if is_described => Ok(audio),
            None if is_described => damaged("there is no audio in it"),
            _ => damaged("nothing describes its audio"),
        }
    }

    /// The chunk at `at`; none if the bytes there are none, which is borne with behind the audio.
    fn chunk(&mut self, at: u64, has_audio: bool) -> Result<Option<Named>, ReadError> {
        let len = self.source.len();
        if !has_audio {
            self.source.reach(at + CHUNK)?;
        }
        if len - at < CHUNK {
            return Ok(None);
        }
        // A tag of another kind, put behind the file.
        if has_audio && behind::may_start(self.source, at)? {
            return Ok(None);
        }
        let header: [u8; 12] = self.source.lone_array(at)?;
        let [a, b, c, d, size @ ..] = header;
        let id = [a, b, c, d];
        if !id.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return match has_audio {
                true => Ok(None),
                false => damaged("bytes that are no chunk stand in front of its audio"),
            };
        }
        let size = i64::from_be_bytes(size);
        if size == -1 && &id == b"data" {
            return Ok(Some((id, at..len)));
        }
        let Ok(size) = u64::try_from(size) else {
            return damaged("a chunk has a size that cannot be");
        };
        let end = (at + CHUNK).saturating_add(size);
        if has_audio && end > len && !KNOWN.contains(&&id) {
            return Ok(None);
        }
        self.source.reach(end)?;
        Ok(Some((id, at..end)))
    }

    fn description(&mut self, body: Range<u64>) -> Result<(), ReadError> {
        if body.end - body.start < 32 {
            return damaged("the description of its audio is too short");
        }
        self.sound.rate = f64::from_bits(u64::from_be_bytes(self.source.array(body.start)?));
        let bytes = u32::from_be_bytes(self.source.array(body.start + 16)?);
        let frames = u32::from_be_bytes(self.source.array(body.start + 20)?);
        self.sound.packet = (bytes, frames);
        Ok(())
    }

    /// A number of entries, then keys and values.
    fn info(&mut self, body: Range<u64>, node: NodeId) -> Result<(), ReadError> {
        const LIES: &str = "its info chunk holds fewer keys than it says";
        let length = body.end - body.start;
        if !(4..=MOST_INFO).contains(&length) {
            self.notes.hides(match length < 4 {
                true => LIES,
                false => "its info chunk is larger than any real one",
            });
            return Ok(());
        }
        let bytes = self.source.copy(body.start, length, MOST_INFO)?;
        let (count, texts) = bytes.split_at(4);
        let count = Size::Be32.read(count);
        let offset = body.start + 4;
        let mut at = 0;
        for _ in 0..count {
            self.notes.spend()?;
            let text = |from: usize| {
                let length = texts.get(from..).and_then(|rest| memchr::memchr(0, rest));
                length.map(|length| from..from + length)
            };
            let Some((key, value)) = text(at).and_then(|key| Some((key.clone(), text(key.end + 1)?))) else {
                self.notes.hides(LIES);
                return Ok(());
            };
            let in_file = |range: Range<usize>| offset + range.start as u64..offset + range.end as u64;
            let said = String::from_utf8_lossy(&texts[value.clone()]);
            at = value.end + 1;
            let entry = in_file(key.start..at);
            let key = String::from_utf8_lossy(&texts[key]);
            self.entry((&key, &said), node, entry, in_file(value))?;
        }
        if texts[at..].iter().any(|byte| *byte != 0) {
            self.notes.hides("its info chunk holds more than it says");
        }
        self.tree.nodes[node].is_roomy = true;
        self.tree.field(node, body.start, Size::Be32, States::Count(count));
        self.tree
            .new
            .get_or_insert_with(|| New::item(offset + at as u64, Some(node), |isrc, _| new_entry(isrc)));
        Ok(())
    }

    /// A key and a value, of which `text` is the latter without its zero byte.
    fn entry(
        &mut self,
        (key, said): (&str, &str),
        info: NodeId,
        range: Range<u64>,
        text: Range<u64>,
    ) -> Result<(), ReadError> {
        let is = |wanted: &str| key.eq_ignore_ascii_case(wanted);
        if let Some((_, word)) = WORDS.iter().find(|(wanted, _)| is(wanted)) {
            self.notes.words.note(*word, said);
        }
        let Some(name) = code_name(key) else {
            return Ok(());
        };
        let standing = Standing::standard(name == "ISRC");
        let place = format!("caf:{name}");
        let (codes, seat) = self.notes.item(place, (key, name), standing, said, (&text, 1))?;
        let node = self.tree.node(range, Some(info));
        let value = Value::new(node, text, codes, Text::Plain);
        self.tree.items.push(Item::of(node, seat, value));
        Ok(())
    }
}
