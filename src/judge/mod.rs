//! Findings from places: pure functions, no disk, no clock, no printing.

use std::borrow::Cow;

use crate::bytes::source::{ReadError, with_causes};
use crate::discover::Misnamed;
use crate::format::place::{Access, Place, PlaceName, Standing};
use crate::format::{Format, Located};
use crate::isrc::Isrc;
use crate::isrc::decode::{Class, Decoded, Reason, Repair, decode};
use crate::isrc::normalise::normalise;

mod kinds;
mod listed;
pub mod shared;

pub use kinds::{Kind, PageColumn, Remedy, Severity, Task, TaskInfo};
pub use listed::{Listed, Selector};

/// One thing that is wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    /// Index of the place it is about.
    pub place: Option<usize>,
    /// For values the validator's word (`separator`, `too_short`), for files a sentence without full stop.
    pub reason: Cow<'static, str>,
    /// The same for people.
    pub explanation: Cow<'static, str>,
    /// Only for [`Kind::Malformed`].
    pub repair: Option<Repair>,
    /// What a malformed value may have been meant to be. Never applied.
    pub suggestions: Vec<Isrc>,
    /// What the second reader says, where it disagrees.
    pub second_opinion: Option<String>,
    /// An earlier scan, whose index is at hand, did not find it.
    pub new: bool,
}

impl Finding {
    /// What there is to do about it.
    pub fn task(&self) -> Task {
        Task::of(self.kind, self.repair)
    }

    fn about_file(kind: Kind, reason: impl Into<Cow<'static, str>>) -> Finding {
        let reason = reason.into();
        Finding {
            explanation: reason.clone(),
            ..Finding::about_value(kind, None, reason, "")
        }
    }

    fn about_value(
        kind: Kind,
        place: Option<usize>,
        reason: impl Into<Cow<'static, str>>,
        explanation: impl Into<Cow<'static, str>>,
    ) -> Finding {
        Finding {
            kind,
            place,
            reason: reason.into(),
            explanation: explanation.into(),
            repair: None,
            suggestions: Vec::new(),
            second_opinion: None,
            new: false,
        }
    }
}

/// What the places of one file amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The file's one valid code after safe normalisation.
    pub isrc: Option<Isrc>,
    /// Every different code that stands for the file as a whole.
    pub codes: Vec<Isrc>,
    pub findings: Vec<Finding>,
}

/// Judges the places of one file. `this_year` decides which years are still to come.
pub fn judge(located: &Located, this_year: u16) -> Judged {
    let Located {
        format,
        places,
        inflates: _,
        words: _,
        empty_tracks: _,
        doubt,
        forgiven: _,
        picture: _,
    } = located;
    if !format.is_supported() {
        return Judged {
            findings: vec![unsupported(*format)],
            ..Judged::default()
        };
    }
    let mut judged = Judged::default();
    let (mut first_holder, mut only_odd) = (None, true);
    for (index, place) in places.iter().enumerate() {
        let decoded = decode(place.code(), this_year);
        if !repeats(place, decoded.isrc, places) {
            judged.findings.extend(about_value(index, place, &decoded));
        }
        let Some(isrc) = decoded.isrc else {
            continue;
        };
        first_holder = first_holder.or(Some(index));
        only_odd &= matches!(place.standing, Standing::Odd | Standing::Hidden(_));
        if place.standing != Standing::OfTrack && !judged.codes.contains(&isrc) {
            judged.codes.push(isrc);
        }
    }
    match doubt {
        // "No code" would be a guess, and a code may not be the only one.
        Some(doubt) => judged.findings.push(Finding::about_file(Kind::Unreadable, *doubt)),
        None if places.is_empty() => judged
            .findings
            .push(Finding::about_file(Kind::Missing, Kind::Missing.info().usual)),
        None => {}
    }
    match judged.codes[..] {
        // The codes of the tracks of an album in one file are not the file's, be they one.
        [] => {}
        [isrc] => {
            judged.isrc = Some(isrc);
            // Where the file contradicts itself, that is what there is to say.
            let holder = first_holder.filter(|_| only_odd && doubt.is_none());
            judged
                .findings
                .extend(holder.map(|index| misplaced(index, places[index].standing)));
        }
        _ => judged.findings.push(conflicting(places, &judged.codes)),
    }
    judged
}

/// The finding on a file that could not be read.
pub fn unreadable(error: &ReadError) -> Finding {
    Finding::about_file(Kind::Unreadable, with_causes(error))
}

/// What is said of a file whose recording is elsewhere under another code.
pub fn split(isrc: Isrc, reason: String) -> Judged {
    Judged {
        isrc: Some(isrc),
        codes: vec![isrc],
        findings: vec![Finding::about_file(Kind::Split, reason)],
    }
}

/// The one finding on a file whose name says another kind than its content: it is not edited in bulk, so that nothing is
/// said of what could be repaired in it.
pub fn misnamed(misnamed: &Misnamed, format: Format) -> Finding {
    match format.is_supported() {
        true => Finding::about_file(Kind::Unreadable, misnamed.to_string()),
        false => Finding::about_file(Kind::Unsupported, format!("{misnamed}, which is not supported yet")),
    }
}

fn unsupported(format: Format) -> Finding {
    let reason = format!("{} is not supported yet: its codes are not read", format.name());
    Finding::about_file(Kind::Unsupported, reason)
}

/// Whether a place that no edit of ours reaches (free text, INFO, iXML) says in another spelling what a sound place says,
/// so that there is nothing to repair. Of two places of one name other programs may read either.
fn repeats(place: &Place, isrc: Option<Isrc>, places: &[Place]) -> bool {
    let says_so = |other: &Place| other.name != place.name && other.stored() == isrc;
    place.access == Access::ReadOnly && place.stored().is_none() && isrc.is_some() && places.iter().any(says_so)
}

/// What is wrong with one value: that it is not the stored form, and that it is not believable.
fn about_value(index: usize, place: &Place, decoded: &Decoded) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_stored_form = place.stored().is_some();
    if !is_stored_form {
        let repair = match (decoded.repair(), place.access) {
            (Repair::Safe, Access::ReadOnly) => Repair::None,
            (repair, _) => repair,
        };
        // A suspicious code in an odd spelling is malformed for its spelling, and suspicious for the rest.
        let reason = match decoded.isrc {
            Some(_) => Reason::Code(decoded.repairs),
            None => decoded.reason,
        };
        findings.push(Finding {
            repair: Some(repair),
            suggestions: decoded.suggestions.clone(),
            ..Finding::about_value(Kind::Malformed, Some(index), reason.to_string(), reason.explain())
        });
    }
    let is_placeholder = decoded.class == Class::Placeholder && is_stored_form;
    let placeholder = is_placeholder.then(|| (decoded.reason.to_string(), decoded.reason.explain()));
    let doubt = placeholder.or_else(|| decoded.doubt());
    let suspicious = |(word, sentence)| Finding::about_value(Kind::Suspicious, Some(index), word, sentence);
    findings.extend(doubt.map(suspicious));
    findings
}

/// The sentence for a word that a finding says of a value, which may be all that is left of it; none for another text.
pub fn explain(word: &str, place: &Place) -> Option<Cow<'static, str>> {
    let decoded = decode(place.code(), u16::MAX);
    let doubt = decoded.doubt();
    let reasons = [Reason::Code(decoded.repairs), decoded.reason, Reason::FutureYear];
    let reasons = reasons.iter().map(|reason| (reason.to_string(), reason.explain()));
    let known = reasons.chain(doubt).find(|(known, _)| known == word);
    known.map(|(_, sentence)| sentence)
}

/// A code that is only where most programs do not look, or do not get.
fn misplaced(first: usize, standing: Standing) -> Finding {
    let reason = match standing {
        Standing::Hidden(reason) => reason,
        Standing::Standard | Standing::Odd | Standing::OfTrack => Kind::Misplaced.info().usual,
    };
    Finding::about_value(Kind::Misplaced, Some(first), reason, reason)
}

fn conflicting(places: &[Place], codes: &[Isrc]) -> Finding {
    let items: Vec<u32> = places.iter().map(|place| place.item).collect();
    let one_item = items.iter().all(|item| *item == items[0]);
    let what = if one_item {
        "one place holds"
    } else {
        "the places of the file hold"
    };
    let codes: Vec<&str> = codes.iter().map(Isrc::as_str).collect();
    let held = format!("{what} {}", codes.join(" and "));
    let only_read =
        only_read(places).map(|place| format!(", and {place} is only read: change it with another program"));
    Finding {
        explanation: format!("{held}{}", only_read.unwrap_or_default()).into(),
        ..Finding::about_file(Kind::Conflicting, held)
    }
}

/// The place of a conflict that no edit of ours ends: the places that can be written agree with each other.
fn only_read(places: &[Place]) -> Option<&PlaceName> {
    let code = |place: &&Place| normalise(place.code()).ok().map(|normalised| normalised.isrc);
    let of_file = places.iter().filter(|place| place.standing != Standing::OfTrack);
    let (written, read): (Vec<&Place>, Vec<&Place>) = of_file.partition(|place| place.access == Access::Write);
    let wanted = written.iter().find_map(code)?;
    let agree = written.iter().filter_map(code).all(|isrc| isrc == wanted);
    let other = read
        .iter()
        .find(|place| code(place).is_some_and(|isrc| isrc != wanted))?;
    agree.then_some(&other.name)
}
