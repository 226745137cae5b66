//! What `apply` wishes of each file, once the rows of a list have found theirs.

use std::collections::BTreeMap;

use super::{Replace, Wish};
use crate::isrc::Isrc;

/// A row that found its file, by its number: the code, and the track of the CUESHEET block that it is for, if not for the
/// file as a whole.
pub type Matched = (usize, Option<u8>, Isrc);

/// The wish for each file, files as a whole first. All tracks of one file are one edit.
pub fn wishes(matched: impl IntoIterator<Item = Matched>, replace: Replace) -> Vec<(usize, Wish)> {
    let mut wishes = Vec::new();
    let mut tracks: BTreeMap<usize, Vec<(u8, Isrc)>> = BTreeMap::new();
    for (file, track, isrc) in matched {
        match track {
            Some(track) => tracks.entry(file).or_default().push((track, isrc)),
            None => wishes.push((file, Wish::Set(isrc, replace))),
        }
    }
    let of_tracks = tracks.into_iter();
    wishes.extend(of_tracks.map(|(file, codes)| (file, Wish::SetTracks(codes, replace))));
    wishes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tracks_of_a_file_are_one_edit() {
        let [one, two, three] =
            ["QZTST2600001", "QZTST2600002", "QZTST2600003"].map(|code| Isrc::from_stored(code).unwrap());
        let matched = [(4, Some(1), one), (0, None, two), (4, Some(2), three)];
        let whole = (0, Wish::Set(two, Replace::Refuse));
        let tracks = (4, Wish::SetTracks(vec![(1, one), (2, three)], Replace::Refuse));
        assert_eq!(wishes(matched, Replace::Refuse), [whole, tracks]);
    }
}
