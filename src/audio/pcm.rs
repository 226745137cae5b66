//! Whether lossless files decode to the same samples: of any length and any sound, in whatever format and width.
//!
//! Samples are told by the MD5 of their bytes, interleaved and in little endian, as FLAC keeps it of its own: so a FLAC
//! that states its MD5 need not be decoded. 16 bits that are in 24 count as the 16 bits they are. Invariant: what is
//! damaged, cut short or nothing but silence gets no answer, never a wrong one.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_ALAC, CODEC_ID_FLAC};
use symphonia::core::formats::{SeekMode, SeekTo};
use symphonia::core::units::Timestamp;

use super::Undecodable;
use super::cache::Cache;
use super::decode::Limits;
use super::stream::Stream;
use super::view::{array, is_mpeg_frame};
use crate::bytes::source::{Links, ReadAt, ReadError, SourceFile};
use crate::discover::Extension;
use crate::format::flac::stream_info::{StreamInfo, stream_info};
use crate::format::stream::mpeg::after_id3;
use crate::format::tags::FlacLayout;
use crate::system::in_flight::spread;
use digest::{Digests, SampleWidth};
use frames::Packets;

mod digest;
mod frames;
mod raw;
mod residual;

pub use digest::Digest;
pub use residual::other_samples;

/// What two files must have in common before their samples are worth comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PcmLayout {
    pub rate: u32,
    pub channels: u16,
    /// Samples of each channel.
    pub frames: u64,
}

/// The samples of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pcm {
    pub layout: PcmLayout,
    pub digest: Digest,
}

impl Pcm {
    /// The MD5 of the samples in the narrowest width that is known to hold them, as FLAC keeps it.
    pub fn md5(&self) -> Option<u128> {
        self.digest.key(true).map(|(_, md5)| md5)
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let PcmLayout { rate, channels, frames } = self.layout;
        let mut bytes = self.digest.to_bytes();
        bytes.extend_from_slice(&frames.to_be_bytes());
        bytes.extend_from_slice(&rate.to_be_bytes());
        bytes.extend_from_slice(&channels.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Pcm> {
        let (rest, channels) = bytes.split_last_chunk()?;
        let (rest, rate) = rest.split_last_chunk()?;
        let (digest, frames) = rest.split_last_chunk()?;
        Some(Pcm {
            layout: PcmLayout {
                rate: u32::from_be_bytes(*rate),
                channels: u16::from_be_bytes(*channels),
                frames: u64::from_be_bytes(*frames),
            },
            digest: Digest::from_bytes(digest)?,
        })
    }
}

/// Whether a FLAC's own MD5 is taken for its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Md5Claim {
    Believed,
    Ignored,
}

/// Which of these files have equal samples: those with the same number. Only files that share their [`PcmLayout`] are
/// decoded. The error is the reason why nothing can be said of a file; once told to stop, nothing is said of the rest.
pub fn classes(
    cache: &Cache,
    limits: &Limits,
    links: Links,
    stop: &AtomicBool,
    paths: &[impl AsRef<Path> + Sync],
) -> Vec<Result<usize, Undecodable>> {
    let open = |index: usize| -> Result<(SourceFile, Option<Extension>), Undecodable> {
        if stop.load(Ordering::Relaxed) {
            return Err(Undecodable::Interrupted);
        }
        let path = paths[index].as_ref();
        let file = SourceFile::open(path, links).map_err(Undecodable::Read)?;
        Ok((file, Extension::of(path.as_os_str())))
    };
    let layout_of = |index: usize| {
        let (file, extension) = open(index)?;
        layout(&file, extension.as_ref().and_then(Extension::as_str), limits)
    };
    let digest_of = |index: usize, claim: Md5Claim| {
        let (file, extension) = open(index)?;
        let extension = extension.as_ref().and_then(Extension::as_str);
        cache.pcm(&file, extension, limits, claim).map(|pcm| pcm.digest)
    };
    let layouts: Vec<Result<PcmLayout, Undecodable>> = spread(0..paths.len(), layout_of);
    let mut classes = Vec::with_capacity(paths.len());
    let mut alike: HashMap<PcmLayout, Vec<usize>> = HashMap::new();
    for (index, layout) in layouts.into_iter().enumerate() {
        classes.push(layout.map(|layout| {
            alike.entry(layout).or_default().push(index);
            index
        }));
    }
    let alike: Vec<Vec<usize>> = alike.into_values().filter(|members| members.len() > 1).collect();
    let parted: Vec<Vec<Result<usize, Undecodable>>> =
        alike.par_iter().map(|members| parted(members, &digest_of)).collect();
    for (members, parted) in alike.iter().zip(parted) {
        for (index, class) in members.iter().zip(parted) {
            classes[*index] = class;
        }
    }
    classes
}

/// The classes of files of one layout: each is called by its first member.
fn parted(
    members: &[usize],
    digest_of: &(impl Fn(usize, Md5Claim) -> Result<Digest, Undecodable> + Sync),
) -> Vec<Result<usize, Undecodable>> {
    let mut digests: Vec<Result<Digest, Undecodable>> = members
        .par_iter()
        .map(|index| digest_of(*index, Md5Claim::Believed))
        .collect();
    let narrow = digests.iter().flatten().any(Digest::is_narrow);
    // A FLAC of 24 bits does not say whether 16 would do; where another file has only those, it must be decoded.
    if narrow {
        digests.par_iter_mut().zip(members).for_each(|(digest, index)| {
            if digest.as_ref().is_ok_and(Digest::is_wide_only) {
                *digest = digest_of(*index, Md5Claim::Ignored);
            }
        });
    }
    let mut first: HashMap<(SampleWidth, u128), usize> = HashMap::new();
    let class = |(digest, index): (Result<Digest, Undecodable>, &usize)| {
        digest.map(|digest| {
            digest
                .key(narrow)
                .map_or(*index, |key| *first.entry(key).or_insert(*index))
        })
    };
    digests.into_iter().zip(members).map(class).collect()
}

/// What the headers say of a lossless file's samples.
pub fn layout(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
) -> Result<PcmLayout, Undecodable> {
    contained(|| {
        if let Some(raw) = raw::find(source)? {
            return Ok(raw.layout);
        }
        if let Some((layout, _)) = stated_by_flac(source)? {
            return Ok(layout);
        }
        let (stream, _) = open(source, extension, limits)?;
        stated(&stream).ok_or(Undecodable::Broken)
    })
}

/// The samples of a file.
pub fn read(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
    claim: Md5Claim,
) -> Result<Pcm, Undecodable> {
    match stored(source, extension, limits, claim)? {
        StoredPcm::Stated(pcm) => Ok(pcm),
        StoredPcm::Plain(raw) => raw.read(source, limits),
        StoredPcm::Encoded => decode(source, extension, limits),
    }
}

/// What it takes to know the samples of a file.
#[derive(Debug)]
pub(super) enum StoredPcm {
    /// The file says what they are, and is believed.
    Stated(Pcm),
    /// They are in it as they are.
    Plain(raw::Raw),
    Encoded,
}

pub(super) fn stored(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
    claim: Md5Claim,
) -> Result<StoredPcm, Undecodable> {
    contained(|| {
        if let Some(raw) = raw::find(source)? {
            return Ok(StoredPcm::Plain(raw));
        }
        if claim == Md5Claim::Believed
            && let Some((layout, Some(digest))) = stated_by_flac(source)?
            && ends_whole(source, extension, limits, layout.frames)?
        {
            return Ok(StoredPcm::Stated(Pcm { layout, digest }));
        }
        Ok(StoredPcm::Encoded)
    })
}

/// What a FLAC says of its samples, and the digest of them where it may be believed; none where it does not say how long
/// it is.
fn stated_by_flac(source: &(dyn ReadAt + Sync)) -> Result<Option<(PcmLayout, Option<Digest>)>, Undecodable> {
    let info = stream_info(source).map_err(io_error)?;
    let stated = |info: StreamInfo| {
        let FlacLayout {
            rate,
            channels,
            bits,
            frames,
        } = info.layout().filter(|layout| layout.rate > 0)?;
        // Other widths than these have samples in whole bytes nowhere else.
        let width = match bits {
            16 => Some(SampleWidth::Bits16),
            24 => Some(SampleWidth::Bits24),
            _ => None,
        };
        let digest = width.zip(info.md5().filter(|_| info.sounds()));
        let layout = PcmLayout { rate, channels, frames };
        Some((layout, digest.map(|(width, md5)| Digest::stated(width, md5))))
    };
    Ok(info.and_then(stated))
}

/// What a FLAC states of its samples: their MD5, where equal ones are evidence, and how they lie. Silence of one length is
/// none; what may be that by the size of its frames is decoded until something sounds, for ten seconds at most. `head` is
/// another reader of the file, which may have its beginning at hand.
pub fn stated_samples(head: &dyn ReadAt, file: &(dyn ReadAt + Sync)) -> (Option<u128>, Option<FlacLayout>) {
    let Ok(Some(info)) = stream_info(head) else {
        return (None, None);
    };
    let sounds = || info.sounds() || !info.is_constant() && contained(|| sounds(file)).unwrap_or(false);
    (info.md5().filter(|_| sounds()), info.layout())
}

fn sounds(source: &(dyn ReadAt + Sync)) -> Result<bool, Undecodable> {
    let mut packets = Packets::open(source, Some("flac"), &Limits::default())?;
    let bits = packets.params.bits_per_sample;
    let mut bytes = Vec::new();
    while let Some((at, buffer)) = packets.next()? {
        let (frame, rate) = (buffer.num_planes(), buffer.spec().rate());
        let width = little_endian(&buffer, bits, &mut bytes)?;
        let mut frames = bytes.chunks_exact(frame * width.bytes());
        let first = frames.next();
        if !digest::is_silent(width, &bytes) && frames.any(|frame| Some(frame) != first) {
            return Ok(true);
        }
        if at > i64::from(rate) * 10 {
            break;
        }
    }
    Ok(false)
}

fn contained<T>(read: impl FnOnce() -> Result<T, Undecodable>) -> Result<T, Undecodable> {
    crate::format::tags::quietly(read).unwrap_or(Err(Undecodable::DecoderPanicked))
}

/// Whether the last frame of a FLAC is there and can be decoded: its MD5 is that of the whole, also where it was cut.
fn ends_whole(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
    frames: u64,
) -> Result<bool, Undecodable> {
    let mut packets = Packets::open(source, extension, limits)?;
    let Some(last) = frames.checked_sub(1).and_then(|last| i64::try_from(last).ok()) else {
        return Ok(false);
    };
    let to = SeekTo::Timestamp {
        ts: Timestamp::new(last),
        track_id: packets.stream.track.id,
    };
    if packets.stream.format.seek(SeekMode::Accurate, to).is_err() {
        return Ok(false);
    }
    let mut reached = None;
    loop {
        match packets.next() {
            Ok(Some((at, buffer))) => reached = Some(at + buffer.frames() as i64),
            Ok(None) => return Ok(reached == Some(last + 1)),
            Err(Undecodable::Broken) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

/// The stream of a file that keeps every sample, and its codec.
fn open<'a>(
    source: &'a (dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
) -> Result<(Stream<'a>, AudioCodecParameters), Undecodable> {
    // The library looks for a beginning anywhere: it takes the WAV header that WavPack keeps inside for a WAV. And most
    // files of another kind need not be opened by it.
    let start = after_id3(source).map_err(io_error)?;
    match array::<8>(source, start).map_err(io_error)? {
        Some([b'f', b'L', b'a', b'C', ..] | [b'O', b'g', b'g', b'S', ..] | [b'c', b'a', b'f', b'f', ..])
        | Some([b'R', b'I', b'F', b'F', ..] | [b'R', b'F', b'6', b'4', ..] | [b'F', b'O', b'R', b'M', ..])
        | Some([_, _, _, _, b'f', b't', b'y', b'p']) => {}
        Some(head) if is_mpeg_frame(&head) => return Err(Undecodable::NotLossless),
        _ => return Err(Undecodable::NoDecoder),
    }
    let stream = Stream::open(source, extension, limits)?;
    let params = lossless(&stream)?;
    Ok((stream, params))
}

fn lossless(stream: &Stream) -> Result<AudioCodecParameters, Undecodable> {
    match &stream.track.codec_params {
        Some(CodecParameters::Audio(params)) if matches!(params.codec, CODEC_ID_FLAC | CODEC_ID_ALAC) => {
            Ok(params.clone())
        }
        Some(CodecParameters::Audio(params)) if raw::is_linear(params.codec) => Ok(params.clone()),
        Some(_) => Err(Undecodable::NotLossless),
        None => Err(Undecodable::NoDecoder),
    }
}

fn stated(stream: &Stream) -> Option<PcmLayout> {
    let Some(CodecParameters::Audio(params)) = &stream.track.codec_params else {
        return None;
    };
    Some(PcmLayout {
        rate: params.sample_rate?,
        channels: u16::try_from(params.channels.as_ref()?.count()).ok()?,
        frames: stream.track.num_frames?,
    })
}

/// Decodes all of a file. A frame that is damaged or missing ends it.
pub(super) fn decode(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
) -> Result<Pcm, Undecodable> {
    contained(|| decode_unguarded(source, extension, limits))
}

fn decode_unguarded(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
) -> Result<Pcm, Undecodable> {
    let mut packets = Packets::open(source, extension, limits)?;
    let stated = stated(&packets.stream);
    let bits = packets.params.bits_per_sample;
    let mut digests: Option<(Digests, u64)> = None;
    let mut bytes = Vec::new();
    while let Some((at, buffer)) = packets.next()? {
        let width = little_endian(&buffer, bits, &mut bytes)?;
        let channels = buffer.num_planes();
        let (digests, frames) = digests.get_or_insert_with(|| (Digests::new(width, channels), 0));
        if !u64::try_from(at).is_ok_and(|at| at == *frames) || digests.width() != width {
            return Err(Undecodable::Broken);
        }
        *frames += buffer.frames() as u64;
        digests.add(&bytes);
    }
    let (digests, frames) = digests.ok_or(Undecodable::Broken)?;
    let layout = PcmLayout {
        rate: packets.rate,
        channels: packets.channels as u16,
        frames,
    };
    if stated.is_some_and(|stated| stated != layout) {
        return Err(Undecodable::Broken);
    }
    Ok(Pcm {
        layout,
        digest: digests.finish()?,
    })
}

/// The samples of a buffer as bytes, in the narrowest width that holds what the codec says it has.
fn little_endian(
    buffer: &GenericAudioBufferRef,
    bits: Option<u32>,
    bytes: &mut Vec<u8>,
) -> Result<SampleWidth, Undecodable> {
    if matches!(buffer, GenericAudioBufferRef::F32(_)) {
        buffer.copy_bytes_to_vec_interleaved_as::<f32>(bytes);
        return Ok(SampleWidth::Float);
    }
    if matches!(buffer, GenericAudioBufferRef::F64(_)) {
        return Err(Undecodable::NoDecoder);
    }
    // Every integer comes with its highest bit on top, so the bytes of a narrower one are the upper ones.
    let mut samples: Vec<i32> = Vec::new();
    buffer.copy_to_vec_interleaved(&mut samples);
    let width = match bits.unwrap_or(32) {
        0..=16 => SampleWidth::Bits16,
        17..=24 => SampleWidth::Bits24,
        _ => SampleWidth::Bits32,
    };
    let skipped = 4 - width.bytes();
    bytes.clear();
    for sample in &samples {
        bytes.extend_from_slice(&sample.to_le_bytes()[skipped..]);
    }
    Ok(width)
}

fn io_error(error: std::io::Error) -> Undecodable {
    Undecodable::Read(ReadError::Io(error))
}

#[cfg(test)]
mod tests;
