//! Columns of titles, or of file names, whose heading is not known: they find nothing, but they contradict what numbers,
//! names or order have found.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::list::matching::find::{Finder, MOST};
use crate::list::matching::settle::Settling;
use crate::list::table::remarks::beside::number;
use crate::recording::names;
use crate::recording::versions::{self, Titles};

/// A column of no known heading that holds titles of these files.
#[derive(Debug, Clone, Copy)]
pub(in crate::list::matching) struct Unheaded {
    /// From 0.
    pub(in crate::list::matching) column: usize,
    /// Its rows have titles, and it holds names of files.
    pub(in crate::list::matching) is_beside_titles: bool,
    /// Every title that is one of a file is that of the file that its row has found.
    pub(in crate::list::matching) agrees: bool,
}

/// What the cells of a column say.
#[derive(Default)]
struct Cells {
    /// How many there are, and how many name a file.
    all: usize,
    naming: usize,
    /// Files that they name, one a cell.
    named: HashSet<usize>,
    disagree: bool,
    beside_titles: usize,
}

impl Settling<'_> {
    /// The columns half of whose cells, of rows that have found a file, name files of its release, and not one file alone,
    /// as an album or an artist may.
    pub(in crate::list::matching) fn columns_of_titles(&self) -> Vec<Unheaded> {
        let mut columns: BTreeMap<usize, Cells> = BTreeMap::new();
        for (row, target, _) in self.found() {
            for (column, text) in &self.rows[row].unheaded {
                let is_titled = self.rows[row].description.title.is_some();
                // Who names files means them, whatever they are called elsewhere; numbers are no titles.
                if is_titled && (self.rows[row].file.is_some() || number(text).is_some()) {
                    continue;
                }
                let cells = columns.entry(*column).or_default();
                cells.all += 1;
                cells.beside_titles += usize::from(is_titled);
                let named = self.finder.named_by(text, target.files[0]);
                if let Some(first) = named.first() {
                    cells.naming += 1;
                    cells.named.insert(*first);
                    cells.disagree |= !named.iter().any(|file| target.files.contains(file));
                }
            }
        }
        let are_titles = |cells: &Cells| cells.naming * 2 >= cells.all && cells.named.len() > 1;
        let columns = columns.into_iter().filter(|(_, cells)| are_titles(cells));
        let column = |(column, cells): (usize, Cells)| Unheaded {
            column,
            is_beside_titles: cells.beside_titles > 0,
            agrees: !cells.disagree,
        };
        columns.map(column).collect()
    }
}

impl Finder<'_> {
    /// The files of a release whose title a text is, or holds beside an artist: "Low Water / Ana", "03 Low Water.wav".
    fn named_by(&self, text: &str, of_release: usize) -> Vec<usize> {
        const BETWEEN: [&str; 5] = [" - ", " – ", " — ", "/", "|"];
        let whole = self.titled_by(text, of_release);
        if !whole.is_empty() {
            return whole;
        }
        let named = names::read(Path::new(&text.replace('\\', "/"))).title;
        let parts = BETWEEN.iter().filter(|between| text.contains(**between));
        let parts = parts.flat_map(|between| text.split(between));
        let parts = named.as_deref().into_iter().chain(parts);
        let found: Vec<Vec<usize>> = parts.map(|part| self.titled_by(part, of_release)).collect();
        found.concat()
    }

    /// Of several with one title but for versions those with the very version.
    fn titled_by(&self, title: &str, of_release: usize) -> Vec<usize> {
        let titled = self
            .titles
            .get(&versions::main_title(title))
            .map_or(&[][..], Vec::as_slice);
        let is_here = |file: &&usize| self.on_one_release(of_release, **file);
        let mut found: Vec<usize> = titled.iter().take(MOST).filter(is_here).copied().collect();
        let is_same = |file: &usize| {
            let own = self.title(*file);
            own.is_some_and(|own| versions::compare(title, &own) == Titles::Same)
        };
        if found.iter().any(is_same) {
            found.retain(is_same);
        }
        found
    }
}
