//! Where two fingerprints lie on each other: the offset first, then how it moves.
//!
//! The offset is searched by chroma around where the first sounds meet, on both grids of the second fingerprint. Music
//! that repeats itself fits at many offsets; of those that fit about equally well the nearest counts, beside the one
//! that fits best. Then stretches of both are followed by the bands, which gives the place between rows, and the speed
//! of the one against the other. Invariant: the time it takes is proportional to the length.

use std::ops::Range;

use crate::audio::compare::bands::{BANDS, ROWS_A_SECOND, Row};
use crate::audio::fingerprint::{Fingerprint, ROWS_AN_ITEM};

/// How far apart the first sounds may be, in seconds: somewhat more than makes two recordings.
const REACH: f64 = 12.0;

/// How much less than the best an offset may fit to count as fitting equally well, in shares of bits: what it costs to
/// lie between the grids.
const EQUALLY: f64 = 0.045;

/// The same where only every fourth run of items was looked at.
const ROUGHLY: f64 = 0.07;

/// Items that are looked at in a row.
const RUN: usize = 16;

/// So many offsets are looked at closely, those nearest to the first sounds' and the best.
const MOST_OFFSETS: usize = 12;

/// The stretches that are followed, in rows: 16 s, or a third of what there is.
const STRETCH: usize = 256;

/// How far stretches may lie beside a line for it to be the speed, in rows.
const STRAIGHT: f64 = 0.5;

/// Where in the second fingerprint the places of the first are.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::audio) struct Alignment {
    /// How many rows later a place is in the second, at `middle`.
    offset: f64,
    /// How many more rows pass in the second, for each row of the first.
    pub(in crate::audio) slope: f64,
    middle: f64,
    /// The rows of the first where both sound.
    pub(in crate::audio) rows: Range<usize>,
}

impl Alignment {
    fn new(a: &Fingerprint, b: &Fingerprint, offset: f64) -> Option<Alignment> {
        let start = a
            .sound
            .start
            .max((b.sound.start as f64 - offset).ceil().max(0.0) as usize);
        let end = a.sound.end.min((b.sound.end as f64 - offset).floor().max(0.0) as usize);
        (start < end).then_some(Alignment {
            offset,
            slope: 0.0,
            middle: (start + end) as f64 / 2.0,
            rows: start..end,
        })
    }

    /// The place of a row of the first in the second, in rows.
    pub(in crate::audio) fn place(&self, row: f64) -> f64 {
        row + self.offset + self.slope * (row - self.middle)
    }

    /// The share of equal bits in each of the items that both have; they are two rows apart.
    pub(in crate::audio) fn equal_bits(&self, a: &Fingerprint, b: &Fingerprint) -> Vec<f32> {
        let equal = |row: usize| {
            let place = self.place(row as f64).round().max(0.0) as usize;
            let (one, other) = (a.item(row)?, b.item(place)?);
            Some(1.0 - (one ^ other).count_ones() as f32 / 32.0)
        };
        let end = self.rows.end.saturating_sub(ROWS_AN_ITEM);
        (self.rows.start..end).step_by(2).map_while(equal).collect()
    }
}

/// The most likely alignments: the nearest that fits well, and the best if it is another; none where nothing overlaps.
pub(in crate::audio) fn alignments(a: &Fingerprint, b: &Fingerprint) -> Vec<Alignment> {
    let offsets = offsets(a, b);
    let aligned = |offset: i64| {
        let rough = Alignment::new(a, b, offset as f64)?;
        Some(followed(a, b, rough))
    };
    offsets.into_iter().filter_map(aligned).collect()
}

/// The items of a grid that hear nothing but sound.
fn items(print: &Fingerprint, grid: usize) -> Range<usize> {
    let end = print.sound.end.saturating_sub(ROWS_AN_ITEM) / 2;
    let end = end.min(print.chroma[grid].len());
    print.sound.start.div_ceil(2).min(end)..end
}

/// The share of equal bits where `b` lies `offset` rows later, by every `step`th run of items; none where too
/// little does.
pub(in crate::audio) fn share_at(a: &Fingerprint, b: &Fingerprint, offset: i64, step: usize) -> Option<f64> {
    let grid = offset.rem_euclid(2) as usize;
    let shift = offset.div_euclid(2) as isize;
    let (of_a, of_b) = (items(a, 0), items(b, grid));
    let least = (of_a.len().min(of_b.len()) / 2).max(1);
    let start = of_a.start.max(of_b.start.saturating_add_signed(-shift));
    let end = of_a.end.min(of_b.end.saturating_add_signed(-shift));
    if end < start + least {
        return None;
    }
    let one = &a.chroma[0][start..end];
    let other = &b.chroma[grid][start.checked_add_signed(shift)?..];
    let (mut differing, mut count) = (0, 0);
    for (one, other) in one.chunks(RUN).zip(other.chunks(RUN)).step_by(step) {
        let pairs = one.iter().zip(other);
        differing += pairs.map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
        count += one.len().min(other.len());
    }
    Some(1.0 - f64::from(differing) / (32 * count) as f64)
}

/// Offsets in rows.
fn offsets(a: &Fingerprint, b: &Fingerprint) -> Vec<i64> {
    let step = if a.sound.len() > 800 { 4 } else { 1 };
    let meeting = b.sound.start as i64 - a.sound.start as i64;
    let reach = (REACH * ROWS_A_SECOND) as i64;
    let first = meeting - reach;
    let rough: Vec<f64> = (first..=meeting + reach)
        .map(|offset| share_at(a, b, offset, step).unwrap_or(0.0))
        .collect();
    let best = rough.iter().copied().fold(0.0, f64::max);
    if best == 0.0 {
        return Vec::new();
    }
    let is_peak = |n: &usize| {
        let value = rough[*n];
        let before = n.checked_sub(1).map_or(0.0, |n| rough[n]);
        let after = rough.get(n + 1).copied().unwrap_or(0.0);
        value >= best - ROUGHLY && value >= before && value >= after
    };
    let mut peaks: Vec<usize> = (0..rough.len()).filter(is_peak).collect();
    let distance = |offset: i64| (offset - meeting).abs();
    peaks.sort_by_key(|n| (rough[*n] < best, distance(first + *n as i64)));
    peaks.truncate(MOST_OFFSETS);
    let fits: Vec<(i64, f64)> = peaks
        .into_iter()
        .map(|n| first + n as i64)
        .map(|offset| (offset, share_at(a, b, offset, 1).unwrap_or(0.0)))
        .collect();
    let most = fits.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    let nearest = fits
        .iter()
        .filter(|(_, share)| *share >= most - EQUALLY)
        .min_by_key(|(offset, _)| distance(*offset));
    let best = fits.iter().find(|(_, share)| *share == most);
    let mut offsets: Vec<i64> = nearest.into_iter().chain(best).map(|(offset, _)| *offset).collect();
    offsets.dedup();
    offsets
}

/// The alignment between rows, and along the length.
fn followed(a: &Fingerprint, b: &Fingerprint, rough: Alignment) -> Alignment {
    let length = STRETCH.min(rough.rows.len() / 3).max(1);
    let starts = rough.rows.clone().step_by(length);
    let whole: Vec<usize> = starts.filter(|start| start + length <= rough.rows.end).collect();
    // Outwards from the middle, each from where the last one was.
    let middle = whole.len() / 2;
    let mut shifts = vec![0.0; whole.len()];
    for n in (middle..whole.len()).chain((0..middle).rev()) {
        let before = match n {
            n if n == middle => 0.0,
            n if n > middle => shifts[n - 1],
            n => shifts[n + 1],
        };
        shifts[n] = shift(a, b, whole[n]..whole[n] + length, rough.offset + before).map_or(before, |by| before + by);
    }
    // Half of the length apart: a slope from each pair, and the middle one of them.
    let apart = whole.len().div_ceil(2);
    let slopes = (apart..whole.len()).map(|n| (shifts[n] - shifts[n - apart]) / (apart * length) as f64);
    let slope = if whole.len() < 3 { 0.0 } else { median(slopes.collect()) };
    let beside = |slope: f64| -> Vec<f64> {
        let place = |n: usize| (whole[n] + length / 2) as f64;
        let left = shifts.iter().enumerate();
        left.map(|(n, shift)| shift - slope * (place(n) - rough.middle))
            .collect()
    };
    let offset = median(beside(slope));
    let bent = median(beside(slope).iter().map(|left| (left - offset).abs()).collect());
    let (slope, offset) = match bent <= STRAIGHT {
        true => (slope, offset),
        // Parts were moved: no speed tells of that.
        false => (0.0, 0.0),
    };
    Alignment {
        offset: rough.offset + offset,
        slope,
        ..rough
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    match values.is_empty() {
        true => 0.0,
        false => *values.select_nth_unstable_by(middle, f64::total_cmp).1,
    }
}

/// How many rows beside `offset` the bands of these rows fit best; none where no shift is better than its neighbours.
fn shift(a: &Fingerprint, b: &Fingerprint, rows: Range<usize>, offset: f64) -> Option<f64> {
    const STEP: f64 = 0.5;
    const STEPS: i32 = 6;
    let misfits: Vec<f64> = (-STEPS..=STEPS)
        .map(|n| misfit(a, b, rows.clone(), offset + f64::from(n) * STEP))
        .collect();
    let best = (0..misfits.len()).min_by(|one, other| misfits[*one].total_cmp(&misfits[*other]))?;
    let (before, after) = (misfits.get(best.checked_sub(1)?)?, misfits.get(best + 1)?);
    // The lowest point of the parabola through three.
    let bend = before - 2.0 * misfits[best] + after;
    let between = if bend > 0.0 {
        (before - after) / (2.0 * bend)
    } else {
        0.0
    };
    Some((best as f64 - f64::from(STEPS) + between) * STEP)
}

/// How much the difference of the levels varies, by every third band and every eighth row.
fn misfit(a: &Fingerprint, b: &Fingerprint, rows: Range<usize>, offset: f64) -> f64 {
    /// What is 35 dB below the band's loud level is not followed, in steps.
    const DEEP: u8 = 70;
    let floor = |print: &Fingerprint| -> Row { std::array::from_fn(|band| print.loud[band].saturating_sub(DEEP)) };
    let (floor_a, floor_b) = (floor(a), floor(b));
    let (mut sums, mut squares, mut count) = ([0.0f32; BANDS], [0.0f32; BANDS], 0.0f32);
    for row in rows.step_by(8) {
        let place = (row as f64 + offset).max(0.0);
        let (before, part) = (place as usize, place.fract() as f32);
        let (Some(one), Some(other), Some(next)) = (a.rows.get(row), b.rows.get(before), b.rows.get(before + 1)) else {
            continue;
        };
        count += 1.0;
        for band in (0..BANDS).step_by(3) {
            let level = |value: u8, floor: &Row| f32::from(value.max(floor[band]));
            let there = level(other[band], &floor_b) * (1.0 - part) + level(next[band], &floor_b) * part;
            let difference = level(one[band], &floor_a) - there;
            sums[band] += difference;
            squares[band] += difference * difference;
        }
    }
    let variance = |band: usize| squares[band] - sums[band] * sums[band] / count.max(1.0);
    f64::from((0..BANDS).step_by(3).map(variance).sum::<f32>() / count.max(1.0))
}
