//! Lines folded to the width of a terminal: between units, never inside one.
//!
//! Codes, commands, values and names of places are units. Invariant: the text is the same but for line ends and
//! indents, and without a width it is one line.

use super::terminal::width;

/// A space inside a unit. Other people's text holds no control character once it is printable.
const GLUE: char = '\u{1}';

/// Where a line may end without a space.
const SEAM: char = '\u{2}';

/// The text as one unit.
pub(super) fn unit(text: &str) -> String {
    text.replace(' ', "\u{1}")
}

/// A path, which may be broken behind its separators only.
pub(super) fn path(text: &str) -> String {
    unit(text).replace('/', "/\u{2}")
}

/// Lines of `text` that fit into `columns`, as far as its units do: the first one indented by `indent`, the others by
/// `hanging`.
pub(super) fn fold(text: &str, indent: usize, hanging: usize, columns: Option<usize>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for piece in text.split_inclusive([' ', SEAM]) {
        let unit = piece.trim_end_matches([' ', SEAM]).replace(GLUE, " ");
        let space = if piece.ends_with(' ') { " " } else { "" };
        let fits = columns.is_none_or(|columns| width(&line) + width(&unit) <= columns);
        if !fits && !is_empty {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(hanging);
        }
        line.push_str(&unit);
        line.push_str(space);
        is_empty = false;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Whether the text fits on one line behind an indent.
pub(super) fn fits(text: &str, indent: usize, columns: Option<usize>) -> bool {
    let plain = text.chars().filter(|character| *character != SEAM);
    columns.is_none_or(|columns| indent + plain.map(columns_of).sum::<usize>() <= columns)
}

/// The text, or its begin and its end with `…` between them, in no more than `columns`.
pub(super) fn shortened(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let half = columns.saturating_sub(1) / 2;
    let taken = |characters: &mut dyn Iterator<Item = char>, limit: usize| {
        let mut used = 0;
        let fitting = characters.take_while(|character| {
            used += columns_of(*character);
            used <= limit
        });
        fitting.collect::<Vec<char>>()
    };
    let begin: String = taken(&mut text.chars(), columns.saturating_sub(1) - half)
        .into_iter()
        .collect();
    let end: String = taken(&mut text.chars().rev(), half).into_iter().rev().collect();
    format!("{begin}…{end}")
}

fn columns_of(character: char) -> usize {
    match character {
        GLUE => 1,
        _ => width(character.encode_utf8(&mut [0; 4])),
    }
}

/// Words and the command for them on one line, or the command alone on the last one.
pub(super) fn with_command(
    words: &str,
    command: &str,
    indent: usize,
    hanging: usize,
    columns: Option<usize>,
) -> Vec<String> {
    let command = unit(command);
    let whole = format!("{words} {command}");
    if fits(&whole, indent, columns) {
        return fold(&whole, indent, hanging, None);
    }
    let mut lines = fold(words, indent, hanging, columns);
    lines.extend(fold(&command, hanging, hanging, columns));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_units() {
        let text = format!("keep the {} please", unit("isrctag set CODE"));
        check(&text, Some(20), &["keep the", "  isrctag set CODE", "  please"]);
        check(&text, Some(10), &["keep the", "  isrctag set CODE", "  please"]);
        check(&text, None, &["keep the isrctag set CODE please"]);
    }

    #[test]
    fn paths_break_behind_their_separators() {
        check(
            &path("My Music/Some Artist/An Album"),
            Some(22),
            &["My Music/Some Artist/", "  An Album"],
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        check("東京 大阪 abc", Some(9), &["東京 大阪", "  abc"]);
        check("東京 大阪 abc", Some(8), &["東京", "  大阪", "  abc"]);
        assert_eq!(shortened("東京大阪京都", 9), "東京…京都");
        assert_eq!(shortened("abcdefghij", 7), "abc…hij");
        assert_eq!(shortened("abcdefg", 7), "abcdefg");
    }

    #[track_caller]
    fn check(text: &str, columns: Option<usize>, expected: &[&str]) {
        assert_eq!(fold(text, 0, 2, columns), expected);
    }
}
