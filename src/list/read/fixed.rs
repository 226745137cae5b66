//! Tables of text whose columns are under each other, as mastering programs print PQ lists.

use std::ops::Range;

use super::grid::Grid;
use crate::list::read::text;
use crate::list::table::cell;
use crate::list::told::ListError;
use crate::list::{Reading, table};

/// Cuts a text at the gaps that its rows have in common; `None` if that gives no table of codes.
pub(super) fn cut(text: &str, reading: &Reading) -> Result<Option<Grid>, ListError> {
    let lines: Vec<Vec<char>> = text
        .lines()
        .map(|line| line.trim_end().replace('\t', "    ").chars().collect())
        .collect();
    let with_code: Vec<&Vec<char>> = lines.iter().filter(|line| has_code(line)).collect();
    let Some(first) = lines.iter().position(|line| has_code(line)) else {
        return Ok(None);
    };
    // The headings are above the first code; which line they are is told by what they say.
    let mut best: Option<(usize, Grid)> = None;
    for heading in lines[..first].iter().rev().take(20).filter(|line| !line.is_empty()) {
        let columns = columns(heading, &with_code);
        let mut grid = Grid::default();
        for (number, line) in (1..).zip(&lines) {
            let cells: Vec<String> = columns.iter().map(|column| part(line, column.clone())).collect();
            grid.push(number, cells.iter().map(String::as_str))?;
        }
        let known = text::known(&grid, reading);
        if known > best.as_ref().map_or(1, |(known, _)| *known) && table::headings(&grid, reading)?.is_some() {
            best = Some((known, grid));
        }
    }
    Ok(best.map(|(_, grid)| grid))
}

fn has_code(line: &[char]) -> bool {
    let line: String = line.iter().collect();
    line.split_whitespace().any(cell::is_code)
}

fn part(line: &[char], column: Range<usize>) -> String {
    let part = line.iter().take(column.end).skip(column.start);
    part.collect::<String>().trim().to_owned()
}

/// The columns: between the gaps that the headings and all rows with a code share. A gap of one space in the rows parts
/// columns only behind numbers, since titles have such gaps too.
fn columns(heading: &[char], rows: &[&Vec<char>]) -> Vec<Range<usize>> {
    let width = rows
        .iter()
        .map(|row| row.len())
        .chain([heading.len()])
        .max()
        .unwrap_or(0);
    let is_blank = |line: &[char], at: usize| line.get(at).is_none_or(|letter| *letter == ' ');
    let blank_in_rows: Vec<bool> = (0..width).map(|at| rows.iter().all(|row| is_blank(row, at))).collect();
    let blank: Vec<bool> = (0..width)
        .map(|at| is_blank(heading, at) && blank_in_rows[at])
        .collect();
    let (mut columns, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(gap) = (at..width).find(|at| blank[*at]) {
        let end = (gap..width).find(|at| !blank[*at]).unwrap_or(width);
        let is_number = |row: &&Vec<char>| {
            let cell = part(row, start..gap);
            cell.bytes().all(|byte| byte.is_ascii_digit() || b":.-".contains(&byte))
        };
        // Of "CP EM Title" the gaps are as wide as those of the rows below.
        let before = blank_in_rows[..gap].iter().rev().take_while(|blank| **blank).count();
        let behind = blank_in_rows[end..].iter().take_while(|blank| **blank).count();
        if before + (end - gap) + behind > 1 || end == width || rows.iter().all(is_number) {
            columns.push(start..gap);
            start = end;
        }
        at = end;
    }
    columns.extend((start < width).then_some(start..width));
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_cut_at_common_gaps() {
        let text = "PQ LIST   Small Hours\n\n Trk Title           Start     Length    ISRC\n\
                    \u{20}--- --------------- --------- --------- ------------\n\
                    \u{20}  1 Low Water       00:02:00  03:10:12  QZTST2600001\n\
                    \u{20}  2 Café del Mar    03:14:12  04:00:00  QZTST2600002\n\
                    \u{20} 10 Don't Stop      07:16:12  02:59:70  QZTST2600003\n";
        let grid = cut(text, &Reading::default()).unwrap().unwrap();
        let row = (0..grid.len()).find(|row| grid.number(*row) == 6).unwrap();
        let cells: Vec<&str> = grid.row(row).collect();
        assert!(
            cells.ends_with(&["2", "Café del Mar", "03:14:12", "04:00:00", "QZTST2600002"]),
            "{cells:?}"
        );
    }

    #[test]
    fn prose_is_no_table() {
        assert!(
            cut("The code is QZTST2600001\n", &Reading::default())
                .unwrap()
                .is_none()
        );
    }
}
