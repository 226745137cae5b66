//! What is told where less than usual decides which code is whose.

use std::collections::{HashMap, HashSet};

use crate::list::matching::album::release;
use crate::list::matching::find::{Finder, number_agrees};
use crate::list::matching::{By, Match, Matching};
use crate::list::table::columns::letters;
use crate::list::table::duration::DurationCell;
use crate::list::told::{numbers, quoted};
use crate::list::{Numbering, Row};
use crate::recording::fold::fold;
use crate::recording::versions::fit::Fit;

/// Each a part of one sentence without full stop.
pub(in crate::list::matching) fn told(
    rows: &[Row],
    numbering: Numbering,
    matching: &Matching,
    finder: &Finder,
) -> Vec<String> {
    let found: Vec<(&Row, &Match)> = matching.matched.iter().map(|found| (&rows[found.row], found)).collect();
    let confirming = matching
        .title_column
        .filter(|_| !found.is_empty() && matching.distrust.is_none())
        .map(|at| format!("titles in column {} agree with it", letters(at)));
    let notes = [
        confirming.or_else(|| numbers_alone(&found, says_more(rows, matching), numbering, finder)),
        taken_for(&found, finder),
        names_of_no_file(&found, finder),
        other_numbers(&found, finder),
        unsaid_version(&found, finder),
        order_of_names(&found, finder),
        numbered_copies(&found, finder),
        equal_samples(&found, finder),
    ];
    notes.into_iter().flatten().collect()
}

/// Files that get two codes though the checksums in their headers say that they have the same samples: a master exported
/// under two titles.
fn equal_samples(found: &[(&Row, &Match)], finder: &Finder) -> Option<String> {
    let mut known: HashMap<u128, &Match> = HashMap::new();
    let mut pairs = Vec::new();
    for (_, found) in found.iter().filter(|(_, found)| found.cuesheet_track.is_none()) {
        if let Some(md5) = finder.files[found.file].description.flac_md5 {
            let other = *known.entry(md5).or_insert(found);
            pairs.extend((other.isrc != found.isrc).then_some((other.file, found.file)));
        }
    }
    let &(one, other) = pairs.first()?;
    let [one, other] = [one, other].map(|file| finder.files[file].path.display());
    let more = match pairs.len() {
        1 => String::new(),
        all => format!(" ({} more so)", all - 1),
    };
    Some(format!(
        "{one} and {other} get two codes, though the audio is identical{more}"
    ))
}

/// Whether rows that have found no file say titles or lengths.
fn says_more(rows: &[Row], matching: &Matching) -> bool {
    let found: HashSet<usize> = matching.matched.iter().map(|found| found.row).collect();
    let mut others = rows.iter().enumerate().filter(|(at, _)| !found.contains(at));
    others.any(|(_, row)| row.description.title.is_some() || row.duration != DurationCell::None)
}

fn numbers_alone(found: &[(&Row, &Match)], says_more: bool, numbering: Numbering, finder: &Finder) -> Option<String> {
    let is_number = |(row, found): &(&Row, &Match)| {
        found.by == By::DiscAndTrack && finder.say_nothing_of(row, std::slice::from_ref(&found.file))
    };
    let are_all = found.iter().all(is_number);
    if says_more || !are_all {
        let mut rows: Vec<u32> = found
            .iter()
            .filter(|found| is_number(found) && (are_all || found.0.duration == DurationCell::None))
            .map(|(row, _)| row.number)
            .collect();
        rows.dedup();
        let (last, told) = (rows.last()?, numbers(&rows, numbering));
        let by = if *last == rows[0] {
            "its track number"
        } else {
            "their track numbers"
        };
        return Some(format!("{told} by {by} alone"));
    }
    if found.is_empty() {
        return None;
    }
    let has_title = found.iter().any(|(row, _)| row.description.title.is_some());
    let has_length = found.iter().any(|(row, _)| row.duration != DurationCell::None);
    let why = match (has_title, has_length) {
        (false, false) => "no title and no length in it",
        (true, false) => "no file says a title, and it says no lengths",
        (_, true) => "no title speaks for it, and its lengths are not quite those of the files",
    };
    Some(format!("{why}, so track numbers alone decide"))
}

/// Titles that are not spelled as those of their files, which may be of several formats. The first tells enough.
fn taken_for(found: &[(&Row, &Match)], finder: &Finder) -> Option<String> {
    let spelled = |(row, found): &(&Row, &Match)| {
        let wanted = row.whole_title().filter(|_| found.by == By::DiscAndTrack)?;
        let is_alike = finder.fit(row, &wanted, found.file)? == Fit::Alike;
        let title = finder.title(found.file).filter(|_| is_alike)?;
        Some(format!("its {} is taken for {}", quoted(&wanted), quoted(&title)))
    };
    let mut spelled: Vec<String> = found.iter().filter_map(spelled).collect();
    spelled.dedup();
    let first = spelled.first()?;
    Some(match spelled.len() - 1 {
        0 => first.clone(),
        more => format!("{first} and {more} more so"),
    })
}

/// The artist and the album that no file says; a folder that is called like an album says another one.
fn names_of_no_file(found: &[(&Row, &Match)], finder: &Finder) -> Option<String> {
    let is_in_path = |file: usize, name: &str| fold(&finder.files[file].path.to_string_lossy()).contains(&fold(name));
    let says_artist = |(row, found): &(&Row, &Match)| {
        let artist = row.description.artist.as_deref();
        finder.files[found.file].description.artist.is_some() || artist.is_some_and(|name| is_in_path(found.file, name))
    };
    let says_album = |(row, found): &(&Row, &Match)| {
        let album = row.description.album.as_deref();
        finder.sides[found.file].called.album.is_some()
            || finder.folder_like_an_album(found.file).is_none()
            || album.is_some_and(|name| is_in_path(found.file, &release(name)))
    };
    let artist = found.iter().find_map(|(row, _)| row.description.artist.as_deref());
    let album = found.iter().find_map(|(row, _)| row.description.album.as_deref());
    let artist = artist.filter(|_| !found.iter().any(says_artist));
    let album = album.filter(|_| !found.iter().any(says_album));
    let named = [("artist", artist), ("album", album)];
    let named = named
        .into_iter()
        .filter_map(|(what, name)| Some(format!("its {what} {}", quoted(name?))));
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| format!("no file says {}, so the rest of its rows decides", named.join(" or ")))
}

/// Files that their titles alone have found, against their numbers.
fn other_numbers(found: &[(&Row, &Match)], finder: &Finder) -> Option<String> {
    let is_other = |(row, found): &&(&Row, &Match)| {
        found.by == By::Title && number_agrees(row, &finder.sides[found.file]) == Some(false)
    };
    let mut others = found.iter().filter(is_other);
    let (row, first) = others.next()?;
    let path = finder.files[first.file].path.display();
    Some(match others.count() {
        0 => {
            let number = row.description.track.unwrap_or_default();
            format!("{path} is not number {number} as in its row, so its title decides")
        }
        more => format!("{path} and {more} more have not the numbers of their rows, so their titles decide"),
    })
}

/// The list may be that of the studio album, and the files those of the live one. Whoever names files means them.
fn unsaid_version(found: &[(&Row, &Match)], finder: &Finder) -> Option<String> {
    let mut found = found
        .iter()
        .filter(|(_, found)| matches!(found.by, By::DiscAndTrack | By::Title));
    let (album, version) = found.find_map(|(row, found)| finder.unsaid_version(row, found.file))?;
    Some(format!(
        "files of it are on {}, and it does not say {}",
        quoted(album),
        quoted(&version)
    ))
}

/// "Track 01.flac" beside "01 Rope.mp3".
fn numbered_copies(found: &[(&Row, &Match)], finder: &Finder) -> Option<String> {
    let mut copies = found
        .iter()
        .filter(|(_, found)| finder.numbered_copies.contains(&found.file));
    let first = finder.files[copies.next()?.1.file].path.display();
    Some(match copies.count() {
        0 => format!("{first} is called by a number alone, so this and its length decide"),
        more => format!("{first} and {more} more are called by numbers alone, so these and their lengths decide"),
    })
}

fn order_of_names(found: &[(&Row, &Match)], finder: &Finder) -> Option<String> {
    let is_by_name =
        !found.is_empty() && found.iter().all(|(_, found)| found.by == By::Order) && finder.tracks.is_empty();
    is_by_name.then(|| "no file has a track number, so codes go in the order of the file names".to_owned())
}
