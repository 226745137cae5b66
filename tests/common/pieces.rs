//! Makes pieces that are built like music: chords, bass, plucked figures, a sung line, drums, in sections.
//!
//! Everything follows from numbers, so the same piece can be made again with one thing changed: another singer,
//! no singer, other drums, another tempo or key. Samples are interleaved stereo at [`RATE`].

use std::f32::consts::TAU;

pub const RATE: u32 = 44_100;

const TABLE: usize = 2048;

/// A small generator of numbers (xorshift), so that pieces are the same on every machine.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            dice.next();
        }
        dice
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 20) % end as u64) as usize
    }

    /// From 0 to 1.
    pub fn part(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    fn noise(&mut self) -> f32 {
        self.part() * 2.0 - 1.0
    }
}

/// What a piece is made from.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Chords, form and accompaniment.
    pub backing: u64,
    /// The sung line; none is the instrumental version.
    pub singer: Option<u64>,
    /// Drum pattern; none has no drums.
    pub drums: Option<u64>,
    /// Beats a minute.
    pub tempo: f32,
    pub semitones: f32,
    pub seconds: f32,
    /// How the players deviate: another number is another take.
    pub take: u64,
    /// Which instruments play the backing.
    pub timbre: u64,
}

impl Piece {
    pub fn new(seed: u64) -> Piece {
        let mut dice = Dice::new(seed);
        Piece {
            backing: seed,
            singer: (seed % 6 != 5).then_some(seed + 1000),
            drums: (seed % 4 != 3).then_some(seed + 2000),
            tempo: 72.0 + 95.0 * dice.part(),
            semitones: dice.below(12) as f32,
            seconds: 42.0 + 30.0 * dice.part(),
            take: seed + 3000,
            timbre: seed + 4000,
        }
    }

    pub fn render(&self) -> Vec<f32> {
        Studio::new(self).record()
    }
}

struct Studio<'a> {
    piece: &'a Piece,
    left: Vec<f32>,
    right: Vec<f32>,
    beat: f32,
    take: Dice,
}

struct Note<'a> {
    /// Seconds.
    at: f32,
    length: f32,
    hertz: f32,
    loudness: f32,
    /// −1 to 1.
    pan: f32,
    table: &'a [f32],
    /// What the sound turns into over its length (a vowel).
    towards: Option<&'a [f32]>,
    attack: f32,
    /// How fast a plucked note dies away, per second; 0 holds it.
    decay: f32,
    vibrato: f32,
}

const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
const MINOR: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];

impl<'a> Studio<'a> {
    fn new(piece: &'a Piece) -> Studio<'a> {
        let frames = (piece.seconds * RATE as f32) as usize;
        Studio {
            piece,
            left: vec![0.0; frames],
            right: vec![0.0; frames],
            beat: 60.0 / piece.tempo,
            take: Dice::new(piece.take),
        }
    }

    fn record(mut self) -> Vec<f32> {
        let piece = self.piece.clone();
        let mut form = Dice::new(piece.backing);
        let scale = if form.below(2) == 0 { MAJOR } else { MINOR };
        // Degrees of the chords of two sections, one a bar.
        let bars = [4, 4, 8][form.below(3)];
        let sections: Vec<Vec<usize>> = (0..3).map(|_| (0..bars).map(|_| form.below(7)).collect()).collect();
        let figure: Vec<usize> = (0..8).map(|_| form.below(5)).collect();
        let bass_rhythm: Vec<bool> = (0..8).map(|step| step == 0 || form.below(2) == 0).collect();
        let order: Vec<usize> = (0..16).map(|_| form.below(3)).collect();
        let plucked = form.below(3) != 0;

        let mut timbre = Dice::new(piece.timbre);
        let pad = table(&mut timbre, 10, 1.1);
        let pluck = table(&mut timbre, 16, 0.8);
        let bass = table(&mut timbre, 6, 1.4);
        let pad_loudness = 0.03 + 0.05 * timbre.part();
        let vowels: Vec<Vec<f32>> = (0..4).map(|_| vowel(&mut timbre)).collect();

        let hertz = |degree: i32, octave: i32| {
            let step = scale[degree.rem_euclid(7) as usize] + 12 * (degree.div_euclid(7) + octave);
            55.0 * 2f32.powf((step as f32 + piece.semitones) / 12.0)
        };
        let bar_length = 4.0 * self.beat;
        let bar_count = (piece.seconds / bar_length).ceil() as usize;
        let mut singer = piece.singer.map(Dice::new);
        let mut drummer = piece.drums.map(Dice::new);
        let patterns: Option<Vec<[u8; 16]>> = drummer.as_mut().map(|dice| (0..3).map(|_| pattern(dice)).collect());
        let mut sung = 7i32;
        for bar in 0..bar_count {
            let start = bar as f32 * bar_length;
            let section = order[(bar / bars) % order.len()];
            let chord = sections[section][bar % bars] as i32;
            // The first bars build up.
            let full = bar >= 2;
            for (voice, third) in [0, 2, 4, 6].into_iter().take(3 + section % 2).enumerate() {
                let note = Note {
                    at: start,
                    length: bar_length,
                    hertz: hertz(chord + third, 2),
                    loudness: pad_loudness,
                    pan: voice as f32 * 0.4 - 0.6,
                    table: &pad,
                    towards: None,
                    attack: 0.08,
                    decay: 0.0,
                    vibrato: 0.001,
                };
                self.play(note);
            }
            for step in 0..8 {
                let at = start + step as f32 * self.beat / 2.0;
                if full && bass_rhythm[step] {
                    let note = Note {
                        at,
                        length: self.beat * 0.45,
                        hertz: hertz(chord, 0),
                        loudness: 0.16,
                        pan: 0.0,
                        table: &bass,
                        towards: None,
                        attack: 0.005,
                        decay: 3.0,
                        vibrato: 0.0,
                    };
                    self.play(note);
                }
                if plucked && (full || step % 2 == 0) {
                    let note = Note {
                        at,
                        length: self.beat,
                        hertz: hertz(chord + [0, 2, 4, 7, 9][figure[step]], 2),
                        loudness: 0.09,
                        pan: 0.5,
                        table: &pluck,
                        towards: None,
                        attack: 0.003,
                        decay: 5.0,
                        vibrato: 0.0,
                    };
                    self.play(note);
                }
            }
            if let Some(patterns) = &patterns
                && full
            {
                self.drum_bar(start, &patterns[section]);
            }
            if let Some(dice) = &mut singer
                && bar >= 2
                && bar % 8 != 7
            {
                let mut step = dice.below(3);
                while step < 16 {
                    let length = [1, 2, 2, 3, 4, 6][dice.below(6)];
                    sung = (sung + dice.below(5) as i32 - 2).clamp(3, 14);
                    let first = dice.below(4);
                    let second = dice.below(4);
                    let note = Note {
                        at: start + step as f32 * self.beat / 4.0,
                        length: length as f32 * self.beat / 4.0 * 0.95,
                        hertz: hertz(sung, 2),
                        loudness: 0.15,
                        pan: -0.05,
                        table: &vowels[first],
                        towards: Some(&vowels[second]),
                        attack: 0.03,
                        decay: 0.4,
                        vibrato: 0.006,
                    };
                    self.play(note);
                    step += length + usize::from(dice.below(5) == 0) * 2;
                }
            }
        }
        self.mix_down()
    }

    fn play(&mut self, note: Note) {
        let human = self.take.noise() * 0.006;
        let loudness = note.loudness * (0.85 + 0.3 * self.take.part());
        let first = ((note.at + human).max(0.0) * RATE as f32) as usize;
        let count = (note.length * RATE as f32) as usize;
        let release = (0.03 * RATE as f32) as usize;
        let (gain_left, gain_right) = (0.5 - note.pan / 2.0, 0.5 + note.pan / 2.0);
        let mut phase = self.take.part();
        let fade = (-note.decay / RATE as f32).exp();
        let mut level = loudness;
        for n in 0..count + release {
            let Some(left) = self.left.get_mut(first + n) else {
                break;
            };
            let seconds = n as f32 / RATE as f32;
            let vibrato = 1.0 + note.vibrato * (TAU * 5.3 * seconds).sin();
            phase = (phase + note.hertz * vibrato / RATE as f32).fract();
            let index = (phase * TABLE as f32) as usize % TABLE;
            let mut sample = note.table[index];
            if let Some(towards) = note.towards {
                let part = (n as f32 / count as f32).min(1.0);
                sample = sample * (1.0 - part) + towards[index] * part;
            }
            level *= fade;
            let attack = (seconds / note.attack).min(1.0);
            let end = ((count + release - n) as f32 / release as f32).min(1.0);
            let sample = sample * level * attack * end;
            *left += sample * gain_left;
            self.right[first + n] += sample * gain_right;
        }
    }

    fn drum_bar(&mut self, start: f32, pattern: &[u8; 16]) {
        for (step, &hits) in pattern.iter().enumerate() {
            let at = start + step as f32 * self.beat / 4.0 + self.take.noise() * 0.004;
            let first = (at.max(0.0) * RATE as f32) as usize;
            let loudness = 0.7 + 0.3 * self.take.part();
            for (bit, length) in [(0u8, 0.18f32), (1, 0.15), (2, 0.05)] {
                if hits & 1 << bit == 0 {
                    continue;
                }
                let mut phase = 0.0;
                let mut held = 0.0;
                for n in 0..(length * RATE as f32) as usize {
                    let Some(left) = self.left.get_mut(first + n) else {
                        break;
                    };
                    let seconds = n as f32 / RATE as f32;
                    let noise = self.take.noise();
                    let sample = match bit {
                        0 => {
                            phase += (45.0 + 110.0 * (-seconds * 30.0).exp()) / RATE as f32;
                            0.45 * (TAU * phase).sin() * (-seconds * 14.0).exp()
                        }
                        1 => {
                            phase += 185.0 / RATE as f32;
                            (0.14 * noise + 0.1 * (TAU * phase).sin()) * (-seconds * 18.0).exp()
                        }
                        _ => {
                            let high = noise - held;
                            held = noise;
                            0.06 * high * (-seconds * 60.0).exp()
                        }
                    } * loudness;
                    *left += sample * 0.5;
                    self.right[first + n] += sample * 0.5;
                }
            }
        }
    }

    fn mix_down(self) -> Vec<f32> {
        let peak = self
            .left
            .iter()
            .chain(&self.right)
            .fold(0.01f32, |peak, sample| peak.max(sample.abs()));
        let gain = 0.85 / peak;
        let frames = self.left.len();
        // Half a second of fade-out, so that no version ends in a click.
        let fade = RATE as usize / 2;
        let mut mixed = Vec::with_capacity(frames * 2);
        for (n, (left, right)) in self.left.iter().zip(&self.right).enumerate() {
            let gain = gain * ((frames - n) as f32 / fade as f32).min(1.0);
            mixed.push(left * gain);
            mixed.push(right * gain);
        }
        mixed
    }
}

/// Which of kick (1), snare (2) and hat (4) sound on each sixteenth.
fn pattern(dice: &mut Dice) -> [u8; 16] {
    let straight = dice.below(2) == 0;
    std::array::from_fn(|step| {
        let kick = (step % 4 == 0 && straight) || step == 0 || dice.below(6) == 0;
        let snare = step % 8 == 4 || dice.below(14) == 0;
        let hat = step % 2 == 0 || dice.below(4) == 0;
        u8::from(kick) | u8::from(snare) << 1 | u8::from(hat) << 2
    })
}

fn table(dice: &mut Dice, harmonics: usize, slope: f32) -> Vec<f32> {
    let weights: Vec<f32> = (1..=harmonics)
        .map(|n| (0.3 + 0.7 * dice.part()) / (n as f32).powf(slope))
        .collect();
    wave(&weights)
}

fn vowel(dice: &mut Dice) -> Vec<f32> {
    let first = 1.0 + 3.0 * dice.part();
    let second = 4.0 + 6.0 * dice.part();
    let weights: Vec<f32> = (1..=18)
        .map(|n| {
            let near = |formant: f32, width: f32| (-((n as f32 - formant) / width).powi(2)).exp();
            near(first, 1.2) + 0.6 * near(second, 1.5) + 0.05 / n as f32
        })
        .collect();
    wave(&weights)
}

fn wave(weights: &[f32]) -> Vec<f32> {
    let total: f32 = weights.iter().sum();
    (0..TABLE)
        .map(|n| {
            let at = TAU * n as f32 / TABLE as f32;
            let sum: f32 = weights
                .iter()
                .zip(1..)
                .map(|(weight, k)| weight * (at * k as f32).sin())
                .sum();
            sum / total * 1.6
        })
        .collect()
}

/// The samples as a WAV file of 16 bits.
pub fn wav(samples: &[f32], rate: u32, channels: u16) -> Vec<u8> {
    let size = samples.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + size as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + size).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * u32::from(channels) * 2).to_le_bytes());
    file.extend_from_slice(&(channels * 2).to_le_bytes());
    file.extend_from_slice(b"\x10\0data");
    file.extend_from_slice(&size.to_le_bytes());
    for sample in samples {
        file.extend_from_slice(&((sample.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes());
    }
    file
}
