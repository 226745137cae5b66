//! How far the bands of two aligned fingerprints are apart: where a voice, an instrument or a word comes or goes.
//!
//! Each band is read against its own loud level, so that another tone is no difference; what all bands have in common
//! is taken off, so that neither is another gain, or one that moves; what is left is looked at as a whole, in sections
//! of three seconds and in windows of three quarters of one, over all bands and over a quarter of them.
//! Invariant: only bands count where both files have energy.

use std::ops::Range;

use super::align::Alignment;
use crate::audio::compare::bands::{BANDS, Row, STEPS_A_DECIBEL};
use crate::audio::fingerprint::Fingerprint;

/// A band that is further below the loudest one is nothing but noise, in steps: 60 dB.
const FAINT: u8 = 120;

/// A file that falls by this much from one band to the next, and is this much weaker there than the other, in steps
/// (12 and 6 dB), was cut off: what lies above is not compared.
const CUT_OFF: i16 = 24;
const WEAKER: i16 = 12;

/// How far a band counts below its own loud level, and below the band that is nearest to its own at the time, in dB.
const DEEPEST: f32 = -30.0;
const MASKED: f32 = 20.0;

/// How far a band counts below the loudest one at the time, and below its neighbours: for each band that these lie lower,
/// and for each that they lie higher, in dB. What is deeper is not heard beside them, and codecs put their noise there.
const UNHEARD: f32 = 50.0;
const BESIDE_LOWER: f32 = 18.0;
const BESIDE_HIGHER: f32 = 25.0;

/// A difference in one place counts for no more than this, in dB.
const LARGEST: f32 = 20.0;

/// Every second row of the first is looked at, and called a place.
pub(in crate::audio) const STEP: usize = 2;

/// The gain that is taken off is smoothed over two seconds, in places; faster ones may differ by this many dB from it,
/// and by anything in the first and last three seconds, where music is faded.
const SMOOTHED: usize = 17;
const PUMPING: f32 = 3.0;
const FADED: usize = 24;
const GONE: f32 = 20.0;

/// Three seconds, and three quarters of one, in places.
const SECTION: usize = 24;
const WINDOW: usize = 6;

/// What share of the largest difference counts as one of its own.
const ABOUT_AS_FAR: f32 = 0.6;

/// How far apart a window may be in dB, and how many times the usual is added to that: a codec that does much does it
/// everywhere, a word is in one place.
const ALLOWED: (f32, f32) = (1.2, 2.0);

/// The same for each part of the spectrum, from low to high. Voices are in the middle two, where codecs do least; narrow
/// bands vary at the low end, and codecs at the high.
const ALLOWED_IN_PART: [(f32, f32); PARTS] = [(1.76, 2.75), (1.21, 2.2), (1.21, 2.2), (2.64, 2.75)];

/// Parts of the spectrum that are also looked at alone.
const PARTS: usize = 4;
const PART: usize = BANDS / PARTS;

/// The differences over the part that two fingerprints share, in dB.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::audio) struct Levels {
    /// The mean over time and bands.
    pub(in crate::audio) mean: f64,
    /// The largest mean of a section.
    pub(in crate::audio) section: f64,
    /// The largest of a window, over all bands and over a part of them, as a multiple of what a codec does.
    pub(in crate::audio) window: f64,
    pub(in crate::audio) part: f64,
    /// How far apart the bands' gains are.
    pub(in crate::audio) tone: f64,
    /// How much the levels of the less varied of the two change.
    pub(in crate::audio) change: f64,
    /// How far each window is apart, the larger of both ways.
    windows: Vec<f32>,
}

impl Levels {
    /// Where nobody has looked.
    pub(in crate::audio) fn unknown() -> Levels {
        Levels {
            mean: f64::INFINITY,
            section: f64::NAN,
            window: f64::NAN,
            part: f64::NAN,
            tone: f64::NAN,
            change: f64::NAN,
            windows: Vec::new(),
        }
    }

    /// The places around the window within `places` that is furthest apart, and whether others are about as far.
    pub(in crate::audio) fn differs(&self, places: Range<usize>) -> Option<(Range<usize>, bool)> {
        let end = places.end.min(self.windows.len());
        let start = places.start.min(end);
        let (at, most) = largest(&self.windows[start..end]);
        // What is half as far apart still belongs to it, and so does what follows within a second.
        let belongs = |window: &usize| self.windows[*window] >= most / 2.0;
        let (mut from, mut to) = (start + at, start + at);
        while let Some(window) = (from.saturating_sub(8)..from).find(belongs) {
            from = window;
        }
        while let Some(window) = (to + 1..(to + 9).min(self.windows.len())).rfind(belongs) {
            to = window;
        }
        let others = self.windows[..from]
            .iter()
            .chain(&self.windows[(to + 1).min(self.windows.len())..]);
        let elsewhere = others
            .into_iter()
            .any(|window| *window > (most * ABOUT_AS_FAR).max(1.0));
        // The first and the last window reach in from outside.
        (start < end).then(|| {
            (
                from + WINDOW / 2..(to + WINDOW / 2).max(from + WINDOW / 2) + 1,
                elsewhere,
            )
        })
    }
}

/// Compares the bands along an alignment.
pub(in crate::audio) fn levels(a: &Fingerprint, b: &Fingerprint, alignment: &Alignment) -> Levels {
    let used = used(a, b);
    let mut rows = differences(a, b, alignment, &used);
    let change = change(&a.rows[a.sound.clone()], &used).min(change(&b.rows[b.sound.clone()], &used));
    take_off_tone(&mut rows, &used);
    let steady = steady(&rows);
    for difference in rows.iter_mut().flatten() {
        // `min` would make a number of what is none.
        *difference = difference.abs().clamp(0.0, LARGEST);
    }
    let all: Vec<f32> = rows.iter().map(|row| mean(row.iter().copied())).collect();
    let squares: Vec<f32> = steady.iter().map(|row| square(row)).collect();
    let mut windows = roots(&squares, WINDOW);
    let allowed = ALLOWED.0 + ALLOWED.1 * median(&mut windows.clone());
    windows.iter_mut().for_each(|window| *window /= allowed);
    let (_, window) = largest(&windows);
    let (_, section) = largest(&running(&all, SECTION));
    let mut part = 0.0f32;
    for (n, (least, times)) in ALLOWED_IN_PART.into_iter().enumerate() {
        let bands = n * PART..(n + 1) * PART;
        let of_part: Vec<f32> = steady
            .iter()
            .map(|row| square(&row[bands.clone()]))
            .filter(|difference| difference.is_finite())
            .collect();
        if of_part.len() < rows.len() {
            continue;
        }
        let of_part = roots(&of_part, WINDOW);
        let allowed = least + times * median(&mut of_part.clone());
        for (window, apart) in windows.iter_mut().zip(&of_part) {
            part = part.max(apart / allowed);
            *window = window.max(apart / allowed);
        }
    }
    Levels {
        mean: f64::from(mean(all.iter().copied())),
        section: f64::from(section),
        window: f64::from(window),
        part: f64::from(part),
        tone: tone(a, b, &used),
        change,
        windows,
    }
}

/// Which bands have energy in both.
fn used(a: &Fingerprint, b: &Fingerprint) -> [bool; BANDS] {
    let heard = |print: &Fingerprint, band: usize| {
        let loudest = print.loud.iter().copied().max().unwrap_or(0);
        print.loud[band] > loudest.saturating_sub(FAINT).max(1)
    };
    let both: [bool; BANDS] = std::array::from_fn(|band| heard(a, band) && heard(b, band));
    let apart = apart(&a.loud, &b.loud);
    let mut of_both: Vec<i16> = (0..BANDS).filter(|band| both[*band]).map(|band| apart[band]).collect();
    of_both.sort_unstable();
    let usual = of_both.get(of_both.len() / 2).copied().unwrap_or(0);
    let falls = |loud: &Row, band: usize| i16::from(loud[band - 1]) - i16::from(loud[band]) >= CUT_OFF;
    let is_cut = |band: &usize| {
        let weaker = apart[*band] - usual;
        weaker > WEAKER && falls(&b.loud, *band) || weaker < -WEAKER && falls(&a.loud, *band)
    };
    // The last band below the cut is half gone.
    let end = (1..BANDS).find(is_cut).map_or(BANDS, |cut| cut - 1);
    std::array::from_fn(|band| both[band] && band < end)
}

/// How much louder each band is in the first, in steps.
fn apart(a: &Row, b: &Row) -> [i16; BANDS] {
    std::array::from_fn(|band| i16::from(a[band]) - i16::from(b[band]))
}

/// The levels of the first less those of the second, in dB, one row a place, without the gain that they have in common;
/// not a number where a band is not used.
fn differences(a: &Fingerprint, b: &Fingerprint, alignment: &Alignment, used: &[bool; BANDS]) -> Vec<[f32; BANDS]> {
    let last = (b.rows.len() - 1) as f64;
    let both = |row: usize| {
        let place = alignment.place(row as f64).clamp(0.0, last);
        let there = between(&b.rows, place as usize, place.fract() as f32);
        [against(&a.rows[row].map(f32::from), &a.loud), against(&there, &b.loud)]
    };
    let both: Vec<[[f32; BANDS]; 2]> = alignment.rows.clone().step_by(STEP).map(both).collect();
    let gains = gains(&both, used);
    // What is as quiet as ever in the one file may be its noise.
    let quiet = [a, b].map(|print| against(&print.quiet.map(f32::from), &print.loud));
    let difference = |([here, there], gain): (&[[f32; BANDS]; 2], Option<f32>)| {
        let half = gain.unwrap_or(0.0) / 2.0;
        let unheard = [unheard(here, &a.loud), unheard(there, &b.loud)];
        let (here, there) = (here.map(|level| level - half), there.map(|level| level + half));
        let deepest = masked(&here, used).max(masked(&there, used)).max(DEEPEST);
        std::array::from_fn(|band| {
            let floors = [0, 1].map(|side| quiet[side][band].max(unheard[side][band]));
            let floor = deepest.max(floors[0] - half).max(floors[1] + half);
            match (used[band], gain) {
                (false, _) => f32::NAN,
                (true, None) => 0.0,
                (true, Some(_)) => here[band].max(floor) - there[band].max(floor),
            }
        })
    };
    both.iter().zip(gains).map(difference).collect()
}

/// What the bands have in common, in dB, as far as a gain moves; none where a fade goes deeper than can be compared.
fn gains(both: &[[[f32; BANDS]; 2]], used: &[bool; BANDS]) -> Vec<Option<f32>> {
    let common = |[here, there]: &[[f32; BANDS]; 2]| {
        // Whole numbers are sorted in half of the time.
        const STEPS: f32 = 1024.0;
        let (mut apart, mut count) = ([0i32; BANDS], 0);
        for band in (0..BANDS).filter(|band| used[*band]) {
            apart[count] = ((here[band] - there[band]) * STEPS) as i32;
            count += 1;
        }
        let apart = &mut apart[..count];
        match apart.is_empty() {
            true => 0.0,
            false => *apart.select_nth_unstable(count / 2).1 as f32 / STEPS,
        }
    };
    let common: Vec<f32> = both.iter().map(common).collect();
    let usual = median(&mut common.clone());
    let around = |at: usize, reach: usize| &common[at.saturating_sub(reach)..(at + reach + 1).min(common.len())];
    // It moves so slowly that every fourth place will do.
    let smooth: Vec<f32> = (0..common.len())
        .step_by(4)
        .map(|at| median(&mut around(at, SMOOTHED / 2).to_vec()))
        .collect();
    let gain = |at: usize| {
        let quick = mean(around(at, 1).iter().copied());
        if at < FADED || at + FADED >= common.len() {
            return Some(quick).filter(|gain| (gain - usual).abs() < GONE);
        }
        let smooth = smooth[at / 4];
        Some(quick.clamp(smooth - PUMPING, smooth + PUMPING))
    };
    (0..common.len()).map(gain).collect()
}

/// The levels `part` of the way from one row to the next, on the curve through both and their neighbours (Catmull-Rom).
fn between(rows: &[Row], before: usize, part: f32) -> [f32; BANDS] {
    let last = rows.len() - 1;
    let four = [
        before.saturating_sub(1),
        before,
        (before + 1).min(last),
        (before + 2).min(last),
    ]
    .map(|row| &rows[row]);
    let (square, cube) = (part * part, part * part * part);
    let weights = [
        -0.5 * part + square - 0.5 * cube,
        1.0 - 2.5 * square + 1.5 * cube,
        0.5 * part + 2.0 * square - 1.5 * cube,
        -0.5 * square + 0.5 * cube,
    ];
    std::array::from_fn(|band| {
        four.iter()
            .zip(weights)
            .map(|(row, weight)| f32::from(row[band]) * weight)
            .sum()
    })
}

/// Levels against the loud ones, in dB.
fn against(levels: &[f32; BANDS], loud: &Row) -> [f32; BANDS] {
    std::array::from_fn(|band| (levels[band] - f32::from(loud[band])) / STEPS_A_DECIBEL)
}

/// How deep a band is that cannot be heard beside the others.
fn masked(levels: &[f32; BANDS], used: &[bool; BANDS]) -> f32 {
    let nearest = (0..BANDS).filter(|band| used[*band]).map(|band| levels[band]);
    nearest.fold(f32::MIN, f32::max) - MASKED
}

/// How deep each band is that cannot be heard beside the others, whatever its own loud level.
fn unheard(levels: &[f32; BANDS], loud: &Row) -> [f32; BANDS] {
    let own = loud.map(|level| f32::from(level) / STEPS_A_DECIBEL);
    let levels: [f32; BANDS] = std::array::from_fn(|band| levels[band] + own[band]);
    let loudest = levels.iter().copied().fold(f32::MIN, f32::max);
    let mut deepest = [loudest - UNHEARD; BANDS];
    let mut spread = f32::MIN;
    for band in 0..BANDS {
        deepest[band] = deepest[band].max(spread);
        spread = spread.max(levels[band]) - BESIDE_LOWER;
    }
    spread = f32::MIN;
    for band in (0..BANDS).rev() {
        deepest[band] = deepest[band].max(spread);
        spread = spread.max(levels[band]) - BESIDE_HIGHER;
    }
    std::array::from_fn(|band| deepest[band] - own[band])
}

/// How much the levels change within two seconds beyond what they have in common, in dB.
fn change(rows: &[Row], used: &[bool; BANDS]) -> f64 {
    let level = |row: &Row, band: usize| f32::from(row[band]) / STEPS_A_DECIBEL;
    let changes = rows
        .iter()
        .step_by(8)
        .zip(rows.iter().skip(SMOOTHED * STEP).step_by(8))
        .map(|(row, later)| {
            let bands = || (0..BANDS).filter(|band| used[*band]);
            let by: Vec<f32> = bands().map(|band| level(row, band) - level(later, band)).collect();
            let common = mean(by.iter().copied());
            mean(by.iter().map(|by| (by - common).abs()))
        });
    f64::from(mean(changes))
}

/// Takes off each band's own gain.
fn take_off_tone(rows: &mut [[f32; BANDS]], used: &[bool; BANDS]) {
    for band in (0..BANDS).filter(|band| used[*band]) {
        let mut levels: Vec<f32> = rows.iter().step_by(3).map(|row| row[band]).collect();
        let gain = median(&mut levels);
        rows.iter_mut().for_each(|row| row[band] -= gain);
    }
}

/// How far apart the gains of the bands are, in dB.
fn tone(a: &Fingerprint, b: &Fingerprint, used: &[bool; BANDS]) -> f64 {
    let apart = apart(&a.loud, &b.loud);
    let gains = || (0..BANDS).filter(|band| used[*band]).map(|band| f64::from(apart[band]));
    let spread = gains().fold(f64::MIN, f64::max) - gains().fold(f64::MAX, f64::min);
    (spread / f64::from(STEPS_A_DECIBEL)).max(0.0)
}

/// The differences that stay for three places: what a codec does changes sides, what is added or gone does not.
fn steady(rows: &[[f32; BANDS]]) -> Vec<[f32; BANDS]> {
    let around = |at: usize| [at.saturating_sub(1), at, (at + 1).min(rows.len() - 1)].map(|at| &rows[at]);
    let mean = |three: [&[f32; BANDS]; 3]| -> [f32; BANDS] {
        std::array::from_fn(|band| (three.iter().map(|row| row[band]).sum::<f32>() / 3.0).clamp(-LARGEST, LARGEST))
    };
    (0..rows.len()).map(|at| mean(around(at))).collect()
}

/// The means of `width` values in a row, one for each place where they fit; of all where they are fewer.
fn running(values: &[f32], width: usize) -> Vec<f32> {
    let width = width.min(values.len()).max(1);
    let mut sum = 0.0f64;
    let mut means = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        sum += f64::from(*value);
        if at >= width {
            sum -= f64::from(values[at - width]);
        }
        if at + 1 >= width {
            means.push((sum / width as f64) as f32);
        }
    }
    means
}

/// The mean of the squares of what is a number: a few bands that are far apart count more than many that are a little.
fn square(differences: &[f32]) -> f32 {
    mean(differences.iter().map(|difference| difference * difference))
}

fn roots(squares: &[f32], width: usize) -> Vec<f32> {
    running(squares, width)
        .into_iter()
        .map(|mean| mean.max(0.0).sqrt())
        .collect()
}

fn largest(values: &[f32]) -> (usize, f32) {
    let place = (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b]));
    place.map_or((0, 0.0), |at| (at, values[at]))
}

/// The mean of what is a number; not a number of nothing.
fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values.filter(|value| value.is_finite()) {
        sum += value;
        count += 1.0;
    }
    sum / count
}

fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    match values.is_empty() {
        true => 0.0,
        false => *values.select_nth_unstable_by(middle, f32::total_cmp).1,
    }
}
