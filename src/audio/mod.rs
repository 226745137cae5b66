//! Evidence by audio.

pub mod cache;
pub mod compare;
pub mod decode;
pub mod fingerprint;
pub mod index;
mod opus;
mod view;

use std::time::Duration;

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
