//! MP4, M4A, M4B, MOV, 3GP: codes in the metadata atoms of the movie.
//!
//! Places: `----` atoms named ISRC in an `ilst` (iTunes' own mean is the standard place), QuickTime metadata keys that
//! end in `isrc` (QTFF, "Metadata"), `xid ` and the user data `©isr`. Audio and sample tables are stepped over by
//! offset. Invariant: an edit moves no byte of audio without correcting every offset that points at it.

use super::{Depth, WalkOutcome};
use crate::bytes::source::{ReadError, Source};
use crate::format::stream::identify::Front;
use references::References;
use walk::Walk;

mod atom;
mod edit;
mod items;
mod references;
#[cfg(test)]
mod tests;
mod value;
mod walk;

pub(super) fn walk(source: &mut Source, front: &Front, depth: Depth) -> Result<WalkOutcome, ReadError> {
    let mut walk = Walk::new(source, front, depth)?;
    walk.declare_padding();
    walk.tree.new = Some(walk.new_item());
    let Walk {
        walker, mut tree, top, ..
    } = walk;
    let media = top.iter().filter(|atom| &atom.kind == b"mdat");
    let audio = media.map(|atom| atom.body()..atom.end).collect();
    // User data, and metadata beside them, become free space (ISO/IEC 14496-12, section 8.1.2).
    let tags = walk.tags.iter().chain(top.iter().filter(|atom| &atom.kind == b"uuid"));
    let names_of_tags = tags.map(|atom| (atom.start + 4, *b"free")).collect();
    let picture = walk.picture.filter(|_| walker.notes.fault().is_none());
    tree.follows.push(Box::new(References {
        has_item_locations: walk.has_item_locations,
        top,
    }));
    let mut found = walker.notes.found(front, tree, audio, names_of_tags)?;
    found.is_whole = walk.is_whole;
    (found.located.picture, found.located.forgiven) = (picture, walk.forgiven);
    Ok(found)
}
