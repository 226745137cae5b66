//! `scan`: arguments to stages, the outcome to an exit status.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Context as _, bail};

use super::Surroundings;
use super::indexing::Index;
use super::listening::listener;
use super::output::{Output, Replaces};
use super::progress::Progress;
use super::walk::walk_of;
use crate::cli::scan::{ReportFormat, Scan};
use crate::discover::Walk;
use crate::exit::Exit;
use crate::index::scan::Indexed;
use crate::inspect::{Describe, Detail, Inspection};
use crate::judge::{Kind, Severity};
use crate::list::inventory::is_list_of_codes;
use crate::report::Report;
use crate::report::advice::Asked;
use crate::report::csv::{CsvReport, To};
use crate::report::html::{HtmlOptions, HtmlReport};
use crate::report::jsonl::JsonlReport;
use crate::report::terminal::{Colour, count, printable};
use crate::report::text::{TextOptions, TextReport};
use crate::report::totals::steps;
use crate::report::xlsx::XlsxReport;
use crate::scan::{self as stage, During, Listing, Outcome};

pub(super) fn run(scan: Scan, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Scan {
        paths,
        format,
        output,
        all,
        only,
        ignore,
        strict,
        audio,
        index,
        new,
        part,
        walk,
    } = scan;
    let walk = Walk {
        share: part,
        ..walk_of(paths, &walk)?
    };
    let format = report_format(format, output.as_deref())?;
    let inspection = Inspection {
        this_year: surroundings.this_year,
        detail: if all { Detail::All } else { Detail::WithFindings },
        description: match format {
            ReportFormat::Text => Describe::Nothing,
            ReportFormat::Jsonl | ReportFormat::Csv | ReportFormat::Html | ReportFormat::Xlsx => Describe::Tags,
        },
    };
    let listed = |kind: &Kind| {
        let wanted = only.is_empty() || only.iter().any(|only| only.0 == *kind);
        wanted && !ignore.iter().any(|ignored| ignored.0 == *kind)
    };
    let listing = Listing {
        kinds: Kind::ALL.into_iter().filter(listed).collect(),
    };
    let asked = Asked {
        roots: walk.roots.clone(),
        kinds: listing.kinds.clone(),
        audio,
    };
    let text = TextOptions {
        colour: if output.is_some() {
            Colour::Off
        } else {
            surroundings.colour
        },
        this_year: surroundings.this_year,
        verbose: surroundings.verbose,
        only_new: new,
        asked: asked.clone(),
        width: match output {
            None => surroundings.columns(),
            Some(_) => None,
        },
    };
    let mut written = None;
    let out: Box<dyn Write> = match &output {
        None => Box::new(surroundings.stdout()),
        Some(path) => {
            if matches!(format, ReportFormat::Csv | ReportFormat::Xlsx) && is_list_of_codes(path) {
                bail!(
                    "{} exists already and is a table for codes, as export writes it\nhint: give the report another name",
                    path.display()
                );
            }
            let (beside, file) = Output::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            written = Some(beside);
            Box::new(io::BufWriter::new(file))
        }
    };
    let mut report: Box<dyn Report> = match format {
        ReportFormat::Text => Box::new(TextReport::new(out, text)),
        ReportFormat::Jsonl => Box::new(JsonlReport::new(out, surroundings.this_year)),
        ReportFormat::Xlsx => Box::new(XlsxReport::new(out, asked.clone())?),
        ReportFormat::Html => Box::new(HtmlReport::new(
            out,
            HtmlOptions {
                titles: walk.roots.iter().map(|root| title(root)).collect(),
                asked: asked.clone(),
                this_year: surroundings.this_year,
                made: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            },
        )),
        ReportFormat::Csv => {
            let to = match output {
                Some(_) => To::File,
                None if io::stdout().is_terminal() => To::Terminal,
                None => To::Program,
            };
            Box::new(CsvReport::new(out, to)?)
        }
    };
    let listener = match audio {
        true => Some(listener(surroundings, walk.opening())?),
        false => None,
    };
    let index = match &index {
        Some(path) => Some(Index::open(path, &walk, surroundings)?),
        None => None,
    };
    let progress = Progress::over(&walk, surroundings);
    let outcome = match index {
        Some(index) => index.scan(
            &Indexed {
                walk: &walk,
                effort: surroundings.effort(),
                inspection: &Inspection {
                    detail: Detail::All,
                    description: Describe::TagsAndAudio,
                    ..inspection
                },
                listing: &listing,
                all,
                only_new: new,
                listener: listener.as_ref(),
                observer: &progress,
            },
            &mut *report,
            surroundings,
        ),
        None => stage::scan(
            &walk,
            surroundings.effort(),
            &inspection,
            &listing,
            &mut *report,
            &progress,
            listener.as_ref(),
        )
        .map_err(anyhow::Error::from),
    };
    progress.finish();
    let outcome = outcome?;
    drop(report);
    if let Some(during) = outcome.interrupted {
        let mut line = match during {
            During::Looking => {
                let looked_at = count(outcome.summary.files, "file was", "files were");
                format!("interrupted: only the first {looked_at} looked at")
            }
            During::Listening => "interrupted: every file was looked at, but not all were listened to".to_owned(),
        };
        if let (Some(path), Some(written)) = (&output, &written) {
            let becomes = match written.replaces {
                Replaces::Earlier => "is left as it was",
                Replaces::Nothing => "is not written",
            };
            line = format!("{line}; {} {becomes}", printable(&path.to_string_lossy()));
        }
        surroundings.talk(&line);
        return Ok(Exit::Interrupted);
    }
    if let Some(written) = written {
        written.put()?;
    }
    if let Some(path) = &output {
        let name = path.to_string_lossy();
        surroundings.talk(&format!("{}: {}", printable(&name), outcome.summary.headline()));
        for line in steps(&outcome.summary, &asked, None) {
            surroundings.talk(&line);
        }
    }
    let ignores_unreadable = ignore.iter().any(|ignored| ignored.0 == Kind::Unreadable);
    let unreadable = outcome.unreadable && !ignores_unreadable;
    Ok(exit(Outcome { unreadable, ..outcome }, strict))
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

fn report_format(format: Option<ReportFormat>, output: Option<&Path>) -> anyhow::Result<ReportFormat> {
    let Some(output) = output else {
        let format = format.unwrap_or(ReportFormat::Text);
        let name = match format {
            ReportFormat::Xlsx => "report.xlsx",
            ReportFormat::Html => "report.html",
            ReportFormat::Text | ReportFormat::Jsonl | ReportFormat::Csv => return Ok(format),
        };
        if io::stdout().is_terminal() {
            bail!("a terminal cannot show this format\nhint: -o {name}");
        }
        return Ok(format);
    };
    let ending = output.extension().map(|ending| ending.to_ascii_lowercase());
    let by_ending = match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("txt") => ReportFormat::Text,
        Some("jsonl" | "ndjson") => ReportFormat::Jsonl,
        Some("csv") => ReportFormat::Csv,
        Some("xlsx") => ReportFormat::Xlsx,
        Some("html" | "htm") => ReportFormat::Html,
        _ => bail!(
            "cannot tell the format of a report named {}\nhint: end it in .txt, .jsonl, .csv, .xlsx or .html",
            output.display()
        ),
    };
    match format {
        Some(format) if format != by_ending => {
            bail!("--format and the ending of {} say different formats", output.display())
        }
        _ => Ok(by_ending),
    }
}
