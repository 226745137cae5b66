//! Which row is for which file. Pure: the rows and the facts of the files go in, certainties and problems come out.
//!
//! A row finds its file by the first of these that it has: path or file name; disc and track within one album; title,
//! version and artist. Invariant: in [`Matching::matched`] no file occurs twice, and no code but for files that are
//! surely one recording, or that carry it already.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use super::duration::DurationCell;
use super::{Code, List, Row};
use crate::isrc::Isrc;
use crate::plan::Replace;
use crate::recording::fold::whole_title;
use crate::recording::{FileInfo, are_one_recording};
use find::{Finder, Lookup};

mod find;
pub mod problem;

use problem::{Problem, What};

/// Where relative paths begin. Absolute.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// Where the program runs.
    pub current: PathBuf,
    /// Where the list lies.
    pub list: PathBuf,
}

/// By what a row found its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Path,
    FileName,
    DiscAndTrack,
    Title,
}

impl By {
    /// As the end of "found by …".
    pub fn word(self) -> &'static str {
        match self {
            By::Path => "path",
            By::FileName => "file name",
            By::DiscAndTrack => "disc and track",
            By::Title => "title",
        }
    }
}

/// A row that surely is for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Index of the row in [`List::rows`].
    pub row: usize,
    /// Index of the file.
    pub file: usize,
    /// For this track of the file's CUESHEET block, else for the file as a whole.
    pub cuesheet_track: Option<u8>,
    pub by: By,
    pub isrc: Isrc,
    /// The code that the file, or the track, carries now.
    pub before: Option<Isrc>,
    /// Why the code is believed only with a warning, as a sentence without full stop.
    pub doubt: Option<Cow<'static, str>>,
}

impl Match {
    /// Whether another valid code would be replaced.
    pub fn replaces(&self) -> bool {
        self.before.is_some_and(|before| before != self.isrc)
    }
}

/// What a list means for files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    /// In the order of the rows. With problems only a person who asks for a part gets these.
    pub matched: Vec<Match>,
    /// In the order of their first rows.
    pub problems: Vec<Problem>,
    /// Indices of the files that no row is or may be for, rising.
    pub unmatched_files: Vec<usize>,
    /// Numbers of the rows without a code. They ask for nothing.
    pub rows_without_code: Vec<u32>,
}

impl Matching {
    /// Why not even the rows that fit may be written: a list whose numbers and titles do not belong together, or that
    /// is for another album, fits here and there by accident. A sentence without full stop.
    pub fn distrust(&self) -> Option<&'static str> {
        let other_title = |problem: &&Problem| {
            matches!(
                problem.what,
                What::OtherTitle {
                    by: By::DiscAndTrack,
                    ..
                }
            )
        };
        let is_moved = |problem: &Problem| matches!(problem.what, What::OtherTitle { moved: true, .. });
        let others = self.problems.iter().filter(other_title).count();
        if self.problems.iter().filter(other_title).any(is_moved) {
            return Some(
                "its numbers and titles belong to different files: the list or the files were put in another order",
            );
        }
        (others > 0 && others >= self.matched.len())
            .then_some("most of its titles are not those of the files: it may be the list of another album")
    }
}

/// Finds the file of every row. Unless told otherwise, a row that would replace another valid code is a problem.
pub fn match_rows(list: &List, files: &[FileInfo], folders: &Folders, replace: Replace) -> Matching {
    let rows = &list.rows;
    let finder = Finder::new(rows, files, folders);
    let mut problems = Vec::new();
    let mut found: Vec<Option<(usize, By)>> = Vec::with_capacity(rows.len());
    let mut is_file_wanted = vec![false; files.len()];
    for row in rows {
        let is_empty = row.code == Code::None;
        match target(row, files, &finder) {
            Ok(target) => {
                is_file_wanted[target.0] = true;
                found.push(Some(target));
            }
            Err(what) => {
                what.files().iter().for_each(|file| is_file_wanted[*file] = true);
                found.push(None);
                // A row without a code asks for nothing, so it cannot ask for it wrongly.
                if !is_empty {
                    problems.push(Problem::of(row, what));
                }
            }
        }
        if let Code::Unusable { text, placeholder, why } = &row.code {
            let what = What::Unusable {
                text: text.clone(),
                placeholder: *placeholder,
                why: why.clone(),
            };
            problems.push(Problem::of(row, what));
        }
    }
    drop_double_codes(rows, files, &mut found, &mut problems);
    drop_double_targets(rows, &mut found, &mut problems);
    let mut matched = matches(rows, files, &found);
    match replace {
        Replace::Allow => {}
        Replace::Refuse => drop_replacing(&mut matched, rows, &mut problems),
    }
    let matched = drop_codes_elsewhere(matched, rows, files, &mut problems);
    problems.sort_by(|a, b| a.rows.cmp(&b.rows));
    Matching {
        matched,
        problems,
        unmatched_files: (0..files.len()).filter(|file| !is_file_wanted[*file]).collect(),
        rows_without_code: rows
            .iter()
            .filter(|row| row.code == Code::None)
            .map(|row| row.number)
            .collect(),
    }
}

/// The one file that a look-up leaves when duration and title have their say.
fn target(row: &Row, files: &[FileInfo], finder: &Finder) -> Result<(usize, By), What> {
    let (candidates, by) = match finder.find(row) {
        Lookup::Nothing(what) => return Err(what),
        Lookup::Candidates(candidates, by) => (candidates, by),
    };
    let candidates = agreeing(row, files, candidates)?;
    let [file] = candidates[..] else {
        return Err(What::Ambiguous { by, candidates });
    };
    let info = &files[file];
    if let (Some(wanted), Some(title)) = (&row.description.title, find::title_of(info)) {
        let wanted = whole_title(wanted, row.description.version.as_deref());
        let touches = find::titles_touch(&wanted, &title);
        let moved = finder.is_of_another(&wanted, file);
        let contradicts = match by {
            By::DiscAndTrack => !touches || moved,
            // A path is surer than a number, and its row may spell the title in any way. But a wholly different one that
            // another file has tells of a column that was moved.
            By::Path | By::FileName => !touches && moved,
            By::Title => false,
        };
        if contradicts {
            return Err(What::OtherTitle {
                by,
                moved,
                file,
                wanted,
                title: title.into_owned(),
            });
        }
    }
    if let Some(track) = row.cuesheet_track
        && !info.cuesheet.iter().any(|known| known.number == track)
    {
        return Err(What::NoCuesheetTrack { file, track });
    }
    Ok((file, by))
}

/// The candidates whose duration is that of the row, where both are known.
fn agreeing(row: &Row, files: &[FileInfo], candidates: Vec<usize>) -> Result<Vec<usize>, What> {
    let readings = match row.duration {
        DurationCell::None => return Ok(candidates),
        DurationCell::Unreadable => return Err(What::UnreadableDuration),
        DurationCell::Readings(readings) => readings,
    };
    let agrees = |file: &usize| {
        let duration = files[*file].description.duration;
        duration.is_none_or(|duration| readings.agree(duration, crate::recording::TOLERANCE + HALF_A_SECOND))
    };
    let (agreeing, others): (Vec<usize>, Vec<usize>) = candidates.into_iter().partition(agrees);
    match (agreeing.is_empty(), others.first()) {
        (true, Some(&file)) => Err(What::OtherDuration {
            file,
            wanted: readings.likeliest,
            duration: files[file].description.duration.unwrap_or_default(),
        }),
        _ => Ok(agreeing),
    }
}

/// A list tells whole seconds: what it rounds away is not a difference.
const HALF_A_SECOND: Duration = Duration::from_millis(500);

/// Two rows for one file: neither is certain.
fn drop_double_targets(rows: &[Row], found: &mut [Option<(usize, By)>], problems: &mut Vec<Problem>) {
    let mut rows_of: BTreeMap<(usize, Option<u8>), Vec<usize>> = BTreeMap::new();
    for (index, target) in found.iter().enumerate() {
        if let Some((file, _)) = target {
            rows_of
                .entry((*file, rows[index].cuesheet_track))
                .or_default()
                .push(index);
        }
    }
    for ((file, _), indices) in rows_of {
        let asks = indices.iter().any(|index| rows[*index].code != Code::None);
        if indices.len() > 1 {
            for index in &indices {
                found[*index] = None;
            }
            if asks {
                problems.push(Problem {
                    rows: indices.iter().map(|index| rows[*index].number).collect(),
                    what: What::SameFile { file },
                });
            }
        }
    }
}

/// One code in several rows is right only for files that are surely one recording, or that carry it already.
fn drop_double_codes(rows: &[Row], files: &[FileInfo], found: &mut [Option<(usize, By)>], problems: &mut Vec<Problem>) {
    let mut rows_of: HashMap<Isrc, Vec<usize>> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        if let Some(isrc) = row.code.isrc() {
            rows_of.entry(isrc).or_default().push(index);
        }
    }
    for (isrc, indices) in rows_of {
        let file = |index: &usize| found[*index].map(|(file, _)| &files[file]);
        let is_one_recording = |pair: &[usize]| match (file(&pair[0]), file(&pair[1])) {
            // Two rows for one file, or for one track of it, are another matter.
            (Some(a), Some(b)) if a.path == b.path => rows[pair[0]].cuesheet_track == rows[pair[1]].cuesheet_track,
            (Some(a), Some(b)) => rows[pair[0]].cuesheet_track.is_none() && are_one_recording(a, b),
            (None, _) | (_, None) => false,
        };
        let is_there = |index: &usize| {
            rows[*index].cuesheet_track.is_none() && file(index).is_some_and(|file| file.isrc == Some(isrc))
        };
        if indices.iter().all(is_there) {
            continue;
        }
        // Every pair would be the square of a hostile list; each with the first and with its neighbour will do.
        let with_first = indices.iter().skip(1).map(|index| [indices[0], *index]);
        if with_first
            .chain(indices.windows(2).map(|pair| [pair[0], pair[1]]))
            .all(|pair| is_one_recording(&pair))
        {
            continue;
        }
        for index in &indices {
            found[*index] = None;
        }
        problems.push(Problem {
            rows: indices.iter().map(|index| rows[*index].number).collect(),
            what: What::Repeated { isrc },
        });
    }
}

fn matches(rows: &[Row], files: &[FileInfo], found: &[Option<(usize, By)>]) -> Vec<Match> {
    let matches = rows.iter().zip(found).enumerate().filter_map(|(index, (row, target))| {
        let (file, by) = (*target)?;
        let Code::Isrc { isrc, ref doubt } = row.code else {
            return None;
        };
        let before = match row.cuesheet_track {
            None => files[file].isrc,
            Some(track) => {
                let known = files[file].cuesheet.iter().find(|known| known.number == track);
                known.and_then(|known| known.isrc)
            }
        };
        Some(Match {
            row: index,
            file,
            cuesheet_track: row.cuesheet_track,
            by,
            isrc,
            before,
            doubt: doubt.clone(),
        })
    });
    matches.collect()
}

fn drop_replacing(matched: &mut Vec<Match>, rows: &[Row], problems: &mut Vec<Problem>) {
    matched.retain(|each| {
        let Some(before) = each.before.filter(|before| *before != each.isrc) else {
            return true;
        };
        let (file, isrc) = (each.file, each.isrc);
        problems.push(Problem::of(&rows[each.row], What::Replaces { file, before, isrc }));
        false
    });
}

/// A code that another of the files would still carry afterwards, unless that is the same recording.
fn drop_codes_elsewhere(
    matched: Vec<Match>,
    rows: &[Row],
    files: &[FileInfo],
    problems: &mut Vec<Problem>,
) -> Vec<Match> {
    let mut holders: HashMap<Isrc, Vec<usize>> = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        if let Some(isrc) = file.isrc {
            holders.entry(isrc).or_default().push(index);
        }
    }
    let mut wanting: HashMap<Isrc, Vec<usize>> = HashMap::new();
    // What each file of the list will carry as a whole.
    let mut after: HashMap<usize, Isrc> = HashMap::new();
    for (index, each) in matched.iter().enumerate() {
        wanting.entry(each.isrc).or_default().push(index);
        if each.cuesheet_track.is_none() {
            after.insert(each.file, each.isrc);
        }
    }
    let mut is_kept = vec![true; matched.len()];
    let mut unchecked: Vec<usize> = (0..matched.len()).rev().collect();
    while let Some(index) = unchecked.pop() {
        let each = &matched[index];
        if !is_kept[index] || each.before == Some(each.isrc) {
            continue;
        }
        let keeps_it = |other: &&usize| {
            **other != each.file
                && after.get(*other).is_none_or(|isrc| *isrc == each.isrc)
                && !are_one_recording(&files[**other], &files[each.file])
        };
        // A hostile library may hold one code a million times; the first few tell enough.
        let holders = holders.get(&each.isrc).map_or(&[][..], Vec::as_slice);
        let Some(&file) = holders.iter().take(MOST_HOLDERS).find(keeps_it) else {
            continue;
        };
        let isrc = each.isrc;
        problems.push(Problem::of(&rows[each.row], What::Elsewhere { isrc, file }));
        is_kept[index] = false;
        if each.cuesheet_track.is_none() {
            // Its file stays with the code that it has, which another row may want.
            after.remove(&each.file);
            let wanting = files[each.file].isrc.and_then(|isrc| wanting.get(&isrc));
            unchecked.extend(wanting.into_iter().flatten());
        }
    }
    let mut is_kept = is_kept.into_iter();
    let mut matched = matched;
    matched.retain(|_| is_kept.next().unwrap_or(false));
    matched
}

const MOST_HOLDERS: usize = 1000;

#[cfg(test)]
mod tests;
