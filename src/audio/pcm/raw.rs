//! Samples that are in a file as they are: WAV, RF64, BW64, AIFF and AIFC.
//!
//! They are read here, not by a decoder: none takes files past 4 GiB, and copying bytes needs none.

use std::ops::Range;
use std::time::Instant;

use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known as codec;

use super::super::decode::{Limits, MOST_CHANNELS};
use super::super::view::array;
use super::digest::{Digests, SampleWidth};
use super::{Pcm, PcmLayout, Undecodable, io_error};
use crate::bytes::source::{ReadAt, read_full_at};

/// No file has more chunks before its samples.
const MOST_CHUNKS: usize = 1024;

/// How much is read at once.
const BUFFER: usize = 256 * 1024;

#[derive(Debug)]
pub(in crate::audio) struct Raw {
    pub(super) layout: PcmLayout,
    sample: Sample,
    data: Range<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sample {
    bytes: usize,
    order: ByteOrder,
    kind: NumberType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ByteOrder {
    Little,
    Big,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberType {
    Signed,
    Unsigned,
    Float,
}

/// Whether a codec of the library's is nothing but numbers.
pub(super) fn is_linear(id: AudioCodecId) -> bool {
    use codec::*;
    let linear = [
        CODEC_ID_PCM_S8,
        CODEC_ID_PCM_U8,
        CODEC_ID_PCM_S16LE,
        CODEC_ID_PCM_S16BE,
        CODEC_ID_PCM_S24LE,
        CODEC_ID_PCM_S24BE,
        CODEC_ID_PCM_S32LE,
        CODEC_ID_PCM_S32BE,
        CODEC_ID_PCM_F32LE,
        CODEC_ID_PCM_F32BE,
    ];
    linear.contains(&id)
}

/// Where the samples of a file are; none if it is of another kind.
pub(super) fn find(source: &(dyn ReadAt + Sync)) -> Result<Option<Raw>, Undecodable> {
    let Some(head) = array::<12>(source, 0).map_err(io_error)? else {
        return Ok(None);
    };
    let found = match head {
        [b'R', b'I', b'F', b'F', .., b'W', b'A', b'V', b'E']
        | [b'R', b'F', b'6', b'4', .., b'W', b'A', b'V', b'E']
        | [b'B', b'W', b'6', b'4', .., b'W', b'A', b'V', b'E'] => wave(source)?,
        [b'F', b'O', b'R', b'M', .., b'A', b'I', b'F', b'F' | b'C'] => aiff(source)?,
        _ => return Ok(None),
    };
    let frame = found.sample.bytes * usize::from(found.layout.channels);
    // More than 4 GiB behind its end: the size left out its upper half, and says nothing.
    let is_whole = source
        .len()
        .checked_sub(found.data.end)
        .is_some_and(|rest| rest >> 32 == 0);
    let fits = is_whole && (found.data.end - found.data.start) % frame as u64 == 0;
    match fits && found.layout.rate > 0 && found.layout.frames > 0 {
        true => Ok(Some(found)),
        false => Err(Undecodable::Broken),
    }
}

/// Calls `each` with name and body of the chunks, until it is content.
fn chunks(
    source: &(dyn ReadAt + Sync),
    number: fn([u8; 4]) -> u32,
    each: &mut dyn FnMut([u8; 4], Range<u64>) -> Result<bool, Undecodable>,
) -> Result<(), Undecodable> {
    let mut at = 12u64;
    for _ in 0..MOST_CHUNKS {
        let Some([a, b, c, d, size @ ..]) = array::<8>(source, at).map_err(io_error)? else {
            break;
        };
        let size = u64::from(number(size));
        if each([a, b, c, d], at + 8..at + 8 + size)? {
            break;
        }
        at += 8 + size + size % 2;
    }
    Ok(())
}

fn wave(source: &(dyn ReadAt + Sync)) -> Result<Raw, Undecodable> {
    let (mut format, mut data, mut long) = (None, None, None);
    chunks(source, u32::from_le_bytes, &mut |name, body| {
        match &name {
            b"ds64" => long = array::<16>(source, body.start).map_err(io_error)?,
            b"fmt " => format = Some(wave_format(source, &body)?),
            b"data" => data = Some(body),
            _ => {}
        }
        Ok(data.is_some())
    })?;
    let ((sample, channels, rate), mut data) = format.zip(data).ok_or(Undecodable::Broken)?;
    if data.end - data.start == u64::from(u32::MAX) {
        // EBU Tech 3306: the size is in ds64. A WAV without one was never finished.
        let Some([_, _, _, _, _, _, _, _, size @ ..]) = long else {
            return Err(Undecodable::Broken);
        };
        data.end = data
            .start
            .checked_add(u64::from_le_bytes(size))
            .ok_or(Undecodable::Broken)?;
    }
    let frame = (sample.bytes * usize::from(channels)) as u64;
    let layout = PcmLayout {
        rate,
        channels,
        frames: (data.end - data.start) / frame,
    };
    Ok(Raw { layout, sample, data })
}

fn wave_format(source: &(dyn ReadAt + Sync), body: &Range<u64>) -> Result<(Sample, u16, u32), Undecodable> {
    let head = array::<16>(source, body.start)
        .map_err(io_error)?
        .ok_or(Undecodable::Broken)?;
    let [tag @ .., c0, c1, r0, r1, r2, r3, _, _, _, _, a0, a1, b0, b1] = head;
    let mut tag = u16::from_le_bytes(tag);
    if tag == 0xfffe && body.end - body.start >= 26 {
        tag = u16::from_le_bytes(
            array::<2>(source, body.start + 24)
                .map_err(io_error)?
                .ok_or(Undecodable::Broken)?,
        );
    }
    let (channels, align, bits) = (
        u16::from_le_bytes([c0, c1]),
        u16::from_le_bytes([a0, a1]),
        u16::from_le_bytes([b0, b1]),
    );
    let kind = match tag {
        1 if bits <= 8 => NumberType::Unsigned,
        1 => NumberType::Signed,
        3 => NumberType::Float,
        _ => return Err(Undecodable::NotLossless),
    };
    let sample = sample(bits, ByteOrder::Little, kind, channels)?;
    // 24 bits in 32 are at either end of them, as their writer liked.
    if usize::from(align) != sample.bytes * usize::from(channels) {
        return Err(Undecodable::NoDecoder);
    }
    Ok((sample, channels, u32::from_le_bytes([r0, r1, r2, r3])))
}

fn sample(bits: u16, order: ByteOrder, kind: NumberType, channels: u16) -> Result<Sample, Undecodable> {
    let bytes = usize::from(bits.div_ceil(8));
    let is_known = match kind {
        NumberType::Signed => (1..=4).contains(&bytes),
        NumberType::Unsigned => bytes == 1,
        // Of 64 bits nothing else has the like.
        NumberType::Float => bits == 32,
    };
    if !is_known {
        return Err(Undecodable::NoDecoder);
    }
    if channels == 0 || usize::from(channels) > MOST_CHANNELS {
        return Err(Undecodable::Broken);
    }
    Ok(Sample { bytes, order, kind })
}

fn aiff(source: &(dyn ReadAt + Sync)) -> Result<Raw, Undecodable> {
    let is_aifc = array::<12>(source, 0)
        .map_err(io_error)?
        .is_some_and(|head| head[11] == b'C');
    let (mut common, mut sound) = (None, None);
    chunks(source, u32::from_be_bytes, &mut |name, body| {
        match &name {
            b"COMM" => common = Some(aiff_common(source, &body, is_aifc)?),
            b"SSND" => sound = Some(body),
            _ => {}
        }
        Ok(common.is_some() && sound.is_some())
    })?;
    let ((sample, layout), sound) = common.zip(sound).ok_or(Undecodable::Broken)?;
    let offset = array::<4>(source, sound.start)
        .map_err(io_error)?
        .ok_or(Undecodable::Broken)?;
    let start = sound.start + 8 + u64::from(u32::from_be_bytes(offset));
    let len = layout.frames * (sample.bytes * usize::from(layout.channels)) as u64;
    if start + len > sound.end {
        return Err(Undecodable::Broken);
    }
    Ok(Raw {
        layout,
        sample,
        data: start..start + len,
    })
}

fn aiff_common(
    source: &(dyn ReadAt + Sync),
    body: &Range<u64>,
    is_aifc: bool,
) -> Result<(Sample, PcmLayout), Undecodable> {
    let head = array::<18>(source, body.start)
        .map_err(io_error)?
        .ok_or(Undecodable::Broken)?;
    let [c0, c1, f0, f1, f2, f3, b0, b1, rate @ ..] = head;
    let coding = match is_aifc {
        true => array::<4>(source, body.start + 18)
            .map_err(io_error)?
            .ok_or(Undecodable::Broken)?,
        false => *b"NONE",
    };
    let (order, kind) = match &coding {
        b"NONE" | b"twos" | b"in24" | b"in32" => (ByteOrder::Big, NumberType::Signed),
        b"sowt" | b"23ni" => (ByteOrder::Little, NumberType::Signed),
        b"raw " => (ByteOrder::Big, NumberType::Unsigned),
        b"fl32" | b"FL32" => (ByteOrder::Big, NumberType::Float),
        b"fl64" | b"FL64" => return Err(Undecodable::NoDecoder),
        _ => return Err(Undecodable::NotLossless),
    };
    let channels = u16::from_be_bytes([c0, c1]);
    let sample = sample(u16::from_be_bytes([b0, b1]), order, kind, channels)?;
    let layout = PcmLayout {
        rate: whole_rate(rate).ok_or(Undecodable::Broken)?,
        channels,
        frames: u64::from(u32::from_be_bytes([f0, f1, f2, f3])),
    };
    Ok((sample, layout))
}

/// A rate in 80 bits of floating point, if it is a whole number.
fn whole_rate([sign, exponent, mantissa @ ..]: [u8; 10]) -> Option<u32> {
    let exponent = u16::from_be_bytes([sign, exponent])
        .checked_sub(16383)
        .filter(|exponent| *exponent < 32)?;
    let mantissa = u64::from_be_bytes(mantissa);
    let shift = 63 - u32::from(exponent);
    let rate = mantissa >> shift;
    (rate << shift == mantissa).then(|| u32::try_from(rate).ok())?
}

impl Raw {
    pub(in crate::audio) fn read(&self, source: &(dyn ReadAt + Sync), limits: &Limits) -> Result<Pcm, Undecodable> {
        read(source, self, Instant::now() + limits.time)
    }
}

fn read(source: &(dyn ReadAt + Sync), raw: &Raw, deadline: Instant) -> Result<Pcm, Undecodable> {
    let Raw { layout, sample, data } = raw;
    let width = match (sample.kind, sample.bytes) {
        (NumberType::Float, _) => SampleWidth::Float,
        (_, 1 | 2) => SampleWidth::Bits16,
        (_, 3) => SampleWidth::Bits24,
        _ => SampleWidth::Bits32,
    };
    let frame = sample.bytes * usize::from(layout.channels);
    let mut digests = Digests::new(width, usize::from(layout.channels));
    let mut buffer = vec![0; BUFFER / frame * frame];
    let mut wide = Vec::new();
    let mut at = data.start;
    while at < data.end {
        if Instant::now() >= deadline {
            return Err(Undecodable::TimedOut);
        }
        let count = (data.end - at).min(buffer.len() as u64) as usize;
        let bytes = &mut buffer[..count];
        if read_full_at(source, bytes, at).map_err(io_error)? < count {
            // It has shrunk since its headers were read.
            return Err(Undecodable::Broken);
        }
        if sample.order == ByteOrder::Big && sample.bytes > 1 {
            bytes.chunks_exact_mut(sample.bytes).for_each(<[u8]>::reverse);
        }
        match sample.bytes {
            1 => {
                let flip = if sample.kind == NumberType::Unsigned { 0x80 } else { 0 };
                wide.clear();
                wide.extend(bytes.iter().flat_map(|byte| [0, byte ^ flip]));
                digests.add(&wide);
            }
            _ => digests.add(bytes),
        }
        at += count as u64;
    }
    Ok(Pcm {
        layout: *layout,
        digest: digests.finish()?,
    })
}
