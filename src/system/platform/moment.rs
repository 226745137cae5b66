//! Times of files as one number.
//!
//! Nanoseconds since 1970 reach to 2262 in 64 bits, and file systems further: from the last whole day on, and as far in
//! the past, whole seconds are counted. Invariant: later is larger, and no time that a file can have is taken for another
//! in another second.

/// The last second that is kept to the nanosecond, 2262-04-11 00:00 UTC.
const LAST: i64 = 9_223_286_400;

const SECOND: i64 = 1_000_000_000;

/// The number of `LAST`, which differs from it by this.
const REACH: i64 = LAST * SECOND;

/// The number of a time: `seconds` since 1970 and `rest` nanoseconds.
pub(crate) fn moment(seconds: i64, rest: i64) -> i64 {
    match seconds.unsigned_abs() < LAST.unsigned_abs() {
        true => seconds * SECOND + rest,
        false => seconds.saturating_add(seconds.signum() * (REACH - LAST)),
    }
}

/// The time of a number, in seconds since 1970 and nanoseconds.
pub(crate) fn seconds_of(moment: i64) -> (i64, u32) {
    match moment.unsigned_abs() < REACH.unsigned_abs() {
        true => (moment.div_euclid(SECOND), moment.rem_euclid(SECOND) as u32),
        false => (moment - moment.signum() * (REACH - LAST), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_and_keep_their_order() {
        let seconds = [
            -20_000_000_000,
            -LAST,
            -1,
            0,
            1_800_000_000,
            LAST - 1,
            LAST,
            10_413_792_000,
            16_725_225_600,
        ];
        let moments = seconds.map(|seconds| moment(seconds, 0));
        assert!(moments.is_sorted_by(|a, b| a < b), "{moments:?}");
        assert_eq!(moments.map(seconds_of), seconds.map(|seconds| (seconds, 0)));
        assert_eq!(seconds_of(moment(-5, 999_999_999)), (-5, 999_999_999));
        assert_eq!(seconds_of(moment(LAST - 1, 7)), (LAST - 1, 7));
        assert!(moment(i64::MAX, 0) > moment(LAST, 0) && moment(i64::MIN, 0) < moment(-LAST, 0));
    }
}
