//! Tells a code from other text where a chunk's text may be anything.

use crate::isrc::Isrc;

/// Where in `text` the code begins: behind white space and a label `ISRC`. The label trap of Iceland (`IS`): a text
/// that is itself twelve characters without its separators has no label.
pub(super) fn code_start(text: &str) -> usize {
    let trimmed = text.trim_start_matches(is_blank);
    let blank = text.len() - trimmed.len();
    let has_label = trimmed.get(..4).is_some_and(|label| label.eq_ignore_ascii_case("ISRC"));
    let rest = trimmed.get(4..).unwrap_or_default();
    let code = rest.trim_start_matches(|character| is_blank(character) || matches!(character, ':' | '=' | '#' | '-'));
    let is_own_code = trimmed.chars().filter(|character| !is_separator(*character)).count() == 12;
    if has_label && !is_own_code && !code.is_empty() && code.len() < rest.len() {
        blank + trimmed.len() - code.len()
    } else {
        blank
    }
}

/// Whether `text` is one code and nothing else, in any spelling that is repaired without guessing.
pub(super) fn is_code(text: &str) -> bool {
    // Longer than any spelling of one code.
    if text.len() > 64 {
        return false;
    }
    let code: String = text[code_start(text)..]
        .chars()
        .filter(|character| !is_separator(*character))
        .collect();
    Isrc::from_stored(&code.to_ascii_uppercase()).is_some()
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\0'
}

fn is_separator(character: char) -> bool {
    is_blank(character) || character == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_stepped_over() {
        check("ISRC:QZES51600001", "QZES51600001");
        check(" isrc: QZ-ES5-16-00001", "QZ-ES5-16-00001");
        check("ISRC QZES51600001", "QZES51600001");
        check("ISRC=", "ISRC=");
        check("ISRCQZES51600001", "ISRCQZES51600001");
    }

    #[test]
    fn an_icelandic_code_is_not_a_label() {
        check("ISRC11234567", "ISRC11234567");
        check("IS-RC1-12-34567", "IS-RC1-12-34567");
        check("ISRC-1123-4567", "ISRC-1123-4567");
    }

    #[test]
    fn only_whole_codes_are_codes() {
        for code in [
            "QZES51600001",
            "isrc:qz-es5-16-00001\0",
            " ISRC QZ ES5 16 00001 ",
            "ISRC11234567",
        ] {
            assert!(is_code(code), "{code:?}");
        }
        for text in [
            "",
            "ISRC",
            "see QZES51600001",
            "QZES5160000",
            "QZES516000011",
            "QZES51600001 remix",
            "ÄZES51600001",
        ] {
            assert!(!is_code(text), "{text:?}");
        }
    }

    #[track_caller]
    fn check(text: &str, code: &str) {
        assert_eq!(&text[code_start(text)..], code, "{text:?}");
    }
}
