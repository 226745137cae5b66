//! Tables of contents of discs: cue sheets (CDRWIN user's guide, "Cue sheet commands") and those of cdrdao (cdrdao manual,
//! "Toc-file syntax"). A track's file is the one in which its INDEX 01 is, or its own; a file with several tracks is
//! an album in one piece, whose codes belong into its CUESHEET block.

use std::collections::HashMap;

use super::grid::{Grid, Record};
use crate::list::table::columns::Column;
use crate::list::told::ListError;
use crate::list::{Code, Ending, ROW_LIMIT, Sheet};
use crate::recording::names::album_and_disc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Cue,
    Toc,
}

impl Dialect {
    /// What a text is, whatever its ending says.
    pub(super) fn of(text: &str) -> Option<Dialect> {
        let mut lines = text
            .lines()
            .take(2000)
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines.find_map(|words| match words[..] {
            ["TRACK", "AUDIO"] => Some(Dialect::Toc),
            ["TRACK", .., "AUDIO"] => Some(Dialect::Cue),
            _ => None,
        })
    }
}

#[derive(Debug, Default)]
struct Track {
    /// That of the code, where there is one.
    line: u32,
    number: u32,
    /// Index of its file.
    file: Option<usize>,
    /// Where it begins in its file, in frames of which 75 are a second.
    start: Option<u64>,
    code: Option<Code>,
    said: Record,
}

/// The tracks with the files that they are in, and what is said of all of them.
#[derive(Debug, Default)]
struct Contents {
    files: Vec<String>,
    /// Where each file of a .toc is among them.
    index: HashMap<String, usize>,
    tracks: Vec<Track>,
    said: Record,
}

pub(super) fn sheet(text: &str, dialect: Dialect, this_year: u16) -> Result<Sheet, ListError> {
    let mut contents = Contents::default();
    let statements: Vec<(u32, &str)> = match dialect {
        Dialect::Cue => (1..).zip(text.lines()).collect(),
        Dialect::Toc => statements(text),
    };
    for (number, statement) in statements {
        let statement = statement.trim();
        let (command, rest) = statement.split_once(char::is_whitespace).unwrap_or((statement, ""));
        let words = (&*command.to_ascii_uppercase(), rest.trim());
        let taken = contents.take(dialect, words, number, this_year);
        taken.map_err(|why| ListError::Cue { line: number, why })?;
        if contents.tracks.len() > ROW_LIMIT {
            return Err(ListError::TooManyRows);
        }
    }
    Ok(Sheet {
        grid: contents.grid()?,
        ending: Ending::Loose,
        ..Sheet::default()
    })
}

/// The statements of a .toc that count, each with its line and all up to the next one. Its lines say nothing: CD_TEXT with
/// all that it holds may stand on one.
fn statements(text: &str) -> Vec<(u32, &str)> {
    const COMMANDS: [&str; 6] = ["TRACK", "FILE", "AUDIOFILE", "ISRC", "TITLE", "PERFORMER"];
    let (mut starts, mut before) = (Vec::new(), 0);
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let mut at = 0;
        while let Some(first) = line[at..].chars().next().filter(|_| !line[at..].starts_with("//")) {
            let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let rest = &line[at..];
            let len = match first {
                '"' => len_of_quoted(rest),
                _ if is_of_word(first) => rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len()),
                _ => first.len_utf8(),
            };
            if COMMANDS
                .iter()
                .any(|command| command.eq_ignore_ascii_case(&rest[..len]))
            {
                starts.push((number, before + at));
            }
            at += len;
        }
        before += line.len();
    }
    let ends = starts.iter().skip(1).map(|(_, start)| *start).chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|((line, start), end)| (*line, &text[*start..end]))
        .collect()
}

/// How long the text in quotes is that a line begins with; all of it where they are not closed.
fn len_of_quoted(line: &str) -> usize {
    let mut is_escaped = false;
    let ends = |(_, letter): &(usize, char)| {
        let ends = *letter == '"' && !is_escaped;
        is_escaped = *letter == '\\' && !is_escaped;
        ends
    };
    line.char_indices()
        .skip(1)
        .find(ends)
        .map_or(line.len(), |(at, _)| at + 1)
}

impl Contents {
    /// Takes a line; `Err` with the reason why it cannot be one.
    fn take(
        &mut self,
        dialect: Dialect,
        (command, rest): (&str, &str),
        line: u32,
        year: u16,
    ) -> Result<(), &'static str> {
        let Contents {
            files,
            index,
            tracks,
            said,
        } = self;
        let value = match dialect {
            Dialect::Cue => in_quotes_or_bare(rest).map(str::to_owned),
            Dialect::Toc => in_quotes(rest).filter(|value| !value.is_empty()),
        };
        let last_file = files.len().checked_sub(1);
        match (command, dialect, tracks.last_mut()) {
            ("FILE", Dialect::Cue, _) => files.push(value.ok_or("FILE names no file")?),
            // Every track of a .toc names its file anew.
            ("FILE" | "AUDIOFILE", Dialect::Toc, Some(track)) if track.file.is_none() => {
                track.file = value.map(|file| {
                    *index.entry(file).or_insert_with_key(|file| {
                        files.push(file.clone());
                        files.len() - 1
                    })
                });
            }
            ("TRACK", ..) => {
                let said = rest.split_whitespace().next().and_then(|digits| digits.parse().ok());
                let (number, file) = match dialect {
                    Dialect::Cue => (said.ok_or("TRACK has no number")?, last_file),
                    Dialect::Toc => (tracks.len() as u32 + 1, None),
                };
                tracks.push(Track::new(line, number, file));
            }
            // Sheets that keep gaps at the end of files name the next file between INDEX 00 and INDEX 01.
            ("INDEX", Dialect::Cue, Some(track)) if track.start.is_none() => {
                let (number, time) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                if number.parse() == Ok(1) {
                    (track.start, track.file) = (Some(frames(time.trim()).unwrap_or(0)), last_file);
                }
            }
            ("ISRC", _, track) => {
                let track = track.ok_or("ISRC stands outside a TRACK")?;
                let code = value.unwrap_or_else(|| rest.lines().next().unwrap_or("").to_owned());
                track.take_code(code, line, year)?;
            }
            ("TITLE", _, None) => say(said, Column::Album, value),
            ("TITLE", _, Some(track)) => say(&mut track.said, Column::Title, value),
            ("PERFORMER", _, track) => say(track.map_or(said, |track| &mut track.said), Column::Artist, value),
            // As EAC, XLD and foobar2000 write it, above the tracks.
            ("REM", Dialect::Cue, None) => {
                let disc = rest.strip_prefix("DISCNUMBER");
                say(
                    said,
                    Column::Disc,
                    disc.map(|disc| disc.trim().trim_matches('"').to_owned()),
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// One row a track.
    fn grid(self) -> Result<Grid, ListError> {
        let mut tracks_of_file: HashMap<usize, u32> = HashMap::new();
        for file in self.tracks.iter().filter_map(|track| track.file) {
            *tracks_of_file.entry(file).or_default() += 1;
        }
        let mut grid = Grid::default();
        grid.push_headings()?;
        // "Small Hours CD2.wav", a whole disc.
        let disc = match &self.files[..] {
            [whole] if self.tracks.len() > 1 => {
                let stem = whole.rsplit(['/', '\\']).next().and_then(|name| name.rsplit_once('.'));
                album_and_disc(stem.map_or("", |(stem, _)| stem)).1
            }
            _ => None,
        };
        for (at, track) in self.tracks.iter().enumerate() {
            let mut said = self.said.clone();
            said.extend(track.said.clone());
            if let Some(disc) = disc {
                said.entry(Column::Disc).or_insert(disc.to_string());
            }
            said.insert(Column::Track, track.number.to_string());
            if let Some(file) = track.file {
                said.insert(Column::File, self.files[file].clone());
                if tracks_of_file[&file] > 1 {
                    said.insert(Column::CuesheetTrack, track.number.to_string());
                    if !(1..=99).contains(&track.number) {
                        let why = "TRACK has no number from 1 to 99";
                        return Err(ListError::Cue { line: track.line, why });
                    }
                }
            }
            if let Some(seconds) = track.seconds(self.tracks.get(at + 1)) {
                said.insert(Column::Duration, format!("{seconds:.3} s"));
            }
            grid.push_record(track.line, &said)?;
        }
        Ok(grid)
    }
}

/// Of several languages the first counts.
fn say(said: &mut Record, column: Column, value: Option<String>) {
    if let Some(value) = value {
        said.entry(column).or_insert(value);
    }
}

impl Track {
    fn new(line: u32, number: u32, file: Option<usize>) -> Track {
        Track {
            line,
            number,
            file,
            ..Track::default()
        }
    }

    fn take_code(&mut self, text: String, line: u32, year: u16) -> Result<(), &'static str> {
        let code = Code::judge(&text, year);
        // The same line twice is one.
        if self.code.as_ref().is_some_and(|known| *known != code) {
            return Err("a second, different ISRC for one TRACK");
        }
        if self.code.replace(code).is_none() {
            self.line = line;
            self.said.insert(Column::Isrc, text);
        }
        Ok(())
    }

    /// How long it is, if another one follows in the same file.
    fn seconds(&self, next: Option<&Track>) -> Option<f64> {
        let next = next.filter(|next| next.file == self.file)?;
        let frames = next.start?.checked_sub(self.start?).filter(|frames| *frames > 0)?;
        Some(frames as f64 / 75.0)
    }
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
