//! Lines folded to the width of a terminal, between units: codes, commands, values and names of places stay whole as long
//! as they are no wider than the terminal.
//!
//! Invariant: the text is the same but for line ends, indents, and the backslash by which a shell knows that a command
//! goes on. Where nobody reads on a terminal, each thing is a line of no more than [`LONGEST`].

use std::io::{self, Write};

use super::terminal::width;

/// The longest line where there is no terminal.
pub const LONGEST: usize = 400;

/// A space inside a unit. Other people's text holds no control character once it is printable.
const GLUE: char = '\u{1}';

/// Where a line may end without a space.
const SEAM: char = '\u{2}';

/// A space between two words of a command.
const BETWEEN_WORDS: char = '\u{3}';

/// The text as one unit.
pub(super) fn unit(text: &str) -> String {
    text.replace(' ', "\u{1}")
}

/// A path, which is broken behind its separators, and inside a name only where that is wider than the terminal.
pub(super) fn path(text: &str) -> String {
    unit(text).replace('/', "/\u{2}")
}

/// A command, as one unit. One that is wider than the terminal goes on in the next line as a shell reads it.
pub(super) fn command(text: &str) -> String {
    let mut quoted = false;
    let word = |character| match character {
        '\'' => {
            quoted = !quoted;
            character
        }
        ' ' if !quoted => BETWEEN_WORDS,
        ' ' => GLUE,
        other => other,
    };
    text.chars().map(word).collect()
}

/// Lines of `text` that fit into `columns`: the first one indented by `indent`, the others by `hanging`.
pub(super) fn fold(text: &str, indent: usize, hanging: usize, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns.filter(|_| !fits(text, indent, columns)) else {
        return vec![on_one_line(text, indent)];
    };
    let mut lines = FoldedLines {
        done: Vec::new(),
        line: " ".repeat(indent),
        is_empty: true,
        hanging: hanging.min(columns / 4),
        columns,
    };
    for piece in text.split_inclusive([' ', SEAM]) {
        let unit = piece.trim_end_matches([' ', SEAM]);
        let space = if piece.ends_with(' ') { " " } else { "" };
        match lines.hanging + columns_of_text(unit) > columns {
            false => lines.push(unit, space, ""),
            true => lines.push_parts(unit, space),
        }
    }
    lines.finish()
}

/// The text without its marks, however long.
fn on_one_line(text: &str, indent: usize) -> String {
    let mut line = " ".repeat(indent);
    line.reserve(text.len());
    line.extend(
        text.chars()
            .filter(|mark| *mark != SEAM)
            .map(|character| match character {
                GLUE | BETWEEN_WORDS => ' ',
                other => other,
            }),
    );
    line.truncate(line.trim_end().len());
    line
}

/// Lines in the making.
struct FoldedLines {
    done: Vec<String>,
    line: String,
    is_empty: bool,
    hanging: usize,
    columns: usize,
}

impl FoldedLines {
    /// Adds what stays on one line; `goes_on` is what is at the end of the line before, if this begins one.
    fn push(&mut self, unit: &str, space: &str, goes_on: &str) {
        let unit = unit.replace([GLUE, BETWEEN_WORDS], " ");
        let fits = width(&self.line) + width(&unit) <= self.columns;
        // A second space between two units is none at the begin of a line.
        if !fits && !self.is_empty && !unit.is_empty() {
            self.next(goes_on);
        }
        self.line.push_str(&unit);
        self.line.push_str(space);
        self.is_empty = false;
    }

    fn next(&mut self, goes_on: &str) {
        let line = std::mem::replace(&mut self.line, " ".repeat(self.hanging));
        self.done.push(format!("{}{goes_on}", line.trim_end()));
        self.is_empty = true;
    }

    /// Adds a unit that is wider than the terminal: on lines of its own, which end between its words.
    fn push_parts(&mut self, unit: &str, space: &str) {
        if !self.is_empty {
            self.next("");
        }
        let is_command = unit.contains(BETWEEN_WORDS);
        let (between, goes_on) = if is_command { (BETWEEN_WORDS, " \\") } else { (GLUE, "") };
        let columns = self.columns;
        if is_command {
            // The mark that it goes on has its place too.
            self.columns = columns.saturating_sub(goes_on.len());
        }
        let mut parts = unit.split(between).peekable();
        let mut first = true;
        while let Some(part) = parts.next() {
            let space = if parts.peek().is_some() { " " } else { space };
            self.push(part, space, if first { "" } else { goes_on });
            first = false;
        }
        self.columns = columns;
    }

    fn finish(mut self) -> Vec<String> {
        self.done.push(self.line.trim_end().to_owned());
        self.done
    }
}

/// Lines of a message: words, and behind the last colon perhaps a command.
pub fn message(text: &str, columns: Option<usize>) -> Vec<String> {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let text = &text[indent..];
    match text.rfind(": isrctag ") {
        Some(at) => with_command(&text[..=at], &text[at + 2..], indent, indent + 2, columns),
        None if text.starts_with("isrctag ") && !text.starts_with("isrctag: ") => {
            fold(&command(text), indent, indent + 2, columns)
        }
        None => fold(&text.replace('/', "/\u{2}"), indent, indent + 2, columns),
    }
}

/// A writer that folds every line that passes.
#[derive(Debug)]
pub struct Folding<W: Write> {
    out: W,
    columns: Option<usize>,
    line: Vec<u8>,
}

impl<W: Write> Folding<W> {
    pub fn new(out: W, columns: Option<usize>) -> Folding<W> {
        let line = Vec::new();
        Folding { out, columns, line }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        message(&text, self.columns)
            .iter()
            .try_for_each(|line| writeln!(self.out, "{line}"))
    }
}

impl<W: Write> Write for Folding<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match text.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                self.line.extend_from_slice(&text[..end]);
                self.end_line()?;
                Ok(end + 1)
            }
            None => {
                self.line.extend_from_slice(text);
                Ok(text.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether the text fits on one line behind an indent.
pub(super) fn fits(text: &str, indent: usize, columns: Option<usize>) -> bool {
    // No character takes more columns than it has bytes.
    let certainly = |columns: usize| indent + text.len() <= columns;
    columns.is_none_or(|columns| certainly(columns) || indent + columns_of_text(text) <= columns)
}

/// The columns of a text with its marks.
fn columns_of_text(text: &str) -> usize {
    text.chars()
        .filter(|character| *character != SEAM)
        .map(columns_of)
        .sum()
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
        GLUE | BETWEEN_WORDS => 1,
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
    let command = self::command(command);
    let whole = format!("{words} {command}");
    if fits(&whole, indent, columns) {
        return vec![on_one_line(&whole, indent)];
    }
    let mut lines = fold(words, indent, hanging, columns);
    lines.extend(fold(&command, hanging, hanging + 2, columns));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_units() {
        let text = format!("keep the {} please", unit("isrctag set CODE"));
        check(&text, Some(20), &["keep the", "  isrctag set CODE", "  please"]);
        check(&text, Some(10), &["keep the", "  isrctag", "  set CODE", "  please"]);
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
    fn what_is_wider_than_the_terminal_ends_between_its_words() {
        check(
            &path("My Music/A Title That Goes On"),
            Some(12),
            &["My Music/", "  A Title", "  That Goes", "  On"],
        );
        let told = message("2 files can be repaired: isrctag fix 'My Music' Other", Some(20));
        assert_eq!(
            told,
            [
                "2 files can be",
                "  repaired:",
                "  isrctag fix \\",
                "    'My Music' \\",
                "    Other"
            ]
        );
        let told = message("hint: isrctag scan 'My Music'", Some(16));
        assert_eq!(told, ["hint:", "  isrctag scan \\", "    'My Music'"]);
        let told = message("a/very/deep/path/to a file.flac: unchanged", Some(16));
        assert_eq!(told, ["a/very/deep/", "  path/to a", "  file.flac:", "  unchanged"]);
        assert_eq!(message("  two  spaces", Some(40)), ["  two  spaces"]);
        assert_eq!(message("two  spaces", Some(3)), ["two", "spaces"]);
        assert_eq!(message("", Some(40)), [""]);
    }

    #[test]
    fn a_writer_folds_line_by_line() {
        let mut out = Vec::new();
        let mut folding = Folding::new(&mut out, Some(10));
        folding.write_all(b"one two three\nfour\n\nfive").unwrap();
        folding.write_all(b" six seven\n").unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "one two\n  three\nfour\n\nfive six\n  seven\n"
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
