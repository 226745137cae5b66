//! What a file is called, and what the names of two files say of each other.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::FileInfo;
use super::evidence::{Evidence, Reason, Say};
use super::fold::{Name, fold, is_surname, names_join, whole_title};
use super::names::{self, Named};
use super::versions::{self, Title, Titles};
use crate::format::tags::Description;

/// A file, and what it is called: by its tags, and where these are silent by its name and its folders.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    pub file: &'a FileInfo,
    pub called: Description,
    /// The version that its name says, whatever the tags do.
    pub named_version: Option<String>,
    /// The year of its album that its folder says.
    year: Option<u32>,
    /// The folder above that of its album, folded.
    above: Option<String>,
    /// The versions that its path says, by the number of the part; its name is the last.
    path_versions: OnceLock<Vec<(usize, Vec<String>)>>,
    compared: Compared,
}

/// What a file is called, read for comparisons when the first is made.
#[derive(Debug, Clone, Default)]
struct Compared {
    title: OnceLock<Option<Title>>,
    artist: OnceLock<Option<Name>>,
    album: OnceLock<Option<Album>>,
}

/// An album is called like a title, and its words like a name.
#[derive(Debug, Clone)]
struct Album {
    title: Title,
    name: Name,
}

/// Track, title and artist of a name that are read with the help of another.
type NamedBeside = (Option<u32>, String, Option<String>);

impl<'a> Side<'a> {
    /// Names of files in one folder are read together.
    pub fn all(files: impl IntoIterator<Item = &'a FileInfo>) -> Vec<Side<'a>> {
        let files: Vec<&FileInfo> = files.into_iter().collect();
        let named = names::read_all(files.iter().map(|file| file.path.as_path()));
        let sides = files.into_iter().zip(named);
        sides
            .map(|(file, mut named)| Side {
                file,
                named_version: named.version.take(),
                year: named.year,
                above: named.above.take().map(|above| fold(&above)),
                path_versions: OnceLock::new(),
                called: called(&file.description, named),
                compared: Compared::default(),
            })
            .collect()
    }

    /// The file as it reads beside another. A name that begins with a number ("10 Low Water") is that of track 10, where
    /// the other is called so too; by itself it may be the title. So a name that is a number may be a title, and "Ana -
    /// Home" is by the artist of the other.
    fn beside(&self, other: &Side) -> Cow<'_, Side<'a>> {
        let numbered = || {
            let title = self.called.title.as_deref().filter(|_| self.called.track.is_none())?;
            let digits = title.bytes().take_while(u8::is_ascii_digit).count();
            let rest = title[digits..].trim_start_matches([' ', '.', '-', '_']);
            let number: u32 = title[..digits].parse().ok()?;
            let others = other.called.title.as_deref()?;
            let agrees = match other.called.track {
                Some(track) => track == number && versions::compare(rest, others) == Titles::Same,
                None => others == title,
            };
            (agrees && !rest.is_empty()).then(|| (number, rest.to_owned()))
        };
        let read = match self.file.description.title {
            Some(_) => None,
            None => self.titled_by_number(other).or_else(|| self.by_artist_of(other)),
        };
        let numbered = || numbered().map(|(number, title)| (Some(number), title, None));
        let Some((track, title, artist)) = read.or_else(numbered) else {
            return Cow::Borrowed(self);
        };
        let mut side = Side {
            compared: Compared::default(),
            ..self.clone()
        };
        side.called.artist = side.called.artist.or(artist);
        (side.called.track, side.called.title) = (track, Some(title));
        Cow::Owned(side)
    }

    /// A file that is called "5", beside one whose title that is.
    fn titled_by_number(&self, other: &Side) -> Option<NamedBeside> {
        let is_number = self.called.title.is_none() && self.file.description.track.is_none();
        let stem = self.file.path.file_stem().filter(|_| is_number)?.to_string_lossy();
        let titles = other.called.title.as_deref()?;
        (other.called.track != self.called.track && stem == titles).then(|| (None, stem.into_owned(), None))
    }

    fn by_artist_of(&self, other: &Side) -> Option<NamedBeside> {
        let (title, artist) = (self.called.title.as_deref()?, other.called.artist.as_deref()?);
        let rest = names::without_artist(title, artist);
        let is_of_other = rest.len() < title.len() && !rest.is_empty();
        is_of_other.then(|| (self.called.track, rest.to_owned(), Some(artist.to_owned())))
    }

    /// The same file on another album.
    pub fn on_album(&self, album: Option<String>) -> Side<'a> {
        Side {
            called: Description {
                album,
                ..self.called.clone()
            },
            compared: Compared::default(),
            ..self.clone()
        }
    }

    fn compared_title(&self) -> Option<&Title> {
        let read = || self.title().map(|title| Title::of(&title));
        self.compared.title.get_or_init(read).as_ref()
    }

    fn compared_artist(&self) -> Option<&Name> {
        let read = || self.called.artist.as_deref().map(Name::of);
        self.compared.artist.get_or_init(read).as_ref()
    }

    fn compared_album(&self) -> Option<&Album> {
        let read = |album| Album {
            title: Title::of(album),
            name: Name::of(album),
        };
        let album = &self.compared.album;
        album.get_or_init(|| self.called.album.as_deref().map(read)).as_ref()
    }

    /// The words of versions that the folder of each part of its path is called by, and its name.
    fn path_versions(&self) -> &[(usize, Vec<String>)] {
        self.path_versions.get_or_init(|| {
            let folders = self.file.path.parent().into_iter().flat_map(Path::components);
            let folders: Vec<_> = folders.map(|part| part.as_os_str().to_string_lossy()).collect();
            let of_folder = |name: &str| -> Vec<String> {
                let words = match (versions::is_version(name), versions::split(name).1) {
                    (true, _) => versions::version_words(name),
                    (false, Some(version)) => versions::version_words(version),
                    (false, None) => versions::performance(name).into_iter().collect(),
                };
                words.into_iter().filter(|word| !is_release(word)).collect()
            };
            let of_name = self.named_version.as_deref().map(versions::version_words);
            let said = folders.iter().map(|name| of_folder(name)).chain(of_name).enumerate();
            said.filter(|(_, words)| !words.is_empty()).collect()
        })
    }

    /// Whether its tags or its path say a word of a version.
    fn says(&self, word: &String) -> bool {
        let Description {
            title, version, album, ..
        } = &self.called;
        let texts = [title, version, album];
        let mut tags = texts.into_iter().flatten().map(|text| versions::version_words(text));
        self.path_versions().iter().any(|(_, words)| words.contains(word)) || tags.any(|words| words.contains(word))
    }

    /// A version that its path says, apart from the path of the other, which says nothing of it.
    fn version_apart(&self, other: &Side) -> Option<&str> {
        if self.path_versions().is_empty() {
            return None;
        }
        let parts = self.file.path.components().zip(other.file.path.components());
        let shared = parts.take_while(|(one, other)| one == other).count();
        let own = self.path_versions().iter().filter(|(part, _)| *part >= shared);
        let mut words = own.flat_map(|(_, words)| words);
        words.find(|word| !other.says(word)).map(String::as_str)
    }

    /// What of its title is no version, as it is compared.
    pub(super) fn main_title(&self) -> Option<&str> {
        self.compared_title().map(Title::main)
    }

    /// Why this and another are called two versions, if they are.
    pub fn other_version(&self, other: &Side) -> Option<Reason> {
        Names::of(self, other).version
    }

    /// In what their names say that this and another are two recordings, if they do.
    pub fn named_apart(&self, other: &Side) -> Option<Reason> {
        let names = Names::of(self, other);
        names.against.filter(|_| matches!(names.say, Say::No | Say::TwoTracks))
    }

    /// Whether both have the same title.
    pub fn has_title_of(&self, other: &Side) -> bool {
        let titles = self.compared_title().zip(other.compared_title());
        titles.is_some_and(|(one, other)| one.compare(other) == Titles::Same)
    }

    /// The same file under a number that a list says, where it says none itself.
    pub fn numbered(&self, disc: Option<u32>, track: Option<u32>) -> Side<'a> {
        let mut side = self.clone();
        if side.called.track.is_none() {
            side.called.track = track;
            side.called.disc = side.called.disc.or(disc);
        }
        side
    }

    /// Whether both are called the same in all that is known of them. What only one of them says is a difference.
    pub(super) fn is_called_as(&self, other: &Side) -> bool {
        let texts = |side: &Side| [side.title(), side.called.artist.clone()].map(|text| text.as_deref().map(fold));
        texts(self) == texts(other) && (self.called.disc, self.called.track) == (other.called.disc, other.called.track)
    }

    /// What its album is called, and what its folders add to that beside another.
    fn place_of_album(&self, other: &Side) -> Option<String> {
        let album = self.called.album.as_ref()?;
        let year = self.year.map(|year| format!(" ({year})")).unwrap_or_default();
        let above = self.above.as_ref().filter(|above| other.above.as_ref() != Some(above));
        let above = above.map(|above| format!("{above}/")).unwrap_or_default();
        Some(format!("{above}{album}{year}"))
    }

    /// Disc and track.
    pub fn number(&self) -> Option<(u32, u32)> {
        Some((self.called.disc.unwrap_or(1), self.called.track?))
    }

    /// The title with its version, where there is one that says something.
    pub fn title(&self) -> Option<String> {
        let title = self.called.title.as_deref().filter(|title| !title.trim().is_empty())?;
        Some(whole_title(title, self.called.version.as_deref()))
    }
}

fn called(tags: &Description, named: Named) -> Description {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (album, disc_of_album) = match said(&tags.album) {
        Some(album) => {
            let (rest, disc) = names::album_and_disc(&album);
            (Some(if rest.is_empty() { album } else { rest }), disc)
        }
        None => (named.album, None),
    };
    let artist = said(&tags.artist).or(named.artist);
    let title = said(&tags.title).or_else(|| {
        let title = named.title?;
        let artist = artist.as_deref().unwrap_or("");
        Some(names::without_artist(&title, artist).to_owned())
    });
    Description {
        title,
        version: said(&tags.version),
        artist,
        album,
        disc: tags.disc.or(disc_of_album).or(named.disc),
        track: tags.track.or(named.track),
        duration: tags.duration,
        flac_md5: tags.flac_md5,
    }
}

/// What the names of two files say.
pub(super) struct Names {
    /// What makes them one where nothing contradicts: disc, track and title are known and equal, or title and file name.
    pub(super) agree: Option<Evidence>,
    pub(super) say: Say,
    /// In what they contradict each other.
    pub(super) against: Option<Reason>,
    /// What makes another version of one of them.
    pub(super) version: Option<Reason>,
}

impl Names {
    pub(super) fn of(a: &Side, b: &Side) -> Names {
        let (a, b) = (&a.beside(b), &b.beside(a));
        let (one, other) = (&a.called, &b.called);
        let titles = a.compared_title().zip(b.compared_title());
        let artists = a.compared_artist().zip(b.compared_artist());
        let albums = a.compared_album().zip(b.compared_album());
        let are_versions = titles.is_some_and(|(one, other)| one.is_other_version(other));
        let titles = titles.map(|(one, other)| one.compare(other));
        // What a folder is called contradicts neither a code that both carry, nor the folder that holds the folders of both.
        let trusted = OnceCell::new();
        let trusted = || *trusted.get_or_init(|| carry_one_code(a.file, b.file) || are_near(a.file, b.file));
        let agree = |names: Option<(&Name, &Name)>, of| {
            names.is_none_or(|(one, other)| one.touches(other) || (!are_tags(a, b, of) && trusted()))
        };
        // "Beethoven" and "Ludwig van Beethoven" are one only on one album in one place.
        let is_one_album = || albums.is_some_and(|(one, other)| one.name == other.name) && are_near(a.file, b.file);
        // "Ana" and "Ana feat. Bob" are one artist, "Prince" and "Prince Royce" are rather two.
        let is_joined = match (&one.artist, &other.artist) {
            (Some(one), Some(other)) => {
                carry_one_code(a.file, b.file) || names_join(one, other) || (is_surname(one, other) && is_one_album())
            }
            (None, _) | (_, None) => true,
        };
        let artists_agree = agree(artists, |called| &called.artist);
        let names_of_albums = albums.map(|(one, other)| (&one.name, &other.name));
        // "Home" in a folder "Ana" is not that in "Bob", unless the tags of both say who it is by.
        let is_one_place = a.year.zip(b.year).is_none_or(|(one, other)| one == other)
            && (are_tags(a, b, |called| &called.artist)
                || a.above
                    .as_ref()
                    .zip(b.above.as_ref())
                    .is_none_or(|(one, other)| one == other));
        let albums_agree = agree(names_of_albums, |called| &called.album) && (is_one_place || trusted());
        let version = match are_versions {
            true => Some(Reason::TwoVersions),
            false => version_of_one(a, b, titles.as_ref(), albums),
        };
        let numbers = a.number().zip(b.number()).map(|(one, other)| one == other);
        // The folders of discs hold one list of tracks.
        let are_discs =
            || one.disc.zip(other.disc).is_some_and(|(one, other)| one != other) && are_near(a.file, b.file);
        let is_one_folder = a.file.path.parent() == b.file.path.parent();
        let is_one_list = a.file.format == b.file.format && (is_one_folder || are_discs());
        let say = match artists_agree {
            true => say(titles.as_ref(), numbers, is_one_list, albums_agree),
            false => Say::No,
        };
        let differ = |what, one: Option<String>, other: Option<String>| {
            Some(Reason::Called(what, [one, other].map(Option::unwrap_or_default)))
        };
        let against = match (say, &titles) {
            (Say::No, _) if !artists_agree => differ("artists", one.artist.clone(), other.artist.clone()),
            (Say::No, Some(Titles::Different)) => differ("titles", a.title(), b.title()),
            (Say::No | Say::TwoTracks, _) => {
                let track = |side: &Side| side.number().map_or(0, |(_, track)| track);
                Some(Reason::Tracks(track(a), track(b)))
            }
            (Say::Perhaps, _) if !is_joined => differ("artists", one.artist.clone(), other.artist.clone()),
            (Say::Perhaps, _) if !albums_agree => differ("albums", a.place_of_album(b), b.place_of_album(a)),
            (Say::Perhaps | Say::Nothing, _) => None,
        };
        // Who gave both one code knew what their names leave open.
        let are_coded = || carry_one_code(a.file, b.file) && are_near(a.file, b.file);
        let by_what = match numbers {
            Some(true) if titles.is_none() => are_coded().then_some(Evidence::Number),
            Some(true) => Some(Evidence::Names),
            Some(false) => None,
            None if is_one_name(a.file, b.file) => Some(Evidence::FileName),
            None => (are_coded() && titles.is_some()).then_some(Evidence::Title),
        };
        let is_open = titles.is_none_or(|titles| titles == Titles::Same)
            && version.is_none()
            && artists_agree
            && is_joined
            && albums_agree;
        Names {
            agree: by_what.filter(|_| is_open),
            say,
            against,
            version,
        }
    }
}

/// Why only one of two is called a version, if it is. Their titles have been compared.
fn version_of_one(a: &Side, b: &Side, titles: Option<&Titles>, albums: Option<(&Album, &Album)>) -> Option<Reason> {
    let of_album = || {
        let words = version_of_album(a, b, albums?)?;
        (are_tags(a, b, |called| &called.album) || !are_near(a.file, b.file)).then_some(words)
    };
    match (titles, of_album()) {
        (Some(Titles::OneSided(words)), _) => Some(Reason::OneCalled(words.clone())),
        (_, Some(words)) => Some(Reason::OneOnAlbum(words)),
        // Other titles tell more.
        (Some(Titles::Different), _) => None,
        _ => {
            let word = a.version_apart(b).or_else(|| b.version_apart(a));
            word.map(|word| Reason::OneByPath(word.to_owned()))
        }
    }
}

/// The words of a version that only one of two albums is called by: the live album beside the studio one, "Tides" and
/// "Tides Live in Oslo". What both titles say, an album may leave out.
fn version_of_album(a: &Side, b: &Side, (one, other): (&Album, &Album)) -> Option<String> {
    let said_by_both = |word: &String| a.says(word) && b.says(word);
    match one.title.compare(&other.title) {
        Titles::OneSided(words) => {
            let versions = versions::version_words(&words);
            let is_said = !versions.is_empty() && versions.iter().all(said_by_both);
            let names_release = words.split(' ').all(is_release);
            (!is_said && !names_release).then_some(words)
        }
        Titles::Different if one.name.touches(&other.name) => {
            let texts = [a, b].into_iter().filter_map(|side| side.called.album.as_deref());
            let mut words = texts.flat_map(versions::version_words);
            words.find(|word| !said_by_both(word) && !is_release(word))
        }
        Titles::Different | Titles::Same => None,
    }
}

/// A word for a release, no version of what is on it: "Ebb - Single" is how shops call what has "Ebb" on it.
fn is_release(word: &str) -> bool {
    matches!(word, "single" | "ep" | "lp" | "deluxe" | "edition")
}

/// What titles, and whether the numbers are equal, say of two files whose artists agree.
fn say(titles: Option<&Titles>, are_equal: Option<bool>, is_one_list: bool, albums_agree: bool) -> Say {
    match (titles, are_equal) {
        // One list of tracks may have one title twice.
        (Some(Titles::Same), Some(false)) if is_one_list => Say::TwoTracks,
        // A remaster is beside the old master under a number of its own; other versions so are tracks.
        (Some(Titles::OneSided(words)), Some(false)) if is_one_list && !words.contains("remaster") => Say::TwoTracks,
        (Some(Titles::Same | Titles::OneSided(_)), _) => Say::Perhaps,
        (Some(Titles::Different), _) => Say::No,
        (None, Some(true)) if albums_agree => Say::Perhaps,
        (None, Some(false)) if albums_agree => Say::No,
        (None, _) => Say::Nothing,
    }
}

/// Whether the tags of both say something.
fn are_tags(a: &Side, b: &Side, of: fn(&Description) -> &Option<String>) -> bool {
    of(&a.file.description).is_some() && of(&b.file.description).is_some()
}

/// Whether two files are called the same in one folder but for their endings: "Ebb.wav" and "Ebb.mp3".
fn is_one_name(a: &FileInfo, b: &FileInfo) -> bool {
    a.format != b.format && a.path.parent() == b.path.parent() && a.path.file_stem() == b.path.file_stem()
}

fn carry_one_code(a: &FileInfo, b: &FileInfo) -> bool {
    a.isrc.is_some() && a.isrc == b.isrc
}

/// Whether two files are in folders of formats and discs within one folder, such as `FLAC` and `WAV/CD1`.
fn are_near(a: &FileInfo, b: &FileInfo) -> bool {
    let shared = a
        .path
        .components()
        .zip(b.path.components())
        .take_while(|(one, other)| one == other)
        .count();
    let is_of_no_album = |file: &FileInfo| {
        let below: PathBuf = file.path.components().skip(shared).collect();
        names::album_of_folders(&below).is_none()
    };
    is_of_no_album(a) && is_of_no_album(b)
}
