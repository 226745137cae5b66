//! Comparing two fingerprints: the same recording, another one, or not to be said.
//!
//! One way, each step a function with its own threshold:
//!
//! 1. *lengths* from the first sound to the last ([`compare_lengths`]);
//! 2. *align*: the nearest offset that fits, between the rows, and the speed (`align`);
//! 3. *likeness* of the chroma over the whole and in sections of three seconds;
//! 4. *levels* of the bands over the whole, in sections, and in windows of 0.75 s (`levels`);
//! 5. *verdict* (`judge`): what fits clearly is `Same`, what clearly does not is `Different`, and what lies between
//!    is left to people.
//!
//! The thresholds were set on the first half of the set that `benches/ear` makes of real music (62 tracks, 291 pairs of
//! one recording and 161 of two). There, but for 8 bits and tapes that run off, one recording had at least 0.89 of all bits equal and 0.84 of a
//! section, bands at most 0.9 dB apart and 1.1 dB in a section, and gains at most 7 dB apart; hi-hats on top, 5 to 41. Of
//! codecs the window that is furthest apart had at most 0.91 of what is allowed, in both halves, but for one Opus at 24
//! kbit/s. The table of the other half is in `benches/ear/README.md`.
//!
//! The whole of both files is heard; where one goes on after what was heard, the verdict is at most `Undecided`.
//! Invariant: comparing is symmetric in its verdict, and takes time in proportion to the lengths.

pub(in crate::audio) mod align;
pub mod bands;
pub(in crate::audio) mod levels;

use std::time::Duration;

use super::fingerprint::{Fingerprint, ROWS_AN_ITEM};
pub use super::verdict::{Comparison, EarReason, EarVerdict, Span};
use crate::audio::compare::align::{Alignment, alignments, share_at};
use crate::audio::compare::bands::ROWS_A_SECOND;
use crate::audio::compare::levels::{Levels, STEP, levels};

/// Recordings whose lengths differ by more are not the same (practice of the agencies).
pub const LENGTHS_DIFFER: Duration = Duration::from_secs(10);

/// Up to here another length of the same version is the same recording (practice of the agencies).
pub const LENGTHS_AGREE: Duration = Duration::from_secs(5);

/// Of all bits, how many agree at least in one recording, and in any section of it.
const SAME_ALIKE: f64 = 0.92;
const SAME_SECTION: f64 = 0.85;

/// Where this share of the items fits, two recordings differ in places, and not throughout.
const MOSTLY: f64 = 0.4;

/// Below, they are two recordings.
const OTHER_ALIKE: f64 = 0.85;
const OTHER_SECTION: f64 = 0.62;

/// From where on they may be one recording if their bands are no further apart than this, in dB: a tape that runs a little
/// off moves the harmony between the notes, and no more. Other music has about 0.55, noise 0.8 and 0.7 dB.
const MOVED_ALIKE: f64 = 0.7;
const MOVED_BANDS: f64 = 0.5;

/// How much less of it may be alike where frames could not be decoded.
const DAMAGE: f64 = 0.1;

/// How far the bands are apart, in dB, at most in one recording and in any section of it.
const SAME_BANDS: f64 = 1.5;
const SAME_BANDS_SECTION: f64 = 2.5;

/// Above, voices or instruments are others.
const OTHER_BANDS: f64 = 1.8;
const OTHER_BANDS_SECTION: f64 = 6.0;

/// How far the balance of bands may be apart, in dB: a remaster is often another equalisation.
const SAME_TONE: f64 = 5.5;

/// How much sound before the other's start, in seconds, is still the same recording, and from where on it is not.
const SAME_START: f64 = 1.0;
const OTHER_START: f64 = 10.0;

/// How much faster the one may be, as a share: a tape machine or a clock; and from where on it is another tempo.
const SAME_SPEED: f64 = 0.002;
const OTHER_SPEED: f64 = 0.006;
const LEAST_DRIFT: f64 = 0.1;

/// The share of bits that must change within two seconds, or the levels in dB: a test tone is like any other test tone.
const LEAST_CHANGE: f64 = 0.15;
const LEAST_LEVELS: f64 = 1.0;

/// From this difference of lengths on, in seconds, music that also fits at its end may lack a pass of a loop.
const LEAST_PASS: f64 = 0.3;
const FITS_AT_END: f64 = 0.08;

/// By how much less the bands must be apart at a farther offset for it to count, in dB.
const BETTER: f64 = 0.3;

/// A section is three seconds, in items.
const SECTION: usize = 24;

/// Two seconds, in items.
const LATER: usize = 16;

/// What two fingerprints have in common where they lie best on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// The share of equal bits, from 0 to 1; other music has about 0.55.
    pub alike: f64,
    /// The same for the section where it is lowest.
    pub section_alike: f64,
    /// The share of items that are as alike as in one recording.
    pub fitting: f64,
    /// How much sound the first has before the second's starts, in seconds; negative where it is the other way.
    pub start: f64,
    /// How much faster the first is, as a share, and how far apart that moves them in the end, in seconds.
    pub speed: f64,
    pub drift: f64,
    /// The mean difference of the bands, in dB.
    pub bands: f64,
    /// The same for the section where it is highest.
    pub bands_section: f64,
    /// The window of 0.75 s where it is highest, over all bands and over a part of them, as a multiple of what is allowed.
    pub window: f64,
    pub part: f64,
    /// How far apart the bands' gains are, in dB.
    pub tone: f64,
    /// The share of bits that change within two seconds, and how much levels change, in the less varied of the two.
    pub change: f64,
    pub levels_change: f64,
    /// How much longer the second sounds, in seconds, and the share of equal bits with the ends on each other.
    pub longer: f64,
    pub alike_at_end: f64,
}

/// Judges by lengths alone: `Some` where they decide.
pub fn compare_lengths(a: Option<Duration>, b: Option<Duration>) -> Option<Comparison> {
    let (a, b) = a.zip(b)?;
    (a.abs_diff(b) > LENGTHS_DIFFER).then_some(Comparison {
        verdict: EarVerdict::Different,
        reason: EarReason::Lengths(a, b),
        likeness: None,
        span: None,
    })
}

/// Whether two fingerprints are of one recording.
pub fn compare(a: &Fingerprint, b: &Fingerprint) -> Comparison {
    if let Some(decided) = compare_lengths(a.sounding(), b.sounding()) {
        return decided;
    }
    let Some((likeness, span)) = measure(a, b) else {
        return Comparison {
            verdict: EarVerdict::Different,
            reason: EarReason::Unlike,
            likeness: None,
            span: None,
        };
    };
    let (verdict, reason) = match judge(&likeness) {
        // What does not fit may be what could not be decoded.
        (EarVerdict::Different, _) if is_damaged(a, b) && likeness.alike >= OTHER_ALIKE - DAMAGE => {
            (EarVerdict::Undecided, EarReason::Damaged)
        }
        (EarVerdict::Same, _) => whole(a, b),
        // What only the longer one has changes these too.
        (EarVerdict::Undecided, reason @ (EarReason::Unsure | EarReason::Voices | EarReason::Tone(_))) => {
            (EarVerdict::Undecided, lengths_disagree(a, b).unwrap_or(reason))
        }
        judged => judged,
    };
    Comparison {
        verdict,
        reason,
        likeness: Some(likeness),
        span: span.filter(|_| reason == EarReason::Section),
    }
}

fn is_damaged(a: &Fingerprint, b: &Fingerprint) -> bool {
    a.broken_packets() > 0 || b.broken_packets() > 0
}

/// What fits wherever it was heard: the lengths must agree, and all of it must have been heard.
fn whole(a: &Fingerprint, b: &Fingerprint) -> (EarVerdict, EarReason) {
    match lengths_disagree(a, b) {
        Some(lengths) => (EarVerdict::Undecided, lengths),
        None if a.is_whole() && b.is_whole() => (EarVerdict::Same, EarReason::Alike),
        None => (EarVerdict::Undecided, EarReason::PartHeard(a.heard().max(b.heard()))),
    }
}

/// Lengths that the same version would not have.
fn lengths_disagree(a: &Fingerprint, b: &Fingerprint) -> Option<EarReason> {
    let (a, b) = a.sounding().zip(b.sounding())?;
    (a.abs_diff(b) > LENGTHS_AGREE).then_some(EarReason::Lengths(a, b))
}

/// The verdict on what was measured, whatever the lengths.
fn judge(likeness: &Likeness) -> (EarVerdict, EarReason) {
    let different = |reason| (EarVerdict::Different, reason);
    let undecided = |reason| (EarVerdict::Undecided, reason);
    let start = likeness.start.abs();
    // A drift that is less cannot be told from none.
    let speed = if likeness.drift.abs() < LEAST_DRIFT {
        0.0
    } else {
        likeness.speed.abs()
    };
    let only_moved = likeness.alike >= MOVED_ALIKE && likeness.bands <= MOVED_BANDS && likeness.window <= 1.0;
    if likeness.alike < OTHER_ALIKE && !only_moved {
        let in_a_place = likeness.fitting >= MOSTLY;
        return different(if in_a_place {
            EarReason::Section
        } else {
            EarReason::Unlike
        });
    }
    if likeness.change < LEAST_CHANGE && likeness.levels_change < LEAST_LEVELS {
        return undecided(EarReason::Monotonous);
    }
    if start > OTHER_START {
        return different(EarReason::Start(start));
    }
    if speed > OTHER_SPEED {
        return different(EarReason::Tempo(speed));
    }
    if only_moved && speed > SAME_SPEED {
        return undecided(EarReason::Tempo(speed));
    }
    if only_moved && likeness.alike < OTHER_ALIKE {
        return undecided(EarReason::Unsure);
    }
    if likeness.section_alike < OTHER_SECTION || likeness.bands_section > OTHER_BANDS_SECTION {
        return different(EarReason::Section);
    }
    if likeness.bands > OTHER_BANDS {
        return different(EarReason::Voices);
    }
    if likeness.alike < SAME_ALIKE {
        return undecided(EarReason::Unsure);
    }
    if likeness.section_alike < SAME_SECTION
        || likeness.bands_section > SAME_BANDS_SECTION
        || likeness.window > 1.0
        || likeness.part > 1.0
    {
        return undecided(EarReason::Section);
    }
    if likeness.bands > SAME_BANDS {
        return undecided(EarReason::Voices);
    }
    if speed > SAME_SPEED {
        return undecided(EarReason::Tempo(speed));
    }
    if likeness.tone > SAME_TONE {
        return undecided(EarReason::Tone(likeness.tone));
    }
    if start > SAME_START {
        return undecided(EarReason::Start(start));
    }
    let longer = likeness.longer.abs();
    if longer > LEAST_PASS && likeness.alike_at_end > likeness.alike - FITS_AT_END {
        return undecided(EarReason::Passes(longer));
    }
    (EarVerdict::Same, EarReason::Alike)
}

/// Measures two fingerprints against each other, and where they differ most; none where they are too short to overlap
/// enough.
pub fn measure(a: &Fingerprint, b: &Fingerprint) -> Option<(Likeness, Option<Span>)> {
    let mut measured = alignments(a, b).into_iter().map(|alignment| {
        let bits = alignment.equal_bits(a, b);
        // Other music is told by its harmony.
        let levels = match mean(&bits) < MOVED_ALIKE && fitting(&bits) < MOSTLY {
            true => Levels::unknown(),
            false => levels(a, b, &alignment),
        };
        (alignment, bits, levels)
    });
    let (mut alignment, mut bits, mut levels) = measured.next()?;
    // The nearest counts unless the other is better beyond what a codec does.
    for (other, its_bits, its) in measured {
        if its.mean + BETTER < levels.mean {
            (alignment, bits, levels) = (other, its_bits, its);
        }
    }
    let section = SECTION.min(bits.len());
    let (section_at, section_alike) = (0..=bits.len() - section)
        .map(|at| (at, mean(&bits[at..at + section])))
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    let first = alignment.rows.start as f64;
    let later = alignment.place(first) - first;
    let longer = b.sound.len() as i64 - a.sound.len() as i64;
    let at_end = share_at(a, b, later.round() as i64 + longer, 1);
    let likeness = Likeness {
        alike: mean(&bits),
        section_alike,
        fitting: fitting(&bits),
        start: (b.sound.start as f64 - a.sound.start as f64 - later) / ROWS_A_SECOND,
        speed: alignment.slope,
        drift: alignment.slope * alignment.rows.len() as f64 / ROWS_A_SECOND,
        bands: levels.mean,
        bands_section: levels.section,
        window: levels.window,
        part: levels.part,
        tone: levels.tone,
        change: change(&a.chroma[0]).min(change(&b.chroma[0])),
        levels_change: levels.change,
        longer: longer as f64 / ROWS_A_SECOND,
        alike_at_end: at_end.unwrap_or(0.0),
    };
    // Where the chroma decided, the bands know the place better: an item hears two seconds and a half.
    let heard = match section_alike < SAME_SECTION {
        true => section_at..section_at + section + ROWS_AN_ITEM / 2,
        false => 0..usize::MAX,
    };
    Some((likeness, span(&alignment, &levels, heard)))
}

/// The share of items that are as alike as in one recording.
fn fitting(bits: &[f32]) -> f64 {
    bits.iter().filter(|bits| f64::from(**bits) >= SAME_ALIKE).count() as f64 / bits.len().max(1) as f64
}

/// The place around the largest difference within `places`, in both files' time, and whether they differ elsewhere too.
fn span(alignment: &Alignment, levels: &Levels, places: std::ops::Range<usize>) -> Option<Span> {
    let (places, elsewhere) = levels.differs(places)?;
    let time = |row: f64| Duration::from_secs_f64((row / ROWS_A_SECOND).max(0.0));
    let row = |place: usize| (alignment.rows.start + place * STEP) as f64;
    let (from, to) = (row(places.start), row(places.end));
    Some(Span {
        in_first: (time(from), time(to)),
        in_second: (time(alignment.place(from)), time(alignment.place(to))),
        elsewhere,
    })
}

/// The share of bits that change within two seconds.
fn change(chroma: &[u32]) -> f64 {
    let Some(later) = chroma.get(LATER..).filter(|later| !later.is_empty()) else {
        return 0.0;
    };
    let changed: u64 = chroma
        .iter()
        .zip(later)
        .map(|(a, b)| u64::from((a ^ b).count_ones()))
        .sum();
    changed as f64 / (32 * later.len()) as f64
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len().max(1) as f64
}
