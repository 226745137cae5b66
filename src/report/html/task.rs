//! Parts of the page: what a person has to do about findings, as [`crate::judge::Task`] declares it.

use crate::judge::{Column, Kind, Task};

/// The name of a part in the page's addresses.
pub(super) fn id(task: Task) -> String {
    task.info().selector.replace(':', "-")
}

/// The class of a column's cells, by which the script sorts too, and its heading.
pub(super) fn column(column: Column) -> (&'static str, &'static str) {
    match column {
        Column::File => ("f", "File"),
        Column::Recording | Column::Opinion => ("t", "Recording"),
        Column::Stands => ("v", "Stands there"),
        Column::Becomes => ("c", "Becomes"),
        Column::Code => ("c", "Code"),
        Column::Why => ("w", "Why"),
    }
}

/// Where the totals lead: a mark before each part of the kind, the first of which is found.
pub(super) fn anchor(kind: Kind) -> String {
    format!("kind-{}", kind.word())
}
