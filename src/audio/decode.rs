//! Decoding: a file as mono samples, within bounds, or the reason why there are none.
//!
//! Demuxing (see [`super::stream`]) and all codecs but Opus are symphonia's; Opus is `rusty-opus`'s. Neither is trusted: what they read is
//! limited in time, what they lose is counted, and a panic of theirs costs one file. Invariant: the samples handed on
//! keep their place in time, so a frame that cannot be decoded leaves silence of its length.

use std::time::Duration;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::Track;
use symphonia::core::packet::Packet;

use super::opus::OpusStream;
use super::stream::{NextPacket, Stream};
use super::{Undecodable, mix};
use crate::bytes::source::ReadAt;
use crate::format::tags::quietly;

/// More channels than any music file has; samples are held interleaved, so the count sizes a buffer.
pub(super) const MOST_CHANNELS: usize = 32;

/// Above this share of packets that cannot be decoded, what remains says nothing about the recording.
const MOST_BROKEN_SHARE: f64 = 0.1;

/// Below this share of the loudest channel's peak, the peak of the mean is what an inverted channel left over (−30 dB).
const CANCELLED: f32 = 0.03;

/// A jump of the time stamps up to here is filled with silence; a longer one is a time stamp that lies.
const LONGEST_FILLED_GAP: Duration = Duration::from_secs(10);

/// How far decoding goes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How much of the recording is decoded, from its start.
    pub heard: Duration,
    /// How long one file may take on the clock.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            heard: Duration::from_secs(2 * 60 * 60),
            time: Duration::from_secs(60),
        }
    }
}

/// What was decoded, and how far it can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardAudio {
    /// The length of what was decoded.
    pub heard: Duration,
    /// The length of the whole recording: counted where decoding met the end, else as the container says; none where
    /// the container says nothing or something that its size belies.
    pub duration: Option<Duration>,
    /// Packets that could not be decoded, or are missing; silence is in their place.
    pub broken_packets: u32,
}

/// Decodes the start of `source` and hands it to `sink` as (sample rate, mono samples) in order.
///
/// `extension` is the file name's, in lower case; it is only a hint.
pub fn decode(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
    sink: &mut dyn FnMut(u32, &[f32]),
) -> Result<HeardAudio, Undecodable> {
    // Nothing that the closure changes is used after a panic.
    quietly(|| decode_unguarded(source, extension, limits, sink)).unwrap_or(Err(Undecodable::DecoderPanicked))
}

fn decode_unguarded(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
    sink: &mut dyn FnMut(u32, &[f32]),
) -> Result<HeardAudio, Undecodable> {
    let mut stream = Stream::open(source, extension, limits)?;
    let mut decoder = Decoder::new(&stream.track)?;
    let mut progress = DecodingProgress::default();
    let ended = hear(&mut stream, &mut decoder, limits, &mut progress, sink)?;
    let heard = Duration::from_micros(progress.total_micros());
    if progress.packets == 0 || f64::from(progress.broken) > f64::from(progress.packets) * MOST_BROKEN_SHARE {
        return Err(Undecodable::Broken);
    }
    if progress.loudest_mean < progress.loudest_channel * CANCELLED {
        return Err(Undecodable::Cancelled);
    }
    let duration = match ended {
        DecodingEnd::AtTheEnd => Some(heard),
        DecodingEnd::AtTheLimit => {
            match declared(&stream.track).filter(|declared| stream.bears_out(*declared, heard)) {
                Some(declared) => Some(declared),
                None => stream.rest()?.map(|rest| heard.saturating_add(rest)),
            }
        }
    };
    Ok(HeardAudio {
        heard,
        duration,
        broken_packets: progress.broken,
    })
}

/// Hashes what [`decode`] would decode: the packets of the first `limits.heard`, what the codec is told, and the
/// stated duration. Tags, and where in the file the packets are, do not count.
pub(super) fn packets_hash(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
    hasher: &mut blake3::Hasher,
) -> Result<(), Undecodable> {
    let outcome = quietly(|| {
        let mut stream = Stream::open(source, extension, limits)?;
        let track = stream.track.clone();
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err(Undecodable::NoDecoder);
        };
        // The parameters have no other stable form; a new version of the library only loses old fingerprints.
        let told = format!("{:?} {:?} {:?}", params, declared(&track), track.delay);
        hasher.update(&(told.len() as u64).to_le_bytes());
        hasher.update(told.as_bytes());
        let mut length = 0u64;
        // Decoding stops by the frames it got, which codecs round; a second more covers that.
        let most = limits.heard.saturating_add(Duration::from_secs(1));
        while Duration::from_micros(micros_of(&track, length)) < most {
            let packet = match stream.next_packet()? {
                NextPacket::Packet(packet) => packet,
                NextPacket::End => break,
            };
            if packet.track_id != track.id {
                continue;
            }
            length = length.saturating_add(packet.dur.get());
            let numbers = [
                packet.pts.get() as u64,
                packet.dur.get(),
                packet.trim_start.get(),
                packet.trim_end.get(),
                packet.data.len() as u64,
            ];
            numbers.iter().for_each(|number| {
                hasher.update(&number.to_le_bytes());
            });
            hasher.update(&packet.data);
        }
        Ok(())
    });
    outcome.unwrap_or(Err(Undecodable::DecoderPanicked))
}

enum DecodingEnd {
    AtTheEnd,
    AtTheLimit,
}

/// How far decoding has come.
#[derive(Default)]
struct DecodingProgress {
    rate: u32,
    /// Frames heard at the current rate.
    frames: u64,
    /// What was heard at earlier rates (a chained Ogg file may change its rate).
    micros: u64,
    packets: u32,
    broken: u32,
    /// The time stamp that the next packet should have, in the track's units.
    next_ts: Option<i64>,
    loudest_channel: f32,
    loudest_mean: f32,
}

impl DecodingProgress {
    fn total_micros(&self) -> u64 {
        self.micros.saturating_add(micros(self.frames, self.rate))
    }

    fn add(&mut self, rate: u32, frames: usize) {
        if rate != self.rate {
            self.micros = self.total_micros();
            self.rate = rate;
            self.frames = 0;
        }
        self.frames = self.frames.saturating_add(frames as u64);
    }
}

fn micros(frames: u64, rate: u32) -> u64 {
    if rate == 0 {
        return 0;
    }
    (u128::from(frames) * 1_000_000 / u128::from(rate)).min(u128::from(u64::MAX)) as u64
}

fn hear(
    stream: &mut Stream,
    decoder: &mut Decoder,
    limits: &Limits,
    progress: &mut DecodingProgress,
    sink: &mut dyn FnMut(u32, &[f32]),
) -> Result<DecodingEnd, Undecodable> {
    let limit = limits.heard.as_micros() as u64;
    let track = stream.track.clone();
    let track = &track;
    let mut mono = Vec::new();
    loop {
        if progress.total_micros() >= limit {
            return Ok(DecodingEnd::AtTheLimit);
        }
        let packet = match stream.next_packet()? {
            NextPacket::Packet(packet) => packet,
            NextPacket::End => return Ok(DecodingEnd::AtTheEnd),
        };
        if packet.track_id != track.id {
            continue;
        }
        progress.packets = progress.packets.saturating_add(1);
        fill_gap(track, &packet, progress, &mut mono, sink);
        let rate = match decoder.decode(&packet, &mut mono)? {
            DecodedAudio::Frames { rate, peak } => {
                progress.loudest_channel = progress.loudest_channel.max(peak);
                progress.loudest_mean = progress.loudest_mean.max(super::peak(&mono));
                rate
            }
            DecodedAudio::Nothing => {
                progress.broken = progress.broken.saturating_add(1);
                let rate = if progress.rate == 0 {
                    track_rate(track)
                } else {
                    progress.rate
                };
                silence(in_frames(track, packet.dur.get(), rate), rate, &mut mono);
                rate
            }
        };
        if rate == 0 {
            continue;
        }
        let room = limit.saturating_sub(progress.total_micros());
        let frames_left = (u128::from(room) * u128::from(rate)).div_ceil(1_000_000);
        mono.truncate(usize::try_from(frames_left).unwrap_or(usize::MAX));
        sink(rate, &mono);
        progress.add(rate, mono.len());
    }
}

/// Where the demuxer stepped over damage, the next packet's time stamp is later than the last one's end.
fn fill_gap(
    track: &Track,
    packet: &Packet,
    progress: &mut DecodingProgress,
    mono: &mut Vec<f32>,
    sink: &mut dyn FnMut(u32, &[f32]),
) {
    let starts = packet.pts.get();
    // Matroska need not say how long a packet is.
    let length = i64::try_from(packet.dur.get()).ok().filter(|length| *length > 0);
    let ends = length.and_then(|length| starts.checked_add(length));
    let expected = std::mem::replace(&mut progress.next_ts, ends);
    let (Some(expected), true) = (expected, progress.rate > 0) else {
        return;
    };
    let missing = starts.checked_sub(expected).and_then(|gap| u64::try_from(gap).ok());
    let frames = in_frames(track, missing.unwrap_or(0), progress.rate);
    // Time stamps of some containers are rounded to milliseconds.
    let least = u64::from(progress.rate / 200);
    let most = LONGEST_FILLED_GAP.as_secs() * u64::from(progress.rate);
    if frames > least && frames <= most {
        progress.broken = progress.broken.saturating_add(1);
        silence(frames, progress.rate, mono);
        sink(progress.rate, mono);
        progress.add(progress.rate, mono.len());
    }
}

fn silence(frames: u64, rate: u32, mono: &mut Vec<f32>) {
    let most = LONGEST_FILLED_GAP.as_secs() * u64::from(rate);
    mono.clear();
    mono.resize(frames.min(most) as usize, 0.0);
}

/// A length in the track's units as frames at `rate`.
fn in_frames(track: &Track, length: u64, rate: u32) -> u64 {
    (u128::from(micros_of(track, length)) * u128::from(rate) / 1_000_000).min(u128::from(u64::MAX)) as u64
}

/// A length in the track's units as microseconds.
pub(super) fn micros_of(track: &Track, length: u64) -> u64 {
    let length = symphonia::core::units::Duration::new(length);
    let time = track.time_base.and_then(|base| base.calc_duration(length));
    time.and_then(|time| u64::try_from(time.as_micros()).ok()).unwrap_or(0)
}

fn track_rate(track: &Track) -> u32 {
    match &track.codec_params {
        Some(CodecParameters::Audio(params)) => params.sample_rate.unwrap_or(0),
        _ => 0,
    }
}

/// The duration that the container states.
fn declared(track: &Track) -> Option<Duration> {
    let by_units = track
        .duration
        .zip(track.time_base)
        .and_then(|(duration, base)| base.calc_duration(duration));
    let by_frames =
        || Some(Duration::from_micros(micros(track.num_frames?, track_rate(track)))).filter(|d| !d.is_zero());
    match by_units.map(|time| time.as_micros()) {
        Some(micros) if micros > 0 => u64::try_from(micros).ok().map(Duration::from_micros),
        _ => by_frames(),
    }
}

enum Decoder {
    Symphonia {
        decoder: Box<dyn AudioDecoder>,
        interleaved: Vec<f32>,
    },
    Opus(Box<OpusStream>),
}

enum DecodedAudio {
    Frames {
        rate: u32,
        /// The largest sample of any channel.
        peak: f32,
    },
    Nothing,
}

impl Decoder {
    fn new(track: &Track) -> Result<Decoder, Undecodable> {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err(Undecodable::NoDecoder);
        };
        if params.codec == CODEC_ID_OPUS {
            let head = params.extra_data.as_deref().ok_or(Undecodable::Broken)?;
            return Ok(Decoder::Opus(Box::new(OpusStream::new(head)?)));
        }
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map_err(|error| match error {
                Error::Unsupported(_) => Undecodable::NoDecoder,
                _ => Undecodable::Broken,
            })?;
        Ok(Decoder::Symphonia {
            decoder,
            interleaved: Vec::new(),
        })
    }

    /// Decodes one packet into `mono`, at the mean of its channels.
    fn decode(&mut self, packet: &Packet, mono: &mut Vec<f32>) -> Result<DecodedAudio, Undecodable> {
        match self {
            Decoder::Opus(stream) => {
                let trim_end = usize::try_from(packet.trim_end.get()).unwrap_or(usize::MAX);
                match stream.decode(&packet.data, trim_end, mono) {
                    Ok(peak) => Ok(DecodedAudio::Frames {
                        rate: OpusStream::RATE,
                        peak,
                    }),
                    Err(_) => Ok(DecodedAudio::Nothing),
                }
            }
            Decoder::Symphonia { decoder, interleaved } => {
                let buffer = match decoder.decode(packet) {
                    Ok(buffer) => buffer,
                    Err(Error::DecodeError(_) | Error::IoError(_) | Error::ResetRequired) => {
                        return Ok(DecodedAudio::Nothing);
                    }
                    Err(Error::Unsupported(_)) => return Err(Undecodable::NoDecoder),
                    Err(_) => return Err(Undecodable::Broken),
                };
                let rate = buffer.spec().rate();
                let channels = buffer.num_planes();
                if rate == 0 || channels == 0 || channels > MOST_CHANNELS {
                    return Err(Undecodable::Broken);
                }
                buffer.copy_to_vec_interleaved(interleaved);
                let peak = mix(interleaved, channels, mono);
                Ok(DecodedAudio::Frames { rate, peak })
            }
        }
    }
}
