//! Where the report of a scan goes: the files of `-o`, and what is shown.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::cli::scan::{ReportArgs, ReportFormat};
use crate::commands::Surroundings;
use crate::commands::exit::Exit;
use crate::commands::output::{Output, Replaces};
use crate::isrc::words::count;
use crate::judge::{Listed, Severity};
use crate::list::read::source::is_list_of_codes;
use crate::report::advice::{Asked, Roots, TABLES};
use crate::report::csv::{CsvReport, To};
use crate::report::fold::LONGEST;
use crate::report::html::{HtmlOptions, HtmlReport};
use crate::report::jsonl::JsonlReport;
use crate::report::summary::Summary;
use crate::report::terminal::{Colour, printable};
use crate::report::text::{TextOptions, TextReport};
use crate::report::totals::steps;
use crate::report::xlsx::{WorkbookOptions, XlsxReport};
use crate::report::{Report, Reports, Wants};
use crate::scan::inspect::{Describe, Inspected};
use crate::scan::{During, Outcome};

/// The reports of one run, and how the run ends.
pub(in crate::commands) struct Outputs<'a> {
    pub reports: Reports<'a>,
    pub listing: Listed,
    /// List also the files without a finding.
    pub all: bool,
    /// What the reports need of each file.
    pub description: Describe,
    asked: Asked,
    written: Vec<Output>,
    output: Vec<PathBuf>,
    summary: bool,
    only_new: bool,
    strict: bool,
    ignores_unreadable: bool,
    surroundings: &'a Surroundings,
}

/// What is told of.
pub(in crate::commands) struct Subject {
    /// What was scanned, for the commands that reports suggest.
    pub roots: Roots,
    pub audio: bool,
    pub only_new: bool,
}

impl<'a> Outputs<'a> {
    /// Opens all files that are to be written. `reads` are those that the run reads beside the music.
    pub(in crate::commands) fn open(
        told: ReportArgs,
        subject: Subject,
        reads: &[&Path],
        surroundings: &'a Surroundings,
    ) -> anyhow::Result<Outputs<'a>> {
        let ReportArgs {
            format,
            output,
            summary,
            all,
            only,
            ignore,
            strict,
        } = told;
        let show = match (summary, surroundings.quiet && format.is_none()) {
            (true, _) => OnScreen::Summary,
            (false, true) => OnScreen::Failures,
            (false, false) => OnScreen::All,
        };
        let formats = output_formats(&output, format)?;
        let listing = Listed::of(&only, &ignore);
        let asked = Asked {
            roots: subject.roots,
            listed: listing.clone(),
            audio: subject.audio,
            table: TABLES
                .into_iter()
                .find(|name| !Path::new(name).exists())
                .unwrap_or(TABLES[3]),
        };
        let house = House {
            asked: asked.clone(),
            only_new: subject.only_new,
            surroundings,
        };
        let (written, mut reports) = house.files(&output, &formats, reads)?;
        // What is asked for by name is shown too, unless a file has it.
        let is_asked = format.is_some_and(|format| !formats.contains(&format));
        let shown = (output.is_empty() || summary || is_asked).then(|| format.unwrap_or(ReportFormat::Text));
        if let Some(format) = shown {
            reports.0.push(house.shown(format, show)?);
        }
        let is_text = |format: &ReportFormat| *format == ReportFormat::Text;
        Ok(Outputs {
            reports,
            listing,
            all,
            description: match formats.iter().chain(&shown).all(is_text) {
                true => Describe::Nothing,
                false => Describe::Tags,
            },
            asked,
            written,
            output,
            summary,
            only_new: house.only_new,
            strict,
            ignores_unreadable: ignore.iter().any(|ignored| ignored.fails()),
            surroundings,
        })
    }

    /// Puts the files into their places, unless the scan was interrupted, and says how it ended.
    pub(in crate::commands) fn finish(self, outcome: Outcome) -> anyhow::Result<Exit> {
        let Outputs {
            reports,
            asked,
            written,
            output,
            summary,
            only_new,
            strict,
            ignores_unreadable,
            surroundings,
            ..
        } = self;
        drop(reports);
        if let Some(during) = outcome.interrupted {
            let mut line = match during {
                During::Looking => {
                    let looked_at = count(outcome.summary.files, "file was", "files were");
                    format!("interrupted: only the first {looked_at} looked at")
                }
                During::Listening => "interrupted: every file was looked at, but not all were listened to".to_owned(),
            };
            for written in &written {
                let becomes = match written.replaces() {
                    Replaces::Earlier => "is left as it was",
                    Replaces::Nothing => "is not written",
                };
                line = format!("{line}; {} {becomes}", printable(&written.path().to_string_lossy()));
            }
            surroundings.complain(&line);
            return Ok(Exit::Interrupted);
        }
        for written in written {
            written.put()?;
        }
        // Of what is new nothing is told where there is nothing.
        let is_known = outcome.worst == Severity::Info && !outcome.unreadable && outcome.summary.gone == Some(0);
        let is_silent = only_new && is_known;
        for path in output.iter().filter(|_| !is_silent) {
            let name = path.to_string_lossy();
            surroundings.talk(&format!("{}: {}", printable(&name), outcome.summary.headline()));
        }
        if !output.is_empty() && !summary && !only_new {
            for line in steps(&outcome.summary, &asked, None) {
                surroundings.talk(&line);
            }
        }
        let unreadable = outcome.unreadable && !ignores_unreadable;
        Ok(exit(Outcome { unreadable, ..outcome }, strict))
    }
}

/// What is shown of a scan where no file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnScreen {
    All,
    /// The last lines alone.
    Summary,
    /// What could not be read.
    Failures,
}

/// What every report of a run is made with.
struct House<'a> {
    asked: Asked,
    only_new: bool,
    surroundings: &'a Surroundings,
}

impl<'a> House<'a> {
    /// A report for each file that is written.
    fn files(
        &self,
        paths: &[PathBuf],
        formats: &[ReportFormat],
        reads: &[&Path],
    ) -> anyhow::Result<(Vec<Output>, Reports<'a>)> {
        let mut reports = Reports::default();
        let mut written = Vec::new();
        for (path, format) in paths.iter().zip(formats) {
            if matches!(format, ReportFormat::Csv | ReportFormat::Xlsx) && is_list_of_codes(path) {
                bail!(
                    "{} exists already and is a table for codes, as export writes it\nhint: give the report another name",
                    path.display()
                );
            }
            let (beside, file) = Output::create(path, reads)?;
            written.push(beside);
            let out = Box::new(io::BufWriter::new(file));
            reports.0.push(self.report(*format, out, To::File)?);
        }
        Ok((written, reports))
    }

    fn report(&self, format: ReportFormat, out: Box<dyn Write>, to: To) -> anyhow::Result<Box<dyn Report>> {
        let House {
            asked,
            only_new,
            surroundings,
        } = self;
        Ok(match format {
            ReportFormat::Text => Box::new(TextReport::new(out, self.text(to))),
            ReportFormat::Jsonl => Box::new(JsonlReport::new(out, surroundings.this_year)),
            ReportFormat::Xlsx => {
                let about = WorkbookOptions {
                    asked: asked.clone(),
                    made: jiff::Timestamp::now().as_second(),
                };
                Box::new(XlsxReport::new(out, about)?)
            }
            ReportFormat::Html => Box::new(HtmlReport::new(
                out,
                HtmlOptions {
                    titles: asked.roots.each().map(|root| title(root)).collect(),
                    asked: asked.clone(),
                    this_year: surroundings.this_year,
                    only_new: *only_new,
                    made: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
                },
            )),
            ReportFormat::Csv => Box::new(CsvReport::new(out, to)?),
        })
    }

    fn text(&self, to: To) -> TextOptions {
        let House {
            asked,
            only_new,
            surroundings,
        } = self;
        TextOptions {
            colour: match to {
                To::File => Colour::Off,
                To::Program | To::Terminal => surroundings.colour,
            },
            this_year: surroundings.this_year,
            every: surroundings.verbose || to != To::Terminal,
            verbose: surroundings.verbose,
            only_new: *only_new,
            asked: asked.clone(),
            width: match to {
                To::File => Some(LONGEST),
                To::Program | To::Terminal => surroundings.columns(),
            },
        }
    }

    /// The report on standard output.
    fn shown(&self, format: ReportFormat, show: OnScreen) -> anyhow::Result<Box<dyn Report + 'a>> {
        let out = Box::new(self.surroundings.stdout());
        let to = match io::stdout().is_terminal() {
            true => To::Terminal,
            false => To::Program,
        };
        let ending = format.endings()[0];
        let (is_in_lines, is_text) = match format {
            ReportFormat::Text | ReportFormat::Jsonl => (true, true),
            ReportFormat::Csv => (false, true),
            ReportFormat::Xlsx | ReportFormat::Html => (false, false),
        };
        if to == To::Terminal && !is_text {
            bail!("a terminal cannot show this format\nhint: -o report.{ending}");
        }
        if show == OnScreen::Summary && !is_in_lines {
            bail!("--summary is text or JSON Lines\nhint: for the rest, -o report.{ending}");
        }
        Ok(match show {
            OnScreen::All => self.report(format, out, to)?,
            OnScreen::Summary => Box::new(SummaryAlone(self.report(format, out, to)?)),
            OnScreen::Failures => Box::new(Failures(self.surroundings)),
        })
    }
}

/// Of a report its end alone.
struct SummaryAlone(Box<dyn Report>);

impl Report for SummaryAlone {
    fn wants(&self) -> Wants {
        Wants::Nothing
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.0.finish(summary)
    }
}

/// What went wrong: a line for each file that could not be read.
struct Failures<'a>(&'a Surroundings);

impl Report for Failures<'_> {
    fn wants(&self) -> Wants {
        Wants::Failures
    }

    fn file(&mut self, path: &Path, file: &Inspected) -> io::Result<()> {
        let failures = file.judged.findings.iter();
        for failure in failures.filter(|finding| finding.kind.info().fails) {
            let line = format!("{}: {}", path.to_string_lossy(), failure.reason);
            self.0.complain(&printable(&line));
        }
        Ok(())
    }
}

/// What a page calls a scanned path: `.` says nothing to whoever gets the page by mail.
fn title(root: &Path) -> String {
    let named = match root.file_name() {
        Some(_) => None,
        None => std::path::absolute(root).ok(),
    };
    let named = named.as_deref().and_then(Path::file_name);
    named.unwrap_or(root.as_os_str()).to_string_lossy().into_owned()
}

fn exit(outcome: Outcome, strict: bool) -> Exit {
    let Outcome {
        summary: _,
        worst,
        unreadable,
        interrupted: _,
    } = outcome;
    if unreadable {
        return Exit::SomeFailed;
    }
    match worst {
        Severity::Error => Exit::Findings,
        Severity::Warning if strict => Exit::Findings,
        Severity::Warning | Severity::Info => Exit::Fine,
    }
}

/// The format of each file that is written, by its ending, else the one that was asked for.
fn output_formats(outputs: &[PathBuf], format: Option<ReportFormat>) -> anyhow::Result<Vec<ReportFormat>> {
    let of = |output: &PathBuf| {
        ReportFormat::of_ending(output).or(format).with_context(|| {
            format!(
                "cannot tell the format of a report named {}\nhint: end it in {}",
                output.display(),
                ReportFormat::usual_endings()
            )
        })
    };
    for (number, output) in outputs.iter().enumerate() {
        if outputs[..number].contains(output) {
            bail!("{} is given twice", output.display());
        }
    }
    outputs.iter().map(of).collect()
}
