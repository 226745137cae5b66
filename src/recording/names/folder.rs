//! What the folders above a file say: disc, artist, album.

use std::path::{Component, Path};

use super::super::fold::fold;
use super::words::{self, NameWord};

/// So many folders above a file are looked at.
const MOST_LEVELS: usize = 5;

/// What the folder of files says of them.
#[derive(Debug, Default)]
pub(super) struct AlbumFolder {
    pub(super) disc: Option<u32>,
    pub(super) artist: Option<String>,
    pub(super) album: Option<String>,
    /// Of the album, beside its name.
    pub(super) year: Option<u32>,
    /// What may be the artist: the folder above the album's. Empty where it names only a format.
    pub(super) above: Option<String>,
}

impl AlbumFolder {
    pub(super) fn of(path: &Path) -> AlbumFolder {
        let mut folder = AlbumFolder::default();
        let names = path.components().rev().filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        for name in names.take(MOST_LEVELS) {
            let name = without_format(&super::spaced(&name));
            if folder.album.is_some() {
                folder.above = Some(name);
                break;
            }
            let (rest, disc) = album_and_disc(&name);
            folder.disc = folder.disc.or(disc);
            if !rest.is_empty() {
                folder.read_album(&rest);
            }
        }
        folder
    }

    /// "Artist - 2019 - Album", "(2019) Album", `Album [2019]`.
    fn read_album(&mut self, name: &str) {
        let all: Vec<(&str, Option<&str>)> = name.split(" - ").map(split_year).collect();
        let last = all.len() - 1;
        let years = all.iter().enumerate().filter_map(|(at, (part, year))| match year {
            Some(year) => Some(*year),
            None => (at != last && is_year(part)).then_some(*part),
        });
        self.year = years.filter_map(|year| year.parse().ok()).next();
        // "2019 - Album"; but of "Ana - 1999" the year is the album.
        let parts: Vec<&str> = all
            .iter()
            .enumerate()
            .filter(|(at, (part, _))| !part.is_empty() && (*at == last || !is_year(part)))
            .map(|(_, (part, _))| *part)
            .collect();
        match parts[..] {
            [] => self.album = Some(name.to_owned()),
            [album] => self.album = Some(album.to_owned()),
            [artist, ref album @ ..] => {
                self.artist = Some(artist.to_owned()).filter(|artist| !words::is(NameWord::Nobody, artist));
                self.album = Some(album.join(" - "));
            }
        }
    }

    /// Whether the folders name this as artist.
    pub(super) fn names(&self, artist: &str) -> bool {
        let artist = fold(artist);
        let is_it = |name: &Option<String>| name.as_deref().map(fold).as_deref() == Some(&artist);
        is_it(&self.artist) || is_it(&self.above)
    }
}

/// Cuts "Album (Disc 2)" and "Album CD2" into album and disc. The album of "CD 2" is empty.
pub fn album_and_disc(album: &str) -> (String, Option<u32>) {
    let album = album.trim();
    if let Some((disc, len)) = words::counted(album, NameWord::Disc) {
        let rest = &album[len..];
        // "Disc 2 - Live at Home" is a disc of the album above; "CD1 Hits" may be anything.
        if rest.is_empty() || rest.trim_start().starts_with(['-', '–', ':', '(', '[', '.', ',']) {
            return (String::new(), Some(disc));
        }
    }
    let bare = album.trim_end_matches([')', ']']);
    let last = bare
        .rsplit(|letter: char| !letter.is_alphanumeric())
        .next()
        .unwrap_or("");
    if !last.ends_with(|letter: char| letter.is_ascii_digit()) && words::number(last).is_none() {
        return (album.to_owned(), None);
    }
    let starts = bare.char_indices().filter(|(at, _)| {
        let before = bare[..*at].chars().next_back();
        before.is_some_and(|letter| !letter.is_alphanumeric())
    });
    for (at, _) in starts {
        if let Some((disc, len)) = words::counted(&bare[at..], NameWord::Disc)
            && at + len == bare.len()
        {
            let before = bare[..at].trim_end_matches([' ', '(', '[', '-', '–', ',', ':', '.', '_']);
            if !before.is_empty() {
                return (before.to_owned(), Some(disc));
            }
        }
    }
    (album.to_owned(), None)
}

/// A folder's name without `[FLAC]`, "(24bit-96kHz)", "WAV". Of one that says nothing else, nothing is left.
fn without_format(name: &str) -> String {
    let mut rest = name.trim();
    loop {
        let cut = match rest.chars().next_back() {
            Some(close @ (')' | ']' | '}')) => {
                let open = match close {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                rest.rfind(open).map(|at| (at, &rest[at + 1..rest.len() - 1]))
            }
            Some(_) => {
                let at = rest.rfind([' ', '_', '-']).map_or(0, |at| at + 1);
                Some((at, &rest[at..]))
            }
            None => None,
        };
        match cut {
            Some((at, part)) if !part.is_empty() && words::all_are_formats(part) => {
                rest = rest[..at].trim_end_matches([' ', '-', '_', ',', '–']);
            }
            _ => return rest.to_owned(),
        }
    }
}

/// A text, and the year that it begins or ends with in brackets. A year alone is an album ("1999").
fn split_year(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((year, rest)) = text.strip_prefix(open).and_then(|rest| rest.split_once(close))
            && is_year(year)
            && !rest.trim().is_empty()
        {
            return (rest.trim(), Some(year));
        }
        if let Some((rest, year)) = text.strip_suffix(close).and_then(|rest| rest.rsplit_once(open))
            && is_year(year)
            && !rest.trim().is_empty()
        {
            return (rest.trim(), Some(year));
        }
    }
    (text, None)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}
