//! Fingerprints: what a recording sounds like, in 56 bytes an eighth of a second.
//!
//! Two readings of the same sound. The *chroma* is Chromaprint's (algorithm 2, the one of AcoustID): it survives
//! codecs, gain and resampling, but hears only harmony, so a new vocal over the old backing hardly changes it. It is
//! taken on two grids, the second half a hop later, because a start that lies between the other's items costs four to
//! six of a hundred bits. The *bands* (see [`crate::audio::compare::bands`]) are the loudness from 90 Hz to 16 kHz, and change whenever
//! a voice or instrument comes or goes. Invariant: row `n` starts where item `n / 2` of the
//! grid `n % 2` does, and row 0 at the file's first sample.

use std::time::Duration;

use rubato::{Resampler, SincFixedIn, SincInterpolationParameters, SincInterpolationType, WindowFunction};
use rusty_chromaprint::{Configuration, Fingerprinter};

use super::decode::{HeardAudio, Limits, decode};
use super::{SILENCE, Undecodable, peak};
use crate::audio::compare::bands::{BANDS, BandMeter, ROWS_A_SECOND, Row};
use crate::bytes::source::ReadAt;
use crate::format::tags::quietly;

/// The rate that Chromaprint works at.
const RATE: u32 = 11_025;

/// Chromaprint's hop, in samples at [`RATE`].
const HOP: usize = 4096 / 3;

/// How many rows an item hears: 16 filtered frames, each of 5 frames, each three hops long.
pub(super) const ROWS_AN_ITEM: usize = 2 * (16 - 1 + 5 - 1 + 3);

/// The loudest band of a row is at most this much below that of loud rows where there is sound, in steps: 50 dB.
const SOUND: u8 = 100;

/// The least sound that a comparison needs.
const SHORTEST: Duration = Duration::from_secs(8);

/// The longest that may be heard, in rows: bounds what a fingerprint from a cache may hold.
const MOST_ROWS: usize = 128 * 1024;

/// Four numbers of eight bytes, and the bytes of the checksum.
const HEADER: usize = 4 * 8;
const CHECK: usize = 8;

/// What one recording sounds like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Chromaprint items of the two grids, equally many.
    pub(super) chroma: [Vec<u32>; 2],
    pub(super) rows: Vec<Row>,
    /// The first row with sound, and the one after the last.
    pub(super) sound: std::ops::Range<usize>,
    /// How loud each band is where it is loud: in a tenth of the rows with sound it is louder.
    pub(super) loud: Row,
    /// And how quiet where it is quiet: in one of a hundred it is not louder.
    pub(super) quiet: Row,
    pub(super) heard: HeardAudio,
}

impl Fingerprint {
    fn new(mut chroma: [Vec<u32>; 2], mut rows: Vec<Row>, heard: HeardAudio) -> Option<Fingerprint> {
        rows.truncate(MOST_ROWS);
        let items = chroma[0].len().min(chroma[1].len()).min(rows.len() / 2);
        chroma.iter_mut().for_each(|grid| grid.truncate(items));
        let sound = sound(&rows)?;
        (items > 0).then_some(Fingerprint {
            chroma,
            loud: levels(&rows[sound.clone()], 0.9),
            quiet: levels(&rows[sound.clone()], 0.01),
            rows,
            sound,
            heard,
        })
    }

    /// The length of the whole recording, where it is known.
    pub fn duration(&self) -> Option<Duration> {
        self.heard.duration
    }

    /// The length from the first sound to the last, where it is known.
    pub fn sounding(&self) -> Option<Duration> {
        let length = |rows: usize| Duration::from_secs_f64(rows as f64 / ROWS_A_SECOND);
        let not_heard = self.heard.duration?.saturating_sub(self.heard.heard);
        Some(length(self.sound.len()) + not_heard)
    }

    /// How much of the recording was listened to.
    pub fn heard(&self) -> Duration {
        self.heard.heard
    }

    /// Packets that could not be decoded, or are missing.
    pub fn broken_packets(&self) -> u32 {
        self.heard.broken_packets
    }

    /// Whether all of the recording was heard.
    pub fn is_whole(&self) -> bool {
        self.heard.duration == Some(self.heard.heard)
    }

    /// The item that starts with a row.
    pub(super) fn item(&self, row: usize) -> Option<u32> {
        self.chroma[row % 2].get(row / 2).copied()
    }

    /// The form in which a cache keeps it; it ends in a checksum.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Fingerprint {
            chroma: [first, second],
            rows,
            sound: _,
            loud: _,
            quiet: _,
            heard,
        } = self;
        let micros = |length: Duration| u64::try_from(length.as_micros()).unwrap_or(u64::MAX - 1);
        let mut bytes = Vec::with_capacity(HEADER + first.len() * 8 + rows.len() * BANDS + CHECK);
        bytes.extend_from_slice(&(first.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&micros(heard.heard).to_le_bytes());
        bytes.extend_from_slice(&heard.duration.map_or(u64::MAX, micros).to_le_bytes());
        bytes.extend_from_slice(&u64::from(heard.broken_packets).to_le_bytes());
        for item in first.iter().chain(second) {
            bytes.extend_from_slice(&item.to_le_bytes());
        }
        rows.iter().for_each(|row| bytes.extend_from_slice(row));
        let check = blake3::hash(&bytes);
        bytes.extend_from_slice(&check.as_bytes()[..CHECK]);
        bytes
    }

    /// Takes back what [`Fingerprint::to_bytes`] gave, and nothing else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Fingerprint> {
        let (bytes, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
        if blake3::hash(bytes).as_bytes()[..CHECK] != *check {
            return None;
        }
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let number = |index: usize| {
            let eight = header[index * 8..]
                .first_chunk()
                .expect("the header holds four numbers");
            u64::from_le_bytes(*eight)
        };
        let items = usize::try_from(number(0))
            .ok()
            .filter(|items| *items <= MOST_ROWS / 2)?;
        let (chroma, rows) = rest.split_at_checked(items * 8)?;
        let (rows, []) = rows.as_chunks::<BANDS>() else {
            return None;
        };
        let grid = |bytes: &[u8]| {
            let (items, _) = bytes.as_chunks::<4>();
            items.iter().map(|item| u32::from_le_bytes(*item)).collect()
        };
        let (first, second) = chroma.split_at(items * 4);
        let heard = HeardAudio {
            heard: Duration::from_micros(number(1)),
            duration: Some(number(2))
                .filter(|micros| *micros != u64::MAX)
                .map(Duration::from_micros),
            broken_packets: u32::try_from(number(3)).ok()?,
        };
        Fingerprint::new([grid(first), grid(second)], rows.to_vec(), heard)
    }
}

/// Where there is sound, as rows; none in silence.
fn sound(rows: &[Row]) -> Option<std::ops::Range<usize>> {
    let loudness = |row: &Row| row.iter().copied().max().unwrap_or(0);
    let mut all: Vec<u8> = rows.iter().map(loudness).collect();
    let place = all.len().checked_sub(1)? * 19 / 20;
    let loud = *all.select_nth_unstable(place).1;
    // Of a long silence with a little sound, the loudest counts.
    let loud = loud.max(rows.iter().map(loudness).max()?.saturating_sub(SOUND / 2));
    let sounds = |row: &Row| loudness(row) > loud.saturating_sub(SOUND);
    let first = rows.iter().position(sounds)?;
    let last = rows.iter().rposition(sounds)?;
    Some(first..last + 1)
}

/// The level of each band that this share of the rows does not exceed.
fn levels(rows: &[Row], share: f64) -> Row {
    let wanted = (rows.len() as f64 * share) as usize;
    std::array::from_fn(|band| {
        let mut counts = [0usize; 256];
        rows.iter().for_each(|row| counts[usize::from(row[band])] += 1);
        let mut seen = 0;
        let is_reached = |level: &u8| {
            seen += counts[usize::from(*level)];
            seen > wanted
        };
        (0..=255).find(is_reached).unwrap_or(u8::MAX)
    })
}

/// Listens to a file.
///
/// `extension` is the file name's, in lower case; it is only a hint. The error is the reason why nothing can be said
/// about the audio.
pub fn fingerprint(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
) -> Result<Fingerprint, Undecodable> {
    let listen = || {
        let mut listener = Sampler::new();
        let heard = decode(source, extension, limits, &mut |rate, mono| listener.listen(rate, mono))?;
        listener.finish(heard)
    };
    quietly(listen).unwrap_or(Err(Undecodable::DecoderPanicked))
}

/// Takes samples of any rate and turns them into a fingerprint.
struct Sampler {
    resampler: Option<(u32, Stretch)>,
    printers: [Fingerprinter; 2],
    /// Samples at [`RATE`] that the second grid has yet to pass over.
    to_skip: usize,
    bands: BandMeter,
    loudest: f32,
    integers: Vec<i16>,
}

impl Sampler {
    fn new() -> Sampler {
        let printer = || {
            let mut printer = Fingerprinter::new(&Configuration::preset_test2());
            printer
                .start(RATE, 1)
                .expect("one channel at the rate that Chromaprint works at is always taken");
            printer
        };
        Sampler {
            resampler: None,
            printers: [printer(), printer()],
            to_skip: HOP / 2,
            bands: BandMeter::default(),
            loudest: 0.0,
            integers: Vec::new(),
        }
    }

    fn listen(&mut self, rate: u32, mono: &[f32]) {
        self.loudest = self.loudest.max(peak(mono));
        self.bands.take(rate, mono);
        if rate == RATE {
            return self.take(mono);
        }
        let mut resampler = match self.resampler.take() {
            Some((known, stretch)) if known == rate => stretch,
            before => {
                // A stream that changes its rate: what the resampler still holds comes first.
                if let Some((_, mut stretch)) = before {
                    stretch.flush(&mut |samples| self.take(samples));
                }
                match Stretch::new(rate) {
                    Some(stretch) => stretch,
                    // A rate that no resampler takes; the samples are heard as nothing, which ends as `TooShort`.
                    None => return,
                }
            }
        };
        resampler.push(mono, &mut |samples| self.take(samples));
        self.resampler = Some((rate, resampler));
    }

    /// Takes samples at [`RATE`].
    fn take(&mut self, samples: &[f32]) {
        self.integers.clear();
        self.integers
            .extend(samples.iter().map(|sample| (sample * 32_767.0) as i16));
        let [first, second] = &mut self.printers;
        first.consume(&self.integers);
        let skipped = self.to_skip.min(self.integers.len());
        self.to_skip -= skipped;
        second.consume(&self.integers[skipped..]);
    }

    fn finish(mut self, heard: HeardAudio) -> Result<Fingerprint, Undecodable> {
        if let Some((_, mut resampler)) = self.resampler.take() {
            resampler.flush(&mut |samples| self.take(samples));
        }
        if self.loudest < SILENCE {
            return Err(Undecodable::Silent);
        }
        if heard.heard < SHORTEST {
            return Err(Undecodable::TooShort(heard.heard));
        }
        let chroma = self.printers.map(|mut printer| {
            printer.finish();
            printer.fingerprint().to_vec()
        });
        let too_short = || Undecodable::TooShort(heard.heard);
        let print = Fingerprint::new(chroma, self.bands.finish(), heard).ok_or_else(too_short)?;
        match print.sounding() {
            Some(length) if length < SHORTEST => Err(Undecodable::TooShort(length)),
            Some(_) | None => Ok(print),
        }
    }
}

/// Resamples to [`RATE`].
struct Stretch {
    resampler: SincFixedIn<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
}

impl Stretch {
    const CHUNK: usize = 8192;

    fn new(rate: u32) -> Option<Stretch> {
        // 1 kHz to 8 MHz: below and above nothing is audio.
        if !(1_000..=8_000_000).contains(&rate) {
            return None;
        }
        // Chromaprint hears up to 3.5 kHz; the filter must have closed where the mirror image of that begins, at 7.5. It
        // takes 1.5 ms for that at any rate.
        let parameters = SincInterpolationParameters {
            sinc_len: (rate.div_ceil(5512) * 8).clamp(64, 512) as usize,
            f_cutoff: 0.95,
            oversampling_factor: 128,
            interpolation: SincInterpolationType::Nearest,
            window: WindowFunction::Blackman,
        };
        let ratio = f64::from(RATE) / f64::from(rate);
        let resampler = SincFixedIn::new(ratio, 1.0, parameters, Stretch::CHUNK, 1).ok()?;
        let output = vec![0.0; resampler.output_frames_max()];
        Some(Stretch {
            resampler,
            input: Vec::with_capacity(Stretch::CHUNK),
            output,
        })
    }

    fn push(&mut self, mut samples: &[f32], sink: &mut dyn FnMut(&[f32])) {
        while !samples.is_empty() {
            let room = Stretch::CHUNK - self.input.len();
            let (now, later) = samples.split_at(room.min(samples.len()));
            self.input.extend_from_slice(now);
            samples = later;
            if self.input.len() == Stretch::CHUNK {
                self.run(sink);
            }
        }
    }

    fn run(&mut self, sink: &mut dyn FnMut(&[f32])) {
        let result = self.resampler.process_into_buffer(
            std::slice::from_ref(&self.input),
            std::slice::from_mut(&mut self.output),
            None,
        );
        self.input.clear();
        // It fails only on buffers of wrong sizes, and then there is nothing to hand on.
        if let Ok((_, written)) = result {
            sink(&self.output[..written]);
        }
    }

    fn flush(&mut self, sink: &mut dyn FnMut(&[f32])) {
        let filled = self.input.len();
        if filled == 0 {
            return;
        }
        self.input.resize(Stretch::CHUNK, 0.0);
        let keep = self.output.len() * filled / Stretch::CHUNK;
        self.run(&mut |samples| sink(&samples[..keep.min(samples.len())]));
    }
}
