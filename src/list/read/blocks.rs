//! Lists that are no tables: lines of a mail ("1. Low Water - QZ-TST-26-00001"), a title with "ISRC: …" below it, a label
//! copy of "Title: …" lines. They become a table of the same row numbers.

use std::collections::BTreeMap;
use std::path::Path;

use super::grid::Grid;
use crate::isrc::normalise::normalise;
use crate::list::Code;
use crate::list::table::columns::{self, Column};
use crate::list::table::{cell, remarks};

/// The columns of the table, and their headings.
const COLUMNS: [(Column, &str); 9] = [
    (Column::Track, "track no"),
    (Column::Title, "track title"),
    (Column::Version, "version"),
    (Column::Artist, "artist"),
    (Column::Album, "album"),
    (Column::Disc, "disc"),
    // It may also tell where the track begins.
    (Column::Duration, "time"),
    (Column::File, "filename"),
    (Column::Isrc, "isrc"),
];

/// What one line says.
enum Line {
    /// "Title: Low Water".
    Field(Column, String),
    /// A code, and what is beside it.
    Code(String, String),
    Bare(String),
    Nothing,
}

#[derive(Default)]
struct Block {
    number: u32,
    fields: BTreeMap<Column, String>,
    /// The line that the block begins with, and its number.
    bare: Option<(u32, String)>,
    /// It has lines that say nothing of the track.
    says_more: bool,
}

/// What the lines so far come to.
#[derive(Default)]
struct Lines {
    /// What is said of all rows.
    above: Vec<Vec<String>>,
    rows: Vec<(u32, Vec<String>)>,
    /// Rows whose title is in the line above, and the row of the last code.
    with_bare: usize,
    last: u32,
    block: Block,
}

/// The table, or nothing where codes are in columns, or in lines that say nothing else.
pub(in crate::list) fn table(grid: &Grid, this_year: u16) -> Option<Grid> {
    let mut lines = Lines::default();
    for row in 0..grid.len() {
        let cells: Vec<&str> = grid.row(row).map(str::trim).filter(|cell| !cell.is_empty()).collect();
        lines.add(grid.number(row), line(&cells, this_year)?)?;
    }
    let ends_bare = lines.block.bare.is_some() && !lines.block.fields.contains_key(&Column::Isrc);
    lines.end()?;
    // Where the last line is a title, titles may as well are below their codes.
    if ends_bare && lines.with_bare > 0 {
        return None;
    }
    let Lines { above, rows, .. } = lines;
    let is_said = |(_, cells): &(u32, Vec<String>)| cells.len() == COLUMNS.len();
    if !rows.iter().any(is_said) {
        return None;
    }
    let mut table = Grid::default();
    for cells in above {
        table.push(1, cells.iter().map(String::as_str)).ok()?;
    }
    table.push(1, COLUMNS.map(|(_, heading)| heading)).ok()?;
    for (number, cells) in rows {
        table.push(number, cells.iter().map(String::as_str)).ok()?;
    }
    Some(table)
}

impl Lines {
    /// `None` if a code is for nothing.
    fn add(&mut self, number: u32, line: Line) -> Option<()> {
        match line {
            Line::Field(column, value) => {
                if self.block.fields.contains_key(&column) {
                    self.end()?;
                }
                if column == Column::Isrc {
                    self.block.number = number;
                }
                self.block.fields.insert(column, value);
            }
            Line::Code(code, beside) => {
                let is_whole = !beside.is_empty();
                if is_whole || self.block.fields.contains_key(&Column::Isrc) {
                    self.end()?;
                }
                self.block.number = number;
                self.block.fields.insert(Column::Isrc, code);
                if is_whole {
                    self.block.say(&beside);
                    self.end()?;
                }
            }
            Line::Bare(text) => {
                self.end()?;
                self.block.number = number;
                self.block.bare = Some((number, text));
            }
            Line::Nothing => self.block.says_more = true,
        }
        Some(())
    }

    /// Ends a block. `None` if its code is for nothing.
    fn end(&mut self) -> Option<()> {
        let mut block = std::mem::take(&mut self.block);
        if !block.fields.contains_key(&Column::Isrc) {
            self.say(block);
            return Some(());
        }
        if let Some((at, bare)) = block.bare.take() {
            // A title that is nearer to the code above it belongs to that one.
            let is_bare = block.fields.len() == 1 && !block.says_more;
            if self.last > 0 && is_bare && at - self.last < block.number - at {
                return None;
            }
            self.with_bare += 1;
            match block.fields.contains_key(&Column::Title) {
                true => _ = block.fields.entry(Column::Track).or_insert(bare),
                false => block.say(&bare),
            }
        }
        let says = |column| block.fields.get(&column).is_some_and(|text: &String| !text.is_empty());
        if ![Column::Title, Column::Track, Column::File].into_iter().any(says) {
            return None;
        }
        self.last = block.number;
        let cell = |(column, _): (Column, &str)| block.fields.remove(&column).unwrap_or_default();
        self.rows.push((block.number, COLUMNS.map(cell).to_vec()));
        Some(())
    }

    /// Keeps what lines without a code say of the rows below: artist and album, a version, a disc, that it is a draft.
    fn say(&mut self, mut block: Block) {
        let is_first = self.rows.is_empty();
        for (column, label) in [(Column::Album, "Album:"), (Column::Artist, "Artist:")] {
            let said = block.fields.remove(&column).filter(|_| is_first);
            self.above.extend(said.map(|said| vec![label.to_owned(), said]));
        }
        let (_, line) = block.bare.unwrap_or_default();
        let (_, disc) = crate::recording::names::album_and_disc(&line);
        if remarks::is_draft(&line) && is_first {
            self.above.push(vec![line]);
        } else if remarks::version_of_line(&line).is_some() || disc.is_some() {
            self.rows.push((block.number, vec![line]));
        }
    }
}

impl Block {
    /// Takes a title with its length at either end: "Low Water (3:04)".
    fn say(&mut self, text: &str) {
        if cell::names_audio(Path::new(text)) {
            self.fields.insert(Column::File, text.to_owned());
            return;
        }
        let is_clock = |word: &str| {
            let digits = word.trim_matches(['(', ')', '[', ']']);
            digits.contains(':') && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let (title, clock) = match words[..] {
            [ref title @ .., last] if is_clock(last) => (title, Some(last)),
            [first, ref title @ ..] if is_clock(first) => (title, Some(first)),
            _ => (&words[..], None),
        };
        if let Some(clock) = clock {
            let clock = clock.trim_matches(['(', ')', '[', ']']).to_owned();
            self.fields.insert(Column::Duration, clock);
        }
        // "Track 01 Low Water" is "01 Low Water".
        let is_number = |word: &&str| {
            word.trim_end_matches(['.', ':', ')'])
                .bytes()
                .all(|byte| byte.is_ascii_digit())
        };
        let counts = |word: &str| columns::meaning(word) == Some(Column::Track);
        match title {
            [first, number] if is_number(number) && counts(first) => {
                self.fields.insert(Column::Track, (*number).to_owned());
            }
            [first, rest @ ..] if rest.len() > 1 && is_number(&rest[0]) && counts(first) => {
                self.fields.insert(Column::Title, rest.join(" "));
            }
            title => {
                self.fields.insert(Column::Title, title.join(" "));
            }
        }
    }
}

/// `None` if the line is a row of a table, or holds several codes.
fn line(cells: &[&str], this_year: u16) -> Option<Line> {
    let is_code = |cell: &&str| Code::judge(cell, this_year).isrc().is_some();
    let field = match cells {
        [label, value] => Some((*label, *value)),
        [only] => only.split_once(':'),
        _ => None,
    };
    if let Some((label, value)) = field
        && let Some(column) = columns::meaning(label.trim_end_matches([':', ' ']))
    {
        let value = value.trim();
        let words: Vec<&str> = value.split_whitespace().collect();
        if let (Column::Isrc, Some(Some((code, _)))) = (column, code_in(&words)) {
            // "ISRC: QZ-TST-26-00001  Length: 3:04".
            return Some(Line::Field(column, code));
        }
        return Some(
            match COLUMNS.iter().any(|(known, _)| *known == column) && !value.is_empty() {
                true => Line::Field(column, value.to_owned()),
                false => Line::Nothing,
            },
        );
    }
    if cells.len() > 1 && cells.iter().any(is_code) {
        return None;
    }
    let text = cells.join(" ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_track = |label: &str| matches!(label.rsplit_once(' '), Some((word, _)) if columns::meaning(word) == Some(Column::Track));
    match code_in(&words)? {
        Some((code, beside)) => Some(Line::Code(code, beside)),
        None if field.is_some_and(|(label, _)| is_track(label)) => Some(Line::Bare(text)),
        // Who wrote a song is in brackets below its title.
        None if text.starts_with('(') && text.ends_with(')') && remarks::version_of_line(&text).is_none() => {
            Some(Line::Nothing)
        }
        // "Start: 00:02:00" says nothing here, "Instrumentals:" does.
        None if field.is_some_and(|(_, value)| !value.trim().is_empty()) => Some(Line::Nothing),
        None => Some(Line::Bare(text)),
    }
}

/// The code among words, in up to four of them, and what they say without it; the outer `None` for several codes.
fn code_in(words: &[&str]) -> Option<Option<(String, String)>> {
    let mut found: Option<(String, std::ops::Range<usize>)> = None;
    let mut at = 0;
    while at < words.len() {
        let code = (1..=4.min(words.len() - at)).find_map(|length| {
            let text = words[at..at + length].join(" ");
            let text = text.trim_matches(|letter: char| !letter.is_alphanumeric());
            normalise(text)
                .ok()
                .map(|code| (code.isrc.to_string(), at..at + length))
        });
        if let Some((code, range)) = code {
            if found.is_some() {
                return None;
            }
            at = range.end;
            found = Some((code, range));
        } else {
            at += 1;
        }
    }
    Some(found.map(|(code, range)| {
        let is_label = |word: &str| {
            let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
            bare.is_empty() || columns::meaning(bare) == Some(Column::Isrc)
        };
        // "ISRC:" is beside the code; what is in the title belongs to it.
        let (before, behind) = (&words[..range.start], &words[range.end..]);
        let end = before.iter().rposition(|word| !is_label(word)).map_or(0, |at| at + 1);
        let start = behind.iter().position(|word| !is_label(word)).unwrap_or(behind.len());
        let beside = [&before[..end], &behind[start..]].concat().join(" ");
        let ends = |letter: char| letter.is_whitespace() || "-–—:|,;=\"".contains(letter);
        (code, beside.trim_matches(ends).to_owned())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut grid = Grid::default();
        for (number, line) in (1..).zip(text.lines()) {
            grid.push(number, line.split('\t')).unwrap();
        }
        let told = table(&grid, 2026).map(|table| {
            let row = |row| {
                let cells = table.row(row).filter(|cell| !cell.is_empty());
                format!("{} {}", table.number(row), cells.collect::<Vec<_>>().join("|"))
            };
            let rows: Vec<String> = (0..table.len()).map(row).collect();
            let headings = rows.iter().position(|row| row.contains("track title")).unwrap();
            [&rows[..headings], &rows[headings + 1..]].concat().join("\n")
        });
        assert_eq!(told.unwrap_or_else(|| "no list".to_owned()), expected, "{text}");
    }

    #[test]
    fn lines_of_mails_are_rows() {
        check(
            "Hi Anna,\n\nhere they are:\n1. Low Water - QZTST2600001\n2. Wintering - QZ-TST-26-00002\n\nBest, Tom\n",
            "4 1. Low Water|QZTST2600001\n5 2. Wintering|QZTST2600002",
        );
        check("QZTST2600001  Low Water\n", "1 Low Water|QZTST2600001");
        check(
            "Low Water (3:04) ISRC: QZ TST 26 00001\n",
            "1 Low Water|3:04|QZTST2600001",
        );
        check("Low Water: QZTST2600001\n", "1 Low Water|QZTST2600001");
        check(
            "Instrumentals:\nLow Water QZTST2600001\n",
            "1 Instrumentals:\n2 Low Water|QZTST2600001",
        );
    }

    #[test]
    fn a_code_belongs_to_the_line_above() {
        check(
            "1. Low Water\nISRC: QZTST2600001\n\n2. Wintering\nISRC: TBC\n",
            "2 1. Low Water|QZTST2600001\n5 2. Wintering|TBC",
        );
        check(
            "Title: Small Hours\nTrack 01  Low Water\n  ISRC: QZTST2600001\n  Start: 00m 02s\n",
            "3 01 Low Water|QZTST2600001",
        );
    }

    #[test]
    fn labelled_lines_are_cells() {
        check(
            "Album: Small Hours\nTRACK 1\nTitle: Low Water\nArtist: Maren Holt\nISRC: QZTST2600001\nDuration: 3:04\n",
            "1 Album:|Small Hours\n5 TRACK 1|Low Water|Maren Holt|3:04|QZTST2600001",
        );
        check(
            "Track:\t1\nTitle:\tLow Water\nISRC:\tQZTST2600001\nTrack:\t2\nTitle:\tRope\nISRC:\tQZTST2600002\n",
            "3 1|Low Water|QZTST2600001\n6 2|Rope|QZTST2600002",
        );
    }

    #[test]
    fn tables_and_bare_codes_are_no_lines() {
        check("Low Water\tQZTST2600001\n", "no list");
        check("QZTST2600001\nQZTST2600002\n", "no list");
        check("Low Water QZTST2600001 QZTST2600002\n", "no list");
        check("nothing here\n", "no list");
    }
}
