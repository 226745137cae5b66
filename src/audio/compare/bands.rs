//! The loudness of bands over time: what the fingerprint's rows hold.
//!
//! Spectra are taken at the file's own rate, so that what lies high is heard too, but at the same places in time at
//! every rate: each half a row after the last, over a whole row, under a sine window, so that the energy of a short
//! sound counts the same wherever it falls. A row is eleven of them under a wide window, and changes so slowly that it
//! can be read between its places: with half as many rows, reading between them cost 1.2 dB, more than a codec at
//! 24 kbit/s. Invariant: [`ROWS_A_SECOND`] whatever rates a stream takes.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Rows, two for each of Chromaprint's items.
pub const ROWS_A_SECOND: f64 = 2.0 * 11_025.0 / 1365.0;

/// How many bands the loudness is taken in, evenly spaced in octaves over `LOWEST`..`HIGHEST` Hz.
pub const BANDS: usize = 24;
const LOWEST: f64 = 90.0;
const HIGHEST: f64 = 16_000.0;

/// Loudness is kept in steps of half a decibel, from −110 dB of full scale.
pub const STEPS_A_DECIBEL: f32 = 2.0;
const FLOOR_DECIBEL: f32 = -110.0;

const SPECTRA_A_ROW: usize = 2;

/// The window of a row over spectra: a Hann window, six rows wide (0.37 s, as Chromaprint's).
const ROW_WINDOW: [f32; 11] = [0.067, 0.25, 0.5, 0.75, 0.933, 1.0, 0.933, 0.75, 0.5, 0.25, 0.067];

/// The loudness of each band around one place in time, in steps of 1/[`STEPS_A_DECIBEL`] dB.
pub type Row = [u8; BANDS];

/// Measures the loudness of a stream of samples.
#[derive(Default)]
pub(in crate::audio) struct BandMeter {
    analyser: Option<Analyser>,
    /// The energies that rows to come are made of.
    energies: Vec<[f32; BANDS]>,
    rows: Vec<Row>,
}

impl BandMeter {
    pub(in crate::audio) fn take(&mut self, rate: u32, mono: &[f32]) {
        if self.analyser.as_ref().is_none_or(|analyser| analyser.rate != rate) {
            self.analyser = Analyser::new(rate);
        }
        let Some(analyser) = &mut self.analyser else { return };
        analyser.take(mono, &mut self.energies);
        let mut used = 0;
        while let Some(spectra) = self.energies.get(used..used + ROW_WINDOW.len()) {
            self.rows.push(row(spectra));
            used += SPECTRA_A_ROW;
        }
        self.energies.drain(..used);
    }

    pub(in crate::audio) fn finish(self) -> Vec<Row> {
        self.rows
    }
}

fn row(spectra: &[[f32; BANDS]]) -> Row {
    let sum: f32 = ROW_WINDOW.iter().sum();
    std::array::from_fn(|band| {
        let energies = spectra
            .iter()
            .zip(ROW_WINDOW)
            .map(|(energies, weight)| energies[band] * weight);
        let decibel = 10.0 * (energies.sum::<f32>() / sum).max(1e-12).log10();
        ((decibel - FLOOR_DECIBEL) * STEPS_A_DECIBEL).round().clamp(0.0, 255.0) as u8
    })
}

/// Takes spectra of samples at one rate.
struct Analyser {
    rate: u32,
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    /// Of each bin.
    energies: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    /// Where bands begin, and the last ends, in bins; an edge within a bin parts its energy.
    edges: [f32; BANDS + 1],
    /// A full-scale tone has this energy.
    full_scale: f32,
    pending: Vec<f32>,
    /// Where `pending` starts, and how many spectra were taken.
    start: u64,
    taken: u64,
}

impl Analyser {
    fn new(rate: u32) -> Option<Analyser> {
        // 1 kHz to 8 MHz: below and above nothing is audio.
        if !(1_000..=8_000_000).contains(&rate) {
            return None;
        }
        let length = (2.0 * f64::from(rate) / (ROWS_A_SECOND * SPECTRA_A_ROW as f64)).round() as usize;
        let size = length.next_power_of_two();
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(size);
        let window: Vec<f32> = (0..length)
            .map(|n| (std::f32::consts::PI * (n as f32 + 0.5) / length as f32).sin())
            .collect();
        let edges = std::array::from_fn(|band| {
            let hertz = LOWEST * (HIGHEST / LOWEST).powf(band as f64 / BANDS as f64);
            // A bin reaches half of its width to both sides.
            ((hertz * size as f64 / f64::from(rate) + 0.5) as f32).min((size / 2 + 1) as f32)
        });
        // Parseval: a tone of amplitude 1 has half of what the window lets pass, and half of that at positive bins.
        let full_scale = window.iter().map(|weight| weight * weight).sum::<f32>() * size as f32 / 4.0;
        Some(Analyser {
            rate,
            input: transform.make_input_vec(),
            energies: vec![0.0; size / 2 + 1],
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
            window,
            edges,
            full_scale,
            pending: Vec::new(),
            start: 0,
            taken: 0,
        })
    }

    fn take(&mut self, mono: &[f32], energies: &mut Vec<[f32; BANDS]>) {
        self.pending.extend_from_slice(mono);
        let used = loop {
            let place = self.taken as f64 * f64::from(self.rate) / (ROWS_A_SECOND * SPECTRA_A_ROW as f64);
            let from = (place.round() as u64 - self.start) as usize;
            let Some(samples) = self.pending.get(from..from + self.window.len()) else {
                break from.min(self.pending.len());
            };
            for ((input, sample), weight) in self.input.iter_mut().zip(samples).zip(&self.window) {
                *input = sample * weight;
            }
            // The transform uses its input as scratch.
            self.input[self.window.len()..].fill(0.0);
            let outcome = self
                .transform
                .process_with_scratch(&mut self.input, &mut self.spectrum, &mut self.scratch);
            debug_assert!(outcome.is_ok(), "the buffers are the transform's own");
            let of_bins = self.energies.iter_mut().zip(&self.spectrum);
            of_bins.for_each(|(energy, bin)| *energy = bin.norm_sqr());
            energies.push(std::array::from_fn(|band| {
                energy(&self.energies, self.edges[band], self.edges[band + 1]) / self.full_scale
            }));
            self.taken += 1;
        };
        self.pending.drain(..used);
        self.start += used as u64;
    }
}

/// The energy between two places, in bins.
fn energy(energies: &[f32], from: f32, to: f32) -> f32 {
    let bin = |place: f32| energies.get(place as usize).copied().unwrap_or(0.0);
    let whole = &energies[(from as usize).min(energies.len())..(to as usize).min(energies.len())];
    (sum(whole) - bin(from) * from.fract() + bin(to) * to.fract()).max(0.0)
}

/// The sum, eight at a time: in one row, each addition would wait for the one before.
fn sum(values: &[f32]) -> f32 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        sums.iter_mut().zip(eight).for_each(|(sum, value)| *sum += value);
    }
    sums.iter().chain(rest).sum()
}
