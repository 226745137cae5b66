//! What a walk notes on its way: places, words, and what keeps a file from being edited. With the [`Tree`] that a walk may
//! declare as it goes, that is all there is to a container.

use std::fmt;
use std::ops::Range;

use super::place::{self, Access, Change, Label, Place, PlaceName, Standing};
use super::words::{Description, Holds, Medium};
use super::{Layout, Located, Splice, SpliceError, WalkOutcome, apev2, behind, edit, values};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Seat, Tree};
use crate::format::stream::identify::Front;

#[derive(Debug, Clone, Default)]
pub(super) struct Notes {
    pub places: Vec<Place>,
    pub words: Description,
    /// Why the file is read and not edited.
    pub trouble: Option<&'static str>,
    /// Why codes may be in it that were not seen.
    pub doubt: Option<&'static str>,
    /// How many of the places are those of tags behind the container. They are the last ones.
    pub behind: usize,
    /// Whether every track so far is said to hold what is no audio; none without tracks.
    is_silent: Option<bool>,
    /// How many more parts are looked at.
    steps: u32,
}

impl Notes {
    pub(super) fn new(front: &Front, steps: u32) -> Notes {
        Notes::of(front.odd_places(), steps)
    }

    /// With the places in front of the container.
    pub(super) fn of(places: Vec<Place>, steps: u32) -> Notes {
        Notes {
            places,
            steps,
            ..Notes::default()
        }
    }

    /// One more part is looked at.
    pub(super) fn spend(&mut self) -> Result<(), ReadError> {
        const TOO_MANY: ReadError = ReadError::Damaged("it has more parts than any real file");
        self.steps = self.steps.checked_sub(1).ok_or(TOO_MANY)?;
        Ok(())
    }

    pub(super) fn hides(&mut self, doubt: &'static str) {
        self.doubt.get_or_insert(doubt);
    }

    pub(super) fn troubles(&mut self, trouble: &'static str) {
        self.trouble.get_or_insert(trouble);
    }

    pub(super) fn track(&mut self, holds: Holds) {
        let (is_silent, medium) = match holds {
            Holds::Sound => (false, None),
            Holds::Surround => (false, Some(Medium::Surround)),
            Holds::Video => (true, Some(Medium::Video)),
            Holds::Other => (true, None),
        };
        self.is_silent = Some(is_silent && self.is_silent != Some(false));
        self.words.medium = self.words.medium.max(medium);
    }

    /// What is wrong with the file, if anything is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        self.doubt.or(self.trouble)
    }

    /// The codes of one item are places, and this is where they are, and what a new code does to the item. `key` is that of
    /// `name`, as it is written; `text` is at `span`, and a character of ASCII takes `unit` bytes in it. An empty text is
    /// no place.
    pub(super) fn item(
        &mut self,
        place: String,
        (key, name): (&str, &str),
        standing: Standing,
        text: &str,
        (span, unit): (&Range<u64>, u64),
    ) -> Result<(Vec<Range<u64>>, Seat), ReadError> {
        // Few programs look for a key with something behind it.
        let standing = match key.len() == name.len() {
            false if standing.is_standard() => Standing::Odd,
            _ => standing,
        };
        let seat = Seat::standard(standing.is_standard());
        if text.is_empty() {
            return Ok((Vec::new(), seat));
        }
        let pieces = values::pieces(text, span, unit);
        place::limit(self.places.len() + pieces.len())?;
        let codes = pieces.iter().map(|(span, _)| span.clone()).collect();
        let key = (key != name).then(|| key.into());
        Label::of(PlaceName::new(place), key, standing).add(pieces, &mut self.places);
        Ok((codes, seat))
    }

    /// Looks for tags behind the container, which ends at `end`: no program expects them there, so that they are only read.
    pub(super) fn look_behind(&mut self, source: &mut Source, end: u64) -> Result<(), ReadError> {
        if source.len().saturating_sub(end) < apev2::FRAME {
            return Ok(());
        }
        let behind = behind::walk(source, end)?;
        let first = self.places.len();
        behind.places(&mut self.places);
        self.behind = self.places.len() - first;
        for place in &mut self.places[first..] {
            place.access = Access::ReadOnly;
        }
        if let Some(doubt) = behind.doubt() {
            self.hides(doubt);
        }
        Ok(())
    }

    /// What they say of the file, which is taken out of them.
    pub(super) fn located(&mut self, front: &Front) -> Result<Located, ReadError> {
        let doubt = self.doubt.or(front.doubt());
        // What has a code is somebody's recording all the same, and what was not seen may be audio.
        if self.is_silent == Some(true) && self.places.is_empty() && doubt.is_none() {
            return Err(ReadError::NoTrack);
        }
        let words = std::mem::take(&mut self.words);
        Ok(Located {
            words: Some(words).filter(|words| *words != Description::default()),
            doubt: self.doubt,
            ..Located::certain(front.format, std::mem::take(&mut self.places))
        })
    }

    /// Of a container that is this one tree.
    pub(super) fn found(
        mut self,
        front: &Front,
        mut tree: Tree<'static>,
        audio: Vec<Range<u64>>,
        names_of_tags: Vec<(u64, [u8; 4])>,
    ) -> Result<WalkOutcome, ReadError> {
        tree.leave_alone(self.behind);
        let layout = OneTree {
            tree,
            audio,
            trouble: self.fault(),
            names_of_tags,
        };
        Ok(WalkOutcome::of(self.located(front)?, layout))
    }
}

/// Which name of a code a key is, in any case. Some programs leave a space, a zero byte or a byte order mark around it.
pub(super) fn code_name(key: &str) -> Option<&'static str> {
    let named = key.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\0' | '\u{FEFF}'));
    ["ISRC", "TSRC", "WM/ISRC"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(named))
}

struct OneTree {
    tree: Tree<'static>,
    audio: Vec<Range<u64>>,
    trouble: Option<&'static str>,
    names_of_tags: Vec<(u64, [u8; 4])>,
}

impl fmt::Debug for OneTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneTree").finish_non_exhaustive()
    }
}

impl Layout for OneTree {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        edit::splice(source, front, self.audio.clone(), self.trouble, change, |_| {
            Ok(&self.tree)
        })
    }

    fn names_of_tags(&self) -> Vec<(u64, [u8; 4])> {
        self.names_of_tags.clone()
    }
}
