//! What became of a file in the edit stage, as it is told.

use crate::bytes::source::ReadError;
use crate::commands::exit::Exit;
use crate::edit::{EditError, Edited, Outcome};
use crate::format::Located;
use crate::format::place::{Access, Place, Standing};
use crate::isrc::decode::decode;
use crate::plan::Wish;
use crate::report::edits::{EditedFile, Ending, Stand};

pub(super) fn exit_of(ending: &Ending) -> Exit {
    match ending {
        Ending::Written | Ending::Planned | Ending::Unchanged => Exit::Fine,
        Ending::Refused(_) | Ending::Failed(_) => Exit::SomeFailed,
    }
}

/// The stage's outcome as it is told; none for a file that is no audio and never claimed to be.
pub(super) fn told(edited: Edited, unclaimed: bool, wish: &Wish, this_year: u16) -> Option<EditedFile> {
    let Edited {
        outcome,
        steps,
        located,
        manner,
        kept,
    } = edited;
    if let Outcome::Failed(EditError::Read(ReadError::NotAudio | ReadError::Empty | ReadError::NotRegular)) = outcome
        && unclaimed
    {
        return None;
    }
    let ending = ending(outcome)?;
    let stands = match (&ending, &located) {
        (Ending::Unchanged | Ending::Refused(_), Some(located)) => stands(located),
        _ => Vec::new(),
    };
    let notes = match (&ending, located) {
        (Ending::Written | Ending::Planned | Ending::Unchanged, Some(located)) => notes(&located, wish, this_year),
        _ => Vec::new(),
    };
    Some(EditedFile {
        steps,
        stands,
        manner,
        kept,
        notes,
        ..EditedFile::ended(ending)
    })
}

/// The values that an edit reaches, as they are.
fn stands(located: &Located) -> Vec<Stand> {
    let places = located.places.iter().filter(|place| place.access == Access::Write);
    let stand = |place: &Place| Stand {
        place: place.name.to_string(),
        value: place.text.clone(),
    };
    places.map(stand).collect()
}

/// None for a file that was not reached.
pub(super) fn ending(outcome: Outcome) -> Option<Ending> {
    Some(match outcome {
        Outcome::Written => Ending::Written,
        Outcome::Planned => Ending::Planned,
        Outcome::Unchanged => Ending::Unchanged,
        Outcome::Refused(refusal) => Ending::Refused(refusal.to_string()),
        Outcome::Failed(error) => {
            let is_about_the_file = matches!(
                error,
                EditError::Read(
                    ReadError::CutShort { .. }
                        | ReadError::Damaged(_)
                        | ReadError::Empty
                        | ReadError::NotAudio
                        | ReadError::NotRegular
                        | ReadError::ParserPanicked
                )
            );
            let reason = format!("{:#}", anyhow::Error::from(error));
            match is_about_the_file {
                true => Ending::Refused(reason),
                false => Ending::Failed(reason),
            }
        }
        Outcome::NotReached => return None,
    })
}

/// The places that an edit only reads and that now say something else than the file does; and those that now hold the
/// code, but where other programs will not see it.
fn notes(located: &Located, wish: &Wish, this_year: u16) -> Vec<String> {
    let read_only = located.places.iter().filter(|place| place.access == Access::ReadOnly);
    let disagrees = |text: &str| match wish {
        Wish::Set(isrc, _) => decode(text, this_year).isrc != Some(*isrc),
        Wish::Remove => true,
        Wish::Fix(_) | Wish::SetTracks(..) => false,
    };
    let left_alone = read_only
        .filter(|place| disagrees(place.code()))
        .map(|place| format!("{} still says {}; it is left alone", place.name, place.text));
    let unseen = located.places.iter().filter_map(|place| match (place.standing, wish) {
        (Standing::Hidden(reason), Wish::Set(..) | Wish::Fix(_)) => Some(format!(
            "{} holds the code, but most other programs will not see it: {reason}",
            place.name
        )),
        _ => None,
    });
    left_alone.chain(unseen).collect()
}
