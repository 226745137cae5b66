//! What the tests of FLAC and Ogg share: lists to build, changes to ask for, and the claims that hold for any edit.

use crate::format::Format;
use crate::format::place::{Action, Change};
use crate::format::stream::identify::Front;
pub(in super::super) use crate::format::testing::{isrc, write};

pub(in super::super) const OLD: &str = "USRC17607839";
pub(in super::super) const NEW: &str = "QZES52600001";
pub(in super::super) const OTHER: &str = "GBAYE0000351";

/// A comment list; an entry may be any bytes.
pub(in super::super) fn list<E: AsRef<[u8]>>(entries: &[E]) -> Vec<u8> {
    let mut list = b"\x04\0\0\0test".to_vec();
    list.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    for entry in entries {
        list.extend_from_slice(&(entry.as_ref().len() as u32).to_le_bytes());
        list.extend_from_slice(entry.as_ref());
    }
    list
}

pub(in super::super) fn front(format: Format) -> Front {
    Front {
        format,
        tags: Vec::new(),
        start: 0,
        hidden: None,
    }
}

pub(in super::super) fn change(actions: &[Action], create: Option<&str>) -> Change {
    Change {
        actions: actions.to_vec(),
        create: create.map(isrc),
        ..Change::default()
    }
}
