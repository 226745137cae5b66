//! Comparing two fingerprints: the same recording, another one, or not to be said.
//!
//! Two recordings are laid on each other where they match best, and then everything must fit: lengths, starts, tempo,
//! every section, the balance of voices. What fits clearly is `Same`, what clearly does not is `Different`, and what
//! lies between is left to people. The figures behind the thresholds are in the table of [`crate::audio`].
//! Invariant: comparing is symmetric in its verdict, and takes time bounded by the lengths of the fingerprints.

use std::fmt;
use std::time::Duration;

use super::fingerprint::{BANDS, Fingerprint, ITEMS_A_SECOND, STEPS_A_DECIBEL};
use super::seconds;

/// Recordings whose lengths differ by more are not the same (practice of the agencies).
pub const LENGTHS_DIFFER: Duration = Duration::from_secs(10);

/// Up to here another length of the same version is the same recording (practice of the agencies).
pub const LENGTHS_AGREE: Duration = Duration::from_secs(5);

/// Of all bits, how many agree at least in one recording, and in any section of it.
const SAME_ALIKE: f64 = 0.93;
const SAME_SECTION: f64 = 0.88;

/// Below, they are two recordings.
const OTHER_ALIKE: f64 = 0.85;
const OTHER_SECTION: f64 = 0.60;

/// How far the loudness of bands is apart, in dB, at most in one recording and in any section of it.
const SAME_BANDS: f64 = 1.25;
const SAME_BANDS_SECTION: f64 = 2.0;

/// Above, voices or instruments are others.
const OTHER_BANDS: f64 = 2.0;

/// How far the balance of bands may be apart, in dB: a remaster is often another equalisation.
const SAME_TONE: f64 = 4.0;

/// How much sound before the other's start is still the same recording, and from where on it is not.
const SAME_START: f64 = 1.0;
const OTHER_START: f64 = 10.0;

/// How far the best positions of the first and the last third may be apart, in seconds.
const SAME_DRIFT: f64 = 0.3;
const OTHER_DRIFT: f64 = 0.6;

/// The share of bits that must change within two seconds: a test tone is like any other test tone.
const LEAST_CHANGE: f64 = 0.15;

/// A section is three seconds, in items.
const SECTION: usize = 24;

/// Two seconds, in items.
const LATER: usize = 16;

/// The best position is searched for where this many items overlap, and half of the shorter recording.
const LEAST_OVERLAP: usize = 40;

/// How far the thirds are moved to find their best positions, in items: 2.5 s.
const DRIFT_REACH: usize = 20;

/// Bands more than this below the loudest count as silent, in steps: 50 dB.
const AUDIBLE: u8 = 100;

/// One frame's difference in one band counts for no more than this, in dB.
const LARGEST_DIFFERENCE: f32 = 20.0;

/// What the audio says of two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    Same,
    Different,
    Undecided,
}

impl Verdict {
    /// The word for it in reports (`same-recording` …).
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Same => "same-recording",
            Verdict::Different => "different-recordings",
            Verdict::Undecided => "undecided",
        }
    }
}

/// A verdict and what it rests on. As text it is the evidence for a report, in lower case without a full stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub verdict: Verdict,
    pub reason: Reason,
    /// Both fingerprints measured against each other; none where they were not needed or share too little.
    pub likeness: Option<Likeness>,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// Everything fits.
    Alike,
    Lengths(Duration, Duration),
    /// Other music, or the same in another key or tempo.
    Unlike,
    /// It fits but for a section, this many seconds from the start of the comparison.
    Section(f64),
    /// The one runs away from the other, by this many seconds.
    Tempo(f64),
    /// The one starts this many seconds into the other.
    Start(f64),
    /// Same harmony, but other voices, instruments or drums.
    Voices,
    /// Another balance of low and high, as a remaster has.
    Tone(f64),
    /// Too constant to tell recordings apart.
    Monotonous,
    /// At least one of the lengths is not known.
    LengthUnknown,
    /// Frames could not be decoded where it does not fit.
    Damaged,
}

/// What two fingerprints have in common where they lie best on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// The share of equal bits, from 0 to 1; other music has about 0.55.
    pub alike: f64,
    /// The same for the section where it is lowest, and where that is, in seconds.
    pub section_alike: f64,
    pub section_at: f64,
    /// How far into the first recording's sound the second's starts, in seconds; negative where it is the other way.
    pub offset: f64,
    /// The length that was compared, in seconds.
    pub overlap: f64,
    /// How far the last third's best position is from the first third's, in seconds.
    pub drift: f64,
    /// The mean difference of loudness over time and bands, in dB, after one gain for each band.
    pub bands: f64,
    /// The same for the section where it is highest.
    pub bands_section: f64,
    /// How far apart those gains are, in dB.
    pub tone: f64,
    /// The share of bits that change within two seconds, in the less varied of the two.
    pub change: f64,
}

/// Judges by lengths alone: `Some` where they decide.
pub fn compare_lengths(a: Option<Duration>, b: Option<Duration>) -> Option<Comparison> {
    let (a, b) = a.zip(b)?;
    (a.abs_diff(b) > LENGTHS_DIFFER).then_some(Comparison {
        verdict: Verdict::Different,
        reason: Reason::Lengths(a, b),
        likeness: None,
    })
}

/// Whether two fingerprints are of one recording.
pub fn compare(a: &Fingerprint, b: &Fingerprint) -> Comparison {
    let (length_a, length_b) = (a.sounding(), b.sounding());
    if let Some(decided) = compare_lengths(length_a, length_b) {
        return decided;
    }
    let Some(likeness) = measure(a, b) else {
        return Comparison {
            verdict: Verdict::Different,
            reason: Reason::Unlike,
            likeness: None,
        };
    };
    let (verdict, reason) = judge(&likeness, length_a.zip(length_b));
    // What does not fit may be what could not be decoded.
    let damaged = a.broken_packets() > 0 || b.broken_packets() > 0;
    let fits_elsewhere = likeness.alike >= OTHER_ALIKE - 0.1;
    let (verdict, reason) = match verdict {
        Verdict::Different if damaged && fits_elsewhere => (Verdict::Undecided, Reason::Damaged),
        Verdict::Same | Verdict::Different | Verdict::Undecided => (verdict, reason),
    };
    Comparison {
        verdict,
        reason,
        likeness: Some(likeness),
    }
}

fn judge(likeness: &Likeness, lengths: Option<(Duration, Duration)>) -> (Verdict, Reason) {
    let different = |reason| (Verdict::Different, reason);
    let undecided = |reason| (Verdict::Undecided, reason);
    let start = likeness.offset.abs();
    if likeness.alike >= OTHER_ALIKE && start > OTHER_START {
        return different(Reason::Start(start));
    }
    if likeness.drift.abs() >= OTHER_DRIFT && likeness.alike < SAME_ALIKE {
        return different(Reason::Tempo(likeness.drift.abs()));
    }
    if likeness.alike < OTHER_ALIKE {
        // Where most sections fit, the one that does not is what to look at.
        let fits_mostly = likeness.alike >= 0.75 && likeness.section_alike < OTHER_SECTION;
        return different(if fits_mostly {
            Reason::Section(likeness.section_at)
        } else {
            Reason::Unlike
        });
    }
    if likeness.section_alike < OTHER_SECTION {
        return different(Reason::Section(likeness.section_at));
    }
    if likeness.bands > OTHER_BANDS {
        return different(Reason::Voices);
    }
    if likeness.change < LEAST_CHANGE {
        return undecided(Reason::Monotonous);
    }
    if likeness.alike < SAME_ALIKE {
        return undecided(Reason::Unlike);
    }
    if likeness.section_alike < SAME_SECTION || likeness.bands_section > SAME_BANDS_SECTION {
        return undecided(Reason::Section(likeness.section_at));
    }
    if likeness.bands > SAME_BANDS {
        return undecided(Reason::Voices);
    }
    if likeness.drift.abs() > SAME_DRIFT {
        return undecided(Reason::Tempo(likeness.drift.abs()));
    }
    if likeness.tone > SAME_TONE {
        return undecided(Reason::Tone(likeness.tone));
    }
    if start > SAME_START {
        return undecided(Reason::Start(start));
    }
    match lengths {
        None => undecided(Reason::LengthUnknown),
        Some((a, b)) if a.abs_diff(b) > LENGTHS_AGREE => undecided(Reason::Lengths(a, b)),
        Some(_) => (Verdict::Same, Reason::Alike),
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison {
            verdict: _,
            reason,
            likeness,
        } = self;
        match reason {
            Reason::Alike => {}
            Reason::Lengths(a, b) => write!(f, "durations {} and {}", seconds(*a), seconds(*b))?,
            Reason::Unlike => f.write_str("other audio")?,
            Reason::Section(at) => write!(f, "the audio differs at {}", position(*at))?,
            Reason::Tempo(by) => write!(f, "another tempo, {by:.1} s apart in the end")?,
            Reason::Start(by) => write!(f, "one starts {by:.1} s into the other")?,
            Reason::Voices => f.write_str("other voices or instruments")?,
            Reason::Tone(by) => write!(f, "another tone balance, by {by:.1} dB")?,
            Reason::Monotonous => f.write_str("too constant to tell recordings apart")?,
            Reason::LengthUnknown => f.write_str("a duration is not known")?,
            Reason::Damaged => f.write_str("frames that cannot be decoded")?,
        }
        let Some(likeness) = likeness else { return Ok(()) };
        if *reason != Reason::Alike {
            f.write_str("; ")?;
        }
        // Rounded down, so that nothing but equality is 100 %.
        write!(f, "fingerprints {:.0} % alike", (likeness.alike * 100.0).floor())
    }
}

fn position(at: f64) -> String {
    let whole = at.max(0.0) as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// Measures two fingerprints against each other; none where they are too short to overlap enough.
pub fn measure(a: &Fingerprint, b: &Fingerprint) -> Option<Likeness> {
    let (offset, alike) = best_offset(&a.chroma, &b.chroma)?;
    let lap = Lap::new(a.chroma.len(), b.chroma.len(), offset);
    let (chroma_a, chroma_b) = (lap.of_a(&a.chroma), lap.of_b(&b.chroma));
    let (section_at, section_alike) = worst_section(chroma_a, chroma_b);
    let bands = compare_bands(lap.of_a(&a.bands), lap.of_b(&b.bands));
    Some(Likeness {
        alike,
        section_alike,
        section_at: (lap.start_a + section_at) as f64 / ITEMS_A_SECOND + a.lead.as_secs_f64(),
        offset: offset as f64 / ITEMS_A_SECOND,
        overlap: lap.count as f64 / ITEMS_A_SECOND,
        drift: drift(chroma_a, chroma_b),
        bands: bands.mean,
        bands_section: bands.worst,
        tone: bands.tone,
        change: change(&a.chroma).min(change(&b.chroma)),
    })
}

/// The part where two sequences lie on each other.
struct Lap {
    start_a: usize,
    start_b: usize,
    count: usize,
}

impl Lap {
    /// `offset` is where b starts in a.
    fn new(len_a: usize, len_b: usize, offset: isize) -> Lap {
        let start_a = usize::try_from(offset).unwrap_or(0);
        let start_b = usize::try_from(offset.saturating_neg()).unwrap_or(0);
        let count = len_a.saturating_sub(start_a).min(len_b.saturating_sub(start_b));
        Lap {
            start_a,
            start_b,
            count,
        }
    }

    fn of_a<'a, T>(&self, a: &'a [T]) -> &'a [T] {
        a.get(self.start_a..self.start_a + self.count).unwrap_or(&[])
    }

    fn of_b<'b, T>(&self, b: &'b [T]) -> &'b [T] {
        b.get(self.start_b..self.start_b + self.count).unwrap_or(&[])
    }
}

/// The share of equal bits; 0 of nothing.
fn share(a: &[u32], b: &[u32]) -> f64 {
    let count = a.len().min(b.len());
    if count == 0 {
        return 0.0;
    }
    let differing: u64 = a.iter().zip(b).map(|(a, b)| u64::from((a ^ b).count_ones())).sum();
    1.0 - differing as f64 / (32.0 * count as f64)
}

fn best_offset(a: &[u32], b: &[u32]) -> Option<(isize, f64)> {
    let shorter = a.len().min(b.len());
    let least = LEAST_OVERLAP.max(shorter / 2).min(shorter).max(1);
    let mut best: Option<(isize, f64)> = None;
    // Offsets that overlap by less than `least` are left out.
    let from = least as isize - b.len() as isize;
    let to = a.len() as isize - least as isize;
    for offset in from..=to {
        let lap = Lap::new(a.len(), b.len(), offset);
        let share = share(lap.of_a(a), lap.of_b(b));
        // Of equals the one nearest to no offset, whichever file comes first.
        let better = best.is_none_or(|(known, most)| {
            share > most || (share == most && offset.unsigned_abs() < known.unsigned_abs())
        });
        if better {
            best = Some((offset, share));
        }
    }
    best
}

/// Where the least alike section is, in items, and how alike it is.
fn worst_section(a: &[u32], b: &[u32]) -> (usize, f64) {
    let section = SECTION.min(a.len());
    let mut worst = (0, 1.0);
    let mut at = 0;
    while at + section <= a.len() {
        let share = share(&a[at..at + section], &b[at..at + section]);
        if share < worst.1 {
            worst = (at, share);
        }
        at += (section / 2).max(1);
    }
    worst
}

/// The difference of the best positions of the first and last thirds, in seconds.
fn drift(a: &[u32], b: &[u32]) -> f64 {
    let third = a.len() / 3;
    if third < SECTION {
        return 0.0;
    }
    let position = |from: usize| {
        let part = &a[from..from + third];
        let lowest = from.saturating_sub(DRIFT_REACH);
        let highest = (from + DRIFT_REACH).min(b.len().saturating_sub(third));
        let mut best = (0, -1.0);
        for start in lowest..=highest {
            let share = share(part, &b[start..start + third]);
            let shift = start as isize - from as isize;
            if share > best.1 || (share == best.1 && shift.abs() < best.0) {
                best = (shift, share);
            }
        }
        best.0
    };
    (position(a.len() - third) - position(0)) as f64 / ITEMS_A_SECOND
}

/// The share of bits that change within two seconds.
fn change(chroma: &[u32]) -> f64 {
    match chroma.get(LATER..) {
        Some(later) if !later.is_empty() => 1.0 - share(&chroma[..later.len()], later),
        _ => 0.0,
    }
}

struct Bands {
    mean: f64,
    worst: f64,
    tone: f64,
}

/// Compares loudness. Frames of the two lie up to half a hop apart, so the one is also read between its frames.
fn compare_bands(a: &[[u8; BANDS]], b: &[[u8; BANDS]]) -> Bands {
    (-4..=4)
        .map(|eighth: i32| match eighth {
            0.. => compare_bands_at(a, b, eighth as f32 / 8.0),
            _ => compare_bands_at(b, a, -eighth as f32 / 8.0),
        })
        .min_by(|one, other| one.mean.total_cmp(&other.mean))
        .expect("there are nine phases")
}

/// `phase` is how far behind its own frames b is read, from 0 to 1.
fn compare_bands_at(a: &[[u8; BANDS]], b: &[[u8; BANDS]], phase: f32) -> Bands {
    let count = a.len().min(b.len());
    let loudest = a.iter().chain(b).flatten().copied().max().unwrap_or(0);
    let floor = f32::from(loudest.saturating_sub(AUDIBLE));
    // In dB, one row a frame; not a number where both are silent.
    let mut differences: Vec<[f32; BANDS]> = Vec::with_capacity(count);
    for frame in 0..count {
        let next = &b[(frame + 1).min(count - 1)];
        differences.push(std::array::from_fn(|band| {
            let one = f32::from(a[frame][band]);
            let other = f32::from(b[frame][band]) * (1.0 - phase) + f32::from(next[band]) * phase;
            match one.max(other) < floor {
                true => f32::NAN,
                false => (one.max(floor) - other.max(floor)) / STEPS_A_DECIBEL,
            }
        }));
    }
    let gains: [Option<f32>; BANDS] = std::array::from_fn(|band| {
        let heard = differences
            .iter()
            .map(|row| row[band])
            .filter(|difference| difference.is_finite());
        median(heard.collect())
    });
    let mut whole = Mean::default();
    let mut worst = 0.0f64;
    for section in differences.chunks(SECTION) {
        let mut part = Mean::default();
        for row in section {
            for (difference, gain) in row.iter().zip(&gains) {
                let Some(gain) = gain.filter(|_| difference.is_finite()) else {
                    continue;
                };
                let apart = (difference - gain).abs().min(LARGEST_DIFFERENCE);
                part.add(f64::from(apart));
                whole.add(f64::from(apart));
            }
        }
        // The last section may be a frame, and a fade-out a single band.
        if part.count >= SECTION * 2 {
            worst = worst.max(part.get());
        }
    }
    let known = || gains.iter().flatten().copied();
    let tone = known().fold(f32::MIN, f32::max) - known().fold(f32::MAX, f32::min);
    Bands {
        mean: whole.get(),
        worst,
        tone: f64::from(tone).max(0.0),
    }
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn get(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}
