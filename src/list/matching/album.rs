//! Which album a file or a row is of.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::find::Finder;
use super::places::{key, last_spelling};
use crate::list::Row;
use crate::list::table::remarks;
use crate::recording::fold::{fold, is_other_volume, names_touch};
use crate::recording::names;
use crate::recording::side::{Side, are_near};
use crate::recording::versions::{self, Titles};

impl Finder<'_> {
    /// Whether album, artist and disc of a row and a file do not contradict each other.
    pub(super) fn belongs(&self, row: &Row, file: usize) -> bool {
        let called = &self.sides[file].called;
        let artists = row.description.artist.as_deref().zip(called.artist.as_deref());
        let discs = row.description.disc.zip(called.disc);
        let upcs = row
            .upc
            .as_deref()
            .and_then(upc_of_cell)
            .zip(self.upcs.get(file).and_then(Option::as_deref));
        artists.is_none_or(|(a, b)| names_touch(a, b))
            && discs.is_none_or(|(a, b)| a == b)
            && upcs.is_none_or(|(a, b)| a == b)
            && !self.images.contains(&file)
            && self.is_on_album(row, file)
    }

    /// Whether a file may be on the album of a row. Tags must say it. A folder may be called by anything, "upload" or
    /// "2024-05": it counts where it is called like an album of the list, like another version of one, or like another
    /// volume of this one, and where another folder is called like this one.
    pub(super) fn is_on_album(&self, row: &Row, file: usize) -> bool {
        let Some(wanted) = row.description.album.as_deref() else {
            return true;
        };
        if let Some(said) = self.sides[file].called.album.as_deref() {
            let are_alike = names_touch(wanted, said) || self.albums[file].as_ref() == Some(&release(wanted));
            let say =
                |title: Option<String>, version: &str| versions::says_kind(&[&title.unwrap_or_default()], version);
            // The live album is not the studio one, but what all its titles say, its name may leave out.
            return match [wanted, said].map(versions::version_of_album) {
                [Some(version), None] => are_alike && say(self.title(file), &version),
                [None, Some(version)] => are_alike && say(row.whole_title(), &version),
                [None, None] => are_alike,
                // "Tides (2011 Remaster)" and "Tides (Remastered)".
                [Some(_), Some(_)] => are_alike || versions::compare(wanted, said) == Titles::Same,
            };
        }
        let Some(folder) = self.folders[file].as_deref() else {
            return true;
        };
        let (this, said) = (release(wanted), release(folder));
        if self.folder_releases.contains(&this) || self.named.contains(&said) {
            return this == said;
        }
        let is_other_version = || {
            let titles = [row.whole_title(), self.title(file)].map(Option::unwrap_or_default);
            let texts = [wanted, &titles[0], &titles[1]];
            let only_one_says = versions::version_of_one(wanted, folder);
            version_of(folder).is_some_and(|version| !versions::says_kind(&texts, &version))
                || only_one_says.is_some_and(|version| !versions::says_kind(&texts[2..], &version))
        };
        !is_other_volume(wanted, folder) && !is_in_other_part(wanted, &self.files[file].path) && !is_other_version()
    }

    pub(super) fn on_one_release(&self, a: usize, b: usize) -> bool {
        match self.albums[a].as_ref().zip(self.albums[b].as_ref()) {
            Some((a, b)) => a == b,
            None => release_folder(&self.files[a].path) == release_folder(&self.files[b].path),
        }
    }

    /// The release of a file: by its album, or by its folder where it does not say one.
    pub(super) fn release_of(&self, file: usize) -> (Option<&str>, PathBuf) {
        match &self.albums[file] {
            Some(album) => (Some(album), PathBuf::new()),
            None => (None, release_folder(&self.files[file].path)),
        }
    }

    /// Of each file the number of its release.
    pub(super) fn releases(&self) -> Vec<usize> {
        let mut numbers = HashMap::new();
        let number = |file| {
            let next = numbers.len();
            *numbers.entry(self.release_of(file)).or_insert(next)
        };
        (0..self.files.len()).map(number).collect()
    }

    /// Whether two files are of one album by their tags, or lie in folders of formats and discs within one folder.
    pub(super) fn are_of_one_place(&self, a: usize, b: usize) -> bool {
        let says = |file: usize| self.sides[file].called.album.is_some();
        (says(a) && says(b) && self.on_one_release(a, b)) || are_near(&self.files[a], &self.files[b])
    }

    /// Whether a file, or a folder that it lies in, says the artist or the album of a row; or says nothing of either.
    pub(super) fn is_named(&self, row: &Row, file: usize) -> bool {
        let (own, tags, path) = (&row.description, &self.files[file].description, &self.files[file].path);
        if self.folder_like_an_album(file).is_none() && tags.album.is_none() && tags.artist.is_none() {
            return true;
        }
        let path = fold(&path.to_string_lossy());
        let says = |(wanted, tag): &(&Option<String>, &Option<String>)| {
            wanted.as_deref().is_some_and(|wanted| {
                let name = release(wanted);
                tag.as_deref().is_some_and(|tag| names_touch(wanted, tag)) || (!name.is_empty() && path.contains(&name))
            })
        };
        [(&own.artist, &tags.artist), (&own.album, &tags.album)]
            .iter()
            .any(says)
    }

    /// What the folder of a file is called, where that may be an album.
    pub(super) fn folder_like_an_album(&self, file: usize) -> Option<&str> {
        self.folders[file]
            .as_deref()
            .filter(|folder| !names::is_of_work(folder))
    }

    /// The album of a file, by its tags or its folders, and the version that it is called by, where a row does not say one.
    pub(super) fn unsaid_version(&self, row: &Row, file: usize) -> Option<(&str, String)> {
        let album = self.sides[file]
            .called
            .album
            .as_deref()
            .or(self.folders[file].as_deref())?;
        let version = version_of(album)?;
        let said = [
            row.description.album.clone(),
            row.whole_title(),
            row.description.version.clone(),
        ];
        let said: Vec<&str> = said.iter().flatten().map(String::as_str).collect();
        (!versions::says_kind(&said, &version)).then_some((album, version))
    }

    /// Whether a row says an album, by itself or by the path of its file, that neither a tag of a file says nor its folder,
    /// which may be called like an album.
    pub(super) fn is_of_other_folder(&self, row: &Row, file: usize) -> bool {
        let of_path = || {
            names::album_of_folders(Path::new(&last_spelling(row.file.as_deref()?)))
                .filter(|album| !names::is_of_work(album))
        };
        let wanted = row.description.album.clone().or_else(of_path);
        let is_other = |(wanted, folder): (String, &str)| {
            !names_touch(&wanted, folder) && !fold(&self.files[file].path.to_string_lossy()).contains(&release(&wanted))
        };
        self.sides[file].called.album.is_none() && wanted.zip(self.folder_like_an_album(file)).is_some_and(is_other)
    }

    pub(super) fn is_one_release(&self, files: &[usize]) -> bool {
        files
            .windows(2)
            .all(|pair| self.on_one_release(pair[0], pair[1]) || self.is_one(pair))
    }
}

/// The version that an album, or a folder, is called by: "Small Hours (Live)", "Tides Live at the Hall", "Instrumentals".
pub(super) fn version_of(album: &str) -> Option<String> {
    if remarks::is_name(album) {
        return None;
    }
    let said = remarks::version_of_line(album).flatten().map(str::to_owned);
    said.or_else(|| versions::performance(album))
}

/// The UPC or EAN that a folder of a file is called by, as deliveries are: "5060123456781 Tides"; no time.
pub(super) fn upc_of_folders(path: &Path) -> Option<String> {
    let is_upc = |word: &&str| {
        (12..=13).contains(&word.len())
            && word.bytes().all(|letter| letter.is_ascii_digit())
            && !["17", "19", "20"].iter().any(|time| word.starts_with(time))
    };
    let folders = path.parent()?.components().rev();
    folders
        .map(|folder| folder.as_os_str().to_string_lossy())
        .find_map(|name| {
            let upc = name.split(|letter: char| !letter.is_alphanumeric()).find(is_upc)?;
            Some(upc.trim_start_matches('0').to_owned())
        })
}

/// The UPC or EAN of a cell, without zeros in front. What a spreadsheet has rounded, "5.06E+12", is none, nor are two.
fn upc_of_cell(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let bare: String = cell.strip_suffix(".0").unwrap_or(cell).replace([' ', '-'], "");
    let is_upc = (11..=14).contains(&bare.len()) && bare.bytes().all(|letter| letter.is_ascii_digit());
    is_upc.then(|| bare.trim_start_matches('0').to_owned())
}

/// Folders that are called parts of a set, "Vol. 1" and "Vol. 2", are its discs.
pub(super) fn say_parts(sides: &mut [Side]) {
    let part = |side: &Side| {
        let folder = side.file.path.parent().and_then(Path::file_name).map(key);
        names::part_of_set(&folder?).filter(|_| side.called.disc.is_none())
    };
    let parts: Vec<Option<u32>> = sides.iter().map(part).collect();
    if parts.iter().flatten().collect::<HashSet<_>>().len() > 1 {
        let parts = sides.iter_mut().zip(parts);
        parts.for_each(|(side, part)| side.called.disc = side.called.disc.or(part));
    }
}

/// Whether an album is one volume of a set, and the folder of a file another: "Tides, Vol. 1" and `Tides/Vol. 2`.
fn is_in_other_part(album: &str, path: &Path) -> bool {
    let mut folders = path
        .ancestors()
        .skip(1)
        .map(|folder| folder.file_name().map(key).unwrap_or_default());
    let (part, set) = (folders.next().unwrap_or_default(), folders.next().unwrap_or_default());
    let is_part = names::part_of_set(&part).is_some() && is_other_volume(album, &set);
    is_part && is_other_volume(album, &format!("{set} {part}"))
}

/// What an album is called without its disc, folded.
pub(super) fn release(album: &str) -> String {
    fold(&names::album_and_disc(album).0)
}

/// Whether a file lies in a folder that is called "Artist - Album".
pub(super) fn is_artist_and_album(path: &Path, album: &str) -> bool {
    let folder = path.parent().and_then(Path::file_name).map(key).unwrap_or_default();
    let named = folder.split_once(" - ");
    named.is_some_and(|(_, rest)| fold(rest).starts_with(&fold(album)))
}

/// The folder of a file's release: that of its discs, where it lies in "CD1" or "Album CD 2".
pub(super) fn release_folder(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = folder.file_name().map(key).unwrap_or_default();
    match names::album_and_disc(&name) {
        (rest, Some(_)) => folder.parent().unwrap_or(Path::new("")).join(rest),
        (_, None) => folder.to_path_buf(),
    }
}

/// Whether "Etude - Allegro" is a title, or Allegro is and Etude its artist, names alone need not tell: the titles of rows do.
pub(super) fn read_names_as_rows(sides: &mut [Side], rows: &[Row]) {
    let artist_of = |row: &Row| {
        let (title, artist) = (row.description.title.clone()?, row.description.artist.clone());
        // Of "Ana - Sun" nobody can tell, of "Etude: Allegro" it is no artist.
        (artist.is_some() || !title.contains(" - ")).then(|| (fold(&title), artist))
    };
    let artists: HashMap<String, Option<String>> = rows.iter().filter_map(artist_of).collect();
    let titles: HashSet<String> = rows
        .iter()
        .filter_map(|row| Some(fold(row.description.title.as_deref()?)))
        .collect();
    let is_tagged = |side: &Side| side.file.description.title.is_some() || side.file.description.artist.is_some();
    for side in sides.iter_mut().filter(|side| !is_tagged(side)) {
        let Some(title) = &side.called.title else { continue };
        let touches =
            |known: &Option<String>, artist: &str| known.as_deref().is_none_or(|known| names_touch(known, artist));
        if let Some(artist) = &side.called.artist
            && let whole = format!("{artist} - {title}")
            && let Some(known) = artists.get(&fold(&whole))
            && known.as_deref().is_none_or(|known| !names_touch(known, artist))
        {
            (side.called.artist, side.called.title) = (names::artist_of_folders(&side.file.path), Some(whole));
        } else if let Some((artist, rest)) = title.split_once(" - ")
            && side.named_version.is_none()
            && !titles.contains(&fold(title))
            && artists.get(&fold(rest)).is_some_and(|known| touches(known, artist))
            && touches(&side.called.artist, artist)
        {
            (side.called.artist, side.called.title) = (Some(artist.to_owned()), Some(rest.to_owned()));
        }
    }
}

/// Whether the rows are of one release as far as they tell.
pub(super) fn is_one_release(rows: &[Row]) -> bool {
    let upcs: HashSet<&str> = rows.iter().filter_map(|row| row.upc.as_deref()).collect();
    let albums = rows.iter().filter_map(|row| row.description.album.as_deref());
    let albums: HashSet<String> = albums.map(fold).collect();
    upcs.len() <= 1 && albums.len() <= 1
}
