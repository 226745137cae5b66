//! Durations as people and spreadsheets write them. One text may have several readings: a spreadsheet that is told
//! `3:04` keeps three hours and four minutes and writes `03:04:00`. A duration here only confirms what another
//! column found, so every plausible reading counts.

use std::time::Duration;

use super::remarks;

/// The readings of a text, the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readings {
    pub likeliest: Duration,
    pub others: [Option<Duration>; 2],
}

impl Readings {
    fn new(likeliest: Duration, others: [Option<Duration>; 2]) -> Readings {
        Readings { likeliest, others }
    }

    /// How far a file's duration lies from the nearest reading.
    pub fn distance(&self, duration: Duration) -> Duration {
        let all = [Some(self.likeliest), self.others[0], self.others[1]];
        let distances = all.iter().flatten().map(|reading| reading.abs_diff(duration));
        distances.min().unwrap_or_default()
    }

    /// The duration, where there is one reading only.
    pub fn only(&self) -> Option<Duration> {
        (self.others == [None, None]).then_some(self.likeliest)
    }
}

/// What a cell says of a duration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DurationCell {
    /// Empty, zero, or a word for "none".
    #[default]
    None,
    Readings(Readings),
    Unreadable,
}

impl DurationCell {
    pub fn exactly(duration: Duration) -> DurationCell {
        DurationCell::Readings(Readings::new(duration, [None, None]))
    }
}

/// Reads `3:04`, `1:02:03`, `00:03:04.500`, `00:03:04:12`, `184`, `184,5`, `PT3M4S`, `3m 4s`, `3'04"`, and what
/// spreadsheets make of them.
pub fn parse(text: &str) -> DurationCell {
    let text = text.trim().to_lowercase();
    if remarks::is_nothing(&text) {
        return DurationCell::None;
    }
    let readings = clock(&text).or_else(|| number(&text)).or_else(|| units(&text));
    match readings {
        Some(readings) if readings.likeliest.is_zero() => DurationCell::None,
        Some(readings) => DurationCell::Readings(readings),
        None => DurationCell::Unreadable,
    }
}

/// No recording is longer; what is larger is not a duration.
const LONGEST_SECONDS: f64 = 1e7;

fn seconds(seconds: f64) -> Option<Duration> {
    (0.0..=LONGEST_SECONDS)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

/// Parts with colons.
fn clock(text: &str) -> Option<Readings> {
    let (text, afternoon) = match text.strip_suffix("pm") {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    let (text, morning) = match text.strip_suffix("am") {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    let parts: Vec<f64> = text.split(':').map(plain_number).collect::<Option<_>>()?;
    let hour_of_day = |hours: f64| match (morning, afternoon) {
        (true, _) if hours == 12.0 => 0.0,
        (_, true) if hours < 12.0 => hours + 12.0,
        _ => hours,
    };
    let below_60 = |parts: &[f64]| parts.iter().all(|part| *part < 60.0);
    let (likeliest, others) = match parts[..] {
        [minutes, rest] if rest < 60.0 => (minutes * 60.0 + rest, [None, None]),
        [first, second, third] if second < 60.0 && third < 75.0 => {
            let hours = hour_of_day(first);
            let whole = hours * 3600.0 + second * 60.0 + third;
            let as_minutes = (third == 0.0).then_some(hours * 60.0 + second);
            // Minutes, seconds and the frames of a CD, 75 a second.
            let as_frames =
                (!(morning || afternoon) && third.fract() == 0.0).then_some(first * 60.0 + second + third / 75.0);
            match third < 60.0 {
                true => (whole, [as_minutes, as_frames]),
                false => (first * 60.0 + second + third / 75.0, [None, None]),
            }
        }
        // A timecode; the frames are less than a second.
        [hours, minutes, rest, _] if below_60(&parts[1..3]) => (hours * 3600.0 + minutes * 60.0 + rest, [None, None]),
        _ => return None,
    };
    Some(Readings::new(
        seconds(likeliest)?,
        others.map(|other| other.and_then(seconds)),
    ))
}

/// A bare number: seconds, minutes and seconds with a point between them, or milliseconds.
fn number(text: &str) -> Option<Readings> {
    let value = plain_number(text)?;
    let fraction = text
        .split_once(['.', ','])
        .map(|(whole, fraction)| (whole, fraction.len()));
    let other = match fraction {
        Some((whole, digits @ 1..=2)) => {
            // 3.04 or, with the last zero dropped, 3.4 for 3:40.
            let whole = plain_number(whole)?;
            let rest = (value - whole) * 100.0;
            (rest.round() < 60.0 || digits == 1).then_some(whole * 60.0 + rest.round())
        }
        // A part of a day, which is how spreadsheets keep a time.
        Some(_) => (value < 1.0).then_some(value * 86_400.0),
        None => (value >= 1000.0).then_some(value / 1000.0),
    };
    let other = other.and_then(seconds);
    match seconds(value) {
        Some(likeliest) => Some(Readings::new(likeliest, [other, None])),
        None => other.map(|likeliest| Readings::new(likeliest, [None, None])),
    }
}

/// Numbers with units, ISO 8601 among them. A last number without a unit is the next smaller one.
fn units(text: &str) -> Option<Readings> {
    let mut rest = text.strip_prefix("pt").unwrap_or(text).trim_start();
    let mut total = 0.0;
    // The unit that may come next is smaller than the last one.
    let mut last_unit = f64::INFINITY;
    let mut parts = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ','))
            .unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let value = plain_number(digits)?;
        let after = after.trim_start();
        let end = after
            .find(|letter: char| letter.is_ascii_digit() || letter.is_whitespace())
            .unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        let unit = match name.trim_end_matches('.') {
            "h" | "hr" | "hrs" | "hour" | "hours" | "std" => 3600.0,
            "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "'" | "′" | "’" => 60.0,
            "s" | "sec" | "secs" | "second" | "seconds" | "sek" | "sekunden" | "\"" | "″" | "''" | "”" => 1.0,
            "" if last_unit == 60.0 && after.is_empty() => 1.0,
            _ => return None,
        };
        if unit >= last_unit {
            return None;
        }
        total += value * unit;
        last_unit = unit;
        parts += 1;
        rest = after.trim_start();
    }
    let likeliest = seconds(total)?;
    (parts > 0).then_some(Readings::new(likeliest, [None, None]))
}

/// Digits, with a decimal point or comma among them; no sign and no exponent.
fn plain_number(text: &str) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings_are_read() {
        check("3:04", &[184.0]);
        check("03:04", &[184.0]);
        check("1:02:03", &[3723.0, 62.04]);
        check("00:03:04.500", &[184.5]);
        check("00:03:04:12", &[184.0]);
        check("184", &[184.0]);
        check("184.125", &[184.125]);
        check("PT3M4S", &[184.0]);
        check("PT1H", &[3600.0]);
        check("3m 4s", &[184.0]);
        check("3 min 4 sec", &[184.0]);
        check("3'04\"", &[184.0]);
        check("3'04", &[184.0]);
        check("90s", &[90.0]);
        check("75:30", &[4530.0]);
    }

    #[test]
    fn minutes_seconds_and_frames_are_read() {
        check("03:04:74", &[184.986_666_666]);
        check("00:03:15", &[195.0, 3.2]);
        check("00:01:00", &[60.0, 1.0, 1.0]);
    }

    #[test]
    fn what_spreadsheets_make_of_minutes_is_read_both_ways() {
        check("03:04:00", &[11040.0, 184.0, 184.0]);
        check("75:30:00", &[271_800.0, 4530.0, 4530.0]);
        check("03:04:00 AM", &[11040.0, 184.0]);
        check("12:04:00 AM", &[240.0, 4.0]);
        check("01:04:00 PM", &[47040.0, 784.0]);
        check("3.04", &[3.04, 184.0]);
        check("3,04", &[3.04, 184.0]);
        check("3.4", &[3.4, 220.0]);
        check("184000", &[184_000.0, 184.0]);
        check("0.002129629", &[0.002_129_629, 183.999_945_6]);
    }

    #[track_caller]
    fn check(text: &str, expected: &[f64]) {
        let DurationCell::Readings(readings) = parse(text) else {
            panic!("{text:?} is not read");
        };
        let found = [Some(readings.likeliest), readings.others[0], readings.others[1]];
        let found: Vec<f64> = found.iter().flatten().map(Duration::as_secs_f64).collect();
        let same = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6;
        assert!(
            found.len() == expected.len() && found.iter().zip(expected).all(same),
            "{text:?}: {found:?}"
        );
    }

    #[test]
    fn no_duration_is_not_a_wrong_one() {
        for text in ["", " ", "n/a", "-", ".", "TBC", "0:00", "0", "00:00:00"] {
            assert_eq!(parse(text), DurationCell::None, "{text:?}");
        }
        for text in [
            "abc",
            "3:4:5:6:7",
            "3:75",
            "-3",
            "1e9",
            "3 apples",
            "99999999999999",
            "4s 3m",
            "PT",
            ":",
            "..:",
        ] {
            assert_eq!(parse(text), DurationCell::Unreadable, "{text:?}");
        }
    }
}
