//! Parts of the page: what a person has to do about findings, as [`crate::judge::Task`] declares it.

use crate::judge::{Column, Kind, Task};

/// The name of a part in the page's addresses.
pub(super) fn id(task: Task) -> String {
    task.info().selector.replace(':', "-")
}

pub(super) fn heading(column: Column) -> &'static str {
    match column {
        Column::File => "File",
        Column::Recording | Column::Opinion => "Recording",
        Column::Stands => "Stands there",
        Column::Becomes => "Becomes",
        Column::Code => "Code",
        Column::Why => "Why",
    }
}

/// The class of a column's cells, which is also the name under which the script sorts by it.
pub(super) fn class(column: Column) -> &'static str {
    match column {
        Column::File => "f",
        Column::Recording | Column::Opinion => "t",
        Column::Stands => "v",
        Column::Becomes | Column::Code => "c",
        Column::Why => "w",
    }
}

/// Where the totals lead: a mark before each part of the kind, the first of which is found.
pub(super) fn anchor(kind: Kind) -> String {
    format!("kind-{}", kind.word())
}
