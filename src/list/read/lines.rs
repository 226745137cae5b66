//! JSON Lines: what `export` and `scan` write, or any objects whose keys are the usual names of columns.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::list::Sheet;
use crate::list::table::cell::is_code;
use crate::list::told::ListError;

/// A longer line is no row of a table.
const LINE_LIMIT: usize = 1 << 20;

/// One sheet whose headings are all keys in the order in which they come.
pub(super) fn sheets(text: &str) -> Result<Vec<Sheet>, ListError> {
    let mut objects: Vec<(u32, Map<String, Value>)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let not_json = |source| ListError::Json { line: number, source };
        if line.len() > LINE_LIMIT {
            return Err(not_json(None));
        }
        let object = serde_json::from_str(line).map_err(|error| not_json(Some(error)))?;
        let Object { object, doubled } = object;
        if let Some(key) = doubled {
            return Err(ListError::TwoValues { line: number, key });
        }
        // Of a scan, the files only.
        let kind = object.get("type").and_then(Value::as_str);
        if !matches!(kind, Some("summary" | "shared" | "split")) {
            objects.push((number, object));
        }
    }
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let mut keys: Vec<&str> = Vec::new();
    // Of a scan "type" is the kind of the line, not that of a recording.
    for key in objects
        .iter()
        .flat_map(|(_, object)| object.keys())
        .filter(|key| *key != "type")
    {
        positions.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len() - 1
        });
    }
    let mut sheet = Sheet::default();
    // It is above the first line.
    sheet.grid.push(0, keys.iter().copied())?;
    for (number, object) in &objects {
        let mut cells = vec![String::new(); keys.len()];
        for (key, value) in object {
            if let Some(at) = positions.get(key.as_str()) {
                cells[*at] = cell(value);
            }
        }
        sheet.grid.push(*number, cells.iter().map(String::as_str))?;
    }
    Ok(vec![sheet])
}

/// The keys of one line. What JSON leaves open is what a key means that stands there twice (RFC 8259, section 4).
struct Object {
    object: Map<String, Value>,
    /// A key that stands there with two values.
    doubled: Option<String>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Object;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Object, A::Error> {
        let (mut object, mut doubled) = (Map::new(), None);
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            if object.get(&key).is_some_and(|known| *known != value) {
                doubled = doubled.or(Some(key));
            } else {
                object.insert(key, value);
            }
        }
        Ok(Object { object, doubled })
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        // `"isrc": ["QZTST2600001"]`; several codes are told as such.
        Value::Array(values) => {
            let cells: Vec<String> = values.iter().map(cell).collect();
            match &cells[..] {
                [only] => only.clone(),
                several if several.iter().all(|cell| is_code(cell)) => several.join(" "),
                _ => String::new(),
            }
        }
        Value::Null | Value::Object(_) => String::new(),
    }
}
