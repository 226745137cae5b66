//! Text, for people: grouped by folder and problem, with what to do about it, the totals last.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::advice::next_steps;
use super::summary::Summary;
use super::terminal::{Colour, Tone, count, printable, thousands};
use super::{Report, Shared};
use crate::inspect::Inspected;
use crate::isrc::decode::{Repair, decode};
use crate::judge::shared::Verdict;
use crate::judge::{Finding, Kind, Severity};

/// Beyond this, a list of files that all lack the same thing is shortened.
const SHOWN_WHOLE: usize = 6;

/// Beyond this, the end of a value is left out.
const VALUE_WIDTH: usize = 60;

/// How much the text report tells.
#[derive(Debug, Clone)]
pub struct TextOptions {
    pub colour: Colour,
    pub this_year: u16,
    /// Lists every file, however many have the same problem.
    pub verbose: bool,
    /// What the user asked to scan, for the commands that the report suggests.
    pub roots: Vec<PathBuf>,
}

/// Writes a scan as text. The findings of one folder are held back until the folder is complete.
pub struct TextReport<W> {
    out: W,
    options: TextOptions,
    folder: Option<PathBuf>,
    problems: Vec<Problem>,
    shared_heading: SharedHeading,
}

/// What one folder's files have in common: the kind, and the words for it.
struct Problem {
    kind: Kind,
    heading: String,
    lines: Vec<String>,
    /// Every line tells something of its own, so none may be left out.
    individual: bool,
}

#[derive(PartialEq)]
enum SharedHeading {
    ToCome,
    Written,
}

impl<W: Write> TextReport<W> {
    pub fn new(out: W, options: TextOptions) -> TextReport<W> {
        TextReport {
            out,
            options,
            folder: None,
            problems: Vec::new(),
            shared_heading: SharedHeading::ToCome,
        }
    }

    fn add(&mut self, kind: Kind, heading: String, line: String, individual: bool) {
        match self
            .problems
            .iter_mut()
            .find(|problem| problem.kind == kind && problem.heading == heading)
        {
            Some(problem) => problem.lines.push(line),
            None => self.problems.push(Problem {
                kind,
                heading,
                lines: vec![line],
                individual,
            }),
        }
    }

    fn write_folder(&mut self) -> io::Result<()> {
        let Some(folder) = self.folder.take() else {
            return Ok(());
        };
        if self.problems.is_empty() {
            return Ok(());
        }
        let colour = self.options.colour;
        let name = match folder.as_os_str().is_empty() {
            true => ".".into(),
            false => folder.to_string_lossy().into_owned(),
        };
        writeln!(self.out, "{}", colour.paint(Tone::Heading, &printable(&name)))?;
        self.problems.sort_by_key(|problem| problem.kind);
        for problem in self.problems.drain(..) {
            let Problem {
                kind,
                heading,
                lines,
                individual,
            } = problem;
            let word = colour.paint(tone(kind.severity()), kind.word());
            writeln!(self.out, "  {word}: {heading}")?;
            if individual || self.options.verbose || lines.len() <= SHOWN_WHOLE {
                for line in &lines {
                    writeln!(self.out, "    {line}")?;
                }
            } else {
                writeln!(self.out, "    {}", lines[0])?;
                writeln!(self.out, "    {}", lines[1])?;
                let rest = thousands(lines.len() as u64 - 3);
                writeln!(
                    self.out,
                    "    {}",
                    colour.paint(Tone::Quiet, &format!("... and {rest} more, up to"))
                )?;
                writeln!(self.out, "    {}", lines[lines.len() - 1])?;
            }
        }
        writeln!(self.out)
    }

    fn add_finding(&mut self, name: &str, file: &Inspected, finding: &Finding) {
        let value = finding.place.and_then(|index| file.places.get(index));
        let Finding {
            kind,
            place: _,
            reason: _,
            explanation,
            repair,
            suggestions,
            second_opinion,
        } = finding;
        let doubt = match second_opinion {
            Some(opinion) => format!("  (second opinion: {})", printable(opinion)),
            None => String::new(),
        };
        let quoted = value.map(|place| {
            let text = shortened(&printable(&place.text), VALUE_WIDTH);
            format!("{} holds \"{text}\"", printable(&place.name.to_string()))
        });
        let quoted = quoted.unwrap_or_default();
        match kind {
            Kind::Missing => {
                let individual = second_opinion.is_some();
                let heading = "no code in any place".to_owned();
                self.add(*kind, heading, format!("{name}{doubt}"), individual);
            }
            Kind::Malformed => {
                let why = explanation;
                let (heading, outcome) = match repair {
                    Some(Repair::Safe) => {
                        let isrc = value.and_then(|place| decode(&place.text, self.options.this_year).isrc);
                        let outcome = isrc.map(|isrc| format!(" -> {isrc}")).unwrap_or_default();
                        ("can be repaired without guessing: isrctag fix", outcome)
                    }
                    Some(Repair::Guess) => {
                        let guesses: Vec<&str> = suggestions.iter().map(|isrc| isrc.as_str()).take(3).collect();
                        (
                            "looks mistyped: check, then isrctag set",
                            format!(", perhaps {}?", guesses.join(" or ")),
                        )
                    }
                    Some(Repair::None) | None => ("not a code: find the right one, then isrctag set", String::new()),
                };
                let line = format!("{name}: {quoted}{outcome} ({why}){doubt}");
                self.add(*kind, heading.to_owned(), line, true);
            }
            Kind::Conflicting => {
                let line = format!("{name}: {}", printable(explanation));
                self.add(
                    *kind,
                    "several codes in one file: keep the right one with isrctag set --replace".to_owned(),
                    line,
                    true,
                );
            }
            Kind::Misplaced => {
                let line = format!("{name}: {quoted}");
                self.add(
                    *kind,
                    "only where most programs do not look: isrctag fix --place".to_owned(),
                    line,
                    true,
                );
            }
            Kind::Suspicious => {
                let line = format!("{name}: {quoted} ({})", explanation);
                self.add(*kind, "well formed, but hard to believe".to_owned(), line, true);
            }
            Kind::Unsupported => {
                let line = name.to_owned();
                self.add(*kind, printable(explanation).into_owned(), line, false);
            }
            Kind::Unreadable | Kind::Shared | Kind::Split => {
                let line = format!("{name}: {}", printable(explanation));
                self.add(*kind, "not what it claims to be, or not whole".to_owned(), line, true);
            }
        }
    }
}

impl<W> std::fmt::Debug for TextReport<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TextReport")
    }
}

impl<W: Write> Report for TextReport<W> {
    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new(""));
        if self.folder.as_deref() != Some(folder) {
            self.write_folder()?;
            self.folder = Some(folder.to_path_buf());
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let name = printable(&name);
        for finding in &file.judged.findings {
            self.add_finding(&name, file, finding);
        }
        if file.judged.findings.is_empty() {
            let isrc = file.judged.isrc.map(|isrc| isrc.to_string()).unwrap_or_default();
            // Only `--all` sends files without a finding here.
            writeln!(self.out, "{}  {isrc}", printable(&path.to_string_lossy()))?;
        }
        Ok(())
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        self.write_folder()?;
        let colour = self.options.colour;
        if self.shared_heading == SharedHeading::ToCome {
            writeln!(
                self.out,
                "{}",
                colour.paint(Tone::Heading, "Codes that several files share")
            )?;
            self.shared_heading = SharedHeading::Written;
        }
        let Shared {
            isrc,
            verdict,
            evidence,
            paths,
            about: _,
        } = shared;
        let advice = match verdict {
            Verdict::SameRecording => "one recording, as it should be",
            Verdict::DifferentRecordings => "different recordings: all but one need a code of their own",
            Verdict::Undecided => "one recording or several? Listen, or isrctag scan --audio",
        };
        let word = colour.paint(tone(verdict.severity()), isrc.as_str());
        writeln!(self.out, "  {word}  {advice} ({})", printable(evidence))?;
        for path in paths {
            writeln!(self.out, "    {}", printable(&path.to_string_lossy()))?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.write_folder()?;
        if self.shared_heading == SharedHeading::Written {
            writeln!(self.out)?;
        }
        write_totals(&mut self.out, summary, &self.options)?;
        self.out.flush()
    }
}

fn write_totals(out: &mut impl Write, summary: &Summary, options: &TextOptions) -> io::Result<()> {
    let Summary {
        files,
        with_code,
        missing,
        malformed,
        repairable: _,
        shared_codes,
        shared_files,
        same_recordings,
        split,
        conflicting,
        misplaced,
        suspicious,
        unsupported,
        unreadable,
    } = *summary;
    let colour = options.colour;
    let total = format!(
        "{}, {} with a code",
        count(files, "audio file", "audio files"),
        thousands(with_code)
    );
    writeln!(out, "{}", colour.paint(Tone::Heading, &total))?;
    let rows = [
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
            "not what they claim to be, cut short, or not to be opened".to_owned(),
        ),
    ];
    for (number, kind, words) in rows.iter().filter(|(number, ..)| *number > 0) {
        let padded = format!("{:<11}", kind.word());
        let word = colour.paint(tone(kind.severity()), &padded);
        writeln!(out, "  {:>9} {word} {words}", thousands(*number))?;
    }
    let fine = rows
        .iter()
        .all(|(number, kind, _)| *number == 0 || (*kind == Kind::Shared && shared_codes == same_recordings));
    if files == 0 {
        writeln!(out, "Nothing to check: there is no audio file here.")?;
    } else if fine {
        writeln!(out, "{}", colour.paint(Tone::Good, "All fine."))?;
    }
    for step in next_steps(summary, &options.roots) {
        writeln!(out, "{step}")?;
    }
    Ok(())
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

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Quiet,
        Severity::Warning => Tone::Warning,
        Severity::Error => Tone::Error,
    }
}

fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}
