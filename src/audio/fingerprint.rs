//! Fingerprints: what a recording sounds like, in 20 bytes a 1/8 second.
//!
//! Two readings of the same frames. The *chroma* is Chromaprint's (algorithm 2, the one of AcoustID): it survives
//! codecs, gain and resampling, but hears only harmony, so a new vocal over the old backing hardly changes it. The
//! *bands* are the loudness of sixteen bands, and change whenever a voice or instrument comes or goes.
//! Invariant: both are computed at 11025 Hz mono from the first sound on, and hold the same number of frames.

use std::sync::Arc;
use std::time::Duration;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use rubato::{Resampler, SincFixedIn, SincInterpolationParameters, SincInterpolationType, WindowFunction};
use rusty_chromaprint::{Configuration, Fingerprinter};

use super::Undecodable;
use super::decode::{Heard, Limits, decode};
use crate::source::ReadAt;

/// The rate that Chromaprint works at.
const RATE: u32 = 11_025;

/// Chromaprint's frame and hop, in samples at [`RATE`].
const FRAME: usize = 4096;
const HOP: usize = FRAME / 3;

/// Chromaprint looks at 16 filtered frames, each of 5 frames, for its first item.
const FRAMES_BEHIND: usize = 16 - 1 + 5 - 1;

/// How many items stand for a second.
pub const ITEMS_A_SECOND: f64 = RATE as f64 / HOP as f64;

/// How many bands the loudness is taken in, evenly spaced in octaves over `LOWEST`..`HIGHEST` Hz.
pub const BANDS: usize = 16;
const LOWEST: f64 = 90.0;
const HIGHEST: f64 = 4_800.0;

/// Loudness is kept in steps of half a decibel, from −100 dB.
pub const STEPS_A_DECIBEL: f32 = 2.0;
const FLOOR_DECIBEL: f32 = -100.0;

/// Where the first sound is: samples below are silence (−60 dBFS).
const SILENCE: f32 = 0.001;

/// The least sound that a comparison needs.
const SHORTEST: Duration = Duration::from_secs(8);

/// The longest that may be heard: bounds what a fingerprint from a cache may hold.
pub(super) const MOST_ITEMS: usize = 64 * 1024;

/// Four numbers of eight bytes, and the bytes of the checksum.
const HEADER: usize = 4 * 8;
const CHECK: usize = 8;

/// What one recording sounds like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Chromaprint items.
    pub(super) chroma: Vec<u32>,
    /// For each item, the loudness of its first frame in each band, in steps of 1/[`STEPS_A_DECIBEL`] dB.
    pub(super) bands: Vec<[u8; BANDS]>,
    /// Silence before the first sound.
    pub(super) lead: Duration,
    pub(super) heard: Heard,
}

impl Fingerprint {
    /// The length of the whole recording, where it is known.
    pub fn duration(&self) -> Option<Duration> {
        self.heard.duration
    }

    /// The length from the first sound on, where it is known.
    pub fn sounding(&self) -> Option<Duration> {
        Some(self.heard.duration?.saturating_sub(self.lead))
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

    /// The form in which a cache keeps it; it ends in a checksum.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Fingerprint {
            chroma,
            bands,
            lead,
            heard,
        } = self;
        let micros = |length: Duration| u64::try_from(length.as_micros()).unwrap_or(u64::MAX - 1);
        let mut bytes = Vec::with_capacity(HEADER + chroma.len() * (4 + BANDS) + CHECK);
        bytes.extend_from_slice(&micros(*lead).to_le_bytes());
        bytes.extend_from_slice(&micros(heard.heard).to_le_bytes());
        bytes.extend_from_slice(&heard.duration.map_or(u64::MAX, micros).to_le_bytes());
        bytes.extend_from_slice(&u64::from(heard.broken_packets).to_le_bytes());
        chroma
            .iter()
            .for_each(|item| bytes.extend_from_slice(&item.to_le_bytes()));
        bands.iter().for_each(|frame| bytes.extend_from_slice(frame));
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
        let (header, items) = bytes.split_at_checked(HEADER)?;
        let number = |index: usize| {
            let eight = header[index * 8..]
                .first_chunk()
                .expect("the header holds four numbers");
            u64::from_le_bytes(*eight)
        };
        let count = items.len() / (4 + BANDS);
        if items.len() % (4 + BANDS) != 0 || count == 0 || count > MOST_ITEMS {
            return None;
        }
        let (chroma, bands) = items.split_at(count * 4);
        let (chroma, _) = chroma.as_chunks::<4>();
        let (bands, _) = bands.as_chunks::<BANDS>();
        Some(Fingerprint {
            chroma: chroma.iter().map(|item| u32::from_le_bytes(*item)).collect(),
            bands: bands.to_vec(),
            lead: Duration::from_micros(number(0)),
            heard: Heard {
                heard: Duration::from_micros(number(1)),
                duration: Some(number(2))
                    .filter(|micros| *micros != u64::MAX)
                    .map(Duration::from_micros),
                broken_packets: u32::try_from(number(3)).ok()?,
            },
        })
    }
}

/// Listens to the start of a file.
///
/// `extension` is the file name's, in lower case; it is only a hint. The error is the reason why nothing can be said
/// about the audio.
pub fn fingerprint(
    source: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    limits: &Limits,
) -> Result<Fingerprint, Undecodable> {
    let mut listener = Listener::new();
    let heard = decode(source, extension, limits, &mut |rate, mono| listener.listen(rate, mono))?;
    listener.finish(heard)
}

/// Takes samples of any rate and turns them into a fingerprint.
struct Listener {
    resampler: Option<(u32, Stretch)>,
    /// Samples at [`RATE`], from the first sound on, that no frame has used up yet.
    pending: Vec<f32>,
    printer: Fingerprinter,
    bands: BandMeter,
    frames: Vec<[u8; BANDS]>,
    silent: u64,
    sounding: u64,
    integers: Vec<i16>,
}

impl Listener {
    fn new() -> Listener {
        let mut printer = Fingerprinter::new(&Configuration::preset_test2());
        printer
            .start(RATE, 1)
            .expect("one channel at the rate that Chromaprint works at is always taken");
        Listener {
            resampler: None,
            pending: Vec::new(),
            printer,
            bands: BandMeter::new(),
            frames: Vec::new(),
            silent: 0,
            sounding: 0,
            integers: Vec::new(),
        }
    }

    fn listen(&mut self, rate: u32, mono: &[f32]) {
        if rate == RATE {
            return self.take(mono);
        }
        let mut resampler = match self.resampler.take() {
            Some((known, stretch)) if known == rate => stretch,
            _ => match Stretch::new(rate) {
                Some(stretch) => stretch,
                // A rate that no resampler takes; the samples are heard as nothing, which ends as `TooShort`.
                None => return,
            },
        };
        resampler.push(mono, &mut |samples| self.take(samples));
        self.resampler = Some((rate, resampler));
    }

    /// Takes samples at [`RATE`].
    fn take(&mut self, samples: &[f32]) {
        let samples = if self.sounding == 0 {
            let first = samples.iter().position(|sample| sample.abs() >= SILENCE);
            let first = first.unwrap_or(samples.len());
            self.silent += first as u64;
            &samples[first..]
        } else {
            samples
        };
        self.sounding += samples.len() as u64;
        self.integers.clear();
        self.integers
            .extend(samples.iter().map(|sample| (sample * 32_767.0) as i16));
        self.printer.consume(&self.integers);

        self.pending.extend_from_slice(samples);
        let mut used = 0;
        while let Some(frame) = self.pending.get(used..used + FRAME) {
            self.frames.push(self.bands.measure(frame));
            used += HOP;
        }
        self.pending.drain(..used);
    }

    fn finish(mut self, heard: Heard) -> Result<Fingerprint, Undecodable> {
        if let Some((_, mut resampler)) = self.resampler.take() {
            resampler.flush(&mut |samples| self.take(samples));
        }
        self.printer.finish();
        if self.sounding == 0 {
            return Err(match heard.heard < SHORTEST {
                true => Undecodable::TooShort(heard.heard),
                false => Undecodable::Silent,
            });
        }
        let sounding = Duration::from_micros(self.sounding * 1_000_000 / u64::from(RATE));
        let mut chroma = self.printer.fingerprint().to_vec();
        let mut bands = self.frames;
        // The frames after the last item are in that item's window, but have none of their own.
        let items = chroma.len().min(bands.len()).min(MOST_ITEMS);
        debug_assert!(bands.len().saturating_sub(chroma.len()) <= FRAMES_BEHIND + 1);
        chroma.truncate(items);
        bands.truncate(items);
        if sounding < SHORTEST || items == 0 {
            return Err(Undecodable::TooShort(sounding));
        }
        Ok(Fingerprint {
            chroma,
            bands,
            lead: Duration::from_micros(self.silent * 1_000_000 / u64::from(RATE)),
            heard,
        })
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
        // What counts lies below 4.8 kHz; the filter must have closed where its mirror image begins, at 6.2 kHz.
        let parameters = SincInterpolationParameters {
            sinc_len: 128,
            f_cutoff: 0.9,
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

/// Measures the loudness of one frame in bands.
struct BandMeter {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// The first bin of each band, and the end of the last.
    edges: [usize; BANDS + 1],
}

impl BandMeter {
    fn new() -> BandMeter {
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(FRAME);
        let window = (0..FRAME)
            .map(|n| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / FRAME as f32).cos())
            .collect();
        let edges = std::array::from_fn(|band| {
            let hertz = LOWEST * (HIGHEST / LOWEST).powf(band as f64 / BANDS as f64);
            (hertz * FRAME as f64 / f64::from(RATE)).round() as usize
        });
        BandMeter {
            input: transform.make_input_vec(),
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
            window,
            edges,
        }
    }

    fn measure(&mut self, frame: &[f32]) -> [u8; BANDS] {
        for ((input, sample), weight) in self.input.iter_mut().zip(frame).zip(&self.window) {
            *input = sample * weight;
        }
        let outcome = self
            .transform
            .process_with_scratch(&mut self.input, &mut self.spectrum, &mut self.scratch);
        debug_assert!(outcome.is_ok(), "the buffers are the transform's own");
        // A full-scale tone in the band is 0 dB.
        let full_scale = (FRAME as f32 / 4.0).powi(2) * 1.5;
        std::array::from_fn(|band| {
            let bins = &self.spectrum[self.edges[band]..self.edges[band + 1]];
            let energy: f32 = bins.iter().map(|bin| bin.norm_sqr()).sum();
            let decibel = 10.0 * (energy / full_scale).max(1e-12).log10();
            ((decibel - FLOOR_DECIBEL) * STEPS_A_DECIBEL).round().clamp(0.0, 255.0) as u8
        })
    }
}
