//! What the audio says of files, on pieces made like music. Codecs are measured by the bench; these run everywhere.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

#[path = "common/pieces.rs"]
mod pieces;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use isrctag::Links;
use isrctag::internals::{
    Cache, EarVerdict, FILE_NAME, Fault, Fingerprint, Index, Limits, ReadAt, SourceFile, Undecodable, compare,
    compare_lengths, fingerprint, pcm,
};
use pieces::{Piece, RATE, wav};

/// Twenty seconds, stereo.
static ORIGINAL: LazyLock<Vec<f32>> = LazyLock::new(|| piece(2).render());
static ORIGINAL_PRINT: LazyLock<Fingerprint> = LazyLock::new(|| heard(&wav(&ORIGINAL, RATE, 2)));

fn piece(seed: u64) -> Piece {
    let mut piece = Piece::new(seed);
    piece.seconds = 20.0;
    piece
}

fn listen(file: &(dyn ReadAt + Sync)) -> Result<Fingerprint, Undecodable> {
    fingerprint(file, None, &Limits::default())
}

#[expect(clippy::ptr_arg, reason = "ReadAt is for Vec")]
fn heard(file: &Vec<u8>) -> Fingerprint {
    listen(file).unwrap()
}

fn listen_for_two_minutes(file: &(dyn ReadAt + Sync)) -> Fingerprint {
    let limits = Limits {
        heard: Duration::from_secs(120),
        ..Limits::default()
    };
    fingerprint(file, None, &limits).unwrap()
}

fn mono(samples: &[f32]) -> Vec<f32> {
    samples
        .chunks_exact(2)
        .map(|frame| (frame[0] + frame[1]) / 2.0)
        .collect()
}

fn changed(change: impl FnOnce(&mut Piece)) -> Vec<f32> {
    let mut piece = piece(2);
    change(&mut piece);
    piece.render()
}

fn at(seconds: f32) -> usize {
    (seconds * RATE as f32) as usize * 2
}

#[track_caller]
fn check(file: &Vec<u8>, expected: EarVerdict) {
    let print = heard(file);
    let comparison = compare(&ORIGINAL_PRINT, &print);
    assert_eq!(comparison.verdict, expected, "{comparison} {:?}", comparison.likeness);
    assert_eq!(
        compare(&print, &ORIGINAL_PRINT).verdict,
        expected,
        "the other way round"
    );
}

#[test]
fn the_same_recording_is_known_at_any_gain_start_and_rate() {
    let original = &*ORIGINAL;
    check(&wav(original, RATE, 2), EarVerdict::Same);
    check(
        &wav(&original.iter().map(|sample| sample * 0.5).collect::<Vec<_>>(), RATE, 2),
        EarVerdict::Same,
    );
    check(
        &wav(&[&vec![0.0; at(0.5)], original.as_slice()].concat(), RATE, 2),
        EarVerdict::Same,
    );
    check(&wav(&mono(original), RATE, 1), EarVerdict::Same);
    // Every second sample: what lies above 11 kHz is mirrored, as a careless resampler does.
    let halved: Vec<f32> = mono(original).into_iter().step_by(2).collect();
    check(&wav(&halved, RATE / 2, 1), EarVerdict::Same);
    check(&flac(&mono(original)), EarVerdict::Same);
}

/// An element of EBML with a size of eight bytes.
fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    [id, &(body.len() as u64 | 1 << 56).to_be_bytes(), body].concat()
}

/// The samples as they are in a WAV file, as the one track of a Matroska file, a second a cluster and a tenth of one a
/// block. Who wrote it has to be said (RFC 9559, section 5.1.2.13), or symphonia does not read it.
fn matroska(samples: &[u8]) -> Vec<u8> {
    const SECOND: usize = RATE as usize * 4;
    let sound = [
        element(b"\xB5", &f64::from(RATE).to_be_bytes()),
        element(b"\x9F", &[2]),
        element(b"\x62\x64", &[16]),
    ];
    let track = [
        element(b"\xD7", &[1]),
        element(b"\x73\xC5", &[7]),
        element(b"\x83", &[2]),
        element(b"\x86", b"A_PCM/INT/LIT"),
        element(b"\xE1", &sound.concat()),
    ];
    let info = [
        element(b"\x2A\xD7\xB1", &1_000_000u32.to_be_bytes()),
        element(b"\x4D\x80", b"a test"),
        element(b"\x57\x41", b"a test"),
    ];
    let mut segment = element(b"\x15\x49\xA9\x66", &info.concat());
    segment.extend(element(b"\x16\x54\xAE\x6B", &element(b"\xAE", &track.concat())));
    for (second, samples) in samples.chunks(SECOND).enumerate() {
        let mut cluster = element(b"\xE7", &(second as u32 * 1000).to_be_bytes());
        for (tenth, samples) in samples.chunks(SECOND / 10).enumerate() {
            let [high, low] = (tenth as u16 * 100).to_be_bytes();
            cluster.extend(element(b"\xA3", &[&[0x81, high, low, 0x80], samples].concat()));
        }
        segment.extend(element(b"\x1F\x43\xB6\x75", &cluster));
    }
    let head = element(b"\x1A\x45\xDF\xA3", &element(b"\x42\x82", b"matroska"));
    [head, element(b"\x18\x53\x80\x67", &segment)].concat()
}

fn caf(samples: &[u8]) -> Vec<u8> {
    let chunk = |id: &[u8], body: &[u8]| [id, &(body.len() as u64).to_be_bytes(), body].concat();
    // Flag 2: the least byte first. Bytes and frames a packet, channels, bits.
    let numbers: Vec<u8> = [2u32, 4, 1, 2, 16].into_iter().flat_map(u32::to_be_bytes).collect();
    let description = [&f64::from(RATE).to_be_bytes()[..], b"lpcm", &numbers].concat();
    let data = [&[0; 4], samples].concat();
    [
        b"caff\0\x01\0\0".to_vec(),
        chunk(b"desc", &description),
        chunk(b"data", &data),
    ]
    .concat()
}

#[test]
fn matroska_and_caf_are_heard_as_a_wav_is() {
    let wav = wav(&ORIGINAL, RATE, 2);
    check(&matroska(&wav[44..]), EarVerdict::Same);
    check(&caf(&wav[44..]), EarVerdict::Same);
}

#[test]
fn silence_is_no_length() {
    let (front, behind) = (vec![0.0; at(11.0)], vec![0.0; at(13.0)]);
    check(&wav(&[&front, ORIGINAL.as_slice()].concat(), RATE, 2), EarVerdict::Same);
    check(
        &wav(&[ORIGINAL.as_slice(), &behind].concat(), RATE, 2),
        EarVerdict::Same,
    );
}

#[test]
fn a_lead_in_that_is_not_silent_is_still_the_same_recording() {
    let mut dice = pieces::Dice::new(1);
    let hiss: Vec<f32> = (0..at(0.43)).map(|_| (dice.part() - 0.5) * 0.02).collect();
    check(&wav(&[&hiss, ORIGINAL.as_slice()].concat(), RATE, 2), EarVerdict::Same);
}

#[test]
fn what_is_done_to_a_recording_leaves_it_the_same() {
    let original = &*ORIGINAL;
    // Between the items of the fingerprint.
    check(&wav(&original[at(0.031)..], RATE, 2), EarVerdict::Same);
    check(
        &wav(&original[at(0.35)..original.len() - at(1.5)], RATE, 2),
        EarVerdict::Same,
    );
    let ridden = with_gain(original, |time| 4.0 * (time / 3.0).sin());
    check(&wav(&ridden, RATE, 2), EarVerdict::Same);
    let faded = with_gain(original, |time| {
        -40.0 * (1.0 - time / 2.0).max(0.0) - 40.0 * ((time - 17.0) / 3.0).max(0.0)
    });
    check(&wav(&faded, RATE, 2), EarVerdict::Same);
    check(&wav(&with_gain(original, |_| -30.0), RATE, 2), EarVerdict::Same);
    // A clock that is off.
    check(&wav(original, RATE + 22, 2), EarVerdict::Same);
}

#[test]
fn a_loop_lies_where_it_starts() {
    let looped = ORIGINAL[at(4.0)..at(5.7)].repeat(12);
    let print = heard(&wav(&looped, RATE, 2));
    let trimmed = heard(&wav(&looped[at(0.4)..], RATE, 2));
    let comparison = compare(&print, &trimmed);
    assert_ne!(comparison.verdict, EarVerdict::Different, "{comparison}");
    let likeness = comparison.likeness.unwrap();
    assert!((likeness.start - 0.4).abs() < 0.1, "{likeness:?}");
    let shorter = heard(&wav(&looped[..at(1.7) * 11], RATE, 2));
    let comparison = compare(&print, &shorter);
    assert_eq!(comparison.verdict, EarVerdict::Undecided, "{comparison}");
    assert!(comparison.to_string().contains("1.7 s longer"), "{comparison}");
}

#[test]
fn a_changed_word_is_not_called_the_same_and_its_place_is_told() {
    let word = &changed(|piece| piece.singer = Some(9))[at(10.0)..at(10.4)];
    let with = |change: &dyn Fn(&mut [f32])| {
        let mut samples = ORIGINAL.clone();
        change(&mut samples[at(10.0)..at(10.4)]);
        check_place(&samples, 10.0..10.4);
    };
    with(&|place| place.copy_from_slice(word));
    with(&|place| place.reverse());
    with(&|place| {
        let beep = |n: usize| 0.15 * (std::f32::consts::TAU * 1000.0 * (n / 2) as f32 / RATE as f32).sin();
        place.iter_mut().enumerate().for_each(|(n, sample)| *sample = beep(n));
    });
    with(&|place| place.iter_mut().zip(word).for_each(|(sample, word)| *sample += word));
}

#[test]
fn other_parts_and_endings_are_told_with_their_place() {
    let other = piece(3).render();
    let mut replaced = ORIGINAL.clone();
    replaced[at(12.0)..at(15.0)].copy_from_slice(&other[at(12.0)..at(15.0)]);
    check_place(&replaced, 12.0..15.0);
    let mut ending = ORIGINAL.clone();
    ending[at(16.0)..].copy_from_slice(&other[at(16.0)..]);
    check_place(&ending, 16.0..20.0);
    let mut solo = ORIGINAL.clone();
    let tune = changed(|piece| piece.singer = Some(9));
    solo[at(6.0)..at(9.0)].copy_from_slice(&tune[at(6.0)..at(9.0)]);
    check_place(&solo, 6.0..9.0);
}

#[test]
fn what_is_added_high_up_is_heard() {
    let mut dice = pieces::Dice::new(5);
    let mut before = 0.0;
    let hats: Vec<f32> = (0..ORIGINAL.len() / 2)
        .flat_map(|n| {
            let noise = dice.part() - 0.5;
            let high = noise - before;
            before = noise;
            [high * 0.25 * (-(((n as u32) % (RATE / 4)) as f32) / 1200.0).exp(); 2]
        })
        .collect();
    let louder: Vec<f32> = ORIGINAL.iter().zip(&hats).map(|(sample, hat)| sample + hat).collect();
    let comparison = compare(&ORIGINAL_PRINT, &heard(&wav(&louder, RATE, 2)));
    assert_ne!(comparison.verdict, EarVerdict::Same, "{comparison}");
}

#[test]
fn a_cut_is_not_called_another_tempo() {
    let cut = [&ORIGINAL[..at(10.0)], &ORIGINAL[at(11.0)..]].concat();
    let comparison = compare(&ORIGINAL_PRINT, &heard(&wav(&cut, RATE, 2)));
    assert_ne!(comparison.verdict, EarVerdict::Same);
    assert!(!comparison.to_string().contains("faster"), "{comparison}");
}

/// The verdict on two files of one rate and channel, and how its sentence starts.
#[track_caller]
fn check_said(one: &[f32], other: &[f32], (rate, channels): (u32, u16), verdict: EarVerdict, sentence: &str) {
    let (one, other) = (heard(&wav(one, rate, channels)), heard(&wav(other, rate, channels)));
    for (one, other) in [(&one, &other), (&other, &one)] {
        let comparison = compare(one, other);
        assert_eq!(comparison.verdict, verdict, "{comparison} {:?}", comparison.likeness);
        let said = comparison.to_string();
        assert!(said.starts_with(sentence), "{said}, not {sentence}");
    }
}

const STEREO: (u32, u16) = (RATE, 2);

/// A held tone in stereo.
fn tone(hertz: f32, amplitude: f32, seconds: f32) -> Vec<f32> {
    let sample = |n: usize| (std::f32::consts::TAU * hertz * (n / 2) as f32 / RATE as f32).sin();
    (0..at(seconds)).map(|n| amplitude * sample(n)).collect()
}

fn noise(seed: u64, amplitude: f32) -> Vec<f32> {
    let mut dice = pieces::Dice::new(seed);
    (0..at(20.0)).map(|_| (dice.part() - 0.5) * amplitude).collect()
}

fn with(samples: &[f32], addition: &[f32]) -> Vec<f32> {
    samples
        .iter()
        .zip(addition)
        .map(|(sample, added)| sample + added)
        .collect()
}

#[test]
fn signals_that_tell_little_have_a_stated_verdict() {
    use EarVerdict::{Different, Same, Undecided};
    check_said(&noise(1, 1.0), &noise(2, 1.0), STEREO, Different, "other audio");
    check_said(&noise(1, 1.0), &noise(1, 0.5), STEREO, Same, "fingerprints 100 % alike");
    let constant = "too constant to tell recordings apart";
    let a440 = tone(440.0, 0.5, 15.0);
    check_said(&a440, &tone(440.0, 0.25, 15.0), STEREO, Undecided, constant);
    check_said(&a440, &tone(587.0, 0.5, 15.0), STEREO, Undecided, constant);
    check_said(&ORIGINAL, &tone(440.0, 0.5, 20.0), STEREO, Different, "other audio");
    let inverted: Vec<f32> = mono(&ORIGINAL)
        .into_iter()
        .flat_map(|sample| [sample, -sample])
        .collect();
    let error = listen(&wav(&inverted, RATE, 2)).unwrap_err();
    assert!(matches!(error, Undecodable::Cancelled), "{error}");
    assert_eq!(
        error.to_string(),
        "its channels cancel each other out, so that mono is silent"
    );
}

/// As speech is kept: one channel at 8 kHz.
#[test]
fn low_and_high_rates_have_a_stated_verdict() {
    let narrow = |samples: &[f32]| -> Vec<f32> {
        let mono = mono(samples);
        let place = |n: usize| n * RATE as usize / 8000;
        let sample = |n: usize| mono[place(n)..(place(n) + 5).min(mono.len())].iter().sum::<f32>() / 5.0;
        (0..mono.len() * 8000 / RATE as usize).map(sample).collect()
    };
    let telephone = (8000, 1);
    let original = narrow(&ORIGINAL);
    let quieter = narrow(&with_gain(&ORIGINAL, |_| -6.0));
    check_said(&original, &quieter, telephone, EarVerdict::Same, "fingerprints");
    let singer = narrow(&changed(|piece| piece.singer = Some(9)));
    check_said(&original, &singer, telephone, EarVerdict::Different, "other audio");
    let full = compare(&ORIGINAL_PRINT, &heard(&wav(&original, 8000, 1)));
    assert_ne!(full.verdict, EarVerdict::Different, "{full}");
    let high: Vec<f32> = mono(&ORIGINAL).into_iter().flat_map(|sample| [sample; 4]).collect();
    check(&wav(&high, RATE * 4, 1), EarVerdict::Same);
    let (one, other) = (wav(&mono(&ORIGINAL), 48_000, 1), wav(&high, 192_000, 1));
    assert_eq!(compare(&heard(&one), &heard(&other)).verdict, EarVerdict::Same);
}

#[test]
fn what_the_music_hides_is_no_difference() {
    let music: Vec<f32> = ORIGINAL.iter().map(|sample| sample * 0.4).collect();
    let music = with(&music, &tone(450.0, 0.25, 20.0));
    let burst = |hertz: f32, decibel: f32| {
        let mut burst = tone(hertz, 0.25 * 10f32.powf(decibel / 20.0), 20.0);
        burst[..at(10.0)].fill(0.0);
        burst[at(11.0)..].fill(0.0);
        with(&music, &burst)
    };
    // In the next band, as codecs leave it, and far below.
    for (hertz, decibel) in [(565.0, -20.0), (6000.0, -40.0)] {
        check_said(&music, &burst(hertz, decibel), STEREO, EarVerdict::Same, "fingerprints");
    }
    for (hertz, decibel) in [(565.0, -12.0), (6000.0, -24.0)] {
        let said = "the audio differs from 0:";
        check_said(&music, &burst(hertz, decibel), STEREO, EarVerdict::Undecided, said);
    }
}

#[test]
fn quiet_music_and_a_faint_hum_or_hiss_are_no_reason_for_doubt() {
    let quiet = with_gain(&ORIGINAL, |_| -50.0);
    let hum = with(&ORIGINAL, &tone(100.0, 0.0008, 20.0));
    let hiss = with(&ORIGINAL, &noise(3, 0.001));
    for changed in [quiet, hum, hiss] {
        check_said(&ORIGINAL, &changed, STEREO, EarVerdict::Same, "fingerprints");
    }
}

#[test]
fn a_sentence_says_what_is_so() {
    use EarVerdict::{Different, Undecided};
    let original = &*ORIGINAL;
    let say = |changed: &[f32], verdict, sentence: &str| check_said(original, changed, STEREO, verdict, sentence);
    // Not the tone, which the longer one's end changes.
    let more = &piece(3).render()[..at(12.0)];
    let longer = [original.as_slice(), &more[..at(7.0)]].concat();
    let comparison = compare(&ORIGINAL_PRINT, &heard(&wav(&longer, RATE, 2)));
    assert_eq!(comparison.verdict, Undecided);
    assert!(
        comparison.to_string().starts_with("durations 0:20 and 0:27; "),
        "{comparison}"
    );
    say(&original[at(3.0)..], Undecided, "one starts 3.0 s into the other; ");
    say(more, Different, "other audio");
    let mut smoothed = 0.0;
    let dull = original.iter().map(|sample| {
        smoothed += (sample - smoothed) * 0.12;
        smoothed
    });
    say(&dull.collect::<Vec<f32>>(), Undecided, "another tone balance, by ");
    // One place, and two of them.
    let mut muted = original.clone();
    muted[at(10.0)..at(10.6)].fill(0.0);
    let one = compare(&ORIGINAL_PRINT, &heard(&wav(&muted, RATE, 2))).to_string();
    assert!(one.starts_with("the audio differs from 0:09 to 0:11; "), "{one}");
    muted[at(4.0)..at(4.6)].fill(0.0);
    let two = compare(&ORIGINAL_PRINT, &heard(&wav(&muted, RATE, 2))).to_string();
    assert!(two.contains(", and elsewhere; fingerprints "), "{two}");
    // What was not heard is told.
    let long = wav(&original.repeat(2), RATE, 2);
    let limits = Limits {
        heard: Duration::from_secs(30),
        ..Limits::default()
    };
    let print = fingerprint(&long, None, &limits).unwrap();
    let part = compare(&print, &print);
    assert_eq!(part.verdict, Undecided);
    assert!(
        part.to_string().starts_with("only the first 0:30 were compared; "),
        "{part}"
    );
}

/// Held tones with a beat, of which a trimmed start takes part of a pulse.
#[test]
fn a_drone_with_a_pulse_is_itself_and_never_two() {
    let sample = |n: usize| {
        let (time, turn) = ((n / 2) as f32 / RATE as f32, std::f32::consts::TAU);
        let held: f32 = [220.0, 277.2, 330.1]
            .iter()
            .map(|hertz| (turn * hertz * time).sin())
            .sum();
        held * 0.08 + 0.2 * (turn * 110.0 * time).sin() * (-8.0 * (time % 1.0)).exp()
    };
    let drone: Vec<f32> = (0..at(40.0)).map(sample).collect();
    check_said(&drone, &drone, STEREO, EarVerdict::Same, "fingerprints 100 % alike");
    let trimmed = &drone[at(0.4)..];
    check_said(
        &drone,
        trimmed,
        STEREO,
        EarVerdict::Undecided,
        "the music repeats itself, and one is 0.4 s longer",
    );
}

#[test]
fn a_bit_rate_that_varies_without_a_header_cuts_nothing_off() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library");
    let file = fs_err::read(library.join("Lantern Street/Tidewater (2024) [MP3]/01 Low Water.mp3")).unwrap();
    // MPEG-2.5 layer III at 11025 Hz. The first frame holds no audio but how many there are.
    let first = file.windows(2).position(|two| two == [0xFF, 0xE3]).unwrap();
    let header = [0xFF, 0xE3, file[first + 2], file[first + 3]];
    let rates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let length = 72_000 * rates[usize::from(header[2] >> 4)] / 11_025 + usize::from(header[2] >> 1 & 1);
    let audio = &file[first + length..];
    let whole = heard(&file);
    // A second of silence at 160 kbit/s in front: at that rate the rest would be over soon.
    let mut silence = vec![0; 72_000 * 160 / 11_025];
    silence[..4].copy_from_slice(&[0xFF, 0xE3, 0xE0 | header[2] & 0x0C, header[3]]);
    let varying = heard(&[silence.repeat(20), audio.to_vec()].concat());
    let longer = varying.duration().unwrap().saturating_sub(whole.duration().unwrap());
    assert!(longer.as_secs_f64() > 0.9 && longer.as_secs_f64() < 1.3, "{longer:?}");
    assert_eq!(compare(&whole, &varying).verdict, EarVerdict::Same);
}

/// Held tones with a slow beat, 20 minutes at 2 kHz.
fn drone(hertz: [f32; 3]) -> Fingerprint {
    let tone = |n: u32, hertz: f32| (std::f32::consts::TAU * hertz * n as f32 / 2_000.0).sin();
    let samples: Vec<f32> = (0..20 * 60 * 2_000)
        .map(|n| hertz.iter().map(|hertz| tone(n, *hertz)).sum::<f32>() / 4.0)
        .collect();
    heard(&wav(&samples, 2_000, 1))
}

#[test]
fn a_drone_of_twenty_minutes_is_no_proof_of_itself() {
    let (one, other) = (drone([220.0, 277.2, 330.1]), drone([196.0, 246.9, 294.1]));
    assert_eq!(one.heard().as_secs(), 20 * 60);
    let comparison = compare(&one, &one);
    assert_eq!(comparison.verdict, EarVerdict::Undecided, "{comparison}");
    assert!(
        comparison
            .to_string()
            .starts_with("too constant to tell recordings apart"),
        "{comparison}"
    );
    assert_ne!(compare(&one, &other).verdict, EarVerdict::Same);
}

/// MPEG-2.5 frames at 11025 Hz go over into MPEG-1 frames at 44100 Hz, which no decoder of such a stream goes on with.
#[test]
fn a_stream_that_changes_its_rate_is_told_and_never_called_another() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library");
    let file = fs_err::read(library.join("Lantern Street/Tidewater (2024) [MP3]/01 Low Water.mp3")).unwrap();
    let start = file.windows(2).position(|two| two == [0xFF, 0xE3]).unwrap();
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x90, 0x00]);
    let changing = |frames: usize| [&file[start..], &frame.repeat(frames)].concat();
    let error = listen(&changing(200)).unwrap_err();
    assert_eq!(error.to_string(), "its audio is damaged");
    let (whole, changing) = (heard(&file), heard(&changing(10)));
    assert!(changing.broken_packets() > 0);
    let comparison = compare(&whole, &changing);
    assert_ne!(comparison.verdict, EarVerdict::Different, "{comparison}");
}

/// The gain is in dB, by the time in seconds.
fn with_gain(samples: &[f32], gain: impl Fn(f32) -> f32) -> Vec<f32> {
    let gain = |n: usize| 10f32.powf(gain((n / 2) as f32 / RATE as f32) / 20.0);
    samples.iter().enumerate().map(|(n, sample)| sample * gain(n)).collect()
}

/// Not one recording, and the place that is told is this one, within a second.
#[track_caller]
fn check_place(samples: &[f32], place: std::ops::Range<f64>) {
    let comparison = compare(&ORIGINAL_PRINT, &heard(&wav(samples, RATE, 2)));
    assert_ne!(comparison.verdict, EarVerdict::Same, "{comparison}");
    let (from, to) = comparison
        .span
        .unwrap_or_else(|| panic!("{comparison} {:?}", comparison.likeness))
        .in_first;
    let near = |told: Duration, is: f64| (told.as_secs_f64() - is).abs() < 1.0;
    assert!(
        near(from, place.start) && near(to, place.end),
        "{comparison} {from:?} {to:?}"
    );
}

#[test]
fn other_recordings_of_the_same_song_are_different() {
    check(
        &wav(&changed(|piece| piece.singer = None), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.singer = Some(9)), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.drums = Some(9)), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.tempo *= 1.03), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.tempo *= 0.97), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.semitones += 1.0), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.semitones -= 12.0), RATE, 2),
        EarVerdict::Different,
    );
    check(&wav(&piece(3).render(), RATE, 2), EarVerdict::Different);
}

#[test]
fn speed_changes_are_different() {
    check(&wav(&ORIGINAL, RATE * 103 / 100, 2), EarVerdict::Different);
    check(&wav(&ORIGINAL, RATE * 97 / 100, 2), EarVerdict::Different);
}

#[test]
fn a_tape_that_runs_a_little_off_is_told_by_its_speed() {
    // Of any length: the stretches that are followed may fill it or not.
    let whole = changed(|piece| piece.seconds = 36.0);
    for cut in 0..2u8 {
        let original = &whole[..whole.len() - at(f32::from(cut) / 16.0)];
        let print = heard(&wav(original, RATE, 2));
        let comparison = compare(&print, &heard(&wav(original, RATE * 1004 / 1000, 2)));
        let likeness = comparison.likeness.unwrap();
        assert_eq!(comparison.verdict, EarVerdict::Undecided, "{comparison} {likeness:?}");
        let said = comparison.to_string();
        assert!(said.contains(" % faster; "), "{said} {likeness:?}");
        assert!((likeness.speed.abs() - 0.004).abs() < 0.001, "{likeness:?}");
    }
}

#[test]
fn edits_and_extended_mixes_are_different() {
    let original = &*ORIGINAL;
    check(&wav(&original[at(11.0)..], RATE, 2), EarVerdict::Different);
    check(
        &wav(&[&original[..at(8.0)], &original[at(12.0)..]].concat(), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&[&original[..at(9.0)], &original[at(4.0)..]].concat(), RATE, 2),
        EarVerdict::Different,
    );
    check(
        &wav(&[original.as_slice(), &original[at(8.0)..]].concat(), RATE, 2),
        EarVerdict::Different,
    );
}

#[test]
fn a_muted_word_is_not_called_the_same() {
    let mut clean = ORIGINAL.clone();
    clean[at(10.0)..at(10.6)].fill(0.0);
    check(&wav(&clean, RATE, 2), EarVerdict::Undecided);
}

#[test]
fn between_five_and_ten_seconds_of_length_nobody_decides() {
    let more = &piece(3).render()[..at(7.0)];
    check(
        &wav(&[ORIGINAL.as_slice(), more].concat(), RATE, 2),
        EarVerdict::Undecided,
    );
    let short = Duration::from_secs(184);
    assert!(compare_lengths(Some(short), Some(Duration::from_secs(194))).is_none());
    let long = compare_lengths(Some(short), Some(Duration::from_secs(612))).unwrap();
    assert_eq!(long.verdict, EarVerdict::Different);
    assert_eq!(long.to_string(), "durations 3:04 and 10:12");
    assert!(compare_lengths(None, Some(short)).is_none());
}

#[test]
fn what_cannot_be_compared_says_why() {
    let silence = wav(&vec![0.0; at(30.0)], RATE, 2);
    assert!(matches!(listen(&silence), Err(Undecodable::Silent)));
    let jingle = wav(&ORIGINAL[..at(1.0)], RATE, 2);
    assert!(
        matches!(listen(&jingle), Err(Undecodable::TooShort(length)) if (950..=1000).contains(&length.as_millis()))
    );
    assert!(listen(&Vec::new()).is_err());
    assert!(listen(&b"no audio at all, only a line of text\n".repeat(500)).is_err());
    let message = listen(&jingle).unwrap_err().to_string();
    assert_eq!(message, "too short to compare (1.0 s)");
}

#[test]
fn a_file_cut_short_is_heard_as_far_as_it_goes() {
    let mut cut = wav(&ORIGINAL, RATE, 2);
    cut.truncate(44 + at(14.0) * 2);
    let print = heard(&cut);
    assert!(
        print.heard().abs_diff(Duration::from_secs(14)) < Duration::from_millis(100),
        "{:?}",
        print.heard()
    );
    assert_eq!(print.duration(), Some(print.heard()));
}

#[test]
fn a_header_that_lies_about_the_length_does_not_count() {
    let samples = mono(&ORIGINAL);
    for claimed in [1u64, 4410, 44_100 * 36_000, (1 << 36) - 1, 0] {
        let mut lying = flac(&samples);
        // The last 36 bits of STREAMINFO's samples field (RFC 9639, section 8.2).
        lying[21] = lying[21] & 0xF0 | (claimed >> 32) as u8;
        lying[22..26].copy_from_slice(&(claimed as u32).to_be_bytes());
        match listen(&lying) {
            Ok(print) => assert_eq!(print.duration().map(|length| length.as_secs()), Some(20), "{claimed}"),
            Err(error) => panic!("{claimed}: {error}"),
        }
    }
}

#[test]
fn a_length_that_the_size_belies_is_counted() {
    // Two minutes and a half of FLAC that claim ten hours.
    let long: Vec<f32> = mono(&ORIGINAL).repeat(8)[..RATE as usize * 150].to_vec();
    let mut lying = flac(&long);
    lying[22..26].copy_from_slice(&(RATE * 36_000).to_be_bytes());
    let print = listen_for_two_minutes(&lying);
    assert_eq!(print.heard().as_secs(), 120);
    let length = print.duration().unwrap();
    assert!(
        length.abs_diff(Duration::from_secs(150)) < Duration::from_secs(1),
        "{length:?}"
    );
}

#[test]
fn broken_frames_leave_a_gap_and_no_false_verdict() {
    let whole = flac(&mono(&ORIGINAL));
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 30_000]
        .iter_mut()
        .for_each(|byte| *byte ^= 0x5A);
    match listen(&broken) {
        Ok(print) => {
            assert!(print.broken_packets() > 0);
            let comparison = compare(&ORIGINAL_PRINT, &print);
            assert_eq!(comparison.verdict, EarVerdict::Undecided, "{comparison}");
            assert!(
                print.heard().abs_diff(Duration::from_secs(20)) < Duration::from_millis(500),
                "{:?}",
                print.heard()
            );
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn ten_hours_are_heard_as_far_as_the_limit_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.wav");
    // 2 kHz, 8 bits, one channel: 72 MB, most of it a hole.
    let frames = 2_000u32 * 36_000;
    let mut header = Vec::new();
    header.extend_from_slice(b"RIFF");
    header.extend_from_slice(&(36 + frames).to_le_bytes());
    header.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    header.extend_from_slice(&2_000u32.to_le_bytes());
    header.extend_from_slice(&2_000u32.to_le_bytes());
    header.extend_from_slice(b"\x01\0\x08\0data");
    header.extend_from_slice(&frames.to_le_bytes());
    let mut file = fs_err::File::create(&path).unwrap();
    file.write_all(&header).unwrap();
    let tune: Vec<u8> = (0..2_000u32 * 60)
        .map(|n| (128.0 + 90.0 * (n as f32 * (0.2 + 0.05 * (n / 700 % 9) as f32)).sin()) as u8)
        .collect();
    file.write_all(&tune).unwrap();
    file.set_len(u64::from(44 + frames)).unwrap();
    drop(file);
    let print = listen_for_two_minutes(&SourceFile::open(&path, Links::Refuse).unwrap());
    assert_eq!(print.heard().as_secs(), 120);
    assert_eq!(print.duration().map(|length| length.as_secs()), Some(36_000));
    let comparison = compare(&ORIGINAL_PRINT, &print);
    assert_eq!(comparison.to_string(), "durations 0:20 and 10:00:00");
}

struct Hostile(&'static str);

impl ReadAt for Hostile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self.0 {
            "panics" => panic!("a parser that fails"),
            "fails" => Err(io::Error::other("a disk that fails")),
            _ => {
                // MPEG frame headers without end.
                buffer
                    .iter_mut()
                    .zip(offset..)
                    .for_each(|(byte, at)| *byte = [0xFF, 0xFB, 0x90, 0x00][(at % 4) as usize]);
                Ok(buffer.len())
            }
        }
    }

    fn len(&self) -> u64 {
        1 << 40
    }
}

#[test]
fn a_panic_costs_one_file_and_an_error_is_told() {
    let (panics, limits) = (Hostile("panics"), Limits::default());
    for extension in [None, Some("mp3"), Some("flac"), Some("m4a"), Some("opus"), Some("wav")] {
        let heard = fingerprint(&panics, extension, &limits);
        assert!(matches!(heard, Err(Undecodable::DecoderPanicked)));
        let samples = pcm::read(&panics, extension, &limits, pcm::Md5Claim::Ignored);
        assert!(matches!(samples, Err(Undecodable::DecoderPanicked)));
        let layout = pcm::layout(&panics, extension, &limits);
        assert!(matches!(layout, Err(Undecodable::DecoderPanicked)));
    }
    assert!(matches!(listen(&Hostile("fails")), Err(Undecodable::Read(_))));
}

#[test]
fn nothing_of_a_panic_reaches_the_terminal() {
    const TEST: &str = "a_panic_costs_one_file_and_an_error_is_told";
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", TEST, "--nocapture"]).output().unwrap();
    let [told, talk] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success() && told.contains("1 passed"), "{told}{talk}");
    assert!(
        !talk.contains("panicked") && !talk.contains("a parser that fails"),
        "{talk}"
    );
}

#[test]
fn decoding_ends_in_time() {
    let limits = Limits {
        time: Duration::from_millis(300),
        ..Limits::default()
    };
    let start = std::time::Instant::now();
    assert!(fingerprint(&Hostile("endless"), Some("mp3"), &limits).is_err());
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn the_index_finds_the_recording_among_others() {
    let others: Vec<Fingerprint> = (10..14)
        .map(|seed| heard(&wav(&piece(seed).render(), RATE, 2)))
        .collect();
    assert_eq!(compare(&ORIGINAL_PRINT, &others[0]).to_string(), "other audio");
    let quiet: Vec<f32> = ORIGINAL.iter().map(|sample| sample * 0.4).collect();
    let mut index = Index::new();
    index.add(&ORIGINAL_PRINT);
    others.iter().for_each(|print| index.add(print));
    index.add(&heard(&wav(&quiet, RATE, 2)));
    index.finish();
    assert_eq!(index.candidates(0).first(), Some(&5));
    assert_eq!(index.candidates(5).first(), Some(&0));
    assert!(index.candidates(99).is_empty());
}

#[test]
fn a_crowd_of_equal_files_is_listed_in_part() {
    let mut index = Index::new();
    (0..5_000).for_each(|_| index.add(&ORIGINAL_PRINT));
    index.finish();
    let candidates = index.candidates(2_500);
    assert!((1..=64).contains(&candidates.len()), "{}", candidates.len());
    assert!(!candidates.contains(&2_500));
}

/// A file of `bytes` whose last change is long ago enough to be trusted.
fn file_of(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs_err::write(&path, bytes).unwrap();
    path
}

fn listen_through(cache: &Cache, path: &Path) -> Result<Fingerprint, Undecodable> {
    let file = SourceFile::open(path, Links::Refuse).unwrap();
    cache.fingerprint(&file, None, &Limits::default())
}

/// How many fingerprints the cache in `folder` holds.
fn kept(folder: &Path) -> i64 {
    let database = rusqlite::Connection::open(folder.join(FILE_NAME)).unwrap();
    database
        .query_row("SELECT count(*) FROM prints", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn a_fingerprint_is_kept_through_a_tag_edit_and_lost_with_the_audio() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let cache = Cache::open(&state).unwrap();
    let samples = mono(&ORIGINAL);
    let plain = file_of(folder.path(), "a.flac", &flac(&samples));
    let first = listen_through(&cache, &plain).unwrap();
    assert_eq!(kept(&state), 1);
    assert_eq!(listen_through(&cache, &plain).unwrap(), first);

    // A comment block is put in front of the audio.
    let mut tagged = flac(&samples);
    tagged[4] = 0;
    let comments = b"\x84\0\0\x21\x04\0\0\0test\x01\0\0\0\x11\0\0\0ISRC=USRC17607839";
    tagged.splice(42..42, comments.iter().copied());
    let tagged = file_of(folder.path(), "a.flac", &tagged);
    assert_eq!(listen_through(&cache, &tagged).unwrap(), first);
    assert_eq!(kept(&state), 1, "the tag does not count");

    // One sample of the audio changes: another entry, whatever the fingerprint is.
    let mut other = samples.clone();
    other[400_000] += 0.01;
    let other = file_of(folder.path(), "a.flac", &flac(&other));
    listen_through(&cache, &other).unwrap();
    assert_eq!(kept(&state), 2, "the audio counts");
}

fn fault(folder: &Path) -> Fault {
    Cache::open(folder).unwrap_err().fault
}

#[test]
fn a_cache_that_is_damaged_newer_or_foreign_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    fs_err::write(
        &path,
        b"this is no database, but it may be somebody's letter".repeat(100),
    )
    .unwrap();
    let before = fs_err::read(&path).unwrap();
    assert!(matches!(fault(folder.path()), Fault::Damaged(_)));
    assert_eq!(fs_err::read(&path).unwrap(), before);

    let folder = tempfile::tempdir().unwrap();
    drop(Cache::open(folder.path()).unwrap());
    let database = rusqlite::Connection::open(folder.path().join(FILE_NAME)).unwrap();
    database.pragma_update(None, "user_version", 9).unwrap();
    drop(database);
    assert!(matches!(fault(folder.path()), Fault::Newer { layout: 9 }));

    let folder = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(folder.path().join(FILE_NAME)).unwrap();
    database.execute("CREATE TABLE letters (text TEXT)", []).unwrap();
    drop(database);
    assert!(matches!(fault(folder.path()), Fault::Foreign));
}

#[test]
fn a_damaged_entry_is_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let path = file_of(folder.path(), "a.wav", &wav(&ORIGINAL, RATE, 2));
    let first = listen_through(&Cache::open(&state).unwrap(), &path).unwrap();
    let database = rusqlite::Connection::open(state.join(FILE_NAME)).unwrap();
    let changed = database.execute(
        "UPDATE prints SET print = substr(print, 1, 200) || x'00' || substr(print, 202)",
        [],
    );
    assert_eq!(changed.unwrap(), 1);
    drop(database);
    assert_eq!(listen_through(&Cache::open(&state).unwrap(), &path).unwrap(), first);
    assert_eq!(listen_through(&Cache::none(), &path).unwrap(), first);
}

/// The samples as FLAC of one channel and 16 bits, every frame verbatim (RFC 9639, section 9).
fn flac(samples: &[f32]) -> Vec<u8> {
    const BLOCK: usize = 4096;
    let mut file = b"fLaC\x80\0\0\x22".to_vec();
    file.extend_from_slice(&(BLOCK as u16).to_be_bytes());
    file.extend_from_slice(&(BLOCK as u16).to_be_bytes());
    file.extend_from_slice(&[0; 6]);
    // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples.
    let packed = u64::from(RATE) << 44 | 15 << 36 | samples.len() as u64;
    file.extend_from_slice(&packed.to_be_bytes());
    file.extend_from_slice(&[0; 16]);
    for (number, block) in samples.chunks(BLOCK).enumerate() {
        let start = file.len();
        // Fixed blocks, size as 16 bits at the end of the header, 44.1 kHz, mono, 16 bits.
        file.extend_from_slice(&[0xFF, 0xF8, 0x79, 0x08]);
        let number = char::from_u32(number as u32).unwrap();
        file.extend_from_slice(number.encode_utf8(&mut [0; 4]).as_bytes());
        file.extend_from_slice(&(block.len() as u16 - 1).to_be_bytes());
        let check = crc::Crc::<u8>::new(&crc::CRC_8_SMBUS).checksum(&file[start..]);
        file.push(check);
        file.push(0x02);
        for sample in block {
            file.extend_from_slice(&((sample * 32_767.0) as i16).to_be_bytes());
        }
        let check = crc::Crc::<u16>::new(&crc::CRC_16_UMTS).checksum(&file[start..]);
        file.extend_from_slice(&check.to_be_bytes());
    }
    file
}

/// What is behind the beginning of such a file may look like MPEG frames.
#[test]
fn a_kind_without_a_decoder_is_told_as_such_whatever_is_in_it() {
    let mp3 = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/library/Lantern Street/Tidewater (2024) [MP3]/09 Estuary.mp3"),
    )
    .unwrap();
    let beginnings: [&[u8]; 11] = [
        b"wvpk",
        b"MAC ",
        b"MACF",
        b"TTA1",
        b"TTA2",
        b"tBaK",
        b"OFR ",
        b"MPCK",
        b"MP+\x07",
        b"DSD ",
        b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C",
    ];
    for beginning in beginnings {
        let file = [beginning, &[0; 28], &mp3[..]].concat();
        assert!(matches!(listen(&file), Err(Undecodable::NoDecoder)), "{beginning:?}");
    }
}
