//! What a FLAC's STREAMINFO block says of its samples (RFC 9639, section 8.2).

use super::super::view::{after_id3, array};
use super::digest::{Digest, Width};
use super::{Layout, Undecodable, io_error};
use crate::source::ReadAt;

/// A FLAC this many times smaller than its samples may be silent.
const SILENT_SHARE: u64 = 50;

#[derive(Debug)]
pub(super) struct StreamInfo {
    pub(super) layout: Layout,
    bits: u8,
    md5: u128,
}

/// None where it is no FLAC, or one that does not say how long it is.
pub(super) fn stream_info(source: &(dyn ReadAt + Sync)) -> Result<Option<StreamInfo>, Undecodable> {
    let start = after_id3(source).map_err(io_error)?;
    let Some(head) = array::<42>(source, start).map_err(io_error)? else {
        return Ok(None);
    };
    let [b'f', b'L', b'a', b'C', kind, _, _, 34, body @ ..] = head else {
        return Ok(None);
    };
    if kind & 0x7f != 0 {
        return Ok(None);
    }
    let mut packed = [0; 8];
    packed.copy_from_slice(&body[10..18]);
    let packed = u64::from_be_bytes(packed);
    let mut md5 = [0; 16];
    md5.copy_from_slice(&body[18..34]);
    let layout = Layout {
        rate: (packed >> 44) as u32,
        channels: (packed >> 41 & 7) as u16 + 1,
        frames: packed & 0xf_ffff_ffff,
    };
    Ok((layout.rate > 0 && layout.frames > 0).then_some(StreamInfo {
        layout,
        bits: (packed >> 36 & 31) as u8 + 1,
        md5: u128::from_be_bytes(md5),
    }))
}

impl StreamInfo {
    /// Other widths than these have samples in whole bytes nowhere else.
    fn width(&self) -> Option<Width> {
        match self.bits {
            16 => Some(Width::Bits16),
            24 => Some(Width::Bits24),
            _ => None,
        }
    }

    /// None where the encoder left the MD5 out.
    pub(super) fn digest(&self) -> Option<Digest> {
        Some(Digest::stated(self.width().filter(|_| self.md5 != 0)?, self.md5))
    }

    /// Silence shrinks to next to nothing, so it is cheap to look at.
    pub(super) fn may_be_silent(&self, len: u64) -> bool {
        let bytes = self.layout.frames * u64::from(self.layout.channels) * u64::from(self.bits / 8);
        len < bytes / SILENT_SHARE + 64 * 1024
    }
}
