//! Cue sheets: `ISRC` lines inside `TRACK` (CDRWIN user's guide, "Cue sheet commands"). A track's file is the one in
//! which its INDEX 01 stands; a file with several tracks is an album in one piece, whose codes belong into its
//! CUESHEET block.

use std::collections::HashMap;
use std::path::PathBuf;

use super::duration::DurationCell;
use super::{Code, Ending, List, ListError, Numbering, ROW_LIMIT, Reading, Row, text};
use crate::tags::Description;

#[derive(Debug)]
struct Track {
    line: u32,
    number: u32,
    file: Option<usize>,
    begun: bool,
    title: Option<String>,
    artist: Option<String>,
    code: Option<(u32, Code)>,
}

pub(super) fn read(bytes: &[u8], reading: &Reading) -> Result<List, ListError> {
    let text = text::decoded(bytes);
    let mut files: Vec<PathBuf> = Vec::new();
    let mut tracks: Vec<Track> = Vec::new();
    let mut album = None;
    let mut artist = None;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let wrong = |why| ListError::Cue { line: number, why };
        let line = line.trim();
        let (command, rest) = line
            .split_once(|letter: char| letter.is_whitespace())
            .unwrap_or((line, ""));
        let rest = rest.trim();
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
                    begun: false,
                    title: None,
                    artist: None,
                    code: None,
                });
            }
            "INDEX" => {
                // Sheets that keep gaps at the end of files name the next file between INDEX 00 and INDEX 01.
                let is_start = rest.split_whitespace().next().and_then(|digits| digits.parse().ok()) == Some(1u32);
                if let Some(track) = tracks.last_mut().filter(|track| is_start && !track.begun) {
                    track.begun = true;
                    track.file = files.len().checked_sub(1);
                }
            }
            "ISRC" => {
                let track = tracks.last_mut().ok_or(wrong("ISRC stands outside a TRACK"))?;
                if track.code.is_some() {
                    return Err(wrong("a second ISRC for one TRACK"));
                }
                let code = quoted(rest).unwrap_or(rest);
                track.code = Some((number, Code::judge(code, reading.this_year)));
            }
            "TITLE" | "PERFORMER" => {
                let value = quoted(rest).map(str::to_owned);
                let is_title = command.eq_ignore_ascii_case("TITLE");
                match (tracks.last_mut(), is_title) {
                    (Some(track), true) => track.title = value,
                    (Some(track), false) => track.artist = value,
                    (None, true) => album = value,
                    (None, false) => artist = value,
                }
            }
            _ => {}
        }
    }
    let mut tracks_of_file: HashMap<usize, u32> = HashMap::new();
    for file in tracks.iter().filter_map(|track| track.file) {
        *tracks_of_file.entry(file).or_default() += 1;
    }
    let mut rows = Vec::with_capacity(tracks.len());
    for track in tracks {
        let why = "TRACK stands before any FILE";
        let file = track.file.ok_or(ListError::Cue { line: track.line, why })?;
        let is_part = tracks_of_file.get(&file).is_some_and(|count| *count > 1);
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
            code,
            file: files.get(file).cloned(),
            ending: Ending::Loose,
            description: Description {
                title: track.title,
                artist: track.artist.or_else(|| artist.clone()),
                album: album.clone(),
                track: Some(track.number),
                ..Description::default()
            },
            duration: DurationCell::None,
            upc: None,
            published: None,
            content_type: None,
            code_state: None,
            cuesheet_track,
        });
    }
    Ok(List {
        rows,
        numbering: Numbering::Lines,
    })
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
