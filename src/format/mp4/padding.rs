//! Where the difference in length goes: a `free` or `skip` atom takes it, so that nothing else moves; or the file
//! changes its length and gets room for the next edit.

use super::atom::{Atom, SizeForm, free, is_padding};
use super::change::{Edit, NewPadding};
use super::walk::{MOOV, Padding, Structure};

/// The padding that a file gets when it has not enough of it; header included, a size that other programs use too.
pub(super) const NEW_PADDING: u64 = 1024;

/// Adds the edits of padding. Returns whether the file changes its length.
pub(super) fn balance(structure: &Structure, edits: &mut Vec<Edit>, new_padding: NewPadding) -> bool {
    let growth: i64 = edits.iter().map(Edit::growth).sum();
    if growth == 0 {
        return false;
    }
    let in_reach = in_reach(structure, edits);
    for padding in &in_reach {
        if let Some(len) = padding
            .atom
            .len()
            .checked_add_signed(-growth)
            .filter(|len| fits(&padding.atom, *len))
        {
            resize(padding, len, edits);
            return false;
        }
    }
    if let (NewPadding::At { offset, inside }, ..=-8) = (new_padding, growth) {
        edits.push(Edit {
            at: offset..offset,
            bytes: free(growth.unsigned_abs()),
            inside: Some(inside),
        });
        return false;
    }
    // What is there but too small grows, rather than a second one beside it.
    let own = in_reach
        .iter()
        .find(|padding| padding.inside.is_some_and(|node| node != MOOV));
    match (own, new_padding) {
        (Some(padding), _) if padding.atom.len() < NEW_PADDING => resize(padding, NEW_PADDING, edits),
        (_, NewPadding::At { offset, inside }) => edits.push(Edit {
            at: offset..offset,
            bytes: free(NEW_PADDING),
            inside: Some(inside),
        }),
        (_, NewPadding::InCreated(created)) => {
            let edit = edits.last_mut().expect("what is created is the last edit");
            edit.bytes = created.render(NEW_PADDING as u32);
        }
    }
    true
}

/// Padding that only the movie and other padding lie between: all of that may move, since nothing points into it.
/// The nearest comes first.
fn in_reach(structure: &Structure, edits: &[Edit]) -> Vec<Padding> {
    let movie = structure.top.iter().position(|atom| &atom.kind == b"moov");
    let movie = movie.expect("a structure has a moov atom");
    let is_padding = |atom: &&Atom| is_padding(&atom.kind);
    let before = structure.top[..movie].iter().rev().take_while(is_padding);
    let behind = structure.top[movie + 1..].iter().take_while(is_padding);
    let beside = before.last().map_or(structure.top[movie].start, |atom| atom.start)
        ..behind.last().map_or(structure.top[movie].end, |atom| atom.end);

    let first = edits.iter().map(|edit| edit.at.start).min().unwrap_or(0);
    let last = edits.iter().map(|edit| edit.at.end).max().unwrap_or(0);
    let mut in_reach: Vec<Padding> = structure.paddings.clone();
    in_reach.retain(|padding| padding.atom.form != SizeForm::ToEnd && beside.contains(&padding.atom.start));
    in_reach.sort_by_key(|padding| {
        let Atom { start, end, .. } = padding.atom;
        if start >= last {
            start - last
        } else {
            first.saturating_sub(end)
        }
    });
    in_reach
}

/// An atom holds its own header or is not there at all.
fn fits(padding: &Atom, len: u64) -> bool {
    let largest = match padding.form {
        SizeForm::Short => u64::from(u32::MAX),
        SizeForm::Long | SizeForm::ToEnd => u64::MAX,
    };
    len == 0 || (padding.header_len()..=largest).contains(&len)
}

/// Bytes go on the side that faces the edits, so that the rest stays where it is. Bytes come behind the header, since
/// something new may be put right behind the padding.
fn resize(padding: &Padding, len: u64, edits: &mut Vec<Edit>) {
    let Padding { atom, inside } = *padding;
    let is_behind = edits.iter().all(|edit| edit.at.end <= atom.start);
    let mut push = |at, bytes| edits.push(Edit { at, bytes, inside });
    if len == 0 {
        push(atom.start..atom.end, Vec::new());
        return;
    }
    let header = header(&atom, len);
    let header_end = atom.start + atom.header_len();
    if let Some(added) = len.checked_sub(atom.len()) {
        push(atom.start..header_end, [header, vec![0; added as usize]].concat());
        return;
    }
    let taken = atom.len() - len;
    if is_behind {
        push(atom.start..header_end + taken, header);
    } else {
        push(atom.start..header_end, header);
        push(atom.end - taken..atom.end, Vec::new());
    }
}

fn header(atom: &Atom, len: u64) -> Vec<u8> {
    match atom.form {
        SizeForm::Short | SizeForm::ToEnd => [&(len as u32).to_be_bytes()[..], &atom.kind].concat(),
        SizeForm::Long => [&1u32.to_be_bytes()[..], &atom.kind, &len.to_be_bytes()].concat(),
    }
}
