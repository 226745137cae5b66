//! What lines above a table, lines between its rows and the album of a row say of the rows: a version, a disc, artist and
//! album.

use super::remarks;
use crate::list::table::Table;
use crate::list::table::columns::{self, Column, Columns};
use crate::list::told::{ListError, cells_told};
use crate::list::{Reading, Row};
use crate::recording::fold::fold;
use crate::recording::names::album_and_disc;
use crate::recording::versions;

/// What a line of its own says of the rows below it.
pub(in crate::list) enum Section {
    /// "CD 2", "Disc 2:".
    Disc(u32),
    /// "Instrumentals"; none for "Album versions".
    Version(Option<String>),
}

impl Table<'_> {
    /// The version that a line above the headings says of all rows.
    pub(in crate::list) fn version_above(&self, reading: &Reading) -> Result<Option<String>, ListError> {
        let mut version = None;
        for row in 0..self.headings.unwrap_or(0) {
            let cells: Vec<&str> = self.said(row).collect();
            let line = cells.join(" ");
            if remarks::is_draft(&line) && !reading.columns.is_left_out(Column::State) {
                let row = self.grid.number(row);
                return Err(ListError::Draft {
                    place: format!("row {row}"),
                    line: cells_told(cells),
                });
            }
            // "Album: …" and the like are said of other things.
            let label = cells.first().and_then(|cell| cell.split_once(':'));
            let label = label.filter(|(_, value)| cells.len() > 1 || !value.trim().is_empty());
            let label = label.map(|(label, _)| fold(label));
            if label.is_some_and(|label| !matches!(label.as_str(), "version" | "fassung" | "mix" | "type"))
                || reading.columns.is_left_out(Column::Version)
            {
                continue;
            }
            let said = cells.iter().find_map(|cell| {
                let value = cell.split_once(':').map_or("", |(_, value)| value.trim());
                remarks::version_of_line(if value.is_empty() { cell } else { value })
            });
            version = said.flatten().map(str::to_owned).or(version);
        }
        Ok(version)
    }

    /// What a line above the headings says of all rows: "Album:" and the name beside it, or both in one cell.
    pub(in crate::list) fn said_above(&self, wanted: &[Column]) -> Option<String> {
        (0..self.headings?).find_map(|row| {
            let cells: Vec<&str> = self.said(row).collect();
            let (label, rest) = cells.first()?.split_once(':')?;
            let said = match rest.trim() {
                "" => cells.get(1).copied()?,
                rest => rest,
            };
            columns::meaning(label)
                .is_some_and(|column| wanted.contains(&column))
                .then(|| said.to_owned())
        })
    }

    /// What a row of one cell announces.
    pub(in crate::list) fn section(&self, row: usize) -> Option<Section> {
        let mut cells = self.said(row);
        let only = cells.next().filter(|_| cells.next().is_none())?;
        let (rest, disc) = album_and_disc(only.trim_end_matches(':'));
        match (disc, remarks::version_of_line(only)) {
            (Some(disc), _) if rest.is_empty() => Some(Section::Disc(disc)),
            (_, Some(version)) => Some(Section::Version(version.map(str::to_owned))),
            (_, None) => None,
        }
    }
    /// The cells of a row that are not empty.
    fn said(&self, row: usize) -> impl Iterator<Item = &str> {
        self.grid.row(row).map(str::trim).filter(|cell| !cell.is_empty())
    }
}

/// The version that the album of a row says of it, "Small Hours (Live)", where the row itself says none.
pub(in crate::list) fn version_of_album(row: &Row, columns: &Columns) -> Option<String> {
    if columns.is_left_out(Column::Version) {
        return None;
    }
    let album = row.description.album.as_deref()?;
    let says_none = row.description.version.as_deref().is_some_and(versions::is_neutral);
    let version = remarks::version_of_line(album).flatten()?;
    (!says_none).then(|| version.to_owned())
}
