//! Single rows of the page, rendered to strings as the scan tells of them.

use std::borrow::Cow;
use std::path::Path;

use maud::{Markup, html};

use crate::format::place::Place;
use crate::format::tags::Description;
use crate::isrc::decode::decode;
use crate::judge::shared::clock;
use crate::judge::{Finding, Kind, PageColumn};
use crate::recording::FileInfo;
use crate::report::Shared;
use crate::report::terminal::printable;
use crate::scan::inspect::Inspected;

/// Rows of one table, which the browser lays out only when they come into view.
const CHUNK: usize = 100;

/// Longer texts are cut: a tag may hold megabytes.
pub(super) const TEXT_LIMIT: usize = 200;

/// Files of one code that are shown side by side; the others are folded away.
const SIDE_BY_SIDE: usize = 6;

/// Rows of one part of the page, in chunks.
#[derive(Default)]
pub(super) struct PageRows {
    pub chunks: Vec<String>,
    pub count: usize,
}

impl PageRows {
    pub(super) fn push(&mut self, row: Markup) {
        if self.count.is_multiple_of(CHUNK) {
            self.chunks.push(String::new());
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push_str(&row.into_string());
        }
        self.count += 1;
    }

    /// Whether the chunk is full, so that its height can be guessed before it is laid out.
    pub(super) fn is_full(&self, chunk: usize) -> bool {
        (chunk + 1) * CHUNK <= self.count
    }
}

/// The row of one finding, in its task's columns.
pub(super) fn finding(path: &Path, file: &Inspected, finding: &Finding, this_year: u16) -> Markup {
    let place = finding.place.and_then(|index| file.places.get(index));
    let cell = |column: &PageColumn| match column {
        PageColumn::File => file_cell(path),
        PageColumn::Recording => recording_cell(&file.description, None),
        PageColumn::Opinion => recording_cell(&file.description, Some(finding)),
        PageColumn::Stands => stands_cell(place),
        PageColumn::Becomes => {
            let isrc = place.and_then(|place| decode(&place.text, this_year).isrc);
            html! { td.c { @if let Some(isrc) = isrc { code { (isrc.as_str()) } } } }
        }
        PageColumn::Code => html! { td.c {} },
        PageColumn::Why => why_cell(finding),
    };
    html! { tr { @for column in finding.task().info().columns { (cell(column)) } } }
}

/// The row of a finding among those that an earlier scan had not.
pub(super) fn new(path: &Path, finding: &Finding) -> Markup {
    html! {
        tr {
            (file_cell(path))
            td { (finding.kind.word()) }
            (why_cell(finding))
        }
    }
}

/// The same of a code that several files share.
pub(super) fn new_shared(shared: &Shared) -> Markup {
    html! {
        tr {
            td { @for file in shared.files.iter().take(SIDE_BY_SIDE) { (file_name(&file.path)) " " } @if shared.files.len() > SIDE_BY_SIDE { "…" } }
            td { (Kind::Shared.word()) }
            td { code { (shared.isrc.as_str()) } " " (shared.verdict().explain()) ": " (text(&shared.evidence())) }
        }
    }
}

/// The row of a file without a finding.
pub(super) fn fine(path: &Path, file: &Inspected) -> Markup {
    html! {
        tr {
            (file_cell(path))
            (recording_cell(&file.description, None))
            td.c { @if let Some(isrc) = file.judged.isrc { code { (isrc.as_str()) } } }
        }
    }
}

/// A code that several files share: the files side by side.
pub(super) fn shared(shared: &Shared) -> Markup {
    let Shared {
        isrc,
        files,
        parted,
        new,
    } = shared;
    // The files of one recording are beside each other, and its name above each where there are several.
    let numbered = parted.parts.len() > 1 && parted.parts.len() < files.len();
    let of_parts = (1..).zip(&parted.parts).flat_map(|(number, part)| {
        let number = numbered.then_some(number);
        part.files.iter().map(move |file| (number, &files[*file]))
    });
    let files: Vec<(Option<usize>, &FileInfo)> = of_parts.collect();
    let (shown, folded) = files.split_at(files.len().min(SIDE_BY_SIDE));
    html! {
        article {
            h4.c { code { (isrc.as_str()) } @if *new { " " b { "new" } } }
            p.w { (shared.verdict().explain()) ": " (text(&shared.evidence())) }
            ul.side { @for (number, file) in shown { (side(*number, file)) } }
            @if !folded.is_empty() {
                details {
                    summary { "and " (folded.len()) " more" }
                    ul.side { @for (number, file) in folded { (side(*number, file)) } }
                }
            }
        }
    }
}

/// One of the files of a shared code.
fn side(recording_number: Option<usize>, file: &FileInfo) -> Markup {
    let about = &file.description;
    html! {
        li {
            @if let Some(number) = recording_number { div.t { "Recording " (number) } }
            div.f { (file_name(&file.path)) }
            @if about.title.is_some() || about.artist.is_some() || about.album.is_some() {
                div.t { (recording(about)) }
            }
            dl {
                @if let Some(duration) = about.duration {
                    div { dt { "Length" } dd { (clock(duration)) } }
                }
                @if let Some(md5) = about.flac_md5 {
                    div { dt { "Audio MD5" } dd { code { (format!("{:08x}", md5 >> 96)) "…" } } }
                }
            }
        }
    }
}

fn file_cell(path: &Path) -> Markup {
    html! { td.f { (file_name(path)) } }
}

fn file_name(path: &Path) -> Markup {
    let folder = path.parent().map(Path::to_string_lossy).unwrap_or_default();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    html! {
        @if !folder.is_empty() { span { (printable(&folder)) "/" } " " }
        b { (printable(&name)) }
    }
}

/// The recording, and below it what the second reader says of a finding.
fn recording_cell(description: &Description, finding: Option<&Finding>) -> Markup {
    html! { td.t { (recording(description)) @if let Some(finding) = finding { (opinion(finding)) } } }
}

fn recording(description: &Description) -> Markup {
    let Description {
        title,
        artist,
        album,
        disc,
        track,
        ..
    } = description;
    let number = match (disc, track) {
        (Some(disc), Some(track)) => format!("{disc}-{track:02}"),
        (None, Some(track)) => format!("{track:02}"),
        (_, None) => String::new(),
    };
    html! {
        @if let Some(title) = title { bdi { (text(title)) } }
        @if artist.is_some() || album.is_some() || !number.is_empty() {
            small {
                @if let Some(artist) = artist { bdi { (text(artist)) } }
                @if let Some(album) = album { @if artist.is_some() { " · " } bdi { (text(album)) } }
                @if !number.is_empty() { @if artist.is_some() || album.is_some() { " · " } (number) }
            }
        }
    }
}

fn stands_cell(place: Option<&Place>) -> Markup {
    html! {
        td.v {
            @if let Some(place) = place {
                code { (text(&place.text)) }
                small { (printable(&place.name.to_string())) }
            }
        }
    }
}

fn why_cell(finding: &Finding) -> Markup {
    let guesses: Vec<&str> = finding.suggestions.iter().map(|isrc| isrc.as_str()).collect();
    html! {
        td.w {
            (text(&finding.explanation))
            @if !guesses.is_empty() { "; perhaps " code { (guesses.join(" or ")) } "?" }
            (opinion(finding))
        }
    }
}

fn opinion(finding: &Finding) -> Markup {
    html! {
        @if let Some(opinion) = &finding.second_opinion { small { "Second opinion: " (text(opinion)) } }
    }
}

/// Other people's text: no control or bidi characters, and not without end.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(TEXT_LIMIT) {
        None => printable(text),
        Some((end, _)) => Cow::Owned(format!("{}…", printable(&text[..end]))),
    }
}
