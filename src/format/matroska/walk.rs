//! The one walk over the elements of the Segment, down to where tags and what leads to them are.

use std::ops::RangeInclusive;

use super::ebml::{self, Element, NO_ELEMENT, OPEN};
use crate::bytes::source::{ReadError, Source};
use crate::format::notes::Notes;
use crate::format::stream::identify::Front;
use crate::format::words::{Holds, Medium};
use crate::format::{Depth, Format, WalkOutcome, damaged};

/// A film of some hours has some ten thousand clusters, and a live recording of an hour, of which every block is stepped
/// over, some two hundred thousand. A walk of this many elements takes about a second.
const MOST_STEPS: u32 = 1 << 20;

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
    pub const TAG: u32 = 0x7373;
    pub const TARGETS: u32 = 0x63C0;
    pub const TARGET_TYPE_VALUE: u32 = 0x68CA;
    pub const TAG_TRACK_UID: u32 = 0x63C5;
    pub const TAG_EDITION_UID: u32 = 0x63C9;
    pub const TAG_CHAPTER_UID: u32 = 0x63C4;
    pub const TAG_ATTACHMENT_UID: u32 = 0x63C6;
    pub const SIMPLE_TAG: u32 = 0x67C8;
    pub const TAG_NAME: u32 = 0x45A3;
    pub const TAG_STRING: u32 = 0x4487;

    /// Those that are in the Segment, and so end a Cluster whose size is not stated.
    pub fn is_of_segment(id: u32) -> bool {
        matches!(
            id,
            SEEK_HEAD | INFO | TRACKS | CLUSTER | CUES | CHAPTERS | ATTACHMENTS | TAGS | SEGMENT | EBML
        )
    }

    /// Whether what is in an element is looked at. A tag in a tag is about that one: the code of a sample is none of the
    /// file's.
    pub fn is_looked_into(parent: u32, id: u32) -> bool {
        matches!(
            (parent, id),
            (SEGMENT, SEEK_HEAD | INFO | TRACKS | TAGS)
                | (SEEK_HEAD, SEEK)
                | (TRACKS, TRACK)
                | (TAGS, TAG)
                | (TAG, TARGETS | SIMPLE_TAG)
        )
    }
}

/// What the EBML header says of every file of today (RFC 8794, section 11.2): the versions that a reader must know, and how
/// wide the numbers of an element may be.
const USUAL: [(u32, RangeInclusive<u64>, &str); 4] = [
    (id::READ_VERSION, 1..=1, OTHER_VERSION),
    (id::MAX_ID_LENGTH, 4..=4, OTHER_WIDTHS),
    (id::MAX_SIZE_LENGTH, 8..=8, OTHER_WIDTHS),
    (id::DOC_TYPE_READ_VERSION, 1..=4, OTHER_VERSION),
];

const OTHER_VERSION: &str = "its EBML header asks for a reader of another version";
const OTHER_WIDTHS: &str = "its EBML header says that its numbers are of other widths than usual";

#[derive(Debug)]
pub(super) struct Structure {
    pub segment: Element,
    /// The elements of the Segment, but for clusters, in rising order. Behind the first cluster only those that the
    /// SeekHead lists, and what follows the last of them.
    pub top: Vec<Element>,
    pub first_cluster: Option<u64>,
    pub notes: Notes,
    /// What the SeekHead lists behind the first cluster was looked at.
    pub is_whole: bool,
}

/// What the SeekHead says of an element (RFC 9559, section 5.1.1).
pub(super) struct Seek<'e> {
    pub id: u32,
    /// Where the last four bytes of its ID are, which are all of an ID of the Segment's elements.
    pub id_at: u64,
    /// Where the element is in the file.
    pub at: u64,
    /// Which holds that, from the first byte of the Segment's body on.
    pub position: &'e Element,
}

pub(crate) fn walk(source: &mut Source, front: &Front, depth: Depth) -> Result<WalkOutcome, ReadError> {
    let mut notes = Notes::new(front, MOST_STEPS);
    let mut found = Structure {
        segment: segment(source, front.start, &mut notes)?,
        top: Vec::new(),
        first_cluster: None,
        notes,
        is_whole: true,
    };
    found.walk(source, depth)?;
    found.notes.look_behind(source, found.segment.end())?;
    let mut located = found.notes.located(front)?;
    // No other reader is asked, also where nothing is said.
    located.words.get_or_insert_default();
    Ok(WalkOutcome {
        is_whole: found.is_whole,
        ..WalkOutcome::of(located, found)
    })
}

/// The kind of a file of EBML elements, by its DocType; none if it is another one.
pub(crate) fn doc_type(source: &mut Source, start: u64) -> Result<Option<Format>, ReadError> {
    let len = source.len();
    let Some(mut header) = ebml::read(source, start, len)?.filter(|header| header.end() <= len) else {
        return Ok(None);
    };
    header.look_into(source, &mut Notes::of(Vec::new(), 64))?;
    let Some(doc_type) = header.get(id::DOC_TYPE) else {
        return Ok(None);
    };
    Ok(match &*doc_type.text(source, 16)?.0 {
        "matroska" => Some(Format::Matroska),
        "webm" => Some(Format::Webm),
        _ => None,
    })
}

/// The Segment. Only what means nothing may be between the EBML header and it.
fn segment(source: &mut Source, start: u64, notes: &mut Notes) -> Result<Element, ReadError> {
    let len = source.len();
    let mut at = start;
    for _ in 0..16 {
        let Some(mut element) = (at < len).then(|| ebml::read(source, at, len)).transpose()?.flatten() else {
            break;
        };
        let needed = element.end();
        if needed > len {
            return Err(ReadError::CutShort { needed, len });
        }
        match element.id {
            id::SEGMENT => return Ok(element),
            id::EBML | id::VOID | id::CRC if !element.is_open => {}
            _ => break,
        }
        if element.id == id::EBML {
            element.look_into(source, notes)?;
        }
        for (id, usual, other) in USUAL {
            if element.number_of(id).is_some_and(|number| !usual.contains(&number)) {
                notes.troubles(other);
            }
        }
        at = needed;
    }
    damaged("no segment follows its EBML header")
}

impl Structure {
    /// The elements of the Segment that have this ID.
    pub(super) fn all(&self, id: u32) -> impl Iterator<Item = &Element> {
        self.top.iter().filter(move |element| element.id == id)
    }

    /// What an element of a SeekHead says, if it is an entry.
    pub(super) fn seek<'e>(&self, seek: &'e Element) -> Option<Seek<'e>> {
        let name = seek.get(id::SEEK_ID).filter(|_| seek.id == id::SEEK)?;
        let position = seek.get(id::SEEK_POSITION)?;
        Some(Seek {
            id: name.number?.try_into().ok()?,
            id_at: name.end().checked_sub(4)?,
            at: self.segment.body.start.saturating_add(position.number?),
            position,
        })
    }

    /// All that is listed.
    pub(super) fn seeks(&self) -> impl Iterator<Item = Seek<'_>> {
        let entries = self.all(id::SEEK_HEAD).flat_map(|head| &head.inside);
        entries.filter_map(|entry| self.seek(entry))
    }

    pub(super) fn tracks(&self) -> impl Iterator<Item = &Element> {
        self.all(id::TRACKS).flat_map(|tracks| tracks.all(id::TRACK))
    }

    fn walk(&mut self, source: &mut Source, depth: Depth) -> Result<(), ReadError> {
        let start = self.segment.body.start;
        self.first_cluster = self.row(source, start, true)?;
        let mut in_front = None;
        if let Some(first) = self.first_cluster {
            in_front = self.enough(source, first, depth)?;
            self.is_whole = in_front.is_none();
            if self.is_whole {
                let next = self.listed(source, first)?;
                // A writer that lists no tags may have put some among the rest. In a film nobody looks for them cluster by
                // cluster.
                let is_film = self.notes.words.medium == Some(Medium::Video);
                let next = next.filter(|_| self.all(id::TAGS).next().is_some() || is_film);
                self.row(source, next.unwrap_or(first), false)?;
                self.top.sort_by_key(|element| element.start);
            }
        }
        if self.tracks().next().is_none() && self.notes.doubt.is_none() {
            return damaged("there are no tracks in it");
        }
        self.notes = match in_front {
            Some(notes) => notes,
            None => self.read_tags(source, true)?.0,
        };
        Ok(())
    }

    /// What the tags in front of the `first` cluster say, if the file's code is among them and no other list of tags is
    /// known of.
    fn enough(&self, source: &mut Source, first: u64, depth: Depth) -> Result<Option<Notes>, ReadError> {
        let mut seeks = self.seeks();
        let is_more = |seek: Seek| seek.at > first && matches!(seek.id, id::TAGS | id::SEEK_HEAD);
        if depth == Depth::Whole || self.tracks().next().is_none() || seeks.any(is_more) {
            return Ok(None);
        }
        let notes = self.read_tags(source, true)?.0;
        Ok(depth.is_enough(&notes.places).then_some(notes))
    }

    /// Walks the elements of the Segment from `at` on to its end, or up to the first cluster, which it gives.
    fn row(&mut self, source: &mut Source, mut at: u64, to_cluster: bool) -> Result<Option<u64>, ReadError> {
        let end = self.segment.end();
        while at < end {
            self.notes.spend()?;
            let Some(element) = ebml::read(source, at, end)? else {
                self.notes.hides(NO_ELEMENT);
                break;
            };
            let (needed, len) = (element.end(), source.len());
            if needed > end {
                return Err(ReadError::CutShort { needed, len });
            }
            match element.id {
                id::CLUSTER if to_cluster => return Ok(Some(at)),
                id::SEGMENT | id::EBML => {
                    self.notes.troubles("there are two segments in it");
                    break;
                }
                id::CLUSTER if element.is_open => at = self.end_of_cluster(source, &element)?,
                id::CLUSTER => at = needed,
                _ if element.is_open => {
                    self.notes.hides(OPEN);
                    break;
                }
                _ => {
                    at = needed;
                    self.note(source, element)?;
                }
            }
        }
        Ok(None)
    }

    /// Where a cluster of no stated size ends: at the next element that is in the Segment.
    fn end_of_cluster(&mut self, source: &mut Source, cluster: &Element) -> Result<u64, ReadError> {
        let mut at = cluster.body.start;
        while at < cluster.end() {
            self.notes.spend()?;
            match ebml::read(source, at, cluster.end())? {
                Some(element) if id::is_of_segment(element.id) => break,
                // A live recording that was broken off ends anywhere.
                Some(element) if !element.is_open => at = element.end().min(cluster.end()),
                Some(_) | None => {
                    self.notes.hides(NO_ELEMENT);
                    return Ok(cluster.end());
                }
            }
        }
        Ok(at)
    }

    /// Looks at what the SeekHead lists behind the first cluster; gives where the last of it ends.
    fn listed(&mut self, source: &mut Source, first: u64) -> Result<Option<u64>, ReadError> {
        let (mut last, mut done, end) = (None, 0, self.segment.end());
        // A second SeekHead is listed in the first one.
        loop {
            let Some(head) = self.all(id::SEEK_HEAD).nth(done) else {
                return Ok(last);
            };
            done += 1;
            let seeks = head.inside.iter().filter_map(|entry| self.seek(entry));
            let seeks: Vec<(u32, u64)> = seeks.map(|seek| (seek.id, seek.at)).collect();
            for (id, at) in seeks {
                if at <= first || at >= end || id == id::CLUSTER {
                    continue;
                }
                self.notes.spend()?;
                match ebml::read(source, at, end)? {
                    Some(element) if element.id == id && !element.is_open && element.end() <= end => {
                        last = last.max(Some(element.end()));
                        self.note(source, element)?;
                    }
                    _ => self.notes.troubles("its SeekHead lists what is not there"),
                }
            }
        }
    }

    /// One element of the Segment.
    fn note(&mut self, source: &mut Source, mut element: Element) -> Result<(), ReadError> {
        if self.top.iter().any(|other| other.start == element.start) {
            return Ok(());
        }
        if self.top.len() == MOST_TOP {
            return damaged("it has more elements than any real file");
        }
        if id::is_looked_into(id::SEGMENT, element.id) {
            element.look_into(source, &mut self.notes)?;
        }
        for track in element.all(id::TRACK) {
            self.notes.track(match track.number_of(id::TRACK_TYPE) {
                Some(1) => Holds::Video,
                // Pictures, subtitles, buttons, commands, data (RFC 9559, section 5.1.4.1.3).
                Some(16 | 17 | 18 | 32 | 33) => Holds::Other,
                Some(_) | None => Holds::Sound,
            });
        }
        if element.id == id::CRC {
            // Of all that follows in the Segment, the gigabytes too.
            self.notes
                .troubles("a checksum over all of its segment would no longer be right");
        }
        self.top.push(element);
        Ok(())
    }
}
