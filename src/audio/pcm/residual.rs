//! Whether two lossless files hold other audio, or the same one louder, a little later, or in fewer bits.
//!
//! Both are laid on each other where they fit best, one is scaled by the one gain that fits the whole, and what is left
//! when it is taken away from the other is measured in every block. Rounding and dither leave next to nothing; another
//! mix, master or edit leaves what it changed. Invariant: symmetric in its verdict, and no file is held as a whole;
//! files of other rates or channels, of silence, or that overlap too little, get no answer.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::super::cache::Cache;
use super::super::decode::Limits;
use super::frames::{Frames, LosslessFile};
use super::{classes, contained};
use crate::audio::Undecodable;
use crate::bytes::source::{Links, SourceFile};
use crate::discover::Extension;
use beginning::Beginning;

mod beginning;

/// What rounding to 16 bits may leave in a block, as the root of the mean square: eight steps (−72 dB of full scale), for
/// shaped dither is up to 20 dB louder than plain.
const MOST_LEFT: f64 = 8.0 / 32768.0;

/// What may be left of all, as a share of the energy: music as soft as dither is not told by the above.
const MOST_SHARE: f64 = 0.05;

/// So many frames are measured together: at 44.1 kHz a tenth of a second.
const BLOCK: usize = 4096;

/// Whether two lossless files of one rate are known to hold other audio: their samples are not equal, and differ by more
/// than a gain, an offset and dither. None where nothing can be said.
pub fn other_samples(
    cache: &Cache,
    limits: &Limits,
    links: Links,
    stop: &AtomicBool,
    [one, other]: [&Path; 2],
) -> Option<bool> {
    let are_equal = match &classes(cache, limits, links, stop, &[one, other])[..] {
        [Ok(one), Ok(other)] => one == other,
        _ => return None,
    };
    if are_equal {
        return Some(false);
    }
    let open = |path: &Path| Some((SourceFile::open(path, links).ok()?, Extension::of(path.as_os_str())));
    let (one, other) = (open(one)?, open(other)?);
    let [one, other] = [&one, &other].map(|(source, extension)| LosslessFile {
        source,
        extension: extension.as_ref().and_then(Extension::as_str),
        limits,
    });
    contained(|| have_one_audio(one, other)).ok()?.map(|is_one| !is_one)
}

/// Whether one file is the other but for a gain, an offset and dither.
fn have_one_audio(one: LosslessFile, other: LosslessFile) -> Result<Option<bool>, Undecodable> {
    let (Some(a), Some(b)) = (Beginning::of(one)?, Beginning::of(other)?) else {
        return Ok(None);
    };
    if (a.rate, a.channels) != (b.rate, b.channels) {
        return Ok(None);
    }
    let mut offsets = vec![0];
    offsets.extend(a.offset_in(&b).filter(|offset| *offset != 0));
    let mut verdict = None;
    for offset in offsets {
        match fit(one, other, offset)? {
            Some(true) => return Ok(Some(true)),
            found => verdict = verdict.or(found),
        }
    }
    Ok(verdict)
}

/// What two blocks have in common: the energy of each, and of both together.
#[derive(Debug, Clone, Copy, Default)]
struct BlockEnergies {
    one: f64,
    other: f64,
    both: f64,
    samples: usize,
}

impl BlockEnergies {
    fn of(one: &[f32], other: &[f32]) -> BlockEnergies {
        let mut sums = BlockEnergies {
            samples: one.len(),
            ..BlockEnergies::default()
        };
        for (a, b) in one.iter().zip(other) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            sums.one += a * a;
            sums.other += b * b;
            sums.both += a * b;
        }
        sums
    }

    fn add(&mut self, more: BlockEnergies) {
        self.one += more.one;
        self.other += more.other;
        self.both += more.both;
        self.samples += more.samples;
    }

    /// How much louder the other is.
    fn gain(&self) -> f64 {
        if self.one > 0.0 { self.both / self.one } else { 0.0 }
    }

    /// The energy that is left of the other without the one at this gain, in the scale of the softer of both.
    fn left(&self, gain: f64) -> f64 {
        let left = self.other - 2.0 * gain * self.both + gain * gain * self.one;
        left.max(0.0) / gain.powi(2).max(1.0)
    }

    /// The share of the energy that is left at the best gain, the same either way.
    fn unlike(&self) -> f64 {
        1.0 - self.both.powi(2) / (self.one * self.other)
    }

    fn is_rounding(&self, gain: f64) -> bool {
        self.left(gain) <= MOST_LEFT.powi(2) * self.samples as f64
    }
}

/// Whether nothing but rounding is left between two files where the other has all of it `offset` frames later. None where
/// they lie on each other for less than that, or where one of them is silent there.
fn fit(one: LosslessFile, other: LosslessFile, offset: i64) -> Result<Option<bool>, Undecodable> {
    let (mut one, mut other) = (Frames::open(one)?, Frames::open(other)?);
    let apart = usize::try_from(offset.unsigned_abs()).map_err(|_| Undecodable::Broken)?;
    match offset < 0 {
        true => one.skip(apart)?,
        false => other.skip(apart)?,
    }
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let (mut blocks, mut all) = (Vec::new(), BlockEnergies::default());
    loop {
        one.next(BLOCK, &mut a)?;
        other.next(BLOCK, &mut b)?;
        let both = a.len().min(b.len());
        if both == 0 {
            break;
        }
        let sums = BlockEnergies::of(&a[..both], &b[..both]);
        // No other gain leaves less.
        if !sums.is_rounding(sums.gain()) {
            return Ok(Some(false));
        }
        all.add(sums);
        blocks.push(sums);
    }
    if all.samples / one.channels().max(1) < apart || all.one == 0.0 || all.other == 0.0 {
        return Ok(None);
    }
    let gain = all.gain();
    let is_rounding = blocks.iter().all(|block| block.is_rounding(gain));
    Ok(Some(is_rounding && all.unlike() <= MOST_SHARE))
}

#[cfg(test)]
mod tests;
