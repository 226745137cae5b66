//! What the names of files and folders say: disc, track, title, artist, album. Pure: paths go in, no disk is touched.
//!
//! One reading serves for presuming, for lists and for contradicting. Where a name alone is ambiguous ("3 Days",
//! "101 Song", "A - B") its folder decides, so files are read together. Invariant: what is not certain is not said; a
//! number that may belong to a title stays in the title.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::Path;

use unicode_normalization::UnicodeNormalization as _;

use super::fold::fold;
use super::versions;
use crate::discover::{Claim, Extension, claim};
use folder::AlbumFolder;
use lead::{Lead, Number};

mod catalogue;
mod folder;
mod lead;
mod words;

pub use folder::album_and_disc;
pub use words::{is_of_work, is_part_of_set, is_placeholder, number, part_of_set, side_of_folder};

/// What a path says of its recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub disc: Option<u32>,
    pub track: Option<u32>,
    /// As a tag would have it, with its version. None where the name has only a number or a placeholder.
    pub title: Option<String>,
    /// What the title says of the version, if anything.
    pub version: Option<String>,
    pub artist: Option<String>,
    /// By the folders.
    pub album: Option<String>,
    /// Of the album, by the folders.
    pub year: Option<u32>,
    /// The folder that the album's is in, which may be the artist.
    pub above: Option<String>,
}

/// What one path says by itself.
pub fn read(path: &Path) -> Named {
    read_all([path]).pop().unwrap_or_default()
}

/// The album that the folders of a path name.
pub fn album_of_folders(path: &Path) -> Option<String> {
    AlbumFolder::of(path.parent().unwrap_or(Path::new(""))).album
}

/// The folder of an album, of one that may be that of a format or a disc in it.
pub fn home_of_album(folder: &Path) -> &Path {
    let is_of_no_album = |folder: &&Path| {
        let name = folder.file_name().filter(|_| folder.parent().is_some());
        name.is_some_and(|name| AlbumFolder::of(Path::new(name)).album.is_none())
    };
    let mut above = folder.ancestors();
    above.find(|folder| !is_of_no_album(folder)).unwrap_or(folder)
}

/// The artist that the folder of a path names: "Artist - Album".
pub fn artist_of_folders(path: &Path) -> Option<String> {
    AlbumFolder::of(path.parent().unwrap_or(Path::new(""))).artist
}

/// What each of these paths says, in their order. Those of one folder are read together.
pub fn read_all<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<Named> {
    let mut folders: HashMap<Option<&Path>, Vec<(usize, &OsStr)>> = HashMap::new();
    let mut count = 0;
    for (index, path) in paths.into_iter().enumerate() {
        let name = path.file_name().unwrap_or_default();
        folders.entry(path.parent()).or_default().push((index, name));
        count = index + 1;
    }
    let mut all = vec![Named::default(); count];
    for (folder, files) in folders {
        let folder = AlbumFolder::of(folder.unwrap_or(Path::new("")));
        let stems: Vec<Stem> = files.iter().map(|(_, name)| Stem::of(name)).collect();
        for ((index, _), named) in files.iter().zip(read_folder(&folder, stems)) {
            all[*index] = named;
        }
    }
    all
}

/// The side of a record, and the number on it, that a name begins with: "B1 Rope".
pub fn side_of_record(name: &str) -> Option<(char, u32)> {
    match lead::find(name)?.number {
        Number::Side(side, number) | Number::BareSide(side, number) => Some((side, number)),
        _ => None,
    }
}

/// A title as a file name may have it, "Artist - Title", without the artist.
pub fn without_artist<'a>(title: &'a str, artist: &str) -> &'a str {
    match title.split_once(" - ") {
        Some((first, rest)) if !artist.is_empty() && fold(first) == fold(artist) => rest.trim_start(),
        _ => title,
    }
}

/// A file name without its ending, cut at its dashes, with the number that it seems to begin with.
#[derive(Debug)]
struct Stem {
    text: String,
    lead: Option<Lead>,
}

impl Stem {
    fn of(name: &OsStr) -> Stem {
        let text = name.to_string_lossy();
        let text = if text.is_ascii() {
            text.into_owned()
        } else {
            text.nfc().collect()
        };
        let is_audio = matches!(claim(Extension::of(name).as_ref()), Claim::Audio(_));
        let stem = match text.rsplit_once('.') {
            Some((stem, _)) if is_audio => stem,
            _ => &text,
        };
        let stem = stem.strip_suffix(".cdda").unwrap_or(stem).trim();
        let text = words::without_technical(&spaced(stem)).trim().to_owned();
        let lead = lead::find(&text);
        Stem { text, lead }
    }

    fn title(&self) -> &str {
        self.lead.as_ref().map_or(&self.text, |lead| &self.text[lead.rest..])
    }
}

/// Underscores that stand for spaces as spaces, and the bare dashes between such names as dashes with spaces.
fn spaced(stem: &str) -> String {
    if stem.contains(' ') || !stem.contains('_') {
        return stem.to_owned();
    }
    let stem = stem.replace('_', " ");
    let mut spaced = String::with_capacity(stem.len() + 8);
    let letters: Vec<char> = stem.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        // "01-some_artist-some_title". A dash between digits is one of a number.
        let is_number = |letter: Option<&char>| letter.is_none_or(char::is_ascii_digit);
        let between = !is_number(letters.get(at + 1)) && !is_number(at.checked_sub(1).and_then(|at| letters.get(at)));
        match letter {
            '-' if between && !spaced.ends_with(' ') => spaced.push_str(" - "),
            _ => spaced.push(*letter),
        }
    }
    spaced
}

fn read_folder(folder: &AlbumFolder, mut stems: Vec<Stem>) -> Vec<Named> {
    catalogue::without_catalogue_number(&mut stems);
    let style = Style::of(&stems);
    for stem in &mut stems {
        stem.lead = stem.lead.take().filter(|lead| style.allows(lead));
    }
    let have_stage = words::end_in_one_stage(stems.iter().map(Stem::title));
    let shared = FolderTitles::of(&stems);
    stems
        .iter()
        .map(|stem| named(folder, stem, &style, &shared, have_stage))
        .collect()
}

fn named(folder: &AlbumFolder, stem: &Stem, style: &Style, shared: &FolderTitles, have_stage: bool) -> Named {
    let (disc, track) = match &stem.lead {
        Some(lead) => style.numbers(&lead.number),
        None => (None, None),
    };
    let before = stem.lead.as_ref().map_or("", |lead| {
        stem.text[..lead.start].trim_end_matches([' ', '-', '–', '—'])
    });
    let mut title = stem.title();
    if have_stage {
        title = words::split_stage(title).0;
    }
    let mut artist = None;
    if !before.is_empty() {
        let first = segments(before).next().unwrap_or(before);
        let is_album = folder.album.as_deref().is_some_and(|album| fold(album) == fold(before));
        artist = (!is_album).then(|| first.to_owned());
    } else if let Some((first, rest)) = title.split_once(" - ").filter(|(_, rest)| !rest.trim().is_empty())
        && (folder.names(first) || shared.is_artist(first))
    {
        artist = Some(first.trim().to_owned());
        title = rest.trim_start();
        let is_album = |part: &str| folder.album.as_deref().is_some_and(|album| fold(album) == fold(part));
        if let Some((_, rest)) = title.split_once(" - ").filter(|(part, _)| is_album(part)) {
            title = rest.trim_start();
        }
    }
    let title = title.trim();
    let is_title = !title.is_empty() && !is_placeholder(title);
    Named {
        disc: disc.or(folder.disc),
        track,
        version: versions::split(title).1.filter(|_| is_title).map(str::to_owned),
        title: is_title.then(|| title.to_owned()),
        artist: artist.or_else(|| folder.artist.clone()),
        album: folder.album.clone(),
        year: folder.year,
        above: folder.above.clone().filter(|above| !above.is_empty()),
    }
}

fn segments(text: &str) -> impl Iterator<Item = &str> {
    text.split(" - ").map(str::trim).filter(|part| !part.is_empty())
}

/// How the files of a folder are numbered, as far as they agree.
#[derive(Debug, Default)]
struct Style {
    is_alone: bool,
    /// Numbers that are surely tracks, with the width in which they are written.
    plain: BTreeSet<u32>,
    has_zeros: bool,
    /// "10 Song" without a zero and a dash: of which all are a whole row from 1.
    bare_are_tracks: bool,
    bare: BTreeSet<u32>,
    /// "101" is track 1 of disc 1.
    hundreds_are_discs: bool,
    hundreds_are_tracks: bool,
    pairs: BTreeSet<(u32, u32)>,
    pairs_are_tracks: bool,
    /// Tracks before each side of a record; none where the sides are no whole row.
    sides: Option<BTreeMap<char, u32>>,
}

impl Style {
    fn of(stems: &[Stem]) -> Style {
        // The formats of one recording often lie in one folder: each name counts once.
        let names: BTreeMap<String, &Stem> = stems.iter().map(|stem| (stem.text.to_lowercase(), stem)).collect();
        let mut style = Style {
            is_alone: names.len() == 1,
            ..Style::default()
        };
        let (mut bare_count, mut pair_count, mut hundreds, mut sides) = (0, 0, BTreeSet::new(), BTreeSet::new());
        for lead in names.values().filter_map(|stem| stem.lead.as_ref()) {
            match lead.number {
                Number::Track { track, zeros } => {
                    style.plain.insert(track);
                    style.has_zeros |= zeros;
                }
                Number::Bare(track) => {
                    style.bare.insert(track);
                    bare_count += 1;
                }
                Number::Hundred(number) => {
                    hundreds.insert(number);
                }
                Number::DiscTrack(disc, track) => {
                    style.pairs.insert((disc, track));
                }
                Number::BarePair(disc, track) => {
                    style.pairs.insert((disc, track));
                    pair_count += 1;
                }
                Number::Side(side, number) | Number::BareSide(side, number) => {
                    sides.insert((side, number));
                }
            }
        }
        let whole_row = |numbers: &BTreeSet<u32>| numbers.iter().copied().eq(1..=numbers.len() as u32);
        // "2 Home" and "2 Home (Live)" have one number, but not all of a row have that of another.
        let are_most_apart = style.bare.len() * 2 > bare_count;
        style.bare_are_tracks = bare_count == names.len() && are_most_apart && whole_row(&style.bare);
        style.pairs_are_tracks = pair_count == names.len() && names.len() > 1 && rows_of_discs(&style.pairs);
        let as_pairs = hundreds.iter().map(|number| (number / 100, number % 100)).collect();
        style.hundreds_are_discs = hundreds.len() == names.len() && names.len() > 1 && rows_of_discs(&as_pairs);
        style.hundreds_are_tracks = style.plain.contains(&99);
        if !sides.is_empty() && sides.len() == names.len() {
            style.sides = sides_of(&sides);
        }
        style
    }

    /// Whether what a name seems to begin with is its number.
    fn allows(&self, lead: &Lead) -> bool {
        match lead.number {
            Number::Track { .. } | Number::DiscTrack(..) => true,
            Number::Bare(track) => {
                let follows = |numbers: &BTreeSet<u32>| track > 1 && numbers.contains(&(track - 1));
                let continues = self.has_zeros && track >= 10 && (follows(&self.plain) || follows(&self.bare));
                self.bare_are_tracks || (continues && !self.plain.contains(&track) && self.reaches(track))
            }
            Number::Hundred(_) => self.hundreds_are_discs || self.hundreds_are_tracks || lead.is_marked,
            Number::BarePair(disc, track) => {
                let continues = track > 1 && self.pairs.contains(&(disc, track - 1));
                self.pairs_are_tracks || continues || (self.is_alone && disc <= 4 && lead.is_marked)
            }
            Number::Side(..) => self.is_alone || self.sides.is_some(),
            Number::BareSide(..) => self.sides.is_some(),
        }
    }

    /// Whether the numbers before a bare one lead without a gap to one that is surely a track.
    fn reaches(&self, track: u32) -> bool {
        (1..track)
            .rev()
            .take_while(|number| self.plain.contains(number) || self.bare.contains(number))
            .any(|number| self.plain.contains(&number))
    }

    /// Disc and track of a number that is allowed.
    fn numbers(&self, number: &Number) -> (Option<u32>, Option<u32>) {
        match *number {
            // Track 0 is what players call the sound before the first track.
            Number::Track { track, .. } | Number::Bare(track) => (None, Some(track).filter(|track| *track > 0)),
            Number::DiscTrack(disc, track) | Number::BarePair(disc, track) => (Some(disc), Some(track)),
            Number::Hundred(number) if self.hundreds_are_discs => (Some(number / 100), Some(number % 100)),
            Number::Hundred(number) if self.hundreds_are_tracks => (None, Some(number)),
            Number::Hundred(_) => (None, None),
            // How many tracks the first side has is known only with all of them.
            Number::Side(side, number) | Number::BareSide(side, number) => match &self.sides {
                Some(before) => (None, before.get(&side).map(|before| before + number)),
                None => (None, Some(number).filter(|_| side == 'A')),
            },
        }
    }
}

/// Whether each disc has its tracks from 1 on, mostly without gaps.
fn rows_of_discs(pairs: &BTreeSet<(u32, u32)>) -> bool {
    let mut tracks: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for (disc, track) in pairs {
        let (count, last) = tracks.entry(*disc).or_default();
        *count += 1;
        *last = *track;
    }
    !tracks.is_empty()
        && tracks
            .iter()
            .all(|(disc, (count, last))| *disc > 0 && pairs.contains(&(*disc, 1)) && last == count)
}

/// How many tracks are before each side, where they are whole rows of one record. How several records are counted,
/// by record or on and on, nobody can tell.
fn sides_of(sides: &BTreeSet<(char, u32)>) -> Option<BTreeMap<char, u32>> {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for (side, number) in sides {
        let count = counts.entry(*side).or_default();
        *count += 1;
        if *count != *number {
            return None;
        }
    }
    let letters: String = counts.keys().collect();
    let first = counts.get(&'A').copied()?;
    match letters.as_str() {
        "A" => Some(BTreeMap::from([('A', 0)])),
        "AB" => Some(BTreeMap::from([('A', 0), ('B', first)])),
        _ if "ABCDEFGHIJKL".starts_with(&letters) => Some(BTreeMap::new()),
        _ => None,
    }
}

/// What the titles of a folder have in common.
#[derive(Debug)]
struct FolderTitles {
    /// All are "Something - Title".
    all_have_artists: bool,
    /// The one something of all, folded.
    artist: Option<String>,
}

impl FolderTitles {
    fn of(stems: &[Stem]) -> FolderTitles {
        let titles: BTreeSet<&str> = stems.iter().map(Stem::title).collect();
        let cut = |title: &&str| title.split_once(" - ").map(|(first, rest)| (fold(first), fold(rest)));
        let parts: Vec<(String, String)> = titles.iter().map_while(cut).collect();
        let all = titles.len() > 1 && parts.len() == titles.len();
        let firsts: BTreeSet<&String> = parts.iter().map(|(first, _)| first).collect();
        // On a live album titles end in "- Live"; on any other some are called "Live Forever" or "Outro".
        let version = |title: &&str| {
            versions::split(title)
                .1
                .filter(|version| title.ends_with(version))
                .map(fold)
        };
        let of_titles: Vec<String> = titles.iter().filter_map(version).collect();
        let different: BTreeSet<&String> = of_titles.iter().collect();
        let are_versions = of_titles.len() == titles.len()
            || (of_titles.len() * 2 > titles.len() && different.len() < of_titles.len());
        // "Sonata No. 1 - II. Adagio" is a work and its movement.
        let is_movement = |title: &&str| {
            let movement = title.split_once(" - ").and_then(|(_, rest)| rest.split_once('.'));
            movement.is_some_and(|(number, _)| {
                !number.is_empty()
                    && number
                        .bytes()
                        .all(|letter| b"IVX".contains(&letter) || letter.is_ascii_digit())
            })
        };
        let are_movements = titles.iter().filter(|title| is_movement(title)).count() * 2 > titles.len();
        FolderTitles {
            all_have_artists: all && !are_versions && !are_movements,
            artist: firsts
                .first()
                .filter(|_| all && firsts.len() == 1 && !are_movements)
                .map(|first| (*first).clone()),
        }
    }

    fn is_artist(&self, first: &str) -> bool {
        self.all_have_artists || self.artist.as_deref() == Some(&fold(first))
    }
}

#[cfg(test)]
mod tests;
