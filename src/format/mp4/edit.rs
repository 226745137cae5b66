//! What room a movie has for edits, and the atoms that are created for a new item.

use std::ops::Range;

use super::atom::{Atom, SizeForm, atom, free, is_padding};
use super::walk::{FILE, MOOV, Padding, Walk};
use crate::format::edit::tree::{Domain, Fresh, NEW_PADDING, New, Slack};
use crate::isrc::Isrc;

const FREE_HEADER: u64 = 8;

impl Walk<'_, '_> {
    pub(super) fn declare_padding(&mut self) {
        let beside = self.paddings_in_reach();
        let tree = &mut self.tree;
        let is_in_reach =
            |padding: &&Padding| padding.atom.form != SizeForm::ToEnd && beside.contains(&padding.atom.start);
        let slack = |Padding { atom, inside }: &Padding| Slack {
            largest: match atom.form {
                SizeForm::Short => u64::from(u32::MAX) - 1 - atom.form.header_len(),
                SizeForm::Long | SizeForm::ToEnd => u64::MAX,
            },
            grows: *inside != FILE && *inside != MOOV,
            ..Slack::new(
                atom.declare(*inside, tree),
                atom.start..atom.end,
                atom.form.header_len(),
            )
        };
        let slacks = self.paddings.iter().filter(is_in_reach).map(slack).collect();
        tree.domains.push(Domain {
            fresh: Some(Fresh {
                header: FREE_HEADER,
                make: |len| free(len + FREE_HEADER),
                is_last_resort: true,
            }),
            // Header included, a size that other programs use too.
            ..Domain::new(FILE, slacks, NEW_PADDING - FREE_HEADER)
        });
    }

    /// Padding that only the movie and other padding lie between: all of that may move, since nothing points into it.
    fn paddings_in_reach(&self) -> Range<u64> {
        let movie = &self.tree.nodes[MOOV].range;
        let (before, behind): (Vec<&Atom>, Vec<&Atom>) = self.top.iter().partition(|atom| atom.start < movie.start);
        let is_padding = |atom: &&&Atom| is_padding(&atom.kind);
        let first = before.iter().rev().take_while(is_padding).last();
        let last = behind.iter().skip(1).take_while(is_padding).last();
        first.map_or(movie.start, |atom| atom.start)..last.map_or(movie.end, |atom| atom.end)
    }

    /// The standard item, with as much around it as is missing.
    pub(super) fn new_item(&self) -> New<'static> {
        let around = |at, inside, level: Level, missing: usize| {
            let make = move |isrc, padding| [vec![0; missing], created(isrc, level, padding)].concat();
            New {
                padding: NEW_PADDING,
                ..New::item(at, Some(inside), make)
            }
        };
        let Some((user_data, content_end)) = self.user_data else {
            return around(self.movie_content_end, MOOV, Level::UserData, 0);
        };
        let Some(meta) = &self.first_meta else {
            return around(content_end, user_data, Level::Meta, 0);
        };
        if meta.handler.is_some_and(|(kind, _)| kind != *b"mdir") {
            // Most programs read the first one alone.
            return around(meta.atom.start, user_data, Level::Meta, 0);
        }
        if let Some((list, content_end)) = meta.list {
            return New::item(content_end, Some(list), |isrc, _| freeform(isrc));
        }
        let (level, at) = match meta.handler {
            Some((_, end)) => (Level::List, end),
            None => (Level::HandlerAndList, meta.content_end),
        };
        // A `meta` that is empty to the last byte lacks its version and flags, which are in front of all that it holds.
        let missing = 4u64.saturating_sub(meta.atom.end - meta.atom.body());
        around(at, meta.node, level, missing as usize)
    }
}

/// What is created around a new item.
#[derive(Debug, Clone, Copy)]
enum Level {
    /// `hdlr` and `ilst`, in a `meta` that has neither.
    HandlerAndList,
    List,
    Meta,
    UserData,
}

/// The atoms, as iTunes lays them out, with a `free` atom of `padding` bytes behind the `ilst`.
fn created(isrc: Isrc, level: Level, padding: u64) -> Vec<u8> {
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

fn freeform(isrc: Isrc) -> Vec<u8> {
    let mean = atom(b"mean", &[&[0; 4], b"com.apple.iTunes"]);
    let name = atom(b"name", &[&[0; 4], b"ISRC"]);
    let data = atom(b"data", &[&[0, 0, 0, 1], &[0; 4], isrc.as_bytes()]);
    atom(b"----", &[&mean, &name, &data])
}
