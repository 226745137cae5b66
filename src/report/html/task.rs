//! Parts of the page: what a person has to do about findings, as [`crate::judge::Task`] declares it.

use crate::judge::{Kind, PageColumn, Task};

/// The name of a part in the page's addresses.
pub(super) fn id(task: Task) -> String {
    task.info().selector.replace(':', "-")
}

/// The class of a column's cells, by which the script sorts too, and its heading.
pub(super) fn column(column: PageColumn) -> (&'static str, &'static str) {
    match column {
        PageColumn::File => ("f", "File"),
        PageColumn::Recording | PageColumn::Opinion => ("t", "Recording"),
        PageColumn::Stands => ("v", "Stands there"),
        PageColumn::Becomes => ("c", "Becomes"),
        PageColumn::Code => ("c", "Code"),
        PageColumn::Why => ("w", "Why"),
    }
}

/// Where the totals lead: a mark before each part of the kind, the first of which is found.
pub(super) fn anchor(kind: Kind) -> String {
    format!("kind-{}", kind.word())
}
