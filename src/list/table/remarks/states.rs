//! Words in a column "Status" that hardly a row has: nobody knows all words for a code that is not to be used.

use std::collections::BTreeMap;

use super::{is_nothing, is_void};
use crate::list::Numbering;
use crate::list::told::{numbers, quoted};
use crate::recording::fold::fold;

/// So many rows that say another state than all others may be those whose codes are not to be used.
const FEW: usize = 2;

/// What is told of a column of states, as a part of one sentence without full stop. `cells` are those of rows with a
/// code that would be used, each with the number of its row.
pub(in crate::list) fn told<'c>(column: &str, cells: impl Iterator<Item = (u32, &'c str)>) -> Option<String> {
    let mut rows_of: BTreeMap<String, (&str, Vec<u32>)> = BTreeMap::new();
    let mut all = 0;
    let says_something = |cell: &str| !is_nothing(cell) && !is_void(cell) && cell.chars().any(char::is_alphabetic);
    for (row, cell) in cells.filter(|(_, cell)| says_something(cell.trim())) {
        all += 1;
        let (_, rows) = rows_of.entry(fold(cell)).or_insert((cell.trim(), Vec::new()));
        rows.push(row);
    }
    let most = rows_of.values().map(|(_, rows)| rows.len()).max()?;
    let is_odd = |(_, rows): &&(&str, Vec<u32>)| rows.len() <= FEW && rows.len() < most;
    let odd: Vec<&(&str, Vec<u32>)> = rows_of.values().filter(is_odd).collect();
    // A column in which most say something of their own is one of remarks.
    let (word, rows) = odd.first().filter(|_| most * 2 > all)?;
    let more = match odd.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more so"),
    };
    let (rows, word) = (numbers(rows, Numbering::Rows), quoted(word));
    Some(format!(
        "column {column} says {word} in {rows}{more}, and its codes are used all the same"
    ))
}
