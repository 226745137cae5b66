//! The one walk over the Header Object, its objects, and those of the Header Extension Object in it.

use std::ops::Range;
use std::time::Duration;

use super::attributes;
use crate::format::identify::Front;
use crate::format::place::{Access, Place, PlaceName, Standing};
use crate::format::words::{Word, Words};
use crate::source::{ReadError, Source};

/// Real headers have some dozens of objects and some hundreds of attributes.
const MOST_STEPS: u32 = 1 << 16;

/// More codes than this in one file are not looked at.
const MOST_PLACES: usize = 4096;

/// The GUID and the size of an object.
pub(super) const OBJECT: u64 = 24;

/// Behind GUID and size of the Header Object: the number of objects and two reserved bytes (section 3.1).
const HEADER: u64 = 30;

/// Behind GUID and size of the Header Extension Object: a GUID and a number, both reserved, and the size of what follows
/// (section 3.4).
pub(super) const EXTENSION: u64 = 46;

type Guid = [u8; 16];

/// A GUID as it is written down (section 10), in the order in which it is stored.
const fn guid(a: u32, b: u16, c: u16, d: u64) -> Guid {
    let (a, b, c, d) = (a.to_le_bytes(), b.to_le_bytes(), c.to_le_bytes(), d.to_be_bytes());
    [
        a[0], a[1], a[2], a[3], b[0], b[1], c[0], c[1], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7],
    ]
}

pub(super) const FILE_PROPERTIES: Guid = guid(0x8CAB_DCA1, 0xA947, 0x11CF, 0x8EE4_00C0_0C20_5365);
pub(super) const HEADER_EXTENSION: Guid = guid(0x5FBF_03B5, 0xA92E, 0x11CF, 0x8EE3_00C0_0C20_5365);
pub(super) const CONTENT_DESCRIPTION: Guid = guid(0x75B2_2633, 0x668E, 0x11CF, 0xA6D9_00AA_0062_CE6C);
pub(super) const EXTENDED_CONTENT: Guid = guid(0xD2D0_A440, 0xE307, 0x11D2, 0x97F0_00A0_C95E_A850);
pub(super) const METADATA: Guid = guid(0xC5F8_CBEA, 0x5BAF, 0x4877, 0x8467_AA8C_44FA_4CCA);
pub(super) const METADATA_LIBRARY: Guid = guid(0x4423_1C94, 0x9498, 0x49D1, 0xA141_1D13_4E45_7054);
pub(super) const PADDING: Guid = guid(0x1806_D474, 0xCADF, 0x4509, 0xA4BA_9AAB_CB96_AAE8);
const DATA: Guid = guid(0x75B2_2636, 0x668E, 0x11CF, 0xA6D9_00AA_0062_CE6C);
const CONTENT_ENCRYPTION: Guid = guid(0x2211_B3FB, 0xBD23, 0x11D2, 0xB4B7_00A0_C955_FC6E);
const EXTENDED_ENCRYPTION: Guid = guid(0x298A_E614, 0x2622, 0x4C17, 0xB935_DAE0_7EE9_289C);
const ADVANCED_ENCRYPTION: Guid = guid(0x4305_8533, 0x6981, 0x49E6, 0x9B74_AD12_CB86_D58C);
const DIGITAL_SIGNATURE: Guid = guid(0x2211_B3FC, 0xBD23, 0x11D2, 0xB4B7_00A0_C955_FC6E);

/// One object of the header, checked against what encloses it.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub guid: Guid,
    pub range: Range<u64>,
    /// It stands in the Header Extension Object.
    pub is_inner: bool,
}

#[derive(Debug, Default)]
pub(super) struct Structure {
    pub header: Range<u64>,
    /// Those of the Header Extension Object behind it.
    pub objects: Vec<Object>,
    pub places: Vec<Place>,
    /// The attributes that the places stand in, in their order.
    pub attributes: Vec<attributes::Attribute>,
    /// What follows the header, if it is the Data Object.
    pub data: Option<Range<u64>>,
    pub words: Words,
    /// Why the file is read and not edited.
    pub trouble: Option<&'static str>,
    /// Why codes may stand in it that were not seen.
    pub doubt: Option<&'static str>,
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
    walk.header(front.start)?;
    Ok(walk.found)
}

pub(super) struct Walk<'w, 'b> {
    pub source: &'w mut Source<'b>,
    steps: u32,
    pub found: Structure,
}

impl Walk<'_, '_> {
    pub(super) fn spend(&mut self) -> Result<(), ReadError> {
        self.steps = self
            .steps
            .checked_sub(1)
            .ok_or(ReadError::Damaged("its header has more objects than any real file"))?;
        Ok(())
    }

    pub(super) fn hides(&mut self, doubt: &'static str) {
        self.found.doubt.get_or_insert(doubt);
    }

    fn troubles(&mut self, trouble: &'static str) {
        self.found.trouble.get_or_insert(trouble);
    }

    fn header(&mut self, start: u64) -> Result<(), ReadError> {
        let size = u64::from_le_bytes(self.source.array(start + 16)?);
        let count = u32::from_le_bytes(self.source.array(start + 24)?);
        if size < HEADER {
            return Err(ReadError::Damaged("its header has no room for its own fields"));
        }
        let len = self.source.len();
        let end = start.checked_add(size).filter(|end| *end <= len);
        let end = end.ok_or(ReadError::CutShort {
            needed: start.saturating_add(size),
            len,
        })?;
        self.found.header = start..end;
        let found = self.objects(start + HEADER..end, false)?;
        if found != u64::from(count) {
            self.troubles("the number of the objects in its header is wrong");
        }
        self.behind(end)
    }

    /// The objects in a range, which they fill. Gives their number.
    fn objects(&mut self, range: Range<u64>, is_inner: bool) -> Result<u64, ReadError> {
        const WRONG: &str = "an object of its header has a size that cannot be";
        let (mut at, mut count) = (range.start, 0);
        while at < range.end {
            self.spend()?;
            if range.end - at < OBJECT {
                self.hides("bytes that are no object stand in its header");
                break;
            }
            let guid: Guid = self.source.array(at)?;
            let size = u64::from_le_bytes(self.source.array(at + 16)?);
            if size < OBJECT || size > range.end - at {
                self.hides(WRONG);
                break;
            }
            count += 1;
            let object = Object {
                guid,
                range: at..at + size,
                is_inner,
            };
            self.found.objects.push(object);
            self.object(guid, at..at + size, is_inner)?;
            at += size;
        }
        Ok(count)
    }

    fn object(&mut self, guid: Guid, range: Range<u64>, is_inner: bool) -> Result<(), ReadError> {
        match guid {
            FILE_PROPERTIES => self.file_properties(range),
            CONTENT_DESCRIPTION => self.content_description(range),
            HEADER_EXTENSION if !is_inner => self.extension(range),
            EXTENDED_CONTENT | METADATA | METADATA_LIBRARY => self.attributes(guid, range),
            CONTENT_ENCRYPTION | EXTENDED_ENCRYPTION | ADVANCED_ENCRYPTION => {
                self.troubles("it is encrypted");
                Ok(())
            }
            DIGITAL_SIGNATURE => {
                self.troubles("it is signed, and the signature would no longer be right");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Section 3.2.
    fn file_properties(&mut self, range: Range<u64>) -> Result<(), ReadError> {
        const BROADCAST: u32 = 1;
        if range.end - range.start < 104 {
            self.troubles("its File Properties Object is too short");
            return Ok(());
        }
        let at = range.start;
        let played = u64::from_le_bytes(self.source.array(at + 64)?);
        let preroll = u64::from_le_bytes(self.source.array(at + 80)?);
        if u32::from_le_bytes(self.source.array(at + 88)?) & BROADCAST != 0 {
            self.troubles("it is a broadcast that was not finished: its sizes are not known");
            return Ok(());
        }
        // In 100 ns, the milliseconds of the preroll among them.
        let played = Duration::from_nanos(played.saturating_mul(100));
        let duration = played.checked_sub(Duration::from_millis(preroll));
        self.found.words.note_duration(duration);
        Ok(())
    }

    fn extension(&mut self, range: Range<u64>) -> Result<(), ReadError> {
        if range.end - range.start < EXTENSION {
            self.hides("its Header Extension Object is too short");
            return Ok(());
        }
        let stated = u32::from_le_bytes(self.source.array(range.start + 42)?);
        if u64::from(stated) != range.end - range.start - EXTENSION {
            self.troubles("the two sizes of its Header Extension Object differ");
        }
        self.objects(range.start + EXTENSION..range.end, true)?;
        Ok(())
    }

    /// Section 3.10: the lengths of title, author, copyright, description and rating, then the texts.
    fn content_description(&mut self, range: Range<u64>) -> Result<(), ReadError> {
        let body = range.start + OBJECT;
        if range.end - body < 10 {
            return Ok(());
        }
        let lengths: [u8; 10] = self.source.array(body)?;
        let mut at = body + 10;
        for (index, word) in [Word::Title, Word::Artist].into_iter().enumerate() {
            let length = u64::from(u16::from_le_bytes([lengths[2 * index], lengths[2 * index + 1]]));
            if length > range.end - at {
                break;
            }
            let text = attributes::text(self.source, &(at..at + length))?;
            self.found.words.note(word, &text);
            at += length;
        }
        Ok(())
    }

    /// The places of one attribute.
    pub(super) fn places(
        &mut self,
        name: PlaceName,
        key: Option<Box<str>>,
        pieces: Vec<(Range<u64>, String)>,
        standing: Standing,
    ) -> Result<(), ReadError> {
        if self.found.places.len() + pieces.len() > MOST_PLACES {
            return Err(ReadError::Damaged("more codes than any real file has"));
        }
        let item = self.found.places.last().map_or(0, |place| place.item + 1);
        self.found.places.extend(pieces.into_iter().map(|(span, text)| Place {
            name: name.clone(),
            key: key.clone(),
            text,
            span,
            item,
            standing,
            access: Access::Write,
        }));
        Ok(())
    }

    /// The Data Object follows the header (section 2.3).
    fn behind(&mut self, at: u64) -> Result<(), ReadError> {
        let len = self.source.len();
        if len - at < OBJECT || self.source.lone_array::<16>(at)? != DATA {
            return Err(ReadError::Damaged("no audio follows its header"));
        }
        let size = u64::from_le_bytes(self.source.array(at + 16)?);
        match at.checked_add(size).filter(|_| size >= OBJECT) {
            Some(end) if end <= len => self.found.data = Some(at..end),
            // Section 4.1: 0 while the file is being written.
            _ if size == 0 => {
                self.troubles("it was not finished: the size of its audio is not known");
                self.found.data = Some(at..len);
            }
            _ => {
                return Err(ReadError::CutShort {
                    needed: at.saturating_add(size),
                    len,
                });
            }
        }
        Ok(())
    }
}
