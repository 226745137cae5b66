//! A list understood against the files that it is for, and the ways on where it cannot be: each is tried before it is
//! named, so that a hint works.

use std::collections::{BTreeSet, HashSet};

use super::matching::against::distrust::Distrust;
use super::matching::problem::{Of, What};
use super::matching::{Matcher, Matching};
use super::told::ListError;
use super::{Double, List, Reading, Sheet, table};
use crate::list::read::grid::Grid;
use crate::list::read::page::Page;
use crate::list::read::source::{Source, parse};
use crate::list::table::columns::{Column, Columns, letters};
use crate::list::table::duration::DurationCell;
use crate::recording::fold::fold;
use crate::recording::{FileInfo, names, versions};

mod doubles;

/// Of larger lists no ways on are looked for: each is a run of its own.
const MOST_TRIED: usize = 20_000;

/// So many runs are made to find the ways on.
const MOST_RUNS: usize = 60;

/// A list, and what it means for files.
#[derive(Debug)]
pub struct Understood {
    pub list: List,
    pub matching: Matching,
}

impl Understood {
    /// Whether every row can be used.
    fn is_whole(&self) -> bool {
        !self.matching.matched.is_empty() && self.matching.is_whole()
    }
}

/// The list, the files, and how they are matched.
#[derive(Clone, Copy)]
pub struct Trial<'a> {
    pub source: &'a Source,
    pub files: &'a [FileInfo],
    pub matcher: Matcher<'a>,
}

/// Options that make a list work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsToTry {
    /// Why one would choose it, if there is a condition.
    pub condition: Option<&'static str>,
    pub options: Vec<String>,
}

/// A reading that may work, and the condition under which one would choose it.
type Candidate = (Option<&'static str>, Reading);

impl Trial<'_> {
    /// Reads the list in the one encoding under which all of its names are found, and matches it.
    fn understand_as(&self, reading: &Reading) -> Result<Understood, ListError> {
        let encodings = self.source.encodings(reading);
        let matcher = Matcher {
            in_order: reading.in_order,
            ..self.matcher
        };
        let mut best: Option<(usize, Understood, Page)> = None;
        let mut refused = None;
        for &encoding in &encodings {
            let parsed = parse(&self.source.bytes, &self.source.ending, reading, encoding);
            let said = parsed.and_then(|mut list| self.source.say_name(&mut list, &reading.columns).map(|()| list));
            let list = match said {
                Ok(list) => list,
                Err(error) => {
                    refused = refused.or(Some(error));
                    continue;
                }
            };
            let matching = matcher.run(&list, self.files);
            let (right, all) = matching.beyond_ascii;
            if best.as_ref().is_none_or(|(best, ..)| right > *best) {
                best = Some((right, Understood { list, matching }, encoding));
            }
            if right == all {
                break;
            }
        }
        let Some((_, mut understood, encoding)) = best else {
            return Err(refused.unwrap_or(ListError::NoCodes));
        };
        let Understood { list, matching } = &mut understood;
        let is_chosen = reading.encoding.is_none() && encoding.is_code_page();
        let may_be_wrong = reading.encoding.is_some() && !matching.is_whole();
        list.told.extend((is_chosen || may_be_wrong).then(|| encoding.told()));
        list.told.append(&mut matching.told);
        Ok(understood)
    }

    /// The options with which the list could be used as a whole.
    pub fn ways_on(&self, reading: &Reading, outcome: &Result<Understood, ListError>) -> Vec<OptionsToTry> {
        let is_small = match outcome {
            Ok(understood) => understood.list.rows.len() <= MOST_TRIED,
            Err(_) => self.files.len() <= MOST_TRIED && self.source.bytes.len() <= MOST_TRIED * 200,
        };
        let candidates = match outcome {
            _ if !is_small => Vec::new(),
            Ok(understood) => [
                by_unheaded_titles(reading, understood),
                after_problems(reading, understood),
            ]
            .concat(),
            Err(error) => self.after_error(reading, error),
        };
        // What is reached by samples makes no list work.
        let matcher = Matcher {
            reaches_equal: false,
            ..self.matcher
        };
        let trial = Trial { matcher, ..*self };
        let works = |reading: &Reading| trial.understand(reading).is_ok_and(|understood| understood.is_whole());
        let candidates = candidates.into_iter().take(MOST_RUNS);
        let ways = candidates
            .filter(|(_, reading)| works(reading))
            .map(|(condition, reading)| {
                let options = options(&reading);
                OptionsToTry { condition, options }
            });
        let mut ways: Vec<OptionsToTry> = ways.collect();
        // Of columns that nobody can tell apart the first that works is as good as any, but not of codes.
        let is_of_codes = matches!(
            outcome,
            Err(ListError::TwoCodeColumns { .. } | ListError::SeveralSheets { .. } | ListError::Two(_))
        );
        if !is_of_codes {
            // One way for each column of codes.
            let mut seen = HashSet::new();
            ways.retain(|way| seen.insert(way.options.last().map_or("", |columns| code_column(columns)).to_owned()));
        }
        ways.truncate(6);
        ways
    }

    fn after_error(&self, reading: &Reading, error: &ListError) -> Vec<Candidate> {
        let with_columns = |columns: Vec<Columns>| columns.into_iter().map(|columns| reading.with(columns)).collect();
        let readings: Vec<Reading> = match error {
            ListError::SeveralSheets { names } => {
                let of_sheet = |name: &String| Reading {
                    sheet: Some(name.clone()),
                    ..reading.clone()
                };
                names.iter().map(of_sheet).collect()
            }
            ListError::Draft { .. } => with_columns(vec![reading.columns.with(Column::State, "-")]),
            ListError::Two(Double { column, at, .. }) => {
                let of_sheet = |sheet: &Sheet| at.map(|at| table::name_of(&sheet.grid, at, reading.this_year));
                let named: BTreeSet<String> = self.sheets(reading).iter().flat_map(of_sheet).collect();
                with_columns(named.iter().map(|name| reading.columns.with(*column, name)).collect())
            }
            ListError::TwoCodeColumns { .. } => {
                let of_sheet = |sheet: &Sheet| self.columns_of_codes(&sheet.grid, reading, &reading.columns);
                with_columns(self.sheets(reading).iter().flat_map(of_sheet).collect())
            }
            ListError::NoCodeColumn(_) | ListError::NoSuchHeading(_) | ListError::NothingNamesFiles => {
                let of_sheet = |sheet: &Sheet| self.columns_of_files(&sheet.grid, reading, error);
                let mut readings: Vec<Reading> = with_columns(self.sheets(reading).iter().flat_map(of_sheet).collect());
                readings.push(in_order(reading));
                readings
            }
            _ => Vec::new(),
        };
        readings.into_iter().map(|reading| (None, reading)).collect()
    }

    fn sheets(&self, reading: &Reading) -> Vec<Sheet> {
        self.source.tables(reading).unwrap_or_default()
    }

    /// Each column that holds codes, added to what is known of others.
    fn columns_of_codes(&self, grid: &Grid, reading: &Reading, known: &Columns) -> Vec<Columns> {
        let codes = table::columns_of_codes(grid, reading.this_year).into_iter();
        let names = codes.map(|at| table::name_of(grid, at, reading.this_year));
        names.map(|name| known.with(Column::Isrc, &name)).collect()
    }

    /// Each column that may hold codes, alone and with each other one that may name their files.
    fn columns_of_files(&self, grid: &Grid, reading: &Reading, error: &ListError) -> Vec<Columns> {
        let is_given = reading.columns.given(Column::Isrc).is_some();
        let bases = match is_given && !matches!(error, ListError::NoSuchHeading(_)) {
            true => vec![reading.columns.clone()],
            false => self.columns_of_codes(grid, reading, &Columns::default()),
        };
        let of_codes = table::columns_of_codes(grid, reading.this_year);
        let says_something = |at: &usize| {
            (0..grid.len())
                .skip(1)
                .any(|row| grid.row(row).nth(*at).is_some_and(is_text))
        };
        let others = (0..grid.columns().min(12)).filter(|at| !of_codes.contains(at) && says_something(at));
        let others: Vec<String> = others.map(|at| table::name_of(grid, at, reading.this_year)).collect();
        let of_base = |base: &Columns| {
            // What says which files it is for, and contradicts them, is not to be read for something else.
            let read = self.source.read(&reading.with(base.clone()));
            let names_nothing = matches!(read, Err(ListError::NothingNamesFiles));
            let of_column = |column: &Column| others.iter().map(|other| base.with(*column, other)).collect::<Vec<_>>();
            let named = [Column::Title, Column::File].iter().flat_map(of_column);
            let named = named.filter(|_| names_nothing);
            [base.clone()].into_iter().chain(named).collect::<Vec<_>>()
        };
        bases.iter().flat_map(of_base).collect()
    }
}

fn is_text(cell: &str) -> bool {
    !cell.trim().is_empty()
}

fn without(reading: &Reading, columns: &[Column]) -> Reading {
    let leave = |left: Columns, column: &Column| left.with(*column, "-");
    reading.with(columns.iter().fold(reading.columns.clone(), leave))
}

fn in_order(reading: &Reading) -> Reading {
    Reading {
        in_order: true,
        ..reading.clone()
    }
}

/// What a column of no known heading may do that holds titles of the files.
fn by_unheaded_titles(reading: &Reading, understood: &Understood) -> Vec<Candidate> {
    let Some(at) = understood.matching.title_column else {
        return Vec::new();
    };
    let titled = reading.with(reading.columns.with(Column::Title, &letters(at)));
    let without_others = [
        ("if its numbers are not those of the files", Column::Track),
        ("if the files have been renamed since", Column::File),
    ];
    let without_others = without_others.map(|(condition, column)| (Some(condition), without(&titled, &[column])));
    [(None, titled)].into_iter().chain(without_others).collect()
}

/// What leaving out columns may do for a list, as the condition under which one would, and the columns.
fn after_problems(reading: &Reading, understood: &Understood) -> Vec<Candidate> {
    let Understood { list, matching } = understood;
    let has = |wanted: &dyn Fn(&What) -> bool| matching.problems.iter().any(|problem| wanted(&problem.what));
    let contradicts = |wanted: &[Of]| has(&|what| matches!(what, What::Contradicts { of, .. } if wanted.contains(of)));
    let is_other_version = contradicts(&[Of::Version, Of::VersionAlone]);
    let is_other_title = contradicts(&[true, false].map(|moved| Of::Title { moved }));
    let is_unmatched = has(&|what| matches!(what, What::Unmatched { .. }));
    // Without a number a title in another album, or by another artist, is rather another recording.
    let is_known = !list.rows.iter().any(is_open);
    use Column::*;
    let ways: &[(bool, &'static str, &[Column])] = match &matching.distrust {
        Some(Distrust::Numbers { .. }) => {
            return vec![(Some("if its rows are in the order of the tracks"), in_order(reading))];
        }
        Some(Distrust::Moved | Distrust::OtherNumbers { .. }) => {
            &[(true, "if its numbers are not those of the files", &[Track])]
        }
        Some(Distrust::Lengths | Distrust::OtherVersion { .. }) => {
            &[(true, "if its lengths are those of other masters", &[Duration])]
        }
        Some(Distrust::Unnamed { .. }) => &[(true, "if it is the list of these files all the same", &[Album, Artist])],
        Some(Distrust::OtherAlbum) => &[(
            are_in_other_script(matching),
            "if its titles are those of the files in another script",
            &[Title, Version],
        )],
        Some(Distrust::Void) => &[(true, "if the codes are the right ones all the same", &[State])],
        Some(_) => &[],
        None => &[
            (is_known, "if the albums are called otherwise there", &[Album]),
            (is_known, "if the artists are called otherwise there", &[Artist]),
            (
                is_known,
                "if albums and artists are called otherwise there",
                &[Album, Artist],
            ),
            (
                is_other_version,
                "if these files are the versions that it names",
                &[Version],
            ),
            (
                contradicts(&[Of::Disc]),
                "if these files are the disc that it names",
                &[Disc],
            ),
            (
                is_unmatched && !are_named_after_others(&list.rows),
                "if the files have been renamed since",
                &[File],
            ),
            (
                (is_other_version || is_other_title) && list.rows.iter().any(|row| row.file.is_some()),
                "if the names of the files are right and the titles are not",
                &[Title, Version],
            ),
        ],
    };
    // What no row says cannot help.
    let is_said = |column: &Column| list.rows.iter().any(|row| says(row, *column));
    let ways = ways
        .iter()
        .filter(|(may_help, _, columns)| *may_help && columns.iter().any(is_said));
    ways.map(|(_, condition, columns)| (Some(*condition), without(reading, columns)))
        .collect()
}

/// Whether a row names a file that is called as the title of another row: one of the two columns is in another order.
fn are_named_after_others(rows: &[super::Row]) -> bool {
    let titles = rows.iter().filter_map(super::Row::whole_title);
    let titles: HashSet<String> = titles.map(|title| fold(&title)).collect();
    rows.iter().any(|row| {
        let named = row.file.as_ref().and_then(|file| names::read(file).title);
        let pair = named.zip(row.whole_title());
        pair.is_some_and(|(named, title)| fold(&named) != fold(&title) && titles.contains(&fold(&named)))
    })
}

/// Whether all that is wrong are titles in letters that the files do not have: nobody can compare them.
fn are_in_other_script(matching: &Matching) -> bool {
    // "Live" is in Latin letters everywhere.
    let is_latin = |title: &str| {
        versions::split(title)
            .0
            .contains(|letter: char| letter.is_ascii_alphabetic())
    };
    !matching.problems.is_empty()
        && matching.problems.iter().all(|problem| match &problem.what {
            What::Contradicts {
                of: Of::Title { .. },
                wanted,
                found,
                ..
            } => is_latin(wanted) != is_latin(found),
            _ => false,
        })
}

/// The column of codes in what `--columns` is given, or the option as it is.
fn code_column(columns: &str) -> &str {
    columns.split(',').find(|part| part.starts_with("isrc=")).unwrap_or("")
}

/// Whether a row says something that leaving out this column would change.
fn says(row: &super::Row, column: Column) -> bool {
    match column {
        Column::Track => row.description.track.is_some() || !row.unheaded.is_empty(),
        Column::State => row.void.is_some(),
        Column::Album => row.description.album.is_some(),
        Column::Artist => row.description.artist.is_some(),
        Column::Version => row.description.version.is_some() || row.above.is_some(),
        Column::Disc => row.description.disc.is_some(),
        Column::Duration => row.duration != DurationCell::None,
        Column::Title => row.description.title.is_some(),
        _ => row.file.is_some(),
    }
}

/// Whether a row says too little to do without its album or its artist.
fn is_open(row: &super::Row) -> bool {
    let version = row.description.album.as_deref().is_some_and(versions::has_version);
    row.code != super::Code::None && (row.description.track.is_none() || row.description.title.is_none() || version)
}

/// The options that a reading was given by.
fn options(reading: &Reading) -> Vec<String> {
    let columns = Some(reading.columns.argument()).filter(|columns| !columns.is_empty());
    let encoding = reading.encoding.map(|encoding| encoding.name().to_owned());
    let valued = [
        ("--sheet", reading.sheet.clone()),
        ("--encoding", encoding),
        ("--columns", columns),
    ];
    let valued = valued.into_iter();
    let valued = valued.filter_map(|(option, value)| Some([option.to_owned(), value?]));
    let in_order = reading.in_order.then(|| "--in-order".to_owned());
    in_order.into_iter().chain(valued.flatten()).collect()
}
