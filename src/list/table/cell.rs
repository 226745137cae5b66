//! What cells mean, whatever program or hand wrote them: `="CODE"`, "TBC", "1/12", "1. Title", "CD 2".

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::columns::Column;
use crate::discover::{Claim, Extension, claim};
use crate::format::tags::Description;
use crate::list::table::duration::{self, DurationCell};
use crate::list::table::remarks::{self, Said};
use crate::list::{Code, Row};
use crate::recording::fold::fold;
use crate::recording::names;
use crate::recording::versions;

/// The text of a cell without what spreadsheets need, or nothing if it says nothing.
pub(in crate::list) fn said(cell: &str) -> Cow<'_, str> {
    let text = unquoted(cell.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}'));
    // A rule under headings.
    let is_rule = text.len() > 2 && text.chars().all(|letter| "-=_*–—".contains(letter));
    if is_rule || remarks::is_nothing(&text) {
        return Cow::Borrowed("");
    }
    match text.contains(['\n', '\r', '\t', '\u{b}']) {
        true => Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        false => text,
    }
}

/// `="QZTST2600001"` keeps a spreadsheet from taking a text for a number.
fn unquoted(text: &str) -> Cow<'_, str> {
    let inner = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) => Cow::Owned(inner.replace("\"\"", "\"")),
        None => Cow::Borrowed(text),
    }
}

/// Whether a cell has swallowed rows, since a quotation mark is not closed: no cell of this column has so many lines.
pub(in crate::list) fn runs_on(cell: &str, column: Column) -> bool {
    if !cell.contains('\n') {
        return false;
    }
    let lines = cell.trim().lines().count();
    match column {
        // A file name may hold one.
        Column::File | Column::Folder => false,
        // Two codes in a cell are told as such, and one may be broken in two.
        Column::Isrc => lines > 1 && !cell.trim().lines().all(is_code) && !is_code(&said(cell)),
        _ => lines > 4 || (lines > 1 && cell.split([',', ';', '\t', '\n', '|', '"']).any(is_code)),
    }
}

pub(in crate::list) fn is_code(text: &str) -> bool {
    crate::isrc::normalise::normalise(text.trim()).is_ok()
}

/// Whether a cell says a range of codes: "QZTST2600001-06", "QZ-TST-26-00001 to QZ-TST-26-00006".
pub(in crate::list) fn is_range(text: &str) -> bool {
    const BETWEEN: [&str; 8] = [" to ", " bis ", " - ", "–", "—", "..", "/", "-"];
    let is_end = |text: &str| {
        let text = text.trim();
        is_code(text) || ((1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    BETWEEN
        .iter()
        .filter_map(|between| text.rsplit_once(between))
        .any(|(first, last)| is_code(first) && is_end(last))
}

/// Reads one row through its columns; `None` if it is empty in all of them.
pub(in crate::list) fn row<'c>(
    number: u32,
    this_year: u16,
    cell: impl Fn(Column) -> &'c str,
    beside: Said,
) -> Option<Row> {
    let some = |column| Some(said(cell(column))).filter(|text| !text.is_empty());
    let owned = |column| some(column).map(Cow::into_owned);
    if Column::ALL.iter().all(|column| some(*column).is_none()) {
        return None;
    }
    let track = some(Column::Track);
    let (disc_of_track, number_of_track) = track.as_deref().map_or((None, None), track_number);
    let side_of_track = track.as_deref().and_then(names::side_of_record);
    let mut of_columns = [Column::Side, Column::Disc].into_iter().filter_map(some);
    let of_column = of_columns.find_map(|text| side_letter(&text));
    // A column "Track" may hold titles.
    let title_of_track = track.filter(|_| number_of_track.is_none()).map(Cow::into_owned);
    let title = owned(Column::Title).or(title_of_track);
    let with_guests = || versions::with_guests(title.as_deref()?, beside.guests.as_deref()?);
    let title = with_guests().or_else(|| title.clone());
    let file = path(cell(Column::Folder), cell(Column::File), cell(Column::PathBytes));
    let is_new = |version: &String| !says(title.as_deref(), version);
    // "Instrumental" is a version, "Audio" and "3:04" are none.
    let version_in = |column| remarks::version_of_kind(&some(column)?).map(str::to_owned);
    let version = joined([
        owned(Column::Version),
        beside.version.map(|(_, version)| version).filter(is_new),
        beside.quiet.filter(|_| title.is_none() && file.is_none()),
        version_in(Column::ContentType),
        version_in(Column::Duration),
        // "Medium" is a disc, but "Video" is none.
        version_in(Column::Disc),
    ]);
    let duration = some(Column::Duration).map_or(DurationCell::None, |text| duration::parse(&text));
    let part = some(Column::CuesheetTrack).and_then(|part| part.parse().ok());
    Some(Row {
        number,
        code: Code::judge(&some(Column::Isrc).unwrap_or_default(), this_year),
        description: Description {
            title,
            version,
            artist: owned(Column::Artist),
            album: owned(Column::Album).filter(|_| !is_of_folder(cell(Column::FromName))),
            disc: some(Column::Disc).as_deref().and_then(leading_number).or(disc_of_track),
            track: number_of_track,
            duration: match duration.readings() {
                [only] => Some(*only),
                _ => None,
            },
            flac_md5: None,
            flac_layout: None,
            medium: None,
        },
        duration,
        side: match side_of_track {
            Some((side, number)) => Some((side, Some(number))),
            None => of_column.map(|side| (side, number_of_track)),
        },
        upc: owned(Column::Upc),
        published: owned(Column::Published),
        content_type: owned(Column::ContentType),
        void: beside.void,
        advisory: beside.advisory,
        cuesheet_track: part.filter(|_| file.is_some()),
        file,
        ..Row::default()
    })
}

/// Whether an album is only the name of a folder: that is no title where other rows say one.
fn is_of_folder(from_name: &str) -> bool {
    from_name.split(", ").any(|field| field == "album")
}

/// Whether a title says a version by itself: "Live at the Mill" under any heading says nothing new of "Salt (Live)".
fn says(title: Option<&str>, version: &str) -> bool {
    title.is_some_and(|title| versions::says_kind(&[title], version))
}

/// The letter of a side: `B`, "Side B".
fn side_letter(text: &str) -> Option<char> {
    let letter = || text.parse().ok().filter(char::is_ascii_alphabetic);
    names::side_of_folder(text).or_else(|| letter().map(|letter: char| letter.to_ascii_uppercase()))
}

/// Numbers that run on over the sides of a record are not those on a side.
pub(in crate::list) fn sides_of_columns(rows: &mut [Row]) {
    let said: HashSet<(char, Option<u32>)> = rows.iter().filter_map(|row| row.side).collect();
    if !said.iter().all(|(side, _)| said.contains(&(*side, Some(1)))) {
        rows.iter_mut()
            .filter_map(|row| row.side.as_mut())
            .for_each(|side| side.1 = None);
    }
}

/// What several columns say of the version, each thing once.
pub(super) fn joined(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let both = |whole: String, part: String| match fold(&whole).contains(&fold(&part)) {
        true => whole,
        false => format!("{whole}, {part}"),
    };
    parts.into_iter().flatten().reduce(both)
}

/// The path that a row names. Spaces at the ends belong to a file name.
fn path(folder: &str, file: &str, bytes: &str) -> Option<PathBuf> {
    if let Some(bytes) = STANDARD.decode(bytes.trim()).ok().filter(|bytes| !bytes.is_empty()) {
        return Some(PathBuf::from(crate::system::platform::name_from_bytes(&bytes)));
    }
    let (folder, file) = (unquoted(folder), unquoted(file));
    let says = |cell: &str| !said(cell).is_empty();
    let is_file = |path: &str| names_audio(Path::new(path.trim()));
    match (says(&folder), says(&file)) {
        (false, false) => None,
        (false, true) => Some(PathBuf::from(&*file)),
        (true, false) => Some(PathBuf::from(&*folder)),
        // Two columns of which one is the whole.
        (true, true) if is_file(&folder) => Some(PathBuf::from(&*folder)),
        (true, true) if file.contains(['/', '\\']) => Some(PathBuf::from(&*file)),
        (true, true) => {
            let separator = if folder.contains('\\') { '\\' } else { '/' };
            let folder = folder.trim_end_matches(['/', '\\']);
            Some(PathBuf::from(format!("{folder}{separator}{file}")))
        }
    }
}

/// Whether the ending of a name is one of audio files.
pub(in crate::list) fn names_audio(path: &Path) -> bool {
    matches!(claim(Extension::of(path.as_os_str()).as_ref()), Claim::Audio(_))
}

/// Reads `7`, `07`, `7/12`, `7 of 12`, `Track 7`, `#7` and, with the disc in front, `2-07` or `2.07`.
pub(super) fn track_number(text: &str) -> (Option<u32>, Option<u32>) {
    let number = |text: &str| {
        let text = text.trim();
        let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    let text = text.trim().trim_start_matches('#');
    let text = text.split('/').next().unwrap_or(text);
    let text = text.split(" of ").next().unwrap_or(text);
    match text
        .split_once(['-', '.'])
        .map(|(disc, track)| (number(disc), number(track), track))
    {
        // A spreadsheet's "7.0" is a seven, and so is "7.".
        Some((Some(only), Some(0), _)) => (None, Some(only)),
        Some((Some(only), None, rest)) if rest.trim().is_empty() => (None, Some(only)),
        Some((Some(disc), Some(track), _)) => (Some(disc), Some(track)),
        Some(_) => (None, None),
        None => match number(text) {
            Some(track) => (None, Some(track)),
            None => {
                let named = names::read(Path::new(text));
                (named.disc, named.track.filter(|_| named.title.is_none()))
            }
        },
    }
}

/// The number of `2`, `2/3`, `CD 2`, `Disc 2`.
fn leading_number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    digits
        .split(|letter: char| !letter.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// Takes the numbers out of titles such as "1. Low Water" where all rows have them, or most, one after the other with a
/// point behind. One such title alone, "3 Days", is a title.
pub(in crate::list) fn numbers_in_titles(rows: &mut [Row]) {
    let mut titled: Vec<&mut Description> = rows.iter_mut().map(|row| &mut row.description).collect();
    titled.retain(|row| row.title.is_some());
    let all = titled.len();
    let numbered = |row: &Description| {
        let title = row.title.as_deref()?;
        let begins = title.starts_with(|letter: char| letter.is_ascii_digit() || letter == '#');
        // What separates folders must not cut a title.
        begins.then(|| PathBuf::from(title.trim_start_matches('#').replace(['/', '\\'], "\u{2215}")))
    };
    titled.retain(|row| numbered(row).is_some());
    let paths: Vec<PathBuf> = titled.iter().filter_map(|row| numbered(row)).collect();
    let named = names::read_all(paths.iter().map(PathBuf::as_path));
    let fits = |(row, named): (&&mut Description, &names::Named)| {
        named.title.is_some() && named.track.is_some() && (row.track.is_none() || row.track == named.track)
    };
    let are_all = titled.len() == all;
    let has_point = |row: &&mut Description| {
        let title = row.title.as_deref().unwrap_or("").trim_start_matches('#');
        let behind = title.trim_start_matches(|letter: char| letter.is_ascii_digit());
        behind.starts_with(['.', ')', ':'])
    };
    let follows = |pair: &[names::Named]| pair[1].track == pair[0].track.map(|track| track + 1);
    let are_most = || titled.len() * 2 > all && titled.iter().all(has_point) && named.windows(2).all(follows);
    if titled.iter().zip(&named).all(fits) && (are_all || (titled.len() > 1 && are_most())) {
        for (row, named) in titled.into_iter().zip(named) {
            row.title = named.title.map(|title| title.replace('\u{2215}', "/"));
            row.track = row.track.or(named.track);
            row.disc = row.disc.or(named.disc);
        }
    }
}

/// Takes the artist out of titles such as "Maren Holt - Low Water" where all rows have the same in front, and no column
/// tells the artist. "Low Water - Live" names a version.
pub(in crate::list) fn artists_in_titles(rows: &mut [Row]) {
    let titles = rows.iter().filter_map(|row| row.description.title.as_deref());
    let parts: Option<Vec<(&str, &str)>> = titles.map(|title| title.split_once(" - ")).collect();
    let Some((artist, _)) = parts.as_ref().and_then(|parts| parts.first()) else {
        return;
    };
    let is_artist = |(first, _): &(&str, &str)| first == artist;
    // Of "Rope - Live" and "Rope - Instrumental" Rope is the title; "Ana - Live Forever" and "Ana - Intro" are by Ana.
    let is_version = |(_, rest): &&(&str, &str)| versions::has_version(rest) && !remarks::is_name(rest);
    let are_versions = parts.iter().flatten().filter(is_version).count() * 2 >= rows.len();
    let is_told = rows.iter().any(|row| row.description.artist.is_some());
    if rows.len() < 2 || is_told || are_versions || !parts.iter().flatten().all(is_artist) {
        return;
    }
    let artist = (*artist).to_owned();
    for Row { description, .. } in rows {
        if let Some((_, rest)) = description.title.as_deref().and_then(|title| title.split_once(" - ")) {
            (description.title, description.artist) = (Some(rest.to_owned()), Some(artist.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn track_numbers_are_read_as_written() {
        check("7", (None, Some(7)));
        check("07", (None, Some(7)));
        check("7/12", (None, Some(7)));
        check("7 of 12", (None, Some(7)));
        check("7.", (None, Some(7)));
        check("7.0", (None, Some(7)));
        check("#7", (None, Some(7)));
        check("Track 7", (None, Some(7)));
        check("2-07", (Some(2), Some(7)));
        check("2.07", (Some(2), Some(7)));
        check("99999999999", (None, None));
        check("3 Days", (None, None));
        check("", (None, None));
    }

    #[track_caller]
    fn check(text: &str, expected: (Option<u32>, Option<u32>)) {
        assert_eq!(track_number(text), expected, "{text:?}");
    }

    #[test]
    fn discs_may_be_called_by_name() {
        assert_eq!(leading_number("CD 2"), Some(2));
        assert_eq!(leading_number("1/3"), Some(1));
        assert_eq!(leading_number("bonus"), None);
        assert_eq!(leading_number("99999999999999"), None);
    }

    #[test]
    fn cells_without_a_word_are_empty() {
        for cell in ["", " ", "-", "N/A", "TBC", "=\"\"", "tba", "—", "------", "====="] {
            assert_eq!(said(cell), "", "{cell:?}");
        }
        assert_eq!(said("=\"QZTST2600001\""), "QZTST2600001");
        assert_eq!(said("Low\r\nWater "), "Low Water");
    }

    #[test]
    fn folder_and_name_are_joined() {
        let check = |folder: &str, file: &str, expected: Option<&str>| {
            assert_eq!(
                path(folder, file, ""),
                expected.map(PathBuf::from),
                "{folder:?} {file:?}"
            );
        };
        check("D:\\Masters\\A\\", "01.wav", Some("D:\\Masters\\A\\01.wav"));
        check("/Volumes/A", "01.wav", Some("/Volumes/A/01.wav"));
        check("/Volumes/A/01.wav", "01.wav", Some("/Volumes/A/01.wav"));
        check("A", "B/01.wav", Some("B/01.wav"));
        check("", " 01.wav", Some(" 01.wav"));
        check("a/01.wav", "", Some("a/01.wav"));
        check("-", "n/a", None);
    }

    #[test]
    fn numbers_leave_titles_only_where_all_have_them() {
        let rows = |titles: &[&str]| -> Vec<Row> {
            let row = |(number, title): (u32, &&str)| {
                let cell = |column| if column == Column::Title { *title } else { "" };
                super::row(number, 2026, cell, Said::default())
            };
            (1..).zip(titles).filter_map(row).collect()
        };
        let titles = |titles: &[&str]| {
            let mut rows = rows(titles);
            numbers_in_titles(&mut rows);
            let told = rows
                .into_iter()
                .map(|row| (row.description.track, row.description.title.unwrap()));
            told.collect::<Vec<_>>()
        };
        assert_eq!(
            titles(&["1. Low Water", "2. AC/DC"]),
            [(Some(1), "Low Water".to_owned()), (Some(2), "AC/DC".to_owned())]
        );
        assert_eq!(titles(&["3 Days", "Other"])[0], (None, "3 Days".to_owned()));
        let titled =
            |titles: Vec<(Option<u32>, String)>| titles.into_iter().map(|(_, title)| title).collect::<Vec<_>>();
        let with_more = ["1. Rope", "Contains Salt", "2. Tide"];
        assert_eq!(titled(titles(&with_more)), ["Rope", "Contains Salt", "Tide"]);
        for left in [
            ["1 Rope", "Salt", "2 Tide"],
            ["1. Rope", "Salt", "3. Tide"],
            ["Rope", "Salt", "1. Tide"],
        ] {
            assert_eq!(titled(titles(&left)), left);
        }
    }
}
