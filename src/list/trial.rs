//! A list understood against the files that it is for, and the ways on where it cannot be: each is tried before it is
//! named, so that a hint works.

use std::collections::HashSet;

use super::matching::distrust::Distrust;
use super::matching::problem::What;
use super::matching::{Matcher, Matching};
use super::told::{Choice, ListError};
use super::{List, Reading, table};
use crate::list::read::page::Page;
use crate::list::read::source::Source;
use crate::list::table::columns::{Column, Columns};
use crate::list::table::duration::DurationCell;
use crate::recording::{FileInfo, versions};

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

impl Trial<'_> {
    /// Reads the list in the one encoding under which all of its names are found, and matches it.
    pub fn understand(&self, reading: &Reading) -> Result<Understood, ListError> {
        let encodings = self.source.encodings(reading);
        let mut best: Option<(usize, Understood, Page)> = None;
        let mut refused = None;
        for &encoding in &encodings {
            let list =
                match crate::list::read::source::parse(&self.source.bytes, &self.source.ending, reading, encoding) {
                    Ok(list) => list,
                    Err(error) => {
                        refused = refused.or(Some(error));
                        continue;
                    }
                };
            let matcher = Matcher {
                in_order: reading.in_order,
                ..self.matcher
            };
            let matching = matcher.run(&list, self.files);
            let (right, all) = matching.beyond_ascii;
            let understood = Understood { list, matching };
            if best.as_ref().is_none_or(|(best, ..)| right > *best) {
                best = Some((right, understood, encoding));
            }
            if right == all {
                break;
            }
        }
        let Some((_, mut understood, encoding)) = best else {
            return Err(refused.unwrap_or(ListError::NoCodes));
        };
        if encodings.len() > 1 {
            understood.list.told.push(Choice::Encoding(encoding.name()));
        }
        let more = std::mem::take(&mut understood.matching.told);
        understood.list.told.extend(more);
        Ok(understood)
    }

    /// The options with which the list could be used as a whole.
    pub fn ways_on(&self, reading: &Reading, outcome: &Result<Understood, ListError>) -> Vec<OptionsToTry> {
        let is_small = match outcome {
            Ok(understood) => understood.list.rows.len() <= MOST_TRIED,
            Err(_) => self.files.len() <= MOST_TRIED && self.source.bytes.len() <= MOST_TRIED * 200,
        };
        if !is_small {
            return Vec::new();
        }
        let mut ways = Vec::new();
        let candidates = match outcome {
            Ok(understood) => self.after_problems(reading, understood),
            Err(error) => self.after_error(reading, error),
        };
        for (condition, changed) in candidates.into_iter().take(MOST_RUNS) {
            if self.understand(&changed).is_ok_and(|understood| understood.is_whole()) {
                ways.push(OptionsToTry {
                    condition,
                    options: options(&changed),
                });
            }
        }
        // Of columns that nobody can tell apart the first that works is as good as any, but not of codes.
        let is_of_codes = matches!(
            outcome,
            Err(ListError::TwoCodeColumns { .. } | ListError::SeveralSheets { .. } | ListError::Two { .. })
        );
        if !is_of_codes {
            // One way for each column of codes.
            let mut seen = HashSet::new();
            ways.retain(|way| seen.insert(way.options.last().map_or("", |columns| code_column(columns)).to_owned()));
        }
        ways.truncate(6);
        ways
    }

    fn after_problems(&self, reading: &Reading, understood: &Understood) -> Vec<(Option<&'static str>, Reading)> {
        let left_out = |columns: &[Column]| {
            let columns = columns
                .iter()
                .fold(reading.columns.clone(), |columns, column| columns.with(*column, "-"));
            Reading {
                columns,
                ..reading.clone()
            }
        };
        let rows = &understood.list.rows;
        let mut ways: Vec<(&str, &[Column])> = match &understood.matching.distrust {
            Some(Distrust::Moved) => vec![("if its numbers are not those of the files", &[Column::Track])],
            Some(Distrust::Lengths) => vec![("if its lengths are those of other masters", &[Column::Duration])],
            Some(Distrust::Unnamed { .. }) => vec![(
                "if it is the list of these files all the same",
                &[Column::Album, Column::Artist],
            )],
            Some(Distrust::Void) => vec![("if the codes are the right ones all the same", &[Column::State])],
            Some(Distrust::Numbers { .. }) => {
                let in_order = Reading {
                    in_order: true,
                    ..reading.clone()
                };
                return vec![(Some("if its rows are in the order of the tracks"), in_order)];
            }
            Some(_) => Vec::new(),
            // Without a number a title in another album, or by another artist, is rather another recording.
            None if rows.iter().any(is_open) => Vec::new(),
            None => vec![
                ("if the albums are called otherwise there", &[Column::Album]),
                ("if the artists are called otherwise there", &[Column::Artist]),
                (
                    "if albums and artists are called otherwise there",
                    &[Column::Album, Column::Artist],
                ),
            ],
        };
        let is = |wanted: fn(&What) -> bool| understood.matching.problems.iter().any(|problem| wanted(&problem.what));
        let is_other_version = is(|what| matches!(what, What::OtherVersion { .. }));
        if understood.matching.distrust.is_none() {
            if is_other_version {
                ways.push(("if these files are the versions that it names", &[Column::Version]));
            }
            if is(|what| matches!(what, What::UnknownDisc { .. })) {
                ways.push(("if these files are the disc that it names", &[Column::Disc]));
            }
            if is(|what| matches!(what, What::Unmatched { .. })) {
                ways.push(("if the files have been renamed since", &[Column::File]));
            }
            if is_other_version || is(|what| matches!(what, What::OtherTitle { .. })) {
                let columns = &[Column::Title, Column::Version];
                ways.push(("if the names of the files are right and the titles are not", columns));
            }
        }
        // What no row says cannot help.
        let is_said = |column: &Column| rows.iter().any(|row| says(row, *column));
        let ways = ways.into_iter().filter(|(_, columns)| columns.iter().any(is_said));
        ways.map(|(condition, columns)| (Some(condition), left_out(columns)))
            .collect()
    }

    fn after_error(&self, reading: &Reading, error: &ListError) -> Vec<(Option<&'static str>, Reading)> {
        let with = |columns: Columns| Reading {
            columns,
            ..reading.clone()
        };
        let mut readings: Vec<Reading> = Vec::new();
        match error {
            ListError::SeveralSheets { names } => readings.extend(names.iter().map(|name| Reading {
                sheet: Some(name.clone()),
                ..reading.clone()
            })),
            ListError::Draft { .. } => readings.push(with(reading.columns.with(Column::State, "-"))),
            ListError::NoCodeColumn(_)
            | ListError::NoSuchHeading(_)
            | ListError::TwoCodeColumns { .. }
            | ListError::NothingNamesFiles
            | ListError::Two { .. } => {
                let sheets = self.source.tables(reading).unwrap_or_default();
                for sheet in &sheets {
                    let grid = &sheet.grid;
                    let is_given = reading.columns.given(Column::Isrc).is_some();
                    let of_codes = table::columns_of_codes(grid, reading.this_year);
                    let named = |column| table::name_of(grid, column, reading.this_year);
                    let bases: Vec<Columns> = match is_given && !matches!(error, ListError::NoSuchHeading(_)) {
                        true => vec![reading.columns.clone()],
                        false => of_codes
                            .iter()
                            .map(|at| Columns::default().with(Column::Isrc, &named(*at)))
                            .collect(),
                    };
                    if matches!(error, ListError::TwoCodeColumns { .. }) {
                        let chosen = of_codes
                            .iter()
                            .map(|at| reading.columns.with(Column::Isrc, &named(*at)));
                        readings.extend(chosen.map(with));
                        continue;
                    }
                    for base in bases {
                        readings.push(with(base.clone()));
                        let others = (0..grid.columns().min(12)).filter(|at| !of_codes.contains(at));
                        let others: Vec<String> = others.map(named).collect();
                        let is_meant = |column: &Column| match error {
                            ListError::Two { column: word, .. } => column.word() == *word,
                            _ => true,
                        };
                        for column in [Column::Title, Column::File].into_iter().filter(is_meant) {
                            readings.extend(others.iter().map(|other| with(base.with(column, other))));
                        }
                    }
                }
                readings.push(Reading {
                    in_order: true,
                    ..reading.clone()
                });
            }
            _ => {}
        }
        readings.into_iter().map(|reading| (None, reading)).collect()
    }
}

/// The column of codes in what `--columns` is given, or the option as it is.
fn code_column(columns: &str) -> &str {
    columns.split(',').find(|part| part.starts_with("isrc=")).unwrap_or("")
}

/// Whether a row says something that leaving out this column would change.
fn says(row: &super::Row, column: Column) -> bool {
    match column {
        Column::Track => row.description.track.is_some(),
        Column::State => row.code_state.is_some(),
        Column::Album => row.description.album.is_some(),
        Column::Artist => row.description.artist.is_some(),
        Column::Version => row.description.version.is_some() || row.above.is_some(),
        Column::Disc => row.description.disc.is_some(),
        Column::Duration => row.duration != DurationCell::None,
        Column::Title => row.file.is_some() && row.description.title.is_some(),
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
    let mut options = Vec::new();
    let mut add = |option: &str, value: String| {
        options.push(option.to_owned());
        if !value.is_empty() {
            options.push(value);
        }
    };
    if reading.in_order {
        add("--in-order", String::new());
    }
    if let Some(sheet) = &reading.sheet {
        add("--sheet", sheet.clone());
    }
    if let Some(encoding) = reading.encoding {
        add("--encoding", encoding.name().to_owned());
    }
    let columns = reading.columns.argument();
    if !columns.is_empty() {
        add("--columns", columns);
    }
    options
}
