//! Looking files up by what rows say. Only the indices that the rows need are built.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use super::problem::What;
use super::{By, Folders};
use crate::discover::{Claim, Extension, claim};
use crate::list::{Ending, Row};
use crate::recording::fold::{fold, names_touch, whole_title};
use crate::recording::versions::without_additions;
use crate::recording::{AlbumKey, FileInfo, album_key};

/// What looking for a row's file gives.
#[derive(Debug)]
pub(super) enum Lookup {
    Nothing(What),
    /// At least one file, rising.
    Candidates(Vec<usize>, By),
}

type Index = HashMap<String, Vec<usize>>;

#[derive(Debug)]
pub(super) struct Finder<'a> {
    files: &'a [FileInfo],
    folders: &'a Folders,
    /// Whole paths, absolute.
    paths: Index,
    /// File names: as written, without case, and without ending too.
    names: Index,
    folded_names: Index,
    stems: Index,
    /// Files of each album by disc and track.
    tracks: HashMap<(usize, u32, u32), Vec<usize>>,
    albums: Vec<Album>,
    /// What the folded names of albums in the rows stand for.
    album_names: HashMap<String, Which>,
    /// Titles: folded, and without additions too.
    titles: Index,
    bare_titles: Index,
    /// Whether the rows are of one release as far as they tell.
    one_release: bool,
}

/// Among more albums than this, one is found only by its exact name.
const MOST_ALBUMS: usize = 1000;

/// Which album a row is of.
#[derive(Debug, Clone, Copy)]
enum Which {
    None,
    One(usize),
    Several,
}

#[derive(Debug)]
struct Album {
    key: AlbumKey,
    /// As the first file has it.
    name: String,
    discs: BTreeSet<u32>,
    has_discs: bool,
}

impl<'a> Finder<'a> {
    pub(super) fn new(rows: &[Row], files: &'a [FileInfo], folders: &'a Folders) -> Finder<'a> {
        let mut finder = Finder {
            files,
            folders,
            paths: Index::new(),
            names: Index::new(),
            folded_names: Index::new(),
            stems: Index::new(),
            tracks: HashMap::new(),
            albums: Vec::new(),
            album_names: HashMap::new(),
            titles: Index::new(),
            bare_titles: Index::new(),
            one_release: is_one_release(rows),
        };
        if rows.iter().any(|row| row.file.is_some()) {
            finder.index_names();
        }
        if rows
            .iter()
            .any(|row| row.file.is_none() && row.description.track.is_some())
        {
            finder.index_tracks(rows);
        }
        if rows.iter().any(|row| row.description.title.is_some()) {
            finder.index_titles();
        }
        finder
    }

    fn index_names(&mut self) {
        for (index, file) in self.files.iter().enumerate() {
            let add = |map: &mut Index, key: String| map.entry(key).or_default().push(index);
            let path = absolute(&self.folders.current, &file.path);
            add(&mut self.paths, key(path.as_os_str()));
            if let Some(name) = file.path.file_name() {
                let name = key(name);
                add(&mut self.folded_names, name.to_lowercase());
                add(&mut self.names, name);
            }
            if let Some(stem) = file.path.file_stem() {
                add(&mut self.stems, key(stem).to_lowercase());
            }
        }
    }

    fn index_tracks(&mut self, rows: &[Row]) {
        let mut numbers: HashMap<AlbumKey, usize> = HashMap::new();
        for (index, file) in self.files.iter().enumerate() {
            let number = *numbers.entry(album_key(file)).or_insert(self.albums.len());
            if number == self.albums.len() {
                self.albums.push(Album {
                    key: album_key(file),
                    name: file.description.album.clone().unwrap_or_default(),
                    discs: BTreeSet::new(),
                    has_discs: false,
                });
            }
            let (disc, track) = numbers_of(file);
            let album = &mut self.albums[number];
            album.discs.insert(disc.unwrap_or(1));
            album.has_discs |= disc.is_some();
            if let Some(track) = track {
                let files = self.tracks.entry((number, disc.unwrap_or(1), track)).or_default();
                files.push(index);
            }
        }
        for wanted in rows.iter().filter_map(|row| row.description.album.as_deref()) {
            let name = fold(wanted);
            if !self.album_names.contains_key(&name) {
                let which = self.album_named(wanted, &numbers);
                self.album_names.insert(name, which);
            }
        }
    }

    fn index_titles(&mut self) {
        for (index, file) in self.files.iter().enumerate() {
            let Some(title) = title_of(file) else {
                continue;
            };
            self.titles.entry(fold(&title)).or_default().push(index);
            self.bare_titles
                .entry(fold(without_additions(&title)))
                .or_default()
                .push(index);
        }
    }

    pub(super) fn find(&self, row: &Row) -> Lookup {
        if let Some(file) = &row.file {
            return self.by_file(file, row.ending);
        }
        let by_track = row.description.track.map(|track| self.by_track(row, track));
        match (by_track, &row.description.title) {
            (Some(found @ Lookup::Candidates(..)), _) => found,
            (_, Some(title)) => self.by_title(row, title),
            (Some(nothing), None) => nothing,
            (None, None) => Lookup::Nothing(What::NamesNothing),
        }
    }

    /// A row that names a file is for that file or for none.
    fn by_file(&self, file: &Path, ending: Ending) -> Lookup {
        let wanted = key(file.as_os_str());
        // Lists made on Windows separate folders with a backslash.
        let slashed = wanted.replace('\\', "/");
        for spelling in [&wanted, &slashed, &slashed.trim().to_owned()] {
            let path = Path::new(spelling.as_str());
            let is_name = !spelling.contains('/');
            let mut by = By::Path;
            let mut found = self.by_place(path);
            if found.is_empty() && is_name {
                by = By::FileName;
                found = self.by_name(spelling, ending).unwrap_or_default();
            } else if found.is_empty() && !path.has_root() {
                found = self.by_tail(path, ending);
            }
            if !found.is_empty() {
                self.prefer_exact(file, &mut found);
                return Lookup::Candidates(found, by);
            }
        }
        Lookup::Nothing(What::Unmatched {
            wanted: format!("{:?}", file.to_string_lossy()),
        })
    }

    /// Files at exactly this place, seen from either folder.
    fn by_place(&self, path: &Path) -> Vec<usize> {
        let bases = [&self.folders.current, &self.folders.list];
        let mut found: Vec<usize> = bases
            .iter()
            .filter_map(|base| self.paths.get(&key(absolute(base, path).as_os_str())))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Files whose paths end as a relative path does.
    fn by_tail(&self, path: &Path, ending: Ending) -> Vec<usize> {
        let Some(name) = path.file_name() else {
            return Vec::new();
        };
        let tail = absolute(Path::new(""), path);
        let tail = tail.parent().unwrap_or(Path::new(""));
        let ends_so = |file: &usize| {
            let folder = absolute(&self.folders.current, &self.files[*file].path);
            let folder = PathBuf::from(key(folder.parent().unwrap_or(Path::new("")).as_os_str()));
            folder.ends_with(tail)
        };
        let named = self.by_name(&key(name), ending).unwrap_or_default();
        named.into_iter().filter(ends_so).collect()
    }

    fn by_name(&self, name: &str, ending: Ending) -> Option<Vec<usize>> {
        let path = Path::new(name);
        let names_a_format = matches!(claim(Extension::of(path.as_os_str()).as_ref()), Claim::Audio(_));
        let stem = match (ending, names_a_format) {
            // Whoever says .wav does not mean the FLAC beside it.
            (Ending::Binding, true) => None,
            (Ending::Loose, true) => path.file_stem().map(key),
            (_, false) => Some(name.to_owned()),
        };
        let by_stem = || self.stems.get(&stem?.to_lowercase());
        let found = self
            .names
            .get(name)
            .or_else(|| self.folded_names.get(&name.to_lowercase()));
        found.or_else(by_stem).cloned()
    }

    /// Of paths that look alike the one with exactly these bytes.
    fn prefer_exact(&self, file: &Path, found: &mut Vec<usize>) {
        let is_exact = |index: &usize| self.files[*index].path == file;
        if found.len() > 1
            && let Some(exact) = found.iter().copied().find(is_exact)
        {
            *found = vec![exact];
        }
    }

    fn by_track(&self, row: &Row, track: u32) -> Lookup {
        let wanted = match row.description.disc {
            Some(disc) => format!("disc {disc}, track {track}"),
            None => format!("track {track}"),
        };
        let number = match self.album_of(row) {
            Which::One(number) => number,
            Which::None => return Lookup::Nothing(What::Unmatched { wanted }),
            Which::Several => return Lookup::Nothing(What::SeveralAlbums { wanted }),
        };
        let album = &self.albums[number];
        let disc = match (row.description.disc, album.discs.len()) {
            (Some(disc), _) => disc,
            (None, 1) => album.discs.first().copied().unwrap_or(1),
            (None, _) => return Lookup::Nothing(What::SeveralAlbums { wanted }),
        };
        match self.tracks.get(&(number, disc, track)) {
            Some(found) => Lookup::Candidates(found.clone(), By::DiscAndTrack),
            None => Lookup::Nothing(What::Unmatched { wanted }),
        }
    }

    fn album_of(&self, row: &Row) -> Which {
        let Some(wanted) = &row.description.album else {
            return match self.albums.len() {
                0 => Which::None,
                1 if self.one_release => Which::One(0),
                _ => Which::Several,
            };
        };
        self.album_names.get(&fold(wanted)).copied().unwrap_or(Which::None)
    }

    /// The album that a name stands for: the one of that name, or else the only one that it may be.
    fn album_named(&self, wanted: &str, numbers: &HashMap<AlbumKey, usize>) -> Which {
        if let Some(number) = numbers.get(&AlbumKey::Tag(fold(wanted))) {
            return Which::One(*number);
        }
        if self.albums.len() > MOST_ALBUMS {
            return Which::Several;
        }
        let fits = |album: &Album| match album.key {
            AlbumKey::Tag(_) => names_touch(wanted, &album.name),
            // Files without an album in their tags may be of any.
            AlbumKey::Folder(_) => true,
        };
        let mut fitting = self.albums.iter().enumerate().filter(|(_, album)| fits(album));
        match (fitting.next(), fitting.next()) {
            (None, _) => Which::None,
            (Some((number, _)), None) => Which::One(number),
            (Some(_), Some(_)) => Which::Several,
        }
    }

    /// Whether a title is exactly that of another file on the album of `file`, and not its own.
    pub(super) fn is_of_another(&self, title: &str, file: usize) -> bool {
        let title = fold(title);
        let own = &self.files[file];
        let on_album = |other: &usize| album_key(&self.files[*other]) == album_key(own);
        title_of(own).map(|own| fold(&own)).as_ref() != Some(&title)
            && self.titles.get(&title).is_some_and(|found| found.iter().any(on_album))
    }

    fn by_title(&self, row: &Row, title: &str) -> Lookup {
        let whole = whole_title(title, row.description.version.as_deref());
        let fits = |file: &&usize| {
            let file = &self.files[**file];
            let agree = |wanted: &Option<String>, found: &Option<String>| match (wanted, found) {
                (Some(wanted), Some(found)) => names_touch(wanted, found),
                (None, _) | (_, None) => true,
            };
            agree(&row.description.artist, &file.description.artist)
                && agree(&row.description.album, &file.description.album)
        };
        let look_up = |index: &Index, key: &str| -> Vec<usize> {
            let found = index.get(key).map_or(&[][..], Vec::as_slice);
            found.iter().filter(fits).copied().collect()
        };
        let mut found = look_up(&self.titles, &fold(&whole));
        if found.is_empty() {
            found = look_up(&self.bare_titles, &fold(without_additions(&whole)));
        }
        match found.is_empty() {
            true => Lookup::Nothing(What::Unmatched {
                wanted: format!("{whole:?}"),
            }),
            false => Lookup::Candidates(found, By::Title),
        }
    }
}

fn is_one_release(rows: &[Row]) -> bool {
    let upcs: BTreeSet<&str> = rows.iter().filter_map(|row| row.upc.as_deref()).collect();
    let albums: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| row.description.album.as_deref())
        .map(fold)
        .collect();
    upcs.len() <= 1 && albums.len() <= 1
}

/// Whether two titles may be of one recording.
pub(super) fn titles_touch(a: &str, b: &str) -> bool {
    names_touch(without_additions(a), without_additions(b))
}

/// The text of a path or name by which it is looked up: whatever bytes are not UTF-8 as the replacement character, as
/// CSV shows them, and accents composed, since macOS takes them apart.
fn key(text: &OsStr) -> String {
    text.to_string_lossy().nfc().collect()
}

/// A path from the root, without `.` and `..`. Links are not looked at.
fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                absolute.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => absolute.push(component),
        }
    }
    absolute
}

/// Disc and track by the tags, or by the number that the name of an untagged file begins with.
fn numbers_of(file: &FileInfo) -> (Option<u32>, Option<u32>) {
    if file.description.track.is_some() {
        return (file.description.disc, file.description.track);
    }
    let (disc, track) = file
        .path
        .file_stem()
        .map_or((None, None), |stem| numbered_name(&key(stem)).0);
    (file.description.disc.or(disc), track)
}

/// A file's title: of its tags, else of its name. What finds a file can also contradict.
pub(super) fn title_of(file: &FileInfo) -> Option<Cow<'_, str>> {
    if let Some(title) = &file.description.title {
        return Some(Cow::Borrowed(title));
    }
    let stem = key(file.path.file_stem()?);
    let title = numbered_name(&stem).1;
    let letters: String = title.chars().filter(|letter| letter.is_alphabetic()).collect();
    // Rippers and editors name what they do not know.
    let is_number =
        ["", "track", "audiotrack", "titel", "piste", "pista", "traccia", "spor"].contains(&&*fold(&letters));
    (!is_number).then(|| Cow::Owned(title.to_owned()))
}

/// Cuts "03 Title", "03. Title" and "1-03 - Title" into numbers and title.
fn numbered_name(name: &str) -> ((Option<u32>, Option<u32>), &str) {
    let none = ((None, None), name);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(name);
    if !(1..=3).contains(&first) {
        return none;
    }
    let (number, rest) = name.split_at(first);
    let second = rest.strip_prefix(['-', '.']).map_or(0, digits);
    let (disc, track, rest) = match second {
        2 => (number.parse().ok(), rest[1..=second].parse().ok(), &rest[1 + second..]),
        _ => (None, number.parse().ok(), rest),
    };
    let title = rest.trim_start_matches([' ', '.', '-', '_', ')', '–']);
    match title.is_empty() || title.len() < rest.len() {
        true => ((disc, track), title),
        // "7th Heaven" is a title.
        false => none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_begin_with_numbers() {
        check("03 Title", (None, Some(3)), "Title");
        check("03. Title", (None, Some(3)), "Title");
        check("03 - Title", (None, Some(3)), "Title");
        check("1-03 Title", (Some(1), Some(3)), "Title");
        check("2.11 - Title", (Some(2), Some(11)), "Title");
        check("03", (None, Some(3)), "");
        check("7th Heaven", (None, None), "7th Heaven");
        check("1999", (None, None), "1999");
        check("Title", (None, None), "Title");
        check("", (None, None), "");
    }

    #[track_caller]
    fn check(name: &str, numbers: (Option<u32>, Option<u32>), title: &str) {
        assert_eq!(numbered_name(name), (numbers, title), "{name:?}");
    }

    #[test]
    fn paths_are_made_absolute_without_the_disk() {
        let check =
            |path: &str, expected: &str| assert_eq!(absolute(Path::new("/a/b"), Path::new(path)), Path::new(expected));
        check("./c/x.flac", "/a/b/c/x.flac");
        check("../c/x.flac", "/a/c/x.flac");
        check("/c/x.flac", "/c/x.flac");
        check("../../../../x.flac", "/x.flac");
    }
}
