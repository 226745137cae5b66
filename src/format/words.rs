//! What is said of a recording beside codes; a container's own walk reads it, for the kinds that no second reader describes.

use std::time::Duration;

use crate::isrc::words::words;

/// A longer text is no title.
pub(super) const LONGEST_TEXT: u64 = 4096;

/// What is known of a recording beside its codes: from a file's tags and headers, from a row of a list, or from the
/// ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    pub title: Option<String>,
    /// What tells this version from others, where it is not in the title.
    pub version: Option<String>,
    pub artist: Option<String>,
    pub album: Option<String>,
    pub disc: Option<u32>,
    pub track: Option<u32>,
    /// Of the audio, as its headers say.
    pub duration: Option<Duration>,
    /// MD5 of the unencoded audio, from a FLAC's STREAMINFO block; none if the encoder left it zero, nor of silence, which
    /// is no evidence of anything.
    pub flac_md5: Option<u128>,
    /// In what layout a FLAC has the samples of its MD5.
    pub flac_layout: Option<FlacLayout>,
    /// Of a file, by its headers; what is in a list or a ledger may be any.
    pub medium: Option<Medium>,
}

words! {
    /// What a recording is for: of one title each is a recording of its own.
    pub enum Medium {
        /// In a number of channels that is not known.
        Sound = "sound",
        /// In one or two channels.
        Stereo = "stereo",
        /// In more.
        Surround = "surround",
        /// With pictures that move. A cover is none.
        Video = "video",
    }
}

impl Medium {
    pub(super) fn of_channels(channels: u8) -> Medium {
        match channels {
            0 => Medium::Sound,
            1 | 2 => Medium::Stereo,
            3.. => Medium::Surround,
        }
    }

    /// Of two that cannot be those of one recording, the one that other files of that title rather are not.
    pub fn apart(self, other: Medium) -> Option<Medium> {
        let are_sound = self.max(other) < Medium::Video;
        let is_open = are_sound && self.min(other) == Medium::Sound;
        (self != other && !is_open).then_some(self.max(other))
    }

    /// What a file of it does: `it is a video`.
    pub fn told(self) -> &'static str {
        match self {
            Medium::Video => "is a video",
            Medium::Surround => "has more than two channels",
            Medium::Stereo | Medium::Sound => "is sound alone",
        }
    }
}

/// What a track of a container holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Sound, or what is not known.
    Sound,
    /// Sound in more than two channels.
    Surround,
    Video,
    /// Pictures, texts, commands.
    Other,
}

/// How the samples of a FLAC are laid out, by its STREAMINFO block: two MD5s of one layout are of other samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlacLayout {
    /// Frames a second.
    pub rate: u32,
    pub channels: u16,
    /// Of one sample.
    pub bits: u8,
    /// Samples of each channel.
    pub frames: u64,
}

/// What one text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Title,
    Artist,
    Album,
    Disc,
    Track,
}

impl Description {
    /// Leaves what a scan without an index does not ask for.
    pub fn forget_audio(&mut self) {
        (self.duration, self.flac_md5, self.flac_layout, self.medium) = (None, None, None, None);
    }

    /// Whether both are FLACs that state of what samples they are, and state others in one layout.
    pub fn states_other_samples(&self, other: &Description) -> bool {
        let layouts = self.flac_layout.zip(other.flac_layout);
        let md5s = self.flac_md5.zip(other.flac_md5);
        layouts.is_some_and(|(one, other)| one == other) && md5s.is_some_and(|(one, other)| one != other)
    }

    /// Notes a text, unless one of the same kind was noted before.
    pub(super) fn note(&mut self, word: Word, text: &str) {
        let text = text.trim_matches(|letter: char| letter == '\0' || letter.is_whitespace());
        if text.is_empty() {
            return;
        }
        let number = || {
            // "3/12" is the third of twelve.
            let digits = text.split('/').next().unwrap_or_default().trim();
            digits.parse().ok().filter(|number| *number > 0)
        };
        let note = |slot: &mut Option<String>| {
            slot.get_or_insert_with(|| text.to_owned());
        };
        match word {
            Word::Title => note(&mut self.title),
            Word::Artist => note(&mut self.artist),
            Word::Album => note(&mut self.album),
            Word::Disc => self.disc = self.disc.or_else(number),
            Word::Track => self.track = self.track.or_else(number),
        }
    }

    /// Notes the length, unless it is nothing.
    pub(super) fn note_duration(&mut self, duration: Option<Duration>) {
        self.duration = self.duration.or(duration.filter(|duration| !duration.is_zero()));
    }
}
