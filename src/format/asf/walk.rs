//! The one walk over the Header Object, its objects, and those of the Header Extension Object in it.

use std::ops::Range;
use std::time::Duration;

use super::{FILE, HEADER, attributes};
use crate::bytes::source::{ReadError, Source};
use crate::format::damaged;
use crate::format::edit::tree::{NodeId, Size, Slack, States, Tree};
use crate::format::notes::Notes;
use crate::format::words::{Holds, Word};

/// Real headers have some dozens of objects and some hundreds of attributes.
pub(super) const MOST_STEPS: u32 = 1 << 16;

/// The GUID and the size of an object.
pub(super) const OBJECT: u64 = 24;

/// Behind GUID and size of the Header Object: the number of objects and two reserved bytes (section 3.1).
const HEADER_FIELDS: u64 = 30;

/// Behind GUID and size of the Header Extension Object: a GUID and a number, both reserved, and the size of what follows
/// (section 3.4).
const EXTENSION_FIELDS: u64 = 46;

pub(super) type Guid = [u8; 16];

/// The objects that are looked into, or that forbid an edit (section 10).
pub(super) mod guids {
    use super::Guid;

    /// As it is written down, in the order in which it is stored.
    const fn guid(a: u32, b: u16, c: u16, d: u64) -> Guid {
        let (a, b, c, d) = (a.to_le_bytes(), b.to_le_bytes(), c.to_le_bytes(), d.to_be_bytes());
        [
            a[0], a[1], a[2], a[3], b[0], b[1], c[0], c[1], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7],
        ]
    }

    pub const FILE_PROPERTIES: Guid = guid(0x8CAB_DCA1, 0xA947, 0x11CF, 0x8EE4_00C0_0C20_5365);
    pub const HEADER_EXTENSION: Guid = guid(0x5FBF_03B5, 0xA92E, 0x11CF, 0x8EE3_00C0_0C20_5365);
    pub const CONTENT_DESCRIPTION: Guid = guid(0x75B2_2633, 0x668E, 0x11CF, 0xA6D9_00AA_0062_CE6C);
    pub const EXTENDED_CONTENT: Guid = guid(0xD2D0_A440, 0xE307, 0x11D2, 0x97F0_00A0_C95E_A850);
    pub const METADATA: Guid = guid(0xC5F8_CBEA, 0x5BAF, 0x4877, 0x8467_AA8C_44FA_4CCA);
    pub const METADATA_LIBRARY: Guid = guid(0x4423_1C94, 0x9498, 0x49D1, 0xA141_1D13_4E45_7054);
    pub const EXTENDED_STREAM: Guid = guid(0x14E6_A5CB, 0xC672, 0x4332, 0x8399_A969_5206_5B5A);
    pub const STREAM_PROPERTIES: Guid = guid(0xB7DC_0791, 0xA9B7, 0x11CF, 0x8EE6_00C0_0C20_5365);
    /// Types of streams that hold no audio (section 10.4).
    pub const VIDEO: Guid = guid(0xBC19_EFC0, 0x5B4D, 0x11CF, 0xA8FD_0080_5F5C_442B);
    pub const SILENT: [Guid; 3] = [
        guid(0x59DA_CFC0, 0x59E6, 0x11D0, 0xA3AC_00A0_C903_48F6),
        guid(0xB61B_E100, 0x5B4E, 0x11CF, 0xA8FD_0080_5F5C_442B),
        guid(0x3590_7DE0, 0xE415, 0x11CF, 0xA917_0080_5F5C_442B),
    ];
    pub const PADDING: Guid = guid(0x1806_D474, 0xCADF, 0x4509, 0xA4BA_9AAB_CB96_AAE8);
    pub const DATA: Guid = guid(0x75B2_2636, 0x668E, 0x11CF, 0xA6D9_00AA_0062_CE6C);
    pub const CONTENT_ENCRYPTION: Guid = guid(0x2211_B3FB, 0xBD23, 0x11D2, 0xB4B7_00A0_C955_FC6E);
    pub const EXTENDED_ENCRYPTION: Guid = guid(0x298A_E614, 0x2622, 0x4C17, 0xB935_DAE0_7EE9_289C);
    pub const ADVANCED_ENCRYPTION: Guid = guid(0x4305_8533, 0x6981, 0x49E6, 0x9B74_AD12_CB86_D58C);
    pub const DIGITAL_SIGNATURE: Guid = guid(0x2211_B3FC, 0xBD23, 0x11D2, 0xB4B7_00A0_C955_FC6E);
}

pub(super) struct Walk<'w, 'b> {
    pub source: &'w mut Source<'b>,
    pub notes: Notes,
    pub tree: Tree<'static>,
    pub slacks: Vec<Slack>,
}

impl Walk<'_, '_> {
    /// Walks the header; gives the Data Object behind it.
    pub(super) fn header(&mut self, start: u64) -> Result<Range<u64>, ReadError> {
        let size = Size::Le64.read_at(self.source, start + 16)?;
        let stated = Size::Le32.read_at(self.source, start + 24)?;
        if size < HEADER_FIELDS {
            return damaged("its header has no room for its own fields");
        }
        let end = start.saturating_add(size);
        self.source.reach(end)?;
        self.tree.sized(start..end, Some(FILE), start + 16, Size::Le64, 0);
        let count = self.objects(start + HEADER_FIELDS..end, HEADER)?;
        if count != stated {
            const WRONG: &str = "the number of the objects in its header is wrong";
            self.notes.troubles(WRONG);
            // All were read, and other programs may stop sooner.
            if self.notes.places.is_empty() {
                self.notes.hides(WRONG);
            }
        }
        self.tree.field(HEADER, start + 24, Size::Le32, States::Count(count));
        self.behind(end)
    }

    /// The objects in a range, which they fill. Gives their number.
    fn objects(&mut self, range: Range<u64>, inside: NodeId) -> Result<u64, ReadError> {
        let (mut at, mut count) = (range.start, 0);
        while at < range.end {
            self.notes.spend()?;
            if range.end - at < OBJECT {
                self.notes.hides("bytes that are no object stand in its header");
                break;
            }
            let guid: Guid = self.source.array(at)?;
            let size = Size::Le64.read_at(self.source, at + 16)?;
            if size < OBJECT || size > range.end - at {
                self.notes.hides("an object of its header has a size that cannot be");
                break;
            }
            count += 1;
            let node = self.tree.sized(at..at + size, Some(inside), at + 16, Size::Le64, 0);
            self.tree.nodes[node].is_roomy = true;
            self.object(guid, at..at + size, node)?;
            at += size;
        }
        Ok(count)
    }

    fn object(&mut self, guid: Guid, range: Range<u64>, node: NodeId) -> Result<(), ReadError> {
        use guids::*;
        let is_inner = self.tree.nodes[node].inside != Some(HEADER);
        match guid {
            FILE_PROPERTIES => self.file_properties(range)?,
            CONTENT_DESCRIPTION => self.content_description(range)?,
            HEADER_EXTENSION if !is_inner => self.extension(range, node)?,
            EXTENDED_CONTENT | METADATA | METADATA_LIBRARY => self.attributes(guid, range, node)?,
            STREAM_PROPERTIES if range.end - range.start >= OBJECT + 16 => {
                let kind = self.source.array(range.start + OBJECT)?;
                self.notes.track(match kind {
                    VIDEO => Holds::Video,
                    _ if SILENT.contains(&kind) => Holds::Other,
                    _ => Holds::Sound,
                });
            }
            EXTENDED_STREAM => self.extended_stream(range, node)?,
            PADDING => self.slacks.push(Slack::new(node, range, OBJECT)),
            CONTENT_ENCRYPTION | EXTENDED_ENCRYPTION | ADVANCED_ENCRYPTION => self.notes.troubles("it is encrypted"),
            DIGITAL_SIGNATURE => {
                self.notes
                    .troubles("it is signed, and the signature would no longer be right");
            }
            _ => {}
        }
        Ok(())
    }

    /// Section 3.2.
    fn file_properties(&mut self, range: Range<u64>) -> Result<(), ReadError> {
        const BROADCAST: u64 = 1;
        if range.end - range.start < 104 {
            self.notes.troubles("its File Properties Object is too short");
            return Ok(());
        }
        let at = range.start;
        if Size::Le32.read_at(self.source, at + 88)? & BROADCAST != 0 {
            self.notes
                .troubles("it is a broadcast that was not finished: its sizes are not known");
            return Ok(());
        }
        // In 100 ns, the milliseconds of the preroll among them.
        let played = Duration::from_nanos(Size::Le64.read_at(self.source, at + 64)?.saturating_mul(100));
        let preroll = Duration::from_millis(Size::Le64.read_at(self.source, at + 80)?);
        self.notes.words.note_duration(played.checked_sub(preroll));
        // As little wrong afterwards as before: some programs count what is behind the audio, others do not.
        let file = &self.tree.nodes[FILE].range;
        let len = file.end - file.start;
        if let Some(without) = len.checked_sub(Size::Le64.read_at(self.source, at + 40)?) {
            self.tree.field(FILE, at + 40, Size::Le64, States::Length { without });
        }
        Ok(())
    }

    fn extension(&mut self, range: Range<u64>, node: NodeId) -> Result<(), ReadError> {
        let Some(size) = (range.end - range.start).checked_sub(EXTENSION_FIELDS) else {
            self.notes.hides("its Header Extension Object is too short");
            return Ok(());
        };
        if Size::Le32.read_at(self.source, range.start + 42)? != size {
            self.notes
                .troubles("the two sizes of its Header Extension Object differ");
        }
        let without = EXTENSION_FIELDS;
        self.tree
            .field(node, range.start + 42, Size::Le32, States::Length { without });
        self.objects(range.start + EXTENSION_FIELDS..range.end, node)?;
        Ok(())
    }

    /// Section 4.1: the Stream Properties Object of a stream may be the last thing in it, and is nowhere else then.
    fn extended_stream(&mut self, range: Range<u64>, node: NodeId) -> Result<(), ReadError> {
        const LOOKED_AT: u64 = 4096;
        let len = range.end - range.start;
        let view = self.source.at(range.start, len.min(LOOKED_AT) as usize)?;
        match memchr::memmem::find(view, &guids::STREAM_PROPERTIES) {
            Some(at) => self.object(guids::STREAM_PROPERTIES, range.start + at as u64..range.end, node)?,
            None if len > LOOKED_AT => self.notes.track(Holds::Sound),
            None => {}
        }
        Ok(())
    }

    /// Section 3.10: the lengths of title, author, copyright, description and rating, then the texts.
    fn content_description(&mut self, range: Range<u64>) -> Result<(), ReadError> {
        let lengths = range.start + OBJECT;
        let mut at = lengths + 10;
        for (index, word) in [Word::Title, Word::Artist].into_iter().enumerate() {
            if at > range.end {
                break;
            }
            let length = Size::Le16.read_at(self.source, lengths + 2 * index as u64)?;
            if length > range.end - at {
                break;
            }
            let text = attributes::text(self.source, &(at..at + length))?;
            self.notes.words.note(word, &text);
            at += length;
        }
        Ok(())
    }

    /// The Data Object follows the header (section 2.3).
    fn behind(&mut self, at: u64) -> Result<Range<u64>, ReadError> {
        const NO_AUDIO: ReadError = ReadError::Damaged("no audio follows its header");
        let len = self.source.len();
        if len - at < OBJECT || self.source.lone_array::<16>(at)? != guids::DATA {
            return Err(NO_AUDIO);
        }
        let end = match Size::Le64.read_at(self.source, at + 16)? {
            // Section 4.1: while the file is being written.
            0 => {
                self.notes
                    .troubles("it was not finished: the size of its audio is not known");
                len
            }
            size @ OBJECT.. => at.saturating_add(size),
            _ => return Err(NO_AUDIO),
        };
        self.source.reach(end)?;
        Ok(at..end)
    }
}
