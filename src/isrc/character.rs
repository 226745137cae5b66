//! The characters that safe normalisation knows how to drop or fold. By explicit lists: Unicode's own classes grow.

/// The ASCII character that a full-width one stands for, by offset.
pub(super) fn narrowed(letter: char) -> char {
    match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(letter as u32 - 0xFEE0).unwrap_or(letter),
        other => other,
    }
}

/// White space, NUL, BOM, zero-width and bidi marks: what may stand around a value unseen.
pub(super) fn is_padding(letter: char) -> bool {
    letter.is_whitespace() || letter == '\0' || is_invisible(letter)
}

/// BOM, zero-width and bidi marks: what may stand inside a value unseen too.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{FEFF}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
    ) || matches!(letter, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}')
}

/// Hyphens and spaces, which may stand anywhere in a code.
pub(super) fn is_separator(letter: char) -> bool {
    is_hyphen(letter) || is_space(letter)
}

fn is_hyphen(letter: char) -> bool {
    matches!(
        letter,
        '-' | '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}'
    )
}

fn is_space(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' | '\u{3000}'
    )
}

/// What may stand exactly between the parts of a code, and nowhere else.
pub(super) fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | '_' | '/')
}
