//! Small albums made on the spot: sound without meaning, headers and tags as real programs write them.

/// What a test says of one track.
#[derive(Debug, Clone, Copy)]
pub struct Tags<'a> {
    pub title: &'a str,
    pub artist: &'a str,
    pub album: &'a str,
    pub disc: u32,
    pub track: u32,
}

const RATE: u32 = 8000;

/// Samples that differ from seed to seed.
pub fn samples(seconds: f64, seed: u32) -> Vec<i16> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let count = (f64::from(RATE) * seconds) as usize;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 20) as i16
    };
    (0..count).map(next).collect()
}

/// A mono WAV without tags.
pub fn wav(seconds: f64, seed: u32) -> Vec<u8> {
    wav_of(&samples(seconds, seed))
}

/// A WAV of these samples.
pub fn wav_of(samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    let mut out = b"RIFF".to_vec();
    out.extend((36 + data.len() as u32).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * 2).to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out
}

/// A mono FLAC of verbatim frames, with Vorbis comments if tags are given.
pub fn flac(seconds: f64, seed: u32, tags: Option<Tags>) -> Vec<u8> {
    flac_of(&samples(seconds, seed), tags)
}

/// A FLAC of these samples.
pub fn flac_of(samples: &[i16], tags: Option<Tags>) -> Vec<u8> {
    let mut out = b"fLaC\0\0\0\x22".to_vec();
    out.extend(4096u16.to_be_bytes());
    out.extend(4096u16.to_be_bytes());
    out.extend([0; 6]);
    // Rate in 20 bits, channels less one in 3, bits less one in 5, samples in 36; the MD5 is left unknown.
    let packed = (u64::from(RATE) << 44) | (15 << 36) | samples.len() as u64;
    out.extend(packed.to_be_bytes());
    out.extend([0; 16]);
    let mut comments = Vec::new();
    if let Some(tags) = tags {
        comments.push(format!("TITLE={}", tags.title));
        comments.push(format!("ARTIST={}", tags.artist));
        comments.push(format!("ALBUM={}", tags.album));
        comments.push(format!("DISCNUMBER={}", tags.disc));
        comments.push(format!("TRACKNUMBER={}", tags.track));
    }
    let mut block = 4u32.to_le_bytes().to_vec();
    block.extend(b"test");
    block.extend((comments.len() as u32).to_le_bytes());
    for comment in comments {
        block.extend((comment.len() as u32).to_le_bytes());
        block.extend(comment.as_bytes());
    }
    out.extend([0x84, 0]);
    out.extend((block.len() as u16).to_be_bytes());
    out.extend(block);
    for (number, frame) in samples.chunks(4096).enumerate() {
        out.extend(flac_frame(number as u8, frame));
    }
    out
}

fn flac_frame(number: u8, samples: &[i16]) -> Vec<u8> {
    assert!(number < 128, "the frame's number is one byte");
    // Block size in 16 bits behind the header, rate as in STREAMINFO, one channel, 16 bits.
    let mut frame = vec![0xff, 0xf8, 0x70, 0x08, number];
    frame.extend((samples.len() as u16 - 1).to_be_bytes());
    frame.push(crc(&frame, 8, 0x07) as u8);
    frame.push(0x02);
    frame.extend(samples.iter().flat_map(|sample| sample.to_be_bytes()));
    let check = crc(&frame, 16, 0x8005);
    frame.extend(check.to_be_bytes());
    frame
}

fn crc(bytes: &[u8], width: u32, polynomial: u16) -> u16 {
    let top = 1u16 << (width - 1);
    let mask = if width == 16 { u16::MAX } else { 0xff };
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << (width - 8)), |crc, _| {
            mask & if crc & top == 0 {
                crc << 1
            } else {
                (crc << 1) ^ polynomial
            }
        })
    })
}

/// A silent MP3 with an ID3v2.3 tag.
pub fn mp3(seconds: f64, tags: Tags) -> Vec<u8> {
    let mut frames = Vec::new();
    let texts = [
        (b"TIT2", tags.title.to_owned()),
        (b"TPE1", tags.artist.to_owned()),
        (b"TALB", tags.album.to_owned()),
        (b"TPOS", tags.disc.to_string()),
        (b"TRCK", tags.track.to_string()),
    ];
    for (id, text) in texts {
        let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        frames.extend(id);
        frames.extend((text.len() as u32 + 3).to_be_bytes());
        frames.extend(b"\0\0\x01\xff\xfe");
        frames.extend(text);
    }
    let size = frames.len() as u32;
    let mut out = b"ID3\x03\0\0".to_vec();
    out.extend([21, 14, 7, 0].map(|shift| ((size >> shift) & 0x7f) as u8));
    out.extend(frames);
    // MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono: 104 bytes a frame, 1152 samples.
    let mut frame = vec![0xff, 0xfb, 0x10, 0xc4];
    frame.resize(104, 0);
    let count = (seconds * 44_100.0 / 1152.0).round() as usize;
    out.extend(frame.repeat(count));
    out
}

/// Three tracks as WAV masters without tags, FLAC and MP3, all without codes: paths and contents.
#[allow(dead_code, reason = "not every suite needs it")]
pub fn tidewater() -> Vec<(String, Vec<u8>)> {
    let track = |(number, title)| {
        let tags = Tags {
            title,
            artist: "Lantern Street",
            album: "Tidewater",
            disc: 1,
            track: number,
        };
        let length = 8.0 - f64::from(number);
        let name = |folder: &str, ending: &str| format!("Album/{folder}/{number:02} {title}.{ending}");
        [
            (name("FLAC", "flac"), flac(length, number, Some(tags))),
            (name("MP3", "mp3"), mp3(length, tags)),
            (name("WAV", "wav"), wav(length, number)),
        ]
    };
    let tracks = [(1, "Low Water"), (2, "Pilot Boat"), (3, "Estuary")];
    tracks.into_iter().flat_map(track).collect()
}
