//! Several codes in one value.
//! STUB

use std::ops::Range;

pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let is_code = |piece: &str| {
        let plain: Vec<u8> = piece.bytes().filter(|byte| !b"- ".contains(byte)).collect();
        plain.len() == 12
            && plain[..2].iter().all(u8::is_ascii_alphabetic)
            && plain[2..5].iter().all(u8::is_ascii_alphanumeric)
            && plain[5..].iter().all(u8::is_ascii_digit)
    };
    for separator in ["\0", "/", "; ", ";", ", ", ",", "|"] {
        let pieces: Vec<&str> = text.split(separator).collect();
        if pieces.len() > 1 && pieces.iter().all(|piece| is_code(piece)) {
            let mut at = 0;
            let range = |piece: &&str| {
                let start = at;
                at += piece.len() + separator.len();
                start..start + piece.len()
            };
            return pieces.iter().map(range).collect();
        }
    }
    vec![0..text.len()]
}
