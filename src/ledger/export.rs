//! The ledger as a table, in columns that agencies ask registrants to keep and that `ledger import` reads back. Where
//! the files lie is nobody else's business and stays in the ledger.

use std::io::Write;

use super::{CodeFilter, CodeState, Ledger, LedgerEntry, LedgerError, Reference, Stamp};
use crate::format::tags::Description;
use crate::judge::shared::clock;
use crate::system::table::{self, Cell, RowMark, SheetColumn, SheetError, SheetFormat, SheetHead, SheetRow};

const COLUMNS: [SheetColumn; 13] = [
    SheetColumn::new("isrc", 16),
    SheetColumn::new("artist", 28),
    SheetColumn::new("title", 36),
    SheetColumn::new("version", 20),
    SheetColumn::new("duration", 10),
    SheetColumn::new("content_type", 14),
    SheetColumn::new("published", 12),
    SheetColumn::new("album", 28),
    SheetColumn::new("disc", 6),
    SheetColumn::new("track", 6),
    SheetColumn::new("code_state", 11),
    SheetColumn::new("origin", 10),
    SheetColumn::new("recorded", 22),
];

/// Why a ledger could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

impl Ledger {
    /// Writes every code with what is known of it, and says how many there are. `about` is what a workbook says of
    /// itself.
    pub fn export(
        &self,
        out: &mut dyn Write,
        format: SheetFormat,
        about: Vec<(&'static str, Cell)>,
    ) -> Result<usize, ExportError> {
        let mut rows = Vec::new();
        self.each(CodeFilter::All, |entry| rows.push(row(&entry)))?;
        let sheet = SheetHead {
            name: "Codes",
            columns: COLUMNS.to_vec(),
            about,
        };
        let count = rows.len();
        table::write(out, format, &sheet, &mut rows.into_iter())?;
        Ok(count)
    }
}

fn row(entry: &LedgerEntry) -> SheetRow {
    let LedgerEntry {
        isrc,
        state,
        origin,
        reference,
        stamp: Stamp { at, by: _ },
    } = entry;
    let Reference {
        description,
        content_type,
        published,
        path: _,
    } = reference;
    let Description {
        title,
        version,
        artist,
        album,
        disc,
        track,
        duration,
        flac_md5: _,
        flac_layout: _,
        medium: _,
    } = description;
    SheetRow {
        cells: vec![
            Cell::text(Some(isrc.as_str())),
            Cell::text(artist.as_deref()),
            Cell::text(title.as_deref()),
            Cell::text(version.as_deref()),
            Cell::text(duration.map(clock).as_deref()),
            Cell::text(content_type.as_deref()),
            Cell::text(published.as_deref()),
            Cell::text(album.as_deref()),
            Cell::number(*disc),
            Cell::number(*track),
            Cell::text(Some(state.word())),
            Cell::text(Some(origin.word())),
            Cell::Moment(*at),
        ],
        mark: match state {
            CodeState::Assigned => RowMark::Fine,
            CodeState::Reserved | CodeState::Void => RowMark::Problem,
        },
    }
}
