//! The end of a report: totals, and what to do next.

use std::io::{self, Write};

use super::advice::{Asked, as_page, left_out, next_steps};
use super::fold::{fold, unit, with_command};
use super::summary::Summary;
use super::terminal::{Colour, Tone, count, thousands, with_painted};
use crate::judge::Kind;

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
    for line in fold(&headline(summary), 0, 2, columns) {
        writeln!(out, "{}", colour.paint(Tone::Heading, &line))?;
    }
    let rows = totals(summary);
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
    for remark in remarks(summary, asked) {
        for line in fold(&remark, 0, 2, columns) {
            let painted = if summary.is_fine() {
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
    let listed: u64 = asked.kinds.iter().map(|kind| summary.of(*kind)).sum();
    if let (true, Some(page)) = (listed > LONG, as_page(asked)) {
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

/// Whole sentences about the totals: that nothing is wrong, or what is not listed.
pub(super) fn remarks(summary: &Summary, asked: &Asked) -> Vec<String> {
    let fine = summary.is_fine().then(|| "All fine.".to_owned());
    let left_out = left_out(summary, asked).map(|told| format!("{told}."));
    fine.into_iter().chain(left_out).collect()
}

/// In how many files each kind was found, with the end of a sentence about them; without the kinds that were not found.
pub(super) fn totals(summary: &Summary) -> Vec<(u64, Kind, String)> {
    let Summary {
        files: _,
        with_code: _,
        missing,
        malformed,
        repairable: _,
        to_repair: _,
        shared_codes,
        shared_files,
        same_recordings,
        different_recordings: _,
        split,
        conflicting,
        misplaced,
        suspicious,
        unsupported,
        unreadable,
        gone: _,
    } = *summary;
    let all = [
        (missing, Kind::Missing, "without any code".to_owned()),
        (
            malformed,
            Kind::Malformed,
            "with a value that is not the stored form of a code".to_owned(),
        ),
        (
            conflicting,
            Kind::Conflicting,
            "with several different codes".to_owned(),
        ),
        (shared_files, Kind::Shared, shared_words(shared_codes, same_recordings)),
        (split, Kind::Split, "one recording under different codes".to_owned()),
        (
            misplaced,
            Kind::Misplaced,
            "with the code only where most programs do not look".to_owned(),
        ),
        (
            suspicious,
            Kind::Suspicious,
            "with a code that is hard to believe".to_owned(),
        ),
        (
            unsupported,
            Kind::Unsupported,
            "of a kind that is not supported yet".to_owned(),
        ),
        (
            unreadable,
            Kind::Unreadable,
            "not to be opened, broken, or another kind of file than the name says".to_owned(),
        ),
    ];
    all.into_iter().filter(|(number, ..)| *number > 0).collect()
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
            let when = unit(&format!(" ({})", way.when));
            lines.extend(fold(&format!("{} {when}", unit(&way.command)), 2, 3, columns));
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
