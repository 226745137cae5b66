//! What an edit consists of before sizes and offsets are corrected.

use std::ops::Range;

use super::atom::{atom, free};
use super::walk::NodeId;
use crate::isrc::Isrc;

/// One replacement of bytes in the file, before sizes are corrected.
#[derive(Debug)]
pub(super) struct Edit {
    pub at: Range<u64>,
    pub bytes: Vec<u8>,
    /// The innermost atom whose size follows; `None` at the top level.
    pub inside: Option<NodeId>,
}

impl Edit {
    pub(super) fn growth(&self) -> i64 {
        self.bytes.len() as i64 - (self.at.end - self.at.start) as i64
    }
}

/// How padding gets into the file if none takes the difference.
#[derive(Debug, Clone, Copy)]
pub(super) enum NewPadding {
    /// As an atom of its own at this offset.
    At { offset: u64, inside: NodeId },
    /// Inside the atoms that the last edit creates.
    InCreated(Created),
}

/// What is created around a new item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Created {
    pub isrc: Isrc,
    pub level: Level,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Level {
    /// `hdlr` and `ilst`, in a `meta` that has neither.
    HandlerAndList,
    List,
    Meta,
    UserData,
}

impl Created {
    /// The atoms, as iTunes lays them out, with a `free` atom of `padding` bytes behind the `ilst`.
    pub(super) fn render(&self, padding: u32) -> Vec<u8> {
        let handler = atom(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 9]]);
        let mut list = atom(b"ilst", &[&freeform(self.isrc)]);
        if padding > 0 {
            list.extend_from_slice(&free(u64::from(padding)));
        }
        let meta = || atom(b"meta", &[&[0; 4], &handler, &list]);
        match self.level {
            Level::HandlerAndList => [&handler[..], &list].concat(),
            Level::List => list,
            Level::Meta => meta(),
            Level::UserData => atom(b"udta", &[&meta()]),
        }
    }
}

pub(super) fn freeform(isrc: Isrc) -> Vec<u8> {
    let mean = atom(b"mean", &[&[0; 4], b"com.apple.iTunes"]);
    let name = atom(b"name", &[&[0; 4], b"ISRC"]);
    atom(b"----", &[&mean, &name, &data(isrc)])
}

pub(super) fn data(isrc: Isrc) -> Vec<u8> {
    atom(b"data", &[&[0, 0, 0, 1], &[0; 4], isrc.as_bytes()])
}
