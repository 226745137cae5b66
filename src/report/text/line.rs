//! What the text report says of one file, folded to the width of the terminal.

use crate::report::fold::{fits, fold, unit};

/// The indent of what is told of one file below its name.
pub(super) const BELOW_NAME: usize = 6;

/// What is told of one file.
#[derive(Default)]
pub(super) struct TextLine {
    pub(super) name: String,
    /// What is where, and what becomes of it, in units.
    pub(super) value: String,
    /// In words, without the parentheses that it gets behind a value.
    pub(super) reason: String,
    /// What the second reader says.
    pub(super) doubt: String,
}

impl TextLine {
    /// As one line, where it fits; else by parts below each other.
    pub(super) fn folded(&self, columns: Option<usize>) -> Vec<String> {
        let TextLine {
            name,
            value,
            reason,
            doubt,
        } = self;
        let reason = match value.is_empty() || reason.is_empty() {
            true => reason.clone(),
            false => format!("({reason})"),
        };
        let told: Vec<&str> = [value, &reason, doubt]
            .map(String::as_str)
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let whole = match told.is_empty() {
            true => unit(name),
            false if told == [doubt] => format!("{} {}", unit(name), unit(" ") + doubt),
            false => format!("{}: {}", unit(name), told.join(" ")),
        };
        if fits(&whole, 4, columns) {
            return fold(&whole, 4, 4, None);
        }
        let mut lines = fold(name, 4, BELOW_NAME, columns);
        for part in told {
            lines.extend(fold(part, BELOW_NAME, BELOW_NAME + 2, columns));
        }
        lines
    }
}
