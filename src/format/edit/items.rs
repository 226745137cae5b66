//! The items of a tree: which of them go, and how the others are written.

use std::ops::Range;

use super::{OTHER_STATE, Work};
use crate::bytes::pieces::Patch;
use crate::bytes::source::Source;
use crate::format::edit::tree::{Item, Seat, Text, Value};
use crate::format::place::Action;
use crate::format::{SpliceError, refuse, values};
use crate::isrc::Isrc;

impl Work<'_> {
    /// Returns the new code if no item had a seat for it.
    pub(super) fn values(
        &mut self,
        source: &mut Source,
        actions: &[Action],
        create: Option<Isrc>,
    ) -> Result<Option<Isrc>, SpliceError> {
        let mut create = create;
        let mut rest = actions;
        for item in &self.tree.items {
            let count = item.values.iter().map(|value| value.codes.len()).sum();
            let (mine, others) = rest.split_at_checked(count).ok_or(OTHER_STATE)?;
            rest = others;
            self.item(source, item, mine, &mut create)?;
        }
        match rest {
            [] => Ok(create),
            _ => Err(OTHER_STATE.into()),
        }
    }

    fn item(
        &mut self,
        source: &mut Source,
        item: &Item,
        actions: &[Action],
        create: &mut Option<Isrc>,
    ) -> Result<(), SpliceError> {
        let all_go = actions.iter().all(|action| *action == Action::Drop);
        let seated = create.take_if(|_| all_go && item.seat == Seat::Taken && !item.values.is_empty());
        let is_cleared = all_go && item.seat == Seat::Cleared && create.is_some();
        if seated.is_none() && !is_cleared && actions.iter().all(|action| *action == Action::Keep) {
            return Ok(());
        }
        if let Some(reason) = item.refusal {
            return refuse(reason);
        }
        if seated.is_none() && all_go && item.values.iter().all(Value::can_go) {
            self.remove(item.node);
            return Ok(());
        }
        // A new code takes the seat of the first one, or of an empty value; those beside it go.
        let first = item.values.iter().position(|value| !value.codes.is_empty());
        let mut rest = actions;
        for (index, value) in item.values.iter().enumerate() {
            let (mine, others) = rest.split_at(value.codes.len());
            rest = others;
            let new = seated.filter(|_| index == first.unwrap_or(0)).map(Action::Write);
            let old = mine.iter().copied().skip(new.iter().count());
            let mine: Vec<Action> = new.into_iter().chain(old).collect();
            if seated.is_none() && mine.iter().all(|action| *action == Action::Keep) {
                continue;
            }
            if value.can_go() && mine.iter().all(|action| *action == Action::Drop) {
                self.remove(value.node);
            } else {
                self.rewrite(source, value, &mine)?;
            }
        }
        Ok(())
    }

    /// Writes a value of which something stays.
    fn rewrite(&mut self, source: &mut Source, value: &Value, actions: &[Action]) -> Result<(), SpliceError> {
        let inside = Some(value.node);
        let codes = match value.codes.as_slice() {
            [] => std::slice::from_ref(&value.at),
            codes => codes,
        };
        let patches = match &value.text {
            Text::Own(own) => own.encode(source, value, actions)?,
            Text::Plain => values::rewritten(codes, actions, |isrc| isrc.as_bytes().to_vec()),
            Text::Fixed => codes.iter().zip(actions).filter_map(in_field).collect(),
        };
        for Patch { at, bytes } in patches {
            self.push(at, bytes, inside, 0);
        }
        Ok(())
    }
}

/// What becomes of a field of a fixed length: a code that goes leaves zero bytes.
fn in_field((code, action): (&Range<u64>, &Action)) -> Option<Patch> {
    let bytes = match action {
        Action::Keep => return None,
        Action::Write(isrc) => isrc.as_bytes().to_vec(),
        Action::Drop => vec![0; (code.end - code.start) as usize],
    };
    Some(Patch::new(code.clone(), bytes))
}
