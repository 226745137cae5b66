//! How the title of a row stands to that of a file.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use super::find::{Finder, MOST};
use super::problem::{Of, What};
use super::{By, Target};
use crate::format::tags::{Description, Medium};
use crate::list::Row;
use crate::recording::fold::{fold, names_touch};
use crate::recording::names;
use crate::recording::versions::fit::{Fit, fit};
use crate::recording::versions::{self, Titles, guests_of, with_guests};

impl Finder<'_> {
    /// What a file is called, with the version that its name says beside its tags.
    pub(super) fn title(&self, file: usize) -> Option<String> {
        let side = &self.sides[file];
        let title = side.title()?;
        let medium = self.medium_beside_others(file).map(Medium::word);
        let named = side.named_version.as_deref().into_iter().chain(medium);
        Some(
            named.fold(title, |title, named| match versions::says_kind(&[&title], named) {
                true => title,
                false => format!("{title} ({named})"),
            }),
        )
    }

    /// What a file is that others are not, those of its title where it is sound: then a row that means it says so.
    pub(super) fn medium_beside_others(&self, file: usize) -> Option<Medium> {
        let medium = |file: usize| self.files[file].description.medium;
        match medium(file)? {
            Medium::Video => self.has_sound.then_some(Medium::Video),
            Medium::Surround => {
                let titled = self.titles.get(&versions::main_title(&self.sides[file].title()?))?;
                let is_stereo = |other: &usize| medium(*other) == Some(Medium::Stereo);
                titled.iter().take(MOST).any(is_stereo).then_some(Medium::Surround)
            }
            Medium::Sound | Medium::Stereo => None,
        }
    }

    /// Whether a row may mean a file, by what others are not: it says so, or names this one and not another.
    pub(super) fn may_mean(&self, row: &Row, file: usize) -> bool {
        let Some(medium) = self.medium_beside_others(file) else {
            return true;
        };
        let ending = |path: &Path| path.extension().map(OsStr::to_ascii_lowercase);
        let is_named = |name: &PathBuf| match medium {
            Medium::Video => ending(name) == ending(&self.files[file].path),
            _ => name.components().nth(1).is_some(),
        };
        let own = &row.description;
        let mut texts = [&own.title, &own.version, &own.album, &row.above].into_iter().flatten();
        row.file.as_ref().is_some_and(is_named) || texts.any(|text| versions::says_medium(text, medium))
    }

    /// The title that a file of a row must have. Under a line "Live" it is that of the live version, or of what its folder
    /// or its album calls so.
    pub(super) fn wanted(&self, row: &Row, file: usize) -> Option<String> {
        self.within(row, file).or_else(|| row.whole_title())
    }

    /// The title of a row without the version above it, where a folder or the album of a file says that.
    fn within(&self, row: &Row, file: usize) -> Option<String> {
        let above = row.above.as_deref().filter(|above| self.is_within(file, above));
        above.and_then(|_| row.title_as_written())
    }

    /// Whether the album of a file, or a folder that it lies in, is called so.
    pub(super) fn is_within(&self, file: usize, version: &str) -> bool {
        let folders = self.files[file].path.parent().into_iter().flat_map(Path::components);
        let folders: Vec<_> = folders.map(|folder| folder.as_os_str().to_string_lossy()).collect();
        let names = folders.iter().map(|name| &**name);
        let names: Vec<&str> = names.chain(self.sides[file].called.album.as_deref()).collect();
        versions::says_all(&names, version)
    }

    /// Whether the title of a row is that of its files letter by letter.
    pub(super) fn is_called(&self, row: &Row, target: &Target) -> bool {
        let wanted = row.whole_title().unwrap_or_default();
        target.by == By::Order || target.files.iter().all(|file| self.is_titled(row, &wanted, *file))
    }

    /// Whether a file has this title.
    fn is_titled(&self, row: &Row, wanted: &str, file: usize) -> bool {
        self.titles(row, wanted, file) == Some(Titles::Same)
    }

    /// How the whole title of a row stands to that of a file.
    pub(super) fn titles(&self, row: &Row, wanted: &str, file: usize) -> Option<Titles> {
        let title = self.title(file)?;
        match self.compare(row, wanted, &title, file) {
            Titles::Same => Some(Titles::Same),
            other => Some(match self.within(row, file) {
                Some(wanted) => self.compare(row, &wanted, &title, file),
                None => other,
            }),
        }
    }

    fn compare(&self, row: &Row, wanted: &str, title: &str, file: usize) -> Titles {
        // Comparing takes a title apart, and many are written the same.
        if wanted == title {
            return Titles::Same;
        }
        if self.is_of_twin(row, wanted, title) {
            return Titles::Different;
        }
        let warned = warned(row, wanted, title);
        let wanted = warned.as_deref().unwrap_or(wanted);
        let compared = versions::compare(wanted, title);
        let known = [&row.description.artist, &self.sides[file].called.artist];
        let is_artist = |artist: &str| known.into_iter().flatten().all(|known| names_touch(known, artist));
        match wanted.split_once(" - ").filter(|_| compared == Titles::Different) {
            Some((artist, rest)) if is_artist(artist) => versions::compare(rest, title),
            Some(_) | None if compared == Titles::Different => match self.with_artist(row, wanted, file) {
                Some(whole) => versions::compare(&whole, title),
                None => compared,
            },
            Some(_) | None => compared,
        }
    }

    /// What a file may be called that has no tags: "Ana - Song", `ANA_SONG`.
    fn with_artist(&self, row: &Row, wanted: &str, file: usize) -> Option<String> {
        let artist = row.description.artist.as_deref()?;
        let tags = &self.files[file].description;
        (tags.title.is_none()).then(|| format!("{artist} {wanted}"))
    }

    /// How near the whole title of a row is to that of a file.
    pub(super) fn fit(&self, row: &Row, wanted: &str, file: usize) -> Option<Fit> {
        let title = self.title(file)?;
        match self.fit_of(row, wanted, &title, file) {
            fit @ (Fit::Same | Fit::Alike) => Some(fit),
            other => Some(match self.within(row, file) {
                Some(wanted) => self.fit_of(row, &wanted, &title, file),
                None => other,
            }),
        }
    }

    pub(super) fn fit_of(&self, row: &Row, wanted: &str, title: &str, file: usize) -> Fit {
        if self.is_of_twin(row, wanted, title) {
            return Fit::Different;
        }
        let artists = [&row.description.artist, &self.sides[file].called.artist];
        let artists: Vec<&str> = artists.into_iter().flatten().map(String::as_str).collect();
        fit(warned(row, wanted, title).as_deref().unwrap_or(wanted), title, &artists)
    }

    /// Whether a title is letter by letter that of another row, and that of this row but for signs, accents and capitals.
    fn is_of_twin(&self, row: &Row, wanted: &str, title: &str) -> bool {
        !self.twins.is_empty() && nfc(wanted) != nfc(title) && self.twins.contains(&(album_of(row), nfc(title)))
    }

    pub(super) fn other_title(&self, row: &Row, file: usize, wanted: &str, moved: bool) -> What {
        let moved = moved || self.is_of_another(row, wanted, file);
        What::contradicts(file, Of::Title { moved }, wanted, self.title(file).unwrap_or_default())
    }

    /// Whether what rows say as artist and title are the titles that the tags of files say.
    pub(super) fn has_titles_with_artists(&self, rows: &[Row]) -> bool {
        const LOOKED_AT: usize = 20;
        let first = rows.first().and_then(|row| row.description.artist.as_deref());
        let is_title = |title: &String| {
            let files = self.titles.get(&fold(title)).into_iter().flatten().take(MOST);
            let mut titles = files.filter_map(|file| self.files[*file].description.title.as_deref());
            titles.any(|known| fold(known) == fold(title))
        };
        let mut titles = rows.iter().take(LOOKED_AT).filter_map(|row| joined(&row.description));
        first.is_some()
            && rows.iter().all(|row| row.description.artist.as_deref() == first)
            && titles.any(|title| is_title(&title))
    }

    /// The title in the name of a file, where the tags say another one and it is that of another file on the album: the
    /// tags or the names were put in another order.
    pub(super) fn named_after_another(&self, row: &Row, file: usize) -> Option<String> {
        let title = self.files[file].description.title.as_deref()?;
        let path = &self.files[file].path;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if fold(&stem).contains(&versions::main_title(title)) {
            return None;
        }
        let named = names::read(path).title?;
        let is_other = versions::compare(&named, title) == Titles::Different;
        (is_other && self.is_of_another(row, &named, file)).then_some(named)
    }

    /// Whether another file of this title on the album lasts as long as a row says.
    pub(super) fn another_is_as_long(&self, row: &Row, file: usize) -> bool {
        let Some(wanted) = row.whole_title() else { return false };
        self.called_so(row, &wanted, file)
            .any(|at| at != file && self.is_as_long(row, at))
    }

    /// Whether a title is exactly that of another file on the album of `file`.
    pub(super) fn is_of_another(&self, row: &Row, wanted: &str, file: usize) -> bool {
        self.called_so(row, wanted, file).any(|at| at != file)
    }

    /// The files on the album of `of` that have exactly this title.
    pub(super) fn called_so(&self, row: &Row, wanted: &str, of: usize) -> impl Iterator<Item = usize> {
        let titled = self.titled(row, wanted).iter().take(MOST).copied();
        titled.filter(move |at| self.on_one_release(of, *at) && self.is_titled(row, wanted, *at))
    }
}

/// Guests whom only the credit of the artist names make another recording as those in a title do.
pub(super) fn say_guests(title: &mut Option<String>, artist: Option<&str>) {
    let said = || with_guests(title.as_deref()?, &guests_of(artist?)?);
    *title = said().or_else(|| title.take());
}

/// A title with the album that a row names.
pub(super) type OfAlbum = (Option<String>, String);

/// The titles of rows that are those of other rows with other codes but for signs, accents and capitals. Two rows of one number
/// are of two releases.
pub(super) fn twins(rows: &[Row]) -> HashSet<OfAlbum> {
    let mut first_of: HashMap<OfAlbum, (String, &Row)> = HashMap::new();
    let mut twins = HashSet::new();
    for row in rows {
        let Some(title) = row.whole_title() else { continue };
        let (key, title) = ((album_of(row), fold(&title)), nfc(&title));
        let album = key.0.clone();
        let (first, of_first) = first_of.entry(key).or_insert_with(|| (title.clone(), row));
        let number = |row: &Row| (row.description.disc, row.description.track);
        let is_other = row.description.track.is_none() || number(of_first) != number(row);
        if *first != title && of_first.code != row.code && is_other {
            twins.extend([(album.clone(), first.clone()), (album, title)]);
        }
    }
    twins
}

fn album_of(row: &Row) -> Option<String> {
    row.description.album.as_deref().map(fold)
}

fn nfc(title: &str) -> String {
    title.trim().nfc().collect()
}

/// Rows as a list has them whose titles all begin with the same words: "Sonata - Allegro" is a title, too.
pub(super) fn join_artists(rows: &mut [Row]) {
    for Row { description, .. } in rows {
        let joined = joined(description);
        if let Some(joined) = joined {
            (description.title, description.artist) = (Some(joined), None);
        }
    }
}

fn joined(description: &Description) -> Option<String> {
    let (artist, title) = (description.artist.as_deref()?, description.title.as_deref()?);
    Some(format!("{artist} - {title}"))
}

/// A row's title with what its list warns of, where the file's title says such a thing and the row's does not.
fn warned(row: &Row, wanted: &str, title: &str) -> Option<String> {
    let warns = |title: &str| {
        let words = versions::version_words(title);
        words.iter().any(|word| matches!(word.as_str(), "explicit" | "clean"))
    };
    let advisory = row.advisory.filter(|_| warns(title) && !warns(wanted))?;
    Some(format!("{wanted} ({advisory})"))
}
