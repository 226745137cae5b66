//! Whether a list is for these files at all. One of another album fits here and there by accident.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use super::unheaded::Unheaded;
use crate::isrc::words::count;
use crate::list::matching::By;
use crate::list::matching::find::LENGTHS_FIT;
use crate::list::matching::problem::{Of, Problem, What};
use crate::list::matching::settle::Settling;
use crate::list::matching::unlisted::Lengths;
use crate::list::table::columns::letters;
use crate::list::told::quoted;
use crate::list::{Code, Row};
use crate::recording::fold::fold;
use crate::recording::names;

/// A length in whole seconds is that of a file within this.
const LENGTHS_EQUAL: Duration = Duration::from_millis(600);

/// And is rather not that of a file from this on.
const LENGTHS_OFF: Duration = Duration::from_millis(1500);

/// Why a list is not believed at all, as a sentence without full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error(
        "titles in the list belong to other files than the numbers or names beside them: the list or the files were put in \
         another order"
    )]
    Moved,
    #[error(
        "column {} holds titles of these files, and they are not those that its numbers, names or order find",
        letters(*column)
    )]
    OtherTitles { column: usize },
    #[error(
        "column {} names files that are here, and they are not those that the titles beside them find",
        letters(*column)
    )]
    OtherNames { column: usize },
    #[error(
        "column {} counts the tracks, and its numbers are not those of the files that the titles beside them find",
        letters(*column)
    )]
    OtherNumbers { column: usize },
    #[error("most of its titles or lengths are not those of the files: it may be the list of another album")]
    OtherAlbum,
    /// Codes in order or numbers alone, and more or fewer recordings.
    #[error(
        "the list has {} and there are {} here, so numbers or order alone tell nothing",
        count(*codes as u64, "code", "codes"),
        count(*recordings as u64, "recording", "recordings")
    )]
    Count { codes: usize, recordings: usize },
    /// Rows that say numbers alone, and some are the number of no file; those of a list may begin with 0.
    #[error("{which}, and nothing but numbers says which code is whose")]
    Numbers { which: &'static str },
    /// Rows that say numbers alone, and lengths that are not those of the files.
    #[error(
        "most of its lengths are not those of the files, and nothing but numbers says which code is whose: it may be the list \
         of another album"
    )]
    Lengths,
    /// Rows that say numbers alone, for an artist or an album that no file says.
    #[error(
        "it is for {}, which no tag, folder or name of a file says, and nothing but numbers says which code is whose",
        quoted(name)
    )]
    Unnamed { name: String },
    #[error(
        "its files are on {}, it does not say {}, and most of its lengths are not those of the files: it may be the list of \
         another version",
        quoted(album),
        quoted(version)
    )]
    OtherVersion { album: String, version: String },
    #[error("every row of it says that its code is not to be used")]
    Void,
    #[error(
        "row {code} has a code and no track beside it, and row {blank} at the other end has no code: the codes have slipped \
         against their titles"
    )]
    Slipped { code: u32, blank: u32 },
    /// Codes in order, and the list says another one.
    #[error("{what} not so of the files in this order")]
    OtherOrder { what: &'static str },
    /// Codes in order, and none among the files.
    #[error("{why}, so they have no order")]
    NoOrder { why: &'static str },
}

impl Settling<'_> {
    /// The rows that have files, each with the first of these.
    fn found_first(&self) -> impl Iterator<Item = (&Row, usize)> {
        let found = self.rows.iter().zip(&self.targets);
        found.filter_map(|(row, target)| Some((row, target.as_ref()?.files[0])))
    }

    /// Whether most lengths of rows are not those of their files; none where rows say no lengths.
    fn lengths_differ<'r>(&self, found: impl Iterator<Item = (&'r Row, usize)>) -> Option<bool> {
        let distance = |(row, file): (&Row, usize)| row.duration.distance(self.finder.files[file].description.duration);
        let fits: Vec<bool> = found
            .filter_map(distance)
            .map(|distance| distance <= LENGTHS_FIT)
            .collect();
        let fit = fits.iter().filter(|fits| **fits).count();
        (!fits.is_empty()).then_some(fits.len() > 1 && fit * 2 < fits.len())
    }

    /// Whether most lengths of rows that no title has joined to their files are to the second those of other files: the rows
    /// or the files are in another order. Where all are off by as much they count the gaps between tracks, and then the longest
    /// or the shortest is that of no file.
    fn lengths_are_crossed(&self) -> bool {
        let found = self.rows.iter().zip(&self.targets).filter_map(|(row, target)| {
            let target = target.as_ref()?;
            let is_bare = match target.by {
                By::DiscAndTrack => !self.finder.have_titles(row, &target.files),
                By::Order => true,
                By::Path | By::FileName | By::CodeInName | By::Title => false,
            };
            let length = self.finder.files[target.files[0]].description.duration;
            let said = row.duration.nearest(length).filter(|_| is_bare)?;
            Some((said, length?))
        });
        let found: Vec<(Duration, Duration)> = found.collect();
        let lengths = Lengths(found.iter().map(|(_, length)| *length).collect());
        let is_crossed = |(said, length): &&(Duration, Duration)| {
            said.abs_diff(*length) > LENGTHS_OFF && lengths.have(*said, LENGTHS_EQUAL)
        };
        let crossed = found.iter().filter(is_crossed).count();
        let count_gaps = || {
            let offset = |(said, length): &(Duration, Duration)| said.as_secs_f64() - length.as_secs_f64();
            let offsets = found.iter().map(offset);
            let ends = offsets.clone().reduce(f64::min).zip(offsets.reduce(f64::max));
            let here = Lengths::of(0..self.finder.files.len(), self.finder);
            ends.is_some_and(|(least, most)| most - least <= 2.0 * LENGTHS_EQUAL.as_secs_f64())
                && !found.iter().all(|(said, _)| here.have(*said, LENGTHS_EQUAL))
        };
        crossed > 1 && crossed * 2 >= found.len() && !count_gaps()
    }

    /// What speaks against rows that say numbers alone: these are weak, so what could confirm them must not be silent.
    fn numbers_contradicted(&self) -> Option<Distrust> {
        let name = |row: &Row| row.description.album.clone().or(row.description.artist.clone());
        let mut named = self.found_first().filter(|(row, _)| name(row).is_some()).peekable();
        let unnamed = named.peek().and_then(|(row, _)| name(row));
        match (self.lengths_differ(self.found_first()), unnamed) {
            (Some(true), _) => Some(Distrust::Lengths),
            // Lengths that fit are evidence enough.
            (None, Some(name)) if !named.any(|(row, file)| self.finder.is_named(row, file)) => {
                Some(Distrust::Unnamed { name })
            }
            (Some(false) | None, _) => None,
        }
    }

    /// What speaks against a list of which nothing but numbers has found files.
    fn numbers_distrusted(&self) -> Option<Distrust> {
        let coded = (0..self.rows.len()).filter(|row| self.rows[*row].code != Code::None);
        let coded: Vec<usize> = coded.collect();
        let says_number = |row: &usize| {
            let Row { description, file, .. } = &self.rows[*row];
            file.is_none() && description.track.is_some()
        };
        let unmatched = self
            .problems
            .iter()
            .filter(|problem| matches!(problem.what, What::Unmatched { .. }));
        let unmatched: HashSet<usize> = unmatched.map(|problem| problem.rows[0]).collect();
        let is_alone = |row: &usize| match &self.targets[*row] {
            Some(_) => self.is_found_by_number(*row),
            None => self.rows[*row].description.title.is_none() || unmatched.contains(row),
        };
        if !coded.iter().all(|row| says_number(row) && is_alone(row)) || self.targets.iter().all(Option::is_none) {
            return None;
        }
        let coded: Vec<&Row> = coded.iter().map(|row| &self.rows[*row]).collect();
        let numbers: HashSet<_> = coded
            .iter()
            .map(|row| (row.description.disc, row.description.track))
            .collect();
        let (codes, recordings) = (numbers.len(), self.finder.tracks(coded.iter().copied()));
        if codes > recordings {
            return Some(Distrust::Count { codes, recordings });
        }
        // Numbers that begin at 0, or count otherwise: those that fit, fit by accident.
        let is_of_no_file = |problem: &Problem| {
            let row = &self.rows[problem.rows[0]];
            matches!(problem.what, What::Unmatched { .. }) && row.description.album.is_none()
        };
        if self.problems.iter().any(is_of_no_file) {
            let from_zero = coded.iter().any(|row| row.description.track == Some(0));
            let which = match from_zero {
                true => "it counts its tracks from 0",
                false => "some of its track numbers are of no file",
            };
            return Some(Distrust::Numbers { which });
        }
        None
    }

    /// Whether nothing but numbers, their order or names such as "Track01.wav" has found files.
    fn says_nothing_else(&self) -> bool {
        let mut found = (0..self.rows.len())
            .filter_map(|row| Some((row, self.targets[row].as_ref()?)))
            .peekable();
        let only_counts = |path: &Path| names::read(path).title.is_none();
        found.peek().is_some()
            && found.all(|(row, target)| match (target.by, &self.rows[row].file) {
                (By::FileName, Some(file)) => {
                    only_counts(file) && self.finder.say_nothing_of(&self.rows[row], &target.files)
                }
                (By::Order, _) => true,
                _ => self.is_found_by_number(row),
            })
    }

    /// What speaks against a list for files whose album is called a version that it does not say.
    fn version_distrusted(&self) -> Option<Distrust> {
        let unsaid = || {
            self.found_first().filter(|(row, file)| {
                !self.finder.matcher.in_order && row.file.is_none() && self.finder.unsaid_version(row, *file).is_some()
            })
        };
        let (row, file) = unsaid().next()?;
        let (album, version) = self.finder.unsaid_version(row, file)?;
        let why = || Distrust::OtherVersion {
            album: album.to_owned(),
            version,
        };
        (self.lengths_differ(unsaid()) == Some(true)).then(why)
    }

    /// Whether the codes of a table stand higher or lower than what is beside them: a track has none, and at the other end of
    /// the codes behind it one has no track. Totals, pauses and heads of albums are no tracks.
    fn slipped(&self) -> Option<Distrust> {
        let coded = || self.rows.iter().filter(|row| row.code != Code::None);
        let has_place = |row: &Row| row.file.is_some() || row.description.track.is_some();
        let are_placed = coded().any(has_place);
        let is_of_track = |row: &Row| has_place(row) || (!are_placed && row.description.title.is_some());
        let track = |row: &Row| {
            let Row { description, file, .. } = row;
            let title = row.whole_title().filter(|_| !has_place(row)).map(|title| fold(&title));
            let album = description.album.as_deref().map(fold);
            (
                row.sheet,
                album,
                description.disc,
                description.track,
                file.clone(),
                title,
            )
        };
        let with_code: HashSet<_> = coded().map(track).collect();
        let is_bare = |row: &Row| !has_place(row) && row.description.title.is_none();
        // The row at an end of the list is no pause if it has a title, whatever else bears that and its number.
        let is_end = |at: usize| at == 0 || at + 1 == self.rows.len();
        let is_blank = |at: usize| {
            let row = &self.rows[at];
            let is_unsaid = || is_of_track(row) && !with_code.contains(&track(row));
            row.code == Code::None && !row.is_void() && ((is_end(at) && row.description.title.is_some()) || is_unsaid())
        };
        // What a total says is of no file; an example above the tracks is not, either.
        let is_total = |at: usize| are_placed && !has_place(&self.rows[at]) && self.targets[at].is_none();
        let slipped = |order: &mut dyn Iterator<Item = usize>, may_be_total: bool| {
            let mut blank: Option<(&Row, usize)> = None;
            for at in order {
                let row = &self.rows[at];
                blank = blank.filter(|(blank, _)| blank.sheet == row.sheet);
                if row.code == Code::None {
                    blank = blank.or_else(|| is_blank(at).then_some((row, 0)));
                } else if is_bare(row) || (may_be_total && is_total(at)) {
                    match blank.take() {
                        Some((blank, behind)) if behind > 0 => return Some((row.number, blank.number)),
                        Some(_) | None => {}
                    }
                } else if let Some((_, behind)) = &mut blank {
                    *behind += 1;
                }
            }
            None
        };
        let rows = 0..self.rows.len();
        let (code, blank) = slipped(&mut rows.clone(), true).or_else(|| slipped(&mut rows.rev(), false))?;
        Some(Distrust::Slipped { code, blank })
    }

    /// Whether the list is for these files at all.
    pub(in crate::list::matching) fn distrust(&self, columns: &[Unheaded]) -> Option<Distrust> {
        if let Some(&Unheaded {
            column,
            is_beside_titles,
            ..
        }) = columns.iter().find(|column| !column.agrees)
        {
            return Some(match is_beside_titles {
                true => Distrust::OtherNames { column },
                false => Distrust::OtherTitles { column },
            });
        }
        if let Some(column) = self.column_of_other_numbers() {
            return Some(Distrust::OtherNumbers { column });
        }
        let slipped = self.slipped();
        if slipped.is_some() {
            return slipped;
        }
        let numbers = || self.says_nothing_else().then(|| self.numbers_contradicted()).flatten();
        let against = self.numbers_distrusted().or_else(numbers);
        let crossed = || self.lengths_are_crossed().then_some(Distrust::Lengths);
        if let Some(why) = against.or_else(|| self.version_distrusted()).or_else(crossed) {
            return Some(why);
        }
        let placed = self.placed();
        // A catalogue holds releases that are not here; their rows say nothing against the others.
        let release = |row: usize| {
            let row = &self.rows[row];
            (row.description.album.as_deref().map(fold), row.upc.as_deref())
        };
        let found = (0..self.rows.len()).filter(|row| self.targets[*row].is_some());
        let here: HashSet<_> = found.map(release).collect();
        // The row, and whether its title is that of another file.
        let against = self.problems.iter().filter_map(|problem| match problem.what {
            What::Contradicts {
                of: Of::Title { moved },
                ..
            } => Some((problem.rows[0], moved)),
            What::Contradicts { of: Of::Duration, .. } if !here.is_empty() => Some((problem.rows[0], false)),
            _ => None,
        });
        let against = against.filter(|(row, _)| {
            let is_placed = self.isrc(*row).is_some_and(|isrc| placed.contains(&isrc));
            !is_placed && (here.is_empty() || here.contains(&release(*row)))
        });
        let against: Vec<(usize, bool)> = against.collect();
        match against.iter().any(|(_, moved)| *moved) {
            true => Some(Distrust::Moved),
            false => (!against.is_empty() && against.len() >= placed.len()).then_some(Distrust::OtherAlbum),
        }
    }
}
