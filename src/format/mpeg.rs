//! Headers of MPEG audio frames (ISO 11172-3, 13818-3) and of ADTS frames (ISO 13818-7), as far as they show that a
//! stream begins here.

use super::Format;
use crate::source::{ReadError, Source};

/// No frame of either kind is longer.
pub(super) const LONGEST_FRAME: u64 = 8192;

/// How much of a header is looked at; a file that ends sooner is filled up with zeros.
pub(super) const HEAD: usize = 6;

/// One frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub format: Format,
    pub is_layer_3: bool,
    /// `None` for a free bit rate.
    length: Option<u32>,
    /// The bits that are the same in all frames of a stream.
    constant: u32,
}

/// Where the next header is looked for.
pub(super) enum View<'a, 'b> {
    File(&'a mut Source<'b>),
    Memory(&'a [u8]),
}

impl View<'_, '_> {
    fn head(&mut self, at: u64) -> Result<[u8; HEAD], ReadError> {
        let count = self.len().saturating_sub(at).min(HEAD as u64) as usize;
        let mut head = [0; HEAD];
        match self {
            View::File(source) if count > 0 => head[..count].copy_from_slice(source.at(at, count)?),
            View::Memory(bytes) if count > 0 => head[..count].copy_from_slice(&bytes[at as usize..][..count]),
            View::File(_) | View::Memory(_) => {}
        }
        Ok(head)
    }

    fn len(&self) -> u64 {
        match self {
            View::File(source) => source.len(),
            View::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl Frame {
    /// Whether the frame at `at` is followed by one of the same stream, or by the exact end.
    pub(super) fn is_followed(&self, view: &mut View, at: u64) -> Result<bool, ReadError> {
        let Some(length) = self.length else { return Ok(false) };
        let next = at + u64::from(length);
        if next == view.len() {
            return Ok(true);
        }
        Ok(frame(view.head(next)?).is_some_and(|next| next.constant == self.constant))
    }
}

/// Reads a frame's header; `None` if it is none.
pub(super) fn frame(head: [u8; HEAD]) -> Option<Frame> {
    let bits = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    if bits >> 21 != 0x7FF {
        return None;
    }
    if bits >> 16 & 0xFFF6 == 0xFFF0 {
        return adts(head);
    }
    let version = bits >> 19 & 3;
    let layer = 4 - (bits >> 17 & 3);
    let (rate, bitrate) = (bits >> 10 & 3, (bits >> 12 & 15) as usize);
    if version == 1 || layer == 4 || rate == 3 || bitrate == 15 {
        return None;
    }
    let is_1 = version == 3;
    let kilobits: [u32; 15] = match (is_1, layer) {
        (true, 1) => [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        (true, 2) => [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        (true, _) => [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        (false, 1) => [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        (false, _) => [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    };
    let hertz = [44_100, 48_000, 32_000][rate as usize]
        / match version {
            3 => 1,
            2 => 2,
            _ => 4,
        };
    let padding = bits >> 9 & 1;
    let bits_a_second = kilobits[bitrate] * 1000;
    let length = match layer {
        1 => (12 * bits_a_second / hertz + padding) * 4,
        3 if !is_1 => 72 * bits_a_second / hertz + padding,
        _ => 144 * bits_a_second / hertz + padding,
    };
    Some(Frame {
        format: Format::Mp3,
        is_layer_3: layer == 3,
        length: (bitrate != 0).then_some(length),
        // Sync, version, layer, sampling rate.
        constant: bits & 0xFFFE_0C00,
    })
}

/// An ADTS header: 28 bits that are fixed for a stream, and the frame's length in 13 bits from bit 30 on.
fn adts(head: [u8; HEAD]) -> Option<Frame> {
    let bits = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    let length = (bits & 3) << 11 | u32::from(head[4]) << 3 | u32::from(head[5]) >> 5;
    let header_length = if bits >> 16 & 1 == 0 { 9 } else { 7 };
    if bits >> 10 & 15 > 12 || length < header_length {
        return None;
    }
    Some(Frame {
        format: Format::Aac,
        is_layer_3: false,
        length: Some(length),
        // Sync, version, profile, sampling rate, channels.
        constant: bits & 0xFFFE_FDC0,
    })
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
    fn check(head: [u8; HEAD], format: Format, length: Option<u32>) {
        let frame = frame(head).unwrap();
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
            let follows = frame(head).is_some_and(|frame| frame.is_followed(&mut View::Memory(&head), 0).unwrap());
            assert!(!follows, "{head:x?}");
        }
    }
}
