//! What a comparison by ear comes to, and the sentence for it.

use std::fmt;
use std::time::Duration;

use super::compare::Likeness;
use super::seconds;
use crate::isrc::words::words;

words! {
    /// What the audio says of two files.
    pub enum EarVerdict {
        Same = "same-recording",
        Different = "different-recordings",
        Undecided = "undecided",
    }
}

/// A verdict and what it rests on. As text it is the evidence for a report, in lower case without a full stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub verdict: EarVerdict,
    pub reason: EarReason,
    /// Both fingerprints measured against each other; none where they were not needed or share too little.
    pub likeness: Option<Likeness>,
    /// Where they differ, if that is a place and not everywhere.
    pub span: Option<Span>,
}

/// A place where two files differ, in the time of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub in_first: (Duration, Duration),
    pub in_second: (Duration, Duration),
    /// Whether they differ in other places about as much.
    pub elsewhere: bool,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EarReason {
    /// Everything fits.
    Alike,
    Lengths(Duration, Duration),
    /// Other music, or the same in another key or tempo.
    Unlike,
    /// Too little alike to be one recording for certain, too much to be two.
    Unsure,
    /// It fits but for a place.
    Section,
    /// The one is faster by this share.
    Tempo(f64),
    /// The one has this many seconds of sound before the other starts.
    Start(f64),
    /// Same harmony, but other voices, instruments or drums.
    Voices,
    /// Another balance of low and high, as a remaster has.
    Tone(f64),
    /// Too constant to tell recordings apart.
    Monotonous,
    /// The music repeats itself, and the one is longer by this many seconds, which may be a pass more.
    Passes(f64),
    /// This much of the longer one was heard, and it goes on.
    PartHeard(Duration),
    /// Frames could not be decoded where it does not fit.
    Damaged,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison {
            verdict: _,
            reason,
            likeness,
            span,
        } = self;
        match reason {
            EarReason::Alike => {}
            EarReason::Lengths(a, b) => write!(f, "durations {} and {}", seconds(*a), seconds(*b))?,
            // Half of the bits of any two agree, which says nothing to anybody.
            EarReason::Unlike => return f.write_str("other audio"),
            EarReason::Unsure => f.write_str("nearly the same audio")?,
            EarReason::Section => match span {
                Some(span) => write!(f, "the audio differs {span}")?,
                None => f.write_str("the audio differs in a place")?,
            },
            EarReason::Tempo(by) => write!(f, "one is {:.1} % faster", by * 100.0)?,
            EarReason::Start(by) => write!(f, "one starts {by:.1} s into the other")?,
            EarReason::Voices => f.write_str("other voices or instruments")?,
            EarReason::Tone(by) => write!(f, "another tone balance, by {by:.1} dB")?,
            EarReason::Monotonous => f.write_str("too constant to tell recordings apart")?,
            EarReason::Passes(by) => write!(f, "the music repeats itself, and one is {by:.1} s longer")?,
            EarReason::PartHeard(heard) => write!(f, "only the first {} were compared", seconds(*heard))?,
            EarReason::Damaged => f.write_str("parts of the audio are damaged")?,
        }
        let Some(likeness) = likeness else { return Ok(()) };
        if *reason != EarReason::Alike {
            f.write_str("; ")?;
        }
        // Rounded down, so that nothing but equality is 100 %.
        write!(f, "fingerprints {:.0} % alike", (likeness.alike * 100.0).floor())
    }
}

/// `from 2:15 to 2:20`; with the time in the second file where that is another.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |f: &mut fmt::Formatter<'_>, (from, to): (Duration, Duration)| {
            write!(f, "from {} to {}", clock(from.as_secs()), clock(to.as_secs() + 1))
        };
        place(f, self.in_first)?;
        if self.in_first.0.abs_diff(self.in_second.0) >= Duration::from_secs(1) {
            f.write_str(" (")?;
            place(f, self.in_second)?;
            f.write_str(" in the other)")?;
        }
        f.write_str(if self.elsewhere { ", and elsewhere" } else { "" })
    }
}

fn clock(seconds: u64) -> String {
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}
