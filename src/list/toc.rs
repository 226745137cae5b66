//! Tables of contents of cdrdao (`.toc`): `TRACK AUDIO` begins a track, `ISRC "…"` and `CD_TEXT { … TITLE "…" … }` belong to
//! it, `FILE "…"` or `AUDIOFILE "…"` is where its sound is (cdrdao manual, "Toc-file syntax").

use std::path::PathBuf;

use super::cue::{Contents, Track};
use super::{Code, List, ListError, ROW_LIMIT, Reading};

pub(super) fn read(text: &str, reading: &Reading) -> Result<List, ListError> {
    let mut contents = Contents::default();
    for (line, whole) in (1..).zip(text.lines()) {
        // Nested braces of CD_TEXT may stand on the line of what they hold.
        let text = whole
            .split("//")
            .next()
            .filter(|before| before.matches('"').count() % 2 == 0)
            .unwrap_or(whole);
        let text = text.trim().trim_start_matches(['{', '}']).trim();
        let (command, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match command {
            "TRACK" => {
                if contents.tracks.len() == ROW_LIMIT {
                    return Err(ListError::TooManyRows);
                }
                contents.tracks.push(Track {
                    line,
                    number: contents.tracks.len() as u32 + 1,
                    ..Track::default()
                });
            }
            "ISRC" => {
                let track = contents.tracks.last_mut().ok_or(ListError::Cue {
                    line,
                    why: "ISRC stands outside a TRACK",
                })?;
                let code = quoted(rest).unwrap_or_else(|| rest.to_owned());
                track.set_code(line, Code::judge(&code, reading.this_year))?;
            }
            "FILE" | "AUDIOFILE" => {
                let name = quoted(rest).map(PathBuf::from);
                if let (Some(name), Some(track)) = (name, contents.tracks.last_mut()) {
                    // Every track names its file anew.
                    let known = contents.files.iter().position(|file| *file == name);
                    let at = known.unwrap_or(contents.files.len());
                    if at == contents.files.len() {
                        contents.files.push(name);
                    }
                    track.file.get_or_insert(at);
                }
            }
            "TITLE" | "PERFORMER" => {
                let value = quoted(rest).filter(|value| !value.is_empty());
                let place = match (contents.tracks.last_mut(), command) {
                    (Some(track), "TITLE") => &mut track.title,
                    (Some(track), _) => &mut track.artist,
                    (None, "TITLE") => &mut contents.album,
                    (None, _) => &mut contents.artist,
                };
                // The first language counts.
                *place = place.take().or(value);
            }
            _ => {}
        }
    }
    contents.list()
}

/// The text in quotes; `\"` and `\nnn` (octal, Latin-1) stand for what cannot be written.
fn quoted(rest: &str) -> Option<String> {
    let mut letters = rest.trim_start().strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(text),
            '\\' => {
                let digits: String = std::iter::from_fn(|| letters.next_if(|digit| digit.is_digit(8)))
                    .take(3)
                    .collect();
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
