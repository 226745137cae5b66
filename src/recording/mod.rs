//! What tells one recording from another by tags and headers: the facts of a file, whether two files can be one
//! recording, and the grouping of several formats of one album.
//!
//! Pure. Audio is not compared here; equal FLAC MD5s are the only look at it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::discover::natural_order;
use crate::format::Format;
use crate::format::place::PlaceName;
use crate::inspect::Inspected;
use crate::isrc::Isrc;
use crate::tags::Description;
use fold::fold;

pub mod evidence;
pub mod fold;
pub mod names;
pub mod part;
pub mod versions;

/// How far the durations of one recording in two formats may lie apart: encoders pad.
pub const TOLERANCE: Duration = Duration::from_secs(2);

/// What is known of one file that matters for matching and for assigning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileInfo {
    pub path: PathBuf,
    pub format: Option<Format>,
    pub description: Description,
    /// The file's one valid code.
    pub isrc: Option<Isrc>,
    /// The tracks of its CUESHEET block that can take a code or hold one, well formed or not.
    pub cuesheet: Vec<CuesheetTrack>,
}

/// One track of a FLAC's CUESHEET block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CuesheetTrack {
    pub number: u8,
    pub isrc: Option<Isrc>,
}

impl FileInfo {
    /// The facts of an inspected file. It must have been described with its audio.
    pub fn of(path: &Path, inspected: &Inspected) -> FileInfo {
        let cuesheet = inspected.places.iter().filter_map(|place| match place.name {
            PlaceName::FlacCuesheet(number) => Some(CuesheetTrack {
                number,
                isrc: Isrc::from_stored(place.code()),
            }),
            _ => None,
        });
        let empty = inspected
            .empty_tracks
            .iter()
            .map(|&number| CuesheetTrack { number, isrc: None });
        FileInfo {
            path: path.to_path_buf(),
            format: inspected.format,
            description: inspected.description.clone(),
            isrc: inspected.judged.isrc,
            cuesheet: cuesheet.chain(empty).collect(),
        }
    }
}

/// Files of one recording: one code belongs to all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Indices of the files, rising.
    pub files: Vec<usize>,
    /// The different codes that they carry already, in the order of the files.
    pub codes: Vec<Isrc>,
}

impl Group {
    /// The group of these members of `files`, which are rising indices.
    pub fn of(members: Vec<usize>, files: &[FileInfo]) -> Group {
        let mut codes = Vec::new();
        for isrc in members.iter().filter_map(|&member| files[member].isrc) {
            if !codes.contains(&isrc) {
                codes.push(isrc);
            }
        }
        Group { files: members, codes }
    }
}

/// What a file says it is: by its tags, and where these are silent by its name and its folders.
pub fn called(file: &FileInfo) -> Description {
    file.description.clone()
}

/// What the album of a file is told by: the tag, or the folder where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AlbumKey {
    Tag(String),
    Folder(PathBuf),
}

/// The album that a file belongs to.
pub fn album_key(file: &FileInfo) -> AlbumKey {
    match file
        .description
        .album
        .as_deref()
        .map(fold)
        .filter(|album| !album.is_empty())
    {
        Some(album) => AlbumKey::Tag(album),
        None => AlbumKey::Folder(file.path.parent().unwrap_or(Path::new("")).to_path_buf()),
    }
}

/// Puts the formats of one recording together and orders the recordings: albums as their first files come, in them
/// by disc, track and name.
///
/// Files are one recording if they are of one album and either their FLAC MD5s are equal, or disc, track and title
/// are given and equal, the durations agree within [`TOLERANCE`] and the formats differ.
/// Whatever is not sure stays apart.
pub fn group_recordings(files: &[FileInfo]) -> Vec<Group> {
    let mut album_numbers: HashMap<AlbumKey, usize> = HashMap::new();
    let mut albums: Vec<Vec<usize>> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let number = *album_numbers.entry(album_key(file)).or_insert(albums.len());
        if number == albums.len() {
            albums.push(Vec::new());
        }
        albums[number].push(index);
    }
    albums.iter().flat_map(|album| groups_of_album(files, album)).collect()
}

fn groups_of_album(files: &[FileInfo], album: &[usize]) -> Vec<Group> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    // Only groups that share a key are compared, so that an album of a hundred thousand files does not take for ever.
    let mut by_md5: HashMap<u128, usize> = HashMap::new();
    let mut by_tags: BTreeMap<(u32, u32, String), Vec<usize>> = BTreeMap::new();
    for &index in album {
        let file = &files[index];
        let same_audio = file.description.flac_md5.and_then(|md5| by_md5.get(&md5).copied());
        let tags = tag_key(file);
        let same_tags = || {
            let candidates = by_tags.get(tags.as_ref()?)?;
            let fits = |group: &&usize| {
                groups[**group]
                    .iter()
                    .all(|&member| is_other_format(&files[member], file))
            };
            candidates.iter().find(fits).copied()
        };
        let group = same_audio.or_else(same_tags).unwrap_or(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(index);
        if let Some(md5) = file.description.flac_md5 {
            by_md5.entry(md5).or_insert(group);
        }
        if let Some(tags) = tags {
            let candidates = by_tags.entry(tags).or_default();
            if !candidates.contains(&group) && candidates.len() < MOST_CANDIDATES {
                candidates.push(group);
            }
        }
    }
    groups.sort_by(|a, b| {
        let place = |group: &Vec<usize>| {
            let first = &files[group[0]];
            (
                first.description.disc.unwrap_or(1),
                first.description.track.unwrap_or(u32::MAX),
            )
        };
        place(a)
            .cmp(&place(b))
            .then_with(|| natural_order(files[a[0]].path.as_os_str(), files[b[0]].path.as_os_str()))
    });
    groups.into_iter().map(|members| Group::of(members, files)).collect()
}

/// So many recordings of one album with the same disc, track and title are looked at; there should be one.
const MOST_CANDIDATES: usize = 64;

fn tag_key(file: &FileInfo) -> Option<(u32, u32, String)> {
    let title = file
        .description
        .title
        .as_deref()
        .map(fold)
        .filter(|title| !title.is_empty())?;
    Some((file.description.disc.unwrap_or(1), file.description.track?, title))
}

/// Whether a file whose disc, track and title equal another's is that recording in another format. Two files of one
/// format are rather two takes, or the introductions of two discs whose numbers nobody wrote down.
fn is_other_format(a: &FileInfo, b: &FileInfo) -> bool {
    let apart = a.format != b.format;
    let (Some(one), Some(other)) = (a.description.duration, b.description.duration) else {
        return false;
    };
    let artists_agree = match (&a.description.artist, &b.description.artist) {
        (Some(a), Some(b)) => fold(a) == fold(b),
        (None, _) | (_, None) => true,
    };
    apart && artists_agree && one.abs_diff(other) <= TOLERANCE
}

/// Whether two files are surely one recording: by the same rule as [`group_recordings`], or because their audio is
/// the same, on whatever album.
pub fn are_one_recording(a: &FileInfo, b: &FileInfo) -> bool {
    if a.description.flac_md5.is_some() && a.description.flac_md5 == b.description.flac_md5 {
        return true;
    }
    let one_album = album_key(a) == album_key(b);
    one_album && tag_key(a).is_some() && tag_key(a) == tag_key(b) && is_other_format(a, b)
}

#[cfg(test)]
mod tests;
