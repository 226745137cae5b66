//! Columns under headings that are not known which may contradict titles: numbers of tracks, and names of files.

use std::path::Path;

use super::{RemarkKind, Remarks};
use crate::list::table::cell::{names_audio, track_number};
use crate::list::table::columns::{Column, Columns, Layout};
use crate::list::table::{SAMPLE_ROWS, cell};
use crate::recording::names;

/// The number of a cell, with the side of a record that it is on.
pub(in crate::list) fn number(text: &str) -> Option<(Option<char>, u32)> {
    let alone = |text: &str| text.len() <= 4 && text.chars().all(char::is_alphanumeric);
    let of_side = names::side_of_record(text).filter(|_| alone(text));
    let plain = || track_number(text).1.map(|number| (None, number));
    of_side.map(|(side, number)| (Some(side), number)).or_else(plain)
}

/// Whether a cell may be the name of a file: "01 Low Water", "Masters/Low Water.wav".
fn may_name_file(text: &str) -> bool {
    let begins_with_number = || text.starts_with(|letter: char| letter.is_ascii_digit());
    let has_words = text.chars().any(char::is_alphabetic);
    has_words && (names_audio(Path::new(text)) || text.contains('\\') || begins_with_number())
}

impl Remarks<'_> {
    /// The columns nearly all of whose cells are numbers from 1 on, or may be names of files.
    pub(super) fn columns_beside_titles(&self, layout: &Layout, first: usize, columns: &Columns) -> Vec<usize> {
        let is_open = |column| layout.position(column).is_none() && columns.given(column).is_none();
        let (numbers, files) = (is_open(Column::Track), is_open(Column::File) && is_open(Column::Folder));
        let may_say = |at: &usize| {
            let cells =
                (first..self.grid.len().min(first + SAMPLE_ROWS)).map(|row| cell::said(self.grid.cell(row, *at)));
            let cells: Vec<_> = cells.filter(|cell| !cell.is_empty()).collect();
            let are_most = |count: usize| count > 1 && count * 4 >= cells.len() * 3;
            let counts = || {
                let counted: Vec<u32> = cells.iter().filter_map(|cell| Some(number(cell)?.1)).collect();
                are_most(counted.len()) && counted.contains(&1)
            };
            let named = || cells.iter().filter(|cell| may_name_file(cell)).count();
            (numbers && counts()) || (files && are_most(named()))
        };
        let is_unknown = |(at, kind): &&(usize, RemarkKind)| {
            matches!(kind, RemarkKind::Any | RemarkKind::Silent) && !self.others.contains(at)
        };
        let unknown = self.columns.iter().filter(is_unknown).map(|(at, _)| *at);
        unknown.filter(may_say).collect()
    }

    /// What such columns say of a row that has a title.
    pub(in crate::list) fn beside_title(&self, row: usize) -> Vec<(usize, String)> {
        let cells = self
            .beside_titles
            .iter()
            .map(|at| (*at, cell::said(self.grid.cell(row, *at))));
        let cells = cells.filter(|(_, text)| !text.is_empty() && text.len() <= super::LONGEST_TITLE);
        cells.map(|(at, text)| (at, text.into_owned())).collect()
    }
}
