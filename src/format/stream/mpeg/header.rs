//! The header of one frame: MPEG-1 and MPEG-2 audio (ISO 11172-3, section 2.4.1.3), and ADTS (ISO 13818-7, section 6.2).

use super::Frame;
use crate::format::Format;

/// Reads a frame's header, of which the first six bytes are looked at; `None` if it is none.
pub(in crate::format) fn frame(head: &[u8]) -> Option<Frame> {
    let bits = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    if bits >> 21 != 0x7FF {
        return None;
    }
    if bits >> 16 & 0xFFF6 == 0xFFF0 {
        return adts(bits, head[4], head[5]);
    }
    let version = bits >> 19 & 3;
    let layer = 4 - (bits >> 17 & 3);
    let (rate, bitrate) = (bits >> 10 & 3, (bits >> 12 & 15) as usize);
    if version == 1 || layer == 4 || rate == 3 || bitrate == 15 {
        return None;
    }
    let is_mpeg_1 = version == 3;
    let kilobits: [u32; 15] = match (is_mpeg_1, layer) {
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
    let padding = (bits >> 9 & 1) * if layer == 1 { 4 } else { 1 };
    let bits_a_second = kilobits[bitrate] * 1000;
    let length = match layer {
        1 => 12 * bits_a_second / hertz * 4,
        3 if !is_mpeg_1 => 72 * bits_a_second / hertz,
        _ => 144 * bits_a_second / hertz,
    };
    let is_mono = bits >> 6 & 3 == 3;
    Some(Frame {
        format: Format::Mp3,
        layer,
        length: (bitrate != 0).then_some(length + padding),
        padding,
        is_mpeg_1,
        is_mono,
        has_crc: bits >> 16 & 1 == 0,
        // Sync, version, layer, sampling rate; and whether there is one channel.
        constant: bits & 0xFFFE_0C00 | u32::from(is_mono),
    })
}

/// An ADTS header: 28 bits that are fixed for a stream, and the frame's length in 13 bits from bit 30 on.
fn adts(bits: u32, fifth: u8, sixth: u8) -> Option<Frame> {
    let length = (bits & 3) << 11 | u32::from(fifth) << 3 | u32::from(sixth) >> 5;
    let has_crc = bits >> 16 & 1 == 0;
    let header_length = if has_crc { 9 } else { 7 };
    if bits >> 10 & 15 > 12 || length < header_length {
        return None;
    }
    Some(Frame {
        format: Format::Aac,
        layer: 0,
        length: Some(length),
        padding: 0,
        is_mpeg_1: false,
        is_mono: false,
        has_crc,
        // Sync, version, profile, sampling rate, channels.
        constant: bits & 0xFFFE_FDC0,
    })
}
