//! Lists that are no tables: lines of a mail ("1. Low Water - QZ-TST-26-00001"), a title with "ISRC: …" below it, a label
//! copy of "Title: …" lines, and markers of editors that carry the tags of a CD (Reaper's
//! "#Low Water|ISRC=QZTST2600001|PERFORMER=Maren Holt"). They become a table of the same row numbers.

use std::path::Path;

use super::grid::{Grid, RECORDED, Record};
use crate::isrc::normalise::normalise;
use crate::list::Code;
use crate::list::table::columns::{self, Column};
use crate::list::table::{cell, remarks};
use crate::recording::names::album_and_disc;

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
    fields: Record,
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
    /// Tracks, and lines that say something of those below them.
    rows: Vec<(u32, Result<Record, String>)>,
    /// Rows whose title is in the line above, and the row of the last code.
    with_bare: usize,
    last: u32,
    block: Block,
}

/// The table of the markers that have a code, or nothing where no cell is such a marker.
pub(in crate::list) fn of_markers(grid: &Grid) -> Option<Grid> {
    let marked = (0..grid.len()).filter_map(|row| Some((grid.number(row), Ok(grid.row(row).find_map(marker)?))));
    tabled(&[], marked.collect())
}

fn marker(cell: &str) -> Option<Record> {
    let (title, fields) = cell.trim().strip_prefix('#')?.split_once('|')?;
    let fields = fields.split('|').filter_map(|field| field.split_once('='));
    let known = fields.filter_map(|(label, value)| Some((columns::meaning(label)?, value.trim().to_owned())));
    let title = Some((Column::Title, title.trim().to_owned())).filter(|(_, title)| !title.is_empty());
    let marker: Record = known
        .filter(|(column, _)| matches!(column, Column::Title | Column::Artist | Column::Isrc))
        .chain(title)
        .collect();
    marker.contains_key(&Column::Isrc).then_some(marker)
}

/// The table of lines, or nothing where codes are in columns, or in lines that say nothing else.
pub(in crate::list) fn of_lines(grid: &Grid, this_year: u16) -> Option<Grid> {
    let mut read: Vec<(u32, Line)> = Vec::new();
    for row in 0..grid.len() {
        let cells: Vec<&str> = grid.row(row).map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let number = grid.number(row);
        if let [only] = cells[..]
            && let Some((track, field)) = numbered(only)
        {
            read.push((number, Line::Field(Column::Track, track.to_owned())));
            read.push((number, line(&[field], this_year)?));
            continue;
        }
        read.push((number, line(&cells, this_year)?));
    }
    let are_counted = take_out_credits(&mut read).is_some();
    let mut lines = Lines::default();
    for (number, line) in read {
        lines.add(number, line)?;
    }
    let ends_bare = lines.block.bare.is_some() && !lines.block.fields.contains_key(&Column::Isrc) && !are_counted;
    lines.end()?;
    // Where the last line is a title, titles may as well be below their codes.
    if ends_bare && lines.with_bare > 0 {
        return None;
    }
    tabled(&lines.above, lines.rows)
}

/// Takes out who wrote a song and the like, where each title is counted, "1. Low Water", and has one line "ISRC: …" below it.
/// `None` if lines are not so.
fn take_out_credits(lines: &mut [(u32, Line)]) -> Option<()> {
    let counted = |text: &str| {
        text.split_once(['.', ')'])
            .and_then(|(number, _)| number.parse::<u32>().ok())
    };
    let (mut last, mut is_open, mut credits) = (0, false, Vec::new());
    for (at, (_, line)) in lines.iter().enumerate() {
        match line {
            Line::Bare(text) if counted(text).is_some_and(|number| number == 1 || number == last + 1) && !is_open => {
                (last, is_open) = (counted(text)?, true);
            }
            Line::Bare(text) if is_open && counted(text).is_none() && remarks::version_of_line(text).is_none() => {
                credits.push(at);
            }
            Line::Field(Column::Isrc, _) if is_open => is_open = false,
            Line::Bare(_) if !is_open => {}
            Line::Field(Column::Isrc | Column::Title | Column::Track | Column::File, _)
            | Line::Code(..)
            | Line::Bare(_) => return None,
            Line::Field(..) | Line::Nothing => {}
        }
    }
    (!is_open && last > 1).then(|| credits.into_iter().for_each(|at| lines[at].1 = Line::Nothing))
}

/// The number and the field of "Track 1 Title: Low Water".
fn numbered(line: &str) -> Option<(&str, &str)> {
    let (counts, rest) = line.split_once(' ')?;
    let (number, field) = rest.split_once(' ')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_known = columns::meaning(field.split_once(':')?.0).is_some();
    (is_track(counts) && is_number && is_known).then_some((number, field))
}

fn tabled(above: &[Vec<String>], rows: Vec<(u32, Result<Record, String>)>) -> Option<Grid> {
    if rows.iter().all(|(_, row)| row.is_err()) {
        return None;
    }
    let mut grid = Grid::default();
    for cells in above {
        grid.push(1, cells.iter().map(String::as_str)).ok()?;
    }
    grid.push_headings().ok()?;
    for (number, row) in rows {
        let pushed = match row {
            Ok(record) => grid.push_record(number, &record),
            Err(line) => grid.push(number, [line.as_str()]),
        };
        pushed.ok()?;
    }
    Some(grid)
}

impl Lines {
    /// `None` if a code is for nothing.
    fn add(&mut self, number: u32, line: Line) -> Option<()> {
        match line {
            Line::Field(column, value) => {
                let known = self.block.fields.get(&column);
                if known.is_some_and(|known| column != Column::Track || *known != value) {
                    self.end()?;
                }
                if column == Column::Isrc {
                    self.block.number = number;
                }
                self.block.fields.insert(column, value);
            }
            Line::Code(code, beside) => {
                if !beside.is_empty() || self.block.fields.contains_key(&Column::Isrc) {
                    self.end()?;
                }
                self.block.number = number;
                self.block.fields.insert(Column::Isrc, code);
                if !beside.is_empty() {
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
        let says = |column| block.fields.get(column).is_some_and(|text| !text.is_empty());
        if ![Column::Title, Column::Track, Column::File].iter().any(says) {
            return None;
        }
        self.last = block.number;
        self.rows.push((block.number, Ok(block.fields)));
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
        if remarks::is_draft(&line) && is_first {
            self.above.push(vec![line]);
        } else if remarks::version_of_line(&line).is_some()
            || album_and_disc(&line).1.is_some()
            || remarks::is_draft(&line)
            || remarks::says_of_codes(&line).is_some()
        {
            self.rows.push((block.number, Err(line)));
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
        let clock = |word: &str| {
            let digits = word.trim_matches(['(', ')', '[', ']']);
            let is_clock = digits.contains(':') && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
            is_clock.then(|| digits.to_owned())
        };
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let ends = [words.last().copied(), words.first().copied()].map(|word| word.and_then(clock));
        match ends {
            [Some(_), _] => _ = words.pop(),
            [None, Some(_)] => _ = words.remove(0),
            [None, None] => {}
        }
        let length = ends.into_iter().flatten().next();
        self.fields.extend(length.map(|length| (Column::Duration, length)));
        // "Track 01 Low Water" is "01 Low Water".
        let is_number = |word: &str| {
            word.trim_end_matches(['.', ':', ')'])
                .bytes()
                .all(|byte| byte.is_ascii_digit())
        };
        let (column, said) = match words[..] {
            [counts, number] if is_number(number) && is_track(counts) => (Column::Track, number.to_owned()),
            [counts, number, ..] if is_number(number) && is_track(counts) => (Column::Title, words[1..].join(" ")),
            _ => (Column::Title, words.join(" ")),
        };
        self.fields.insert(column, said);
    }
}

fn is_track(word: &str) -> bool {
    columns::meaning(word) == Some(Column::Track)
}

/// `None` if the line is a row of a table, or holds several codes.
fn line(cells: &[&str], this_year: u16) -> Option<Line> {
    // Of "Low Water (3:04)" it is no label.
    let is_digit = |letter: char| letter.is_ascii_digit();
    let is_clock = |(label, value): &(&str, &str)| label.ends_with(is_digit) && value.starts_with(is_digit);
    let field = match cells {
        [label, value] => Some((*label, *value)),
        [only] => only.split_once(':').filter(|field| !is_clock(field)),
        _ => None,
    };
    let meant =
        field.and_then(|(label, value)| Some((columns::meaning(label.trim_end_matches([':', ' ']))?, value.trim())));
    if let Some((column, value)) = meant {
        let code = || code_in(&value.split_whitespace().collect::<Vec<_>>()).flatten();
        return Some(match column {
            _ if value.is_empty() || !RECORDED.contains(&column) => Line::Nothing,
            // "ISRC: QZ-TST-26-00001  Length: 3:04".
            Column::Isrc => Line::Field(column, code().map_or_else(|| value.to_owned(), |(code, _)| code)),
            _ => Line::Field(column, value.to_owned()),
        });
    }
    if cells.len() > 1 && cells.iter().any(|cell| Code::judge(cell, this_year).isrc().is_some()) {
        return None;
    }
    let text = cells.join(" ");
    let says_more = field.is_some_and(|(_, value)| !value.trim().is_empty());
    let counts = field
        .and_then(|(label, _)| label.rsplit_once(' '))
        .is_some_and(|(word, _)| is_track(word));
    // A length alone, "3:05".
    let is_length = text.contains(':')
        && text
            .chars()
            .all(|letter| is_digit(letter) || matches!(letter, ':' | '.' | ' '));
    // Who wrote a song is below its title, in brackets or not.
    let is_in_brackets = text.starts_with('(') && text.ends_with(')') && remarks::version_of_line(&text).is_none();
    let is_credit = is_in_brackets || remarks::is_credit(&text);
    Some(match code_in(&text.split_whitespace().collect::<Vec<_>>())? {
        Some((code, beside)) => Line::Code(code, beside),
        // "Start: 00:02:00" says nothing here; "Track 1: Low Water" and "Instrumentals:" do.
        None if !counts && (is_credit || is_length || says_more) => Line::Nothing,
        None => Line::Bare(text),
    })
}

/// The code among words, in up to four of them, and what they say without it; the outer `None` for several codes.
fn code_in(words: &[&str]) -> Option<Option<(String, String)>> {
    let bare = |text: &str| text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
    let mut found = None;
    let mut at = 0;
    while at < words.len() {
        let code = (1..=4.min(words.len() - at)).find_map(|length| {
            let code = normalise(&bare(&words[at..at + length].join(" "))).ok()?;
            Some((code.isrc.to_string(), at, at + length))
        });
        at = code.as_ref().map_or(at + 1, |(.., end)| *end);
        if code.is_some() && std::mem::replace(&mut found, code).is_some() {
            return None;
        }
    }
    Some(found.map(|(code, start, end)| {
        let is_label = |word: &str| bare(word).is_empty() || columns::meaning(&bare(word)) == Some(Column::Isrc);
        // "ISRC:" is beside the code; what is in the title belongs to it.
        let (before, behind) = (&words[..start], &words[end..]);
        let last = before.iter().rposition(|word| !is_label(word)).map_or(0, |at| at + 1);
        let first = behind.iter().position(|word| !is_label(word)).unwrap_or(behind.len());
        let beside = [&before[..last], &behind[first..]].concat().join(" ");
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
        let told = of_lines(&grid, 2026).map(|table| {
            let row = |row| {
                let cells = table.row(row).filter(|cell| !cell.is_empty());
                format!("{} {}", table.number(row), cells.collect::<Vec<_>>().join("|"))
            };
            let rows: Vec<String> = (0..table.len()).map(row).collect();
            let headings = rows.iter().position(|row| row.contains("track|title")).unwrap();
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
    fn credits_are_no_titles_where_titles_are_counted() {
        let credit = "Written by A. Owl. Published by Owl Songs.";
        let copy = format!(
            "SMALL HOURS\n\n1. Low Water (3:04)\n{credit}\nISRC: QZTST2600001\nP 2026 Owl\n2. Wintering\n{credit}\n\
             ISRC: TBC\nP 2026 Owl\n"
        );
        check(&copy, "5 1. Low Water|3:04|QZTST2600001\n9 2. Wintering|TBC");
        // A title that is not counted may be that of the code.
        let missing = copy.replace("1. Low Water (3:04)\n", "");
        check(&missing.replace("\nP 2026 Owl\n2", "\n2"), "no list");
        check(&copy.replace("2. Wintering", "Wintering"), "no list");
        check(
            &format!("{copy}3. Rope\nInstrumental\nISRC: QZTST2600003\n"),
            "5 Written by A. Owl. Published by Owl Songs.|QZTST2600001\n9 Written by A. Owl. Published by Owl Songs.|TBC\n13 Instrumental|QZTST2600003",
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
    fn credits_between_a_title_and_its_code_are_passed_over() {
        check(
            "1. Low Water (3:04)\nWritten & produced by: M. Holt\nISRC: QZTST2600001\n\n2. Rope\nMusik von: N. N.\nISRC: QZTST2600002\n",
            "3 1. Low Water|3:04|QZTST2600001\n7 2. Rope|QZTST2600002",
        );
    }

    #[test]
    fn a_length_below_a_title_is_no_title() {
        check(
            "Low Water\n3:05\nISRC: QZTST2600001\n\nRope\n2:10\nISRC: QZTST2600002\n",
            "3 Low Water|QZTST2600001\n7 Rope|QZTST2600002",
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
