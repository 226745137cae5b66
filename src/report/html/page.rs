//! The page around the rows: head with its policy, totals, parts, footer.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::folder_table::{bar, percent, write_folders};
use super::rows::PageRows;
use super::task::{self, anchor, id};
use super::{HtmlOptions, PageContent};
use crate::isrc::words::{count, thousands};
use crate::judge::{Kind, Severity, Task, TaskInfo};
use crate::recording::evidence::Verdict;
use crate::report::Since;
use crate::report::advice::{NextStep, Way, next_steps};
use crate::report::summary::Summary;
use crate::report::terminal::printable;
use crate::report::totals::{remarks, totals};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

const SHARED_ID: &str = "shared";

pub(super) fn write(
    out: &mut impl Write,
    summary: &Summary,
    options: &HtmlOptions,
    content: PageContent,
) -> io::Result<()> {
    let summary = &summary.listed(&options.asked.listed);
    let tools_markup = tools(&content).into_string();
    let (before, after) = frame(summary, options, &content);
    out.write_all(before.as_bytes())?;
    write_folders(out, &content.folders.worst_first())?;
    out.write_all(tools_markup.as_bytes())?;
    for task in Task::ALL {
        let rows = &content.tasks[task.index()];
        if rows.count > 0 {
            write_task(out, task, rows, options)?;
        }
        // Its rows are the codes, side by side.
        if task == Task::Part && content.shared.iter().any(|rows| rows.count > 0) {
            write_shared(out, &content.shared, options)?;
        }
    }
    out.write_all(after.as_bytes())
}

/// What is before and after the parts.
fn frame(summary: &Summary, options: &HtmlOptions, content: &PageContent) -> (String, String) {
    let before_and_after = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "ISRC report: " (thousands(summary.with_code)) " of " (thousands(summary.files)) " files with a code" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#findings" { "Skip to the findings" }
                (header(summary, options, content))
                main id="findings" {
                    @if let Some(since) = &content.since { (news(since, content)) }
                    (next(summary, options, content))
                    (PreEscaped(SPLIT))
                }
                footer {
                    p { "Written by isrctag " (env!("CARGO_PKG_VERSION")) ". This page loads nothing from anywhere." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string();
    match before_and_after.split_once(SPLIT) {
        Some((before, after)) => (before.to_owned(), after.to_owned()),
        None => (before_and_after, String::new()),
    }
}

/// Stands where the parts go. Escaped text holds no `<`, so no tag of a file can be taken for it.
const SPLIT: &str = "<!--parts-->";

/// Nothing is loaded, and only the style and the script of this page are used (Content Security Policy 3, section 6.7).
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

fn header(summary: &Summary, options: &HtmlOptions, content: &PageContent) -> Markup {
    let Summary { files, with_code, .. } = *summary;
    let to_repair = summary.to_repair();
    html! {
        header {
            h1 { "ISRC report" }
            p.sub {
                @for (index, title) in options.titles.iter().enumerate() {
                    @if index > 0 { ", " }
                    b { (printable(title)) }
                }
                " · " (options.made)
            }
            p.lead {
                @if files == 0 { "There is no audio file here." }
                @else {
                    (summary.headline())
                    @if to_repair == 0 { span.share { (percent(with_code, files)) } }
                }
            }
            @if files > 0 {
                (bar(with_code - to_repair, with_code, files))
                p.legend {
                    span.key.ready { (thousands(with_code - to_repair)) " in its stored form" }
                    @if to_repair > 0 { span.key.mend { (thousands(to_repair)) " that can be repaired" } }
                    @if with_code < files { span.key.without { (thousands(files - with_code)) " without a clear code" } }
                }
            }
            (tiles(summary, options, content))
        }
    }
}

/// The totals by kind of finding, errors first, each a link to its part if it is listed; and a link to the folders.
fn tiles(summary: &Summary, options: &HtmlOptions, content: &PageContent) -> Markup {
    let mut found: Vec<(Severity, u64, Kind, String)> = totals(summary)
        .map(|(files, kind, words)| {
            let is_harmless = kind == Kind::Shared && summary.shared_codes == summary.same_recordings;
            let severity = if is_harmless { Severity::Info } else { kind.severity() };
            (severity, files, kind, words)
        })
        .collect();
    found.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    let (complete, folders) = content.folders.complete();
    html! {
        @match remarks(summary, &options.asked) {
            Some(remark) if summary.is_fine() => p.good { "✓ " (remark) },
            Some(remark) => p.notice { (remark) },
            None => {}
        }
        @if summary.files > 0 {
            nav aria-label="Findings by kind" {
                ul.tiles {
                    @for (severity, files, kind, words) in found {
                        li.(severity.word()) {
                            a href={ "#" (anchor(kind)) } {
                                b { (thousands(files)) }
                                span { (mark(severity)) " " (kind.word()) }
                                small { (words) }
                            }
                        }
                    }
                    li.info {
                        a href="#folders" {
                            b { (thousands(folders)) }
                            span { @if folders == 1 { "folder" } @else { "folders" } }
                            small { (thousands(complete)) " complete" }
                        }
                    }
                }
            }
        }
    }
}

/// A sign beside the colour, for those who do not see it and for print.
fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "ⓘ",
        Severity::Warning => "▲",
        Severity::Error => "✕",
    }
}

fn next(summary: &Summary, options: &HtmlOptions, content: &PageContent) -> Markup {
    let steps = next_steps(summary, &options.asked);
    html! {
        @if !steps.is_empty() {
            section.next aria-labelledby="next" {
                h2 id="next" { "What to do next" }
                ul {
                    @for NextStep { words, ways } in &steps {
                        li {
                            (words) ": "
                            @for way in ways {
                                @if way.when.is_empty() { code.command { (way.command) } }
                                @else { div { code.command { (way.command) } " " small { (way.when) } } }
                            }
                        }
                    }
                }
            }
        }
        @if content.left_out > 0 {
            p.notice {
                (thousands(content.left_out)) " further findings are counted above, but not listed here: a page of them "
                "would not open. " code { "isrctag scan -o report.csv" } " lists all."
            }
        }
    }
}

/// What an earlier scan had not, and what it had and is gone. Files that are gone are named up to a screenful.
fn news(since: &Since, content: &PageContent) -> Markup {
    const NAMED: usize = 20;
    html! {
        section.new aria-labelledby="new" {
            h2 id="new" { "New since the scan of " (since.date) " " (number(&content.new)) }
            @if content.new.count == 0 { p { "Nothing new was found." } }
            @else {
                table {
                    thead { tr { th { "File" } th { "Found" } th { "What" } } }
                    tbody { @for chunk in &content.new.chunks { (PreEscaped(chunk)) } }
                }
            }
            @if since.gone > 0 {
                p { (count(since.gone, "file is", "files are")) " gone:" }
                ul {
                    @for path in since.gone_paths.iter().take(NAMED) { li { (printable(&path.to_string_lossy())) } }
                    @if since.gone > NAMED as u64 { li { "…" } }
                }
            }
        }
    }
}

/// Search, filter and order. Without scripts they do nothing, so the script shows them.
fn tools(content: &PageContent) -> Markup {
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    for task in Task::ALL {
        if let Some(kind) = task.info().kind {
            *kinds.entry(kind).or_default() += content.tasks[task.index()].count;
        }
    }
    *kinds.entry(Kind::Shared).or_default() += content.shared.iter().map(|rows| rows.count).sum::<usize>();
    kinds.retain(|_, number| *number > 0);
    html! {
        form id="tools" role="search" hidden {
            label { "Search " input type="search" name="search" autocomplete="off" placeholder="Title, artist, file, code …"; }
            label {
                "Order "
                select name="order" {
                    option value="" { "by folder" }
                    option value="f" { "by file name" }
                    option value="t" { "by title" }
                    option value="v" { "by what stands there" }
                    option value="c" { "by code" }
                    option value="w" { "by reason" }
                }
            }
            @if kinds.len() > 1 {
                fieldset {
                    legend { "Only" }
                    @for (kind, number) in kinds {
                        label.chip {
                            input type="checkbox" name="kind" value=(kind.word()); " " (kind.word()) " "
                            span.number { (thousands(number as u64)) }
                        }
                    }
                }
            }
            output role="status" {}
        }
        p.notice id="nothing" hidden { span {} " " button type="button" { "Show all" } }
    }
}

fn write_task(out: &mut impl Write, task: Task, rows: &PageRows, options: &HtmlOptions) -> io::Result<()> {
    let TaskInfo {
        kind,
        heading,
        advice,
        ways,
        columns,
        ..
    } = task.info();
    let id = id(task);
    let head = html! {
        @if let Some(kind) = kind {
            a.mark name=(anchor(*kind)) {}
            p.kind.(kind.severity().word()) { (mark(kind.severity())) " " (kind.word()) }
        }
        h2 id=(id) { (heading) " " (number(rows)) }
        p { (advice) }
        @for way in *ways { code.command { (Way::of(way, &options.asked).command) } }
    };
    let kind = kind.map_or("", Kind::word);
    write!(
        out,
        "<section data-list data-kind=\"{kind}\" aria-labelledby=\"{id}\">{}",
        head.into_string()
    )?;
    let columns: Vec<(&str, &str)> = columns.iter().map(|column| task::column(*column)).collect();
    write_tables(out, rows, &id, &columns)?;
    out.write_all(b"</section>\n")
}

/// Rows in tables of a hundred, each of which a browser lays out on its own. The widths are in every one, and the
/// column heads in one above them all, which stays in view.
pub(super) fn write_tables(
    out: &mut impl Write,
    rows: &PageRows,
    label: &str,
    columns: &[(&str, &str)],
) -> io::Result<()> {
    let widths = html! { colgroup { @for (class, _) in columns { col class=(class); } } }.into_string();
    let heads = html! {
        thead { tr { @for (class, heading) in columns { th scope="col" class=(class) { (heading) } } } }
    }
    .into_string();
    writeln!(
        out,
        "<div class=heads><table aria-labelledby={label}>{widths}{heads}</table></div>"
    )?;
    for (index, chunk) in rows.chunks.iter().enumerate() {
        let full = if rows.is_full(index) { " full" } else { "" };
        // Every table has its columns' names for screen readers; only those above are seen.
        writeln!(
            out,
            "<div class=\"chunk{full}\"><table aria-labelledby={label}>{widths}{heads}<tbody class=rows>{chunk}</tbody></table></div>"
        )?;
    }
    Ok(())
}

fn write_shared(
    out: &mut impl Write,
    shared: &[PageRows; Verdict::ALL.len()],
    options: &HtmlOptions,
) -> io::Result<()> {
    let TaskInfo { heading, advice, .. } = Task::Part.info();
    let head = html! {
        a.mark name=(anchor(Kind::Shared)) {}
        h2 id=(SHARED_ID) { (heading) }
        p { (advice) }
    };
    writeln!(
        out,
        "<section aria-labelledby={SHARED_ID}>{}</section>",
        head.into_string()
    )?;
    for (verdict, rows) in Verdict::ALL.into_iter().zip(shared) {
        if rows.count == 0 {
            continue;
        }
        let id = verdict.word();
        let severity = verdict.severity();
        let head = html! {
            p.kind.(severity.word()) { (mark(severity)) " " (Kind::Shared.word()) }
            h3 id=(id) { (verdict.explain()) " " (number(rows)) }
            p { (verdict_advice(verdict)) }
            @match verdict {
                Verdict::DifferentRecordings => {
                    @for way in Task::Part.info().ways { code.command { (Way::of(way, &options.asked).command) } }
                }
                Verdict::Undecided if !options.asked.audio => {
                    code.command { "isrctag scan --audio " (options.asked.roots.words()) }
                }
                Verdict::Undecided | Verdict::PresumedSame | Verdict::SameRecording => {}
            }
        };
        write!(
            out,
            "<section data-list data-kind=shared aria-labelledby={id}>{}",
            head.into_string()
        )?;
        for (index, chunk) in rows.chunks.iter().enumerate() {
            let full = if rows.is_full(index) { " full" } else { "" };
            writeln!(out, "<div class=\"chunk cards rows{full}\">{chunk}</div>")?;
        }
        out.write_all(b"</section>\n")?;
    }
    Ok(())
}

fn verdict_advice(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::DifferentRecordings => "Keep each code on one of its recordings: the others need codes of their own.",
        Verdict::Undecided => "Listen, or let the program compare the audio.",
        Verdict::PresumedSame => {
            "Number, title and length are the same: as it should be. To be sure, compare the audio."
        }
        Verdict::SameRecording => "As it should be: nothing to do.",
    }
}

pub(super) fn number(rows: &PageRows) -> Markup {
    html! { span.number { (thousands(rows.count as u64)) } }
}
