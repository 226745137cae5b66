//! Patches in the making: joined where they touch, and no larger than what differs.

use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};

/// Adds a patch behind the others, joined with the last one where they touch.
pub(in crate::format) fn push(patches: &mut Vec<Patch>, patch: impl Into<Option<Patch>>) {
    let Some(patch) = patch.into() else { return };
    match patches.last_mut() {
        Some(last) if last.at.end == patch.at.start => {
            last.at.end = patch.at.end;
            last.bytes.extend_from_slice(&patch.bytes);
        }
        _ => patches.push(patch),
    }
}

/// Cuts from each patch what stays as it was, and drops those that change nothing.
pub(in crate::format) fn tightened(source: &Source, patches: Vec<Patch>) -> Result<Vec<Patch>, ReadError> {
    let tight = patches.into_iter().map(|patch| tight(source, patch));
    tight.filter_map(Result::transpose).collect()
}

fn tight(source: &Source, patch: Patch) -> Result<Option<Patch>, ReadError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_replaced() {
        let check = |patch: Patch, expected: Option<Patch>| {
            let old = b"0123456789abcd".to_vec();
            assert_eq!(tight(&Source::new(&old), patch).unwrap(), expected);
        };
        check(Patch::new(10..14, *b"abcd"), None);
        check(Patch::new(10..14, *b"abXd"), Some(Patch::new(12..13, *b"X")));
        check(Patch::new(10..12, *b"abb"), Some(Patch::new(12..12, *b"b")));
        check(Patch::new(10..14, *b"ad"), Some(Patch::new(11..13, *b"")));
        check(Patch::new(10..10, *b"new"), Some(Patch::new(10..10, *b"new")));
    }

    #[test]
    fn patches_that_touch_become_one() {
        let mut patches = Vec::new();
        push(&mut patches, Patch::new(0..2, *b"x"));
        push(&mut patches, Patch::new(2..3, *b"y"));
        push(&mut patches, None);
        push(&mut patches, Patch::new(4..4, *b"z"));
        assert_eq!(patches, [Patch::new(0..3, *b"xy"), Patch::new(4..4, *b"z")]);
    }
}
