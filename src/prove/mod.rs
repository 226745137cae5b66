//! The proof that an edit does what was asked and nothing else, made before anything is written.
//!
//! The new file is read through its pieces. Only [`prove`] and `prove_inverse` make a [`Proved`], and only a
//! `Proved` can be committed.

pub(crate) mod check;
pub mod kept;

use std::io;

use crate::bytes::pieces::{Pieces, PiecesError, PiecesView};
use crate::bytes::source::{ReadAt, ReadError, Source};
use crate::format::place::{Action, Change, Place, PlaceName, Standing};
use crate::format::tags::{self, Audio, Expected};
use crate::format::{self, Located, Splice};
use crate::isrc::Isrc;
use crate::isrc::normalise::normalise;

use crate::prove::check::check;

/// Pieces that were read as the file they make, and found right.
// Invariant: made by `prove` or `prove_inverse` only, for the file that the caller holds open and locked.
#[derive(Debug)]
pub struct Proved {
    pieces: Pieces,
}

impl Proved {
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    #[cfg(test)]
    pub(crate) fn taken_for_granted(pieces: Pieces) -> Proved {
        Proved { pieces }
    }
}

/// Why the edit of a file was not proved. Each is a sentence for a report.
#[derive(Debug, thiserror::Error)]
pub enum Unproved {
    #[error("the edit contradicts itself")]
    Pieces(#[from] PiecesError),
    #[error("the audio would not stay in one piece")]
    Audio,
    #[error("the edited file could not be read back")]
    Walk(#[source] ReadError),
    #[error("the edited file would be taken for another kind")]
    Kind,
    #[error("the edited file would be damaged: {0}")]
    Damage(&'static str),
    #[error("the edited file would hold other codes than asked for")]
    Places,
    #[error("the second reader reads {0} where this program sees no code: a second one would only contradict it")]
    Unseen(Isrc),
    #[error("{0} is in it already, in no place that this program reads; set --replace writes beside it")]
    Stray(Isrc),
    #[error("{0}")]
    SecondReader(String),
    #[error("taking the edit back would not give the old file")]
    Inverse,
    #[error("cannot read")]
    Io(#[from] io::Error),
}

/// Proves an edit: no code is created beside one that only the second reader finds, every audio range is kept, the walk
/// finds exactly the codes that were asked for, and the second reader sees every other item as before. Gives what the
/// walk finds in the new file, too.
pub fn prove(
    old: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    before: &Located,
    change: &Change,
    splice: &Splice,
) -> Result<(Proved, Located), Unproved> {
    let pieces = Pieces::from_patches(old.len(), &splice.patches)?.trimmed(old)?;
    if change.creates() && !change.beside {
        if let Some(code) = code_unseen(old, before) {
            return Err(Unproved::Unseen(code));
        }
        if let Some(code) = stray(old, before, change, splice)? {
            return Err(Unproved::Stray(code));
        }
    }
    if !audio_is_kept(&pieces, splice) {
        return Err(Unproved::Audio);
    }
    let view = PiecesView { old, pieces: &pieces };
    let after = format::locate(&mut Source::new(&view), extension).map_err(Unproved::Walk)?;
    if after.format != before.format {
        return Err(Unproved::Kind);
    }
    // A scan would call the file unreadable, and no later edit could be made.
    if let Some(doubt) = after.doubt.filter(|_| before.doubt.is_none()) {
        return Err(Unproved::Damage(doubt));
    }
    if !is_as_asked(before, change, &after) {
        return Err(Unproved::Places);
    }
    if !before.inflates {
        let expected = if before.forgiven {
            Expected::More
        } else {
            Expected::Same
        };
        tags::same_but_codes(old, &view, before.format, expected).map_err(Unproved::SecondReader)?;
    }
    Ok((Proved { pieces }, after))
}

/// Proves the way back: applied to `now`, the recorded pieces give a file with the recorded check.
pub(crate) fn prove_inverse(now: &dyn ReadAt, inverse: Pieces, check_before: u64) -> Result<Proved, Unproved> {
    if inverse.old_len() != now.len() {
        return Err(Unproved::Inverse);
    }
    let forward = inverse.invert(now)?;
    let view = PiecesView {
        old: now,
        pieces: &inverse,
    };
    if check(&view, &forward)? != check_before {
        return Err(Unproved::Inverse);
    }
    Ok(Proved { pieces: inverse })
}

/// A code that the second reader finds in a file, and the walk in none of its places: to call such a file one without a
/// code would give it a second one.
fn code_unseen(file: &dyn ReadAt, located: &Located) -> Option<Isrc> {
    // No other parser may be let at such a file.
    if located.inflates {
        return None;
    }
    let opinion = tags::opinion(file, located, Audio::Skip).ok()?;
    let mut unseen = opinion.unseen(&located.places);
    unseen.find_map(|code| Some(normalise(code).ok()?.isrc))
}

/// Another code than the new one that is anywhere in a file beside its audio, and in none of its places. Where the new one
/// is among them the others are those of something else: a video, what was sampled.
fn stray(file: &dyn ReadAt, located: &Located, change: &Change, splice: &Splice) -> io::Result<Option<Isrc>> {
    let places = located
        .places
        .iter()
        .filter_map(|place| Some(normalise(place.code()).ok()?.isrc));
    let known: Vec<Isrc> = places.chain(change.create).chain(change.axml).collect();
    let strays = tags::strays(file, &splice.audio)?;
    if change.create.is_some_and(|isrc| strays.contains(&isrc)) {
        return Ok(None);
    }
    Ok(strays.into_iter().find(|code| !known.contains(code)))
}

/// Keeps are in rising order by the invariant of [`Pieces`], so only being kept is left to show.
fn audio_is_kept(pieces: &Pieces, splice: &Splice) -> bool {
    let in_order = splice.audio.windows(2).all(|pair| pair[0].end <= pair[1].start);
    in_order && splice.audio.iter().all(|range| pieces.kept(range))
}

/// Whether the walk finds what the change asks for: kept values as they were, written ones as the code, dropped ones
/// gone, the created one in a standard place, and no other.
fn is_as_asked(before: &Located, change: &Change, after: &Located) -> bool {
    if change.actions.len() != before.places.len() || after.inflates != before.inflates {
        return false;
    }
    let mut expected = before
        .places
        .iter()
        .zip(&change.actions)
        .filter(|(_, action)| **action != Action::Drop)
        .peekable();
    let mut created = change.create;
    let mut tracks = change.tracks.clone();
    let mut axml = change.axml;
    for place in &after.places {
        if expected
            .next_if(|(old, action)| is_left_as(old, action, place))
            .is_some()
        {
            continue;
        }
        let is_of_track =
            |(track, code): &(u8, Isrc)| place.name == PlaceName::flac_cuesheet(*track) && place.text == code.as_str();
        if let Some(index) = tracks.iter().position(is_of_track) {
            tracks.remove(index);
            continue;
        }
        if place.name == *"bwf:axml" && axml.is_some_and(|code| place.text == code.as_str()) {
            axml = None;
            continue;
        }
        let is_created = created.is_some_and(|code| place.stored() == Some(code)) && place.standing.is_standard();
        if !is_created {
            return false;
        }
        created = None;
    }
    expected.next().is_none() && created.is_none() && axml.is_none() && tracks.is_empty()
}

fn is_left_as(old: &Place, action: &Action, new: &Place) -> bool {
    let Place {
        name,
        key,
        text,
        // Offsets move, and items are counted anew.
        span: _,
        item: _,
        standing,
        access,
    } = new;
    let text_is_right = match action {
        Action::Keep => *text == old.text,
        Action::Write(code) => new.stored() == Some(*code),
        Action::Drop => false,
    };
    // An edit may put right what kept other programs from a place, or one of several such things.
    let was_hidden = matches!(old.standing, Standing::Hidden(_));
    let standing_is_right = *standing == old.standing || was_hidden && standing.is_standard();
    text_is_right && *name == old.name && *key == old.key && standing_is_right && *access == old.access
}
