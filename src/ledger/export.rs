//! The ledger as a table, in columns that `ledger import` reads back.

use std::io::Write;

use super::{Entry, Ledger, LedgerError, Listed, Reference, Stamp, State};
use crate::judge::shared::clock;
use crate::table::{self, Cell, Heads, Mark, SheetError, SheetFormat, SheetRow};
use crate::tags::Description;

/// The columns, in order.
pub const HEADS: Heads<15> = Heads {
    names: [
        "isrc",
        "code_state",
        "artist",
        "title",
        "version",
        "album",
        "disc",
        "track",
        "duration",
        "content_type",
        "published",
        "path",
        "origin",
        "recorded",
        "recorded_by",
    ],
    widths: [16, 11, 28, 36, 20, 28, 6, 6, 10, 14, 12, 50, 10, 22, 16],
};

/// Why a ledger could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

impl Ledger {
    /// Writes every code with what is known of it.
    pub fn export(&self, out: &mut dyn Write, format: SheetFormat) -> Result<(), ExportError> {
        let mut rows = Vec::new();
        self.each(Listed::All, |entry| rows.push(row(&entry)))?;
        table::write(out, format, &HEADS, &mut rows.into_iter())?;
        Ok(())
    }
}

fn row(entry: &Entry) -> SheetRow<15> {
    let Entry {
        isrc,
        state,
        origin,
        reference,
        stamp: Stamp { at, by },
    } = entry;
    let Reference {
        description,
        content_type,
        published,
        path,
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
    } = description;
    let recorded = jiff::Timestamp::from_second(*at).map(|at| at.to_string()).ok();
    SheetRow {
        cells: [
            Cell::text(Some(isrc.as_str())),
            Cell::text(Some(state.word())),
            Cell::text(artist.as_deref()),
            Cell::text(title.as_deref()),
            Cell::text(version.as_deref()),
            Cell::text(album.as_deref()),
            Cell::number(*disc),
            Cell::number(*track),
            Cell::text(duration.map(clock).as_deref()),
            Cell::text(content_type.as_deref()),
            Cell::text(published.as_deref()),
            path.clone().map_or(Cell::Empty, Cell::Path),
            Cell::text(Some(origin.word())),
            Cell::text(recorded.as_deref()),
            Cell::text(Some(by)),
        ],
        mark: match state {
            State::Assigned => Mark::Fine,
            State::Reserved | State::Void => Mark::Problem,
        },
    }
}
