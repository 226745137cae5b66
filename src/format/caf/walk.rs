//! The one walk over the chunks, and the keys and values of those named `info`.

use std::ops::Range;
use std::time::Duration;

use crate::format::identify::Front;
use crate::format::place::{Access, Place, PlaceName, Standing};
use crate::format::values;
use crate::format::words::{Word, Words};
use crate::source::{ReadError, Source};

/// Real files have a dozen chunks and some dozens of keys.
const MOST_STEPS: u32 = 1 << 16;

/// More codes than this in one file are not looked at.
const MOST_PLACES: usize = 4096;

/// How much of an `info` chunk is looked at: lyrics are among the longest.
const MOST_INFO: u64 = 4 << 20;

/// The name and the size of a chunk.
pub(super) const CHUNK: u64 = 12;

/// The file's name for itself, version and flags.
const HEADER: u64 = 8;

/// The keys under which a code is looked for, in upper case.
const NAMES: [(&str, &str); 3] = [("ISRC", "caf:ISRC"), ("TSRC", "caf:TSRC"), ("WM/ISRC", "caf:WM/ISRC")];

const WORDS: [(&str, Word); 6] = [
    ("title", Word::Title),
    ("artist", Word::Artist),
    ("album", Word::Album),
    ("disc", Word::Disc),
    ("track number", Word::Track),
    ("track", Word::Track),
];

/// One chunk, checked against the file.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub id: [u8; 4],
    pub range: Range<u64>,
}

impl Chunk {
    pub(super) fn body(&self) -> Range<u64> {
        self.range.start + CHUNK..self.range.end
    }
}

/// A key and its value in an `info` chunk, with the zero byte of each.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub range: Range<u64>,
    /// Without its zero byte.
    pub value: Range<u64>,
    pub is_standard: bool,
    /// One for each place; none where the value is empty.
    pub codes: Vec<Range<u64>>,
}

#[derive(Debug, Default)]
pub(super) struct Structure {
    pub chunks: Vec<Chunk>,
    pub places: Vec<Place>,
    /// The entries that the places stand in, in their order.
    pub entries: Vec<Entry>,
    /// Where the last key and value of the `info` chunk end.
    pub info_end: Option<u64>,
    words: Words,
    rate: f64,
    /// Bytes and frames of a packet; 0 where they vary.
    packet: (u32, u32),
    audio_bytes: u64,
    /// As the packet table has them.
    frames: Option<i64>,
    /// Why the file is read and not edited.
    pub trouble: Option<&'static str>,
    /// Why codes may stand in it that were not seen.
    pub doubt: Option<&'static str>,
}

impl Structure {
    pub(super) fn words(&self) -> Words {
        let (bytes, frames_a_packet) = self.packet;
        let counted = || {
            let packets = self.audio_bytes.checked_div(u64::from(bytes))?;
            Some(packets as f64 * f64::from(frames_a_packet))
        };
        let frames = self.frames.map(|frames| frames as f64).or_else(counted);
        let seconds = frames.map(|frames| frames / self.rate);
        let mut words = self.words.clone();
        words.note_duration(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()));
        words
    }
}

pub(super) fn walk(source: &mut Source, front: &Front) -> Result<Structure, ReadError> {
    let found = Structure {
        places: front.odd_places(),
        ..Structure::default()
    };
    let mut walk = Walk {
        source,
        steps: MOST_STEPS,
        found,
    };
    walk.file(front.start)?;
    Ok(walk.found)
}

struct Walk<'w, 'b> {
    source: &'w mut Source<'b>,
    steps: u32,
    found: Structure,
}

impl Walk<'_, '_> {
    fn spend(&mut self) -> Result<(), ReadError> {
        self.steps = self
            .steps
            .checked_sub(1)
            .ok_or(ReadError::Damaged("it has more chunks and keys than any real file"))?;
        Ok(())
    }

    fn file(&mut self, start: u64) -> Result<(), ReadError> {
        let len = self.source.len();
        let mut at = start + HEADER;
        let (mut has_audio, mut is_described) = (false, false);
        while at < len {
            self.spend()?;
            let Some(chunk) = self.chunk(at, has_audio)? else {
                // Bytes that are no chunk, behind the last one.
                break;
            };
            at = chunk.range.end;
            let body = chunk.body();
            let id = chunk.id;
            self.found.chunks.push(chunk);
            match &id {
                b"desc" if is_described => self.troubles("it has two descriptions of its audio"),
                b"desc" => {
                    is_described = true;
                    self.description(body)?;
                }
                b"data" if has_audio => self.troubles("it has two chunks of audio"),
                b"data" => {
                    has_audio = true;
                    // A count of edits stands in front of the audio.
                    self.found.audio_bytes = (body.end - body.start).saturating_sub(4);
                }
                b"pakt" if body.end - body.start >= 24 => {
                    self.found.frames = Some(i64::from_be_bytes(self.source.array(body.start + 8)?));
                }
                b"info" if self.found.info_end.is_some() => {
                    self.troubles("it has two info chunks");
                    self.info(body)?;
                }
                b"info" => self.info(body)?,
                _ => {}
            }
        }
        match (is_described, has_audio) {
            (true, true) => Ok(()),
            (false, _) => Err(ReadError::Damaged("nothing describes its audio")),
            (true, false) => Err(ReadError::Damaged("there is no audio in it")),
        }
    }

    /// The chunk at `at`; none if the bytes there are none, which is borne with behind the audio.
    fn chunk(&mut self, at: u64, has_audio: bool) -> Result<Option<Chunk>, ReadError> {
        let len = self.source.len();
        let cut = |needed: u64| ReadError::CutShort { needed, len };
        let lacks = |needed: u64| if has_audio { Ok(None) } else { Err(cut(needed)) };
        if len - at < CHUNK {
            return lacks(at + CHUNK);
        }
        let header: [u8; 12] = self.source.lone_array(at)?;
        let [a, b, c, d, size @ ..] = header;
        let id = [a, b, c, d];
        if !id.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return match has_audio {
                true => Ok(None),
                false => Err(ReadError::Damaged(
                    "bytes that are no chunk stand in front of its audio",
                )),
            };
        }
        let size = i64::from_be_bytes(size);
        if size == -1 && &id == b"data" {
            return Ok(Some(Chunk { id, range: at..len }));
        }
        let Ok(size) = u64::try_from(size) else {
            return Err(ReadError::Damaged("a chunk has a size that cannot be"));
        };
        let end = (at + CHUNK).checked_add(size).filter(|end| *end <= len);
        let Some(end) = end else {
            return Err(cut((at + CHUNK).saturating_add(size)));
        };
        Ok(Some(Chunk { id, range: at..end }))
    }

    fn troubles(&mut self, trouble: &'static str) {
        self.found.trouble.get_or_insert(trouble);
    }

    fn description(&mut self, body: Range<u64>) -> Result<(), ReadError> {
        if body.end - body.start < 32 {
            return Err(ReadError::Damaged("the description of its audio is too short"));
        }
        self.found.rate = f64::from_bits(u64::from_be_bytes(self.source.array(body.start)?));
        let bytes = u32::from_be_bytes(self.source.array(body.start + 16)?);
        let frames = u32::from_be_bytes(self.source.array(body.start + 20)?);
        self.found.packet = (bytes, frames);
        Ok(())
    }

    /// A number of entries, then keys and values.
    fn info(&mut self, body: Range<u64>) -> Result<(), ReadError> {
        const LIES: &str = "its info chunk holds fewer keys than it says";
        let length = body.end - body.start;
        if !(4..=MOST_INFO).contains(&length) {
            self.found.doubt.get_or_insert(if length < 4 {
                LIES
            } else {
                "its info chunk is larger than any real one"
            });
            return Ok(());
        }
        let bytes = self.source.copy(body.start, length, MOST_INFO)?;
        let (count, texts) = bytes.split_at(4);
        let count = u32::from_be_bytes([count[0], count[1], count[2], count[3]]);
        let offset = body.start + 4;
        let mut at = 0;
        for _ in 0..count {
            self.spend()?;
            let text = |from: usize| {
                let length = texts.get(from..).and_then(|rest| memchr::memchr(0, rest));
                length.map(|length| from..from + length)
            };
            let Some((key, value)) = text(at).and_then(|key| Some((key.clone(), text(key.end + 1)?))) else {
                self.found.doubt.get_or_insert(LIES);
                return Ok(());
            };
            let in_file = |range: Range<usize>| offset + range.start as u64..offset + range.end as u64;
            let said = String::from_utf8_lossy(&texts[value.clone()]);
            let entry = Entry {
                range: in_file(key.start..value.end + 1),
                value: in_file(value.clone()),
                is_standard: false,
                codes: Vec::new(),
            };
            self.entry(&String::from_utf8_lossy(&texts[key]), &said, entry)?;
            at = value.end + 1;
        }
        self.found.info_end = Some(offset + at as u64);
        if texts[at..].iter().any(|byte| *byte != 0) {
            self.troubles("its info chunk holds more than it says");
        }
        Ok(())
    }

    fn entry(&mut self, key: &str, said: &str, mut entry: Entry) -> Result<(), ReadError> {
        let is = |wanted: &str| key.eq_ignore_ascii_case(wanted);
        if let Some((_, word)) = WORDS.iter().find(|(wanted, _)| is(wanted)) {
            self.found.words.note(*word, said);
        }
        let Some((wanted, place)) = NAMES.iter().find(|(wanted, _)| is(wanted)) else {
            return Ok(());
        };
        let item = self.found.places.last().map_or(0, |place| place.item + 1);
        if !said.is_empty() {
            let pieces = values::pieces(said, &entry.value, 1);
            entry.is_standard = *wanted == "ISRC";
            entry.codes = pieces.iter().map(|(span, _)| span.clone()).collect();
            if self.found.places.len() + pieces.len() > MOST_PLACES {
                return Err(ReadError::Damaged("more codes than any real file has"));
            }
            self.found.places.extend(pieces.into_iter().map(|(span, text)| Place {
                name: PlaceName::Chunk(place),
                key: (key != *wanted).then(|| key.into()),
                text,
                span,
                item,
                standing: if entry.is_standard {
                    Standing::Standard
                } else {
                    Standing::Odd
                },
                access: Access::Write,
            }));
        }
        self.found.entries.push(entry);
        Ok(())
    }
}
