//! Parts of the page: what a person has to do about findings, as [`crate::judge::Task`] declares it.

use crate::judge::{Kind, Task};

/// The name of a part in the page's addresses.
pub(super) fn id(task: Task) -> String {
    task.info().selector.replace(':', "-")
}

/// Where the totals lead: a mark before each part of the kind, the first of which is found.
pub(super) fn anchor(kind: Kind) -> String {
    format!("kind-{}", kind.word())
}
