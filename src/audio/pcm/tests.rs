use std::sync::atomic::{AtomicU32, Ordering};

use fs_err::write;

use super::*;

fn samples(count: u32) -> Vec<i16> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16
    };
    (0..count).map(|_| next()).collect()
}

/// A WAV of these bytes of samples.
fn wav(tag: u16, bits: u16, channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    let align = bits.div_ceil(8) * channels;
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    file.extend_from_slice(&tag.to_le_bytes());
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * u32::from(align)).to_le_bytes());
    file.extend_from_slice(&align.to_le_bytes());
    file.extend_from_slice(&bits.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&(data.len() as u32).to_le_bytes());
    file.extend_from_slice(data);
    file
}

fn bits(samples: &[i16], bits: u32) -> Vec<u8> {
    let shifted = |sample: &i16| (i32::from(*sample) << 16).to_le_bytes()[4 - bits as usize / 8..].to_vec();
    samples.iter().flat_map(shifted).collect()
}

fn seed(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/seeds").join(name);
    fs_err::read(path).unwrap()
}

/// The classes of files with these names and bytes.
fn classes_of(files: &[(&str, Vec<u8>)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, bytes)) in paths.iter().zip(files) {
        write(path, bytes).unwrap();
    }
    let found = classes(
        &Cache::none(),
        &Limits::default(),
        Links::Refuse,
        &AtomicBool::new(false),
        &paths,
    );
    let told =
        |class: Result<usize, Undecodable>| class.map_or_else(|error| error.to_string(), |class| class.to_string());
    found.into_iter().map(told).collect()
}

#[track_caller]
fn check(files: &[(&str, Vec<u8>)], expected: &[&str]) {
    assert_eq!(classes_of(files), expected);
}

#[test]
fn equal_samples_are_equal_in_every_container() {
    check(
        &[
            ("a.wav", seed("wav-untagged.wav")),
            ("b.aiff", seed("aiff-untagged.aiff")),
            ("c.aifc", seed("aifc-untagged.aifc")),
            ("d.wav", seed("rf64-untagged.wav")),
            ("e.flac", seed("flac-untagged.flac")),
            ("f.m4a", seed("alac-untagged.m4a")),
            ("g.oga", seed("oggflac-untagged.oga")),
            ("h.wav", seed("wav-bext.wav")),
            ("i.flac", seed("flac-id3-in-front.flac")),
            ("j.caf", seed("caf-untagged.caf")),
            ("k.caf", alac_in_caf()),
        ],
        &["0", "0", "0", "0", "4", "4", "4", "0", "4", "0", "0"],
    );
}

/// The seed counts its last packet as a full one, as ffmpeg does; here its packet table says how many frames are in it, and
/// how many are left (Apple's Core Audio Format, "Packet Table Chunk").
fn alac_in_caf() -> Vec<u8> {
    let mut file = seed("caf-alac-hyphens.caf");
    let table = file.windows(4).position(|window| window == b"pakt").unwrap();
    let valid = table + 12 + 8;
    assert_eq!(file[valid..valid + 8], 4096u64.to_be_bytes());
    file[valid..valid + 8].copy_from_slice(&1600u64.to_be_bytes());
    file[valid + 12..valid + 16].copy_from_slice(&2496u32.to_be_bytes());
    file
}

#[test]
fn a_flac_decoded_says_what_it_states() {
    let file = seed("flac-untagged.flac");
    let digest = |claim| read(&file, Some("flac"), &Limits::default(), claim).unwrap().digest;
    assert_eq!(
        digest(Md5Claim::Believed).key(true),
        digest(Md5Claim::Ignored).key(true)
    );
}

#[test]
fn a_narrow_sample_in_a_wide_one_is_the_same() {
    let sound = samples(5000);
    let floats: Vec<u8> = sound
        .iter()
        .flat_map(|sample| (f32::from(*sample) / 32768.0).to_le_bytes())
        .collect();
    let mut other = bits(&sound, 24);
    other[0] = 1;
    check(
        &[
            ("a.wav", wav(1, 16, 1, 8000, &bits(&sound, 16))),
            ("b.wav", wav(1, 24, 1, 8000, &bits(&sound, 24))),
            ("c.wav", wav(1, 32, 1, 8000, &bits(&sound, 32))),
            ("d.wav", wav(3, 32, 1, 8000, &floats)),
            ("e.wav", wav(1, 24, 1, 8000, &other)),
            ("f.wav", wav(1, 24, 1, 8000, &other)),
        ],
        &["0", "0", "0", "0", "4", "4"],
    );
    let eight: Vec<u8> = sound.iter().map(|sample| (sample >> 8) as u8 ^ 0x80).collect();
    let sixteen: Vec<i16> = sound.iter().map(|sample| sample & -256).collect();
    check(
        &[
            ("a.wav", wav(1, 8, 1, 8000, &eight)),
            ("b.wav", wav(1, 16, 1, 8000, &bits(&sixteen, 16))),
        ],
        &["0", "0"],
    );
}

#[test]
fn rate_channels_and_every_sample_count() {
    let sound = bits(&samples(5000), 16);
    let mut changed = sound.clone();
    changed[9999] ^= 1;
    check(
        &[
            ("a.wav", wav(1, 16, 1, 8000, &sound)),
            ("b.wav", wav(1, 16, 1, 8001, &sound)),
            ("c.wav", wav(1, 16, 2, 8000, &sound)),
            ("d.wav", wav(1, 16, 1, 8000, &sound[..9998])),
            ("e.wav", wav(1, 16, 1, 8000, &changed)),
            ("f.wav", wav(1, 16, 6, 8000, &sound[..9996])),
            ("g.wav", wav(1, 16, 6, 8000, &sound[..9996])),
        ],
        &["0", "1", "2", "3", "4", "5", "5"],
    );
}

#[test]
fn silence_is_no_evidence() {
    let level: Vec<u8> = [7, 1].repeat(5000);
    let faint: Vec<i16> = samples(5000).iter().map(|sample| sample / 1024).collect();
    let soft: Vec<i16> = samples(5000).iter().map(|sample| sample / 512).collect();
    let float = |sample: &i16| (f32::from(*sample) / 32768.0).to_le_bytes();
    for (width, tag) in [(16, 1), (24, 1), (32, 1), (32, 3)] {
        let file = |sound: &[i16]| match tag {
            1 => wav(1, width, 1, 8000, &bits(sound, u32::from(width))),
            _ => wav(3, 32, 1, 8000, &sound.iter().flat_map(float).collect::<Vec<u8>>()),
        };
        let silent = "nothing but silence to compare";
        let pair = |sound: &[i16]| classes_of(&[("a.wav", file(sound)), ("b.wav", file(sound))]);
        assert_eq!(pair(&faint), [silent, silent], "{width} {tag}");
        assert_eq!(pair(&soft), ["0", "0"], "{width} {tag}");
    }
    check(
        &[
            ("a.wav", wav(1, 16, 1, 8000, &vec![0; 10_000])),
            ("b.wav", wav(1, 16, 1, 8000, &vec![0; 10_000])),
            ("c.wav", wav(1, 16, 1, 8000, &level)),
            ("d.wav", wav(1, 16, 1, 8000, &[])),
        ],
        &[
            "nothing but silence to compare",
            "nothing but silence to compare",
            "nothing but silence to compare",
            "its audio is damaged",
        ],
    );
}

#[test]
fn what_is_damaged_or_cut_gets_no_answer() {
    let whole = wav(1, 16, 1, 8000, &bits(&samples(5000), 16));
    let flac = seed("flac-untagged.flac");
    let mut broken = flac.clone();
    let middle = broken.len() - 2000;
    broken[middle] ^= 0x55;
    let alac = seed("alac-untagged.m4a");
    for (name, cut) in [
        ("a.wav", &whole[..whole.len() - 2]),
        ("a.flac", &flac[..flac.len() - 100]),
        ("a.m4a", &alac[..alac.len() - 1]),
    ] {
        let cut = cut.to_vec();
        let found = read(&cut, name.split('.').nth(1), &Limits::default(), Md5Claim::Believed);
        assert!(found.is_err(), "{name}: {found:?}");
    }
    let found = read(&broken, Some("flac"), &Limits::default(), Md5Claim::Ignored);
    assert!(matches!(found, Err(Undecodable::Broken)), "{found:?}");
    // Streamed: nobody ever wrote its length.
    let mut unfinished = whole.clone();
    unfinished[40..44].fill(0xff);
    assert!(read(&unfinished, Some("wav"), &Limits::default(), Md5Claim::Ignored).is_err());
}

#[test]
fn what_is_not_lossless_is_told() {
    let told = |name: &str| {
        let extension = name.rsplit_once('.').unwrap().1;
        layout(&seed(name), Some(extension), &Limits::default())
            .expect_err(name)
            .to_string()
    };
    assert_eq!(told("mp3-untagged.mp3"), "its format is not lossless");
    assert_eq!(told("m4a-untagged.m4a"), "its format is not lossless");
    assert_eq!(told("wavpack-untagged.wv"), "no decoder for its audio");
    let wide = wav(3, 64, 1, 8000, &[0; 80]);
    assert!(matches!(
        layout(&wide, None, &Limits::default()),
        Err(Undecodable::NoDecoder)
    ));
}

#[test]
fn hostile_headers_end_in_an_error() {
    let whole = wav(1, 16, 1, 8000, &bits(&samples(50), 16));
    let aiff = seed("aiff-untagged.aiff");
    for file in [&whole, &aiff] {
        for at in 0..64.min(file.len()) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut hostile = file.clone();
                hostile[at] = value;
                // Whatever it says, it neither fails nor takes for ever.
                let _told = read(&hostile, Some("wav"), &Limits::default(), Md5Claim::Believed);
            }
        }
    }
}

#[test]
fn digests_are_kept_as_bytes() {
    let file = seed("flac-untagged.flac");
    for claim in [Md5Claim::Believed, Md5Claim::Ignored] {
        let pcm = read(&file, Some("flac"), &Limits::default(), claim).unwrap();
        assert_eq!(Pcm::from_bytes(&pcm.to_bytes()), Some(pcm));
    }
    assert_eq!(Pcm::from_bytes(b"short"), None);
}

/// A cache in a folder, and how many files' samples it keeps.
fn kept(folder: &Path) -> i64 {
    let database = rusqlite::Connection::open(folder.join(crate::audio::cache::FILE_NAME)).unwrap();
    database
        .query_row("SELECT count(*) FROM pcm", [], |row| row.get(0))
        .unwrap()
}

fn read_through(cache: &Cache, path: &Path) -> Pcm {
    let file = SourceFile::open(path, Links::Refuse).unwrap();
    let extension = path.extension().and_then(|extension| extension.to_str());
    cache
        .pcm(&file, extension, &Limits::default(), Md5Claim::Ignored)
        .unwrap()
}

/// What was decoded is known by its packets: in a copy, in another folder, and behind other tags.
#[test]
fn decoded_samples_are_found_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path()).unwrap();
    let mut found = Vec::new();
    for (name, seeds) in [
        ("a.flac", ["flac-untagged.flac", "flac-picture-between.flac"]),
        ("a.m4a", ["alac-untagged.m4a", "alac-untagged.m4a"]),
    ] {
        for seed_name in seeds {
            let path = folder
                .path()
                .join(format!("{seed_name}-{}", found.len()))
                .with_extension(&name[2..]);
            write(&path, seed(seed_name)).unwrap();
            found.push(read_through(&cache, &path));
        }
    }
    assert!(
        found
            .windows(2)
            .all(|two| two[0].digest.key(true) == two[1].digest.key(true))
    );
    // Just written, so that none is known by its times: one content of the FLACs, one of the ALACs.
    assert_eq!(kept(folder.path()), 2);
}

#[test]
fn a_cache_of_any_layout_before_is_brought_up() {
    for (before, layout) in [
        ("DROP TABLE pcm", 1),
        (
            "DROP TABLE pcm; CREATE TABLE pcm (identity BLOB PRIMARY KEY NOT NULL, pcm BLOB NOT NULL)",
            2,
        ),
        (
            "DROP TABLE pcm; CREATE TABLE pcm (identity BLOB PRIMARY KEY NOT NULL, pcm BLOB NOT NULL)",
            3,
        ),
        ("INSERT INTO pcm VALUES (x'05', x'06')", 4),
    ] {
        let folder = tempfile::tempdir().unwrap();
        drop(Cache::open(folder.path()).unwrap());
        let database = rusqlite::Connection::open(folder.path().join(crate::audio::cache::FILE_NAME)).unwrap();
        let old = "INSERT INTO prints VALUES (x'01', x'02'); INSERT INTO files VALUES (x'01', 1, x'01');";
        database
            .execute_batch(&format!("{before}; {old} PRAGMA user_version = {layout};"))
            .unwrap();
        drop(database);
        let cache = Cache::open(folder.path()).unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/seeds/alac-untagged.m4a");
        let found = read_through(&cache, &path);
        assert_eq!(read_through(&cache, &path), found);
        assert!(kept(folder.path()) > 0, "{layout}");
        let database = rusqlite::Connection::open(folder.path().join(crate::audio::cache::FILE_NAME)).unwrap();
        let prints: i64 = database
            .query_row("SELECT count(*) FROM prints", [], |row| row.get(0))
            .unwrap();
        // No earlier fingerprint can be compared with one of today; samples are what they were.
        assert_eq!(prints, 0, "{layout}");
        let samples: i64 = database
            .query_row("SELECT count(*) FROM pcm WHERE key = x'05'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(samples, i64::from(layout == 4), "{layout}");
    }
}

/// An archive has many silent tracks, and a scan asks each.
#[test]
fn a_flac_of_one_value_a_frame_is_not_decoded_for_sound() {
    struct Counted(Vec<u8>, AtomicU32);
    impl ReadAt for Counted {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read_at(buffer, offset)
        }
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
    }
    let told = |largest_frame: Option<u8>| {
        let mut bytes = seed("flac-tagged.flac");
        if let Some(size) = largest_frame {
            // In bytes (RFC 9639, section 8.2).
            bytes[15..18].copy_from_slice(&[0, 0, size]);
        }
        let file = Counted(bytes.clone(), AtomicU32::new(0));
        let is_told = stated_samples(&bytes, &file).0.is_some();
        (is_told, file.1.into_inner() > 0)
    };
    assert_eq!([None, Some(17)].map(told), [(true, false), (false, false)]);
    let (_, is_read) = told(Some(40));
    assert!(is_read);
}
