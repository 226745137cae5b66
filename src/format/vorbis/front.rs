//! ID3v2 tags in front of a container whose native tag is the comment list.

use super::super::SpliceError;
use super::super::identify::Front;
use super::super::place::{Action, Place, Standing};
use crate::pieces::Patch;
use crate::source::Source;

/// Adds the places of all tags in front, and says how many each tag has.
pub(in super::super) fn places(front: &Front, places: &mut Vec<Place>) -> Vec<usize> {
    // No allocation for the usual file, which has no such tag.
    let mut counts = Vec::new();
    for tag in &front.tags {
        let before = places.len();
        tag.places(Standing::Odd, places);
        counts.push(places.len() - before);
    }
    counts
}

/// Takes the actions of the tags in front off `actions` and adds the patches for them. Returns the growth in bytes.
pub(in super::super) fn splice(
    source: &mut Source,
    front: &Front,
    counts: &[usize],
    actions: &mut &[Action],
    patches: &mut Vec<Patch>,
) -> Result<i64, SpliceError> {
    let mut growth = 0i64;
    for (tag, count) in front.tags.iter().zip(counts) {
        let (mine, rest) = actions.split_at((*count).min(actions.len()));
        *actions = rest;
        if mine.iter().all(|action| *action == Action::Keep) {
            continue;
        }
        let splice = tag.splice(source, mine, None)?;
        growth = growth.saturating_add(splice.growth);
        patches.extend(splice.patches);
    }
    Ok(growth)
}
