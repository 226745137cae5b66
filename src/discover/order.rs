//! The natural order of names.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::system::paths::split;

/// Compares names as people count: runs of digits by their value, letters without ASCII case; names that are equal so
/// far are told apart by their bytes, so the order is total.
pub fn natural_order(a: &OsStr, b: &OsStr) -> Ordering {
    order_of_names(a.as_encoded_bytes(), b.as_encoded_bytes())
}

/// The roots of a walk, to tell which of two paths it comes to first.
#[derive(Debug)]
pub struct RootOrder(HashMap<PathBuf, usize>);

impl RootOrder {
    pub fn of(roots: &[PathBuf]) -> RootOrder {
        RootOrder(roots.iter().cloned().zip(0..).collect())
    }

    /// Of the root that leads to a path. What no root leads to comes last.
    pub fn number(&self, path: &Path) -> usize {
        // One root may be hidden from the walk of another that it lies below: the nearest one counts.
        let nearest = path.ancestors().find_map(|above| self.0.get(above));
        nearest.copied().unwrap_or(usize::MAX)
    }

    /// The path of a folder that could not be listed must end in a separator: see [`Found::place`](super::Found::place).
    pub fn order(&self, a: &Path, b: &Path) -> Ordering {
        let roots = self.number(a).cmp(&self.number(b));
        roots.then_with(|| order_below(a, b))
    }
}

/// The order in which a walk comes to two paths below one root: a folder's own files before those of its subfolders, and
/// a folder, which ends in a separator, before what is in it.
pub fn order_below(a: &Path, b: &Path) -> Ordering {
    let ends_in_separator = |path: &Path| split(path.as_os_str()).1.is_empty();
    let is_named = [a, b].map(ends_in_separator);
    let (mut a, mut b) = (a.components().peekable(), b.components().peekable());
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (Some(x), Some(y)) if x == y => continue,
            (Some(x), Some(y)) => (x, y),
            (x, y) => return x.is_some().cmp(&y.is_some()),
        };
        let is_folder = [a.peek().is_some() || is_named[0], b.peek().is_some() || is_named[1]];
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

    #[test]
    fn files_come_before_folders_and_roots_in_the_order_they_were_named() {
        let roots = RootOrder::of(&["b".into(), "a".into(), "b/.hidden".into()]);
        let in_order = [
            "b/2.mp3",
            "b/10.mp3",
            "b/CD 1/1.mp3",
            // Could not be listed to its end.
            "b/CD 2/",
            "b/CD 2/1.mp3",
            "b/CD 2/extra/1.mp3",
            // Could not be listed.
            "b/CD 3/",
            "b/CD 4/1.mp3",
            "a/1.mp3",
            "b/.hidden/1.mp3",
            "elsewhere/1.mp3",
        ];
        for (number, first) in in_order.iter().enumerate() {
            for second in &in_order[number + 1..] {
                let order = |a: &str, b: &str| roots.order(a.as_ref(), b.as_ref());
                assert_eq!(order(first, second), Ordering::Less, "{first} {second}");
                assert_eq!(order(second, first), Ordering::Greater, "{first} {second}");
            }
        }
    }

    #[track_caller]
    fn check(a: &str, b: &str, expected: Ordering) {
        assert_eq!(natural_order(a.as_ref(), b.as_ref()), expected, "{a:?} {b:?}");
        assert_eq!(natural_order(b.as_ref(), a.as_ref()), expected.reverse(), "{b:?} {a:?}");
    }
}
