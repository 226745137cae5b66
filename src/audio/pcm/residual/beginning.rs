//! Where the beginning of one file is in another.

use std::ops::Range;

use realfft::RealFftPlanner;

use super::BLOCK;
use crate::audio::pcm::frames::{Frames, LosslessFile};
use crate::audio::{SILENCE, Undecodable};

/// So many seconds apart one may start to sound after the other, as they start to be compared by ear.
const APART: usize = 1;

/// So many seconds after its first sound a file is looked for in the other.
const SOUGHT: usize = 2;

/// Where a file starts to sound, and what is around that, as one channel.
pub(super) struct Beginning {
    pub(super) rate: u32,
    pub(super) channels: usize,
    /// The frame of the first sound.
    first: usize,
    /// The frame of the first of `samples`.
    start: usize,
    samples: Vec<f64>,
}

impl Beginning {
    /// None of silence.
    pub(super) fn of(file: LosslessFile) -> Result<Option<Beginning>, Undecodable> {
        let mut frames = Frames::open(file)?;
        let (mut start, mut samples, mut block) = (0, Vec::new(), Vec::new());
        let mut first = None;
        loop {
            frames.next(BLOCK, &mut block)?;
            let (rate, channels) = (frames.rate(), frames.channels().max(1));
            let second = rate as usize;
            let sound = block.iter().position(|sample| sample.abs() > SILENCE);
            first = first.or(sound.map(|sound| start + samples.len() + sound / channels));
            samples.extend(block.chunks_exact(channels).map(one_channel));
            let is_enough = match first {
                Some(first) => start + samples.len() >= first + (APART + SOUGHT) * second + BLOCK,
                None => {
                    let gone = samples.len().saturating_sub(APART * second);
                    samples.drain(..gone);
                    start += gone;
                    false
                }
            };
            if is_enough || block.is_empty() {
                return Ok(first.map(|first| Beginning {
                    rate,
                    channels,
                    first,
                    start,
                    samples,
                }));
            }
        }
    }

    /// How many frames later than in this file the same is in another, where it fits best.
    pub(super) fn offset_in(&self, other: &Beginning) -> Option<i64> {
        let from = self.first - self.start;
        let apart = APART * self.rate as usize;
        let window = |at: usize| self.samples.get(at..at + BLOCK);
        let loudest = |after: usize| {
            let windows = (from + after..)
                .step_by(BLOCK / 2)
                .take_while(|at| window(*at).is_some());
            let of_start = windows.take_while(|at| *at < from + SOUGHT * apart);
            of_start.max_by(|a, b| energy(window(*a)).total_cmp(&energy(window(*b))))
        };
        // The other may lack the very start.
        let at = loudest(apart).or_else(|| loudest(0))?;
        // Where it is in the other if both start to sound together, and around that.
        let begin = (other.first - other.start + at - from).saturating_sub(apart);
        let end = other.samples.len().min(begin + 2 * apart + BLOCK);
        let found = begin + best_place(window(at)?, other.samples.get(begin..end)?)?;
        Some((other.start + found) as i64 - (self.start + at) as i64)
    }
}

/// Channels that cancel each other out must not here.
fn one_channel(frame: &[f32]) -> f64 {
    let weights = [1.0, 0.7].iter().cycle();
    frame
        .iter()
        .zip(weights)
        .map(|(sample, weight)| f64::from(*sample) * weight)
        .sum()
}

fn energy(samples: Option<&[f64]>) -> f64 {
    samples.unwrap_or_default().iter().map(|sample| sample * sample).sum()
}

/// So many places on both sides of the best one are compared exactly.
const BESIDE: usize = 16;

/// Where in `region` the part is that is most like `window`, whatever its gain.
fn best_place(window: &[f64], region: &[f64]) -> Option<usize> {
    let places = (region.len() + 1).checked_sub(window.len())?;
    let size = (region.len() + window.len()).next_power_of_two();
    // In single precision, which the ear computes with too: another one would make the program larger by 0.63 MB.
    let mut planner = RealFftPlanner::<f32>::new();
    let forward = planner.plan_fft_forward(size);
    let spectrum = |samples: &[f64]| {
        let mut padded: Vec<f32> = samples.iter().map(|sample| *sample as f32).collect();
        padded.resize(size, 0.0);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut padded, &mut spectrum).ok()?;
        Some(spectrum)
    };
    let mut product = spectrum(region)?;
    for (bin, of_window) in product.iter_mut().zip(spectrum(window)?) {
        *bin *= of_window.conj();
    }
    let inverse = planner.plan_fft_inverse(size);
    let mut correlation = inverse.make_output_vec();
    inverse.process(&mut product, &mut correlation).ok()?;
    let mut sums = vec![0.0];
    sums.extend(region.iter().scan(0.0, |sum, sample| {
        *sum += sample * sample;
        Some(*sum)
    }));
    // Silence is like anything.
    let least = sums[region.len()] * 1e-6;
    let likeness = |at: usize, correlation: f64| {
        let energy: f64 = sums[at + window.len()] - sums[at];
        correlation.powi(2) / energy.max(least).max(f64::MIN_POSITIVE)
    };
    let best = |places: Range<usize>, correlation: &dyn Fn(usize) -> f64| {
        let likeness = places.map(|at| (at, likeness(at, correlation(at))));
        likeness.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(at, _)| at)
    };
    let near = best(0..places, &|at| f64::from(correlation[at]))?;
    // Of low tones the places beside it are nearly as like.
    let around = near.saturating_sub(BESIDE)..places.min(near + BESIDE + 1);
    best(around, &|at| {
        window.iter().zip(&region[at..]).map(|(one, other)| one * other).sum()
    })
}
