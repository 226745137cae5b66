//! Whether two files are one recording: the evidence, in the order in which it counts.
//!
//! Equal samples, then lengths, then the ear, then names. Pure: what must be opened or decoded is asked of [`Senses`], and
//! only where what costs less has not decided. A person's word comes before all of it, and never gets here.
//! Invariant: weighing is symmetric in its verdict, and neither the ear nor names make one recording of two that a
//! version word tells apart.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::fold::{names_touch, whole_title};
use super::versions::{self, Titles};
use super::{FileInfo, album_key, called};
use crate::audio::compare::LENGTHS_DIFFER;
use crate::judge::Severity;
use crate::judge::shared::clock;
use crate::tags::Description;

/// How far the lengths of one recording in two formats may lie apart where nothing but names speaks for it: encoders pad.
pub const LENGTHS_FIT: Duration = Duration::from_secs(1);

/// Headers round, so that equal samples may seem to differ by this.
const LENGTHS_EQUAL: Duration = Duration::from_millis(20);

/// Whether files are one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    SameRecording,
    /// By names and lengths alone.
    PresumedSame,
    DifferentRecordings,
    Undecided,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Verdict::SameRecording => "same-recording",
            Verdict::PresumedSame => "presumed-same",
            Verdict::DifferentRecordings => "different-recordings",
            Verdict::Undecided => "undecided",
        }
    }

    /// One code on one recording in several files is as it should be.
    pub fn severity(self) -> Severity {
        match self {
            Verdict::SameRecording | Verdict::PresumedSame => Severity::Info,
            Verdict::DifferentRecordings | Verdict::Undecided => Severity::Error,
        }
    }
}

/// What two files say about each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub verdict: Verdict,
    pub evidence: Evidence,
}

/// On what a verdict rests. As text a sentence without full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The decoded samples are equal, or the files are byte for byte.
    Samples,
    Lengths(Duration, Duration),
    /// What was heard.
    Ear(String),
    /// Number, title and length are the same.
    Names,
    /// Nothing decided.
    Open {
        /// Whether something speaks for one recording, so that it is worth a question.
        suspected: bool,
        why: String,
    },
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::Samples => f.write_str("the audio is identical"),
            Evidence::Lengths(a, b) => write!(f, "durations {} and {}", clock(*a.min(b)), clock(*a.max(b))),
            Evidence::Ear(heard) => f.write_str(heard),
            Evidence::Names => f.write_str("the same number, title and length"),
            Evidence::Open { suspected: _, why } => f.write_str(why),
        }
    }
}

/// What is heard of two files, with the reason as a sentence without full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Same(String),
    Different(String),
    /// They were compared, and lie between.
    Undecided(String),
    /// One of them cannot be compared: too short, silent, without a decoder.
    Unable(String),
}

/// What can be asked of two files beyond their headers. It costs reading and decoding, so it is asked last.
pub trait Senses {
    /// Whether their decoded samples are equal, or the files byte for byte; `None` where that cannot be told, as of lossy
    /// files.
    fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool>;

    /// What the ear says; `None` where nobody listens.
    fn hear(&self, a: &Path, b: &Path) -> Option<Heard>;
}

/// Nothing but what the headers say.
#[derive(Debug, Clone, Copy)]
pub struct Headers;

impl Senses for Headers {
    fn samples_equal(&self, _a: &Path, _b: &Path) -> Option<bool> {
        None
    }

    fn hear(&self, _a: &Path, _b: &Path) -> Option<Heard> {
        None
    }
}

/// Whether two files are one recording, by the first evidence that decides.
pub fn weigh(a: &FileInfo, b: &FileInfo, senses: &dyn Senses) -> Judged {
    let judged = |verdict, evidence| Judged { verdict, evidence };
    let (one, other) = (&a.description, &b.description);
    if one.flac_md5.is_some() && one.flac_md5 == other.flac_md5 {
        return judged(Verdict::SameRecording, Evidence::Samples);
    }
    let lengths = one.duration.zip(other.duration);
    // Equal samples have equal lengths, so that the cheaper question may come first.
    if let Some((a, b)) = lengths
        && a.abs_diff(b) > LENGTHS_DIFFER
    {
        return judged(Verdict::DifferentRecordings, Evidence::Lengths(a, b));
    }
    let may_be_equal = lengths.is_none_or(|(a, b)| a.abs_diff(b) <= LENGTHS_EQUAL);
    if may_be_equal && senses.samples_equal(&a.path, &b.path) == Some(true) {
        return judged(Verdict::SameRecording, Evidence::Samples);
    }
    let names = Names::of(a, b);
    let open = |why: String| {
        judged(
            Verdict::Undecided,
            Evidence::Open {
                suspected: names.touch,
                why,
            },
        )
    };
    let why = match senses.hear(&a.path, &b.path) {
        Some(Heard::Different(why)) => return judged(Verdict::DifferentRecordings, Evidence::Ear(why)),
        Some(Heard::Same(why)) => {
            return match &names.version {
                None => judged(Verdict::SameRecording, Evidence::Ear(why)),
                Some(version) => judged(
                    Verdict::Undecided,
                    Evidence::Open {
                        suspected: true,
                        why: format!("{version}; {why}"),
                    },
                ),
            };
        }
        // What differs audibly is not presumed the same.
        Some(Heard::Undecided(why)) => {
            return judged(Verdict::Undecided, Evidence::Open { suspected: true, why });
        }
        Some(Heard::Unable(why)) => Some(why),
        None => None,
    };
    let fit = lengths.is_some_and(|(a, b)| a.abs_diff(b) <= LENGTHS_FIT);
    if let Some(version) = names.version {
        return open(version);
    }
    if names.agree && fit && stand_apart(a, b) {
        return judged(Verdict::PresumedSame, Evidence::Names);
    }
    open(why.unwrap_or_else(|| "the headers do not tell whether they are one recording".to_owned()))
}

/// Whether two files may be one recording twice: another format, or another folder. Two of one format in one folder are
/// rather two takes, or the introductions of two discs whose numbers nobody wrote down.
fn stand_apart(a: &FileInfo, b: &FileInfo) -> bool {
    a.format != b.format || a.path.parent() != b.path.parent()
}

/// What the names of two files say.
struct Names {
    /// Disc, track and title are known and equal, and nothing else contradicts.
    agree: bool,
    /// They may be one recording: the same title but for the version, or the same number of one release.
    touch: bool,
    /// The word that makes another version of one of them, as a sentence.
    version: Option<String>,
}

impl Names {
    fn of(a: &FileInfo, b: &FileInfo) -> Names {
        let (one, other) = (called(a), called(b));
        let titles = match (whole(&one), whole(&other)) {
            (Some(one), Some(other)) => Some(versions::compare(&one, &other)),
            (None, _) | (_, None) => None,
        };
        let albums = one.album.as_deref().zip(other.album.as_deref());
        let albums = albums.map(|(one, other)| (names_touch(one, other), versions::compare(one, other)));
        // The live album beside the studio one.
        let version = match (&titles, &albums) {
            (Some(Titles::OneSided(words)), _) => Some(format!("only one is called {words:?}")),
            (_, Some((_, Titles::OneSided(words)))) => Some(format!("only one is on an album called {words:?}")),
            _ => None,
        };
        let artists_agree = match (&one.artist, &other.artist) {
            (Some(one), Some(other)) => names_touch(one, other),
            (None, _) | (_, None) => true,
        };
        let number = |called: &Description| Some((called.disc.unwrap_or(1), called.track?));
        let numbers = number(&one).zip(number(&other)).map(|(one, other)| one == other);
        let is_one_list = a.format == b.format && a.path.parent() == b.path.parent();
        let title_touches = match &titles {
            // One list of tracks has one title twice; a version of a track stands beside it.
            Some(Titles::Same) => !is_one_list || numbers != Some(false),
            Some(Titles::OneSided(_)) => true,
            Some(Titles::Different) => false,
            None => numbers == Some(true) && album_key(a) == album_key(b),
        };
        Names {
            agree: titles == Some(Titles::Same)
                && numbers == Some(true)
                && version.is_none()
                && artists_agree
                && albums.is_none_or(|(touch, _)| touch),
            touch: artists_agree && title_touches,
            version,
        }
    }
}

/// The title with its version, where there is one that says something.
fn whole(called: &Description) -> Option<String> {
    let title = called.title.as_deref().filter(|title| !title.trim().is_empty())?;
    Some(whole_title(title, called.version.as_deref()))
}
