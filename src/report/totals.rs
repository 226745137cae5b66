//! The end of a report: totals, and what to do next.

use std::io::{self, Write};

use super::advice::{Asked, as_page, left_out, next_steps};
use super::fold::{fold, unit, with_command};
use super::summary::Summary;
use super::terminal::{Colour, Tone, with_painted};
use crate::isrc::words::{count, thousands};
use crate::judge::{Kind, Task};

/// Lines are no way to look at more findings than this.
const LONG: u64 = 200;

/// Writes how many files there are, what was found in how many, and what to do next.
pub(super) fn write_totals(
    out: &mut impl Write,
    summary: &Summary,
    asked: &Asked,
    colour: Colour,
    columns: Option<usize>,
) -> io::Result<()> {
    if summary.files == 0 {
        return writeln!(out, "{}", headline(summary));
    }
    let listed = &summary.listed(&asked.listed);
    for line in fold(&headline(listed), 0, 2, columns) {
        writeln!(out, "{}", colour.paint(Tone::Heading, &line))?;
    }
    let rows: Vec<(u64, Kind, String)> = totals(listed).collect();
    let numbers = rows.iter().map(|(number, ..)| thousands(*number).len());
    let digits = numbers.max().unwrap_or(0);
    for (number, kind, words) in &rows {
        let padded = format!("{:<11}", kind.word());
        let head = format!("{:>digits$} {padded} ", thousands(*number));
        let hanging = match columns {
            Some(columns) if columns < 60 => 4,
            _ => 2 + head.len(),
        };
        let lines = fold(&format!("{}{words}", unit(&head)), 2, hanging, columns);
        for line in with_painted(colour, Tone::of(kind.severity()), kind.word(), lines) {
            writeln!(out, "{line}")?;
        }
    }
    if let Some(remark) = remarks(listed, asked) {
        for line in fold(&remark, 0, 2, columns) {
            let painted = if listed.is_fine() {
                colour.paint(Tone::Good, &line)
            } else {
                line.into()
            };
            writeln!(out, "{painted}")?;
        }
    }
    for line in steps(summary, asked, columns) {
        writeln!(out, "{line}")?;
    }
    let found: u64 = Kind::ALL.into_iter().map(|kind| listed.of(kind)).sum();
    if let (true, Some(page)) = (found > LONG, as_page(asked)) {
        for line in with_command("The same as a page:", &page, 0, 2, columns) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// How many files have a code.
pub(super) fn headline(summary: &Summary) -> String {
    match summary.files {
        0 => "Nothing to check: there is no audio file here.".to_owned(),
        _ => summary.headline(),
    }
}

/// Whole sentences about the totals of what is listed: that nothing is wrong, or what is not listed.
pub(super) fn remarks(listed: &Summary, asked: &Asked) -> Option<String> {
    let left_out = left_out(asked);
    if listed.is_fine() {
        return Some(left_out.map_or("All fine.".to_owned(), |told| format!("{told}: nothing was found.")));
    }
    let uncompared = listed.uncompared.filter(|number| *number > 0).map(|number| {
        let one = "recording by number, title and length has different codes, and could not be compared";
        let many = "recordings by number, title and length have different codes, and could not be compared";
        count(number, one, many)
    });
    let sentences = [left_out, uncompared].into_iter().flatten();
    let sentences: Vec<String> = sentences.map(|sentence| sentence + ".").collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// In how many files each kind was found, with what these files are; without the kinds that were not found.
pub(super) fn totals(listed: &Summary) -> impl Iterator<Item = (u64, Kind, String)> {
    let kinds = Kind::ALL.into_iter().map(|kind| (listed.of(kind), kind));
    let found = kinds.filter(|(number, _)| *number > 0);
    found.map(|(number, kind)| {
        let files = if number == 1 { "file" } else { "files" };
        let total = match kind {
            Kind::Shared => shared_words(listed.shared_codes, listed.same_recordings),
            Kind::Malformed => malformed_words(listed),
            other => other.info().total.to_owned(),
        };
        (number, kind, format!("{files} {total}"))
    })
}

/// What to do next: words, and the commands for them, each on a line that a shell can be given.
pub fn steps(summary: &Summary, asked: &Asked, columns: Option<usize>) -> Vec<String> {
    let mut lines = Vec::new();
    for step in next_steps(summary, asked) {
        let words = format!("{}:", step.words);
        if let [way] = &step.ways[..]
            && way.when.is_empty()
        {
            lines.extend(with_command(&words, &way.command, 0, 2, columns));
            continue;
        }
        lines.extend(fold(&words, 0, 2, columns));
        for way in &step.ways {
            let (command, when) = (unit(&way.command), unit(&format!("({})", way.when)));
            lines.extend(fold(&format!("{command}  {when}"), 2, 4, columns));
        }
    }
    lines
}

fn shared_words(shared_codes: u64, same_recordings: u64) -> String {
    let codes = count(shared_codes, "code", "codes");
    match same_recordings {
        0 => format!("that share {codes}"),
        same => format!(
            "that share {codes}, {} of them rightly: one recording each",
            thousands(same)
        ),
    }
}

fn malformed_words(listed: &Summary) -> String {
    let values: u64 = Task::ALL.into_iter().filter_map(|task| listed.values_of(task)).sum();
    match values > listed.malformed {
        true => format!(
            "with {} values that are not codes in their stored form",
            thousands(values)
        ),
        false => Kind::Malformed.info().total.to_owned(),
    }
}
