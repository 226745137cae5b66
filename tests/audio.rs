//! What the audio says of files, on pieces made like music. Codecs are measured by the bench; these run everywhere.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

#[path = "../benches/fingerprint/pieces.rs"]
mod pieces;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use isrctag::audio::Undecodable;
use isrctag::audio::cache::{Cache, FILE_NAME};
use isrctag::audio::compare::{Verdict, compare, compare_lengths};
use isrctag::audio::decode::Limits;
use isrctag::audio::fingerprint::{Fingerprint, fingerprint};
use isrctag::audio::index::Index;
use isrctag::database::Fault;
use isrctag::source::{Links, ReadAt, SourceFile};
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
fn check(file: &Vec<u8>, expected: Verdict) {
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
    check(&wav(original, RATE, 2), Verdict::Same);
    check(
        &wav(&original.iter().map(|sample| sample * 0.5).collect::<Vec<_>>(), RATE, 2),
        Verdict::Same,
    );
    check(
        &wav(&[&vec![0.0; at(0.5)], original.as_slice()].concat(), RATE, 2),
        Verdict::Same,
    );
    check(&wav(&mono(original), RATE, 1), Verdict::Same);
    // Every second sample: what lies above 11 kHz is mirrored, as a careless resampler does.
    let halved: Vec<f32> = mono(original).into_iter().step_by(2).collect();
    check(&wav(&halved, RATE / 2, 1), Verdict::Same);
    check(&flac(&mono(original)), Verdict::Same);
}

#[test]
fn a_lead_in_that_is_not_silent_is_still_the_same_recording() {
    let mut dice = pieces::Dice::new(1);
    let hiss: Vec<f32> = (0..at(0.43)).map(|_| (dice.part() - 0.5) * 0.02).collect();
    check(&wav(&[&hiss, ORIGINAL.as_slice()].concat(), RATE, 2), Verdict::Same);
}

#[test]
fn other_recordings_of_the_same_song_are_different() {
    check(&wav(&changed(|piece| piece.singer = None), RATE, 2), Verdict::Different);
    check(
        &wav(&changed(|piece| piece.singer = Some(9)), RATE, 2),
        Verdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.drums = Some(9)), RATE, 2),
        Verdict::Different,
    );
    check(&wav(&changed(|piece| piece.tempo *= 1.03), RATE, 2), Verdict::Different);
    check(&wav(&changed(|piece| piece.tempo *= 0.97), RATE, 2), Verdict::Different);
    check(
        &wav(&changed(|piece| piece.semitones += 1.0), RATE, 2),
        Verdict::Different,
    );
    check(
        &wav(&changed(|piece| piece.semitones -= 12.0), RATE, 2),
        Verdict::Different,
    );
    check(&wav(&piece(3).render(), RATE, 2), Verdict::Different);
}

#[test]
fn speed_changes_are_different() {
    check(&wav(&ORIGINAL, RATE * 103 / 100, 2), Verdict::Different);
    check(&wav(&ORIGINAL, RATE * 97 / 100, 2), Verdict::Different);
}

#[test]
fn edits_and_extended_mixes_are_different() {
    let original = &*ORIGINAL;
    check(&wav(&original[at(11.0)..], RATE, 2), Verdict::Different);
    check(
        &wav(&[&original[..at(8.0)], &original[at(12.0)..]].concat(), RATE, 2),
        Verdict::Different,
    );
    check(
        &wav(&[&original[..at(9.0)], &original[at(4.0)..]].concat(), RATE, 2),
        Verdict::Different,
    );
    check(
        &wav(&[original.as_slice(), &original[at(8.0)..]].concat(), RATE, 2),
        Verdict::Different,
    );
}

#[test]
fn a_muted_word_is_not_called_the_same() {
    let mut clean = ORIGINAL.clone();
    clean[at(10.0)..at(10.6)].fill(0.0);
    check(&wav(&clean, RATE, 2), Verdict::Undecided);
}

#[test]
fn between_five_and_ten_seconds_of_length_nobody_decides() {
    let quiet = vec![0.0; at(7.0)];
    check(
        &wav(&[ORIGINAL.as_slice(), &quiet].concat(), RATE, 2),
        Verdict::Undecided,
    );
    let short = Duration::from_secs(184);
    assert!(compare_lengths(Some(short), Some(Duration::from_secs(194))).is_none());
    let long = compare_lengths(Some(short), Some(Duration::from_secs(612))).unwrap();
    assert_eq!(long.verdict, Verdict::Different);
    assert_eq!(long.to_string(), "durations 3:04 and 10:12");
    assert!(compare_lengths(None, Some(short)).is_none());
}

#[test]
fn test_tones_are_not_told_apart() {
    let tone = |gain: f32| -> Vec<u8> {
        let samples: Vec<f32> = (0..RATE * 15)
            .map(|n| gain * (std::f32::consts::TAU * 440.0 * n as f32 / RATE as f32).sin())
            .collect();
        wav(&samples, RATE, 1)
    };
    let comparison = compare(&heard(&tone(0.5)), &heard(&tone(0.25)));
    assert_eq!(comparison.verdict, Verdict::Undecided, "{comparison}");
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
    let print = heard(&lying);
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
            assert_eq!(comparison.verdict, Verdict::Undecided, "{comparison}");
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
fn ten_hours_are_heard_for_two_minutes() {
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
    let print = listen(&SourceFile::open(&path, Links::Refuse).unwrap()).unwrap();
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
    assert!(matches!(listen(&Hostile("panics")), Err(Undecodable::DecoderPanicked)));
    assert!(matches!(listen(&Hostile("fails")), Err(Undecodable::Read(_))));
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
