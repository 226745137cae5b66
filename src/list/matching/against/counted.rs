//! Numbers of tracks under a heading that is not known: they find nothing, but they contradict what titles have found.

use std::collections::{BTreeMap, BTreeSet};

use crate::isrc::Isrc;
use crate::list::matching::find::side_of_record;
use crate::list::matching::settle::Settling;
use crate::list::table::remarks::beside::number;

/// A number, on the side of a record.
type Number = (Option<char>, u32);

/// Of one row the number beside its title, that of the file which the title has found, and its code.
type Numbered = (Number, Number, Isrc);

impl Settling<'_> {
    /// The column that counts the very tracks which titles have found, in another order.
    pub(in crate::list::matching) fn column_of_other_numbers(&self) -> Option<usize> {
        let mut columns: BTreeMap<usize, Vec<Numbered>> = BTreeMap::new();
        for (row, target, isrc) in self.found() {
            let of = &self.rows[row];
            if of.description.title.is_none() || of.description.track.is_some() || of.file.is_some() {
                continue;
            }
            for (column, text) in &of.unheaded {
                let numbers = number(text).zip(self.number_of(target.files[0]));
                columns
                    .entry(*column)
                    .or_default()
                    .extend(numbers.map(|(said, own)| (said, own, isrc)));
            }
        }
        let open = self.problems.iter().map(|problem| problem.rows.len()).sum();
        columns
            .into_iter()
            .find(|(_, rows)| contradict(rows, open))
            .map(|(column, _)| column)
    }

    fn number_of(&self, file: usize) -> Option<Number> {
        let side = &self.finder.sides[file];
        let of_side = side_of_record(side).and_then(|(letter, number)| Some((Some(letter), number?)));
        of_side.or_else(|| Some((None, side.called.track?)))
    }
}

/// Whether numbers are those of the files, but not row by row. `open` rows have found no file.
fn contradict(rows: &[Numbered], open: usize) -> bool {
    let has_sides = |number: fn(&Numbered) -> Number| rows.iter().any(|row| number(row).0.is_some());
    let rows = match has_sides(|row| row.0) == has_sides(|row| row.1) {
        true => rows.to_vec(),
        false => counted_on(rows),
    };
    let mut surplus: BTreeMap<Number, i64> = BTreeMap::new();
    for (said, own, _) in &rows {
        *surplus.entry(*said).or_default() += 1;
        *surplus.entry(*own).or_default() -= 1;
    }
    let of_no_file: i64 = surplus.values().filter(|count| **count > 0).sum();
    let is_of_files = usize::try_from(of_no_file).is_ok_and(|of_no_file| of_no_file <= open);
    // Rows that were put in another order as a whole, and then counted: their codes go with their titles.
    let counts_rows = || {
        let mut of_files = rows.clone();
        of_files.sort_by_key(|row| row.1);
        rows.is_sorted_by(|a, b| a.0 < b.0) && of_files.is_sorted_by_key(|row| row.2)
    };
    rows.iter().any(|(said, own, _)| said != own) && is_of_files && !counts_rows()
}

/// Numbers counted on over the sides of a record, as files without sides have them: A1, A2, B1 are 1, 2, 3.
fn counted_on(rows: &[Numbered]) -> Vec<Numbered> {
    let ranks = |number: fn(&Numbered) -> Number| -> BTreeMap<Number, Number> {
        let numbers: BTreeSet<Number> = rows.iter().map(number).collect();
        let ranks = (1..).map(|rank| (None, rank));
        numbers.into_iter().zip(ranks).collect()
    };
    let (said, own) = (ranks(|row| row.0), ranks(|row| row.1));
    rows.iter().map(|row| (said[&row.0], own[&row.1], row.2)).collect()
}
