//! The natural order of names.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::Path;

/// Compares names as people count: runs of digits by their value, letters without ASCII case; names that are equal so
/// far are told apart by their bytes, so the order is total.
pub fn natural_order(a: &OsStr, b: &OsStr) -> Ordering {
    order_of_names(a.as_encoded_bytes(), b.as_encoded_bytes())
}

/// The order in which a walk comes to two files below one folder: a folder's own files before those of its subfolders.
pub(super) fn order_below(a: &Path, b: &Path) -> Ordering {
    let (mut a, mut b) = (a.components().peekable(), b.components().peekable());
    loop {
        let (Some(x), Some(y)) = (a.next(), b.next()) else {
            // The same file, or a folder and what is in it.
            return Ordering::Equal;
        };
        if x == y {
            continue;
        }
        let is_folder = [a.peek().is_some(), b.peek().is_some()];
        return is_folder[0]
            .cmp(&is_folder[1])
            .then_with(|| natural_order(x.as_os_str(), y.as_os_str()));
    }
}

pub(super) fn order_of_names(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(&x), Some(&y)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (x, after_x) = split_number(left);
            let (y, after_y) = split_number(right);
            // Without leading zeros the longer number is the larger one, however long both are.
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (after_x, after_y);
        } else {
            let order = x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase());
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[1..], &right[1..]);
        }
    }
}

/// The run of digits that `bytes` begins with, without its leading zeros, and what follows.
fn split_number(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    let zeros = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len());
    (&digits[zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_people_count() {
        check("2 Song", "10 Song", Ordering::Less);
        check("track 09.flac", "track 10.flac", Ordering::Less);
        check("a", "B", Ordering::Less);
        check("CD2", "CD10", Ordering::Less);
        check("01", "1", Ordering::Less);
        check("a1b", "a1", Ordering::Greater);
        check(
            "99999999999999999999999999",
            "100000000000000000000000000",
            Ordering::Less,
        );
        check("Été", "Été", Ordering::Equal);
    }

    #[track_caller]
    fn check(a: &str, b: &str, expected: Ordering) {
        assert_eq!(natural_order(a.as_ref(), b.as_ref()), expected, "{a:?} {b:?}");
        assert_eq!(natural_order(b.as_ref(), a.as_ref()), expected.reverse(), "{b:?} {a:?}");
    }
}
