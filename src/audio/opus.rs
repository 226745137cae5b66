//! Opus packets to samples. symphonia demuxes Opus but does not decode it.
//!
//! What a player does around the codec is done here: the samples before the pre-skip go, the header's gain applies
//! (RFC 7845, section 5.1).

use rusty_opus::multistream::OpusMSDecoder;
use rusty_opus::{Error, OpusDecoder};

use super::{Undecodable, mix};

/// The longest packet is 120 ms (RFC 6716, section 3.2.5).
const LONGEST_PACKET: usize = 5760;

/// Streams and coupled streams of channel mapping family 1, for 1 to 8 channels (RFC 7845, section 5.1.1.2).
const FAMILY_1: [(u8, u8); 8] = [(1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (4, 2), (4, 3), (5, 3)];

pub(super) struct OpusStream {
    decoder: Codec,
    channels: usize,
    /// Frames still to be dropped from the start.
    skip: usize,
    /// Linear.
    gain: f32,
    interleaved: Vec<f32>,
}

enum Codec {
    One(Box<OpusDecoder>),
    Many(Box<OpusMSDecoder>),
}

impl OpusStream {
    pub(super) const RATE: u32 = 48_000;

    /// `head` is the identification header, `OpusHead` and all.
    pub(super) fn new(head: &[u8]) -> Result<OpusStream, Undecodable> {
        let fixed: &[u8; 19] = head.first_chunk().ok_or(Undecodable::Broken)?;
        if &fixed[..8] != b"OpusHead" {
            return Err(Undecodable::Broken);
        }
        let channels = usize::from(fixed[9]);
        let skip = usize::from(u16::from_le_bytes([fixed[10], fixed[11]]));
        // In 1/256 dB.
        let gain = f32::from(i16::from_le_bytes([fixed[16], fixed[17]]));
        let rate = OpusStream::RATE as i32;
        let decoder = match (fixed[18], channels) {
            (0, 1 | 2) => OpusDecoder::new(rate, channels).map(|decoder| Codec::One(Box::new(decoder))),
            (1, 1..=8) => {
                let streams = (head.get(19).copied(), head.get(20).copied());
                let (all, coupled) = FAMILY_1[channels - 1];
                if streams != (Some(all), Some(coupled)) {
                    return Err(Undecodable::NoDecoder);
                }
                OpusMSDecoder::new(rate, channels, 1).map(|decoder| Codec::Many(Box::new(decoder)))
            }
            _ => return Err(Undecodable::NoDecoder),
        };
        Ok(OpusStream {
            decoder: decoder.map_err(|_| Undecodable::Broken)?,
            channels,
            skip,
            gain: 10f32.powf(gain / (20.0 * 256.0)),
            interleaved: vec![0.0; LONGEST_PACKET * channels],
        })
    }

    /// Decodes one packet into `mono`, without its last `trim_end` frames; gives the largest sample of any channel.
    pub(super) fn decode(&mut self, packet: &[u8], trim_end: usize, mono: &mut Vec<f32>) -> Result<f32, Error> {
        let frames = match &mut self.decoder {
            Codec::One(decoder) => decoder.decode(packet, LONGEST_PACKET, &mut self.interleaved)?,
            Codec::Many(decoder) => decoder.decode(packet, LONGEST_PACKET, &mut self.interleaved)?,
        };
        let samples = frames.saturating_mul(self.channels).min(self.interleaved.len());
        let peak = mix(&self.interleaved[..samples], self.channels, mono);
        mono.truncate(mono.len().saturating_sub(trim_end));
        let skipped = self.skip.min(mono.len());
        mono.drain(..skipped);
        self.skip -= skipped;
        mono.iter_mut().for_each(|sample| *sample *= self.gain);
        Ok(peak * self.gain)
    }
}
