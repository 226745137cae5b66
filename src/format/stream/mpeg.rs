//! Headers of MPEG audio frames (ISO 11172-3, 13818-3) and of ADTS frames (ISO 13818-7), and how many of them in a row
//! show that a stream begins here.
//!
//! A header is 11 bits of sync and few that are forbidden: quiet samples of 24 bits look like one in every few
//! kilobytes. So a frame is believed with its followers, with what is in it, and never where such headers are
//! everywhere, as in a constant signal.

use std::io;

use crate::bytes::source::{ReadAt, ReadError, Source};
use crate::format::Format;
use crate::format::id3v2::synchsafe;

mod header;
pub(in crate::format) use header::frame;

/// No frame of either kind is longer.
const LONGEST_FRAME: usize = 8192;

/// A header, a checksum, and the side information of a layer III frame or the bit allocation of a layer I frame.
/// And some bytes more, so that a number at the end of it is read as one word.
const FRONT: usize = 4 + 2 + 32 + 4;

/// How far behind a header others like it are counted.
const NEIGHBOURHOOD: usize = 256;

/// The most headers like it that are so near: compressed data hold one by chance, samples one in every few.
const MOST_NEIGHBOURS: usize = 2;

/// One frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) struct Frame {
    pub format: Format,
    layer: u32,
    /// `None` for a free bit rate.
    length: Option<u32>,
    padding: u32,
    is_mpeg_1: bool,
    is_mono: bool,
    has_crc: bool,
    /// The bits that are the same in all frames of a stream.
    constant: u32,
}

/// Where frames are looked for.
pub(in crate::format) enum View<'a, 'b> {
    File(&'a mut Source<'b>),
    /// A part of a file, which goes on behind it or not.
    Memory {
        bytes: &'a [u8],
        goes_on: bool,
    },
}

/// How many frames in a row are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) struct Row {
    /// Where more could follow; `None` for all that the view shows.
    pub frames: Option<u32>,
    /// Where the stream ends with the file, or with tags or zeros. Two more where they show nothing but their headers.
    pub at_end: u32,
    /// Whether frames of a free bit rate are measured.
    pub free: bool,
}

impl View<'_, '_> {
    /// The bytes at `at`, filled up with zeros behind the end.
    fn front<const N: usize>(&mut self, at: u64) -> Result<[u8; N], ReadError> {
        let mut front = [0; N];
        let bytes = self.up_to(at, N)?;
        front[..bytes.len()].copy_from_slice(bytes);
        Ok(front)
    }

    /// At most `count` bytes at `at`, as many as there are.
    fn up_to(&mut self, at: u64, count: usize) -> Result<&[u8], ReadError> {
        let count = self.len().saturating_sub(at).min(count as u64) as usize;
        match self {
            View::File(source) if count > 0 => source.at(at, count),
            View::Memory { bytes, .. } if count > 0 => Ok(&bytes[at as usize..][..count]),
            View::File(_) | View::Memory { .. } => Ok(&[]),
        }
    }

    fn len(&self) -> u64 {
        match self {
            View::File(source) => source.len(),
            View::Memory { bytes, .. } => bytes.len() as u64,
        }
    }

    fn goes_on(&self) -> bool {
        match self {
            View::File(_) => false,
            View::Memory { goes_on, .. } => *goes_on,
        }
    }
}

/// Where the layer III frame at `at` ends, if one is there that contradicts nothing.
pub(in crate::format) fn end_of_sound_frame(view: &mut View, at: u64) -> Result<Option<u64>, ReadError> {
    let front: [u8; FRONT] = view.front(at)?;
    let sound = frame(&front).filter(|frame| frame.is_sound(&front));
    Ok(sound
        .and_then(|frame| frame.length)
        .map(|length| at + u64::from(length)))
}

/// Whether the length of a layer III stream is nowhere and cannot be told from its size: no Xing, Info or VBRI
/// header, and frames of several bit rates, of the few that are looked at in four places.
pub(crate) fn is_length_unknown(bytes: &dyn ReadAt) -> io::Result<bool> {
    let start = after_id3(bytes)?;
    let length = bytes.len().saturating_sub(start);
    let mut rates = Vec::new();
    for quarter in 0..4 {
        let mut window = [0; LONGEST_FRAME];
        let count = bytes.read_at(&mut window, start + length / 4 * quarter)?;
        let headers = headers_in(&window[..count]);
        let stated = |at: &usize| {
            let front = &window[*at..count.min(at + 64)];
            [b"Xing", b"Info", b"VBRI"]
                .iter()
                .any(|name| front.windows(4).any(|four| four == *name))
        };
        if quarter == 0 && headers.first().is_some_and(stated) {
            return Ok(false);
        }
        rates.extend(headers.iter().map(|at| window[at + 2] >> 4));
    }
    Ok(rates.windows(2).any(|two| two[0] != two[1]))
}

/// Where frames are in a row, each where the last one ends.
fn headers_in(window: &[u8]) -> Vec<usize> {
    let frame_at = |at: usize| window.get(at..at + 6).and_then(frame).filter(|frame| frame.layer == 3);
    let next = |at: usize| {
        let this = frame_at(at)?;
        let next = at + usize::try_from(this.length?).ok()?;
        frame_at(next)
            .filter(|frame| frame.constant == this.constant)
            .map(|_| next)
    };
    // Three in a row are no chance.
    let is_start = |at: &usize| next(*at).and_then(next).is_some();
    let start = (0..window.len()).find(is_start);
    std::iter::successors(start, |at| next(*at)).collect()
}

/// Where the ID3v2 tags in front end (ID3v2.4 structure, section 3.1).
pub(crate) fn after_id3(bytes: &dyn ReadAt) -> io::Result<u64> {
    let mut at = 0;
    for _ in 0..16 {
        let mut header = [0; 10];
        if bytes.read_at(&mut header, at)? < header.len() || !header.starts_with(b"ID3") {
            break;
        }
        let [.., flags, a, b, c, d] = header;
        let Some(size) = synchsafe([a, b, c, d]) else { break };
        at += 10 + u64::from(size) + if flags & 0x10 != 0 { 10 } else { 0 };
    }
    Ok(at.min(bytes.len()))
}

/// The kind of the stream that begins at `at`, if enough frames of it are in a row. `steps` is how many frames may
/// still be looked at, by this call and later ones.
pub(in crate::format) fn stream(
    view: &mut View,
    at: u64,
    row: Row,
    steps: &mut u32,
) -> Result<Option<Format>, ReadError> {
    let front: [u8; FRONT] = view.front(at)?;
    let is_whole = view.len() - at >= 6;
    let Some(first) = frame(&front).filter(|_| is_whole) else {
        return Ok(None);
    };
    if !first.is_possible(&front) || first.stands_everywhere(view, at)? {
        return Ok(None);
    }
    let Some(slots) = first.slots(view, at, row.free)? else {
        return Ok(None);
    };
    let believed = |believed: bool| Ok(believed.then_some(first.format));
    let (mut seen, mut last, mut at) = (1, first, at);
    let mut at_end = if first.is_sound(&front) {
        row.at_end
    } else {
        row.at_end + 2
    };
    loop {
        if row.frames.is_some_and(|enough| seen >= enough) {
            return believed(true);
        }
        let next = at + u64::from(last.length.unwrap_or(slots + last.padding));
        if next >= view.len() {
            // The last frame may be cut off, but then it is worth less.
            let cut = u32::from(next > view.len() && !(first.layer == 3 && at_end == 1));
            return believed(view.goes_on() || seen >= at_end + cut);
        }
        let front: [u8; FRONT] = view.front(next)?;
        *steps = steps.saturating_sub(1);
        match frame(&front) {
            Some(frame) if *steps > 0 && frame.follows(&first) && frame.is_possible(&front) => {
                (seen, last, at) = (seen + 1, frame, next);
                if !frame.is_sound(&front) {
                    at_end = row.at_end + 2;
                }
            }
            Some(_) | None => return believed(seen >= at_end && is_behind_a_stream(&front)),
        }
    }
}

/// Whether a stream may end before these bytes: tags, or zeros that were never written over.
fn is_behind_a_stream(front: &[u8; FRONT]) -> bool {
    let magics: [&[u8]; 6] = [b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"3DI", &[0; FRONT]];
    magics.iter().any(|magic| front.starts_with(magic))
}

impl Frame {
    pub(in crate::format) fn has_free_rate(&self) -> bool {
        self.length.is_none()
    }

    /// Whether it can be in one stream with the first one.
    fn follows(&self, first: &Frame) -> bool {
        self.constant == first.constant && self.length.is_some() == first.length.is_some()
    }

    /// Whether the frame whose first bytes these are can be one: in layer I, a bit allocation of all ones is forbidden
    /// (ISO 11172-3, section 2.4.2.5), and quiet samples are full of them. A frame of a free bit rate, of which any
    /// periodic signal fits the measured length, must be sound.
    fn is_possible(&self, front: &[u8; FRONT]) -> bool {
        let subbands = if self.is_mono { 16 } else { 32 };
        match self.layer {
            1 => self.body(front)[..subbands]
                .iter()
                .all(|byte| byte >> 4 != 15 && byte & 15 != 15),
            3 if self.length.is_none() => self.is_sound(front),
            _ => true,
        }
    }

    /// Whether the side information of a layer III frame contradicts nothing: lengths that fit into the frame and what
    /// it borrows from those before it, and no forbidden value (ISO 11172-3, section 2.4.1.7; 13818-3, section
    /// 2.4.1.7). Of other frames too little is looked at to say so.
    fn is_sound(&self, front: &[u8; FRONT]) -> bool {
        if self.layer != 3 {
            return false;
        }
        let mut bits = Bits {
            bytes: self.body(front),
            at: 0,
        };
        let channels = if self.is_mono { 1 } else { 2 };
        let (granules, borrowed) = match self.is_mpeg_1 {
            true => (2, bits.take(9)),
            false => (1, bits.take(8)),
        };
        // Private bits, and which scale factors are shared.
        bits.at += match (self.is_mpeg_1, self.is_mono) {
            (true, true) => 5 + 4,
            (true, false) => 3 + 8,
            (false, true) => 1,
            (false, false) => 2,
        };
        let mut wanted = 0;
        for _ in 0..granules * channels {
            wanted += bits.take(12);
            let big_values = bits.take(9);
            // Gain, and how scale factors are compressed.
            bits.at += 8 + if self.is_mpeg_1 { 4 } else { 9 };
            let switches_windows = bits.take(1) == 1;
            let block_type = bits.take(2);
            bits.at += 20 + if self.is_mpeg_1 { 3 } else { 2 };
            if big_values > 288 || switches_windows && block_type == 0 {
                return false;
            }
        }
        let head = if self.has_crc { 6 } else { 4 };
        let own = self
            .length
            .map(|length| length.saturating_sub(head + bits.at.div_ceil(8) as u32));
        own.is_none_or(|own| wanted <= (borrowed + own) * 8)
    }

    /// What is behind the header and its checksum.
    fn body<'a>(&self, front: &'a [u8; FRONT]) -> &'a [u8] {
        if self.has_crc { &front[6..] } else { &front[4..] }
    }

    /// Whether headers of the same stream are so close within the frame that they are none.
    fn stands_everywhere(&self, view: &mut View, at: u64) -> Result<bool, ReadError> {
        let length = self.length.map_or(NEIGHBOURHOOD, |length| length as usize);
        let most = if length < NEIGHBOURHOOD / 2 { 1 } else { MOST_NEIGHBOURS };
        let near = view.up_to(at + 1, length.clamp(4, NEIGHBOURHOOD) - 1)?;
        let like_it = |at: &usize| {
            let like = near
                .get(*at..*at + 4)
                .and_then(|head| frame(&[head[0], head[1], head[2], head[3], 0xFF, 0xFF]));
            like.is_some_and(|like| like.constant == self.constant)
        };
        Ok(memchr::memchr_iter(0xFF, near).filter(like_it).count() > most)
    }

    /// The length of frames of a free bit rate, less their padding: it is measured to the next header like this one. 0
    /// where the header says it; `None` where there is no other, or nobody measures.
    fn slots(&self, view: &mut View, at: u64, measure: bool) -> Result<Option<u32>, ReadError> {
        if self.length.is_some() {
            return Ok(Some(0));
        }
        // Nobody writes the other layers at a free rate, and a quiet sample before a zero looks like them.
        if !measure || self.layer != 3 {
            return Ok(None);
        }
        let bytes = view.up_to(at, LONGEST_FRAME)?;
        let is_next = |bytes: &[u8]| {
            let next = frame(&[bytes[0], bytes[1], bytes[2], bytes[3], 0, 0]);
            bytes[0] == 0xFF && next.is_some_and(|next| next.constant == self.constant && next.length.is_none())
        };
        let Some(length) = bytes.windows(4).skip(FRONT).position(is_next).map(|next| next + FRONT) else {
            return Ok(None);
        };
        // A periodic signal has a length of its own, and says the same again. A frame may do so at its end, which is
        // stuffed where the rate is high.
        let (one, other) = (
            &bytes[4..length.min(NEIGHBOURHOOD)],
            bytes.get(length + 4..).unwrap_or_default(),
        );
        let same = one.iter().zip(other).filter(|(one, other)| one == other).count();
        Ok((same * 2 < one.len()).then_some(length as u32 - self.padding))
    }
}

/// Reads numbers of at most 16 bits.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> u32 {
        let word = self.bytes.get(self.at / 8..).and_then(|bytes| bytes.first_chunk());
        let word = u32::from_be_bytes(word.copied().unwrap_or_default());
        let number = word << (self.at % 8) >> (32 - count);
        self.at += count as usize;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_from_the_header() {
        check([0xFF, 0xFB, 0x90, 0x00, 0, 0], Format::Mp3, Some(417));
        check([0xFF, 0xFB, 0x92, 0x00, 0, 0], Format::Mp3, Some(418));
        check([0xFF, 0xFB, 0x00, 0x00, 0, 0], Format::Mp3, None);
        // MPEG 2, layer 3, 64 kbit/s, 22,050 Hz.
        check([0xFF, 0xF3, 0x80, 0xC0, 0, 0], Format::Mp3, Some(208));
        // Layer 2, 192 kbit/s, 48,000 Hz; layer 1, 384 kbit/s, 44,100 Hz.
        check([0xFF, 0xFD, 0xA4, 0x00, 0, 0], Format::Mp3, Some(576));
        check([0xFF, 0xFF, 0xC0, 0x00, 0, 0], Format::Mp3, Some(416));
        check([0xFF, 0xF1, 0x50, 0x80, 0x2E, 0x7F], Format::Aac, Some(371));
    }

    #[track_caller]
    fn check(head: [u8; 6], format: Format, length: Option<u32>) {
        let frame = frame(&head).unwrap();
        assert_eq!((frame.format, frame.length), (format, length));
    }

    #[test]
    fn other_bytes_are_no_header() {
        for head in [
            [0xFF, 0xFE, b'a', 0, b'b', 0],
            [0xFF, 0xEB, 0x90, 0, 0, 0],
            [0xFF, 0xFB, 0xF0, 0, 0, 0],
            [0xFF, 0xFB, 0x9C, 0, 0, 0],
            [0xFF, 0xF1, 0x7C, 0, 0, 0],
            [0xFF, 0xF1, 0x50, 0x80, 0, 0],
            [0; 6],
        ] {
            assert!(!is_stream(&head, ALL), "{head:x?}");
        }
    }

    const ALL: Row = Row {
        frames: None,
        at_end: 3,
        free: true,
    };

    fn is_stream(bytes: &[u8], row: Row) -> bool {
        let mut view = View::Memory { bytes, goes_on: false };
        stream(&mut view, 0, row, &mut 1000).unwrap().is_some()
    }

    fn frames(head: [u8; 4], length: usize, count: usize) -> Vec<u8> {
        let mut frame = head.to_vec();
        frame.resize(length, 0);
        frame.repeat(count)
    }

    #[test]
    fn a_length_is_unknown_where_bit_rates_vary_and_no_header_states_it() {
        let (quick, slow) = (
            frames([0xFF, 0xFB, 0x90, 0x00], 417, 60),
            frames([0xFF, 0xFB, 0x50, 0x00], 208, 60),
        );
        let unknown = |bytes: Vec<u8>| is_length_unknown(&bytes).unwrap();
        assert!(!unknown(quick.clone()));
        assert!(unknown([&quick[..], &slow].concat()));
        assert!(unknown(
            [&b"ID3\x04\0\0\0\0\x01\x02"[..], &[0; 130], &quick, &slow].concat()
        ));
        let mut stated = frames([0xFF, 0xFB, 0x90, 0x00], 417, 1);
        stated[36..40].copy_from_slice(b"Xing");
        assert!(!unknown([&stated[..], &quick, &slow].concat()));
        assert!(!unknown(b"no frames".to_vec()));
    }

    #[test]
    fn a_row_of_frames_is_a_stream_and_one_that_breaks_is_none() {
        let whole = frames([0xFF, 0xFB, 0x90, 0x00], 417, 4);
        assert!(is_stream(&whole, ALL));
        // The last frame is cut off.
        assert!(is_stream(&whole[..417 * 3 + 99], ALL));
        assert!(!is_stream(&whole[..417 * 2 + 99], ALL));
        let broken = [&whole[..], b"something else"].concat();
        assert!(!is_stream(&broken, ALL));
        let three = Row { frames: Some(3), ..ALL };
        assert!(is_stream(&broken, three));
        for behind in [&b"TAG of an old kind"[..], b"APETAGEX\xD0\x07\0\0", &[0; 99]] {
            assert!(is_stream(&[&whole[..], behind].concat(), ALL), "{behind:?}");
        }
        // A stream does not change its sampling rate.
        let other = frames([0xFF, 0xFB, 0x94, 0x00], 384, 4);
        assert!(!is_stream(&[whole, other].concat(), ALL));
    }

    #[test]
    fn frames_of_a_free_bit_rate_are_measured() {
        let mut free = frames([0xFF, 0xFB, 0x00, 0x00], 1305, 5);
        // What they hold differs.
        for (at, byte) in free.iter_mut().enumerate().filter(|(at, _)| at % 1305 >= 40) {
            *byte = (at / 1305 * 37 + at * 11) as u8 & 0x7F;
        }
        assert!(is_stream(&free, ALL));
        assert!(!is_stream(&free, Row { free: false, ..ALL }));
        let mut odd = frames([0xFF, 0xFB, 0x00, 0x00], 999, 3);
        odd.iter_mut().skip(4).for_each(|byte| *byte |= 1);
        assert!(!is_stream(&[free, odd].concat(), ALL));
    }

    #[test]
    fn what_no_decoder_takes_is_no_frame() {
        let mut whole = frames([0xFF, 0xFB, 0x90, 0x00], 417, 4);
        // More big values than a granule has pairs of samples: four frames are too few.
        whole[417 + 4..][..36].fill(0xFF);
        assert!(!is_stream(&whole, ALL));
        let mut layer_1 = frames([0xFF, 0xFF, 0xC0, 0x00], 416, 5);
        assert!(is_stream(&layer_1, ALL));
        layer_1[416 * 2 + 9] = 0xF0;
        assert!(!is_stream(&layer_1, ALL));
    }

    #[test]
    fn headers_that_stand_everywhere_are_samples() {
        // A constant signal of 24 bits: each sample is a header, and frames are a multiple of three bytes long.
        for sample in [
            [0xFF, 0xFB, 0x90],
            [0xFF, 0xFD, 0x90],
            [0xFF, 0xF1, 0x50],
            [0xFF, 0xFB, 0x30],
        ] {
            for dither in 0..3 {
                let samples: Vec<u8> = (0..20_000)
                    .flat_map(|n| [sample[0], sample[1], sample[2] ^ (n * 7 % 3 == dither) as u8])
                    .collect();
                assert!(!is_stream(&samples, ALL), "{sample:x?}");
            }
        }
    }
}
