//! A file as packets of one track, read by symphonia within a time.
//!
//! Invariant: past the deadline every read fails, so that no parser's loop outlives it.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use super::Undecodable;
use super::decode::{Limits, micros_of};
use super::view::{SampleView, array};
use crate::bytes::source::{ReadAt, ReadError};
use crate::format::stream::mpeg::after_id3;
use crate::format::{Format, formats};

/// What a file may hold beside its audio without its size being odd.
const PICTURES: u64 = 64 << 20;

/// A file opened by its demuxer, with the track that is listened to.
pub(super) struct Stream<'a> {
    pub(super) format: Box<dyn FormatReader + 'a>,
    pub(super) track: Track,
    deadline: Instant,
    file_size: u64,
    /// The bytes of all packets so far, of all tracks.
    packet_bytes: u64,
    packets: u64,
}

pub(super) enum NextPacket {
    Packet(Packet),
    End,
}

/// Whether a file begins as one of a kind without a decoder. The library would look on for anything that it knows, and find
/// what looks like MPEG frames.
fn is_undecoded(source: &(dyn ReadAt + Sync)) -> Result<bool, Undecodable> {
    use Format::{Aifc, Aiff, Dsdiff, Dsf, MonkeysAudio, Musepack, OptimFrog, Tak, Tta, Wav, WavPack, Wma};
    const UNDECODED: [Format; 9] = [WavPack, MonkeysAudio, Tta, Tak, OptimFrog, Musepack, Dsf, Dsdiff, Wma];
    let failed = |error| Undecodable::Read(ReadError::Io(error));
    let start = after_id3(source).map_err(failed)?;
    let head = array(source, start).map_err(failed)?;
    let format = head.and_then(|head| formats::by_magic(&head));
    // Its sizes leave out their upper half, so that the decoder would hear but a part.
    let is_past_its_sizes = source.len() > u64::from(u32::MAX) && matches!(format, Some(Wav | Aiff | Aifc));
    Ok(is_past_its_sizes || format.is_some_and(|format| UNDECODED.contains(&format)))
}

impl<'a> Stream<'a> {
    pub(super) fn open(
        source: &'a (dyn ReadAt + Sync),
        extension: Option<&str>,
        limits: &Limits,
    ) -> Result<Stream<'a>, Undecodable> {
        let deadline = Instant::now() + limits.time;
        let reader = StreamReader {
            view: SampleView::new(source, extension).map_err(|error| Undecodable::Read(ReadError::Io(error)))?,
            at: 0,
            deadline,
        };
        if is_undecoded(source)? {
            return Err(Undecodable::NoDecoder);
        }
        let mut hint = Hint::new();
        if let Some(extension) = extension {
            hint.with_extension(extension);
        }
        let stream = MediaSourceStream::new(Box::new(reader), Default::default());
        let format = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| failed(error, deadline))?;
        let track = format.default_track(TrackType::Audio).ok_or(Undecodable::NoDecoder)?;
        Ok(Stream {
            track: track.clone(),
            format,
            deadline,
            file_size: source.len(),
            packet_bytes: 0,
            packets: 0,
        })
    }

    /// The next packet of any track.
    pub(super) fn next_packet(&mut self) -> Result<NextPacket, Undecodable> {
        if Instant::now() >= self.deadline {
            return Err(Undecodable::TimedOut);
        }
        match self.format.next_packet() {
            Ok(Some(packet)) => {
                self.packet_bytes = self.packet_bytes.saturating_add(packet.data.len() as u64);
                self.packets += 1;
                Ok(NextPacket::Packet(packet))
            }
            Ok(None) => Ok(NextPacket::End),
            // A file that is cut short ends like one that is not; what was heard counts.
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(NextPacket::End),
            // Another link of a chained Ogg file: a recording of its own, not more of this one.
            Err(Error::ResetRequired) => Ok(NextPacket::End),
            Err(_) if self.packets == 0 => Err(Undecodable::Broken),
            Err(error) => Err(failed(error, self.deadline)),
        }
    }

    /// Whether the file is about as large as `declared` at the data rate of what was `heard`. Data rates vary, so
    /// only a claim that is off by more than three times is belied.
    pub(super) fn bears_out(&self, declared: Duration, heard: Duration) -> bool {
        let bytes_a_second = self.packet_bytes as f64 / heard.as_secs_f64().max(1.0);
        let claimed = declared.as_secs_f64() * bytes_a_second;
        let size = self.file_size as f64;
        declared >= heard && claimed <= size * 3.0 && size <= claimed * 3.0 + PICTURES as f64
    }

    /// The length of what is left, by the packets' own account; none when the time is up before its end.
    pub(super) fn rest(&mut self) -> Result<Option<Duration>, Undecodable> {
        let mut length = 0u64;
        loop {
            match self.next_packet() {
                Ok(NextPacket::Packet(packet)) if packet.track_id == self.track.id => {
                    length = length.saturating_add(packet.dur.get());
                }
                Ok(NextPacket::Packet(_)) => {}
                Ok(NextPacket::End) if length == 0 => return Ok(None),
                Ok(NextPacket::End) => return Ok(Some(Duration::from_micros(micros_of(&self.track, length)))),
                Err(Undecodable::TimedOut) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

fn failed(error: Error, deadline: Instant) -> Undecodable {
    match error {
        Error::IoError(_) if Instant::now() >= deadline => Undecodable::TimedOut,
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => Undecodable::Broken,
        Error::IoError(error) => Undecodable::Read(ReadError::Io(error)),
        Error::Unsupported(_) => Undecodable::NoDecoder,
        Error::DecodeError(_) | Error::SeekError(_) | Error::LimitError(_) | Error::ResetRequired => {
            Undecodable::Broken
        }
        // The library may grow kinds; whatever they are, the audio was not decoded.
        _ => Undecodable::Broken,
    }
}

/// A file as the kind of stream that symphonia reads.
struct StreamReader<'a> {
    view: SampleView<'a>,
    at: u64,
    deadline: Instant,
}

impl Read for StreamReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() >= self.deadline {
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
        let count = self.view.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for StreamReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.view.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl MediaSource for StreamReader<'_> {
    /// Of frames without a Xing or VBRI header symphonia 0.6.1 guesses the number by the bit rate of the first, and
    /// drops what goes beyond, unless it cannot seek. Such frames are read from first to last anyway.
    fn is_seekable(&self) -> bool {
        !self.view.is_bare
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.view.len())
    }
}
