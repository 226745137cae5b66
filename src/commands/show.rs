//! `show`: everything about the codes of single files.

use std::io::{self, Write};
use std::path::Path;

use super::get::is_a_folder;
use super::walk::check_named;
use super::{Surroundings, answer_in};
use crate::cli::LineFormat;
use crate::cli::show::Show;
use crate::exit::Exit;
use crate::inspect::{Describe, Detail, Inspected, Inspection, inspect};
use crate::isrc::decode::{Class, decode};
use crate::judge::shared::clock;
use crate::judge::{Kind, Severity};
use crate::report::jsonl::{file_line, write_line};
use crate::report::terminal::{Tone, printable};
use crate::source::{Links, Opener};
use crate::tags::Description;

pub(super) fn run(show: Show, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Show { files, format } = show;
    let inspection = Inspection {
        this_year: surroundings.this_year,
        detail: Detail::All,
        description: Describe::TagsAndAudio,
    };
    check_named(&files)?;
    let mut exit = Exit::Fine;
    let mut out = answer_in(format);
    let mut opener = Opener::new(Links::Follow);
    for path in &files {
        if path.is_dir() {
            surroundings.complain(&is_a_folder(path));
            exit = exit.max(Exit::SomeFailed);
            continue;
        }
        let file = inspect(&mut opener, path, &inspection);
        for finding in &file.judged.findings {
            exit = exit.max(match (finding.kind, finding.kind.severity()) {
                (Kind::Unreadable, _) => Exit::SomeFailed,
                (_, Severity::Error) => Exit::Findings,
                (_, Severity::Warning | Severity::Info) => Exit::Fine,
            });
        }
        match format {
            LineFormat::Jsonl => write_line(&mut out, &file_line(path, &file, surroundings.this_year))?,
            LineFormat::Text => write_text(&mut out, path, &file, surroundings)?,
        }
    }
    out.flush()?;
    Ok(exit)
}

fn write_text(out: &mut impl Write, path: &Path, file: &Inspected, surroundings: &Surroundings) -> io::Result<()> {
    let Inspected {
        format,
        places,
        judged,
        description,
        size: _,
        empty_tracks: _,
        is_out_of_reach: _,
    } = file;
    let Description {
        title,
        version: _,
        artist,
        album,
        disc,
        track,
        duration,
        flac_md5,
    } = description;
    let colour = surroundings.colour;
    let mut row = |name: &str, value: &str| writeln!(out, "  {name:<9} {}", printable(value));
    let name = path.to_string_lossy();
    let heading = printable(&name);
    let mut text = Vec::new();
    if let Some(format) = format {
        text.push(("format", format.name().to_owned()));
    }
    text.extend(title.clone().map(|title| ("title", title)));
    text.extend(artist.clone().map(|artist| ("artist", artist)));
    text.extend(album.clone().map(|album| ("album", album)));
    text.extend(disc.map(|disc| ("disc", disc.to_string())));
    text.extend(track.map(|track| ("track", track.to_string())));
    text.extend(duration.map(|duration| ("duration", clock(duration))));
    text.extend(flac_md5.map(|md5| ("audio md5", format!("{md5:032x}"))));
    let isrc = judged
        .isrc
        .map_or("none that is valid".to_owned(), |isrc| isrc.to_string());
    text.push(("code", isrc));
    for place in places {
        let decoded = decode(place.code(), surroundings.this_year);
        let key = place
            .key
            .as_ref()
            .map(|key| format!(" (key {key})"))
            .unwrap_or_default();
        let becomes = match decoded.isrc {
            // With hyphens, where they are right.
            Some(_) if place.stored().is_some() && decoded.class == Class::Normalised => ": canonical".to_owned(),
            Some(_) if place.stored().is_some() => format!(": {}", decoded.class.word()),
            Some(isrc) => format!(" -> {isrc}: {}", decoded.class.word()),
            None => format!(": {}, {}", decoded.class.word(), decoded.reason.explain()),
        };
        text.push(("place", format!("{}{key} \"{}\"{becomes}", place.name, place.text)));
    }
    row("file", &heading)?;
    for (name, value) in &text {
        row(name, value)?;
    }
    for finding in &judged.findings {
        let tone = match finding.kind.severity() {
            Severity::Error => Tone::Error,
            Severity::Warning => Tone::Warning,
            Severity::Info => Tone::Quiet,
        };
        let doubt = finding
            .second_opinion
            .as_ref()
            .map(|opinion| format!(" (second opinion: {opinion})"));
        let reason = &finding.explanation;
        let word = colour.paint(tone, finding.kind.word());
        writeln!(
            out,
            "  finding   {word}: {}{}",
            printable(reason),
            printable(&doubt.unwrap_or_default())
        )?;
    }
    Ok(())
}
