//! What the names of two files say of each other.

use std::cell::OnceCell;
use std::path::PathBuf;

use super::{Album, Side, shared_parts};
use crate::format::tags::Description;
use crate::recording::FileInfo;
use crate::recording::evidence::{Evidence, OpenReason, Say};
use crate::recording::fold::{Name, fold, is_surname, names_join};
use crate::recording::names;
use crate::recording::versions::{self, Titles};

/// What the names of two files say.
pub(in crate::recording) struct Names {
    /// What makes them one where nothing contradicts: disc, track and title are known and equal, or title and file name.
    pub(in crate::recording) agree: Option<Evidence>,
    pub(in crate::recording) say: Say,
    /// In what they contradict each other.
    pub(in crate::recording) against: Option<OpenReason>,
    /// What makes another version of one of them.
    pub(in crate::recording) version: Option<OpenReason>,
    /// Whether they say more than the ear does: two tracks of one list have other titles and numbers, or both the artists
    /// and the albums are others. Loops and drones sound alike.
    pub(in crate::recording) outweigh_ear: bool,
}

impl Names {
    pub(in crate::recording) fn of(a: &Side, b: &Side) -> Names {
        let (a, b) = (&a.beside(b), &b.beside(a));
        let (one, other) = (&a.called, &b.called);
        let titles = a.compared_title().zip(b.compared_title());
        // Of two formats that lie beside each other under one name, their folder cannot say who one of them is by.
        let is_one_name = is_one_name(a.file, b.file);
        let says = |of| !is_one_name || are_tags(a, b, of);
        let artists = a.compared_artist().zip(b.compared_artist());
        let artists = artists.filter(|_| says(|called| &called.artist));
        let albums = a.compared_album().zip(b.compared_album());
        let albums = albums.filter(|_| says(|called| &called.album));
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
            (Some(one), Some(other)) if artists.is_some() => {
                carry_one_code(a.file, b.file)
                    || names_join(one, other)
                    || (is_surname(one, other) && is_one_album())
                    || ((is_by_folder(a) || is_by_folder(b)) && are_near(a.file, b.file))
            }
            _ => true,
        };
        let artists_agree = agree(artists, |called| &called.artist);
        let names_of_albums = albums.map(|(one, other)| (&one.name, &other.name));
        let albums_agree = agree(names_of_albums, |called| &called.album) && (is_one_place(a, b) || trusted());
        let version = match are_versions {
            true => Some(OpenReason::TwoVersions),
            false => version_of_one(a, b, titles.as_ref(), albums),
        };
        let numbers = a.number().zip(b.number());
        // Numbers may begin anew on each side of a record.
        let sides = numbers
            .filter(|(one, other)| one == other)
            .and_then(|_| two_sides(a, b));
        let numbers = numbers.map(|(one, other)| one == other && sides.is_none());
        let is_one_list = are_of_one_list(a, b);
        let are_two_tracks = is_one_list && titles == Some(Titles::Different) && numbers == Some(false);
        let are_two_releases = !artists_agree && !albums_agree && !carry_one_code(a.file, b.file);
        let say = match artists_agree {
            true => say(titles.as_ref(), numbers, is_one_list, albums_agree),
            false => Say::No,
        };
        let against = match sides {
            Some(sides) if say != Say::Nothing => Some(OpenReason::Called("sides", sides.map(String::from))),
            _ => against(a, b, say, titles.as_ref(), &[artists_agree, is_joined, albums_agree]),
        };
        let agree = agreement(a.file, b.file, numbers, titles.is_some());
        let is_open = titles.is_none_or(|titles| titles == Titles::Same)
            && version.is_none()
            && artists_agree
            && is_joined
            && albums_agree;
        Names {
            agree: agree.filter(|_| is_open),
            say,
            against,
            version,
            outweigh_ear: are_two_tracks || are_two_releases,
        }
    }
}

/// The letters of the sides of a record that two files are in the folders of, where these are others.
fn two_sides(a: &Side, b: &Side) -> Option<[char; 2]> {
    let side = |side: &Side| {
        side.folders()
            .filter_map(|folder| names::side_of_folder(&folder))
            .last()
    };
    Some([side(a)?, side(b)?]).filter(|[one, other]| one != other)
}

/// In what two files contradict each other, whose artists do or do not touch, are or are not one, and whose albums agree or
/// do not.
fn against(
    a: &Side,
    b: &Side,
    say: Say,
    titles: Option<&Titles>,
    &[artists_agree, is_joined, albums_agree]: &[bool; 3],
) -> Option<OpenReason> {
    let (one, other) = (&a.called, &b.called);
    let differ = |what, one: Option<String>, other: Option<String>| {
        Some(OpenReason::Called(what, [one, other].map(Option::unwrap_or_default)))
    };
    match (say, titles) {
        (Say::No, _) if !artists_agree => differ("artists", one.artist.clone(), other.artist.clone()),
        (Say::No, Some(Titles::Different)) => differ("titles", a.title(), b.title()),
        (Say::No | Say::TwoTracks, _) => {
            let track = |side: &Side| side.number().map_or(0, |(_, track)| track);
            Some(OpenReason::Tracks(track(a), track(b)))
        }
        (Say::Perhaps, _) if !is_joined => differ("artists", one.artist.clone(), other.artist.clone()),
        (Say::Perhaps, _) if !albums_agree => differ("albums", a.place_of_album(b), b.place_of_album(a)),
        (Say::Perhaps | Say::Nothing, _) => None,
    }
}

/// Whether two files are in one list of tracks: in one format, in one folder or in those of two discs.
fn are_of_one_list(a: &Side, b: &Side) -> bool {
    let discs = a.called.disc.zip(b.called.disc);
    let are_discs = || discs.is_some_and(|(one, other)| one != other) && are_near(a.file, b.file);
    let is_one_folder = a.file.path.parent() == b.file.path.parent();
    a.file.format == b.file.format && (is_one_folder || are_discs())
}

/// "Home" in a folder "Ana" is not that in "Bob", unless the tags of both say who it is by.
fn is_one_place(a: &Side, b: &Side) -> bool {
    let above = a.above.as_ref().zip(b.above.as_ref());
    a.year.zip(b.year).is_none_or(|(one, other)| one == other)
        && (are_tags(a, b, |called| &called.artist)
            || above.is_none_or(|(one, other)| one == other || fold(one) == fold(other)))
}

/// What makes two files one, by whether their numbers are equal and their titles known. Who gave both one code knew what
/// their names leave open.
fn agreement(a: &FileInfo, b: &FileInfo, numbers: Option<bool>, has_titles: bool) -> Option<Evidence> {
    let are_coded = || carry_one_code(a, b) && are_near(a, b);
    match numbers {
        Some(true) if !has_titles => are_coded().then_some(Evidence::Number),
        Some(true) => Some(Evidence::Names),
        Some(false) => None,
        None if is_one_name(a, b) => Some(Evidence::FileName),
        None => (has_titles && are_coded()).then_some(Evidence::Title),
    }
}

/// Why only one of two is another version than sound alone, or is called one, if it is. Their titles have been compared.
fn version_of_one(a: &Side, b: &Side, titles: Option<&Titles>, albums: Option<(&Album, &Album)>) -> Option<OpenReason> {
    let of_album = || {
        let words = version_of_album(a, b, albums?)?;
        (are_tags(a, b, |called| &called.album) || !are_near(a.file, b.file)).then_some(words)
    };
    let media = a.called.medium.zip(b.called.medium);
    if let Some(medium) = media.and_then(|(one, other)| one.apart(other)) {
        return Some(OpenReason::OneIs(medium));
    }
    match (titles, of_album()) {
        (Some(Titles::OneSided(words)), _) => Some(OpenReason::OneCalled(words.clone())),
        (_, Some(words)) => Some(OpenReason::OneOnAlbum(words)),
        // Other titles tell more.
        (Some(Titles::Different), _) => None,
        _ => {
            let word = a.version_apart(b).or_else(|| b.version_apart(a));
            word.map(OpenReason::OneByPath)
        }
    }
}

/// The words of a version that only one of two albums is called by: the live album beside the studio one, "Tides" and
/// "Tides Live in Oslo". What both titles say, an album may leave out.
fn version_of_album(a: &Side, b: &Side, (one, other): (&Album, &Album)) -> Option<String> {
    let shared = shared_parts(a.file, b.file);
    let said_by_both = |word: &String| a.says(word, shared) && b.says(word, shared);
    match one.title.compare(&other.title) {
        Titles::OneSided(words) => {
            let versions = versions::version_words(&words);
            let is_said = !versions.is_empty() && versions.iter().all(said_by_both);
            let names_release = words.split(' ').all(versions::is_release);
            (!is_said && !names_release).then_some(words)
        }
        Titles::Different if one.name.touches(&other.name) => {
            let texts = [a, b].into_iter().filter_map(|side| side.called.album.as_deref());
            let mut words = texts.flat_map(versions::version_words);
            words.find(|word| !said_by_both(word) && !versions::is_release(word))
        }
        Titles::Different | Titles::Same => None,
    }
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

/// Whether only the folder "Artist - Album" says who it is by: its tracks may have guests.
fn is_by_folder(side: &Side) -> bool {
    let (tags, called) = (&side.file.description, &side.called);
    tags.artist.is_none() && called.artist == names::artist_of_folders(&side.file.path)
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
pub(crate) fn are_near(a: &FileInfo, b: &FileInfo) -> bool {
    let shared = shared_parts(a, b);
    let is_of_no_album = |file: &FileInfo| {
        let below: PathBuf = file.path.components().skip(shared).collect();
        names::album_of_folders(&below).is_none()
    };
    is_of_no_album(a) && is_of_no_album(b)
}
