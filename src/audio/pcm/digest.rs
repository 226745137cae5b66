//! MD5s of samples, in every width that holds them without loss.

use md5::{Digest as _, Md5};

use super::Undecodable;
use crate::audio::SILENCE;

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum SampleWidth {
    Bits16,
    Bits24,
    Bits32,
    /// Of 32 bits.
    Float,
}

impl SampleWidth {
    pub(super) fn bytes(self) -> usize {
        match self {
            SampleWidth::Bits16 => 2,
            SampleWidth::Bits24 => 3,
            SampleWidth::Bits32 | SampleWidth::Float => 4,
        }
    }
}

/// What stands for the samples of a file, in each width that is known to hold them. Never of silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    at16: Option<u128>,
    at24: Option<u128>,
    at32: Option<u128>,
    float: Option<u128>,
    /// Whether narrower widths without a digest are known not to hold them.
    is_decoded: bool,
}

impl Digest {
    /// Of a FLAC's own MD5.
    pub(super) fn stated(width: SampleWidth, md5: u128) -> Digest {
        let at = |each: SampleWidth| (each == width).then_some(md5);
        Digest {
            at16: at(SampleWidth::Bits16),
            at24: at(SampleWidth::Bits24),
            at32: None,
            float: None,
            is_decoded: false,
        }
    }

    /// Whether it is known at 16 bits and no more.
    pub(super) fn is_narrow(&self) -> bool {
        self.at16.is_some() && self.at24.is_none()
    }

    /// Whether nobody has looked if 16 bits would do.
    pub(super) fn is_wide_only(&self) -> bool {
        !self.is_decoded && self.at16.is_none()
    }

    /// What equal samples share, among digests of which some are `narrow`.
    pub(super) fn key(&self, narrow: bool) -> Option<(SampleWidth, u128)> {
        let at16 = self.at16.map(|md5| (SampleWidth::Bits16, md5));
        let at24 = self.at24.map(|md5| (SampleWidth::Bits24, md5));
        let wider = self
            .at32
            .map(|md5| (SampleWidth::Bits32, md5))
            .or(self.float.map(|md5| (SampleWidth::Float, md5)));
        match narrow {
            true => at16.or(at24).or(wider),
            false => at24.or(wider).or(at16),
        }
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.is_decoded)];
        for md5 in [self.at16, self.at24, self.at32, self.float] {
            bytes.push(u8::from(md5.is_some()));
            bytes.extend_from_slice(&md5.unwrap_or_default().to_be_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Digest> {
        let (decoded, rest) = bytes.split_first()?;
        let mut found = [None; 4];
        let (chunks, []) = rest.as_chunks::<17>() else {
            return None;
        };
        if chunks.len() != found.len() {
            return None;
        }
        for (md5, [is_some, value @ ..]) in found.iter_mut().zip(chunks) {
            *md5 = (*is_some == 1).then(|| u128::from_be_bytes(*value));
        }
        let [at16, at24, at32, float] = found;
        Some(Digest {
            at16,
            at24,
            at32,
            float,
            is_decoded: *decoded == 1,
        })
    }
}

/// Takes samples in, in the width in which a file has them.
pub(super) struct Digests {
    width: SampleWidth,
    own: Md5,
    /// Of narrower widths, as long as they hold every sample.
    at24: Option<Md5>,
    at16: Option<Md5>,
    narrowed: Vec<u8>,
    /// The bytes of the first frame, as long as all others equal it.
    constant: Option<Vec<u8>>,
    frame: usize,
    /// Whether no sample is louder than silence yet.
    is_silent: bool,
}

impl Digests {
    pub(super) fn new(width: SampleWidth, channels: usize) -> Digests {
        let is_wider = |than: SampleWidth| width.bytes() > than.bytes();
        Digests {
            width,
            own: Md5::new(),
            at24: is_wider(SampleWidth::Bits24).then(Md5::new),
            at16: is_wider(SampleWidth::Bits16).then(Md5::new),
            narrowed: Vec::new(),
            constant: Some(Vec::new()),
            frame: width.bytes() * channels,
            is_silent: true,
        }
    }

    pub(super) fn width(&self) -> SampleWidth {
        self.width
    }

    /// Takes whole frames, interleaved and in little endian.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        if bytes.len() < self.frame {
            return;
        }
        self.is_silent = self.is_silent && is_silent(self.width, bytes);
        if let Some(first) = &mut self.constant {
            if first.is_empty() {
                first.extend_from_slice(&bytes[..self.frame]);
            }
            let goes_on = bytes[..self.frame] == first[..] && bytes[self.frame..] == bytes[..bytes.len() - self.frame];
            if !goes_on {
                self.constant = None;
            }
        }
        self.own.update(bytes);
        self.narrow_to_24(bytes);
        self.narrow_to_16(bytes);
    }

    fn narrow_to_24(&mut self, bytes: &[u8]) {
        let Some(at24) = &mut self.at24 else { return };
        self.narrowed.clear();
        let holds = match self.width {
            SampleWidth::Float => floats_as_24(bytes, &mut self.narrowed),
            SampleWidth::Bits16 | SampleWidth::Bits24 | SampleWidth::Bits32 => upper::<4, 3>(bytes, &mut self.narrowed),
        };
        match holds {
            true => at24.update(&self.narrowed),
            false => {
                self.at24 = None;
                self.at16 = None;
            }
        }
    }

    fn narrow_to_16(&mut self, bytes: &[u8]) {
        let Some(at16) = &mut self.at16 else { return };
        let mut narrowed = Vec::new();
        let from = match self.width {
            SampleWidth::Bits24 => bytes,
            SampleWidth::Bits16 | SampleWidth::Bits32 | SampleWidth::Float => &self.narrowed,
        };
        match upper::<3, 2>(from, &mut narrowed) {
            true => at16.update(&narrowed),
            false => self.at16 = None,
        }
    }

    /// Silence of one length is no evidence of anything, nor is what only its noise tells from it, nor any single level.
    pub(super) fn finish(self) -> Result<Digest, Undecodable> {
        if self.is_silent || self.constant.is_some() {
            return Err(Undecodable::Silent);
        }
        let value = |md5: Md5| u128::from_be_bytes(md5.finalize().into());
        let (own, narrow24, narrow16) = (value(self.own), self.at24.map(value), self.at16.map(value));
        let own_at = |width: SampleWidth| (self.width == width).then_some(own);
        Ok(Digest {
            at16: narrow16.or(own_at(SampleWidth::Bits16)),
            at24: narrow24.or(own_at(SampleWidth::Bits24)),
            at32: own_at(SampleWidth::Bits32),
            float: own_at(SampleWidth::Float),
            is_decoded: true,
        })
    }
}

/// Whether no sample is louder than what the ear takes for silence.
pub(super) fn is_silent(width: SampleWidth, bytes: &[u8]) -> bool {
    let all = |level: fn(&[u8]) -> f32| {
        bytes
            .chunks_exact(width.bytes())
            .all(|sample| level(sample).abs() < SILENCE)
    };
    // The highest byte carries the sign.
    fn whole(sample: &[u8]) -> f32 {
        let mut four = [0; 4];
        four[4 - sample.len()..].copy_from_slice(sample);
        i32::from_le_bytes(four) as f32 / 2_147_483_648.0
    }
    match width {
        SampleWidth::Bits16 | SampleWidth::Bits24 | SampleWidth::Bits32 => all(whole),
        SampleWidth::Float => all(|sample| sample.try_into().map_or(0.0, f32::from_le_bytes)),
    }
}

/// The upper bytes of samples, if the lowest is 0 in all.
fn upper<const FROM: usize, const TO: usize>(bytes: &[u8], narrowed: &mut Vec<u8>) -> bool {
    let (samples, _) = bytes.as_chunks::<FROM>();
    if samples.iter().any(|sample| sample[0] != 0) {
        return false;
    }
    narrowed.reserve(samples.len() * TO);
    for sample in samples {
        narrowed.extend_from_slice(&sample[FROM - TO..]);
    }
    true
}

/// Floating point samples as 24 bits, if all are.
fn floats_as_24(bytes: &[u8], narrowed: &mut Vec<u8>) -> bool {
    let (samples, _) = bytes.as_chunks::<4>();
    for sample in samples {
        let scaled = f32::from_le_bytes(*sample) * 8_388_608.0;
        if scaled.fract() != 0.0 || !(-8_388_608.0..8_388_608.0).contains(&scaled) {
            return false;
        }
        narrowed.extend_from_slice(&(scaled as i32).to_le_bytes()[..3]);
    }
    true
}
