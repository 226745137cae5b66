//! One file from its path to everything a report says of it: read, judge, and ask the second reader where it counts.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::audio::pcm::stated_samples;
use crate::bytes::source::{Opener, ReadAt, ReadError, Source};
use crate::discover::{Extension, Found, Misnamed};
use crate::format::place::{Action, Place};
use crate::format::tags::{self, Audio, Description, Opinion, TagError};
use crate::format::{self, Format, Glanced, Located};
use crate::isrc::decode::Repair;
use crate::isrc::in_name::code_in_name;
use crate::judge::{self, Finding, Judged, Kind};
use crate::plan::{Misplaced, Plan, Wish, plan};
use crate::prove::prove;
use crate::recording::versions::title_with_fields;
use crate::scan::read;
use crate::system::in_flight;

/// How files are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Inspection {
    /// The calendar year in which codes are judged.
    pub this_year: u16,
    pub detail: Detail,
    pub description: Describe,
}

/// Which files are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Those with a finding. The others are walked and no more.
    WithFindings,
    All,
}

/// What the second reader is asked of the files that are told of. It costs ten times the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Describe {
    /// Nothing but its opinion on a missing or malformed code.
    Nothing,
    /// Title, artist, album, disc and track.
    Tags,
    /// Duration and audio MD5 too.
    TagsAndAudio,
}

/// What is known of one file.
#[derive(Debug, Default)]
pub struct Inspected {
    /// None where the kind could not be told.
    pub format: Option<Format>,
    pub places: Vec<Place>,
    pub judged: Judged,
    pub description: Description,
    /// As in [`Located`].
    pub empty_tracks: Vec<u8>,
    /// It could not be opened or read, which says nothing of what is in it.
    pub is_out_of_reach: bool,
}

/// Inspects the file at `path`, which claims to be audio.
pub fn inspect(opener: &mut Opener, path: &Path, inspection: &Inspection) -> Inspected {
    inspect_unless(opener, path, inspection, |_| false).unwrap_or_default()
}

/// Inspects what a walk came upon; `None` if it is passed over: no audio under a name that claims nothing, or a video
/// without sound.
pub fn inspect_found(opener: &mut Opener, found: &Found, inspection: &Inspection) -> Option<Inspected> {
    match found {
        Found::Named(path) => Some(inspect(opener, path, inspection)),
        Found::Audio(path) => inspect_unless(opener, path, inspection, |error| matches!(error, ReadError::NoTrack)),
        Found::Unclaimed(path) => inspect_unless(opener, path, inspection, |error| {
            error.is_no_audio() || matches!(error, ReadError::Open(_))
        }),
        Found::Unwalkable { error, .. } => {
            let error = io::Error::new(error.kind(), error.to_string());
            Some(unreadable(&ReadError::Open(error)))
        }
    }
}

/// What is reported of a path that could not even be opened or walked.
pub fn unreadable(error: &ReadError) -> Inspected {
    Inspected {
        judged: Judged {
            findings: vec![judge::unreadable(error)],
            ..Judged::default()
        },
        is_out_of_reach: matches!(error, ReadError::Open(_) | ReadError::Io(_)),
        ..Inspected::default()
    }
}

/// What is reported of a file that its drive has been at for so long that it was given up.
pub fn held(patience: Duration) -> Inspected {
    unreadable(&ReadError::Io(in_flight::held(patience)))
}

fn inspect_unless(
    opener: &mut Opener,
    path: &Path,
    inspection: &Inspection,
    passed_over: impl Fn(&ReadError) -> bool,
) -> Option<Inspected> {
    let file = match opener.open(path) {
        Ok(file) => file,
        Err(error) if passed_over(&error) => return None,
        Err(error) => return Some(unreadable(&error)),
    };
    let extension = Extension::of(path.as_os_str());
    let mut source = Source::new(&file);
    let mut glanced = match read::glance(&mut source, extension.as_ref()) {
        Ok(glanced) => glanced,
        Err(error) if passed_over(&error) => return None,
        Err(error) => return Some(unreadable(&error)),
    };
    let mut judged = judge::judge(glanced.located(), inspection.this_year);
    if let Some(misnamed) = Misnamed::of(extension.as_ref(), glanced.located().format) {
        judged.findings = vec![judge::misnamed(&misnamed, glanced.located().format)];
    }
    if judged.findings.iter().any(is_promised) {
        let extension = extension.as_ref().and_then(Extension::as_str);
        let refusal = repair_refusal(&file, extension, &mut source, &mut glanced, inspection.this_year);
        if let Some(refusal) = refusal {
            take_back(&refusal, &mut judged.findings);
        }
    }
    let located = glanced.into_located();
    if let Some(missing) = judged.findings.iter_mut().find(|finding| finding.kind == Kind::Missing)
        && let Some(isrc) = code_in_name(path)
    {
        missing.explanation = format!("no code in any place; its name holds {isrc}").into();
        missing.suggestions = vec![isrc];
    }
    let description = describe(&source, &file, &located, inspection, &mut judged.findings);
    Some(Inspected {
        format: Some(located.format),
        places: located.places,
        empty_tracks: located.empty_tracks,
        judged,
        description,
        is_out_of_reach: false,
    })
}

fn is_promised(finding: &Finding) -> bool {
    finding.repair == Some(Repair::Safe)
}

/// What is said to be repaired safely is what `fix` does: where an edit would be refused, the findings say so instead.
fn take_back(refusal: &str, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| is_promised(finding)) {
        finding.repair = Some(Repair::None);
        finding.explanation = format!("{}; it is not repaired: {refusal}", finding.explanation).into();
    }
}

/// Why the values of a file that can be repaired without guessing are not; none where they are. Where the walk had to
/// forgive something, or a value stays that is no code, the edit is proved as for a real run, since other readers may see
/// another file.
pub fn repair_refusal(
    file: &(dyn ReadAt + Sync),
    extension: Option<&str>,
    source: &mut Source,
    glanced: &mut Glanced,
    this_year: u16,
) -> Option<String> {
    let tried = tags::quietly(|| {
        let walked = glanced.complete(source).map_err(|error| error.to_string())?;
        match plan(&walked.located, &Wish::Fix(Misplaced::Leave), this_year) {
            Plan::Change { change, steps: _ } => {
                let splice = format::edit(source, walked, &change).map_err(|error| error.to_string())?;
                let mut values = walked.located.places.iter().zip(&change.actions);
                let is_odd = |(place, action): (&Place, &Action)| *action == Action::Keep && place.stored().is_none();
                if !walked.located.forgiven && !values.any(is_odd) {
                    return Ok(());
                }
                let proved = prove(file, extension, &walked.located, &change, &splice);
                proved.map(drop).map_err(|error| error.to_string())
            }
            Plan::Nothing => Ok(()),
            Plan::Refuse(reason) => Err(reason),
        }
    });
    match tried {
        Some(Ok(())) => None,
        Some(Err(reason)) => Some(reason),
        None => Some(ReadError::ParserPanicked.to_string()),
    }
}

/// Asks the second reader, where there is something to ask, and adds its opinion to the findings. `head` has the beginning
/// of the file at hand.
fn describe(
    head: &Source,
    file: &(dyn ReadAt + Sync),
    located: &Located,
    inspection: &Inspection,
    findings: &mut [Finding],
) -> Description {
    let is_told = inspection.detail == Detail::All || !findings.is_empty();
    let is_doubted = findings.iter().any(is_judged_twice);
    let audio = match inspection.description {
        Describe::Nothing if !is_doubted => return Description::default(),
        Describe::Tags if !is_told => return Description::default(),
        Describe::TagsAndAudio if !is_told => return Description::default(),
        Describe::Nothing | Describe::Tags => Audio::Skip,
        Describe::TagsAndAudio => Audio::Describe,
    };
    if located.inflates {
        return Description::default();
    }
    let opinion = tags::opinion(head, located, audio);
    hear(&opinion, &located.places, findings);
    let mut description = self::description(opinion.ok(), located);
    if located.format == Format::Flac && audio == Audio::Describe {
        (description.flac_md5, description.flac_layout) = stated_samples(head, file);
    }
    description
}

/// What the second reader says of a recording, with the version that its tags have in fields of their own in the title.
pub(super) fn description(opinion: Option<Opinion>, located: &Located) -> Description {
    let Opinion {
        mut description,
        remixer,
        ..
    } = opinion.unwrap_or_default();
    let version = description.version.take();
    description.medium = description.medium.max(Some(located.medium()));
    let artist = description.artist.as_deref();
    description.title = description
        .title
        .map(|title| title_with_fields(&title, version.as_deref(), remixer.as_deref(), artist));
    description
}

/// Whether a finding is confirmed by the second reader.
fn is_judged_twice(finding: &Finding) -> bool {
    matches!(finding.kind, Kind::Missing | Kind::Malformed)
}

/// Adds the second opinion to the findings on which it differs: a code that the walk missed, or a value that the
/// walk reads in another way.
fn hear(opinion: &Result<Opinion, TagError>, places: &[Place], findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| is_judged_twice(finding)) {
        finding.second_opinion = match opinion {
            Ok(opinion) => opinion.other_code(places),
            Err(TagError::NoReader) => None,
            Err(error @ (TagError::Parse(_) | TagError::Demux(_) | TagError::Panicked)) => Some(error.to_string()),
        };
    }
}
