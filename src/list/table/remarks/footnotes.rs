//! Footnotes: a mark behind titles, "Rope*", and a line that says what it means, "* instrumental".

use std::collections::HashSet;
use std::ops::Range;

use super::{RemarkKind, Said, read, version_of_line};
use crate::list::read::grid::Grid;
use crate::recording::versions;

const MARKS: [char; 8] = ['*', '†', '‡', '§', '¹', '²', '³', '⁴'];

/// So many are read; a table of nothing else has no titles.
const MOST: usize = 32;

#[derive(Debug)]
struct Footnote {
    row: usize,
    mark: String,
    said: Said,
}

/// The footnotes of a table whose marks titles bear.
#[derive(Debug, Default)]
pub(in crate::list) struct Footnotes(Vec<Footnote>);

impl Footnotes {
    pub(in crate::list) fn of(grid: &Grid, rows: Range<usize>, titles: usize) -> Footnotes {
        let note = |row: usize| {
            let mut cells = grid.row(row).map(str::trim).filter(|cell| !cell.is_empty());
            let only = cells.next().filter(|_| cells.next().is_none())?;
            let said = only.trim_start_matches(MARKS);
            let mark = only[..only.len() - said.len()].to_owned();
            let said = (!mark.is_empty() && said.contains(char::is_alphabetic)).then(|| meaning(said.trim()))?;
            Some(Footnote { row, mark, said })
        };
        let marks: HashSet<&str> = rows.clone().map(|row| parted(grid.cell(row, titles)).1).collect();
        let notes = rows.filter_map(note).filter(|note| marks.contains(&*note.mark));
        Footnotes(notes.take(MOST).collect())
    }

    /// Whether a row is one.
    pub(in crate::list) fn has(&self, row: usize) -> bool {
        self.0.iter().any(|note| note.row == row)
    }

    /// A title without its mark, and what that says.
    pub(in crate::list) fn of_title<'t>(&self, title: &'t str) -> (&'t str, Option<&Said>) {
        let (bare, mark) = parted(title);
        match self.0.iter().find(|note| note.mark == mark) {
            Some(note) => (bare, Some(&note.said)),
            None => (title, None),
        }
    }
}

/// A title and the mark at its end: `Rope*`, `Rope (†)`.
fn parted(title: &str) -> (&str, &str) {
    let whole = title.trim_end().trim_end_matches([')', ']']);
    let bare = whole.trim_end_matches(MARKS);
    (bare.trim_end_matches([' ', '(', '[']), &whole[bare.len()..])
}

fn meaning(note: &str) -> Said {
    let mut said = read(RemarkKind::Any, note);
    let version = || version_of_line(note).flatten().map(str::to_owned);
    let version = said.version.take().map(|(_, version)| version).or_else(version);
    said.version = version
        .or_else(|| versions::performance(note))
        .map(|version| (0, version));
    said
}
