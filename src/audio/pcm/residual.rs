//! Whether two lossless files hold other audio, or the same one louder, a little later, or in fewer bits.
//!
//! Both are laid on each other where they fit best, one is scaled by the one gain that fits the whole, and what is left
//! when it is taken away from the other is measured in every block. Rounding and dither leave next to nothing; another
//! mix, master or edit leaves what it changed. Invariant: symmetric in its verdict, and no file is held as a whole;
//! files of other rates or channels, of silence, or that overlap too little, get no answer.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use realfft::RealFftPlanner;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};

use super::super::cache::Cache;
use super::super::decode::{Limits, MOST_CHANNELS};
use super::super::stream::{NextPacket, Stream};
use super::{classes, contained, lossless, open, raw};
use crate::audio::{SILENCE, Undecodable};
use crate::bytes::source::{Links, ReadAt, SourceFile};
use crate::discover::Extension;

/// What rounding to 16 bits may leave in a block, as the root of the mean square: eight steps (−72 dB of full scale), for
/// shaped dither is up to 20 dB louder than plain.
const MOST_LEFT: f64 = 8.0 / 32768.0;

/// What may be left of all, as a share of the energy: music as soft as dither is not told by the above.
const MOST_SHARE: f64 = 0.05;

/// Decoded that are measured together: a tenth of a second.
const BLOCK: usize = 4096;

/// So many seconds apart one may start to sound after the other, as they start to be compared by ear.
const APART: usize = 1;

/// So many seconds after its first sound a file is looked for in the other.
const SOUGHT: usize = 2;

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
    let file = |path: &Path| {
        let file = SourceFile::open(path, links).ok()?;
        Some((file, Extension::of(path.as_os_str())))
    };
    let ((one, of_one), (other, of_other)) = (file(one)?, file(other)?);
    let one = LosslessFile::new(&one, of_one.as_ref(), limits);
    let other = LosslessFile::new(&other, of_other.as_ref(), limits);
    contained(|| have_one_audio(one, other)).ok()?.map(|is_one| !is_one)
}

#[derive(Clone, Copy)]
struct LosslessFile<'a> {
    source: &'a (dyn ReadAt + Sync),
    extension: Option<&'a str>,
    limits: &'a Limits,
}

impl<'a> LosslessFile<'a> {
    fn new(source: &'a SourceFile, extension: Option<&'a Extension>, limits: &'a Limits) -> LosslessFile<'a> {
        LosslessFile {
            source,
            extension: extension.and_then(Extension::as_str),
            limits,
        }
    }
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

/// The audio of a file, frame by frame.
struct Decoded<'a> {
    stream: Stream<'a>,
    decoder: Box<dyn AudioDecoder>,
    rate: u32,
    channels: usize,
    /// Interleaved; those before `used` were handed out.
    buffer: Vec<f32>,
    used: usize,
}

impl<'a> Decoded<'a> {
    fn open(file: LosslessFile<'a>) -> Result<Decoded<'a>, Undecodable> {
        let LosslessFile {
            source,
            extension,
            limits,
        } = file;
        let (stream, params) = match raw::find(source)? {
            Some(_) => {
                let stream = Stream::open(source, extension, limits)?;
                let params = lossless(&stream)?;
                (stream, params)
            }
            None => open(source, extension, limits)?,
        };
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&params, &AudioDecoderOptions::default())
            .map_err(|_| Undecodable::NoDecoder)?;
        Ok(Decoded {
            stream,
            decoder,
            rate: 0,
            channels: 0,
            buffer: Vec::new(),
            used: 0,
        })
    }

    /// Decodes on; false at the end.
    fn fill(&mut self) -> Result<bool, Undecodable> {
        let packet = loop {
            match self.stream.next_packet()? {
                NextPacket::Packet(packet) if packet.track_id == self.stream.track.id => break packet,
                NextPacket::Packet(_) => {}
                NextPacket::End => return Ok(false),
            }
        };
        let decoded = self.decoder.decode(&packet).map_err(|_| Undecodable::Broken)?;
        let (rate, channels) = (decoded.spec().rate(), decoded.num_planes());
        let is_first = self.channels == 0;
        if rate == 0
            || !(1..=MOST_CHANNELS).contains(&channels)
            || !is_first && (rate, channels) != (self.rate, self.channels)
        {
            return Err(Undecodable::Broken);
        }
        (self.rate, self.channels) = (rate, channels);
        self.buffer.drain(..self.used);
        self.used = 0;
        let mut samples: Vec<f32> = Vec::new();
        decoded.copy_to_vec_interleaved(&mut samples);
        self.buffer.extend(samples);
        Ok(true)
    }

    /// Puts the next frames into `into`, interleaved; fewer than `count` at the end.
    fn next(&mut self, count: usize, into: &mut Vec<f32>) -> Result<(), Undecodable> {
        while self.buffer.len() - self.used < count * self.channels.max(1) && self.fill()? {}
        let to = self.buffer.len().min(self.used + count * self.channels);
        into.clear();
        into.extend_from_slice(&self.buffer[self.used..to]);
        self.used = to;
        Ok(())
    }

    fn skip(&mut self, mut count: usize) -> Result<(), Undecodable> {
        let mut skipped = Vec::new();
        while count > 0 {
            self.next(count.min(BLOCK), &mut skipped)?;
            count = match skipped.is_empty() {
                true => 0,
                false => count - count.min(BLOCK),
            };
        }
        Ok(())
    }
}

/// Where a file starts to sound, and what is around that, as one channel.
struct Beginning {
    rate: u32,
    channels: usize,
    /// The frame of the first sound.
    first: usize,
    /// The frame of the first of `samples`.
    start: usize,
    samples: Vec<f64>,
}

impl Beginning {
    /// None of silence.
    fn of(file: LosslessFile) -> Result<Option<Beginning>, Undecodable> {
        let mut frames = Decoded::open(file)?;
        let (mut start, mut samples, mut block) = (0, Vec::new(), Vec::new());
        let mut first = None;
        loop {
            frames.next(BLOCK, &mut block)?;
            let (rate, channels) = (frames.rate, frames.channels.max(1));
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
    fn offset_in(&self, other: &Beginning) -> Option<i64> {
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
    // In single precision, which the ear computes with too: another one would make the program larger by 0.8 MB.
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

    fn is_rounding(&self, gain: f64) -> bool {
        self.left(gain) <= MOST_LEFT.powi(2) * self.samples as f64
    }
}

/// Whether nothing but rounding is left between two files where the other has all of it `offset` frames later. None where
/// they lie on each other for less than that.
fn fit(one: LosslessFile, other: LosslessFile, offset: i64) -> Result<Option<bool>, Undecodable> {
    let (mut one, mut other) = (Decoded::open(one)?, Decoded::open(other)?);
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
    if all.samples / one.channels.max(1) < apart || all.one == 0.0 {
        return Ok(None);
    }
    let gain = all.gain();
    let share = all.left(gain) * gain.powi(2).max(1.0) / all.other.max(f64::MIN_POSITIVE);
    Ok(Some(
        share <= MOST_SHARE && blocks.iter().all(|block| block.is_rounding(gain)),
    ))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    const RATE: u32 = 8000;

    /// Noise from -1 to 1.
    fn noise(seed: u32) -> impl FnMut() -> f64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 23) - 1.0
        }
    }

    /// Notes one after the other, full scale being 1.
    fn melody(seed: u32, seconds: usize) -> Vec<f64> {
        let mut next = noise(seed);
        let mut samples = Vec::new();
        while samples.len() < seconds * RATE as usize {
            let pitch = 220.0 * (1.0 + next()) + 80.0;
            let note = |at: usize| {
                let at = at as f64 / f64::from(RATE);
                0.2 * (1.0 - at * 2.0) * ((pitch * at * TAU).sin() + 0.5 * (pitch * at * 2.0 * TAU).sin())
            };
            samples.extend((0..2000).map(note));
        }
        samples.truncate(seconds * RATE as usize);
        samples
    }

    /// A mono WAV, rounded after triangular dither of one step.
    fn wav(samples: &[f64], rate: u32, bits: u16, dither: u32) -> Vec<u8> {
        let mut next = noise(dither);
        let steps = f64::from(1u32 << (bits - 1));
        let bytes = usize::from(bits / 8);
        let data: Vec<u8> = samples
            .iter()
            .flat_map(|sample| {
                let dither = if dither > 0 { (next() + next()) / 2.0 } else { 0.0 };
                ((sample * steps + dither).round() as i32).to_le_bytes()[..bytes].to_vec()
            })
            .collect();
        let mut file = b"RIFF".to_vec();
        file.extend((36 + data.len() as u32).to_le_bytes());
        file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        file.extend(rate.to_le_bytes());
        file.extend((rate * u32::from(bits / 8)).to_le_bytes());
        file.extend((bits / 8).to_le_bytes());
        file.extend(bits.to_le_bytes());
        file.extend(b"data");
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
        file
    }

    #[track_caller]
    fn check(one: &[u8], other: &[u8], expected: Option<bool>) {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a.wav", "b.wav"].map(|name| folder.path().join(name));
        fs_err::write(&a, one).unwrap();
        fs_err::write(&b, other).unwrap();
        let other_samples = |pair| {
            let (limits, stop) = (Limits::default(), AtomicBool::new(false));
            super::other_samples(&Cache::none(), &limits, Links::Refuse, &stop, pair)
        };
        assert_eq!(other_samples([&a, &b]), expected);
        assert_eq!(other_samples([&b, &a]), expected, "the other way");
    }

    fn plain(samples: &[f64]) -> Vec<u8> {
        wav(samples, RATE, 16, 0)
    }

    fn louder(samples: &[f64], gain: f64) -> Vec<f64> {
        samples.iter().map(|sample| sample * gain).collect()
    }

    #[test]
    fn gain_dither_bits_and_offsets_make_no_other_audio() {
        let song = melody(1, 12);
        let master = plain(&song);
        check(&master, &master, Some(false));
        for gain in [0.1, 0.7, 1.4, -1.0] {
            check(&master, &plain(&louder(&song, gain)), Some(false));
        }
        check(&wav(&song, RATE, 16, 1), &wav(&song, RATE, 16, 2), Some(false));
        check(&wav(&song, RATE, 24, 0), &wav(&song, RATE, 16, 3), Some(false));
        // The offset of a drive, the delay of an encoder, silence cut off.
        for frames in [1, 667, 2112, 5 * RATE as usize] {
            let later = [vec![0.0; frames], song.clone()].concat();
            check(&master, &plain(&later), Some(false));
            let mut later_in_as_many = later;
            later_in_as_many.truncate(song.len());
            check(&master, &plain(&louder(&later_in_as_many, 0.8)), Some(false));
        }
        check(&master, &plain(&song[1500..song.len() - 3000]), Some(false));
    }

    #[test]
    fn another_mix_edit_or_recording_is_other_audio() {
        let (song, voice) = (melody(1, 12), melody(2, 12));
        let master = plain(&song);
        check(&master, &plain(&voice), Some(true));
        let with_voice: Vec<f64> = song.iter().zip(&voice).map(|(a, b)| a + b * 0.02).collect();
        check(&master, &plain(&with_voice), Some(true));
        let end = |fade: fn(usize) -> f64| {
            let from = 9 * RATE as usize;
            let faded = |(at, sample): (usize, &f64)| sample * if at < from { 1.0 } else { fade(at - from) };
            song.iter().enumerate().map(faded).collect::<Vec<f64>>()
        };
        check(&master, &plain(&end(|at| 1.0 - at as f64 / 24_000.0)), Some(true));
        // A word that is gone.
        check(
            &master,
            &plain(&end(|at| if at < 1600 { 0.0 } else { 1.0 })),
            Some(true),
        );
        let limited: Vec<f64> = song.iter().map(|sample| (sample * 1.5).tanh() / 1.5).collect();
        check(&master, &plain(&limited), Some(true));
        let mut squeezed = song.clone();
        squeezed.drain(40_000..40_400);
        check(&master, &plain(&squeezed), Some(true));
    }

    #[test]
    fn what_cannot_be_laid_on_each_other_gets_no_answer() {
        let song = melody(1, 4);
        check(&plain(&song), &wav(&song, 11_025, 16, 0), None);
        check(&plain(&song), &plain(&vec![0.0; song.len()]), None);
        check(&plain(&song), b"no audio", None);
    }
}
