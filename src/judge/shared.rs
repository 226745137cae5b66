//! Codes that are in several files.

use std::time::Duration;

use crate::isrc::Isrc;

/// Every code of a scan with the file it is in: sixteen bytes a file.
#[derive(Debug, Default)]
pub struct CodeIndex {
    entries: Vec<(PackedIsrc, u32)>,
}

/// A code that is in two or more files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedGroup {
    pub isrc: Isrc,
    /// Numbers of the files, rising.
    pub files: Vec<u32>,
}

impl CodeIndex {
    pub fn add(&mut self, isrc: Isrc, file: u32) {
        self.entries.push((PackedIsrc::pack(isrc), file));
    }

    /// The files that carry exactly one code, with it, in walking order.
    pub fn coded_files(&self) -> Vec<(u32, Isrc)> {
        let mut by_file: Vec<(u32, PackedIsrc)> = self.entries.iter().map(|(isrc, file)| (*file, *isrc)).collect();
        by_file.sort_unstable();
        by_file.dedup();
        let files = by_file.chunk_by(|a, b| a.0 == b.0).filter(|codes| codes.len() == 1);
        files.map(|codes| (codes[0].0, codes[0].1.unpack())).collect()
    }

    /// The codes that two or more files carry, in the order of their first file.
    pub fn shared(mut self) -> Vec<SharedGroup> {
        self.entries.sort_unstable();
        self.entries.dedup();
        let runs = self.entries.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
        let mut groups: Vec<SharedGroup> = runs
            .map(|run| SharedGroup {
                isrc: run[0].0.unpack(),
                files: run.iter().map(|(_, file)| *file).collect(),
            })
            .collect();
        groups.sort_by_key(|group| (group.files[0], group.isrc));
        groups
    }
}

/// The twelve characters as a number below 36^5 * 10^7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PackedIsrc(u64);

const DIGITS_36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl PackedIsrc {
    fn pack(isrc: Isrc) -> PackedIsrc {
        let (prefix, digits) = isrc.as_bytes().split_at(5);
        let value = |byte: &u8| match byte {
            b'0'..=b'9' => u64::from(byte - b'0'),
            _ => u64::from(byte - b'A') + 10,
        };
        let prefix = prefix.iter().fold(0, |number, byte| number * 36 + value(byte));
        PackedIsrc(digits.iter().fold(prefix, |number, byte| number * 10 + value(byte)))
    }

    fn unpack(self) -> Isrc {
        let mut code = [0u8; 12];
        let mut number = self.0;
        for (at, byte) in code.iter_mut().enumerate().rev() {
            let base = if at < 5 { 36 } else { 10 };
            *byte = DIGITS_36[(number % base) as usize];
            number /= base;
        }
        let text = std::str::from_utf8(&code).expect("the digits are ASCII");
        Isrc::from_stored(text).expect("packing is the inverse of unpacking")
    }
}

/// A duration as people write it: `3:04`, `1:02:03`.
pub fn clock(duration: Duration) -> String {
    let seconds = (duration.as_secs_f64() + 0.5) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn isrc(text: &str) -> Isrc {
        Isrc::from_stored(text).unwrap()
    }

    #[test]
    fn packing_keeps_the_code() {
        for code in ["USRC17607839", "ZZ9ZZ9999999", "AAAAA0000000", "ISRC11234567"] {
            assert_eq!(PackedIsrc::pack(isrc(code)).unpack(), isrc(code));
        }
    }

    #[test]
    fn groups_come_in_the_order_of_their_first_file() {
        let mut index = CodeIndex::default();
        for (code, file) in [
            ("USRC17607839", 3),
            ("GBEMI0300013", 0),
            ("USRC17607839", 1),
            ("GBEMI0300013", 2),
        ] {
            index.add(isrc(code), file);
        }
        index.add(isrc("QZES51600001"), 4);
        index.add(isrc("QZES51600001"), 4);
        let groups = index.shared();
        assert_eq!(groups.len(), 2);
        assert_eq!(
            (groups[0].isrc, &groups[0].files[..]),
            (isrc("GBEMI0300013"), &[0, 2][..])
        );
        assert_eq!(
            (groups[1].isrc, &groups[1].files[..]),
            (isrc("USRC17607839"), &[1, 3][..])
        );
    }
}
