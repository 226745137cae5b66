//! Whether two files are one recording: the evidence, in the order in which it counts.
//!
//! Equal samples, then lengths, then the ear, then names; what these two hold together is asked about where both files are
//! lossless and hold other samples. Pure: what must be opened or decoded is asked of [`Senses`], and
//! only where what costs less has not decided. A person's word comes before all of it, and never gets here.
//! Invariant: weighing is symmetric in its verdict; neither the ear nor names make one recording of two that a version
//! word tells apart, and the ear makes none of two tracks of one list, nor of other albums by other artists.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::FileInfo;
use super::side::{Names, Side};
use crate::audio::compare::LENGTHS_DIFFER;
use crate::format::Format;
use crate::format::tags::Medium;
use crate::isrc::words::words;
use crate::judge::Severity;
use crate::judge::shared::clock;

/// How far the lengths of one recording in two formats may lie apart where nothing but names speaks for it: encoders pad.
pub const LENGTHS_FIT: Duration = Duration::from_secs(1);

/// Headers round, so that equal samples may seem to differ by this.
pub const LENGTHS_EQUAL: Duration = Duration::from_millis(20);

words! {
    /// Whether files are one recording, from what is gravest on.
    pub enum Verdict {
        DifferentRecordings = "different-recordings": "Different recordings",
        Undecided = "undecided": "Undecided",
        /// By names and lengths alone.
        PresumedSame = "presumed-same": "Presumed the same recording",
        SameRecording = "same-recording": "The same recording",
    }
}

impl Verdict {
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
pub struct Weighed {
    pub verdict: Verdict,
    pub evidence: Evidence,
}

impl Weighed {
    /// That a person must say whether they are one, and why.
    pub(super) fn question(why: OpenReason) -> Weighed {
        Weighed {
            verdict: Verdict::Undecided,
            evidence: Evidence::Open {
                names: Say::Perhaps,
                why: vec![why],
            },
        }
    }

    /// Whether something says that they are two recordings, if only their names.
    pub fn contradicts(&self) -> bool {
        match (self.verdict, &self.evidence) {
            (Verdict::DifferentRecordings, _) => true,
            (_, Evidence::Open { names, .. }) => matches!(names, Say::No | Say::TwoTracks),
            (Verdict::SameRecording | Verdict::PresumedSame | Verdict::Undecided, _) => false,
        }
    }

    /// Whether they stay apart whatever a third file is like: they are two recordings, or a person must say.
    pub fn keeps_apart(&self) -> bool {
        self.verdict == Verdict::DifferentRecordings || matches!(self.evidence, Evidence::OtherSamples(_))
    }

    /// Whether nothing decides and nothing speaks against one recording: what decides may not be known of one of them.
    pub fn is_silent(&self) -> bool {
        self.is_open_for(|why| matches!(why, OpenReason::Unheard(_)))
    }

    /// The same where they may be on two albums, as the single and the album have one recording.
    pub fn is_silent_but_for_albums(&self) -> bool {
        self.is_open_for(|why| matches!(why, OpenReason::Unheard(_) | OpenReason::Called("albums", _)))
    }

    fn is_open_for(&self, is_nothing: impl Fn(&OpenReason) -> bool) -> bool {
        match &self.evidence {
            Evidence::Open { names, why } => matches!(names, Say::Perhaps | Say::Nothing) && why.iter().all(is_nothing),
            _ => false,
        }
    }

    /// Whether something speaks for one recording, and nothing decides: what was heard, or the names.
    pub fn is_question(&self) -> bool {
        match (self.verdict, &self.evidence) {
            (Verdict::Undecided, Evidence::Ear(_) | Evidence::OtherSamples(_)) => true,
            (_, Evidence::Open { names, .. }) => *names == Say::Perhaps,
            (Verdict::SameRecording | Verdict::PresumedSame | Verdict::DifferentRecordings | Verdict::Undecided, _) => {
                false
            }
        }
    }
}

/// On what a verdict rests. As text a sentence without full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The decoded samples are equal, or the files are byte for byte.
    Samples,
    Lengths(Duration, Duration),
    /// What was heard.
    Ear(String),
    /// Both are lossless and hold other samples, though this would make them one.
    OtherSamples(Box<Evidence>),
    /// Number, title and length are the same.
    Names,
    /// Two formats of one name in one folder, and of one length.
    FileName,
    /// Title or number and the length are the same and so is the code, in folders of one album.
    Title,
    Number,
    /// Nothing decided.
    Open {
        names: Say,
        why: Vec<OpenReason>,
    },
}

/// What keeps files from being one recording, where nothing decides. As text part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenReason {
    TwoVersions,
    /// These words are in the title of one only, or in the name of its album or of its folder.
    OneCalled(String),
    OneOnAlbum(String),
    OneByPath(String),
    OneIs(Medium),
    /// The titles, artists or albums.
    Called(&'static str, [String; 2]),
    Tracks(u32, u32),
    /// Why nothing was heard.
    Unheard(String),
    SeveralOfOneFolder,
    /// The evidence that they are one says so of another recording, too.
    SoIsAnother(Box<Evidence>),
    /// The evidence that they are one; but one of them has the samples of a file of another name.
    HasTwin(Box<Evidence>),
}

impl fmt::Display for OpenReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenReason::TwoVersions => f.write_str("they are called two versions"),
            OpenReason::OneCalled(words) => write!(f, "only one is called {words:?}"),
            OpenReason::OneOnAlbum(words) => write!(f, "only one is on an album called {words:?}"),
            OpenReason::OneByPath(word) => write!(f, "only one is called {word:?} by its name or folder"),
            OpenReason::OneIs(medium) => write!(f, "only one {}", medium.told()),
            OpenReason::Called(what, [one, other]) => write!(f, "the {what} are {one:?} and {other:?}"),
            OpenReason::Tracks(one, other) => write!(f, "they are tracks {one} and {other}"),
            OpenReason::Unheard(why) => f.write_str(why),
            OpenReason::SeveralOfOneFolder => {
                f.write_str("several files of one format and folder have this number and title")
            }
            OpenReason::SoIsAnother(evidence) => write!(f, "{evidence}; but so is another recording"),
            OpenReason::HasTwin(evidence) => {
                write!(f, "{evidence}; but one has the samples of a file of another name")
            }
        }
    }
}

/// What names say where nothing decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// That the two may be one recording, so that it is worth a question.
    Perhaps,
    /// That they are two: other titles, other numbers.
    No,
    /// That they are two tracks of one list, which says more than a title that both have.
    TwoTracks,
    Nothing,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::Samples => f.write_str("the audio is identical"),
            Evidence::Lengths(a, b) => write!(f, "durations {} and {}", clock(*a.min(b)), clock(*a.max(b))),
            Evidence::Ear(heard) => f.write_str(heard),
            Evidence::OtherSamples(one) => write!(
                f,
                "{one}; but both are lossless and their samples differ: another master, mix or edit?"
            ),
            Evidence::Names => f.write_str("the same number, title and length"),
            Evidence::FileName => f.write_str("the same file name and length"),
            Evidence::Title => f.write_str("the same title and length"),
            Evidence::Number => f.write_str("the same number and length"),
            Evidence::Open { names: _, why } => match &why[..] {
                [] => f.write_str("the headers do not tell whether they are one recording"),
                [first, others @ ..] => {
                    first.fmt(f)?;
                    others.iter().try_for_each(|why| write!(f, "; {why}"))
                }
            },
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
pub trait Senses: Sync {
    /// Whether their decoded samples are equal, or the files byte for byte; `None` where that cannot be told, as of lossy
    /// files.
    fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool>;

    /// Of each of these files whose samples are known the first that has the same, by their index; many are told at once
    /// without comparing each with each.
    fn equal(&self, _paths: &[&Path]) -> Vec<(usize, usize)> {
        Vec::new()
    }

    /// Whether two lossless files of one rate hold other samples, for another reason than a gain, an offset or fewer bits;
    /// `None` where that cannot be told. Asked only of files that would be one recording else.
    fn other_samples(&self, _a: &Path, _b: &Path) -> Option<bool> {
        None
    }

    /// What the ear says; `None` where nobody listens.
    fn hear(&self, a: &Path, b: &Path) -> Option<Heard>;

    /// Why a file cannot be compared by ear, where somebody listens and it cannot.
    fn trouble(&self, _path: &Path) -> Option<String> {
        None
    }
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

/// The headers, and what belies them: samples are asked for only where files would be one without them.
pub struct Belied<'a>(pub &'a dyn Senses);

impl Senses for Belied<'_> {
    fn samples_equal(&self, _a: &Path, _b: &Path) -> Option<bool> {
        None
    }

    fn other_samples(&self, a: &Path, b: &Path) -> Option<bool> {
        self.0.other_samples(a, b)
    }

    fn hear(&self, _a: &Path, _b: &Path) -> Option<Heard> {
        None
    }
}

/// Whether a format never keeps the samples that it was made from.
fn is_lossy(file: &FileInfo) -> bool {
    use Format::*;
    matches!(file.format, Some(Mp3 | Aac | OggVorbis | OggOpus | OggSpeex | Musepack))
}

/// Whether two files are one recording, by the first evidence that decides.
pub fn weigh(one_side: &Side, other_side: &Side, senses: &dyn Senses) -> Weighed {
    let judged = |verdict, evidence| Weighed { verdict, evidence };
    let (a, b) = (one_side.file, other_side.file);
    let (one, other) = (&a.description, &b.description);
    if one.flac_md5.is_some() && one.flac_md5 == other.flac_md5 {
        return judged(Verdict::SameRecording, Evidence::Samples);
    }
    let lengths = one.duration.zip(other.duration);
    let other_lengths = lengths.filter(|(a, b)| a.abs_diff(*b) > LENGTHS_DIFFER);
    let may_be_equal = lengths.is_none_or(|(a, b)| a.abs_diff(b) <= LENGTHS_EQUAL);
    if may_be_equal && senses.samples_equal(&a.path, &b.path) == Some(true) {
        return judged(Verdict::SameRecording, Evidence::Samples);
    }
    // Silence in front and behind is no part of a recording, and headers may lie: whoever listens knows the lengths better.
    let heard = senses.hear(&a.path, &b.path);
    if let Some((a, b)) = other_lengths
        && matches!(heard, None | Some(Heard::Unable(_)))
    {
        return judged(Verdict::DifferentRecordings, Evidence::Lengths(a, b));
    }
    // An encoder changes samples, but between these two was none.
    let joined = |verdict, evidence| {
        let are_lossless = !is_lossy(a) && !is_lossy(b);
        let are_other = || senses.other_samples(&a.path, &b.path);
        match are_lossless && are_other().unwrap_or_else(|| one.states_other_samples(other)) {
            true => judged(Verdict::Undecided, Evidence::OtherSamples(Box::new(evidence))),
            false => judged(verdict, evidence),
        }
    };
    let names = Names::of(one_side, other_side);
    let open = |say, why| judged(Verdict::Undecided, Evidence::Open { names: say, why });
    let why = match heard {
        Some(Heard::Different(why)) => return judged(Verdict::DifferentRecordings, Evidence::Ear(why)),
        Some(Heard::Same(why)) => {
            let against = names.against.filter(|_| names.outweigh_ear);
            return match names.version.or(against) {
                None => joined(Verdict::SameRecording, Evidence::Ear(why)),
                Some(against) => judged(Verdict::Undecided, Evidence::Ear(format!("{against}; {why}"))),
            };
        }
        // What differs audibly is not presumed the same.
        Some(Heard::Undecided(why)) => return judged(Verdict::Undecided, Evidence::Ear(why)),
        Some(Heard::Unable(why)) => Some(why),
        None => None,
    };
    let fit = lengths.is_some_and(|(a, b)| a.abs_diff(b) <= LENGTHS_FIT);
    if let Some(version) = names.version {
        return open(names.say, vec![version]);
    }
    if let Some(evidence) = names.agree
        && fit
        && stand_apart(a, b)
    {
        return joined(Verdict::PresumedSame, evidence);
    }
    let why = names.against.into_iter().chain(why.map(OpenReason::Unheard));
    open(names.say, why.collect())
}

/// Whether what is at hand `now` is still the file that was `known`: the same audio, or at the same path the same in all
/// that it says of itself. Anything less may be another recording, and a file without a title may be any: "01.wav" is what
/// the next album calls its first track, too.
pub fn is_still(known: &FileInfo, now: &FileInfo) -> bool {
    let (one, other) = (&known.description, &now.description);
    if let (Some(one), Some(other)) = (one.flac_md5, other.flac_md5) {
        return one == other;
    }
    let lasts_as_long = match (one.duration, other.duration) {
        (Some(one), Some(other)) => one.abs_diff(other) <= LENGTHS_FIT,
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
    };
    let is_there = !known.path.as_os_str().is_empty() && known.path == now.path;
    let has_title = one.title.is_some() && other.title.is_some();
    let sides = Side::all([known, now]);
    is_there && has_title && lasts_as_long && sides[0].is_called_as(&sides[1])
}

/// Whether two files may be one recording twice: another format, or another folder. Two of one format in one folder are
/// rather two takes, or the introductions of two discs whose numbers nobody wrote down.
fn stand_apart(a: &FileInfo, b: &FileInfo) -> bool {
    a.format != b.format || a.path.parent() != b.path.parent()
}
