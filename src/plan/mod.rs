//! From what a file holds and what is wished to the [`Change`] that is asked of it. Pure.
//!
//! A dry run prints the same [`Plan`] that a real run carries out.

use crate::format::place::{Access, Action, Change, Place, PlaceName, Standing};
use crate::format::{Format, Located};
use crate::isrc::Isrc;
use crate::isrc::decode::decode;

pub mod apply;
pub mod assign;
pub mod fill;
pub mod set;

/// What a command decides about one file. Reasons are sentences without full stop, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Wish(Wish),
    /// The same, and on what evidence.
    Because(Wish, String),
    /// It stays as it is, and nothing is wrong with that.
    Leave(String),
    Refuse(String),
    /// The walk did not come to it.
    Fail(String),
}

impl Decision {
    pub fn wish(&self) -> Option<&Wish> {
        match self {
            Decision::Wish(wish) | Decision::Because(wish, _) => Some(wish),
            Decision::Leave(_) | Decision::Refuse(_) | Decision::Fail(_) => None,
        }
    }
}

/// What is to become of a file's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Every value that is a code but not in its stored form becomes the stored form.
    Fix(Misplaced),
    /// The file carries this code: in the standard place, and wherever else one is.
    Set(Isrc, Replace),
    /// Tracks of its CUESHEET block carry these codes, by track number; nothing else is touched.
    SetTracks(Vec<(u8, Isrc)>, Replace),
    /// The file carries no code.
    Remove,
}

/// What `fix` does with a code that is only where most programs do not look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    Leave,
    /// Write it to the standard place too.
    Place,
}

/// What `set` does with a different valid code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    Refuse,
    Allow,
}

/// What will be done to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Carry out the change; the steps tell it place by place.
    Change { change: Change, steps: Vec<Step> },
    /// The file is as wished already.
    Nothing,
    /// The wish is not granted. A sentence without full stop, in lower case.
    Refuse(String),
}

/// One place before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub place: String,
    /// The value as it is; none where the place is new.
    pub before: Option<String>,
    /// None where the value goes.
    pub after: Option<Isrc>,
}

/// Plans what `wish` means for a file in which `located` is.
pub fn plan(located: &Located, wish: &Wish, this_year: u16) -> Plan {
    let Located {
        format,
        places,
        inflates: _,
        words: _,
        empty_tracks: _,
        doubt: _,
        forgiven: _,
        picture: _,
    } = located;
    // What is in such a file is not known, so that `fix` and `remove` cannot say that there was nothing to do.
    if !format.is_supported() {
        return Plan::Refuse(format!("{} is not supported yet", format.name()));
    }
    // That there was nothing to remove would be a guess.
    if let (Wish::Remove, Some(doubt)) = (wish, located.doubt) {
        return Plan::Refuse(doubt.to_owned());
    }
    let code = |place: &Place| decode(place.code(), this_year).isrc;
    let change = match wish {
        Wish::Fix(misplaced) => fix(places, *misplaced, code),
        Wish::Set(isrc, replace) => {
            let different = places
                .iter()
                .filter(|place| is_reached(place))
                .filter_map(code)
                .find(|found| found != isrc);
            if let (Some(different), Replace::Refuse) = (different, replace) {
                return Plan::Refuse(format!("it carries {different} already; --replace replaces it"));
            }
            if let (Some((place, different)), Replace::Refuse) = (only_read(places, *isrc, code), replace) {
                return Plan::Refuse(format!(
                    "it carries {different} already, in {place}, which is only read; --replace writes {isrc} beside it"
                ));
            }
            Change {
                beside: *replace == Replace::Allow,
                ..set(places, *isrc)
            }
        }
        Wish::SetTracks(codes, replace) => {
            for (track, isrc) in codes {
                let different = of_track(places, *track)
                    .filter_map(|(_, place)| code(place))
                    .find(|found| found != isrc);
                if let (Some(different), Replace::Refuse) = (different, replace) {
                    return Plan::Refuse(format!(
                        "track {track} carries {different} already; --replace replaces it"
                    ));
                }
            }
            set_tracks(places, codes)
        }
        Wish::Remove => Change {
            actions: places.iter().map(removed).collect(),
            ..Change::default()
        },
    };
    if change.is_empty() {
        return Plan::Nothing;
    }
    let steps = steps(places, &change, format.standard_place());
    Plan::Change { change, steps }
}

/// The plan with the EBU element too: what is written to a WAV file also goes into a new `axml` chunk, where the file has
/// no code in one.
pub fn with_axml(plan: Plan, located: &Located, wish: &Wish, this_year: u16) -> Plan {
    const PLACE: &str = "bwf:axml";
    let Located { format, places, .. } = located;
    let isrc = match wish {
        Wish::Set(isrc, _) => Some(*isrc),
        Wish::Fix(_) => only_code(places, this_year),
        Wish::SetTracks(..) | Wish::Remove => None,
    };
    let Some(isrc) = isrc
        .filter(|_| matches!(format, Format::Wav | Format::Rf64) && places.iter().all(|place| place.name != *PLACE))
    else {
        return plan;
    };
    let (mut change, mut steps) = match plan {
        Plan::Refuse(_) => return plan,
        Plan::Change { change, steps } => (change, steps),
        Plan::Nothing => {
            let actions = vec![Action::Keep; places.len()];
            (
                Change {
                    actions,
                    ..Change::default()
                },
                Vec::new(),
            )
        }
    };
    change.axml = Some(isrc);
    steps.push(Step {
        place: PLACE.to_string(),
        before: None,
        after: Some(isrc),
    });
    Plan::Change { change, steps }
}

/// The one code that stands for the file as a whole.
fn only_code(places: &[Place], this_year: u16) -> Option<Isrc> {
    let of_file = places.iter().filter(|place| place.standing != Standing::OfTrack);
    let mut codes = of_file.filter_map(|place| decode(place.code(), this_year).isrc);
    let first = codes.next()?;
    codes.all(|other| other == first).then_some(first)
}

fn fix(places: &[Place], misplaced: Misplaced, code: impl Fn(&Place) -> Option<Isrc>) -> Change {
    let is_to_be_seen = |place: &Place| misplaced == Misplaced::Place && matches!(place.standing, Standing::Hidden(_));
    let actions = places.iter().map(|place| match (code(place), place.access) {
        (Some(isrc), Access::Write) if place.stored() != Some(isrc) || is_to_be_seen(place) => Action::Write(isrc),
        (Some(_) | None, Access::Write | Access::ReadOnly) => Action::Keep,
    });
    let actions = actions.collect();
    let create = match misplaced {
        Misplaced::Leave => None,
        Misplaced::Place => only_misplaced(places, code),
    };
    Change {
        actions,
        create,
        ..Change::default()
    }
}

/// The one code of a file, if it is nowhere but in odd places.
fn only_misplaced(places: &[Place], code: impl Fn(&Place) -> Option<Isrc>) -> Option<Isrc> {
    let mut found = None;
    for place in places {
        match (place.standing, code(place)) {
            // Whatever is in the standard place, a person must look at it first.
            (Standing::Standard | Standing::Hidden(_), _) => return None,
            (Standing::Odd, Some(isrc)) if found.is_some_and(|found| found != isrc) => return None,
            (Standing::Odd, Some(isrc)) => found = Some(isrc),
            (Standing::Odd | Standing::OfTrack, _) => {}
        }
    }
    found
}

/// A different code in a place that `set` does not reach, in a file that has not this one yet where it does: the two
/// would contradict each other.
fn only_read(places: &[Place], isrc: Isrc, code: impl Fn(&Place) -> Option<Isrc>) -> Option<(&PlaceName, Isrc)> {
    let of_file = || places.iter().filter(|place| place.standing != Standing::OfTrack);
    if of_file().any(|place| is_reached(place) && code(place) == Some(isrc)) {
        return None;
    }
    let different = |place| Some((place, code(place)?)).filter(|(_, found)| *found != isrc);
    let (place, found) = of_file().find_map(different)?;
    Some((&place.name, found))
}

fn set(places: &[Place], isrc: Isrc) -> Change {
    let mut actions = Vec::with_capacity(places.len());
    for place in places {
        let mut namesakes = places
            .iter()
            .filter(|other| other.name == place.name && is_reached(other));
        // Where most programs look, or else the first.
        let seat = match namesakes.clone().find(|other| other.standing.is_standard()) {
            Some(standard) => Some(standard),
            None => namesakes.next(),
        };
        let is_seat = seat.is_some_and(|seat| std::ptr::eq(seat, place));
        actions.push(match is_reached(place) {
            false => Action::Keep,
            true if place.stored() == Some(isrc) && !matches!(place.standing, Standing::Hidden(_)) => Action::Keep,
            true if is_seat => Action::Write(isrc),
            // The code is in this place's namesake; a second, different value would only contradict it.
            true => Action::Drop,
        });
    }
    let has_standard = places
        .iter()
        .any(|place| place.standing.is_standard() && is_reached(place));
    Change {
        actions,
        create: (!has_standard).then_some(isrc),
        ..Change::default()
    }
}

/// The places of one CUESHEET track, with their indices.
fn of_track(places: &[Place], track: u8) -> impl Iterator<Item = (usize, &Place)> {
    places
        .iter()
        .enumerate()
        .filter(move |(_, place)| place.name == PlaceName::flac_cuesheet(track) && place.access == Access::Write)
}

fn set_tracks(places: &[Place], codes: &[(u8, Isrc)]) -> Change {
    let mut change = Change {
        actions: vec![Action::Keep; places.len()],
        ..Change::default()
    };
    for (track, isrc) in codes {
        let mut has_place = false;
        for (index, place) in of_track(places, *track) {
            has_place = true;
            if place.text != isrc.as_str() {
                change.actions[index] = Action::Write(*isrc);
            }
        }
        if !has_place {
            change.tracks.push((*track, *isrc));
        }
    }
    change
}

fn removed(place: &Place) -> Action {
    match place.access {
        Access::Write => Action::Drop,
        Access::ReadOnly => Action::Keep,
    }
}

/// Whether `set` reaches a place. The codes of an album's tracks in one file are not the file's own.
fn is_reached(place: &Place) -> bool {
    place.access == Access::Write && place.standing != Standing::OfTrack
}

/// The places that an edit only reads and that say something else than was wished.
pub fn disagreeing<'a>(located: &'a Located, wish: &'a Wish, this_year: u16) -> impl Iterator<Item = &'a Place> {
    let disagrees = move |place: &&Place| match wish {
        Wish::Set(isrc, _) => decode(place.code(), this_year).isrc != Some(*isrc),
        Wish::Remove => true,
        Wish::Fix(_) | Wish::SetTracks(..) => false,
    };
    let read_only = located.places.iter().filter(|place| place.access == Access::ReadOnly);
    read_only.filter(disagrees)
}

fn steps(places: &[Place], change: &Change, standard_place: &str) -> Vec<Step> {
    let Change {
        actions,
        create,
        tracks,
        axml: _,
        beside: _,
    } = change;
    let of_places = places.iter().zip(actions).filter_map(|(place, action)| {
        let after = match action {
            Action::Keep => return None,
            Action::Write(isrc) => Some(*isrc),
            Action::Drop => None,
        };
        Some(Step {
            place: place.name.to_string(),
            before: Some(place.text.clone()),
            after,
        })
    });
    let created = create.map(|isrc| Step {
        place: standard_place.to_owned(),
        before: None,
        after: Some(isrc),
    });
    let of_tracks = tracks.iter().map(|(track, isrc)| Step {
        place: PlaceName::flac_cuesheet(*track).to_string(),
        before: None,
        after: Some(*isrc),
    });
    of_places.chain(of_tracks).chain(created).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;

    const CODE: &str = "QZTST2600001";
    const OTHER: &str = "QZTST2600002";

    fn isrc(text: &str) -> Isrc {
        Isrc::from_stored(text).unwrap()
    }

    fn place(name: PlaceName, text: &str, standing: Standing, item: u32) -> Place {
        Place {
            name,
            key: None,
            text: text.to_owned(),
            span: 0..0,
            item,
            standing,
            access: Access::Write,
        }
    }

    fn tsrc(text: &str) -> Place {
        place(PlaceName::new("id3v2:TSRC"), text, Standing::Standard, 0)
    }

    fn ape(text: &str) -> Place {
        place(PlaceName::new("apev2:ISRC"), text, Standing::Odd, 1)
    }

    fn change(places: Vec<Place>, wish: &Wish) -> Plan {
        plan(&Located::certain(Format::Mp3, places), wish, 2026)
    }

    #[track_caller]
    fn check(places: Vec<Place>, wish: &Wish, actions: &[Action], create: Option<&str>) {
        match change(places, wish) {
            Plan::Change { change, .. } => {
                assert_eq!((&change.actions[..], change.create), (actions, create.map(isrc)));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fix_touches_only_values_that_are_codes_in_another_spelling() {
        let wish = &Wish::Fix(Misplaced::Leave);
        let write = Action::Write(isrc(CODE));
        check(
            vec![tsrc("qz-tst-26-00001"), ape(CODE)],
            wish,
            &[write, Action::Keep],
            None,
        );
        assert_eq!(change(vec![tsrc(CODE)], wish), Plan::Nothing);
        assert_eq!(change(vec![tsrc("not a code")], wish), Plan::Nothing);
        assert_eq!(change(vec![tsrc("QZTST260000I")], wish), Plan::Nothing);
        assert_eq!(change(vec![], wish), Plan::Nothing);
    }

    #[test]
    fn fix_leaves_read_only_places_alone() {
        let mut xid = place(PlaceName::new("mp4:xid"), "qz-tst-26-00001", Standing::Odd, 0);
        xid.access = Access::ReadOnly;
        assert_eq!(change(vec![xid], &Wish::Fix(Misplaced::Leave)), Plan::Nothing);
    }

    #[test]
    fn fix_places_a_code_that_stands_only_in_an_odd_place() {
        let wish = &Wish::Fix(Misplaced::Place);
        check(vec![ape(CODE)], wish, &[Action::Keep], Some(CODE));
        assert_eq!(change(vec![ape(CODE), tsrc(CODE)], wish), Plan::Nothing);
        assert_eq!(change(vec![ape(CODE), ape(OTHER)], wish), Plan::Nothing);
        assert_eq!(change(vec![ape(CODE), tsrc("garbage")], wish), Plan::Nothing);
    }

    #[test]
    fn set_reaches_every_place_and_creates_the_standard_one() {
        let wish = &Wish::Set(isrc(CODE), Replace::Allow);
        let write = Action::Write(isrc(CODE));
        check(vec![], wish, &[], Some(CODE));
        check(vec![ape(OTHER)], wish, &[write], Some(CODE));
        check(vec![tsrc(OTHER), ape(OTHER)], wish, &[write, write], None);
        check(vec![tsrc(OTHER), tsrc(OTHER)], wish, &[write, Action::Drop], None);
        assert_eq!(change(vec![tsrc(CODE), ape(CODE)], wish), Plan::Nothing);
    }

    #[test]
    fn set_does_not_replace_another_code_unasked() {
        let wish = &Wish::Set(isrc(CODE), Replace::Refuse);
        let Plan::Refuse(reason) = change(vec![tsrc(OTHER)], wish) else {
            panic!("not refused");
        };
        assert_eq!(reason, "it carries QZTST2600002 already; --replace replaces it");
        check(vec![tsrc("garbage")], wish, &[Action::Write(isrc(CODE))], None);
        check(vec![tsrc("qz-tst-26-00001")], wish, &[Action::Write(isrc(CODE))], None);
    }

    #[test]
    fn set_writes_no_second_code_beside_one_that_is_only_read_unasked() {
        let only_read = |text: &str| Place {
            access: Access::ReadOnly,
            ..place(PlaceName::new("mp4:xid"), text, Standing::Odd, 1)
        };
        let (refuse, allow) = (
            Wish::Set(isrc(CODE), Replace::Refuse),
            Wish::Set(isrc(CODE), Replace::Allow),
        );
        let xid = || only_read("Vendor:isrc:QZTST2600002");
        for places in [vec![xid()], vec![tsrc("garbage"), xid()]] {
            assert_eq!(
                change(places, &refuse),
                Plan::Refuse(
                    "it carries QZTST2600002 already, in mp4:xid, which is only read; --replace writes QZTST2600001 beside it"
                        .to_owned()
                )
            );
        }
        check(vec![xid()], &allow, &[Action::Keep], Some(CODE));
        // Nothing new is said of a file that has the code already, nor beside the same one or what is none.
        assert_eq!(change(vec![tsrc(CODE), xid()], &refuse), Plan::Nothing);
        for text in ["Vendor:isrc:QZTST2600001", "Vendor:isrc:none"] {
            check(vec![only_read(text)], &refuse, &[Action::Keep], Some(CODE));
        }
    }

    #[test]
    fn a_code_that_others_do_not_see_is_written_again() {
        let hidden = || Place {
            standing: Standing::Hidden("the size before it is wrong"),
            ..tsrc(CODE)
        };
        let write = Action::Write(isrc(CODE));
        check(vec![hidden()], &Wish::Set(isrc(CODE), Replace::Refuse), &[write], None);
        check(vec![hidden()], &Wish::Fix(Misplaced::Place), &[write], None);
        assert_eq!(change(vec![hidden()], &Wish::Fix(Misplaced::Leave)), Plan::Nothing);
    }

    #[test]
    fn set_leaves_the_tracks_of_an_album_image_alone() {
        let track = place(PlaceName::flac_cuesheet(3), OTHER, Standing::OfTrack, 0);
        let wish = &Wish::Set(isrc(CODE), Replace::Refuse);
        check(vec![track], wish, &[Action::Keep], Some(CODE));
    }

    #[test]
    fn remove_drops_every_place() {
        check(
            vec![tsrc(CODE), ape("x")],
            &Wish::Remove,
            &[Action::Drop, Action::Drop],
            None,
        );
        assert_eq!(change(vec![], &Wish::Remove), Plan::Nothing);
    }
}
