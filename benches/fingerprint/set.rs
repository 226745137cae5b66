//! The set that thresholds are measured on: each piece as the files it stands in, and its versions that are other
//! recordings. Lossy files are made by ffmpeg.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::pieces::{Piece, RATE, wav};

pub const PIECES: u64 = 32;

/// One file of the set.
#[derive(Debug, Clone)]
pub struct Item {
    pub piece: u64,
    /// Files of one piece with one `version` are one recording.
    pub version: String,
    /// What was done to the recording for this file.
    pub form: String,
    pub path: PathBuf,
}

/// ffmpeg's arguments for each form that a recording stands in.
const FORMS: [(&str, &str, &str); 13] = [
    ("flac", "flac", ""),
    ("mp3-128", "mp3", "-c:a libmp3lame -b:a 128k"),
    ("mp3-320", "mp3", "-c:a libmp3lame -b:a 320k"),
    ("aac", "m4a", "-c:a aac -b:a 128k"),
    ("vorbis", "ogg", "-c:a libvorbis -q:a 4"),
    ("opus", "opus", "-c:a libopus -b:a 96k"),
    ("lead-in", "flac", "-af adelay=500:all=1"),
    (
        "lead-in, mp3-128",
        "mp3",
        "-af adelay=500:all=1 -c:a libmp3lame -b:a 128k",
    ),
    ("-6 dB", "flac", "-af volume=-6dB"),
    ("-6 dB, opus", "opus", "-af volume=-6dB -c:a libopus -b:a 64k"),
    ("48 kHz", "flac", "-ar 48000"),
    ("22.05 kHz", "wav", "-ar 22050"),
    (
        "48 kHz, lead-in, aac",
        "m4a",
        "-af adelay=500:all=1 -ar 48000 -c:a aac -b:a 96k",
    ),
];

/// What ffmpeg makes of a recording that is another recording then.
const CHANGES: [(&str, &str); 8] = [
    ("tempo +3 %", "-af atempo=1.03"),
    ("tempo -3 %", "-af atempo=0.97"),
    ("tempo +6 %", "-af atempo=1.06"),
    ("speed +3 %", "-af asetrate=45423,aresample=44100"),
    ("speed -4 %", "-af asetrate=42336,aresample=44100"),
    ("pitch +1", "-af asetrate=46722,aresample=44100,atempo=0.943874"),
    ("pitch -2", "-af asetrate=39287,aresample=44100,atempo=1.122462"),
    ("pitch +12", "-af asetrate=88200,aresample=44100,atempo=0.5"),
];

/// Makes what is missing of the set in `folder`, and lists it.
pub fn make(folder: &Path) -> Vec<Item> {
    fs_err::create_dir_all(folder).unwrap();
    let mut items = Vec::new();
    for seed in 0..PIECES {
        let piece = Piece::new(seed);
        let base = folder.join(format!("{seed:02}.wav"));
        let add = |items: &mut Vec<Item>, version: &str, form: &str, extension: &str, from: &Path, arguments: &str| {
            let name = format!("{seed:02} {version} {form}.{extension}").replace('%', "pc");
            let path = folder.join(name);
            if !path.exists() {
                ffmpeg(from, arguments, &path);
            }
            let (version, form) = (version.to_owned(), form.to_owned());
            items.push(Item {
                piece: seed,
                version,
                form,
                path,
            });
        };
        let original = render(&piece, &base);
        for (form, extension, arguments) in FORMS {
            add(&mut items, "original", form, extension, &base, arguments);
        }
        for (version, arguments) in CHANGES {
            add(&mut items, version, "flac", "flac", &base, arguments);
        }
        for (version, samples) in versions(&piece, &original) {
            let wave = folder.join(format!("{seed:02} {version}.wav").replace('%', "pc"));
            if !wave.exists() {
                fs_err::write(&wave, wav(&samples(), RATE, 2)).unwrap();
            }
            let (version, form) = (version.to_owned(), "wav".to_owned());
            add(
                &mut items,
                &version,
                "mp3-128",
                "mp3",
                &wave,
                "-c:a libmp3lame -b:a 128k",
            );
            items.push(Item {
                piece: seed,
                version,
                form,
                path: wave,
            });
        }
    }
    items
}

type Samples<'a> = Box<dyn Fn() -> Vec<f32> + 'a>;

/// Versions that are other recordings by how they were made.
fn versions<'a>(piece: &'a Piece, original: &'a [f32]) -> Vec<(&'static str, Samples<'a>)> {
    let at = |seconds: f32| (seconds * RATE as f32) as usize * 2;
    let other = move |change: fn(&mut Piece)| -> Samples<'a> {
        let mut piece = piece.clone();
        change(&mut piece);
        Box::new(move || piece.render())
    };
    let join = move |parts: Vec<std::ops::Range<f32>>| -> Samples<'a> {
        Box::new(move || {
            let mut joined = Vec::new();
            for part in &parts {
                let range = at(part.start)..at(part.end).min(original.len());
                joined.extend_from_slice(&original[range]);
            }
            joined
        })
    };
    let end = piece.seconds;
    let mut versions = vec![
        ("edit, intro gone", join(vec![12.0..end])),
        ("edit, 7 s of the middle gone", join(vec![0.0..20.0, 27.0..end])),
        ("edit, 3 s of the middle gone", join(vec![0.0..21.0, 24.0..end])),
        (
            "edit, same length",
            join(vec![0.0..15.0, 22.0..end, end - 9.0..end - 2.0]),
        ),
        ("extended, intro twice", join(vec![0.0..16.0, 0.0..end])),
        ("extended, middle twice", join(vec![0.0..30.0, 18.0..end])),
        ("extended, end twice", join(vec![0.0..end, end - 14.0..end])),
        (
            "other drums",
            other(|piece| piece.drums = Some(piece.drums.unwrap_or(7) + 77)),
        ),
        (
            "other take",
            other(|piece| {
                piece.take += 9;
                piece.tempo *= 1.01;
                piece.timbre += 5;
            }),
        ),
        ("other instruments", other(|piece| piece.timbre += 11)),
        ("tempo +3 %, played", other(|piece| piece.tempo *= 1.03)),
        ("tempo -5 %, played", other(|piece| piece.tempo *= 0.95)),
        ("pitch +1, played", other(|piece| piece.semitones += 1.0)),
        ("pitch -12, played", other(|piece| piece.semitones -= 12.0)),
        (
            "same chords, other piece",
            other(|piece| {
                piece.singer = Some(piece.singer.unwrap_or(5) + 500);
                piece.drums = Some(piece.drums.unwrap_or(7) + 500);
                piece.timbre += 500;
                piece.take += 500;
            }),
        ),
    ];
    if piece.singer.is_some() {
        versions.push((
            "other singer",
            other(|piece| piece.singer = piece.singer.map(|singer| singer + 50)),
        ));
        versions.push(("instrumental", other(|piece| piece.singer = None)));
    }
    versions
}

fn render(piece: &Piece, path: &Path) -> Vec<f32> {
    let samples = piece.render();
    if !path.exists() {
        fs_err::write(path, wav(&samples, RATE, 2)).unwrap();
    }
    samples
}

fn ffmpeg(from: &Path, arguments: &str, to: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y", "-i"])
        .arg(from)
        .args(arguments.split_whitespace())
        .arg(to)
        .stdout(Stdio::null())
        .status()
        .expect("ffmpeg makes the lossy files of the set");
    assert!(status.success(), "{}", to.display());
}
