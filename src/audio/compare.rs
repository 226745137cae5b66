//! Comparing two fingerprints: the same recording, another one, or not to be said.

use std::fmt;
use std::time::Duration;

use super::fingerprint::{BANDS, Fingerprint, ITEMS_A_SECOND, STEPS_A_DECIBEL};

/// What the audio says of two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Same,
    Different,
    Undecided,
}

/// What two fingerprints have in common where they lie best on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    pub alike: f64,
    pub worst_alike: f64,
    pub drift: f64,
    pub offset: f64,
    pub overlap: f64,
    pub band_mean: f64,
    pub band_worst: f64,
    pub tone: f64,
    pub plain: f64,
}

const LEAST: usize = 40;

/// Recordings whose lengths differ by more are not the same.
pub const LENGTHS_DIFFER: Duration = Duration::from_secs(10);

pub fn likeness(a: &Fingerprint, b: &Fingerprint) -> Option<Likeness> {
    let (offset, alike) = best_offset(&a.chroma, &b.chroma)?;
    let (start_a, start_b, count) = overlap(a.chroma.len(), b.chroma.len(), offset);
    let ca = &a.chroma[start_a..start_a + count];
    let cb = &b.chroma[start_b..start_b + count];
    let window = 24.min(count);
    let mut worst: f64 = 1.0;
    let mut at = 0;
    while at + window <= count {
        worst = worst.min(alike_share(&ca[at..at + window], &cb[at..at + window]));
        at += window / 2;
    }
    let bands = band_distance(&a.bands[start_a..start_a + count], &b.bands[start_b..start_b + count]);
    Some(Likeness {
        alike,
        worst_alike: worst,
        drift: drift(ca, cb),
        offset: offset as f64 / ITEMS_A_SECOND,
        overlap: count as f64 / ITEMS_A_SECOND,
        band_mean: bands.0,
        band_worst: bands.1,
        tone: bands.2,
        plain: plain(&a.chroma).min(plain(&b.chroma)),
    })
}

fn plain(chroma: &[u32]) -> f64 {
    let n = chroma.len();
    if n < 17 { return 0.0; }
    1.0 - alike_share(&chroma[..n - 16], &chroma[16..])
}

fn alike_share(a: &[u32], b: &[u32]) -> f64 {
    let differing: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
    1.0 - f64::from(differing) / (32.0 * a.len().max(1) as f64)
}

fn overlap(a: usize, b: usize, offset: i64) -> (usize, usize, usize) {
    let start_a = offset.max(0) as usize;
    let start_b = (-offset).max(0) as usize;
    (start_a, start_b, a.saturating_sub(start_a).min(b.saturating_sub(start_b)))
}

fn best_offset(a: &[u32], b: &[u32]) -> Option<(i64, f64)> {
    let least = LEAST.max(a.len().min(b.len()) / 2).min(a.len().min(b.len()));
    let mut best: Option<(i64, f64)> = None;
    for offset in -(b.len() as i64)..=a.len() as i64 {
        let (sa, sb, n) = overlap(a.len(), b.len(), offset);
        if n < least || n == 0 { continue; }
        let share = alike_share(&a[sa..sa + n], &b[sb..sb + n]);
        if best.is_none_or(|(_, best)| share > best) { best = Some((offset, share)); }
    }
    best
}

/// The difference of the best local offsets of the first and last thirds, in seconds.
fn drift(a: &[u32], b: &[u32]) -> f64 {
    let third = a.len() / 3;
    if third < 16 { return 0.0; }
    let local = |from: usize| {
        let mut best = (0i64, -1.0);
        for shift in -20i64..=20 {
            let lo = (from as i64).max(from as i64 - shift).max(0).max(-shift);
            let hi = ((from + third) as i64).min(b.len() as i64 - shift).min(a.len() as i64);
            if hi - lo < third as i64 / 2 { continue; }
            let share = alike_share(&a[lo as usize..hi as usize], &b[(lo + shift) as usize..(hi + shift) as usize]);
            if share > best.1 { best = (shift, share); }
        }
        best.0
    };
    (local(a.len() - third) - local(0)) as f64 / ITEMS_A_SECOND
}

fn band_distance(a: &[[u8; BANDS]], b: &[[u8; BANDS]]) -> (f64, f64, f64) {
    let mut best = (f64::MAX, f64::MAX, 0.0);
    for phase in -4..=4i32 {
        let d = band_distance_at(a, b, phase as f32 / 8.0);
        if d.0 < best.0 { best = d; }
    }
    best
}

fn band_distance_at(a: &[[u8; BANDS]], b: &[[u8; BANDS]], phase: f32) -> (f64, f64, f64) {
    let n = a.len().min(b.len());
    let (da, db) = if phase >= 0.0 { (0.0, phase) } else { (-phase, 0.0) };
    let sample = |x: &[[u8; BANDS]], t: usize, k: usize, p: f32| {
        let u = f32::from(x[t][k]);
        if p == 0.0 || t + 1 >= x.len() { u } else { u * (1.0 - p) + f32::from(x[t + 1][k]) * p }
    };
    let top = a.iter().chain(b).flatten().copied().max().unwrap_or(0);
    let floor = f32::from(top.saturating_sub(100)); // 50 dB
    let mut diffs = vec![Vec::with_capacity(n); BANDS];
    for t in 0..n {
        for (k, diffs) in diffs.iter_mut().enumerate() {
            let (x, y) = (sample(a, t, k, da), sample(b, t, k, db));
            if x.max(y) < floor { diffs.push(f32::NAN); } else { diffs.push((x.max(floor) - y.max(floor)) / STEPS_A_DECIBEL); }
        }
    }
    let mut gains = [0f32; BANDS];
    for k in 0..BANDS {
        let mut v: Vec<f32> = diffs[k].iter().copied().filter(|d| d.is_finite()).collect();
        if v.is_empty() { continue; }
        v.sort_by(f32::total_cmp);
        gains[k] = v[v.len() / 2];
    }
    let mut sorted = gains; sorted.sort_by(f32::total_cmp);
    let tone = sorted[BANDS - 1] - sorted[0];
    let mut total = (0.0f64, 0usize);
    let mut worst = 0.0f64;
    let window = 24;
    let mut w = (0.0f64, 0usize);
    for t in 0..n {
        for k in 0..BANDS {
            let d = diffs[k][t];
            if d.is_finite() {
                let d = f64::from((d - gains[k]).abs().min(20.0));
                total.0 += d; total.1 += 1; w.0 += d; w.1 += 1;
            }
        }
        if (t + 1) % window == 0 {
            if w.1 > window * 2 { worst = worst.max(w.0 / w.1 as f64); }
            w = (0.0, 0);
        }
    }
    (total.0 / total.1.max(1) as f64, worst, f64::from(tone))
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self)
    }
}
#[allow(dead_code)]
fn _d(_: Duration) {}
