//! Markers of editors that carry the tags of a CD: Reaper's "#Low Water|ISRC=QZTST2600001|PERFORMER=Maren Holt".

use super::grid::Grid;
use crate::list::table::columns::{self, Column};

/// The columns of the table, and their headings.
const COLUMNS: [(Column, &str); 3] = [
    (Column::Title, "track title"),
    (Column::Artist, "artist"),
    (Column::Isrc, "isrc"),
];

/// The table of the markers that have a code, or nothing where no cell is such a marker.
pub(in crate::list) fn table(grid: &Grid) -> Option<Grid> {
    let mut table = Grid::default();
    for row in 0..grid.len() {
        let Some(cells) = grid.row(row).find_map(marker) else {
            continue;
        };
        if table.len() == 0 {
            table.push(1, COLUMNS.map(|(_, heading)| heading)).ok()?;
        }
        table.push(grid.number(row), cells).ok()?;
    }
    (table.len() > 0).then_some(table)
}

/// What a marker says, in the order of the columns.
fn marker(cell: &str) -> Option<[&str; 3]> {
    let (title, fields) = cell.trim().strip_prefix('#')?.split_once('|')?;
    let said = |wanted: Column| {
        let mut fields = fields.split('|').filter_map(|field| field.split_once('='));
        let found = fields.find(|(label, _)| columns::meaning(label) == Some(wanted));
        found.map(|(_, value)| value.trim())
    };
    let title = match title.trim() {
        "" => said(Column::Title).unwrap_or(""),
        title => title,
    };
    Some([title, said(Column::Artist).unwrap_or(""), said(Column::Isrc)?])
}
