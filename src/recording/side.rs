//! What a file is called.

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

use super::FileInfo;
use super::evidence::{OpenReason, Say};
use super::fold::{Name, fold, is_all_of};
use super::names::{self, Named};
use super::versions::{self, Title, Titles, whole_title};
use crate::format::tags::Description;

pub(super) use between::Names;
pub(crate) use between::are_near;

mod between;

/// A file, and what it is called: by its tags, and where these are silent by its name and its folders.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    pub file: &'a FileInfo,
    pub called: Description,
    /// The version that its name says, whatever the tags do.
    pub named_version: Option<String>,
    /// The year of its album that its folder says.
    year: Option<u32>,
    /// The folder above that of its album.
    above: Option<String>,
    /// What its path says of versions from a part on: from the one where the first that asked begins.
    path_versions: OnceLock<(usize, Vec<PathVersion>)>,
    compared: Compared,
}

/// What a file is called, read for comparisons when the first is made. Most files of a long list are compared by their
/// titles alone.
#[derive(Debug, Clone, Default)]
struct Compared {
    title: OnceLock<Option<Title>>,
    artist: OnceLock<Option<Box<Name>>>,
    album: OnceLock<Option<Box<Album>>>,
}

/// The version that a part of a path says.
#[derive(Debug, Clone)]
struct PathVersion {
    /// The number of the part; of the file's name the largest.
    part: usize,
    words: Vec<String>,
    /// What the part says beside them, where both may be one name: forever of "Live Forever". They make a version beside
    /// a place or an album that is called by the rest.
    rest: Vec<String>,
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
                named_version: named
                    .version
                    .take()
                    .filter(|version| !is_title(&file.description, version))
                    .or_else(|| version_behind(&file.description, &named)),
                year: named.year,
                above: named.above.take(),
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

    /// The same file, called as another one of its recording. What it says itself of number and album stays.
    pub fn called_as(&self, other: &Description) -> Side<'a> {
        let own = &self.called;
        Side {
            called: Description {
                title: other.title.clone(),
                artist: own.artist.clone().or(other.artist.clone()),
                album: own.album.clone().or(other.album.clone()),
                disc: own.disc.or(other.disc),
                track: own.track.or(other.track),
                ..own.clone()
            },
            compared: Compared::default(),
            ..self.clone()
        }
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
        let read = || self.called.artist.as_deref().map(|artist| Box::new(Name::of(artist)));
        self.compared.artist.get_or_init(read).as_deref()
    }

    fn compared_album(&self) -> Option<&Album> {
        let read = |album| {
            Box::new(Album {
                title: Title::of(album),
                name: Name::of(album),
            })
        };
        let album = &self.compared.album;
        album.get_or_init(|| self.called.album.as_deref().map(read)).as_deref()
    }

    /// What the folders of its path from a part on, and its name, say of versions. Two files of one album share most of
    /// their folders, which are not read for them.
    fn path_versions(&self, from: usize) -> Cow<'_, [PathVersion]> {
        let read = || (from, self.read_path_versions(from));
        let (first, read) = self.path_versions.get_or_init(read);
        match *first <= from {
            true => Cow::Borrowed(&read[read.partition_point(|said| said.part < from)..]),
            false => Cow::Owned(self.read_path_versions(from)),
        }
    }

    fn read_path_versions(&self, from: usize) -> Vec<PathVersion> {
        let of_folder = |name: &str| match (versions::is_version(name), versions::split(name).1) {
            (true, _) => (versions::version_words(name), Vec::new()),
            (false, Some(version)) => (versions::version_words(version), Vec::new()),
            (false, None) => match versions::performance(name) {
                Some(word) => (vec![word], Vec::new()),
                None => versions::version_and_rest(name),
            },
        };
        let of_folders = self.folders().enumerate().skip(from);
        let of_folders = of_folders.map(|(part, name)| (part, of_folder(&name)));
        let of_name = self.named_version.as_deref().map(versions::version_words);
        let of_name = of_name.map(|words| (usize::MAX, (words, Vec::new())));
        let said = of_folders.chain(of_name).map(|(part, (mut words, rest))| {
            words.retain(|word| !versions::is_release(word) && (rest.is_empty() || !versions::is_genre(word)));
            PathVersion { part, words, rest }
        });
        said.filter(|said| !said.words.is_empty()).collect()
    }

    fn folders(&self) -> impl Iterator<Item = Cow<'a, str>> {
        let folders = self.file.path.parent().into_iter().flat_map(Path::components);
        folders.map(|part| part.as_os_str().to_string_lossy())
    }

    /// Whether its tags or its path, from a part on, say a word of a version.
    fn says(&self, word: &String, from: usize) -> bool {
        let Description {
            title, version, album, ..
        } = &self.called;
        let texts = [title, version, album];
        let mut tags = texts.into_iter().flatten().map(|text| versions::version_words(text));
        let path = self.path_versions(from);
        path.iter().any(|said| said.words.contains(word)) || tags.any(|words| words.contains(word))
    }

    /// Whether its folders, from a part on, or its album are called by these words, or by some of them and no other.
    fn is_called_by(&self, words: &[String], from: usize) -> bool {
        let album = self.called.album.as_deref().map(Cow::Borrowed);
        self.folders().skip(from).chain(album).any(|name| {
            let (_, said) = versions::version_and_rest(&name);
            !said.is_empty() && (is_all_of(words, &said) || is_all_of(&said, words))
        })
    }

    /// A version that its path says, apart from the path of the other, which says nothing of it.
    fn version_apart(&self, other: &Side) -> Option<String> {
        let shared = shared_parts(self.file, other.file);
        let said = self.path_versions(shared);
        let own = said
            .iter()
            .filter(|said| said.rest.is_empty() || other.is_called_by(&said.rest, shared));
        let mut words = own.flat_map(|said| &said.words);
        words.find(|word| !other.says(word, shared)).cloned()
    }

    /// Whether one of both is called a version by its title or its path, whatever else they are called.
    pub fn is_called_version_beside(&self, other: &Side) -> bool {
        let by_path = || {
            self.version_apart(other)
                .or_else(|| other.version_apart(self))
                .is_some()
        };
        self.other_version(other).is_some() || by_path()
    }

    /// What of its title is no version, as it is compared.
    pub(super) fn main_title(&self) -> Option<&str> {
        self.compared_title().map(Title::main)
    }

    /// Why this and another are called two versions, if they are.
    pub fn other_version(&self, other: &Side) -> Option<OpenReason> {
        Names::of(self, other).version
    }

    /// In what their names say that this and another are two recordings, if they do.
    pub fn named_apart(&self, other: &Side) -> Option<OpenReason> {
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

    /// What its album is called, and where another is called so, what its folders add to that.
    fn place_of_album(&self, other: &Side) -> Option<String> {
        let album = self.called.album.as_ref()?;
        if other
            .called
            .album
            .as_ref()
            .is_some_and(|other| fold(other) != fold(album))
        {
            return Some(album.clone());
        }
        let is_said = |above: &&String| !above.is_empty() && other.above.as_ref() != Some(above);
        let above = self.above.as_ref().filter(is_said).map(|above| format!("{above}/"));
        Some(format!("{}{}", above.unwrap_or_default(), self.dated(album)))
    }

    /// What an album that it is on is called with the year that its folder says, if it does.
    pub fn dated(&self, album: &str) -> String {
        let year = self.year.map(|year| format!(" ({year})"));
        format!("{album}{}", year.unwrap_or_default())
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
        flac_layout: tags.flac_layout,
        medium: tags.medium,
    }
}

/// Whether what a name seems to say as a version is the title of the tags: "Ana - Live Forever".
fn is_title(tags: &Description, version: &str) -> bool {
    tags.title.as_deref().is_some_and(|title| fold(title) == fold(version))
}

/// The version that a name has behind the title of the tags: inst of "Rope_inst", whose title is "Rope".
fn version_behind(tags: &Description, named: &Named) -> Option<String> {
    let (title, name) = (tags.title.as_deref()?, named.title.as_deref()?);
    let (title, whole) = (fold(title), fold(name));
    if whole.len() <= title.len() || !whole.starts_with(&title) {
        return None;
    }
    let words: Vec<&str> = name.split(|letter: char| !letter.is_alphanumeric()).collect();
    let begins = |end: &usize| fold(&words[..*end].join(" ")) == title;
    let rest = words[(1..words.len()).rev().find(begins)?..].join(" ");
    versions::is_version(&rest).then_some(rest)
}

/// How many parts the paths of two files begin with that are the same. What these say tells neither from the other.
fn shared_parts(a: &FileInfo, b: &FileInfo) -> usize {
    let parts = a.path.components().zip(b.path.components());
    parts.take_while(|(one, other)| one == other).count()
}
