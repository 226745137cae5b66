//! How the title of a row stands to that of a file.

use super::find::{Finder, MOST};
use super::problem::{Of, What};
use super::{By, Target};
use crate::list::Row;
use crate::recording::fold::names_touch;
use crate::recording::versions::fit::{Fit, fit};
use crate::recording::versions::{self, Titles};

impl Finder<'_> {
    /// Whether the title of a row is that of its files letter by letter.
    pub(super) fn is_called(&self, row: &Row, target: &Target) -> bool {
        let wanted = row.whole_title().unwrap_or_default();
        target.by == By::Order || target.files.iter().all(|file| self.is_titled(row, &wanted, *file))
    }

    /// Whether a file has this title.
    fn is_titled(&self, row: &Row, wanted: &str, file: usize) -> bool {
        let title = self.sides[file].title();
        title.is_some_and(|title| self.compare(row, wanted, &title, file) == Titles::Same)
    }

    /// `title` is that of the file.
    pub(super) fn compare(&self, row: &Row, wanted: &str, title: &str, file: usize) -> Titles {
        // Comparing takes a title apart, and many are written the same.
        if wanted == title {
            return Titles::Same;
        }
        let warned = warned(row, wanted, title);
        let wanted = warned.as_deref().unwrap_or(wanted);
        let compared = versions::compare(wanted, title);
        let known = [&row.description.artist, &self.sides[file].called.artist];
        let is_artist = |artist: &str| known.into_iter().flatten().all(|known| names_touch(known, artist));
        match wanted.split_once(" - ").filter(|_| compared == Titles::Different) {
            Some((artist, rest)) if is_artist(artist) => versions::compare(rest, title),
            Some(_) | None => compared,
        }
    }

    pub(super) fn fit(&self, row: &Row, wanted: &str, title: &str, file: usize) -> Fit {
        let artists = [&row.description.artist, &self.sides[file].called.artist];
        let artists: Vec<&str> = artists.into_iter().flatten().map(String::as_str).collect();
        fit(warned(row, wanted, title).as_deref().unwrap_or(wanted), title, &artists)
    }

    pub(super) fn other_title(&self, row: &Row, file: usize, wanted: &str, moved: bool) -> What {
        let moved = moved || self.is_of_another(row, wanted, file);
        What::contradicts(
            file,
            Of::Title { moved },
            wanted,
            self.sides[file].title().unwrap_or_default(),
        )
    }

    /// Whether a title is exactly that of another file on the album of `file`.
    pub(super) fn is_of_another(&self, row: &Row, wanted: &str, file: usize) -> bool {
        let mut others = self.titled(row, wanted).iter().take(MOST).copied();
        others.any(|at| at != file && self.on_one_release(file, at) && self.is_titled(row, wanted, at))
    }
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
