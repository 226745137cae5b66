//! Durations as people and spreadsheets write them. One text may have several readings: a spreadsheet that is told
//! `3:04` keeps three hours and four minutes and writes `03:04:00`. A duration here only confirms what another
//! column found, so every plausible reading counts.

use std::time::Duration;

use super::remarks;

/// What a cell says of a duration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DurationCell {
    /// Empty, zero, or a word for "none".
    #[default]
    None,
    /// The readings, the likeliest first; never empty.
    Readings(Vec<Duration>),
    Unreadable,
}

impl DurationCell {
    pub fn readings(&self) -> &[Duration] {
        match self {
            DurationCell::Readings(readings) => readings,
            DurationCell::None | DurationCell::Unreadable => &[],
        }
    }

    /// The reading that is nearest to the duration of a file, where both are known.
    pub fn nearest(&self, duration: Option<Duration>) -> Option<Duration> {
        let duration = duration?;
        let readings = self.readings().iter().copied();
        readings.min_by_key(|reading| reading.abs_diff(duration))
    }

    /// How far the duration of a file lies from the nearest reading, where both are known.
    pub fn distance(&self, duration: Option<Duration>) -> Option<Duration> {
        Some(self.nearest(duration)?.abs_diff(duration?))
    }
}

/// Reads `3:04`, `1:02:03`, `00:03:04.500`, `00:03:04:12`, `184`, `184,5`, `PT3M4S`, `3m 4s`, `3'04"`, and what
/// spreadsheets make of them.
pub fn parse(text: &str) -> DurationCell {
    /// No recording is longer; what is larger is not a duration.
    const LONGEST_SECONDS: f64 = 1e7;
    let text = text.trim().to_lowercase();
    if remarks::is_nothing(&text) {
        return DurationCell::None;
    }
    let seconds = clock(&text)
        .or_else(|| number(&text))
        .or_else(|| units(&text))
        .or_else(|| clock_among(&text))
        .unwrap_or_default();
    let usable = seconds
        .into_iter()
        .filter(|seconds| (0.0..=LONGEST_SECONDS).contains(seconds));
    let readings: Vec<Duration> = usable.map(Duration::from_secs_f64).collect();
    match readings.first() {
        None => DurationCell::Unreadable,
        Some(likeliest) if likeliest.is_zero() => DurationCell::None,
        Some(_) => DurationCell::Readings(readings),
    }
}

/// Parts with colons.
fn clock(text: &str) -> Option<Vec<f64>> {
    let (bare, half) = match text.strip_suffix("am").or_else(|| text.strip_suffix("pm")) {
        Some(bare) => (bare.trim_end(), text.as_bytes().get(bare.len()).copied()),
        None => (text, None),
    };
    let parts: Vec<f64> = bare.split(':').map(plain_number).collect::<Option<_>>()?;
    Some(match parts[..] {
        [minutes, rest] if rest < 60.0 => vec![minutes * 60.0 + rest],
        // Minutes, seconds and the frames of a CD, 75 a second.
        [minutes, seconds, frames] if seconds < 60.0 && (60.0..75.0).contains(&frames) => {
            vec![minutes * 60.0 + seconds + frames / 75.0]
        }
        [first, second, third] if second < 60.0 && third < 60.0 => {
            let hours = match half {
                Some(b'a') if first == 12.0 => 0.0,
                Some(b'p') if first < 12.0 => first + 12.0,
                _ => first,
            };
            let as_minutes = (third == 0.0).then_some(hours * 60.0 + second);
            let as_frames = (half.is_none() && third.fract() == 0.0).then_some(first * 60.0 + second + third / 75.0);
            let whole = Some(hours * 3600.0 + second * 60.0 + third);
            [whole, as_minutes, as_frames].into_iter().flatten().collect()
        }
        // A timecode; the frames are less than a second.
        [hours, minutes, rest, _] if minutes < 60.0 && rest < 60.0 => vec![hours * 3600.0 + minutes * 60.0 + rest],
        _ => return None,
    })
}

/// A clock beside other words: `ca. 3:20`, `3:20 min`, `3:20*`, `1899-12-30 00:03:20`.
fn clock_among(text: &str) -> Option<Vec<f64>> {
    let mut clocks = text.split_whitespace().filter(|word| word.contains(':'));
    let (only, None) = (clocks.next()?, clocks.next()) else {
        return None;
    };
    let (_, behind) = text.rsplit_once(only)?;
    let is_of_hours = behind.trim_start().starts_with(['h', 'a', 'p']);
    let trimmed = only.trim_matches(|letter: char| !letter.is_ascii_digit());
    clock(trimmed).filter(|_| !is_of_hours && !only.starts_with('-'))
}

/// A bare number: seconds, minutes and seconds with a point between them, or milliseconds.
fn number(text: &str) -> Option<Vec<f64>> {
    let value = plain_number(text)?;
    let other = match text.split_once(['.', ',']) {
        // 3.04 or, with the last zero dropped, 3.4 for 3:40.
        Some((whole, digits)) if digits.len() < 3 && !digits.is_empty() => {
            let whole = plain_number(whole)?;
            let rest = ((value - whole) * 100.0).round();
            (rest < 60.0 || digits.len() == 1).then_some(whole * 60.0 + rest)
        }
        // A part of a day, which is how spreadsheets keep a time.
        Some(_) => (value < 1.0).then_some(value * 86_400.0),
        None => (value >= 1000.0).then_some(value / 1000.0),
    };
    Some([Some(value), other].into_iter().flatten().collect())
}

/// Numbers with units, ISO 8601 among them. A last number without a unit is the next smaller one.
fn units(text: &str) -> Option<Vec<f64>> {
    let mut rest = text.strip_prefix("pt").unwrap_or(text).trim_start();
    // The unit that may come next is smaller than the last one.
    let (mut total, mut last_unit) = (0.0, f64::INFINITY);
    while !rest.is_empty() {
        let of_number = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',');
        let (digits, after) = rest.split_at(rest.find(|letter| !of_number(letter)).unwrap_or(rest.len()));
        let after = after.trim_start();
        let ends = |letter: char| letter.is_ascii_digit() || letter.is_whitespace();
        let (name, after) = after.split_at(after.find(ends).unwrap_or(after.len()));
        let unit = match name.trim_end_matches('.') {
            "h" | "hr" | "hrs" | "hour" | "hours" | "std" => 3600.0,
            "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "'" | "′" | "’" | "´" | "分" | "분" => {
                60.0
            }
            "s" | "sec" | "secs" | "second" | "seconds" | "sek" | "sekunden" | "\"" | "″" | "''" | "”" | "´´"
            | "秒" | "초" => 1.0,
            "" if last_unit == 60.0 && after.is_empty() => 1.0,
            _ => return None,
        };
        if unit >= last_unit {
            return None;
        }
        total += plain_number(digits)? * unit;
        (last_unit, rest) = (unit, after.trim_start());
    }
    last_unit.is_finite().then(|| vec![total])
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
        check("3:20 min", &[200.0]);
        check("3:20*", &[200.0]);
        check("ca. 3:20", &[200.0]);
        check("3´20´´", &[200.0]);
        check("3分20秒", &[200.0]);
        check("1899-12-30 00:03:20", &[200.0, 3.266_666_667]);
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
        let found: Vec<f64> = readings.iter().map(Duration::as_secs_f64).collect();
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
            "3:20 h",
            "3:20 or 3:40",
            "-3:20",
            "PT",
            ":",
            "..:",
        ] {
            assert_eq!(parse(text), DurationCell::Unreadable, "{text:?}");
        }
    }
}
