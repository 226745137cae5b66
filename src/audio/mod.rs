//! Evidence by audio: whether two files hold one recording.
//!
//! [`compare`] says how, `benches/ear/README.md` how well, on the music of games in Debian's packages.

pub mod cache;
pub mod compare;
pub mod decode;
pub mod fingerprint;
pub mod index;
mod opus;
pub mod pcm;
mod stream;
mod verdict;
mod view;

use std::time::Duration;

use crate::bytes::source::ReadError;

/// A file whose samples are all below is silent (−60 dBFS).
pub(crate) const SILENCE: f32 = 0.001;

/// Why nothing can be said about a file's audio. The text is the reason that a report shows.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    #[error("cannot be read")]
    Read(#[source] ReadError),
    /// The container or the codec is not one that this version decodes.
    #[error("no decoder for its audio")]
    NoDecoder,
    /// Asked of a file whose codec keeps no samples that could be equal to another's.
    #[error("its format is not lossless")]
    NotLossless,
    #[error("its audio is damaged")]
    Broken,
    /// Shorter than what a comparison needs.
    #[error("too short to compare ({})", seconds(*.0))]
    TooShort(Duration),
    #[error("nothing but silence to compare")]
    Silent,
    #[error("its channels cancel each other out, so that mono is silent")]
    Cancelled,
    #[error("decoding took too long")]
    TimedOut,
    #[error("the decoder failed on it")]
    DecoderPanicked,
    #[error("interrupted")]
    Interrupted,
}

/// A length for people: `3:04`, `1:02:03`; tenths below ten seconds.
pub(crate) fn seconds(length: Duration) -> String {
    if length < Duration::from_secs(10) {
        return format!("{:.1} s", length.as_secs_f64());
    }
    let whole = (length.as_millis() + 500) / 1000;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// The mean of `channels` interleaved channels; gives the largest sample of any.
fn mix(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) -> f32 {
    mono.clear();
    match channels {
        // The usual counts, known to the compiler, take a quarter of the time.
        1 => mono.extend(interleaved.iter().map(|sample| bounded(*sample))),
        2 => {
            let (frames, _) = interleaved.as_chunks::<2>();
            mono.extend(frames.iter().map(|[left, right]| bounded((left + right) * 0.5)));
        }
        _ => {
            let share = 1.0 / channels as f32;
            let frames = interleaved.chunks_exact(channels);
            mono.extend(frames.map(|frame| bounded(frame.iter().sum::<f32>() * share)));
        }
    }
    bounded(peak(interleaved))
}

/// Float files may hold anything.
fn bounded(sample: f32) -> f32 {
    match sample.is_finite() {
        true => sample.clamp(-8.0, 8.0),
        false => 0.0,
    }
}

/// The largest absolute value of what is a number, eight at a time.
fn peak(samples: &[f32]) -> f32 {
    let larger = |most: f32, sample: f32| if sample.abs() > most { sample.abs() } else { most };
    let (eights, rest) = samples.as_chunks::<8>();
    let mut most = [0.0; 8];
    for eight in eights {
        let pairs = most.iter_mut().zip(eight);
        pairs.for_each(|(most, sample)| *most = larger(*most, *sample));
    }
    most.iter().chain(rest).copied().fold(0.0, larger)
}
