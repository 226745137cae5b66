//! Ogg: Vorbis, Opus, Speex and FLAC streams in pages (RFC 3533), also multiplexed with others, and chained.
//!
//! Codes are in the comment packet, the second one of the stream that gives the file its kind. The walk ends with
//! the last comment; those of other streams beside it are left alone. Of a chain of streams the first link is read: it is what programs show as the file's tags.
//! An edit lays out anew only the pages of the comment packet. Invariant: every page and packet part that is kept
//! lies inside the file.

use super::behind::Behind;
use super::place::{Access, Place, Standing};
use super::vorbis::{self, List};
use super::{Depth, Format, Located, WalkOutcome, damaged};
use crate::bytes::source::{ReadError, Source};
use crate::format::flac::cuesheet;
use crate::format::stream::identify::Front;
use crate::format::words::{Description, Medium};

mod layout;
pub(super) mod packet;
mod page;
mod splice;
mod tail;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use packet::{Chain, Packet};
use page::{FIRST, Page};

/// Streams that are multiplexed into one file, and those of which the kind of the file is told.
const MOST_STREAMS: usize = 256;
const MOST_TOLD: usize = 64;

/// Metadata blocks of a FLAC stream.
const MOST_BLOCKS: usize = 1 << 10;
const CUESHEET: u8 = 5;

/// How a codec begins its first packet, and its comment packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Codec {
    format: Format,
    head: &'static [u8],
    /// In front of the comment list.
    magic: Magic,
}

impl Codec {
    const fn new(format: Format, head: &'static [u8], magic: Magic) -> Codec {
        Codec { format, head, magic }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Magic {
    Bytes(&'static [u8]),
    /// The header of a metadata block, with its length (RFC 9639, section 10.1).
    FlacBlock,
}

impl Magic {
    fn len(self) -> u64 {
        match self {
            Magic::Bytes(bytes) => bytes.len() as u64,
            Magic::FlacBlock => 4,
        }
    }
}

const CODECS: [Codec; 4] = [
    Codec::new(Format::OggVorbis, b"\x01vorbis", Magic::Bytes(b"\x03vorbis")),
    Codec::new(Format::OggOpus, b"OpusHead", Magic::Bytes(b"OpusTags")),
    Codec::new(Format::OggSpeex, b"Speex   ", Magic::Bytes(b"")),
    Codec::new(Format::OggFlac, b"\x7FFLAC", Magic::FlacBlock),
];

/// How a stream of video begins that has comments too (Theora specification, sections 6.2 and 6.3).
const THEORA: (&[u8], Magic) = (b"\x80theora", Magic::Bytes(b"\x81theora"));

/// A Skeleton stream of version 4 holds byte offsets into the file.
const SKELETON: &[u8] = b"fishead\0";

/// The longest of the heads that are looked for, with the version of [`SKELETON`].
const HEAD: usize = 10;

#[derive(Debug)]
struct Structure {
    link: Link,
    /// Tags of other kinds behind the pages; their places are the last ones.
    behind: Behind,
}

/// One link of a chain: streams that begin together.
#[derive(Debug, Clone)]
struct Link {
    codec: Codec,
    /// Serial numbers of all its streams.
    serials: Vec<u32>,
    has_offsets: bool,
    has_video: bool,
    chain: Chain,
    list: List,
}

pub(super) fn walk(source: &mut Source, front: &Front, depth: Depth) -> Result<WalkOutcome, ReadError> {
    let mut places = front.places();
    let codec = |codec: &Codec| codec.format == front.format;
    let Some(mut link) = walk_link(source, front.start, &codec, &mut places)? else {
        return damaged("none of its Ogg streams is of a kind that has comments");
    };
    let behind = Behind::of(source, front.start, depth, &mut places)?;
    // Only a chain of streams that goes on with codes would make a lie of "no code".
    let doubt = match places.is_empty() {
        true => splice::later_codes(source, &mut link)?,
        false => None,
    };
    let located = Located {
        doubt: link.list.doubt.or(behind.doubt()).or(doubt),
        forgiven: behind.is_forgiven(),
        words: link.has_video.then(|| Description {
            medium: Some(Medium::Video),
            ..Description::default()
        }),
        ..Located::certain(front.format, places)
    };
    Ok(WalkOutcome {
        is_whole: behind.is_known,
        ..WalkOutcome::of(located, Structure { link, behind })
    })
}

/// The kind of an Ogg file: that of the first audio stream among those that begin at its front.
pub(super) fn codec(source: &mut Source, mut at: u64) -> Result<Option<Format>, ReadError> {
    for _ in 0..MOST_TOLD {
        let Some(page) = Page::at(source, at)?.filter(|page| page.has(FIRST)) else {
            break;
        };
        let len = (page.end() - page.body_at()).min(source.len().saturating_sub(page.body_at()));
        let head = source.at(page.body_at(), len.min(HEAD as u64) as usize)?;
        if let Some(codec) = CODECS.iter().find(|codec| head.starts_with(codec.head)) {
            return Ok(Some(codec.format));
        }
        // As some programs began it before it was specified.
        if head.starts_with(b"fLaC") {
            return Ok(Some(Format::OggFlac));
        }
        at = page.end();
    }
    Ok(None)
}

/// Walks the link that starts at `at`: the first of its streams whose codec `wanted` accepts.
fn walk_link(
    source: &mut Source,
    at: u64,
    wanted: &dyn Fn(&Codec) -> bool,
    places: &mut Vec<Place>,
) -> Result<Option<Link>, ReadError> {
    let mut found: Option<(Codec, Page)> = None;
    let mut others = Vec::new();
    let mut serials = Vec::with_capacity(1);
    let (mut has_offsets, mut has_video) = (false, false);
    let mut next = at;
    loop {
        let page = Page::read(source, next)?;
        // RFC 3533, section 4: the first pages of all streams are together.
        if !page.has(FIRST) {
            break;
        }
        source.reach(page.end())?;
        if serials.len() == MOST_STREAMS {
            return damaged("it claims more Ogg streams than any real file");
        }
        serials.push(page.serial);
        let head = source.at(page.body_at(), (page.end() - page.body_at()).min(HEAD as u64) as usize)?;
        has_offsets |= head.starts_with(SKELETON) && head.get(8..10).is_some_and(|major| major >= [4u8, 0].as_slice());
        let is_wanted = |codec: &&Codec| head.starts_with(codec.head) && wanted(codec);
        let theora = head.starts_with(THEORA.0).then_some(THEORA.1);
        has_video |= theora.is_some();
        match CODECS.iter().find(is_wanted) {
            Some(codec) if found.is_none() => found = Some((*codec, page.clone())),
            _ => {
                let other = CODECS.iter().find(|codec| head.starts_with(codec.head));
                let magic = other.map(|codec| codec.magic).or(theora);
                others.extend(magic.map(|magic| (magic, page.clone())));
            }
        }
        next = page.end();
    }
    let Some((codec, first)) = found else {
        return Ok(None);
    };
    let mut chain = Chain::second_packet(source, &first, next)?;
    let mut packet = Packet::new(source, &mut chain);
    check_magic(&mut packet, codec.magic)?;
    let list = vorbis::walk(&mut packet, codec.magic.len(), places)?;
    if codec.magic == Magic::FlacBlock {
        walk_blocks(source, &mut chain, places)?;
    }
    for (magic, first) in others {
        walk_other(source, magic, (&first, next), places)?;
    }
    Ok(Some(Link {
        codec,
        serials,
        has_offsets,
        has_video,
        chain,
        list,
    }))
}

/// The comments of another stream of the same link, whose pages go on at `next`: they are reported and left alone. One
/// that is damaged says nothing.
fn walk_other(
    source: &mut Source,
    magic: Magic,
    (first, next): (&Page, u64),
    places: &mut Vec<Place>,
) -> Result<(), ReadError> {
    let before = places.len();
    let mut walk = || -> Result<(), ReadError> {
        let mut chain = Chain::second_packet(source, first, next)?;
        let mut packet = Packet::new(source, &mut chain);
        check_magic(&mut packet, magic)?;
        vorbis::walk(&mut packet, magic.len(), places).map(drop)
    };
    match walk() {
        Err(error @ ReadError::Io(_)) => return Err(error),
        Err(_) => places.truncate(before),
        Ok(()) => {}
    }
    for place in &mut places[before..] {
        (place.standing, place.access) = (Standing::Odd, Access::ReadOnly);
    }
    Ok(())
}

/// Looks for cue sheets in the metadata blocks behind the comments, one packet each (RFC 9639, section 10.1). They are
/// reported and left alone: no program that tags such files writes them.
fn walk_blocks(source: &mut Source, comments: &mut Chain, places: &mut Vec<Place>) -> Result<(), ReadError> {
    let mut packet = Packet::new(source, comments);
    if packet.view(0, 1)?[0] & 0x80 != 0 {
        return Ok(());
    }
    packet.complete()?;
    let mut at = comments.following(source)?;
    for _ in 0..MOST_BLOCKS {
        let Some(mut chain) = at else { return Ok(()) };
        let mut packet = Packet::new(source, &mut chain);
        if !packet.reaches(1)? {
            return Ok(());
        }
        let kind = packet.view(0, 1)?[0];
        // Where the flag of the last block is missing, a frame begins with its sync code.
        if kind == 0xff {
            return Ok(());
        }
        packet.complete()?;
        if kind & 0x7f == CUESHEET {
            let len = packet.len();
            cuesheet::walk(&mut packet, 4..len, Access::ReadOnly, places)?;
        }
        if kind & 0x80 != 0 {
            return Ok(());
        }
        at = chain.following(source)?;
    }
    damaged("it claims more metadata blocks than any real file")
}

fn check_magic(packet: &mut Packet, magic: Magic) -> Result<(), ReadError> {
    let head = packet.view(0, magic.len() as usize)?;
    let is_right = match magic {
        Magic::Bytes(bytes) => head == bytes,
        // The type of a VORBIS_COMMENT block, with or without the flag of the last block.
        Magic::FlacBlock => head[0] & 0x7f == 4,
    };
    if is_right {
        return Ok(());
    }
    damaged("its second Ogg packet does not hold comments")
}
