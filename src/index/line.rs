//! The lines of an index. A file's line has all keys of a scan's `file` object, and what a scan needs to tell the same
//! again without opening the file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::known::seal;
use super::{About, FileStamp};
use crate::discover::Found;
use crate::format::Format;
use crate::format::place::{Access, Place, PlaceName, Standing};
use crate::format::tags::{Description, FlacLayout, Medium};
use crate::isrc::Isrc;
use crate::isrc::decode::Repair;
use crate::judge::{Finding, Judged, Kind, explain};
use crate::recording::evidence::{Evidence, Verdict, Weighed};
use crate::recording::part::{Part, Parted};
use crate::report::Split;
use crate::report::jsonl::file_line;
use crate::report::summary::Summary;
use crate::scan::inspect::Inspected;
use crate::system::platform::name_from_bytes;
use crate::system::table::jsonl::{PathKeys, write_line};

/// What a line holds beside the keys of a `file` object.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct More {
    /// Every different code of the file, where it is not `isrc` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flac_md5: Option<String>,
    /// Rate, channels, bits and frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    flac_layout: Option<(u32, u16, u8, u64)>,
    /// None of stereo.
    #[serde(skip_serializing_if = "Option::is_none")]
    medium: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    empty_tracks: Vec<u8>,
    /// The finding for people, where it is not its `reason`; one for each finding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanations: Vec<Option<String>>,
    /// The place of each finding, by its index.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    about: Vec<Option<usize>>,
}

#[derive(Serialize)]
struct Written<T> {
    #[serde(flatten)]
    line: T,
    /// None where the file could not be opened, so that it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    stamp: Option<FileStamp>,
    /// It is a folder that could not be listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    folder: bool,
    more: More,
}

/// The line of an inspected file. It must have been described with its audio.
pub(super) fn file(found: &Found, file: &Inspected, stamp: Option<FileStamp>, this_year: u16) -> Vec<u8> {
    let judged = &file.judged;
    let findings = &judged.findings;
    let has_codes_of_its_own = judged.codes.len() != 1 || judged.isrc != Some(judged.codes[0]);
    let says_the_same = |finding: &Finding| finding.explanation == finding.reason;
    let more = More {
        codes: (has_codes_of_its_own && !judged.codes.is_empty())
            .then(|| judged.codes.iter().map(Isrc::to_string).collect()),
        version: file.description.version.clone(),
        duration: file.description.duration.map(|duration| duration.as_nanos() as u64),
        flac_md5: file.description.flac_md5.map(|md5| format!("{md5:032x}")),
        flac_layout: file.description.flac_layout.map(
            |FlacLayout {
                 rate,
                 channels,
                 bits,
                 frames,
             }| (rate, channels, bits, frames),
        ),
        medium: Some(file.description.medium.unwrap_or(Medium::Sound))
            .filter(|medium| *medium != Medium::Stereo)
            .map(|medium| medium.word().to_owned()),
        empty_tracks: file.empty_tracks.clone(),
        explanations: match findings.iter().all(says_the_same) {
            true => Vec::new(),
            false => findings
                .iter()
                .map(|finding| (!says_the_same(finding)).then(|| finding.explanation.to_string()))
                .collect(),
        },
        about: match findings.iter().all(|finding| finding.place.is_none()) {
            true => Vec::new(),
            false => findings.iter().map(|finding| finding.place).collect(),
        },
    };
    let line = file_line(found.path(), file, this_year);
    let folder = matches!(found, Found::Unwalkable { is_folder: true, .. });
    sealed(&Written {
        line,
        stamp,
        folder,
        more,
    })
}

fn sealed(line: &impl Serialize) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(1024);
    write_line(&mut sealed, line).expect("memory takes everything");
    seal(&mut sealed);
    sealed
}

/// A file that claims nothing by its name and is no audio. It is remembered so that it is not opened every time.
pub(super) fn other(path: &Path, stamp: FileStamp) -> Vec<u8> {
    #[derive(Serialize)]
    struct Other {
        r#type: &'static str,
        #[serde(flatten)]
        path: PathKeys,
        stamp: FileStamp,
    }
    let r#type = "other";
    let path = PathKeys::new(path);
    sealed(&Other { r#type, path, stamp })
}

/// The keys of any line that are looked at in every scan.
#[derive(Debug, Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    pub r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    path: Cow<'a, str>,
    #[serde(default)]
    path_bytes: Option<String>,
    #[serde(default)]
    folder: bool,
    #[serde(default)]
    pub stamp: Option<FileStamp>,
}

impl<'a> Head<'a> {
    /// None for a line that is no object of ours.
    pub fn parse(line: &'a [u8]) -> Option<Head<'a>> {
        serde_json::from_slice(line).ok()
    }

    /// As in [`Found::place`](crate::discover::Found::place).
    pub fn place(&self) -> Option<PathBuf> {
        let path = path_of(&self.path, self.path_bytes.as_deref())?;
        Some(if self.folder { path.join("") } else { path })
    }
}

/// All keys of a file's line.
#[derive(Debug, Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(default)]
    path_bytes: Option<String>,
    format: Option<String>,
    isrc: Option<String>,
    title: Option<String>,
    artist: Option<String>,
    album: Option<String>,
    disc: Option<u32>,
    track: Option<u32>,
    /// Seconds, in lines of other programs' making.
    #[serde(default)]
    duration: Option<f64>,
    #[serde(borrow)]
    places: Vec<WholePlace<'a>>,
    #[serde(borrow)]
    findings: Vec<WholeFinding<'a>>,
    #[serde(default)]
    more: Option<More>,
}

#[derive(Debug, Deserialize)]
struct WholePlace<'a> {
    #[serde(borrow)]
    place: Cow<'a, str>,
    #[serde(default)]
    key: Option<String>,
    value: String,
}

#[derive(Debug, Deserialize)]
struct WholeFinding<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    place: Option<String>,
    #[serde(default)]
    repair: Option<String>,
    reason: String,
    #[serde(default)]
    suggestions: Vec<String>,
    #[serde(default)]
    second_opinion: Option<String>,
}

/// The path and the file of a line, as they went into it; `None` for a line that does not hold one.
pub fn read_file(line: &[u8]) -> Option<(PathBuf, Inspected)> {
    // Checked once for all of its strings.
    let whole: Whole<'_> = serde_json::from_str(std::str::from_utf8(line).ok()?).ok()?;
    let path = path_of(&whole.path, whole.path_bytes.as_deref())?;
    let mut more = whole.more.unwrap_or_default();
    let places: Vec<Place> = whole.places.into_iter().map(place).collect();
    let isrc = whole.isrc.as_deref().and_then(Isrc::from_stored);
    let stored = |codes: &[String]| codes.iter().filter_map(|code| Isrc::from_stored(code)).collect();
    let codes = match &more.codes {
        Some(codes) => stored(codes),
        None => isrc.into_iter().collect(),
    };
    let findings = whole.findings.into_iter().enumerate().map(|(number, finding)| {
        let told = more.explanations.get_mut(number).and_then(Option::take);
        let named = |name: &String| places.iter().position(|place| place.name.to_string() == *name);
        let about = match more.about.get(number) {
            Some(place) => *place,
            None => finding.place.as_ref().and_then(named),
        };
        let explained = || explain(&finding.reason, places.get(about?)?);
        Some(Finding {
            kind: kind_of(&finding.kind)?,
            place: about,
            explanation: told
                .map(Cow::Owned)
                .or_else(explained)
                .unwrap_or_else(|| finding.reason.clone().into()),
            reason: finding.reason.into(),
            repair: finding.repair.as_deref().and_then(Repair::of_word),
            suggestions: stored(&finding.suggestions),
            second_opinion: finding.second_opinion,
            new: false,
        })
    });
    let findings = findings.collect::<Option<Vec<Finding>>>()?;
    let seconds = whole.duration.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    let file = Inspected {
        format: whole.format.as_deref().and_then(Format::of_word),
        places,
        judged: Judged { isrc, codes, findings },
        description: Description {
            title: whole.title,
            version: more.version,
            artist: whole.artist,
            album: whole.album,
            disc: whole.disc,
            track: whole.track,
            duration: more
                .duration
                .map(Duration::from_nanos)
                .or_else(|| seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())),
            flac_md5: more.flac_md5.and_then(|md5| u128::from_str_radix(&md5, 16).ok()),
            flac_layout: more.flac_layout.map(|(rate, channels, bits, frames)| FlacLayout {
                rate,
                channels,
                bits,
                frames,
            }),
            medium: Some(
                more.medium
                    .as_deref()
                    .and_then(Medium::of_word)
                    .unwrap_or(Medium::Stereo),
            ),
        },
        empty_tracks: more.empty_tracks,
        ..Inspected::default()
    };
    Some((path, file))
}

/// What the last line says of its index; `None` for a line that is not the last of an index.
pub(super) fn read_about(line: &[u8]) -> Option<About> {
    #[derive(Deserialize)]
    struct LastLine {
        r#type: String,
        index: About,
    }
    let summary: LastLine = serde_json::from_slice(line).ok()?;
    (summary.r#type == "summary").then_some(summary.index)
}

/// The totals of a scan's last line.
pub(super) fn read_summary(line: &[u8]) -> Option<Summary> {
    serde_json::from_slice(line).ok()
}

/// A group of files on one code, as an earlier scan told it.
#[derive(Debug, Deserialize)]
pub(super) struct KnownShared {
    pub isrc: String,
    #[serde(default)]
    pub verdict: String,
    pub severity: String,
    #[serde(default)]
    evidence: String,
    paths: Vec<String>,
    #[serde(default)]
    paths_bytes: Option<Vec<Option<String>>>,
    #[serde(default)]
    recordings: Vec<Vec<String>>,
}

impl KnownShared {
    /// Whether it is about these very files.
    pub(super) fn is_about(&self, mut paths: impl Iterator<Item = PathBuf>) -> bool {
        let mut known = self.paths();
        known.all(|known| paths.next().is_some_and(|path| path.as_os_str() == known.as_os_str()))
            && paths.next().is_none()
    }

    /// What was made of its files; none where its recordings are not all of them, each once.
    pub(super) fn parted(&self) -> Option<Parted> {
        let numbers: HashMap<&String, usize> = self.paths.iter().zip(0..).collect();
        let parts = self.recordings.iter().map(|recording| {
            let files = recording.iter().map(|path| numbers.get(path).copied());
            Some(Part {
                files: files.collect::<Option<Vec<usize>>>()?,
                together: None,
            })
        });
        let parts = parts.collect::<Option<Vec<Part>>>()?;
        let mut named: Vec<usize> = parts.iter().flat_map(|part| part.files.iter().copied()).collect();
        named.sort_unstable();
        let told = Weighed {
            verdict: Verdict::of_word(&self.verdict)?,
            evidence: Evidence::Ear(self.evidence.clone()),
        };
        named.into_iter().eq(0..self.paths.len()).then_some(Parted {
            parts,
            pairs: Vec::new(),
            told: Some(told),
        })
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        paths_of(&self.paths, self.paths_bytes.as_deref())
    }
}

/// The paths of a group; of those that are no text the bytes are beside it.
fn paths_of<'l>(paths: &'l [String], bytes: Option<&'l [Option<String>]>) -> impl Iterator<Item = PathBuf> + 'l {
    let bytes_of = move |at: usize| bytes?.get(at)?.as_deref();
    let path = move |(at, path): (usize, &String)| path_of(path, bytes_of(at));
    paths.iter().enumerate().filter_map(path)
}

/// A recording with several codes, as an earlier scan heard it.
pub(super) fn read_split(line: &[u8]) -> Option<Split> {
    #[derive(Deserialize)]
    struct KnownSplit {
        evidence: String,
        isrcs: Vec<String>,
        paths: Vec<String>,
        #[serde(default)]
        paths_bytes: Option<Vec<Option<String>>>,
    }
    let line: KnownSplit = serde_json::from_slice(line).ok()?;
    let paths: Vec<PathBuf> = paths_of(&line.paths, line.paths_bytes.as_deref()).collect();
    let codes: Option<Vec<Isrc>> = line.isrcs.iter().map(|isrc| Isrc::from_stored(isrc)).collect();
    let codes = codes.filter(|codes| codes.len() == paths.len())?;
    Some(Split {
        evidence: line.evidence,
        files: paths.into_iter().zip(codes).collect(),
        new: false,
    })
}

fn place(place: WholePlace<'_>) -> Place {
    Place {
        name: PlaceName::new(place.place.into_owned()),
        key: place.key.map(String::into_boxed_str),
        text: place.value,
        span: 0..0,
        item: 0,
        standing: Standing::Standard,
        access: Access::ReadOnly,
    }
}

fn path_of(text: &str, bytes: Option<&str>) -> Option<PathBuf> {
    match bytes {
        None if text.is_empty() => None,
        None => Some(PathBuf::from(text)),
        Some(bytes) => STANDARD
            .decode(bytes)
            .ok()
            .map(|bytes| PathBuf::from(name_from_bytes(&bytes))),
    }
}

pub(super) fn kind_of(word: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.word() == word)
}
