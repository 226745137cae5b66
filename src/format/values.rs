//! Values that hold several codes.

use std::ops::Range;

/// The byte ranges of the pieces of `text`, if every one of them is a code; else one range, the whole text.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    for separator in ['\0', '/', ';', ',', '|'] {
        let mut pieces = Vec::new();
        let mut at = 0;
        for piece in text.split(separator) {
            let start = at + piece.len() - piece.trim_start().len();
            pieces.push(start..start + piece.trim().len());
            at += piece.len() + 1;
        }
        if pieces.len() > 1 && pieces.iter().all(|piece| is_code(&text[piece.clone()])) {
            return pieces;
        }
    }
    vec![Range {
        start: 0,
        end: text.len(),
    }]
}

fn is_code(text: &str) -> bool {
    let stored: String = text.chars().filter(|c| *c != '-' && *c != ' ').collect();
    crate::isrc::Isrc::from_stored(&stored.to_ascii_uppercase()).is_some()
}
