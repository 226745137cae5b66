//! What stands between a row and its file.

use std::borrow::Cow;
use std::fmt::Display;

use super::By;
use crate::isrc::Isrc;
use crate::list::Code;

/// Something that keeps rows from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Indices of the rows, rising; never empty.
    pub rows: Vec<usize>,
    pub what: What,
}

impl Problem {
    pub(super) fn of(row: usize, what: What) -> Problem {
        Problem { rows: vec![row], what }
    }
}

/// What the matter is. Files are told by their indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The code cannot be written.
    Unusable {
        text: String,
        /// A sentence without full stop.
        why: Cow<'static, str>,
    },
    /// One code in several rows, and not for one recording.
    Repeated { isrc: Isrc },
    /// The code is in another file that keeps it.
    Elsewhere { isrc: Isrc, file: usize },
    /// The file carries another valid code, and replacing was not asked for.
    Replaces { file: usize, before: Isrc, isrc: Isrc },
    /// The row says nothing to find a file by.
    NamesNothing,
    /// No file is as the row says.
    Unmatched { wanted: String },
    /// Track numbers do not tell files of several albums or discs apart.
    SeveralAlbums { wanted: String },
    Ambiguous {
        by: By,
        count: usize,
        /// The first few.
        candidates: Vec<usize>,
    },
    /// Several rows give one file different codes.
    SameFile { file: usize },
    /// The file is that of another row, or as likely, where that has no code to write.
    Claimed {
        file: usize,
        /// Index of the other row.
        row: usize,
    },
    /// What the row says is not so in the file that it finds.
    Contradicts {
        file: usize,
        of: Of,
        wanted: String,
        found: String,
    },
    /// The row's title is that of a file here, nothing else speaks for it, and most of the list is not here.
    TitleAlone { file: usize },
    /// The file is on another disc than those of the rows beside it, and the row says none.
    OffDisc { file: usize, disc: u32, others: u32 },
    /// The file is of another release than those of the rows beside it, most of which is not in the list.
    OffRelease {
        file: usize,
        /// One of theirs.
        beside: usize,
    },
    /// Rows say numbers alone, and fewer than there are tracks.
    FewerNumbers { rows: usize, tracks: usize },
}

/// In what a row and a file contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Title {
        /// The row's title is that of another file.
        moved: bool,
    },
    /// The artist or the album, where a path or a name found the file.
    Artist,
    Album,
    /// The title is the same but for a word that makes another version.
    Version,
    /// A row without a title says a version.
    VersionAlone,
    /// The file is a video beside audio, or a mix for more channels beside stereo, and the row does not say so.
    Medium,
    /// The list is of a later disc, and the file says nothing of a disc.
    Disc,
    Duration,
    /// The name of the file holds another code.
    CodeInName,
    /// The file has no such track in a CUESHEET block.
    CuesheetTrack,
}

impl What {
    /// Of what stands where a code should; none where it is one, or nothing.
    pub(super) fn of_unusable(code: &Code) -> Option<What> {
        match code {
            Code::Unusable { text, why } => Some(What::Unusable {
                text: text.clone(),
                why: why.clone(),
            }),
            Code::Isrc(_) | Code::None => None,
        }
    }

    pub(super) fn contradicts(file: usize, of: Of, wanted: impl Display, found: impl Display) -> What {
        let (wanted, found) = (wanted.to_string(), found.to_string());
        What::Contradicts {
            file,
            of,
            wanted,
            found,
        }
    }

    pub(super) fn ambiguous(by: By, files: &[usize]) -> What {
        What::Ambiguous {
            by,
            count: files.len(),
            candidates: files.iter().take(SHOWN).copied().collect(),
        }
    }

    /// The files that the row is or may be for.
    pub(super) fn files(&self) -> &[usize] {
        match self {
            What::Ambiguous { candidates, .. } => candidates,
            What::Elsewhere { file, .. }
            | What::Replaces { file, .. }
            | What::SameFile { file }
            | What::Claimed { file, .. }
            | What::Contradicts { file, .. }
            | What::OffDisc { file, .. }
            | What::OffRelease { file, .. }
            | What::TitleAlone { file } => std::slice::from_ref(file),
            _ => &[],
        }
    }

    /// Whether what the row names is not here.
    pub(super) fn is_missing(&self) -> bool {
        let of = |of: &Of| matches!(of, Of::Title { .. } | Of::Version | Of::VersionAlone | Of::Medium);
        matches!(
            self,
            What::Unmatched { .. } | What::OffDisc { .. } | What::Claimed { .. } | What::OffRelease { .. }
        ) || matches!(self, What::Contradicts { of: said, .. } if of(said))
    }
}

/// So many files are told that a row may be for.
const SHOWN: usize = 10;
