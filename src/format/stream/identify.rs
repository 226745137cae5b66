//! Tells the kind of a file by its content, past any tags in front.

use std::ops::Range;

use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::Tree;
use crate::format::formats::{self, Formats};
use crate::format::id3v2::{self, Tag};
use crate::format::place::{Access, Place, Standing};
use crate::format::stream::{is_bare, mpeg};
use crate::format::{Format, apev2, damaged, matroska, ogg};

/// How far from the tags the container may begin, behind zeros or junk.
const JUNK_LIMIT: u64 = 64 * 1024;

/// How much of a bare stream is looked at behind the farthest place where it may begin.
const ROW: u64 = 64 * 1024;

/// The most frames that are looked at in one search: a hostile file is full of them.
const STEPS: u32 = 1 << 18;

/// The most streams of a free bit rate that are measured in one search.
const MEASURED: u32 = 64;

/// The most tags in front, one behind the other.
const MOST_TAGS: usize = 16;

const JUNK: &str = "bytes that belong to no tag stand in front of it";
const OTHER_TAG: &str = "a tag of another kind stands in front of it";

/// What is at the front of a file: the tags, and where the container proper begins.
#[derive(Debug, Clone)]
pub(in crate::format) struct Front {
    pub format: Format,
    /// ID3v2 tags in front of the container, in order. Other tags and junk may be between them.
    pub tags: Vec<Tag>,
    /// Offset of the container's own first byte.
    pub start: u64,
    /// Behind which offset most other programs look for no tag and no container, and why.
    pub hidden: Option<(u64, &'static str)>,
}

impl Front {
    fn of(format: Format, start: u64) -> Front {
        Front {
            format,
            tags: Vec::new(),
            start,
            hidden: None,
        }
    }

    /// Why most other programs do not get to what is at `at`, in a tag in front or in the container. That of bare streams,
    /// which may begin anywhere, does not count.
    pub(in crate::format) fn hides(&self, at: u64) -> Option<&'static str> {
        let (from, reason) = self.hidden?;
        let is_behind = from < at && (at < self.start || !is_bare(self.format));
        is_behind.then_some(reason)
    }

    pub(in crate::format) fn inflates(&self) -> bool {
        self.tags.iter().any(|tag| tag.inflates)
    }

    /// The places in the tags, for a container whose own tag is another one.
    pub(in crate::format) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for tag in &self.tags {
            tag.places(Standing::Odd, &mut places);
        }
        places
    }

    /// As [`Front::places`], where no program expects a tag in front of the container.
    pub(in crate::format) fn odd_places(&self) -> Vec<Place> {
        let mut places = self.places();
        for place in &mut places {
            place.access = Access::ReadOnly;
        }
        places
    }

    /// Declares what of the tags can be edited; none of them takes new codes.
    pub(in crate::format) fn declare<'t>(&'t self, source: &mut Source, tree: &mut Tree<'t>) -> Result<(), ReadError> {
        self.tags
            .iter()
            .try_for_each(|tag| tag.declare(source, tree, None, false))
    }

    /// As in [`crate::format::Located`].
    pub(in crate::format) fn is_forgiven(&self) -> bool {
        self.tags.iter().any(Tag::is_forgiven)
    }

    /// Programs differ in which of several tags they read.
    pub(in crate::format) fn picture(&self) -> Option<Range<u64>> {
        match &self.tags[..] {
            [tag] => tag.picture(),
            _ => None,
        }
    }

    /// Why codes may be in front that were not seen.
    pub(in crate::format) fn doubt(&self) -> Option<&'static str> {
        self.tags.iter().find_map(Tag::doubt)
    }
}

/// Tells the format. `extension` (in lower case) is asked only where the content leaves it open: how much of a bare
/// stream must be seen, and what a file is in which nothing is recognised.
pub(in crate::format) fn identify(source: &mut Source, extension: Option<&str>) -> Result<Front, ReadError> {
    if source.is_empty() {
        return Err(ReadError::Empty);
    }
    let claimed = extension.and_then(|extension| formats::claimed(extension.as_bytes()));
    let claimed = claimed.unwrap_or_default();
    match by_content(source, extension, claimed) {
        Err(error @ (ReadError::NotAudio | ReadError::Damaged(_) | ReadError::CutShort { .. })) => {
            // Nobody here can say that it is not whole.
            let unread = claimed.unread().ok_or(error)?;
            Ok(Front::of(unread, 0))
        }
        told => told,
    }
}

fn by_content(source: &mut Source, extension: Option<&str>, claimed: Formats) -> Result<Front, ReadError> {
    let mut tags = Vec::new();
    let mut at = 0;
    let mut hidden = None;
    let found = loop {
        at = step_over_tags(source, at, &mut tags, &mut hidden)?;
        if at >= source.len() {
            break None;
        }
        match told(source, at, claimed, !tags.is_empty())? {
            Glance::Format(format) => break Some((format, at)),
            Glance::NotAudio => return Err(ReadError::NotAudio),
            Glance::Open => {}
        }
        match search(source, at, extension, claimed)? {
            Behind::Tag(found) if tags.len() < MOST_TAGS => {
                hidden.get_or_insert((at, JUNK));
                at = found;
            }
            Behind::Tag(_) | Behind::Nothing => {
                break is_old_musepack(source, at, claimed)?.then_some((Format::Musepack, at));
            }
            Behind::Container(format, start) => {
                hidden = hidden.or((start > at).then_some((at, JUNK)));
                break Some((format, start));
            }
        }
    };
    if let Some((format, start)) = found {
        return Ok(Front {
            tags,
            hidden,
            ..Front::of(format, start)
        });
    }
    let tag = tags.last().ok_or(ReadError::NotAudio)?;
    source.reach(tag.overshoot().unwrap_or(0))?;
    damaged("there is a tag but no audio behind it")
}

/// Walks the tags that are at `at`, one behind the other, and returns where they end.
fn step_over_tags(
    source: &mut Source,
    mut at: u64,
    tags: &mut Vec<Tag>,
    hidden: &mut Option<(u64, &'static str)>,
) -> Result<u64, ReadError> {
    for _ in 0..MOST_TAGS {
        // The first read of a file is the one that serves all of a small front.
        let magic = source.at(at, (source.len() - at).min(8) as usize)?;
        if magic.starts_with(b"ID3") && tags.len() < MOST_TAGS {
            let Some(tag) = id3v2::walk(source, at, source.len())? else {
                break;
            };
            // A size that goes past the end of the file is wrong: the container follows the frames.
            at = if tag.overshoot().is_some() {
                tag.frames_end()
            } else {
                tag.range.end
            };
            tags.push(tag);
        } else if magic == b"APETAGEX" {
            let Some(tag) = apev2::walk_front(source, at)? else {
                break;
            };
            at = tag.range.end;
            // What is in it is read, but not what is behind it.
            hidden.get_or_insert((at - 1, OTHER_TAG));
        } else {
            break;
        }
        if at >= source.len() {
            break;
        }
    }
    Ok(at)
}

/// What a look at the container's first bytes shows.
enum Glance {
    Format(Format),
    /// A container that holds no audio, or none that is read here.
    NotAudio,
    Open,
}

fn told(source: &mut Source, at: u64, claimed: Formats, is_tagged: bool) -> Result<Glance, ReadError> {
    let count = (source.len() - at).min(16) as usize;
    let mut head = [0u8; 16];
    head[..count].copy_from_slice(source.at(at, count)?);
    if let Some(format) = named_stream(source, at, &head, claimed, is_tagged)? {
        return Ok(Glance::Format(format));
    }
    if let Some(format) = formats::by_magic(&head) {
        return Ok(Glance::Format(format));
    }
    let told = |format: Option<Format>| format.map_or(Glance::NotAudio, Glance::Format);
    Ok(match &head {
        [b'O', b'g', b'g', b'S', ..] => told(ogg::codec(source, at)?),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => told(matroska::doc_type(source, at)?),
        _ if formats::is_foreign(&head) || is_archive(source, at)? || is_transport_stream(source, at)? => {
            Glance::NotAudio
        }
        _ => Glance::Open,
    })
}

/// The bare stream that is exactly at `at`, where the name says that one is. Others are looked for by [`search`].
fn named_stream(
    source: &mut Source,
    at: u64,
    head: &[u8],
    claimed: Formats,
    is_tagged: bool,
) -> Result<Option<Format>, ReadError> {
    let Some(frame) = mpeg::frame(head).filter(|frame| claimed.contains(frame.format)) else {
        return Ok(None);
    };
    if is_tagged && let Some(end) = mpeg::end_of_sound_frame(&mut mpeg::View::File(source), at)? {
        // The next frame is asked for where that costs no read.
        let is_far = source.at_hand(end).len() < 4 && end < source.len();
        if is_far {
            return Ok(Some(frame.format));
        }
    }
    let row = mpeg::Row {
        frames: Some(if is_tagged { 2 } else { 3 }),
        at_end: 1,
        free: true,
    };
    mpeg::stream(&mut mpeg::View::File(source), at, row, &mut { STEPS })
}

/// Whether the first header of a tar archive is here, in which files are uncompressed.
fn is_archive(source: &mut Source, at: u64) -> Result<bool, ReadError> {
    const MAGIC_AT: u64 = 257;
    Ok(source.len() - at >= 512 && source.at(at + MAGIC_AT, 5)? == b"ustar")
}

/// Whether packets of an MPEG transport stream are here: a sync byte in each, of 188 bytes, with a time stamp in front
/// of or a checksum behind each (ISO 13818-1, section 2.4.3).
fn is_transport_stream(source: &mut Source, at: u64) -> Result<bool, ReadError> {
    const PACKETS: usize = 4;
    for (skipped, packet) in [(0, 188), (4, 192), (0, 204)] {
        let needed = skipped + packet * (PACKETS - 1) + 1;
        if source.len() - at < needed as u64 || source.at(at + skipped as u64, 1)? != [0x47] {
            continue;
        }
        let bytes = source.at(at, needed)?;
        if bytes[skipped..].iter().step_by(packet).all(|&byte| byte == 0x47) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is behind zeros or junk.
enum Behind {
    Tag(u64),
    Container(Format, u64),
    Nothing,
}

/// Searches the junk at `at` for a tag, a container or a bare stream.
fn search(source: &Source, at: u64, extension: Option<&str>, claimed: Formats) -> Result<Behind, ReadError> {
    let count = (source.len() - at).min(JUNK_LIMIT + ROW);
    let junk = source.copy(at, count, count)?;
    let goes_on = at + count < source.len();
    let (mut steps, mut measured) = (STEPS, 0);
    for start in 0..junk.len().min(JUNK_LIMIT as usize) {
        let found = at + start as u64;
        match &junk[start..] {
            [b'I', b'D', b'3', 2..=4, revision, flags, size @ ..]
                if start > 0 && *revision < 0xFF && flags & 0x0F == 0 =>
            {
                let sizes = size.get(..4).unwrap_or(&[0xFF]);
                if sizes.iter().all(|&byte| byte < 0x80) {
                    return Ok(Behind::Tag(found));
                }
            }
            // Other containers hold it too, with the same first block.
            [b'f', b'L', b'a', b'C', block, 0, 0, 34, ..]
                if block & 0x7F == 0 && (claimed.contains(Format::Flac) || extension.is_none()) =>
            {
                return Ok(Behind::Container(Format::Flac, found));
            }
            rest @ [0xFF, second, ..] if *second >= 0xE0 && rest.len() >= 6 => {
                let Some(frame) = mpeg::frame(rest) else { continue };
                // To measure costs a search of its own, so that it is done a few times only.
                let free = frame.has_free_rate() && measured < MEASURED;
                measured += u32::from(free);
                let row = mpeg::Row {
                    // More than are in one packet of a video.
                    frames: claimed.contains(frame.format).then_some(32),
                    at_end: if start == 0 { 3 } else { 5 },
                    free,
                };
                let mut view = mpeg::View::Memory { bytes: &junk, goes_on };
                if let Some(format) = mpeg::stream(&mut view, start as u64, row, &mut steps)? {
                    return Ok(Behind::Container(format, found));
                }
            }
            _ => {}
        }
    }
    Ok(Behind::Nothing)
}

/// Whether a Musepack stream of versions 4 to 6 begins here, as the name says. They have no magic: the version is
/// in ten bits of the first word, behind a bit rate and a mode that no such file has, before the size of a block, 1.
fn is_old_musepack(source: &mut Source, at: u64, claimed: Formats) -> Result<bool, ReadError> {
    if !claimed.contains(Format::Musepack) || source.len().saturating_sub(at) < 4 {
        return Ok(false);
    }
    let head = u32::from_le_bytes(source.array(at)?);
    Ok(head >> 22 == 0 && (4..=6).contains(&(head >> 11 & 0x3FF)) && head & 0x3F == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_as(bytes: &[u8], extension: Option<&str>) -> Result<Format, ReadError> {
        let bytes = bytes.to_vec();
        identify(&mut Source::new(&bytes), extension).map(|front| front.format)
    }

    #[test]
    fn the_content_tells_the_format() {
        check(b"fLaC\0\0\0\x22", Format::Flac);
        check(b"RIFF\x10\0\0\0WAVEfmt ", Format::Wav);
        check(b"RIFX\0\0\0\x10WAVEfmt ", Format::Wav);
        check(b"RF64\xFF\xFF\xFF\xFFWAVEds64", Format::Rf64);
        check(b"BW64\xFF\xFF\xFF\xFFWAVEds64", Format::Rf64);
        check(b"FORM\0\0\0\x10AIFFCOMM", Format::Aiff);
        check(b"FORM\0\0\0\x10AIFCFVER", Format::Aifc);
        check(b"wvpk", Format::WavPack);
        check(b"MAC \x96\x0F", Format::MonkeysAudio);
        check(b"MP+\x07", Format::Musepack);
        check(b"MP+\x17", Format::Musepack);
        check(b"MPCKSH", Format::Musepack);
        check(b"TTA1", Format::Tta);
        check(b"TTA2", Format::Tta);
        check(b"tBaK", Format::Tak);
        check(b"OFR ", Format::OptimFrog);
        check(b"DSD \x1C\0\0\0", Format::Dsf);
        check(b"FRM8\0\0\0\0\0\0\0\x10DSD FVER", Format::Dsdiff);
        check(b"caff\0\x01\0\0", Format::Caf);
        check(b".snd\0\0\0\x20", Format::Au);
        check(b"#!AMR\n\x3C", Format::Amr);
        check(b"#!AMR-WB\n", Format::Amr);
        check(b".RMF\0\0\0\x12", Format::RealAudio);
        check(b".ra\xFD\0\x04", Format::RealAudio);
        assert_eq!(told_as(b"\x0B\x77\x12\x34\x1E\x40\x2F\x84", None).unwrap(), Format::Ac3);
        check(b"ADIF\0\x01\0\0", Format::Aac);
        check(b"FORM\0\0\0\x108SVX", Format::Svx);
        check(b"\x1A\x45\xDF\xA3\x8B\x42\x82\x88matroska", Format::Matroska);
        check(b"\x1A\x45\xDF\xA3\x87\x42\x82\x84webm", Format::Webm);
        check(b"\0\0\0\x20ftypM4A \0\0\0\0", Format::Mp4);
        check(b"\0\0\0\x08wide\0\0\0\0mdat", Format::Mp4);
        check(b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x20", Format::Mp4);
        check(
            b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C",
            Format::Wma,
        );
    }

    #[test]
    fn an_ogg_stream_is_told_by_its_first_packets() {
        let page = |packet: &[u8]| [&b"OggS\0\x02"[..], &[0; 20], &[1, packet.len() as u8], packet].concat();
        check(&page(b"\x01vorbis\0\0\0\0"), Format::OggVorbis);
        check(&page(b"OpusHead\x01"), Format::OggOpus);
        check(&page(b"Speex   1.2"), Format::OggSpeex);
        check(&page(b"\x7FFLAC\x01\0"), Format::OggFlac);
        check(
            &[page(b"fishead\0"), page(b"\x80theora"), page(b"OpusHead\x01")].concat(),
            Format::OggOpus,
        );
        assert!(matches!(told_as(&page(b"\x80theora"), None), Err(ReadError::NotAudio)));
        assert!(matches!(told_as(b"OggS\0\x02", None), Err(ReadError::NotAudio)));
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: Format) {
        assert_eq!(told_as(bytes, None).unwrap(), expected);
        // Behind a tag, and behind zeros and a second tag.
        let tag = b"ID3\x03\0\0\0\0\0\x05\0\0\0\0\0";
        assert_eq!(told_as(&[tag, bytes].concat(), None).unwrap(), expected);
        assert_eq!(
            told_as(&[tag, &[0; 99][..], tag, bytes].concat(), None).unwrap(),
            expected
        );
    }

    #[test]
    fn a_row_of_frames_tells_an_mpeg_stream() {
        let mut frame = vec![0xFF, 0xFB, 0x90, 0x00];
        frame.resize(417, 0);
        let stream = frame.repeat(5);
        let front = |bytes: Vec<u8>| identify(&mut Source::new(&bytes), None).unwrap();
        for junk in [0, 1, 100, 5000, 60_000] {
            for byte in [0, 0xFF, b'j'] {
                let front = front([vec![byte; junk], stream.clone()].concat());
                assert_eq!((front.format, front.start), (Format::Mp3, junk as u64));
            }
        }
        let far = [vec![0; 70_000], stream.clone()].concat();
        assert!(matches!(told_as(&far, None), Err(ReadError::NotAudio)));
    }

    #[test]
    fn a_name_is_worth_some_frames_and_a_tag_more() {
        let mut frame = vec![0xFF, 0xFB, 0x90, 0x00];
        frame.resize(417, 0);
        let junk = b"something else, and nothing like a frame".repeat(9);
        let tag = b"ID3\x03\0\0\0\0\0\x05\0\0\0\0\0";
        let of = |frames: usize| [frame.repeat(frames), junk.clone()].concat();
        let is_mp3 = |bytes: &[u8], extension| matches!(told_as(bytes, extension), Ok(Format::Mp3));
        assert!(!is_mp3(&of(2), Some("mp3")));
        assert!(is_mp3(&of(3), Some("mp3")));
        assert!(!is_mp3(&of(3), None));
        assert!(!is_mp3(&of(3), Some("wav")));
        let tagged = |frames| [tag, &of(frames)[..]].concat();
        assert!(!is_mp3(&tagged(1), Some("mp3")));
        assert!(is_mp3(&tagged(2), Some("mp3")));
        assert!(!is_mp3(&tagged(2), None));
        assert!(!is_mp3(&tagged(2), Some("w64")));
        // What is left of a download that was broken off.
        assert!(is_mp3(&frame[..99], Some("mp3")));
        assert!(!is_mp3(&frame[..99], None));
        assert!(is_mp3(&[&frame[..], &[0; 3000]].concat(), Some("mp3")));
    }

    #[test]
    fn old_musepack_is_told_by_its_name() {
        let header = (5u32 << 11 | 1).to_le_bytes();
        assert_eq!(told_as(&header, Some("mpc")).unwrap(), Format::Musepack);
        assert!(matches!(told_as(&header, Some("wav")), Err(ReadError::NotAudio)));
    }

    #[test]
    fn what_is_no_audio_is_said_so() {
        assert!(matches!(told_as(b"", None), Err(ReadError::Empty)));
        for bytes in [&b"x"[..], b"RIFF\x10\0\0\0AVI LIST", b"plain text", &[0; 3000]] {
            assert!(
                matches!(told_as(bytes, Some("mp3")), Err(ReadError::NotAudio)),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_tag_alone_is_no_audio() {
        let tag = b"ID3\x03\0\0\0\0\0\x05\0\0\0\0\0";
        let error = told_as(tag, Some("mp3")).unwrap_err();
        assert_eq!(error.to_string(), "damaged: there is a tag but no audio behind it");
        let cut = told_as(&tag[..12], Some("mp3")).unwrap_err();
        assert!(matches!(cut, ReadError::CutShort { needed: 15, len: 12 }));
    }

    #[test]
    fn endless_tags_end() {
        let tags = b"ID3\x03\0\0\0\0\0\0".repeat(10_000);
        assert!(told_as(&tags, None).is_err());
    }
}
