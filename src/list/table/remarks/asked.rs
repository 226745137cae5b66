//! Columns that ask something of each row, "Instrumental?", "Void", "In use".

use super::Said;
use crate::list::table::words;
use crate::recording::versions;

/// What yes or no in a column means by its heading.
pub(super) enum Asked {
    /// Yes: it is of this version, with whether that counts without another row of its title.
    Version(String, bool),
    /// This answer: its code is not to be used.
    Void(&'static str, String),
}

impl Asked {
    pub(super) fn of(heading: &str, mut cells: impl Iterator<Item = impl AsRef<str>>) -> Option<Asked> {
        let asks = heading.trim().trim_end_matches('?').to_lowercase();
        let (asks, is_certain) = match asks.strip_prefix("is ") {
            Some(asks) => (asks, true),
            None => (asks.as_str(), false),
        };
        let version = versions::version_words(asks);
        Some(if words::is("void", asks) {
            Asked::Void("yes", heading.trim().to_owned())
        } else if words::is("valid", asks) && cells.any(|cell| words::is("yes", cell.as_ref())) {
            Asked::Void("no", heading.trim().to_owned())
        } else if !version.is_empty() {
            let is_loud = is_certain && version.iter().all(|word| words::is("loud", word));
            Asked::Version(version.join(" "), is_loud)
        } else {
            return None;
        })
    }

    pub(super) fn answer(&self, (at, cell): (usize, &str), said: &mut Said) {
        let answers = |kind: &str| words::is(kind, cell) || (kind == "yes" && matches!(cell, "1" | "✓" | "✔"));
        match self {
            Asked::Version(version, true) if answers("yes") => _ = said.version.get_or_insert((at, version.clone())),
            Asked::Version(version, false) if answers("yes") => _ = said.answer.get_or_insert(version.clone()),
            Asked::Void(word, heading) if answers(word) => {
                _ = said.void.get_or_insert(format!("void ({heading}: {cell})"))
            }
            _ => {}
        }
    }
}
