//! What of a movie can be edited: its atoms as a tree.

use std::ops::Range;

use super::atom::{Atom, SizeForm, free, is_padding};
use super::change::{Level, created, freeform};
use super::value;
use super::walk::{FILE, MOOV, Padding, Walk};
use crate::bytes::pieces::Patch;
use crate::bytes::source::Source;
use crate::format::edit::tree::{self, Domain, Encode, Fresh, NEW_PADDING, New, Slack};
use crate::format::place::Action;
use crate::format::{SpliceError, edit, values};

const FREE_HEADER: u64 = 8;

impl Walk<'_, '_> {
    pub(super) fn declare_padding(&mut self) {
        let beside = self.paddings_in_reach();
        let tree = &mut self.tree;
        let is_in_reach =
            |padding: &&Padding| padding.atom.form != SizeForm::ToEnd && beside.contains(&padding.atom.start);
        let slack = |Padding { atom, inside }: &Padding| Slack {
            largest: match atom.form {
                SizeForm::Short => u64::from(u32::MAX) - 1 - atom.header_len(),
                SizeForm::Long | SizeForm::ToEnd => u64::MAX,
            },
            grows: *inside != FILE && *inside != MOOV,
            ..Slack::new(atom.declare(*inside, tree), atom.start..atom.end, atom.header_len())
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

/// A `data` atom's value: it becomes UTF-8, whatever it was; the locale stays.
pub(super) struct DataText {
    pub atom: Atom,
}

impl Encode for DataText {
    fn encode(&self, source: &mut Source, _: &tree::Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        let atom = &self.atom;
        let text = match actions {
            [Action::Write(isrc)] => isrc.as_str().to_owned(),
            // A list of codes, which is ASCII in whatever encoding. A code goes with the separator that joins it to a kept one.
            _ => {
                let Range { start, end } = value::read(source, atom)?.ok_or(edit::OTHER_STATE)?.value;
                let bytes = source.at(start, (end - start) as usize)?.iter();
                let text: String = bytes.filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
                let codes = values::split(&text);
                values::changed(text, &codes, actions)
            }
        };
        let (kind, value) = (atom.body(), atom.body() + 8);
        // From the locale on, so that a byte order mark goes.
        Ok(vec![
            Patch::new(kind..kind + 4, value::UTF_8.to_be_bytes()),
            Patch::new(value..atom.end, text),
        ])
    }
}
