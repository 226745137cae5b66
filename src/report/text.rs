//! Text, for people: grouped by folder and problem, with what to do about it, the totals last.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use self::line::{BELOW_NAME, TextLine};
use super::advice::Asked;
use super::fold::{fits, fold, path as path_units, shortened, unit, with_command};
use super::summary::Summary;
use super::terminal::{Colour, Tone, printable, with_painted};
use super::totals::write_totals;
use super::{FileOrder, Report, Shared, Since, Split};
use crate::isrc::decode::decode;
use crate::isrc::words::thousands;
use crate::judge::{Finding, Kind, Task, TaskInfo};
use crate::recording::evidence::Verdict;
use crate::scan::inspect::Inspected;

mod line;

/// Beyond this, a list of files that all lack the same thing is shortened.
const SHOWN_WHOLE: usize = 6;

/// So many of the files that are gone are named.
const SHOWN_GONE: usize = 3;

/// Beyond this, the middle of a value is left out.
const VALUE_WIDTH: usize = 60;

/// How much the text report tells.
#[derive(Debug, Clone)]
pub struct TextOptions {
    pub colour: Colour,
    pub this_year: u16,
    /// Lists every file, however many have the same problem: what nobody looks at on a terminal may be searched.
    pub every: bool,
    /// Names all files that are gone.
    pub verbose: bool,
    /// Nothing is told but what is new since an earlier scan.
    pub only_new: bool,
    /// What the user asked for, for the commands that the report suggests.
    pub asked: Asked,
    /// The columns that lines are folded to; none where nobody reads them on a terminal, so that each thing is a line.
    pub width: Option<usize>,
}

/// Writes a scan as text. The findings of one folder are held back until the folder is complete.
pub struct TextReport<W> {
    out: W,
    options: TextOptions,
    folder: Option<PathBuf>,
    problems: Vec<FolderProblem>,
    shared_heading: SharedHeading,
    /// An earlier scan is at hand.
    has_earlier: bool,
    /// What is said before the first group, where no file has told anything.
    before_groups: Option<String>,
}

/// What one folder's files have in common: what is to be done, and the words for it.
struct FolderProblem {
    task: Task,
    heading: ProblemHeading,
    lines: Vec<TextLine>,
    /// Every line tells something of its own, so none may be left out.
    individual: bool,
}

#[derive(PartialEq)]
struct ProblemHeading {
    words: Cow<'static, str>,
    /// The command that takes care of it; empty where there is none.
    command: String,
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
            has_earlier: false,
            before_groups: None,
        }
    }

    fn add(&mut self, task: Task, words: impl Into<Cow<'static, str>>, command: String, line: TextLine) {
        let heading = ProblemHeading {
            words: words.into(),
            command,
        };
        let individual = !line.value.is_empty() || !line.reason.is_empty() || !line.doubt.is_empty();
        let mut problems = self.problems.iter_mut();
        match problems.find(|problem| problem.task == task && problem.heading == heading) {
            Some(problem) => {
                problem.individual |= individual;
                problem.lines.push(line);
            }
            None => self.problems.push(FolderProblem {
                task,
                heading,
                lines: vec![line],
                individual,
            }),
        }
    }

    fn write_lines(&mut self, lines: impl IntoIterator<Item = String>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| writeln!(self.out, "{line}"))
    }

    /// Ends what is told of single files.
    fn begin_group(&mut self) -> io::Result<()> {
        self.write_folder()?;
        let heading = self.before_groups.take();
        heading.map_or(Ok(()), |heading| self.write_heading(&heading))
    }

    fn write_heading(&mut self, words: &str) -> io::Result<()> {
        let lines = fold(words, 0, 2, self.options.width).into_iter();
        let painted = lines.map(|line| self.options.colour.paint(Tone::Heading, &line).into_owned());
        self.write_lines(painted.collect::<Vec<_>>())
    }

    fn write_folder(&mut self) -> io::Result<()> {
        let Some(folder) = self.folder.take() else {
            return Ok(());
        };
        if self.problems.is_empty() {
            return Ok(());
        }
        let TextOptions {
            colour,
            width: columns,
            every,
            ..
        } = self.options;
        let name = match folder.as_os_str().is_empty() {
            true => ".".into(),
            false => folder.to_string_lossy(),
        };
        for line in fold(&path_units(&printable(&name)), 0, 2, columns) {
            let (indent, name) = line.split_at(line.len() - line.trim_start().len());
            writeln!(self.out, "{indent}{}", colour.paint(Tone::Heading, name))?;
        }
        let mut problems = std::mem::take(&mut self.problems);
        problems.sort_by_key(|problem| problem.task);
        for problem in problems {
            let FolderProblem {
                task,
                heading: ProblemHeading { words, command },
                lines,
                individual,
            } = problem;
            let (word, tone) = match task.info().kind {
                Some(kind) => (kind.word(), Tone::of(kind.severity())),
                None => (task.info().selector, Tone::Good),
            };
            let heading = match command.is_empty() {
                true => fold(&format!("{word}: {words}"), 2, 4, columns),
                false => with_command(&format!("{word}: {words}:"), &command, 2, 4, columns),
            };
            self.write_lines(with_painted(colour, tone, word, heading))?;
            if individual || every || lines.len() <= SHOWN_WHOLE {
                for line in &lines {
                    self.write_lines(line.folded(columns))?;
                }
            } else {
                let rest = format!("... and {} more, up to", thousands(lines.len() as u64 - 3));
                self.write_lines(lines[0].folded(columns))?;
                self.write_lines(lines[1].folded(columns))?;
                writeln!(self.out, "    {}", colour.paint(Tone::Quiet, &rest))?;
                self.write_lines(lines[lines.len() - 1].folded(columns))?;
            }
        }
        writeln!(self.out)
    }

    fn add_finding(&mut self, name: &str, file: &Inspected, finding: &Finding) {
        let place = finding.place.and_then(|index| file.places.get(index));
        let Finding {
            kind,
            place: _,
            reason: _,
            explanation,
            repair: _,
            suggestions,
            second_opinion,
            // What is new is under a heading of its own.
            new: _,
        } = finding;
        let quoted = place.map(|place| {
            let room = self.options.width.map_or(VALUE_WIDTH, |columns| {
                VALUE_WIDTH.min(columns.saturating_sub(BELOW_NAME + 4))
            });
            let text = shortened(&printable(&place.text), room);
            let name = printable(&place.name.to_string()).into_owned();
            format!("{} holds {}", unit(&name), unit(&format!("\"{text}\"")))
        });
        let quoted = quoted.unwrap_or_default();
        let task = finding.task();
        let outcome = if task == Task::Repair {
            let isrc = place.and_then(|place| decode(place.code(), self.options.this_year).isrc);
            isrc.map(|isrc| format!(" {}", unit(&format!("-> {isrc}"))))
        } else if task == Task::Mistyped {
            let guesses: Vec<&str> = suggestions.iter().map(|isrc| isrc.as_str()).take(3).collect();
            Some(format!(", perhaps {}?", guesses.join(" or ")))
        } else {
            None
        };
        let outcome = outcome.unwrap_or_default();
        let TaskInfo { line: words, ways, .. } = task.info();
        // What can be done with all of them at once is at the end, with the scanned paths.
        let command = match ways {
            [way] if !way.on_roots => format!("isrctag {}", way.command),
            _ => String::new(),
        };
        let is_usual = explanation == kind.info().usual || words.is_empty();
        let reason = match (kind, suggestions.first()) {
            (Kind::Missing, Some(isrc)) => format!("its name holds {isrc}"),
            _ if is_usual => String::new(),
            _ => printable(explanation).into_owned(),
        };
        let heading = match words.is_empty() {
            true => printable(explanation).into_owned().into(),
            false => Cow::Borrowed(*words),
        };
        let line = TextLine {
            name: name.to_owned(),
            value: quoted + &outcome,
            reason,
            doubt: second_opinion
                .as_ref()
                .map(|opinion| format!("(second opinion: {})", printable(opinion)))
                .unwrap_or_default(),
        };
        self.add(task, heading, command, line);
    }

    /// A head with its evidence in parentheses, and the files that it is about.
    fn write_group(
        &mut self,
        tone: Tone,
        word: &str,
        head: &str,
        evidence: &str,
        files: Vec<String>,
    ) -> io::Result<()> {
        let TextOptions {
            colour, width: columns, ..
        } = self.options;
        let evidence = format!("({})", printable(evidence));
        let whole = format!("{head} {evidence}");
        let head = match fits(&whole, 2, columns) {
            true => fold(&whole, 2, 2, None),
            false => {
                let mut lines = fold(head, 2, 4, columns);
                lines.extend(fold(&evidence, 4, 5, columns));
                lines
            }
        };
        self.write_lines(with_painted(colour, tone, word, head))?;
        for file in files {
            self.write_lines(fold(&file, 4, BELOW_NAME, columns))?;
        }
        Ok(())
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
            // Only `--all` sends files without a finding here.
            let isrc = file.judged.isrc.map(|isrc| isrc.to_string()).unwrap_or_default();
            let line = TextLine {
                name: name.into_owned(),
                value: isrc,
                ..TextLine::default()
            };
            let heading = match self.options.asked.listed.is_all() {
                true => Task::Fine.info().line,
                false => "nothing found of the kinds that are listed",
            };
            self.add(Task::Fine, heading, String::new(), line);
        }
        Ok(())
    }

    fn order(&self) -> FileOrder {
        FileOrder::NewFirst
    }

    fn since(&mut self, since: &Since) -> io::Result<()> {
        let columns = self.options.width;
        self.has_earlier = true;
        if self.options.only_new && since.new == 0 && since.gone == 0 {
            // What is known is silence.
            self.before_groups = Some(format!("New since the scan of {}:", since.date));
            return Ok(());
        }
        self.write_heading(&since.news())?;
        let name = |path: &Path| path_units(&printable(&path.to_string_lossy()));
        // After this scan nothing knows of them any more.
        let (shown, each) = match self.options.verbose {
            true => (0, &since.gone_paths[..]),
            false => (SHOWN_GONE, &[][..]),
        };
        for line in since
            .farewell(shown, name)
            .iter()
            .flat_map(|told| fold(told, 0, 2, columns))
        {
            writeln!(self.out, "{line}")?;
        }
        for path in each {
            writeln!(self.out, "  {}", printable(&path.to_string_lossy()))?;
        }
        Ok(())
    }

    fn known(&mut self) -> io::Result<()> {
        self.write_folder()?;
        self.write_heading("Known before:")
    }

    fn shared(&mut self, shared: &Shared) -> io::Result<()> {
        self.begin_group()?;
        if self.shared_heading == SharedHeading::ToCome {
            self.write_heading(Task::Part.info().heading)?;
            self.shared_heading = SharedHeading::Written;
        }
        let Shared {
            isrc,
            files,
            parted,
            new,
        } = shared;
        let verdict = shared.verdict();
        let listen = match (verdict, self.options.asked.audio) {
            (Verdict::SameRecording | Verdict::PresumedSame | Verdict::DifferentRecordings, _) => String::new(),
            (Verdict::Undecided, true) => " Listen to them".to_owned(),
            (Verdict::Undecided, false) => format!(" Listen, or {}", unit("isrctag scan --audio")),
        };
        let since = if *new { "new: " } else { "" };
        let head = format!("{isrc} {}{listen}", unit(" ") + since + &shared.advice());
        // Where a recording has several of the files, each is told with the number of its recording.
        let numbered = parted.parts.len() > 1 && parted.parts.len() < files.len();
        let numbers = shared.numbers();
        let mut order: Vec<usize> = (0..files.len()).collect();
        if numbered {
            order.sort_by_key(|&file| numbers[file]);
        }
        let files = order.into_iter().map(|file| {
            let path = path_units(&printable(&files[file].path.to_string_lossy()));
            match numbered {
                true => format!("{} {path}", unit(&format!("recording {}:", numbers[file]))),
                false => path,
            }
        });
        self.write_group(
            Tone::of(verdict.severity()),
            isrc.as_str(),
            &head,
            &shared.evidence(),
            files.collect(),
        )
    }

    fn split(&mut self, split: &Split) -> io::Result<()> {
        self.begin_group()?;
        let Split { evidence, files, new } = split;
        let told = files.iter().map(|(path, isrc)| {
            format!(
                "{isrc} {}",
                unit(" ") + &path_units(&printable(&path.to_string_lossy()))
            )
        });
        let word = Kind::Split.word();
        let since = if *new { "new: " } else { "" };
        let head = format!("{word}: {since}{}", Task::Agree.info().line);
        self.write_group(Tone::Error, word, &head, evidence, told.collect())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.write_folder()?;
        if self.options.only_new && self.has_earlier {
            return self.out.flush();
        }
        if self.shared_heading == SharedHeading::Written {
            writeln!(self.out)?;
        }
        let TextOptions {
            colour,
            this_year: _,
            every: _,
            verbose: _,
            only_new: _,
            asked,
            width,
        } = &self.options;
        write_totals(&mut self.out, summary, asked, *colour, *width)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::place::{Access, Place, PlaceName, Standing};
    use crate::isrc::Isrc;
    use crate::isrc::decode::Repair;
    use crate::judge::Listed;
    use crate::report::advice::Roots;
    use crate::report::summary::tests::malformed as malformed_files;

    #[test]
    fn a_report_at_40_columns() {
        insta::assert_snapshot!(report(Some(40)));
    }

    #[test]
    fn a_report_at_80_columns() {
        insta::assert_snapshot!(report(Some(80)));
    }

    #[test]
    fn a_report_at_200_columns() {
        insta::assert_snapshot!(report(Some(200)));
    }

    #[test]
    fn without_a_terminal_each_thing_is_a_line() {
        insta::assert_snapshot!(report(None));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_but_for_what_must_not_break() {
        for columns in [60, 72, 80, 100, 200] {
            let report = report(Some(columns));
            let wide = report
                .lines()
                .filter(|line| super::super::terminal::width(line) > columns);
            let wide: Vec<&str> = wide.filter(|line| !line.contains("isrctag")).collect();
            assert!(wide.is_empty(), "{columns}: {wide:#?}");
        }
    }

    fn report(width: Option<usize>) -> String {
        let mut out = Vec::new();
        let options = TextOptions {
            only_new: false,
            colour: Colour::Off,
            this_year: 2026,
            every: false,
            verbose: false,
            asked: Asked {
                roots: Roots {
                    named: vec![PathBuf::from("My Music")],
                    ..Roots::default()
                },
                listed: Listed::all(),
                audio: false,
                table: "codes.csv",
            },
            width,
        };
        let mut report = TextReport::new(&mut out, options);
        let mut tell = |path: &str, file: Inspected| report.file(Path::new(path), &file).unwrap();
        let album = "My Music/Lantern Street/Tidewater (2024)";
        tell(&format!("{album}/03 Harbour Lights.flac"), malformed("QZ-TST-24-00003"));
        tell(
            &format!("{album}/04 A Title That Goes On For Longer Than Titles Should (Radio Edit).flac"),
            malformed(&format!("ISRC {} QZTST2400004", "x".repeat(80))),
        );
        tell(&format!("{album}/05 Undertow.flac"), missing(None));
        let album = "My Music/東京事変/娯楽 (バラエティ)";
        tell(&format!("{album}/01 ランプ.flac"), malformed("qz-tst-24-00009"));
        tell(
            &format!("{album}/02 ミラーボール.flac"),
            missing(Some("QZTST2400010 in TXXX:isrc of the second tag")),
        );
        report
            .shared(&crate::report::tests::shared(
                "QZTSU2300008",
                &[
                    ("My Music/Maren Holt/Small Hours (2023)/08 - Long Way Round.mp3", 2),
                    (
                        "My Music/Maren Holt/Small Hours (2023)/09 - Long Way Round (Extended).mp3",
                        14,
                    ),
                ],
            ))
            .unwrap();
        let split = Split {
            evidence: "0.97 of the fingerprints agree".to_owned(),
            files: vec![
                (
                    PathBuf::from("My Music/a.flac"),
                    Isrc::from_stored("QZTSU2300001").unwrap(),
                ),
                (
                    PathBuf::from("My Music/b.mp3"),
                    Isrc::from_stored("QZTSU2300002").unwrap(),
                ),
            ],
            new: false,
        };
        report.split(&split).unwrap();
        let mut summary = Summary {
            files: 19_997,
            with_code: 19_995,
            missing: 2,
            shared_codes: 1,
            shared_files: 2,
            different_recordings: 1,
            split: 2,
            unreadable: 1,
            ..Summary::default()
        };
        malformed_files(&mut summary, 3, &[Repair::Safe]);
        report.finish(&summary).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn malformed(text: &str) -> Inspected {
        let mut file = found(Kind::Malformed);
        file.places.push(Place {
            name: PlaceName::new("vorbis:ISRC"),
            key: None,
            text: text.to_owned(),
            span: 0..0,
            item: 0,
            standing: Standing::Standard,
            access: Access::Write,
        });
        let finding = &mut file.judged.findings[0];
        finding.place = Some(0);
        finding.repair = Some(Repair::Safe);
        finding.explanation = "it is written with hyphens, spaces or other separators".into();
        file
    }

    fn missing(opinion: Option<&str>) -> Inspected {
        let mut file = found(Kind::Missing);
        file.judged.findings[0].second_opinion = opinion.map(str::to_owned);
        file
    }

    fn found(kind: Kind) -> Inspected {
        let mut file = Inspected::default();
        file.judged.findings.push(Finding {
            kind,
            place: None,
            reason: "reason".into(),
            explanation: match kind.info().usual {
                "" => "explanation".into(),
                usual => usual.into(),
            },
            repair: None,
            suggestions: Vec::new(),
            second_opinion: None,
            new: false,
        });
        file
    }
}
