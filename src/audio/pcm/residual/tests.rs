//! What is held against each other is synthetic: melodies, noise, and what is made of them.

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

/// The same in 16 bits as AIFF, without dither.
fn aiff(samples: &[f64]) -> Vec<u8> {
    let data: Vec<u8> = samples
        .iter()
        .flat_map(|sample| ((sample * 32768.0).round() as i16).to_be_bytes())
        .collect();
    // 8000 in extended precision, as COMM has its rate.
    assert_eq!(RATE, 8000);
    let rate = *b"\x40\x0b\xfa\0\0\0\0\0\0\0";
    let common = [b"\0\x01", &(samples.len() as u32).to_be_bytes()[..], b"\0\x10", &rate].concat();
    let chunk = |name: &[u8], body: &[u8]| [name, &(body.len() as u32).to_be_bytes(), body].concat();
    let sound = [&[0; 8], &data[..]].concat();
    let chunks = [&b"AIFF"[..], &chunk(b"COMM", &common), &chunk(b"SSND", &sound)].concat();
    chunk(b"FORM", &chunks)
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
    check(&master, &aiff(&louder(&song, 0.7)), Some(false));
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
    // Nothing is left of what is silent.
    let hidden = [vec![0.0; 4 * RATE as usize], song].concat();
    check(&plain(&hidden), &plain(&melody(2, 3)), Some(true));
}

#[test]
fn what_cannot_be_laid_on_each_other_gets_no_answer() {
    let song = melody(1, 4);
    check(&plain(&song), &wav(&song, 11_025, 16, 0), None);
    check(&plain(&song), &plain(&vec![0.0; song.len()]), None);
    check(&plain(&song), b"no audio", None);
}
