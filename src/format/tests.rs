//! Random files of samples and of compressed data, under many names: none is taken for audio that it is not.

use super::*;
use crate::format::stream::identify::identify;

const SEED: u64 = 0x1A2B_3C4D;

const NAMES: [Option<&str>; 20] = [
    Some("mp3"),
    Some("mp2"),
    Some("mpa"),
    Some("aac"),
    Some("adts"),
    Some("wav"),
    Some("aiff"),
    Some("flac"),
    Some("m4a"),
    Some("ogg"),
    Some("mpc"),
    Some("wv"),
    Some("w64"),
    Some("raw"),
    Some("sd2"),
    Some("dts"),
    Some("sf"),
    Some("bin"),
    Some("zip"),
    None,
];

/// Small numbers that differ from run to run of the generator only by its seed (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// From -1 to 1.
    fn sample(&mut self) -> f64 {
        self.below(1 << 24) as f64 / f64::from(1 << 23) - 1.0
    }
}

/// Samples from -1 to 1, as masters begin: silence, then something quiet, with an offset or dither or none.
fn signal(random: &mut Random, count: usize) -> Vec<f64> {
    let level = 2f64.powi(-(random.below(24) as i32));
    let offset = [0.0, random.sample(), random.sample() / 256.0, random.sample() / 8192.0][random.below(4) as usize];
    let noise = [0.0, 1.0, 1.0 / 8_388_608.0 / level, random.sample()][random.below(4) as usize];
    let step = 0.2 * random.sample();
    let silent = if random.below(3) == 0 {
        random.below(500) as usize
    } else {
        0
    };
    let shape = random.below(3);
    let sample = |at: usize| {
        if at < silent {
            return 0.0;
        }
        let phase = step * at as f64;
        let wave = match shape {
            0 => phase.sin(),
            1 => phase.sin().signum(),
            _ => phase.fract(),
        };
        ((wave + noise * random.sample()) * level + offset).clamp(-1.0, 1.0)
    };
    (0..count).map(sample).collect()
}

fn file(random: &mut Random) -> Vec<u8> {
    let length = match random.below(30) {
        0 => 150_000,
        _ => 1000 + random.below(9000) as usize,
    };
    let is_big = random.below(2) == 0;
    let ordered = |mut bytes: Vec<u8>| {
        if is_big {
            bytes.reverse();
        }
        bytes
    };
    let samples = |random: &mut Random, width: usize| signal(random, length / width).into_iter();
    let whole = |sample: f64, bits: i32| (sample * (2f64.powi(bits - 1) - 1.0)) as i32;
    let mut bytes: Vec<u8> = match random.below(6) {
        // Most masters are of this kind, and it is the most like a stream.
        0..=2 => samples(random, 3)
            .flat_map(|sample| ordered(whole(sample, 24).to_le_bytes()[..3].to_vec()))
            .collect(),
        3 => samples(random, 2)
            .flat_map(|sample| ordered(whole(sample, 16).to_le_bytes()[..2].to_vec()))
            .collect(),
        4 => samples(random, 4)
            .flat_map(|sample| ordered((sample as f32).to_le_bytes().to_vec()))
            .collect(),
        _ => (0..length).map(|_| random.next() as u8).collect(),
    };
    // A header that was lost may leave zeros, or a tag that a program put in front.
    match random.below(6) {
        0 => bytes[..44].fill(0),
        1 => bytes = [&b"ID3\x03\0\0\0\0\0\x20"[..], &[0; 32], &bytes].concat(),
        _ => {}
    }
    bytes
}

#[test]
fn of_3000_random_files_none_is_taken_for_audio_that_it_is_not() {
    check_random(SEED, 3000);
}

fn check_random(seed: u64, count: usize) {
    let mut random = Random(seed);
    for number in 0..count {
        let (bytes, name) = (file(&mut random), NAMES[number % NAMES.len()]);
        if let Ok(front) = identify(&mut Source::new(&bytes), name) {
            let is_claimed = name
                .and_then(|name| formats::claimed(name.as_bytes()))
                .is_some_and(|formats| formats.contains(front.format));
            assert!(
                is_claimed && !front.format.is_supported(),
                "file {number} of seed {seed:x}, {name:?}: {:?} at {}",
                front.format,
                front.start
            );
        }
    }
}

#[test]
fn one_limit_of_places_holds_for_all_containers() {
    let flac = |count: usize| {
        let list = vorbis::testing::list(&vec!["ISRC=USRC17607839"; count]);
        let size = &(list.len() as u32).to_be_bytes()[1..];
        let blocks: [&[u8]; 6] = [b"fLaC\0\0\0\x22", &[0; 34], b"\x84", size, &list, &[0xFF, 0xF8, 0, 0]];
        blocks.concat()
    };
    let atom = |kind: &[u8; 4], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes(), &kind[..], body].concat();
    let mp4 = |count: usize| {
        let value = atom(b"data", b"\0\0\0\x01\0\0\0\0USRC17607839").repeat(count);
        let names = [atom(b"mean", b"\0\0\0\0a"), atom(b"name", b"\0\0\0\0ISRC")].concat();
        let item = atom(b"----", &[names, value].concat());
        let meta = atom(b"meta", &[&[0; 4], &atom(b"ilst", &item)[..]].concat());
        [atom(b"ftyp", b"M4A "), atom(b"moov", &atom(b"udta", &meta))].concat()
    };
    let build: [&dyn Fn(usize) -> Vec<u8>; 2] = [&flac, &mp4];
    for file in build {
        let places = |count| locate(&mut Source::new(&file(count)), None).map(|located| located.places.len());
        assert_eq!(places(4096).unwrap(), 4096);
        assert!(matches!(
            places(4097),
            Err(ReadError::Damaged("more codes than any real file has"))
        ));
    }
}
