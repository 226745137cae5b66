//! The one walk over the elements of the Segment, down to where tags and what leads to them are.

use std::time::Duration;

use super::ebml::{self, Element, Read};
use super::header;
use super::seek_head::{Head, Seek};
use super::tags::{self, Tag};
use crate::bytes::source::{ReadError, Source};
use crate::format::Depth;
use crate::format::notes::Notes;
use crate::format::stream::identify::Front;
use crate::format::words::LONGEST_TEXT;

/// A film of some hours has some ten thousand clusters. A walk of this many elements stays well under a second.
const MOST_STEPS: u32 = 1 << 17;

/// Real files have a dozen.
const MOST_TOP: usize = 4096;

const NO_ELEMENT: &str = "bytes that are no element stand among its elements";
const OPEN: &str = "an element does not state its size where it has to";
const BEYOND: &str = "an element goes beyond the end of the one that it stands in";
const SUM_OF_ALL: &str = "a checksum over all of its segment would no longer be right";

/// The IDs of elements (RFC 9559, section 5.1).
pub(super) mod id {
    pub const EBML: u32 = 0x1A45_DFA3;
    pub const READ_VERSION: u32 = 0x42F7;
    pub const MAX_ID_LENGTH: u32 = 0x42F2;
    pub const MAX_SIZE_LENGTH: u32 = 0x42F3;
    pub const DOC_TYPE: u32 = 0x4282;
    pub const DOC_TYPE_READ_VERSION: u32 = 0x4285;
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

    /// Those that are in the Segment, and so end a Cluster whose size is not stated.
    pub fn is_of_segment(id: u32) -> bool {
        matches!(
            id,
            SEEK_HEAD | INFO | TRACKS | CLUSTER | CUES | CHAPTERS | ATTACHMENTS | TAGS | SEGMENT | EBML
        )
    }
}

/// A `Tags` element.
#[derive(Debug)]
pub(super) struct List {
    pub element: Element,
    pub tags: Vec<Tag>,
}

#[derive(Debug)]
pub(super) struct Structure {
    pub segment: Element,
    /// The elements of the Segment, but for clusters, in rising order. Behind the first cluster only those that the
    /// SeekHead lists, and what follows the last of them.
    pub top: Vec<Element>,
    pub first_cluster: Option<u64>,
    pub heads: Vec<Head>,
    /// In rising order.
    pub lists: Vec<List>,
    pub notes: Notes,
    /// What the SeekHead lists behind the first cluster was looked at.
    pub is_whole: bool,
}

pub(super) fn walk(source: &mut Source, front: &Front, depth: Depth) -> Result<Structure, ReadError> {
    let mut notes = Notes::new(front, MOST_STEPS);
    let segment = header::segment(source, front.start, &mut notes)?;
    let mut walk = Walk {
        source,
        found: Structure {
            segment: segment.clone(),
            top: Vec::new(),
            first_cluster: None,
            heads: Vec::new(),
            lists: Vec::new(),
            notes,
            is_whole: true,
        },
        audio_tracks: Vec::new(),
        tracks: 0,
        scale: 1_000_000,
        duration: None,
        title: String::new(),
    };
    walk.found.first_cluster = walk.segment(&segment, depth)?;
    walk.settle()?;
    Ok(walk.found)
}

pub(super) struct Walk<'w, 'b> {
    pub source: &'w mut Source<'b>,
    pub found: Structure,
    /// The UIDs of the tracks of audio.
    audio_tracks: Vec<u64>,
    tracks: usize,
    scale: u64,
    duration: Option<f64>,
    title: String,
}

impl Walk<'_, '_> {
    /// What is in an element, up to what cannot be read.
    pub(super) fn children(&mut self, parent: &Element) -> Result<Vec<Element>, ReadError> {
        let mut children = Vec::new();
        let mut at = parent.body.start;
        while at < parent.end() {
            self.found.notes.spend()?;
            match ebml::element(self.source, at, parent.end())? {
                Read::Element(element) if !element.is_open => {
                    at = element.end();
                    children.push(element);
                    continue;
                }
                Read::Element(_) => self.found.notes.hides(OPEN),
                Read::TooLong(..) => self.found.notes.hides(BEYOND),
                Read::NoElement => self.found.notes.hides(NO_ELEMENT),
            }
            break;
        }
        Ok(children)
    }

    /// Walks the Segment; gives where its first cluster is.
    fn segment(&mut self, segment: &Element, depth: Depth) -> Result<Option<u64>, ReadError> {
        let first = self.row(segment.body.start, segment, true)?;
        let Some(start) = first else { return Ok(None) };
        if depth == Depth::Glance && self.is_enough(segment, start, depth)? {
            self.found.is_whole = false;
            return Ok(first);
        }
        let next = self.listed(segment, start)?;
        self.row(next.unwrap_or(start), segment, false)?;
        self.found.top.sort_by_key(|element| element.start);
        self.found.lists.sort_by_key(|list| list.element.start);
        Ok(first)
    }

    /// Whether the file's code is in front of its `first` cluster, and no other list of tags is known of.
    fn is_enough(&mut self, segment: &Element, first: u64, depth: Depth) -> Result<bool, ReadError> {
        let mut listed = self.found.heads.iter().flat_map(|head| head.listed(segment));
        if self.tracks == 0 || listed.any(|(id, at)| at > first && matches!(id, id::TAGS | id::SEEK_HEAD)) {
            return Ok(false);
        }
        Ok(depth.is_enough(&self.settled()?.places))
    }

    /// Walks the elements of the Segment from `at` on to its end, or up to the first cluster, which it gives.
    fn row(&mut self, mut at: u64, segment: &Element, to_cluster: bool) -> Result<Option<u64>, ReadError> {
        let len = self.source.len();
        while at < segment.end() {
            self.found.notes.spend()?;
            let element = match ebml::element(self.source, at, segment.end())? {
                Read::Element(element) => element,
                Read::TooLong(_, needed) => return Err(ReadError::CutShort { needed, len }),
                Read::NoElement => {
                    self.found.notes.hides(NO_ELEMENT);
                    return Ok(None);
                }
            };
            at = match element.id {
                id::CLUSTER if to_cluster => return Ok(Some(at)),
                id::CLUSTER if element.is_open => self.end_of_cluster(&element)?,
                id::CLUSTER => element.end(),
                id::SEGMENT | id::EBML => {
                    self.found.notes.troubles("there are two segments in it");
                    return Ok(None);
                }
                _ if element.is_open => {
                    self.found.notes.hides(OPEN);
                    return Ok(None);
                }
                _ => {
                    let end = element.end();
                    self.top(element)?;
                    end
                }
            };
        }
        Ok(None)
    }

    /// Where a cluster of no stated size ends: at the next element that is in the Segment.
    fn end_of_cluster(&mut self, cluster: &Element) -> Result<u64, ReadError> {
        let mut at = cluster.body.start;
        while at < cluster.end() {
            self.found.notes.spend()?;
            match ebml::element(self.source, at, cluster.end())? {
                Read::Element(element) | Read::TooLong(element, _) if id::is_of_segment(element.id) => break,
                Read::Element(element) if !element.is_open => at = element.end(),
                // A live recording that was broken off ends anywhere.
                Read::TooLong(..) => return Ok(cluster.end()),
                Read::Element(_) | Read::NoElement => {
                    self.found.notes.hides(NO_ELEMENT);
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
        while let Some(head) = self.found.heads.get(done) {
            done += 1;
            for (id, at) in head.listed(segment) {
                if at <= first || at >= segment.end() || id == id::CLUSTER {
                    continue;
                }
                self.found.notes.spend()?;
                match ebml::element(self.source, at, segment.end())? {
                    Read::Element(element) if element.id == id && !element.is_open => {
                        last = last.max(Some(element.end()));
                        self.top(element)?;
                    }
                    Read::Element(_) | Read::TooLong(..) | Read::NoElement => {
                        self.found.notes.troubles("its SeekHead lists what is not there");
                    }
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
            id::TAGS => {
                let tags = self.tags(&element)?;
                let element = element.clone();
                self.found.lists.push(List { element, tags });
            }
            // Of all that follows in the Segment, the gigabytes too.
            id::CRC => self.found.notes.troubles(SUM_OF_ALL),
            _ => {}
        }
        self.found.top.push(element);
        Ok(())
    }

    /// The last child with each of these IDs.
    fn named<const N: usize>(&mut self, parent: &Element, ids: [u32; N]) -> Result<[Option<Element>; N], ReadError> {
        let children = self.children(parent)?;
        Ok(ids.map(|id| children.iter().rfind(|child| child.id == id).cloned()))
    }

    fn unsigned(&mut self, element: Option<&Element>) -> Result<Option<u64>, ReadError> {
        element.map_or(Ok(None), |element| ebml::unsigned(self.source, &element.body))
    }

    fn seek_head(&mut self, head: &Element) -> Result<(), ReadError> {
        let mut children = Vec::new();
        for element in self.children(head)? {
            let seek = match element.id {
                id::SEEK => self.seek(&element)?,
                _ => None,
            };
            children.push((element, seek));
        }
        let element = head.clone();
        self.found.heads.push(Head { element, children });
        Ok(())
    }

    fn seek(&mut self, seek: &Element) -> Result<Option<Seek>, ReadError> {
        let [name, position] = self.named(seek, [id::SEEK_ID, id::SEEK_POSITION])?;
        let id = self.unsigned(name.as_ref())?.and_then(|id| u32::try_from(id).ok());
        let number = self.unsigned(position.as_ref())?;
        let at = name.and_then(|name| name.end().checked_sub(4));
        let seek = || {
            Some(Seek {
                id: id?,
                id_at: at?,
                position: number?,
                value: position?.body,
            })
        };
        Ok(seek())
    }

    fn info(&mut self, info: &Element) -> Result<(), ReadError> {
        let [scale, duration, title] = self.named(info, [id::TIMESTAMP_SCALE, id::DURATION, id::TITLE])?;
        self.scale = self.unsigned(scale.as_ref())?.unwrap_or(self.scale);
        if let Some(duration) = duration {
            self.duration = ebml::float(self.source, &duration.body)?;
        }
        if let Some(title) = title {
            self.title = ebml::text(self.source, &title.body, LONGEST_TEXT)?.0;
        }
        Ok(())
    }

    fn tracks(&mut self, tracks: &Element) -> Result<(), ReadError> {
        const AUDIO: u64 = 2;
        for track in self.children(tracks)? {
            if track.id != id::TRACK {
                continue;
            }
            self.tracks += 1;
            let [uid, kind] = self.named(&track, [id::TRACK_UID, id::TRACK_TYPE])?;
            if self.unsigned(kind.as_ref())? == Some(AUDIO) {
                let uid = self.unsigned(uid.as_ref())?;
                self.audio_tracks.push(uid.unwrap_or(0));
            }
        }
        Ok(())
    }

    /// The notes with the places of all tags seen so far.
    fn settled(&mut self) -> Result<Notes, ReadError> {
        let mut notes = self.found.notes.clone();
        let mut tags = self.found.lists.iter_mut().flat_map(|list| &mut list.tags);
        tags.try_for_each(|tag| tag.settle(&self.audio_tracks, &mut notes))?;
        Ok(notes)
    }

    /// What can be said only when all has been seen: which tracks there are, and which title is the best.
    fn settle(&mut self) -> Result<(), ReadError> {
        if self.tracks == 0 && self.found.notes.doubt.is_none() {
            return Err(ReadError::Damaged("there are no tracks in it"));
        }
        self.found.notes = self.settled()?;
        let tags: Vec<&Tag> = self.found.lists.iter().flat_map(|list| &list.tags).collect();
        tags::words(&tags, &self.audio_tracks, &self.title, &mut self.found.notes.words);
        let seconds = self.duration.map(|duration| duration * self.scale as f64 / 1e9);
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        self.found.notes.words.note_duration(duration);
        Ok(())
    }
}
