//! Lists as people have them, on small albums: what the owner of a list may rightly expect of `apply`.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod against;
mod audio;
mod blanks;
mod columns;
#[path = "../common/mod.rs"]
mod common;
mod crossed;
mod kinds;
mod names;
mod programs;
mod refused;
mod remarks;
mod sets;
mod trade;
mod unheaded;
mod void;
mod weak;

use audio::Tags;
use common::{Run, Sandbox, contents};

/// The titles of the album, in track order.
const TITLES: [&str; 6] = [
    "Low Water",
    "Café del Mar",
    "Don't Stop",
    "Wintering",
    "Långt Bort",
    "Tidewater (feat. Ola Brandt)",
];

/// The code that belongs to a track.
fn code(track: u32) -> String {
    format!("QZTST26{track:05}")
}

fn tags(track: u32) -> Tags<'static> {
    Tags {
        title: TITLES[track as usize - 1],
        artist: "Maren Holt",
        album: "Small Hours",
        disc: 1,
        track,
    }
}

fn seconds(track: u32) -> f64 {
    5.0 + f64::from(track) * 0.5
}

/// The album without tags, as masters come: `01 Low Water.wav`.
fn untagged_wavs(sandbox: &Sandbox, folder: &str) {
    for track in 1..=6 {
        let name = format!("{folder}/{track:02} {}.wav", TITLES[track as usize - 1]);
        sandbox.file(&name, &audio::wav(seconds(track), track));
    }
}

/// The album as tagged FLACs.
fn flacs(sandbox: &Sandbox, folder: &str) {
    for track in 1..=6 {
        let name = format!("{folder}/{track:02} {}.flac", TITLES[track as usize - 1]);
        sandbox.file(&name, &audio::flac(seconds(track), track, Some(tags(track))));
    }
}

/// The album as tagged MP3s.
fn mp3s(sandbox: &Sandbox, folder: &str) {
    for track in 1..=6 {
        let name = format!("{folder}/{track:02} {}.mp3", TITLES[track as usize - 1]);
        sandbox.file(&name, &audio::mp3(seconds(track), tags(track)));
    }
}

/// A list of every track under these headings; `{n}`, `{t}` and `{c}` are number, title and code.
fn rows(headings: &str, row: &str) -> String {
    let mut list = format!("{headings}\n");
    for (track, title) in (1..).zip(TITLES) {
        let row = row.replace("{n}", &track.to_string()).replace("{t}", title);
        list.push_str(&row.replace("{c}", &code(track)));
        list.push('\n');
    }
    list
}

/// Runs `apply` and expects that nothing is written; gives what was said.
#[track_caller]
fn refused(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let before = contents(&sandbox.music());
    let run = sandbox.run(&[&["apply"], arguments].concat());
    assert!(run.code == 2, "exit {}: {}{}", run.code, run.stdout, run.stderr);
    assert!(contents(&sandbox.music()) == before, "a refusal wrote: {}", run.stdout);
    run
}

/// Writes a list beside the music.
fn list(sandbox: &Sandbox, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = sandbox.music().join("..").join(name);
    std::fs::write(path, bytes).unwrap();
    format!("../{name}")
}

/// A sheet of a workbook: its name, whether it is hidden, and its rows.
type Sheet<'a> = (&'a str, bool, Vec<Vec<String>>);

fn workbook(sheets: &[Sheet]) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, hidden, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap().set_hidden(*hidden).set_active(!hidden);
        for (at, row) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(row) {
                sheet.write_string(at, column, cell).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// The cells of a list as [`rows`] writes it.
fn cells(list: &str) -> Vec<Vec<String>> {
    list.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}
