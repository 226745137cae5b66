//! What a comment list becomes: patches in the offsets of its body, for the container to place in the file.

use super::super::patches;
use super::super::place::Action;
use super::super::{Refusal, SpliceError};
use super::{Body, Comment, List, STANDARD};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::{ReadError, Source};

impl List {
    /// How many places the list gave.
    pub(in super::super) fn value_count(&self) -> usize {
        self.comments.iter().map(|comment| comment.values.len()).sum()
    }

    /// Carries out `actions`, one for each place of this list, and `create`: in the seat of an `ISRC` comment that
    /// goes, else as the last comment. The patches are sorted, and in offsets of the body.
    pub(in super::super) fn splice(
        &self,
        body: &mut dyn Body,
        actions: &[Action],
        create: Option<Isrc>,
    ) -> Result<Vec<Patch>, SpliceError> {
        let mut patches = Vec::new();
        let mut create = create;
        let mut count = self.count;
        let mut rest = actions;
        let seat = create.and_then(|_| self.seat_for_new(actions));
        for (index, comment) in self.comments.iter().enumerate() {
            let (mine, others) = rest.split_at(comment.values.len());
            rest = others;
            if mine.iter().all(|action| *action == Action::Keep) {
                continue;
            }
            if comment.is_cue_sheet() {
                return Err(Refusal::new("a code in the text of a cue sheet is left alone").into());
            }
            let mut mine = mine.to_vec();
            if seat == Some(index)
                && let Some(isrc) = create.take()
            {
                mine[0] = Action::Write(isrc);
            }
            if mine.iter().all(|action| *action == Action::Drop) {
                patches.push(Patch::new(comment.range.clone(), []));
                count -= 1;
            } else {
                rewrite(body, comment, &mine, &mut patches)?;
            }
        }
        if let Some(isrc) = create {
            patches.push(Patch::new(self.end..self.end, new_comment(isrc)));
            count += 1;
        }
        if count != self.count {
            patches.insert(0, Patch::new(self.count_at..self.count_at + 4, count.to_le_bytes()));
        }
        Ok(patches)
    }

    /// The first `ISRC` comment, if every one of them goes.
    fn seat_for_new(&self, actions: &[Action]) -> Option<usize> {
        let mut rest = actions;
        let mut seat = None;
        for (index, comment) in self.comments.iter().enumerate() {
            let (mine, others) = rest.split_at(comment.values.len());
            rest = others;
            if !comment.is_standard() {
                continue;
            }
            if mine.iter().any(|action| *action != Action::Drop) {
                return None;
            }
            seat = seat.or(Some(index));
        }
        seat
    }
}

/// One comment with the standard key, from its length field on.
pub(in super::super) fn new_comment(isrc: Isrc) -> Vec<u8> {
    let mut comment = ((STANDARD.len() + 1 + isrc.as_bytes().len()) as u32)
        .to_le_bytes()
        .to_vec();
    comment.extend_from_slice(STANDARD.as_bytes());
    comment.push(b'=');
    comment.extend_from_slice(isrc.as_bytes());
    comment
}

/// A whole list with no other comment, for a file that has none.
pub(in super::super) fn new_list(isrc: Isrc) -> Vec<u8> {
    const VENDOR: &[u8] = b"isrctag";
    let mut list = (VENDOR.len() as u32).to_le_bytes().to_vec();
    list.extend_from_slice(VENDOR);
    list.extend_from_slice(&1u32.to_le_bytes());
    list.extend_from_slice(&new_comment(isrc));
    list
}

/// Patches one comment of which at least one value stays or is written.
fn rewrite(
    body: &mut dyn Body,
    comment: &Comment,
    actions: &[Action],
    patches: &mut Vec<Patch>,
) -> Result<(), ReadError> {
    let old = comment.value_at..comment.range.end;
    let value = match actions {
        [Action::Write(isrc)] => isrc.as_bytes().to_vec(),
        several => {
            // Only a value that was read whole has been cut into several.
            let bytes = body.view(old.start, (old.end - old.start) as usize)?;
            several_values(bytes, comment, several)
        }
    };
    let key_len = old.start - comment.range.start - 4;
    let len = key_len + value.len() as u64;
    if value.len() as u64 != old.end - old.start {
        // The key keeps the whole below what the field holds: the value is no longer than the old one or a code.
        let at = comment.range.start..comment.range.start + 4;
        patches.push(Patch::new(at, (len as u32).to_le_bytes()));
    }
    patches.push(Patch::new(old, value));
    Ok(())
}

/// The value's bytes without the pieces that go; each of them takes the separator in front of it along, and the
/// first one that stays has none.
fn several_values(bytes: &[u8], comment: &Comment, actions: &[Action]) -> Vec<u8> {
    let inside = |at: u64| (at - comment.value_at) as usize;
    let mut value = Vec::with_capacity(bytes.len());
    let mut done = 0;
    let mut is_first = true;
    for (range, action) in comment.values.iter().zip(actions) {
        let (start, end) = (inside(range.start), inside(range.end));
        let separator = &bytes[done..start];
        let is_front = done == 0;
        done = end;
        let new: &[u8] = match action {
            Action::Keep => &bytes[start..end],
            Action::Write(isrc) => isrc.as_bytes(),
            Action::Drop => {
                if is_front {
                    value.extend_from_slice(separator);
                }
                continue;
            }
        };
        if is_front || !is_first {
            value.extend_from_slice(separator);
        }
        is_first = false;
        value.extend_from_slice(new);
    }
    value.extend_from_slice(&bytes[done..]);
    value
}

/// Joins patches that touch, cuts from each what stays as it was, and drops those that change nothing.
pub(in super::super) fn tighten(source: &Source, all: Vec<Patch>) -> Result<Vec<Patch>, ReadError> {
    let mut joined = Vec::with_capacity(all.len());
    for patch in all {
        patches::push(&mut joined, patch);
    }
    let mut tight = Vec::with_capacity(joined.len());
    for patch in joined {
        tight.extend(trimmed(source, patch)?);
    }
    Ok(tight)
}

fn trimmed(source: &Source, patch: Patch) -> Result<Option<Patch>, ReadError> {
    let Patch { mut at, mut bytes } = patch;
    // As much of either end as can be equal; what a patch removes is not read further than that.
    let most = (at.end - at.start).min(bytes.len() as u64);
    let mut old = vec![0; most as usize];
    source.read_into(at.start, &mut old)?;
    let same = old.iter().zip(&bytes).take_while(|(old, new)| old == new).count();
    at.start += same as u64;
    bytes.drain(..same);
    let most = (at.end - at.start).min(bytes.len() as u64);
    let mut old = vec![0; most as usize];
    source.read_into(at.end - most, &mut old)?;
    let same = old
        .iter()
        .rev()
        .zip(bytes.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    at.end -= same as u64;
    bytes.truncate(bytes.len() - same);
    Ok((!at.is_empty() || !bytes.is_empty()).then_some(Patch { at, bytes }))
}
