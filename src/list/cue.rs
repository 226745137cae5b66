//! Cue sheets: `ISRC` lines inside `TRACK` (CDRWIN user's guide, "Cue sheet commands"). A track's file is the one in
//! which its INDEX 01 stands; a file with several tracks is an album in one piece, whose codes belong into its
//! CUESHEET block.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use super::duration::DurationCell;
use super::{Code, Ending, List, ListError, Numbering, ROW_LIMIT, Reading, Row};
use crate::tags::Description;

/// A track of a table of contents, as it is read line by line.
#[derive(Debug, Default)]
pub(super) struct Track {
    pub(super) line: u32,
    pub(super) number: u32,
    pub(super) file: Option<usize>,
    /// Where it begins in its file, in frames of which 75 are a second.
    pub(super) start: Option<u64>,
    pub(super) title: Option<String>,
    pub(super) artist: Option<String>,
    pub(super) code: Option<(u32, Code)>,
}

impl Track {
    /// Takes an ISRC line. The same line twice is one.
    pub(super) fn set_code(&mut self, line: u32, code: Code) -> Result<(), ListError> {
        match &self.code {
            Some((_, known)) if *known != code => Err(ListError::Cue {
                line,
                why: "a second, different ISRC for one TRACK",
            }),
            Some(_) => Ok(()),
            None => {
                self.code = Some((line, code));
                Ok(())
            }
        }
    }
}

/// A table of contents: the tracks with the files that they stand in, and what is said of all of them.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) files: Vec<PathBuf>,
    pub(super) tracks: Vec<Track>,
    pub(super) album: Option<String>,
    pub(super) artist: Option<String>,
}

pub(super) fn read(text: &str, reading: &Reading) -> Result<List, ListError> {
    let mut contents = Contents::default();
    for (number, line) in (1..).zip(text.lines()) {
        let wrong = |why| ListError::Cue { line: number, why };
        let line = line.trim();
        let (command, rest) = line
            .split_once(|letter: char| letter.is_whitespace())
            .unwrap_or((line, ""));
        let rest = rest.trim();
        let Contents { files, tracks, .. } = &mut contents;
        match command.to_ascii_uppercase().as_str() {
            "FILE" => files.push(PathBuf::from(quoted(rest).ok_or(wrong("FILE names no file"))?)),
            "TRACK" => {
                if tracks.len() == ROW_LIMIT {
                    return Err(ListError::TooManyRows);
                }
                let digits = rest.split_whitespace().next().unwrap_or("");
                tracks.push(Track {
                    line: number,
                    number: digits.parse().map_err(|_| wrong("TRACK has no number"))?,
                    file: files.len().checked_sub(1),
                    ..Track::default()
                });
            }
            "INDEX" => {
                // Sheets that keep gaps at the end of files name the next file between INDEX 00 and INDEX 01.
                let mut words = rest.split_whitespace();
                let is_start = words.next().and_then(|digits| digits.parse().ok()) == Some(1u32);
                if let Some(track) = tracks.last_mut().filter(|track| is_start && track.start.is_none()) {
                    track.start = Some(words.next().and_then(frames).unwrap_or(0));
                    track.file = files.len().checked_sub(1);
                }
            }
            "ISRC" => {
                let track = tracks.last_mut().ok_or(wrong("ISRC stands outside a TRACK"))?;
                track.set_code(number, Code::judge(quoted(rest).unwrap_or(rest), reading.this_year))?;
            }
            "TITLE" | "PERFORMER" => {
                let value = quoted(rest).map(str::to_owned);
                let is_title = command.eq_ignore_ascii_case("TITLE");
                match (tracks.last_mut(), is_title) {
                    (Some(track), true) => track.title = value,
                    (Some(track), false) => track.artist = value,
                    (None, true) => contents.album = value,
                    (None, false) => contents.artist = value,
                }
            }
            _ => {}
        }
    }
    contents.list()
}

impl Contents {
    /// The rows: one a track.
    pub(super) fn list(self) -> Result<List, ListError> {
        let Contents {
            files,
            tracks,
            album,
            artist,
        } = self;
        let mut tracks_of_file: HashMap<usize, u32> = HashMap::new();
        for file in tracks.iter().filter_map(|track| track.file) {
            *tracks_of_file.entry(file).or_default() += 1;
        }
        let mut rows = Vec::with_capacity(tracks.len());
        let lengths = lengths(&tracks);
        for (track, length) in tracks.into_iter().zip(lengths) {
            let is_part = track
                .file
                .is_some_and(|file| tracks_of_file.get(&file).is_some_and(|count| *count > 1));
            let cuesheet_track = match is_part {
                true => {
                    let why = "TRACK has no number from 1 to 99";
                    let number = u8::try_from(track.number)
                        .ok()
                        .filter(|number| (1..=99).contains(number));
                    Some(number.ok_or(ListError::Cue { line: track.line, why })?)
                }
                false => None,
            };
            let (number, code) = track.code.unwrap_or((track.line, Code::None));
            rows.push(Row {
                number,
                sheet: 0,
                code,
                file: track.file.and_then(|file| files.get(file).cloned()),
                ending: Ending::Loose,
                description: Description {
                    title: track.title,
                    artist: track.artist.or_else(|| artist.clone()),
                    album: album.clone(),
                    track: Some(track.number),
                    duration: length,
                    ..Description::default()
                },
                duration: length.map_or(DurationCell::None, DurationCell::exactly),
                upc: None,
                published: None,
                content_type: None,
                code_state: None,
                above: None,
                advisory: None,
                cuesheet_track,
            });
        }
        Ok(List {
            rows,
            numbering: Numbering::Lines,
            ..List::default()
        })
    }
}

/// How long each track is that another one follows in the same file.
fn lengths(tracks: &[Track]) -> Vec<Option<Duration>> {
    let next = tracks.iter().skip(1).map(Some).chain([None]);
    let length = |(track, next): (&Track, Option<&Track>)| {
        let next = next.filter(|next| next.file == track.file)?;
        let frames = next.start?.checked_sub(track.start?).filter(|frames| *frames > 0)?;
        Some(Duration::from_millis(frames * 1000 / 75))
    };
    tracks.iter().zip(next).map(length).collect()
}

/// Minutes, seconds and frames: "03:04:12".
fn frames(time: &str) -> Option<u64> {
    let parts: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [minutes, seconds, frames] if minutes < 10_000 => Some((minutes * 60 + seconds.min(59)) * 75 + frames.min(74)),
        _ => None,
    }
}

/// The text in quotes, or the first word.
fn quoted(rest: &str) -> Option<&str> {
    let text = match rest.strip_prefix('"') {
        Some(rest) => rest.split_once('"').map_or(rest, |(text, _)| text),
        // A name without quotes may still hold spaces; the last word is the type of the file.
        None => match rest.rsplit_once(|letter: char| letter.is_whitespace()) {
            Some((name, kind)) if is_kind(kind) => name.trim_end(),
            _ => rest,
        },
    };
    (!text.is_empty()).then_some(text)
}

fn is_kind(word: &str) -> bool {
    ["WAVE", "MP3", "AIFF", "BINARY", "MOTOROLA", "FLAC"]
        .iter()
        .any(|kind| kind.eq_ignore_ascii_case(word))
}
