//! Tables of contents of discs: cue sheets (CDRWIN user's guide, "Cue sheet commands") and those of cdrdao (cdrdao manual,
//! "Toc-file syntax"). A track's file is the one in which its INDEX 01 is, or its own; a file with several tracks is
//! an album in one piece, whose codes belong into its CUESHEET block.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::format::tags::Description;
use crate::list::table::duration::DurationCell;
use crate::list::told::ListError;
use crate::list::{Code, Ending, List, Numbering, ROW_LIMIT, Reading, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::list) enum Dialect {
    Cue,
    Toc,
}

#[derive(Debug, Default)]
struct Track {
    line: u32,
    number: u32,
    file: Option<usize>,
    /// Where it begins in its file, in frames of which 75 are a second.
    start: Option<u64>,
    title: Option<String>,
    artist: Option<String>,
    code: Option<(u32, Code)>,
}

/// The tracks with the files that they are in, and what is said of all of them.
#[derive(Debug, Default)]
struct Contents {
    files: Vec<PathBuf>,
    tracks: Vec<Track>,
    album: Option<String>,
    artist: Option<String>,
}

pub(in crate::list) fn read(text: &str, dialect: Dialect, reading: &Reading) -> Result<List, ListError> {
    let mut contents = Contents::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = match dialect {
            Dialect::Cue => line.trim(),
            Dialect::Toc => bare(line),
        };
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        contents.take(
            dialect,
            &command.to_ascii_uppercase(),
            rest.trim(),
            reading.this_year,
            number,
        )?;
    }
    contents.list()
}

/// A line of a .toc without comment and without the braces of CD_TEXT, which may be on the line of what they hold.
fn bare(line: &str) -> &str {
    let before_comment = line.split("//").next();
    let line = before_comment
        .filter(|before| before.matches('"').count() % 2 == 0)
        .unwrap_or(line);
    line.trim().trim_start_matches(['{', '}']).trim()
}

impl Contents {
    fn take(&mut self, dialect: Dialect, command: &str, rest: &str, year: u16, line: u32) -> Result<(), ListError> {
        let wrong = |why| ListError::Cue { line, why };
        let Contents { files, tracks, .. } = self;
        let value = || match dialect {
            Dialect::Cue => in_quotes_or_bare(rest).map(str::to_owned),
            Dialect::Toc => in_quotes(rest).filter(|value| !value.is_empty()),
        };
        match command {
            "FILE" | "AUDIOFILE" => match (value().map(PathBuf::from), dialect) {
                (Some(file), Dialect::Cue) => files.push(file),
                (None, Dialect::Cue) => return Err(wrong("FILE names no file")),
                (Some(file), Dialect::Toc) => self.take_file_of_track(file),
                (None, Dialect::Toc) => {}
            },
            "TRACK" if tracks.len() == ROW_LIMIT => return Err(ListError::TooManyRows),
            "TRACK" => {
                let said = rest.split_whitespace().next().and_then(|digits| digits.parse().ok());
                let (number, file) = match dialect {
                    Dialect::Cue => (said.ok_or(wrong("TRACK has no number"))?, files.len().checked_sub(1)),
                    Dialect::Toc => (tracks.len() as u32 + 1, None),
                };
                tracks.push(Track {
                    line,
                    number,
                    file,
                    ..Track::default()
                });
            }
            "INDEX" if dialect == Dialect::Cue => {
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
                let code = Code::judge(value().as_deref().unwrap_or(rest), year);
                // The same line twice is one.
                if track.code.as_ref().is_some_and(|(_, known)| *known != code) {
                    return Err(wrong("a second, different ISRC for one TRACK"));
                }
                track.code.get_or_insert((line, code));
            }
            "TITLE" | "PERFORMER" => {
                let place = match (tracks.last_mut(), command) {
                    (Some(track), "TITLE") => &mut track.title,
                    (Some(track), _) => &mut track.artist,
                    (None, "TITLE") => &mut self.album,
                    (None, _) => &mut self.artist,
                };
                // The first language counts.
                *place = place.take().or_else(value);
            }
            _ => {}
        }
        Ok(())
    }

    /// Every track of a .toc names its file anew.
    fn take_file_of_track(&mut self, file: PathBuf) {
        let Contents { files, tracks, .. } = self;
        if let Some(track) = tracks.last_mut() {
            let known = files.iter().position(|known| *known == file).unwrap_or(files.len());
            files.extend((known == files.len()).then_some(file));
            track.file.get_or_insert(known);
        }
    }

    /// The rows: one a track.
    fn list(self) -> Result<List, ListError> {
        let mut tracks_of_file: HashMap<usize, u32> = HashMap::new();
        for file in self.tracks.iter().filter_map(|track| track.file) {
            *tracks_of_file.entry(file).or_default() += 1;
        }
        let lengths = lengths(&self.tracks);
        let mut rows = Vec::with_capacity(self.tracks.len());
        for (track, length) in self.tracks.into_iter().zip(lengths) {
            let is_part = track.file.is_some_and(|file| tracks_of_file[&file] > 1);
            let part = u8::try_from(track.number)
                .ok()
                .filter(|number| (1..=99).contains(number));
            if is_part && part.is_none() {
                let why = "TRACK has no number from 1 to 99";
                return Err(ListError::Cue { line: track.line, why });
            }
            let (number, code) = track.code.unwrap_or((track.line, Code::None));
            rows.push(Row {
                number,
                code,
                file: track.file.and_then(|file| self.files.get(file).cloned()),
                ending: Ending::Loose,
                description: Description {
                    title: track.title,
                    artist: track.artist.or_else(|| self.artist.clone()),
                    album: self.album.clone(),
                    track: Some(track.number),
                    duration: length,
                    ..Description::default()
                },
                duration: length.map_or(DurationCell::None, DurationCell::exactly),
                cuesheet_track: part.filter(|_| is_part),
                ..Row::default()
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

/// The text in quotes, or what is before the kind of the file: a name without quotes may hold spaces.
fn in_quotes_or_bare(rest: &str) -> Option<&str> {
    const KINDS: [&str; 6] = ["WAVE", "MP3", "AIFF", "BINARY", "MOTOROLA", "FLAC"];
    let is_kind = |word: &str| KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(word));
    let text = match rest.strip_prefix('"') {
        Some(rest) => rest.split_once('"').map_or(rest, |(text, _)| text),
        None => match rest.rsplit_once(char::is_whitespace) {
            Some((name, kind)) if is_kind(kind) => name.trim_end(),
            _ => rest,
        },
    };
    (!text.is_empty()).then_some(text)
}

/// The text in quotes; `\"` and `\nnn` (octal, Latin-1) stand for what cannot be written.
fn in_quotes(rest: &str) -> Option<String> {
    let mut letters = rest.strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(text),
            '\\' => {
                let digits = std::iter::from_fn(|| letters.next_if(|digit| digit.is_digit(8)));
                let digits: String = digits.take(3).collect();
                match u8::from_str_radix(&digits, 8) {
                    Ok(byte) => text.push(char::from(byte)),
                    Err(_) => text.extend(letters.next()),
                }
            }
            _ => text.push(letter),
        }
    }
    None
}
