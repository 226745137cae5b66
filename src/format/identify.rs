//! Tells the kind of a file by its content, past any tags in front.

use super::id3v2::{self, Tag};
use super::{Format, apev2, mpeg};
use crate::source::{ReadError, Source};

/// How far from the tags the container may begin, behind zeros or junk.
const JUNK_LIMIT: u64 = 64 * 1024;

/// The most tags in front, one behind the other.
const MOST_TAGS: usize = 16;

/// The most streams that are multiplexed in an Ogg file.
const MOST_STREAMS: usize = 64;

/// What stands at the front of a file: the tags, and where the container proper begins.
#[derive(Debug, Clone)]
pub(super) struct Front {
    pub format: Format,
    /// ID3v2 tags in front of the container, in order. Other tags and junk may stand between them.
    pub tags: Vec<Tag>,
    /// Offset of the container's own first byte.
    pub start: u64,
}

impl Front {
    pub(super) fn inflates(&self) -> bool {
        self.tags.iter().any(|tag| tag.inflates)
    }

    /// Why codes may stand in front that were not seen.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        self.tags.iter().find_map(Tag::doubt)
    }
}

/// Tells the format. `extension` (in lower case) is asked only where the content leaves it open.
pub(super) fn identify(source: &mut Source, extension: Option<&str>) -> Result<Front, ReadError> {
    if source.is_empty() {
        return Err(ReadError::Empty);
    }
    let mut tags = Vec::new();
    let mut at = 0;
    loop {
        at = step_over_tags(source, at, &mut tags)?;
        if at >= source.len() {
            break;
        }
        let trust = if tags.is_empty() { Trust::Stream } else { Trust::Header };
        match told(source, at, trust)? {
            Told::Format(format) => {
                return Ok(Front {
                    format,
                    tags,
                    start: at,
                });
            }
            Told::NotAudio => return Err(ReadError::NotAudio),
            Told::Open => {}
        }
        match search(source, at)? {
            Found::Tag(found) if tags.len() < MOST_TAGS => at = found,
            Found::Tag(_) | Found::Nothing => break,
            Found::Container(format, start) => return Ok(Front { format, tags, start }),
        }
    }
    if let Some(format) = by_extension(source, at, extension)? {
        return Ok(Front {
            format,
            tags,
            start: at,
        });
    }
    match tags.last() {
        None => Err(ReadError::NotAudio),
        Some(tag) => Err(match tag.overshoot() {
            Some(needed) => ReadError::CutShort {
                needed,
                len: source.len(),
            },
            None => ReadError::Damaged("there is a tag but no audio behind it"),
        }),
    }
}

/// Walks the tags that stand at `at`, one behind the other, and returns where they end.
fn step_over_tags(source: &mut Source, mut at: u64, tags: &mut Vec<Tag>) -> Result<u64, ReadError> {
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
enum Told {
    Format(Format),
    /// A container that holds no audio, or none that is read here.
    NotAudio,
    Open,
}

/// How much of an MPEG stream must be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// One header, since a tag stands before it.
    Header,
    /// One frame and the header of the next.
    Stream,
}

fn told(source: &mut Source, at: u64, trust: Trust) -> Result<Told, ReadError> {
    let count = (source.len() - at).min(16) as usize;
    let mut bytes = [0u8; 16];
    bytes[..count].copy_from_slice(source.at(at, count)?);
    let form = &bytes[8..12];
    let known = |format| Ok(Told::Format(format));
    match &bytes[..4] {
        b"fLaC" => return known(Format::Flac),
        b"OggS" => {
            return Ok(ogg_codec(source, at)?.map_or(Told::NotAudio, Told::Format));
        }
        b"RIFF" | b"RIFX" if form == b"WAVE" => return known(Format::Wav),
        b"RF64" | b"BW64" if form == b"WAVE" => return known(Format::Rf64),
        b"FORM" if form == b"AIFF" => return known(Format::Aiff),
        b"FORM" if form == b"AIFC" => return known(Format::Aifc),
        b"RIFF" | b"RIFX" | b"RF64" | b"BW64" | b"FORM" => return Ok(Told::NotAudio),
        b"wvpk" => return known(Format::WavPack),
        b"MAC " | b"MACF" => return known(Format::MonkeysAudio),
        b"MPCK" => return known(Format::Musepack),
        [b'M', b'P', b'+', version] if version & 0x0F == 7 => return known(Format::Musepack),
        b"TTA1" | b"TTA2" => return known(Format::Tta),
        b"tBaK" => return known(Format::Tak),
        b"OFR " => return known(Format::OptimFrog),
        b"DSD " => return known(Format::Dsf),
        b"FRM8" if &bytes[12..16] == b"DSD " => return known(Format::Dsdiff),
        b"caff" => return known(Format::Caf),
        b".snd" => return known(Format::Au),
        b"#!AM" if &bytes[4..6] == b"R\n" || &bytes[4..6] == b"R-" => return known(Format::Amr),
        b".RMF" | b".ra\xFD" => return known(Format::RealAudio),
        // A sync word, a sampling rate code that is not reserved, and a known version (ATSC A/52, section 5.3).
        [0x0B, 0x77, ..] if at == 0 && bytes[4] >> 6 != 3 && bytes[5] >> 3 <= 16 => return known(Format::Ac3),
        b"ADIF" => return known(Format::Aac),
        [0x1A, 0x45, 0xDF, 0xA3] => {
            let count = (source.len() - at).min(128) as usize;
            let head = source.at(at, count)?;
            let has = |name: &[u8]| head.windows(name.len()).any(|text| text == name);
            return Ok(match () {
                () if has(b"webm") => Told::Format(Format::Webm),
                () if has(b"matroska") => Told::Format(Format::Matroska),
                () => Told::NotAudio,
            });
        }
        _ => {}
    }
    const ASF: [u8; 16] = [
        0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C,
    ];
    if bytes == ASF {
        return known(Format::Wma);
    }
    if is_atom(&bytes) {
        return known(Format::Mp4);
    }
    let mut head = [0; mpeg::HEAD];
    head.copy_from_slice(&bytes[..mpeg::HEAD]);
    let mut view = mpeg::View::File(source);
    Ok(match mpeg::frame(head) {
        Some(frame) if trust == Trust::Header && frame.is_layer_3 => Told::Format(Format::Mp3),
        Some(frame) => match frame.is_followed(&mut view, at)? {
            true => Told::Format(frame.format),
            false => Told::Open,
        },
        None => Told::Open,
    })
}

/// Whether a first atom of an MP4 or QuickTime file stands here.
fn is_atom(bytes: &[u8; 16]) -> bool {
    let size = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let is_first = matches!(
        &bytes[4..8],
        b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" | b"styp"
    );
    is_first && !(2..8).contains(&size)
}

/// The codec of an Ogg file: that of the first audio stream among those that begin at its front.
fn ogg_codec(source: &mut Source, at: u64) -> Result<Option<Format>, ReadError> {
    let mut at = at;
    for _ in 0..MOST_STREAMS {
        if source.len().saturating_sub(at) < 27 {
            break;
        }
        let head: [u8; 27] = source.array(at)?;
        let begins_stream = head[5] & 2 != 0;
        if !head.starts_with(b"OggS\0") || !begins_stream {
            break;
        }
        let segments = u64::from(head[26]);
        let table = source.at(at + 27, segments as usize)?;
        let body: u64 = table.iter().map(|&segment| u64::from(segment)).sum();
        let packet_at = at + 27 + segments;
        let count = body.min(8).min(source.len().saturating_sub(packet_at)) as usize;
        let packet = source.at(packet_at, count)?;
        let codecs = [
            (&b"\x01vorbis"[..], Format::OggVorbis),
            (b"OpusHead", Format::OggOpus),
            (b"Speex   ", Format::OggSpeex),
            (b"\x7FFLAC", Format::OggFlac),
            (b"fLaC", Format::OggFlac),
        ];
        if let Some((_, format)) = codecs.iter().find(|(magic, _)| packet.starts_with(magic)) {
            return Ok(Some(*format));
        }
        at = packet_at + body;
    }
    Ok(None)
}

/// What stands behind zeros or junk.
enum Found {
    Tag(u64),
    Container(Format, u64),
    Nothing,
}

/// Searches the junk at `at` for a tag, a container or an MPEG stream.
fn search(source: &Source, at: u64) -> Result<Found, ReadError> {
    let count = (source.len() - at).min(JUNK_LIMIT + mpeg::LONGEST_FRAME + 8);
    let junk = source.copy(at, count, count)?;
    for start in 1..junk.len().min(JUNK_LIMIT as usize) {
        let found = at + start as u64;
        match &junk[start..] {
            [b'I', b'D', b'3', 2..=4, revision, flags, size @ ..] if *revision < 0xFF && flags & 0x0F == 0 => {
                let sizes = size.get(..4).unwrap_or(&[0xFF]);
                if sizes.iter().all(|&byte| byte < 0x80) {
                    return Ok(Found::Tag(found));
                }
            }
            [b'f', b'L', b'a', b'C', block, 0, 0, 34, ..] if block & 0x7F == 0 => {
                return Ok(Found::Container(Format::Flac, found));
            }
            [0xFF, b, c, d, e, f, ..] => {
                let Some(frame) = mpeg::frame([0xFF, *b, *c, *d, *e, *f]) else {
                    continue;
                };
                if frame.is_followed(&mut mpeg::View::Memory(&junk), start as u64)? {
                    return Ok(Found::Container(frame.format, found));
                }
            }
            _ => {}
        }
    }
    Ok(Found::Nothing)
}

/// What only the name tells.
fn by_extension(source: &mut Source, at: u64, extension: Option<&str>) -> Result<Option<Format>, ReadError> {
    if source.len().saturating_sub(at) < 4 {
        return Ok(None);
    }
    let head: [u8; 4] = source.array(at)?;
    let format = mpeg::frame([head[0], head[1], head[2], head[3], 0xFF, 0xFF]).map(|frame| frame.format);
    Ok(match extension {
        Some("mp3" | "mp2" | "mp1" | "mpa") => format.filter(|format| *format == Format::Mp3),
        Some("aac" | "adts") => format.filter(|format| *format == Format::Aac),
        // Stream versions 4 to 6 have no magic; the version stands in ten bits of the first word.
        Some("mpc" | "mp+") => {
            let version = u32::from_le_bytes(head) >> 11 & 0x3FF;
            (4..=6).contains(&version).then_some(Format::Musepack)
        }
        _ => None,
    })
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
    fn a_pair_of_headers_tells_an_mpeg_stream() {
        let mut frame = vec![0xFF, 0xFB, 0x90, 0x00];
        frame.resize(417, 0);
        let stream = frame.repeat(3);
        let front = |bytes: Vec<u8>| identify(&mut Source::new(&bytes), None).unwrap();
        for junk in [0, 1, 100, 5000, 60_000] {
            for byte in [0, 0xFF, b'j'] {
                let front = front([vec![byte; junk], stream.clone()].concat());
                assert_eq!((front.format, front.start), (Format::Mp3, junk as u64));
            }
        }
        let far = [vec![0; 70_000], stream.clone()].concat();
        assert!(matches!(told_as(&far, None), Err(ReadError::NotAudio)));
        // A single header that nothing follows is not enough, unless the name agrees.
        let lone = [&frame[..], b"something else"].concat();
        assert!(matches!(told_as(&lone, None), Err(ReadError::NotAudio)));
        assert_eq!(told_as(&lone, Some("mp3")).unwrap(), Format::Mp3);
    }

    #[test]
    fn old_musepack_is_told_by_its_name() {
        let header = (5u32 << 11).to_le_bytes();
        assert_eq!(told_as(&header, Some("mpc")).unwrap(), Format::Musepack);
        assert!(matches!(told_as(&header, Some("wav")), Err(ReadError::NotAudio)));
    }

    #[test]
    fn what_is_no_audio_is_said_so() {
        assert!(matches!(told_as(b"", None), Err(ReadError::Empty)));
        for bytes in [
            &b"x"[..],
            b"RIFF\x10\0\0\0AVI LIST",
            b"FORM\0\0\0\x108SVX",
            b"plain text",
            &[0; 3000],
        ] {
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
