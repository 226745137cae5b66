//! What reading a list and matching it with files costs, without opening the files: 10,000 rows against 10,000 files,
//! and ten times both.
//!
//! `cargo bench --bench list`. Processor time, medians of five rounds; the peak of memory is the kernel's mark of the
//! process (Linux only).

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use isrctag::internals::{Description, FileInfo, Folders, Format, Headers, Matcher, Reading, Replace, parse};
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 5;

fn main() {
    for (name, row) in [
        ("path, title, code", row_of_path as fn(u32) -> String),
        ("album, number, title, code", row_of_title),
        ("equal titles", row_of_one_title),
    ] {
        let [small, large] = [10_000, 100_000].map(|count| measured(count, row, name == "equal titles"));
        println!(
            "{name:<28} 10,000: {:6.3} s of CPU   100,000: {:6.3} s   ratio {:5.1}",
            small.as_secs_f64(),
            large.as_secs_f64(),
            large.as_secs_f64() / small.as_secs_f64()
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
        println!("peak of memory {}", peak.trim());
    }
}

fn row_of_path(at: u32) -> String {
    format!(
        "Album {}/{:02} Song {at}.flac,,,Song {at},QZTST26{at:05}\n",
        at / 12,
        at % 12 + 1
    )
}

fn row_of_title(at: u32) -> String {
    format!(",Album {},{},Song {at},QZTST26{at:05}\n", at / 12, at % 12 + 1)
}

fn row_of_one_title(at: u32) -> String {
    format!(",,,Song,QZTST26{at:05}\n")
}

fn file(at: u32, one_title: bool) -> FileInfo {
    let title = if one_title {
        "Song".to_owned()
    } else {
        format!("Song {at}")
    };
    FileInfo {
        path: PathBuf::from(format!("Album {}/{:02} Song {at}.flac", at / 12, at % 12 + 1)),
        format: Some(Format::Flac),
        description: Description {
            title: Some(title),
            artist: Some("Artist".to_owned()),
            album: Some(format!("Album {}", at / 12)),
            track: Some(at % 12 + 1),
            duration: Some(Duration::from_secs(180 + u64::from(at % 60))),
            ..Description::default()
        },
        ..FileInfo::default()
    }
}

fn measured(count: u32, row: fn(u32) -> String, one_title: bool) -> Duration {
    let files: Vec<FileInfo> = (0..count).map(|at| file(at, one_title)).collect();
    let list: String = ["path,album,track,title,isrc\n".to_owned()]
        .into_iter()
        .chain((0..count).map(row))
        .collect();
    let reading = Reading {
        this_year: 2026,
        ..Reading::default()
    };
    let folders = Folders {
        current: PathBuf::from("/music"),
        list: PathBuf::from("/lists"),
    };
    let matcher = Matcher {
        reaches_equal: true,
        folders: &folders,
        replace: Replace::Refuse,
        in_order: false,
        samples: &Headers,
    };
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = cpu();
            let list = parse(list.as_bytes(), "csv", &reading, encoding_rs::UTF_8).unwrap();
            let matching = matcher.run(&list, &files);
            if !one_title {
                assert_eq!(matching.matched.len(), count as usize);
            }
            black_box(matching);
            cpu() - begun
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
