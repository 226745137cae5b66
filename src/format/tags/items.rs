//! Whether two versions of a file hold the same items apart from codes, as the second reader sees them.
//!
//! Pictures are not loaded: their bytes are proved by being kept pieces.

use lofty::ape::{ApeItem, ApeTag};
use lofty::config::ParseOptions;
use lofty::id3::v1::Id3v1Tag;
use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::mp4::{Atom, AtomIdent, Ilst};
use lofty::ogg::tag::VorbisComments;

use super::parsed::Parsed;
use super::reader::BoundedReader;
use crate::bytes::source::ReadAt;
use crate::format::Format;
use crate::format::formats::Reader;
use crate::format::notes::code_name;
use crate::format::tags::{TagError, demuxer};

/// What the second reader may find in an edited file beside codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// What it found before.
    Same,
    /// What it found before, and more: the edit put right what kept it from other items.
    More,
}

/// Every item that is not a code, in the order of the file.
#[derive(Debug, Default, PartialEq)]
struct Items {
    frames: Vec<Frame<'static>>,
    ape: Vec<ApeItem>,
    /// None where there is no comment header; an edit may then add one with a vendor of its own.
    vendor: Option<String>,
    comments: Vec<(String, String)>,
    atoms: Vec<Atom<'static>>,
    id3v1: Option<Id3v1Tag>,
    texts: Vec<(String, String)>,
}

/// Proves that `before` and `after` differ in no item but codes. The error says what differs, as the end of a sentence.
/// A format that lofty does not know passes: its own walk is then the only proof.
pub fn same_but_codes(
    before: &(dyn ReadAt + Sync),
    after: &(dyn ReadAt + Sync),
    format: Format,
    expected: Expected,
) -> Result<(), String> {
    let before = match items(before, format) {
        Ok(items) => items,
        Err(TagError::NoReader) => return Ok(()),
        // What the second reader cannot read now proves nothing; the walk's own proof stands alone, and the caller
        // keeps every byte outside the item. Refusing here would refuse files that only lofty stumbles over.
        Err(TagError::Parse(_) | TagError::Demux(_) | TagError::Panicked) => {
            return match items(after, format) {
                Ok(_) if expected == Expected::Same => Err("the second reader sees another file".to_owned()),
                Ok(_) | Err(_) => Ok(()),
            };
        }
    };
    let mut after = items(after, format).map_err(|_| "the second reader cannot read the edited file".to_owned())?;
    if before.vendor.is_none() {
        after.vendor = None;
    }
    if before == after {
        return Ok(());
    }
    let differs = |old: Option<&Id3v1Tag>, new| old != new && (expected == Expected::Same || old.is_some());
    let kind = [
        (other(&before.frames, &after.frames, expected), "ID3v2 frames"),
        (other(&before.ape, &after.ape, expected), "APEv2 items"),
        (before.vendor != after.vendor, "the vendor string"),
        (other(&before.comments, &after.comments, expected), "comments"),
        (other(&before.atoms, &after.atoms, expected), "atoms"),
        (differs(before.id3v1.as_ref(), after.id3v1.as_ref()), "the ID3v1 tag"),
        (other(&before.texts, &after.texts, expected), "texts"),
    ];
    let differing: Vec<&str> = kind
        .iter()
        .filter(|(differs, _)| *differs)
        .map(|(_, name)| *name)
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    Err(format!("the second reader sees other {}", differing.join(" and ")))
}

/// Whether `after` is not as expected beside `before`: items in another order or number, or, where more are allowed,
/// items of before that are missing.
fn other<T: PartialEq>(before: &[T], after: &[T], expected: Expected) -> bool {
    match expected {
        Expected::Same => before != after,
        Expected::More => {
            let mut after = after.iter();
            !before.iter().all(|old| after.any(|new| new == old))
        }
    }
}

fn items(bytes: &(dyn ReadAt + Sync), format: Format) -> Result<Items, TagError> {
    let mut items = Items::default();
    let reader = format.reader().ok_or(TagError::NoReader)?;
    let read = |reader| {
        let mut options = ParseOptions::new().read_properties(false).read_cover_art(false);
        let options = options.implicit_conversions(false);
        Parsed::read(reader, &mut BoundedReader::new(bytes), options)
    };
    if reader == Reader::Matroska {
        items.texts = demuxer::texts(bytes)?;
        return Ok(items);
    }
    let parsed = read(reader)?;
    items.add_comments(parsed.comments());
    match parsed {
        Parsed::Mpeg(file) => items.add(file.id3v2(), file.ape(), file.id3v1()),
        Parsed::Aac(file) => {
            items.add(file.id3v2(), None, file.id3v1());
            // lofty looks for APEv2 where it reads MPEG, and the headers of both look alike.
            if let Parsed::Mpeg(file) = read(Reader::Mpeg)? {
                items.add(None, file.ape(), None);
            }
        }
        Parsed::Flac(file) => items.add(file.id3v2(), None, None),
        Parsed::Vorbis(_) | Parsed::Opus(_) | Parsed::Speex(_) => {}
        Parsed::Mp4(file) => items.add_atoms(file.ilst()),
        Parsed::Wav(file) => {
            items.add(file.id3v2(), None, None);
            items.texts = file.riff_info().into_iter().flatten().cloned().collect();
        }
        Parsed::Aiff(file) => {
            items.add(file.id3v2(), None, None);
            items.texts = vec![("text chunks".to_owned(), format!("{:?}", file.text_chunks()))];
        }
        Parsed::WavPack(file) => items.add(None, file.ape(), file.id3v1()),
        Parsed::Ape(file) => items.add(file.id3v2(), file.ape(), file.id3v1()),
        Parsed::Musepack(file) => items.add(file.id3v2(), file.ape(), file.id3v1()),
    }
    Ok(items)
}

impl Items {
    fn add(&mut self, frames: Option<&Id3v2Tag>, ape: Option<&ApeTag>, id3v1: Option<&Id3v1Tag>) {
        let frames = frames.into_iter().flatten().filter(|frame| !is_code_frame(frame));
        self.frames.extend(frames.cloned());
        let items = ape.into_iter().flatten().filter(|item| !is_code_key(item.key()));
        self.ape.extend(items.cloned());
        self.id3v1 = id3v1.cloned().or(self.id3v1.take());
    }

    fn add_comments(&mut self, tag: Option<&VorbisComments>) {
        let Some(tag) = tag else { return };
        self.vendor = Some(tag.vendor().to_owned());
        let others = tag.items().filter(|(key, _)| !is_code_key(key));
        self.comments
            .extend(others.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    fn add_atoms(&mut self, tag: Option<&Ilst>) {
        let atoms = tag.into_iter().flatten().filter(|atom| !is_code_atom(atom.ident()));
        self.atoms.extend(atoms.cloned());
    }
}

fn is_code_frame(frame: &Frame<'_>) -> bool {
    match frame {
        Frame::UserText(user_text) => is_code_key(&user_text.description),
        other => matches!(other.id_str(), "TSRC" | "TRC" | "TRC "),
    }
}

pub(super) fn is_code_key(key: &str) -> bool {
    code_name(key).is_some()
}

fn is_code_atom(ident: &AtomIdent<'_>) -> bool {
    match ident {
        AtomIdent::Freeform { name, .. } => is_code_key(name),
        AtomIdent::Fourcc(_) => false,
    }
}
