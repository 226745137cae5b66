//! The characters that safe normalisation knows how to drop or fold. By explicit lists: Unicode's own classes grow.

/// The ASCII character that a full-width one stands for, by offset.
pub(super) fn narrowed(letter: char) -> char {
    match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(letter as u32 - 0xFEE0).unwrap_or(letter),
        other => other,
    }
}

/// White space, NUL, BOM, zero-width and bidi marks: what may be around a value unseen.
pub(super) fn is_padding(letter: char) -> bool {
    letter.is_whitespace() || letter == '\0' || is_invisible(letter)
}

/// BOM, bidi marks and other characters without width (joiners, operators, annotations, variation selectors, tags): what
/// may be inside a value unseen too.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
    ) || matches!(
        letter,
        '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
    ) || matches!(letter, '\u{E0000}'..='\u{E007F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Hyphens and spaces, which may be anywhere in a code.
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

/// What may be exactly between the parts of a code, and nowhere else.
pub(super) fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | '_' | '/')
}
