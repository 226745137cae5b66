//! The atoms that are created for a new item.

use super::atom::{atom, free};
use crate::isrc::Isrc;

/// What is created around a new item.
#[derive(Debug, Clone, Copy)]
pub(super) enum Level {
    /// `hdlr` and `ilst`, in a `meta` that has neither.
    HandlerAndList,
    List,
    Meta,
    UserData,
}

/// The atoms, as iTunes lays them out, with a `free` atom of `padding` bytes behind the `ilst`.
pub(super) fn created(isrc: Isrc, level: Level, padding: u64) -> Vec<u8> {
    let handler = atom(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 9]]);
    let mut list = atom(b"ilst", &[&freeform(isrc)]);
    if padding > 0 {
        list.extend_from_slice(&free(padding));
    }
    let meta = || atom(b"meta", &[&[0; 4], &handler, &list]);
    match level {
        Level::HandlerAndList => [&handler[..], &list].concat(),
        Level::List => list,
        Level::Meta => meta(),
        Level::UserData => atom(b"udta", &[&meta()]),
    }
}

pub(super) fn freeform(isrc: Isrc) -> Vec<u8> {
    let mean = atom(b"mean", &[&[0; 4], b"com.apple.iTunes"]);
    let name = atom(b"name", &[&[0; 4], b"ISRC"]);
    let data = atom(b"data", &[&[0, 0, 0, 1], &[0; 4], isrc.as_bytes()]);
    atom(b"----", &[&mean, &name, &data])
}
