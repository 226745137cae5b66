//! JSON Lines: what `export` and `scan` write, or any objects whose keys are the usual names of columns.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::columns::{self, Column};
use super::{List, ListError, Numbering, ROW_LIMIT, Reading, Row, shortened, table, text};

/// A longer line is no row of a table.
const LINE_LIMIT: usize = 1 << 20;

pub(super) fn read(bytes: &[u8], reading: &Reading) -> Result<List, ListError> {
    let text = text::decoded(bytes);
    let mut rows = Vec::new();
    let mut has_codes = false;
    let mut names_files = false;
    let mut first_keys = None;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if line.trim().is_empty() {
            continue;
        }
        let not_json = |source| ListError::Json { line: number, source };
        if line.len() > LINE_LIMIT {
            return Err(not_json(None));
        }
        let value: Value = serde_json::from_str(line).map_err(|error| not_json(Some(error)))?;
        let Value::Object(object) = value else {
            return Err(not_json(None));
        };
        // Of a scan, the files only.
        if matches!(
            object.get("type").and_then(Value::as_str),
            Some("summary" | "shared" | "split")
        ) {
            continue;
        }
        if rows.len() == ROW_LIMIT {
            return Err(ListError::TooManyRows);
        }
        let keys: Vec<String> = object.keys().cloned().collect();
        let layout = columns::layout(&keys, &reading.columns);
        let layout = layout.map_err(|error| ListError::Headings { row: number, error })?;
        first_keys.get_or_insert_with(|| {
            let keys: Vec<_> = keys.iter().take(12).map(|key| shortened(key)).collect();
            keys.join(", ")
        });
        has_codes |= layout.is_some();
        let Some(layout) = layout else {
            continue;
        };
        let names = [Column::File, Column::Track, Column::Title];
        names_files |= names.iter().any(|column| layout.position(*column).is_some());
        let cells: Vec<String> = object.values().map(cell).collect();
        let row = table::row(number, reading.this_year, |column| {
            let is_kind_of_line = column == Column::ContentType && keys[layout.position(column)?] == "type";
            let position = layout.position(column).filter(|_| !is_kind_of_line)?;
            cells.get(position).map(String::as_str)
        });
        rows.extend(row.map(|row| with_exact_path(row, &object)));
    }
    if !has_codes {
        return Err(ListError::NoCodeColumn(
            first_keys.unwrap_or_else(|| "nothing".to_owned()),
        ));
    }
    if !names_files {
        return Err(ListError::NothingNamesFiles);
    }
    Ok(List {
        rows,
        numbering: Numbering::Lines,
    })
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A path that is not UTF-8 stands beside its lossy text, as bytes.
fn with_exact_path(mut row: Row, object: &Map<String, Value>) -> Row {
    let bytes = object.get("path_bytes").and_then(Value::as_str);
    if let Some(bytes) = bytes.and_then(|bytes| STANDARD.decode(bytes).ok()) {
        row.file = Some(PathBuf::from(crate::paths::os_string(&bytes)));
    }
    row
}
