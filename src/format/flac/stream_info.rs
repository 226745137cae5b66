//! What a FLAC's STREAMINFO block says of its samples (RFC 9639, section 8.2).

use std::io;

use crate::bytes::source::ReadAt;
use crate::format::stream::mpeg::after_id3;
use crate::format::tags::FlacLayout;

/// What a frame takes beside its samples: header, footer, and a header of each channel.
const OVERHEAD: u64 = 64;

#[derive(Debug)]
pub(crate) struct StreamInfo {
    /// Of 0 frames where their number is not said.
    layout: FlacLayout,
    /// Of the samples; 0 where the encoder left it out.
    md5: u128,
    /// The most samples of a channel in a frame, and the most bytes of one; 0 where they are not said.
    most_samples: u64,
    most_bytes: u64,
}

/// None where it is no FLAC.
pub(crate) fn stream_info(source: &dyn ReadAt) -> io::Result<Option<StreamInfo>> {
    let mut head = [0; 42];
    if source.read_at(&mut head, after_id3(source)?)? < head.len() {
        return Ok(None);
    }
    let [b'f', b'L', b'a', b'C', kind, _, _, 34, body @ ..] = head else {
        return Ok(None);
    };
    if kind & 0x7f != 0 {
        return Ok(None);
    }
    let number = |bytes: &[u8]| bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    let packed = number(&body[10..18]) as u64;
    Ok(Some(StreamInfo {
        layout: FlacLayout {
            rate: (packed >> 44) as u32,
            channels: (packed >> 41 & 7) as u16 + 1,
            bits: (packed >> 36 & 31) as u8 + 1,
            frames: packed & 0xf_ffff_ffff,
        },
        md5: number(&body[18..34]),
        most_samples: number(&body[2..4]) as u64,
        most_bytes: number(&body[7..10]) as u64,
    }))
}

impl StreamInfo {
    /// None where the length is not said, which is part of what two MD5s must share to tell anything.
    pub(crate) fn layout(&self) -> Option<FlacLayout> {
        Some(self.layout).filter(|layout| layout.frames > 0)
    }

    /// The MD5 of the samples, where the encoder wrote one.
    pub(crate) fn md5(&self) -> Option<u128> {
        (self.md5 != 0).then_some(self.md5)
    }

    /// Whether no frame has room for more than one value a channel, as in silence (RFC 9639, sections 9.1 and 9.2): a header
    /// of 16 bytes, 5 bytes a channel, and a footer.
    pub(crate) fn is_constant(&self) -> bool {
        (1..=18 + 5 * u64::from(self.layout.channels)).contains(&self.most_bytes)
    }

    /// Whether its frames are too large for silence, and for what is next to it: that shrinks to less than two and a half
    /// bits a sample, even in the largest frame.
    pub(crate) fn sounds(&self) -> bool {
        let most = self.most_samples * u64::from(self.layout.channels) * 5 / 16;
        self.most_bytes > most + OVERHEAD
    }
}
