//! What tests of several containers share.

use crate::isrc::Isrc;

pub(in crate::format) const OLD: &str = "QZES51600001";
pub(in crate::format) const NEW: &str = "USRC17607839";

pub(in crate::format) fn isrc(text: &str) -> Isrc {
    Isrc::from_stored(text).unwrap()
}

/// Bytes that are no zeros, and no header of anything.
pub(in crate::format) fn sound(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 7 % 251) as u8 | 1).collect()
}
