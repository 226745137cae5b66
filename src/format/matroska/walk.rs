//! The one walk over the elements of the Segment, down to where tags and what leads to them stand.

use std::time::Duration;

use super::ebml::{self, Element, Read};
use super::tags::{self, Tag};
use crate::format::identify::Front;
use crate::format::place::Place;
use crate::format::words::{LONGEST_TEXT, Words};
use crate::format::{Depth, Format};
use crate::source::{ReadError, Source};

/// A film of some hours has some ten thousand clusters. A walk of this many elements stays well under a second.
const MOST_STEPS: u32 = 1 << 17;

/// Real files have a handful of each.
const MOST_TRACKS: usize = 1024;
const MOST_SEEKS: usize = 4096;
const MOST_TOP: usize = 4096;

/// The IDs of elements (RFC 9559, section 5.1).
pub(super) mod id {
    pub const EBML: u32 = 0x1A45_DFA3;
    pub const DOC_TYPE: u32 = 0x4282;
    pub const VOID: u32 = 0xEC;
    pub const CRC: u32 = 0xBF;
    pub const SEGMENT: u32 = 0x1853_8067;
    pub const SEEK_HEAD: u32 = 0x114D_9B74;
    pub const SEEK: u32 = 0x4DBB;
    pub const SEEK_ID: u32 = 0x53AB;
    pub const SEEK_POSITION: u32 = 0x53AC;
    pub const INFO: u32 = 0x1549_A966;
    pub const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
    pub const DURATION: u32 = 0x4489;
    pub const TITLE: u32 = 0x7BA9;
    pub const TRACKS: u32 = 0x1654_AE6B;
    pub const TRACK: u32 = 0xAE;
    pub const TRACK_UID: u32 = 0x73C5;
    pub const TRACK_TYPE: u32 = 0x83;
    pub const CLUSTER: u32 = 0x1F43_B675;
    pub const CUES: u32 = 0x1C53_BB6B;
    pub const CHAPTERS: u32 = 0x1043_A770;
    pub const ATTACHMENTS: u32 = 0x1941_A469;
    pub const TAGS: u32 = 0x1254_C367;

    /// Those that stand in the Segment, and so end a Cluster whose size is not stated.
    pub fn is_of_segment(id: u32) -> bool {
        matches!(
            id,
            SEEK_HEAD | INFO | TRACKS | CLUSTER | CUES | CHAPTERS | ATTACHMENTS | TAGS | SEGMENT | EBML
        )
    }
}

/// An entry of a SeekHead: where an element of the Segment stands.
#[derive(Debug, Clone)]
pub(super) struct Seek {
    /// The whole entry.
    pub element: Element,
    pub id: u32,
    /// From the first byte of the Segment's body.
    pub position: u64,
    /// The element that holds the position.
    pub value: Element,
}

#[derive(Debug)]
pub(super) struct Structure {
    pub segment: Element,
    /// The elements of the Segment, but for clusters, in rising order. Behind the first cluster only those that the
    /// SeekHead lists, and what follows the last of them.
    pub top: Vec<Element>,
    pub first_cluster: Option<u64>,
    pub seeks: Vec<Seek>,
    /// Those that hold a code, or could take one.
    pub tags: Vec<Tag>,
    pub places: Vec<Place>,
    pub words: Words,
    /// Why the file is read and not edited.
    pub trouble: Option<&'static str>,
    /// Why codes may stand in it that were not seen.
    pub doubt: Option<&'static str>,
}

pub(super) fn walk(source: &mut Source, front: &Front, depth: Depth) -> Result<Structure, ReadError> {
    let segment = segment(source, front.start)?;
    let places = front.odd_places();
    let mut walk = Walk {
        source,
        steps: MOST_STEPS,
        found: Structure {
            segment: segment.clone(),
            top: Vec::new(),
            first_cluster: None,
            seeks: Vec::new(),
            tags: Vec::new(),
            places,
            words: Words::default(),
            trouble: None,
            doubt: None,
        },
        audio_tracks: Vec::new(),
        tracks: 0,
        scale: 1_000_000,
        duration: None,
        title: None,
    };
    walk.segment(&segment, depth)?;
    walk.settle()?;
    Ok(walk.found)
}

/// The Segment. Only what means nothing may stand between the EBML header and it.
fn segment(source: &mut Source, start: u64) -> Result<Element, ReadError> {
    let len = source.len();
    let mut at = start;
    for _ in 0..16 {
        if at >= len {
            break;
        }
        match ebml::element(source, at, len)? {
            Read::Element(element) if element.id == id::SEGMENT => return Ok(element),
            Read::Element(element) if matches!(element.id, id::EBML | id::VOID | id::CRC) && !element.is_open => {
                at = element.end();
            }
            Read::TooLong(_, needed) => return Err(ReadError::CutShort { needed, len }),
            Read::Element(_) | Read::NoElement => break,
        }
    }
    Err(ReadError::Damaged("no segment follows its EBML header"))
}

/// The kind of a file of EBML elements, by its DocType; none if it is another one.
pub(crate) fn doc_type(source: &mut Source, start: u64) -> Result<Option<Format>, ReadError> {
    let len = source.len();
    let Read::Element(header) = ebml::element(source, start, len)? else {
        return Ok(None);
    };
    let mut at = header.body.start;
    for _ in 0..64 {
        if at >= header.end() {
            break;
        }
        let Read::Element(child) = ebml::element(source, at, header.end())? else {
            break;
        };
        if child.id == id::DOC_TYPE {
            let (text, _) = ebml::text(source, &child.body, 16)?;
            return Ok(match &*text {
                "matroska" => Some(Format::Matroska),
                "webm" => Some(Format::Webm),
                _ => None,
            });
        }
        at = child.end();
    }
    Ok(None)
}

pub(super) struct Walk<'w, 'b> {
    pub source: &'w mut Source<'b>,
    steps: u32,
    pub found: Structure,
    /// The UIDs of the tracks of audio.
    pub audio_tracks: Vec<u64>,
    tracks: usize,
    scale: u64,
    duration: Option<f64>,
    title: Option<String>,
}

impl Walk<'_, '_> {
    fn spend(&mut self) -> Result<(), ReadError> {
        self.steps = self
            .steps
            .checked_sub(1)
            .ok_or(ReadError::Damaged("it has more elements than are looked at"))?;
        Ok(())
    }

    fn hides(&mut self, doubt: &'static str) {
        self.found.doubt.get_or_insert(doubt);
    }

    pub(super) fn troubles(&mut self, trouble: &'static str) {
        self.found.trouble.get_or_insert(trouble);
    }

    /// The next child of something that ends at `end`; none at its end, or behind what cannot be read.
    pub(super) fn child(&mut self, at: u64, end: u64) -> Result<Option<Element>, ReadError> {
        if at >= end {
            return Ok(None);
        }
        self.spend()?;
        match ebml::element(self.source, at, end)? {
            Read::Element(element) if !element.is_open => Ok(Some(element)),
            Read::Element(_) => {
                self.hides("an element does not state its size where it has to");
                Ok(None)
            }
            Read::TooLong(..) => {
                self.hides("an element goes beyond the end of the one that it stands in");
                Ok(None)
            }
            Read::NoElement => {
                self.hides("bytes that are no element stand among its elements");
                Ok(None)
            }
        }
    }

    fn segment(&mut self, segment: &Element, depth: Depth) -> Result<(), ReadError> {
        let first = self.row(segment.body.start, segment, true)?;
        let Some(first) = first else { return Ok(()) };
        self.found.first_cluster = Some(first);
        let has_code = self.found.tags.iter().any(|tag| !tag.codes.is_empty());
        if depth == Depth::Glance && has_code && self.tracks > 0 {
            return Ok(());
        }
        let next = self.listed(segment, first)?;
        self.row(next.unwrap_or(first), segment, false)?;
        self.found.top.sort_by_key(|element| element.start);
        Ok(())
    }

    /// Walks the elements of the Segment from `at` on to its end, or up to the first cluster, which it gives.
    fn row(&mut self, mut at: u64, segment: &Element, to_cluster: bool) -> Result<Option<u64>, ReadError> {
        let len = self.source.len();
        while at < segment.end() {
            self.spend()?;
            let element = match ebml::element(self.source, at, segment.end())? {
                Read::Element(element) => element,
                Read::TooLong(_, needed) => return Err(ReadError::CutShort { needed, len }),
                Read::NoElement => {
                    self.hides("bytes that are no element stand among its elements");
                    return Ok(None);
                }
            };
            at = match element.id {
                id::CLUSTER if to_cluster => return Ok(Some(at)),
                id::CLUSTER if element.is_open => self.end_of_cluster(&element)?,
                id::CLUSTER => element.end(),
                id::SEGMENT | id::EBML => {
                    self.troubles("there are two segments in it");
                    return Ok(None);
                }
                _ if element.is_open => {
                    self.hides("an element does not state its size where it has to");
                    return Ok(None);
                }
                _ => {
                    self.top(element.clone())?;
                    element.end()
                }
            };
        }
        Ok(None)
    }

    /// Where a cluster of no stated size ends: at the next element that stands in the Segment.
    fn end_of_cluster(&mut self, cluster: &Element) -> Result<u64, ReadError> {
        let mut at = cluster.body.start;
        while at < cluster.end() {
            self.spend()?;
            match ebml::element(self.source, at, cluster.end())? {
                Read::Element(element) | Read::TooLong(element, _) if id::is_of_segment(element.id) => break,
                Read::Element(element) if !element.is_open => at = element.end(),
                // A live recording that was broken off ends anywhere.
                Read::TooLong(..) => return Ok(cluster.end()),
                Read::Element(_) | Read::NoElement => {
                    self.hides("bytes that are no element stand among its elements");
                    return Ok(cluster.end());
                }
            }
        }
        Ok(at)
    }

    /// What the SeekHead lists behind the first cluster, and where the last of it ends.
    fn listed(&mut self, segment: &Element, first: u64) -> Result<Option<u64>, ReadError> {
        let mut last = None;
        let mut done = 0;
        // A second SeekHead is listed in the first one.
        while let Some(seek) = self.found.seeks.get(done).cloned() {
            done += 1;
            let at = segment.body.start.checked_add(seek.position);
            let Some(at) = at.filter(|at| *at > first && *at < segment.end() && seek.id != id::CLUSTER) else {
                continue;
            };
            if self.found.top.iter().any(|element| element.start == at) {
                continue;
            }
            self.spend()?;
            match ebml::element(self.source, at, segment.end())? {
                Read::Element(element) if element.id == seek.id && !element.is_open => {
                    last = last.max(Some(element.end()));
                    self.top(element)?;
                }
                Read::Element(_) | Read::TooLong(..) | Read::NoElement => {
                    self.troubles("its SeekHead lists what is not there");
                }
            }
        }
        Ok(last)
    }

    /// One element of the Segment.
    fn top(&mut self, element: Element) -> Result<(), ReadError> {
        if self.found.top.iter().any(|other| other.start == element.start) {
            return Ok(());
        }
        if self.found.top.len() == MOST_TOP {
            return Err(ReadError::Damaged("it has more elements than any real file"));
        }
        match element.id {
            id::SEEK_HEAD => self.seek_head(&element)?,
            id::INFO => self.info(&element)?,
            id::TRACKS => self.tracks(&element)?,
            id::TAGS => self.tags(&element, self.found.top.len())?,
            // Of all that follows in the Segment, the gigabytes too.
            id::CRC => self.troubles("a checksum over all of its segment would no longer be right"),
            _ => {}
        }
        self.found.top.push(element);
        Ok(())
    }

    fn seek_head(&mut self, head: &Element) -> Result<(), ReadError> {
        let mut at = head.body.start;
        while let Some(element) = self.child(at, head.end())? {
            at = element.end();
            if element.id != id::SEEK {
                continue;
            }
            let (mut wanted, mut position) = (None, None);
            let mut inner = element.body.start;
            while let Some(child) = self.child(inner, element.end())? {
                inner = child.end();
                match child.id {
                    id::SEEK_ID => wanted = ebml::unsigned(self.source, &child.body)?,
                    id::SEEK_POSITION => {
                        position = ebml::unsigned(self.source, &child.body)?.map(|position| (position, child));
                    }
                    _ => {}
                }
            }
            if let (Some(wanted), Some((position, value))) = (wanted.and_then(|id| u32::try_from(id).ok()), position)
                && self.found.seeks.len() < MOST_SEEKS
            {
                self.found.seeks.push(Seek {
                    element,
                    id: wanted,
                    position,
                    value,
                });
            }
        }
        Ok(())
    }

    fn info(&mut self, info: &Element) -> Result<(), ReadError> {
        let mut at = info.body.start;
        while let Some(child) = self.child(at, info.end())? {
            at = child.end();
            match child.id {
                id::TIMESTAMP_SCALE => {
                    self.scale = ebml::unsigned(self.source, &child.body)?.unwrap_or(self.scale);
                }
                id::DURATION => self.duration = ebml::float(self.source, &child.body)?,
                id::TITLE => self.title = Some(ebml::text(self.source, &child.body, LONGEST_TEXT)?.0),
                _ => {}
            }
        }
        Ok(())
    }

    fn tracks(&mut self, tracks: &Element) -> Result<(), ReadError> {
        const AUDIO: u64 = 2;
        let mut at = tracks.body.start;
        while let Some(track) = self.child(at, tracks.end())? {
            at = track.end();
            if track.id != id::TRACK {
                continue;
            }
            self.tracks += 1;
            if self.tracks > MOST_TRACKS {
                return Err(ReadError::Damaged("it has more tracks than any real file"));
            }
            let (mut uid, mut kind) = (None, None);
            let mut inner = track.body.start;
            while let Some(child) = self.child(inner, track.end())? {
                inner = child.end();
                match child.id {
                    id::TRACK_UID => uid = ebml::unsigned(self.source, &child.body)?,
                    id::TRACK_TYPE => kind = ebml::unsigned(self.source, &child.body)?,
                    _ => {}
                }
            }
            if kind == Some(AUDIO) {
                self.audio_tracks.push(uid.unwrap_or(0));
            }
        }
        Ok(())
    }

    /// What can be said only when all has been seen: which tracks there are, and which title is the best.
    fn settle(&mut self) -> Result<(), ReadError> {
        if self.tracks == 0 && self.found.doubt.is_none() {
            return Err(ReadError::Damaged("there are no tracks in it"));
        }
        self.found.tags.sort_by_key(|tag| tag.element.start);
        let mut tags = std::mem::take(&mut self.found.tags);
        for tag in &mut tags {
            tags::places(tag, &self.audio_tracks, &mut self.found.places)?;
        }
        tags::words(&tags, &self.audio_tracks, self.title.as_deref(), &mut self.found.words);
        self.found.tags = tags;
        let nanoseconds = self.duration.map(|duration| duration * self.scale as f64 / 1e9);
        let duration = nanoseconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        self.found.words.note_duration(duration);
        Ok(())
    }
}
