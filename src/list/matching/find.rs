//! Looking files up by what rows say.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use super::album::{belongs, is_artist_and_album, is_one_release, release, without_wrong_artists};
use super::problem::What;
use super::titles::Fit;
use super::{By, Matcher, Target};
use crate::isrc::Isrc;
use crate::isrc::in_name::code_in_name;
use crate::isrc::normalise::normalise;
use crate::list::Row;
use crate::list::table::duration::DurationCell;
use crate::recording::fold::names_touch;
use crate::recording::side::Side;
use crate::recording::versions::{self, Titles};
use crate::recording::{FileInfo, names};

/// Of more files than this that a row may be for nobody can tell one, and looking at each for every row would take the
/// product of both.
pub(super) const MOST: usize = 1024;

/// A row's duration and a file's that lie further apart are of two recordings; a list tells whole seconds.
pub(super) const LENGTHS_DIFFER: Duration = Duration::from_millis(10_500);

/// Of files of one title those within this are meant.
pub(super) const LENGTHS_FIT: Duration = Duration::from_millis(2_500);

type Index<K> = HashMap<K, Vec<u32>>;

pub(super) struct Finder<'a> {
    pub(super) matcher: Matcher<'a>,
    pub(super) files: &'a [FileInfo],
    pub(super) sides: Vec<Side<'a>>,
    /// Of each file the album, by its folders where it does not say one.
    pub(super) folders: Vec<Option<String>>,
    /// Whole paths, absolute.
    pub(super) paths: Index<String>,
    /// File names without case, with and without ending.
    pub(super) names: Index<String>,
    pub(super) stems: Index<String>,
    /// By what of their titles is no version.
    pub(super) titles: Index<String>,
    pub(super) tracks: Index<u32>,
    /// Codes in file names.
    pub(super) codes: Index<Isrc>,
    pub(super) codes_in_names: Vec<Option<Isrc>>,
    /// Whether a number without a disc, or an album, may be of several.
    pub(super) several_discs: bool,
    pub(super) several_albums: bool,
    /// All rows are of a second disc, or a later one.
    pub(super) only_later_discs: bool,
}

/// Files of a row's title.
#[derive(Default)]
struct Titled {
    /// In their number, too.
    agreeing: Vec<usize>,
    /// One of both has none.
    unnumbered: Vec<usize>,
    /// In another number.
    others: Vec<usize>,
    /// But for a word that makes another version.
    one_sided: Vec<usize>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(rows: &[Row], files: &'a [FileInfo], matcher: &Matcher<'a>) -> Finder<'a> {
        let mut sides = Side::all(files);
        without_wrong_artists(&mut sides, rows);
        let mut folders = Vec::with_capacity(sides.len());
        for side in &mut sides {
            // What a folder is called is no album that a list knows, unless it names the artist too.
            let of_folder = side
                .called
                .album
                .clone()
                .filter(|album| is_artist_and_album(&side.file.path, album));
            let album = side.file.description.album.clone().or(of_folder);
            folders.push(std::mem::replace(&mut side.called.album, album));
            if side.file.description.title.is_none() && code_in_name(&side.file.path).is_some() {
                side.called.title = side.called.title.take().and_then(|title| without_codes(&title));
            }
        }
        let mut finder = Finder {
            matcher: *matcher,
            files,
            sides,
            folders,
            paths: Index::new(),
            names: Index::new(),
            stems: Index::new(),
            titles: Index::new(),
            tracks: Index::new(),
            codes: Index::new(),
            codes_in_names: files.iter().map(|file| code_in_name(&file.path)).collect(),
            several_discs: false,
            several_albums: false,
            only_later_discs: rows.iter().all(|row| row.description.disc.is_some_and(|disc| disc > 1)),
        };
        let discs: HashSet<u32> = finder.sides.iter().filter_map(|side| side.called.disc).collect();
        let albums = finder.sides.iter().filter_map(|side| side.called.album.as_deref());
        let albums: HashSet<String> = albums.map(release).collect();
        finder.several_discs = discs.len() > 1;
        finder.several_albums = albums.len() > 1 || !is_one_release(rows);
        if rows.iter().any(|row| row.file.is_some()) {
            finder.index_names();
        }
        for (at, side) in (0..).zip(&finder.sides) {
            if let Some(title) = side.title() {
                finder.titles.entry(versions::main_title(&title)).or_default().push(at);
            }
            if let Some(track) = side.called.track {
                finder.tracks.entry(track).or_default().push(at);
            }
            if let Some(code) = finder.codes_in_names[at as usize] {
                finder.codes.entry(code).or_default().push(at);
            }
        }
        finder
    }

    /// A row under a line "Live" is for the live version, or for what the folder or the album calls so.
    pub(super) fn find(&self, row: &Row) -> Result<Target, What> {
        let found = self.find_titled(row, row.whole_title());
        match (&found, &row.above) {
            (Err(_), Some(above)) => match self.find_titled(row, row.title_as_written()) {
                Ok(target) if target.files.iter().all(|file| self.is_within(*file, above)) => Ok(target),
                Ok(_) | Err(_) => found,
            },
            (Ok(_), _) | (Err(_), None) => found,
        }
    }

    fn find_titled(&self, row: &Row, wanted: Option<String>) -> Result<Target, What> {
        let by_code = row.code.isrc().and_then(|isrc| self.codes.get(&isrc));
        if let Some(found) = by_code {
            return self.one(row, widened(found), By::CodeInName, true);
        }
        if row.file.is_some() {
            let (found, by) = self.by_file(row)?;
            return self.one(row, found, by, true);
        }
        match (wanted, row.description.track) {
            (Some(wanted), _) => self.by_title_and_number(row, &wanted),
            (None, Some(track)) => self.by_number(row, track),
            (None, None) => Err(What::NamesNothing),
        }
    }

    /// Whether the album of a file, or a folder that it lies in, is called so.
    pub(super) fn is_within(&self, file: usize, version: &str) -> bool {
        let folders = self.files[file].path.parent().into_iter().flat_map(Path::components);
        let folders = folders.map(|folder| folder.as_os_str().to_string_lossy().into_owned());
        let said: Vec<String> = folders
            .chain(self.sides[file].called.album.clone())
            .flat_map(|name| versions::version_words(&name))
            .collect();
        versions::version_words(version).iter().all(|word| said.contains(word))
    }

    /// The title that a file of a row must have.
    pub(super) fn wanted(&self, row: &Row, file: usize) -> Option<String> {
        match &row.above {
            Some(above) if self.is_within(file, above) => row.title_as_written(),
            Some(_) | None => row.whole_title(),
        }
    }

    /// Files of a number where a row has no title.
    fn by_number(&self, row: &Row, track: u32) -> Result<Target, What> {
        let wanted = told_number(row, track);
        let all = self.tracks.get(&track).map_or(&[][..], Vec::as_slice);
        if all.len() > MOST {
            return Err(What::SeveralAlbums { wanted });
        }
        let fits = |at: &&u32| {
            let side = &self.sides[**at as usize];
            number_agrees(row, side) == Some(true) && belongs(row, side)
        };
        let found: Vec<usize> = all.iter().filter(fits).map(|at| *at as usize).collect();
        let is_open = (self.several_albums && row.description.album.is_none())
            || (self.several_discs && row.description.disc.is_none());
        match found.is_empty() {
            true => Err(What::Unmatched { wanted }),
            false if is_open => Err(What::SeveralAlbums { wanted }),
            false => self
                .one(row, found, By::DiscAndTrack, false)
                .map_err(|what| match what {
                    What::Ambiguous { .. } => What::SeveralAlbums { wanted },
                    other => other,
                }),
        }
    }

    fn by_title_and_number(&self, row: &Row, wanted: &str) -> Result<Target, What> {
        let titled = self.titled(row, wanted);
        let of_number: &[u32] = row
            .description
            .track
            .and_then(|track| self.tracks.get(&track))
            .map_or(&[], Vec::as_slice);
        if titled.len() > MOST && (row.description.track.is_none() || of_number.len() > MOST) {
            return Err(What::Ambiguous {
                by: By::Title,
                count: titled.len(),
                candidates: widened(&titled[..10]),
            });
        }
        // The shorter of both lists is looked through.
        let looked_at = if titled.len() > MOST { of_number } else { titled };
        let Titled {
            agreeing,
            unnumbered,
            others,
            one_sided,
        } = self.sorted(row, wanted, looked_at);
        if !agreeing.is_empty() {
            return self.with_formats(row, agreeing, &unnumbered, By::DiscAndTrack);
        }
        if !unnumbered.is_empty() {
            let confirmed = self.speaks_for(row, unnumbered[0]);
            return self.one(row, unnumbered, By::Title, confirmed);
        }
        // The files that have this number, on the album of the files with this title.
        let at_number: Vec<usize> = of_number
            .iter()
            .take(MOST)
            .map(|at| *at as usize)
            .filter(|at| number_agrees(row, &self.sides[*at]) == Some(true) && belongs(row, &self.sides[*at]))
            .collect();
        if let Some(&of_title) = others.first() {
            let moved = at_number
                .iter()
                .find(|at| others.iter().any(|other| self.on_one_release(**at, *other)));
            return match moved {
                Some(&file) => Err(self.other_title(row, By::DiscAndTrack, file, wanted, true)),
                None => self.one(row, others, By::Title, self.speaks_for(row, of_title)),
            };
        }
        self.by_number_and_title(row, wanted, &at_number, one_sided)
    }

    /// Files of this title by what they say of the number.
    fn sorted(&self, row: &Row, wanted: &str, files: &[u32]) -> Titled {
        let mut titled = Titled::default();
        for at in files {
            let side = &self.sides[*at as usize];
            let Some(title) = side.title().filter(|_| belongs(row, side)) else {
                continue;
            };
            let of_kind = match (self.compare(row, wanted, &title), number_agrees(row, side)) {
                (Titles::Same, Some(true)) => &mut titled.agreeing,
                (Titles::Same, None) => &mut titled.unnumbered,
                (Titles::Same, Some(false)) => &mut titled.others,
                (Titles::OneSided(_), _) => &mut titled.one_sided,
                (Titles::Different, _) => continue,
            };
            of_kind.push(*at as usize);
        }
        titled
    }

    /// Of the files of a number those whose title is alike, or unknown.
    fn by_number_and_title(
        &self,
        row: &Row,
        wanted: &str,
        at_number: &[usize],
        mut one_sided: Vec<usize>,
    ) -> Result<Target, What> {
        let mut found = Vec::new();
        for &file in at_number {
            let Some(title) = self.sides[file].title() else {
                found.push(file);
                continue;
            };
            match self.fit(row, wanted, &title, file) {
                Fit::Same | Fit::Alike => found.push(file),
                Fit::OneSided if !self.is_of_another(row, wanted, file) => one_sided.insert(0, file),
                Fit::OneSided | Fit::OtherScript | Fit::SharesWords | Fit::Different => {}
            }
        }
        if !found.is_empty() {
            return self.one(row, found, By::DiscAndTrack, false);
        }
        if let Some(&file) = one_sided
            .first()
            .filter(|file| number_agrees(row, &self.sides[**file]) != Some(false))
        {
            return Err(What::OtherVersion {
                file,
                is_title: true,
                wanted: wanted.to_owned(),
                title: self.sides[file].title().unwrap_or_default(),
            });
        }
        match at_number[..] {
            // Of one album: elsewhere a number says nothing against a title.
            [file, ..] if self.is_one_release(at_number) => {
                Err(self.other_title(row, By::DiscAndTrack, file, wanted, false))
            }
            _ => Err(What::Unmatched {
                wanted: told(row, wanted),
            }),
        }
    }

    /// The files that may have this title, by what of it is no version.
    pub(super) fn titled(&self, row: &Row, wanted: &str) -> &[u32] {
        let of = |title: &str| self.titles.get(&versions::main_title(title)).map(Vec::as_slice);
        let found = of(wanted).or_else(|| {
            // "Artist - Title", where there is no column of artists.
            let (artist, title) = wanted.split_once(" - ")?;
            let found = of(title)?;
            let is_artist = |at: &u32| {
                let artists = [&row.description.artist, &self.sides[*at as usize].called.artist];
                artists.into_iter().flatten().any(|known| names_touch(known, artist))
            };
            found.iter().any(is_artist).then_some(found)
        });
        found.unwrap_or_default()
    }

    /// Whether a row names the album of a file, or its length, beside its title.
    fn speaks_for(&self, row: &Row, file: usize) -> bool {
        let album = row.description.album.is_some() && self.sides[file].called.album.is_some();
        let length = match (&row.duration, self.files[file].description.duration) {
            (DurationCell::Readings(readings), Some(length)) => readings.distance(length) <= LENGTHS_FIT,
            _ => false,
        };
        album || length
    }

    /// How many tracks there are where rows say numbers alone.
    pub(super) fn tracks(&self) -> usize {
        self.tracks.len()
    }
}

pub(super) fn widened(found: &[u32]) -> Vec<usize> {
    found.iter().map(|at| *at as usize).collect()
}

/// A row's number for people, with its artist and album.
fn told_number(row: &Row, track: u32) -> String {
    let quoted = |before: &str, text: &Option<String>| {
        let text = text.as_deref().map(super::problem::quoted);
        text.map(|text| format!(" {before} {text}")).unwrap_or_default()
    };
    let disc = row
        .description
        .disc
        .map(|disc| format!("disc {disc}, "))
        .unwrap_or_default();
    let (artist, album) = (&row.description.artist, &row.description.album);
    format!("{disc}track {track}{}{}", quoted("by", artist), quoted("of", album))
}

/// A row's title for people, with its album and disc where these matter.
fn told(row: &Row, wanted: &str) -> String {
    let title = super::problem::quoted(wanted);
    let disc = row.description.disc.filter(|disc| *disc > 1);
    let disc = disc.map(|disc| format!(" on disc {disc}")).unwrap_or_default();
    match &row.description.album {
        Some(album) if disc.is_empty() => format!("{title} on {}", super::problem::quoted(album)),
        Some(album) => format!("{title}{disc} of {}", super::problem::quoted(album)),
        None => format!("{title}{disc}"),
    }
}

/// Whether disc and track of a row and a file are the same; `None` where one has none.
pub(super) fn number_agrees(row: &Row, side: &Side) -> Option<bool> {
    let (wanted, track) = row.description.track.zip(side.called.track)?;
    let disc = row
        .description
        .disc
        .is_none_or(|disc| side.called.disc.unwrap_or(1) == disc);
    Some(wanted == track && disc)
}

/// What a name says beside the code in it.
fn without_codes(title: &str) -> Option<String> {
    let words = title.split(|letter: char| letter.is_whitespace() || letter == '_');
    let words: Vec<&str> = words.filter(|word| normalise(word).is_err()).collect();
    let rest = words.join(" ");
    let rest = rest.trim_matches(|letter: char| !letter.is_alphanumeric());
    (!rest.is_empty() && !names::is_placeholder(rest)).then(|| rest.to_owned())
}
