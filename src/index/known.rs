//! What a scan needs of a file that has not changed, from its line, at the cost of little more than a copy.
//!
//! A line ends with a checksum of what is before it. Where that is right, the line is one that this program wrote,
//! so that keys can be found by their text: inside of JSON strings no quotation mark is without a backslash before it.
//! Invariant: a line whose checksum is wrong, by whatever hand, is not used.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::FileStamp;
use super::line::{Head, kind_of};
use super::lines::IndexLine;
use crate::isrc::Isrc;
use crate::isrc::decode::Repair;
use crate::judge::Kind;
use crate::system::platform::name_from_bytes;

/// What an earlier scan knew of a file.
#[derive(Debug, Default)]
pub struct Known {
    pub line: IndexLine,
    pub stamp: Option<FileStamp>,
    /// None of a file that is no audio.
    pub audio: Option<Audio>,
}

/// What is told and counted of an audio file.
#[derive(Debug)]
pub struct Audio {
    pub codes: Codes,
    pub kinds: Vec<(Kind, Option<Repair>)>,
    /// One bit for each finding that an earlier scan had not, from the lowest on.
    pub new: u64,
}

/// The codes of a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Codes {
    pub isrc: Option<Isrc>,
    /// Every different one, where it is not that one alone.
    pub several: Vec<Isrc>,
}

impl Codes {
    pub fn all(&self) -> &[Isrc] {
        match self.several.is_empty() {
            true => self.isrc.as_slice(),
            false => &self.several,
        }
    }
}

/// Where the path of a line is.
#[derive(Debug)]
pub enum LinePath {
    /// In the line, as it is.
    Plain(Range<usize>),
    Decoded(PathBuf),
}

impl LinePath {
    pub fn is(&self, path: &Path, known: &Known) -> bool {
        match self {
            LinePath::Plain(range) => known.line[range.clone()] == *path.as_os_str().as_encoded_bytes(),
            LinePath::Decoded(decoded) => decoded.as_os_str() == path.as_os_str(),
        }
    }

    pub fn path(&self, known: &Known) -> PathBuf {
        match self {
            LinePath::Plain(range) => PathBuf::from(name_from_bytes(&known.line[range.clone()])),
            LinePath::Decoded(decoded) => decoded.clone(),
        }
    }
}

const SUM: &[u8] = b",\"sum\":\"";

/// The bytes of the end of a line: the key, eight digits, and what closes the object.
const SUM_LEN: usize = SUM.len() + 8 + 3;

/// Adds its checksum to a line of an object, and ends it.
pub(super) fn seal(line: &mut Vec<u8>) {
    let end = line.strip_suffix(b"}\n").expect("a line of an object").len();
    line.truncate(end);
    let sum = sum(line);
    line.extend_from_slice(SUM);
    line.extend_from_slice(format!("{sum:08x}\"}}\n").as_bytes());
}

/// What is before the checksum of a line, if that is right.
pub(super) fn unsealed(line: &[u8]) -> Option<&[u8]> {
    let (before, end) = line.split_at_checked(line.len().checked_sub(SUM_LEN)?)?;
    let digits = end.strip_prefix(SUM)?.strip_suffix(b"\"}\n")?;
    let stated = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (stated == sum(before)).then_some(before)
}

fn sum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

impl Known {
    /// Of the line of a file; the line itself, if it is none or cannot be trusted.
    pub fn of(line: IndexLine) -> Result<(LinePath, Known), IndexLine> {
        match read(&line) {
            Some((place, known)) => Ok((place, Known { line, ..known })),
            None => Err(line),
        }
    }
}

/// All of it but the line.
fn read(line: &[u8]) -> Option<(LinePath, Known)> {
    static ISRC: LazyLock<Finder> = LazyLock::new(|| Finder::new(",\"isrc\":"));
    let sealed = unsealed(line)?;
    let rest = sealed.strip_prefix(b"{\"type\":\"")?;
    let (is_audio, rest) = match rest.strip_prefix(b"file\",\"path\":\"") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(b"other\",\"path\":\"")?),
    };
    let end = memchr::memchr2(b'"', b'\\', rest)?;
    let start = sealed.len() - rest.len();
    let behind = &rest[end..];
    let more_at = match is_audio {
        true => last(sealed, b",\"more\":", b'{')?,
        false => sealed.len(),
    };
    let is_folder = sealed[..more_at].ends_with(b",\"folder\":true");
    let is_plain = behind[0] == b'"' && !behind[1..].starts_with(b",\"path_bytes\":") && !is_folder;
    let place = match is_plain {
        true => LinePath::Plain(start..start + end),
        false => LinePath::Decoded(Head::parse(line)?.place()?),
    };
    if !is_audio {
        let stamp = stamp(sealed, sealed.len());
        return Some((
            place,
            Known {
                stamp,
                ..Known::default()
            },
        ));
    }
    let isrc_at = ISRC.find(behind)? + ",\"isrc\":".len();
    let isrc = behind[isrc_at..].strip_prefix(b"\"").and_then(|code| code.get(..12));
    let findings = b",\"findings\":";
    let findings_at = last(&sealed[..more_at], findings, b'[')? + findings.len() + 1;
    Some((
        place,
        Known {
            line: IndexLine::default(),
            stamp: stamp(sealed, more_at),
            audio: Some(Audio {
                codes: Codes {
                    isrc: isrc.and_then(|code| Isrc::from_bytes(code.try_into().ok()?)),
                    several: several(&sealed[more_at..]),
                },
                kinds: kinds(&sealed[findings_at..more_at])?,
                new: 0,
            }),
        },
    ))
}

/// Where a key begins that is last in a line, before a value that opens so. Most values that are looked for are short
/// and are near the end.
fn last(line: &[u8], key: &[u8], opens: u8) -> Option<usize> {
    let mut opening = memchr::memrchr_iter(opens, line);
    opening.find_map(|at| line[..at].strip_suffix(key)).map(<[u8]>::len)
}

/// The stamp that ends there, if there is one.
fn stamp(line: &[u8], end: usize) -> Option<FileStamp> {
    // The longest is shorter.
    let rest = &line[end.saturating_sub(160)..end];
    let mut rest = &rest[last(rest, b",\"stamp\":", b'{')?..];
    Some(FileStamp {
        size: number(&mut rest, ",\"stamp\":{\"size\":")?,
        mtime_ns: number(&mut rest, ",\"mtime_ns\":")?,
        ctime_ns: number(&mut rest, ",\"ctime_ns\":")?,
        inode: number(&mut rest, ",\"inode\":")?,
    })
}

/// The number behind a key with which some bytes begin. Both are taken from them.
fn number<N: FromStr>(bytes: &mut &[u8], key: &str) -> Option<N> {
    let number = bytes.strip_prefix(key.as_bytes())?;
    let is_of_number = |byte: &&u8| byte.is_ascii_digit() || **byte == b'-';
    let len = number.iter().take_while(is_of_number).count();
    let (number, rest) = number.split_at(len);
    *bytes = rest;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// The codes of `more`, where it has any.
fn several(more: &[u8]) -> Vec<Isrc> {
    const KEY: &[u8] = b",\"more\":{\"codes\":[";
    let Some(rest) = more.strip_prefix(KEY) else {
        return Vec::new();
    };
    let list = rest.split(|byte| *byte == b']').next().unwrap_or_default();
    let codes = list
        .split(|byte| *byte == b'"')
        .filter_map(|code| Isrc::from_bytes(code.try_into().ok()?));
    codes.collect()
}

/// The kinds of the findings of a list that begins there, each with its repair; none if one is not known.
fn kinds(findings: &[u8]) -> Option<Vec<(Kind, Option<Repair>)>> {
    let mut kinds = Vec::new();
    if findings.starts_with(b"]") {
        return Some(kinds);
    }
    let word = |bytes: &[u8], key: &[u8]| -> Option<String> {
        let at = memchr::memmem::find(bytes, key)? + key.len();
        let len = memchr::memchr(b'"', &bytes[at..])?;
        String::from_utf8(bytes[at..at + len].to_vec()).ok()
    };
    let mut starts = memchr::memmem::find_iter(findings, b"{\"kind\":\"").peekable();
    while let Some(start) = starts.next() {
        let end = starts.peek().copied().unwrap_or(findings.len());
        let finding = &findings[start..end];
        let kind = kind_of(&word(finding, b"{\"kind\":\"")?)?;
        kinds.push((
            kind,
            word(finding, b",\"repair\":\"").and_then(|word| Repair::of_word(&word)),
        ));
    }
    Some(kinds)
}
