//! The samples of lossless files as they are decoded, one after the other.

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};

use super::super::decode::{Limits, MOST_CHANNELS};
use super::super::stream::{NextPacket, Stream};
use super::open;
use crate::audio::Undecodable;
use crate::bytes::source::ReadAt;

/// The packets of the track that is heard. What is damaged ends it.
pub(super) struct Packets<'a> {
    pub(super) stream: Stream<'a>,
    pub(super) params: AudioCodecParameters,
    decoder: Box<dyn AudioDecoder>,
    /// Of all of them; both 0 before the first.
    pub(super) rate: u32,
    pub(super) channels: usize,
}

impl<'a> Packets<'a> {
    pub(super) fn open(
        source: &'a (dyn ReadAt + Sync),
        extension: Option<&str>,
        limits: &Limits,
    ) -> Result<Packets<'a>, Undecodable> {
        let (stream, params) = open(source, extension, limits)?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&params, &AudioDecoderOptions::default())
            .map_err(|_| Undecodable::NoDecoder)?;
        Ok(Packets {
            stream,
            params,
            decoder,
            rate: 0,
            channels: 0,
        })
    }

    /// The next one: the number of its first frame, and its samples. None at the end.
    pub(super) fn next(&mut self) -> Result<Option<(i64, GenericAudioBufferRef<'_>)>, Undecodable> {
        let packet = loop {
            match self.stream.next_packet()? {
                NextPacket::Packet(packet) if packet.track_id == self.stream.track.id => break packet,
                NextPacket::Packet(_) => {}
                NextPacket::End => return Ok(None),
            }
        };
        let buffer = self.decoder.decode(&packet).map_err(|_| Undecodable::Broken)?;
        let (rate, channels) = (buffer.spec().rate(), buffer.num_planes());
        let is_first = self.channels == 0;
        let is_like_before = is_first || (rate, channels) == (self.rate, self.channels);
        if rate == 0 || !(1..=MOST_CHANNELS).contains(&channels) || !is_like_before {
            return Err(Undecodable::Broken);
        }
        (self.rate, self.channels) = (rate, channels);
        Ok(Some((packet.pts.get(), buffer)))
    }
}

#[derive(Clone, Copy)]
pub(super) struct LosslessFile<'a> {
    pub(super) source: &'a (dyn ReadAt + Sync),
    pub(super) extension: Option<&'a str>,
    pub(super) limits: &'a Limits,
}

/// The same by any number of frames.
pub(super) struct Frames<'a> {
    packets: Packets<'a>,
    /// Interleaved; those before `used` were handed out.
    buffer: Vec<f32>,
    used: usize,
}

impl<'a> Frames<'a> {
    pub(super) fn open(file: LosslessFile<'a>) -> Result<Frames<'a>, Undecodable> {
        let LosslessFile {
            source,
            extension,
            limits,
        } = file;
        Ok(Frames {
            packets: Packets::open(source, extension, limits)?,
            buffer: Vec::new(),
            used: 0,
        })
    }

    /// 0 before the first frame.
    pub(super) fn rate(&self) -> u32 {
        self.packets.rate
    }

    /// 0 before the first frame.
    pub(super) fn channels(&self) -> usize {
        self.packets.channels
    }

    /// Decodes on; false at the end.
    fn fill(&mut self) -> Result<bool, Undecodable> {
        let Some((_, decoded)) = self.packets.next()? else {
            return Ok(false);
        };
        self.buffer.drain(..self.used);
        self.used = 0;
        let mut samples: Vec<f32> = Vec::new();
        decoded.copy_to_vec_interleaved(&mut samples);
        self.buffer.extend(samples);
        Ok(true)
    }

    /// Puts the next frames into `into`, interleaved; fewer than `count` at the end.
    pub(super) fn next(&mut self, count: usize, into: &mut Vec<f32>) -> Result<(), Undecodable> {
        while self.buffer.len() - self.used < count * self.channels().max(1) && self.fill()? {}
        let to = self.buffer.len().min(self.used + count * self.channels());
        into.clear();
        into.extend_from_slice(&self.buffer[self.used..to]);
        self.used = to;
        Ok(())
    }

    pub(super) fn skip(&mut self, mut count: usize) -> Result<(), Undecodable> {
        const AT_ONCE: usize = 4096;
        let mut skipped = Vec::new();
        while count > 0 {
            self.next(count.min(AT_ONCE), &mut skipped)?;
            if skipped.is_empty() {
                break;
            }
            count = count.saturating_sub(AT_ONCE);
        }
        Ok(())
    }
}
