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
        notes,
        top: Vec::new(),
        heads: Vec::new(),
        lists: Vec::new(),
        is_whole: true,
        audio_tracks: Vec::new(),
        tracks: 0,
        scale: 1_000_000,
        duration: None,
        title: String::new(),
    };
    let first_cluster = walk.segment(&segment, depth)?;
    walk.settle()?;
    Ok(Structure {
        segment,
        top: walk.top,
        first_cluster,
        heads: walk.heads,
        lists: walk.lists,
        notes: walk.notes,
        is_whole: walk.is_whole,
    })
}

pub(super) struct Walk<'w, 'b> {
    pub source: &'w mut Source<'b>,
    pub notes: Notes,
    top: Vec<Element>,
    heads: Vec<Head>,
    lists: Vec<List>,
    /// As in [`Structure`].
    is_whole: bool,
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
            self.notes.spend()?;
            match ebml::element(self.source, at, parent.end())? {
                Read::Element(element) if !element.is_open => {
                    at = element.end();
                    children.push(element);
                    continue;
                }
                Read::Element(_) => self.notes.hides("an element does not state its size where it has to"),
                Read::TooLong(..) => {
                    self.notes
                        .hides("an element goes beyond the end of the one that it stands in");
                }
                Read::NoElement => self.notes.hides("bytes that are no element stand among its elements"),
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
            self.is_whole = false;
            return Ok(first);
        }
        let next = self.listed(segment, start)?;
        self.row(next.unwrap_or(start), segment, false)?;
        self.top.sort_by_key(|element| element.start);
        self.lists.sort_by_key(|list| list.element.start);
        Ok(first)
    }

    /// Whether the file's code is in front of its `first` cluster, and no other list of tags is known of.
    fn is_enough(&mut self, segment: &Element, first: u64, depth: Depth) -> Result<bool, ReadError> {
        let mut listed = self.heads.iter().flat_map(|head| head.listed(segment));
        if self.tracks == 0 || listed.any(|(id, at)| at > first && matches!(id, id::TAGS | id::SEEK_HEAD)) {
            return Ok(false);
        }
        Ok(depth.is_enough(&self.settled()?.places))
    }

    /// Walks the elements of the Segment from `at` on to its end, or up to the first cluster, which it gives.
    fn row(&mut self, mut at: u64, segment: &Element, to_cluster: bool) -> Result<Option<u64>, ReadError> {
        let len = self.source.len();
        while at < segment.end() {
            self.notes.spend()?;
            let element = match ebml::element(self.source, at, segment.end())? {
                Read::Element(element) => element,
                Read::TooLong(_, needed) => return Err(ReadError::CutShort { needed, len }),
                Read::NoElement => {
                    self.notes.hides("bytes that are no element stand among its elements");
                    return Ok(None);
                }
            };
            at = match element.id {
                id::CLUSTER if to_cluster => return Ok(Some(at)),
                id::CLUSTER if element.is_open => self.end_of_cluster(&element)?,
                id::CLUSTER => element.end(),
                id::SEGMENT | id::EBML => {
                    self.notes.troubles("there are two segments in it");
                    return Ok(None);
                }
                _ if element.is_open => {
                    self.notes.hides("an element does not state its size where it has to");
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
            self.notes.spend()?;
            match ebml::element(self.source, at, cluster.end())? {
                Read::Element(element) | Read::TooLong(element, _) if id::is_of_segment(element.id) => break,
                Read::Element(element) if !element.is_open => at = element.end(),
                // A live recording that was broken off ends anywhere.
                Read::TooLong(..) => return Ok(cluster.end()),
                Read::Element(_) | Read::NoElement => {
                    self.notes.hides("bytes that are no element stand among its elements");
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
        while let Some(head) = self.heads.get(done) {
            done += 1;
            for (id, at) in head.listed(segment) {
                if at <= first || at >= segment.end() || id == id::CLUSTER {
                    continue;
                }
                self.notes.spend()?;
                match ebml::element(self.source, at, segment.end())? {
                    Read::Element(element) if element.id == id && !element.is_open => {
                        last = last.max(Some(element.end()));
                        self.top(element)?;
                    }
                    Read::Element(_) | Read::TooLong(..) | Read::NoElement => {
                        self.notes.troubles("its SeekHead lists what is not there");
                    }
                }
            }
        }
        Ok(last)
    }

    /// One element of the Segment.
    fn top(&mut self, element: Element) -> Result<(), ReadError> {
        if self.top.iter().any(|other| other.start == element.start) {
            return Ok(());
        }
        if self.top.len() == MOST_TOP {
            return Err(ReadError::Damaged("it has more elements than any real file"));
        }
        match element.id {
            id::SEEK_HEAD => self.seek_head(&element)?,
            id::INFO => self.info(&element)?,
            id::TRACKS => self.tracks(&element)?,
            id::TAGS => {
                let tags = self.tags(&element)?;
                let element = element.clone();
                self.lists.push(List { element, tags });
            }
            // Of all that follows in the Segment, the gigabytes too.
            id::CRC => self
                .notes
                .troubles("a checksum over all of its segment would no longer be right"),
            _ => {}
        }
        self.top.push(element);
        Ok(())
    }

    fn seek_head(&mut self, head: &Element) -> Result<(), ReadError> {
        let mut children = Vec::new();
        for element in self.children(head)? {
            let (mut wanted, mut position) = (None, None);
            let inner = match element.id {
                id::SEEK => self.children(&element)?,
                _ => Vec::new(),
            };
            for child in inner {
                match child.id {
                    id::SEEK_ID => {
                        let id = ebml::unsigned(self.source, &child.body)?;
                        wanted = id.zip(child.end().checked_sub(4));
                    }
                    id::SEEK_POSITION => {
                        position = ebml::unsigned(self.source, &child.body)?.map(|position| (position, child.body));
                    }
                    _ => {}
                }
            }
            let seek = wanted.zip(position).and_then(|((id, id_at), (position, value))| {
                let id = u32::try_from(id).ok()?;
                Some(Seek {
                    id,
                    id_at,
                    position,
                    value,
                })
            });
            children.push((element, seek));
        }
        let element = head.clone();
        self.heads.push(Head { element, children });
        Ok(())
    }

    fn info(&mut self, info: &Element) -> Result<(), ReadError> {
        for child in self.children(info)? {
            match child.id {
                id::TIMESTAMP_SCALE => {
                    self.scale = ebml::unsigned(self.source, &child.body)?.unwrap_or(self.scale);
                }
                id::DURATION => self.duration = ebml::float(self.source, &child.body)?,
                id::TITLE => self.title = ebml::text(self.source, &child.body, LONGEST_TEXT)?.0,
                _ => {}
            }
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
            let (mut uid, mut kind) = (None, None);
            for child in self.children(&track)? {
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

    /// The notes with the places of all tags seen so far.
    fn settled(&mut self) -> Result<Notes, ReadError> {
        let mut notes = self.notes.clone();
        let mut tags = self.lists.iter_mut().flat_map(|list| &mut list.tags);
        tags.try_for_each(|tag| tag.settle(&self.audio_tracks, &mut notes))?;
        Ok(notes)
    }

    /// What can be said only when all has been seen: which tracks there are, and which title is the best.
    fn settle(&mut self) -> Result<(), ReadError> {
        if self.tracks == 0 && self.notes.doubt.is_none() {
            return Err(ReadError::Damaged("there are no tracks in it"));
        }
        self.notes = self.settled()?;
        let tags: Vec<&Tag> = self.lists.iter().flat_map(|list| &list.tags).collect();
        tags::words(&tags, &self.audio_tracks, &self.title, &mut self.notes.words);
        let seconds = self.duration.map(|duration| duration * self.scale as f64 / 1e9);
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        self.notes.words.note_duration(duration);
        Ok(())
    }
}
